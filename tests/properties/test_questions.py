"""Answers of `Network.can` that have to fit each other."""

import json
from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from simulator.api import Network
from simulator.aws.instance import Instance
from simulator.aws.subnet import Subnet
from simulator.evaluate.result import Verdict
from simulator.query.endpoints import Sort, resolve
from simulator.testing.strategies import MIXED, NAT_HEAVY, OPEN, TRANSIT_HEAVY, WIDE, edits, networks, questions
from tests.properties.budget import examples
from tests.properties.walks import asked, summary

ANY = st.sampled_from([MIXED, WIDE]).flatmap(networks)
OPENED = st.sampled_from([OPEN, WIDE]).flatmap(networks)
NETWORKS = st.sampled_from([NAT_HEAVY, OPEN, TRANSIT_HEAVY, WIDE]).flatmap(networks)


@examples(40)
@given(st.data())
def test_every_drawn_question_means_something(data):
    """And its answer can be told: as text, as a document."""
    network = data.draw(NETWORKS)
    answer = asked(network, data.draw(questions(network)))
    assert answer.verdict.value in json.loads(json.dumps(answer.to_dict()))["verdict"]
    assert answer.text()


@examples(50)
@given(st.data())
def test_one_way_never_is_never_there_and_back(data):
    """MODEL-3, MODEL-4"""
    network = data.draw(NETWORKS)
    question = replace(data.draw(questions(network)), one_way=True)
    there = asked(network, question)
    back = asked(network, replace(question, one_way=False))
    assert there.delivered is back.delivered
    if there.verdict is Verdict.NEVER:
        assert back.verdict is Verdict.NEVER
    if back.verdict is Verdict.ALWAYS:
        assert there.verdict is Verdict.ALWAYS


@examples(50)
@given(st.data())
def test_all_blockers_hold_the_first_one(data):
    """MODEL-8"""
    network = data.draw(ANY)
    question = data.draw(questions(network))
    first = {(blocker.leg, blocker.step.at, blocker.origin, blocker.code) for blocker in asked(network, question).blockers}
    answer = network.can(
        question.source,
        question.destination,
        question.service,
        source_port=question.source_port,
        one_way=question.one_way,
        all_blockers=True,
    )
    assert summary(answer) == summary(asked(network, question))
    assert first <= {(blocker.leg, blocker.step.at, blocker.origin, blocker.code) for blocker in answer.blockers}


@examples(50)
@given(st.data())
def test_what_fails_has_a_blocker_and_what_is_unknown_a_gap(data):
    network = data.draw(ANY)
    answer = asked(network, data.draw(questions(network)))
    if answer.verdict in {Verdict.NEVER, Verdict.SOMETIMES}:
        assert answer.blockers
    if answer.verdict is Verdict.UNKNOWN:
        assert answer.gaps
    if answer.verdict is Verdict.ALWAYS:
        assert not answer.blockers


@examples(40)
@given(st.data())
def test_asking_a_subnet_is_asking_each_of_its_interfaces(data):
    """interface.md: an end that stands for several asks about every one of them."""
    network = data.draw(OPENED)
    question = data.draw(questions(network, groups=False))
    destinations = [subnet.id for subnet in network.snapshot.all(Subnet)]
    subnet = data.draw(st.sampled_from(destinations))
    members = members_of(network, subnet)
    guests = {name: instance.id for instance in network.snapshot.all(Instance) for name in instance.interfaces}
    source = {end.name for end in resolve(network.snapshot, question.source)}
    others = [name for name in members if guests.get(name, name) not in {guests.get(own, own) for own in source}]
    assume(others and len(source) == 1 and len(members) > 1)
    whole = asked(network, replace(question, destination=subnet))
    outcomes: set[bool | None] = set()
    for name in others:
        for case in asked(network, replace(question, destination=name)).cases:
            outcomes.add({Verdict.ALWAYS: True, Verdict.NEVER: False}.get(case.verdict))
    assert whole.verdict is Verdict.over(iter(outcomes))


def members_of(network: Network, subnet: str) -> list[str]:
    try:
        ends = resolve(network.snapshot, subnet)
    except Exception:
        return []
    return [end.name for end in ends if end.sort is Sort.INTERFACE]


@examples(40)
@given(st.data())
def test_a_service_that_is_said_to_pass_passes(data):
    """A question without a service lists what passes; each of them, asked on its own, has the verdict of the list."""
    network = data.draw(OPENED)
    question = replace(data.draw(questions(network, groups=False)), service=None, source_port="40000")
    answer = asked(network, question)
    assume(answer.allowed)
    allowed = data.draw(st.sampled_from(answer.allowed))
    assume(not allowed.service.startswith(("icmp", "proto")) or "-" not in allowed.service)
    alone = asked(network, replace(question, service=allowed.service))
    if not allowed.service.startswith("icmp"):  # `icmp` in a question is a ping, in the list every type
        assert alone.verdict is allowed.verdict


@examples(40)
@given(st.data())
def test_a_range_of_source_ports_is_its_ports_together(data):
    """MODEL-5"""
    network = data.draw(networks(NAT_HEAVY))
    question = data.draw(questions(network, services=("tcp/443", "udp/53", "tcp/1024-65535"), groups=False))
    whole = asked(network, replace(question, source_port="32767-32768")).verdict
    parts = {asked(network, replace(question, source_port=port)).verdict for port in ("32767", "32768")}
    if len(parts) == 1:
        assert whole in parts
    elif parts == {Verdict.ALWAYS, Verdict.NEVER}:
        assert whole is Verdict.SOMETIMES


@examples(40)
@given(st.data())
def test_an_edit_leaves_the_network_it_was_made_from_as_it_was(data):
    network = data.draw(ANY)
    question = data.draw(questions(network))
    before = summary(asked(network, question))
    data.draw(edits(network.snapshot))(network.snapshot)
    assert summary(asked(Network(network.snapshot, "again"), question)) == before
