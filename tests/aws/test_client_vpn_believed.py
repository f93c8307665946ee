"""As whom clients come is believed: no AWS page that was read says more than that rules may name the groups (CVPN-2)."""

from __future__ import annotations

from tests.aws.reading import Scenario, path, refusal, reply_path, verdict
from tests.aws.test_client_vpn import SITE, site


def test_CVPN_2_clients_come_with_the_address_and_the_groups_of_the_interface(scenario: Scenario) -> None:
    network = scenario(SITE)
    assert path(network, "people", "web") == ["people", "people-eni", "gate", "main", "app", "web-eni", "web"]
    assert reply_path(network, "people", "web")[-3:] == ["gate", "people-eni", "people"]
    assert verdict(network, "people", "web") == verdict(network, "people", "near") == "always"
    assert refusal(network, "people", "deaf") == ("forward", "ENI_SG_RULES_MISMATCH", "from-clients no ingress rule matches")
    assert verdict(network, "people", "web", source_port="1024-65535") == "always"


def test_CVPN_2_its_groups_judge_what_clients_send(scenario: Scenario) -> None:
    narrow = site(("vpn: {vpc: main}", "vpn: {vpc: main, outbound: {to: 10.0.1.10/32, allow: tcp/443}}"))
    assert verdict(scenario(narrow), "people", "web") == "always"
    assert refusal(scenario(narrow), "people", "near")[1:] == ("ENI_SG_RULES_MISMATCH", "vpn no egress rule matches")


def test_CVPN_2_nothing_starts_towards_clients(scenario: Scenario) -> None:
    network = scenario(site(("vpn: {vpc: main}", "vpn: {vpc: main, inbound: {from: 0.0.0.0/0, allow: all}}")))
    assert refusal(network, "web", "10.0.9.4")[1] == "SIM_NAT_STATEFUL_INBOUND"
    assert verdict(network, "web", "people") == "never"
