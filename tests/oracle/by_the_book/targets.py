"""What a load balancer may send to (section 13 of docs/semantics.md): targets, their addresses and zones, and who keeps the client's."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.aws.instance import Instance
from simulator.aws.listener import Listener
from simulator.aws.load_balancer import LoadBalancer
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.subnet import Subnet
from simulator.aws.target_group import Target, TargetGroup
from simulator.packet.prefix import parse_address
from tests.oracle.by_the_book.filters import TCP
from tests.oracle.by_the_book.world import World

NETWORK, CLASSIC, GATEWAY = "network", "classic", "gateway"
GENEVE = 6081  # GWLB-1
BY_INSTANCE, BY_ADDRESS, TO_BALANCER = "instance", "ip", "alb"
HEALTHY = ("", "healthy", "unavailable")  # ELB-4; an unavailable health is one that nobody checks
LEAVING = ("draining", "unhealthy.draining", "unused")
EVERY_ZONE = ""


@dataclass(frozen=True)
class Aim:
    """An address and port that a target stands for; `nic` none: it lies outside what was read; `zone` empty: it counts for each."""

    group: TargetGroup
    target: Target
    address: int
    port: int
    nic: NetworkInterface | None
    zone: str


def listener_for(world: World, balancer: LoadBalancer, protocol: int, port: int) -> Listener | None:
    """ELB-5: a listener takes its protocol and port only."""
    mine = [one for one in world.snapshot.all(Listener) if one.balancer in (balancer.id, balancer.arn or balancer.id)]
    return next((one for one in mine if protocol in one.protocols and one.port == port), None)


def groups_of(world: World, listener: Listener) -> list[TargetGroup]:
    """The target groups a listener may choose."""
    found = [world.snapshot.get(TargetGroup, group_id) for group_id in listener.groups]
    return [group for group in found if group is not None]


def balancer_groups(world: World, balancer: LoadBalancer) -> list[TargetGroup]:
    """All groups of all listeners."""
    listeners = [one for one in world.snapshot.all(Listener) if one.balancer == balancer.id]
    return [group for listener in listeners for group in groups_of(world, listener)]


def in_use(group: TargetGroup) -> list[Target]:
    """ELB-4: the healthy targets; if there is none, all, but for those that leave."""
    targets = list(group.targets or ())
    return [one for one in targets if one.health in HEALTHY] or [one for one in targets if one.health not in LEAVING]


def aims(world: World, balancer: LoadBalancer, group: TargetGroup, targets: list[Target]) -> list[Aim]:
    """ALB-3, NLB-10: the addresses of targets."""
    found = []
    for target in targets:
        port = target.port or group.port or (GENEVE if group.protocol == "geneve" else 0)
        if group.type == BY_ADDRESS:
            address = parse_address(target.id)[1]
            nic = world.nic_with(group.vpc or vpc_of(world, balancer), address)
            nic = nic or next((one for one in world.nics() if world.holds(one, address)), None)
            found.append(Aim(group, target, address, port, nic, zone_of(world, nic, target.zone)))
            continue
        for nic in interfaces_of(world, group, target):
            found.append(Aim(group, target, world.privates(nic)[0], port, nic, zone_of(world, nic, target.zone)))
    return found


def interfaces_of(world: World, group: TargetGroup, target: Target) -> list[NetworkInterface]:
    """An instance is its first interface (ALB-3), a load balancer each of its nodes (NLB-10)."""
    instance, balancer = world.snapshot.get(Instance, target.id), world.snapshot.get(LoadBalancer, target.id)
    names = instance.interfaces[:1] if instance else balancer.interfaces if balancer else ()
    nics = [world.snapshot.get(NetworkInterface, name) for name in names]
    return [nic for nic in nics if nic is not None and world.privates(nic)]


def vpc_of(world: World, balancer: LoadBalancer) -> str:
    """The VPC of a load balancer."""
    subnets = [world.snapshot.get(Subnet, subnet_id) for subnet_id in balancer.subnets]
    return next((subnet.vpc for subnet in subnets if subnet is not None), "")


def zone_of(world: World, nic: NetworkInterface | None, told: str) -> str:
    """The zone a target counts for."""
    if told == "all":
        return EVERY_ZONE
    return world.subnet(nic.subnet).zone if nic is not None else told


def zones_of(world: World, balancer: LoadBalancer) -> set[str]:
    """ELB-1: the zones that are enabled."""
    return {world.subnet(subnet_id).zone for subnet_id in balancer.subnets}


def crosses_zones(balancer: LoadBalancer, group: TargetGroup) -> bool:
    """ELB-3: as told, for the group or the load balancer; else on for an application load balancer, off for a network one.
    For a gateway load balancer no group can tell."""
    if group.cross_zone is not None and balancer.type != GATEWAY:
        return group.cross_zone
    if balancer.cross_zone is not None:
        return balancer.cross_zone
    return balancer.type not in (NETWORK, GATEWAY)


def keeps_client(group: TargetGroup) -> bool:
    """NLB-2: as told for TCP and TLS; forced for UDP; else on for instances, off for addresses. NLB-10: an ALB gets it."""
    if group.protocol in ("udp", "tcp_udp") or group.type == TO_BALANCER:
        return True
    return group.keeps_client if group.keeps_client is not None else group.type == BY_INSTANCE


def protocols_of(group: TargetGroup) -> tuple[int, ...]:
    """What goes to its targets."""
    return {"udp": (17,), "geneve": (17,), "tcp_udp": (TCP, 17)}.get(group.protocol, (TCP,))
