"""`new:SUBNET`: ends of a question that are not there yet (interface.md, section 1)."""

from __future__ import annotations

import pytest

import simulator
from simulator.aws.network_interface import NetworkInterface
from tests.aws.reading import Describe, Scenario, account, errors, path, verdict

HOSTS = """
subnets:
  pub: {vpc: main, cidr: 10.0.0.0/24, routes: {0.0.0.0/0: igw}}
  app: {vpc: main, cidr: 10.0.1.0/24, routes: {0.0.0.0/0: nat}}
nat_gateways: {nat: {subnet: pub, public_ip: 198.51.100.5}}
security_groups: {guard: {vpc: main, inbound: {from: clients, allow: tcp/443}}, clients: {vpc: main}}
interfaces: {server: {subnet: app, security_groups: guard, ip: 10.0.1.10}}
"""


@pytest.fixture
def network(scenario: Scenario) -> simulator.Network:
    return scenario(HOSTS)


def test_a_new_interface_has_the_default_group(network: simulator.Network) -> None:
    assert verdict(network, "new:pub", "new:app") == "always"
    assert verdict(network, "new:pub", "server") == "never"


def test_groups_may_be_named(network: simulator.Network) -> None:
    assert verdict(network, "new:pub,sg=clients", "server") == "always"
    assert verdict(network, "new:pub,sg=guard,sg=clients", "server") == "always"
    assert verdict(network, "server", "new:pub,sg=guard") == "never"
    assert verdict(network, "server", "new:pub,sg=open") == "always"


def test_an_open_group_is_made_where_there_is_none(scenario: Scenario) -> None:
    bare = scenario("vpcs: {main: {cidr: 10.0.0.0/16}}\nsubnets: {a: {vpc: main, cidr: 10.0.1.0/24}}", base=False)
    assert verdict(bare, "new:a", "new:a,sg=open") == "always"


def test_without_a_public_address_the_internet_is_far(network: simulator.Network) -> None:
    assert verdict(network, "new:pub", "internet") == "never"
    assert verdict(network, "new:pub,public", "internet") == "always"
    assert verdict(network, "internet", "new:pub,public,sg=open") == "always"
    assert verdict(network, "new:app", "internet") == "always"
    assert "nat" in path(network, "new:app", "internet")


def test_a_new_function(network: simulator.Network) -> None:
    assert verdict(network, "new:app,lambda", "internet") == "always"
    assert verdict(network, "new:pub,lambda", "internet") == "never"
    assert verdict(network, "new:pub,sg=open", "new:app,lambda,sg=open") == "never"


def test_two_new_ends_of_one_word_are_two(network: simulator.Network) -> None:
    answer = network.can("new:app", "new:app", "tcp/443")
    assert answer.verdict.value == "always"
    assert answer.forward is not None
    assert answer.forward.received.source != answer.forward.received.destination


def test_the_network_itself_does_not_change(network: simulator.Network) -> None:
    before = list(network.snapshot.all(NetworkInterface))
    network.can("new:app", "server", "tcp/443")
    assert list(network.snapshot.all(NetworkInterface)) == before


def test_the_default_group_of_a_described_vpc_is_assumed_where_it_was_not_read(describe: Describe) -> None:
    answer = describe(**account()).can("new:subnet-app", "i-web", "tcp/443")
    assert answer.verdict.value == "always"
    assert "the default security group of vpc-1 was not read: taken to be as AWS makes it" in answer.assumptions


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("new:ap", "there is no subnet `ap`; did you mean `app`?"),
        ("new:app,sg=clint", "VPC `main` has no security group `clint`; did you mean `clients`?"),
        ("new:app,publik", "`publik` is no option; write sg=GROUP, public, ipv6 or lambda; did you mean `public`?"),
        ("new:app,lambda,public", "a function never has a public address (LAMBDA-4)"),
        ("new:app,ipv6", "subnet `app` has no IPv6 block"),
    ],
)
def test_what_cannot_be_made(network: simulator.Network, word: str, message: str) -> None:
    (found,) = errors(lambda: network.can(word, "server", "tcp/443"))
    assert message in found


EMPTY = "an empty name is that of everything that has none"


def test_an_empty_subnet_is_no_subnet(network: simulator.Network) -> None:
    (found,) = errors(lambda: network.can("new:", "server", "tcp/443"))
    assert "there is no subnet ``" in found


def test_an_empty_group_is_no_group(network: simulator.Network) -> None:
    (found,) = errors(lambda: network.can("new:app,sg=", "server", "tcp/443"))
    assert "has no security group ``" in found


# --- IPv6 ----------------------------------------------------------------------------------------------------------------------------

SIX = """
vpcs: {main: {cidr: 10.0.0.0/16, ipv6_cidr: "2001:db8::/56"}}
subnets:
  both: {vpc: main, cidr: 10.0.1.0/24, ipv6_cidr: "2001:db8:0:1::/64"}
  six:  {vpc: main, ipv6_cidr: "2001:db8:0:2::/64"}
interfaces: {host: {subnet: both, security_groups: open, ip: 10.0.1.10, ipv6: "2001:db8:0:1::10"}}
"""


@pytest.mark.parametrize(
    ("word", "versions"),
    [
        ("new:both,sg=open", {4}),
        ("new:both,sg=open,ipv6", {6}),
        ("new:both,sg=open,public,ipv6", {4, 6}),
        ("new:both,sg=open,lambda,ipv6", {4, 6}),
        ("new:six,sg=open", {6}),
        ("new:six,sg=open,ipv6", {6}),
    ],
)
def test_a_new_interface_with_an_ipv6_address(scenario: Scenario, word: str, versions: set[int]) -> None:
    answer = scenario(SIX).can(word, "host", "tcp/443")
    assert answer.verdict.value == "always"
    assert {case.trip.forward.sent.version for case in answer.cases} == versions


def test_where_only_ipv6_lives_there_is_no_public_address_and_no_function(scenario: Scenario) -> None:
    for option in ("public", "lambda"):
        (found,) = errors(lambda option=option: scenario(SIX).can(f"new:six,{option}", "host", "tcp/443"))  # type: ignore[misc]
        assert "only IPv6 lives in subnet `six`" in found
