"""Every breach that `verify` is there to catch, on graphs that are right but for one thing."""

from __future__ import annotations

import pytest

from simulator.graph.codes import CODES
from simulator.graph.nodes import (
    AnyNode,
    Choice,
    Deliver,
    Drop,
    Entry,
    Filter,
    FlowGraph,
    Forget,
    Lookup,
    Masquerade,
    Place,
    PrefixTable,
    Redirect,
    Restore,
    Rewrite,
    Route,
    Rule,
    RuleList,
    SessionMatch,
    Translate,
)
from simulator.graph.verify import unreachable, verify
from simulator.origin import Origin
from simulator.packet.prefix import Prefix
from simulator.packet.space import Match
from simulator.problems import CompileError

HERE = Place("here", "test")
ANYWHERE = Prefix.parse("0.0.0.0/0")
ARRIVED = Deliver(place=HERE, what="arrived", endpoint="x")
RULES = RuleList((Rule(Match(), True, Origin("sg", "rule")),), Origin("sg"))
FILTER = Filter(place=HERE, what="filter", rules=RULES, then=0, code="SG_HAS_NO_RULES", remembers="flows")
NAT = Rewrite(place=HERE, what="nat", how=Masquerade(((4, 9),), (1024, 65535), "nat"), then=0)


def table(*prefixes: Prefix, slot: int = 0) -> PrefixTable:
    return PrefixTable(tuple(Route(prefix, slot, Origin("table")) for prefix in prefixes))


def graph(*nodes: AnyNode, entry: int = 0) -> FlowGraph:
    return FlowGraph((ARRIVED, *nodes), {"x": Entry(entry, (), (1, 2))}, {})


def test_a_graph_that_is_right_passes() -> None:
    lookup = Lookup(place=HERE, what="lookup", table=table(ANYWHERE), targets=(0,), miss=0)
    known = SessionMatch(place=HERE, what="state", table="flows", then=0, miss=0)
    back = Rewrite(place=HERE, what="back", how=Restore("nat"), then=0, miss=0)
    gap = Drop(place=HERE, what="unread", code="UNKNOWN_RESOURCE", gap=True)
    dropped = Drop(place=HERE, what="dropped", code="BAD_STATE", origin=Origin("x"))
    balanced = Rewrite(place=HERE, what="balance", how=Redirect((4, 9), 80, "balanced"), then=0)
    unbalanced = Rewrite(place=HERE, what="back", how=Restore("balanced"), then=0, miss=0)
    parted = FILTER._replace(otherwise=0)
    verify(graph(FILTER, NAT, lookup, known, back, gap, dropped, balanced, unbalanced, parted))


BREACHES = {
    "leads nowhere: filter": (FILTER._replace(then=7), r"node 1 \(here: filter\) leads nowhere"),
    "leads nowhere: otherwise": (FILTER._replace(otherwise=7), "leads nowhere"),
    "parted by what was not read": (
        FILTER._replace(otherwise=0, rules=RULES._replace(unread=RULES.rules)),
        "parts traffic by rules that were not read",
    ),
    "leads nowhere: not linked": (FILTER._replace(then=-1), "leads nowhere"),
    "leads nowhere: lookup's miss": (Lookup(place=HERE, what="lookup", table=table(ANYWHERE), targets=(0,), miss=-1), "leads nowhere"),
    "leads nowhere: option": (Choice(place=HERE, what="choice", options=(("a", 0), ("b", 9))), "leads nowhere"),
    "leads nowhere: reply": (ARRIVED._replace(reply_at=9), "leads nowhere"),
    "unknown code of a drop": (Drop(place=HERE, what="dropped", code="NO_SUCH_CODE", origin=Origin("x")), "not in the vocabulary"),
    "unknown code of a gap": (Drop(place=HERE, what="unread", code="", gap=True), "not in the vocabulary"),
    "a gap with the code of a denial": (
        Drop(place=HERE, what="unread", code="NO_ROUTE_TO_DESTINATION", gap=True),
        "'NO_ROUTE_TO_DESTINATION', which is that of no gap",
    ),
    "a denial with the code of a gap": (
        Drop(place=HERE, what="dropped", code="UNKNOWN_RESOURCE", origin=Origin("x")),
        "'UNKNOWN_RESOURCE', which is that of a gap",
    ),
    "unknown code of a filter": (FILTER._replace(code="DENIED"), "'DENIED', which is not in the vocabulary"),
    "unwritten session table": (SessionMatch(place=HERE, what="state", table="flows", then=0, miss=0), "'flows', which nothing writes"),
    "unwritten translations": (Rewrite(place=HERE, what="back", how=Restore("nat"), then=0, miss=0), "'nat', which nothing writes"),
    "no address": (NAT._replace(how=Masquerade((), (1024, 65535), "nat")), "no address or no port"),
    "no way on": (NAT._replace(how=NAT.how._replace(embedding=Prefix(6, 0, 96))), "may miss and has no way on then"),  # type: ignore[union-attr]
    "no port": (NAT._replace(how=Masquerade(((4, 9),), (2, 1), "nat")), "no address or no port"),
    "a translation without a miss": (Rewrite(place=HERE, what="x", how=Translate("source", {}, {}), then=0), "may miss and has no way on"),
    "a route without target": (
        Lookup(place=HERE, what="lookup", table=table(ANYWHERE, slot=1), targets=(0,), miss=0),
        "routes without a target",
    ),
    "two routes for one prefix": (
        Lookup(place=HERE, what="lookup", table=table(ANYWHERE, ANYWHERE), targets=(0,), miss=0),
        "two routes for one prefix",
    ),
    "a default without origin": (FILTER._replace(rules=RULES._replace(origin=Origin(""))), "a rule without origin"),
    "a rule without origin": (
        FILTER._replace(rules=RULES._replace(rules=(Rule(Match(), True, Origin("")),))),
        "a rule without origin",
    ),
    "a drop without origin": (Drop(place=HERE, what="dropped", code="BAD_STATE"), "drops without origin"),
}


@pytest.mark.parametrize(("node", "message"), BREACHES.values(), ids=BREACHES.keys())
def test_a_breach_is_caught(node: AnyNode, message: str) -> None:
    with pytest.raises(CompileError, match=message):
        verify(graph(node))


def test_a_restoration_may_not_go_without_a_miss() -> None:
    with pytest.raises(CompileError, match="may miss and has no way on then"):
        verify(graph(NAT, Rewrite(place=HERE, what="back", how=Restore("nat"), then=0)))


def test_entries_start_somewhere() -> None:
    with pytest.raises(CompileError, match="entry x starts nowhere"):
        verify(graph(entry=5))
    with pytest.raises(CompileError, match="entry x starts nowhere"):
        verify(graph(entry=-1))


def test_all_breaches_are_told_together() -> None:
    with pytest.raises(CompileError) as caught:
        verify(graph(FILTER._replace(then=9), Drop(place=HERE, what="dropped", code="NO_SUCH_CODE")))
    assert len(str(caught.value).split("; ")) == 3


def test_unreachable_nodes_are_those_that_no_entry_and_no_reply_leads_to() -> None:
    replying = ARRIVED._replace(reply_at=2)
    nodes = (
        FILTER._replace(then=1),
        replying,
        Rewrite(place=HERE, what="reply", how=Forget(), then=3),
        ARRIVED,
        FILTER._replace(then=3),
    )
    built = FlowGraph(nodes, {"x": Entry(0, (), (1, 2))}, {})
    assert unreachable(built) == [4]
    assert unreachable(FlowGraph(nodes, {}, {})) == [0, 1, 2, 3, 4]


def test_codes_are_written_in_capitals() -> None:
    assert all(code == code.upper() and " " not in code for code in CODES)
