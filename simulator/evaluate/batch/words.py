"""Which atom an IPv6 address is in: its four words of 32 bits one after the other, each a longest-prefix match in a table of points.

Nearly all prefixes are /64 or shorter, so two words are asked of most addresses, and the tables of a word are those of `intervals.py`:
what begins with words that several cuts share has a table of its own for the word that follows.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.evaluate.batch.arrays import Array
from simulator.evaluate.batch.directory import Directory, directory_of, look_up_huge
from simulator.evaluate.batch.intervals import Intervals, spans

WORDS = 4
LAST = (1 << 32) - 1
HALF = np.uint64(32)


class Words(NamedTuple):
    """tables, huge: of one word each; the first is that of the first word. A value is the number of an atom, or that of the table
    which the next word is looked up in, counted on from the number of atoms: `atoms`, int64, one.
    """

    tables: Intervals
    huge: Directory
    atoms: Array


def words_of(high: Array, low: Array) -> Words:
    """The tables that find the last of some sorted addresses, in halves, which is not above an address; the first of them must be 0.

    >>> words = words_of(np.array([0, 1], np.uint64), np.array([0, 7], np.uint64))
    >>> atoms_of(words, np.array([0, 1, 1, 2], np.uint64), np.array([9, 6, 7, 0], np.uint64)).tolist()
    [0, 0, 1, 1]
    """
    columns = split(high, low)
    begin, end = np.zeros(min(len(high), 1), np.int64), np.full(min(len(high), 1), len(high), np.int64)
    sizes, starts, values = [np.zeros(0, np.int64)], [np.zeros(0, np.uint32)], [np.zeros(0, np.int32)]
    tables = 0
    for number, column in enumerate(columns):
        further = np.zeros(len(high), bool)
        for later in columns[number + 1 :]:
            further |= later > 0
        own = len(begin)
        tables += own
        table, start, value, begin, end = _level(column, further, begin, end, len(high) + tables)
        starts.append(start.astype(np.uint32))
        values.append(value.astype(np.int32))
        sizes.append(np.bincount(table, minlength=own))
    first = np.cumsum([0, *np.concatenate(sizes)])
    index = Intervals(first.astype(np.int32), np.concatenate(starts), np.concatenate(values))
    return Words(index, directory_of(index), np.array([len(high)], np.int64))


def _level(column: Array, further: Array, begin: Array, end: Array, first_child: int) -> tuple[Array, Array, Array, Array, Array]:
    """The tables of one word, of the cuts from `begin` to `end` each: table, start and value of their intervals in order; and the cuts of
    the tables of the next word. further: whether a later word of a cut is not 0.
    """
    cuts, of = spans(begin, end), np.repeat(np.arange(len(begin)), end - begin)
    word = column[cuts].astype(np.int64)
    new = np.ones(len(cuts), bool)
    new[1:] = (of[1:] != of[:-1]) | (word[1:] != word[:-1])
    at = np.flatnonzero(new)
    count = np.diff([*at, len(cuts)]).astype(np.int64)
    one, of, word = cuts[at], of[at], word[at]
    deep = (count > 1) | further[one]
    value = one.copy()
    value[deep] = first_child + np.arange(int(deep.sum()))
    begins = np.ones(len(at), bool)
    begins[1:] = of[1:] != of[:-1]
    before = begins & (word > 0)  # addresses below the first cut of a table are of the atom before it
    follows = np.zeros(len(at), bool)
    follows[:-1] = (of[1:] == of[:-1]) & (word[1:] == word[:-1] + 1)
    after = deep & ~follows & (word < LAST)
    table = np.concatenate([of, of[before], of[after]])
    start = np.concatenate([word, np.zeros(int(before.sum()), np.int64), word[after] + 1])
    value = np.concatenate([value, one[before] - 1, (one + count - 1)[after]])
    order = np.lexsort((start, table))
    return table[order], start[order], value[order], one[deep], (one + count)[deep]


def split(high: Array, low: Array) -> tuple[Array, Array, Array, Array]:
    """The four words (uint32) of addresses in halves."""
    return (high >> HALF).astype(np.uint32), high.astype(np.uint32), (low >> HALF).astype(np.uint32), low.astype(np.uint32)


def atoms_of(words: Words, high: Array, low: Array) -> Array:
    """The atoms of addresses in halves."""
    columns, atoms = split(high, low), int(words.atoms[0])
    found = look_up_huge(words.tables, words.huge, np.zeros(len(high), np.intp), columns[0])
    for column in columns[1:]:
        rows = np.flatnonzero(found >= atoms)
        if not rows.size:
            break
        found[rows] = look_up_huge(words.tables, words.huge, found[rows] - atoms, column[rows])
    return found
