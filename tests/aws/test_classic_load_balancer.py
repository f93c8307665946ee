"""Classic load balancers in both spellings (CLB-1, NACL-20, ELB-3, ELB-5)."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.aws.listener import Listener
from simulator.aws.load_balancer import LoadBalancer
from simulator.aws.target_group import TargetGroup
from tests.aws.reading import Describe, Scenario, account, interface, path, refusal, reply_path, verdict, warnings

CLASSIC = """
subnets:
  pub: {vpc: main, cidr: 10.0.0.0/24, zone: a, routes: {0.0.0.0/0: igw}, network_acl: tight}
  app: {vpc: main, cidr: 10.0.1.0/24, zone: b}
network_acls: {tight: {vpc: main, inbound: [{rule: 1, allow: all}], outbound: [{rule: 1, allow: all}]}}
security_groups: {lb: {vpc: main, inbound: {from: 0.0.0.0/0, allow: all}}}
instances:
  near: {subnet: pub, security_groups: open, ip: 10.0.0.10}
  far: {subnet: app, security_groups: open, ip: 10.0.1.10}
lambdas: {fn: {}}
target_groups: {web: {port: 8080, targets: [near, far]}}
load_balancers:
  old: {type: classic, subnets: [pub, app], public_ips: [203.0.113.20, 203.0.113.21], security_groups: lb, listeners: {tcp/80: web}}
"""
TIGHT = CLASSIC.replace("outbound: [{rule: 1, allow: all}]", "outbound: [{rule: 1, to: 10.0.1.0/24, allow: all}]")


def test_CLB_1_a_proxy_in_front_of_instances(scenario: Scenario) -> None:
    network = scenario(CLASSIC)
    assert verdict(network, "internet", "203.0.113.20", "tcp/80") == "always"
    assert path(network, "internet", "203.0.113.20", "tcp/80") == ["internet", "igw", "main", "pub", "old-eni-pub", "old"]
    assert verdict(network, "old", "far", "tcp/8080") == "always"
    assert reply_path(network, "10.0.0.4", "far", "tcp/8080") == ["far", "far-eni", "app", "main", "pub", "old-eni-pub", "old"]
    assert verdict(network, "near", "old", "icmp") == "always"


def test_ELB_5_its_codes_are_those_of_the_first_generation(scenario: Scenario) -> None:
    network = scenario(CLASSIC)
    assert refusal(network, "internet", "203.0.113.20", "tcp/81") == ("forward", "ELB_LISTENERS_MISMATCH", "old its listeners")
    assert refusal(network, "10.0.0.4", "far", "tcp/80")[1] == "TARGET_PORT_RESTRICTION"


def test_NACL_20_the_acl_judges_what_it_sends_to_its_own_subnet(scenario: Scenario) -> None:
    network = scenario(TIGHT)
    leg, code, part = refusal(network, "10.0.0.4", "near", "tcp/8080")
    assert (leg, code, part) == ("forward", "ELB_ACL_RESTRICTION", "tight egress rule *")
    assert verdict(network, "10.0.0.4", "far", "tcp/8080") == "always"
    assert verdict(scenario(CLASSIC), "10.0.0.4", "near", "tcp/8080") == "always"
    assert path(scenario(CLASSIC), "10.0.0.4", "near", "tcp/8080") == ["old", "old-eni-pub", "pub", "near-eni", "near"]


def test_NACL_20_its_answers_to_a_neighbour_meet_none(scenario: Scenario) -> None:
    assert verdict(scenario(TIGHT), "near", "10.0.0.4", "tcp/80") == "always"


@pytest.mark.parametrize(("told", "code"), [("cross_zone: true, ", ""), ("", ""), ("cross_zone: false, ", "ELB_NOT_CROSSZONE")])
def test_ELB_3_across_zones_or_not(scenario: Scenario, told: str, code: str) -> None:
    answer = scenario(CLASSIC.replace("listeners:", f"{told}listeners:")).can("10.0.0.4", "far", "tcp/8080")
    assert [blocker.code for blocker in answer.blockers] == ([code] if code else [])


def test_CLB_1_other_targets_than_instances_are_refused(scenario: Scenario) -> None:
    for targets in ("10.9.9.9", "fn"):
        network = scenario(CLASSIC.replace("targets: [near, far]", f"targets: {targets}"))
        assert [one for one in warnings(network) if "CLB-1" in one] == [
            "load balancer `old`: AWS refuses the target group `web`: the targets of a classic load balancer are instances (CLB-1)"
        ]


# --- answers of AWS --------------------------------------------------------------------------------------------------------------


def described(**more: Any) -> dict[str, Any]:
    """One element of `aws elb describe-load-balancers`."""
    listeners = [
        {"Listener": {"Protocol": "SSL", "LoadBalancerPort": 443, "InstanceProtocol": "HTTP", "InstancePort": 8080}, "PolicyNames": []},
        {"Listener": {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstanceProtocol": "HTTP", "InstancePort": 8080}, "PolicyNames": []},
        {"Listener": {"Protocol": "TCP", "LoadBalancerPort": 25, "InstanceProtocol": "TCP", "InstancePort": 2525}, "PolicyNames": []},
    ]
    return {
        "LoadBalancerName": "old",
        "Subnets": ["subnet-pub"],
        "VPCId": "vpc-1",
        "Scheme": "internet-facing",
        "SecurityGroups": ["sg-web"],
        "Instances": [{"InstanceId": "i-app"}],
        "ListenerDescriptions": listeners,
        "AvailabilityZones": ["eu-west-1a"],
        **more,
    }


def lists(**more: Any) -> dict[str, Any]:
    found = account()
    node = {"Description": "ELB old", "RequesterId": "amazon-elb"}
    found["NetworkInterfaces"].append(interface("eni-lb", "subnet-pub", "10.0.0.20", "sg-web", public="203.0.113.20", **node))
    return {**found, "LoadBalancerDescriptions": [described(**more)]}


def test_a_classic_load_balancer_of_a_describe_answer(describe: Describe) -> None:
    network = describe(**lists())
    (found,) = network.snapshot.all(LoadBalancer)
    assert (found.id, found.type, found.groups, found.interfaces, found.public) == ("old", "classic", ("sg-web",), ("eni-lb",), True)
    assert [(one.port, one.protocols, one.groups) for one in network.snapshot.all(Listener)] == [
        (443, (6,), ("old instances 8080",)),
        (80, (6,), ("old instances 8080",)),
        (25, (6,), ("old instances 2525",)),
    ]
    assert [(one.id, one.port) for one in network.snapshot.all(TargetGroup)] == [("old instances 8080", 8080), ("old instances 2525", 2525)]
    assert verdict(network, "internet", "old") == verdict(network, "lb:old", "i-app", "tcp/8080") == "always"
    assert verdict(network, "internet", "old", "tcp/80") == "never"  # its group admits 443
    assert verdict(network, "old", "i-app", "tcp/80") == "never"


@pytest.mark.parametrize(("state", "used"), [("InService", True), ("OutOfService", False), ("Unknown", True)])
def test_ELB_4_the_health_of_instances(describe: Describe, state: str, used: bool) -> None:
    given = lists(Instances=[{"InstanceId": "i-app"}, {"InstanceId": "i-web"}])
    network = describe(**given, InstanceStates=[{"InstanceId": "i-app", "State": state, "ReasonCode": "N/A", "Description": "N/A"}])
    assert verdict(network, "old", "i-app", "tcp/8080") == ("always" if used else "never")


def test_ELB_4_health_of_nobody_knows_which_load_balancer_is_told(describe: Describe) -> None:
    given = {**lists(), "InstanceStates": [{"InstanceId": "i-app", "State": "OutOfService"}]}
    given["LoadBalancerDescriptions"].append(described(LoadBalancerName="older"))
    network = describe(**given)
    told = "instance health: the file does not say of which load balancer; put its name into the file's name"
    assert [one for one in warnings(network) if "health" in one] == [told]
    assert verdict(network, "old", "i-app", "tcp/8080") == "always"


def test_two_of_one_name_are_of_two_regions(describe: Describe) -> None:
    both = {**lists(), "LoadBalancerDescriptions": [described(), described(Scheme="internal")]}
    assert [one.name for one in describe(**both).snapshot.all(LoadBalancer)] == ["old", "old"]


def test_ELB_3_balancing_across_zones_that_was_not_told_is_assumed_to_be_on(describe: Describe) -> None:
    given = lists(Subnets=["subnet-pub", "subnet-app"])
    given["Subnets"][1]["AvailabilityZone"] = "eu-west-1b"
    answer = describe(**given).can("10.0.0.20", "i-app", "tcp/8080")
    assert answer.verdict.value == "always"
    assert "whether old balances across zones was not read: taken to be on" in answer.assumptions
    assert describe(**lists()).can("10.0.0.20", "i-app", "tcp/8080").assumptions == ()
