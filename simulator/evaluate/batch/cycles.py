"""Where loops are found: the nodes at which a flow must be compared with its own past.

A flow loops when it stands at a node with the same header and marks again. Every cycle of the graph passes a *head*, the target of a back
edge; so a flow that goes round and round is seen there. It could leave the cycle before that only where its past counts and not just its
header and marks: where AWS chooses, and where sessions are read. So these nodes are looked at as well, as far as they lie on cycles.
"""

from __future__ import annotations

import numpy as np

from simulator.evaluate.batch.arrays import Array

NEW, OPEN, DONE = range(3)


def watched(successors: list[tuple[int, ...]], remembers: Array) -> Array:
    """Heads, and the nodes on cycles whose way on depends on the past of a flow (`remembers`), by depth-first search from every node
    (Tarjan, "Depth-first search and linear graph algorithms", 1972). A negative successor is none.

    >>> watched([(1,), (2, -1), (0, 3), ()], np.array([False, True, False, True])).tolist()
    [True, True, False, False]
    """
    size = len(successors)
    heads, cyclic = np.zeros(size, bool), np.zeros(size, bool)
    state, order, low = bytearray(size), [0] * size, [0] * size
    stack: list[int] = []  # nodes whose component is not complete yet
    open_ended = bytearray(size)
    clock = 0
    for root in range(size):
        if state[root] != NEW:
            continue
        work = [(root, iter(successors[root]))]
        while work:
            at, rest = work[-1]
            if state[at] == NEW:
                state[at], order[at], low[at] = OPEN, clock, clock
                clock += 1
                stack.append(at)
                open_ended[at] = 1
            for target in rest:
                if target < 0:
                    continue
                if state[target] == NEW:
                    work.append((target, iter(successors[target])))
                    break
                if state[target] == OPEN:
                    heads[target] = True
                if open_ended[target]:
                    low[at] = min(low[at], order[target])
            else:
                state[at] = DONE
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[at])
                if low[at] == order[at]:
                    alone = stack[-1] == at
                    while open_ended[at]:
                        one = stack.pop()
                        open_ended[one], cyclic[one] = 0, not alone
    found: Array = heads | (cyclic & remembers)
    return found
