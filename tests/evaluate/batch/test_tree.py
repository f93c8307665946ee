"""The search tree of compiled code says what the binary search says, at every border and for every depth."""

from random import Random

import numpy as np
import pytest

from simulator.evaluate.batch.directory import directory_of
from simulator.evaluate.batch.intervals import Intervals, look_up
from simulator.evaluate.batch.jit import below
from simulator.evaluate.batch.kernels import routes_of
from simulator.evaluate.batch.tree import FAN, grow

LAST = 0xFFFFFFFF


def index_of(random: Random, sizes: list[int]) -> Intervals:
    """Tables of so many intervals."""
    tables = [[0, *sorted(random.sample(range(1, LAST + 1), size - 1))] for size in sizes]
    first = np.cumsum([0, *sizes]).astype(np.int32)
    values = np.arange(first[-1], dtype=np.int32)
    return Intervals(first, np.array([start for table in tables for start in table], np.uint32), values)


@pytest.mark.parametrize("sizes", [[1], [1, 2, FAN - 1, FAN, FAN + 1, 1], [FAN * FAN, FAN * FAN + 1, 3, 5000], [17, 1, 17]])
def test_every_border_is_where_the_binary_search_finds_it(sizes: list[int]) -> None:
    index = index_of(Random(1), sizes)
    tree, directory = grow(index), directory_of(index, len(index.starts) + 1)
    asked = [
        (table, point)
        for table in range(len(sizes))
        for start in index.starts[index.first[table] : index.first[table + 1]].tolist()
        for point in {start, max(start - 1, 0), min(start + 1, LAST), LAST}
    ]
    wanted = look_up(index, np.array([table for table, _ in asked]), np.array([point for _, point in asked], np.uint32))
    found = np.empty(len(asked), np.int32)
    columns = np.array([table for table, _ in asked], np.int32), np.array([point for _, point in asked], np.uint32)
    routes_of(tree, directory, *columns, found)
    assert found.tolist() == wanted.tolist()


def test_nodes_are_lines_of_the_cache() -> None:
    tree = grow(index_of(Random(2), [3, 400, 20]))
    assert tree.keys.ctypes.data % 64 == 0
    assert tree.keys.strides == (64, 4)
    assert len(tree.root) == 3


def test_the_padding_never_counts() -> None:
    keys = np.full((2, 16), LAST, np.uint32)
    keys[1, :3] = 5, 6, 7
    rows = [(0, 0, 0), (0, LAST, 0), (1, 5, 0), (1, 6, 1), (1, LAST, 3)]
    assert [int(_below(keys, row, np.uint32(point))) for row, point, _ in rows] == [count for *_, count in rows]


def _below(keys: np.ndarray, row: int, point: int) -> int:
    from simulator.evaluate.batch.jit import jit

    def ask(keys, row, point):  # an instruction can be used in compiled code only
        return below(keys, row, point)

    return jit(ask)(keys, row, point)
