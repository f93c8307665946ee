"""Bugs in the exact analysis: boxes that are too large, because one limit is forgotten."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from simulator.evaluate import region
from simulator.graph.nodes import Masquerade
from simulator.packet.ranges import Ranges
from simulator.packet.space import Box

Replay = region._Replay


class PlantedInRegions(NamedTuple):
    """One bug, and within how many random graphs brute force finds it; 0: it takes one of those kept because they told something."""

    graphs: int
    plant: Callable[[pytest.MonkeyPatch], None]


def _left_out(name: str) -> Callable[[pytest.MonkeyPatch], None]:
    """A step of the replay that limits nothing."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(Replay, name, lambda replay, *more, **options: None)

    return plant


def longer_routes_stay(patch: pytest.MonkeyPatch) -> None:
    """The region of a route is its whole block, longer routes inside included."""

    def around(regions: Any, table: Any, version: int, value: int) -> Ranges:
        winner = next(table.matches(version, value), None)
        whole = Ranges.of((0, (1 << region.BITS[version]) - 1))
        return Ranges.of((winner.prefix.first, winner.prefix.last)) if winner else whole

    patch.setattr(region.WinnerRegions, "around", around)


def replies_of_any_type(patch: pytest.MonkeyPatch) -> None:
    """What a reply is made of depends on protocol and type, which are not limited."""
    real = Replay.reversed

    def reversed_terms(replay: Any, terms: Any, flow: Any) -> Any:
        before = dict(replay.ranges)
        found = real(replay, terms, flow)
        replay.ranges.update(before)
        return found

    patch.setattr(Replay, "reversed", reversed_terms)


def any_port_of_a_nat(patch: pytest.MonkeyPatch) -> None:
    """The port that a NAT chose is taken for the only one."""
    real = Replay._masquerade

    def masquerade(replay: Any, step: Any, how: Masquerade, terms: Any) -> Any:
        after = real(replay, step, how, terms)
        return {**after, "source_port": region.Term("", step.after.source_port)} if step.before.has_ports else after

    patch.setattr(Replay, "_masquerade", masquerade)


def any_choice(patch: pytest.MonkeyPatch) -> None:
    """Which option was chosen, or which address of a NAT, is not limited."""

    def fix(replay: Any, value: int) -> None:
        replay.choices += 1

    patch.setattr(Replay, "_fix_choice", fix)


def one_below_the_difference(patch: pytest.MonkeyPatch) -> None:
    """Of two ports that differ, the lower one may become the higher one."""
    real = Replay._limit

    def limit(replay: Any, term: Any, allowed: Ranges) -> None:
        if len(allowed.intervals) == 1 and allowed.first == 0 and 0 < allowed.last < 65535:
            allowed = Ranges.of((0, allowed.last + 1))
        real(replay, term, allowed)

    patch.setattr(Replay, "_limit", limit)


def the_rest_forgets_choices(patch: pytest.MonkeyPatch) -> None:
    """What is left of a box after a choice is not walked."""
    real = Box.minus

    def minus(box: Box, other: Any, full: Any = None) -> list[Box]:
        return real(box, {name: ranges for name, ranges in other.items() if not name.startswith("choice")}, full)

    patch.setattr(Box, "minus", minus)


PLANTED_IN_REGIONS: dict[str, PlantedInRegions] = {
    "addresses of every route": PlantedInRegions(30, _left_out("_lookup")),
    "longer routes stay in the region": PlantedInRegions(30, longer_routes_stay),
    "earlier rules that did not cover may cover": PlantedInRegions(30, _left_out("_exclude")),
    "no filter limits anything": PlantedInRegions(30, _left_out("_filter")),
    "sessions found or not": PlantedInRegions(0, _left_out("_differ")),
    "sessions equal or not": PlantedInRegions(0, _left_out("_equate")),
    "states seen before": PlantedInRegions(0, _left_out("_revisit")),
    "a reply that is not the one expected": PlantedInRegions(0, _left_out("_compare_reply")),
    "the words of a denial": PlantedInRegions(0, _left_out("_explanation")),
    "replies of any type": PlantedInRegions(50, replies_of_any_type),
    "answers to what nobody answers": PlantedInRegions(100, _left_out("unanswered")),
    "the port of a NAT is the only one": PlantedInRegions(0, any_port_of_a_nat),
    "any option and any address": PlantedInRegions(30, any_choice),
    "one below the difference": PlantedInRegions(30, one_below_the_difference),
    "the rest forgets choices": PlantedInRegions(30, the_rest_forgets_choices),
}
