"""An endpoint for inspection that takes what comes in for its own subnet (RT-23): who may leave past it."""

from __future__ import annotations

from simulator.aws.network_interface import NetworkInterface
from simulator.graph.nodes import Filter
from tests.aws.reading import Scenario

SITE = """
vpcs: {main: {cidr: 10.0.0.0/16, internet_gateway: igw}, tool: {cidr: 10.9.0.0/16}}
subnets:
  f: {vpc: main, cidr: 10.0.3.0/24, routes: {0.0.0.0/0: igw}}
  p: {vpc: main, cidr: 10.0.4.0/24, routes: {0.0.0.0/0: e}}
  n: {vpc: tool, cidr: 10.9.0.0/24}
security_groups: {geneve: {vpc: tool, inbound: {from: 10.9.0.0/24, allow: udp/6081}}}
instances: {box: {subnet: n, security_groups: geneve}}
target_groups: {boxes: {protocol: geneve, targets: box}}
load_balancers: {gwlb: {type: gateway, subnets: n, listeners: {udp/6081: boxes}}}
endpoint_services: {svc: {load_balancers: gwlb}}
vpc_endpoints: {e: {vpc: main, service: svc, subnets: f}}
route_tables: {edge: {vpc: main, gateways: [igw], routes: {10.0.3.0/24: e, 10.0.4.0/24: e}}}
"""


def test_RT_23_only_the_endpoint_itself_leaves_a_subnet_whose_traffic_it_takes(scenario: Scenario) -> None:
    network = scenario(SITE)
    (own,) = (one for one in network.snapshot.all(NetworkInterface) if one.subnet == "f")
    found = [node for node in network.flow_graph.nodes if isinstance(node, Filter) and node.what.startswith("subnets redirected")]
    rules = [[(rule.permit, rule.match.sources and tuple(map(str, rule.match.sources))) for rule in node.rules.rules] for node in found]
    assert rules == [[(True, (str(own.blocks[0]),)), (False, ("10.0.3.0/24",))], [(False, None)]]
