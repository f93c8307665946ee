"""Subnets in both spellings, their edge, and the delivery inside (RT-4, NACL-4, VPC-8, MODEL-10)."""

from __future__ import annotations

import pytest

from simulator.aws.subnet import Subnet
from tests.aws.reading import Describe, Scenario, account, changed, errors, path, refusal, reply_path, verdict, warnings

HOSTS = """
subnets:
  a: {vpc: main, cidr: 10.0.1.0/24}
  b: {vpc: main, cidr: 10.0.2.0/24, zone: b}
instances:
  one: {subnet: a, security_groups: open, ip: 10.0.1.10}
  beside: {subnet: a, security_groups: open, ip: 10.0.1.11}
  two: {subnet: b, security_groups: open, ip: 10.0.2.10}
"""


def subnets(text: str, vpc: str = "10.0.0.0/16") -> str:
    return f"vpcs: {{main: {{cidr: {vpc}}}}}\nsubnets: {{{text}}}"


def test_a_subnet_of_a_scenario(scenario: Scenario) -> None:
    text = (
        'a: {vpc: main, cidr: 10.0.1.0/24, ipv6_cidr: "2001:db8::/64", zone: euw1-az1, public_ips: true}, b: {vpc: main, cidr: 10.0.2.0/24}'
    )
    snapshot = scenario(subnets(text).replace("cidr: 10.0.0.0/16", 'cidr: 10.0.0.0/16, ipv6_cidr: "2001:db8::/56"')).snapshot
    a, b = snapshot.get(Subnet, "a"), snapshot.get(Subnet, "b")
    assert a is not None
    assert b is not None
    assert (list(map(str, a.cidrs)), a.zone, a.gives_public) == (["10.0.1.0/24", "2001:db8::/64"], "euw1-az1", True)
    assert (b.zone, b.gives_public, b.vpc) == ("a", False, "main")


def test_a_subnet_of_a_describe_answer(describe: Describe) -> None:
    six = [
        {"Ipv6CidrBlock": "2001:db8::/64", "Ipv6CidrBlockState": {"State": "associated"}},
        {"Ipv6CidrBlock": "2001:db8:0:1::/64", "Ipv6CidrBlockState": {"State": "disassociated"}},
    ]
    vpc6 = [{"Ipv6CidrBlock": "2001:db8::/56", "Ipv6CidrBlockState": {"State": "associated"}}]
    lists = changed(account(), "Vpcs", "vpc-1", Ipv6CidrBlockAssociationSet=vpc6)
    lists = changed(
        lists, "Subnets", "subnet-app", Ipv6CidrBlockAssociationSet=six, MapPublicIpOnLaunch=True, AvailabilityZoneId="euw1-az1"
    )
    subnet = describe(**lists).snapshot.get(Subnet, "subnet-app")
    assert subnet is not None
    assert list(map(str, subnet.cidrs)) == ["10.0.1.0/24", "2001:db8::/64"]
    assert (subnet.zone, subnet.zone_name, subnet.gives_public, subnet.vpc) == ("euw1-az1", "eu-west-1a", True, "vpc-1")


# --- what it does to packets -------------------------------------------------------------------------------------------------------


def test_RT_4_addresses_of_one_subnet_are_on_link(scenario: Scenario) -> None:
    network = scenario(HOSTS)
    assert path(network, "one", "beside") == ["one", "one-eni", "a", "beside-eni", "beside"]
    answer = network.can("one", "beside", "tcp/443")
    assert answer.forward is not None
    assert [step.node.what for hop in answer.forward.hops if hop.place.id == "a" for step in hop.steps] == [
        "on-link addresses",
        "interfaces",
    ]


def test_MODEL_9_between_subnets_one_meets_group_acl_route_acl_group(scenario: Scenario) -> None:
    answer = scenario(HOSTS).can("one", "two", "tcp/443")
    assert answer.forward is not None
    judged = [step.node.what for hop in answer.forward.hops for step in hop.steps if not step.node.plumbing]
    assert judged == [
        "security group state",
        "security group open egress",
        "network ACL main-default-acl egress",
        "route table main-main",
        "network ACL main-default-acl ingress",
        "security group state",
        "security group open ingress",
        "arrived",
    ]


def test_W_2_the_reply_takes_the_same_places_back(scenario: Scenario) -> None:
    network = scenario(HOSTS)
    assert path(network, "one", "two") == ["one", "one-eni", "a", "main", "b", "two-eni", "two"]
    assert reply_path(network, "one", "two") == ["two", "two-eni", "b", "main", "a", "one-eni", "one"]


@pytest.mark.parametrize(
    ("address", "part"), [("10.0.1.99", "a its block"), ("10.0.2.99", "b its block"), ("10.0.99.1", "main its blocks")]
)
def test_MODEL_10_an_address_that_nobody_holds_is_dropped(scenario: Scenario, address: str, part: str) -> None:
    """Trap T21: even with a default route."""
    hosts = HOSTS.replace("cidr: 10.0.1.0/24", "cidr: 10.0.1.0/24, routes: {0.0.0.0/0: igw}")
    assert refusal(scenario(hosts), "one", address) == ("forward", "NO_POSSIBLE_DESTINATION", part)


def test_a_second_interface_with_the_same_address_does_not_hide_the_first(scenario: Scenario) -> None:
    network = scenario(f"{HOSTS}\ninterfaces: {{twin: {{subnet: a, security_groups: open, ip: 10.0.1.11}}}}")
    assert "beside" in path(network, "one", "10.0.1.11")


# --- what is told ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cidr", "words"),
    [("10.0.0.0/29", "is smaller than /28, the smallest subnet AWS accepts"), ("10.0.0.0/15", "is larger than /16, the largest")],
)
def test_VPC_8_subnets_are_between_16_and_28(scenario: Scenario, cidr: str, words: str) -> None:
    assert any(words in message for message in errors(scenario, subnets(f"a: {{vpc: main, cidr: {cidr}}}")))


def test_VPC_8_a_subnet_lies_in_its_vpc_and_may_be_all_of_it(scenario: Scenario) -> None:
    assert warnings(scenario(subnets("a: {vpc: main, cidr: 10.0.0.0/16}"))) == []
    (message,) = errors(scenario, subnets("a: {vpc: main, cidr: 10.1.0.0/24}"))
    assert message == "subnet `a`: 10.1.0.0/24 lies outside its VPC `main` (10.0.0.0/16)"


def test_VPC_8_a_subnet_may_not_span_two_blocks(scenario: Scenario) -> None:
    (message,) = errors(scenario, subnets("a: {vpc: main, cidr: 10.0.0.0/19}", "[10.0.0.0/20, 10.0.16.0/20]"))
    assert "lies outside its VPC" in message


@pytest.mark.parametrize("second", ["10.0.1.128/25", "10.0.1.0/24", "10.0.0.0/20"])
def test_VPC_8_subnets_of_a_vpc_never_overlap(scenario: Scenario, second: str) -> None:
    (message,) = errors(scenario, subnets(f"a: {{vpc: main, cidr: 10.0.1.0/24}}, b: {{vpc: main, cidr: {second}}}"))
    assert "overlap; AWS refuses that" in message


def test_VPC_8_every_overlap_is_told(scenario: Scenario) -> None:
    text = "a: {vpc: main, cidr: 10.0.0.0/20}, b: {vpc: main, cidr: 10.0.1.0/24}, c: {vpc: main, cidr: 10.0.2.0/24}"
    assert len(errors(scenario, subnets(text))) == 2


def test_VPC_13_subnets_of_two_vpcs_may_overlap(scenario: Scenario) -> None:
    vpcs = "vpcs: {main: {cidr: 10.0.0.0/16}, other: {cidr: 10.0.0.0/16}}"
    both = "subnets: {a: {vpc: main, cidr: 10.0.1.0/24}, b: {vpc: other, cidr: 10.0.1.0/24}}"
    assert warnings(scenario(f"{vpcs}\n{both}")) == []


def test_more_subnets_than_the_quota_are_told(scenario: Scenario) -> None:
    def listed(count: int) -> str:
        return subnets(", ".join(f"s{number}: {{vpc: main, cidr: 10.0.{number}.0/24}}" for number in range(count)))

    assert warnings(scenario(listed(200))) == []
    assert warnings(scenario(listed(201))) == ["VPC `main` has more than 200 subnets; AWS allows that only with a raised quota"]


def test_a_vpc_that_was_not_read_is_told_and_known_by_its_local_routes(describe: Describe) -> None:
    lists = account()
    del lists["Vpcs"]
    network = describe(**lists)
    assert verdict(network, "i-web", "i-app", "tcp/8080") == "always"
    lists = changed(account(), "Subnets", "subnet-app", VpcId="vpc-9")
    assert "subnet `subnet-app` lies in VPC `vpc-9`, which was not read" in warnings(describe(**lists))


def test_subnets_that_were_not_asked_for_leave_the_vpc_unknown(describe: Describe) -> None:
    lists = account()
    del lists["Subnets"]
    assert verdict(describe(**lists), "i-web", "i-app", "tcp/8080") == "unknown"


def test_an_interface_in_a_subnet_that_was_not_read_is_not_nobody(describe: Describe) -> None:
    lists = account()
    lists["Subnets"] = [one for one in lists["Subnets"] if one["SubnetId"] == "subnet-pub"]
    network = describe(**lists)
    assert verdict(network, "i-app", "i-web", "tcp/443") == "unknown"
    assert verdict(network, "i-web", "i-app", "tcp/8080") == "unknown"
