"""Internet gateways: one-to-one translation between private and public IPv4 addresses; IPv6 as it is (IGW-1 to IGW-17).

    out: is the source an interface's address of this VPC? -> destination not private -> source becomes its public address
    in:  source not private -> destination becomes the private address -> gateway route table, if any -> implicit router
    IPv6 passes without translation, out and in: `internet_ipv6.py`

A packet to a public address of the same network comes back in (IGW-11): the internet's own lookup sends it there.

A route table of the gateway (ingress routing) is in `gateway_route_table.py`, VPC Block Public Access in `public_access_path.py`.

AWS page: "Enable internet access for a VPC using an internet gateway" (2026).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from simulator.aws import internet_ipv6
from simulator.aws.internet import arrivals, emit_entry, emit_internet, private_refused
from simulator.aws.network_interface import InterfaceAddress, NetworkInterface
from simulator.aws.regional_nat_gateway import RegionalNatGateway, from_internet
from simulator.aws.resource import Field, Flag, Item, Kind, Reference, Values
from simulator.aws.snapshot import Draft, Snapshot
from simulator.aws.subnet import Subnet
from simulator.aws.vpc import Vpc, router
from simulator.graph.builder import Builder
from simulator.graph.nodes import Address as AddressValue
from simulator.graph.nodes import Door, Drop, Filter, Lookup, Place, PrefixTable, Ref, Rewrite, Route, Rule, RuleList, Translate
from simulator.origin import Origin
from simulator.packet.prefix import EVERYWHERE, Prefix
from simulator.packet.space import Match
from simulator.problems import Problems


@dataclass(frozen=True, slots=True)
class InternetGateway:
    """An internet gateway; `vpc` is empty when it is attached to none. `read`: false for one that may stand where none was asked
    for, so that what passes it is not known.
    """

    id: str
    name: str
    vpc: str
    attached: bool
    origin: Origin
    read: bool = True

    @property
    def place(self) -> Place:
        """The hop of the gateway."""
        return Place(self.id, "internet-gateway", self.name)


def inbound(gateway: str) -> Door:
    """Where packets from the internet enter the gateway."""
    return Door("internet-gateway", gateway, "from the internet")


def towards(gateway: str, subnet: str) -> Door:
    """The gateway as the target of a route in a subnet's table."""
    return Door("internet-gateway", gateway, subnet)


def leaving(gateway: str, subnet: str) -> Door:
    """Where packets of a subnet go on to, once they may use the gateway at all."""
    return Door("internet-gateway", gateway, f"leaving {subnet}")


def outward(gateway: str) -> Door:
    """What the gateway itself does to packets on their way out."""
    return Door("internet-gateway", gateway, "out")


def admitted(gateway: str) -> Door:
    """Where packets from the internet go on behind the translation, before any route table."""
    return Door("internet-gateway", gateway, "admitted")


def beyond_translation(gateway: str) -> Door:
    """What packets from the internet meet behind the translation: the implicit router, unless the gateway has a route table."""
    return Door("internet-gateway", gateway, "beyond the translation")


def gateway_of(snapshot: Snapshot, vpc: str) -> InternetGateway | None:
    """The gateway attached to a VPC (IGW-1)."""
    return next((gateway for gateway in snapshot.by(InternetGateway, "vpc")[vpc] if gateway.attached), None)


def _scenario(name: str, values: Values, draft: Draft) -> None:
    vpc = values.get("vpc", "")
    if values.get("attached") and not vpc:
        draft.problems.error(f"internet gateway `{name}` is attached, but to which `vpc` is not said", values.place_of("attached"))
    draft.add(InternetGateway(name, "", vpc, bool(vpc) and values.get("attached", True), Origin(name, place=values.place)))


def _describe(item: Item, draft: Draft) -> None:
    gateway_id = item.data["InternetGatewayId"]
    attachment: dict[str, str] = next(iter(item.get("Attachments", ())), {})
    attached = attachment.get("State") in ("available", "attached")
    draft.add(InternetGateway(gateway_id, item.tag(), attachment.get("VpcId", ""), attached, Origin(gateway_id, place=item.place())))


def _check(gateway: InternetGateway, snapshot: Snapshot, problems: Problems) -> None:
    others = [other.id for other in snapshot.by(InternetGateway, "vpc")[gateway.vpc] if other.attached and gateway.vpc]
    if len(others) > 1 and others[0] == gateway.id:
        problems.error(f"VPC `{gateway.vpc}` has {len(others)} internet gateways attached; AWS allows one (IGW-1)", gateway.origin.place)


def _emit(gateway: InternetGateway, build: Builder, snapshot: Snapshot) -> None:
    vpc = snapshot.get(Vpc, gateway.vpc)
    elsewhere = build.add(
        Drop(
            place=gateway.place,
            what="attachment",
            # Detached, its routes are blackholes (IGW-9); attached elsewhere, it is no target of this VPC (RT-30).
            code="BAD_STATE_ATTACHMENT" if gateway.attached else "BAD_STATE_ROUTE",
            cites=("RT-30",) if gateway.attached else ("IGW-9", "RT-15"),
            origin=gateway.origin.of("attachment"),
        )
    )
    build.open(Door("internet-gateway", gateway.id), elsewhere)
    if vpc is None or not gateway.attached:
        build.open(inbound(gateway.id), elsewhere)
        return
    build.open(outward(gateway.id), _outward(gateway, build, snapshot))
    for subnet in snapshot.by(Subnet, "vpc")[vpc.id]:
        build.offer(towards(gateway.id, subnet.id), leaving(gateway.id, subnet.id))
        build.offer(leaving(gateway.id, subnet.id), outward(gateway.id))
    build.offer(admitted(gateway.id), beyond_translation(gateway.id))
    build.offer(beyond_translation(gateway.id), router(vpc.id))
    build.open(inbound(gateway.id), _inward(gateway, build, snapshot))


def _own(gateway: InternetGateway, snapshot: Snapshot) -> list[tuple[NetworkInterface, InterfaceAddress]]:
    return [(interface, address) for interface in snapshot.by(NetworkInterface, "vpc")[gateway.vpc] for address in interface.addresses]


def _outward(gateway: InternetGateway, build: Builder, snapshot: Snapshot) -> int:
    own = _own(gateway, snapshot)
    pairs = {address.private: (address.public, interface.origin) for interface, address in own if address.public}
    translated = Rewrite(
        place=gateway.place,
        what="private to public address",
        how=Translate(
            "source",
            {private: public for private, (public, _) in pairs.items()},
            {private: origin.of("public address") for private, (_, origin) in pairs.items()},
        ),
        then=arrivals(),
        miss=build.add(
            Drop(
                place=gateway.place,
                what="private to public address",
                code="IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS",
                cites=("IGW-2", "LAMBDA-4"),
                origin=gateway.origin.of("sender has no public address"),
            )
        ),
        cites=("IGW-2",),
    )
    allowed = private_refused(build, gateway.place, sources=False, then=build.add(translated))
    six = internet_ipv6.leaving(gateway.place, build, internet_ipv6.outside(gateway.place, build))
    checked = internet_ipv6.own_sources(gateway.place, gateway.vpc, build, snapshot, _by_version(gateway, build, allowed, six))
    return _if_it_exists(gateway, build, checked)


def _if_it_exists(gateway: InternetGateway, build: Builder, then: int) -> int:
    """Behind a gateway that was not read nothing is certain but what is refused anyway."""
    if gateway.read:
        return then
    origin = gateway.origin.of("internet gateways")
    return build.add(
        Filter(
            place=gateway.place,
            what="internet gateways (not read)",
            rules=RuleList((), origin, unread=(Rule(Match(), True, origin),)),
            then=then,
            code="UNKNOWN_RESOURCE",
        )
    )


def _by_version(gateway: InternetGateway, build: Builder, four: Ref, six: Ref) -> int:
    table = PrefixTable((Route(EVERYWHERE[6], 0, gateway.origin.of("IPv6")),))
    return build.add(Lookup(place=gateway.place, what="IPv6", table=table, targets=(six,), miss=four, cites=("MODEL-2",), plumbing=True))


def _inward(gateway: InternetGateway, build: Builder, snapshot: Snapshot) -> int:
    pairs = {address.public: (address.private, interface.origin) for interface, address in _own(gateway, snapshot) if address.public}
    translated = Rewrite(
        place=gateway.place,
        what="public to private address",
        how=Translate(
            "destination",
            {public: private for public, (private, _) in pairs.items()},
            {public: origin.of("public address") for public, (_, origin) in pairs.items()},
        ),
        then=admitted(gateway.id),
        miss=build.add(
            Drop(
                place=gateway.place,
                what="public to private address",
                code="IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS",
                cites=("IGW-3",),
                origin=gateway.origin.of("no interface has this public address"),
            )
        ),
        cites=("IGW-3",),
    )
    inward = private_refused(build, gateway.place, sources=True, then=build.add(translated))
    build.offer(internet_ipv6.entering(gateway.id), admitted(gateway.id))
    six = internet_ipv6.exposed(gateway.place, gateway.vpc, build, snapshot, internet_ipv6.entering(gateway.id))
    return _if_it_exists(gateway, build, _by_version(gateway, build, inward, six))


def _imply(vpc: Vpc, draft: Draft) -> None:
    """A described VPC without any word about gateways may have one."""
    if not vpc.authored and not draft.was_read("internet-gateway"):
        gateway_id = f"igw-of-{vpc.id}"
        draft.add(InternetGateway(gateway_id, "", vpc.id, True, Origin(gateway_id, place=vpc.origin.place), read=False))


def _emit_vpc(vpc: Vpc, build: Builder, snapshot: Snapshot) -> None:
    """The ways from the internet towards one VPC; the first VPC also emits the internet itself."""
    gateway = gateway_of(snapshot, vpc.id)
    way: Ref = inbound(gateway.id) if gateway else _no_gateway(vpc, build)
    emit_entry(build, vpc.id, way)
    build.offer(internet_ipv6.from_internet(vpc.id), way)
    if vpc.id == min(other.id for other in snapshot.all(Vpc)):
        emit_internet(build, _public_routes(build, snapshot))


def _public_routes(build: Builder, snapshot: Snapshot) -> dict[Prefix, tuple[Origin, Ref]]:
    closed: dict[str, Ref] = {}
    found: dict[Prefix, tuple[Origin, Ref]] = {}
    for interface, outer in _outer_addresses(snapshot):
        vpc, gateway = snapshot.get(Vpc, interface.vpc), gateway_of(snapshot, interface.vpc)
        if vpc is None:
            continue
        if gateway is None and vpc.id not in closed:
            closed[vpc.id] = _no_gateway(vpc, build)
        found[Prefix.host(*outer)] = (interface.origin.of("public address"), inbound(gateway.id) if gateway else closed[vpc.id])
    for regional in snapshot.all(RegionalNatGateway):
        for outside in regional.public_addresses:
            found[Prefix.host(*outside)] = (regional.origin.of("public address"), from_internet(regional.id))
    for holder in snapshot.all(Vpc):
        for block in internet_ipv6.public_blocks(holder):
            found.setdefault(block, (holder.origin.of("its IPv6 block"), internet_ipv6.from_internet(holder.id)))
    return found


def _outer_addresses(snapshot: Snapshot) -> Iterator[tuple[NetworkInterface, AddressValue]]:
    """The public IPv4 addresses under which interfaces are known outside."""
    for interface in snapshot.all(NetworkInterface):
        for address in interface.addresses:
            if address.public is not None:
                yield interface, address.public


def _no_gateway(vpc: Vpc, build: Builder) -> int:
    return build.add(
        Drop(
            place=vpc.place,
            what="internet gateway",
            code="NO_POSSIBLE_DESTINATION",
            cites=("IGW-1",),
            origin=vpc.origin.of("no internet gateway is attached"),
        )
    )


KIND = Kind(
    name="internet-gateway",
    noun=InternetGateway,
    about="the way between a VPC and the internet",
    section="internet_gateways",
    fields=(
        Field("vpc", Reference(("vpc",)), "the VPC it is attached to; none: detached"),
        Field("attached", Flag(), "false for a gateway that is attached badly"),
    ),
    scenario=_scenario,
    describe={"InternetGateways": _describe},
    check=_check,
    emit=_emit,
)
TOWARDS_VPC = Kind(name="internet", noun=Vpc, about="the internet beside every VPC", complete=_imply, emit=_emit_vpc, extends=True)
