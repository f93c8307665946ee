"""Connections of an account whose customer gateways a scenario beside it tells more of (VPN-2, VGW-10)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import simulator
from simulator.aws.vpn_connection import VpnConnection
from tests.aws.hybrid import hybrid, vpn

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
