"""From nouns to the graph: every kind emits, order never matters, and each compiled graph keeps the rules of graphs."""

from __future__ import annotations

import gc
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

import simulator
from simulator.aws.resource import Kind
from simulator.aws.snapshot import Snapshot
from simulator.aws.vpc import Vpc
from simulator.compile import compile_snapshot
from simulator.graph.nodes import AnyNode, Deliver, Filter, FlowGraph, Lookup, Rewrite, successors
from simulator.graph.verify import unreachable, verify

SCENARIOS = sorted((Path(__file__).parents[1] / "scenarios").rglob("*.yaml"))
NETWORK = Path(__file__).parents[1] / "scenarios" / "primer" / "lambda-nat.yaml"


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_every_scenario_compiles_to_a_graph_that_keeps_the_rules(path: Path) -> None:
    graph = simulator.load(path).flow_graph
    verify(graph)
    assert graph.entries


def shape(graph: FlowGraph) -> dict[str, object]:
    """What is met from each entry and on the way back, without indices: nodes in the order of a walk along every way."""
    return {name: (entry.source_ports, entry.why, entry.addresses, _visit(graph, entry.node)) for name, entry in graph.entries.items()}


def _visit(graph: FlowGraph, start: object) -> list[object]:
    names: dict[int, int] = {}
    found: list[object] = []
    work = [start]
    while work:
        index = work.pop()
        if not isinstance(index, int) or index < 0 or index in names:
            continue
        names[index] = len(names)
        node = graph.nodes[index]
        found.append((_told(node), graph.assumptions.get(index)))
        work.extend(reversed(_ways(node)))
    return found


def _ways(node: AnyNode) -> list[object]:
    """Every way on; those of a lookup in the order of its routes, since the order of its targets means nothing."""
    match node:
        case Lookup(table=table, targets=targets, miss=miss):
            return [*(targets[route.slot] for route in sorted(table.routes, key=lambda route: route.prefix)), miss]
        case Deliver(reply_at=reply_at):
            return [reply_at]
        case _:
            return [*successors(node)]


def _told(node: AnyNode) -> object:
    detail: object = None
    match node:
        case Lookup(table=table):
            detail = sorted((route.prefix, str(route.origin)) for route in table.routes)
        case Filter(rules=rules, code=code, remembers=table):
            detail = (rules, code, table)
        case Rewrite(how=how):
            detail = how
        case Deliver(endpoint=endpoint):
            detail = endpoint
    return type(node), node.place, node.what, detail


def shuffled(snapshot: Snapshot, seed: int) -> Snapshot:
    """The same snapshot with its kinds and its nouns in another order."""
    random = Random(seed)
    kinds = random.sample(snapshot.kinds, len(snapshot.kinds))
    nouns = {of: dict(random.sample(list(known.items()), len(known))) for of, known in snapshot.nouns.items()}
    return replace(snapshot, kinds=tuple(kinds), nouns=nouns, _indices={})


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_emission_never_matters(seed: int) -> None:
    snapshot = simulator.load(NETWORK).snapshot
    assert shape(compile_snapshot(shuffled(snapshot, seed))) == shape(compile_snapshot(snapshot))


def test_compiling_twice_gives_the_same_graph() -> None:
    snapshot = simulator.load(NETWORK).snapshot
    one, two = compile_snapshot(snapshot), compile_snapshot(snapshot)
    assert one.nodes == two.nodes
    assert one.entries == two.entries


def test_compiling_changes_nothing_in_the_snapshot() -> None:
    snapshot = simulator.load(NETWORK).snapshot
    before = {of: dict(known) for of, known in snapshot.nouns.items()}
    compile_snapshot(snapshot)
    assert snapshot.nouns == before


@pytest.mark.parametrize("is_on", [True, False])
def test_the_collector_of_garbage_rests_and_is_left_as_it_was(is_on: bool) -> None:
    was_on = gc.isenabled()
    seen: list[bool] = []
    kind = Kind("spy", Vpc, "looks", emit=lambda noun, build, snapshot: seen.append(gc.isenabled()))
    snapshot = simulator.load(NETWORK).snapshot
    spied = replace(snapshot, kinds=(kind,), _indices={})
    try:
        gc.enable() if is_on else gc.disable()
        compile_snapshot(spied)
        assert (gc.isenabled(), set(seen)) == (is_on, {False})
    finally:
        gc.enable() if was_on else gc.disable()


def test_what_no_entry_leads_to_is_little() -> None:
    """Doors that nothing points at leave nodes behind; a network made of them would be a fault."""
    graph = simulator.load(NETWORK).flow_graph
    assert len(unreachable(graph)) < len(graph.nodes) / 2
