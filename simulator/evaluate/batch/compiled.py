"""Many flows through the program with numba: one flow after the other, both legs in one loop, nothing allocated in it.

The same answers as `staged.py`, flow by flow, strange ones included. Without numba this module still runs, as plain Python: slowly, for
tests. The functions know scalars and arrays only, because numba compiles them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from simulator.evaluate.batch import keys
from simulator.evaluate.batch.arrays import Array
from simulator.evaluate.batch.boxes import BY_REFERENCE, PERMITS, REFERENCE, REPLY, Boxes
from simulator.evaluate.batch.flows import CHOICES_KEPT, NO_NODE, NO_RULE, Ends, Outcomes, Starts
from simulator.evaluate.batch.jit import below, jit
from simulator.evaluate.batch.lower import NUMBER
from simulator.evaluate.batch.program import (
    CHOICE,
    DELIVER,
    DROP,
    FILTER,
    FORGET,
    LOOKUP,
    MASQUERADE,
    REDIRECT,
    RESTORE,
    SEND,
    SESSION,
    TRANSLATE,
    Program,
)
from simulator.evaluate.batch.staged import SESSIONS_KEPT, STEPS_KEPT, VERSIONS_KEPT, WATCHED_KEPT
from simulator.evaluate.batch.tree import Tree, grow
from simulator.evaluate.result import Disposition

Number = Any  # an integer of Python's or numpy's: compiled, they are the same
DELIVERED, ELSEWHERE, UNEXPECTED, DENIED, GAP = (
    NUMBER[one]
    for one in (Disposition.DELIVERED, Disposition.ELSEWHERE, Disposition.REPLY_NOT_EXPECTED, Disposition.DENIED, Disposition.GAP)
)
UDP_PAGE, ICMP_PAGE, ICMPV6_PAGE = keys.UDP_PAGE, keys.ICMP_PAGE, keys.ICMPV6_PAGE
REPLY_TYPE, IS_ANSWERED = keys.REPLY_TYPE, keys.IS_ANSWERED


def run(of: Program, version: int, starts: Starts, *, one_way: bool = False) -> Outcomes:
    """Both legs of flows of one IP version."""
    flows = len(starts.node)
    packed = of.prepared.setdefault(version, None) or pack(of, version)
    of.prepared[version] = packed
    dispositions = np.full((2, flows), 255, np.uint8)
    nodes, rules = np.full((2, flows), NO_NODE, np.int32), np.full((2, flows), NO_RULE, np.int32)
    scratch = np.zeros((VERSIONS_KEPT, 4), np.uint32), np.zeros((SESSIONS_KEPT, 3), np.int32), np.zeros((WATCHED_KEPT, 5), np.int32)
    found = Found(dispositions, nodes, rules, np.zeros(flows, np.uint8), np.zeros(flows, np.bool_), *scratch)
    with np.errstate(over="ignore"):  # interpreted, numpy warns of the subtractions modulo 2^32
        _round_trips(packed, of.marks, of.tables[version], starts, one_way, found)
    forward, back = (Ends(dispositions[leg], nodes[leg], rules[leg]) for leg in range(2))
    return Outcomes(forward, back, found.chosen, found.strange)


class Found(NamedTuple):
    """What `_round_trips` fills in, by leg and flow, and room for what it remembers of one flow."""

    disposition: Array
    node: Array
    rule: Array
    chosen: Array
    strange: Array
    versions: Array
    session: Array
    met: Array


class Packed(NamedTuple):
    """Nodes and boxes by row, so that a step touches one line of the cache for its node and one for each box.

    nodes: int32, by node and the columns KIND to FLAGS. targets: int32. rules, unread: uint32, by box and the columns SOURCE to RULE;
    first and unread_first: int32, where the boxes of a list begin.
    """

    nodes: Array
    targets: Array
    first: Array
    rules: Array
    unread_first: Array
    unread: Array
    trees: Tree


KIND, THEN, MISS, FIRST, SECOND, ENDING, WATCHED = range(7)
SOURCE, SOURCE_SPAN, DESTINATION, DESTINATION_SPAN, KEY, KEY_SPAN, GROUP, MARKS, RULE = range(9)
NO_GROUP = 0xFFFFFFFF


def pack(of: Program, version: int) -> Packed:
    """The rows of a program."""
    nodes, tables = of.nodes, of.tables[version]
    rows = np.zeros((len(nodes.kind), 8), np.int32)
    for column, values in enumerate((nodes.kind, nodes.then, nodes.miss, nodes.first, nodes.second, nodes.disposition, nodes.watched)):
        rows[:, column] = values
    return Packed(
        rows, nodes.targets, tables.rules.first, rows_of(tables.rules), tables.unread.first, rows_of(tables.unread), grow(tables.routes)
    )


def rows_of(boxes: Boxes) -> Array:
    """Boxes by row."""
    marks = boxes.asked.astype(np.uint32) | boxes.wanted.astype(np.uint32) << 8 | boxes.action.astype(np.uint32) << 16
    columns = (*boxes[1:7], boxes.group.astype(np.uint32), marks, boxes.rule.astype(np.uint32))
    rows = np.zeros((len(boxes.rule), 16), np.uint32)
    for column, values in enumerate(columns):
        rows[:, column] = values
    return rows


@jit
def _route(root: Array, keys: Array, base: Array, values: Array, table: Number, point: Number) -> Number:
    """The winning route of a table, or -1 (`tree.py`)."""
    node = np.int64(root[table])
    while True:
        node = np.int64(base[node]) + (below(keys, node, point) if base[node] >= 0 else -below(keys, node, point))
        if node < 0:
            return values[-1 - node]


@jit
def routes(tree: Tree, table: Array, point: Array, out: Array) -> None:
    """The winning routes of many points, each in its table, into `out` (int32): `intervals.look_up`, compiled."""
    root, keys, base, values = tree
    for row in range(len(table)):
        out[row] = _route(root, keys, base, values, table[row], point[row])


@jit
def boxes(first: Array, rows: Array, which: Array, packets: Any, member: Array, out: Array) -> None:
    """The first boxes that cover many packets, each in its list, into `out` (int32): `boxes.first_box`, compiled. rows: of `Packed`."""
    sources, destinations, packet_keys, groups, marks = packets
    for row in range(len(which)):
        found = _box(first, rows, which[row], sources[row], destinations[row], packet_keys[row], groups[row], marks[row], member)
        out[row] = found


@jit
def _box(
    first: Array, boxes: Array, which: Number, source: Number, destination: Number, key: Number, groups: Number, bits: Number, member: Array
) -> Number:
    """The first box of a list that covers a packet, or -1."""
    for box in range(first[which], first[which + 1]):
        if (
            np.uint32(key - boxes[box, KEY]) <= boxes[box, KEY_SPAN]
            and np.uint32(source - boxes[box, SOURCE]) <= boxes[box, SOURCE_SPAN]
            and np.uint32(destination - boxes[box, DESTINATION]) <= boxes[box, DESTINATION_SPAN]
            and bits & (boxes[box, MARKS] & 0xFF) == boxes[box, MARKS] >> 8 & 0xFF
            and (boxes[box, GROUP] == NO_GROUP or member[groups, boxes[box, GROUP]])
        ):
            return box
    return -1


@jit
def _lost_box(
    first: Array, boxes: Array, which: Number, source: Number, destination: Number, key: Number, lost: Number, member: Array
) -> Number:
    """The first box that covers the header and names a group of the set `lost`, or -1."""
    for box in range(first[which], first[which + 1]):
        if (
            boxes[box, GROUP] != NO_GROUP
            and member[lost, boxes[box, GROUP]]
            and np.uint32(key - boxes[box, KEY]) <= boxes[box, KEY_SPAN]
            and np.uint32(source - boxes[box, SOURCE]) <= boxes[box, SOURCE_SPAN]
            and np.uint32(destination - boxes[box, DESTINATION]) <= boxes[box, DESTINATION_SPAN]
        ):
            return box
    return -1


@jit
def _reverse(key: Number, port: Number) -> tuple[Number, Number]:
    """Key and source port of the reply."""
    page, value = key >> 16, key & 0xFFFF
    if page <= UDP_PAGE:
        return np.uint32((page << 16) | port), np.uint32(value)
    if page in (ICMP_PAGE, ICMPV6_PAGE):
        kind = REPLY_TYPE[np.int64(page == ICMPV6_PAGE), value >> 8]
        return np.uint32((page << 16) | (np.uint32(kind) << 8) | (value & 0xFF)), np.uint32(0)
    return np.uint32(key), np.uint32(0)


@jit
def _is_answered(key: Number) -> Any:
    page = key >> 16
    return page not in (ICMP_PAGE, ICMPV6_PAGE) or IS_ANSWERED[np.int64(page == ICMPV6_PAGE), (key & 0xFFFF) >> 8]


@jit
def _pair(pairs: Array, wanted: Number) -> Number:
    """Where a key is in a sorted array, or -1."""
    low, high = 0, len(pairs)
    while low < high:
        middle = (low + high) >> 1
        if pairs[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low if low < len(pairs) and pairs[low] == wanted else -1


@jit
def _keep(versions: Array, version: Number, source: Number, destination: Number, key: Number, port: Number) -> Number:
    """Keep a header as the next version; its number, which may be one too many."""
    version += 1
    if version < VERSIONS_KEPT:
        versions[version, 0], versions[version, 1], versions[version, 2], versions[version, 3] = source, destination, key, port
    return version


@jit
def _remember(session: Array, sessions: Number, table: Number, left: Number, came: Number) -> Number:
    if sessions < SESSIONS_KEPT:
        session[sessions, 0], session[sessions, 1], session[sessions, 2] = table, left, came
    return sessions + 1


@jit
def _session(
    session: Array, sessions: Number, versions: Array, table: Number, source: Number, destination: Number, key: Number, port: Number
) -> Number:
    """The version that came, of the latest session of a table that left as the reverse of this header, or -1."""
    turned, other = _reverse(key, port)
    for at in range(min(sessions, SESSIONS_KEPT) - 1, -1, -1):
        if session[at, 0] == table:
            left = session[at, 1]
            if (
                versions[left, 0] == destination
                and versions[left, 1] == source
                and versions[left, 2] == turned
                and versions[left, 3] == other
            ):
                return session[at, 2]
    return -1


@jit
def _known(own_first: Array, own: Array, own_last: Array, limited: Array, sender: Number, source: Number) -> Any:
    """Whether the groups of a sender are known of packets from an address."""
    if not limited[sender]:
        return True
    for at in range(own_first[sender], own_first[sender + 1]):  # noqa: SIM110 - numba knows no generators here
        if own[at] <= source <= own_last[at]:
            return True
    return False


@jit
def _round_trips(packed: Packed, marks: Any, tables: Any, starts: Any, one_way: bool, found: Found) -> None:  # noqa: PLR0915 - see below
    """Every flow: as `staged.py`, in scalars. All arrays are taken out of their tuples first, and all is one function, because
    numba counts references at each access and each call: that took four fifths of the time.
    """
    nodes, targets, first_box, rules, first_unread, unread, trees = packed
    senders, sender_groups, limited, permits, member, nat_ports, redirect_ports, losses = marks
    _, _, _, bounds, own_first, own, own_last, pair_from, pair_to, nat_first, nats, redirects = tables
    roots, tree_keys, tree_base, routes = trees
    starting, sources, destinations, protocols, ports, wanted, wanted_also, alike, choices = starts
    dispositions, lasts, deciding, met_choices, left, versions, session, met = found
    for row in range(len(starting)):
        source, destination, key, port = sources[row], destinations[row], protocols[row], ports[row]
        node, strange = np.int64(starting[row]), alike[row]
        expected, also = np.int64(wanted[row]), np.int64(wanted_also[row])
        version, sessions, chosen, kept = -1, 0, 0, choices.shape[1]
        awaited_source, awaited_destination, awaited_key, awaited_port = np.uint32(0), np.uint32(0), np.uint32(0), np.uint32(0)
        for leg in range(2):
            groups, lost, bits, unknown, meetings = np.int64(0), np.int64(0), 0, False, 0
            version = _keep(versions, version, source, destination, key, port)
            sent, sender, has_sent, reply_at, steps = version, np.int64(-1), False, np.int64(-1), 0
            disposition, last, rule = 255, np.int64(-1), np.int64(-1)
            while node >= 0 and not strange:
                steps += 1
                if steps > STEPS_KEPT or version >= VERSIONS_KEPT or sessions > SESSIONS_KEPT or chosen > CHOICES_KEPT:
                    strange = True
                    break
                if nodes[node, WATCHED]:
                    for at in range(meetings):
                        if met[at, 0] == node and (
                            nodes[node, KIND] == MASQUERADE
                            or (
                                met[at, 2] == groups
                                and met[at, 3] == lost
                                and met[at, 4] == bits
                                and versions[met[at, 1], 0] == source
                                and versions[met[at, 1], 1] == destination
                                and versions[met[at, 1], 2] == key
                                and versions[met[at, 1], 3] == port
                            )
                        ):
                            strange = True
                    if meetings >= WATCHED_KEPT or strange:
                        strange = True
                        break
                    met[meetings, 0], met[meetings, 1], met[meetings, 2], met[meetings, 3], met[meetings, 4] = (
                        node,
                        version,
                        groups,
                        lost,
                        bits,
                    )
                    meetings += 1
                kind, first = nodes[node, KIND], np.int64(nodes[node, FIRST])
                if kind == LOOKUP:
                    route = _route(roots, tree_keys, tree_base, routes, first, destination)
                    node = np.int64(nodes[node, MISS]) if route < 0 else np.int64(targets[nodes[node, SECOND] + route])
                elif kind == FILTER:
                    box = _box(first_box, rules, first, source, destination, key, groups, bits, member)
                    action = np.int64(rules[box, MARKS] >> 16) if box >= 0 else 0
                    permit = (action & PERMITS) != 0 if box >= 0 else permits[first]
                    if not permit and box < 0 and _box(first_unread, unread, first, source, destination, key, groups, bits, member) >= 0:
                        permit = unknown = True
                    if permit:
                        if nodes[node, SECOND] >= 0:
                            sessions = _remember(session, sessions, nodes[node, SECOND], version, version)
                        if action & BY_REFERENCE:
                            bits |= REFERENCE
                        node = np.int64(nodes[node, THEN])
                    elif nodes[node, MISS] >= 0:
                        node = np.int64(nodes[node, MISS])
                    else:
                        disposition, last = nodes[node, ENDING], node
                        if box < 0 and lost > 0:
                            box = _lost_box(first_box, rules, first, source, destination, key, lost, member)
                            disposition = DENIED if box >= 0 else disposition
                        rule = np.int64(rules[box, RULE]) if box >= 0 else np.int64(-1)
                        node = np.int64(-1)
                elif kind == SESSION:
                    came = _session(session, sessions, versions, first, source, destination, key, port)
                    node = np.int64(nodes[node, THEN]) if came >= 0 else np.int64(nodes[node, MISS])
                elif kind == CHOICE:
                    value = 0
                    if first > 1:
                        if chosen < kept and choices[row, chosen] >= 0:
                            value = choices[row, chosen]
                        chosen += 1
                    node = np.int64(targets[nodes[node, SECOND] + value])
                elif kind == SEND:
                    bound = bounds[first]
                    if bound >= 0 and bound != source:
                        source = np.uint32(bound)
                        version = _keep(versions, version, source, destination, key, port)
                    groups = np.int64(sender_groups[first]) if _known(own_first, own, own_last, limited, first, source) else np.int64(0)
                    lost, bits = np.int64(0), REPLY * leg
                    if not has_sent:
                        sent, sender, has_sent = version, np.int64(senders[first]), True
                    node = np.int64(nodes[node, THEN])
                elif kind == DELIVER:
                    there = first in (expected, also)
                    disposition, last = (GAP if unknown else DELIVERED) if there else ELSEWHERE, node
                    if (
                        there
                        and leg == 1
                        and (source != awaited_source or destination != awaited_destination or key != awaited_key or port != awaited_port)
                    ):
                        disposition = UNEXPECTED
                    elif there:
                        reply_at = np.int64(nodes[node, THEN])
                    node = np.int64(-1)
                elif kind == DROP:
                    disposition, last, node = nodes[node, ENDING], node, np.int64(-1)
                elif kind == FORGET and nodes[node, SECOND]:
                    strange = strange or losses[first, groups]
                    node = np.int64(nodes[node, THEN])
                else:  # the sender is forgotten by all that follow
                    if groups > 0:
                        strange = strange or (lost > 0 and lost != groups)
                        lost, groups = groups, np.int64(0)
                    bits &= ~REFERENCE
                    if kind == TRANSLATE:
                        of_destination = nodes[node, SECOND] == 1
                        pair = _pair(pair_from, (np.uint64(first) << np.uint64(32)) | np.uint64(destination if of_destination else source))
                        if pair >= 0:
                            if of_destination:
                                destination = pair_to[pair]
                            else:
                                source = pair_to[pair]
                            version = _keep(versions, version, source, destination, key, port)
                        node = np.int64(nodes[node, THEN]) if pair >= 0 else np.int64(nodes[node, MISS])
                    elif kind == RESTORE:
                        came = _session(session, sessions, versions, first, source, destination, key, port)
                        if came >= 0:
                            source, destination = versions[came, 1], versions[came, 0]
                            key, port = _reverse(versions[came, 2], versions[came, 3])
                            version = _keep(versions, version, source, destination, key, port)
                        node = np.int64(nodes[node, THEN]) if came >= 0 else np.int64(nodes[node, MISS])
                    elif kind == MASQUERADE:
                        came, begin = version, np.int64(nat_first[first])
                        address = 0
                        if nat_first[first + 1] - begin > 1:
                            if chosen < kept and choices[row, chosen] >= 0:
                                address = choices[row, chosen]
                            chosen += 1
                        point = nats[begin + address]
                        strange = strange or point < 0
                        source = np.uint32(point)
                        if key >> 16 <= UDP_PAGE:
                            low, high = nat_ports[first, 0], nat_ports[first, 1]
                            usual = port if low <= port <= high else np.uint32(low)
                            if chosen < kept and choices[row, chosen] >= 0:
                                usual = np.uint32(choices[row, chosen])
                            port = usual
                            chosen += 1
                        version = _keep(versions, version, source, destination, key, port)
                        sessions = _remember(session, sessions, nodes[node, SECOND], version, came)
                        node = np.int64(nodes[node, THEN])
                    elif kind == REDIRECT:
                        came, point = version, redirects[first]
                        strange = strange or point < 0
                        destination = np.uint32(point)
                        if key >> 16 <= UDP_PAGE:
                            key = np.uint32((key & 0xFFFF0000) | redirect_ports[first])
                        version = _keep(versions, version, source, destination, key, port)
                        sessions = _remember(session, sessions, nodes[node, SECOND], version, came)
                        node = np.int64(nodes[node, THEN])
                    else:
                        node = np.int64(nodes[node, THEN])
            dispositions[leg, row], lasts[leg, row], deciding[leg, row] = disposition, last, rule
            strange = strange or last < 0 or version >= VERSIONS_KEPT or sessions > SESSIONS_KEPT or chosen > CHOICES_KEPT
            if strange or one_way or leg == 1 or reply_at < 0 or not _is_answered(key):
                break
            awaited_source, awaited_destination = versions[sent, 1], versions[sent, 0]
            awaited_key, awaited_port = _reverse(versions[sent, 2], versions[sent, 3])
            source, destination = destination, source
            key, port = _reverse(key, port)
            node, expected, also = reply_at, sender, np.int64(-1)
        met_choices[row], left[row] = min(chosen, CHOICES_KEPT), strange
