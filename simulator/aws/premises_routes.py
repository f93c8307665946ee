"""What a gateway knows of networks on premises, and which link wins for a block (RT-8, VGW-2, VGW-6, VPN-1, VPN-2).

Virtual private gateways and Direct Connect gateways share it: the longest block that a link told, and of links with the same block the
better one, Direct Connect before static routes of a VPN before what BGP told a VPN, then the shorter AS path, then the lower MED. Of
equals AWS picks one. A link that is down is not used, whatever its rank.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from simulator.aws.vpn_connection import LearntRoute
from simulator.graph.builder import Builder
from simulator.graph.nodes import Choice, Drop, Lookup, Place, PrefixTable, Ref, Route
from simulator.origin import Origin
from simulator.packet.prefix import Prefix

DIRECT, STATIC, BGP = range(3)


class Way(NamedTuple):
    """One way from a gateway towards on premises: its name, what it leads to, and the routes that came over it."""

    id: str
    ref: Ref
    routes: tuple[LearntRoute, ...]
    up: bool
    complete: bool
    direct: bool = False

    def rank(self, route: LearntRoute) -> tuple[int, int, int]:
        """The better the smaller (VGW-6)."""
        if route.static:
            return STATIC, 0, 0
        return DIRECT if self.direct else BGP, route.as_path, route.med


def known(ways: Iterable[Way]) -> dict[Prefix, list[tuple[Way, LearntRoute]]]:
    """The best ways for each block. What only a link that is down knows counts where no other route covers it, to tell why it fails."""
    best: dict[Prefix, list[tuple[Way, LearntRoute]]] = {}
    every = list(ways)
    for up in (True, False):
        covered = list(best)
        for way in every:
            for route in way.routes:
                if way.up is not up or any(block.contains(route.prefix) for block in covered):
                    continue
                rivals = best.setdefault(route.prefix, [])
                if not rivals or way.rank(route) < rivals[0][0].rank(rivals[0][1]):
                    best[route.prefix] = [(way, route)]
                elif way.rank(route) == rivals[0][0].rank(rivals[0][1]):
                    rivals.append((way, route))
    return best


def routes_towards(
    build: Builder, place: Place, origin: Origin, ways: list[Way], *, whole: bool, seen: Mapping[Prefix, Origin], rule: str = "VGW-2"
) -> int:
    """The lookup of a gateway for packets to on premises. `seen`: blocks that are known to be known, whoever told them; `whole`:
    nobody can have told more.
    """
    what, best = f"routes of {place.id}", known(ways)
    unread = Drop(place=place, what=f"{what} (not read)", code="UNKNOWN_RESOURCE", gap=True, cites=(rule,))
    routes: list[Route] = []
    targets: list[Ref] = []
    for prefix, found in best.items():
        routes.append(Route(prefix, len(targets), found[0][1].origin, f"{prefix} -> {' or '.join(way.id for way, _ in found)}"))
        options = tuple((way.id, way.ref) for way, _ in found)
        several = Choice(place=place, what="links that know the block equally well", options=options, cites=("VGW-6", "VPN-1"))
        targets.append(options[0][1] if len(options) == 1 else build.add(several))
    told_by_nobody = {prefix: told for prefix, told in seen.items() if prefix not in best}
    if told_by_nobody:
        routes += [Route(prefix, len(targets), told, f"{prefix} -> a link that was not read") for prefix, told in told_by_nobody.items()]
        targets.append(build.add(unread))
    nowhere = Drop(place=place, what=what, code="NO_ROUTE_TO_DESTINATION", cites=(rule,), origin=origin.of("no route matches"))
    return build.add(
        Lookup(
            place=place,
            what=what,
            table=PrefixTable(tuple(sorted(routes, key=lambda route: route.prefix))),
            targets=tuple(targets),
            miss=build.add(nowhere if whole else unread),
            cites=(rule, "VGW-6"),
        )
    )
