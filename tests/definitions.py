"""What the kernels must compute, as plainly as it can be said: every variant is compared with these."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from simulator.graph.nodes import Rule
from simulator.packet.flow import Flow, Marks
from simulator.packet.prefix import Prefix


def longest_prefix(prefixes: Sequence[Prefix], version: int, address: int) -> int:
    """The position of the longest prefix that holds an address, or -1."""
    fitting = [
        (prefix.length, at) for at, prefix in enumerate(prefixes) if prefix.version == version and prefix.first <= address <= prefix.last
    ]
    return max(fitting)[1] if fitting else -1


def first_match(rules: Sequence[Rule], flow: Flow, marks: Marks) -> int:
    """The position of the first rule that covers a packet, or -1."""
    return next((at for at, rule in enumerate(rules) if rule.match.covers(flow, marks)), -1)


class Condition(NamedTuple):
    """A rule as kernels know it: four closed intervals, a group or -1, and the bits of the marks it looks at and what they must be."""

    source: tuple[int, int]
    destination: tuple[int, int]
    port: tuple[int, int]
    key: tuple[int, int]
    group: int
    marks: tuple[int, int]


def first_condition(conditions: Sequence[Condition], packet: Sequence[int], member: Sequence[Sequence[bool]]) -> int:
    """The position of the first condition that covers a packet (source, destination, port, key, set of groups, marks), or -1."""
    *header, groups, marks = packet
    for at, one in enumerate(conditions):
        inside = all(low <= value <= high for (low, high), value in zip(one[:4], header, strict=True))
        if inside and (one.group < 0 or member[groups][one.group]) and marks & one.marks[0] == one.marks[1]:
            return at
    return -1
