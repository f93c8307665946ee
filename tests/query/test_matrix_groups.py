"""Blocks of a matrix: together they say all of it, and each says only what is so."""

from __future__ import annotations

from itertools import product
from random import Random

import numpy as np
import pytest

from simulator.evaluate.result import Verdict
from simulator.query.matrix import FAILS, GAP, VERDICT_OF, WORKS, Classes, Matrix
from simulator.query.matrix_groups import TOLD, blocks_of, joined


def random_matrix(seed: int) -> Matrix:
    """A few kinds of ends, several of each; nobody is asked about itself."""
    random = Random(seed)
    size, kinds, services = random.randint(1, 9), random.randint(1, 3), random.randint(1, 3)
    kind = [random.randrange(kinds) for _ in range(size)]
    table = np.array([random.choice([WORKS, FAILS, FAILS, WORKS | FAILS, GAP]) for _ in range(kinds * kinds * services)], np.uint8)
    seen = table.reshape(kinds, kinds, services)[np.ix_(kind, kind)]
    seen[np.arange(size), np.arange(size)] = 0
    names = tuple(f"host-{number}" for number in range(size))
    return Matrix("net", names, names, tuple(f"tcp/{number}" for number in range(services)), seen)


@pytest.mark.parametrize("seed", range(60))
def test_blocks_say_the_whole_matrix_once(seed: int) -> None:
    matrix, said = random_matrix(seed), {}
    for block in blocks_of(matrix):
        for source, destination in product(block.sources, block.destinations):
            for verdict, services in block.services.items():
                for service in services:
                    assert said.setdefault((source, destination, service), verdict) is verdict
    for source, destination, service in product(matrix.sources, matrix.destinations, matrix.services):
        verdict = matrix.verdict(source, destination, service)
        if verdict is not None:  # what cannot be asked may be told with what is like it
            assert said.get((source, destination, service), Verdict.NEVER) is (verdict if verdict in TOLD else Verdict.NEVER)


def test_twins_are_told_together_and_nobody_reaches_only_itself() -> None:
    seen = np.array([[[0], [WORKS], [FAILS]], [[WORKS], [0], [FAILS]], [[FAILS], [FAILS], [0]]], np.uint8)
    blocks = blocks_of(Matrix("net", ("a", "b", "c"), ("a", "b", "c"), ("tcp/1",), seen))
    assert [(block.sources, block.destinations) for block in blocks] == [(("a", "b"), ("a", "b"))]


def test_of_a_class_its_members_are_told_and_nobody_reaches_only_itself() -> None:
    classes = Classes(np.array([0, 0, 1]), np.array([0, 0, 1]), np.array([(0, 0), (1, 1)]))
    names = ("a", "b", "c")
    matrix = Matrix("net", names, names, ("tcp/1",), np.array([[[WORKS], [FAILS]], [[WORKS], [0]]], np.uint8), classes)
    assert [block[:2] for block in blocks_of(matrix)] == [(("a", "b", "c"), ("a", "b"))]
    assert [row[:2] for row in matrix.rows() if row[3] == "always"] == [("a", "b"), ("b", "a"), ("c", "a"), ("c", "b")]
    assert matrix.counts() == {"always": 4, "sometimes": 0, "never": 2, "unknown": 0}
    alone = Matrix("net", names[:1], names[:1], ("tcp/1",), matrix.by_class[:1, :1], Classes(*np.zeros((2, 1), int), np.array([(0, 0)])))
    assert [block[:2] for block in blocks_of(alone)] == [((), ())]
    assert alone.verdict("a", "a") is None


def test_a_verdict_over_what_was_seen() -> None:
    for number, verdict in enumerate(VERDICT_OF[1:], start=1):
        outcomes = [outcome for bit, outcome in ((WORKS, True), (FAILS, False), (GAP, None)) if number & bit]
        assert verdict is Verdict.over(iter(outcomes))


@pytest.mark.parametrize(
    ("services", "words"),
    [
        (["tcp/0-1", "tcp/2", "tcp/4"], ["tcp/0-2", "tcp/4"]),
        (["tcp/0-65535", "udp/1-65535"], ["tcp", "udp/1-65535"]),
        (["icmp/0-255", "proto/0,2-5"], ["icmp", "proto/0,2-5"]),
        (["tcp/443", "udp/444"], ["tcp/443", "udp/444"]),
        (["all", "esp"], ["all", "esp"]),
    ],
)
def test_services_in_fewer_words(services: list[str], words: list[str]) -> None:
    assert joined(services) == words
