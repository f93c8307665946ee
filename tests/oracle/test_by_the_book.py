"""The model on the canonical walks of docs/semantics.md, section 20, each also with one step broken."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import simulator
from simulator.aws.snapshot import Snapshot
from simulator.packet.flow import Flow
from tests.oracle import by_the_book
from tests.oracle.by_the_book.result import DELIVERED, ELSEWHERE, NOT_EXPECTED, Leg

# The common setting of section 20: V, public subnet N, private subnets P and Q.
COMMON = """
  vpcs:
    V: {cidr: [10.0.0.0/16, 10.1.0.0/16], internet_gateway: igw}
  subnets:
    N: {vpc: V, cidr: 10.0.1.0/24, routes: {0.0.0.0/0: igw}, NETWORK_ACL_N}
    P: {vpc: V, cidr: 10.0.11.0/24, routes: {ROUTES_P}, NETWORK_ACL_P}
    Q: {vpc: V, cidr: 10.0.12.0/24, NETWORK_ACL_Q}
  nat_gateways:
    nat: {subnet: N, private_ip: 10.0.1.5, public_ip: 203.0.113.5}
  security_groups:
    client: {vpc: V, CLIENT}
    server: {vpc: V, inbound: [{from: SERVER_FROM, allow: tcp/443}], outbound: []}
    middle: {vpc: V, inbound: [{from: MIDDLE_FROM, allow: tcp/443}], outbound: [{to: 0.0.0.0/0, allow: tcp/443}]}
  instances:
    a: {subnet: P, ip: 10.0.11.10, security_groups: [client]}
    a2: {subnet: P, ip: 10.0.11.20, public_ip: 203.0.113.20, security_groups: [server]}
    b: {subnet: Q, ip: 10.0.12.20, security_groups: [server], STATE_B}
    web: {subnet: N, ip: 10.0.1.10, public_ip: 203.0.113.10, security_groups: [server, client]}
    x: {subnet: N, ip: 10.0.1.6, public_ip: 203.0.113.6, security_groups: [middle], source_dest_check: CHECK_X, forwards: FORWARDS_X}
  lambdas:
    private: {subnets: [P], security_groups: [client]}
    public: {subnets: [N], security_groups: [client]}
    outside: {}
  network_acls:
    open: {vpc: V, inbound: [{rule: 100, allow: all}], outbound: [{rule: 100, allow: all}]}
    no_replies: {vpc: V, inbound: [{rule: 100, allow: tcp/443}], outbound: [{rule: 100, allow: all}]}
    high: {vpc: V, inbound: [{rule: 90, allow: tcp/443}, {rule: 100, allow: tcp/32768-65535}], outbound: [{rule: 100, allow: all}]}
    shut: {vpc: V}
"""
USUAL = {
    "NETWORK_ACL_N": "",
    "NETWORK_ACL_P": "",
    "NETWORK_ACL_Q": "",
    "ROUTES_P": "0.0.0.0/0: nat",
    "CLIENT": "outbound: [{to: 0.0.0.0/0, allow: tcp/443}]",
    "SERVER_FROM": "0.0.0.0/0",
    "MIDDLE_FROM": "0.0.0.0/0",
    "STATE_B": "",
    "CHECK_X": "false",
    "FORWARDS_X": "nat",
}
VIA_X = {"ROUTES_P": "0.0.0.0/0: x"}
INSPECTED = {"ROUTES_P": "10.0.12.0/24: x", "FORWARDS_X": "route"}  # RT-18
Load = Callable[..., Snapshot]
TCP = Flow.tcp


@pytest.fixture
def setting(tmp_path: Path) -> Load:
    def load(**changes: str) -> Snapshot:
        text = COMMON
        for word, value in {**USUAL, **changes}.items():
            text = text.replace(word, value)
        path = tmp_path / "setting.yaml"
        path.write_text("network:" + text.replace(", }", "}"), encoding="utf-8")
        return simulator.load(path).snapshot

    return load


def acl(name: str) -> str:
    return f"network_acl: {name}"


def checked(leg: Leg | None) -> list[str]:
    """The checks of sections 5, 6 and 3 in the order met: where and which rule."""
    assert leg is not None
    return [f"{check.place} {'/'.join(part for _, part in sorted(check.rules))}" for check in leg.checks if check.rules]


def test_w1_same_subnet_meets_groups_only(setting: Load) -> None:
    forward, back = by_the_book.round_trip(setting(NETWORK_ACL_P=acl("shut")), "a-eni", TCP("10.0.11.10", 40000, "10.0.11.20", 443))
    assert (forward.disposition, forward.end) == (DELIVERED, "a2-eni")
    assert checked(forward) == ["a-eni egress 1", "a2-eni ingress 1"]
    assert back is not None
    assert (back.disposition, checked(back)) == (DELIVERED, [])


def test_w2_other_subnet_meets_both_lists_and_one_table(setting: Load) -> None:
    forward, back = by_the_book.round_trip(setting(), "a-eni", TCP("10.0.11.10", 40000, "10.0.12.20", 443))
    assert (forward.disposition, forward.end) == (DELIVERED, "b-eni")
    assert checked(forward) == [
        "a-eni egress 1",
        "P egress rule 100",
        "P local route 10.0.0.0/16",
        "Q ingress rule 100",
        "b-eni ingress 1",
    ]
    assert checked(back) == ["Q egress rule 100", "Q local route 10.0.0.0/16", "P ingress rule 100"]


def test_w3_from_the_internet(setting: Load) -> None:
    forward, back = by_the_book.round_trip(setting(), "internet", TCP("198.51.100.7", 40000, "203.0.113.10", 443))
    assert (forward.disposition, forward.end) == (DELIVERED, "web-eni")
    assert checked(forward) == ["N ingress rule 100", "web-eni ingress 1"]
    assert back is not None
    assert (back.disposition, str(back.header)) == (DELIVERED, "tcp 203.0.113.10:443 > 198.51.100.7:40000")
    assert checked(back) == ["N egress rule 100", "N route 0.0.0.0/0"]


def test_w4_to_the_internet(setting: Load) -> None:
    forward, back = by_the_book.round_trip(setting(), "web-eni", TCP("10.0.1.10", 40000, "93.184.216.34", 443))
    assert (forward.disposition, str(forward.header)) == (DELIVERED, "tcp 203.0.113.10:40000 > 93.184.216.34:443")
    assert back is not None
    assert (back.disposition, back.end, checked(back)) == (DELIVERED, "web-eni", ["N ingress rule 100"])


def test_w5_nat_gateway_crosses_its_list_four_times(setting: Load) -> None:
    asked = TCP("10.0.11.10", 40000, "93.184.216.34", 443)
    picks = by_the_book.Picks(nat_port=2000)
    forward, back = by_the_book.round_trip(setting(), "a-eni", asked, picks=picks)
    assert str(forward.header) == "tcp 203.0.113.5:2000 > 93.184.216.34:443"
    assert checked(forward) == [
        "a-eni egress 1",
        "P egress rule 100",
        "P route 0.0.0.0/0",
        "N ingress rule 100",
        "N egress rule 100",
        "N route 0.0.0.0/0",
    ]
    assert back is not None
    assert (back.disposition, back.end) == (DELIVERED, "a-eni")
    assert checked(back) == ["N ingress rule 100", "N egress rule 100", "N local route 10.0.0.0/16", "P ingress rule 100"]


def test_w6_nat_instance_judges_both_flows(setting: Load) -> None:
    forward, back = by_the_book.round_trip(setting(**VIA_X), "a-eni", TCP("10.0.11.10", 40000, "93.184.216.34", 443))
    assert str(forward.header) == "tcp 203.0.113.6:40000 > 93.184.216.34:443"
    assert [line for line in checked(forward) if line.startswith("x-eni")] == ["x-eni ingress 1", "x-eni egress 1"]
    assert back is not None
    assert (back.disposition, back.end) == (DELIVERED, "a-eni")
    assert [check.what for check in back.checks if "SG-19" in check.what] == ["reply in (SG-19)", "reply out (SG-19)", "reply in (SG-19)"]


def test_w7_function_in_a_private_subnet(setting: Load) -> None:
    forward, back = by_the_book.round_trip(setting(), "private", TCP("0.0.0.0", 40000, "93.184.216.34", 443))
    assert (forward.disposition, forward.end) == (DELIVERED, "internet")
    assert back is not None
    assert (back.disposition, back.hops[-1][0]) == (DELIVERED, "private")


def test_w8_function_in_a_public_subnet(setting: Load) -> None:
    forward, _ = by_the_book.round_trip(setting(), "public", TCP("0.0.0.0", 40000, "93.184.216.34", 443))
    assert (forward.place, forward.code) == ("igw", "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS")


INTERNET = "93.184.216.34"
REFUSED = [
    # rule, changes, sender, flow, leg (0 forward, 1 back), place, code
    ("SG-5", {"CLIENT": "outbound: [{to: 0.0.0.0/0, allow: udp}]"}, "a-eni", "10.0.12.20", 0, "a-eni", "ENI_SG_RULES_MISMATCH"),
    ("SG-3", {"CLIENT": "outbound: []"}, "a-eni", "10.0.12.20", 0, "a-eni", "SG_HAS_NO_RULES"),
    ("SG-11", {"SERVER_FROM": "middle"}, "a-eni", "10.0.12.20", 0, "b-eni", "ENI_SG_RULES_MISMATCH"),
    ("NACL-2", {"NETWORK_ACL_P": acl("shut")}, "a-eni", "10.0.12.20", 0, "P", "SUBNET_ACL_RESTRICTION"),
    ("NACL-2 in", {"NETWORK_ACL_Q": acl("shut")}, "a-eni", "10.0.12.20", 0, "Q", "SUBNET_ACL_RESTRICTION"),
    ("NACL-23", {"NETWORK_ACL_P": acl("no_replies")}, "a-eni", "10.0.12.20", 1, "P", "SUBNET_ACL_RESTRICTION"),
    ("NACL-15", {"NETWORK_ACL_N": acl("high")}, "a-eni", INTERNET, 1, "N", "SUBNET_ACL_RESTRICTION"),
    ("MODEL-10", {}, "a-eni", "10.0.12.99", 0, "Q", "NO_POSSIBLE_DESTINATION"),
    ("MODEL-10 no subnet", {}, "a-eni", "10.0.99.9", 0, "V", "NO_POSSIBLE_DESTINATION"),
    ("RT-14", {"ROUTES_P": ""}, "a-eni", INTERNET, 0, "P", "NO_ROUTE_TO_DESTINATION"),
    ("ENI-6", {"STATE_B": "state: stopped"}, "a-eni", "10.0.12.20", 0, "b", "BAD_STATE"),
    ("ENI-4", {**VIA_X, "CHECK_X": "true"}, "a-eni", INTERNET, 0, "x-eni", "ENI_SOURCE_DEST_CHECK_RESTRICTION"),
    ("NATI-2", {**VIA_X, "MIDDLE_FROM": "198.51.100.0/24"}, "a-eni", INTERNET, 0, "x-eni", "ENI_SG_RULES_MISMATCH"),
    ("NAT-6", {}, "web-eni", "10.0.1.5", 0, "nat", "SIM_NAT_STATEFUL_INBOUND"),
    ("NAT-6 internet", {}, "internet", "203.0.113.5", 0, "nat", "SIM_NAT_STATEFUL_INBOUND"),
    ("IGW-2", {"ROUTES_P": "0.0.0.0/0: igw"}, "a-eni", INTERNET, 0, "igw", "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS"),
    ("IGW-5", {}, "web-eni", "192.168.1.1", 0, "igw", "IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS"),
    ("LAMBDA-7", {"CLIENT": "inbound: [{from: 0.0.0.0/0, allow: all}]"}, "a-eni", "10.0.11.4", 0, "private-eni-P", "SIM_LAMBDA_NO_INBOUND"),
    ("LAMBDA-1", {}, "outside", "10.0.12.20", 0, "outside", "DISCONNECTED_VPCS"),
    ("SG-13 routed", {**INSPECTED, "SERVER_FROM": "client"}, "a-eni", "10.0.12.20", 0, "b-eni", "SG_REFERENCES_NOT_PRESERVED"),
    (
        "NAT-17",
        {"ROUTES_P": "10.0.12.0/24: nat", "SERVER_FROM": "client"},
        "a-eni",
        "10.0.12.20",
        0,
        "b-eni",
        "SG_REFERENCES_NOT_PRESERVED",
    ),
    (
        "SG-13 outbound",
        {**INSPECTED, "CLIENT": "outbound: [{to: server, allow: tcp/443}]"},
        "a-eni",
        "10.0.12.20",
        0,
        "x-eni",
        "SG_REFERENCES_NOT_PRESERVED",
    ),
    ("IGW-11", {"SERVER_FROM": "middle"}, "x-eni", "203.0.113.10", 0, "web-eni", "SG_REFERENCES_NOT_PRESERVED"),
    ("LL-1", {}, "a-eni", "169.254.1.1", 0, "a-eni", "SIM_LINK_LOCAL_NOT_ROUTED"),
    ("LAMBDA-11", {}, "private", "smtp", 0, "private", "PROTOCOL_RESTRICTION"),
]


def source_of(sender: str) -> str:
    own = {"a-eni": "10.0.11.10", "web-eni": "10.0.1.10", "x-eni": "10.0.1.6", "internet": "198.51.100.7"}
    return own.get(sender, "0.0.0.0")


@pytest.mark.parametrize(("rule", "changes", "sender", "destination", "leg", "place", "code"), REFUSED, ids=[case[0] for case in REFUSED])
def test_refused(setting: Load, rule: str, changes: dict[str, str], sender: str, destination: str, leg: int, place: str, code: str) -> None:
    port = 25 if destination == "smtp" else 443
    address = INTERNET if destination == "smtp" else destination
    asked = TCP(source_of(sender), 40000, address, port)
    picks = by_the_book.Picks(nat_port=2000)
    found = by_the_book.round_trip(setting(**changes), sender, asked, picks=picks)[leg]
    assert found is not None
    assert (found.place, found.code) == (place, code)


ADMITTED = [
    ("SG-11", {"SERVER_FROM": "client"}, "a-eni", "10.0.12.20", "b-eni"),
    ("SG-13 nat instance", {"ROUTES_P": "10.0.12.0/24: x", "SERVER_FROM": "middle"}, "a-eni", "10.0.12.20", "b-eni"),
    ("SG-13 routed, by block", {**INSPECTED, "SERVER_FROM": "10.0.11.0/24"}, "a-eni", "10.0.12.20", "b-eni"),
    ("IGW-11", {"SERVER_FROM": "203.0.113.6/32"}, "x-eni", "203.0.113.10", "web-eni"),
    ("IGW-12", {"SERVER_FROM": "203.0.113.5/32"}, "a-eni", "203.0.113.10", "web-eni"),
    ("RT-15 not looked up on delivery", {"ROUTES_P": ""}, "b-eni-as-client", "10.0.11.20", "a2-eni"),
    ("LL-2", {"CLIENT": "outbound: []"}, "a-eni", "169.254.169.253", "platform-services"),
    ("LL-4", {"CLIENT": "outbound: []", "NETWORK_ACL_P": acl("shut")}, "a-eni", "10.0.0.2", "platform-services"),
    ("ENI-8", {"CLIENT": "outbound: []"}, "a-eni", "10.0.11.10", "a-eni"),
    ("LAMBDA-1", {}, "outside", "203.0.113.10", "web-eni"),
]


@pytest.mark.parametrize(("rule", "changes", "sender", "destination", "end"), ADMITTED, ids=[case[0] for case in ADMITTED])
def test_admitted(setting: Load, rule: str, changes: dict[str, str], sender: str, destination: str, end: str) -> None:
    sender = "web-eni" if sender == "b-eni-as-client" else sender
    source = "52.95.0.9" if sender == "outside" else source_of(sender)
    forward, back = by_the_book.round_trip(setting(**changes), sender, TCP(source, 40000, destination, 443))
    assert (forward.disposition, forward.end) == (DELIVERED, end), str(forward)
    assert back is not None
    assert back.disposition == DELIVERED, str(back)


def test_igw8_reply_by_a_nat_gateway_is_not_expected(setting: Load) -> None:
    forward, back = by_the_book.round_trip(setting(), "internet", TCP("198.51.100.7", 40000, "203.0.113.20", 443))
    assert (forward.disposition, forward.end) == (DELIVERED, "a2-eni")
    assert back is not None
    assert (back.disposition, str(back.header)) == (NOT_EXPECTED, "tcp 203.0.113.5:1024 > 198.51.100.7:40000")


def test_sg25_reply_from_another_address_is_a_new_flow(setting: Load) -> None:
    snapshot = setting(ROUTES_P="10.0.1.0/24: nat")  # a2's replies to N come from the NAT gateway
    _, back = by_the_book.round_trip(snapshot, "web-eni", TCP("10.0.1.10", 40000, "10.0.11.20", 443))
    assert back is not None
    assert (back.place, back.code) == ("web-eni", "ENI_SG_RULES_MISMATCH")


def test_expected_end_counts(setting: Load) -> None:
    asked = TCP("10.0.11.10", 40000, "10.0.12.20", 443)
    assert by_the_book.trace(setting(), "a-eni", asked, expected=frozenset({"a2-eni"})).disposition == ELSEWHERE
