"""Directories of huge tables say what the definition says: numpy and compiled, at the first and last address of every prefix."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.evaluate.batch import compiled, staged
from simulator.evaluate.batch.arrays import Array
from simulator.evaluate.batch.directory import BYTES, SMALLEST, Directory, directory_of, look_up_huge
from simulator.evaluate.batch.flows import Sent, starts_of
from simulator.evaluate.batch.intervals import Intervals, flatten, look_up
from simulator.evaluate.batch.kernels import routes_of
from simulator.evaluate.batch.lower import lower
from simulator.evaluate.batch.storage import open_mapped, save
from simulator.evaluate.batch.tree import grow_beside
from simulator.packet.flow import Flow
from simulator.packet.prefix import Prefix
from tests.definitions import longest_prefix
from tests.evaluate.hand import drop, graph, lookup

LAST = (1 << 32) - 1
Find = Callable[[Intervals, Directory, Array, Array], Array]


def by_numpy(index: Intervals, directory: Directory, table: Array, point: Array) -> Array:
    return look_up_huge(index, directory, table, point)


def by_compiled(index: Intervals, directory: Directory, table: Array, point: Array) -> Array:
    found = np.empty(len(table), np.int32)
    with np.errstate(over="ignore"):
        routes_of(grow_beside(index, directory), directory, table, point, found)
    return found


VARIANTS: dict[str, Find] = {"numpy": by_numpy, "compiled": by_compiled}


def index_of(tables: Sequence[Sequence[Prefix]]) -> Intervals:
    rows = [(number, one.first, one.last, one.length, at) for number, table in enumerate(tables) for at, one in enumerate(table)]
    columns = np.array(rows, np.int64).reshape(-1, 5).T
    return flatten(len(tables), *columns[:4], columns[4].astype(np.int32))


def edges(tables: Sequence[Sequence[Prefix]]) -> list[int]:
    """The first and last address of every prefix, one beyond, and those of the space."""
    ends = {end + step for table in tables for one in table for end in (one.first, one.last) for step in (-1, 0, 1)}
    return sorted(end for end in {0, LAST, *ends} if 0 <= end <= LAST)


@st.composite
def prefixes(draw: st.DrawFn) -> Prefix:
    """Close together and of all lengths, so that blocks of a directory are mixed, equal and borders of others."""
    length = draw(st.sampled_from((0, 1, 8, 16, 22, 23, 24, 24, 25, 28, 31, 32)))
    near = draw(st.sampled_from((0, 0x0A000000, 0x0A003F00, 0x0A004000, LAST))) ^ draw(st.integers(0, 0x7FF))
    return Prefix(4, near >> (32 - length) << (32 - length), length)


@pytest.mark.parametrize("name", VARIANTS)
@settings(max_examples=100, deadline=None)
@given(tables=st.lists(st.lists(prefixes(), max_size=12, unique=True), min_size=1, max_size=4), smallest=st.sampled_from((2, 4, 9)))
def test_RT_6_every_edge_of_every_prefix_has_the_winner_of_the_definition(name: str, tables: list[list[Prefix]], smallest: int) -> None:
    index = index_of(tables)
    asked = [(number, point) for point in edges(tables) for number in range(len(tables))]
    table, point = np.array([one for one, _ in asked], np.int32), np.array([other for _, other in asked], np.uint32)
    for cheap in (False, True):
        directory = directory_of(index, smallest, 1 << 22 if cheap else BYTES)
        found = VARIANTS[name](index, directory, table, point)
        assert found.tolist() == [longest_prefix(tables[number], 4, point) for number, point in asked]
        if cheap:
            assert (directory.number >= 0).tolist() == (np.diff(index.first) >= smallest).tolist()


def of_internet(random: Random, size: int) -> list[Prefix]:
    """Lengths as routers see them, all over the addresses, and hosts among them."""
    lengths = [random.choice((16, 20, 22, 23, 24, 24, 24, 24, 28, 32)) for _ in range(size)]
    return list(dict.fromkeys(Prefix(4, random.getrandbits(32) >> (32 - length) << (32 - length), length) for length in lengths))


def inside(begin: int, prefixes: list[Prefix]) -> list[Prefix]:
    """As many, but all in the /8 that begins there."""
    return list(dict.fromkeys(Prefix(4, begin | one.value >> 8 & -one.size, one.length) for one in prefixes if one.length > 16))


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize("begin", [0, 0x0A000000, 0xFF000000])
def test_a_table_that_earns_it_is_found_by_its_directory(name: str, begin: int) -> None:
    random = Random(begin)
    tables = [inside(begin, of_internet(random, 6000)), [Prefix(4, 0, 0)]]
    index = index_of(tables)
    directory = directory_of(index)
    assert directory.number.tolist() == [0, -1]
    point = np.array(random.sample(edges(tables), 4000 if name == "numpy" else 2000), np.uint32)
    table = np.arange(len(point), dtype=np.int32) % 7 // 6
    assert VARIANTS[name](index, directory, table, point).tolist() == look_up(index, table, point).tolist()


def test_small_tables_and_those_spread_thinly_have_none() -> None:
    random = Random(3)
    small = [Prefix(4, number << 8, 24) for number in range(2 * SMALLEST // 5)]
    thin = of_internet(random, SMALLEST)
    directory = directory_of(index_of([small, thin]))
    assert directory.number.tolist() == [-1, -1]
    assert not directory.words.size


def test_points_of_the_whole_space_that_count_one_by_one() -> None:
    """As those of IPv6 do: the number of an atom."""
    starts = np.arange(SMALLEST, dtype=np.uint32)
    values = (starts % 3).astype(np.int32) - 1
    index = Intervals(np.array([0, len(starts)], np.int32), starts, values)
    directory = directory_of(index)
    assert directory.rows[0, 0] == 0
    assert not len(directory.inner.starts)
    for find in VARIANTS.values():
        assert find(index, directory, np.zeros(SMALLEST, np.int32), starts).tolist() == values.tolist()


def test_a_program_has_it_in_its_file_and_goes_by_it(tmp_path: Path) -> None:
    blocks = inside(0x0A000000, of_internet(Random(4), 9000))
    ends = {f"drop_{at}": drop() for at in range(3)}
    network = graph(start=lookup({str(prefix): f"drop_{at % 2}" for at, prefix in enumerate(blocks)}, miss="drop_2"), **ends)
    save(lower(network), tmp_path / "huge.program")
    program = open_mapped(tmp_path / "huge.program")
    assert program.tables[4].huge.number.tolist() == [0]
    points = np.random.default_rng(5).choice(np.array(edges([blocks])), 3000)
    starts = starts_of(program, [Sent(0, Flow.tcp("10.0.0.1", 1, "10.0.0.2", 443), frozenset())])
    starts = starts.rows(np.zeros(len(points), np.int64))._replace(destination=points.astype(np.uint32))
    route = look_up(program.tables[4].routes, np.zeros(len(points), np.int32), points.astype(np.uint32))
    wanted = np.where(route < 0, 3, 1 + route % 2)
    assert staged.run(program, 4, starts).forward.node.tolist() == wanted.tolist()
    assert compiled.run(program, 4, starts).forward.node.tolist() == wanted.tolist()
