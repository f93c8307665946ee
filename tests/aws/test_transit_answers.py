"""Answers of AWS about transit gateway route tables, which do not repeat whose they are (TGW-1, TGW-2, TGW-14)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import simulator
from tests.aws.reading import account, loaded, not_modelled, refusal, verdict

Told = Callable[..., simulator.Network]
ATTACHED = {"TransitGatewayAttachmentId": "tgw-attach-1", "ResourceId": "vpc-1", "ResourceType": "vpc"}
OTHER = {"TransitGatewayAttachmentId": "tgw-attach-2", "ResourceId": "vpc-2", "ResourceType": "vpc"}


def site() -> dict[str, Any]:
    """The account, whose private subnet reaches a host of another VPC by a transit gateway; nothing is said of its table."""
    lists: dict[str, Any] = account()
    lists["Vpcs"].append({"VpcId": "vpc-2", "CidrBlock": "10.2.0.0/16"})
    lists["Subnets"][1]["AvailabilityZoneId"] = lists["Subnets"][0]["AvailabilityZoneId"] = "euw1-az1"
    lists["Subnets"].append({"SubnetId": "subnet-2", "VpcId": "vpc-2", "CidrBlock": "10.2.0.0/24", "AvailabilityZoneId": "euw1-az1"})
    lists["RouteTables"][0]["Routes"].append({"DestinationCidrBlock": "10.2.0.0/16", "TransitGatewayId": "tgw-1", "State": "active"})
    back = {"DestinationCidrBlock": "10.0.0.0/16", "TransitGatewayId": "tgw-1", "State": "active"}
    lists["RouteTables"].append({"RouteTableId": "rtb-2", "VpcId": "vpc-2", "Associations": [{"Main": True}], "Routes": [back]})
    lists["NetworkAcls"].append({**lists["NetworkAcls"][0], "NetworkAclId": "acl-2", "VpcId": "vpc-2"})
    everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    lists["SecurityGroups"].append(
        {"GroupId": "sg-2", "GroupName": "sg-2", "VpcId": "vpc-2", "IpPermissions": everything, "IpPermissionsEgress": everything}
    )
    lists["NetworkInterfaces"].append(
        {
            "NetworkInterfaceId": "eni-2",
            "VpcId": "vpc-2",
            "SubnetId": "subnet-2",
            "PrivateIpAddresses": [{"PrivateIpAddress": "10.2.0.10", "Primary": True}],
            "Groups": [{"GroupId": "sg-2"}],
            "Status": "in-use",
        }
    )
    lists["TransitGateways"] = [{"TransitGatewayId": "tgw-1", "State": "available"}]
    lists["TransitGatewayVpcAttachments"] = [
        {"TransitGatewayAttachmentId": f"tgw-attach-{n}", "TransitGatewayId": "tgw-1", "VpcId": f"vpc-{n}", "SubnetIds": [subnet]}
        for n, subnet in ((1, "subnet-app"), (2, "subnet-2"))
    ]
    lists["TransitGatewayRouteTables"] = [{"TransitGatewayRouteTableId": "tgw-rtb-0a", "TransitGatewayId": "tgw-1"}]
    return lists


@pytest.fixture
def told(tmp_path: Path) -> Told:
    def read(**answers: Any) -> simulator.Network:
        (tmp_path / "site.json").write_text(json.dumps(site()), "utf-8")
        for name, answer in answers.items():
            file = tmp_path / name.replace("__", "/").replace("_", "-")
            file.parent.mkdir(exist_ok=True)
            file.with_suffix(".json").write_text(json.dumps(answer), "utf-8")
        return loaded(tmp_path)

    return read


def routes(*blocks: tuple[str, dict[str, str]], kind: str = "static", **more: Any) -> dict[str, Any]:
    listed = [{"DestinationCidrBlock": block, "TransitGatewayAttachments": [end], "Type": kind, "State": "active"} for block, end in blocks]
    return {"Routes": listed, "AdditionalRoutesAvailable": False, **more}


BOTH = {"Associations": [{**end, "State": "associated"} for end in (ATTACHED, OTHER)]}
KNOWN = routes(("10.0.0.0/16", ATTACHED), ("10.2.0.0/16", OTHER), kind="propagated")


def ask(network: simulator.Network) -> str:
    return verdict(network, "i-app", "10.2.0.10")


def test_TGW_1_TGW_2_the_name_of_the_file_says_whose_they_are(told: Told) -> None:
    assert ask(told(associations_tgw_rtb_0a=BOTH, search_tgw_rtb_0a=KNOWN)) == "always"


def test_the_folder_may_say_it_as_well(told: Told) -> None:
    assert ask(told(tgw_rtb_0a__associations=BOTH, tgw_rtb_0a__routes=KNOWN)) == "always"


def test_TGW_14_propagations(told: Told) -> None:
    learnt = {"TransitGatewayRouteTablePropagations": [{**end, "State": "enabled"} for end in (ATTACHED, OTHER)]}
    static = routes(("0.0.0.0/0", OTHER))
    assert ask(told(a_tgw_rtb_0a=BOTH, p_tgw_rtb_0a=learnt, r_tgw_rtb_0a=static)) == "always"
    learnt["TransitGatewayRouteTablePropagations"][0]["State"] = "disabled"
    network = told(a_tgw_rtb_0a=BOTH, p_tgw_rtb_0a=learnt, r_tgw_rtb_0a=static)
    assert refusal(network, "i-app", "10.2.0.10")[0] == "reply"


def test_an_answer_with_more_routes_than_it_shows_leaves_the_others_unknown(told: Told) -> None:
    some = routes(("10.0.0.0/16", ATTACHED), AdditionalRoutesAvailable=True)
    assert ask(told(a_tgw_rtb_0a=BOTH, r_tgw_rtb_0a=some)) == "unknown"


@pytest.mark.parametrize(
    ("what", "answer"),
    [("routes", KNOWN), ("associations", BOTH), ("propagations", {"TransitGatewayRouteTablePropagations": [ATTACHED]})],
)
def test_without_such_a_name_they_are_told_and_not_modelled(told: Told, what: str, answer: dict[str, Any]) -> None:
    network = told(answer=answer)
    assert ask(network) == "unknown"
    whose = "their transit gateway route table, if they are of one (`tgw-rtb-...`)"
    assert set(not_modelled(network)) == {f"{what} that do not say whose they are are not modelled; name the file after {whose}"}


def test_associations_of_something_else_are_told(told: Told) -> None:
    network = told(answer={"Associations": [{"AssociationId": "a-1"}]})
    assert not_modelled(network) == ["associations that are not of a transit gateway are not modelled"]
