"""The small steps of compiled code, in scalars: `intervals.py`, `directory.py`, `boxes.py` and `keys.py` again, one packet at a time."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.evaluate.batch import keys
from simulator.evaluate.batch.arrays import Array
from simulator.evaluate.batch.directory import INNER, Directory
from simulator.evaluate.batch.jit import below, inline, jit, ones
from simulator.evaluate.batch.packed import (
    DESTINATION,
    DESTINATION_SPAN,
    GROUP,
    KEY,
    KEY_SPAN,
    MARKS,
    NO_GROUP,
    PORT,
    PORT_SPAN,
    SOURCE,
    SOURCE_SPAN,
)
from simulator.evaluate.batch.staged import SESSIONS_KEPT, VERSIONS_KEPT
from simulator.evaluate.batch.tree import Tree

Number = Any  # an integer of Python's or numpy's: compiled, they are the same
UDP_PAGE, ICMP_PAGE, ICMPV6_PAGE = keys.UDP_PAGE, keys.ICMP_PAGE, keys.ICMPV6_PAGE
EVERY_BIT, LOW_WORD, HALF = np.uint64(0xFFFFFFFFFFFFFFFF), np.uint64(0xFFFFFFFF), np.uint64(32)
REPLY_TYPE, IS_ANSWERED = keys.REPLY_TYPE, keys.IS_ANSWERED


@inline
def route(
    root: Array, keys: Array, base: Array, values: Array, huge: Array, words: Array, runs: Array, table: Number, point: Number
) -> Number:
    """The winning route of a table, or -1 (`tree.py`; of a huge one, `directory.py`)."""
    node = np.int64(root[table])
    if node < 0:
        run = runs[run_of(huge, words, -1 - node, point)]
        if run > INNER:
            return run
        node = np.int64(root[INNER - run])
    while True:
        node = np.int64(base[node]) + (below(keys, node, point) if base[node] >= 0 else -below(keys, node, point))
        if node < 0:
            return values[-1 - node]


@inline
def run_of(huge: Array, words: Array, number: Number, point: Number) -> Number:
    """The run that a point of a huge table is in."""
    block = np.int64(point) >> huge[number, 0]
    block = min(max(block, huge[number, 1]), huge[number, 2]) - huge[number, 1]
    word = huge[number, 3] + (block >> 6)
    upto = EVERY_BIT >> np.uint64(63 - (block & 63))
    return np.int64(words[word, 1]) + ones(words[word, 0] & upto) - 1


@jit
def routes_of(tree: Tree, directory: Directory, table: Array, point: Array, out: Array) -> None:
    """The winning routes of many points, each in its table, into `out` (int32): `directory.look_up_huge`, compiled."""
    root, keys, base, values = tree
    _, huge, words, runs, _ = directory
    for row in range(len(table)):
        out[row] = route(root, keys, base, values, huge, words, runs, table[row], point[row])


@jit
def atoms_of(tree: Tree, directory: Directory, atoms: Number, high: Array, low: Array, out: Array) -> None:
    """The atoms of many IPv6 addresses in halves into `out` (int32): `words.atoms_of`, compiled."""
    root, keys, base, values = tree
    _, huge, words, runs, _ = directory
    for row in range(len(high)):
        found = np.int64(route(root, keys, base, values, huge, words, runs, 0, np.uint32(high[row] >> HALF)))
        if found >= atoms:
            found = np.int64(route(root, keys, base, values, huge, words, runs, found - atoms, np.uint32(high[row] & LOW_WORD)))
        if found >= atoms:
            found = np.int64(route(root, keys, base, values, huge, words, runs, found - atoms, np.uint32(low[row] >> HALF)))
        if found >= atoms:
            found = np.int64(route(root, keys, base, values, huge, words, runs, found - atoms, np.uint32(low[row] & LOW_WORD)))
        out[row] = found


@jit
def boxes_of(first: Array, rows: Array, which: Array, packets: Any, member: Array, out: Array) -> None:
    """The first boxes that cover many packets, each in its list, into `out` (int32): `boxes.first_box`, compiled. rows: of `Packed`."""
    sources, destinations, ports, packet_keys, groups, marks = packets
    for row in range(len(which)):
        found = box(first, rows, which[row], sources[row], destinations[row], ports[row], packet_keys[row], groups[row], marks[row], member)
        out[row] = found


@jit
def box(
    first: Array,
    boxes: Array,
    which: Number,
    source: Number,
    destination: Number,
    port: Number,
    key: Number,
    groups: Number,
    bits: Number,
    member: Array,
) -> Number:
    """The first box of a list that covers a packet, or -1."""
    for box in range(first[which], first[which + 1]):
        if (
            np.uint32(key - boxes[box, KEY]) <= boxes[box, KEY_SPAN]
            and np.uint32(source - boxes[box, SOURCE]) <= boxes[box, SOURCE_SPAN]
            and np.uint32(destination - boxes[box, DESTINATION]) <= boxes[box, DESTINATION_SPAN]
            and np.uint32(port - boxes[box, PORT]) <= boxes[box, PORT_SPAN]
            and bits & (boxes[box, MARKS] & 0xFF) == boxes[box, MARKS] >> 8 & 0xFF
            and (boxes[box, GROUP] == NO_GROUP or member[groups, boxes[box, GROUP]])
        ):
            return box
    return -1


@jit
def lost_box(
    first: Array, boxes: Array, which: Number, source: Number, destination: Number, port: Number, key: Number, lost: Number, member: Array
) -> Number:
    """The first box that covers the header and names a group of the set `lost`, or -1."""
    for box in range(first[which], first[which + 1]):
        if (
            boxes[box, GROUP] != NO_GROUP
            and member[lost, boxes[box, GROUP]]
            and np.uint32(key - boxes[box, KEY]) <= boxes[box, KEY_SPAN]
            and np.uint32(source - boxes[box, SOURCE]) <= boxes[box, SOURCE_SPAN]
            and np.uint32(destination - boxes[box, DESTINATION]) <= boxes[box, DESTINATION_SPAN]
            and np.uint32(port - boxes[box, PORT]) <= boxes[box, PORT_SPAN]
        ):
            return box
    return -1


@jit
def reverse(key: Number, port: Number) -> tuple[Number, Number]:
    """Key and source port of the reply."""
    page, value = key >> 16, key & 0xFFFF
    if page <= UDP_PAGE:
        return np.uint32((page << 16) | port), np.uint32(value)
    if page in (ICMP_PAGE, ICMPV6_PAGE):
        kind = REPLY_TYPE[np.int64(page == ICMPV6_PAGE), value >> 8]
        return np.uint32((page << 16) | (np.uint32(kind) << 8) | (value & 0xFF)), np.uint32(0)
    return np.uint32(key), np.uint32(0)


@jit
def is_answered(key: Number) -> Any:
    """Whether a reply belongs to a packet (MODEL-4)."""
    page = key >> 16
    return page not in (ICMP_PAGE, ICMPV6_PAGE) or IS_ANSWERED[np.int64(page == ICMPV6_PAGE), (key & 0xFFFF) >> 8]


@jit
def pair(pairs: Array, wanted: Number) -> Number:
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
def keep(versions: Array, version: Number, source: Number, destination: Number, key: Number, port: Number) -> Number:
    """Keep a header as the next version; its number, which may be one too many."""
    version += 1
    if version < VERSIONS_KEPT:
        versions[version, 0], versions[version, 1], versions[version, 2], versions[version, 3] = source, destination, key, port
    return version


@jit
def remember(session: Array, sessions: Number, table: Number, left: Number, came: Number) -> Number:
    """Write a session, where there is room; how many there are, which may be one too many."""
    if sessions < SESSIONS_KEPT:
        session[sessions, 0], session[sessions, 1], session[sessions, 2] = table, left, came
    return sessions + 1


@jit
def session_of(
    session: Array, sessions: Number, versions: Array, table: Number, source: Number, destination: Number, key: Number, port: Number
) -> Number:
    """The version that came, of the latest session of a table that left as the reverse of this header, or -1."""
    turned, other = reverse(key, port)
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
def is_known(own_first: Array, own: Array, own_last: Array, limited: Array, sender: Number, source: Number) -> Any:
    """Whether the groups of a sender are known of packets from an address."""
    if not limited[sender]:
        return True
    for at in range(own_first[sender], own_first[sender + 1]):  # noqa: SIM110 - numba knows no generators here
        if own[at] <= source <= own_last[at]:
            return True
    return False
