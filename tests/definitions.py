"""What the kernels must compute, as plainly as it can be said: every variant is compared with these."""

from __future__ import annotations

from collections.abc import Sequence

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
