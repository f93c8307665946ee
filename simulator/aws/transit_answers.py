"""What AWS answers of transit gateway route tables: their routes, associations and propagations, each in a list of its own.

    aws ec2 search-transit-gateway-routes --transit-gateway-route-table-id tgw-rtb-1 ... > routes-tgw-rtb-1.json

Who asks knows the table, and AWS does not repeat its id. Where the name of the file or of its folder has it, the lists are read; elsewhere
they are told, and not modelled. Collectors that write the id beside the list are read as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from simulator.aws.permissions import cidr_of
from simulator.aws.resource import Item, Kind
from simulator.aws.snapshot import Draft
from simulator.aws.transit_gateway import BLACKHOLE, GONE, PROPAGATED, STATIC, TransitRoute, TransitRouteTable, add_to_table, associate
from simulator.origin import Origin

TABLE = r"tgw-rtb-[0-9a-z]+"


def _describe_static(item: Item, draft: Draft) -> None:
    """Routes of one table under the table's id: the static ones or all."""
    routes = [(data, ("Routes", index)) for index, data in enumerate(item.get("Routes", ()))]
    _add_routes(item, draft, item.data["TransitGatewayRouteTableId"], routes, whole=not item.get("AdditionalRoutesAvailable"))


def _describe_route(item: Item, draft: Draft) -> None:
    """One of `Routes`, which are those of a transit gateway's table or of a Client VPN endpoint."""
    if item.get("ClientVpnEndpointId"):
        return
    table = item.named(TABLE)
    if table:
        _add_routes(item, draft, table, [(item.data, ())], whole=not item.beside.get("AdditionalRoutesAvailable"))
    else:
        _nameless("routes", item)


def _add_routes(
    item: Item, draft: Draft, table: str, listed: Iterable[tuple[Mapping[str, Any], tuple[str | int, ...]]], *, whole: bool
) -> None:
    routes: list[TransitRoute] = []
    for data, path in listed:
        if data.get("State") in GONE or not data.get("DestinationCidrBlock"):
            continue
        prefix = cidr_of(item, data["DestinationCidrBlock"], f"transit gateway route table `{table}`")
        ends: Sequence[Mapping[str, Any]] = data.get("TransitGatewayAttachments") or ()
        names = [] if data.get("State") == BLACKHOLE else [end.get("TransitGatewayAttachmentId", "") for end in ends]
        origin = Origin(table, f"route {prefix}", item.place(*path))
        routes += [TransitRoute(prefix, to, origin, data.get("Type") == "propagated") for to in names or [""]]  # several: TGW-19
    told = (STATIC, *(PROPAGATED for route in routes if route.propagated)) if whole else ()
    draft.later(add_to_table, table, routes, (), told)


def _describe_association(item: Item, draft: Draft) -> None:
    attachment, table = item.get("TransitGatewayAttachmentId"), item.named(TABLE)
    if not attachment:
        item.problems.not_modelled("associations that are not of a transit gateway are not modelled", item.place())
    elif not table:
        _nameless("associations", item)
    elif item.get("State", "associated") == "associated":
        draft.later(_associate, attachment, table)


def _associate(draft: Draft, attachment: str, table_id: str) -> None:
    table = draft.get(TransitRouteTable, table_id)
    if table is not None:
        associate(draft, attachment, table.gateway, table_id)


def _describe_propagations(item: Item, draft: Draft) -> None:
    """Propagations of one table under the table's id."""
    for data in item.get("TransitGatewayRouteTablePropagations", ()):
        _propagate(data, item.data["TransitGatewayRouteTableId"], draft)
    draft.later(add_to_table, item.data["TransitGatewayRouteTableId"], (), (), (PROPAGATED,))


def _describe_propagation(item: Item, draft: Draft) -> None:
    table = item.named(TABLE)
    if table:
        _propagate(item.data, table, draft)
    else:
        _nameless("propagations", item)


def _propagate(data: Mapping[str, Any], table: str, draft: Draft) -> None:
    if data.get("State", "enabled") == "enabled":
        draft.later(add_to_table, table, (), (data["TransitGatewayAttachmentId"],), (PROPAGATED,))


def _nameless(what: str, item: Item) -> None:
    whose = "their transit gateway route table, if they are of one (`tgw-rtb-...`)"
    item.problems.not_modelled(f"{what} that do not say whose they are are not modelled; name the file after {whose}", item.place())


ROUTES = Kind(
    name="transit-gateway-routes",
    noun=TransitRoute,
    about="routes of transit gateway route tables",
    describe={"TransitGatewayStaticRoutes": _describe_static, "Routes": _describe_route},
    extends=True,
)
ASSOCIATIONS = Kind(
    name="transit-gateway-associations",
    noun=TransitRoute,
    about="attachments of transit gateway route tables",
    describe={"Associations": _describe_association},
    extends=True,
)
PROPAGATIONS = Kind(
    name="transit-gateway-propagations",
    noun=TransitRoute,
    about="propagations of transit gateway route tables",
    describe={"TransitGatewayPropagations": _describe_propagations, "TransitGatewayRouteTablePropagations": _describe_propagation},
    extends=True,
)
