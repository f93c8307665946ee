"""The model on AWS Network Firewall (NFW-1 to NFW-7, TGW-22, BPA-8): what a policy says, for and against."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import simulator
from simulator.aws.snapshot import Snapshot
from simulator.packet.flow import TCP, UDP, Flow
from simulator.packet.prefix import parse_address
from tests.oracle import by_the_book
from tests.oracle.by_the_book.result import DELIVERED, Leg, Picks

COMMON = """
network:
  vpcs: {V: {cidr: 10.0.0.0/16, internet_gateway: igw}}
  subnets:
    N: {vpc: V, cidr: 10.0.1.0/24, zone: a, routes: {0.0.0.0/0: fw-F, THERE}}
    Q: {vpc: V, cidr: 10.0.2.0/24, zone: a, routes: {BACK}}
    F: {vpc: V, cidr: 10.0.3.0/24, zone: a, routes: {0.0.0.0/0: igw}}
    G: {vpc: V, cidr: 10.0.4.0/24, zone: b}
  route_tables: {edge: {vpc: V, gateways: [igw], routes: {10.0.1.0/24: fw-F}}}
  security_groups: {web: {vpc: V, inbound: [{from: 0.0.0.0/0, allow: all}]}, ref: {vpc: V, inbound: [{from: web, allow: all}]}}
  instances:
    b: {subnet: N, ip: 10.0.1.10, public_ip: 203.0.113.10, security_groups: [web]}
    c: {subnet: Q, ip: 10.0.2.10, security_groups: [GROUP]}
  network_firewalls: {fw: {vpc: V, subnets: [F, G], policy: pol}}
  firewall_policies: {pol: {POLICY}}
  firewall_rule_groups: {g: {stateful: [FLOWS]}, h: {stateful: [MORE]}, s: {stateless: [SINGLE]}}
"""
USUAL = {
    "THERE": "10.0.2.0/24: fw-F",
    "BACK": "10.0.1.0/24: fw-F",
    "GROUP": "web",
    "POLICY": "stateful: g",
    "FLOWS": "",
    "MORE": "",
    "SINGLE": "",
}
Load = Callable[..., Snapshot]
HERE, THERE, FAR = "10.0.1.10", "10.0.2.10", "198.51.100.7"
REFUSED = "FIREWALL_RULES_RESTRICTION"


@pytest.fixture
def setting(tmp_path: Path) -> Load:
    def load(more: str = "", **changes: str) -> Snapshot:
        text = COMMON
        for word, value in {**USUAL, **changes}.items():
            text = text.replace(word, value)
        path = tmp_path / "setting.yaml"
        path.write_text(text + more, encoding="utf-8")
        return simulator.load(path).snapshot

    return load


def ask(snapshot: Snapshot, port: int = 443, *, udp: bool = False, payload: int = 0) -> tuple[Leg, Leg | None]:
    ends = parse_address(HERE)[1], parse_address(THERE)[1]
    flow = Flow(4, *ends, UDP if udp else TCP, 40000, port)
    return by_the_book.round_trip(snapshot, "b-eni", flow, picks=Picks(draws=[payload] * 4))


def outcome(legs: tuple[Leg, Leg | None]) -> str:
    """How it ends: `both ways`, or which leg by which code and rule."""
    forward, back = legs
    if forward.disposition != DELIVERED:
        return f"there {forward.code} {' '.join(part for _, part in forward.rules)}".strip()
    assert back is not None
    return "both ways" if back.disposition == DELIVERED else f"back {back.code} {' '.join(part for _, part in back.rules)}".strip()


def test_NFW_1_on_by_the_table_of_its_subnet(setting: Load) -> None:
    forward, back = by_the_book.round_trip(setting(), "internet", Flow.tcp(FAR, 40000, "203.0.113.10", 443), picks=Picks())
    assert [place for place, _ in forward.hops] == ["internet", "igw", "F", "fw-F", "F", "N", "b-eni", "b"]
    assert back is not None
    assert [place for place, _ in back.hops] == ["b", "b-eni", "N", "F", "fw-F", "F", "igw", "internet"]


def test_NFW_1_no_reference_to_a_group_passes_it(setting: Load) -> None:
    assert outcome(ask(setting(GROUP="ref"))) == "there SG_REFERENCES_NOT_PRESERVED ingress 1"
    past = "192.0.2.0/24: fw-F"
    assert outcome(ask(setting(GROUP="ref", THERE=past, BACK=""))) == "both ways"


def test_NFW_2_the_first_stateless_rule_that_covers_a_packet(setting: Load) -> None:
    policy = {"POLICY": "stateless: s, stateless_default: drop", "SINGLE": "{drop: tcp/22}, {pass: tcp}"}
    assert outcome(ask(setting(**policy))) == "both ways"
    assert outcome(ask(setting(**policy), 22)) == f"there {REFUSED} rule 1"
    assert outcome(ask(setting(**policy), udp=True)) == f"there {REFUSED} stateless default action drop"


def test_NFW_2_an_answer_needs_a_stateless_rule_of_its_own(setting: Load) -> None:
    policy, there = "stateless: s, stateless_default: drop", "{pass: tcp/443, to: 10.0.2.0/24}"
    assert outcome(ask(setting(POLICY=policy, SINGLE=there))) == f"back {REFUSED} stateless default action drop"
    assert outcome(ask(setting(POLICY=policy, SINGLE=f"{there}, {{pass: tcp, from: 10.0.2.0/24, from_ports: '443'}}"))) == "both ways"


def test_NFW_2_what_passes_the_stateless_engine_meets_no_other(setting: Load) -> None:
    policy = {"POLICY": "stateless: s, stateful: g", "FLOWS": "{drop: all}"}
    assert outcome(ask(setting(**policy, SINGLE="{pass: tcp, both_ways: true}"))) == "both ways"
    assert outcome(ask(setting(**policy, SINGLE="{forward: tcp}"))) == f"there {REFUSED} rule 1"


def test_NFW_3_what_passes_comes_before_what_is_dropped(setting: Load) -> None:
    rules = "{drop: tcp}, {pass: tcp/443}"
    assert outcome(ask(setting(FLOWS=rules))) == "both ways"
    assert outcome(ask(setting(FLOWS=rules), 80)) == f"there {REFUSED} rule 1"
    assert outcome(ask(setting(FLOWS=rules), udp=True)) == "both ways"  # no match: pass


def test_NFW_3_reject_refuses_and_alert_does_not(setting: Load) -> None:
    assert outcome(ask(setting(FLOWS="{reject: tcp/443}"))) == f"there {REFUSED} rule 1"
    assert outcome(ask(setting(FLOWS="{alert: tcp/443}"))) == "both ways"


def test_NFW_4_in_strict_order_the_first_rule_decides(setting: Load) -> None:
    strict = "stateful: [g, h], order: strict"
    assert outcome(ask(setting(POLICY=strict, FLOWS="{drop: tcp}", MORE="{pass: tcp}"))) == f"there {REFUSED} rule 1"
    assert outcome(ask(setting(POLICY=strict, FLOWS="{pass: tcp}", MORE="{drop: tcp}"))) == "both ways"
    assert outcome(ask(setting(POLICY=strict, FLOWS="{alert: tcp}", MORE="{drop: tcp}"))) == f"there {REFUSED} rule 1"


def test_NFW_4_default_actions_of_strict_order(setting: Load) -> None:
    strict = "stateful: g, order: strict, stateful_default: drop_all"
    assert outcome(ask(setting(POLICY=strict))) == f"there {REFUSED} stateful default action drop_all"
    assert outcome(ask(setting(POLICY=strict, FLOWS="{pass: tcp/443}"))) == "both ways"
    assert outcome(ask(setting(POLICY="stateful: g, order: strict"))) == "both ways"


def test_NFW_5_answers_of_a_flow_that_passed(setting: Load) -> None:
    assert outcome(ask(setting(FLOWS="{pass: tcp/443, to: 10.0.2.0/24}, {drop: all}"))) == "both ways"
    assert outcome(ask(setting(FLOWS="{drop: tcp, from: 10.0.2.0/24}"))) == "both ways"  # it covers the answer only


def test_NFW_5_drop_established_lets_connections_begin(setting: Load) -> None:
    policy = "order: strict, stateful_default: drop_established"
    assert outcome(ask(setting(POLICY=policy))) == "both ways"
    forward, back = ask(setting(POLICY=policy), udp=True)
    assert forward.disposition == DELIVERED
    assert back is not None
    assert back.disposition == "gap"  # nobody says whether it counts as established


def test_NFW_6_what_depends_on_payload_goes_both_ways(setting: Load) -> None:
    rules = "{drop: tcp/443, payload: content}"
    assert outcome(ask(setting(FLOWS=rules), payload=1)) == f"there {REFUSED} rule 1"
    assert outcome(ask(setting(FLOWS=rules), payload=0)) == "both ways"
    assert outcome(ask(setting(FLOWS=rules), 80, payload=1)) == "both ways"


def test_NFW_7_an_answer_by_another_endpoint(setting: Load) -> None:
    assert outcome(ask(setting(BACK="10.0.1.0/24: fw-G"))) == "back SIM_RETURN_PATH_ASYMMETRIC"
    assert outcome(ask(setting(BACK="10.0.1.0/24: fw-G"), udp=True)) == "both ways"  # no connection: a flow like any other
    assert outcome(ask(setting(THERE="192.0.2.0/24: fw-F", POLICY="midstream: continue"))) == "back SIM_UNMODELLED"


def test_NFW_7_what_a_stateless_rule_passed_left_no_flow(setting: Load) -> None:
    policy = {"POLICY": "stateless: s", "SINGLE": "{pass: tcp/443, to: 10.0.2.0/24}"}
    assert outcome(ask(setting(**policy))) == "back SIM_RETURN_PATH_ASYMMETRIC"


def test_BPA_8_excluding_the_subnet_of_a_firewall_is_in_vain(setting: Load) -> None:
    more = "  block_public_access: {bpa: {mode: block-bidirectional}}\n  public_access_exclusions: {x: {subnet: F}}\n"
    for text, code in ((more, "VPC_BLOCK_PUBLIC_ACCESS_ENABLED"), ("", "")):
        forward, _ = by_the_book.round_trip(setting(text), "b-eni", Flow.tcp(HERE, 40000, FAR, 443), picks=Picks())
        assert forward.code == code
