"""Crowds against the walker: every pair of random graphs, and the pairs of drawn networks."""

from __future__ import annotations

from itertools import product
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from simulator.aws.network_interface import NetworkInterface
from simulator.aws.snapshot import Snapshot
from simulator.compile import compile_snapshot
from simulator.evaluate.batch.crowds import FAILS, GAP, LEFT, WORKS, Ends, walk_pairs
from simulator.evaluate.batch.keys import keys_of
from simulator.evaluate.batch.lower import lower
from simulator.evaluate.batch.program import NOBODY
from simulator.evaluate.batch.space import halves
from simulator.evaluate.walk import round_trip
from simulator.graph.nodes import Deliver, Filter, FlowGraph, Lookup, Place, PrefixTable, Rewrite, Route, Rule, RuleList, Send
from simulator.origin import Origin
from simulator.packet.flow import TCP, Flow
from simulator.packet.prefix import Prefix
from simulator.packet.space import Match
from simulator.testing.strategies import PROFILES, snapshots
from tests.evaluate import small_graphs
from tests.evaluate.small_graphs import ADDRESSES, PROTOCOLS, TYPES, Pipelines, random_graph, random_question

OUTCOMES = {True: WORKS, False: FAILS, None: GAP}


def walked(graph: FlowGraph, start: int, flow: Flow, endpoint: str) -> tuple[int, int]:
    trip = round_trip(graph, start, flow, expected=frozenset({endpoint}))
    return OUTCOMES[trip.delivered], OUTCOMES[trip.answered]


def headers(random: Random, version: int) -> tuple[int, int, int, int]:
    kind = random.choice((6, 17, PROTOCOLS[version], 50))
    typed = kind == PROTOCOLS[version]
    return kind, random.randrange(6) if kind in (6, 17) else 0, random.choice(TYPES[version]) if typed else 0, 0


def compare_graph(seed: int, version: int) -> tuple[int, int]:
    """Pairs compared, and pairs left."""
    random = Random(seed)
    graph, question = random_graph(random, version), random_question(random, version)
    program = lower(graph)
    kind = headers(random, version)
    doors = [at for at, node in enumerate(graph.nodes) if isinstance(node, Rewrite) and isinstance(node.how, Send)]
    starts = [random.choice([question.start, *doors]) for _ in ADDRESSES]
    endpoints = [name for name in ("server", "mute server", "other") if name in program.endpoints]
    receivers = [random.choice(endpoints) for _ in ADDRESSES] if endpoints else ["server"] * len(ADDRESSES)
    points = program.spaces[version].points(halves(ADDRESSES))
    numbers = [program.endpoints.index(name) if name in program.endpoints else NOBODY for name in receivers]
    key = int(keys_of(*(np.array([value], np.uint32) for value in kind))[0])
    ports = [0, 3] if kind[0] in (6, 17) else [0]
    ends = Ends(np.array(starts, np.int32), points, points, np.array(numbers, np.int32))
    forward, trips = walk_pairs(program, version, ends, key, ports)
    compared = left = 0
    for one, other, (port, found) in product(ADDRESSES, ADDRESSES, zip(ports, trips, strict=True)):
        if points[one] == points[other]:
            continue
        if LEFT in (forward[one, other], found[one, other]):
            left += 1
            continue
        flow = Flow(version, one, other, kind[0], port, *kind[1:])
        said = walked(graph, starts[one], flow, receivers[other])
        assert (forward[one, other], found[one, other]) == said, f"seed {seed}, IPv{version}: {flow} to {receivers[other]}"
        compared += 1
    return compared, left


@pytest.mark.parametrize("version", [4, 6])
def test_every_pair_ends_as_the_walker_says(version: int) -> None:
    counts = np.array([compare_graph(seed, version) for seed in range(300)]).sum(axis=0)
    assert counts[0] > 2_000


@pytest.mark.parametrize("version", [4, 6])
def test_every_pair_of_graphs_without_translation(version: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(small_graphs, "STAGES", ("filter",) * 6 + ("lookup", "session", "forget", "send", "send"))
    monkeypatch.setattr(small_graphs, "REPLY_STAGES", ("filter",) * 4 + ("lookup", "session", "forget", "send"))
    # More rules that ask whether a reference let the packet out.
    monkeypatch.setattr(Pipelines, "chance", lambda plan, percent: plan.random.randrange(100) < {12: 50, 30: 60}.get(percent, percent))
    counts = np.array([compare_graph(seed, version) for seed in range(700)]).sum(axis=0)
    assert counts[1] < counts[0]


def test_who_passed_another_middlebox_has_its_groups_where_the_ways_meet_again() -> None:
    """One sender's packets come to one filter at once, from two middleboxes."""
    place, origin = Place("here", "test"), Origin("here")
    host = Prefix(4, 1, 32)
    graph = FlowGraph(
        (
            Rewrite(place, "sends", Send("client", frozenset({"sg-client"})), 1),
            Lookup(place, "parts", PrefixTable((Route(host, 0, origin),)), (2,), 3),
            Rewrite(place, "passes on", Send("one", frozenset({"sg-one"})), 4),
            Rewrite(place, "passes on", Send("other", frozenset({"sg-other"})), 4),
            Filter(place, "asks", RuleList((Rule(Match(sender_group="sg-one"), True, origin),), origin), 5, "SG_HAS_NO_RULES"),
            Deliver(place, "server", "server"),
        ),
        {},
        {},
    )
    program = lower(graph)
    points = np.array([1, 2], np.uint32)
    server = np.full(2, program.endpoints.index("server"), np.int32)
    forward, _ = walk_pairs(program, 4, Ends(np.zeros(1, np.int32), np.array([9], np.uint32), points, server), 443, [])
    assert forward.tolist() == [[WORKS, FAILS]]
    for address, outcome in ((1, WORKS), (2, FAILS)):
        assert walked(graph, 0, Flow(4, 9, address, TCP, 40000, 443, 0, 0), "server")[0] == outcome


@settings(max_examples=40, derandomize=True, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(snapshot=st.sampled_from(PROFILES).flatmap(snapshots), seed=st.integers(0, 2**16))
def test_pairs_of_drawn_networks(snapshot: Snapshot, seed: int) -> None:
    random = Random(seed)
    graph = compile_snapshot(snapshot)
    program = lower(graph)
    senders, receivers = [], []
    for interface in snapshot.all(NetworkInterface):
        own = next((value for version, value in interface.private_addresses if version == 4), None)
        entry = graph.entries.get(interface.id)
        if own is not None and interface.id in program.endpoints:
            receivers.append((own, interface.id))
            if entry is not None and any(version == 4 for version, _ in entry.addresses):
                senders.append((int(entry.node), next(value for version, value in entry.addresses if version == 4)))  # type: ignore[arg-type]
    if not senders:
        return
    service = random.choice((443, 22, 53, 1024, 65535))
    ends = Ends(
        np.array([node for node, _ in senders], np.int32),
        np.array([value for _, value in senders], np.uint32),
        np.array([value for value, _ in receivers], np.uint32),
        np.array([program.endpoints.index(name) for _, name in receivers], np.int32),
    )
    forward, (found,) = walk_pairs(program, 4, ends, service, [40000])
    for (row, (node, source)), (column, (destination, name)) in product(enumerate(senders), enumerate(receivers)):
        if source != destination and LEFT not in (forward[row, column], found[row, column]):
            said = walked(graph, node, Flow(4, source, destination, TCP, 40000, service, 0, 0), name)
            assert (forward[row, column], found[row, column]) == said, (source, destination, service)
