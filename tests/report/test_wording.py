"""Every code has its sentence, and a sentence says which thing, which rule and where it was written."""

import re
from dataclasses import replace
from string import Formatter

import pytest

from simulator.evaluate.result import Outcome, Step
from simulator.graph import codes
from simulator.graph.codes import CODES
from simulator.graph.nodes import Deliver, Drop, Filter, Lookup, Place, PrefixTable, Route, Rule, RuleList
from simulator.origin import Origin, Spot
from simulator.packet.flow import NO_MARKS, Flow
from simulator.packet.prefix import Prefix
from simulator.packet.space import Match
from simulator.report.as_json import answer_document
from simulator.report.names import match_words, share_words, short_place, spot
from simulator.report.text import answer_text
from simulator.report.wording import NOTES, SENTENCES, headline, judge, note_words, sentence, step_words
from tests.report.examples import EXAMPLES, always, sometimes, unknown

FLOW = Flow.tcp("10.0.1.7", 40000, "192.0.2.1", 443)
HERE = Place("subnet-1", "subnet")
RULE = Rule(
    Match(destinations=(Prefix.parse("192.0.2.0/24"),), protocol=6, destination_ports=(443, 443)),
    permit=False,
    origin=Origin("acl-1", "egress rule 90", Spot("net.yaml", 7, 3)),
)
ACL = Filter(
    place=HERE,
    what="network ACL acl-1 egress",
    rules=RuleList((RULE,), Origin("acl-1", "egress rule *", Spot("net.yaml", 5))),
    then=0,
    code="SUBNET_ACL_RESTRICTION",
)


def denied(node: Filter = ACL, because: Origin | None = RULE.origin) -> Step:
    return Step(0, node, Outcome.DENIED, FLOW, FLOW, NO_MARKS, because, code=node.code)


def dropped(code: str, what: str = "thing", *, gap: bool = False) -> Step:
    outcome = Outcome.UNKNOWN if gap else Outcome.DROPPED
    return Step(0, Drop(place=HERE, what=what, code=code, gap=gap), outcome, FLOW, FLOW, NO_MARKS, code=code)


def test_every_code_has_a_sentence_and_every_sentence_a_code() -> None:
    assert SENTENCES.keys() == CODES


@pytest.mark.parametrize("code", sorted(CODES))
def test_sentences_are_whole_and_in_house_style(code: str) -> None:
    words = sentence(dropped(code))
    assert not re.search(r"[{}]|  |None", words)
    assert not words.endswith(".")
    assert words[0].islower() or words.split()[0] in {"NAT", "VPC"}
    assert {"what", "place", "rule", "unread"} & {name for _, name, _, _ in Formatter().parse(SENTENCES[code])}


def test_a_code_without_a_sentence_does_not_go_unnoticed() -> None:
    with pytest.raises(KeyError, match="NO_SUCH_CODE"):
        sentence(dropped("NO_SUCH_CODE"))


def test_a_denial_names_acl_rule_header_and_line() -> None:
    expected = "network ACL acl-1 egress rule 90 denies tcp/443 from 10.0.1.7 to 192.0.2.1 (net.yaml:7)"
    assert sentence(denied()) == expected


def test_the_last_rule_denies_by_its_own_name() -> None:
    assert sentence(denied(because=ACL.rules.origin)).startswith("network ACL acl-1 egress rule * denies ")


@pytest.mark.parametrize(
    ("what", "because", "judged"),
    [
        ("security group fn egress", Origin("fn", "egress 1"), "security group fn egress 1"),
        ("security groups fn, web ingress", Origin("web", "ingress 2"), "security group web ingress 2"),
        (
            "security groups fn, web ingress",
            Origin("fn", "no ingress rule matches"),
            "security groups fn, web: no ingress rule matches",
        ),
        ("network ACL acl-1 ingress", Origin("acl-1", "ingress rule 100"), "network ACL acl-1 ingress rule 100"),
        ("source/destination check, inbound", Origin("eni-1"), "source/destination check, inbound eni-1"),
        ("something", None, "something"),
    ],
)
def test_who_judged_is_said_once(what: str, because: Origin | None, judged: str) -> None:
    assert judge(denied(ACL._replace(what=what), because)) == judged


def test_what_was_not_read_is_named() -> None:
    group = ACL._replace(what="security group fn ingress", code="UNKNOWN_RESOURCE")
    because = Origin("sg-9", "not in what was read")
    assert "security group sg-9 was not read, so " in sentence(
        Step(0, group, Outcome.UNKNOWN, FLOW, FLOW, NO_MARKS, because, code=group.code)
    )
    part = replace(because, resource="fn", part="egress 3")  # its prefix list was not read
    step = Step(0, group, Outcome.UNKNOWN, FLOW, FLOW, NO_MARKS, part, code=group.code)
    assert sentence(step).startswith("a part of security group fn ingress (fn egress 3) was not read, ")
    table = sentence(dropped("UNKNOWN_RESOURCE", "route table rtb-1 (not read)", gap=True))
    assert table.startswith("route table rtb-1 of subnet subnet-1 was not read, ")
    assert sentence(dropped("UNKNOWN_RESOURCE", gap=True)).startswith("subnet subnet-1 was not read, ")


def test_a_packet_that_ends_elsewhere_says_where() -> None:
    node = Deliver(place=HERE, what="arrived", endpoint="eni-2")
    step = Step(0, node, Outcome.DROPPED, FLOW, FLOW, NO_MARKS, code="NO_POSSIBLE_DESTINATION")
    assert sentence(step) == "the packet ends at eni-2, which is not where it was meant to go"


def test_a_route_is_told_with_prefix_target_and_line() -> None:
    origin = Origin("rtb-1", "0.0.0.0/0", Spot("net.yaml", 9))
    table = PrefixTable((Route(Prefix.parse("0.0.0.0/0"), 0, origin, "igw-1"),))
    node = Lookup(place=HERE, what="route table rtb-1", table=table, targets=(0,), miss=0)
    step = Step(0, node, Outcome.ROUTED, FLOW, FLOW, NO_MARKS, origin, detail="igw-1")
    assert step_words(step) == "route table rtb-1: 0.0.0.0/0 -> igw-1 (net.yaml:9)"


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_step_of_an_answer_is_without_words(name: str) -> None:
    answer = EXAMPLES[name]()
    for trip in filter(None, (answer.works, answer.fails)):
        for step in trip.steps:
            assert len(step_words(step)) > len(step.node.what) or step.outcome in {Outcome.DELIVERED, Outcome.CHOSE}


def test_headlines_differ_by_verdict_and_say_which_leg_fails() -> None:
    assert headline(always()) == "report reaches internet on tcp/443"
    words = "report reaches internet on tcp/443 in 51 % of all cases; packets always arrive, replies sometimes come back"
    assert headline(sometimes()) == words
    assert headline(unknown()) == "whether report reaches internet on tcp/443 depends on what is not known"
    one_way = always()._replace(query=always().query._replace(one_way=True))
    assert headline(one_way) == "report reaches internet on tcp/443 (forward leg only)"


def test_matches_are_short() -> None:
    many = tuple(Prefix.parse(f"10.0.{n}.0/24") for n in range(5))
    assert match_words(Match(sources=many)) == "all from 10.0.0.0/24, 10.0.1.0/24 and 3 more"
    assert match_words(Match(destinations=(Prefix.parse("10.0.0.1/32"),))) == "all to 10.0.0.1"
    assert match_words(Match(sender_group="sg-1", protocol=17)) == "udp from group sg-1"
    assert match_words(Match(destinations=())) == "all to nobody"


@pytest.mark.parametrize("share", [0.0001, 0.004, 0.4999, 0.9951, 0.9999])
def test_a_part_is_never_rounded_to_nothing_or_all(share: float) -> None:
    assert share_words(share) not in {"0 %", "100 %", "0.0 %", "100.0 %"}


def test_what_nobody_wrote_has_no_place() -> None:
    assert spot(Origin("acl-1", "egress rule 100")) == ""
    assert spot(Origin("acl-1", "", Spot("plan.json"))) == " (plan.json)"


def test_ids_that_say_what_they_are_stand_alone() -> None:
    assert short_place(Place("nat-0123456789abcdef0", "nat-gateway", "egress")) == "nat-0123456789abcdef0 (egress)"
    assert short_place(Place("nat", "nat-gateway")) == "NAT gateway nat"
    assert short_place(Place("internet", "internet")) == "internet"


def test_every_note_has_a_sentence_and_is_told_with_its_code() -> None:
    assert NOTES.keys() == codes.NOTES
    answer = always()._replace(notes=tuple(sorted(NOTES)))
    text = answer_text(answer, width=200)
    assert all(note_words(code) in text for code in NOTES)
    assert {note["code"] for note in answer_document(answer)["notes"]} == codes.NOTES
