"""Transit gateways with their attachments and tables, sometimes two that are peered."""

from __future__ import annotations

from simulator.aws.transit_gateway import (
    AVAILABLE,
    PEERING,
    PROPAGATED,
    STATIC,
    TransitAttachment,
    TransitGateway,
    TransitRoute,
    TransitRouteTable,
)
from simulator.aws.transit_gateway import VPC as TO_A_VPC
from simulator.origin import Origin
from simulator.packet.prefix import Prefix
from simulator.testing.strategies.sites import EVERYWHERE, REMOTE, Plan, Site

# What a table may lead to: attachments by id, each with the VPC behind it, or none where it leads elsewhere.
Ends = dict[str, Site | None]


def draw_transit(plan: Plan) -> None:
    """Perhaps a transit gateway that joins VPCs; seldom a second one, peered with it."""
    hand = plan.hand
    if not hand.chance(plan.profile.transit):
        return
    gateways = [_gateway(plan)]
    if plan.odd("peered transit gateways"):
        gateways.append(_gateway(plan))
    ends: dict[str, Ends] = {gateway.id: {} for gateway in gateways}
    for site in plan.sites:
        if hand.chance(85):
            site.transit += [gateway.id for gateway in hand.some(gateways, most=2, least=1, percent=20)]
    for site in plan.sites:
        for gateway_id in site.transit:
            ends[gateway_id][plan.name("attachment")] = site
    if len(gateways) == 2:
        _peer(plan, [gateway.id for gateway in gateways], ends)
    for gateway in gateways:
        if plan.gap():
            _unmodelled(plan, gateway.id, ends[gateway.id])
        _tables(plan, gateway, ends)


def _gateway(plan: Plan) -> TransitGateway:
    gateway_id = plan.name("tgw")
    default = "" if plan.odd("transit gateways without default tables") else f"{gateway_id}-routes"
    gateway = TransitGateway(gateway_id, "", Origin(gateway_id), default, default, plan.hand.chance(50), authored=True)
    plan.draft.add(gateway)
    return gateway


def _peer(plan: Plan, gateways: list[str], ends: dict[str, Ends]) -> None:
    """An attachment that joins two transit gateways (TGW-23)."""
    peering_id = plan.name("attachment")
    plan.draft.add(TransitAttachment(peering_id, "", tuple(gateways), PEERING, gateways[1], (), Origin(peering_id)))
    for gateway in gateways:
        ends[gateway][peering_id] = None


def _unmodelled(plan: Plan, gateway: str, ends: Ends) -> None:
    connect = plan.name("attachment")
    plan.draft.add(TransitAttachment(connect, "", (gateway,), "connect", "unread", (), Origin(connect)))
    ends[connect] = None


# --- tables ----------------------------------------------------------------------------------------------------------------------


def _tables(plan: Plan, gateway: TransitGateway, ends: dict[str, Ends]) -> None:
    """The tables of a gateway, its default one among them, and its attachments of VPCs, some of them associated with one by name."""
    hand, mine = plan.hand, ends[gateway.id]
    if gateway.association and hand.chance(80):
        _table(plan, gateway.id, gateway.association, ends)
    tables = hand.several(lambda: _table(plan, gateway.id, plan.name("tgw-rtb"), ends), most=2, percent=40 if gateway.association else 90)
    for attachment_id, site in mine.items():
        if site is not None:
            table = hand.one_of(tables) if tables and hand.chance(60) else None
            plan.draft.add(_attachment(plan, attachment_id, gateway.id, site, table))


def _table(plan: Plan, gateway: str, table_id: str, ends: dict[str, Ends]) -> str:
    """A table with a few static routes and some of the attachments propagating to it."""
    hand, mine, origin = plan.hand, ends[gateway], Origin(table_id)
    blocks = [*(cidr for site in plan.sites for cidr in site.vpc.cidrs if cidr.version == 4), EVERYWHERE, REMOTE[-1], REMOTE[0]]
    routes: dict[Prefix, TransitRoute] = {}

    def route() -> None:
        prefix, target = hand.one_of(blocks), "" if plan.odd("blackholes") else hand.one_of([*mine, "", ""])
        routes.setdefault(prefix, TransitRoute(prefix, target, origin.of(f"route {prefix}")))

    for attachment_id, end in mine.items():
        if end is None:  # nothing is propagated over it
            for other in {site.vpc.cidrs[0]: None for name, far in ends.items() if name != gateway for site in far.values() if site}:
                if hand.chance(80):
                    routes.setdefault(other, TransitRoute(other, attachment_id, origin.of(f"route {other}")))
    hand.several(route, most=4, percent=60)
    peerings = {name for other, far in ends.items() if other != gateway for name in far}  # of which nothing is propagated (TGW-23)
    sources = [name for name, end in mine.items() if end is not None or (name not in peerings and plan.gap())]
    propagations = tuple(sources) if hand.chance(60) else hand.some(sources, most=len(sources))
    unread = (STATIC, PROPAGATED) if plan.gap() else ()
    plan.draft.add(TransitRouteTable(table_id, "", gateway, tuple(routes.values()), propagations, origin, unread))
    return table_id


def _attachment(plan: Plan, attachment_id: str, gateway: str, site: Site, table: str | None) -> TransitAttachment:
    """An attachment of a VPC, with a subnet in each of its zones or in one of them."""
    hand = plan.hand
    by_zone = {subnet.zone: subnet.id for subnet in reversed(site.subnets)}
    zones = sorted(by_zone)
    chosen = zones if not hand.chance(25) else hand.some(zones, most=1, least=1)
    if plan.odd("attachments without a table"):
        table = ""
    return TransitAttachment(
        attachment_id,
        "",
        (gateway,),
        TO_A_VPC,
        site.vpc.id,
        tuple(by_zone[zone] for zone in chosen),
        Origin(attachment_id),
        hand.one_of(("pendingAcceptance", "modifying", "deleting")) if plan.odd("attachments that are not available") else AVAILABLE,
        plan.odd("appliance mode"),
        not hand.chance(20),
        () if table is None else ((gateway, table),),
    )
