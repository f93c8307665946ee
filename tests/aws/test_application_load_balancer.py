"""What the nodes of an application load balancer take and what they start (ALB-1 to ALB-5, ELB-2 to ELB-5, W-13)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws.balanced import balancer, health, listener, target_group
from tests.aws.reading import Describe, Scenario, account, interface, path, refusal, reply_path, verdict

WEB = """
subnets:
  pub: {vpc: main, cidr: 10.0.0.0/24, zone: a, routes: {0.0.0.0/0: igw}}
  pub-b: {vpc: main, cidr: 10.0.1.0/24, zone: b, routes: {0.0.0.0/0: igw}}
  app: {vpc: main, cidr: 10.0.2.0/24, zone: a}
  app-b: {vpc: main, cidr: 10.0.3.0/24, zone: b}
  app-c: {vpc: main, cidr: 10.0.4.0/24, zone: c}
security_groups:
  alb: {vpc: main, inbound: {from: 0.0.0.0/0, allow: [tcp/443, tcp/80, icmp]}}
  from-alb: {vpc: main, inbound: {from: alb, allow: all}}
instances:
  one: {subnet: app, security_groups: from-alb, ip: 10.0.2.10}
  two: {subnet: app-b, security_groups: from-alb, ip: 10.0.3.10}
  far: {subnet: app-c, security_groups: from-alb}
  client: {subnet: app-c, security_groups: open}
lambdas: {fn: {}}
target_groups:
  shop: {port: 8080, targets: [one, two, far]}
  admin: {port: 9090, targets: [10.0.2.10, 10.0.3.10]}
  code: {targets: fn}
load_balancers:
  web:
    subnets: [pub, pub-b]
    ips: [10.0.0.20, 10.0.1.20]
    public_ips: [203.0.113.20, 203.0.113.21]
    security_groups: alb
    listeners: {tcp/443: [shop, admin], tcp/80: []}
"""


def changed(*changes: tuple[str, str]) -> str:
    text = WEB
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


# --- the client's connection -------------------------------------------------------------------------------------------------------


def test_W_13_from_the_internet_to_each_node_and_back(scenario: Scenario) -> None:
    network = scenario(changed())
    assert verdict(network, "internet", "web") == "always"
    assert path(network, "internet", "web") == ["internet", "igw", "main", "pub", "web-eni-pub", "web"]
    assert reply_path(network, "internet", "web") == ["web", "web-eni-pub", "pub", "igw", "internet"]
    assert verdict(network, "client", "lb:web") == "always"


def test_ELB_5_a_listener_takes_its_port_and_protocol_only(scenario: Scenario) -> None:
    network = scenario(changed(("allow: [tcp/443, tcp/80, icmp]", "allow: all")))
    assert verdict(network, "client", "web", "tcp/80") == "always"  # a listener that only redirects answers too
    for service in ("tcp/8080", "udp/443", "esp"):
        assert {blocker.code for blocker in network.can("client", "web", service).blockers} == {"ELBV2_LISTENERS_MISMATCH"}
    assert {one.service for one in network.can("client", "web").allowed} == {"tcp/80", "tcp/443", "icmp/8"}


def test_ALB_5_a_node_answers_ping_where_its_group_admits_it(scenario: Scenario) -> None:
    assert verdict(scenario(changed()), "internet", "web", "icmp") == "always"
    assert verdict(scenario(changed((", icmp]", "]"))), "internet", "web", "icmp") == "never"


def test_MODEL_6_nodes_that_differ_make_it_sometimes(scenario: Scenario) -> None:
    shut = changed(("zone: b, routes: {0.0.0.0/0: igw}", "zone: b"))
    answer = scenario(shut).can("internet", "web", "tcp/443")
    assert answer.verdict.value == "sometimes"
    assert {case.when["destination"] for case in answer.cases if case.verdict.value == "never"} == {"web (web-eni-pub-b)"}


@pytest.mark.parametrize(("state", "wanted"), [("active_impaired", "always"), ("provisioning", "never"), ("failed", "never")])
def test_ELB_1_only_an_active_one_works(scenario: Scenario, state: str, wanted: str) -> None:
    network = scenario(changed(("    security_groups: alb\n    listeners", f"    security_groups: alb\n    state: {state}\n    listeners")))
    assert verdict(network, "internet", "web") == wanted
    assert verdict(network, "web", "one", "tcp/8080") == wanted
    if wanted == "never":
        assert {blocker.code for blocker in network.can("internet", "web", "tcp/443").blockers} == {"BAD_STATE"}


# --- the connection to a target ----------------------------------------------------------------------------------------------------


def test_ALB_1_a_target_sees_the_address_of_a_node(scenario: Scenario) -> None:
    network = scenario(changed())
    answer = network.can("10.0.0.20", "one", "tcp/8080")
    assert answer.forward is not None
    assert str(answer.forward.received) == "tcp 10.0.0.20:50000 > 10.0.2.10:8080"
    assert path(network, "10.0.0.20", "one", "tcp/8080") == ["web", "web-eni-pub", "pub", "main", "app", "one-eni", "one"]
    assert reply_path(network, "10.0.0.20", "one", "tcp/8080") == ["one", "one-eni", "app", "main", "pub", "web-eni-pub", "web"]


def test_NACL_14_a_node_uses_every_port_from_1024(scenario: Scenario) -> None:
    """Trap T4: an ACL that opens the ports of Linux clients only."""
    acl = "network_acls: {narrow: {vpc: main, subnets: app, inbound: {1: all}, outbound: {1: tcp/32768-65535}}}"
    acl = acl.replace("{1: all}", "[{rule: 1, allow: all}]").replace("{1: tcp/32768-65535}", "[{rule: 1, allow: tcp/32768-65535}]")
    answer = scenario(changed() + acl).can("web", "one", "tcp/8080")
    assert (answer.verdict.value, answer.query.source_ports) == ("sometimes", "1024-65535")
    assert answer.query.why_ports == "Elastic Load Balancing"


def test_SG_13_a_target_may_name_the_group_of_the_load_balancer_not_the_clients(scenario: Scenario) -> None:
    """Trap T37."""
    assert verdict(scenario(changed()), "web", "one", "tcp/8080") == "always"
    by_client = changed(("{from: alb, allow: all}", "{from: open, allow: all}"))
    assert {blocker.code for blocker in scenario(by_client).can("web", "one", "tcp/8080").blockers} == {"ENI_SG_RULES_MISMATCH"}


def test_ALB_1_the_groups_of_the_load_balancer_judge_what_it_starts(scenario: Scenario) -> None:
    tight = changed(("[tcp/443, tcp/80, icmp]}", "[tcp/443, tcp/80, icmp]}, outbound: {to: from-alb, allow: tcp/8080}"))
    network = scenario(tight)
    assert verdict(network, "web", "one", "tcp/8080") == "always"
    assert {blocker.code for blocker in network.can("web", "one", "tcp/9090").blockers} == {"ENI_SG_RULES_MISMATCH"}
    assert verdict(network, "internet", "web") == "always"


def test_ELB_2_a_node_sends_to_its_targets_only(scenario: Scenario) -> None:
    network = scenario(changed())
    assert {blocker.code for blocker in network.can("web", "client", "tcp/8080").blockers} == {"TARGET_ADDRESS_RESTRICTION"}
    assert {blocker.code for blocker in network.can("web", "internet", "tcp/443").blockers} == {"TARGET_ADDRESS_RESTRICTION"}


def test_ELB_5_a_target_is_reached_on_its_registered_port_only(scenario: Scenario) -> None:
    network = scenario(changed())
    assert {one.service for one in network.can("web", "one").allowed} == {"tcp/8080", "tcp/9090"}
    assert {blocker.code for blocker in network.can("web", "one", "tcp/443").blockers} == {"TARGET_PORT_RESTRICTION"}


def test_ELB_3_zones_that_are_not_enabled_get_nothing(scenario: Scenario) -> None:
    network = scenario(changed())
    assert verdict(network, "10.0.0.20", "two", "tcp/8080") == "always"  # across zones, which is always on
    assert refusal(network, "10.0.0.20", "far", "tcp/8080") == ("forward", "ELB_INSTALLED_AZ_RESTRICTION", "shop target far")


def test_ELB_4_an_unhealthy_target_gets_nothing_while_others_are_healthy(scenario: Scenario) -> None:
    one_ill = changed(
        ("shop: {port: 8080, targets: [one, two, far]}", "shop: {port: 8080, targets: [{target: one, health: unhealthy}, two]}")
    )
    network = scenario(one_ill)
    assert refusal(network, "10.0.0.20", "one", "tcp/8080") == ("forward", "BAD_STATE", "shop health unhealthy")
    assert verdict(network, "web", "one", "tcp/9090") == verdict(network, "web", "two", "tcp/8080") == "always"
    all_ill = one_ill.replace("unhealthy}, two]", "unhealthy}, {target: two, health: initial}]")
    assert verdict(scenario(all_ill), "web", "one", "tcp/8080") == "always"


# --- answers of AWS --------------------------------------------------------------------------------------------------------------


def described(*healths: dict[str, Any], **more: Any) -> dict[str, Any]:
    lists = account()
    node = {"Description": "ELB app/web/50dc6c495c0c9188", "RequesterId": "amazon-elb"}
    lists["NetworkInterfaces"].append(interface("eni-lb", "subnet-pub", "10.0.0.20", "sg-web", public="203.0.113.20", **node))
    lists |= {"LoadBalancers": [balancer()], "Listeners": [listener("shop")], "TargetGroups": [target_group()]}
    return {**lists, **({"TargetHealthDescriptions": list(healths)} if healths else {}), **more}


def test_W_13_both_connections_of_an_account(describe: Describe) -> None:
    network = describe(**described(health("i-app")))
    assert verdict(network, "internet", "web") == verdict(network, "web", "i-app", "tcp/8080") == "always"
    assert verdict(network, "web", "i-app", "tcp/80") == "never"


def test_what_was_not_read_of_a_load_balancer_leaves_it_open(describe: Describe) -> None:
    targets_unread = describe(**described())
    assert verdict(targets_unread, "internet", "web") == "always"
    assert verdict(targets_unread, "web", "i-app", "tcp/8080") == "unknown"
    lists = described(health("i-app"))
    no_listeners = describe(**{key: value for key, value in lists.items() if key != "Listeners"})
    assert verdict(no_listeners, "internet", "web") == verdict(no_listeners, "web", "i-app", "tcp/8080") == "unknown"
    assert verdict(no_listeners, "internet", "web", "tcp/22") == "never"  # its groups are known


def test_a_target_group_may_say_who_uses_it(describe: Describe) -> None:
    lists = described(health("i-app", port=9090), TargetGroups=[target_group(port=9090, LoadBalancerArns=[balancer()["LoadBalancerArn"]])])
    assert verdict(describe(**{**lists, "Listeners": [listener()]}), "web", "i-app", "tcp/8080") == "never"
    sg = lists["SecurityGroups"][1]["IpPermissions"][0]
    sg |= {"FromPort": 9090, "ToPort": 9090}
    assert verdict(describe(**{**lists, "Listeners": [listener()]}), "web", "i-app", "tcp/9090") == "always"


def test_an_instance_that_was_not_read_leaves_its_address_open(describe: Describe) -> None:
    network = describe(**described(health("i-gone"), health("i-app")))
    assert verdict(network, "web", "i-app", "tcp/8080") == "always"
    assert verdict(network, "web", "i-web", "tcp/443") == "unknown"
