"""Interfaces of an account of which not everything was read, and addresses that stand for others (ENI-2, RT-17, SG-13)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulator.aws.managed_service import with_public_address
from simulator.aws.network_interface import InterfaceAddress, NetworkInterface, sources_of
from simulator.aws.registry import RESOURCES
from simulator.aws.snapshot import Draft
from simulator.aws.vpc import Vpc
from simulator.origin import Origin
from simulator.packet.prefix import Prefix, parse_address
from tests.aws.reading import Describe, account, group, interface, warnings


def test_sources_are_the_addresses_of_a_vpcs_own_interfaces(describe: Describe) -> None:
    other = {"VpcId": "vpc-2", "CidrBlock": "10.1.0.0/16"}
    lists = account()
    lists["Vpcs"].append(other)
    lists["NetworkInterfaces"].append(interface("eni-far", "subnet-far", "10.1.0.9", "sg-far") | {"VpcId": "vpc-2"})
    snapshot = describe(**lists).snapshot
    assert [list(map(str, sources_of(snapshot, vpc))) for vpc in ("vpc-1", "vpc-2")] == [["10.0.0.10/32", "10.0.1.10/32"], ["10.1.0.9/32"]]


def test_sources_are_all_blocks_where_interfaces_were_not_asked_for(describe: Describe) -> None:
    lists = account()
    del lists["NetworkInterfaces"], lists["Reservations"]
    assert sources_of(describe(**lists).snapshot, "vpc-1") == (Prefix.parse("10.0.0.0/16"),)


def test_an_interface_that_tells_no_subnet_is_not_said_to_lie_in_one(describe: Describe) -> None:
    bare = interface("eni-1", "subnet-gone", "10.0.0.9", "sg-1")
    told = "network interface `eni-1` lies in subnet `subnet-gone`, which was not read"
    assert told in warnings(describe(NetworkInterfaces=[bare]))
    del bare["SubnetId"]
    assert not any("lies in subnet" in message for message in warnings(describe(NetworkInterfaces=[bare])))


@pytest.mark.parametrize(("vpc", "told"), [("vpc-1", False), ("vpc-2", True), ("", False)])
def test_a_group_of_another_vpc_is_told_where_its_vpc_is_known(describe: Describe, vpc: str, told: bool) -> None:
    lists = account()
    lists["SecurityGroups"] = [group("sg-web") | {"VpcId": vpc}, group("sg-app")]
    assert any("of another VPC" in message for message in warnings(describe(**lists))) is told


def interface_of(name: str, private: str, public: str = "") -> NetworkInterface:
    address = InterfaceAddress(parse_address(private), parse_address(public) if public else None)
    return NetworkInterface(name, "", "vpc", "subnet", (address,), None, Origin(name), owner=name)


def test_an_address_that_stands_for_a_public_one_is_nobodys() -> None:
    draft = Draft(RESOURCES)
    first = interface_of("first", "198.19.0.0")  # what is private does not count
    draft.add(first)
    one = with_public_address(first, draft)
    assert one.addresses[0] == InterfaceAddress(parse_address("198.19.0.0"), parse_address("198.19.0.0"))
    assert one.assumed == "the public address of first was not read: 198.19.0.0 stands for it"
    draft.replace(one)
    two = with_public_address(replace(interface_of("second", "10.0.0.5"), assumed="its address was not read"), draft)
    assert two.addresses[0].public == parse_address("198.19.0.1")
    assert two.assumed == "its address was not read; the public address of second was not read: 198.19.0.1 stands for it"


def test_IGW_4_public_addresses_of_vpcs_that_were_not_read_hide_no_others(describe: Describe) -> None:
    """An interface of a VPC that nobody read comes before one that was."""
    lists = account()
    stranger = interface("eni-0", "subnet-far", "10.1.0.9", "sg-far", public="198.51.100.99") | {"VpcId": "vpc-2"}
    lists["NetworkInterfaces"] = [stranger, *lists["NetworkInterfaces"]]
    assert describe(**lists).can("internet", "198.51.100.10", "tcp/443").verdict.value == "always"


def test_RT_17_a_vpc_that_only_its_subnets_tell_of_is_one(describe: Describe) -> None:
    lists = account()
    del lists["Vpcs"]
    assert [(one.id, list(map(str, one.cidrs))) for one in describe(**lists).snapshot.all(Vpc)] == [("vpc-1", ["10.0.0.0/16"])]


def test_IGW_1_gateways_attached_to_what_is_not_told_are_not_two_of_one_vpc(describe: Describe) -> None:
    lists = account()
    lists["InternetGateways"] += [{"InternetGatewayId": f"igw-{n}", "Attachments": [{"State": "available"}]} for n in (2, 3)]
    describe(**lists)
