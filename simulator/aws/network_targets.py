"""What a node of a network load balancer does with what a listener takes: which targets it chooses from, with whose address (NLB-2, NLB-4).

A node uses the targets in its own zone, and those in other enabled zones when balancing across zones is on (off unless told, ELB-3). A
packet with its client's address reaches a target of the load balancer's VPC, or of a peered one in the same Region, directly; on any other
way communication is lost (NLB-4).

AWS pages: "Network Load Balancers", "Edit target group attributes for your Network Load Balancer" (2026).
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from simulator.aws.balancing import Aim, aims_of, crosses, zones_of
from simulator.aws.listener import Listener, listeners_of
from simulator.aws.load_balancer import ACTIVE, NETWORK, NODE_TYPES, LoadBalancer, nodes_of
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.route_table import LOCAL, RouteEntry, table_of, winners
from simulator.aws.snapshot import Snapshot
from simulator.aws.subnet import Subnet
from simulator.aws.target_group import BALANCER, INSTANCE, TargetGroup
from simulator.aws.vpc_peering import VpcPeering, peers_of
from simulator.packet.flow import UDP


def keeps_client(group: TargetGroup, protocol: int) -> bool:
    """Whether targets see the client's address (NLB-2): always for UDP and load balancers (NLB-10), else as told, else for instances."""
    if protocol == UDP or group.protocol in ("udp", "tcp_udp") or group.type == BALANCER:
        return True
    return group.type == INSTANCE if group.keeps_client is None else group.keeps_client


class Way(Enum):
    """How a packet with a client's address would get from a node to a target."""

    DIRECT = "direct"
    PEERED = "peered"
    LOST = "lost"
    UNKNOWN = "unknown"


def _way_to(snapshot: Snapshot, node: NetworkInterface, aim: Aim) -> Way:
    """The way to a target (NLB-4): directly inside the VPC, over a peering in the Region, or some other, on which it is lost."""
    if aim.interface is not None and aim.interface.type == NODE_TYPES[NETWORK]:
        return Way.LOST
    if aim.interface is not None and aim.interface.subnet == node.subnet:
        return Way.DIRECT
    subnet = snapshot.get(Subnet, node.subnet)
    table = table_of(snapshot, node.vpc, node.subnet, subnet.route_table) if subnet else None
    if table is None:
        return Way.UNKNOWN
    entry = route_to(snapshot, node, aim)
    if entry is not None and entry.kind == LOCAL:
        return Way.DIRECT
    if entry is None or entry.kind != "vpc-peering-connection" or entry.blackhole:
        return Way.LOST
    peering = peering_of(snapshot, node, entry)
    if peering is None or not peering.same_region(snapshot):
        return Way.LOST
    return Way.PEERED if aim.interface and aim.interface.vpc in peering.vpcs and aim.interface.vpc != node.vpc else Way.UNKNOWN


def route_to(snapshot: Snapshot, node: NetworkInterface, aim: Aim) -> RouteEntry | None:
    """The route of the node's subnet for a target."""
    subnet = snapshot.get(Subnet, node.subnet)
    table = table_of(snapshot, node.vpc, node.subnet, subnet.route_table) if subnet else None
    fitting = [winner for winner in winners(snapshot, table) if aim.address and winner.prefix.holds(*aim.address)] if table else []
    return max(fitting, key=lambda winner: winner.prefix.length).entry if fitting else None


def peering_of(snapshot: Snapshot, node: NetworkInterface, entry: RouteEntry) -> VpcPeering | None:
    """The active peering that a route of a node's subnet leads to."""
    return next((peering for peering, _ in peers_of(snapshot, node.vpc) if peering.id == entry.target), None)


# --- the plan of a node ------------------------------------------------------------------------------------------------------------


class Option(NamedTuple):
    """One target a node may choose for a listener: with the client's address kept and then by which way, or with its own."""

    aim: Aim
    keeps: bool
    way: Way = Way.DIRECT

    @property
    def is_sent(self) -> bool:
        """Whether the choice leads to packets: not where the address is not known, or no way keeps the client's."""
        address = self.aim.address
        return address is not None and address[0] == 4 and (not self.keeps or self.way in (Way.DIRECT, Way.PEERED))


class Plan(NamedTuple):
    """What a node may do with what a listener takes. `unread`: some targets were not read; `elsewhere`: it has targets in use, but not
    in a zone this node may use. `assumed`: what was taken for granted.
    """

    listener: Listener
    options: tuple[Option, ...]
    unread: bool = False
    elsewhere: bool = False
    assumed: tuple[str, ...] = ()


def plans_of(snapshot: Snapshot, balancer: LoadBalancer, node: NetworkInterface) -> list[Plan]:
    """What a node does for each listener."""
    return snapshot.index(("plans", node.id), lambda: [_plan(snapshot, balancer, node, one) for one in listeners_of(snapshot, balancer.id)])


def _plan(snapshot: Snapshot, balancer: LoadBalancer, node: NetworkInterface, listener: Listener) -> Plan:
    options: list[Option] = []
    assumed: list[str] = []
    unread = elsewhere = False
    for name in listener.groups:
        group = snapshot.get(TargetGroup, name)
        if group is None or group.targets is None:
            unread = True
            continue
        in_use = [aim for aim in aims_of(snapshot, group, node.vpc) if aim.target in group.in_use]
        near = [aim for aim in in_use if aim.zone in ("", *_zones(snapshot, balancer, group, node))]
        keeps = keeps_client(group, max(listener.protocols, default=0))
        options += [Option(aim, keeps, _way_to(snapshot, node, aim) if keeps and aim.address else Way.DIRECT) for aim in near]
        elsewhere = elsewhere or bool(in_use and not near)
        assumed += _assumed(balancer, group, crosses=any(aim.zone in zones_of(snapshot, balancer) for aim in in_use if aim not in near))
    return Plan(listener, tuple(dict.fromkeys(options)), unread, elsewhere, tuple(dict.fromkeys(assumed)))


def _zones(snapshot: Snapshot, balancer: LoadBalancer, group: TargetGroup, node: NetworkInterface) -> frozenset[str]:
    """The zones whose targets a node may use (ELB-3)."""
    own = snapshot.get(Subnet, node.subnet)
    return zones_of(snapshot, balancer) if crosses(balancer, group) else frozenset({own.zone} if own else ())


def _assumed(balancer: LoadBalancer, group: TargetGroup, *, crosses: bool) -> list[str]:
    """What AWS's answers did not tell, where it matters."""
    found = []
    if balancer.arn and balancer.cross_zone is None and group.cross_zone is None and crosses:
        found.append(f"whether {balancer.id} balances across zones was not read: taken to be off, as AWS sets it")
    if group.arn and group.keeps_client is None and group.type in (INSTANCE, "ip") and group.protocol in ("tcp", "tls"):
        does = "keep" if group.type == INSTANCE else "hide"
        found.append(
            f"whether {group.id} keeps the client's address was not read: taken to {does} it, as AWS sets it for {group.type} targets"
        )
    return found


class Passing(NamedTuple):
    """A node that passes packets with their clients' addresses on to a target."""

    node: NetworkInterface
    aim: Aim
    way: Way


def passings(snapshot: Snapshot) -> tuple[Passing, ...]:
    """All pairs of a node and a target that gets packets with their clients' addresses from it."""
    return snapshot.index("client addresses kept", lambda: tuple(dict.fromkeys(_passings(snapshot))))


def _passings(snapshot: Snapshot) -> list[Passing]:
    return [
        Passing(node, option.aim, option.way)
        for balancer in snapshot.all(LoadBalancer)
        for node in (nodes_of(snapshot, balancer) if balancer.type == NETWORK and balancer.state in ACTIVE else ())
        for plan in plans_of(snapshot, balancer, node)
        for option in plan.options
        if option.keeps and option.aim.interface and option.is_sent
    ]
