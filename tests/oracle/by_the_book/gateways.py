"""The stages at NAT gateways, internet gateways and the internet: sections 7 and 8 of docs/semantics.md."""

from __future__ import annotations

from simulator.aws.egress_only_gateway import EgressOnlyGateway
from simulator.aws.internet_gateway import InternetGateway
from simulator.aws.nat_gateway import NatGateway
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.route_table import RouteTable
from simulator.aws.subnet import Subnet
from simulator.aws.vpc import Vpc
from simulator.packet.prefix import Prefix
from tests.oracle.by_the_book.filters import ICMP, ICMPV6, TCP, UDP, Judgement
from tests.oracle.by_the_book.headers import as_ipv4, mirrored, with_fields
from tests.oracle.by_the_book.public_access import PublicAccess
from tests.oracle.by_the_book.result import Stop
from tests.oracle.by_the_book.routes import Route, redirection, redirections

RFC1918 = tuple(map(Prefix.parse, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
RFC6598 = (Prefix.parse("100.64.0.0/10"),)
# IPv6: unique local, link-local, multicast, loopback and the like are no hosts of the internet.
PRIVATE_V6 = (Prefix.parse("fc00::/7"),)
PUBLIC_V6 = (Prefix.parse("2000::/3"),)
NAT64 = (Prefix.parse("64:ff9b::/96"),)
NOWHERE = tuple(map(Prefix.parse, ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3")))  # no hosts of the internet
INTERNET = "internet"
TRANSIT = "transit-gateway"


class Gateways(PublicAccess):
    """Stages of a `Journey`, which has those of interfaces and subnets."""

    def masquerade(self, place: str, address: int) -> None:
        """NAT-3, NATI-3: the NAT's address, and a port out of 1024-65535."""
        came = self.header
        left = with_fields(as_ipv4(came), source=address)
        if came.protocol in (TCP, UDP):
            left = with_fields(left, source_port=self.choose("port", 1024, 65535, came.source_port))
        self.becomes(left)
        self.sessions.translated.setdefault((place, self.header), came)

    # ---- NAT gateways ----

    def into_nat(self, nat: NatGateway, nic: NetworkInterface) -> None:
        """NAT-1 to NAT-16: a packet routed to the gateway."""
        if self.world.holds(nic, self.header.destination):
            self.answer_at_nat(nat, nic)
            return
        self.at(nat.id, "in")
        self.nat_works(nat)
        if self.header.version == 6:
            self.check("for IPv4 (NAT-22, NAT-23)", self.world.within(NAT64, self.header.destination), "PROTOCOL_RESTRICTION")
        served = (TCP, UDP, ICMP) if self.header.version == 4 else (TCP, UDP, ICMPV6)
        self.check("protocol (NAT-2)", self.header.protocol in served, "PROTOCOL_RESTRICTION")
        echo = self.header.protocol != ICMPV6 or self.header.icmp_type in (128, 129)
        self.check("of ICMPv6 only echo", echo, "PROTOCOL_RESTRICTION")
        self.check("not its own output (NAT-11)", not self.world.holds(nic, self.header.source), "SIM_ROUTING_LOOP")
        known = self.entered == TRANSIT or self.world.nic_with(nic.vpc, self.header.source) is not None
        if not self.reading.nat_asks_how_it_came:
            known = known or self.world.is_attached(nic.vpc)
        self.check("a source of its VPC (NAT-8)", known, "NGW_REQUIRES_SOURCE_IN_VPC")
        addresses = [pair.private[1] for pair in nic.addresses if pair.private[0] == 4]
        index = self.choose("address", 0, len(addresses) - 1, 0) if len(addresses) > 1 else 0
        self.masquerade(nat.id, addresses[index])
        self.forget_sender()
        self.entered = ""
        self.emitter = nic.id
        self.leave_subnet(self.world.subnet(nic.subnet))  # NAT-4; NAT-5: no security group

    def nat_works(self, nat: NatGateway) -> None:
        """NAT-15: one that is gone leaves a blackhole; the specification does not say where that is told, and here it is the target."""
        gone = nat.state in ("deleted", "deleting")
        self.check("available (NAT-15)", nat.state == "available", "BAD_STATE_ROUTE" if gone else "BAD_STATE")

    def answer_at_nat(self, nat: NatGateway, nic: NetworkInterface) -> None:
        """NAT-6: replies of its own sessions only. NAT-10: routed on by its subnet's table."""
        self.at(nat.id, "for it")
        self.nat_works(nat)
        original = self.sessions.original_of(nat.id, self.header)
        if original is None:
            raise Stop(nat.id, "SIM_NAT_STATEFUL_INBOUND")
        if original.version == 6:
            self.becomes(mirrored(original))
        else:
            self.becomes(with_fields(self.header, destination=original.source, destination_port=original.source_port))
        self.forget_sender()
        self.leave_subnet(self.world.subnet(nic.subnet))

    # ---- internet gateways and the internet ----

    def out_of_gateway(self, gateway: InternetGateway, subnet: Subnet) -> None:
        """IGW-2, IGW-5, IGW-6; RT-23 before them."""
        self.at(gateway.id, f"out of {subnet.id}")
        self.check("attached (IGW-9)", gateway.attached, "BAD_STATE_ROUTE")
        self.there_for_sure(gateway)
        self.not_past_the_appliance(gateway.id, subnet)
        self.public_access(gateway.id, gateway.vpc, subnet, self.emitter, outward=True)
        if self.header.version == 6:
            self.from_this_vpc(gateway)
            self.forget_sender()
            self.on_internet()
            return
        sender = self.world.nic_with(gateway.vpc, self.header.source)
        self.check("a source of its VPC (IGW-6)", sender is not None, "GATEWAY_REJECTS_SPOOFED_TRAFFIC")
        destination = self.header.destination
        self.check("no RFC 1918 (IGW-5)", not self.world.within(RFC1918, destination), "IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS")
        self.check("no RFC 6598 (IGW-5)", not self.world.within(RFC6598, destination), "IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS")
        public = [public for private, public, _ in self.world.pairs(gateway.vpc) if private == self.header.source]
        self.check("a public address (IGW-2)", bool(public), "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS")
        self.becomes(with_fields(self.header, source=public[0]))
        self.forget_sender()  # IGW-11: references do not match
        self.on_internet()

    def there_for_sure(self, gateway: InternetGateway) -> None:
        """A gateway that nobody read may be there or not; what is refused behind it is refused anyway."""
        if not gateway.read:
            self.judged("whether there is one nobody read", Judgement(True, unknown=True))

    def from_this_vpc(self, gateway: InternetGateway | EgressOnlyGateway) -> None:
        """IGW-14, EIGW-1: IPv6 leaves as it is, from a public address of this VPC."""
        sender = self.world.nic_with(gateway.vpc, self.header.source)
        self.check("a source of its VPC (IGW-6)", sender is not None, "GATEWAY_REJECTS_SPOOFED_TRAFFIC")
        public = self.world.within(PUBLIC_V6, self.header.source)
        self.check("a public range (IGW-14)", public, "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS")

    def out_of_egress_only(self, gateway: EgressOnlyGateway, subnet: Subnet) -> None:
        """EIGW-1: flows started inside."""
        self.at(gateway.id, "out")
        self.check("attached (IGW-9)", gateway.attached, "BAD_STATE_ROUTE")
        self.check("IPv6 (EIGW-1)", self.header.version == 6, "PROTOCOL_RESTRICTION")
        self.egress_only_access(gateway.vpc, subnet, outward=True)
        self.from_this_vpc(gateway)
        if mirrored(self.header) in self.sessions.ingress:  # EIGW-2: what it has no state for
            self.check("started inside (EIGW-1, EIGW-2)", self.header.protocol != TCP, "SIM_EGRESS_ONLY")
            raise Stop(gateway.id, "SIM_UNMODELLED")
        self.sessions.egress.add((gateway.id, self.header))
        self.forget_sender()
        self.on_internet()

    def on_internet_with_ipv6(self) -> None:
        """EIGW-1, EIGW-2, IGW-15: a reply enters by the egress-only gateway, everything else by the internet gateway."""
        destination = self.header.destination
        ours = [vpc.id for vpc in self.world.snapshot.all(Vpc) if self.world.within(vpc.cidrs, destination)]
        if not ours:
            if not self.world.within(PUBLIC_V6, destination):
                raise Stop(INTERNET, "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS")
            self.arrive(INTERNET)
            return
        egresses = [egress for egress in self.world.snapshot.all(EgressOnlyGateway) if egress.vpc == ours[0] and egress.attached]
        for egress in egresses:
            if any(where == egress.id and mirrored(sent) == self.header for where, sent in self.sessions.egress):
                self.at(egress.id, "in")
                self.egress_only_access(egress.vpc, self.world.subnet_with(egress.vpc, destination), outward=False)
                self.deliver_in(egress.vpc)
                return
        gateway = self.world.gateway_of(ours[0])
        if gateway is None and egresses:
            self.at(egresses[0].id, "in")
            self.check("started inside (EIGW-1)", False, "SIM_EGRESS_ONLY")
        if gateway is None:
            raise Stop(ours[0], "NO_POSSIBLE_DESTINATION")  # nothing joins it with the internet
        self.into_gateway(gateway)

    def on_internet(self) -> None:
        """IGW-11: a public address of ours is at its gateway; IGW-5 and MODEL-11: private and reserved ones are nowhere."""
        self.at(INTERNET, "in")
        if self.header.version == 6:
            self.on_internet_with_ipv6()
            return
        destination = self.header.destination
        ours = [nic for _, public, nic in self.world.pairs() if public == destination]
        if ours:
            gateway = self.world.gateway_of(ours[0].vpc)
            if gateway is None:
                raise Stop(INTERNET, None, disposition="no route")  # W-3, step 1: no code in the specification
            self.into_gateway(gateway)
            return
        regional = self.regional_with(destination)
        if regional is not None:
            self.back_to_regional(regional)
            return
        if self.world.within(RFC1918 + RFC6598 + NOWHERE, destination):
            raise Stop(INTERNET, "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS")  # IGW-3: no public address of an interface
        self.arrive(INTERNET)

    def into_gateway(self, gateway: InternetGateway) -> None:
        """IGW-5, IGW-3; RT-20: then its gateway route table (not modelled), then as by the local route."""
        self.at(gateway.id, "in")
        self.there_for_sure(gateway)
        if self.header.version == 6:
            self.sessions.ingress.add(self.header)
            self.access_inward(gateway)
            nic = self.world.nic_with(gateway.vpc, self.header.destination)
            self.check("no endpoint (IGW-16)", nic is None or nic.type != "vpc_endpoint", "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS")
            self.by_gateway_table(gateway.id, gateway.vpc)
            return
        self.check("no RFC 1918 (IGW-5)", not self.world.within(RFC1918, self.header.source), "IGW_SOURCE_ADDRESS_NOT_IN_RFC1918_INGRESS")
        self.check("no RFC 6598 (IGW-5)", not self.world.within(RFC6598, self.header.source), "IGW_SOURCE_ADDRESS_NOT_IN_RFC6598_INGRESS")
        private = [private for private, public, _ in self.world.pairs(gateway.vpc) if public == self.header.destination]
        self.check("a public address of ours (IGW-3)", bool(private), "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS")
        self.becomes(with_fields(self.header, destination=private[0]))
        self.access_inward(gateway)
        self.by_gateway_table(gateway.id, gateway.vpc)

    def access_inward(self, gateway: InternetGateway) -> None:
        """BPA-2, BPA-3, BPA-5, for a packet whose private destination is known."""
        table, destination = self.gateway_table(gateway.id), self.header.destination
        route = redirection(self.world, table, destination) if table else None
        appliance = self.target_nic(route) if route else None
        talks = appliance.id if appliance else ""
        self.public_access(gateway.id, gateway.vpc, self.subnet_facing(gateway.vpc, destination, appliance), talks, outward=False)

    # ---- gateway route tables ----

    def gateway_table(self, gateway: str) -> RouteTable | None:
        return next((table for table in self.world.snapshot.all(RouteTable) if gateway in table.gateways), None)

    def by_gateway_table(self, gateway: str, vpc: str) -> None:
        """RT-20: by private destination, after the translation: as the local route says, or to an appliance."""
        table = self.gateway_table(gateway)
        route = redirection(self.world, table, self.header.destination) if table else None
        if table is None:
            self.deliver_in(vpc)
            return
        if route is None:
            block = next((block for block in self.world.vpc(vpc).cidrs if self.world.within((block,), self.header.destination)), None)
            if block is None:
                raise Stop(gateway, "NO_ROUTE_TO_DESTINATION")
            self.check("gateway table", True, "", frozenset({(table.id, f"local route {block}")}))
            self.deliver_in(vpc)
            return
        self.check("gateway table (RT-20)", not route.blackhole, "BAD_STATE_ROUTE", frozenset({route.rule}))
        nic = self.target_nic(route)
        if nic is None:
            raise self.beyond(gateway)
        inspector = self.world.inspector(nic)
        if inspector is not None:
            self.enter_subnet(self.world.subnet(nic.subnet))
            self.through_inspection(inspector, nic)
            return
        from_internet = self.world.gateway(gateway) is not None and self.header.version == 4
        public = any(pair.public for pair in nic.addresses) or not from_internet
        self.check("attached (RT-22)", nic.attached, "BAD_STATE_ATTACHMENT", frozenset({route.rule}))
        self.check("the appliance has a public address (RT-22)", public, "INGRESS_RTB_NO_PUBLIC_IP", frozenset({route.rule}))
        self.enter_subnet(self.world.subnet(nic.subnet))
        self.routed_to(nic)

    def not_past_the_appliance(self, gateway: str, subnet: Subnet) -> None:
        """RT-23: a subnet whose inbound traffic goes to an appliance cannot use its own route to the gateway; the appliance can."""
        table = self.gateway_table(gateway)
        block = next((block for block in subnet.cidrs if block.version == self.header.version), None)
        route = redirection(self.world, table, block.value) if table and block else None
        if route is None or table is None or block is None:
            return
        takers = redirections(self.world, table)
        passes_on = any(self.is_target(other, self.emitter) for other in takers) and not self.world.within((block,), self.header.source)
        allowed = passes_on or self.is_target(route, self.emitter)
        if not self.reading.appliance_speaks_for_neighbours:
            allowed = passes_on or (allowed and self.emitter_holds(self.header.source))
        if self.world.nic_with(subnet.vpc, self.header.source) is not None:  # what is spoofed is told so
            self.check("not past the appliance (RT-23)", allowed, "INGRESS_RTB_TRAFFIC_REDIRECTION", frozenset({route.rule}))

    def emitter_holds(self, address: int) -> bool:
        """Whether the interface that sent the packet last has an address."""
        nic = self.world.snapshot.get(NetworkInterface, self.emitter)
        return nic is not None and self.world.holds(nic, address)

    def is_target(self, route: Route, nic_id: str) -> bool:
        nic = self.target_nic(route)
        return nic is not None and nic.id == nic_id
