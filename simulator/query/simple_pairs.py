"""All pairs of interfaces in one IP version: as crowds, and what crowds leave as single flows.

Of a pair that meets a choice of the service only the exact analysis tells all; it is marked for that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from simulator.evaluate.batch import crowds
from simulator.evaluate.batch.arrays import Array
from simulator.evaluate.batch.flows import Outcomes, Sent, Starts, expected_of
from simulator.evaluate.batch.keys import keys_of
from simulator.evaluate.batch.lower import DISPOSITIONS
from simulator.evaluate.batch.program import NOBODY, Program
from simulator.evaluate.batch.space import halves
from simulator.evaluate.many import run_flows
from simulator.evaluate.result import Disposition
from simulator.graph.nodes import FlowGraph
from simulator.packet.flow import Flow
from simulator.packet.ranges import Ranges
from simulator.packet.service import Service
from simulator.query.matrix import FAILS, GAP, WORKS
from simulator.query.matrix_kept import Met
from simulator.query.told_apart import Borders, Header

AT_ONCE = 1 << 26  # pairs: a matrix of them takes as many bytes, and a few are held at a time
LEFT = 0
SEEN_BY_CROWDS = np.array([FAILS, WORKS, GAP, LEFT], np.uint8)  # by outcome in `crowds`


class Interfaces(NamedTuple):
    """Interfaces as columns. at: where each is on its axis of the matrix; nodes, ports: where packets start, and from which ports."""

    at: list[int]
    addresses: list[int]
    nodes: list[int]
    names: list[frozenset[str]]
    ports: list[Ranges]

    def among(self, some: Array) -> Interfaces:
        """Those whose numbers on the axis are among some: bool, by number."""
        kept = [place for place, number in enumerate(self.at) if some[number]]
        return Interfaces(*([column[place] for place in kept] for column in self))  # type: ignore[arg-type]  # column by column


class SimplePairs:
    """The pairs of some senders and receivers. flows: how many packets were sent, those of crowds counted as many."""

    def __init__(
        self,
        graph: FlowGraph,
        program: Program,
        borders: Borders,
        version: int,
        senders: Interfaces,
        receivers: Interfaces,
        met: Met | None,
    ) -> None:
        self.met, self.rows, self.columns = met, np.array(senders.at), np.array(receivers.at)
        self.graph, self.program, self.borders, self.version = graph, program, borders, version
        self.senders, self.receivers = senders, receivers
        self.sources, self.destinations = (program.spaces[version].points(halves(some.addresses)) for some in (senders, receivers))
        self.nodes = np.array(senders.nodes, np.int32)
        numbers = {name: at for at, name in enumerate(program.endpoints)}
        self.expected, _, _ = expected_of(receivers.names, numbers)
        self.flows = 0

    def fill(self, services: Sequence[Service], seen: Array, exact: Array, apart: Array) -> None:
        """Add what is seen to the whole matrix, of pairs that are apart and not for the exact analysis; mark what is found to be."""
        at = np.array(self.receivers.at)
        for ports in dict.fromkeys(self.senders.ports):
            those = np.array([number for number, own in enumerate(self.senders.ports) if own == ports])
            step = max(1, AT_ONCE // len(at))
            for first in range(0, len(those), step):
                some = those[first : first + step]
                place = np.ix_(np.array(self.senders.at)[some], at)
                # Between two holders of one address a packet may look like its own reply.
                exact[place] |= self.sources[some][:, None] == self.destinations[None, :]
                block = _Block(self, some, ports, seen[place], exact[place], apart[place])
                for number, service in enumerate(services):
                    block.ask(number, service)
                seen[place], exact[place] = block.seen, block.exact


class _Block:
    """Some senders and all receivers: seen, exact, apart: by sender and receiver (seen also by service)."""

    def __init__(self, of: SimplePairs, some: Array, ports: Ranges, seen: Array, exact: Array, apart: Array) -> None:
        self.of, self.some, self.ports = of, some, ports
        self.seen, self.exact, self.apart = seen, exact, apart

    def ask(self, number: int, service: Service) -> None:
        """One service, in every cell of headers that rules tell apart."""
        of = self.of
        for box in service.boxes(of.version, self.ports) if service.version in (None, of.version) else ():
            for header in of.borders.headers(box):
                ports = of.borders.source_ports(header.protocol, self.ports, header.destination_port)
                self._cell(number, header, ports)

    def _cell(self, number: int, header: Header, ports: list[int]) -> None:
        of = self.of
        key = int(keys_of(*(np.array([value], np.uint32) for value in header))[0])
        ends = crowds.Ends(of.nodes[self.some], of.sources[self.some], of.destinations, of.expected)
        rows = of.rows[self.some]
        met = of.met
        meeting = (lambda node, some, others: met.crowd(node, rows[some], of.columns[others])) if met else None
        forward, trips = crowds.walk_pairs(of.program, of.version, ends, key, ports, meeting)
        asked = self.apart & ~self.exact
        of.flows += int(asked.sum()) * len(ports)
        left, seen = forward == crowds.LEFT, np.zeros_like(forward)
        for trip in trips:
            left |= trip == crowds.LEFT
            seen |= SEEN_BY_CROWDS[trip]
        self.seen[:, :, number] |= np.where(asked & ~left, seen, 0).astype(np.uint8)
        if (asked & left).any():
            one, other = np.nonzero(asked & left)
            if met:
                met.alone(rows[one], of.columns[other])
            self._single(number, header, ports, one, other)

    # --- single flows ------------------------------------------------------------------------------------------------------------

    def _single(self, number: int, header: Header, ports: list[int], one: Array, other: Array) -> None:
        """The reply's port is open: each pair that arrives is run for each cell of it."""
        for port in ports:
            if not len(one):
                return
            found = self._send(one, other, header, port)
            self.exact[one, other] |= found.chosen > 0
            delivered = _seen(found.forward.disposition)
            replied = np.where(found.back.node < 0, delivered, _seen(found.back.disposition))
            self.seen[one, other, number] |= np.where(delivered == WORKS, replied, delivered)
            on = found.chosen == 0
            if not self.of.borders.reads_source_ports:
                on &= delivered == WORKS  # what did not arrive from one source port does not from another
            one, other = one[on], other[on]

    def _send(self, one: Array, other: Array, header: Header, port: int) -> Outcomes:
        of, senders = self.of, self.some[one]
        key = keys_of(*(np.array([value], np.uint32) for value in header))[0]
        starts = Starts(
            of.nodes[senders],
            of.sources[senders],
            of.destinations[other],
            np.full(len(one), key, np.uint32),
            np.full(len(one), port, np.uint32),
            of.expected[other],
            np.full(len(one), NOBODY, np.int32),
            np.zeros(len(one), bool),
            np.zeros((len(one), 0), np.int32),
        )

        def sent(row: int) -> Sent:
            ends = of.senders.addresses[senders[row]], of.receivers.addresses[other[row]]
            flow = Flow(of.version, *ends, header.protocol, port, *header[1:])
            return Sent(of.senders.nodes[senders[row]], flow, of.receivers.names[other[row]])

        return run_flows(of.graph, of.program, of.version, starts, sent)


def _seen(disposition: Array) -> Array:
    table = np.full(256, FAILS, np.uint8)
    table[DISPOSITIONS.index(Disposition.DELIVERED)], table[DISPOSITIONS.index(Disposition.GAP)] = WORKS, GAP
    found: Array = table[disposition]
    return found
