"""Services of the host itself: metadata, DNS, time, activation, task credentials (LL-1 to LL-8).

They answer any interface of the VPC, meet no security group, ACL or route, and are reached from nowhere else. A link-local address
that is none of them goes nowhere. DNS is also at the VPC's base address plus two, where DNS support is on (LL-4).
AWS pages: "Amazon EC2 instance IP addressing", "DNS attributes for your VPC" (2026).
"""

from __future__ import annotations

from simulator.aws.snapshot import Snapshot
from simulator.aws.vpc import Vpc
from simulator.graph.builder import Builder
from simulator.graph.nodes import Deliver, Drop, Lookup, Place, PrefixTable, Ref, Route
from simulator.origin import Origin
from simulator.packet.prefix import LINK_LOCAL, Prefix

ENDPOINT = "platform-services"
METADATA = ("169.254.169.254/32", "fd00:ec2::254/128")
DNS = ("169.254.169.253/32", "fd00:ec2::253/128")
SERVICES = ("169.254.169.123/32", "169.254.170.2/32", "169.254.169.250/31")
NOWHERE = (LINK_LOCAL, Prefix.parse("fd00:ec2::/32"), Prefix.parse("fe80::/10"))
LATTICE = Prefix.parse("169.254.171.0/24")  # where VPC Lattice answers, in a VPC that is associated with a service network (MISC-6)
_ORIGIN = Origin("platform services", "served by the host")


def resolver_address(vpc: Vpc | None) -> Prefix | None:
    """The VPC's base address plus two, where Amazon's DNS server answers (VPC-9, LL-1)."""
    primary = next((cidr for cidr in vpc.cidrs if cidr.version == 4), None) if vpc and vpc.dns_support else None
    return Prefix.host(4, primary.address(2)) if primary else None


def is_service(snapshot: Snapshot, version: int, value: int) -> bool:
    """Whether an address is one of the platform's services in some VPC, or a link-local one."""
    if any(block.holds(version, value) for block in NOWHERE):
        return True
    resolvers = snapshot.index("resolvers", lambda: {resolver_address(vpc) for vpc in snapshot.all(Vpc)})
    return Prefix.host(version, value) in resolvers


def platform_services(build: Builder, snapshot: Snapshot, vpc: str, sender: Place, back: Ref, then: Ref, *, metadata: bool) -> int:
    """The first thing a packet meets when it leaves an interface: is it for the host? `back` is where an answer goes.

    Functions have no instance metadata (LL-7).
    """
    table, place = snapshot.index(("platform", vpc, metadata), lambda: _table(snapshot, vpc, metadata=metadata)), sender
    served = Deliver(place=Place(ENDPOINT, ENDPOINT), what="service of the host", endpoint=ENDPOINT, reply_at=back, cites=("LL-1", "LL-2"))
    lost = Drop(place=place, what="link-local addresses", code="SIM_LINK_LOCAL_NOT_ROUTED", cites=("LL-8", "RT-27"), origin=_ORIGIN)
    targets: tuple[Ref, ...] = (build.add(served), build.add(lost))
    if not snapshot.whole:  # whether the VPC is associated no AWS answer that is read tells
        targets += (build.add(Drop(place=place, what="VPC Lattice", code="SIM_UNMODELLED", gap=True, cites=("MISC-6",))),)
    if snapshot.get(Vpc, vpc) is None:
        targets += (build.add(Drop(place=place, what="DNS support (not read)", code="UNKNOWN_RESOURCE", gap=True, cites=("LL-4",))),)
    return build.add(
        Lookup(
            place=place,
            what="platform services",
            table=table,
            targets=targets,
            miss=then,
            cites=("LL-2",),
            plumbing=True,
        )
    )


def _table(snapshot: Snapshot, vpc: str, *, metadata: bool) -> PrefixTable:
    served = [Prefix.parse(text) for text in (*SERVICES, *(METADATA if metadata else ()))]
    known = snapshot.get(Vpc, vpc)
    resolver = resolver_address(known)
    if resolver:  # with DNS support off, Amazon's server answers at neither of its addresses
        served += [resolver, *map(Prefix.parse, DNS)]
    routes = [Route(prefix, 0, _ORIGIN) for prefix in served] + [Route(block, 1, _ORIGIN) for block in NOWHERE]
    if not snapshot.whole:
        routes.append(Route(LATTICE, 2, _ORIGIN, "VPC Lattice"))
    if known is None:  # only an account that was read in part lacks the VPC of an interface, so there is a slot 2
        routes += [Route(Prefix.parse(text), 3, _ORIGIN, "Amazon's DNS server") for text in DNS]
    return PrefixTable(tuple(sorted(routes, key=lambda route: route.prefix)))
