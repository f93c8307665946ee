"""Others that translate: pods of EKS nodes (SVC-6), Client VPN (CVPN-1, CVPN-2) and regional NAT gateways (RNAT-1 to RNAT-5)."""

from __future__ import annotations

from simulator.aws.client_vpn import ClientVpn
from simulator.aws.instance import Instance
from simulator.aws.internet_gateway import InternetGateway
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.regional_nat_gateway import RegionalNatGateway
from simulator.aws.route_table import RouteTable
from simulator.aws.subnet import Subnet
from simulator.packet.prefix import Prefix
from tests.oracle.by_the_book.endpoints import Endpoints
from tests.oracle.by_the_book.filters import ICMP, TCP, UDP
from tests.oracle.by_the_book.gateways import INTERNET, RFC1918, RFC6598, TRANSIT
from tests.oracle.by_the_book.headers import with_fields
from tests.oracle.by_the_book.public_access import BOTH_WAYS
from tests.oracle.by_the_book.result import Rule, Stop
from tests.oracle.by_the_book.routes import candidates, routes_of

CLIENTS = "client-vpn:"


class Translators(Endpoints):
    """Stages of a `Journey`, which has those of interfaces and subnets."""

    # ---- pods ----

    def out_of_pod(self, instance: Instance, nic: NetworkInterface) -> None:
        """SVC-6: what a pod sends out of the VPC goes under the node's primary address; a guest translates flows that start in it."""
        privates, source = self.world.privates(nic), self.header.source
        is_pod = self.world.holds(nic, source) and source != privates[0] if privates else False
        near = (*self.world.vpc(nic.vpc).cidrs, Prefix.parse("169.254.0.0/16"))  # LL-2: what is for the host never leaves it
        inside = self.world.within(near, self.header.destination)
        if instance.pods != "translated" or self.header.version != 4 or not is_pod or inside:
            return
        if self.answers and self.sessions.is_reply(nic.id, self.header):
            return
        if self.answers:  # the request never left the guest, under the address of somebody else: no page speaks of it
            raise self.beyond(instance.id)
        self.masquerade(pods_of(instance), privates[0])

    def back_to_pod(self, instance: Instance) -> None:
        """SVC-6: the answer to what a pod sent."""
        original = self.sessions.original_of(pods_of(instance), self.header)
        if original is not None:
            self.becomes(with_fields(self.header, destination=original.source, destination_port=original.source_port))

    # ---- Client VPN ----

    def send_from_client(self, vpn: ClientVpn) -> None:
        """CVPN-1: an authorization rule, then the endpoint's own route, then the interface of an association."""
        self.at(vpn.id, "send")
        self.check("it works", vpn.state == "available", "BAD_STATE")
        rules = [rule for rule in vpn.rules if self.world.within((rule.prefix,), self.header.destination)]
        longest = max((rule.prefix.length for rule in rules), default=-1)
        rules = [rule for rule in rules if rule.prefix.length == longest]
        self.check("authorized (CVPN-1)", bool(rules), "SIM_NOT_AUTHORIZED")
        if all(rule.group for rule in rules):
            is_member = self.choose("member", 0, 1, 0) == 0
            self.check("a member of the rule's group (CVPN-1)", is_member, "SIM_NOT_AUTHORIZED")
        nics = [self.world.nic(name) for name in vpn.interfaces]
        if not nics:
            raise Stop(vpn.id, "NO_ROUTE_TO_DESTINATION")
        ways: list[tuple[Prefix, str, Rule]] = [
            (block, nic.subnet, (vpn.id, f"route {block} of the VPC")) for nic in nics for block in self.world.vpc(nic.vpc).cidrs
        ]
        ways += [(route.prefix, route.subnet, (route.origin.resource, route.origin.part)) for route in vpn.routes]
        ways = [way for way in ways if self.world.within((way[0],), self.header.destination)]
        if not ways:
            raise Stop(vpn.id, "NO_ROUTE_TO_DESTINATION")
        longest = max(way[0].length for way in ways)
        ways = [way for way in ways if way[0].length == longest]
        self.check("a route (CVPN-1)", True, "", frozenset(rule for _, _, rule in ways))
        subnets = list(dict.fromkeys(subnet for _, subnet, _ in ways))
        subnet = subnets[self.choose("association", 0, len(subnets) - 1, 0)] if len(subnets) > 1 else subnets[0]
        nic = next(nic for nic in nics if nic.subnet == subnet)
        self.masquerade(nic.id, self.world.privates(nic)[0])  # CVPN-2
        self.own_groups(nic)  # SG-13
        self.leave(nic)

    def back_to_client(self, vpn: ClientVpn, nic: NetworkInterface) -> None:
        """CVPN-2: answers only."""
        self.at(vpn.id, "in")
        original = self.sessions.original_of(nic.id, self.header)
        if original is None:
            raise Stop(vpn.id, "SIM_NAT_STATEFUL_INBOUND")
        self.becomes(with_fields(self.header, destination=original.source, destination_port=original.source_port))
        self.arrive(CLIENTS + vpn.id)

    # ---- regional NAT gateways ----

    def into_regional(self, nat: RegionalNatGateway, subnet: Subnet) -> None:
        """RNAT-1 to RNAT-3, NAT-2, NAT-8: no subnet and no list of its own."""
        self.at(nat.id, "in")
        gone = nat.state in ("deleted", "deleting")
        self.check("available (NAT-15)", nat.state == "available", "BAD_STATE_ROUTE" if gone else "BAD_STATE")
        zones = {zone for zone, _ in nat.addresses}
        mine = {subnet.zone, subnet.zone_name} - {""}
        self.check("a zone it serves (RNAT-3)", not nat.manual or bool(zones & mine), "REGIONAL_NGW_ROUTE_AZ_RESTRICTION")
        if self.header.version == 6:  # NAT-22 speaks of NAT gateways in a subnet; of regional ones no page that was read does
            raise Stop(nat.id, "SIM_UNMODELLED")
        known = self.entered == TRANSIT or self.world.nic_with(nat.vpc, self.header.source) is not None
        self.check("a source of its VPC (NAT-8)", known, "NGW_REQUIRES_SOURCE_IN_VPC")
        self.check("protocol (NAT-2)", self.header.protocol in (TCP, UDP, ICMP), "PROTOCOL_RESTRICTION")
        near = sorted({address for zone, address in nat.addresses if zone in mine}) or sorted({address for _, address in nat.addresses})
        index = self.choose("address", 0, len(near) - 1, 0) if len(near) > 1 else 0
        self.masquerade(nat.id, near[index][1])
        self.forget_sender()
        table = self.world.snapshot.get(RouteTable, nat.route_table) if nat.route_table else None
        gateway = self.world.gateway_of(nat.vpc)
        if nat.route_table and table is None:
            raise Stop(nat.id, "SIM_UNMODELLED")
        if table is not None:
            found = candidates(routes_of(self.world, table) or [], self.header.destination)
            if not found:
                raise Stop(nat.id, "NO_ROUTE_TO_DESTINATION")
            self.check("its own table (RNAT-1)", not found[0].blackhole, "BAD_STATE_ROUTE", frozenset({found[0].rule}))
            if found[0].kind != "internet-gateway":
                raise Stop(nat.id, "SIM_UNMODELLED")
            gateway = self.world.snapshot.get(InternetGateway, found[0].target)
        if gateway is None:
            raise Stop(nat.id, "NO_ROUTE_TO_DESTINATION")
        self.at(gateway.id, "out of a regional NAT gateway")
        self.access_without_subnet(gateway)
        destination = self.header.destination
        self.check("no RFC 1918 (IGW-5)", not self.world.within(RFC1918, destination), "IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS")
        self.check("no RFC 6598 (IGW-5)", not self.world.within(RFC6598, destination), "IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS")
        self.on_internet()

    def access_without_subnet(self, gateway: InternetGateway) -> None:
        """BPA-3: flows of NAT gateways. BPA-5 speaks of the subnet that talks to the gateway; what of one that is in none, nobody says."""
        switch = self.switch_of(self.world.vpc(gateway.vpc))
        if switch is None or switch.mode == "block-ingress" or self.exclusion_of(switch, gateway.vpc, None) == BOTH_WAYS:
            return
        subnets = [subnet for subnet in self.world.snapshot.all(Subnet) if subnet.vpc == gateway.vpc]
        if any(self.exclusion_of(switch, gateway.vpc, subnet) for subnet in subnets):
            raise Stop(gateway.id, "SIM_UNMODELLED")
        self.blocked_unless(False, switch)

    def regional_with(self, address: int) -> RegionalNatGateway | None:
        """RNAT-1: whose public address it is."""
        everything = self.world.snapshot.all(RegionalNatGateway)
        return next((one for one in everything if any(pair[1][1] == address for pair in one.addresses)), None)

    def back_to_regional(self, nat: RegionalNatGateway) -> None:
        """NAT-6; RNAT-1: by the gateway, and then by its own table."""
        if nat.state != "available":  # NAT-15: it has no address
            self.at(nat.id, "back")
            gone = nat.state in ("deleted", "deleting")
            self.check("available (NAT-15)", False, "BAD_STATE_ROUTE" if gone else "BAD_STATE")
        gateway = self.world.gateway_of(nat.vpc)
        if gateway is None:
            raise Stop(INTERNET, None, disposition="no route")
        self.at(gateway.id, "in to a regional NAT gateway")
        self.check("no RFC 1918 (IGW-5)", not self.world.within(RFC1918, self.header.source), "IGW_SOURCE_ADDRESS_NOT_IN_RFC1918_INGRESS")
        self.check("no RFC 6598 (IGW-5)", not self.world.within(RFC6598, self.header.source), "IGW_SOURCE_ADDRESS_NOT_IN_RFC6598_INGRESS")
        self.access_without_subnet(gateway)
        self.at(nat.id, "back")
        original = self.sessions.original_of(nat.id, self.header)
        if original is None:
            raise Stop(nat.id, "SIM_NAT_STATEFUL_INBOUND")
        self.becomes(with_fields(self.header, destination=original.source, destination_port=original.source_port))
        self.forget_sender()
        self.deliver_in(nat.vpc)


def pods_of(instance: Instance) -> str:
    """The name of the translations of a node's pods."""
    return f"pods of {instance.id}"
