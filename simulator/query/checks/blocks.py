"""What the blocks of rules mean in a network: addresses that nobody there has, and parts of a subnet (VS105, VS106, VS204, VS205)."""

from __future__ import annotations

from simulator.aws.network_interface import NetworkInterface
from simulator.aws.prefix_list import PrefixList
from simulator.aws.route_table import LOCAL, RouteTable
from simulator.aws.snapshot import Snapshot
from simulator.aws.subnet import Subnet
from simulator.aws.vpc import Vpc
from simulator.packet.prefix import RFC1918, RFC6598, Prefix
from simulator.query.checks.given import Given, named

# Targets that never lead to private addresses outside the VPC by themselves.
NOT_TO_PRIVATE = frozenset({LOCAL, "internet-gateway", "egress-only-internet-gateway", "nat-gateway", "regional-nat-gateway"})


def nobody_has(given: Given, vpc_id: str, block: Prefix) -> bool:
    """Whether a block of private addresses lies in no VPC that was read, and no route of the VPC leads there. Public addresses may be
    anybody's; and hosts that forward may send for anybody.
    """
    snapshot = given.snapshot
    if not any(private.contains(block) for private in (*RFC1918, *RFC6598)):
        return False
    if not (snapshot.was_read("route-table") and snapshot.by(RouteTable, "vpc")[vpc_id] and given.knows_interfaces):
        return False
    if any(not interface.check for interface in snapshot.by(NetworkInterface, "vpc")[vpc_id]):
        return False
    if any(cidr.overlaps(block) for vpc in snapshot.all(Vpc) for cidr in vpc.cidrs):
        return False
    return not any(beyond.overlaps(block) for beyond in snapshot.index(("leads to", vpc_id), lambda: _led_to(snapshot, vpc_id)))


def _led_to(snapshot: Snapshot, vpc_id: str) -> tuple[Prefix, ...]:
    """The blocks that routes of a VPC lead to by ways that may end at private addresses; everything, where that is not known."""
    found: set[Prefix] = set()
    for table in snapshot.by(RouteTable, "vpc")[vpc_id]:
        if table.propagating:
            return (Prefix(4, 0, 0),)
        for entry in table.routes:
            if entry.kind in NOT_TO_PRIVATE:
                continue
            if isinstance(entry.destination, Prefix):
                found.add(entry.destination)
            else:
                listed = snapshot.get(PrefixList, entry.destination)
                found.update((Prefix(4, 0, 0),) if listed is None or listed.entries is None else listed.entries)
    return tuple(sorted(found))


def parted(given: Given, vpc_id: str, block: Prefix) -> str:
    """Where a block holds some of the interfaces of a subnet and not the others: the words for it, else empty. One host is meant so."""
    if block.is_host or not given.knows_interfaces:
        return ""
    for subnet in given.snapshot.by(Subnet, "vpc")[vpc_id]:
        if any(cidr != block and cidr.contains(block) for cidr in subnet.cidrs):
            inside, outside = _sides(given, subnet, block)
            if inside and outside:
                return f"{block} holds {named(inside)} of subnet `{subnet.id}`, and not {named(outside)}"
    return ""


def _sides(given: Given, subnet: Subnet, block: Prefix) -> tuple[list[str], list[str]]:
    inside: list[str] = []
    outside: list[str] = []
    for interface in given.in_subnet(subnet.id):
        own = [address for version, address in interface.private_addresses if version == block.version]
        if own:
            (inside if block.holds(block.version, own[0]) else outside).append(interface.owner or interface.id)
    return inside, outside
