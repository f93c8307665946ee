"""Zonal NAT gateways, public and private, with one or several addresses (NAT-1 to NAT-23).

    routed to it:     protocol -> a source of its VPC, not itself -> source becomes one of its private addresses -> its own subnet
    for its address:  a reply of a session gets its first destination back -> its own subnet; everything else is dropped

Its packets leave through its own subnet like any interface's: on-link, ACL, route table; so the four crossings of the ACL (NAT-9),
clients in its own subnet (NAT-11) and a table that sends its output back (NAT-12) need no code here. The public address is put on
by the internet gateway.

IPv6 packets for 64:ff9b::/96 go on as IPv4 to the address in their last 32 bits, and their replies come back as IPv6 (NAT64); no other
IPv6 is served. Of ICMPv6 only echo is translated (believed, after RFC 7915).

Not modelled: the 55,000 connections per destination (NAT-7).
AWS pages: "NAT gateway basics" (2026), "Troubleshoot NAT gateways" (2023).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from simulator.aws import regional_nat_gateway
from simulator.aws.network_interface import InterfaceAddress, NetworkInterface, arrivals, interface_of
from simulator.aws.resource import Address, Field, Item, Kind, ListOf, Record, Reference, Text, Values
from simulator.aws.route_table import local_blocks
from simulator.aws.snapshot import Draft, Snapshot
from simulator.aws.subnet import Subnet, edge_door, outbound
from simulator.aws.transit_gateway import VPC, TransitAttachment
from simulator.graph.builder import Builder
from simulator.graph.nodes import (
    Drop,
    Filter,
    Lookup,
    Masquerade,
    Place,
    PrefixTable,
    Ref,
    Restore,
    Rewrite,
    Route,
    Rule,
    RuleList,
)
from simulator.origin import Origin
from simulator.packet.flow import ICMP, ICMP_OF_ICMPV6, ICMPV6, TCP, UDP
from simulator.packet.prefix import EVERYWHERE, NAT64, Prefix, parse_address
from simulator.packet.ranges import Interval
from simulator.packet.space import Match
from simulator.problems import Problems

PORTS: Interval = (1024, 65535)
AVAILABLE = "available"
DELETED = ("deleted", "deleting")
FAILED = ("pending", "failed")
ADDRESS_LIMIT = 8
Judgement = tuple[str, RuleList, str, str]  # what is judged, by which rules, the code of a refusal, the rule's id


@dataclass(frozen=True, slots=True)
class NatGateway:
    """A NAT gateway. `interface` is its network interface, which holds its addresses; `public` its connectivity type."""

    id: str
    name: str
    subnet: str
    interface: str
    origin: Origin
    public: bool = True
    state: str = AVAILABLE

    @property
    def place(self) -> Place:
        """The hop of the gateway."""
        return Place(self.id, "nat-gateway", self.name)


def _scenario(name: str, values: Values, draft: Draft) -> None:
    interface_id = f"{name}-eni"
    public = values.get("type", "public") == "public"
    further = tuple(InterfaceAddress(entry["private_ip"], entry.get("public_ip")) for entry in values.get("secondary", ()))
    plain = Values({**values, "ip": values.get("private_ip")}, values.place, values.places)
    interface = interface_of(interface_id, plain, owner=name, type_name="nat_gateway")
    if not public and any(address.public for address in (*interface.addresses, *further)):
        draft.problems.error(f"NAT gateway `{name}`: a private one has no public address", values.place_of("public_ip"))
    if public and not any(address.public for address in interface.addresses):
        draft.problems.error(f"NAT gateway `{name}`: say its `public_ip`, or `type: private`", values.place)
    draft.add(replace(interface, addresses=(*interface.addresses, *further), groups=(), check=False))
    draft.add(
        NatGateway(name, "", values["subnet"], interface_id, Origin(name, place=values.place), public, values.get("state", AVAILABLE))
    )


def _describe(item: Item, draft: Draft) -> None:
    gateway_id = item.data["NatGatewayId"]
    state = item.get("State", AVAILABLE)
    addresses = [data for data in item.get("NatGatewayAddresses", ()) if data.get("PrivateIp")]
    addresses.sort(key=lambda data: not data.get("IsPrimary", True))
    if state == "deleted":
        return
    if not item.get("SubnetId"):
        regional_nat_gateway.described(item, draft)
        return
    interface_id = next((data["NetworkInterfaceId"] for data in addresses if data.get("NetworkInterfaceId")), f"eni-of-{gateway_id}")
    origin = Origin(gateway_id, place=item.place())
    pairs = tuple(
        InterfaceAddress(parse_address(data["PrivateIp"]), parse_address(data["PublicIp"]) if data.get("PublicIp") else None)
        for data in addresses
    )
    if pairs:
        draft.add_unless_known(_interface(interface_id, item.get("VpcId", ""), item.data["SubnetId"], pairs, origin, gateway_id))
    public = item.get("ConnectivityType", "public") == "public"
    draft.add(NatGateway(gateway_id, item.tag(), item.data["SubnetId"], interface_id, origin, public, state))


def _interface(
    interface_id: str, vpc: str, subnet: str, addresses: tuple[InterfaceAddress, ...], origin: Origin, owner: str
) -> NetworkInterface:
    return NetworkInterface(
        interface_id,
        "",
        vpc,
        subnet,
        addresses,
        (),
        Origin(interface_id, place=origin.place),
        False,
        type="nat_gateway",
        owner=owner,
    )


def _complete(gateway: NatGateway, draft: Draft) -> None:
    """The interface of a gateway belongs to it, whatever type the input gave it."""
    interface = draft.get(NetworkInterface, gateway.interface)
    if interface is None:
        interface = _interface(gateway.interface, "", gateway.subnet, (), gateway.origin, gateway.id)
        interface = replace(interface, assumed=f"the address of {gateway.id} was not read: a free one of {gateway.subnet} is taken")
    draft.replace(replace(interface, type="nat_gateway", owner=gateway.id))


def _check(gateway: NatGateway, snapshot: Snapshot, problems: Problems) -> None:
    interface = snapshot.get(NetworkInterface, gateway.interface)
    if interface is not None and len(interface.addresses) > ADDRESS_LIMIT:
        problems.warn(f"NAT gateway `{gateway.id}` has more than {ADDRESS_LIMIT} addresses, the most AWS allows", gateway.origin.place)
    if snapshot.get(Subnet, gateway.subnet) is None:
        problems.warn(f"NAT gateway `{gateway.id}` lies in subnet `{gateway.subnet}`, which was not read", gateway.origin.place)


def _emit(gateway: NatGateway, build: Builder, snapshot: Snapshot) -> None:
    interface, subnet = snapshot.get(NetworkInterface, gateway.interface), snapshot.get(Subnet, gateway.subnet)
    if interface is None or subnet is None:
        return
    if gateway.state != AVAILABLE:
        dead = Drop(
            place=gateway.place,
            what="state",
            code="BAD_STATE_ROUTE" if gateway.state in DELETED else "BAD_STATE",  # a deleted one leaves a blackhole
            cites=("NAT-15",),
            origin=gateway.origin.of(f"state {gateway.state}"),
        )
        arrived: Ref = build.add(dead)
    else:
        arrived = _own_or_routed(gateway, interface, build, snapshot)
    build.open(arrivals(interface.id), arrived)
    edge_door(build, snapshot, "nat-gateway", gateway.id, subnet, arrived)
    edge_door(build, snapshot, "network-interface", interface.id, subnet, arrived)
    if interface.assumed and isinstance(arrived, int):
        build.assume(arrived, interface.assumed)


def _own_or_routed(gateway: NatGateway, interface: NetworkInterface, build: Builder, snapshot: Snapshot) -> int:
    table, place, onward = f"translations of {gateway.id}", gateway.place, outbound(gateway.subnet)
    own = tuple(Prefix.host(*address) for address in interface.private_addresses if address[0] == 4)
    unasked = Drop(
        place=place,
        what="packets for its own address",
        code="SIM_NAT_STATEFUL_INBOUND",
        cites=("NAT-6",),
        origin=gateway.origin.of("replies of its own sessions only"),
    )
    restored = Rewrite(
        place=place, what="translation back", how=Restore(table), then=onward, miss=build.add(unasked), cites=("NAT-6", "NAT-10")
    )
    addresses = tuple((4, prefix.value) for prefix in own)
    translated = Rewrite(
        place=place,
        what="source translation",
        how=Masquerade(addresses, PORTS, table),
        then=onward,
        cites=("NAT-3", "NAT-4"),
    )
    routed = _served(gateway, own, build, snapshot, build.add(translated))
    to_ipv4 = Rewrite(
        place=place,
        what="translation to IPv4",
        how=Masquerade(addresses, PORTS, table, NAT64),
        then=onward,
        miss=routed,
        cites=("NAT-22", "NAT-4"),
    )
    nat64 = _served_ipv6(gateway, build, snapshot, build.add(to_ipv4))
    routes = (*(Route(prefix, 0, interface.origin) for prefix in own), Route(NAT64, 1, gateway.origin.of("NAT64")))
    return build.add(
        Lookup(
            place=place,
            what="own addresses",
            table=PrefixTable(tuple(sorted(routes, key=lambda route: route.prefix))),
            targets=(build.add(restored), nat64),
            miss=routed,
            plumbing=True,
        )
    )


def _served(gateway: NatGateway, own: tuple[Prefix, ...], build: Builder, snapshot: Snapshot, then: int) -> int:
    """What a NAT gateway translates: TCP, UDP and ICMP over IPv4 (NAT-2, NAT-23) of its own VPC (NAT-8), not its own output."""
    served, itself = gateway.origin.of("TCP, UDP and ICMP over IPv4 only"), gateway.origin.of("its own output comes back to it")
    filters = (
        ("its own output", RuleList((Rule(Match(sources=own), False, itself),), itself, permit=True), "SIM_ROUTING_LOOP", "NAT-11"),
        (
            "protocols it translates",
            RuleList(tuple(Rule(Match(version=4, protocol=number), True, served) for number in (TCP, UDP, ICMP)), served),
            "PROTOCOL_RESTRICTION",
            "NAT-2",
        ),
    )
    return _filters(gateway, build, then, (_sources(gateway, snapshot), *filters))


def _served_ipv6(gateway: NatGateway, build: Builder, snapshot: Snapshot, then: int) -> int:
    """What it translates to IPv4: TCP, UDP and pings (NAT-2, NAT-22) of its own VPC (NAT-8)."""
    served = gateway.origin.of("TCP, UDP and pings only")
    rules = [Rule(Match(version=6, protocol=number), True, served) for number in (TCP, UDP)]
    rules += [Rule(Match(version=6, protocol=ICMPV6, icmp_type=kind), True, served) for kind in ICMP_OF_ICMPV6]
    protocols = ("protocols it translates to IPv4", RuleList(tuple(rules), served), "PROTOCOL_RESTRICTION", "NAT-22")
    return _filters(gateway, build, then, (_sources(gateway, snapshot), protocols))


def _sources(gateway: NatGateway, snapshot: Snapshot) -> Judgement:
    subnet = snapshot.get(Subnet, gateway.subnet)
    vpc = subnet.vpc if subnet else ""
    clients = clients_of(snapshot, vpc)
    foreign = gateway.origin.of("interfaces of its own VPC only")
    return "sources it serves", RuleList((Rule(Match(sources=clients), True, foreign),), foreign), "NGW_REQUIRES_SOURCE_IN_VPC", "NAT-8"


def _filters(gateway: NatGateway, build: Builder, then: int, judgements: Iterable[Judgement]) -> int:
    for what, rules, code, rule in judgements:
        then = build.add(
            Filter(place=gateway.place, what=what, rules=build.share(rules), then=then, code=code, cites=(rule,), plumbing=True)
        )
    return then


def clients_of(snapshot: Snapshot, vpc: str) -> tuple[Prefix, ...]:
    """The sources that NAT gateways of a VPC serve (NAT-8). What a transit gateway brings is served too; that a foreign packet came by one
    is not asked again, for no other way leads here: what a peering or a virtual private gateway brings meets no route table.
    """
    transit = any(attachment.type == VPC and attachment.resource == vpc for attachment in snapshot.all(TransitAttachment))
    return tuple(EVERYWHERE.values()) if transit else snapshot.index(("clients", vpc), lambda: _clients(snapshot, vpc))


def _clients(snapshot: Snapshot, vpc: str) -> tuple[Prefix, ...]:
    """The addresses of a VPC's interfaces; where the interfaces were not asked for, any of its blocks."""
    if not snapshot.was_read("network-interface"):
        return local_blocks(snapshot, vpc)
    interfaces = snapshot.by(NetworkInterface, "vpc")[vpc]
    return tuple(sorted(block for interface in interfaces for block in interface.blocks))


KIND = Kind(
    name="nat-gateway",
    noun=NatGateway,
    about="source translation for private subnets",
    section="nat_gateways",
    fields=(
        Field("subnet", Reference(("subnet",)), "the subnet it lies in", required=True),
        Field("public_ip", Address(), "its public address (an Elastic IP)"),
        Field("private_ip", Address(), "its private address; a free one when left out"),
        Field(
            "secondary",
            ListOf(
                Record(
                    (
                        Field("private_ip", Address(), "a further private address", required=True),
                        Field("public_ip", Address(), "its public address"),
                    )
                )
            ),
            "further addresses; which one a flow gets is AWS's choice",
        ),
        Field("type", Text(("public", "private")), "public when left out"),
        Field("state", Text((AVAILABLE, *FAILED, *DELETED)), "available when left out"),
    ),
    scenario=_scenario,
    describe={"NatGateways": _describe},
    prefix="nat",
    complete=_complete,
    check=_check,
    emit=_emit,
)
