"""The first box that covers a packet, by every form of index and by compiled code, against the definition."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.evaluate.batch import pair_tables
from simulator.evaluate.batch.axes import axes_of
from simulator.evaluate.batch.boxes import ANY_GROUP, EVERY, NO_BOX, Boxes, Packets, first_box
from simulator.evaluate.batch.index import PAIRS, SCAN, TABLE, VECTORS, Index, cheapest, index_of
from simulator.evaluate.batch.indexed import first_indexed
from simulator.evaluate.batch.jit import COMPILES
from simulator.evaluate.batch.keys import LAST_KEY
from simulator.evaluate.batch.rule_kernels import first_rules, rules_of
from tests.definitions import Condition, first_condition

LAST = 0xFFFFFFFF
MEMBER = np.array([[False, False], [True, False], [False, True], [True, True]])
FORMS = {"scan": SCAN, "table": TABLE, "pairs": PAIRS, "vectors": VECTORS}


@st.composite
def blocks(draw: st.DrawFn) -> tuple[int, int]:
    """A prefix as an interval: of all lengths, close to others, to the first address or to the last."""
    length = draw(st.sampled_from((0, 0, 1, 8, 24, 30, 31, 32)))
    value = draw(st.sampled_from((0, 0x0A000000, 0x0A000001, 0x0A000102, 0xC0000000, LAST)))
    low = value >> (32 - length) << (32 - length)
    return low, low + (1 << (32 - length)) - 1


def ranges(most: int) -> st.SearchStrategy[tuple[int, int]]:
    """An interval of ports or keys, mostly of few values."""
    value = st.sampled_from(tuple(one for one in (0, 1, 22, 80, 81, 443, 65535, 65536, 65616, LAST_KEY) if one <= most))
    pair = st.tuples(value, value).map(lambda one: (min(one), max(one)))
    return st.one_of(st.just((0, LAST)), pair, value.map(lambda one: (one, one)))


def conditions(*, marks: bool) -> st.SearchStrategy[Condition]:
    return st.builds(
        Condition,
        blocks(),
        blocks(),
        st.one_of(st.just((0, LAST)), ranges(65535)),
        ranges(LAST_KEY),
        st.sampled_from((ANY_GROUP, ANY_GROUP, ANY_GROUP, 0, 1) if marks else (ANY_GROUP,)),
        st.sampled_from(((0, 0), (0, 0), (1, 1), (2, 0), (3, 2)) if marks else ((0, 0),)),
    )


@dataclass(frozen=True)
class Asked:
    """Lists, and packets for them."""

    lists: list[list[Condition]]
    which: list[int]
    packets: list[tuple[int, int, int, int, int, int]]

    def boxes(self) -> Boxes:
        rows = [one for some in self.lists for one in some]
        axes = [np.array([getattr(one, name) for one in rows], np.int64).reshape(-1, 2).T for name in Condition._fields[:4]]
        spans = [part.astype(np.uint32) for low, high in axes for part in (low, high - low)]
        asked, wanted = np.array([one.marks for one in rows], np.uint8).reshape(-1, 2).T
        rule = np.array([at for some in self.lists for at in range(len(some))], np.int32)
        first = np.cumsum([0, *map(len, self.lists)]).astype(np.int32)
        return Boxes(first, *spans, np.array([one.group for one in rows], np.int32), asked, wanted, rule, np.ones(len(rows), np.uint8))

    def columns(self) -> tuple[np.ndarray, Packets]:
        columns = np.array(self.packets, np.int64).reshape(-1, 6).T
        points = [column.astype(np.uint32) for column in columns[:4]]
        return np.array(self.which, np.int32), Packets(*points, columns[4].astype(np.int32), columns[5].astype(np.uint8))

    def wanted(self) -> list[int]:
        return [first_condition(self.lists[which], packet, MEMBER) for which, packet in zip(self.which, self.packets, strict=True)]

    def found(self, box: np.ndarray) -> list[int]:
        first = self.boxes().first[self.which]
        return np.where(box == NO_BOX, -1, box - first).tolist()


@st.composite
def questions(draw: st.DrawFn, *, marks: bool, most: int = 40) -> Asked:
    """Some lists, and packets at the borders of their boxes and next to them, on every axis."""
    lists = draw(st.lists(st.lists(conditions(marks=marks), max_size=most), min_size=1, max_size=4))
    random = draw(st.randoms(use_true_random=False))
    borders = [[sorted(_borders(some, axis)) for axis in range(4)] for some in lists]
    which = [random.randrange(len(lists)) for _ in range(100)]
    packets = [(*(random.choice(axis) for axis in borders[number]), random.randrange(4), random.randrange(4)) for number in which]
    return Asked(lists, which, packets)


def _borders(some: list[Condition], axis: int) -> set[int]:
    limit = (LAST, LAST, 65535, LAST_KEY)[axis]
    return {0, limit} | {min(max(value + step, 0), limit) for one in some for value in one[axis] for step in (-1, 0, 1)}


def compiled(boxes: Boxes, index: Index, which: np.ndarray, packets: Packets) -> np.ndarray:
    out = np.full(len(which), 99, np.int32)
    first_rules(rules_of(boxes, index), which, packets, MEMBER, out)
    return out


@pytest.mark.parametrize("form", FORMS)
@given(asked=st.one_of(questions(marks=False), questions(marks=True)))
@settings(max_examples=60 if COMPILES else 15, deadline=None)
def test_every_form_finds_the_first_box_of_the_definition(form: str, asked: Asked) -> None:
    boxes, (which, packets) = asked.boxes(), asked.columns()
    index = index_of(boxes, 1, lambda _, size: np.full(len(size), FORMS[form]))
    wanted = asked.wanted()
    assert asked.found(first_box(boxes, which, packets, MEMBER)) == wanted
    assert asked.found(first_indexed(boxes, index, which, packets, MEMBER)) == wanted
    assert asked.found(compiled(boxes, index, which, packets)) == wanted


def long_list(size: int, seed: int) -> Boxes:
    """A list as firewalls have them: two addresses, two ranges of ports."""
    numbers = np.random.default_rng(seed)
    length = numbers.choice([0, 8, 16, 24, 28, 32], (2, size))
    span = ((1 << (32 - length)) - 1).astype(np.uint32)
    low = (0x0A000000 | numbers.integers(0, 1 << 12, (2, size)) << 8).astype(np.uint32) & ~span
    port, key = numbers.choice([0, 53, 1024], size).astype(np.uint32), numbers.integers(0, 200, size).astype(np.uint32)
    port_span = np.where(port == 1024, 64511, np.where(port == 0, EVERY, 0)).astype(np.uint32)
    key_span = np.where(numbers.random(size) < 0.2, 100, 0).astype(np.uint32)
    nothing, first = np.zeros(size, np.uint8), np.array([0, size], np.int32)
    axes = (low[0], span[0], low[1], span[1], port, port_span, key, key_span)
    return Boxes(first, *axes, np.full(size, ANY_GROUP, np.int32), nothing, nothing, np.arange(size, dtype=np.int32), nothing + 1)


def near(boxes: Boxes, count: int, seed: int) -> Packets:
    """Packets at and beside the corners of boxes, drawn from other boxes on each axis."""
    numbers = np.random.default_rng(seed)
    columns = []
    for low, span in ((1, 2), (3, 4), (5, 6), (7, 8)):
        row = numbers.integers(0, len(boxes.rule), count)
        edge = boxes[low][row] + np.where(numbers.random(count) < 0.5, boxes[span][row], 0).astype(np.uint32)
        columns.append(edge + numbers.integers(-1, 2, count).astype(np.uint32))
    columns[2] &= 0xFFFF
    return Packets(*columns, np.zeros(count, np.int32), np.zeros(count, np.uint8))


@pytest.mark.parametrize(
    ("form", "size"), [(form, size) for form in ("pairs", "vectors") for size in (63, 64, 65, 700)] + [("vectors", 4500)]
)
def test_long_lists_are_no_other(form: str, size: int) -> None:
    boxes = long_list(size, size)
    packets, which = near(boxes, 3000, 1), np.zeros(3000, np.int32)
    index = index_of(boxes, 1, lambda _, some: np.full(len(some), FORMS[form]))
    assert index.form.tolist() == [FORMS[form]]
    wanted = first_box(boxes, which, packets, MEMBER)
    assert len(np.unique(wanted)) > size // 50
    assert (first_indexed(boxes, index, which, packets, MEMBER) == wanted).all()
    if COMPILES:
        assert (compiled(boxes, index, which, packets) == wanted).all()


def test_what_would_be_too_large_is_built_as_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    boxes = long_list(300, 5)
    assert index_of(boxes, 16).form.tolist() == [PAIRS]
    monkeypatch.setattr(pair_tables, "MOST_CELLS", 1000)
    assert index_of(boxes, 16).form.tolist() == [VECTORS]
    monkeypatch.setattr(pair_tables, "MOST_PAIRS", 1000)
    assert cheapest(axes_of(boxes, np.array([0])), np.array([300])).tolist() == [VECTORS]


def test_short_lists_and_those_that_ask_for_groups_are_gone_through() -> None:
    boxes = long_list(40, 1)
    assert index_of(boxes, 41).form.tolist() == [SCAN]
    asking = boxes._replace(group=np.where(np.arange(40) < 21, 0, ANY_GROUP).astype(np.int32))
    assert index_of(asking, 16).form.tolist() == [SCAN]
