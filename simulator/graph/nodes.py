"""The seven kinds of node, their tables, and the finished graph.

Four kinds steer (`Lookup`, `Filter`, `SessionMatch`, `Choice`), one changes (`Rewrite`), two end (`Deliver`, `Drop`). That is the
whole instruction set; AWS is what resources build out of it. Tables (`PrefixTable`, `RuleList`) are shared objects: the same ACL
at three doors is one table and three nodes, so that it is lowered once.

Every node has a `place`, the AWS resource where it works (a hop is a run of equal places), `what`, the thing in it ("network ACL
acl-a egress"), `cites`, the rules of the semantics reference that demand it, and `plumbing`, whether most readers may skip it.
Successors are indices into `FlowGraph.nodes`; while a graph is being built they may be doors (`graph/builder.py`).

Most values here are named tuples and not dataclasses: they are defined in a sixth of the time, and start-up counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from simulator.origin import Origin
from simulator.packet.flow import Flow, Marks
from simulator.packet.prefix import BITS, Prefix
from simulator.packet.ranges import Interval
from simulator.packet.space import Match

Address = tuple[int, int]  # version, value


class Place(NamedTuple):
    """An AWS resource: its id (or name in a scenario without ids), its kind (`nat-gateway`) and its name, if it has another."""

    id: str
    kind: str
    name: str = ""

    def __str__(self) -> str:
        return self.id


class Door(NamedTuple):
    """A named way into a resource from a given side; `*` is the side that serves every other one. `within` is what the side lies in,
    tried when the side itself has no door.

    A route never knows what its target is: it points at a door, and the target's own file opens it.
    """

    kind: str
    id: str
    side: str = "*"
    within: str = ""


Ref = int | Door


class Route(NamedTuple):
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


class Rule(NamedTuple):
    """One rule of a filter: what it covers, whether it permits, and where it was written.

    `by_reference` marks packets it lets pass as let out by a rule that names a group (see `Marks`).
    """

    match: Match
    permit: bool
    origin: Origin
    by_reference: bool = False


class RuleList(NamedTuple):
    """Rules in order, and what holds when none covers the packet: `permit` by `origin`.

    In a security group all rules permit and order means nothing; in a network ACL the first rule that covers decides. Both are
    "the first rule that covers decides". `unread` are parts of the list that were not read (a group that is not in the snapshot, a
    rule for a prefix list without entries): where no rule that was read decides and one of them may cover, the answer is unknown.
    """

    rules: tuple[Rule, ...]
    origin: Origin
    permit: bool = False
    unread: tuple[Rule, ...] = ()


class Lookup(NamedTuple):
    """Longest prefix on the destination: the winning route's slot chooses among `targets`; no route goes to `miss`."""

    place: Place
    what: str
    table: PrefixTable
    targets: tuple[Ref, ...]
    miss: Ref
    cites: tuple[str, ...] = ()
    plumbing: bool = False


class Filter(NamedTuple):
    """The first rule that covers the packet permits or denies it; a denial ends the leg with `code`.

    A permitted packet is put into the session table `remembers`, if there is one. With `otherwise` the filter only parts the traffic:
    what it does not permit goes on there; such a filter has no unread parts.
    """

    place: Place
    what: str
    rules: RuleList
    then: Ref
    code: str
    remembers: str = ""
    cites: tuple[str, ...] = ()
    plumbing: bool = False
    otherwise: Ref = -1


class SessionMatch(NamedTuple):
    """Is this header, reversed, in the session table? Then the packet is a reply of that session."""

    place: Place
    what: str
    table: str
    then: Ref
    miss: Ref
    cites: tuple[str, ...] = ()
    plumbing: bool = False


class Choice(NamedTuple):
    """The service decides (MODEL-6): every option is possible and none can be foreseen.

    `kept`: nodes with one such name have the same number of options, and what was picked at one of them is picked at all (RT-11);
    empty: each time anew.
    """

    place: Place
    what: str
    options: tuple[tuple[str, Ref], ...]
    cites: tuple[str, ...] = ()
    plumbing: bool = False
    kept: str = ""


class Send(NamedTuple):
    """A packet starts here: it gets the sender's marks, and the sender's address where the service chose the interface.

    `own`: the groups are known only of packets that bear an address in one of these blocks (SG-11); none: of all.
    """

    endpoint: str
    groups: frozenset[str] = frozenset()
    zone: str = ""
    addresses: tuple[Address, ...] = ()
    own: tuple[Prefix, ...] = ()

    def is_known(self, flow: Flow) -> bool:
        """Whether AWS knows of a packet whose it is."""
        return not self.own or any(block.holds(flow.version, flow.source) for block in self.own)


class Translate(NamedTuple):
    """One-to-one translation of `field` (`source` or `destination`); the sender is forgotten. A miss is no translation."""

    field: str
    addresses: Mapping[Address, Address]
    origins: Mapping[Address, Origin]

    def __hash__(self) -> int:
        return hash((self.field, frozenset(self.addresses.items())))


class Masquerade(NamedTuple):
    """The source becomes one of `addresses` and, for TCP and UDP, one of `ports`; remembered in `table` for the way back.

    With `embedding` the packet goes on as IPv4 (NAT64): the addresses of this IPv6 block carry the IPv4 destination. A miss is a packet
    for another address.
    """

    addresses: tuple[Address, ...]
    ports: Interval
    table: str
    embedding: Prefix | None = None


class Redirect(NamedTuple):
    """The destination becomes `address` and, for TCP and UDP, `port`; the sender is forgotten. Remembered in `table` for the way back."""

    address: Address
    port: int
    table: str


class Restore(NamedTuple):
    """A reply of a session in `table` gets the ends back that the session had before it was translated. A miss is no such session."""

    table: str


class Forget(NamedTuple):
    """The header stays; who sent it is forgotten (a middlebox passes the packet on: SG-13). `groups`: only these of the sender's
    groups are.
    """

    groups: frozenset[str] | None = None


How = Send | Translate | Masquerade | Redirect | Restore | Forget


class Rewrite(NamedTuple):
    """The only node that changes a header or the marks."""

    place: Place
    what: str
    how: How
    then: Ref
    miss: Ref = -1
    cites: tuple[str, ...] = ()
    plumbing: bool = False


class Deliver(NamedTuple):
    """Arrived at `endpoint`. The answer enters the graph at `reply_at`; -1: nothing answers from here."""

    place: Place
    what: str
    endpoint: str
    reply_at: Ref = -1
    cites: tuple[str, ...] = ()
    plumbing: bool = False


class Drop(NamedTuple):
    """Stopped, with a code of the vocabulary. `gap`: not read or not modelled, never "not allowed"."""

    place: Place
    what: str
    code: str
    gap: bool = False
    origin: Origin | None = None
    cites: tuple[str, ...] = ()
    plumbing: bool = False


AnyNode = Lookup | Filter | SessionMatch | Choice | Rewrite | Deliver | Drop


class Entry(NamedTuple):
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
            return (node.then,) if node.otherwise == -1 else (node.then, node.otherwise)
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
    return first_of(rules.rules, flow, marks)


def first_of(rules: tuple[Rule, ...], flow: Flow, marks: Marks) -> Rule | None:
    """The first of some rules that covers a packet, or none."""
    for rule in rules:
        if rule.match.covers(flow, marks):
            return rule
    return None
