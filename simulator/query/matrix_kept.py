"""What a matrix leaves behind so that it can be answered again after an edit: for each node of the graph, whose packets met it.

A pair whose packets met no node that an edit changed fares as before: a walk is determined by the nodes it meets. So after an edit those
pairs are asked again for which a changed node was met, and all others keep their answers. Of a node the senders and the receivers are
kept, not the pairs, so that some are asked again for nothing; none is left out. `tests/query/test_matrix_again.py` compares with matrices
computed anew.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from simulator.aws.network_acl import NetworkAcl
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.route_table import RouteTable
from simulator.aws.security_group import SecurityGroup
from simulator.aws.snapshot import Snapshot
from simulator.evaluate.batch.arrays import Array
from simulator.graph.nodes import AnyNode
from simulator.query.endpoints import End

Bits = int  # a set of numbers on one axis of the matrix


class Block(NamedTuple):
    """Some sources and some destinations of a matrix: bool, by number on its axis."""

    rows: Array
    columns: Array


@dataclass(slots=True)
class Met:
    """Whose packets met which nodes, noted while a matrix of `shape` is made.

    by_node: of pairs that walk in crowds, the sources and destinations; exactly: of each pair that the exact analysis answered, the nodes
    it read; singly: sources and destinations of pairs that were walked alone, which nobody noted.
    """

    shape: tuple[int, int]
    by_node: dict[int, tuple[Bits, Bits]] = field(default_factory=dict)
    exactly: dict[tuple[int, int], frozenset[int]] = field(default_factory=dict)
    singly: tuple[Bits, Bits] = (0, 0)
    _same: dict[Bits, Bits] = field(default_factory=dict)  # most sets are everybody: one object stands for all equal ones

    def crowd(self, node: int, rows: Array, columns: Array) -> None:
        """Packets between these sources and destinations are at a node."""
        before = self.by_node.get(node, (0, 0))
        self.by_node[node] = self._joined(before, rows, columns)

    def alone(self, rows: Array, columns: Array) -> None:
        """Pairs of these sources and destinations are walked one by one."""
        self.singly = self._joined(self.singly, rows, columns)

    def _joined(self, before: tuple[Bits, Bits], rows: Array, columns: Array) -> tuple[Bits, Bits]:
        one, other = before[0] | _bits(rows, self.shape[0]), before[1] | _bits(columns, self.shape[1])
        return self._same.setdefault(one, one), self._same.setdefault(other, other)

    def blocks(self, nodes: Collection[int]) -> Iterator[Block]:
        """The pairs that met one of some nodes in a crowd, or may have met it alone; in few blocks, with others between them: crowds cost
        by how many senders and receivers walk, and hardly by how many pairs.
        """
        found: list[tuple[Bits, Bits]] = []
        for rows, columns in {*(self.by_node[node] for node in nodes if node in self.by_node), *([self.singly] if nodes else [])}:
            for place, (some, others) in enumerate(found):
                together = rows | some, columns | others
                if _cost(*together) <= _cost(rows, columns) + _cost(some, others):
                    found[place] = together
                    break
            else:
                found.append((rows, columns))
        for rows, columns in found:
            if rows and columns:
                yield Block(_array(rows, self.shape[0]), _array(columns, self.shape[1]))


class Noted(Sequence[AnyNode]):
    """The nodes of a graph, and which of them were read."""

    def __init__(self, nodes: Sequence[AnyNode]) -> None:
        self.nodes, self.read = nodes, set[int]()

    def __getitem__(self, at):  # type: ignore[no-untyped-def]  # a slice of nodes nobody takes
        self.read.add(at)
        return self.nodes[at]

    def __len__(self) -> int:
        return len(self.nodes)


class Kept(NamedTuple):
    """A finished matrix as its arrays, for the next one. exact: bool, which pairs the exact analysis answered."""

    sources: tuple[End, ...]
    destinations: tuple[End, ...]
    services: tuple[str, ...]
    seen: Array
    exact: Array
    met: Met


class Before(NamedTuple):
    """The matrix of the network that an edited one is a copy of, and the nodes in which their graphs differ."""

    kept: Kept
    nodes: frozenset[int]


def only_on_the_way(before: Snapshot, after: Snapshot, nouns: Iterable[tuple[type, str]]) -> bool:
    """Whether replaced nouns play no part in how a question is put, only in what its packets meet: rules, routes, groups, checks."""
    for of, noun_id in nouns:
        if of in (SecurityGroup, NetworkAcl, RouteTable):
            continue
        one, other = before.nouns[of][noun_id], after.nouns[of][noun_id]
        if not (isinstance(one, NetworkInterface) and isinstance(other, NetworkInterface)):
            return False
        if replace(one, groups=other.groups, check=other.check) != other:
            return False
    return True


def _cost(rows: Bits, columns: Bits) -> int:
    return rows.bit_count() + columns.bit_count()


def _bits(numbers: Array, most: int) -> Bits:
    flags = np.zeros(most, bool)
    flags[numbers] = True
    return int.from_bytes(np.packbits(flags, bitorder="little").tobytes(), "little")


def _array(bits: Bits, most: int) -> Array:
    data = np.frombuffer(bits.to_bytes((most + 7) // 8, "little"), np.uint8)
    found: Array = np.unpackbits(data, count=most, bitorder="little").astype(bool)
    return found
