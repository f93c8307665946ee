"""VPCs: their blocks in both spellings, and what AWS refuses (VPC-1 to VPC-7)."""

from __future__ import annotations

import pytest

from simulator.aws.vpc import Vpc
from tests.aws.reading import Describe, Scenario, account, changed, errors, refusal, verdict, warnings

EMPTY = "subnets: {}"


def vpc_with(cidr: str) -> str:
    return f"vpcs: {{main: {{cidr: {cidr}}}}}"


def test_a_vpc_of_a_scenario(scenario: Scenario) -> None:
    network = scenario(
        "vpcs: {main: {cidr: [10.0.0.0/16, 10.1.0.0/16], ipv6_cidr: '2001:db8::/56', dns_support: false, region: eu-west-1, account: '1'}}"
    )
    vpc = network.snapshot.get(Vpc, "main")
    assert vpc is not None
    assert list(map(str, vpc.cidrs)) == ["10.0.0.0/16", "10.1.0.0/16", "2001:db8::/56"]
    assert (vpc.dns_support, vpc.region, vpc.account, vpc.authored) == (False, "eu-west-1", "1", True)


def test_a_vpc_of_a_describe_answer(describe: Describe) -> None:
    blocks = [
        {"CidrBlock": "10.0.0.0/16", "CidrBlockState": {"State": "associated"}},
        {"CidrBlock": "10.1.0.0/16", "CidrBlockState": {"State": "associated"}},
        {"CidrBlock": "10.2.0.0/16", "CidrBlockState": {"State": "disassociated"}},
    ]
    six = [{"Ipv6CidrBlock": "2001:db8::/56", "Ipv6CidrBlockState": {"State": "associated"}}]
    lists = changed(account(), "Vpcs", "vpc-1", CidrBlockAssociationSet=blocks, Ipv6CidrBlockAssociationSet=six, IsDefault=True)
    vpc = describe(**lists).snapshot.get(Vpc, "vpc-1")
    assert vpc is not None
    assert list(map(str, vpc.cidrs)) == ["10.0.0.0/16", "10.1.0.0/16", "2001:db8::/56"]
    assert (vpc.name, vpc.account, vpc.authored, vpc.default) == ("shop", "111122223333", False, True)


def test_VPC_1_a_block_is_cut_to_its_prefix(scenario: Scenario) -> None:
    network = scenario(vpc_with("100.68.0.18/18"))
    assert any("100.68.0.18/18" in message and "100.68.0.0/18" in message for message in warnings(network))


@pytest.mark.parametrize(("cidr", "words"), [("10.0.0.0/15", "larger than /16, the largest"), ("10.0.0.0/29", "smaller than /28")])
def test_VPC_1_blocks_are_between_16_and_28(scenario: Scenario, cidr: str, words: str) -> None:
    (message,) = errors(scenario, vpc_with(cidr))
    assert message.startswith(f"VPC `main`: {cidr} is {words}")


@pytest.mark.parametrize("cidr", ["10.0.0.0/16", "10.0.0.0/28", "198.51.100.0/24", "100.64.0.0/16"])
def test_VPC_2_private_and_public_ranges_are_accepted(scenario: Scenario, cidr: str) -> None:
    assert warnings(scenario(vpc_with(cidr))) == []


@pytest.mark.parametrize("cidr", ["0.1.0.0/16", "127.0.0.0/16", "169.254.0.0/20", "224.0.0.0/16"])
def test_VPC_2_special_ranges_are_refused(scenario: Scenario, cidr: str) -> None:
    (message,) = errors(scenario, vpc_with(cidr))
    assert message.startswith(f"VPC `main`: {cidr} lies in ")
    assert message.endswith(", which AWS refuses")


def test_VPC_3_five_blocks_and_no_more_without_a_raised_quota(scenario: Scenario) -> None:
    blocks = [f"10.{number}.0.0/16" for number in range(6)]
    assert warnings(scenario(vpc_with(str(blocks[:5])))) == []
    (message,) = warnings(scenario(vpc_with(str(blocks))))
    assert message == "VPC `main` has 6 IPv4 blocks; AWS allows 5 unless the quota was raised"


def test_VPC_3_blocks_of_one_vpc_do_not_overlap(scenario: Scenario) -> None:
    (message,) = errors(scenario, vpc_with("[10.0.0.0/16, 10.0.128.0/20]"))
    assert message == "VPC `main`: its blocks 10.0.0.0/16 and 10.0.128.0/20 overlap"


def test_VPC_4_blocks_from_two_private_ranges_are_told(scenario: Scenario) -> None:
    (message,) = warnings(scenario(vpc_with("[10.0.0.0/16, 192.168.0.0/16]")))
    assert "10.0.0.0/8 and 192.168.0.0/16" in message
    assert warnings(scenario(vpc_with("[10.0.0.0/16, 100.64.0.0/16, 203.0.113.0/24]"))) == []


def test_VPC_11_a_vpc_always_has_an_ipv4_block(scenario: Scenario) -> None:
    assert errors(scenario, vpc_with("'2001:db8::/56'")) == ["VPC `main` has no IPv4 block; AWS gives every VPC one"]


TWO_BLOCKS = """
vpcs: {main: {cidr: [10.0.0.0/16, 10.1.0.0/16], internet_gateway: igw}}
subnets:
  first: {vpc: main, cidr: 10.0.0.0/24}
  second: {vpc: main, cidr: 10.1.0.0/24}
security_groups:
  primary: {vpc: main, inbound: {from: 10.0.0.0/16, allow: all}}
instances:
  one: {subnet: first, security_groups: open}
  two: {subnet: second, security_groups: open}
  guarded: {subnet: first, security_groups: primary}
"""


def test_VPC_6_a_further_block_has_a_local_route_in_every_table(scenario: Scenario) -> None:
    network = scenario(TWO_BLOCKS)
    assert verdict(network, "one", "two") == verdict(network, "two", "one") == "always"


def test_VPC_6_rules_written_for_the_first_block_do_not_cover_the_second(scenario: Scenario) -> None:
    network = scenario(TWO_BLOCKS)
    assert verdict(network, "one", "guarded") == "always"
    assert refusal(network, "two", "guarded")[:2] == ("forward", "ENI_SG_RULES_MISMATCH")


def test_VPC_2_a_public_block_of_a_vpc_is_reached_privately(scenario: Scenario) -> None:
    """Trap T51: the local route is more specific than the default route."""
    network = scenario(
        """
        vpcs: {main: {cidr: 198.51.100.0/24, internet_gateway: igw}}
        subnets:
          a: {vpc: main, cidr: 198.51.100.0/25, routes: {0.0.0.0/0: igw}}
          b: {vpc: main, cidr: 198.51.100.128/25, routes: {0.0.0.0/0: igw}}
        instances:
          one: {subnet: a, security_groups: open, ip: 198.51.100.10}
          two: {subnet: b, security_groups: open, ip: 198.51.100.150}
        """
    )
    answer = network.can("one", "198.51.100.150", "tcp/443")
    assert answer.verdict.value == "always"
    assert answer.forward is not None
    assert "igw" not in [hop.place.id for hop in answer.forward.hops]


def test_an_internet_gateway_may_be_named_after_the_vpc(scenario: Scenario) -> None:
    network = scenario(
        """
        vpcs: {main: {cidr: 10.0.0.0/16, internet_gateway: true}}
        subnets: {a: {vpc: main, cidr: 10.0.0.0/24, routes: {0.0.0.0/0: main-igw}}}
        """
    )
    assert [row.id for row in network.inventory().gateways] == ["main-igw"]
