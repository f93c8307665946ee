"""The exact analysis against brute force where random graphs seldom go: cycles, coincidences of headers, groups known of own addresses."""

from __future__ import annotations

import pytest

from simulator.evaluate.exact import Piece, Question, explore
from simulator.evaluate.region import WinnerRegions
from simulator.evaluate.result import Disposition
from simulator.graph.nodes import FlowGraph, Forget, Masquerade, PrefixTable, Restore, Route, Send, Translate
from simulator.origin import Origin
from simulator.packet.prefix import Prefix
from simulator.packet.ranges import Ranges
from simulator.packet.space import FIELDS, Box, Match
from tests.evaluate.hand import Make, address, choose, deliver, deny, graph, judge, known, permit, rewrite
from tests.evaluate.test_exact import ask, check, small_box

SENDER = Send("client", frozenset({"sg-a"}))
NAT = Masquerade((address("0.0.0.2"),), (1, 3), "nat")
OPEN = permit(Match())


def dispositions(pieces: list[Piece]) -> set[Disposition]:
    return {leg.disposition for piece in pieces for leg in piece.trip.legs}


def test_a_header_that_was_there_before_is_a_loop_and_no_other_one_is() -> None:
    """The way back to the start makes the source 0.0.0.2: from there it is the same packet again, from elsewhere another one."""
    again = rewrite(Send("", addresses=(address("0.0.0.2"),)), then="start")
    pieces = ask(graph(start=choose(again="again", on="server"), again=again))
    assert dispositions(pieces) == {Disposition.LOOP, Disposition.DELIVERED}


def test_a_header_that_meets_a_node_with_other_marks_is_no_loop() -> None:
    again = rewrite(Send("", frozenset({"sg-a"}), addresses=(address("0.0.0.2"),)), then="start")
    pieces = ask(graph(start=choose(again="again", on="server"), again=again))
    assert dispositions(pieces) == {Disposition.LOOP, Disposition.DELIVERED}


def test_what_was_sent_is_what_the_sender_sent_and_not_what_came_to_it() -> None:
    built = graph(
        start=rewrite(Forget(), then="send"),
        send=rewrite(Send("client", addresses=(address("0.0.0.1"),)), then="server"),
        server=deliver("server", "client"),
    )
    assert len(ask(built)) == 1


@pytest.mark.parametrize("out", [judge(OPEN, then="nat", remembers="flows"), judge(then="nat", remembers="flows", unread=True)])
def test_a_translated_packet_may_look_like_the_one_that_was_remembered(out: Make) -> None:
    built = graph(
        start=out,
        nat=rewrite(NAT, then="server"),
        server=deliver("server", "back"),
        back=known("flows", then="client", miss="refused"),
    )
    assert Disposition.NO_ROUTE in dispositions(ask(built))
    assert len(dispositions(ask(built))) > 2


def guest(own: str, *, denies: bool) -> FlowGraph:
    """A sender whose groups are known of its own addresses only, and a rule that names its group."""
    rule = (deny if denies else permit)(Match(sender_group="sg-a"))
    sender = SENDER._replace(own=(Prefix.parse(own), Prefix.parse("2001:db8::/64")))
    return graph(start=rewrite(sender, then="judge"), judge=judge(rule, then="server", default=denies))


@pytest.mark.parametrize("own", ["0.0.0.0/31", "0.0.0.2/31"])
@pytest.mark.parametrize("denies", [False, True])
def test_SG_11_the_groups_are_known_of_the_senders_own_addresses_and_of_no_other(denies: bool, own: str) -> None:
    pieces = ask(guest(own, denies=denies))
    assert [piece.weight for piece in pieces] == [0.5, 0.5]
    assert dispositions(pieces) == {Disposition.DELIVERED, Disposition.DENIED}


def test_SG_13_a_rule_that_names_the_group_and_does_not_cover_explains_nothing() -> None:
    built = graph(
        start=rewrite(SENDER, then="forget"),
        forget=rewrite(Forget(), then="judge"),
        judge=judge(
            permit(Match(protocol=6, destination_ports=(2, 2), sources=(Prefix(4, 1, 32),), sender_group="sg-a"), "narrow"),
            permit(Match(protocol=6, destination_ports=(1, 2), sender_group="sg-a"), "wide"),
            then="server",
        ),
    )
    steps = [piece.trip.forward.steps[-1] for piece in ask(built)]
    assert {step.because.part for step in steps if step.because} == {"narrow", "wide", "default"}


def test_a_rule_for_other_groups_is_no_rule_for_this_packet() -> None:
    rules = (permit(Match(sender_group="sg-b"), "theirs"), permit(Match(protocol=6, destination_ports=(2, 3)), "ports"))
    pieces = ask(graph(start=rewrite(SENDER, then="judge"), judge=judge(*rules, then="server")))
    assert dispositions(pieces) == {Disposition.DELIVERED, Disposition.DENIED}


@pytest.mark.parametrize("first", [6, 50])
def test_a_nat_chooses_ports_for_protocols_that_have_them(first: int) -> None:
    """Two representatives: one with ports, one without."""
    built = graph(
        start=rewrite(SENDER, then="nat"),
        nat=rewrite(NAT, then="server"),
        server=deliver("server", "back"),
        back=rewrite(Restore("nat"), then="client", miss="refused"),
    )
    box = small_box(protocol=Ranges.of((first, first), (51, 51)), source_port=Ranges.point(0), destination_port=Ranges.point(0))
    assert dispositions(ask(built, box)) == {Disposition.DELIVERED}


def test_regions_of_addresses_without_a_route_are_kept_by_version() -> None:
    table = PrefixTable((Route(Prefix.parse("0.0.0.0/1"), 0, Origin("table")),))
    regions = WinnerRegions()
    assert regions.around(table, 4, 1 << 31) == Ranges.of((1 << 31, (1 << 32) - 1))
    assert regions.around(table, 6, 1 << 31) == Ranges.of((0, (1 << 128) - 1))


# --- pieces are no smaller than they need be ---------------------------------------------------------------------------------------


def test_addresses_that_nobody_translates_are_one_piece() -> None:
    how = Translate("source", {address("0.0.0.1"): address("0.0.0.9")}, {})
    pieces = ask(graph(start=rewrite(how, then="server", miss="server")))
    assert sorted(piece.weight for piece in pieces) == [0.25, 0.75]


def icmp(**ranges: Ranges) -> Box:
    return Box(4, dict.fromkeys(FIELDS, Ranges.point(0)) | {"protocol": Ranges.point(1), "icmp_type": Ranges.of((0, 14))} | ranges)


@pytest.mark.parametrize(("one_way", "count"), [(True, 1), (False, 3)])
def test_what_would_be_answered_cuts_no_question_about_one_way(one_way: bool, count: int) -> None:
    """Both ways: two requests go with their own reply types, the rest asks nothing."""
    built = graph(start=rewrite(SENDER, then="server"), server=deliver("server", "client"))
    pieces = check(built, Question(0, icmp(), frozenset({"server"}), one_way=one_way))
    assert len(pieces) == count


def test_what_would_be_answered_cuts_nothing_that_does_not_arrive() -> None:
    pieces = list(explore(graph(start=judge(deny(Match()), then="server")), Question(0, icmp(), frozenset({"server"}))))
    assert len(pieces) == 1


def test_an_unread_rule_cuts_nothing_where_all_is_permitted() -> None:
    assert len(ask(graph(start=judge(then="server", default=True, unread=True)))) == 1
