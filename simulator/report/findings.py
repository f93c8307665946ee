"""What `vpcsim check` prints: for people, as a document, and as annotations of GitHub. SARIF is in `sarif.py`."""

from __future__ import annotations

from typing import Any

from simulator.origin import place_text
from simulator.query.findings import Checked, Finding, Level
from simulator.report.escape import plain
from simulator.report.text import WIDTH, Page

STYLE_OF = {Level.ERROR: "bad", Level.WARNING: "open", Level.NOTE: "quiet"}
COMMAND_OF = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}
COLUMN = 7


def findings_text(checked: Checked, *, colour: bool = False, width: int = WIDTH) -> str:
    """The findings, the worst first, each with its place and what would be right.

    >>> from simulator import load
    >>> print(findings_text(load("scenarios/primer/lambda-nat.yaml").check(ignore=["VS104"])))
    nothing found (27 rules)
    """
    page = Page(width, colour)
    for finding in checked.findings:
        page.row(finding.rule.id, finding.message, column=COLUMN, style="strong", head_style=STYLE_OF[finding.rule.level])
        where = f"{place_text(finding.place)}: " if finding.place else ""
        page.row("", f"{where}{finding.rule.level.value}: {finding.rule.title}; {finding.rule.hint}", column=COLUMN, style="quiet")
    for words in checked.unasked:
        page.line((f"not looked at: {words}", "open"))
    if checked.findings or checked.unasked:
        page.line()
    page.line(sum_words(checked))
    return page.text()


def sum_words(checked: Checked) -> str:
    """How many findings there are of each level, and of how many rules."""
    levels = [finding.rule.level for finding in checked.findings]
    counts = [(levels.count(level), level.value) for level in Level if level in levels]
    found = ", ".join(f"{number:,} {word}{'s' if number > 1 else ''}" for number, word in counts) or "nothing found"
    return f"{found} ({len(checked.asked)} rule{'s' if len(checked.asked) > 1 else ''})"


def findings_document(checked: Checked) -> dict[str, Any]:
    """The findings as plain dictionaries and lists, for `check --format json`."""
    return {
        "schema": "vpcsim/check/1",
        "network": checked.network,
        "rules": [rule.id for rule in checked.asked],
        "findings": [
            {
                "rule": finding.rule.id,
                "level": finding.rule.level.value,
                "title": finding.rule.title,
                "message": finding.message,
                "hint": finding.rule.hint,
                "rests_on": list(finding.rule.rests_on),
                "resource": finding.origin.resource,
                "part": finding.origin.part,
                "file": finding.place.file if finding.place else None,
                "line": finding.place.line if finding.place else None,
            }
            for finding in checked.findings
        ],
        "counts": checked.counts(),
        "not_looked_at": list(checked.unasked),
    }


def github_annotations(checked: Checked) -> str:
    """Workflow commands that GitHub shows beside the lines of a change, one for each finding (GitHub Docs, "Workflow commands", 2026)."""
    return "\n".join(map(_annotation, checked.findings))


def _annotation(finding: Finding) -> str:
    place = finding.place
    parts = {"file": place.file if place else None, "line": place.line if place else None, "title": finding.rule.id}
    properties = ",".join(f"{name}={_property(str(value))}" for name, value in parts.items() if value is not None)
    return f"::{COMMAND_OF[finding.rule.level]} {properties}::{_data(f'{finding.message}; {finding.rule.hint}')}"


def _data(text: str) -> str:
    return plain(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
