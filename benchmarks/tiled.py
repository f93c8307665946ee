"""A program many times side by side: what the evaluators of many flows meet on networks too large to be read for a benchmark.

Copies share nothing but sets of groups, so that nothing is found in a cache because some other copy used it. A flow of a copy ends as it
does in the original, at the same node of its copy: `away` takes the distance off again, and makes any run verifiable.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.evaluate.batch import program as of
from simulator.evaluate.batch.arrays import Array
from simulator.evaluate.batch.boxes import Boxes
from simulator.evaluate.batch.directory import directory_of
from simulator.evaluate.batch.flows import Outcomes, Starts
from simulator.evaluate.batch.intervals import joined
from simulator.evaluate.batch.program import Marks, Nodes, Program, Tables

LARGE = 1 << 32


class Tiled(NamedTuple):
    """The program of all copies; how many nodes and endpoints each has."""

    program: Program
    nodes: int
    endpoints: int

    def starts(self, starts: Starts, copy: Array) -> Starts:
        """The same flows, each in a copy."""
        shift = copy.astype(np.int32)
        expected, also = (np.where(some >= 0, some + shift * self.endpoints, some) for some in (starts.expected, starts.also))
        return starts._replace(node=starts.node + shift * self.nodes, expected=expected, also=also)

    def away(self, outcomes: Outcomes, copy: Array) -> list[Array]:
        """Dispositions, nodes and rules of both legs, nodes as in the original."""
        shift = copy.astype(np.int64) * self.nodes
        return [
            column
            for ends in (outcomes.forward, outcomes.back)
            for column in (ends.disposition, np.where(ends.node >= 0, ends.node - shift, -1), ends.rule)
        ]


def tiled(program: Program, copies: int) -> Tiled:
    """Copies of a program, IPv4 only."""
    nodes, tables = program.nodes, program.tables[4]
    size, ends = len(nodes.kind), len(program.endpoints)
    pairs = int(tables.pair_from[-1] >> np.uint64(32)) + 1 if len(tables.pair_from) else 1
    counts = {
        of.LOOKUP: len(tables.routes.first) - 1,
        of.FILTER: len(program.marks.permits),
        of.SEND: len(tables.bound),
        of.TRANSLATE: pairs,
        of.MASQUERADE: len(tables.nat_first) - 1,
        of.REDIRECT: len(tables.redirect),
        of.DELIVER: ends,
    }
    each = np.array([counts.get(kind, 0) for kind in range(of.DROP + 1)], np.int32)[nodes.kind]
    wide = np.isin(nodes.kind, (of.LOOKUP, of.CHOICE)) * np.int32(len(nodes.targets))
    many = Nodes(
        np.tile(nodes.kind, copies),
        _moved(nodes.then, size, copies),
        _moved(nodes.miss, size, copies),
        _further(nodes.first, each, copies),
        _further(nodes.second, wide, copies),
        np.tile(nodes.disposition, copies),
        np.tile(nodes.watched, copies),
        _moved(nodes.targets, size, copies),
    )
    marks = program.marks
    marks = Marks(
        _further(marks.endpoint, ends, copies),
        *(np.tile(column, copies) for column in (marks.groups, marks.limited, marks.permits)),
        marks.member,
        np.tile(marks.ports, (copies, 1)),
        np.tile(marks.redirect_port, copies),
        marks.losses,
    )
    return Tiled(Program(many, marks, {4: _tables(tables, pairs, copies)}, program.spaces, program.endpoints), size, ends)


def _tables(tables: Tables, pairs: int, copies: int) -> Tables:
    routes = joined([tables.routes] * copies)
    wide = np.repeat(np.arange(copies, dtype=np.uint64) * np.uint64(pairs * LARGE), len(tables.pair_from))
    return Tables(
        routes,
        directory_of(routes),
        _boxes(tables.rules, copies),
        _boxes(tables.unread, copies),
        np.tile(tables.bound, copies),
        _firsts(tables.own_first, copies),
        np.tile(tables.own, copies),
        np.tile(tables.own_last, copies),
        np.tile(tables.pair_from, copies) + wide,
        np.tile(tables.pair_to, copies),
        _firsts(tables.nat_first, copies),
        np.tile(tables.nat, copies),
        np.tile(tables.redirect, copies),
    )


def _boxes(boxes: Boxes, copies: int) -> Boxes:
    return Boxes(_firsts(boxes.first, copies), *(np.tile(column, copies) for column in boxes[1:]))


def _firsts(first: Array, copies: int) -> Array:
    """Where the parts of each copy begin; the last is the end of all."""
    return np.append(_further(first[:-1], int(first[-1]), copies), np.int32(int(first[-1]) * copies)).astype(first.dtype)


def _further(column: Array, by: Array | int, copies: int) -> Array:
    """Each copy as much further as all before it are long."""
    found: Array = (column[None, :] + np.arange(copies, dtype=column.dtype)[:, None] * np.asarray(by, column.dtype)).reshape(-1)
    return found


def _moved(column: Array, by: int, copies: int) -> Array:
    """The same, but what says "nowhere" (-1)."""
    return _further(column, np.where(column >= 0, by, 0), copies)
