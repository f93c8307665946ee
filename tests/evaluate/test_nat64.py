"""Packets that change their IP version: the walker's steps, and the exact analysis tried on every header and choice (NAT-22)."""

from __future__ import annotations

import pytest

from simulator.evaluate.exact import Piece, Question
from simulator.evaluate.result import Outcome
from simulator.graph.nodes import FlowGraph, Masquerade, Restore, Send
from simulator.packet.flow import ICMP, ICMPV6, TCP, Flow
from simulator.packet.prefix import Prefix, parse_address
from simulator.packet.ranges import Ranges
from simulator.packet.space import FIELDS, Box, Match
from tests.evaluate.hand import Make, address, deliver, deny, graph, judge, known, lookup, permit, rewrite, walk
from tests.evaluate.test_exact import check

BLOCK = Prefix(6, 8, 125)  # ::8/125: the IPv4 addresses 0.0.0.0 to 0.0.0.7 lie beyond its start
SENDER = Send("client", frozenset({"sg-a"}))
NAT = Masquerade((address("0.0.0.1"), address("0.0.0.2")), (2, 4), "nat", BLOCK)
FORWARD = {"protocol": Ranges.point(TCP), "source_port": Ranges.of((0, 3)), "destination_port": Ranges.of((0, 2))}
TYPES = {"protocol": Ranges.point(ICMPV6), "icmp_type": Ranges.of((1, 1), (3, 3), (128, 129)), "icmp_code": Ranges.of((0, 1))}
BARE = {"protocol": Ranges.of((47, 47), (50, 50))}


def box(fields: dict[str, Ranges]) -> Box:
    """IPv6 from two hosts to addresses inside and outside the block."""
    ends = {"source": Ranges.of((1, 2)), "destination": Ranges.of((5, 12))}
    return Box(6, dict.fromkeys(FIELDS, Ranges.point(0)) | ends | fields)


def ask(built: FlowGraph, fields: dict[str, Ranges], *, one_way: bool = False) -> list[Piece]:
    return check(built, Question(0, box(fields), frozenset({"server"}), one_way))


def translating(**more: Make) -> FlowGraph:
    """A sender, a NAT64, what judges the packet behind it, and the way back."""
    nodes = {
        "start": rewrite(SENDER, then="nat"),
        "nat": rewrite(NAT, then="routes", miss="beside"),
        "routes": lookup({"0.0.0.0/30": "judge", "0.0.0.3/32": "refused"}),
        "judge": judge(
            permit(Match(protocol=TCP, destinations=(Prefix(4, 0, 31),), destination_ports=(1, 2)), "ports"),
            permit(Match(protocol=ICMP, icmp_type=8, icmp_code=0), "ping"),
            deny(Match(destinations=(Prefix(6, 0, 0),)), "never IPv6"),
            permit(Match(protocol=50, sources=(Prefix(4, 2, 32),)), "esp from the second address"),
            then="server",
            remembers="state",
        ),
        "beside": judge(permit(Match(version=6, destinations=(Prefix(6, 6, 127),))), then="server"),
        "server": deliver("server", "back"),
        "back": known("state", then="acl", miss="refused"),
        "acl": judge(permit(Match(protocol=TCP, destination_ports=(3, 4))), permit(Match(protocol=ICMP, icmp_type=0)), then="restore"),
        "restore": rewrite(Restore("nat"), then="inner acl", miss="refused"),
        "inner acl": judge(
            permit(Match(sources=(Prefix(6, 8, 128),), destination_ports=(0, 1), protocol=TCP)),
            permit(Match(protocol=ICMPV6, icmp_type=129, destinations=(Prefix(6, 1, 128),))),
            then="client",
        ),
    }
    return graph(**{**nodes, **more})


@pytest.mark.parametrize("fields", [FORWARD, TYPES, BARE], ids=["ports", "types", "bare"])
def test_NAT_22_every_header_and_choice_goes_as_its_piece_says(fields: dict[str, Ranges]) -> None:
    pieces = ask(translating(), fields)
    crossed = [piece for piece in pieces if any(step.before.version != step.after.version for step in piece.trip.steps)]
    assert 0 < len(crossed) < len(pieces)
    if fields is not BARE:
        assert any(piece.trip.back and piece.trip.answered for piece in crossed)


def test_NAT_22_a_reply_that_finds_no_session_of_the_other_version() -> None:
    """Both versions share the table of a gateway: what went out as IPv4 from the start is no session of this one."""
    other = Masquerade((address("0.0.0.1"),), (2, 4), "nat")
    built = translating(
        routes=lookup({"0.0.0.0/31": "other", "0.0.0.2/31": "judge"}),
        other=rewrite(other, then="judge"),
    )
    for fields in (FORWARD, TYPES, BARE):
        ask(built, fields)


@pytest.mark.parametrize("kind", [0, 1, 8])
def test_NAT_22_types_that_become_others_are_told_apart(kind: int) -> None:
    rules = (permit(Match(protocol=ICMP, icmp_type=kind)), permit(Match(sources=(Prefix(4, 2, 32),), destinations=(Prefix(4, 1, 32),))))
    for one_way in (False, True):
        ask(translating(judge=judge(*rules, then="server", remembers="state")), TYPES, one_way=one_way)


def test_NAT_22_addresses_that_a_rule_leaves_out_are_told_apart() -> None:
    rules = (deny(Match(protocol=TCP, destinations=(Prefix(4, 1, 32),))), permit(Match(protocol=TCP)))
    for one_way in (False, True):
        ask(translating(judge=judge(*rules, then="server", remembers="state")), FORWARD, one_way=one_way)


def test_NAT_22_a_packet_that_meets_the_translation_again_goes_in_a_circle() -> None:
    ask(translating(routes=lookup({"0.0.0.0/30": "nat"})), FORWARD)


# --- one packet ------------------------------------------------------------------------------------------------------------------------

PACKET = Flow.tcp("2001:db8::1", 40000, "64:ff9b::192.0.2.1", 443)
REAL = Masquerade((address("10.0.0.5"),), (1024, 65535), "nat", Prefix.parse("64:ff9b::/96"))


def real() -> FlowGraph:
    return graph(
        start=rewrite(SENDER, then="nat"),
        nat=rewrite(REAL, then="server", miss="refused"),
        server=deliver("server", "back"),
        back=rewrite(Restore("nat"), then="client", miss="refused"),
    )


def test_NAT_22_the_address_in_the_last_bits_is_the_destination() -> None:
    trip = walk(real(), PACKET)
    assert str(trip.forward.received) == "tcp 10.0.0.5:40000 > 192.0.2.1:443"
    assert trip.back is not None
    assert str(trip.back.received) == "tcp [64:ff9b::c000:201]:443 > [2001:db8::1]:40000"
    assert trip.answered is True
    assert trip.forward.steps[1].marks.groups == frozenset({"sg-a"})
    assert trip.forward.steps[2].marks.groups == frozenset()


def test_NAT_22_a_ping_and_its_answer() -> None:
    ping = PACKET._replace(protocol=ICMPV6, source_port=0, destination_port=0, icmp_type=128)
    trip = walk(real(), ping)
    assert (trip.forward.received.protocol, trip.forward.received.icmp_type) == (ICMP, 8)
    assert trip.back is not None
    assert (trip.back.received.protocol, trip.back.received.icmp_type) == (ICMPV6, 129)


def test_a_packet_for_another_address_misses() -> None:
    for packet in (PACKET._replace(destination=parse_address("2001:db8::2")[1]), Flow.tcp("10.0.0.1", 40000, "192.0.2.1", 443)):
        trip = walk(real(), packet)
        assert [step.outcome for step in trip.forward.steps] == [Outcome.SENT, Outcome.NO_TRANSLATION, Outcome.DROPPED]
        assert trip.forward.received == packet
