"""Where load balancers listen and what they send to: of all the packets that might come to one, or leave it, hardly any other passes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from simulator.aws.balancing import aims_of
from simulator.aws.listener import groups_of, listeners_of
from simulator.aws.load_balancer import GATEWAY, LoadBalancer, nodes_of
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.snapshot import Snapshot
from simulator.aws.vpc_endpoint import INTERFACE, VpcEndpoint
from simulator.packet.flow import TCP


class Aim(NamedTuple):
    """What a packet is for: address, protocol, port."""

    version: int
    address: int
    protocol: int
    port: int


def aims(snapshot: Snapshot, entry: str, vpc: str, version: int) -> tuple[Aim, ...]:
    """What packets of an entry are for: a node's targets; of others the listeners and endpoints, from outside by their public addresses."""
    sent_to: dict[str, tuple[Aim, ...]] = snapshot.index("aims of nodes", lambda: _sent_to(snapshot))
    listening: tuple[tuple[Aim, bool], ...] = snapshot.index("aims of others", lambda: tuple(_listening(snapshot)))
    found = sent_to.get(entry) or [aim for aim, public in listening if vpc or public]
    return tuple(aim for aim in found if aim.version == version)


def _listening(snapshot: Snapshot) -> Iterator[tuple[Aim, bool]]:
    """Every listener at every node, and every interface of an endpoint, with whether the address is a public one."""
    for balancer in (one for one in snapshot.all(LoadBalancer) if one.type != GATEWAY):
        ports = {(protocol, one.port) for one in listeners_of(snapshot, balancer.id) for protocol in one.protocols}
        yield from _at(nodes_of(snapshot, balancer), sorted(ports))
    for endpoint in snapshot.all(VpcEndpoint):
        if endpoint.type == INTERFACE:
            held = [found for name in endpoint.interfaces if (found := snapshot.get(NetworkInterface, name))]
            yield from _at(held, [(TCP, 443), (TCP, 80)])


def _at(interfaces: list[NetworkInterface], ports: list[tuple[int, int]]) -> Iterator[tuple[Aim, bool]]:
    for interface in interfaces:
        for pair in interface.addresses:
            for protocol, port in ports:
                yield Aim(*pair.private, protocol, port), False
                if pair.public:
                    yield Aim(*pair.public, protocol, port), True


def _sent_to(snapshot: Snapshot) -> dict[str, tuple[Aim, ...]]:
    """By the id of a node what it sends to."""
    found: dict[str, tuple[Aim, ...]] = {}
    for balancer in snapshot.all(LoadBalancer):
        groups = groups_of(snapshot, listeners_of(snapshot, balancer.id))
        for node in nodes_of(snapshot, balancer):
            found[node.id] = tuple(
                Aim(*aim.address, protocol, aim.port)
                for group in groups
                for aim in aims_of(snapshot, group, node.vpc)
                for protocol in group.protocols
                if aim.address is not None
            )
    return found
