"""The first box that covers each packet, by what the index has for its list: `boxes.first_box`, many times faster on long lists."""

from __future__ import annotations

import numpy as np

from simulator.evaluate.batch.arrays import Array
from simulator.evaluate.batch.axes import AXES, DESTINATION, KEY, PORT, SOURCE
from simulator.evaluate.batch.bit_vectors import WORD
from simulator.evaluate.batch.boxes import NO_BOX, Boxes, Packets, first_box, marks_fit
from simulator.evaluate.batch.index import NO_CELL, PAIRS, SCAN, TABLE, VECTORS, Index
from simulator.evaluate.batch.intervals import look_up


def first_indexed(boxes: Boxes, index: Index, lists: Array, packets: Packets, member: Array) -> Array:
    """The first box of its list that covers each packet, or -1."""
    form = index.form[lists]
    if not form.any():
        return first_box(boxes, lists, packets, member)
    found = np.full(len(lists), NO_BOX, np.int32)
    begin = boxes.first[lists]
    rows = np.flatnonzero(form != SCAN)
    found[rows] = candidate = _first_headers(boxes, index, lists[rows], packets.rows(rows))
    there = np.flatnonzero(candidate != NO_BOX)
    fits = marks_fit(boxes, candidate[there], packets.rows(rows[there]), member)
    others = rows[there[~fits]]
    begin[others] = found[others] + 1
    scanned = np.concatenate([np.flatnonzero(form == SCAN), others])
    if scanned.size:
        found[scanned] = first_box(boxes, lists[scanned], packets.rows(scanned), member, begin[scanned])
    return found


def _first_headers(boxes: Boxes, index: Index, lists: Array, packets: Packets) -> Array:
    """The first box of its list whose header covers each packet, whatever the marks; all lists are in the index."""
    number = index.number[lists].astype(np.intp)
    places = np.empty((AXES, len(lists)), np.intp)
    cut = np.diff(index.cuts.first).reshape(-1, AXES).max(axis=0) > 1
    for axis, points in ((SOURCE, packets.source), (DESTINATION, packets.destination), (PORT, packets.port), (KEY, packets.key)):
        places[axis] = look_up(index.cuts, AXES * number + axis, points) if cut[axis] or len(index.vectors) else 0
    form, begin = index.form[lists], index.begin[number]
    cell = np.full(len(lists), NO_CELL, np.int64)
    rows = np.flatnonzero(form == TABLE)
    cell[rows] = index.cells[begin[rows, 0] + places[:, rows].sum(axis=0)]
    rows = np.flatnonzero(form == PAIRS)
    if rows.size:
        addresses = index.pairs[begin[rows, 1] + places[SOURCE, rows] + places[DESTINATION, rows]]
        rest = index.pairs[begin[rows, 2] + places[PORT, rows] + places[KEY, rows]]
        cell[rows] = index.cells[begin[rows, 0] + addresses + rest]
    rows = np.flatnonzero(form == VECTORS)
    if rows.size:
        cell[rows] = _first_bits(index.vectors, places[:, rows], begin[rows, 0])
    return np.where(cell == NO_CELL, NO_BOX, boxes.first[lists] + cell).astype(np.int32)


def _first_bits(vectors: Array, places: Array, summaries: Array) -> Array:
    """The first bit that is set in the four vectors of each packet, or `NO_CELL`. Word by word of the summaries, the packets that still
    look for one try the lowest bit that is left.
    """
    found = np.full(places.shape[1], NO_CELL, np.int64)
    rows = np.arange(places.shape[1])
    for word in range(int(summaries.max())):
        rows = rows[(found[rows] == NO_CELL) & (word < summaries[rows])]
        summary = _all_four(vectors, places[:, rows] + word)
        trying, left = rows, summary
        while trying.size:
            trying, left = trying[left != 0], left[left != 0]
            bit = WORD * word + _lowest(left)
            here = _all_four(vectors, places[:, trying] + summaries[trying] + bit)
            hit = here != 0
            found[trying[hit]] = WORD * bit[hit] + _lowest(here[hit])
            trying, left = trying[~hit], (left & (left - np.uint64(1)))[~hit]
    return found


def _all_four(vectors: Array, places: Array) -> Array:
    found: Array = vectors[places[0]] & vectors[places[1]] & vectors[places[2]] & vectors[places[3]]
    return found


def _lowest(words: Array) -> Array:
    """The number of the lowest bit of words that have one."""
    found: Array = np.bitwise_count((words & (~words + np.uint64(1))) - np.uint64(1)).astype(np.intp)
    return found
