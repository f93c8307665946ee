"""Networks in the shapes that accounts have are read without a word, and reach what their shape says."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.shapes import HUB, INSTANCES, MESH, SHAPES, instance, reaches, write_shape
from simulator import Verdict, load
from simulator.aws.instance import Instance
from simulator.aws.vpc import Vpc
from simulator.graph.verify import verify


@pytest.mark.parametrize("shape", SHAPES)
def test_who_reaches_whom_is_what_the_shape_says(shape: str, tmp_path: Path) -> None:
    write_shape(tmp_path / "network.json", shape, 6)
    network = load(tmp_path / "network.json")
    assert network.problems == ()
    verify(network.flow_graph)
    assert [len(list(network.snapshot.all(noun))) for noun in (Vpc, Instance)] == [6, 6 * INSTANCES]
    for one, other in ((0, 0), (0, 1), (1, 0), (1, 2), (1, 5), (2, 3)):
        verdict = network.can(instance(one, 0), instance(other, 3), "tcp/443").verdict
        assert verdict is (Verdict.ALWAYS if reaches(shape, one, other) else Verdict.NEVER), (one, other)


@pytest.mark.parametrize(("shape", "vpcs"), [("ring", 3), (HUB, 0), (HUB, 10_001), (MESH, 127)])
def test_what_cannot_be_written_is_refused(shape: str, vpcs: int, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"no network of {vpcs} VPCs in the shape {shape}"):
        write_shape(tmp_path / "network.json", shape, vpcs)
    assert not list(tmp_path.iterdir())


def test_one_vpc_is_a_network_of_every_shape_and_ten_thousand_have_addresses(tmp_path: Path) -> None:
    for shape in SHAPES:
        write_shape(tmp_path / "network.json", shape, 1)
        assert load(tmp_path / "network.json").problems == ()
    write_shape(tmp_path / "network.json", HUB, 10_000)
    text = (tmp_path / "network.json").read_text("utf-8")
    assert '"10.156.60.0/22"' in text
    assert '"pcx-0-9999"' in text
