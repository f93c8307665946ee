"""Quotas of AWS: more than it allows unless somebody asked (VS801), more than it ever allows (VS802). Counted in what was read only.

Not looked at: quotas on what no answer of AWS lists (Elastic IPs that are not in use, participants of shared VPCs).
AWS page: "Amazon VPC quotas" (2026).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from simulator.aws.nat_gateway import AVAILABLE, NatGateway
from simulator.aws.network_acl import LAST_RULE, NetworkAcl
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.permissions import GroupPeer, ListPeer, Permission
from simulator.aws.prefix_list import PrefixList
from simulator.aws.route_table import LOCAL, RouteTable
from simulator.aws.security_group import SecurityGroup
from simulator.aws.snapshot import Snapshot
from simulator.aws.subnet import Subnet
from simulator.aws.vpc import Vpc
from simulator.origin import Origin
from simulator.packet.prefix import Prefix
from simulator.query.checks.given import Given, finding
from simulator.query.findings import Finding


class Quota(NamedTuple):
    """How many of something AWS allows: unless somebody asks, and ever (none: as many as it agrees to)."""

    what: str
    default: int
    most: int | None = None


class Count(NamedTuple):
    """How many there are: of whom, and where that was written."""

    quota: Quota
    of: str
    number: int
    origin: Origin


SUBNETS = Quota("subnets", 200)
BLOCKS = Quota("IPv{version} blocks", 5, 50)
TABLES = Quota("route tables", 200)
ACLS = Quota("network ACLs", 200)
ROUTES = Quota("IPv{version} routes", 500, 1000)
PROPAGATED = Quota("propagated routes", 100, 100)
RULES = Quota("{direction} rules for IPv{version}", 60)
GROUPS = Quota("security groups", 5, 16)
RULES_OF_GROUPS = Quota("{direction} rules in its groups", 1000, 1000)
ENTRIES = Quota("{direction} entries", 20, 40)
GATEWAYS = Quota("NAT gateways", 5)
ADDRESSES = Quota("public addresses", 2, 8)
IN_A_LIST = Quota("entries", 1000, 1000)


def find(given: Given) -> Iterator[Finding]:
    """All findings about quotas."""
    for count in _counts(given.snapshot):
        quota = count.quota
        has = f"{count.of} has {count.number:,} {quota.what}"
        if quota.most is not None and count.number > quota.most:
            if given.wants("VS802"):
                yield finding("VS802", f"{has}; AWS allows {quota.most:,} at most", count.origin)
        elif count.number > quota.default and given.wants("VS801"):
            most = "" if quota.most is None else f", and {quota.most:,} at most"
            yield finding("VS801", f"{has}; AWS allows {quota.default:,} unless the quota was raised{most}", count.origin)


def _counts(snapshot: Snapshot) -> Iterator[Count]:
    yield from _of_vpcs(snapshot)
    yield from _of_routes(snapshot)
    yield from _of_groups(snapshot)
    for acl in snapshot.all(NetworkAcl):
        for direction, entries in (("inbound", acl.inbound), ("outbound", acl.outbound)):
            numbers = {entry.number for entry in entries if entry.number <= LAST_RULE}
            yield Count(_said(ENTRIES, direction=direction), f"network ACL `{acl.id}`", len(numbers), acl.origin)
    for listed in snapshot.all(PrefixList):
        yield Count(IN_A_LIST, f"prefix list `{listed.id}`", len(listed.entries or ()), listed.origin)
    yield from _of_gateways(snapshot)


def _said(quota: Quota, **words: object) -> Quota:
    return quota._replace(what=quota.what.format(**words))


def _of_vpcs(snapshot: Snapshot) -> Iterator[Count]:
    for vpc in snapshot.all(Vpc):
        of = f"VPC `{vpc.id}`"
        for version in (4, 6):
            number = sum(cidr.version == version for cidr in vpc.cidrs)
            yield Count(_said(BLOCKS, version=version), of, number, vpc.origin)
        yield Count(SUBNETS, of, len(snapshot.by(Subnet, "vpc")[vpc.id]), vpc.origin)
        yield Count(TABLES, of, len(snapshot.by(RouteTable, "vpc")[vpc.id]), vpc.origin)
        yield Count(ACLS, of, len(snapshot.by(NetworkAcl, "vpc")[vpc.id]), vpc.origin)


def _of_routes(snapshot: Snapshot) -> Iterator[Count]:
    for table in snapshot.all(RouteTable):
        of = f"route table `{table.id}`"
        yield Count(PROPAGATED, of, sum(entry.propagated for entry in table.routes), table.origin)
        static = [entry for entry in table.routes if not entry.propagated and entry.kind != LOCAL]
        for version in (4, 6):
            blocks = (entry.destination for entry in static)
            number = sum(isinstance(block, Prefix) and block.version == version for block in blocks)
            yield Count(_said(ROUTES, version=version), of, number, table.origin)


def _of_groups(snapshot: Snapshot) -> Iterator[Count]:
    sizes: dict[str, dict[str, int]] = {}
    for group in snapshot.all(SecurityGroup):
        for direction, rules in (("inbound", group.inbound), ("outbound", group.outbound)):
            per_version = [sum(_weight(snapshot, rule, version) for rule in rules) for version in (4, 6)]
            sizes.setdefault(group.id, {})[direction] = max(per_version)
            for version, number in zip((4, 6), per_version, strict=True):
                yield Count(_said(RULES, direction=direction, version=version), f"security group `{group.id}`", number, group.origin)
    for interface in snapshot.all(NetworkInterface):
        groups, of = interface.groups or (), f"network interface `{interface.id}`"
        yield Count(GROUPS, of, len(groups), interface.origin)
        for direction in ("inbound", "outbound"):
            number = sum(sizes[group][direction] for group in groups if group in sizes)
            yield Count(_said(RULES_OF_GROUPS, direction=direction), of, number, interface.origin)


def _weight(snapshot: Snapshot, rule: Permission, version: int) -> int:
    """How many rules of a version one counts as: a prefix list as many as it has entries, a group as one of each version."""
    if isinstance(rule.peer, ListPeer):
        listed = snapshot.get(PrefixList, rule.peer.id)
        return sum(entry.version == version for entry in (listed and listed.entries) or ())
    return 1 if isinstance(rule.peer, GroupPeer) else int(rule.peer.version == version)


def _of_gateways(snapshot: Snapshot) -> Iterator[Count]:
    zones: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], Origin] = {}
    for nat in snapshot.all(NatGateway):
        if nat.state != AVAILABLE:
            continue
        interface, subnet = snapshot.get(NetworkInterface, nat.interface), snapshot.get(Subnet, nat.subnet)
        public = {pair.public for pair in interface.addresses if pair.public} if interface else set()
        yield Count(ADDRESSES, f"NAT gateway `{nat.id}`", len(public), nat.origin)
        vpc = snapshot.get(Vpc, subnet.vpc) if subnet else None
        if subnet and subnet.zone and vpc:
            key = vpc.account, f"{vpc.region} {subnet.zone}"
            zones[key] += 1
            first.setdefault(key, nat.origin)
    for key, number in zones.items():
        yield Count(GATEWAYS, f"zone {key[1].strip()}", number, first[key])
