"""Longest-prefix match in many tables against the definition: at the first and last address of every prefix, and one beyond."""

from random import Random

import numpy as np
import pytest

from simulator.evaluate.batch.intervals import flatten, look_up
from simulator.evaluate.batch.space import Space, alike, halves
from simulator.packet.prefix import BITS, Prefix
from tests.definitions import longest_prefix


def tables_of(random: Random, version: int, count: int) -> list[list[Prefix]]:
    """Tables with blocks inside blocks, hosts, everything, and nothing."""
    bits = BITS[version]
    found = []
    for _ in range(count):
        blocks = {}
        for _ in range(random.choice((0, 1, 3, 20))):
            length = random.choice((0, 1, bits // 4, bits // 2, bits - 3, bits - 1, bits))
            near = random.choice((0, (1 << bits) - 1, 0xA << (bits - 4), random.getrandbits(bits)))
            blocks[Prefix(version, near >> (bits - length) << (bits - length), length)] = None
        found.append(list(blocks))
    return found


def edges(prefixes: list[Prefix], version: int) -> set[int]:
    last = (1 << BITS[version]) - 1
    near = {value + step for prefix in prefixes for value in (prefix.first, prefix.last) for step in (-1, 0, 1)}
    return {0, last} | {value for value in near if 0 <= value <= last}


@pytest.mark.parametrize("version", [4, 6])
@pytest.mark.parametrize("seed", range(20))
def test_RT_6_every_edge_of_every_prefix_has_the_winner_of_the_definition(version: int, seed: int) -> None:
    random = Random(seed)
    tables = tables_of(random, version, 12)
    space = Space.of(version, [prefix for prefixes in tables for prefix in prefixes])
    rows = [(number, prefix, at) for number, prefixes in enumerate(tables) for at, prefix in enumerate(prefixes)]
    low, high = np.array([space.ends(prefix) for _, prefix, _ in rows], np.int64).reshape(-1, 2).T
    columns = (
        np.array([number for number, _, _ in rows], np.int64),
        low,
        high,
        np.array([prefix.length for _, prefix, _ in rows], np.int64),
    )
    index = flatten(len(tables), *columns, np.array([at for _, _, at in rows], np.int32))
    addresses = sorted(edges([prefix for _, prefix, _ in rows], version))
    asked = [(number, address) for number in range(len(tables)) for address in addresses]
    found = look_up(index, np.array([number for number, _ in asked]), space.points(halves(address for _, address in asked)))
    assert found.tolist() == [longest_prefix(tables[number], version, address) for number, address in asked]


def test_no_table_and_no_route() -> None:
    nothing = [np.zeros(0, np.int64)] * 4
    index = flatten(3, *nothing, np.zeros(0, np.int32))
    assert look_up(index, np.array([0, 2]), np.array([0, 0xFFFFFFFF], np.uint32)).tolist() == [-1, -1]


def test_addresses_that_nothing_tells_apart_share_a_point_and_are_noticed() -> None:
    space = Space.of(6, [Prefix.parse("2001:db8::/64"), Prefix.parse("2001:db8::7/128")])
    inside = [Prefix.parse(f"2001:db8::{word}").value for word in ("7", "8", "ffff")]
    points = space.points(halves(inside))
    assert points[0] != points[1] == points[2]
    assert alike(halves(inside), halves(reversed(inside)), points, points[::-1]).tolist() == [False, False, False]
    assert alike(halves(inside[1:]), halves(inside[:0:-1]), points[1:], points[:0:-1]).tolist() == [True, True]
