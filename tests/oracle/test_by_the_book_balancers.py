"""The model on load balancers (section 13 of docs/semantics.md) and PrivateLink: W-13, W-14 and W-19, each step once broken."""

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
    W: {cidr: 10.2.0.0/16}
    C: {cidr: 10.0.0.0/16}
  peerings:
    pcx: {vpcs: [V, W]}
  transit_gateways:
    tgw: {}
  transit_attachments:
    at-V: {transit_gateway: tgw, vpc: V, subnets: [T]}
    at-W: {transit_gateway: tgw, vpc: W, subnets: [Q]}
  subnets:
    N: {vpc: V, cidr: 10.0.1.0/24, zone: a, routes: {0.0.0.0/0: igw, 10.2.0.0/16: WAY}, network_acl: ACL_N}
    M: {vpc: V, cidr: 10.0.2.0/24, zone: b, routes: {0.0.0.0/0: igw}}
    T: {vpc: V, cidr: 10.0.3.0/24, zone: a}
    P: {vpc: V, cidr: 10.0.11.0/24, zone: a, network_acl: ACL_P}
    R: {vpc: V, cidr: 10.0.12.0/24, zone: c}
    Q: {vpc: W, cidr: 10.2.11.0/24, zone: a, routes: {10.0.0.0/16: WAY}}
    E: {vpc: C, cidr: 10.0.1.0/24, zone: a}
    F: {vpc: C, cidr: 10.0.2.0/24, zone: c}
  network_acls:
    open: {vpc: V, inbound: [{rule: 1, allow: all}], outbound: [{rule: 1, allow: all}]}
    inside: {vpc: V, inbound: [{rule: 1, from: 10.0.0.0/16, allow: all}], outbound: [{rule: 1, to: 10.0.0.0/16, allow: all}]}
    deaf: {vpc: V, inbound: [{rule: 1, allow: tcp/443}], outbound: [{rule: 1, allow: all}]}
    mute: {vpc: V, inbound: [{rule: 1, allow: all}], outbound: [{rule: 1, to: 10.0.99.0/24, allow: all}]}
  security_groups:
    lb: {vpc: V, inbound: [{from: 0.0.0.0/0, allow: [tcp/443-445, icmp]}], outbound: [{to: 10.0.0.0/8, allow: tcp/8080}]}
    by-lb: {vpc: V, inbound: [{from: lb, allow: tcp/8080}]}
    all: {vpc: V, inbound: [{from: 0.0.0.0/0, allow: all}]}
    all-W: {vpc: W, inbound: [{from: 0.0.0.0/0, allow: all}]}
    all-C: {vpc: C, inbound: [{from: 0.0.0.0/0, allow: all}]}
    stern: {vpc: V, inbound: [{from: 10.0.99.0/24, allow: all}]}
  instances:
    b: {subnet: P, ip: 10.0.11.10, security_groups: [TARGET]}
    near: {subnet: N, ip: 10.0.1.99, security_groups: [all]}
    far: {subnet: R, ip: 10.0.12.10, security_groups: [all]}
    d: {subnet: Q, ip: 10.2.11.10, security_groups: [all-W]}
    client: {subnet: E, ip: 10.0.1.77, security_groups: [all-C]}
  target_groups:
    app: {port: 8080, protocol: http, targets: [b, {target: near, health: HEALTH}]}
    one: {port: 8080, protocol: tcp, targets: b, PRESERVE}
    two: {port: 8080, protocol: tcp, targets: [b, near]}
    away: {port: 8080, protocol: tcp, targets: far}
    other: {port: 8080, protocol: tcp, targets: [{target: 10.2.11.10, zone: all}], preserve_client_ip: true}
  load_balancers:
    alb: {subnets: [N], ips: 10.0.1.20, public_ips: 203.0.113.20, security_groups: lb, listeners: {tcp/443: app}}
    nlb: {type: network, subnets: [N, M], ips: [10.0.1.30, 10.0.2.30], public_ips: [203.0.113.30, 203.0.113.31], GROUPS,
      listeners: {tcp/443: one, tcp/444: other, tcp/445: away, tcp/446: two}, cross_zone: CROSS}
    inner: {type: network, subnets: [N], ips: 10.0.1.40, security_groups: [WHO], listeners: {tcp/443: one}}
    clb: {type: classic, subnets: [N], ips: 10.0.1.50, security_groups: lb, listeners: {tcp/443: app}}
  endpoint_services:
    shop: {load_balancers: inner}
  vpc_endpoints:
    e: {vpc: C, service: shop, subnets: [E, F], security_groups: [all-C]}
"""
USUAL = {
    "WAY": "pcx",
    "ACL_N": "open",
    "ACL_P": "open",
    "TARGET": "by-lb",
    "HEALTH": "healthy",
    "PRESERVE": "preserve_client_ip: true",
    "GROUPS": "security_groups: [lb]",
    "CROSS": "false",
    "WHO": "lb",
}
NO_GROUPS, HIDDEN = {"GROUPS": "enforce_private_link: true"}, {"PRESERVE": "preserve_client_ip: false"}
FAR = "198.51.100.7"


@pytest.fixture
def setting(tmp_path: Path) -> Load:
    return loader(tmp_path, COMMON, USUAL)


def asked(
    snapshot: Snapshot, sender: str, source: str, destination: str, port: int = 443, draws: tuple[int, ...] = ()
) -> tuple[Leg, Leg | None]:
    return by_the_book.round_trip(snapshot, sender, Flow.tcp(source, 40000, destination, port), picks=Picks(draws=list(draws)))


def test_ALB_2_leg_1_ends_at_the_node_and_is_answered_from_it(setting: Load) -> None:
    forward, back = asked(setting(), "internet", FAR, "203.0.113.20")
    assert places(forward) == ["internet", "igw", "N", "alb-eni", "alb"]
    assert places(back) == ["alb", "alb-eni", "N", "igw", "internet"]
    assert end(asked(setting(), "internet", FAR, "203.0.113.20", 444)[0]) == ("alb", "ELBV2_LISTENERS_MISMATCH")  # ELB-5


def test_ALB_1_leg_2_comes_from_the_node(setting: Load) -> None:
    forward, back = asked(setting(), "alb-eni", "10.0.1.20", "10.0.11.10", 8080)
    assert places(forward) == ["alb", "alb-eni", "N", "P", "b-eni", "b"]
    assert places(back) == ["b", "b-eni", "P", "N", "alb-eni", "alb"]


@pytest.mark.parametrize(
    ("address", "port", "code"),
    [("10.0.11.10", 22, "TARGET_PORT_RESTRICTION"), ("10.0.12.10", 8080, "TARGET_ADDRESS_RESTRICTION"), ("10.0.1.99", 8080, "BAD_STATE")],
)
def test_ELB_5_a_node_sends_to_healthy_targets_on_their_port(setting: Load, address: str, port: int, code: str) -> None:
    assert end(asked(setting(HEALTH="unhealthy"), "alb-eni", "10.0.1.20", address, port)[0]) == ("alb", code)


def test_ELB_3_a_node_starts_nothing_across_zones_where_that_is_off(setting: Load) -> None:
    node_b = "nlb-eni-M"
    assert end(asked(setting(), node_b, "10.0.2.30", "10.0.11.10", 8080)[0]) == ("nlb", "ELB_NOT_CROSSZONE")
    assert places(asked(setting(CROSS="true"), node_b, "10.0.2.30", "10.0.11.10", 8080)[0])[-1] == "b"


def test_NLB_3_the_client_is_kept_and_the_answer_comes_back_by_the_node(setting: Load) -> None:
    forward, back = asked(setting(), "internet", FAR, "203.0.113.30")
    assert places(forward) == ["internet", "igw", "N", "nlb-eni-N", "nlb", "nlb-eni-N", "N", "P", "b-eni", "b"]
    assert forward.header == Flow.tcp(FAR, 40000, "10.0.11.10", 8080)
    assert places(back) == ["b", "b-eni", "P", "N", "nlb-eni-N", "nlb", "nlb-eni-N", "N", "igw", "internet"]  # ELB-6: P has no way out


def test_NLB_3_the_client_is_hidden(setting: Load) -> None:
    forward, back = asked(setting(**HIDDEN), "internet", FAR, "203.0.113.30", draws=(2024,))
    assert forward.header == Flow.tcp("10.0.1.30", 3048, "10.0.11.10", 8080)
    assert places(back)[-1] == "internet"


def test_NLB_6_the_list_of_the_targets_subnet_sees_the_client_that_is_kept(setting: Load) -> None:
    assert end(asked(setting(ACL_P="inside"), "internet", FAR, "203.0.113.30")[0]) == ("P", "SUBNET_ACL_RESTRICTION")
    assert places(asked(setting(ACL_P="inside", **HIDDEN), "internet", FAR, "203.0.113.30")[1])[-1] == "internet"
    assert end(asked(setting(ACL_N="deaf"), "internet", FAR, "203.0.113.30")[1]) == ("N", "SUBNET_ACL_RESTRICTION")


def test_SG_13_the_group_of_the_balancer_is_what_a_target_sees_and_without_one_nobodys(setting: Load) -> None:
    assert end(asked(setting(**NO_GROUPS), "internet", FAR, "203.0.113.30")[0]) == ("b-eni", "ENI_SG_RULES_MISMATCH")
    assert places(asked(setting(**NO_GROUPS, TARGET="all"), "internet", FAR, "203.0.113.30")[0])[-1] == "b"  # NLB-1


def test_NLB_4_kept_over_a_peering_and_not_over_a_transit_gateway(setting: Load) -> None:
    forward, back = asked(setting(), "internet", FAR, "203.0.113.30", 444)
    assert places(forward)[-5:] == ["N", "pcx", "Q", "d-eni", "d"]
    assert places(back)[:6] == ["d", "d-eni", "Q", "pcx", "N", "nlb-eni-N"]
    assert end(asked(setting(WAY="tgw"), "internet", FAR, "203.0.113.30", 444)[0]) == ("nlb", "ELBV2_SOURCE_ADDRESS_PRESERVATION")


def test_NLB_7_a_target_is_not_its_own_client(setting: Load) -> None:
    assert end(asked(setting(), "b-eni", "10.0.11.10", "10.0.1.30")[0]) == ("nlb", "SIM_NLB_HAIRPIN")
    assert places(asked(setting(**HIDDEN), "b-eni", "10.0.11.10", "10.0.1.30")[1])[-1] == "b"
    ends = [asked(setting(**NO_GROUPS, TARGET="all"), "near-eni", "10.0.1.99", "10.0.1.30", 446, (draw,))[0].code for draw in (0, 1)]
    assert ends == ["", "SIM_NLB_HAIRPIN"]


def test_ELB_3_no_target_in_the_zones(setting: Load) -> None:
    assert end(asked(setting(), "internet", FAR, "203.0.113.30", 445)[0]) == ("nlb", "ELBV2_NO_TARGETS_IN_AZ")
    assert end(asked(setting(), "internet", FAR, "203.0.113.31", 443)[0]) == ("nlb", "ELBV2_NO_TARGETS_IN_AZ")
    assert places(asked(setting(CROSS="true"), "internet", FAR, "203.0.113.31")[0])[-1] == "b"


def test_NACL_20_a_classic_one_meets_its_own_list_on_the_way_to_a_neighbour(setting: Load) -> None:
    assert end(asked(setting(ACL_N="mute"), "clb-eni", "10.0.1.50", "10.0.1.99", 8080)[0]) == ("N", "ELB_ACL_RESTRICTION")
    assert places(asked(setting(ACL_N="mute"), "alb-eni", "10.0.1.20", "10.0.1.99", 8080)[0])[-1] == "near"


def test_PL_1_the_target_sees_the_node_and_the_answer_goes_back_by_the_endpoint(setting: Load) -> None:
    forward, back = asked(setting(), "client-eni", "10.0.1.77", "10.0.1.4")
    assert places(forward) == ["client", "client-eni", "E", "e-eni-E", "e", "inner-eni", "inner", "inner-eni", "N", "P", "b-eni", "b"]
    assert forward.header is not None
    assert forward.header.source == Flow.tcp("10.0.1.40", 1, "10.0.1.40", 1).source
    assert places(back) == ["b", "b-eni", "P", "N", "inner-eni", "inner", "e-eni-E", "E", "client-eni", "client"]


def test_PL_2_the_groups_of_the_balancer_judge_the_consumer(setting: Load) -> None:
    assert end(asked(setting(WHO="stern"), "client-eni", "10.0.1.77", "10.0.1.4")[0]) == ("inner-eni", "ENI_SG_RULES_MISMATCH")


def test_PL_4_no_node_in_the_zone_of_the_endpoint(setting: Load) -> None:
    assert end(asked(setting(), "client-eni", "10.0.1.77", "10.0.2.4")[0]) == ("e", "VPCE_SERVICE_NOT_INSTALLED_IN_AZ")
