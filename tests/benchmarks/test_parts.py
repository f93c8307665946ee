"""What the benchmarks stand on: rivals that answer what is asked, copies of a network that are copies, drawings of what was measured."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from benchmarks.estates import write_estate
from benchmarks.plots import series_of, svg
from benchmarks.rival_tables import rivals
from benchmarks.tiled import tiled
from simulator import load
from simulator.evaluate.batch import compiled, staged
from simulator.evaluate.batch.jit import COMPILES
from simulator.packet.prefix import BITS, Prefix
from simulator.query.rows import Columns, Named
from tests.definitions import longest_prefix


@pytest.mark.parametrize("version", [4, 6])
def test_every_rival_finds_the_longest_prefix(version: int) -> None:
    texts = {4: ("10.0.0.0/8", "10.1.0.0/16", "10.1.0.0/24", "10.1.0.7/32"), 6: ("2001:db8::/32", "2001:db8:1::/48", "2001:db8:1::7/128")}
    routes = [Prefix.parse(text) for text in texts[version]]
    ends = {end + step for one in routes for end in (one.first, one.last) for step in (-1, 0, 1)} | {0, (1 << BITS[version]) - 1}
    wanted = [longest_prefix(routes, version, address) for address in sorted(ends)]
    found = {name: ask() for name, (_, ask) in rivals(routes, version, sorted(ends)).items()}
    assert {"bisect on a list", "ipaddress, every route", "netaddr, every route"} <= found.keys()
    assert found == dict.fromkeys(found, wanted)


def test_a_flow_of_any_copy_ends_as_it_does_in_the_original(tmp_path: Path) -> None:
    write_estate(tmp_path / "estate.json", 2)
    network = load(tmp_path / "estate.json")
    columns = {
        "source": ["i-0-1", "i-0-2", "i-1-3", "i-0-4", "i-0-4"],
        "destination": ["i-0-3", "i-1-1", "i-0-1", "i-0-5", "i-0-6"],
        "service": "tcp/443",
    }
    ((_, rows, starts),) = Named(network.flow_graph, network._program, network.snapshot, Columns.of(columns)).starts()
    alone = staged.run(network._program, 4, starts)
    wanted = [column.tolist() for ends in (alone.forward, alone.back) for column in (ends.disposition, ends.node, ends.rule)]
    large = tiled(network._program, 3)
    for copy in range(3):
        copies = np.full(len(rows), copy)
        for run in (staged.run, compiled.run):
            found = run(large.program, 4, large.starts(starts, copies))
            assert [column.tolist() for column in large.away(found, copies)] == wanted
    assert COMPILES or len(large.program.nodes.kind) == 3 * len(network._program.nodes.kind)


def test_a_drawing_has_the_medians_of_a_page() -> None:
    rows = "| rate | min | median |", "| 10 things: ours | 1,000 | 2,000 |", "| 1,000 things: ours | 5 | 70 |", "| else | 1 | 2 |"
    page = "\n".join(rows)
    series = series_of(page, r"([\d,]+) things: (.+)")
    assert series == {"ours": [(10, 2000), (1000, 70)]}
    drawn = svg("Things", "size", series)
    ElementTree.fromstring(drawn)
    assert drawn.count("<circle") == 2
    assert ">ours</text>" in drawn
