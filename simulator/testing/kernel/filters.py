"""Rules of network ACLs and security groups as nftables text (docs/semantics.md, sections 5 and 6).

Every rule of AWS becomes one or a few rules here, in AWS's order; nothing is merged or reordered. IPv6 entries are left out (MODEL-2).
What AWS knows of a packet beside its header travels in DSCP bits, set by `card`: 1, its sender is known by one of its private addresses
(SG-11); 2, it was let out only by a rule that names a group (SG-13, outbound column); 4, it came by a transit gateway (TGW-11).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from simulator.aws.network_acl import AclEntry, NetworkAcl
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.permissions import GroupPeer, ListPeer, Permission, Traffic
from simulator.aws.prefix_list import PrefixList
from simulator.aws.security_group import SecurityGroup
from simulator.aws.snapshot import Snapshot
from simulator.packet.flow import ICMP, TCP, UDP
from simulator.packet.prefix import Prefix, format_address
from simulator.testing.kernel.links import Links
from simulator.testing.kernel.plan import Plan

KNOWN, BY_REFERENCE, BY_TRANSIT = 1, 2, 4
KNOWN_BY_REFERENCE = KNOWN + BY_REFERENCE
ALL_PORTS = (0, 65535)


class OutOfScopeError(Exception):
    """The network has something that this bed does not build; the message says what."""


def addresses(values: Iterable[int]) -> str:
    """An anonymous set of addresses."""
    return "{ " + ", ".join(format_address(4, value) for value in sorted(set(values))) + " }"


def private(interface: NetworkInterface) -> list[int]:
    """The private IPv4 addresses of an interface, the primary one first, those of delegated prefixes last (ENI-2)."""
    delegated = [value for block in interface.delegated if block.version == 4 for value in range(block.first, block.last + 1)]
    return [value for version, value in interface.private_addresses if version == 4] + delegated


def _block(field: str, prefix: Prefix) -> str:
    return "" if prefix.length == 0 else f"{field} {prefix}"


def _traffic(traffic: Traffic) -> str:
    """Protocol, destination ports, type and code (SG-5 to SG-7, NACL-5 to NACL-8)."""
    if traffic.protocol is None:
        return ""
    words = [f"meta l4proto {traffic.protocol}"]
    if traffic.protocol in (TCP, UDP) and traffic.ports and traffic.ports != ALL_PORTS:
        first, last = traffic.ports
        words.append(f"th dport {first}" if first == last else f"th dport {first}-{last}")
    if traffic.protocol == ICMP:
        if traffic.icmp_type is not None:
            words.append(f"icmp type {traffic.icmp_type}")
        if traffic.icmp_code is not None:
            words.append(f"icmp code {traffic.icmp_code}")
    return " ".join(words)


# --- network ACLs ----------------------------------------------------------------------------------------------------------------


def acl_chain(plan: Plan, acl: NetworkAcl, direction: str) -> Iterator[str]:
    """The lines of one list: it returns what it permits, and loses what it denies at the rule's own site (NACL-2)."""
    inbound = direction == "ingress"
    for entry in sorted(acl.inbound if inbound else acl.outbound, key=_number):
        if entry.cidr.version == 4:
            match = f"{_block('ip saddr' if inbound else 'ip daddr', entry.cidr)} {_traffic(entry.traffic)}"
            verdict = "return" if entry.permit else plan.site(f"acl {direction}", acl.id, f"{direction} rule {entry.number}")
            yield f"{match} {verdict}"
    yield plan.site(f"acl {direction}", acl.id, f"{direction} rule *")


def _number(entry: AclEntry) -> int:
    return entry.number


# --- security groups -------------------------------------------------------------------------------------------------------------


def group_lines(links: Links, interface: NetworkInterface, *, inbound: bool) -> Iterator[str]:
    """One line for each rule of all groups of an interface, without a verdict for what none of them admits (SG-1 to SG-3).

    Rules with addresses stand before rules with groups: what both admit does not depend on the reference. Outbound, a packet that
    only a reference admits is told so by its DSCP bit.
    """
    later: list[str] = []
    snapshot = links.snapshot
    if not interface.groups:
        raise OutOfScopeError(f"what groups {interface.id} has was not read")
    for group_id in interface.groups or ():
        group = snapshot.get(SecurityGroup, group_id)
        if group is None:
            raise OutOfScopeError(f"security group {group_id} was not read")
        for permission in group.inbound if inbound else group.outbound:
            if isinstance(permission.peer, GroupPeer):
                later.extend(_by_reference(links, interface, permission, permission.peer, inbound=inbound))
            else:
                field = "ip saddr" if inbound else "ip daddr"
                yield from (f"{_block(field, block)} {_traffic(permission.traffic)} return" for block in _blocks(snapshot, permission))
    yield from later


def _blocks(snapshot: Snapshot, permission: Permission) -> list[Prefix]:
    peer = permission.peer
    if isinstance(peer, ListPeer):
        found = snapshot.get(PrefixList, peer.id)
        if found is None or found.entries is None:
            raise OutOfScopeError(f"prefix list {peer.id} was not read")
        return [entry for entry in found.entries if entry.version == 4]
    return [peer] if isinstance(peer, Prefix) and peer.version == 4 else []


def _by_reference(links: Links, interface: NetworkInterface, permission: Permission, peer: GroupPeer, *, inbound: bool) -> Iterator[str]:
    """A rule that names a group means the private addresses of its members (SG-11, SG-18): outbound those in the VPC and its peers,
    inbound those of all who may come with their sender known (SG-13).
    """
    within = {interface.vpc, *(links.neighbours(interface.vpc) if inbound else links.peers(interface.vpc))}
    near = [other for other in links.snapshot.all(NetworkInterface) if other.vpc in within]
    members = {value for other in near if peer.id in (other.groups or ()) for value in private(other)}
    others = {value for other in near if peer.id not in (other.groups or ()) for value in private(other)}
    if members & others:
        raise OutOfScopeError(f"rules that name {peer.id}, of which a member has the address of somebody else")
    if not members:
        return
    if inbound:
        # An interface endpoint knows nobody who comes by a transit gateway.
        known = (KNOWN, KNOWN_BY_REFERENCE) if interface.type == "vpc_endpoint" else (KNOWN, KNOWN_BY_REFERENCE, KNOWN + BY_TRANSIT)
        yield f"ip dscp {{ {', '.join(map(str, known))} }} ip saddr {addresses(members)} {_traffic(permission.traffic)} return"
        return
    match = f"ip daddr {addresses(members)} {_traffic(permission.traffic)}"
    yield f"{match} ip dscp {KNOWN} ip dscp set {KNOWN_BY_REFERENCE} return"
    yield f"{match} ip dscp set {BY_REFERENCE} return"
