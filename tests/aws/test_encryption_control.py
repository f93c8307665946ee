"""Encryption controls: told, checked, and named by answers that rest on them (ENC-1 to ENC-3)."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.aws.encryption_control import EncryptionControl
from tests.aws.reading import Describe, Scenario, account, verdict, warnings

SITE = """
vpcs: {main: {cidr: 10.0.0.0/16, internet_gateway: igw, region: eu-west-1}, w: {cidr: 10.1.0.0/16, region: eu-west-1}}
subnets:
  n: {vpc: main, cidr: 10.0.1.0/24, routes: {0.0.0.0/0: igw, 10.1.0.0/16: pcx}}
  q: {vpc: w, cidr: 10.1.1.0/24, routes: {10.0.0.0/16: pcx}}
peerings: {pcx: {vpcs: [main, w]}}
nat_gateways: {nat: {subnet: n, public_ip: 198.51.100.7}}
lambdas: {fn: {subnets: n}}
vpn_gateways: {vgw: {vpc: main}}
vpc_endpoints: {sqs: {vpc: main, service: sqs, subnets: n, security_groups: open}}
security_groups: {in-w: {vpc: w, inbound: {from: 0.0.0.0/0, allow: all}}}
instances: {a: {subnet: n, security_groups: open, public_ip: 198.51.100.10}, b: {subnet: q, security_groups: in-w}}
"""
TOLD = "VPC `main` enforces encryption; "


def controls(mode: str, exclusions: str = "[]", more: str = "") -> str:
    return f"{SITE}encryption_controls: {{c: {{vpc: main, mode: {mode}, exclusions: {exclusions}}}{more}}}\n"


def test_ENC_1_monitoring_is_told_nothing_about(scenario: Scenario) -> None:
    assert warnings(scenario(controls("monitor"))) == []


def test_ENC_1_what_may_not_be_there_is_told(scenario: Scenario) -> None:
    told = warnings(scenario(controls("enforce")))
    there = ("internet gateway `igw`", "nat gateway `nat`", "virtual private gateway `vgw`", "lambda function `fn`")
    assert told[:4] == [f"{TOLD}{what} may not be there without an exclusion (ENC-1)" for what in there]


def test_ENC_1_an_exclusion_lets_it_be_there(scenario: Scenario) -> None:
    excluded = "[internet-gateway, nat-gateway, virtual-private-gateway, lambda, vpc-peering]"
    assert warnings(scenario(controls("enforce", excluded))) == []


def test_ENC_1_no_exclusion_lets_a_firewall_be_there(scenario: Scenario) -> None:
    more = "network_firewalls: {fw: {vpc: w, subnets: q, policy: pol}}\nfirewall_policies: {pol: {}}\n"
    text = controls("monitor", "[]", ", d: {vpc: w, mode: enforce, exclusions: vpc-peering}") + more
    told = "VPC `w` enforces encryption; network firewall `fw` may not be there without an exclusion (ENC-1)"
    assert warnings(scenario(text)) == [told]


@pytest.mark.parametrize(
    ("more", "region", "fine"),
    [("", "eu-west-1", False), (", d: {vpc: w, mode: enforce}", "eu-west-1", True), (", d: {vpc: w, mode: enforce}", "us-east-1", False)],
)
def test_ENC_2_a_peering_needs_both_to_enforce(scenario: Scenario, more: str, region: str, fine: bool) -> None:
    excluded = "[internet-gateway, nat-gateway, virtual-private-gateway, lambda]"
    text = controls("enforce", excluded, more).replace(
        "w: {cidr: 10.1.0.0/16, region: eu-west-1}", f"w: {{cidr: 10.1.0.0/16, region: {region}}}"
    )
    told = f"{TOLD}peering `pcx` needs the same of `w` in the same Region, or an exclusion (ENC-2)"
    assert (told in warnings(scenario(text))) is not fine


def test_ENC_2_an_answer_by_an_endpoint_says_what_it_takes_for_granted(scenario: Scenario) -> None:
    told = "main enforces encryption, so sqs drops what applications do not encrypt: taken to be encrypted"
    for mode, expected in (("enforce", True), ("monitor", False)):
        answer = scenario(controls(mode)).can("a", "sqs", "tcp/443")
        assert answer.verdict.value == "always"
        assert (told in answer.assumptions) is expected


def test_ENC_3_the_mode_changes_no_verdict(scenario: Scenario) -> None:
    for mode in ("monitor", "enforce"):
        network = scenario(controls(mode))
        assert [verdict(network, *ends) for ends in (("a", "internet"), ("internet", "a"), ("a", "b"))] == ["always"] * 3


def told(**more: Any) -> dict[str, Any]:
    return {"VpcEncryptionControlId": "vpcec-1", "VpcId": "vpc-1", "Mode": "enforce", "State": "available", **more}


def test_controls_of_an_aws_answer(describe: Describe) -> None:
    exclusions = {"InternetGateway": {"State": "enabled"}, "NatGateway": {"State": "disabled"}}
    network = describe(**account(), VpcEncryptionControls=[told(ResourceExclusions=exclusions)])
    (found,) = network.snapshot.all(EncryptionControl)
    assert (found.vpc, found.mode, found.exclusions) == ("vpc-1", "enforce", ("internet-gateway",))
    assert warnings(network) == []
    assert list(describe(**account(), VpcEncryptionControls=[told(State="deleted")]).snapshot.all(EncryptionControl)) == []
    shown = "VPC `vpc-1` enforces encryption; internet gateway `igw-1` may not be there without an exclusion (ENC-1)"
    assert warnings(describe(**account(), VpcEncryptionControls=[told()])) == [shown]
