"""Direct Connect in both spellings, and what AWS refuses of it (DX-1, VPC-13)."""

from __future__ import annotations

from typing import Any

from simulator.aws.direct_connect import DirectConnectAssociation, DirectConnectGateway, VirtualInterface
from simulator.aws.route_table import RouteTable
from tests.aws.hybrid import hybrid
from tests.aws.reading import Describe, Scenario, errors, not_modelled, warnings

SITE = """
vpn_gateways: {vgw: {vpc: main, propagates_to: main-main}}
direct_connect_gateways: {dx: {}}
direct_connect_associations: {dx-vgw: {direct_connect_gateway: dx, gateway: vgw}}
virtual_interfaces: {vif: {gateway: dx, bgp_routes: 10.50.0.0/16}}
"""


def site(*changes: tuple[str, str]) -> str:
    """`SITE` with some words put in the place of others."""
    text = SITE
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def virtual_interface(**more: Any) -> dict[str, Any]:
    return {
        "ownerAccount": "111122223333",
        "virtualInterfaceId": "dxvif-1",
        "location": "EqDC2",
        "connectionId": "dxcon-1",
        "virtualInterfaceType": "private",
        "virtualInterfaceName": "berlin",
        "vlan": 101,
        "asn": 65010,
        "amazonSideAsn": 64512,
        "addressFamily": "ipv4",
        "virtualInterfaceState": "available",
        "mtu": 1500,
        "virtualGatewayId": "",
        "directConnectGatewayId": "dxgw-1",
        "routeFilterPrefixes": [],
        "bgpPeers": [{"bgpPeerId": "dxpeer-1", "asn": 65010, "bgpPeerState": "available", "bgpStatus": "up"}],
        "region": "eu-west-1",
        "tags": [],
        **more,
    }


def association(*allowed: str, **more: Any) -> dict[str, Any]:
    return {
        "directConnectGatewayId": "dxgw-1",
        "directConnectGatewayOwnerAccount": "111122223333",
        "associationState": "associated",
        "associatedGateway": {"id": "vgw-1", "type": "virtualPrivateGateway", "ownerAccount": "111122223333", "region": "eu-west-1"},
        "associationId": "assoc-1",
        "allowedPrefixesToDirectConnectGateway": [{"cidr": block} for block in allowed],
        "virtualGatewayId": "vgw-1",
        **more,
    }


def dx_gateway(**more: Any) -> dict[str, Any]:
    return {"directConnectGatewayId": "dxgw-1", "directConnectGatewayName": "hub", "directConnectGatewayState": "available", **more}


def test_direct_connect_of_a_scenario(scenario: Scenario) -> None:
    network = scenario(SITE)
    found = network.snapshot.get(VirtualInterface, "vif")
    assert found is not None
    assert (found.type, found.gateway, found.up, found.complete) == ("private", "dx", True, True)
    assert [str(route.prefix) for route in found.routes] == ["10.50.0.0/16"]
    joined = network.snapshot.get(DirectConnectAssociation, "dx-vgw")
    assert joined is not None
    assert (joined.direct_connect_gateway, joined.gateway, joined.allowed) == ("dx", "vgw", None)
    assert warnings(network) == []


def test_the_end_of_a_virtual_interface_goes_with_its_type(scenario: Scenario) -> None:
    assert errors(scenario, site(("gateway: dx, bgp", "bgp"))) == ["virtual interface `vif`: say the `gateway` it ends at"]
    public = errors(scenario, site(("{gateway: dx, ", "{type: public, gateway: dx, ")))
    assert public == ["virtual interface `vif`: a public one ends at no gateway"]


def test_direct_connect_of_describe_answers(describe: Describe) -> None:
    tagged = virtual_interface(tags=[{"key": "Name", "value": "office"}])
    gone = virtual_interface(virtualInterfaceId="dxvif-0", virtualInterfaceState="deleted")
    network = describe(
        **hybrid(
            virtualInterfaces=[tagged, gone],
            directConnectGateways=[dx_gateway()],
            directConnectGatewayAssociations=[
                association("10.0.0.0/8"),
                association(associationId="assoc-0", associationState="disassociated"),
            ],
        )
    )
    (found,) = network.snapshot.all(VirtualInterface)
    assert (found.id, found.name, found.type, found.gateway, found.up, found.complete) == (
        "dxvif-1",
        "office",
        "private",
        "dxgw-1",
        True,
        False,
    )
    (joined,) = network.snapshot.all(DirectConnectAssociation)
    assert (joined.id, joined.gateway, list(map(str, joined.allowed or ()))) == ("assoc-1", "vgw-1", ["10.0.0.0/8"])
    (gateway,) = network.snapshot.all(DirectConnectGateway)
    assert (gateway.id, gateway.name) == ("dxgw-1", "hub")
    assert warnings(network) == not_modelled(network) == []


def test_both_accounts_tell_of_one_association(describe: Describe) -> None:
    """Each names its own state and owner; the first counts."""
    twice = [association("10.0.0.0/8"), {**association("10.0.0.0/8"), "directConnectGatewayOwnerAccount": "444455556666"}]
    network = describe(
        **hybrid(directConnectGatewayAssociations=twice, virtualInterfaces=[virtual_interface(), virtual_interface(mtu=9001)])
    )
    assert len(list(network.snapshot.all(DirectConnectAssociation))) == len(list(network.snapshot.all(VirtualInterface))) == 1
    assert [gateway.id for gateway in network.snapshot.all(DirectConnectGateway)] == ["dxgw-1"]


def test_a_virtual_interface_is_up_when_it_and_one_of_its_peers_are(describe: Describe) -> None:
    for told, wanted in (
        ({"virtualInterfaceState": "down"}, False),
        ({"bgpPeers": [{"bgpPeerState": "available", "bgpStatus": "down"}]}, False),
        ({"bgpPeers": [{"bgpPeerState": "available", "bgpStatus": "down"}, {"bgpPeerState": "available", "bgpStatus": "up"}]}, True),
        ({"bgpPeers": [{"bgpPeerState": "deleted", "bgpStatus": "down"}]}, True),
        ({"bgpPeers": []}, True),
    ):
        (found,) = describe(**hybrid(virtualInterfaces=[virtual_interface(**told)])).snapshot.all(VirtualInterface)
        assert found.up is wanted, told


def test_what_bgp_tells_is_propagated_while_the_interface_is_up(scenario: Scenario) -> None:
    def propagated(text: str) -> list[str]:
        table = scenario(text).snapshot.get(RouteTable, "main-main")
        assert table is not None
        return [str(entry) for entry in table.routes if entry.propagated]

    assert propagated(SITE) == propagated(site(("gateway: dx, bgp", "gateway: vgw, bgp"))) == ["10.50.0.0/16 -> vgw"]
    assert propagated(site(("{gateway: dx, ", "{gateway: dx, state: down, "))) == []


def test_DX_1_the_types_of_interfaces_and_gateways_go_together(scenario: Scenario) -> None:
    assert warnings(scenario(site(("{gateway: dx, ", "{type: transit, gateway: vgw, ")))) == [
        "virtual interface `vif` is a transit one and ends at virtual private gateway `vgw`; AWS refuses that (DX-1)"
    ]
    told = "virtual private gateways take private ones, transit gateways transit ones (DX-1)"
    assert warnings(scenario(site(("{gateway: dx, ", "{type: transit, gateway: dx, ")))) == [
        f"virtual interface `vif` is a transit one, and `dx` is associated with `vgw`; AWS refuses that: {told}"
    ]
    hub = "transit_gateways: {hub: {}}"
    joined = site(("gateway: vgw}}", "transit_gateway: hub, allowed_prefixes: 10.0.0.0/8}}")) + hub
    assert warnings(scenario(joined)) == [
        f"virtual interface `vif` is a private one, and `dx` is associated with `hub`; AWS refuses that: {told}"
    ]


def test_allowed_prefixes_that_tell_nothing_are_told(scenario: Scenario) -> None:
    narrow = site(("gateway: vgw}}", "gateway: vgw, allowed_prefixes: 10.0.1.0/24}}"))
    assert warnings(scenario(narrow)) == [
        "association `dx-vgw` allows 10.0.1.0/24, in which no block of VPC `main` lies, so on premises is told none"
    ]
    assert warnings(scenario(site(("gateway: vgw}}", "gateway: vgw, allowed_prefixes: 10.0.0.0/8}}")))) == []


def test_VPC_13_vpcs_that_overlap_share_no_direct_connect_gateway(scenario: Scenario) -> None:
    def sharing(block: str) -> list[str]:
        twin = f"vpcs: {{twin: {{cidr: {block}}}, main: {{cidr: 10.0.0.0/16}}}}"
        both = site(
            ("vpn_gateways: {", "vpn_gateways: {vgw-2: {vpc: twin}, "),
            ("associations: {", "associations: {dx-2: {direct_connect_gateway: dx, gateway: vgw-2}, "),
        )
        return warnings(scenario(both + twin))

    (message,) = sharing("10.0.0.0/20")
    assert message.startswith("association `dx-2` and `dx-vgw` join VPCs whose blocks overlap (10.0.0.0/20) to one Direct Connect gateway")
    assert sharing("10.1.0.0/20") == []


def test_site_link_is_told(scenario: Scenario) -> None:
    assert not_modelled(scenario(site(("{gateway: dx, ", "{gateway: dx, site_link: true, ")))) == [
        "SiteLink of virtual interface `vif` is not modelled"
    ]
