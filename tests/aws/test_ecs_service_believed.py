"""Believed, not found on an AWS page: tasks have interfaces of their own, or those of their instance (SVC-5)."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.aws.ecs_service import EcsService
from simulator.aws.network_interface import NetworkInterface
from tests.aws.reading import Describe, Scenario, account, errors, interface, path, refusal, verdict, warnings

HOSTS = """
subnets:
  pub: {vpc: main, cidr: 10.0.0.0/24, routes: {0.0.0.0/0: igw}}
  app: {vpc: main, cidr: 10.0.1.0/24}
security_groups:
  web: {vpc: main, inbound: {from: 0.0.0.0/0, allow: tcp/443}}
instances: {node: {subnet: pub, security_groups: open, ip: 10.0.0.10, public_ip: 198.51.100.10}}
"""


def tasks(text: str) -> str:
    return f"{HOSTS}\ntasks: {{{text}}}"


def test_SVC_5_each_task_has_an_interface_with_groups_of_its_own(scenario: Scenario) -> None:
    network = scenario(tasks("web: {subnets: [pub, app], security_groups: web, ips: [10.0.0.20, 10.0.1.20]}"))
    assert verdict(network, "node", "task:web") == "always"
    assert path(network, "node", "10.0.1.20")[-2:] == ["web-eni-app", "web"]
    assert refusal(network, "node", "10.0.1.20", "tcp/80")[2] == "web no ingress rule matches"


def test_SVC_5_with_a_public_address_it_uses_the_internet_gateway(scenario: Scenario) -> None:
    network = scenario(tasks("web: {subnets: pub, public_ip: 198.51.100.20}, job: {subnets: pub}"))
    assert path(network, "task:web", "internet")[-2:] == ["igw", "internet"]
    assert refusal(network, "task:job", "internet")[1] == "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS"


def test_SVC_5_in_bridge_and_host_mode_it_is_the_instances_interface(scenario: Scenario) -> None:
    network = scenario(tasks("web: {instances: node}"))
    assert verdict(network, "internet", "task:web", "tcp/22") == "always"  # the instance's group is open
    assert path(network, "task:web", "internet")[:2] == ["node", "node-eni"]


@pytest.mark.parametrize("text", ["web: {}", "web: {subnets: pub, instances: node}"])
def test_tasks_lie_in_subnets_or_on_instances(scenario: Scenario, text: str) -> None:
    (message,) = errors(scenario, tasks(text))
    assert message == "tasks `web`: say their `subnets`, or the `instances` whose network they use, one of them"


CLUSTER = "arn:aws:ecs:eu-west-1:111122223333:cluster/prod"


def service(**more: Any) -> dict[str, Any]:
    config = {"subnets": ["subnet-app", "subnet-pub"], "securityGroups": ["sg-app"], "assignPublicIp": "DISABLED", **more}
    return {
        "serviceArn": "arn:aws:ecs:eu-west-1:111122223333:service/prod/web",
        "serviceName": "web",
        "clusterArn": CLUSTER,
        "status": "ACTIVE",
        "networkConfiguration": {"awsvpcConfiguration": config},
    }


def task(number: int = 1, eni: str = "eni-task", address: str = "10.0.1.77", **more: Any) -> dict[str, Any]:
    details = {"subnetId": "subnet-app", "networkInterfaceId": eni, "macAddress": "0e:00:00:00:00:01", "privateIPv4Address": address}
    attachment = {
        "id": f"a-{number}",
        "type": "ElasticNetworkInterface",
        "status": "ATTACHED",
        "details": [{"name": key, "value": value} for key, value in details.items()],
    }
    return {
        "taskArn": f"arn:aws:ecs:eu-west-1:111122223333:task/prod/{number:032}",
        "clusterArn": CLUSTER,
        "taskDefinitionArn": "arn:aws:ecs:eu-west-1:111122223333:task-definition/web:3",
        "group": "service:web",
        "lastStatus": "RUNNING",
        "attachments": [attachment],
        **more,
    }


def test_the_tasks_of_a_describe_answer(describe: Describe) -> None:
    own = interface("eni-task", "subnet-app", "10.0.1.77", "sg-app", Description="arn:aws:ecs:eu-west-1:111122223333:attachment/a-1")
    lists = account()
    network = describe(**{**lists, "NetworkInterfaces": [*lists["NetworkInterfaces"], own], "services": [service()], "tasks": [task()]})
    found = network.snapshot.get(EcsService, "prod/web")
    assert found is not None
    assert (found.name, found.interfaces, found.groups) == ("web", ("eni-task",), ("sg-app",))
    answer = network.can("i-web", "task:web", "tcp/8080")
    assert (answer.verdict.value, answer.assumptions) == ("always", ())
    assert verdict(network, "i-web", "prod/web", "tcp/8080") == "always"
    assert refusal(network, "i-web", "task:web", "tcp/22")[2] == "sg-app no ingress rule matches"


@pytest.mark.parametrize("listed", [("services", "tasks"), ("tasks", "services")])
def test_a_tasks_interface_may_be_known_from_the_task_and_its_service(describe: Describe, listed: tuple[str, str]) -> None:
    told: dict[str, Any] = {"services": [service()], "tasks": [task(), task(2, "eni-two", "10.0.1.78")]}
    network = describe(**account(), **{name: told[name] for name in listed})
    assert [one.private_addresses for name in ("eni-task", "eni-two") if (one := network.snapshot.get(NetworkInterface, name))] == [
        ((4, 0x0A00014D),),
        ((4, 0x0A00014E),),
    ]
    assert verdict(network, "i-web", "task:web", "tcp/8080") == "always"
    assert verdict(network, "i-web", "task:web", "tcp/22") == "never"


def test_without_its_service_nobody_says_which_groups_it_has(describe: Describe) -> None:
    network = describe(**account(), tasks=[task()])
    assert verdict(network, "i-web", "task:web", "tcp/8080") == "unknown"


def test_a_service_whose_tasks_were_not_read_is_assumed_in_its_subnets(describe: Describe) -> None:
    answer = describe(**account(), services=[service()]).can("i-web", "task:web", "tcp/8080")
    assert answer.verdict.value == "always"
    assert len(answer.assumptions) == 2
    assert "the interface of prod/web in subnet-app was not read" in answer.assumptions[0]


@pytest.mark.parametrize(("assigned", "told"), [("ENABLED", "always"), ("DISABLED", "never")])
@pytest.mark.parametrize("lists", [{}, {"tasks": [task(address="10.0.0.77")]}])
def test_a_public_address_that_aws_assigns_has_a_stand_in(describe: Describe, lists: dict[str, Any], assigned: str, told: str) -> None:
    if lists:
        lists["tasks"][0]["attachments"][0]["details"][0]["value"] = "subnet-pub"
    network = describe(**account(), services=[service(assignPublicIp=assigned, subnets=["subnet-pub"])], **lists)
    answer = network.can("task:web", "internet", "tcp/443")
    assert answer.verdict.value == told
    assert any("198.19.0.0 stands for it" in text for text in answer.assumptions) is (told == "always")


@pytest.mark.parametrize("changes", [{"lastStatus": "STOPPED"}, {"attachments": []}])
def test_a_task_that_is_gone_or_has_no_interface_yet_has_none(describe: Describe, changes: dict[str, Any]) -> None:
    network = describe(**account(), tasks=[task(**changes)])
    assert network.snapshot.get(NetworkInterface, "eni-task") is None


HOST = "arn:aws:ecs:eu-west-1:111122223333:container-instance/prod/1"


def test_a_task_without_an_interface_has_its_instances(describe: Describe) -> None:
    lists: dict[str, Any] = {
        "tasks": [task(attachments=[], containerInstanceArn=HOST)],
        "containerInstances": [{"containerInstanceArn": HOST, "ec2InstanceId": "i-web"}],
    }
    network = describe(**account(), **lists)
    assert verdict(network, "internet", "task:web") == verdict(network, "internet", "i-web") == "always"
    assert path(network, "task:web", "internet")[0] == "i-web"


def test_an_instance_that_was_not_read_is_told(describe: Describe) -> None:
    network = describe(**account(), tasks=[task(attachments=[], containerInstanceArn=HOST)])
    assert warnings(network) == [f"tasks `prod/web` run on `{HOST}`, which was not read"]
    (message,) = errors(lambda: network.can("i-web", "task:web", "tcp/80"))
    assert message == "`prod/web` has no network interface that was read"


def test_an_interface_that_hangs_on_the_instance_is_the_instances(describe: Describe) -> None:
    """Tasks on EC2 without trunking: the instance lists the interface of the task as its own."""
    lists = account()
    lists["NetworkInterfaces"].append(interface("eni-task", "subnet-app", "10.0.1.77", "sg-app", instance="i-app"))
    lists["Reservations"][0]["Instances"][1]["NetworkInterfaces"].append(
        {"NetworkInterfaceId": "eni-task", "Attachment": {"DeviceIndex": 1}}
    )
    network = describe(**lists, tasks=[task(containerInstanceArn=HOST)])
    assert verdict(network, "i-web", "task:web", "tcp/8080") == "always"


def test_a_name_in_two_clusters_is_ambiguous(describe: Describe) -> None:
    other = {**task(2, "eni-two", "10.0.1.78"), "clusterArn": CLUSTER.replace("prod", "test")}
    network = describe(**account(), tasks=[task(), other])
    (message,) = errors(lambda: network.can("i-web", "task:web", "tcp/80"))
    assert message == "`task:web` is ambiguous: it may mean `task:prod/web`, `task:test/web`"
