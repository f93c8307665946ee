"""Many flows of a graph at once: the batch evaluator, and the walker for the few flows that it leaves.

What comes out is the walker's answer for every flow, as numbers: how each leg ended, at which node, and by which rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from simulator.evaluate.batch.flows import NO_RULE, Outcomes, Sent, Starts
from simulator.evaluate.batch.lower import NUMBER
from simulator.evaluate.batch.program import Program
from simulator.evaluate.batch.run import run
from simulator.evaluate.result import Outcome, RoundTrip, Trace
from simulator.evaluate.walk import round_trip
from simulator.graph.nodes import Filter, FlowGraph

if TYPE_CHECKING:
    from collections.abc import Callable


class Ended(NamedTuple):
    """How one leg ended: a number in `DISPOSITIONS`, the last node, the number of the rule that denied or -1."""

    disposition: int
    node: int
    rule: int


def run_flows(
    graph: FlowGraph, program: Program, version: int, starts: Starts, sent_of: Callable[[int], Sent], *, one_way: bool = False
) -> Outcomes:
    """The outcomes of flows of one version; `sent_of` gives a flow by its row, for the walker."""
    found = run(program, version, starts, one_way=one_way)
    for row in found.strange.nonzero()[0].tolist():
        walked = sent_of(row)
        trip = round_trip(graph, walked.node, walked.flow, expected=walked.expected, choices=walked.choices, one_way=one_way)
        forward, back = ended(trip)
        for ends, end in ((found.forward, forward), (found.back, back)):
            if end:
                ends.disposition[row], ends.node[row], ends.rule[row] = end
        if back is None:
            found.back.disposition[row], found.back.node[row], found.back.rule[row] = 255, -1, NO_RULE
        found.chosen[row] = min(len(trip.choices), 255)
    return found


def ended(trip: RoundTrip) -> tuple[Ended, Ended | None]:
    """What the batch evaluator tells of a round trip, from a walked one."""
    return _ended(trip.forward), _ended(trip.back) if trip.back else None


def _ended(leg: Trace) -> Ended:
    last = leg.steps[-1]
    return Ended(NUMBER[leg.disposition], last.at, _rule(last.node, last.because) if last.outcome is Outcome.DENIED else NO_RULE)


def _rule(node: object, because: object) -> int:
    """The number of the rule that denied; several rules of one origin are one rule of the user's."""
    rules = node.rules.rules if isinstance(node, Filter) else ()
    return next((number for number, rule in enumerate(rules) if rule.origin is because), NO_RULE)
