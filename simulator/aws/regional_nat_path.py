"""What a regional NAT gateway does to packets (RNAT-1 to RNAT-4, NAT-2, NAT-6, NAT-8).

    routed to it:    a zone it serves -> a source of its VPC -> protocol -> source becomes one of its addresses -> its own route table ->
                     the internet gateway
    for its address: a reply of a session gets its first destination back -> its own route table -> local, or a middlebox

It lies in no subnet, so no ACL judges what passes it (RNAT-4). Its addresses are public ones: the internet gateway translates nothing.

Not modelled (gaps): destinations that its table does not send to the internet gateway, replies that its table sends to a transit
gateway, IPv6; Block Public Access in both directions with exclusions of single subnets, for it lies in none.
AWS page: "Regional NAT gateways for automatic multi-AZ expansion" (2026).
"""

from __future__ import annotations

from simulator.aws.internet import arrivals, private_refused
from simulator.aws.internet_gateway import InternetGateway, gateway_of
from simulator.aws.nat_gateway import DELETED, PORTS, clients_of
from simulator.aws.public_access_path import guarded
from simulator.aws.regional_nat_gateway import AVAILABLE, NAME, RegionalNatGateway, from_internet
from simulator.aws.resource import Kind
from simulator.aws.route_table import LOCAL, RouteEntry, RouteTable, local_blocks, winners
from simulator.aws.snapshot import Snapshot
from simulator.aws.subnet import Subnet
from simulator.aws.vpc import anywhere_in, router
from simulator.graph.builder import Builder
from simulator.graph.nodes import Address, Door, Drop, Filter, Lookup, Masquerade, PrefixTable, Ref, Restore, Rewrite, Route, Rule, RuleList
from simulator.packet.flow import ICMP, TCP, UDP
from simulator.packet.prefix import EVERYWHERE, Prefix
from simulator.packet.space import Match

KINDS = ("nat-gateway", NAME)  # what a route in an AWS answer and one in a scenario call it
MIDDLEBOXES = ("network-interface", "instance", "vpc-endpoint")


def _emit(gateway: RegionalNatGateway, build: Builder, snapshot: Snapshot) -> None:
    ways: dict[tuple[tuple[Address, ...], bool], Ref] = {}
    dead = _dead(gateway, build) if gateway.state != AVAILABLE else None
    onward = _onward(gateway, build, snapshot)
    for subnet in snapshot.by(Subnet, "vpc")[gateway.vpc]:
        served = gateway.in_zone(subnet.zone, subnet.zone_name)
        key = (served, bool(gateway.manual and not served))
        if key not in ways:
            ways[key] = dead if dead is not None else _way(gateway, served, onward, build, snapshot)
        for kind in KINDS:
            build.open(Door(kind, gateway.id, subnet.id), ways[key])
    origin = gateway.origin.of("its VPC")
    elsewhere = Drop(place=gateway.place, what="attachment", code="BAD_STATE_ATTACHMENT", cites=("RT-30",), origin=origin)
    for kind in KINDS:
        build.open(Door(kind, gateway.id), build.add(elsewhere))
    works = dead is None and any(addresses or not gateway.manual for addresses, _ in ways) and bool(gateway.public_addresses)
    build.open(from_internet(gateway.id), _inward(gateway, works, build, snapshot) if dead is None else dead)


def _dead(gateway: RegionalNatGateway, build: Builder) -> int:
    code = "BAD_STATE_ROUTE" if gateway.state in DELETED else "BAD_STATE"
    origin = gateway.origin.of(f"state {gateway.state}")
    return build.add(Drop(place=gateway.place, what="state", code=code, cites=("NAT-15",), origin=origin))


def _gap(gateway: RegionalNatGateway, what: str, build: Builder) -> int:
    return build.add(Drop(place=gateway.place, what=what, code="SIM_UNMODELLED", gap=True, cites=("RNAT-2",)))


def _translations(gateway: RegionalNatGateway) -> str:
    return f"translations of {gateway.id}"


def _way(gateway: RegionalNatGateway, served: tuple[Address, ...], onward: Ref, build: Builder, snapshot: Snapshot) -> int:
    """From the subnets of one zone."""
    place = gateway.place
    if gateway.manual and not served:
        origin = gateway.origin.of("zones it serves")
        return build.add(
            Drop(place=place, what="zones it serves", code="REGIONAL_NGW_ROUTE_AZ_RESTRICTION", cites=("RNAT-3",), origin=origin)
        )
    addresses = served or gateway.public_addresses  # until it has some in this zone, it is served across zones (RNAT-3)
    if not addresses:
        return build.add(Drop(place=place, what="its addresses (not read)", code="UNKNOWN_RESOURCE", gap=True, cites=("RNAT-1",)))
    how = Masquerade(addresses, PORTS, _translations(gateway))
    then = build.add(Rewrite(place=place, what="source translation", how=how, then=onward, cites=("NAT-3", "RNAT-1")))
    served_only, foreign = gateway.origin.of("TCP, UDP and ICMP only"), gateway.origin.of("interfaces of its own VPC only")
    sources = RuleList((Rule(Match(sources=clients_of(snapshot, gateway.vpc)), True, foreign),), foreign)
    protocols = RuleList(tuple(Rule(Match(protocol=number), True, served_only) for number in (TCP, UDP, ICMP)), served_only)
    for what, rules, code, rule in (
        ("protocols it translates", protocols, "PROTOCOL_RESTRICTION", "NAT-2"),
        ("sources it serves", sources, "NGW_REQUIRES_SOURCE_IN_VPC", "NAT-8"),
    ):
        then = build.add(Filter(place=place, what=what, rules=build.share(rules), then=then, code=code, cites=(rule,), plumbing=True))
    six = PrefixTable((Route(EVERYWHERE[6], 0, gateway.origin.of("IPv6")),))
    targets = (_gap(gateway, "IPv6 through a regional NAT gateway", build),)
    return build.add(Lookup(place=place, what="IPv6", table=six, targets=targets, miss=then, cites=("NAT-23",), plumbing=True))


# --- its own route table ---------------------------------------------------------------------------------------------------------


def _routes(gateway: RegionalNatGateway, snapshot: Snapshot) -> list[tuple[Prefix, RouteEntry]]:
    """The routes of its table; without one, those that AWS makes: local, and all else to the internet gateway (RNAT-1)."""
    table = snapshot.get(RouteTable, gateway.route_table)
    if table is not None:
        return [(winner.prefix, winner.entry) for winner in winners(snapshot, table)]
    made = gateway.origin.of("its route table as AWS makes it")
    found = [(block, RouteEntry(block, LOCAL, "", made)) for block in local_blocks(snapshot, gateway.vpc)]
    internet = gateway_of(snapshot, gateway.vpc)
    if internet is not None:
        found.append((EVERYWHERE[4], RouteEntry(EVERYWHERE[4], "internet-gateway", internet.id, made)))
    return found


def _lookup(gateway: RegionalNatGateway, way: dict[int, Ref], build: Builder, snapshot: Snapshot) -> int:
    """Its table; `way` says for the position of each route where it leads."""
    routes = _routes(gateway, snapshot)
    what = f"route table {gateway.route_table}" if gateway.route_table else "its route table"
    nowhere = gateway.origin.of("no route matches")
    miss = Drop(place=gateway.place, what=what, code="NO_ROUTE_TO_DESTINATION", cites=("RT-14", "RNAT-1"), origin=nowhere)
    return build.add(
        Lookup(
            place=gateway.place,
            what=what,
            table=PrefixTable(tuple(Route(prefix, slot, entry.origin, str(entry)) for slot, (prefix, entry) in enumerate(routes))),
            targets=tuple(way[slot] for slot in range(len(routes))),
            miss=build.add(miss),
            cites=("RNAT-1", "RT-6"),
        )
    )


def _onward(gateway: RegionalNatGateway, build: Builder, snapshot: Snapshot) -> int:
    """Translated packets: to the internet gateway of the VPC."""
    internet = gateway_of(snapshot, gateway.vpc)
    gap = _gap(gateway, "what is not sent to the internet gateway", build)
    ways: dict[int, Ref] = {}
    for slot, (_, entry) in enumerate(_routes(gateway, snapshot)):
        ways[slot] = gap
        if entry.blackhole:
            ways[slot] = _blackhole(gateway, entry, build)
        elif entry.kind == "internet-gateway" and internet is not None and entry.target == internet.id:
            ways[slot] = _by_internet_gateway(internet, build, snapshot)
    return _lookup(gateway, ways, build, snapshot)


def _blackhole(gateway: RegionalNatGateway, entry: RouteEntry, build: Builder) -> int:
    return build.add(Drop(place=gateway.place, what="its route table", code="BAD_STATE_ROUTE", cites=("RT-15",), origin=entry.origin))


def _by_internet_gateway(internet: InternetGateway, build: Builder, snapshot: Snapshot) -> Ref:
    if not internet.read:
        return build.add(Drop(place=internet.place, what="internet gateways (not read)", code="UNKNOWN_RESOURCE", gap=True))
    passed = private_refused(build, internet.place, sources=False, then=arrivals())
    return guarded(internet, passed, build, snapshot)


def _inward(gateway: RegionalNatGateway, works: bool, build: Builder, snapshot: Snapshot) -> Ref:
    """For its addresses, from the internet: replies of its own sessions only (NAT-6)."""
    internet = gateway_of(snapshot, gateway.vpc)
    ways: dict[int, Ref] = {}
    for slot, (_, entry) in enumerate(_routes(gateway, snapshot)):
        ways[slot] = _gap(gateway, f"replies by {entry.kind}", build)
        if entry.blackhole:
            ways[slot] = _blackhole(gateway, entry, build)
        elif entry.kind == LOCAL:
            ways[slot] = router(gateway.vpc)
        elif entry.kind in MIDDLEBOXES:
            ways[slot] = Door(entry.kind, entry.target, anywhere_in(gateway.vpc))
        elif entry.kind == "internet-gateway" and internet is not None:
            rejects = "GATEWAY_REJECTS_SPOOFED_TRAFFIC"
            ways[slot] = build.add(
                Drop(place=internet.place, what="sources of this VPC", code=rejects, cites=("IGW-6",), origin=entry.origin)
            )
    unasked = Drop(
        place=gateway.place,
        what="packets for its own address",
        code="SIM_NAT_STATEFUL_INBOUND",
        cites=("NAT-6",),
        origin=gateway.origin.of("replies of its own sessions only"),
    )
    asked: Ref = build.add(unasked)
    if works:  # somebody can have started a session
        how = Restore(_translations(gateway))
        onward = _lookup(gateway, ways, build, snapshot)
        asked = build.add(
            Rewrite(place=gateway.place, what="translation back", how=how, then=onward, miss=asked, cites=("NAT-6", "RNAT-1"))
        )
    if internet is None:
        return asked
    return private_refused(build, internet.place, sources=True, then=guarded(internet, asked, build, snapshot))


KIND = Kind(name="regional-nat-path", noun=RegionalNatGateway, about="packets through regional NAT gateways", emit=_emit, extends=True)
