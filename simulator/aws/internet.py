"""The internet: it delivers public addresses of ours to their gateway, everything else public to itself, and no private address.

It has no noun of its own; it stands beside the gateways of a network. Packets may start here: from any public address, towards a
public address of ours, or (to show why that fails) towards a private address of one VPC (IGW-3).
"""

from __future__ import annotations

from simulator.graph.builder import Builder
from simulator.graph.nodes import (
    Deliver,
    Door,
    Drop,
    Entry,
    Filter,
    Lookup,
    Place,
    PrefixTable,
    Ref,
    Rewrite,
    Route,
    Rule,
    RuleList,
    Send,
)
from simulator.origin import Origin
from simulator.packet.prefix import NOT_ROUTED, NOT_ROUTED_V6, RFC1918, RFC6598, Prefix
from simulator.packet.ranges import Interval
from simulator.packet.space import Match

ENDPOINT = "internet"
PLACE = Place("internet", "internet")
SOURCE_PORTS: Interval = (1024, 65535)
PRIVATE = (*RFC1918, *RFC6598)
_ORIGIN = Origin("internet", "private addresses are not routed")


def arrivals() -> Door:
    """Where packets from a gateway enter the internet."""
    return Door("internet", ENDPOINT, "arrivals")


def entry_name(vpc: str) -> str:
    """The entry for packets from the internet that are aimed at one VPC's gateway whatever their destination."""
    return f"internet towards {vpc}"


def emit_internet(build: Builder, public: dict[Prefix, tuple[Origin, Ref]]) -> None:
    """The internet's routes: `public` says for each public address of ours where packets for it enter."""
    own = [Route(prefix, index + 2, origin, str(prefix)) for index, (prefix, (origin, _)) in enumerate(sorted(public.items()))]
    refused = [Route(block, 1, _ORIGIN) for block in (*PRIVATE, *NOT_ROUTED, *NOT_ROUTED_V6)]
    delivered = build.add(Deliver(place=PLACE, what="arrived", endpoint=ENDPOINT, reply_at=Door("internet", ENDPOINT, "start")))
    private = build.add(
        Drop(
            place=PLACE,
            what="private addresses",
            code="IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS",
            cites=("IGW-3", "IGW-5"),
            origin=_ORIGIN,
        )
    )
    routed = Lookup(
        place=PLACE,
        what="public addresses",
        table=PrefixTable(tuple(sorted((*own, *refused), key=lambda route: route.prefix))),
        targets=(delivered, private, *(public[prefix][1] for prefix in sorted(public))),
        miss=delivered,
        plumbing=True,
    )
    build.open(arrivals(), build.add(routed))
    begin = build.add(Rewrite(place=PLACE, what="sends", how=Send(ENDPOINT), then=arrivals(), plumbing=True))
    build.open(Door("internet", ENDPOINT, "start"), begin)
    build.enter(ENDPOINT, Entry(begin, (), SOURCE_PORTS, "unknown internet client"))


def emit_entry(build: Builder, vpc: str, to: Ref) -> None:
    """Let packets start on the internet that are handed straight to the gateway of a VPC."""
    begin = build.add(Rewrite(place=PLACE, what="sends", how=Send(ENDPOINT), then=to, plumbing=True))
    build.enter(entry_name(vpc), Entry(begin, (), SOURCE_PORTS, "unknown internet client"))


def private_refused(build: Builder, place: Place, *, sources: bool, then: Ref) -> Ref:
    """The filter of a gateway that drops private addresses of the far end (IGW-5)."""
    end, direction = ("source", "INGRESS") if sources else ("destination", "EGRESS")
    for name, blocks in (("RFC6598", RFC6598), ("RFC1918", RFC1918)):
        origin = Origin(place.id, f"no {name} {end}")
        match = Match(sources=blocks) if sources else Match(destinations=blocks)
        then = build.add(
            Filter(
                place=place,
                what=f"{name} addresses as {end}",
                rules=build.share(RuleList((Rule(match, False, origin),), origin, permit=True)),
                then=then,
                code=f"IGW_{end.upper()}_ADDRESS_NOT_IN_{name}_{direction}",
                cites=("IGW-5",),
                plumbing=True,
            )
        )
    return then
