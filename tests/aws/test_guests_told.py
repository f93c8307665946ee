"""Who is behind interfaces of an account, told by several lists, in any order (ENI-6, ENI-8, SVC-5, CVPN-2)."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.aws.ecs_service import EcsService
from simulator.graph.nodes import Lookup, Masquerade, Rewrite
from tests.aws.reading import Describe, account, changed, instance, interface, path
from tests.aws.test_client_vpn import described

SERVICE = {
    "serviceName": "web",
    "serviceArn": "arn:aws:ecs:eu-west-1:111122223333:service/c/web",
    "clusterArn": "arn:aws:ecs:eu-west-1:111122223333:cluster/c",
    "networkConfiguration": {
        "awsvpcConfiguration": {"subnets": ["subnet-app"], "securityGroups": ["sg-app"], "assignPublicIp": "ENABLED"},
    },
}
TASK = {
    "taskArn": "arn:aws:ecs:eu-west-1:111122223333:task/c/1",
    "clusterArn": "arn:aws:ecs:eu-west-1:111122223333:cluster/c",
    "group": "service:web",
    "lastStatus": "RUNNING",
    "attachments": [
        {
            "type": "ElasticNetworkInterface",
            "status": "ATTACHED",
            "details": [{"name": "networkInterfaceId", "value": "eni-task"}, {"name": "subnetId", "value": "subnet-app"}],
        }
    ],
}


@pytest.mark.parametrize("lists", [{"services": [SERVICE], "tasks": [TASK]}, {"tasks": [TASK], "services": [SERVICE]}])
def test_SVC_5_a_service_and_its_tasks_are_one_whichever_list_comes_first(describe: Describe, lists: dict[str, Any]) -> None:
    (found,) = describe(**account(), **lists).snapshot.all(EcsService)
    assert (found.id, found.subnets, found.groups, found.public, found.arn) == (
        "c/web",
        ("subnet-app",),
        ("sg-app",),
        True,
        SERVICE["serviceArn"],
    )
    assert [shown.id for shown in found.shown] == ["eni-task"]


@pytest.mark.parametrize(("status", "own"), [("in-use", ["10.0.1.10/32", "10.0.1.77/32"]), ("available", ["10.0.1.10/32"])])
def test_ENI_8_an_address_of_an_interface_that_is_detached_is_not_the_guests_own(describe: Describe, status: str, own: list[str]) -> None:
    """What a guest sends to an address of its own stays inside."""
    lists = account()
    second = interface("eni-two", "subnet-app", "10.0.1.77", "sg-app", instance="i-app") | {"Status": status}
    if status == "available":
        del second["Attachment"]
    lists["NetworkInterfaces"].append(second)
    lists["Reservations"][0]["Instances"][1]["NetworkInterfaces"].append({"NetworkInterfaceId": "eni-two"})
    nodes = [node for node in describe(**lists).flow_graph.nodes if isinstance(node, Lookup) and node.place.id == "i-app"]
    assert [str(route.prefix) for route in nodes[0].table.routes if route.prefix.length == 32] == own


def test_CVPN_2_people_get_the_first_address_of_an_interface(describe: Describe) -> None:
    lists = described()
    for one in lists["NetworkInterfaces"]:
        if "ClientVPN" in one.get("Description", ""):
            first = one["PrivateIpAddress"]
            one["PrivateIpAddresses"] = [
                {"PrivateIpAddress": first, "Primary": True},
                {"PrivateIpAddress": "10.0.1.99", "Primary": False},
            ]
    nodes = describe(**lists).flow_graph.nodes
    (how,) = (
        node.how for node in nodes if isinstance(node, Rewrite) and isinstance(node.how, Masquerade) and node.what == "source translation"
    )
    assert (len(how.addresses), how.ports) == (1, (1024, 65535))


def test_RT_26_a_route_of_its_own_subnet_to_an_instance_is_one_to_its_only_interface(describe: Describe) -> None:
    """The neighbour's packets go to the instance, which forwards them."""
    lists = changed(account(), "NetworkInterfaces", "eni-app", SourceDestCheck=False)
    lists["NetworkInterfaces"].append(interface("eni-near", "subnet-app", "10.0.1.50", "sg-app", instance="i-near"))
    lists["Reservations"][0]["Instances"].append(instance("i-near", "eni-near"))
    local = {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"}
    routed = {"DestinationCidrBlock": "192.0.2.0/24", "InstanceId": "i-app", "State": "active"}
    network = describe(**changed(lists, "RouteTables", "rtb-main", Routes=[local, routed]))
    assert path(network, "i-near", "192.0.2.9", "tcp/8080")[:4] == ["i-near", "eni-near", "subnet-app", "eni-app"]
