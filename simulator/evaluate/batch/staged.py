"""Many flows through the program with numpy: all flows that stand at nodes of one kind take their step together.

The walker (`evaluate/walk.py`) is the definition, and this file shares nothing with it. The header of a flow changes a few times only;
its *versions* are kept, and a session is a table with the numbers of two versions: the header as it left and as it came. What cannot be
told in columns makes a flow strange, and it is left to the walker: loops, sequences of choices beyond `CHOICES_KEPT`, a sender that is
forgotten twice, and more versions or sessions than there is room for.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simulator.evaluate.batch import boxes, keys, program
from simulator.evaluate.batch.arrays import Array
from simulator.evaluate.batch.boxes import BY_REFERENCE, NO_BOX, PERMITS, REFERENCE, REPLY, Packets
from simulator.evaluate.batch.directory import look_up_huge
from simulator.evaluate.batch.flows import CHOICES_KEPT, NO_NODE, NO_RULE, Ends, Outcomes, Starts
from simulator.evaluate.batch.index import Index, Worth, index_when_worth
from simulator.evaluate.batch.indexed import first_indexed
from simulator.evaluate.batch.intervals import NOTHING
from simulator.evaluate.batch.lower import NUMBER
from simulator.evaluate.batch.program import NO_TABLE, NOBODY, Program
from simulator.evaluate.result import Disposition

WORTH = Worth(boxes=8, flows=100)  # 100 to 500 ns a box are saved, 10 to 20 us a box are spent on an index
BLOCK = 1 << 15  # flows at a time: their columns stay in the cache
STEPS_KEPT, VERSIONS_KEPT, SESSIONS_KEPT, WATCHED_KEPT = 1000, 12, 24, 20
DELIVERED, ELSEWHERE, UNEXPECTED, DENIED, GAP = (
    NUMBER[one]
    for one in (Disposition.DELIVERED, Disposition.ELSEWHERE, Disposition.REPLY_NOT_EXPECTED, Disposition.DENIED, Disposition.GAP)
)
Rows = Array


def run(of: Program, version: int, starts: Starts, *, one_way: bool = False) -> Outcomes:
    """Both legs of flows of one IP version, block by block."""
    found = Outcomes.empty(len(starts.node))
    index = index_when_worth(of.prepared, ("index", version), of.tables[version].rules, len(starts.node), WORTH)
    for begin in range(0, len(starts.node), BLOCK):
        block = slice(begin, begin + BLOCK)
        _Block(of, version, starts.rows(block), index).round_trips(
            Outcomes(
                Ends(*(c[block] for c in found.forward)), Ends(*(c[block] for c in found.back)), found.chosen[block], found.strange[block]
            ),
            one_way=one_way,
        )
    return found


class _Block:
    """A block of flows under way: one row of each column for a flow."""

    def __init__(self, of: Program, version: int, starts: Starts, index: Index | None) -> None:
        self.index = index
        self.nodes, self.marks, self.tables = of.nodes, of.marks, of.tables[version]
        size = len(starts.node)
        self.starts = starts
        self.node = starts.node.copy()
        self.expected, self.also = starts.expected, starts.also
        self.source, self.destination = starts.source.copy(), starts.destination.copy()
        self.key, self.port = starts.key.copy(), starts.source_port.copy()
        self.versions = np.zeros((VERSIONS_KEPT, 4, size), np.uint32)
        self.version = np.full(size, -1, np.int16)
        self.session = np.full((SESSIONS_KEPT, 3, size), NO_TABLE, np.int32)  # table, version that left, version that came
        self.sessions = np.zeros(size, np.int16)
        self.chosen = np.zeros(size, np.uint8)
        self.strange = starts.strange.copy()
        self.awaited: Array | None = None
        self.steps: dict[int, Callable[[Rows, Array], None]] = {
            program.LOOKUP: self._look_up,
            program.FILTER: self._filter,
            program.SESSION: self._session,
            program.CHOICE: self._choice,
            program.SEND: self._send,
            program.TRANSLATE: self._translate,
            program.MASQUERADE: self._masquerade,
            program.REDIRECT: self._redirect,
            program.RESTORE: self._restore,
            program.FORGET: self._forget,
            program.DELIVER: self._deliver,
            program.DROP: self._drop,
        }

    def round_trips(self, found: Outcomes, *, one_way: bool) -> None:
        """Walk the forward legs, then the replies of what was delivered."""
        everyone = np.arange(len(self.node))
        self._leg(everyone, found.forward)
        reply_at = self.reply_at
        if not one_way:
            answering = np.flatnonzero((reply_at >= 0) & keys.is_answered(self.key) & ~self.strange)
            self._turn(answering, reply_at)
            self._leg(answering, found.back)
        found.chosen[:] = self.chosen
        found.strange[:] = self.strange

    def _turn(self, rows: Rows, reply_at: Array) -> None:
        """Start the replies of some flows: headers reversed, to the sender, who waits for the reverse of what was sent."""
        self.node = np.full(len(self.node), -1, np.int32)
        self.node[rows] = reply_at[rows]
        self.expected, self.also = self.sender, np.full(len(self.node), NOBODY, np.int32)
        sent = np.maximum(self.sent, 0)
        columns = [self.versions[sent, field, np.arange(len(sent))] for field in range(4)]
        key, port = keys.reverse(columns[2], columns[3])
        self.awaited = np.array([columns[1], columns[0], key, port], np.uint32)
        key, port = keys.reverse(self.key[rows], self.port[rows])
        self._set(rows, self.destination[rows], self.source[rows], key, port)

    def _leg(self, rows: Rows, ends: Ends) -> None:
        size = len(self.node)
        self.ends = ends
        self.sent, self.sender = np.full(size, -1, np.int16), np.full(size, NOBODY, np.int32)
        self.reply_at = np.full(size, -1, np.int32)
        self.groups, self.lost = np.zeros(size, np.int32), np.zeros(size, np.int32)
        self.bits, self.unknown = np.zeros(size, np.uint8), np.zeros(size, bool)  # of marks, and of what was not read
        self.met = np.full((WATCHED_KEPT, 5, size), -1, np.int32)  # node, version, groups, lost, marks where loops are looked for
        self.meetings = np.zeros(size, np.int16)
        self.sent[rows] = self._keep(rows)
        everyone = rows
        self.has_sent = np.zeros(size, bool)
        for _ in range(STEPS_KEPT):
            rows = rows[(self.node[rows] >= 0) & ~self.strange[rows]]
            if not rows.size:
                break
            self._watch(rows[self.nodes.watched[self.node[rows]]])
            node = self.node[rows]
            kind = self.nodes.kind[node]
            for one in np.flatnonzero(np.bincount(kind, minlength=len(self.steps))).tolist():
                here = kind == one
                self.steps[one](rows[here], node[here])
        self.strange[rows] = True  # a loop, most likely
        self.strange[everyone[ends.node[everyone] == NO_NODE]] = True

    # --- columns ---------------------------------------------------------------------------------------------------------------

    def _set(self, rows: Rows, source: Array, destination: Array, key: Array, port: Array) -> None:
        self.source[rows], self.destination[rows], self.key[rows], self.port[rows] = source, destination, key, port

    def _keep(self, rows: Rows) -> Array:
        """Keep the present headers as versions; their numbers."""
        self.version[rows] += 1
        self.strange[rows[self.version[rows] >= VERSIONS_KEPT]] = True
        number = np.minimum(self.version[rows], VERSIONS_KEPT - 1)
        for field, column in enumerate((self.source, self.destination, self.key, self.port)):
            self.versions[number, field, rows] = column[rows]
        return number

    def _remember(self, rows: Rows, table: Array, left: Array, came: Array) -> None:
        number = self.sessions[rows]
        self.strange[rows[number >= SESSIONS_KEPT]] = True
        number = np.minimum(number, SESSIONS_KEPT - 1)
        for field, column in enumerate((table, left, came)):
            self.session[number, field, rows] = column
        self.sessions[rows] = number + 1

    def _session_of(self, rows: Rows, table: Array) -> tuple[Array, Array]:
        """Whether the reverse of the present header left by a session of a table; the version that came, of the latest such session."""
        key, port = keys.reverse(self.key[rows], self.port[rows])
        wanted = (self.destination[rows], self.source[rows], key, port)
        known, came = np.zeros(len(rows), bool), np.zeros(len(rows), np.int32)
        for number in range(int(self.sessions[rows].max(initial=0))):
            tables, left, before = self.session[number, :, rows].T
            same = (tables == table) & (number < self.sessions[rows])
            here = np.maximum(left, 0)
            for field, column in enumerate(wanted):
                same &= self.versions[here, field, rows] == column
            known |= same
            came = np.where(same, before, came)
        return known, came

    def _forgotten(self, rows: Rows) -> None:
        """Who sent these packets is forgotten, but for telling why a rule that names a group does not help."""
        groups, lost = self.groups[rows], self.lost[rows]
        self.strange[rows[(groups > 0) & (lost > 0) & (groups != lost)]] = True
        self.lost[rows] = np.where(groups > 0, groups, lost)
        self.groups[rows] = 0
        self.bits[rows] &= ~np.uint8(REFERENCE)

    def _take(self, rows: Rows, usual: Array) -> Array:
        """The next value of the choice sequences."""
        position = self.chosen[rows].astype(np.intp)
        self.strange[rows[position >= CHOICES_KEPT]] = True
        self.chosen[rows] = np.minimum(position + 1, CHOICES_KEPT)
        kept = self.starts.choices.shape[1]
        if not kept:
            return usual.astype(np.int64)
        value = self.starts.choices[rows, np.minimum(position, kept - 1)]
        return np.where((position < kept) & (value >= 0), value, usual)

    def _end(self, rows: Rows, node: Array, disposition: Array | int, rule: Array | int = NO_RULE) -> None:
        self.ends.disposition[rows], self.ends.node[rows], self.ends.rule[rows] = disposition, node, rule
        self.node[rows] = -1

    def _watch(self, rows: Rows) -> None:
        """Find the flows that were at this node with the same header and marks, or at this NAT with any (it would give them another port
        each time): these are loops, which the walker tells.
        """
        if not rows.size:
            return
        node = self.node[rows]
        now = np.array([node, self.version[rows], self.groups[rows], self.lost[rows], self.bits[rows]], np.int32)
        header = (self.source[rows], self.destination[rows], self.key[rows], self.port[rows])
        nat = self.nodes.kind[node] == program.MASQUERADE
        for number in range(int(self.meetings[rows].max(initial=0))):
            then = self.met[number][:, rows]
            again = (then[0] == node) & (number < self.meetings[rows])
            if not again.any():
                continue
            same = again & (then[2:] == now[2:]).all(axis=0)
            for field, column in enumerate(header):
                same &= self.versions[np.maximum(then[1], 0), field, rows] == column
            self.strange[rows[same | (again & nat)]] = True
        place = self.meetings[rows]
        self.strange[rows[place >= WATCHED_KEPT]] = True
        place = np.minimum(place, WATCHED_KEPT - 1)
        self.met[place[:, None], np.arange(5)[None, :], rows[:, None]] = now.T
        self.meetings[rows] = place + 1

    # --- one step of each kind -------------------------------------------------------------------------------------------------

    def _look_up(self, rows: Rows, node: Array) -> None:
        route = look_up_huge(self.tables.routes, self.tables.huge, self.nodes.first[node], self.destination[rows])
        target = self.nodes.targets[np.where(route == NOTHING, 0, self.nodes.second[node] + route)] if len(self.nodes.targets) else route
        self.node[rows] = np.where(route == NOTHING, self.nodes.miss[node], target)

    def _filter(self, rows: Rows, node: Array) -> None:
        lists = self.nodes.first[node]
        packets = Packets(self.source[rows], self.destination[rows], self.port[rows], self.key[rows], self.groups[rows], self.bits[rows])
        box = self._first_box(lists, packets)
        ruled = box != NO_BOX
        action = self.tables.rules.action[np.maximum(box, 0)] if len(self.tables.rules.action) else np.zeros(len(rows), np.uint8)
        permit = np.where(ruled, (action & PERMITS) > 0, self.marks.permits[lists])
        open_ended = np.flatnonzero(~ruled & ~permit)
        if open_ended.size and len(self.tables.unread.rule):
            some = Packets(*[column[open_ended] for column in packets])
            unread = open_ended[boxes.first_box(self.tables.unread, lists[open_ended], some, self.marks.member) != NO_BOX]
            self.unknown[rows[unread]] = True
            permit[unread] = True
        remembers = self.nodes.second[node]
        writing = permit & (remembers != NO_TABLE)
        if writing.any():
            written = rows[writing]
            self._remember(written, remembers[writing], self.version[written], self.version[written])
        self.bits[rows[permit & ruled & ((action & BY_REFERENCE) > 0)]] |= REFERENCE
        self.node[rows] = np.where(permit, self.nodes.then[node], self.nodes.miss[node])
        denied = np.flatnonzero(~permit & (self.nodes.miss[node] < 0))
        if denied.size:
            self._deny(rows[denied], node[denied], lists[denied], box[denied], Packets(*[column[denied] for column in packets]))

    def _first_box(self, lists: Array, packets: Packets) -> Array:
        if self.index is None:
            return boxes.first_box(self.tables.rules, lists, packets, self.marks.member)
        return first_indexed(self.tables.rules, self.index, lists, packets, self.marks.member)

    def _deny(self, rows: Rows, node: Array, lists: Array, box: Array, packets: Packets) -> None:
        """End legs by a rule, by the default, or by a rule that names a group which was forgotten on the way (SG-13)."""
        disposition = self.nodes.disposition[node]
        lost = np.flatnonzero((box == NO_BOX) & (self.lost[rows] > 0))
        if lost.size:
            named = self._lost_box(lists[lost], Packets(*[column[lost] for column in packets]), self.lost[rows[lost]])
            box[lost] = named
            disposition[lost[named != NO_BOX]] = DENIED
        rule = np.where(box == NO_BOX, NO_RULE, self.tables.rules.rule[np.maximum(box, 0)] if len(self.tables.rules.rule) else NO_RULE)
        self._end(rows, node, disposition, rule.astype(np.int32))

    def _lost_box(self, lists: Array, packets: Packets, lost: Array) -> Array:
        """The first box that covers the header and names a group of the set `lost`."""
        rules = self.tables.rules
        found = np.full(len(lists), NO_BOX, np.int32)
        for at in range(len(lists)):  # denials of this sort are few
            candidates = np.arange(rules.first[lists[at]], rules.first[lists[at] + 1])
            one = Packets(*[np.repeat(column[at : at + 1], len(candidates)) for column in packets])
            group = rules.group[candidates]
            fits = boxes.covers(rules, candidates, one, self.marks.member, marks=False) & (group >= 0) & self.marks.member[lost[at], group]
            if fits.any():
                found[at] = candidates[int(np.argmax(fits))]
        return found

    def _session(self, rows: Rows, node: Array) -> None:
        known, _ = self._session_of(rows, self.nodes.first[node])
        self.node[rows] = np.where(known, self.nodes.then[node], self.nodes.miss[node])

    def _choice(self, rows: Rows, node: Array) -> None:
        options = self.nodes.first[node]
        value = np.zeros(len(rows), np.int64)
        several = np.flatnonzero(options > 1)
        value[several] = self._take(rows[several], np.zeros(len(several), np.int64))
        self.node[rows] = self.nodes.targets[self.nodes.second[node] + value]

    def _send(self, rows: Rows, node: Array) -> None:
        sender = self.nodes.first[node]
        bound = self.tables.bound[sender]
        changed = (bound >= 0) & (bound != self.source[rows])
        if changed.any():
            self.source[rows[changed]] = bound[changed]
            self._keep(rows[changed])
        known = ~self.marks.limited[sender]
        begin, end = self.tables.own_first[sender], self.tables.own_first[sender + 1]
        for at in range(int((end - begin).max(initial=0))):
            there = np.flatnonzero(begin + at < end)
            block, source = begin[there] + at, self.source[rows[there]]
            known[there] |= (self.tables.own[block] <= source) & (source <= self.tables.own_last[block])
        self.groups[rows] = np.where(known, self.marks.groups[sender], 0)
        self.lost[rows], self.bits[rows] = 0, REPLY if self.awaited is not None else 0
        new = rows[~self.has_sent[rows]]
        self.sent[new] = self.version[new]
        self.sender[new] = self.marks.endpoint[sender[~self.has_sent[rows]]]
        self.has_sent[new] = True
        self.node[rows] = self.nodes.then[node]

    def _translate(self, rows: Rows, node: Array) -> None:
        self._forgotten(rows)
        for column, side in ((self.source, 0), (self.destination, 1)):
            here = self.nodes.second[node] == side
            some, at = rows[here], node[here]
            if not some.size:
                continue
            wanted = (self.nodes.first[at].astype(np.uint64) << np.uint64(32)) | column[some]
            place = np.searchsorted(self.tables.pair_from, wanted)
            hit = place < len(self.tables.pair_from)
            hit[hit] = self.tables.pair_from[place[hit]] == wanted[hit]
            self.node[some] = np.where(hit, self.nodes.then[at], self.nodes.miss[at])
            column[some[hit]] = self.tables.pair_to[place[hit]]
            self._keep(some[hit])

    def _masquerade(self, rows: Rows, node: Array) -> None:
        self._forgotten(rows)
        nat = self.nodes.first[node]
        begin, count = self.tables.nat_first[nat], self.tables.nat_first[nat + 1] - self.tables.nat_first[nat]
        address = np.zeros(len(rows), np.int64)
        several = np.flatnonzero(count > 1)
        address[several] = self._take(rows[several], np.zeros(len(several), np.int64))
        point = self.tables.nat[begin + address]
        self.strange[rows[point < 0]] = True
        first, last = self.marks.ports[nat].astype(np.uint32).T
        ported = np.flatnonzero(self.key[rows] >> np.uint32(16) <= keys.UDP_PAGE)
        some = rows[ported]
        own = self.port[some]
        usual = np.where((first[ported] <= own) & (own <= last[ported]), own, first[ported])
        came = self.version[rows]
        self.port[some] = self._take(some, usual).astype(np.uint32)
        self.source[rows] = point.astype(np.uint32)
        left = self._keep(rows)
        self._remember(rows, self.nodes.second[node], left, came)
        self.node[rows] = self.nodes.then[node]

    def _restore(self, rows: Rows, node: Array) -> None:
        self._forgotten(rows)
        known, came = self._session_of(rows, self.nodes.first[node])
        some, version = rows[known], came[known]
        source, destination, key, port = (self.versions[version, field, some] for field in range(4))
        self._set(some, destination, source, *keys.reverse(key, port))
        self._keep(some)
        self.node[rows] = np.where(known, self.nodes.then[node], self.nodes.miss[node])

    def _redirect(self, rows: Rows, node: Array) -> None:
        self._forgotten(rows)
        redirect = self.nodes.first[node]
        point, came = self.tables.redirect[redirect], self.version[rows]
        self.strange[rows[point < 0]] = True
        key = self.key[rows]
        ported = key >> np.uint32(16) <= keys.UDP_PAGE
        self.destination[rows] = point.astype(np.uint32)
        self.key[rows] = np.where(ported, key & np.uint32(0xFFFF0000) | self.marks.redirect_port[redirect], key)
        left = self._keep(rows)
        self._remember(rows, self.nodes.second[node], left, came)
        self.node[rows] = self.nodes.then[node]

    def _forget(self, rows: Rows, node: Array) -> None:
        wholly = self.nodes.second[node] == 0
        self._forgotten(rows[wholly])
        partly = ~wholly
        self.strange[rows[partly]] |= self.marks.losses[self.nodes.first[node[partly]], self.groups[rows[partly]]]
        self.node[rows] = self.nodes.then[node]

    def _deliver(self, rows: Rows, node: Array) -> None:
        end = self.nodes.first[node]
        there = (end == self.expected[rows]) | (end == self.also[rows])
        disposition = np.where(there, np.where(self.unknown[rows], GAP, DELIVERED), ELSEWHERE).astype(np.uint8)
        right = there.copy()
        if self.awaited is not None:
            for wanted, column in zip(self.awaited, (self.source, self.destination, self.key, self.port), strict=True):
                right &= wanted[rows] == column[rows]
            disposition[there & ~right] = UNEXPECTED
        self.reply_at[rows[right]] = self.nodes.then[node[right]]
        self._end(rows, node, disposition)

    def _drop(self, rows: Rows, node: Array) -> None:
        self._end(rows, node, self.nodes.disposition[node])
