"""The exact analysis against brute force: every header and every choice sequence of small questions on small graphs.

The walker is the definition. For each header and each choice sequence there must be exactly one piece that holds them, and every
decision of their walk must be the one of the piece's representative.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import product
from random import Random

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from simulator.evaluate.exact import Piece, Question, explore
from simulator.evaluate.region import choice_name
from simulator.evaluate.result import RoundTrip
from simulator.evaluate.walk import round_trip
from simulator.graph.nodes import FlowGraph
from simulator.packet.flow import Flow
from simulator.packet.ranges import Ranges
from simulator.packet.space import FIELDS, Box
from tests.evaluate.small_graphs import random_graph, random_question

EXAMPLES = int(os.environ.get("VPCSIM_EXAMPLES", "300"))


def headers(box: Box) -> Iterator[Flow]:
    """Every header of a box, choices left out."""
    for values in product(*(list(_members(box.ranges[name])) for name in FIELDS)):
        yield Flow(box.version, *values)


def _members(ranges: Ranges) -> Iterator[int]:
    for first, last in ranges:
        yield from range(first, last + 1)


def trips(graph: FlowGraph, question: Question, flow: Flow) -> Iterator[RoundTrip]:
    """The round trip of a header under every choice sequence."""
    work: list[tuple[int, ...]] = [()]
    while work:
        choices = work.pop()
        trip = round_trip(
            graph, question.start, flow, expected=question.expected, choices=choices, one_way=question.one_way
        )
        taken = trip.choices
        assert tuple(one.value for one in taken[: len(choices)]) == choices
        yield trip
        for position in range(len(choices), len(taken)):
            before = tuple(one.value for one in taken[:position])
            one = taken[position]
            work += [(*before, value) for value in range(one.first, one.last + 1) if value != one.value]


def decisions(trip: RoundTrip) -> object:
    """All that must be the same within a piece: how both legs end, and what decided at each node on the way."""
    return [
        (leg.disposition, leg.end, leg.sender, [(step.at, step.outcome, step.because, step.code, step.detail) for step in leg.steps])
        for leg in trip.legs
    ]


def holds(piece: Piece, flow: Flow, trip: RoundTrip) -> bool:
    ranges = piece.box.ranges
    if any(getattr(flow, name) not in ranges[name] for name in FIELDS):
        return False
    return all(one.value in ranges.get(choice_name(n), Ranges.point(one.value)) for n, one in enumerate(trip.choices))


def likelihood(trip: RoundTrip) -> float:
    share = 1.0
    for one in trip.choices:
        share /= one.last - one.first + 1
    return share


def check(graph: FlowGraph, question: Question) -> None:
    pieces = list(explore(graph, question))
    shares = [0.0] * len(pieces)
    count = 0
    for flow in headers(question.box):
        count += 1
        for trip in trips(graph, question, flow):
            found = [n for n, piece in enumerate(pieces) if holds(piece, flow, trip)]
            assert len(found) == 1, (str(flow), [one.value for one in trip.choices], found)
            piece = pieces[found[0]]
            assert decisions(piece.trip) == decisions(trip), (str(flow), [one.value for one in trip.choices], piece.box)
            named = [choice_name(n) for n in range(len(trip.choices))]
            assert list(piece.box.ranges) == [*FIELDS, *named]
            shares[found[0]] += likelihood(trip)
    assert count == question.box.size()
    for piece, share in zip(pieces, shares, strict=True):
        assert piece.weight == pytest.approx(share / count)
    assert sum(piece.weight for piece in pieces) == pytest.approx(1)
    for piece in pieces:
        event(" / ".join(leg.disposition.value for leg in piece.trip.legs))
        if piece.trip.answered: event("answered, NATs %d restored %d" % (sum(o.what=="port" for o in piece.trip.choices), sum(st.outcome.value=="restored" for st in piece.trip.steps)))
        event("sizes", len(pieces))


@given(st.randoms(use_true_random=False))
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_header_and_choice_goes_as_its_piece_says(random: Random) -> None:
    check(random_graph(random), random_question(random))


def test_fast() -> None:
    from collections import Counter
    c=Counter()
    import tests.evaluate.test_exact as me
    me.event=lambda *a: c.update([a])
    import time
    t=time.time()
    for seed in range(1000):
        random=Random(seed)
        check(random_graph(random), random_question(random))
    print(time.time()-t)
    for k,v in c.most_common(80): print(v,k)
