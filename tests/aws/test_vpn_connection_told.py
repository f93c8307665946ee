"""Connections of an account whose customer gateways a scenario beside it tells more of (VPN-2, VGW-10)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import simulator
from simulator.aws.vpn_connection import VpnConnection
from tests.aws.hybrid import hybrid, vpn, vpn_gateway
from tests.aws.reading import Describe

OFFICE = {"network": {"customer_gateways": {"cgw-1": {"networks": ["192.168.10.0/24"]}}}}


@pytest.mark.parametrize(
    ("connection", "routes"),
    [
        (vpn(), [("192.168.10.0/24", False)]),
        (vpn("192.168.20.0/24"), [("192.168.20.0/24", True)]),
        (vpn(Options={"StaticRoutesOnly": True}), []),
    ],
)
def test_bgp_tells_the_networks_of_the_site_where_no_route_is_told_and_none_is_static(
    tmp_path: Path, connection: dict[str, Any], routes: list[tuple[str, bool]]
) -> None:
    account, office = tmp_path / "account.json", tmp_path / "office.json"
    account.write_text(json.dumps(hybrid(VpnConnections=[connection], CustomerGateways=None)), "utf-8")
    office.write_text(json.dumps(OFFICE), "utf-8")
    (found,) = simulator.load([account, office]).snapshot.all(VpnConnection)
    assert [(str(route.prefix), route.static) for route in found.routes] == routes


@pytest.mark.parametrize("gone", [{"State": "deleted"}, {"State": "deleting"}, {"DestinationCidrBlock": ""}])
def test_VPN_1_a_static_route_that_is_gone_hides_no_other(describe: Describe, gone: dict[str, str]) -> None:
    routes = [{"DestinationCidrBlock": block, "Source": "Static", "State": "available"} for block in ("192.168.10.0/24", "192.168.20.0/24")]
    connection = vpn("192.168.10.0/24", Routes=[routes[0] | gone, routes[1]])
    (found,) = describe(**hybrid(VpnConnections=[connection])).snapshot.all(VpnConnection)
    assert [str(route.prefix) for route in found.routes] == ["192.168.20.0/24"]


def test_VGW_1_gateways_attached_to_what_is_not_told_are_not_two_of_one_vpc(describe: Describe) -> None:
    told = [vpn_gateway(VpnGatewayId=f"vgw-{n}", VpcAttachments=[{"State": "attached"}]) for n in (2, 3)]
    describe(**hybrid(VpnGateways=[vpn_gateway(), *told]))
