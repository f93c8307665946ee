"""More permission never stops a packet, less permission never lets one through."""

from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from simulator.aws.network_acl import AclEntry, NetworkAcl
from simulator.aws.permissions import GroupPeer, Permission
from simulator.aws.route_table import RouteTable, local_blocks
from simulator.aws.security_group import SecurityGroup
from simulator.aws.snapshot import Snapshot
from simulator.evaluate.result import Disposition, RoundTrip
from simulator.packet.prefix import Prefix
from simulator.testing.strategies import MIXED, WIDE, changed, packets, snapshots
from simulator.testing.strategies.hand import Drawn
from simulator.testing.strategies.rules import draw_traffic
from tests.properties.budget import examples
from tests.properties.walks import decisions, drawn_walk, ends, everywhere, graph_of, trip_of, walk

SNAPSHOTS = st.sampled_from([MIXED, WIDE]).flatmap(snapshots)


def same_way(snapshot: Snapshot, packet, trip: RoundTrip) -> RoundTrip:
    """The packet's walk in another network, with the choices of its walk in the first one."""
    return walk(graph_of(snapshot), packet, everywhere(snapshot), [taken.value for taken in trip.choices])


def works(trip: RoundTrip) -> tuple[bool, bool]:
    return trip.delivered is True, trip.answered is True


@st.composite
def permissions(draw, snapshot, group):
    """A rule for a group: some traffic, with a block or a group of the VPC as its peer."""
    groups = [GroupPeer(other.id) for other in snapshot.all(SecurityGroup) if other.vpc == group.vpc]
    blocks = [Prefix(4, 0, 0), Prefix(4, 0, 1), *(block for block in local_blocks(snapshot, group.vpc))]
    peer = draw(st.sampled_from([*blocks, *groups]))
    return Permission(peer, draw_traffic(Drawn(draw)), group.origin.of("added"))


@examples(50)
@given(st.data())
def test_a_further_rule_of_a_group_loses_no_packet(data):
    """SG-1, SG-2: what arrived arrives on the same way; nothing that was refused is refused earlier."""
    snapshot = data.draw(SNAPSHOTS)
    packet = data.draw(packets(snapshot))
    trip = drawn_walk(data.draw, lambda chosen: walk(graph_of(snapshot), packet, everywhere(snapshot), chosen))
    group = data.draw(st.sampled_from(list(snapshot.all(SecurityGroup))))
    side = data.draw(st.sampled_from(["inbound", "outbound"]))
    rule = data.draw(permissions(snapshot, group))
    more = changed(snapshot, replace(group, **{side: (*getattr(group, side), rule)}))
    after = same_way(more, packet, trip)
    assert works(after) >= works(trip)
    if trip.delivered and trip.answered:
        assert ends(after) == ends(trip)


@examples(50)
@given(st.data())
def test_a_rule_less_in_a_group_lets_no_packet_through(data):
    snapshot = data.draw(SNAPSHOTS)
    packet = data.draw(packets(snapshot))
    with_rules = [group for group in snapshot.all(SecurityGroup) if group.inbound or group.outbound]
    assume(with_rules)
    group = data.draw(st.sampled_from(with_rules))
    side = data.draw(st.sampled_from([side for side in ("inbound", "outbound") if getattr(group, side)]))
    rules = list(getattr(group, side))
    rules.pop(data.draw(st.integers(0, len(rules) - 1)))
    less = changed(snapshot, replace(group, **{side: tuple(rules)}))
    fewer = drawn_walk(data.draw, lambda chosen: walk(graph_of(less), packet, everywhere(less), chosen))
    assert works(fewer) <= works(same_way(snapshot, packet, fewer))


@examples(50)
@given(st.data())
def test_an_acl_with_fewer_permits_lets_no_packet_through(data):
    """NACL-2, NACL-3"""
    snapshot = data.draw(SNAPSHOTS)
    packet = data.draw(packets(snapshot))
    narrowed = []
    for acl in snapshot.all(NetworkAcl):
        inbound, outbound = (
            tuple(entry for entry in entries if not entry.permit or data.draw(st.booleans())) for entries in (acl.inbound, acl.outbound)
        )
        narrowed.append(replace(acl, inbound=inbound, outbound=outbound))
    less = changed(snapshot, *narrowed)
    fewer = drawn_walk(data.draw, lambda chosen: walk(graph_of(less), packet, everywhere(less), chosen))
    assert works(fewer) <= works(same_way(snapshot, packet, fewer))


@examples(40)
@given(st.data())
def test_a_denial_more_in_an_acl_lets_no_packet_through(data):
    """NACL-2: wherever its number puts it."""
    snapshot = data.draw(SNAPSHOTS)
    packet = data.draw(packets(snapshot))
    acls = list(snapshot.all(NetworkAcl))
    assume(acls)
    acl = data.draw(st.sampled_from(acls))
    number, block = (
        data.draw(st.integers(1, 32766)),
        data.draw(st.sampled_from([Prefix(4, 0, 0), Prefix(4, 0, 1), Prefix.parse("10.0.0.0/8")])),
    )
    denial = AclEntry(number, False, block, draw_traffic(Drawn(data.draw)), acl.origin.of("added"))
    less = changed(snapshot, replace(acl, inbound=(denial, *acl.inbound), outbound=(denial, *acl.outbound)))
    fewer = drawn_walk(data.draw, lambda chosen: walk(graph_of(less), packet, everywhere(less), chosen))
    assert works(fewer) <= works(same_way(snapshot, packet, fewer))


@examples(50)
@given(st.data())
def test_a_permit_at_the_end_of_an_acl_loses_no_packet(data):
    """NACL-2: an entry after all others decides only on what nobody decided on."""
    snapshot = data.draw(SNAPSHOTS)
    packet = data.draw(packets(snapshot))
    trip = drawn_walk(data.draw, lambda chosen: walk(graph_of(snapshot), packet, everywhere(snapshot), chosen))
    acls = list(snapshot.all(NetworkAcl))
    assume(acls)
    acl = data.draw(st.sampled_from(acls))
    last = AclEntry(40000, True, Prefix(4, 0, 0), draw_traffic(Drawn(data.draw)), acl.origin.of("added"))
    more = changed(snapshot, replace(acl, inbound=(*acl.inbound, last), outbound=(*acl.outbound, last)))
    assert works(same_way(more, packet, trip)) >= works(trip)


@examples(50)
@given(st.data())
def test_a_more_specific_route_to_the_same_target_changes_nothing(data):
    """RT-6"""
    snapshot = data.draw(SNAPSHOTS)
    packet = data.draw(packets(snapshot))
    found = [
        (table, entry, half)
        for table in snapshot.all(RouteTable)
        for entry in table.routes
        if isinstance(entry.destination, Prefix) and not entry.propagated
        for half in halves(entry.destination)
        if not overlapped(snapshot, table, entry, half)
    ]
    assume(found)
    table, entry, half = data.draw(st.sampled_from(found))
    more = changed(snapshot, replace(table, routes=(*table.routes, replace(entry, destination=half))))
    before, after = trip_of(snapshot, packet), trip_of(more, packet)
    assert ends(after) == ends(before)
    assert [step[:-1] for step in decisions(after)] == [step[:-1] for step in decisions(before)]


def halves(block: Prefix) -> list[Prefix]:
    if block.is_host:
        return []
    length = block.length + 1
    return [
        Prefix(block.version, block.value, length),
        Prefix(block.version, block.last >> (block.bits - length) << (block.bits - length), length),
    ]


def overlapped(snapshot: Snapshot, table: RouteTable, entry, half: Prefix) -> bool:
    """Whether another route has a say about the half, or AWS would refuse a route for it (RT-18)."""
    if any(block.contains(half) for block in local_blocks(snapshot, table.vpc)):
        return True
    if any(isinstance(other.destination, str) for other in table.routes):
        return True
    return any(
        other is not entry and other.destination.contains(half) and entry.destination.contains(other.destination)
        for other in table.routes
        if isinstance(other.destination, Prefix)
    )


@examples(40)
@given(st.data())
def test_a_denial_is_what_stops_a_packet(data):
    """Every packet that is denied comes further when the check that denied it is passed."""
    snapshot = data.draw(SNAPSHOTS)
    packet = data.draw(packets(snapshot))
    trip = trip_of(snapshot, packet)
    assume(trip.forward.disposition is Disposition.DENIED)
    past = walk(graph_of(snapshot), packet, everywhere(snapshot), past_denials=True)
    assert decisions(past)[: len(trip.forward.steps)] == decisions(trip)
