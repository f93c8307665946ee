"""One concrete packet header, its reply, and the marks that filters may read beside it (MODEL-1, MODEL-2)."""

from __future__ import annotations

from typing import NamedTuple

from simulator.packet.prefix import Prefix, format_address

ICMP, TCP, UDP, ESP, ICMPV6 = 1, 6, 17, 50, 58
PROTOCOL_NAMES = {ICMP: "icmp", TCP: "tcp", UDP: "udp", ESP: "esp", ICMPV6: "icmpv6"}
WITH_PORTS = frozenset({TCP, UDP})
WITH_TYPES = frozenset({ICMP, ICMPV6})
# Requests and their replies, by protocol: echo, timestamp and information (RFC 792), echo (RFC 4443). Other types get no reply.
ICMP_REPLIES = {ICMP: {8: 0, 13: 14, 15: 16}, ICMPV6: {128: 129}}
ICMP_OF_ICMPV6 = {128: 8, 129: 0}  # the types of echo request and reply in IPv4 (RFC 7915)


class Flow(NamedTuple):
    """One header. Addresses are integers of the width of `version`; fields that the protocol does not have are 0.

    >>> flow = Flow.tcp("10.0.1.7", 40000, "93.184.216.34", 443)
    >>> print(flow)
    tcp 10.0.1.7:40000 > 93.184.216.34:443
    >>> print(flow.reversed())
    tcp 93.184.216.34:443 > 10.0.1.7:40000
    """

    version: int
    source: int
    destination: int
    protocol: int
    source_port: int = 0
    destination_port: int = 0
    icmp_type: int = 0
    icmp_code: int = 0

    @classmethod
    def tcp(cls, source: str, source_port: int, destination: str, destination_port: int) -> Flow:
        """A TCP header from texts: for tests and examples."""
        from simulator.packet.prefix import parse_address

        version, value = parse_address(source)
        return cls(version, value, parse_address(destination)[1], TCP, source_port, destination_port)

    @property
    def has_ports(self) -> bool:
        """Whether the protocol has ports that filters read (TCP, UDP)."""
        return self.protocol in WITH_PORTS

    @property
    def has_types(self) -> bool:
        """Whether the protocol has a type and a code (ICMP, ICMPv6)."""
        return self.protocol in WITH_TYPES

    @property
    def is_answered(self) -> bool:
        """Whether a reply belongs to such a packet: every protocol but the ICMP types that ask nothing (MODEL-4)."""
        return not self.has_types or self.icmp_type in ICMP_REPLIES[self.protocol]

    def reversed(self) -> Flow:
        """The header of the reply: ends and ports swapped, an ICMP request turned into its answer or back."""
        icmp_type = self.icmp_type
        if self.has_types:
            pairs = {**ICMP_REPLIES[self.protocol], **_requests(self.protocol)}
            icmp_type = pairs.get(icmp_type, icmp_type)
        return Flow(
            self.version,
            self.destination,
            self.source,
            self.protocol,
            self.destination_port,
            self.source_port,
            icmp_type,
            self.icmp_code,
        )

    def unwrapped(self, block: Prefix, source: int) -> Flow:
        """An IPv6 header for an address that carries an IPv4 one beyond the start of `block`, as the IPv4 header from `source` (NAT64).

        >>> from simulator.packet.prefix import NAT64
        >>> print(Flow.tcp("2001:db8::1", 40000, "64:ff9b::192.0.2.1", 443).unwrapped(NAT64, 0x0A000005))
        tcp 10.0.0.5:40000 > 192.0.2.1:443
        """
        protocol, icmp_type = self.protocol, self.icmp_type
        if protocol == ICMPV6:
            protocol, icmp_type = ICMP, ICMP_OF_ICMPV6.get(icmp_type, icmp_type)
        destination = self.destination - block.value
        return self._replace(version=4, source=source, destination=destination, protocol=protocol, icmp_type=icmp_type)

    @property
    def service(self) -> str:
        """The service in the notation of questions.

        >>> Flow(4, 1, 2, ICMP, icmp_type=8).service
        'icmp/8/0'
        """
        name = PROTOCOL_NAMES.get(self.protocol, f"proto/{self.protocol}")
        if self.has_ports:
            return f"{name}/{self.destination_port}"
        return f"{name}/{self.icmp_type}/{self.icmp_code}" if self.has_types else name

    def __str__(self) -> str:
        name = PROTOCOL_NAMES.get(self.protocol, f"proto/{self.protocol}")
        ends = [format_address(self.version, self.source), format_address(self.version, self.destination)]
        if self.has_ports:
            ends = [
                f"[{end}]:{port}" if self.version == 6 else f"{end}:{port}"
                for end, port in zip(ends, (self.source_port, self.destination_port), strict=True)
            ]
        words = f"{name} {ends[0]} > {ends[1]}"
        return f"{words} type {self.icmp_type} code {self.icmp_code}" if self.has_types else words


def _requests(protocol: int) -> dict[int, int]:
    return {reply: request for request, reply in ICMP_REPLIES[protocol].items()}


class Marks(NamedTuple):
    """What filters may know of a packet beyond its header; every mark is demanded by a rule.

    `groups`: the sender's security groups, as long as AWS still knows who sent the packet (SG-11, SG-13).
    `lost_groups`: those it knew before a device on the way made it forget; read only to explain a denial (SG-13).
    `zone`: the availability zone the packet was sent from (TGW-4 to TGW-7).
    `by_reference`: the sender's groups let it out only by a rule that names a group (SG-13, outbound column).
    `reply`: it answers another packet, which a firewall sees by the TCP flags (NFW-7).
    """

    groups: frozenset[str] = frozenset()
    lost_groups: frozenset[str] = frozenset()
    zone: str = ""
    by_reference: bool = False
    reply: bool = False

    def forgotten(self) -> Marks:
        """The marks behind a device that does not pass on who the sender was."""
        if not self.groups and not self.by_reference:
            return self
        return Marks(frozenset(), self.groups | self.lost_groups, self.zone, by_reference=False, reply=self.reply)

    def without(self, groups: frozenset[str]) -> Marks:
        """The marks behind a device that passes on who the sender was, but for these groups."""
        return self._replace(groups=self.groups - groups, lost_groups=self.lost_groups | (self.groups & groups))


NO_MARKS = Marks()
