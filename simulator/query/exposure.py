"""What a source reaches, exactly: the addresses and services that come through and come back, from where, and what lets them.

Every pair of a source and a destination is given to the exact analysis with every service. Of the pieces that work, or whose answer is not
known, those with the same deciding rules on the way there are joined to *ways*: boxes of headers, each with a round trip as its witness.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from simulator.aws import internet
from simulator.aws.snapshot import Snapshot
from simulator.evaluate.answer import Allowed
from simulator.evaluate.exact import PIECE_LIMIT, TooManyPiecesError, explore
from simulator.evaluate.result import Outcome, RoundTrip, Verdict
from simulator.graph.nodes import Filter, FlowGraph
from simulator.origin import Origin
from simulator.packet.prefix import words_of
from simulator.packet.service import Service
from simulator.packet.space import Box
from simulator.problems import InputError
from simulator.query.cases import Part, allowed_of, gaps_of, merged, when_of
from simulator.query.endpoints import End, Sort
from simulator.query.exposed import Exposure, Way
from simulator.query.parties import parties
from simulator.query.space import can_start, pairs_of_ends

# What of a header a way says itself; what else a piece depends on (source ports, picks of AWS) makes it hold sometimes only.
TOLD = ("protocol", "ports", "icmp_type", "source_addresses", "destination_addresses")


def exposure(
    graph: FlowGraph,
    snapshot: Snapshot,
    *,
    network: str = "",
    sources: Sequence[str] | None = None,
    destinations: Sequence[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Exposure:
    """What reaches what (`Network.exposure`). Raises `InputError` for words that mean nothing, or where nobody is left to ask about."""
    words = sources if sources is not None or destinations is not None else [internet.ENDPOINT]
    closed = sources is None and destinations is None and internet.ENDPOINT not in graph.entries  # nothing comes from there
    rows = [] if closed else [pair for pair in parties(graph, snapshot, words) if _can_send(graph, pair[1])]
    columns = [pair for pair in parties(graph, snapshot, destinations) if destinations is not None or pair not in rows]
    if not rows and not closed:
        raise InputError("nobody is left to ask about: none of the sources starts connections")
    ways: list[Way] = []
    for at, (source, one) in enumerate(rows):
        for number, (destination, other) in enumerate(columns):
            if progress:
                progress(at * len(columns) + number, len(rows) * len(columns))
            if one != other:
                asked = _Asked()
                asked.explore(graph, snapshot, one, other)
                ways.extend(asked.ways(source, destination))
    return Exposure(network, tuple(word for word, _ in rows) or (internet.ENDPOINT,), tuple(word for word, _ in columns), tuple(ways))


def _can_send(graph: FlowGraph, end: End) -> bool:
    return can_start(graph, end) and end.sort not in (Sort.NOBODY, Sort.PLATFORM)


class _Asked:
    """One pair: its pieces that work or are not known, and all that was asked, by the end that was meant."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.whole: dict[object, set[object]] = {}

    def explore(self, graph: FlowGraph, snapshot: Snapshot, one: End, other: End) -> None:
        """Every service between two ends. Raises `InputError` where that falls into too many pieces."""
        for whole, asked in pairs_of_ends(graph, snapshot, one, other, Service()):
            for question in (question for pair in asked for question in pair.questions):
                self.whole.setdefault((question.box.version, question.expected), set()).add(_traffic(question.box))
                try:
                    pieces = [piece for piece in explore(whole, question, limit=PIECE_LIMIT) if piece.trip.answered is not False]
                except TooManyPiecesError as error:
                    told = f"{one.label} to {other.label} falls into more than {PIECE_LIMIT} different pieces"
                    raise InputError(f"{told}; ask `vpcsim can` about one service") from error
                self.parts.extend(Part(one.label, other.label, question, piece, piece.weight) for piece in pieces)

    def ways(self, source: str, destination: str) -> Iterator[Way]:
        """The pieces, joined where they have the same reasons and the same ends."""
        groups: dict[object, list[Part]] = {}
        for part in self.parts:
            trip = part.piece.trip
            key = (part.question.box.version, part.question.expected, trip.answered, gaps_of([trip]), tuple(_rules(trip)))
            groups.setdefault(key, []).append(part)
        for members in groups.values():
            by_ends: dict[tuple[tuple[str, ...], tuple[str, ...]], list[Part]] = {}
            for part in merged(members):
                by_ends.setdefault((_blocks(part, "destination"), _blocks(part, "source")), []).append(part)
            for (addresses, senders), some in by_ends.items():
                trip = some[0].piece.trip
                yield Way(source, destination, addresses, senders, self._services(some), tuple(_rules(trip)), trip, gaps_of([trip]))

    def _services(self, parts: list[Part]) -> tuple[Allowed, ...]:
        found = [service for part in parts for service in _services(part)]
        question = parts[0].question
        everything = self.whole[question.box.version, question.expected] == {_traffic(part.piece.box) for part in parts}
        if everything and len({service.verdict for service in found}) == 1:
            return (found[0]._replace(service="all"),)
        return tuple(found)


def _traffic(box: Box) -> object:
    """What of a box a service says."""
    return tuple(box.ranges[name] for name in ("protocol", "destination_port", "icmp_type", "icmp_code"))


def _rules(trip: RoundTrip) -> Iterator[Origin]:
    """What admits the packet on its way there, without what works unseen."""
    for step in trip.forward.steps:
        if isinstance(step.node, Filter) and step.outcome is Outcome.PERMITTED and step.because and not step.node.plumbing:
            yield step.because


def _blocks(part: Part, field: str) -> tuple[str, ...]:
    """The addresses of a field; of the source, none where it is all that it may have."""
    ranges = part.piece.box.ranges[field]
    if field == "source" and ranges == part.question.box.ranges[field]:
        return ()
    return words_of(part.piece.box.version, ranges)


def _services(part: Part) -> Iterator[Allowed]:
    """The services of a box, and whether all of each works."""
    limits = when_of(part.piece.box, part.question.box, part.piece.trip)
    whole = not any(word not in TOLD for word in limits)
    for allowed in allowed_of([part], one_way=False):
        verdict = Verdict.SOMETIMES if allowed.verdict is Verdict.ALWAYS and not whole else allowed.verdict
        yield Allowed(allowed.service, verdict, str(limits.get("source_ports", "")))
