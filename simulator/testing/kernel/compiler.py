"""From nouns to a plan for the worker. Written from docs/semantics.md; each part cites the rules it builds.

What is not built here ends packets at a site of the kind `not built`: whoever compares leaves those packets out and counts them.
`compile_network` raises `OutOfScopeError` for a network of which nothing can be played.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from simulator.aws.snapshot import Snapshot
from simulator.testing.kernel import plan as numbers
from simulator.testing.kernel.card import card_rules, guest_rules
from simulator.testing.kernel.edge import edge_routes, edge_rules
from simulator.testing.kernel.fabric import fabric_routes, fabric_rules
from simulator.testing.kernel.filters import OutOfScopeError, private
from simulator.testing.kernel.network import PORTS, Network
from simulator.testing.kernel.plan import USUAL, Card, Plan, Sizes
from simulator.testing.kernel.transit import transit_routes, transit_rules


def compile_network(
    snapshot: Snapshot,
    nat_ports: tuple[int, int] = PORTS,
    *,
    windows: Mapping[str, tuple[int, int]] | None = None,
    traced: bool = False,
    sizes: Sizes = USUAL,
) -> tuple[Network, Plan]:
    """The plan of a snapshot, and what its numbers mean.

    nat_ports, windows: the ports NATs choose from, see `Network`. traced: each step of a packet is told. sizes: of the bed.
    """
    network = Network(snapshot, nat_ports, windows or {})
    plan = Plan()
    too_large = sizes.holds(network.sizes())
    if too_large:
        raise OutOfScopeError(f"the bed is too small for {too_large}")
    nats = [nic.id for nic in network.interfaces if network.forwards(nic) == "nat"]
    plan.cards = [
        Card(tuple(private(nic)), network.forwards(nic), nats.index(nic.id) if nic.id in nats else -1) for nic in network.interfaces
    ]
    for nic, card in zip(network.interfaces, plan.cards, strict=True):
        if card.forwards in {"nat", "nat-gateway"}:
            plan.translating += [value for address in nic.addresses for _, value in filter(None, (address.private, address.public))]
    plan.rules["card"] = card_rules(network, plan)
    plan.rules["fabric"] = fabric_rules(network, plan)
    plan.rules["transit"] = transit_rules(network, plan)
    plan.rules["edge"] = edge_rules(network, plan)
    plan.rules["guest"] = guest_rules(network, plan)
    plan.routes["card"] = list(_card_routes(network))
    plan.routes["fabric"] = list(fabric_routes(network))
    plan.routes["transit"] = list(transit_routes(network))
    plan.routes["edge"] = edge_routes(network)
    plan.routes["guest"] = list(_guest_routes(plan))
    if traced:
        plan.trace()
    return network, plan


# --- the routes of the other rooms -----------------------------------------------------------------------------------------------


def _card_routes(network: Network) -> Iterator[tuple[int, int, int, str]]:
    """Between the two sides of each interface; what comes to a NAT gateway goes out where it came in."""
    for i, nic in enumerate(network.interfaces):
        yield numbers.FROM_GUEST + i, 0, 0, f"c{i}"
        yield numbers.FROM_FABRIC + i, 0, 0, f"c{i}" if network.forwards(nic) == "nat-gateway" else f"t{i}"


def _guest_routes(plan: Plan) -> Iterator[tuple[int, int, int, str]]:
    for card in plan.cards:
        if card.nat >= 0:
            yield numbers.GUEST_TABLE + card.nat, 0, 0, f"u{card.nat}"
            for value in card.own:
                yield numbers.GUEST_TABLE + card.nat, value, 32, f"v{card.nat}"
