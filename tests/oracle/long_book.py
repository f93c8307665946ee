"""The long run of the model of `by_the_book` against the walker: random networks until the time is over, and what came of it in numbers.

    python -m tests.oracle.long_book 30        half an hour; a second number is the first seed

Every run with the same first seed goes through the same networks in the same order. It ends with status 1 if a difference is unexplained.
"""

from __future__ import annotations

import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

import simulator
from simulator.aws.snapshot import Snapshot
from simulator.compile import compile_snapshot
from simulator.testing.strategies import PROFILES, SLOPPY, WIDE, Profile, packets, snapshots
from tests.oracle import by_the_book, compare, explained
from tests.oracle.by_the_book.result import DELIVERED
from tests.oracle.wired import wired
from tests.oracle.wired_firewalls import wired_firewalls
from tests.oracle.wired_inspection import wired_inspection
from tests.oracle.wired_services import wired_services
from tests.oracle.wired_transit import wired_transit

BATCH = 25  # networks of a kind between two looks at the clock
QUESTIONS = 40
FRAMES = (wired, wired_transit, wired_services, wired_inspection, wired_firewalls)
KEPT = 3  # texts of each class of unexplained difference


@dataclass
class Counts:
    """What a run met. `skipped`: networks with nouns the model does not know. `ways`: packets by the kind of place they crossed.

    `explained`: differences by class. `unexplained`: by the first words of the difference; `texts` has the shortest of each.
    """

    networks: int = 0
    skipped: int = 0
    packets: int = 0
    answered: int = 0
    beyond: int = 0
    ways: Counter[str] = field(default_factory=Counter)
    explained: Counter[str] = field(default_factory=Counter)
    unexplained: Counter[str] = field(default_factory=Counter)
    texts: dict[str, list[str]] = field(default_factory=dict)

    def __str__(self) -> str:
        lines = [
            f"by the book: {self.networks} networks, {self.skipped} left out",
            f"packets: {self.packets}, {self.answered} answered, {self.beyond} beyond the model",
            "crossed: " + ", ".join(f"{name} {number}" for name, number in self.ways.most_common()),
            f"differences: {sum(self.explained.values())} explained, {sum(self.unexplained.values())} unexplained",
        ]
        lines += [f"  explained, {name}: {number}" for name, number in self.explained.most_common()]
        lines += [f"  UNEXPLAINED, {name}: {number}" for name, number in self.unexplained.most_common()]
        return "\n".join(lines)


def run(minutes: float, first_seed: int = 0, profiles: Sequence[Profile] = (*PROFILES, SLOPPY, WIDE, WIDE)) -> Counts:
    """Random networks until the time is over."""
    counts, number = Counts(), first_seed
    end = time.monotonic() + 60 * minutes
    while time.monotonic() < end:
        _drawn(counts, number, [replace(profile, ipv6=40) for profile in profiles])
        for snapshot, at in _wired(range(number * BATCH, (number + 1) * BATCH)):
            _network(counts, snapshot, at, ())
        number += 1
    return counts


def _wired(seeds: range) -> Iterator[tuple[Snapshot, int]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "wired.yaml"
        for number in seeds:
            path.write_text(FRAMES[number % len(FRAMES)](number), encoding="utf-8")
            yield simulator.load(path).snapshot, number


def _drawn(counts: Counts, number: int, profiles: list[Profile]) -> None:
    @seed(number)
    @settings(max_examples=BATCH, database=None, phases=[Phase.generate], deadline=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data(), profile=st.sampled_from(profiles), at=st.integers(0, 2**32))
    def draw(data: st.DataObject, profile: Profile, at: int) -> None:
        snapshot = data.draw(snapshots(profile))
        drawn = [data.draw(packets(snapshot)) for _ in range(QUESTIONS // 4)]
        asked = [compare.Question(one.entry, one.flow, (at,)) for one in drawn]
        _network(counts, snapshot, at, asked)

    draw()


def _network(counts: Counts, snapshot: Snapshot, at: int, drawn: Sequence[compare.Question]) -> None:
    if by_the_book.unknown_nouns(snapshot) or not compare.destinations(snapshot):
        counts.skipped += 1
        return
    counts.networks += 1
    graph, rng, known = compile_snapshot(snapshot), random.Random(at), {version: compare.senders(snapshot, version) for version in (4, 6)}
    kinds = compare.kinds_of_places(snapshot)
    for asked in [*compare.questions(snapshot, rng, QUESTIONS), *(one for one in drawn if one.sender in known[one.flow.version])]:
        ours = compare.ask_model(snapshot, asked)
        counts.packets += 1
        counts.beyond += any(leg.beyond for leg in ours if leg)
        counts.answered += ours[1] is not None and ours[1].disposition == DELIVERED
        counts.ways.update({kinds[place] for leg in ours if leg for place, _ in leg.hops if place in kinds})
        name, words = explained.difference(snapshot, graph, asked)
        if name:
            counts.explained[name] += 1
        elif words:
            _unexplained(counts, words, f"{compare.snapshot_text(snapshot)}\n{words}")


def _unexplained(counts: Counts, words: str, text: str) -> None:
    """A class of its own for each kind of first difference, whatever the numbers in it."""
    kind = re.sub(r"\d+", "N", re.sub(r"Flow\(.*?\)", "", words.split("\n")[1]))[:60]
    counts.unexplained[kind] += 1
    counts.texts[kind] = sorted([*counts.texts.get(kind, []), text], key=len)[:KEPT]


if __name__ == "__main__":
    found = run(float(sys.argv[1]), int(sys.argv[2]) if sys.argv[2:] else 0)
    for texts in found.texts.values():
        print(*texts, sep="\n\n", end="\n\n")
    print(found)
    sys.exit(1 if found.unexplained else 0)
