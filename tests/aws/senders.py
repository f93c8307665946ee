"""Knows who starts packets: with which words, source ports (NACL-14), addresses and marks (SG-11, RNAT-3)."""

from __future__ import annotations

from collections.abc import Iterator

import simulator
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.subnet import Subnet
from simulator.graph.nodes import Entry, FlowGraph, Rewrite, Send
from simulator.packet.ranges import Interval

UNKNOWN: Interval = (1024, 65535)  # no page says which ports a client of that sort uses: any that is not reserved
ANYBODY = {("any client", UNKNOWN)}
CLIENTS: dict[str, set[tuple[str, Interval]]] = {
    "instance": {("Linux instance", (32768, 60999)), ("Windows instance", (49152, 65535))},
    "internet": {("unknown internet client", UNKNOWN)},
    "lambda-function": {("AWS Lambda", UNKNOWN)},
    "load-balancer": {("Elastic Load Balancing", UNKNOWN)},
    "on-premises-network": {("unknown client on premises", UNKNOWN)},
}
# What starts nothing of its own, or whatever starts there is asked for by another name.
SILENT = ("client_vpn", "gateway_load_balancer_endpoint", "lambda", "nat_gateway", "transit_gateway", "vpc_endpoint")


def wrong_senders(network: simulator.Network) -> list[str]:
    """What is wrong with the places of a graph where packets start, in words."""
    graph = network.flow_graph
    found = [message for name, entry in graph.entries.items() for message in _wrong_entry(name, entry, network)]
    for interface in network.snapshot.all(NetworkInterface):
        if interface.attached and interface.type not in SILENT and interface.id not in graph.entries:
            found.append(f"{interface.id} of type {interface.type} starts nothing")
        if interface.type in ("client_vpn", "vpc_endpoint") and interface.id in graph.entries:  # IFE-7
            found.append(f"{interface.id} of type {interface.type} starts something")
    return [*found, *_wrong_marks(graph, network)]


def _wrong_entry(name: str, entry: Entry, network: simulator.Network) -> Iterator[str]:
    place = network.flow_graph.nodes[int(str(entry.node))].place
    if (entry.why, entry.source_ports) not in CLIENTS.get(place.kind, ANYBODY):
        yield f"{name} starts at {place} as {entry.why} with ports {entry.source_ports}"
    interface = network.snapshot.get(NetworkInterface, name)
    if interface is not None and entry.addresses != interface.private_addresses:
        yield f"{name} starts with addresses {entry.addresses}"


def _wrong_marks(graph: FlowGraph, network: simulator.Network) -> Iterator[str]:
    """An interface sends with its groups, its zone and its addresses; what only passes packets on knows of no addresses, or no zone."""
    for node in graph.nodes:
        if not isinstance(node, Rewrite) or not isinstance(node.how, Send):
            continue
        interface = network.snapshot.get(NetworkInterface, node.how.endpoint)
        if interface is None:
            continue
        subnet = network.snapshot.get(Subnet, interface.subnet)
        groups = {group.removesuffix(", by no transit gateway") for group in node.how.groups}
        if groups != set(interface.groups or ()):
            yield f"{node.place}: {node.what}: marks of groups {sorted(groups)}"
        if node.place.kind != "vpc-endpoint" and node.how.zone != (subnet.zone if subnet else ""):
            yield f"{node.place}: {node.what}: mark of zone {node.how.zone}"
        if node.what == "sends" and node.place.kind != "load-balancer" and node.how.own != tuple(interface.blocks):
            yield f"{node.place}: {node.what}: its addresses are {node.how.own}"
