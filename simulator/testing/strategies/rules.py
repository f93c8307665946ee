"""Security groups with their rules, and network ACLs with their entries."""

from __future__ import annotations

from simulator.aws.network_acl import INBOUND, OUTBOUND, AclEntry, NetworkAcl
from simulator.aws.permissions import GroupPeer, ListPeer, Peer, Permission, Traffic
from simulator.aws.security_group import SecurityGroup, open_permissions
from simulator.origin import Origin
from simulator.packet.flow import ESP, ICMP, ICMPV6, TCP, UDP
from simulator.packet.prefix import Prefix
from simulator.testing.strategies.hand import Hand
from simulator.testing.strategies.hosts import addresses_in
from simulator.testing.strategies.sites import EVERYWHERE, EVERYWHERE_V6, REMOTE, REMOTE_V6, Plan, Site

PORTS = (0, 22, 53, 80, 443, 1023, 1024, 5432, 32767, 32768, 60999, 61000, 65535)
TRAFFIC = (
    Traffic(),
    Traffic(TCP),
    Traffic(TCP, (443, 443)),
    Traffic(TCP, (1024, 65535)),
    Traffic(TCP, (22, 443)),
    Traffic(TCP, (32768, 65535)),
    Traffic(UDP, (53, 53)),
    Traffic(UDP, (1024, 65535)),
    Traffic(ICMP),
    Traffic(ICMP, icmp_type=8),
    Traffic(ICMP, icmp_type=0, icmp_code=0),
    Traffic(ESP),
    Traffic(ICMPV6),
)
NUMBERS = (100, 200, 110, 50, 300, 1, 32766)


def draw_rules(plan: Plan) -> None:
    """The groups and ACLs of every VPC, once all that rules may speak of is there."""
    public = plan.public_addresses()
    for site in plan.sites:
        blocks = _blocks(plan, site, public)
        for group_id in site.groups:
            plan.draft.add(_group(plan, site, group_id, blocks))
        if site.default_group and plan.odd("default groups"):
            plan.draft.add(_group(plan, site, site.default_group, blocks))
        _acls(plan, site, blocks)


def _blocks(plan: Plan, site: Site, public: list[Prefix]) -> list[Prefix]:
    """What rules may name, the likely blocks first."""
    found = [EVERYWHERE, *(cidr for cidr in site.vpc.cidrs), *(cidr for subnet in site.subnets for cidr in subnet.cidrs)]
    if site.has_ipv6:
        found += [EVERYWHERE_V6, *REMOTE_V6]
    found += [cidr for other in plan.sites if other is not site for cidr in other.vpc.cidrs]
    return [*found, *addresses_in(site), *public, *REMOTE]


def draw_traffic(hand: Hand) -> Traffic:
    """Protocol and ports of a rule: usual ones, or a range between ports where something else ends."""
    if hand.chance(15):
        first, last = sorted((hand.one_of(PORTS), hand.one_of(PORTS)))
        return Traffic(hand.one_of((TCP, UDP)), (first, last))
    return hand.one_of(TRAFFIC)


# --- security groups -------------------------------------------------------------------------------------------------------------


def _group(plan: Plan, site: Site, group_id: str, blocks: list[Prefix]) -> SecurityGroup:
    hand, origin = plan.hand, Origin(group_id)
    is_open = hand.chance(plan.profile.open_groups)
    inbound = open_permissions(origin, "ingress") if is_open else _permissions(plan, site, origin, "ingress", blocks)
    # AWS gives a new group the outbound rules that let everything out (SG-3), and most people leave them.
    outbound = _permissions(plan, site, origin, "egress", blocks) if not is_open and hand.chance(60) else open_permissions(origin, "egress")
    return SecurityGroup(group_id, "", site.vpc.id, inbound, outbound, origin, group_id == site.default_group)


def _permissions(plan: Plan, site: Site, origin: Origin, direction: str, blocks: list[Prefix]) -> tuple[Permission, ...]:
    hand = plan.hand

    def rule() -> tuple[Peer, Traffic]:
        peer = _peer(plan, site, blocks)
        # A group stands for few senders: with few ports too, such a rule would hardly ever decide.
        return peer, Traffic() if isinstance(peer, GroupPeer) and hand.chance(50) else draw_traffic(hand)

    drawn = hand.several(rule, most=3)
    return tuple(Permission(peer, traffic, origin.of(f"{direction} {number}")) for number, (peer, traffic) in enumerate(drawn, 1))


def _peer(plan: Plan, site: Site, blocks: list[Prefix]) -> Peer:
    hand = plan.hand
    near = [group for other in plan.neighbours(site) for group in other.groups]
    if near and hand.chance(plan.profile.near_groups):
        return GroupPeer(hand.one_of(near))
    if hand.chance(30) and site.groups:
        groups = [*site.groups, *filter(None, [site.default_group])]
        if plan.odd("groups of others"):
            groups = ["sg-unread", *(group for other in plan.sites for group in other.groups)]
        return GroupPeer(hand.one_of(groups))
    if plan.lists and hand.chance(15):
        return ListPeer(hand.one_of(plan.lists).id)
    if plan.gap():
        return ListPeer("pl-unread")
    return hand.one_of(blocks)


# --- network ACLs ----------------------------------------------------------------------------------------------------------------


def _acls(plan: Plan, site: Site, blocks: list[Prefix]) -> None:
    """Up to two ACLs that subnets name, and seldom a default ACL that somebody changed."""
    hand = plan.hand
    free = [subnet.id for subnet in site.subnets]

    def make() -> None:
        subnets = hand.some(free, most=len(free))
        free[:] = [name for name in free if name not in subnets]
        plan.draft.add(_acl(plan, site, plan.name("acl"), subnets, blocks, default=False))

    hand.several(make, most=plan.profile.acls, percent=60)
    if not hand.chance(plan.profile.open_acls) and (site.vpc.authored or hand.chance(50)):
        plan.draft.add(_acl(plan, site, f"{site.vpc.id}-default-acl", (), blocks, default=True))


def _acl(plan: Plan, site: Site, acl_id: str, subnets: tuple[str, ...], blocks: list[Prefix], *, default: bool) -> NetworkAcl:
    origin = Origin(acl_id)
    is_open = plan.hand.chance(plan.profile.open_acls)
    inbound, outbound = (_entries(plan, site, origin, direction, blocks, is_open=is_open) for direction in (INBOUND, OUTBOUND))
    return NetworkAcl(acl_id, "", site.vpc.id, default, subnets, inbound, outbound, origin)


def _entries(plan: Plan, site: Site, origin: Origin, direction: str, blocks: list[Prefix], *, is_open: bool) -> tuple[AclEntry, ...]:
    """Entries with different numbers, in the order drawn; an open ACL ends with one that lets everything pass."""
    hand, numbers = plan.hand, list(NUMBERS)

    def entry() -> AclEntry:
        number = numbers.pop(hand.below(len(numbers)))
        return AclEntry(number, not hand.chance(30), hand.one_of(blocks), draw_traffic(hand), origin.of(f"{direction} rule {number}"))

    found = hand.several(entry, most=2 if is_open else 4, percent=35 if is_open else 70)
    if is_open:
        last = [EVERYWHERE, EVERYWHERE_V6] if site.has_ipv6 else [EVERYWHERE]
        found += [
            AclEntry(32000 + index, True, block, Traffic(), origin.of(f"{direction} rule {32000 + index}"))
            for index, block in enumerate(last)
        ]
    return tuple(found)
