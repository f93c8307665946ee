"""What the nodes of proxies take for granted of balancing across zones (ELB-3, CLB-1)."""

from __future__ import annotations

import pytest

from tests.aws.reading import Describe, account, instance, interface

TOLD = "whether clb balances across zones was not read: taken to be on"
HEALTHY = [{"InstanceId": name, "State": "InService"} for name in ("i-app", "i-b")]


def assumed(describe: Describe, *instances: str, zone: str = "eu-west-1b", subnets: tuple[str, ...] = ("subnet-pub", "subnet-b")) -> bool:
    """Whether what a node of a classic load balancer sends rests on balancing across zones."""
    lists = account()
    lists["Subnets"].append({"SubnetId": "subnet-b", "VpcId": "vpc-1", "CidrBlock": "10.0.2.0/24", "AvailabilityZone": zone})
    lists["NetworkInterfaces"].append(interface("eni-b", "subnet-b", "10.0.2.10", "sg-app", instance="i-b"))
    lists["Reservations"][0]["Instances"].append(instance("i-b", "eni-b"))
    lists["LoadBalancerDescriptions"] = [
        {
            "LoadBalancerName": "clb",
            "Subnets": list(subnets),
            "SecurityGroups": ["sg-web"],
            "Instances": [{"InstanceId": name} for name in instances],
            "ListenerDescriptions": [
                {"Listener": {"Protocol": "TCP", "LoadBalancerPort": 80, "InstanceProtocol": "TCP", "InstancePort": 8080}}
            ],
        }
    ]
    graph = describe(**lists).flow_graph
    return any(TOLD in notes for index, notes in graph.assumptions.items() if graph.nodes[index].what == "sends")


@pytest.mark.parametrize(("instances", "far"), [(("i-app", "i-b"), True), (("i-b",), True), ((), False)])
def test_ELB_3_targets_in_another_zone_are_told_to_rest_on_it(describe: Describe, instances: tuple[str, ...], far: bool) -> None:
    assert assumed(describe, *instances) is far


def test_ELB_3_targets_of_its_own_zone_rest_on_nothing(describe: Describe) -> None:
    assert not assumed(describe, "i-app", "i-b", zone="eu-west-1a")
    assert not assumed(describe, "i-b", subnets=("subnet-pub",))  # its zone is not enabled
