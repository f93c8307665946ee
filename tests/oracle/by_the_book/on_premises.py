"""Virtual private gateways, VPN connections and Direct Connect (section 11 of docs/semantics.md)."""

from __future__ import annotations

from simulator.aws.direct_connect import DirectConnectAssociation, DirectConnectGateway
from simulator.aws.transit_gateway import TransitAttachment, TransitGateway, TransitRouteTable
from simulator.aws.virtual_private_gateway import VirtualPrivateGateway
from simulator.aws.vpc import Vpc
from simulator.packet.prefix import Prefix
from tests.oracle.by_the_book.peerings import Peerings
from tests.oracle.by_the_book.result import Stop
from tests.oracle.by_the_book.sites import PREMISES, Known, Line, Site, best_known, lines_of, sites_of

VIRTUAL = "virtual-private-gateway"


class OnPremises(Peerings):
    """Stages of a `Journey`, which has those of interfaces and subnets."""

    # ---- on premises ----

    def send_from_site(self, name: str) -> None:
        """A host on premises: by the line that was told the longest prefix; each of several is possible (VPN-1), one that is down is
        none of them (VPN-2). What nobody told goes by any."""
        site = next(site for site in sites_of(self.world.snapshot) if site.name == name)
        self.at(name, "send")
        works = [line for line in site.lines if line.up] or list(site.lines)
        told = {line.id: self.longest(self.told(line, site)) for line in works}
        longest = max((prefix.length for prefix in told.values() if prefix), default=None)
        ways = [line for line in works if (prefix := told[line.id]) and prefix.length == longest] or works
        if longest is not None:
            prefix = told[ways[0].id]
            self.check("told by a gateway (VGW-3)", True, "", frozenset({(name, f"route {prefix}")}))
        line = ways[self.choose("line", 0, len(ways) - 1, 0)] if len(ways) > 1 else ways[0]
        self.at(line.id, "to AWS")
        self.check("it is up (VPN-2)", line.up, "BAD_STATE_VPN" if line.is_vpn else "BAD_STATE")
        self.out_of_line(line)

    def longest(self, prefixes: list[Prefix]) -> Prefix | None:
        """The longest of the prefixes that hold the destination."""
        matching = [prefix for prefix in prefixes if self.world.within((prefix,), self.header.destination)]
        return max(matching, key=lambda prefix: prefix.length, default=None)

    def told(self, line: Line, site: Site) -> list[Prefix]:
        """What AWS tells a site by a line: of a VPC, of other sites (VGW-8), of a transit gateway's table; by no line what came over it."""
        snapshot = self.world.snapshot
        virtual, transit = snapshot.get(VirtualPrivateGateway, line.gateway), snapshot.get(TransitGateway, line.gateway)
        if virtual is not None:
            others = [other for other in lines_of(snapshot) if other.gateway == line.gateway and other not in site.lines and other.up]
            return [*self.blocks_behind(virtual), *(prefix for other in others for prefix in other.blocks)]
        if transit is not None:
            attachment = self.attachment_for(line.id, transit.id)
            table = snapshot.get(TransitRouteTable, dict(attachment.tables).get(transit.id, "")) if attachment else None
            return [way.prefix for way in self.ways(transit, table) if way.attachment != attachment.id] if table else []
        return [block for one in self.associations(line.gateway) for block in self.allowed(one)]

    def into_site(self, line: Line) -> None:
        """The far end of a line."""
        self.at(line.id, "from AWS")
        self.check("it is up (VPN-2)", line.up, "BAD_STATE_VPN" if line.is_vpn else "BAD_STATE")
        site = next(site for site in sites_of(self.world.snapshot) if line in site.lines)
        self.at(site.name, "in")
        if not site.holds(self.header.destination, self.header.version):
            raise Stop(site.name, "SIM_UNMODELLED")  # by a default route: who is behind it nobody told
        self.arrive(PREMISES + site.name)

    def out_of_line(self, line: Line) -> None:
        """What comes from on premises, at the line's end in AWS."""
        snapshot = self.world.snapshot
        virtual, transit = snapshot.get(VirtualPrivateGateway, line.gateway), snapshot.get(TransitGateway, line.gateway)
        if virtual is not None:
            self.check("no IPv6 (VGW-7)", self.header.version == 4 or not line.is_vpn, "PROTOCOL_RESTRICTION")
            self.from_premises(virtual)
        elif transit is not None:
            attachment = self.attachment_for(line.id, transit.id)
            if attachment is None:
                raise Stop(transit.id, "SIM_UNMODELLED")
            self.through(transit, attachment, "")
        elif snapshot.get(DirectConnectGateway, line.gateway) is not None:
            self.from_direct_connect(line.gateway)
        else:
            raise Stop(line.gateway, "SIM_UNMODELLED")

    def attachment_for(self, resource: str, gateway: str) -> TransitAttachment | None:
        """The attachment of a VPN connection or Direct Connect gateway to a transit gateway."""
        everything = self.world.snapshot.all(TransitAttachment)
        return next((one for one in everything if one.resource == resource and gateway in one.gateways), None)

    # ---- virtual private gateways ----

    def into_virtual(self, gateway: VirtualPrivateGateway) -> None:
        """VGW-2, VGW-4, VGW-6, from the gateway's VPC."""
        self.at(gateway.id, "out")
        self.check("attached (IGW-9)", gateway.attached, "BAD_STATE_ROUTE")
        sender = self.world.nic_with(gateway.vpc, self.header.source)
        self.check("a source of its VPC (VGW-4)", sender is not None, "VGW_PRIVATE_IP_ASSOCIATION_FOR_EGRESS")
        self.check("not by reference (SG-13)", not self.marks.by_reference, "SG_REFERENCES_NOT_PRESERVED")
        self.forget_sender()
        best = self.known_to(gateway)
        if not best:
            raise Stop(gateway.id, "NO_ROUTE_TO_DESTINATION")
        self.to_premises(gateway, best)

    def from_premises(self, gateway: VirtualPrivateGateway) -> None:
        """VGW-3, VGW-5, VGW-8: to an interface of the VPC, or on to another site."""
        self.at(gateway.id, "in")
        ours = self.longest(self.blocks_behind(gateway))
        best = self.known_to(gateway)
        if best and (ours is None or best[0].route.prefix.length > ours.length):
            self.to_premises(gateway, best)
            return
        self.check("attached", gateway.attached, "BAD_STATE_ATTACHMENT")
        nic = self.world.nic_with(gateway.vpc, self.header.destination) if ours else None
        self.check("a private address of its VPC (VGW-3)", nic is not None, "VGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS")
        self.entered = VIRTUAL
        self.by_gateway_table(gateway.id, gateway.vpc)

    def to_premises(self, gateway: VirtualPrivateGateway, best: list[Known]) -> None:
        """VGW-6: by the best route; each of several equal ones is possible (VPN-1)."""
        self.check("a route (VGW-2)", True, "", frozenset(one.rule for one in best))
        ways = list(dict.fromkeys(one.line.id if one.line.gateway == gateway.id else one.line.gateway for one in best))
        way = ways[self.choose("line", 0, len(ways) - 1, 0)] if len(ways) > 1 else ways[0]
        if self.world.snapshot.get(DirectConnectGateway, way) is not None:
            self.into_direct_connect(way)
        else:
            self.into_site(next(one.line for one in best if one.line.id == way))

    def known_to(self, gateway: VirtualPrivateGateway) -> list[Known]:
        """VGW-2: the best routes to the destination. VGW-7: a VPN on this gateway carries no IPv6."""
        joined = [one for one in self.world.snapshot.all(DirectConnectAssociation) if one.gateway == gateway.id and one.up]
        near = [one.direct_connect_gateway for one in joined]
        lines = [one for one in lines_of(self.world.snapshot) if one.gateway == gateway.id or (one.gateway in near and one.up)]
        lines = [line for line in lines if self.header.version == 4 or not line.is_vpn]
        if not all(line.known for line in lines):
            raise self.beyond(gateway.id)
        return best_known(lines, self.header.destination, self.header.version)

    def blocks_behind(self, gateway: VirtualPrivateGateway) -> tuple[Prefix, ...]:
        """The blocks of the gateway's VPC, of the packet's version."""
        vpc = self.world.snapshot.get(Vpc, gateway.vpc) if gateway.attached else None
        return tuple(block for block in vpc.cidrs if block.version == self.header.version) if vpc else ()

    # ---- Direct Connect ----

    def associations(self, gateway: str) -> list[DirectConnectAssociation]:
        return [one for one in self.world.snapshot.all(DirectConnectAssociation) if one.direct_connect_gateway == gateway and one.up]

    def allowed(self, association: DirectConnectAssociation) -> tuple[Prefix, ...]:
        """DX-1: what an association lets on premises know: of a VPC its blocks that lie in an allowed one, of a transit gateway those it
        names. ("Allowed prefixes interactions" of the Direct Connect guide: for a virtual private gateway they are a filter.)"""
        virtual = self.world.snapshot.get(VirtualPrivateGateway, association.gateway)
        if virtual is None:
            return association.allowed or ()
        blocks = tuple(self.blocks_behind(virtual))
        return (
            blocks
            if association.allowed is None
            else tuple(block for block in blocks if any(allowed.contains(block) for allowed in association.allowed or ()))
        )

    def from_direct_connect(self, gateway: str) -> None:
        """DX-1, DX-2: on to the gateway in whose blocks the destination lies."""
        self.at(gateway, "in")
        matching = [(self.longest(list(self.allowed(one))), one) for one in self.associations(gateway)]
        found = [(prefix.length, one) for prefix, one in matching if prefix]
        if not found:
            raise Stop(gateway, "NO_ROUTE_TO_DESTINATION")
        association = max(found, key=lambda one: one[0])[1]
        virtual = self.world.snapshot.get(VirtualPrivateGateway, association.gateway)
        transit = self.world.snapshot.get(TransitGateway, association.gateway)
        attachment = self.attachment_for(gateway, transit.id) if transit else None
        if virtual is not None:
            self.from_premises(virtual)
        elif transit is not None and attachment is not None:
            self.through(transit, attachment, "")
        else:
            raise Stop(gateway, "SIM_UNMODELLED")

    def into_direct_connect(self, gateway: str) -> None:
        """By a virtual interface of the gateway."""
        self.at(gateway, "out")
        lines = [line for line in lines_of(self.world.snapshot) if line.gateway == gateway]
        best = best_known(lines, self.header.destination, self.header.version)
        if not best:
            raise Stop(gateway, "NO_ROUTE_TO_DESTINATION")
        self.check("a route (DX-1)", True, "", frozenset(one.rule for one in best))
        self.into_site(best[self.choose("line", 0, len(best) - 1, 0)].line if len(best) > 1 else best[0].line)
