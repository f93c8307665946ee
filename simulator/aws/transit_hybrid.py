"""Transit gateways and networks on premises: attachments of VPN connections and of Direct Connect gateways (TGW-15, DX-1, VPN-1).

    leaving the gateway:  the connection is up -> its tunnels; or the Direct Connect gateway, which knows its virtual interfaces
    from on premises:     the table associated with the attachment, like what any attachment brings; in a VPC it arrives in any zone

So on premises reaches by a transit gateway what a virtual private gateway refuses: other networks on premises, and the internet by the
NAT gateway of a VPC (TGW-16), but no gateway endpoint (TGW-18) and no internet gateway as it is (TGW-17).
AWS page: "Transit gateway VPN attachments" (2026).
"""

from __future__ import annotations

from simulator.aws.direct_connect import DX, associations_of
from simulator.aws.direct_connect_path import from_association, to_premises
from simulator.aws.onprem import into_aws, outward
from simulator.aws.resource import Kind
from simulator.aws.snapshot import Snapshot
from simulator.aws.transit_gateway import TransitAttachment, TransitGateway
from simulator.aws.transit_path import beyond, inside
from simulator.aws.transit_routes import VPN
from simulator.aws.vpn_connection import VpnConnection
from simulator.graph.builder import Builder
from simulator.graph.nodes import Drop, Ref


def _emit(attachment: TransitAttachment, build: Builder, snapshot: Snapshot) -> None:
    twins = [found for found in snapshot.by(TransitAttachment, "resource")[attachment.resource] if found.gateways == attachment.gateways]
    if twins[0] is not attachment:
        return
    if attachment.type == VPN:
        _vpn(attachment, build, snapshot)
    elif attachment.type == DX:
        build.open(beyond(attachment.id), to_premises(attachment.resource))
        for association in associations_of(snapshot, attachment.resource):
            if association.gateway in attachment.gateways and association.up:
                build.open(from_association(association.id), inside(association.gateway, attachment.id, ""))


def _vpn(attachment: TransitAttachment, build: Builder, snapshot: Snapshot) -> None:
    connection = snapshot.get(VpnConnection, attachment.resource)
    if connection is None or connection.gateway not in attachment.gateways:
        return
    build.open(into_aws(connection.place), inside(attachment.gateways[0], attachment.id, ""))
    way: Ref = outward(connection.place)
    gateway = snapshot.get(TransitGateway, attachment.gateways[0])
    if not connection.up and gateway is not None:
        down = Drop(
            place=gateway.place,
            what=f"attachment {attachment.id}",
            code="TGW_BAD_STATE_VPN",
            cites=("VPN-2",),
            origin=connection.origin.of("no tunnel is up"),
        )
        way = build.add(down)
    build.open(beyond(attachment.id), way)


KIND = Kind(name="transit-hybrid", noun=TransitAttachment, about="VPN and Direct Connect on transit gateways", emit=_emit, extends=True)
