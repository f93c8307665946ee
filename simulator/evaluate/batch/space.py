"""Addresses of one IP version as points of 32 bits, so that every table and kernel knows one kind of address only.

IPv4 addresses are points as they are. Of the IPv6 addresses, the network's own prefixes cut the whole space into *atoms*, runs of
addresses that no route, rule or translation tells apart; the point of an address is the number of its atom. An address that the network
names (of an interface, a NAT gateway) is an atom of its own. Two addresses of one atom have one point: `alike` finds the flows for
which that matters, because they are told apart by nothing but being equal or not.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from simulator.evaluate.batch.arrays import Array
from simulator.evaluate.batch.words import Words, atoms_of, words_of
from simulator.packet.prefix import Prefix

LOW_HALF = (1 << 64) - 1
Halves = tuple[Array, Array]


class Space(NamedTuple):
    """The points of one version. `high` and `low`: uint64, the halves of the first address of each atom; both empty for IPv4. `by_word`
    finds the atom of an address.
    """

    version: int
    high: Array
    low: Array
    by_word: Words

    def point(self, address: int) -> int:
        """The point of one address."""
        if self.version == 4:
            return address
        halves = np.array([address >> 64], np.uint64), np.array([address & LOW_HALF], np.uint64)
        return int(self.points(halves)[0])

    def points(self, addresses: Halves) -> Array:
        """The points of addresses in halves (high, low); of IPv4 addresses the high half is 0.

        >>> space = Space.of(6, [Prefix.parse("2001:db8::/64")])
        >>> space.points((np.array([0x20010DB8 << 32, 0], np.uint64), np.array([7, 7], np.uint64)))
        array([1, 0], dtype=uint32)
        """
        high, low = addresses
        if self.version == 4:
            return low.astype(np.uint32)
        return atoms_of(self.by_word, high, low).astype(np.uint32)

    def ends(self, prefix: Prefix) -> tuple[int, int]:
        """The first and the last point of a prefix of this version; it must be one that the space was made of."""
        if self.version == 4:
            return prefix.first, prefix.last
        return self.point(prefix.first), self.point(prefix.last)

    @classmethod
    def of(cls, version: int, prefixes: Iterable[Prefix]) -> Space:
        """The space that tells these prefixes apart."""
        if version == 4:
            nothing = np.zeros(0, np.uint64)
            return cls(4, nothing, nothing, words_of(nothing, nothing))
        cuts = {0}
        for prefix in prefixes:
            cuts |= {prefix.first, prefix.last + 1}
        inside = sorted(cut for cut in cuts if cut >> 128 == 0)
        high, low = halves(inside)
        return cls(6, high, low, words_of(high, low))


def halves(values: Iterable[int]) -> Halves:
    """Addresses as two uint64 halves, high and low."""
    values = list(values)
    return np.array([value >> 64 for value in values], np.uint64), np.array([value & LOW_HALF for value in values], np.uint64)


def alike(sources: Halves, destinations: Halves, source_points: Array, destination_points: Array) -> Array:
    """Which flows have two different addresses of one point, so that a header and its reverse look alike."""
    differ = (sources[0] != destinations[0]) | (sources[1] != destinations[1])
    found: Array = (source_points == destination_points) & differ
    return found
