"""VPCs with their blocks, subnets, gateways and group names: the ground on which the rest of a drawn network stands."""

from __future__ import annotations

from dataclasses import dataclass, field

from simulator.aws.instance import Instance
from simulator.aws.internet_gateway import InternetGateway
from simulator.aws.lambda_function import LambdaFunction
from simulator.aws.nat_gateway import NatGateway
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.prefix_list import PrefixList
from simulator.aws.snapshot import Draft
from simulator.aws.subnet import Subnet
from simulator.aws.vpc import Vpc
from simulator.aws.vpc_peering import ACTIVE, VpcPeering
from simulator.origin import Origin
from simulator.packet.prefix import Prefix
from simulator.testing.strategies.hand import Hand
from simulator.testing.strategies.profiles import RARE, SLOPPY_ONLY, Profile

PUBLIC_POOL = Prefix.parse("198.51.100.0/24")
# Blocks outside every VPC that routes, rules and flows speak of; documentation addresses and well-known ones.
REMOTE = tuple(
    map(Prefix.parse, ("203.0.113.0/24", "8.8.8.8/32", "203.0.113.128/25", "8.0.0.0/7", "0.0.0.0/1", "128.0.0.0/1", "10.0.0.0/8"))
)
REMOTE_V6 = tuple(map(Prefix.parse, ("2001:db8:ffff::/48", "2000::/3")))
EVERYWHERE = Prefix(4, 0, 0)
EVERYWHERE_V6 = Prefix(6, 0, 0)
RESERVED_FIRST = 4


@dataclass(slots=True)
class Site:
    """One VPC under construction, and what lies in it so far. `front`: the subnets meant for what faces the internet. `outward`: further
    targets of routes; `inspections`: endpoints that are, each with its subnet, whose own routes do not lead there.
    """

    vpc: Vpc
    front: set[str] = field(default_factory=set)
    slots: list[Prefix] = field(default_factory=list)
    subnets: list[Subnet] = field(default_factory=list)
    gateway: InternetGateway | None = None
    groups: list[str] = field(default_factory=list)
    default_group: str = ""
    interfaces: list[NetworkInterface] = field(default_factory=list)
    instances: list[Instance] = field(default_factory=list)
    nat_gateways: list[NatGateway] = field(default_factory=list)
    peerings: list[tuple[str, Vpc]] = field(default_factory=list)
    egress_only: str = ""
    transit: list[str] = field(default_factory=list)
    endpoints: list[tuple[str, str]] = field(default_factory=list)
    unmodelled: list[str] = field(default_factory=list)
    on_premises: list[tuple[Prefix, tuple[str, str]]] = field(default_factory=list)
    virtual_gateway: str = ""
    outward: list[tuple[str, str]] = field(default_factory=list)
    inspections: list[tuple[str, str]] = field(default_factory=list)

    @property
    def has_ipv6(self) -> bool:
        """Whether the VPC has an IPv6 block."""
        return any(cidr.version == 6 for cidr in self.vpc.cidrs)


@dataclass(slots=True)
class Plan:
    """A network under construction."""

    hand: Hand
    profile: Profile
    draft: Draft
    sites: list[Site] = field(default_factory=list)
    lists: list[PrefixList] = field(default_factory=list)
    functions: list[LambdaFunction] = field(default_factory=list)
    used: dict[str, int] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    public: int = 0
    rare: frozenset[str] = frozenset()
    has_gaps: bool = False

    def name(self, kind: str) -> str:
        """The next id of a kind: `subnet-1`, `subnet-2`."""
        self.numbers[kind] = self.numbers.get(kind, 0) + 1
        return f"{kind}-{self.numbers[kind]}"

    def odd(self, what: str) -> bool:
        """Whether something rare happens here: never in most networks, every other time in those that have it."""
        return what in self.rare and self.hand.chance(50)

    def gap(self) -> bool:
        """Whether something was not read here."""
        return self.has_gaps and self.hand.chance(20)

    def neighbours(self, site: Site) -> list[Site]:
        """The VPCs that a peering or a transit gateway joins with one: those whose groups its rules may name (SG-13)."""
        peers = {peer.id for _, peer in site.peerings}
        return [other for other in self.sites if other is not site and (other.vpc.id in peers or {*other.transit} & {*site.transit})]

    def public_address(self) -> tuple[int, int]:
        """A public address that nobody has."""
        self.public += 1
        return (4, PUBLIC_POOL.value + self.public)

    def public_addresses(self) -> list[Prefix]:
        """The public addresses given away so far, as blocks."""
        return [Prefix.host(4, PUBLIC_POOL.value + number) for number in range(1, self.public + 1)]

    def with_room(self, site: Site) -> list[Subnet]:
        """The subnets that can take a few more addresses."""
        return [subnet for subnet in site.subnets if self.used.get(subnet.id, 0) + 5 <= subnet.cidrs[0].size - 5]

    def take(self, subnet: Subnet, number: int = 1) -> int:
        """Count addresses of a subnet as used; the offset of the first of them."""
        offset = RESERVED_FIRST + self.used.get(subnet.id, 0)
        self.used[subnet.id] = self.used.get(subnet.id, 0) + number
        return offset


def draw_ground(plan: Plan) -> None:
    """VPCs, subnets, internet gateways, prefix lists and the names of groups."""
    hand, profile = plan.hand, plan.profile
    plan.rare = frozenset(hand.some((*RARE, *SLOPPY_ONLY) if profile.sloppy else RARE, most=profile.rare, percent=85)).union(profile.odd)
    plan.has_gaps = hand.chance(profile.gaps)
    overlapping = plan.odd("overlapping VPCs")
    hand.several(lambda: _site(plan, overlapping=overlapping), most=profile.vpcs, least=1, percent=profile.more_vpcs)
    for number, one in enumerate(plan.sites):
        for other in plan.sites[number + 1 :]:
            _peering(plan, one, other)
    plan.draft.whole = all(site.vpc.authored for site in plan.sites)
    kinds = {kind.name for kind in plan.draft.kinds}
    plan.draft.read_kinds = kinds if any(site.gateway for site in plan.sites) or not plan.gap() else kinds - {"internet-gateway"}
    plan.lists = hand.several(lambda: _prefix_list(plan), most=profile.lists, percent=30)


def _site(plan: Plan, *, overlapping: bool) -> None:
    hand, profile, number = plan.hand, plan.profile, len(plan.sites)
    vpc_id = plan.name("vpc")
    cidrs = [_primary(plan, 0 if overlapping else number)]
    if plan.odd("secondary blocks"):
        cidrs.append(_secondary(plan, cidrs[0], number))
    if hand.chance(profile.ipv6):
        cidrs.append(Prefix.parse(f"2001:db8:{number + 1}::/56"))
    authored = not plan.gap()
    region = "us-east-1" if plan.odd("Regions") else ""
    vpc = Vpc(vpc_id, "", tuple(cidrs), Origin(vpc_id), region, dns_support=not plan.odd("no DNS"), authored=authored)
    plan.draft.add(vpc)
    site = Site(vpc, slots=_slots(cidrs))
    plan.sites.append(site)
    hand.several(lambda: _subnet(plan, site), most=profile.subnets, least=1, percent=profile.more_subnets)
    _gateway(plan, site)
    site.default_group = f"{vpc_id}-default" if authored else ""
    site.groups = hand.several(lambda: plan.name("sg"), most=profile.groups, least=0 if authored else 1, percent=75)


def _primary(plan: Plan, number: int) -> Prefix:
    texts = (f"10.{number}.0.0/16", f"172.{16 + number}.0.0/16", f"192.168.{number}.0/24", f"44.{number}.0.0/24")
    return Prefix.parse(plan.hand.one_of(texts[1:]) if plan.odd("other blocks") else texts[0])


def _secondary(plan: Plan, primary: Prefix, number: int) -> Prefix:
    """A further block that AWS accepts beside the primary one (VPC-4)."""
    private = {10: f"10.{100 + number}.0.0/24", 172: f"172.{20 + number}.0.0/24", 192: f"192.168.{100 + number}.0/24"}
    near = private.get(primary.value >> 24, f"10.{100 + number}.0.0/24")
    return Prefix.parse(plan.hand.one_of((near, f"100.64.{number}.0/24", f"44.{100 + number}.0.0/24")))


def _slots(cidrs: list[Prefix]) -> list[Prefix]:
    """Parts of the blocks, one for each subnet: the first two of the primary block, then one of each further one, then the rest."""
    found: list[list[Prefix]] = []
    for cidr in cidrs:
        if cidr.version == 4:
            length = cidr.length + 4 if cidr.length == 16 else cidr.length + 2
            step = 1 << (32 - length)
            found.append([Prefix(4, cidr.value + step * part, length) for part in range(4)])
    first, *further = found
    return [*first[:1], *(parts[0] for parts in further), *first[1:]]


def _subnet(plan: Plan, site: Site) -> None:
    hand = plan.hand
    slot = site.slots.pop(0)
    length = hand.one_of((24, 28, 20) if slot.length == 20 else (26, 28))
    cidrs = [Prefix(4, slot.value, length)]
    v6 = next((cidr for cidr in site.vpc.cidrs if cidr.version == 6), None)
    if v6:
        cidrs.append(Prefix(6, v6.value + (len(site.subnets) << 64), 64))
    subnet_id = plan.name("subnet")
    subnet = Subnet(subnet_id, "", site.vpc.id, tuple(cidrs), hand.one_of(("a", "b")), Origin(subnet_id))
    plan.draft.add(subnet)
    site.subnets.append(subnet)
    if hand.chance(plan.profile.front):
        site.front.add(subnet_id)


def _gateway(plan: Plan, site: Site) -> None:
    if not plan.hand.chance(plan.profile.internet_gateway):
        return
    gateway_id = plan.name("igw")
    attached = not plan.odd("detached gateways")
    site.gateway = InternetGateway(gateway_id, "", site.vpc.id if attached else "", attached, Origin(gateway_id))
    plan.draft.add(site.gateway)


def _peering(plan: Plan, one: Site, other: Site) -> None:
    """A peering of two VPCs whose blocks do not overlap (PCX-2)."""
    if any(mine.overlaps(theirs) for mine in one.vpc.cidrs for theirs in other.vpc.cidrs):
        return
    if plan.hand.chance(plan.profile.peerings):
        peering_id = plan.name("pcx")
        state = "pending-acceptance" if plan.odd("peerings that are not active") else ACTIVE
        plan.draft.add(VpcPeering(peering_id, "", (one.vpc.id, other.vpc.id), Origin(peering_id), state))
        one.peerings.append((peering_id, other.vpc))
        other.peerings.append((peering_id, one.vpc))


def _prefix_list(plan: Plan) -> PrefixList:
    hand = plan.hand
    list_id = plan.name("pl")
    blocks = [*REMOTE, *(cidr for site in plan.sites for cidr in site.vpc.cidrs if cidr.version == 4)]
    blocks += [subnet.cidrs[0] for site in plan.sites for subnet in site.subnets]
    entries = None if plan.gap() else hand.some(blocks, most=3)
    found = PrefixList(list_id, "", entries, Origin(list_id))
    plan.draft.add(found)
    return found
