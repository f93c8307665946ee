"""One `can` on estates of 4 to 400 VPCs: in a process that has the network, and as a command; against searches of the same graph.

The rivals are what Python offers for "is there a way": a breadth-first search of the flow graph by networkx, and by plain Python. They
know no prefixes, rules, translations or replies, so they say where packets *might* go; they are a floor, not an answer.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections import deque
from pathlib import Path
from typing import Any

from benchmarks import measuring
from benchmarks.bench_estate import questions
from benchmarks.estates import INTERFACES, write_estate
from simulator import Network, load
from simulator.graph.nodes import FlowGraph, successors

ANSWER, LATER, COMMAND = "a new question", "all questions again", "vpcsim can, a whole process"
PLAIN, NETWORKX = "breadth-first search, plain Python", "breadth-first search, networkx"
# What else says whether something reaches something, and why it is not timed here.
NOT_RUN = {
    "Batfish": "a Java service, which pybatfish only asks; nothing of the analysis is in the Python package",
    "AWS Reachability Analyzer and Network Access Analyzer": "services of AWS: they need a live account, and a fee for each question",
    "reach (luhring)": "a Go program that reads a live account only",
    "np-guard's VPC analyzer": "a Go program that reads what its own collector wrote",
    "cfn-lint, checkov": "rules about single resources of a template; they follow no packet",
}


def ways(graph: FlowGraph) -> list[list[int]]:
    """The next nodes of each node."""
    return [[at for at in successors(node) if isinstance(at, int) and at >= 0] for node in graph.nodes]


def entry(graph: FlowGraph, instance: str) -> int:
    """The node where packets of an instance start."""
    node = graph.entries[f"{instance}-eni"].node
    assert isinstance(node, int)  # linked by the builder
    return node


def reached(next_to: list[list[int]], start: int) -> set[int]:
    """All nodes that a breadth-first search meets."""
    seen, waiting = {start}, deque([start])
    while waiting:
        for node in next_to[waiting.popleft()]:
            if node not in seen:
                seen.add(node)
                waiting.append(node)
    return seen


def verify(network: Network, vpcs: int, next_to: list[list[int]]) -> None:
    """Every answer is what the estate was made to give, and where it is yes, there is a way in the graph."""
    graph = network.flow_graph
    for source, destination, service, verdict in questions(vpcs):
        found = network.can(source, destination, service)
        measuring.require(found.verdict.value == verdict, f"{source} to {destination} on {service} is {verdict}, not {found.verdict.value}")
    start = entry(graph, questions(vpcs)[0][0])
    measuring.require(len(reached(next_to, start)) > 1, "packets go on from where they start")


def networkx_graph(next_to: list[list[int]]) -> Any:
    import networkx

    found = networkx.DiGraph()
    found.add_nodes_from(range(len(next_to)))
    found.add_edges_from((node, other) for node, others in enumerate(next_to) for other in others)
    return found


def measure(file: Path, vpcs: int, repetitions: int) -> tuple[measuring.Times, int]:
    """Everything once in each turn; how many nodes the graph has."""
    import networkx

    network = load(file)
    next_to = ways(network.flow_graph)
    verify(network, vpcs, next_to)
    drawn, times = networkx_graph(next_to), measuring.Times()
    start = entry(network.flow_graph, questions(vpcs)[0][0])
    measuring.require(networkx.descendants(drawn, start) | {start} == reached(next_to, start), "both searches find the same nodes")
    asked = questions(vpcs)
    for turn in range(repetitions):
        with times.of(ANSWER):
            network.can(asked[0][0], asked[0][1], f"tcp/{2000 + turn}")
        with times.of(LATER):
            for source, destination, service, _ in asked:
                network.can(source, destination, service)
        with times.of(PLAIN):
            reached(next_to, start)
        with times.of(NETWORKX):
            networkx.descendants(drawn, start)
        with times.of(COMMAND):
            words = [*measuring.command(), "can", str(file), *asked[0][:3]]
            done = subprocess.run(words, cwd=measuring.ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        measuring.require(done.returncode == 0, done.stdout + done.stderr)
    return times, len(network.flow_graph.nodes)


def main() -> None:
    options = measuring.options(__doc__.partition("\n")[0])
    sizes = (4,) if options.quick else (4, 40, 400)
    repetitions = 1 if options.quick else options.repetitions or 5
    rows = []
    with tempfile.TemporaryDirectory() as place:
        for vpcs in sizes:
            file = Path(place, f"{vpcs}.json")
            write_estate(file, vpcs)
            times, nodes = measure(file, vpcs, repetitions)
            for name in (ANSWER, LATER, PLAIN, NETWORKX, COMMAND):
                label = f"{vpcs * INTERFACES:,} interfaces, {nodes:,} nodes: {name}"
                rows.append([label, *measuring.milliseconds(times.wall(name)), times.ratios(name, ANSWER)[0]])
    body = f"""{measuring.table(["milliseconds", "min", "median", "max", "cost"], rows)}

Costs are ratios of minima to `{ANSWER}` of the same size; {repetitions} turns with everything once. A new question is one service that
was not asked before, from an instance to the internet; `{LATER}` are {len(questions(4))} questions. The searches go from the same
instance over all edges of the graph: no prefix, no rule, no reply. Verified before: every answer is what the estate was made to give.

Not timed, because it cannot be run here:

{chr(10).join(f"- {name}: {why}." for name, why in NOT_RUN.items())}"""
    measuring.publish("can", "One question", body, record=options.record)


if __name__ == "__main__":
    main()
