"""What every compiled graph must satisfy. Tests run it after each compile; a breach is a fault of a resource's `emit`."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.graph.codes import CODES, GAPS
from simulator.graph.nodes import (
    Deliver,
    Drop,
    Filter,
    FlowGraph,
    Lookup,
    Masquerade,
    PrefixTable,
    Redirect,
    Restore,
    Rewrite,
    SessionMatch,
    Translate,
    successors,
)
from simulator.problems import CompileError


def verify(graph: FlowGraph) -> None:
    """Raise `CompileError` with every breach: dangling successors and entries, codes outside the vocabulary, gaps with codes of denials
    and the other way round, session tables that are read but never written, filters that part traffic by what was not read, empty
    masquerades, lookups with the wrong number of targets, repeated prefixes, rules without origin.
    """
    breaches = [*_links(graph), *_codes(graph), *_tables(graph), *_rewrites(graph), *_lookups(graph), *_origins(graph)]
    if breaches:
        raise CompileError("; ".join(breaches))


def unreachable(graph: FlowGraph) -> list[int]:
    """The nodes that no entry and no reply leads to: not wrong, but worth a look."""
    seen: set[int] = set()
    work = [entry.node for entry in graph.entries.values()]
    while work:
        index = work.pop()
        if not isinstance(index, int) or index < 0 or index in seen:
            continue
        seen.add(index)
        node = graph.nodes[index]
        work.extend(successors(node))
        if isinstance(node, Deliver):
            work.append(node.reply_at)
    return [index for index in range(len(graph.nodes)) if index not in seen]


def _name(graph: FlowGraph, index: int) -> str:
    node = graph.nodes[index]
    return f"node {index} ({node.place.id}: {node.what})"


def _links(graph: FlowGraph) -> Iterator[str]:
    known = range(len(graph.nodes))
    for index, node in enumerate(graph.nodes):
        wanted = [*successors(node), *([node.reply_at] if isinstance(node, Deliver) and node.reply_at != -1 else [])]
        if any(ref not in known for ref in wanted):
            yield f"{_name(graph, index)} leads nowhere"
    for name, entry in graph.entries.items():
        if entry.node not in known:
            yield f"entry {name} starts nowhere"


def _codes(graph: FlowGraph) -> Iterator[str]:
    for index, node in enumerate(graph.nodes):
        if isinstance(node, (Drop, Filter)) and node.code not in CODES:
            yield f"{_name(graph, index)} has code {node.code!r}, which is not in the vocabulary"
        if isinstance(node, Drop) and node.gap != (node.code in GAPS):
            yield f"{_name(graph, index)} has code {node.code!r}, which is {'that of no gap' if node.gap else 'that of a gap'}"


def _tables(graph: FlowGraph) -> Iterator[str]:
    written, read = set(), {}
    for index, node in enumerate(graph.nodes):
        match node:
            case Filter(remembers=table) | Rewrite(how=Masquerade(table=table) | Redirect(table=table)):
                written.add(table)
            case SessionMatch(table=table) | Rewrite(how=Restore(table=table)):
                read[table] = index
    for table in sorted(read.keys() - written):
        yield f"{_name(graph, read[table])} reads session table {table!r}, which nothing writes"


def _rewrites(graph: FlowGraph) -> Iterator[str]:
    for index, node in enumerate(graph.nodes):
        if isinstance(node, Filter) and node.otherwise != -1 and node.rules.unread:
            yield f"{_name(graph, index)} parts traffic by rules that were not read"
        if not isinstance(node, Rewrite):
            continue
        if isinstance(node.how, Masquerade) and (not node.how.addresses or node.how.ports[0] > node.how.ports[1]):
            yield f"{_name(graph, index)} has no address or no port to translate to"
        may_miss = isinstance(node.how, (Translate, Restore)) or (isinstance(node.how, Masquerade) and node.how.embedding is not None)
        if may_miss and node.miss == -1:
            yield f"{_name(graph, index)} may miss and has no way on then"


def _lookups(graph: FlowGraph) -> Iterator[str]:
    for index, node in enumerate(graph.nodes):
        if isinstance(node, Lookup):
            if any(not 0 <= route.slot < len(node.targets) for route in node.table.routes):
                yield f"{_name(graph, index)} has routes without a target"
            if _repeats(node.table):
                yield f"{_name(graph, index)} has two routes for one prefix"


def _repeats(table: PrefixTable) -> bool:
    return len({route.prefix for route in table.routes}) != len(table.routes)


def _origins(graph: FlowGraph) -> Iterator[str]:
    for index, node in enumerate(graph.nodes):
        if isinstance(node, Filter) and not _has_origins(node):
            yield f"{_name(graph, index)} has a rule without origin"
        if isinstance(node, Drop) and not node.gap and node.origin is None:
            yield f"{_name(graph, index)} drops without origin"


def _has_origins(node: Filter) -> bool:
    return bool(node.rules.origin.resource) and all(rule.origin.resource for rule in node.rules.rules)
