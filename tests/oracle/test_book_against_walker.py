"""The model of `by_the_book` against the walker, on drawn networks: disposition, last place, code, deciding rules, headers, choices.

    BY_THE_BOOK_EXAMPLES=3000 pytest tests/oracle/test_book_against_walker.py

draws other networks each time and shrinks what it finds; without the variable the same few are drawn on every run.
"""

from __future__ import annotations

import os
import random
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import simulator
from simulator.aws.snapshot import Snapshot
from simulator.compile import compile_snapshot
from simulator.graph.nodes import FlowGraph
from simulator.testing.strategies import NAT_HEAVY, PROFILES, SLOPPY, Profile, packets, snapshots
from tests.oracle import compare, explained
from tests.oracle.by_the_book.result import Reading
from tests.oracle.wired import wired
from tests.oracle.wired_transit import wired_transit

EXAMPLES = int(os.environ.get("BY_THE_BOOK_EXAMPLES", "0"))
QUESTIONS = 15
# One VPC with everything wired up, so that most packets come far.
WIRED = replace(
    NAT_HEAVY, name="wired", vpcs=1, tables=3, lists=3, rare=10, default_route=97, internet_gateway=97, open_acls=85, open_groups=85
)
# Sections of scenarios that the book does not model yet. Those that include answers of AWS are left out too: what such an answer does not
# mention is unknown, which is for the readers' tests.
NOT_IN_THE_BOOK = ("load_balancers:", "block_public_access:")
SCENARIOS = [
    path
    for path in sorted(Path(__file__).parents[2].glob("scenarios/*/*.yaml"))
    if not any(word in path.read_text(encoding="utf-8") for word in ("include:", *NOT_IN_THE_BOOK))
]
DRAWN = [replace(profile, ipv6=0) for profile in (*PROFILES, SLOPPY, WIRED)]


@settings(
    max_examples=EXAMPLES or 50,
    derandomize=not EXAMPLES,
    database=None,
    phases=list(Phase) if EXAMPLES else [Phase.generate],
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data(), profile=st.sampled_from(DRAWN))
def test_same_answers_on_drawn_networks(data: st.DataObject, profile: Profile) -> None:
    snapshot = data.draw(snapshots(profile))
    graph = compile_snapshot(snapshot)

    def pick(options: object) -> object:
        return data.draw(st.sampled_from(options))  # type: ignore[call-overload]

    def percent(number: int) -> bool:
        return data.draw(st.integers(0, 99)) >= 100 - number

    for _ in range(QUESTIONS):
        assert_same(snapshot, graph, compare.question(snapshot, pick, percent))
    for _ in range(QUESTIONS):  # at the borders of rules and routes
        packet = data.draw(packets(snapshot))
        if packet.flow.version == 4 and packet.entry in compare.senders(snapshot):
            assert_same(snapshot, graph, compare.Question(packet.entry, packet.flow, tuple(pick(compare.DRAWS) for _ in range(3))))


def assert_same(snapshot: Snapshot, graph: FlowGraph, asked: compare.Question) -> None:
    known, words = explained.difference(snapshot, graph, asked)
    if words and not known:
        pytest.fail(f"\n{compare.snapshot_text(snapshot)}\n{words}", pytrace=False)


@pytest.mark.parametrize("seed", range(EXAMPLES or 60))
def test_same_answers_on_wired_networks(seed: int, tmp_path: Path) -> None:
    path = tmp_path / "wired.yaml"
    path.write_text(wired(seed), encoding="utf-8")
    ask_at_random(simulator.load(path).snapshot, seed, 40)


@pytest.mark.parametrize("seed", range(EXAMPLES or 60))
def test_same_answers_through_transit_gateways(seed: int, tmp_path: Path) -> None:
    path = tmp_path / "wired.yaml"
    path.write_text(wired_transit(seed), encoding="utf-8")
    ask_at_random(simulator.load(path).snapshot, seed, 40)


@pytest.mark.parametrize("path", SCENARIOS, ids=[path.stem for path in SCENARIOS])
def test_same_answers_on_the_scenarios(path: Path) -> None:
    ask_at_random(simulator.load(path).snapshot, 0, 25)


def ask_at_random(snapshot: Snapshot, seed: int, count: int) -> None:
    rng, graph = random.Random(seed), compile_snapshot(snapshot)
    if not compare.destinations(snapshot):
        return
    for _ in range(count):
        assert_same(snapshot, graph, compare.question(snapshot, rng.choice, lambda number: rng.random() * 100 < number))


def test_known_differences_are_readings() -> None:
    assert set(explained.KNOWN) <= {field.name for field in fields(Reading)}
