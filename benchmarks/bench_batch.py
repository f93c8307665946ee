"""Round trips of many flows through 2,000, 200,000 and 2 million interfaces: the walker, numpy, and compiled code where there is numba.

Plain flows stay in a VPC or pass a transit gateway; others go to the internet by a NAT gateway: choices, translations, sessions. The
large networks are many copies of one estate side by side (`tiled.py`): reading millions of interfaces would take an hour.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks import measuring
from benchmarks.estates import INTERFACES, instance, write_estate
from benchmarks.tiled import Tiled, tiled
from simulator import Network, load
from simulator.evaluate.batch import compiled, staged
from simulator.evaluate.batch.flows import Outcomes, Starts
from simulator.evaluate.batch.jit import COMPILES
from simulator.evaluate.many import Sent, ended
from simulator.evaluate.walk import round_trip
from simulator.query.rows import Columns, Named

WALKER, OURS, COMPILED = "the walker", "numpy", "compiled"
WALKED = 300  # flows that the walker is asked about
SEED = 5


class Workload(NamedTuple):
    """Flows of one estate: `sent` gives one by its row, for the walker."""

    name: str
    grouped: bool
    network: Network
    starts: Starts
    sent: Callable[[int], Sent]


def workloads(network: Network, vpcs: int, flows: int) -> list[Workload]:
    numbers = np.random.default_rng(SEED)
    hosts = INTERFACES - 1

    def names(vpc: np.ndarray) -> list[str]:
        return [instance(one, at) for one, at in zip(vpc.tolist(), numbers.integers(0, hosts, len(vpc)).tolist(), strict=True)]

    def work(name: str, grouped: bool, sources: list[str], destinations: list[str]) -> Workload:
        kept = [(one, other) for one, other in zip(sources, destinations, strict=True) if one != other]
        columns = {"source": [one for one, _ in kept], "destination": [other for _, other in kept], "service": "tcp/443"}
        named = Named(network.flow_graph, network._program, network.snapshot, Columns.of(columns))
        parts = [(rows, starts) for _, rows, starts in named.starts()]
        rows, starts = np.concatenate([some for some, _ in parts]), joined([some for _, some in parts])
        order = np.argsort(rows, kind="stable")
        rows, starts = rows[order], starts.rows(order)
        return Workload(name, grouped, network, starts, lambda row: named.sent(int(rows[row])))

    vpc, other = numbers.integers(0, vpcs, flows), numbers.integers(0, vpcs, flows)
    internet = [f"203.0.113.{at % 250 + 1}" for at in range(flows)]
    inside, outside = names(vpc), names(other)
    neighbours = names(vpc)
    mixed = [(internet, neighbours, outside, neighbours)[at % 4][at] for at in range(flows)]
    return [
        work("inside VPCs, grouped", True, inside, neighbours),
        work("inside VPCs, random order", False, inside, neighbours),
        work("any pair, grouped", True, inside, outside),
        work("to the internet, grouped", True, inside, internet),
        work("mixed, grouped", True, inside, mixed),
        work("mixed, random order", False, inside, mixed),
    ]


def joined(parts: list[Starts]) -> Starts:
    """Flows one after the other, with as many choices as the longest has."""
    longest = max(part.choices.shape[1] for part in parts)
    wide = [
        part._replace(choices=np.pad(part.choices, ((0, 0), (0, longest - part.choices.shape[1])), constant_values=-1)) for part in parts
    ]
    return Starts(*(np.concatenate(columns) for columns in zip(*wide, strict=True)))


def verify(work: Workload, found: Outcomes) -> None:
    """The walker says the same of some of the flows."""
    for row in range(0, len(work.starts.node), max(len(work.starts.node) // WALKED, 1)):
        sent = work.sent(row)
        forward, back = ended(round_trip(work.network.flow_graph, sent.node, sent.flow, expected=sent.expected))
        got = (found.forward.disposition[row], found.forward.node[row], found.back.node[row])
        measuring.require(
            got == (forward.disposition, forward.node, back.node if back else -1),
            f"the walker says {forward} and {back}, not {got}, of {sent}",
        )


class Share(NamedTuple):
    """Of the flows of a workload: answered, with a choice or a translation on their way, left to the walker."""

    answered: float
    rewritten: float
    left: float


def share_of(found: Outcomes) -> Share:
    return Share(float((found.back.disposition == 0).mean()), float((found.chosen > 0).mean()), float(found.strange.mean()))


def spread(work: Workload, copies: int, numbers: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Which flow of the workload each is, and of which copy; in the order of their senders where the workload is grouped."""
    flows = len(work.starts.node)
    copy, row = numbers.integers(0, copies, flows), np.arange(flows)
    order = np.lexsort((work.starts.node, copy)) if work.grouped else row
    return row[order], copy[order]


def measure(work: Workload, large: Tiled, copies: int, repetitions: int) -> tuple[measuring.Times, dict[str, int], Share]:
    """Every evaluator once in each turn, after the whole output was compared with that of the estate alone."""
    alone = staged.run(work.network._program, 4, work.starts)
    rows, copy = spread(work, copies, np.random.default_rng(SEED))
    starts = large.starts(work.starts.rows(rows), copy)
    wanted = [column[rows] for ends in (alone.forward, alone.back) for column in (ends.disposition, ends.node, ends.rule)]
    runs: dict[str, tuple[int, Callable[[], Outcomes]]] = {OURS: (len(rows), lambda: staged.run(large.program, 4, starts))}
    if COMPILES:
        runs[COMPILED] = len(rows), lambda: compiled.run(large.program, 4, starts)
    for name, (_, run) in runs.items():
        same = all((one == other).all() for one, other in zip(large.away(run(), copy), wanted, strict=True))
        measuring.require(same, f"{name} says of {copies} copies what is so in one: {work.name}")
    counts, times = {name: count for name, (count, _) in runs.items()}, measuring.Times()
    turns: dict[str, Callable[[], object]] = {name: run for name, (_, run) in runs.items()}
    if copies == 1:
        verify(work, alone)
        some = [work.sent(row) for row in range(min(WALKED, len(rows)))]
        turns[WALKER] = lambda: [round_trip(work.network.flow_graph, one.node, one.flow, expected=one.expected) for one in some]
        counts[WALKER] = len(some)
    for _ in range(repetitions):
        for name, run in turns.items():
            with times.of(name):
                run()
    return times, counts, share_of(alone)


def main() -> None:
    options = measuring.options(__doc__.partition("\n")[0])
    repetitions = 1 if options.quick else options.repetitions or 5
    vpcs, many, flows = (4, (1, 3), 2_000) if options.quick else (100, (1, 100, 1000), 500_000)
    rows, shares, best = [], {}, {}
    with tempfile.TemporaryDirectory() as place:
        write_estate(Path(place, "estate.json"), vpcs)
        network = load(Path(place, "estate.json"))
    every = workloads(network, vpcs, flows)
    for copies in many:
        large, interfaces = tiled(network._program, copies), copies * vpcs * INTERFACES
        for work in every:
            times, counts, share = measure(work, large, copies, repetitions)
            shares[work.name] = share
            for name, count in counts.items():
                cost = best[interfaces, work.name, name] = times.wall(name).minimum / count
                ratio = f"{cost / best[interfaces, work.name, OURS]:.3g}"
                rows.append([f"{interfaces:,} interfaces, {work.name}: {name}", *measuring.per_second(times.wall(name), count), ratio])
    told = [[name, f"{one.answered:.0%}", f"{one.rewritten:.0%}", f"{one.left:.0%}"] for name, one in shares.items()]
    body = f"""{measuring.table(["round trips per second", "min", "median", "max", "cost"], rows)}

Costs are times for one round trip, as ratios of minima to `{OURS}` of the same workload; {repetitions} turns with every evaluator once,
each on one core, {flows:,} flows. Naming the flows is not timed. The large networks are copies of one of {vpcs} VPCs side by side, which
share nothing but sets of groups. Verified before: compiled code and numpy say of every flow, in every copy, what numpy says of it in one
estate alone, and there the walker of {WALKED} flows of each workload.

{measuring.table(["flows", "answered", "with choices", "left"], told)}

`with choices` are flows that something is chosen for on their way: a NAT gateway's address or port. `left` are flows that only the walker
can answer.

{growth(best, [copies * vpcs * INTERFACES for copies in many], list(shares))}"""
    measuring.publish("batch", "Round trips of many flows", body, record=options.record)


def growth(best: dict[tuple[int, str, str], float], sizes: list[int], names: list[str]) -> str:
    """How much more a flow costs in the largest network than in the one before it."""
    evaluators = [OURS, COMPILED] if COMPILES else [OURS]
    rows = [
        [f"{work}: {name}", f"{best[sizes[-1], work, name] / best[sizes[-2], work, name]:.2f}"] for work in names for name in evaluators
    ]
    return measuring.table([f"a flow of {sizes[-1]:,} interfaces to one of {sizes[-2]:,}", "cost"], rows)


if __name__ == "__main__":
    main()
