"""Block Public Access as AWS tells it: which exclusions count, whose switch it is, and what is said of both (BPA-1, BPA-10)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulator.aws.block_public_access import BlockPublicAccess, PublicAccessExclusion
from simulator.aws.vpc import Vpc
from simulator.origin import Origin
from tests.aws.reading import Describe, Scenario, account, verdict, warnings

OPTIONS = {"AwsAccountId": "111122223333", "AwsRegion": "eu-west-1", "InternetGatewayBlockMode": "block-bidirectional"}
EXCLUSION = {
    "ExclusionId": "vpcbpa-exclude-1",
    "InternetGatewayExclusionMode": "allow-bidirectional",
    "ResourceArn": "arn:aws:ec2:eu-west-1:111122223333:subnet/subnet-pub",
}
SITE = """
subnets: {front: {vpc: main, cidr: 10.0.1.0/24, routes: {0.0.0.0/0: igw}}}
instances: {web: {subnet: front, security_groups: open, public_ip: 198.51.100.10}}
"""


@pytest.mark.parametrize(
    ("state", "counts"),
    [
        ("create-complete", True),
        ("update-complete", True),
        ("update-in-progress", True),
        ("delete-in-progress", True),
        ("create-in-progress", False),
        ("create-failed", False),
        ("delete-complete", False),
    ],
)
def test_BPA_1_an_exclusion_counts_from_when_it_is_made_until_it_is_gone(describe: Describe, state: str, counts: bool) -> None:
    network = describe(**account(), VpcBlockPublicAccessOptions=OPTIONS, VpcBlockPublicAccessExclusions=[{**EXCLUSION, "State": state}])
    assert bool(list(network.snapshot.all(PublicAccessExclusion))) is counts
    assert verdict(network, "internet", "i-web") == ("always" if counts else "never")


def test_a_switch_that_names_no_mode_is_off(describe: Describe) -> None:
    network = describe(**account(), VpcBlockPublicAccessOptions={"AwsAccountId": "111122223333"})
    assert [switch.mode for switch in network.snapshot.all(BlockPublicAccess)] == ["off"]


def test_BPA_10_a_vpc_of_which_nobody_knows_the_owner_may_be_the_switchs() -> None:
    switch = BlockPublicAccess("bpa", "", "block-ingress", "111122223333", "eu-west-1", Origin("bpa"))
    vpc = Vpc("vpc-1", "", (), Origin("vpc-1"), region="eu-west-1", account="111122223333")
    assert switch.covers(vpc)
    assert switch.covers(replace(vpc, account="", region=""))
    assert not switch.covers(replace(vpc, account="444455556666"))
    assert not switch.covers(replace(vpc, region="us-east-1"))
    assert replace(switch, account="", region="").covers(vpc)


def test_more_exclusions_than_the_quota_are_told_once(scenario: Scenario) -> None:
    def listed(count: int) -> str:
        entries = ", ".join(f"x{number}: {{subnet: front}}" for number in range(count))
        return f"{SITE}block_public_access: {{bpa: {{mode: block-bidirectional}}}}\npublic_access_exclusions: {{{entries}}}"

    assert warnings(scenario(listed(50))) == []
    assert warnings(scenario(listed(51))) == ["there are more than 50 exclusions; AWS allows that only with a raised quota"]


def test_BPA_1_an_exclusion_both_ways_has_an_effect_in_ingress_mode(scenario: Scenario) -> None:
    switched = "block_public_access: {bpa: {mode: block-ingress}}\npublic_access_exclusions: {x: {subnet: front}}"
    network = scenario(f"{SITE}{switched}")
    assert warnings(network) == []
    assert verdict(network, "internet", "web") == "always"


def test_what_is_taken_for_granted_is_told_of_each_direction(describe: Describe) -> None:
    told = "VPC Block Public Access of vpc-1 was not read: taken to be off"
    network = describe(**account())
    for ends in (("i-web", "internet"), ("internet", "i-web")):
        assert told in network.can(*ends, "tcp/443", one_way=True).assumptions
