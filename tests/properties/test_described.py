"""A network written as AWS describes it and read again answers as before (architecture: one meaning, several spellings)."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from simulator.api import Network, load
from simulator.testing.strategies import MIXED, OPEN, TRANSIT_HEAVY, packets, questions, snapshots
from tests.properties.budget import examples
from tests.properties.described import describable, write
from tests.properties.walks import asked, ends, graph_of, summary, trip_of

PROFILES = [replace(profile, gaps=0) for profile in (MIXED, OPEN, TRANSIT_HEAVY)]
READ_IN_FULL = st.sampled_from(PROFILES).flatmap(snapshots).map(describable)


def read_again(snapshot) -> Network:
    with TemporaryDirectory() as folder:
        write(snapshot, Path(folder))
        return load(folder)


@examples(40)
@given(st.data())
def test_a_described_network_walks_alike(data):
    snapshot = data.draw(READ_IN_FULL)
    other = read_again(snapshot).snapshot
    assert graph_of(other).entries.keys() == graph_of(snapshot).entries.keys()
    for packet in data.draw(st.lists(packets(snapshot), min_size=1, max_size=5)):
        assert ends(trip_of(other, packet)) == ends(trip_of(snapshot, packet))


@examples(30)
@given(st.data())
def test_a_described_network_answers_alike(data):
    network = Network(data.draw(READ_IN_FULL), "drawn")
    question = data.draw(questions(network))
    assert summary(asked(read_again(network.snapshot), question)) == summary(asked(network, question))
