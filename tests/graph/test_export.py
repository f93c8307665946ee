"""The networkx face: nodes and edges, places, choke points, loops, unreachable places."""

from __future__ import annotations

from pathlib import Path

import pytest

import simulator
from simulator.graph.export import choke_points, loops, places, to_networkx, unreachable_places
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
    Place,
    PrefixTable,
    Restore,
    Rewrite,
    Route,
    Rule,
    RuleList,
    Send,
    SessionMatch,
)
from simulator.origin import Origin
from simulator.packet.prefix import Prefix
from simulator.packet.space import Match

SCENARIO = Path(__file__).parents[2] / "scenarios" / "primer" / "lambda-nat.yaml"


def at(name: str) -> Place:
    return Place(name, "test")


def hop(name: str, to: int) -> Rewrite:
    return Rewrite(place=at(name), what="passes", how=Forget(), then=to)


def fork(name: str, *to: int) -> Choice:
    return Choice(place=at(name), what="forks", options=tuple((f"option {n}", target) for n, target in enumerate(to)))


def end(name: str, reply_at: int = -1) -> Deliver:
    return Deliver(place=at(name), what="arrived", endpoint=name, reply_at=reply_at)


def graph(*nodes: AnyNode, **entries: int) -> FlowGraph:
    return FlowGraph(nodes, {name: Entry(index, (), (1, 2), "any client") for name, index in entries.items()}, {})


def test_every_node_says_what_it_is_and_every_way_on_is_an_edge() -> None:
    rules = RuleList((Rule(Match(), True, Origin("sg", "ingress 1")), Rule(Match(), False, Origin("sg", "ingress 2"))), Origin("sg"))
    table = PrefixTable((Route(Prefix.parse("10.0.0.0/8"), 0, Origin("t")), Route(Prefix.parse("10.0.0.0/16"), 1, Origin("t"))))
    built = graph(
        Lookup(place=at("lookup"), what="routes", table=table, targets=(1, 2), miss=6, cites=("RT-6",)),
        Filter(place=at("filter"), what="group", rules=rules, then=5, code="SG_HAS_NO_RULES", otherwise=6),
        SessionMatch(place=at("state"), what="state", table="t", then=3, miss=4),
        fork("choice", 5, 6),
        Rewrite(place=at("rewrite"), what="back", how=Restore("t"), then=5, miss=6),
        end("x", reply_at=0),
        Drop(place=at("drop"), what="dropped", code="BAD_STATE", origin=Origin("x")),
        a=0,
    )
    made = to_networkx(built)
    assert [made.nodes[index]["kind"] for index in range(7)] == [
        "lookup",
        "filter",
        "session-match",
        "choice",
        "rewrite",
        "deliver",
        "drop",
    ]
    assert sorted((a, b, data["label"]) for a, b, data in made.edges(data=True) if a != "entry a") == [
        (0, 1, "10.0.0.0/8"),
        (0, 2, "10.0.0.0/16"),
        (0, 6, "no route"),
        (1, 5, "permitted"),
        (1, 6, "otherwise"),
        (2, 3, "reply"),
        (2, 4, "new"),
        (3, 5, "option 0"),
        (3, 6, "option 1"),
        (4, 5, ""),
        (4, 6, "no translation"),
        (5, 0, "reply"),
    ]
    assert list(made.successors("entry a")) == [0]
    assert (made.nodes["entry a"]["kind"], made.nodes["entry a"]["what"]) == ("entry", "any client")
    assert (made.nodes[0]["place"], made.nodes[0]["place_kind"], made.nodes[0]["rules"]) == ("lookup", "test", ["RT-6"])
    assert made.nodes[0]["decides"] == ["10.0.0.0/8", "10.0.0.0/16"]
    assert made.nodes[1]["decides"] == ["permit: sg ingress 1", "deny: sg ingress 2"]
    assert [made.nodes[index]["code"] for index in (0, 1, 6)] == ["", "SG_HAS_NO_RULES", "BAD_STATE"]
    assert [made.nodes[index]["endpoint"] for index in (0, 5)] == ["", "x"]


def test_places_condense_decisions_to_resources() -> None:
    made = places(to_networkx(graph(hop("a", 1), hop("a", 2), hop("b", 3), end("c"), a=0)))
    assert set(made.nodes) == {"a", "b", "c"}
    assert set(made.edges) == {("a", "b"), ("b", "c")}
    assert made.nodes["a"]["kind"] == "test"


# entry -> start -> (left | right) -> gate -> goal
DIAMOND = (hop("start", 1), fork("fork", 2, 3), hop("left", 4), hop("right", 4), hop("gate", 5), end("goal"))


def test_choke_points_are_what_every_way_passes_in_order() -> None:
    made = to_networkx(graph(*DIAMOND, a=0))
    assert choke_points(made, "a", "goal") == ["start", "fork", "gate", "goal"]


def test_a_second_way_removes_a_choke_point() -> None:
    nodes = (*DIAMOND[:3], hop("right", 5), *DIAMOND[4:])
    assert choke_points(to_networkx(graph(*nodes, a=0)), "a", "goal") == ["start", "fork", "goal"]


def test_one_place_met_twice_in_a_row_is_told_once() -> None:
    assert choke_points(to_networkx(graph(hop("a", 1), hop("a", 2), end("goal"), a=0)), "a", "goal") == ["a", "goal"]


def test_several_arrivals_are_one_goal() -> None:
    built = graph(fork("fork", 1, 2), end("goal"), Deliver(place=at("other door"), what="", endpoint="goal"), a=0)
    assert choke_points(to_networkx(built), "a", "goal") == ["fork"]


def test_replies_are_no_way_to_a_goal() -> None:
    built = graph(hop("a", 1), end("b", reply_at=2), end("goal"), a=0)
    assert choke_points(to_networkx(built), "a", "goal") == []


def test_without_a_way_there_are_no_choke_points() -> None:
    made = to_networkx(graph(hop("a", 1), end("b"), hop("c", 3), end("goal"), a=0))
    assert choke_points(made, "a", "goal") == []
    assert choke_points(made, "nobody", "goal") == []
    assert choke_points(made, "a", "nowhere") == []


def test_an_unreachable_second_arrival_does_not_hide_the_choke_points_of_the_first() -> None:
    built = graph(hop("a", 1), end("goal"), hop("never met", 3), Deliver(place=at("other"), what="", endpoint="goal"), a=0)
    assert choke_points(to_networkx(built), "a", "goal") == ["a", "goal"]


def test_loops_are_decisions_that_lead_back_within_one_leg() -> None:
    made = to_networkx(graph(hop("a", 1), fork("b", 0, 2), hop("c", 3), end("d", reply_at=0), a=0))
    assert loops(made) == [["a", "b"]]


def test_the_way_back_is_no_loop() -> None:
    assert loops(to_networkx(graph(hop("a", 1), end("b", reply_at=0), a=0))) == []


def test_a_node_that_leads_to_itself_is_a_loop() -> None:
    assert loops(to_networkx(graph(hop("a", 0), a=0))) == [["a"]]


def test_unreachable_places_are_those_no_entry_leads_to_replies_included() -> None:
    built = graph(hop("a", 1), end("b", reply_at=2), end("c"), hop("island", 4), end("far"), hop("a", 4), a=0)
    assert unreachable_places(to_networkx(built)) == ["far", "island"]


@pytest.fixture(scope="module")
def network() -> simulator.Network:
    return simulator.load(SCENARIO)


def test_a_read_network_shows_its_choke_points(network: simulator.Network) -> None:
    made = network.graph()
    assert choke_points(made, "report", "internet")[:3] == ["report", "report-eni-private", "private"]
    assert {"nat", "igw", "internet"} <= set(choke_points(made, "report", "internet"))
    assert ("nat", "public") in places(made).edges


def test_a_read_network_is_exported_whole(network: simulator.Network) -> None:
    made = network.graph()
    assert sum(1 for node in made if isinstance(node, int)) == len(network.flow_graph.nodes)
    assert {f"entry {name}" for name in network.flow_graph.entries} <= set(made)


def test_sending_is_a_rewrite_with_one_way_on() -> None:
    made = to_networkx(graph(Rewrite(place=at("a"), what="sends", how=Send("a"), then=1), end("b")))
    assert [data["label"] for _, _, data in made.edges(data=True)] == [""]
