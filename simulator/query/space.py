"""From two ends and a service to questions for the exact analysis: entries, header boxes, expected endpoints."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from simulator.aws import internet, link_local
from simulator.aws.instance import Instance
from simulator.aws.lambda_function import LambdaFunction
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.private_link import ends_behind
from simulator.aws.regional_nat_gateway import RegionalNatGateway
from simulator.aws.snapshot import Snapshot
from simulator.aws.vpc import Vpc
from simulator.aws.vpc_endpoint import VpcEndpoint
from simulator.evaluate.exact import Question
from simulator.graph.nodes import Address, Drop, Entry, FlowGraph
from simulator.origin import Origin
from simulator.packet.prefix import GLOBAL_UNICAST_V6, NAT64, Prefix, format_address
from simulator.packet.ranges import Ranges
from simulator.packet.service import Service
from simulator.packet.space import Box
from simulator.problems import InputError
from simulator.query.endpoints import End, Sort, as_resolved, hidden_blocks

SILENT = -1  # the start of packets that nobody can send


class Asked(NamedTuple):
    """One source, one destination and the questions about them in one IP version; `ports` are the source ports, `why` whose they are.

    `silent`: the source has no address of the version, so its packets end before they begin: here. Such questions start at `SILENT`
    until `with_silent` gives them a node.
    """

    source: End
    destination: End
    questions: tuple[Question, ...]
    ports: Ranges
    why: str
    silent: Drop | None = None


def questions_of(
    graph: FlowGraph, snapshot: Snapshot, source: End, destination: End, service: Service, ports: Ranges | None, *, one_way: bool
) -> Iterator[Asked]:
    """The questions about one pair of ends: one set for each IP version that both speak (MODEL-2); a function in several subnets is one
    destination for each. Where they have no version in common, the source is asked to send what the destination hears, and cannot.

    Raises `InputError` for pairs that nobody can ask about.
    """
    _refuse_nonsense(snapshot, source, destination)
    spoken, heard = (spoken_by(snapshot, end) & _versions_of_service(service) for end in (source, destination))
    if not heard:
        missing = " or ".join(f"IPv{version}" for version in sorted(_versions_of_service(service)))
        raise InputError(f"`{destination.label}` has no {missing} address")
    for version in sorted(spoken & heard or heard):
        for target, blocks, expected in destinations_of(snapshot, source, destination, version):
            entry = graph.entries.get(_entry_name(snapshot, source, target, version))
            if entry is None:
                raise InputError(f"`{source.label}` starts no connections")
            silent = None if version in spoken or source.sort is Sort.FUNCTION else _silent(snapshot, source)  # a function says so itself
            sources = Ranges.point(0) if silent else _sources(snapshot, source, entry, version)
            used = ports or Ranges.of(entry.source_ports)
            boxes = [Box(version, {"source": sources, "destination": blocks, **box.ranges}) for box in service.boxes(version, used)]
            questions = tuple(Question(SILENT if silent else _node(entry), box, expected, one_way) for box in boxes)
            yield Asked(source, target, questions, used, "" if ports else entry.why, silent)


def pairs_of_ends(
    graph: FlowGraph, snapshot: Snapshot, source: End, destination: End, service: Service
) -> Iterator[tuple[FlowGraph, list[Asked]]]:
    """All questions about two ends, by what the destination is taken for, each with the graph to ask; none where nobody can ask."""
    if in_one_guest(snapshot, source, destination):
        return
    for target in as_resolved(snapshot, source, destination):
        try:
            if not hears(snapshot, target, service):
                continue
            asked = list(questions_of(graph, snapshot, source, target, service, None, one_way=False))
        except InputError:
            continue
        yield with_silent(graph, asked)


def with_silent(graph: FlowGraph, asked: list[Asked]) -> tuple[FlowGraph, list[Asked]]:
    """The graph with a node for each source that cannot send, and the questions that start there."""
    nodes = list(graph.nodes) if any(one.silent for one in asked) else []
    found: list[Asked] = []
    for one in asked:
        if one.silent:
            nodes.append(one.silent)
            one = one._replace(questions=tuple(question._replace(start=len(nodes) - 1) for question in one.questions))
        found.append(one)
    return (replace(graph, nodes=tuple(nodes)) if nodes else graph), found


def hears(snapshot: Snapshot, end: End, service: Service) -> bool:
    """Whether an end has an address of the IP version of a service; of several ends those that do not are left out."""
    return bool(spoken_by(snapshot, end) & _versions_of_service(service))


def _silent(snapshot: Snapshot, source: End) -> Drop:
    interface = snapshot.get(NetworkInterface, source.name)
    place, origin = (interface.place, interface.origin) if interface else (internet.PLACE, Origin(source.label))
    return Drop(place=place, what="addresses", code="UNASSOCIATED_COMPONENT", cites=("MODEL-2",), origin=origin.of("its addresses"))


def _versions_of_service(service: Service) -> frozenset[int]:
    return frozenset((4, 6) if service.version is None else (service.version,))


def spoken_by(snapshot: Snapshot, end: End) -> frozenset[int]:
    """The IP versions an end speaks: that of the address or block it was named by, else of all it has."""
    if end.address is not None:
        return frozenset({end.address[0]})
    if end.blocks:
        return frozenset(block.version for block in end.blocks)
    match end.sort:
        case Sort.INTERFACE:
            interface = snapshot.get(NetworkInterface, end.name)
            return frozenset(version for version, _ in interface.private_addresses) if interface else frozenset()
        case Sort.FUNCTION:
            function = snapshot.get(LambdaFunction, end.name)
            return frozenset((4, 6) if function and function.speaks_ipv6 else (4,))
        case _:
            return frozenset({4, 6})


def _node(entry: Entry) -> int:
    assert isinstance(entry.node, int)  # linked by the builder
    return entry.node


def _refuse_nonsense(snapshot: Snapshot, source: End, destination: End) -> None:
    if source.sort in (Sort.NOBODY, Sort.PLATFORM):
        raise InputError(f"`{source.label}` belongs to no interface that was read, so nothing starts there")
    if source.sort is Sort.OUTSIDE and destination.sort in (Sort.OUTSIDE, Sort.NOBODY, Sort.ONPREM):
        raise InputError(f"neither `{source.label}` nor `{destination.label}` lies in this network: there is nothing to judge")
    if source.sort is destination.sort is Sort.ONPREM and source.name == destination.name:
        raise InputError(f"`{source.label}` and `{destination.label}` are one network on premises: there is nothing to judge")
    if source.sort is Sort.OUTSIDE and destination.sort is Sort.PLATFORM:
        raise InputError(f"`{destination.label}` is served inside a VPC only (LL-8)")
    if any(NAT64.contains(block) for block in _asked_blocks(source)):
        raise InputError(f"`{source.label}` is how IPv6 hosts write an IPv4 address; nothing starts there (NAT-22)")
    if in_one_guest(snapshot, source, destination) and not _is_beyond(snapshot, destination):
        raise InputError(f"`{source.label}` and `{destination.label}` are one host: that traffic never leaves the guest (ENI-8)")
    if destination.sort is Sort.EVENT_SOURCE:
        raise InputError(f"`{destination.label}` is an event source: it invokes, and takes no connections")


def in_one_guest(snapshot: Snapshot, source: End, destination: End) -> bool:
    """Whether both ends are interfaces of one instance, or the same interface (ENI-8)."""
    if not source.sort is destination.sort is Sort.INTERFACE:
        return False
    guests = snapshot.index("guests", lambda: {name: host.id for host in snapshot.all(Instance) for name in host.interfaces})
    return source.name == destination.name or guests.get(source.name, "") == guests.get(destination.name, source.name)


def can_start(graph: FlowGraph, end: End) -> bool:
    """Whether an end starts connections at all; of several ends those that do not are left out."""
    return end.sort is Sort.OUTSIDE or end.name in graph.entries


def _asked_blocks(end: End) -> tuple[Prefix, ...]:
    return end.blocks if end.address is None else (Prefix.host(*end.address),)


def _is_beyond(snapshot: Snapshot, end: End) -> bool:
    """Whether an interface is named by an address that only a gateway knows as its: a public one, or one for NAT64."""
    interface = snapshot.get(NetworkInterface, end.name)
    return end.address is not None and interface is not None and not interface.holds(end.address)


def is_outside(snapshot: Snapshot, end: End) -> bool:
    """Whether packets of an end come from the internet: hosts there, and functions outside every VPC (LAMBDA-1)."""
    function = snapshot.get(LambdaFunction, end.name) if end.sort is Sort.FUNCTION else None
    return end.sort is Sort.OUTSIDE or (function is not None and not function.subnets)


def _entry_name(snapshot: Snapshot, source: End, destination: End, version: int) -> str:
    """The entry packets start at. From the internet to something without a public address they are aimed at its VPC's gateway,
    which refuses them (IGW-3).
    """
    if source.sort is not Sort.OUTSIDE:
        return source.name
    interface = snapshot.get(NetworkInterface, destination.name)
    if destination.sort is Sort.INTERFACE and interface and version == 4:
        address = destination.address or _public(interface)
        if address is None or any(own.private == address for own in interface.addresses):
            return internet.entry_name(interface.vpc)
    return internet.ENDPOINT


def _sources(snapshot: Snapshot, source: End, entry: Entry, version: int) -> Ranges:
    if is_outside(snapshot, source):
        return _outside_space(snapshot, version, source)
    if source.sort is Sort.ONPREM:
        return _block_space(snapshot, source, version)
    own = [address for address in entry.addresses if address[0] == version]
    interface = snapshot.get(NetworkInterface, source.name)
    if source.sort is Sort.INTERFACE and source.blocks:
        return _ranges(source.blocks, version)
    pairs = interface.addresses if interface else ()
    asked = [pair.private for pair in pairs if source.address is not None and source.address in (pair.private, pair.public)]
    if source.address is not None and not asked and interface is not None and interface.holds(source.address):
        asked = [source.address]
    own = asked or own
    if not own and source.sort is Sort.FUNCTION:
        return Ranges.point(0)  # it speaks no IPv6, or nothing was read of its interfaces: the packet stops before it has an address
    return Ranges.point(own[0][1])


def _ranges(blocks: Iterable[Prefix], version: int) -> Ranges:
    return Ranges.of(*((block.first, block.last) for block in blocks if block.version == version))


def _block_space(snapshot: Snapshot, end: End, version: int) -> Ranges:
    """The addresses of hosts on premises; a VPC inside a wider block is not there."""
    inner = [cidr for vpc in snapshot.all(Vpc) for cidr in vpc.cidrs if any(block != cidr and block.contains(cidr) for block in end.blocks)]
    return _ranges(end.blocks, version) - _ranges(inner, version)


def _outside_space(snapshot: Snapshot, version: int, end: End) -> Ranges:
    space = public_space(snapshot, version, end.blocks)
    if not space:
        raise InputError(f"`{end.label}` holds no public IPv{version} address outside this network")
    return space


def public_space(snapshot: Snapshot, version: int, blocks: tuple[Prefix, ...] = ()) -> Ranges:
    """The addresses of hosts on the internet, those of `blocks` or all: public ones that are not this network's own, nor in a block
    of one of its VPCs (which hides what else may have it, VPC-2). Services that the network reaches by gateway endpoints are asked
    about by their name and are no part of "all": to reach only them is not to reach the internet.
    """
    space = snapshot.index(("public space", version), lambda: _public_space(snapshot, version))
    if version == 6 and any(NAT64.contains(block) for block in blocks):  # as IPv6 hosts write the IPv4 internet
        space = space | snapshot.index(("public space", 4), lambda: _public_space(snapshot, 4)).shifted(NAT64.value)
    if not blocks:
        return snapshot.index(("space of the internet", version), lambda: space - _ranges(_served(snapshot), version))
    return space & _ranges(blocks, version)


def _served(snapshot: Snapshot) -> Iterator[Prefix]:
    return (block for endpoint in snapshot.all(VpcEndpoint) for block in endpoint.gateway_blocks)


def _public_space(snapshot: Snapshot, version: int) -> Ranges:
    space = Ranges.of((GLOBAL_UNICAST_V6.first, GLOBAL_UNICAST_V6.last) if version == 6 else (0, (1 << 32) - 1))
    free = space - Ranges.of(*((block.first, block.last) for block in hidden_blocks(snapshot) if block.version == version))
    outer = [pair.public or pair.private for interface in snapshot.all(NetworkInterface) for pair in interface.addresses]
    outer += [address for gateway in snapshot.all(RegionalNatGateway) for address in gateway.public_addresses]
    own = sorted([value for of, value in outer if of == version])  # most of them, in a large network, are hidden already
    among = [own[bisect_left(own, first) : bisect_right(own, last)] for first, last in free]
    return free - Ranges.of(*((value, value) for values in among for value in values))


def destinations_of(snapshot: Snapshot, source: End, destination: End, version: int) -> Iterator[tuple[End, Ranges, frozenset[str]]]:
    """Each destination as (end, its addresses of a version, endpoints that count as arrived)."""
    match destination.sort:
        case Sort.OUTSIDE:
            yield destination, _outside_space(snapshot, version, destination), frozenset({internet.ENDPOINT})
        case Sort.ONPREM:
            # Public addresses on premises may be reached over the internet like any other.
            yield destination, _block_space(snapshot, destination, version), frozenset({destination.name, internet.ENDPOINT})
        case Sort.PLATFORM:
            yield destination, _point(destination.address), frozenset({link_local.ENDPOINT})
        case Sort.NOBODY:
            yield destination, _point(destination.address), frozenset()
        case Sort.INTERFACE:
            interface = snapshot.get(NetworkInterface, destination.name)
            assert interface is not None  # ends are made from nouns of the snapshot
            meant = _ranges(destination.blocks, version) or _point(
                destination.address or _address_for(snapshot, source, interface, version)
            )
            yield destination, meant, frozenset({interface.id}) | ends_behind(snapshot, interface.id)
        case Sort.FUNCTION:
            yield from _function(snapshot, source, destination, version)
        case Sort.EVENT_SOURCE:
            return


def _function(snapshot: Snapshot, source: End, destination: End, version: int) -> Iterator[tuple[End, Ranges, frozenset[str]]]:
    function = snapshot.get(LambdaFunction, destination.name)
    interfaces = [found for name in (function.interfaces if function else ()) if (found := snapshot.get(NetworkInterface, name))]
    if not interfaces:
        raise InputError(
            f"`{destination.label}` is outside every VPC and has no address: nothing connects to it (LAMBDA-7); it can be invoked"
        )
    for interface in interfaces:
        label = destination.label if len(interfaces) == 1 else f"{destination.label} ({interface.id})"
        end = End(Sort.INTERFACE, label, interface.id)
        yield from destinations_of(snapshot, source, end, version)


def _address_for(snapshot: Snapshot, source: End, interface: NetworkInterface, version: int) -> Address:
    """The address a client would use: from outside the public one if there is one, else the first private one (ENI-11)."""
    if is_outside(snapshot, source) and version == 4:
        public = _public(interface)
        if public is not None:
            return public
    own = next((address for address in interface.private_addresses if address[0] == version), None)
    if own is None:
        raise InputError(f"`{interface.id}` has no IPv{version} address")
    return own


def _public(interface: NetworkInterface) -> Address | None:
    return next((address.public for address in interface.addresses if address.public), None)


def _point(address: Address | None) -> Ranges:
    assert address is not None  # such ends always carry the address they were asked by
    return Ranges.point(address[1])


def address_text(address: Address) -> str:
    """An address as text."""
    return format_address(*address)
