"""From the flow graph to arrays. Tables and rule lists of equal content are lowered once, whatever objects they are.

The number of a route is its position in its `PrefixTable`, that of a rule its position in its `RuleList`, so that what an evaluator of
arrays says can be looked up in the graph.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from simulator.evaluate.batch import program as to
from simulator.evaluate.batch.arrays import Array
from simulator.evaluate.batch.boxes import ANY_GROUP, BY_REFERENCE, EVERY, PERMITS, REFERENCE, REPLY, Boxes
from simulator.evaluate.batch.cycles import watched
from simulator.evaluate.batch.directory import directory_of
from simulator.evaluate.batch.intervals import flatten
from simulator.evaluate.batch.keys import intervals_of
from simulator.evaluate.batch.program import Marks, Nodes, Program, Tables
from simulator.evaluate.batch.space import Space
from simulator.evaluate.result import DISPOSITION_OF, Disposition
from simulator.graph.nodes import (
    AnyNode,
    Choice,
    Deliver,
    Drop,
    Filter,
    FlowGraph,
    Forget,
    Lookup,
    Masquerade,
    PrefixTable,
    Redirect,
    Restore,
    Rewrite,
    Rule,
    RuleList,
    Send,
    SessionMatch,
    Translate,
    successors,
)
from simulator.packet.prefix import EVERYWHERE, NAT64, Prefix
from simulator.packet.space import ALL_PORTS, Match

DISPOSITIONS = tuple(Disposition)
NUMBER = {disposition: number for number, disposition in enumerate(DISPOSITIONS)}
VERSIONS = (4, 6)
# A translation into the other version, as which nothing goes on in columns.
FOR_THE_WALKER = Masquerade(((4, 0),), ALL_PORTS, "", NAT64)


def lower(graph: FlowGraph) -> Program:
    """The program of a graph.

    >>> from simulator.compile import compile_snapshot
    >>> from simulator import load
    >>> program = lower(load("scenarios/primer/lambda-nat.yaml").flow_graph)
    >>> len(program.nodes.kind) == len(load("scenarios/primer/lambda-nat.yaml").flow_graph.nodes), "internet" in program.endpoints
    (True, True)
    """
    parts = _Parts()
    rows = [parts.row(node) for node in graph.nodes]
    kind, then, miss, first, second, ending = (np.array(column) for column in zip(*rows, strict=True)) if rows else [np.zeros(0)] * 6
    nodes = Nodes(
        kind.astype(np.uint8),
        then.astype(np.int32),
        miss.astype(np.int32),
        first.astype(np.int32),
        second.astype(np.int32),
        ending.astype(np.uint8),
        watched([successors(node) for node in graph.nodes], np.isin(kind, to.REMEMBERING)),  # type: ignore[misc]  # linked by the builder
        np.array(parts.targets, np.int32),
    )
    spaces = {version: Space.of(version, parts.prefixes(version)) for version in VERSIONS}
    return Program(
        nodes,
        parts.marks(),
        {version: parts.tables_of(space) for version, space in spaces.items()},
        spaces,
        tuple(map(str, parts.endpoints.keys)),
    )


@dataclass(slots=True)
class _Numbers:
    """Numbers for things, in the order they are first met."""

    keys: list[Hashable] = field(default_factory=list)
    _of: dict[Hashable, int] = field(default_factory=dict)

    def __call__(self, key: Hashable) -> int:
        number = self._of.setdefault(key, len(self.keys))
        if number == len(self.keys):
            self.keys.append(key)
        return number


def _content(rules: RuleList) -> Hashable:
    """What two lists must share to be one: all but where their rules were written."""
    return rules.permit, _matches(rules.rules), _matches(rules.unread)


def _matches(rules: tuple[Rule, ...]) -> Hashable:
    return tuple((rule.match, rule.permit, rule.by_reference) for rule in rules)


@dataclass(slots=True)
class _Parts:
    """The tables met so far, each with its number."""

    endpoints: _Numbers = field(default_factory=_Numbers)
    sessions: _Numbers = field(default_factory=_Numbers)
    lookups: _Numbers = field(default_factory=_Numbers)
    lists: _Numbers = field(default_factory=_Numbers)
    groups: _Numbers = field(default_factory=_Numbers)
    sets: _Numbers = field(default_factory=_Numbers)
    targets: list[int] = field(default_factory=list)
    routes: list[PrefixTable] = field(default_factory=list)
    rules: list[RuleList] = field(default_factory=list)
    senders: list[Send] = field(default_factory=list)
    translations: list[Translate] = field(default_factory=list)
    nats: list[Masquerade] = field(default_factory=list)
    redirects: list[Redirect] = field(default_factory=list)
    forgotten: _Numbers = field(default_factory=_Numbers)
    _seen: dict[int, int] = field(default_factory=dict)  # lists by identity: hashing their content again and again would cost most

    def __post_init__(self) -> None:
        self.sets(frozenset())

    def row(self, node: AnyNode) -> tuple[int, int, int, int, int, int]:
        """kind, then, miss, first, second and disposition of a node (`program.Nodes`)."""
        match node:
            case Lookup(table=table, targets=targets, miss=miss):
                return to.LOOKUP, -1, _at(miss), self._table(table), self._targets(_at(targets[route.slot]) for route in table.routes), 0
            case Filter():
                table_number = self.sessions(node.remembers) if node.remembers else to.NO_TABLE
                ending = DISPOSITION_OF.get(node.code, Disposition.DENIED)
                return to.FILTER, _at(node.then), _at(node.otherwise), self._list(node.rules), table_number, NUMBER[ending]
            case SessionMatch():
                return to.SESSION, _at(node.then), _at(node.miss), self.sessions(node.table), 0, 0
            case Choice(options=options) if node.kept and len(options) > 1:
                return self._for_the_walker(_at(options[0][1]))  # columns remember no picks
            case Choice(options=options):
                return to.CHOICE, -1, -1, len(options), self._targets(_at(target) for _, target in options), 0
            case Rewrite():
                return self._rewrite(node)
            case Deliver():
                return to.DELIVER, _at(node.reply_at), -1, self.endpoints(node.endpoint), 0, 0
            case Drop():
                ending = Disposition.GAP if node.gap else DISPOSITION_OF.get(node.code, Disposition.DENIED)
                return to.DROP, -1, -1, 0, 0, NUMBER[ending]

    def _for_the_walker(self, then: int) -> tuple[int, int, int, int, int, int]:
        self.nats.append(FOR_THE_WALKER)
        return to.MASQUERADE, then, -1, len(self.nats) - 1, self.sessions(""), 0

    def _rewrite(self, node: Rewrite) -> tuple[int, int, int, int, int, int]:
        then, miss = _at(node.then), _at(node.miss)
        match node.how:
            case Send():
                self.senders.append(node.how)
                return to.SEND, then, miss, len(self.senders) - 1, 0, 0
            case Translate(field=name):
                self.translations.append(node.how)
                return to.TRANSLATE, then, miss, len(self.translations) - 1, int(name == "destination"), 0
            case Masquerade(table=table):
                self.nats.append(node.how)
                return to.MASQUERADE, then, miss, len(self.nats) - 1, self.sessions(table), 0
            case Redirect(table=table):
                self.redirects.append(node.how)
                return to.REDIRECT, then, miss, len(self.redirects) - 1, self.sessions(table), 0
            case Restore(table=table):
                return to.RESTORE, then, miss, self.sessions(table), 0, 0
            case Forget(groups=groups):
                return to.FORGET, then, miss, 0 if groups is None else self.forgotten(groups), int(groups is not None), 0

    def _table(self, table: PrefixTable) -> int:
        number = self._seen.get(id(table))
        if number is None:
            number = self._seen[id(table)] = self.lookups(tuple(route.prefix for route in table.routes))
            if number == len(self.routes):
                self.routes.append(table)
        return number

    def _list(self, rules: RuleList) -> int:
        number = self._seen.get(id(rules))
        if number is None:
            number = self._seen[id(rules)] = self.lists(_content(rules))
            if number == len(self.rules):
                self.rules.append(rules)
        return number

    def _targets(self, rows: Iterable[int]) -> int:
        begin = len(self.targets)
        self.targets.extend(rows)
        return begin

    def prefixes(self, version: int) -> Iterator[Prefix]:
        """All blocks and addresses of a version that anything in the graph names."""
        found = [route.prefix for table in self.routes for route in table.routes]
        for rules in self.rules:
            for rule in (*rules.rules, *rules.unread):
                found += [*(rule.match.sources or ()), *(rule.match.destinations or ())]
        found += [block for sender in self.senders for block in sender.own]
        addresses = {address for sender in self.senders for address in sender.addresses}
        addresses |= {address for table in self.translations for pair in table.addresses.items() for address in pair}
        addresses |= {address for nat in self.nats for address in nat.addresses} | {redirect.address for redirect in self.redirects}
        found += [Prefix.host(*address) for address in addresses]
        return (prefix for prefix in found if prefix.version == version)

    def marks(self) -> Marks:
        """What does not depend on the version. Of the groups only those count that a rule names."""
        named = [rule.match.sender_group for rules in self.rules for rule in (*rules.rules, *rules.unread) if rule.match.sender_group]
        for name in named:
            self.groups(name)
        groups = [self.sets(sender.groups) for sender in self.senders]
        column = {name: number for number, name in enumerate(self.groups.keys)}
        member = np.zeros((len(self.sets.keys), max(len(column), 1)), bool)
        for number, names in enumerate(self.sets.keys):
            assert isinstance(names, frozenset)
            member[number, [column[name] for name in names if name in column]] = True
        return Marks(
            np.array([self.endpoints(sender.endpoint) for sender in self.senders], np.int32),
            np.array(groups, np.int32),
            np.array([bool(sender.own) for sender in self.senders], bool),
            np.array([rules.permit for rules in self.rules], bool),
            member,
            np.array([nat.ports for nat in self.nats], np.uint16).reshape(-1, 2),
            np.array([redirect.port for redirect in self.redirects], np.uint16),
            self._losses(),
        )

    def _losses(self) -> Array:
        sets = [frozenset(names) for names in self.sets.keys]  # type: ignore[call-overload]  # frozen sets all
        found = [[bool(names & forgotten) for names in sets] for forgotten in self.forgotten.keys]
        return np.array(found, bool).reshape(-1, len(sets))

    def tables_of(self, space: Space) -> Tables:
        """The tables of one version, in points of its space."""
        ends = _Ends(space)
        version = space.version
        table, prefixes, value = [], [], []
        for number, one in enumerate(self.routes):
            for at, route in enumerate(one.routes):
                if route.prefix.version == version:
                    table.append(number)
                    prefixes.append(route.prefix)
                    value.append(at)
        low, high = ends(prefixes)
        length = np.array([prefix.length for prefix in prefixes], np.int64)
        routes = flatten(len(self.routes), np.array(table, np.int64), low, high, length, np.array(value, np.int32))
        bound = [next((ends.point(value) for of, value in sender.addresses if of == version), -1) for sender in self.senders]
        own = [[block for block in sender.own if block.version == version] for sender in self.senders]
        own_low, own_last = ends(block for blocks in own for block in blocks)
        # What changes a header into one of the other version is left to the walker.
        here = [nat.embedding is None for nat in self.nats]
        points = [
            [ends.point(at) if of == version and one else -1 for of, at in nat.addresses] for one, nat in zip(here, self.nats, strict=True)
        ]
        nat_first, nat = _nested(points)
        return Tables(
            routes,
            directory_of(routes),
            self._boxes(ends, [rules.rules for rules in self.rules]),
            self._boxes(ends, [rules.unread for rules in self.rules]),
            np.array(bound, np.int64),
            np.cumsum([0, *map(len, own)]).astype(np.int32),
            own_low.astype(np.uint32),
            own_last.astype(np.uint32),
            *self._pairs(ends, version),
            nat_first,
            nat,
            np.array([ends.point(one.address[1]) if one.address[0] == version else -1 for one in self.redirects], np.int64),
        )

    def _pairs(self, ends: _Ends, version: int) -> tuple[Array, Array]:
        pairs = sorted(
            (number << 32 | ends.point(one[1]), ends.point(other[1]))
            for number, table in enumerate(self.translations)
            for one, other in table.addresses.items()
            if one[0] == other[0] == version
        )
        return np.array([one for one, _ in pairs], np.uint64), np.array([other for _, other in pairs], np.uint32)

    def _boxes(self, ends: _Ends, lists: list[tuple[Rule, ...]]) -> Boxes:
        rows: list[tuple[Prefix, Prefix, int, int, int, int, int, int, int, int, int]] = []
        first = [0]
        for rules in lists:
            for number, rule in enumerate(rules):
                group = ANY_GROUP if rule.match.sender_group is None else self.groups(rule.match.sender_group)
                marks = _marks(rule.match)
                action = PERMITS * rule.permit | BY_REFERENCE * rule.by_reference
                rows += [(*box, group, *marks, number, action) for box in _boxes_of(rule.match, ends.space.version)]
            first.append(len(rows))
        source_low, source_high = ends(row[0] for row in rows)
        destination_low, destination_high = ends(row[1] for row in rows)
        lows, highs, port_low, port_high, groups, asked, wanted, numbers, actions = (
            np.array([row[2:] for row in rows], np.int64).reshape(-1, 9).T
        )
        return Boxes(
            np.array(first, np.int32),
            source_low.astype(np.uint32),
            (source_high - source_low).astype(np.uint32),
            destination_low.astype(np.uint32),
            (destination_high - destination_low).astype(np.uint32),
            port_low.astype(np.uint32),
            (port_high - port_low).astype(np.uint32),
            lows.astype(np.uint32),
            (highs - lows).astype(np.uint32),
            groups.astype(np.int32),
            asked.astype(np.uint8),
            wanted.astype(np.uint8),
            numbers.astype(np.int32),
            actions.astype(np.uint8),
        )


def _at(ref: object) -> int:
    assert isinstance(ref, int)  # linked by the builder
    return ref


def _marks(match: Match) -> tuple[int, int]:
    """The bits of the marks that a rule looks at, and what they must be."""
    asked = REFERENCE * (match.by_reference is not None) | REPLY * (match.reply is not None)
    return asked, REFERENCE * bool(match.by_reference) | REPLY * bool(match.reply)


def _boxes_of(match: Match, version: int) -> Iterator[tuple[Prefix, Prefix, int, int, int, int]]:
    """The boxes of one rule for headers of a version: blocks of both sides, an interval of keys, and one of source ports."""
    if match.version not in (None, version):
        return
    sides = [
        [EVERYWHERE[version]] if prefixes is None else [prefix for prefix in prefixes if prefix.version == version]
        for prefixes in (match.sources, match.destinations)
    ]
    ports = match.source_ports if match.source_ports not in (None, ALL_PORTS) else (0, EVERY)
    for low, high in intervals_of(match):
        for source in sides[0]:
            for destination in sides[1]:
                yield source, destination, low, high, *ports


def _nested(lists: list[list[int]]) -> tuple[Array, Array]:
    """Lists one after the other, and where each begins."""
    first = np.concatenate([[0], np.cumsum([len(one) for one in lists])]).astype(np.int32)
    return first, np.array([value for one in lists for value in one], np.int64)


class _Ends:
    """First and last points of prefixes of a space, many at a time."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self._cuts = {high << 64 | low: at for at, (high, low) in enumerate(zip(space.high.tolist(), space.low.tolist(), strict=True))}

    def point(self, address: int) -> int:
        """The point of an address that the space was made of."""
        return self._cuts[address] if self._cuts else address

    def __call__(self, prefixes: Iterable[Prefix]) -> tuple[Array, Array]:
        if not self._cuts:
            pairs = [(prefix.first, prefix.last) for prefix in prefixes]
        else:
            last = len(self._cuts)
            pairs = [(self._cuts[prefix.first], self._cuts.get(prefix.last + 1, last) - 1) for prefix in prefixes]
        found = np.array(pairs, np.int64).reshape(-1, 2)
        return found[:, 0], found[:, 1]
