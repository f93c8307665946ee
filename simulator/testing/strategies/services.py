"""Interfaces that services put into subnets: data services, file systems, tasks, pods, VPC links, Instance Connect endpoints."""

from __future__ import annotations

from dataclasses import replace

from simulator.aws.cache import Cache, CacheSubnetGroup
from simulator.aws.data_service import DataService
from simulator.aws.database import Database
from simulator.aws.ecs_service import ContainerHost, EcsService
from simulator.aws.file_system import FileSystem
from simulator.aws.instance_connect_endpoint import TYPE, ConnectEndpoint
from simulator.aws.kubernetes_pods import KEPT, TRANSLATED
from simulator.aws.network_interface import InterfaceAddress, NetworkInterface
from simulator.aws.service_cluster import CacheGroup, DatabaseCluster, DatabaseSubnetGroup
from simulator.aws.vpc_link import VpcLink
from simulator.origin import Origin
from simulator.testing.strategies.hosts import draw_groups
from simulator.testing.strategies.sites import Plan, Site

WORDS = {DataService: "search", FileSystem: "fs", EcsService: "tasks", VpcLink: "link", Cache: "cache", DatabaseCluster: "cluster"}


def draw_interface(
    plan: Plan, site: Site, name: str, subnet: str, groups: tuple[str, ...] | None, owner: str, *, kind: str = "interface"
) -> str:
    """An interface of a service, at a free address; its id."""
    plan.take(next(found for found in site.subnets if found.id == subnet))
    interface = NetworkInterface(name, "", "", subnet, (), groups, Origin(name), type=kind, owner=owner)
    plan.draft.add(interface)
    site.interfaces.append(interface)
    return name


def draw_services(plan: Plan, site: Site) -> None:
    """A service or two."""
    plan.hand.several(lambda: _service(plan, site), most=3, least=1)


def _service(plan: Plan, site: Site) -> None:
    """A service with an interface in one or two subnets."""
    hand, rooms = plan.hand, plan.with_room(site)
    if not rooms:
        return
    of = hand.one_of((DataService, FileSystem, EcsService, VpcLink, Cache, DatabaseCluster))
    service_id = plan.name(WORDS[of])
    groups, origin = draw_groups(plan, site), Origin(service_id)
    subnets = tuple(subnet.id for subnet in hand.some(rooms, most=2, least=1))
    if of is DatabaseCluster:
        _cluster(plan, service_id, subnets, groups or ())
        return
    if of is Cache:  # its interfaces follow from the subnet group
        plan.draft.add(CacheSubnetGroup(f"{service_id}-subnets", "", subnets, Origin(f"{service_id}-subnets")))
        plan.draft.add(Cache(service_id, "", f"{service_id}-subnets", groups or (), origin, (), 6379))
        plan.draft.add(CacheGroup(f"{service_id}-group", "", (service_id,), Origin(f"{service_id}-group")))
        return
    names = tuple(draw_interface(plan, site, f"{service_id}-eni-{subnet}", subnet, groups, service_id) for subnet in subnets)
    if of is FileSystem:
        plan.draft.add(FileSystem(service_id, "", origin, names))
    elif of is DataService:
        plan.draft.add(DataService(service_id, "", subnets, (), origin, names))
    elif of is VpcLink:
        plan.draft.add(VpcLink(service_id, "", subnets, (), origin, names))
    else:
        plan.draft.add(EcsService(service_id, "", subnets, (), origin, names))


def _cluster(plan: Plan, cluster: str, subnets: tuple[str, ...], groups: tuple[str, ...]) -> None:
    """A cluster of databases whose interfaces follow from its members, or from its subnet group where nobody told of any."""
    members, known = (f"{cluster}-1",), f"{cluster}-subnets"
    plan.draft.add(DatabaseSubnetGroup(known, "", subnets, Origin(known)))
    plan.draft.add(DatabaseCluster(cluster, "", members, known, groups, Origin(cluster)))
    if plan.hand.chance(60):
        plan.draft.add(Database(members[0], "", subnets, groups, Origin(members[0]), port=5432, cluster=cluster))


def draw_tasks_on_instances(plan: Plan, site: Site) -> None:
    """Tasks that share the interfaces of the instances they run on (SVC-5)."""
    if not site.instances:
        return
    hosts = plan.hand.some([instance.id for instance in site.instances], most=2, least=1)
    service_id = plan.name("tasks")
    arns = tuple(f"host-of-{instance}-{service_id}" for instance in hosts)
    for arn, instance in zip(arns, hosts, strict=True):
        plan.draft.add(ContainerHost(arn, "", instance, Origin(arn)))
    plan.draft.add(EcsService(service_id, "", (), (), Origin(service_id), hosts=arns))


def draw_pods(plan: Plan, site: Site) -> None:
    """An instance whose further addresses are those of pods (SVC-6)."""
    usual = {interface.id: interface for interface in site.interfaces if interface.addresses and interface.check}
    able = [one for one in site.instances if len(one.interfaces) == 1 and one.interfaces[0] in usual and not one.forwards]
    if not able:
        return
    node = plan.hand.one_of(able)
    interface = usual[node.interfaces[0]]
    subnet = next(one for one in site.subnets if one.id == interface.subnet)
    if subnet not in plan.with_room(site):
        return
    number = 1 + plan.hand.chance(40)
    offset = plan.take(subnet, number)
    pods = tuple(InterfaceAddress((4, subnet.cidrs[0].address(offset + index))) for index in range(number))
    wider = replace(interface, addresses=(*interface.addresses, *pods))
    site.interfaces[site.interfaces.index(interface)] = wider
    plan.draft.replace(wider)
    changed = replace(node, pods=plan.hand.one_of((TRANSLATED, KEPT)), pods_assumed=plan.hand.chance(20))
    site.instances[site.instances.index(node)] = changed
    plan.draft.replace(changed)


def draw_connect_endpoint(plan: Plan, site: Site) -> None:
    """An interface from which people reach instances (SVC-9)."""
    rooms = plan.with_room(site)
    if not rooms:
        return
    endpoint, subnet = plan.name("eice"), plan.hand.one_of(rooms).id
    name = draw_interface(plan, site, f"{endpoint}-eni", subnet, draw_groups(plan, site), endpoint, kind=TYPE)
    state = "create-in-progress" if plan.odd("stopped instances") else "create-complete"
    plan.draft.add(ConnectEndpoint(endpoint, "", subnet, (), Origin(endpoint), (name,), plan.gap(), state))
