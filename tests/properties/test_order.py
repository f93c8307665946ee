"""Order that means nothing to AWS means nothing here."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from simulator.api import Network
from simulator.aws.network_acl import NetworkAcl
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.route_table import RouteTable
from simulator.aws.security_group import SecurityGroup
from simulator.testing.strategies import MIXED, WIDE, changed, packets, questions, snapshots
from tests.properties.budget import examples
from tests.properties.walks import asked, decisions, ends, graph_of, summary, trip_of

SNAPSHOTS = st.sampled_from([MIXED, WIDE]).flatmap(snapshots)


def several_packets(data, snapshot):
    return data.draw(st.lists(packets(snapshot), min_size=1, max_size=4))


@examples(40)
@given(st.data())
def test_the_order_of_rules_in_a_group_means_nothing(data):
    """SG-1"""
    snapshot = data.draw(SNAPSHOTS)
    shuffled = [
        replace(
            group,
            inbound=tuple(data.draw(st.permutations(group.inbound))),
            outbound=tuple(data.draw(st.permutations(group.outbound))),
        )
        for group in snapshot.all(SecurityGroup)
    ]
    other = changed(snapshot, *shuffled)
    for packet in several_packets(data, snapshot):
        assert decisions(trip_of(other, packet)) == decisions(trip_of(snapshot, packet))


@examples(40)
@given(st.data())
def test_the_order_of_groups_on_an_interface_means_nothing(data):
    """SG-2"""
    snapshot = data.draw(SNAPSHOTS)
    turned = [replace(one, groups=one.groups[::-1]) for one in snapshot.all(NetworkInterface) if one.groups]
    other = changed(snapshot, *turned)
    for packet in several_packets(data, snapshot):
        assert decisions(trip_of(other, packet)) == decisions(trip_of(snapshot, packet))


@examples(40)
@given(st.data())
def test_acl_entries_are_judged_by_number_and_not_as_they_are_written(data):
    """NACL-2"""
    snapshot = data.draw(SNAPSHOTS)
    shuffled = [
        replace(acl, inbound=tuple(data.draw(st.permutations(acl.inbound))), outbound=tuple(data.draw(st.permutations(acl.outbound))))
        for acl in snapshot.all(NetworkAcl)
    ]
    other = changed(snapshot, *shuffled)
    for packet in several_packets(data, snapshot):
        assert [step.because for step in trip_of(other, packet).steps] == [step.because for step in trip_of(snapshot, packet).steps]


@examples(40)
@given(st.data())
def test_the_order_of_routes_in_a_table_means_nothing(data):
    """RT-6, RT-7; where prefix lists overlap (RT-11), the choice is numbered differently, so answers are compared."""
    network = Network(data.draw(SNAPSHOTS), "as drawn")
    turned = [replace(table, routes=table.routes[::-1]) for table in network.snapshot.all(RouteTable)]
    other = Network(changed(network.snapshot, *turned), "turned")
    question = data.draw(questions(network))
    assert summary(asked(other, question)) == summary(asked(network, question))


@examples(40)
@given(st.data())
def test_the_order_in_which_kinds_emit_means_nothing(data):
    """Doors are linked at the end, so the graphs are equal but for the numbers of nodes."""
    snapshot = data.draw(SNAPSHOTS)
    kinds = data.draw(st.permutations(snapshot.kinds))
    other = replace(snapshot, kinds=tuple(kinds), _indices={})
    assert len(graph_of(other).nodes) == len(graph_of(snapshot).nodes)
    assert graph_of(other).entries.keys() == graph_of(snapshot).entries.keys()
    for packet in several_packets(data, snapshot):
        assert decisions(trip_of(other, packet)) == decisions(trip_of(snapshot, packet))


@examples(50)
@given(st.data())
def test_the_order_in_which_nouns_were_read_means_nothing(data):
    snapshot = data.draw(SNAPSHOTS)
    turned = {of: dict(reversed(known.items())) for of, known in snapshot.nouns.items()}
    other = replace(snapshot, nouns=turned, _indices={})
    for packet in several_packets(data, snapshot):
        assert ends(trip_of(other, packet)) == ends(trip_of(snapshot, packet))
