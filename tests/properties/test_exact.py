"""The exact analysis against the walker: pieces are disjoint, are all there is, and each is what its walk says (MODEL-5, MODEL-6)."""

from itertools import combinations

import pytest
from hypothesis import assume, given, reject
from hypothesis import strategies as st

from simulator.aws.network_interface import NetworkInterface
from simulator.evaluate.exact import Piece, Question, TooManyPiecesError, explore
from simulator.evaluate.result import Verdict
from simulator.evaluate.walk import round_trip
from simulator.packet.flow import Flow
from simulator.packet.ranges import Ranges
from simulator.packet.service import Service
from simulator.packet.space import FIELDS, Box
from simulator.testing.strategies import NAT_HEAVY, OPEN, TRANSIT_HEAVY, WIDE, entries, flows, networks, questions, snapshots
from tests.properties.budget import examples
from tests.properties.walks import asked, drawn_walk, everywhere, graph_of, value_in

KINDS = st.sampled_from([NAT_HEAVY, OPEN, TRANSIT_HEAVY, WIDE])
SNAPSHOTS, NETWORKS = KINDS.flatmap(snapshots), KINDS.flatmap(networks)
PIECES = 300
SERVICES = ("tcp/443", "tcp/1-1100", "udp", "icmp", "icmp/3", "tcp", "esp", "all")


def draw_question(data, snapshot):
    """A question with open fields: all ports or some, one destination or a block, some or all ends that count."""
    name = data.draw(entries(snapshot))
    flow = data.draw(flows(snapshot, name).filter(lambda flow: flow.version == 4))
    width = data.draw(st.sampled_from([0, 0, 4, 16, 32]))
    first = flow.destination >> width << width
    service = Service.parse(data.draw(st.sampled_from(SERVICES)))
    ports = data.draw(st.sampled_from([(1024, 65535), (40000, 40000), (32767, 32768), (0, 65535)]))
    box = data.draw(st.sampled_from(service.boxes(4, Ranges.of(ports))))
    inside = {"source": Ranges.point(flow.source), "destination": Ranges.of((first, first + (1 << width) - 1))}
    ends = everywhere(snapshot)
    if data.draw(st.booleans()):
        ends = frozenset(data.draw(st.lists(st.sampled_from(sorted(ends)), min_size=1, max_size=2)))
    node = graph_of(snapshot).entries[name].node
    assert isinstance(node, int)
    return Question(node, Box(4, {**inside, **box.ranges}), ends, data.draw(st.booleans()))


def pieces_of(snapshot, question) -> list[Piece]:
    try:
        return list(explore(graph_of(snapshot), question, limit=PIECES))
    except TooManyPiecesError:
        reject()


def draw_flow(data, box: Box) -> Flow:
    return Flow(4, *(value_in(data.draw, box.ranges[name]) for name in FIELDS))


def path(trip) -> list[object]:
    return [(step.at, step.outcome, step.because, step.code) for step in trip.steps]


@examples(40)
@given(st.data())
def test_pieces_are_all_there_is(data):
    snapshot = data.draw(SNAPSHOTS)
    pieces = pieces_of(snapshot, draw_question(data, snapshot))
    assert sum(piece.weight for piece in pieces) == pytest.approx(1)


@examples(40)
@given(st.data())
def test_pieces_are_disjoint(data):
    snapshot = data.draw(SNAPSHOTS)
    pieces = pieces_of(snapshot, draw_question(data, snapshot))
    for one, other in combinations(pieces[:60], 2):
        shared = one.box.ranges.keys() & other.box.ranges.keys()
        assert any(not one.box.ranges[name] & other.box.ranges[name] for name in shared)


@examples(40)
@given(st.data())
def test_every_header_of_the_question_lies_in_one_piece(data):
    snapshot = data.draw(SNAPSHOTS)
    question = draw_question(data, snapshot)
    pieces = pieces_of(snapshot, question)
    flow = draw_flow(data, question.box)
    graph = graph_of(snapshot)
    trip = drawn_walk(
        data.draw,
        lambda chosen: round_trip(graph, question.start, flow, expected=question.expected, choices=chosen, one_way=question.one_way),
    )
    point = {name: getattr(flow, name) for name in FIELDS}
    point |= {f"choice {number}": taken.value for number, taken in enumerate(trip.choices)}
    holding = [piece for piece in pieces if all(name in point and point[name] in ranges for name, ranges in piece.box.ranges.items())]
    assert len(holding) == 1
    assert path(holding[0].trip) == path(trip)


@examples(50)
@given(st.data())
def test_a_piece_walks_alike_all_over(data):
    """Same nodes, same outcomes, same deciding rules, for any header and choices of the piece."""
    snapshot = data.draw(SNAPSHOTS)
    question = draw_question(data, snapshot)
    graph = graph_of(snapshot)
    for piece in data.draw(st.permutations(pieces_of(snapshot, question)))[:6]:
        flow = draw_flow(data, piece.box)
        choices = [value_in(data.draw, piece.box.ranges[f"choice {number}"]) for number, _ in enumerate(piece.trip.choices)]
        trip = round_trip(graph, question.start, flow, expected=question.expected, choices=choices, one_way=question.one_way)
        assert path(trip) == path(piece.trip)
        assert trip.answered == piece.trip.answered


@examples(40)
@given(st.data())
def test_a_verdict_holds_for_every_single_packet(data):
    """Always: each drawn packet works. Never: none does."""
    snapshot = data.draw(SNAPSHOTS)
    question = draw_question(data, snapshot)
    verdict = Verdict.over(piece.trip.answered for piece in pieces_of(snapshot, question))
    for _ in range(3):
        flow = draw_flow(data, question.box)
        trip = drawn_walk(
            data.draw,
            lambda chosen, flow=flow: round_trip(
                graph_of(snapshot), question.start, flow, expected=question.expected, choices=chosen, one_way=question.one_way
            ),
        )
        if verdict is Verdict.ALWAYS:
            assert trip.answered
        elif verdict is Verdict.NEVER:
            assert trip.answered is False


@examples(50)
@given(st.data())
def test_the_shares_of_all_cases_are_one(data):
    network = data.draw(NETWORKS)
    answer = asked(network, data.draw(questions(network)))
    assume(answer.cases)
    assert sum(case.share for case in answer.cases) == pytest.approx(1)
    assert all(case.verdict is not Verdict.SOMETIMES for case in answer.cases)


@examples(50)
@given(st.data())
def test_a_sometimes_has_a_witness_of_each_side(data):
    network = data.draw(NETWORKS)
    question = data.draw(questions(network))
    answer = asked(network, question)
    assume(answer.verdict is not Verdict.UNKNOWN)
    assert (answer.works is not None) == (answer.verdict in {Verdict.ALWAYS, Verdict.SOMETIMES})
    assert (answer.fails is not None) == (answer.verdict in {Verdict.NEVER, Verdict.SOMETIMES})
    for trip, outcome in ((answer.works, True), (answer.fails, False)):
        if trip is not None:
            assert (trip.delivered if question.one_way else trip.answered) is outcome


@examples(40)
@given(st.data())
def test_the_exact_analysis_does_not_miss_single_ports(data):
    """Every port asked on its own says the same as the range that holds it."""
    snapshot = data.draw(SNAPSHOTS)
    hosts = [one for one in snapshot.all(NetworkInterface) if one.type == "interface"]
    assume(hosts)
    question = draw_question(data, snapshot)
    pieces = pieces_of(snapshot, question)
    ports = question.box.ranges["destination_port"]
    port = value_in(data.draw, ports)
    narrowed = question._replace(box=question.box.with_ranges(destination_port=Ranges.point(port)))
    alone = Verdict.over(piece.trip.answered for piece in pieces_of(snapshot, narrowed))
    together = Verdict.over(piece.trip.answered for piece in pieces if port in piece.box.ranges["destination_port"])
    assert alone is together
