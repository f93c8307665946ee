"""Route tables: which table a subnet uses, which route wins, and the lookup a subnet emits (RT-1 to RT-19, RT-25 to RT-30).

The winning-route rule is `winners`; the graph only sees unique prefixes. A route points at the door of its target
(`Door(kind, id, from subnet)`) and never asks what the target is.

The table of a gateway (RT-20) is followed in `gateway_route_table.py`.

Not modelled: the choice among propagated routes with one prefix (RT-8: the first one AWS lists is taken).
AWS pages: "Subnet route tables", "How route priority works" (2026).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from simulator.aws.permissions import cidr_of
from simulator.aws.prefix_list import PrefixList
from simulator.aws.resource import Either, Field, Flag, Item, Kind, ListOf, MapOf, Record, Reference, Text, Values
from simulator.aws.snapshot import Draft, Snapshot
from simulator.aws.vpc import Vpc
from simulator.origin import Origin, Place
from simulator.packet.prefix import AddressError, Prefix
from simulator.problems import Problems

LOCAL = "local"
PROPAGATED = ("EnableVgwRoutePropagation", "Advertisement")  # by a virtual private gateway, by a route server (RT-24)
# The kinds a scenario's route may name as its target (RT-25), and the field of an AWS answer that names each.
TARGET_KINDS = (
    "internet-gateway",
    "nat-gateway",
    "regional-nat-gateway",
    "instance",
    "network-interface",
    "vpc-peering-connection",
    "transit-gateway",
    "virtual-private-gateway",
    "egress-only-internet-gateway",
    "local-gateway",
    "carrier-gateway",
    "core-network",
    "vpc-endpoint",
)
TARGET_FIELDS = {
    "NatGatewayId": "nat-gateway",
    "NetworkInterfaceId": "network-interface",
    "InstanceId": "instance",
    "TransitGatewayId": "transit-gateway",
    "VpcPeeringConnectionId": "vpc-peering-connection",
    "EgressOnlyInternetGatewayId": "egress-only-internet-gateway",
    "LocalGatewayId": "local-gateway",
    "CarrierGatewayId": "carrier-gateway",
    "CoreNetworkArn": "core-network",
    "OdbNetworkArn": "odb-network",
}
GATEWAY_PREFIXES = {"igw": "internet-gateway", "vgw": "virtual-private-gateway", "vpce": "vpc-endpoint"}
MORE_SPECIFIC_TARGETS = frozenset({"nat-gateway", "regional-nat-gateway", "network-interface", "instance", "vpc-endpoint", "local-gateway"})


@dataclass(frozen=True, slots=True)
class RouteEntry:
    """One route. `destination` is a block or the id of a prefix list; `kind` and `target` the target (`local` has no target)."""

    destination: Prefix | str
    kind: str
    target: str
    origin: Origin
    blackhole: bool = False
    propagated: bool = False

    def __str__(self) -> str:
        return f"{self.destination} -> {self.target or self.kind}"


@dataclass(frozen=True, slots=True)
class RouteTable:
    """A table of a VPC with its explicit associations; `main` serves the subnets that have none (RT-1). `propagating`: the virtual
    private gateways whose routes it takes, as AWS answers tell it.
    """

    id: str
    name: str
    vpc: str
    main: bool
    subnets: tuple[str, ...]
    gateways: tuple[str, ...]
    routes: tuple[RouteEntry, ...]
    origin: Origin
    propagating: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Winner:
    """The route that wins for one prefix. `rivals`: routes by other prefix lists that overlap it and lead elsewhere; AWS picks
    one of them and the winner at random (RT-11).
    """

    prefix: Prefix
    entry: RouteEntry
    rivals: tuple[RouteEntry, ...] = ()


def table_of(snapshot: Snapshot, vpc: str, subnet: str, named: str = "") -> RouteTable | None:
    """The one table of a subnet (RT-1); none when it was not read. `named` is the one the subnet's own text names."""
    return snapshot.index(("table of", vpc, subnet, named), lambda: _table_of(snapshot, vpc, subnet, named))


def _table_of(snapshot: Snapshot, vpc: str, subnet: str, named: str) -> RouteTable | None:
    tables = snapshot.by(RouteTable, "vpc")[vpc]
    explicit = snapshot.get(RouteTable, named) or next((table for table in tables if subnet in table.subnets), None)
    return explicit or next((table for table in tables if table.main), None)


def local_blocks(snapshot: Snapshot, vpc: str) -> tuple[Prefix, ...]:
    """The blocks that every table of the VPC has a local route for (VPC-6, RT-17)."""
    noun = snapshot.get(Vpc, vpc)
    return noun.cidrs if noun else ()


def winners(snapshot: Snapshot, table: RouteTable) -> list[Winner]:
    """One route for each prefix: a static route beats a route of a prefix list, that a propagated one (RT-7); propagated routes
    inside a local block lose to it (RT-9); a static one there counts only for a whole subnet (RT-18).
    """
    return snapshot.index(("winners", table.id), lambda: _winners(snapshot, table))


def _winners(snapshot: Snapshot, table: RouteTable) -> list[Winner]:
    local = local_blocks(snapshot, table.vpc)
    best: dict[Prefix, tuple[int, RouteEntry]] = {}
    for block in local:
        best[block] = (3, RouteEntry(block, LOCAL, "", table.origin.of(f"local route {block}")))
    for rank, prefix, entry in _accepted(snapshot, table, local):
        # RT-17: a route for exactly a local block is that local route, perhaps with its target replaced.
        if prefix not in best or rank > best[prefix][0] or (rank == 3 and best[prefix][1].kind == LOCAL):
            best[prefix] = (rank, entry)
    listed = [(prefix, entry) for rank, prefix, entry in _accepted(snapshot, table, local) if rank == 2]
    return [Winner(prefix, entry, _rivals(prefix, entry, listed) if rank == 2 else ()) for prefix, (rank, entry) in sorted(best.items())]


def _accepted(snapshot: Snapshot, table: RouteTable, local: tuple[Prefix, ...]) -> Iterator[tuple[int, Prefix, RouteEntry]]:
    """The routes that count: inside the local blocks no propagated ones (RT-9), and of the others only those that AWS accepts there
    (RT-18; `_check` tells the rest).
    """
    for rank, prefix, entry in _candidates(snapshot, table):
        inside = any(block.contains(prefix) for block in local)
        if not inside or (not entry.propagated and _is_redirect(snapshot, table, prefix, entry)):
            yield rank, prefix, entry


def _rivals(prefix: Prefix, entry: RouteEntry, listed: list[tuple[Prefix, RouteEntry]]) -> tuple[RouteEntry, ...]:
    elsewhere = {
        (other.kind, other.target): other
        for block, other in listed
        if other.destination != entry.destination and block.contains(prefix) and (other.kind, other.target) != (entry.kind, entry.target)
    }
    return tuple(elsewhere[key] for key in sorted(elsewhere))


def _candidates(snapshot: Snapshot, table: RouteTable) -> Iterator[tuple[int, Prefix, RouteEntry]]:
    for entry in table.routes:
        if isinstance(entry.destination, Prefix):
            yield (1 if entry.propagated else 3), entry.destination, entry
        else:
            found = snapshot.get(PrefixList, entry.destination)
            for prefix in (found and found.entries) or ():
                yield 2, prefix, entry


def _is_redirect(snapshot: Snapshot, table: RouteTable, prefix: Prefix, entry: RouteEntry) -> bool:
    """Whether a static route inside the local blocks is one that AWS accepts: a local route as it is, or a local block or whole
    subnet sent to an appliance or NAT gateway, or to what was one and is gone (RT-17, RT-18).
    """
    redirected = entry.kind in MORE_SPECIFIC_TARGETS or (entry.blackhole and not entry.kind)
    if prefix in local_blocks(snapshot, table.vpc):
        return entry.kind == LOCAL or redirected
    blocks = snapshot.index(("subnet blocks", table.vpc), lambda: _subnet_blocks(snapshot, table.vpc))
    return redirected and prefix in blocks


def hidden_blocks(snapshot: Snapshot, table: RouteTable, entry: RouteEntry) -> frozenset[Prefix]:
    """The blocks of subnets that a route of a list nobody read may send to an appliance instead of the local route (RT-18). Of endpoints
    only those for inspection are appliances.
    """
    if entry.kind == "vpc-endpoint":
        endpoints = next(kind for kind in snapshot.kinds if kind.name == "vpc-endpoint")
        if not any(found.id == entry.target and found.type == "GatewayLoadBalancer" for found in snapshot.all_of(endpoints)):
            return frozenset()
    blocks = snapshot.index(("subnet blocks", table.vpc), lambda: _subnet_blocks(snapshot, table.vpc))
    return frozenset(block for block in blocks if _is_redirect(snapshot, table, block, entry)) - {*local_blocks(snapshot, table.vpc)}


def _subnet_blocks(snapshot: Snapshot, vpc: str) -> frozenset[Prefix]:
    # The subnet's file imports this one, so its nouns are found by kind.
    subnets = next(kind for kind in snapshot.kinds if kind.name == "subnet")
    return frozenset(cidr for subnet in snapshot.all_of(subnets) if subnet.vpc == vpc for cidr in subnet.cidrs)


# --- spellings -------------------------------------------------------------------------------------------------------------------


def route_fields() -> tuple[Field, ...]:
    """The fields of a route written in full in a scenario."""
    return (
        Field("to", Text(), "the block or prefix list", required=True),
        Field("via", Text(), "the name of the target, or `local`", required=True),
        Field("blackhole", Flag(), "whether the target is gone"),
        Field("propagated", Flag(), "whether the route was propagated by a virtual private gateway"),
    )


def routes_of_map(table: str, routes: Iterable[object], draft: Draft) -> tuple[RouteEntry, ...]:
    """The routes of a scenario, in the short form `{0.0.0.0/0: igw}` or as records. Targets get their kind in `_complete`."""
    found: list[RouteEntry] = []
    for route in routes:
        if isinstance(route, Values):
            text, target, place = route["to"], route["via"], route.place
            states = (route.get("blackhole", False), route.get("propagated", False))
        else:
            text, target, place = route  # type: ignore[misc]
            states = (False, False)
        destination = _destination(str(text), table, place, draft)
        origin = Origin(table, f"route {destination}", place)
        if any(other.destination == destination and other.propagated == states[1] for other in found):
            draft.problems.error(f"route table `{table}`: the route for {destination} is there twice", place)
        if target == "blackhole":
            target, states = "", (True, states[1])
        found.append(RouteEntry(destination, LOCAL if target == LOCAL else "", "" if target == LOCAL else target, origin, *states))
    return tuple(found)


def _destination(text: str, table: str, place: Place | None, draft: Draft) -> Prefix | str:
    """A block, or the name of a prefix list; whether there is such a list `_complete` sees."""
    try:
        prefix, exact = Prefix.parse_loose(text)
    except AddressError:
        return text
    if not exact:
        draft.problems.warn(f"route table `{table}`: `{text}` has bits set beyond the prefix length; read as {prefix}", place)
    return prefix


def _scenario(name: str, values: Values, draft: Draft) -> None:
    routes = routes_of_map(name, values.get("routes", ()), draft)
    draft.add(
        RouteTable(
            name,
            "",
            values["vpc"],
            values.get("main", False),
            tuple(values.get("subnets", ())),
            tuple(values.get("gateways", ())),
            routes,
            Origin(name, place=values.place),
        )
    )


def _describe(item: Item, draft: Draft) -> None:
    table_id = item.data["RouteTableId"]
    associations = [
        data
        for data in item.get("Associations", ())
        if (data.get("AssociationState") or {}).get("State", "associated") in ("associated", "associating")
    ]
    routes = tuple(_described_routes(item, table_id))
    gateways = tuple(data["GatewayId"] for data in associations if data.get("GatewayId"))
    draft.add(
        RouteTable(
            table_id,
            item.tag(),
            item.get("VpcId", ""),
            any(data.get("Main") for data in associations),
            tuple(data["SubnetId"] for data in associations if data.get("SubnetId")),
            gateways,
            routes,
            Origin(table_id, place=item.place()),
            tuple(data["GatewayId"] for data in item.get("PropagatingVgws", ()) if data.get("GatewayId")),
        )
    )


def _described_routes(item: Item, table_id: str) -> Iterator[RouteEntry]:
    for index, data in enumerate(item.get("Routes", ())):
        text = data.get("DestinationCidrBlock") or data.get("DestinationIpv6CidrBlock")
        destination = cidr_of(item, text, f"route table `{table_id}`") if text else data.get("DestinationPrefixListId")
        kind, target = _described_target(data)
        if destination is None or (kind == LOCAL and isinstance(destination, str)):
            continue
        yield RouteEntry(
            destination,
            kind,
            target,
            Origin(table_id, f"route {destination}", item.place("Routes", index)),
            data.get("State") == "blackhole",
            data.get("Origin") in PROPAGATED,
        )


def _described_target(data: dict[str, str]) -> tuple[str, str]:
    gateway = data.get("GatewayId")
    if gateway == LOCAL:
        return LOCAL, ""
    if gateway:
        return GATEWAY_PREFIXES.get(gateway.partition("-")[0], "gateway"), gateway
    # An instance target is shown with its interface too; the interface is what the route leads to (RT-26).
    return next(((kind, data[key]) for key, kind in TARGET_FIELDS.items() if data.get(key)), ("", ""))


def _why_no_block(text: str) -> str:
    try:
        Prefix.parse_loose(text)
    except AddressError as error:
        return str(error)
    return "is no block"


def _complete(table: RouteTable, draft: Draft) -> None:
    """Find out what kind of thing each target of a scenario's route is."""
    routes: list[RouteEntry] = []
    for entry in table.routes:
        if isinstance(entry.destination, str) and not entry.kind and not draft.get(PrefixList, entry.destination):
            hint = draft.suggestion(entry.destination, ("prefix-list",))
            what = f"`{entry.destination}` {_why_no_block(entry.destination)}, nor the name of a prefix list{hint}"
            draft.problems.error(f"route table `{table.id}`: {what}", entry.origin.place)
        if entry.kind or not entry.target:
            routes.append(entry)
            continue
        kinds = draft.kinds_with(entry.target, TARGET_KINDS)
        if not kinds:
            hint = draft.suggestion(entry.target, TARGET_KINDS)
            draft.problems.error(f"route table `{table.id}`: target `{entry.target}` does not exist{hint}", entry.origin.place)
        routes.append(replace(entry, kind=kinds[0] if kinds else "unknown"))
    draft.replace(replace(table, routes=tuple(routes)))


def _check(table: RouteTable, snapshot: Snapshot, problems: Problems) -> None:
    local = local_blocks(snapshot, table.vpc)
    if table.gateways and not (table.subnets or table.main):
        return  # other rules hold for it
    for entry in table.routes:
        destination = entry.destination
        if isinstance(destination, str) or entry.kind == LOCAL or entry.propagated or entry.blackhole:
            continue
        if any(block.contains(destination) for block in local) and not _is_redirect(snapshot, table, destination, entry):
            problems.warn(
                f"route table `{table.id}`: AWS refuses {entry}; inside the VPC a route must be for a whole subnet and lead to a"
                " network interface, a NAT gateway or a Gateway Load Balancer endpoint; it is ignored (RT-18)",
                entry.origin.place,
            )


KIND = Kind(
    name="route-table",
    noun=RouteTable,
    about="where packets that leave a subnet go",
    section="route_tables",
    fields=(
        Field("vpc", Reference(("vpc",)), "the VPC it belongs to", required=True),
        Field("main", Flag(), "whether it serves the subnets that name no table"),
        Field("subnets", ListOf(Reference(("subnet",))), "the subnets explicitly associated with it"),
        Field(
            "gateways",
            ListOf(Reference(("internet-gateway", "virtual-private-gateway"))),
            "the gateways it is the table of (ingress routing)",
        ),
        Field("routes", Either((MapOf(Text(), Text()), ListOf(Record(route_fields())))), "`{block: target}`, or a list in full"),
    ),
    scenario=_scenario,
    describe={"RouteTables": _describe},
    complete=_complete,
    check=_check,
)
