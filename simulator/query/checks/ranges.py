"""Blocks that overlap: of peered VPCs, of VPCs on one transit gateway (VS401, VS402). Subnets that overlap are refused by the readers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from simulator.aws.snapshot import Snapshot
from simulator.aws.transit_gateway import AVAILABLE, VPC, TransitGateway, TransitRouteTable, attachments_of
from simulator.aws.vpc import Vpc
from simulator.aws.vpc_peering import ACTIVE, VpcPeering
from simulator.packet.prefix import Prefix
from simulator.query.checks.given import Given, finding
from simulator.query.findings import Finding


def find(given: Given) -> Iterator[Finding]:
    """All findings about blocks that overlap."""
    if given.wants("VS401"):
        yield from _peered(given.snapshot)
    if given.wants("VS402"):
        yield from _on_transit_gateways(given.snapshot)


def _peered(snapshot: Snapshot) -> Iterator[Finding]:
    for peering in snapshot.all(VpcPeering):
        if peering.state == ACTIVE and peering.vpcs[0] != peering.vpcs[1]:
            one, two = peering.vpcs
            shared = _shared(peering.blocks_of(0, snapshot), peering.blocks_of(1, snapshot))
            if shared:
                told = f"peering `{peering.id}` joins `{one}` and `{two}`, whose blocks {shared[0]} and {shared[1]} overlap"
                yield finding("VS401", told, peering.origin)


def _on_transit_gateways(snapshot: Snapshot) -> Iterator[Finding]:
    """Attachments that should propagate routes and may not, since an earlier one has the addresses."""
    for gateway in snapshot.all(TransitGateway):
        propagating = {name for table in snapshot.all(TransitRouteTable) if table.gateway == gateway.id for name in table.propagations}
        attached = [one for one in attachments_of(snapshot, gateway.id) if one.type == VPC and one.state == AVAILABLE]
        known = [(one, vpc) for one in sorted(attached, key=lambda one: one.created) if (vpc := snapshot.get(Vpc, one.resource))]
        for at, (attachment, vpc) in enumerate(known):
            first = next((other for _, other in known[:at] if other.id != vpc.id and _shared(other.cidrs, vpc.cidrs)), None)
            if first and attachment.id in propagating:
                one, two = _shared(first.cidrs, vpc.cidrs) or ("", "")
                told = f"transit gateway `{gateway.id}` joins `{first.id}` ({one}) and `{vpc.id}` ({two}), which overlap"
                yield finding("VS402", f"{told}: no routes of `{vpc.id}` are propagated", attachment.origin)


def _shared(ours: Iterable[Prefix], theirs: Iterable[Prefix]) -> tuple[Prefix, Prefix] | None:
    blocks = list(theirs)
    return next(((one, two) for one in ours for two in blocks if one.overlaps(two)), None)
