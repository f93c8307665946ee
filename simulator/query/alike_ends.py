"""Ends of a matrix that nothing tells apart: one stands for all.

Of interfaces with one usual address, of which nothing else of the network speaks by name, the program is asked which are alike for the
packets of a question and their replies (`evaluate/batch/alike.py`); every other end stands for itself.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from simulator.aws.instance import Instance
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.network_load_balancer import passes_on_to
from simulator.aws.private_link import ends_behind
from simulator.aws.snapshot import Snapshot
from simulator.evaluate.batch import alike, keys
from simulator.evaluate.batch import program as is_
from simulator.evaluate.batch.arrays import Array
from simulator.evaluate.batch.program import Program
from simulator.graph.nodes import Choice, FlowGraph, Rewrite, Translate
from simulator.packet.prefix import NAT64
from simulator.packet.ranges import Ranges
from simulator.packet.service import Service
from simulator.query.endpoints import End, Sort
from simulator.query.matrix import Classes
from simulator.query.told_apart import Borders

VERSIONS = (4, 6)


class Standing(NamedTuple):
    """Those that stand for all: sources and destinations by number, and how theirs becomes everybody's answer."""

    sources: Array
    destinations: Array
    classes: Classes


def standing(
    graph: FlowGraph,
    program: Program,
    snapshot: Snapshot,
    borders: Borders,
    sources: Sequence[End],
    destinations: Sequence[End],
    services: Sequence[Service] | None,
) -> Standing:
    """One of each class of ends. services: what is asked; none: everything."""
    ends = list(dict.fromkeys([*sources, *destinations]))
    number = {end: at for at, end in enumerate(ends)}
    of = _classes(graph, program, snapshot, borders, ends, services)
    rows, columns = (np.array([of[number[end]] for end in some]) for some in (sources, destinations))
    (first, row), (last, column) = _firsts(rows), _firsts(columns)
    _apart(first, last, (rows, columns), [number[end] for end in sources], [number[end] for end in destinations])
    place = {end: at for at, end in enumerate(destinations)}
    several = np.bincount(of) > 1
    itself = [(at, place[end]) for at, end in enumerate(sources) if end in place and several[rows[at]]]
    return Standing(first, last, Classes(row, column, np.array(itself, np.int64).reshape(-1, 2)))


def _apart(first: Array, last: Array, classes: tuple[Array, Array], sources: list[int], destinations: list[int]) -> None:
    """In the pair that stands for a class within itself let its ends be two, where it has two."""
    members: tuple[dict[int, list[int]], ...] = ({}, {})
    for axis, of in zip(members, classes, strict=True):
        for at, one in enumerate(of.tolist()):
            axis.setdefault(one, []).append(at)
    where = {int(classes[1][at]): place for place, at in enumerate(last.tolist())}
    for place, at in enumerate(first.tolist()):
        one = int(classes[0][at])
        if one not in where:
            continue
        pairs = ((source, other) for source in members[0][one][:2] for other in members[1][one][:2])
        found = next((pair for pair in pairs if sources[pair[0]] != destinations[pair[1]]), None)
        if found:
            first[place], last[where[one]] = found


def _firsts(classes: Array) -> tuple[Array, Array]:
    """The first of each class, in their order; and for each end the number of its class in that order."""
    _, first, back = np.unique(classes, return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return first[order], place[back.reshape(-1)]


def _classes(
    graph: FlowGraph, program: Program, snapshot: Snapshot, borders: Borders, ends: list[End], services: Sequence[Service] | None
) -> Array:
    """The class of each end."""
    found = np.arange(len(ends))
    if _between_versions(graph, program, ends):
        return found  # of such translations a program tells nothing
    able = _Able(graph, program, snapshot)
    some = [at for at, end in enumerate(ends) if able.is_plain(end)]
    if len(some) < 2:
        return found
    ports = {Ranges.of(graph.entries[ends[at].name].source_ports) for at in some if ends[at].name in graph.entries}
    those = able.those([ends[at].name for at in some], [end for end in ends if not able.is_plain(end)])
    of = alike.classes(program, those, None if services is None else _keys(program, borders, services, ports))
    found[some] = np.array(some)[of]
    return found


class _Able:
    """Which interfaces may be alike, and what the program does not say of them."""

    def __init__(self, graph: FlowGraph, program: Program, snapshot: Snapshot) -> None:
        self.graph, self.program, self.snapshot = graph, program, snapshot
        self.hosts = {name: host.id for host in snapshot.all(Instance) if len(host.interfaces) == 1 for name in host.interfaces}
        self.named = {name for host in snapshot.all(Instance) if len(host.interfaces) > 1 for name in host.interfaces}
        for _, noun in snapshot.everything():
            if not isinstance(noun, Instance):
                self.named.update(getattr(noun, "interfaces", ()) or ())
        self.named.update(name for names in passes_on_to(snapshot).values() for name in names)
        self.numbers = {name: at for at, name in enumerate(program.endpoints)}

    def is_plain(self, end: End) -> bool:
        """Whether an end is an interface by its only address, or one of each IP version, which nothing else speaks of."""
        if end.sort is not Sort.INTERFACE or end.address or end.blocks or end.service or end.name in self.named:
            return False
        interface = self.snapshot.get(NetworkInterface, end.name)
        if interface is None or interface.delegated or any(address.public for address in interface.addresses):
            return False
        versions = [version for version, _ in interface.private_addresses]
        return len(set(versions)) == len(versions) and end.name in self.numbers and not ends_behind(self.snapshot, end.name)

    def those(self, names: list[str], others: Iterable[End]) -> alike.Those:
        """The interfaces as the program knows them."""
        at = {name: number for number, name in enumerate(names)}
        places = {self.hosts.get(name, name): number for name, number in at.items()} | at
        owner = np.array([places.get(node.place.id, -1) for node in self.graph.nodes], np.int32)
        interfaces = [interface for name in names if (interface := self.snapshot.get(NetworkInterface, name))]
        points = {
            version: np.array(
                [
                    next((self.program.spaces[of].point(value) for of, value in one.private_addresses if of == version), -1)
                    for one in interfaces
                ],
                np.int64,
            )
            for version in VERSIONS
        }
        entries = [self.graph.entries.get(name) for name in names]
        known: dict[Hashable, int] = {}
        told = [(entry.source_ports, tuple(version for version, _ in entry.addresses)) if entry else None for entry in entries]
        rest = [
            known.setdefault((one.vpc, one.type, one.attached, one.replies_only, one.closed_to_internet, more), len(known))
            for one, more in zip(interfaces, told, strict=True)
        ]
        starts = [entry.node if entry and isinstance(entry.node, int) else -1 for entry in entries]
        return alike.Those(
            alike.own_nodes(self.program, owner),
            np.array([self.numbers[name] for name in names], np.int64),
            np.array(starts, np.int64),
            points,
            np.array(rest, np.int64),
            {version: self._borders(version, others) for version in VERSIONS},
            np.array(list(self._left_to_the_walker()), np.int64).reshape(-1, 2),
        )

    def _left_to_the_walker(self) -> Iterator[tuple[int, int]]:
        """The steps of choices that a program does not have."""
        for at in np.flatnonzero(self.program.nodes.kind == is_.MASQUERADE).tolist():
            node = self.graph.nodes[at]
            if isinstance(node, Choice):
                yield from ((at, target) for _, target in node.options if isinstance(target, int))

    def _borders(self, version: int, others: Iterable[End]) -> Array:
        """The borders of what other ends are."""
        space = self.program.spaces[version]
        found: list[int] = []
        for end in others:
            for block in end.blocks:
                if block.version == version:
                    found += [space.point(block.first), space.point(block.last) + 1]
            if end.address is not None and end.address[0] == version:
                found += [space.point(end.address[1]), space.point(end.address[1]) + 1]
        return np.array(found, np.int64)


def _between_versions(graph: FlowGraph, program: Program, ends: Iterable[End]) -> bool:
    """Whether some header may go on as one of the other IP version: such a one is translated, or written for NAT64."""
    for end in ends:
        if any(block.version == NAT64.version and (NAT64.contains(block) or block.contains(NAT64)) for block in end.blocks):
            return True
        if end.address is not None and NAT64.holds(*end.address):
            return True
    translations = (graph.nodes[at] for at in np.flatnonzero(program.nodes.kind == is_.TRANSLATE).tolist())
    how = (node.how for node in translations if isinstance(node, Rewrite))
    return any(one[0] != other[0] for of in how if isinstance(of, Translate) for one, other in of.addresses.items())


def _keys(program: Program, borders: Borders, services: Sequence[Service], ports: Iterable[Ranges]) -> list[tuple[int, int]]:
    """The keys of all packets that a question about services sends, and of what becomes of them and their replies on the way."""
    sent = {
        int(keys.keys_of(*(np.array([value], np.uint32) for value in header))[0])
        for service in services
        for version in VERSIONS
        if service.version in (None, version)
        for of in ports
        for box in service.boxes(version, of)
        for header in borders.headers(box)
    }
    pages = sorted({key >> 16 for key in sent if key >> 16 <= keys.UDP_PAGE})
    back = {int(keys.reverse(np.array([key], np.uint32), np.array([0], np.uint32))[0][0]) for key in sent if key >> 16 > keys.UDP_PAGE}
    sent |= back | {page << 16 | port for page in pages for port in program.marks.redirect_port.tolist()}
    own = [port for of in ports for port in (of.first, of.last)] + program.marks.ports.reshape(-1).tolist()
    first, last = min(own, default=0), max(own, default=0xFFFF)
    return [*((key, key) for key in sorted(sent)), *((page << 16 | first, page << 16 | last) for page in pages)]
