"""What the verbs of edits do to the nouns they name: rules, entries, routes, associations, members. A noun in, the changed noun out."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from simulator.aws.network_acl import LAST_RULE, AclEntry, NetworkAcl
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.permissions import GroupPeer, ListPeer, Peer, Permission, Traffic
from simulator.aws.prefix_list import PrefixList
from simulator.aws.resource import Noun
from simulator.aws.route_table import LOCAL, TARGET_KINDS, RouteEntry, RouteTable
from simulator.aws.security_group import SecurityGroup
from simulator.aws.snapshot import Snapshot
from simulator.aws.subnet import Subnet
from simulator.origin import Origin
from simulator.packet.prefix import AddressError, Prefix
from simulator.packet.service import Service, ServiceError
from simulator.problems import did_you_mean
from simulator.query.edits import Allow, Associate, Check, Clear, Close, Deny, Join, Leave, Open, Release, SetRoute, Unroute

N = TypeVar("N", bound=Noun)
DIRECTIONS = {"from": "ingress", "to": "egress", "inbound": "ingress", "outbound": "egress"}
SIDES = {"ingress": "inbound", "egress": "outbound"}


class RefusedError(Exception):
    """Why an edit cannot be made."""


def one_of(snapshot: Snapshot, of: type[N], what: str, word: str) -> N:
    """The noun of a type that a word means: its id, or a name that no other has."""
    found = snapshot.get(of, word)
    if found is not None:
        return found
    named = [noun for noun in snapshot.all(of) if word and noun.name == word]
    if len(named) == 1:
        return named[0]
    if named:
        raise RefusedError(f"`{word}` may mean {', '.join(f'`{noun.id}`' for noun in named)}; write one of these")
    known = [text for noun in snapshot.all(of) for text in (noun.id, noun.name) if text]
    raise RefusedError(f"there is no {what} `{word}`{did_you_mean(word, known)}")


def _traffic(word: str) -> Traffic:
    try:
        return Traffic.of(Service.parse(word))
    except ServiceError as error:
        raise RefusedError(str(error)) from None


def _block(word: str) -> Prefix:
    try:
        return Prefix.parse(word)
    except AddressError as error:
        raise RefusedError(str(error)) from None


# --- security groups -------------------------------------------------------------------------------------------------------------


def group_after(snapshot: Snapshot, edit: Open | Close) -> SecurityGroup:
    """A security group with a rule more or less."""
    group = one_of(snapshot, SecurityGroup, "security group", edit.group)
    direction = DIRECTIONS[edit.way]
    rules: tuple[Permission, ...] = getattr(group, SIDES[direction])
    peer, traffic = _peer(snapshot, edit.peer), _traffic(edit.service)
    same = [rule for rule in rules if (rule.peer, rule.traffic) == (peer, traffic)]
    if isinstance(edit, Open):
        if same:
            raise RefusedError(f"{same[0].origin.part} of `{group.id}` is that rule already")
        number = 1 + max((int(rule.origin.part.split()[-1]) for rule in rules if rule.origin.part.split()[-1].isdigit()), default=0)
        rules = (*rules, Permission(peer, traffic, Origin(group.id, f"{direction} {number}")))
    else:
        if not same:
            others = [f"{rule.traffic} {edit.way} {_peer_word(rule.peer)}" for rule in rules]
            known = f"it has {', '.join(others[:5])}{', …' if len(others) > 5 else ''}" if others else "it has none in this direction"
            raise RefusedError(f"`{group.id}` has no such rule; {known}")
        rules = tuple(rule for rule in rules if rule not in same)
    return replace(group, inbound=rules) if direction == "ingress" else replace(group, outbound=rules)


def _peer(snapshot: Snapshot, word: str) -> Peer:
    try:
        return Prefix.parse(word)
    except AddressError as error:
        if snapshot.get(PrefixList, word):
            return ListPeer(word)
        try:
            return GroupPeer(one_of(snapshot, SecurityGroup, "security group or prefix list", word).id)
        except RefusedError as unknown:
            raise RefusedError(str(error) if word[:1].isdigit() or ":" in word else str(unknown)) from None


def _peer_word(peer: Peer) -> str:
    return str(peer) if isinstance(peer, Prefix) else peer.id


def member_after(snapshot: Snapshot, edit: Join | Leave) -> NetworkInterface:
    """An interface in a group more or less."""
    interface = one_of(snapshot, NetworkInterface, "network interface", edit.interface)
    group = one_of(snapshot, SecurityGroup, "security group", edit.group)
    groups = interface.groups or ()
    if not interface.has_groups:
        raise RefusedError(f"an interface of type {interface.type} has no security groups")
    if isinstance(edit, Join):
        if group.id in groups:
            raise RefusedError(f"`{interface.id}` is in `{group.id}` already")
        if group.vpc != interface.vpc:
            raise RefusedError(f"`{group.id}` is a group of VPC `{group.vpc}`, and `{interface.id}` lies in `{interface.vpc}` (SG-1)")
        return replace(interface, groups=(*groups, group.id))
    if group.id not in groups:
        raise RefusedError(f"`{interface.id}` is not in `{group.id}`; it is in {', '.join(f'`{name}`' for name in groups) or 'no group'}")
    if len(groups) == 1:
        raise RefusedError(f"`{group.id}` is the only group of `{interface.id}`, which has at least one; join another first")
    return replace(interface, groups=tuple(name for name in groups if name != group.id))


def checked(snapshot: Snapshot, edit: Check) -> NetworkInterface:
    """An interface with its source/destination check on or off."""
    interface = one_of(snapshot, NetworkInterface, "network interface", edit.interface)
    if interface.check == (edit.state == "on"):
        raise RefusedError(f"the source/destination check of `{interface.id}` is {edit.state} already")
    return replace(interface, check=edit.state == "on")


# --- network ACLs ----------------------------------------------------------------------------------------------------------------


def with_entry(snapshot: Snapshot, edit: Allow | Deny) -> NetworkAcl:
    """A network ACL with an entry more."""
    acl = one_of(snapshot, NetworkAcl, "network ACL", edit.acl)
    direction = DIRECTIONS[edit.way]
    entries: tuple[AclEntry, ...] = getattr(acl, SIDES[direction])
    number = _number(edit.number)
    if any(entry.number == number for entry in entries):
        side = SIDES[direction]
        raise RefusedError(f"`{acl.id}` has {side} entry {number} already; `clear {acl.id} {number} {side}` first, or take another number")
    origin = Origin(acl.id, f"{direction} rule {number}")
    entry = AclEntry(number, isinstance(edit, Allow), _block(edit.block), _traffic(edit.service), origin)
    return _with_entries(acl, direction, (*entries, entry))


def without_entry(snapshot: Snapshot, edit: Clear) -> NetworkAcl:
    """A network ACL with an entry less."""
    acl = one_of(snapshot, NetworkAcl, "network ACL", edit.acl)
    direction = DIRECTIONS[edit.way]
    entries: tuple[AclEntry, ...] = getattr(acl, SIDES[direction])
    number = _number(edit.number)
    kept = tuple(entry for entry in entries if entry.number != number)
    if kept == entries:
        known = ", ".join(str(one) for one in sorted({entry.number for entry in entries if entry.number <= LAST_RULE}))
        raise RefusedError(f"`{acl.id}` has no {edit.way} entry {number}; it has {known or 'none'}")
    return _with_entries(acl, direction, kept)


def _with_entries(acl: NetworkAcl, direction: str, entries: tuple[AclEntry, ...]) -> NetworkAcl:
    return replace(acl, inbound=entries) if direction == "ingress" else replace(acl, outbound=entries)


def _number(word: str) -> int:
    if not (word.isascii() and word.isdigit() and 1 <= int(word) <= LAST_RULE):
        raise RefusedError(f"`{word}` is no number of an entry; write one from 1 to {LAST_RULE}")
    return int(word)


# --- routes and associations -----------------------------------------------------------------------------------------------------


def with_route(snapshot: Snapshot, edit: SetRoute) -> RouteTable:
    """A route table with a route more, or with another target for it."""
    table = one_of(snapshot, RouteTable, "route table", edit.table)
    destination = _destination(snapshot, edit.block)
    kind, target = _target(snapshot, edit.target)
    entry = RouteEntry(destination, kind, target, Origin(table.id, f"route {destination}"), blackhole=edit.target == "blackhole")
    at = next((at for at, one in enumerate(table.routes) if one.destination == destination and not one.propagated), None)
    if at is None:
        return replace(table, routes=(*table.routes, entry))
    if replace(table.routes[at], origin=entry.origin) == entry:
        raise RefusedError(f"`{table.id}` has that route already")
    return replace(table, routes=(*table.routes[:at], entry, *table.routes[at + 1 :]))


def without_route(snapshot: Snapshot, edit: Unroute) -> RouteTable:
    """A route table with a route less."""
    table = one_of(snapshot, RouteTable, "route table", edit.table)
    destination = _destination(snapshot, edit.block)
    kept = tuple(one for one in table.routes if one.destination != destination or one.propagated)
    if kept == table.routes:
        known = ", ".join(str(one.destination) for one in table.routes if not one.propagated)
        raise RefusedError(f"`{table.id}` has no static route for {destination}; it has {known or 'none'}")
    if any(one.destination == destination and one.kind == LOCAL for one in table.routes):
        raise RefusedError(f"the local route for {destination} cannot be removed (RT-17)")
    return replace(table, routes=kept)


def _destination(snapshot: Snapshot, word: str) -> Prefix | str:
    try:
        return Prefix.parse(word)
    except AddressError as error:
        if snapshot.get(PrefixList, word):
            return word
        known = [noun.id for noun in snapshot.all(PrefixList)]
        raise RefusedError(f"{error}, nor the name of a prefix list{did_you_mean(word, known)}") from None


def _target(snapshot: Snapshot, word: str) -> tuple[str, str]:
    """The kind and the id of a route's target."""
    if word == LOCAL:
        return LOCAL, ""
    if word == "blackhole":
        return "", ""
    for name in TARGET_KINDS:
        for kind in snapshot.kinds:
            if kind.name == name and snapshot.get(kind.noun, word):
                return name, word
    known = [name for kind in snapshot.kinds if kind.name in TARGET_KINDS for name in snapshot.nouns.get(kind.noun, {})]
    raise RefusedError(f"target `{word}` does not exist{did_you_mean(word, known)}")


def associated(snapshot: Snapshot, edit: Associate) -> list[Noun]:
    """All that changes when a subnet gets a table."""
    subnet = one_of(snapshot, Subnet, "subnet", edit.subnet)
    to = _table(snapshot, edit.table)
    if to.vpc != subnet.vpc:
        raise RefusedError(f"`{to.id}` belongs to VPC `{to.vpc}`, and `{subnet.id}` lies in `{subnet.vpc}`")
    named = subnet.route_table if isinstance(to, RouteTable) else subnet.network_acl
    if subnet.id in to.subnets or named == to.id:
        raise RefusedError(f"`{subnet.id}` is associated with `{to.id}` already")
    return [*_parted(snapshot, subnet, to), replace(to, subnets=(*to.subnets, subnet.id))]


def released(snapshot: Snapshot, edit: Release) -> list[Noun]:
    """All that changes when a subnet loses a table."""
    subnet = one_of(snapshot, Subnet, "subnet", edit.subnet)
    old = _table(snapshot, edit.table)
    named = subnet.route_table if isinstance(old, RouteTable) else subnet.network_acl
    if subnet.id not in old.subnets and named != old.id:
        raise RefusedError(f"`{subnet.id}` is not explicitly associated with `{old.id}`")
    return _parted(snapshot, subnet, old)


def _table(snapshot: Snapshot, word: str) -> RouteTable | NetworkAcl:
    if snapshot.get(NetworkAcl, word):
        return one_of(snapshot, NetworkAcl, "network ACL", word)
    if snapshot.get(RouteTable, word):
        return one_of(snapshot, RouteTable, "route table", word)
    try:
        return one_of(snapshot, RouteTable, "route table or network ACL", word)
    except RefusedError as error:
        try:
            return one_of(snapshot, NetworkAcl, "network ACL", word)
        except RefusedError:
            raise error from None


def _parted(snapshot: Snapshot, subnet: Subnet, of: RouteTable | NetworkAcl) -> list[Noun]:
    """A subnet without an explicit association to tables of one sort."""
    found: list[Noun] = [
        replace(one, subnets=tuple(name for name in one.subnets if name != subnet.id))
        for one in snapshot.all(type(of))
        if subnet.id in one.subnets
    ]
    if isinstance(of, RouteTable) and subnet.route_table:
        found.append(replace(subnet, route_table=""))
    if isinstance(of, NetworkAcl) and subnet.network_acl:
        found.append(replace(subnet, network_acl=""))
    return found
