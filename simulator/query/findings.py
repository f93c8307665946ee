"""What `vpcsim check` finds, as values: rules with stable ids, and the places where a network breaks them. Filled in by `check.py`."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple

from simulator.origin import Origin, Place


class Level(Enum):
    """How bad it is: an error surely harms, a warning probably does, a note is worth knowing. The names are those of SARIF."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Rule(NamedTuple):
    """One rule. `id` never changes its meaning and is never given twice. `title`: what is wrong, in a few words. `hint`: what would be
    right. `rests_on`: the rules of the semantics reference that it rests on (`docs/semantics.md`).
    """

    id: str
    title: str
    level: Level
    hint: str
    rests_on: tuple[str, ...]


class Finding(NamedTuple):
    """One place where a rule is broken: the sentence for people, and what it is about, with where it was written."""

    rule: Rule
    message: str
    origin: Origin

    @property
    def place(self) -> Place | None:
        """Where it was written; none for what nobody wrote."""
        return self.origin.place


class Checked(NamedTuple):
    """All findings, the worst first. `asked`: the rules that were looked at. `unasked`: what could not be looked at, in words."""

    network: str
    findings: tuple[Finding, ...]
    asked: tuple[Rule, ...]
    unasked: tuple[str, ...] = ()

    def counts(self) -> dict[str, int]:
        """How many findings each rule has, by id; rules without any are left out."""
        found: dict[str, int] = {}
        for finding in self.findings:
            found[finding.rule.id] = found.get(finding.rule.id, 0) + 1
        return found


LEVELS = tuple(Level)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each finding once, the worst first, then by rule, in the order found."""
    once = dict.fromkeys(findings)
    return tuple(sorted(once, key=lambda finding: (LEVELS.index(finding.rule.level), finding.rule.id)))
