"""The implicit router between the subnets of a VPC, and what AWS makes with every VPC (MODEL-9, MODEL-10, VPC-14).

The router is no hop that filters: it knows the subnets, and drops what lies in the VPC's blocks but in no subnet.
AWS page: "Subnet route tables" (2026).
"""

from __future__ import annotations

from simulator.aws.network_acl import NetworkAcl, default_acl
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.resource import Kind
from simulator.aws.route_table import LOCAL, RouteTable
from simulator.aws.security_group import SecurityGroup, default_group
from simulator.aws.snapshot import Draft, Snapshot
from simulator.aws.subnet import Subnet, inbound
from simulator.aws.vpc import Vpc, router
from simulator.graph.builder import Builder
from simulator.graph.nodes import Drop, Lookup, PrefixTable, Ref, Route
from simulator.origin import Origin
from simulator.packet.prefix import Prefix
from simulator.problems import Problems

SUBNET_LIMIT = 200


def _complete(vpc: Vpc, draft: Draft) -> None:
    """What AWS makes with every VPC (VPC-14). Of a described VPC, what was not read is not invented here."""
    if not vpc.authored:
        return
    if not any(group.default and group.vpc == vpc.id for group in draft.all(SecurityGroup)):
        draft.add(default_group(vpc.id))
    if not any(acl.default and acl.vpc == vpc.id for acl in draft.all(NetworkAcl)):
        draft.add(default_acl(vpc.id))
    if not any(table.main and table.vpc == vpc.id for table in draft.all(RouteTable)):
        table_id = f"{vpc.id}-main"
        draft.add(RouteTable(table_id, "", vpc.id, True, (), (), (), Origin(table_id, place=vpc.origin.place)))


def _imply_vpc(subnet: Subnet, draft: Draft) -> None:
    """Describe answers without the VPCs still tell their blocks: the local routes (RT-17)."""
    if not subnet.vpc or draft.get(Vpc, subnet.vpc) or draft.was_read("vpc"):
        return
    local = {
        entry.destination
        for table in draft.all(RouteTable)
        for entry in table.routes
        if table.vpc == subnet.vpc and entry.kind == LOCAL and isinstance(entry.destination, Prefix)
    }
    if local:
        draft.add(Vpc(subnet.vpc, "", tuple(sorted(local)), Origin(subnet.vpc, place=subnet.origin.place)))


def _check(vpc: Vpc, snapshot: Snapshot, problems: Problems) -> None:
    """Report subnets of a VPC that overlap (VPC-8). Sorted by first address, an overlap shows between neighbours."""
    blocks = sorted(
        ((cidr, subnet) for subnet in snapshot.by(Subnet, "vpc")[vpc.id] for cidr in subnet.cidrs),
        key=lambda pair: pair[0],
    )
    widest = blocks[:1]  # blocks nest or lie apart: one that overlaps an earlier one lies in the widest so far
    for two, second in blocks[1:]:
        one, first = widest[0]
        if one.overlaps(two):
            message = f"subnets `{first.id}` ({one}) and `{second.id}` ({two}) overlap; AWS refuses that"
            problems.error(message, second.origin.place)
        else:
            widest = [(two, second)]
    if len({subnet.id for _, subnet in blocks}) > SUBNET_LIMIT:
        problems.warn(f"VPC `{vpc.id}` has more than {SUBNET_LIMIT} subnets; AWS allows that only with a raised quota", vpc.origin.place)


def _emit(vpc: Vpc, build: Builder, snapshot: Snapshot) -> None:
    subnets = snapshot.by(Subnet, "vpc")[vpc.id]
    routes: list[Route] = []
    targets: list[Ref] = []
    for subnet in subnets:
        for cidr in subnet.cidrs:
            routes.append(Route(cidr, len(targets), subnet.origin.of("its block"), subnet.id))
        targets.append(inbound(subnet.id))
    for interface in snapshot.by(NetworkInterface, "vpc")[vpc.id]:
        if snapshot.get(Subnet, interface.subnet) is None:  # an address in a subnet that was not read is somebody's
            routes += [Route(block, len(targets), interface.origin) for block in interface.blocks]
            targets.append(_unread(vpc, interface.subnet, build))
    known = snapshot.was_read("subnet")
    nowhere = Drop(
        place=vpc.place,
        what="addresses of no subnet" if known else "subnets (not read)",
        code="NO_POSSIBLE_DESTINATION" if known else "UNKNOWN_RESOURCE",
        gap=not known,
        cites=("MODEL-10",),
        origin=vpc.origin.of("its blocks"),
    )
    build.open(
        router(vpc.id),
        build.add(
            Lookup(
                place=vpc.place,
                what="implicit router",
                table=build.share(PrefixTable(_unique(routes))),
                targets=tuple(targets),
                miss=build.add(nowhere),
                cites=("MODEL-9",),
                plumbing=True,
            )
        ),
    )


def _unread(vpc: Vpc, subnet: str, build: Builder) -> int:
    return build.add(Drop(place=vpc.place, what=f"subnet {subnet} (not read)", code="UNKNOWN_RESOURCE", gap=True, cites=("MODEL-10",)))


def _unique(routes: list[Route]) -> tuple[Route, ...]:
    """One route for each block: overlapping subnets are reported by the subnet's check, the first one written wins here."""
    by_prefix: dict[Prefix, Route] = {route.prefix: route for route in reversed(routes)}
    return tuple(sorted(by_prefix.values(), key=lambda route: route.prefix))


KIND = Kind(
    name="implicit-router",
    noun=Vpc,
    about="what joins the subnets of a VPC",
    complete=_complete,
    check=_check,
    emit=_emit,
    extends=True,
)
UNREAD_VPC = Kind(name="unread-vpc", noun=Subnet, about="VPCs known only by their subnets", complete=_imply_vpc, extends=True)
