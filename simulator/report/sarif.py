"""Findings in SARIF 2.1.0, the form in which code scanning takes them (OASIS, 2020)."""

from __future__ import annotations

from pathlib import PurePath, PurePosixPath
from typing import Any
from urllib.parse import quote

from simulator.query.findings import Checked, Finding, Rule

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
ABOUT = "docs/checks.md"


def sarif_document(checked: Checked, version: str = "") -> dict[str, Any]:
    """One run with the rules that were looked at and a result for each finding. `version`: of the program."""
    index = {rule.id: at for at, rule in enumerate(checked.asked)}
    driver: dict[str, Any] = {"name": "vpcsim", "rules": [_rule(rule) for rule in checked.asked]}
    if version:
        driver["version"] = version
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "results": [_result(finding, index[finding.rule.id]) for finding in checked.findings],
            }
        ],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "help": {"text": f"{rule.hint} ({ABOUT}; {', '.join(rule.rests_on)})"},
        "defaultConfiguration": {"level": rule.level.value},
    }


def _result(finding: Finding, index: int) -> dict[str, Any]:
    return {
        "ruleId": finding.rule.id,
        "ruleIndex": index,
        "level": finding.rule.level.value,
        "message": {"text": f"{finding.message}; {finding.rule.hint}"},
        "locations": [_location(finding)],
    }


def _location(finding: Finding) -> dict[str, Any]:
    """Where it was written, and what it is about: what nobody wrote has the latter only."""
    place, origin = finding.place, finding.origin
    about = f"{origin.resource} {origin.part}".strip()
    location: dict[str, Any] = {"logicalLocations": [{"fullyQualifiedName": about, "kind": "resource"}]}
    if place:
        physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(place.file)}}
        if place.line is not None:
            physical["region"] = {"startLine": place.line}
        location["physicalLocation"] = physical
    return location


def _uri(file: str) -> str:
    """The name of a file as a reference: relative as it was given, or with its scheme."""
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(str(PurePosixPath(*path.parts)))
