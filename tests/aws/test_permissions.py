"""One permission: protocols by name and number, and what AWS ignores (SG-6, SG-7, NACL-6 to NACL-8)."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.aws.permissions import Traffic, protocol_number
from simulator.packet.flow import NO_MARKS, Flow
from simulator.packet.service import Service


@pytest.mark.parametrize(
    ("word", "number"),
    [
        ("tcp", 6),
        ("TCP", 6),
        ("6", 6),
        (6, 6),
        ("udp", 17),
        ("icmp", 1),
        ("icmpv6", 58),
        ("58", 58),
        ("-1", None),
        ("all", None),
        ("47", 47),
    ],
)
def test_protocols_by_name_and_number(word: object, number: int | None) -> None:
    assert protocol_number(word) == number


def test_an_unknown_protocol_is_refused() -> None:
    with pytest.raises(ValueError, match="ip-in-ip"):
        protocol_number("ip-in-ip")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}, "tcp/443"),
        ({"IpProtocol": "tcp", "FromPort": 80, "ToPort": 90}, "tcp/80-90"),
        ({"IpProtocol": "tcp", "FromPort": 80}, "tcp/80"),
        ({"IpProtocol": "tcp"}, "tcp"),
        ({"IpProtocol": "udp", "FromPort": 0, "ToPort": 65535}, "udp/0-65535"),
        ({"IpProtocol": "tcp", "FromPort": -1, "ToPort": -1}, "tcp"),
        ({"IpProtocol": "-1", "FromPort": 1, "ToPort": 2}, "all"),
        ({}, "all"),
        ({"IpProtocol": "50", "FromPort": 1, "ToPort": 2}, "esp"),
        ({"IpProtocol": "icmp", "FromPort": 8, "ToPort": 0}, "icmp/8/0"),
        ({"IpProtocol": "icmp", "FromPort": 8, "ToPort": -1}, "icmp/8"),
        ({"IpProtocol": "icmp", "FromPort": -1, "ToPort": 4}, "icmp"),
        ({"IpProtocol": "icmp"}, "icmp"),
        ({"IpProtocol": "icmpv6", "FromPort": 128, "ToPort": 0}, "icmpv6/128/0"),
    ],
)
def test_SG_6_SG_7_the_traffic_of_a_permission(data: dict[str, Any], text: str) -> None:
    assert str(Traffic.of_permission(data)) == text


@pytest.mark.parametrize(
    ("data", "version", "text"),
    [
        ({"Protocol": "6", "PortRange": {"From": 80, "To": 90}}, 4, "tcp/80-90"),
        ({"Protocol": "6"}, 4, "tcp"),
        ({"Protocol": "-1", "PortRange": {"From": 80, "To": 90}}, 4, "all"),
        ({"Protocol": "50", "PortRange": {"From": 80, "To": 90}}, 4, "esp"),
        ({"Protocol": "1", "IcmpTypeCode": {"Type": 8, "Code": 0}}, 4, "icmp/8/0"),
        ({"Protocol": "1", "IcmpTypeCode": {"Type": 8, "Code": -1}}, 4, "icmp/8"),
        ({"Protocol": "1", "IcmpTypeCode": {"Type": -1, "Code": -1}}, 4, "icmp"),
        ({"Protocol": "1"}, 4, "icmp"),
        ({"Protocol": "58", "IcmpTypeCode": {"Type": 128, "Code": 0}}, 6, "icmpv6/128/0"),
        ({"Protocol": "58", "IcmpTypeCode": {"Type": 128, "Code": 0}}, 4, "icmpv6"),
    ],
)
def test_NACL_6_NACL_7_NACL_8_the_traffic_of_an_entry(data: dict[str, Any], version: int, text: str) -> None:
    assert str(Traffic.of_acl_entry(data, version)) == text


def test_icmp_in_a_rule_is_every_type_though_in_a_question_it_is_a_ping() -> None:
    match = Traffic.of(Service.parse("icmp")).match()
    assert all(match.covers(Flow(4, 1, 2, 1, icmp_type=kind, icmp_code=code), NO_MARKS) for kind in (0, 3, 8, 255) for code in (0, 7))


def test_NACL_6_an_entry_may_leave_out_either_end_of_its_ports() -> None:
    assert str(Traffic.of_acl_entry({"Protocol": "6", "PortRange": {"To": 80}}, 4)) == "tcp/0-80"
    assert str(Traffic.of_acl_entry({"Protocol": "6", "PortRange": {"From": 80}}, 4)) == "tcp/80-65535"
    assert str(Traffic.of_acl_entry({"Protocol": "6"}, 4)) == "tcp"
