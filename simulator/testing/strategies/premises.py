"""Ways between a VPC and people elsewhere: VPN connections, Direct Connect, transit gateways to on premises, Client VPN."""

from __future__ import annotations

from dataclasses import replace

from simulator.aws.client_vpn import ClientRoute, ClientRule, ClientVpn
from simulator.aws.customer_gateway import CustomerGateway
from simulator.aws.direct_connect import DX, PRIVATE, PUBLIC, TRANSIT, DirectConnectAssociation, DirectConnectGateway, VirtualInterface
from simulator.aws.transit_gateway import TransitAttachment, TransitRoute, TransitRouteTable
from simulator.aws.transit_routes import VPN
from simulator.aws.virtual_private_gateway import NAME as VGW
from simulator.aws.virtual_private_gateway import VirtualPrivateGateway
from simulator.aws.vpn_connection import LearntRoute, VpnConnection
from simulator.origin import Origin
from simulator.packet.prefix import Prefix
from simulator.testing.strategies.hosts import draw_groups
from simulator.testing.strategies.services import draw_interface
from simulator.testing.strategies.sites import EVERYWHERE, Plan, Site

ON_PREMISES = tuple(map(Prefix.parse, ("192.168.200.0/24", "10.200.0.0/16", "192.168.0.0/16", "0.0.0.0/0")))
PUBLIC_BLOCK = Prefix.parse("192.0.2.0/24")


def draw_on_premises(plan: Plan, site: Site) -> None:
    """A virtual private gateway with a link or two: VPN connections, virtual interfaces, with or without a Direct Connect gateway between.

    Two customer gateways may lead to one network (VGW-2).
    """
    hand, gateway_id = plan.hand, plan.name("vgw")
    attached = not plan.odd("detached gateways")
    plan.draft.add(VirtualPrivateGateway(gateway_id, "", site.vpc.id if attached else "", attached, Origin(gateway_id)))
    for _ in range(1 + hand.chance(30)):
        blocks = hand.some(ON_PREMISES, most=2, least=1, percent=40)
        if hand.chance(55):
            _connection(plan, gateway_id, blocks)
        else:
            _virtual_interface(plan, PRIVATE, _end_of_direct_connect(plan, site, gateway_id), blocks)
        site.on_premises += [(block, (VGW, gateway_id)) for block in blocks]
    site.virtual_gateway = gateway_id if attached else ""
    if hand.chance(20):  # a public one brings a block of its own to public addresses (DX-2)
        _virtual_interface(plan, PUBLIC, "", (PUBLIC_BLOCK,))


def _connection(plan: Plan, gateway: str, blocks: tuple[Prefix, ...]) -> VpnConnection:
    hand, customer, vpn = plan.hand, plan.name("cgw"), plan.name("vpn")
    plan.draft.add(CustomerGateway(customer, "", Origin(customer)))
    static, origin = hand.chance(50) and not gateway.startswith("tgw"), Origin(vpn)  # a transit gateway has its own (TGW-15)
    routes = tuple(
        LearntRoute(block, origin.of(f"route {block}"), static, 1 if static else 1 + hand.below(2), 0 if static else hand.below(2))
        for block in blocks
    )
    tunnels = hand.one_of(((False, False), (True, False))) if plan.odd("tunnels that are down") else ()
    connection = VpnConnection(vpn, "", gateway, customer, origin, routes, static, tunnels)
    plan.draft.add(connection)
    return connection


def _virtual_interface(plan: Plan, kind: str, gateway: str, blocks: tuple[Prefix, ...]) -> None:
    interface_id = plan.name("vif")
    origin = Origin(interface_id)
    routes = tuple(LearntRoute(block, origin.of(f"route {block}"), False, 1 + plan.hand.below(2)) for block in blocks)
    plan.draft.add(VirtualInterface(interface_id, "", kind, gateway, origin, routes, not plan.odd("tunnels that are down")))


def _end_of_direct_connect(plan: Plan, site: Site, gateway: str) -> str:
    """Where a virtual interface ends: at the gateway itself, or at a Direct Connect gateway that is associated with it."""
    if plan.hand.chance(40):
        return gateway
    through, association = plan.name("dxgw"), plan.name("association")
    plan.draft.add(DirectConnectGateway(through, "", Origin(through)))
    allowed = None if plan.hand.chance(60) else plan.hand.some((site.vpc.cidrs[0], Prefix.parse("10.0.0.0/8")), most=2, least=1)
    plan.draft.add(DirectConnectAssociation(association, "", through, gateway, Origin(association), allowed))
    return through


# --- on premises behind a transit gateway ----------------------------------------------------------------------------------------


def draw_transit_hybrid(plan: Plan, gateway: str) -> None:
    """A VPN connection or a Direct Connect gateway, attached to a transit gateway; some of its tables know the way (TGW-15)."""
    hand, blocks = plan.hand, plan.hand.some(ON_PREMISES, most=2, least=1, percent=40)
    tables = [table for table in plan.draft.all(TransitRouteTable) if table.gateway == gateway]
    used = ((gateway, hand.one_of(tables).id),) if tables and hand.chance(70) else ()
    if hand.chance(60):
        attachment, resource, kind = plan.name("attachment"), _connection(plan, gateway, blocks).id, VPN
    else:
        attachment, resource, kind = _attached_direct_connect(plan, gateway, blocks), plan.draft.all(DirectConnectGateway)[-1].id, DX
    plan.draft.add(TransitAttachment(attachment, "", (gateway,), kind, resource, (), Origin(attachment), tables=used))
    for table in tables:
        if hand.chance(60):
            plan.draft.replace(replace(table, propagations=(*table.propagations, attachment)))
        elif hand.chance(60):
            known = {route.prefix for route in table.routes}
            added = (TransitRoute(block, attachment, table.origin.of(f"route {block}")) for block in blocks if block not in known)
            plan.draft.replace(replace(table, routes=(*table.routes, *added)))
    for site in plan.sites:
        if gateway in site.transit:
            site.on_premises += [(block, ("transit-gateway", gateway)) for block in blocks]


def _attached_direct_connect(plan: Plan, gateway: str, blocks: tuple[Prefix, ...]) -> str:
    """A Direct Connect gateway with its virtual interface; the id of its association, which is that of its attachment too."""
    through, association = plan.name("dxgw"), plan.name("association")
    plan.draft.add(DirectConnectGateway(through, "", Origin(through)))
    allowed = plan.hand.some([Prefix.parse("10.0.0.0/8"), *(site.vpc.cidrs[0] for site in plan.sites)], most=3, least=1)
    plan.draft.add(DirectConnectAssociation(association, "", through, gateway, Origin(association), allowed))
    _virtual_interface(plan, TRANSIT, through, blocks)
    return association


# --- people's machines -----------------------------------------------------------------------------------------------------------


def draw_client_vpn(plan: Plan, site: Site) -> None:
    """A Client VPN endpoint in a subnet of some zones, with rules for everybody or for members of a group (CVPN-1)."""
    hand, rooms = plan.hand, {subnet.zone: subnet for subnet in plan.with_room(site)}
    if not rooms:
        return
    vpn = plan.name("cvpn")
    groups, origin = draw_groups(plan, site), Origin(vpn)
    subnets = tuple(rooms[zone].id for zone in hand.some(sorted(rooms), most=2, least=1))
    names = tuple(draw_interface(plan, site, f"{vpn}-eni-{subnet}", subnet, groups, vpn, kind="client_vpn") for subnet in subnets)
    blocks = [EVERYWHERE, *site.vpc.cidrs[:1], *(subnet.cidrs[0] for subnet in site.subnets), *(peer.cidrs[0] for _, peer in site.peerings)]
    rules = tuple(
        ClientRule(block, "admins" if hand.chance(25) else "", origin.of(f"authorization rule {block}"))
        for block in hand.some(blocks, most=3, least=1)
    )
    routes = tuple(
        ClientRoute(block, hand.one_of(subnets), origin.of(f"route {block}"))
        for block in hand.some([EVERYWHERE, *(peer.cidrs[0] for _, peer in site.peerings)], most=2)
    )
    clients = Prefix.parse(f"10.{240 + len(plan.draft.all(ClientVpn))}.0.0/22")
    state = "pending-associate" if plan.odd("stopped instances") else "available"
    plan.draft.add(ClientVpn(vpn, "", clients, origin, subnets, groups, names, routes, rules, state))
