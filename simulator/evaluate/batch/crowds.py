"""One header between many senders and many receivers: all pairs walk at once, as crowds that stand at one node.

A *crowd* is a set of senders times a set of receivers, and of each pair whether it is there. What a node asks of a packet is asked of the
senders (their address, their groups) or of the receivers (theirs), never of a pair, since nothing else differs between the packets of a
crowd: a route table parts the receivers, a rule covers some senders times some receivers. So a node costs one pass over a matrix of
booleans, whoever stands there, and crowds that come to one node together go on as one.

That holds as long as packets keep their header and nothing is chosen. A pair that meets a translation or a choice, something that was
not read, or goes round in circles, is *left* to an evaluator of single packets. `tests/evaluate/batch/test_crowds.py` compares the rest
with the walker, pair by pair.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from simulator.evaluate.batch import keys, program
from simulator.evaluate.batch.arrays import Array
from simulator.evaluate.batch.boxes import ANY_GROUP, BY_REFERENCE, EVERY, PERMITS, REFERENCE, REPLY, Boxes
from simulator.evaluate.batch.intervals import NOTHING
from simulator.evaluate.batch.lower import DISPOSITIONS
from simulator.evaluate.batch.program import NO_TABLE, Program
from simulator.evaluate.result import Disposition

FAILS, WORKS, GAP, LEFT = range(4)
STEPS = 250  # no honest leg is longer; what still walks then goes round in circles
GAP_NUMBER = DISPOSITIONS.index(Disposition.GAP)


class Ends(NamedTuple):
    """The ends of pairs of one IP version. nodes: int32, where the packets of each sender start. senders, receivers: uint32, the points of
    their addresses; no receiver has the address of a sender it is asked about. expected: int32, the endpoint of each receiver.
    """

    nodes: Array
    senders: Array
    receivers: Array
    expected: Array


@dataclass(slots=True)
class Crowd:
    """Pairs that stand at one node. rows: numbers of senders; columns: of receivers; there: bool, which pairs; groups: int32, the set of
    groups by which each sender is known.
    """

    rows: Array
    columns: Array
    there: Array
    groups: Array

    def only(self, there: Array) -> Crowd | None:
        """Those of some pairs that are there; none where nobody is."""
        some = there.any(axis=1)
        if some.all():
            return Crowd(self.rows, self.columns, there, self.groups)
        rows = np.flatnonzero(some)
        return Crowd(self.rows[rows], self.columns, there[rows], self.groups[rows]) if rows.size else None

    def at(self, places: Array, columns: Array) -> Crowd | None:
        """Those of some receivers, given by place and by number."""
        there = self.there[:, places]
        return Crowd(self.rows, columns, there, self.groups).only(there)


# How a crowd came here: what its packets and senders have been through that later nodes may ask for.
Past = tuple[Hashable, ...]


@dataclass(frozen=True, slots=True)
class State:
    """What all pairs of a crowd have in common beside their node. bits: of marks (`boxes.REFERENCE`, `REPLY`); past: how its senders got
    the groups they have, so that in two crowds of one state a sender has the same; sent: whether a Send was met.
    """

    bits: int = 0
    past: Past = ()
    sent: bool = False


# A winning route, the places of the receivers it wins for (none: of all) and their numbers.
Parts = list[tuple[int, Array | None, Array]]
# Told of a node, and the senders and receivers whose packets stand there, on either leg.
Meeting = Callable[[int, Array, Array], None]


def walk_pairs(
    of: Program, version: int, ends: Ends, key: int, ports: Sequence[int], meeting: Meeting | None = None
) -> tuple[Array, list[Array]]:
    """What becomes of the packets of one key between all senders and receivers: uint8, `FAILS`, `WORKS`, `GAP` or `LEFT` by sender and
    receiver, of the forward legs alone, and of the round trips from each of some source ports.
    """
    tables: dict[int, list[Crowd]] = {}
    shape = len(ends.senders), len(ends.receivers)
    forward = _Leg(of, version, ends.senders, ends.receivers, key, tables, np.broadcast_to(ends.expected, shape), replying=False)
    forward.meeting = meeting
    forward.walk(_starts(ends))
    trips = []
    for port in ports:
        found = forward.outcome.copy()
        back_key, _ = keys.reverse(np.array([key], np.uint32), np.array([port], np.uint32))
        if keys.is_answered(np.array([key], np.uint32))[0]:
            back = _Leg(of, version, ends.receivers, ends.senders, int(back_key[0]), tables, forward.sender.T, replying=True)
            back.meeting = meeting and (lambda node, rows, columns: meeting(node, columns, rows))
            back.walk([(node, State(), crowd) for node, crowd in forward.answers])
            asked = np.zeros(shape, bool)
            for node, crowd in forward.answers:
                asked[crowd.columns[:, None], crowd.rows] |= crowd.there.T if node >= 0 else False
            found = np.where(asked & (found == WORKS), back.outcome.T, found)
        trips.append(found)
    return forward.outcome, trips


def _starts(ends: Ends) -> Iterator[tuple[int, State, Crowd]]:
    everybody = np.arange(len(ends.receivers))
    order = np.argsort(ends.nodes, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(ends.nodes[order])) + 1):
        there = np.ones((len(rows), len(everybody)), bool)
        yield int(ends.nodes[rows[0]]), State(), Crowd(np.sort(rows), everybody, there, np.zeros(len(rows), np.int32))


class _Leg:
    """One leg of all pairs under way. Rows are those who send on it, columns those it is for."""

    def __init__(
        self,
        of: Program,
        version: int,
        sources: Array,
        destinations: Array,
        key: int,
        tables: dict[int, list[Crowd]],
        expected: Array,
        *,
        replying: bool,
    ) -> None:
        self.nodes, self.marks, self.tables = of.nodes, of.marks, of.tables[version]
        self.sources, self.destinations, self.key = sources, destinations, key
        self.sessions, self.expected, self.replying = tables, expected, replying
        self.outcome = np.full((len(sources), len(destinations)), FAILS, np.uint8)
        self.sender = np.full((len(sources), len(destinations)), program.NOBODY, np.int32)
        self.answers: list[tuple[int, Crowd]] = []
        self.next: dict[tuple[int, State], list[Crowd]] = {}
        self.routes: dict[tuple[int, int], tuple[Array, Parts]] = {}  # by table and receivers, which are kept so that their id stays
        lookups = of.nodes.first[of.nodes.kind == program.LOOKUP]
        self.shared = np.bincount(lookups, minlength=len(self.tables.routes.first)) > 1
        self.asks_ports = _asking_ports(self.tables.rules) | _asking_ports(self.tables.unread)
        self.meeting: Meeting | None = None
        self.steps: dict[int, Callable[[int, State, Crowd], None]] = {
            program.LOOKUP: self._look_up,
            program.FILTER: self._filter,
            program.SESSION: self._session,
            program.SEND: self._send,
            program.FORGET: self._forget,
            program.DELIVER: self._deliver,
            program.DROP: self._drop,
        }

    def walk(self, starts: Iterator[tuple[int, State, Crowd]] | Sequence[tuple[int, State, Crowd]]) -> None:
        """Take every crowd to its ends."""
        for node, state, crowd in starts:
            self._go(node, state, crowd)
        for _ in range(STEPS):
            now, self.next = self.next, {}
            if not now:
                return
            for (node, state), crowds in now.items():
                step = self.steps.get(int(self.nodes.kind[node]), self._leave)
                crowd = _together(crowds)
                if self.meeting:
                    self.meeting(node, crowd.rows, crowd.columns)
                step(node, state, crowd)
        for (node, state), crowds in self.next.items():
            self._leave(node, state, _together(crowds))

    def _go(self, node: int, state: State, crowd: Crowd | None) -> None:
        if crowd is not None and node >= 0:
            self.next.setdefault((node, state), []).append(crowd)

    def _end(self, crowd: Crowd, outcome: int) -> None:
        place = (crowd.rows[:, None], crowd.columns)
        self.outcome[place] = np.where(crowd.there, outcome, self.outcome[place])

    def _leave(self, _node: int, _state: State, crowd: Crowd) -> None:
        self._end(crowd, LEFT)

    # --- one step of each kind ---------------------------------------------------------------------------------------------------

    def _look_up(self, node: int, state: State, crowd: Crowd) -> None:
        begin = int(self.nodes.second[node])
        for route, places, columns in self._parted(int(self.nodes.first[node]), crowd.columns):
            target = int(self.nodes.miss[node]) if route == NOTHING else int(self.nodes.targets[begin + route])
            self._go(target, state, crowd if places is None else crowd.at(places, columns))

    def _parted(self, table: int, columns: Array) -> Parts:
        """Some receivers by winning route. Of tables of several nodes what is found is kept: the same receivers, which are one object as
        often as not, are looked up in them again.
        """
        known = self.routes.get((table, id(columns)))
        if known:
            return known[1]
        begin, end = self.tables.routes.first[table : table + 2]
        interval = self.tables.routes.starts[begin:end].searchsorted(self.destinations[columns], "right") - 1
        route = self.tables.routes.values[begin:end][interval]
        if (route == route[0]).all():
            found: Parts = [(int(route[0]), None, columns)]
        else:
            order = np.argsort(route, kind="stable")
            parts = np.split(order, np.flatnonzero(np.diff(route[order])) + 1)
            found = [(int(route[part[0]]), part, columns[part]) for part in parts]
        if self.shared[table]:
            self.routes[table, id(columns)] = columns, found
        return found

    def _filter(self, node: int, state: State, crowd: Crowd) -> None:
        rules = int(self.nodes.first[node])
        if self.asks_ports[rules]:
            self._leave(node, state, crowd)
            return
        permitted, referred, undecided = self._decided(self.tables.rules, rules, state, crowd)
        if self.marks.permits[rules]:
            permitted |= undecided
        elif len(self.tables.unread.rule) and undecided.any():
            doubtful = undecided & ~self._decided(self.tables.unread, rules, state, crowd)[2]
            self._end(Crowd(crowd.rows, crowd.columns, doubtful, crowd.groups), LEFT)
            undecided = undecided & ~doubtful
            crowd = Crowd(crowd.rows, crowd.columns, crowd.there & ~doubtful, crowd.groups)
        table = int(self.nodes.second[node])
        if table != NO_TABLE and not self.replying:  # what a reply leaves behind is for nobody
            self.sessions.setdefault(table, []).append(Crowd(crowd.rows, crowd.columns, permitted, crowd.groups))
        then = int(self.nodes.then[node])
        if referred.any():
            self._go(then, State(state.bits | REFERENCE, state.past, state.sent), crowd.only(referred))
            self._go(then, state, crowd.only(permitted & ~referred))
        else:
            self._go(then, state, crowd.only(permitted))
        miss = int(self.nodes.miss[node])
        if miss >= 0:
            self._go(miss, state, crowd.only(crowd.there & ~permitted))

    def _decided(self, rules: Boxes, number: int, state: State, crowd: Crowd) -> tuple[Array, Array, Array]:
        """By pair: whether a rule permits it, whether one by reference does, and whether none covers it."""
        undecided = crowd.there.copy()
        permitted, referred = np.zeros_like(undecided), np.zeros_like(undecided)
        boxes = np.arange(rules.first[number], rules.first[number + 1])
        fits = np.uint32(self.key) - rules.key_low[boxes] <= rules.key_span[boxes]
        fits &= (state.bits & rules.asked[boxes]) == rules.wanted[boxes]
        sources, destinations = self.sources[crowd.rows], self.destinations[crowd.columns]
        for box in boxes[fits].tolist():
            covered = undecided
            if rules.source_span[box] != EVERY:
                covered = covered & (sources - rules.source_low[box] <= rules.source_span[box])[:, None]
            if rules.group[box] != ANY_GROUP:
                covered = covered & self.marks.member[crowd.groups, rules.group[box]][:, None]
            if rules.destination_span[box] != EVERY:
                covered = covered & (destinations - rules.destination_low[box] <= rules.destination_span[box])[None, :]
            if rules.action[box] & PERMITS:
                permitted |= covered
                if rules.action[box] & BY_REFERENCE and not state.bits & REFERENCE:
                    referred |= covered
            undecided = undecided & ~covered
            if not undecided.any():
                break
        return permitted, referred, undecided

    def _session(self, node: int, state: State, crowd: Crowd) -> None:
        """On the way out no session is the reverse of a packet: it would have to come from where it goes."""
        known = np.zeros_like(crowd.there)
        if self.replying:
            for session in self.sessions.get(int(self.nodes.first[node]), ()):
                rows, there = _places(session.columns, crowd.rows)
                columns, here = _places(session.rows, crowd.columns)
                known[there[:, None], here] |= session.there[columns[:, None], rows].T
            known &= crowd.there
            self._go(int(self.nodes.then[node]), state, crowd.only(known))
        self._go(int(self.nodes.miss[node]), state, crowd.only(crowd.there & ~known))

    def _send(self, node: int, state: State, crowd: Crowd) -> None:
        sender = int(self.nodes.first[node])
        sources, bound = self.sources[crowd.rows], int(self.tables.bound[sender])
        if bound >= 0 and (sources != bound).any():
            self._leave(node, state, crowd)
            return
        known = np.full(len(crowd.rows), not self.marks.limited[sender])
        for block in range(self.tables.own_first[sender], self.tables.own_first[sender + 1]):
            known |= (self.tables.own[block] <= sources) & (sources <= self.tables.own_last[block])
        groups = np.where(known, self.marks.groups[sender], 0).astype(np.int32)
        if not state.sent:
            place = (crowd.rows[:, None], crowd.columns)
            self.sender[place] = np.where(crowd.there, self.marks.endpoint[sender], self.sender[place])
        # The first Send of a packet is its sender's; later ones are those of middleboxes, and whoever passes them has their groups.
        past: Past = (node,) if state.sent else ("sent",)
        self._go(
            int(self.nodes.then[node]),
            State(REPLY if self.replying else 0, past, True),
            Crowd(crowd.rows, crowd.columns, crowd.there, groups),
        )

    def _forget(self, node: int, state: State, crowd: Crowd) -> None:
        if self.nodes.second[node] != 0:  # some groups only
            losing = self.marks.losses[self.nodes.first[node], crowd.groups]
            left = crowd.there & losing[:, None]
            self._end(Crowd(crowd.rows, crowd.columns, left, crowd.groups), LEFT)
            self._go(int(self.nodes.then[node]), state, crowd.only(crowd.there & ~left))
            return
        forgotten = Crowd(crowd.rows, crowd.columns, crowd.there, np.zeros_like(crowd.groups))
        self._go(int(self.nodes.then[node]), State(state.bits & ~REFERENCE, ("forgotten",), state.sent), forgotten)

    def _deliver(self, node: int, _state: State, crowd: Crowd) -> None:
        arrived = crowd.there & (self.expected[crowd.rows[:, None], crowd.columns] == self.nodes.first[node])
        self._end(Crowd(crowd.rows, crowd.columns, arrived, crowd.groups), WORKS)
        here = crowd.only(arrived)
        if here is not None and not self.replying:
            rows = np.zeros(len(here.columns), np.int32)
            self.answers.append((int(self.nodes.then[node]), Crowd(here.columns, here.rows, here.there.T, rows)))

    def _drop(self, node: int, _state: State, crowd: Crowd) -> None:
        if self.nodes.disposition[node] == GAP_NUMBER:
            self._end(crowd, GAP)


def _asking_ports(boxes: Boxes) -> Array:
    """Which lists tell source ports apart, which a crowd has many of."""
    before = np.concatenate([[0], np.cumsum(boxes.port_span != EVERY)])
    found: Array = before[boxes.first[1:]] > before[boxes.first[:-1]]
    return found


def _places(among: Array, wanted: Array) -> tuple[Array, Array]:
    """Of the numbers that both have, where they are: in `among`, which is sorted, and in `wanted`."""
    place = among.searchsorted(wanted)
    place[place == len(among)] = 0
    both = (among[place] == wanted).nonzero()[0]
    return place[both], both


def _together(crowds: list[Crowd]) -> Crowd:
    """Crowds of one node and state as one."""
    if len(crowds) == 1:
        return crowds[0]
    rows = np.unique(np.concatenate([crowd.rows for crowd in crowds]))
    one = crowds[0].columns
    same = all(crowd.columns is one for crowd in crowds)
    columns = one if same else np.unique(np.concatenate([crowd.columns for crowd in crowds]))
    there, groups = np.zeros((len(rows), len(columns)), bool), np.zeros(len(rows), np.int32)
    for crowd in crowds:
        here = np.searchsorted(rows, crowd.rows)
        if same:
            there[here] |= crowd.there
        else:
            there[np.ix_(here, np.searchsorted(columns, crowd.columns))] |= crowd.there
        groups[here] = crowd.groups
    return Crowd(rows, columns, there, groups)
