"""What only some networks have: networks on premises, load balancers, services in subnets, a public switch."""

from __future__ import annotations

from simulator.aws.block_public_access import BlockPublicAccess, PublicAccessExclusion
from simulator.aws.customer_gateway import CustomerGateway
from simulator.aws.data_service import DataService
from simulator.aws.ecs_service import EcsService
from simulator.aws.file_system import FileSystem
from simulator.aws.listener import Listener
from simulator.aws.load_balancer import APPLICATION, NETWORK, LoadBalancer
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.target_group import INSTANCE, Target, TargetGroup
from simulator.aws.virtual_private_gateway import NAME as VGW
from simulator.aws.virtual_private_gateway import VirtualPrivateGateway
from simulator.aws.vpn_connection import LearntRoute, VpnConnection
from simulator.origin import Origin
from simulator.packet.flow import TCP, UDP
from simulator.packet.prefix import Prefix
from simulator.testing.strategies.hosts import draw_groups
from simulator.testing.strategies.sites import Plan, Site

ON_PREMISES = tuple(map(Prefix.parse, ("192.168.200.0/24", "10.200.0.0/16", "192.168.0.0/16", "0.0.0.0/0")))
PORTS = (443, 80, 53)


def draw_wide(plan: Plan) -> None:
    """Perhaps some of each in every VPC."""
    hand = plan.hand
    for site in plan.sites:
        makers = (_on_premises, _service, _balancer)
        for make in makers if plan.profile.wide else ():
            if hand.chance(plan.profile.wide):
                make(plan, site)
    if plan.profile.wide and plan.odd("blocked public access"):
        _switch(plan)


def _on_premises(plan: Plan, site: Site) -> None:
    """A virtual private gateway with a VPN connection or two; two customer gateways may lead to one network (VGW-2)."""
    hand, gateway_id = plan.hand, plan.name("vgw")
    attached = not plan.odd("detached gateways")
    plan.draft.add(VirtualPrivateGateway(gateway_id, "", site.vpc.id if attached else "", attached, Origin(gateway_id)))
    for _ in range(1 + hand.chance(30)):
        customer, vpn = plan.name("cgw"), plan.name("vpn")
        plan.draft.add(CustomerGateway(customer, "", Origin(customer)))
        static, origin = hand.chance(50), Origin(vpn)
        blocks = hand.some(ON_PREMISES, most=2, least=1, percent=40)
        routes = tuple(
            LearntRoute(block, origin.of(f"route {block}"), static, 1 if static else 1 + hand.below(2), 0 if static else hand.below(2))
            for block in blocks
        )
        tunnels = hand.one_of(((False, False), (True, False))) if plan.odd("tunnels that are down") else ()
        plan.draft.add(VpnConnection(vpn, "", gateway_id, customer, origin, routes, static, tunnels))
        site.on_premises += [(block, (VGW, gateway_id)) for block in blocks]
    site.virtual_gateway = gateway_id if attached else ""


def _service(plan: Plan, site: Site) -> None:
    """A data service, a file system or tasks: an interface in one or two subnets."""
    hand, rooms = plan.hand, plan.with_room(site)
    if not rooms:
        return
    of = hand.one_of((DataService, FileSystem, EcsService))
    service_id = plan.name({DataService: "search", FileSystem: "fs", EcsService: "tasks"}[of])
    groups, origin = draw_groups(plan, site), Origin(service_id)
    subnets = tuple(subnet.id for subnet in hand.some(rooms, most=2, least=1))
    names = tuple(_interface(plan, site, f"{service_id}-eni-{subnet}", subnet, groups, service_id) for subnet in subnets)
    if of is FileSystem:
        plan.draft.add(FileSystem(service_id, "", origin, names))
    elif of is DataService:
        plan.draft.add(DataService(service_id, "", subnets, (), origin, names))
    else:
        plan.draft.add(EcsService(service_id, "", subnets, (), origin, names))


def _interface(plan: Plan, site: Site, name: str, subnet: str, groups: tuple[str, ...] | None, owner: str) -> str:
    plan.take(next(found for found in site.subnets if found.id == subnet))
    interface = NetworkInterface(name, "", "", subnet, (), groups, Origin(name), owner=owner)
    plan.draft.add(interface)
    site.interfaces.append(interface)
    return name


def _balancer(plan: Plan, site: Site) -> None:
    """A load balancer in one subnet of some zones, for instances of the VPC."""
    hand, rooms = plan.hand, {subnet.zone: subnet for subnet in plan.with_room(site)}
    instances = [one for one in site.instances if len(one.interfaces) == 1]
    if not rooms or not instances:
        return
    balancer_id, group_id, kind = plan.name("lb"), plan.name("targets"), hand.one_of((NETWORK, APPLICATION))
    subnets = tuple(rooms[zone].id for zone in hand.some(sorted(rooms), most=2, least=1))
    for subnet in subnets:
        plan.take(next(found for found in site.subnets if found.id == subnet))
    port, groups = hand.one_of(PORTS), draw_groups(plan, site)
    groups = () if kind == NETWORK and hand.chance(40) else groups
    public = site.gateway is not None and hand.chance(50)
    told = tuple((subnet, None, plan.public_address() if public else None) for subnet in subnets)
    states = ("healthy", "healthy", "unhealthy", "draining")
    targets = tuple(
        Target(one.id, Origin(group_id, f"target {one.id}"), hand.one_of((0, 0, 8080)), "", hand.one_of(states))
        for one in hand.some(instances, most=3, least=1)
    )
    keeps, across = (hand.one_of((None, True, False)) for _ in range(2))
    origin = Origin(balancer_id)
    protocol = "tcp" if kind == NETWORK else "http"
    plan.draft.add(
        TargetGroup(
            group_id, "", INSTANCE, protocol, port, Origin(group_id), targets, site.vpc.id, keeps if kind == NETWORK else None, across
        )
    )
    plan.draft.add(LoadBalancer(balancer_id, "", kind, subnets, groups, origin, public=public, told=told))
    protocols = (UDP,) if kind == NETWORK and port == 53 else (TCP,)
    listener = f"{balancer_id} {port}"
    plan.draft.add(Listener(listener, "", balancer_id, protocols, port, (group_id,), origin.of(f"listener {port}")))


def _switch(plan: Plan) -> None:
    """The account blocks public access, with the exception of a VPC or a subnet (BPA-1)."""
    hand, switch = plan.hand, plan.name("bpa")
    mode = hand.one_of(("block-bidirectional", "block-ingress"))
    plan.draft.add(BlockPublicAccess(switch, "", mode, "", "", Origin(switch)))
    if hand.chance(60):
        site, name = hand.one_of(plan.sites), plan.name("exclusion")
        resource = hand.one_of((site.vpc.id, *(subnet.id for subnet in site.subnets)))
        how = hand.one_of(("allow-bidirectional", "allow-egress")) if mode == "block-bidirectional" else "allow-bidirectional"
        plan.draft.add(PublicAccessExclusion(name, "", resource, how, Origin(name)))
