"""Which atom an IPv6 address is in, against the last cut that is not above it: at, before and after every cut."""

from __future__ import annotations

from bisect import bisect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.evaluate.batch.arrays import Array
from simulator.evaluate.batch.directory import directory_of
from simulator.evaluate.batch.kernels import atoms_of as compiled_atoms
from simulator.evaluate.batch.space import Space, halves
from simulator.evaluate.batch.tree import grow_beside
from simulator.evaluate.batch.words import Words, atoms_of, words_of
from simulator.packet.prefix import Prefix

LAST = (1 << 128) - 1


def by_compiled(words: Words, high: Array, low: Array) -> Array:
    found = np.empty(len(high), np.int32)
    with np.errstate(over="ignore"):
        compiled_atoms(grow_beside(words.tables, words.huge), words.huge, int(words.atoms[0]), high, low, found)
    return found


VARIANTS = {"numpy": atoms_of, "compiled": by_compiled}
# Words at both ends, so that cuts follow each other directly, share words, and have none of a word before them.
word = st.sampled_from((0, 1, 2, 3, 0x20010DB8, (1 << 32) - 2, (1 << 32) - 1))
address = st.tuples(word, word, word, word).map(lambda words: sum(one << (96 - 32 * at) for at, one in enumerate(words)))


@pytest.mark.parametrize("name", VARIANTS)
@settings(max_examples=200, deadline=None)
@given(cuts=st.sets(address, max_size=30), smallest=st.sampled_from((2, 5, 100)), others=st.lists(address, max_size=10))
def test_the_atom_of_an_address_begins_at_the_last_cut_not_above_it(name: str, cuts: set[int], smallest: int, others: list[int]) -> None:
    ordered = sorted(cuts | {0})
    words = words_of(*halves(ordered))
    words = words._replace(huge=directory_of(words.tables, smallest, 1 << 18))
    asked = [one for cut in ordered for one in (cut - 1, cut, cut + 1) if 0 <= one <= LAST] + [LAST, *others]
    assert VARIANTS[name](words, *halves(asked)).tolist() == [bisect(ordered, one) - 1 for one in asked]


def test_tables_are_as_large_as_what_they_tell_apart() -> None:
    """A table for each run of cuts that share words, no more."""
    space = Space.of(6, [Prefix.parse("2001:db8::/32"), Prefix.parse("2001:db8:1::/48"), Prefix.parse("2001:db8:1::7/128")])
    assert np.diff(space.by_word.tables.first).tolist() == [3, 4, 2, 3]
