"""A VPC and an office behind a virtual private gateway, in both spellings, for tests of what joins AWS and networks on premises."""

from __future__ import annotations

from typing import Any

from tests.aws.reading import account, changed

OFFICE = """
vpn_gateways: {vgw: {vpc: main, propagates_to: main-main}}
customer_gateways: {office: {networks: 192.168.10.0/24}}
vpn_connections: {vpn: {gateway: vgw, customer_gateway: office}}
subnets: {app: {vpc: main, cidr: 10.0.1.0/24}}
instances: {web: {subnet: app, security_groups: open, ip: 10.0.1.10}}
"""
HOST = "192.168.10.5"


def office(*changes: tuple[str, str]) -> str:
    """`OFFICE` with some words put in the place of others."""
    text = OFFICE
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


# --- answers of the AWS command line ---------------------------------------------------------------------------------------------


def vpn_gateway(**more: Any) -> dict[str, Any]:
    return {
        "State": "available",
        "Type": "ipsec.1",
        "VpcAttachments": [{"State": "attached", "VpcId": "vpc-1"}],
        "VpnGatewayId": "vgw-1",
        "AmazonSideAsn": 64512,
        "Tags": [],
        **more,
    }


def vpn(*blocks: str, status: tuple[str, ...] = ("UP", "DOWN"), **more: Any) -> dict[str, Any]:
    """A connection with static routes, or one that uses BGP when no block is given."""
    return {
        "CustomerGatewayId": "cgw-1",
        "Category": "VPN",
        "State": "available",
        "Type": "ipsec.1",
        "VpnConnectionId": "vpn-1",
        "VpnGatewayId": "vgw-1",
        "Options": {"EnableAcceleration": False, "StaticRoutesOnly": bool(blocks), "LocalIpv4NetworkCidr": "0.0.0.0/0"},
        "Routes": [{"DestinationCidrBlock": block, "Source": "Static", "State": "available"} for block in blocks],
        "Tags": [],
        "VgwTelemetry": [{"AcceptedRouteCount": 1, "OutsideIpAddress": f"203.0.113.{n}", "Status": s} for n, s in enumerate(status)],
        **more,
    }


def customer_gateway(**more: Any) -> dict[str, Any]:
    shown = {"BgpAsn": "65010", "CustomerGatewayId": "cgw-1", "IpAddress": "198.51.100.99", "State": "available", "Type": "ipsec.1"}
    return {**shown, **more}


def route(destination: str, *, propagated: bool = False) -> dict[str, Any]:
    origin = "EnableVgwRoutePropagation" if propagated else "CreateRoute"
    return {"DestinationCidrBlock": destination, "GatewayId": "vgw-1", "State": "active", "Origin": origin}


def hybrid(*routes: dict[str, Any], shown: bool = False, **lists: Any) -> dict[str, Any]:
    """The account with a virtual private gateway, these routes in the private subnet's table, and these lists; `shown`: the table
    takes the routes that the gateway propagates. The application answers the office.
    """
    local = {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active", "Origin": "CreateRouteTable"}
    takes = [{"GatewayId": "vgw-1"}] if shown else []
    told = changed(account(), "RouteTables", "rtb-main", Routes=[local, *routes], PropagatingVgws=takes)
    inbound = [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "192.168.0.0/16"}]}]
    told = changed(told, "SecurityGroups", "sg-app", IpPermissions=inbound)
    given = {"VpnGateways": [vpn_gateway()], "CustomerGateways": [customer_gateway()], "VpnConnections": [], **lists}
    given = {"virtualInterfaces": [], "directConnectGatewayAssociations": [], **given}
    return {**told, **{key: value for key, value in given.items() if value is not None}}
