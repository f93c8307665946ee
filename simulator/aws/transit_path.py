"""What a transit gateway does to packets (TGW-1 to TGW-11, TGW-15 to TGW-17, TGW-21, TGW-23).

    from a subnet: an attachment of the VPC in the sender's zone -> ACL inbound of the attachment's subnet -> the table associated
        with the attachment -> the attachment of the best route
    arriving: the attachment's subnet in the sender's zone, if there is one, else any of them -> that subnet, as if sent from it

A packet that arrives leaves the attachment's subnet like any other: on-link without ACL (TGW-9), else ACL outbound and that subnet's
route table (TGW-5, TGW-8), which is how inspection and central egress work. Zones are part of the graph and not a mark: the table of
an attachment is one lookup for each zone packets come from.

In appliance mode the zone a flow arrived in is remembered, and its other direction arrives in the same (TGW-7).
"""

from __future__ import annotations

from collections.abc import Iterable

from simulator.aws.network_acl import INBOUND
from simulator.aws.resource import Kind
from simulator.aws.snapshot import Snapshot
from simulator.aws.subnet import Subnet, acl_filter, outbound
from simulator.aws.transit_gateway import (
    AVAILABLE,
    PEERING,
    VPC,
    TransitAttachment,
    TransitGateway,
    TransitRouteTable,
    attachments_of,
    routes_of,
)
from simulator.graph.builder import Builder
from simulator.graph.nodes import Choice, Door, Drop, Filter, Forget, Lookup, PrefixTable, Ref, Rewrite, Route, Rule, RuleList, SessionMatch
from simulator.origin import Origin
from simulator.packet.space import Match


def _inside(gateway: str, attachment: str, zone: str) -> Door:
    """Where packets that an attachment brings from a zone meet the gateway's table."""
    return Door("transit-gateway", gateway, f"from {attachment} in {zone}")


def _out(attachment: str, zone: str, gateway: str) -> Door:
    """Where packets that come from a zone leave by an attachment of a gateway."""
    return Door("transit-gateway-attachment", attachment, f"out of {gateway} from {zone}")


def _emit(gateway: TransitGateway, build: Builder, snapshot: Snapshot) -> None:
    attachments = list(attachments_of(snapshot, gateway.id))
    zones = sorted({zone for attachment in attachments for zone in _zones(attachment, snapshot)})
    everywhere = [*zones, ""]  # from a peered gateway packets come without a zone of ours
    for attachment in attachments:
        came_from = [zone for zone in everywhere if attachment.type != VPC or zone]
        for zone in came_from:
            build.open(_inside(gateway.id, attachment.id, zone), _table(gateway, attachment, zone, build, snapshot))
        for zone in everywhere:
            build.open(_out(attachment.id, zone, gateway.id), _leave(gateway, attachment, zone, build, snapshot))
        if attachment.type == VPC:
            _doors(gateway, attachment, build, snapshot)
    build.open(Door("transit-gateway", gateway.id), _not_attached(gateway, build, snapshot))


def _zones(attachment: TransitAttachment, snapshot: Snapshot) -> Iterable[str]:
    return (subnet.zone for name in attachment.subnets if (subnet := snapshot.get(Subnet, name)))


def _not_attached(gateway: TransitGateway, build: Builder, snapshot: Snapshot) -> int:
    """From a VPC without attachment; where attachments were not read there may be one."""
    known = snapshot.was_read("transit-gateway-attachment")
    origin = gateway.origin.of("attachments")
    what, code = ("attachments", "BAD_STATE_ATTACHMENT") if known else ("attachments (not read)", "UNKNOWN_RESOURCE")
    return build.add(Drop(place=gateway.place, what=what, code=code, gap=not known, cites=("RT-30",), origin=origin))


# --- into the gateway ------------------------------------------------------------------------------------------------------------


def _doors(gateway: TransitGateway, attachment: TransitAttachment, build: Builder, snapshot: Snapshot) -> None:
    """The gateway as a route's target, from every subnet of the attached VPC."""
    by_zone = {subnet.zone: subnet for name in attachment.subnets if (subnet := snapshot.get(Subnet, name))}
    ways = {zone: _enter(gateway, attachment, subnet, build, snapshot) for zone, subnet in by_zone.items()}
    astray = _other_zone(gateway, attachment, build) if by_zone else _unread_subnets(attachment, build)
    dead = None if attachment.state == AVAILABLE else _dead(attachment, gateway, build)
    for subnet in snapshot.by(Subnet, "vpc")[attachment.resource]:
        way = dead if dead is not None else ways.get(subnet.zone, astray)
        build.open(Door("transit-gateway", gateway.id, subnet.id), way)


def _enter(gateway: TransitGateway, attachment: TransitAttachment, subnet: Subnet, build: Builder, snapshot: Snapshot) -> int:
    """Through the attachment's subnet, whose ACL judges what comes in also from itself (TGW-8, TGW-9)."""
    then: Ref = _inside(gateway.id, attachment.id, subnet.zone)
    if not (gateway.group_references and attachment.group_references):
        then = _forget(gateway, build, then)
    lost = gateway.origin.of("rules that name a group, outbound")
    rules = RuleList((Rule(Match(by_reference=True), False, lost),), lost, permit=True)
    referenced = Filter(
        place=gateway.place,
        what="group references outbound",
        rules=build.share(rules),
        then=then,
        code="SG_REFERENCES_NOT_PRESERVED",
        cites=("SG-13", "TGW-11"),
        plumbing=True,
    )
    return acl_filter(build, snapshot, subnet, INBOUND, build.add(referenced))


def _forget(gateway: TransitGateway, build: Builder, then: Ref) -> int:
    how = Rewrite(place=gateway.place, what="groups", how=Forget(), then=then, cites=("SG-13", "TGW-11"), plumbing=True)
    return build.add(how)


def _other_zone(gateway: TransitGateway, attachment: TransitAttachment, build: Builder) -> int:
    return build.add(
        Drop(
            place=gateway.place,
            what=f"attachment {attachment.id}",
            code="TGW_ROUTE_AZ_RESTRICTION",
            cites=("TGW-4",),
            origin=attachment.origin.of("zones of its subnets"),
        )
    )


def _unread_subnets(attachment: TransitAttachment, build: Builder) -> int:
    origin = attachment.origin.of("its subnets")
    return build.add(Drop(place=attachment.place, what="subnets (not read)", code="UNKNOWN_RESOURCE", gap=True, origin=origin))


def _dead(attachment: TransitAttachment, gateway: TransitGateway, build: Builder) -> int:
    origin = attachment.origin.of(f"state {attachment.state}")
    return build.add(
        Drop(place=gateway.place, what=f"attachment {attachment.id}", code="BAD_STATE_ATTACHMENT", cites=("TGW-21",), origin=origin)
    )


# --- the table -------------------------------------------------------------------------------------------------------------------


def _table(gateway: TransitGateway, attachment: TransitAttachment, zone: str, build: Builder, snapshot: Snapshot) -> int:
    """The table associated with an attachment, for packets from one zone."""
    name = attachment.table_of(gateway.id)
    table = snapshot.get(TransitRouteTable, name)
    if table is None or not table.read:
        return _no_table(gateway, attachment, name, build, snapshot)
    routes: list[Route] = []
    targets: list[Ref] = []
    for route in routes_of(snapshot, table):
        routes.append(Route(route.prefix, len(targets), route.origin, f"{route.prefix} -> {route.attachment or 'blackhole'}"))
        targets.append(_out(route.attachment, zone, gateway.id) if route.attachment else _drop(gateway, table, route.origin, build))
    missing = Drop(
        place=gateway.place,
        what=f"transit gateway route table {table.id}",
        code="TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT",
        cites=("TGW-2",),
        origin=table.origin.of("no route matches"),
    )
    return build.add(
        Lookup(
            place=gateway.place,
            what=f"transit gateway route table {table.id}",
            table=build.share(PrefixTable(tuple(routes))),
            targets=tuple(targets),
            miss=build.add(missing),
            cites=("TGW-1", "TGW-2"),
        )
    )


def _drop(gateway: TransitGateway, table: TransitRouteTable, origin: Origin, build: Builder) -> int:
    what = f"transit gateway route table {table.id}"
    return build.add(Drop(place=gateway.place, what=what, code="TGW_RTB_BAD_STATE_ROUTE", cites=("TGW-3",), origin=origin))


def _no_table(gateway: TransitGateway, attachment: TransitAttachment, name: str, build: Builder, snapshot: Snapshot) -> int:
    """No association drops; an association that was not read, or with a table whose routes were not read, is a gap."""
    told = not name and snapshot.was_read("transit-gateway-attachment")
    what = f"transit gateway route table {name} (not read)" if name else "transit gateway route table"
    return build.add(
        Drop(
            place=gateway.place,
            what=what if told or name else f"{what} (not read)",
            code="TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION" if told else "TGW_RTB_ROUTES_ARE_UNKNOWN",
            gap=not told,
            cites=("TGW-1",),
            origin=attachment.origin.of("association"),
        )
    )


# --- out of the gateway ----------------------------------------------------------------------------------------------------------


def _leave(gateway: TransitGateway, attachment: TransitAttachment, zone: str, build: Builder, snapshot: Snapshot) -> Ref:
    if attachment.state != AVAILABLE:
        return _dead(attachment, gateway, build)
    if attachment.type == PEERING and len(attachment.gateways) == 2:
        other = attachment.gateways[1 - attachment.gateways.index(gateway.id)]
        return _forget(gateway, build, _inside(other, attachment.id, ""))  # TGW-23: no group references
    if attachment.type != VPC:
        what = f"attachment {attachment.id} of type {attachment.type}"
        return build.add(Drop(place=gateway.place, what=what, code="SIM_UNMODELLED", gap=True, origin=attachment.origin))
    subnets = [subnet for name in attachment.subnets if (subnet := snapshot.get(Subnet, name))]
    if not subnets:
        return _unread_subnets(attachment, build)
    arrive = _arrival(gateway, attachment, subnets, zone, build)
    return arrive if gateway.group_references and attachment.group_references else _forget(gateway, build, arrive)


def _arrival(gateway: TransitGateway, attachment: TransitAttachment, subnets: list[Subnet], zone: str, build: Builder) -> Ref:
    """The subnet a packet appears in: that of the sender's zone, else any (TGW-6); in appliance mode that of the other direction."""
    ways: dict[str, Ref] = {subnet.id: outbound(subnet.id) for subnet in subnets}
    if attachment.appliance_mode and len(subnets) > 1:
        ways = {subnet.id: _remember(gateway, attachment, subnet, build) for subnet in subnets}
    same = next((subnet for subnet in subnets if subnet.zone == zone), None)
    if same is not None and not (attachment.appliance_mode and len(subnets) > 1):
        return ways[same.id]
    if len(subnets) == 1:
        return ways[subnets[0].id]
    options = tuple((subnet.id, ways[subnet.id]) for subnet in subnets)
    then: Ref = build.add(Choice(place=gateway.place, what="zone of arrival", options=options, cites=("TGW-6", "TGW-7")))
    if attachment.appliance_mode:
        for subnet in subnets:
            then = build.add(
                SessionMatch(
                    place=gateway.place,
                    what=f"flows that arrived in {subnet.id}",
                    table=_flows(attachment, subnet),
                    then=outbound(subnet.id),
                    miss=then,
                    cites=("TGW-7",),
                    plumbing=True,
                )
            )
    return then


def _flows(attachment: TransitAttachment, subnet: Subnet) -> str:
    return f"flows that {attachment.id} brought to {subnet.id}"


def _remember(gateway: TransitGateway, attachment: TransitAttachment, subnet: Subnet, build: Builder) -> int:
    origin = attachment.origin.of("appliance mode")
    return build.add(
        Filter(
            place=gateway.place,
            what="appliance mode",
            rules=RuleList((), origin, permit=True),
            then=outbound(subnet.id),
            code="TGW_ATTACH_VPC_AZ_RESTRICTION",
            remembers=_flows(attachment, subnet),
            cites=("TGW-7",),
            plumbing=True,
        )
    )


KIND = Kind(name="transit-path", noun=TransitGateway, about="packets through transit gateways", emit=_emit, extends=True)
