"""Believed, not found on an AWS page: delivery without a route back (IGW-8), and reflection at the gateway (IGW-11, IGW-17)."""

from __future__ import annotations

import pytest

from tests.aws.reading import Scenario, path, refusal, reply_path, verdict
from tests.aws.test_internet_gateway import HOSTS


def test_IGW_8_a_packet_is_delivered_though_the_subnet_has_no_route_back(scenario: Scenario) -> None:
    network = scenario(HOSTS)
    answer = network.can("internet", "hidden", "tcp/443")
    assert (answer.delivered.value, answer.answered.value) == ("always", "never")
    assert refusal(network, "internet", "hidden")[:2] == ("reply", "NO_ROUTE_TO_DESTINATION")
    assert verdict(network, "internet", "hidden", "udp/53", one_way=True) == "always"


def test_IGW_8_a_reply_through_a_nat_gateway_comes_from_the_wrong_address(scenario: Scenario) -> None:
    """Trap T13."""
    hosts = HOSTS.replace("quiet: {vpc: main, cidr: 10.0.1.0/24", "quiet: {vpc: main, cidr: 10.0.1.0/24, routes: {0.0.0.0/0: nat}")
    network = scenario(hosts + "nat_gateways: {nat: {subnet: pub, public_ip: 198.51.100.5}}")
    assert refusal(network, "internet", "hidden")[:2] == ("reply", "SIM_RETURN_PATH_ASYMMETRIC")
    assert "nat" in reply_path(network, "internet", "hidden")
    assert verdict(network, "hidden", "192.0.2.1") == "always"


REFLECTION = f"""{HOSTS}
  other: {{subnet: pub, security_groups: picky, ip: 10.0.0.12, public_ip: 198.51.100.12}}
security_groups: {{picky: {{vpc: main, inbound: {{from: %s, allow: tcp/443}}}}}}
"""


def test_IGW_11_reflection_goes_to_the_gateway_and_back_in(scenario: Scenario) -> None:
    network = scenario(REFLECTION % "198.51.100.10/32")
    assert path(network, "web", "198.51.100.12") == ["web", "pub", "igw", "internet", "igw", "main", "pub", "other"]
    answer = network.can("web", "198.51.100.12", "tcp/443")
    assert answer.verdict.value == "always"
    assert answer.forward is not None
    assert (answer.forward.received.source, answer.forward.received.destination) == (0xC633640A, 0x0A00000C)


@pytest.mark.parametrize("rule", ["10.0.0.0/16", "open"])
def test_IGW_11_neither_the_private_address_nor_the_group_is_seen(scenario: Scenario, rule: str) -> None:
    """Trap T14."""
    network = scenario(REFLECTION % rule)
    assert refusal(network, "web", "198.51.100.12")[0] == "forward"
    assert verdict(network, "web", "10.0.0.12") == "always"


def test_IGW_17_an_interface_reaches_its_own_public_address_if_its_group_admits_it(scenario: Scenario) -> None:
    network = scenario(HOSTS)
    assert verdict(network, "web", "198.51.100.10") == "always"
    picky = HOSTS.replace("web: {subnet: pub, security_groups: open", "web: {subnet: pub, security_groups: picky")
    groups = "security_groups: {picky: {vpc: main, inbound: {from: 10.0.0.0/16, allow: all}}}"
    assert refusal(scenario(f"{picky}\n{groups}"), "web", "198.51.100.10")[:2] == ("forward", "ENI_SG_RULES_MISMATCH")
