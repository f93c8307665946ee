"""From words to ends: every form of interface.md section 1 that exists, what is ambiguous, and what is near."""

from __future__ import annotations

import pytest

import simulator
from simulator.query.endpoints import End, Sort, resolve
from tests.aws.reading import Describe, Scenario, account, errors, instance, interface, path, verdict

HOSTS = """
vpcs: {main: {cidr: 10.0.0.0/16, internet_gateway: igw, region: eu-west-1}}
subnets:
  pub: {vpc: main, cidr: 10.0.0.0/24, routes: {0.0.0.0/0: igw}}
  app: {vpc: main, cidr: 10.0.1.0/24, routes: {0.0.0.0/0: nat}}
  empty: {vpc: main, cidr: 10.0.9.0/24}
nat_gateways: {nat: {subnet: pub, public_ip: 198.51.100.5, private_ip: 10.0.0.5}}
instances:
  web: {subnet: pub, security_groups: open, ip: 10.0.0.10, public_ip: 198.51.100.10}
  worker: {subnet: app, security_groups: open, ip: 10.0.1.10}
lambdas:
  report: {subnets: [app, pub], security_groups: open}
  outside: {}
databases: {orders: {subnets: [app, pub], security_groups: open, ips: [10.0.1.50, 10.0.0.50]}}
caches: {hot: {subnets: app, security_groups: open, ips: 10.0.1.60}}
event_sources: {queue: {type: sqs, invokes: report}}
"""


@pytest.fixture
def network(scenario: Scenario) -> simulator.Network:
    return scenario(HOSTS)


def ends(network: simulator.Network, word: str) -> list[tuple[Sort, str]]:
    return [(end.sort, end.name) for end in resolve(network.snapshot, word)]


def refused(network: simulator.Network, word: str) -> str:
    (message,) = errors(lambda: resolve(network.snapshot, word))  # type: ignore[arg-type, return-value]
    return message


def interfaces(*names: str) -> list[tuple[Sort, str]]:
    return [(Sort.INTERFACE, name) for name in names]


@pytest.mark.parametrize(
    ("word", "names"),
    [
        ("web", ["web-eni"]),
        ("instance:web", ["web-eni"]),
        ("web-eni", ["web-eni"]),
        ("interface:web-eni", ["web-eni"]),
        (" web ", ["web-eni"]),
        ("db:orders", ["orders-eni-app", "orders-eni-pub"]),
        ("orders", ["orders-eni-app", "orders-eni-pub"]),
        ("cache:hot", ["hot-eni"]),
        ("nat", ["nat-eni"]),
        ("nat:nat", ["nat-eni"]),
        ("10.0.1.10", ["worker-eni"]),
        ("main/10.0.1.10", ["worker-eni"]),
        ("198.51.100.10", ["web-eni"]),
        ("10.0.1.10/32", ["worker-eni"]),
    ],
)
def test_words_for_interfaces(network: simulator.Network, word: str, names: list[str]) -> None:
    assert ends(network, word) == interfaces(*names)


@pytest.mark.parametrize(
    ("word", "end"),
    [
        ("lambda:report", (Sort.FUNCTION, "report")),
        ("report", (Sort.FUNCTION, "report")),
        ("outside", (Sort.FUNCTION, "outside")),
        ("queue", (Sort.EVENT_SOURCE, "queue")),
        ("event:queue", (Sort.EVENT_SOURCE, "queue")),
        ("internet", (Sort.OUTSIDE, "")),
        ("192.0.2.1", (Sort.OUTSIDE, "")),
        ("192.0.2.0/24", (Sort.OUTSIDE, "")),
        ("2a00::1", (Sort.OUTSIDE, "")),
        ("service:s3", (Sort.OUTSIDE, "")),
        ("169.254.169.254", (Sort.PLATFORM, "")),
        ("10.0.0.2", (Sort.PLATFORM, "")),
        ("10.0.1.99", (Sort.NOBODY, "")),
        ("192.168.1.1", (Sort.NOBODY, "")),
        ("224.0.0.1", (Sort.NOBODY, "")),
    ],
)
def test_words_for_other_ends(network: simulator.Network, word: str, end: tuple[Sort, str]) -> None:
    assert ends(network, word) == [end]


@pytest.mark.parametrize(
    ("word", "names"),
    [
        ("subnet:app", {"worker-eni", "report-eni-app", "orders-eni-app", "hot-eni"}),
        ("app", {"worker-eni", "report-eni-app", "orders-eni-app", "hot-eni"}),
        ("vpc:main", {"web-eni", "worker-eni", "report-eni-app", "report-eni-pub", "orders-eni-app", "orders-eni-pub", "hot-eni"}),
        ("sg:open", {"web-eni", "worker-eni", "report-eni-app", "report-eni-pub", "orders-eni-app", "orders-eni-pub", "hot-eni"}),
        ("10.0.1.0/24", {"worker-eni", "report-eni-app", "orders-eni-app", "hot-eni"}),
    ],
)
def test_words_for_several_interfaces(network: simulator.Network, word: str, names: set[str]) -> None:
    """A NAT gateway's interface is nobody to ask about in a subnet or VPC."""
    found = ends(network, word)
    assert {name for _, name in found} == names
    assert len(found) == len(names)


def test_a_block_of_public_addresses_is_ours_and_everybody_elses(network: simulator.Network) -> None:
    found = resolve(network.snapshot, "198.51.100.0/24")
    assert [(end.sort, end.label) for end in found] == [
        (Sort.INTERFACE, "198.51.100.10"),
        (Sort.INTERFACE, "198.51.100.5"),
        (Sort.OUTSIDE, "198.51.100.0/24"),
    ] or {end.label for end in found} == {"198.51.100.10", "198.51.100.5", "198.51.100.0/24"}


def test_a_secondary_address_is_kept(scenario: Scenario) -> None:
    text = "subnets: {a: {vpc: main, cidr: 10.0.1.0/24}}\ninterfaces: {one: {subnet: a, ip: 10.0.1.10, secondary_ips: {10.0.1.11: }}}"
    (end,) = resolve(scenario(text).snapshot, "10.0.1.11")
    assert end == End(Sort.INTERFACE, "10.0.1.11", "one", (4, 0x0A00010B))


# --- names, ids, ARNs ----------------------------------------------------------------------------------------------------------------


def test_a_name_tag_is_a_word_when_it_is_unique(describe: Describe) -> None:
    lists = account()
    tags = [{"Key": "Name", "Value": "front"}]
    lists["Reservations"] = [{"Instances": [instance("i-web", "eni-web", Tags=tags), instance("i-app", "eni-app")]}]
    assert ends(describe(**lists), "front") == interfaces("eni-web")
    lists["Reservations"] = [{"Instances": [instance("i-web", "eni-web", Tags=tags), instance("i-app", "eni-app", Tags=tags)]}]
    assert refused(describe(**lists), "front") == "`front` is ambiguous: it may mean `instance:i-web`, `instance:i-app`"


def test_an_id_goes_before_a_name(describe: Describe) -> None:
    lists = account()
    tags = [{"Key": "Name", "Value": "i-app"}]
    lists["Reservations"] = [{"Instances": [instance("i-web", "eni-web", Tags=tags), instance("i-app", "eni-app")]}]
    assert ends(describe(**lists), "i-app") == interfaces("eni-app")


def test_one_id_of_two_kinds_is_ambiguous_until_the_kind_is_said(scenario: Scenario) -> None:
    network = scenario("subnets: {web: {vpc: main, cidr: 10.0.1.0/24}}\ninstances: {web: {subnet: web, security_groups: open}}")
    assert refused(network, "web") == "`web` is ambiguous: it may mean `subnet:web`, `instance:web`"
    assert ends(network, "instance:web") == interfaces("web-eni")


def test_an_arn_is_a_word(describe: Describe) -> None:
    arn = "arn:aws:lambda:eu-west-1:111122223333:function:report"
    network = describe(**account(), Functions=[{"FunctionName": "report", "FunctionArn": arn}])
    assert ends(network, arn) == [(Sort.FUNCTION, "report")]


def test_an_address_in_two_vpcs_needs_the_vpc(scenario: Scenario) -> None:
    text = """
    vpcs: {main: {cidr: 10.0.0.0/16}, twin: {cidr: 10.0.0.0/16}}
    subnets: {a: {vpc: main, cidr: 10.0.1.0/24}, b: {vpc: twin, cidr: 10.0.1.0/24}}
    interfaces: {one: {subnet: a, ip: 10.0.1.10}, two: {subnet: b, ip: 10.0.1.10}}
    """
    network = scenario(text)
    assert refused(network, "10.0.1.10") == "`10.0.1.10` is in several VPCs; say `main/10.0.1.10` or `twin/10.0.1.10`"
    assert ends(network, "twin/10.0.1.10") == interfaces("two")
    assert ends(network, "main/10.0.1.10") == interfaces("one")


# --- what is refused -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("", "an end of the question is empty; name a resource, an address, or `internet`"),
        ("wbe", "`wbe` is nothing in this network; did you mean `web`?; `vpcsim show` lists what is"),
        ("zzz", "`zzz` is nothing in this network; `vpcsim show` lists what is"),
        ("lambda:reprot", "did you mean `lambda:report`"),
        ("lambda:web", "`lambda:web` is"),
        ("internt", "did you mean `internet`"),
        ("10.0.1.300", "`10.0.1.300` is not an IPv4 or IPv6 address"),
        ("10.0.1.0/40", "`10.0.1.0/40` has no prefix length between 0 and 32"),
        ("10.0.1.7/24", "`10.0.1.7/24` has bits set beyond the prefix length; write 10.0.1.0/24"),
        ("10.0.77.0/24", "`10.0.77.0/24` holds no interface: there is nobody to ask about"),
        ("192.168.0.0/16", "`192.168.0.0/16` holds no interface"),
        ("empty", "`empty` has no interface in it: there is nobody to ask about"),
        ("nowhere/10.0.1.10", "`nowhere/10.0.1.10` is nothing in this network"),
        ("main/8.8.8.8", "`main/8.8.8.8`: 8.8.8.8 is not in VPC `main` (10.0.0.0/16)"),
        ("service:s4", "`service:s4` is no AWS service known here"),
    ],
)
def test_what_means_nothing(network: simulator.Network, word: str, message: str) -> None:
    assert message in refused(network, word)


@pytest.mark.parametrize("word", ["lambda:", "instance:", "db:"])
def test_a_kind_alone_is_no_word(network: simulator.Network, word: str) -> None:
    assert f"`{word}` is nothing in this network" in refused(network, word)


def test_an_instance_without_any_interface_that_was_read(describe: Describe) -> None:
    lists = account()
    lists["Reservations"] = [{"Instances": [instance("i-lone")]}]
    assert refused(describe(**lists), "i-lone") == "`i-lone` has no network interface that was read"


def test_a_block_of_everything_is_the_internet_too(network: simulator.Network) -> None:
    assert Sort.OUTSIDE in {end.sort for end in resolve(network.snapshot, "0.0.0.0/0")}


# --- as sources and destinations -----------------------------------------------------------------------------------------------------


def test_a_public_address_of_ours_is_the_interface_seen_from_outside(network: simulator.Network) -> None:
    assert "igw" in path(network, "internet", "198.51.100.10")
    assert verdict(network, "internet", "198.51.100.10") == "always"


def test_interfaces_that_start_nothing_are_no_sources(network: simulator.Network) -> None:
    (message,) = errors(lambda: network.can("nat", "web", "tcp/443"))
    assert message == "`nat` starts no connections"


GROUPED = "an end that stands for several asks each interface, and a function's or a NAT gateway's has no entry of its own"


@pytest.mark.parametrize("word", ["app", "vpc:main", "sg:open", "10.0.1.0/24", "10.0.0.0/24"])
def test_a_group_of_sources_holds_functions_and_nat_gateways_too(network: simulator.Network, word: str) -> None:
    """Functions send; a NAT gateway of its own accord does not, as the forms `subnet` and `vpc` know."""
    assert verdict(network, word, "192.0.2.1") in ("always", "sometimes")


def test_a_public_address_as_a_source_is_the_private_one_it_belongs_to(scenario: Scenario) -> None:
    text = """
    subnets: {a: {vpc: main, cidr: 10.0.1.0/24, routes: {0.0.0.0/0: igw}}}
    interfaces: {one: {subnet: a, security_groups: open, ip: 10.0.1.10, secondary_ips: {10.0.1.11: 198.51.100.11}}}
    """
    assert verdict(scenario(text), "198.51.100.11", "192.0.2.1") == "always"


def test_a_described_interface_of_a_nat_gateway_is_nobody_to_ask_about_in_its_subnet(describe: Describe) -> None:
    lists = account()
    lists["NetworkInterfaces"].append(interface("eni-nat", "subnet-app", "10.0.1.5", InterfaceType="nat_gateway"))
    assert ends(describe(**lists), "subnet-app") == interfaces("eni-app")
