"""IPv6 between a VPC and the internet: no translation, only public addresses, as far as the gateways of a VPC agree (IGW-14 to IGW-16).

An interface's IPv6 address is used as it is, so a route to an internet gateway exposes every one of them (IGW-15). What differs between
internet gateways and egress-only ones is in their own files. AWS page: "Enable internet access for a VPC using an internet gateway" (2026).
"""

from __future__ import annotations

from collections.abc import Iterator

from simulator.aws.internet import arrivals
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.snapshot import Snapshot
from simulator.aws.vpc import Vpc
from simulator.graph.builder import Builder
from simulator.graph.nodes import Door, Filter, Forget, Place, Ref, Rewrite, Rule, RuleList
from simulator.origin import Origin
from simulator.packet.prefix import GLOBAL_UNICAST_V6, Prefix
from simulator.packet.space import Match


def from_internet(vpc: str) -> Door:
    """Where IPv6 packets from the internet for a VPC enter it: its internet gateway, unless an egress-only gateway looks at them first."""
    return Door("vpc", vpc, "IPv6 from the internet")


def entering(gateway: str) -> Door:
    """Where IPv6 packets that an internet gateway lets in go on."""
    return Door("internet-gateway", gateway, "entering with IPv6")


def public_blocks(vpc: Vpc) -> Iterator[Prefix]:
    """The IPv6 blocks of a VPC that are known on the internet; private ranges are not (IGW-14)."""
    return (cidr for cidr in vpc.cidrs if GLOBAL_UNICAST_V6.contains(cidr))


def own_sources(place: Place, vpc: str, build: Builder, snapshot: Snapshot, then: Ref) -> int:
    """Only packets from an interface of the VPC leave by its gateway (IGW-6)."""
    foreign = Origin(place.id, "sources of this VPC only")
    known = tuple(sorted(block for interface in snapshot.by(NetworkInterface, "vpc")[vpc] for block in interface.blocks))
    return build.add(
        Filter(
            place=place,
            what="sources of this VPC",
            rules=build.share(RuleList((Rule(Match(sources=known), True, foreign),), foreign)),
            then=then,
            code="GATEWAY_REJECTS_SPOOFED_TRAFFIC",
            cites=("IGW-6",),
            plumbing=True,
        )
    )


def leaving(place: Place, build: Builder, then: Ref) -> int:
    """IPv6 out of a VPC: a public source, or nothing comes back to it."""
    private = Origin(place.id, "public IPv6 sources only")
    return build.add(
        Filter(
            place=place,
            what="public IPv6 addresses as source",
            rules=build.share(RuleList((Rule(Match(sources=(GLOBAL_UNICAST_V6,)), True, private),), private)),
            then=then,
            code="IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS",
            cites=("IGW-14",),
            plumbing=True,
        )
    )


def outside(place: Place, build: Builder) -> int:
    """The last step out of AWS: nobody knows any more whose packet it was (SG-13)."""
    return build.add(Rewrite(place=place, what="IPv6 is not translated", how=Forget(), then=arrivals(), cites=("IGW-14", "SG-13")))


def exposed(place: Place, vpc: str, build: Builder, snapshot: Snapshot, then: Ref) -> Ref:
    """IPv6 into a VPC: whatever address it is for, but those that are closed to the internet."""
    closed = [interface for interface in snapshot.by(NetworkInterface, "vpc")[vpc] if interface.closed_to_internet and interface.speaks(6)]
    if not closed:
        return then
    origin = Origin(place.id, "addresses open to the internet")
    rules = tuple(Rule(Match(destinations=one.blocks), False, one.origin.of("closed to the internet")) for one in closed)
    return build.add(
        Filter(
            place=place,
            what="addresses closed to the internet",
            rules=RuleList(rules, origin, permit=True),
            then=then,
            code="IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS",
            cites=("IGW-16", "IFE-8"),
            plumbing=True,
        )
    )
