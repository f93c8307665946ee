"""Bit vectors of one long list (Lakshman and Stiliadis 1998) with a summary (Baboescu and Varghese 2001).

Each class of each axis has a bit for every box of the list: whether the box covers it there. The first bit that is set on all four axes is
the first box that covers the packet. A *summary* bit tells of 64 of these bits whether any is set, so that most words are never read. The
size is that of boxes times classes and never explodes.
"""

from __future__ import annotations

import numpy as np

from simulator.evaluate.batch.arrays import Array
from simulator.evaluate.batch.axes import AXES, Axes, leaders, rows_of

WORD = 64
ROWS = 512  # classes that are worked out at a time


def words_of(size: int) -> tuple[int, int]:
    """How many words of summary and of bits a vector of so many boxes has.

    >>> words_of(64), words_of(5000)
    ((1, 1), (2, 79))
    """
    bits = -(-size // WORD)
    return -(-bits // WORD), bits


def build(axes: Axes, at: int) -> Array:
    """The vectors of the list in place `at` (uint64): those of the classes of its four axes, one axis after the other; in each row the
    summary, then the bits.
    """
    mine = rows_of(axes, at)
    summaries, bits = words_of(mine.stop - mine.start)
    parts = []
    for axis in range(AXES):
        one, other, rows = axes.one[axis, mine], axes.other[axis, mine], leaders(axes, AXES * at + axis)
        for begin in range(0, len(rows), ROWS):
            row = rows[begin : begin + ROWS, None]
            vector = _packed((one <= row) & (row < other), bits)
            parts.append(np.concatenate([_packed(vector != 0, summaries), vector], axis=1))
    return np.concatenate(parts)


def _packed(flags: Array, words: int) -> Array:
    """Rows of booleans as rows of words, the first the lowest bit."""
    room = np.zeros((len(flags), words * 8), np.uint8)
    packed = np.packbits(flags, axis=1, bitorder="little")
    room[:, : packed.shape[1]] = packed
    found: Array = room.view("<u8").astype(np.uint64)
    return found
