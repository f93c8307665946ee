"""Tables and the small functions beside the nodes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.graph.nodes import Forget, Place, PrefixTable, Restore, Rewrite, Route, Rule, RuleList, Translate, first_rule, successors
from simulator.origin import Origin
from simulator.packet.flow import NO_MARKS, Flow, Marks
from simulator.packet.prefix import Prefix
from simulator.packet.space import Match


@st.composite
def tables(draw: st.DrawFn) -> PrefixTable:
    def block(version: int, value: int, free: int) -> Prefix:
        return Prefix(version, value >> free << free, {4: 32, 6: 128}[version] - free)

    blocks = st.builds(block, st.sampled_from((4, 6)), st.integers(0, 31), st.integers(0, 6))
    prefixes = draw(st.lists(blocks, max_size=8, unique=True))
    return PrefixTable(tuple(Route(prefix, 0, Origin("table", str(prefix))) for prefix in prefixes))


@given(tables(), st.sampled_from((4, 6)), st.integers(0, 70))
def test_RT_6_matches_are_all_blocks_that_hold_the_address_longest_first(table: PrefixTable, version: int, value: int) -> None:
    naive = [route for route in table.routes if route.prefix.version == version and route.prefix.first <= value <= route.prefix.last]
    assert list(table.matches(version, value)) == sorted(naive, key=lambda route: -route.prefix.length)


def test_MODEL_2_a_default_route_serves_its_own_version_only() -> None:
    table = PrefixTable((Route(Prefix.parse("0.0.0.0/0"), 0, Origin("table")),))
    assert len(list(table.matches(4, 0xFFFFFFFF))) == 1
    assert list(table.matches(6, 1)) == []


def test_tables_with_equal_routes_are_equal_and_hash_alike() -> None:
    one, two = (PrefixTable((Route(Prefix.parse("10.0.0.0/8"), 0, Origin("table")),)) for _ in range(2))
    assert one == two
    assert hash(one) == hash(two)
    assert one != PrefixTable(())


RULES = RuleList(
    (
        Rule(Match(protocol=17), False, Origin("one")),
        Rule(Match(protocol=6, destination_ports=(443, 443)), True, Origin("two")),
        Rule(Match(sender_group="sg-a"), True, Origin("three")),
        Rule(Match(protocol=6), False, Origin("four")),
    ),
    Origin("default"),
)


@pytest.mark.parametrize(
    ("flow", "marks", "origin"),
    [
        (Flow(4, 1, 2, 17, 5, 443), NO_MARKS, "one"),
        (Flow(4, 1, 2, 6, 5, 443), NO_MARKS, "two"),
        (Flow(4, 1, 2, 6, 5, 80), Marks(frozenset({"sg-a"})), "three"),
        (Flow(4, 1, 2, 6, 5, 80), Marks(frozenset({"sg-b"})), "four"),
    ],
)
def test_NACL_2_the_first_rule_that_covers_is_the_rule(flow: Flow, marks: Marks, origin: str) -> None:
    rule = first_rule(RULES, flow, marks)
    assert rule is not None
    assert rule.origin.resource == origin


def test_no_rule_may_cover() -> None:
    assert first_rule(RULES, Flow(4, 1, 2, 50), NO_MARKS) is None


def test_a_rewrite_that_cannot_miss_has_one_way_on() -> None:
    here = Place("here", "test")
    assert successors(Rewrite(place=here, what="", how=Forget(), then=3)) == (3,)
    assert successors(Rewrite(place=here, what="", how=Restore("t"), then=3, miss=4)) == (3, 4)


def test_translations_hash_by_what_they_map() -> None:
    one, two = (Translate("source", {(4, 1): (4, 2)}, {(4, 1): Origin("eni")}) for _ in range(2))
    assert hash(one) == hash(two)
    assert hash(one) != hash(Translate("destination", {(4, 1): (4, 2)}, {}))


def test_a_place_reads_as_its_id() -> None:
    assert str(Place("nat-1", "nat-gateway", "the NAT")) == "nat-1"
