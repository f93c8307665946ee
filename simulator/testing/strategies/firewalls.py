"""Network firewalls: rule groups, policies, endpoints that routes lead to, and firewalls attached to transit gateways."""

from __future__ import annotations

from dataclasses import replace

from simulator.aws.firewall_policy import CONTINUE_MIDSTREAM, DROP_ALL, DROP_ESTABLISHED, DROP_MIDSTREAM, Asked, FirewallPolicy
from simulator.aws.firewall_rule_group import FirewallRuleGroup
from simulator.aws.firewall_rules import STATEFUL, STATELESS, FirewallRule, listed
from simulator.aws.firewall_terms import ANY, ELSEWHERE, HOME
from simulator.aws.network_firewall import FUNCTION, NetworkFirewall
from simulator.aws.transit_gateway import TransitAttachment, TransitRoute, TransitRouteTable
from simulator.aws.vpc_endpoint import AVAILABLE, INSPECTION, VpcEndpoint
from simulator.origin import Origin
from simulator.packet.flow import WITH_TYPES
from simulator.packet.prefix import Prefix
from simulator.testing.strategies.rules import draw_traffic
from simulator.testing.strategies.sites import EVERYWHERE, Plan, Site


def draw_firewall(plan: Plan, site: Site) -> None:
    """A firewall with an endpoint in a subnet of some zones, to which routes of other subnets may lead (NFW-1)."""
    hand, rooms = plan.hand, {subnet.zone: subnet for subnet in site.subnets}
    firewall, policy = plan.name("nfw"), _policy(plan)
    endpoints = []
    for zone in hand.some(sorted(rooms), most=2, least=1):
        endpoint, subnet = plan.name("vpce"), rooms[zone].id
        state = "pending" if plan.odd("stopped instances") else AVAILABLE
        plan.draft.add(
            VpcEndpoint(
                endpoint, "", site.vpc.id, INSPECTION, "network-firewall", "", Origin(endpoint), (subnet,), state=state, firewall=firewall
            )
        )
        endpoints.append(endpoint)
        site.inspections.append((endpoint, subnet))
    plan.draft.add(NetworkFirewall(firewall, "", site.vpc.id, policy, Origin(firewall), tuple(endpoints)))


def draw_transit_firewall(plan: Plan, gateway: str) -> None:
    """A firewall that is attached to a transit gateway, some of whose tables lead to it (TGW-22)."""
    hand, firewall = plan.hand, plan.name("nfw")
    tables = [table for table in plan.draft.all(TransitRouteTable) if table.gateway == gateway]
    used = ((gateway, hand.one_of(tables).id),) if tables and hand.chance(70) else ()
    plan.draft.add(NetworkFirewall(firewall, "", "", _policy(plan), Origin(firewall), attachment=firewall))
    plan.draft.add(TransitAttachment(firewall, "", (gateway,), FUNCTION, firewall, (), Origin(firewall), tables=used))
    for table in tables:
        if hand.chance(50):
            known, block = {route.prefix for route in table.routes}, hand.one_of(_blocks(plan))
            if block not in known:
                route = TransitRoute(block, firewall, table.origin.of(f"route {block}"))
                plan.draft.replace(replace(table, routes=(*table.routes, route)))


def _blocks(plan: Plan) -> list[Prefix]:
    return [EVERYWHERE, *(site.vpc.cidrs[0] for site in plan.sites), *(subnet.cidrs[0] for site in plan.sites for subnet in site.subnets)]


def _policy(plan: Plan) -> str:
    """A policy with groups of its own; default actions of the stateful engine count with strict order only (NFW-4)."""
    hand, policy = plan.hand, plan.name("nfw-policy")
    stateless = hand.several(lambda: Asked(_group(plan, stateless=True)), most=1, percent=40)
    stateful = hand.several(lambda: Asked(_group(plan, stateless=False), hand.chance(10)), most=2, percent=60)
    strict = hand.chance(50)
    defaults = hand.one_of(((), (DROP_ALL,), (DROP_ESTABLISHED,))) if strict else ()
    midstream = CONTINUE_MIDSTREAM if hand.chance(25) else DROP_MIDSTREAM
    plan.draft.add(
        FirewallPolicy(
            policy,
            "",
            Origin(policy),
            tuple(stateless),
            hand.one_of(("forward", "forward", "pass", "drop")),
            tuple(stateful),
            strict,
            defaults,
            midstream,
        )
    )
    return policy


def _group(plan: Plan, *, stateless: bool) -> str:
    group = plan.name("nfw-rules")
    rules = plan.hand.several(lambda: _rule(plan, group, STATELESS if stateless else STATEFUL), most=3, least=1)
    plan.draft.add(FirewallRuleGroup(group, "", stateless, tuple(rules), Origin(group)))
    return group


def _rule(plan: Plan, group: str, actions: tuple[str, ...]) -> FirewallRule:
    hand, traffic = plan.hand, draw_traffic(plan.hand)
    ports = f"{traffic.ports[0]}:{traffic.ports[1]}" if traffic.ports and traffic.protocol not in WITH_TYPES else ANY
    return FirewallRule(
        hand.one_of(actions),
        Origin(group, f"rule {traffic}"),
        () if traffic.protocol is None else (traffic.protocol,),
        _end(plan),
        ANY,
        _end(plan),
        ports,
        hand.chance(30),
        "content" if hand.chance(12) and actions == STATEFUL else "",
    )


def _end(plan: Plan) -> str:
    """Any address, a variable, blocks, or all but one."""
    hand, block = plan.hand, plan.hand.one_of(_blocks(plan)[1:])
    return hand.one_of((ANY, ANY, f"${HOME}", f"${ELSEWHERE}", listed([str(block)]), f"!{block}"))
