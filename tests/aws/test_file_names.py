"""Which thing the name of a file speaks of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import simulator
from simulator.aws.file_names import spoken_of
from simulator.aws.load_balancer import LoadBalancer
from tests.aws.balanced import balancer
from tests.aws.reading import account, warnings


@pytest.mark.parametrize(
    ("file", "found"),
    [
        ("target-health-web.json", ["web"]),
        ("describe-target-health-web-2.json", ["web-2"]),
        ("web-2-health.json", ["web-2"]),
        ("prod.elbv2-describe-target-health_web.json", ["web"]),
        ("prod-target-health-web.json", ["web"]),
        ("web/describe-instance-health.json", ["web"]),
        ("web/account/health.json", ["health"]),
        ("arn%3Aaws%3Aelasticloadbalancing%3Aeu-west-1%3A111122223333%3Atargetgroup%2Fweb-2%2F73e2d6bc24d8a067.json", ["web-2"]),
        ("health-webs.json", []),
        ("health-myweb.json", []),
        ("health-my-web.json", []),
        ("health-web-3.json", []),
        ("health.json", ["health"]),
        ("health-web.json", ["web"]),
        ("web.web-2.json", ["web", "web-2"]),
    ],
)
def test_a_name_is_a_part_of_its_own(file: str, found: list[str]) -> None:
    names = {"web": ["web", ""], "web-2": ["web-2"], "health": ["health"]}
    assert spoken_of(f"answers/{file}", names) == found


def read(folder: Path, **files: dict[str, Any]) -> simulator.Network:
    for name, data in {"account": account(), **files}.items():
        (folder / f"{name}.json").write_text(json.dumps(data), "utf-8")
    return simulator.load(folder)


ATTRIBUTES = {"Attributes": [{"Key": "load_balancing.cross_zone.enabled", "Value": "true"}]}
OTHER = {"LoadBalancerName": "web-2", "LoadBalancerArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web-2/9"}


@pytest.mark.parametrize(
    ("file", "crosses"), [("attributes-web", [True, None]), ("attributes-web-2", [None, True]), ("attributes-web-3", [None, None])]
)
def test_ELB_3_whose_attributes_a_file_has(tmp_path: Path, file: str, crosses: list[bool | None]) -> None:
    network = read(tmp_path, balancers={"LoadBalancers": [balancer(), balancer(**OTHER)]}, **{file: ATTRIBUTES})
    assert [one.cross_zone for one in network.snapshot.all(LoadBalancer)] == crosses
    told = "load balancer attributes: the file does not say of which load balancer; put its name into the file's name"
    assert [one for one in warnings(network) if "attributes" in one] == ([] if any(crosses) else [told])


def test_ELB_3_attributes_are_of_the_one_load_balancer(tmp_path: Path) -> None:
    network = read(tmp_path, balancers={"LoadBalancers": [balancer()]}, attributes=ATTRIBUTES)
    assert [one.cross_zone for one in network.snapshot.all(LoadBalancer)] == [True]


def test_a_thing_without_a_name_is_spoken_of_by_no_file() -> None:
    assert spoken_of("answers/-elb.json", {"one": ("",)}) == []
