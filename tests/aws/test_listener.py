"""Listeners of AWS answers: their groups by actions and rules (ELB-5)."""

from __future__ import annotations

from typing import Any

import pytest

import simulator
from simulator.aws.listener import Listener
from tests.aws.balanced import ARN, balancer, group_arn, listener, target_group
from tests.aws.reading import Describe, account, warnings


def read(describe: Describe, *listeners: dict[str, Any], **more: Any) -> simulator.Network:
    groups = [target_group("shop"), target_group("admin", port=9090)]
    return describe(**account(), LoadBalancers=[balancer()], TargetGroups=groups, Listeners=list(listeners), **more)


def groups(network: simulator.Network) -> list[str]:
    (found,) = network.snapshot.all(Listener)
    return [name.split("/")[1] for name in found.groups]


def test_a_listener_of_a_describe_answer(describe: Describe) -> None:
    (found,) = read(describe, listener("shop")).snapshot.all(Listener)
    assert (found.balancer, found.protocols, found.port) == ("app/web/50dc6c495c0c9188", (6,), 443)
    assert found.groups == ("targetgroup/shop/73e2d6bc24d8a067",)


@pytest.mark.parametrize(("word", "protocols"), [("HTTP", (6,)), ("TLS", (6,)), ("UDP", (17,)), ("TCP_UDP", (6, 17))])
def test_ELB_5_protocols(describe: Describe, word: str, protocols: tuple[int, ...]) -> None:
    (found,) = read(describe, listener("shop", protocol=word)).snapshot.all(Listener)
    assert found.protocols == protocols


def test_a_protocol_that_is_none_is_told(describe: Describe) -> None:
    network = read(describe, listener("shop", protocol="SCTP"))
    assert warnings(network) == ["listener `listener/app/web/50dc6c495c0c9188/443`: `SCTP` is no protocol of a listener"]


def test_every_group_that_gets_something_counts(describe: Describe) -> None:
    assert groups(read(describe, listener("shop", "admin"))) == ["shop", "admin"]
    weighed = [{"TargetGroupArn": group_arn("shop"), "Weight": 0}, {"TargetGroupArn": group_arn("admin"), "Weight": 1}]
    action = {"Type": "forward", "ForwardConfig": {"TargetGroups": weighed}}
    assert groups(read(describe, listener(DefaultActions=[action]))) == ["admin"]
    assert groups(read(describe, listener(DefaultActions=[{"Type": "forward", "TargetGroupArn": group_arn("shop")}]))) == ["shop"]
    assert groups(read(describe, listener())) == []


def test_rules_add_the_groups_of_their_actions(describe: Describe) -> None:
    rule = {
        "RuleArn": f"{ARN}listener-rule/app/web/50dc6c495c0c9188/443/9683b2d02a6cabee",
        "Priority": "1",
        "Conditions": [{"Field": "path-pattern", "Values": ["/admin/*"]}],
        "Actions": [{"Type": "forward", "TargetGroupArn": group_arn("admin")}],
    }
    assert groups(read(describe, listener("shop"), Rules=[rule])) == ["shop", "admin"]
    assert groups(read(describe, listener("shop"), Rules=[{"Name": "a rule of another service", "RuleId": "r-1"}])) == ["shop"]
