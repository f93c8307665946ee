"""The first rule that covers a packet, in many lists, against the definition."""

from random import Random

import numpy as np
import pytest

from simulator.evaluate.batch.boxes import NO_BOX, Packets, first_box
from simulator.evaluate.batch.keys import is_answered, keys_of, reverse
from simulator.evaluate.batch.lower import lower
from simulator.evaluate.batch.space import halves
from simulator.graph.nodes import Filter, FlowGraph, Lookup, Place, PrefixTable, Rewrite, Route, RuleList, Send
from simulator.origin import Origin
from simulator.packet.flow import Flow, Marks
from simulator.packet.prefix import Prefix
from tests.definitions import first_match
from tests.evaluate.small_graphs import ADDRESSES, GROUPS, PORTS, PROTOCOLS, TYPES, Pipelines

HERE = Place("here", "test")


def flow_of(random: Random, version: int) -> Flow:
    protocol = random.choice((6, 17, 50, 0, 255, PROTOCOLS[version]))
    ports = (random.choice(PORTS), random.choice(PORTS)) if protocol in (6, 17) else (0, 0)
    types = (random.choice(TYPES[version]), random.choice((0, 1))) if protocol == PROTOCOLS[version] else (0, 0)
    return Flow(version, random.choice(ADDRESSES), random.choice(ADDRESSES), protocol, *ports, *types)


def graph_of(lists: list[RuleList], version: int) -> FlowGraph:
    """Filters with these lists, and nodes that name all addresses and groups, so that each has a point or number of its own."""
    routes = tuple(Route(Prefix.host(version, address), 0, Origin("here")) for address in ADDRESSES)
    senders = [Send("s", frozenset(groups)) for groups in ((), GROUPS[:1], GROUPS[1:], GROUPS)]
    nodes = [
        *(Filter(HERE, "filter", rules, 0, "SG_HAS_NO_RULES") for rules in lists),
        *(Rewrite(HERE, "send", sender, 0) for sender in senders),
        Lookup(HERE, "addresses", PrefixTable(routes), (0,), 0),
    ]
    return FlowGraph(tuple(nodes), {}, {})


@pytest.mark.parametrize("version", [4, 6])
@pytest.mark.parametrize("seed", range(10))
def test_the_first_rule_is_that_of_the_definition(version: int, seed: int) -> None:
    random = Random(seed)
    plan = Pipelines(random, version, 2 + seed % 2, 3)  # those of two stages read source ports
    lists = [plan.filter(0).rules for _ in range(30)]
    program = lower(graph_of(lists, version))
    numbers = program.nodes.first[: len(lists)]
    sets = [frozenset(), frozenset(GROUPS[:1]), frozenset(GROUPS[1:]), frozenset(GROUPS)]
    asked = [(random.randrange(len(lists)), flow_of(random, version), random.randrange(4), random.randrange(2)) for _ in range(2000)]
    space, senders = program.spaces[version], program.marks.groups
    columns = np.array([flow[3:] for _, flow, _, _ in asked], np.uint32)
    packets = Packets(
        space.points(halves(flow.source for _, flow, _, _ in asked)),
        space.points(halves(flow.destination for _, flow, _, _ in asked)),
        columns[:, 1],
        keys_of(columns[:, 0], columns[:, 2], columns[:, 3], columns[:, 4]),
        senders[[which for _, _, which, _ in asked]],
        np.array([mark for *_, mark in asked], np.uint8),
    )
    rules = program.tables[version].rules
    box = first_box(rules, numbers[[at for at, *_ in asked]], packets, program.marks.member)
    found = np.where(box == NO_BOX, -1, rules.rule[box])
    wanted = [first_match(lists[at].rules, flow, Marks(sets[which], by_reference=bool(mark))) for at, flow, which, mark in asked]
    assert found.tolist() == wanted
    assert len(set(wanted)) > 3


def test_keys_turn_as_headers_do() -> None:
    random = Random(0)
    flows = [flow_of(random, version) for version in (4, 6) for _ in range(500)]
    columns = np.array([flow[3:] for flow in flows], np.uint32)
    turned = np.array([flow.reversed()[3:] for flow in flows], np.uint32)
    keys = keys_of(columns[:, 0], columns[:, 2], columns[:, 3], columns[:, 4])
    found = reverse(keys, columns[:, 1])
    assert found[0].tolist() == keys_of(turned[:, 0], turned[:, 2], turned[:, 3], turned[:, 4]).tolist()
    assert found[1].tolist() == turned[:, 1].tolist()
    assert is_answered(keys).tolist() == [flow.is_answered for flow in flows]
