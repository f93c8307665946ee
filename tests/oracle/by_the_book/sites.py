"""Who is on premises (section 11 of docs/semantics.md): the lines that lead there, and which of them end in one network.

No rule says what stands at the far end of a line. Ours: lines that end at one customer gateway, or behind which is a common block,
end in one network; it is named after its first customer gateway, else after its first line.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.aws.customer_gateway import CustomerGateway
from simulator.aws.direct_connect import VirtualInterface
from simulator.aws.snapshot import Snapshot
from simulator.aws.vpn_connection import LearntRoute, VpnConnection
from simulator.packet.prefix import Prefix
from tests.oracle.by_the_book.result import Rule
from tests.oracle.by_the_book.world import within

PREMISES = "onprem:"
SHORTEST = 8  # a shorter prefix means "all the rest", not a block of a network
DIRECT, STATIC, TOLD = 0, 1, 2  # VGW-6


@dataclass(frozen=True)
class Line:
    """A VPN connection or a virtual interface. `gateway`: its end in AWS; `site`: its end on premises, where it has a name."""

    id: str
    gateway: str
    site: str
    routes: tuple[LearntRoute, ...]
    up: bool
    known: bool
    networks: tuple[Prefix, ...]
    is_vpn: bool

    @property
    def told(self) -> set[Prefix]:
        """The blocks its routes tell of."""
        return {route.prefix for route in self.routes if route.prefix.length >= SHORTEST}

    @property
    def blocks(self) -> set[Prefix]:
        """What is behind it."""
        return {*self.networks, *self.told}

    def rank(self, route: LearntRoute) -> tuple[int, int, int, int]:
        """VGW-6: the better the smaller."""
        if route.static:
            return -route.prefix.length, STATIC, 0, 0
        return -route.prefix.length, TOLD if self.is_vpn else DIRECT, route.as_path, route.med


@dataclass(frozen=True)
class Known:
    """What a gateway knows of a destination: a route and the line it came over."""

    line: Line
    route: LearntRoute

    @property
    def rank(self) -> tuple[int, int, int, int]:
        return self.line.rank(self.route)

    @property
    def rule(self) -> Rule:
        return self.route.origin.resource, self.route.origin.part


def best_known(lines: list[Line], destination: int, version: int) -> list[Known]:
    """VGW-6: the best routes for a destination, all equal. VPN-2: of lines that are down only where no other has any."""
    found = [Known(line, route) for line in lines for route in line.routes if within((route.prefix,), destination, version)]
    found = [one for one in found if one.line.up] or found
    return [one for one in found if one.rank == min(other.rank for other in found)]


@dataclass(frozen=True)
class Site:
    """A network on premises."""

    name: str
    lines: tuple[Line, ...]

    def holds(self, address: int, version: int) -> bool:
        return within(tuple(block for line in self.lines for block in line.blocks), address, version)


def lines_of(snapshot: Snapshot) -> list[Line]:
    """Every line that ends at a gateway (DX-1: a public virtual interface ends at none)."""
    found = []
    for one in snapshot.all(VirtualInterface):
        if one.type != "public":
            found.append(Line(one.id, one.gateway, "", one.routes, one.up, one.complete, (), False))
    for vpn in snapshot.all(VpnConnection):
        customer = snapshot.get(CustomerGateway, vpn.customer_gateway)
        networks = customer.networks if customer else ()
        site = vpn.customer_gateway if customer else ""
        found.append(Line(vpn.id, vpn.gateway, site, vpn.routes, vpn.up, vpn.complete and not vpn.selectors, networks, True))
    return sorted((line for line in found if line.gateway), key=lambda line: line.id)  # no order of theirs means anything


def sites_of(snapshot: Snapshot) -> list[Site]:
    """The networks on premises."""
    groups: list[list[Line]] = []
    for line in lines_of(snapshot):
        near = [group for group in groups if any(is_one(line, other) for other in group)]
        groups = [group for group in groups if group not in near] + [[*(other for group in near for other in group), line]]
    return [Site(next((line.site for line in group if line.site), group[0].id), tuple(group)) for group in groups]


def is_one(one: Line, other: Line) -> bool:
    """Whether two lines end in one network."""
    return (one.site != "" and one.site == other.site) or any(common(mine, theirs) for mine in one.blocks for theirs in other.blocks)


def common(one: Prefix, other: Prefix) -> bool:
    """Whether two blocks have an address in common."""
    return one.version == other.version and (within((one,), other.value, one.version) or within((other,), one.value, one.version))
