"""Pieces are no smaller than they need be: what no decision looks at cuts nothing."""

from __future__ import annotations

import pytest

from simulator.evaluate.exact import Question, explore
from simulator.evaluate.region import WinnerRegions
from simulator.graph.nodes import FlowGraph, Forget, Masquerade, PrefixTable, Redirect, Restore, Route, Send
from simulator.origin import Origin
from simulator.packet.prefix import Prefix
from simulator.packet.ranges import Ranges
from simulator.packet.space import FIELDS, Box, Match
from tests.evaluate.hand import Make, address, choose, deliver, deny, graph, judge, known, lookup, permit, rewrite
from tests.evaluate.test_exact import ask, check, small_box

SENDER = Send("client", frozenset({"sg-a"}))
AGAIN = Send("", addresses=(address("0.0.0.2"),))


def port(number: int, group: str | None = None) -> Match:
    return Match(protocol=6, destination_ports=(number, number), sender_group=group)


def forgetting(judged: Make) -> FlowGraph:
    """A sender in `sg-a`, a device behind which nobody knows that, and a filter."""
    return graph(start=rewrite(SENDER, then="forget"), forget=rewrite(Forget(), then="judge"), judge=judged)


# --- replies ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["client", "stranger"])
def test_a_reply_with_another_sender_is_wrong_for_every_destination(end: str) -> None:
    """It comes from where the packet was redirected to, which none of the question's destinations is."""
    built = graph(
        start=rewrite(SENDER, then="redirect"),
        redirect=rewrite(Redirect(address("0.0.0.9"), 1, "redirected"), then="server"),
        server=deliver("server", end),
        stranger=deliver("stranger"),
    )
    assert len(ask(built)) == 1


def test_a_node_on_both_ways_is_no_node_met_twice() -> None:
    built = graph(start=lookup({"128.0.0.0/1": "client", "0.0.0.0/1": "server"}), server=deliver("server", "start"))
    upper = Ranges.of((1 << 31, (1 << 32) - 1))
    box = small_box(source=upper)
    assert len(list(explore(built, Question(0, box, frozenset({"server"}))))) == 1


def icmp() -> Box:
    """Types of which 9, the first, asks nothing, and 13 does."""
    return Box(4, dict.fromkeys(FIELDS, Ranges.point(0)) | {"protocol": Ranges.point(1), "icmp_type": Ranges.of((9, 14))})


@pytest.mark.parametrize(("one_way", "count"), [(True, 1), (False, 2)])
def test_what_asks_nothing_is_told_apart_where_replies_are_asked_about(one_way: bool, count: int) -> None:
    built = graph(start=rewrite(SENDER, then="server"), server=deliver("server", "client"))
    assert len(check(built, Question(0, icmp(), frozenset({"server"}), one_way=one_way))) == count


def test_what_asks_nothing_is_not_told_apart_where_nothing_arrives() -> None:
    assert len(ask(graph(start=judge(deny(Match()), then="server")), icmp())) == 1


# --- loops and sessions ----------------------------------------------------------------------------------------------------------


def test_a_header_met_again_cuts_off_the_one_that_was_there_before() -> None:
    """From 0.0.0.2: on, or again, which is a loop. From elsewhere: on, again and on, or again and again, which is a loop."""
    built = graph(start=choose(again="again", on="server"), again=rewrite(AGAIN, then="start"))
    assert len(ask(built)) == 5


@pytest.mark.parametrize("source", ["0.0.0.0", "0.0.0.2"])
def test_a_header_met_again_with_other_marks_cuts_nothing(source: str) -> None:
    marked = AGAIN._replace(addresses=(address(source),), groups=frozenset({"sg-a"}))
    built = graph(start=choose(again="again", on="server"), again=rewrite(marked, then="start"))
    assert len(ask(built)) == 3


def test_headers_that_differ_in_what_the_question_fixes_need_no_limit() -> None:
    built = graph(start=judge(permit(Match()), then="again", remembers="flows"), again=known("flows", then="refused", miss="server"))
    box = small_box(destination=Ranges.point(1), source_port=Ranges.point(1), destination_port=Ranges.point(2))
    assert len(ask(built, box)) == 1


def test_types_that_are_neither_request_nor_reply_are_their_own_reverse() -> None:
    built = graph(start=judge(permit(Match()), then="again", remembers="flows"), again=known("flows", then="refused", miss="server"))
    box = Box(4, {**icmp().ranges, "source": Ranges.point(1), "icmp_type": Ranges.of((1, 7))})
    assert len(check(built, Question(0, box, frozenset({"server"}), one_way=True))) == 1


# --- rules -----------------------------------------------------------------------------------------------------------------------


def test_a_part_of_the_rules_that_was_not_read_cuts_nothing_where_all_is_permitted() -> None:
    assert len(ask(graph(start=judge(then="server", default=True, unread=port(1))))) == 1
    assert len(ask(graph(start=judge(then="server", unread=port(1))))) == 2


def test_SG_11_rules_for_groups_the_sender_never_had_cut_nothing() -> None:
    rules = (permit(port(0, "sg-b"), "theirs"), permit(Match(protocol=6, destination_ports=(2, 3)), "ports"))
    assert len(ask(graph(start=rewrite(SENDER, then="judge"), judge=judge(*rules, then="server")))) == 2


def test_SG_13_rules_for_a_forgotten_group_cut_nothing_that_is_permitted() -> None:
    assert len(ask(forgetting(judge(permit(port(0, "sg-a")), then="server", default=True)))) == 1


def test_SG_13_rules_for_a_forgotten_group_cut_nothing_that_another_rule_denies() -> None:
    assert len(ask(forgetting(judge(permit(port(0, "sg-a")), deny(Match()), then="server")))) == 1


def test_SG_13_only_rules_for_the_forgotten_group_explain() -> None:
    assert len(ask(forgetting(judge(permit(port(0, "sg-b")), permit(port(1, "sg-a")), then="server")))) == 2


@pytest.mark.parametrize(
    ("source", "ports", "last_port", "share"),
    [
        ("0.0.0.1/32", (2, 3), 3, 3 / 4),  # the source costs a quarter, the port a half
        ("0.0.0.2/31", (13, 15), 15, 13 / 16),  # the port costs more values of many more
        ("0.0.0.1/32", (7, 20), 7, 7 / 8),  # most ports of the rule are none of the question's
    ],
)
def test_where_a_rule_fails_on_two_fields_the_one_that_costs_less_is_kept_failing(
    source: str, ports: tuple[int, int], last_port: int, share: float
) -> None:
    rule = permit(Match(protocol=6, sources=(Prefix.parse(source),), destination_ports=ports))
    box = small_box(destination_port=Ranges.of((0, last_port)))
    assert next(explore(graph(start=judge(rule, then="server")), Question(0, box, frozenset({"server"})))).weight == share


# --- senders and translations ----------------------------------------------------------------------------------------------------


def test_SG_11_a_sender_without_groups_has_none_to_be_known() -> None:
    sender = Send("client", own=(Prefix.parse("0.0.0.0/31"),))
    assert len(ask(graph(start=rewrite(sender, then="server")))) == 1


def test_NAT_22_a_packet_of_another_version_is_never_in_the_block_that_embeds() -> None:
    nat = Masquerade((address("0.0.0.2"),), (1, 3), "nat", Prefix(6, 0, 96))
    assert len(ask(graph(start=rewrite(nat, then="refused", miss="server")))) == 1


def test_a_reply_to_whom_it_was_redirected_is_restored_for_every_destination() -> None:
    built = graph(
        start=rewrite(SENDER, then="redirect"),
        redirect=rewrite(Redirect(address("0.0.0.9"), 1, "redirected"), then="server"),
        server=deliver("server", "back"),
        back=rewrite(Restore("redirected"), then="client", miss="refused"),
    )
    (piece,) = ask(built)
    assert piece.trip.answered


def test_regions_are_made_once() -> None:
    table = PrefixTable((Route(Prefix.parse("0.0.0.0/1"), 0, Origin("table")),))
    regions = WinnerRegions()
    assert regions.around(table, 4, 1) is regions.around(table, 4, 2)


def test_NAT_22_types_that_stay_what_they_are_are_one_piece() -> None:
    nat = Masquerade((address("0.0.0.2"),), (1, 3), "nat", Prefix(6, 8, 125))
    ends = {"destination": Ranges.point(9), "protocol": Ranges.point(58), "icmp_type": Ranges.of((1, 7))}
    box = Box(6, dict.fromkeys(FIELDS, Ranges.point(0)) | ends)
    built = graph(start=rewrite(nat, then="server", miss="refused"))
    assert len(check(built, Question(0, box, frozenset({"server"}), one_way=True))) == 1
