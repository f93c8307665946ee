"""Believed, not found on an AWS page: pods of EKS have further addresses of their node (SVC-6)."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.aws.network_interface import NetworkInterface
from tests.aws.reading import Describe, Scenario, account, changed, interface, path, refusal, reply_path, verdict

NODE = """
subnets:
  pub: {vpc: main, cidr: 10.0.0.0/24, routes: {0.0.0.0/0: igw}}
  app: {vpc: main, cidr: 10.0.1.0/24}
interfaces:
  first: {subnet: pub, security_groups: nodes, ip: 10.0.0.10, public_ip: 198.51.100.10, secondary_ips: {10.0.0.11: }}
  second: {subnet: app, security_groups: pods, ip: 10.0.1.10, prefixes: 10.0.1.16/28}
security_groups:
  nodes: {vpc: main, outbound: {to: 0.0.0.0/0, allow: tcp/443}}
  pods: {vpc: main, outbound: {to: 10.0.0.0/16, allow: all}}
instances:
  node: {interfaces: [first, second], pods: translated}
  server: {subnet: app, security_groups: open, ip: 10.0.1.50}
"""


@pytest.mark.parametrize("pod", ["10.0.0.11", "10.0.1.20"])
def test_SVC_6_outside_the_vpc_it_has_the_nodes_primary_address(scenario: Scenario, pod: str) -> None:
    """By the node's first interface and its groups, whichever interface the pod's address belongs to."""
    network = scenario(NODE)
    answer = network.can(pod, "internet", "tcp/443")
    assert answer.verdict.value == "always"
    assert answer.forward is not None
    assert answer.forward.received.source == 0xC633640A
    assert path(network, pod, "internet") == ["node", "first", "pub", "igw", "internet"]
    assert reply_path(network, pod, "internet")[-2:] == ["first", "node"]
    assert refusal(network, pod, "internet", "tcp/80")[2] == "nodes no egress rule matches"


def test_SVC_6_inside_it_has_its_own(scenario: Scenario) -> None:
    network = scenario(NODE)
    answer = network.can("10.0.1.20", "server", "tcp/80")
    assert answer.verdict.value == "always"
    assert answer.forward is not None
    assert answer.forward.received.source == 0x0A000114
    assert path(network, "10.0.1.20", "server", "tcp/80")[:3] == ["node", "second", "app"]


def test_SVC_6_the_node_itself_is_not_translated(scenario: Scenario) -> None:
    network = scenario(NODE.replace("pods: {vpc: main, outbound: {to: 10.0.0.0/16, allow: all}}", "pods: {vpc: main}"))
    assert verdict(network, "10.0.0.10", "internet") == "always"
    assert refusal(network, "10.0.1.10", "internet")[1] == "NO_ROUTE_TO_DESTINATION"  # the second interface's own


def test_SVC_6_kept_addresses_are_nobodys_outside(scenario: Scenario) -> None:
    network = scenario(NODE.replace("pods: translated", "pods: kept"))
    assert refusal(network, "10.0.0.11", "internet")[1] == "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS"


def described(*tags: str, **more: Any) -> dict[str, Any]:
    lists = changed(account(), "NetworkInterfaces", "eni-web", Ipv4Prefixes=[{"Ipv4Prefix": "10.0.0.32/28"}], **more)
    (reservation,) = lists["Reservations"]
    first, *others = reservation["Instances"]
    tagged = {**first, "Tags": [{"Key": key, "Value": "x"} for key in tags]}
    return {**lists, "Reservations": [{**reservation, "Instances": [tagged, *others]}]}


@pytest.mark.parametrize("tag", ["kubernetes.io/cluster/shop", "eks:cluster-name"])
def test_SVC_6_a_node_is_known_by_its_tags_and_the_answer_says_what_is_assumed(describe: Describe, tag: str) -> None:
    answer = describe(**described(tag)).can("10.0.0.40", "internet", "tcp/443")
    note = "pods of i-web leave the VPC under its primary address, as the VPC CNI has it unless told otherwise"
    assert (answer.verdict.value, answer.assumptions) == (
        "always",
        ("VPC Block Public Access of vpc-1 was not read: taken to be off", note),
    )


def test_SVC_6_without_them_nothing_is_translated(describe: Describe) -> None:
    network = describe(**described("Name"))
    assert refusal(network, "10.0.0.40", "internet")[1] == "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS"
    assert verdict(network, "internet", "i-web") == "always"


def test_SVC_6_a_pod_with_groups_of_its_own_is_an_interface(describe: Describe) -> None:
    lists = account()
    lists["NetworkInterfaces"].append(interface("eni-branch", "subnet-app", "10.0.1.77", "sg-app", InterfaceType="branch"))
    network = describe(**lists)
    assert verdict(network, "i-web", "10.0.1.77", "tcp/8080") == "always"
    assert verdict(network, "i-web", "10.0.1.77", "tcp/22") == "never"


def test_ipv6_prefixes_are_read(describe: Describe) -> None:
    found = describe(**described(Ipv6Prefixes=[{"Ipv6Prefix": "2001:db8::/80"}])).snapshot.get(NetworkInterface, "eni-web")
    assert found is not None
    assert list(map(str, found.delegated)) == ["10.0.0.32/28", "2001:db8::/80"]


def test_SVC_6_what_a_pod_answers_keeps_its_address(scenario: Scenario) -> None:
    """Linux translates the first packet of a connection: a peer that asked a pod gets the answer of whom it asked."""
    network = scenario("""
vpcs:
  other: {cidr: 10.1.0.0/16}
peerings:
  between: {vpcs: [main, other]}
subnets:
  app:  {vpc: main, cidr: 10.0.1.0/24, routes: {10.1.0.0/16: between}}
  away: {vpc: other, cidr: 10.1.1.0/24, routes: {10.0.0.0/16: between}}
security_groups:
  pods:  {vpc: main, inbound: {from: 10.1.0.0/16, allow: tcp/443}}
  there: {vpc: other, inbound: {from: 10.0.1.10/32, allow: tcp/443}}
instances:
  node: {subnet: app, ip: 10.0.1.10, prefixes: 10.0.1.16/28, security_groups: pods, pods: translated}
  peer: {subnet: away, ip: 10.1.1.10, security_groups: there}
""")
    assert verdict(network, "peer", "10.0.1.20", "tcp/443") == "always"
    answer = network.can("10.0.1.20", "peer", "tcp/443")  # what it starts itself goes under the node's address
    assert answer.verdict.value == "always"
    assert answer.forward is not None
    assert answer.forward.received.source == 0x0A00010A
