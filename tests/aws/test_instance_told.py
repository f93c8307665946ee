"""Instances as AWS tells them: which of their interfaces is the first, and which deliver (ENI-6, RT-26)."""

from __future__ import annotations

from simulator.aws.instance import Instance
from simulator.aws.network_interface import NetworkInterface
from tests.aws.reading import Describe, Scenario, account, changed, instance, interface, refusal, verdict, warnings

ROUTE = {"DestinationCidrBlock": "10.0.0.0/24", "InstanceId": "i-fw", "State": "active", "Origin": "CreateRoute"}
LOCAL = {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active", "Origin": "CreateRouteTable"}


def test_ENI_6_a_detached_interface_delivers_nothing_whoever_claims_it(describe: Describe) -> None:
    network = describe(**changed(account(), "NetworkInterfaces", "eni-app", Attachment={}, Status="available"))
    assert refusal(network, "i-web", "10.0.1.10", "tcp/8080") == ("forward", "BAD_STATE_ATTACHMENT", "eni-app attachment")


def test_a_device_without_a_number_is_where_it_was_told(describe: Describe) -> None:
    lists = account()
    lists["NetworkInterfaces"].append(interface("eni-2", "subnet-app", "10.0.1.11", "sg-app", instance="i-app"))
    shown = [{"NetworkInterfaceId": "eni-app", "Attachment": {"DeviceIndex": 0}}, {"NetworkInterfaceId": "eni-2"}]
    lists["Reservations"] = [{"Instances": [instance("i-web", "eni-web"), {**instance("i-app"), "NetworkInterfaces": shown}]}]
    found = describe(**lists).snapshot.get(Instance, "i-app")
    assert found is not None
    assert found.interfaces == ("eni-app", "eni-2")


def test_all_instances_of_an_answer_are_read_but_those_that_are_gone(describe: Describe) -> None:
    gone = [instance("i-1", state="terminated"), instance("i-2", state="shutting-down"), instance("i-3", state="stopped")]
    found = describe(Reservations=[{"Instances": gone}]).snapshot.all(Instance)
    assert [(one.id, one.state) for one in found] == [("i-3", "stopped")]


def test_an_interface_belongs_to_its_instance(scenario: Scenario) -> None:
    network = scenario("subnets: {a: {vpc: main, cidr: 10.0.1.0/24}}\ninstances: {one: {subnet: a}}")
    own = network.snapshot.get(NetworkInterface, "one-eni")
    assert own is not None
    assert own.owner == "one"


def test_RT_26_a_route_to_an_instance_in_a_subnet_that_was_not_read_leads_to_its_interface(describe: Describe) -> None:
    lists = changed(account(), "RouteTables", "rtb-main", Routes=[LOCAL, ROUTE])
    lists["NetworkInterfaces"].append(interface("eni-fw", "subnet-9", "10.0.9.9", "sg-app", instance="i-fw", VpcId=""))
    lists["Reservations"].append({"Instances": [instance("i-fw", "eni-fw")]})
    network = describe(**lists)
    assert verdict(network, "i-app", "10.0.0.10") == "unknown"
    assert "network interface `eni-fw` lies in subnet `subnet-9`, which was not read" in warnings(network)
