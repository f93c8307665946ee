"""File systems of EFS and FSx (ENI-1, SVC-8): mount targets, or file servers, that are interfaces with groups.

A question about a file system is one about each of its interfaces: which one a client mounts is the client's choice. AWS pages: "Creating
and managing mount targets" and "File system access control with Amazon VPC" (2026). Believed, not found on a page that was read: SVC-8.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from simulator.aws.managed_service import FIELDS, ManagedService, authored_interfaces, emit_service
from simulator.aws.network_interface import InterfaceAddress, NetworkInterface
from simulator.aws.resource import Item, Kind, Values
from simulator.aws.snapshot import Draft, Snapshot
from simulator.graph.builder import Builder
from simulator.graph.nodes import Place
from simulator.origin import Origin
from simulator.packet.prefix import parse_address
from simulator.problems import Problems

GONE = ("deleting", "deleted", "error")


@dataclass(frozen=True, slots=True)
class FileSystem(ManagedService):
    """A file system and the interfaces it is mounted by."""

    id: str
    name: str
    origin: Origin
    interfaces: tuple[str, ...] = ()

    @property
    def place(self) -> Place:
        """The hop of the file system."""
        return Place(self.id, "file-system", self.name)


def _scenario(name: str, values: Values, draft: Draft) -> None:
    draft.add(FileSystem(name, "", Origin(name, place=values.place), authored_interfaces(name, values, draft)))


def _describe(item: Item, draft: Draft) -> None:
    """An element of `FileSystems`; those of FSx name their interfaces, those of EFS have mount targets."""
    _add(item, draft, item.data["FileSystemId"], item.tag() or item.get("Name", ""), tuple(item.get("NetworkInterfaceIds", ())))


def _describe_mount_target(item: Item, draft: Draft) -> None:
    if item.get("LifeCycleState") in GONE:
        return
    interface_id, subnet = item.data["NetworkInterfaceId"], item.get("SubnetId", "")
    _add(item, draft, item.data["FileSystemId"], "", (interface_id,))
    if item.get("IpAddress"):
        draft.later(_as_told, interface_id, subnet, item.data["IpAddress"], Origin(interface_id, place=item.place()))


def _add(item: Item, draft: Draft, system_id: str, name: str, interfaces: tuple[str, ...]) -> None:
    new = FileSystem(system_id, name, Origin(system_id, place=item.place()))
    old = draft.get(FileSystem, system_id) or new
    draft.replace(replace(old, name=old.name or name, interfaces=tuple(dict.fromkeys((*old.interfaces, *interfaces)))))


def _as_told(draft: Draft, interface: str, subnet: str, address: str, origin: Origin) -> None:
    """An interface that only its mount target shows; nobody says which groups it has."""
    if draft.get(NetworkInterface, interface) is None:
        draft.add(NetworkInterface(interface, "", "", subnet, (InterfaceAddress(parse_address(address)),), (), origin, type="efs"))


def _check(system: FileSystem, snapshot: Snapshot, problems: Problems) -> None:
    for name in system.interfaces:
        if snapshot.get(NetworkInterface, name) is None:
            problems.warn(f"file system `{system.id}` is mounted by network interface `{name}`, which was not read", system.origin.place)


def _emit(system: FileSystem, build: Builder, snapshot: Snapshot) -> None:
    emit_service(system.place, system.interfaces, build, snapshot)


KIND = Kind(
    name="file-system",
    noun=FileSystem,
    about="a file system that clients mount",
    section="file_systems",
    fields=FIELDS,
    scenario=_scenario,
    describe={"FileSystems": _describe, "MountTargets": _describe_mount_target},
    prefix="fs",
    check=_check,
    emit=_emit,
)
