"""Who reaches whom, as one array. `all_pairs.py` makes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from simulator.evaluate.batch.arrays import Array
from simulator.evaluate.result import Verdict
from simulator.problems import InputError

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
AT_ONCE = 1 << 22  # cells that are put into numbers at a time
COLUMNS = ("source", "destination", "service", "verdict")


class Classes(NamedTuple):
    """Ends that nothing tells apart, as one row or column. rows, columns: the class of each source and destination, as int64 numbers on
    the axes of an array by class; itself: int64, pairs of a source and a destination that are one end, whatever their classes say.
    """

    rows: Array
    columns: Array
    itself: Array

    @classmethod
    def of_their_own(cls, sources: int, destinations: int) -> Classes:
        """Every end is alone."""
        return cls(np.arange(sources), np.arange(destinations), np.zeros((0, 2), np.int64))

    def whole(self, by_class: Array) -> Array:
        """An array by class as one by source and destination."""
        shape = len(self.rows), len(self.columns)
        if by_class.shape[:2] == shape and not len(self.itself):
            return by_class
        found: Array = by_class[np.ix_(self.rows, self.columns)]
        found[self.itself[:, 0], self.itself[:, 1]] = 0
        return found

    def count(self, by_class: Array) -> int:
        """How many pairs of a source and a destination have a mark: bool, by class."""
        rows, columns = (np.bincount(of, minlength=size) for of, size in zip((self.rows, self.columns), by_class.shape, strict=True))
        marks = int((rows * (by_class @ columns)).sum())
        return marks - int(np.count_nonzero(by_class[self.rows[self.itself[:, 0]], self.columns[self.itself[:, 1]]]))


class Matrix(NamedTuple):
    """Who reaches whom.

    sources, destinations, services: the words for what each axis counts; `can` takes them. by_class: uint8, by class of source, class of
    destination and service: a sum of `WORKS`, `FAILS` and `GAP`, how packets of the question and their replies end; 0: the question
    cannot be asked (an end and itself, one without an address of the service's IP version). classes: none where every end is its own.
    exactly: how many pairs the exact analysis answered, simply: how many the batch evaluator; flows: the packets it was given; asked:
    for how many pairs of classes anybody was asked, and not only remembered.
    """

    network: str
    sources: tuple[str, ...]
    destinations: tuple[str, ...]
    services: tuple[str, ...]
    by_class: Array
    classes: Classes | None = None
    simply: int = 0
    exactly: int = 0
    flows: int = 0
    asked: int = 0

    @property
    def seen(self) -> Array:
        """`by_class` for every pair: uint8, by source, destination and service. It takes as many bytes as there are."""
        return self.known_classes.whole(self.by_class)

    @property
    def known_classes(self) -> Classes:
        """Which ends share a row or column of `by_class`."""
        return self.classes or Classes.of_their_own(len(self.sources), len(self.destinations))

    def verdict(self, source: str, destination: str, service: str = "") -> Verdict | None:
        """The verdict of a pair; none where it cannot be asked. `service` may be left out where there is one."""
        at = self.services.index(service) if service else 0
        return VERDICT_OF[self._row(self.sources.index(source))[self.destinations.index(destination), at]]

    def rows(self) -> Iterator[tuple[str, str, str, str]]:
        """Source, destination, service and verdict of all that can be asked, one after another."""
        words = self.sources, self.destinations, self.services, WORDS
        for columns in self.numbers():
            yield from zip(*([of[at] for at in column.tolist()] for of, column in zip(words, columns, strict=True)), strict=True)

    def numbers(self) -> Iterator[tuple[Array, Array, Array, Array]]:
        """The same as columns of numbers, some sources at a time: where on its axis each end and service is, and of the verdict among
        `WORDS`.
        """
        step = max(1, AT_ONCE // max(1, len(self.destinations) * len(self.services)))
        for first in range(0, len(self.sources), step):
            seen = np.stack([self._row(source) for source in range(first, min(first + step, len(self.sources)))])
            source, destination, service = np.nonzero(seen)
            yield source + first, destination, service, NUMBER_OF[seen[source, destination, service]]

    def to_pandas(self) -> Any:
        """All that can be asked as a `pandas.DataFrame` of four categorical columns: source, destination, service, verdict. Raises
        `InputError` without the extra `tables`.

        >>> from simulator import load
        >>> frame = load("scenarios/primer/lambda-nat.yaml").matrix("tcp/443").to_pandas()  # doctest: +SKIP
        >>> frame[frame.verdict == "always"]  # doctest: +SKIP
        """
        try:
            import pandas  # type: ignore[import-untyped,import-not-found,unused-ignore]
        except ImportError:
            raise InputError("a DataFrame needs the extra `tables`: pip install 'vpcsim[tables]'") from None
        words: tuple[Sequence[str], ...] = (self.sources, self.destinations, self.services, WORDS)
        numbers = [np.concatenate(column) for column in zip(*self.numbers(), strict=True)]
        columns = zip(COLUMNS, numbers, words, strict=True)
        return pandas.DataFrame({name: pandas.Categorical.from_codes(codes, list(of)) for name, codes, of in columns})

    def __repr__(self) -> str:
        counts = ", ".join(f"{count:,} {word}" for word, count in self.counts().items())
        return f"<Matrix of {len(self.sources):,} x {len(self.destinations):,} x {len(self.services):,}: {counts}>"

    def counts(self) -> dict[str, int]:
        """How many pairs and services have each verdict."""
        found = dict.fromkeys(Verdict, 0)
        for service in range(len(self.services)):
            seen = self.by_class[:, :, service]
            for number in np.unique(seen).tolist():
                verdict = VERDICT_OF[number]
                if verdict:
                    found[verdict] += self.known_classes.count(seen == number)
        return {verdict.value: number for verdict, number in found.items()}

    def _row(self, source: int) -> Array:
        """All of one source, by destination and service."""
        rows, columns, itself = self.known_classes
        found: Array = self.by_class[rows[source]][columns]
        found[itself[itself[:, 0] == source, 1]] = 0
        return found


WORDS = tuple(verdict.value for verdict in Verdict)
NUMBER_OF = np.array([0 if verdict is None else WORDS.index(verdict.value) for verdict in VERDICT_OF], np.int8)
