"""One permission of a security group, and the entry of a network ACL: peer, protocol, ports; what AWS ignores and what it reads.

Both rule kinds share the fields and differ in what counts: SG-5 to SG-9, NACL-5 to NACL-8.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from simulator.aws.resource import Item
from simulator.origin import Origin
from simulator.packet.flow import ICMP, ICMPV6, WITH_PORTS, WITH_TYPES
from simulator.packet.prefix import Prefix
from simulator.packet.ranges import Interval
from simulator.packet.service import NUMBERS, Service
from simulator.packet.space import Match


@dataclass(frozen=True, slots=True)
class GroupPeer:
    """A rule's peer that is a security group (SG-9)."""

    id: str


@dataclass(frozen=True, slots=True)
class ListPeer:
    """A rule's peer that is a prefix list: each entry counts (SG-9)."""

    id: str


Peer = Prefix | GroupPeer | ListPeer


@dataclass(frozen=True, slots=True)
class Traffic:
    """Protocol, ports, type and code of a rule after AWS has ignored what it ignores; none means every one."""

    protocol: int | None = None
    ports: Interval | None = None
    icmp_type: int | None = None
    icmp_code: int | None = None

    @classmethod
    def of(cls, service: Service) -> Traffic:
        """The traffic of a scenario's service word; `icmp` in a rule is every ICMP type."""
        return cls(service.protocol, service.ports, service.icmp_type, service.icmp_code)

    @classmethod
    def of_permission(cls, data: Mapping[str, Any]) -> Traffic:
        """The traffic of an `IpPermission`: ports count for TCP and UDP, type and code for ICMP (SG-6, SG-7).

        >>> Traffic.of_permission({"IpProtocol": "icmp", "FromPort": 8, "ToPort": 0})
        Traffic(protocol=1, ports=None, icmp_type=8, icmp_code=0)
        >>> Traffic.of_permission({"IpProtocol": "50", "FromPort": 1, "ToPort": 2})
        Traffic(protocol=50, ports=None, icmp_type=None, icmp_code=None)
        """
        protocol = protocol_number(data.get("IpProtocol", "-1"))
        first, last = data.get("FromPort"), data.get("ToPort")
        if protocol in WITH_TYPES:
            return cls._icmp(protocol, first, last)
        if protocol in WITH_PORTS and first is not None and int(first) >= 0:
            return cls(protocol, (int(first), int(first if last is None else last)))
        return cls(protocol)

    @classmethod
    def of_acl_entry(cls, data: Mapping[str, Any], version: int) -> Traffic:
        """The traffic of a network ACL entry (NACL-6 to NACL-8).

        >>> Traffic.of_acl_entry({"Protocol": "-1", "PortRange": {"From": 0, "To": 80}}, 4)
        Traffic(protocol=None, ports=None, icmp_type=None, icmp_code=None)
        """
        protocol = protocol_number(data.get("Protocol", "-1"))
        ports, icmp = data.get("PortRange"), data.get("IcmpTypeCode")
        if protocol in WITH_PORTS and ports:
            return cls(protocol, (int(ports.get("From", 0)), int(ports.get("To", 65535))))
        if protocol == ICMP or (protocol == ICMPV6 and version == 6):
            return cls._icmp(protocol, *((icmp.get("Type"), icmp.get("Code")) if icmp else (None, None)))
        return cls(protocol)

    @classmethod
    def _icmp(cls, protocol: int, kind: Any, code: Any) -> Traffic:
        if kind is None or int(kind) < 0:  # type -1 forces code -1 (SG-7)
            return cls(protocol)
        return cls(protocol, None, int(kind), None if code is None or int(code) < 0 else int(code))

    def match(
        self,
        *,
        sources: tuple[Prefix, ...] | None = None,
        destinations: tuple[Prefix, ...] | None = None,
        sender_group: str | None = None,
    ) -> Match:
        """The condition of a rule with this traffic between these ends."""
        return Match(
            sources=sources,
            destinations=destinations,
            protocol=self.protocol,
            destination_ports=self.ports,
            icmp_type=self.icmp_type,
            icmp_code=self.icmp_code,
            sender_group=sender_group,
        )

    def __str__(self) -> str:
        return str(Service(self.protocol, self.ports, self.icmp_type, self.icmp_code))


@dataclass(frozen=True, slots=True)
class Permission:
    """One rule of a security group: one peer, one traffic. AWS lists several peers in one `IpPermission`; each is a rule here."""

    peer: Peer
    traffic: Traffic
    origin: Origin


def protocol_number(word: object) -> int | None:
    """The number of a protocol as AWS writes it; none for `-1`, every protocol. Raises `ValueError` for an unknown word.

    >>> protocol_number("TCP"), protocol_number("-1"), protocol_number("47")
    (6, None, 47)
    """
    text = str(word).strip().lower()
    if text in ("-1", "all"):
        return None
    number = NUMBERS.get(text)
    return number if number is not None else int(text)


def permissions_of(item: Item, owner: Origin, key: str, direction: str) -> Iterator[Permission]:
    """The rules in `IpPermissions` or `IpPermissionsEgress` of a described group, numbered in the order AWS lists them."""
    number = 0
    for index, data in enumerate(item.get(key, ())):
        traffic = Traffic.of_permission(data)
        for peer, path in _peers(item, data):
            number += 1
            place = item.place(key, index, *path)
            yield Permission(peer, traffic, Origin(owner.resource, f"{direction} {number}", place))


def _peers(item: Item, data: Mapping[str, Any]) -> Iterator[tuple[Peer, tuple[str | int, ...]]]:
    for key, field in (("IpRanges", "CidrIp"), ("Ipv6Ranges", "CidrIpv6")):
        for index, entry in enumerate(data.get(key) or ()):
            yield cidr_of(item, entry[field], "a rule"), (key, index)
    for index, entry in enumerate(data.get("UserIdGroupPairs") or ()):
        yield GroupPeer(entry.get("GroupId") or entry.get("GroupName", "")), ("UserIdGroupPairs", index)
    for index, entry in enumerate(data.get("PrefixListIds") or ()):
        yield ListPeer(entry["PrefixListId"]), ("PrefixListIds", index)


def cidr_of(item: Item, text: str, what: str) -> Prefix:
    """The block of a text in an AWS answer; bits beyond the length are cut off with a warning (NACL-11, VPC-1)."""
    prefix, exact = Prefix.parse_loose(text)
    if not exact:
        item.problems.warn(f"{what}: `{text}` has bits set beyond the prefix length; read as {prefix}", item.place())
    return prefix
