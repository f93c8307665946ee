"""Routes and NAT gateways: dead routes, routes that never win, tables for nobody, NAT gateways astray (VS301 to VS306)."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.aws.internet_gateway import InternetGateway
from simulator.aws.nat_gateway import AVAILABLE, NatGateway
from simulator.aws.prefix_list import PrefixList
from simulator.aws.regional_nat_gateway import RegionalNatGateway
from simulator.aws.route_table import LOCAL, RouteEntry, RouteTable, table_of, winners
from simulator.aws.snapshot import Snapshot
from simulator.aws.subnet import Subnet
from simulator.aws.vpc_peering import ACTIVE, VpcPeering
from simulator.evaluate.result import Verdict
from simulator.packet.prefix import Prefix
from simulator.query.checks.given import Given, finding
from simulator.query.checks.probe import Probes
from simulator.query.findings import Finding

BLOCKED_FOR_HOSTS = "VPC_BLOCK_PUBLIC_ACCESS_ENABLED"  # may hold for hosts and not for NAT gateways (BPA-2)


def find(given: Given) -> Iterator[Finding]:
    """All findings about routes."""
    snapshot = given.snapshot
    used = {subnet.route_table for subnet in snapshot.all(Subnet)} | {nat.route_table for nat in snapshot.all(RegionalNatGateway)}
    for table in snapshot.all(RouteTable):
        serves = bool(table.main or table.subnets or table.gateways or table.id in used)
        if not serves and given.wants("VS303"):
            yield finding("VS303", f"route table `{table.id}` serves no subnet and no gateway", table.origin)
        for entry in table.routes:
            dead = _why_dead(snapshot, table, entry)
            if dead and given.wants("VS301"):
                yield finding("VS301", f"route table `{table.id}`: the route {_words(entry)} {dead}", entry.origin)
            elif not dead:
                yield from _beyond_peering(given, table, entry)
        if (table.main or table.subnets or table.id in used) and not table.gateways and given.wants("VS302"):
            yield from _losers(snapshot, table)
    if given.wants("VS304"):
        yield from _other_zones(snapshot)
    if given.wants("VS305"):
        yield from _without_way_out(given)


def _words(entry: RouteEntry) -> str:
    return f"{entry.destination} -> {entry.target}" if entry.target else f"for {entry.destination}"


def _why_dead(snapshot: Snapshot, table: RouteTable, entry: RouteEntry) -> str:
    """Why packets that take a route are lost at once, or empty."""
    if entry.blackhole:
        return "is a blackhole: its target is gone"
    nat = snapshot.get(NatGateway, entry.target) if entry.kind == "nat-gateway" else None
    if nat and nat.state != AVAILABLE:
        return f"leads to a NAT gateway in state `{nat.state}`"
    peering = snapshot.get(VpcPeering, entry.target) if entry.kind == "vpc-peering-connection" else None
    if peering and peering.state != ACTIVE:
        return f"leads to a peering in state `{peering.state}`"
    if peering and table.vpc not in peering.vpcs:
        return f"leads to a peering that `{table.vpc}` is no part of"
    gateway = snapshot.get(InternetGateway, entry.target) if entry.kind == "internet-gateway" else None
    if gateway and gateway.read and (not gateway.attached or gateway.vpc != table.vpc):
        return f"leads to an internet gateway that is not attached to `{table.vpc}`"
    return ""


def _beyond_peering(given: Given, table: RouteTable, entry: RouteEntry) -> Iterator[Finding]:
    peering = given.snapshot.get(VpcPeering, entry.target) if entry.kind == "vpc-peering-connection" else None
    if peering is None or not isinstance(entry.destination, Prefix) or not given.wants("VS306"):
        return
    end = 1 - peering.vpcs.index(table.vpc)
    blocks = peering.blocks_of(end, given.snapshot)
    if blocks and not any(block.overlaps(entry.destination) for block in blocks):
        has = ", ".join(map(str, blocks))
        told = f"route table `{table.id}`: the route {_words(entry)} leads to `{peering.vpcs[end]}`, which has {has} and no address of it"
        yield finding("VS306", told, entry.origin)


def _losers(snapshot: Snapshot, table: RouteTable) -> Iterator[Finding]:
    """Static routes that win for none of their addresses. Routes that AWS propagates come and go by themselves."""
    winning = {id(entry) for winner in winners(snapshot, table) for entry in (winner.entry, *winner.rivals)}
    for entry in table.routes:
        if id(entry) in winning or entry.kind == LOCAL or entry.propagated or entry.blackhole:
            continue
        if isinstance(entry.destination, str):
            listed = snapshot.get(PrefixList, entry.destination)
            if listed is None or not listed.entries:
                continue
        told = f"route table `{table.id}`: the route {_words(entry)} never decides: another route is preferred for all its addresses"
        yield finding("VS302", told, entry.origin)


def _other_zones(snapshot: Snapshot) -> Iterator[Finding]:
    for subnet in snapshot.all(Subnet):
        table = table_of(snapshot, subnet.vpc, subnet.id, subnet.route_table)
        for winner in winners(snapshot, table) if table else ():
            nat = snapshot.get(NatGateway, winner.entry.target) if winner.entry.kind == "nat-gateway" else None
            where = snapshot.get(Subnet, nat.subnet) if nat else None
            if nat and where and where.zone and subnet.zone and where.zone != subnet.zone and not winner.entry.blackhole:
                one, other = ((found.zone_name or found.zone) for found in (subnet, where))
                told = f"subnet `{subnet.id}` in zone {one} sends {winner.prefix} to NAT gateway `{nat.id}` in zone {other}"
                yield finding("VS304", f"{told}: it pays for the way, and depends on both zones", winner.entry.origin)


def _without_way_out(given: Given) -> Iterator[Finding]:
    """Public NAT gateways from whose place nothing with a public address reaches the internet: a host that would stand there is asked."""
    snapshot = given.snapshot
    gateways = [
        nat
        for nat in snapshot.all(NatGateway)
        if nat.public
        and nat.state == AVAILABLE
        and (subnet := snapshot.get(Subnet, nat.subnet))
        and any(c.version == 4 for c in subnet.cidrs)
    ]
    probes = Probes.of(snapshot, [(nat.subnet, True) for nat in gateways])
    for nat in gateways:
        verdict, stopped, code = probes.to_internet(nat.subnet)
        if verdict is Verdict.NEVER and code != BLOCKED_FOR_HOSTS:
            told = f"NAT gateway `{nat.id}` in subnet `{nat.subnet}` has no way to the internet and back"
            yield finding("VS305", f"{told}{f': packets end at `{stopped}`' if stopped else ''}", nat.origin)


def _cidrs(snapshot: Snapshot, subnet_id: str) -> tuple[Prefix, ...]:
    subnet = snapshot.get(Subnet, subnet_id)
    return subnet.cidrs if subnet else ()
