"""Which questions about traffic are worth asking: ends that differ in nothing but their addresses are asked about once.

Every answer is one of the exact analysis. The only pairs that are not asked about have nothing between them but open network ACLs and
local routes, in both directions: there an answer comes back wherever the question went.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from simulator.aws.lambda_function import LambdaFunction
from simulator.aws.network_acl import acl_of
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.route_table import LOCAL, RouteTable, table_of, winners
from simulator.aws.snapshot import Snapshot
from simulator.aws.subnet import Subnet
from simulator.aws.transit_gateway import TransitAttachment
from simulator.aws.vpc import Vpc
from simulator.aws.vpc_peering import peers_of
from simulator.evaluate.exact import Piece, TooManyPiecesError, explore
from simulator.graph.nodes import FlowGraph
from simulator.packet.service import Service
from simulator.packet.space import Box
from simulator.problems import InputError
from simulator.query.endpoints import End, Sort
from simulator.query.parties import parties
from simulator.query.space import can_start, hears, in_one_guest, questions_of, with_silent

MOST_PIECES = 2000
# What leads to no other VPC; from the internet nobody comes to a private address.
STAYS = frozenset(
    {LOCAL, "internet-gateway", "egress-only-internet-gateway", "nat-gateway", "regional-nat-gateway", "vpc-peering-connection", ""}
)
HEADER = ("source", "destination", "protocol", "destination_port", "icmp_type", "icmp_code")


class Party(NamedTuple):
    """An end of questions, under the word that asks about it. `interfaces`: what it sends and hears by; none: it is outside."""

    word: str
    end: End
    interfaces: tuple[NetworkInterface, ...]

    @property
    def subnets(self) -> tuple[str, ...]:
        """The subnets it stands in."""
        return tuple(dict.fromkeys(interface.subnet for interface in self.interfaces))

    @property
    def balances(self) -> bool:
        """Whether it passes on what others send, to its own targets only."""
        return any(interface.type != "interface" for interface in self.interfaces) and self.end.sort is Sort.INTERFACE

    @property
    def only_hears_answers(self) -> bool:
        """Whether nobody can connect to it (LAMBDA-7)."""
        return bool(self.interfaces) and all(interface.replies_only for interface in self.interfaces)


def parties_of(graph: FlowGraph, snapshot: Snapshot) -> list[Party]:
    """One end of each sort: of those in the same subnets, with the same groups and addresses of the same sorts, the first."""
    found: dict[object, Party] = {}
    for word, end in parties(graph, snapshot, None):
        party = Party(word, end, _interfaces(snapshot, end))
        found.setdefault(_sort_of(party, can_send(graph, party)), party)
    return list(found.values())


def can_send(graph: FlowGraph, party: Party) -> bool:
    """Whether a party starts connections."""
    return can_start(graph, party.end) and party.end.sort not in (Sort.NOBODY, Sort.PLATFORM)


def _interfaces(snapshot: Snapshot, end: End) -> tuple[NetworkInterface, ...]:
    function = snapshot.get(LambdaFunction, end.name) if end.sort is Sort.FUNCTION else None
    names = function.interfaces if function else (end.name,) if end.sort is Sort.INTERFACE else ()
    return tuple(found for name in names if (found := snapshot.get(NetworkInterface, name)))


def _sort_of(party: Party, sends: bool) -> object:
    if not party.interfaces:
        return party.word
    return (party.end.sort, sends, *(_sort_of_interface(interface) for interface in party.interfaces))


def _sort_of_interface(interface: NetworkInterface) -> object:
    versions = frozenset((address.private[0], address.public is not None) for address in interface.addresses)
    groups = None if interface.groups is None else frozenset(interface.groups)
    return interface.subnet, groups, versions, interface.type, interface.check, interface.closed_to_internet


def is_joined(snapshot: Snapshot, one: Party, other: Party) -> bool:
    """Whether anything may lead from one party to another: between VPCs an active peering, or routes of both to something farther."""
    ours, theirs = ({interface.vpc for interface in party.interfaces} for party in (one, other))
    if not ours or not theirs or ours & theirs or any(interface.speaks(6) for interface in other.interfaces):
        return True  # IPv6 addresses lead over the internet from VPC to VPC
    return all(_leads_farther(snapshot, vpc) for vpc in (*ours, *theirs)) or any(
        vpc in theirs for own in ours for _, vpc in peers_of(snapshot, own)
    )


def _leads_farther(snapshot: Snapshot, vpc: str) -> bool:
    """Whether packets of a VPC may get to what joins several; where its routes were not read, they may."""
    return snapshot.index(("leads farther", vpc), lambda: _find_farther(snapshot, vpc))


def _find_farther(snapshot: Snapshot, vpc: str) -> bool:
    tables = snapshot.by(RouteTable, "vpc")[vpc]
    attached = any(attachment.resource == vpc for attachment in snapshot.all(TransitAttachment))
    return attached or not tables or any(entry.kind not in STAYS for table in tables for entry in table.routes)


def is_plain(snapshot: Snapshot, one: Party, other: Party) -> bool:
    """Whether there is nothing between two parties but open network ACLs and local routes."""
    if not (one.interfaces and other.interfaces):
        return False
    subnets = {subnet for party in (one, other) for subnet in party.subnets}
    vpcs = {interface.vpc for party in (one, other) for interface in party.interfaces}
    return len(vpcs) == 1 and (len(subnets) == 1 or all(_is_open(snapshot, subnet) for subnet in subnets))


def _is_open(snapshot: Snapshot, subnet_id: str) -> bool:
    return snapshot.index(("open", subnet_id), lambda: _find_open(snapshot, subnet_id))


def _find_open(snapshot: Snapshot, subnet_id: str) -> bool:
    """Whether a subnet's network ACL permits everything first of all, and its routes inside the VPC are all local."""
    subnet = snapshot.get(Subnet, subnet_id)
    vpc = snapshot.get(Vpc, subnet.vpc) if subnet else None
    if subnet is None or vpc is None:
        return False
    acl = acl_of(snapshot, subnet.vpc, subnet.id, subnet.network_acl)
    for entries in (acl.inbound, acl.outbound) if acl else ():
        for version in {cidr.version for cidr in subnet.cidrs}:
            first = min((entry for entry in entries if entry.cidr.version == version), key=lambda entry: entry.number, default=None)
            if first is None or not first.permit or first.cidr.length or first.traffic.protocol is not None:
                return False
    table = table_of(snapshot, subnet.vpc, subnet.id, subnet.route_table)
    inside = [winner for winner in winners(snapshot, table) if any(cidr.contains(winner.prefix) for cidr in vpc.cidrs)] if table else []
    return all(winner.entry.kind == LOCAL for winner in inside)


def pieces_between(graph: FlowGraph, snapshot: Snapshot, one: Party, other: Party) -> Iterator[list[Piece]]:
    """All TCP between two parties, as the pieces of each of its questions; nothing where nobody can ask, or nobody listens.

    Raises `TooManyPiecesError`.
    """
    service = Service.parse("tcp")
    if one.end == other.end or in_one_guest(snapshot, one.end, other.end):
        return
    try:
        if not hears(snapshot, other.end, service):
            return
        asked = list(questions_of(graph, snapshot, one.end, other.end, service, None, one_way=False))
    except InputError:
        return  # a pair that nobody can ask about
    whole, asked = with_silent(graph, asked)
    for question in (question for pair in asked for question in pair.questions):
        yield list(explore(whole, question, limit=MOST_PIECES))


def same_headers(one: Box, other: Box) -> bool:
    """Whether two boxes have a header in common but for the source port."""
    return all(one.ranges[name] & other.ranges[name] for name in HEADER)


__all__ = [
    "Party",
    "TooManyPiecesError",
    "can_send",
    "is_joined",
    "is_plain",
    "parties_of",
    "pieces_between",
    "same_headers",
]
