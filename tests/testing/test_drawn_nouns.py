"""All nouns the simulator knows are drawn, and drawn packets come to what they stand for."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from simulator.aws.registry import RESOURCES
from simulator.evaluate.result import Disposition
from simulator.testing.strategies import PROFILES, WIDE, network_of
from simulator.testing.strategies.flows import draw_packet
from simulator.testing.strategies.hand import Dice
from simulator.testing.strategies.wide import MAKERS
from tests.properties.walks import trip_of

SEEDS = 120  # of each profile
PACKETS = 12
NOT_DRAWN: dict[str, str] = {}
"""Nouns that no profile draws, each with the reason why a property would see nothing of it."""

# What a hop may be, and how many of the drawn packets that arrived somewhere came by one at least.
ARRIVED = {
    "client-vpn": 1,
    "data-service": 1,
    "direct-connect-gateway": 1,
    "ecs-service": 1,
    "egress-only-internet-gateway": 1,
    "file-system": 1,
    "instance-connect-endpoint": 1,
    "load-balancer": 20,
    "nat-gateway": 5,
    "on-premises-network": 1,
    "virtual-interface": 1,
    "virtual-private-gateway": 1,
    "vpc-endpoint": 5,
    "vpc-link": 1,
    "vpn-connection": 1,
}


@cache
def drawn() -> Counter[str]:
    """How many networks have a noun of each kind."""
    found: Counter[str] = Counter()
    for profile in (*PROFILES, WIDE):
        for seed in range(SEEDS):
            found.update({kind.name for kind, _ in network_of(seed, profile).everything()})
    return found


@cache
def hops() -> tuple[Counter[str], Counter[str]]:
    """How many drawn packets came by each kind of place, and how many of them arrived."""
    met: Counter[str] = Counter()
    arrived: Counter[str] = Counter()
    for seed in range(3 * SEEDS):
        snapshot, dice = network_of(seed, WIDE), Dice(seed)
        for _ in range(PACKETS):
            forward = trip_of(snapshot, draw_packet(dice, snapshot)).forward
            kinds = {hop.place.kind for hop in forward.hops}
            met.update(kinds)
            if forward.disposition is Disposition.DELIVERED:
                arrived.update(kinds)
    return met, arrived


@pytest.mark.parametrize("name", [kind.name for kind in RESOURCES if not kind.extends])
def test_every_noun_of_the_registry_is_drawn(name: str) -> None:
    """Within so many networks of each profile; one that is not needs a reason."""
    assert (name in NOT_DRAWN) == (drawn()[name] == 0), f"{name} is in {drawn()[name]} networks"


def test_what_is_not_drawn_exists_and_has_a_reason() -> None:
    assert set(NOT_DRAWN) <= {kind.name for kind in RESOURCES}
    assert all(NOT_DRAWN.values())


@pytest.mark.parametrize("kind", ARRIVED)
def test_drawn_packets_come_through(kind: str) -> None:
    """A noun that stands where no packet goes shows a property nothing."""
    met, arrived = hops()
    assert arrived[kind] >= ARRIVED[kind], f"{met[kind]} came there, {arrived[kind]} arrived"


@pytest.mark.parametrize("kind", ["carrier-gateway", "local-gateway", "core-network"])
def test_drawn_packets_come_to_what_nobody_models(kind: str) -> None:
    assert hops()[0][kind] > 0


def test_a_wide_network_has_some_sorts_and_not_all() -> None:
    """Which is why it stays small (Groce and others, "Swarm testing", ISSTA 2012)."""
    assert len(MAKERS) > 2 * 4
    sizes = [len(list(network_of(seed, WIDE).everything())) for seed in range(SEEDS)]
    assert sum(sizes) / len(sizes) < 60
