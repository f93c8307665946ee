"""What nobody found on an AWS page about egress-only gateways: beside an internet gateway, and whose packets they take (EIGW-2)."""

from __future__ import annotations

from simulator.evaluate.walk import round_trip
from simulator.packet.flow import Flow
from tests.aws.reading import Scenario, refusal, reply_path, verdict
from tests.aws.test_egress_only_gateway import BOTH, SIX


def test_EIGW_2_in_by_the_internet_gateway_and_out_by_this_one_is_no_connection(scenario: Scenario) -> None:
    network = scenario(BOTH)
    assert refusal(network, "internet", SIX) == ("reply", "SIM_EGRESS_ONLY", "eigw flows that start inside only")
    assert verdict(network, "internet", SIX, one_way=True) == "always"
    assert verdict(network, "internet", SIX, "udp/53") == "unknown"
    assert verdict(network, "internet", "web") == "always"
    assert verdict(network, "web", "2a00::1") == "always"


def test_EIGW_2_of_two_gateways_each_takes_its_own_flows(scenario: Scenario) -> None:
    network = scenario(BOTH)
    assert reply_path(network, "web", "2a00::1")[:3] == ["internet", "eigw", "igw"]
    assert reply_path(network, "host", "2a00::1")[:3] == ["internet", "eigw", "main"]


def test_IGW_6_only_sources_of_the_vpc(scenario: Scenario) -> None:
    router = """
    vpcs: {main: {cidr: 10.0.0.0/16, ipv6_cidr: "2001:db8::/56", egress_only_gateway: true}}
    subnets: {app: {vpc: main, cidr: 10.0.1.0/24, ipv6_cidr: "2001:db8:0:1::/64", routes: {"::/0": main-eigw}}}
    instances: {host: {subnet: app, security_groups: open, ipv6: true, source_dest_check: false}}
    """
    network = scenario(router)
    graph = network.flow_graph
    trip = round_trip(
        graph, graph.entries["host-eni"].node, Flow.tcp("2001:db8:77::1", 40000, "2a00::1", 443), expected=frozenset({"internet"})
    )
    assert trip.forward.steps[-1].code == "GATEWAY_REJECTS_SPOOFED_TRAFFIC"
