"""Headers, their replies, and the marks beside them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.packet.flow import ICMP, ICMPV6, NO_MARKS, TCP, UDP, Flow, Marks

ADDRESSES = st.integers(0, (1 << 32) - 1)
PORTS = st.integers(0, 65535)
KINDS = st.integers(0, 255)


@st.composite
def flows(draw: st.DrawFn) -> Flow:
    protocol = draw(st.one_of(st.sampled_from((ICMP, TCP, UDP, 50, ICMPV6)), KINDS))
    fields = {}
    if protocol in (TCP, UDP):
        fields = {"source_port": draw(PORTS), "destination_port": draw(PORTS)}
    elif protocol in (ICMP, ICMPV6):
        fields = {"icmp_type": draw(st.one_of(st.sampled_from((0, 8, 13, 14, 15, 16, 128, 129)), KINDS)), "icmp_code": draw(KINDS)}
    return Flow(draw(st.sampled_from((4, 6))), draw(ADDRESSES), draw(ADDRESSES), protocol, **fields)


@given(flows())
def test_the_reply_of_the_reply_is_the_packet(flow: Flow) -> None:
    assert flow.reversed().reversed() == flow


@given(flows())
def test_a_reply_swaps_the_ends_and_keeps_the_rest(flow: Flow) -> None:
    back = flow.reversed()
    assert (back.source, back.destination) == (flow.destination, flow.source)
    assert (back.source_port, back.destination_port) == (flow.destination_port, flow.source_port)
    assert (back.version, back.protocol, back.icmp_code) == (flow.version, flow.protocol, flow.icmp_code)


@pytest.mark.parametrize(("protocol", "request_type", "reply_type"), [(ICMP, 8, 0), (ICMP, 13, 14), (ICMP, 15, 16), (ICMPV6, 128, 129)])
def test_MODEL_4_a_request_is_answered_with_its_reply_type(protocol: int, request_type: int, reply_type: int) -> None:
    asked = Flow(4 if protocol == ICMP else 6, 1, 2, protocol, icmp_type=request_type)
    assert asked.reversed().icmp_type == reply_type
    assert asked.is_answered
    assert not asked.reversed().is_answered


@pytest.mark.parametrize("icmp_type", [0, 3, 5, 11, 128])
def test_MODEL_4_icmp_that_asks_nothing_gets_no_reply(icmp_type: int) -> None:
    assert not Flow(4, 1, 2, ICMP, icmp_type=icmp_type).is_answered


def test_types_of_one_protocol_mean_nothing_in_the_other() -> None:
    assert not Flow(6, 1, 2, ICMPV6, icmp_type=8).is_answered
    assert Flow(6, 1, 2, ICMPV6, icmp_type=8).reversed().icmp_type == 8


@pytest.mark.parametrize("protocol", [TCP, UDP, 47, 50])
def test_other_protocols_are_answered(protocol: int) -> None:
    assert Flow(4, 1, 2, protocol).is_answered


def test_which_fields_a_protocol_has() -> None:
    assert [Flow(4, 1, 2, protocol).has_ports for protocol in (TCP, UDP, ICMP, 50)] == [True, True, False, False]
    assert [Flow(4, 1, 2, protocol).has_types for protocol in (TCP, UDP, ICMP, ICMPV6, 50)] == [False, False, True, True, False]


def test_flows_read_as_people_write_them() -> None:
    assert str(Flow.tcp("10.0.1.7", 40000, "93.184.216.34", 443)) == "tcp 10.0.1.7:40000 > 93.184.216.34:443"
    assert str(Flow.tcp("2001:db8::1", 40000, "2001:db8::2", 443)) == "tcp [2001:db8::1]:40000 > [2001:db8::2]:443"
    assert str(Flow(4, 0x0A000001, 0x0A000002, ICMP, icmp_type=8)) == "icmp 10.0.0.1 > 10.0.0.2 type 8 code 0"
    assert str(Flow(4, 0x0A000001, 0x0A000002, 47)) == "proto/47 10.0.0.1 > 10.0.0.2"


def test_the_service_of_a_flow() -> None:
    assert Flow.tcp("10.0.0.1", 1, "10.0.0.2", 443).service == "tcp/443"
    assert Flow(4, 1, 2, UDP, 1, 53).service == "udp/53"
    assert Flow(4, 1, 2, ICMP, icmp_type=3, icmp_code=4).service == "icmp/3/4"
    assert Flow(4, 1, 2, 50).service == "esp"
    assert Flow(4, 1, 2, 47).service == "proto/47"


def test_SG_13_a_device_that_forgets_keeps_what_was_known_for_the_explanation() -> None:
    marks = Marks(frozenset({"sg-a"}), zone="a", by_reference=True)
    forgotten = marks.forgotten()
    assert forgotten == Marks(frozenset(), frozenset({"sg-a"}), "a", by_reference=False)
    assert Marks(frozenset({"sg-b"}), frozenset({"sg-a"})).forgotten().lost_groups == {"sg-a", "sg-b"}


def test_SG_13_forgetting_twice_forgets_nothing_more() -> None:
    once = Marks(frozenset({"sg-a"})).forgotten()
    assert once.forgotten() == once
    assert NO_MARKS.forgotten() == NO_MARKS
    assert Marks(by_reference=True).forgotten() == NO_MARKS
