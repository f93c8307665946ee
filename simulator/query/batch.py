"""Many flows as a user names them: run, and from numbers back to places and rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from simulator.aws.snapshot import Snapshot
from simulator.evaluate.batch.arrays import Array
from simulator.evaluate.batch.flows import Outcomes, Sent
from simulator.evaluate.batch.lower import DISPOSITIONS
from simulator.evaluate.batch.program import Program
from simulator.evaluate.many import run_flows
from simulator.evaluate.result import Disposition, RoundTrip
from simulator.evaluate.walk import round_trip
from simulator.graph.nodes import Drop, Filter, FlowGraph, Place
from simulator.origin import Origin
from simulator.query.rows import Columns, Named

NEVER, ALWAYS, UNKNOWN = range(3)
VERDICTS = ("never", "always", "unknown")


class Batch(NamedTuple):
    """What became of flows: arrays with one row for each, in the order given.

    verdict, delivered: uint8, positions in `VERDICTS`, of the round trip and of the forward leg alone. disposition, reply_disposition:
    uint8, positions in `DISPOSITIONS` (255: there was no reply). node, reply_node: int32, the node of the flow graph that ended each leg
    (-1: none). rule, reply_rule: int32, the number of the rule that denied, in the rule list of that node (-1: none). choices: uint8, how
    many choices of AWS were met (NAT ports, interfaces of a function): where there are any, another choice may end otherwise, and `can`
    tells. `place`, `because` and `explain` put numbers into words.
    """

    verdict: Array
    delivered: Array
    disposition: Array
    node: Array
    rule: Array
    reply_disposition: Array
    reply_node: Array
    reply_rule: Array
    choices: Array
    graph: FlowGraph
    sent: Callable[[int], Sent]
    one_way: bool

    def place(self, row: int) -> Place:
        """Where the flow ended: where it was stopped, or its reply was, or where it arrived."""
        return self.graph.nodes[self._last(row)[0]].place

    def because(self, row: int) -> Origin | None:
        """What stopped a flow or its reply, as it was written: a rule, or what dropped it; none when it was answered."""
        node, rule = self._last(row)
        match self.graph.nodes[node]:
            case Filter(rules=rules):
                return rules.rules[rule].origin if rule >= 0 else rules.origin
            case Drop(origin=origin):
                return origin
            case _:
                return None

    def explain(self, row: int) -> RoundTrip:
        """Both legs of a flow, hop by hop."""
        sent = self.sent(row)
        return round_trip(self.graph, sent.node, sent.flow, expected=sent.expected, choices=sent.choices, one_way=self.one_way)

    def __repr__(self) -> str:
        counts = ", ".join(f"{np.count_nonzero(self.verdict == at):,} {word}" for at, word in enumerate(VERDICTS))
        return f"<Batch of {len(self.verdict):,} flows: {counts}>"

    def _last(self, row: int) -> tuple[int, int]:
        if self.reply_node[row] >= 0:
            return int(self.reply_node[row]), int(self.reply_rule[row])
        return int(self.node[row]), int(self.rule[row])


def batch(graph: FlowGraph, program: Program, snapshot: Snapshot, flows: Mapping[str, Any], *, one_way: bool = False) -> Batch:
    """Run flows given as columns (`Network.batch`). Raises `InputError` with the rows that cannot be asked about."""
    columns = Columns.of(flows)
    named = Named(graph, program, snapshot, columns)
    found = Outcomes.empty(columns.size)
    for version, rows, starts in named.starts():
        part = run_flows(graph, program, version, starts, lambda at, rows=rows: named.sent(int(rows[at])), one_way=one_way)  # type: ignore[misc]
        for to, parts in ((found.forward, part.forward), (found.back, part.back)):
            for whole, column in zip(to, parts, strict=True):
                whole[rows] = column
        found.chosen[rows] = part.chosen
    delivered = _verdicts(found.forward.disposition)
    reply = np.where(found.back.node < 0, ALWAYS, _verdicts(found.back.disposition))
    verdict = np.where(
        (delivered == NEVER) | (reply == NEVER), NEVER, np.where((delivered == UNKNOWN) | (reply == UNKNOWN), UNKNOWN, ALWAYS)
    )
    return Batch(verdict.astype(np.uint8), delivered, *found.forward, *found.back, found.chosen, graph, named.sent, one_way)


def _verdicts(disposition: Array) -> Array:
    table = np.full(256, NEVER, np.uint8)
    table[DISPOSITIONS.index(Disposition.DELIVERED)], table[DISPOSITIONS.index(Disposition.GAP)] = ALWAYS, UNKNOWN
    found: Array = table[disposition]
    return found
