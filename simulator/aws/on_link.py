"""Delivery inside a subnet: which interface has an address (RT-4). An address of no interface is dropped (MODEL-10)."""

from __future__ import annotations

from simulator.aws.network_interface import NetworkInterface, arrivals
from simulator.aws.resource import Kind
from simulator.aws.snapshot import Snapshot
from simulator.aws.subnet import Subnet, hosts
from simulator.graph.builder import Builder
from simulator.graph.nodes import Drop, Lookup, PrefixTable, Ref, Route
from simulator.packet.prefix import Prefix


def _emit(subnet: Subnet, build: Builder, snapshot: Snapshot) -> None:
    routes: dict[Prefix, Route] = {}
    targets: list[Ref] = []
    for interface in snapshot.by(NetworkInterface, "subnet")[subnet.id]:
        for prefix in interface.blocks:
            routes.setdefault(prefix, Route(prefix, len(targets), interface.origin, interface.id))
        targets.append(arrivals(interface.id))
    # Where the interfaces were not asked for, one that nobody showed may have the address.
    known = snapshot.was_read("network-interface")
    nobody = Drop(
        place=subnet.place,
        what="addresses of no interface" if known else "interfaces (not read)",
        code="NO_POSSIBLE_DESTINATION" if known else "UNKNOWN_RESOURCE",
        gap=not known,
        cites=("MODEL-10",),
        origin=subnet.origin.of("its block"),
    )
    delivery = Lookup(
        place=subnet.place,
        what="interfaces",
        table=PrefixTable(tuple(routes[prefix] for prefix in sorted(routes))),
        targets=tuple(targets),
        miss=build.add(nobody),
        cites=("RT-4", "MODEL-10"),
        plumbing=True,
    )
    build.open(hosts(subnet.id), build.add(delivery))


KIND = Kind(name="on-link", noun=Subnet, about="delivery between the interfaces of a subnet", emit=_emit, extends=True)
