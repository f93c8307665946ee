"""The ledger: which rules of docs/semantics.md a test or scenario covers, and what docs/ledger.toml says of the others.

A rule is covered by a test function that begins with its id (`test_NAT_9_...`, `test_SG_9_SG_11_...`) or by a scenario expectation whose
`why` names it. A mention in a docstring or a comment covers nothing; nor does a test that is expected to fail, a test of the judges in
`tests/oracle`, or the test that a ledger entry names as the one which shows the gap.

    python -m tests.house.ledger     the share, and what is missing
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
SEMANTICS = ROOT / "docs" / "semantics.md"
LEDGER = ROOT / "docs" / "ledger.toml"
GAP, WARNING, NONE = "gap", "warning", "changes no verdict"
EFFECTS = (GAP, WARNING, NONE)

RULE = re.compile(r"^- ([A-Z]+[0-9]*-[0-9]+) (V: )?", re.MULTILINE)
WALK = re.compile(r"^(?:### |- )(W-[0-9]+)\b", re.MULTILINE)
MENTION = re.compile(r"\b[A-Z]+[0-9]*-[0-9]+\b")
TEST = re.compile(r"test_((?:[A-Z]+[0-9]*_[0-9]+_)+)")


@dataclass(frozen=True)
class Listed:
    """A rule that the ledger says is not modelled: its effect, why, and the test that shows the gap."""

    rule: str
    effect: str
    why: str
    shown_by: str


@dataclass(frozen=True)
class Ledger:
    """The rules in order (`validations` are those marked `V:`), who covers each, and what is listed as not modelled.

    `twice`: ids that stand twice in the specification or the list. `unknown`: mentions of ids that no rule has.
    """

    rules: tuple[str, ...]
    validations: frozenset[str]
    covered: Mapping[str, list[str]]
    listed: Mapping[str, Listed]
    least_share: float
    twice: tuple[str, ...]
    unknown: Mapping[str, list[str]]

    @property
    def deciding(self) -> list[str]:
        """The rules that change a verdict: neither a validation nor listed as changing none."""
        quiet = {rule for rule, entry in self.listed.items() if entry.effect != GAP}
        return [rule for rule in self.rules if rule not in self.validations | quiet]

    @property
    def share(self) -> float:
        """The part of the deciding rules that is covered."""
        deciding = self.deciding
        return sum(rule in self.covered for rule in deciding) / len(deciding)


@cache
def ledger() -> Ledger:
    """Everything, read from the files."""
    text = SEMANTICS.read_text("utf-8")
    found = [(match[1], bool(match[2])) for match in RULE.finditer(text) if not match[1].startswith("W-")]
    rules = [rule for rule, _ in found]
    told = tomllib.loads(LEDGER.read_text("utf-8"))
    listed = list(_listed(told))
    covered: dict[str, list[str]] = defaultdict(list)
    for rule, where in (*_tests({(entry.rule, entry.shown_by) for entry in listed}), *_scenarios()):
        covered[rule].append(where)
    known = {*rules, *WALK.findall(text)}
    twice = [rule for names in (rules, [entry.rule for entry in listed]) for rule in names if names.count(rule) > 1]
    return Ledger(
        tuple(rules),
        frozenset(rule for rule, validation in found if validation),
        {rule: covered[rule] for rule in rules if rule in covered},
        {entry.rule: entry for entry in listed},
        told["least_share"],
        tuple(sorted(set(twice))),
        _unknown(covered, known),
    )


def _listed(told: Mapping[str, Any]) -> Iterator[Listed]:
    for entry in told["not_modelled"]:
        for rule in entry["rules"]:
            yield Listed(rule, entry["effect"], entry["why"], entry.get("shown_by", ""))


def _tests(gaps: set[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The rules that test functions are named after, and where; without those that show a gap of the rule."""
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        inside = path.relative_to(ROOT).as_posix()
        if inside.startswith(("tests/oracle/", "tests/house/")):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and (named := TEST.match(node.name)) and not _is_off(node):
                pairs = [(rule, f"{inside}::{node.name}") for rule in _ids(named[1])]
                yield from (pair for pair in pairs if pair not in gaps)


def _is_off(test: ast.FunctionDef) -> bool:
    marks = [ast.unparse(mark) for mark in test.decorator_list]
    return any("xfail" in mark or "skip" in mark for mark in marks)


def _ids(words: str) -> list[str]:
    """`SG_9_SG_11_` into its ids."""
    return [f"{name}-{number}" for name, number in re.findall(r"([A-Z]+[0-9]*)_([0-9]+)_", words)]


def _scenarios() -> Iterator[tuple[str, str]]:
    """The rules that expectations of scenarios give as their reason, and where."""
    for path in sorted((ROOT / "scenarios").rglob("*.yaml")):
        written = yaml.safe_load(path.read_text("utf-8"))
        for number, wish in enumerate(written.get("expect") or (), 1):
            for rule in MENTION.findall(wish.get("why", "")):
                yield rule, f"{path.relative_to(ROOT).as_posix()}:{number}"


def _unknown(covered: Mapping[str, list[str]], known: set[str]) -> dict[str, list[str]]:
    """What names a rule that does not exist: tests and scenarios, and ids of the specification's families in any text."""
    found: dict[str, list[str]] = defaultdict(list)
    for rule in covered.keys() - known:
        found[rule] += covered[rule]
    families = {rule.rpartition("-")[0] for rule in known}
    for path in _texts():
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1):
            for rule in MENTION.findall(line):
                if rule.rpartition("-")[0] in families and rule not in known:
                    found[rule].append(f"{path.relative_to(ROOT).as_posix()}:{number}")
    return found


def _texts() -> Iterator[Path]:
    for folder in ("simulator", "tests", "scenarios", "docs"):
        for pattern in ("*.py", "*.md", "*.yaml", "*.toml"):
            yield from sorted((ROOT / folder).rglob(pattern))
    yield from sorted(ROOT.glob("*.md"))


def main() -> None:
    """Print the share, and each rule that is neither covered nor listed."""
    read = ledger()
    missing = [rule for rule in read.rules if rule not in read.covered and rule not in read.listed]
    gaps = [rule for rule, entry in read.listed.items() if entry.effect == GAP]
    print(f"{len(read.rules)} rules, {len(read.covered)} covered, {len(read.listed)} listed as not modelled")
    print(f"{len(read.deciding)} change a verdict, {read.share:.1%} of them covered; gaps: {' '.join(gaps)}")
    print(f"neither covered nor listed: {' '.join(missing) or 'none'}")


if __name__ == "__main__":
    main()
