"""From a question to packets that stand for it: for each case of the exact analysis, and at random, where rules begin and end.

A case that depends on the port of a NAT gets packets for which the NAT may choose from just those ports (`Sample.windows`).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from simulator.aws.lambda_function import LambdaFunction
from simulator.aws.network_acl import NetworkAcl
from simulator.aws.security_group import SecurityGroup
from simulator.aws.snapshot import Snapshot
from simulator.evaluate.exact import Piece, Question, representative
from simulator.evaluate.region import choice_name
from simulator.packet.flow import ICMP, PROTOCOL_NAMES, WITH_PORTS, Flow
from simulator.packet.ranges import Ranges
from simulator.packet.space import FIELDS, Box
from simulator.query.endpoints import End
from simulator.query.space import is_outside
from simulator.testing.kernel.bed import Probe
from simulator.testing.kernel.filters import private
from simulator.testing.kernel.network import PORTS, Network
from simulator.testing.kernel.packets import ICMP_REPLIES
from simulator.testing.kernel.plan import INTERNET
from simulator.testing.kernel.scope import JUDGED, Scope

USUAL_PORTS = (22, 80, 443, 1023, 1024, 32767, 32768, 60999, 61000, 65535)

FIRST_NAT_PORT, LAST_NAT_PORT = PORTS
NEAR_BOUNDARIES = 3  # the packets drawn at random meet full windows and so many small ones

WindowPairs = tuple[tuple[str, tuple[int, int]], ...]


class Case(NamedTuple):
    """A piece of the exact analysis with the question it is cut from and who asks."""

    source: End
    question: Question
    piece: Piece

    @property
    def outcome(self) -> bool | None:
        """What the simulator says of it; none where it does not know."""
        return self.piece.trip.delivered if self.question.one_way else self.piece.trip.answered


class Sample(NamedTuple):
    """A packet: `flow` is its header as the question has it, `probe` as its sender writes it; `windows`: the ports of NATs, by NAT."""

    question: Question
    flow: Flow
    probe: Probe
    windows: WindowPairs = ()


@dataclass
class Samples:
    """What can be sent for a question; `left_out` says in words what cannot."""

    network: Network
    found: list[Sample] = field(default_factory=list)
    left_out: dict[str, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.scope = Scope(self.network)
        self.numbers = {nic.id: i for i, nic in enumerate(self.network.interfaces)}

    def add_case(self, case: Case) -> None:
        """The representative of a case and its corners, for each protocol that can be sent."""
        windows = tuple(_windows(case.piece))
        for name in self._senders(case.source, case.piece.trip.forward.sender)[:1]:
            why_not = [self._add(case.question, flow, name, windows) for flow in self._flows(case.piece.box)]
            if all(why_not):
                self.left_out |= dict.fromkeys(why_not)

    def add_random(self, source: End, question: Question, count: int, rng: random.Random) -> None:
        """Packets anywhere in a question, with ports that rules mention."""
        ports = boundary_ports(self.network.snapshot)
        names = self._senders(source, "")
        protocols = [number for number in JUDGED if number in question.box.ranges["protocol"]]
        if not protocols or not names:
            return
        windows = [(), *(self._near(port) for port in rng.sample([port for port in ports if port >= FIRST_NAT_PORT], NEAR_BOUNDARIES))]
        for number in range(count):
            values = {name: _drawn(ranges, rng) for name, ranges in question.box.ranges.items()}
            values["protocol"] = rng.choice(protocols)
            for name in ("source_port", "destination_port"):
                known = [port for port in ports if port in question.box.ranges[name]]
                values[name] = rng.choice(known) if known and rng.random() < 0.6 else values[name]
            self._add(
                question,
                _clean(Flow(question.box.version, *(values[name] for name in FIELDS))),
                rng.choice(names),
                windows[number % len(windows)],
            )

    def _near(self, port: int) -> WindowPairs:
        """All NATs choose from a port and its neighbours."""
        around = (max(port - 1, FIRST_NAT_PORT), min(port + 1, LAST_NAT_PORT))
        return tuple((nat, around) for nat in self.network.translators())

    def _senders(self, source: End, met: str) -> list[str]:
        """The interfaces a source may send by, the one that was met first; empty name: the internet."""
        snapshot = self.network.snapshot
        if is_outside(snapshot, source):
            return [""]
        function = snapshot.get(LambdaFunction, source.name)
        names = [met] if met else [*function.interfaces] if function else [source.name]
        built = [name for name in names if name in self.numbers]
        if not built:
            self.left_out[f"{source.label}: its interface is not built"] = None
        return built

    def _flows(self, box: Box) -> Iterator[Flow]:
        """The usual header of a box, the lowest and the highest, for each protocol."""
        protocols = box.ranges["protocol"]
        if protocols - Ranges.of(*((number, number) for number in JUDGED)):
            others = [number for first, last in protocols for number in range(first, last + 1) if number not in JUDGED]
            names = ", ".join(PROTOCOL_NAMES.get(number, str(number)) for number in others) if len(others) < 4 else "others"
            self.left_out[f"of all protocols only TCP, UDP and ICMP queries are sent, not {names}"] = None
        for protocol in JUDGED:
            if protocol not in protocols:
                continue
            ranges = {**box.ranges, "protocol": Ranges.point(protocol)}
            if protocol == ICMP:
                types = box.ranges["icmp_type"] & Ranges.of(*((number, number) for number in ICMP_REPLIES))
                if box.ranges["icmp_type"] != types:
                    self.left_out["of ICMP only queries are sent"] = None
                if not types:
                    continue
                ranges["icmp_type"] = types
            ends = [{name: ranges[name].first for name in FIELDS}, {name: ranges[name].last for name in FIELDS}]
            flows = [representative(Box(box.version, ranges)), *(Flow(box.version, *end.values()) for end in ends)]
            yield from dict.fromkeys(_clean(_between_two(flow, ranges["source"])) for flow in flows)

    def _add(self, question: Question, flow: Flow, sender: str, windows: WindowPairs) -> str:
        """Add a packet, or say why it cannot be judged."""
        number = self.numbers[sender] if sender else INTERNET
        why_not = self.scope.why_not(number, flow)
        if why_not:
            return why_not
        nic = self.network.interfaces[number] if sender else None
        wire = flow._replace(source=private(nic)[0]) if nic and nic.id in self.network.functions else flow
        self.found.append(Sample(question, flow, Probe(number, wire), windows))
        return ""


def _windows(piece: Piece) -> Iterator[tuple[str, tuple[int, int]]]:
    """The ports that a case demands of NATs, by NAT."""
    for number, taken in enumerate(piece.trip.choices):
        ranges = piece.box.ranges[choice_name(number)]
        if taken.what == "port" and ranges.size < taken.last - taken.first + 1:
            yield taken.place.id, next(iter(ranges))


def _between_two(flow: Flow, sources: Ranges) -> Flow:
    """The header with another source, where it would be a packet to oneself: both ends may be anywhere on the internet."""
    others = sources - Ranges.point(flow.destination)
    return flow._replace(source=others.first) if flow.source == flow.destination and others else flow


def _clean(flow: Flow) -> Flow:
    """Without the fields that its protocol does not have."""
    if flow.protocol in WITH_PORTS:
        return flow._replace(icmp_type=0, icmp_code=0)
    return flow._replace(source_port=0, destination_port=0)


def _drawn(ranges: Ranges, rng: random.Random) -> int:
    at = rng.randrange(ranges.size)
    for first, last in ranges:
        if at <= last - first:
            return first + at
        at -= last - first + 1
    raise AssertionError("a draw beyond the ranges")


def boundary_ports(snapshot: Snapshot) -> list[int]:
    """The ports that rules mention, with their neighbours, and the usual suspects."""
    found = set(USUAL_PORTS)
    traffic = [rule.traffic for group in snapshot.all(SecurityGroup) for rule in (*group.inbound, *group.outbound)]
    traffic += [entry.traffic for acl in snapshot.all(NetworkAcl) for entry in (*acl.inbound, *acl.outbound)]
    for one in traffic:
        if one.ports:
            first, last = one.ports
            found.update((first - 1, first, last, last + 1))
    return sorted(port for port in found if 1 <= port <= 65535)
