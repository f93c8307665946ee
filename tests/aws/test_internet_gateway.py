"""Internet gateways in both spellings: translation both ways, what they refuse, and reflection (IGW-1 to IGW-12, IGW-17)."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.aws.internet_gateway import InternetGateway
from tests.aws.reading import Describe, Scenario, account, changed, errors, path, refusal, reply_path, verdict

HOSTS = """
subnets:
  pub: {vpc: main, cidr: 10.0.0.0/24, routes: {0.0.0.0/0: igw}}
  quiet: {vpc: main, cidr: 10.0.1.0/24}
interfaces:
  web: {subnet: pub, security_groups: open, ip: 10.0.0.10, public_ip: 198.51.100.10}
  plain: {subnet: pub, security_groups: open, ip: 10.0.0.11}
  hidden: {subnet: quiet, security_groups: open, ip: 10.0.1.10, public_ip: 198.51.100.20}
"""


# --- outward -----------------------------------------------------------------------------------------------------------------------


def test_W_4_an_interface_with_a_public_address_reaches_the_internet_under_it(scenario: Scenario) -> None:
    network = scenario(HOSTS)
    answer = network.can("web", "192.0.2.1", "tcp/443")
    assert answer.verdict.value == "always"
    assert answer.forward is not None
    assert answer.forward.received.source == 0xC633640A
    assert answer.forward.received.source_port == answer.forward.sent.source_port
    assert path(network, "web", "192.0.2.1") == ["web", "pub", "igw", "internet"]
    assert reply_path(network, "web", "192.0.2.1") == ["internet", "igw", "main", "pub", "web"]


def test_IGW_2_without_a_public_address_nothing_leaves(scenario: Scenario) -> None:
    """Trap T12."""
    assert refusal(scenario(HOSTS), "plain", "192.0.2.1") == (
        "forward",
        "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS",
        "igw sender has no public address",
    )


def test_IGW_7_a_public_address_alone_gives_nothing(scenario: Scenario) -> None:
    assert refusal(scenario(HOSTS), "hidden", "192.0.2.1")[:2] == ("forward", "NO_ROUTE_TO_DESTINATION")


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("192.168.7.7", "IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS"),
        ("172.16.0.1", "IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS"),
        ("10.200.0.1", "IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS"),
        ("100.64.0.1", "IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS"),
    ],
)
def test_IGW_5_private_destinations_are_dropped(scenario: Scenario, address: str, code: str) -> None:
    """Trap T49."""
    assert refusal(scenario(HOSTS), "web", address)[:2] == ("forward", code)


def test_T50_other_protocols_pass_one_to_one(scenario: Scenario) -> None:
    assert verdict(scenario(HOSTS), "web", "192.0.2.1", "esp") == "always"


# --- inward ------------------------------------------------------------------------------------------------------------------------


def test_W_3_IGW_3_from_the_internet_to_a_public_address(scenario: Scenario) -> None:
    network = scenario(HOSTS)
    answer = network.can("internet", "web", "tcp/443")
    assert answer.verdict.value == "always"
    assert answer.query.source_ports == "1024-65535"
    assert path(network, "internet", "web") == ["internet", "igw", "main", "pub", "web"]
    assert reply_path(network, "internet", "web") == ["web", "pub", "igw", "internet"]


def test_IGW_3_an_interface_without_a_public_address_is_not_reached(scenario: Scenario) -> None:
    network = scenario(HOSTS)
    assert refusal(network, "internet", "plain")[:2] == ("forward", "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS")
    assert refusal(network, "internet", "10.0.0.10")[:2] == ("forward", "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS")


def test_IGW_4_a_public_address_belongs_to_one_private_address(scenario: Scenario) -> None:
    """Trap T52: the primary address has no internet."""
    network = scenario(HOSTS + "  second: {subnet: pub, security_groups: open, ip: 10.0.0.20, secondary_ips: {10.0.0.21: 198.51.100.21}}")
    assert refusal(network, "10.0.0.20", "192.0.2.1")[1] == "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS"
    assert verdict(network, "10.0.0.21", "192.0.2.1") == "always"
    answer = network.can("internet", "198.51.100.21", "tcp/443")
    assert answer.verdict.value == "always"
    assert answer.forward is not None
    assert answer.forward.received.destination == 0x0A000015


def test_IGW_5_private_sources_from_the_internet_are_not_asked_about(scenario: Scenario) -> None:
    """Nobody with such an address is on the internet; the question is one about nobody."""
    (message,) = errors(lambda: scenario(HOSTS).can("192.168.7.7", "web", "tcp/443"))
    assert "nothing starts there" in message


def test_NACL_22_a_packet_that_comes_back_to_its_subnet_has_left_it(scenario: Scenario) -> None:
    closed = "\nnetwork_acls: {edge: {vpc: main, subnets: pub, outbound: [{rule: 1, allow: all}], inbound: []}}"
    other = "  other: {subnet: pub, security_groups: open, ip: 10.0.0.12, public_ip: 198.51.100.12}"
    network = scenario(HOSTS + other + closed)
    assert verdict(network, "web", "10.0.0.12") == "always"
    assert refusal(network, "web", "198.51.100.12") == ("forward", "SUBNET_ACL_RESTRICTION", "edge ingress rule *")


def test_IGW_12_a_sender_without_a_public_address_cannot_reflect(scenario: Scenario) -> None:
    assert refusal(scenario(HOSTS), "plain", "198.51.100.10")[1] == "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS"


def test_IGW_12_through_a_nat_gateway_it_can_and_arrives_with_its_address(scenario: Scenario) -> None:
    nat = """
nat_gateways: {nat: {subnet: pub, public_ip: 198.51.100.5}}
security_groups: {picky: {vpc: main, inbound: {from: 198.51.100.5/32, allow: tcp/443}}}
"""
    hosts = HOSTS.replace("quiet: {vpc: main, cidr: 10.0.1.0/24", "quiet: {vpc: main, cidr: 10.0.1.0/24, routes: {0.0.0.0/0: nat}")
    network = scenario(hosts.replace("web: {subnet: pub, security_groups: open", "web: {subnet: pub, security_groups: picky") + nat)
    assert verdict(network, "hidden", "198.51.100.10") == "always"
    assert refusal(network, "hidden", "10.0.0.10")[1] == "ENI_SG_RULES_MISMATCH"


# --- states ------------------------------------------------------------------------------------------------------------------------


def test_IGW_1_a_vpc_has_one_gateway(scenario: Scenario) -> None:
    assert errors(scenario, "internet_gateways: {second: {vpc: main}}") == [
        "VPC `main` has 2 internet gateways attached; AWS allows one (IGW-1)"
    ]


DETACHED = HOSTS.replace("igw}", "out}") + "\nvpcs: {main: {cidr: 10.0.0.0/16}}\ninternet_gateways: {out: {}}"


def test_IGW_9_a_detached_gateway_leaves_a_dead_route(scenario: Scenario) -> None:
    network = scenario(DETACHED)
    assert refusal(network, "web", "192.0.2.1") == ("forward", "BAD_STATE_ROUTE", "out attachment")
    assert refusal(network, "internet", "web") == ("forward", "NO_POSSIBLE_DESTINATION", "main no internet gateway is attached")


def test_IGW_9_attached_but_not_routed_fails_as_well(scenario: Scenario) -> None:
    network = scenario(HOSTS.replace(", routes: {0.0.0.0/0: igw}", ""))
    assert refusal(network, "web", "192.0.2.1")[1] == "NO_ROUTE_TO_DESTINATION"


def test_IGW_9_a_badly_attached_gateway_counts_as_detached(scenario: Scenario) -> None:
    network = scenario(DETACHED.replace("{out: {}}", "{out: {vpc: main, attached: false}}"))
    assert refusal(network, "web", "192.0.2.1")[1] == "BAD_STATE_ROUTE"


def test_a_vpc_without_a_gateway_is_not_reached(scenario: Scenario) -> None:
    network = scenario("vpcs: {main: {cidr: 10.0.0.0/16}}\n" + HOSTS.replace(", routes: {0.0.0.0/0: igw}", ""))
    assert refusal(network, "internet", "plain") == ("forward", "NO_POSSIBLE_DESTINATION", "main no internet gateway is attached")


@pytest.mark.parametrize(
    ("attachments", "vpc", "attached"),
    [
        ([{"State": "available", "VpcId": "vpc-1"}], "vpc-1", True),
        ([{"State": "attached", "VpcId": "vpc-1"}], "vpc-1", True),
        ([{"State": "detaching", "VpcId": "vpc-1"}], "vpc-1", False),
        ([], "", False),
    ],
)
def test_the_gateway_of_a_describe_answer(describe: Describe, attachments: list[dict[str, Any]], vpc: str, attached: bool) -> None:
    network = describe(**changed(account(), "InternetGateways", "igw-1", Attachments=attachments))
    gateway = network.snapshot.get(InternetGateway, "igw-1")
    assert gateway is not None
    assert (gateway.vpc, gateway.attached) == (vpc, attached)
    assert verdict(network, "internet", "i-web") == ("always" if attached else "never")


def test_gateways_that_were_not_asked_for_leave_the_internet_unknown(describe: Describe) -> None:
    lists = account()
    del lists["InternetGateways"]
    network = describe(**lists)
    assert verdict(network, "internet", "i-web") == "unknown"
    assert verdict(network, "i-web", "internet") == "unknown"
    assert verdict(network, "i-web", "i-app", "tcp/8080") == "always"
