"""Networks on premises: what lies behind VPN connections and Direct Connect, and the way between it and AWS (VPN-1, VPN-2, VGW-6).

A link is one VPN connection or one private virtual interface. Links with one customer gateway, and links that lead to overlapping
blocks, lead to one network: an address on premises is one host, whichever link reaches it. A packet from there takes a link whose
gateway tells the longest block with its destination, and any of several that tell the same; where none tells one, every link is tried,
so that an answer shows why it fails.

    leaving AWS:  the link is up -> a block of the network: arrived; anything else: not known, for the network's routers are no part of AWS
    entering AWS: by destination a link -> it is up -> the gateway at its end in AWS

What happens on premises is not modelled: its routers and filters are taken to let traffic pass, and answers say so. A default route
towards on premises is no block of the network: what the network does with packets for the internet nobody told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from simulator.aws.customer_gateway import CustomerGateway
from simulator.aws.direct_connect import PUBLIC, VirtualInterface, associations_of, told_blocks
from simulator.aws.network_interface import EPHEMERAL
from simulator.aws.resource import Kind
from simulator.aws.route_table import RouteTable
from simulator.aws.snapshot import Snapshot
from simulator.aws.transit_gateway import TransitAttachment, TransitRouteTable
from simulator.aws.transit_routes import routes_of
from simulator.aws.virtual_private_gateway import VirtualPrivateGateway
from simulator.aws.vpc import Vpc
from simulator.aws.vpn_connection import LearntRoute, VpnConnection
from simulator.graph.builder import Builder
from simulator.graph.nodes import (
    Choice,
    Deliver,
    Door,
    Drop,
    Entry,
    Filter,
    Lookup,
    Place,
    PrefixTable,
    Ref,
    Rewrite,
    Route,
    Rule,
    RuleList,
    Send,
)
from simulator.origin import Origin
from simulator.packet.prefix import Prefix
from simulator.packet.space import Match

WORD = "onprem"
SHORTEST = 8  # a shorter prefix stands for "everything else", not for blocks of a network


class Link(NamedTuple):
    """One way between AWS and a network on premises. `gateway`: its end in AWS; `site`: its end on premises, where it has a name.

    `routes`: the blocks behind it, as far as anybody told; `complete`: these are all. `networks`: blocks that the site has besides.
    """

    place: Place
    origin: Origin
    gateway: str
    site: Place | None
    routes: tuple[LearntRoute, ...]
    up: bool
    complete: bool = True
    networks: tuple[Prefix, ...] = ()
    selectors: bool = False
    site_link: bool = False

    @property
    def blocks(self) -> tuple[Prefix, ...]:
        """The blocks of the network behind it."""
        return tuple({*self.networks, *(route.prefix for route in self.routes if route.prefix.length >= SHORTEST)})


class Network(NamedTuple):
    """A network on premises: its links and its blocks. `complete`: it has no blocks that nobody told."""

    place: Place
    links: tuple[Link, ...]
    blocks: tuple[Prefix, ...]
    complete: bool

    @property
    def endpoint(self) -> str:
        """What packets arrive at."""
        return f"{WORD}:{self.place.id}"

    @property
    def names(self) -> frozenset[str]:
        """All words for it: its own, those of its sites and of its links."""
        places = [self.place, *(place for link in self.links for place in (link.place, link.site) if place)]
        return frozenset(word for place in places for word in (place.id, place.name) if word)


def outward(link: Place) -> Door:
    """A link, for packets that leave AWS."""
    return Door(link.kind, link.id, "to on premises")


def into_aws(link: Place) -> Door:
    """Where the packets of a link enter AWS; what is at its end there opens it."""
    return Door(link.kind, link.id, "into AWS")


def links_of(snapshot: Snapshot) -> tuple[Link, ...]:
    """All links, in a stable order."""
    return snapshot.index("links", lambda: tuple(sorted(_links(snapshot), key=lambda link: link.place.id)))


def _links(snapshot: Snapshot) -> Iterator[Link]:
    yield from _connections(snapshot)
    for interface in snapshot.all(VirtualInterface):
        if interface.type == PUBLIC:
            continue
        gateways = [interface.gateway, *(found.gateway for found in associations_of(snapshot, interface.gateway))]
        private = [name for name in gateways if snapshot.get(VirtualPrivateGateway, name)]
        routes = interface.routes
        if not interface.complete:
            routes += tuple(route for name in private for route in _learnt(snapshot, name)) + _in_transit_tables(
                snapshot, interface.gateway
            )
        complete = interface.complete or (bool(private) and all(is_shown(snapshot, name) for name in private))
        yield Link(
            interface.place, interface.origin, interface.gateway, None, routes, interface.up, complete, site_link=interface.site_link
        )


def _connections(snapshot: Snapshot) -> Iterator[Link]:
    for connection in snapshot.all(VpnConnection):
        site = snapshot.get(CustomerGateway, connection.customer_gateway)
        place = site.place if site else Place(connection.customer_gateway, "customer-gateway")
        routes = connection.routes
        if not connection.complete:
            routes += _learnt(snapshot, connection.gateway)
            routes += _in_transit_tables(snapshot, connection.id)
        yield Link(
            connection.place,
            connection.origin,
            connection.gateway,
            place if connection.customer_gateway else None,
            routes,
            connection.up,
            connection.complete or is_shown(snapshot, connection.gateway),
            site.networks if site else (),
            connection.selectors,
        )


def _learnt(snapshot: Snapshot, gateway: str) -> tuple[LearntRoute, ...]:
    """What BGP told a virtual private gateway, whichever link it came over: what tables show and no static route explains."""
    connections = [connection for connection in snapshot.all(VpnConnection) if connection.gateway == gateway]
    static = {route.prefix for connection in connections for route in connection.routes if route.static}
    return tuple(LearntRoute(prefix, origin) for prefix, origin in seen(snapshot, gateway).items() if prefix not in static)


def _in_transit_tables(snapshot: Snapshot, resource: str) -> tuple[LearntRoute, ...]:
    """The blocks behind an attachment that tables of its transit gateway show, static or listed as propagated."""
    names = {found.id for found in snapshot.by(TransitAttachment, "resource")[resource]}
    routes = (route for table in snapshot.all(TransitRouteTable) for route in table.routes if route.attachment in names)
    return tuple(LearntRoute(route.prefix, route.origin) for route in routes)


def seen(snapshot: Snapshot, gateway: str) -> dict[Prefix, Origin]:
    """The blocks that a virtual private gateway propagates, as route tables show them."""
    return {
        entry.destination: entry.origin
        for table in snapshot.all(RouteTable)
        for entry in table.routes
        if entry.propagated and entry.target == gateway and isinstance(entry.destination, Prefix)
    }


def is_shown(snapshot: Snapshot, gateway: str) -> bool:
    """Whether a route table shows all that a virtual private gateway knows, for it takes its routes."""
    return any(gateway in table.propagating for table in snapshot.all(RouteTable))


# --- networks --------------------------------------------------------------------------------------------------------------------


def networks_of(snapshot: Snapshot) -> tuple[Network, ...]:
    """The networks that the links lead to."""
    return snapshot.index("networks on premises", lambda: tuple(_networks(links_of(snapshot))))


def network_of(snapshot: Snapshot, link: Link) -> Network:
    """The network behind a link."""
    return next(network for network in networks_of(snapshot) if link in network.links)


def _networks(links: tuple[Link, ...]) -> Iterator[Network]:
    leader = list(range(len(links)))

    def lead(index: int) -> int:
        while leader[index] != index:
            index = leader[index]
        return index

    for one, other in _joined(links):
        first, second = sorted((lead(one), lead(other)))
        leader[second] = first
    for head in sorted({lead(index) for index in range(len(links))}):
        members = tuple(link for index, link in enumerate(links) if lead(index) == head)
        places = sorted({link.site or link.place for link in members}, key=lambda place: (place.kind != "customer-gateway", place.id))
        blocks = tuple(sorted({block for link in members for block in link.blocks}))
        place = Place(places[0].id, "on-premises-network", places[0].name)
        yield Network(place, members, blocks, all(link.complete for link in members))


def _joined(links: tuple[Link, ...]) -> Iterator[tuple[int, int]]:
    """Pairs of links that lead to one network: by their site, or by blocks that overlap (which, sorted, shows between neighbours)."""
    sites: dict[str, int] = {}
    for index, link in enumerate(links):
        if link.site:
            yield sites.setdefault(link.site.id, index), index
    blocks = sorted(((block, index) for index, link in enumerate(links) for block in link.blocks), key=lambda pair: pair[0])
    widest: tuple[Prefix, int] | None = None
    for block, index in blocks:
        if widest and widest[0].overlaps(block):
            yield widest[1], index
        else:
            widest = (block, index)


# --- packets ---------------------------------------------------------------------------------------------------------------------


def told(snapshot: Snapshot, link: Link) -> set[Prefix]:
    """The blocks that the gateway in AWS tells over a link: a virtual private gateway those of its VPC and of other networks on premises
    (VGW-8) that it knows by links that are up, a Direct Connect gateway what its associations allow, a transit gateway the routes of the
    attachment's table.
    """
    gateway = snapshot.get(VirtualPrivateGateway, link.gateway)
    if gateway is None:
        attachments = [found for found in snapshot.by(TransitAttachment, "resource")[link.place.id] if link.gateway in found.gateways]
        tables = [snapshot.get(TransitRouteTable, found.table_of(link.gateway) or "") for found in attachments]
        names = {found.id for found in attachments}
        routes = [route for table in tables if table for route in routes_of(snapshot, table)[0] if not names & {*route.attachments}]
        allowed = [block for association in associations_of(snapshot, link.gateway) for block in told_blocks(snapshot, association)]
        return {*allowed, *(route.prefix for route in routes)}
    vpc = snapshot.get(Vpc, gateway.vpc) if gateway.attached else None
    others = {block for other in links_of(snapshot) if other.gateway == link.gateway and other.up for block in other.blocks}
    return (set(vpc.cidrs) if vpc else set()) | (others - set(network_of(snapshot, link).blocks))


def emit_link(place: Place, build: Builder, snapshot: Snapshot) -> None:
    """One link; the first of a network's links also emits the network."""
    link = next(found for found in links_of(snapshot) if found.place == place)
    network = network_of(snapshot, link)
    if network.links[0] == link:
        _emit_network(network, build, snapshot)
    only_ipv4 = place.kind == "vpn-connection" and snapshot.get(VirtualPrivateGateway, link.gateway) is not None
    build.open(outward(place), _crossed(link, Door(WORD, network.place.id, "arrivals"), build, only_ipv4=only_ipv4))
    build.open(Door(place.kind, place.id, "from on premises"), _crossed(link, into_aws(place), build, only_ipv4=only_ipv4))


def _crossed(link: Link, then: Ref, build: Builder, *, only_ipv4: bool) -> int:
    place = link.place
    if link.selectors:
        return build.add(Drop(place=place, what="addresses that its tunnels carry", code="SIM_UNMODELLED", gap=True, origin=link.origin))
    if not link.up:
        code, part = ("BAD_STATE_VPN", "no tunnel is up") if place.kind == "vpn-connection" else ("BAD_STATE", "it is down")
        return build.add(Drop(place=place, what="state", code=code, cites=("VPN-2",), origin=link.origin.of(part)))
    if only_ipv4:
        rules = RuleList((Rule(Match(version=4), True, link.origin.of("IPv4")),), link.origin.of("a VPN connection carries no IPv6"))
        then = build.add(
            Filter(place=place, what="IP version", rules=rules, then=then, code="PROTOCOL_RESTRICTION", cites=("VGW-7",), plumbing=True)
        )
    origin = link.origin.of("it is up")
    passed = Filter(
        place=place, what="state", rules=RuleList((), origin, permit=True), then=then, code="BAD_STATE_VPN", cites=("VPN-2",), plumbing=True
    )
    return build.add(passed)


def _emit_network(network: Network, build: Builder, snapshot: Snapshot) -> None:
    place, origin = network.place, Origin(network.place.id, "its blocks")
    begin = build.add(Rewrite(place=place, what="sends", how=Send(network.endpoint), then=_choose(network, build, snapshot), plumbing=True))
    arrived = build.add(Deliver(place=place, what="arrived", endpoint=network.endpoint, reply_at=begin, cites=("VGW-2",)))
    others = build.add(Drop(place=place, what="what it does with packets for others", code="SIM_UNMODELLED", gap=True))
    unknown = Drop(place=place, what="its blocks (not read)", code="UNKNOWN_RESOURCE", gap=True)
    routes = {block: Route(block, 1, origin) for link in network.links for block in told(snapshot, link)}
    routes |= {block: Route(block, 0, origin, str(block)) for block in network.blocks}  # inside them, what AWS has is not there
    delivery = Lookup(
        place=place,
        what="its blocks",
        table=PrefixTable(tuple(routes[block] for block in sorted(routes))),
        targets=(arrived, others),
        miss=others if network.complete else build.add(unknown),
        plumbing=True,
    )
    build.open(Door(WORD, place.id, "arrivals"), build.add(delivery))
    build.enter(network.endpoint, Entry(begin, (), EPHEMERAL, "unknown client on premises"))
    build.assume(begin, f"routers and filters of {place.id}, which are on premises, let the traffic pass")
    if len(network.links) > 1:
        names = ", ".join(link.place.id for link in network.links)
        build.assume(begin, f"{names} lead to one network on premises")


def _choose(network: Network, build: Builder, snapshot: Snapshot) -> int:
    """The link of a packet from the network, by its destination. One that is down tells nothing (VPN-2)."""
    by_block: dict[Prefix, list[Link]] = {}
    for link in _usable(network.links):
        for block in told(snapshot, link):
            by_block.setdefault(block, []).append(link)
    slots: dict[tuple[str, ...], int] = {}
    targets: list[Ref] = []
    routes: list[Route] = []
    for block in sorted(by_block):
        used = by_block[block]
        key = tuple(link.place.id for link in used)
        if key not in slots:
            slots[key] = len(targets)
            targets.append(_any_of(network, used, build))
        routes.append(Route(block, slots[key], Origin(network.place.id, f"route {block}"), f"{block} -> {' or '.join(key)}"))
    return build.add(
        Lookup(
            place=network.place,
            what="blocks told by gateways in AWS",
            table=PrefixTable(tuple(routes)),
            targets=tuple(targets),
            miss=_untold(network, build),
            plumbing=True,
        )
    )


def _untold(network: Network, build: Builder) -> int:
    """Packets for what no gateway told: handed to AWS all the same, which shows why it does not carry them."""
    origin = Origin(network.place.id, "blocks that no gateway told")
    node = build.add(
        Filter(
            place=network.place,
            what="blocks that no gateway told",
            rules=RuleList((), origin, permit=True),
            then=_any_of(network, _usable(network.links), build),
            code="NO_ROUTE_TO_DESTINATION",
            plumbing=True,
        )
    )
    build.assume(node, f"{network.place.id} hands packets for what no gateway told it to AWS too; its own ways elsewhere are not asked")
    return node


def _usable(links: Iterable[Link]) -> list[Link]:
    """The links that are up; where none is, all, so that the answer tells what is down."""
    every = list(links)
    return [link for link in every if link.up] or every


def _any_of(network: Network, links: list[Link], build: Builder) -> Ref:
    options = tuple((link.place.id, Door(link.place.kind, link.place.id, "from on premises")) for link in links)
    if len(options) == 1:
        return options[0][1]
    return build.add(Choice(place=network.place, what="link", options=options, cites=("MODEL-6", "VPN-1")))


def _emit_interface(interface: VirtualInterface, build: Builder, snapshot: Snapshot) -> None:
    if interface.type != PUBLIC:
        emit_link(interface.place, build, snapshot)


def _emit_vpn(connection: VpnConnection, build: Builder, snapshot: Snapshot) -> None:
    emit_link(connection.place, build, snapshot)


VPN = Kind(name=WORD, noun=VpnConnection, about="what lies behind VPN connections", emit=_emit_vpn, extends=True)
DIRECT = Kind(
    name="onprem-by-direct-connect", noun=VirtualInterface, about="what lies behind Direct Connect", emit=_emit_interface, extends=True
)
