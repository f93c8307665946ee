"""Networks for the benchmarks: AWS describe answers of an estate as large as wanted, written as the AWS command line prints them.

The mix follows what accounts look like: VPCs of about a hundred subnets in three zones, with secondary blocks; a public, an application
and a data tier, each with its network ACL; a NAT gateway and a private route table for each zone; security groups that name each
other; instances, functions, load balancers, databases, and a few interfaces that are attached to nothing. The same arguments give the
same bytes.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from benchmarks import describe_shapes as shapes
from benchmarks.describe_shapes import ACCOUNT, REGION, AclLine, Json, permission

ZONES = "abc"
SUBNETS_OF_A_VPC = 100
SUBNETS_OF_A_BLOCK = 64  # /24 subnets in a /18 block
FIRST_HOST, LAST_HOST = 4, 254
PUBLIC, APPLICATION, DATA = "public", "application", "data"
INSTANCE, FUNCTION, BALANCER, DATABASE, UNUSED = "instance", "function", "balancer", "database", "unused"
# The tiers of each ten subnets; then, in shares, where interfaces are and what they belong to there.
TIERS = (PUBLIC, APPLICATION, APPLICATION, DATA, APPLICATION, PUBLIC, APPLICATION, DATA, APPLICATION, APPLICATION)
CROWDED = {PUBLIC: 15, APPLICATION: 70, DATA: 15}
DWELLERS = {
    PUBLIC: {BALANCER: 60, INSTANCE: 35, UNUSED: 5},
    APPLICATION: {INSTANCE: 72, FUNCTION: 25, UNUSED: 3},
    DATA: {DATABASE: 70, INSTANCE: 30},
}
TWO_INTERFACES = 0.05
PORTS = (22, 53, 80, 443, 1433, 3306, 5432, 6379, 8080, 8443, 9092, 9200)
EVERYWHERE = "0.0.0.0/0"
# Blocks of the internet that every tier refuses both ways; they are set aside for measurements (RFC 2544).
REFUSED = ("198.18.0.0/21", "198.18.16.0/21", "198.18.32.0/21", "198.19.8.0/21", "198.19.24.0/21", "198.19.40.0/21")


class Estate(NamedTuple):
    """What was written: the number of elements by AWS list, and instances to ask about.

    `private` reaches the internet on tcp/443 through the NAT gateway of its zone; the internet reaches `exposed` on tcp/443. Both
    but for the blocks of `REFUSED`.
    """

    counts: dict[str, int]
    private: str
    exposed: str


@dataclass(slots=True)
class _Subnet:
    """A subnet under construction; `next_host` is the first address that nobody has."""

    id: str
    network: str
    zone: str
    tier: str
    next_host: int = FIRST_HOST

    @property
    def has_room(self) -> bool:
        return self.next_host < LAST_HOST  # for an instance with two interfaces

    def take_address(self) -> str:
        self.next_host += 1
        return f"{self.network}.{self.next_host - 1}"


@dataclass(slots=True)
class _Vpc:
    """A VPC under construction: its blocks and subnets, its groups by tier, and the NAT gateway of each zone."""

    id: str
    name: str
    blocks: list[str]
    subnets: list[_Subnet] = field(default_factory=list)
    groups: dict[str, list[str]] = field(default_factory=dict)
    nats: dict[str, str] = field(default_factory=dict)

    def of_tier(self, tier: str) -> list[_Subnet]:
        return [subnet for subnet in self.subnets if subnet.tier == tier]


def describe_estate(folder: Path, interfaces: int = 1000, subnets: int = 200, *, groups: int | None = None, seed: int = 1) -> Estate:
    """Write the describe answers of an estate below `folder`: one file for each list, in a folder of the account and the Region.

    interfaces: network interfaces altogether, those of NAT gateways included; at least ten for each VPC.
    subnets: subnets altogether, at least ten; a VPC takes a hundred of them at most. Raises `ValueError` when they cannot hold the
    interfaces.
    groups: security groups beside the default ones, at least six for each VPC; none: one for every five interfaces.
    """
    vpcs = -(-subnets // SUBNETS_OF_A_VPC)
    if subnets < 10 or interfaces < 10 * vpcs:
        raise ValueError("an estate has at least ten subnets, and ten interfaces for each VPC")
    wanted_groups = max(interfaces // 5 if groups is None else groups, 6 * vpcs)
    writer = _Writer(random.Random(f"estate {seed}"))
    for number in range(vpcs):
        vpc = writer.vpc(number, _share(subnets, vpcs, number))
        writer.groups(vpc, _share(wanted_groups, vpcs, number))
        writer.gateways(vpc)
        writer.route_tables(vpc)
        writer.acls(vpc)
        writer.dwellers(vpc, _share(interfaces, vpcs, number) - len(vpc.nats))
    place = folder / ACCOUNT / REGION
    place.mkdir(parents=True, exist_ok=True)
    for name, elements in writer.lists.items():
        (place / f"{name}.json").write_text(json.dumps({name: elements}, indent=4) + "\n", "utf-8")
    return Estate({name: len(elements) for name, elements in writer.lists.items()}, writer.private, writer.exposed)


def _share(whole: int, parts: int, number: int) -> int:
    return whole // parts + (number < whole % parts)


class _Writer:
    """Makes the elements of all lists, one VPC after the other."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.public_addresses = 0
        self.private = self.exposed = ""
        ground = ("Vpcs", "Subnets", "RouteTables", "NetworkAcls", "SecurityGroups", "InternetGateways", "NatGateways")
        self.lists: dict[str, list[Json]] = {name: [] for name in (*ground, "NetworkInterfaces", "Reservations")}

    def _id(self, prefix: str) -> str:
        return f"{prefix}-0{self.chance.getrandbits(64):016x}"

    def vpc(self, number: int, subnets: int) -> _Vpc:
        """A VPC with its subnets: blocks 10.N.0.0/18, 10.N.64.0/18 and so on, and a /24 for each subnet."""
        blocks = [f"10.{number}.{SUBNETS_OF_A_BLOCK * at}.0/18" for at in range(-(-subnets // SUBNETS_OF_A_BLOCK))]
        vpc = _Vpc(self._id("vpc"), f"vpc-{number}", blocks)
        self.lists["Vpcs"].append(shapes.vpc(vpc.id, vpc.name, blocks))
        for at in range(subnets):
            tier, zone = TIERS[at % len(TIERS)], ZONES[at // 5 % len(ZONES)]
            subnet = _Subnet(self._id("subnet"), f"10.{number}.{at}", zone, tier)
            vpc.subnets.append(subnet)
            name, block = f"{vpc.name}-{tier}-{at}", f"{subnet.network}.0/24"
            self.lists["Subnets"].append(shapes.subnet(subnet.id, vpc.id, name, block, zone, public=tier == PUBLIC))
        return vpc

    def gateways(self, vpc: _Vpc) -> None:
        """The internet gateway, and a NAT gateway in the first public subnet of each zone."""
        gateway = shapes.internet_gateway(shapes.same_number("igw", vpc.id), vpc.id, vpc.name)
        self.lists["InternetGateways"].append(gateway)
        for subnet in vpc.of_tier(PUBLIC):
            if subnet.zone not in vpc.nats:
                nat = vpc.nats[subnet.zone] = self._id("nat")
                what = {"kind": "nat_gateway", "description": f"Interface for NAT Gateway {nat}", "owner": "amazon-aws"}
                interface = self._interface(vpc, subnet, [], public=True, **what)
                self.lists["NatGateways"].append(shapes.nat_gateway(nat, f"{vpc.name}-{subnet.zone}", interface))

    def route_tables(self, vpc: _Vpc) -> None:
        """The main table and those of the tiers: public to the internet gateway, application to the NAT gateway of the zone."""
        tables: list[tuple[str, Json | None, list[_Subnet] | None]] = [
            ("main", None, None),
            (PUBLIC, {"GatewayId": shapes.same_number("igw", vpc.id)}, vpc.of_tier(PUBLIC)),
            (DATA, None, vpc.of_tier(DATA)),
        ]
        any_nat = next(iter(vpc.nats.values()))
        for zone in ZONES:
            inside = [subnet for subnet in vpc.of_tier(APPLICATION) if subnet.zone == zone]
            tables.append((f"{APPLICATION}-{zone}", {"NatGatewayId": vpc.nats.get(zone, any_nat)}, inside))
        for name, default, subnets in tables:
            ids = None if subnets is None else [subnet.id for subnet in subnets]
            table = shapes.route_table(self._id("rtb"), vpc.id, f"{vpc.name}-{name}", vpc.blocks, default, ids)
            self.lists["RouteTables"].append(table)

    def acls(self, vpc: _Vpc) -> None:
        """The open default ACL, and one for each tier: the refused blocks first, then what the tier takes, then replies."""
        everything: list[AclLine] = [(EVERYWHERE, "-1", None)]
        inside: list[AclLine] = [(block, "-1", None) for block in vpc.blocks]
        replies: list[AclLine] = [(EVERYWHERE, protocol, (1024, 65535)) for protocol in ("6", "17")]
        web: list[AclLine] = [(EVERYWHERE, "6", (port, port)) for port in (80, 443)]
        default = shapes.network_acl(
            self._id("acl"), vpc.id, f"{vpc.name}-default", [], default=True, inbound=everything, outbound=everything
        )
        self.lists["NetworkAcls"].append(default)
        denied: list[AclLine] = [(block, "-1", None) for block in REFUSED]
        for tier, inbound, outbound in (
            (PUBLIC, [*inside, *web, *replies], everything),
            (APPLICATION, [*inside, *replies], everything),
            (DATA, inside, inside),
        ):
            subnets = [subnet.id for subnet in vpc.of_tier(tier)]
            self.lists["NetworkAcls"].append(
                shapes.network_acl(
                    self._id("acl"), vpc.id, f"{vpc.name}-{tier}", subnets, denied=denied, inbound=inbound, outbound=outbound
                )
            )

    def groups(self, vpc: _Vpc, count: int) -> None:
        """The default group and `count` others in the tiers. Inbound a group takes some ports, more often from groups than from
        blocks; outbound one in four names groups, the others let everything out.
        """
        anything = permission("-1", blocks=[EVERYWHERE])
        default = self._id("sg")
        own = permission("-1", groups=[default])
        self.lists["SecurityGroups"].append(shapes.security_group(default, vpc.id, "default", [own], [anything]))
        tiers = [PUBLIC, APPLICATION, DATA, *self.chance.choices(list(CROWDED), list(CROWDED.values()), k=count - 3)]
        named = [(tier, self._id("sg")) for tier in tiers]
        for number, (tier, group) in enumerate(named):
            vpc.groups.setdefault(tier, []).append(group)
            https = permission("tcp", (443, 443), blocks=[EVERYWHERE])
            inbound = [https] if tier == PUBLIC else []
            inbound += [self._inbound(vpc, port, named) for port in self.chance.sample(PORTS, self.chance.randint(1, 5))]
            outbound = [anything]
            if self.chance.random() < 0.25:
                port = self.chance.choice(PORTS)
                outbound = [https, permission("tcp", (port, port), groups=self._some(named, 3))]
            self.lists["SecurityGroups"].append(shapes.security_group(group, vpc.id, f"{tier}-{number}", inbound, outbound))

    def _inbound(self, vpc: _Vpc, port: int, named: list[tuple[str, str]]) -> Json:
        if self.chance.random() < 0.6:
            return permission("tcp", (port, port), groups=self._some(named, 2))
        blocks = {f"{subnet.network}.0/24" for subnet in self.chance.choices(vpc.subnets, k=self.chance.randint(1, 4))}
        return permission("tcp", (port, port), blocks=sorted(blocks))

    def _some(self, named: list[tuple[str, str]], most: int) -> list[str]:
        return [group for _, group in self.chance.sample(named, self.chance.randint(1, most))]

    def dwellers(self, vpc: _Vpc, count: int) -> None:
        """`count` interfaces, unevenly spread: instances (one in twenty has two), functions, balancers, databases, unused ones."""
        subnets = {tier: vpc.of_tier(tier) for tier in CROWDED}
        first = [(APPLICATION, INSTANCE), (PUBLIC, INSTANCE)]
        while count > 0:
            tier, what = first.pop(0) if first else self._dweller()
            roomy = [subnet for subnet in subnets[tier] if subnet.has_room]
            if not roomy:
                raise ValueError(f"the {tier} subnets of {vpc.name} are full: ask for more subnets or fewer interfaces")
            # Of two subnets the one that has more already: some grow crowded and some stay nearly empty.
            subnet = max(self.chance.choices(roomy, k=2), key=lambda one: one.next_host)
            groups = self.chance.sample(vpc.groups[tier], min(len(vpc.groups[tier]), self.chance.choice((1, 1, 2, 3))))
            if what == INSTANCE:
                several = 2 if count > 1 and not first and self.chance.random() < TWO_INTERFACES else 1
                self._instance(vpc, subnet, groups, several)
                count -= several
            else:
                self._service(vpc, subnet, groups, what)
                count -= 1

    def _dweller(self) -> tuple[str, str]:
        (tier,) = self.chance.choices(list(CROWDED), list(CROWDED.values()))
        (what,) = self.chance.choices(list(DWELLERS[tier]), list(DWELLERS[tier].values()))
        return tier, what

    def _instance(self, vpc: _Vpc, subnet: _Subnet, groups: list[str], interfaces: int) -> None:
        instance = self._id("i")
        public = subnet.tier == PUBLIC
        made = [
            self._interface(vpc, subnet, groups, public=public and device == 0, instance=instance, device=device)
            for device in range(interfaces)
        ]
        name = f"{vpc.name}-{subnet.tier}-{len(self.lists['Reservations'])}"
        self.lists["Reservations"].append(shapes.reservation(instance, name, made))
        if interfaces == 1:
            self.private = self.private or (instance if subnet.tier == APPLICATION else "")
            self.exposed = self.exposed or (instance if public else "")

    def _service(self, vpc: _Vpc, subnet: _Subnet, groups: list[str], what: str) -> None:
        """An interface that AWS made for something, or one that is attached to nothing."""
        number = self.chance.randrange(1000)
        kind, description, owner = {
            FUNCTION: ("lambda", f"AWS Lambda VPC ENI-function-{number}", "amazon-aws"),
            BALANCER: ("interface", f"ELB app/web-{number}/{number:016x}", "amazon-elb"),
            DATABASE: ("interface", "RDSNetworkInterface", "amazon-rds"),
            UNUSED: ("interface", "", ""),
        }[what]
        self._interface(vpc, subnet, groups, public=what == BALANCER, kind=kind, description=description, owner=owner)

    def _interface(self, vpc: _Vpc, subnet: _Subnet, groups: list[str], *, public: bool, **details: str | int) -> Json:
        shown = self._public_address() if public else None
        own, address = self._id("eni"), subnet.take_address()
        made = shapes.interface(own, subnet.id, vpc.id, subnet.zone, address, groups, public=shown, **details)  # type: ignore[arg-type]
        self.lists["NetworkInterfaces"].append(made)
        return made

    def _public_address(self) -> Json:
        """The next one of 3.0.0.0/8."""
        self.public_addresses += 1
        number = self.public_addresses
        return shapes.association(f"3.{number >> 16}.{number >> 8 & 255}.{number & 255}", self._id("eipalloc"))
