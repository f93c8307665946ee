"""Conditions and boxes: a `Match` says the same to the walker and to the exact analysis, and `Box.minus` loses and repeats nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.packet.flow import ICMP, ICMPV6, NO_MARKS, Flow, Marks
from simulator.packet.prefix import Prefix
from simulator.packet.ranges import Ranges
from simulator.packet.space import FIELDS, Box, Match, service_boxes

SMALL = st.integers(0, 7)


@st.composite
def prefixes(draw: st.DrawFn) -> Prefix:
    version, free = draw(st.sampled_from((4, 4, 4, 6))), draw(st.integers(0, 3))
    length = {4: 32, 6: 128}[version] - free
    return Prefix(version, draw(SMALL) >> free << free, length)


BLOCKS = st.none() | st.lists(prefixes(), max_size=2).map(tuple)


@st.composite
def matches(draw: st.DrawFn) -> Match:
    kind = draw(st.sampled_from(("any", "ports", "types", "protocol")))
    protocol, ports, icmp_type, icmp_code = None, None, None, None
    leaving = None
    if kind == "ports":
        protocol, ports = draw(st.sampled_from((6, 17))), tuple(sorted((draw(SMALL), draw(SMALL))))
        leaving = draw(st.none() | st.tuples(SMALL, SMALL).map(sorted).map(tuple))
    elif kind == "types":
        protocol, icmp_type, icmp_code = draw(st.sampled_from((1, 58))), draw(SMALL), draw(st.none() | SMALL)
    elif kind == "protocol":
        protocol = draw(st.sampled_from((1, 6, 17, 50)))
    version = draw(st.sampled_from((None, 4, 6)))
    return Match(draw(BLOCKS), draw(BLOCKS), protocol, ports, icmp_type, icmp_code, version, source_ports=leaving)


@st.composite
def flows(draw: st.DrawFn) -> Flow:
    protocol = draw(st.sampled_from((1, 6, 17, 50, 58)))
    ports = (draw(SMALL), draw(SMALL)) if protocol in (6, 17) else (0, 0)
    types = (draw(SMALL), draw(SMALL)) if protocol in (1, 58) else (0, 0)
    return Flow(draw(st.sampled_from((4, 6))), draw(SMALL), draw(SMALL), protocol, *ports, *types)


@given(matches(), flows())
def test_covers_and_limits_of_a_match_agree(match: Match, flow: Flow) -> None:
    limits = match.limits(flow.version)
    assert limits.keys() <= set(FIELDS)
    assert match.covers_header(flow) == all(getattr(flow, name) in allowed for name, allowed in limits.items())
    assert match.covers(flow, NO_MARKS) == match.covers_header(flow)


@given(matches(), flows())
def test_a_match_covers_what_each_of_its_conditions_covers(match: Match, flow: Flow) -> None:
    def among(blocks: tuple[Prefix, ...] | None, value: int) -> bool:
        return blocks is None or any(block.version == flow.version and block.first <= value <= block.last for block in blocks)

    wanted = (
        among(match.sources, flow.source)
        and among(match.destinations, flow.destination)
        and match.protocol in (None, flow.protocol)
        and (match.source_ports is None or match.source_ports[0] <= flow.source_port <= match.source_ports[1])
        and (match.destination_ports is None or match.destination_ports[0] <= flow.destination_port <= match.destination_ports[1])
        and match.icmp_type in (None, flow.icmp_type)
        and match.icmp_code in (None, flow.icmp_code)
        and match.version in (None, flow.version)
    )
    assert match.covers_header(flow) == wanted


def test_MODEL_2_an_empty_list_of_blocks_covers_nothing_and_none_covers_all() -> None:
    flow = Flow.tcp("10.0.0.1", 1, "10.0.0.2", 2)
    assert Match().covers_header(flow)
    assert not Match(sources=()).covers_header(flow)
    assert not Match(destinations=()).covers_header(flow)
    assert not Match(sources=(Prefix.parse("::/0"),)).covers_header(flow)


@pytest.mark.parametrize(
    ("groups", "asked", "covered"), [({"sg-a"}, "sg-a", True), ({"sg-b"}, "sg-a", False), ((), "sg-a", False), ({"sg-b"}, None, True)]
)
def test_SG_11_a_group_is_a_mark_of_the_packet(groups: set[str], asked: str | None, covered: bool) -> None:
    marks = Marks(frozenset(groups), lost_groups=frozenset({"sg-a"}))
    assert Match(sender_group=asked).covers(Flow(4, 1, 2, 6), marks) is covered
    assert Match(sender_group=asked).covers_marks(marks) is covered


@pytest.mark.parametrize("asked", [None, True, False])
@pytest.mark.parametrize("mark", [True, False])
def test_SG_13_by_reference_is_a_mark_of_the_packet(asked: bool | None, mark: bool) -> None:
    assert Match(by_reference=asked).covers_marks(Marks(by_reference=mark)) == (asked is None or asked is mark)


# --- boxes -----------------------------------------------------------------------------------------------------------------------

SETS = st.frozensets(st.integers(0, 4), min_size=1, max_size=4).map(lambda values: Ranges.of(*((v, v) for v in values)))
NAMES = ("source", "destination", "choice 0", "choice 1")


def points(box: Box, full: Mapping[str, Ranges]) -> Iterator[tuple[int, ...]]:
    """The members of a box; what it does not mention is open."""
    yield from product(*([v for first, last in box.ranges.get(name, full[name]) for v in range(first, last + 1)] for name in full))


@st.composite
def differences(draw: st.DrawFn) -> tuple[Box, dict[str, Ranges], dict[str, Ranges]]:
    """A box that mentions no choice, the first, or both; and a part of it that mentions all."""
    full = {name: Ranges.of((0, 4)) for name in NAMES}
    mentioned = NAMES[: draw(st.integers(2, 4))]
    box = Box(4, {name: draw(SETS) for name in mentioned})
    whole = {name: box.ranges.get(name, full[name]) for name in NAMES}
    other = {name: draw(SETS) & whole[name] or whole[name] for name in NAMES}
    return box, other, full


@given(differences())
def test_minus_leaves_every_point_outside_and_each_once(case: tuple[Box, dict[str, Ranges], dict[str, Ranges]]) -> None:
    box, other, full = case
    inside = set(points(Box(4, other), full))
    rest = [point for part in box.minus(other, full) for point in points(part, full)]
    assert sorted(rest) == sorted(set(points(box, full)) - inside)


@given(differences())
def test_minus_mentions_a_choice_only_where_it_was_reached(case: tuple[Box, dict[str, Ranges], dict[str, Ranges]]) -> None:
    """A part split off on a header field may meet other choices; one split off on the first choice may meet another second one."""
    box, other, full = case
    for part in box.minus(other, full):
        assert all(part.ranges.values()), "an empty part would be walked for nothing"
        new = [name for name in NAMES if name in part.ranges and name not in box.ranges]
        assert tuple(new) == NAMES[len(box.ranges) :][: len(new)]
        split = next(name for name in NAMES if not part.ranges.get(name, Ranges()) & other[name])
        assert set(new) <= set(NAMES[: NAMES.index(split) + 1])


def test_minus_of_all_is_nothing_and_of_nothing_is_all() -> None:
    box = Box(4, {"source": Ranges.of((0, 9)), "destination_port": Ranges.of((0, 3))})
    assert box.minus(box.ranges) == []
    assert box.minus({"source": Ranges.point(20)}) == [box]


def test_the_size_of_a_box_counts_headers_and_choices() -> None:
    box = Box(4, {"source": Ranges.of((0, 9)), "destination_port": Ranges.of((0, 3), (8, 8)), "choice 0": Ranges.of((0, 1))})
    assert box.size() == 10 * 5 * 2
    assert box.with_ranges(source=Ranges.point(5)).size() == 5 * 2
    assert box.ranges["source"].size == 10


# --- the boxes of a service ------------------------------------------------------------------------------------------------------


def boxes(version: int, protocols: Ranges) -> dict[str, list[int]]:
    every, ports, types = Ranges.of((1024, 1030)), Ranges.of((443, 444)), Ranges.of((0, 255))
    found = service_boxes(version, protocols, ports, types, types, every)
    return {name: [box.ranges[name].size for box in found] for name in FIELDS if name in found[0].ranges}


@pytest.mark.parametrize(("version", "own", "foreign"), [(4, ICMP, ICMPV6), (6, ICMPV6, ICMP)])
def test_a_service_of_all_protocols_has_three_boxes(version: int, own: int, foreign: int) -> None:
    every = service_boxes(version, Ranges.of((0, 255)), Ranges.of((0, 9)), Ranges.of((0, 255)), Ranges.of((0, 255)), Ranges.of((1, 5)))
    with_ports, with_types, bare = every
    assert with_ports.ranges["protocol"] == Ranges.of((6, 6), (17, 17))
    assert with_types.ranges["protocol"] == Ranges.point(own)
    assert all(number not in bare.ranges["protocol"] for number in (6, 17, own, foreign))
    assert bare.ranges["protocol"].size == 252


def test_fields_that_a_protocol_does_not_have_are_zero() -> None:
    sizes = boxes(4, Ranges.of((0, 255)))
    assert sizes["source_port"] == [7, 1, 1]
    assert sizes["destination_port"] == [2, 1, 1]
    assert sizes["icmp_type"] == sizes["icmp_code"] == [1, 256, 1]


def test_one_protocol_has_one_box() -> None:
    assert boxes(4, Ranges.point(6))["protocol"] == [1]
    assert service_boxes(4, Ranges.point(ICMPV6), *[Ranges.of((0, 1))] * 4) == []
