"""Direct Connect: virtual interfaces, Direct Connect gateways and what these are associated with, as they are written (DX-1, DX-2).

A private virtual interface ends at a virtual private gateway or at a Direct Connect gateway, a transit one at a Direct Connect gateway;
a public one brings blocks of its own to public addresses, like any host of the internet. What they do to packets is in
`direct_connect_path.py`, what lies beyond them in `onprem.py`. AWS answers do not show what BGP told.

Not modelled: connections, link aggregation, SiteLink (told, and a gap between the sites), BGP communities.
AWS pages: "Direct Connect gateways", "Allowed prefixes interactions" (2026).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulator.aws.permissions import cidr_of
from simulator.aws.resource import Cidr, Field, Flag, Item, Kind, ListOf, Reference, Text, Values
from simulator.aws.route_table import local_blocks
from simulator.aws.snapshot import Draft, Snapshot
from simulator.aws.transit_gateway import TransitAttachment, TransitGateway
from simulator.aws.virtual_private_gateway import NAME as VGW
from simulator.aws.virtual_private_gateway import VirtualPrivateGateway, propagate
from simulator.aws.vpn_connection import LearntRoute, bgp_fields, bgp_route
from simulator.graph.nodes import Place
from simulator.origin import Origin
from simulator.packet.prefix import Prefix
from simulator.problems import Problems

PRIVATE, TRANSIT, PUBLIC = "private", "transit", "public"
DX = "direct-connect-gateway"
GONE = frozenset({"deleted", "deleting", "rejected", "disassociated", "disassociating"})


@dataclass(frozen=True, slots=True)
class VirtualInterface:
    """A virtual interface. `gateway`: its end in AWS, a virtual private gateway or Direct Connect gateway; `routes`: what BGP told, and
    `complete` whether anybody said what.
    """

    id: str
    name: str
    type: str
    gateway: str
    origin: Origin
    routes: tuple[LearntRoute, ...] = ()
    up: bool = True
    complete: bool = True
    site_link: bool = False

    @property
    def place(self) -> Place:
        """The hop of the interface."""
        return Place(self.id, "virtual-interface", self.name)


@dataclass(frozen=True, slots=True)
class DirectConnectGateway:
    """A Direct Connect gateway: joins virtual interfaces with gateways of any Region."""

    id: str
    name: str
    origin: Origin

    @property
    def place(self) -> Place:
        """The hop of the gateway."""
        return Place(self.id, DX, self.name)


@dataclass(frozen=True, slots=True)
class DirectConnectAssociation:
    """What joins a Direct Connect gateway with a virtual private or transit gateway. `allowed`: the blocks that on premises is told;
    none said: all blocks of the VPC.
    """

    id: str
    name: str
    direct_connect_gateway: str
    gateway: str
    origin: Origin
    allowed: tuple[Prefix, ...] | None = None
    up: bool = True


def associations_of(snapshot: Snapshot, direct_connect_gateway: str) -> list[DirectConnectAssociation]:
    """The associations of a Direct Connect gateway."""
    return list(snapshot.by(DirectConnectAssociation, "direct_connect_gateway")[direct_connect_gateway])


def told_blocks(snapshot: Snapshot, association: DirectConnectAssociation) -> tuple[Prefix, ...]:
    """The blocks that on premises is told through an association: of a VPC those that lie in an allowed one, of a transit gateway the
    allowed ones as they are written.
    """
    gateway = snapshot.get(VirtualPrivateGateway, association.gateway)
    if not association.up:
        return ()
    if gateway is None:
        return association.allowed or ()
    blocks = local_blocks(snapshot, gateway.vpc) if gateway.attached else ()
    if association.allowed is None:
        return blocks
    return tuple(block for block in blocks if any(allowed.contains(block) for allowed in association.allowed))


# --- spellings -------------------------------------------------------------------------------------------------------------------


def _scenario(name: str, values: Values, draft: Draft) -> None:
    origin = Origin(name, place=values.place)
    routes = tuple(bgp_route(entry, origin) for entry in values.get("bgp_routes", ()))
    kind, gateway = values.get("type", PRIVATE), values.get("gateway", "")
    if kind != PUBLIC and not gateway:
        draft.problems.error(f"virtual interface `{name}`: say the `gateway` it ends at", values.place)
    if kind == PUBLIC and gateway:
        draft.problems.error(f"virtual interface `{name}`: a public one ends at no gateway", values.place_of("gateway"))
    up = values.get("state", "up") == "up"
    draft.add(VirtualInterface(name, "", kind, gateway, origin, routes, up, True, values.get("site_link", False)))


def _scenario_gateway(name: str, values: Values, draft: Draft) -> None:
    draft.add(DirectConnectGateway(name, "", Origin(name, place=values.place)))


def _scenario_association(name: str, values: Values, draft: Draft) -> None:
    allowed = tuple(values["allowed_prefixes"]) if "allowed_prefixes" in values else None
    origin, through = Origin(name, place=values.place), values["direct_connect_gateway"]
    gateway = values.get("gateway") or values.get("transit_gateway", "")
    if ("gateway" in values) == ("transit_gateway" in values):
        draft.problems.error(f"association `{name}`: say `gateway` or `transit_gateway`, one of them", values.place)
    if "transit_gateway" in values:  # AWS makes the attachment with the association
        draft.add(TransitAttachment(name, "", (gateway,), DX, through, (), origin))
        if not allowed:
            draft.problems.error(f"association `{name}`: say the `allowed_prefixes` that the transit gateway tells", values.place)
    draft.add(DirectConnectAssociation(name, "", through, gateway, origin, allowed))


def _name(item: Item) -> str:
    """The `Name` tag as Direct Connect writes tags."""
    return next((str(tag.get("value", "")) for tag in item.get("tags", ()) if tag.get("key") == "Name"), "")


def _describe(item: Item, draft: Draft) -> None:
    interface_id, state = item.data["virtualInterfaceId"], item.get("virtualInterfaceState", "available")
    if state in GONE or draft.get(VirtualInterface, interface_id):  # the accounts at both ends tell of it
        return
    kind, origin = item.get("virtualInterfaceType", PRIVATE), Origin(interface_id, place=item.place())
    routes: tuple[LearntRoute, ...] = ()
    if kind == PUBLIC:
        blocks = [cidr_of(item, data["cidr"], f"virtual interface `{interface_id}`") for data in item.get("routeFilterPrefixes", ())]
        routes = tuple(LearntRoute(block, origin.of(f"route filter {block}")) for block in blocks)
    peers: list[Mapping[str, Any]] = [data for data in item.get("bgpPeers", ()) if data.get("bgpPeerState") not in GONE]
    up = state == "available" and (not peers or any(data.get("bgpStatus", "up") == "up" for data in peers))
    gateway = item.get("virtualGatewayId") or item.get("directConnectGatewayId") or ""
    name = _name(item) or item.get("virtualInterfaceName", "")
    draft.add(VirtualInterface(interface_id, name, kind, gateway, origin, routes, up, kind == PUBLIC, bool(item.get("siteLinkEnabled"))))


def _describe_gateway(item: Item, draft: Draft) -> None:
    gateway_id = item.data["directConnectGatewayId"]
    if item.get("directConnectGatewayState") not in GONE and not draft.get(DirectConnectGateway, gateway_id):
        name = _name(item) or item.get("directConnectGatewayName", "")
        draft.add(DirectConnectGateway(gateway_id, name, Origin(gateway_id, place=item.place())))


def _describe_association(item: Item, draft: Draft) -> None:
    state = item.get("associationState", "associated")
    gateway = (item.get("associatedGateway") or {}).get("id") or item.get("virtualGatewayId", "")
    through = item.data["directConnectGatewayId"]
    association_id = item.get("associationId") or f"{through} to {gateway}"
    if state in GONE or draft.get(DirectConnectAssociation, association_id):
        return
    told = [data["cidr"] for data in item.get("allowedPrefixesToDirectConnectGateway", ())]
    allowed = tuple(cidr_of(item, text, f"association `{association_id}`") for text in told)
    up = state in ("associated", "updating")
    origin = Origin(association_id, place=item.place())
    draft.add(DirectConnectAssociation(association_id, "", through, gateway, origin, allowed or None, up))


# --- completion and checks -------------------------------------------------------------------------------------------------------


def _complete(interface: VirtualInterface, draft: Draft) -> None:
    """What BGP told a virtual private gateway is propagated."""
    if not interface.up or interface.type != PRIVATE:
        return
    associated = [
        found.gateway for found in draft.all(DirectConnectAssociation) if found.up and found.direct_connect_gateway == interface.gateway
    ]
    for gateway in (interface.gateway, *associated):
        propagate(draft, gateway, [route.prefix for route in interface.routes], interface.origin)


def _imply(association: DirectConnectAssociation, draft: Draft) -> None:
    """A Direct Connect gateway that only its associations tell of."""
    gateway_id = association.direct_connect_gateway
    if draft.get(DirectConnectGateway, gateway_id) is None and not draft.was_read(DX):
        draft.add(DirectConnectGateway(gateway_id, "", Origin(gateway_id, place=association.origin.place)))


def _check(interface: VirtualInterface, snapshot: Snapshot, problems: Problems) -> None:
    place, told = interface.origin.place, f"virtual interface `{interface.id}`"
    if interface.type == TRANSIT and snapshot.get(VirtualPrivateGateway, interface.gateway):
        problems.warn(f"{told} is a transit one and ends at virtual private gateway `{interface.gateway}`; AWS refuses that (DX-1)", place)
    if interface.site_link:
        problems.not_modelled(f"SiteLink of {told} is not modelled", place)
    for association in associations_of(snapshot, interface.gateway):
        wanted = PRIVATE if snapshot.get(VirtualPrivateGateway, association.gateway) else ""
        wanted = wanted or (TRANSIT if snapshot.get(TransitGateway, association.gateway) else "")
        if wanted and interface.type != wanted:
            problems.warn(
                f"{told} is a {interface.type} one, and `{interface.gateway}` is associated with `{association.gateway}`; AWS refuses"
                " that: virtual private gateways take private ones, transit gateways transit ones (DX-1)",
                place,
            )


def _check_association(association: DirectConnectAssociation, snapshot: Snapshot, problems: Problems) -> None:
    place, told = association.origin.place, f"association `{association.id}`"
    gateway = snapshot.get(VirtualPrivateGateway, association.gateway)
    if gateway is None:
        return
    blocks = local_blocks(snapshot, gateway.vpc)
    if gateway.attached and blocks and not told_blocks(snapshot, association) and association.up:
        listed = ", ".join(map(str, association.allowed or ()))
        problems.warn(f"{told} allows {listed}, in which no block of VPC `{gateway.vpc}` lies, so on premises is told none", place)
    for other in associations_of(snapshot, association.direct_connect_gateway):
        theirs = snapshot.get(VirtualPrivateGateway, other.gateway)
        if theirs is None or other.id <= association.id or theirs.vpc == gateway.vpc:
            continue
        shared = next((one for one in blocks for two in local_blocks(snapshot, theirs.vpc) if one.overlaps(two)), None)
        if shared:
            what = f"join VPCs whose blocks overlap ({shared}) to one Direct Connect gateway; AWS refuses that (VPC-13)"
            problems.warn(f"{told} and `{other.id}` {what}", place)


KIND = Kind(
    name="virtual-interface",
    noun=VirtualInterface,
    about="a link of Direct Connect between a network on premises and AWS",
    section="virtual_interfaces",
    fields=(
        Field("type", Text((PRIVATE, TRANSIT, PUBLIC)), "private when left out"),
        Field("gateway", Reference((VGW, DX)), "its end in AWS; none for a public one"),
        Field("bgp_routes", bgp_fields(), "the blocks that on premises tells over it"),
        Field("site_link", Flag(), "whether SiteLink joins it with others; false when left out"),
        Field("state", Text(("up", "down")), "up when left out"),
    ),
    scenario=_scenario,
    describe={"virtualInterfaces": _describe},
    prefix="dxvif",
    complete=_complete,
    check=_check,
)
GATEWAY = Kind(
    name=DX,
    noun=DirectConnectGateway,
    about="what joins virtual interfaces with gateways of any Region",
    section="direct_connect_gateways",
    scenario=_scenario_gateway,
    describe={"directConnectGateways": _describe_gateway},
    prefix="dxgw",
)
ASSOCIATION = Kind(
    name="direct-connect-association",
    noun=DirectConnectAssociation,
    about="what joins a Direct Connect gateway with a gateway of one Region",
    section="direct_connect_associations",
    fields=(
        Field("direct_connect_gateway", Reference((DX,)), "the Direct Connect gateway", required=True),
        Field("gateway", Reference((VGW,)), "the virtual private gateway"),
        Field("transit_gateway", Reference(("transit-gateway",)), "or the transit gateway, where it is an attachment of its name"),
        Field("allowed_prefixes", ListOf(Cidr()), "the blocks that on premises may be told; all of the VPC when left out"),
    ),
    scenario=_scenario_association,
    describe={"directConnectGatewayAssociations": _describe_association},
    complete=_imply,
    check=_check_association,
)
