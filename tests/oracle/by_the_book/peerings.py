"""VPC peering (section 9 of docs/semantics.md), and the way back to NAT gateways over it (NAT-14)."""

from __future__ import annotations

from simulator.aws.nat_gateway import NatGateway
from simulator.aws.subnet import Subnet
from simulator.aws.vpc_peering import VpcPeering
from tests.oracle.by_the_book.gateways import Gateways
from tests.oracle.by_the_book.headers import mirrored
from tests.oracle.by_the_book.result import Stop


class Peerings(Gateways):
    """Stages of a `Journey`, which has those of interfaces and subnets."""

    def over_peering(self, peering: VpcPeering, vpc_id: str) -> None:
        """PCX-1, PCX-3, PCX-6: from one end to the other, and there to an interface only (no route table, PCX-4)."""
        self.at(peering.id, f"from {vpc_id}")
        self.check("active (PCX-11)", peering.state == "active", "BAD_STATE_ROUTE")
        here = peering.vpcs.index(vpc_id)
        source = self.world.within(self.blocks(peering, here), self.header.source)
        self.check("a source of this VPC (PCX-3)", source, "GATEWAY_REJECTS_SPOOFED_TRAFFIC")
        inside = self.world.within(self.blocks(peering, 1 - here), self.header.destination)
        self.check("a destination of the other VPC (PCX-3)", inside, "PCX_REQUIRES_ADDRESS_IN_VPC_CIDR")
        far = peering.vpcs[1 - here]
        if not self.world.one_region(peering):  # SG-13, PCX-9
            self.forget_sender()
        self.entered = "peering"
        nat = self.world.nat_with(vpc_id, self.header.source)
        if nat is not None:
            self.sessions.over_peerings[peering.id, self.header] = nat.id
        if not self.world.was_read(far):
            raise Stop(far, "SIM_UNMODELLED")
        self.deliver_in(far)

    def blocks(self, peering: VpcPeering, end: int) -> tuple:
        """The blocks of one end: those of the VPC, or what the peering tells of one that was not read."""
        if self.world.was_read(peering.vpcs[end]):
            return self.world.vpc(peering.vpcs[end]).cidrs
        return peering.blocks[end]

    def sender_over_peering(self, subnet: Subnet) -> VpcPeering | None:
        """NAT-14: the peering by which the flow came from a NAT gateway, whose reply goes back there without a route."""
        for (peering_id, sent), nat_id in self.sessions.over_peerings.items():
            peering = self.world.snapshot.get(VpcPeering, peering_id)
            nat = self.world.snapshot.get(NatGateway, nat_id)
            if mirrored(sent) == self.header and peering and nat and subnet.vpc in peering.vpcs:
                return peering
        return None
