"""Route tables: which subnets use them, and what routes are in them."""

from __future__ import annotations

from simulator.aws.route_table import RouteEntry, RouteTable
from simulator.origin import Origin
from simulator.packet.prefix import Prefix
from simulator.testing.strategies.sites import EVERYWHERE, EVERYWHERE_V6, REMOTE, REMOTE_V6, Plan, Site

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
            subnets = plan.hand.some(free, most=len(free), least=1 if free else 0)
            free[:] = [name for name in free if name not in subnets]
            plan.draft.add(_table(plan, site, plan.name("rtb"), subnets, public, main=False))

        plan.hand.several(make, most=plan.profile.tables)
        if plan.hand.chance(60) and (site.vpc.authored or plan.hand.chance(50)):
            explicit = plan.hand.some(free, most=1) if plan.odd("explicit main table") else ()
            plan.draft.add(_table(plan, site, f"{site.vpc.id}-main", explicit, public, main=True))


def _table(plan: Plan, site: Site, table_id: str, subnets: tuple[str, ...], public: list[Prefix], *, main: bool) -> RouteTable:
    hand, origin = plan.hand, Origin(table_id)
    routes: dict[tuple[Prefix | str, bool], RouteEntry] = {}

    def add(destination: Prefix | str, target: Target, *, propagated: bool = False) -> None:
        blackhole = target == NOWHERE
        entry = RouteEntry(destination, *target, origin.of(f"route {destination}"), blackhole, propagated)
        routes.setdefault((destination, propagated), entry)

    # In the order in which an example should keep them while it shrinks: the default route, others, and the rare kinds.
    if hand.chance(plan.profile.default_route):
        add(EVERYWHERE, _outward(plan, site))
    if site.has_ipv6 and hand.chance(50):
        add(EVERYWHERE_V6, _outward(plan, site))
    for peering, peer in site.peerings:
        if hand.chance(70):
            add(peer.cidrs[0], ("vpc-peering-connection", peering))
    for gateway in site.transit:
        if hand.chance(75):
            add(hand.one_of(_far(plan, site)), ("transit-gateway", gateway))
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
    gateways = (site.gateway.id,) if main is False and not subnets and site.gateway and plan.gap() else ()
    return RouteTable(table_id, "", site.vpc.id, main, subnets, gateways, tuple(routes.values()), origin)


def _elsewhere(plan: Plan, site: Site, public: list[Prefix]) -> list[Prefix | str]:
    """Destinations outside the VPC, or around it."""
    found: list[Prefix | str] = [*REMOTE, *public, *(one.id for one in plan.lists)]
    found += [cidr for other in plan.sites if other is not site for cidr in other.vpc.cidrs if cidr not in site.vpc.cidrs]
    if site.has_ipv6:
        found += REMOTE_V6
    # A block inside the VPC is for `_inward` (RT-18).
    return [block for block in found if isinstance(block, str) or not any(cidr.contains(block) for cidr in site.vpc.cidrs)]


def _far(plan: Plan, site: Site) -> list[Prefix]:
    """What a transit gateway may lead to: the other VPCs, one by one or together, and the internet."""
    found = [other.vpc.cidrs[0] for other in plan.sites if other is not site]
    found = [block for block in found if not any(cidr.contains(block) for cidr in site.vpc.cidrs)]
    return [*found, REMOTE[-1], EVERYWHERE]


def _outward(plan: Plan, site: Site) -> Target:
    """A target for what leaves the VPC: the likely ones first."""
    hand = plan.hand
    if plan.gap():
        return hand.one_of([*UNREAD, *(("vpc-endpoint", name) for name in site.unmodelled)])
    if plan.odd("blackholes"):
        return NOWHERE
    gateway: list[Target] = [("internet-gateway", site.gateway.id)] if site.gateway else []
    if site.transit and hand.chance(20):
        return "transit-gateway", hand.one_of(site.transit)
    if site.peerings and hand.chance(15):
        return "vpc-peering-connection", hand.one_of(site.peerings)[0]
    middle = _inward(site)
    if plan.odd("targets of others"):
        gateway += [("internet-gateway", other.gateway.id) for other in plan.sites if other.gateway]
        gateway += [("transit-gateway", name) for other in plan.sites for name in other.transit]
        gateway += [("nat-gateway", nat.id) for other in plan.sites for nat in other.nat_gateways]
    if gateway and (not middle or hand.chance(45)):
        return hand.one_of(gateway)
    return hand.one_of(middle) if middle else NOWHERE


def _inward(site: Site) -> list[Target]:
    """Targets that may stand between subnets too: NAT gateways, interfaces, instances with one interface (RT-17, RT-18)."""
    found: list[Target] = [("nat-gateway", nat.id) for nat in site.nat_gateways]
    # Guests that forward first: the others are wrong in an ordinary way (ENI-4).
    by_check = sorted(site.interfaces, key=lambda interface: interface.check)
    found += [("network-interface", interface.id) for interface in by_check]
    known = {interface.id: interface for interface in site.interfaces}
    found += [
        ("instance", instance.id)
        for instance in site.instances
        if len(instance.interfaces) == 1 and not known[instance.interfaces[0]].check
    ]
    return found


def _propagated(plan: Plan, site: Site, taken: list[tuple[Prefix | str, bool]], add: object) -> None:
    """Propagated routes: beside a static one, inside a local block, or (a gap) for a block of their own (RT-7, RT-9)."""
    assert callable(add)
    blocks = [destination for destination, _ in taken if isinstance(destination, Prefix)]
    blocks += [site.subnets[0].cidrs[0]]
    if plan.gap():
        blocks += [REMOTE[0]]
    add(plan.hand.one_of(blocks), PROPAGATING, propagated=True)
