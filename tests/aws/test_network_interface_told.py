"""Network interfaces: what an answer of AWS says of them, and addresses that are taken where none was told (ENI-2, IGW-16, NLB-1)."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.aws.network_interface import UNSET, InterfaceAddress, NetworkInterface
from simulator.aws.registry import RESOURCES
from simulator.aws.snapshot import Draft
from simulator.aws.subnet import Subnet
from simulator.origin import Origin
from simulator.packet.prefix import Prefix, format_address, parse_address
from tests.aws.reading import Describe, Scenario, errors, interface


def described(describe: Describe, **more: Any) -> NetworkInterface:
    network = describe(NetworkInterfaces=[{**interface("eni-1", "subnet-1", "10.0.0.9", "sg-1"), **more}])
    (found,) = network.snapshot.all(NetworkInterface)
    return found


def test_the_primary_addresses_come_first_and_each_has_its_public_one(describe: Describe) -> None:
    found = described(
        describe,
        PrivateIpAddresses=[
            {"PrivateIpAddress": "10.0.0.8", "Primary": False},
            {"PrivateIpAddress": "10.0.0.9", "Primary": True, "Association": {"PublicIp": "198.51.100.9"}},
        ],
        Ipv6Addresses=[{"Ipv6Address": "2001:db8::8"}, {"Ipv6Address": "2001:db8::9", "IsPrimaryIpv6": True}],
        Ipv4Prefixes=[{"Ipv4Prefix": "10.0.0.16/28"}],
        Ipv6Prefixes=[{"Ipv6Prefix": "2001:db8:0:0:1::/80"}],
    )
    assert found.private_addresses == tuple(map(parse_address, ("10.0.0.9", "10.0.0.8", "2001:db8::9", "2001:db8::8")))
    assert [address.public for address in found.addresses] == [parse_address("198.51.100.9"), None, None, None]
    assert found.delegated == (Prefix.parse("10.0.0.16/28"), Prefix.parse("2001:db8:0:0:1::/80"))


def test_an_interface_that_tells_one_address_only(describe: Describe) -> None:
    found = described(describe, PrivateIpAddresses=[], Association={"PublicIp": "198.51.100.9"})
    assert found.addresses == (InterfaceAddress(parse_address("10.0.0.9"), parse_address("198.51.100.9")),)


@pytest.mark.parametrize(
    ("more", "owner"),
    [
        ({"Attachment": {"InstanceId": "i-1"}, "Description": "mine"}, "i-1"),
        ({"Attachment": {"AttachmentId": "eni-attach-1"}, "Description": "ELB app/web/1"}, "ELB app/web/1"),
    ],
)
def test_whose_an_interface_is(describe: Describe, more: dict[str, Any], owner: str) -> None:
    assert described(describe, **more).owner == owner


@pytest.mark.parametrize(
    ("more", "attached"),
    [
        ({"Status": "available"}, False),
        ({"Status": "in-use"}, True),
        ({"Status": "available", "Attachment": {"AttachmentId": "eni-attach-1"}}, True),
    ],
)
def test_ENI_6_what_is_attached(describe: Describe, more: dict[str, Any], attached: bool) -> None:
    assert described(describe, **more).attached is attached


@pytest.mark.parametrize(
    ("more", "closed"),
    [
        ({}, False),
        ({"DenyAllIgwTraffic": True}, True),
        ({"InterfaceType": "vpc_endpoint"}, True),
        ({"InterfaceType": "gateway_load_balancer_endpoint"}, True),
    ],
)
def test_IGW_16_which_interfaces_an_internet_gateway_does_not_reach(describe: Describe, more: dict[str, Any], closed: bool) -> None:
    assert described(describe, **more).closed_to_internet is closed


@pytest.mark.parametrize(
    ("kind", "groups", "has_groups"),
    [
        ("interface", (), True),
        ("network_load_balancer", (), False),
        ("network_load_balancer", ("sg-1",), True),
        ("nat_gateway", (), False),
        ("transit_gateway", ("sg-1",), False),
    ],
)
def test_NLB_1_which_interfaces_groups_judge(kind: str, groups: tuple[str, ...], has_groups: bool) -> None:
    assert NetworkInterface("eni", "", "vpc", "a", (), groups, Origin("eni"), type=kind).has_groups is has_groups


def taken(*interfaces: tuple[str, str]) -> list[tuple[str, str]]:
    """Private and public addresses of interfaces that were told neither, by name and subnet."""
    draft = Draft(RESOURCES)
    for subnet, block in (("a", "10.0.0.0/24"), ("b", "10.0.1.0/24")):
        draft.add(Subnet(subnet, "", "vpc", (Prefix.parse(block),), "z", Origin(subnet)))
    for name, subnet in interfaces:
        draft.add(NetworkInterface(name, "", "vpc", subnet, (InterfaceAddress(UNSET, UNSET),), (), Origin(name)))
    found = draft.finish().all(NetworkInterface)
    addresses = [one.addresses[0] for one in found]
    return [(format_address(*one.private), format_address(*one.public)) for one in addresses if one.public is not None]


def test_VPC_9_free_addresses_are_taken_in_each_subnet_and_each_once() -> None:
    assert taken(("one", "a"), ("two", "a"), ("three", "b"), ("four", "a")) == [
        ("10.0.0.4", "198.18.0.1"),
        ("10.0.0.5", "198.18.0.2"),
        ("10.0.1.4", "198.18.0.3"),
        ("10.0.0.6", "198.18.0.4"),
    ]


def test_an_interface_of_no_subnet_is_refused(scenario: Scenario) -> None:
    assert errors(scenario, "interfaces: {alone: {security_groups: open}}") == ["network interface `alone`: say its `subnet`"]
