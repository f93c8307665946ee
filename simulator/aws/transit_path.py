"""What a transit gateway does to packets (TGW-1 to TGW-17, TGW-21, TGW-23). Which of its routes wins: `transit_routes.py`.

    from a subnet: an attachment of the VPC in the sender's zone -> ACL inbound of the attachment's subnet -> the table associated
        with the attachment -> the attachment of the best route
    arriving: the attachment's subnet in the sender's zone, if there is one, else any of them -> that subnet, as if sent from it

A packet that arrives leaves the attachment's subnet like any other: on-link without ACL (TGW-9), else ACL outbound and that subnet's
route table (TGW-5, TGW-8), which is how inspection and central egress work. Zones are part of the graph and not a mark: the table of
an attachment is one lookup for each zone packets come from.

In appliance mode the zone a flow arrived in is remembered, or that in which a host of the VPC sent it out, and its other direction
arrives in the same (TGW-7).

Where what an attachment propagates was not read (its VPC, or what BGP told), static routes may lose to a longer one and end in a gap;
the blocks of VPCs that were read are taken not to be overlapped.
"""

from __future__ import annotations

from collections.abc import Iterable

from simulator.aws.interface_path import at_endpoints, direct
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
)
from simulator.aws.transit_routes import routes_of
from simulator.graph.builder import Builder
from simulator.graph.nodes import Choice, Door, Drop, Filter, Forget, Lookup, PrefixTable, Ref, Rewrite, Route, Rule, RuleList, SessionMatch
from simulator.origin import Origin
from simulator.packet.space import Match

WITHOUT_REFERENCES = "use1-az3"  # the one zone without security group referencing (TGW-11)


def inside(gateway: str, attachment: str, zone: str) -> Door:
    """Where packets that an attachment brings from a zone meet the gateway's table."""
    return Door("transit-gateway", gateway, f"from {attachment} in {zone}")


def beyond(attachment: str, zone: str = "") -> Door:
    """What an attachment of another type than VPC and peering leads to, for packets from a zone where that counts."""
    return Door("transit-gateway-attachment", attachment, f"beyond from {zone}" if zone else "beyond")


def _out(attachment: str, zone: str, gateway: str) -> Door:
    """Where packets that come from a zone leave by an attachment of a gateway."""
    return Door("transit-gateway-attachment", attachment, f"out of {gateway} from {zone}")


def _emit(gateway: TransitGateway, build: Builder, snapshot: Snapshot) -> None:
    attachments = list(attachments_of(snapshot, gateway.id))
    # From a peered gateway packets come without a zone of ours.
    everywhere = sorted({"", *(zone for attachment in attachments for zone in _zones(attachment, snapshot))})
    lookups: dict[tuple[str, str], int] = {}  # by table and zone: the attachments associated with a table share them
    for attachment in attachments:
        table = _associated(attachment, gateway, snapshot)
        for zone in everywhere:
            if attachment.type == VPC and not zone:
                continue
            if table is None:
                way = _no_table(gateway, attachment, build)
            elif (way := lookups.get((table.id, zone), -1)) < 0:
                way = lookups[table.id, zone] = _lookup(gateway, table, zone, build, snapshot)
            build.open(inside(gateway.id, attachment.id, zone), way)
        for zone in everywhere:
            build.open(_out(attachment.id, zone, gateway.id), _leave(gateway, attachment, zone, build, snapshot))
    # A VPC has one attachment, and those it had before may still be listed.
    current = {found.resource: found for found in sorted(attachments, key=lambda found: found.state == AVAILABLE) if found.type == VPC}
    for attachment in current.values():
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
    by_zone = {subnet.zone: subnet for name in attachment.subnets if (subnet := snapshot.get(Subnet, name)) and subnet.zone}
    ways = {zone: _enter(gateway, attachment, subnet, build, snapshot) for zone, subnet in by_zone.items()}
    unknown = _unread_subnets(attachment, build)
    astray = _other_zone(gateway, attachment, build) if by_zone and len(by_zone) == len(attachment.subnets) else unknown
    dead = None if attachment.state == AVAILABLE else _dead(attachment, gateway, build)
    for subnet in snapshot.by(Subnet, "vpc")[attachment.resource]:
        way = ways.get(subnet.zone, astray) if subnet.zone else unknown
        build.open(Door("transit-gateway", gateway.id, subnet.id), way if dead is None else dead)


def _enter(gateway: TransitGateway, attachment: TransitAttachment, subnet: Subnet, build: Builder, snapshot: Snapshot) -> int:
    """Through the attachment's subnet, whose ACL judges what comes in also from itself (TGW-8, TGW-9)."""
    then = _with_groups(gateway, attachment, subnet, inside(gateway.id, attachment.id, subnet.zone), build, snapshot)
    if _keeps(attachment):
        then = _remember(gateway, attachment, _left(attachment, subnet), then, build)
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


def _with_groups(
    gateway: TransitGateway, attachment: TransitAttachment, subnet: Subnet, then: Ref, build: Builder, snapshot: Snapshot
) -> Ref:
    """Who sent a packet is passed on where gateway, attachment and zone support it (TGW-11)."""
    supported = gateway.group_references and attachment.group_references and subnet.zone != WITHOUT_REFERENCES
    if supported:
        lost = frozenset(map(direct, at_endpoints(snapshot)))  # references of interface endpoints are not supported
        return _forget(gateway, build, then, lost) if lost else then
    return _forget(gateway, build, then)


def _forget(gateway: TransitGateway, build: Builder, then: Ref, groups: frozenset[str] | None = None) -> int:
    how = Rewrite(place=gateway.place, what="groups", how=Forget(groups), then=then, cites=("SG-13", "TGW-11"), plumbing=True)
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


def _associated(attachment: TransitAttachment, gateway: TransitGateway, snapshot: Snapshot) -> TransitRouteTable | None:
    """The table associated with an attachment, if its routes were read."""
    table = snapshot.get(TransitRouteTable, attachment.table_of(gateway.id) or "")
    return None if table is None or table.unread else table


def _lookup(gateway: TransitGateway, table: TransitRouteTable, zone: str, build: Builder, snapshot: Snapshot) -> int:
    """A table, for packets from one zone."""
    found, unread = routes_of(snapshot, table)
    miss = _unread_routes(gateway, table, unread, build) if unread else _no_route(gateway, table, build)
    routes: list[Route] = []
    targets: list[Ref] = []
    for route in found:
        routes.append(Route(route.prefix, len(targets), route.origin, str(route)))
        options = tuple((name, _out(name, zone, gateway.id)) for name in route.attachments)
        if unread and not route.propagated:
            targets.append(miss)
        elif len(options) > 1:
            targets.append(build.add(Choice(place=gateway.place, what="equal routes", options=options, cites=("TGW-19",))))
        else:
            targets.append(options[0][1] if options else _drop(gateway, table, route.origin, build))
    return build.add(
        Lookup(
            place=gateway.place,
            what=f"transit gateway route table {table.id}",
            table=build.share(PrefixTable(tuple(routes))),
            targets=tuple(targets),
            miss=miss,
            cites=("TGW-1", "TGW-2"),
        )
    )


def _no_route(gateway: TransitGateway, table: TransitRouteTable, build: Builder) -> int:
    return build.add(
        Drop(
            place=gateway.place,
            what=f"transit gateway route table {table.id}",
            code="TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT",
            cites=("TGW-2",),
            origin=table.origin.of("no route matches"),
        )
    )


def _unread_routes(gateway: TransitGateway, table: TransitRouteTable, attachments: list[str], build: Builder) -> int:
    what = f"what {', '.join(attachments)} propagates to transit gateway route table {table.id} (not read)"
    origin = table.origin.of("propagations")
    return build.add(Drop(place=gateway.place, what=what, code="TGW_RTB_ROUTES_ARE_UNKNOWN", gap=True, cites=("TGW-14",), origin=origin))


def _drop(gateway: TransitGateway, table: TransitRouteTable, origin: Origin, build: Builder) -> int:
    what = f"transit gateway route table {table.id}"
    return build.add(Drop(place=gateway.place, what=what, code="TGW_RTB_BAD_STATE_ROUTE", cites=("TGW-3",), origin=origin))


def _no_table(gateway: TransitGateway, attachment: TransitAttachment, build: Builder) -> int:
    """No association drops; one that was not read, or with a table that was not, is a gap."""
    name = attachment.table_of(gateway.id)
    told, what = name == "", f"transit gateway route table {name or ''}".rstrip()
    return build.add(
        Drop(
            place=gateway.place,
            what=what if told else f"{what} (not read)",
            code="TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION" if told else "TGW_RTB_ROUTES_ARE_UNKNOWN",
            gap=not told,
            cites=("TGW-1",),
            origin=Origin(name, "its routes") if name else attachment.origin.of("association"),
        )
    )


# --- out of the gateway ----------------------------------------------------------------------------------------------------------


def _leave(gateway: TransitGateway, attachment: TransitAttachment, zone: str, build: Builder, snapshot: Snapshot) -> Ref:
    if attachment.state != AVAILABLE:
        return _dead(attachment, gateway, build)
    if attachment.type == PEERING and len(attachment.gateways) == 2:
        other = attachment.gateways[1 - attachment.gateways.index(gateway.id)]
        return _forget(gateway, build, inside(other, attachment.id, ""))  # TGW-23: no group references
    if attachment.type != VPC:
        what = f"attachment {attachment.id} of type {attachment.type}"
        build.offer(
            beyond(attachment.id),
            build.add(Drop(place=gateway.place, what=what, code="SIM_UNMODELLED", gap=True, origin=attachment.origin)),
        )
        return beyond(attachment.id, zone)._replace(within=beyond(attachment.id).side)
    return _arrival(gateway, attachment, zone, build, snapshot)


def _arrival(gateway: TransitGateway, attachment: TransitAttachment, zone: str, build: Builder, snapshot: Snapshot) -> Ref:
    """The subnet a packet appears in: that of the sender's zone, else any (TGW-6); in appliance mode that of the other direction, or
    of both ends, else any (TGW-7). One that was not read may be the one.
    """
    subnets = [subnet for name in attachment.subnets if (subnet := snapshot.get(Subnet, name))]
    keeps = _keeps(attachment)
    ways: dict[str, Ref] = {}
    for subnet in subnets:
        way: Ref = outbound(subnet.id)
        if keeps:
            way = _remember(gateway, attachment, _brought(attachment, subnet), way, build)
        ways[subnet.id] = _with_groups(gateway, attachment, subnet, way, build, snapshot)
    same = next((ways[subnet.id] for subnet in subnets if subnet.zone == zone and zone), None)
    if same is not None and not keeps:
        return same
    if not subnets or len(subnets) < len(attachment.subnets):
        ways[""] = _unread_subnets(attachment, build)
    then = next(iter(ways.values()))
    if len(ways) > 1:
        options = tuple((name or "a subnet that was not read", way) for name, way in ways.items())
        then = build.add(Choice(place=gateway.place, what="zone of arrival", options=options, cites=("TGW-6", "TGW-7")))
    if not keeps:
        return then
    if same is not None:
        then = _both_in(zone, gateway, same, then, build, snapshot)
    for flows in (_left, _brought):  # the zone a flow arrived in counts before the one it left by
        for subnet in subnets:
            then = build.add(
                SessionMatch(
                    place=gateway.place,
                    what=f"flows of {subnet.id}",
                    table=flows(attachment, subnet),
                    then=_with_groups(gateway, attachment, subnet, outbound(subnet.id), build, snapshot),
                    miss=then,
                    cites=("TGW-7",),
                    plumbing=True,
                )
            )
    return then


def _keeps(attachment: TransitAttachment) -> bool:
    """Whether the zone of a flow has to be remembered."""
    return attachment.appliance_mode and len(attachment.subnets) > 1


def _both_in(zone: str, gateway: TransitGateway, same: Ref, miss: Ref, build: Builder, snapshot: Snapshot) -> int:
    """Appliance mode: a flow between two hosts of one zone stays in this zone (TGW-7)."""
    vpcs = {attachment.resource for attachment in attachments_of(snapshot, gateway.id)}
    known = [(cidr, subnet.zone == zone) for subnet in snapshot.all(Subnet) if subnet.vpc in vpcs for cidr in subnet.cidrs]
    elsewhere = [cidr for cidr, here in known if not here]
    own = sorted({cidr for cidr, here in known if here and not any(map(cidr.overlaps, elsewhere))})
    origin = gateway.origin.of(f"subnets in zone {zone}")
    return build.add(
        Lookup(
            place=gateway.place,
            what=f"destinations in zone {zone}",
            table=build.share(PrefixTable(tuple(Route(cidr, 0, origin) for cidr in own))),
            targets=(same,),
            miss=miss,
            cites=("TGW-7",),
            plumbing=True,
        )
    )


def _brought(attachment: TransitAttachment, subnet: Subnet) -> str:
    return f"flows that {attachment.id} brought to {subnet.id}"


def _left(attachment: TransitAttachment, subnet: Subnet) -> str:
    return f"flows that left by {attachment.id} in {subnet.id}"


def _remember(gateway: TransitGateway, attachment: TransitAttachment, flows: str, then: Ref, build: Builder) -> int:
    origin = attachment.origin.of("appliance mode")
    return build.add(
        Filter(
            place=gateway.place,
            what="appliance mode",
            rules=RuleList((), origin, permit=True),
            then=then,
            code="TGW_ATTACH_VPC_AZ_RESTRICTION",
            remembers=flows,
            cites=("TGW-7",),
            plumbing=True,
        )
    )


KIND = Kind(name="transit-path", noun=TransitGateway, about="packets through transit gateways", emit=_emit, extends=True)
