"""Longest-prefix match: many small tables in random and in grouped order, and one large table, against numpy, tries and plain Python.

python benchmarks/bench_lpm.py --table prefixes.txt.gz     a real table instead of a drawn one: one IPv4 prefix in a line
"""

from __future__ import annotations

import gzip
import ipaddress
import random
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks import measuring
from simulator.evaluate.batch import kernels
from simulator.evaluate.batch.directory import directory_of
from simulator.evaluate.batch.intervals import Intervals, flatten, look_up
from simulator.evaluate.batch.jit import COMPILES
from simulator.evaluate.batch.tree import grow_beside
from simulator.packet.prefix import AddressError, Prefix

Run = Callable[[], Any]
OURS, COMPILED, COMPOSITE = "numpy, a search in each table", "compiled, search trees", "numpy.searchsorted on (table, address)"
SLOW = 200  # queries of the rivals that look at every route


class Workload(NamedTuple):
    """Tables and queries: `table` and `point` by query, in the order they are asked."""

    name: str
    prefixes: list[list[Prefix]]
    table: np.ndarray
    point: np.ndarray


def index_of(tables: list[list[Prefix]]) -> Intervals:
    """The tables, flattened."""
    rows = [(number, one.first, one.last, one.length, at) for number, table in enumerate(tables) for at, one in enumerate(table)]
    columns = np.array(rows, np.int64).reshape(-1, 5).T
    return flatten(len(tables), *columns[:4], columns[4].astype(np.int32))


def small_tables(count: int, queries: int) -> list[Workload]:
    """Route tables as VPCs have them: local, a default, some blocks of peers and services, in tables of 10 to 60 routes."""
    chance, numbers = random.Random("tables"), np.random.default_rng(1)
    tables = []
    for number in range(count):
        blocks = {Prefix(4, (10 << 24 | number % 4096 << 12) & 0xFFFFF000, 20), Prefix(4, 0, 0)}
        while len(blocks) < chance.choice((10, 20, 60)):
            length = chance.choice((16, 20, 22, 24, 24, 24, 28))
            blocks.add(Prefix(4, chance.getrandbits(32) >> (32 - length) << (32 - length), length))
        tables.append(sorted(blocks))
    table = numbers.integers(0, count, queries).astype(np.int32)
    point = local(tables, table, numbers)
    order = np.argsort(table, kind="stable")
    return [
        Workload(f"{count:,} tables, random order", tables, table, point),
        Workload(f"{count:,} tables, grouped", tables, table[order], point[order]),
    ]


def local(tables: list[list[Prefix]], table: np.ndarray, numbers: np.random.Generator) -> np.ndarray:
    """For each query an address inside a random prefix of its table: addresses drawn from everywhere mostly meet the default route."""
    first = np.concatenate([[0], np.cumsum([len(one) for one in tables])])
    flat = [one for table in tables for one in table]
    start, size = np.array([one.first for one in flat], np.int64), np.array([one.size for one in flat], np.int64)
    chosen = first[table] + (numbers.random(len(table)) * (first[table + 1] - first[table])).astype(np.int64)
    return (start[chosen] + (numbers.random(len(table)) * size[chosen]).astype(np.int64)).astype(np.uint32)


def large_table(file: Path | None, size: int, queries: int) -> Workload:
    """One table as routers have it: the prefixes of a file, or drawn with the lengths of the internet's (60 % /24, 23 % /22 and /23)."""
    chance, numbers = random.Random("internet"), np.random.default_rng(2)
    if file:
        text = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        lines = text.decode("ascii").split()
        blocks = {one for line in lines if "." in line for one in _read(line)}
    else:
        blocks = set()
        while len(blocks) < size:
            length = chance.choice((24, 24, 24, 24, 24, 24, 22, 23, 20, 19, 16))
            blocks.add(Prefix(4, chance.getrandbits(32) >> (32 - length) << (32 - length), length))
    table = np.zeros(queries, np.int32)
    tables = [sorted(blocks)]
    return Workload(f"one table of {len(blocks):,}", tables, table, local(tables, table, numbers))


def _read(line: str) -> list[Prefix]:
    try:
        return [Prefix.parse(line)]
    except AddressError:
        return []


def variants(work: Workload, index: Intervals) -> dict[str, Run]:
    """What is timed: each gives the routes of all queries."""
    composite = np.repeat(np.arange(len(work.prefixes), dtype=np.uint64), np.diff(index.first)) << np.uint64(32) | index.starts
    asked = (work.table.astype(np.uint64) << np.uint64(32)) | work.point
    found: dict[str, Run] = {
        COMPOSITE: lambda: index.values[np.searchsorted(composite, asked, "right") - 1],
        OURS: lambda: look_up(index, work.table, work.point),
    }
    if COMPILES:
        directory = directory_of(index)
        tree, out = grow_beside(index, directory), np.empty(len(work.table), np.int32)

        def run() -> np.ndarray:
            kernels.routes_of(tree, directory, work.table, work.point, out)
            return out

        found[COMPILED] = run
    return found


def rivals(work: Workload) -> dict[str, tuple[int, Run]]:
    """Libraries that answer one query at a time, and how many they are asked; they know one table only."""
    if len(work.prefixes) > 1:
        return {}
    routes, points = work.prefixes[0], [int(point) for point in work.point]
    some = points[:SLOW]
    networks = [(ipaddress.IPv4Network((one.first, one.length)), at) for at, one in enumerate(routes[:20_000])]
    found: dict[str, tuple[int, Run]] = {}
    if len(routes) <= 20_000:
        found["ipaddress, every route"] = (len(some), lambda: [_longest(networks, point) for point in some])
    if find_spec("pytricia"):
        import pytricia

        trie = pytricia.PyTricia(32)
        for at, one in enumerate(routes):
            trie.insert(one.first.to_bytes(4, "big"), one.length, at)
        words = [point.to_bytes(4, "big") for point in points[:100_000]]
        found["pytricia"] = (len(words), lambda: [trie.get(word, -1) for word in words])
    return found


def _longest(networks: list[tuple[ipaddress.IPv4Network, int]], point: int) -> int:
    address = ipaddress.IPv4Address(point)
    return max(((network.prefixlen, at) for network, at in networks if address in network), default=(0, -1))[1]


def measure(work: Workload, repetitions: int) -> tuple[measuring.Times, dict[str, int]]:
    """Every variant once in each turn, after its whole output was compared with every other's."""
    index = index_of(work.prefixes)
    ours, others = variants(work, index), rivals(work)
    wanted = ours[COMPOSITE]()
    for name, run in ours.items():
        measuring.require((run() == wanted).all(), f"{name} finds the routes that {COMPOSITE} finds")
    for name, (count, run) in others.items():
        measuring.require(run() == wanted[:count].tolist(), f"{name} finds the routes that {COMPOSITE} finds")
    sizes = dict.fromkeys(ours, len(work.table)) | {name: count for name, (count, _) in others.items()}
    times = measuring.Times()
    for _ in range(repetitions):
        for name, run in [*ours.items(), *((name, run) for name, (_, run) in others.items())]:
            with times.of(name):
                run()
    return times, sizes


def main() -> None:
    argv = sys.argv[1:]
    file = Path(argv.pop(argv.index("--table") + 1)) if "--table" in argv[:-1] else None
    if file:
        argv.remove("--table")
    options = measuring.options(__doc__.partition("\n")[0], argv)
    repetitions = 1 if options.quick else options.repetitions or 7
    tables, size, queries = (50, 2_000, 20_000) if options.quick else (10_000, 300_000, 2_000_000)
    rows = []
    for work in (*small_tables(tables, queries), large_table(file, size, queries)):
        times, sizes = measure(work, repetitions)
        for name, count in sizes.items():
            wall = measuring.per_second(times.wall(name), count)
            ratio = times.wall(name).minimum / count / (times.wall(COMPOSITE).minimum / sizes[COMPOSITE])
            rows.append([f"{work.name}: {name}", *wall, f"{ratio:.3g}"])
    body = f"""{measuring.table(["lookups per second", "min", "median", "max", "cost"], rows)}

Costs are times for one lookup, as ratios of minima to `{COMPOSITE}` of the same workload; {repetitions} turns with
every variant once. Addresses are drawn inside random prefixes of the table asked.
Verified before: all variants find the same route for every query."""
    measuring.publish("lpm", "Longest-prefix match", body, record=options.record)


if __name__ == "__main__":
    main()
