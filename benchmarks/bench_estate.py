"""Estates of 10, 100 and 1,000 VPCs (10 subnets and 20 interfaces each, two transit gateways, 50 endpoints): load, compile, ask.

Each size runs in a process of its own, so that its memory is its own and `first` is the first question a process asks, with the loading
of the modules that answer. Their bytecode is kept between the processes, as it is of an installed package.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import measuring
from benchmarks.estates import INTERFACES, instance, write_estate
from simulator import Network, load
from simulator.compile import compile_snapshot
from simulator.graph.verify import verify

SIZES = (10, 100, 1000)
COMPILE_TARGET, MEMORY_TARGET, CAN_TARGET = 25, 3, 50  # seconds, GiB, milliseconds
LOAD, COMPILE, FIRST, LATER = "load", "compile", "first question", "later questions"


def questions(vpcs: int) -> list[tuple[str, str, str, str]]:
    """Source, destination, service and the verdict that the estate was made to give."""
    here, far = instance(0, 1), vpcs - 1
    return [
        (here, "internet", "tcp/443", "always"),
        ("internet", here, "tcp/443", "never"),
        (here, instance(vpcs // 4, 3), "tcp/443", "always"),
        (here, instance(far, 3), "tcp/443", "never"),  # behind the other transit gateway
        (here, instance(0, 4), "tcp/5432", "always"),
        (here, instance(0, 5), "tcp/5432", "never"),
        (here, "service:s3", "tcp/443", "always"),
        (instance(1, 1), "service:sqs", "tcp/443", "always"),
    ]


def ask(network: Network, vpcs: int) -> None:
    """Every question; stops where an answer is wrong."""
    for source, destination, service, verdict in questions(vpcs):
        found = network.can(source, destination, service).verdict.value
        measuring.require(found == verdict, f"{source} to {destination} on {service} is {verdict}, not {found}")


def once(file: Path, vpcs: int, *, check: bool) -> dict[str, float]:
    """One process: seconds of load, compile, the first question, and each of the others; MiB at the peak before any check."""
    times = [time.perf_counter()]

    def lap() -> float:
        times.append(time.perf_counter())
        return times[-1] - times[-2]

    network = load(file)
    found = {LOAD: lap()}
    nodes = len(network.flow_graph.nodes)
    found[COMPILE] = lap()
    network.can(*questions(vpcs)[0][:3])
    found[FIRST] = lap()
    ask(network, vpcs)
    lap()
    ask(network, vpcs)
    found[LATER] = lap() / len(questions(vpcs))
    found["memory"], found["nodes"] = measuring.peak_memory(), nodes
    if check:
        verify(compile_snapshot(network.snapshot))
    return found


def measure(sizes: tuple[int, ...], repetitions: int) -> dict[int, list[dict[str, float]]]:
    """Each size once in each turn; the first turn verifies the graph as well."""
    found: dict[int, list[dict[str, float]]] = {vpcs: [] for vpcs in sizes}
    with tempfile.TemporaryDirectory() as place:
        kept = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(Path(place, "bytecode"))}
        files = {vpcs: Path(place, f"{vpcs}.json") for vpcs in sizes}
        for vpcs, file in files.items():
            write_estate(file, vpcs)
        for turn in range(repetitions):
            for vpcs, file in files.items():
                arguments = [
                    sys.executable,
                    "-m",
                    "benchmarks.bench_estate",
                    "--once",
                    str(file),
                    str(vpcs),
                    *(["check"] if not turn else []),
                ]
                done = subprocess.run(
                    arguments, cwd=measuring.ROOT, env=kept, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
                )
                measuring.require(done.returncode == 0, done.stdout + done.stderr)
                found[vpcs].append(json.loads(done.stdout))
    return found


def report(found: dict[int, list[dict[str, float]]], repetitions: int) -> str:
    """The table, with what one interface costs at each size."""
    rows, costs = [], {}
    for vpcs, runs in found.items():
        figures: dict[str, Any] = {key: measuring.Figures.of([run[key] for run in runs]) for key in runs[0]}
        costs[vpcs] = 1e6 * (figures[LOAD].minimum + figures[COMPILE].minimum) / (vpcs * INTERFACES)
        for what in (LOAD, COMPILE, FIRST, LATER):
            rows.append([f"{vpcs:,} VPCs: {what}", *measuring.milliseconds(figures[what])])
        rows.append([f"{vpcs:,} VPCs: µs to load and compile an interface", f"{costs[vpcs]:.0f}", "", ""])
        rows.append([f"{vpcs:,} VPCs: MiB at the peak", *(f"{value:.0f}" for value in figures["memory"])])
    largest = max(found)
    last: dict[str, Any] = {key: measuring.Figures.of([run[key] for run in found[largest]]) for key in found[largest][0]}
    compiled, memory, asked = last[COMPILE].median, last["memory"].median / 1024, 1000 * last[LATER].median
    return f"""{measuring.table(["milliseconds", "min", "median", "max"], rows)}

{repetitions} turns with each size once, each in a process of its own; all but the first find the bytecode of the modules. `{LATER}`
is the mean of {len(questions(largest))} questions: through NAT, from the internet, through a transit gateway, inside a VPC, to both kinds
of endpoints. Every answer is compared with what the estate was made to give, and the graph with what every graph must satisfy. The
largest graph has {last["nodes"].maximum:,.0f} nodes.

An interface of {largest:,} VPCs costs {costs[largest] / costs[min(found)]:.2f} times one of {min(found):,}.

Targets for 1,000 VPCs on an idle machine: {COMPILE_TARGET} s to compile, {MEMORY_TARGET} GiB, {CAN_TARGET} ms for a question. Here, in the
median, {compiled:.1f} s, {memory:.2f} GiB, {asked:.1f} ms (the first question {1000 * last[FIRST].median:.0f} ms)."""


def main() -> None:
    if sys.argv[1:2] == ["--once"]:
        print(json.dumps(once(Path(sys.argv[2]), int(sys.argv[3]), check="check" in sys.argv[4:])))
        return
    options = measuring.options(__doc__.partition("\n")[0])
    sizes = (4, 8) if options.quick else SIZES
    repetitions = 1 if options.quick else options.repetitions or 5
    measuring.publish("estate", "Estates of many VPCs", report(measure(sizes, repetitions), repetitions), record=options.record)


if __name__ == "__main__":
    main()
