"""Which route of a transit gateway's table wins, and what attachments propagate to it (TGW-2, TGW-12 to TGW-14, TGW-19).

A static route goes before what is propagated. Of propagated routes with one prefix those of VPCs go first, then Direct Connect, then VPN,
there the shorter AS path and then the lower MED; AWS uses equal ones side by side, or one of them (TGW-19), which nobody can foresee.
A connection that is down propagates nothing (VPN-2).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from simulator.aws.direct_connect import DX, TRANSIT, VirtualInterface
from simulator.aws.snapshot import Snapshot
from simulator.aws.transit_gateway import GONE, PEERING, VPC, TransitAttachment, TransitRouteTable, attachments_of
from simulator.aws.vpc import Vpc
from simulator.aws.vpn_connection import LearntRoute, VpnConnection
from simulator.origin import Origin
from simulator.packet.prefix import Prefix

VPN = "vpn"
Rank = tuple[int, int, int]
STATIC: Rank = (0, 0, 0)


class TransitWinner(NamedTuple):
    """The route that wins for one prefix: its attachments, several where AWS uses equal ones, none for a blackhole."""

    prefix: Prefix
    attachments: tuple[str, ...]
    origin: Origin
    propagated: bool = False

    def __str__(self) -> str:
        return f"{self.prefix} -> {' or '.join(self.attachments) or 'blackhole'}"


def routes_of(snapshot: Snapshot, table: TransitRouteTable) -> tuple[list[TransitWinner], list[str]]:
    """One route for each prefix (TGW-13), and beside them the attachments whose propagated routes were not read."""
    return snapshot.index(("transit routes", table.id), lambda: _routes_of(snapshot, table))


def _routes_of(snapshot: Snapshot, table: TransitRouteTable) -> tuple[list[TransitWinner], list[str]]:
    best: dict[Prefix, tuple[Rank, TransitWinner]] = {}
    for route in sorted(table.routes, key=lambda route: route.propagated):
        winner = TransitWinner(route.prefix, (route.attachment,) if route.attachment else (), route.origin, route.propagated)
        first = best.setdefault(route.prefix, (STATIC, winner))[1]
        if first.propagated == route.propagated and first.attachments and route.attachment not in ("", *first.attachments):
            best[route.prefix] = (STATIC, first._replace(attachments=(*first.attachments, route.attachment)))
    told = {route.attachment for route in table.routes if route.propagated}
    sources = [found for name in table.propagations if name not in told and (found := snapshot.get(TransitAttachment, name))]
    unread: list[str] = []
    for attachment in sources:
        if attachment.type == PEERING:
            continue  # it propagates nothing (TGW-23)
        if not _is_read(snapshot, attachment):
            unread.append(attachment.id)
    for attachment, prefix, rank in _propagated(snapshot, sources, table.gateway):
        origin = table.origin.of(f"propagated route {prefix} of {attachment.id}")
        winner = TransitWinner(prefix, (attachment.id,), origin, propagated=True)
        known, first = best.get(prefix, (rank, winner))
        if rank == known and first.attachments and attachment.id not in first.attachments:
            winner = first._replace(attachments=(*first.attachments, attachment.id))
        if rank <= known:
            best[prefix] = (rank, winner)
    return [best[prefix][1] for prefix in sorted(best)], unread


def _is_read(snapshot: Snapshot, attachment: TransitAttachment) -> bool:
    """Whether all is known that an attachment propagates."""
    if attachment.type == VPC:
        return snapshot.get(Vpc, attachment.resource) is not None
    if attachment.type == VPN:
        connection = snapshot.get(VpnConnection, attachment.resource)
        return connection is not None and (connection.complete or connection.static)
    interfaces = list(snapshot.by(VirtualInterface, "gateway")[attachment.resource])
    return attachment.type == DX and snapshot.was_read("virtual-interface") and all(found.complete for found in interfaces)


def _propagated(snapshot: Snapshot, sources: list[TransitAttachment], gateway: str) -> Iterator[tuple[TransitAttachment, Prefix, Rank]]:
    overlapping = snapshot.index(("overlapping attachments", gateway), lambda: _overlapping(snapshot, gateway))
    for attachment in sorted(sources, key=lambda source: (source.state in GONE, source.created)):
        vpc = snapshot.get(Vpc, attachment.resource) if attachment.type == VPC else None
        if vpc is not None and attachment.id not in overlapping:
            yield from ((attachment, block, (1, 0, 0)) for block in vpc.cidrs)
        order = 2 if attachment.type == DX else 3
        yield from ((attachment, route.prefix, (order, route.as_path, route.med)) for route in learnt_by(snapshot, attachment))


def _overlapping(snapshot: Snapshot, gateway: str) -> frozenset[str]:
    """The attachments whose VPC has addresses of one that was attached earlier, whatever tables they propagate to (TGW-12)."""
    found: set[str] = set()
    taken: list[Prefix] = []
    for attachment in sorted(attachments_of(snapshot, gateway), key=lambda one: (one.state in GONE, one.created)):
        vpc = snapshot.get(Vpc, attachment.resource) if attachment.type == VPC else None
        blocks = vpc.cidrs if vpc else ()
        if any(block.overlaps(other) for block in blocks for other in taken):
            found.add(attachment.id)
        taken += blocks
    return frozenset(found)


def learnt_by(snapshot: Snapshot, attachment: TransitAttachment) -> tuple[LearntRoute, ...]:
    """What BGP told an attachment of a VPN connection or of a Direct Connect gateway."""
    if attachment.type == VPN:
        connection = snapshot.get(VpnConnection, attachment.resource)
        return tuple(route for route in connection.routes if not route.static) if connection and connection.up else ()
    if attachment.type == DX:
        interfaces = snapshot.by(VirtualInterface, "gateway")[attachment.resource]
        return tuple(route for found in interfaces if found.up and found.type == TRANSIT for route in found.routes)
    return ()
