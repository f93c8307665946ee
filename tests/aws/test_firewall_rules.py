"""Rules of firewalls as conditions on headers (NFW-2, NFW-6)."""

from __future__ import annotations

import pytest

from simulator.aws.firewall_rules import FirewallRule, header_rule
from simulator.aws.firewall_terms import Terms
from simulator.origin import Origin


@pytest.mark.parametrize(
    ("protocols", "port", "covered"),
    [
        ((), "80", [(6, (80, 80)), (17, (80, 80))]),
        ((), "any", [(None, None)]),
        ((6,), "80", [(6, (80, 80))]),
        ((17, 1), "80", [(17, (80, 80)), (1, None)]),
        ((6,), "[80, 443]", [(6, (80, 80)), (6, (443, 443))]),
    ],
)
def test_NFW_6_ports_speak_of_protocols_that_have_them(
    protocols: tuple[int, ...], port: str, covered: list[tuple[int | None, tuple[int, int] | None]]
) -> None:
    rule = FirewallRule("drop", Origin("g"), protocols, destination_ports=port)
    assert [(match.protocol, match.destination_ports) for match in rule.matches(Terms())] == covered


@pytest.mark.parametrize(("direction", "both"), [({}, False), ({"Direction": "FORWARD"}, False), ({"Direction": "ANY"}, True)])
def test_NFW_3_a_header_says_for_which_direction_it_is(direction: dict[str, str], both: bool) -> None:
    rule = header_rule({"Action": "DROP", "Header": {"Protocol": "TCP", **direction}}, 1, "g", None)
    assert (rule.action, rule.both_ways, rule.origin.part) == ("drop", both, "rule 1")
