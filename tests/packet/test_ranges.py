"""Sets of integers as intervals, against Python's own sets on a small universe."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.packet.ranges import Ranges, union

SETS = st.frozensets(st.integers(0, 24), max_size=16)
INTERVALS = st.lists(st.tuples(st.integers(0, 24), st.integers(0, 24)), max_size=6)


def ranges_of(members: frozenset[int]) -> Ranges:
    return Ranges.of(*((value, value) for value in members))


def members_of(ranges: Ranges) -> list[int]:
    return [value for first, last in ranges for value in range(first, last + 1)]


def assert_canonical(ranges: Ranges) -> None:
    """Sorted, none empty, none touching the next."""
    assert all(first <= last for first, last in ranges)
    assert all(one[1] + 1 < two[0] for one, two in zip(ranges.intervals, ranges.intervals[1:], strict=False))


@given(INTERVALS)
def test_of_joins_intervals_in_any_order(intervals: list[tuple[int, int]]) -> None:
    ranges = Ranges.of(*intervals)
    assert_canonical(ranges)
    assert members_of(ranges) == sorted({value for first, last in intervals for value in range(first, last + 1)})
    assert ranges == Ranges.of(*reversed(intervals))


@given(SETS)
def test_a_set_and_its_intervals_have_the_same_members(members: frozenset[int]) -> None:
    ranges = ranges_of(members)
    assert members_of(ranges) == sorted(members)
    assert [value for value in range(-2, 28) if value in ranges] == sorted(members)
    assert ranges.size == len(members)
    assert bool(ranges) == bool(members)
    assert ranges.is_point == (len(members) == 1)
    if members:
        assert (ranges.first, ranges.last) == (min(members), max(members))


@given(SETS, SETS)
def test_union_intersection_and_difference_are_those_of_sets(one: frozenset[int], two: frozenset[int]) -> None:
    first, second = ranges_of(one), ranges_of(two)
    for found, wanted in ((first | second, one | two), (first & second, one & two), (first - second, one - two)):
        assert_canonical(found)
        assert found == ranges_of(wanted)


@given(st.lists(SETS, max_size=5))
def test_the_union_of_many_is_the_union_of_each_with_the_next(sets: list[frozenset[int]]) -> None:
    assert union(map(ranges_of, sets)) == ranges_of(frozenset().union(*sets))


@given(SETS, st.integers(-40, 40))
def test_shifted_moves_every_member(members: frozenset[int], offset: int) -> None:
    shifted = ranges_of(members).shifted(offset)
    assert_canonical(shifted)
    assert members_of(shifted) == sorted(value + offset for value in members)


def test_large_numbers_stay_exact() -> None:
    """Addresses of IPv6 do not fit into a float."""
    top = (1 << 128) - 1
    ranges = Ranges.of((0, top)) - Ranges.point(1 << 127)
    assert ranges.size == top
    assert (1 << 127) not in ranges
    assert (1 << 127) + 1 in ranges
    assert top in ranges
    assert top + 1 not in ranges


def test_the_empty_set_has_no_ends() -> None:
    empty = Ranges.of((3, 2))
    assert empty == Ranges()
    assert str(empty) == "none"
    with pytest.raises(IndexError):
        _ = empty.first
    with pytest.raises(IndexError):
        _ = empty.last


def test_ranges_read_as_people_write_them() -> None:
    assert str(Ranges.of((443, 443), (1024, 2000), (2001, 65535))) == "443, 1024-65535"
