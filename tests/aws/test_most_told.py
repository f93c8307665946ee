"""AWS answers that say all that is read: every key ends in the field it stands for."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.packet.prefix import Prefix, parse_address
from tests.aws.reading import Describe
from tests.aws.test_least_told import told

TAGS = [{"Key": "Other", "Value": "no"}, {"Key": "Name", "Value": "shop"}]
LB = "arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer"
TG = "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup"
FULL: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "Vpcs": (
        {
            "VpcId": "vpc-1",
            "CidrBlock": "10.0.0.0/16",
            "CidrBlockAssociationSet": [
                {"CidrBlock": "10.0.0.0/16", "CidrBlockState": {"State": "associated"}},
                {"CidrBlock": "10.5.0.0/16", "CidrBlockState": {"State": "associated"}},
                {"CidrBlock": "10.6.0.0/16", "CidrBlockState": {"State": "disassociated"}},
            ],
            "Ipv6CidrBlockAssociationSet": [
                {"Ipv6CidrBlock": "2001:db8::/56", "Ipv6CidrBlockState": {"State": "associated"}},
                {"Ipv6CidrBlock": "2001:db8:9::/56", "Ipv6CidrBlockState": {"State": "disassociated"}},
            ],
            "OwnerId": "111122223333",
            "IsDefault": True,
            "Tags": TAGS,
        },
        {"id": "vpc-1", "name": "shop", "account": "111122223333", "dns_support": True, "dns_hostnames": True, "default": True}
        | {"cidrs": tuple(map(Prefix.parse, ("10.0.0.0/16", "10.5.0.0/16", "2001:db8::/56")))},
    ),
    "Subnets": (
        {
            "SubnetId": "subnet-1",
            "VpcId": "vpc-9",
            "CidrBlock": "10.0.1.0/24",
            "Ipv6CidrBlockAssociationSet": [
                {"Ipv6CidrBlock": "2001:db8:0:9::/64", "Ipv6CidrBlockState": {"State": "disassociated"}},
                {"Ipv6CidrBlock": "2001:db8::/64", "Ipv6CidrBlockState": {"State": "associated"}},
            ],
            "AvailabilityZone": "eu-west-1a",
            "AvailabilityZoneId": "euw1-az2",
            "MapPublicIpOnLaunch": True,
            "EnableDns64": True,
            "Tags": TAGS,
        },
        {
            "id": "subnet-1",
            "name": "shop",
            "vpc": "vpc-9",
            "zone": "euw1-az2",
            "zone_name": "eu-west-1a",
            "gives_public": True,
            "dns64": True,
        }
        | {"cidrs": (Prefix.parse("10.0.1.0/24"), Prefix.parse("2001:db8::/64"))},
    ),
    "NatGateways": (
        {
            "NatGatewayId": "nat-1",
            "SubnetId": "subnet-1",
            "VpcId": "vpc-1",
            "State": "pending",
            "ConnectivityType": "private",
            "NatGatewayAddresses": [
                {"PrivateIp": "10.0.0.7", "IsPrimary": False, "NetworkInterfaceId": "eni-2"},
                {"PrivateIp": "10.0.0.6", "IsPrimary": True, "NetworkInterfaceId": "eni-1"},
            ],
            "Tags": TAGS,
        },
        {"id": "nat-1", "name": "shop", "subnet": "subnet-1", "interface": "eni-1", "state": "pending"},
    ),
    "VpcPeeringConnections": (
        {
            "VpcPeeringConnectionId": "pcx-1",
            "Status": {"Code": "expired"},
            "RequesterVpcInfo": {"VpcId": "vpc-1", "Region": "eu-west-1", "CidrBlock": "10.0.0.0/16"},
            "AccepterVpcInfo": {
                "VpcId": "vpc-2",
                "Region": "eu-west-2",
                "CidrBlockSet": [{"CidrBlock": "10.1.0.0/16"}],
                "Ipv6CidrBlockSet": [{"Ipv6CidrBlock": "2001:db8::/56"}],
            },
            "Tags": TAGS,
        },
        {"id": "pcx-1", "name": "shop", "vpcs": ("vpc-1", "vpc-2"), "state": "expired", "regions": ("eu-west-1", "eu-west-2")}
        | {"blocks": ((Prefix.parse("10.0.0.0/16"),), (Prefix.parse("10.1.0.0/16"), Prefix.parse("2001:db8::/56")))},
    ),
    "VpcEndpoints": (
        {
            "VpcEndpointId": "vpce-1",
            "VpcId": "vpc-1",
            "VpcEndpointType": "Interface",
            "ServiceName": "com.amazonaws.eu-west-1.sqs",
            "SubnetIds": ["subnet-1"],
            "Groups": [{"GroupId": "sg-1"}],
            "PrivateDnsEnabled": True,
            "State": "pending",
            "Tags": TAGS,
        },
        {"id": "vpce-1", "name": "shop", "vpc": "vpc-1", "type": "Interface", "service": "sqs", "region": "eu-west-1"}
        | {"subnets": ("subnet-1",), "groups": ("sg-1",), "private_dns": True, "state": "pending"},
    ),
    "LoadBalancers": (
        {
            "LoadBalancerArn": f"{LB}/net/shop/1",
            "LoadBalancerName": "shop",
            "Type": "network",
            "Scheme": "internet-facing",
            "State": {"Code": "provisioning"},
            "SecurityGroups": ["sg-1"],
            "AvailabilityZones": [
                {"ZoneName": "eu-west-1c"},
                {"SubnetId": "subnet-1", "LoadBalancerAddresses": [{"PrivateIPv4Address": "10.0.0.5", "IpAddress": "198.51.100.5"}]},
            ],
            "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic": "off",
        },
        {"id": "net/shop/1", "name": "shop", "type": "network", "public": True, "state": "provisioning", "groups": ("sg-1",)}
        | {"subnets": ("subnet-1",), "arn": f"{LB}/net/shop/1", "described": True}
        | {"told": (("subnet-1", parse_address("10.0.0.5"), parse_address("198.51.100.5")),)}
        | dict.fromkeys(("cross_zone", "inspection", "keeps_state")),
    ),
    "LoadBalancerDescriptions": (
        {
            "LoadBalancerName": "clb",
            "Scheme": "internal",
            "SecurityGroups": ["sg-1"],
            "Subnets": ["subnet-1"],
            "ListenerDescriptions": [{"Listener": {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 8080}}],
        },
        {"id": "clb", "name": "clb", "type": "classic", "groups": ("sg-1",), "subnets": ("subnet-1",), "state": "active"}
        | {"enforces_private_link": True, "assumes_cross_zone": True, "described": True}
        | {"told": (("subnet-1", None, None),)}
        | dict.fromkeys(("cross_zone", "inspection", "keeps_state")),
    ),
    "Functions": (
        {
            "FunctionName": "f",
            "FunctionArn": "arn:aws:lambda:eu-west-1:1:function:f",
            "VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"], "Ipv6AllowedForDualStack": True},
        },
        {"id": "f", "subnets": ("subnet-1",), "groups": ("sg-1",), "arn": "arn:aws:lambda:eu-west-1:1:function:f", "described": True}
        | {"ipv6": True},
    ),
    "CustomerGateways": (
        {"CustomerGatewayId": "cgw-1", "IpAddress": "203.0.113.5", "BgpAsn": "65010", "Tags": TAGS},
        {"id": "cgw-1", "name": "shop", "address": parse_address("203.0.113.5"), "as_number": 65010},
    ),
    "VpnGateways": (
        {
            "VpnGatewayId": "vgw-1",
            "VpcAttachments": [{"State": "detached", "VpcId": "vpc-8"}, {"State": "attached", "VpcId": "vpc-9"}],
            "Tags": TAGS,
        },
        {"id": "vgw-1", "name": "shop", "vpc": "vpc-9", "attached": True},
    ),
    "virtualInterfaces": (
        {
            "virtualInterfaceId": "dxvif-1",
            "virtualInterfaceName": "line",
            "virtualInterfaceType": "transit",
            "virtualInterfaceState": "down",
            "directConnectGatewayId": "dx-1",
            "siteLinkEnabled": True,
        },
        {"id": "dxvif-1", "name": "line", "type": "transit", "gateway": "dx-1", "site_link": True},
    ),
    "InstanceConnectEndpoints": (
        {
            "InstanceConnectEndpointId": "eice-1",
            "SubnetId": "subnet-1",
            "SecurityGroupIds": ["sg-1"],
            "PreserveClientIp": True,
            "State": "create-in-progress",
            "Tags": TAGS,
        },
        {"id": "eice-1", "name": "shop", "subnet": "subnet-1", "groups": ("sg-1",), "preserves": True} | {"state": "create-in-progress"},
    ),
    "ServiceConfigurations": (
        {
            "ServiceId": "vpce-svc-1",
            "ServiceName": "com.amazonaws.vpce.eu-west-1.vpce-svc-1",
            "ServiceState": "Pending",
            "AcceptanceRequired": True,
            "NetworkLoadBalancerArns": [f"{LB}/net/shop/1"],
            "Tags": TAGS,
        },
        {"id": "vpce-svc-1", "name": "shop", "service": "com.amazonaws.vpce.eu-west-1.vpce-svc-1", "balancers": ("net/shop/1",)}
        | {"acceptance": True},
    ),
    "TargetGroups": (
        {
            "TargetGroupArn": f"{TG}/web/1",
            "TargetGroupName": "web",
            "TargetType": "ip",
            "Protocol": "TCP",
            "Port": 8080,
            "VpcId": "vpc-1",
            "LoadBalancerArns": [f"{LB}/net/shop/1"],
        },
        {"id": "targetgroup/web/1", "name": "web", "type": "ip", "protocol": "tcp", "port": 8080, "vpc": "vpc-1", "arn": f"{TG}/web/1"}
        | {"balancers": (f"{LB}/net/shop/1",)}
        | dict.fromkeys(("targets", "keeps_client", "cross_zone")),
    ),
}


@pytest.mark.parametrize("key", FULL)
def test_every_key_ends_in_its_field(describe: Describe, key: str) -> None:
    element, expected = FULL[key]
    network = describe(**{key: [element]})
    assert told(next(noun for _, noun in network.snapshot.everything() if noun.id == expected["id"])) == expected
