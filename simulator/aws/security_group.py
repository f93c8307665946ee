"""Security groups: allow rules only, all rules of all groups on an interface united, stateful (SG-1 to SG-28).

A group sits at the interface and has no place of its own in a path; `network_interface.py` puts the rules of its groups into a
`SessionMatch` (replies of admitted flows pass, SG-19) and a `Filter` that remembers what it admits.

References to groups. Inbound, `from sg-x` is a test of a mark: did a member send this, and does AWS still know (SG-11, SG-13)?
Outbound, `to sg-y` is the list of the members' private addresses in the same VPC; the packet is marked as let out by reference, so
that a middlebox on the way refuses it. Not modelled: who may reference what across accounts and VPCs (SG-16, SG-17).
AWS pages: "Security group rules", "Amazon EC2 security group connection tracking" (2026).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from simulator.aws.permissions import GroupPeer, ListPeer, Permission, Traffic, permissions_of
from simulator.aws.prefix_list import PrefixList
from simulator.aws.resource import Field, Flag, Item, Kind, ListOf, Peer, Record, Reference, ServiceText, Text, Values
from simulator.aws.snapshot import Draft, Snapshot
from simulator.graph.nodes import Rule, RuleList
from simulator.origin import Origin
from simulator.packet.prefix import Prefix
from simulator.packet.space import Match
from simulator.problems import Problems

INBOUND, OUTBOUND = "ingress", "egress"
Members = Mapping[str, tuple[Prefix, ...] | None]  # private addresses by group; none: nobody knows them
RULE_LIMIT = 60


@dataclass(frozen=True, slots=True)
class SecurityGroup:
    """A group of a VPC. `default` is the group AWS gives to interfaces that name none (SG-4)."""

    id: str
    name: str
    vpc: str
    inbound: tuple[Permission, ...]
    outbound: tuple[Permission, ...]
    origin: Origin
    default: bool = False


def default_group(vpc: str) -> SecurityGroup:
    """The default group as AWS makes it: in from itself, out to everywhere (SG-4)."""
    group_id = f"{vpc}-default"
    origin = Origin(group_id)
    everything = Traffic()
    inbound = (Permission(GroupPeer(group_id), everything, origin.of(f"{INBOUND} 1")),)
    return SecurityGroup(group_id, "default", vpc, inbound, open_permissions(origin, OUTBOUND), origin, default=True)


def open_permissions(origin: Origin, direction: str) -> tuple[Permission, ...]:
    """Everything to or from everywhere, both versions."""
    blocks = (Prefix(4, 0, 0), Prefix(6, 0, 0))
    return tuple(Permission(block, Traffic(), origin.of(f"{direction} {n}")) for n, block in enumerate(blocks, 1))


def rules_of(snapshot: Snapshot, groups: Sequence[str], direction: str, vpc: str, members: Members) -> RuleList:
    """The united rules of some groups in one direction. Rules with addresses come before rules with groups: where both admit a
    packet it does not depend on the reference (SG-13).

    `groups` are sorted and at least one; the first is named where no rule matches. `members` are the private addresses of each
    group's members in the VPC.
    """
    rules: list[Rule] = []
    unread: list[Rule] = []
    for group_id in groups:
        key = ("rules of a group", group_id, direction, vpc)
        of_group, not_read = snapshot.index(key, partial(_rules, snapshot, group_id, direction, members))
        rules += of_group
        unread += not_read
    rules.sort(key=lambda rule: rule.by_reference or rule.match.sender_group is not None)
    first = snapshot.get(SecurityGroup, groups[0])
    deny = Origin(groups[0], f"no {direction} rule matches", first.origin.place if first else None)
    return RuleList(tuple(rules), deny, permit=False, unread=tuple(unread))


def _rules(snapshot: Snapshot, group_id: str, direction: str, members: Members) -> tuple[list[Rule], list[Rule]]:
    """The rules of one group in one direction, and those that depend on what was not read."""
    group = snapshot.get(SecurityGroup, group_id)
    if group is None:
        return [], [Rule(Match(), True, Origin(group_id, "not in what was read"))]
    rules: list[Rule] = []
    unread: list[Rule] = []
    for permission in group.inbound if direction == INBOUND else group.outbound:
        match = _match(snapshot, permission, direction, members)
        if match is None:
            unread.append(Rule(permission.traffic.match(), True, permission.origin))
        else:
            by_reference = direction == OUTBOUND and isinstance(permission.peer, GroupPeer)
            rules.append(Rule(match, True, permission.origin, by_reference))
    return rules, unread


def _match(snapshot: Snapshot, permission: Permission, direction: str, members: Members) -> Match | None:
    """The condition of a permission; none when it depends on a prefix list that was not read."""
    traffic, peer = permission.traffic, permission.peer
    if isinstance(peer, GroupPeer):
        if direction == INBOUND:
            return traffic.match(sender_group=peer.id)
        destinations = members.get(peer.id, ())
        return None if destinations is None else traffic.match(destinations=destinations)
    if isinstance(peer, ListPeer):
        found = snapshot.get(PrefixList, peer.id)
        if found is None or found.entries is None:
            return None
        blocks = found.entries
    else:
        blocks = (peer,)
    return traffic.match(sources=blocks) if direction == INBOUND else traffic.match(destinations=blocks)


def _scenario(name: str, values: Values, draft: Draft) -> None:
    origin = Origin(name, place=values.place)
    inbound = _permissions(origin, INBOUND, "from", values.get("inbound", ()))
    outbound = _permissions(origin, OUTBOUND, "to", values.get("outbound", ()))
    if "outbound" not in values:  # a new group lets everything out (SG-3)
        outbound = open_permissions(origin, OUTBOUND)
    draft.add(SecurityGroup(name, "", values["vpc"], inbound, outbound, origin, values.get("default", False)))


def _permissions(origin: Origin, direction: str, end: str, rules: Iterable[Values]) -> tuple[Permission, ...]:
    found: list[Permission] = []
    for values in rules:
        for peer in values[end]:
            for service in values["allow"]:
                part = origin.of(f"{direction} {len(found) + 1}", values.place)
                found.append(Permission(peer if isinstance(peer, Prefix) else GroupPeer(peer), Traffic.of(service), part))
    return tuple(found)


def _complete(group: SecurityGroup, draft: Draft) -> None:
    """A name in a scenario's rule may be that of a prefix list, written anywhere."""
    inbound, outbound = (tuple(_settled(rule, draft) for rule in rules) for rules in (group.inbound, group.outbound))
    draft.replace(replace(group, inbound=inbound, outbound=outbound))


def _settled(permission: Permission, draft: Draft) -> Permission:
    peer = permission.peer
    if isinstance(peer, GroupPeer) and draft.get(PrefixList, peer.id) and not draft.get(SecurityGroup, peer.id):
        return replace(permission, peer=ListPeer(peer.id))
    return permission


def _describe(item: Item, draft: Draft) -> None:
    group_id = item.data["GroupId"]
    origin = Origin(group_id, place=item.place())
    name = item.get("GroupName", "")
    draft.add(
        SecurityGroup(
            group_id,
            item.tag() or name,
            item.get("VpcId", ""),
            tuple(permissions_of(item, origin, "IpPermissions", INBOUND)),
            tuple(permissions_of(item, origin, "IpPermissionsEgress", OUTBOUND)),
            origin,
            default=name == "default",
        )
    )


def _check(group: SecurityGroup, snapshot: Snapshot, problems: Problems) -> None:
    for direction, permissions in ((INBOUND, group.inbound), (OUTBOUND, group.outbound)):
        if len(permissions) > RULE_LIMIT:
            problems.warn(
                f"security group `{group.id}` has {len(permissions)} {direction} rules; AWS allows {RULE_LIMIT} without a raised quota",
                group.origin.place,
            )
        for permission in permissions:
            peer = permission.peer
            if isinstance(peer, GroupPeer) and snapshot.get(SecurityGroup, peer.id) is None:
                problems.warn(
                    f"security group `{group.id}`: {permission.origin.part} names `{peer.id}`, which was not read and matches nobody",
                    permission.origin.place,
                )
            elif isinstance(peer, ListPeer) and snapshot.get(PrefixList, peer.id) is None:
                problems.warn(
                    f"security group `{group.id}`: {permission.origin.part} names prefix list `{peer.id}`, which was not read",
                    permission.origin.place,
                )


def _rule_fields(end: str, about: str) -> Record:
    return Record(
        (
            Field(end, ListOf(Peer()), about, required=True),
            Field("allow", ListOf(ServiceText()), "the services let through: `tcp/443`, `all`, or a list", required=True),
            Field("description", Text(), "a note for people"),
        )
    )


KIND = Kind(
    name="security-group",
    noun=SecurityGroup,
    about="stateful allow rules on interfaces",
    section="security_groups",
    fields=(
        Field("vpc", Reference(("vpc",)), "the VPC the group belongs to", required=True),
        Field("inbound", ListOf(_rule_fields("from", "blocks, groups or prefix lists")), "what may come in; none: nothing"),
        Field("outbound", ListOf(_rule_fields("to", "blocks, groups or prefix lists")), "what may go out; left out: everything"),
        Field("default", Flag(), "whether this is the default group of the VPC"),
    ),
    scenario=_scenario,
    describe={"SecurityGroups": _describe},
    prefix="sg",
    complete=_complete,
    check=_check,
)
