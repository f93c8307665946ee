"""Look at a whole network for what is wrong or superfluous: runs the families of rules in `checks/`.

Where a rule is about traffic it asks the exact analysis, so that what is told here and what `vpcsim can` answers never disagree. What was
not read gives no finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from simulator.aws.snapshot import Snapshot
from simulator.graph.nodes import FlowGraph
from simulator.query.checks import acls, answers, functions, groups, open_ports, quotas, ranges, routes
from simulator.query.checks.given import Given
from simulator.query.checks.rules import chosen
from simulator.query.findings import Checked, Finding, in_order

# What the ids of a family begin with, and who looks for its findings.
FAMILIES: tuple[tuple[str, Callable[[Given], Iterator[Finding]]], ...] = (
    ("VS1", groups.find),
    ("VS2", acls.find),
    ("VS3", routes.find),
    ("VS4", ranges.find),
    ("VS5", functions.find),
    ("VS6", answers.find),
    ("VS7", open_ports.find),
    ("VS8", quotas.find),
)


def check(
    compiled: Callable[[], FlowGraph], snapshot: Snapshot, *, network: str = "", select: Iterable[str] = (), ignore: Iterable[str] = ()
) -> Checked:
    """All findings in a network (`Network.check`). Raises `InputError` for rules that do not exist."""
    rules = chosen(select, ignore)
    given = Given(snapshot, compiled, frozenset(rule.id for rule in rules))
    found: list[Finding] = []
    for start, find in FAMILIES:
        if any(rule.id.startswith(start) for rule in rules):
            found.extend(find(given))
    return Checked(network, in_order(found), rules, tuple(dict.fromkeys(given.unasked)))
