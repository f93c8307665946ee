"""Gateway load balancers: appliances behind the endpoints of their service (GWLB-1, GWLB-2, GWLBE-5, GWLBE-6).

    an endpoint -> the node in its zone -> an appliance in use, to which GENEVE (UDP 6081) gets -> its rules -> back to the endpoint

The packet travels inside GENEVE and comes back unchanged; whether GENEVE gets from node to appliance, the appliance's groups and the ACLs
decide, as for any packet of the node. What appliances pass nobody tells: a scenario may (`inspection`), else they pass everything, and the
answer says so. A scenario's appliances keep state unless it says otherwise; of others nobody knows.

Not modelled: GENEVE on its way back, and over routes to other VPCs. AWS page: "Gateway Load Balancers" (2026).
"""

from __future__ import annotations

from simulator.aws.balancing import CLIENT, SOURCE_PORTS, Aim, Sending, aims_of, groups_used, knows_targets, sending, zones_of
from simulator.aws.endpoint_service import balancers_of, service_of
from simulator.aws.inspection import inspect
from simulator.aws.inspection_endpoint import flows, inspected, passed
from simulator.aws.interface_path import refusal, rules_of_groups, send_of
from simulator.aws.load_balancer import ACTIVE, GATEWAY, LoadBalancer, nodes_of
from simulator.aws.network_acl import INBOUND, OUTBOUND, acl_of
from simulator.aws.network_acl import rules_of as acl_rules
from simulator.aws.network_interface import NetworkInterface, arrivals, guest, leaving, start, transit
from simulator.aws.resource import Kind
from simulator.aws.snapshot import Snapshot
from simulator.aws.subnet import Subnet, outbound
from simulator.aws.target_group import GENEVE_PORT as GENEVE
from simulator.aws.vpc_endpoint import VpcEndpoint
from simulator.graph.builder import Builder
from simulator.graph.nodes import Choice, Deliver, Drop, Entry, Ref, Rewrite, RuleList, SessionMatch, first_of, first_rule
from simulator.packet.flow import NO_MARKS, UDP, Flow

# --- endpoints -------------------------------------------------------------------------------------------------------------------


def _emit_endpoint(endpoint: VpcEndpoint, build: Builder, snapshot: Snapshot) -> None:
    service = service_of(snapshot, endpoint)
    subnet = snapshot.get(Subnet, endpoint.subnets[0]) if endpoint.subnets else None
    found = [balancer for balancer in balancers_of(snapshot, service) if balancer.type == GATEWAY] if service else []
    if subnet is None or not found:
        return
    ways: dict[str, Ref] = {}
    for balancer in found:
        for node in nodes_of(snapshot, balancer):
            home = snapshot.get(Subnet, node.subnet)
            if home is not None and home.zone == subnet.zone:
                ways |= _appliances(endpoint, balancer, node, build, snapshot)
    if not ways:
        origin = endpoint.origin.of("zones of its load balancer")
        away = Drop(place=endpoint.place, what="zone", code="VPCE_SERVICE_NOT_INSTALLED_IN_AZ", cites=("GWLBE-1", "PL-4"), origin=origin)
        ways[""] = build.add(away)
    build.open(inspected(endpoint.id), _chosen(found[0], ways, build))


def _chosen(balancer: LoadBalancer, ways: dict[str, Ref], build: Builder) -> Ref:
    if len(ways) == 1:
        return next(iter(ways.values()))
    return build.add(Choice(place=balancer.place, what="its appliance", options=tuple(ways.items()), cites=("GWLB-1", "MODEL-6")))


def _appliances(
    endpoint: VpcEndpoint, balancer: LoadBalancer, node: NetworkInterface, build: Builder, snapshot: Snapshot
) -> dict[str, int]:
    """The ways through a node's appliances: one for all that are reached, one for each that is not."""
    if balancer.state not in ACTIVE:
        origin = balancer.origin.of(f"state {balancer.state}")
        return {balancer.id: build.add(Drop(place=balancer.place, what="state", code="BAD_STATE", cites=("ELB-1",), origin=origin))}
    if not knows_targets(snapshot, balancer):
        gap = Drop(place=balancer.place, what="its appliances (not read)", code="UNKNOWN_RESOURCE", gap=True)
        return {"appliances that were not read": build.add(gap)}
    ways: dict[str, int] = {}
    reached: list[str] = []
    for aim in _in_use(snapshot, balancer, node):
        stopped = _on_the_way(node, aim, snapshot)
        if stopped is None:
            reached.append(aim.label)
        else:
            ways[aim.label] = build.add(stopped)
    if reached:
        ways[" or ".join(reached)] = _inspection(endpoint, balancer, build)
    if not ways:
        origin = balancer.origin.of("its targets")
        none = Drop(place=balancer.place, what="target group", code="ELBV2_LISTENER_HAS_NO_TG", cites=("GWLB-1",), origin=origin)
        ways[balancer.id] = build.add(none)
    if node.assumed:  # whether GENEVE gets through depends on the address it is sent from
        for way in ways.values():
            build.assume(way, node.assumed)
    return ways


def _in_use(snapshot: Snapshot, balancer: LoadBalancer, node: NetworkInterface) -> list[Aim]:
    """The appliances a node may use: in its own zone unless balancing across zones is on (ELB-3)."""
    subnet = snapshot.get(Subnet, node.subnet)
    zones = zones_of(snapshot, balancer) if balancer.cross_zone else {subnet.zone} if subnet else set()
    found = [aim for group in groups_used(snapshot, balancer) for aim in aims_of(snapshot, group, node.vpc) if aim.target in group.in_use]
    return [aim for aim in found if aim.zone in ("", *zones)]


def _inspection(endpoint: VpcEndpoint, balancer: LoadBalancer, build: Builder) -> int:
    told = balancer.inspection is not None
    origin = balancer.origin.of("inspection")
    rules = RuleList(tuple(one.rule for one in balancer.inspection or ()), origin, permit=not told)
    code, cites = "FIREWALL_RULES_RESTRICTION", ("GWLBE-6",)
    state = balancer.keeps_state
    node = inspect(build, balancer.place, flows(endpoint), rules, passed(endpoint), keeps_state=state, code=code, cites=cites)
    if not told:
        build.assume(node, f"what the appliances behind {balancer.id} pass was not told: taken to pass everything")
    return node


# --- GENEVE ----------------------------------------------------------------------------------------------------------------------


def _on_the_way(node: NetworkInterface, aim: Aim, snapshot: Snapshot) -> Drop | None:
    """What stops GENEVE between a node and an appliance; none when it gets there (GWLB-1)."""
    appliance = aim.interface
    if aim.address is None or appliance is None:
        return Drop(place=node.place, what=f"appliance {aim.label} (not read)", code="UNKNOWN_RESOURCE", gap=True)
    flow = Flow(4, node.private_addresses[0][1], aim.address[1], UDP, SOURCE_PORTS[0], GENEVE)
    one, two = snapshot.get(Subnet, node.subnet), snapshot.get(Subnet, appliance.subnet)
    passes: list[tuple[RuleList, str, str, Subnet | NetworkInterface]] = []
    if one and two and one.id != two.id:
        for subnet, direction in ((one, OUTBOUND), (two, INBOUND)):
            acl = acl_of(snapshot, subnet.vpc, subnet.id, subnet.network_acl)
            if acl:
                passes.append((acl_rules(acl, direction), f"network ACL {acl.id} {direction}", "SUBNET_ACL_RESTRICTION", subnet))
    rules = rules_of_groups(appliance, snapshot, INBOUND)
    passes.append((rules, f"security groups of {appliance.id}", refusal(rules), appliance))
    for rules, what, code, where in passes:
        rule = first_rule(rules, flow, NO_MARKS)
        if rule.permit if rule else rules.permit:
            continue
        unread = None if rule else first_of(rules.unread, flow, NO_MARKS)
        decided = unread or rule
        origin = decided.origin if decided else rules.origin
        code = "UNKNOWN_RESOURCE" if unread else code
        words = f"GENEVE to {aim.label}: {what}"
        return Drop(place=where.place, what=words, code=code, cites=("GWLB-1",), origin=origin, gap=unread is not None)
    return None


# --- nodes -----------------------------------------------------------------------------------------------------------------------


def _emit(balancer: LoadBalancer, build: Builder, snapshot: Snapshot) -> None:
    """A node takes nothing but what endpoints bring (GWLB-2), and sends GENEVE to its appliances."""
    if balancer.type != GATEWAY:
        return
    for node in nodes_of(snapshot, balancer):
        refused = Drop(
            place=balancer.place,
            what="packets for its nodes",
            code="ELBV2_LISTENERS_MISMATCH",
            cites=("GWLB-2",),
            origin=balancer.origin.of("reached through endpoints only"),
        )
        nothing = build.add(refused)
        answered = build.add(Deliver(place=balancer.place, what="arrived", endpoint=node.id))
        known = SessionMatch(
            place=balancer.place,
            what="answers to GENEVE",
            table=_geneve(node),
            then=answered,
            miss=nothing,
            cites=("GWLB-1",),
            plumbing=True,
        )
        taken = build.add(known)
        for door in (arrivals(node.id), guest(node.id), transit(node.id)):
            build.open(door, taken)
        build.open(leaving(node.id), outbound(node.subnet))
        build.open(start(node.id), _starting(balancer, node, build, snapshot))
        build.enter(node.id, Entry(start(node.id), node.private_addresses, SOURCE_PORTS, CLIENT))


def _starting(balancer: LoadBalancer, node: NetworkInterface, build: Builder, snapshot: Snapshot) -> int:
    begin = build.add(Rewrite(place=balancer.place, what="sends", how=send_of(node, snapshot), then=leaving(node.id), plumbing=True))
    return sending(build, Sending.of(snapshot, balancer, node, _geneve(node)), begin)


def _geneve(node: NetworkInterface) -> str:
    return f"GENEVE of {node.id}"


KIND = Kind(name="gateway-load-balancer", noun=LoadBalancer, about="balancing over appliances", emit=_emit, extends=True)
ENDPOINT = Kind(
    name="gateway-load-balancer-service", noun=VpcEndpoint, about="appliances behind endpoints", emit=_emit_endpoint, extends=True
)
