"""IPv6 addresses of VPCs, subnets and interfaces, and what local delivery, groups and ACLs make of them (MODEL-2, VPC-7 to VPC-11)."""

from __future__ import annotations

import pytest

import simulator
from simulator.aws.network_interface import NetworkInterface
from simulator.packet.prefix import Prefix, format_address
from tests.aws.reading import (
    Describe,
    Scenario,
    account,
    changed,
    errors,
    interface,
    path,
    refusal,
    verdict,
    warnings,
)

# A dual-stack subnet, one with IPv6 only, and a host with a delegated block.
NETWORK = """
vpcs: {main: {cidr: 10.0.0.0/16, ipv6_cidr: ["2001:db8::/56", "2001:db8:0:100::/56"]}}
subnets:
  both: {vpc: main, cidr: 10.0.1.0/24, ipv6_cidr: "2001:db8:0:1::/64"}
  six:  {vpc: main, ipv6_cidr: "2001:db8:0:100::/64"}
interfaces:
  one:  {subnet: both, security_groups: open, ipv6: true}
  two:  {subnet: both, security_groups: open, ip: 10.0.1.20, ipv6: "2001:db8:0:1::20"}
  four: {subnet: both, security_groups: open}
  bare: {subnet: six, security_groups: open}
  pods: {subnet: six, security_groups: open, ipv6: "2001:db8:0:100::50", prefixes: "2001:db8:0:100:1::/80"}
"""


@pytest.fixture
def network(scenario: Scenario) -> simulator.Network:
    return scenario(NETWORK)


def addresses(network: simulator.Network, name: str) -> list[str]:
    found = network.snapshot.get(NetworkInterface, name)
    assert found is not None
    return [format_address(*address) for address in found.private_addresses]


# --- addresses -----------------------------------------------------------------------------------------------------------------------


def test_VPC_10_a_free_address_is_past_the_four_that_aws_keeps(network: simulator.Network) -> None:
    assert addresses(network, "one") == ["10.0.1.4", "2001:db8:0:1::4"]


def test_VPC_11_where_only_ipv6_lives_an_interface_has_no_ipv4_address(network: simulator.Network) -> None:
    assert addresses(network, "bare") == ["2001:db8:0:100::4"]
    assert addresses(network, "four") == ["10.0.1.5"]


def test_VPC_10_reserved_addresses_are_told(scenario: Scenario) -> None:
    for text in ("2001:db8:0:1::3", "2001:db8:0:1:ffff:ffff:ffff:ffff"):
        found = warnings(scenario(NETWORK.replace("2001:db8:0:1::20", text)))
        assert found == [f"network interface `two`: {text} is reserved by AWS in 2001:db8:0:1::/64 (VPC-10)"]


def test_ENI_2_addresses_and_delegated_blocks_are_of_the_subnet(scenario: Scenario) -> None:
    (found,) = warnings(scenario(NETWORK.replace("2001:db8:0:100:1::/80", "2001:db8:0:1:1::/80")))
    assert found == "network interface `pods`: 2001:db8:0:1:1::/80 lies outside its subnet `six` (2001:db8:0:100::/64)"


def test_a_free_address_is_not_one_of_a_delegated_block(scenario: Scenario) -> None:
    network = scenario(NETWORK.replace('"2001:db8:0:100:1::/80"', '"2001:db8:0:100::/80"').replace("::50", "1::50"))
    assert addresses(network, "bare") == ["2001:db8:0:100:1::"]


def test_an_ipv6_address_needs_an_ipv6_block(scenario: Scenario) -> None:
    text = NETWORK.replace(', ipv6_cidr: "2001:db8:0:1::/64"', "").replace(', ipv6: "2001:db8:0:1::20"', "")
    assert errors(scenario, text) == ["subnet `both` has no IPv6 block for `one`"]
    (found, *_) = errors(scenario, NETWORK.replace("bare: {", "bare: {public_ip: 198.51.100.1, "))
    assert found == "subnet `six` has no IPv4 block for `bare`"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('ipv6: "2001:db8:0:1::20"', "ipv6: 10.0.1.21", "ipv6: `10.0.1.21` is not true or false or an IPv6 address such as 2001:db8::7"),
        ('six:  {vpc: main, ipv6_cidr: "2001:db8:0:100::/64"}', "six: {vpc: main, ipv6_cidr: 10.0.2.0/24}", "is not IPv6"),
        ("cidr: 10.0.1.0/24", 'cidr: "2001:db8:0:2::/64"', "subnet `both`, cidr: `2001:db8:0:2::/64` is not IPv4; write it as `ipv6_cidr`"),
        ('six:  {vpc: main, ipv6_cidr: "2001:db8:0:100::/64"}', "six: {vpc: main}", "subnet `six`: say its `cidr`, or its `ipv6_cidr`"),
    ],
)
def test_blocks_and_addresses_of_the_other_version_are_refused(scenario: Scenario, old: str, new: str, message: str) -> None:
    assert old in NETWORK
    assert any(message in found for found in errors(scenario, NETWORK.replace(old, new)))


@pytest.mark.parametrize("length", [40, 61, 64, 58])
def test_VPC_7_lengths_of_vpc_blocks(scenario: Scenario, length: int) -> None:
    text = f'vpcs: {{main: {{cidr: 10.0.0.0/16, ipv6_cidr: "2001:db8::/{length}"}}}}'
    (found,) = errors(scenario, text)
    assert found == f"VPC `main`: AWS accepts no /{length} for IPv6; lengths go from /44 to /60 in steps of 4 (VPC-7)"


def test_VPC_7_lengths_of_subnet_blocks(scenario: Scenario) -> None:
    def of(length: int) -> str:
        vpc = 'vpcs: {main: {cidr: 10.0.0.0/16, ipv6_cidr: "2001:db8::/44"}}'
        return f'{vpc}\nsubnets: {{a: {{vpc: main, ipv6_cidr: "2001:db8::/{length}"}}}}'

    assert errors(scenario, of(68)) == ["subnet `a`: 2001:db8::/68 is smaller than /64, the smallest subnet AWS accepts"]
    assert errors(scenario, of(58)) == ["subnet `a`: AWS accepts no /58 for IPv6; lengths go in steps of 4 (VPC-7)"]
    assert any("larger than /44" in found for found in errors(scenario, of(40)))
    assert warnings(scenario(of(44))) == []


def test_VPC_7_up_to_five_blocks_and_none_twice(scenario: Scenario) -> None:
    blocks = [f"2001:db8:{number}::/56" for number in range(6)]
    (found,) = warnings(scenario(f"vpcs: {{main: {{cidr: 10.0.0.0/16, ipv6_cidr: {blocks}}}}}"))
    assert found == "VPC `main` has 6 IPv6 blocks; AWS allows 5 unless the quota was raised"
    text = 'vpcs: {main: {cidr: 10.0.0.0/16, ipv6_cidr: ["2001:db8::/48", "2001:db8:0:ff00::/56"]}}'
    assert errors(scenario, text) == ["VPC `main`: its blocks 2001:db8::/48 and 2001:db8:0:ff00::/56 overlap"]


# --- delivery ------------------------------------------------------------------------------------------------------------------------


def test_RT_4_addresses_of_one_subnet_are_on_link(network: simulator.Network) -> None:
    assert path(network, "one", "2001:db8:0:1::20") == ["one", "both", "two"]


def test_RT_17_every_block_has_a_local_route(network: simulator.Network) -> None:
    assert path(network, "bare", "2001:db8:0:1::20") == ["bare", "six", "main", "both", "two"]
    assert verdict(network, "two", "2001:db8:0:100::4") == "always"


def test_MODEL_10_an_address_that_nobody_holds_is_dropped(network: simulator.Network) -> None:
    assert refusal(network, "one", "2001:db8:0:1::99")[1] == "NO_POSSIBLE_DESTINATION"
    assert refusal(network, "one", "2001:db8:0:ff::1")[1:] == ("NO_POSSIBLE_DESTINATION", "main its blocks")


def test_ENI_2_every_address_of_a_delegated_block_is_the_interfaces(network: simulator.Network) -> None:
    assert path(network, "one", "2001:db8:0:100:1::7")[-1] == "pods"
    assert verdict(network, "one", "2001:db8:0:100:1::/96") == "always"
    answer = network.can("2001:db8:0:100:1::7", "one", "tcp/443")
    assert answer.verdict.value == "always"
    assert answer.forward is not None
    assert format_address(6, answer.forward.sent.source) == "2001:db8:0:100:1::7"


# --- questions between ends that speak one version, or both -------------------------------------------------------------------------


def test_MODEL_2_ends_that_speak_both_versions_are_asked_about_both(scenario: Scenario) -> None:
    group = "security_groups: {g: {vpc: main, inbound: {from: BLOCK, allow: tcp/443}}}"
    text = NETWORK.replace("two:  {subnet: both, security_groups: open", "two:  {subnet: both, security_groups: g") + group
    answer = scenario(text.replace("BLOCK", "0.0.0.0/0")).can("one", "two", "tcp/443")
    assert answer.verdict.value == "sometimes"
    assert [(case.verdict.value, case.when["ip_version"]) for case in answer.cases] == [("never", "IPv6"), ("always", "IPv4")]
    assert "over IPv6" in str(answer)
    both = scenario(text.replace("BLOCK", '["0.0.0.0/0", "::/0"]')).can("one", "two", "tcp/443")
    assert both.verdict.value == "always"


def test_MODEL_2_only_the_version_that_both_ends_speak_counts(network: simulator.Network) -> None:
    answer = network.can("four", "two", "tcp/443")
    assert answer.verdict.value == "always"
    assert answer.forward is not None
    assert answer.forward.sent.version == 4
    assert path(network, "two", "bare")[-1] == "bare"


def test_MODEL_2_an_address_settles_the_version(network: simulator.Network) -> None:
    answer = network.can("one", "10.0.1.20", "tcp/443")
    assert [case.trip.forward.sent.version for case in answer.cases] == [4]


def test_MODEL_2_a_host_without_the_version_sends_nothing(network: simulator.Network) -> None:
    assert refusal(network, "four", "bare") == ("forward", "UNASSOCIATED_COMPONENT", "four its addresses")
    assert path(network, "four", "2001:db8:0:1::20") == ["four"]
    assert refusal(network, "four", "2a00::1")[1] == "UNASSOCIATED_COMPONENT"
    answer = network.can("both", "2001:db8:0:100::4", "tcp/443")
    assert answer.verdict.value == "sometimes"
    assert sorted((str(case.when["source"]), case.verdict.value) for case in answer.cases) == [
        ("four", "never"),
        ("one", "always"),
        ("two", "always"),
    ]


def test_a_service_of_the_other_version_is_refused(network: simulator.Network) -> None:
    assert errors(lambda: network.can("one", "2001:db8:0:1::20", "icmp")) == ["`2001:db8:0:1::20` has no IPv4 address"]
    assert errors(lambda: network.can("one", "four", "icmpv6")) == ["`four` has no IPv6 address"]


def test_a_private_ipv6_address_that_nobody_holds_is_nobodys(network: simulator.Network) -> None:
    for text in ("fd00:1::1", "ff02::1"):
        assert refusal(network, "one", text)[1] == "NO_ROUTE_TO_DESTINATION"


# --- describe ------------------------------------------------------------------------------------------------------------------------


def test_describe_ipv6_addresses_and_blocks(describe: Describe) -> None:
    lists = account()
    lists["Vpcs"][0]["Ipv6CidrBlockAssociationSet"] = [
        {"Ipv6CidrBlock": "2001:db8::/56", "Ipv6CidrBlockState": {"State": "associated"}},
        {"Ipv6CidrBlock": "2001:db8:9::/56", "Ipv6CidrBlockState": {"State": "disassociated"}},
    ]
    native = {"Ipv6CidrBlock": "2001:db8:0:5::/64", "Ipv6CidrBlockState": {"State": "associated"}}
    lists["Subnets"].append(
        {
            "SubnetId": "subnet-six",
            "VpcId": "vpc-1",
            "AvailabilityZone": "eu-west-1a",
            "Ipv6Native": True,
            "Ipv6CidrBlockAssociationSet": [native],
        }
    )
    six = interface("eni-six", "subnet-six", "", "sg-app", instance="i-six")
    six |= {"PrivateIpAddress": None, "PrivateIpAddresses": []}
    six["Ipv6Addresses"] = [{"Ipv6Address": "2001:db8:0:5::7"}, {"Ipv6Address": "2001:db8:0:5::6", "IsPrimaryIpv6": True}]
    six["Ipv6Prefixes"] = [{"Ipv6Prefix": "2001:db8:0:5:1::/80"}]
    lists["NetworkInterfaces"].append(six)
    network = describe(**lists)
    found = network.snapshot.get(NetworkInterface, "eni-six")
    assert found is not None
    assert addresses(network, "eni-six") == ["2001:db8:0:5::6", "2001:db8:0:5::7"]
    assert found.delegated == (Prefix.parse("2001:db8:0:5:1::/80"),)
    assert not found.closed_to_internet
    assert refusal(network, "eni-six", "i-web")[1] == "UNASSOCIATED_COMPONENT"


def test_describe_ipv4_prefixes_of_an_interface(describe: Describe) -> None:
    lists = changed(account(), "NetworkInterfaces", "eni-app", Ipv4Prefixes=[{"Ipv4Prefix": "10.0.1.64/28"}])
    network = describe(**lists)
    assert path(network, "i-web", "10.0.1.70", "tcp/8080")[-2:] == ["eni-app", "i-app"]


def test_an_interface_may_be_closed_to_the_internet(describe: Describe) -> None:
    network = describe(**changed(account(), "NetworkInterfaces", "eni-app", DenyAllIgwTraffic=True))
    found = network.snapshot.get(NetworkInterface, "eni-app")
    assert found is not None
    assert found.closed_to_internet
