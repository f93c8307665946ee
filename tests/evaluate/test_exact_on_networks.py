"""The exact analysis against the walker on the questions of the scenario files: sampled headers and choices, drawn at the edges of pieces.

Small graphs are tried whole in `test_exact.py`; here graphs are those that networks compile to, with whole port and address ranges.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

import simulator
from simulator.evaluate.exact import Piece, Question, explore
from simulator.evaluate.region import choice_name
from simulator.evaluate.result import RoundTrip
from simulator.evaluate.walk import round_trip
from simulator.graph.nodes import FlowGraph
from simulator.packet.flow import Flow
from simulator.packet.ranges import Ranges
from simulator.packet.service import Service, parse_ports
from simulator.packet.space import FIELDS
from simulator.query.endpoints import resolve
from simulator.query.space import questions_of
from tests.evaluate.test_exact import decisions, holds

SCENARIOS = sorted((Path(__file__).parents[2] / "scenarios").rglob("*.yaml"))
SAMPLES = 40
PIECES = 300  # more make a question for another test


def questions(network: simulator.Network) -> Iterator[Question]:
    for wanted in network.expectations:
        if (
            wanted.by != "packets"
            or wanted.verdict == "error"
            or any(end.startswith("new:") for end in (wanted.source, wanted.destination))
        ):
            continue
        service = Service.parse(wanted.service) if wanted.service else Service()
        ports = Ranges.of(parse_ports(wanted.source_port)) if wanted.source_port else None
        for source in resolve(network.snapshot, wanted.source):
            for destination in resolve(network.snapshot, wanted.destination):
                if source.name and source.name == destination.name:
                    continue
                pairs = questions_of(network.flow_graph, network.snapshot, source, destination, service, ports, one_way=wanted.one_way)
                for asked in (one for one in pairs if not one.silent):
                    yield from asked.questions


def edges(question: Question, pieces: list[Piece], name: str) -> list[int]:
    """Values of a field at which some piece begins or ends, and the ends of the question."""
    found = {end for piece in pieces for interval in piece.box.ranges[name] for end in interval}
    return sorted(value for value in found | {question.box.ranges[name].first} if value in question.box.ranges[name])


def sampled(graph: FlowGraph, question: Question, random: Random, values: dict[str, list[int]]) -> tuple[Flow, RoundTrip]:
    """A header, and its walk with every choice drawn."""
    header = []
    for name in FIELDS:
        first, last = random.choice(question.box.ranges[name].intervals)
        header.append(random.choice(values[name]) if random.random() < 0.7 else random.randint(first, last))
    flow = Flow(question.box.version, *header)
    choices: list[int] = []
    while True:
        trip = round_trip(graph, question.start, flow, expected=question.expected, choices=choices, one_way=question.one_way)
        if len(trip.choices) <= len(choices):
            return flow, trip
        taken = trip.choices[len(choices)]
        choices.append(random.choice((taken.first, taken.last, taken.value, random.randint(taken.first, taken.last))))


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_sampled_headers_go_as_their_pieces_say(path: Path) -> None:
    try:
        network = simulator.load(path)
    except simulator.InputError:
        return  # a scenario of what cannot be read
    random = Random(path.stem)
    for question in questions(network):
        pieces = list(explore(network.flow_graph, question))
        assert sum(piece.weight for piece in pieces) == pytest.approx(1)
        if len(pieces) > PIECES:
            continue
        values = {name: edges(question, pieces, name) for name in FIELDS}
        for _ in range(SAMPLES):
            flow, trip = sampled(network.flow_graph, question, random, values)
            found = [piece for piece in pieces if holds(piece, flow, trip)]
            assert len(found) == 1, (str(flow), [taken.value for taken in trip.choices], len(found))
            assert decisions(found[0].trip) == decisions(trip), str(flow)
            assert [name for name in found[0].box.ranges if name not in FIELDS] == [choice_name(n) for n in range(len(trip.choices))]
