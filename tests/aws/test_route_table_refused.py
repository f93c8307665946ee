"""Which routes inside a VPC's own blocks AWS takes, and which lists may hide such routes (RT-17, RT-18)."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.aws.route_table import RouteTable, hidden_blocks, winners
from tests.aws.reading import Describe, Scenario, account, changed, warnings

LOCAL = {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active", "Origin": "CreateRouteTable"}
INSPECTS = {"VpcEndpointId": "vpce-in", "VpcId": "vpc-1", "VpcEndpointType": "GatewayLoadBalancer", "SubnetIds": ["subnet-pub"]}
SERVES = {"VpcEndpointId": "vpce-s", "VpcId": "vpc-1", "VpcEndpointType": "Interface", "State": "available"}


def hidden(describe: Describe, **target: str) -> list[str]:
    """The blocks that a route of a list nobody read may send to a target."""
    route = {"DestinationPrefixListId": "pl-9", "State": "active", "Origin": "CreateRoute", **target}
    lists: dict[str, Any] = changed(account(), "RouteTables", "rtb-main", Routes=[LOCAL, route])
    snapshot = describe(**lists, VpcEndpoints=[INSPECTS, SERVES]).snapshot
    table = snapshot.get(RouteTable, "rtb-main")
    assert table is not None
    (entry,) = (entry for entry in table.routes if isinstance(entry.destination, str))
    return sorted(map(str, hidden_blocks(snapshot, table, entry)))


@pytest.mark.parametrize(
    ("target", "hides"),
    [
        ({"NetworkInterfaceId": "eni-web"}, True),
        ({"NatGatewayId": "nat-1"}, True),
        ({"GatewayId": "vpce-in"}, True),
        ({"GatewayId": "vpce-s"}, False),
        ({"GatewayId": "vpce-gone"}, False),
        ({"GatewayId": "igw-1"}, False),
        ({"TransitGatewayId": "tgw-1"}, False),
    ],
)
def test_RT_18_a_list_hides_subnets_only_behind_what_may_stand_there(describe: Describe, target: dict[str, str], hides: bool) -> None:
    assert hidden(describe, **target) == (["10.0.0.0/24", "10.0.1.0/24"] if hides else [])


SITE = """
subnets:
  a: {vpc: main, cidr: 10.0.1.0/24}
  b: {vpc: main, cidr: 10.0.2.0/24}
nat_gateways: {nat: {subnet: a, public_ip: 198.51.100.7}}
prefix_lists: {far: {entries: [192.0.2.0/24]}}
"""


@pytest.mark.parametrize(
    "first",
    [
        "{to: far, via: igw}",
        "{to: 10.0.0.0/16, via: local}",
        "{to: 10.0.2.0/24, via: igw, propagated: true}",
        "{to: 10.0.2.0/24, via: blackhole}",
    ],
)
def test_RT_18_what_is_refused_is_told_whatever_stands_before_it(scenario: Scenario, first: str) -> None:
    """Routes of lists, local ones, propagated and dead ones are none that AWS refuses."""
    network = scenario(f"{SITE}route_tables: {{rtb: {{vpc: main, subnets: [b], routes: [{first}, {{to: 10.0.1.128/25, via: nat}}]}}}}")
    (told,) = [message for message in warnings(network) if "AWS refuses" in message]
    assert told.startswith("route table `rtb`: AWS refuses 10.0.1.128/25 -> nat;")


def test_RT_17_the_local_route_that_a_table_tells_is_named_where_it_stands(describe: Describe) -> None:
    snapshot = describe(**account()).snapshot
    table = snapshot.get(RouteTable, "rtb-main")
    assert table is not None
    (local,) = winners(snapshot, table)
    assert (str(local.entry), local.entry.origin.part) == ("10.0.0.0/16 -> local", "route 10.0.0.0/16")
    assert local.entry.origin.place is not None
