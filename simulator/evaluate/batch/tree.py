"""The longest-prefix index of compiled code: static search trees whose nodes are one line of the cache, 16 keys of 32 bits.

Sixteen sorted keys part the points into seventeen ranges; the range of a point is the number of keys below it, one vector comparison and
one population count, with no branch that depends on the data (CSS-trees, Rao and Ross 1998; FAST, Kim et al. 2010; the S-tree of
Algorithmica). Up to 17 intervals are one line, 289 two, 4,913 three. The keys are *ends* of intervals and what counts is `end < point`: the
padding of all ones never does, not even for the last point.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.evaluate.batch.arrays import Array
from simulator.evaluate.batch.directory import Directory
from simulator.evaluate.batch.intervals import Intervals, joined, spans

KEYS, FAN = 16, 17
PAD = 0xFFFFFFFF


class Tree(NamedTuple):
    """The trees of many tables. root: int32, the root of each table, or -1 minus its row of a directory. keys: uint32, nodes by 16.
    base: int32, the first child of a node; of a leaf, -1 minus the first of its values. values: int32, as in `Intervals`.
    """

    root: Array
    keys: Array
    base: Array
    values: Array


def grow(index: Intervals) -> Tree:
    """The trees of flattened tables, built from the leaves up, all tables at once.

    >>> tree = grow(Intervals(np.array([0, 2], np.int32), np.array([0, 5], np.uint32), np.array([7, -1], np.int32)))
    >>> tree.keys[0, :2].tolist(), tree.base.tolist(), tree.root.tolist()
    ([4, 4294967295], [-1], [0])
    """
    first = index.first.astype(np.int64)
    ends = np.full(len(index.values), PAD, np.uint32)  # the last interval of each table ends with the space
    ends[:-1] = np.where(index.starts[1:] == 0, PAD, index.starts[1:] - np.uint32(1))
    begin, count = first[:-1], np.diff(first)
    keys, bases = [], []
    nodes, child = 0, -1 - np.arange(len(ends))  # what the things of a level are called in their parents
    root = np.zeros(len(count), np.int32)
    growing = np.ones(len(count), bool)
    while growing.any():
        parents = np.where(growing, -(-count // FAN), 0)
        table = np.repeat(np.arange(len(count)), parents)
        number = np.arange(len(table)) - np.repeat(np.cumsum(parents) - parents, parents)
        at = begin[table] + number * FAN
        last = begin[table] + count[table] - 1
        there = at[:, None] + np.arange(KEYS)
        keys.append(np.where(there < last[:, None], ends[np.minimum(there, last[:, None])], PAD).astype(np.uint32))
        bases.append(child[at])
        own = nodes + np.arange(len(table))
        done = growing & (parents == 1)
        root[done] = own[np.isin(table, np.flatnonzero(done))]
        ends, child = ends[np.minimum(at + FAN - 1, last)], own
        nodes, begin, count, growing = nodes + len(table), np.cumsum(parents) - parents, parents, growing & (parents > 1)
    whole = np.concatenate(keys) if keys else np.zeros((0, KEYS), np.uint32)
    return Tree(root, _aligned(whole), np.concatenate([*bases, []]).astype(np.int32), index.values)


def grow_beside(index: Intervals, directory: Directory) -> Tree:
    """The trees of the tables that are not in the directory, and after them those of its inner tables."""
    huge = directory.number >= 0
    begin = index.first[:-1].astype(np.int64)
    sizes = np.where(huge, 1, np.diff(index.first))  # of a huge table nothing is looked up
    kept = spans(begin, begin + sizes)
    small = Intervals(np.cumsum([0, *sizes]).astype(np.int32), index.starts[kept], index.values[kept])
    tree = grow(joined([small, directory.inner]))
    tree.root[: len(huge)][huge] = -1 - directory.number[huge]
    return tree


def _aligned(keys: Array) -> Array:
    """The same rows, each on a line of its own."""
    room = np.empty(keys.nbytes + 64, np.uint8)
    begin = -room.ctypes.data % 64
    found: Array = room[begin : begin + keys.nbytes].view(np.uint32).reshape(keys.shape)
    found[:] = keys
    return found
