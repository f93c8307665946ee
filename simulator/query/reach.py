"""Can A reach B? The exact answer, over everything the question leaves open (MODEL-3 to MODEL-6)."""

from __future__ import annotations

from collections.abc import Iterable

from simulator.aws.snapshot import Snapshot
from simulator.aws.vpc import Vpc
from simulator.evaluate.answer import Answer, Blocker, Query
from simulator.evaluate.exact import PIECE_LIMIT, TooManyPiecesError, explore, representative
from simulator.evaluate.result import RoundTrip, Verdict
from simulator.evaluate.walk import round_trip
from simulator.graph.nodes import FlowGraph
from simulator.packet.ranges import Ranges
from simulator.packet.service import Service, ServiceError, parse_ports
from simulator.problems import InputError
from simulator.query.cases import Part, allowed_of, cases_of, gaps_of
from simulator.query.endpoints import End, Sort, as_resolved, resolve
from simulator.query.notes import notes_of
from simulator.query.services import parsed_service, region_assumption
from simulator.query.space import Asked, can_start, hears, in_one_guest, questions_of, with_silent


def can(
    graph: FlowGraph,
    snapshot: Snapshot,
    source: str,
    destination: str,
    service: str | None = None,
    *,
    network: str = "",
    source_port: str | int | None = None,
    one_way: bool = False,
    all_blockers: bool = False,
) -> Answer:
    """The answer to one question (interface.md, sections 1 and 2).

    `service` none: every service, with the list of those that pass. `source_port` none: the ephemeral range of the source's kind
    (NACL-14). Raises `InputError` for ends, services or ports that mean nothing here.
    """
    wanted = parsed_service(service)
    asked = pairs_of(graph, snapshot, source, destination, service, source_port=source_port, one_way=one_way)
    graph, asked = with_silent(graph, asked)
    parts = _parts(graph, asked)
    query = Query(
        network,
        source,
        destination,
        str(wanted),
        ", ".join(sorted({str(one.ports) for one in asked})),
        one_way,
        ", ".join(sorted({one.why for one in asked if one.why})),
        service is not None,
    )
    regions = {vpc.region for vpc in snapshot.all(Vpc) if vpc.region}
    assumptions = snapshot.assumptions + region_assumption([source, destination], regions)
    answer = _answer(graph, query, parts, assumptions, all_blockers=all_blockers)
    return answer._replace(notes=notes_of(query, answer.delivered, answer.answered, answer.cases, answer.witness, snapshot))


def pairs_of(
    graph: FlowGraph,
    snapshot: Snapshot,
    source: str,
    destination: str,
    service: str | None = None,
    *,
    source_port: str | int | None = None,
    one_way: bool = False,
) -> list[Asked]:
    """The pairs of ends that a question is about, each with its questions for the exact analysis. Raises `InputError` as `can` does."""
    wanted, ports = parsed_service(service), _ports(source_port)
    sources, destinations = resolve(snapshot, source), resolve(snapshot, destination)
    if sources[0].sort is Sort.EVENT_SOURCE:
        how = "ask what it reaches by invocation (`by: invocation` in a scenario, `invoke` in Python)"
        raise InputError(f"`{source}` is an event source: it sends no packets; {how}")
    if all(one.sort is Sort.INTERFACE and not can_start(graph, one) for one in sources):
        raise InputError(f"`{source}` starts no connections")
    return _asked(graph, snapshot, sources, destinations, wanted, ports, one_way=one_way)


def _ports(text: str | int | None) -> Ranges | None:
    if text is None:
        return None
    try:
        return Ranges.of(parse_ports(str(text)))
    except ServiceError as error:
        raise InputError(f"source port: {error}") from error


def _asked(
    graph: FlowGraph,
    snapshot: Snapshot,
    sources: list[End],
    destinations: list[End],
    service: Service,
    ports: Ranges | None,
    *,
    one_way: bool,
) -> list[Asked]:
    """The questions about every pair; an end that stands for several is not asked about itself."""
    several = len(sources) * len(destinations) > 1
    found: list[Asked] = []
    for one in sources:
        for other in destinations:
            for target in as_resolved(snapshot, one, other):
                if several and (in_one_guest(snapshot, one, target) or not can_start(graph, one) or not hears(snapshot, target, service)):
                    continue
                found.extend(questions_of(graph, snapshot, one, target, service, ports, one_way=one_way))
    if not found:
        raise InputError("source and destination leave no pair to ask about")
    return found


def _parts(graph: FlowGraph, asked: list[Asked]) -> list[Part]:
    """All pieces of all questions; every pair and IP version counts the same, its questions by their size."""
    parts: list[Part] = []
    for one in asked:
        sizes = [question.box.size() for question in one.questions]
        for question, size in zip(one.questions, sizes, strict=True):
            share = size / sum(sizes) / len(asked)
            try:
                for piece in explore(graph, question, limit=PIECE_LIMIT - len(parts)):
                    parts.append(Part(one.source.label, one.destination.label, question, piece, share * piece.weight))
            except TooManyPiecesError as error:
                raise InputError(
                    f"the question falls into more than {PIECE_LIMIT} different pieces; ask about fewer ends or one service"
                ) from error
    return parts


def _answer(graph: FlowGraph, query: Query, parts: list[Part], assumptions: tuple[str, ...], *, all_blockers: bool) -> Answer:
    trips = [part.piece.trip for part in parts]
    one_way = query.one_way

    def explain(part: Part) -> RoundTrip:
        return _past_denials(graph, part) if all_blockers else part.piece.trip

    cases = cases_of(parts, one_way=one_way, explain=explain)
    works = _first(parts, True, one_way=one_way)
    fails = _first(parts, False, one_way=one_way) or _first(parts, None, one_way=one_way)
    blockers: dict[tuple[object, ...], Blocker] = {}
    for case in cases:
        for blocker in case.blockers:
            blockers.setdefault((blocker.leg, blocker.step.at, blocker.origin, blocker.code), blocker)
    return Answer(
        query,
        Verdict.over(trip.delivered for trip in trips),
        Verdict.over(trip.answered for trip in trips),
        works.piece.trip if works else None,
        explain(fails) if fails else None,
        cases,
        () if query.service_given else allowed_of(parts, one_way=one_way),
        tuple(blockers.values()),
        gaps_of(trips),
        assumptions + _met(graph, trips),
    )


def _first(parts: Iterable[Part], outcome: bool | None, *, one_way: bool) -> Part | None:
    """The part with the largest share that ends so: the witness to show."""
    fitting = [part for part in parts if part.outcome(one_way=one_way) is outcome]
    return max(fitting, key=lambda part: part.share, default=None)


def _past_denials(graph: FlowGraph, part: Part) -> RoundTrip:
    """The same walk, going on past every denial, so that all blockers show (MODEL-8)."""
    question, trip = part.question, part.piece.trip
    return round_trip(
        graph,
        question.start,
        representative(part.piece.box),
        expected=question.expected,
        choices=[taken.value for taken in trip.choices],
        one_way=question.one_way,
        past_denials=True,
    )


def _met(graph: FlowGraph, trips: Iterable[RoundTrip]) -> tuple[str, ...]:
    """The assumptions attached to nodes that any of the walks met."""
    met = {step.at for trip in trips for step in trip.steps} & graph.assumptions.keys()
    return tuple(dict.fromkeys(text for index in sorted(met) for text in graph.assumptions[index]))
