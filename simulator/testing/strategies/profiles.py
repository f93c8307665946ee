"""What kind of networks to draw: how many of each thing at most, and how likely what."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Sizes are the most that a VPC has (a network, for `vpcs`); the others are percentages.

    odd: what is allowed and rare, such as secondary blocks, a replaced local route, several addresses, a stopped instance.
    gaps: what was not read: prefix lists without blocks, routes to unknown gateways, described VPCs without tables or ACLs.
    sloppy: allow what AWS would refuse and the readers only warn about; see `simulator/aws/*._check`.

    `dataclasses.replace(MIXED, ipv6=0)` makes another one.
    """

    name: str
    vpcs: int = 3
    subnets: int = 3
    hosts: int = 4
    nat_gateways: int = 2
    functions: int = 2
    services: int = 1
    groups: int = 3
    tables: int = 2
    acls: int = 2
    lists: int = 2
    internet_gateway: int = 75
    public: int = 35
    open_groups: int = 40
    open_acls: int = 60
    default_route: int = 70
    forwarding: int = 25
    odd: int = 15
    ipv6: int = 8
    gaps: int = 4
    sloppy: bool = False


MIXED = Profile(name="mixed")
OPEN = Profile(name="mostly open", open_groups=90, open_acls=95, default_route=90, internet_gateway=95, odd=10)
CLOSED = Profile(name="mostly closed", open_groups=10, open_acls=20, default_route=50)
NAT_HEAVY = Profile(
    name="NAT-heavy", vpcs=2, nat_gateways=4, functions=2, services=0, open_groups=70, default_route=90, forwarding=60, odd=25, ipv6=0
)
SLOPPY = Profile(name="sloppy", odd=30, gaps=15, sloppy=True)
PROFILES = (MIXED, OPEN, CLOSED, NAT_HEAVY)
