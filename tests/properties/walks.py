"""Walking drawn packets: where one may arrive, what of a walk can be compared, and walks whose choices are drawn too."""

from collections.abc import Callable, Iterable

from hypothesis import reject
from hypothesis import strategies as st

from simulator.api import Network
from simulator.aws.internet import ENDPOINT
from simulator.aws.link_local import ENDPOINT as PLATFORM
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.snapshot import Snapshot
from simulator.compile import compile_snapshot
from simulator.evaluate.answer import Answer
from simulator.evaluate.result import RoundTrip, Step
from simulator.evaluate.walk import round_trip
from simulator.graph.nodes import FlowGraph
from simulator.packet.ranges import Ranges
from simulator.problems import InputError
from simulator.testing.strategies import Packet, Question

# One decision, as far as it does not depend on numbering: place, what, outcome, header before and after, code.
Decision = tuple[object, ...]


def everywhere(snapshot: Snapshot) -> frozenset[str]:
    """All endpoints: a packet that arrives anywhere has arrived."""
    return frozenset({ENDPOINT, PLATFORM, *(interface.id for interface in snapshot.all(NetworkInterface))})


def walk(graph: FlowGraph, packet: Packet, expected: frozenset[str], choices: Iterable[int] = (), **options: bool) -> RoundTrip:
    node = graph.entries[packet.entry].node
    assert isinstance(node, int)
    return round_trip(graph, node, packet.flow, expected=expected, choices=list(choices), **options)


def trip_of(snapshot: Snapshot, packet: Packet, expected: frozenset[str] | None = None) -> RoundTrip:
    return walk(graph_of(snapshot), packet, expected or everywhere(snapshot))


def graph_of(snapshot: Snapshot) -> FlowGraph:
    return snapshot.index("graph of properties", lambda: compile_snapshot(snapshot))


def drawn_walk(draw: st.DrawFn, walk_with: Callable[[list[int]], RoundTrip]) -> RoundTrip:
    """The walk for a drawn choice sequence: each value out of what the service may choose there."""
    chosen: list[int] = []
    while True:
        trip = walk_with(chosen)
        if len(trip.choices) == len(chosen):
            return trip
        taken = trip.choices[len(chosen)]
        chosen.append(draw(st.integers(taken.first, taken.last)))


def value_in(draw: st.DrawFn, ranges: Ranges) -> int:
    """A member of a set, often one at its borders."""
    first, last = draw(st.sampled_from(ranges.intervals))
    return draw(st.one_of(st.sampled_from((first, last)), st.integers(first, last)))


def decision(step: Step) -> Decision:
    return step.place.id, step.node.what, step.outcome, step.before, step.after, step.code


def decisions(trip: RoundTrip) -> list[Decision]:
    return [decision(step) for step in trip.steps]


def ends(trip: RoundTrip) -> list[tuple[object, ...]]:
    """How and where each leg ended, with what header, and by what route of places."""
    return [(leg.disposition, leg.end, leg.steps[-1].code, leg.received, tuple(hop.place.id for hop in leg.hops)) for leg in trip.legs]


def asked(network: Network, question: Question) -> Answer:
    """The answer; an example is thrown away where there are more pieces than a property waits for."""
    try:
        return question.ask(network)
    except InputError as error:
        if "different pieces" in str(error):
            reject()
        raise


def summary(answer: Answer) -> tuple[object, ...]:
    return answer.delivered, answer.answered, bool(answer.gaps)
