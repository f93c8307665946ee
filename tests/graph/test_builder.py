"""Linking: doors in any order, the wildcard side, offers, gaps for what nobody opened, and shared tables."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.graph.builder import Builder
from simulator.graph.nodes import (
    Choice,
    Deliver,
    Door,
    Drop,
    Entry,
    Filter,
    FlowGraph,
    Lookup,
    Place,
    PrefixTable,
    Restore,
    Rewrite,
    Route,
    Rule,
    RuleList,
    Send,
    SessionMatch,
    successors,
)
from simulator.origin import Origin
from simulator.packet.prefix import Prefix
from simulator.packet.space import Match

HERE = Place("here", "test")
NAT = Door("nat-gateway", "nat-1")
FROM_A, FROM_B = NAT._replace(side="subnet-a"), NAT._replace(side="subnet-b")


def end(name: str) -> Deliver:
    return Deliver(place=Place(name, "test"), what="arrived", endpoint=name)


def sending(to: int | Door) -> Rewrite:
    return Rewrite(place=HERE, what="sends", how=Send("here"), then=to)


def leads_to(build: Builder, start: int) -> object:
    """The node behind a node's only way on, once linked."""
    graph = build.finish()
    (target,) = successors(graph.nodes[start])
    assert isinstance(target, int)
    return graph.nodes[target]


def test_a_door_is_replaced_by_the_node_behind_it() -> None:
    build = Builder()
    start = build.add(sending(NAT))
    build.open(NAT, build.add(end("nat-1")))
    assert leads_to(build, start) == end("nat-1")


def test_a_door_may_lead_to_a_door() -> None:
    build = Builder()
    start = build.add(sending(NAT))
    build.open(NAT, FROM_A)
    build.open(FROM_A, build.add(end("behind both")))
    assert leads_to(build, start) == end("behind both")


def test_a_side_of_its_own_comes_before_the_wildcard() -> None:
    build = Builder()
    own, other = build.add(sending(FROM_A)), build.add(sending(FROM_B))
    build.open(NAT, build.add(end("from anywhere")))
    build.open(FROM_A, build.add(end("from a")))
    graph = build.finish()
    assert [graph.nodes[graph.nodes[index].then].endpoint for index in (own, other)] == ["from a", "from anywhere"]


def test_an_offer_holds_until_somebody_opens_the_door() -> None:
    for opened, wanted in ((False, "offered"), (True, "opened")):
        build = Builder()
        start = build.add(sending(NAT))
        build.offer(NAT, build.add(end("offered")))
        build.offer(NAT, build.add(end("offered too late")))
        if opened:
            build.open(NAT, build.add(end("opened")))
        assert leads_to(build, start) == end(wanted)


def test_an_offer_for_the_side_comes_before_an_open_wildcard() -> None:
    build = Builder()
    start = build.add(sending(FROM_A))
    build.open(NAT, build.add(end("anywhere")))
    build.offer(FROM_A, build.add(end("offered to a")))
    assert leads_to(build, start) == end("offered to a")


def test_a_door_that_nobody_opened_is_a_gap_at_its_place() -> None:
    build = Builder()
    start = build.add(sending(Door("transit-gateway", "tgw-9", "subnet-a")))
    gap = leads_to(build, start)
    assert isinstance(gap, Drop)
    assert (gap.gap, gap.code, gap.place) == (True, "UNKNOWN_RESOURCE", Place("tgw-9", "transit-gateway"))


def test_all_sides_of_an_unread_thing_share_one_gap() -> None:
    build = Builder()
    for side in ("subnet-a", "subnet-b", "*"):
        build.add(sending(Door("transit-gateway", "tgw-9", side)))
    assert len(build.finish().nodes) == 4


def test_two_owners_of_one_door_are_a_fault() -> None:
    build = Builder()
    build.open(NAT, build.add(end("one")))
    with pytest.raises(ValueError, match="opened twice"):
        build.open(NAT, build.add(end("two")))


def test_doors_in_a_circle_are_a_fault() -> None:
    build = Builder()
    build.add(sending(FROM_A))
    build.open(FROM_A, FROM_B)
    build.open(FROM_B, FROM_A)
    with pytest.raises(ValueError, match="doors lead to each other"):
        build.finish()


def test_every_way_on_of_every_kind_of_node_is_linked() -> None:
    table = PrefixTable((Route(Prefix.parse("0.0.0.0/0"), 0, Origin("table")),))
    rules = RuleList((), Origin("rules"))
    build = Builder()
    build.open(NAT, build.add(end("nat-1")))
    for node in (
        Lookup(place=HERE, what="", table=table, targets=(NAT, FROM_A), miss=FROM_B),
        Filter(place=HERE, what="", rules=rules, then=NAT, code="BAD_STATE"),
        Filter(place=HERE, what="", rules=rules, then=NAT, code="BAD_STATE", otherwise=FROM_A),
        SessionMatch(place=HERE, what="", table="t", then=NAT, miss=FROM_A),
        Choice(place=HERE, what="", options=(("a", NAT), ("b", FROM_A))),
        Rewrite(place=HERE, what="", how=Restore("t"), then=NAT, miss=FROM_A),
        Deliver(place=HERE, what="", endpoint="x", reply_at=NAT),
    ):
        build.add(node)
    build.enter("x", Entry(NAT, (), (1, 2)))
    graph = build.finish()
    assert [successors(node) for node in graph.nodes] == [(), (0, 0, 0), (0,), (0, 0), (0, 0), (0, 0), (0, 0), ()]
    assert graph.nodes[-1].reply_at == 0
    assert graph.entries["x"].node == 0


def test_what_nothing_answers_from_stays_unlinked() -> None:
    build = Builder()
    build.add(end("silent"))
    build.add(Rewrite(place=HERE, what="", how=Send("x"), then=0))
    graph = build.finish()
    assert (graph.nodes[0].reply_at, graph.nodes[1].miss) == (-1, -1)


def test_an_entry_counts_before_an_offered_one_and_the_first_offer_before_the_next() -> None:
    build = Builder()
    build.add(end("x"))
    for why in ("first", "second"):
        build.offer_entry("host", Entry(0, (), (1, 2), why))
        build.offer_entry("plain", Entry(0, (), (1, 2), why))
    build.enter("host", Entry(0, (), (3, 4), "its owner"))
    entries = build.finish().entries
    assert (entries["host"].why, entries["plain"].why) == ("its owner", "first")
    assert list(entries) == ["host", "plain"]


def test_assumptions_of_a_node_add_up() -> None:
    build = Builder()
    node = build.add(end("x"))
    build.assume(node, "one")
    build.assume(node, "two", "three")
    assert build.finish().assumptions == {node: ("one", "two", "three")}


def test_equal_tables_become_one_object() -> None:
    build = Builder()
    tables = [PrefixTable((Route(Prefix.parse("10.0.0.0/8"), 0, Origin("table")),)) for _ in range(2)]
    assert tables[0] is not tables[1]
    assert build.share(tables[0]) is build.share(tables[1])
    rules = [RuleList((Rule(Match(protocol=6), True, Origin("sg")),), Origin("sg")) for _ in range(2)]
    assert build.share(rules[0]) is build.share(rules[1])
    assert build.share(rules[0]) is not build.share(tables[0])


# --- order -----------------------------------------------------------------------------------------------------------------------


def emitters() -> list[Callable[[Builder], None]]:
    """Resources of a small network, each as one `emit`."""

    def subnet(build: Builder) -> None:
        build.open(Door("subnet", "a"), build.add(Choice(place=Place("a", "subnet"), what="", options=(("nat", NAT), ("tgw", TGW)))))

    def host(build: Builder) -> None:
        build.offer(Door("host", "h"), build.add(end("h offered")))
        build.offer_entry("h", Entry(Door("subnet", "a"), (), (1, 9), "any"))

    def guest(build: Builder) -> None:
        arrived = Deliver(place=Place("h", "host"), what="", endpoint="h", reply_at=Door("subnet", "a"))
        build.open(Door("host", "h"), build.add(arrived))
        build.enter("h", Entry(Door("subnet", "a"), (), (1, 2), "owner"))

    def nat(build: Builder) -> None:
        node = build.add(Rewrite(place=Place("nat-1", "nat-gateway"), what="", how=Send("nat"), then=Door("host", "h")))
        build.assume(node, "an assumption")
        build.open(NAT, node)

    return [subnet, host, guest, nat]


TGW = Door("transit-gateway", "tgw-9")


def shape(graph: FlowGraph) -> object:
    """The graph as seen from its entries, without indices."""
    names: dict[int, int] = {}

    def visit(index: int) -> object:
        if index in names or index < 0:
            return names.get(index, -1)
        names[index] = len(names)
        node = graph.nodes[index]
        ways = [visit(target) for target in (*successors(node), node.reply_at if isinstance(node, Deliver) else -1)]
        return type(node), node.place, node.what, graph.assumptions.get(index), ways

    return {name: (entry.why, entry.source_ports, visit(entry.node)) for name, entry in graph.entries.items()}


@given(st.permutations(emitters()))
def test_the_order_of_emission_never_matters(order: list[Callable[[Builder], None]]) -> None:
    wanted, found = Builder(), Builder()
    for emit in emitters():
        emit(wanted)
    for emit in order:
        emit(found)
    assert shape(found.finish()) == shape(wanted.finish())
