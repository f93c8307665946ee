"""One packet on its way, from place to place (MODEL-8): sections 1, 3, 4, 15 and 17 of docs/semantics.md.

    guest -> interface -> subnet -> (route) -> subnet -> interface -> guest
                              \\-> NAT gateway -> its own subnet ...
                              \\-> internet gateway -> internet -> internet gateway -> subnet ...

`Sessions` is what stateful devices remember of the forward leg when they meet the reply (SG-19, NAT-6).
"""

from __future__ import annotations

from dataclasses import replace

from simulator.aws.egress_only_gateway import EgressOnlyGateway
from simulator.aws.instance import Instance
from simulator.aws.instance_connect_endpoint import ConnectEndpoint
from simulator.aws.internet_gateway import InternetGateway
from simulator.aws.nat_gateway import NatGateway
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.regional_nat_gateway import RegionalNatGateway
from simulator.aws.route_table import RouteTable
from simulator.aws.subnet import Subnet
from simulator.aws.transit_gateway import TransitGateway
from simulator.aws.virtual_private_gateway import VirtualPrivateGateway
from simulator.aws.vpc_endpoint import VpcEndpoint
from simulator.aws.vpc_peering import VpcPeering
from simulator.packet.flow import TCP
from simulator.packet.prefix import Prefix
from tests.oracle.by_the_book import routes
from tests.oracle.by_the_book.filters import Judgement, Marks, judge_acl, judge_groups
from tests.oracle.by_the_book.headers import answer_to, with_fields
from tests.oracle.by_the_book.inspection import Inspection
from tests.oracle.by_the_book.result import Rule, Stop

LINK_LOCAL = (Prefix.parse("169.254.0.0/16"), Prefix.parse("fd00:ec2::/32"), Prefix.parse("fe80::/10"))  # LL-1, RT-27
METADATA_V6, DNS_V6 = 0xFD000EC2000000000000000000000254, 0xFD000EC2000000000000000000000253
METADATA, DNS = 0xA9FEA9FE, 0xA9FEA9FD
# LL-1: metadata, DNS, time, task credentials, Windows activation.
PLATFORM = {METADATA, DNS, 0xA9FEA97B, 0xA9FEAA02, 0xA9FEA9FA, 0xA9FEA9FB}
PLATFORM_V6 = {METADATA_V6, DNS_V6, 0xFD000EC2000000000000000000000123}
PLATFORM_SERVICES = "platform-services"
WAYS = {  # RT-25: targets that are no interfaces
    "internet-gateway": InternetGateway,
    "egress-only-internet-gateway": EgressOnlyGateway,
    "vpc-peering-connection": VpcPeering,
    "transit-gateway": TransitGateway,
    "virtual-private-gateway": VirtualPrivateGateway,
    "regional-nat-gateway": RegionalNatGateway,
    "vpc-endpoint": VpcEndpoint,
}


class Journey(Inspection):
    """One leg under way, stage by stage."""

    # ---- out of an interface ----

    def send_from(self, nic: NetworkInterface) -> None:
        """A guest sends a packet of its own."""
        instance = self.world.instance_of(nic)
        if not nic.attached:
            self.at(nic.id, "send")
            self.check("the interface is attached (ENI-6)", False, "BAD_STATE_ATTACHMENT")
        if instance is not None:
            self.at(instance.id, "send")
            self.check("the instance runs (ENI-6)", instance.state == "running", "BAD_STATE")
        service = self.world.service_of(nic) or self.world.endpoint_of(nic)
        if service is not None:
            self.at(service.id, "send")
        if isinstance(service, ConnectEndpoint):
            self.check("TCP only (SVC-9)", self.header.protocol == TCP, "PROTOCOL_RESTRICTION")
            self.check("it is there (SVC-9)", service.state == "create-complete", "BAD_STATE")
            if service.preserves:
                raise Stop(service.id, "SIM_UNMODELLED")
        balancer = self.world.balancer_of(nic)
        if balancer is not None and not self.answers:
            self.send_from_node(balancer, nic)
            return
        if balancer is not None:
            self.at(balancer.id, "send")
        others = [self.world.nic(nic_id) for nic_id in instance.interfaces] if instance else []
        for own in [nic, *(other for other in others if other.vpc == nic.vpc and other.attached)]:
            if self.world.holds(own, self.header.destination) and not isinstance(service, ConnectEndpoint):  # ENI-8: stays inside the guest
                if instance is None and service is None:
                    self.at(nic.id, "send")
                # LAMBDA-7: and a function opens no port.
                self.check("not a function's", not self.world.is_function(nic), "SIM_LAMBDA_NO_INBOUND")
                self.arrive(own.id)
                return
        if instance is not None and instance.pods:
            self.out_of_pod(instance, nic)
        self.at(nic.id, "send")
        self.own_groups(nic)
        self.leave(nic)

    def own_groups(self, nic: NetworkInterface) -> None:
        """SG-11: a reference means packets that a member sent, seen with one of its private addresses."""
        known = self.world.holds(nic, self.header.source)
        groups = frozenset(self.world.group_ids(nic)) if known else frozenset()
        self.marks = Marks(groups, self.marks.lost | self.marks.groups)
        self.entered = ""

    def leave(self, nic: NetworkInterface) -> None:
        """MODEL-8: link-local test, source check, security groups outbound; then the subnet."""
        self.at(nic.id, "out")
        self.emitter = nic.id
        if self.platform(nic):
            return
        owns = self.world.holds(nic, self.header.source)
        self.check("source check (ENI-4)", owns or not nic.check, "ENI_SOURCE_DEST_CHECK_RESTRICTION")
        self.pass_groups(nic, inbound=False)
        if self.back_to_node(nic):
            return
        self.past_list_of_classic(nic)
        self.leave_subnet(self.world.subnet(nic.subnet))

    def platform(self, nic: NetworkInterface) -> bool:
        """LL-1, LL-2, LL-4, LL-7, LL-8: services of the host, reached from the interface itself and not filtered."""
        destination = self.header.destination
        vpc = self.world.vpc(nic.vpc)
        primary = next(prefix for prefix in vpc.cidrs if prefix.version == 4)  # VPC-9: DNS is at the primary block plus two
        dns = self.header.version == 4 and destination == primary.value + 2
        if not dns and not self.world.within(LINK_LOCAL, destination):
            return False
        is_function = self.world.is_function(nic)
        served = dns or destination in (PLATFORM if self.header.version == 4 else PLATFORM_V6)
        if dns or destination in (DNS, DNS_V6):  # LL-4 speaks of the first only; both are the one server
            served = served and vpc.dns_support
        if is_function and destination in (METADATA, METADATA_V6):
            served = False
        if dns and not served:
            return False  # an address of the VPC that nobody has
        self.check("a service of the host (LL-1)", served, "SIM_LINK_LOCAL_NOT_ROUTED")
        self.at(PLATFORM_SERVICES, "in")
        self.arrive(PLATFORM_SERVICES)
        return True

    def pass_groups(self, nic: NetworkInterface, *, inbound: bool) -> None:
        """SG-10, SG-19, SG-24: a reply of a flow this interface admitted passes; everything else is judged and remembered."""
        groups = self.world.groups_of(nic)
        if groups is None:
            return
        direction = "in" if inbound else "out"
        if self.sessions.is_reply(nic.id, self.header):
            self.check(f"reply {direction} (SG-19)", True)
            return
        judgement = judge_groups(self.world, nic.vpc, groups, self.header, inbound=inbound, marks=self.marks)
        if not judgement.passed and not self.world.all_groups_read(nic):
            judgement = Judgement(True, unknown=True)
        self.judged(f"security groups {direction}", judgement)
        self.sessions.admitted.add((nic.id, self.header))
        if not inbound:
            self.marks = replace(self.marks, by_reference=judgement.by_reference)

    # ---- out of a subnet ----

    def leave_subnet(self, subnet: Subnet) -> None:
        """RT-4, NACL-4: within the subnet neither list nor table apply. Else NACL outbound, then the table (MODEL-8)."""
        self.at(subnet.id, "out")
        if self.world.within(subnet.cidrs, self.header.destination):
            self.on_link(subnet)
            return
        table, acl = self.world.table_of(subnet), self.world.acl_of(subnet)
        if acl is None:
            raise self.beyond(subnet.id)
        returns = self.sender_over_peering(subnet)
        if returns is not None:  # NAT-14: whatever the table says
            self.judged("network ACL out", judge_acl(self.world, acl, self.header, inbound=False))
            self.over_peering(returns, subnet.vpc)
            return
        if table is None:
            raise self.beyond(subnet.id)
        known = routes.routes_of(self.world, table, self.header.destination)
        found = routes.candidates(known or [], self.header.destination)
        stays = [self.stays_in(subnet, route) for route in found]
        late = len(found) > 1 and not any(stays)  # what AWS picks does not matter to the list
        route = self.pick(found) if found and not late else None
        if route is None or not self.stays_in(subnet, route):
            self.judged("network ACL out", judge_acl(self.world, acl, self.header, inbound=False))
        if late:
            route = self.pick(found)
        if known is None:
            raise Stop(subnet.id, "SIM_UNMODELLED")
        if route is None:
            raise Stop(subnet.id, "NO_ROUTE_TO_DESTINATION")  # RT-14
        self.follow(subnet, table, route, frozenset(one.rule for one in found))

    def pick(self, found: list[routes.Route]) -> routes.Route:
        """RT-11: AWS picks one of several lists at random, and then keeps it."""
        if len(found) == 1:
            return found[0]
        key = tuple(route.rule for route in found)
        if key not in self.sessions.kept:
            self.sessions.kept[key] = self.choose("route", 0, len(found) - 1, 0)
        return found[self.sessions.kept[key]]

    def stays_in(self, subnet: Subnet, route: routes.Route) -> bool:
        """NACL-21: an appliance's interface in the sender's own subnet is reached without crossing the boundary (NAT-1: a NAT
        gateway is an interface too)."""
        nic = self.target_nic(route)
        return nic is not None and nic.subnet == subnet.id and not route.blackhole

    def target_nic(self, route: routes.Route) -> NetworkInterface | None:
        """The interface a route leads to (RT-26)."""
        nic_id = ""
        if route.kind == "network-interface":
            nic_id = route.target
        elif route.kind == "instance":
            instance = self.world.snapshot.get(Instance, route.target)
            nic_id = instance.interfaces[0] if instance and len(instance.interfaces) == 1 else ""
        elif route.kind == "nat-gateway":
            nat = self.world.snapshot.get(NatGateway, route.target)
            nic_id = nat.interface if nat else ""
        elif route.kind == "vpc-endpoint":
            endpoint = self.world.snapshot.get(VpcEndpoint, route.target)
            return self.world.door_of(endpoint) if endpoint else None
        return self.world.snapshot.get(NetworkInterface, nic_id) if nic_id else None

    def follow(self, subnet: Subnet, table: RouteTable, route: routes.Route, rules: frozenset[Rule]) -> None:
        """To the target of the winning route. `rules`: it, and its rivals by other prefix lists."""
        self.check("route is alive (RT-15)", not route.blackhole, "BAD_STATE_ROUTE", rules)
        if route.kind == "local":
            self.deliver_in(table.vpc)
            return
        nic = self.target_nic(route)
        if route.kind in WAYS and nic is None:
            self.out_of_vpc(route, subnet)
            return
        if nic is None:
            raise self.beyond(route.target)
        self.belongs(route.target, nic.vpc == subnet.vpc)
        if nic.subnet != subnet.id:  # NACL-21, NAT-9
            self.enter_subnet(self.world.subnet(nic.subnet))
        nat, inspector = self.world.nat_of(nic), self.world.inspector(nic)
        if inspector is not None:
            self.through_inspection(inspector, nic)
        elif nat is not None:
            self.into_nat(nat, nic)
        else:
            self.routed_to(nic)

    def out_of_vpc(self, route: routes.Route, subnet: Subnet) -> None:
        """To a target that is not an interface of the VPC."""
        target = self.world.snapshot.get(WAYS[route.kind], route.target)
        match target:
            case InternetGateway():
                self.belongs(target.id, target.vpc == subnet.vpc or not target.attached)
                self.out_of_gateway(target, subnet)
            case EgressOnlyGateway():
                self.belongs(target.id, target.vpc == subnet.vpc or not target.attached)
                self.out_of_egress_only(target, subnet)
            case VpcPeering():
                self.belongs(target.id, subnet.vpc in target.vpcs or target.state != "active")
                self.over_peering(target, subnet.vpc)
            case TransitGateway():
                self.into_transit(target, subnet)
            case RegionalNatGateway():
                self.belongs(target.id, target.vpc == subnet.vpc)
                self.into_regional(target, subnet)
            case VirtualPrivateGateway():
                self.belongs(target.id, target.vpc == subnet.vpc or not target.attached)
                self.into_virtual(target)
            case VpcEndpoint(type="Gateway"):
                self.belongs(target.id, target.vpc == subnet.vpc)
                self.into_gateway_endpoint(target)
            case VpcEndpoint():
                raise self.beyond(route.target)
            case _:
                raise Stop(route.target, "SIM_UNMODELLED")

    def belongs(self, target: str, here: bool) -> None:
        """RT-30: a target must be attached to the table's own VPC."""
        if not here:
            self.at(target, "of another VPC")
            self.check("of this VPC (RT-30)", False, "BAD_STATE_ATTACHMENT")

    # ---- into a subnet ----

    def deliver_in(self, vpc_id: str) -> None:
        """MODEL-9, MODEL-10: the local route; the table of the receiving subnet is not consulted."""
        subnet = self.world.subnet_with(vpc_id, self.header.destination)
        if subnet is None:
            raise Stop(vpc_id, "NO_POSSIBLE_DESTINATION" if self.world.snapshot.was_read("subnet") else "SIM_UNMODELLED")
        self.enter_subnet(subnet)
        self.on_link(subnet)

    def enter_subnet(self, subnet: Subnet, stage: str = "in") -> None:
        self.at(subnet.id, stage)
        acl = self.world.acl_of(subnet)
        if acl is None:
            raise self.beyond(subnet.id)
        self.judged("network ACL in", judge_acl(self.world, acl, self.header, inbound=True))

    def on_link(self, subnet: Subnet) -> None:
        """Who in the subnet has the address?"""
        nic = self.world.nic_with(subnet.vpc, self.header.destination)
        if nic is None or nic.subnet != subnet.id:
            known = self.world.snapshot.was_read("network-interface")
            raise Stop(subnet.id, "NO_POSSIBLE_DESTINATION" if known else "SIM_UNMODELLED")  # MODEL-10
        nat = self.world.nat_of(nic)
        if nat is not None:
            self.answer_at_nat(nat, nic)
        else:
            self.enter(nic)

    def routed_to(self, nic: NetworkInterface) -> None:
        """A route leads to an appliance. SG-13: a rule that names a group does not admit what goes through a middlebox."""
        if not self.world.holds(nic, self.header.destination):  # what is for the appliance itself may be known by group
            self.at(nic.id, "routed")
            self.check("not by reference (SG-13)", not self.marks.by_reference, "SG_REFERENCES_NOT_PRESERVED")
        self.enter(nic)

    def enter(self, nic: NetworkInterface) -> None:
        """MODEL-8: security groups inbound, destination check; then the guest."""
        self.at(nic.id, "in")
        if self.world.groups_of(nic) is None:
            self.leg.quiet.add(nic.id)
        self.through_transit_to_endpoint(nic)
        self.pass_groups(nic, inbound=True)
        mine = self.world.holds(nic, self.header.destination)
        self.check("destination check (ENI-4)", mine or not nic.check, "ENI_SOURCE_DEST_CHECK_RESTRICTION")
        self.check("the interface is attached (ENI-6)", nic.attached, "BAD_STATE_ATTACHMENT")
        if mine:
            self.for_guest(nic)
        else:
            self.through_guest(nic)

    # ---- guests ----

    def for_guest(self, nic: NetworkInterface) -> None:
        """The packet is for whoever is behind the interface."""
        if nic.type == "vpc_endpoint":
            self.at_interface_endpoint(nic)
            return
        if self.world.inspector(nic) is not None:
            raise Stop(nic.id, "SIM_UNMODELLED")  # nobody says what an endpoint for inspection does with packets to itself
        balancer = self.world.balancer_of(nic)
        if balancer is not None:
            self.at_node(balancer, nic)
            return
        callers = [name for (where, sent), name in self.sessions.callers.items() if where == nic.id and answer_to(sent) == self.header]
        if self.world.is_function(nic):
            self.check("replies only (LAMBDA-7)", bool(callers), "SIM_LAMBDA_NO_INBOUND")
        if nic.type == "ec2_instance_connect_endpoint":
            service = self.world.service_of(nic)
            self.at(service.id if service else nic.id, "in")
            self.check("replies only (SVC-9)", self.sessions.is_reply(nic.id, self.header), "SIM_REPLIES_ONLY")
            self.arrive(nic.id)
            return
        instance = self.world.instance_of(nic)
        guest = instance or self.world.service_of(nic)
        if guest is not None or callers:
            self.at(guest.id if guest else callers[0], "in")
        vpn = self.world.client_vpn_of(nic)
        if vpn is not None:
            self.back_to_client(vpn, nic)
            return
        if instance is not None:
            self.check("the instance runs (ENI-6)", instance.state == "running", "BAD_STATE")
            self.back_to_pod(instance)
            original = self.sessions.original_of(instance.id, self.header)
            if original is not None:  # SG-26: the reply to what a NAT instance translated
                self.becomes(with_fields(self.header, destination=original.source, destination_port=original.source_port))
                self.forget_sender()
                self.pass_on(nic)
                return
        self.arrive(nic.id)

    def through_guest(self, nic: NetworkInterface) -> None:
        """A packet for others, with the check off (ENI-5)."""
        instance = self.world.instance_of(nic)
        if instance is None:
            raise Stop(nic.id, "SIM_UNMODELLED")
        self.at(instance.id, "through")
        self.check("the instance runs (ENI-6)", instance.state == "running", "BAD_STATE")
        has_public = any(pair.public for pair in nic.addresses)
        if instance.forwards == "nat" or (not instance.forwards and has_public):  # NATI-1
            if self.header.version == 6:
                raise Stop(instance.id, "SIM_UNMODELLED")  # what the guest does with it nobody told
            self.check("not its own output (NATI-6)", not self.world.holds(nic, self.header.source), "SIM_ROUTING_LOOP")
            self.masquerade(instance.id, self.world.privates(nic)[0])
            self.forget_sender()
            self.marks = Marks()
            self.own_groups(nic)  # SG-13: the NAT instance's group, not the client's
        else:
            self.forget_sender()
        self.pass_on(nic)

    def pass_on(self, nic: NetworkInterface) -> None:
        """The guest sends on what it forwards, by the interface it came to (ENI-7)."""
        self.at(nic.id, "pass on")
        self.leave(nic)
