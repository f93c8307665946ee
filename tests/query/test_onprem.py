"""Ends on premises: the words for them, addresses behind connections, and pairs that nobody can ask about (interface.md, section 1)."""

from __future__ import annotations

from pathlib import Path

import pytest

import simulator
from tests.aws.hybrid import HOST, hybrid, route, vpn
from tests.aws.reading import describe_in, path, scenario_in, verdict

SITES = """
vpn_gateways: {vgw: {vpc: main, propagates_to: main-main}}
customer_gateways:
  office: {networks: [192.168.10.0/24, 203.0.113.0/24]}
  plant: {networks: [192.168.20.0/24]}
vpn_connections:
  vpn: {gateway: vgw, customer_gateway: office}
  vpn-2: {gateway: vgw, customer_gateway: plant}
subnets: {app: {vpc: main, cidr: 10.0.1.0/24}, out: {vpc: main, cidr: 10.0.2.0/24, routes: {0.0.0.0/0: igw}}}
instances:
  web: {subnet: app, security_groups: open}
  pub: {subnet: out, security_groups: open, public_ip: 198.51.100.9}
"""


@pytest.fixture
def sites(tmp_path: Path) -> simulator.Network:
    return scenario_in(tmp_path)(SITES)


def refused(network: simulator.Network, source: str, destination: str) -> str:
    with pytest.raises(simulator.InputError) as caught:
        network.can(source, destination, "tcp/443")
    return caught.value.problems[0].message


@pytest.mark.parametrize(
    "word", ["onprem", "onprem:office", "onprem:vpn", "onprem:plant", "office", "cgw:office", HOST, "192.168.0.0/16", "203.0.113.7"]
)
def test_every_word_for_a_network_on_premises(sites: simulator.Network, word: str) -> None:
    assert verdict(sites, word, "web") == verdict(sites, "web", word) == "always"


def test_a_public_address_on_premises_is_reached_by_either_way(sites: simulator.Network) -> None:
    assert path(sites, "pub", "203.0.113.7")[-2:] == ["igw", "internet"]
    assert path(sites, "web", "203.0.113.7")[-2:] == ["vpn", "office"]
    assert verdict(sites, "pub", "203.0.113.7") == verdict(sites, "web", "203.0.113.7") == "always"
    assert verdict(sites, "web", "internet") == "never"  # what lies on premises is not the internet


def test_a_block_asks_about_the_part_that_lies_on_premises(sites: simulator.Network) -> None:
    answer = sites.can("web", "192.168.10.128/25", "tcp/443")
    assert answer.forward is not None
    assert (answer.forward.sent.destination, answer.verdict.value) == (0xC0A80A80, "always")


def test_every_site_is_asked_about(sites: simulator.Network) -> None:
    assert refused(sites, "onprem:office", "onprem:vpn") == (
        "`onprem:office` and `onprem:vpn` are one network on premises: there is nothing to judge"
    )
    assert verdict(sites, "onprem:office", "onprem:plant") == "always"
    assert refused(sites, "internet", "onprem") == "neither `internet` nor `onprem:office` lies in this network: there is nothing to judge"


def test_a_word_that_is_no_site_is_an_error_with_a_suggestion(sites: simulator.Network) -> None:
    assert refused(sites, "onprem:offce", "web") == "`onprem:offce` is no network on premises; did you mean `office`?"
    assert refused(sites, "onpremm", "web").startswith("`onpremm` is nothing in this network; did you mean `onprem`?")


def test_without_a_connection_there_is_nothing_on_premises(tmp_path: Path) -> None:
    network = scenario_in(tmp_path)("subnets: {a: {vpc: main, cidr: 10.0.1.0/24}}\ninstances: {web: {subnet: a}}")
    assert refused(network, "onprem", "web") == "`onprem`: no VPN connection and no private virtual interface was read"
    assert "belongs to no interface" in refused(network, HOST, "web")


def test_blocks_that_nobody_told_are_asked_for(tmp_path: Path) -> None:
    network = describe_in(tmp_path)(**hybrid(route("192.168.0.0/16"), VpnConnections=[vpn()]))
    assert refused(network, "onprem", "i-app") == "`onprem`: what lies behind `cgw-1` was not read; name an address there"
    assert verdict(network, HOST, "i-app") == "unknown"
    assert "belongs to no interface" in refused(network, "10.0.77.77", "i-app")  # an address of the VPC that nobody has


def test_a_vpc_inside_a_wider_block_is_not_on_premises(tmp_path: Path) -> None:
    wide = SITES.replace("192.168.10.0/24, 203.0.113.0/24", "10.0.0.0/8")
    network = scenario_in(tmp_path)(wide)
    assert verdict(network, "onprem:office", "web") == verdict(network, "web", "onprem:office") == "always"
