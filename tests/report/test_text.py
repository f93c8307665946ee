"""What `vpcsim can` prints: the verdict first, on one screen, and never a control character of somebody else's."""

import re

import pytest

from simulator.evaluate.answer import Answer
from simulator.graph.nodes import Place
from simulator.report.escape import plain
from simulator.report.text import Page, answer_text
from tests.report.examples import EXAMPLES, always, blockers, every_service, lambda_nat, never, sometimes, unknown, walked

EVIL = "x\x1b[2J\u202e\r\n\x9b31m"


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_verdict_comes_first(name: str) -> None:
    answer = EXAMPLES[name]()
    assert answer_text(answer).splitlines()[0].startswith(f"{answer.verdict.value}: report ") or name == "unknown"


def test_both_legs_of_a_function_behind_a_nat_gateway_fit_on_a_screen() -> None:
    lines = answer_text(always()).splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 100
    places = [line[5:29].split("  ")[0] for line in lines if re.match(r" {2,3}\d+ ", line)]
    assert [place for place in places if "subnet" in place or "gateway" in place] == [
        "subnet private",
        "subnet public",
        "NAT gateway nat",
        "subnet public",
        "internet gateway igw",
        "internet gateway igw",
        "subnet public",
        "NAT gateway nat",
        "subnet public",
        "subnet private",
    ]


def test_what_decided_and_what_changed_is_told() -> None:
    text = answer_text(always(), width=200)
    assert "security group fn egress 1: tcp/443 to 0.0.0.0/0 (network.yaml:12)" in text
    assert "source 10.0.1.7:40000 -> 10.0.0.5:40000" in text
    assert "route table private-routes: 0.0.0.0/0 -> nat (network.yaml:5)" in text
    assert "reply of a session it remembers" in text
    assert "source ports  1024-65535: the interface of a function (NACL-14)" in text
    assert "  - the ACL of `private` is the open default" in text


def test_plumbing_is_shown_only_when_asked_for() -> None:
    assert "implicit router" not in answer_text(always())
    assert "vpc" not in answer_text(always())
    verbose = answer_text(always(), verbose=True)
    assert "implicit router" in verbose
    assert "own address" in verbose


def test_a_step_that_stops_the_packet_is_shown_even_if_it_is_plumbing() -> None:
    trip = never().fails
    assert trip is not None
    *steps, last = trip.forward.steps
    hidden = last._replace(node=last.node._replace(plumbing=True))
    fails = trip._replace(forward=trip.forward._replace(steps=(*steps, hidden)))
    assert "STOPPED: security group fn" in answer_text(never()._replace(fails=fails))


def test_a_refusal_is_told_once_with_its_code() -> None:
    text = answer_text(never(), width=200)
    assert text.count("ENI_SG_RULES_MISMATCH") == 1
    assert "STOPPED: security group fn: no egress rule matches tcp/80 from 10.0.1.7 to 93.184.216.34" in text
    assert "reply" not in text


def test_blockers_that_the_walk_does_not_show_are_listed() -> None:
    trip = walked(lambda_nat(reply_ports=(50000, 65535)), to=80, past_denials=True)
    answer = never()._replace(fails=walked(lambda_nat(), to=80), cases=(), blockers=blockers(trip))
    text = answer_text(answer, width=200)
    listed = text[text.index("blocked by") :]
    assert "reply stopped at subnet public: network ACL acl-public ingress rule * denies" in listed
    assert "[SUBNET_ACL_RESTRICTION]" in listed
    assert "ENI_SG_RULES_MISMATCH" not in listed


def test_a_sometimes_tells_both_sides() -> None:
    text = answer_text(sometimes(), width=200)
    assert "forward (a case that works): tcp 10.0.1.7:40000 > 93.184.216.34:443" in text
    cases = text[text.index("\ncases\n") :]
    assert re.search(r"51 % works +NAT ports 32768-65535\n", cases)
    assert re.search(r"49 % fails +NAT ports 1024-32767\n +reply stopped at subnet public: network ACL acl-public", cases)
    assert "port 1024 at NAT gateway nat" in cases
    assert "forward (a case that fails)" not in text
    assert "forward (a case that fails)" in answer_text(sometimes(), verbose=True)


def test_cases_that_end_alike_share_their_lines() -> None:
    answer = sometimes()
    works, fails = answer.cases
    many = tuple(fails._replace(when={"source_ports": str(n)}, share=0.05) for n in range(10))
    text = answer_text(answer._replace(cases=(works, *many)), width=200)
    assert re.search(r"50 % fails +source ports 0; source ports 1; source ports 2; and 7 more\n", text)
    assert text.count("SUBNET_ACL_RESTRICTION") == 1
    assert "source ports 9" in answer_text(answer._replace(cases=(works, *many)), verbose=True)


def test_many_cases_are_counted_and_their_blockers_told_once() -> None:
    answer = sometimes()
    works, fails = answer.cases
    blocker = fails.blockers[0]
    codes = ["PROTOCOL_RESTRICTION", "BAD_STATE", "BAD_STATE_ROUTE", "SG_HAS_NO_RULES", "SIM_ROUTING_LOOP", "DISCONNECTED_VPCS"]
    others = tuple(blocker._replace(step=blocker.step._replace(code=code)) for code in codes)
    cases = tuple(fails._replace(blockers=(other,)) for other in others)
    text = answer_text(answer._replace(cases=(works, *cases), blockers=others))
    assert "  and 1 more" in text
    assert [text.count(f"[{code}]") for code in codes] == [1] * 6


def test_no_cases_are_told_when_all_end_alike() -> None:
    answer = never()
    cases = tuple(answer.cases[0]._replace(when={"source_ports": str(n)}, share=0.5) for n in range(2))
    assert "cases" not in answer_text(answer._replace(cases=cases))


def test_a_gap_is_told_as_unknown() -> None:
    text = answer_text(unknown(), width=200)
    assert "UNKNOWN: transit gateway tgw-9 was not read" in text
    assert "not known\n  - forward leg, tgw-9: not in what was read" in text
    assert "STOPPED" not in text


def test_services_that_pass_are_listed_when_none_was_given() -> None:
    text = answer_text(every_service())
    assert "services that pass\n  - tcp/443: always\n  - udp/53: sometimes, source ports 1024-2000" in text
    assert "services that pass\n  - none" in answer_text(every_service()._replace(allowed=()))
    assert "services that pass" not in answer_text(always())


def test_colour_changes_nothing_but_colour() -> None:
    for make in EXAMPLES.values():
        painted = answer_text(make(), colour=True)
        assert "\x1b[" in painted
        assert re.sub(r"\x1b\[\d*m", "", painted) == answer_text(make())


def with_evil_names() -> Answer:
    answer = sometimes()
    evil = Place("igw", "internet-gateway", EVIL)
    trip = answer.works
    assert trip is not None
    steps = tuple(step._replace(node=step.node._replace(place=evil, what=EVIL)) for step in trip.forward.steps)
    works = trip._replace(forward=trip.forward._replace(steps=steps))
    query = answer.query._replace(source=EVIL, destination=EVIL, why_ports=EVIL)
    return answer._replace(works=works, query=query, assumptions=(EVIL,))


@pytest.mark.parametrize("verbose", [False, True])
def test_no_name_can_paint_on_the_terminal(verbose: bool) -> None:
    text = answer_text(with_evil_names(), verbose=verbose)
    assert text.isprintable() or set(text) - {"\n"} == {c for c in text if c.isprintable()}
    assert r"x\x1b[2J\u202e" in text
    coloured = answer_text(with_evil_names(), verbose=verbose, colour=True)
    assert set(re.findall(r"\x1b\[[^m]*m", coloured)) <= {f"\x1b[{n}m" for n in ("0", "1", "2", "31", "32", "33")}


def test_escaping_is_stable_and_keeps_what_is_harmless() -> None:
    assert plain(plain(EVIL)) == plain(EVIL)
    assert plain("Größe 10 % 日本") == "Größe 10 % 日本"


def test_long_words_are_not_broken() -> None:
    page = Page(30)
    page.row("head", "short " + "long" * 20, column=10)
    assert page.lines[-1] == " " * 10 + "long" * 20
