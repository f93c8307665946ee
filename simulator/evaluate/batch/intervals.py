"""Prefixes of many tables as disjoint sorted intervals, and the longest-prefix match on them.

*Flattening* (leaf pushing; Srinivasan and Varghese, "Fast address lookups using controlled prefix expansion", 1998): the starts and ends
of all prefixes cut the addresses of a table into intervals; painting the prefixes from the shortest to the longest leaves in each
interval the route that wins there. Numbers here are points of an address space of 32 bits (`space.py`), so that IPv4 and IPv6 are one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from simulator.evaluate.batch.arrays import Array

NOTHING = -1
POINTS = 1 << 32  # of an address space


class Intervals(NamedTuple):
    """Tables in one index. Interval i holds the points from `starts[i]` to the next start of its table.

    first: int32, one for each table and one at the end: where its intervals begin. starts: uint32, that of a table's first interval
    is 0. values: int32, the index of the winning route within its table, or -1 where no route matches.
    """

    first: Array
    starts: Array
    values: Array


def flatten(
    tables: int,
    table: Array,
    low: Array,
    high: Array,
    length: Array,
    value: Array,
) -> Intervals:
    """Cut `tables` tables into intervals; the other arguments have one row for each route.

    low, high: the first and the last point of a route. Of two routes that hold a point the longer wins; routes of one length and table
    are disjoint (prefixes of one length are, and a table has each prefix once).

    >>> rows = [np.array(row) for row in ([0, 0], [0, 10], [99, 19], [8, 28], [0, 1])]
    >>> flatten(1, *rows)
    Intervals(first=array([0, 4], dtype=int32), starts=array([  0,  10,  20, 100], dtype=uint32),
        values=array([ 0,  1,  0, -1], dtype=int32))
    """
    bases = np.arange(tables, dtype=np.int64) * POINTS
    begins, ends = table * POINTS + low, table * POINTS + high + 1  # an end at the border is the beginning of the next table
    cuts = np.unique(np.concatenate([bases, begins, ends]))
    cuts = cuts[cuts < tables * POINTS]
    painted = np.full(len(cuts), NOTHING, np.int32)
    one, other = np.searchsorted(cuts, begins), np.searchsorted(cuts, ends)
    for size in np.unique(length):
        rows = np.flatnonzero(length == size)
        painted[spans(one[rows], other[rows])] = np.repeat(value[rows], other[rows] - one[rows])
    owner = cuts // POINTS
    kept = np.ones(len(cuts), bool)
    kept[1:] = (painted[1:] != painted[:-1]) | (owner[1:] != owner[:-1])
    first = np.searchsorted(owner[kept], np.arange(tables + 1))
    return Intervals(first.astype(np.int32), (cuts[kept] % POINTS).astype(np.uint32), painted[kept])


def spans(begin: Array, end: Array) -> Array:
    """All indices of the ranges `begin` to `end`, one range after the other."""
    sizes = end - begin
    shift = begin - np.concatenate([[0], np.cumsum(sizes)[:-1]])
    found: Array = np.arange(sizes.sum()) + np.repeat(shift, sizes)
    return found


def joined(parts: Sequence[Intervals]) -> Intervals:
    """The tables of several indexes, one index after the other."""
    sizes = [np.zeros(0, np.int64), *(np.diff(part.first) for part in parts)]
    starts, values = [np.zeros(0, np.uint32), *(part.starts for part in parts)], [np.zeros(0, np.int32), *(part.values for part in parts)]
    return Intervals(np.cumsum([0, *np.concatenate(sizes)]).astype(np.int32), np.concatenate(starts), np.concatenate(values))


def look_up(index: Intervals, table: Array, point: Array) -> Array:
    """The value of each point in its table: a binary search without branches, in which all queries take the same number of steps.

    >>> index = Intervals(np.array([0, 2], np.int32), np.array([0, 5], np.uint32), np.array([7, -1], np.int32))
    >>> look_up(index, np.array([0, 0, 0]), np.array([0, 4, 5], np.uint32))
    array([ 7,  7, -1], dtype=int32)
    """
    base = index.first[table].astype(np.intp)
    length = index.first[table + 1] - base
    for _ in range(int(length.max(initial=1) - 1).bit_length()):
        half = length >> 1
        base += half * (index.starts[base + half] <= point)
        length -= half
    found: Array = index.values[base]
    return found
