"""What targets stand for, and how much of a load balancer was read (ELB-3, ALB-3)."""

from __future__ import annotations

from typing import Any

import pytest

import simulator
from simulator.aws.balancing import Aim, aims_of, is_whole, knows_targets, zones_of
from simulator.aws.load_balancer import LoadBalancer
from simulator.aws.target_group import Target, TargetGroup
from simulator.origin import Origin
from simulator.packet.prefix import format_address, parse_address
from tests.aws.balanced import ARN, balancer, health, listener, target_group
from tests.aws.reading import Describe, Scenario, account


def aims(network: simulator.Network, group: str, vpc: str = "main") -> list[tuple[str, str, int, str, str]]:
    """Target, address, port, zone and interface of each; empty where it is not known."""
    found = network.snapshot.get(TargetGroup, group)
    assert found is not None
    return [
        (aim.target.id, format_address(*aim.address) if aim.address else "", aim.port, aim.zone, aim.interface.id if aim.interface else "")
        for aim in aims_of(network.snapshot, found, vpc)
    ]


HOSTS = """
subnets: {a: {vpc: main, cidr: 10.0.0.0/24, zone: a}, b: {vpc: main, cidr: 10.0.1.0/24, zone: b}}
interfaces:
  first: {subnet: b, ip: 10.0.1.10, secondary_ips: {10.0.1.11: }, security_groups: open}
  second: {subnet: a, ip: 10.0.0.10, security_groups: open}
instances: {web: {interfaces: [first, second]}}
"""


def test_ALB_3_an_instance_is_its_primary_address_on_its_first_interface(scenario: Scenario) -> None:
    network = scenario(HOSTS + "target_groups: {g: {port: 80, targets: [web]}}")
    assert aims(network, "g") == [("web", "10.0.1.10", 80, "b", "first")]


def test_ALB_3_an_address_is_itself_in_the_zone_of_its_subnet(scenario: Scenario) -> None:
    network = scenario(HOSTS + "target_groups: {g: {port: 80, targets: [10.0.1.11, {target: 10.0.0.77, port: 81}, 192.168.0.9]}}")
    assert aims(network, "g") == [
        ("10.0.1.11", "10.0.1.11", 80, "b", "first"),
        ("10.0.0.77", "10.0.0.77", 81, "a", ""),
        ("192.168.0.9", "192.168.0.9", 80, "", ""),
    ]


def test_ELB_3_an_address_elsewhere_counts_for_the_zone_it_is_registered_for(scenario: Scenario) -> None:
    """The zone of its own subnet counts for a load balancer of that VPC only."""
    targets = "[{target: 10.0.1.11, zone: a}, {target: 192.168.0.9, zone: b}, {target: 192.168.0.10, zone: all}]"
    network = scenario(HOSTS + f"target_groups: {{g: {{port: 80, targets: {targets}}}}}")
    assert [zone for _, _, _, zone, _ in aims(network, "g")] == ["b", "b", ""]
    assert [zone for _, _, _, zone, _ in aims(network, "g", "elsewhere")] == ["a", "b", ""]


def test_of_two_that_have_an_address_it_is_the_one_in_the_load_balancers_vpc(scenario: Scenario) -> None:
    network = scenario(
        """
        vpcs: {main: {cidr: 10.0.0.0/16}, twin: {cidr: 10.0.0.0/16}}
        security_groups: {there: {vpc: twin}}
        subnets: {a: {vpc: main, cidr: 10.0.0.0/24, zone: a}, t: {vpc: twin, cidr: 10.0.0.0/24, zone: b}}
        interfaces:
          mine: {subnet: a, ip: 10.0.0.10, security_groups: open}
          other: {subnet: t, ip: 10.0.0.10, security_groups: there}
        target_groups: {g: {port: 80, targets: [10.0.0.10]}}
        """
    )
    assert [aims(network, "g", vpc)[0][3:] for vpc in ("main", "twin", "third")] == [("a", "mine"), ("b", "other"), ("", "mine")]


@pytest.mark.parametrize("kind", ["instance", "alb"])
def test_a_target_that_was_not_read_has_no_address(describe: Describe, kind: str) -> None:
    name = "i-gone" if kind == "instance" else f"{ARN}loadbalancer/app/gone/1"
    lists = account() | {"TargetGroups": [target_group(kind=kind)], "TargetHealthDescriptions": [health(name)]}
    assert aims(describe(**lists), "targetgroup/shop/73e2d6bc24d8a067", "vpc-1") == [
        (name.removeprefix(f"{ARN}loadbalancer/"), "", 8080, "", "")
    ]


def test_ALB_3_a_function_has_no_address(describe: Describe) -> None:
    lists = account() | {
        "TargetGroups": [target_group(kind="lambda")],
        "TargetHealthDescriptions": [health("arn:aws:lambda:eu-west-1:111122223333:function:report")],
    }
    assert aims(describe(**lists), "targetgroup/shop/73e2d6bc24d8a067", "vpc-1") == []


def test_NLB_10_an_application_load_balancer_is_each_of_its_nodes(scenario: Scenario) -> None:
    front = "load_balancers: {front: {subnets: [a, b], security_groups: open}}"
    network = scenario(f"{HOSTS}{front}\ntarget_groups: {{g: {{port: 80, targets: [front]}}}}")
    assert [(target, port, zone) for target, _, port, zone, _ in aims(network, "g")] == [("front", 80, "a"), ("front", 80, "b")]


@pytest.mark.parametrize(
    ("target", "address", "label"),
    [("10.0.0.9", "10.0.0.9", "10.0.0.9:80"), ("web", "10.0.0.9", "web (10.0.0.9:80)"), ("web", "", "web (not read:80)")],
)
def test_a_target_in_an_answer(target: str, address: str, label: str) -> None:
    assert Aim(Target(target, Origin("g"), 0, "", ""), parse_address(address) if address else None, 80, "").label == label


# --- how much of it was read -----------------------------------------------------------------------------------------------------


def read(describe: Describe, **lists: Any) -> tuple[bool, bool]:
    """Whether all listeners are known, and all groups they name."""
    network = describe(**(account() | {"LoadBalancers": [balancer()]} | lists))
    (found,) = network.snapshot.all(LoadBalancer)
    return is_whole(network.snapshot, found), knows_targets(network.snapshot, found)


def test_listeners_are_told_for_one_load_balancer_at_a_time(describe: Describe) -> None:
    assert read(describe) == (False, False)
    assert read(describe, Listeners=[listener(of="app/other/50dc6c495c0c9188")]) == (False, False)
    assert read(describe, Listeners=[listener()]) == (True, True)


def test_a_target_group_that_a_listener_names_and_nobody_read(describe: Describe) -> None:
    assert read(describe, Listeners=[listener("shop")]) == (True, False)
    assert read(describe, Listeners=[listener("shop")], TargetGroups=[target_group()]) == (True, True)
    assert read(describe, Listeners=[listener("shop", "cart")], TargetGroups=[target_group()]) == (True, False)


def test_ELB_3_zones_are_those_of_the_subnets_that_were_read(describe: Describe) -> None:
    network = describe(**(account() | {"LoadBalancers": [balancer(subnets=("subnet-pub", "subnet-gone"))]}))
    (found,) = network.snapshot.all(LoadBalancer)
    assert zones_of(network.snapshot, found) == {"eu-west-1a"}
