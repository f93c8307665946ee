"""What a subnet's routes lead to: each its own target, a choice only where lists overlap, each dead route itself (RT-6, RT-11, RT-15)."""

from __future__ import annotations

import pytest

import simulator
from simulator.graph.nodes import Choice, Drop, Lookup
from tests.aws.reading import Describe, Scenario, account, changed, path, refusal, verdict

HOSTS = """
subnets:
  pub: {vpc: main, cidr: 10.0.0.0/24, routes: {0.0.0.0/0: igw}}
  a: {vpc: main, cidr: 10.0.1.0/24, routes: ROUTES}
nat_gateways:
  nat: {subnet: pub, public_ip: 198.51.100.5}
  other: {subnet: pub, public_ip: 198.51.100.6}
  failed: {subnet: pub, public_ip: 198.51.100.7, state: failed}
instances:
  one: {subnet: a, security_groups: open, ip: 10.0.1.10}
prefix_lists:
  wide: {entries: [203.0.113.0/28, 203.0.113.16/28, 203.0.113.32/28]}
  narrow: {entries: 203.0.113.16/28}
"""
UNREAD = {"DestinationPrefixListId": "pl-9", "GatewayId": "vpce-1", "State": "active", "Origin": "CreateRoute"}
LOCAL = {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active", "Origin": "CreateRouteTable"}


def hosts(routes: str) -> str:
    return HOSTS.replace("ROUTES", routes)


def routes_of(network: simulator.Network, table: str) -> Lookup:
    return next(node for node in network.flow_graph.nodes if isinstance(node, Lookup) and node.what == f"route table {table}")


def test_RT_6_two_routes_to_targets_of_one_kind_lead_to_each(scenario: Scenario) -> None:
    network = scenario(hosts("{203.0.113.0/24: nat, 192.0.2.0/24: other}"))
    assert "nat" in path(network, "one", "203.0.113.8")
    assert "other" in path(network, "one", "192.0.2.8")
    assert not any(isinstance(node, Choice) for node in network.flow_graph.nodes)


def test_RT_5_routes_are_told_with_their_blocks_and_targets(scenario: Scenario) -> None:
    table = routes_of(scenario(hosts("{203.0.113.0/24: nat, 192.0.2.0/24: nat}")), "a-routes")
    assert [route.what for route in table.table.routes] == ["10.0.0.0/16 -> local", "192.0.2.0/24 -> nat", "203.0.113.0/24 -> nat"]
    assert len(table.targets) == 2  # the two to one target share its door


def test_RT_12_a_list_that_is_written_is_no_assumption(scenario: Scenario) -> None:
    network = scenario(hosts("{wide: nat}"))
    assert "" not in [text for texts in network.flow_graph.assumptions.values() for text in texts]


BESIDE = """
subnets: {a: {vpc: main, cidr: 10.0.1.0/24, network_acl: closed, routes: ROUTES}}
network_acls: {closed: {vpc: main}}
instances:
  one: {subnet: a, security_groups: open, ip: 10.0.1.10}
interfaces: {beside: {subnet: a, security_groups: open, ip: 10.0.1.20}}
"""


def test_NACL_21_only_a_live_route_to_an_interface_beside_leaves_no_subnet(scenario: Scenario) -> None:
    def lookups(network: simulator.Network) -> list[list[str]]:
        nodes = [node for node in network.flow_graph.nodes if isinstance(node, Lookup) and node.what.endswith("targets in the same subnet")]
        return [[route.what for route in node.table.routes] for node in nodes]

    live = scenario(BESIDE.replace("ROUTES", "{192.0.2.0/24: beside, 0.0.0.0/0: igw}"))
    assert lookups(live) == [["0.0.0.0/0 -> igw", "10.0.0.0/16 -> local", "192.0.2.0/24 -> beside"]]
    assert refusal(live, "one", "192.0.2.1")[1] == "ENI_SOURCE_DEST_CHECK_RESTRICTION"
    router = "interfaces:\n  x: {subnet: a, security_groups: open}\n  y: {subnet: a, security_groups: open}\n"
    two = BESIDE.replace("ROUTES", "{192.0.2.0/24: router}").replace("instances:", "instances:\n  router: {interfaces: [x, y]}")
    assert lookups(scenario(two.split("interfaces: {beside")[0] + router)) == []  # RT-26: an instance with one interface is meant
    dead = scenario(BESIDE.replace("ROUTES", "[{to: 192.0.2.0/24, via: beside, blackhole: true}]"))
    assert lookups(dead) == []
    assert refusal(dead, "one", "192.0.2.1")[1] == "SUBNET_ACL_RESTRICTION"


def test_RT_11_aws_chooses_only_where_two_lists_hold_a_block(scenario: Scenario) -> None:
    """The blocks before and after the one that both hold lead to one target."""
    network = scenario(hosts("[{to: wide, via: nat}, {to: narrow, via: failed}]"))
    asked = ("203.0.113.1", "203.0.113.17", "203.0.113.33")
    assert [verdict(network, "one", address) for address in asked] == ["always", "sometimes", "always"]


def test_RT_15_each_dead_route_names_itself(scenario: Scenario) -> None:
    network = scenario(hosts("[{to: 192.0.2.0/24, via: blackhole}, {to: 203.0.113.0/24, via: blackhole}]"))
    assert refusal(network, "one", "192.0.2.1")[2] == "a-routes route 192.0.2.0/24"
    assert refusal(network, "one", "203.0.113.1")[2] == "a-routes route 203.0.113.0/24"


def test_RT_15_a_dead_route_to_a_target_says_nothing_of_a_live_one(scenario: Scenario) -> None:
    network = scenario(hosts("[{to: 192.0.2.0/24, via: nat, blackhole: true}, {to: 203.0.113.0/24, via: nat}]"))
    assert (verdict(network, "one", "192.0.2.1"), verdict(network, "one", "203.0.113.1")) == ("never", "always")


def test_RT_17_with_a_list_that_was_not_read_every_block_of_the_vpc_stays_local(describe: Describe) -> None:
    blocks = [{"CidrBlock": block, "CidrBlockState": {"State": "associated"}} for block in ("10.0.0.0/16", "10.7.0.0/16")]
    lists = changed(
        changed(account(), "RouteTables", "rtb-main", Routes=[LOCAL, UNREAD, {**UNREAD, "DestinationPrefixListId": "pl-8"}]),
        "Vpcs",
        "vpc-1",
        CidrBlockAssociationSet=blocks,
    )
    network = describe(**lists)
    assert verdict(network, "i-app", "10.0.0.10", "tcp/443") == "always"
    assert verdict(network, "i-app", "192.0.2.1") == "unknown"
    (gap,) = [node for node in network.flow_graph.nodes if isinstance(node, Drop) and node.gap and "prefix list" in node.what]
    assert (gap.what, gap.code) == ("prefix list pl-9 of route table rtb-main (not read)", "UNKNOWN_RESOURCE")
    assert gap.origin is not None
    assert (gap.origin.resource, gap.origin.part) == ("rtb-main", "route pl-9")


@pytest.mark.parametrize(("target", "expected"), [({"NetworkInterfaceId": "eni-web"}, "unknown"), ({"GatewayId": "vpce-1"}, "always")])
def test_RT_18_a_list_that_was_not_read_may_send_a_subnet_to_an_appliance(
    describe: Describe, target: dict[str, str], expected: str
) -> None:
    route = {"DestinationPrefixListId": "pl-9", "State": "active", "Origin": "CreateRoute", **target}
    network = describe(**changed(account(), "RouteTables", "rtb-main", Routes=[LOCAL, route]))
    assert verdict(network, "i-app", "10.0.0.10", "tcp/443") == expected
    assert verdict(network, "i-app", "10.0.9.9") == "never"  # in no subnet there is no such route


def test_a_list_of_which_only_the_id_was_read_is_not_known(describe: Describe) -> None:
    lists = changed(account(), "RouteTables", "rtb-main", Routes=[LOCAL, UNREAD])
    assert verdict(describe(**lists, PrefixLists=[{"PrefixListId": "pl-9"}]), "i-app", "192.0.2.1") == "unknown"
    assert verdict(describe(**lists, PrefixLists=[{"PrefixListId": "pl-9", "Cidrs": []}]), "i-app", "192.0.2.1") == "never"


def test_RT_17_a_table_that_was_not_read_has_a_local_route_for_each_block(describe: Describe) -> None:
    blocks = [{"CidrBlock": block, "CidrBlockState": {"State": "associated"}} for block in ("10.9.0.0/16", "10.0.0.0/16")]
    lists = changed(account(), "Vpcs", "vpc-1", CidrBlock="10.9.0.0/16", CidrBlockAssociationSet=blocks)
    del lists["RouteTables"]
    network = describe(**lists)
    node = next(node for node in network.flow_graph.nodes if isinstance(node, Lookup) and node.what == "route table that was not read")
    assert [(route.what, route.origin.part) for route in node.table.routes] == [
        ("10.0.0.0/16 -> local", "local route 10.0.0.0/16"),
        ("10.9.0.0/16 -> local", "local route 10.9.0.0/16"),
    ]
    gaps = [node.what for node in network.flow_graph.nodes if isinstance(node, Drop) and node.gap and "route table of" in node.what]
    assert gaps == ["the route table of subnet-pub (not read)", "the route table of subnet-app (not read)"]


def test_RT_25_a_route_to_an_instance_that_was_not_read_is_a_gap(describe: Describe) -> None:
    route = {"DestinationCidrBlock": "0.0.0.0/0", "InstanceId": "i-9", "State": "active", "Origin": "CreateRoute"}
    network = describe(**changed(account(), "RouteTables", "rtb-main", Routes=[LOCAL, route]))
    assert verdict(network, "i-app", "192.0.2.1") == "unknown"


def test_RT_11_aws_chooses_among_all_lists_that_hold_a_block(scenario: Scenario) -> None:
    lists = "prefix_lists: {x: {entries: 203.0.113.0/24}, y: {entries: 203.0.113.0/24}, z: {entries: 203.0.113.0/24}}"
    text = hosts("[{to: x, via: nat}, {to: y, via: other}, {to: z, via: failed}]").split("prefix_lists:")[0]
    (choice,) = [node for node in scenario(f"{text}\n{lists}").flow_graph.nodes if isinstance(node, Choice)]
    assert sorted(label for label, _ in choice.options) == ["x -> nat", "y -> other", "z -> failed"]


def test_RT_17_the_local_route_is_the_one_that_was_told(describe: Describe) -> None:
    network = describe(**changed(account(), "RouteTables", "rtb-main", Routes=[LOCAL]))
    (route,) = routes_of(network, "rtb-main").table.routes
    assert (route.origin.part, route.origin.place is not None) == ("route 10.0.0.0/16", True)
    untold = describe(**changed(account(), "RouteTables", "rtb-main", Routes=[]))
    assert [route.origin.part for route in routes_of(untold, "rtb-main").table.routes] == ["local route 10.0.0.0/16"]
