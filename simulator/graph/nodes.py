"""The seven kinds of node, their tables, and the finished graph.

Four kinds steer (`Lookup`, `Filter`, `SessionMatch`, `Choice`), one changes (`Rewrite`), two end (`Deliver`, `Drop`). That is the
whole instruction set; AWS is what resources build out of it. Tables (`PrefixTable`, `RuleList`) are shared objects: the same ACL
at three doors is one table and three nodes, so that it is lowered once.

`place` is the AWS resource where a node works (a hop is a run of equal places), `what` the thing in it ("network ACL acl-a
outbound"), `cites` the rules of `docs` that demand the node. Successors are indices into `FlowGraph.nodes`; while a graph is being
built they may be doors (`graph/builder.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from simulator.origin import Origin
from simulator.packet.flow import Flow, Marks
from simulator.packet.prefix import BITS, Prefix
from simulator.packet.ranges import Interval
from simulator.packet.space import Match

Address = tuple[int, int]  # version, value


@dataclass(frozen=True, slots=True)
class Place:
    """An AWS resource: its id (or name in a scenario without ids), its kind (`nat-gateway`) and its name, if it has another."""

    id: str
    kind: str
    name: str = ""

    def __str__(self) -> str:
        return self.id


@dataclass(frozen=True, slots=True)
class Door:
    """A named way into a resource from a given side; `*` is the side that serves every other one.

    A route never knows what its target is: it points at a door, and the target's own file opens it.
    """

    kind: str
    id: str
    side: str = "*"


Ref = int | Door


@dataclass(frozen=True, slots=True)
class Route:
    """One route: packets for `prefix` go to the `slot`-th target of the lookup. `origin` is where it was written."""

    prefix: Prefix
    slot: int
    origin: Origin
    what: str = ""


@dataclass(frozen=True, slots=True)
class PrefixTable:
    """Routes with unique prefixes; the longest that holds the destination wins (RT-6)."""

    routes: tuple[Route, ...]
    _by_length: Mapping[Address, Mapping[int, Route]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_length: dict[Address, dict[int, Route]] = {}
        for route in self.routes:
            by_length.setdefault((route.prefix.version, route.prefix.length), {})[route.prefix.value] = route
        object.__setattr__(self, "_by_length", dict(sorted(by_length.items(), reverse=True)))

    def matches(self, version: int, value: int) -> Iterator[Route]:
        """The routes that hold an address, longest prefix first."""
        for (of_version, length), routes in self._by_length.items():
            if of_version == version:
                host_bits = BITS[version] - length
                route = routes.get(value >> host_bits << host_bits)
                if route is not None:
                    yield route


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a filter: what it covers, whether it permits, and where it was written.

    `by_reference` marks packets it lets pass as let out by a rule that names a group (see `Marks`).
    """

    match: Match
    permit: bool
    origin: Origin
    by_reference: bool = False


@dataclass(frozen=True, slots=True)
class RuleList:
    """Rules in order, and what holds when none covers the packet: `permit` by `origin`.

    In a security group all rules permit and order means nothing; in a network ACL the first rule that covers decides. Both are
    "the first rule that covers decides". `unread` names parts of the list that were not read (a group that is not in the
    snapshot): where no rule that was read decides, the answer is unknown.
    """

    rules: tuple[Rule, ...]
    origin: Origin
    permit: bool = False
    unread: tuple[Origin, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """What every node has: where it works, what it is, the rules it stands for, and whether most readers may skip it."""

    place: Place
    what: str
    cites: tuple[str, ...] = ()
    plumbing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup(Node):
    """Longest prefix on the destination: the winning route's slot chooses among `targets`; no route goes to `miss`."""

    table: PrefixTable
    targets: tuple[Ref, ...]
    miss: Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter(Node):
    """The first rule that covers the packet permits or denies it; a denial ends the leg with `code`.

    A permitted packet is put into the session table `remembers`, if there is one.
    """

    rules: RuleList
    then: Ref
    code: str
    remembers: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionMatch(Node):
    """Is this header, reversed, in the session table? Then the packet is a reply of that session."""

    table: str
    then: Ref
    miss: Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Node):
    """The service decides (MODEL-6): every option is possible and none can be foreseen."""

    options: tuple[tuple[str, Ref], ...]


@dataclass(frozen=True, slots=True)
class Send:
    """A packet starts here: it gets the sender's marks, and the sender's address where the service chose the interface."""

    endpoint: str
    groups: frozenset[str] = frozenset()
    zone: str = ""
    addresses: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True)
class Translate:
    """One-to-one translation of `field` (`source` or `destination`); the sender is forgotten. A miss is no translation."""

    field: str
    addresses: Mapping[Address, Address]
    origins: Mapping[Address, Origin]

    def __hash__(self) -> int:
        return hash((self.field, frozenset(self.addresses.items())))


@dataclass(frozen=True, slots=True)
class Masquerade:
    """The source becomes one of `addresses` and, for TCP and UDP, one of `ports`; remembered in `table` for the way back."""

    addresses: tuple[Address, ...]
    ports: Interval
    table: str


@dataclass(frozen=True, slots=True)
class Restore:
    """A reply of a session in `table` gets its first destination and port back. A miss is no such session."""

    table: str


@dataclass(frozen=True, slots=True)
class Forget:
    """The header stays; who sent it is forgotten (a middlebox passes the packet on: SG-13)."""


How = Send | Translate | Masquerade | Restore | Forget


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite(Node):
    """The only node that changes a header or the marks."""

    how: How
    then: Ref
    miss: Ref = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliver(Node):
    """Arrived at `endpoint`. The answer enters the graph at `reply_at`; -1: nothing answers from here."""

    endpoint: str
    reply_at: Ref = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop(Node):
    """Stopped, with a code of the vocabulary. `gap`: not read or not modelled, never "not allowed"."""

    code: str
    gap: bool = False
    origin: Origin | None = None


AnyNode = Lookup | Filter | SessionMatch | Choice | Rewrite | Deliver | Drop


@dataclass(frozen=True, slots=True)
class Entry:
    """A way for packets to start: the node they start at and what the sender may put into the header.

    `addresses` are the sender's own, the usual one first; none: the question chooses. `source_ports` is the range its kind of
    client uses (NACL-14), `why` the words for it.
    """

    node: Ref
    addresses: tuple[Address, ...]
    source_ports: Interval
    why: str = ""


@dataclass(frozen=True, slots=True)
class FlowGraph:
    """A compiled network: nodes, entries by endpoint name, and assumptions by node, told by every answer that meets them."""

    nodes: tuple[AnyNode, ...]
    entries: Mapping[str, Entry]
    assumptions: Mapping[int, tuple[str, ...]]


def successors(node: AnyNode) -> tuple[Ref, ...]:
    """The nodes a packet may go to next, within its leg."""
    match node:
        case Lookup():
            return (*node.targets, node.miss)
        case Filter():
            return (node.then,)
        case SessionMatch():
            return (node.then, node.miss)
        case Choice():
            return tuple(ref for _, ref in node.options)
        case Rewrite():
            return (node.then,) if node.miss == -1 else (node.then, node.miss)
        case Deliver() | Drop():
            return ()


def first_rule(rules: RuleList, flow: Flow, marks: Marks) -> Rule | None:
    """The rule that decides on a packet, or none."""
    return next((rule for rule in rules.rules if rule.match.covers(flow, marks)), None)
