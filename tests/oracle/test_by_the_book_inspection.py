"""The model on Gateway Load Balancer endpoints (GWLBE-1 to GWLBE-6, GWLB-1, GWLB-2): W-15, each step once broken."""

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
    V: {cidr: 10.0.0.0/16, internet_gateway: igw}
    T: {cidr: 10.0.0.0/16}
  subnets:
    N: {vpc: V, cidr: 10.0.1.0/24, zone: a, routes: {0.0.0.0/0: OUT, 10.0.2.0/24: e}}
    Q: {vpc: V, cidr: 10.0.2.0/24, zone: a, routes: {BACK}}
    F: {vpc: V, cidr: 10.0.3.0/24, zone: a, routes: {0.0.0.0/0: igw}, network_acl: ACL_F}
    G: {vpc: V, cidr: 10.0.4.0/24, zone: a}
    X: {vpc: T, cidr: 10.0.1.0/24, zone: a}
    Y: {vpc: T, cidr: 10.0.2.0/24, zone: ZONE_Y}
  route_tables:
    edge: {vpc: V, gateways: [igw], routes: {10.0.1.0/24: e}}
  network_acls:
    open: {vpc: V, inbound: [{rule: 1, allow: all}], outbound: [{rule: 1, allow: all}]}
    no-in: {vpc: V, inbound: [{rule: 1, allow: udp}], outbound: [{rule: 1, allow: all}]}
    no-out: {vpc: V, inbound: [{rule: 1, allow: all}], outbound: [{rule: 1, allow: udp}]}
  security_groups:
    web: {vpc: V, inbound: [{from: FROM, allow: all}]}
    boxes: {vpc: T, inbound: [{from: 10.0.1.0/24, allow: GENEVE}]}
  instances:
    b: {subnet: N, ip: 10.0.1.10, public_ip: 203.0.113.10, security_groups: [web]}
    c: {subnet: Q, ip: 10.0.2.10, security_groups: [web]}
    box: {subnet: Y, ip: 10.0.2.20, security_groups: [boxes]}
  target_groups:
    boxes: {protocol: geneve, targets: [box]}
  load_balancers:
    gwlb: {type: gateway, subnets: [X], listeners: {udp/6081: boxes}, STATE}
  endpoint_services:
    svc: {load_balancers: gwlb}
  vpc_endpoints:
    e: {vpc: V, service: svc, subnets: F}
    e-2: {vpc: V, service: svc, subnets: G}
"""
USUAL = {
    "OUT": "e",
    "BACK": "10.0.1.0/24: e",
    "ACL_F": "open",
    "ZONE_Y": "a",
    "FROM": "0.0.0.0/0",
    "GENEVE": "udp/6081",
    "STATE": "inspection: [{deny: tcp/22}, {allow: tcp/443}]",
}
UNTOLD = {"STATE": "cross_zone: false"}
FAR = "198.51.100.7"


@pytest.fixture
def setting(tmp_path: Path) -> Load:
    return loader(tmp_path, COMMON, USUAL)


def asked(snapshot: Snapshot, sender: str, source: str, destination: str, port: int = 443) -> tuple[Leg, Leg | None]:
    return by_the_book.round_trip(snapshot, sender, Flow.tcp(source, 40000, destination, port), picks=Picks())


def test_GWLBE_2_in_by_the_table_of_the_gateway_and_out_by_that_of_the_subnet(setting: Load) -> None:
    forward, back = asked(setting(), "internet", FAR, "203.0.113.10")
    assert places(forward) == ["internet", "igw", "F", "e", "gwlb", "F", "N", "b-eni", "b"]
    assert places(back) == ["b", "b-eni", "N", "F", "e", "gwlb", "F", "igw", "internet"]
    forward, back = asked(setting(), "b-eni", "10.0.1.10", FAR)
    assert places(forward) == ["b", "b-eni", "N", "F", "e", "gwlb", "F", "igw", "internet"]
    assert places(back)[-1] == "b"


def test_RT_23_not_past_the_endpoint(setting: Load) -> None:
    assert end(asked(setting(OUT="igw"), "b-eni", "10.0.1.10", FAR)[0]) == ("igw", "INGRESS_RTB_TRAFFIC_REDIRECTION")


def test_GWLBE_4_the_list_of_its_subnet_twice(setting: Load) -> None:
    for acl in ("no-in", "no-out"):
        assert end(asked(setting(ACL_F=acl), "b-eni", "10.0.1.10", "10.0.2.10")[0]) == ("F", "SUBNET_ACL_RESTRICTION")


def test_GWLBE_6_its_rules_in_order(setting: Load) -> None:
    assert end(asked(setting(), "b-eni", "10.0.1.10", "10.0.2.10", 22)[0]) == ("gwlb", "FIREWALL_RULES_RESTRICTION")
    assert end(asked(setting(), "b-eni", "10.0.1.10", "10.0.2.10", 80)[0]) == ("gwlb", "FIREWALL_RULES_RESTRICTION")
    assert places(asked(setting(**UNTOLD), "b-eni", "10.0.1.10", "10.0.2.10", 22)[1])[-1] == "b"


def test_GWLBE_5_one_that_sees_the_answer_only(setting: Load) -> None:
    to_b = ("c-eni", "10.0.2.10", "10.0.1.10")
    assert places(asked(setting(), *to_b)[1])[-1] == "c"
    assert end(asked(setting(BACK=""), *to_b)[1]) == ("gwlb", "SIM_RETURN_PATH_ASYMMETRIC")
    _, unknown = asked(setting(BACK="", **UNTOLD), *to_b)
    assert unknown is not None
    assert unknown.disposition == "gap"


def test_GWLBE_5_two_endpoints_share_nothing(setting: Load) -> None:
    _, back = asked(setting(BACK="10.0.1.0/24: e-2"), "b-eni", "10.0.1.10", "10.0.2.10")
    assert end(back) == ("gwlb", "SIM_RETURN_PATH_ASYMMETRIC")


def test_SG_13_no_reference_passes_it(setting: Load) -> None:
    assert end(asked(setting(FROM="web"), "b-eni", "10.0.1.10", "10.0.2.10")[0]) == ("c-eni", "SG_REFERENCES_NOT_PRESERVED")


def test_GWLB_1_geneve_has_to_reach_an_appliance(setting: Load) -> None:
    assert end(asked(setting(GENEVE="tcp"), "b-eni", "10.0.1.10", "10.0.2.10")[0])[0] == "box-eni"
    assert end(asked(setting(ZONE_Y="b"), "b-eni", "10.0.1.10", "10.0.2.10")[0]) == ("gwlb", "ELBV2_LISTENER_HAS_NO_TG")


def test_GWLB_2_nothing_reaches_it_otherwise(setting: Load) -> None:
    assert end(asked(setting(), "box-eni", "10.0.2.20", "10.0.1.4")[0]) == ("gwlb", "ELBV2_LISTENERS_MISMATCH")
