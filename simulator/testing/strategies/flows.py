"""Packets worth trying in a network: addresses it knows, and values just inside and just outside what its rules and routes say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hypothesis import reject
from hypothesis import strategies as st

from simulator.aws import internet
from simulator.aws.client_vpn import ClientVpn
from simulator.aws.lambda_function import LambdaFunction
from simulator.aws.load_balancer import LoadBalancer
from simulator.aws.network_acl import NetworkAcl
from simulator.aws.network_interface import STARTS_NOTHING, WITHOUT_GROUPS, NetworkInterface
from simulator.aws.onprem import networks_of
from simulator.aws.permissions import Traffic
from simulator.aws.prefix_list import PrefixList
from simulator.aws.route_table import RouteTable
from simulator.aws.security_group import SecurityGroup
from simulator.aws.snapshot import Snapshot
from simulator.aws.subnet import Subnet
from simulator.aws.transit_gateway import TransitRouteTable
from simulator.aws.vpc import Vpc
from simulator.aws.vpc_endpoint import VpcEndpoint
from simulator.packet.flow import ESP, ICMP, ICMPV6, TCP, UDP, WITH_PORTS, WITH_TYPES, Flow
from simulator.packet.prefix import BITS, Prefix, parse_address
from simulator.testing.strategies.aims import aims
from simulator.testing.strategies.hand import Drawn, Hand
from simulator.testing.strategies.rules import PORTS
from simulator.testing.strategies.thinning import whole_of

Address = tuple[int, int]
# A host on the internet, one that nobody has, metadata, time: reached or refused in ways of their own.
WELL_KNOWN = tuple(
    map(parse_address, ("203.0.113.9", "8.8.8.8", "198.51.100.250", "10.0.0.250", "169.254.169.254", "169.254.169.123", "100.64.0.1"))
)
WELL_KNOWN_V6 = tuple(map(parse_address, ("2001:db8:ffff::9", "fd00:ec2::254", "64:ff9b::203.0.113.9", "64:ff9b::10.0.0.4")))
CLIENT_PORTS = (40000, 50000, 1024, 32767, 32768, 60999, 61000, 65535, 1023, 0)
OTHER_PROTOCOLS = (ESP, 47, 0, 255, 2, 132)


@dataclass(frozen=True, slots=True)
class Packet:
    """A flow with the name of the entry it starts at."""

    entry: str
    flow: Flow

    def __str__(self) -> str:
        return f"{self.entry}: {self.flow}"


@dataclass(frozen=True, slots=True)
class Values:
    """What flows of a network are made of, addresses by version: its own, borders of blocks, hosts outside, and its own by the VPC
    they lie in (under "" the public ones); ports; and what rules speak of, where they say a protocol.
    """

    own: dict[int, tuple[int, ...]]
    borders: dict[int, tuple[int, ...]]
    outside: dict[int, tuple[int, ...]]
    by_vpc: dict[str, dict[int, tuple[int, ...]]]
    ports: tuple[int, ...]
    traffics: tuple[Traffic, ...]


def entry_names(snapshot: Snapshot) -> tuple[str, ...]:
    """The names of all entries of a network: its interfaces that start flows, its functions, clients of Client VPN, networks on premises,
    the internet, the internet towards a VPC.
    """
    of_functions = {name for function in snapshot.all(LambdaFunction) for name in function.interfaces}
    nodes = _nodes(snapshot)
    interfaces = (
        interface.id
        for interface in snapshot.all(NetworkInterface)
        if interface.id in nodes
        or (interface.type not in WITHOUT_GROUPS | STARTS_NOTHING and (not interface.replies_only or interface.id in of_functions))
    )
    functions = (function.id for function in snapshot.all(LambdaFunction))
    clients = (vpn.endpoint for vpn in snapshot.all(ClientVpn))
    vpcs = [vpc.id for vpc in snapshot.all(Vpc)]
    outside = (internet.ENDPOINT, *map(internet.entry_name, vpcs)) if vpcs else ()
    return (*interfaces, *functions, *clients, *(network.endpoint for network in networks_of(snapshot)), *outside)


def _nodes(snapshot: Snapshot) -> set[str]:
    """The interfaces that are nodes of load balancers."""
    return {name for balancer in snapshot.all(LoadBalancer) for name in balancer.interfaces}


@st.composite
def entries(draw: st.DrawFn, snapshot: Snapshot) -> str:
    """The name of an entry, a key of `FlowGraph.entries`; mostly one inside."""
    return draw_entry(Drawn(draw), snapshot)


@st.composite
def flows(draw: st.DrawFn, snapshot: Snapshot, entry: str | None = None) -> Flow:
    """A header. With `entry` its source is mostly one that this entry may use, else any address of interest.

    Ports and types are 0 where the protocol has none, as `Flow` wants them.
    """
    return draw_flow(Drawn(draw), snapshot, entry)


@st.composite
def packets(draw: st.DrawFn, snapshot: Snapshot) -> Packet:
    """An entry of the network and a flow that starts there."""
    return draw_packet(Drawn(draw), snapshot)


def draw_packet(hand: Hand, snapshot: Snapshot) -> Packet:
    """An entry of the network and a flow that starts there."""
    entry = draw_entry(hand, snapshot)
    return Packet(entry, draw_flow(hand, snapshot, entry))


def draw_entry(hand: Hand, snapshot: Snapshot) -> str:
    """An entry. The example is thrown away where it is one of a part that was left out."""
    whole = whole_of(snapshot)
    names = entry_names(whole)
    inside = [name for name in names if not name.startswith(internet.ENDPOINT)]
    entry = hand.one_of(names if not inside or hand.chance(15) else inside)
    if whole is not snapshot and entry not in entry_names(snapshot):
        reject()
    return entry


def draw_flow(hand: Hand, snapshot: Snapshot, entry: str | None = None) -> Flow:
    """A header, as `flows` says."""
    whole = whole_of(snapshot)
    values = values_of(whole)
    version = 6 if values.own[6] and hand.chance(15) else 4
    sources = _sources(whole, entry, version) if entry else ()
    source = hand.one_of(sources) if sources and not hand.chance(3) else _address(hand, values, version)
    vpc = _vpc_of(whole, entry or "")
    aimed = aims(whole, entry or "", vpc, version)
    if aimed and hand.chance(60 if entry in _nodes(whole) else 25):
        aim = hand.one_of(aimed)
        return Flow(version, source, aim.address, aim.protocol, hand.one_of(CLIENT_PORTS), aim.port)
    destinations = _destinations(hand, values, vpc, version)
    of_function = entry is not None and _is_of_function(whole, entry)
    able = (TCP, UDP) if of_function and not hand.chance(10) else ()
    told = [traffic for traffic in values.traffics if not able or traffic.protocol in able]
    if told and hand.chance(35):
        return _told_flow(hand, version, source, hand.one_of(destinations), hand.one_of(told))
    protocols = (TCP, TCP, UDP) if able else (TCP, TCP, TCP, UDP, UDP, ICMP, ICMP, None)
    return _flow(hand, values, version, source, hand.one_of(destinations), hand.one_of(protocols))


def _told_flow(hand: Hand, version: int, source: int, destination: int, traffic: Traffic) -> Flow:
    """A header of which a rule speaks, mostly at an end of its ports, or one just past it."""
    protocol, client = traffic.protocol or TCP, hand.one_of(CLIENT_PORTS)
    if protocol in WITH_PORTS:
        first, last = traffic.ports or (0, 65535)
        port = hand.one_of((last, first, min(last + 1, 65535), max(first - 1, 0), (first + last) // 2))
        return Flow(version, source, destination, protocol, client, port)
    if protocol in WITH_TYPES:
        protocol = ICMP if version == 4 else ICMPV6
        kind, code = traffic.icmp_type or 0, traffic.icmp_code or 0
        return Flow(version, source, destination, protocol, icmp_type=kind, icmp_code=hand.one_of((code, code, code + 1)) & 255)
    return Flow(version, source, destination, protocol)


def _flow(hand: Hand, values: Values, version: int, source: int, destination: int, protocol: int | None) -> Flow:
    if protocol is None:
        protocol = hand.one_of(OTHER_PROTOCOLS)
    elif protocol == ICMP and version == 6:
        protocol = ICMPV6
    if protocol in WITH_PORTS:
        return Flow(version, source, destination, protocol, hand.one_of(CLIENT_PORTS), hand.one_of(values.ports))
    if protocol in WITH_TYPES:
        kind = hand.one_of((8, 0, 13, 14, 3, 255) if protocol == ICMP else (128, 129, 135, 255))
        return Flow(version, source, destination, protocol, icmp_type=kind, icmp_code=hand.one_of((0, 0, 0, 1, 255)))
    return Flow(version, source, destination, protocol)


def _address(hand: Hand, values: Values, version: int) -> int:
    own, borders = values.own[version], values.borders[version]
    if own and not hand.chance(30):
        return hand.one_of(own)
    return hand.one_of(borders)


def _destinations(hand: Hand, values: Values, vpc: str, version: int) -> tuple[int, ...]:
    """Where a packet may be going: to somebody of this network, of another VPC (from outside: to a public address), out, or to a border
    of what rules and routes say.
    """
    others = [of_version[version] for name, of_version in values.by_vpc.items() if (name != vpc if vpc else not name)]
    others_own = tuple(value for several in others for value in several)
    out = values.outside[version] if vpc else others_own
    found = (values.own[version], values.own[version], others_own, others_own, out, out, values.borders[version])
    return hand.one_of([some for some in found if some])


def _is_of_function(snapshot: Snapshot, entry: str) -> bool:
    """Whether what starts here speaks TCP and UDP only (LAMBDA-5)."""
    interface = snapshot.get(NetworkInterface, entry)
    return (interface is not None and interface.replies_only) or snapshot.get(LambdaFunction, entry) is not None


def _vpc_of(snapshot: Snapshot, entry: str) -> str:
    """The VPC that an entry lies in, or the entry itself where it reaches private addresses from outside; empty for the internet."""
    interface, function = snapshot.get(NetworkInterface, entry), snapshot.get(LambdaFunction, entry)
    if interface is None and function is not None and function.interfaces:
        interface = snapshot.get(NetworkInterface, function.interfaces[0])
    if interface is None and function is None and not entry.startswith(internet.ENDPOINT):
        return entry
    return interface.vpc if interface else ""


def _sources(snapshot: Snapshot, entry: str, version: int) -> tuple[int, ...]:
    """The addresses that packets of an entry have: the interface's own, those of a function's interfaces, or public ones."""
    interface, function = snapshot.get(NetworkInterface, entry), snapshot.get(LambdaFunction, entry)
    names = (entry,) if interface else function.interfaces if function else ()
    found = [
        value
        for name in names
        if (one := snapshot.get(NetworkInterface, name))
        for of_version, value in one.private_addresses
        if of_version == version
    ]
    behind = next((network.blocks for network in networks_of(snapshot) if network.endpoint == entry), ())
    behind += tuple(vpn.clients for vpn in snapshot.all(ClientVpn) if vpn.endpoint == entry)
    if behind:
        return tuple(block.first + 9 for block in behind if block.version == version)
    outside = () if names else WELL_KNOWN[:2] if version == 4 else WELL_KNOWN_V6[:1]
    return (*found, *(value for _, value in outside))


# --- what a network speaks of ----------------------------------------------------------------------------------------------------


def values_of(snapshot: Snapshot) -> Values:
    """The values that make a difference somewhere in a network; collected once for each snapshot."""
    return snapshot.index("values of strategies", lambda: _values(snapshot))


def _values(snapshot: Snapshot) -> Values:
    own: dict[int, dict[int, None]] = {4: {}, 6: {}}
    by_vpc: dict[str, dict[int, list[int]]] = {}
    for vpc, (version, value), takes in _own_addresses(snapshot):
        if not takes:
            continue
        own[version].setdefault(value)
        by_vpc.setdefault(vpc, {4: [], 6: []})[version].append(value)
    behind = [block.first + 9 for network in networks_of(snapshot) for block in network.blocks if block.version == 4]
    served = [block.first + 9 for endpoint in snapshot.all(VpcEndpoint) for block in endpoint.gateway_blocks[:1]]
    borders: dict[int, dict[int, None]] = {4: {}, 6: {}}
    for version, value in (*WELL_KNOWN, *WELL_KNOWN_V6, *(address for _, address, takes in _own_addresses(snapshot) if not takes)):
        borders[version].setdefault(value)
    for block in _blocks(snapshot):
        for value in (block.first, block.last, block.first - 1, block.last + 1, block.first + 2):
            if 0 <= value < 1 << BITS[block.version]:
                borders[block.version].setdefault(value)
    ports = dict.fromkeys((443, *PORTS))
    for traffic in _traffics(snapshot):
        for edge in traffic.ports or ():
            ports.update(dict.fromkeys(port for port in (edge, edge - 1, edge + 1) if 0 <= port <= 65535))
    return Values(
        {version: tuple(found) for version, found in own.items()},
        {version: tuple(found) for version, found in borders.items()},
        {4: (*(value for _, value in WELL_KNOWN[:2]), *served, *behind), 6: tuple(value for _, value in WELL_KNOWN_V6[:1])},
        {vpc: {version: tuple(values) for version, values in found.items()} for vpc, found in by_vpc.items()},
        tuple(ports),
        tuple(dict.fromkeys(traffic for traffic in _traffics(snapshot) if traffic.protocol is not None)),
    )


def _own_addresses(snapshot: Snapshot) -> Iterator[tuple[str, Address, bool]]:
    """Every address of an interface, with its VPC (public ones with none), and whether it may take connections."""
    for interface in snapshot.all(NetworkInterface):
        takes = interface.type not in WITHOUT_GROUPS
        for address in interface.addresses:
            yield interface.vpc, address.private, takes
            if address.public:
                yield "", address.public, takes


def _blocks(snapshot: Snapshot) -> Iterator[Prefix]:
    """Every block that something in the network speaks of."""
    for vpc in snapshot.all(Vpc):
        yield from vpc.cidrs
    for subnet in snapshot.all(Subnet):
        yield from subnet.cidrs
    for table in snapshot.all(RouteTable):
        yield from (entry.destination for entry in table.routes if isinstance(entry.destination, Prefix))
    for routes in snapshot.all(TransitRouteTable):
        yield from (route.prefix for route in routes.routes)
    for found in snapshot.all(PrefixList):
        yield from found.entries or ()
    for group in snapshot.all(SecurityGroup):
        yield from (rule.peer for rule in (*group.inbound, *group.outbound) if isinstance(rule.peer, Prefix))
    for acl in snapshot.all(NetworkAcl):
        yield from (entry.cidr for entry in (*acl.inbound, *acl.outbound))


def _traffics(snapshot: Snapshot) -> Iterable[Traffic]:
    for group in snapshot.all(SecurityGroup):
        yield from (rule.traffic for rule in (*group.inbound, *group.outbound))
    for acl in snapshot.all(NetworkAcl):
        yield from (entry.traffic for entry in (*acl.inbound, *acl.outbound))
