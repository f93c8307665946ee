"""Knows every step that networks are made of: what it says, the code it refuses with, the rules it stands on (`steps.txt`).

A code or a rule that is wrong leads nobody to the wrong answer and everybody to the wrong cure, and no question of a test names them all.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from simulator.graph.nodes import AnyNode, Choice, Drop, FlowGraph, Lookup

TABLE = Path(__file__).with_name("steps.txt")
ANY = "any"
NAME = "*"
MAY_BE_ONE = ("its interface", "its target", "the service's node")


def unknown_steps(graph: FlowGraph) -> list[str]:
    """The steps of a graph that do not stand in the table, as it would have them."""
    return sorted({_line(*key) for key in set(map(_key, graph.nodes)) if not _is_known(*key)})


def unclear_steps(graph: FlowGraph) -> list[str]:
    """Tables in no order for who reads the graph, routes that do not say where they lead, though an answer shows them, and choices
    of one thing where there is none.
    """
    found = []
    for node in graph.nodes:
        if isinstance(node, Choice) and len(node.options) < 2 and node.what not in MAY_BE_ONE:
            found.append(f"{node.place}: {node.what} of one")
        if isinstance(node, Lookup) and node.place.kind != "nat-gateway" and not _is_sorted(node):
            found.append(f"{node.place}: {node.what}: routes in no order")
        if isinstance(node, Lookup) and not node.plumbing:
            for route in node.table.routes:
                target = node.targets[route.slot]
                is_dead = isinstance(target, int) and isinstance(graph.nodes[target], Drop)
                if not re.fullmatch(r".+ -> .+|.+ for .+", route.what) and not (is_dead and route.what.endswith(" -> ")):
                    found.append(f"{node.place}: {node.what}: route {route.what!r}")
    return found


def _is_sorted(lookup: Lookup) -> bool:
    prefixes = [route.prefix for route in lookup.table.routes]
    return prefixes == sorted(prefixes)


Key = tuple[str, str, str, str, str]


def _key(node: AnyNode) -> Key:
    code = f"{'gap ' if getattr(node, 'gap', False) else ''}{getattr(node, 'code', '')}"
    kind = type(node).__name__ + (" quiet" if node.plumbing else "")
    return node.place.kind, kind, node.what, code, " ".join(node.cites)


def _line(*key: str) -> str:
    return " | ".join(key).rstrip()


@cache
def _is_known(place: str, kind: str, what: str, code: str, cites: str) -> bool:
    return place in _places() and any(
        pattern.fullmatch(what) for of in (place, ANY) for pattern in _rows().get((of, kind, code, cites), ())
    )


@cache
def _rows() -> dict[tuple[str, str, str, str], list[re.Pattern[str]]]:
    rows: dict[tuple[str, str, str, str], list[re.Pattern[str]]] = {}
    for line in TABLE.read_text("utf-8").splitlines():
        if " | " in line:
            places, kind, what, code, cites = (part.strip() for part in f"{line} ".split(" | "))
            pattern = re.compile(".+".join(map(re.escape, what.split(NAME))))
            for place in places.split(", "):
                rows.setdefault((place, kind, code, cites), []).append(pattern)
    return rows


@cache
def _places() -> frozenset[str]:
    lines = [line.removeprefix(f"{ANY}: ") for line in TABLE.read_text("utf-8").splitlines() if line.startswith(f"{ANY}: ")]
    return frozenset(", ".join(lines).split(", "))
