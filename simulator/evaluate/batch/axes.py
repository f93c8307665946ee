"""What the boxes of a list tell apart, axis by axis: the points of each axis, cut where a box begins or ends, and gathered into *classes*.

Two points are of one class where the same boxes of the list hold them. A sum of random words of 128 bits, one word for each box, stands for
the set of boxes; two sets of one list have one sum with a chance below 2^-100, whatever the rules, because the words are not theirs.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.evaluate.batch.arrays import Array
from simulator.evaluate.batch.boxes import Boxes
from simulator.evaluate.batch.intervals import POINTS, Intervals

SOURCE, DESTINATION, PORT, KEY = range(4)
AXES = 4


class Axes(NamedTuple):
    """The axes of some lists; axis a of the n-th of them is table `4 n + a`.

    cuts: by table, intervals whose values are classes, numbered from 0 in each table. classes: int64, by table: how many. one, other:
    int64, axes by boxes: which intervals a box covers, as a half-open range. owner: int64, by box, the n of its list;
    boxes of a list stand together. words: uint64, two for each box.
    """

    cuts: Intervals
    classes: Array
    one: Array
    other: Array
    owner: Array
    words: Array


def axes_of(boxes: Boxes, lists: Array) -> Axes:
    """Cut the axes of some lists."""
    box, owner = boxes_in(boxes, lists)
    tables = AXES * len(lists)
    low = np.array([boxes.source_low[box], boxes.destination_low[box], boxes.port_low[box], boxes.key_low[box]], np.int64)
    span = np.array([boxes.source_span[box], boxes.destination_span[box], boxes.port_span[box], boxes.key_span[box]], np.int64)
    table = AXES * owner + np.arange(AXES)[:, None]
    begins = table * POINTS + low
    ends = begins + span + 1  # at the border of an axis, where the next one begins
    cuts = np.unique(np.concatenate([np.arange(tables) * POINTS, begins.ravel(), ends.ravel()]))
    cuts = cuts[cuts < tables * POINTS]
    one, other = np.searchsorted(cuts, begins), np.searchsorted(cuts, ends)
    words = np.random.default_rng(0x5EED).integers(0, 1 << 64, (2, len(box)), np.uint64)
    sums = [_sums(one, other, len(cuts), some) for some in words]
    holder = cuts // POINTS
    number, count = _numbered(holder, sums, tables)
    first = np.searchsorted(holder, np.arange(tables + 1))
    return Axes(
        Intervals(first.astype(np.int32), (cuts % POINTS).astype(np.uint32), number.astype(np.int32)), count, one, other, owner, words
    )


def boxes_in(boxes: Boxes, lists: Array) -> tuple[Array, Array]:
    """The boxes of some lists, one list after the other, and the place of the list of each."""
    begin, size = boxes.first[lists].astype(np.int64), np.diff(boxes.first)[lists].astype(np.int64)
    return spans(begin, size), np.repeat(np.arange(len(lists)), size)


def spans(begin: Array, size: Array) -> Array:
    """The numbers of ranges that begin somewhere and have a size, one range after the other."""
    shift = begin - np.concatenate([[0], np.cumsum(size)[:-1]]).astype(np.int64)
    found: Array = np.arange(size.sum()) + np.repeat(shift, size)
    return found


def _sums(one: Array, other: Array, cuts: int, words: Array) -> Array:
    """By interval, the sum of the words of all boxes that cover it."""
    changes = np.zeros(cuts + 1, np.uint64)
    spread = np.tile(words, len(one))  # numpy 2.4 reads past the end of what `at` would have to broadcast
    np.add.at(changes, one.ravel(), spread)
    np.subtract.at(changes, other.ravel(), spread)
    found: Array = np.cumsum(changes)[:-1]
    return found


def _numbered(holder: Array, sums: list[Array], tables: int) -> tuple[Array, Array]:
    """The class of each interval, numbered within its table in the order they are met, and how many classes each table has."""
    order = np.lexsort((np.arange(len(holder)), sums[1], sums[0], holder))
    differs = np.ones(len(order), bool)
    differs[1:] = (np.diff(holder[order]) != 0) | (np.diff(sums[0][order]) != 0) | (np.diff(sums[1][order]) != 0)
    leader = order[differs]  # the first interval of each class
    met = np.argsort(np.argsort(leader))  # leaders of a table stand together: their ranks are numbers, once the table's first is taken off
    of_leader = holder[leader]
    count = np.bincount(of_leader, minlength=tables)
    before = np.concatenate([[0], np.cumsum(count)[:-1]])
    number = np.empty(len(order), np.int64)
    number[order] = (met - before[of_leader])[np.cumsum(differs) - 1]
    return number, count


def rows_of(axes: Axes, at: int) -> slice:
    """Where the boxes of the n-th list stand."""
    begin, end = np.searchsorted(axes.owner, [at, at + 1]).tolist()
    return slice(begin, end)


def leaders(axes: Axes, table: int) -> Array:
    """For each class of a table, the first interval of that class (by number in `cuts`)."""
    begin, end = axes.cuts.first[table], axes.cuts.first[table + 1]
    _, first = np.unique(axes.cuts.values[begin:end], return_index=True)
    found: Array = first + begin
    return found
