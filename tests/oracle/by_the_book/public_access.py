"""Block Public Access (section 18 of docs/semantics.md): what may pass the gateways to the internet."""

from __future__ import annotations

from simulator.aws.block_public_access import BlockPublicAccess, PublicAccessExclusion
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.subnet import Subnet
from simulator.aws.vpc import Vpc
from simulator.aws.vpc_endpoint import VpcEndpoint
from tests.oracle.by_the_book.headers import mirrored
from tests.oracle.by_the_book.result import Stop
from tests.oracle.by_the_book.steps import Steps

BOTH_WAYS, EGRESS = "allow-bidirectional", "allow-egress"


class PublicAccess(Steps):
    """Stages of a `Journey`, which has those of interfaces and subnets."""

    def switch_of(self, vpc: Vpc) -> BlockPublicAccess | None:
        """BPA-1, BPA-10: the switch of the owner's account in the VPC's Region; what nobody told fits any."""
        for switch in self.world.snapshot.all(BlockPublicAccess):
            mine = switch.account in ("", vpc.account) or not vpc.account
            here = switch.region in ("", vpc.region) or not vpc.region
            if mine and here and switch.mode != "off":
                return switch
        return None

    def exclusion_of(self, switch: BlockPublicAccess, vpc_id: str, subnet: Subnet | None) -> str:
        """BPA-1: how the subnet, or its VPC with all its subnets, is excluded; empty: it is not."""
        if not switch.exclusions:
            return ""
        modes = [
            exclusion.mode
            for exclusion in self.world.snapshot.all(PublicAccessExclusion)
            if exclusion.resource == vpc_id or (subnet is not None and exclusion.resource == subnet.id)
        ]
        return BOTH_WAYS if BOTH_WAYS in modes else EGRESS if EGRESS in modes else ""

    def past_firewall(self, switch: BlockPublicAccess, subnet: Subnet, talks: str, *, might_pass: bool) -> None:
        """BPA-8: nothing passes by a firewall, whatever excludes its subnet. Of what else lies there and might pass nothing is said."""
        firewalls = [one for one in self.world.snapshot.all(VpcEndpoint) if one.firewall and subnet.id in one.subnets]
        self.blocked_unless(talks not in [name for one in firewalls for name in (one.id, *one.interfaces)], switch)
        if firewalls and might_pass:
            raise self.beyond(subnet.id)

    def public_access(self, gateway_id: str, vpc_id: str, subnet: Subnet | None, talks: str = "", *, outward: bool) -> None:
        """BPA-2 to BPA-7, at an internet gateway. `subnet`: that of whoever talks to the gateway (BPA-5); in no subnet is nobody.
        `talks`: the interface, where it is no receiver's."""
        switch = self.switch_of(self.world.vpc(vpc_id))
        if switch is None or subnet is None:
            return
        exclusion = self.exclusion_of(switch, vpc_id, subnet)
        nat = self.world.nat_with(vpc_id, self.header.source if outward else self.header.destination)
        self.past_firewall(switch, subnet, talks, might_pass=exclusion != "" or (switch.mode == "block-ingress" and nat is not None))
        if switch.mode == "block-ingress":
            passes = exclusion == BOTH_WAYS or nat is not None  # BPA-3, BPA-4
            if nat is not None and exclusion != BOTH_WAYS and talks not in ("", nat.interface):  # whether this is still a NAT's flow
                raise self.beyond(subnet.id)
        elif exclusion == EGRESS:
            passes = outward or (gateway_id, mirrored(self.header)) in self.sessions.started  # BPA-7
        else:
            passes = exclusion == BOTH_WAYS  # BPA-2
        if outward:
            self.sessions.started.add((gateway_id, self.header))
        self.blocked_unless(passes, switch)

    def egress_only_access(self, vpc_id: str, subnet: Subnet | None, *, outward: bool) -> None:
        """BPA-2, BPA-4: at an egress-only gateway, which only lets out what starts inside, and its replies."""
        switch = self.switch_of(self.world.vpc(vpc_id))
        if switch is None or switch.mode == "block-ingress":
            return
        self.blocked_unless(self.exclusion_of(switch, vpc_id, subnet) != "", switch)

    def blocked_unless(self, passes: bool, switch: BlockPublicAccess) -> None:
        """BPA-11."""
        if not passes:
            raise Stop(self.leg.hops[-1][0], "VPC_BLOCK_PUBLIC_ACCESS_ENABLED", frozenset({(switch.id, switch.mode)}))

    def subnet_facing(self, vpc_id: str, private: int, appliance: NetworkInterface | None) -> Subnet | None:
        """BPA-5: the subnet whose interface takes what comes in: that of the appliance a gateway table names, else the receiver's."""
        if appliance is not None:
            return self.world.snapshot.get(Subnet, appliance.subnet)
        return self.world.subnet_with(vpc_id, private)
