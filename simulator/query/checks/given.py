"""What a family of rules is given: the snapshot, the flow graph where it asks about traffic, and the rules that are looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from simulator.aws.network_interface import NetworkInterface
from simulator.aws.snapshot import Snapshot
from simulator.graph.nodes import FlowGraph
from simulator.origin import Origin
from simulator.query.checks.rules import RULES
from simulator.query.findings import Finding

SHOWN = 3


@dataclass(frozen=True, slots=True)
class Given:
    """A network to look at. `compiled` gives its flow graph. `unasked` takes what could not be looked at, in words."""

    snapshot: Snapshot
    compiled: Callable[[], FlowGraph]
    wanted: frozenset[str]
    unasked: list[str] = field(default_factory=list)

    def wants(self, *rules: str) -> bool:
        """Whether any of these rules is looked at."""
        return not self.wanted.isdisjoint(rules)

    @property
    def knows_interfaces(self) -> bool:
        """Whether an interface that is not there does not exist, rather than was not read."""
        return self.snapshot.was_read("network-interface")

    def in_subnet(self, subnet: str) -> list[NetworkInterface]:
        """The interfaces that stand in a subnet."""
        return list(self.snapshot.by(NetworkInterface, "subnet")[subnet])


def finding(rule: str, message: str, origin: Origin) -> Finding:
    """A finding of the rule with this id."""
    return Finding(RULES[rule], message, origin)


def named(words: Iterable[str], most: int = SHOWN) -> str:
    """Names in a sentence, the first few of them.

    >>> named(["a", "b"]), named(["a", "b", "c", "d", "e"])
    ('`a` and `b`', '`a`, `b`, `c` and 2 more')
    """
    known = list(dict.fromkeys(words))
    shown = [f"`{word}`" for word in known[:most]]
    if len(known) > most:
        return f"{', '.join(shown)} and {len(known) - most} more"
    return f"{', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else "".join(shown)
