"""A matrix as few blocks: ends that reach the same ends, and are reached by the same, are told together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from simulator.evaluate.batch.arrays import Array
from simulator.evaluate.result import Verdict
from simulator.query.matrix import VERDICT_OF, Matrix

TOLD = (Verdict.ALWAYS, Verdict.SOMETIMES, Verdict.UNKNOWN)


class Block(NamedTuple):
    """Sources and destinations with one answer. services: by verdict; what never passes is left out."""

    sources: tuple[str, ...]
    destinations: tuple[str, ...]
    services: dict[Verdict, tuple[str, ...]]


def blocks_of(matrix: Matrix) -> list[Block]:
    """The blocks in which anything passes, or may: those of one set of sources one after another, in the order of the matrix."""
    by_class = matrix.by_class
    sources, rows = _alike(by_class.reshape(len(by_class), -1))
    by_source = rows.reshape(len(sources), by_class.shape[1], -1)
    destinations, columns = _alike(by_source.transpose(1, 0, 2).reshape(by_class.shape[1], -1))
    seen = columns.reshape(len(destinations), len(sources), -1)
    found = []
    for row, some in enumerate(sources):
        for column, others in enumerate(destinations):
            services: dict[Verdict, list[str]] = {}
            for at in np.flatnonzero(seen[column, row]).tolist():
                verdict = VERDICT_OF[seen[column, row, at]]
                if verdict in TOLD:
                    services.setdefault(verdict, []).append(matrix.services[at])
            if services:
                senders, receivers = _asked(matrix, some, others)
                found.append(Block(senders, receivers, {verdict: tuple(services[verdict]) for verdict in TOLD if verdict in services}))
    return found


def _asked(matrix: Matrix, some: list[int], others: list[int]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The sources and destinations of classes that are asked about each other: nobody is told to reach but itself."""
    of_rows, of_columns, itself = matrix.known_classes
    asked: Array = np.any(matrix.by_class[np.ix_(some, others)], axis=2)
    rows, columns = (np.full(size, -1) for size in matrix.by_class.shape[:2])
    rows[some], columns[others] = np.arange(len(some)), np.arange(len(others))
    row, column = rows[of_rows], columns[of_columns]  # in `asked`, of every end; -1 elsewhere
    peers = (asked @ np.bincount(column[column >= 0], minlength=len(others)))[row] * (row >= 0)
    senders = (asked.T @ np.bincount(row[row >= 0], minlength=len(some)))[column] * (column >= 0)
    source, destination = itself.T
    counted = (row[source] >= 0) & (column[destination] >= 0) & asked[row[source], column[destination]]
    peers[source[counted]] -= 1
    senders[destination[counted]] -= 1
    return (
        tuple(matrix.sources[at] for at in np.flatnonzero(peers > 0)),
        tuple(matrix.destinations[at] for at in np.flatnonzero(senders > 0)),
    )


def _alike(rows: Array) -> tuple[list[list[int]], Array]:
    """Rows that are equal wherever both can be asked, by number, and what each set of them says together."""
    sets: list[list[int]] = []
    together = np.zeros_like(rows)
    for number, row in enumerate(rows):
        known = together[: len(sets)]
        fits = ((known == row) | (known == 0) | (row == 0)).all(axis=1)
        at = int(fits.argmax()) if fits.any() else len(sets)
        if at == len(sets):
            sets.append([])
        sets[at].append(number)
        together[at] |= row
    return sets, together[: len(sets)]


def joined(services: Sequence[str]) -> list[str]:
    """Services in fewer words: what lies side by side is one range, and everything is `all`.

    >>> joined(["tcp/0-79", "tcp/80", "tcp/443", "icmp/8"])
    ['tcp/0-80', 'tcp/443', 'icmp/8']
    >>> joined(["tcp/0-65535", "proto/47"])
    ['tcp', 'proto/47']
    """
    found: list[tuple[str, int, int]] = []
    others: list[str] = []
    for service in services:
        kind, _, numbers = service.partition("/")
        first, _, last = numbers.partition("-")
        if kind == "proto" or not first.isdigit() or not (last or first).isdigit():
            others.append(service)
        elif found and found[-1][0] == kind and found[-1][2] + 1 == int(first):
            found[-1] = (kind, found[-1][1], int(last or first))
        else:
            found.append((kind, int(first), int(last or first)))
    whole = {"tcp": 65535, "udp": 65535, "icmp": 255, "icmpv6": 255}
    return [
        kind if (first, last) == (0, whole.get(kind)) else f"{kind}/{first}" if first == last else f"{kind}/{first}-{last}"
        for kind, first, last in found
    ] + others
