"""What several accounts see of one network: shared subnets, gateways and their names (MISC-1, MISC-2, BPA-10, NACL-1)."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

import simulator
from simulator.aws.subnet import Subnet
from tests.aws.reading import account, group, instance, interface, loaded, refusal, verdict

OWNER, GUEST = "111122223333", "444455556666"
EVERYTHING = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]


def owner() -> dict[str, list[dict[str, Any]]]:
    """What the owner of the VPC sees: not the interfaces and groups of its guests."""
    lists = account()
    for key in ("Vpcs", "Subnets"):
        lists[key] = [{**item, "OwnerId": OWNER} for item in lists[key]]
    lists["Subnets"] = [
        {**item, "AvailabilityZoneId": "euw1-az1", "Tags": [{"Key": "Name", "Value": "shared"}]} for item in lists["Subnets"]
    ]
    return lists


def guest() -> dict[str, list[dict[str, Any]]]:
    """What an account sees with which the subnets are shared: the network without tags, zones by its own names, and its own things."""
    lists = deepcopy(owner())
    del lists["InternetGateways"]
    lists["Vpcs"] = [{**item, "Tags": []} for item in lists["Vpcs"]]
    lists["Subnets"] = [{**item, "Tags": [], "AvailabilityZone": "eu-west-1c"} for item in lists["Subnets"]]
    by_owners_group = [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "UserIdGroupPairs": [{"GroupId": "sg-web", "UserId": OWNER}]}]
    lists["SecurityGroups"] = [
        group("sg-guest", OwnerId=GUEST, IpPermissions=by_owners_group, IpPermissionsEgress=EVERYTHING),
        group("sg-shut", OwnerId=GUEST, IpPermissionsEgress=EVERYTHING),
    ]
    lists["NetworkInterfaces"] = [
        interface("eni-guest", "subnet-app", "10.0.1.50", "sg-guest", instance="i-guest", OwnerId=GUEST),
        interface("eni-shut", "subnet-pub", "10.0.0.50", "sg-shut", public="198.51.100.50", instance="i-shut", OwnerId=GUEST),
    ]
    lists["Reservations"] = [{"Instances": [instance("i-guest", "eni-guest"), instance("i-shut", "eni-shut")]}]
    return lists


def together(folder: Path, *views: dict[str, list[dict[str, Any]]], region: str = "eu-west-1") -> simulator.Network:
    """One network of the answers that several accounts got, in folders as collectors make them."""
    for name, lists in zip((OWNER, GUEST), views, strict=False):
        at = folder / name / region
        at.mkdir(parents=True)
        for key, items in lists.items():
            (at / f"{key}.json").write_text(json.dumps({key: items}), "utf-8")
    return loaded(folder)


@pytest.mark.parametrize("first", ["owner", "guest"])
def test_MISC_1_what_is_shared_is_one_thing_whoever_tells_of_it(tmp_path: Path, first: str) -> None:
    views = (owner(), guest()) if first == "owner" else (guest(), owner())
    network = together(tmp_path, *views)
    assert [str(problem) for problem in network.problems] == []
    subnets = {subnet.id: (subnet.name, subnet.zone) for subnet in network.snapshot.all(Subnet)}
    assert subnets == {"subnet-pub": ("shared", "euw1-az1"), "subnet-app": ("shared", "euw1-az1")}


def test_MISC_1_forwarding_knows_no_accounts(tmp_path: Path) -> None:
    network = together(tmp_path, owner(), guest())
    assert verdict(network, "i-web", "i-guest") == "always"  # by a reference to a group of the other account (SG-13)
    assert verdict(network, "i-app", "i-guest") == "never"
    assert verdict(network, "i-shut", "192.0.2.1") == "always"  # by the owner's gateway, which the guest does not see


def test_MISC_1_without_the_owners_answers_its_gateway_is_unknown(tmp_path: Path) -> None:
    assert verdict(together(tmp_path, guest()), "i-shut", "192.0.2.1") == "unknown"


def test_MISC_2_two_views_that_differ_in_more_than_names_are_told(tmp_path: Path) -> None:
    other = guest()
    other["Subnets"] = [{**item, "AvailabilityZoneId": "euw1-az2"} for item in other["Subnets"]]
    with pytest.raises(simulator.InputError) as caught:
        together(tmp_path, owner(), other)
    assert [problem.message for problem in caught.value.problems] == [
        "subnet `subnet-pub` is described twice, differently",
        "subnet `subnet-app` is described twice, differently",
    ]


def test_NACL_1_the_owners_acl_judges_the_guests_packets(tmp_path: Path) -> None:
    views = [owner(), guest()]
    for view in views:
        view["NetworkAcls"] = [{**view["NetworkAcls"][0], "Entries": view["NetworkAcls"][0]["Entries"][2:]}]
    assert refusal(together(tmp_path, *views), "i-shut", "192.0.2.1")[1] == "SUBNET_ACL_RESTRICTION"


def test_BPA_10_the_owners_switch_counts_and_the_guests_does_not(tmp_path: Path) -> None:
    def switch(who: str, mode: str) -> dict[str, Any]:
        return {"AwsAccountId": who, "AwsRegion": "eu-west-1", "InternetGatewayBlockMode": mode, "ExclusionsAllowed": "allowed"}

    for number, (mine, theirs, wanted) in enumerate((("block-bidirectional", "off", "never"), ("off", "block-bidirectional", "always"))):
        one: dict[str, Any] = {**owner(), "VpcBlockPublicAccessOptions": switch(OWNER, mine)}
        two: dict[str, Any] = {**guest(), "VpcBlockPublicAccessOptions": switch(GUEST, theirs)}
        network = together(tmp_path / str(number), one, two)
        assert verdict(network, "i-shut", "192.0.2.1") == wanted
        assert [told for told in network.can("i-shut", "192.0.2.1", "tcp/443").assumptions if "Block Public Access" in told] == []
