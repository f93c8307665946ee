"""Who reaches whom: the verdicts of `can` for every pair of ends and every service, as one array.

Between interfaces a packet of every cell of headers that the rules tell apart (`told_apart.py`) is followed for all pairs at once, in both
IP versions (`simple_pairs.py`). A pair whose way is not that simple (the service chooses something, an end is no plain interface) is given
to the exact analysis. Both are counted; the answers are those of `can`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import cast

import numpy as np

from simulator.aws.instance import Instance
from simulator.aws.snapshot import Snapshot
from simulator.evaluate.batch.arrays import Array
from simulator.evaluate.batch.program import Program
from simulator.evaluate.exact import PIECE_LIMIT, TooManyPiecesError, explore
from simulator.graph.nodes import AnyNode, FlowGraph
from simulator.packet.ranges import Ranges
from simulator.packet.service import Service
from simulator.packet.space import ALL_PORTS, Box
from simulator.problems import InputError
from simulator.query.alike_ends import standing
from simulator.query.endpoints import End, Sort
from simulator.query.matrix import FAILS, GAP, WORKS, Classes, Matrix
from simulator.query.matrix_kept import Before, Block, Kept, Met, Noted
from simulator.query.parties import parties
from simulator.query.services import parsed_service
from simulator.query.simple_pairs import Interfaces, SimplePairs
from simulator.query.space import Asked, can_start, destinations_of, pairs_of_ends, spoken_by
from simulator.query.told_apart import Borders

VERSIONS = (4, 6)
Progress = Callable[[int, int], None]
Part = tuple[tuple[int, int], ...]  # from where to where on each axis


def matrix(
    graph: FlowGraph,
    program: Program,
    snapshot: Snapshot,
    service: str | None = None,
    *,
    network: str = "",
    sources: Sequence[str] | None = None,
    destinations: Sequence[str] | None = None,
    progress: Progress | None = None,
    before: Before | None = None,
    remember: bool = False,
    part: Part | None = None,
) -> tuple[Matrix, Kept | None]:
    """All pairs of some ends (`Network.matrix`), and with `remember` what is kept for the next time. `before`: the matrix of the network
    that this one is an edited copy of; `part`: a block of the matrix. Raises `InputError` for words that mean nothing.
    """
    rows, columns, wanted = axes_of(graph, snapshot, service, sources, destinations)
    if part:
        rows, columns, wanted = rows[slice(*part[0])], columns[slice(*part[1])], wanted[slice(*part[2])]
    borders = Borders.of(graph)
    asked, ends = [one for _, one in wanted], ([end for _, end in rows], [end for _, end in columns])
    progress = progress or (lambda _done, _of: None)
    axes = tuple(ends[0]), tuple(ends[1]), tuple(name for name, _ in wanted)
    again = before if before and before.kept[:3] == axes else None
    classes, kept = Classes.of_their_own(len(rows), len(columns)), None
    if again or remember:
        run = _Run(graph, program, snapshot, borders, *ends, asked, Met((len(rows), len(columns))))
        if again:
            run.again(again, progress)
        else:
            run.all(progress)
        kept = Kept(*axes, run.seen, run.exact, run.met) if run.met else None
    else:
        some, others, classes = standing(graph, program, snapshot, borders, *ends, asked if service or part else None)
        run = _Run(graph, program, snapshot, borders, [ends[0][at] for at in some], [ends[1][at] for at in others], asked)
        run.all(progress)
    said: Array = np.any(run.seen, axis=(0, 1)) | (service is not None)  # ICMPv6 of a network without IPv6 says nothing
    any_asked = run.seen.any(axis=2)
    found = Matrix(
        network,
        tuple(word for word, _ in rows),
        tuple(word for word, _ in columns),
        tuple(name for (name, _), keep in zip(wanted, said, strict=True) if keep),
        run.seen if said.all() else run.seen[:, :, said],
        classes,
        classes.count(any_asked & ~run.exact),
        classes.count(any_asked & run.exact),
        run.flows,
        run.asked,
    )
    return found, kept


def axes_of(
    graph: FlowGraph,
    snapshot: Snapshot,
    service: str | None = None,
    sources: Sequence[str] | None = None,
    destinations: Sequence[str] | None = None,
) -> tuple[list[tuple[str, End]], list[tuple[str, End]], list[tuple[str, Service]]]:
    """The sources, destinations and services of a matrix with the words for them. Raises `InputError` for words that mean nothing."""
    rows = [
        one for one in parties(graph, snapshot, sources) if can_start(graph, one[1]) and one[1].sort not in (Sort.NOBODY, Sort.PLATFORM)
    ]
    columns = parties(graph, snapshot, destinations)
    if not rows or not columns:
        raise InputError("nobody is left to ask about: none of the sources starts connections" if columns else "there is no destination")
    wanted = [(str(parsed_service(service)), parsed_service(service))] if service else list(Borders.of(graph).services())
    return rows, columns, wanted


def plain_pairs(
    graph: FlowGraph, program: Program, snapshot: Snapshot, sources: Sequence[End], destinations: Sequence[End], services: Sequence[Service]
) -> tuple[Array, Array]:
    """The answers of the pairs whose way is simple (`Matrix.seen`), and which pairs are left for the exact analysis.

    Each service has to lie in one cell of what the rules tell apart (`told_apart.py`).
    """
    run = _Run(graph, program, snapshot, Borders.of(graph), list(sources), list(destinations), list(services))
    run._simply(Block(*(np.ones(size, bool) for size in run.exact.shape)))
    return run.seen, run.exact


class _Run:
    """All pairs under way."""

    def __init__(
        self,
        graph: FlowGraph,
        program: Program,
        snapshot: Snapshot,
        borders: Borders,
        sources: list[End],
        destinations: list[End],
        services: list[Service],
        met: Met | None = None,
    ) -> None:
        self.graph, self.program, self.snapshot, self.borders, self.services = graph, program, snapshot, borders, services
        self.sources, self.destinations, self.met = sources, destinations, met
        self.seen = np.zeros((len(sources), len(destinations), len(services)), np.uint8)
        self.exact = np.ones((len(sources), len(destinations)), bool)  # pairs for the exact analysis
        self.ends: dict[tuple[int, bool], tuple[Interfaces, list[int]]] = {}
        self.numbers = {name: at for at, name in enumerate(program.endpoints)}
        self.source_guests, self.destination_guests = (
            np.array([self._guest(end.name) for end in ends]) for ends in (self.sources, self.destinations)
        )
        self.flows = self.asked = 0

    def all(self, progress: Progress) -> None:
        """Fill the array; `progress` is told how many of the pairs for the exact analysis are done."""
        self._simply(Block(*(np.ones(size, bool) for size in self.exact.shape)))
        pairs = np.argwhere(self.exact)
        for done, (source, destination) in enumerate(pairs.tolist()):
            progress(done, len(pairs))
            self._exactly(source, destination)
        self.asked = self.exact.size

    def again(self, before: Before, progress: Progress) -> None:
        """Fill the array with the answers from before an edit, and ask those pairs again that met what it changed."""
        kept, met = before.kept, before.kept.met
        self.seen, self.exact = kept.seen.copy(), kept.exact.copy()
        self.met = None  # edited copies of a copy are answered out of the first matrix
        asked = np.zeros_like(self.exact)
        for block in met.blocks(before.nodes):
            self._simply(block)
            asked[np.ix_(*block)] = True
        pairs = [
            (int(one), int(other)) for one, other in np.argwhere(self.exact) if asked[one, other] or self._is_touched(one, other, before)
        ]
        for done, (source, destination) in enumerate(pairs):
            progress(done, len(pairs))
            self._exactly(source, destination)
            asked[source, destination] = True
        self.asked = int(asked.sum())

    def _is_touched(self, source: int, destination: int, before: Before) -> bool:
        read = before.kept.met.exactly.get((source, destination))
        return read is None or not before.nodes.isdisjoint(read)

    def _simply(self, block: Block) -> None:
        """The pairs of a block from nothing, all but those for the exact analysis."""
        plain, heard = (np.array([_is_plain(end) for end in ends]) for ends in (self.sources, self.destinations))
        place = np.ix_(*block)
        self.seen[place] = 0
        self.exact[place] = ~(plain[block.rows][:, None] & heard[block.columns])
        self._silent(np.flatnonzero(block.rows), np.flatnonzero(block.columns))
        for version in VERSIONS:
            self._version(version, block)

    def _silent(self, rows: Array, columns: Array) -> None:
        """A source that speaks no version in which the destination could hear the service sends nothing (MODEL-2)."""
        speak, hear = (
            np.array([[version in spoken_by(self.snapshot, end) for version in VERSIONS] for end in ends], bool)
            for ends in (self.sources, self.destinations)
        )
        speak, hear = speak[rows], hear[columns]
        apart = self.source_guests[rows][:, None] != self.destination_guests[columns][None, :]
        for at, service in enumerate(self.services):
            able = np.array([service.version in (None, version) for version in VERSIONS])
            common = (speak[:, None, :] & (hear & able)[None, :, :]).any(axis=2)
            self.seen[rows[:, None], columns[None, :], at] |= np.where(apart & ~common & (hear & able).any(axis=1), FAILS, 0).astype(
                np.uint8
            )

    # --- interfaces --------------------------------------------------------------------------------------------------------------

    def _version(self, version: int, block: Block) -> None:
        for starts, ends in ((True, self.sources), (False, self.destinations)):
            if (version, starts) not in self.ends:
                self.ends[version, starts] = self._simple(version, ends, starts=starts)
        (senders, unclear), (receivers, not_clear) = self.ends[version, True], self.ends[version, False]
        self.exact[unclear], self.exact[:, not_clear] = True, True
        senders, receivers = senders.among(block.rows), receivers.among(block.columns)
        if senders.at and receivers.at:
            pairs = SimplePairs(self.graph, self.program, self.borders, version, senders, receivers, self.met)
            pairs.fill(self.services, self.seen, self.exact, self.source_guests[:, None] != self.destination_guests[None, :])
            self.flows += pairs.flows

    def _simple(self, version: int, ends: list[End], *, starts: bool) -> tuple[Interfaces, list[int]]:
        """The interfaces among some ends that speak a version and are no doors to something else; and the numbers of those that are."""
        found, unclear = Interfaces([], [], [], [], []), list[int]()
        for number, end in enumerate(ends):
            if not _is_plain(end) or version not in spoken_by(self.snapshot, end):
                continue
            if starts:
                entry = self.graph.entries[end.name]
                address = next((value for of, value in entry.addresses if of == version), None)
                names, node, ports = frozenset({end.name}), entry.node, Ranges.of(entry.source_ports)
            else:
                address, names = next((held.first, names) for _, held, names in destinations_of(self.snapshot, end, end, version))
                node, ports = -1, Ranges()
            if address is None or len(names) > 1:
                unclear.append(number)
                continue
            assert isinstance(node, int)  # linked by the builder
            found.at.append(number)
            found.addresses.append(address)
            found.nodes.append(node)
            found.names.append(names)
            found.ports.append(ports)
        return found, unclear

    def _guest(self, interface: str) -> int:
        """A number for the host of an interface, its own where it has no other (ENI-8)."""
        guests = self.snapshot.index(
            "numbers of guests", lambda: {name: at for at, host in enumerate(self.snapshot.all(Instance)) for name in host.interfaces}
        )
        return guests.get(interface, len(guests) + 1 + self.numbers.get(interface, -1))

    # --- the exact analysis ------------------------------------------------------------------------------------------------------

    def _exactly(self, source: int, destination: int) -> None:
        self.seen[source, destination] = 0
        one, other = self.sources[source], self.destinations[destination]
        self.read = set[int]()
        self._everything(source, destination, one, other)
        if self.met:
            self.met.exactly[source, destination] = frozenset(self.read)

    def _everything(self, source: int, destination: int, one: End, other: End) -> None:
        self._ask(
            self.seen[source, destination],
            one,
            other,
            self.services[0] if len(self.services) == 1 else Service(),
            range(len(self.services)),
        )
        for at in np.flatnonzero(self.seen[source, destination] == 0).tolist():  # of an IP version in which only one of them speaks
            self._ask(self.seen[source, destination], one, other, self.services[at], [at])

    def _ask(self, seen: Array, one: End, other: End, service: Service, about: Sequence[int]) -> None:
        """Everything about one pair for some services, which are parts of one."""
        for graph, asked in pairs_of_ends(self.graph, self.snapshot, one, other, service):
            noted = Noted(graph.nodes)
            self._explore(replace(graph, nodes=cast(tuple[AnyNode, ...], noted)), asked, seen, about)
            self.read |= noted.read

    def _explore(self, graph: FlowGraph, asked: list[Asked], seen: Array, about: Sequence[int]) -> None:
        for question in (question for one in asked for question in one.questions):
            try:
                for piece in explore(graph, question, limit=PIECE_LIMIT):
                    outcome = {True: WORKS, False: FAILS, None: GAP}[piece.trip.answered]
                    for at in about:
                        boxes = self.services[at].boxes(piece.box.version, Ranges.of(ALL_PORTS))
                        if len(about) == 1 or any(_meet(piece.box, box) for box in boxes):
                            seen[at] |= outcome
            except TooManyPiecesError as error:
                raise InputError(f"a question falls into more than {PIECE_LIMIT} different pieces; ask about one service") from error


def _is_plain(end: End) -> bool:
    """Whether an end is an interface by its usual address."""
    return end.sort is Sort.INTERFACE and not (end.address or end.blocks or end.service)


def _meet(one: Box, other: Box) -> bool:
    return all(one.ranges[name] & other.ranges[name] for name in ("protocol", "destination_port", "icmp_type", "icmp_code"))
