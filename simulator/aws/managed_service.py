"""Services that are interfaces in your subnets: what databases, caches, tasks and file systems have in common (SVC-1 to SVC-3, SVC-8).

Their name resolves to the interface of one subnet of the subnet group, and which one changes with failover: all of them are asked
about (SVC-2). AWS page: "Working with a DB cluster in a VPC" (2026).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from simulator.aws.interface_path import inside, send_of
from simulator.aws.network_interface import EPHEMERAL, UNSET, InterfaceAddress, NetworkInterface, guest, interface_of, leaving, start
from simulator.aws.resource import Address, Field, Flag, ListOf, Number, Reference, Values
from simulator.aws.snapshot import Draft, Snapshot
from simulator.aws.subnet import Subnet
from simulator.graph.builder import Builder
from simulator.graph.nodes import Deliver, Entry, Place, Rewrite
from simulator.origin import Origin
from simulator.packet.prefix import Prefix, format_address

# Stands for public addresses that nobody told: half of a block kept for benchmarks (RFC 2544), which no network holds.
PUBLIC = Prefix.parse("198.19.0.0/16")


class ManagedService:
    """What all such nouns are: an end of questions, which means every one of its interfaces."""

    __slots__ = ()
    if TYPE_CHECKING:  # fields of the nouns themselves

        @property
        def id(self) -> str: ...
        @property
        def interfaces(self) -> tuple[str, ...]: ...


FIELDS = (
    Field("subnets", ListOf(Reference(("subnet",))), "the subnets of its subnet group; one interface in each", required=True),
    Field("security_groups", ListOf(Reference(("security-group",))), "the groups of its interfaces"),
    Field("ipv6", Flag(), "whether its interfaces have IPv6 addresses too; false when left out"),
    Field("ips", ListOf(Address()), "private addresses, in the order of the subnets; free ones when left out"),
    Field("port", Number(1, 65535), "the port it listens on, for people"),
)


def authored_interfaces(name: str, values: Values, draft: Draft) -> tuple[str, ...]:
    """One interface for each subnet of a scenario's entry; their ids."""
    addresses = values.get("ips", [])
    if len(addresses) > len(values["subnets"]):
        draft.problems.error(f"`{name}` has more `ips` than `subnets`", values.place_of("ips"))
    found: list[str] = []
    for index, subnet in enumerate(values["subnets"]):
        inner = dict(values, subnet=subnet, ip=addresses[index] if index < len(addresses) else None)
        if index:
            inner.pop("public_ip", None)
        interface_id = f"{name}-eni" if len(values["subnets"]) == 1 else f"{name}-eni-{subnet}"
        draft.add(interface_of(interface_id, Values(inner, values.place, values.places), owner=name))
        found.append(interface_id)
    return tuple(found)


def described_interfaces(
    owner: str, words: str, subnets: Iterable[str], groups: tuple[str, ...], origin: Origin, draft: Draft, *, public: bool = False
) -> tuple[str, ...]:
    """The interfaces of a described service: AWS says so only in their description, so groups and subnets have to fit too.

    Where none fits, one interface in each subnet is assumed, with a free address, and with a public one that stands for that of a
    service which has one.
    """
    wanted = [name for name in subnets if draft.get(Subnet, name)]
    fitting = [
        interface.id
        for interface in draft.all(NetworkInterface)
        if interface.subnet in wanted and words in interface.owner and set(interface.groups or ()) == set(groups)
    ]
    if fitting:
        return tuple(fitting)
    assumed = []
    for subnet in wanted:
        interface_id = f"{owner}-eni-{subnet}"
        note = f"the interface of {owner} in {subnet} was not read: a free address of the subnet is taken"
        place = Origin(interface_id, place=origin.place)
        interface = NetworkInterface(interface_id, "", "", subnet, (), groups or None, place, owner=owner, assumed=note)
        draft.add(with_public_address(interface, draft) if public else interface)
        assumed.append(interface_id)
    return tuple(assumed)


def with_public_address(interface: NetworkInterface, draft: Draft) -> NetworkInterface:
    """The interface with a public address that stands for the one AWS gave it and nobody told."""
    known = {address.public for other in draft.all(NetworkInterface) for address in other.addresses}
    public = next((4, value) for value in range(PUBLIC.first, PUBLIC.last) if (4, value) not in known)
    first, *others = interface.addresses or (InterfaceAddress(UNSET),)
    told = f"the public address of {interface.owner} was not read: {format_address(*public)} stands for it"
    note = "; ".join(filter(None, (interface.assumed, told)))
    return replace(interface, addresses=(replace(first, public=public), *others), assumed=note)


def emit_service(place: Place, interfaces: Iterable[str], build: Builder, snapshot: Snapshot) -> None:
    """A service behind its interfaces: it answers, and may connect itself. Of several that claim an interface the first one does."""
    first = snapshot.index(("first service", place.kind), lambda: _first(place.kind, snapshot))
    for name in interfaces:
        interface = snapshot.get(NetworkInterface, name)
        if interface is None or first.get(name, place.id) != place.id:
            continue
        out = inside(place, (interface,), build, leaving(name))
        begin = build.add(Rewrite(place=place, what="sends", how=send_of(interface, snapshot), then=out, plumbing=True))
        arrived = build.add(Deliver(place=place, what="arrived", endpoint=name, reply_at=start(name)))
        build.open(start(name), begin)
        build.open(guest(name), arrived)
        if interface.assumed:
            build.assume(begin, interface.assumed)
            build.assume(arrived, interface.assumed)
        build.enter(name, Entry(start(name), interface.private_addresses, EPHEMERAL, "any client"))


def _first(kind: str, snapshot: Snapshot) -> dict[str, str]:
    """By interface the first service of a kind, by id: those with the same groups and subnets are known by the same words (SVC-2)."""
    found: dict[str, str] = {}
    for _, noun in snapshot.everything():
        place = getattr(noun, "place", None)  # a group of caches has none
        if isinstance(noun, ManagedService) and place and place.kind == kind:
            for name in noun.interfaces:
                found[name] = min(noun.id, found.get(name, noun.id))
    return found
