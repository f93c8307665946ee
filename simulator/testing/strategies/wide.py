"""What most networks lack: on premises, load balancers, services, regional NAT gateways, inspection; some sorts of it in each network."""

from __future__ import annotations

from simulator.aws.block_public_access import BlockPublicAccess, PublicAccessExclusion
from simulator.aws.encryption_control import ENFORCE, EXCLUSIONS, MONITOR, EncryptionControl
from simulator.aws.load_balancer import GATEWAY, LoadBalancer
from simulator.aws.network_firewall import NetworkFirewall
from simulator.aws.outer_networks import CARRIER, CORE, LOCAL, CarrierGateway, CoreNetwork, LocalGateway
from simulator.aws.regional_nat_gateway import AVAILABLE, RegionalNatGateway
from simulator.aws.regional_nat_gateway import NAME as REGIONAL
from simulator.aws.transit_gateway import TransitGateway
from simulator.origin import Origin
from simulator.testing.strategies.balancers import draw_balancer, draw_inspection, draw_private_link
from simulator.testing.strategies.firewalls import draw_firewall, draw_transit_firewall
from simulator.testing.strategies.premises import draw_client_vpn, draw_on_premises, draw_transit_hybrid
from simulator.testing.strategies.services import draw_connect_endpoint, draw_pods, draw_services, draw_tasks_on_instances
from simulator.testing.strategies.sites import Plan, Site

MOST = 4  # sorts in one network


def draw_wide(plan: Plan) -> None:
    """A few sorts, each perhaps in every VPC."""
    hand, wide = plan.hand, plan.profile.wide
    if not wide:
        return
    sorts = hand.some(MAKERS, most=MOST, least=1, percent=85)
    for site in plan.sites:
        for make in MAKERS:  # tasks and pods need no room that others may take first
            if make in sorts and hand.chance(wide):
                make(plan, site)
    for gateway in plan.draft.all(TransitGateway):
        if hand.chance(wide // 2):
            draw_transit_hybrid(plan, gateway.id)
        if hand.chance(wide // 3):
            draw_transit_firewall(plan, gateway.id)
    if plan.odd("blocked public access"):
        _switch(plan)


def _regional_nat(plan: Plan, site: Site) -> None:
    """A regional NAT gateway, automatic or with zones of its own (RNAT-1)."""
    if site.gateway is None:
        return
    hand, gateway_id = plan.hand, plan.name("rnat")
    manual = hand.chance(50)
    zones = hand.some(("a", "b"), most=2, least=1) if manual or hand.chance(50) else ("",)
    addresses = tuple((zone, plan.public_address()) for zone in zones for _ in range(1 + hand.chance(25)))
    state = hand.one_of(("pending", "failed", "deleting")) if plan.odd("NAT gateways that are gone") else AVAILABLE
    plan.draft.add(RegionalNatGateway(gateway_id, "", site.vpc.id, addresses, Origin(gateway_id), manual, "", state))
    site.outward.append((REGIONAL, gateway_id))


def _outer(plan: Plan, site: Site) -> None:
    """A gateway to a network that nobody models: what a route sends there is not known."""
    kind = plan.hand.one_of((CARRIER, LOCAL, CORE))
    gateway_id = plan.name({CARRIER: "cagw", LOCAL: "lgw", CORE: "core"}[kind])
    origin = Origin(gateway_id)
    if kind == CARRIER:
        plan.draft.add(CarrierGateway(gateway_id, "", site.vpc.id, origin))
    else:
        plan.draft.add(LocalGateway(gateway_id, "", origin) if kind == LOCAL else CoreNetwork(gateway_id, "", origin))
    site.outward.append((kind, gateway_id))


def _encryption(plan: Plan, site: Site) -> None:
    """Encryption controls; where they enforce it, with an exclusion for everything that has one (ENC-1)."""
    appliances = any(balancer.type == GATEWAY for balancer in plan.draft.all(LoadBalancer)) or plan.draft.all(NetworkFirewall)
    mode = MONITOR if appliances or plan.hand.chance(40) else ENFORCE
    control = plan.name("vpcec")
    plan.draft.add(EncryptionControl(control, "", site.vpc.id, mode, tuple(EXCLUSIONS), Origin(control)))


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


MAKERS = (
    draw_pods,
    draw_tasks_on_instances,
    draw_on_premises,
    draw_services,
    draw_balancer,
    draw_private_link,
    draw_inspection,
    draw_firewall,
    _regional_nat,
    draw_client_vpn,
    draw_connect_endpoint,
    _outer,
    _encryption,
)
