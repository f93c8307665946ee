"""Which subnets nothing in the network tells apart, so that one of them speaks for all.

Two subnets are alike if they have the same VPC, network ACL, route table and zone, and if every block that is written anywhere (entries
of network ACLs, routes, VPCs, prefix lists) holds both or neither. A subnet that a block of its own or of a part of it, or something that
stands in it, sets apart is alike to none.
"""

from __future__ import annotations

from collections.abc import Iterator

from simulator.aws.instance import Instance
from simulator.aws.nat_gateway import NatGateway
from simulator.aws.network_acl import NetworkAcl, acl_of
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.prefix_list import PrefixList
from simulator.aws.route_table import RouteTable, table_of
from simulator.aws.security_group import SecurityGroup
from simulator.aws.snapshot import Snapshot
from simulator.aws.subnet import Subnet
from simulator.aws.transit_gateway import TransitAttachment, TransitRouteTable
from simulator.aws.vpc import Vpc
from simulator.aws.vpc_endpoint import VpcEndpoint
from simulator.aws.vpc_peering import VpcPeering
from simulator.packet.prefix import Prefix


def sort_of(snapshot: Snapshot, subnet_id: str, *, groups: bool = False) -> object:
    """What a subnet has in common with those that are alike, as a key. `groups`: blocks in rules of security groups tell apart as well."""
    return snapshot.index(("sort of subnet", subnet_id, groups), lambda: _sort(snapshot, subnet_id, groups=groups))


def _sort(snapshot: Snapshot, subnet_id: str, *, groups: bool) -> object:
    subnet = snapshot.get(Subnet, subnet_id)
    if subnet is None:
        return subnet_id
    written = snapshot.index(("written blocks", groups), lambda: frozenset(_written(snapshot, groups=groups)))
    holding: set[Prefix] = set()
    for block in written:
        if any(cidr.overlaps(block) for cidr in subnet.cidrs):
            if not all(block.contains(cidr) for cidr in subnet.cidrs if cidr.version == block.version):
                return subnet_id
            if block not in subnet.cidrs:
                holding.add(block)
    table = table_of(snapshot, subnet.vpc, subnet.id, subnet.route_table)
    if written & {*subnet.cidrs} or (table and _leads_into(snapshot, table, subnet_id)):
        return subnet_id
    acl = acl_of(snapshot, subnet.vpc, subnet.id, subnet.network_acl)
    versions = frozenset(cidr.version for cidr in subnet.cidrs)
    return subnet.vpc, acl and acl.id, table and table.id, subnet.zone, versions, frozenset(holding)


def _written(snapshot: Snapshot, *, groups: bool) -> Iterator[Prefix]:
    for acl in snapshot.all(NetworkAcl):
        yield from (entry.cidr for entry in (*acl.inbound, *acl.outbound))
    for table in snapshot.all(RouteTable):
        yield from (entry.destination for entry in table.routes if isinstance(entry.destination, Prefix))
    for transit in snapshot.all(TransitRouteTable):
        yield from (route.prefix for route in transit.routes)
    for listed in snapshot.all(PrefixList):
        yield from listed.entries or ()
    for vpc in snapshot.all(Vpc):
        yield from vpc.cidrs
    for peering in snapshot.all(VpcPeering):
        yield from (*peering.blocks[0], *peering.blocks[1])
    if groups:
        for group in snapshot.all(SecurityGroup):
            yield from (rule.peer for rule in (*group.inbound, *group.outbound) if isinstance(rule.peer, Prefix))


def _leads_into(snapshot: Snapshot, table: RouteTable, subnet_id: str) -> bool:
    """Whether a route leads to something that stands in the subnet itself, where other rules hold (NACL-21, TGW-9)."""
    return any(subnet_id in _known_to_stand_in(snapshot, entry.target) for entry in table.routes if entry.target)


def _known_to_stand_in(snapshot: Snapshot, target: str) -> frozenset[str]:
    return snapshot.index(("stands in", target), lambda: _stands_in(snapshot, target))


def _stands_in(snapshot: Snapshot, target: str) -> frozenset[str]:
    names = [target, *((host.interfaces) if (host := snapshot.get(Instance, target)) else ())]
    found = {interface.subnet for name in names if (interface := snapshot.get(NetworkInterface, name))}
    nat, endpoint = snapshot.get(NatGateway, target), snapshot.get(VpcEndpoint, target)
    found.update((nat.subnet,) if nat else (), endpoint.subnets if endpoint else ())
    for attachment in snapshot.all(TransitAttachment):
        if target in attachment.gateways:
            found.update(attachment.subnets)
    return frozenset(found)
