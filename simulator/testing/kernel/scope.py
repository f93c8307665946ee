"""Which packets the bed can judge, and in words why not the others.

Not to be judged: what never leaves the guest (to oneself, or to an interface of the same instance, ENI-8), services of the host (LL-1),
what stands behind interfaces that are not built, addresses that Linux drops by itself (martians: loopback, multicast, "this network"),
and a sender that pretends to be a NAT gateway or instance: no AWS page says what the gateway makes of its own address.
"""

from __future__ import annotations

from simulator.packet.flow import ICMP, TCP, UDP, Flow
from simulator.packet.prefix import Prefix
from simulator.testing.kernel.filters import private
from simulator.testing.kernel.network import Network
from simulator.testing.kernel.packets import ICMP_REPLIES
from simulator.testing.kernel.plan import INTERNET

UNROUTED = tuple(map(Prefix.parse, ("0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/3")))
LINK_LOCAL = Prefix.parse("169.254.0.0/16")
JUDGED = (TCP, UDP, ICMP)


class Scope:
    """What of the packets of one network can be judged."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.resolvers = {cidr.value + 2 for vpc in network.vpcs for cidr in vpc.cidrs[:1] if cidr.version == 4}
        self.gateways = {value for nic in network.interfaces if nic.id in network.nat_of for value in private(nic)}
        translators = set(network.translators())
        self.boxes = {
            value: nic.id
            for nic in network.interfaces
            if nic.id in network.instance_of and network.instance_of[nic.id].id in translators
            for value in private(nic)
        }

    def why_not(self, sender: int, flow: Flow) -> str:
        """Why a packet cannot be judged; empty when it can."""
        if flow.version != 4:
            return "IPv6 is not built"
        if flow.protocol not in JUDGED:
            return "only TCP, UDP and ICMP queries are sent"
        if flow.protocol == ICMP and flow.icmp_type not in ICMP_REPLIES:
            return "of ICMP only queries are sent"
        return self.why_not_between(sender, flow.source, flow.destination)

    def why_not_between(self, sender: int, source: int, destination: int) -> str:
        """Why packets with these ends cannot be judged, whatever they carry."""
        if {source, destination} & self.resolvers or any(LINK_LOCAL.holds(4, end) for end in (source, destination)):
            return "services of the host (AWS DNS, instance metadata, time) are not built"
        if any(block.holds(4, end) for block in UNROUTED for end in (source, destination)):
            return "Linux routes no packets with such an address"
        if source == destination:
            return "packets to oneself never leave the guest"
        if source in self.gateways:
            return "what a NAT makes of packets with its own address as source is not documented"
        if sender == INTERNET:
            return ""
        nic = self.network.interfaces[sender]
        if self.boxes.get(source, nic.id) != nic.id:
            return "what a NAT makes of packets with its own address as source is not documented"
        if nic.id in self.network.strangers:
            return f"what stands behind {nic.id}, {nic.owner or nic.type}, is not built"
        instance = self.network.instance_of.get(nic.id)
        inside = instance.interfaces if instance else (nic.id,)
        others = (other for other in self.network.interfaces if other.vpc == nic.vpc and other.id in inside)
        return "both ends are one host" if any(destination in private(other) for other in others) else ""
