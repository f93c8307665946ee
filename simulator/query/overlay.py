"""Two exact analyses of one pair laid over each other: the headers that fare otherwise in the one than in the other, as boxes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from simulator.aws.snapshot import Snapshot
from simulator.evaluate.exact import PIECE_LIMIT, Question, TooManyPiecesError, explore, representative
from simulator.evaluate.result import RoundTrip, Verdict
from simulator.evaluate.walk import round_trip
from simulator.graph.nodes import FlowGraph
from simulator.packet.service import Service
from simulator.packet.space import Box
from simulator.problems import InputError
from simulator.query.endpoints import End
from simulator.query.space import pairs_of_ends

HEADER = ("protocol", "destination_port", "icmp_type", "icmp_code", "source", "destination", "source_port")
CELL_LIMIT = 20_000


class Piece(NamedTuple):
    """Headers that end alike for some choices of AWS, in one network: `whole`, and `trip` for one of them; `box`: its fields that count."""

    box: Box
    whole: Box
    trip: RoundTrip
    question: Question
    graph: FlowGraph

    def witness(self, among: Box) -> RoundTrip:
        """One of the packets that lie in another box too."""
        shared = {name: ranges & self.whole.ranges[name] for name, ranges in among.ranges.items()}
        flow = representative(Box(self.whole.version, {**self.whole.ranges, **shared}))
        choices = [taken.value for taken in self.trip.choices]
        return round_trip(self.graph, self.question.start, flow, expected=self.question.expected, choices=choices)


Outcomes = dict[bool | None, Piece]  # how packets of a box end


class Side(NamedTuple):
    """What one network says of a pair: the boxes that can be asked, and the pieces they fall into."""

    asked: tuple[Box, ...]
    pieces: tuple[Piece, ...]


class Cell(NamedTuple):
    """Headers with one pair of verdicts; none: they cannot be asked there."""

    box: Box
    before: Outcomes
    after: Outcomes

    @property
    def verdicts(self) -> tuple[Verdict | None, Verdict | None]:
        """Before and after."""
        return _verdict(self.before), _verdict(self.after)


def _verdict(outcomes: Outcomes) -> Verdict | None:
    return Verdict.over(iter(outcomes)) if outcomes else None


def side_of(graph: FlowGraph, snapshot: Snapshot, one: End, other: End, *, without: Sequence[str] = ()) -> Side:
    """Everything that one network says of a pair. `without`: fields that play no part. Raises `InputError` for too many pieces."""
    asked_boxes: list[Box] = []
    pieces: list[Piece] = []
    for whole, asked in pairs_of_ends(graph, snapshot, one, other, Service()):
        for question in (question for pair in asked for question in pair.questions):
            asked_boxes.append(_header(question.box, without))
            try:
                found = list(explore(whole, question, limit=PIECE_LIMIT))
            except TooManyPiecesError as error:
                raise InputError(f"{one.label} to {other.label} falls into more than {PIECE_LIMIT} different pieces") from error
            pieces.extend(Piece(_header(piece.box, without), piece.box, piece.trip, question, whole) for piece in found)
    return Side(tuple(asked_boxes), tuple(pieces))


def _header(box: Box, without: Sequence[str]) -> Box:
    return Box(box.version, {name: box.ranges[name] for name in HEADER if name not in without and name in box.ranges})


def differing(before: Side, after: Side) -> list[Cell]:
    """The headers whose verdict is not the same in both. Raises `InputError` where they fall into too many boxes."""
    cells = [Cell(box, {}, {}) for box in _disjoint((*before.asked, *after.asked))]
    for number, side in enumerate((before, after)):
        for piece in side.pieces:
            cells = _refined(cells, piece, after=number == 1)
    return [cell for cell in cells if cell.verdicts[0] is not cell.verdicts[1]]


def _disjoint(boxes: Iterable[Box]) -> list[Box]:
    found: list[Box] = []
    for box in boxes:
        rest = [box]
        for other in found:
            rest = [part for each in rest for part in (each.minus(other.ranges) if meet(each, other) else [each])]
        found.extend(rest)
    return found


def meet(one: Box, other: Box) -> bool:
    """Whether two boxes share a header."""
    return one.version == other.version and all(one.ranges[name] & other.ranges[name] for name in one.ranges)


def _refined(cells: list[Cell], piece: Piece, *, after: bool) -> list[Cell]:
    """The cells cut at a piece, with how it ends added inside."""
    found: list[Cell] = []
    for cell in cells:
        if not meet(cell.box, piece.box):
            found.append(cell)
            continue
        found.extend(cell._replace(box=box) for box in cell.box.minus(piece.box.ranges))
        inside = Box(cell.box.version, {name: cell.box.ranges[name] & piece.box.ranges[name] for name in cell.box.ranges})
        outcome = {piece.trip.answered: piece}
        found.append(
            Cell(inside, cell.before, {**outcome, **cell.after}) if after else Cell(inside, {**outcome, **cell.before}, cell.after)
        )
    if len(found) > CELL_LIMIT:
        raise InputError(f"the two networks differ in more than {CELL_LIMIT} boxes of headers for one pair")
    return found


def joined_boxes(boxes: Sequence[Box]) -> list[Box]:
    """Boxes that differ in one field only made one, until none is left; which headers they hold stays the same."""
    todo, before = list(boxes), 0
    while len(todo) != before:
        before = len(todo)
        for name in sorted({name for box in todo for name in box.ranges}):
            by_rest: dict[object, Box] = {}
            for box in todo:
                rest = (box.version, tuple((field, ranges) for field, ranges in sorted(box.ranges.items()) if field != name))
                by_rest[rest] = box.with_ranges(**{name: by_rest[rest].ranges[name] | box.ranges[name]}) if rest in by_rest else box
            todo = list(by_rest.values())
    return todo
