"""The walker on graphs built by hand: every node kind and outcome, sessions, choices, loops, gaps, replies, denials passed."""

from __future__ import annotations

import pytest

from simulator.evaluate.result import Disposition, Outcome
from simulator.graph.nodes import FlowGraph, Forget, How, Masquerade, Redirect, Restore, Send, Translate
from simulator.origin import Origin
from simulator.packet.flow import ICMP, UDP, Flow, Marks
from simulator.packet.prefix import Prefix
from simulator.packet.space import Match
from tests.evaluate.hand import Make, address, choose, deliver, deny, drop, flow, graph, judge, known, leg, lookup, permit, rewrite, walk

SENDER = Send("client", frozenset({"sg-a"}), "zone-a")
EVERYTHING = Match()
HTTPS = Match(protocol=6, destination_ports=(443, 443))
FROM_GROUP = Match(sender_group="sg-a")
UNREAD = drop("UNKNOWN_RESOURCE", gap=True)


def test_arriving_where_it_should_is_delivered() -> None:
    trace = leg(graph(start=rewrite(SENDER, then="server")))
    assert (trace.disposition, trace.end, trace.sender) == (Disposition.DELIVERED, "server", "client")
    assert [step.outcome for step in trace.steps] == [Outcome.SENT, Outcome.DELIVERED]
    assert trace.arrived is True


def test_arriving_anywhere_else_is_elsewhere() -> None:
    trace = leg(graph(start=deliver("stranger")))
    assert (trace.disposition, trace.end) == (Disposition.ELSEWHERE, "stranger")
    assert (trace.steps[-1].outcome, trace.steps[-1].code) == (Outcome.DROPPED, "NO_POSSIBLE_DESTINATION")
    assert trace.arrived is False


@pytest.mark.parametrize(
    ("code", "disposition"),
    [
        ("NO_ROUTE_TO_DESTINATION", Disposition.NO_ROUTE),
        ("BAD_STATE_ROUTE", Disposition.NO_ROUTE),
        ("NO_POSSIBLE_DESTINATION", Disposition.NO_INTERFACE),
        ("IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS", Disposition.NO_TRANSLATION),
        ("IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS", Disposition.NO_TRANSLATION),
        ("SIM_NAT_STATEFUL_INBOUND", Disposition.NO_TRANSLATION),
        ("SIM_ROUTING_LOOP", Disposition.LOOP),
        ("BAD_STATE", Disposition.DENIED),
    ],
)
def test_a_drop_ends_the_leg_with_its_code(code: str, disposition: Disposition) -> None:
    trace = leg(graph(start=drop(code)))
    assert (trace.disposition, trace.end) == (disposition, "")
    step = trace.steps[-1]
    assert (step.outcome, step.code, step.because, step.blocks) == (Outcome.DROPPED, code, Origin("drop"), True)


def test_a_gap_is_neither_yes_nor_no() -> None:
    trace = leg(graph(start=UNREAD))
    assert (trace.disposition, trace.arrived) == (Disposition.GAP, None)
    assert [step.code for step in trace.gaps] == ["UNKNOWN_RESOURCE"]
    assert trace.blockers == ()


# --- lookups ---------------------------------------------------------------------------------------------------------------------


def test_RT_6_the_longest_prefix_wins_and_the_shorter_ones_are_told() -> None:
    routes = {"0.0.0.0/0": "refused", "10.0.0.0/8": "refused", "10.0.0.0/24": "server", "10.0.0.0/16": "refused", "10.0.1.0/24": "refused"}
    trace = leg(graph(start=lookup(routes)))
    assert trace.disposition is Disposition.DELIVERED
    step = trace.steps[0]
    assert (step.outcome, step.because, step.detail) == (Outcome.ROUTED, Origin("table", "10.0.0.0/24"), "10.0.0.0/24 -> server")
    assert [other.part for other in step.others] == ["10.0.0.0/16", "10.0.0.0/8", "0.0.0.0/0"]


def test_at_most_three_runners_up_are_told() -> None:
    routes = {f"10.0.0.0/{length}": "server" for length in range(8, 20)}
    step = leg(graph(start=lookup(routes))).steps[0]
    assert [other.part for other in step.others] == ["10.0.0.0/18", "10.0.0.0/17", "10.0.0.0/16"]


def test_RT_14_no_route_goes_to_the_miss() -> None:
    trace = leg(graph(start=lookup({"10.1.0.0/16": "server"}, miss="refused")))
    assert [step.outcome for step in trace.steps] == [Outcome.NO_ROUTE, Outcome.DROPPED]
    assert trace.steps[0].because is None


# --- filters ---------------------------------------------------------------------------------------------------------------------


def test_the_first_rule_that_covers_decides() -> None:
    rules = (deny(Match(protocol=UDP), "one"), permit(HTTPS, "two"), deny(EVERYTHING, "three"))
    trace = leg(graph(start=judge(*rules, then="server")))
    assert trace.disposition is Disposition.DELIVERED
    assert (trace.steps[0].outcome, trace.steps[0].because, trace.steps[0].code) == (Outcome.PERMITTED, Origin("rules", "two"), "")


def test_a_rule_that_denies_is_the_reason() -> None:
    trace = leg(graph(start=judge(deny(HTTPS), permit(EVERYTHING), then="server", code="SUBNET_ACL_RESTRICTION")))
    assert trace.disposition is Disposition.DENIED
    step = trace.steps[-1]
    assert (step.outcome, step.because, step.code) == (Outcome.DENIED, Origin("rules", "deny"), "SUBNET_ACL_RESTRICTION")
    assert trace.blockers == (step,)


@pytest.mark.parametrize(("default", "disposition"), [(True, Disposition.DELIVERED), (False, Disposition.DENIED)])
def test_where_no_rule_covers_the_default_decides(default: bool, disposition: Disposition) -> None:
    trace = leg(graph(start=judge(permit(Match(protocol=UDP)), then="server", default=default)))
    assert (trace.disposition, trace.steps[0].because) == (disposition, Origin("rules", "default"))


def test_a_filter_that_was_not_read_lets_pass_and_the_leg_ends_in_a_gap() -> None:
    trace = leg(graph(start=judge(then="server", unread=True)))
    assert [step.outcome for step in trace.steps] == [Outcome.UNKNOWN, Outcome.DELIVERED]
    assert (trace.disposition, trace.end, trace.arrived) == (Disposition.GAP, "server", None)
    assert (trace.gaps[0].because, trace.gaps[0].code) == (Origin("sg-unread"), "UNKNOWN_RESOURCE")


def test_a_denial_behind_a_gap_is_a_denial() -> None:
    trace = leg(graph(start=judge(then="next", unread=True), next=judge(then="server")))
    assert (trace.disposition, trace.arrived) == (Disposition.DENIED, False)


def test_a_drop_behind_a_gap_is_a_drop_and_so_is_a_wrong_end() -> None:
    assert leg(graph(start=judge(then="refused", unread=True))).disposition is Disposition.NO_ROUTE
    assert leg(graph(start=judge(then="client", unread=True))).disposition is Disposition.ELSEWHERE


def test_a_rule_that_was_read_decides_before_what_was_not() -> None:
    assert leg(graph(start=judge(permit(HTTPS), then="server", unread=True))).disposition is Disposition.DELIVERED
    assert leg(graph(start=judge(deny(HTTPS), then="server", unread=True))).disposition is Disposition.DENIED


# --- marks -----------------------------------------------------------------------------------------------------------------------


def test_SG_11_the_sender_carries_its_groups() -> None:
    built = graph(start=rewrite(SENDER, then="judge"), judge=judge(permit(FROM_GROUP), then="server"))
    trace = leg(built)
    assert trace.disposition is Disposition.DELIVERED
    assert trace.steps[1].marks == Marks(frozenset({"sg-a"}), zone="zone-a")


@pytest.mark.parametrize(
    "how",
    [
        Forget(),
        Masquerade((address("10.0.0.9"),), (1024, 65535), "nat"),
        Translate("source", {address("10.0.0.1"): address("198.51.100.1")}, {}),
        Redirect(address("10.0.0.9"), 8080, "balance"),
    ],
)
def test_SG_13_a_device_on_the_way_makes_forget_and_the_denial_says_so(how: How) -> None:
    built = graph(
        start=rewrite(SENDER, then="device"),
        device=rewrite(how, then="judge", miss="refused"),
        judge=judge(permit(Match(protocol=UDP), "udp"), permit(FROM_GROUP, "from sg-a"), then="server"),
    )
    step = leg(built).steps[-1]
    assert (step.code, step.because) == ("SG_REFERENCES_NOT_PRESERVED", Origin("rules", "from sg-a"))
    assert step.marks.lost_groups == {"sg-a"}


def test_SG_13_a_device_can_forget_one_group_and_pass_on_the_others() -> None:
    sender = Send("client", frozenset({"sg-a", "sg-b"}), zone="zone-a")
    built = graph(
        start=rewrite(sender, then="device"),
        device=rewrite(Forget(frozenset({"sg-a", "sg-c"})), then="judge"),
        judge=judge(permit(FROM_GROUP, "from sg-a"), permit(Match(sender_group="sg-b")), then="server"),
    )
    step = leg(built).steps[-2]
    assert step.marks == Marks(frozenset({"sg-b"}), frozenset({"sg-a"}), "zone-a")
    assert leg(built).disposition is Disposition.DELIVERED


def test_SG_13_a_forgotten_group_explains_nothing_where_the_rule_would_not_cover_the_header() -> None:
    built = graph(
        start=rewrite(SENDER, then="device"),
        device=rewrite(Forget(), then="judge"),
        judge=judge(permit(Match(protocol=UDP, sender_group="sg-a")), then="server"),
    )
    assert leg(built).steps[-1].code == "ENI_SG_RULES_MISMATCH"


def test_SG_13_a_packet_let_out_by_reference_is_marked_so_and_a_device_can_refuse_it() -> None:
    built = graph(
        start=rewrite(SENDER, then="out"),
        out=judge(permit(EVERYTHING, by_reference=True), then="device"),
        device=judge(deny(Match(by_reference=True)), then="server", default=True),
    )
    assert leg(built).disposition is Disposition.DENIED
    by_address = graph(
        start=rewrite(SENDER, then="out"),
        out=judge(permit(EVERYTHING), then="device"),
        device=judge(deny(Match(by_reference=True)), then="server", default=True),
    )
    assert leg(by_address).disposition is Disposition.DELIVERED


# --- rewrites --------------------------------------------------------------------------------------------------------------------


def test_sending_binds_the_address_of_the_packets_version() -> None:
    how = Send("client", addresses=(address("2001:db8::1"), address("10.0.0.77")))
    trace = leg(graph(start=rewrite(how, then="server")))
    assert trace.sent == flow("10.0.0.77")
    assert trace.received == flow("10.0.0.77")
    other = Send("client", addresses=(address("2001:db8::1"),))
    assert leg(graph(start=rewrite(other, then="server"))).received == flow()


def test_the_first_sender_is_the_sender() -> None:
    again = Send("middle", addresses=(address("10.0.0.9"),))
    trace = leg(graph(start=rewrite(SENDER, then="again"), again=rewrite(again, then="server")))
    assert (trace.sender, trace.sent, trace.received) == ("client", flow(), flow("10.0.0.9"))


@pytest.mark.parametrize(("field", "after"), [("source", flow(source="198.51.100.1")), ("destination", flow(destination="198.51.100.1"))])
def test_a_translation_changes_one_end(field: str, after: Flow) -> None:
    old = address("10.0.0.1") if field == "source" else address("10.0.0.2")
    how = Translate(field, {old: address("198.51.100.1")}, {old: Origin("eni-1", "public address")})
    trace = leg(graph(start=rewrite(how, then="server", miss="refused")))
    assert trace.received == after
    assert (trace.steps[0].outcome, trace.steps[0].because) == (Outcome.TRANSLATED, Origin("eni-1", "public address"))


def test_a_translation_that_knows_the_address_not_misses_and_changes_nothing() -> None:
    how = Translate("source", {address("10.0.0.200"): address("198.51.100.1")}, {})
    trace = leg(graph(start=rewrite(how, then="server", miss="refused")))
    assert [step.outcome for step in trace.steps] == [Outcome.NO_TRANSLATION, Outcome.DROPPED]
    assert trace.received == flow()


NAT = Masquerade((address("10.0.0.8"), address("10.0.0.9")), (5000, 5002), "nat")


def test_a_masquerade_takes_address_and_port_from_the_choice_sequence() -> None:
    trace = leg(graph(start=rewrite(NAT, then="server")), flow(), 1, 5002)
    assert trace.received == flow("10.0.0.9", 5002)
    assert [(taken.what, taken.value, taken.first, taken.last) for taken in trace.choices] == [
        ("address", 1, 0, 1),
        ("port", 5002, 5000, 5002),
    ]
    assert trace.choices[0].labels == ("10.0.0.8", "10.0.0.9")


@pytest.mark.parametrize(("source_port", "port"), [(4000, 5000), (5001, 5001), (6000, 5000)])
def test_a_masquerade_without_a_choice_keeps_the_port_where_it_can(source_port: int, port: int) -> None:
    received = leg(graph(start=rewrite(NAT, then="server")), flow(source_port=source_port)).received
    assert (received.source_port, received.source) == (port, address("10.0.0.8")[1])


def test_a_masquerade_of_one_address_and_no_ports_chooses_nothing() -> None:
    ping = Flow(4, address("10.0.0.1")[1], address("10.0.0.2")[1], ICMP, icmp_type=8)
    trace = leg(graph(start=rewrite(NAT._replace(addresses=NAT.addresses[:1]), then="server")), ping)
    assert trace.choices == ()
    assert trace.received == ping._replace(source=address("10.0.0.8")[1])


def natted(**reply: Make) -> FlowGraph:
    """Client, NAT, server; the reply comes back through the NAT."""
    return graph(
        start=rewrite(SENDER, then="nat"),
        nat=rewrite(NAT, then="server"),
        server=deliver("server", "back"),
        back=rewrite(Restore("nat"), then="client", miss="refused"),
        **reply,
    )


def test_the_reply_of_a_masqueraded_packet_is_restored() -> None:
    trip = walk(natted(), flow(), 1, 5001)
    assert trip.answered is True
    assert trip.back is not None
    assert trip.back.received == flow().reversed()
    assert [step.outcome for step in trip.back.steps] == [Outcome.RESTORED, Outcome.DELIVERED]


def test_two_nats_in_chain_restore_in_turn() -> None:
    outer = Masquerade((address("198.51.100.1"),), (6000, 6001), "outer")
    trip = walk(
        graph(
            start=rewrite(SENDER, then="inner"),
            inner=rewrite(NAT, then="outer"),
            outer=rewrite(outer, then="server"),
            server=deliver("server", "back outer"),
            **{
                "back outer": rewrite(Restore("outer"), then="back inner", miss="refused"),
                "back inner": rewrite(Restore("nat"), then="client", miss="refused"),
            },
        ),
        flow(),
        0,
        5002,
        6001,
    )
    assert trip.forward.received == flow("198.51.100.1", 6001)
    assert trip.answered is True
    assert [taken.value for taken in trip.choices] == [0, 5002, 6001]


def test_a_reply_that_was_never_translated_is_not_restored() -> None:
    built = graph(
        start=rewrite(SENDER, then="server"),
        server=deliver("server", "back"),
        back=rewrite(Restore("nat"), then="client", miss="refused"),
    )
    trip = walk(built)
    assert trip.back is not None
    assert [step.outcome for step in trip.back.steps] == [Outcome.NO_TRANSLATION, Outcome.DROPPED]
    assert (trip.delivered, trip.answered) == (True, False)


# --- balancing -------------------------------------------------------------------------------------------------------------------


def test_a_filter_that_parts_the_traffic_refuses_nothing() -> None:
    built = graph(start=judge(permit(HTTPS), then="server", otherwise="other", remembers="flows"), other=deliver("server"))
    web, mail = leg(built), leg(built, flow(destination_port=25))
    assert [step.outcome for step in web.steps] == [Outcome.PERMITTED, Outcome.DELIVERED]
    assert [step.outcome for step in mail.steps] == [Outcome.OTHERWISE, Outcome.DELIVERED]
    assert (mail.disposition, mail.blockers, mail.steps[0].because) == (Disposition.DELIVERED, (), Origin("rules", "default"))


def test_what_goes_otherwise_is_not_remembered() -> None:
    built = graph(
        start=rewrite(SENDER, then="part"),
        part=judge(permit(HTTPS), then="server", otherwise="server", remembers="flows"),
        server=deliver("server", "back"),
        back=known("flows", then="client", miss="refused"),
    )
    assert walk(built).answered is True
    assert walk(built, flow(destination_port=25)).answered is False


def redirected(port: int = 8080) -> FlowGraph:
    return graph(
        start=rewrite(SENDER, then="balance"),
        balance=rewrite(Redirect(address("10.0.0.7"), port, "flows"), then="server"),
        server=deliver("server", "back"),
        back=rewrite(Restore("flows"), then="client", miss="refused"),
    )


def test_W_14_a_redirection_changes_the_destination_and_its_reply_is_restored() -> None:
    trip = walk(redirected())
    assert trip.forward.received == flow(destination="10.0.0.7", destination_port=8080)
    assert trip.back is not None
    assert trip.back.received == flow().reversed()
    assert trip.answered is True


def test_a_redirection_of_a_ping_changes_no_port() -> None:
    ping = Flow(4, *(address(text)[1] for text in ("10.0.0.1", "10.0.0.2")), ICMP, icmp_type=8)
    trip = walk(redirected(), ping)
    assert trip.forward.received == ping._replace(destination=address("10.0.0.7")[1])
    assert trip.answered is True


def test_NFW_7_a_reply_is_marked_as_one() -> None:
    rules = (deny(Match(reply=True)),)
    built = graph(
        start=rewrite(SENDER, then="judge"),
        judge=judge(*rules, then="server", default=True),
        server=deliver("server", "back"),
        back=rewrite(Send("server"), then="again"),
        again=judge(*rules, then="client", default=True),
    )
    trip = walk(built)
    assert (trip.delivered, trip.answered) == (True, False)
    assert trip.back is not None
    assert trip.back.steps[-1].because == Origin("rules", "deny")


# --- sessions --------------------------------------------------------------------------------------------------------------------


def stateful(remembers: str, matched: str) -> FlowGraph:
    return graph(
        start=rewrite(SENDER, then="out"),
        out=judge(permit(EVERYTHING), then="server", remembers=remembers),
        server=deliver("server", "back"),
        back=known(matched, then="client", miss="refused"),
    )


def test_SG_19_the_reply_of_a_remembered_packet_is_known() -> None:
    trip = walk(stateful("flows", "flows"))
    assert trip.answered is True
    assert trip.back is not None
    assert trip.back.steps[0].outcome is Outcome.REPLY


@pytest.mark.parametrize(("remembers", "matched"), [("", "flows"), ("flows of another", "flows")])
def test_SG_24_what_this_table_does_not_remember_is_new(remembers: str, matched: str) -> None:
    trip = walk(stateful(remembers, matched))
    assert trip.back is not None
    assert (trip.back.steps[0].outcome, trip.answered) == (Outcome.NEW, False)


def test_a_packet_let_pass_unread_is_remembered() -> None:
    back = {"server": deliver("server", "back"), "back": known("flows", then="client", miss="refused")}
    trip = walk(graph(start=rewrite(SENDER, then="out"), out=judge(then="server", unread=True, remembers="flows"), **back))
    assert trip.back is not None
    assert trip.back.steps[0].outcome is Outcome.REPLY
    assert (trip.delivered, trip.answered) == (None, None)


def test_sessions_do_not_outlive_the_round_trip() -> None:
    built = stateful("flows", "flows")
    assert walk(built).answered is walk(built).answered is True
    alone = graph(start=known("flows", then="server", miss="refused"))
    assert leg(alone, flow().reversed()).disposition is Disposition.NO_ROUTE


# --- choices ---------------------------------------------------------------------------------------------------------------------


def test_MODEL_6_the_sequence_decides_and_its_end_takes_the_first_option() -> None:
    built = graph(start=choose(one="refused", two="server"))
    assert [leg(built, flow(), *choices).disposition for choices in ((0,), (1,), ())] == [
        Disposition.NO_ROUTE,
        Disposition.DELIVERED,
        Disposition.NO_ROUTE,
    ]
    step = leg(built, flow(), 1).steps[0]
    assert (step.outcome, step.detail) == (Outcome.CHOSE, "two")


def test_a_choice_of_one_takes_nothing_from_the_sequence() -> None:
    built = graph(start=choose(only="next"), next=choose(one="refused", two="server"))
    trace = leg(built, flow(), 1)
    assert trace.disposition is Disposition.DELIVERED
    assert [(taken.what, taken.value, taken.labels) for taken in trace.choices] == [("option", 1, ("one", "two"))]


def test_the_reply_goes_on_where_the_forward_leg_left_the_sequence() -> None:
    built = graph(
        start=rewrite(SENDER, then="choice"),
        choice=choose(one="refused", two="server"),
        server=deliver("server", "back"),
        back=choose(one="refused", two="refused", three="client"),
    )
    trip = walk(built, flow(), 1, 2)
    assert trip.answered is True
    assert [(taken.value, taken.last) for taken in trip.choices] == [(1, 1), (2, 2)]
    assert walk(built, flow(), 1).answered is False


# --- loops -----------------------------------------------------------------------------------------------------------------------


def test_meeting_a_node_again_with_the_same_header_is_a_loop() -> None:
    trace = leg(graph(start=lookup({"0.0.0.0/0": "next"}), next=lookup({"0.0.0.0/0": "start"})))
    assert trace.disposition is Disposition.LOOP
    step = trace.steps[-1]
    assert (step.at, step.outcome, step.code) == (0, Outcome.LOOPED, "SIM_ROUTING_LOOP")
    assert len(trace.steps) == 3


def test_meeting_a_node_again_with_another_header_or_other_marks_is_none() -> None:
    how = Translate("destination", {address("10.0.0.2"): address("10.0.0.3")}, {})
    built = graph(start=lookup({"10.0.0.2/32": "change", "10.0.0.3/32": "server"}), change=rewrite(how, then="start", miss="refused"))
    assert leg(built).disposition is Disposition.DELIVERED
    marks = graph(
        first=rewrite(SENDER, then="judge"),
        judge=judge(deny(Match(sources=())), permit(FROM_GROUP, "member"), then="device", default=True),
        device=rewrite(Forget(), then="judge"),
    )
    trace = leg(marks)
    assert trace.disposition is Disposition.LOOP
    assert [step.because.part for step in trace.steps if step.because] == ["member", "default"]


def test_NAT_11_a_nat_that_meets_its_own_packet_again_is_a_loop_whatever_port_it_would_take() -> None:
    trace = leg(graph(start=rewrite(NAT, then="back"), back=lookup({"0.0.0.0/0": "start"})), flow(), 0, 5001, 1, 5002)
    assert trace.disposition is Disposition.LOOP
    assert len(trace.choices) == 2


# --- replies ---------------------------------------------------------------------------------------------------------------------


def answering(**back: Make) -> FlowGraph:
    return graph(start=rewrite(SENDER, then="server"), server=deliver("server", "back"), **back)


def test_MODEL_3_the_reply_is_walked_on_its_own_and_decides_the_round_trip() -> None:
    built = answering(back=judge(deny(EVERYTHING), then="client"))
    trip = walk(built)
    assert (trip.delivered, trip.answered) == (True, False)
    assert trip.back is not None
    assert trip.back.disposition is Disposition.DENIED


def test_MODEL_4_one_way_asks_for_the_forward_leg_only() -> None:
    trip = walk(answering(back=drop()), one_way=True)
    assert (trip.back, trip.answered) == (None, True)


def test_MODEL_4_what_asks_nothing_needs_no_reply() -> None:
    unreachable = Flow(4, address("10.0.0.1")[1], address("10.0.0.2")[1], ICMP, icmp_type=3, icmp_code=1)
    trip = walk(answering(back=drop()), unreachable)
    assert (trip.back, trip.answered) == (None, True)
    echo = unreachable._replace(icmp_type=8, icmp_code=0)
    assert walk(answering(back=drop()), echo).answered is False


def test_MODEL_4_an_echo_is_answered_by_its_reply() -> None:
    echo = Flow(4, address("10.0.0.1")[1], address("10.0.0.2")[1], ICMP, icmp_type=8)
    only_replies = judge(permit(Match(protocol=ICMP, icmp_type=0)), then="client")
    assert walk(answering(back=only_replies), echo).answered is True


def test_IGW_8_the_reply_must_be_the_reverse_of_what_was_sent() -> None:
    wrong = rewrite(Translate("source", {address("10.0.0.2"): address("203.0.113.9")}, {}), then="client", miss="refused")
    trip = walk(answering(back=wrong))
    assert trip.back is not None
    assert trip.back.disposition is Disposition.REPLY_NOT_EXPECTED
    assert (trip.back.steps[-1].outcome, trip.back.steps[-1].code) == (Outcome.DROPPED, "SIM_RETURN_PATH_ASYMMETRIC")
    assert (trip.back.end, trip.answered) == ("client", False)


def test_a_reply_that_comes_to_somebody_else_is_elsewhere() -> None:
    trip = walk(answering(back=deliver("stranger")))
    assert trip.back is not None
    assert (trip.back.disposition, trip.back.end) == (Disposition.ELSEWHERE, "stranger")


def test_a_wrong_reply_behind_a_gap_is_still_wrong() -> None:
    unread = judge(then="wrong", unread=True)
    wrong = rewrite(Translate("source", {address("10.0.0.2"): address("203.0.113.9")}, {}), then="client", miss="refused")
    trip = walk(answering(back=unread, wrong=wrong))
    assert trip.back is not None
    assert trip.back.disposition is Disposition.REPLY_NOT_EXPECTED


def test_where_nothing_answers_arriving_is_enough() -> None:
    trip = walk(graph(start=rewrite(SENDER, then="server")))
    assert (trip.back, trip.answered) == (None, True)


def test_nothing_comes_back_from_what_did_not_arrive() -> None:
    trip = walk(graph(start=judge(then="server"), server=deliver("server", "back"), back=deliver("client")))
    assert (trip.back, trip.delivered, trip.answered) == (None, False, False)


def test_a_gap_on_one_leg_leaves_the_round_trip_unknown_unless_the_other_fails() -> None:
    unread_then = graph(
        start=rewrite(SENDER, then="out"),
        out=judge(then="server", unread=True),
        server=deliver("server", "back"),
        back=choose(good="client", bad="refused"),
    )
    assert (walk(unread_then, flow(), 0).answered, walk(unread_then, flow(), 1).answered) == (None, False)
    unread_back = answering(back=judge(then="client", unread=True))
    assert (walk(unread_back).delivered, walk(unread_back).answered) == (True, None)


# --- past denials ----------------------------------------------------------------------------------------------------------------


def test_MODEL_8_going_on_past_denials_finds_every_blocker_of_both_legs() -> None:
    built = graph(
        start=rewrite(SENDER, then="one"),
        one=judge(deny(EVERYTHING, "first"), then="two"),
        two=judge(deny(EVERYTHING, "second"), then="server"),
        server=deliver("server", "back"),
        back=judge(deny(EVERYTHING, "third"), then="client"),
    )
    trip = walk(built, past_denials=True)
    assert [step.because.part for trace in trip.legs for step in trace.blockers if step.because] == ["first", "second", "third"]
    assert [trace.disposition for trace in trip.legs] == [Disposition.DENIED, Disposition.DENIED]
    assert (trip.delivered, trip.answered) == (False, False)
    plain = walk(built)
    assert [step.because.part for trace in plain.legs for step in trace.blockers if step.because] == ["first"]


def test_MODEL_8_a_denied_packet_that_goes_on_is_remembered_so_that_its_reply_is_judged_as_one() -> None:
    built = graph(
        start=rewrite(SENDER, then="out"),
        out=judge(deny(EVERYTHING), then="server", remembers="flows"),
        server=deliver("server", "back"),
        back=known("flows", then="client", miss="refused"),
    )
    trip = walk(built, past_denials=True)
    assert [len(trace.blockers) for trace in trip.legs] == [1, 0]


def test_every_step_says_what_went_in_and_what_came_out() -> None:
    trace = leg(graph(start=rewrite(SENDER, then="nat"), nat=rewrite(NAT, then="server")), flow(), 0, 5001)
    assert [(str(step.before.source_port), str(step.after.source_port)) for step in trace.steps] == [
        ("4000", "4000"),
        ("4000", "5001"),
        ("5001", "5001"),
    ]
    assert [step.at for step in trace.steps] == [0, 1, 2]


def test_MODEL_2_routes_and_rules_of_one_version_do_not_see_the_other() -> None:
    packet = Flow.tcp("2001:db8::1", 4000, "2001:db8::2", 443)
    assert leg(graph(start=lookup({"0.0.0.0/0": "server"})), packet).disposition is Disposition.NO_ROUTE
    assert leg(graph(start=lookup({"::/0": "server"})), packet).disposition is Disposition.DELIVERED
    everywhere = permit(Match(sources=(Prefix.parse("0.0.0.0/0"),)))
    assert leg(graph(start=judge(everywhere, then="server")), packet).disposition is Disposition.DENIED
