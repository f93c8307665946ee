"""What things are called, and what nobody refers to, changes no answer."""

import re

from hypothesis import given
from hypothesis import strategies as st

from simulator.api import Network
from simulator.evaluate.result import RoundTrip
from simulator.testing.strategies import MIXED, WIDE, Packet, Question, packets, questions, snapshots
from tests.properties.budget import examples
from tests.properties.variants import renamed, with_a_stranger
from tests.properties.walks import asked, decisions, everywhere, summary, trip_of

SNAPSHOTS = st.sampled_from([MIXED, WIDE]).flatmap(snapshots)


def shape(trip: RoundTrip, name=lambda word: word) -> list[object]:
    """The walk without its words, its places renamed."""
    return [
        (
            name(step.place.id),
            type(step.node),
            step.outcome,
            step.before,
            step.after,
            step.code,
            name(step.because.resource) if step.because else "",
        )
        for step in trip.steps
    ]


@examples(40)
@given(st.data())
def test_ids_are_only_names(data):
    """New ids in the same order: the same walks, step by step."""
    snapshot = data.draw(SNAPSHOTS)
    known = {noun.id for _, noun in snapshot.everything()}

    def name(word: str) -> str:
        head, rest = re.match("(internet towards |acl-of-|onprem:|client-vpn:|)(.*)", word).groups()  # names made of ids
        return head + (f"new/{rest}" if rest in known else rest)

    other = renamed(snapshot, name)
    for packet in data.draw(st.lists(packets(snapshot), min_size=1, max_size=4)):
        moved = Packet(name(packet.entry), packet.flow)
        assert shape(trip_of(other, moved)) == shape(trip_of(snapshot, packet), name)


@examples(50)
@given(st.data())
def test_the_order_of_ids_means_nothing(data):
    """New ids in the opposite order: the same verdicts; which of several equal rules is named may differ."""
    network = Network(data.draw(SNAPSHOTS), "old")
    ids = sorted(noun.id for _, noun in network.snapshot.everything())
    names = {old: f"name-{len(ids) - number:04}" for number, old in enumerate(ids)}
    other = Network(renamed(network.snapshot, names.__getitem__), "new")

    def word(text: str) -> str:
        kind, colon, rest = text.partition(":")
        vpc, slash, address = text.partition("/")
        if colon and rest in names:
            return f"{kind}:{names[rest]}"
        return f"{names[vpc]}/{address}" if slash and vpc in names else names.get(text, text)

    question = data.draw(questions(network))
    moved = Question(word(question.source), word(question.destination), question.service, question.source_port, question.one_way)
    assert summary(asked(other, moved)) == summary(asked(network, question))


@examples(40)
@given(st.data())
def test_what_nobody_refers_to_changes_no_walk(data):
    snapshot = data.draw(SNAPSHOTS)
    other, expected = with_a_stranger(snapshot), everywhere(snapshot)
    for packet in data.draw(st.lists(packets(snapshot), min_size=1, max_size=4)):
        assert decisions(trip_of(other, packet, expected)) == decisions(trip_of(snapshot, packet, expected))


@examples(40)
@given(st.data())
def test_what_nobody_refers_to_changes_no_answer(data):
    network = Network(data.draw(SNAPSHOTS), "as drawn")
    question = data.draw(questions(network))
    other = Network(with_a_stranger(network.snapshot), "with a stranger")
    assert summary(asked(other, question)) == summary(asked(network, question))
