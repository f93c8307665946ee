"""Estates of many VPCs for the benchmarks, written as scenario files: VPCs behind transit gateways, with NAT gateways and endpoints.

Each VPC has a /18 of 10.0.0.0/8, two public subnets and private ones in three zones, one NAT gateway, one attachment in three zones, an
ACL, groups that name each other, and instances in the private subnets. The first `endpoints` VPCs have a gateway endpoint or an
interface endpoint, in turn. Everything private reaches 10.0.0.0/8 by its transit gateway; VPCs behind one gateway reach each other.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ZONES = "abc"
SUBNETS, INTERFACES, GATEWAYS, ENDPOINTS = 10, 20, 2, 50
PUBLIC_SUBNETS, GROUPS, LARGEST = 2, 4, 1024
SECTIONS = (
    *("transit_gateways", "transit_attachments", "vpcs", "internet_gateways", "nat_gateways", "subnets", "route_tables"),
    *("network_acls", "security_groups", "vpc_endpoints", "instances"),
)
ACL = {
    "inbound": [
        {"rule": 100, "allow": "tcp/443"},
        {"rule": 110, "allow": "tcp/1024-65535"},
        {"rule": 120, "from": "10.0.0.0/8", "allow": "all"},
    ],
    "outbound": [{"rule": 100, "allow": "all"}],
}
Network = dict[str, dict[str, Any]]


def write_estate(file: Path, vpcs: int) -> None:
    """Write a network of `vpcs` VPCs to a scenario file: 10 subnets and 20 interfaces each (one is the NAT gateway's), two transit
    gateways, and 50 endpoints, or one for each VPC where there are fewer. Raises `ValueError` above 1,024 VPCs: 10.0.0.0/8 is full.
    """
    if not GATEWAYS <= vpcs <= LARGEST:
        raise ValueError(f"an estate has {GATEWAYS} to {LARGEST} VPCs")
    network: Network = {section: {} for section in SECTIONS}
    network["transit_gateways"] = {f"tgw-{number}": {} for number in range(GATEWAYS)}
    for number in range(vpcs):
        _ground(network, number, f"tgw-{number * GATEWAYS // vpcs}")
        _filters(network, number)
        _dwellers(network, number)
        if number < ENDPOINTS:
            _endpoint(network, number)
    file.write_text(json.dumps({"name": f"estate of {vpcs} VPCs", "network": network}), "utf-8")


def instance(number: int, at: int) -> str:
    """The name of an instance of a VPC."""
    return f"i-{number}-{at}"


def _ground(network: Network, number: int, gateway: str) -> None:
    vpc, second, third = f"vpc-{number}", number // 4, number % 4 * 64
    network["vpcs"][vpc] = {"cidr": f"10.{second}.{third}.0/18", "region": "eu-west-1"}
    network["internet_gateways"][f"igw-{number}"] = {"vpc": vpc}
    network["nat_gateways"][f"nat-{number}"] = {"subnet": f"subnet-{number}-0", "public_ip": f"54.1.{number // 250}.{number % 250 + 1}"}
    attached = [f"subnet-{number}-{at}" for at in range(PUBLIC_SUBNETS, PUBLIC_SUBNETS + len(ZONES))]
    network["transit_attachments"][f"attachment-{number}"] = {"transit_gateway": gateway, "vpc": vpc, "subnets": attached}
    for table, default in (("public", f"igw-{number}"), ("private", f"nat-{number}")):
        network["route_tables"][f"{table}-{number}"] = {"vpc": vpc, "routes": {"0.0.0.0/0": default, "10.0.0.0/8": gateway}}
    for at in range(SUBNETS):
        network["subnets"][f"subnet-{number}-{at}"] = {
            "vpc": vpc,
            "cidr": f"10.{second}.{third + at}.0/24",
            "zone": ZONES[at % len(ZONES)],
            "route_table": f"{'public' if at < PUBLIC_SUBNETS else 'private'}-{number}",
            "network_acl": f"acl-{number}",
        }


def _filters(network: Network, number: int) -> None:
    network["network_acls"][f"acl-{number}"] = {"vpc": f"vpc-{number}", **ACL}
    for at in range(GROUPS):
        network["security_groups"][f"sg-{number}-{at}"] = {
            "vpc": f"vpc-{number}",
            "inbound": [{"from": "10.0.0.0/8", "allow": "tcp/443"}, {"from": f"sg-{number}-{(at + 1) % GROUPS}", "allow": "tcp/5432"}],
            "outbound": [{"to": "0.0.0.0/0", "allow": "all"}],
        }


def _dwellers(network: Network, number: int) -> None:
    for at in range(INTERFACES - 1):
        subnet = f"subnet-{number}-{PUBLIC_SUBNETS + at % (SUBNETS - PUBLIC_SUBNETS)}"
        network["instances"][instance(number, at)] = {"subnet": subnet, "security_groups": [f"sg-{number}-{at % GROUPS}"]}


def _endpoint(network: Network, number: int) -> None:
    where: dict[str, Any] = {"service": "s3", "route_tables": [f"private-{number}"]}
    if number % 2:
        where = {"service": "sqs", "subnets": [f"subnet-{number}-6"], "security_groups": [f"sg-{number}-0"]}
    network["vpc_endpoints"][f"endpoint-{number}"] = {"vpc": f"vpc-{number}", **where}
