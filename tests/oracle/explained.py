"""Where the walker is known to differ from the book, and why: classes of differences by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

from simulator.aws.snapshot import Snapshot
from simulator.graph.nodes import FlowGraph
from tests.oracle import compare
from tests.oracle.by_the_book.result import BY_THE_BOOK, Reading

# Fields of `Reading`. Take one out when it is settled; `tests/README.md` has the rule and the reason of each.
KNOWN = (
    "own_address_stays_in_guest",
    "stopped_appliance_is_blackhole",
    "replies_have_a_direction",
    "route_choice_is_kept",
    "middlebox_tells_what_it_lost",
    "dead_target_is_told_at_the_route",
    "nat_asks_how_it_came",
)


def readings() -> Iterator[tuple[str, Reading]]:
    """The book with one known difference, with two, with all; by name."""
    for chosen in [*combinations(KNOWN, 1), KNOWN, *combinations(KNOWN, 2)]:
        yield " and ".join(chosen) if chosen != KNOWN else "all together", replace(BY_THE_BOOK, **dict.fromkeys(chosen, False))


def difference(snapshot: Snapshot, graph: FlowGraph, asked: compare.Question) -> tuple[str, str]:
    """Where the two differ on one packet: the known class that explains it (empty: none does), and the words (empty: they agree)."""
    found = next(compare.differences(snapshot, [asked], BY_THE_BOOK, graph), "")
    if found:
        for name, reading in readings():
            if not any(compare.differences(snapshot, [asked], reading, graph)):
                return name, found
    return "", found
