"""Transit gateways (section 10 of docs/semantics.md): attachments, their tables, zones, and where a packet arrives."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.aws.subnet import Subnet
from simulator.aws.transit_gateway import TransitAttachment, TransitGateway, TransitRouteTable
from simulator.aws.vpc import Vpc
from simulator.packet.prefix import Prefix
from tests.oracle.by_the_book.gateways import TRANSIT
from tests.oracle.by_the_book.headers import mirrored
from tests.oracle.by_the_book.on_premises import OnPremises
from tests.oracle.by_the_book.result import Rule, Stop
from tests.oracle.by_the_book.sites import Line, lines_of
from tests.oracle.by_the_book.world import within

VPN, DIRECT_CONNECT, FIREWALL = "vpn", "direct-connect-gateway", "network-function"
WRITTEN, TOLD = (0, 0, 0), (1, 0, 0)  # TGW-2: static, propagated by a VPC


@dataclass(frozen=True)
class Way:
    """One route of a transit gateway's table; `attachment` empty: a blackhole (TGW-3). `rank`: TGW-2, the better the smaller."""

    prefix: Prefix
    rank: tuple[int, int, int]
    attachment: str
    rule: Rule


class Transit(OnPremises):
    """Stages of a `Journey`, which has those of interfaces and subnets."""

    def into_transit(self, gateway: TransitGateway, subnet: Subnet) -> None:
        """W-10, forward 4 to 6: by the attachment of the VPC that has a subnet in the sender's zone (TGW-4)."""
        attachment = self.attachment_of(gateway, subnet.vpc)
        door = self.subnet_in(attachment, subnet.zone) if attachment else None
        if door is None or attachment.state != "available":
            self.at(gateway.id, "in")
            works = attachment is not None and attachment.state == "available"
            self.check("attached (RT-30), and it works (TGW-21)", works, "BAD_STATE_ATTACHMENT")
            self.check("attached in this zone (TGW-4)", door is not None, "TGW_ROUTE_AZ_RESTRICTION")
        self.enter_subnet(door, "on the way out")  # TGW-8, and TGW-9 where it is the sender's own
        self.at(gateway.id, f"from {door.id}")
        self.check("not by reference (SG-13)", not self.marks.by_reference, "SG_REFERENCES_NOT_PRESERVED")
        if not (gateway.group_references and attachment.group_references):  # TGW-11
            self.forget_sender()
        self.keep_zone(attachment, "out", subnet.zone)
        self.through(gateway, attachment, subnet.zone)

    def through(self, gateway: TransitGateway, came_by: TransitAttachment, zone: str) -> None:
        """TGW-1 to TGW-3: the table associated with the attachment, its best route, and out by that route's attachment."""
        table_id = dict(came_by.tables).get(gateway.id)
        self.at(gateway.id, f"table {table_id} from {zone}")
        self.check("a table (TGW-1)", table_id != "", "TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION")
        table = self.world.snapshot.get(TransitRouteTable, table_id or "")
        if table is None or table.unread:
            raise Stop(gateway.id, "SIM_UNMODELLED")
        found = best(self.ways(gateway, table), self.header.destination)
        if self.is_learning_unread(table) and (not found or found[0].rank == WRITTEN):
            raise Stop(gateway.id, "SIM_UNMODELLED")  # TGW-14: a longer route may be among what nobody read
        if not found:
            raise Stop(gateway.id, "TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT")
        way = found[self.choose("line", 0, len(found) - 1, 0)] if len(found) > 1 else found[0]  # TGW-19
        leads_to = self.world.snapshot.get(TransitAttachment, way.attachment)
        self.check("route is alive (TGW-3)", way.attachment != "", "TGW_RTB_BAD_STATE_ROUTE", frozenset(one.rule for one in found))
        if leads_to is None or leads_to.type not in ("vpc", "peering", VPN, DIRECT_CONNECT, FIREWALL):
            raise Stop(gateway.id, "SIM_UNMODELLED")
        self.check("the attachment works (TGW-21)", leads_to.state == "available", "BAD_STATE_ATTACHMENT")
        if leads_to.type == "peering":  # TGW-23
            far_id = next((one for one in leads_to.gateways if one != gateway.id), "")
            far = self.world.snapshot.get(TransitGateway, far_id)
            if far is None:
                raise Stop(gateway.id, "SIM_UNMODELLED")
            self.forget_sender()  # SG-13
            self.through(far, leads_to, "")  # nothing says that the zone is known there (TGW-6, TGW-23): each is possible
            return
        self.at(gateway.id, f"out by {leads_to.id} from {zone}")
        if leads_to.type == FIREWALL:
            self.through_firewall(gateway, leads_to, zone)
            return
        if leads_to.type == DIRECT_CONNECT:
            self.into_direct_connect(leads_to.resource)
            return
        if leads_to.type == VPN:
            line = self.line(leads_to.resource)
            self.check("it is up (VPN-2)", line.up, "TGW_BAD_STATE_VPN")
            self.into_site(line)
            return
        if not leads_to.group_references:
            self.forget_sender()  # TGW-11: both attachments
        self.arrive_by(leads_to, zone)

    def arrive_by(self, attachment: TransitAttachment, zone: str) -> None:
        """TGW-5 to TGW-7: which of the attachment's subnets, and on by that subnet's table."""
        subnet = self.arrival(attachment, zone)
        self.keep_zone(attachment, "in", subnet.zone)
        self.entered = TRANSIT
        self.leave_subnet(subnet)

    def arrival(self, attachment: TransitAttachment, zone: str) -> Subnet:
        """TGW-6: in the zone of the source, else any. TGW-7: in appliance mode, that of the flow, or as a hash has it."""
        subnets = [self.world.subnet(subnet_id) for subnet_id in attachment.subnets]
        near = self.subnet_in(attachment, zone)
        if attachment.appliance_mode:
            kept = self.kept_zone(attachment)
            if kept is not None:
                return self.subnet_in(attachment, kept)
            if self.zone_of_destination(attachment) != zone:
                near = None
        if near is not None:
            return near
        index = self.choose("zone", 0, len(subnets) - 1, 0) if len(subnets) > 1 else 0
        return subnets[index]

    def keep_zone(self, attachment: TransitAttachment, way: str, zone: str) -> None:
        """TGW-7: a flow keeps its zone at an attachment in appliance mode, whichever way (`in`, `out`) it went first."""
        if attachment.appliance_mode:
            self.sessions.zones.setdefault((attachment.id, way, self.header), zone)

    def kept_zone(self, attachment: TransitAttachment) -> str | None:
        """The zone in which the other direction of this flow came into the VPC, else that in which it left it."""
        for way in ("in", "out"):
            for (where, went, sent), zone in self.sessions.zones.items():
                if (where, went) == (attachment.id, way) and mirrored(sent) == self.header:
                    return zone
        return None

    def zone_of_destination(self, attachment: TransitAttachment) -> str | None:
        """The zone of the destination, where an attached VPC has it."""
        for other in self.world.snapshot.all(TransitAttachment):
            if other.type == "vpc" and set(other.gateways) & set(attachment.gateways):
                subnet = self.world.subnet_with(other.resource, self.header.destination)
                if subnet is not None:
                    return subnet.zone
        return None

    def attachment_of(self, gateway: TransitGateway, vpc_id: str) -> TransitAttachment | None:
        """The VPC's attachment to the gateway: one at most."""
        for attachment in self.world.snapshot.all(TransitAttachment):
            if attachment.type == "vpc" and attachment.resource == vpc_id and gateway.id in attachment.gateways:
                return attachment
        return None

    def subnet_in(self, attachment: TransitAttachment, zone: str) -> Subnet | None:
        """The attachment's subnet in a zone."""
        for subnet_id in attachment.subnets:
            subnet = self.world.subnet(subnet_id)
            if subnet.zone == zone:
                return subnet
        return None

    def ways(self, gateway: TransitGateway, table: TransitRouteTable) -> list[Way]:
        """What is in the table: what was written, and what attachments propagate (TGW-12 to TGW-14)."""
        found = [
            Way(route.prefix, TOLD if route.propagated else WRITTEN, route.attachment, (table.id, route.origin.part))
            for route in table.routes
        ]
        for attachment in self.world.snapshot.all(TransitAttachment):
            if attachment.id not in table.propagations:
                continue
            vpc = self.world.snapshot.get(Vpc, attachment.resource)
            told: list[tuple[Prefix, tuple[int, int, int]]] = []
            if attachment.type == "vpc" and vpc is not None and not self.overlapped(gateway, attachment, vpc):
                told = [(block, TOLD) for block in vpc.cidrs]
            elif attachment.type == VPN:
                line = self.line(attachment.resource)
                told = [(route.prefix, (3, route.as_path, route.med)) for route in line.routes if line.up and not route.static]  # VPN-2
            elif attachment.type == DIRECT_CONNECT:
                lines = [line for line in lines_of(self.world.snapshot) if line.gateway == attachment.resource and line.up]
                told = [(route.prefix, (2, route.as_path, route.med)) for line in lines for route in line.routes]
            rules = [(table.id, f"propagated route {prefix} of {attachment.id}") for prefix, _ in told]
            found += [Way(prefix, rank, attachment.id, rule) for (prefix, rank), rule in zip(told, rules, strict=True)]
        return [way for way in found if way.prefix.version == self.header.version]

    def line(self, name: str) -> Line:
        """A line by its id."""
        found = next((line for line in lines_of(self.world.snapshot) if line.id == name), None)
        if found is None:
            raise Stop(name, "SIM_UNMODELLED")
        return found

    def is_learning_unread(self, table: TransitRouteTable) -> bool:
        """Whether an attachment propagates what was not read: blocks of a VPC, or what BGP told."""
        told = {route.attachment for route in table.routes if route.propagated}
        sources = [self.world.snapshot.get(TransitAttachment, name) for name in table.propagations if name not in told]
        return any(one and not self.is_told(one) for one in sources)

    def is_told(self, attachment: TransitAttachment) -> bool:
        """Whether what an attachment propagates was read."""
        match attachment.type:
            case "peering":
                return True
            case "vpc":
                return self.world.was_read(attachment.resource)
            case "vpn" | "direct-connect-gateway":
                ends = (attachment.resource, *(line.id for line in lines_of(self.world.snapshot) if line.gateway == attachment.resource))
                lines = [line for line in lines_of(self.world.snapshot) if line.id in ends]
                return bool(lines) and all(line.known for line in lines)
            case _:
                return False

    def overlapped(self, gateway: TransitGateway, attachment: TransitAttachment, vpc: Vpc) -> bool:
        """TGW-12: a VPC that was attached earlier has some of these addresses."""
        everything = [one for one in self.world.snapshot.all(TransitAttachment) if one.type == "vpc" and gateway.id in one.gateways]
        in_order = sorted(everything, key=lambda one: (one.state in ("deleted", "deleting", "rejected", "failed"), one.created))
        for earlier in in_order[: in_order.index(attachment)]:
            other = self.world.snapshot.get(Vpc, earlier.resource)
            if other and any(overlap(mine, theirs) for mine in vpc.cidrs for theirs in other.cidrs):
                return True
        return False


def overlap(one: Prefix, other: Prefix) -> bool:
    """Whether two blocks have an address in common."""
    return one.version == other.version and (within((one,), other.value, one.version) or within((other,), one.value, one.version))


def best(ways: list[Way], destination: int) -> list[Way]:
    """TGW-2: the longest prefix, then static before propagated (TGW-13); TGW-19: several where VPN or Direct Connect are equal."""
    matching = [way for way in ways if within((way.prefix,), destination, way.prefix.version)]
    ranked = sorted(matching, key=lambda way: (-way.prefix.length, way.rank))
    equal = [way for way in ranked if (way.prefix.length, way.rank) == (ranked[0].prefix.length, ranked[0].rank)]
    return equal if ranked and ranked[0].rank[0] >= 2 else equal[:1]
