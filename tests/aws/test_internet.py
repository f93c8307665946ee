"""The internet beside a network: who it is, where it delivers, and what it refuses."""

from __future__ import annotations

import pytest

from tests.aws.reading import Scenario, errors, path, verdict

TWO = """
vpcs: {main: {cidr: 10.0.0.0/16, internet_gateway: igw}, far: {cidr: 10.0.0.0/16, internet_gateway: far-igw}}
security_groups: {far-open: {vpc: far, inbound: {from: 0.0.0.0/0, allow: all}}}
subnets:
  here: {vpc: main, cidr: 10.0.0.0/24, routes: {0.0.0.0/0: igw}}
  there: {vpc: far, cidr: 10.0.0.0/24, routes: {0.0.0.0/0: far-igw}}
interfaces:
  one: {subnet: here, security_groups: open, ip: 10.0.0.10, public_ip: 198.51.100.10}
  two: {subnet: there, security_groups: far-open, ip: 10.0.0.10, public_ip: 198.51.100.20}
"""


def test_two_vpcs_meet_on_the_internet(scenario: Scenario) -> None:
    network = scenario(TWO)
    assert path(network, "one", "198.51.100.20") == ["one", "here", "igw", "internet", "far-igw", "far", "there", "two"]
    assert verdict(network, "one", "198.51.100.20") == "always"


def test_VPC_13_vpcs_with_equal_blocks_do_not_see_each_other(scenario: Scenario) -> None:
    (message,) = errors(lambda: scenario(TWO).can("one", "10.0.0.10", "tcp/443"))
    assert message == "`10.0.0.10` is in several VPCs; say `far/10.0.0.10` or `main/10.0.0.10`"
    assert verdict(scenario(TWO), "one", "far/10.0.0.10") == "never"


def test_the_internet_is_every_public_address_but_ours(scenario: Scenario) -> None:
    answer = scenario(TWO).can("one", "internet", "tcp/443")
    assert answer.verdict.value == "always"
    assert "198.51.100.20" not in str(answer.cases[0].when)


@pytest.mark.parametrize("address", ["0.1.2.3", "127.0.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1"])
def test_MODEL_11_special_addresses_are_nobodys(scenario: Scenario, address: str) -> None:
    assert verdict(scenario(TWO), "one", address) == "never"


@pytest.mark.parametrize("end", ["internet", "192.0.2.1", "192.0.2.0/24"])
def test_between_two_hosts_of_the_internet_there_is_nothing_to_judge(scenario: Scenario, end: str) -> None:
    (message,) = errors(lambda: scenario(TWO).can(end, "203.0.113.1", "tcp/443"))
    assert "there is nothing to judge" in message


def test_IGW_10_public_services_are_ordinary_destinations(scenario: Scenario) -> None:
    network = scenario(TWO)
    assert verdict(network, "one", "service:s3") == "always"
    assert "internet" in path(network, "one", "service:sqs")
