"""Where cycles of the graph close: every cycle passes at least one of these nodes, so that loops are found by looking there only."""

from __future__ import annotations

import numpy as np

from simulator.evaluate.batch.arrays import Array

NEW, OPEN, DONE = range(3)


def heads(successors: list[tuple[int, ...]]) -> Array:
    """The targets of the back edges that a depth-first search from every node meets (Tarjan, 1972); a negative successor is none.

    >>> heads([(1,), (2, -1), (0,)]).tolist()
    [True, False, False]
    """
    found = np.zeros(len(successors), bool)
    state = bytearray(len(successors))
    for root in range(len(successors)):
        if state[root] != NEW:
            continue
        state[root] = OPEN
        work = [(root, iter(successors[root]))]
        while work:
            at, rest = work[-1]
            for target in rest:
                if target >= 0 and state[target] == NEW:
                    state[target] = OPEN
                    work.append((target, iter(successors[target])))
                    break
                if target >= 0 and state[target] == OPEN:
                    found[target] = True
            else:
                state[at] = DONE
                work.pop()
    return found
