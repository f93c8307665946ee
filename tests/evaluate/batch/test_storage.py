"""Programs in files: the same outcomes from a mapped one, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import simulator
from simulator.evaluate.batch import staged
from simulator.evaluate.batch.flows import Sent, starts_of
from simulator.evaluate.batch.lower import lower
from simulator.evaluate.batch.program import Program
from simulator.evaluate.batch.storage import _arrays, open_mapped, save
from simulator.packet.flow import Flow
from simulator.problems import InputError

NETWORK = Path(__file__).parents[3] / "scenarios/primer/lambda-nat.yaml"


@pytest.fixture(scope="module")
def program() -> Program:
    return lower(simulator.load(NETWORK).flow_graph)


def test_a_mapped_program_is_the_one_that_was_written(program: Program, tmp_path: Path) -> None:
    save(program, tmp_path / "network.program")
    mapped = open_mapped(tmp_path / "network.program")
    assert mapped.endpoints == program.endpoints
    for (name, one), (other_name, other) in zip(_arrays(program), _arrays(mapped), strict=True):
        assert name == other_name
        assert one.dtype == other.dtype
        assert np.array_equal(one, other), name
        assert other.ctypes.data % 64 == 0 or not other.size
    start = simulator.load(NETWORK).flow_graph.entries["report"].node
    assert isinstance(start, int)
    sent = [Sent(start, Flow.tcp("10.0.1.4", port, "203.0.113.7", 443), frozenset({"internet"})) for port in (1024, 40000)]
    runs = [staged.run(one, 4, starts_of(one, sent)) for one in (program, mapped)]
    assert runs[0].forward.node.tolist() == runs[1].forward.node.tolist()
    assert runs[1].back.disposition.tolist() == [0, 0]


def test_nobody_writes_to_a_mapped_program(program: Program, tmp_path: Path) -> None:
    save(program, tmp_path / "network.program")
    with pytest.raises(ValueError, match="read-only"):
        open_mapped(tmp_path / "network.program").nodes.then[0] = 1


def test_nothing_is_left_beside_the_file(program: Program, tmp_path: Path) -> None:
    save(program, tmp_path / "network.program")
    assert [path.name for path in tmp_path.iterdir()] == ["network.program"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: b"", "cannot be mapped"),
        (lambda data: b"hello" * 50, "is no program of this version"),
        (lambda data: data.replace(b"PROGRAM-2", b"PROGRAM-9"), "is no program of this version"),
        (lambda data: data[: len(data) // 2], "is cut short"),
        (lambda data: data.replace(b'"order": "', b'"order": "x'), "byte order|header is damaged"),
        (lambda data: data.replace(b'"arrays"', b'"arrays{'), "header is damaged"),
    ],
)
def test_what_is_no_program_is_refused(program: Program, tmp_path: Path, change: object, message: str) -> None:
    file = tmp_path / "network.program"
    save(program, file)
    file.write_bytes(change(file.read_bytes()))  # type: ignore[operator]
    with pytest.raises(InputError, match=message):
        open_mapped(file)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be mapped"):
        open_mapped(tmp_path / "none")
