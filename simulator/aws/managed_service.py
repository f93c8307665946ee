"""Services that are interfaces in your subnets: what databases and caches have in common (SVC-1 to SVC-3, SVC-8).

Their name resolves to the interface of one subnet of the subnet group, and which one changes with failover: all of them are asked
about (SVC-2). AWS page: "Working with a DB cluster in a VPC" (2026).
"""

from __future__ import annotations

from collections.abc import Iterable

from simulator.aws.interface_path import send_of
from simulator.aws.network_interface import EPHEMERAL, NetworkInterface, guest, interface_of, leaving, start
from simulator.aws.resource import Address, Field, ListOf, Number, Reference, Values
from simulator.aws.snapshot import Draft, Snapshot
from simulator.aws.subnet import Subnet
from simulator.graph.builder import Builder
from simulator.graph.nodes import Deliver, Entry, Place, Rewrite
from simulator.origin import Origin

FIELDS = (
    Field("subnets", ListOf(Reference(("subnet",))), "the subnets of its subnet group; one interface in each", required=True),
    Field("security_groups", ListOf(Reference(("security-group",))), "the groups of its interfaces"),
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
    owner: str, words: str, subnets: Iterable[str], groups: tuple[str, ...], origin: Origin, draft: Draft
) -> tuple[str, ...]:
    """The interfaces of a described service: AWS says so only in their description, so groups and subnets have to fit too.

    Where none fits, one interface in each subnet is assumed, with a free address.
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
        draft.add(NetworkInterface(interface_id, "", "", subnet, (), groups or None, place, owner=owner, assumed=note))
        assumed.append(interface_id)
    return tuple(assumed)


def emit_service(place: Place, interfaces: Iterable[str], build: Builder, snapshot: Snapshot) -> None:
    """A service behind its interfaces: it answers, and may connect itself."""
    for name in interfaces:
        interface = snapshot.get(NetworkInterface, name)
        if interface is None:
            continue
        begin = build.add(Rewrite(place=place, what="sends", how=send_of(interface, snapshot), then=leaving(name), plumbing=True))
        arrived = build.add(Deliver(place=place, what="arrived", endpoint=name, reply_at=start(name)))
        build.open(start(name), begin)
        build.open(guest(name), arrived)
        if interface.assumed:
            build.assume(begin, interface.assumed)
            build.assume(arrived, interface.assumed)
        build.enter(name, Entry(start(name), interface.private_addresses, EPHEMERAL, "any client"))
