"""Firewalls in answers of AWS: which group, which policy and which endpoint belongs to whom (NFW-1, NFW-6)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import simulator
from simulator.aws.firewall_rule_group import FirewallRuleGroup
from tests.aws.firewalled import asked, firewall, group, network, policy
from tests.aws.reading import verdict, warnings


def told(folder: Path, *answers: dict[str, Any]) -> simulator.Network:
    for number, answer in enumerate(network(firewall(), *answers)):
        (folder / f"{number}.json").write_text(json.dumps(answer), "utf-8")
    return simulator.load(folder)


DROPPING = "drop tcp any any -> any any (sid:1;)"


def dropping(name: str = "g") -> dict[str, Any]:
    return group(name, RulesSource={"RulesString": DROPPING})


def ask(folder: Path, *answers: dict[str, Any]) -> str:
    return verdict(told(folder, *answers), "i-app", "i-web", "tcp/443")


def test_NFW_6_a_group_whose_drops_are_alerts_drops_nothing(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    quiet = asked("g", Override={"Action": "DROP_TO_ALERT"})
    assert ask(tmp_path / "a", policy(StatefulRuleGroupReferences=[asked("g")]), dropping()) == "never"
    assert ask(tmp_path / "b", policy(StatefulRuleGroupReferences=[quiet]), dropping()) == "always"


def test_a_policy_that_was_not_read_is_no_other_one(tmp_path: Path) -> None:
    """Another policy that was read says nothing of this firewall."""
    other = policy()
    other["FirewallPolicyResponse"] |= {"FirewallPolicyName": "other", "FirewallPolicyArn": "arn:other"}
    found = told(tmp_path, other)
    assert verdict(found, "i-app", "i-web", "tcp/443") == "unknown"
    assert any("its policy" in message and "was not read" in message for message in warnings(found))


@pytest.mark.parametrize("content", [{"RuleGroup": None}, {}])
def test_a_group_that_is_told_without_its_rules_has_none(tmp_path: Path, content: dict[str, Any]) -> None:
    answer = group("g")
    del answer["RuleGroup"]
    found = told(tmp_path, policy(StatefulRuleGroupReferences=[asked("g")]), answer | content)
    (one,) = found.snapshot.all(FirewallRuleGroup)
    assert one.rules == ()


def test_NFW_6_a_line_that_is_no_rule_may_cover_everything(tmp_path: Path) -> None:
    bad = group("g", RulesSource={"RulesString": "drop tcp any any -> (sid:1;)"})
    assert ask(tmp_path, policy(StatefulRuleGroupReferences=[asked("g")]), bad) == "unknown"


def test_NFW_6_of_a_stateless_rule_that_nobody_knows_only_what_it_may_cover_is_unknown(tmp_path: Path) -> None:
    """An address that is no address: what the rest of the rule leaves out goes on to the next rule."""
    rules = [
        {
            "Priority": 1,
            "RuleDefinition": {"Actions": ["aws:drop"], "MatchAttributes": {"Protocols": [17], "Sources": [{"AddressDefinition": "x"}]}},
        },
        {"Priority": 2, "RuleDefinition": {"Actions": ["aws:drop"], "MatchAttributes": {"Protocols": [6]}}},
    ]
    known = group("s", "STATELESS", RulesSource={"StatelessRulesAndCustomActions": {"StatelessRules": rules}})
    found = told(tmp_path, policy(StatelessRuleGroupReferences=[asked("s", kind="STATELESS")]), known)
    assert [verdict(found, "i-app", "i-web", service) for service in ("udp/53", "tcp/443")] == ["unknown", "never"]
