"""What joins VPCs to each other and to services, numbered: peerings, subnets of transit attachments, tables of transit gateways,
gateway endpoints (docs/semantics.md, sections 9, 10, 12).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from simulator.aws.snapshot import Snapshot
from simulator.aws.subnet import Subnet
from simulator.aws.transit_gateway import TransitAttachment, TransitGateway, TransitRouteTable
from simulator.aws.vpc import Vpc
from simulator.aws.vpc_endpoint import VpcEndpoint
from simulator.aws.vpc_peering import VpcPeering

AVAILABLE, ACTIVE = "available", "active"


@dataclass(frozen=True, slots=True)
class Port:
    """A subnet of a transit attachment: one link between fabric and transit gateway."""

    gateway: str
    attachment: TransitAttachment
    subnet: Subnet


@dataclass
class Links:
    """The links of a snapshot. `tables` are those of transit gateways, each for packets from one zone (TGW-6); the zone of packets from
    another transit gateway is empty (TGW-23).
    """

    snapshot: Snapshot
    peerings: list[VpcPeering] = field(default_factory=list)
    ports: list[Port] = field(default_factory=list)
    tables: list[tuple[str, str]] = field(default_factory=list)
    joints: list[TransitAttachment] = field(default_factory=list)
    services: list[VpcEndpoint] = field(default_factory=list)

    def __post_init__(self) -> None:
        snapshot = self.snapshot
        self.peerings = [one for one in snapshot.all(VpcPeering) if one.state == ACTIVE and all(snapshot.get(Vpc, end) for end in one.vpcs)]
        for attachment in snapshot.all(TransitAttachment):
            known = [found for name in attachment.subnets if (found := snapshot.get(Subnet, name))]
            if attachment.type == "vpc" and attachment.state == AVAILABLE and snapshot.get(Vpc, attachment.resource):
                self.ports += [Port(attachment.gateways[0], attachment, subnet) for subnet in known]
            if attachment.type == "peering" and len(attachment.gateways) == 2:
                self.joints.append(attachment)
        for port in self.ports:
            self._table(port.attachment, port.gateway, port.subnet.zone)
        for joint in self.joints:
            for gateway in joint.gateways:
                self._table(joint, gateway, "")
        self.services = [one for one in snapshot.all(VpcEndpoint) if one.type == "Gateway"]

    def _table(self, attachment: TransitAttachment, gateway: str, zone: str) -> None:
        name = attachment.table_of(gateway)
        if name and self.snapshot.get(TransitRouteTable, name) and (name, zone) not in self.tables:
            self.tables.append((name, zone))

    def way_in(self, vpc: str, gateway: str, zone: str) -> str:
        """The device by which a VPC's packets from a zone get into a transit gateway, or the sink they end in: nothing is attached
        (RT-30, TGW-21), or nothing in the zone (TGW-4); empty when the zones were not read.
        """
        mine = {n: port for n, port in enumerate(self.ports) if port.attachment.resource == vpc and port.gateway == gateway}
        if not mine:
            dead = [one for one in self.snapshot.all(TransitAttachment) if one.resource == vpc and gateway in one.gateways]
            return "xblackhole" if all(one.state != AVAILABLE for one in dead) else ""
        same = [n for n, port in mine.items() if port.subnet.zone == zone]
        if same and zone:
            return f"a{same[0]}"
        attachment = next(iter(mine.values())).attachment
        known = zone and all(port.subnet.zone for port in mine.values()) and len(mine) == len(attachment.subnets)
        return "xzone" if known else ""

    def table_number(self, attachment: TransitAttachment, gateway: str, zone: str) -> int:
        """The number of the table associated with an attachment for packets from a zone; -1: none that is built."""
        key = (attachment.table_of(gateway) or "", zone)
        return self.tables.index(key) if key in self.tables else -1

    def arrivals(self, attachment: TransitAttachment, zone: str) -> list[int]:
        """The links by which packets from a zone may come out of an attachment: one, or those AWS chooses from (TGW-6)."""
        mine = [n for n, port in enumerate(self.ports) if port.attachment.id == attachment.id]
        return [n for n in mine if zone and self.ports[n].subnet.zone == zone] or mine

    def peers(self, vpc: str) -> list[str]:
        """The VPCs whose groups a rule of a VPC may name, beside its own (SG-13): those peered with it in one Region."""
        return [end for one in self.peerings if vpc in one.vpcs and self.in_one_region(one) for end in one.vpcs if end != vpc]

    def in_one_region(self, peering: VpcPeering) -> bool:
        """Whether group references work over a peering (PCX-9); a Region that nobody tells is taken to be the other end's."""
        vpcs = [self.snapshot.get(Vpc, end) for end in peering.vpcs]
        told = [region or (vpc.region if vpc else "") for region, vpc in zip(peering.regions, vpcs, strict=True)]
        return told[0] == told[1] or "" in told

    def neighbours(self, vpc: str) -> set[str]:
        """The VPCs whose members a rule that names a group may meet: the peers, and whoever shares a transit gateway (TGW-11)."""
        gateways = {port.gateway for port in self.ports if port.attachment.resource == vpc}
        return {*self.peers(vpc), *(port.attachment.resource for port in self.ports if port.gateway in gateways)} - {vpc}

    def passes_groups(self, gateway: str, attachment: TransitAttachment) -> bool:
        """Whether who sent a packet is known behind a transit gateway and one of its attachments (TGW-11)."""
        found = self.snapshot.get(TransitGateway, gateway)
        return found is not None and found.group_references and attachment.group_references
