"""The walk itself: it ends, it is determined by what it is given, and its steps hang together."""

import itertools

from hypothesis import assume, given
from hypothesis import strategies as st

from simulator.evaluate.result import Disposition, Outcome
from simulator.evaluate.walk import _Leg
from simulator.graph.nodes import Filter, Masquerade, Redirect, Rewrite, successors
from simulator.graph.verify import verify
from simulator.testing.strategies import MIXED, NAT_HEAVY, SLOPPY, TRANSIT_HEAVY, WIDE, edits, packets, snapshots
from tests.properties.budget import examples
from tests.properties.walks import drawn_walk, everywhere, graph_of, trip_of, walk

KINDS = [MIXED, NAT_HEAVY, TRANSIT_HEAVY, WIDE]
SNAPSHOTS = st.sampled_from(KINDS).flatmap(snapshots)


@examples(50)
@given(st.sampled_from([*KINDS, SLOPPY]).flatmap(snapshots))
def test_every_compiled_network_keeps_the_rules_of_graphs(snapshot):
    verify(graph_of(snapshot))


@examples(40)
@given(st.data())
def test_every_edited_network_keeps_the_rules_of_graphs(data):
    snapshot = data.draw(SNAPSHOTS)
    for _ in range(3):
        snapshot = data.draw(edits(snapshot))(snapshot)
    verify(graph_of(snapshot))


@examples(50)
@given(st.data())
def test_a_walk_ends(data):
    """MODEL-6, NAT-13: even with every denial passed, a leg never stands twice in one state."""
    snapshot = data.draw(SNAPSHOTS)
    graph = graph_of(snapshot)
    for packet in data.draw(st.lists(packets(snapshot), min_size=1, max_size=4)):
        trip = walk(graph, packet, everywhere(snapshot), past_denials=True)
        for leg in trip.legs:
            assert len(leg.steps) <= 4 * len(graph.nodes)
            assert isinstance(leg.disposition, Disposition)


@examples(40)
@given(st.data())
def test_a_walk_is_determined_by_entry_header_and_choices(data):
    snapshot = data.draw(SNAPSHOTS)
    graph, packet = graph_of(snapshot), data.draw(packets(snapshot))
    trip = drawn_walk(data.draw, lambda chosen: walk(graph, packet, everywhere(snapshot), chosen))
    assert walk(graph, packet, everywhere(snapshot), [taken.value for taken in trip.choices]) == trip


@examples(40)
@given(st.data())
def test_a_walk_cut_in_two_is_the_same_walk(data):
    """Header, marks and sessions are all that a packet carries from one hop to the next."""
    snapshot = data.draw(SNAPSHOTS)
    graph, packet = graph_of(snapshot), data.draw(packets(snapshot))
    trip = trip_of(snapshot, packet)
    steps, taken = trip.forward.steps, list(trip.forward.choices)
    assume(trip.forward.disposition is not Disposition.LOOP)
    at = data.draw(st.integers(0, len(steps) - 1))
    left = [choice.value for choice in taken[sum(one.place in places_of(steps[:at]) for one in taken) :]]
    assume(not any(one.place in places_of(steps[at:]) and one.place in places_of(steps[:at]) for one in taken))
    sessions = sessions_of(steps[:at])
    rest = _Leg(graph, sessions, left, everywhere(snapshot), marks=steps[at].marks).walk(steps[at].at, steps[at].before)
    assert [step[:6] for step in rest.steps] == [step[:6] for step in steps[at:]]
    assert (rest.end, rest.received) == (trip.forward.end, trip.forward.received)


def places_of(steps):
    return {step.place for step in steps}


def sessions_of(steps):
    """What filters and translations on the way remembered."""
    found: dict[str, dict[object, object]] = {}
    for step in steps:
        if isinstance(step.node, Filter) and step.node.remembers and step.outcome in (Outcome.PERMITTED, Outcome.UNKNOWN):
            found.setdefault(step.node.remembers, {})[step.before] = step.before
        if isinstance(step.node, Rewrite) and isinstance(step.node.how, Masquerade | Redirect):
            found.setdefault(step.node.how.table, {})[step.after] = step.before
    return found


@examples(50)
@given(st.data())
def test_steps_follow_the_graph_and_only_rewrites_change_the_header(data):
    snapshot = data.draw(SNAPSHOTS)
    graph, packet = graph_of(snapshot), data.draw(packets(snapshot))
    trip = trip_of(snapshot, packet)
    assert trip.forward.steps[0].before == packet.flow
    for leg in trip.legs:
        for step, after in itertools.pairwise(leg.steps):
            assert after.at in successors(graph.nodes[step.at])
            assert after.before == step.after
            assert step.before == step.after or isinstance(step.node, Rewrite)
    if trip.back:
        assert trip.back.steps[0].before == trip.forward.received.reversed()


@examples(50)
@given(st.data())
def test_what_stops_a_packet_has_a_code_and_an_origin(data):
    snapshot = data.draw(SNAPSHOTS)
    for leg in trip_of(snapshot, data.draw(packets(snapshot))).legs:
        last = leg.steps[-1]
        if leg.disposition is Disposition.GAP:
            last = leg.gaps[0]
        if leg.disposition is not Disposition.DELIVERED:
            assert last.code
        if last.outcome is Outcome.DENIED:
            assert last.because is not None
