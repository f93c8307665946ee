"""VPN connections in both spellings, and what is told of them (VGW-7, VPN-2)."""

from __future__ import annotations

from simulator.aws.vpn_connection import VpnConnection
from tests.aws.hybrid import HOST, OFFICE, hybrid, office, route, vpn
from tests.aws.reading import Describe, Scenario, errors, not_modelled, refusal, verdict, warnings

VPN = "{gateway: vgw, customer_gateway: office}"


def connection(network: object, name: str = "vpn") -> VpnConnection:
    found = network.snapshot.get(VpnConnection, name)  # type: ignore[attr-defined]
    assert isinstance(found, VpnConnection)
    return found


def test_a_connection_without_routes_learns_the_networks_of_its_customer_gateway(scenario: Scenario) -> None:
    found = connection(scenario(OFFICE))
    assert [(str(route.prefix), route.static) for route in found.routes] == [("192.168.10.0/24", False)]
    assert (found.gateway, found.customer_gateway, found.up, found.complete) == ("vgw", "office", True, True)


def test_routes_that_are_static_or_that_bgp_told(scenario: Scenario) -> None:
    static = connection(scenario(office((VPN, "{gateway: vgw, customer_gateway: office, static_routes: 192.168.11.0/24}"))))
    assert [(str(route.prefix), route.static) for route in static.routes] == [("192.168.11.0/24", True)]
    ranked = "bgp_routes: [192.168.11.0/24, {to: 192.168.12.0/24, as_path: 3, med: 20}]"
    learnt = connection(scenario(office((VPN, f"{{gateway: vgw, customer_gateway: office, {ranked}}}"))))
    assert [(str(route.prefix), route.as_path, route.med) for route in learnt.routes] == [
        ("192.168.11.0/24", 1, 0),
        ("192.168.12.0/24", 3, 20),
    ]
    both = "{gateway: vgw, customer_gateway: office, static_routes: 192.168.11.0/24, bgp_routes: 192.168.12.0/24}"
    assert errors(scenario, office((VPN, both))) == ["VPN connection `vpn`: say `static_routes` or `bgp_routes`, one of them"]


def test_a_connection_of_a_describe_answer(describe: Describe) -> None:
    gone = {**vpn(), "VpnConnectionId": "vpn-0", "State": "deleted"}
    network = describe(**hybrid(VpnConnections=[vpn("192.168.10.0/24"), gone]))
    found = connection(network, "vpn-1")
    assert [(str(route.prefix), route.static) for route in found.routes] == [("192.168.10.0/24", True)]
    assert (found.tunnels, found.up, found.complete, found.static) == ((True, False), True, True, True)
    assert len(list(network.snapshot.all(VpnConnection))) == 1
    assert warnings(network) == not_modelled(network) == []


def test_a_static_route_that_was_deleted_does_not_count(describe: Describe) -> None:
    told = vpn("192.168.10.0/24")
    told["Routes"][0]["State"] = "deleted"
    network = describe(**hybrid(route("192.168.0.0/16"), VpnConnections=[told]))
    assert connection(network, "vpn-1").routes == ()
    assert verdict(network, "i-app", HOST) == "never"


def test_VPN_2_a_connection_needs_a_tunnel_that_is_up_and_its_state(scenario: Scenario, describe: Describe) -> None:
    for words, wanted in (
        ("tunnels: [up, down]", True),
        ("tunnels: [down, down]", False),
        ("state: pending", False),
        ("state: modifying", True),
    ):
        assert connection(scenario(office((VPN, f"{{gateway: vgw, customer_gateway: office, {words}}}")))).up is wanted
    assert connection(describe(**hybrid(VpnConnections=[vpn(status=("DOWN", "DOWN"))])), "vpn-1").up is False
    assert connection(describe(**hybrid(VpnConnections=[vpn(status=())])), "vpn-1").up is True


def test_VGW_7_ipv6_routes_of_a_vpn_on_a_virtual_private_gateway_are_told(scenario: Scenario) -> None:
    network = scenario(office(("networks: 192.168.10.0/24", 'networks: [192.168.10.0/24, "2001:db8:9::/48"]')))
    told = "2001:db8:9::/48 is ignored; on a virtual private gateway a VPN carries no IPv6 (VGW-7)"
    assert warnings(network) == [f"VPN connection `vpn`: {told}"]


def test_tunnels_for_some_addresses_only_are_a_gap(describe: Describe) -> None:
    options = {"StaticRoutesOnly": True, "LocalIpv4NetworkCidr": "192.168.10.0/24", "RemoteIpv4NetworkCidr": "0.0.0.0/0"}
    told = {**vpn("192.168.10.0/24"), "Options": options}
    network = describe(**hybrid(route("192.168.0.0/16"), VpnConnections=[told]))
    assert not_modelled(network) == ["VPN connection `vpn-1` carries only some addresses through its tunnels, which is not modelled"]
    assert verdict(network, "i-app", HOST) == verdict(network, HOST, "i-app") == "unknown"


def test_a_connection_of_a_core_network_is_told(describe: Describe) -> None:
    told = vpn("192.168.10.0/24")
    del told["VpnGatewayId"]
    network = describe(**hybrid(VpnConnections=[{**told, "CoreNetworkArn": "arn:aws:networkmanager::111122223333:core-network/core-1"}]))
    assert not_modelled(network) == ["VPN connection `vpn-1` of a Cloud WAN core network is not modelled"]
    assert verdict(network, HOST, "i-app") == "unknown"


def test_a_gateway_that_was_not_read_is_unknown_from_on_premises(describe: Describe) -> None:
    network = describe(**hybrid(VpnGateways=None, VpnConnections=[vpn("192.168.10.0/24")]))
    assert verdict(network, HOST, "i-app") == "unknown"


def test_VPN_2_the_answer_names_the_connection_that_is_down(scenario: Scenario) -> None:
    down = scenario(office((VPN, "{gateway: vgw, customer_gateway: office, tunnels: [down, down]}")))
    assert refusal(down, HOST, "web") == ("forward", "BAD_STATE_VPN", "vpn no tunnel is up")
    static = office((VPN, "{gateway: vgw, customer_gateway: office, static_routes: 192.168.10.0/24, tunnels: [down]}"))
    to = "route_tables: {main-main: {vpc: main, main: true, routes: {192.168.10.0/24: vgw}}}"
    assert refusal(scenario(static + to), "web", HOST) == ("forward", "BAD_STATE_VPN", "vpn no tunnel is up")
