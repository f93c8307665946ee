"""Graphs built by hand in few words: nodes by name, linked by name."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from simulator.evaluate.result import RoundTrip, Trace
from simulator.evaluate.walk import round_trip
from simulator.graph.nodes import (
    AnyNode,
    Choice,
    Deliver,
    Drop,
    Entry,
    Filter,
    FlowGraph,
    How,
    Lookup,
    Place,
    PrefixTable,
    Rewrite,
    Route,
    Rule,
    RuleList,
    SessionMatch,
)
from simulator.origin import Origin
from simulator.packet.flow import Flow
from simulator.packet.prefix import Prefix, parse_address
from simulator.packet.space import Match

Make = Callable[[Callable[[str], int]], AnyNode]
Addressed = tuple[int, int]


def graph(**nodes: Make) -> FlowGraph:
    """Nodes by name, in order; the first is where packets start. `server` and `client` are deliveries unless given."""
    nodes.setdefault("server", deliver("server"))
    nodes.setdefault("client", deliver("client"))
    nodes.setdefault("refused", drop())
    index = dict(zip(nodes, count(), strict=False))

    def at(name: str) -> int:
        return index[name] if name else -1

    return FlowGraph(tuple(make(at) for make in nodes.values()), {"client": Entry(0, (), (1024, 65535))}, {})


def place(name: str) -> Place:
    return Place(name, "test")


def address(text: str) -> Addressed:
    return parse_address(text)


def flow(source: str = "10.0.0.1", source_port: int = 4000, destination: str = "10.0.0.2", destination_port: int = 443) -> Flow:
    return Flow.tcp(source, source_port, destination, destination_port)


def deliver(endpoint: str, reply_at: str = "") -> Make:
    return lambda at: Deliver(place=place(endpoint), what="arrived", endpoint=endpoint, reply_at=at(reply_at))


def drop(code: str = "NO_ROUTE_TO_DESTINATION", *, gap: bool = False) -> Make:
    return lambda at: Drop(place=place("drop"), what="dropped", code=code, gap=gap, origin=None if gap else Origin("drop"))


def permit(match: Match, name: str = "permit", *, by_reference: bool = False) -> Rule:
    return Rule(match, True, Origin("rules", name), by_reference)


def deny(match: Match, name: str = "deny") -> Rule:
    return Rule(match, False, Origin("rules", name))


def judge(
    *rules: Rule,
    then: str,
    default: bool = False,
    remembers: str = "",
    unread: bool | Match = False,
    code: str = "ENI_SG_RULES_MISMATCH",
    otherwise: str = "",
) -> Make:
    """`unread`: whether a part of the rules was not read, or the traffic of which that part may say something."""
    parts = (Rule(Match() if unread is True else unread, True, Origin("sg-unread")),) if unread else ()
    listed = RuleList(rules, Origin("rules", "default"), default, parts)
    return lambda at: Filter(
        place=place("judge"), what="judged", rules=listed, then=at(then), code=code, remembers=remembers, otherwise=at(otherwise)
    )


def lookup(routes: dict[str, str], *, miss: str = "refused") -> Make:
    """Routes by prefix; each target is a node's name."""
    targets = tuple(dict.fromkeys(routes.values()))
    table = PrefixTable(
        tuple(
            Route(Prefix.parse(prefix), targets.index(target), Origin("table", prefix), f"{prefix} -> {target}")
            for prefix, target in routes.items()
        )
    )
    return lambda at: Lookup(place=place("lookup"), what="routes", table=table, targets=tuple(map(at, targets)), miss=at(miss))


def known(table: str, *, then: str, miss: str) -> Make:
    return lambda at: SessionMatch(place=place("state"), what="state", table=table, then=at(then), miss=at(miss))


def choose(**options: str) -> Make:
    return lambda at: Choice(place=place("choice"), what="choice", options=tuple((label, at(to)) for label, to in options.items()))


def rewrite(how: How, *, then: str, miss: str = "") -> Make:
    return lambda at: Rewrite(place=place("rewrite"), what="rewrite", how=how, then=at(then), miss=at(miss))


def walk(
    built: FlowGraph,
    packet: Flow | None = None,
    *choices: int,
    expected: str = "server",
    one_way: bool = False,
    past_denials: bool = False,
) -> RoundTrip:
    packet = packet or flow()
    return round_trip(built, 0, packet, expected=frozenset({expected}), choices=choices, one_way=one_way, past_denials=past_denials)


def leg(built: FlowGraph, packet: Flow | None = None, *choices: int) -> Trace:
    """The forward leg."""
    return walk(built, packet, *choices, one_way=True).forward
