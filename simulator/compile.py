"""From nouns to the flow graph: every kind emits its nouns, in any order, and the builder links the doors."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from simulator.aws.snapshot import Snapshot
from simulator.graph.builder import Builder
from simulator.graph.nodes import FlowGraph


def compile_snapshot(snapshot: Snapshot) -> FlowGraph:
    """The flow graph of a snapshot. Problems of the input were reported when it was read; nothing is refused here."""
    build = Builder()
    with without_collector():
        for kind in snapshot.kinds:
            if kind.emit:
                for noun in snapshot.all_of(kind):
                    kind.emit(noun, build, snapshot)
        return build.finish()


@contextmanager
def without_collector() -> Iterator[None]:
    """Nothing made here is garbage, and looking for some took a third of the time on large networks."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
