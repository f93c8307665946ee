"""Verdicts over outcomes, and what traces and round trips say of themselves."""

from __future__ import annotations

from itertools import product

import pytest

from simulator.evaluate.result import BLOCKING, DISPOSITION_OF, Disposition, Outcome, RoundTrip, Taken, Trace, Verdict
from simulator.graph.codes import CODES
from simulator.graph.nodes import Place, Send
from simulator.packet.ranges import Ranges
from tests.evaluate.hand import deliver, drop, flow, graph, judge, leg, rewrite, walk


@pytest.mark.parametrize(
    ("outcomes", "verdict"),
    [
        ([True], Verdict.ALWAYS),
        ([False], Verdict.NEVER),
        ([None], Verdict.UNKNOWN),
        ([True, False], Verdict.SOMETIMES),
        ([True, None], Verdict.UNKNOWN),
        ([False, None], Verdict.UNKNOWN),
        ([True, False, None], Verdict.SOMETIMES),
        ([], Verdict.UNKNOWN),
    ],
)
def test_MODEL_5_a_gap_counts_only_where_it_could_change_the_verdict(outcomes: list[bool | None], verdict: Verdict) -> None:
    assert Verdict.over(iter(outcomes)) is verdict
    assert Verdict.over(iter(outcomes * 2)) is verdict


def test_every_code_that_names_a_disposition_is_in_the_vocabulary() -> None:
    assert DISPOSITION_OF.keys() <= CODES


def test_the_outcomes_that_block_end_a_leg() -> None:
    assert {Outcome.DENIED, Outcome.DROPPED, Outcome.LOOPED} == BLOCKING


def test_hops_are_runs_of_one_place() -> None:
    built = graph(start=rewrite(Send("client"), then="again"), again=rewrite(Send("client"), then="judge"), judge=judge(then="server"))
    assert [(hop.place.id, len(hop.steps)) for hop in leg(built).hops] == [("rewrite", 2), ("judge", 1)]


def forward_leg(arrives: bool | None) -> Trace:
    match arrives:
        case True:
            return leg(graph(start=deliver("server")))
        case False:
            return leg(graph(start=drop()))
        case _:
            return leg(graph(start=judge(then="server", unread=True)))


@pytest.mark.parametrize(("forward", "back"), list(product((True, False, None), repeat=2)))
def test_a_round_trip_is_answered_when_both_legs_arrive(forward: bool | None, back: bool | None) -> None:
    trip = RoundTrip(forward_leg(forward), forward_leg(back))
    wanted = False if False in (forward, back) else None if None in (forward, back) else True
    assert (trip.delivered, trip.answered) == (forward, wanted)
    assert trip.legs == (forward_leg(forward), forward_leg(back))


@pytest.mark.parametrize("forward", [True, False, None])
def test_without_a_reply_the_forward_leg_decides(forward: bool | None) -> None:
    trip = RoundTrip(forward_leg(forward), None)
    assert (trip.delivered, trip.answered, trip.legs) == (forward, forward, (forward_leg(forward),))


def test_arrived_is_true_for_delivered_only() -> None:
    trace = forward_leg(True)
    wanted = {Disposition.DELIVERED: True, Disposition.GAP: None}
    assert all(trace._replace(disposition=one).arrived is wanted.get(one, False) for one in Disposition)


def test_steps_and_choices_of_a_round_trip_are_those_of_both_legs() -> None:
    built = graph(start=rewrite(Send("client"), then="server"), server=deliver("server", "back"), back=deliver("client"))
    trip = walk(built, flow())
    assert [step.at for step in trip.steps] == [0, 1, 2]
    assert trip.choices == ()


def test_values_of_a_choice_have_names() -> None:
    taken = Taken("option", Place("fn", "lambda-function"), 1, 0, 3, ("a", "b", "c", "d"))
    assert taken.texts(Ranges.of((0, 1), (3, 3))) == ["a", "b", "d"]
