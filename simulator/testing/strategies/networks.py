"""Whole networks: nouns made in an order in which each can refer to those before it, then perhaps fewer of them.

hypothesis makes an example smaller by lowering what was drawn, and it makes new examples out of parts of old ones. Neither does any good
to a network whose every noun refers to others: one subnet less, and whatever was drawn after it means something else; a part of one
network in another, and four out of five examples are nearly the same. So a network is drawn in two steps. Its nouns follow from a seed,
and are the same whatever else is drawn. What of it stays is drawn then, a byte for each part (`thinning.py`): that is what shrinks.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from hypothesis import strategies as st

from simulator.api import Network
from simulator.aws.registry import RESOURCES
from simulator.aws.resource import Noun
from simulator.aws.snapshot import Draft, Snapshot
from simulator.testing.strategies.hand import Dice
from simulator.testing.strategies.hosts import draw_hosts
from simulator.testing.strategies.ipv6 import draw_ipv6
from simulator.testing.strategies.outline import DrawnNetwork, DrawnSnapshot
from simulator.testing.strategies.profiles import MIXED, Profile
from simulator.testing.strategies.routes import draw_routes
from simulator.testing.strategies.rules import draw_rules
from simulator.testing.strategies.sites import Plan, draw_ground
from simulator.testing.strategies.thinning import number_of_parts, part_of, thinned
from simulator.testing.strategies.transit import draw_transit
from simulator.testing.strategies.vpc_endpoints import draw_endpoints
from simulator.testing.strategies.wide import draw_wide

_SEEDS = st.integers(0, (1 << 24) - 1)  # no more: of larger ranges hypothesis likes the ends
_BYTES = [st.binary(min_size=size, max_size=size) for size in range(1000)]


class _Nouns(NamedTuple):
    """All that a draft of a network holds."""

    nouns: tuple[Noun, ...]
    read_kinds: frozenset[str]
    whole: bool


@st.composite
def snapshots(draw: st.DrawFn, profile: Profile = MIXED) -> Snapshot:
    """A network that AWS would accept (but for a sloppy profile); its `problems` hold no error."""
    seed = draw(_SEEDS)
    size = number_of_parts(_nouns(profile, seed).nouns)
    return part_of(network_of(seed, profile), _snapshot(profile, seed, draw(_BYTES[size])))


@st.composite
def networks(draw: st.DrawFn, profile: Profile = MIXED) -> Network:
    """The same, ready to be asked."""
    snapshot = draw(snapshots(profile))
    return snapshot.index("network of strategies", lambda: DrawnNetwork(snapshot, "drawn", tuple(snapshot.problems)))


def network_of(seed: int, profile: Profile = MIXED) -> Snapshot:
    """The network of a seed, where a test wants the same ones every time and no hypothesis. They change when strategies change."""
    return _snapshot(profile, seed, b"")


@lru_cache(maxsize=64)
def _nouns(profile: Profile, seed: int) -> _Nouns:
    plan = Plan(Dice(seed), profile, Draft(RESOURCES))
    draw_ground(plan)
    draw_hosts(plan)
    draw_transit(plan)
    draw_endpoints(plan)
    draw_ipv6(plan)
    draw_wide(plan)
    draw_rules(plan)
    draw_routes(plan)
    types = dict.fromkeys(kind.noun for kind in RESOURCES)
    nouns: list[Noun] = []
    for of in types:
        nouns += plan.draft.all(of)
    return _Nouns(tuple(nouns), frozenset(plan.draft.read_kinds), plan.draft.whole)


@lru_cache(maxsize=64)
def _snapshot(profile: Profile, seed: int, stays: bytes) -> Snapshot:
    """The same object for the same draws: what was derived from it (its graph, its ends) need not be made again."""
    drawn = _nouns(profile, seed)
    draft = Draft(RESOURCES, read_kinds=set(drawn.read_kinds), whole=drawn.whole)
    for noun in thinned(drawn.nouns, stays):
        draft.add(noun)
    return DrawnSnapshot.of(draft.finish())
