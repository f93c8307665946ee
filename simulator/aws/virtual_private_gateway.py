"""Virtual private gateways: the AWS side of VPN connections and private virtual interfaces, as they are written (VGW-1, VGW-10).

What they do to packets is in `virtual_private_path.py`, what lies beyond them in `onprem.py`. Routes that a gateway knows are propagated
to the tables that asked for it.

AWS pages: "How AWS Site-to-Site VPN works", "Route tables and AWS Site-to-Site VPN route priority" (2026).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from simulator.aws.resource import Field, Item, Kind, ListOf, Reference, Text, Values
from simulator.aws.route_table import RouteEntry, RouteTable
from simulator.aws.snapshot import Draft, Snapshot
from simulator.graph.nodes import Door, Place
from simulator.origin import Origin
from simulator.packet.prefix import Prefix
from simulator.problems import Problems

ATTACHED = "attached"
NAME = "virtual-private-gateway"


@dataclass(frozen=True, slots=True)
class VirtualPrivateGateway:
    """A virtual private gateway. `vpc` is empty when it is attached to none; `tables` are those it propagates to, in a scenario."""

    id: str
    name: str
    vpc: str
    attached: bool
    origin: Origin
    tables: tuple[str, ...] = ()

    @property
    def place(self) -> Place:
        """The hop of the gateway."""
        return Place(self.id, NAME, self.name)


def from_premises(gateway: str) -> Door:
    """Where packets of VPN connections and virtual interfaces enter a gateway."""
    return Door(NAME, gateway, "from on premises")


def into_vpc(gateway: str) -> Door:
    """What packets that the gateway lets into its VPC meet: the implicit router, unless the gateway has a route table."""
    return Door(NAME, gateway, "into the VPC")


def propagate(draft: Draft, gateway_id: str, blocks: Iterable[Prefix], origin: Origin) -> None:
    """Put routes that a gateway learnt into the tables of a scenario that take them (VGW-10)."""
    gateway = draft.get(VirtualPrivateGateway, gateway_id)
    for name in gateway.tables if gateway else ():
        table = draft.get(RouteTable, name)
        if table is None or table.gateways:
            continue
        told = {entry.destination for entry in table.routes if entry.propagated}
        new = [
            RouteEntry(block, NAME, gateway_id, Origin(name, f"propagated route {block}", origin.place), propagated=True)
            for block in blocks
            if block not in told
        ]
        draft.replace(replace(table, routes=(*table.routes, *new)))


def _scenario(name: str, values: Values, draft: Draft) -> None:
    vpc = values.get("vpc", "")
    attached = bool(vpc) and values.get("state", ATTACHED) == ATTACHED
    tables = tuple(values.get("propagates_to", ()))
    draft.add(VirtualPrivateGateway(name, "", vpc, attached, Origin(name, place=values.place), tables))


def _describe(item: Item, draft: Draft) -> None:
    gateway_id = item.data["VpnGatewayId"]
    if item.get("State") in ("deleted", "deleting"):
        return
    attachments: list[Mapping[str, Any]] = list(item.get("VpcAttachments", ()))
    attachments.sort(key=lambda data: data.get("State") != ATTACHED)  # those it had before may still be listed
    attachment = next(iter(attachments), {})
    attached = attachment.get("State") == ATTACHED
    vpc = attachment.get("VpcId", "") if attachment.get("State") != "detached" else ""
    draft.add(VirtualPrivateGateway(gateway_id, item.tag(), vpc, attached, Origin(gateway_id, place=item.place())))


def _check(gateway: VirtualPrivateGateway, snapshot: Snapshot, problems: Problems) -> None:
    place = gateway.origin.place
    same = [other.id for other in snapshot.by(VirtualPrivateGateway, "vpc")[gateway.vpc] if other.attached and gateway.vpc]
    if len(same) > 1 and same[0] == gateway.id:
        problems.error(f"VPC `{gateway.vpc}` has {len(same)} virtual private gateways attached; AWS allows one (VGW-1)", place)
    for table in snapshot.all(RouteTable):
        if gateway.id not in table.propagating and table.id not in gateway.tables:
            continue
        if table.gateways:
            problems.warn(
                f"virtual private gateway `{gateway.id}` propagates to `{table.id}`, the route table of a gateway; AWS refuses that"
                " (VGW-10)",
                place,
            )
        if gateway.attached and table.vpc != gateway.vpc:
            problems.warn(
                f"virtual private gateway `{gateway.id}` propagates to route table `{table.id}` of another VPC (`{table.vpc}`);"
                " AWS refuses that",
                place,
            )


KIND = Kind(
    name=NAME,
    noun=VirtualPrivateGateway,
    about="the end in AWS of VPN connections and of Direct Connect",
    section="vpn_gateways",
    fields=(
        Field("vpc", Reference(("vpc",)), "the VPC it is attached to; none: detached"),
        Field("propagates_to", ListOf(Reference(("route-table",))), "the route tables that take the routes it knows"),
        Field("state", Text((ATTACHED, "attaching", "detaching")), "of the attachment; attached when left out"),
    ),
    scenario=_scenario,
    describe={"VpnGateways": _describe},
    prefix="vgw",
    check=_check,
)
