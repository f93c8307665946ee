"""What goes into an evaluator of many flows and what comes out: columns, one row for each flow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from simulator.evaluate.batch.arrays import Array
from simulator.evaluate.batch.keys import keys_of
from simulator.evaluate.batch.program import NOBODY, Program
from simulator.evaluate.batch.space import alike, halves
from simulator.packet.flow import Flow

CHOICES_KEPT = 8  # of one round trip; a flow that meets more is left to the walker
NO_NODE = -1
NO_RULE = -1


class Sent(NamedTuple):
    """One flow to run: the node it starts at, its header, the endpoints that count as arrived, and a choice sequence."""

    node: int
    flow: Flow
    expected: frozenset[str]
    choices: tuple[int, ...] = ()


class Starts(NamedTuple):
    """Flows of one IP version, ready to run.

    node: int32, the row of the program a flow starts at. source, destination, key, source_port: uint32, the header in points and keys.
    expected, also: int32, the endpoints that count as arrived, or -1. strange: bool, whether the walker must answer: source and
    destination are two addresses of one point (`space.alike`), or there are more endpoints to arrive at. choices: int32, flows by
    choices, the values of the choice sequence; -1 from where the usual ones are taken.
    """

    node: Array
    source: Array
    destination: Array
    key: Array
    source_port: Array
    expected: Array
    also: Array
    strange: Array
    choices: Array

    def rows(self, chosen: Array | slice) -> Starts:
        """Some of the flows."""
        return Starts(*[column[chosen] for column in self])


class Ends(NamedTuple):
    """How the legs of flows ended.

    disposition: uint8, number in `lower.DISPOSITIONS`. node: int32, the last row of the program. rule: int32, the number of the rule
    that denied, in the rule list of that node; -1 where none did (no rule covered, or it was no denial).
    """

    disposition: Array
    node: Array
    rule: Array

    @classmethod
    def empty(cls, flows: int) -> Ends:
        """Room for as many flows, with no leg walked."""
        return cls(np.full(flows, 255, np.uint8), np.full(flows, NO_NODE, np.int32), np.full(flows, NO_RULE, np.int32))


class Outcomes(NamedTuple):
    """Both legs of flows. back: the row of a flow without reply has disposition 255 and node -1. chosen: uint8, the number of choices met.

    strange: bool, flows that this evaluator leaves to the walker: loops, and what only single packets can tell.
    """

    forward: Ends
    back: Ends
    chosen: Array
    strange: Array

    @classmethod
    def empty(cls, flows: int) -> Outcomes:
        """Room for as many flows."""
        return cls(Ends.empty(flows), Ends.empty(flows), np.zeros(flows, np.uint8), np.zeros(flows, bool))


def starts_of(program: Program, sent: Sequence[Sent]) -> Starts:
    """The columns of some flows of one version.

    >>> from simulator.evaluate.batch.lower import lower
    >>> from simulator.graph.nodes import FlowGraph
    >>> starts_of(lower(FlowGraph((), {}, {})), [Sent(0, Flow.tcp("10.0.0.1", 1, "10.0.0.2", 443), frozenset({"server"}))]).key
    array([443], dtype=uint32)
    """
    flows = [one.flow for one in sent]
    space = program.spaces[flows[0].version if flows else 4]
    number = {name: at for at, name in enumerate(program.endpoints)}
    longest = max((len(one.choices) for one in sent), default=0)
    header = np.array([flow[3:] for flow in flows], np.uint32).reshape(-1, 5)
    sources, destinations = halves(flow.source for flow in flows), halves(flow.destination for flow in flows)
    points = space.points(sources), space.points(destinations)
    expected, also, crowded = expected_of([one.expected for one in sent], number)
    return Starts(
        np.array([one.node for one in sent], np.int32),
        *points,
        keys_of(header[:, 0], header[:, 2], header[:, 3], header[:, 4]),
        header[:, 1],
        expected,
        also,
        crowded | alike(sources, destinations, *points),
        np.array([[*one.choices, *[-1] * (longest - len(one.choices))] for one in sent], np.int32).reshape(len(sent), longest),
    )


def expected_of(names: Sequence[frozenset[str]], number: Mapping[str, int]) -> tuple[Array, Array, Array]:
    """The columns `expected` and `also`, from sets of names and the number of each endpoint; and which flows are expected at more, which
    makes them strange.
    """
    found = [sorted(number[name] for name in some if name in number) for some in names]
    columns = np.array([[*one, NOBODY, NOBODY][:2] for one in found], np.int32).reshape(-1, 2)
    return columns[:, 0].copy(), columns[:, 1].copy(), np.array([len(one) > 2 for one in found], bool)
