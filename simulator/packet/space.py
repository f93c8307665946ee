"""Sets of headers: `Match`, the condition of one rule, and `Box`, one piece of a question.

A question leaves fields open; its space is a list of disjoint boxes. The exact analysis takes one representative of a box, learns
on what part of the box every decision would be the same, and goes on with what is left (`Box.minus`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simulator.packet.flow import ICMP, ICMPV6, WITH_PORTS, WITH_TYPES, Flow, Marks
from simulator.packet.prefix import Prefix
from simulator.packet.ranges import Interval, Ranges

FIELDS = ("source", "destination", "protocol", "source_port", "destination_port", "icmp_type", "icmp_code")
ALL_PORTS = (0, 65535)
ALL_TYPES = (0, 255)
ZERO = Ranges.point(0)


@dataclass(frozen=True, slots=True)
class Match:
    """The condition of one rule: a box over header fields and marks; a field that is none admits everything.

    Ports are read only for TCP and UDP, type and code only for ICMP and ICMPv6: a condition that names ports names the protocol
    too. Prefixes of one version never cover a header of the other (MODEL-2).

    >>> https = Match(sources=(Prefix.parse("10.0.0.0/8"),), protocol=6, destination_ports=(443, 443))
    >>> https.covers(Flow.tcp("10.1.2.3", 40000, "10.9.9.9", 443), Marks())
    True
    """

    sources: tuple[Prefix, ...] | None = None
    destinations: tuple[Prefix, ...] | None = None
    protocol: int | None = None
    destination_ports: Interval | None = None
    icmp_type: int | None = None
    icmp_code: int | None = None
    version: int | None = None
    sender_group: str | None = None
    by_reference: bool | None = None
    reply: bool | None = None
    source_ports: Interval | None = None

    def covers(self, flow: Flow, marks: Marks) -> bool:
        """Whether the rule speaks of this packet."""
        return self.covers_header(flow) and self.covers_marks(marks)

    def covers_marks(self, marks: Marks) -> bool:
        """Whether the marks are what the rule asks for."""
        if self.sender_group is not None and self.sender_group not in marks.groups:
            return False
        if self.reply is not None and self.reply != marks.reply:
            return False
        return self.by_reference is None or self.by_reference == marks.by_reference

    def covers_header(self, flow: Flow) -> bool:
        """Whether the header is what the rule asks for, whatever the marks."""
        if self.protocol is not None and self.protocol != flow.protocol:
            return False
        if self.version is not None and self.version != flow.version:
            return False
        if self.source_ports is not None and not self.source_ports[0] <= flow.source_port <= self.source_ports[1]:
            return False
        if self.destination_ports is not None:
            first, last = self.destination_ports
            if not first <= flow.destination_port <= last:
                return False
        if self.icmp_type is not None and self.icmp_type != flow.icmp_type:
            return False
        if self.icmp_code is not None and self.icmp_code != flow.icmp_code:
            return False
        if self.sources is not None and not any(p.holds(flow.version, flow.source) for p in self.sources):
            return False
        return self.destinations is None or any(p.holds(flow.version, flow.destination) for p in self.destinations)

    def limits(self, version: int) -> dict[str, Ranges]:
        """The header fields the rule restricts for headers of a version, with the values it admits (possibly none).

        >>> Match(protocol=6, destination_ports=(80, 81)).limits(4)["destination_port"]
        Ranges(intervals=((80, 81),))
        """
        found: dict[str, Ranges] = {}
        if self.version not in (None, version):
            found["protocol"] = Ranges()
        elif self.protocol is not None:
            found["protocol"] = Ranges.point(self.protocol)
        if self.source_ports is not None:
            found["source_port"] = Ranges.of(self.source_ports)
        if self.destination_ports is not None:
            found["destination_port"] = Ranges.of(self.destination_ports)
        if self.icmp_type is not None:
            found["icmp_type"] = Ranges.point(self.icmp_type)
        if self.icmp_code is not None:
            found["icmp_code"] = Ranges.point(self.icmp_code)
        for name, prefixes in (("source", self.sources), ("destination", self.destinations)):
            if prefixes is not None:
                found[name] = Ranges.of(*((p.first, p.last) for p in prefixes if p.version == version))
        return found


@dataclass(frozen=True, slots=True)
class Box:
    """A product of sets: one set of values for each header field, and for choices once they are met (`choice 0`, ...).

    A field that is not in `ranges` is open; header fields of a question are always all given.
    """

    version: int
    ranges: Mapping[str, Ranges]

    def minus(self, other: Mapping[str, Ranges], full: Mapping[str, Ranges] | None = None) -> list[Box]:
        """The rest of this box outside `other`, as disjoint boxes; fields are split in the order of `other`.

        `full` gives the whole range of choices that this box leaves open. A box split off before such a choice is reached does not
        mention it: for other headers it may be another choice, or none.

        >>> box = Box(4, {"destination_port": Ranges.of((0, 65535))})
        >>> [str(rest.ranges["destination_port"]) for rest in box.minus({"destination_port": Ranges.point(80)})]
        ['0-79, 81-65535']
        """
        rest: list[Box] = []
        same = dict(self.ranges)
        for name, inside in other.items():
            mine = same[name] if name in same else (full or {}).get(name, inside)
            outside = mine - inside
            if outside:
                rest.append(Box(self.version, {**same, name: outside}))
            same[name] = mine & inside
        return rest

    def with_ranges(self, **ranges: Ranges) -> Box:
        """The same box with some fields set anew.

        >>> Box(4, {"source": Ranges.of((1, 9))}).with_ranges(source=Ranges.point(5)).size()
        1
        """
        return Box(self.version, {**self.ranges, **ranges})

    def size(self) -> int:
        """How many headers and choices the box holds."""
        product = 1
        for ranges in self.ranges.values():
            product *= ranges.size
        return product


def service_boxes(version: int, protocols: Ranges, ports: Ranges, types: Ranges, codes: Ranges, source_ports: Ranges) -> list[Box]:
    """The disjoint boxes of a service, addresses left out: protocols with ports, with types, and with neither.

    ICMP belongs to IPv4 and ICMPv6 to IPv6; the other one of the two is not part of any service of the version.
    """
    mine = ICMP if version == 4 else ICMPV6
    with_ports = protocols & Ranges.of(*((p, p) for p in WITH_PORTS))
    bare = protocols - Ranges.of(*((p, p) for p in WITH_PORTS | WITH_TYPES))
    boxes = [
        {"protocol": with_ports, "source_port": source_ports, "destination_port": ports, "icmp_type": ZERO, "icmp_code": ZERO},
        {
            "protocol": protocols & Ranges.point(mine),
            "source_port": ZERO,
            "destination_port": ZERO,
            "icmp_type": types,
            "icmp_code": codes,
        },
        {"protocol": bare, "source_port": ZERO, "destination_port": ZERO, "icmp_type": ZERO, "icmp_code": ZERO},
    ]
    return [Box(version, box) for box in boxes if all(box.values())]
