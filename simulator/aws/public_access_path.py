"""What Block Public Access does at the internet gateways of a VPC (BPA-2 to BPA-8, BPA-11).

out: by the subnet that the packet leaves, before the gateway looks at it
in:  by the subnet of the interface it goes to, behind the translation and before the gateway's route table
"""

from __future__ import annotations

from enum import Enum

from simulator.aws.block_public_access import (
    ALLOW_ALL,
    ALLOW_EGRESS,
    BIDIRECTIONAL,
    BlockPublicAccess,
    PublicAccessExclusion,
    exclusions_of,
    switch_of,
    was_told,
)
from simulator.aws.egress_only_gateway import EgressOnlyGateway
from simulator.aws.gateway_route_table import taker
from simulator.aws.inspection_endpoint import NODE_TYPE
from simulator.aws.internet_gateway import InternetGateway, admitted, beyond_translation, gateway_of, leaving, outward
from simulator.aws.nat_gateway import NatGateway
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.resource import Kind
from simulator.aws.snapshot import Snapshot
from simulator.aws.subnet import Subnet
from simulator.aws.vpc import Vpc
from simulator.aws.vpc_endpoint import VpcEndpoint
from simulator.graph.builder import Builder
from simulator.graph.nodes import Drop, Filter, Lookup, Place, PrefixTable, Ref, Route, Rule, RuleList, SessionMatch
from simulator.packet.prefix import Prefix
from simulator.packet.space import Match

CODE = "VPC_BLOCK_PUBLIC_ACCESS_ENABLED"
WHAT = "VPC Block Public Access"


class Access(Enum):
    """What passes an internet gateway for one subnet."""

    OPEN = "everything"
    EGRESS = "what starts inside"
    NAT = "flows of NAT gateways"
    DOUBTFUL = "flows of NAT gateways, where a firewall does not send them"
    CLOSED = "nothing"
    UNKNOWN = "not known"


def access_of(snapshot: Snapshot, subnet: Subnet, switch: BlockPublicAccess) -> Access:
    """What the switch lets pass for a subnet (BPA-1 to BPA-3, BPA-7): of the endpoint of a network firewall nothing, excluded or not
    (BPA-8). Where something else lies in its subnet, what that may pass is not known, as either may have sent it.
    """
    passes = _excluded(snapshot, subnet, switch)
    if passes is Access.CLOSED or not any(subnet.id in one.subnets and one.firewall for one in snapshot.by(VpcEndpoint, "vpc")[subnet.vpc]):
        return passes
    others = any(interface.type != NODE_TYPE for interface in snapshot.by(NetworkInterface, "subnet")[subnet.id])
    if not others:
        return Access.CLOSED
    return Access.DOUBTFUL if passes is Access.NAT else Access.UNKNOWN


def _excluded(snapshot: Snapshot, subnet: Subnet, switch: BlockPublicAccess) -> Access:
    modes = exclusions_of(snapshot, subnet) if switch.exclusions else set()
    if modes == {ALLOW_ALL}:
        return Access.OPEN
    if switch.mode != BIDIRECTIONAL:
        return Access.UNKNOWN if ALLOW_ALL in modes else Access.NAT
    if len(modes) > 1:
        return Access.UNKNOWN
    return Access.EGRESS if modes == {ALLOW_EGRESS} else Access.CLOSED


def _emit(vpc: Vpc, build: Builder, snapshot: Snapshot) -> None:
    switch, gateway = switch_of(snapshot, vpc), gateway_of(snapshot, vpc.id)
    if switch is None:
        if gateway is not None and gateway.read and not was_told(snapshot, vpc):
            _assume(gateway, build, snapshot)
        return
    access = {subnet.id: access_of(snapshot, subnet, switch) for subnet in snapshot.by(Subnet, "vpc")[vpc.id]}
    for found in snapshot.by(EgressOnlyGateway, "vpc")[vpc.id]:
        for name, passes in access.items():
            if found.attached and passes in (Access.CLOSED, Access.UNKNOWN):
                build.open(found.towards(name), _stop(found.place, switch, passes, build))
    if gateway is None:
        return
    for name, passes in access.items():
        if passes is not Access.OPEN:
            build.open(leaving(gateway.id, name), _out(gateway, switch, name, passes, build, snapshot))
    build.open(admitted(gateway.id), _in(gateway, switch, access, build, snapshot))


def _assume(gateway: InternetGateway, build: Builder, snapshot: Snapshot) -> None:
    """Answers that pass a gateway whose switch was not read say what they take for granted."""
    out = _taken_for_granted(gateway, outward(gateway.id), build)
    for subnet in snapshot.by(Subnet, "vpc")[gateway.vpc]:
        build.open(leaving(gateway.id, subnet.id), out)
    build.open(admitted(gateway.id), _taken_for_granted(gateway, beyond_translation(gateway.id), build))


def _taken_for_granted(gateway: InternetGateway, then: Ref, build: Builder) -> int:
    rules = RuleList((), gateway.origin.of(WHAT), permit=True)
    node = build.add(
        Filter(place=gateway.place, what=WHAT, rules=build.share(rules), then=then, code=CODE, cites=("BPA-1",), plumbing=True)
    )
    build.assume(node, f"{WHAT} of {gateway.vpc} was not read: taken to be off")
    return node


def guarded(gateway: InternetGateway, then: Ref, build: Builder, snapshot: Snapshot) -> Ref:
    """The switch for a NAT gateway that lies in no subnet: only an exclusion of the whole VPC is surely one of it (BPA-3, RNAT-1)."""
    vpc = snapshot.get(Vpc, gateway.vpc)
    switch = switch_of(snapshot, vpc) if vpc else None
    if vpc is None or switch is None:
        return then if vpc is None or was_told(snapshot, vpc) else _taken_for_granted(gateway, then, build)
    own = snapshot.by(PublicAccessExclusion, "resource")
    if switch.mode != BIDIRECTIONAL or (switch.exclusions and own[vpc.id]):
        return then
    some = switch.exclusions and any(own[subnet.id] for subnet in snapshot.by(Subnet, "vpc")[vpc.id])
    return _stop(gateway.place, switch, Access.UNKNOWN if some else Access.CLOSED, build)


def _stop(place: Place, switch: BlockPublicAccess, access: Access, build: Builder) -> int:
    if access is Access.UNKNOWN:
        what = f"{WHAT} where exclusions differ"
        return build.add(Drop(place=place, what=what, code="SIM_UNMODELLED", gap=True, cites=("BPA-1",)))
    origin = switch.origin.of(switch.mode)
    return build.add(Drop(place=place, what=WHAT, code=CODE, cites=("BPA-2", "BPA-3", "BPA-11"), origin=origin))


def _started(gateway: InternetGateway) -> str:
    return f"flows out by {gateway.id} of subnets excluded for egress"


def _out(gateway: InternetGateway, switch: BlockPublicAccess, subnet: str, access: Access, build: Builder, snapshot: Snapshot) -> int:
    if access in (Access.CLOSED, Access.UNKNOWN):
        return _stop(gateway.place, switch, access, build)
    origin = switch.origin.of(switch.mode)
    remembers, cites = (_started(gateway), ("BPA-7",)) if access is Access.EGRESS else ("", ("BPA-3", "BPA-4"))
    rules = RuleList((), origin, permit=True)
    if access in (Access.NAT, Access.DOUBTFUL):
        rules = RuleList((Rule(Match(sources=_translators(snapshot, subnet)), True, origin),), origin)
    return build.add(
        Filter(
            place=gateway.place,
            what=WHAT,
            rules=rules,
            then=_stop(gateway.place, switch, Access.UNKNOWN, build) if access is Access.DOUBTFUL else outward(gateway.id),
            code=CODE,
            remembers=remembers,
            cites=cites,
            plumbing=True,
        )
    )


def _translators(snapshot: Snapshot, subnet: str) -> tuple[Prefix, ...]:
    """The private addresses of the NAT gateways in a subnet."""
    interfaces = (snapshot.get(NetworkInterface, gateway.interface) for gateway in snapshot.by(NatGateway, "subnet")[subnet])
    return tuple(sorted(Prefix.host(*address) for interface in interfaces if interface for address in interface.private_addresses))


def _in(gateway: InternetGateway, switch: BlockPublicAccess, access: dict[str, Access], build: Builder, snapshot: Snapshot) -> int:
    passing: Ref = beyond_translation(gateway.id)
    stopped = {found: _stop(gateway.place, switch, found, build) for found in (Access.CLOSED, Access.UNKNOWN)}
    closed = stopped[Access.CLOSED]
    targets: dict[Access, Ref] = {Access.OPEN: passing, Access.NAT: closed, Access.DOUBTFUL: closed, **stopped}
    if Access.EGRESS in access.values():
        replies = SessionMatch(
            place=gateway.place,
            what=f"{WHAT}: flows that started inside",
            table=_started(gateway),
            then=passing,
            miss=stopped[Access.CLOSED],
            cites=("BPA-7",),
            plumbing=True,
        )
        targets[Access.EGRESS] = build.add(replies)
    slots = list(targets)
    routes: dict[Prefix, Route] = {}
    for subnet in snapshot.by(Subnet, "vpc")[gateway.vpc]:
        for cidr in subnet.cidrs:
            met = access.get(taker(snapshot, gateway.id, cidr) or subnet.id, access[subnet.id])
            routes[cidr] = Route(cidr, slots.index(met), switch.origin.of(switch.mode), f"{subnet.id}: {met.value}")
        if access[subnet.id] in (Access.NAT, Access.DOUBTFUL):
            slot = slots.index(Access.OPEN if access[subnet.id] is Access.NAT else Access.UNKNOWN)
            for address in _translators(snapshot, subnet.id):
                routes[address] = Route(address, slot, switch.origin.of(switch.mode), "a NAT gateway")
    return build.add(
        Lookup(
            place=gateway.place,
            what=WHAT,
            table=PrefixTable(tuple(routes[prefix] for prefix in sorted(routes))),
            targets=tuple(targets.values()),
            miss=passing,
            cites=("BPA-5",),
            plumbing=True,
        )
    )


KIND = Kind(name="public-access-path", noun=Vpc, about="Block Public Access at internet gateways", emit=_emit, extends=True)
