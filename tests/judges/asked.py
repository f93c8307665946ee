"""What the judges are asked: drawn networks, the packets of each, and what the model by the book says of them, worked out once."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache

from simulator.aws.snapshot import Snapshot
from simulator.compile import compile_snapshot
from simulator.graph.nodes import FlowGraph
from simulator.testing.strategies import CLOSED, MIXED, NAT_HEAVY, OPEN, TRANSIT_HEAVY, network_of
from simulator.testing.strategies.flows import draw_packet
from simulator.testing.strategies.hand import Dice
from tests.oracle import compare, explained
from tests.oracle.by_the_book.result import BY_THE_BOOK, Leg

# Where the usual profiles seldom go: packets that turn round at an internet gateway before an ACL; routes inside the VPC; transit gateways
# that packets come to; rules that name groups beyond a transit gateway.
REFLECTING = replace(
    OPEN, vpcs=1, hosts=6, public=100, front=100, internet_gateway=100, open_acls=75, rare=0, forwarding=0, default_route=100
)
DETOURS = replace(NAT_HEAVY, vpcs=1, rare=1, odd=("routes inside the VPC",))
JOINED = replace(TRANSIT_HEAVY, more_vpcs=100, vpcs=3, peerings=0, open_groups=90, default_route=90, rare=1, odd=("blackholes",))
NAMING = replace(JOINED, groups=2, open_groups=0, near_groups=80, open_acls=100, odd=())
PROFILES = [replace(one, ipv6=0, gaps=0) for one in (MIXED, OPEN, NAT_HEAVY, TRANSIT_HEAVY, CLOSED, JOINED, REFLECTING, DETOURS, NAMING)]
QUESTIONS, PACKETS = 12, 48
Said = tuple[compare.Question, tuple[Leg, Leg | None]]


@cache
def network(number: int) -> tuple[Snapshot, list[Said]]:
    """A drawn network, and the packets on which simulator and book agree while nothing is planted, or differ for a known reason."""
    snapshot = network_of(number, PROFILES[number % len(PROFILES)])
    graph, dice, rng = compile_snapshot(snapshot), Dice(number), random.Random(number)
    able = set(compare.senders(snapshot))
    drawn = [draw_packet(dice, snapshot) for _ in range(PACKETS)]
    asked = [
        compare.Question(packet.entry, packet.flow, tuple(rng.choice(compare.DRAWS) for _ in range(3)))
        for packet in drawn
        if packet.flow.version == 4 and packet.entry in able
    ]
    asked += [compare.question(snapshot, rng.choice, lambda percent: rng.random() * 100 < percent) for _ in range(QUESTIONS)]
    return snapshot, [(question, legs) for question in asked if (legs := _agreed(snapshot, graph, question))]


def _agreed(snapshot: Snapshot, graph: FlowGraph, question: compare.Question) -> tuple[Leg, Leg | None] | None:
    """What the book says of a packet, in a known reading of it where it has to be one for the two to agree; none where they do not."""
    for reading in (BY_THE_BOOK, *(known for _, known in explained.readings())):
        legs = compare.ask_model(snapshot, question, reading)
        if not differs(graph, question, legs):
            return legs
    return None


def fresh(snapshot: Snapshot) -> Snapshot:
    """The same nouns; nothing that was derived from them before something was planted."""
    return replace(snapshot, _indices={})


def differs(graph: FlowGraph, question: compare.Question, legs: tuple[Leg, Leg | None]) -> bool:
    """Whether the walker says anything else than the book of a packet, on either leg."""
    if any(leg and leg.beyond for leg in legs):
        return False
    try:
        theirs = compare.ask_walker(graph, question, legs)
    except IndexError:
        return True
    pairs = zip(legs, (theirs.forward, theirs.back), strict=True)
    return any(True for mine, other in pairs for _ in compare.leg_differences(mine, other))
