"""Sets of integers as sorted, disjoint, non-touching closed intervals: the one-dimensional algebra of the exact analysis."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

Interval = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Ranges:
    """A set of integers. Build with `Ranges.of`, which sorts and joins; the constructor trusts its argument.

    >>> ports = Ranges.of((443, 443), (1024, 2000), (2001, 65535))
    >>> ports
    Ranges(intervals=((443, 443), (1024, 65535)))
    >>> 1500 in ports, 80 in ports, ports.size
    (True, False, 64513)
    """

    intervals: tuple[Interval, ...] = ()

    @classmethod
    def of(cls, *intervals: Interval) -> Ranges:
        """The union of closed intervals given in any order; empty ones (`first > last`) count for nothing."""
        joined: list[Interval] = []
        for first, last in sorted(intervals):
            if first > last:
                continue
            if joined and first <= joined[-1][1] + 1:
                joined[-1] = (joined[-1][0], max(joined[-1][1], last))
            else:
                joined.append((first, last))
        return cls(tuple(joined))

    @classmethod
    def point(cls, value: int) -> Ranges:
        """The set of one integer."""
        return cls(((value, value),))

    def __contains__(self, value: int) -> bool:
        index = bisect_right(self.intervals, (value, float("inf"))) - 1
        return index >= 0 and self.intervals[index][1] >= value

    def __bool__(self) -> bool:
        return bool(self.intervals)

    def __iter__(self) -> Iterator[Interval]:
        return iter(self.intervals)

    @property
    def size(self) -> int:
        """How many integers are in the set."""
        return sum(last - first + 1 for first, last in self.intervals)

    @property
    def first(self) -> int:
        """The smallest member. Raises `IndexError` when the set is empty."""
        return self.intervals[0][0]

    @property
    def last(self) -> int:
        """The largest member. Raises `IndexError` when the set is empty."""
        return self.intervals[-1][1]

    @property
    def is_point(self) -> bool:
        """Whether the set holds exactly one integer."""
        return len(self.intervals) == 1 and self.intervals[0][0] == self.intervals[0][1]

    def __or__(self, other: Ranges) -> Ranges:
        return Ranges.of(*self.intervals, *other.intervals)

    def __and__(self, other: Ranges) -> Ranges:
        found: list[Interval] = []
        mine, theirs = iter(self.intervals), iter(other.intervals)
        one, two = next(mine, None), next(theirs, None)
        while one and two:
            first, last = max(one[0], two[0]), min(one[1], two[1])
            if first <= last:
                found.append((first, last))
            if one[1] <= two[1]:
                one = next(mine, None)
            else:
                two = next(theirs, None)
        return Ranges(tuple(found))

    def __sub__(self, other: Ranges) -> Ranges:
        found: list[Interval] = []
        holes = other.intervals
        index = 0
        for first, last in self.intervals:
            while index < len(holes) and holes[index][1] < first:
                index += 1
            at = index
            while at < len(holes) and holes[at][0] <= last:
                if holes[at][0] > first:
                    found.append((first, holes[at][0] - 1))
                first = holes[at][1] + 1
                at += 1
            if first <= last:
                found.append((first, last))
        return Ranges(tuple(found))

    def shifted(self, offset: int) -> Ranges:
        """Every member moved by `offset`."""
        return Ranges(tuple((first + offset, last + offset) for first, last in self.intervals)) if offset else self

    def __str__(self) -> str:
        return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in self.intervals) or "none"


def union(sets: Iterable[Ranges]) -> Ranges:
    """The union of many sets, sorted once.

    >>> union([Ranges.point(1), Ranges.of((5, 9)), Ranges.point(2)])
    Ranges(intervals=((1, 2), (5, 9)))
    """
    return Ranges.of(*(interval for ranges in sets for interval in ranges.intervals))
