"""Egress-only internet gateways: IPv6 flows that start inside a VPC and their replies, nothing else (EIGW-1, EIGW-2).

    out: IPv6 -> a source of this VPC -> a public one -> no reply to what came in by an internet gateway -> remembered -> the internet
    in:  a reply of a remembered flow -> implicit router; the rest goes to the internet gateway, or ends here where there is none

The gateway translates nothing and has no group; the ACLs of the subnets apply as usual. Which of a VPC's two gateways a packet from the
internet enters by is no choice: this one takes its replies, the other one everything else (EIGW-2, believed). That it takes no sources of
other VPCs, as an internet gateway does (IGW-6), is believed too.

Not modelled: what it does with replies to flows it did not see, TCP apart. AWS page: "Egress-only internet gateways" (2026).
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.aws import internet_ipv6
from simulator.aws.internet_gateway import admitted, gateway_of, inbound
from simulator.aws.resource import Field, Flag, Item, Kind, Reference, Values
from simulator.aws.route_table import RouteTable
from simulator.aws.snapshot import Draft, Snapshot
from simulator.aws.subnet import Subnet
from simulator.aws.vpc import Vpc, router
from simulator.graph.builder import Builder
from simulator.graph.nodes import Door, Drop, Filter, Lookup, Place, PrefixTable, Ref, Route, Rule, RuleList, SessionMatch
from simulator.origin import Origin
from simulator.packet.flow import TCP
from simulator.packet.prefix import EVERYWHERE, Prefix
from simulator.packet.space import Match
from simulator.problems import Problems

NAME = "egress-only-internet-gateway"


@dataclass(frozen=True, slots=True)
class EgressOnlyGateway:
    """An egress-only internet gateway; `vpc` is empty when it is attached to none."""

    id: str
    name: str
    vpc: str
    attached: bool
    origin: Origin

    @property
    def place(self) -> Place:
        """The hop of the gateway."""
        return Place(self.id, NAME, self.name)

    def towards(self, subnet: str) -> Door:
        """The gateway as the target of a route in a subnet's table."""
        return Door(NAME, self.id, subnet)

    @property
    def table(self) -> str:
        """The session table of the flows it let out."""
        return f"flows out by {self.id}"


def _scenario(name: str, values: Values, draft: Draft) -> None:
    vpc = values.get("vpc", "")
    if values.get("attached") and not vpc:
        draft.problems.error(
            f"egress-only internet gateway `{name}` is attached, but to which `vpc` is not said", values.place_of("attached")
        )
    draft.add(EgressOnlyGateway(name, "", vpc, bool(vpc) and values.get("attached", True), Origin(name, place=values.place)))


def _describe(item: Item, draft: Draft) -> None:
    gateway_id = item.data["EgressOnlyInternetGatewayId"]
    attachment: dict[str, str] = next(iter(item.get("Attachments", ())), {})
    attached = attachment.get("State") in ("available", "attached")
    draft.add(EgressOnlyGateway(gateway_id, item.tag(), attachment.get("VpcId", ""), attached, Origin(gateway_id, place=item.place())))


def _check(gateway: EgressOnlyGateway, snapshot: Snapshot, problems: Problems) -> None:
    if gateway.attached and not gateway.vpc:
        problems.warn(f"egress-only internet gateway `{gateway.id}` is attached to a VPC that was not told", gateway.origin.place)
    others = _of(snapshot, gateway.vpc)
    if len(others) > 1 and others[0] is gateway:
        message = f"VPC `{gateway.vpc}` has {len(others)} egress-only internet gateways attached; AWS allows one (EIGW-1)"
        problems.error(message, gateway.origin.place)
    for table in snapshot.all(RouteTable):
        for entry in table.routes:
            if entry.target == gateway.id and isinstance(entry.destination, Prefix) and entry.destination.version == 4:
                message = f"route table `{table.id}`: AWS refuses {entry}; an egress-only internet gateway is for IPv6 (RT-25)"
                problems.warn(message, entry.origin.place)


def _of(snapshot: Snapshot, vpc: str) -> list[EgressOnlyGateway]:
    return [gateway for gateway in snapshot.by(EgressOnlyGateway, "vpc")[vpc] if gateway.attached and vpc]


def _emit(gateway: EgressOnlyGateway, build: Builder, snapshot: Snapshot) -> None:
    elsewhere = Drop(
        place=gateway.place,
        what="attachment",
        # Detached, its routes are blackholes; attached elsewhere, it is no target of this VPC.
        code="BAD_STATE_ATTACHMENT" if gateway.attached else "BAD_STATE_ROUTE",
        cites=("RT-30",) if gateway.attached else ("RT-15",),
        origin=gateway.origin.of("attachment"),
    )
    if gateway.attached and not gateway.vpc:
        elsewhere = Drop(place=gateway.place, what="attachment (not read)", code="UNKNOWN_RESOURCE", gap=True, cites=("EIGW-1",))
    build.open(Door(NAME, gateway.id), build.add(elsewhere))
    vpc = snapshot.get(Vpc, gateway.vpc)
    if vpc is None or not gateway.attached:
        return
    outward = _outward(gateway, vpc, build, snapshot)
    for subnet in snapshot.by(Subnet, "vpc")[vpc.id]:
        build.offer(gateway.towards(subnet.id), outward)
    if _of(snapshot, vpc.id)[0] is gateway:
        _inward(vpc, build, snapshot)


def _outward(gateway: EgressOnlyGateway, vpc: Vpc, build: Builder, snapshot: Snapshot) -> int:
    place = gateway.place
    opens = Filter(
        place=place,
        what="flows that start inside",
        rules=RuleList((), gateway.origin.of("flows that start inside"), permit=True),
        then=internet_ipv6.outside(place, build),
        code="SIM_EGRESS_ONLY",
        remembers=gateway.table,
        cites=("EIGW-1",),
        plumbing=True,
    )
    onward = build.add(opens)
    if gateway_of(snapshot, vpc.id):
        onward = build.add(
            SessionMatch(
                place=place,
                what="flows that came in by the internet gateway",
                table=_entered(vpc),
                then=_half_open(gateway, build),
                miss=onward,
                cites=("EIGW-2",),
                plumbing=True,
            )
        )
    judged = internet_ipv6.own_sources(place, vpc.id, build, snapshot, internet_ipv6.leaving(place, build, onward))
    only = Drop(place=place, what="IPv4", code="PROTOCOL_RESTRICTION", cites=("EIGW-1",), origin=gateway.origin.of("IPv6 only"))
    table = PrefixTable((Route(EVERYWHERE[6], 0, gateway.origin.of("IPv6")),))
    return build.add(Lookup(place=place, what="IPv6", table=table, targets=(judged,), miss=build.add(only), plumbing=True))


def _half_open(gateway: EgressOnlyGateway, build: Builder) -> int:
    """A reply to a flow that came in by the internet gateway: for TCP it belongs to no connection this gateway knows (EIGW-2)."""
    origin = gateway.origin.of("flows that start inside only")
    gap = Drop(place=gateway.place, what="replies to flows it did not see", code="SIM_UNMODELLED", gap=True)
    return build.add(
        Filter(
            place=gateway.place,
            what="flows that start inside",
            rules=RuleList((Rule(Match(protocol=TCP), False, origin),), origin, permit=True),
            then=build.add(gap),
            code="SIM_EGRESS_ONLY",
            cites=("EIGW-2",),
        )
    )


def _entered(vpc: Vpc) -> str:
    return f"IPv6 flows into {vpc.id} by its internet gateway"


def _inward(vpc: Vpc, build: Builder, snapshot: Snapshot) -> None:
    """IPv6 packets from the internet for the VPC: replies by the egress-only gateways, all else by the internet gateway."""
    gateways, other = _of(snapshot, vpc.id), gateway_of(snapshot, vpc.id)
    first = gateways[0]
    if other:
        remembered = Filter(
            place=other.place,
            what="flows from the internet",
            rules=RuleList((), other.origin.of("flows from the internet"), permit=True),
            then=admitted(other.id),
            code="SIM_EGRESS_ONLY",
            remembers=_entered(vpc),
            cites=("EIGW-2",),
            plumbing=True,
        )
        build.open(internet_ipv6.entering(other.id), build.add(remembered))
        rest: Ref = inbound(other.id)
    else:
        origin = first.origin.of("flows that start inside only")
        rest = build.add(Drop(place=first.place, what="flows that start outside", code="SIM_EGRESS_ONLY", cites=("EIGW-1",), origin=origin))
    for gateway in reversed(gateways):
        rest = build.add(
            SessionMatch(
                place=gateway.place,
                what="flows that started inside",
                table=gateway.table,
                then=router(vpc.id),
                miss=rest,
                cites=("EIGW-1",),
                plumbing=other is not None,
            )
        )
    build.open(internet_ipv6.from_internet(vpc.id), rest)


KIND = Kind(
    name=NAME,
    noun=EgressOnlyGateway,
    about="the way out of a VPC for IPv6, and for replies back",
    section="egress_only_gateways",
    fields=(
        Field("vpc", Reference(("vpc",)), "the VPC it is attached to; none: detached"),
        Field("attached", Flag(), "false for a gateway that is attached badly"),
    ),
    scenario=_scenario,
    describe={"EgressOnlyInternetGateways": _describe},
    prefix="eigw",
    check=_check,
    emit=_emit,
)
