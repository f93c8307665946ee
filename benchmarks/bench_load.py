"""Loading and compiling AWS describe snapshots of 1,000 interfaces and of 5,000, and one question about each.

Loading is `simulator.load` of a folder, compiling `Network.flow_graph`. The reference is `json.loads` of the same files.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from benchmarks import measuring
from benchmarks.topologies import REFUSED, Estate, describe_estate
from simulator import Network, Reached, Verdict, load
from simulator.aws.registry import RESOURCES
from simulator.graph.verify import verify
from simulator.packet.prefix import Prefix

SIZES = ((1000, 200), (5000, 1000))
TARGET = 1.5  # seconds to load and compile the first size
JSON, LOAD, COMPILE, BOTH, CAN = "json.loads", "load", "compile", "load and compile", "can"
ALONE = """
import sys
from simulator import load
from simulator.aws import registry
from simulator.read import describe
from simulator import compile
from benchmarks.measuring import peak_memory
print(peak_memory())
for folder in sys.argv[1:]:
    load(folder).flow_graph
print(peak_memory())
"""


class Snapshot(NamedTuple):
    """One size: where its files are, what was written, and the interfaces asked for."""

    folder: Path
    estate: Estate
    interfaces: int
    subnets: int

    @property
    def name(self) -> str:
        return f"{self.interfaces:,} interfaces"

    def texts(self) -> list[str]:
        return [path.read_text("utf-8") for path in sorted(self.folder.rglob("*.json"))]


def ask(network: Network, estate: Estate) -> Reached:
    """The question that is timed: from a private instance through the NAT gateway of its zone to the whole internet."""
    return network.can(estate.private, "internet", "tcp/443")


def verify_network(network: Network, snapshot: Snapshot) -> None:
    """Every element of every list became a noun, the graph keeps its promises, and answers are right to the last block."""
    require, estate = measuring.require, snapshot.estate
    require(not network.problems, "the snapshot is read without a warning")
    lists = {key: kind.noun for kind in RESOURCES for key in kind.describe if key in estate.counts}
    require(lists.keys() == estate.counts.keys(), "every list that was written has a reader")
    found = {key: len(list(network.snapshot.all(noun))) for key, noun in lists.items()}
    require(found == estate.counts, f"there are as many nouns as elements: {estate.counts}, not {found}")
    require(estate.counts["NetworkInterfaces"] == snapshot.interfaces, f"{snapshot.interfaces} interfaces were written")
    require(estate.counts["Subnets"] == snapshot.subnets, f"{snapshot.subnets} subnets were written")
    verify(network.flow_graph)
    refused = sorted(map(Prefix.parse, REFUSED))
    for answer in (ask(network, estate), network.can("internet", estate.exposed, "tcp/443")):
        failing = [part for case in answer.cases if case.verdict is Verdict.NEVER for part in _blocks(case.when)]
        require(answer.verdict is Verdict.SOMETIMES, "some blocks of the internet are refused")
        require(sorted(failing) == refused, f"exactly these are refused: {', '.join(REFUSED)}")
    require(ask(network, estate).works, "one case works")


def _blocks(when: Mapping[str, str | list[str]]) -> list[Prefix]:
    texts = [when.get(key, []) for key in ("source_addresses", "destination_addresses")]
    return [Prefix.parse(text) for one in texts for text in ([one] if isinstance(one, str) else one)]


def measure(snapshots: list[Snapshot], repetitions: int) -> measuring.Times:
    """Each size once in each turn. Nothing of the turn before is alive when a new one starts."""
    times = measuring.Times()
    for _ in range(repetitions):
        for snapshot in snapshots:
            name, texts = snapshot.name, snapshot.texts()
            with times.of(f"{name}: {JSON}"):
                for text in texts:
                    json.loads(text)
            with times.of(f"{name}: {LOAD}"):
                network = load(snapshot.folder)
            with times.of(f"{name}: {COMPILE}"):
                network.flow_graph  # noqa: B018 - made when first asked for
            with times.of(f"{name}: {CAN}"):
                ask(network, snapshot.estate)
            del network
    for snapshot in snapshots:
        name = snapshot.name
        times.added(f"{name}: {BOTH}", (f"{name}: {LOAD}", f"{name}: {COMPILE}"))
    return times


def memory(snapshot: Snapshot) -> tuple[float, float]:
    """What a process of its own holds at most, in MiB: with everything imported, and with the network loaded and compiled."""
    done = subprocess.run(
        [sys.executable, "-c", ALONE, str(snapshot.folder)],
        cwd=measuring.ROOT,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, (str(measuring.ROOT), os.environ.get("PYTHONPATH"))))},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    before, after = map(float, done.stdout.split())
    return before, after


def main() -> None:
    options = measuring.options(__doc__.partition("\n")[0])
    sizes = ((60, 20), (120, 40)) if options.quick else SIZES
    repetitions = 1 if options.quick else options.repetitions or 7
    with tempfile.TemporaryDirectory() as place:
        snapshots = []
        for interfaces, subnets in sizes:
            folder = Path(place, str(interfaces))
            snapshots.append(Snapshot(folder, describe_estate(folder, interfaces, subnets), interfaces, subnets))
        for snapshot in snapshots:
            verify_network(load(snapshot.folder), snapshot)
        times = measure(snapshots, repetitions)
        body = report(snapshots, times, repetitions)
    measuring.publish("load", "Loading and compiling describe snapshots", body, record=options.record)


def report(snapshots: list[Snapshot], times: measuring.Times, repetitions: int) -> str:
    """The table of times, and what the snapshots hold."""
    rows = []
    for snapshot in snapshots:
        for what in (JSON, LOAD, COMPILE, BOTH, CAN):
            name = f"{snapshot.name}: {what}"
            wall, cpu = measuring.milliseconds(times.wall(name)), measuring.milliseconds(times.cpu(name))
            rows.append([name, *wall, *cpu[:2], *times.ratios(name, f"{snapshot.name}: {JSON}")])
    header = ["milliseconds", "min", "median", "max", "cpu min", "cpu median", "ratio", "cpu ratio"]
    small, large = (f"{snapshot.name}: {BOTH}" for snapshot in snapshots)
    growth = snapshots[1].interfaces / snapshots[0].interfaces
    held = "\n".join(f"- {snapshot.name}: {_contents(snapshot)}" for snapshot in snapshots)
    return f"""{measuring.table(header, rows)}

Ratios are of minima, to `{JSON}` of the same files; {repetitions} turns with each size once. `{CAN}` is one exact answer, from an
instance in a private subnet to the whole internet on tcp/443. {growth:.0f} times the interfaces
take {times.ratios(large, small)[1]} times the processor time.

{held}

Verified: as many nouns as elements of each list, no warning, what every graph must satisfy, and which blocks of the internet the
answers refuse.

Target: {TARGET} s to load and compile {SIZES[0][0]:,} interfaces on an idle machine; here {times.wall(small).median:.2f} s in the median
for {snapshots[0].name}."""


def _contents(snapshot: Snapshot) -> str:
    size = sum(len(text) for text in snapshot.texts()) / (1 << 20)
    before, after = memory(snapshot)
    lists = ", ".join(f"{count:,} {name}" for name, count in snapshot.estate.counts.items())
    graph = load(snapshot.folder).flow_graph
    return f"{lists}; {size:.1f} MiB of JSON; {len(graph.nodes):,} nodes; a process holds {after:.0f} MiB, {before:.0f} before loading"


if __name__ == "__main__":
    main()
