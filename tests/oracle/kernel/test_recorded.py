"""The recorded answers, replayed on any machine; and proof that they would show a wrong simulator."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from simulator.aws.snapshot import Snapshot
from simulator.graph.nodes import FlowGraph
from simulator.testing.kernel.compare import Judge, differences, exact_differences
from simulator.testing.kernel.network import Network
from tests.oracle.kernel.batched import batch_differences
from tests.oracle.kernel.record import FILE, Recording, recorded
from tests.oracle.kernel.reduce import words
from tests.oracle.kernel.wrong import WRONG_GRAPHS, WRONG_REASONS, WRONG_SNAPSHOTS

VERDICTS = {"delivered", "answered", "source seen"}
EXACT_EVERY = 20  # the exact analysis and the batch evaluator are asked about every twentieth network


@cache
def recordings() -> list[tuple[Recording, Network]]:
    return list(recorded())


@cache
def judges() -> list[Judge]:
    return [Judge.of(network) for _, network in recordings()]


def test_the_recording_is_small_and_large_enough() -> None:
    assert FILE.stat().st_size < 1_000_000
    assert sum(len(one.answers) for one, _ in recordings()) >= 15_000


def test_replay() -> None:
    wrong = []
    for at, ((one, _), judge) in enumerate(zip(recordings(), judges(), strict=True)):
        found = list(differences(judge, one.probes, one.answers))
        if at % EXACT_EVERY == 0:
            found += exact_differences(judge, one.probes, one.answers)
            found += batch_differences(judge, one.probes, one.answers)
        for difference in found:
            sender = judge.name(difference.probe.sender)
            says = f"{difference.level}: kernel {difference.kernel_says}, simulator {difference.simulator_says}"
            wrong.append(f"network {at}, {sender}, {difference.probe.flow}: {says}; {words(judge, difference.answer)}")
    assert not wrong, "\n".join(wrong[:10])


def is_found(change: Callable[[Judge], Judge | None], levels: set[str]) -> bool:
    """Whether a wrong simulator is found within the recording; where it is not wrong, the change is none."""
    for (one, _), right in zip(recordings(), judges(), strict=True):
        judge = change(right)
        if judge is None:
            continue
        for difference in differences(judge, one.probes, one.answers):
            if difference.level in levels or not levels:
                return True
    return False


@pytest.mark.parametrize("name", WRONG_SNAPSHOTS)
def test_wrong_nouns_are_found(name: str) -> None:
    def change(judge: Judge) -> Judge | None:
        changed: Snapshot = WRONG_SNAPSHOTS[name](judge.network.snapshot)
        return None if changed.nouns == judge.network.snapshot.nouns else Judge.of(Network(changed))

    assert is_found(change, VERDICTS)


@pytest.mark.parametrize("name", WRONG_GRAPHS)
def test_wrong_graphs_are_found(name: str) -> None:
    def change(judge: Judge) -> Judge | None:
        graph: FlowGraph = WRONG_GRAPHS[name](judge.graph)
        return None if graph.nodes == judge.graph.nodes else Judge(judge.network, graph, judge.expected, judge.function_of)

    assert is_found(change, set() if name in WRONG_REASONS else VERDICTS)
