"""Compiling after an edit gives the graph of a fresh compile, node by node, and emits only what the edit can touch."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import simulator
from simulator.compile import compile_snapshot
from simulator.problems import InputError
from simulator.query.edited import edited
from simulator.recompile import Compiled
from simulator.testing.strategies import MIXED, NAT_HEAVY, SLOPPY, TRANSIT_HEAVY, WIDE, edits, snapshots
from tests.properties.budget import examples

ROOT = Path(__file__).parents[1]
TEXT = """
network:
  vpcs:
    main: {cidr: 10.0.0.0/16, internet_gateway: igw}
  subnets:
    a: {vpc: main, cidr: 10.0.1.0/24, route_table: one}
    b: {vpc: main, cidr: 10.0.2.0/24, route_table: other}
  route_tables:
    one: {vpc: main, routes: {0.0.0.0/0: igw, 203.0.113.0/24: igw}}
    other: {vpc: main, routes: {0.0.0.0/0: igw}}
  network_acls:
    strict: {vpc: main, subnets: [a], inbound: [{rule: 100, allow: all}], outbound: [{rule: 100, allow: all}]}
  security_groups:
    web: {vpc: main, inbound: [{from: web, allow: tcp/80}]}
    db: {vpc: main, inbound: [{from: web, allow: tcp/5432}]}
  instances:
    one: {subnet: a, security_groups: [web]}
    two: {subnet: b, security_groups: [db, web]}
    three: {subnet: b, security_groups: [db]}
"""


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> simulator.Network:
    path = tmp_path_factory.mktemp("recompile") / "network.yaml"
    path.write_text(TEXT)
    return simulator.load(path)


@examples(40)
@given(st.data())
def test_the_graph_after_edits_is_that_of_a_fresh_compile(data: st.DataObject) -> None:
    before = data.draw(st.sampled_from([MIXED, NAT_HEAVY, TRANSIT_HEAVY, WIDE, SLOPPY]).flatmap(snapshots))
    compiled = Compiled(before)
    assert compiled.graph == compile_snapshot(before)
    now, changed = before, set[tuple[type, str]]()
    for _ in range(3):
        try:
            found = edited(now, [data.draw(edits(now)).said])
        except InputError:  # AWS would refuse the network
            continue
        assert found.whole
        now = found.snapshot
        changed |= {(type(noun), noun.id) for noun in found.nouns}
        after, fresh = compiled.after(now, changed), compile_snapshot(now)
        if after is not None:
            assert after.graph == fresh
            assert after.nodes == tuple(at for at, node in enumerate(fresh.nodes) if node != compiled.graph.nodes[at])


@pytest.mark.parametrize(
    ("line", "places"),
    [
        ("open web tcp/443 from 10.0.0.0/8", {"one-eni", "two-eni"}),
        ("close db tcp/5432 from web", {"two-eni", "three-eni"}),
        ("deny strict 50 tcp/22 from 10.0.0.0/8", {"a"}),
        ("unroute one 203.0.113.0/24", {"a"}),
        ("join three-eni web", {"three-eni", "three"}),
        ("associate b with one", {"b"}),
    ],
)
def test_only_what_an_edit_touches_is_emitted_again(network: simulator.Network, line: str, places: set[str]) -> None:
    copy = network.edit(line)
    found = copy._recompiled
    assert found is not None
    assert found.nodes
    assert {copy.flow_graph.nodes[at].place.id for at in found.nodes} <= places
    assert found.emitted < len(network._compiled._emissions) / 2
    assert copy.flow_graph == compile_snapshot(copy.snapshot)


def test_edits_of_an_edited_network_are_those_of_the_first(network: simulator.Network) -> None:
    copy = network.edit("open web tcp/443 from 10.0.0.0/8").edit("deny strict 50 tcp/22 from 10.0.0.0/8")
    assert copy._recompiled is not None
    assert copy.flow_graph == compile_snapshot(copy.snapshot)


@pytest.mark.parametrize("line", ["check one-eni off", "route one 203.0.113.0/24 -> blackhole", "remove three"])
def test_where_nodes_come_or_go_all_is_compiled(network: simulator.Network, line: str) -> None:
    copy = network.edit(line)
    assert copy._recompiled is None
    assert copy.flow_graph == compile_snapshot(copy.snapshot)


def test_emissions_ask_the_snapshot_in_ways_that_are_noted() -> None:
    """A noun read past `Snapshot`'s questions would make a change of it go unseen."""
    files = [path for path in (ROOT / "simulator" / "aws").glob("*.py") if path.name != "snapshot.py"]
    assert [path.name for path in files if "snapshot.nouns" in path.read_text() or "._indices" in path.read_text()] == []
