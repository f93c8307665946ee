"""First match in rule lists: one list of 10 to 1,000 rules, and 2,000 lists, with packets that all match, half of them, and none.

Early matches make any scan look fast, so every list is asked with all three mixes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from benchmarks import measuring
from simulator.evaluate.batch import kernels, packed
from simulator.evaluate.batch.boxes import ANY_GROUP, NO_BOX, PERMITS, Boxes, Packets, first_box
from simulator.evaluate.batch.jit import COMPILES

NAIVE, OURS, COMPILED = "plain Python", "numpy, list by list", "compiled, box by box"
SLOW = 2000  # packets that plain Python is asked about
MIXES = {"all match": 1.0, "half match": 0.5, "none match": 0.0}
PORTS = (22, 53, 80, 443, 1433, 3306, 5432, 6379, 8080, 8443, 9092, 9200)


class Workload(NamedTuple):
    """Lists, and packets each of which is for one of them."""

    name: str
    boxes: Boxes
    lists: np.ndarray
    packets: Packets


def lists_of(count: int, size: int, numbers: np.random.Generator) -> Boxes:
    """Rules as security groups have them: a block of 10.0.0.0/8 and a port or a range of ports, TCP mostly."""
    total = count * size
    length = numbers.choice([16, 20, 22, 24, 24, 28, 32], total)
    span = ((1 << (32 - length)) - 1).astype(np.uint32)
    low = ((10 << 24 | numbers.integers(0, 1 << 24, total)).astype(np.uint32) & ~span).astype(np.uint32)
    port = numbers.choice(PORTS, total).astype(np.uint32) | (numbers.random(total) < 0.1).astype(np.uint32) << np.uint32(16)
    zero, everywhere = np.zeros(total, np.uint32), np.full(total, 0xFFFFFFFF, np.uint32)
    first = (np.arange(count + 1) * size).astype(np.int32)
    rule = np.tile(np.arange(size, dtype=np.int32), count)
    marks = np.zeros(total, np.uint8)
    group = np.full(total, ANY_GROUP, np.int32)
    return Boxes(
        first, low, span, zero, everywhere, zero, everywhere, port, zero, group, marks, marks, rule, np.full(total, PERMITS, np.uint8)
    )


def packets_of(boxes: Boxes, lists: np.ndarray, share: float, numbers: np.random.Generator) -> Packets:
    """Packets of which a share is inside a random box of its list, the rest on a port that no rule names."""
    size = boxes.first[1]
    box = boxes.first[lists] + numbers.integers(0, size, len(lists))
    source = boxes.source_low[box] + (numbers.random(len(lists)) * boxes.source_span[box]).astype(np.uint32)
    key = np.where(numbers.random(len(lists)) < share, boxes.key_low[box], 12345).astype(np.uint32)
    nobody = np.zeros(len(lists), np.int32)
    return Packets(source, np.full(len(lists), 7, np.uint32), np.full(len(lists), 4000, np.uint32), key, nobody, nobody.astype(np.uint8))


def workloads(sizes: tuple[int, ...], many: int, packets: int) -> list[Workload]:
    numbers = np.random.default_rng(3)
    found = []
    for count, size, name in (*((1, size, f"one list of {size:,}") for size in sizes), (many, 20, f"{many:,} lists of 20")):
        boxes = lists_of(count, size, numbers)
        lists = np.sort(numbers.integers(0, count, packets)).astype(np.int32)
        for mix, share in MIXES.items():
            found.append(Workload(f"{name}, {mix}", boxes, lists, packets_of(boxes, lists, share, numbers)))
    return found


def variants(work: Workload) -> dict[str, tuple[int, Callable[[], np.ndarray]]]:
    """How many packets each variant is asked about, and how."""
    member = np.zeros((1, 1), bool)
    some = min(SLOW, len(work.lists))
    found: dict[str, tuple[int, Callable[[], np.ndarray]]] = {
        NAIVE: (some, lambda: plain(work, some)),
        OURS: (len(work.lists), lambda: first_box(work.boxes, work.lists, work.packets, member)),
    }
    if COMPILES:
        rows, out = packed.rows_of(work.boxes), np.empty(len(work.lists), np.int32)

        def run() -> np.ndarray:
            kernels.boxes_of(work.boxes.first, rows, work.lists, work.packets, member, out)
            return out

        found[COMPILED] = len(work.lists), run
    return found


def plain(work: Workload, count: int) -> np.ndarray:
    """The definition: go through the list until a rule covers the packet."""
    low, span, key = work.boxes.source_low.tolist(), work.boxes.source_span.tolist(), work.boxes.key_low.tolist()
    first = work.boxes.first.tolist()
    found = np.full(count, NO_BOX, np.int32)
    rows = zip(work.lists[:count].tolist(), work.packets.source[:count].tolist(), work.packets.key[:count].tolist(), strict=True)
    for row, (which, source, wanted) in enumerate(rows):
        for box in range(first[which], first[which + 1]):
            if key[box] == wanted and low[box] <= source <= low[box] + span[box]:
                found[row] = box
                break
    return found


def measure(work: Workload, repetitions: int) -> tuple[measuring.Times, dict[str, int]]:
    """Every variant once in each turn, after its whole output was compared."""
    runs = variants(work)
    wanted, some = runs[OURS][1](), runs[NAIVE][0]
    for name, (count, run) in runs.items():
        measuring.require((run()[:count] == wanted[:count]).all(), f"{name} finds the rules that {OURS} finds")
    measuring.require((wanted[:some] == plain(work, some)).all(), "the definition finds them too")
    times = measuring.Times()
    for _ in range(repetitions):
        for name, (_, run) in runs.items():
            with times.of(name):
                run()
    return times, {name: count for name, (count, _) in runs.items()}


def main() -> None:
    options = measuring.options(__doc__.partition("\n")[0])
    repetitions = 1 if options.quick else options.repetitions or 7
    sizes, many, packets = ((10, 40), 20, 2_000) if options.quick else ((10, 40, 200, 1000), 2_000, 1_000_000)
    rows = []
    for work in workloads(sizes, many, packets):
        times, counts = measure(work, repetitions)
        for name, count in counts.items():
            wall = measuring.per_second(times.wall(name), count)
            ratio = times.wall(name).minimum / count / (times.wall(OURS).minimum / counts[OURS])
            rows.append([f"{work.name}: {name}", *wall, f"{ratio:.3g}"])
    body = f"""{measuring.table(["packets per second", "min", "median", "max", "cost"], rows)}

Costs are times for one packet, as ratios of minima to `{OURS}` of the same workload; {repetitions} turns with every variant once, packets
grouped by list. Verified before: all variants find the same rule for every packet, and the definition for the first {SLOW:,}."""
    measuring.publish("acl", "First match in rule lists", body, record=options.record)


if __name__ == "__main__":
    main()
