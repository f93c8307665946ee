"""The flow graph as a networkx graph: its inspectable face, for loops, unreachable rooms and choke points. No evaluator runs on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import networkx

from simulator.graph.nodes import AnyNode, Choice, Deliver, Drop, Filter, FlowGraph, Lookup, Rewrite, SessionMatch

if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS = {
    Lookup: "lookup",
    Filter: "filter",
    SessionMatch: "session-match",
    Choice: "choice",
    Rewrite: "rewrite",
    Deliver: "deliver",
    Drop: "drop",
}


def to_networkx(graph: FlowGraph) -> networkx.MultiDiGraph[Any]:
    """Every decision as a node (its index) with `place`, `kind`, `what`, `code` and `rules`; every way on as an edge with `label`.

    Replies are edges labelled `reply`; entries are nodes named `entry NAME`. `places` condenses it to resources.

    >>> from simulator.graph.nodes import Entry, FlowGraph, Deliver, Place
    >>> end = Deliver(place=Place("eni-1", "network-interface"), what="arrived", endpoint="eni-1")
    >>> sorted(to_networkx(FlowGraph((end,), {"eni-1": Entry(0, (), (1, 2))}, {})).nodes, key=str)
    [0, 'entry eni-1']
    """
    result: networkx.MultiDiGraph[Any] = networkx.MultiDiGraph()
    for index, node in enumerate(graph.nodes):
        result.add_node(
            index,
            place=node.place.id,
            place_kind=node.place.kind,
            kind=KINDS[type(node)],
            what=node.what,
            code=node.code if isinstance(node, (Drop, Filter)) else "",
            rules=list(node.cites),
            endpoint=node.endpoint if isinstance(node, Deliver) else "",
            decides=_decisions(node),
        )
    for index, node in enumerate(graph.nodes):
        for label, target in _ways(node):
            result.add_edge(index, target, label=label)
    for name, entry in graph.entries.items():
        result.add_node(f"entry {name}", place=name, kind="entry", what=entry.why)
        result.add_edge(f"entry {name}", entry.node, label="")
    return result


def _decisions(node: AnyNode) -> list[str]:
    """The rules or routes a node decides by, as text."""
    match node:
        case Lookup(table=table):
            return [str(route.prefix) for route in table.routes]
        case Filter(rules=rules):
            return [f"{'permit' if rule.permit else 'deny'}: {rule.origin}" for rule in rules.rules]
        case _:
            return []


def _ways(node: AnyNode) -> Iterator[tuple[str, object]]:
    match node:
        case Lookup():
            slots: dict[int, list[str]] = {}
            for route in node.table.routes:
                slots.setdefault(route.slot, []).append(str(route.prefix))
            for slot, target in enumerate(node.targets):
                yield ", ".join(slots.get(slot, [])), target
            yield "no route", node.miss
        case Filter():
            yield "permitted", node.then
            if node.otherwise != -1:
                yield "otherwise", node.otherwise
        case SessionMatch():
            yield "reply", node.then
            yield "new", node.miss
        case Choice():
            yield from node.options
        case Rewrite():
            yield "", node.then
            if node.miss != -1:
                yield "no translation", node.miss
        case Deliver():
            if node.reply_at != -1:
                yield "reply", node.reply_at
        case Drop():
            return


def places(graph: networkx.MultiDiGraph[Any]) -> networkx.DiGraph[Any]:
    """The resources and the ways between them: decisions at one place become one node."""
    result: networkx.DiGraph[Any] = networkx.DiGraph()
    for _, data in graph.nodes(data=True):
        if data["kind"] != "entry":
            result.add_node(data["place"], kind=data["place_kind"])
    for source, target in graph.edges():
        one, two = graph.nodes[source]["place"], graph.nodes[target]["place"]
        if one != two:
            result.add_edge(one, two)
    return result


def choke_points(graph: networkx.MultiDiGraph[Any], source: str, destination: str) -> list[str]:
    """The places that every way from the entry of one endpoint to another endpoint passes, in order: dominators of the arrival.

    Empty when there is no way at all. `source` names an entry, `destination` an endpoint.
    """
    start = f"entry {source}"
    forward: networkx.MultiDiGraph[Any] = networkx.MultiDiGraph(
        (a, b) for a, b, data in graph.edges(data=True) if not _is_reply(graph, a, data)
    )
    ends = [index for index, data in graph.nodes(data=True) if data.get("endpoint") == destination and index in forward]
    if start not in forward or not ends:
        return []
    sink = ("arrived", destination)
    forward.add_edges_from((end, sink) for end in ends)
    dominators = networkx.immediate_dominators(forward, start)
    found: list[str] = []
    at = dominators.get(sink)
    while at is not None and at != start:
        place = graph.nodes[at]["place"]
        if not found or found[-1] != place:
            found.append(place)
        at = dominators.get(at)
    return list(reversed(found))


def _is_reply(graph: networkx.MultiDiGraph[Any], source: object, data: dict[str, str]) -> bool:
    return data["label"] == "reply" and graph.nodes[source]["kind"] == "deliver"


def loops(graph: networkx.MultiDiGraph[Any]) -> list[list[str]]:
    """Groups of decisions that lead back to themselves within one leg, as lists of places: where a packet could go in circles."""
    forward: networkx.MultiDiGraph[Any] = networkx.MultiDiGraph(
        (a, b) for a, b, data in graph.edges(data=True) if not _is_reply(graph, a, data)
    )
    components = networkx.strongly_connected_components(forward)
    circles = [part for part in components if len(part) > 1 or any(forward.has_edge(index, index) for index in part)]
    return [sorted({graph.nodes[index]["place"] for index in part}) for part in circles]


def unreachable_places(graph: networkx.MultiDiGraph[Any]) -> list[str]:
    """The places that no entry leads to, replies included."""
    seen: set[object] = set()
    for node, data in graph.nodes(data=True):
        if data["kind"] == "entry":
            seen |= {node} | networkx.descendants(graph, node)
    met = {graph.nodes[node]["place"] for node in seen}
    return sorted({data["place"] for _, data in graph.nodes(data=True)} - met)
