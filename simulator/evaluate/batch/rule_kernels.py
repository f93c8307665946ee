"""The first box that covers one packet, in compiled code: blocks of 16 boxes, and what the index of a list has (`indexed.py`, in scalars).

A block is ten lines of the cache: the lows and the spans of 16 boxes on each of four axes, their groups, their marks. An axis that no box
of a list limits is not tried. Sixteen boxes are tried at once, and the first bit of what is left is the first box.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from simulator.evaluate.batch.arrays import Array
from simulator.evaluate.batch.axes import AXES, DESTINATION, KEY, PORT, SOURCE
from simulator.evaluate.batch.boxes import ANY_GROUP, EVERY, NO_BOX, Boxes, Packets
from simulator.evaluate.batch.index import NO_CELL, PAIRS, SCAN, TABLE, Index
from simulator.evaluate.batch.jit import below, forced, inside, jit, lowest
from simulator.evaluate.batch.kernels import Number
from simulator.evaluate.batch.tree import grow

LANES, LINES = 16, 10  # boxes of a block, and its rows of 16 numbers
GROUPS, MARKS = 8, 9  # rows of a block
NO_GROUP = 0xFFFFFFFF
ASKS_MARKS = 1 << AXES
NO_TREE = -1  # the root of an axis that has one place, which is 0
# Columns of a list's row: what is built for it, the axes that some box limits and `ASKS_MARKS`, its first box, its blocks, the roots of its
# four trees, and where its cells and its two sorts of pairs begin.
FORM, ASKS, FIRST, BEGIN, END, ROOT, CELLS, ADDRESSES, REST, ROW = 0, 1, 2, 3, 4, 5, 9, 10, 11, 16
ASKS_SOURCE, ASKS_DESTINATION, ASKS_PORT = 1 << SOURCE, 1 << DESTINATION, 1 << PORT


class Rules(NamedTuple):
    """The boxes of many lists, ready for compiled code.

    rows: int32, by list and the columns FORM to REST. blocks: uint32, `LINES` rows of 16 for each. keys, base, places: the trees of the
    axes. cells, pairs, vectors: those of the index.
    """

    rows: Array
    blocks: Array
    keys: Array
    base: Array
    places: Array
    cells: Array
    pairs: Array
    vectors: Array


def rules_of(boxes: Boxes, index: Index) -> Rules:
    """Boxes in blocks, and their index."""
    size = np.diff(boxes.first).astype(np.int64)
    begin = np.concatenate([[0], np.cumsum(-(-size // LANES))])
    owner = np.repeat(np.arange(len(size)), size)
    place = np.arange(len(owner)) - boxes.first[owner]
    lines = np.zeros((int(begin[-1]), LINES, LANES), np.uint32)
    lines[:, 2 * KEY] = 0xFFFFFFFF  # the key of what fills up a block: no packet has it
    columns = (*boxes[1 : 1 + 2 * AXES], boxes.group.astype(np.uint32), boxes.asked.astype(np.uint32) | boxes.wanted.astype(np.uint32) << 8)
    for line, values in enumerate(columns):
        lines[begin[owner] + place // LANES, line, place % LANES] = values
    trees = grow(index.cuts)
    single = (np.diff(index.cuts.first) == 1) & (index.cuts.values[index.cuts.first[:-1]] == 0)
    rows = np.zeros((len(size), ROW), np.int32)
    rows[:, FORM], rows[:, FIRST], rows[:, BEGIN], rows[:, END] = index.form, boxes.first[:-1], begin[:-1], begin[1:]
    for axis in range(AXES):
        np.bitwise_or.at(rows[:, ASKS], owner, ((boxes[2 + 2 * axis] != EVERY) << axis).astype(np.int32))
    np.bitwise_or.at(rows[:, ASKS], owner, (((boxes.group != ANY_GROUP) | (boxes.asked != 0)) * ASKS_MARKS).astype(np.int32))
    built = np.flatnonzero(index.number >= 0)
    rows[built, ROOT : ROOT + AXES] = np.where(single, NO_TREE, trees.root).reshape(-1, AXES)[index.number[built]]
    rows[built, CELLS : REST + 1] = index.begin[index.number[built]]
    return Rules(_aligned(rows), _aligned(lines.reshape(-1, LANES)), trees.keys, trees.base, trees.values, *index[4:])


def _aligned(array: Array) -> Array:
    """The same numbers, each row of 16 on a line of the cache."""
    room = np.empty(array.nbytes + 64, np.uint8)
    begin = -room.ctypes.data % 64
    found: Array = room[begin : begin + array.nbytes].view(array.dtype).reshape(array.shape)
    found[:] = array
    return found


def first_rules(rules: Rules, lists: Array, packets: Packets, member: Array, out: Array) -> None:
    """The first boxes that cover many packets, each in its list, into `out` (int32): `boxes.first_box`, compiled."""
    with np.errstate(over="ignore"):  # interpreted, numpy warns of what wraps around
        _first_rules(rules, lists, packets, member, out)


@jit
def _first_rules(at: Any, lists: Array, packets: Any, member: Array, out: Array) -> None:
    sources, destinations, ports, keys, groups, marks = packets
    for row in range(len(lists)):
        out[row] = first_rule(at, lists[row], sources[row], destinations[row], ports[row], keys[row], groups[row], marks[row], member)


@forced
def first_rule(
    at: Any,
    which: Number,
    source: Number,
    destination: Number,
    port: Number,
    key: Number,
    groups: Number,
    marks: Number,
    member: Array,
) -> Number:
    """The first box of a list that covers a packet, or -1. member: by set of groups and group."""
    skipped = 0
    if at.rows[which, FORM] != SCAN:
        box = _first_header(at, which, source, destination, port, key)
        if box < 0:
            return NO_BOX
        if not at.rows[which, ASKS] & ASKS_MARKS or _fits(at, at.rows[which, BEGIN], box, groups, marks, member):
            return at.rows[which, FIRST] + box
        skipped = box + 1
    return _first_in_blocks(at, which, skipped, source, destination, port, key, groups, marks, member)


@forced
def _fits(at: Any, begin: Number, box: Number, groups: Number, marks: Number, member: Array) -> Any:
    """Whether the sender of a packet has the group and the marks that a box of a list asks for."""
    line, lane = (begin + box // LANES) * LINES, box % LANES
    group, asked = at.blocks[line + GROUPS, lane], np.int64(at.blocks[line + MARKS, lane])
    if np.int64(marks) & (asked & 0xFF) != asked >> 8:
        return False
    return group == NO_GROUP or member[groups, group]


@forced
def _first_in_blocks(
    at: Any,
    which: Number,
    skipped: Number,
    source: Number,
    destination: Number,
    port: Number,
    key: Number,
    groups: Number,
    marks: Number,
    member: Array,
) -> Number:
    """The first box of a list that covers a packet, from the one in place `skipped` on, or -1."""
    begin, end, asks = at.rows[which, BEGIN], at.rows[which, END], at.rows[which, ASKS]
    block, wanted = begin + skipped // LANES, 0xFFFF << skipped % LANES
    while block < end:
        line = block * LINES
        left = inside(at.blocks, line + 2 * KEY, key) & wanted
        if asks & ASKS_SOURCE:
            left &= inside(at.blocks, line + 2 * SOURCE, source)
        if asks & ASKS_DESTINATION:
            left &= inside(at.blocks, line + 2 * DESTINATION, destination)
        if asks & ASKS_PORT:
            left &= inside(at.blocks, line + 2 * PORT, port)
        while left != 0:
            box = (block - begin) * LANES + lowest(left)
            if not asks & ASKS_MARKS or _fits(at, begin, box, groups, marks, member):
                return at.rows[which, FIRST] + box
            left &= left - 1
        block += 1
        wanted = 0xFFFF
    return NO_BOX


@forced
def _place(at: Any, node: Number, point: Number) -> Number:
    """The place of a point along an axis, from the root of the axis's tree (`tree.py`)."""
    if node == NO_TREE:
        return 0
    while True:
        base, number = at.base[node], below(at.keys, node, point)
        if base < 0:
            return at.places[-1 - base + number]
        node = base + number


@forced
def _first_header(at: Any, which: Number, source: Number, destination: Number, port: Number, key: Number) -> Number:
    """The place of the first box of a list with an index whose header covers a packet, or -1."""
    one = _place(at, at.rows[which, ROOT + SOURCE], source)
    other = _place(at, at.rows[which, ROOT + DESTINATION], destination)
    third = _place(at, at.rows[which, ROOT + PORT], port)
    fourth = _place(at, at.rows[which, ROOT + KEY], key)
    form, begin = at.rows[which, FORM], at.rows[which, CELLS]
    if form == TABLE:
        cell = at.cells[begin + one + other + third + fourth]
    elif form == PAIRS:
        addresses = at.pairs[at.rows[which, ADDRESSES] + one + other]
        rest = at.pairs[at.rows[which, REST] + third + fourth]
        cell = at.cells[begin + addresses + rest]
    else:
        return _first_bit(at, one, other, third, fourth, begin)
    return cell if cell != NO_CELL else -1


@forced
def _first_bit(at: Any, one: Number, other: Number, third: Number, fourth: Number, summaries: Number) -> Number:
    """The number of the first bit that is set in four vectors, or -1."""
    for word in range(summaries):
        summary = _all_four(at, one + word, other + word, third + word, fourth + word)
        while summary != 0:
            bit = word * 64 + lowest(summary)
            here = _all_four(at, one + summaries + bit, other + summaries + bit, third + summaries + bit, fourth + summaries + bit)
            if here != 0:
                return bit * 64 + lowest(here)
            summary &= summary - np.uint64(1)
    return -1


@forced
def _all_four(at: Any, one: Number, other: Number, third: Number, fourth: Number) -> Number:
    return at.vectors[one] & at.vectors[other] & at.vectors[third] & at.vectors[fourth]
