"""The model on pods, Client VPN and regional NAT gateways (SVC-6, CVPN-1, CVPN-2, RNAT-1 to RNAT-4), each check once broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.aws.snapshot import Snapshot
from simulator.packet.flow import Flow
from tests.oracle import by_the_book
from tests.oracle.by_hand import Load, end, loader, places
from tests.oracle.by_the_book.result import DELIVERED, Leg, Picks

COMMON = """
network:
  vpcs:
    V: {cidr: 10.0.0.0/16, internet_gateway: igw}
    W: {cidr: 10.1.0.0/16}
  peerings:
    pcx: {vpcs: [V, W]}
  regional_nat_gateways:
    rnat: {vpc: V, WHERE}
  client_vpns:
    people: {client_cidr: 172.30.0.0/16, subnets: [P], security_groups: [vpn], authorize: {10.0.0.0/16: all, 10.0.9.0/24: admins}}
  subnets:
    N: {vpc: V, cidr: 10.0.1.0/24, zone: a, routes: {0.0.0.0/0: igw, 10.1.0.0/16: pcx}}
    P: {vpc: V, cidr: 10.0.2.0/24, zone: ZONE_P, routes: {0.0.0.0/0: rnat}, network_acl: ACL_P}
    Q: {vpc: V, cidr: 10.0.9.0/24, zone: a}
    X: {vpc: W, cidr: 10.1.1.0/24, zone: a, routes: {10.0.0.0/16: pcx}}
  network_acls:
    open: {vpc: V, inbound: [{rule: 1, allow: all}], outbound: [{rule: 1, allow: all}]}
    shut: {vpc: V, inbound: [{rule: 1, from: 10.0.0.0/8, allow: all}], outbound: [{rule: 1, allow: all}]}
  security_groups:
    all: {vpc: V, inbound: [{from: 0.0.0.0/0, allow: all}]}
    all-W: {vpc: W, inbound: [{from: 0.0.0.0/0, allow: all}]}
    vpn: {vpc: V, inbound: []}
    by-vpn: {vpc: V, inbound: [{from: vpn, allow: tcp/443}]}
    by-pod: {vpc: V, inbound: [{from: 10.0.1.16/28, allow: tcp/443}]}
  instances:
    node: {subnet: N, ip: 10.0.1.10, public_ip: 203.0.113.10, prefixes: [10.0.1.16/28], pods: PODS, security_groups: [all]}
    a: {subnet: P, ip: 10.0.2.10, security_groups: [all]}
    b: {subnet: Q, ip: 10.0.9.10, security_groups: [by-vpn]}
    c: {subnet: Q, ip: 10.0.9.20, security_groups: [by-pod]}
    d: {subnet: X, ip: 10.1.1.10, security_groups: [all-W]}
"""
USUAL = {"WHERE": "public_ips: [203.0.113.5]", "ZONE_P": "a", "ACL_P": "open", "PODS": "translated"}
FAR, POD, CLIENT = "198.51.100.7", "10.0.1.20", "172.30.0.9"


@pytest.fixture
def setting(tmp_path: Path) -> Load:
    return loader(tmp_path, COMMON, USUAL)


def asked(snapshot: Snapshot, sender: str, source: str, destination: str, *draws: int) -> tuple[Leg, Leg | None]:
    return by_the_book.round_trip(snapshot, sender, Flow.tcp(source, 40000, destination, 443), picks=Picks(draws=list(draws)))


def test_SVC_6_a_pod_goes_out_under_the_address_of_its_node(setting: Load) -> None:
    forward, back = asked(setting(), "node-eni", POD, FAR, 5)
    assert forward.header == Flow.tcp("203.0.113.10", 1029, FAR, 443)
    assert places(back)[-1] == "node"
    assert back is not None
    assert back.header == Flow.tcp(FAR, 443, POD, 40000)
    assert end(asked(setting(PODS="kept"), "node-eni", POD, FAR)[0]) == ("igw", "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS")


def test_SVC_6_inside_the_vpc_a_pod_keeps_its_address(setting: Load) -> None:
    assert places(asked(setting(), "node-eni", POD, "10.0.9.20")[1])[-1] == "node"
    assert end(asked(setting(), "node-eni", "10.0.1.10", "10.0.9.20")[0]) == ("c-eni", "ENI_SG_RULES_MISMATCH")


def test_SVC_6_a_pod_answers_a_peer_with_its_own_address(setting: Load) -> None:
    forward, back = asked(setting(), "d-eni", "10.1.1.10", POD)
    assert places(forward)[-1] == "node"
    assert places(back)[-1] == "d"


def test_CVPN_2_clients_have_the_address_and_group_of_the_association(setting: Load) -> None:
    forward, back = asked(setting(), "client-vpn:people", CLIENT, "10.0.9.10", 0, 7)
    assert places(forward) == ["people", "people-eni", "P", "Q", "b-eni", "b"]
    assert forward.header == Flow.tcp("10.0.2.4", 1031, "10.0.9.10", 443)
    assert places(back) == ["b", "b-eni", "Q", "P", "people-eni", "people"]
    assert back is not None
    assert back.header == Flow.tcp("10.0.9.10", 443, CLIENT, 40000)


def test_CVPN_1_rules_and_routes_of_the_endpoint(setting: Load) -> None:
    assert end(asked(setting(), "client-vpn:people", CLIENT, FAR)[0]) == ("people", "SIM_NOT_AUTHORIZED")
    assert end(asked(setting(), "client-vpn:people", CLIENT, "10.0.9.10", 1)[0]) == ("people", "SIM_NOT_AUTHORIZED")  # no admin
    assert end(asked(setting(), "a-eni", "10.0.2.10", "10.0.2.4")[0])[1] == "SG_HAS_NO_RULES"


def test_LL_4_clients_may_ask_the_dns_server(setting: Load) -> None:
    forward, back = asked(setting(), "client-vpn:people", CLIENT, "10.0.0.2")
    assert places(forward)[-1] == "platform-services"
    assert back is not None
    assert (back.disposition, back.header) == (DELIVERED, Flow.tcp("10.0.0.2", 443, CLIENT, 40000))


def test_RNAT_1_from_no_subnet_to_the_internet_gateway_and_back(setting: Load) -> None:
    forward, back = asked(setting(), "a-eni", "10.0.2.10", FAR, 1)
    assert places(forward) == ["a", "a-eni", "P", "rnat", "igw", "internet"]
    assert forward.header == Flow.tcp("203.0.113.5", 1025, FAR, 443)
    assert places(back) == ["internet", "igw", "rnat", "P", "a-eni", "a"]
    assert end(asked(setting(ACL_P="shut"), "a-eni", "10.0.2.10", FAR)[1]) == ("P", "SUBNET_ACL_RESTRICTION")  # RNAT-4


def test_RNAT_3_manual_mode_serves_the_zones_that_were_given(setting: Load) -> None:
    where = "zones: {a: [203.0.113.6], b: [203.0.113.7]}"
    assert end(asked(setting(WHERE=where, ZONE_P="c"), "a-eni", "10.0.2.10", FAR)[0]) == ("rnat", "REGIONAL_NGW_ROUTE_AZ_RESTRICTION")
    forward, _ = asked(setting(WHERE=where, ZONE_P="b"), "a-eni", "10.0.2.10", FAR)
    assert forward.header is not None
    assert forward.header.source == Flow.tcp("203.0.113.7", 1, FAR, 1).source


def test_NAT_6_a_regional_one_takes_nothing_new(setting: Load) -> None:
    assert end(asked(setting(), "internet", FAR, "203.0.113.5")[0]) == ("rnat", "SIM_NAT_STATEFUL_INBOUND")
