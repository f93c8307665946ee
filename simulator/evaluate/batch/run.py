"""Run flows through a program: compiled where numba is at hand and there are enough of them, else with numpy. Both say the same."""

from __future__ import annotations

from simulator.evaluate.batch import staged
from simulator.evaluate.batch.flows import Outcomes, Starts
from simulator.evaluate.batch.program import Program


def run(of: Program, version: int, starts: Starts, *, one_way: bool = False) -> Outcomes:
    """Both legs of flows of one IP version."""
    return staged.run(of, version, starts, one_way=one_way)
