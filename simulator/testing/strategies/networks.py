"""Whole networks: a draft filled with nouns in an order in which each can refer to those before it."""

from __future__ import annotations

from hypothesis import strategies as st

from simulator.api import Network
from simulator.aws.registry import RESOURCES
from simulator.aws.snapshot import Draft, Snapshot
from simulator.testing.strategies.hand import Hand
from simulator.testing.strategies.hosts import draw_hosts
from simulator.testing.strategies.outline import DrawnNetwork, DrawnSnapshot
from simulator.testing.strategies.profiles import MIXED, Profile
from simulator.testing.strategies.routes import draw_routes
from simulator.testing.strategies.rules import draw_rules
from simulator.testing.strategies.sites import Plan, draw_ground
from simulator.testing.strategies.transit import draw_transit
from simulator.testing.strategies.vpc_endpoints import draw_endpoints


@st.composite
def snapshots(draw: st.DrawFn, profile: Profile = MIXED) -> Snapshot:
    """A network that AWS would accept (but for a sloppy profile); its `problems` hold no error."""
    plan = Plan(Hand(draw), profile, Draft(RESOURCES))
    draw_ground(plan)
    draw_hosts(plan)
    draw_transit(plan)
    draw_endpoints(plan)
    draw_rules(plan)
    draw_routes(plan)
    return DrawnSnapshot.of(plan.draft.finish())


@st.composite
def networks(draw: st.DrawFn, profile: Profile = MIXED) -> Network:
    """The same, ready to be asked."""
    snapshot = draw(snapshots(profile))
    return DrawnNetwork(snapshot, "drawn", tuple(snapshot.problems))
