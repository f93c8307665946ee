"""The model of `by_the_book` against the walker, on drawn networks: disposition, last place, code, deciding rules, headers, choices.

    BY_THE_BOOK_EXAMPLES=3000 pytest tests/oracle/test_book_against_walker.py

draws other networks each time and shrinks what it finds; without the variable the same few are drawn on every run.
"""

from __future__ import annotations

import os
import random
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import simulator
from simulator.aws.snapshot import Snapshot
from simulator.compile import compile_snapshot
from simulator.graph.nodes import FlowGraph
from simulator.testing.strategies import NAT_HEAVY, PROFILES, SLOPPY, WIDE, Profile, packets, snapshots
from tests.aws.known_steps import unknown_steps
from tests.oracle import by_the_book, compare, explained
from tests.oracle.by_the_book.result import DELIVERED
from tests.oracle.wired import wired
from tests.oracle.wired_firewalls import wired_firewalls
from tests.oracle.wired_inspection import wired_inspection
from tests.oracle.wired_services import wired_services
from tests.oracle.wired_transit import wired_transit

EXAMPLES = int(os.environ.get("BY_THE_BOOK_EXAMPLES", "0"))
QUESTIONS = 15
# One VPC with everything wired up, so that most packets come far.
WIRED = replace(
    NAT_HEAVY, name="wired", vpcs=1, tables=3, lists=3, rare=10, default_route=97, internet_gateway=97, open_acls=85, open_groups=85
)
SCENARIOS = sorted(Path(__file__).parents[2].glob("scenarios/*/*.yaml"))
DRAWN = [*PROFILES, SLOPPY, WIDE, WIDE, WIRED, replace(WIRED, name="two versions", vpcs=2, ipv6=100)]


@settings(
    max_examples=EXAMPLES or 200,
    derandomize=not EXAMPLES,
    database=None,
    phases=list(Phase) if EXAMPLES else [Phase.generate],
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data(), profile=st.sampled_from(DRAWN))
def test_same_answers_on_drawn_networks(data: st.DataObject, profile: Profile) -> None:
    snapshot = data.draw(snapshots(profile))
    assert not by_the_book.unknown_nouns(snapshot)
    graph = compile_snapshot(snapshot)

    def pick(options: object) -> object:
        return data.draw(st.sampled_from(options))  # type: ignore[call-overload]

    def percent(number: int) -> bool:
        return data.draw(st.integers(0, 99)) >= 100 - number

    for _ in range(QUESTIONS):
        assert_same(snapshot, graph, compare.question(snapshot, pick, percent))
    for _ in range(QUESTIONS):  # at the borders of rules and routes
        packet = data.draw(packets(snapshot))
        if packet.entry in compare.senders(snapshot, packet.flow.version):
            assert_same(snapshot, graph, compare.Question(packet.entry, packet.flow, tuple(pick(compare.DRAWS) for _ in range(3))))


def assert_same(snapshot: Snapshot, graph: FlowGraph, asked: compare.Question) -> None:
    known, words = explained.difference(snapshot, graph, asked)
    if words and not known:
        pytest.fail(f"\n{compare.snapshot_text(snapshot)}\n{words}", pytrace=False)


@pytest.mark.parametrize("seed", range(EXAMPLES or 110))
def test_same_answers_on_wired_networks(seed: int, tmp_path: Path) -> None:
    ask_at_random(read(wired(seed), tmp_path), seed, 40)


@pytest.mark.parametrize("seed", range(EXAMPLES or 110))
def test_same_answers_through_transit_gateways(seed: int, tmp_path: Path) -> None:
    ask_at_random(read(wired_transit(seed), tmp_path), seed, 40)


@pytest.mark.parametrize("seed", range(EXAMPLES or 60))
def test_same_answers_with_balancers_and_networks_on_premises(seed: int, tmp_path: Path) -> None:
    ask_at_random(read(wired_services(seed), tmp_path), seed, 40)


@pytest.mark.parametrize("seed", range(EXAMPLES or 50))
def test_same_answers_through_appliances_behind_endpoints(seed: int, tmp_path: Path) -> None:
    ask_at_random(read(wired_inspection(seed), tmp_path), seed, 30)


@pytest.mark.parametrize("seed", range(EXAMPLES or 30))
def test_same_answers_through_network_firewalls(seed: int, tmp_path: Path) -> None:
    ask_at_random(read(wired_firewalls(seed), tmp_path), seed, 30)


@pytest.mark.parametrize("path", SCENARIOS, ids=[path.stem for path in SCENARIOS])
def test_same_answers_on_the_scenarios(path: Path) -> None:
    ask_at_random(simulator.load(path).snapshot, 0, 25)


def read(text: str, folder: Path) -> Snapshot:
    path = folder / "wired.yaml"
    path.write_text(text, encoding="utf-8")
    return simulator.load(path).snapshot


def ask_at_random(snapshot: Snapshot, seed: int, count: int) -> None:
    assert not by_the_book.unknown_nouns(snapshot)
    rng, graph = random.Random(seed), compile_snapshot(snapshot)
    assert unknown_steps(graph) == []
    if not compare.destinations(snapshot):
        return
    for asked in compare.questions(snapshot, rng, count):
        if asked.sender in graph.entries:  # there is no internet where nobody asked for internet gateways
            assert_same(snapshot, graph, asked)


def test_a_quarter_of_the_packets_crosses_a_transit_gateway(tmp_path: Path) -> None:
    path, ways = tmp_path / "wired.yaml", Counter[str]()
    for seed in range(20):
        path.write_text(wired_transit(seed), encoding="utf-8")
        snapshot, rng = simulator.load(path).snapshot, random.Random(seed)
        kinds = compare.kinds_of_places(snapshot)
        for asked in compare.questions(snapshot, rng, 40):
            ours = compare.ask_model(snapshot, asked)
            ways.update({kinds[place] for leg in ours if leg for place, _ in leg.hops if place in kinds})
            ways["asked"] += 1
            ways["answered"] += ours[1] is not None and ours[1].disposition == DELIVERED
    assert ways["TransitGateway"] >= ways["asked"] / 4, ways
    assert min(ways["VpcEndpoint"], ways["VpcPeering"], ways["NatGateway"], ways["answered"]) >= ways["asked"] / 50, ways


def test_every_explained_difference_has_its_row_in_the_readme() -> None:
    text = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    section = text.split("## Explained differences")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| ([A-Z0-9]+-[0-9]+)", section, re.MULTILINE)
    assert [name for name, _ in rows] == list(explained.KNOWN)
    rules = (Path(__file__).parents[2] / "docs/semantics.md").read_text(encoding="utf-8")
    assert [rule for _, rule in rows if f"- {rule} " not in rules] == []
