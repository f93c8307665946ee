"""Removing a resource as AWS deletes it: its own interfaces go with it, routes that led to it are blackholes, and what others use stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from simulator.aws.instance import Instance
from simulator.aws.internet_gateway import InternetGateway
from simulator.aws.nat_gateway import NatGateway
from simulator.aws.network_acl import NetworkAcl
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.resource import Noun
from simulator.aws.route_table import RouteTable
from simulator.aws.security_group import SecurityGroup
from simulator.aws.snapshot import Snapshot
from simulator.aws.vpc_peering import VpcPeering
from simulator.origin import Origin
from simulator.problems import did_you_mean
from simulator.query.edit_effects import RefusedError
from simulator.query.edits import Put, Remove

REMOVABLE = (Instance, NatGateway, NetworkInterface, InternetGateway, VpcPeering, SecurityGroup, NetworkAcl, RouteTable)


def removed(snapshot: Snapshot, edit: Remove) -> Put:
    """All that changes when a resource is deleted; an internet gateway is detached, which comes first in AWS and ends all it does."""
    found = [noun for _, noun in snapshot.everything() if noun.id == edit.resource]
    found = found or [noun for _, noun in snapshot.everything() if edit.resource and noun.name == edit.resource]
    if len(found) != 1:
        known = [noun.id for _, noun in snapshot.everything()]
        several = f"`{edit.resource}` may mean {', '.join(f'`{noun.id}`' for noun in found)}"
        raise RefusedError(several if found else f"there is no resource `{edit.resource}`{did_you_mean(edit.resource, known)}")
    (noun,) = found
    kinds = [kind.name for kind in snapshot.kinds if kind.noun in REMOVABLE and not kind.extends]
    if not isinstance(noun, REMOVABLE):
        raise RefusedError(f"a {snapshot.kind_of(noun).name} cannot be removed here; what can is {', '.join(kinds)}")
    if isinstance(noun, InternetGateway):
        if not noun.attached:
            raise RefusedError(f"`{noun.id}` is attached to no VPC already")
        return Put((replace(noun, vpc="", attached=False),))
    gone: list[Noun] = [noun]
    if isinstance(noun, (Instance, NatGateway)):
        names = noun.interfaces if isinstance(noun, Instance) else (noun.interface,)
        gone += [one for one in (snapshot.get(NetworkInterface, name) for name in names) if one is not None]
    if isinstance(noun, (RouteTable, NetworkAcl)) and (noun.main if isinstance(noun, RouteTable) else noun.default):
        raise RefusedError(f"`{noun.id}` serves all subnets of its VPC without one of their own; AWS deletes it with the VPC only")
    if isinstance(noun, (RouteTable, NetworkAcl)) and noun.subnets:
        raise RefusedError(f"`{noun.id}` is associated with `{noun.subnets[0]}`; `release {noun.subnets[0]} from {noun.id}` first")
    ids = {one.id for one in gone}
    _require_unused(snapshot, gone, ids)
    tables = [
        replace(table, routes=tuple(replace(one, blackhole=True) if one.target in ids else one for one in table.routes))
        for table in snapshot.all(RouteTable)
        if any(one.target in ids for one in table.routes)
    ]
    return Put(tuple(tables), tuple(gone))


def _require_unused(snapshot: Snapshot, gone: Sequence[Noun], ids: set[str]) -> None:
    """AWS refuses to delete what others use; and what they would do without it, nobody said."""
    for kind, noun in snapshot.everything():
        if noun in gone:
            continue
        told = replace(noun, routes=()) if isinstance(noun, RouteTable) else noun
        used = next((name for name in sorted(ids) if _mentions(told, name)), None)
        if used:
            raise RefusedError(f"{kind.name} `{noun.id}` uses `{used}`; change or remove that first")


def _mentions(value: object, name: str) -> bool:
    """Whether a value, or a part of it, is a word; where it was written plays no part."""
    match value:
        case str():
            return value == name
        case Origin():
            return False
        case tuple() | list() | frozenset() | set():
            return any(_mentions(one, name) for one in value)
        case dict():
            return any(_mentions(one, name) for pair in value.items() for one in pair)
        case _:
            fields = getattr(type(value), "__dataclass_fields__", {})
            return any(_mentions(getattr(value, field), name) for field in fields)
