"""How each rule list is best asked for its first match, and what is built for it beforehand: an index of the lists of a program.

| form      | what is built                                                        | where it is best                             |
| --------- | -------------------------------------------------------------------- | -------------------------------------------- |
| `SCAN`    | nothing: the boxes, in turn                                          | short lists                                  |
| `TABLE`   | a cell for each class of source x destination x port x key           | lists that ask for one of the two addresses  |
| `PAIRS`   | classes of pairs (source and destination, port and key), and a cell  | long lists that ask for both (`pair_tables`) |
|           | for each two: recursive flow classification                          |                                              |
| `VECTORS` | a bit for each box and class, on each axis (`bit_vectors`)           | where those tables would be too large        |

A cell says the first box whose header covers the packet. Whether its sender's group and marks fit is asked after that; where they do not,
the boxes behind it are gone through in turn.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, NamedTuple

import numpy as np

from simulator.evaluate.batch import bit_vectors, pair_tables
from simulator.evaluate.batch.arrays import Array
from simulator.evaluate.batch.axes import AXES, Axes, axes_of, spans
from simulator.evaluate.batch.boxes import ANY_GROUP, Boxes
from simulator.evaluate.batch.intervals import Intervals

SCAN, TABLE, PAIRS, VECTORS = range(4)
NO_CELL = 0xFFFF
LONGEST = NO_CELL - 1  # boxes of a list: a cell has 16 bits
MOST_CELLS = 1 << 18  # of one list's table
CELLS_FOR_A_BOX = 256  # a table larger than this many for each of its boxes costs more of the cache than it saves
MOST_PAINTED = 1 << 24  # cells that are written while one table is built, those that are written again included
LONG = 64  # boxes: from here on it pays to build more than a table
AT_A_TIME = 1 << 21
Choice = Callable[[Axes, Array], Array]  # by axes and numbers of boxes, the forms of lists


class Index(NamedTuple):
    """What was built for some lists.

    form: uint8, by list. number: int32, by list: which of those that have something, or -1. cuts: four tables (`axes.py`) for each of
    these; the values of the points of a packet are places along the four axes, to be added up. begin: int64, by number: where its cells
    begin, then its pairs of addresses, then its pairs of ports and keys; of `VECTORS`, how many words of summary a vector has. cells:
    uint16, the number of a box in its list, or `NO_CELL`. pairs: int32. vectors: uint64.
    """

    form: Array
    number: Array
    cuts: Intervals
    begin: Array
    cells: Array
    pairs: Array
    vectors: Array


class Worth(NamedTuple):
    """From where on an index pays for an evaluator: boxes of a list, and flows that are asked about for each such list."""

    boxes: int
    flows: int


def index_when_worth(prepared: dict[Any, Any], key: Hashable, boxes: Boxes, flows: int, worth: Worth) -> Index | None:
    """The index of a program's lists, once so many flows were asked about that building it pays; it is kept in `prepared` by `key`, and
    so are the flows.
    """
    known: Index | None
    known, asked = prepared.get(key, (None, 0))
    asked += flows
    if known is None:
        lists = int((np.diff(boxes.first) >= worth.boxes).sum())
        known = index_of(boxes, worth.boxes) if lists and asked >= lists * worth.flows else None
    prepared[key] = known, asked
    return known


def index_of(boxes: Boxes, shortest: int, choose: Choice | None = None) -> Index:
    """The index of all lists of at least `shortest` boxes. Lists most of whose boxes ask for groups or marks are left as they are: what is
    built knows headers only. choose: the form of each list, where it is not the cheapest one's.
    """
    size = np.diff(boxes.first)
    asks_more = (boxes.group != ANY_GROUP) | (boxes.asked != 0)
    asking = np.diff(np.concatenate([[0], np.cumsum(asks_more)])[boxes.first])
    lists = np.flatnonzero((size >= shortest) & (size <= LONGEST) & (2 * asking <= size))
    form = np.full(len(size), SCAN, np.uint8)
    number = np.full(len(size), -1, np.int32)
    axes = axes_of(boxes, lists)
    form[lists] = forms = (choose or cheapest)(axes, size[lists])
    strides = np.zeros((len(lists), AXES), np.int64)
    base = np.zeros((len(lists), AXES), np.int64)
    begin = np.zeros((len(lists), 3), np.int64)
    cells, pairs, vectors = [_tables(axes, forms, strides, begin)], [np.zeros(0, np.int32)], [np.zeros(0, np.uint64)]
    classes = axes.classes.reshape(-1, AXES)
    for at in np.flatnonzero(forms == PAIRS).tolist():
        built = pair_tables.build(axes, at)
        if built is None:
            forms[at] = VECTORS
            continue
        begin[at] = sum(map(len, cells)), sum(map(len, pairs)), sum(map(len, pairs)) + len(built.addresses)
        cells.append(built.cells)
        pairs += [built.addresses, built.rest]
        strides[at] = classes[at, 1], 1, classes[at, 3], 1
    for at in np.flatnonzero(forms == VECTORS).tolist():
        words = bit_vectors.build(axes, at)
        begin[at, 0] = bit_vectors.words_of(int(size[lists[at]]))[0]
        strides[at] = words.shape[1]
        base[at] = sum(map(len, vectors)) + words.shape[1] * np.concatenate([[0], np.cumsum(classes[at])[:-1]])
        vectors.append(words.ravel())
    form[lists] = forms
    kept = np.flatnonzero(forms != SCAN)
    number[lists[kept]] = np.arange(len(kept))
    cuts = _chosen(axes.cuts, kept, strides, base)
    return Index(form, number, cuts, begin[kept], np.concatenate(cells), np.concatenate(pairs), np.concatenate(vectors))


def cheapest(axes: Axes, size: Array) -> Array:
    """The form of each list, by what it would cost."""
    classes = axes.classes.reshape(-1, AXES)
    cells = classes.prod(axis=1)
    written = np.zeros(len(size))
    np.add.at(written, axes.owner, _most_written(axes).astype(float))
    table = (cells <= MOST_CELLS) & (cells <= CELLS_FOR_A_BOX * size) & (written <= MOST_PAINTED)
    pairs = (size >= LONG) & pair_tables.are_worth_trying(classes)
    found: Array = np.select([table, pairs, size >= LONG], [TABLE, PAIRS, VECTORS], SCAN)
    return found


def _most_written(axes: Axes) -> Array:
    """By box, how many cells it covers at most: some of its intervals may be of one class."""
    found: Array = np.minimum(axes.other - axes.one, axes.classes[AXES * axes.owner + np.arange(AXES)[:, None]]).prod(axis=0)
    return found


def _tables(axes: Axes, forms: Array, strides: Array, begin: Array) -> Array:
    """The cells of all lists that get a table, one list after the other; `strides` and `begin` of these are filled in."""
    classes = axes.classes.reshape(-1, AXES)
    here = forms == TABLE
    strides[here, :] = np.cumprod(np.concatenate([np.ones((here.sum(), 1), np.int64), classes[here, :0:-1]], axis=1), axis=1)[:, ::-1]
    cells = np.where(here, classes.prod(axis=1), 0)
    begin[:, 0] = np.cumsum(cells) - cells
    found = np.full(int(cells.sum()), NO_CELL, np.uint16)
    rows = np.flatnonzero(here[axes.owner])
    place = np.arange(len(axes.owner)) - np.searchsorted(axes.owner, axes.owner)  # of each box in its list
    work = np.cumsum(_most_written(axes)[rows] + (axes.other - axes.one)[:, rows].sum(axis=0)) // AT_A_TIME
    for some in np.split(rows, np.flatnonzero(np.diff(work)) + 1) if len(rows) else ():
        covered = [_covered(axes, axis, some) for axis in range(AXES)]
        counts = np.array([np.diff(first) for first, _ in covered])
        which = np.repeat(np.arange(len(some)), counts.prod(axis=0))
        left = spans(np.zeros(len(some), np.int64), counts.prod(axis=0))
        owner = axes.owner[some][which]
        cell = begin[owner, 0]
        for axis in reversed(range(AXES)):
            first, values = covered[axis]
            cell = cell + values[first[which] + left % counts[axis][which]] * strides[owner, axis]
            left //= counts[axis][which]
        np.minimum.at(found, cell, place[some][which].astype(np.uint16))
    return found


def _covered(axes: Axes, axis: int, some: Array) -> tuple[Array, Array]:
    """The classes that some boxes cover on one axis, and where those of each begin."""
    one, size = axes.one[axis][some], (axes.other - axes.one)[axis][some]
    values, owner = axes.cuts.values[spans(one, size)].astype(np.int64), np.repeat(np.arange(len(some)), size)
    most = int(values.max(initial=0)) + 1
    both = np.unique(owner * most + values)
    return np.searchsorted(both, np.arange(len(some) + 1) * most), both % most


def _chosen(cuts: Intervals, kept: Array, strides: Array, base: Array) -> Intervals:
    """The axes of the lists that have something, with places instead of classes."""
    tables = (AXES * kept[:, None] + np.arange(AXES)).ravel()
    begin, size = cuts.first[tables].astype(np.int64), np.diff(cuts.first)[tables].astype(np.int64)
    rows = spans(begin, size)
    places = cuts.values[rows] * np.repeat(strides[kept].ravel(), size) + np.repeat(base[kept].ravel(), size)
    return Intervals(np.concatenate([[0], np.cumsum(size)]).astype(np.int32), cuts.starts[rows], places.astype(np.int32))
