"""Route tables as AWS tells them: whom they serve, and the target, state and origin of each route (RT-1, RT-7, RT-15, RT-25, RT-26)."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.aws.route_table import RouteTable
from tests.aws.reading import Describe


def table(describe: Describe, **keys: Any) -> RouteTable:
    (found,) = describe(RouteTables=[{"RouteTableId": "rtb-1", "VpcId": "vpc-1", **keys}]).snapshot.all(RouteTable)
    return found


@pytest.mark.parametrize(
    ("target", "kind", "named"),
    [
        ({"GatewayId": "local"}, "local", ""),
        ({"GatewayId": "igw-1"}, "internet-gateway", "igw-1"),
        ({"GatewayId": "vgw-1"}, "virtual-private-gateway", "vgw-1"),
        ({"GatewayId": "vpce-1"}, "vpc-endpoint", "vpce-1"),
        ({"GatewayId": "xyz-1"}, "gateway", "xyz-1"),
        ({"NatGatewayId": "nat-1"}, "nat-gateway", "nat-1"),
        ({"NetworkInterfaceId": "eni-1"}, "network-interface", "eni-1"),
        ({"InstanceId": "i-1"}, "instance", "i-1"),
        ({"InstanceId": "i-1", "NetworkInterfaceId": "eni-1", "InstanceOwnerId": "1"}, "network-interface", "eni-1"),
        ({"TransitGatewayId": "tgw-1"}, "transit-gateway", "tgw-1"),
        ({"VpcPeeringConnectionId": "pcx-1"}, "vpc-peering-connection", "pcx-1"),
        ({"EgressOnlyInternetGatewayId": "eigw-1"}, "egress-only-internet-gateway", "eigw-1"),
        ({"LocalGatewayId": "lgw-1"}, "local-gateway", "lgw-1"),
        ({"CarrierGatewayId": "cagw-1"}, "carrier-gateway", "cagw-1"),
        ({"CoreNetworkArn": "arn:core"}, "core-network", "arn:core"),
        ({"OdbNetworkArn": "arn:odb"}, "odb-network", "arn:odb"),
        ({}, "", ""),
    ],
)
def test_RT_25_the_target_of_a_route(describe: Describe, target: dict[str, str], kind: str, named: str) -> None:
    (route,) = table(describe, Routes=[{"DestinationCidrBlock": "10.0.0.0/16", **target}]).routes
    assert (str(route.destination), route.kind, route.target) == ("10.0.0.0/16", kind, named)
    assert (route.blackhole, route.propagated, route.origin.part) == (False, False, "route 10.0.0.0/16")


@pytest.mark.parametrize(
    ("keys", "blackhole", "propagated"),
    [
        ({"State": "active", "Origin": "CreateRoute"}, False, False),
        ({"State": "blackhole", "Origin": "CreateRoute"}, True, False),
        ({"State": "active", "Origin": "EnableVgwRoutePropagation"}, False, True),
        ({"State": "active", "Origin": "Advertisement"}, False, True),
    ],
)
def test_RT_7_RT_15_the_state_and_origin_of_a_route(describe: Describe, keys: dict[str, str], blackhole: bool, propagated: bool) -> None:
    (route,) = table(describe, Routes=[{"DestinationIpv6CidrBlock": "::/0", "GatewayId": "igw-1", **keys}]).routes
    assert (str(route), route.blackhole, route.propagated) == ("::/0 -> igw-1", blackhole, propagated)


def test_RT_12_a_route_by_a_prefix_list_and_where_each_is_written(describe: Describe) -> None:
    routes = [
        {"GatewayId": "igw-1"},
        {"DestinationPrefixListId": "pl-1", "GatewayId": "vpce-1"},
        {"DestinationPrefixListId": "pl-2", "GatewayId": "local"},
        {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1"},
    ]
    found = table(describe, Routes=routes).routes
    assert [str(route) for route in found] == ["pl-1 -> vpce-1", "0.0.0.0/0 -> igw-1"]
    assert len({str(route.origin.place) for route in found}) == 2


def test_RT_1_whom_a_table_serves(describe: Describe) -> None:
    associations = [
        {"Main": True, "AssociationState": {"State": "associated"}},
        {"SubnetId": "subnet-1", "AssociationState": {"State": "associating"}},
        {"SubnetId": "subnet-2", "AssociationState": {"State": "disassociating"}},
        {"SubnetId": "subnet-3"},
        {"GatewayId": "igw-1"},
    ]
    found = table(describe, Associations=associations, PropagatingVgws=[{"GatewayId": "vgw-1"}, {}])
    assert (found.main, found.subnets, found.gateways, found.propagating) == (True, ("subnet-1", "subnet-3"), ("igw-1",), ("vgw-1",))
    plain = table(describe, Associations=[{"Main": False, "SubnetId": "subnet-1"}])
    assert (plain.main, plain.subnets) == (False, ("subnet-1",))
