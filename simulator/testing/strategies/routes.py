"""Route tables: which subnets use them, and what routes are in them."""

from __future__ import annotations

from collections.abc import Callable

from simulator.aws.route_table import RouteEntry, RouteTable
from simulator.origin import Origin
from simulator.packet.prefix import Prefix
from simulator.testing.strategies.ipv6 import ipv6_routes
from simulator.testing.strategies.sites import EVERYWHERE, REMOTE, REMOTE_V6, Plan, Site

Target = tuple[str, str]
UNREAD: tuple[Target, ...] = (("transit-gateway", "tgw-unread"), ("vpc-peering-connection", "pcx-unread"))
PROPAGATING: Target = ("virtual-private-gateway", "vgw-unread")
NOWHERE: Target = ("", "")


def draw_routes(plan: Plan) -> None:
    """The tables of every VPC, once all that routes may lead to is there."""
    public = plan.public_addresses()
    for site in plan.sites:
        free = [subnet.id for subnet in site.subnets]

        def make(site: Site = site, free: list[str] = free) -> None:
            subnets = plan.hand.some(_alike(plan, site, free), most=len(free), least=1 if free else 0)
            free[:] = [name for name in free if name not in subnets]
            plan.draft.add(_table(plan, site, plan.name("rtb"), subnets, public, users=subnets, main=False))

        plan.hand.several(make, most=plan.profile.tables, percent=75)
        if plan.hand.chance(75) and (site.vpc.authored or plan.hand.chance(50)):
            explicit = plan.hand.some(free, most=1) if plan.odd("explicit main table") else ()
            plan.draft.add(_table(plan, site, f"{site.vpc.id}-main", explicit, public, users=tuple(free), main=True))
        if site.gateway and site.gateway.attached and plan.odd("ingress routing"):
            plan.draft.add(_gateway_table(plan, site, site.gateway.id))


def _table(
    plan: Plan, site: Site, table_id: str, subnets: tuple[str, ...], public: list[Prefix], *, users: tuple[str, ...], main: bool
) -> RouteTable:
    """A table that names `subnets`; `users` are those that use it, also as the main one."""
    hand, origin = plan.hand, Origin(table_id)
    front = any(name in site.front for name in users)
    routes: dict[tuple[Prefix | str, bool], RouteEntry] = {}

    def add(destination: Prefix | str, target: Target, *, propagated: bool = False) -> None:
        blackhole = target == NOWHERE
        entry = RouteEntry(destination, *target, origin.of(f"route {destination}"), blackhole, propagated)
        routes.setdefault((destination, propagated), entry)

    # In the order in which an example should keep them while it shrinks: the default route, others, and the rare kinds.
    for endpoint, home in site.inspections:
        if home not in users and hand.chance(60):
            add(hand.one_of((EVERYWHERE, *_near(site))), ("vpc-endpoint", endpoint))
    if hand.chance(plan.profile.default_route):
        add(EVERYWHERE, _outward(plan, site, front=front))
    if site.has_ipv6:
        ipv6_routes(plan, site, add, lambda: _outward(plan, site))
    for block, target in site.on_premises:
        if hand.chance(40) and not any(cidr.contains(block) for cidr in site.vpc.cidrs):
            add(block, target)
    for peering, peer in site.peerings:
        if hand.chance(70):
            add(peer.cidrs[0], ("vpc-peering-connection", peering))
    if site.transit:
        _over_transit(plan, site, add)
    for blocks, endpoint in site.endpoints:
        if hand.chance(60):
            add(blocks, ("vpc-endpoint", endpoint))
    others = _elsewhere(plan, site, public)
    hand.several(lambda: add(hand.one_of(others), _outward(plan, site)), most=3, percent=25)
    inward = _inward(site)
    if inward and plan.odd("routes inside the VPC"):
        inside = [*(cidr for subnet in site.subnets for cidr in subnet.cidrs[:1]), *site.vpc.cidrs[:1]]
        hand.several(lambda: add(hand.one_of(inside), hand.one_of(inward)), most=2, least=1)
    if plan.odd("propagated routes"):
        _propagated(plan, site, list(routes), add)
    if plan.odd("routes AWS refuses"):
        half = site.subnets[0].cidrs[0]
        add(Prefix(4, half.value, half.length + 1), _outward(plan, site))
    propagating = (site.virtual_gateway,) if site.virtual_gateway and hand.chance(60) else ()
    return RouteTable(table_id, "", site.vpc.id, main, subnets, (), tuple(routes.values()), origin, propagating)


def _gateway_table(plan: Plan, site: Site, gateway: str) -> RouteTable:
    """A table of an internet gateway: what enters goes by an interface first, mostly one that forwards (RT-20, RT-21)."""
    hand, table_id = plan.hand, plan.name("rtb")
    blocks = [*(cidr for subnet in site.subnets for cidr in subnet.cidrs[:1]), site.vpc.cidrs[0]]
    guests: list[Target] = [("vpc-endpoint", endpoint) for endpoint, _ in site.inspections]
    guests += [target for target in (*_forwarding(site), *_guests(site)) if target[0] == "network-interface"]
    origin = Origin(table_id)
    routes: dict[Prefix, RouteEntry] = {}

    def route() -> None:
        block, target = hand.one_of(blocks), hand.one_of(guests[:3])
        routes.setdefault(block, RouteEntry(block, *target, origin.of(f"route {block}")))

    if guests:
        hand.several(route, most=2, least=1)
    return RouteTable(table_id, "", site.vpc.id, False, (), (gateway,), tuple(routes.values()), origin)


def _alike(plan: Plan, site: Site, free: list[str]) -> list[str]:
    """Subnets that may share a table: mostly those that face the internet, or those that do not."""
    front = [name for name in free if name in site.front]
    back = [name for name in free if name not in site.front]
    if not front or not back or plan.hand.chance(15):
        return free
    return plan.hand.one_of((back, front))


def _elsewhere(plan: Plan, site: Site, public: list[Prefix]) -> list[Prefix | str]:
    """Destinations outside the VPC, or around it."""
    found: list[Prefix | str] = [*REMOTE, *public, *(one.id for one in plan.lists)]
    found += [cidr for other in plan.sites if other is not site for cidr in other.vpc.cidrs if cidr not in site.vpc.cidrs]
    if site.has_ipv6:
        found += REMOTE_V6
    # A block inside the VPC is for `_inward` (RT-18).
    return [block for block in found if isinstance(block, str) or not any(cidr.contains(block) for cidr in site.vpc.cidrs)]


def _over_transit(plan: Plan, site: Site, add: Callable[[Prefix, Target], None]) -> None:
    """Routes to a transit gateway: for the other VPCs one by one, or for all of them and more."""
    hand, others = plan.hand, [other.vpc.cidrs[0] for other in plan.sites if other is not site]
    for block in others:
        if hand.chance(70) and not any(cidr.contains(block) for cidr in site.vpc.cidrs):
            add(block, ("transit-gateway", hand.one_of(site.transit)))
    if hand.chance(30):
        add(hand.one_of((REMOTE[-1], EVERYWHERE)), ("transit-gateway", hand.one_of(site.transit)))


def _outward(plan: Plan, site: Site, *, front: bool = False) -> Target:
    """A target for what leaves the VPC: the likely ones first. `front`: the table is for what faces the internet."""
    hand = plan.hand
    if plan.gap():
        return hand.one_of([*UNREAD, *(("vpc-endpoint", name) for name in site.unmodelled)])
    if plan.odd("blackholes"):
        return NOWHERE
    gateway: list[Target] = [("internet-gateway", site.gateway.id)] if site.gateway else []
    if site.outward and hand.chance(40):
        return hand.one_of(site.outward)
    if site.transit and hand.chance(20):
        return "transit-gateway", hand.one_of(site.transit)
    if site.peerings and hand.chance(15):
        return "vpc-peering-connection", hand.one_of(site.peerings)[0]
    if plan.odd("targets of others"):
        gateway += [("internet-gateway", other.gateway.id) for other in plan.sites if other.gateway]
        gateway += [("transit-gateway", name) for other in plan.sites for name in other.transit]
        gateway += [("nat-gateway", nat.id) for other in plan.sites for nat in other.nat_gateways]
    if front and gateway and hand.chance(85):
        return hand.one_of(gateway)
    middle = ((_nat_gateways(site), 10 if front else 75), (_forwarding(site), 50), (_guests(site), 10))
    for some, percent in middle:
        if some and hand.chance(percent):
            return hand.one_of(some)
    return hand.one_of(gateway or next((some for some, _ in middle if some), [NOWHERE]))


def _near(site: Site) -> list[Prefix]:
    """The blocks of subnets and VPCs that a packet may be inspected on its way to."""
    return [*(subnet.cidrs[0] for subnet in site.subnets), *(peer.cidrs[0] for _, peer in site.peerings)]


def _nat_gateways(site: Site) -> list[Target]:
    return [("nat-gateway", nat.id) for nat in site.nat_gateways]


def _forwarding(site: Site) -> list[Target]:
    """Guests that may forward, by their interface, and as instances where they have just one (RT-17)."""
    free = {interface.id for interface in site.interfaces if not interface.check}
    found: list[Target] = [("network-interface", interface.id) for interface in site.interfaces if interface.id in free]
    return found + [("instance", one.id) for one in site.instances if len(one.interfaces) == 1 and one.interfaces[0] in free]


def _guests(site: Site) -> list[Target]:
    """The others: wrong in an ordinary way (ENI-4)."""
    return [("network-interface", interface.id) for interface in site.interfaces if interface.check]


def _inward(site: Site) -> list[Target]:
    """Targets that may stand between subnets too: NAT gateways, interfaces, instances with one interface (RT-17, RT-18)."""
    return [*_nat_gateways(site), *_forwarding(site), *_guests(site)]


def _propagated(plan: Plan, site: Site, taken: list[tuple[Prefix | str, bool]], add: object) -> None:
    """Propagated routes: beside a static one, inside a local block, or (a gap) for a block of their own (RT-7, RT-9)."""
    assert callable(add)
    blocks = [destination for destination, _ in taken if isinstance(destination, Prefix)]
    blocks += [site.subnets[0].cidrs[0]]
    if plan.gap():
        blocks += [REMOTE[0]]
    add(plan.hand.one_of(blocks), PROPAGATING, propagated=True)
