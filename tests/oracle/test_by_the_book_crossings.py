"""The model on the canonical walks that leave a VPC by other ways than an internet gateway: peerings, transit gateways, endpoints, IPv6.

W-9 to W-12 and W-22 of docs/semantics.md, section 20; each check once passed and once broken.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.packet.flow import Flow
from tests.oracle import by_the_book
from tests.oracle.by_hand import Load, loader
from tests.oracle.by_the_book.result import DELIVERED

COMMON = """
network:
  vpcs:
    V: {cidr: 10.0.0.0/16, ipv6_cidr: "2001:db8:1::/56", internet_gateway: igw, egress_only_gateway: eigw, region: eu-west-1}
    W: {cidr: 10.2.0.0/16, region: eu-west-1}
    U: {cidr: 10.3.0.0/16, region: eu-west-1}
  peerings:
    pcx: {vpcs: [V, W], state: PCX_STATE}
  transit_gateways:
    tgw: {group_references: REFERENCES, default_association: false}
  transit_attachments:
    at-V: {transit_gateway: tgw, vpc: V, subnets: [T_V]}
    at-U: {transit_gateway: tgw, vpc: U, subnets: [T_U, T_UB]}
  transit_route_tables:
    there: {transit_gateway: tgw, associations: [at-V], propagations: [at-U], routes: {THERE}}
    back: {transit_gateway: tgw, associations: [BACK], propagations: [at-V]}
  subnets:
    P: {vpc: V, cidr: 10.0.11.0/24, ipv6_cidr: "2001:db8:1:11::/64", zone: ZONE_P, route_table: rt-P, network_acl: ACL_P}
    T_V: {vpc: V, cidr: 10.0.12.0/28, zone: a, network_acl: ACL_T_V}
    E: {vpc: V, cidr: 10.0.13.0/24, zone: b}
    S: {vpc: W, cidr: 10.2.11.0/24, routes: {ROUTES_S}}
    Q: {vpc: U, cidr: 10.3.11.0/24, zone: b, routes: {10.0.0.0/8: tgw}}
    T_U: {vpc: U, cidr: 10.3.12.0/28, zone: a, network_acl: ACL_T_U}
    T_UB: {vpc: U, cidr: 10.3.12.16/28, zone: b}
  route_tables:
    rt-P: {vpc: V, routes: {10.2.0.0/16: pcx, 10.3.0.0/16: tgw, "::/0": IPV6_WAY}}
  network_acls:
    open:
      vpc: V
      inbound: [{rule: 100, allow: all}, {rule: 101, from: "::/0", allow: all}]
      outbound: [{rule: 100, allow: all}, {rule: 101, to: "::/0", allow: all}]
    shut: {vpc: V}
    open-U: {vpc: U, inbound: [{rule: 100, allow: all}], outbound: [{rule: 100, allow: all}]}
    shut-U: {vpc: U, inbound: [{rule: 100, allow: all}]}
  security_groups:
    client: {vpc: V, CLIENT}
    server-W: {vpc: W, inbound: [{from: SERVER_FROM, allow: tcp/443}], outbound: []}
    server-U: {vpc: U, inbound: [{from: SERVER_FROM, allow: tcp/443}], outbound: []}
    ends: {vpc: V, inbound: [{from: client, allow: [tcp/443, icmp]}], outbound: []}
  vpc_endpoints:
    s3: {vpc: V, service: s3, route_tables: [rt-P]}
    sqs: {vpc: V, service: sqs, subnets: [E], security_groups: [ends]}
  instances:
    a: {subnet: P, ip: 10.0.11.10, ipv6: "2001:db8:1:11::10", security_groups: [client]}
    b: {subnet: S, ip: 10.2.11.20, security_groups: [server-W]}
    c: {subnet: Q, ip: 10.3.11.20, security_groups: [server-U]}
"""
USUAL = {
    "PCX_STATE": "active",
    "REFERENCES": "true",
    "THERE": "",
    "BACK": "at-U",
    "ZONE_P": "a",
    "ACL_P": "open",
    "ACL_T_V": "open",
    "ACL_T_U": "open-U",
    "ROUTES_S": "10.0.0.0/16: pcx",
    "IPV6_WAY": "eigw",
    "CLIENT": "inbound: []",
    "SERVER_FROM": "10.0.0.0/8",
}
TO_W, TO_U = (Flow.tcp("10.0.11.10", 40000, address, 443) for address in ("10.2.11.20", "10.3.11.20"))
TO_S3 = Flow.tcp("10.0.11.10", 40000, "52.218.0.4", 443)
TO_SQS = Flow.tcp("10.0.11.10", 40000, "10.0.13.4", 443)
OUT_V6 = Flow.tcp("2001:db8:1:11::10", 40000, "2001:4860:4860::8888", 443)
IN_V6 = Flow.tcp("2001:4860:4860::8888", 40000, "2001:db8:1:11::10", 443)


@pytest.fixture
def setting(tmp_path: Path) -> Load:
    return loader(tmp_path, COMMON, USUAL)


def places(leg: by_the_book.Leg | None) -> list[str]:
    assert leg is not None
    return [place for place, _ in leg.hops]


def test_w9_over_a_peering(setting: Load) -> None:
    forward, back = by_the_book.round_trip(setting(), "a-eni", TO_W)
    assert (forward.disposition, places(forward)) == (DELIVERED, ["a", "a-eni", "P", "pcx", "S", "b-eni", "b"])
    assert back is not None
    assert (back.disposition, places(back)) == (DELIVERED, ["b", "b-eni", "S", "pcx", "P", "a-eni", "a"])


def test_w10_through_a_transit_gateway_in_the_zone_of_each_sender(setting: Load) -> None:
    forward, back = by_the_book.round_trip(setting(), "a-eni", TO_U)
    assert (forward.disposition, places(forward)) == (DELIVERED, ["a", "a-eni", "P", "T_V", "tgw", "T_U", "Q", "c-eni", "c"])
    assert back is not None
    assert (back.disposition, places(back)) == (DELIVERED, ["c", "c-eni", "Q", "T_UB", "tgw", "T_V", "P", "a-eni", "a"])


def test_w11_a_gateway_endpoint_has_no_group_and_no_list(setting: Load) -> None:
    forward, back = by_the_book.round_trip(setting(), "a-eni", TO_S3)
    assert (forward.disposition, places(forward)) == (DELIVERED, ["a", "a-eni", "P", "s3"])
    assert back is not None
    assert (back.disposition, places(back)) == (DELIVERED, ["s3", "P", "a-eni", "a"])


def test_w12_an_interface_endpoint_is_an_interface(setting: Load) -> None:
    forward, back = by_the_book.round_trip(setting(), "a-eni", TO_SQS)
    assert (forward.disposition, places(forward)) == (DELIVERED, ["a", "a-eni", "P", "E", "sqs-eni-E", "sqs"])
    assert back is not None
    assert (back.disposition, places(back)) == (DELIVERED, ["sqs", "sqs-eni-E", "E", "P", "a-eni", "a"])


def test_w22_an_egress_only_gateway_lets_out_and_the_replies_in(setting: Load) -> None:
    forward, back = by_the_book.round_trip(setting(), "a-eni", OUT_V6)
    assert (forward.disposition, places(forward)) == (DELIVERED, ["a", "a-eni", "P", "eigw", "internet"])
    assert back is not None
    assert (back.disposition, places(back)) == (DELIVERED, ["internet", "eigw", "P", "a-eni", "a"])


def test_w22_an_internet_gateway_exposes_every_address(setting: Load) -> None:
    opened = {"IPV6_WAY": "igw", "CLIENT": 'inbound: [{from: "::/0", allow: tcp/443}]'}
    forward, back = by_the_book.round_trip(setting(**opened), "internet", IN_V6)
    assert (forward.disposition, places(forward)) == (DELIVERED, ["internet", "igw", "P", "a-eni", "a"])
    assert back is not None
    assert back.disposition == DELIVERED


PING = TO_SQS._replace(protocol=1, source_port=0, destination_port=0, icmp_type=8)
DNS = TO_S3._replace(protocol=17, destination_port=53)
BROKEN = [  # rule, changes, packet, leg, place, code
    ("PCX-11", {"PCX_STATE": "deleted"}, TO_W, 0, "pcx", "BAD_STATE_ROUTE"),
    ("PCX-1", {"ROUTES_S": ""}, TO_W, 1, "S", "NO_ROUTE_TO_DESTINATION"),
    ("SG-14", {"SERVER_FROM": "server-W"}, TO_W, 0, "b-eni", "ENI_SG_RULES_MISMATCH"),
    ("TGW-4", {"ZONE_P": "c"}, TO_U, 0, "tgw", "TGW_ROUTE_AZ_RESTRICTION"),
    ("TGW-8 in", {"ACL_T_V": "shut"}, TO_U, 0, "T_V", "SUBNET_ACL_RESTRICTION"),
    ("TGW-8 out", {"ACL_T_U": "shut-U"}, TO_U, 0, "T_U", "SUBNET_ACL_RESTRICTION"),
    ("TGW-3", {"THERE": "10.3.11.0/24: blackhole"}, TO_U, 0, "tgw", "TGW_RTB_BAD_STATE_ROUTE"),
    ("TGW-1", {"BACK": ""}, TO_U, 1, "tgw", "TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION"),
    ("SG-13 outbound", {"CLIENT": "outbound: [{to: server-U, allow: all}]"}, TO_U, 0, "a-eni", "ENI_SG_RULES_MISMATCH"),
    ("TGW-11", {"REFERENCES": "false", "SERVER_FROM": "client"}, TO_U, 0, "c-eni", "SG_REFERENCES_NOT_PRESERVED"),
    ("GWE-4", {"CLIENT": "outbound: [{to: 10.0.0.0/8, allow: all}]"}, TO_S3, 0, "a-eni", "ENI_SG_RULES_MISMATCH"),
    ("GWE-5", {}, DNS, 0, "s3", "VPCE_GATEWAY_PROTOCOL_RESTRICTION"),
    ("IFE-3", {}, Flow.tcp("10.0.11.10", 40000, "10.0.13.4", 80), 0, "sqs-eni-E", "ENI_SG_RULES_MISMATCH"),
    ("IFE-6", {}, PING, 0, "sqs", "PROTOCOL_RESTRICTION"),
    ("MODEL-2", {"CLIENT": "outbound: [{to: 0.0.0.0/0, allow: all}]"}, OUT_V6, 0, "a-eni", "ENI_SG_RULES_MISMATCH"),
    ("NACL-2 by version", {"ACL_P": "shut"}, OUT_V6, 0, "P", "SUBNET_ACL_RESTRICTION"),
]


@pytest.mark.parametrize(("rule", "changes", "asked", "leg", "place", "code"), BROKEN, ids=[case[0] for case in BROKEN])
def test_one_step_broken(setting: Load, rule: str, changes: dict[str, str], asked: Flow, leg: int, place: str, code: str) -> None:
    found = by_the_book.round_trip(setting(**changes), "a-eni", asked)[leg]
    assert found is not None
    assert (found.place, found.code) == (place, code), str(found)


def test_eigw2_what_came_in_by_the_internet_gateway_cannot_be_answered_by_the_other(setting: Load) -> None:
    forward, back = by_the_book.round_trip(setting(CLIENT='inbound: [{from: "::/0", allow: tcp/443}]'), "internet", IN_V6)
    assert forward.disposition == DELIVERED
    assert back is not None
    assert (back.place, back.code) == ("eigw", "SIM_EGRESS_ONLY")


def test_sg13_a_reference_holds_over_a_peering_and_a_transit_gateway_inbound(setting: Load) -> None:
    snapshot = setting(SERVER_FROM="client")
    assert [by_the_book.trace(snapshot, "a-eni", asked).disposition for asked in (TO_W, TO_U)] == [DELIVERED, DELIVERED]
