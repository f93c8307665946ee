"""Target groups in both spellings, their health, and what AWS refuses (ELB-3, ELB-4, ALB-3, NLB-11)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import simulator
from simulator.aws.target_group import Target, TargetGroup, is_of_group, short_id
from simulator.origin import Origin
from tests.aws.balanced import ARN, group_arn, health, target_group
from tests.aws.reading import Describe, Scenario, account, errors, warnings

HOSTS = """
subnets: {app: {vpc: main, cidr: 10.0.1.0/24}}
instances: {one: {subnet: app, ip: 10.0.1.10}, two: {subnet: app}}
lambdas: {fn: {}, other: {}}
load_balancers: {web: {subnets: app}}
target_groups:
"""


def group(network: simulator.Network, name: str = "g") -> TargetGroup:
    found = network.snapshot.get(TargetGroup, name)
    assert found is not None
    return found


# --- a scenario ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("targets", "kind"), [("one", "instance"), ("10.9.9.9", "ip"), ("web", "alb"), ("fn", "lambda")])
def test_ALB_3_the_names_of_targets_say_their_type(scenario: Scenario, targets: str, kind: str) -> None:
    assert group(scenario(f"{HOSTS}  g: {{port: 80, targets: {targets}}}")).type == kind


def test_a_target_may_have_a_port_and_a_health_of_its_own(scenario: Scenario) -> None:
    text = (
        f"{HOSTS}  g: {{port: 80, protocol: tcp, targets: [one, {{target: two, port: 81, health: draining}}], preserve_client_ip: false}}"
    )
    found = group(scenario(text))
    assert found.targets is not None
    assert [(target.id, found.port_of(target), target.health) for target in found.targets] == [("one", 80, ""), ("two", 81, "draining")]
    assert (found.protocol, found.keeps_client, found.cross_zone) == ("tcp", False, None)


def test_a_target_that_does_not_exist_is_an_error_with_the_nearest_name(scenario: Scenario) -> None:
    assert errors(scenario, f"{HOSTS}  g: {{port: 80, targets: [onee, 10.0.1.10]}}") == [
        "target group `g`: target `onee` does not exist; did you mean `one`?"
    ]


def test_targets_of_two_types_are_an_error(scenario: Scenario) -> None:
    assert errors(scenario, f"{HOSTS}  g: {{port: 80, targets: [one, 10.0.1.11]}}") == [
        "target group `g` has targets of several types (instance and ip); AWS allows one"
    ]


def test_ALB_3_what_AWS_refuses_is_told(scenario: Scenario) -> None:
    text = f"{HOSTS}  g: {{port: 80, targets: [198.51.100.9, 10.5.5.5]}}\n  h: {{targets: one}}\n  f: {{targets: [fn, other]}}"
    assert warnings(scenario(text)) == [
        "target group `g`: AWS refuses the public address 198.51.100.9 as a target (ALB-3, NLB-11)",
        "target group `h`: target `one` has no port; say the group's `port`",
        "target group `f` has several functions; AWS allows one (ALB-3)",
    ]


# --- health --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("states", "used"),
    [
        (("healthy", "unhealthy"), {0}),
        (("unhealthy", "unhealthy"), {0, 1}),
        (("healthy", "initial"), {0}),
        (("initial", "draining"), {0}),
        (("unused", "unhealthy"), {1}),
        (("unavailable", "unhealthy"), {0}),
        (("draining", "unused"), set()),
    ],
)
def test_ELB_4_healthy_targets_and_where_there_is_none_all_that_stay(scenario: Scenario, states: tuple[str, str], used: set[int]) -> None:
    one, two = (f"{{target: {name}, health: {state}}}" for name, state in zip(("one", "two"), states, strict=True))
    found = group(scenario(f"{HOSTS}  g: {{port: 80, targets: [{one}, {two}]}}"))
    assert found.targets is not None
    assert {found.targets.index(target) for target in found.in_use} == used


def test_ELB_4_a_target_that_is_leaving_while_unhealthy_is_not_used() -> None:
    origin = Origin("g")
    leaving, stays = Target("one", origin, health="unhealthy.draining"), Target("two", origin, health="unhealthy")
    assert TargetGroup("g", "", "instance", "tcp", 80, origin, (leaving, stays)).in_use == (stays,)


def test_GWLB_1_targets_of_geneve_have_its_port_where_none_is_told(scenario: Scenario) -> None:
    found = group(scenario(f"{HOSTS}  g: {{protocol: geneve, targets: one}}\n  h: {{protocol: geneve, port: 99, targets: one}}"))
    assert found.targets is not None
    assert found.port_of(found.targets[0]) == 6081


@pytest.mark.parametrize(
    ("protocol", "numbers"), [("tcp", (6,)), ("tls", (6,)), ("udp", (17,)), ("tcp_udp", (6, 17)), ("http", (6,)), ("geneve", (17,))]
)
def test_ELB_5_what_a_group_sends_by(scenario: Scenario, protocol: str, numbers: tuple[int, ...]) -> None:
    assert group(scenario(f"{HOSTS}  g: {{port: 80, protocol: {protocol}, targets: one}}")).protocols == numbers


@pytest.mark.parametrize(
    ("key", "own"),
    [
        ("deregistration_delay.timeout_seconds", True),
        ("preserve_client_ip.enabled", True),
        ("proxy_protocol_v2.enabled", True),
        ("slow_start.duration_seconds", True),
        ("stickiness.enabled", True),
        ("target_failover.on_unhealthy", True),
        ("load_balancing.cross_zone.enabled", False),
        ("access_logs.s3.enabled", False),
    ],
)
def test_attributes_that_only_target_groups_have(key: str, own: bool) -> None:
    """ "Edit target group attributes": the other keys are those of load balancers, or of both."""
    assert is_of_group([{"Key": key, "Value": ""}]) is own


def test_ELB_4_what_was_not_told_is_healthy(scenario: Scenario) -> None:
    found = group(scenario(f"{HOSTS}  g: {{port: 80, targets: [one, {{target: two, health: unhealthy}}]}}"))
    assert [target.id for target in found.in_use] == ["one"]


# --- answers of AWS --------------------------------------------------------------------------------------------------------------


def test_a_group_of_a_describe_answer(describe: Describe) -> None:
    lists: dict[str, Any] = {**account(), "TargetGroups": [target_group(LoadBalancerArns=["arn:lb"])]}
    found = group(describe(**lists), "targetgroup/shop/73e2d6bc24d8a067")
    assert (found.name, found.type, found.protocol, found.port, found.vpc) == ("shop", "instance", "http", 8080, "vpc-1")
    assert (found.balancers, found.targets) == (("arn:lb",), None)


def written(folder: Path, **files: dict[str, Any]) -> simulator.Network:
    for name, data in {"account": account(), **files}.items():
        (folder / f"{name}.json").write_text(json.dumps(data), "utf-8")
    return simulator.load(folder)


GROUPS = {"TargetGroups": [target_group("shop"), target_group("shop-admin", port=9090)]}


def test_with_one_group_the_health_is_its_own(describe: Describe) -> None:
    lists: dict[str, Any] = {**account(), "TargetGroups": [target_group()], "TargetHealthDescriptions": [health("i-app", "unhealthy")]}
    found = group(describe(**lists), short_id(group_arn("shop"))).targets
    assert found is not None
    assert [(target.id, target.port, target.health) for target in found] == [("i-app", 8080, "unhealthy")]


def test_with_several_groups_the_file_says_of_which_the_health_is(tmp_path: Path) -> None:
    network = written(
        tmp_path,
        groups=GROUPS,
        **{
            "health-shop-admin": {"TargetHealthDescriptions": [health("i-web", port=9090)]},
            "health": {"TargetGroupArn": group_arn("shop"), "TargetHealthDescriptions": [health("i-app")]},
        },
    )
    shop, admin = (group(network, short_id(group_arn(name))).targets for name in ("shop", "shop-admin"))
    assert shop is not None
    assert admin is not None
    assert ([target.id for target in shop], [target.id for target in admin]) == (["i-app"], ["i-web"])


def test_health_of_nobody_knows_which_group_is_told_and_read_of_none(tmp_path: Path) -> None:
    network = written(tmp_path, groups=GROUPS, health={"TargetHealthDescriptions": [health("i-app")]})
    assert [one.targets for one in network.snapshot.all(TargetGroup)] == [None, None]
    assert warnings(network) == ["target health: the file does not say of which target group; put its name into the file's name"]


def test_NLB_2_attributes_of_a_group(tmp_path: Path) -> None:
    attributes = [
        {"Key": "stickiness.enabled", "Value": "false"},
        {"Key": "preserve_client_ip.enabled", "Value": "false"},
        {"Key": "load_balancing.cross_zone.enabled", "Value": "use_load_balancer_configuration"},
        {"Key": "deregistration_delay.timeout_seconds", "Value": "300"},
    ]
    network = written(tmp_path, groups=GROUPS, **{"attributes-shop-admin": {"Attributes": attributes}})
    assert [(one.keeps_client, one.cross_zone) for one in network.snapshot.all(TargetGroup)] == [(None, None), (False, None)]
    crossed = written(
        tmp_path, groups=GROUPS, **{"attributes-shop-admin": {"Attributes": [attributes[0], {**attributes[2], "Value": "true"}]}}
    )
    assert [one.cross_zone for one in crossed.snapshot.all(TargetGroup)] == [None, True]


def test_targets_are_called_as_the_rest_of_the_network_calls_them(describe: Describe) -> None:
    function = "arn:aws:lambda:eu-west-1:111122223333:function:report"
    lists: dict[str, Any] = {
        **account(),
        "TargetGroups": [target_group(kind="lambda")],
        "TargetHealthDescriptions": [health(function), health(f"{ARN}loadbalancer/app/web/50dc6c495c0c9188")],
    }
    found = group(describe(**lists), short_id(group_arn("shop"))).targets
    assert found is not None
    assert [target.id for target in found] == ["report", "app/web/50dc6c495c0c9188"]
