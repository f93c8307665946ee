"""Headers and their answers (MODEL-4), and what stateful devices remember of them (SG-19, SG-20, NAT-6)."""

from __future__ import annotations

from dataclasses import dataclass, field

from simulator.packet.flow import Flow
from tests.oracle.by_the_book.filters import ICMP, ICMPV6


def with_fields(header: Flow, **changed: int) -> Flow:
    """The header with other values in some fields."""
    names = ("version", "source", "destination", "protocol", "source_port", "destination_port", "icmp_type", "icmp_code")
    return Flow(*(changed.get(name, getattr(header, name)) for name in names))


# MODEL-4: echo, timestamp, information.
ANSWERS = {ICMP: {8: 0, 13: 14, 15: 16}, ICMPV6: {128: 129}}


def mirrored(header: Flow) -> Flow:
    """The header of the other direction of a flow, an ICMP request turned into its answer and back."""
    answers = ANSWERS.get(header.protocol, {})
    both = {**answers, **{answer: request for request, answer in answers.items()}}
    icmp_type = both.get(header.icmp_type, header.icmp_type)
    return with_fields(
        header,
        source=header.destination,
        destination=header.source,
        source_port=header.destination_port,
        destination_port=header.source_port,
        icmp_type=icmp_type,
    )


def as_ipv4(header: Flow) -> Flow:
    """NAT-22: what an IPv6 packet for an IPv4 host becomes, but for its source; an IPv4 packet stays."""
    if header.version == 4:
        return header
    protocol = ICMP if header.protocol == ICMPV6 else header.protocol
    icmp_type = {128: 8, 129: 0}.get(header.icmp_type, header.icmp_type)
    ports = header.source_port, header.destination_port
    return Flow(4, 0, header.destination & 0xFFFFFFFF, protocol, *ports, icmp_type, header.icmp_code)


def answer_to(header: Flow) -> Flow | None:
    """The reply's header; none for what asks nothing (MODEL-4)."""
    answers = ANSWERS.get(header.protocol)
    return None if answers is not None and header.icmp_type not in answers else mirrored(header)


@dataclass(frozen=True)
class Preserved:
    """ELB-6: a flow that a node passed to a target with the client's address: as it came, and as it left. `peering`: over which one."""

    node: str
    target: str
    came: Flow
    left: Flow
    peering: str = ""


@dataclass
class Sessions:
    """SG-20: the flows each interface admitted. NAT-6: what each NAT made of which header.
    LAMBDA-3: which function sent what by an interface that several share. RT-11: what
    AWS picked in a table. TGW-7: the zone of a flow at an attachment. NAT-14: what NAT gateways sent over peerings.
    EIGW-1, EIGW-2: what left by egress-only gateways, and what came in by internet gateways.
    BPA-7: what went out by internet gateways, as the gateway got it. ELB-2: what nodes of load balancers started. PL-1: by which
    endpoint's interface a node got what it passed on."""

    admitted: set[tuple[str, Flow]] = field(default_factory=set)
    translated: dict[tuple[str, Flow], Flow] = field(default_factory=dict)
    callers: dict[tuple[str, Flow], str] = field(default_factory=dict)
    kept: dict[object, int] = field(default_factory=dict)
    egress: set[tuple[str, Flow]] = field(default_factory=set)
    ingress: set[Flow] = field(default_factory=set)
    started: set[tuple[str, Flow]] = field(default_factory=set)
    sent: set[tuple[str, Flow]] = field(default_factory=set)
    preserved: list[Preserved] = field(default_factory=list)
    linked: dict[tuple[str, Flow], str] = field(default_factory=dict)
    zones: dict[tuple[str, str, Flow], str] = field(default_factory=dict)
    over_peerings: dict[tuple[str, Flow], str] = field(default_factory=dict)

    def is_reply(self, nic_id: str, header: Flow) -> bool:
        """SG-19, SG-20, SG-24: whether this interface admitted the flow that this header answers, in whichever direction."""
        return any(nic == nic_id and mirrored(flow) == header for nic, flow in self.admitted)

    def original_of(self, place: str, reply: Flow) -> Flow | None:
        """The header as it came to a NAT, of the flow that this reply answers."""
        return next((came for (where, left), came in self.translated.items() if where == place and mirrored(left) == reply), None)
