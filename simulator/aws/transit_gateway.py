"""Transit gateways, their attachments and route tables: what is written, and which route wins (TGW-1 to TGW-3, TGW-12 to TGW-14, TGW-23).

What they do to packets is in `transit_path.py`. Not modelled: VPN, Direct Connect and Connect attachments (their paths end in a gap),
prefix list references, multicast. AWS pages: "How AWS Transit Gateway works", "Amazon VPC attachments in AWS Transit Gateway" (2026).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from simulator.aws.permissions import cidr_of
from simulator.aws.resource import Cidr, Field, Flag, Item, Kind, ListOf, MapOf, Reference, Text, Values
from simulator.aws.snapshot import Draft, Snapshot
from simulator.aws.vpc import Vpc
from simulator.graph.nodes import Place
from simulator.origin import Origin
from simulator.packet.prefix import Prefix
from simulator.problems import Problems, did_you_mean

AVAILABLE = "available"
BLACKHOLE = "blackhole"
VPC, PEERING = "vpc", "peering"


@dataclass(frozen=True, slots=True)
class TransitGateway:
    """A transit gateway. `association` and `propagation`: the ids of its default tables, for attachments that say nothing else.

    `group_references`: security group referencing is enabled (TGW-11).
    """

    id: str
    name: str
    origin: Origin
    association: str = ""
    propagation: str = ""
    group_references: bool = False
    authored: bool = False

    @property
    def place(self) -> Place:
        """The hop of the gateway."""
        return Place(self.id, "transit-gateway", self.name)


@dataclass(frozen=True, slots=True)
class TransitAttachment:
    """An attachment. `type` is `vpc`, `peering` or another of AWS's words; `resource` the VPC's id, or for a peering the transit
    gateway at the other end. `gateways` are the transit gateways it belongs to: one, two for a peering.
    """

    id: str
    name: str
    gateways: tuple[str, ...]
    type: str
    resource: str
    subnets: tuple[str, ...]
    origin: Origin
    state: str = AVAILABLE
    appliance_mode: bool = False
    group_references: bool = True
    tables: tuple[tuple[str, str], ...] = ()

    @property
    def place(self) -> Place:
        """The hop of the attachment, where it is one."""
        return Place(self.id, "transit-gateway-attachment", self.name)

    def table_of(self, gateway: str) -> str:
        """The route table associated with it on one of its gateways; empty when there is none (TGW-1)."""
        return dict(self.tables).get(gateway, "")


@dataclass(frozen=True, slots=True)
class TransitRoute:
    """One static route: to an attachment, or nowhere when `attachment` is empty (a blackhole)."""

    prefix: Prefix
    attachment: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class TransitRouteTable:
    """A table of a transit gateway; `propagations` are the attachments whose blocks it learns. `read`: its routes are known."""

    id: str
    name: str
    gateway: str
    routes: tuple[TransitRoute, ...]
    propagations: tuple[str, ...]
    origin: Origin
    read: bool = True


def routes_of(snapshot: Snapshot, table: TransitRouteTable) -> list[TransitRoute]:
    """One route for each prefix: a static one beats what is propagated (TGW-13); of two VPCs with one block the first attached
    counts (TGW-12).
    """
    best: dict[Prefix, TransitRoute] = {route.prefix: route for route in reversed(table.routes)}
    learnt: list[Prefix] = []
    for name in table.propagations:
        attachment = snapshot.get(TransitAttachment, name)
        vpc = snapshot.get(Vpc, attachment.resource) if attachment and attachment.type == VPC else None
        blocks = vpc.cidrs if vpc else ()
        if attachment is None or any(block.overlaps(other) for block in blocks for other in learnt):
            continue
        learnt += blocks
        for block in blocks:
            best.setdefault(block, TransitRoute(block, name, table.origin.of(f"propagated route {block} of {name}")))
    return [best[prefix] for prefix in sorted(best)]


def attachments_of(snapshot: Snapshot, gateway: str) -> Iterator[TransitAttachment]:
    """The attachments of a transit gateway."""
    return (attachment for attachment in snapshot.all(TransitAttachment) if gateway in attachment.gateways)


def _scenario(name: str, values: Values, draft: Draft) -> None:
    table = f"{name}-routes"
    association = table if values.get("default_association", True) else ""
    propagation = table if values.get("default_propagation", True) else ""
    groups = values.get("group_references", False)
    draft.add(TransitGateway(name, "", Origin(name, place=values.place), association, propagation, groups, authored=True))


def _scenario_attachment(name: str, values: Values, draft: Draft) -> None:
    gateway, vpc, peer = values["transit_gateway"], values.get("vpc", ""), values.get("peer", "")
    if bool(vpc) == bool(peer):
        draft.problems.error(f"transit attachment `{name}`: say `vpc` with its `subnets`, or `peer`, one of them", values.place)
    if vpc and not values.get("subnets"):
        draft.problems.error(f"transit attachment `{name}`: say its `subnets`, one for each zone", values.place)
    gateways = (gateway, peer) if peer else (gateway,)
    table = values.get("route_table")
    draft.add(
        TransitAttachment(
            name,
            "",
            gateways,
            PEERING if peer else VPC,
            peer or vpc,
            tuple(values.get("subnets", ())),
            Origin(name, place=values.place),
            values.get("state", AVAILABLE),
            values.get("appliance_mode", False),
            values.get("group_references", True),
            ((gateway, table),) if table else (),
        )
    )


def _scenario_table(name: str, values: Values, draft: Draft) -> None:
    origin = Origin(name, place=values.place)
    routes = tuple(
        TransitRoute(prefix, "" if target == BLACKHOLE else target, origin.of(f"route {prefix}", place))
        for prefix, target, place in values.get("routes", ())
    )
    gateway = values["transit_gateway"]
    draft.add(TransitRouteTable(name, "", gateway, routes, tuple(values.get("propagations", ())), origin))
    for attachment in values.get("associations", ()):
        draft.later(_associate, attachment, gateway, name)


def _associate(draft: Draft, attachment_id: str, gateway: str, table: str) -> None:
    attachment = draft.get(TransitAttachment, attachment_id)
    if attachment is not None:
        kept = tuple(pair for pair in attachment.tables if pair[0] != gateway)
        draft.replace(replace(attachment, tables=(*kept, (gateway, table))))


def _describe(item: Item, draft: Draft) -> None:
    gateway_id, options = item.data["TransitGatewayId"], item.get("Options", {})
    association = options.get("AssociationDefaultRouteTableId", "")
    propagation = options.get("PropagationDefaultRouteTableId", "")
    draft.add(
        TransitGateway(
            gateway_id,
            item.tag(),
            Origin(gateway_id, place=item.place()),
            association if options.get("DefaultRouteTableAssociation", "enable") == "enable" else "",
            propagation if options.get("DefaultRouteTablePropagation", "enable") == "enable" else "",
            options.get("SecurityGroupReferencingSupport") == "enable",
        )
    )


def _describe_attachment(item: Item, draft: Draft) -> None:
    """One of `TransitGatewayAttachments`: of every type, with its association."""
    if item.get("State", AVAILABLE) in ("deleted", "deleting", "rejected", "failed"):
        return
    association = item.get("Association", {})
    table = association.get("TransitGatewayRouteTableId", "") if association.get("State") == "associated" else ""
    gateway = item.data["TransitGatewayId"]
    resource = item.get("ResourceId", "")
    kind = item.get("ResourceType", VPC)
    gateways = (gateway, resource) if kind == PEERING and resource.startswith("tgw-") else (gateway,)
    tables = ((gateway, table),) if table else ()
    _merge(draft, TransitAttachment(*_head(item), gateways, kind, resource, (), _origin(item), item.get("State", AVAILABLE), tables=tables))


def _describe_vpc_attachment(item: Item, draft: Draft) -> None:
    if item.get("State", AVAILABLE) in ("deleted", "deleting", "rejected", "failed"):
        return
    options = item.get("Options", {})
    _merge(
        draft,
        TransitAttachment(
            *_head(item),
            (item.data["TransitGatewayId"],),
            VPC,
            item.get("VpcId", ""),
            tuple(item.get("SubnetIds", ())),
            _origin(item),
            item.get("State", AVAILABLE),
            options.get("ApplianceModeSupport") == "enable",
            options.get("SecurityGroupReferencingSupport") == "enable",
        ),
    )


def _describe_peering(item: Item, draft: Draft) -> None:
    if item.get("State", AVAILABLE) in ("deleted", "deleting", "rejected", "failed"):
        return
    ends = [item.get(key, {}).get("TransitGatewayId", "") for key in ("RequesterTgwInfo", "AccepterTgwInfo")]
    _merge(draft, TransitAttachment(*_head(item), (ends[0], ends[1]), PEERING, ends[1], (), _origin(item), item.get("State", AVAILABLE)))


def _head(item: Item) -> tuple[str, str]:
    return item.data["TransitGatewayAttachmentId"], item.tag()


def _origin(item: Item) -> Origin:
    return Origin(item.data["TransitGatewayAttachmentId"], place=item.place())


def _merge(draft: Draft, new: TransitAttachment) -> None:
    """Two lists tell of one attachment: its association in one, its subnets and options in the other."""
    old = draft.get(TransitAttachment, new.id)
    if old is None:
        draft.add(new)
        return
    one, two = (new, old) if new.subnets or (new.type == PEERING and len(new.gateways) == 2) else (old, new)
    tables = {**dict(old.tables), **dict(new.tables)}
    gateways = one.gateways if len(one.gateways) >= len(two.gateways) else two.gateways
    draft.replace(replace(one, name=one.name or two.name, gateways=gateways, tables=tuple(tables.items())))


def _describe_table(item: Item, draft: Draft) -> None:
    table_id = item.data["TransitGatewayRouteTableId"]
    known = "transit-gateway-routes" in draft.read_kinds or "transit-gateway-propagations" in draft.read_kinds
    origin = Origin(table_id, place=item.place())
    draft.add(TransitRouteTable(table_id, item.tag(), item.data["TransitGatewayId"], (), (), origin, read=known))


def _describe_routes(item: Item, draft: Draft) -> None:
    """Static routes of one table, as `search-transit-gateway-routes` prints them under the table's id."""
    table_id = item.data["TransitGatewayRouteTableId"]
    routes = []
    for index, data in enumerate(item.get("Routes", ())):
        if data.get("Type", "static") != "static" or not data.get("DestinationCidrBlock"):
            continue
        prefix = cidr_of(item, data["DestinationCidrBlock"], f"transit gateway route table `{table_id}`")
        ends: Sequence[Mapping[str, Any]] = data.get("TransitGatewayAttachments") or ()
        dead = data.get("State") == BLACKHOLE or not ends
        origin = Origin(table_id, f"route {prefix}", item.place("Routes", index))
        routes.append(TransitRoute(prefix, "" if dead else ends[0].get("TransitGatewayAttachmentId", ""), origin))
    draft.later(_add_routes, table_id, tuple(routes))


def _add_routes(draft: Draft, table_id: str, routes: tuple[TransitRoute, ...]) -> None:
    table = draft.get(TransitRouteTable, table_id)
    if table is not None:
        draft.replace(replace(table, routes=(*table.routes, *routes)))


def _describe_propagations(item: Item, draft: Draft) -> None:
    names = tuple(
        data["TransitGatewayAttachmentId"]
        for data in item.get("TransitGatewayRouteTablePropagations", ())
        if data.get("State", "enabled") == "enabled"
    )
    draft.later(_add_propagations, item.data["TransitGatewayRouteTableId"], names)


def _add_propagations(draft: Draft, table_id: str, names: tuple[str, ...]) -> None:
    table = draft.get(TransitRouteTable, table_id)
    if table is not None:
        draft.replace(replace(table, propagations=tuple(dict.fromkeys((*table.propagations, *names)))))


def _complete(gateway: TransitGateway, draft: Draft) -> None:
    """Attachments without a word about tables use the gateway's default ones."""
    for attachment in [found for found in draft.all(TransitAttachment) if gateway.id in found.gateways]:
        if gateway.authored and not attachment.table_of(gateway.id) and gateway.association:
            _associate(draft, attachment.id, gateway.id, gateway.association)
        if gateway.authored and gateway.propagation and attachment.type == VPC:
            _ensure_table(gateway, gateway.propagation, draft)
            _add_propagations(draft, gateway.propagation, (attachment.id,))
    if gateway.authored and gateway.association:
        _ensure_table(gateway, gateway.association, draft)


def _ensure_table(gateway: TransitGateway, table_id: str, draft: Draft) -> None:
    if draft.get(TransitRouteTable, table_id) is None:
        draft.add(TransitRouteTable(table_id, "", gateway.id, (), (), Origin(table_id, place=gateway.origin.place)))


def _check_table(table: TransitRouteTable, snapshot: Snapshot, problems: Problems) -> None:
    for route in table.routes:
        if route.attachment and snapshot.was_read("transit-gateway-attachment") and not snapshot.get(TransitAttachment, route.attachment):
            problems.error(
                f"transit gateway route table `{table.id}`: attachment `{route.attachment}` does not exist"
                f"{did_you_mean(route.attachment, (attachment.id for attachment in snapshot.all(TransitAttachment)))}",
                route.origin.place,
            )


def _check(attachment: TransitAttachment, snapshot: Snapshot, problems: Problems) -> None:
    from_vpc = snapshot.get(Vpc, attachment.resource) if attachment.type == VPC else None
    if attachment.type == VPC and from_vpc is None:
        problems.warn(
            f"transit gateway attachment `{attachment.id}` attaches VPC `{attachment.resource}`, which was not read",
            attachment.origin.place,
        )


KIND = Kind(
    name="transit-gateway",
    noun=TransitGateway,
    about="a router between VPCs, with route tables of its own",
    section="transit_gateways",
    fields=(
        Field("default_association", Flag(), "whether attachments use the default table; true when left out"),
        Field("default_propagation", Flag(), "whether VPCs are known in the default table; true when left out"),
        Field("group_references", Flag(), "whether security group referencing is enabled; false when left out"),
    ),
    scenario=_scenario,
    describe={"TransitGateways": _describe},
    prefix="tgw",
    complete=_complete,
)
ATTACHMENT = Kind(
    name="transit-gateway-attachment",
    noun=TransitAttachment,
    about="what joins a VPC, or another transit gateway, to a transit gateway",
    section="transit_attachments",
    fields=(
        Field("transit_gateway", Reference(("transit-gateway",)), "the transit gateway", required=True),
        Field("vpc", Reference(("vpc",)), "the VPC it attaches"),
        Field("subnets", ListOf(Reference(("subnet",))), "its subnets, at most one for each zone"),
        Field("peer", Reference(("transit-gateway",)), "for a peering: the transit gateway at the other end"),
        Field("route_table", Reference(("transit-gateway-route-table",)), "the table it is associated with; none: the default one"),
        Field("appliance_mode", Flag(), "whether both directions of a flow keep to one zone"),
        Field("group_references", Flag(), "whether it passes on who sent a packet; true when left out"),
        Field("state", Text((AVAILABLE, "pending", "deleted", "failed", "modifying")), "available when left out"),
    ),
    scenario=_scenario_attachment,
    describe={
        "TransitGatewayAttachments": _describe_attachment,
        "TransitGatewayVpcAttachments": _describe_vpc_attachment,
        "TransitGatewayPeeringAttachments": _describe_peering,
    },
    check=_check,
)
ROUTE_TABLE = Kind(
    name="transit-gateway-route-table",
    noun=TransitRouteTable,
    about="where a transit gateway sends what its attachments bring",
    section="transit_route_tables",
    fields=(
        Field("transit_gateway", Reference(("transit-gateway",)), "the transit gateway", required=True),
        Field("associations", ListOf(Reference(("transit-gateway-attachment",))), "the attachments whose packets it routes"),
        Field("propagations", ListOf(Reference(("transit-gateway-attachment",))), "the attachments whose blocks it learns"),
        Field("routes", MapOf(Cidr(), Text()), "static routes, `{block: attachment}`; `blackhole` drops"),
    ),
    scenario=_scenario_table,
    describe={"TransitGatewayRouteTables": _describe_table},
    check=_check_table,
)
ROUTES = Kind(
    name="transit-gateway-routes",
    noun=TransitRoute,
    about="static routes of transit gateway route tables",
    describe={"TransitGatewayStaticRoutes": _describe_routes},
    extends=True,
)
PROPAGATIONS = Kind(
    name="transit-gateway-propagations",
    noun=TransitRoute,
    about="propagations of transit gateway route tables",
    describe={"TransitGatewayPropagations": _describe_propagations},
    extends=True,
)
