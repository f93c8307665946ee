"""Transit gateways of AWS answers: what they do where everything was read, and what is unknown where something was not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws.reading import Describe, acl, group, interface, path, refusal, verdict, warnings


def routed(table: str, vpc: str, local: str) -> dict[str, Any]:
    routes = [{"DestinationCidrBlock": local, "GatewayId": "local"}, {"DestinationCidrBlock": "0.0.0.0/0", "TransitGatewayId": "tgw-1"}]
    return {"RouteTableId": table, "VpcId": vpc, "Associations": [{"Main": True}], "Routes": routes}


def answers(**more: Any) -> dict[str, Any]:
    """Two described VPCs on one gateway, with one table that knows both."""
    lists: dict[str, Any] = {
        "Vpcs": [],
        "Subnets": [],
        "RouteTables": [],
        "NetworkAcls": [],
        "SecurityGroups": [],
        "NetworkInterfaces": [],
        "TransitGateways": [{"TransitGatewayId": "tgw-1", "State": "available"}],
        "TransitGatewayAttachments": [],
        "TransitGatewayVpcAttachments": [],
        "TransitGatewayRouteTables": [{"TransitGatewayRouteTableId": "tgw-rtb-1", "TransitGatewayId": "tgw-1"}],
        "TransitGatewayStaticRoutes": [{"TransitGatewayRouteTableId": "tgw-rtb-1", "Routes": []}],
        "TransitGatewayPropagations": [],
    }
    for number in (1, 2):
        vpc, subnet, block = f"vpc-{number}", f"subnet-{number}", f"10.{number}.0.0/16"
        everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
        lists["Vpcs"].append({"VpcId": vpc, "CidrBlock": block})
        lists["Subnets"].append({"SubnetId": subnet, "VpcId": vpc, "CidrBlock": f"10.{number}.1.0/24", "AvailabilityZone": "eu-west-1a"})
        lists["RouteTables"].append(routed(f"rtb-{number}", vpc, block))
        lists["NetworkAcls"].append(acl(f"acl-{number}", VpcId=vpc, IsDefault=True))
        lists["SecurityGroups"].append(
            group(f"sg-{number}", VpcId=vpc, IpPermissions=everything, IpPermissionsEgress=everything),
        )
        lists["NetworkInterfaces"].append(interface(f"eni-{number}", subnet, f"10.{number}.1.10", f"sg-{number}", VpcId=vpc))
        lists["TransitGatewayAttachments"].append(attached(f"att-{number}", vpc))
        lists["TransitGatewayVpcAttachments"].append(
            {"TransitGatewayAttachmentId": f"att-{number}", "TransitGatewayId": "tgw-1", "VpcId": vpc, "SubnetIds": [subnet]}
        )
    lists["TransitGatewayPropagations"].append(propagating("att-1", "att-2"))
    return {key: value for key, value in {**lists, **more}.items() if value is not None}


def attached(name: str, resource: str, kind: str = "vpc", **more: Any) -> dict[str, Any]:
    association = {"TransitGatewayRouteTableId": "tgw-rtb-1", "State": "associated"}
    return {
        "TransitGatewayAttachmentId": name,
        "TransitGatewayId": "tgw-1",
        "ResourceType": kind,
        "ResourceId": resource,
        "State": "available",
        "Association": association,
        **more,
    }


def propagating(*names: str) -> dict[str, Any]:
    return {
        "TransitGatewayRouteTableId": "tgw-rtb-1",
        "TransitGatewayRouteTablePropagations": [{"TransitGatewayAttachmentId": name, "State": "enabled"} for name in names],
    }


def static(cidr: str, name: str) -> list[dict[str, Any]]:
    route = {
        "DestinationCidrBlock": cidr,
        "Type": "static",
        "State": "active",
        "TransitGatewayAttachments": [{"TransitGatewayAttachmentId": name}],
    }
    return [{"TransitGatewayRouteTableId": "tgw-rtb-1", "Routes": [route]}]


def test_a_described_network(describe: Describe) -> None:
    network = describe(**answers())
    assert warnings(network) == []
    assert verdict(network, "eni-1", "eni-2") == "always"
    assert path(network, "eni-1", "eni-2") == ["eni-1", "subnet-1", "tgw-1", "subnet-2", "eni-2"]
    assert refusal(network, "eni-1", "10.3.1.1")[1] == "TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT"


@pytest.mark.parametrize(
    "lost",
    [
        {"TransitGateways": None},
        {"TransitGatewayAttachments": None, "TransitGatewayVpcAttachments": None},
        {"TransitGatewayAttachments": None},
        {"TransitGatewayVpcAttachments": None},
        {"TransitGatewayRouteTables": None},
        {"TransitGatewayStaticRoutes": None, "TransitGatewayPropagations": None},
        {"TransitGatewayStaticRoutes": None},
        {"TransitGatewayPropagations": None},
        {"TransitGatewayStaticRoutes": [{"TransitGatewayRouteTableId": "tgw-rtb-1", "Routes": [], "AdditionalRoutesAvailable": True}]},
        {"TransitGatewayPropagations": [{"TransitGatewayRouteTableId": "tgw-rtb-9", "TransitGatewayRouteTablePropagations": []}]},
    ],
    ids=" ".join,
)
def test_what_was_not_read_is_unknown_and_not_never(describe: Describe, lost: dict[str, Any]) -> None:
    assert verdict(describe(**answers(**lost)), "eni-1", "eni-2") == "unknown"


def test_what_was_not_read_is_named(describe: Describe) -> None:
    answer = describe(**answers(TransitGatewayPropagations=None)).can("eni-1", "eni-2", "tcp/443")
    assert [(gap.resource, gap.what) for gap in answer.gaps] == [("tgw-rtb-1", "transit gateway route table tgw-rtb-1 (not read)")]


def test_TGW_1_an_attachment_that_is_told_to_have_no_table_drops(describe: Describe) -> None:
    attachments = [attached("att-1", "vpc-1", Association=None), attached("att-2", "vpc-2")]
    assert (
        refusal(describe(**answers(TransitGatewayAttachments=attachments)), "eni-1", "eni-2")[1] == "TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION"
    )


def test_RT_30_a_vpc_without_attachment_among_those_that_were_read(describe: Describe) -> None:
    lists = answers()
    for key in ("TransitGatewayAttachments", "TransitGatewayVpcAttachments"):
        lists[key] = lists[key][1:]
    assert refusal(describe(**lists), "eni-1", "eni-2")[1] == "BAD_STATE_ATTACHMENT"


def test_the_blocks_of_an_attached_vpc_that_was_not_read(describe: Describe) -> None:
    """It may be where a packet goes that no other route leads anywhere, or that only a static one does."""
    lists = answers(TransitGatewayPropagations=[propagating("att-1", "att-2", "att-3")])
    lists["TransitGatewayAttachments"].append(attached("att-3", "vpc-3"))
    network = describe(**lists)
    assert verdict(network, "eni-1", "eni-2") == "always"
    assert verdict(network, "eni-1", "10.3.1.1") == "unknown"
    network = describe(**{**lists, "TransitGatewayStaticRoutes": static("0.0.0.0/0", "att-2")})
    assert verdict(network, "eni-1", "eni-2") == "always"
    assert verdict(network, "eni-1", "10.3.1.1") == "unknown"


@pytest.mark.parametrize("kind", ["vpn", "direct-connect-gateway", "connect"])
def test_what_bgp_tells_is_not_known(describe: Describe, kind: str) -> None:
    lists = answers(TransitGatewayPropagations=[propagating("att-1", "att-2", "att-3")])
    lists["TransitGatewayAttachments"].append(attached("att-3", "vpn-1", kind))
    network = describe(**lists)
    assert verdict(network, "eni-1", "eni-2") == "always"
    assert verdict(network, "eni-1", "192.168.0.1") == "unknown"


def test_unless_its_routes_are_listed(describe: Describe) -> None:
    learnt = {**static("192.168.0.0/16", "att-3")[0]["Routes"][0], "Type": "propagated"}
    lists = answers(TransitGatewayPropagations=[propagating("att-1", "att-2", "att-3")])
    lists["TransitGatewayStaticRoutes"][0]["Routes"] = [learnt]
    lists["TransitGatewayAttachments"].append(attached("att-3", "vpn-1", "vpn"))
    network = describe(**lists)
    assert verdict(network, "eni-1", "192.168.0.1") == "unknown"  # behind the VPN nothing is known
    assert refusal(network, "eni-1", "10.3.1.1")[1] == "TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT"


def test_TGW_13_a_listed_propagated_route_loses_to_a_static_one(describe: Describe) -> None:
    routes = [
        {**static("10.2.0.0/16", "att-2")[0]["Routes"][0], "Type": "propagated"},
        {"DestinationCidrBlock": "10.2.0.0/16", "State": "blackhole"},
    ]
    lists = answers(TransitGatewayStaticRoutes=[{"TransitGatewayRouteTableId": "tgw-rtb-1", "Routes": routes}])
    assert refusal(describe(**lists), "eni-1", "eni-2")[1] == "TGW_RTB_BAD_STATE_ROUTE"


@pytest.mark.parametrize("first", ["att-2", "att-3"])
def test_TGW_12_the_time_an_attachment_was_made_decides_and_not_the_order_of_a_list(describe: Describe, first: str) -> None:
    lists = answers(TransitGatewayPropagations=[propagating("att-3", "att-2", "att-1")])
    lists["Vpcs"].append({"VpcId": "vpc-3", "CidrBlock": "10.2.0.0/16"})
    lists["Subnets"].append({"SubnetId": "subnet-3", "VpcId": "vpc-3", "CidrBlock": "10.2.8.0/24", "AvailabilityZone": "eu-west-1a"})
    lists["TransitGatewayAttachments"].append(attached("att-3", "vpc-3"))
    lists["TransitGatewayVpcAttachments"].append(
        {"TransitGatewayAttachmentId": "att-3", "TransitGatewayId": "tgw-1", "VpcId": "vpc-3", "SubnetIds": ["subnet-3"]}
    )
    for item in lists["TransitGatewayVpcAttachments"]:
        item["CreationTime"] = "2020-01-01" if item["TransitGatewayAttachmentId"] == first else "2021-01-01"
    assert verdict(describe(**lists), "eni-1", "eni-2") == {"att-2": "always", "att-3": "never"}[first]


def test_a_subnet_of_an_attachment_that_was_not_read_may_be_in_the_senders_zone(describe: Describe) -> None:
    lists = answers()
    lists["Subnets"].append({"SubnetId": "subnet-8", "VpcId": "vpc-1", "CidrBlock": "10.1.8.0/24", "AvailabilityZone": "eu-west-1b"})
    lists["NetworkInterfaces"].append(interface("eni-8", "subnet-8", "10.1.8.10", "sg-1", VpcId="vpc-1"))
    assert refusal(describe(**lists), "eni-8", "eni-2")[1] == "TGW_ROUTE_AZ_RESTRICTION"
    lists["TransitGatewayVpcAttachments"][0]["SubnetIds"] = ["subnet-1", "subnet-9"]
    network = describe(**lists)
    assert verdict(network, "eni-8", "eni-2") == "unknown"
    assert verdict(network, "eni-1", "eni-2") == "always"


def test_it_may_also_be_where_a_packet_arrives(describe: Describe) -> None:
    lists = answers()
    lists["Subnets"][1]["AvailabilityZone"] = "eu-west-1b"
    assert verdict(describe(**lists), "eni-1", "eni-2") == "always"
    lists["TransitGatewayVpcAttachments"][1]["SubnetIds"] = ["subnet-2", "subnet-9"]
    assert verdict(describe(**lists), "eni-1", "eni-2") == "unknown"


@pytest.mark.parametrize("unnamed", [(0,), (1,), (0, 1)])
def test_zones_that_were_not_told(describe: Describe, unnamed: tuple[int, ...]) -> None:
    """A sender in a zone that nobody told may not be able to send; where it arrives there is one subnet only."""
    lists = answers()
    for index in unnamed:
        del lists["Subnets"][index]["AvailabilityZone"]
    assert verdict(describe(**lists), "eni-1", "eni-2") == "unknown"
    assert verdict(describe(**lists), "eni-1", "eni-2", "udp/53", one_way=True) == ("unknown" if 0 in unnamed else "always")


def test_a_sender_whose_zone_was_not_told_may_be_in_that_of_the_attachment(describe: Describe) -> None:
    lists = answers()
    lists["Subnets"].append({"SubnetId": "subnet-8", "VpcId": "vpc-1", "CidrBlock": "10.1.8.0/24"})
    lists["NetworkInterfaces"].append(interface("eni-8", "subnet-8", "10.1.8.10", "sg-1", VpcId="vpc-1"))
    assert verdict(describe(**lists), "eni-8", "eni-2") == "unknown"


def test_TGW_24_attachments_of_other_types_end_in_a_gap(describe: Describe) -> None:
    lists = answers(TransitGatewayStaticRoutes=static("192.168.0.0/16", "att-3"))
    lists["TransitGatewayAttachments"].append(attached("att-3", "connect-1", "connect"))
    answer = describe(**lists).can("eni-1", "192.168.0.1", "tcp/443")
    assert answer.verdict.value == "unknown"
    assert [(gap.resource, gap.what) for gap in answer.gaps] == [("att-3", "attachment att-3 of type connect")]


def test_TGW_23_the_far_end_of_a_peering_that_was_not_read(describe: Describe) -> None:
    lists = answers(TransitGatewayStaticRoutes=static("10.9.0.0/16", "att-3"))
    lists["TransitGatewayAttachments"].append(attached("att-3", "tgw-2", "peering"))
    assert verdict(describe(**lists), "eni-1", "10.9.0.1") == "unknown"
    lists["TransitGateways"].append({"TransitGatewayId": "tgw-2"})
    assert verdict(describe(**lists), "eni-1", "10.9.0.1") == "unknown"  # what is associated there was not told
    lists["TransitGatewayAttachments"].append(attached("att-3", "tgw-1", "peering", TransitGatewayId="tgw-2", Association=None))
    assert refusal(describe(**lists), "eni-1", "10.9.0.1")[1] == "TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION"


@pytest.mark.parametrize(("zone", "name", "reached"), [("euw1-az1", "eu-west-1c", True), ("euw1-az2", "eu-west-1a", False)])
def test_MISC_2_zones_are_compared_by_id_and_not_by_name(describe: Describe, zone: str, name: str, reached: bool) -> None:
    """Two accounts name one zone differently; the subnet of the attachment belongs to the other one."""
    lists = answers()
    lists["Subnets"][0] |= {"AvailabilityZoneId": "euw1-az1", "AvailabilityZone": "eu-west-1a"}
    lists["Subnets"].append(
        {"SubnetId": "subnet-t", "VpcId": "vpc-1", "CidrBlock": "10.1.9.0/28", "AvailabilityZoneId": zone, "AvailabilityZone": name}
    )
    lists["TransitGatewayVpcAttachments"][0]["SubnetIds"] = ["subnet-t"]
    network = describe(**lists)
    if reached:
        assert verdict(network, "eni-1", "eni-2") == "always"
    else:
        assert refusal(network, "eni-1", "eni-2")[:2] == ("forward", "TGW_ROUTE_AZ_RESTRICTION")
