"""Where the walker is known to differ from the book, and why: classes of differences by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from itertools import combinations

from simulator.aws.snapshot import Snapshot
from simulator.graph.nodes import FlowGraph
from tests.oracle import compare
from tests.oracle.by_the_book.result import BY_THE_BOOK, Reading

# Take a field of `Reading` out when it is settled; `tests/README.md` has the rule and the reason of each.
KNOWN = tuple(field.name for field in fields(Reading))
TOGETHER = 3  # that many at most explain one packet


def readings() -> Iterator[tuple[str, Reading]]:
    """The book with one known difference, with two, and so on; by name."""
    for chosen in (chosen for count in range(1, TOGETHER + 1) for chosen in combinations(KNOWN, count)):
        yield " and ".join(chosen), replace(BY_THE_BOOK, **dict.fromkeys(chosen, False))


def difference(snapshot: Snapshot, graph: FlowGraph, asked: compare.Question) -> tuple[str, str]:
    """Where the two differ on one packet: the known class that explains it (empty: none does), and the words (empty: they agree)."""
    found = next(compare.differences(snapshot, [asked], BY_THE_BOOK, graph), "")
    if found:
        for name, reading in readings():
            if not any(compare.differences(snapshot, [asked], reading, graph)):
                return name, found
    return "", found
