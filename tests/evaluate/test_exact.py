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

from simulator.evaluate.exact import Piece, Question, TooManyPiecesError, explore, representative
from simulator.evaluate.region import choice_name
from simulator.evaluate.result import Outcome, RoundTrip
from simulator.evaluate.walk import round_trip
from simulator.graph.nodes import FlowGraph, Forget, Masquerade, Restore, Send, Translate
from simulator.packet.flow import Flow
from simulator.packet.prefix import Prefix
from simulator.packet.ranges import Ranges
from simulator.packet.space import FIELDS, Box, Match
from tests.evaluate.hand import address, choose, deliver, deny, graph, judge, known, lookup, permit, rewrite
from tests.evaluate.small_graphs import random_graph, random_question

# VPCSIM_EXAMPLES=20000 makes this an evening's work; what a long run finds becomes a seed below.
EXAMPLES = int(os.environ.get("VPCSIM_EXAMPLES", "60"))
# Each of these once told a wrong line in region.py from the right one.
TELLING = (141, 159, 204, 219, 300, 331, 550, 561, 641, 677, 754, 760, 977, 1464, 1823, 1834)


def headers(box: Box) -> Iterator[Flow]:
    """Every header of a box, choices left out."""
    for values in product(*(list(members(box.ranges[name])) for name in FIELDS)):
        yield Flow(box.version, *values)


def members(ranges: Ranges) -> Iterator[int]:
    for first, last in ranges:
        yield from range(first, last + 1)


def trips(built: FlowGraph, question: Question, flow: Flow) -> Iterator[RoundTrip]:
    """The round trip of a header under every choice sequence."""
    work: list[tuple[int, ...]] = [()]
    while work:
        choices = work.pop()
        trip = round_trip(built, question.start, flow, expected=question.expected, choices=choices, one_way=question.one_way)
        taken = trip.choices
        assert tuple(one.value for one in taken[: len(choices)]) == choices
        yield trip
        for position in range(len(choices), len(taken)):
            before = tuple(one.value for one in taken[:position])
            one = taken[position]
            work += [(*before, value) for value in range(one.first, one.last + 1) if value != one.value]


def every_trip(built: FlowGraph, question: Question) -> Iterator[tuple[Flow, RoundTrip]]:
    for flow in headers(question.box):
        for trip in trips(built, question, flow):
            yield flow, trip


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


def check(built: FlowGraph, question: Question) -> list[Piece]:
    """The pieces, after comparing them with every round trip there is."""
    pieces = list(explore(built, question))
    shares = [0.0] * len(pieces)
    for flow, trip in every_trip(built, question):
        case = (str(flow), [one.value for one in trip.choices])
        found = [number for number, piece in enumerate(pieces) if holds(piece, flow, trip)]
        assert len(found) == 1, (*case, "is in so many pieces:", len(found))
        piece = pieces[found[0]]
        assert decisions(piece.trip) == decisions(trip), (*case, piece.box)
        assert list(piece.box.ranges) == [*FIELDS, *(choice_name(number) for number in range(len(trip.choices)))], case
        shares[found[0]] += likelihood(trip)
    for piece, share in zip(pieces, shares, strict=True):
        assert piece.weight == pytest.approx(share / question.box.size())
    assert sum(piece.weight for piece in pieces) == pytest.approx(1)
    return pieces


def check_seed(seed: int) -> None:
    random = Random(seed)
    version = 6 if seed % 5 == 4 else 4
    check(random_graph(random, version), random_question(random, version))


@given(st.randoms(use_true_random=False), st.sampled_from((4, 4, 4, 6)))
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_header_and_choice_goes_as_its_piece_says(random: Random, version: int) -> None:
    pieces = check(random_graph(random, version), random_question(random, version))
    for piece in pieces:
        event(" / ".join(leg.disposition.value for leg in piece.trip.legs))


@pytest.mark.parametrize("chunk", range(6))
def test_every_header_and_choice_goes_as_its_piece_says_on_known_graphs(chunk: int) -> None:
    for seed in range(EXAMPLES * chunk, EXAMPLES * (chunk + 1)):
        check_seed(seed)


@pytest.mark.parametrize("seed", TELLING)
def test_every_header_and_choice_goes_as_its_piece_says_where_that_was_hard(seed: int) -> None:
    check_seed(seed)


# --- the shapes that networks have -----------------------------------------------------------------------------------------------

SENDER = Send("client", frozenset({"sg-a"}))
INNER = Masquerade((address("0.0.0.4"),), (2, 4), "inner")
OUTER = Masquerade((address("0.0.0.5"), address("0.0.0.6")), (1, 3), "outer")


def small_box(**ranges: Ranges) -> Box:
    """TCP between eight addresses, ports 0 to 3, with some fields set."""
    fields = dict.fromkeys(FIELDS, Ranges.point(0)) | {
        "source": Ranges.of((0, 3)),
        "destination": Ranges.of((0, 3)),
        "protocol": Ranges.point(6),
        "source_port": Ranges.of((0, 3)),
        "destination_port": Ranges.of((0, 3)),
    }
    return Box(4, fields | ranges)


def ask(built: FlowGraph, box: Box | None = None) -> list[Piece]:
    return check(built, Question(0, box or small_box(), frozenset({"server"})))


def test_NACL_15_two_nats_in_chain_and_an_acl_that_opens_some_of_their_ports() -> None:
    """The reply's destination port is the outer NAT's choice at one ACL, the inner one's at the next, the client's at the last."""
    acl = permit(Match(protocol=6, destination_ports=(2, 3)))
    built = graph(
        start=rewrite(SENDER, then="inner"),
        inner=rewrite(INNER, then="outer"),
        outer=rewrite(OUTER, then="server"),
        server=deliver("server", "acl outer"),
        **{
            "acl outer": judge(acl, then="back outer"),
            "back outer": rewrite(Restore("outer"), then="acl inner", miss="refused"),
            "acl inner": judge(acl, then="back inner"),
            "back inner": rewrite(Restore("inner"), then="acl client", miss="refused"),
            "acl client": judge(acl, then="client"),
        },
    )
    box = small_box(source=Ranges.of((1, 2)), destination=Ranges.of((0, 1)), destination_port=Ranges.of((0, 1)))
    pieces = ask(built, box)
    assert sum(piece.weight for piece in pieces if piece.trip.answered) == pytest.approx(2 / 3 * 2 / 3 * 2 / 4)


def test_SG_26_one_table_read_and_written_by_both_legs() -> None:
    """A guest that translates: both flows pass its group, and both replies ride on its state."""
    from_clients = permit(Match(destinations=(Prefix(4, 0, 31),), protocol=6, destination_ports=(1, 2)))
    to_servers = permit(Match(destinations=(Prefix(4, 1, 32),)))
    built = graph(
        start=rewrite(SENDER, then="in"),
        **{
            "in": known("eni", then="nat", miss="judged in"),
            "judged in": judge(from_clients, then="nat", remembers="eni"),
            "nat": rewrite(INNER, then="out"),
            "out": known("eni", then="server", miss="judged out"),
            "judged out": judge(to_servers, then="server", remembers="eni"),
            "server": deliver("server", "back in"),
            "back in": known("eni", then="back nat", miss="refused"),
            "back nat": rewrite(Restore("inner"), then="back out", miss="refused"),
            "back out": known("eni", then="client", miss="refused"),
        },
    )
    ask(built, small_box(source=Ranges.of((0, 1))))


def test_IGW_11_a_packet_that_comes_back_translated_on_both_ends() -> None:
    public = {address(f"0.0.0.{n}"): address(f"0.0.0.{n + 4}") for n in range(3)}
    private = {new: old for old, new in public.items()}
    out, back = Translate("source", public, {}), Translate("destination", private, {})
    built = graph(
        start=rewrite(SENDER, then="out"),
        out=rewrite(out, then="in", miss="refused"),
        **{
            "in": rewrite(back, then="server", miss="refused"),
            "server": deliver("server", "reply out"),
            "reply out": rewrite(out, then="reply in", miss="refused"),
            "reply in": rewrite(back, then="client", miss="refused"),
        },
    )
    pieces = ask(built, small_box(destination=Ranges.of((3, 7))))
    assert {leg.disposition.value for piece in pieces for leg in piece.trip.legs} == {"no route", "delivered"}
    assert any(step.outcome is Outcome.NO_TRANSLATION for piece in pieces for step in piece.trip.steps)


def test_LAMBDA_9_options_that_lead_through_different_rules() -> None:
    built = graph(
        start=choose(a="from a", b="from b", c="refused"),
        **{
            "from a": rewrite(SENDER._replace(addresses=(address("0.0.0.1"),)), then="acl a"),
            "from b": rewrite(SENDER._replace(addresses=(address("0.0.0.2"),)), then="acl b"),
            "acl a": judge(deny(Match(protocol=6, destination_ports=(1, 1))), permit(Match()), then="nat"),
            "acl b": judge(permit(Match(protocol=6, destination_ports=(1, 2))), then="server"),
            "nat": rewrite(INNER, then="server"),
            "server": deliver("server", "back"),
            "back": lookup({"0.0.0.1/32": "refused", "0.0.0.2/31": "client", "0.0.0.4/32": "back nat"}),
            "back nat": rewrite(Restore("inner"), then="client", miss="refused"),
        },
    )
    pieces = ask(built)
    assert {len(piece.trip.choices) for piece in pieces} == {1, 2}


def test_SG_13_pieces_keep_one_explanation() -> None:
    built = graph(
        start=rewrite(SENDER, then="forget"),
        forget=rewrite(Forget(), then="judge"),
        judge=judge(
            permit(Match(protocol=6, destination_ports=(0, 0))),
            permit(Match(protocol=6, destination_ports=(1, 2), sender_group="sg-a"), "one"),
            permit(Match(protocol=6, destination_ports=(2, 2), sources=(Prefix(4, 1, 32),), sender_group="sg-a"), "two"),
            then="server",
        ),
    )
    codes = {piece.trip.forward.steps[-1].code for piece in ask(built)}
    assert codes == {"", "ENI_SG_RULES_MISMATCH", "SG_REFERENCES_NOT_PRESERVED"}


def test_SG_13_pieces_keep_one_explanation_behind_a_rule_that_denies() -> None:
    """No resource emits such a list: groups permit only. The walker should not name a rule that was never looked at."""
    built = graph(
        start=rewrite(SENDER, then="forget"),
        forget=rewrite(Forget(), then="judge"),
        judge=judge(deny(Match()), permit(Match(protocol=6, destination_ports=(1, 2), sender_group="sg-a")), then="server"),
    )
    ask(built)


def test_headers_that_are_their_own_reverse_go_as_their_pieces_say() -> None:
    built = graph(
        start=rewrite(SENDER, then="out"),
        out=judge(permit(Match()), then="again", remembers="flows"),
        again=known("flows", then="client", miss="server"),
        server=deliver("server", "back"),
        back=known("flows", then="client", miss="refused"),
    )
    ask(built)


# --- the cost --------------------------------------------------------------------------------------------------------------------


def everything() -> Box:
    fields = dict.fromkeys(FIELDS, Ranges.point(0)) | {
        "source": Ranges.of((0, (1 << 32) - 1)),
        "destination": Ranges.of((0, (1 << 32) - 1)),
        "protocol": Ranges.of((6, 6), (17, 17)),
        "source_port": Ranges.of((0, 65535)),
        "destination_port": Ranges.of((0, 65535)),
    }
    return Box(4, fields)


def explored(built: FlowGraph, box: Box, **options: int) -> list[Piece]:
    return list(explore(built, Question(0, box, frozenset({"server"})), **options))


def test_what_no_decision_looks_at_is_not_enumerated() -> None:
    rules = (deny(Match(sources=(Prefix.parse("10.0.0.0/8"),))), permit(Match(protocol=6, destination_ports=(443, 443))))
    pieces = explored(graph(start=judge(*rules, then="nat"), nat=rewrite(INNER._replace(ports=(1024, 65535)), then="server")), everything())
    assert len(pieces) <= 5
    assert sum(piece.weight for piece in pieces) == pytest.approx(1)
    works = [piece for piece in pieces if piece.trip.delivered]
    assert sum(piece.weight for piece in works) == pytest.approx((1 - 1 / 256) / 2 / 65536)


def test_rules_that_the_question_never_meets_cost_nothing() -> None:
    rules = [permit(Match(sources=(Prefix.host(4, 0x0A000000 + number),)), f"rule {number}") for number in range(500)]
    built = graph(start=judge(*rules, then="server"))
    assert len(explored(built, everything().with_ranges(source=Ranges.point(0x0A000007)))) == 1


def test_a_question_in_too_many_pieces_is_given_up() -> None:
    rules = [permit(Match(protocol=6, destination_ports=(port, port)), f"rule {port}") for port in range(10, 30)]
    built = graph(start=judge(*rules, then="server"))
    count = len(explored(built, everything()))
    assert count >= 21
    assert len(explored(built, everything(), limit=count)) == count
    with pytest.raises(TooManyPiecesError):
        explored(built, everything(), limit=count - 1)


def test_a_representative_has_values_that_people_know() -> None:
    flow = representative(everything())
    assert str(flow) == "tcp 198.51.100.7:50000 > 198.51.100.7:443"
    narrow = everything().with_ranges(source=Ranges.of((5, 9)), source_port=Ranges.of((1, 2)), destination_port=Ranges.of((22, 80)))
    assert str(representative(narrow)) == "tcp 0.0.0.5:1 > 198.51.100.7:80"


DOCUMENTED_V6 = address("3fff::7")[1]  # RFC 9637


@pytest.mark.parametrize(
    ("field", "known"),
    [
        ("source", (address("198.51.100.7")[1], address("203.0.113.7")[1], DOCUMENTED_V6)),  # kept for documentation (RFC 5737)
        ("destination", (address("198.51.100.7")[1], address("203.0.113.7")[1], address("8.8.8.8")[1], DOCUMENTED_V6)),
        ("source_port", (50000, 40000)),
        ("destination_port", (443, 80, 22)),
        ("icmp_type", (8, 128)),  # echo requests
        ("protocol", (6, 17, 1, 58)),
    ],
)
def test_a_representative_has_the_first_value_that_people_know(field: str, known: tuple[int, ...]) -> None:
    left = Ranges.of((0, (1 << 128) - 1))
    for value in known:
        assert getattr(representative(everything().with_ranges(**{field: left})), field) == value
        left -= Ranges.point(value)
    assert getattr(representative(everything().with_ranges(**{field: left})), field) == left.first
