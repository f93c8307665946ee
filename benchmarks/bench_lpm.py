"""Longest-prefix match in many tables and in one of 10 to a million prefixes, IPv4 and IPv6, against numpy, tries, plain Python, DPDK.

python benchmarks/bench_lpm.py --table prefixes.txt.gz     a real table instead of a drawn one: one prefix of either version in a line
"""

from __future__ import annotations

import gzip
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks import measuring, rival_dpdk, rival_tables
from simulator.evaluate.batch import kernels
from simulator.evaluate.batch.arrays import Array
from simulator.evaluate.batch.directory import directory_of, look_up_huge
from simulator.evaluate.batch.intervals import Intervals, flatten, look_up
from simulator.evaluate.batch.jit import COMPILES
from simulator.evaluate.batch.space import Halves, Space, halves
from simulator.evaluate.batch.tree import grow_beside
from simulator.packet.prefix import BITS, AddressError, Prefix

Run = Callable[[], Any]
SEARCH, OURS, COMPILED, PLAIN = "numpy, binary search", "numpy", "compiled", "compiled, DIR-24-8 as published"
COMPOSITE = "numpy.searchsorted on (table, address)"
BLOCK = 1 << 15  # queries at a time, as the evaluator of many flows has them
UNIFORM, LOCAL, SORTED = "uniform", "inside random prefixes", "the same, sorted"


class Workload(NamedTuple):
    """Tables and queries in the order they are asked: `table`, and `point` (IPv4) or the halves of IPv6 addresses, by query."""

    name: str
    prefixes: list[list[Prefix]]
    table: Array
    asked: Halves
    full: bool = False  # a table worth comparing with DPDK

    @property
    def version(self) -> int:
        return next(one.version for table in self.prefixes for one in table)


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
    asked = local(tables, table, numbers)
    order = np.argsort(table, kind="stable")
    return [
        Workload(f"{count:,} tables, random order", tables, table, asked),
        Workload(f"{count:,} tables, grouped", tables, table[order], (asked[0][order], asked[1][order])),
    ]


def local(tables: list[list[Prefix]], table: Array, numbers: np.random.Generator) -> Halves:
    """For each query an address inside a random prefix of its table: addresses drawn from everywhere mostly meet the default route."""
    first = np.concatenate([[0], np.cumsum([len(one) for one in tables])])
    flat = [one for table in tables for one in table]
    high, low = halves(one.first for one in flat)
    mask_high, mask_low = halves(one.size - 1 for one in flat)
    chosen = first[table] + (numbers.random(len(table)) * (first[table + 1] - first[table])).astype(np.int64)
    inside = numbers.integers(0, 1 << 64, (2, len(table)), dtype=np.uint64)
    return high[chosen] | inside[0] & mask_high[chosen], low[chosen] | inside[1] & mask_low[chosen]


def one_table(blocks: list[Prefix], kinds: tuple[str, ...], queries: int, *, full: bool = False) -> list[Workload]:
    numbers, table, found = np.random.default_rng(2), np.zeros(queries, np.int32), []
    high, low = local([blocks], table, numbers)
    order = np.lexsort((low, high))
    for kind in kinds:
        asked = {LOCAL: (high, low), SORTED: (high[order], low[order])}.get(kind)
        asked = asked or (np.zeros(queries, np.uint64), numbers.integers(0, 1 << 32, queries, dtype=np.uint64))
        found.append(Workload(f"one IPv{blocks[0].version} table of {len(blocks):,}, {kind}", [blocks], table, asked, full))
    return found


def prefixes(file: Path | None, version: int, size: int) -> list[Prefix]:
    """Those of a file, or drawn with the lengths of the internet's."""
    if file:
        text = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        return sorted({one for line in text.decode("ascii").split() for one in _read(line) if one.version == version})
    chance, found = random.Random(version), set()
    lengths, most = ((24, 24, 24, 24, 24, 24, 22, 23, 20, 19, 16), 1 << 32) if version == 4 else ((48, 48, 48, 32, 32, 40, 44, 64), 1 << 28)
    while len(found) < size:
        length, bits = chance.choice(lengths), BITS[version]
        value = chance.randrange(most) << (bits - 32) | chance.getrandbits(bits - 32) if version == 6 else chance.randrange(most)
        found.add(Prefix(version, value >> (bits - length) << (bits - length), length))
    return sorted(found)


def _read(line: str) -> list[Prefix]:
    try:
        return [Prefix.parse(line)]
    except AddressError:
        return []


class Index(NamedTuple):
    """Tables flattened, their space, seconds to build, and the ways to ask."""

    routes: Intervals
    space: Space
    build: float
    ways: dict[str, Run]


def index_of(work: Workload) -> Index:
    """The index of a workload, and its variants: each gives the routes of all queries."""
    began = time.perf_counter()
    flat = [(number, one, at) for number, table in enumerate(work.prefixes) for at, one in enumerate(table)]
    space = Space.of(work.version, [one for _, one, _ in flat] if work.version == 6 else ())
    ends = _ends(space, [one for _, one, _ in flat])
    numbers = np.array([(number, one.length, at) for number, one, at in flat], np.int64).T
    routes = flatten(len(work.prefixes), numbers[0], *ends, numbers[1], numbers[2].astype(np.int32))
    directory = directory_of(routes)
    build = time.perf_counter() - began
    ways = _four(work, routes, directory) if work.version == 4 else _six(work, space, routes, directory)
    return Index(routes, space, build, ways)


def _ends(space: Space, blocks: list[Prefix]) -> tuple[Array, Array]:
    first, last = halves(one.first for one in blocks), halves(one.last for one in blocks)
    return space.points(first).astype(np.int64), space.points(last).astype(np.int64)


def _blocks(size: int) -> list[slice]:
    return [slice(begin, begin + BLOCK) for begin in range(0, size, BLOCK)]


def _four(work: Workload, routes: Intervals, directory: Any) -> dict[str, Run]:
    table, point = work.table, work.asked[1].astype(np.uint32)
    blocks, out = _blocks(len(point)), np.empty(len(point), np.int32)
    composite = np.repeat(np.arange(len(work.prefixes), dtype=np.uint64), np.diff(routes.first)) << np.uint64(32) | routes.starts
    asked = (table.astype(np.uint64) << np.uint64(32)) | point
    found: dict[str, Run] = {
        COMPOSITE: lambda: routes.values[np.searchsorted(composite, asked, "right") - 1],
        SEARCH: lambda: np.concatenate([look_up(routes, table[one], point[one]) for one in blocks]),
        OURS: lambda: np.concatenate([look_up_huge(routes, directory, table[one], point[one]) for one in blocks]),
    }
    if COMPILES:
        tree = grow_beside(routes, directory)

        def run() -> Array:
            kernels.routes_of(tree, directory, table, point, out)
            return out

        found[COMPILED] = run
        if work.full:
            found[PLAIN] = plain_directory(routes, point)
    return found


def plain_directory(routes: Intervals, point: Array) -> Run:
    """DIR-24-8 with an entry for each /24, which takes 64 MiB: what the directory of runs is instead of."""
    zeros = np.zeros(1 << 16, np.intp)
    ends = [np.arange(begin, begin + (1 << 24), 256).astype(np.uint32) for begin in range(0, 1 << 32, 1 << 24)]
    entries = np.concatenate([look_up(routes, zeros, one) for one in ends])
    inside = np.flatnonzero(routes.starts & 255)
    mixed = np.unique(routes.starts[inside] >> 8).astype(np.int64)
    entries[mixed] = -2 - np.arange(len(mixed))
    each = (mixed[:, None] * 256 + np.arange(256)).ravel().astype(np.uint32)
    further, out = look_up(routes, np.zeros(len(each), np.intp), each), np.empty(len(point), np.int32)

    def run() -> Array:
        in_directory(entries, further, point, out)
        return out

    return run


@kernels.jit
def in_directory(entries: Array, further: Array, points: Array, out: Array) -> None:
    for row in range(len(points)):
        found = entries[points[row] >> 8]
        if found < -1:
            found = further[(-2 - found) * 256 + np.int64(points[row] & 255)]
        out[row] = found


def _six(work: Workload, space: Space, routes: Intervals, directory: Any) -> dict[str, Run]:
    high, low = work.asked
    table, blocks, (point, out) = work.table, _blocks(len(high)), np.empty((2, len(high)), np.int32)
    cuts, asked = _bytes(space.high, space.low), _bytes(high, low)
    painted = look_up(routes, np.zeros(len(cuts), np.intp), np.arange(len(cuts), dtype=np.uint32))
    found: dict[str, Run] = {
        COMPOSITE: lambda: painted[np.searchsorted(cuts, asked, "right") - 1],
        OURS: lambda: np.concatenate(
            [look_up_huge(routes, directory, table[one], space.points((high[one], low[one]))) for one in blocks],
        ),
    }
    if COMPILES:
        words, tree = grow_beside(space.by_word.tables, space.by_word.huge), grow_beside(routes, directory)
        atoms = int(space.by_word.atoms[0])

        def run() -> Array:
            for one in blocks:
                kernels.atoms_of(words, space.by_word.huge, atoms, high[one], low[one], point[one])
                kernels.routes_of(tree, directory, table[one], point[one].view(np.uint32), out[one])
            return out

        found[COMPILED] = run
    return found


def _bytes(high: Array, low: Array) -> Array:
    """Addresses as 16 bytes each, which numpy compares as they are."""
    return np.stack([high, low], axis=1).astype(">u8").view("S16")[:, 0]


def of_dpdk(work: Workload, table: rival_dpdk.Table) -> dict[str, Run]:
    high, low = work.asked
    points = low.astype(np.uint32) if work.version == 4 else np.stack([high, low], axis=1).astype(">u8").view(np.uint8)
    return rival_dpdk.ways_to_ask(table, points)


def dpdk_table(rival: Any, work: Workload) -> rival_dpdk.Table:
    (routes,) = work.prefixes
    high, low = halves(one.first for one in routes)
    first = low.astype(np.uint32) if work.version == 4 else np.stack([high, low], axis=1).astype(">u8").view(np.uint8)
    return rival_dpdk.table_of(rival, first, np.array([one.length for one in routes]))


def measure(work: Workload, index: Index, dpdk: dict[str, Run], repetitions: int) -> tuple[measuring.Times, dict[str, int]]:
    """Every variant once in each turn, after its whole output was compared with every other's."""
    ours = index.ways | dpdk
    high, low = work.asked
    count = rival_tables.MANY
    addresses = [one << 64 | other for one, other in zip(high[:count].tolist(), low[:count].tolist(), strict=True)]
    others = rival_tables.rivals(work.prefixes[0], work.version, addresses) if len(work.prefixes) == 1 else {}
    wanted = ours[COMPOSITE]()
    for name, run in ours.items():
        measuring.require((run() == wanted).all(), f"{name} finds the routes that {COMPOSITE} finds in {work.name}")
    for name, (count, run) in others.items():
        measuring.require(run() == wanted[:count].tolist(), f"{name} finds the routes that {COMPOSITE} finds in {work.name}")
    sizes = dict.fromkeys(ours, len(work.table)) | {name: count for name, (count, _) in others.items()}
    times = measuring.Times()
    for _ in range(repetitions):
        for name, run in [*ours.items(), *((name, run) for name, (_, run) in others.items())]:
            with times.of(name):
                run()
    return times, sizes


def rows_of(work: Workload, times: measuring.Times, sizes: dict[str, int]) -> list[list[str]]:
    """Lookups per second, and costs against our best and against DPDK's best."""
    cost = {name: times.wall(name).minimum / count for name, count in sizes.items()}
    best = min((cost[name] for name in cost if name.startswith("DPDK")), default=None)
    rows = []
    for name, count in sizes.items():
        against = f"{cost[name] / best:.3g}" if best else ""
        rows.append(
            [f"{work.name}: {name}", *measuring.per_second(times.wall(name), count), f"{cost[name] / cost[COMPOSITE]:.3g}", against]
        )
    return rows


def memory(repetitions: int, size: int) -> list[list[str]]:
    """What the machine can do at best: bytes read in order, and loads of 4 bytes from anywhere, both by numpy."""
    room = np.ones(size >> 3, np.uint64)
    some = room.view(np.uint32)
    places, out = np.random.default_rng(3).integers(0, len(some), 1 << 20), np.empty(1 << 20, np.uint32)
    times = measuring.Times()
    for _ in range(repetitions):
        with times.of("read"):
            room.sum()
        with times.of("loads"):
            some.take(places, out=out, mode="clip")
    return [
        [f"memory: bytes of {size >> 20} MiB read in order", *measuring.per_second(times.wall("read"), size), "", ""],
        [f"memory: loads from anywhere in {size >> 20} MiB", *measuring.per_second(times.wall("loads"), len(places)), "", ""],
    ]


def workloads(file: Path | None, *, quick: bool) -> list[Workload]:
    queries, sizes, full = (20_000, (10, 1_000), 6_000) if quick else (1_000_000, (10, 1_000, 100_000), 900_000)
    found = [work for count in ((50,) if quick else (1_000, 10_000)) for work in small_tables(count, queries)]
    four, six = prefixes(file, 4, full), prefixes(file, 6, full // 6)
    chance = random.Random("sizes")
    for size in sizes:
        found += one_table(sorted(chance.sample(four, size)), (LOCAL,), queries)
    found += one_table(four, (UNIFORM, LOCAL, SORTED), queries, full=True)
    found += one_table(six, (LOCAL, SORTED), queries, full=True)
    return found


def main() -> None:
    argv = sys.argv[1:]
    file = Path(argv.pop(argv.index("--table") + 1)) if "--table" in argv[:-1] else None
    if file:
        argv.remove("--table")
    options = measuring.options(__doc__.partition("\n")[0], argv)
    repetitions = 1 if options.quick else options.repetitions or 7
    rival, tables = rival_dpdk.library(), {}
    rows, builds = memory(repetitions, (1 if options.quick else 256) << 20), []
    for work in workloads(file, quick=options.quick):
        dpdk = {}
        if rival and work.full:
            tables[work.version] = tables.get(work.version) or dpdk_table(rival, work)
            dpdk = of_dpdk(work, tables[work.version])
        index = index_of(work)
        rows += rows_of(work, *measure(work, index, dpdk, repetitions))
        builds.append(f"{work.name}: {index.build:.2f} s, {len(index.routes.values):,} intervals")
    header = ["lookups per second", "min", "median", "max", "cost", "DPDK"]
    body = f"""{measuring.table(header, rows)}

Costs are times for one lookup, as ratios of minima to `{COMPOSITE}` of the same workload (IPv6: on addresses
of 16 bytes); under `DPDK`, to the fastest of DPDK's ways{"" if rival else ", which was not at hand"}.
{repetitions} turns with every variant once.
Addresses are drawn inside random prefixes of the table asked, where nothing else is said.
Verified before: all variants find the same route for every query.

Built by numpy, from prefixes to intervals: {"; ".join(dict.fromkeys(builds))}."""
    measuring.publish("lpm", "Longest-prefix match", body, record=options.record)


if __name__ == "__main__":
    main()
