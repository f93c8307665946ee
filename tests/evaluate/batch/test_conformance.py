"""The batch evaluator against the walker: both legs, how they ended, at which node, by which rule.

    VPCSIM_FLOWS=100000000 pytest tests/evaluate/batch/test_conformance.py

goes on until so many flows were compared.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import chain, count, islice
from random import Random

import numpy as np
import pytest

from simulator.evaluate.batch import compiled, staged
from simulator.evaluate.batch.flows import NO_RULE, Outcomes, Sent, Starts, starts_of
from simulator.evaluate.batch.index import index_of
from simulator.evaluate.batch.jit import COMPILES
from simulator.evaluate.batch.lower import lower
from simulator.evaluate.batch.program import Program
from simulator.evaluate.exact import Piece, Question, explore
from simulator.evaluate.many import Ended, ended, run_flows
from simulator.evaluate.region import choice_name
from simulator.evaluate.result import RoundTrip
from simulator.graph.nodes import FlowGraph
from simulator.packet.flow import Flow
from simulator.packet.prefix import BITS
from simulator.packet.ranges import Ranges
from simulator.packet.space import FIELDS, ZERO, Box
from tests.evaluate.small_graphs import random_graph, random_question
from tests.evaluate.test_exact import every_trip

FLOWS = int(os.environ.get("VPCSIM_FLOWS", "15000"))
PIECES = int(os.environ.get("VPCSIM_FLOWS", "1000000"))
NOT_WALKED = Ended(255, -1, NO_RULE)
# Each of these once told a wrong line from the right one.
TELLING = (230, 1503, 1577, 2995)
SHARE = {"staged": 1, "compiled": 1 if COMPILES else 0.002}  # interpreted, it only has to be right
SHARE |= {f"{name}, lists indexed": share / 4 for name, share in SHARE.items()}


def indexed(evaluator: Evaluator) -> Evaluator:
    """The same with an index of all rule lists, which otherwise only many flows are worth."""

    def run(of: Program, version: int, starts: Starts, *, one_way: bool = False) -> Outcomes:
        of.prepared["index", version] = of.prepared["long lists", version] = index_of(of.tables[version].rules, 1), 0
        return evaluator(of, version, starts, one_way=one_way)

    return run


Evaluator = Callable[..., Outcomes]
EVALUATORS: dict[str, Evaluator] = {"staged": staged.run, "compiled": compiled.run}
EVALUATORS |= {f"{name}, lists indexed": indexed(run) for name, run in EVALUATORS.items()}


def cases(seed: int, version: int) -> tuple[FlowGraph, Question, list[tuple[Sent, RoundTrip]]]:
    """A random graph, and every header and choice of a random question about it (of the first 3,000)."""
    random = Random(seed)
    graph, question = random_graph(random, version), random_question(random, version)
    found = [
        (Sent(question.start, flow, question.expected, tuple(choice.value for choice in trip.choices)), trip)
        for flow, trip in islice(every_trip(graph, question), 3000)
    ]
    return graph, question, found


def row(found: Outcomes, at: int) -> tuple[Ended, Ended]:
    return tuple(Ended(int(ends.disposition[at]), int(ends.node[at]), int(ends.rule[at])) for ends in (found.forward, found.back))  # type: ignore[return-value]


def compare(name: str, seed: int, version: int) -> tuple[int, int]:
    """Flows compared, and flows left to the walker."""
    graph, question, found = cases(seed, version)
    if not found:
        return 0, 0
    program = lower(graph)
    got = EVALUATORS[name](program, version, starts_of(program, [sent for sent, _ in found]), one_way=question.one_way)
    for at, (sent, trip) in enumerate(found):
        if not got.strange[at]:
            forward, back = ended(trip)
            assert (row(got, at), got.chosen[at]) == ((forward, back or NOT_WALKED), len(trip.choices)), (
                f"seed {seed}, IPv{version}: {sent}"
            )
    return len(found), int(got.strange.sum())


def seeds() -> Iterator[tuple[int, int]]:
    return ((seed, version) for seed in chain(TELLING, count()) for version in (4, 6))


@pytest.mark.parametrize("name", EVALUATORS)
def test_every_header_and_choice_ends_as_the_walker_says(name: str) -> None:
    compared = left = 0
    for seed, version in seeds():
        flows, strange = compare(name, seed, version)
        compared, left = compared + flows, left + strange
        if compared >= FLOWS * SHARE[name]:
            break
    assert compared < 1000 or left < compared / 2  # loops, mostly, and pairs of IPv6 addresses that nothing tells apart


@pytest.mark.parametrize("name", EVALUATORS)
def test_every_header_of_a_piece_ends_as_its_representative(name: str) -> None:
    """The exact analysis walks one header of each piece; a million others must end as it did."""
    compared = 0
    for seed, version in seeds():
        random, numbers = Random(seed), np.random.default_rng(seed)
        graph, question = random_graph(random, version), random_question(random, version)
        question = question._replace(box=wide(question.box))
        program = lower(graph)
        for piece in islice(explore(graph, question), 200):
            sent = drawn(piece, question, 500, numbers)
            got = EVALUATORS[name](program, version, starts_of(program, sent), one_way=question.one_way)
            forward, back = ended(piece.trip)
            for ends, wanted in ((got.forward, forward), (got.back, back or NOT_WALKED)):
                for column, value in zip(ends, wanted, strict=True):
                    assert ((column == value) | got.strange).all(), f"seed {seed}, IPv{version}: {piece.box}"
            compared += len(sent)
        if compared >= PIECES * SHARE[name]:
            break


def wide(box: Box) -> Box:
    """The same question with as many headers as there are: every address and port from the outside in."""
    ports = {name: Ranges.of((0, 65535)) for name in ("source_port", "destination_port") if box.ranges[name] != ZERO}
    everyone = Ranges.of((0, (1 << BITS[box.version]) - 1))
    return box.with_ranges(source=everyone, destination=everyone, **ports)


def drawn(piece: Piece, question: Question, count: int, numbers: np.random.Generator) -> list[Sent]:
    """Headers of a piece, with choices of it, near the borders as often as inside."""
    columns = {name: values(ranges, count, numbers) for name, ranges in piece.box.ranges.items()}
    taken = [columns.get(choice_name(at), [one.value] * count) for at, one in enumerate(piece.trip.choices)]
    headers = zip(*(columns[name] for name in FIELDS), strict=True)
    return [
        Sent(question.start, Flow(piece.box.version, *header), question.expected, tuple(one[at] for one in taken))
        for at, header in enumerate(headers)
    ]


def values(ranges: Ranges, count: int, numbers: np.random.Generator) -> list[int]:
    intervals = ranges.intervals
    found = []
    for which, share, edge in zip(
        numbers.integers(0, len(intervals), count), numbers.random(count), numbers.integers(0, 4, count), strict=True
    ):
        first, last = intervals[which]
        found.append((first, last)[edge] if edge < 2 else first + int(share * (last - first)))
    return found


def test_what_is_left_to_the_walker_is_answered_by_it() -> None:
    for seed, version in islice(seeds(), 60):
        graph, question, found = cases(seed, version)
        if not found:
            continue
        program = lower(graph)
        sent = [one for one, _ in found]
        got = run_flows(graph, program, version, starts_of(program, sent), sent.__getitem__, one_way=question.one_way)
        for at, (_, trip) in enumerate(found):
            forward, back = ended(trip)
            assert row(got, at) == (forward, back or NOT_WALKED)


def test_flows_start_anywhere_and_in_any_number() -> None:
    """More flows than a block holds, of several entries, as one run and alone."""
    graph, _, found = cases(3, 4)
    program = lower(graph)
    sent = [one for one, _ in found][:50]
    many = staged.run(program, 4, starts_of(program, sent * (staged.BLOCK // len(sent) + 2)))
    for at, one in enumerate(sent):
        alone = staged.run(program, 4, starts_of(program, [one]))
        assert row(many, at) == row(alone, 0) == row(many, at + len(sent) * (staged.BLOCK // len(sent)))
