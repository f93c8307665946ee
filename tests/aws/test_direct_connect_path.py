"""Packets over Direct Connect: to one VPC, to several by a Direct Connect gateway, and not between them (DX-1, DX-2, VGW-6)."""

from __future__ import annotations

import pytest
import yaml

from tests.aws.hybrid import hybrid, route, vpn
from tests.aws.reading import Describe, Scenario, path, refusal, reply_path, verdict
from tests.aws.test_direct_connect import association, virtual_interface

HOST = "10.50.0.9"
TWO_VPCS = """
vpcs: {main: {cidr: 10.0.0.0/16, internet_gateway: igw}, far: {cidr: 10.1.0.0/16}}
vpn_gateways: {vgw: {vpc: main, propagates_to: main-main}, vgw-far: {vpc: far, propagates_to: far-main}}
direct_connect_gateways: {dx: {}}
direct_connect_associations:
  dx-main: {direct_connect_gateway: dx, gateway: vgw}
  dx-far: {direct_connect_gateway: dx, gateway: vgw-far}
virtual_interfaces: {vif: {gateway: dx, bgp_routes: [10.50.0.0/16]}}
subnets: {app: {vpc: main, cidr: 10.0.1.0/24}, there: {vpc: far, cidr: 10.1.1.0/24}}
security_groups:
  open: {vpc: main, inbound: {from: 0.0.0.0/0, allow: all}}
  open-far: {vpc: far, inbound: {from: 0.0.0.0/0, allow: all}}
instances:
  web: {subnet: app, security_groups: open, ip: 10.0.1.10}
  host: {subnet: there, security_groups: open-far, ip: 10.1.1.10}
"""


def sites(**sections: dict[str, object]) -> str:
    """`TWO_VPCS` with entries of sections put in the place of others, or added."""
    found = yaml.safe_load(TWO_VPCS)
    for section, entries in sections.items():
        found[section] = {name: entry for name, entry in {**found.get(section, {}), **entries}.items() if entry is not None}
    return yaml.safe_dump(found)


def test_DX_1_a_private_interface_of_a_virtual_private_gateway(scenario: Scenario) -> None:
    network = scenario(sites(virtual_interfaces={"vif": {"gateway": "vgw", "bgp_routes": ["10.50.0.0/16"]}}))
    assert path(network, "web", HOST) == ["web", "web-eni", "app", "vgw", "vif", "vif"]
    assert reply_path(network, "web", HOST)[:4] == ["vif", "vif", "vgw", "main"]
    assert verdict(network, HOST, "web") == verdict(network, "web", HOST) == verdict(network, "onprem", "web") == "always"


def test_DX_1_a_direct_connect_gateway_joins_several_vpcs(scenario: Scenario) -> None:
    network = scenario(TWO_VPCS)
    assert path(network, "web", HOST) == ["web", "web-eni", "app", "vgw", "dx", "vif", "vif"]
    assert path(network, HOST, "host")[:5] == ["vif", "vif", "dx", "vgw-far", "far"]
    assert {verdict(network, *ends) for ends in ((HOST, "web"), (HOST, "host"), ("web", HOST), ("host", HOST))} == {"always"}


def test_DX_2_the_vpcs_do_not_reach_each_other(scenario: Scenario) -> None:
    routed = sites(route_tables={"main-main": {"vpc": "main", "main": True, "routes": {"10.1.0.0/16": "vgw"}}})
    assert refusal(scenario(routed), "web", "host") == ("forward", "NO_ROUTE_TO_DESTINATION", "vgw no route matches")
    wide = sites(virtual_interfaces={"vif": {"gateway": "dx", "bgp_routes": ["10.0.0.0/8"]}})
    assert verdict(scenario(wide), "web", "host") == "unknown"  # on premises may send it back: nobody told
    assert path(scenario(wide), "web", "host")[-2:] == ["vif", "vif"]


def test_DX_2_nor_do_the_sites(scenario: Scenario) -> None:
    second = {"vif-2": {"gateway": "dx", "bgp_routes": ["10.60.0.0/16"]}}
    network = scenario(sites(virtual_interfaces=second))
    assert verdict(network, "10.60.0.9", "web") == "always"
    assert refusal(network, "onprem:vif", "onprem:vif-2") == ("forward", "NO_ROUTE_TO_DESTINATION", "dx no route matches")
    linked = {
        name: {"gateway": "dx", "bgp_routes": [block], "site_link": True}
        for name, block in (("vif", "10.50.0.0/16"), ("vif-2", "10.60.0.0/16"))
    }
    assert verdict(scenario(sites(virtual_interfaces=linked)), "onprem:vif", "onprem:vif-2") == "unknown"


@pytest.mark.parametrize(
    ("allowed", "wanted"),
    [(["10.0.0.0/8"], "always"), (["10.0.0.0/16"], "always"), (["10.0.1.0/24"], "never"), (["192.168.0.0/16"], "never")],
)
def test_DX_1_on_premises_is_told_the_blocks_that_lie_in_an_allowed_one(scenario: Scenario, allowed: list[str], wanted: str) -> None:
    joined = {"direct_connect_gateway": "dx", "gateway": "vgw", "allowed_prefixes": allowed}
    network = scenario(sites(direct_connect_associations={"dx-main": joined}))
    assert verdict(network, HOST, "web") == verdict(network, "web", HOST) == wanted
    assert verdict(network, HOST, "host") == "always"


@pytest.mark.parametrize("routes", ["static_routes", "bgp_routes"])
def test_VGW_6_direct_connect_goes_before_any_vpn(scenario: Scenario, routes: str) -> None:
    backup = {
        "customer_gateways": {"office": {}},
        "vpn_connections": {"vpn": {"gateway": "vgw", "customer_gateway": "office", routes: ["10.50.0.0/16"]}},
    }
    assert path(scenario(sites(**backup)), "web", HOST)[3:5] == ["vgw", "dx"]
    longer = {**backup, "vpn_connections": {"vpn": {"gateway": "vgw", "customer_gateway": "office", routes: ["10.50.0.0/24"]}}}
    assert path(scenario(sites(**longer)), "web", HOST)[3:5] == ["vgw", "vpn"]
    down = {**backup, "virtual_interfaces": {"vif": {"gateway": "dx", "bgp_routes": ["10.50.0.0/16"], "state": "down"}}}
    network = scenario(sites(**down))
    assert path(network, "web", HOST)[3:5] == ["vgw", "vpn"]
    assert verdict(network, "web", HOST) == verdict(network, HOST, "web") == "always"


def test_VGW_7_direct_connect_carries_ipv6(scenario: Scenario) -> None:
    routes = ["10.50.0.0/16", "2001:db8:9::/48"]
    six = {
        "vpcs": {"main": {"cidr": "10.0.0.0/16", "ipv6_cidr": "2001:db8::/56"}},
        "subnets": {"app": {"vpc": "main", "cidr": "10.0.1.0/24", "ipv6_cidr": "2001:db8:0:1::/64"}},
        "instances": {"web": {"subnet": "app", "security_groups": ["open", "six"], "secondary_ips": {"2001:db8:0:1::10": None}}},
        "security_groups": {
            "six": {"vpc": "main", "inbound": {"from": "::/0", "allow": "all"}, "outbound": {"to": "::/0", "allow": "all"}}
        },
        "network_acls": {
            "all": {
                "vpc": "main",
                "subnets": "app",
                "inbound": [{"rule": 1, "from": "::/0", "allow": "all"}],
                "outbound": [{"rule": 1, "to": "::/0", "allow": "all"}],
            }
        },
        "virtual_interfaces": {"vif": {"gateway": "vgw", "bgp_routes": routes}},
    }
    network = scenario(sites(**six))  # type: ignore[arg-type]
    assert verdict(network, "2001:db8:9::5", "2001:db8:0:1::10") == verdict(network, "web", "2001:db8:9::5") == "always"


# --- what was not read -------------------------------------------------------------------------------------------------------------


def test_a_described_direct_connect(describe: Describe) -> None:
    lists = hybrid(
        route("192.168.10.0/24", propagated=True),
        shown=True,
        virtualInterfaces=[virtual_interface()],
        directConnectGatewayAssociations=[association("10.0.0.0/16")],
    )
    network = describe(**lists)
    assert verdict(network, "i-app", "192.168.10.5") == verdict(network, "192.168.10.5", "i-app") == "always"
    assert path(network, "i-app", "192.168.10.5")[-4:] == ["vgw-1", "dxgw-1", "dxvif-1", "dxvif-1"]


def test_a_static_route_of_a_vpn_is_not_what_direct_connect_told(describe: Describe) -> None:
    lists = hybrid(
        route("192.168.10.0/24", propagated=True),
        route("192.168.20.0/24", propagated=True),
        shown=True,
        VpnConnections=[vpn("192.168.10.0/24")],
        virtualInterfaces=[virtual_interface(directConnectGatewayId="", virtualGatewayId="vgw-1")],
    )
    network = describe(**lists)
    assert path(network, "i-app", "192.168.10.5")[-2:] == ["vpn-1", "cgw-1"]
    assert path(network, "i-app", "192.168.20.5")[-2:] == ["dxvif-1", "dxvif-1"]


def test_what_bgp_told_a_direct_connect_gateway_is_unknown_unless_a_table_shows_it(describe: Describe) -> None:
    lists = hybrid(
        route("192.168.0.0/16"), virtualInterfaces=[virtual_interface()], directConnectGatewayAssociations=[association("10.0.0.0/16")]
    )
    assert verdict(describe(**lists), "i-app", "192.168.10.5") == "unknown"
    lists = hybrid(route("192.168.0.0/16"), virtualInterfaces=None)
    assert verdict(describe(**lists), "i-app", "192.168.10.5") == "unknown"
    lists = hybrid(route("192.168.0.0/16"), directConnectGatewayAssociations=None)
    assert verdict(describe(**lists), "i-app", "192.168.10.5") == "unknown"
    assert verdict(describe(**hybrid(route("192.168.0.0/16"))), "i-app", "192.168.10.5") == "never"


def test_associations_that_were_not_read_may_tell_any_block(describe: Describe) -> None:
    lists = hybrid(virtualInterfaces=[virtual_interface()], directConnectGatewayAssociations=None, directConnectGateways=None)
    assert verdict(describe(**lists), "192.168.10.5", "i-app") == "unknown"
