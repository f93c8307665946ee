"""Knows every step that networks are made of: what it says, the code it refuses with, the rules it stands on (`steps.txt`).

A code or a rule that is wrong leads nobody to the wrong answer and everybody to the wrong cure, and no question of a test names them all.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from simulator.graph.nodes import AnyNode, FlowGraph

TABLE = Path(__file__).with_name("steps.txt")
ANY = "any"
NAME = "*"


def unknown_steps(graph: FlowGraph) -> list[str]:
    """The steps of a graph that do not stand in the table, as it would have them."""
    return sorted({_line(*key) for key in set(map(_key, graph.nodes)) if not _is_known(*key)})


Key = tuple[str, str, str, str, str]


def _key(node: AnyNode) -> Key:
    code = f"{'gap ' if getattr(node, 'gap', False) else ''}{getattr(node, 'code', '')}"
    kind = type(node).__name__ + (" quiet" if node.plumbing else "")
    return node.place.kind, kind, node.what, code, " ".join(node.cites)


def _line(*key: str) -> str:
    return " | ".join(key).rstrip()


@cache
def _is_known(place: str, kind: str, what: str, code: str, cites: str) -> bool:
    return any(pattern.fullmatch(what) for of in (place, ANY) for pattern in _rows().get((of, kind, code, cites), ()))


@cache
def _rows() -> dict[tuple[str, str, str, str], list[re.Pattern[str]]]:
    rows: dict[tuple[str, str, str, str], list[re.Pattern[str]]] = {}
    for line in TABLE.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            places, kind, what, code, cites = (part.strip() for part in f"{line} ".split(" | "))
            pattern = re.compile(".*".join(map(re.escape, what.split(NAME))))
            for place in places.split(", "):
                rows.setdefault((place, kind, code, cites), []).append(pattern)
    return rows
