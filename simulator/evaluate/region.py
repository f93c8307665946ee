"""On which part of a question would a walk have gone the same way?

The walker answers for one header and one choice sequence. This file replays its steps with *terms* in place of values: a field of
the header is a constant or a field of the question (a rewrite makes it a constant or a choice, a reply swaps the ends). Each
decision then limits the question: the address to those with the same winning route, the port to those that the deciding rule
covers and the earlier ones do not. What remains is a box around the representative in which every decision is the same, so the
walker's answer holds for all of it. The box may be smaller than the largest such set (where a rule fails on several fields, one
of them is kept failing); it is never too large. The exact analysis covers the question with such boxes.

The idea is concolic execution (Sen, Marinov, Agha, "CUTE", 2005) on packets; header spaces as boxes go back to Kazemian, Varghese,
McKeown, "Header space analysis", NSDI 2012.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from simulator.evaluate.result import Disposition, Outcome, RoundTrip, Step, Trace
from simulator.graph.nodes import (
    Choice,
    Deliver,
    Filter,
    Lookup,
    Masquerade,
    PrefixTable,
    Redirect,
    Restore,
    Rewrite,
    Send,
    SessionMatch,
    Translate,
    first_rule,
)
from simulator.packet.flow import ICMP_OF_ICMPV6, ICMP_REPLIES, ICMPV6, WITH_PORTS, WITH_TYPES, Flow, Marks
from simulator.packet.prefix import BITS, Prefix
from simulator.packet.ranges import Ranges
from simulator.packet.space import FIELDS, Box

ANSWERABLE = {protocol: frozenset(replies) | frozenset(replies.values()) for protocol, replies in ICMP_REPLIES.items()}
PORTED = Ranges.of(*((protocol, protocol) for protocol in WITH_PORTS))
TYPED = Ranges.of(*((protocol, protocol) for protocol in WITH_TYPES))
EVERY_PROTOCOL = Ranges.of((0, 255))


class Term(NamedTuple):
    """The value of a header field: that of `variable` (a field of the question, or a choice) plus `offset`."""

    variable: str
    offset: int = 0


CONSTANT = Term("")  # whatever the value: no limit is ever needed for it
Terms = Mapping[str, Term]


def choice_name(number: int) -> str:
    """The variable of the n-th choice of a round trip."""
    return f"choice {number}"


def region_of(box: Box, trip: RoundTrip, *, one_way: bool, tables: WinnerRegions) -> dict[str, Ranges]:
    """The part of `box` around the walked header on which the round trip goes the same way, choices included.

    Fields come first and choices after them in the order met, as `Box.minus` wants them.
    """
    replay = _Replay(box.version, dict(box.ranges), tables)
    for number, taken in enumerate(trip.choices):
        replay.ranges.setdefault(choice_name(number), Ranges.of((taken.first, taken.last)))
    terms: Terms = {name: replay.start_term(name) for name in FIELDS}
    terms = replay.leg(trip.forward, terms, None)
    received = trip.forward.received
    if trip.back is not None:
        awaited = replay.reversed(replay.sent, trip.forward.sent)
        replay.leg(trip.back, replay.reversed(terms, received), (awaited, trip.forward.sent.reversed()))
    elif not one_way and trip.forward.arrived is not False:
        replay.unanswered(terms, received)
    return {name: replay.ranges[name] for name in (*FIELDS, *replay.ranges)}


class WinnerRegions:
    """For each route of a table the addresses for which it wins, and those without a route; made when first asked for."""

    def __init__(self) -> None:
        self._made: dict[tuple[int, int, object], tuple[PrefixTable, Ranges]] = {}

    def around(self, table: PrefixTable, version: int, value: int) -> Ranges:
        """All addresses with the same winner as `value`."""
        winner = next(table.matches(version, value), None)
        key = (id(table), version, winner.prefix if winner else None)
        if key not in self._made:
            block = (winner.prefix.first, winner.prefix.last) if winner else (0, (1 << BITS[version]) - 1)
            shorter = winner.prefix.length if winner else -1
            inside = [
                (route.prefix.first, route.prefix.last)
                for route in table.routes
                if route.prefix.version == version and route.prefix.length > shorter and block[0] <= route.prefix.first <= block[1]
            ]
            self._made[key] = (table, Ranges.of(block) - Ranges.of(*inside))  # the table is kept so that its id stays its own
        return self._made[key][1]


@dataclass(slots=True)
class _Replay:
    """The limits collected so far (`ranges`), and what both legs remember."""

    version: int
    ranges: dict[str, Ranges]
    tables: WinnerRegions
    sessions: dict[str, list[tuple[Flow, Terms, Flow, Terms]]] = field(default_factory=dict)
    choices: int = 0
    kept: set[str] = field(default_factory=set)  # choices whose pick stays
    sent: Terms = field(default_factory=dict)
    seen: dict[int, list[tuple[Flow, Terms, Marks]]] = field(default_factory=dict)

    def start_term(self, name: str) -> Term:
        """A field that the question fixes is a constant."""
        return CONSTANT if self.ranges[name].is_point else Term(name)

    def leg(self, trace: Trace, terms: Terms, awaited: tuple[Terms, Flow] | None) -> Terms:
        """Replay one leg; the terms of the header as it ended."""
        self.seen, self.sent = {}, terms
        first_send = True
        for step in trace.steps:
            self._revisit(step, terms)
            if step.outcome is Outcome.LOOPED:
                break
            match step.node:
                case Lookup(table=table):
                    self._lookup(table, step, terms)
                case Filter():
                    self._filter(step, terms)
                case SessionMatch(table=name):
                    self._match_session(name, step.before, terms)
                case Choice(options=options, kept=kept) if len(options) > 1 and kept not in self.kept:
                    self._fix_choice(options.index(next(option for option in options if option[0] == step.detail)))
                    self.kept |= {kept} - {""}
                case Rewrite():
                    terms = self._rewrite(step, terms)
                    if first_send and isinstance(step.node.how, Send):
                        self.sent, first_send = terms, False
                case Deliver() if awaited is not None:
                    self._compare_reply(trace, step, terms, awaited)
        return terms

    def _compare_reply(self, trace: Trace, step: Step, terms: Terms, awaited: tuple[Terms, Flow]) -> None:
        if trace.disposition is Disposition.REPLY_NOT_EXPECTED:
            self._differ(terms, step.before, *awaited)
        elif trace.disposition is not Disposition.ELSEWHERE:
            self._equate(terms, step.before, *awaited)

    def _revisit(self, step: Step, terms: Terms) -> None:
        """The loop check compared this state with earlier ones at the node."""
        earlier = self.seen.setdefault(step.at, [])
        for flow, old_terms, marks in earlier:
            if marks == step.marks and flow == step.before:
                self._equate(terms, step.before, old_terms, flow)
            elif marks == step.marks:
                self._differ(terms, step.before, old_terms, flow)
        earlier.append((step.before, terms, step.marks))

    def _lookup(self, table: PrefixTable, step: Step, terms: Terms) -> None:
        if terms["destination"].variable:
            self._limit(terms["destination"], self.tables.around(table, step.before.version, step.before.destination))

    def _filter(self, step: Step, terms: Terms) -> None:
        assert isinstance(step.node, Filter)
        rules = step.node.rules.rules
        if not step.node.rules.permit:  # where none of them decides, the unread parts do
            rules += step.node.rules.unread
        for rule in rules:
            if not rule.match.covers_marks(step.marks):
                self._explanation(rule.match.sender_group, step, terms)
                continue
            limits = rule.match.limits(step.before.version)
            if rule.match.covers_header(step.before):
                for name, allowed in limits.items():
                    self._limit(terms[name], allowed)
                break
            self._exclude(limits, step.before, terms)
        if step.node.remembers and step.outcome in (Outcome.PERMITTED, Outcome.UNKNOWN):
            self.sessions.setdefault(step.node.remembers, []).append((step.before, terms, step.before, terms))

    def _explanation(self, group: str | None, step: Step, terms: Terms) -> None:
        """The code of a denial looks at rules that name a forgotten group; keep the box to headers that give the same code."""
        assert isinstance(step.node, Filter)
        if step.outcome is not Outcome.DENIED or group not in step.marks.lost_groups:
            return
        if first_rule(step.node.rules, step.before, step.marks) is not None:  # a rule denied: nothing more is said
            return
        for rule in step.node.rules.rules:
            if rule.match.sender_group != group:
                continue
            limits = rule.match.limits(step.before.version)
            if rule.match.covers_header(step.before):
                for name, allowed in limits.items():
                    self._limit(terms[name], allowed)
            else:
                self._exclude(limits, step.before, terms)

    def _match_session(self, table: str, flow: Flow, terms: Terms) -> Terms | None:
        """Limit to headers that find the same entry, or none; the terms of the header stored with it."""
        stored = self.sessions.get(table)
        if not stored:
            return None
        wanted_terms, wanted = self.reversed(terms, flow), flow.reversed()
        for key, key_terms, _, original in reversed(stored):
            if key == wanted:
                self._equate(wanted_terms, wanted, key_terms, key)
                return original
            self._differ(wanted_terms, wanted, key_terms, key)
        return None

    def _rewrite(self, step: Step, terms: Terms) -> Terms:
        assert isinstance(step.node, Rewrite)
        match step.node.how:
            case Send() as how:
                return self._send(step, how, terms)
            case Translate(field=name, addresses=addresses):
                keys = Ranges.of(*((value, value) for version, value in addresses if version == step.before.version))
                if step.outcome is Outcome.NO_TRANSLATION:
                    self._limit(terms[name], Ranges.of((0, (1 << BITS[step.before.version]) - 1)) - keys)
                    return terms
                self._limit(terms[name], Ranges.point(getattr(step.before, name)))
                return {**terms, name: CONSTANT}
            case Masquerade():
                return self._masquerade(step, step.node.how, terms)
            case Redirect() as how:
                return self._redirect(step, how, terms)
            case Restore(table=table):
                original = self._match_session(table, step.before, terms)
                return terms if original is None else self.reversed(original, step.after.reversed())
            case _:
                return terms

    def _send(self, step: Step, how: Send, terms: Terms) -> Terms:
        if any(version == step.before.version for version, _ in how.addresses):
            return {**terms, "source": CONSTANT}
        if how.own and how.groups:  # the marks depend on whether the address is the sender's own
            own = Ranges.of(*((block.first, block.last) for block in how.own if block.version == step.before.version))
            everything = Ranges.of((0, (1 << BITS[step.before.version]) - 1))
            self._limit(terms["source"], own if how.is_known(step.after) else everything - own)
        return terms

    def _masquerade(self, step: Step, how: Masquerade, terms: Terms) -> Terms:
        if how.embedding is not None and step.before.version == how.embedding.version:
            inside = Ranges.of((how.embedding.first, how.embedding.last))
            everything = Ranges.of((0, (1 << BITS[step.before.version]) - 1))
            self._limit(terms["destination"], everything - inside if step.outcome is Outcome.NO_TRANSLATION else inside)
        if step.outcome is Outcome.NO_TRANSLATION:
            return terms
        after = {**terms, "source": CONSTANT}
        if how.embedding is not None:
            after |= self._unwrapped(step, how.embedding, terms)
        if len(how.addresses) > 1:
            self._fix_choice([value for _, value in how.addresses].index(step.after.source))
        if step.before.has_ports:
            self._limit(terms["protocol"], PORTED)
            after["source_port"] = Term(choice_name(self.choices))
            self.choices += 1
        else:
            self._limit(terms["protocol"], EVERY_PROTOCOL - PORTED)
        self.sessions.setdefault(how.table, []).append((step.after, after, step.before, terms))
        return after

    def _unwrapped(self, step: Step, block: Prefix, terms: Terms) -> Terms:
        """The terms that a change from IPv6 to IPv4 makes anew."""
        variable, offset = terms["destination"]
        after: dict[str, Term] = {"destination": Term(variable, offset - block.value)}
        if step.before.protocol != ICMPV6:
            self._limit(terms["protocol"], EVERY_PROTOCOL - Ranges.point(ICMPV6))
            return after
        self._limit(terms["protocol"], Ranges.point(ICMPV6))
        after["protocol"] = CONSTANT
        if step.before.icmp_type in ICMP_OF_ICMPV6:
            self._limit(terms["icmp_type"], Ranges.point(step.before.icmp_type))
            after["icmp_type"] = CONSTANT
        else:
            self._limit(terms["icmp_type"], Ranges.of((0, 255)) - Ranges.of(*((kind, kind) for kind in ICMP_OF_ICMPV6)))
        return after

    def _redirect(self, step: Step, how: Redirect, terms: Terms) -> Terms:
        after = {**terms, "destination": CONSTANT}
        if step.before.has_ports:
            self._limit(terms["protocol"], PORTED)
            after["destination_port"] = CONSTANT
        else:
            self._limit(terms["protocol"], EVERY_PROTOCOL - PORTED)
        self.sessions.setdefault(how.table, []).append((step.after, after, step.before, terms))
        return after

    def _fix_choice(self, value: int) -> None:
        self.ranges[choice_name(self.choices)] = Ranges.point(value)
        self.choices += 1

    def reversed(self, terms: Terms, flow: Flow) -> Terms:
        """The terms of `flow.reversed()`, with the limits under which a reply is made that way."""
        swapped = {
            **terms,
            "source": terms["destination"],
            "destination": terms["source"],
            "source_port": terms["destination_port"],
            "destination_port": terms["source_port"],
        }
        if not flow.has_types:
            self._limit(terms["protocol"], EVERY_PROTOCOL - TYPED)
            return swapped
        self._limit(terms["protocol"], Ranges.point(flow.protocol))
        known = ANSWERABLE[flow.protocol]
        if flow.icmp_type in known:
            self._limit(terms["icmp_type"], Ranges.point(flow.icmp_type))
            return {**swapped, "icmp_type": CONSTANT}
        self._limit(terms["icmp_type"], Ranges.of((0, 255)) - Ranges.of(*((kind, kind) for kind in known)))
        return swapped

    def unanswered(self, terms: Terms, flow: Flow) -> None:
        """Nothing answers this header: the limits under which that is so."""
        if not flow.is_answered:
            requests = Ranges.of(*((kind, kind) for kind in ICMP_REPLIES[flow.protocol]))
            self._limit(terms["protocol"], Ranges.point(flow.protocol))
            self._limit(terms["icmp_type"], Ranges.of((0, 255)) - requests)

    # --- limits ---

    def _limit(self, term: Term, allowed: Ranges) -> None:
        if term.variable:
            self.ranges[term.variable] = self.ranges[term.variable] & allowed.shifted(-term.offset)

    def _exclude(self, limits: Mapping[str, Ranges], flow: Flow, terms: Terms) -> None:
        """Keep a rule failing: on the field where that costs the least of the box."""
        failing = [(name, bad) for name, bad in limits.items() if getattr(flow, name) not in bad]
        if any(not terms[name].variable for name, _ in failing):
            return
        name, bad = min(failing, key=lambda pair: self._cost(terms[pair[0]], pair[1]))
        self._remove(terms[name], bad)

    def _remove(self, term: Term, bad: Ranges) -> None:
        self.ranges[term.variable] = self.ranges[term.variable] - bad.shifted(-term.offset)

    def _cost(self, term: Term, lost: Ranges) -> float:
        known = self.ranges[term.variable]
        return (known & lost.shifted(-term.offset)).size / known.size

    def _equate(self, one: Terms, one_flow: Flow, two: Terms, two_flow: Flow) -> None:
        """The two headers are equal; limit to where they stay so."""
        for name in FIELDS:
            if one[name] != two[name]:
                self._limit(one[name], Ranges.point(getattr(one_flow, name)))
                self._limit(two[name], Ranges.point(getattr(two_flow, name)))

    def _differ(self, one: Terms, one_flow: Flow, two: Terms, two_flow: Flow) -> None:
        """The two headers differ; limit to where they still do, on the field where that costs the least."""
        if one_flow.version != two_flow.version:
            return
        different = [name for name in FIELDS if getattr(one_flow, name) != getattr(two_flow, name)]
        if any(not one[name].variable and not two[name].variable for name in different):
            return
        for name in different:
            if bool(one[name].variable) != bool(two[name].variable):
                term, other = (one[name], two_flow) if one[name].variable else (two[name], one_flow)
                self._remove(term, Ranges.point(getattr(other, name)))
                return
        name = different[0]
        low, high = sorted((getattr(one_flow, name), getattr(two_flow, name)))
        below, above = (one, two) if getattr(one_flow, name) == low else (two, one)
        self._limit(below[name], Ranges.of((0, high - 1)))
        self._limit(above[name], Ranges.of((high, 1 << 128)))
