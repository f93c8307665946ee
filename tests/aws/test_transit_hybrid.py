"""VPN connections and Direct Connect on transit gateways: what they propagate, which wins, what they reach (TGW-1 to TGW-19)."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

import simulator
from simulator.aws.transit_gateway import TransitRouteTable
from simulator.aws.transit_routes import routes_of
from tests.aws.hybrid import customer_gateway, vpn
from tests.aws.reading import Describe, Scenario, errors, path, refusal, reply_path, verdict, warnings
from tests.aws.test_direct_connect import association, virtual_interface
from tests.aws.test_transit_path_unread import answers, attached, propagating, static

HOST, CENTRE = "192.168.10.5", "10.50.0.9"
HUB = """
transit_gateways: {hub: {}}
transit_attachments: {to-main: {transit_gateway: hub, vpc: main, subnets: gate}}
customer_gateways: {office: {networks: 192.168.10.0/24}}
vpn_connections: {vpn: {transit_gateway: hub, customer_gateway: office}}
direct_connect_gateways: {dx: {}}
direct_connect_associations: {dx-hub: {direct_connect_gateway: dx, transit_gateway: hub, allowed_prefixes: 10.0.0.0/16}}
virtual_interfaces: {line: {type: transit, gateway: dx, bgp_routes: [10.50.0.0/16]}}
subnets:
  app: {vpc: main, cidr: 10.0.1.0/24, routes: {0.0.0.0/0: hub}}
  gate: {vpc: main, cidr: 10.0.9.0/28}
instances: {web: {subnet: app, security_groups: open, ip: 10.0.1.10}}
"""


def hub(**sections: dict[str, Any]) -> str:
    """`HUB` with entries of sections put in the place of others, or added; none takes one away."""
    found = yaml.safe_load(HUB)
    for section, entries in sections.items():
        found[section] = {name: entry for name, entry in {**found.get(section, {}), **entries}.items() if entry is not None}
    return yaml.safe_dump(found)


def table(network: simulator.Network, name: str = "hub-routes") -> list[str]:
    found = network.snapshot.get(TransitRouteTable, name)
    assert found is not None
    return [str(route) for route in routes_of(network.snapshot, found)[0]]


def connection(**more: Any) -> dict[str, Any]:
    return {"transit_gateway": "hub", "customer_gateway": "office", **more}


def test_connections_and_associations_are_attachments_of_their_names(scenario: Scenario) -> None:
    network = scenario(HUB)
    assert warnings(network) == []
    assert table(network) == ["10.0.0.0/16 -> to-main", "10.50.0.0/16 -> dx-hub", "192.168.10.0/24 -> vpn"]
    assert path(network, "web", HOST)[2:] == ["app", "gate", "hub", "vpn", "office"]
    assert path(network, CENTRE, "web") == ["line", "line", "dx", "hub", "gate", "main", "app", "web-eni", "web"]
    assert reply_path(network, CENTRE, "web")[-4:] == ["hub", "dx", "line", "line"]
    assert {verdict(network, *ends) for ends in (("web", HOST), (HOST, "web"), ("web", CENTRE), (CENTRE, "web"))} == {"always"}


def test_a_connection_ends_at_one_gateway(scenario: Scenario) -> None:
    none = hub(vpn_connections={"vpn": {"customer_gateway": "office"}})
    assert errors(scenario, none) == ["VPN connection `vpn`: say the `gateway` or `transit_gateway` it ends at, one of them"]
    both = hub(vpn_gateways={"vgw": {"vpc": "main"}}, vpn_connections={"vpn": connection(gateway="vgw")})
    assert errors(scenario, both) == ["VPN connection `vpn`: say the `gateway` or `transit_gateway` it ends at, one of them"]


def test_an_association_with_a_transit_gateway_says_what_it_tells(scenario: Scenario) -> None:
    silent = {"direct_connect_gateway": "dx", "transit_gateway": "hub"}
    assert errors(scenario, hub(direct_connect_associations={"dx-hub": silent})) == [
        "association `dx-hub`: say the `allowed_prefixes` that the transit gateway tells"
    ]
    neither = {"direct_connect_gateway": "dx", "allowed_prefixes": "10.0.0.0/16"}
    assert errors(scenario, hub(direct_connect_associations={"dx-hub": neither})) == [
        "association `dx-hub`: say `gateway` or `transit_gateway`, one of them"
    ]


# --- the table ---------------------------------------------------------------------------------------------------------------------


def test_TGW_1_what_an_attachment_brings_meets_its_own_table(scenario: Scenario) -> None:
    separate = hub(
        transit_route_tables={
            "spokes": {"transit_gateway": "hub", "associations": ["to-main"], "propagations": ["vpn"]},
            "sites": {"transit_gateway": "hub", "associations": ["vpn"]},
        }
    )
    network = scenario(separate)
    assert refusal(network, HOST, "web") == ("forward", "TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT", "sites no route matches")
    assert refusal(network, "web", HOST) == ("reply", "TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT", "sites no route matches")


def test_TGW_1_an_attachment_without_a_table_brings_nothing(scenario: Scenario) -> None:
    network = scenario(hub(transit_gateways={"hub": {"default_association": False}}))
    assert refusal(network, HOST, "web")[:2] == ("forward", "TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION")


@pytest.mark.parametrize("routes", [{"static_routes": ["192.168.10.0/24"]}, {"bgp_routes": []}])
def test_TGW_14_only_what_bgp_told_is_propagated(scenario: Scenario, routes: dict[str, Any]) -> None:
    network = scenario(hub(vpn_connections={"vpn": connection(**routes)}))
    assert table(network) == ["10.0.0.0/16 -> to-main", "10.50.0.0/16 -> dx-hub"]
    assert refusal(network, "web", HOST)[1] == "TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT"
    told = scenario(
        hub(
            vpn_connections={"vpn": connection(**routes)},
            transit_route_tables={"hub-routes": {"transit_gateway": "hub", "routes": {"192.168.10.0/24": "vpn"}}},
        )
    )
    assert verdict(told, "web", HOST) == verdict(told, HOST, "web") == "always"


def test_static_routes_of_a_connection_are_told_to_belong_elsewhere(scenario: Scenario) -> None:
    (message,) = warnings(scenario(hub(vpn_connections={"vpn": connection(static_routes=["192.168.10.0/24"])})))
    assert message.startswith("VPN connection `vpn`: static routes of a VPN on a transit gateway are written in its route tables")


@pytest.mark.parametrize(
    ("sections", "winner"),
    [
        ({"virtual_interfaces": {"line": {"type": "transit", "gateway": "dx", "bgp_routes": ["192.168.10.0/24"]}}}, "dx-hub"),
        ({"vpn_connections": {"vpn-2": connection(bgp_routes=[{"to": "192.168.10.0/24", "as_path": 2}])}}, "vpn"),
        ({"vpn_connections": {"vpn-2": connection(bgp_routes=[{"to": "192.168.10.0/24", "med": 5}])}}, "vpn"),
        ({"vpn_connections": {"vpn-2": connection(bgp_routes=["192.168.10.0/25"])}}, "vpn-2"),
        ({"transit_route_tables": {"hub-routes": {"transit_gateway": "hub", "routes": {"192.168.10.0/24": "dx-hub"}}}}, "dx-hub"),
        ({"vpn_connections": {"vpn": connection(tunnels=["down"]), "vpn-2": connection()}}, "vpn-2"),
    ],
)
def test_TGW_2_the_better_route_wins(scenario: Scenario, sections: dict[str, Any], winner: str) -> None:
    network = scenario(hub(**sections))
    routes = [route.split(" -> ") for route in table(network)]
    held = [attachment for prefix, attachment in routes if prefix.startswith("192.168.10.0/")]
    assert held[-1] == winner


def test_TGW_2_the_blocks_of_vpcs_go_before_what_bgp_tells(scenario: Scenario) -> None:
    told = {"line": {"type": "transit", "gateway": "dx", "bgp_routes": ["10.0.0.0/16", "10.50.0.0/16"]}}
    assert table(scenario(hub(virtual_interfaces=told)))[0] == "10.0.0.0/16 -> to-main"


def test_TGW_19_equal_routes_are_used_side_by_side(scenario: Scenario) -> None:
    network = scenario(hub(vpn_connections={"vpn-2": connection()}))
    assert "192.168.10.0/24 -> vpn or vpn-2" in table(network)
    answer = network.can("web", HOST, "tcp/443")
    assert answer.verdict is simulator.Verdict.ALWAYS
    assert ("vpn", "vpn-2") in {choice.labels for case in answer.cases for choice in case.trip.choices}


def test_VPN_2_a_connection_that_is_down(scenario: Scenario) -> None:
    down = {"vpn": connection(tunnels=["down", "down"])}
    routed = {"hub-routes": {"transit_gateway": "hub", "routes": {"192.168.10.0/24": "vpn"}}}
    network = scenario(hub(vpn_connections=down, transit_route_tables=routed))
    assert refusal(network, "web", HOST) == ("forward", "TGW_BAD_STATE_VPN", "vpn no tunnel is up")
    assert refusal(network, HOST, "web") == ("forward", "BAD_STATE_VPN", "vpn no tunnel is up")
    assert refusal(scenario(hub(vpn_connections=down)), "web", HOST)[1] == "TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT"


# --- what they reach -----------------------------------------------------------------------------------------------------------------


def test_TGW_15_sites_reach_each_other(scenario: Scenario) -> None:
    told = {"direct_connect_gateway": "dx", "transit_gateway": "hub", "allowed_prefixes": ["10.0.0.0/16", "192.168.10.0/24"]}
    network = scenario(hub(direct_connect_associations={"dx-hub": told}))
    assert path(network, "onprem:office", "onprem:line") == ["office", "vpn", "hub", "dx", "line", "line"]
    assert verdict(network, "onprem:office", "onprem:line") == verdict(network, "onprem:line", "onprem:office") == "always"
    narrow = scenario(HUB)  # the data centre is not told of the office, so its answers go nowhere
    assert refusal(narrow, "onprem:office", "onprem:line")[:2] == ("reply", "NO_ROUTE_TO_DESTINATION")


def egress(table_of_gate: dict[str, str]) -> str:
    """The VPC with a NAT gateway, the table of the attachment's subnet as given, and every site sent to it by default."""
    return hub(
        transit_route_tables={"hub-routes": {"transit_gateway": "hub", "routes": {"0.0.0.0/0": "to-main"}}},
        subnets={
            "gate": {"vpc": "main", "cidr": "10.0.9.0/28", "routes": table_of_gate},
            "nats": {"vpc": "main", "cidr": "10.0.2.0/24", "routes": {"0.0.0.0/0": "igw", "192.168.0.0/16": "hub"}},
        },
        nat_gateways={"nat": {"subnet": "nats", "public_ip": "198.51.100.7"}},
        vpc_endpoints={"s3": {"vpc": "main", "service": "s3", "route_tables": "gate-routes"}},
    )


def test_TGW_16_a_nat_gateway_serves_on_premises(scenario: Scenario) -> None:
    network = scenario(egress({"0.0.0.0/0": "nat"}))
    assert path(network, HOST, "internet") == ["office", "vpn", "hub", "gate", "nats", "nat", "nats", "igw", "internet"]
    assert verdict(network, HOST, "internet") == "always"


def test_TGW_17_an_internet_gateway_refuses_what_comes_from_on_premises(scenario: Scenario) -> None:
    network = scenario(egress({"0.0.0.0/0": "igw"}))
    assert refusal(network, HOST, "internet") == ("forward", "GATEWAY_REJECTS_SPOOFED_TRAFFIC", "igw sources of this VPC only")


def test_TGW_18_a_gateway_endpoint_refuses_it_too(scenario: Scenario) -> None:
    network = scenario(egress({"0.0.0.0/0": "nat"}))
    assert refusal(network, HOST, "service:s3")[:2] == ("forward", "GATEWAY_REJECTS_SPOOFED_TRAFFIC")


def test_TGW_6_what_comes_from_on_premises_arrives_in_any_zone(scenario: Scenario) -> None:
    zones = hub(
        transit_attachments={"to-main": {"transit_gateway": "hub", "vpc": "main", "subnets": ["gate", "gate-b"]}},
        subnets={"gate-b": {"vpc": "main", "cidr": "10.0.10.0/28", "zone": "b", "network_acl": "shut"}},
        network_acls={"shut": {"vpc": "main", "inbound": [], "outbound": []}},
    )
    assert verdict(scenario(zones), HOST, "web", one_way=True) == "sometimes"


# --- answers of AWS ------------------------------------------------------------------------------------------------------------------


def described(**more: Any) -> dict[str, Any]:
    """Two VPCs on one gateway, with a VPN whose static route stands in the gateway's table."""
    lists = answers(TransitGatewayStaticRoutes=static("192.168.10.0/24", "att-3"))
    lists["TransitGatewayAttachments"].append(attached("att-3", "vpn-1", "vpn"))
    told = vpn(TransitGatewayId="tgw-1")
    del told["VpnGatewayId"]
    told["Options"] = {"StaticRoutesOnly": True}
    given = {"VpnConnections": [told], "CustomerGateways": [customer_gateway()], "virtualInterfaces": []}
    return {key: value for key, value in {**lists, **given, "directConnectGatewayAssociations": [], **more}.items() if value is not None}


def test_a_described_connection_on_a_transit_gateway(describe: Describe) -> None:
    network = describe(**described())
    assert warnings(network) == []
    assert path(network, "eni-1", HOST) == ["eni-1", "subnet-1", "tgw-1", "vpn-1", "cgw-1"]
    assert verdict(network, "eni-1", HOST) == verdict(network, HOST, "eni-1") == "always"
    assert verdict(network, "eni-1", "onprem") == "always"


def test_a_connection_that_was_not_read_is_unknown(describe: Describe) -> None:
    assert verdict(describe(**described(VpnConnections=None)), "eni-1", HOST) == "unknown"


def test_what_bgp_told_a_connection_is_unknown_until_a_table_lists_it(describe: Describe) -> None:
    told = vpn(TransitGatewayId="tgw-1")
    del told["VpnGatewayId"]
    lists = described(VpnConnections=[told], TransitGatewayStaticRoutes=[{"TransitGatewayRouteTableId": "tgw-rtb-1", "Routes": []}])
    lists["TransitGatewayPropagations"] = [propagating("att-1", "att-2", "att-3")]
    assert verdict(describe(**lists), "eni-1", HOST) == "unknown"
    listed = [{**static("192.168.10.0/24", "att-3")[0]["Routes"][0], "Type": "propagated"}]
    lists["TransitGatewayStaticRoutes"] = [{"TransitGatewayRouteTableId": "tgw-rtb-1", "Routes": listed}]
    network = describe(**lists)
    assert verdict(network, "eni-1", HOST) == verdict(network, HOST, "eni-1") == "always"


def test_a_described_direct_connect_gateway(describe: Describe) -> None:
    joined = association("10.1.0.0/16", associatedGateway={"id": "tgw-1", "type": "transitGateway"}, virtualGatewayId="")
    lists = described(
        VpnConnections=[],
        virtualInterfaces=[virtual_interface(virtualInterfaceType="transit")],
        directConnectGatewayAssociations=[joined],
    )
    lists["TransitGatewayAttachments"][-1] = attached("att-3", "dxgw-1", "direct-connect-gateway")
    network = describe(**lists)
    assert path(network, HOST, "eni-1")[:4] == ["dxvif-1", "dxvif-1", "dxgw-1", "tgw-1"]
    assert verdict(network, HOST, "eni-1") == verdict(network, "eni-1", HOST) == "always"
    assert refusal(network, HOST, "eni-2")[1] == "NO_ROUTE_TO_DESTINATION"  # its block is not allowed


def test_two_attachments_told_for_one_connection_do_not_break(describe: Describe) -> None:
    lists = described()
    lists["TransitGatewayAttachments"].append(attached("att-4", "vpn-1", "vpn"))
    assert verdict(describe(**lists), "eni-1", HOST) == "always"


def test_TGW_19_a_described_route_may_have_several_attachments(describe: Describe) -> None:
    lists = described()
    second = {**lists["VpnConnections"][0], "VpnConnectionId": "vpn-2", "VgwTelemetry": [{"Status": "DOWN"}]}
    lists["VpnConnections"].append(second)
    lists["TransitGatewayAttachments"].append(attached("att-4", "vpn-2", "vpn"))
    ends = [{"TransitGatewayAttachmentId": name, "ResourceType": "vpn"} for name in ("att-3", "att-4")]
    lists["TransitGatewayStaticRoutes"][0]["Routes"][0]["TransitGatewayAttachments"] = ends
    network = describe(**lists)
    assert table(network, "tgw-rtb-1")[-1] == "192.168.10.0/24 -> att-3 or att-4"
    answer = network.can("eni-1", HOST, "tcp/443")
    assert answer.verdict is simulator.Verdict.SOMETIMES
    assert {blocker.code for blocker in answer.blockers} == {"TGW_BAD_STATE_VPN"}
