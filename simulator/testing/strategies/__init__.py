"""Hypothesis strategies for networks, and for what one may ask of them or change in them."""

from __future__ import annotations

from hypothesis import strategies as st

from simulator.api import Network
from simulator.aws.registry import RESOURCES
from simulator.aws.snapshot import Draft, Snapshot
from simulator.testing.strategies.hand import Hand
from simulator.testing.strategies.hosts import draw_hosts
from simulator.testing.strategies.profiles import CLOSED, MIXED, NAT_HEAVY, OPEN, PROFILES, SLOPPY, Profile
from simulator.testing.strategies.routes import draw_routes
from simulator.testing.strategies.rules import draw_rules
from simulator.testing.strategies.sites import Plan, draw_ground


@st.composite
def snapshots(draw: st.DrawFn, profile: Profile = MIXED) -> Snapshot:
    plan = Plan(Hand(draw), profile, Draft(RESOURCES))
    draw_ground(plan)
    draw_hosts(plan)
    draw_rules(plan)
    draw_routes(plan)
    for site in plan.sites:
        for subnet in site.subnets:
            plan.draft.add(subnet)
    return plan.draft.finish()
