"""From nouns to the flow graph: every kind emits its nouns, in any order, and the builder links the doors."""

from __future__ import annotations

from simulator.aws.snapshot import Snapshot
from simulator.graph.builder import Builder
from simulator.graph.nodes import FlowGraph


def compile_snapshot(snapshot: Snapshot) -> FlowGraph:
    """The flow graph of a snapshot. Problems of the input were reported when it was read; nothing is refused here."""
    build = Builder()
    for kind in snapshot.kinds:
        if kind.emit:
            for noun in snapshot.all_of(kind):
                kind.emit(noun, build, snapshot)
    return build.finish()
