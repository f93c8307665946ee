"""Blocks of addresses: where a private network lies means nothing, and a block is its two halves."""

import re
from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
from itertools import groupby
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from simulator.api import Network
from simulator.aws.firewall_rules import FirewallRule
from simulator.aws.network_acl import NetworkAcl
from simulator.aws.route_table import RouteTable
from simulator.aws.security_group import SecurityGroup
from simulator.aws.snapshot import Snapshot
from simulator.aws.target_group import Target
from simulator.aws.transit_gateway import TransitRouteTable
from simulator.packet.prefix import Prefix, format_address, parse_address, prefixes_of
from simulator.packet.ranges import Ranges
from simulator.problems import Problems
from simulator.testing.strategies import (
    MIXED,
    NAT_HEAVY,
    TRANSIT_HEAVY,
    WIDE,
    Packet,
    Question,
    changed,
    networks,
    packets,
    questions,
    snapshots,
)
from tests.properties.budget import examples
from tests.properties.test_monotone import halves, overlapped
from tests.properties.walks import asked, decision, ends, summary, trip_of

TEN = Prefix.parse("10.0.0.0/8")
SNAPSHOTS = st.sampled_from([MIXED, NAT_HEAVY, TRANSIT_HEAVY, WIDE]).flatmap(snapshots)
# What is turned over inside 10.0.0.0/8; blocks stay blocks of the same size.
MASKS = (0x00010000, 0x00800000, 0x00FF0000, 0x00A55000)


def turned(value: Any, mask: int) -> Any:
    """The same with other addresses, wherever they are written."""
    if isinstance(value, Prefix):
        if value.version == 4 and TEN.contains(value) and value != TEN:
            shift = 32 - value.length
            return Prefix(4, (value.value ^ mask) >> shift << shift, value.length)
        return value
    if isinstance(value, Target):  # an address as text, or an id
        return replace(value, id=moved_word(value.id, mask))
    if isinstance(value, FirewallRule):  # blocks in words
        return replace(value, sources=turned_text(value.sources, mask), destinations=turned_text(value.destinations, mask))
    if isinstance(value, tuple):
        if len(value) == 2 and value[0] == 4 and isinstance(value[1], int):
            return (4, turned_address(value[1], mask))
        parts = [turned(part, mask) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    if is_dataclass(value) and not isinstance(value, type):
        new = {field.name: turned(getattr(value, field.name), mask) for field in fields(value) if field.init}
        return replace(value, **new)
    return value


def turned_text(text: str, mask: int) -> str:
    return re.sub(r"[0-9.]+/[0-9]+", lambda found: str(turned(Prefix.parse(found[0]), mask)), text)


def turned_address(value: int, mask: int) -> int:
    return value ^ mask if TEN.holds(4, value) else value


def turned_flow(flow: Any, mask: int) -> Any:
    if flow.version != 4:
        return flow
    return flow._replace(source=turned_address(flow.source, mask), destination=turned_address(flow.destination, mask))


def turned_network(snapshot: Snapshot, mask: int) -> Snapshot:
    nouns = {of: {noun.id: turned(noun, mask) for noun in known.values()} for of, known in snapshot.nouns.items()}
    return replace(snapshot, nouns=nouns, problems=Problems(), _indices={})


@examples(40)
@given(st.data())
def test_where_a_private_network_lies_means_nothing(data):
    """VPC-1: every address of 10.0.0.0/8 exchanged for another, blocks for blocks: the same walks, step by step."""
    snapshot, mask = data.draw(SNAPSHOTS), data.draw(st.sampled_from(MASKS))
    packet = data.draw(packets(snapshot))
    moved = Packet(packet.entry, turned_flow(packet.flow, mask))

    def seen(step):
        place, _, outcome, before, after, code = decision(step)
        return place, outcome, turned_flow(before, mask), turned_flow(after, mask), code

    def kept(step):
        place, _, outcome, before, after, code = decision(step)
        return place, outcome, before, after, code

    trip, other = trip_of(snapshot, packet), trip_of(turned_network(snapshot, mask), moved)
    assert [kept(step) for step in other.steps] == [seen(step) for step in trip.steps]


@examples(30)
@given(st.data())
def test_where_a_private_network_lies_changes_no_answer(data):
    network, mask = data.draw(networks()), data.draw(st.sampled_from(MASKS))
    question = data.draw(questions(network))
    moved = Network(turned_network(network.snapshot, mask), "elsewhere")
    assert summary(asked(moved, moved_question(question, mask))) == summary(asked(network, question))


def moved_question(question: Question, mask: int) -> Question:
    return replace(question, source=moved_word(question.source, mask), destination=moved_word(question.destination, mask))


def moved_word(word: str, mask: int) -> str:
    """A word that is an address, perhaps behind the name of its VPC."""
    vpc, slash, text = word.rpartition("/")
    try:
        version, value = parse_address(text)
    except ValueError:
        return word
    return vpc + slash + format_address(version, turned_address(value, mask)) if version == 4 else word


# --- a block and its two halves --------------------------------------------------------------------------------------------------


@examples(50)
@given(st.data())
def test_a_rule_for_a_block_is_two_rules_for_its_halves(data):
    """SG-1, NACL-2"""
    snapshot = data.draw(SNAPSHOTS)
    packet = data.draw(packets(snapshot))
    split = [with_halves(noun) for of in (SecurityGroup, NetworkAcl) for noun in snapshot.all(of)]
    assert ends(trip_of(changed(snapshot, *split), packet)) == ends(trip_of(snapshot, packet))


def with_halves(noun: SecurityGroup | NetworkAcl) -> SecurityGroup | NetworkAcl:
    sides = {}
    for side in ("inbound", "outbound"):
        if isinstance(noun, SecurityGroup):
            sides[side] = tuple(
                replace(rule, peer=peer)
                for rule in getattr(noun, side)
                for peer in (isinstance(rule.peer, Prefix) and halves(rule.peer)) or [rule.peer]
            )
        else:
            entries = sorted(getattr(noun, side), key=lambda entry: entry.number)
            parts = [replace(entry, cidr=cidr) for entry in entries for cidr in halves(entry.cidr) or [entry.cidr]]
            sides[side] = tuple(replace(entry, number=number) for number, entry in enumerate(parts, 1))
    return replace(noun, **sides)


@examples(50)
@given(st.data())
def test_rules_for_several_blocks_are_rules_for_what_they_cover_together(data):
    """SG-1, NACL-2: whatever it is cut into; of an ACL the entries that follow each other and decide alike."""
    snapshot = data.draw(SNAPSHOTS)
    packet = data.draw(packets(snapshot))
    merged = [merged_blocks(with_halves(noun)) for of in (SecurityGroup, NetworkAcl) for noun in snapshot.all(of)]
    assert ends(trip_of(changed(snapshot, *merged), packet)) == ends(trip_of(snapshot, packet))


def merged_blocks(noun: SecurityGroup | NetworkAcl) -> SecurityGroup | NetworkAcl:
    """The fewest rules for blocks that say the same."""
    sides = {}
    for side in ("inbound", "outbound"):
        if isinstance(noun, SecurityGroup):
            rules = getattr(noun, side)
            named = [rule for rule in rules if not isinstance(rule.peer, Prefix)]
            for traffic in dict.fromkeys(rule.traffic for rule in rules if isinstance(rule.peer, Prefix)):
                alike = [rule for rule in rules if isinstance(rule.peer, Prefix) and rule.traffic == traffic]
                named += [replace(alike[0], peer=block) for block in fewest(rule.peer for rule in alike)]
            sides[side] = tuple(named)
        else:
            entries = sorted(getattr(noun, side), key=lambda entry: entry.number)
            runs = [list(run) for _, run in groupby(entries, key=lambda entry: (entry.permit, entry.traffic))]
            parts = [replace(run[0], cidr=block) for run in runs for block in fewest(entry.cidr for entry in run)]
            sides[side] = tuple(replace(entry, number=number) for number, entry in enumerate(parts, 1))
    return replace(noun, **sides)


def fewest(blocks: Iterable[Prefix]) -> list[Prefix]:
    """The fewest blocks that cover the same addresses."""
    known = list(blocks)
    ranges = {version: Ranges.of(*((one.first, one.last) for one in known if one.version == version)) for version in (4, 6)}
    return [block for version in (4, 6) for block in prefixes_of(version, ranges[version])]


@examples(40)
@given(st.data())
def test_a_route_for_a_block_is_two_routes_for_its_halves(data):
    """RT-6"""
    snapshot = data.draw(SNAPSHOTS)
    packet = data.draw(packets(snapshot))
    found = [
        (table, entry)
        for table in snapshot.all(RouteTable)
        for entry in table.routes
        if isinstance(entry.destination, Prefix) and not entry.propagated and not table.gateways
        if halves(entry.destination) and not any(overlapped(snapshot, table, entry, half) for half in halves(entry.destination))
        if not any(other.destination == entry.destination for other in table.routes if other is not entry)
    ]
    assume(found)
    table, entry = data.draw(st.sampled_from(found))
    others = tuple(other for other in table.routes if other is not entry)
    two = tuple(replace(entry, destination=half) for half in halves(entry.destination))
    assert ends(trip_of(changed(snapshot, replace(table, routes=(*others, *two))), packet)) == ends(trip_of(snapshot, packet))


@examples(40)
@given(st.data())
def test_a_transit_route_for_a_block_is_two_routes_for_its_halves(data):
    """TGW-2: a static route for everything may be two, which lose to anything longer as it does."""
    snapshot = data.draw(snapshots(TRANSIT_HEAVY))
    packet = data.draw(packets(snapshot))
    whole = Prefix(4, 0, 0)
    split = []
    for table in snapshot.all(TransitRouteTable):
        routes = tuple(
            replace(route, prefix=half) for route in table.routes for half in (halves(whole) if route.prefix == whole else [route.prefix])
        )
        split.append(replace(table, routes=routes))
    assert ends(trip_of(changed(snapshot, *split), packet)) == ends(trip_of(snapshot, packet))
