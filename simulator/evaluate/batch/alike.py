"""Endpoints that nothing in a program tells apart, so that all pairs of them fare alike.

Two endpoints are alike when swapping them changes nothing: their own nodes, addresses, session tables and names for each other, and
everything else left where it is. Then whatever happens to packets between one of them and a third happens to those of the other (an
automorphism of the program; of three alike endpoints every pair fares as every other). What there is to know of an endpoint is written
down as *facts*, rows of numbers in which its own things bear the same signs as another's do; endpoints of equal facts are alike. Addresses
that no route or rule parts from each other are one *run*; a route or rule for nobody but an endpoint is no border, but a fact about it.

Only what can be met counts: of rules those that look at the keys of the question and its replies, of groups those that such rules name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from simulator.evaluate.batch import program as is_
from simulator.evaluate.batch.arrays import Array
from simulator.evaluate.batch.boxes import Boxes
from simulator.evaluate.batch.program import Program

OWN = -2  # the sign of an endpoint's own address, name and first node or table; the second is one less
LAST_POINT = 0xFFFFFFFF
VERSIONS = (4, 6)
Keys = Sequence[tuple[int, int]]  # closed intervals
# Sorts of facts.
NODE, FIELD, SENDER, BOUND, BLOCK, NAMED, LED_TO, CHOSEN, HOST, FOREIGN, ROUTE, ROUTED, RULE, RUN, START = range(15)


class Those(NamedTuple):
    """The endpoints that are compared, one row each.

    owner: int32, by node of the program, whose it is, or -1. endpoints, starts: int32, the number of each in the program, and the node
    its packets start at, or -1. points: int64, by version, its address, or -1. others: int64, a number that is equal where all else that
    matters is. borders: int64, by version, points at which something outside the program parts addresses. steps: int64, two columns,
    from which node packets may come to which, beside what the program says.
    """

    owner: Array
    endpoints: Array
    starts: Array
    points: dict[int, Array]
    others: Array
    borders: dict[int, Array]
    steps: Array


def classes(of: Program, those: Those, keys: Keys | None) -> Array:
    """The class of each endpoint, int64: the number of the first that it is like. keys: those of the packets in question and of their
    replies; none: all.
    """
    facts = _Facts(of, those, keys)
    rows = np.concatenate([part for part in facts.all() if len(part)])
    rows = rows[np.argsort(rows[:, 0], kind="stable")]
    count = len(those.endpoints)
    begin = np.searchsorted(rows[:, 0], np.arange(count + 1))
    told = np.ascontiguousarray(rows[:, 1:])
    known: dict[bytes, int] = {}
    found = [known.setdefault(told[begin[at] : begin[at + 1]].tobytes(), at) for at in range(count)]
    single = facts.shared()
    return np.where(single, np.arange(count), np.array(found, np.int64))


def own_nodes(of: Program, owner: Array) -> Array:
    """Owners with those nodes added that lead nowhere but into one owner's, or that only one owner's lead to. Whichever nodes are said to
    be somebody's, what is found to be alike is alike; but the more are, the more is found.
    """
    owner, (before, after) = owner.copy(), _steps(of)
    follows = np.isin(of.nodes.kind, (is_.FILTER, is_.SESSION, is_.SEND, is_.FORGET)) & (of.nodes.then >= 0)
    while True:
        found = np.where(follows, owner[of.nodes.then], -1)
        low, high = np.full(len(owner), 1 << 40), np.full(len(owner), -1)
        np.minimum.at(low, after, owner[before])
        np.maximum.at(high, after, owner[before])
        found = np.where((found < 0) & (low == high), low, found)
        more = (owner < 0) & (found >= 0)
        if not more.any():
            return owner
        owner[more] = found[more]


def _steps(of: Program) -> tuple[Array, Array]:
    """Which nodes lead to which."""
    nodes = of.nodes
    everything = np.arange(len(nodes.kind))
    pairs = [(everything, nodes.then), (everything, nodes.miss)]
    at = np.flatnonzero(nodes.kind == is_.CHOICE)
    pairs.append((np.repeat(at, nodes.first[at]), nodes.targets[_spans(nodes.second[at], nodes.second[at] + nodes.first[at])]))
    at = np.flatnonzero(nodes.kind == is_.LOOKUP)
    for tables in of.tables.values():
        begin, end = (tables.routes.first[nodes.first[at] + more] for more in (0, 1))
        which, value = np.repeat(at, end - begin), tables.routes.values[_spans(begin, end)]
        pairs.append((which[value >= 0], nodes.targets[nodes.second[which[value >= 0]] + value[value >= 0]]))
    before, after = (np.concatenate(column) for column in zip(*pairs, strict=True))
    return before[after >= 0], after[after >= 0]


class _Facts:
    """The facts about endpoints, as rows: whose, the sort, and four numbers."""

    def __init__(self, of: Program, those: Those, keys: Keys | None) -> None:
        self.of, self.nodes, self.those, self.keys = of, of.nodes, those, keys
        self.owner, self.count = those.owner, len(those.endpoints)
        self.owned = np.flatnonzero(self.owner >= 0)
        order = self.owned[np.argsort(self.owner[self.owned], kind="stable")]
        begin = np.searchsorted(self.owner[order], np.arange(self.count + 1))
        self.local = np.zeros(len(self.owner), np.int64)
        self.local[order] = np.arange(len(order)) - begin[self.owner[order]]
        self.whose = np.full(len(of.endpoints) + 1, -1, np.int64)  # by number of an endpoint; the last stands for -1
        self.whose[those.endpoints] = np.arange(self.count)
        self.borders: dict[int, list[Array]] = {version: [those.borders[version]] for version in VERSIONS}
        self.groups: set[int] = set()
        self.rules: list[Array] = []

    def all(self) -> Iterator[Array]:
        """All facts. Runs come last: the other facts find the borders."""
        lists = self._lists()
        yield from self.rules
        yield from self._own(lists)
        yield from self._senders()
        yield from self._pointed_at()
        for version in VERSIONS:
            yield from self._routes(version)
        everybody = np.arange(self.count)
        for version in VERSIONS:
            cuts = np.unique(np.concatenate([self._fixed(version), *self.borders[version]]))
            points = self.those.points[version]
            runs = np.where(points < 0, -1, np.searchsorted(cuts, points, "right"))
            yield _rows(everybody, RUN, version, runs)
        starts = self.those.starts.astype(np.int64)
        yield _rows(everybody, START, self._from(everybody, starts), self.those.others)

    def shared(self) -> Array:
        """Which endpoints have an address that another has as well: those are like nobody."""
        found = np.zeros(self.count, bool)
        for points in self.those.points.values():
            _, back, times = np.unique(points, return_inverse=True, return_counts=True)
            found |= (points >= 0) & (times[back] > 1)
        return found

    def _from(self, owner: Array, nodes: Array) -> Array:
        """Nodes as their signs in the eyes of owners."""
        found: Array = np.where((nodes >= 0) & (self.owner[nodes] == owner), OWN - self.local[nodes], nodes)
        return found

    # --- own nodes ---------------------------------------------------------------------------------------------------------------

    def _own(self, lists: Array) -> Iterator[Array]:
        """What own nodes are, and what they lead to."""
        nodes, at = self.nodes, self.owned
        owner, kind = self.owner[at].astype(np.int64), nodes.kind[at]
        first, second = nodes.first[at].astype(np.int64), nodes.second[at].astype(np.int64)
        sessions = self._sessions()
        first = np.where((kind == is_.LOOKUP) | (kind == is_.SEND), 0, first)
        second = np.where(kind == is_.LOOKUP, 0, second)
        for of, column in (((is_.SESSION, is_.RESTORE), first), ((is_.FILTER, is_.MASQUERADE, is_.REDIRECT), second)):
            those = np.isin(kind, of) & (column >= 0)
            column[those] = sessions[column[those]]
        those = kind == is_.FILTER
        first[those] = lists[first[those]]
        those = kind == is_.DELIVER
        first[those] = np.where(self.whose[first[those]] == owner[those], OWN, first[those])
        sort = kind.astype(np.int64) | nodes.disposition[at].astype(np.int64) << 8 | nodes.watched[at].astype(np.int64) << 16
        yield _rows(owner, NODE, self.local[at], sort, self._from(owner, nodes.then[at]), self._from(owner, nodes.miss[at]))
        yield _rows(owner, FIELD, self.local[at], first, second)

    def _private(self, numbers: Array, at: Array, most: int) -> Array:
        """Whose a thing with a number is that nodes use: the owner of all its users, or -1."""
        low, high = np.full(most, 1 << 40), np.full(most, -1)
        np.minimum.at(low, numbers, self.owner[at])
        np.maximum.at(high, numbers, self.owner[at])
        found: Array = np.where(low == high, low, -1)
        return found

    def _sessions(self) -> Array:
        """Signs for session tables: an owner's own ones are told by the first of its nodes that uses them."""
        kind, first, second = self.nodes.kind, self.nodes.first, self.nodes.second
        by_first = np.flatnonzero(np.isin(kind, (is_.SESSION, is_.RESTORE)))
        by_second = np.flatnonzero(np.isin(kind, (is_.FILTER, is_.MASQUERADE, is_.REDIRECT)) & (second >= 0))
        numbers, at = np.concatenate([first[by_first], second[by_second]]), np.concatenate([by_first, by_second])
        most = int(numbers.max(initial=-1)) + 1
        user = np.full(most, 1 << 40)
        np.minimum.at(user, numbers, self.local[at])
        return np.where(self._private(numbers, at, most) >= 0, OWN - user, np.arange(most))

    def _senders(self) -> Iterator[Array]:
        """What packets are given that own nodes send."""
        at = np.flatnonzero(self.nodes.kind == is_.SEND)
        sender, owner = self.nodes.first[at], self.owner[at].astype(np.int64)
        marks, own = self.of.marks, owner >= 0
        sets = self._sets()
        name = marks.endpoint[sender].astype(np.int64)
        name = np.where((self.whose[name] == owner) & own, OWN, name)
        rows = _rows(owner, SENDER, self.local[at], name, sets[marks.groups[sender]], marks.limited[sender])
        yield rows[own]
        for version in VERSIONS:
            tables, points = self.of.tables[version], self.those.points[version]
            bound = tables.bound[sender]
            is_own = own & (bound == points[owner]) & (bound >= 0)
            yield _rows(owner, BOUND, self.local[at], version, np.where(is_own, OWN, bound))[own]
            self._cut(version, bound[~is_own & (bound >= 0)])
            begin, end = tables.own_first[sender], tables.own_first[sender + 1]
            which, block = np.repeat(np.arange(len(at)), end - begin), _spans(begin, end)
            low, high = tables.own[block].astype(np.int64), tables.own_last[block].astype(np.int64)
            is_own = own[which] & (low == high) & (low == points[owner[which]])
            rows = _rows(owner[which], BLOCK, self.local[at][which] * 8 + version, np.where(is_own, OWN, low), np.where(is_own, OWN, high))
            yield rows[own[which]]
            self._cut(version, low[~is_own], high[~is_own])

    def _pointed_at(self) -> Iterator[Array]:
        """Who else names an endpoint, or leads to its nodes in other ways than by routes: that is about it alone."""
        nodes, owner = self.nodes, self.owner.astype(np.int64)
        for kind in (is_.DELIVER, is_.SEND):
            at = np.flatnonzero(nodes.kind == kind)
            name = nodes.first[at] if kind == is_.DELIVER else self.of.marks.endpoint[nodes.first[at]]
            whose = self.whose[name]
            yield _rows(whose, NAMED, at)[(whose >= 0) & (whose != owner[at])]
        for number, targets in enumerate((nodes.then, nodes.miss)):
            at = np.flatnonzero((targets >= 0) & (nodes.kind != is_.LOOKUP))
            whose = owner[targets[at]]
            yield _rows(whose, LED_TO, at, number, self.local[targets[at]])[(whose >= 0) & (whose != owner[at])]
        before, after = self.those.steps.T
        whose = owner[after]
        yield _rows(whose, LED_TO, before, 2, self.local[after])[(whose >= 0) & (whose != owner[before])]
        at = np.flatnonzero(nodes.kind == is_.CHOICE)
        which, slot = np.repeat(at, nodes.first[at]), _spans(nodes.second[at], nodes.second[at] + nodes.first[at])
        whose = owner[nodes.targets[slot]]
        yield _rows(whose, CHOSEN, slot)[(nodes.targets[slot] >= 0) & (whose >= 0) & (whose != owner[which])]

    # --- routes ------------------------------------------------------------------------------------------------------------------

    def _routes(self, version: int) -> Iterator[Array]:
        """Where routes to endpoints alone lead; and all others, of own tables and to own nodes."""
        routes, points = self.of.tables[version].routes, self.those.points[version]
        starts, table = routes.starts.astype(np.int64), np.repeat(np.arange(len(routes.first) - 1), np.diff(routes.first))
        last = np.append(starts[1:] - 1, LAST_POINT)[: len(starts)]
        last[routes.first[1:-1] - 1] = LAST_POINT
        host = np.where(starts == last, self._holders(points, starts), -1)
        kept = np.flatnonzero(host < 0)
        values = routes.values[kept]
        new = np.ones(len(kept), bool)
        new[1:] = (values[1:] != values[:-1]) | (table[kept][1:] != table[kept][:-1])
        border = np.zeros(len(starts), bool)
        border[kept[new]] = True
        self.borders[version].append(starts[border])
        at = np.flatnonzero(self.nodes.kind == is_.LOOKUP)
        begin, end = routes.first[self.nodes.first[at]], routes.first[self.nodes.first[at] + 1]
        yield from self._routed(version, np.repeat(at, end - begin), _spans(begin, end), starts, host, border)

    def _routed(self, version: int, node: Array, interval: Array, starts: Array, host: Array, border: Array) -> Iterator[Array]:
        nodes, sign = self.nodes, version
        wanted = (host[interval] >= 0) | border[interval]
        node, interval = node[wanted], interval[wanted]
        value = self.of.tables[version].routes.values[interval]
        slot = np.where(value < 0, 0, nodes.second[node] + value)
        target = np.where(value < 0, nodes.miss[node], nodes.targets[slot] if len(nodes.targets) else -1).astype(np.int64)
        whom, mine, start = host[interval], self.owner[node].astype(np.int64), starts[interval]
        theirs = np.where(target >= 0, self.owner[target], -1).astype(np.int64)
        alone = whom >= 0
        yield _rows(whom, HOST, sign, self._from(whom, node), self._from(whom, target))[alone]
        yield _rows(mine, FOREIGN, self.local[node] * 8 + sign, start, self._from(mine, target))[alone & (mine >= 0) & (mine != whom)]
        yield _rows(mine, ROUTE, self.local[node] * 8 + sign, start, self._from(mine, target))[~alone & (mine >= 0)]
        # To own nodes from elsewhere: for anything but the endpoint's own address, which is told above.
        yield _rows(theirs, ROUTED, sign, node, start, self.local[target])[(theirs >= 0) & (theirs != mine) & (theirs != whom)]

    def _holders(self, points: Array, wanted: Array) -> Array:
        """Who has each point: none, where nobody or more than one has."""
        shared = self.shared()
        order = np.argsort(points, kind="stable")
        order = order[(points[order] >= 0) & ~shared[order]]
        if not len(order):
            return np.full(len(wanted), -1)
        place = np.minimum(np.searchsorted(points[order], wanted), len(order) - 1)
        return np.where(points[order][place] == wanted, order[place], -1)

    # --- rules -------------------------------------------------------------------------------------------------------------------

    def _lists(self) -> Array:
        """Signs for rule lists: equal where they decide alike on all that can be met."""
        at = np.flatnonzero(self.nodes.kind == is_.FILTER)
        most = len(self.of.marks.permits)
        private = self._private(self.nodes.first[at], at, most)
        texts: list[list[bytes]] = [[b"\1" if permits else b"\0"] for permits in self.of.marks.permits.tolist()]
        for version in VERSIONS:
            for boxes in (self.of.tables[version].rules, self.of.tables[version].unread):
                self._signed(texts, version, boxes, np.where(private >= 0, self.those.points[version][private], -1))
        known: dict[bytes, int] = {}
        return np.array([known.setdefault(b"|".join(text), len(known)) for text in texts], np.int64)

    def _signed(self, texts: list[list[bytes]], version: int, boxes: Boxes, own: Array) -> None:
        """Add to the text of each list what its boxes say, `own` being the point of whoever has the list for itself."""
        whole, part = self._met(boxes)
        met = np.flatnonzero(whole.any(axis=0) | part)
        rule_list = np.repeat(np.arange(len(boxes.first) - 1), np.diff(boxes.first))[met]
        begin = np.searchsorted(rule_list, np.arange(len(texts) + 1))
        low = [column[met].astype(np.int64) for column in (boxes.source_low, boxes.destination_low)]
        span = [column[met].astype(np.int64) for column in (boxes.source_span, boxes.destination_span)]
        actions = boxes.action[met]
        odd = rule_list[actions != actions[begin[rule_list]]]
        alike = np.bincount(odd, minlength=len(texts)) == 0  # all rules do the same
        owns = [(size == 0) & (first == own[rule_list]) for first, size in zip(low, span, strict=True)]
        # Of a list whose rules all do the same, one about an endpoint alone is no border, but a fact about that endpoint.
        whom = [
            np.where((size == 0) & ~is_own, self._holders(self.those.points[version], first), -1)
            for first, size, is_own in zip(low, span, owns, strict=True)
        ]
        whom = [np.where(alike[rule_list] & (other < 0), one, -1) for one, other in (whom, whom[::-1])]
        for side in range(2):
            bounding = ~owns[side] & (whom[side] < 0)
            self._cut(version, low[side][bounding], (low[side] + span[side])[bounding])
        self.groups.update(np.unique(boxes.group[met]).tolist())
        keys = [np.where(part[met], column[met], 0) for column in (boxes.key_low, boxes.key_span)]
        ports = boxes.port_low[met], boxes.port_span[met]
        rest = [*span, *ports, boxes.group[met], boxes.asked[met], boxes.wanted[met], actions, *keys, *whole[:, met]]
        seen_by_owner, seen_by_whom = (
            [np.where(sign, OWN, first) for sign, first in zip(signs, low, strict=True)] for signs in (owns, [one >= 0 for one in whom])
        )
        sign = _signs([*seen_by_owner, *rest], [*seen_by_whom, *rest])
        for one in whom:
            self.rules.append(_rows(one, RULE, rule_list, sign[len(met) :], len(self.rules))[one >= 0])
        # Where all do the same, neither order nor number means anything.
        order = np.lexsort((np.where(alike[rule_list], sign[: len(met)], np.arange(len(met))), rule_list))
        sign, rule_list = sign[order], rule_list[order]
        kept = np.ones(len(met), bool)
        kept[1:] = (sign[1:] != sign[:-1]) | (rule_list[1:] != rule_list[:-1]) | ~alike[rule_list[1:]]
        begin, sign = np.searchsorted(rule_list[kept], np.arange(len(texts) + 1)), sign[kept]
        for text, one, other in zip(texts, begin.tolist(), begin[1:].tolist(), strict=False):
            text.append(sign[one:other].tobytes())

    def _met(self, boxes: Boxes) -> tuple[Array, Array]:
        """Which boxes cover each interval of keys as a whole, by interval; and which cover some interval in part."""
        low, high = boxes.key_low.astype(np.int64), boxes.key_low.astype(np.int64) + boxes.key_span
        if self.keys is None:
            return np.zeros((0, len(low)), bool), np.ones(len(low), bool)
        whole = np.array([(low <= first) & (last <= high) for first, last in self.keys], bool).reshape(len(self.keys), len(low))
        some = np.zeros(len(low), bool)
        for at, (first, last) in enumerate(self.keys):
            some |= (low <= last) & (first <= high) & ~whole[at]
        return whole, some

    def _sets(self) -> Array:
        """Signs for sets of groups: equal where the same rules know them, and the same are forgotten."""
        named = sorted(self.groups - {-1})
        known: dict[bytes, int] = {}
        rows = np.concatenate([self.of.marks.member[:, named], self.of.marks.losses.T], axis=1)
        packed = np.packbits(rows, axis=1)
        return np.array([known.setdefault(row.tobytes(), len(known)) for row in packed], np.int64)

    # --- borders -----------------------------------------------------------------------------------------------------------------

    def _cut(self, version: int, low: Array, high: Array | None = None) -> None:
        """Something parts the addresses of an interval from all others."""
        self.borders[version] += [np.unique(low), np.unique((low if high is None else high) + 1)]

    def _fixed(self, version: int) -> Array:
        """Borders around the addresses that translations name."""
        tables = self.of.tables[version]
        points = [tables.pair_from.astype(np.int64) & LAST_POINT, tables.pair_to.astype(np.int64), tables.nat, tables.redirect]
        named = np.concatenate(points)
        return np.concatenate([named, named + 1])


def _rows(owner: Array, sort: int, *columns: Array | int) -> Array:
    found = np.zeros((len(owner), 6), np.int64)
    found[:, 0], found[:, 1] = owner, sort
    for at, column in enumerate(columns):
        found[:, 2 + at] = column
    return found


def _spans(begin: Array, end: Array) -> Array:
    """All indices of the ranges `begin` to `end`, one range after the other."""
    sizes = end - begin
    shift = begin - np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64) if len(sizes) else begin
    found: Array = np.arange(int(sizes.sum())) + np.repeat(shift, sizes)
    return found


def _signs(*tables: list[Array]) -> Array:
    """Numbers for the rows of tables of equal columns, one table after the other: equal rows have equal numbers."""
    found = np.zeros(sum(len(columns[0]) for columns in tables), np.int64)
    for parts in zip(*tables, strict=True):
        column = np.concatenate(parts).astype(np.int64)
        if len(column) and (column != column[0]).any():
            _, sign = np.unique(column, return_inverse=True)
            _, found = np.unique(found * (int(sign.max()) + 1) + sign.reshape(-1), return_inverse=True)
    return found.reshape(-1)
