"""Run flows through a program: compiled where numba is at hand and there are enough of them, else with numpy. Both say the same."""

from __future__ import annotations

import sys
from importlib.util import find_spec

from simulator.evaluate.batch import staged
from simulator.evaluate.batch.flows import Outcomes, Starts
from simulator.evaluate.batch.program import Program

WORTH_IT = 1_000_000  # flows: below, importing numba and reading compiled code take longer than they save


def run(of: Program, version: int, starts: Starts, *, one_way: bool = False) -> Outcomes:
    """Both legs of flows of one IP version."""
    if ("numba" in sys.modules or len(starts.node) >= WORTH_IT) and find_spec("numba"):
        from simulator.evaluate.batch import compiled

        return compiled.run(of, version, starts, one_way=one_way)
    return staged.run(of, version, starts, one_way=one_way)
