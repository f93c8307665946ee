"""Security groups: rules that say nothing new, references to nobody, groups that nobody uses (VS101 to VS106)."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.aws.lambda_function import LambdaFunction
from simulator.aws.load_balancer import LoadBalancer
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.permissions import GroupPeer, ListPeer, Permission, Traffic
from simulator.aws.prefix_list import PrefixList
from simulator.aws.security_group import INBOUND, SecurityGroup
from simulator.aws.snapshot import Snapshot
from simulator.aws.transit_gateway import TransitAttachment
from simulator.aws.vpc_peering import peers_of
from simulator.origin import Origin
from simulator.packet.flow import WITH_PORTS
from simulator.packet.prefix import Prefix
from simulator.packet.space import ALL_PORTS
from simulator.query.checks.blocks import nobody_has, parted
from simulator.query.checks.given import Given, finding, named
from simulator.query.findings import Finding

WORDS = {True: ("from", "inbound"), False: ("to", "outbound")}


def find(given: Given) -> Iterator[Finding]:
    """All findings about security groups."""
    members = _members(given.snapshot)
    for group in given.snapshot.all(SecurityGroup):
        for inbound, rules in ((True, group.inbound), (False, group.outbound)):
            if given.wants("VS101"):
                yield from _implied(given.snapshot, group, rules)
            for rule in rules:
                yield from _rule(given, group, rule, members, inbound=inbound)
        if given.wants("VS103"):
            yield from _unused(given, group, members)
        if given.wants("VS104") and group.default and members.get(group.id):
            whom = named(interface.owner or interface.id for interface in members[group.id])
            open_within = any(rule.peer == GroupPeer(group.id) for rule in group.inbound)
            reach = ": every member reaches every other" if open_within else ""
            yield finding("VS104", f"default security group `{group.id}` guards {whom}{reach}", _written(group, members[group.id]))


def _members(snapshot: Snapshot) -> dict[str, list[NetworkInterface]]:
    """The interfaces of each group; those that name none have the default group of their VPC (SG-4)."""
    defaults = {group.vpc: group.id for group in snapshot.all(SecurityGroup) if group.default}
    found: dict[str, list[NetworkInterface]] = {}
    for interface in snapshot.all(NetworkInterface):
        if interface.has_groups:
            groups = interface.groups if interface.groups is not None else (defaults.get(interface.vpc, ""),)
            for group in groups:
                found.setdefault(group, []).append(interface)
    return found


def _written(group: SecurityGroup, members: list[NetworkInterface]) -> Origin:
    """Where a group was written; one that AWS makes by itself, where its first member was."""
    return group.origin if group.origin.place else members[0].origin


def _implied(snapshot: Snapshot, group: SecurityGroup, rules: tuple[Permission, ...]) -> Iterator[Finding]:
    for at, rule in enumerate(rules):
        for other_at, other in enumerate(rules):
            if at == other_at or not (_admits_peer(snapshot, other, rule) and _admits_traffic(other.traffic, rule.traffic)):
                continue
            same = other.peer == rule.peer and _admits_traffic(rule.traffic, other.traffic)
            if same and at < other_at:
                continue  # the later one of two equal rules is the one too many
            how = "says the same as" if same else "is implied by"
            told = f"security group `{group.id}`: {_words(rule)} {how} {_words(other)}"
            yield finding("VS101", told, rule.origin)
            break


def _admits_peer(snapshot: Snapshot, one: Permission, other: Permission) -> bool:
    """Whether the peer of a rule is all of another's."""
    if one.peer == other.peer:
        return True
    if isinstance(one.peer, Prefix) and isinstance(other.peer, Prefix):
        return one.peer.contains(other.peer)
    if isinstance(one.peer, Prefix) and isinstance(other.peer, ListPeer):
        listed = snapshot.get(PrefixList, other.peer.id)
        return bool(listed and listed.entries) and all(one.peer.contains(entry) for entry in (listed and listed.entries) or ())
    return False


def _admits_traffic(one: Traffic, other: Traffic) -> bool:
    """Whether the traffic of a rule is all of another's."""
    if one.protocol is None or one.protocol != other.protocol:
        return one.protocol is None
    if one.protocol in WITH_PORTS:
        (first, last), (low, high) = one.ports or ALL_PORTS, other.ports or ALL_PORTS
        return first <= low and high <= last
    return one.icmp_type in (None, other.icmp_type) and one.icmp_code in (None, other.icmp_code)


def _words(rule: Permission) -> str:
    peer = rule.peer if isinstance(rule.peer, Prefix) else rule.peer.id
    inbound = rule.origin.part.startswith(INBOUND)
    return f"{rule.origin.part} ({rule.traffic} {WORDS[inbound][0]} {peer})"


def _rule(
    given: Given, group: SecurityGroup, rule: Permission, members: dict[str, list[NetworkInterface]], *, inbound: bool
) -> Iterator[Finding]:
    peer, said = rule.peer, f"security group `{group.id}`: {_words(rule)}"
    if isinstance(peer, GroupPeer):
        why = _matches_nobody(given, group, peer.id, members) if given.wants("VS102") else ""
        if why:
            yield finding("VS102", f"{said} matches nobody: {why}", rule.origin)
    elif isinstance(peer, Prefix):
        if given.wants("VS105") and nobody_has(given, group.vpc, peer):
            way = "send from" if inbound else "be reached at"
            told = f"{said}: nobody can {way} {peer}, which lies in no VPC, and no route leads there"
            yield finding("VS105", told, rule.origin)
        parts = parted(given, group.vpc, peer) if given.wants("VS106") else ""
        if parts:
            yield finding("VS106", f"{said}: {parts}", rule.origin)


def _matches_nobody(given: Given, group: SecurityGroup, peer_id: str, members: dict[str, list[NetworkInterface]]) -> str:
    """Why a reference matches nobody, or empty: where that depends on what was not read, it may match."""
    snapshot = given.snapshot
    peer = snapshot.get(SecurityGroup, peer_id)
    if peer is None or peer_id == group.id or not given.knows_interfaces:
        return ""
    if not members.get(peer_id):
        return f"no interface has the group `{peer_id}`"
    vpcs = {interface.vpc for interface in members[peer_id]}
    if group.vpc in vpcs or not snapshot.was_read("vpc-peering-connection"):
        return ""
    if any(other in vpcs for _, other in peers_of(snapshot, group.vpc)) or any(True for _ in snapshot.all(TransitAttachment)):
        return ""
    return f"its members are in {named(sorted(vpcs))}, which no active peering joins to `{group.vpc}`"


def _unused(given: Given, group: SecurityGroup, members: dict[str, list[NetworkInterface]]) -> Iterator[Finding]:
    """Groups without members; AWS does not let anybody delete a default group. What another group's rule names is told there (VS102)."""
    if group.default or members.get(group.id) or not given.knows_interfaces:
        return
    snapshot = given.snapshot
    holders = [function.groups for function in snapshot.all(LambdaFunction)] + [one.groups for one in snapshot.all(LoadBalancer)]
    if not any(group.id in (groups or ()) for groups in holders):
        yield finding("VS103", f"security group `{group.id}` is on no interface", group.origin)
