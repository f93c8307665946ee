"""VPC endpoints of describe answers: what is read, what is assumed, and what does not work (GWE-7, GWE-9, IFE-9, RT-29)."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.aws.vpc_endpoint import VpcEndpoint
from tests.aws.reading import Describe, account, changed, interface, not_modelled, path, refusal, verdict

S3, S3_BLOCK = "52.218.0.1", "52.218.0.0/17"  # of S3 in eu-west-1
LIST, ROUTES = "pl-6da54004", {"DestinationPrefixListId": "pl-6da54004", "GatewayId": "vpce-s3", "State": "active", "Origin": "CreateRoute"}


def described(*endpoints: dict[str, Any], **lists: Any) -> dict[str, Any]:
    """The account with endpoints, and the route of a gateway endpoint in the main table."""
    local = {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active", "Origin": "CreateRouteTable"}
    return {**changed(account(), "RouteTables", "rtb-main", Routes=[local, ROUTES]), "VpcEndpoints": list(endpoints), **lists}


def s3(**more: Any) -> dict[str, Any]:
    return {
        "VpcEndpointId": "vpce-s3",
        "VpcEndpointType": "Gateway",
        "VpcId": "vpc-1",
        "ServiceName": "com.amazonaws.eu-west-1.s3",
        "State": "available",
        "RouteTableIds": ["rtb-main"],
        "SubnetIds": [],
        "Groups": [],
        "PrivateDnsEnabled": False,
        "NetworkInterfaceIds": [],
        **more,
    }


def sqs(**more: Any) -> dict[str, Any]:
    return {
        **s3(),
        "VpcEndpointId": "vpce-sqs",
        "VpcEndpointType": "Interface",
        "ServiceName": "com.amazonaws.eu-west-1.sqs",
        "RouteTableIds": [],
        "SubnetIds": ["subnet-app"],
        "Groups": [{"GroupId": "sg-app", "GroupName": "sg-app"}],
        "PrivateDnsEnabled": True,
        "NetworkInterfaceIds": ["eni-sqs"],
        "Tags": [{"Key": "Name", "Value": "queues"}],
        **more,
    }


def test_a_gateway_endpoint_of_a_describe_answer(describe: Describe) -> None:
    lists = [{"PrefixListId": LIST, "PrefixListName": "com.amazonaws.eu-west-1.s3", "Cidrs": [S3_BLOCK]}]
    network = describe(**described(s3(), PrefixLists=lists))
    answer = network.can("i-app", S3, "tcp/443")
    assert (answer.verdict.value, answer.assumptions) == ("always", ())
    assert path(network, "i-app", S3) == ["i-app", "eni-app", "subnet-app", "vpce-s3"]
    assert refusal(network, "i-app", "3.5.64.1")[1] == "NO_ROUTE_TO_DESTINATION"


def test_RT_29_a_list_that_was_not_read_holds_what_aws_publishes(describe: Describe) -> None:
    network = describe(**described(s3()))
    answer = network.can("i-app", "3.5.64.1", "tcp/443")
    note = f"{LIST} was not read: taken to hold the blocks AWS publishes for s3 in eu-west-1"
    assert (answer.verdict.value, note in answer.assumptions) == ("always", True)
    assert refusal(network, "i-app", "192.0.2.1")[1] == "NO_ROUTE_TO_DESTINATION"


def test_GWE_7_an_endpoint_of_s3_carries_no_ipv6(describe: Describe) -> None:
    def network(service: str) -> Any:
        lists = described(s3(ServiceName=f"com.amazonaws.eu-west-1.{service}"))
        lists["PrefixLists"] = [{"PrefixListId": LIST, "PrefixListName": "x", "Cidrs": ["2600:1fa0::/36"]}]
        six = {"Ipv6CidrBlock": "2001:db8::/56", "Ipv6CidrBlockState": {"State": "associated"}}
        lists = changed(lists, "Vpcs", "vpc-1", Ipv6CidrBlockAssociationSet=[six])
        lists = changed(lists, "Subnets", "subnet-app", Ipv6CidrBlockAssociationSet=[{**six, "Ipv6CidrBlock": "2001:db8::/64"}])
        lists = changed(lists, "NetworkInterfaces", "eni-app", Ipv6Addresses=[{"Ipv6Address": "2001:db8::10"}])
        egress = [{"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}]
        lists = changed(lists, "SecurityGroups", "sg-app", IpPermissionsEgress=egress)
        acls = [
            {
                **lists["NetworkAcls"][0],
                "Entries": [
                    {**one, "RuleNumber": 99, "CidrBlock": None, "Ipv6CidrBlock": "::/0"} for one in lists["NetworkAcls"][0]["Entries"][:2]
                ],
            }
        ]
        return describe(**{**lists, "NetworkAcls": acls})

    assert refusal(network("s3"), "i-app", "2600:1fa0::1")[1] == "VPCE_GATEWAY_PROTOCOL_RESTRICTION"
    assert verdict(network("dynamodb"), "i-app", "2600:1fa0::1") == "always"


@pytest.mark.parametrize("policy", ['{"Statement": [{"Effect": "Allow"}]}', '{"Statement": [{"Effect": "Deny"}]}'])
def test_GWE_9_IFE_9_policies_decide_who_may_and_not_who_reaches(describe: Describe, policy: str) -> None:
    network = describe(**described(s3(PolicyDocument=policy), sqs(PolicyDocument=policy)))
    assert verdict(network, "i-app", S3) == "always"
    assert verdict(network, "i-web", "vpce-sqs", "tcp/8080") == "always"


def test_an_interface_endpoint_of_a_describe_answer(describe: Describe) -> None:
    own = interface(
        "eni-sqs", "subnet-app", "10.0.1.77", "sg-app", InterfaceType="vpc_endpoint", Description="VPC Endpoint Interface vpce-sqs"
    )
    lists = described(sqs())
    lists["NetworkInterfaces"] = [*lists["NetworkInterfaces"], own]
    network = describe(**lists)
    found = network.snapshot.get(VpcEndpoint, "vpce-sqs")
    assert found is not None
    assert (found.name, found.service, found.region, found.interfaces, found.private_dns) == (
        "queues",
        "sqs",
        "eu-west-1",
        ("eni-sqs",),
        True,
    )
    answer = network.can("i-web", "vpce-sqs", "tcp/8080")
    assert (answer.verdict.value, answer.assumptions) == ("always", ())
    assert path(network, "i-web", "service:sqs", "tcp/8080")[-1] == "vpce-sqs"
    assert verdict(network, "i-web", "10.0.1.77", "tcp/8080") == verdict(network, "i-web", "queues", "tcp/8080") == "always"
    assert refusal(network, "i-web", "service:sqs", "tcp/443")[2] == "sg-app no ingress rule matches"


def test_an_interface_that_was_not_read_is_assumed(describe: Describe) -> None:
    answer = describe(**described(sqs())).can("i-web", "vpce-sqs", "tcp/8080")
    assert (answer.verdict.value, answer.assumptions) == (
        "always",
        ("the interface of vpce-sqs in subnet-app was not read: a free address of the subnet is taken",),
    )


@pytest.mark.parametrize("state", ["deleted", "Deleting", "rejected", "failed", "expired"])
def test_an_endpoint_that_is_gone_is_not_there(describe: Describe, state: str) -> None:
    network = describe(**described(s3(State=state), sqs(State=state)))
    assert list(network.snapshot.all(VpcEndpoint)) == []


@pytest.mark.parametrize("state", ["pending", "pendingAcceptance"])
def test_an_endpoint_that_does_not_work_yet_carries_nothing(describe: Describe, state: str) -> None:
    network = describe(**described(s3(State=state), sqs(State=state)))
    assert refusal(network, "i-web", "vpce-sqs", "tcp/8080")[:2] == ("forward", "BAD_STATE")
    assert refusal(network, "i-app", S3)[:2] == ("forward", "BAD_STATE")


def test_PL_5_the_interfaces_of_endpoints_of_other_types_end_in_a_gap_behind_their_groups(describe: Describe) -> None:
    other = s3(VpcEndpointType="Resource", ServiceName="", NetworkInterfaceIds=["eni-res"], SubnetIds=["subnet-pub"])
    lists = described(other, PrefixLists=[{"PrefixListId": LIST, "PrefixListName": "x", "Cidrs": [S3_BLOCK]}])
    lists["NetworkInterfaces"].append(interface("eni-res", "subnet-pub", "10.0.0.30", "sg-web", InterfaceType="vpc_endpoint"))
    network = describe(**lists)
    assert not_modelled(network) == ["endpoint `vpce-s3` of type Resource is not modelled"]
    assert verdict(network, "i-app", "10.0.0.30", "tcp/443") == "unknown"
    assert verdict(network, "i-app", "10.0.0.30", "tcp/22") == "never"  # its groups let nobody in


def test_endpoints_of_other_types_are_told_and_a_gap(describe: Describe) -> None:
    other = s3(VpcEndpointType="Resource", ServiceName="")
    lists = [{"PrefixListId": LIST, "PrefixListName": "x", "Cidrs": [S3_BLOCK]}]
    network = describe(**described(other, PrefixLists=lists))
    assert not_modelled(network) == ["endpoint `vpce-s3` of type Resource is not modelled"]
    assert verdict(network, "i-app", S3) == "unknown"


def test_a_gateway_endpoint_of_another_vpc_is_no_target(describe: Describe) -> None:
    lists = described(s3(VpcId="vpc-9"), PrefixLists=[{"PrefixListId": LIST, "PrefixListName": "x", "Cidrs": [S3_BLOCK]}])
    assert verdict(describe(**lists), "i-app", S3) != "always"
