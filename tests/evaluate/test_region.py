"""The parts of a question on which a walk stays the same: winners of routes, and boxes that are as large as they can be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.evaluate.exact import Piece, Question, explore
from simulator.evaluate.region import WinnerRegions, region_of
from simulator.graph.nodes import FlowGraph, Masquerade, PrefixTable, Redirect, Restore, Route, Send
from simulator.origin import Origin
from simulator.packet.prefix import Prefix
from simulator.packet.ranges import Ranges
from simulator.packet.space import FIELDS, Box, Match
from tests.evaluate.hand import Make, address, deliver, deny, graph, judge, known, lookup, permit, rewrite
from tests.evaluate.test_exact import decisions, every_trip, holds


@st.composite
def tables(draw: st.DrawFn) -> PrefixTable:
    def block(version: int, value: int, free: int) -> Prefix:
        return Prefix(version, value >> free << free, {4: 32, 6: 128}[version] - free)

    blocks = st.builds(block, st.sampled_from((4, 4, 4, 6)), st.integers(0, 15), st.integers(0, 4))
    prefixes = draw(st.lists(blocks, max_size=6, unique=True))
    return PrefixTable(tuple(Route(prefix, 0, Origin("table", str(prefix))) for prefix in prefixes))


@given(tables(), st.integers(0, 20), st.sampled_from((4, 6)))
def test_the_region_of_an_address_is_every_address_with_the_same_winner(table: PrefixTable, value: int, version: int) -> None:
    def winner(of: int) -> Route | None:
        return next(table.matches(version, of), None)

    region = WinnerRegions().around(table, version, value)
    assert [of for of in range(32) if of in region] == [of for of in range(32) if winner(of) == winner(value)]


def test_regions_are_kept_by_table_and_not_mixed_up() -> None:
    regions = WinnerRegions()
    for text in ("10.0.0.0/8", "10.0.0.0/16", "10.0.0.0/24"):
        table = PrefixTable((Route(Prefix.parse(text), 0, Origin("table")),))
        prefix = Prefix.parse(text)
        assert regions.around(table, 4, prefix.first) == Ranges.of((prefix.first, prefix.last))


# --- the region around any header, not only around those that `explore` picks ------------------------------------------------------

MIXED = Box(
    4,
    dict.fromkeys(FIELDS, Ranges.point(0))
    | {"source": Ranges.point(1), "destination": Ranges.point(2)}
    | {"protocol": Ranges.of((1, 1), (6, 6), (50, 50), (58, 58)), "icmp_type": Ranges.of((0, 0), (3, 3), (8, 8), (128, 128))},
)
ANY = Match()
NAT = rewrite(Masquerade((address("0.0.0.3"),), (1, 2), "nat"), then="out")
REDIRECT = rewrite(Redirect(address("0.0.0.3"), 1, "nat"), then="out")
PORT_ONLY = rewrite(Redirect(address("0.0.0.2"), 1, "ports"), then="out")
NAT64 = Masquerade((address("0.0.0.3"),), (1, 2), "nat", Prefix(6, 8, 125))
OUT = judge(permit(Match(protocol=6, destination_ports=(0, 0))), permit(Match(protocol=1, icmp_type=8)), deny(ANY), then="server")


@pytest.mark.parametrize("middle", [NAT, REDIRECT, PORT_ONLY, judge(permit(ANY), then="out")], ids=["nat", "redirect", "port", "neither"])
@pytest.mark.parametrize("out", [OUT, judge(permit(ANY), then="server")], ids=["judged", "open"])
@pytest.mark.parametrize("one_way", [True, False])
def test_the_region_around_any_header_holds_only_what_goes_its_way(middle: Make, out: Make, one_way: bool) -> None:
    back = {"middle": rewrite(Restore("nat"), then="client", miss="client")}
    built = graph(start=rewrite(Send("client"), then="nat"), nat=middle, out=out, server=deliver("server", "middle"), **back)
    check_regions(built, MIXED, one_way=one_way)


@pytest.mark.parametrize("out", [OUT, judge(permit(ANY), then="server")], ids=["judged", "open"])
@pytest.mark.parametrize("one_way", [True, False])
def test_NAT_22_the_region_around_any_header_holds_only_what_goes_its_way(out: Make, one_way: bool) -> None:
    back = {"back": rewrite(Restore("nat"), then="client", miss="client")}
    nat = rewrite(NAT64, then="out", miss="server")
    built = graph(start=rewrite(Send("client"), then="nat"), nat=nat, out=out, server=deliver("server", "back"), **back)
    types = Ranges.of((0, 1), (128, 129))
    fields = {"source": Ranges.point(1), "destination": Ranges.of((7, 9)), "protocol": Ranges.of((6, 6), (50, 50), (58, 58))}
    check_regions(built, Box(6, {**MIXED.ranges, **fields, "icmp_type": types}), one_way=one_way)


def test_the_region_around_any_header_holds_only_what_goes_its_way_where_two_open_fields_are_compared() -> None:
    """The packet is the reverse of itself where its ends are one."""
    built = graph(start=judge(permit(ANY), then="again", remembers="flows"), again=known("flows", then="refused", miss="server"))
    ends = {"source": Ranges.of((0, 3)), "destination": Ranges.of((0, 3)), "protocol": Ranges.point(50)}
    check_regions(built, Box(4, dict.fromkeys(FIELDS, Ranges.point(0)) | ends), one_way=True)


def check_regions(built: FlowGraph, box: Box, *, one_way: bool) -> None:
    every = list(every_trip(built, Question(0, box, frozenset({"server"}), one_way)))
    for flow, trip in every:
        piece = Piece(Box(box.version, region_of(box, trip, one_way=one_way, tables=WinnerRegions())), trip, 0)
        assert holds(piece, flow, trip), flow
        for other, other_trip in every:
            if holds(piece, other, other_trip):
                assert (decisions(other_trip), len(other_trip.choices)) == (decisions(trip), len(trip.choices)), (flow, other)


# --- sizes of pieces: not wrong when larger, but what makes the analysis exact and quick ------------------------------------------

ADDRESSES = Ranges.of((0, (1 << 32) - 1))
PORTS = Ranges.of((0, 65535))


def pieces(built: FlowGraph, **ranges: Ranges) -> list[Piece]:
    fields = dict.fromkeys(FIELDS, Ranges.point(0)) | {
        "source": ADDRESSES, "destination": ADDRESSES, "protocol": Ranges.point(6), "source_port": PORTS, "destination_port": PORTS,
    }  # fmt: skip
    return list(explore(built, Question(0, Box(4, fields | ranges), frozenset({"server"}))))


def test_a_rule_cuts_only_the_fields_it_names() -> None:
    found = pieces(graph(start=judge(permit(Match(protocol=6, destination_ports=(443, 443))), then="server")))
    assert [piece.box.ranges["destination_port"] for piece in found if piece.trip.delivered] == [Ranges.point(443)]
    assert {(piece.box.ranges["source"], piece.box.ranges["source_port"]) for piece in found} == {(ADDRESSES, PORTS)}
    assert len(found) == 2


def test_a_lookup_cuts_the_destination_only() -> None:
    found = pieces(graph(start=lookup({"10.0.0.0/8": "server", "10.1.0.0/16": "refused"})))
    assert len(found) == 3
    assert all(piece.box.ranges["source"] == ADDRESSES for piece in found)
    works = next(piece for piece in found if piece.trip.delivered)
    assert works.box.ranges["destination"] == Ranges.of((0x0A000000, 0x0A00FFFF), (0x0A020000, 0x0AFFFFFF))


def test_a_rule_about_the_reply_cuts_the_other_end() -> None:
    back = judge(permit(Match(protocol=6, destination_ports=(1024, 65535))), then="client")
    built = graph(start=rewrite(Send("client"), then="server"), server=deliver("server", "back"), back=back)
    found = pieces(built)
    assert [piece.box.ranges["source_port"] for piece in found if piece.trip.answered] == [Ranges.of((1024, 65535))]


def test_a_rule_behind_a_nat_cuts_the_port_that_the_nat_chooses() -> None:
    nat = Masquerade((address("10.0.0.9"),), (1024, 65535), "nat")
    built = graph(
        start=rewrite(Send("client"), then="nat"),
        nat=rewrite(nat, then="server"),
        server=deliver("server", "acl"),
        acl=judge(permit(Match(protocol=6, destination_ports=(32768, 65535))), then="back"),
        back=rewrite(Restore("nat"), then="client", miss="refused"),
    )
    found = pieces(built)
    assert len(found) == 2
    works = next(piece for piece in found if piece.trip.answered)
    assert works.box.ranges["choice 0"] == Ranges.of((32768, 65535))
    assert works.box.ranges["source_port"] == PORTS
    assert works.weight == 32768 / 64512


def test_a_reply_found_in_a_session_table_cuts_nothing() -> None:
    built = graph(
        start=rewrite(Send("client"), then="out"),
        out=judge(permit(Match()), then="server", remembers="flows"),
        server=deliver("server", "back"),
        back=known("flows", then="client", miss="refused"),
    )
    (piece,) = pieces(built)
    assert piece.trip.answered
    assert piece.box.ranges["source"] == piece.box.ranges["destination"] == ADDRESSES
