"""Direct Connect told by several lists and accounts, and what was not asked for (DX-1, DX-2)."""

from __future__ import annotations

from typing import Any

from simulator.aws.direct_connect import DirectConnectGateway, VirtualInterface
from simulator.aws.onprem import networks_of
from simulator.graph.nodes import Lookup
from simulator.packet.prefix import Prefix
from tests.aws.hybrid import hybrid, route, vpn_gateway
from tests.aws.reading import Describe, Scenario, verdict
from tests.aws.test_direct_connect import association, virtual_interface

HOST = "10.50.0.9"


def dx(describe: Describe, **lists: Any) -> Any:
    """The account, whose virtual private gateway a Direct Connect gateway is associated with, and a route for the site."""
    told = {
        "directConnectGateways": [{"directConnectGatewayId": "dxgw-1"}],
        "directConnectGatewayAssociations": [association("10.0.0.0/16")],
    }
    return describe(**hybrid(route("10.50.0.0/16"), **told, **lists))


def test_DX_1_interfaces_that_were_not_asked_for_may_know_the_site(describe: Describe) -> None:
    assert verdict(dx(describe, virtualInterfaces=None), "i-app", HOST) == "unknown"
    assert verdict(dx(describe, virtualInterfaces=[]), "i-app", HOST) == "never"


def test_an_interface_that_both_accounts_tell_of_is_one(describe: Describe) -> None:
    told = [virtual_interface(virtualInterfaceName="ours"), virtual_interface(virtualInterfaceName="theirs")]
    assert [one.name for one in dx(describe, virtualInterfaces=told).snapshot.all(VirtualInterface)] == ["ours"]


def test_a_gateway_that_only_its_associations_tell_of_is_one(describe: Describe) -> None:
    other = {"id": "vgw-2", "type": "virtualPrivateGateway"}
    told = {"directConnectGatewayAssociations": [association(), association(associationId="assoc-2", associatedGateway=other)]}
    network = describe(**hybrid(**told, VpnGateways=[vpn_gateway(), vpn_gateway(VpnGatewayId="vgw-2", VpcAttachments=[])]))
    assert [one.id for one in network.snapshot.all(DirectConnectGateway)] == ["dxgw-1"]
    assert list(describe(**hybrid(**told, directConnectGateways=[])).snapshot.all(DirectConnectGateway)) == []


def test_DX_1_of_two_that_tell_one_block_the_first_is_named(scenario: Scenario) -> None:
    network = scenario(
        """
        vpcs: {main: {cidr: 10.0.0.0/16}}
        transit_gateways: {one: {}, two: {}}
        direct_connect_gateways: {dx: {}}
        direct_connect_associations:
          dx-one: {direct_connect_gateway: dx, transit_gateway: one, allowed_prefixes: [10.0.0.0/8]}
          dx-two: {direct_connect_gateway: dx, transit_gateway: two, allowed_prefixes: [10.0.0.0/8]}
        virtual_interfaces: {vif: {gateway: dx, type: transit, bgp_routes: [10.50.0.0/16]}}
        """
    )
    tables = [node.table for node in network.flow_graph.nodes if isinstance(node, Lookup) and node.what == "routes of dx"]
    (told,) = (one for table in tables for one in table.routes if one.prefix == Prefix.parse("10.0.0.0/8"))
    assert (told.origin.resource, told.what) == ("dx-one", "10.0.0.0/8 -> one")


def test_VGW_10_what_a_route_table_shows_of_a_virtual_private_gateway_is_all_that_its_site_told(describe: Describe) -> None:
    """Whatever else the interface's Direct Connect gateway is."""
    told = {
        "directConnectGateways": [{"directConnectGatewayId": "dxgw-1"}],
        "directConnectGatewayAssociations": [association("10.0.0.0/16")],
    }
    lists = hybrid(route("10.50.0.0/16", propagated=True), shown=True, virtualInterfaces=[virtual_interface()], **told)
    (network,) = networks_of(describe(**lists).snapshot)
    assert (list(map(str, network.blocks)), network.complete) == (["10.50.0.0/16"], True)
