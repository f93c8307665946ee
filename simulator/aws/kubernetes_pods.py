"""Pods of EKS on an instance: its further addresses, and what the guest does with what they send (SVC-6).

The VPC CNI gives pods secondary addresses or delegated prefixes of the node's interfaces. Inside the VPC they speak under these; for
destinations outside its blocks the node puts its own primary address in their place, unless it is told not to. Which groups judge them is
the node's business (ENI-3); a pod with groups of its own has a branch interface, which is an interface like any other.

Believed, not found on an AWS page that was read: SVC-6.
"""

from __future__ import annotations

from collections.abc import Sequence

from simulator.aws.interface_path import send_of
from simulator.aws.network_interface import EPHEMERAL, NetworkInterface, leaving, start
from simulator.aws.route_table import local_blocks
from simulator.aws.snapshot import Snapshot
from simulator.graph.builder import Builder
from simulator.graph.nodes import Deliver, Filter, Masquerade, Place, Ref, Restore, Rewrite, Rule, RuleList, SessionMatch
from simulator.origin import Origin
from simulator.packet.prefix import LINK_LOCAL, Prefix
from simulator.packet.space import Match

TRANSLATED, KEPT = "translated", "kept"
NODE_TAGS = ("kubernetes.io/cluster/", "eks:cluster-name", "eks:nodegroup-name")


def _table(interface: NetworkInterface) -> str:
    return f"flows of pods of {interface.id}"


def _pods(interface: NetworkInterface) -> tuple[Prefix, ...]:
    """The addresses of pods: all of an interface's but the primary one, which is the node's. Only IPv4 is translated."""
    hosts = {Prefix.host(*address) for address in interface.private_addresses[1:]}
    return tuple(sorted(block for block in (*hosts, *interface.delegated) if block.version == 4))


def outward(place: Place, interface: NetworkInterface, primary: NetworkInterface, build: Builder, snapshot: Snapshot, note: str) -> Ref:
    """What leaves an interface of a node: what pods send out of the VPC goes out by the primary interface under its address."""
    pods, own = _pods(interface), [address for address in primary.private_addresses if address[0] == 4][:1]
    if not pods or not own:
        return leaving(interface.id)
    send = Rewrite(place=place, what="sends", how=send_of(primary, snapshot), then=leaving(primary.id), plumbing=True)
    translated = build.add(
        Rewrite(
            place=place,
            what="translation of pods",
            how=Masquerade(tuple(own), EPHEMERAL, _table(interface)),
            then=build.add(send),
            cites=("SVC-6",),
        )
    )
    if note:
        build.assume(translated, note)
    origin = interface.origin.of("addresses of pods")
    near = (*local_blocks(snapshot, interface.vpc), LINK_LOCAL)  # the host's services answer pods under their own addresses (LL-2)
    inside = Rule(Match(destinations=near), True, Origin(interface.vpc, "its blocks"))
    judged = build.add(
        Filter(
            place=place,
            what="what pods send out of the VPC",
            rules=RuleList((inside, Rule(Match(sources=pods), False, origin)), origin, permit=True),
            then=leaving(interface.id),
            code="SIM_UNMODELLED",
            cites=("SVC-6",),
            plumbing=True,
            otherwise=translated,
        )
    )
    # Linux translates the first packet of a connection and what belongs to it, so the answers of pods keep the address that was asked.
    return build.add(
        SessionMatch(
            place=place,
            what="connections to pods",
            table=interface.table,
            then=leaving(interface.id),
            miss=judged,
            cites=("SVC-6",),
            plumbing=True,
        )
    )


def homeward(place: Place, interfaces: Sequence[NetworkInterface], build: Builder, arrived: int) -> int:
    """What arrives at the primary address of a node: answers to its pods first."""
    for interface in interfaces:
        if _pods(interface):
            pod = Deliver(place=place, what="arrived at a pod", endpoint=interface.id, reply_at=start(interface.id))
            back = Rewrite(
                place=place,
                what="translation of pods",
                how=Restore(_table(interface)),
                then=build.add(pod),
                miss=arrived,
                cites=("SVC-6",),
                plumbing=True,
            )
            arrived = build.add(back)
    return arrived
