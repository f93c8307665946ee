"""From pieces to cases: what ends alike becomes one, and nothing is lost on the way."""

from __future__ import annotations

from random import Random

import pytest

from simulator.evaluate.exact import Question, explore
from simulator.evaluate.result import RoundTrip
from simulator.graph.nodes import FlowGraph, Masquerade, Restore, Send
from simulator.packet.ranges import Ranges
from simulator.packet.space import FIELDS, Box, Match
from simulator.query.cases import Part, allowed_of, blockers_of, cases_of, gaps_of, when_of
from tests.evaluate.hand import address, choose, deliver, deny, drop, flow, graph, judge, permit, rewrite, walk
from tests.evaluate.small_graphs import random_graph, random_question


def parts(built: FlowGraph, question: Question, source: str = "a", destination: str = "b", share: float = 1.0) -> list[Part]:
    return [Part(source, destination, question, piece, share * piece.weight) for piece in explore(built, question)]


def trip_of(part: Part) -> RoundTrip:
    return part.piece.trip


def ports_box(**ranges: Ranges) -> Box:
    fields = dict.fromkeys(FIELDS, Ranges.point(0)) | {
        "source": Ranges.of((0, 255)),
        "destination": Ranges.point(7),
        "protocol": Ranges.point(6),
        "source_port": Ranges.of((1024, 65535)),
        "destination_port": Ranges.of((0, 65535)),
    }
    return Box(4, fields | ranges)


def ask(built: FlowGraph, **ranges: Ranges) -> list[Part]:
    return parts(built, Question(0, ports_box(**ranges), frozenset({"server"})))


@pytest.mark.parametrize("seed", range(0, 120, 2))
def test_cases_keep_every_share_and_every_outcome(seed: int) -> None:
    """On random graphs: shares sum to 1, and for each outcome to what its pieces have."""
    random = Random(seed)
    question = random_question(random)._replace(one_way=False)
    found = parts(random_graph(random), question)
    cases = cases_of(found, one_way=False, explain=trip_of)
    assert sum(case.share for case in cases) == pytest.approx(1)
    for outcome, verdict in ((True, "always"), (False, "never"), (None, "unknown")):
        wanted = sum(part.share for part in found if part.outcome(one_way=False) is outcome)
        assert sum(case.share for case in cases if case.verdict.value == verdict) == pytest.approx(wanted)


def test_pieces_that_end_alike_are_one_case() -> None:
    rules = [permit(Match(protocol=6, destination_ports=(port, port)), f"rule {port}") for port in (22, 80, 81, 443)]
    found = ask(graph(start=judge(*rules, then="server")))
    assert len(found) > 2
    cases = cases_of(found, one_way=True, explain=trip_of)
    assert [(dict(case.when), case.verdict.value) for case in cases] == [
        ({"ports": "0-21, 23-79, 82-442, 444-65535"}, "never"),
        ({"ports": "22, 80-81, 443"}, "always"),
    ]


def test_pieces_refused_by_different_rules_are_different_cases() -> None:
    rules = (
        deny(Match(protocol=6, destination_ports=(22, 22)), "no ssh"),
        deny(Match(protocol=6, destination_ports=(23, 23)), "no telnet"),
    )
    cases = cases_of(ask(graph(start=judge(*rules, then="server", default=True))), one_way=True, explain=trip_of)
    refused = [case for case in cases if case.verdict.value == "never"]
    assert {(case.when["ports"], case.blockers[0].origin.part) for case in refused if case.blockers[0].origin} == {
        ("22", "no ssh"),
        ("23", "no telnet"),
    }


def test_failing_cases_come_first_then_the_larger() -> None:
    rules = (deny(Match(protocol=6, destination_ports=(22, 22)), "small"), deny(Match(protocol=6, destination_ports=(1000, 2000)), "large"))
    cases = cases_of(ask(graph(start=judge(*rules, then="server", default=True))), one_way=True, explain=trip_of)
    assert [case.when["ports"] for case in cases] == ["1000-2000", "22", "0-21, 23-999, 2001-65535"]


def test_what_a_case_leaves_open_is_not_told() -> None:
    (part,) = ask(graph(start=rewrite(Send("client"), then="server")))
    assert when_of(part.piece.box, part.question.box, part.piece.trip) == {}


def test_every_field_has_its_word() -> None:
    box = Box(
        4,
        {
            "source": Ranges.of((0x0A000000, 0x0A0000FF)),
            "destination": Ranges.point(0x0A000101),
            "protocol": Ranges.of((6, 6), (47, 50)),
            "source_port": Ranges.of((1024, 2000)),
            "destination_port": Ranges.point(443),
            "icmp_type": Ranges.point(8),
            "icmp_code": Ranges.point(0),
        },
    )
    whole = Box(4, dict.fromkeys(FIELDS, Ranges.of((0, 1 << 32))))
    assert when_of(box, whole, walk(graph(start=deliver("server")), flow())) == {
        "protocol": "tcp, proto/47, esp",
        "ports": "443",
        "icmp_type": "8",
        "icmp_code": "0",
        "source_addresses": "10.0.0.0/24",
        "destination_addresses": "10.0.1.1",
        "source_ports": "1024-2000",
    }


def test_choices_are_told_by_their_labels_and_nat_ports_by_their_gateway() -> None:
    nat = Masquerade((address("10.0.0.8"), address("10.0.0.9")), (1024, 65535), "nat")
    built = graph(
        start=choose(first="sends", second="refused"),
        sends=rewrite(Send("client"), then="nat"),
        nat=rewrite(nat, then="server"),
        server=deliver("server", "acl"),
        acl=judge(permit(Match(protocol=6, destination_ports=(32768, 65535))), then="back"),
        back=rewrite(Restore("nat"), then="client", miss="refused"),
    )
    cases = cases_of(ask(built), one_way=False, explain=trip_of)
    told = {(case.verdict.value, str(case.when.get("choice")), str(case.when.get("nat_ports"))) for case in cases}
    assert told == {
        ("always", "['first']", "rewrite: 32768-65535"),
        ("never", "['first']", "rewrite: 1024-32767"),
        ("never", "['second']", "None"),
    }


def test_several_pairs_are_told_apart() -> None:
    question = Question(0, ports_box(), frozenset({"server"}))
    works, fails = graph(start=rewrite(Send("client"), then="server")), graph(start=drop())
    both = parts(works, question, "a", "b", 0.5) + parts(fails, question, "a", "c", 0.5)
    assert [(dict(case.when), case.verdict.value, case.share) for case in cases_of(both, one_way=False, explain=trip_of)] == [
        ({"source": "a", "destination": "c"}, "never", 0.5),
        ({"source": "a", "destination": "b"}, "always", 0.5),
    ]


def test_allowed_services_cut_where_the_verdict_changes() -> None:
    rules = (
        permit(Match(protocol=6, destination_ports=(80, 89))),
        permit(Match(protocol=6, destination_ports=(90, 90), sources=()), "never covers"),
        permit(Match(protocol=6, destination_ports=(91, 99))),
    )
    found = ask(graph(start=judge(*rules, then="server")))
    assert [(one.service, one.verdict.value) for one in allowed_of(found, one_way=True)] == [
        ("tcp/80-89", "always"),
        ("tcp/91-99", "always"),
    ]


def test_blockers_and_gaps_of_both_legs() -> None:
    built = graph(
        start=rewrite(Send("client"), then="out"),
        out=judge(then="server", unread=True),
        server=deliver("server", "back"),
        back=judge(deny(Match()), then="client"),
    )
    trip = walk(built, flow())
    assert [(blocker.leg, blocker.resource, blocker.code) for blocker in blockers_of(trip)] == [("reply", "rules", "ENI_SG_RULES_MISMATCH")]
    assert [(gap.leg, gap.resource, gap.place) for gap in gaps_of([trip, trip])] == [("forward", "sg-unread", "judge")]
