"""Return to sender: replies to a NAT gateway find their way back over a peering without a route (NAT-14).

Where packets enter a VPC by a peering from one with NAT gateways, the crossing is remembered. A packet that leaves a subnet, is for the
address of such a gateway and answers what crossed goes back over the peering whatever the route table says; the ACL of the subnet has
judged it before. What other hosts sent crossed as well, but the answer is not for a NAT gateway.
"""

from __future__ import annotations

from simulator.aws.nat_gateway import NatGateway
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.resource import Kind
from simulator.aws.snapshot import Snapshot
from simulator.aws.subnet import Subnet, beyond_acl, routed
from simulator.aws.vpc_peering import VpcPeering, crossing, into, peers_of
from simulator.graph.builder import Builder
from simulator.graph.nodes import Filter, Lookup, PrefixTable, Ref, Route, RuleList, SessionMatch
from simulator.packet.prefix import Prefix


def _table(peering: VpcPeering, vpc: str) -> str:
    return f"flows into {vpc} over {peering.id}"


def _translators(snapshot: Snapshot, vpc: str) -> tuple[Prefix, ...]:
    """The private addresses of a VPC's NAT gateways."""
    return snapshot.index("translators", lambda: _by_vpc(snapshot)).get(vpc, ())


def _by_vpc(snapshot: Snapshot) -> dict[str, tuple[Prefix, ...]]:
    found: dict[str, set[Prefix]] = {}
    for nat in snapshot.all(NatGateway):
        interface = snapshot.get(NetworkInterface, nat.interface)
        if interface is not None:
            found.setdefault(interface.vpc, set()).update(Prefix.host(*address) for address in interface.private_addresses)
    return {vpc: tuple(sorted(addresses)) for vpc, addresses in found.items()}


def _emit_crossing(peering: VpcPeering, build: Builder, snapshot: Snapshot) -> None:
    """Remember what crosses out of a VPC with NAT gateways."""
    for end in (0, 1):
        mine, other = peering.vpcs[end], peering.vpcs[1 - end]
        if not _translators(snapshot, mine):
            continue
        remembered = build.add(
            Filter(
                place=peering.place,
                what="crossings",
                rules=RuleList((), peering.origin.of("crossings"), permit=True),
                then=into(peering.id, other),
                code="PCX_REQUIRES_ADDRESS_IN_VPC_CIDR",
                remembers=_table(peering, other),
                cites=("NAT-14",),
                plumbing=True,
            )
        )
        build.open(crossing(peering.id, other), remembered)


def _emit_return(subnet: Subnet, build: Builder, snapshot: Snapshot) -> None:
    """Behind the ACL of a subnet: answers to what a NAT gateway sent over a peering go back over it."""
    then: Ref = routed(subnet.id)
    for peering, other in peers_of(snapshot, subnet.vpc):
        translators = _translators(snapshot, other)
        if not translators:
            continue
        answers = SessionMatch(
            place=subnet.place,
            what=f"return to the sender over {peering.id}",
            table=_table(peering, subnet.vpc),
            then=into(peering.id, other),
            miss=then,
            cites=("NAT-14",),
            plumbing=True,
        )
        origin = peering.origin.of(f"NAT gateways of {other}")
        then = build.add(
            Lookup(
                place=subnet.place,
                what=f"NAT gateways beyond {peering.id}",
                table=build.share(PrefixTable(tuple(Route(address, 0, origin) for address in translators))),
                targets=(build.add(answers),),
                miss=then,
                cites=("NAT-14",),
                plumbing=True,
            )
        )
    if then != routed(subnet.id):
        build.open(beyond_acl(subnet.id), then)


CROSSING = Kind(name="nat-crossing", noun=VpcPeering, about="NAT gateways over peerings", emit=_emit_crossing, extends=True)
RETURN = Kind(name="nat-return", noun=Subnet, about="replies to NAT gateways over peerings", emit=_emit_return, extends=True)
