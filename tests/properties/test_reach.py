"""What reaches what by the rules of AWS, in any network: one property for each rule."""

from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from simulator.aws.egress_only_gateway import EgressOnlyGateway
from simulator.aws.instance import Instance
from simulator.aws.internet import ENDPOINT, PRIVATE
from simulator.aws.internet_gateway import InternetGateway
from simulator.aws.lambda_function import LambdaFunction
from simulator.aws.load_balancer import LoadBalancer
from simulator.aws.nat_gateway import NatGateway
from simulator.aws.network_acl import NetworkAcl
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.subnet import Subnet
from simulator.aws.vpc import Vpc
from simulator.evaluate.result import Disposition, Outcome, Verdict
from simulator.graph.nodes import Filter, Lookup
from simulator.packet.prefix import NOT_ROUTED, Prefix
from simulator.testing.strategies import (
    MIXED,
    NAT_HEAVY,
    OPEN,
    WIDE,
    Packet,
    Question,
    changed,
    flows,
    networks,
    packets,
    questions,
    snapshots,
)
from tests.properties.budget import examples
from tests.properties.variants import all_running, with_open_acls, with_open_groups, without_detours
from tests.properties.walks import asked, drawn_walk, everywhere, graph_of, trip_of, walk

SNAPSHOTS = st.sampled_from([MIXED, WIDE]).flatmap(snapshots)
OPENED = st.sampled_from([OPEN, WIDE]).flatmap(snapshots)
NETWORKS = st.sampled_from([OPEN, WIDE]).flatmap(networks)
NO = {Verdict.NEVER, Verdict.UNKNOWN}
MET_ACL, MET_TABLE = "NACL-2", "RT-5"


def hosts(snapshot):
    """Interfaces that start flows and take them, with an address; nodes of load balancers have a say of their own."""
    nodes = {name for balancer in snapshot.all(LoadBalancer) for name in balancer.interfaces}
    return [one for one in snapshot.all(NetworkInterface) if one.type == "interface" and one.addresses and one.id not in nodes]


def draw_pair(data, snapshot):
    """A packet from one host to an address of another host of its VPC."""
    pairs = [(one, other) for one in hosts(snapshot) for other in hosts(snapshot) if one.vpc == other.vpc and one.id != other.id]
    assume(pairs)
    one, other = data.draw(st.sampled_from(pairs))
    version, destination = data.draw(st.sampled_from(other.private_addresses))
    sources = [value for of_version, value in one.private_addresses if of_version == version]
    assume(sources)
    flow = data.draw(flows(snapshot).filter(lambda flow: flow.version == version))
    return Packet(one.id, flow._replace(source=data.draw(st.sampled_from(sources)), destination=destination)), other


@examples(40)
@given(st.data())
def test_in_an_open_vpc_everybody_reaches_everybody(data):
    """RT-17, MODEL-9: open groups, open ACLs and local routes are enough, there and back."""
    drawn = data.draw(SNAPSHOTS)
    snapshot = all_running(without_detours(with_open_acls(with_open_groups(drawn))))
    packet, other = draw_pair(data, snapshot)
    trip = walk(graph_of(snapshot), packet, frozenset({other.id}))
    assert trip.delivered
    assert trip.answered


@examples(40)
@given(st.data())
def test_replies_inside_a_vpc_with_open_acls_always_return(data):
    """SG-19: whatever the groups say of the other direction."""
    snapshot = without_detours(with_open_acls(data.draw(OPENED)))
    packet, other = draw_pair(data, snapshot)
    trip = walk(graph_of(snapshot), packet, frozenset({other.id}))
    assume(trip.delivered)
    assert trip.answered


@examples(40)
@given(st.data())
def test_inside_a_subnet_no_acl_and_no_route_counts(data):
    """RT-4, NACL-4"""
    snapshot = data.draw(SNAPSHOTS)
    members = {subnet.id: [one for one in hosts(snapshot) if one.subnet == subnet.id] for subnet in snapshot.all(Subnet)}
    crowded = [subnet for subnet in snapshot.all(Subnet) if members[subnet.id]]
    assume(crowded)
    subnet = data.draw(st.sampled_from(crowded))
    sender = data.draw(st.sampled_from(members[subnet.id]))
    known = [address for one in members[subnet.id] for address in one.private_addresses]
    block = subnet.cidrs[0]
    anywhere = st.integers(block.first, block.last).map(lambda value: (4, value))
    version, destination = data.draw(st.one_of(st.sampled_from(known), anywhere))
    flow = data.draw(flows(snapshot, sender.id).filter(lambda flow: flow.version == version))
    trip = trip_of(snapshot, Packet(sender.id, flow._replace(destination=destination)))
    assert not [step for step in trip.forward.steps if {MET_ACL, MET_TABLE} & set(step.node.cites)]


@examples(40)
@given(st.data())
def test_the_internet_sees_public_addresses_only(data):
    """IGW-2, IGW-5: what arrives on the internet is for a public address and comes from one."""
    snapshot = data.draw(st.sampled_from([OPEN, NAT_HEAVY, WIDE]).flatmap(snapshots))
    for packet in data.draw(st.lists(packets(snapshot), min_size=1, max_size=6)):
        trip = trip_of(snapshot, packet)
        if trip.forward.end != ENDPOINT or trip.forward.received.version != 4 or by_an_endpoint(trip):
            continue
        received = trip.forward.received
        assert not any(block.holds(4, received.destination) for block in (*PRIVATE, *NOT_ROUTED))
        if not packet.entry.startswith(ENDPOINT):
            public = {address.public for one in snapshot.all(NetworkInterface) for address in one.addresses}
            outside = [function.id for function in snapshot.all(LambdaFunction) if not function.subnets]
            assert (4, received.source) in public or packet.entry in outside


@examples(40)
@given(st.data())
def test_the_internet_reaches_nothing_without_a_public_address(data):
    """IGW-3"""
    network = data.draw(NETWORKS)
    private = [one for one in hosts(network.snapshot) if not any(address.public for address in one.addresses)]
    private = [one for one in private if all(version == 4 for version, _ in one.private_addresses)]
    assume(private)
    answer = asked(network, Question("internet", data.draw(st.sampled_from(private)).id, "tcp", one_way=True))
    assert answer.delivered in NO
    assert answer.delivered is Verdict.NEVER or answer.gaps


@examples(40)
@given(st.data())
def test_nothing_connects_to_a_function(data):
    """LAMBDA-7"""
    snapshot = data.draw(OPENED)
    functions = {name for function in snapshot.all(LambdaFunction) for name in function.interfaces}
    assume(functions)
    name = data.draw(st.sampled_from(sorted(functions)))
    address = snapshot.get(NetworkInterface, name).private_addresses[0]
    packet = data.draw(packets(snapshot))
    assume(packet.flow.version == 4)
    packet = replace(packet, flow=packet.flow._replace(destination=address[1]))
    trip = walk(graph_of(snapshot), packet, frozenset({name}))
    assert trip.forward.disposition is not Disposition.DELIVERED


@examples(50)
@given(st.data())
def test_a_nat_gateway_accepts_no_new_flow(data):
    """NAT-6"""
    network = data.draw(networks(NAT_HEAVY))
    gateways = list(network.snapshot.all(NatGateway))
    assume(gateways)
    gateway = data.draw(st.sampled_from(gateways))
    question = data.draw(questions(network, destination=gateway.id, services=("tcp", "icmp", "udp/53"), groups=False))
    answer = asked(network, replace(question, one_way=True))
    assert answer.delivered in NO
    assert answer.delivered is Verdict.NEVER or answer.gaps


@examples(40)
@given(st.data())
def test_an_instance_that_is_not_running_sends_and_takes_nothing(data):
    """ENI-6"""
    snapshot = data.draw(OPENED)
    instances = [one for one in snapshot.all(Instance) if one.interfaces]
    assume(instances)
    instance = data.draw(st.sampled_from(instances))
    stopped = changed(snapshot, replace(instance, state="stopped"))
    trip = trip_of(stopped, data.draw(packets(stopped)))
    for leg in trip.legs:
        assert leg.end not in instance.interfaces
        assert not [step for step in leg.steps if step.outcome is Outcome.SENT and step.place.id == instance.id]


@examples(50)
@given(st.data())
def test_without_an_internet_gateway_nothing_leaves_or_enters(data):
    """IGW-1, IGW-9, and no egress-only one either (EIGW-1)."""
    snapshot = data.draw(OPENED)
    gateways = [*snapshot.all(InternetGateway), *snapshot.all(EgressOnlyGateway)]
    closed = changed(snapshot, *(replace(one, vpc="", attached=False) for one in gateways))
    packet = data.draw(packets(closed))
    outside = {function.id for function in closed.all(LambdaFunction) if not function.subnets}
    starts_outside = packet.entry.startswith(ENDPOINT) or packet.entry in outside
    trip = trip_of(closed, packet)
    if trip.forward.disposition is Disposition.DELIVERED and not by_an_endpoint(trip):
        assert (trip.forward.end == ENDPOINT) == starts_outside


def by_an_endpoint(trip):
    """Whether a service was reached by a gateway endpoint, which needs no internet gateway and no public address (GWE-4)."""
    return trip.forward.steps[-1].place.kind == "vpc-endpoint"


@examples(40)
@given(st.data())
def test_a_stateless_acl_has_to_let_both_directions_pass(data):
    """NACL-3: with everything denied outbound, no packet and no reply leaves the subnet."""
    snapshot = data.draw(OPENED)
    shut = changed(snapshot, *(replace(acl, outbound=()) for acl in snapshot.all(NetworkAcl)))
    packet = data.draw(packets(shut))
    trip = trip_of(shut, packet)
    for leg in trip.legs:
        passed = [step for step in leg.steps if isinstance(step.node, Filter) and step.node.what.endswith("outbound")]
        assert not [step for step in passed if MET_ACL in step.node.cites and step.outcome is Outcome.PERMITTED and is_listed(shut, step)]


def is_listed(snapshot, step):
    """Whether the ACL was read; one that was not is taken to be open."""
    return snapshot.get(NetworkAcl, step.because.resource) is not None


@examples(40)
@given(st.data())
def test_the_longest_prefix_wins_everywhere(data):
    """RT-6: no lookup on any walk passes over a more specific route."""
    snapshot = data.draw(SNAPSHOTS)
    for leg in trip_of(snapshot, data.draw(packets(snapshot))).legs:
        for step in leg.steps:
            if isinstance(step.node, Lookup):
                flow = step.before
                fitting = [route for route in step.node.table.routes if route.prefix.holds(flow.version, flow.destination)]
                assert bool(fitting) == (step.outcome is Outcome.ROUTED)
                if fitting:
                    assert step.because == max(fitting, key=lambda route: route.prefix.length).origin


@examples(40)
@given(st.data())
def test_a_packet_is_changed_by_translations_only(data):
    """IGW-2, NAT-3: destination, protocol and destination port stay as sent, but where a gateway maps a public address."""
    snapshot = data.draw(snapshots(NAT_HEAVY))
    packet = data.draw(packets(snapshot))
    trip = drawn_walk(data.draw, lambda chosen: walk(graph_of(snapshot), packet, everywhere(snapshot), chosen))
    sent, received = trip.forward.sent, trip.forward.received
    assert (sent.version, sent.protocol, sent.destination_port) == (received.version, received.protocol, received.destination_port)
    assert (sent.icmp_type, sent.icmp_code) == (received.icmp_type, received.icmp_code)
    pairs = {address.public: address.private for one in snapshot.all(NetworkInterface) for address in one.addresses}
    assert received.destination in {sent.destination, pairs.get((4, sent.destination), (4, -1))[1]}


@examples(40)
@given(st.data())
def test_a_round_trip_that_is_answered_gives_back_what_was_asked_for(data):
    """IGW-8: the reply that counts is the reverse of what the sender sent."""
    snapshot = data.draw(snapshots(NAT_HEAVY))
    packet = data.draw(packets(snapshot))
    trip = drawn_walk(data.draw, lambda chosen: walk(graph_of(snapshot), packet, everywhere(snapshot), chosen))
    assume(trip.back is not None and trip.answered)
    assert trip.back.received == trip.forward.sent.reversed()
    assert trip.back.end == trip.forward.sender


@examples(40)
@given(st.data())
def test_platform_services_answer_whatever_filters_say(data):
    """LL-1, LL-2, SG-27, NACL-12"""
    snapshot = data.draw(SNAPSHOTS)
    senders = [one for one in hosts(snapshot) if any(version == 4 for version, _ in one.private_addresses)]
    assume(senders)
    sender = data.draw(st.sampled_from(senders))
    vpcs = [replace(vpc, dns_support=True) for vpc in snapshot.all(Vpc)]  # else there is no DNS server (LL-4)
    running = all_running(changed(snapshot, *vpcs))
    address = Prefix.parse(data.draw(st.sampled_from(["169.254.169.254", "169.254.169.253", "169.254.169.123"]))).value
    flow = data.draw(flows(running, sender.id).filter(lambda flow: flow.version == 4))
    trip = trip_of(running, Packet(sender.id, flow._replace(source=sender.private_addresses[0][1], destination=address)))
    assert trip.delivered
    assert trip.answered
