"""From pieces to what people read: cases, blockers, services that pass. Groups of pieces that end alike become one case each."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from simulator.evaluate.answer import Allowed, Blocker, Case, Gap
from simulator.evaluate.exact import Piece, Question
from simulator.evaluate.result import RoundTrip, Step, Verdict
from simulator.packet.flow import PROTOCOL_NAMES, WITH_PORTS, WITH_TYPES
from simulator.packet.prefix import words_of
from simulator.packet.ranges import Ranges, union
from simulator.packet.space import Box

# Fields in the order people ask about them, and how their values are called in `when`.
WORDS = {
    "protocol": "protocol",
    "destination_port": "ports",
    "icmp_type": "icmp_type",
    "icmp_code": "icmp_code",
    "source": "source_addresses",
    "destination": "destination_addresses",
    "source_port": "source_ports",
}


class Part(NamedTuple):
    """A piece with the pair of ends it belongs to and its share of the whole question."""

    source: str
    destination: str
    question: Question
    piece: Piece
    share: float

    def outcome(self, *, one_way: bool) -> bool | None:
        """Whether what was asked works; none for a gap."""
        return self.piece.trip.delivered if one_way else self.piece.trip.answered


def blockers_of(trip: RoundTrip) -> tuple[Blocker, ...]:
    """The steps of a round trip that refuse it, the forward leg's first."""
    found = []
    for leg, trace in zip(("forward", "reply"), trip.legs, strict=False):
        for step in trace.blockers:
            found.append(Blocker(leg, step, step.because.resource if step.because else step.place.id, step.because))
    return tuple(found)


def gaps_of(trips: Iterable[RoundTrip]) -> tuple[Gap, ...]:
    """What was not read or not modelled on the way of any of the trips."""
    found: dict[Gap, None] = {}
    for trip in trips:
        for leg, trace in zip(("forward", "reply"), trip.legs, strict=False):
            for step in trace.gaps:
                resource = step.because.resource if step.because else step.place.id
                found[Gap(resource, step.place.id, step.node.what, leg)] = None
    return tuple(found)


def signature(trip: RoundTrip) -> object:
    """Two pieces with one signature ended for the same reason: same legs' ends, same deciding steps."""
    last = [trace.steps[-1] for trace in trip.legs]
    return tuple((trace.disposition, *_decision(step)) for trace, step in zip(trip.legs, last, strict=True)) + tuple(
        _decision(step) for trace in trip.legs for step in trace.gaps
    )


def _decision(step: Step) -> tuple[object, ...]:
    return step.at, step.because, step.code


def cases_of(parts: list[Part], *, one_way: bool, explain: Callable[[Part], RoundTrip]) -> tuple[Case, ...]:
    """The cases of a question, failing ones first, then by share. `explain` walks a failing part again with all its blockers."""
    groups: dict[object, list[Part]] = {}
    for part in parts:
        outcome = part.outcome(one_way=one_way)
        ends = (part.source, part.destination)
        choices = tuple((taken.what, taken.place, taken.first, taken.last) for taken in part.piece.trip.choices)
        reason = (ends, part.question.box.version, outcome, choices, None if outcome else signature(part.piece.trip))
        groups.setdefault(reason, []).append(part)
    several = len({(part.source, part.destination) for part in parts}) > 1
    versions = len({part.question.box.version for part in parts}) > 1
    services = len({part.question.box.ranges["protocol"] for part in parts}) > 1
    cases = []
    for members in groups.values():
        for part in merged(members):
            case = _case(part, one_way=one_way, several=several, explain=explain)
            if services and "protocol" not in case.when:  # the boxes of one question differ in it
                word = _text("protocol", part.piece.box.ranges["protocol"], part.piece.box.version)
                case = case._replace(when={**case.when, "protocol": word})
            if versions:
                case = case._replace(when={**case.when, "ip_version": f"IPv{part.piece.box.version}"})
            cases.append(case)
    order = {Verdict.NEVER: 0, Verdict.UNKNOWN: 1, Verdict.ALWAYS: 2, Verdict.SOMETIMES: 3}
    return tuple(sorted(cases, key=lambda case: (order[case.verdict], -case.share)))


def _case(part: Part, *, one_way: bool, several: bool, explain: Callable[[Part], RoundTrip]) -> Case:
    outcome = part.outcome(one_way=one_way)
    trip = part.piece.trip if outcome else explain(part)
    when: dict[str, str | list[str]] = {}
    if several:
        when.update(source=part.source, destination=part.destination)
    when.update(when_of(part.piece.box, part.question.box, part.piece.trip))
    return Case(when, Verdict.over(iter([outcome])), part.share, trip, () if outcome else blockers_of(trip))


def merged(parts: list[Part]) -> list[Part]:
    """Parts whose boxes differ in one field only become one; repeated until none is left."""
    todo, before = list(parts), 0
    while len(todo) != before:
        before = len(todo)
        for name in sorted({name for part in todo for name in part.piece.box.ranges}):
            by_rest: dict[object, Part] = {}
            for part in todo:
                rest = tuple((field, ranges) for field, ranges in sorted(part.piece.box.ranges.items()) if field != name)
                by_rest[rest] = _joined(by_rest[rest], part, name) if rest in by_rest else part
            todo = list(by_rest.values())
    return todo


def _joined(one: Part, two: Part, name: str) -> Part:
    ranges = {**one.piece.box.ranges, name: one.piece.box.ranges[name] | two.piece.box.ranges[name]}
    piece = Piece(Box(one.piece.box.version, ranges), one.piece.trip, one.piece.weight + two.piece.weight)
    return Part(one.source, one.destination, one.question, piece, one.share + two.share)


def when_of(box: Box, question: Box, trip: RoundTrip) -> Mapping[str, str | list[str]]:
    """The fields that a piece restricts, as text. Choices: which interface, which ports of which NAT."""
    found: dict[str, str | list[str]] = {}
    for name, word in WORDS.items():
        ranges = box.ranges[name]
        if ranges != question.ranges[name]:
            found[word] = _text(name, ranges, box.version)
    for number, taken in enumerate(trip.choices):
        chosen = box.ranges.get(f"choice {number}")
        if chosen is None or chosen.size == taken.last - taken.first + 1:
            continue
        if taken.what == "port":
            found["nat_ports"] = f"{taken.place.id}: {chosen}"
        else:
            word = "choice" if taken.what == "option" else "nat_addresses"
            found[word] = [*found.get(word, []), *taken.texts(chosen)]
    return found


def _text(name: str, ranges: Ranges, version: int) -> str:
    if name in ("source", "destination"):
        return ", ".join(words_of(version, ranges))
    if name == "protocol":
        return ", ".join(_protocol(number) for first, last in ranges for number in ([first] if first == last else [first, last]))
    return str(ranges)


def _protocol(number: int) -> str:
    return PROTOCOL_NAMES.get(number, f"proto/{number}")


# --- services that pass ----------------------------------------------------------------------------------------------------------


def allowed_of(parts: list[Part], *, one_way: bool) -> tuple[Allowed, ...]:
    """The exact services of which something passes, for a question that named none: always, or for some headers only."""
    found: list[Allowed] = []
    protocols = _cells(part.piece.box.ranges["protocol"] for part in parts)
    bare: list[tuple[int, int, Verdict]] = []
    for first, last in protocols:
        for number in [first] if first not in WITH_PORTS | WITH_TYPES else range(first, last + 1):
            members = [part for part in parts if number in part.piece.box.ranges["protocol"]]
            if number in WITH_PORTS:
                found.extend(_by_field(members, "destination_port", _protocol(number), one_way=one_way))
            elif number in WITH_TYPES:
                found.extend(_by_field(members, "icmp_type", _protocol(number), one_way=one_way))
            else:
                bare.append((first, last, _verdict(members, one_way=one_way)))
    for first, last, verdict in _joined_cells(bare):
        if verdict is not Verdict.NEVER:
            found.append(Allowed(_protocol(first) if first == last else f"proto/{first}-{last}", verdict))
    return tuple(found)


def _by_field(parts: list[Part], name: str, word: str, *, one_way: bool) -> Iterator[Allowed]:
    cells = []
    for first, last in _cells(part.piece.box.ranges[name] for part in parts):
        members = [part for part in parts if first in part.piece.box.ranges[name]]
        cells.append((first, last, _verdict(members, one_way=one_way)))
    joined = _joined_cells(cells)
    everything = len(joined) == 1 and (joined[0][0], joined[0][1]) in ((0, 65535), (0, 255))
    for first, last, verdict in joined:
        if verdict is not Verdict.NEVER:
            detail = "" if everything else f"/{first}" if first == last else f"/{first}-{last}"
            yield Allowed(word + detail, verdict)


def _verdict(parts: list[Part], *, one_way: bool) -> Verdict:
    return Verdict.over(part.outcome(one_way=one_way) for part in parts)


def _cells(sets: Iterable[Ranges]) -> list[tuple[int, int]]:
    """Cut the integers at every border of any of the sets: within a cell, each set holds all or nothing."""
    listed = list(sets)
    whole = union(listed)
    borders = sorted({border for ranges in listed for first, last in ranges for border in (first, last + 1)})
    return [(first, after - 1) for first, after in itertools.pairwise(borders) if first in whole]


def _joined_cells(cells: list[tuple[int, int, Verdict]]) -> list[tuple[int, int, Verdict]]:
    joined: list[tuple[int, int, Verdict]] = []
    for first, last, verdict in sorted(cells, key=lambda cell: cell[0]):
        if joined and joined[-1][1] + 1 == first and joined[-1][2] is verdict:
            joined[-1] = (joined[-1][0], last, verdict)
        else:
            joined.append((first, last, verdict))
    return joined
