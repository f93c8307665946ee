"""VPC endpoints (section 12 of docs/semantics.md): gateway endpoints, and what is behind an interface endpoint."""

from __future__ import annotations

from simulator.aws.network_interface import NetworkInterface
from simulator.aws.vpc_endpoint import VpcEndpoint
from tests.oracle.by_the_book.filters import ICMP, TCP, UDP
from tests.oracle.by_the_book.gateways import TRANSIT
from tests.oracle.by_the_book.transit import Transit

ECHO, ECHO_REPLY = 8, 0


class Endpoints(Transit):
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
        self.check("TCP and UDP (IFE-6)", self.header.protocol in (TCP, UDP), "PROTOCOL_RESTRICTION")
        self.arrive(nic.id)

    def through_transit_to_endpoint(self, nic: NetworkInterface) -> None:
        """SG-13, TGW-11: references do not reach an interface endpoint through a transit gateway."""
        if nic.type == "vpc_endpoint" and self.entered == TRANSIT:
            self.forget_sender()
