"""From ends to boxes of headers: who is on the internet, and which address of a thing is meant (VPC-2, ENI-11)."""

from __future__ import annotations

import pytest

import simulator
from simulator.packet.prefix import Prefix, parse_address
from simulator.packet.ranges import Ranges
from simulator.query.space import public_space
from tests.aws.reading import Scenario, path

HOSTS = """
vpcs: {main: {cidr: [10.0.0.0/16, 203.0.113.0/24], internet_gateway: igw}}
subnets: {pub: {vpc: main, cidr: 10.0.0.0/24, routes: {0.0.0.0/0: igw}}, a: {vpc: main, cidr: 10.0.1.0/24}}
interfaces:
  web: {subnet: pub, security_groups: open, ip: 10.0.0.10, public_ip: 198.51.100.10}
  many: {subnet: a, security_groups: open, ip: 10.0.1.10, secondary_ips: {10.0.1.11: 198.51.100.11}}
lambdas: {out: {}}
"""


@pytest.fixture
def network(scenario: Scenario) -> simulator.Network:
    return scenario(HOSTS)


def holds(space: Ranges, text: str) -> bool:
    return parse_address(text)[1] in space


def test_the_internet_is_public_and_not_ours(network: simulator.Network) -> None:
    space = public_space(network.snapshot, 4)
    assert all(holds(space, text) for text in ("1.1.1.1", "198.51.100.9", "198.51.100.12", "11.0.0.0"))
    nobody = ("10.9.9.9", "172.16.0.1", "192.168.0.1", "100.64.0.1", "127.0.0.1", "169.254.1.1", "224.0.0.1", "0.0.0.1", "255.255.255.255")
    assert not any(holds(space, text) for text in nobody)
    assert not any(holds(space, text) for text in ("198.51.100.10", "198.51.100.11"))


def test_VPC_2_a_public_block_of_a_vpc_hides_what_else_has_it(network: simulator.Network) -> None:
    assert not holds(public_space(network.snapshot, 4), "203.0.113.77")


def test_a_part_of_the_internet_is_that_part(network: simulator.Network) -> None:
    space = public_space(network.snapshot, 4, (Prefix.parse("198.51.100.8/30"),))
    assert space == Ranges.of((0xC6336408, 0xC6336409))
    assert not public_space(network.snapshot, 4, (Prefix.parse("2a00::/16"),))


def test_of_ipv6_the_internet_is_the_global_unicast_space(network: simulator.Network) -> None:
    space = public_space(network.snapshot, 6)
    assert holds(space, "2a00::1")
    assert not holds(space, "fe80::1")
    assert not holds(space, "fd00::1")


def test_ENI_11_from_outside_the_public_address_is_meant_whichever_it_is(network: simulator.Network) -> None:
    answer = network.can("internet", "many", "tcp/443", one_way=True)
    assert answer.forward is not None
    assert answer.forward.received.destination == 0x0A00010B
    inside = network.can("web", "many", "tcp/443")
    assert inside.forward is not None
    assert inside.forward.received.destination == 0x0A00010A


def test_LAMBDA_1_a_function_outside_every_vpc_is_a_host_of_the_internet(network: simulator.Network) -> None:
    answer = network.can("lambda:out", "web", "tcp/443")
    assert answer.verdict.value == "always"
    assert answer.forward is not None
    assert holds(public_space(network.snapshot, 4), "198.51.100.7")
    assert path(network, "lambda:out", "web")[:3] == ["out", "internet", "igw"]


def test_a_private_address_is_aimed_at_its_vpcs_gateway(network: simulator.Network) -> None:
    """The packet that the gateway refuses is one with the private address as its destination (IGW-3)."""
    answer = network.can("internet", "10.0.0.10", "tcp/443")
    assert answer.forward is not None
    assert [hop.place.id for hop in answer.forward.hops] == ["internet", "igw"]
