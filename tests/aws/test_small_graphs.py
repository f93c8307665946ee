"""What small networks are made of, whole: every step of a resource, and none that it has no use for."""

from __future__ import annotations

from typing import Any

import pytest

import simulator
from simulator.graph.nodes import Masquerade, Rewrite
from simulator.packet.prefix import format_address
from tests.aws.reading import Scenario, refusal, verdict
from tests.aws.test_client_vpn import site
from tests.aws.test_gateway_route_table import edge

SUBNET = "subnets: {app: {vpc: main, cidr: 10.0.1.0/24, routes: {0.0.0.0/0: igw}}}\n"


def steps_of(network: simulator.Network, place: str) -> list[str]:
    """What the steps at a place say, and the place's kind."""
    return sorted(f"{node.place.kind}: {node.what}" for node in network.flow_graph.nodes if node.place.id == place)


def sources_of(network: simulator.Network, place: str) -> list[list[str]]:
    """The addresses under which a place sends on what it translates."""
    found = [node.how for node in network.flow_graph.nodes if isinstance(node, Rewrite) and node.place.id == place]
    return [[format_address(*address) for address in how.addresses] for how in found if isinstance(how, Masquerade)]


def codes(network: simulator.Network, source: str, destination: str, **options: Any) -> str:
    """The code of the last step of the forward leg."""
    answer = network.can(source, destination, "tcp/443", **options)
    assert answer.forward is not None
    return str(answer.forward.hops[-1].steps[-1].code)


# --- instances -------------------------------------------------------------------------------------------------------------------

GUEST = ["addresses of the guest", "arrived", "sends", "the guest"]


@pytest.mark.parametrize(
    ("told", "steps"),
    [
        ("public_ip: 198.51.100.10", GUEST),  # ENI-4: with the check on it passes nothing on
        ("source_dest_check: false, forwards: route", [*GUEST, "forwards"]),
        ("source_dest_check: false", [*GUEST, "forwards"]),
        (
            "source_dest_check: false, forwards: nat",
            [*GUEST, "IPv6", "IPv6 in the guest", "NAT in the guest", "NAT in the guest", "its own output", "sends"],
        ),
    ],
)
def test_ENI_5_what_a_guest_is_made_of(scenario: Scenario, told: str, steps: list[str]) -> None:
    network = scenario(f"{SUBNET}instances: {{web: {{subnet: app, security_groups: open, {told}}}}}")
    assert steps_of(network, "web") == sorted(f"instance: {step}" for step in steps)


def test_ENI_6_of_one_that_does_not_run_nothing_is_left(scenario: Scenario) -> None:
    network = scenario(f"{SUBNET}instances: {{web: {{subnet: app, security_groups: open, state: stopped}}}}")
    assert steps_of(network, "web") == ["instance: state"]


def test_NATI_2_a_nat_in_a_guest_sends_from_its_primary_address(scenario: Scenario) -> None:
    told = "ip: 10.0.1.10, secondary_ips: {10.0.1.11: }, source_dest_check: false, forwards: nat"
    network = scenario(f"{SUBNET}instances: {{nat: {{subnet: app, security_groups: open, {told}}}}}")
    assert sources_of(network, "nat") == [["10.0.1.10"]]


def test_SVC_6_what_a_scenario_says_of_pods_is_no_assumption(scenario: Scenario) -> None:
    network = scenario(f"{SUBNET}instances: {{web: {{subnet: app, security_groups: open, public_ip: 198.51.100.10, pods: translated}}}}")
    assert network.can("web", "internet", "tcp/443").assumptions == ()


# --- interfaces ------------------------------------------------------------------------------------------------------------------


def test_ENI_5_a_host_of_which_only_the_interface_is_known_may_do_anything_with_packets_for_others(scenario: Scenario) -> None:
    text = """
subnets:
  app: {vpc: main, cidr: 10.0.1.0/24, routes: {203.0.113.0/24: box}}
  far: {vpc: main, cidr: 10.0.2.0/24}
interfaces: {box: {subnet: far, security_groups: open, source_dest_check: false}}
instances: {web: {subnet: app, security_groups: open}}
"""
    network = scenario(text)
    assert verdict(network, "web", "203.0.113.9") == "unknown"
    assert codes(network, "web", "203.0.113.9") == "SIM_UNMODELLED"


def test_SG_13_a_reference_holds_for_what_is_routed_to_an_appliance_and_meant_for_it(scenario: Scenario) -> None:
    """The sender is known as ever where the appliance is itself the receiver; for what it passes on it is not."""
    text = """
subnets:
  app: {vpc: main, cidr: 10.0.1.0/24, routes: {10.0.2.0/24: fw}}
  far: {vpc: main, cidr: 10.0.2.0/24}
security_groups:
  clients: {vpc: main, outbound: {to: servers, allow: all}}
  servers: {vpc: main, inbound: {from: clients, allow: all}}
instances:
  web: {subnet: app, security_groups: clients}
  fw: {subnet: far, security_groups: servers, source_dest_check: false, forwards: route}
  db: {subnet: far, security_groups: servers}
"""
    network = scenario(text)
    assert verdict(network, "web", "fw", one_way=True) == "always"
    assert refusal(network, "web", "db")[:2] == ("forward", "SG_REFERENCES_NOT_PRESERVED")


# --- Client VPN endpoints --------------------------------------------------------------------------------------------------------


def test_CVPN_2_clients_have_the_address_of_the_interface(scenario: Scenario) -> None:
    network = scenario(site(("subnets: gate, security_groups: vpn", "subnets: gate, ips: 10.0.9.5, security_groups: vpn")))
    assert sources_of(network, "people") == [["10.0.9.5"]]
    assert steps_of(network, "people") == sorted(
        f"client-vpn: {what}"
        for what in (
            *("sends", "sends", "arrived", "authorization rules", "authorization rules", "its route table", "its route table"),
            *("source translation", "translation back", "packets for its own address"),
        )
    )


def test_CVPN_1_routes_and_rules_say_where_to_and_for_whom(scenario: Scenario) -> None:
    network = scenario(site(("authorize: {10.0.0.0/16: all}", "authorize: {10.0.0.0/16: all, 10.0.1.0/24: [ops, dev]}")))
    tables = [node.table for node in network.flow_graph.nodes if node.place.id == "people" and hasattr(node, "table")]
    told = {route.what for table in tables if not isinstance(table, str) for route in table.routes}
    assert told == {"10.0.0.0/16 for everybody", "10.0.1.0/24 for ops or dev", "10.0.0.0/16 -> gate"}


# --- route tables of gateways ----------------------------------------------------------------------------------------------------


def test_RT_23_each_block_of_a_subnet_is_redirected_by_its_own_route(scenario: Scenario) -> None:
    """The subnet's IPv4 block takes the local route and leaves as ever; its IPv6 block is redirected, and may not."""
    six = ("cidr: 10.0.4.0/24, routes: {", "cidr: 10.0.4.0/24, ipv6_cidr: '2600:1f18::/64', routes: {'::/0': igw, ")
    text = edge(
        six,
        ("{10.0.1.0/24: fw, 10.0.4.0/24: fw}", "{10.0.1.0/24: fw, '2600:1f18::/64': fw}"),
        ("cidr: 10.0.3.0/24,", "cidr: 10.0.3.0/24, ipv6_cidr: '2600:1f18:0:1::/64',"),
        ("bare: {subnet: side,", "bare: {subnet: side, ipv6: '2600:1f18::10',"),
        ("fw:   {subnet: fwnet,", "fw:   {subnet: fwnet, ipv6: '2600:1f18:0:1::3',"),
    )
    network = scenario(text + "vpcs: {main: {cidr: 10.0.0.0/16, ipv6_cidr: '2600:1f18::/56', internet_gateway: igw}}\n")
    assert verdict(network, "bare", "93.184.216.34") == "always"
    assert refusal(network, "bare", "2001:db8:ffff::9") == (
        "forward",
        "INGRESS_RTB_TRAFFIC_REDIRECTION",
        "edge route 2600:1f18::/64",
    )
