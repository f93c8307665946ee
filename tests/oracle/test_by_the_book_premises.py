"""The model on networks on premises (section 11 of docs/semantics.md): W-16 over each kind of gateway, each step once broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.aws.snapshot import Snapshot
from simulator.packet.flow import Flow
from tests.oracle import by_the_book
from tests.oracle.by_hand import Load, end, loader, places
from tests.oracle.by_the_book.result import Leg, Picks

COMMON = """
network:
  vpcs:
    V: {cidr: 10.0.0.0/16, ipv6_cidr: "2600:1f00::/56", internet_gateway: igw}
    W: {cidr: [10.2.0.0/16, 10.3.0.0/16]}
    U: {cidr: 10.4.0.0/16}
  peerings:
    pcx: {vpcs: [V, U]}
  vpn_gateways:
    vgw: {vpc: V}
    vgw-W: {vpc: W}
  customer_gateways:
    office: {networks: [192.168.10.0/24, 192.168.11.0/24]}
    plant: {networks: [192.168.20.0/24]}
    branch: {networks: [192.168.30.0/24]}
  vpn_connections:
    vpn: {gateway: vgw, customer_gateway: office, STATIC: [192.168.10.0/24], tunnels: TUNNELS}
    vpn-2: {gateway: vgw, customer_gateway: office, bgp_routes: [192.168.10.0/24]}
    vpn-plant: {gateway: vgw, customer_gateway: plant}
    vpn-hub: {transit_gateway: hub, customer_gateway: branch, tunnels: TUNNELS}
  direct_connect_gateways:
    dx: {}
  direct_connect_associations:
    dx-W: {direct_connect_gateway: dx, gateway: vgw-W, allowed_prefixes: [10.2.0.0/16]}
  virtual_interfaces:
    line: {gateway: dx, bgp_routes: [172.20.0.0/16]}
  transit_gateways:
    hub: {}
  transit_attachments:
    at-U: {transit_gateway: hub, vpc: U, subnets: [S]}
  subnets:
    P: {vpc: V, cidr: 10.0.11.0/24, ipv6_cidr: "2600:1f00:0:11::/64", network_acl: ACL_P,
      routes: {192.168.0.0/16: vgw, 172.16.0.0/12: vgw, 0.0.0.0/0: igw, 10.4.0.0/16: pcx, "::/0": vgw}}
    Q: {vpc: W, cidr: 10.2.11.0/24, routes: {172.20.0.0/16: vgw-W}}
    R: {vpc: W, cidr: 10.3.11.0/24, routes: {172.20.0.0/16: vgw-W}}
    S: {vpc: U, cidr: 10.4.11.0/24, routes: {192.168.0.0/16: WAY_S}}
  network_acls:
    open: {vpc: V, inbound: [{rule: 1, allow: all}, {rule: 2, from: "::/0", allow: all}],
      outbound: [{rule: 1, allow: all}, {rule: 2, to: "::/0", allow: all}]}
    no-in: {vpc: V, inbound: [{rule: 1, from: 10.0.0.0/8, allow: all}], outbound: [{rule: 1, allow: all}]}
    no-out: {vpc: V, inbound: [{rule: 1, allow: all}], outbound: [{rule: 1, allow: tcp/443}]}
  security_groups:
    all: {vpc: V, inbound: [{from: 0.0.0.0/0, allow: all}], outbound: [{to: [0.0.0.0/0, "::/0"], allow: all}]}
    all-W: {vpc: W, inbound: [{from: 0.0.0.0/0, allow: all}]}
    all-U: {vpc: U, inbound: [{from: 0.0.0.0/0, allow: all}]}
  instances:
    b: {subnet: P, ip: 10.0.11.20, ipv6: "2600:1f00:0:11::20", security_groups: [all], source_dest_check: false}
    c: {subnet: Q, ip: 10.2.11.20, security_groups: [all-W]}
    d: {subnet: R, ip: 10.3.11.20, security_groups: [all-W]}
    e: {subnet: S, ip: 10.4.11.20, security_groups: [all-U]}
"""
USUAL = {"STATIC": "static_routes", "TUNNELS": "[up, down]", "ACL_P": "open", "WAY_S": "hub"}
DOWN = {"TUNNELS": "[down, down]"}
OFFICE, PLANT, BRANCH, LINE = (f"onprem:{name}" for name in ("office", "plant", "branch", "line"))
IN, OUT = Flow.tcp("192.168.10.5", 40000, "10.0.11.20", 443), Flow.tcp("10.0.11.20", 40000, "192.168.10.5", 443)
NO_ROUTE, NO_EGRESS, NO_INGRESS = (
    "NO_ROUTE_TO_DESTINATION",
    "VGW_PRIVATE_IP_ASSOCIATION_FOR_EGRESS",
    "VGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS",
)


@pytest.fixture
def setting(tmp_path: Path) -> Load:
    return loader(tmp_path, COMMON, USUAL)


def asked(snapshot: Snapshot, sender: str, source: str, destination: str, *draws: int) -> tuple[Leg, Leg | None]:
    return by_the_book.round_trip(snapshot, sender, Flow.tcp(source, 40000, destination, 443), picks=Picks(draws=list(draws)))


def test_VPN_1_on_premises_sends_by_any_line_and_the_static_one_goes_back(setting: Load) -> None:
    for draw, way in ((0, "vpn"), (1, "vpn-2")):
        forward, back = by_the_book.round_trip(setting(), OFFICE, IN, picks=Picks(draws=[draw]))
        assert places(forward) == ["office", way, "vgw", "P", "b-eni", "b"]
        assert places(back) == ["b", "b-eni", "P", "vgw", "vpn", "office"]  # VGW-6


def test_VGW_6_of_two_that_bgp_told_each_may_be_taken(setting: Load) -> None:
    snapshot = setting(STATIC="bgp_routes")
    assert {places(asked(snapshot, "b-eni", "10.0.11.20", "192.168.10.5", draw)[0])[-2] for draw in (0, 1)} == {"vpn", "vpn-2"}


def test_VPN_2_a_line_that_is_down_is_not_used(setting: Load) -> None:
    assert places(by_the_book.round_trip(setting(**DOWN), "b-eni", OUT)[0])[-2] == "vpn-2"
    forward, _ = by_the_book.round_trip(setting(**DOWN), OFFICE, IN)
    assert places(forward)[:3] == ["office", "vpn-2", "vgw"]
    forward, _ = asked(setting(**DOWN), BRANCH, "192.168.30.5", "10.4.11.20")
    assert end(forward) == ("vpn-hub", "BAD_STATE_VPN")


def test_VGW_2_the_gateway_must_know_the_block(setting: Load) -> None:
    assert end(asked(setting(), "b-eni", "10.0.11.20", "192.168.11.5")[0]) == ("vgw", NO_ROUTE)


def test_VGW_3_only_what_an_interface_has(setting: Load) -> None:
    assert end(asked(setting(), OFFICE, "192.168.10.5", "10.0.11.99")[0]) == ("vgw", NO_INGRESS)
    assert end(asked(setting(), OFFICE, "192.168.10.5", "198.51.100.7")[0]) == ("vgw", NO_INGRESS)  # VGW-5
    assert end(asked(setting(), OFFICE, "192.168.10.5", "10.4.11.20")[0]) == ("vgw", NO_INGRESS)


def test_VGW_4_no_foreign_source_leaves(setting: Load) -> None:
    assert end(asked(setting(), "b-eni", "10.4.11.20", "192.168.10.5")[0]) == ("vgw", NO_EGRESS)
    forward, _ = asked(setting(WAY_S="pcx"), "e-eni", "10.4.11.20", "192.168.10.5")
    assert end(forward) == ("pcx", "PCX_REQUIRES_ADDRESS_IN_VPC_CIDR")


def test_VGW_7_a_vpn_carries_no_ipv6(setting: Load) -> None:
    assert end(asked(setting(), "b-eni", "2600:1f00:0:11::20", "2607:f8b0::1")[0]) == ("vgw", NO_ROUTE)
    assert end(asked(setting(), OFFICE, "fd00:10::1", "2600:1f00:0:11::20")[0]) == ("vpn", "PROTOCOL_RESTRICTION")


def test_VGW_8_site_to_site_does_not_touch_the_vpc(setting: Load) -> None:
    forward, back = asked(setting(), PLANT, "192.168.20.5", "192.168.10.5")
    assert places(forward) == ["plant", "vpn-plant", "vgw", "vpn", "office"]
    assert places(back) in (["office", way, "vgw", "vpn-plant", "plant"] for way in ("vpn", "vpn-2"))


def test_VGW_9_lists_see_the_address_on_premises(setting: Load) -> None:
    assert end(by_the_book.round_trip(setting(ACL_P="no-in"), OFFICE, IN)[0]) == ("P", "SUBNET_ACL_RESTRICTION")
    assert end(by_the_book.round_trip(setting(ACL_P="no-out"), OFFICE, IN)[1]) == ("P", "SUBNET_ACL_RESTRICTION")


def test_DX_1_what_the_association_allows_is_told(setting: Load) -> None:
    forward, back = asked(setting(), LINE, "172.20.0.5", "10.2.11.20")
    assert places(forward) == ["line", "dx", "vgw-W", "Q", "c-eni", "c"]
    assert places(back) == ["c", "c-eni", "Q", "vgw-W", "dx", "line"]
    assert end(asked(setting(), LINE, "172.20.0.5", "10.3.11.20")[0]) == ("dx", NO_ROUTE)


def test_DX_2_the_vpcs_behind_it_do_not_meet(setting: Load) -> None:
    assert end(asked(setting(), "c-eni", "10.2.11.20", "10.0.11.20")[0]) == ("Q", NO_ROUTE)


def test_TGW_14_a_vpn_propagates_what_it_knows(setting: Load) -> None:
    forward, back = asked(setting(), BRANCH, "192.168.30.5", "10.4.11.20")
    assert places(forward) == ["branch", "vpn-hub", "hub", "S", "e-eni", "e"]
    assert places(back) == ["e", "e-eni", "S", "hub", "vpn-hub", "branch"]
    assert end(asked(setting(**DOWN), "e-eni", "10.4.11.20", "192.168.30.5")[0]) == ("hub", "TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT")
