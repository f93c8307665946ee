"""What kind of networks to draw: how many of each thing at most, and how likely what."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Profile:
    """Sizes are the most that a VPC has (a network, for `vpcs`); the others are percentages, `more_...` that of each
    further one.

    rare: how many of `RARE` a network may have at most. A network that has a few of them often shows more than one that has a bit
    of everything (Groce and others, "Swarm testing", ISSTA 2012), and is smaller.
    odd: those of `RARE` that each network has.
    near_groups: rules that name a group of a VPC that is joined with theirs, where there is one.
    gaps: networks of which not all was read: prefix lists without blocks, routes to unknown gateways, described VPCs without tables.
    wide: on premises, load balancers, services, egress-only gateways.
    sloppy: allow what AWS would refuse and the readers only warn about; see `_check` in `simulator/aws/`.

    `dataclasses.replace(MIXED, ipv6=0)` makes another one.
    """

    name: str
    vpcs: int = 4
    more_vpcs: int = 40
    subnets: int = 3
    more_subnets: int = 65
    hosts: int = 4
    nat_gateways: int = 2
    more_nat_gateways: int = 45
    functions: int = 2
    services: int = 1
    groups: int = 3
    tables: int = 2
    acls: int = 2
    lists: int = 2
    near_groups: int = 35
    peerings: int = 50
    transit: int = 15
    endpoints: int = 8
    internet_gateway: int = 75
    front: int = 45
    public: int = 80
    open_groups: int = 40
    open_acls: int = 60
    default_route: int = 70
    forwarding: int = 25
    rare: int = 4
    odd: tuple[str, ...] = ()
    ipv6: int = 8
    gaps: int = 12
    wide: int = 0
    sloppy: bool = False

    def __repr__(self) -> str:
        return f"<Profile {self.name}>"


RARE = (
    "stopped instances",
    "several addresses",
    "NAT gateways of several addresses",
    "private NAT gateways",
    "NAT gateways that are gone",
    "blackholes",
    "routes inside the VPC",
    "propagated routes",
    "two interfaces",
    "bare interfaces",
    "detached interfaces",
    "detached gateways",
    "secondary blocks",
    "other blocks",
    "overlapping VPCs",
    "peerings that are not active",
    "transit gateways without default tables",
    "peered transit gateways",
    "attachments without a table",
    "attachments that are not available",
    "appliance mode",
    "free addresses",
    "default groups",
    "functions outside",
    "explicit main table",
    "ingress routing",
    "no DNS",
    "Windows",
    "Regions",
    "tunnels that are down",
    "blocked public access",
)
SLOPPY_ONLY = ("addresses AWS keeps", "groups of others", "routes AWS refuses", "targets of others")

MIXED = Profile(name="mixed")
OPEN = Profile(name="mostly open", open_groups=90, open_acls=95, default_route=90, internet_gateway=95, rare=2)
CLOSED = Profile(name="mostly closed", open_groups=10, open_acls=20, default_route=50)
NAT_HEAVY = Profile(
    name="NAT-heavy",
    vpcs=2,
    more_subnets=90,
    nat_gateways=4,
    more_nat_gateways=75,
    functions=2,
    services=0,
    internet_gateway=95,
    open_groups=80,
    open_acls=80,
    default_route=95,
    front=50,
    forwarding=50,
    rare=3,
    ipv6=0,
)
TRANSIT_HEAVY = Profile(
    name="transit-heavy",
    more_vpcs=85,
    subnets=2,
    hosts=2,
    nat_gateways=1,
    functions=1,
    services=0,
    groups=1,
    peerings=15,
    transit=97,
    endpoints=20,
    open_groups=35,
    open_acls=85,
    default_route=60,
    ipv6=0,
)
WIDE = Profile(name="wide", wide=60, vpcs=2, subnets=3, more_subnets=80, open_groups=70, open_acls=80, peerings=30, ipv6=40)
SLOPPY = Profile(name="sloppy", rare=6, gaps=30, sloppy=True)
PROFILES = (MIXED, OPEN, CLOSED, NAT_HEAVY, TRANSIT_HEAVY)
