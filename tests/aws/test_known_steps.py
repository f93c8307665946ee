"""The table of known steps itself: its codes and rules exist, and what differs from it is found."""

from __future__ import annotations

import re
from pathlib import Path

from simulator.graph.codes import CODES, GAPS
from simulator.graph.nodes import Drop, FlowGraph, Place
from tests.aws.known_steps import TABLE, unknown_steps

ROWS = [line for line in TABLE.read_text("utf-8").splitlines() if " | " in line]
STOPPED = Drop(Place("web", "instance"), "state", "BAD_STATE", cites=("ENI-6",))
NOWHERE = STOPPED._replace(place=Place("web", "inn"))


def test_every_row_has_a_code_of_the_vocabulary_and_rules_of_the_reference() -> None:
    reference = (Path(__file__).parents[2] / "docs/semantics.md").read_text("utf-8")
    known = set(re.findall(r"^- ([A-Z0-9]+-[0-9]+) ", reference, re.MULTILINE))
    for row in ROWS:
        _, kind, _, code, cites = (part.strip() for part in f"{row} ".split(" | "))
        assert set(cites.split()) <= known, row
        if kind.startswith(("Drop", "Filter")):
            assert code.removeprefix("gap ") in CODES, row
            assert not kind.startswith("Drop") or code.startswith("gap ") == (code.removeprefix("gap ") in GAPS), row
        else:
            assert not code, row


def test_rows_are_in_order_and_stand_once() -> None:
    keys = [(not row.startswith("any"), ", " not in row.split(" | ")[0], row) for row in ROWS]
    assert keys == sorted(set(keys))


def test_a_step_with_another_code_or_rule_is_not_known() -> None:
    changed = [
        STOPPED,
        STOPPED._replace(code="BAD_STATE_ROUTE"),
        STOPPED._replace(cites=("ENI-4",)),
        STOPPED._replace(what="states"),
        NOWHERE,
    ]
    assert unknown_steps(FlowGraph(tuple(changed), {}, {})) == [
        "inn | Drop | state | BAD_STATE | ENI-6",
        "instance | Drop | state | BAD_STATE | ENI-4",
        "instance | Drop | state | BAD_STATE_ROUTE | ENI-6",
        "instance | Drop | states | BAD_STATE | ENI-6",
    ]
