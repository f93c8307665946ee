"""Every rule of `vpcsim check`: the example of docs/checks.md breaks it, and a small change mends it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

import simulator
from simulator.query.checks.rules import RULES
from simulator.query.findings import Finding

ROOT = Path(__file__).parents[2]
SECTION = re.compile(r"^### (VS\d+): (.+?)\n\n(.+?)\n\n```yaml\n(.+?)```\n\n((?:> [^\n]+\n)+)", re.MULTILINE | re.DOTALL)


class Example(NamedTuple):
    rule: str
    title: str
    about: str
    network: str
    told: list[str]


def examples() -> list[Example]:
    text = (ROOT / "docs/checks.md").read_text("utf-8")
    return [Example(*found[:4], [line.removeprefix("> ") for line in found[4].splitlines()]) for found in SECTION.findall(text)]


SPARE = "".join(f"      - {{private_ip: 10.0.0.{at}, public_ip: 198.51.100.{at}}}\n  " for at in (20, 21))
# What to write instead of what, so that the example of the rule is in order.
MENDED = {
    "VS101": ("10.0.1.0/24, allow: tcp/443", "10.0.1.0/24, allow: udp/443"),
    "VS102": ("from: clients", "from: db"),
    "VS103": ("security_groups: web}", "security_groups: [old, web]}"),
    "VS104": ("{subnet: app}", "{subnet: app, security_groups: web}"),
    "VS105": ("10.9.0.0/16", "10.0.9.0/24"),
    "VS106": ("from: 10.0.1.0/25", "from: 10.0.1.0/24"),
    "VS201": ("rule: 200", "rule: 50"),
    "VS202": ("rule: 200, allow", "rule: 200, from: 10.0.1.0/24, allow"),
    "VS203": ("{old: {vpc: shop}, ", "{"),
    "VS204": ("10.9.0.0/16", "10.0.9.0/24"),
    "VS205": ("10.0.1.0/25", "10.0.1.0/24"),
    "VS301": ("blackhole", "igw"),
    "VS302": ("10.0.9.0/28", "10.9.0.0/28"),
    "VS303": ("{old: {vpc: shop}", "{old: {vpc: shop, subnets: [app]}"),
    "VS304": ("zone: b", "zone: a"),
    "VS305": ("10.0.1.0/24}", "10.0.1.0/24, routes: {0.0.0.0/0: igw}}"),
    "VS306": ("10.2.0.0/16", "10.1.2.0/24"),
    "VS401": ("10.0.0.0/20", "10.1.0.0/20"),
    "VS402": ("{cidr: 10.0.0.0/20}}\n  subnets: {a: {vpc: shop, cidr: 10.0.0.0/24}, b: {vpc: tools, cidr: 10.0.1.0/24}}",
              "{cidr: 10.1.0.0/20}}\n  subnets: {a: {vpc: shop, cidr: 10.0.0.0/24}, b: {vpc: tools, cidr: 10.1.1.0/24}}"),
    "VS501": ("routes: {0.0.0.0/0: igw}", "routes: {10.9.0.0/16: igw}"),
    "VS502": ("cidr: 10.0.2.0/24", "cidr: 10.0.2.0/24, routes: {0.0.0.0/0: nat}"),
    "VS601": ("allow: tcp/5432}]}}\n  security", "allow: tcp/5432}], outbound: [{rule: 100, allow: all}]}}\n  security"),
    "VS602": ("32768-65535", "1024-65535"),
    "VS603": ("outbound: [{rule: 100, allow: all}]", "inbound: [{rule: 1, allow: all}], outbound: [{rule: 100, allow: all}]"),
    "VS701": ("routes: {0.0.0.0/0: igw}", "routes: {198.51.0.0/16: igw}"),
    "VS702": ("from: 0.0.0.0/0", "from: 192.0.2.0/24"),
    "VS801": ("[a, b, c, d, e, f]", "[a, b, c, d, e]"),
    "VS802": (SPARE, ""),
}  # fmt: skip


def findings(text: str, rule: str, folder: Path) -> list[Finding]:
    path = folder / "network.yaml"
    path.write_text(text, "utf-8")
    return list(simulator.load(path).check(select=[rule]).findings)


def test_the_list_of_rules_is_complete_and_true() -> None:
    found = {example.rule: example for example in examples()}
    assert list(found) == list(RULES)
    for rule in RULES.values():
        about = " ".join(found[rule.id].about.split())
        assert found[rule.id].title == rule.title
        assert about.startswith(f"{rule.level.value.capitalize()}; {', '.join(rule.rests_on)}. ")
        assert about.endswith(f"Mend: {rule.hint}.")


def test_rules_rest_on_rules_of_aws() -> None:
    semantics = (ROOT / "docs/semantics.md").read_text("utf-8")
    known = set(re.findall(r"^- ([A-Z0-9]+-\d+) ", semantics, re.MULTILINE))
    assert {word for rule in RULES.values() for word in rule.rests_on} - known == set()


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.rule)
def test_the_example_breaks_its_rule(example: Example, tmp_path: Path) -> None:
    found = findings(example.network, example.rule, tmp_path)
    assert [finding.message for finding in found] == example.told
    assert {finding.rule.id for finding in found} == {example.rule}
    for finding in found:
        assert finding.place is not None
        assert finding.place.file == str(tmp_path / "network.yaml")
        assert finding.place.line is not None


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.rule)
def test_a_small_change_mends_it(example: Example, tmp_path: Path) -> None:
    wrong, right = MENDED[example.rule]
    assert wrong in example.network
    assert findings(example.network.replace(wrong, right), example.rule, tmp_path) == []
