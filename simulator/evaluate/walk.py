"""The definition: one packet, one node at a time, both legs. Everything fast is checked against this file; it is never sped up.

Theory of operation. A packet is a header and marks (`packet/flow.py`), standing at a node. `walk` looks at the node, writes one
step with the rule or route that decided, and moves on, until a node ends the leg. Three things outlive a node:

* *sessions*: tables written by the forward leg (a security group that let a packet pass, a NAT that translated it) and read by
  the reply. An entry maps the header as it left to the header as it came, so that a NAT can restore it.
* *choices*: where AWS picks (which interface of a function, which port of a NAT), the value is taken from the choice sequence,
  and the first possible one when the sequence is used up; some picks are kept for later visits (RT-11). So a
  trace is determined by entry, header and choices; there is no randomness, and every verdict over choices is made by trying sequences.
* *gaps*: a filter that was not read lets the packet pass, and the leg ends in a gap unless something that was read stops it.

The reply is walked like any packet, from where the answer enters the graph. It counts only if it reaches the sender and is
exactly the reverse of what the sender sent (IGW-8).

AWS itself is nowhere in this file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from simulator.evaluate.result import DISPOSITION_OF, Disposition, Outcome, RoundTrip, Step, Taken, Trace
from simulator.graph.nodes import (
    Choice,
    Deliver,
    Drop,
    Filter,
    FlowGraph,
    Forget,
    Lookup,
    Masquerade,
    Redirect,
    Restore,
    Rewrite,
    Send,
    SessionMatch,
    Translate,
    first_of,
    first_rule,
)
from simulator.origin import Origin
from simulator.packet.flow import NO_MARKS, Flow, Marks
from simulator.packet.prefix import format_address

Sessions = dict[str, dict[Flow, Flow]]
RUNNERS_UP = 3


def round_trip(
    graph: FlowGraph,
    start: int,
    flow: Flow,
    *,
    expected: frozenset[str],
    choices: Sequence[int] = (),
    one_way: bool = False,
    past_denials: bool = False,
) -> RoundTrip:
    """Walk a packet to one of the `expected` endpoints, and its reply back to the sender.

    `start` is the node of an entry, `choices` the choice sequence of both legs. With `past_denials` a denying filter is recorded
    and passed, so that every blocker is found (MODEL-8).
    """
    sessions: Sessions = {}
    kept: dict[str, int] = {}
    forward = _Leg(graph, sessions, list(choices), expected, kept, past_denials=past_denials).walk(start, flow)
    if one_way or forward.reply_at < 0 or not forward.received.is_answered:
        return RoundTrip(forward, None)
    rest = list(choices[len(forward.choices) :])
    back = _Leg(graph, sessions, rest, frozenset({forward.sender}), kept, awaited=forward.sent.reversed(), past_denials=past_denials)
    return RoundTrip(forward, back.walk(forward.reply_at, forward.received.reversed()))


@dataclass(slots=True)
class _Leg:
    """One leg under way."""

    graph: FlowGraph
    sessions: Sessions
    wanted: list[int]
    expected: frozenset[str]
    kept: dict[str, int] = field(default_factory=dict)  # picks, by the name of the choices that share one
    awaited: Flow | None = None
    past_denials: bool = False
    steps: list[Step] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    sent: Flow | None = None
    sender: str = ""
    sent_by: int = -1  # the last node that sent
    disposition: Disposition | None = None
    end: str = ""
    reply_at: int = -1
    marks: Marks = NO_MARKS

    def walk(self, index: int, flow: Flow) -> Trace:
        seen: dict[int, list[tuple[Flow, Marks] | int]] = {}
        while index >= 0:
            before = seen.setdefault(index, [])
            state = self.sent_by if self._is_nat(index) else (flow, self.marks)
            if state in before:
                self._step(index, Outcome.LOOPED, flow, flow, code="SIM_ROUTING_LOOP")
                self.disposition = self.disposition or Disposition.LOOP
                break
            before.append(state)
            index, flow, self.marks = self._visit(index, flow, self.marks)
        return Trace(
            self.disposition or Disposition.GAP,
            self.end,
            tuple(self.steps),
            self.sent or self.steps[0].before,
            flow,
            self.sender,
            tuple(self.taken),
            self.reply_at,
        )

    def _is_nat(self, index: int) -> bool:
        """A NAT that meets its own packet again would give it a new port each time round, so the node alone shows the loop (NAT-13), unless
        the packet is of another connection: one that a load balancer made because of the first.
        """
        node = self.graph.nodes[index]
        return isinstance(node, Rewrite) and isinstance(node.how, Masquerade)

    def _visit(self, index: int, flow: Flow, marks: Marks) -> tuple[int, Flow, Marks]:
        """One node: write its step; the next node (or -1), header and marks."""
        node = self.graph.nodes[index]
        match node:
            case Lookup():
                return self._look_up(index, node, flow), flow, marks
            case Filter():
                return self._filter(index, node, flow, marks)
            case SessionMatch():
                known = flow.reversed() in self.sessions.get(node.table, ())
                self._step(index, Outcome.REPLY if known else Outcome.NEW, flow, flow)
                return (node.then if known else node.miss), flow, marks  # type: ignore[return-value]
            case Choice():
                label, target = node.options[self._pick(index, node)]
                self._step(index, Outcome.CHOSE, flow, flow, detail=label)
                return target, flow, marks  # type: ignore[return-value]
            case Rewrite():
                return self._rewrite(index, node, flow, marks)
            case Deliver():
                self._deliver(index, node, flow)
                return -1, flow, marks
            case Drop():
                outcome = Outcome.UNKNOWN if node.gap else Outcome.DROPPED
                self._step(index, outcome, flow, flow, because=node.origin, code=node.code)
                ending = Disposition.GAP if node.gap else DISPOSITION_OF.get(node.code, Disposition.DENIED)
                self.disposition = self.disposition or ending
                return -1, flow, marks

    def _look_up(self, index: int, node: Lookup, flow: Flow) -> int:
        routes = node.table.matches(flow.version, flow.destination)
        route = next(routes, None)
        if route is None:
            self._step(index, Outcome.NO_ROUTE, flow, flow)
            return node.miss  # type: ignore[return-value]
        others = tuple(other.origin for other, _ in zip(routes, range(RUNNERS_UP), strict=False))
        self._step(index, Outcome.ROUTED, flow, flow, because=route.origin, others=others, detail=route.what)
        return node.targets[route.slot]  # type: ignore[return-value]

    def _filter(self, index: int, node: Filter, flow: Flow, marks: Marks) -> tuple[int, Flow, Marks]:
        rule = first_rule(node.rules, flow, marks)
        permit = rule.permit if rule else node.rules.permit
        because = rule.origin if rule else node.rules.origin
        unread = first_of(node.rules.unread, flow, marks) if rule is None and not permit else None
        if unread is not None:
            self._step(index, Outcome.UNKNOWN, flow, flow, because=unread.origin, code="UNKNOWN_RESOURCE")
        elif permit:
            self._step(index, Outcome.PERMITTED, flow, flow, because=because)
        elif node.otherwise != -1:
            self._step(index, Outcome.OTHERWISE, flow, flow, because=because)
            return node.otherwise, flow, marks  # type: ignore[return-value]
        else:
            code, because = _why_denied(node, flow, marks, because) if rule is None else (node.code, because)
            self._step(index, Outcome.DENIED, flow, flow, because=because, code=code)
            self.disposition = self.disposition or DISPOSITION_OF.get(code, Disposition.DENIED)
            if not self.past_denials:
                return -1, flow, marks
        if node.remembers:
            self.sessions.setdefault(node.remembers, {})[flow] = flow
        if rule is not None and rule.by_reference:
            marks = marks._replace(by_reference=True)
        return node.then, flow, marks  # type: ignore[return-value]

    def _rewrite(self, index: int, node: Rewrite, flow: Flow, marks: Marks) -> tuple[int, Flow, Marks]:
        after: Flow | None = flow
        outcome, because, how = Outcome.TRANSLATED, None, node.how
        match how:
            case Send():
                bound = next((value for version, value in how.addresses if version == flow.version), flow.source)
                after = flow._replace(source=bound)
                marks = Marks(how.groups if how.is_known(after) else frozenset(), zone=how.zone, reply=self.awaited is not None)
                self.sent, self.sender, outcome = self.sent or after, self.sender or how.endpoint, Outcome.SENT
                self.sent_by = index
            case Translate():
                key = (flow.version, flow.source if how.field == "source" else flow.destination)
                new = how.addresses.get(key)
                because = how.origins.get(key)
                after = None if new is None else flow._replace(**{how.field: new[1]})
                marks = marks.forgotten()
            case Masquerade():
                if how.embedding is None or how.embedding.holds(flow.version, flow.destination):
                    after, marks = self._masqueraded(index, how, flow), marks.forgotten()
                    self.sessions.setdefault(how.table, {})[after] = flow
                else:
                    after = None
            case Redirect():
                after = flow._replace(destination=how.address[1], destination_port=how.port if flow.has_ports else flow.destination_port)
                self.sessions.setdefault(how.table, {})[after] = flow
                marks = marks.forgotten()
            case Restore():
                before_nat = self.sessions.get(how.table, {}).get(flow.reversed())
                after = None if before_nat is None else before_nat.reversed()
                outcome, marks = Outcome.RESTORED, marks.forgotten()
            case Forget():
                outcome, marks = Outcome.PASSED, marks.forgotten() if how.groups is None else marks.without(how.groups)
        if after is None:
            self._step(index, Outcome.NO_TRANSLATION, flow, flow)
            return node.miss, flow, marks  # type: ignore[return-value]
        self._step(index, outcome, flow, after, because=because)
        return node.then, after, marks  # type: ignore[return-value]

    def _masqueraded(self, index: int, how: Masquerade, flow: Flow) -> Flow:
        labels = tuple(format_address(*address) for address in how.addresses)
        address = self._choose("address", index, 0, len(labels) - 1, 0, labels) if len(labels) > 1 else 0
        source = how.addresses[address][1]
        after = flow._replace(source=source) if how.embedding is None else flow.unwrapped(how.embedding, source)
        if not flow.has_ports:
            return after
        first, last = how.ports
        port = self._choose("port", index, first, last, flow.source_port if first <= flow.source_port <= last else first)
        return after._replace(source_port=port)

    def _pick(self, index: int, node: Choice) -> int:
        if len(node.options) == 1:
            return 0
        if node.kept in self.kept:
            return self.kept[node.kept]
        value = self._choose("option", index, 0, len(node.options) - 1, 0, tuple(label for label, _ in node.options))
        if node.kept:
            self.kept[node.kept] = value
        return value

    def _choose(self, what: str, index: int, first: int, last: int, usual: int, labels: tuple[str, ...] = ()) -> int:
        position = len(self.taken)
        value = self.wanted[position] if position < len(self.wanted) else usual
        self.taken.append(Taken(what, self.graph.nodes[index].place, value, first, last, labels))
        return value

    def _deliver(self, index: int, node: Deliver, flow: Flow) -> None:
        if self.awaited is not None and node.endpoint in self.expected and flow != self.awaited:
            ending, code = Disposition.REPLY_NOT_EXPECTED, "SIM_RETURN_PATH_ASYMMETRIC"
        elif node.endpoint not in self.expected:
            ending, code = Disposition.ELSEWHERE, "NO_POSSIBLE_DESTINATION"
        else:
            ending, code = Disposition.DELIVERED, ""
            if any(step.outcome is Outcome.UNKNOWN for step in self.steps):
                ending = Disposition.GAP
        self._step(index, Outcome.DROPPED if code else Outcome.DELIVERED, flow, flow, code=code)
        self.disposition = self.disposition or ending
        self.end = node.endpoint
        if not code:
            self.reply_at = node.reply_at  # type: ignore[assignment]

    def _step(
        self,
        index: int,
        outcome: Outcome,
        before: Flow,
        after: Flow,
        *,
        because: Origin | None = None,
        others: tuple[Origin, ...] = (),
        code: str = "",
        detail: str = "",
    ) -> None:
        self.steps.append(Step(index, self.graph.nodes[index], outcome, before, after, self.marks, because, others, code, detail))


def _why_denied(node: Filter, flow: Flow, marks: Marks, because: Origin) -> tuple[str, Origin]:
    """The code of a denial: a rule that names a group the sender has, forgotten on the way, tells more than "no rule matches"."""
    for rule in node.rules.rules:
        if rule.match.sender_group in marks.lost_groups and rule.match.covers_header(flow):
            return "SG_REFERENCES_NOT_PRESERVED", rule.origin
    return node.code, because
