"""Which targets a load balancer's node may send to: zones, health, registered ports (ELB-3 to ELB-5), and the filters that say so.

A target's zone is that of the subnet its address lies in; an address outside the VPC counts for the zone it is registered with, or for all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from simulator.aws.instance import Instance
from simulator.aws.listener import groups_of, listeners_of
from simulator.aws.load_balancer import APPLICATION, CLASSIC, GATEWAY, LoadBalancer, nodes_of
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.snapshot import Snapshot
from simulator.aws.subnet import Subnet
from simulator.aws.target_group import BALANCER, FUNCTION, INSTANCE, Target, TargetGroup, address_of
from simulator.graph.builder import Builder
from simulator.graph.nodes import Address, Filter, Place, Ref, Rule, RuleList
from simulator.origin import Origin
from simulator.packet.prefix import Prefix, format_address
from simulator.packet.space import Match

EVERY_ZONE = "all"
PROXIES = (APPLICATION, CLASSIC)  # connections end at their nodes, which make new ones
SOURCE_PORTS = (1024, 65535)  # NACL-14
CLIENT = "Elastic Load Balancing"


class Aim(NamedTuple):
    """An address and port that a group's target stands for. `address` none: what has it was not read; `interface` none: it lies outside
    what was read. `zone` empty: every one counts, or it is not known.
    """

    target: Target
    address: Address | None
    port: int
    zone: str
    interface: NetworkInterface | None = None

    @property
    def label(self) -> str:
        """The target in an answer."""
        where = format_address(*self.address) if self.address else "not read"
        return f"{self.target.id}:{self.port}" if where == self.target.id else f"{self.target.id} ({where}:{self.port})"

    @property
    def host(self) -> Prefix:
        """The address as a block."""
        assert self.address is not None
        return Prefix.host(*self.address)


def aims_of(snapshot: Snapshot, group: TargetGroup, vpc: str) -> list[Aim]:
    """What the targets of a group stand for, for a load balancer in `vpc`. Functions are invoked and have no address."""
    return [] if group.type == FUNCTION else [aim for target in group.targets or () for aim in _aims(snapshot, group, target, vpc)]


def _aims(snapshot: Snapshot, group: TargetGroup, target: Target, vpc: str) -> list[Aim]:
    port = group.port_of(target)
    if group.type == INSTANCE:
        instance = snapshot.get(Instance, target.id)
        first = snapshot.get(NetworkInterface, instance.interfaces[0]) if instance and instance.interfaces else None
        return [_at(snapshot, target, port, first)]
    if group.type == BALANCER:
        balancer = snapshot.get(LoadBalancer, target.id)
        nodes = nodes_of(snapshot, balancer) if balancer else []
        return [_at(snapshot, target, port, node) for node in nodes] or [Aim(target, None, port, "")]
    address = address_of(target.id)
    holder = _holder(snapshot, address, vpc) if address else None
    zone = _zone_of(snapshot, address, vpc) or _registered_zone(snapshot, target)
    return [Aim(target, address, port, zone, holder)]


def _at(snapshot: Snapshot, target: Target, port: int, interface: NetworkInterface | None) -> Aim:
    """A target by its primary address (ALB-3)."""
    if interface is None or not interface.private_addresses:
        return Aim(target, None, port, "")
    subnet = snapshot.get(Subnet, interface.subnet)
    return Aim(target, interface.private_addresses[0], port, subnet.zone if subnet else "", interface)


def _holder(snapshot: Snapshot, address: Address, vpc: str) -> NetworkInterface | None:
    """Who has an address: in the load balancer's own VPC, else in any that was read."""
    held = snapshot.index("holders", lambda: _holders(snapshot)).get(address, ())
    return next((one for one in held if one.vpc == vpc), None) or next(iter(held), None)


def _holders(snapshot: Snapshot) -> dict[Address, list[NetworkInterface]]:
    found: dict[Address, list[NetworkInterface]] = {}
    for interface in snapshot.all(NetworkInterface):
        for address in interface.private_addresses:
            found.setdefault(address, []).append(interface)
    return found


def _zone_of(snapshot: Snapshot, address: Address | None, vpc: str) -> str:
    """The zone of an address in the load balancer's VPC: that of its subnet; empty for others."""
    subnets = snapshot.by(Subnet, "vpc")[vpc] if address else ()
    return next((subnet.zone for subnet in subnets for cidr in subnet.cidrs if address and cidr.holds(*address)), "")


def _registered_zone(snapshot: Snapshot, target: Target) -> str:
    """The zone that an address elsewhere was registered for, which AWS tells by name; empty for every one."""
    names = snapshot.index("zone names", lambda: {one.zone_name: one.zone for one in snapshot.all(Subnet) if one.zone_name})
    return "" if target.zone == EVERY_ZONE else names.get(target.zone, target.zone)


def zones_of(snapshot: Snapshot, balancer: LoadBalancer) -> frozenset[str]:
    """The zones enabled for a load balancer."""
    return frozenset(subnet.zone for name in balancer.subnets if (subnet := snapshot.get(Subnet, name)))


def groups_used(snapshot: Snapshot, balancer: LoadBalancer) -> list[TargetGroup]:
    """The target groups of a load balancer: those of its listeners, and those that say themselves that it uses them."""
    listed = groups_of(snapshot, listeners_of(snapshot, balancer.id))
    said = [group for group in snapshot.all(TargetGroup) if balancer.arn and balancer.arn in group.balancers and group not in listed]
    return [*listed, *said]


def is_whole(snapshot: Snapshot, balancer: LoadBalancer) -> bool:
    """Whether all listeners of a load balancer were read: AWS tells them for one load balancer at a time."""
    return snapshot.whole or not balancer.arn or bool(listeners_of(snapshot, balancer.id))


def knows_targets(snapshot: Snapshot, balancer: LoadBalancer) -> bool:
    """Whether all listeners of a load balancer were read, and every target group they name."""
    named = (name for listener in listeners_of(snapshot, balancer.id) for name in listener.groups)
    return is_whole(snapshot, balancer) and all(snapshot.get(TargetGroup, name) for name in named)


# --- what a balancer that makes new connections may send to ----------------------------------------------------------------------


class Sending(NamedTuple):
    """What a node may send to: the targets of its groups. zones: those enabled; own: the node's; crossing: the groups whose targets every
    node may use; known: all of it was read. `table` remembers what it starts.
    """

    place: Place
    origin: Origin
    table: str
    groups: Sequence[tuple[TargetGroup, Sequence[Aim]]]
    zones: frozenset[str]
    own: str
    crossing: frozenset[str]
    known: bool = True

    @classmethod
    def of(cls, snapshot: Snapshot, balancer: LoadBalancer, node: NetworkInterface, table: str) -> Sending:
        """That of one node."""
        groups = groups_used(snapshot, balancer)
        subnet = snapshot.get(Subnet, node.subnet)
        return cls(
            balancer.place,
            balancer.origin,
            table,
            tuple((group, aims_of(snapshot, group, node.vpc)) for group in groups),
            zones_of(snapshot, balancer),
            subnet.zone if subnet else "",
            frozenset(group.id for group in groups if crosses(balancer, group)),
            knows_targets(snapshot, balancer),
        )


def crosses(balancer: LoadBalancer, group: TargetGroup) -> bool:
    """Whether every node uses the targets of a group in all enabled zones: as the group says, or the load balancer, or AWS (ELB-3).
    For a gateway load balancer no group can tell.
    """
    told = balancer.cross_zone if group.cross_zone is None or balancer.type == GATEWAY else group.cross_zone
    return balancer.type in PROXIES if told is None else told


def sending(build: Builder, to: Sending, then: Ref) -> int:
    """The filters in front of what a node starts: a registered address, in a zone it may use, in use, on its port (R; ELB-3 to ELB-5)."""
    named = [(group, aim) for group, of_group in to.groups for aim in of_group if aim.address]
    aims = [aim for _, aim in named]
    whole = to.known and all(group.targets is not None and all(aim.address for aim in of_group) for group, of_group in to.groups)
    anything = () if whole else (Rule(Match(), True, to.origin.of("targets")),)
    used = {(aim.address, aim.port) for group, aim in named if aim.target in group.in_use}
    unused = [(group, aim) for group, aim in named if (aim.address, aim.port) not in used]
    enabled = {aim.host for aim in aims if not aim.zone or aim.zone in to.zones}
    ports = tuple(Rule(_exactly(aim, protocol), True, aim.target.origin) for group, aim in named for protocol in group.protocols)
    then = _filter(build, to, "targets that are in use", _denying(unused, to), then, "BAD_STATE", "ELB-4", remembers=to.table)
    then = _filter(build, to, "targets in its own zone", _far(named, to), then, "ELB_NOT_CROSSZONE", "ELB-3")
    listed = RuleList(tuple(dict.fromkeys(ports)), to.origin.of("registered ports"), unread=anything)
    then = _filter(build, to, "ports of targets", listed, then, "TARGET_PORT_RESTRICTION", "ELB-5")
    outside = [Rule(Match(destinations=(aim.host,)), False, aim.target.origin) for aim in aims if aim.host not in enabled]
    zones = RuleList(tuple(dict.fromkeys(outside)), to.origin.of("its zones"), permit=True)
    then = _filter(build, to, "zones of targets", zones, then, "ELB_INSTALLED_AZ_RESTRICTION", "ELB-3")
    addresses = tuple(Rule(Match(destinations=(aim.host,)), True, aim.target.origin) for aim in aims)
    rules = RuleList(tuple(dict.fromkeys(addresses)), to.origin.of("its targets"), unread=anything)
    return _filter(build, to, "targets", rules, then, "TARGET_ADDRESS_RESTRICTION", "ELB-2")


def _far(named: Iterable[tuple[TargetGroup, Aim]], to: Sending) -> RuleList:
    """All but what is registered in other zones only, with groups that are not for every node."""
    aimed = [(group, aim, protocol) for group, aim in named for protocol in group.protocols]
    near = {
        _exactly(aim, protocol)
        for group, aim, protocol in aimed
        if not aim.zone or ((group.id in to.crossing or aim.zone == to.own or not to.own) and aim.zone in to.zones)
    }
    far = [Rule(match, False, aim.target.origin) for _, aim, protocol in aimed if (match := _exactly(aim, protocol)) not in near]
    return RuleList(tuple(dict.fromkeys(far)), to.origin.of("its zone"), permit=True)


def _exactly(aim: Aim, protocol: int) -> Match:
    return Match(destinations=(aim.host,), protocol=protocol, destination_ports=(aim.port, aim.port))


def _denying(unused: Iterable[tuple[TargetGroup, Aim]], to: Sending) -> RuleList:
    rules = [
        Rule(_exactly(aim, protocol), False, aim.target.origin.of(f"health {aim.target.health}"))
        for group, aim in unused
        for protocol in group.protocols
    ]
    return RuleList(tuple(dict.fromkeys(rules)), to.origin.of("health"), permit=True)


def _filter(build: Builder, to: Sending, what: str, rules: RuleList, then: Ref, code: str, rule: str, *, remembers: str = "") -> int:
    return build.add(
        Filter(place=to.place, what=what, rules=rules, then=then, code=code, remembers=remembers, cites=(rule,), plumbing=True)
    )
