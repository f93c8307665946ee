"""Believed, not found on an AWS page: which ports a NAT in the guest takes (NATI-3)."""

from __future__ import annotations

from tests.aws.reading import Scenario
from tests.aws.test_instance import NAT


def test_NATI_3_any_port_from_1024_is_thought_possible(scenario: Scenario) -> None:
    acl = """
network_acls:
  edge:
    vpc: main
    subnets: pub
    outbound: [{rule: 1, allow: all}]
    inbound: [{rule: 1, from: 10.0.0.0/8, allow: all}, {rule: 2, allow: tcp/32768-60999}]
"""
    answer = scenario(NAT + acl).can("client", "internet", "tcp/443")
    assert answer.verdict.value == "sometimes"
    assert {case.when["nat_ports"] for case in answer.cases} == {"nat: 1024-32767, 61000-65535", "nat: 32768-60999"}
