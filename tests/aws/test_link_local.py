"""Services of the host: who is served, past every group, ACL and route (LL-1 to LL-4, LL-6, LL-8, RT-27)."""

from __future__ import annotations

import pytest

from tests.aws.reading import Describe, Scenario, account, errors, path, refusal, verdict

SHUT = """
subnets: {a: {vpc: main, cidr: 10.0.1.0/24, network_acl: closed}}
network_acls: {closed: {vpc: main}}
security_groups: {shut: {vpc: main, inbound: [], outbound: []}}
instances: {one: {subnet: a, security_groups: shut, ip: 10.0.1.10}}
"""
METADATA, DNS, TIME = "169.254.169.254", "169.254.169.253", "169.254.169.123"


@pytest.mark.parametrize(("address", "service"), [(METADATA, "tcp/80"), (DNS, "udp/53"), (DNS, "tcp/53"), ("10.0.0.2", "udp/53")])
def test_LL_1_LL_2_they_answer_past_empty_groups_and_closed_acls(scenario: Scenario, address: str, service: str) -> None:
    """Trap T41."""
    network = scenario(SHUT)
    assert verdict(network, "one", address, service) == "always"
    assert path(network, "one", address, service) == ["one", "one-eni", "platform-services"]


def test_LL_2_SG_27_NACL_12_a_dns_server_of_ones_own_is_ordinary_traffic(scenario: Scenario) -> None:
    assert refusal(scenario(SHUT), "one", "8.8.8.8", "udp/53")[1] == "SG_HAS_NO_RULES"


def test_RT_27_no_route_leads_to_link_local_addresses(scenario: Scenario) -> None:
    network = scenario(SHUT.replace("network_acl: closed", "routes: {0.0.0.0/0: igw}"))
    assert refusal(network, "one", "169.254.7.7", "tcp/80") == (
        "forward",
        "SIM_LINK_LOCAL_NOT_ROUTED",
        "platform services served by the host",
    )
    assert verdict(network, "one", METADATA, "tcp/80") == "always"


def test_LL_4_without_dns_support_amazons_server_does_not_answer(scenario: Scenario) -> None:
    network = scenario("vpcs: {main: {cidr: 10.0.0.0/16, dns_support: false}}\n" + SHUT)
    assert verdict(network, "one", "10.0.0.2", "udp/53") == "never"
    assert verdict(network, "one", DNS, "udp/53") == "never"
    assert verdict(network, "one", METADATA, "tcp/80") == "always"


def test_LL_4_VPC_9_the_server_is_at_the_primary_block_only(scenario: Scenario) -> None:
    """Reserved in every subnet, served at the base of the primary block."""
    network = scenario("vpcs: {main: {cidr: [10.0.0.0/16, 10.1.0.0/16]}}\n" + SHUT)
    assert verdict(network, "one", "10.0.0.2", "udp/53") == "always"
    assert verdict(network, "one", "10.1.0.2", "udp/53") == "never"
    assert verdict(network, "one", "10.0.1.2", "udp/53") == "never"


def test_LL_4_not_from_another_vpc(scenario: Scenario) -> None:
    network = scenario(f"vpcs: {{main: {{cidr: 10.0.0.0/16}}, other: {{cidr: 10.9.0.0/16}}}}\n{SHUT}")
    assert verdict(network, "one", "10.9.0.2", "udp/53") == "never"


@pytest.mark.parametrize("address", [METADATA, "10.0.0.2"])
def test_LL_8_from_the_internet_nothing_is_served(scenario: Scenario, address: str) -> None:
    (message,) = errors(lambda: scenario(SHUT).can("internet", address, "tcp/80"))
    assert message == f"`{address}` is served inside a VPC only (LL-8)"


def test_LL_8_nothing_starts_at_them(scenario: Scenario) -> None:
    (message,) = errors(lambda: scenario(SHUT).can(METADATA, "one", "tcp/80"))
    assert "nothing starts there" in message


def test_LL_1_ipv6_addresses_of_the_services(scenario: Scenario) -> None:
    network = scenario(
        """
        vpcs: {main: {cidr: 10.0.0.0/16, ipv6_cidr: "2001:db8::/56"}}
        subnets: {a: {vpc: main, cidr: 10.0.1.0/24, ipv6_cidr: "2001:db8::/64"}}
        interfaces: {one: {subnet: a, security_groups: open, ip: 10.0.1.10, secondary_ips: {"2001:db8::10": }}}
        """
    )
    assert [verdict(network, "one", ip, "tcp/80") for ip in ("fd00:ec2::254", "fd00:ec2::253", "fd00:ec2::7")] == [
        "always",
        "always",
        "never",
    ]


def test_LL_2_a_stopped_instance_is_served_nothing(scenario: Scenario) -> None:
    network = scenario(SHUT.replace("ip: 10.0.1.10", "ip: 10.0.1.10, state: stopped"))
    assert refusal(network, "one", METADATA, "tcp/80")[1] == "BAD_STATE"


@pytest.mark.parametrize("address", [DNS, "fd00:ec2::253"])
def test_LL_4_whether_dns_answers_in_a_vpc_that_was_not_read_is_unknown(describe: Describe, address: str) -> None:
    lists = account()
    if ":" in address:
        lists["NetworkInterfaces"][0]["Ipv6Addresses"] = [{"Ipv6Address": "2001:db8::10"}]
    owner = lists["NetworkInterfaces"][0]["Attachment"]["InstanceId"]
    lists["Vpcs"] = [{"VpcId": "vpc-other", "CidrBlock": "10.7.0.0/16"}]
    assert verdict(describe(**lists), owner, address, "udp/53") == "unknown"
    assert verdict(describe(**account()), "i-app", DNS, "udp/53") == "always"
    assert refusal(describe(**lists), "i-app", "169.254.9.9", "udp/53")[1] == "SIM_LINK_LOCAL_NOT_ROUTED"
