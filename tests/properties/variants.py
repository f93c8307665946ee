"""Networks made from drawn ones: opened up, renamed, with somebody new in them."""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from simulator.aws.instance import Instance
from simulator.aws.network_acl import NetworkAcl, default_acl
from simulator.aws.network_interface import InterfaceAddress, NetworkInterface
from simulator.aws.route_table import RouteTable, local_blocks
from simulator.aws.security_group import SecurityGroup, open_permissions
from simulator.aws.snapshot import Snapshot
from simulator.aws.subnet import Subnet
from simulator.aws.vpc import Vpc
from simulator.origin import Origin
from simulator.packet.prefix import Prefix
from simulator.testing.strategies import changed


def with_open_acls(snapshot: Snapshot) -> Snapshot:
    opened = []
    for acl in snapshot.all(NetworkAcl):
        everything = default_acl(acl.vpc, acl.id)
        opened.append(replace(acl, inbound=everything.inbound, outbound=everything.outbound))
    return changed(snapshot, *opened)


def with_open_groups(snapshot: Snapshot) -> Snapshot:
    return changed(
        snapshot,
        *(
            replace(group, inbound=open_permissions(group.origin, "ingress"), outbound=open_permissions(group.origin, "egress"))
            for group in snapshot.all(SecurityGroup)
        ),
    )


def without_detours(snapshot: Snapshot) -> Snapshot:
    """No route inside a VPC but the local ones, and none that a prefix list may put there."""
    return changed(
        snapshot,
        *(
            replace(
                table,
                routes=tuple(
                    entry
                    for entry in table.routes
                    if isinstance(entry.destination, Prefix)
                    and not any(block.contains(entry.destination) for block in local_blocks(snapshot, table.vpc))
                ),
            )
            for table in snapshot.all(RouteTable)
        ),
    )


def all_running(snapshot: Snapshot) -> Snapshot:
    return changed(
        snapshot,
        *(replace(instance, state="running") for instance in snapshot.all(Instance)),
        *(replace(interface, attached=True) for interface in snapshot.all(NetworkInterface)),
    )


def with_a_stranger(snapshot: Snapshot) -> Snapshot:
    """A VPC of its own with a host in it, and rules, tables and lists that nobody refers to."""
    origin = Origin("stranger")
    vpc = Vpc("vpc-stranger", "", (Prefix.parse("192.168.77.0/24"),), origin, authored=True)
    near = next(iter(snapshot.all(Vpc)))
    everything = open_permissions(origin, "ingress")
    interface = NetworkInterface(
        "eni-stranger", "", vpc.id, "subnet-stranger", (InterfaceAddress((4, 0xC0A84D07)),), ("sg-stranger",), origin
    )
    return changed(
        snapshot,
        vpc,
        Subnet("subnet-stranger", "", vpc.id, vpc.cidrs, "a", origin),
        default_acl(vpc.id, "acl-stranger"),
        RouteTable("rtb-stranger", "", vpc.id, True, (), (), (), origin),
        SecurityGroup("sg-stranger", "", vpc.id, everything, everything, origin),
        interface,
        Instance("i-stranger", "", (interface.id,), origin),
        # and in a VPC of the network itself
        SecurityGroup("sg-unused", "", near.id, everything, everything, origin),
        RouteTable("rtb-unused", "", near.id, False, (), (), (), origin),
        replace(default_acl(near.id, "acl-unused"), default=False, inbound=(), outbound=()),
    )


def renamed(snapshot: Snapshot, name: Callable[[str], str]) -> Snapshot:
    """Every id exchanged, wherever a noun mentions it."""
    names = {noun.id: name(noun.id) for _, noun in snapshot.everything()}
    nouns = {of: {noun.id: noun for noun in (_renamed(old, names) for old in known.values())} for of, known in snapshot.nouns.items()}
    return replace(snapshot, nouns=nouns, _indices={})


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, tuple):
        parts = [_renamed(part, names) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: _renamed(getattr(value, field.name), names) for field in fields(value) if field.init})
    return value
