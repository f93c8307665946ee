"""Who reaches whom, as one array. `all_pairs.py` makes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from simulator.evaluate.batch.arrays import Array
from simulator.evaluate.result import Verdict

WORKS, FAILS, GAP = 1, 2, 4
VERDICT_OF = (
    None,
    Verdict.ALWAYS,
    Verdict.NEVER,
    Verdict.SOMETIMES,
    Verdict.UNKNOWN,
    Verdict.UNKNOWN,
    Verdict.UNKNOWN,
    Verdict.SOMETIMES,
)


class Matrix(NamedTuple):
    """Who reaches whom.

    sources, destinations, services: the words for what each axis counts; `can` takes them. seen: uint8, by source, destination and service:
    a sum of `WORKS`, `FAILS` and `GAP`, how packets of the question and their replies end; 0: the question cannot be asked (an end and
    itself, one without an address of the service's IP version). exactly: how many pairs the exact analysis answered, simply: how many the
    batch evaluator; flows: the packets it was given; asked: for how many pairs anybody was asked, and not only remembered.
    """

    network: str
    sources: tuple[str, ...]
    destinations: tuple[str, ...]
    services: tuple[str, ...]
    seen: Array
    simply: int = 0
    exactly: int = 0
    flows: int = 0
    asked: int = 0

    def verdict(self, source: str, destination: str, service: str = "") -> Verdict | None:
        """The verdict of a pair; none where it cannot be asked. `service` may be left out where there is one."""
        at = self.services.index(service) if service else 0
        return VERDICT_OF[self.seen[self.sources.index(source), self.destinations.index(destination), at]]

    def rows(self) -> Iterator[tuple[str, str, str, str]]:
        """Source, destination, service and verdict of all that can be asked, one after another."""
        for at in zip(*np.nonzero(self.seen), strict=True):
            verdict = VERDICT_OF[self.seen[at]]
            assert verdict is not None
            yield self.sources[at[0]], self.destinations[at[1]], self.services[at[2]], verdict.value

    def __repr__(self) -> str:
        counts = ", ".join(f"{count:,} {word}" for word, count in self.counts().items())
        return f"<Matrix of {len(self.sources):,} x {len(self.destinations):,} x {len(self.services):,}: {counts}>"

    def counts(self) -> dict[str, int]:
        """How many pairs and services have each verdict."""
        numbers = np.bincount(self.seen.ravel(), minlength=8).tolist()
        found = dict.fromkeys(Verdict, 0)
        for number, verdict in zip(numbers, VERDICT_OF, strict=True):
            if verdict:
                found[verdict] += number
        return {verdict.value: number for verdict, number in found.items()}
