"""Believed, not found on an AWS page: states other than deleted (PCX-11), peerings of other VPCs (RT-30), foreign sources (PCX-3)."""

from __future__ import annotations

import pytest

import simulator
from simulator.aws.vpc_peering import ACTIVE, STATES
from simulator.evaluate.walk import round_trip
from simulator.packet.flow import Flow
from tests.aws.reading import Scenario, refusal, verdict
from tests.aws.test_vpc_peering import changed_text


@pytest.mark.parametrize("state", [state for state in STATES if state != ACTIVE])
def test_PCX_11_only_an_active_peering_carries_anything(scenario: Scenario, state: str) -> None:
    network = scenario(changed_text(("vpcs: [main, far]", f"vpcs: [main, far], state: {state}")))
    assert refusal(network, "one", "two") == ("forward", "BAD_STATE_ROUTE", f"pcx state {state}")
    assert refusal(network, "two", "one") == ("forward", "BAD_STATE_ROUTE", f"pcx state {state}")


def test_RT_30_the_peering_of_two_other_vpcs_is_no_target(scenario: Scenario) -> None:
    third = ("far: {cidr: 172.31.0.0/16}", "far: {cidr: 172.31.0.0/16}, third: {cidr: 192.168.0.0/16}")
    network = scenario(changed_text(third, ("vpcs: [main, far]", "vpcs: [far, third]")))
    assert refusal(network, "one", "two") == ("forward", "BAD_STATE_ATTACHMENT", "pcx the VPCs it joins")


def test_RT_15_a_blackhole_route_to_a_peering_hides_the_default_route(scenario: Scenario) -> None:
    gone = "{0.0.0.0/0: pcx, 172.31.0.0/16: blackhole}"
    assert refusal(scenario(changed_text(("{172.31.0.0/16: pcx}", gone))), "one", "two")[:2] == ("forward", "BAD_STATE_ROUTE")


# --- sources that are not the VPC's ------------------------------------------------------------------------------------------------


def walked(network: simulator.Network, sender: str, source: str, destination: str) -> tuple[str, str]:
    """Where a packet of a sender that writes any source address it likes ends, and with which code."""
    graph = network.flow_graph
    trip = round_trip(graph, graph.entries[sender].node, Flow.tcp(source, 40000, destination, 443), expected=frozenset({"two-eni"}))
    last = trip.forward.steps[-1]
    return last.node.place.id, last.code


SPOOFING = changed_text(("ip: 10.0.1.10", "ip: 10.0.1.10, source_dest_check: false, forwards: route"))


def test_PCX_3_a_foreign_source_is_refused_as_spoofed(scenario: Scenario) -> None:
    """ENI-5: with the check off a guest may send any source, but a peering takes only those of the VPC."""
    network = scenario(SPOOFING)
    assert walked(network, "one-eni", "10.0.1.10", "172.31.5.5") == ("two", "")
    assert walked(network, "one-eni", "10.0.77.7", "172.31.5.5") == ("two", "")
    assert walked(network, "one-eni", "192.168.1.1", "172.31.5.5") == ("pcx", "GATEWAY_REJECTS_SPOOFED_TRAFFIC")
    assert walked(network, "one-eni", "172.31.5.9", "172.31.5.5") == ("pcx", "GATEWAY_REJECTS_SPOOFED_TRAFFIC")


RELAYED = """
vpcs: {far: {cidr: 172.31.0.0/16}, third: {cidr: 192.168.0.0/16}}
peerings: {pcx: {vpcs: [main, far]}}
transit_gateways: {tgw: {}}
transit_attachments:
  main-attachment: {transit_gateway: tgw, vpc: main, subnets: [t]}
  third-attachment: {transit_gateway: tgw, vpc: third, subnets: [c]}
transit_route_tables: {hub: {transit_gateway: tgw, associations: [third-attachment], routes: {172.31.0.0/16: main-attachment}}}
subnets:
  a: {vpc: main, cidr: 10.0.1.0/24, routes: {172.31.0.0/16: pcx, 192.168.0.0/16: tgw}}
  b: {vpc: far, cidr: 172.31.5.0/24, routes: {0.0.0.0/0: pcx}}
  c: {vpc: third, cidr: 192.168.1.0/24, routes: {0.0.0.0/0: tgw}}
  t: {vpc: main, cidr: 10.0.2.0/24, routes: {172.31.0.0/16: TARGET}}
security_groups:
  open-far: {vpc: far, inbound: {from: 0.0.0.0/0, allow: all}}
  open-third: {vpc: third, inbound: {from: 0.0.0.0/0, allow: all}}
instances:
  router: {subnet: a, security_groups: open, ip: 10.0.1.10, source_dest_check: false, forwards: route}
  two: {subnet: b, security_groups: open-far, ip: 172.31.5.5}
  three: {subnet: c, security_groups: open-third, ip: 192.168.1.10}
"""


@pytest.mark.parametrize("target", ["pcx", "router"])
def test_PCX_3_TRANSIT_1_what_a_transit_gateway_brings_does_not_go_on_over_a_peering(scenario: Scenario, target: str) -> None:
    """Nor does an appliance launder a foreign source."""
    network = scenario(RELAYED.replace("TARGET", target))
    assert refusal(network, "three", "two") == ("forward", "GATEWAY_REJECTS_SPOOFED_TRAFFIC", "pcx sources of main only")


def test_TRANSIT_1_what_an_appliance_translates_is_its_own(scenario: Scenario) -> None:
    nat = RELAYED.replace("TARGET", "router").replace("forwards: route", "forwards: nat")
    assert verdict(scenario(nat), "three", "two") == "always"


def test_RT_30_an_appliance_of_the_peer_is_no_target(scenario: Scenario) -> None:
    text = changed_text(
        ("{172.31.0.0/16: pcx}", "{172.31.0.0/16: router}"),
        ("instances:", "instances:\n  router: {subnet: b, security_groups: open-far, source_dest_check: false, forwards: route}"),
    )
    assert verdict(scenario(text), "one", "two", one_way=True) == "never"
