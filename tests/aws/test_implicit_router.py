"""What every VPC has by itself, and what its subnets may not do (VPC-8, VPC-14)."""

from __future__ import annotations

from simulator.aws.network_acl import NetworkAcl
from simulator.aws.route_table import RouteTable
from simulator.aws.security_group import SecurityGroup
from simulator.aws.vpc import Vpc
from simulator.packet.prefix import Prefix
from tests.aws.reading import Describe, Scenario, account, errors, warnings


def test_VPC_14_what_aws_makes_with_a_vpc(scenario: Scenario) -> None:
    snapshot = scenario("vpcs: {main: {cidr: 10.0.0.0/16}}", base=False).snapshot
    (table,) = snapshot.all(RouteTable)
    assert (table.id, table.vpc, table.main, table.subnets, table.gateways, table.routes) == ("main-main", "main", True, (), (), ())
    assert [acl.id for acl in snapshot.all(NetworkAcl)] == ["main-default-acl"]
    assert [group.id for group in snapshot.all(SecurityGroup)] == ["main-default"]


def test_VPC_14_what_is_written_takes_the_place_of_what_aws_makes_in_that_vpc_only(scenario: Scenario) -> None:
    written = """
    vpcs: {main: {cidr: 10.0.0.0/16}, other: {cidr: 10.1.0.0/16}}
    route_tables: {mine: {vpc: main, main: true}, plain: {vpc: other}}
    network_acls: {my-acl: {vpc: main, default: true}, acl: {vpc: other}}
    security_groups: {my-group: {vpc: main, default: true}, group: {vpc: other}}
    """
    snapshot = scenario(written, base=False).snapshot
    assert [table.id for table in snapshot.all(RouteTable)] == ["mine", "plain", "other-main"]
    assert [acl.id for acl in snapshot.all(NetworkAcl)] == ["my-acl", "acl", "other-default-acl"]
    assert [group.id for group in snapshot.all(SecurityGroup)] == ["my-group", "group", "other-default"]


def test_VPC_14_nothing_is_made_for_a_vpc_of_an_account(describe: Describe) -> None:
    snapshot = describe(Vpcs=account()["Vpcs"]).snapshot
    assert not any(list(snapshot.all(kind)) for kind in (RouteTable, NetworkAcl, SecurityGroup))


def test_RT_17_the_local_routes_tell_the_blocks_of_a_vpc_that_was_not_read(describe: Describe) -> None:
    lists = account()
    del lists["Vpcs"]
    (vpc,) = describe(**lists).snapshot.all(Vpc)
    assert (vpc.id, vpc.cidrs) == ("vpc-1", (Prefix.parse("10.0.0.0/16"),))


def overlapping(*blocks: str) -> str:
    return "subnets: {" + ", ".join(f"s{number}: {{vpc: main, cidr: {block}}}" for number, block in enumerate(blocks)) + "}"


def test_VPC_8_subnets_that_overlap_are_told_wherever_they_lie(scenario: Scenario) -> None:
    assert errors(scenario, overlapping("10.0.0.0/24", "10.0.1.0/24", "10.0.1.128/25")) == [
        "subnets `s1` (10.0.1.0/24) and `s2` (10.0.1.128/25) overlap; AWS refuses that"
    ]
    assert errors(scenario, overlapping("10.0.0.0/22", "10.0.1.0/24", "10.0.2.0/24")) == [
        "subnets `s0` (10.0.0.0/22) and `s1` (10.0.1.0/24) overlap; AWS refuses that",
        "subnets `s0` (10.0.0.0/22) and `s2` (10.0.2.0/24) overlap; AWS refuses that",
    ]
    assert warnings(scenario(overlapping("10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/23"))) == []


def test_more_subnets_than_the_quota_are_told(scenario: Scenario) -> None:
    blocks = [f"10.0.{number}.0/24" for number in range(201)]
    assert warnings(scenario(overlapping(*blocks[:200]))) == []
    assert warnings(scenario(overlapping(*blocks))) == ["VPC `main` has more than 200 subnets; AWS allows that only with a raised quota"]
