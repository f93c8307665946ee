"""Which services and ports the rules of a network tell apart: within a cell of the borders, every rule covers all or nothing.

Few rules look at source ports; but the reply to a packet is sent to its source port, so those are cut at the same borders.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise, product
from typing import NamedTuple

from simulator.graph.nodes import Filter, FlowGraph
from simulator.packet.flow import ICMP, ICMP_REPLIES, ICMPV6, TCP, UDP, WITH_PORTS, WITH_TYPES
from simulator.packet.ranges import Ranges
from simulator.packet.service import NAMES, Service
from simulator.packet.space import Box

PORTS, TYPES = 0xFFFF, 0xFF


class Borders(NamedTuple):
    """Where cells begin. ports: by protocol; types and codes: by ICMP protocol; protocols: those that rules name, and those with fields.
    reads_source_ports: whether some rule does, so that where a packet gets to depends on them.
    """

    ports: dict[int, frozenset[int]]
    types: dict[int, frozenset[int]]
    codes: dict[int, frozenset[int]]
    protocols: frozenset[int]
    reads_source_ports: bool

    @classmethod
    def of(cls, graph: FlowGraph) -> Borders:
        """Those of all rules of a graph, and of what is answered (MODEL-4)."""
        ports: dict[int, set[int]] = {number: {0} for number in WITH_PORTS}
        types = {number: {border for kind in ICMP_REPLIES[number] for border in (kind, kind + 1)} | {0} for number in WITH_TYPES}
        codes: dict[int, set[int]] = {number: {0, 1} for number in WITH_TYPES}
        protocols = {TCP, UDP, ICMP, ICMPV6}
        reads_source_ports = False
        lists = {id(node.rules): node.rules for node in graph.nodes if isinstance(node, Filter)}
        for rule in (rule for rules in lists.values() for rule in (*rules.rules, *rules.unread)):
            match = rule.match
            if match.protocol is not None:
                protocols.add(match.protocol)
            for interval in filter(None, (match.destination_ports, match.source_ports)):
                for protocol in ports if match.protocol is None else ports.keys() & {match.protocol}:
                    ports[protocol] |= {interval[0], interval[1] + 1}
            reads_source_ports |= match.source_ports is not None
            for value, found in ((match.icmp_type, types), (match.icmp_code, codes)):
                if value is not None and match.protocol in found:
                    found[match.protocol] |= {value, value + 1}
        return cls(_frozen(ports), _frozen(types), _frozen(codes), frozenset(protocols), reads_source_ports)

    @classmethod
    def joined(cls, several: Iterable[Borders]) -> Borders:
        """Borders wherever one of several has one."""
        found = list(several)
        ports, types, codes = (
            {number: frozenset().union(*(each[number] for each in some)) for number in some[0]}
            for some in ([each.ports for each in found], [each.types for each in found], [each.codes for each in found])
        )
        protocols = frozenset().union(*(each.protocols for each in found))
        return cls(ports, types, codes, protocols, any(each.reads_source_ports for each in found))

    def source_ports(self, protocol: int, ports: Ranges, destination_port: int) -> list[int]:
        """One source port of each cell of some: of a protocol without ports one for all. A packet from the port it is sent to may look
        like its own reply, so that one is a cell of its own.
        """
        if protocol not in WITH_PORTS:
            return [0]
        own = {destination_port, destination_port + 1}
        return [first for first, _ in _cells(self.ports[protocol] | own, ports)]

    def headers(self, box: Box) -> Iterator[Header]:
        """One header of each cell of a box."""
        for first, last in box.ranges["protocol"]:
            for protocol in _among(self.protocols, first, last):
                if protocol in WITH_PORTS:
                    for port, _ in _cells(self.ports[protocol], box.ranges["destination_port"]):
                        yield Header(protocol, port, 0, 0)
                elif protocol in WITH_TYPES:
                    kinds, codes = (
                        _cells(self.types[protocol], box.ranges["icmp_type"]),
                        _cells(self.codes[protocol], box.ranges["icmp_code"]),
                    )
                    for (kind, _), (code, _) in product(kinds, codes):
                        yield Header(protocol, 0, kind, code)
                else:
                    yield Header(protocol, 0, 0, 0)

    def services(self) -> Iterator[tuple[str, Service]]:
        """Every service that some rule tells from another: its name, and one of the kind to ask about."""
        for protocol in (TCP, UDP):
            for first, last in _cells(self.ports[protocol], Ranges.of((0, PORTS))):
                yield f"{NAMES[protocol]}/{_range(first, last)}", Service(protocol, (first, first))
        for protocol in (ICMP, ICMPV6):
            for first, last in _cells(self.types[protocol], Ranges.of((0, TYPES))):
                yield f"{NAMES[protocol]}/{_range(first, last)}", Service(protocol, None, first)
        for protocol in sorted(self.protocols - WITH_PORTS - WITH_TYPES):
            yield str(Service(protocol)), Service(protocol)
        rest = Ranges.of(*((number, number) for number in range(TYPES + 1) if number not in self.protocols))
        if rest:
            yield f"proto/{str(rest).replace(' ', '')}", Service(rest.first)


class Header(NamedTuple):
    """What a packet is beside its addresses and its source port."""

    protocol: int
    destination_port: int
    icmp_type: int
    icmp_code: int


def _range(first: int, last: int) -> str:
    return f"{first}" if first == last else f"{first}-{last}"


def _frozen(found: dict[int, set[int]]) -> dict[int, frozenset[int]]:
    return {number: frozenset(some) for number, some in found.items()}


def _cells(borders: Iterable[int], values: Ranges) -> list[tuple[int, int]]:
    """Some values cut at borders, as closed intervals."""
    cuts = sorted({*borders, *(border for first, last in values for border in (first, last + 1))})
    return [(first, after - 1) for first, after in pairwise(cuts) if first in values]


def _among(named: frozenset[int], first: int, last: int) -> list[int]:
    """The protocols of a range that are named, and one that stands for all others of it."""
    inside = [number for number in sorted(named) if first <= number <= last]
    other = next((number for number in range(first, last + 1) if number not in named), None)
    return inside if other is None else [*inside, other]
