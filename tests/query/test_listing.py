"""The inventory: what routes make of a subnet (VPC-12), gateways, workloads, and what was read and is not followed."""

from __future__ import annotations

import pytest

from tests.aws.hybrid import OFFICE
from tests.aws.reading import Describe, Scenario, account

HOSTS = """
subnets:
  pub: {vpc: main, cidr: 10.0.0.0/24, routes: {0.0.0.0/0: igw}}
  app: {vpc: main, cidr: 10.0.1.0/24, routes: {0.0.0.0/0: nat}, zone: b}
  boxed: {vpc: main, cidr: 10.0.2.0/24, routes: {0.0.0.0/0: box}}
  lone: {vpc: main, cidr: 10.0.3.0/24}
  dead: {vpc: main, cidr: 10.0.4.0/24, routes: [{to: 0.0.0.0/0, via: igw, blackhole: true}]}
  inner: {vpc: main, cidr: 10.0.5.0/24, routes: {10.0.3.0/24: box-eni}}
nat_gateways: {nat: {subnet: pub, public_ip: 198.51.100.5, private_ip: 10.0.0.5}}
instances:
  web: {subnet: pub, security_groups: open, ip: 10.0.0.10, public_ip: 198.51.100.10}
  box: {subnet: pub, security_groups: open, ip: 10.0.0.6, source_dest_check: false, forwards: nat}
lambdas: {fn: {subnets: app}, out: {}}
interfaces: {bare: {subnet: lone, security_groups: open, ip: 10.0.3.10}}
"""


def test_VPC_12_S15_what_routes_make_of_a_subnet(scenario: Scenario) -> None:
    (vpc,) = scenario(HOSTS).inventory().vpcs
    assert {row.id: row.reach for row in vpc.subnets} == {
        "pub": "public",
        "app": "private",
        "boxed": "private",
        "lone": "isolated",
        "dead": "isolated",
        "inner": "isolated",
    }


def test_subnets_tell_their_table_acl_and_zone(scenario: Scenario) -> None:
    (vpc,) = scenario(HOSTS).inventory().vpcs
    rows = {row.id: row for row in vpc.subnets}
    assert list(rows) == ["pub", "app", "boxed", "lone", "dead", "inner"]
    assert (rows["app"].zone, rows["app"].route_table, rows["app"].acl) == ("b", "app-routes", "main-default-acl")
    assert rows["lone"].route_table == "main-main"


def test_gateways_and_their_addresses(scenario: Scenario) -> None:
    rows = {row.id: row for row in scenario(HOSTS).inventory().gateways}
    assert (rows["igw"].kind, rows["nat"].kind) == ("internet-gateway", "nat-gateway")
    assert rows["nat"].addresses == ("10.0.0.5", "198.51.100.5")


def test_ways_to_premises_and_the_blocks_behind_them(scenario: Scenario) -> None:
    people = "client_vpns: {people: {client_cidr: 172.20.0.0/16, subnets: app, authorize: {10.0.0.0/16: all}}}\n"
    line = "virtual_interfaces: {line: {gateway: vgw, bgp_routes: 10.50.0.0/16}}\n"
    regional = "regional_nat_gateways: {every: {vpc: main, public_ips: 198.51.100.7}}\n"
    rows = {row.id: (row.kind, row.at, row.addresses) for row in scenario(OFFICE + people + line + regional).inventory().gateways}
    assert rows["vgw"] == ("virtual-private-gateway", "main", ())
    assert rows["vpn"] == ("vpn-connection", "vgw", ("192.168.10.0/24",))
    assert rows["line"] == ("virtual-interface", "vgw", ("10.50.0.0/16",))
    assert rows["people"] == ("client-vpn", "app", ("172.20.0.0/16",))
    assert rows["every"] == ("regional-nat-gateway", "main", ("198.51.100.7",))


def test_workloads_and_what_nobody_claims(scenario: Scenario) -> None:
    rows = {row.id: row for row in scenario(HOSTS).inventory().workloads}
    assert set(rows) == {"web", "box", "fn", "out", "bare"}
    assert rows["web"].public == ("198.51.100.10",)
    assert rows["bare"].kind == "network-interface"
    assert rows["out"].subnets == ()


def test_a_subnet_whose_table_was_not_read(describe: Describe) -> None:
    lists = account()
    del lists["RouteTables"]
    (vpc,) = describe(**lists).inventory().vpcs
    assert {row.reach for row in vpc.subnets} == {"unknown"}


@pytest.mark.parametrize("count", [1, 3])
def test_what_is_not_modelled_is_counted(describe: Describe, count: int) -> None:
    odd = [{"VpcPeeringFrobnicatorId": f"frob-{number}"} for number in range(count)]
    assert describe(**account(), VpcPeeringFrobnicators=odd).inventory().not_modelled == {"VpcPeeringFrobnicators": count}


def test_ways_to_other_vpcs_and_endpoints_are_listed(scenario: Scenario) -> None:
    rows = scenario(
        f"""{HOSTS}
vpcs: {{far: {{cidr: 10.1.0.0/16}}}}
transit_gateways: {{tgw: {{}}}}
transit_attachments:
  {{here: {{transit_gateway: tgw, vpc: main, subnets: app}}, there: {{transit_gateway: tgw, vpc: far, subnets: far-net}}}}
peerings: {{pcx: {{vpcs: [main, far]}}}}
vpc_endpoints: {{sqs: {{vpc: main, service: sqs, subnets: lone}}, s3: {{vpc: main, service: s3, route_tables: []}}}}
""".replace("subnets:\n", "subnets:\n  far-net: {vpc: far, cidr: 10.1.0.0/24}\n", 1)
    ).inventory()
    assert [(row.id, row.kind, row.at, row.addresses) for row in rows.gateways][-4:] == [
        ("tgw", "transit-gateway", "main, far", ()),
        ("pcx", "vpc-peering-connection", "main, far", ()),
        ("sqs", "vpc-endpoint", "main", ("10.0.3.4",)),
        ("s3", "vpc-endpoint", "main", ("s3",)),
    ]
    assert "sqs-eni-lone" not in [row.id for row in rows.workloads]
