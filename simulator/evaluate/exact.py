"""The exact analysis: a question with open fields, cut into boxes on each of which the walker's answer is the same.

Take a representative of what is left, walk it, learn on which box around it every decision would be the same (`region.py`), and go
on with the rest. Nothing is enumerated that no decision looks at: a network with thousands of rules costs as many walks as there are
different walks. Choices of the service (which interface, which NAT port) are fields like any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from simulator.evaluate.region import WinnerRegions, choice_name, region_of
from simulator.evaluate.result import RoundTrip
from simulator.evaluate.walk import round_trip
from simulator.graph.nodes import FlowGraph
from simulator.packet.flow import Flow
from simulator.packet.ranges import Ranges
from simulator.packet.space import FIELDS, Box

# A question that falls into more pieces than this is not answered to the end, and the answer says so.
PIECE_LIMIT = 20_000
# Values that read well in a witness, where the piece has them.
USUAL = {
    # 198.51.100.7, 203.0.113.7, 3fff::7: addresses kept for documentation (RFC 5737, RFC 9637)
    "source": (0xC6336407, 0xCB007107, 0x3FFF << 112 | 7),
    "destination": (0xC6336407, 0xCB007107, 0x08080808, 0x3FFF << 112 | 7),
    "source_port": (50000, 40000),
    "destination_port": (443, 80, 22),
    "icmp_type": (8, 128),
    "protocol": (6, 17, 1, 58),
}


class Question(NamedTuple):
    """Packets of `box` that start at node `start`: do they get to one of the `expected` endpoints, and their replies back?"""

    start: int
    box: Box
    expected: frozenset[str]
    one_way: bool = False


class Piece(NamedTuple):
    """A box of a question, and the round trip that stands for all of it. `weight`: its share of the question's box, choices counted
    as equally likely.
    """

    box: Box
    trip: RoundTrip
    weight: float


class TooManyPiecesError(Exception):
    """The question falls into more pieces than the limit."""


def explore(graph: FlowGraph, question: Question, *, limit: int = PIECE_LIMIT) -> Iterator[Piece]:
    """All pieces of a question: disjoint, and together the whole of it. Raises `TooManyPiecesError` after `limit` of them."""
    tables = WinnerRegions()
    whole = question.box.size()
    work = [question.box]
    count = 0
    while work:
        box = work.pop()
        count += 1
        if count > limit:
            raise TooManyPiecesError
        trip = _walk(graph, question, box)
        region = region_of(box, trip, one_way=question.one_way, tables=tables)
        full = {choice_name(n): Ranges.of((taken.first, taken.last)) for n, taken in enumerate(trip.choices)}
        yield Piece(Box(box.version, region), trip, _weight(region, full, whole))
        work.extend(reversed(box.minus(region, full)))


def _weight(region: dict[str, Ranges], full: dict[str, Ranges], whole: int) -> float:
    share = 1.0
    headers = 1
    for name, ranges in region.items():
        if name in full:
            share *= ranges.size / full[name].size
        else:
            headers *= ranges.size
    return share * (headers / whole)


def _walk(graph: FlowGraph, question: Question, box: Box) -> RoundTrip:
    flow = representative(box)
    choices: list[int] = []
    while (name := choice_name(len(choices))) in box.ranges:
        choices.append(_pick(name, box.ranges[name]))
    return round_trip(graph, question.start, flow, expected=question.expected, choices=choices, one_way=question.one_way)


def representative(box: Box) -> Flow:
    """One header of a box, with values that read well where it has them."""
    return Flow(box.version, *(_pick(name, box.ranges[name]) for name in FIELDS))


def _pick(name: str, ranges: Ranges) -> int:
    return next((value for value in USUAL.get(name, ()) if value in ranges), ranges.first)
