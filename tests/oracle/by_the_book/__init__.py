"""An independent judge: the AWS rules of `docs/semantics.md`, walked packet by packet on the nouns, without graph or compiler.

Theory of operation. `trace` starts a packet at an interface, a function or the internet, and lets it meet every check in the order of
MODEL-8; each method of `journey.Journey` is one stage and calls the next. The first check that refuses raises `Stop`, which ends the
leg. `reply` walks the answer from where the packet arrived, with the sessions the first leg left behind. It is written from the
specification alone: where it and the simulator differ, one of them is wrong, or the specification says too little.

Files: `world` (sections 2, 4: who has what), `routes` (3), `filters` (5, 6), `gateways` (7, 8), `peerings` (9), `transit` (10),
`on_premises` and `sites` (11), `endpoints` (12), `balancers`, `targets` and `inspection` (13), `translators` (of 8, 11, 16),
`firewalls` (14), `public_access` (18), `journey` (1, 3, 4, 15, 17), `headers`, `steps`, `result`.
"""

from __future__ import annotations

from simulator.aws.client_vpn import ClientVpn
from simulator.aws.internet_gateway import InternetGateway
from simulator.aws.lambda_function import LambdaFunction
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.snapshot import Snapshot
from simulator.aws.vpc_endpoint import VpcEndpoint
from simulator.packet.flow import Flow
from tests.oracle.by_the_book import result
from tests.oracle.by_the_book.filters import TCP, UDP
from tests.oracle.by_the_book.gateways import INTERNET, RFC1918, RFC6598
from tests.oracle.by_the_book.headers import Sessions, answer_to, with_fields
from tests.oracle.by_the_book.journey import PLATFORM_SERVICES, Journey
from tests.oracle.by_the_book.result import BY_THE_BOOK, Leg, Picks, Reading, Stop
from tests.oracle.by_the_book.sites import PREMISES
from tests.oracle.by_the_book.translators import CLIENTS
from tests.oracle.by_the_book.world import World

# The nouns this model knows; of a network with others it says nothing.
# fmt: off
KNOWN_NOUNS = frozenset({
    "Vpc", "Subnet", "RouteTable", "NetworkAcl", "SecurityGroup", "PrefixList", "NetworkInterface", "Instance", "LambdaFunction",
    "EventSource", "Database", "Cache", "EcsService", "ContainerHost", "FileSystem", "DataService", "ConnectEndpoint",
    "DatabaseCluster", "DatabaseSubnetGroup", "CacheGroup", "CacheSubnetGroup",  # SVC-1: names for interfaces, and where those are
    "InternetGateway", "EgressOnlyGateway", "NatGateway",
    "VpcPeering", "TransitGateway", "TransitAttachment", "TransitRouteTable", "VpcEndpoint",
    "BlockPublicAccess", "PublicAccessExclusion",
    "VpcLink", "ClientVpn", "RegionalNatGateway",
    "NetworkFirewall", "FirewallPolicy", "FirewallRuleGroup", "EncryptionControl",  # ENC-3: the last changes no verdict
    "LoadBalancer", "Listener", "TargetGroup", "EndpointService",
    "VirtualPrivateGateway", "CustomerGateway", "VpnConnection", "VirtualInterface", "DirectConnectGateway", "DirectConnectAssociation",
})
# fmt: on
TOWARDS = "internet towards "  # and the VPC whose internet gateway the packet comes to


def unknown_nouns(snapshot: Snapshot) -> set[str]:
    """What there is in a network of which this model knows nothing."""
    return {type(noun).__name__ for _, noun in snapshot.everything()} - KNOWN_NOUNS


def trace(
    snapshot: Snapshot,
    sender: str,
    flow: Flow,
    *,
    expected: frozenset[str] | None = None,
    sessions: Sessions | None = None,
    picks: Picks | None = None,
    nat_port: int | None = None,
    nat_address_index: int | None = None,
    lambda_interface: int | None = None,
    route_index: int | None = None,
    reading: Reading = BY_THE_BOOK,
) -> Leg:
    """Walk one packet. `expected`: the endpoints that count as delivered; none: every one."""
    picks = picks or Picks(nat_port, nat_address_index, lambda_interface, route_index)
    journey = Journey(World(snapshot, flow.version), flow, picks, sessions if sessions is not None else Sessions(), reading)
    try:
        _start(journey, sender)
    except Stop as stop:
        _stopped(journey, stop)
        return journey.leg
    wanted = expected is None or journey.leg.end in expected
    journey.leg.disposition = result.DELIVERED if wanted else result.ELSEWHERE
    journey.leg.header = journey.header
    if wanted and journey.leg.unknown:
        journey.leg.disposition, journey.leg.code = result.GAP, "SIM_UNMODELLED"
    return journey.leg


def round_trip(
    snapshot: Snapshot,
    sender: str,
    flow: Flow,
    *,
    expected: frozenset[str] | None = None,
    picks: Picks | None = None,
    reading: Reading = BY_THE_BOOK,
) -> tuple[Leg, Leg | None]:
    """A packet and its reply; no reply when the packet did not arrive, or asks nothing (MODEL-4)."""
    sessions, picks = Sessions(), picks or Picks()
    forward = trace(snapshot, sender, flow, expected=expected, sessions=sessions, picks=picks, reading=reading)
    arrived = forward.disposition in (result.DELIVERED, result.GAP) and forward.end
    if not arrived or forward.header is None or forward.sent is None:
        return forward, None
    answer, awaited = answer_to(forward.header), answer_to(forward.sent)
    if answer is None:
        return forward, None
    back = reply(snapshot, forward, answer, sessions, picks, reading)
    if back.disposition == result.DELIVERED:
        if back.end != forward.sender:
            back.disposition = result.ELSEWHERE
        elif back.header != awaited:
            back.disposition = result.NOT_EXPECTED  # IGW-8: the client discards it
        elif back.unknown:
            back.disposition, back.code = result.GAP, "SIM_UNMODELLED"
    return forward, back


def reply(snapshot: Snapshot, forward: Leg, answer: Flow, sessions: Sessions, picks: Picks, reading: Reading) -> Leg:
    """MODEL-3, ENI-7: the answer leaves by the interface the request came to. LL-2: a service of the host just answers."""
    if forward.end == PLATFORM_SERVICES:
        return _answered_by_host(forward, answer)
    journey = Journey(World(snapshot, answer.version), answer, picks, sessions, reading, answers=True)
    try:
        endpoint = snapshot.get(VpcEndpoint, forward.hops[-1][0])
        if endpoint is not None and endpoint.type == "Gateway":
            journey.leg.sent = answer
            journey.out_of_gateway_endpoint(endpoint)
        elif forward.end == INTERNET:
            journey.leg.sent = answer
            journey.on_internet()
        else:
            _start(journey, forward.end)
    except Stop as stop:
        _stopped(journey, stop)
        return journey.leg
    journey.leg.disposition, journey.leg.header = result.DELIVERED, journey.header
    return journey.leg


def _answered_by_host(forward: Leg, answer: Flow) -> Leg:
    """LL-2. CVPN-2, SVC-6: what asked in the name of a client or a pod passes the answer on to it."""
    restored = answer_to(forward.sent) if forward.sent else None
    header = answer if restored is None else restored
    leg = Leg(result.DELIVERED, forward.sender, header=header, end=forward.sender, sent=answer, by_host=True)
    leg.hops.append((forward.sender, header))
    return leg


def _start(journey: Journey, sender: str) -> None:
    """Where the packet begins, and with which source address."""
    world, leg = journey.world, journey.leg
    function = world.snapshot.get(LambdaFunction, sender)
    if sender == INTERNET or sender.startswith(TOWARDS):
        leg.sender, leg.sent = INTERNET, journey.header
        gateways = [igw for igw in world.snapshot.all(InternetGateway) if sender == TOWARDS + igw.vpc]
        if gateways:
            journey.at(INTERNET, "send")
            journey.into_gateway(gateways[0])
        else:
            journey.on_internet()
        return
    if sender.startswith(CLIENTS):
        leg.sender, leg.sent = sender, journey.header
        vpn = world.snapshot.get(ClientVpn, sender.removeprefix(CLIENTS))
        assert vpn is not None
        journey.send_from_client(vpn)
        return
    if sender.startswith(PREMISES):
        leg.sender, leg.sent = sender, journey.header
        journey.send_from_site(sender.removeprefix(PREMISES))
        return
    if function is not None:
        nic = _interface_of(journey, function)
        if nic is None:
            return
    else:
        nic = world.nic(sender)
    leg.sender = nic.id
    if function is not None:  # LAMBDA-2: whatever the question says
        journey.header = with_fields(journey.header, source=world.privates(nic)[0])
    leg.sent = journey.header
    if function is not None:
        journey.sessions.callers[nic.id, journey.header] = function.id
    journey.send_from(nic)


def _interface_of(journey: Journey, function: LambdaFunction) -> NetworkInterface | None:
    """LAMBDA-11: TCP and UDP only, TCP port 25 closed. LAMBDA-2, LAMBDA-9: by one of its interfaces. LAMBDA-1: or the internet."""
    header = journey.header
    journey.at(function.id, "send")
    ipv6 = function.ipv6 and bool(function.subnets)
    journey.check("IPv6 only where it is allowed (LAMBDA-6)", header.version == 4 or ipv6, "UNASSOCIATED_COMPONENT")
    closed = header.protocol == TCP and header.destination_port == 25
    journey.check("TCP and UDP, not port 25 (LAMBDA-11)", header.protocol in (TCP, UDP) and not closed, "PROTOCOL_RESTRICTION")
    if not function.subnets:
        journey.leg.sender, journey.leg.sent = INTERNET, header
        private = journey.world.within(RFC1918 + RFC6598, header.destination)
        journey.check("no private address (LAMBDA-1)", not private, "DISCONNECTED_VPCS")
        journey.on_internet()
        return None
    count = len(function.interfaces)
    index = journey.choose("interface", 0, count - 1, 0) if count > 1 else 0
    return journey.world.nic(function.interfaces[index])


def _stopped(journey: Journey, stop: Stop) -> None:
    leg = journey.leg
    leg.disposition, leg.place, leg.code, leg.rules = stop.disposition, stop.place, stop.code, stop.rules
    leg.header, leg.end = journey.header, ""
