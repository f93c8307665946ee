"""VPC links and private APIs of API Gateway, in both spellings (SVC-7)."""

from __future__ import annotations

from typing import Any

from simulator.aws.vpc_link import VpcLink
from tests.aws.reading import Describe, Scenario, account, not_modelled, path, refusal, verdict

HOSTS = """
vpcs: {main: {cidr: 10.0.0.0/16, region: eu-west-1}}
subnets:
  links: {vpc: main, cidr: 10.0.0.0/24}
  app: {vpc: main, cidr: 10.0.1.0/24}
security_groups:
  link: {vpc: main, outbound: {to: 10.0.1.0/24, allow: tcp/8080}}
  app: {vpc: main, inbound: {from: link, allow: all}}
  api: {vpc: main, inbound: {from: app, allow: tcp/443}}
vpc_links: {orders: {subnets: links, security_groups: link}}
vpc_endpoints: {private-api: {vpc: main, service: execute-api, subnets: links, security_groups: api}}
instances: {server: {subnet: app, security_groups: app}}
"""


def test_SVC_7_a_link_is_an_interface_with_groups(scenario: Scenario) -> None:
    network = scenario(HOSTS)
    assert verdict(network, "link:orders", "server", "tcp/8080") == "always"
    assert path(network, "orders", "server", "tcp/8080")[:3] == ["orders", "orders-eni", "links"]
    assert refusal(network, "orders", "server", "tcp/443")[2] == "link no egress rule matches"


def test_SVC_7_a_private_api_is_an_interface_endpoint(scenario: Scenario) -> None:
    network = scenario(HOSTS)
    assert path(network, "server", "service:execute-api")[-1] == "private-api"
    assert refusal(network, "orders", "private-api")[2] == "link no egress rule matches"


LINK: dict[str, Any] = {
    "VpcLinkId": "abc123",
    "Name": "orders",
    "SubnetIds": ["subnet-pub"],
    "SecurityGroupIds": ["sg-web"],
    "VpcLinkStatus": "AVAILABLE",
    "VpcLinkVersion": "V2",
}


def test_the_link_of_a_describe_answer(describe: Describe) -> None:
    network = describe(**account(), Items=[LINK])
    found = network.snapshot.get(VpcLink, "abc123")
    assert found is not None
    assert (found.name, found.interfaces) == ("orders", ("abc123-eni-subnet-pub",))
    answer = network.can("link:orders", "i-app", "tcp/8080")
    assert answer.verdict.value == "always"
    assert answer.assumptions == ("the interface of abc123 in subnet-pub was not read: a free address of the subnet is taken",)


def test_a_link_that_does_not_work_and_other_items_are_told(describe: Describe) -> None:
    network = describe(**account(), Items=[{**LINK, "VpcLinkStatus": "FAILED"}, {"ApiId": "x", "Name": "y"}])
    assert not_modelled(network) == ["VPC link `abc123` is failed; it is left out", "1 element of API Gateway not modelled"]
