"""Tasks of ECS and Fargate, by service or task family (SVC-5): an interface for each task, or those of the instance it runs on.

    awsvpc:        each task has an interface with groups of its own; with a public address it uses the internet gateway directly
    bridge, host:  tasks share the interfaces of their instance, and its groups

A question about a service is one about each of its tasks. Not modelled: ports that a bridge maps to others. AWS page: "Amazon ECS task
networking" (2026). Believed, not found on a page that was read: all of SVC-5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from simulator.aws.instance import Instance
from simulator.aws.managed_service import (
    FIELDS,
    ManagedService,
    authored_interfaces,
    described_interfaces,
    emit_service,
    with_public_address,
)
from simulator.aws.network_interface import InterfaceAddress, NetworkInterface
from simulator.aws.resource import Address, Field, Item, Kind, ListOf, Reference, Values
from simulator.aws.snapshot import Draft, Snapshot
from simulator.graph.builder import Builder
from simulator.graph.nodes import Place
from simulator.origin import Origin
from simulator.packet.prefix import parse_address

INTERFACE_WORDS = "arn:aws:ecs"
GONE = ("DEPROVISIONING", "STOPPED", "DELETED", "INACTIVE")


@dataclass(frozen=True, slots=True)
class ShownInterface:
    """The interface of a task as the task's own text shows it: id, subnet, private address."""

    id: str
    subnet: str
    address: str


@dataclass(frozen=True, slots=True)
class EcsService(ManagedService):
    """The tasks of a service or family. `interfaces` are filled in when all is read, from what the tasks show, or else from
    `subnets`. `hosts`: the container instances (ARNs) or instances of tasks without an interface of their own.
    """

    id: str
    name: str
    subnets: tuple[str, ...]
    groups: tuple[str, ...]
    origin: Origin
    interfaces: tuple[str, ...] = ()
    shown: tuple[ShownInterface, ...] = ()
    hosts: tuple[str, ...] = ()
    public: bool = False
    arn: str = ""

    @property
    def place(self) -> Place:
        """The hop of the tasks."""
        return Place(self.id, "ecs-service", self.name)


@dataclass(frozen=True, slots=True)
class ContainerHost:
    """An instance that runs tasks, under the ARN that tasks name it by."""

    id: str
    name: str
    instance: str
    origin: Origin


def _scenario(name: str, values: Values, draft: Draft) -> None:
    hosts, subnets = tuple(values.get("instances", ())), tuple(values.get("subnets", ()))
    if bool(hosts) == bool(subnets):
        draft.problems.error(f"tasks `{name}`: say their `subnets`, or the `instances` whose network they use, one of them", values.place)
        return
    interfaces = authored_interfaces(name, values, draft) if subnets else ()
    draft.add(EcsService(name, "", subnets, (), Origin(name, place=values.place), interfaces, hosts=hosts))


def _describe_service(item: Item, draft: Draft) -> None:
    if item.get("status") in GONE:
        return
    config = (item.get("networkConfiguration") or {}).get("awsvpcConfiguration") or {}
    service = _named(item, item.data["serviceName"])
    _merge(
        draft,
        replace(
            service,
            subnets=tuple(config.get("subnets") or ()),
            groups=tuple(config.get("securityGroups") or ()),
            public=config.get("assignPublicIp") == "ENABLED",
            arn=item.get("serviceArn", ""),
        ),
    )


def _describe_task(item: Item, draft: Draft) -> None:
    if item.get("lastStatus") in GONE:
        return
    family = item.get("taskDefinitionArn", "").rpartition("/")[2].partition(":")[0]
    name = item.get("group", "").partition(":")[2] or family or item.data["taskArn"]
    shown = tuple(found for data in item.get("attachments", ()) if (found := _shown(data)))
    host = item.get("containerInstanceArn", "")
    _merge(draft, replace(_named(item, name), shown=shown, hosts=(host,) if host and not shown else ()))


def _shown(attachment: Mapping[str, Any]) -> ShownInterface | None:
    if attachment.get("type") != "ElasticNetworkInterface" or attachment.get("status") in GONE:
        return None
    details = {detail.get("name", ""): detail.get("value", "") for detail in attachment.get("details") or ()}
    interface = details.get("networkInterfaceId", "")
    return ShownInterface(interface, details.get("subnetId", ""), details.get("privateIPv4Address", "")) if interface else None


def _named(item: Item, name: str) -> EcsService:
    cluster = item.get("clusterArn", "").rpartition("/")[2]
    service_id = f"{cluster}/{name}" if cluster else name
    return EcsService(service_id, name, (), (), Origin(service_id, place=item.place()))


def _merge(draft: Draft, new: EcsService) -> None:
    """A service and its tasks are told by two lists, in any order, and by one element for each task."""
    old = draft.get(EcsService, new.id) or new
    if old is not new:
        new = replace(
            old,
            subnets=old.subnets or new.subnets,
            groups=old.groups or new.groups,
            shown=(*old.shown, *new.shown),
            hosts=(*old.hosts, *new.hosts),
            public=old.public or new.public,
            arn=old.arn or new.arn,
        )
    draft.replace(new)


def _describe_host(item: Item, draft: Draft) -> None:
    arn = item.data["containerInstanceArn"]
    draft.add(ContainerHost(arn, "", item.get("ec2InstanceId", ""), Origin(arn, place=item.place())))


def _complete(service: EcsService, draft: Draft) -> None:
    if service.interfaces:
        return
    names = [_told(service, shown, draft) for shown in service.shown]
    for host in dict.fromkeys(service.hosts):
        known = draft.get(ContainerHost, host)
        instance = draft.get(Instance, known.instance if known else host)
        if instance is None:
            draft.problems.warn(f"tasks `{service.id}` run on `{host}`, which was not read", service.origin.place)
        else:
            names += instance.interfaces
    if not names and service.subnets:
        names += described_interfaces(
            service.id, INTERFACE_WORDS, service.subnets, service.groups, service.origin, draft, public=service.public
        )
    draft.replace(replace(service, interfaces=tuple(dict.fromkeys(names))))


def _told(service: EcsService, shown: ShownInterface, draft: Draft) -> str:
    """The interface of a task; where its own text was not read, what the task and its service say of it."""
    if draft.get(NetworkInterface, shown.id) is None:
        addresses = (InterfaceAddress(parse_address(shown.address)),) if shown.address else ()
        origin = Origin(shown.id, place=service.origin.place)
        interface = NetworkInterface(shown.id, "", "", shown.subnet, addresses, service.groups, origin, owner=service.id)
        draft.add(with_public_address(interface, draft) if service.public else interface)
    return shown.id


def _emit(service: EcsService, build: Builder, snapshot: Snapshot) -> None:
    guests = snapshot.index("interfaces of instances", lambda: {name for host in snapshot.all(Instance) for name in host.interfaces})
    emit_service(service.place, [name for name in service.interfaces if name not in guests], build, snapshot)


KIND = Kind(
    name="ecs-service",
    noun=EcsService,
    about="tasks of ECS or Fargate",
    section="tasks",
    fields=(
        *(field._replace(required=False) for field in FIELDS),
        Field("public_ip", Address(), "the public address of the task in the first subnet"),
        Field("instances", ListOf(Reference(("instance",))), "bridge or host mode: the instances whose interfaces they use"),
    ),
    scenario=_scenario,
    describe={"tasks": _describe_task, "services": _describe_service},
    prefix="task",
    complete=_complete,
    emit=_emit,
)
HOST = Kind(
    name="container-instance",
    noun=ContainerHost,
    about="an instance that runs tasks",
    describe={"containerInstances": _describe_host},
)
