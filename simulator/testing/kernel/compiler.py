"""From nouns to a plan for the worker. Written from docs/semantics.md; each part cites the rules it builds.

`compile_network` raises `OutOfScopeError` for a network with something that is not built here: whoever compares has to leave that
network out and count it.
"""

from __future__ import annotations

from collections.abc import Iterator

from simulator.aws.cache import Cache
from simulator.aws.database import Database
from simulator.aws.route_table import RouteTable
from simulator.aws.snapshot import Snapshot
from simulator.testing.kernel import plan as sizes
from simulator.testing.kernel.card import card_rules, guest_rules
from simulator.testing.kernel.edge import edge_routes, edge_rules
from simulator.testing.kernel.fabric import fabric_routes, fabric_rules
from simulator.testing.kernel.filters import OutOfScopeError, private
from simulator.testing.kernel.network import PORTS, Network, acl_of
from simulator.testing.kernel.plan import Card, Plan
from simulator.testing.kernel.routes import table_of


def compile_network(snapshot: Snapshot, nat_ports: tuple[int, int] = PORTS) -> tuple[Network, Plan]:
    """The plan of a snapshot, and what its numbers mean."""
    network = Network(snapshot, nat_ports)
    plan = Plan()
    _number_tables(network)
    _check_sizes(network)
    _check_services(network)
    nats = [nic.id for nic in network.interfaces if network.forwards(nic) == "nat"]
    plan.cards = [
        Card(tuple(private(nic)), network.forwards(nic), nats.index(nic.id) if nic.id in nats else -1) for nic in network.interfaces
    ]
    for nic, card in zip(network.interfaces, plan.cards, strict=True):
        if card.forwards in {"nat", "nat-gateway"}:
            plan.translating += [value for address in nic.addresses for _, value in filter(None, (address.private, address.public))]
    plan.rules["card"] = card_rules(network, plan)
    plan.rules["fabric"] = fabric_rules(network, plan)
    plan.rules["edge"] = edge_rules(network, plan)
    plan.rules["guest"] = guest_rules(network, plan)
    plan.routes["card"] = list(_card_routes(network))
    plan.routes["fabric"] = list(fabric_routes(network))
    plan.routes["edge"] = edge_routes(network)
    plan.routes["guest"] = list(_guest_routes(plan))
    return network, plan


def _number_tables(network: Network) -> None:
    """The tables and ACLs in use, each once."""
    for subnet in network.subnets:
        table, acl = table_of(network.snapshot, subnet), acl_of(network.snapshot, subnet)
        if table not in network.tables:
            network.tables.append(table)
        if acl not in network.acls:
            network.acls.append(acl)


def _check_sizes(network: Network) -> None:
    for name, count, most in (
        ("interfaces", len(network.interfaces), sizes.INTERFACES),
        ("internet gateways", len(network.gateways), sizes.GATEWAYS),
        ("subnets", len(network.subnets), sizes.SUBNETS),
        ("route tables", len(network.tables), sizes.TABLES),
        ("VPCs", len(network.vpcs), sizes.VPCS),
        ("NAT instances", sum(network.forwards(nic) == "nat" for nic in network.interfaces), sizes.NAT_INSTANCES),
    ):
        if count > most:
            raise OutOfScopeError(f"{count} {name}, the bed has {most}")
    if any(not gateway.read for gateway in network.gateways):
        raise OutOfScopeError("whether there are internet gateways was not read")
    if any(table.gateways for table in network.snapshot.all(RouteTable)):
        raise OutOfScopeError("ingress routing")


def _check_services(network: Network) -> None:
    """What stands behind an interface answers, if it is one of these."""
    known = {nic for database in network.snapshot.all(Database) for nic in database.interfaces}
    known |= {nic for cache in network.snapshot.all(Cache) for nic in cache.interfaces}
    known |= {*network.nat_of, *network.instance_of, *network.functions}
    for nic in network.interfaces:
        if nic.id not in known and nic.type != "interface":
            raise OutOfScopeError(f"{nic.id} is of type {nic.type}")


# --- the routes of the other rooms -----------------------------------------------------------------------------------------------


def _card_routes(network: Network) -> Iterator[tuple[int, int, int, str]]:
    """Between the two sides of each interface; what comes to a NAT gateway goes out where it came in."""
    for i, nic in enumerate(network.interfaces):
        yield sizes.FROM_GUEST + i, 0, 0, f"c{i}"
        yield sizes.FROM_FABRIC + i, 0, 0, f"c{i}" if network.forwards(nic) == "nat-gateway" else f"t{i}"


def _guest_routes(plan: Plan) -> Iterator[tuple[int, int, int, str]]:
    for card in plan.cards:
        if card.nat >= 0:
            yield sizes.GUEST_TABLE + card.nat, 0, 0, f"u{card.nat}"
            for value in card.own:
                yield sizes.GUEST_TABLE + card.nat, value, 32, f"v{card.nat}"
