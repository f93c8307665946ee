"""What a Direct Connect gateway does to packets (DX-1, DX-2).

    from a gateway in AWS: the longest block that a virtual interface told -> that interface; anything else is dropped, so that the VPCs
                           behind it do not reach each other
    from on premises:      the longest block that an association tells -> the gateway of the association; anything else is dropped, so
                           that sites do not reach each other either

AWS pages: "Direct Connect gateways", "Allowed prefixes interactions" (2026).
"""

from __future__ import annotations

from simulator.aws.direct_connect import DX, DirectConnectAssociation, DirectConnectGateway, associations_of, told_blocks
from simulator.aws.onprem import Link, into_aws, links_of, outward
from simulator.aws.premises_routes import Way, routes_towards
from simulator.aws.resource import Kind
from simulator.aws.snapshot import Snapshot
from simulator.aws.virtual_private_gateway import VirtualPrivateGateway, from_premises
from simulator.graph.builder import Builder
from simulator.graph.nodes import Choice, Door, Drop, Lookup, PrefixTable, Ref, Route
from simulator.packet.prefix import Prefix


def to_premises(gateway: str) -> Door:
    """Where packets of gateways in AWS enter a Direct Connect gateway."""
    return Door(DX, gateway, "to on premises")


def from_association(association: str) -> Door:
    """Where packets from on premises leave a Direct Connect gateway for a transit gateway."""
    return Door("direct-connect-association", association, "into AWS")


def _emit(gateway: DirectConnectGateway, build: Builder, snapshot: Snapshot) -> None:
    links = [link for link in links_of(snapshot) if link.gateway == gateway.id]
    ways = [Way(link.place.id, outward(link.place), link.routes, link.up, link.complete) for link in links]
    whole = snapshot.was_read("virtual-interface") and all(link.complete for link in links)
    build.open(to_premises(gateway.id), routes_towards(build, gateway.place, gateway.origin, ways, whole=whole, seen={}, rule="DX-1"))
    entered = _inward(gateway, links, build, snapshot)
    for link in links:
        build.open(into_aws(link.place), entered)


def _inward(gateway: DirectConnectGateway, links: list[Link], build: Builder, snapshot: Snapshot) -> int:
    """From on premises to the gateways that told their blocks."""
    found: dict[Prefix, list[DirectConnectAssociation]] = {}
    for association in associations_of(snapshot, gateway.id):
        for block in told_blocks(snapshot, association):
            found.setdefault(block, []).append(association)
    routes: list[Route] = []
    targets: list[Ref] = []
    for block, associations in sorted(found.items()):
        options = tuple((association.gateway, _into(association, snapshot)) for association in associations)
        routes.append(
            Route(block, len(targets), associations[0].origin.of(f"allowed block {block}"), f"{block} -> {associations[0].gateway}")
        )
        several = Choice(place=gateway.place, what="gateways that tell the block", options=options, cites=("MODEL-6",))
        targets.append(options[0][1] if len(options) == 1 else build.add(several))
    return build.add(
        Lookup(
            place=gateway.place,
            what=f"routes of {gateway.id}",
            table=PrefixTable(tuple(routes)),
            targets=tuple(targets),
            miss=build.add(_nowhere(gateway, links, snapshot)),
            cites=("DX-2",),
        )
    )


def _into(association: DirectConnectAssociation, snapshot: Snapshot) -> Door:
    if snapshot.get(VirtualPrivateGateway, association.gateway):
        return from_premises(association.gateway)
    return from_association(association.id)


def _nowhere(gateway: DirectConnectGateway, links: list[Link], snapshot: Snapshot) -> Drop:
    """No association tells the destination; SiteLink between two interfaces may carry it to another site."""
    what, site_links = f"routes of {gateway.id}", [link for link in links if link.site_link]
    if not snapshot.was_read("direct-connect-association"):
        return Drop(place=gateway.place, what=f"{what} (not read)", code="UNKNOWN_RESOURCE", gap=True, cites=("DX-2",))
    if len(site_links) > 1:
        return Drop(place=gateway.place, what="SiteLink", code="SIM_UNMODELLED", gap=True, cites=("DX-2",))
    return Drop(
        place=gateway.place, what=what, code="NO_ROUTE_TO_DESTINATION", cites=("DX-2",), origin=gateway.origin.of("no route matches")
    )


KIND = Kind(
    name="direct-connect-path", noun=DirectConnectGateway, about="packets through Direct Connect gateways", emit=_emit, extends=True
)
