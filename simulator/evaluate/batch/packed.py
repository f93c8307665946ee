"""A program by row instead of by column, for compiled code: a step touches one line of the cache for its node, and one for each box."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.evaluate.batch.arrays import Array
from simulator.evaluate.batch.boxes import Boxes
from simulator.evaluate.batch.program import Program
from simulator.evaluate.batch.tree import Tree, grow_beside


class Packed(NamedTuple):
    """Nodes and boxes by row, so that a step touches one line of the cache for its node and one for each box.

    nodes: int32, by node and the columns KIND to FLAGS. targets: int32. rules, unread: uint32, by box and the columns SOURCE to RULE;
    first and unread_first: int32, where the boxes of a list begin.
    """

    nodes: Array
    targets: Array
    first: Array
    rules: Array
    unread_first: Array
    unread: Array
    trees: Tree


KIND, THEN, MISS, FIRST, SECOND, ENDING, WATCHED = range(7)
SOURCE, SOURCE_SPAN, DESTINATION, DESTINATION_SPAN, PORT, PORT_SPAN, KEY, KEY_SPAN, GROUP, MARKS, RULE = range(11)
NO_GROUP = 0xFFFFFFFF


def pack(of: Program, version: int) -> Packed:
    """The rows of a program."""
    nodes, tables = of.nodes, of.tables[version]
    rows = np.zeros((len(nodes.kind), 8), np.int32)
    for column, values in enumerate((nodes.kind, nodes.then, nodes.miss, nodes.first, nodes.second, nodes.disposition, nodes.watched)):
        rows[:, column] = values
    return Packed(
        rows,
        nodes.targets,
        tables.rules.first,
        rows_of(tables.rules),
        tables.unread.first,
        rows_of(tables.unread),
        grow_beside(tables.routes, tables.huge),
    )


def rows_of(boxes: Boxes) -> Array:
    """Boxes by row."""
    marks = boxes.asked.astype(np.uint32) | boxes.wanted.astype(np.uint32) << 8 | boxes.action.astype(np.uint32) << 16
    columns = (*boxes[1:9], boxes.group.astype(np.uint32), marks, boxes.rule.astype(np.uint32))
    rows = np.zeros((len(boxes.rule), 16), np.uint32)
    for column, values in enumerate(columns):
        rows[:, column] = values
    return rows
