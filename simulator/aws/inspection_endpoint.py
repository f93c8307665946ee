"""Gateway Load Balancer endpoints, those of firewalls among them: route targets behind which packets are inspected (GWLBE-1 to GWLBE-6).

    routed to it -> ACL of its subnet inbound -> who sent it is forgotten -> inspection (`inspected`, opened by what is behind it)
                 -> its subnet: ACL outbound, its route table

The packet comes back as it went in, so its source stays what it was, and the next gateway judges it by that (TRANSIT-1). What is behind
an endpoint and was not read passes everything, and the answer says so (GWLBE-6); a firewall that was not read is a gap.

AWS page: "Gateway Load Balancer endpoints" (2026).
"""

from __future__ import annotations

from dataclasses import replace

from simulator.aws.endpoint_service import EndpointService
from simulator.aws.inspection import inspect
from simulator.aws.load_balancer import GATEWAY, LoadBalancer
from simulator.aws.network_interface import INSIDE, NetworkInterface
from simulator.aws.resource import Kind
from simulator.aws.route_table import RouteTable, table_of
from simulator.aws.snapshot import Draft, Snapshot
from simulator.aws.subnet import Subnet, edge_door, outbound
from simulator.aws.vpc_endpoint import AVAILABLE, INSPECTION, VpcEndpoint
from simulator.graph.builder import Builder
from simulator.graph.nodes import Door, Drop, Filter, Forget, Ref, Rewrite, Rule, RuleList
from simulator.packet.space import Match
from simulator.problems import Problems

NODE_TYPE = "gateway_load_balancer_endpoint"


def inspected(endpoint: str) -> Door:
    """What is behind an endpoint; it hands what it passes to `passed`."""
    return Door(INSIDE, endpoint, "inspected")


def passed(endpoint: VpcEndpoint) -> Ref:
    """Where what was passed goes on: it leaves through the endpoint's subnet (GWLBE-2)."""
    return outbound(endpoint.subnets[0])


def flows(endpoint: VpcEndpoint) -> str:
    """The session table of what was passed at an endpoint."""
    return f"flows passed at {endpoint.id}"


def _complete(endpoint: VpcEndpoint, draft: Draft) -> None:
    """An endpoint of a scenario is one of these when its service is behind a gateway load balancer; its interface has no groups."""
    service = next((one for one in draft.all(EndpointService) if endpoint.service in (one.id, one.service)), None)
    behind = [draft.get(LoadBalancer, name) for name in (service.balancers or () if service else ())]
    if endpoint.type != INSPECTION and not any(balancer and balancer.type == GATEWAY for balancer in behind):
        return
    for name in endpoint.interfaces:
        interface = draft.get(NetworkInterface, name)
        if interface is not None:
            draft.replace(replace(interface, type=NODE_TYPE, groups=(), check=False))
    draft.replace(replace(endpoint, type=INSPECTION, private_dns=False))


def _check(endpoint: VpcEndpoint, snapshot: Snapshot, problems: Problems) -> None:
    for table in snapshot.all(RouteTable):
        for entry in table.routes:
            if entry.kind != "vpc-endpoint" or entry.target != endpoint.id:
                continue
            if endpoint.type == INSPECTION and isinstance(entry.destination, str):
                told = f"AWS refuses {entry}; a route to an endpoint for inspection takes no prefix list (RT-28)"
                problems.warn(f"route table `{table.id}`: {told}", entry.origin.place)
            elif endpoint.type != INSPECTION and not isinstance(entry.destination, str):
                told = f"target `{endpoint.id}` is no endpoint of a Gateway Load Balancer; routes to others are not written (RT-25, RT-29)"
                problems.error(f"route table `{table.id}`: {told}", entry.origin.place)
    subnet = snapshot.get(Subnet, endpoint.subnets[0]) if endpoint.type == INSPECTION and endpoint.subnets else None
    if endpoint.type == INSPECTION and len(endpoint.subnets) > 1:
        problems.warn(f"endpoint `{endpoint.id}` for inspection has several subnets; AWS allows one (GWLBE-1)", endpoint.origin.place)
    used = table_of(snapshot, subnet.vpc, subnet.id, subnet.route_table) if subnet else None
    if used and any(entry.target == endpoint.id for entry in used.routes):
        told = f"endpoint `{endpoint.id}` lies in subnet `{endpoint.subnets[0]}`, whose own routes lead to it; protected subnets are others"
        problems.warn(f"{told} (GWLBE-3)", endpoint.origin.place)


def _emit(endpoint: VpcEndpoint, build: Builder, snapshot: Snapshot) -> None:
    if endpoint.type != INSPECTION:
        return
    subnet = snapshot.get(Subnet, endpoint.subnets[0]) if endpoint.subnets else None
    if subnet is None:
        gap = Drop(place=endpoint.place, what="its subnet (not read)", code="UNKNOWN_RESOURCE", gap=True)
        build.open(Door("vpc-endpoint", endpoint.id), build.add(gap))
        return
    build.offer(inspected(endpoint.id), _unknown(endpoint, build))
    if endpoint.state == AVAILABLE:
        edge_door(build, snapshot, "vpc-endpoint", endpoint.id, subnet, _entered(endpoint, build))
    else:
        origin = endpoint.origin.of(f"state {endpoint.state}")
        dead = Drop(place=endpoint.place, what="state", code="BAD_STATE", cites=("GWLBE-1",), origin=origin)
        edge_door(build, snapshot, "vpc-endpoint", endpoint.id, subnet, build.add(dead))


def _entered(endpoint: VpcEndpoint, build: Builder) -> int:
    """Rules that name groups do not count for what is routed through an endpoint, in neither direction (SG-13)."""
    lost = endpoint.origin.of("traffic routed through an appliance")
    forgotten = Rewrite(place=endpoint.place, what="who sent it", how=Forget(), then=inspected(endpoint.id), cites=("SG-13", "GWLBE-1"))
    return build.add(
        Filter(
            place=endpoint.place,
            what="group references through an endpoint",
            rules=build.share(RuleList((Rule(Match(by_reference=True), False, lost),), lost, permit=True)),
            then=build.add(forgotten),
            code="SG_REFERENCES_NOT_PRESERVED",
            cites=("SG-13",),
            plumbing=True,
        )
    )


def _unknown(endpoint: VpcEndpoint, build: Builder) -> int:
    """What is behind the endpoint was not read (GWLBE-6)."""
    if endpoint.firewall:
        gap = Drop(place=endpoint.place, what=f"firewall {endpoint.firewall} (not read)", code="UNKNOWN_RESOURCE", gap=True)
        return build.add(gap)
    rules = RuleList((), endpoint.origin.of("the appliance behind it"), permit=True)
    code, cites = "FIREWALL_RULES_RESTRICTION", ("GWLBE-6",)
    node = inspect(build, endpoint.place, flows(endpoint), rules, passed(endpoint), keeps_state=None, code=code, cites=cites)
    build.assume(node, f"what inspects at {endpoint.id} was not read: taken to pass everything")
    return node


KIND = Kind(
    name="inspection-endpoint",
    noun=VpcEndpoint,
    about="endpoints behind which packets are inspected",
    complete=_complete,
    check=_check,
    emit=_emit,
    extends=True,
)
