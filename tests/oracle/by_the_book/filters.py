"""Security groups and network ACLs (sections 5 and 6 of docs/semantics.md): pure judgements of one header."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.aws.network_acl import AclEntry, NetworkAcl
from simulator.aws.permissions import GroupPeer, Permission, Traffic
from simulator.aws.security_group import SecurityGroup
from simulator.packet.flow import Flow
from simulator.packet.prefix import Prefix
from tests.oracle.by_the_book.result import Rule
from tests.oracle.by_the_book.world import World

ICMP, TCP, UDP, ICMPV6 = 1, 6, 17, 58


@dataclass(frozen=True)
class Marks:
    """What AWS knows of the sender: the groups it has, those forgotten on the way, and whether it was let out by rules that name
    groups only (SG-13)."""

    groups: frozenset[str] = frozenset()
    lost: frozenset[str] = frozenset()
    by_reference: bool = False

    def forgotten(self) -> Marks:
        return Marks(lost=self.lost | self.groups)


@dataclass(frozen=True)
class Judgement:
    """Whether a filter lets a header pass, and which rules say so; `unknown`: something that could matter was not read.

    `by_reference`: every rule that lets it pass names a group. `code`: why not.
    """

    passed: bool
    rules: frozenset[Rule] = frozenset()
    code: str = ""
    by_reference: bool = False
    unknown: bool = False


def fits(traffic: Traffic, header: Flow) -> bool:
    """SG-5 to SG-8, NACL-5 to NACL-8: protocol, then destination port or ICMP type and code; never the source port."""
    if traffic.protocol is None:
        return True
    if traffic.protocol != header.protocol:
        return False
    if header.protocol in (TCP, UDP):
        return traffic.ports is None or traffic.ports[0] <= header.destination_port <= traffic.ports[1]
    if header.protocol in (ICMP, ICMPV6):  # SG-8: two protocols
        if traffic.icmp_type is None:
            return True
        return traffic.icmp_type == header.icmp_type and traffic.icmp_code in (None, header.icmp_code)
    return True  # SG-6, NACL-6: other protocols have no ports


def names(items: list[Permission] | list[AclEntry]) -> frozenset[Rule]:
    return frozenset((item.origin.resource, item.origin.part) for item in items)


def judge_groups(world: World, vpc_id: str, groups: list[SecurityGroup], header: Flow, *, inbound: bool, marks: Marks) -> Judgement:
    """SG-1, SG-2: any rule of any group lets it pass.

    Inbound, a reference matches when AWS still knows that a member sent the packet (SG-11, SG-13); the
    code tells when it has forgotten. Outbound, a reference matches the private addresses of the members (SG-11).
    """
    rules = [rule for group in groups for rule in (group.inbound if inbound else group.outbound)]
    if not rules:
        return Judgement(False, code="SG_HAS_NO_RULES")  # SG-3
    far_end = header.source if inbound else header.destination
    matching, forgotten, unknown = [], [], False
    for rule in rules:
        if not fits(rule.traffic, header):
            continue  # a rule for UDP says nothing of TCP, whatever its peer
        if isinstance(rule.peer, GroupPeer):
            if inbound:
                if rule.peer.id in marks.groups:
                    matching.append(rule)
                elif rule.peer.id in marks.lost:
                    forgotten.append(rule)
            elif world.is_member(far_end, rule.peer.id, vpc_id):
                matching.append(rule)
        elif isinstance(rule.peer, Prefix):
            if world.within((rule.peer,), far_end):
                matching.append(rule)
        else:
            entries = world.prefixes_of(rule.peer.id)
            if entries is None:
                unknown = True
            elif world.within(entries, far_end):
                matching.append(rule)
    if matching:
        return Judgement(True, names(matching), by_reference=all(isinstance(rule.peer, GroupPeer) for rule in matching))
    if unknown:
        return Judgement(True, unknown=True)
    if forgotten:
        return Judgement(False, names(forgotten), "SG_REFERENCES_NOT_PRESERVED")
    return Judgement(False, code="ENI_SG_RULES_MISMATCH")


def judge_acl(world: World, acl: NetworkAcl, header: Flow, *, inbound: bool) -> Judgement:
    """NACL-2: the lowest number that matches decides; no match: the `*` rule denies. NACL-5: far end and destination port."""
    entries = acl.inbound if inbound else acl.outbound
    far_end = header.source if inbound else header.destination
    for entry in sorted(entries, key=lambda entry: entry.number):
        if world.within((entry.cidr,), far_end) and fits(entry.traffic, header):
            return Judgement(entry.permit, names([entry]), "" if entry.permit else "SUBNET_ACL_RESTRICTION")
    return Judgement(False, frozenset({(acl.id, f"{'ingress' if inbound else 'egress'} rule *")}), "SUBNET_ACL_RESTRICTION")
