"""Transit gateways, their attachments and route tables as they are written (TGW-1 to TGW-3, TGW-14, TGW-21, TGW-23).

Which route wins is in `transit_routes.py`, what they do to packets in `transit_path.py` and `transit_hybrid.py`. Not modelled: Connect
attachments (a gap), multicast. AWS pages: "How AWS Transit Gateway works", "Amazon VPC attachments in AWS Transit Gateway" (2026).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from simulator.aws.resource import Cidr, Field, Flag, Item, Kind, ListOf, MapOf, Reference, Text, Values
from simulator.aws.snapshot import Draft, Snapshot
from simulator.aws.subnet import Subnet
from simulator.aws.vpc import Vpc
from simulator.graph.nodes import Place
from simulator.origin import Origin
from simulator.packet.prefix import Prefix
from simulator.problems import Problems, did_you_mean

AVAILABLE = "available"
BLACKHOLE = "blackhole"
VPC, PEERING = "vpc", "peering"
GONE = frozenset({"deleted", "deleting", "rejected", "failed"})
STATIC, PROPAGATED = "static routes", "propagations"


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
    gateway at the other end. `gateways` are the transit gateways it belongs to: one, two for a peering. `tables` are the route tables
    associated with it, by gateway, and empty where it was told that there is none. `created`: when, in AWS's spelling.
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
    created: str = ""

    @property
    def place(self) -> Place:
        """The hop of the attachment, where it is one."""
        return Place(self.id, "transit-gateway-attachment", self.name)

    def table_of(self, gateway: str) -> str | None:
        """The route table associated with it on one of its gateways; empty when there is none (TGW-1), none when nobody told."""
        return dict(self.tables).get(gateway)


@dataclass(frozen=True, slots=True)
class TransitRoute:
    """One route: to an attachment, or nowhere when `attachment` is empty (a blackhole)."""

    prefix: Prefix
    attachment: str
    origin: Origin
    propagated: bool = False


@dataclass(frozen=True, slots=True)
class TransitRouteTable:
    """A table of a transit gateway; `propagations` are the attachments whose blocks it learns. `unread`: what of it was not read."""

    id: str
    name: str
    gateway: str
    routes: tuple[TransitRoute, ...]
    propagations: tuple[str, ...]
    origin: Origin
    unread: tuple[str, ...] = ()


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
        draft.later(associate, attachment, gateway, name)


def associate(draft: Draft, attachment_id: str, gateway: str, table: str) -> None:
    """What another list says of an attachment: its table on one of its gateways."""
    attachment = draft.get(TransitAttachment, attachment_id)
    if attachment is not None:
        draft.replace(replace(attachment, tables=tuple({**dict(attachment.tables), gateway: table}.items())))


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
    association = item.get("Association", {})
    table = association.get("TransitGatewayRouteTableId", "") if association.get("State") == "associated" else ""
    gateway = item.data["TransitGatewayId"]
    resource = item.get("ResourceId", "")
    kind = item.get("ResourceType", VPC)
    gateways = (gateway, resource) if kind == PEERING and resource.startswith("tgw-") else (gateway,)
    _merge(item, draft, gateways, kind, resource, tables=((gateway, table),))


def _describe_vpc_attachment(item: Item, draft: Draft) -> None:
    options = item.get("Options", {})
    _merge(
        item,
        draft,
        (item.data["TransitGatewayId"],),
        VPC,
        item.get("VpcId", ""),
        subnets=tuple(item.get("SubnetIds", ())),
        appliance_mode=options.get("ApplianceModeSupport") == "enable",
        group_references=options.get("SecurityGroupReferencingSupport") == "enable",
    )


def _describe_peering(item: Item, draft: Draft) -> None:
    ends = [item.get(key, {}).get("TransitGatewayId", "") for key in ("RequesterTgwInfo", "AccepterTgwInfo")]
    _merge(item, draft, (ends[0], ends[1]), PEERING, ends[1])


def _merge(
    item: Item, draft: Draft, gateways: tuple[str, ...], kind: str, resource: str, subnets: tuple[str, ...] = (), **more: Any
) -> None:
    """Two lists tell of one attachment: its association in one, its subnets and options in the other."""
    state = item.get("State", AVAILABLE)
    if state in GONE:
        return
    attachment_id, created = item.data["TransitGatewayAttachmentId"], str(item.get("CreationTime", ""))
    origin = Origin(attachment_id, place=item.place())
    new = TransitAttachment(attachment_id, item.tag(), gateways, kind, resource, subnets, origin, state, created=created, **more)
    old = draft.get(TransitAttachment, new.id)
    if old is None:
        draft.add(new)
        return
    one, two = (new, old) if new.subnets or (new.type == PEERING and len(new.gateways) == 2) else (old, new)
    tables = {**dict(old.tables), **dict(new.tables)}
    draft.replace(replace(one, name=one.name or two.name, tables=tuple(sorted(tables.items()))))


def _describe_table(item: Item, draft: Draft) -> None:
    table_id = item.data["TransitGatewayRouteTableId"]
    origin = Origin(table_id, place=item.place())
    draft.add(TransitRouteTable(table_id, item.tag(), item.data["TransitGatewayId"], (), (), origin, unread=(STATIC, PROPAGATED)))


def add_to_table(
    draft: Draft, table_id: str, routes: Iterable[TransitRoute], propagations: Iterable[str], told: Iterable[str] = ()
) -> None:
    """What another list says of a table; `told`: which parts of it that list says all of."""
    table = draft.get(TransitRouteTable, table_id)
    if table is None:
        return
    unread = tuple(part for part in table.unread if part not in told)
    names = tuple(dict.fromkeys((*table.propagations, *propagations)))
    draft.replace(replace(table, routes=(*table.routes, *routes), propagations=names, unread=unread))


# --- completion and checks -------------------------------------------------------------------------------------------------------


def _complete(gateway: TransitGateway, draft: Draft) -> None:
    """Attachments without a word about tables use the gateway's default ones."""
    if not gateway.authored:
        return
    for table_id in filter(None, (gateway.association, gateway.propagation)):
        if draft.get(TransitRouteTable, table_id) is None:
            draft.add(TransitRouteTable(table_id, "", gateway.id, (), (), Origin(table_id, place=gateway.origin.place)))
    for attachment in [found for found in draft.all(TransitAttachment) if gateway.id in found.gateways]:
        if attachment.table_of(gateway.id) is None:
            associate(draft, attachment.id, gateway.id, gateway.association)
        if attachment.type != PEERING:
            add_to_table(draft, gateway.propagation, (), (attachment.id,))


def _check_table(table: TransitRouteTable, snapshot: Snapshot, problems: Problems) -> None:
    known = {attachment.id: attachment for attachment in attachments_of(snapshot, table.gateway)}
    report = problems.error if snapshot.whole else problems.warn
    for route in table.routes:
        if route.attachment and snapshot.was_read("transit-gateway-attachment") and route.attachment not in known:
            report(
                f"transit gateway route table `{table.id}`: `{route.attachment}` is no attachment of `{table.gateway}`"
                f"{did_you_mean(route.attachment, known)}",
                route.origin.place,
            )
    for name in table.propagations:
        if name in known and known[name].type == PEERING:
            problems.warn(
                f"transit gateway route table `{table.id}`: nothing is propagated from peering `{name}`; it takes static routes (TGW-23)",
                table.origin.place,
            )


def _check(attachment: TransitAttachment, snapshot: Snapshot, problems: Problems) -> None:
    place, told = attachment.origin.place, f"transit gateway attachment `{attachment.id}`"
    for gateway, table_id in attachment.tables:
        table = snapshot.get(TransitRouteTable, table_id)
        if table is not None and (table.gateway != gateway or gateway not in attachment.gateways):
            problems.error(f"{told}: route table `{table_id}` belongs to `{table.gateway}`, another transit gateway", place)
    if attachment.type == PEERING and len(set(attachment.gateways)) < len(attachment.gateways):
        problems.error(f"{told} joins `{attachment.gateways[0]}` with itself", place)
    if attachment.type != VPC:
        return
    if snapshot.get(Vpc, attachment.resource) is None:
        problems.warn(f"{told} attaches VPC `{attachment.resource}`, which was not read", place)
    zones: set[str] = set()
    for subnet in filter(None, (snapshot.get(Subnet, name) for name in attachment.subnets)):
        if subnet.vpc != attachment.resource:
            problems.error(f"{told}: subnet `{subnet.id}` is not in VPC `{attachment.resource}`", place)
        if subnet.zone and subnet.zone in zones:
            problems.error(f"{told} has two subnets in zone `{subnet.zone}`; AWS takes one for each zone", place)
        zones.add(subnet.zone)
    same = [other for other in attachments_of(snapshot, attachment.gateways[0]) if other.resource == attachment.resource]
    alive = [other.id for other in same if other.state not in GONE]
    if len(alive) > 1 and alive[0] == attachment.id:
        problems.error(f"VPC `{attachment.resource}` is attached to `{attachment.gateways[0]}` {len(alive)} times; AWS allows one", place)


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
    },
    check=_check,
)
PEERINGS = Kind(  # a list of its own: who read it was told nothing of VPCs
    name="transit-gateway-peering",
    noun=TransitAttachment,
    about="attachments that join two transit gateways",
    describe={"TransitGatewayPeeringAttachments": _describe_peering},
    extends=True,
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
