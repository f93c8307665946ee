"""The model on Block Public Access (section 18 of docs/semantics.md): which subnet counts, and what each mode lets pass."""

from __future__ import annotations

from pathlib import Path

import pytest

import simulator
from simulator.aws.snapshot import Snapshot
from simulator.packet.flow import Flow
from tests.oracle import by_the_book
from tests.oracle.by_hand import Load, end
from tests.oracle.by_the_book.result import DELIVERED

COMMON = """
network:
  vpcs:
    V: {cidr: 10.0.0.0/16, ipv6_cidr: "2600:1f00::/56", internet_gateway: igw, egress_only_gateway: eigw, region: eu-west-1}
  block_public_access:
    bpa: {mode: MODE, region: REGION}
  public_access_exclusions: {EXCLUDED}
  subnets:
    N: {vpc: V, cidr: 10.0.1.0/24, routes: {0.0.0.0/0: igw}}
    M: {vpc: V, cidr: 10.0.2.0/24, routes: {0.0.0.0/0: igw}}
    P: {vpc: V, cidr: 10.0.3.0/24, ipv6_cidr: "2600:1f00:0:3::/64", routes: {0.0.0.0/0: nat, "::/0": eigw}}
  nat_gateways:
    nat: {subnet: N, private_ip: 10.0.1.5, public_ip: 203.0.113.5}
  security_groups:
    all: {vpc: V, inbound: [{from: 0.0.0.0/0, allow: all}], outbound: [{to: [0.0.0.0/0, "::/0"], allow: all}]}
  instances:
    n: {subnet: N, ip: 10.0.1.10, public_ip: 203.0.113.10, security_groups: [all]}
    m: {subnet: M, ip: 10.0.2.10, public_ip: 203.0.113.20, security_groups: [all]}
    p: {subnet: P, ip: 10.0.3.10, ipv6: "2600:1f00:0:3::10", security_groups: [all]}
"""
BLOCKED = ("igw", "VPC_BLOCK_PUBLIC_ACCESS_ENABLED")
FAR, FAR_V6 = "198.51.100.7", "2607:f8b0::1"
IN_N, IN_M = Flow.tcp(FAR, 40000, "203.0.113.10", 443), Flow.tcp(FAR, 40000, "203.0.113.20", 443)
OUT_N, OUT_M = Flow.tcp("10.0.1.10", 40000, FAR, 443), Flow.tcp("10.0.2.10", 40000, FAR, 443)
OUT_P, OUT_V6 = Flow.tcp("10.0.3.10", 40000, FAR, 443), Flow.tcp("2600:1f00:0:3::10", 40000, FAR_V6, 443)


@pytest.fixture
def setting(tmp_path: Path) -> Load:
    def load(mode: str, excluded: str = "", region: str = "eu-west-1") -> Snapshot:
        path = tmp_path / "setting.yaml"
        path.write_text(COMMON.replace("MODE", mode).replace("EXCLUDED", excluded).replace("REGION", region), encoding="utf-8")
        return simulator.load(path).snapshot

    return load


def answered(snapshot: Snapshot, sender: str, flow: Flow) -> bool:
    forward, back = by_the_book.round_trip(snapshot, sender, flow)
    return forward.disposition == DELIVERED and back is not None and back.disposition == DELIVERED


def test_BPA_2_both_ways_blocks_everything_at_the_gateways(setting: Load) -> None:
    snapshot = setting("block-bidirectional")
    for sender, flow in (("internet", IN_N), ("n-eni", OUT_N), ("p-eni", OUT_P)):
        assert end(by_the_book.round_trip(snapshot, sender, flow)[0]) == BLOCKED
    assert end(by_the_book.round_trip(snapshot, "p-eni", OUT_V6)[0]) == ("eigw", BLOCKED[1])


def test_BPA_10_a_switch_of_another_region_blocks_nothing(setting: Load) -> None:
    assert answered(setting("block-bidirectional", region="us-east-1"), "internet", IN_N)


@pytest.mark.parametrize(("sender", "flow", "passes"), [("internet", IN_N, False), ("n-eni", OUT_N, False), ("p-eni", OUT_P, True)])
def test_BPA_3_ingress_only_lets_nat_gateways_through(setting: Load, sender: str, flow: Flow, passes: bool) -> None:
    assert answered(setting("block-ingress"), sender, flow) == passes


def test_BPA_4_ingress_only_leaves_the_egress_only_gateway_alone(setting: Load) -> None:
    assert answered(setting("block-ingress"), "p-eni", OUT_V6)


def test_BPA_5_the_subnet_of_the_nat_gateway_counts_not_that_of_the_client(setting: Load) -> None:
    assert answered(setting("block-bidirectional", "x: {subnet: N}"), "p-eni", OUT_P)
    assert end(by_the_book.round_trip(setting("block-bidirectional", "x: {subnet: P}"), "p-eni", OUT_P)[0]) == BLOCKED


def test_BPA_1_an_exclusion_of_the_vpc_covers_its_subnets(setting: Load) -> None:
    snapshot = setting("block-bidirectional", "x: {vpc: V}")
    assert answered(snapshot, "internet", IN_N)
    assert answered(snapshot, "internet", IN_M)
    assert answered(snapshot, "p-eni", OUT_V6)


def test_BPA_7_excluded_for_egress_what_starts_inside_is_answered_and_nobody_comes_in(setting: Load) -> None:
    snapshot = setting("block-bidirectional", "x: {subnet: M, mode: allow-egress}")
    assert answered(snapshot, "m-eni", OUT_M)
    assert end(by_the_book.round_trip(snapshot, "internet", IN_M)[0]) == BLOCKED


FIREWALL = """
  network_firewalls: {fw: {vpc: V, subnets: N, policy: pol}}
  firewall_policies: {pol: {}}
"""


@pytest.mark.parametrize(("sender", "flow"), [("internet", IN_N), ("n-eni", OUT_N)])
def test_BPA_3_a_host_beside_a_firewall_is_blocked_and_of_a_nat_gateway_there_nothing_is_said(
    setting: Load, tmp_path: Path, sender: str, flow: Flow
) -> None:
    path = tmp_path / "beside.yaml"
    path.write_text((COMMON + FIREWALL).replace("MODE", "block-ingress").replace("EXCLUDED", "").replace("REGION", "eu-west-1"), "utf-8")
    snapshot = simulator.load(path).snapshot
    assert end(by_the_book.round_trip(snapshot, sender, flow)[0]) == BLOCKED
    assert by_the_book.round_trip(snapshot, "p-eni", OUT_P)[0].beyond
    assert not by_the_book.round_trip(setting("block-ingress"), "p-eni", OUT_P)[0].beyond
