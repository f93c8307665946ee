"""The walker where two of its rules meet: the first node answers, the first ending stays, marks of replies, a NAT's last port."""

from __future__ import annotations

import pytest

from simulator.evaluate.result import Disposition, Outcome
from simulator.graph.nodes import Forget, Masquerade, Restore, Send, Translate
from simulator.packet.flow import Marks
from simulator.packet.prefix import Prefix
from simulator.packet.space import Match
from tests.evaluate.hand import Make, address, deliver, deny, drop, flow, graph, judge, known, leg, lookup, permit, rewrite, walk

SENDER = Send("client", frozenset({"sg-a"}))
EVERYTHING = Match()
FROM_GROUP = Match(sender_group="sg-a")


def test_the_answer_may_enter_at_the_very_first_node() -> None:
    built = graph(
        start=known("flows", then="client", miss="send"),
        send=rewrite(SENDER, then="out"),
        out=judge(permit(EVERYTHING), then="server", remembers="flows"),
        server=deliver("server", "start"),
    )
    trip = walk(built)
    assert trip.back is not None
    assert [step.at for step in trip.back.steps] == [0, 4]
    assert trip.answered is True


def test_MODEL_8_the_reply_goes_on_past_denials_as_well() -> None:
    built = graph(
        start=rewrite(SENDER, then="server"),
        server=deliver("server", "one"),
        one=judge(deny(EVERYTHING, "first"), then="two"),
        two=judge(deny(EVERYTHING, "second"), then="client"),
    )
    back = walk(built, past_denials=True).back
    assert back is not None
    assert [step.because.part for step in back.blockers if step.because] == ["first", "second"]


@pytest.mark.parametrize(
    "later",
    [
        judge(deny(EVERYTHING), then="server", code="NO_ROUTE_TO_DESTINATION"),
        drop("NO_ROUTE_TO_DESTINATION"),
        drop("UNKNOWN_RESOURCE", gap=True),
        lookup({"0.0.0.0/0": "start"}),
        deliver("stranger"),
        deliver("server"),
    ],
)
def test_MODEL_8_a_leg_ends_as_its_first_denial_says_whatever_comes_behind(later: Make) -> None:
    assert (
        walk(graph(start=judge(deny(EVERYTHING), then="later"), later=later), past_denials=True).forward.disposition is Disposition.DENIED
    )


def test_a_way_that_leads_nowhere_is_a_gap() -> None:
    trace = leg(graph(start=rewrite(Translate("source", {}, {}), then="server")))
    assert (trace.disposition, trace.arrived) == (Disposition.GAP, None)


def test_without_a_sender_the_first_header_is_what_was_sent() -> None:
    nat = Masquerade((address("10.0.0.9"),), (5000, 5000), "nat")
    trace = leg(graph(start=rewrite(nat, then="server")))
    assert (trace.sent, trace.received) == (flow(), flow("10.0.0.9", 5000))


def test_a_translation_met_again_with_another_header_is_no_loop() -> None:
    one, two, three = (address(f"10.0.0.{number}") for number in (2, 3, 4))
    how = Translate("destination", {one: two, two: three}, {})
    built = graph(start=rewrite(how, then="next", miss="refused"), next=lookup({"10.0.0.3/32": "start", "10.0.0.4/32": "server"}))
    assert leg(built).disposition is Disposition.DELIVERED


def test_what_permits_by_default_needs_no_unread_rule() -> None:
    trace = leg(graph(start=judge(then="server", default=True, unread=True)))
    assert (trace.steps[0].outcome, trace.disposition) == (Outcome.PERMITTED, Disposition.DELIVERED)


def test_SG_13_a_rule_that_denies_explains_itself_whatever_was_forgotten() -> None:
    built = graph(
        start=rewrite(SENDER, then="device"),
        device=rewrite(Forget(), then="judge"),
        judge=judge(deny(EVERYTHING, "closed"), permit(FROM_GROUP), then="server"),
    )
    step = leg(built).steps[-1]
    assert step.because is not None
    assert (step.code, step.because.part) == ("ENI_SG_RULES_MISMATCH", "closed")


@pytest.mark.parametrize(("source", "groups"), [("10.0.0.1", {"sg-a"}), ("10.9.9.9", set())])
def test_SG_11_the_groups_are_known_only_of_packets_with_the_senders_own_address(source: str, groups: set[str]) -> None:
    how = SENDER._replace(own=(Prefix.parse("10.0.0.1/32"),))
    trace = leg(graph(start=rewrite(how, then="server")), flow(source))
    assert trace.steps[-1].marks == Marks(frozenset(groups))


def test_SG_13_a_reply_that_is_restored_forgets_who_sent_it() -> None:
    built = graph(
        start=rewrite(Masquerade((address("10.0.0.9"),), (5000, 5000), "nat"), then="server"),
        server=deliver("server", "answer"),
        answer=rewrite(Send("server", frozenset({"sg-a"})), then="nat"),
        nat=rewrite(Restore("nat"), then="judge", miss="refused"),
        judge=judge(permit(FROM_GROUP), then="client"),
    )
    back = walk(built).back
    assert back is not None
    assert back.steps[-1].code == "SG_REFERENCES_NOT_PRESERVED"


@pytest.mark.parametrize("port", [5000, 5002])
def test_a_nat_keeps_the_first_and_the_last_of_its_ports(port: int) -> None:
    nat = Masquerade((address("10.0.0.9"),), (5000, 5002), "nat")
    assert leg(graph(start=rewrite(nat, then="server")), flow(source_port=port)).received.source_port == port


def test_a_wrong_reply_that_comes_to_somebody_else_is_elsewhere() -> None:
    wrong = rewrite(Translate("source", {address("10.0.0.2"): address("203.0.113.9")}, {}), then="stranger", miss="refused")
    built = graph(start=rewrite(SENDER, then="server"), server=deliver("server", "back"), back=wrong, stranger=deliver("stranger"))
    back = walk(built).back
    assert back is not None
    assert (back.disposition, back.steps[-1].code) == (Disposition.ELSEWHERE, "NO_POSSIBLE_DESTINATION")


def test_nobody_answers_for_a_stranger() -> None:
    trip = walk(graph(start=rewrite(SENDER, then="stranger"), stranger=deliver("stranger", "client")))
    assert (trip.forward.disposition, trip.forward.reply_at, trip.back) == (Disposition.ELSEWHERE, -1, None)


def test_a_sender_that_puts_in_its_address_does_so_whoever_the_packet_is_for() -> None:
    trace = leg(graph(start=rewrite(Send("client", addresses=(address("10.0.0.2"),)), then="server")))
    assert (trace.sent, trace.received) == (flow("10.0.0.2"), flow("10.0.0.2"))


def test_only_routes_and_choices_are_told_in_detail() -> None:
    built = graph(start=rewrite(SENDER, then="judge"), judge=judge(permit(EVERYTHING), then="server"))
    assert [step.detail for step in leg(built).steps] == ["", "", ""]
