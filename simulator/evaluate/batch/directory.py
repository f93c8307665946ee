"""Longest-prefix match in one huge table: which run of equal routes a block of points lies in, by two loads instead of a search.

DIR-24-8 (Gupta, Lin and McKeown, "Routing lookups in hardware at memory access speeds", 1998) writes down the route of each /24, and asks
further only where one holds several: 64 MiB for a table, however large. Neighbours mostly share a route, so what is kept here are the
*runs* of equal blocks: one bit for each block that begins a run, and before each 64 of them how many there were (the compression of
Poptrie, Asai and Ohara 2015). The full table of the internet takes 9 MB that way, stays in the cache, and is as fast.

A search tree of four levels and more costs more than that; smaller tables are left to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from simulator.evaluate.batch.arrays import Array
from simulator.evaluate.batch.intervals import Intervals, joined, look_up, spans

SMALLEST = 17**3 + 1  # intervals: the first size whose search tree has a fourth level (`tree.py`)
BYTES = 64  # of words, at most, for each interval: blocks of a table that is spread thinly are all alike
SHIFTS = 0, 8  # the logarithm of the points of a block: the smallest that costs no more than BYTES
INNER = -2  # of a run: this minus the number of a table of `inner`


class Directory(NamedTuple):
    """The huge tables of an index.

    number: int32, of each table: its row here, or -1 where it has none. rows: int64, by huge table: the logarithm of the size of its
    blocks, the first and the last block it knows (they lie outside of all routes but the outermost), and where its words begin.
    words: uint64, two for 64 blocks: where runs begin, bit by bit, and how many runs began before. runs: int32, the value of a run as in
    `Intervals`, or INNER minus the number of a table that holds the intervals of one block; these count on from those of the index.
    inner: the tables of such blocks.
    """

    number: Array
    rows: Array
    words: Array
    runs: Array
    inner: Intervals


def directory_of(index: Intervals, smallest: int = SMALLEST, most: int = BYTES) -> Directory:
    """The directory of those tables that earn it: of `smallest` intervals or more, and for `most` bytes of words for each or less.

    >>> starts = np.arange(0, 5000, dtype=np.uint32) * 256
    >>> index = Intervals(np.array([0, 5000], np.int32), starts, np.arange(5000, dtype=np.int32))
    >>> found = directory_of(index)
    >>> found.number.tolist(), look_up_huge(index, found, np.array([0, 0]), np.array([256, 1 << 31], np.uint32)).tolist()
    ([0], [1, 4999])
    """
    number = np.full(len(index.first) - 1, -1, np.int32)
    rows: list[tuple[int, int, int, int]] = []
    words, runs = [np.zeros((0, 2), np.uint64)], [np.zeros(0, np.int32)]
    inner: list[Intervals] = []
    for table in np.flatnonzero(np.diff(index.first) >= max(smallest, 2)).tolist():
        own = slice(index.first[table], index.first[table + 1])
        starts, values = index.starts[own].astype(np.int64), index.values[own]
        shift = _shift_of(starts, most)
        if shift is None:
            continue
        number[table] = len(rows)
        first_block, last_block = (int(starts[1]) >> shift) - 1, (int(starts[-1]) >> shift) + 1
        begins, found, blocks = _runs(starts, values, shift, first_block)
        found[found <= INNER] -= len(number) + sum(len(one.first) - 1 for one in inner)
        rows.append((shift, first_block, last_block, sum(map(len, words))))
        words.append(_words(begins, last_block - first_block + 1, sum(map(len, runs))))
        runs.append(found)
        inner.append(blocks)
    return Directory(number, np.array(rows, np.int64).reshape(-1, 4), np.concatenate(words), np.concatenate(runs), joined(inner))


def _shift_of(starts: Array, most: int) -> int | None:
    blocks = ((int(starts[-1]) >> shift) - (int(starts[1]) >> shift) + 3 for shift in SHIFTS)
    return next((shift for shift, count in zip(SHIFTS, blocks, strict=True) if count / 64 * 16 <= most * len(starts)), None)


def _runs(starts: Array, values: Array, shift: int, first_block: int) -> tuple[Array, Array, Intervals]:
    """The blocks that begin a run, counted from the first one; the values of the runs; mixed blocks, numbered from 0."""
    block, whole = starts[1:] >> shift, starts[1:] & ((1 << shift) - 1) == 0
    mixed = np.unique(block[~whole])
    begins = np.unique(np.concatenate([[first_block], block, mixed + 1]))
    at = np.searchsorted(starts, begins << shift, "right") - 1
    found = values[np.maximum(at, 0)].astype(np.int32)
    found[np.searchsorted(begins, mixed)] = INNER - np.arange(len(mixed))
    one, other = np.searchsorted(starts, mixed << shift, "right") - 1, np.searchsorted(starts, (mixed + 1) << shift)
    inside = spans(one, other)
    first = np.cumsum([0, *(other - one)]).astype(np.int32)
    own = starts[inside].astype(np.uint32)
    own[first[:-1]] = 0
    return begins - first_block, found, Intervals(first, own, values[inside])


def _words(begins: Array, blocks: int, before: int) -> Array:
    bits = np.zeros(-(-blocks // 64) * 64, bool)
    bits[begins] = True
    words = np.zeros((len(bits) // 64, 2), np.uint64)
    words[:, 0] = np.packbits(bits, bitorder="little").view("<u8")
    words[1:, 1] = np.cumsum(np.bitwise_count(words[:-1, 0]))
    words[:, 1] += np.uint64(before)
    return words


def look_up_huge(index: Intervals, directory: Directory, table: Array, point: Array) -> Array:
    """What `look_up` finds, by the directory where a table has one."""
    if not len(directory.rows):
        return look_up(index, table, point)
    number = directory.number[table]
    found = np.empty(len(table), np.int32)
    for rows, one in _by_number(number, len(directory.rows)):
        found[rows] = look_up(index, table[rows], point[rows]) if one < 0 else _value(directory, one, point[rows])
    return found


def _by_number(number: Array, count: int) -> Iterator[tuple[Array | slice, int]]:
    """The rows of each directory, and of none (-1); all rows at once where they are of one."""
    if len(number) and (number == number[0]).all():
        yield slice(None), int(number[0])
        return
    for one in range(-1, count):
        rows = np.flatnonzero(number == one)
        if rows.size:
            yield rows, one


def _value(directory: Directory, number: int, point: Array) -> Array:
    """The values of points in one huge table."""
    shift, first_block, last_block, first = directory.rows[number].tolist()
    block = (point >> np.uint32(shift)).astype(np.int64)
    np.clip(block, first_block, last_block, out=block)
    block -= first_block
    word = (block >> 6) + first << 1
    words = directory.words.reshape(-1)  # a view: `take` would copy a column that is not contiguous
    upto = np.uint64(0xFFFFFFFFFFFFFFFF) >> (~block & 63).astype(np.uint64)
    run = words.take(word + 1).astype(np.int64)
    run += np.bitwise_count(words.take(word) & upto)
    found: Array = directory.runs.take(run - 1)
    mixed = np.flatnonzero(found <= INNER)
    if mixed.size:
        found[mixed] = look_up(directory.inner, INNER - found[mixed] - len(directory.number), point[mixed])
    return found
