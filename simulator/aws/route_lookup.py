"""The route table of a subnet as a lookup: every winning route leads to its target's door (RT-5, RT-6, RT-11, RT-14, RT-15)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from simulator.aws.prefix_list import PrefixList
from simulator.aws.route_table import LOCAL, RouteEntry, RouteTable, Winner, hidden_blocks, local_blocks, table_of, winners
from simulator.aws.snapshot import Snapshot
from simulator.aws.vpc import anywhere_in, router
from simulator.graph.builder import Builder
from simulator.graph.nodes import Choice, Door, Drop, Lookup, Place, PrefixTable, Ref, Route
from simulator.origin import Origin
from simulator.packet.prefix import Prefix


def lookup(build: Builder, snapshot: Snapshot, vpc: str, subnet: str, named: str, place: Place) -> int:
    """The route table of a subnet as a lookup at the subnet's hop; every winning route leads to its target's door."""
    table = table_of(snapshot, vpc, subnet, named)
    if table is None:
        return _unread_lookup(build, snapshot, vpc, subnet, place)
    won = winners(snapshot, table)
    slots: dict[tuple[str, str, bool], int] = {}
    routes: list[Route] = []
    targets: list[Ref] = []
    for winner in won:
        entry = winner.entry
        key = (entry.kind, entry.target, entry.blackhole)
        slot = slots.get(key, len(targets))
        if slot == len(targets) or entry.blackhole or winner.rivals:
            slot = len(targets)
            targets.append(_random(build, winner, vpc, subnet, place, table))
        if not winner.rivals:
            slots[key] = slot
        routes.append(Route(winner.prefix, slot, entry.origin, f"{winner.prefix} -> {entry.target or entry.kind}"))
    unread = [entry for entry in table.routes if isinstance(entry.destination, str) and not _is_read(snapshot, entry.destination)]
    if unread:
        # Where the blocks of a prefix list are not known, any route but local may lose to one of them, and local where RT-18 allows.
        gap = _gap(build, place, f"prefix list {unread[0].destination} of route table {table.id}", unread[0].origin)
        local = local_blocks(snapshot, vpc)
        for index, route in enumerate(routes):
            if not any(block.contains(route.prefix) for block in local):
                routes[index] = route._replace(slot=len(targets))
        written = {winner.prefix for winner in won if isinstance(winner.entry.destination, Prefix)}  # no list beats these (RT-7)
        for block in sorted({block for entry in unread for block in hidden_blocks(snapshot, table, entry)} - written):
            routes = [route for route in routes if route.prefix != block]
            routes.append(Route(block, len(targets), unread[0].origin, f"{block} -> {unread[0].destination} (not read)"))
        targets.append(gap)
        miss: Ref = gap
    else:
        miss = build.add(
            Drop(
                place=place,
                what=f"route table {table.id}",
                code="NO_ROUTE_TO_DESTINATION",
                cites=("RT-14",),
                origin=table.origin.of("no route matches"),
            )
        )
    node = build.add(
        Lookup(
            place=place,
            what=f"route table {table.id}",
            table=build.share(PrefixTable(tuple(sorted(routes, key=lambda route: route.prefix)))),
            targets=tuple(targets),
            miss=miss,
            cites=("RT-5", "RT-6"),
        )
    )
    lists = (snapshot.get(PrefixList, entry.destination) for entry in table.routes if isinstance(entry.destination, str))
    for assumed in dict.fromkeys(found.assumed for found in lists if found and found.assumed):
        build.assume(node, assumed)
    return node


def own_targets(
    build: Builder, snapshot: Snapshot, vpc: str, subnet: str, named: str, place: Place, judged: Callable[[Ref], int], edge: int
) -> int:
    """Before the ACL: a route to an interface in the sender's own subnet leaves no subnet, so no ACL judges it (NACL-21, believed).

    Only subnets with such a route have this lookup; everything else goes on to `edge`. Where AWS picks one of several prefix lists
    (RT-11), it does so here if one of them leads next door, and `judged` puts the ACL before the others.
    """
    table = table_of(snapshot, vpc, subnet, named)
    if table is None:
        return edge
    routes: list[Route] = []
    targets: list[Ref] = [edge]
    for winner in winners(snapshot, table):
        entry = winner.entry
        entries = (entry, *winner.rivals)
        beside = [not one.blackhole and _subnet_of(snapshot, one) == subnet for one in entries]
        routes.append(
            Route(winner.prefix, len(targets) if any(beside) else 0, entry.origin, f"{winner.prefix} -> {entry.target or entry.kind}")
        )
        if any(beside):
            ways = [_target(build, one, vpc, subnet, place, table) for one in entries]
            ways = [way if is_beside else judged(way) for way, is_beside in zip(ways, beside, strict=True)]
            targets.append(_choice(build, entries, ways, place, table))
    if len(targets) == 1:
        return edge
    return build.add(
        Lookup(
            place=place,
            what=f"route table {table.id}, targets in the same subnet",
            table=build.share(PrefixTable(tuple(routes))),
            targets=tuple(targets),
            miss=edge,
            cites=("NACL-21",),
            plumbing=True,
        )
    )


def _subnet_of(snapshot: Snapshot, entry: RouteEntry) -> str:
    """The subnet in which a route's target has its interface; empty for what is no interface."""
    nouns = {kind.name: kind.noun for kind in snapshot.kinds}
    noun = snapshot.get(nouns[entry.kind], entry.target) if entry.kind in ("nat-gateway", "network-interface", "instance") else None
    if entry.kind == "instance" and noun is not None and len(noun.interfaces) == 1:
        noun = snapshot.get(nouns["network-interface"], noun.interfaces[0])
    return getattr(noun, "subnet", "")


def _random(build: Builder, winner: Winner, vpc: str, subnet: str, place: Place, table: RouteTable) -> Ref:
    entries = (winner.entry, *winner.rivals)
    return _choice(build, entries, [_target(build, entry, vpc, subnet, place, table) for entry in entries], place, table)


def _choice(build: Builder, entries: Sequence[RouteEntry], ways: Sequence[Ref], place: Place, table: RouteTable) -> Ref:
    """The way of one of several routes, whichever AWS picks."""
    if len(ways) == 1:
        return ways[0]
    options = tuple(zip(map(str, entries), ways, strict=True))
    what = f"overlapping prefix lists in {table.id}"
    return build.add(Choice(place=place, what=what, options=options, cites=("RT-11",), kept=f"{what}: {', '.join(map(str, entries))}"))


def _target(build: Builder, entry: RouteEntry, vpc: str, subnet: str, place: Place, table: RouteTable) -> Ref:
    if entry.blackhole:
        return build.add(Drop(place=place, what=f"route table {table.id}", code="BAD_STATE_ROUTE", cites=("RT-15",), origin=entry.origin))
    return router(vpc) if entry.kind == LOCAL else Door(entry.kind, entry.target, subnet, anywhere_in(vpc))


def _unread_lookup(build: Builder, snapshot: Snapshot, vpc: str, subnet: str, place: Place) -> int:
    """A subnet whose table was not read still has the local routes (RT-17); where else its packets go is not known."""
    local = tuple(
        Route(block, 0, Origin(vpc, f"local route {block}"), f"{block} -> local") for block in sorted(local_blocks(snapshot, vpc))
    )
    return build.add(
        Lookup(
            place=place,
            what="route table that was not read",
            table=build.share(PrefixTable(local)),
            targets=(router(vpc),),
            miss=_gap(build, place, f"the route table of {subnet}", None),
            cites=("RT-17",),
        )
    )


def _gap(build: Builder, place: Place, what: str, origin: Origin | None) -> int:
    return build.add(Drop(place=place, what=f"{what} (not read)", code="UNKNOWN_RESOURCE", gap=True, origin=origin))


def _is_read(snapshot: Snapshot, list_id: str) -> bool:
    found = snapshot.get(PrefixList, list_id)
    return found is not None and found.entries is not None
