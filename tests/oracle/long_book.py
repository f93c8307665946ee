"""The long run of the model of `by_the_book` against the walker: drawn networks until the time is over, and what came of it in numbers."""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from dataclasses import dataclass, field, replace

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from simulator.aws.snapshot import Snapshot
from simulator.compile import compile_snapshot
from simulator.testing.strategies import PROFILES, SLOPPY, Profile, packets, snapshots
from tests.oracle import compare, explained

BATCH = 25  # networks between two looks at the clock
KEPT = 3  # texts of each class of unexplained difference


@dataclass
class Counts:
    """What a run met. `ways`: packets by the kind of place they crossed; `explained`: differences by class; `unexplained`: their
    texts, by the first words of the difference."""

    networks: int = 0
    packets: int = 0
    beyond: int = 0
    ways: Counter[str] = field(default_factory=Counter)
    profiles: Counter[str] = field(default_factory=Counter)
    explained: Counter[str] = field(default_factory=Counter)
    unexplained: Counter[str] = field(default_factory=Counter)
    texts: dict[str, list[str]] = field(default_factory=dict)

    def __str__(self) -> str:
        lines = [f"by the book: {self.networks} networks, {self.packets} packets, {self.beyond} beyond the model"]
        lines += [f"  {name}: {number} packets" for name, number in sorted(self.ways.items())]
        lines += [f"  explained, {name}: {number}" for name, number in self.explained.most_common()]
        lines += [f"  UNEXPLAINED, {name}: {number}" for name, number in self.unexplained.most_common()]
        return "\n".join(lines)


def run(minutes: float, first_seed: int = 0, profiles: list[Profile] | None = None) -> Counts:
    """Draw and compare until the time is over; every run with the same first seed draws the same networks in the same order."""
    counts, number = Counts(), first_seed
    end = time.monotonic() + 60 * minutes
    drawn = profiles or [replace(profile, ipv6=0) for profile in (*PROFILES, SLOPPY)]
    while time.monotonic() < end:
        _batch(counts, number, drawn)
        number += 1
    return counts


def _batch(counts: Counts, number: int, profiles: list[Profile]) -> None:
    @seed(number)
    @settings(max_examples=BATCH, database=None, phases=[Phase.generate], deadline=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data(), profile=st.sampled_from(profiles), questions_seed=st.integers(0, 2**32))
    def draw(data: st.DataObject, profile: Profile, questions_seed: int) -> None:
        snapshot = data.draw(snapshots(profile))
        counts.profiles[profile.name] += 1
        asked = [one for one in (data.draw(packets(snapshot)) for _ in range(10)) if one.flow.version == 4]
        _network(counts, snapshot, questions_seed, asked)

    draw()


def _network(counts: Counts, snapshot: Snapshot, questions_seed: int, drawn: list) -> None:
    counts.networks += 1
    graph, rng = compile_snapshot(snapshot), random.Random(questions_seed)
    kinds = compare.kinds_of_places(snapshot)
    questions = [compare.question(snapshot, rng.choice, lambda percent: rng.random() * 100 < percent) for _ in range(30)]
    known = compare.senders(snapshot)
    questions += [
        compare.Question(one.entry, one.flow, tuple(rng.choice(compare.DRAWS) for _ in range(3))) for one in drawn if one.entry in known
    ]
    for asked in questions:
        counts.packets += 1
        ours = compare.ask_model(snapshot, asked)
        counts.ways.update({kinds[place] for leg in ours if leg for place, _ in leg.hops if place in kinds})
        if ours[0].disposition == "delivered":
            counts.ways["(delivered)"] += 1
        counts.beyond += any(leg.beyond for leg in ours if leg)
        name, words = explained.difference(snapshot, graph, asked)
        if name:
            counts.explained[name] += 1
        elif words:
            kind = re.sub(r"\d+", "N", re.sub(r"Flow\(.*?\)", "", words.split("\n")[1]))[:60]
            counts.unexplained[kind] += 1
            kept = counts.texts.setdefault(kind, [])
            kept.append(f"{compare.snapshot_text(snapshot)}\n{words}")
            kept.sort(key=len)
            del kept[KEPT:]
