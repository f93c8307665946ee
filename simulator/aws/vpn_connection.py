"""Site-to-Site VPN connections: which routes each brings, and whether a tunnel is up (VGW-6, VGW-7, VPN-1, VPN-2).

A connection joins a customer gateway with a virtual private gateway or a transit gateway. Its routes are static ones, or those that BGP
told; AWS answers do not show the latter, which are then known only from the route tables they were propagated to. Where several
connections know a block, the rank of VGW-6 decides (`onprem.py`). A connection without a tunnel that is up carries nothing.

Not modelled: selectors of a tunnel other than "everything" (a path over such a connection ends in a gap).
AWS pages: "How AWS Site-to-Site VPN works", "Route tables and AWS Site-to-Site VPN route priority" (2026).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from simulator.aws.customer_gateway import CustomerGateway
from simulator.aws.permissions import cidr_of
from simulator.aws.resource import Cidr, Either, Field, Item, Kind, ListOf, Number, Record, Reference, Text, Values
from simulator.aws.snapshot import Draft, Snapshot
from simulator.aws.transit_gateway import TransitAttachment, TransitGateway
from simulator.aws.virtual_private_gateway import VirtualPrivateGateway, propagate
from simulator.graph.nodes import Place
from simulator.origin import Origin
from simulator.packet.prefix import EVERYWHERE, Prefix
from simulator.problems import Problems

AVAILABLE = "available"
UP = "UP"
GONE = frozenset({"deleted", "deleting"})


class LearntRoute(NamedTuple):
    """A block behind a link. `static`: written in AWS, not told by BGP, whose ranks are the length of the AS path and the MED."""

    prefix: Prefix
    origin: Origin
    static: bool = False
    as_path: int = 1
    med: int = 0


@dataclass(frozen=True, slots=True)
class VpnConnection:
    """A VPN connection; `gateway` is the virtual private gateway or transit gateway, empty for one that ends nowhere yet.

    `tunnels`: whether each is up; none told: taken to be up. `complete`: `routes` are all there are. `selectors`: its tunnels carry
    only some addresses.
    """

    id: str
    name: str
    gateway: str
    customer_gateway: str
    origin: Origin
    routes: tuple[LearntRoute, ...] = ()
    static: bool = False
    tunnels: tuple[bool, ...] = ()
    state: str = AVAILABLE
    complete: bool = True
    selectors: bool = False

    @property
    def place(self) -> Place:
        """The hop of the connection."""
        return Place(self.id, "vpn-connection", self.name)

    @property
    def up(self) -> bool:
        """Whether it carries anything (VPN-2)."""
        return self.state in (AVAILABLE, "modifying") and (not self.tunnels or any(self.tunnels))


def _scenario(name: str, values: Values, draft: Draft) -> None:
    origin = Origin(name, place=values.place)
    static = "static_routes" in values
    if static and "bgp_routes" in values:
        draft.problems.error(f"VPN connection `{name}`: say `static_routes` or `bgp_routes`, one of them", values.place_of("bgp_routes"))
    routes = [LearntRoute(prefix, origin.of(f"static route {prefix}"), static=True) for prefix in values.get("static_routes", ())]
    routes += [bgp_route(entry, origin) for entry in values.get("bgp_routes", ())]
    if ("gateway" in values) == ("transit_gateway" in values):
        draft.problems.error(f"VPN connection `{name}`: say the `gateway` or `transit_gateway` it ends at, one of them", values.place)
    if "transit_gateway" in values:  # AWS makes the attachment with the connection
        draft.add(TransitAttachment(name, "", (values["transit_gateway"],), "vpn", name, (), origin))
    draft.add(
        VpnConnection(
            name,
            "",
            values.get("gateway") or values.get("transit_gateway", ""),
            values["customer_gateway"],
            origin,
            tuple(routes),
            static,
            tuple(word == "up" for word in values.get("tunnels", ())),
            values.get("state", AVAILABLE),
            complete="static_routes" in values or "bgp_routes" in values,
        )
    )


def bgp_route(entry: Prefix | Values, origin: Origin) -> LearntRoute:
    """A route that BGP told, as a scenario writes it: the block, or the block with its ranks."""
    if isinstance(entry, Prefix):
        return LearntRoute(entry, origin.of(f"BGP route {entry}"))
    prefix: Prefix = entry["to"]
    return LearntRoute(prefix, origin.of(f"BGP route {prefix}", entry.place), False, entry.get("as_path", 1), entry.get("med", 0))


def bgp_fields() -> ListOf:
    """How a scenario writes routes that BGP told."""
    ranked = Record(
        (
            Field("to", Cidr(), "the block", required=True),
            Field("as_path", Number(1, 255), "the length of its AS path; 1 when left out"),
            Field("med", Number(0, 2**32 - 1), "its multi-exit discriminator; 0 when left out"),
        )
    )
    return ListOf(Either((Cidr(), ranked)))


def _describe(item: Item, draft: Draft) -> None:
    connection_id = item.data["VpnConnectionId"]
    state = item.get("State", AVAILABLE)
    if state in GONE:
        return
    options: dict[str, Any] = item.get("Options", {})
    static = bool(options.get("StaticRoutesOnly"))
    if item.get("CoreNetworkArn"):
        item.problems.not_modelled(f"VPN connection `{connection_id}` of a Cloud WAN core network is not modelled", item.place())
    draft.add(
        VpnConnection(
            connection_id,
            item.tag(),
            item.get("VpnGatewayId") or item.get("TransitGatewayId", ""),
            item.get("CustomerGatewayId", ""),
            Origin(connection_id, place=item.place()),
            tuple(_described_routes(item, connection_id)),
            static,
            tuple(data.get("Status", UP) == UP for data in item.get("VgwTelemetry", ())),
            state,
            complete=static and not item.get("TransitGatewayId"),
            selectors=any(_restricts(options.get(key)) for key in ("LocalIpv4NetworkCidr", "RemoteIpv4NetworkCidr")),
        )
    )


def _described_routes(item: Item, connection_id: str) -> list[LearntRoute]:
    found = []
    for index, data in enumerate(item.get("Routes", ())):
        if data.get("State") in GONE or not data.get("DestinationCidrBlock"):
            continue
        prefix = cidr_of(item, data["DestinationCidrBlock"], f"VPN connection `{connection_id}`")
        origin = Origin(connection_id, f"static route {prefix}", item.place("Routes", index))
        found.append(LearntRoute(prefix, origin, static=True))
    return found


def _restricts(text: str | None) -> bool:
    return bool(text) and Prefix.parse_loose(str(text))[0] not in EVERYWHERE.values()


def _complete(connection: VpnConnection, draft: Draft) -> None:
    """Without a word about routes BGP tells the networks of the customer gateway; what the gateway knows is propagated."""
    gateway = draft.get(CustomerGateway, connection.customer_gateway)
    if not connection.complete and not connection.static and not connection.routes and gateway is not None and gateway.networks:
        routes = tuple(LearntRoute(block, connection.origin.of(f"BGP route {block}")) for block in gateway.networks)
        connection = replace(connection, routes=routes, complete=True)
        draft.replace(connection)
    if connection.up:
        blocks = [route.prefix for route in connection.routes if route.prefix.version == 4]
        propagate(draft, connection.gateway, blocks, connection.origin)


def _check(connection: VpnConnection, snapshot: Snapshot, problems: Problems) -> None:
    place, told = connection.origin.place, f"VPN connection `{connection.id}`"
    on_vgw = snapshot.get(VirtualPrivateGateway, connection.gateway) is not None
    for route in connection.routes:
        if on_vgw and route.prefix.version == 6:
            problems.warn(f"{told}: {route.prefix} is ignored; on a virtual private gateway a VPN carries no IPv6 (VGW-7)", place)
    if snapshot.get(TransitGateway, connection.gateway) and any(route.static for route in connection.routes):
        problems.warn(
            f"{told}: static routes of a VPN on a transit gateway are written in its route tables; these say only what lies behind it",
            place,
        )
    if connection.selectors:
        problems.not_modelled(f"{told} carries only some addresses through its tunnels, which is not modelled", place)


KIND = Kind(
    name="vpn-connection",
    noun=VpnConnection,
    about="a Site-to-Site VPN between a customer gateway and AWS",
    section="vpn_connections",
    fields=(
        Field("gateway", Reference(("virtual-private-gateway",)), "its end in AWS: a virtual private gateway"),
        Field(
            "transit_gateway", Reference(("transit-gateway",)), "its end in AWS: a transit gateway, where it is an attachment of its name"
        ),
        Field("customer_gateway", Reference(("customer-gateway",)), "its end on premises", required=True),
        Field("static_routes", ListOf(Cidr()), "the blocks behind it, written in AWS"),
        Field("bgp_routes", bgp_fields(), "the blocks that BGP tells; those of the customer gateway when nothing is said of routes"),
        Field("tunnels", ListOf(Text(("up", "down"))), "each tunnel; up when left out"),
        Field("state", Text((AVAILABLE, "pending", "modifying")), "available when left out"),
    ),
    scenario=_scenario,
    describe={"VpnConnections": _describe},
    prefix="vpn",
    complete=_complete,
    check=_check,
)
