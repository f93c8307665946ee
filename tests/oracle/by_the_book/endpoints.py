"""VPC endpoints (section 12 of docs/semantics.md): gateway endpoints, and what is behind an interface endpoint."""

from __future__ import annotations

from simulator.aws.endpoint_service import EndpointService
from simulator.aws.load_balancer import LoadBalancer
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.vpc_endpoint import VpcEndpoint
from tests.oracle.by_the_book.balancers import Balancers
from tests.oracle.by_the_book.filters import ICMP, TCP, UDP, judge_groups
from tests.oracle.by_the_book.gateways import TRANSIT
from tests.oracle.by_the_book.result import Stop
from tests.oracle.by_the_book.targets import listener_for

ECHO, ECHO_REPLY = 8, 0


class Endpoints(Balancers):
    """Stages of a `Journey`, which has those of interfaces and subnets."""

    def into_gateway_endpoint(self, endpoint: VpcEndpoint) -> None:
        """GWE-4 to GWE-6, GWE-10: private source, public destination, no group, no list of its own."""
        self.at(endpoint.id, "in")
        self.check("it works", endpoint.state == "available", "BAD_STATE")
        inside = self.world.nic_with(endpoint.vpc, self.header.source) is not None
        self.check("a source of its VPC (GWE-6)", inside, "GATEWAY_REJECTS_SPOOFED_TRAFFIC")
        asks = self.header.protocol == TCP or (self.header.protocol == ICMP and self.header.icmp_type == ECHO)
        self.check("TCP or ping (GWE-5)", asks, "VPCE_GATEWAY_PROTOCOL_RESTRICTION")
        self.arrive("internet")  # the service's public addresses

    def out_of_gateway_endpoint(self, endpoint: VpcEndpoint) -> None:
        """GWE-4: the service answers straight into the VPC."""
        self.at(endpoint.id, "out")
        answers = self.header.protocol == TCP or (self.header.protocol == ICMP and self.header.icmp_type == ECHO_REPLY)
        self.check("TCP or the answer to a ping (GWE-5)", answers, "VPCE_GATEWAY_PROTOCOL_RESTRICTION")
        self.deliver_in(endpoint.vpc)

    def at_interface_endpoint(self, nic: NetworkInterface) -> None:
        """IFE-6: TCP, and UDP for some services; no ping."""
        endpoint = self.world.endpoint_of(nic)
        if endpoint is not None:
            self.at(endpoint.id, "in")
            self.check("it works (PL-1)", endpoint.state == "available", "BAD_STATE")
        self.check("TCP and UDP (IFE-6)", self.header.protocol in (TCP, UDP), "PROTOCOL_RESTRICTION")
        service = self.world.service_behind(endpoint) if endpoint else None
        if service is None or service.balancers is None:
            self.arrive(nic.id)
            return
        self.over_private_link(nic, service)

    def over_private_link(self, nic: NetworkInterface, service: EndpointService) -> None:
        """W-19; PL-4: by a node in the endpoint's zone."""
        zone, snapshot = self.world.subnet(nic.subnet).zone, self.world.snapshot
        balancers = [snapshot.get(LoadBalancer, name) for name in service.balancers or ()]
        if None in balancers:
            raise self.beyond(service.id)
        nodes = [self.world.nic(node) for balancer in balancers if balancer for node in balancer.interfaces]
        nodes = [node for node in nodes if self.world.subnet(node.subnet).zone == zone]
        self.check("in this zone (PL-4)", bool(nodes), "VPCE_SERVICE_NOT_INSTALLED_IN_AZ")
        node = nodes[self.choose("node", 0, len(nodes) - 1, 0)] if len(nodes) > 1 else nodes[0]
        balancer = self.world.balancer_of(node)
        assert balancer is not None
        self.forget_sender()  # PL-2: by the consumer's address
        groups = self.world.groups_of(node)
        self.at(node.id, "linked")
        if groups is None:
            self.leg.quiet.add(node.id)
        if groups is not None and balancer.enforces_private_link:
            judgement = judge_groups(self.world, node.vpc, groups, self.header, inbound=True, marks=self.marks)
            self.judged("security groups in", judgement)
        self.at(balancer.id, "linked")
        listener = listener_for(self.world, balancer, self.header.protocol, self.header.destination_port)
        if listener is None:
            raise Stop(balancer.id, "ELBV2_LISTENERS_MISMATCH")
        self.pass_to_target(balancer, node, listener, by=nic)

    def through_transit_to_endpoint(self, nic: NetworkInterface) -> None:
        """SG-13, TGW-11: references do not reach an interface endpoint through a transit gateway."""
        if nic.type == "vpc_endpoint" and self.entered == TRANSIT:
            self.forget_sender()
