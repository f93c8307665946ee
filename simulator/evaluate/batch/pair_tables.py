"""Recursive flow classification (Gupta and McKeown, "Packet classification on multiple fields", 1999) of one long list.

The class of the source and that of the destination give a class of *pairs*, source port and key another, and the two the first box that
covers the packet: three loads, however long the list is. Pairs are of one class where the same boxes cover them; as in `axes.py`, the sum
of the random words of these boxes stands for the set. The sums of all pairs are those of rectangles: each box changes four corners, and
running sums along both sides do the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from simulator.evaluate.batch.arrays import Array
from simulator.evaluate.batch.axes import AXES, DESTINATION, KEY, PORT, SOURCE, Axes, leaders, rows_of

MOST_PAIRS = 1 << 24  # pairs of classes of addresses
MOST_CELLS = 60_000_000
STRIP = 1 << 20  # pairs that are summed up at a time


class PairTables(NamedTuple):
    """addresses: int32, by class of source and of destination, the class of the pair times the number of classes of the rest. rest: int32,
    by class of source port and of key, the class of that pair. cells: uint16, by both, the place of the first box in its list, or
    `index.NO_CELL`.
    """

    addresses: Array
    rest: Array
    cells: Array


def are_worth_trying(classes: Array) -> Array:
    """Of lists with so many classes on each axis, whether tables of pairs may fit. What they take in the end is known on the way only."""
    found: Array = (classes[:, SOURCE] * classes[:, DESTINATION] <= MOST_PAIRS) & (classes[:, PORT] * classes[:, KEY] <= 1 << 20)
    return found


def build(axes: Axes, at: int) -> PairTables | None:
    """The tables of the list in place `at`; none where they would have more than `MOST_CELLS`."""
    rest = _classes_of_pairs(axes, at, PORT, KEY, MOST_CELLS)
    if rest is None:
        return None
    rest_class, rest_of = rest
    kinds = rest_of.shape[1]
    addresses = _classes_of_pairs(axes, at, SOURCE, DESTINATION, MOST_CELLS // kinds)
    if addresses is None:
        return None
    address_class, address_of = addresses
    cells = _cells(axes, at, address_of, rest_of)
    return PairTables((address_class * kinds).astype(np.int32), rest_class.astype(np.int32), cells)


def _classes_of_pairs(axes: Axes, at: int, one: int, other: int, most: int) -> tuple[Array, Array] | None:
    """The class of each pair of classes of two axes; and of each class, the intervals of a pair that is of it. None: more than `most`."""
    rows, columns = leaders(axes, AXES * at + one), leaders(axes, AXES * at + other)
    sums = [np.empty((len(rows), len(columns)), np.uint64) for _ in range(2)]
    known = np.zeros(0, np.uint64)
    for words in range(2):
        for begin, strip in _strips(axes, at, one, other, words):
            sums[words][begin : begin + len(strip)] = strip
            if words == 0:
                known = np.unique(np.concatenate([known, strip.ravel()]))
            if len(known) > most:
                return None
    flat = [one.ravel() for one in sums]
    number = np.searchsorted(known, flat[0])
    member = np.zeros(len(known), np.int64)
    member[number] = np.arange(len(number))
    if not (flat[1][member[number]] == flat[1]).all():
        return None  # two sets of boxes with one first word: never seen, and another form does without
    row, column = np.divmod(member, len(columns))
    return number, np.array([rows[row], columns[column]])


def _strips(axes: Axes, at: int, one: int, other: int, words: int) -> Iterator[tuple[int, Array]]:
    """The sums of all pairs of classes, some rows at a time, with the number of the first row."""
    mine = rows_of(axes, at)
    word = axes.words[words, mine]
    first = axes.cuts.first
    begin, end = int(first[AXES * at + one]), int(first[AXES * at + one + 1])
    left, right = int(first[AXES * at + other]), int(first[AXES * at + other + 1])
    rows, columns = leaders(axes, AXES * at + one), leaders(axes, AXES * at + other) - left
    row = np.concatenate([axes.one[one, mine]] * 2 + [axes.other[one, mine]] * 2)
    column = np.concatenate([axes.one[other, mine], axes.other[other, mine]] * 2) - left
    change = np.concatenate([word, np.uint64(0) - word, np.uint64(0) - word, word])
    order = np.argsort(row, kind="stable")
    row, column, change = row[order], column[order], change[order]
    state = np.zeros(right - left + 1, np.uint64)
    height = max(STRIP // len(state), 1)
    for top in range(begin, end, height):
        bottom = min(top + height, end)
        some = slice(*np.searchsorted(row, [top, bottom]))
        strip = np.zeros((bottom - top, len(state)), np.uint64)
        np.add.at(strip, (row[some] - top, column[some]), change[some])
        strip[0] += state
        np.cumsum(strip, axis=0, out=strip)
        state = strip[-1].copy()
        wanted = slice(*np.searchsorted(rows, [top, bottom]))
        yield wanted.start, np.cumsum(strip[rows[wanted] - top], axis=1)[:, columns]


def _cells(axes: Axes, at: int, address_of: Array, rest_of: Array) -> Array:
    """The first box of each two classes: boxes are painted from the last to the first."""
    mine = rows_of(axes, at)
    order = np.argsort(address_of[0], kind="stable")
    sources, destinations = address_of[0][order], address_of[1][order]
    found = np.full((len(order), rest_of.shape[1]), 0xFFFF, np.uint16)
    for box in reversed(range(mine.start, mine.stop)):
        begin, end = np.searchsorted(sources, (axes.one[SOURCE, box], axes.other[SOURCE, box]))
        some = destinations[begin:end]
        rows = order[begin:end][(some >= axes.one[DESTINATION, box]) & (some < axes.other[DESTINATION, box])]
        fits = (rest_of[0] >= axes.one[PORT, box]) & (rest_of[0] < axes.other[PORT, box])
        fits &= (rest_of[1] >= axes.one[KEY, box]) & (rest_of[1] < axes.other[KEY, box])
        columns = np.flatnonzero(fits)
        found[rows[:, None], columns] = box - mine.start
    return found.ravel()
