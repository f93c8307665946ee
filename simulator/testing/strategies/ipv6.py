"""What IPv6 adds to a drawn network: egress-only gateways, delegated blocks, functions that may use it, a subnet without IPv4, routes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from simulator.aws.egress_only_gateway import NAME as EGRESS_ONLY
from simulator.aws.egress_only_gateway import EgressOnlyGateway
from simulator.aws.instance import Instance
from simulator.aws.network_interface import InterfaceAddress, NetworkInterface
from simulator.aws.route_table import RouteEntry, RouteTable
from simulator.aws.subnet import Subnet
from simulator.origin import Origin
from simulator.packet.prefix import NAT64, Prefix
from simulator.testing.strategies.hosts import draw_groups
from simulator.testing.strategies.sites import EVERYWHERE_V6, Plan, Site

Add = Callable[[Prefix, tuple[str, str]], Any]
WITHOUT_IPV4 = 200  # the number of that subnet in the VPC's block, which the others do not reach
DELEGATED = 48  # the bits beyond a delegated block, a /80


def draw_ipv6(plan: Plan) -> None:
    """Fill the VPCs that have an IPv6 block, once their hosts are there."""
    for site in plan.sites:
        if not site.has_ipv6:
            continue
        if plan.hand.chance(60):
            _egress_only(plan, site)
        for number, interface in enumerate(site.interfaces):
            if plan.hand.chance(12):
                _delegate(plan, site, number, interface)
        if plan.hand.chance(45):
            _without_ipv4(plan, site)
    dual = {subnet.id for site in plan.sites if site.has_ipv6 for subnet in site.subnets}
    for number, function in enumerate(plan.functions):
        if function.subnets and set(function.subnets) <= dual and plan.hand.chance(60):
            plan.functions[number] = replace(function, ipv6=True)
            plan.draft.replace(plan.functions[number])


def _egress_only(plan: Plan, site: Site) -> None:
    gateway_id = plan.name("eigw")
    attached = not plan.odd("detached gateways")
    plan.draft.add(EgressOnlyGateway(gateway_id, "", site.vpc.id if attached else "", attached, Origin(gateway_id)))
    site.egress_only = gateway_id


def _delegate(plan: Plan, site: Site, number: int, interface: NetworkInterface) -> None:
    """A block of the subnet behind its first addresses; `number` tells those of different interfaces apart."""
    subnet = next(one for one in site.subnets if one.id == interface.subnet)
    block = Prefix(6, subnet.cidrs[1].value + (number + 1 << DELEGATED), 128 - DELEGATED)
    site.interfaces[number] = replace(interface, delegated=(block,))
    plan.draft.replace(site.interfaces[number])


def _without_ipv4(plan: Plan, site: Site) -> None:
    """A subnet where only IPv6 lives, with a table of its own and a host or two. Others know nothing of it."""
    hand, block = plan.hand, next(cidr for cidr in site.vpc.cidrs if cidr.version == 6)
    subnet_id, table_id = plan.name("subnet"), plan.name("rtb")
    cidr = Prefix(6, block.value + (WITHOUT_IPV4 << 64), 64)
    plan.draft.add(Subnet(subnet_id, "", site.vpc.id, (cidr,), hand.one_of(("a", "b")), Origin(subnet_id), dns64=hand.chance(50)))
    routes: dict[Prefix, RouteEntry] = {}

    def add(destination: Prefix, target: tuple[str, str]) -> None:
        routes.setdefault(destination, RouteEntry(destination, *target, Origin(table_id, f"route {destination}")))

    ipv6_routes(plan, site, add, None)
    plan.draft.add(RouteTable(table_id, "", site.vpc.id, False, (subnet_id,), (), tuple(routes.values()), Origin(table_id)))
    for offset in range(1 + hand.chance(40)):
        interface_id, instance_id = plan.name("eni"), plan.name("i")
        addresses = (InterfaceAddress((6, cidr.address(4 + offset))),)
        groups = draw_groups(plan, site)
        plan.draft.add(NetworkInterface(interface_id, "", "", subnet_id, addresses, groups, Origin(interface_id)))
        plan.draft.add(Instance(instance_id, "", (interface_id,), Origin(instance_id)))


def ipv6_routes(plan: Plan, site: Site, add: Add, otherwise: Callable[[], tuple[str, str]] | None) -> None:
    """The IPv6 routes of a table. `otherwise` draws a target of any kind, where one may be wrong in an ordinary way."""
    hand = plan.hand
    ways = [("internet-gateway", site.gateway.id)] if site.gateway else []
    ways += [(EGRESS_ONLY, site.egress_only)] if site.egress_only else []
    ways += [("transit-gateway", name) for name in site.transit]
    if hand.chance(plan.profile.default_route):
        wrong = otherwise is not None and (not ways or hand.chance(15))
        if wrong and otherwise:
            add(EVERYWHERE_V6, otherwise())
        elif ways:
            add(EVERYWHERE_V6, hand.one_of(ways))
    if site.nat_gateways and hand.chance(50):
        add(NAT64, ("nat-gateway", hand.one_of(site.nat_gateways).id))
    for peering, peer in site.peerings:
        for cidr in peer.cidrs:
            if cidr.version == 6 and hand.chance(70):
                add(cidr, ("vpc-peering-connection", peering))
