"""The rule set and routes of `transit`: what transit gateways do to packets (docs/semantics.md, section 10).

A link for each subnet of an attachment; which table routes a packet depends on the attachment and the zone it came from, since the
zone decides in which subnet it comes out (TGW-6). Where AWS would choose one, or remembers it (appliance mode, TGW-7), the way ends.
"""

from __future__ import annotations

from collections.abc import Iterator

from simulator.aws.snapshot import Snapshot
from simulator.aws.transit_gateway import TransitAttachment, TransitRouteTable
from simulator.aws.vpc import Vpc
from simulator.packet.prefix import Prefix
from simulator.testing.kernel.filters import BY_REFERENCE, BY_TRANSIT, KNOWN
from simulator.testing.kernel.links import AVAILABLE, Links
from simulator.testing.kernel.network import Network
from simulator.testing.kernel.plan import LAST, LAST_STEPS, NOT_BUILT, TRANSIT, Plan

BLACKHOLE, DEAD, UNBUILT, NO_ROUTE = "xblackhole", "xdead", "xnotbuilt", "xnoroute"
SINKS = (BLACKHOLE, DEAD, UNBUILT, NO_ROUTE)
ENDED = ("deleted", "deleting", "rejected", "failed")
WITHOUT_REFERENCES = "use1-az3"  # the one zone without security group referencing (TGW-11)


def transit_rules(network: Network, plan: Plan) -> str:
    """The rules of all transit gateways."""
    return "\n".join(["table ip transit {", *_rules(network, plan), "}"])


def _rules(network: Network, plan: Plan) -> Iterator[str]:
    links = network.links
    ends = list(_ends(links))
    if not ends:
        return
    yield "chain marks { type filter hook prerouting priority mangle;"
    yield f"ip ttl < {LAST_STEPS} {plan.site('loop', 'transit')}"
    marks = {device: links.table_number(attachment, gateway, zone) + 1 for device, attachment, gateway, zone in ends}
    yield "meta mark set iifname map { " + ", ".join(f"{device} : {number}" for device, number in marks.items()) + " }"
    yield "}"
    for device, attachment, gateway, _ in ends:
        yield f"chain from_{device} {{"
        yield from _from(network, plan, attachment, gateway)
        yield "}"
    yield "chain judge { type filter hook forward priority filter;"
    yield "iifname vmap { " + ", ".join(f"{device} : jump from_{device}" for device, *_ in ends) + " }"
    for n, port in enumerate(links.ports):
        known = links.passes_groups(port.gateway, port.attachment) and port.subnet.zone != WITHOUT_REFERENCES
        for way in ("iifname", "oifname"):
            yield f"{way} b{n} ip dscp {{ {KNOWN}, {KNOWN + BY_TRANSIT} }} ip dscp set {KNOWN + BY_TRANSIT if known else 0}"
    for m in range(len(links.joints)):
        yield f"oifname {{ y{m}, z{m} }} ip dscp set 0"  # TGW-23
    yield "}"


def _ends(links: Links) -> Iterator[tuple[str, TransitAttachment, str, str]]:
    """Where packets get in: device, attachment, gateway, zone. A joint's packets from one gateway come in at the other's device."""
    for n, port in enumerate(links.ports):
        yield f"b{n}", port.attachment, port.gateway, port.subnet.zone
    for m, joint in enumerate(links.joints):
        yield f"y{m}", joint, joint.gateways[0], ""
        yield f"z{m}", joint, joint.gateways[1], ""


def _from(network: Network, plan: Plan, attachment: TransitAttachment, gateway: str) -> Iterator[str]:
    """SG-13: what only a rule that names a group let out goes no further. Then the table (TGW-1 to TGW-3)."""
    name = attachment.table_of(gateway)
    yield f"ip dscp {{ {BY_REFERENCE}, {KNOWN + BY_REFERENCE} }} {plan.site('transit reference', gateway)}"
    if name == "":
        yield plan.site("transit association", gateway)
    why = _why_not_built(network.snapshot, name)
    if why:
        yield plan.site(NOT_BUILT, gateway, why)
    yield f"oifname {NO_ROUTE} {plan.site('transit no route', gateway)}"
    yield f"oifname {BLACKHOLE} {plan.site('transit blackhole', gateway)}"
    yield f"oifname {DEAD} {plan.site('transit state', gateway)}"
    yield f"oifname {UNBUILT} {plan.site(NOT_BUILT, gateway, 'which zone AWS chooses or remembers, or an attachment of another kind')}"


def _why_not_built(snapshot: Snapshot, name: str | None) -> str:
    if name == "":
        return ""
    table = snapshot.get(TransitRouteTable, name or "")
    if table is None or table.unread:
        return f"transit gateway route table {name or '(association not read)'} was not read"
    told = {route.attachment for route in table.routes if route.propagated}
    for source in table.propagations:
        attachment = snapshot.get(TransitAttachment, source)
        if attachment is None or source in told or attachment.type == "peering":
            continue
        if attachment.type != "vpc" or snapshot.get(Vpc, attachment.resource) is None:
            return f"what {source} propagates"
    return ""


def transit_routes(network: Network) -> Iterator[tuple[int, int, int, str]]:
    """Each table in use, for packets from each zone."""
    yield LAST, 0, 0, NO_ROUTE
    for number, (name, zone) in enumerate(network.links.tables):
        table = network.snapshot.get(TransitRouteTable, name)
        assert table is not None  # only such tables are numbered
        for prefix, attachment in _routes(network.snapshot, table).items():
            if prefix.version == 4:
                yield TRANSIT + number, prefix.value, prefix.length, _device(network, table.gateway, attachment, zone)


def _routes(snapshot: Snapshot, table: TransitRouteTable) -> dict[Prefix, str]:
    """The attachment for each prefix; static routes beat propagated ones (TGW-2, TGW-13)."""
    propagated = {route.prefix: route.attachment for route in reversed(table.routes) if route.propagated}
    told = set(propagated.values())
    silent = _silent(snapshot, table.gateway)
    for name in sorted(set(table.propagations) - told - silent):
        attachment = snapshot.get(TransitAttachment, name)
        vpc = snapshot.get(Vpc, attachment.resource) if attachment else None
        propagated = dict.fromkeys(vpc.cidrs if vpc else (), name) | propagated
    return propagated | {route.prefix: route.attachment for route in reversed(table.routes) if not route.propagated}


def _silent(snapshot: Snapshot, gateway: str) -> set[str]:
    """The attachments that propagate nothing to any table: a block of their VPC overlaps one that was attached before (TGW-12)."""
    attached = [found for found in snapshot.all(TransitAttachment) if gateway in found.gateways and found.type == "vpc"]
    found: set[str] = set()
    taken: list[Prefix] = []
    for attachment in sorted(attached, key=lambda attachment: (attachment.state in ENDED, attachment.created)):
        vpc = snapshot.get(Vpc, attachment.resource)
        if vpc and any(block.overlaps(other) for block in vpc.cidrs for other in taken):
            found.add(attachment.id)
        taken += vpc.cidrs if vpc else ()
    return found


def _device(network: Network, gateway: str, attachment_id: str, zone: str) -> str:
    """Where a route leads, for packets from a zone."""
    links = network.links
    attachment = network.snapshot.get(TransitAttachment, attachment_id)
    if not attachment_id:
        return BLACKHOLE
    if attachment is None:
        return UNBUILT
    if attachment.state != AVAILABLE:
        return DEAD
    if attachment in links.joints:
        return f"{'yz'[attachment.gateways.index(gateway)]}{links.joints.index(attachment)}"
    ways = links.arrivals(attachment, zone)
    chosen = len(ways) != 1 or (attachment.appliance_mode and len(attachment.subnets) > 1)
    unread = len([port for port in links.ports if port.attachment is attachment]) < len(attachment.subnets)
    in_zone = len(ways) == 1 and zone and links.ports[ways[0]].subnet.zone == zone
    return UNBUILT if chosen or (unread and not in_zone) else f"b{ways[0]}"
