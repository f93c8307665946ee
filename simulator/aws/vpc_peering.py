"""VPC peering connections: from one VPC straight into the other, and nowhere else (PCX-1 to PCX-11).

    from V: active -> a source of V's blocks -> a destination of W's blocks -> groups remembered in one Region -> W's implicit router

Both ways are the same with the ends exchanged; replies are routed on their own (PCX-7). What arrives over a peering meets no route
table, so a peer's gateways cannot be used (PCX-4) and nothing goes on to a third VPC (PCX-3). A NAT gateway's packets may cross, and
their replies find the way back without a route (NAT-14, in `nat_return.py`).

Not modelled: names of the peer that resolve to public addresses (PCX-10). AWS page: "How VPC peering connections work" (2026).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from simulator.aws.permissions import cidr_of
from simulator.aws.resource import Field, Item, Kind, ListOf, Reference, Text, Values
from simulator.aws.snapshot import Draft, Snapshot
from simulator.aws.subnet import Subnet
from simulator.aws.vpc import Vpc, router
from simulator.graph.builder import Builder
from simulator.graph.nodes import Door, Drop, Filter, Forget, Place, Ref, Rewrite, Rule, RuleList
from simulator.origin import Origin
from simulator.packet.prefix import Prefix
from simulator.packet.space import Match
from simulator.problems import Problems

ACTIVE = "active"
STATES = (ACTIVE, "initiating-request", "pending-acceptance", "provisioning", "rejected", "expired", "failed", "deleting", "deleted")


@dataclass(frozen=True, slots=True)
class VpcPeering:
    """A peering of two VPCs. `blocks` are those AWS told for each end; `regions` their Regions."""

    id: str
    name: str
    vpcs: tuple[str, str]
    origin: Origin
    state: str = ACTIVE
    blocks: tuple[tuple[Prefix, ...], tuple[Prefix, ...]] = ((), ())
    regions: tuple[str, str] = ("", "")

    @property
    def place(self) -> Place:
        """The hop of the peering."""
        return Place(self.id, "vpc-peering-connection", self.name)

    def blocks_of(self, end: int, snapshot: Snapshot) -> tuple[Prefix, ...]:
        """The blocks of one end: the VPC's own where it was read, else those the peering tells."""
        vpc = snapshot.get(Vpc, self.vpcs[end])
        return vpc.cidrs if vpc else self.blocks[end]

    def same_region(self, snapshot: Snapshot) -> bool:
        """Whether both ends lie in one Region, so that group references work (PCX-9); where none is told, they do."""
        told = [self.regions[end] or (vpc.region if (vpc := snapshot.get(Vpc, self.vpcs[end])) else "") for end in (0, 1)]
        return told[0] == told[1] or "" in told


def into(peering: str, vpc: str) -> Door:
    """The way over a peering into one of its VPCs."""
    return Door("vpc-peering-connection", peering, f"into {vpc}")


def crossing(peering: str, vpc: str) -> Door:
    """Where packets from the other VPC's subnets enter the way into `vpc`; straight into it unless somebody looks at them first."""
    return Door("vpc-peering-connection", peering, f"crossing into {vpc}")


def peers_of(snapshot: Snapshot, vpc: str) -> Iterator[tuple[VpcPeering, str]]:
    """The active peerings of a VPC, each with the VPC at its other end."""
    for peering in snapshot.all(VpcPeering):
        if peering.state == ACTIVE and vpc in peering.vpcs:
            yield peering, peering.vpcs[1 - peering.vpcs.index(vpc)]


def _scenario(name: str, values: Values, draft: Draft) -> None:
    vpcs = values["vpcs"]
    if len(vpcs) != 2 or vpcs[0] == vpcs[1]:
        draft.problems.error(f"peering `{name}`: `vpcs` names the two VPCs it joins", values.place_of("vpcs"))
        return
    draft.add(VpcPeering(name, "", (vpcs[0], vpcs[1]), Origin(name, place=values.place), values.get("state", ACTIVE)))


def _describe(item: Item, draft: Draft) -> None:
    peering_id = item.data["VpcPeeringConnectionId"]
    if draft.get(VpcPeering, peering_id):
        return  # both accounts tell of it, with tags and options of their own
    ends: list[Mapping[str, Any]] = [item.get("RequesterVpcInfo", {}), item.get("AccepterVpcInfo", {})]
    state = item.get("Status", {}).get("Code", ACTIVE)
    one, two = ends
    draft.add(
        VpcPeering(
            peering_id,
            item.tag(),
            (one["VpcId"], two["VpcId"]),
            Origin(peering_id, place=item.place()),
            state,
            (_blocks(item, one), _blocks(item, two)),
            (one.get("Region", ""), two.get("Region", "")),
        )
    )


def _blocks(item: Item, end: Mapping[str, Any]) -> tuple[Prefix, ...]:
    texts = [data["CidrBlock"] for data in end.get("CidrBlockSet") or ()] or [end.get("CidrBlock")]
    texts += [data["Ipv6CidrBlock"] for data in end.get("Ipv6CidrBlockSet") or ()]
    return tuple(cidr_of(item, text, "a peering") for text in texts if text)


def _check(peering: VpcPeering, snapshot: Snapshot, problems: Problems) -> None:
    place = peering.origin.place
    if peering.vpcs[0] == peering.vpcs[1]:
        problems.error(f"peering `{peering.id}` joins `{peering.vpcs[0]}` with itself", place)
        return
    if peering.state != ACTIVE:
        return
    one, two = (peering.blocks_of(end, snapshot) for end in (0, 1))
    shared = next(((a, b) for a in one for b in two if a.overlaps(b)), None)
    if shared:
        problems.warn(
            f"peering `{peering.id}`: the blocks {shared[0]} of `{peering.vpcs[0]}` and {shared[1]} of `{peering.vpcs[1]}` overlap;"
            " AWS refuses such a peering (PCX-2)",
            place,
        )
    first = next(other for other, vpc in peers_of(snapshot, peering.vpcs[0]) if vpc == peering.vpcs[1])
    if first is not peering:
        problems.warn(f"peering `{peering.id}` joins the same VPCs as `{first.id}`; AWS allows one active peering of a pair (PCX-2)", place)


def _emit(peering: VpcPeering, build: Builder, snapshot: Snapshot) -> None:
    for end in (0, 1):
        mine, other = peering.vpcs[end], peering.vpcs[1 - end]
        way = _way(peering, end, build, snapshot) if peering.state == ACTIVE else _dead(peering, build)
        build.open(into(peering.id, other), way)
        build.offer(crossing(peering.id, other), way)
        for subnet in snapshot.by(Subnet, "vpc")[mine]:
            build.open(Door("vpc-peering-connection", peering.id, subnet.id), crossing(peering.id, other))
    build.open(Door("vpc-peering-connection", peering.id), _not_mine(peering, build))


def _way(peering: VpcPeering, end: int, build: Builder, snapshot: Snapshot) -> int:
    """From the VPC at `end` over the peering into the other one."""
    other = peering.vpcs[1 - end]
    target: Ref = router(other)
    if not peering.same_region(snapshot):
        target = build.add(
            Rewrite(place=peering.place, what="groups across Regions", how=Forget(), then=target, cites=("SG-13", "PCX-9"), plumbing=True)
        )
    far, near = peering.blocks_of(1 - end, snapshot), peering.blocks_of(end, snapshot)
    inside, own = peering.origin.of(f"addresses of {other} only"), peering.origin.of(f"sources of {peering.vpcs[end]} only")
    delivered = _filter(
        peering, build, "destination", RuleList((Rule(Match(destinations=far), True, inside),), inside, unread=_unread(far, inside)),
        target, "PCX_REQUIRES_ADDRESS_IN_VPC_CIDR", "PCX-3",
    )  # fmt: skip
    return _filter(
        peering, build, "source", RuleList((Rule(Match(sources=near), True, own),), own, unread=_unread(near, own)),
        delivered, "GATEWAY_REJECTS_SPOOFED_TRAFFIC", "PCX-3",
    )  # fmt: skip


def _unread(blocks: tuple[Prefix, ...], origin: Origin) -> tuple[Rule, ...]:
    return () if blocks else (Rule(Match(), True, origin),)


def _filter(peering: VpcPeering, build: Builder, what: str, rules: RuleList, then: Ref, code: str, rule: str) -> int:
    return build.add(
        Filter(place=peering.place, what=f"{what} of a peering", rules=rules, then=then, code=code, cites=(rule,), plumbing=True)
    )


def _dead(peering: VpcPeering, build: Builder) -> int:
    origin = peering.origin.of(f"state {peering.state}")
    return build.add(Drop(place=peering.place, what="state", code="BAD_STATE_ROUTE", cites=("PCX-11", "RT-15"), origin=origin))


def _not_mine(peering: VpcPeering, build: Builder) -> int:
    origin = peering.origin.of("the VPCs it joins")
    return build.add(Drop(place=peering.place, what="attachment", code="BAD_STATE_ATTACHMENT", cites=("RT-30",), origin=origin))


KIND = Kind(
    name="vpc-peering-connection",
    noun=VpcPeering,
    about="two VPCs joined directly",
    section="peerings",
    fields=(
        Field("vpcs", ListOf(Reference(("vpc",))), "the two VPCs", required=True),
        Field("state", Text(STATES), "active when left out"),
    ),
    scenario=_scenario,
    describe={"VpcPeeringConnections": _describe},
    prefix="pcx",
    check=_check,
    emit=_emit,
)
