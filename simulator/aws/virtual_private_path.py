"""What a virtual private gateway does to packets (VGW-2 to VGW-9, DX-1).

    from a subnet:    a source of an interface of the VPC -> the longest block that a link told; of equals the better one -> that link
    from on premises: a block of another network (VGW-8) -> its link; a private address of an interface -> the gateway's route table, if
                      it has one -> the implicit router; anything else is dropped, so no gateway, peer or NAT device of the VPC can be used

Which link wins is in `premises_routes.py`. What BGP told is known where a route table shows it; other destinations are unknown as long as
something may have told of them.
AWS page: "Route tables and AWS Site-to-Site VPN route priority" (2026).
"""

from __future__ import annotations

from collections.abc import Iterator

from simulator.aws.direct_connect import DirectConnectAssociation
from simulator.aws.direct_connect_path import to_premises
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.onprem import into_aws, is_shown, links_of, outward, seen
from simulator.aws.premises_routes import Way, known, routes_towards
from simulator.aws.resource import Kind
from simulator.aws.route_table import local_blocks
from simulator.aws.snapshot import Snapshot
from simulator.aws.subnet import Subnet
from simulator.aws.virtual_private_gateway import NAME, VirtualPrivateGateway, from_premises, into_vpc
from simulator.aws.vpc import router
from simulator.graph.builder import Builder
from simulator.graph.nodes import Door, Drop, Filter, Lookup, PrefixTable, Ref, Route, Rule, RuleList
from simulator.packet.prefix import Prefix
from simulator.packet.space import Match


def ways_of(gateway: VirtualPrivateGateway, snapshot: Snapshot) -> Iterator[Way]:
    """All ways of a gateway: its links, and the Direct Connect gateways it is associated with. A VPN carries no IPv6 there (VGW-7)."""
    for link in links_of(snapshot):
        if link.gateway == gateway.id:
            direct = link.place.kind == "virtual-interface"
            routes = tuple(route for route in link.routes if direct or route.prefix.version == 4)
            yield Way(link.place.id, outward(link.place), routes, link.up, link.complete, direct)
    for association in snapshot.by(DirectConnectAssociation, "gateway")[gateway.id]:
        links = [link for link in links_of(snapshot) if link.gateway == association.direct_connect_gateway]
        routes = tuple(route for link in links if link.up for route in link.routes)
        complete = all(link.complete for link in links)
        yield Way(
            association.direct_connect_gateway,
            to_premises(association.direct_connect_gateway),
            routes,
            association.up,
            complete,
            direct=True,
        )


def _emit(gateway: VirtualPrivateGateway, build: Builder, snapshot: Snapshot) -> None:
    ways = list(ways_of(gateway, snapshot))
    elsewhere = Drop(
        place=gateway.place,
        what="attachment",
        # Detached, its routes are blackholes; attached elsewhere, it is no target of this VPC (RT-30).
        code="BAD_STATE_ATTACHMENT" if gateway.attached else "BAD_STATE_ROUTE",
        cites=("RT-30",) if gateway.attached else ("RT-15",),
        origin=gateway.origin.of("attachment"),
    )
    build.open(Door(NAME, gateway.id), build.add(elsewhere))
    shown, whole = seen(snapshot, gateway.id), _is_whole(gateway, ways, snapshot)
    table = routes_towards(build, gateway.place, gateway.origin, ways, whole=whole, seen=shown)
    build.open(from_premises(gateway.id), _inward(gateway, ways, table, build, snapshot))
    for link in links_of(snapshot):
        if link.gateway == gateway.id:
            build.open(into_aws(link.place), from_premises(gateway.id))
    if gateway.attached:
        build.offer(into_vpc(gateway.id), router(gateway.vpc))
        leaving = _leaving(gateway, table, build, snapshot)
        for subnet in snapshot.by(Subnet, "vpc")[gateway.vpc]:
            build.open(Door(NAME, gateway.id, subnet.id), leaving)


# --- towards on premises ---------------------------------------------------------------------------------------------------------


def _leaving(gateway: VirtualPrivateGateway, then: int, build: Builder, snapshot: Snapshot) -> int:
    """Only interfaces of the VPC may send to it (VGW-4), and no rule that names a group lets anything out to it (SG-13)."""
    lost = gateway.origin.of("rules that name a group, outbound")
    referenced = RuleList((Rule(Match(by_reference=True), False, lost),), lost, permit=True)
    then = _filter(gateway, build, "group references outbound", referenced, then, "SG_REFERENCES_NOT_PRESERVED", "SG-13")
    origin = gateway.origin.of("interfaces of its VPC only")
    sources = RuleList((Rule(Match(sources=_own(gateway, snapshot)), True, origin),), origin, unread=_unread(gateway, snapshot, "sources"))
    return _filter(gateway, build, "sources", sources, then, "VGW_PRIVATE_IP_ASSOCIATION_FOR_EGRESS", "VGW-4")


def _own(gateway: VirtualPrivateGateway, snapshot: Snapshot) -> tuple[Prefix, ...]:
    interfaces = snapshot.by(NetworkInterface, "vpc")[gateway.vpc]
    return tuple(sorted(block for interface in interfaces for block in interface.blocks))


def _unread(gateway: VirtualPrivateGateway, snapshot: Snapshot, end: str) -> tuple[Rule, ...]:
    """Where interfaces were not asked for, one that nobody showed may have an address of the VPC."""
    if snapshot.was_read("network-interface"):
        return ()
    blocks = local_blocks(snapshot, gateway.vpc)
    match = Match(sources=blocks) if end == "sources" else Match(destinations=blocks)
    return (Rule(match, True, gateway.origin.of("interfaces of its VPC")),)


def _filter(gateway: VirtualPrivateGateway, build: Builder, what: str, rules: RuleList, then: Ref, code: str, rule: str) -> int:
    node = Filter(place=gateway.place, what=what, rules=build.share(rules), then=then, code=code, cites=(rule,), plumbing=True)
    return build.add(node)


def _is_whole(gateway: VirtualPrivateGateway, ways: list[Way], snapshot: Snapshot) -> bool:
    """Whether all is known that the gateway knows."""
    if is_shown(snapshot, gateway.id):
        return True
    kinds = ("vpn-connection", "virtual-interface", "direct-connect-association")
    return all(map(snapshot.was_read, kinds)) and all(way.complete for way in ways)


# --- from on premises ------------------------------------------------------------------------------------------------------------


def _inward(gateway: VirtualPrivateGateway, ways: list[Way], table: int, build: Builder, snapshot: Snapshot) -> int:
    blocks = local_blocks(snapshot, gateway.vpc) if gateway.attached else ()
    origin = gateway.origin.of("private addresses of interfaces of its VPC only")
    if gateway.attached:
        rules = RuleList(
            (Rule(Match(destinations=_own(gateway, snapshot)), True, origin),), origin, unread=_unread(gateway, snapshot, "destinations")
        )
        code = "VGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS"
        entered = _filter(gateway, build, "destinations", rules, into_vpc(gateway.id), code, "VGW-3")
    else:
        detached = gateway.origin.of("attachment")
        entered = build.add(Drop(place=gateway.place, what="attachment", code="BAD_STATE_ATTACHMENT", cites=("VGW-3",), origin=detached))
    beyond = [Route(block, 0, gateway.origin.of(f"block {block} of its VPC"), str(block)) for block in blocks]
    beyond += [
        Route(prefix, 1, found[0][1].origin, str(prefix))
        for prefix, found in known(ways).items()
        if not any(block.contains(prefix) for block in blocks)
    ]
    return build.add(
        Lookup(
            place=gateway.place,
            what="networks on premises",
            table=PrefixTable(tuple(sorted(beyond, key=lambda route: route.prefix))),
            targets=(entered, table),
            miss=entered,
            cites=("VGW-8",),
            plumbing=True,
        )
    )


KIND = Kind(
    name="virtual-private-path", noun=VirtualPrivateGateway, about="packets through virtual private gateways", emit=_emit, extends=True
)
