"""First match in rule lists: one of 10 to 1,000 rules, 2,000 of 10 to 40, and firewalls' lists, against plain Python and rte_acl.

python benchmarks/bench_acl.py --rules acl1_1k.rules fw1_10k.rules     lists of ClassBench's instead of a drawn one
python benchmarks/bench_acl.py --dpdk FOLDER     Debian's librte-acl, librte-eal and what these need, unpacked (else the system's)

Early matches make any scan look fast, so every list is asked with packets that all match, half of them, and none.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks import dpdk, measuring
from simulator.evaluate.batch.boxes import ANY_GROUP, EVERY, NO_BOX, PERMITS, Boxes, Packets, first_box
from simulator.evaluate.batch.index import LONGEST, PAIRS, TABLE, VECTORS, Index, index_of
from simulator.evaluate.batch.indexed import first_indexed
from simulator.evaluate.batch.jit import COMPILES
from simulator.evaluate.batch.keys import ICMP_PAGE, ICMPV6_PAGE, OTHER_PAGE, TCP_PAGE, UDP_PAGE
from simulator.evaluate.batch.rule_kernels import first_rules, rules_of

NAIVE, SCAN, INDEXED, BLOCKS = "plain Python", "numpy, box by box", "numpy, indexed", "compiled, 16 boxes at a time"
COMPILED, RIVAL = "compiled, indexed", "rte_acl"
REFERENCE = COMPILED if COMPILES else INDEXED
FORMS = {TABLE: "table", PAIRS: "pairs", VECTORS: "vectors"}
FEW, SOME = 100, 2_000  # packets that plain Python is asked about, and a scan
MIXES = {"all match": 1.0, "half match": 0.5, "none match": 0.0}
PORTS = (22, 53, 80, 443, 1433, 3306, 5432, 6379, 8080, 8443, 9092, 9200)
NOBODY = np.zeros((1, 1), bool)
PAGES = {6: TCP_PAGE, 17: UDP_PAGE, 1: ICMP_PAGE, 58: ICMPV6_PAGE}
LINE = re.compile(r"@([\d.]+)/(\d+)\s+([\d.]+)/(\d+)\s+(\d+) : (\d+)\s+(\d+) : (\d+)\s+0x(\w\w)/0x(\w\w)")


class Workload(NamedTuple):
    """Lists, and packets each of which is for one of them, in the order of the lists."""

    name: str
    boxes: Boxes
    lists: np.ndarray
    packets: Packets

    def some(self, count: int) -> Workload:
        """The same with fewer packets, from all over."""
        rows = rows_of_some(len(self.lists), count)
        return Workload(self.name, self.boxes, self.lists[rows], self.packets.rows(rows))


def rows_of_some(many: int, count: int) -> np.ndarray:
    """So many of many rows, from all over."""
    return np.arange(0, many, max(many // count, 1))[:count]


def boxes_of(first: np.ndarray, axes: list[np.ndarray]) -> Boxes:
    """Boxes of nothing but a header: low and span of source, destination, source port and key."""
    count = len(axes[0])
    rule = (np.arange(count) - np.repeat(first[:-1], np.diff(first))).astype(np.int32)
    nothing = np.zeros(count, np.uint8)
    columns = [axis.astype(np.uint32) for axis in axes]
    return Boxes(first.astype(np.int32), *columns, np.full(count, ANY_GROUP, np.int32), nothing, nothing, rule, nothing + np.uint8(PERMITS))


def lists_of(sizes: np.ndarray, numbers: np.random.Generator) -> Boxes:
    """Rules as security groups have them: a block of 10.0.0.0/8 and a port, TCP mostly."""
    total = int(sizes.sum())
    length = numbers.choice([16, 20, 22, 24, 24, 28, 32], total)
    span = (1 << (32 - length)) - 1
    low = (10 << 24 | numbers.integers(0, 1 << 24, total)) & ~span
    port = numbers.choice(PORTS, total) | (numbers.random(total) < 0.1).astype(np.int64) << 16
    zero, every = np.zeros(total, np.int64), np.full(total, EVERY)
    return boxes_of(np.concatenate([[0], np.cumsum(sizes)]), [low, span, zero, every, zero, every, port, zero])


def drawn_firewall(size: int, numbers: np.random.Generator) -> Boxes:
    """A list as firewalls have them: blocks on both sides, wide ones last, a port or a range of ports, few source ports."""
    length = np.sort(numbers.choice([32, 30, 28, 24, 24, 16, 0], (2, size)), axis=1)[:, ::-1]
    span = (1 << (32 - length)) - 1
    low = numbers.integers(0, 1 << 32, (2, 200))[np.arange(2)[:, None], numbers.integers(0, 200, (2, size))] & ~span
    ranged = numbers.random(size) < 0.2
    port, port_span = np.where(numbers.random(size) < 0.1, 1024, 0), np.full(size, EVERY)
    port_span[port > 0] = 65535 - 1024
    key = numbers.choice(PORTS, size) | (numbers.random(size) < 0.3).astype(np.int64) << 16
    axes = [low[0], span[0], low[1], span[1], port, port_span, np.where(ranged, key & ~0xFFFF | 1024, key), np.where(ranged, 64511, 0)]
    return boxes_of(np.array([0, size]), axes)


def read_firewall(file: Path) -> Boxes:
    """A list of ClassBench's (Taylor and Turner 2005): `@source destination ports ports protocol`; flags are not looked at."""
    rows = []
    for line in file.read_text("ascii").splitlines():
        source, bits, destination, others, low, high, first, last, protocol, mask = LINE.match(line).groups()  # type: ignore[union-attr]
        sides = []
        for address, length in ((source, int(bits)), (destination, int(others))):
            span = (1 << (32 - length)) - 1
            sides += [int.from_bytes(bytes(map(int, address.split("."))), "big") & ~span, span]
        page = PAGES.get(int(protocol, 16), OTHER_PAGE)
        if mask == "00":
            measuring.require((first, last) == ("0", "65535"), f"{file.name} names ports with their protocol")
            key = (0, EVERY)
        elif page == OTHER_PAGE:
            key = (page << 16 | int(protocol, 16), 0)
        else:
            key = (page << 16 | int(first), int(last) - int(first))
        ports = (int(low), int(high) - int(low)) if (low, high) != ("0", "65535") else (0, EVERY)
        rows.append((*sides, *ports, *key))
    return boxes_of(np.array([0, len(rows)]), list(np.array(rows, np.int64).T))


def inside(boxes: Boxes, lists: np.ndarray, numbers: np.random.Generator) -> list[np.ndarray]:
    """Headers, each inside a random box of its list."""
    size = np.diff(boxes.first)[lists]
    box = boxes.first[lists] + (numbers.random(len(lists)) * size).astype(np.int64)
    found = []
    for axis, limit in ((1, EVERY), (3, EVERY), (5, 0xFFFF), (7, OTHER_PAGE << 16)):
        low, span = boxes[axis][box].astype(np.int64), boxes[axis + 1][box].astype(np.int64)
        found.append(low + (numbers.random(len(lists)) * (np.minimum(low + span, np.maximum(limit, low)) - low + 1)).astype(np.int64))
    return found


def packets_of(boxes: Boxes, lists: np.ndarray, share: float, numbers: np.random.Generator) -> Packets:
    """Packets of which a share is inside a random box of its list; of the rest no box holds any: one that does is drawn again."""
    columns = [np.where(numbers.random(len(lists)) < share, 0, 1)]
    headers = inside(boxes, lists, numbers)
    index = index_of(boxes, 1)
    rows = np.flatnonzero(columns[0])
    for _ in range(60):
        headers[0][rows] = np.where(numbers.random(len(rows)) < 0.5, headers[0][rows], numbers.integers(0, 1 << 32, len(rows)))
        headers[1][rows] = np.where(numbers.random(len(rows)) < 0.5, headers[1][rows], numbers.integers(0, 1 << 32, len(rows)))
        headers[3][rows] = numbers.integers(0, 1 << 16, len(rows)) | numbers.integers(0, 2, len(rows)) << 16
        there = first_indexed(boxes, index, lists[rows], _packets([one[rows] for one in headers]), NOBODY) != NO_BOX
        rows = rows[there]
        if not rows.size:
            break
    return _packets(headers)


def _packets(headers: list[np.ndarray]) -> Packets:
    points = [one.astype(np.uint32) for one in headers]
    return Packets(*points, np.zeros(len(points[0]), np.int32), np.zeros(len(points[0]), np.uint8))


def workloads(files: list[Path], *, quick: bool) -> Iterator[Workload]:
    """One after the other, so that each is gone before the next comes."""
    numbers = np.random.default_rng(3)
    sizes, many, packets = ((10, 40), 20, 2_000) if quick else ((10, 40, 200, 1000), 2_000, 200_000)
    every = [(f"one list of {size:,}", lists_of(np.array([size]), numbers)) for size in sizes]
    every.append((f"{many:,} lists of 10-40", lists_of(numbers.integers(10, 41, many), numbers)))
    every += [(file.stem, read_firewall(file)) for file in files]
    if not files:
        every.append(("a drawn firewall", drawn_firewall(100 if quick else 1000, numbers)))
    for name, boxes in every:
        lists = np.sort(numbers.integers(0, len(boxes.first) - 1, packets)).astype(np.int32)
        for mix, share in MIXES.items():
            yield Workload(f"{name}, {mix}", boxes, lists, packets_of(boxes, lists, share, numbers))


Run = Callable[[], np.ndarray]


def variants(work: Workload, index: Index, acl: dpdk.Acl | None) -> dict[str, tuple[Workload, Run]]:
    """What each variant is asked, and how."""
    few, some = work.some(FEW), work.some(SOME)
    found: dict[str, tuple[Workload, Run]] = {
        NAIVE: (few, lambda: plain(few)),
        SCAN: (some, lambda: first_box(some.boxes, some.lists, some.packets, NOBODY)),
        INDEXED: (work, lambda: first_indexed(work.boxes, index, work.lists, work.packets, NOBODY)),
    }
    if COMPILES:
        out = np.empty(len(work.lists), np.int32)
        for name, built in ((BLOCKS, index_of(work.boxes, LONGEST)), (COMPILED, index)):
            rules = rules_of(work.boxes, built)

            def run(rules: Any = rules) -> np.ndarray:
                first_rules(rules, work.lists, work.packets, NOBODY, out)
                return out

            found[name] = work, run
    if acl is not None:
        for name, number in dpdk.variants().items():

            def classify(number: int = number) -> np.ndarray:
                acl.run(number)
                return acl.results

            found[f"{RIVAL}, {name}"] = work, classify
    return found


def plain(work: Workload) -> np.ndarray:
    """The definition: go through the list until a rule covers the packet."""
    boxes = list(zip(*(column.tolist() for column in work.boxes[1:9]), strict=True))
    found = np.full(len(work.lists), NO_BOX, np.int32)
    headers = zip(*(column.tolist() for column in work.packets[:4]), strict=True)
    for row, (which, header) in enumerate(zip(work.lists.tolist(), headers, strict=True)):
        for box in range(work.boxes.first[which], work.boxes.first[which + 1]):
            sides = boxes[box]
            if all(sides[2 * at] <= value <= sides[2 * at] + sides[2 * at + 1] for at, value in enumerate(header)):
                found[row] = box
                break
    return found


def verified(name: str, work: Workload, run: Run, wanted: np.ndarray) -> None:
    """Stop unless a variant finds all that the index finds, which the definition and the scan confirm in turn."""
    wanted, found = wanted[rows_of_some(len(wanted), len(work.lists))], run()
    if name.startswith(RIVAL):
        found = np.where(found == 0, NO_BOX, found.astype(np.int64) - 1)  # rules are numbered as boxes are, from 1 on
    measuring.require((found == wanted).all(), f"{name} finds the rules that {INDEXED} finds, in {work.name}")


def measure(work: Workload, repetitions: int, library: Any) -> list[list[str]]:
    """Every variant once in each turn, after its whole output was compared: the rows of the table."""
    begin = time.perf_counter()
    index = index_of(work.boxes, 1)
    built = time.perf_counter() - begin
    size = sum(array.nbytes for array in (*index.cuts, index.cells, index.pairs, index.vectors))
    form = "/".join(FORMS.get(one, "scan") for one in np.unique(index.form).tolist())
    acl = library and dpdk.Acl(library, work.boxes, work.lists, work.packets)
    runs = variants(work, index, acl)
    wanted = first_indexed(work.boxes, index, work.lists, work.packets, NOBODY)
    for name, (asked, run) in runs.items():
        verified(name, asked, run, wanted)
    times = measuring.Times()
    for _ in range(repetitions):
        for name, (_, run) in runs.items():
            with times.of(name):
                run()
    if acl:
        acl.close()
    costs = {name: times.wall(name).minimum / len(asked.lists) for name, (asked, _) in runs.items()}
    best = min((cost for name, cost in costs.items() if name.startswith(RIVAL)), default=0.0)
    rows = []
    for name, (asked, _) in runs.items():
        wall = measuring.per_second(times.wall(name), len(asked.lists))
        rival = f"{costs[name] / best:.2f}" if best else "-"
        note = f"{form}, {size / 1e6:.2f} MB, {1000 * built:.0f} ms" if name == INDEXED else ""
        rows.append([f"{work.name}: {name}", *wall, f"{costs[name] / costs[REFERENCE]:.3g}", rival, note])
    return rows


def main() -> None:
    argv = sys.argv[1:]
    files, folder = [], None
    if "--dpdk" in argv[:-1]:
        folder = Path(argv.pop(argv.index("--dpdk") + 1))
        argv.remove("--dpdk")
    if "--rules" in argv:
        at = argv.index("--rules")
        names = []
        while len(argv) > at + 1 and not argv[at + 1].startswith("--"):
            names.append(argv.pop(at + 1))
        argv.remove("--rules")
        files = [Path(name) for name in names]
    options = measuring.options(__doc__.partition("\n")[0], argv)
    library = dpdk.start(folder)
    repetitions = 1 if options.quick else options.repetitions or 5
    header = ["packets per second", "min", "median", "max", "cost", "of rte_acl", "index"]
    rows = []
    for work in workloads(files, quick=options.quick):
        rows += (found := measure(work, repetitions, library))
        print(measuring.table(header, found), flush=True)
    body = f"""{measuring.table(header, rows)}

Costs are times for one packet, as ratios of minima to `{REFERENCE}` of the same workload, and to the fastest variant of DPDK's rte_acl
where it is at hand (without huge pages; one context for each list); {repetitions} turns with every variant once, packets grouped by list.
`index`: what is built, how large it is, how long it took. A list that ends with a rule for everything matches what should match nothing,
with its last rule. Verified before: all variants find the same rule for every packet they are asked about, plain Python for {FEW}, the
scan for {SOME:,}."""
    print()
    measuring.publish("acl", "First match in rule lists", body, record=options.record)


if __name__ == "__main__":
    main()
