"""Building a graph in any order: resources add nodes, open doors, and point at the doors of others.

Doors are aliases, not nodes: `finish` replaces each by the node behind it. A door that nobody opened becomes a `Drop` with a gap,
so that a route to something that was not read ends in "unknown" and never in a verdict.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TypeVar

from simulator.graph.nodes import (
    AnyNode,
    Choice,
    Deliver,
    Door,
    Drop,
    Entry,
    Filter,
    FlowGraph,
    Lookup,
    Place,
    Ref,
    Rewrite,
    SessionMatch,
)

Shared = TypeVar("Shared", bound=Hashable)


@dataclass(slots=True)
class Builder:
    """Collects nodes, doors, entries and assumptions; `finish` links them.

    >>> from simulator.graph.nodes import Send
    >>> build = Builder()
    >>> here = Place("igw-1", "internet-gateway")
    >>> start = build.add(Rewrite(place=here, what="start", how=Send("igw-1"), then=Door("nat-gateway", "nat-9")))
    >>> build.finish().nodes[1].code
    'UNKNOWN_RESOURCE'
    """

    nodes: list[AnyNode] = field(default_factory=list)
    entries: dict[str, Entry] = field(default_factory=dict)
    assumptions: dict[int, tuple[str, ...]] = field(default_factory=dict)
    _opened: dict[Door, Ref] = field(default_factory=dict)
    _offered: dict[Door, Ref] = field(default_factory=dict)
    _offered_entries: dict[str, Entry] = field(default_factory=dict)
    _shared: dict[Hashable, Hashable] = field(default_factory=dict)
    _resolved: dict[Door, int] = field(default_factory=dict)

    def add(self, node: AnyNode) -> int:
        """Add a node; its index."""
        self.nodes.append(node)
        return len(self.nodes) - 1

    def open(self, door: Door, to: Ref) -> None:
        """Say what is behind a door. Raises `ValueError` when it is open already: two resources claim to be one."""
        if door in self._opened:
            raise ValueError(f"{door} is opened twice")
        self._opened[door] = to

    def offer(self, door: Door, to: Ref) -> None:
        """Say what is behind a door unless somebody opens it: the behaviour of a thing whose owner does not say more."""
        self._offered.setdefault(door, to)

    def enter(self, endpoint: str, entry: Entry) -> None:
        """Let packets of an endpoint start at a node."""
        self.entries[endpoint] = entry

    def offer_entry(self, endpoint: str, entry: Entry) -> None:
        """Let packets of an endpoint start at a node unless its owner says how they do."""
        self._offered_entries.setdefault(endpoint, entry)

    def assume(self, node: int, *texts: str) -> None:
        """Attach assumptions to a node: answers whose path meets it tell them."""
        self.assumptions[node] = (*self.assumptions.get(node, ()), *texts)

    def share(self, table: Shared) -> Shared:
        """The one object that stands for all equal tables, so that they are lowered once."""
        return self._shared.setdefault(table, table)  # type: ignore[return-value]  # keys and values are the same objects

    def finish(self) -> FlowGraph:
        """Link all doors and close the graph."""
        linked = [self._linked(node) for node in self.nodes]
        entries = {**self._offered_entries, **self.entries}
        linked_entries = {name: entry._replace(node=self._resolve(entry.node)) for name, entry in sorted(entries.items())}
        linked.extend(self.nodes[len(linked) :])  # the gaps that linking added: they have no successors
        return FlowGraph(tuple(linked), linked_entries, dict(self.assumptions))

    def _linked(self, node: AnyNode) -> AnyNode:
        match node:
            case Lookup():
                return node._replace(targets=tuple(map(self._resolve, node.targets)), miss=self._resolve(node.miss))
            case Filter():
                return node._replace(then=self._resolve(node.then), otherwise=self._resolve(node.otherwise))
            case SessionMatch() | Rewrite():
                return node._replace(then=self._resolve(node.then), miss=self._resolve(node.miss))
            case Choice():
                return node._replace(options=tuple((label, self._resolve(ref)) for label, ref in node.options))
            case Deliver():
                return node._replace(reply_at=self._resolve(node.reply_at))
            case Drop():
                return node

    def _resolve(self, ref: Ref) -> int:
        if isinstance(ref, int):
            return ref
        if ref not in self._resolved:  # a subnet's doors are asked for by everyone in it
            self._resolved[ref] = self._followed(ref)
        return self._resolved[ref]

    def _followed(self, ref: Ref) -> int:
        seen: list[Door] = []
        while isinstance(ref, Door):
            if ref in seen:
                raise ValueError(f"doors lead to each other: {seen}")
            seen.append(ref)
            ref = self._behind(ref)
        return ref

    def _known_behind(self, door: Door) -> Ref | None:
        """What was opened there, or offered, or stands behind a wider door; none where nobody did."""
        for side in dict.fromkeys((door.side, door.within or "*", "*")):
            wanted = Door(door.kind, door.id, side)
            for doors in (self._opened, self._offered):
                if wanted in doors:
                    return doors[wanted]
        return None

    def _behind(self, door: Door) -> Ref:
        found = self._known_behind(door)
        if found is not None:
            return found
        anywhere = Door(door.kind, door.id)
        gap = Drop(place=Place(door.id, door.kind), what="not in what was read", code="UNKNOWN_RESOURCE", gap=True)
        self._opened[anywhere] = self.add(gap)
        return self._opened[anywhere]
