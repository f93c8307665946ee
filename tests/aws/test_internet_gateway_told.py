"""Internet gateways that are attached elsewhere, or to what was not read (IGW-1, IGW-9, RT-30)."""

from __future__ import annotations

from simulator.aws.internet_gateway import InternetGateway
from tests.aws.reading import Describe, Scenario, account, changed, errors, refusal, verdict, warnings

TWO_VPCS = """
vpcs: {main: {cidr: 10.0.0.0/16}, other: {cidr: 10.1.0.0/16}}
internet_gateways: {gone: {}, theirs: {vpc: other}}
subnets:
  a: {vpc: main, cidr: 10.0.1.0/24, routes: {192.0.2.0/24: gone, 198.51.100.0/24: theirs}}
security_groups: {open: {vpc: main}}
instances: {one: {subnet: a, security_groups: open, public_ip: 203.0.113.9}}
"""


def test_RT_30_a_gateway_of_another_vpc_is_no_target_and_a_detached_one_a_dead_route(scenario: Scenario) -> None:
    network = scenario(TWO_VPCS, base=False)
    assert refusal(network, "one", "192.0.2.1") == ("forward", "BAD_STATE_ROUTE", "gone attachment")
    assert refusal(network, "one", "198.51.100.1") == ("forward", "BAD_STATE_ATTACHMENT", "theirs attachment")


def test_IGW_1_a_vpc_with_two_gateways_is_told_once(scenario: Scenario) -> None:
    two = "internet_gateways: {one: {vpc: main}, two: {vpc: main}, three: {vpc: main, attached: false}, four: {}, five: {}}"
    assert errors(scenario, f"vpcs: {{main: {{cidr: 10.0.0.0/16}}}}\n{two}") == [
        "VPC `main` has 2 internet gateways attached; AWS allows one (IGW-1)"
    ]


def test_IGW_9_a_gateway_of_a_vpc_that_was_not_read_is_no_target(describe: Describe) -> None:
    far = [{"InternetGatewayId": "igw-1", "Attachments": [{"State": "available", "VpcId": "vpc-9"}]}]
    network = describe(**{**account(), "InternetGateways": far})
    assert refusal(network, "i-web", "192.0.2.1")[:2] == ("forward", "BAD_STATE_ATTACHMENT")
    assert verdict(network, "internet", "i-web") == "never"


def test_a_gateway_is_implied_only_where_nobody_asked(describe: Describe, scenario: Scenario) -> None:
    lists = account()
    del lists["InternetGateways"]
    assert [(one.id, one.vpc, one.read) for one in describe(**lists).snapshot.all(InternetGateway)] == [("igw-of-vpc-1", "vpc-1", False)]
    assert list(describe(**{**account(), "InternetGateways": []}).snapshot.all(InternetGateway)) == []
    assert list(scenario("vpcs: {main: {cidr: 10.0.0.0/16}}", base=False).snapshot.all(InternetGateway)) == []


def test_IGW_1_only_the_attached_gateway_of_a_vpc_is_its_gateway(describe: Describe) -> None:
    gateways = [
        {"InternetGatewayId": "igw-0", "Attachments": [{"State": "detaching", "VpcId": "vpc-1"}]},
        {"InternetGatewayId": "igw-1", "Attachments": [{"State": "attached", "VpcId": "vpc-1"}]},
    ]
    network = describe(**{**changed(account(), "NetworkInterfaces", "eni-web"), "InternetGateways": gateways})
    assert verdict(network, "internet", "i-web") == "always"


def test_IGW_1_a_gateway_attached_to_nothing_is_refused(scenario: Scenario) -> None:
    told = "internet gateway `spare` is attached, but to which `vpc` is not said"
    assert errors(scenario, "internet_gateways: {spare: {attached: true}}") == [told]
    assert warnings(scenario("internet_gateways: {spare: {attached: false}, other: {}}")) == []
