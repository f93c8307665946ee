"""What is taken for granted where an input says the least: elements with nothing but ids, entries with nothing but what is required."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from simulator.aws.resource import Noun
from simulator.packet.prefix import Prefix
from tests.aws.reading import Describe, Scenario

DESCRIBED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "Vpcs": (
        {"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"},
        {"id": "vpc-1", "cidrs": (Prefix.parse("10.0.0.0/16"),), "dns_support": True, "dns_hostnames": True},
    ),
    "VpcPeeringConnections": (
        {"VpcPeeringConnectionId": "pcx-1", "RequesterVpcInfo": {"VpcId": "vpc-1"}, "AccepterVpcInfo": {"VpcId": "vpc-2"}},
        {"id": "pcx-1", "vpcs": ("vpc-1", "vpc-2"), "state": "active", "blocks": ((), ()), "regions": ("", "")},
    ),
    "TransitGatewayAttachments": (
        {"TransitGatewayAttachmentId": "att-1", "TransitGatewayId": "tgw-1"},
        {"id": "att-1", "gateways": ("tgw-1",), "type": "vpc", "state": "available"}
        | {"group_references": True, "tables": (("tgw-1", ""),)},
    ),
    "TransitGatewayVpcAttachments": (
        {"TransitGatewayAttachmentId": "att-1", "TransitGatewayId": "tgw-1"},
        {"id": "att-1", "gateways": ("tgw-1",), "type": "vpc", "state": "available"},
    ),
    "TransitGatewayPeeringAttachments": (
        {
            "TransitGatewayAttachmentId": "att-1",
            "RequesterTgwInfo": {"TransitGatewayId": "tgw-1"},
            "AccepterTgwInfo": {"TransitGatewayId": "tgw-2"},
        },
        {"id": "att-1", "gateways": ("tgw-1", "tgw-2"), "type": "peering", "resource": "tgw-2", "state": "available"}
        | {"group_references": True},
    ),
    "TransitGatewayRouteTables": (
        {"TransitGatewayRouteTableId": "rtb-1", "TransitGatewayId": "tgw-1"},
        {"id": "rtb-1", "gateway": "tgw-1", "unread": ("static routes", "propagations")},
    ),
    "ClientVpnEndpoints": (
        {"ClientVpnEndpointId": "cvpn-1", "ClientCidrBlock": "10.9.0.0/16"},
        {"id": "cvpn-1", "clients": Prefix.parse("10.9.0.0/16"), "groups": None, "state": "available"},
    ),
    "Listeners": ({"ListenerArn": "arn:l", "LoadBalancerArn": "arn:lb"}, {"id": "l", "balancer": "lb", "port": 0}),
    "LoadBalancerDescriptions": (
        {"LoadBalancerName": "clb"},
        {"id": "clb", "name": "clb", "type": "classic", "public": True, "state": "active", "described": True}
        | {"enforces_private_link": True, "assumes_cross_zone": True}
        | dict.fromkeys(("groups", "cross_zone", "inspection", "keeps_state")),
    ),
    "VpcBlockPublicAccessExclusions": (
        {"ExclusionId": "vpcbpa-1", "ResourceArn": "arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1"},
        {"id": "vpcbpa-1", "resource": "vpc-1", "mode": "allow-bidirectional"},
    ),
    "CacheClusters": ({"CacheClusterId": "c"}, {"id": "c", "port": 0}),
    "directConnectGatewayAssociations": (
        {"associationId": "a-1", "directConnectGatewayId": "dx-1", "associatedGateway": {"id": "vgw-1", "type": "virtualPrivateGateway"}},
        {"id": "a-1", "direct_connect_gateway": "dx-1", "gateway": "vgw-1", "allowed": None, "up": True},
    ),
    "EventSourceMappings": (
        {"FunctionArn": "arn:aws:lambda:eu-west-1:1:function:f", "EventSourceArn": "arn:aws:sqs:eu-west-1:1:q"},
        {"id": "q", "type": "sqs", "invokes": ("f",)},
    ),
    "FileSystems": ({"FileSystemId": "fs-1"}, {"id": "fs-1"}),
    "InternetGateways": ({"InternetGatewayId": "igw-1"}, {"id": "igw-1", "read": True}),
    "EgressOnlyInternetGateways": ({"EgressOnlyInternetGatewayId": "eigw-1"}, {"id": "eigw-1"}),
    "PrefixLists": ({"PrefixListId": "pl-1"}, {"id": "pl-1", "entries": None}),
    "SecurityGroups": ({"GroupId": "sg-1"}, {"id": "sg-1"}),
    "NetworkAcls": ({"NetworkAclId": "acl-1"}, {"id": "acl-1"}),
    "RouteTables": ({"RouteTableId": "rtb-1"}, {"id": "rtb-1"}),
    "Subnets": ({"SubnetId": "subnet-1"}, {"id": "subnet-1"}),
    "TransitGateways": ({"TransitGatewayId": "tgw-1"}, {"id": "tgw-1"}),
    "CustomerGateways": ({"CustomerGatewayId": "cgw-1"}, {"id": "cgw-1", "address": None, "as_number": None}),
    "VpnGateways": ({"VpnGatewayId": "vgw-1"}, {"id": "vgw-1"}),
    "VpnConnections": ({"VpnConnectionId": "vpn-1"}, {"id": "vpn-1", "state": "available"}),
    "virtualInterfaces": ({"virtualInterfaceId": "dxvif-1"}, {"id": "dxvif-1", "type": "private", "up": True}),
    "directConnectGateways": ({"directConnectGatewayId": "dx-1"}, {"id": "dx-1"}),
    "VpcEndpoints": ({"VpcEndpointId": "vpce-1"}, {"id": "vpce-1", "type": "Gateway", "state": "available"}),
    "NatGateways": (
        {"NatGatewayId": "nat-1", "SubnetId": "subnet-1"},
        {"id": "nat-1", "subnet": "subnet-1", "interface": "eni-of-nat-1", "public": True, "state": "available"},
    ),
    "Reservations": ({"Instances": [{"InstanceId": "i-1"}]}, {"id": "i-1", "state": "running", "os": "linux"}),
    "Functions": ({"FunctionName": "f"}, {"id": "f", "groups": None, "described": True}),
    "DBInstances": ({"DBInstanceIdentifier": "db"}, {"id": "db", "port": 0}),
    "InstanceConnectEndpoints": ({"InstanceConnectEndpointId": "eice-1"}, {"id": "eice-1", "state": "create-complete"}),
    "TargetGroups": (
        {"TargetGroupArn": "arn:tg", "TargetGroupName": "tg"},
        {"id": "tg", "name": "tg", "arn": "arn:tg", "type": "instance", "port": 0}
        | dict.fromkeys(("targets", "keeps_client", "cross_zone")),
    ),
    "LoadBalancers": (
        {"LoadBalancerArn": "arn:lb", "LoadBalancerName": "lb"},
        {"id": "lb", "name": "lb", "arn": "arn:lb", "type": "application", "state": "active", "described": True}
        | {"enforces_private_link": True}
        | dict.fromkeys(("groups", "cross_zone", "inspection", "keeps_state")),
    ),
    "ServiceConfigurations": ({"ServiceId": "vpce-svc-1"}, {"id": "vpce-svc-1", "acceptance": True, "available": True}),
    "NetworkInterfaces": ({"NetworkInterfaceId": "eni-1"}, {"id": "eni-1", "check": True, "attached": True, "type": "interface"}),
}
WRITTEN = """
vpcs: {main: {cidr: 10.0.0.0/16}, other: {cidr: 10.1.0.0/16}}
subnets: {a: {vpc: main, cidr: 10.0.0.0/24}}
security_groups: {sg: {vpc: main, outbound: []}}
network_acls: {acl: {vpc: main}}
route_tables: {rtb: {vpc: main}}
internet_gateways: {igw: {}}
egress_only_gateways: {eigw: {vpc: main}}
nat_gateways: {nat: {subnet: a, type: private}}
interfaces: {eni: {subnet: a, ip: 10.0.0.9}}
instances: {i: {subnet: a}}
peerings: {pcx: {vpcs: [main, other]}}
transit_gateways: {tgw: {}}
transit_route_tables: {rtb-t: {transit_gateway: tgw}}
transit_attachments: {att: {transit_gateway: tgw, vpc: main, subnets: a}}
vpn_gateways: {vgw: {}}
customer_gateways: {cgw: {}}
vpn_connections: {vpn: {customer_gateway: cgw, gateway: vgw}}
lambdas: {f: {subnets: a}}
databases: {db: {subnets: a}}
target_groups: {tg: {}}
connect_endpoints: {eice: {subnet: a}}
load_balancers: {lb: {subnets: a}}
"""
NOUNS: dict[str, dict[str, Any]] = {
    "sg": {"vpc": "main"},
    "acl": {"vpc": "main"},
    "rtb": {"vpc": "main"},
    "igw": {"read": True},
    "eigw": {"vpc": "main", "attached": True},
    "nat": {"subnet": "a", "interface": "nat-eni", "state": "available"},
    "i": {"interfaces": ("i-eni",), "state": "running", "os": "linux"},
    "pcx": {"vpcs": ("main", "other"), "state": "active", "blocks": ((), ()), "regions": ("", "")},
    "tgw": {"association": "tgw-routes", "propagation": "tgw-routes", "authored": True},
    "rtb-t": {"gateway": "tgw"},
    "att": {"gateways": ("tgw",), "type": "vpc", "resource": "main", "subnets": ("a",), "state": "available"}
    | {"group_references": True, "tables": (("tgw", "tgw-routes"),)},
    "vgw": {},
    "cgw": {"address": None, "as_number": None},
    "vpn": {"gateway": "vgw", "customer_gateway": "cgw", "state": "available"},
    "f": {"subnets": ("a",), "groups": None, "interfaces": ("f-eni-a",)},
    "db": {"subnets": ("a",), "interfaces": ("db-eni",), "port": 0},
    "tg": {"port": 0, "keeps_client": None, "cross_zone": None},
    "eice": {"subnet": "a", "interfaces": ("eice-eni",), "state": "create-complete"},
    "lb": {"type": "application", "subnets": ("a",), "interfaces": ("lb-eni",), "state": "active", "told": (("a", None, None),)}
    | {"enforces_private_link": True}
    | dict.fromkeys(("groups", "cross_zone", "inspection", "keeps_state")),
}


def told(noun: Noun) -> dict[str, Any]:
    """What a noun says, without where it was read; empty texts, empty lists and false left out."""
    said = {field.name: getattr(noun, field.name) for field in fields(noun) if field.name != "origin"}  # type: ignore[arg-type]
    return {name: value for name, value in said.items() if not (value in ("", ()) or value is False)}


@pytest.mark.parametrize("key", DESCRIBED)
def test_what_an_element_with_nothing_but_ids_is_taken_to_say(describe: Describe, key: str) -> None:
    element, expected = DESCRIBED[key]
    network = describe(**{key: [element]})
    assert told(next(noun for _, noun in network.snapshot.everything() if noun.id == expected["id"])) == expected


def test_what_an_entry_with_nothing_but_what_is_required_is_taken_to_say(scenario: Scenario) -> None:
    network = scenario(WRITTEN, base=False)
    found = {noun.id: told(noun) for _, noun in network.snapshot.everything() if noun.id in NOUNS}
    assert found == {noun_id: {"id": noun_id, **said} for noun_id, said in NOUNS.items()}


NAMED = {
    "InternetGateways": "InternetGatewayId",
    "SecurityGroups": "GroupId",
    "NetworkAcls": "NetworkAclId",
    "RouteTables": "RouteTableId",
    "Subnets": "SubnetId",
    "TransitGateways": "TransitGatewayId",
    "CustomerGateways": "CustomerGatewayId",
    "VpnGateways": "VpnGatewayId",
    "VpnConnections": "VpnConnectionId",
    "VpcEndpoints": "VpcEndpointId",
    "InstanceConnectEndpoints": "InstanceConnectEndpointId",
}


@pytest.mark.parametrize("key", NAMED)
def test_the_tag_name_is_the_name(describe: Describe, key: str) -> None:
    network = describe(**{key: [{NAMED[key]: "x-1", "GroupName": "group", "Tags": [{"Key": "Name", "Value": "shop"}]}]})
    assert next(noun for _, noun in network.snapshot.everything()).name == "shop"
