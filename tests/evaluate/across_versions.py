"""Small graphs in which packets change their IP version: a masquerade becomes a NAT64, and what lies behind it speaks of IPv4."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

from simulator.graph.nodes import AnyNode, Filter, Lookup, Masquerade, PrefixTable, Redirect, Restore, Rewrite, Rule, Send, Translate
from simulator.packet.flow import ICMP, ICMP_OF_ICMPV6, ICMPV6
from simulator.packet.prefix import Prefix
from simulator.packet.space import Match

EMBEDDINGS = (Prefix(6, 0, 125), Prefix(6, 0, 125), Prefix(6, 2, 127), Prefix(6, 4, 126), Prefix(6, 4, 126))
SHARE = 85  # of the graphs that have a masquerade


def across_versions(forward: list[AnyNode], back: list[AnyNode], aside: Callable[[int], int]) -> tuple[list[AnyNode], list[AnyNode]]:
    """The pipelines, perhaps with one masquerade that goes on as IPv4. `aside`: where a miss at a node leads."""
    random = Random(repr((forward, back)))  # of its own: other graphs stay what they were
    found = [index for index, node in enumerate(forward) if isinstance(node, Rewrite) and isinstance(node.how, Masquerade)]
    if not found or random.randrange(100) >= SHARE:
        return forward, back
    at = random.choice(found)
    made = as_ipv4(forward[at])
    assert isinstance(made, Rewrite)
    assert isinstance(made.how, Masquerade)
    table = made.how.table
    made = made._replace(how=made.how._replace(embedding=random.choice(EMBEDDINGS)), miss=aside(at))
    restored = (n for n, node in enumerate(back) if isinstance(node, Rewrite) and node.how == Restore(table))
    until = next(restored, len(back))
    return [*forward[:at], made, *map(as_ipv4, forward[at + 1 :])], [*map(as_ipv4, back[:until]), *back[until:]]


def as_ipv4(node: AnyNode) -> AnyNode:
    """The same node for IPv4: small numbers are addresses of either version."""
    match node:
        case Lookup(table=table):
            routes = {_prefix(route.prefix): route._replace(prefix=_prefix(route.prefix)) for route in table.routes}
            return node._replace(table=PrefixTable(tuple(routes.values())))
        case Filter(rules=rules):
            return node._replace(rules=rules._replace(rules=_rules(rules.rules), unread=_rules(rules.unread)))
        case Rewrite(how=Masquerade() | Send() as how):
            return node._replace(how=how._replace(addresses=tuple(map(_address, how.addresses))))
        case Rewrite(how=Redirect() as how):
            return node._replace(how=how._replace(address=_address(how.address)))
        case Rewrite(how=Translate(field=field, addresses=addresses, origins=origins)):
            pairs = {_address(one): _address(other) for one, other in addresses.items()}
            return node._replace(how=Translate(field, pairs, {_address(one): origin for one, origin in origins.items()}))
        case _:
            return node


def _rules(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    return tuple(rule._replace(match=_match(rule.match)) for rule in rules)


def _match(match: Match) -> Match:
    changes: dict[str, Any] = {
        name: tuple(map(_prefix, blocks)) for name in ("sources", "destinations") if (blocks := getattr(match, name)) is not None
    }
    if match.protocol == ICMPV6:
        changes |= {"protocol": ICMP, "icmp_type": ICMP_OF_ICMPV6.get(match.icmp_type or 0, match.icmp_type)}
    return replace(match, **changes)


def _prefix(prefix: Prefix) -> Prefix:
    return Prefix(4, prefix.value, max(prefix.length - 96, 0)) if prefix.version == 6 else prefix


def _address(address: tuple[int, int]) -> tuple[int, int]:
    return 4, address[1]
