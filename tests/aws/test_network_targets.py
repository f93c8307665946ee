"""What a node of a network load balancer knows of its targets, in accounts of which not everything was read (NLB-4, ELB-5)."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.aws.load_balancer import LoadBalancer, nodes_of
from simulator.aws.network_targets import Plan, Way, plans_of
from tests.aws.balanced import balancer, health, listener, target_group
from tests.aws.reading import Describe, Scenario, account, interface, warnings

NODE = interface("eni-node", "subnet-pub", "10.0.0.20", "sg-web") | {
    "InterfaceType": "network_load_balancer",
    "Description": "ELB net/nlb/50dc6c495c0c9188",
    "RequesterManaged": True,
}
OF = "net/nlb/50dc6c495c0c9188"


def plan(describe: Describe, *healths: dict[str, Any], without: str = "", protocol: str = "TCP", **more: Any) -> Plan:
    lists = account()
    lists["NetworkInterfaces"].append(NODE)
    lists["LoadBalancers"] = [balancer("nlb", "network")]
    lists["Listeners"] = [listener("shop", protocol=protocol, port=80, of=OF)]
    lists["TargetGroups"] = [target_group(protocol="TCP", **more)]
    if healths:
        lists["TargetHealthDescriptions"] = list(healths)
    if without:
        del lists[without]
    network = describe(**lists)
    (found,) = network.snapshot.all(LoadBalancer)
    (node,) = nodes_of(network.snapshot, found)
    (one,) = plans_of(network.snapshot, found, node)
    return one


def ways(found: Plan) -> list[tuple[str, bool, Way]]:
    return [(option.aim.target.id, option.keeps, option.way) for option in found.options]


def test_NLB_4_the_local_route_leads_directly_to_a_target_and_another_way_loses_the_client(describe: Describe) -> None:
    assert ways(plan(describe, health("i-app"))) == [("i-app", True, Way.DIRECT)]
    assert ways(plan(describe, health("i-web"))) == [("i-web", True, Way.DIRECT)]
    kept = plan(describe, health("192.168.0.9"), kind="ip")
    assert ways(kept) == [("192.168.0.9", False, Way.DIRECT)]  # NLB-2: hidden, so that it does not matter


def test_NLB_4_by_a_table_that_was_not_read_nobody_knows_the_way(describe: Describe) -> None:
    assert ways(plan(describe, health("i-app"), without="RouteTables")) == [("i-app", True, Way.UNKNOWN)]
    assert ways(plan(describe, health("i-web"), without="RouteTables")) == [("i-web", True, Way.DIRECT)]  # of its own subnet


def test_a_group_whose_targets_were_not_read_is_not_known(describe: Describe) -> None:
    found = plan(describe)
    assert (found.options, found.unread, found.elsewhere) == ((), True, False)


def test_ELB_5_a_protocol_that_nobody_knows_sends_nothing_of_its_own(describe: Describe) -> None:
    assert ways(plan(describe, health("i-app"), protocol="CARRIER_PIGEON")) == [("i-app", True, Way.DIRECT)]


@pytest.mark.parametrize(("kind", "told"), [("network", True), ("application", False)])
def test_NLB_11_only_network_load_balancers_are_told_of_instances_elsewhere(scenario: Scenario, kind: str, told: bool) -> None:
    groups = ", security_groups: open" if kind == "application" else ""
    network = scenario(
        f"""
        vpcs: {{main: {{cidr: 10.0.0.0/16}}, far: {{cidr: 10.1.0.0/16}}}}
        security_groups: {{there: {{vpc: far}}}}
        subnets: {{a: {{vpc: main, cidr: 10.0.0.0/24}}, b: {{vpc: far, cidr: 10.1.0.0/24}}, c: {{vpc: main, cidr: 10.0.1.0/24, zone: b}}}}
        instances: {{one: {{subnet: b, security_groups: there}}}}
        target_groups: {{g: {{port: 80, protocol: tcp, targets: one}}}}
        load_balancers: {{lb: {{type: {kind}, subnets: [a, c], listeners: {{tcp/80: g}}{groups}}}}}
        """
    )
    assert any("(NLB-11)" in message for message in warnings(network)) is told
