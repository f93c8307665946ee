"""Gateway route tables: where what enters a VPC by a gateway goes (ingress routing, RT-19 to RT-23).

    entering: behind the gateway's translation the table of the gateway: local to the implicit router, or to an appliance
    leaving:  a subnet whose inbound traffic goes to an appliance may not use its own route to that internet gateway (RT-23)

A table is made one by an edge association with a gateway (`RouteTable.gateways`). A redirection is for a whole block of the VPC or of a
subnet, and leads to a network interface or the endpoint of a Gateway Load Balancer or firewall (RT-21); what AWS refuses is told and
left out. The subnet of the appliance itself keeps its way out, for the appliance and for what it passes on, else nothing could leave;
other hosts in it are redirected like any other.

Routes that a Route Server installed in it count like written ones, also inside the local blocks, which is what it is there for (RT-24,
believed).

Not modelled: for IPv6 the public address that an interface must have (RT-22) is taken to be any IPv6 address of it.
AWS page: "Gateway route tables" (2026).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from simulator.aws.instance import Instance
from simulator.aws.internet_gateway import InternetGateway, beyond_translation, leaving, towards
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.resource import Kind
from simulator.aws.route_table import LOCAL, RouteEntry, RouteTable, local_blocks
from simulator.aws.snapshot import Snapshot
from simulator.aws.subnet import Subnet
from simulator.aws.virtual_private_gateway import VirtualPrivateGateway, into_vpc
from simulator.aws.vpc import anywhere_in, router
from simulator.aws.vpc_endpoint import VpcEndpoint
from simulator.graph.builder import Builder
from simulator.graph.nodes import Door, Drop, Filter, Lookup, Place, PrefixTable, Ref, Route, Rule, RuleList
from simulator.packet.prefix import Prefix
from simulator.packet.space import Match
from simulator.problems import Problems

# Endpoints of other types are refused as targets in every route table (RT-25, RT-29).
APPLIANCES = frozenset({"network-interface", "instance", "vpc-endpoint"})


class EdgeRoute(NamedTuple):
    """One route of a gateway table that counts: `entry` none is the local route."""

    prefix: Prefix
    entry: RouteEntry | None


def edge_routes(snapshot: Snapshot, table: RouteTable) -> list[EdgeRoute]:
    """The routes of a table as a gateway follows them: the local ones, and the redirections that AWS accepts (RT-21)."""
    routes = {block: EdgeRoute(block, None) for block in local_blocks(snapshot, table.vpc)}
    for entry in sorted(table.routes, key=lambda entry: not entry.propagated):  # a static one counts before an advertised one
        if isinstance(entry.destination, Prefix) and entry.kind != LOCAL and not _refused(snapshot, table, entry):
            routes[entry.destination] = EdgeRoute(entry.destination, entry)
    return [routes[prefix] for prefix in sorted(routes)]


def _refused(snapshot: Snapshot, table: RouteTable, entry: RouteEntry) -> str:
    """Why AWS takes no such route in a gateway's table; empty when it does (RT-21)."""
    if entry.propagated and not _is_advertised(snapshot, table, entry):
        return "nothing is propagated to it"
    if not isinstance(entry.destination, Prefix):
        return "it takes no prefix list"
    if entry.kind != LOCAL and not entry.blackhole and entry.kind not in APPLIANCES:
        return "its targets are network interfaces and the endpoints of Gateway Load Balancers and firewalls"
    if entry.destination not in _destinations(snapshot, table.vpc):
        return "its destinations are whole blocks of the VPC or of a subnet of it"
    return ""


def _is_advertised(snapshot: Snapshot, table: RouteTable, entry: RouteEntry) -> bool:
    """Whether a Route Server may have installed the route: towards an interface, at an internet gateway (RT-24)."""
    at_vgw = any(snapshot.get(VirtualPrivateGateway, name) for name in table.gateways)
    return entry.kind in ("network-interface", "instance") and not at_vgw


def _destinations(snapshot: Snapshot, vpc: str) -> set[Prefix]:
    return {*local_blocks(snapshot, vpc), *(cidr for subnet in snapshot.by(Subnet, "vpc")[vpc] for cidr in subnet.cidrs)}


def _check(table: RouteTable, snapshot: Snapshot, problems: Problems) -> None:
    if not table.gateways:
        return
    for entry in table.routes:
        why = _refused(snapshot, table, entry)
        if why:
            message = f"route table `{table.id}` of a gateway: AWS refuses {entry}; {why}; it is ignored (RT-21)"
            problems.warn(message, entry.origin.place)
    if table.main:
        problems.warn(
            f"route table `{table.id}` is the main one of its VPC and serves a gateway; AWS refuses that (RT-2)", table.origin.place
        )
    for name in table.gateways:
        gateway = _gateway(snapshot, name)
        if gateway is not None and gateway.vpc != table.vpc:
            where = f"attached to `{gateway.vpc}`" if gateway.vpc else "attached to no VPC"
            problems.warn(
                f"route table `{table.id}` serves gateway `{name}`, which is {where}; AWS refuses that (RT-20)", table.origin.place
            )
        first = next(_tables(snapshot, name))
        if first is not table:
            problems.error(f"gateway `{name}` has two route tables, `{first.id}` and `{table.id}`; AWS allows one", table.origin.place)


def _emit(table: RouteTable, build: Builder, snapshot: Snapshot) -> None:
    for name in table.gateways:
        gateway = _gateway(snapshot, name)
        if gateway is None or gateway.vpc != table.vpc:
            continue
        entered = _lookup(table, gateway.place, build, snapshot)
        if isinstance(gateway, VirtualPrivateGateway):
            build.open(into_vpc(name), entered)
            continue
        build.open(beyond_translation(name), entered)
        for subnet in snapshot.by(Subnet, "vpc")[table.vpc]:
            _closed(table, gateway, subnet, build, snapshot)


def _gateway(snapshot: Snapshot, name: str) -> InternetGateway | VirtualPrivateGateway | None:
    return snapshot.get(InternetGateway, name) or snapshot.get(VirtualPrivateGateway, name)


def _tables(snapshot: Snapshot, gateway: str) -> Iterator[RouteTable]:
    return (table for table in snapshot.all(RouteTable) if gateway in table.gateways)


def _lookup(table: RouteTable, place: Place, build: Builder, snapshot: Snapshot) -> int:
    routes: list[Route] = []
    targets: list[Ref] = [router(table.vpc)]
    for prefix, entry in edge_routes(snapshot, table):
        if entry is None:
            routes.append(Route(prefix, 0, table.origin.of(f"local route {prefix}"), f"{prefix} -> local"))
            continue
        routes.append(Route(prefix, len(targets), entry.origin, str(entry)))
        targets.append(_target(table, place, entry, prefix.version, build, snapshot))
    miss = Drop(
        place=place,
        what=f"gateway route table {table.id}",
        code="NO_ROUTE_TO_DESTINATION",
        cites=("RT-14",),
        origin=table.origin.of("no route matches"),
    )
    return build.add(
        Lookup(
            place=place,
            what=f"gateway route table {table.id}",
            table=PrefixTable(tuple(routes)),
            targets=tuple(targets),
            miss=build.add(miss),
            cites=("RT-20",),
        )
    )


def _target(table: RouteTable, place: Place, entry: RouteEntry, version: int, build: Builder, snapshot: Snapshot) -> Ref:
    what = f"gateway route table {table.id}"
    if entry.blackhole:
        return build.add(Drop(place=place, what=what, code="BAD_STATE_ROUTE", cites=("RT-15",), origin=entry.origin))
    interface = _interface(snapshot, entry)
    if interface is not None and place.kind == "internet-gateway" and not _is_public(interface, version):
        return build.add(Drop(place=place, what=what, code="INGRESS_RTB_NO_PUBLIC_IP", cites=("RT-22",), origin=entry.origin))
    if interface is not None and not interface.attached:
        return build.add(Drop(place=place, what=what, code="BAD_STATE_ATTACHMENT", cites=("RT-22", "ENI-6"), origin=entry.origin))
    return Door(entry.kind, entry.target, anywhere_in(table.vpc))


def _interface(snapshot: Snapshot, entry: RouteEntry) -> NetworkInterface | None:
    """The interface that a target is, or that of the instance it is (RT-26); none for endpoints."""
    if entry.kind == "instance":
        instance = snapshot.get(Instance, entry.target)
        names = instance.interfaces if instance else ()
        return snapshot.get(NetworkInterface, names[0]) if len(names) == 1 else None
    return snapshot.get(NetworkInterface, entry.target) if entry.kind == "network-interface" else None


def _is_public(interface: NetworkInterface, version: int) -> bool:
    return any(address.public or version == 6 for address in interface.addresses if address.private[0] == version)


# --- leaving ---------------------------------------------------------------------------------------------------------------------


def _closed(table: RouteTable, gateway: InternetGateway, subnet: Subnet, build: Builder, snapshot: Snapshot) -> None:
    """A subnet whose inbound traffic is redirected has no way of its own to the gateway (RT-23)."""
    rules = tuple(_closing(table, subnet, snapshot))
    if not rules:
        return
    closed = Filter(
        place=gateway.place,
        what=f"subnets redirected by gateway route table {table.id}",
        rules=RuleList(rules, table.origin.of("subnets it does not redirect"), permit=True),
        then=leaving(gateway.id, subnet.id),
        code="INGRESS_RTB_TRAFFIC_REDIRECTION",
        cites=("RT-23",),
        plumbing=True,
    )
    build.open(towards(gateway.id, subnet.id), build.add(closed))


def _closing(table: RouteTable, subnet: Subnet, snapshot: Snapshot) -> Iterator[Rule]:
    routes = edge_routes(snapshot, table)
    beside = [held for _, entry in routes if entry for held in _held(snapshot, entry, subnet)]
    for cidr in subnet.cidrs:
        covering = [route for route in routes if route.prefix.contains(cidr)]
        entry = max(covering, key=lambda route: route.prefix.length).entry if covering else None
        if entry is None:
            continue
        if beside:  # the subnet of the appliance: what it passes on has sources of other subnets
            own = tuple(block for blocks in _held(snapshot, entry, subnet) for block in blocks if block.version == cidr.version)
            if own:  # it takes what comes in for its own subnet too
                yield Rule(Match(sources=own), True, entry.origin)
            yield Rule(Match(sources=(cidr,)), False, entry.origin)
        else:
            yield Rule(Match(version=cidr.version), False, entry.origin)


def taker(snapshot: Snapshot, gateway: str, cidr: Prefix) -> str:
    """The subnet of the appliance that takes what an internet gateway brings for a block; empty where the local route does."""
    for table in _tables(snapshot, gateway):
        covering = [route for route in edge_routes(snapshot, table) if route.prefix.contains(cidr)]
        entry = max(covering, key=lambda route: route.prefix.length).entry if covering else None
        interface, endpoint = (_interface(snapshot, entry), snapshot.get(VpcEndpoint, entry.target)) if entry else (None, None)
        return interface.subnet if interface else next(iter(endpoint.subnets), "") if endpoint else ""
    return ""


def _held(snapshot: Snapshot, entry: RouteEntry, subnet: Subnet) -> Iterator[tuple[Prefix, ...]]:
    """The addresses of a target, where it lies in the subnet."""
    interface, endpoint = _interface(snapshot, entry), snapshot.get(VpcEndpoint, entry.target)
    if interface is not None and interface.subnet == subnet.id:
        yield tuple(interface.blocks)
    if endpoint is not None and subnet.id in endpoint.subnets:
        own = [found for name in endpoint.interfaces if (found := snapshot.get(NetworkInterface, name))]
        yield tuple(block for found in own for block in found.blocks)


KIND = Kind(name="gateway-route-table", noun=RouteTable, about="route tables of gateways", check=_check, emit=_emit, extends=True)
