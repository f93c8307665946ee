"""Route tables (section 3 of docs/semantics.md): which route a destination takes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from simulator.aws.route_table import RouteEntry, RouteTable
from simulator.aws.subnet import Subnet
from simulator.aws.vpc_endpoint import VpcEndpoint
from simulator.packet.prefix import Prefix
from tests.oracle.by_the_book.result import Rule
from tests.oracle.by_the_book.world import INSPECTS, World, within

STATIC, LISTED, PROPAGATED = 0, 1, 2  # RT-7, in order of preference
APPLIANCES = {"nat-gateway", "network-interface", "instance"}  # RT-17, RT-18; RT-26: an instance is its interface
REDIRECTS = {"network-interface", "instance", "vpc-endpoint"}  # RT-21


@dataclass(frozen=True)
class Route:
    """One route as one prefix (RT-12)."""

    prefix: Prefix
    rank: int
    kind: str
    target: str
    blackhole: bool
    rule: Rule
    list_id: str = ""
    refused: bool = False


def routes_of(world: World, table: RouteTable, destination: int | None = None) -> list[Route] | None:
    """Every route of the table, and which of them AWS refuses; none when a prefix list it names was not read and may matter to the
    destination, if one is given."""
    vpc = world.vpc(table.vpc)
    blocks = tuple(prefix for prefix in vpc.cidrs if prefix.version == world.version)
    written: list[Route] = []
    for entry in table.routes:
        rule = (entry.origin.resource, entry.origin.part)
        if entry.kind == "local":
            continue  # AWS lists it; it is there in any case
        if isinstance(entry.destination, Prefix):
            if entry.destination.version == world.version:  # RT-13
                rank = PROPAGATED if entry.propagated else STATIC
                written.append(Route(entry.destination, rank, entry.kind, entry.target, entry.blackhole, rule))
            continue
        entries = world.prefixes_of(entry.destination)
        if entries is None:
            if destination is None or may_hide(world, table, entry, destination):
                return None
            continue
        for prefix in entries:
            if prefix.version == world.version:
                written.append(Route(prefix, LISTED, entry.kind, entry.target, entry.blackhole, rule, entry.destination))
    # RT-17, VPC-6: one local route per block, unless its target was replaced; RT-7: it beats a prefix list's route of the same block.
    replaced = {route.prefix for route in written if route.prefix in blocks and route.rank == STATIC and allowed(world, table, route)}
    local = [Route(block, STATIC, "local", "", False, (table.id, f"local route {block}")) for block in blocks if block not in replaced]
    return local + [replace(route, refused=not allowed(world, table, route)) for route in written]


def may_hide(world: World, table: RouteTable, entry: RouteEntry, destination: int) -> bool:
    """Whether a list that nobody read may have the destination: in the VPC only whole subnets, for an appliance (RT-18), and no block for
    which a route is written (RT-7)."""
    if not world.within(world.vpc(table.vpc).cidrs, destination):
        return True
    blocks = [prefix for subnet in world.snapshot.all(Subnet) if subnet.vpc == table.vpc for prefix in subnet.cidrs]
    held = [block for block in blocks if world.within((block,), destination)]
    rule = (entry.origin.resource, entry.origin.part)
    written = [other.destination for other in table.routes if isinstance(other.destination, Prefix) and not other.propagated]
    possible = [Route(block, LISTED, entry.kind, entry.target, entry.blackhole, rule) for block in held if block not in written]
    possible = [route for route in possible if route.prefix not in world.vpc(table.vpc).cidrs]
    return any(allowed(world, table, route) for route in possible)


def allowed(world: World, table: RouteTable, route: Route) -> bool:
    """Whether AWS has such a route at all, for destinations within the VPC.

    RT-9: a propagated route that overlaps the local route loses, even if more specific. RT-18: a static route more specific than
    local must be the whole block of a subnet and lead to an appliance; RT-17: so must one that replaces the local route. Anything
    else is refused by AWS, and ignored here.
    """
    blocks = [prefix for prefix in world.vpc(table.vpc).cidrs if prefix.version == route.prefix.version]
    inside = [block for block in blocks if block.length <= route.prefix.length and within((block,), route.prefix.value, block.version)]
    if not inside:
        return True
    if route.rank == PROPAGATED:
        return False
    endpoint = world.snapshot.get(VpcEndpoint, route.target) if route.kind == "vpc-endpoint" else None
    if route.kind not in APPLIANCES and (endpoint is None or endpoint.type != INSPECTS):
        return False
    subnets = [prefix for subnet in world.snapshot.all(Subnet) if subnet.vpc == table.vpc for prefix in subnet.cidrs]
    return route.prefix in blocks or route.prefix in subnets


def candidates(routes: list[Route], destination: int) -> list[Route]:
    """The route that wins for a destination; several where AWS picks one of them (RT-11); none (RT-14)."""
    matching = [route for route in routes if within((route.prefix,), destination, route.prefix.version) and not route.refused]
    if not matching:
        return []
    longest = max(route.prefix.length for route in matching)  # RT-6
    best = [route for route in matching if route.prefix.length == longest]
    rank = min(route.rank for route in best)  # RT-7
    first = next(route for route in best if route.rank == rank)
    if rank != LISTED:
        return [first]
    rivals = [first]
    for route in matching:  # RT-11: lists that overlap and lead elsewhere, whatever the length of their entries
        known = [(rival.kind, rival.target) for rival in rivals]
        if route.rank == LISTED and route.list_id != first.list_id and (route.kind, route.target) not in known:
            rivals.append(route)
    return rivals


def redirections(world: World, table: RouteTable) -> list[Route]:
    """RT-21: what a gateway's table may say: whole blocks of the VPC or of a subnet, to interfaces and endpoints."""
    subnets = [subnet for subnet in world.snapshot.all(Subnet) if subnet.vpc == table.vpc]
    blocks = {*world.vpc(table.vpc).cidrs, *(block for subnet in subnets for block in subnet.cidrs)}
    return [
        Route(entry.destination, STATIC, entry.kind, entry.target, entry.blackhole, (entry.origin.resource, entry.origin.part))
        for entry in table.routes
        if isinstance(entry.destination, Prefix) and not entry.propagated and entry.destination in blocks
    ]


def redirection(world: World, table: RouteTable, destination: int) -> Route | None:
    """RT-20: where a gateway's table sends what comes in for an address; none: as the local route says."""
    matching = [route for route in redirections(world, table) if world.within((route.prefix,), destination)]
    best = max(matching, key=lambda route: route.prefix.length, default=None)
    return best if best is not None and best.kind in REDIRECTS else None
