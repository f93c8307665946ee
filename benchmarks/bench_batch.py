"""Round trips of many flows through estates of 100 and 1,000 VPCs: the walker, numpy, and compiled code where numba is installed.

Plain flows stay in a VPC or pass a transit gateway; others go to the internet by a NAT gateway: choices, translations, sessions.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks import measuring
from benchmarks.estates import INTERFACES, instance, write_estate
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
    network: Network
    starts: Starts
    sent: Callable[[int], Sent]


def workloads(network: Network, vpcs: int, flows: int) -> list[Workload]:
    numbers = np.random.default_rng(SEED)
    hosts = INTERFACES - 1

    def names(vpc: np.ndarray) -> list[str]:
        return [instance(one, at) for one, at in zip(vpc.tolist(), numbers.integers(0, hosts, len(vpc)).tolist(), strict=True)]

    def work(name: str, sources: list[str], destinations: list[str]) -> Workload:
        kept = [(one, other) for one, other in zip(sources, destinations, strict=True) if one != other]
        columns = {"source": [one for one, _ in kept], "destination": [other for _, other in kept], "service": "tcp/443"}
        named = Named(network.flow_graph, network._program, network.snapshot, Columns.of(columns))
        ((_, rows, starts),) = named.starts()
        return Workload(f"{vpcs:,} VPCs, {name}", network, starts, lambda row: named.sent(int(rows[row])))

    grouped, anywhere = np.sort(numbers.integers(0, vpcs, flows)), numbers.integers(0, vpcs, flows)
    some = flows // 4
    return [
        work("inside VPCs, grouped", names(grouped), names(grouped)),
        work("any pair, random order", names(anywhere), names(numbers.permutation(anywhere))),
        work("to the internet, grouped", names(grouped[::4][:some]), [f"203.0.113.{at % 250 + 1}" for at in range(some)]),
    ]


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


def measure(work: Workload, repetitions: int) -> tuple[measuring.Times, dict[str, int], float, float]:
    """Every evaluator once in each turn; the share of flows that were left to the walker, and of those that were answered."""
    program, graph, flows = work.network._program, work.network.flow_graph, len(work.starts.node)
    found = staged.run(program, 4, work.starts)
    verify(work, found)
    runs: dict[str, tuple[int, Callable[[], object]]] = {OURS: (flows, lambda: staged.run(program, 4, work.starts))}
    if COMPILES:
        other = compiled.run(program, 4, work.starts)
        same = all((one == two).all() for one, two in zip((*found.forward, *found.back), (*other.forward, *other.back), strict=True))
        measuring.require(same, "compiled code says what numpy says of every flow")
        runs[COMPILED] = flows, lambda: compiled.run(program, 4, work.starts)
    some = [work.sent(row) for row in range(min(WALKED, flows))]
    runs[WALKER] = len(some), lambda: [round_trip(graph, one.node, one.flow, expected=one.expected) for one in some]
    times = measuring.Times()
    for _ in range(repetitions):
        for name, (_, run) in runs.items():
            with times.of(name):
                run()
    return (
        times,
        {name: count for name, (count, _) in runs.items()},
        float(found.strange.mean()),
        float((found.back.disposition == 0).mean()),
    )


def main() -> None:
    options = measuring.options(__doc__.partition("\n")[0])
    repetitions = 1 if options.quick else options.repetitions or 5
    sizes, flows = ((4,), 2_000) if options.quick else ((100, 1000), 500_000)
    rows = []
    with tempfile.TemporaryDirectory() as place:
        for vpcs in sizes:
            write_estate(Path(place, f"{vpcs}.json"), vpcs)
            network = load(Path(place, f"{vpcs}.json"))
            for work in workloads(network, vpcs, flows):
                times, counts, strange, answered = measure(work, repetitions)
                for name, count in counts.items():
                    wall = measuring.per_second(times.wall(name), count)
                    ratio = times.wall(name).minimum / count / (times.wall(OURS).minimum / counts[OURS])
                    rows.append([f"{work.name}: {name}", *wall, f"{ratio:.3g}", f"{answered:.0%}", f"{strange:.0%}"])
    body = f"""{measuring.table(["round trips per second", "min", "median", "max", "cost", "answered", "left"], rows)}

Costs are times for one round trip, as ratios of minima to `{OURS}` of the same workload; {repetitions} turns with every evaluator once.
`left` are flows that only the walker can answer. Naming the flows is not timed. Verified before: compiled code and numpy say the same of
every flow, and the walker of {WALKED} flows of each workload."""
    measuring.publish("batch", "Round trips of many flows", body, record=options.record)


if __name__ == "__main__":
    main()
