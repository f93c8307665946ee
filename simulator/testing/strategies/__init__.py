"""Hypothesis strategies for networks, for what to ask of them, and for what to change in them.

    from hypothesis import given, strategies as st
    from simulator.testing.strategies import networks, questions

    @given(st.data())
    def test_an_answer_is_the_same_twice(data):
        network = data.draw(networks())
        question = data.draw(questions(network))
        assert question.ask(network) == question.ask(network)

* `snapshots(profile)`, `networks(profile)`: small AWS networks of one to four VPCs, with everything the simulator knows. A profile says
  which: `MIXED`, `OPEN`, `CLOSED`, `NAT_HEAVY`, `TRANSIT_HEAVY`, `WIDE`, `SLOPPY`, or `dataclasses.replace` of one.
* `network_of(seed, profile)`: the same without hypothesis, the same one for a seed until strategies change.
* `entries(snapshot)`: where packets start. `flows(snapshot, entry)`: headers at the borders of what rules and routes say.
  `packets(snapshot)`: both together.
* `questions(network)`: questions for `Network.can`, for a drawn network or a loaded one.
* `edits(snapshot)`: one change, to be called with a snapshot; `changed(snapshot, noun)` makes a change of your own.
* `outline(snapshot)`: a network in a few lines; drawn ones show themselves that way when a test fails.
* `prefixes()`, `ranges()`, `services()`, `any_flows()`: values without a network; `st.from_type` draws them too.

`docs/property-testing.md` shows how to test a network of your own.
"""

from __future__ import annotations

from simulator.testing.strategies.edits import Edit, changed, edits
from simulator.testing.strategies.flows import Packet, entries, entry_names, flows, packets
from simulator.testing.strategies.networks import network_of, networks, snapshots
from simulator.testing.strategies.outline import outline
from simulator.testing.strategies.profiles import CLOSED, MIXED, NAT_HEAVY, OPEN, PROFILES, SLOPPY, TRANSIT_HEAVY, WIDE, Profile
from simulator.testing.strategies.questions import Question, questions
from simulator.testing.strategies.values import any_flows, prefixes, ranges, services

__all__ = [
    "CLOSED",
    "MIXED",
    "NAT_HEAVY",
    "OPEN",
    "PROFILES",
    "SLOPPY",
    "TRANSIT_HEAVY",
    "WIDE",
    "Edit",
    "Packet",
    "Profile",
    "Question",
    "any_flows",
    "changed",
    "edits",
    "entries",
    "entry_names",
    "flows",
    "network_of",
    "networks",
    "outline",
    "packets",
    "prefixes",
    "questions",
    "ranges",
    "services",
    "snapshots",
]
