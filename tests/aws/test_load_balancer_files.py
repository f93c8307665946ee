"""Answers about load balancers that say by the file's name alone of which (ELB-3, ELB-4)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import simulator
from simulator.aws.load_balancer import LoadBalancer
from simulator.aws.target_group import TargetGroup
from tests.aws.balanced import ARN, balancer
from tests.aws.reading import account

CLASSIC = {
    "LoadBalancerName": "clb",
    "Subnets": ["subnet-pub"],
    "SecurityGroups": ["sg-web"],
    "Instances": [{"InstanceId": "i-app"}],
    "ListenerDescriptions": [{"Listener": {"Protocol": "TCP", "LoadBalancerPort": 80, "InstancePort": 8080}}],
}
CROSSES = {"Attributes": [{"Key": "load_balancing.cross_zone.enabled", "Value": "true"}]}


def read(folder: Path, **files: dict[str, Any]) -> simulator.Network:
    for name, content in files.items():
        (folder / f"{name}.json").write_text(json.dumps(content), "utf-8")
    return simulator.load(folder)


def test_ELB_4_the_health_of_instances_is_that_of_the_one_classic_load_balancer_beside_others(tmp_path: Path) -> None:
    lists = account() | {"LoadBalancers": [balancer()], "LoadBalancerDescriptions": [CLASSIC]}
    network = read(tmp_path, account=lists, health={"InstanceStates": [{"InstanceId": "i-app", "State": "OutOfService"}]})
    (group,) = (one for one in network.snapshot.all(TargetGroup) if one.targets)
    assert [target.health for target in group.targets or ()] == ["unhealthy"]


def test_ELB_3_attributes_in_a_file_named_after_the_last_part_of_the_arn(tmp_path: Path) -> None:
    two = [balancer("one") | {"LoadBalancerArn": f"{ARN}loadbalancer/app/one/0aaa"}]
    two += [balancer("two") | {"LoadBalancerArn": f"{ARN}loadbalancer/app/two/0bbb"}]
    network = read(tmp_path, **{"account": account() | {"LoadBalancers": two}, "0bbb": CROSSES})
    assert {one.name: one.cross_zone for one in network.snapshot.all(LoadBalancer)} == {"one": None, "two": True}
