"""Rules of many lists as boxes over source, destination, source port and key, and the first box that covers a packet.

A rule with several blocks is several boxes; a box keeps the number of its rule, so that what decided can be told. Membership in an
interval is one unsigned subtraction and one comparison: `x - low <= span` modulo 2^32.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.evaluate.batch.arrays import Array

NO_BOX = -1
ANY_GROUP = -1
EVERY = 0xFFFFFFFF  # the span of what is not asked for
PERMITS, BY_REFERENCE = 1, 2  # bits of an action
REFERENCE, REPLY = 1, 2  # bits of marks


class Boxes(NamedTuple):
    """The boxes of many lists, in the order of their rules.

    first: int32, one for each list and one at the end: where its boxes begin. `*_low`, `*_span`: uint32, points, ports or keys and how
    many more. group: int32, the group the sender must have, or -1. asked, wanted: uint8, the bits of the marks that are looked at, and
    what they must be. rule: int32, the number of the rule in its list. action: uint8, bits of what the rule does.
    """

    first: Array
    source_low: Array
    source_span: Array
    destination_low: Array
    destination_span: Array
    port_low: Array
    port_span: Array
    key_low: Array
    key_span: Array
    group: Array
    asked: Array
    wanted: Array
    rule: Array
    action: Array


class Packets(NamedTuple):
    """What boxes look at, one row for each packet: points, source ports, keys, the set of groups of the sender, bits of marks."""

    source: Array
    destination: Array
    port: Array
    key: Array
    groups: Array
    marks: Array

    def rows(self, chosen: Array) -> Packets:
        """Some of the packets."""
        return Packets(*[column[chosen] for column in self])


def covers(boxes: Boxes, box: Array, packets: Packets, member: Array, *, marks: bool = True) -> Array:
    """Whether each packet is in its box. member: by set of groups and group. marks: whether groups and marks must fit as well."""
    inside = packets.source - boxes.source_low[box] <= boxes.source_span[box]
    inside &= packets.destination - boxes.destination_low[box] <= boxes.destination_span[box]
    inside &= packets.port - boxes.port_low[box] <= boxes.port_span[box]
    inside &= packets.key - boxes.key_low[box] <= boxes.key_span[box]
    if marks:
        inside &= marks_fit(boxes, box, packets, member)
    return inside


def marks_fit(boxes: Boxes, box: Array, packets: Packets, member: Array) -> Array:
    """Whether the sender of each packet has the group and the marks that its box asks for."""
    group = boxes.group[box]
    found: Array = (group == ANY_GROUP) | member[packets.groups, group]
    found &= packets.marks & boxes.asked[box] == boxes.wanted[box]
    return found


def first_box(boxes: Boxes, lists: Array, packets: Packets, member: Array, begin: Array | None = None) -> Array:
    """The first box of its list that covers each packet, or -1. The boxes of all lists are gone through together, one at a time, with
    the packets that still look for one. begin: from which box on, where it is not the first of the list.
    """
    found = np.full(len(lists), NO_BOX, np.int32)
    rows = np.arange(len(lists))
    box, end = (boxes.first[lists] if begin is None else begin).astype(np.intp), boxes.first[lists + 1]
    left = box < end
    while left.any():
        rows, box, end = rows[left], box[left], end[left]
        hit = covers(boxes, box, packets.rows(rows), member)
        found[rows[hit]] = box[hit]
        box += 1
        left = ~hit & (box < end)
    return found
