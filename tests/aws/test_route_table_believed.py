"""Believed, not found on an AWS page: what dead routes hide (RT-15, RT-16), route servers (RT-24) and gateways of other VPCs (RT-30)."""

from __future__ import annotations

import pytest

from tests.aws.reading import Describe, Scenario, refusal
from tests.aws.test_route_table import HOSTS, described, route, via


def test_RT_15_a_blackhole_is_not_passed_over_for_a_shorter_route(scenario: Scenario) -> None:
    """Trap T20."""
    network = scenario(via("[{to: 203.0.113.0/24, via: nat, blackhole: true}, {to: 0.0.0.0/0, via: nat}]"))
    assert refusal(network, "one", "203.0.113.7") == ("forward", "BAD_STATE_ROUTE", "a-routes route 203.0.113.0/24")


@pytest.mark.parametrize("order", [1, -1])
def test_RT_16_a_dead_static_route_still_hides_a_propagated_one(scenario: Scenario, order: int) -> None:
    routes = ["{to: 0.0.0.0/0, via: nat, blackhole: true}", "{to: 0.0.0.0/0, via: other, propagated: true}"]
    network = scenario(via(f"[{', '.join(routes[::order])}]"))
    assert refusal(network, "one", "192.0.2.1")[1] == "BAD_STATE_ROUTE"


@pytest.mark.parametrize("order", [1, -1])
def test_RT_24_what_a_route_server_installed_counts_as_propagated(describe: Describe, order: int) -> None:
    installed = route(NetworkInterfaceId="eni-9", Origin="Advertisement")
    answer = describe(**described(*[installed, route(NatGatewayId="nat-9")][::order])).can("i-app", "192.0.2.1", "tcp/443")
    assert [gap.place for gap in answer.gaps] == ["nat-9"]
    alone = describe(**described(installed)).can("i-app", "192.0.2.1", "tcp/443")
    assert [gap.place for gap in alone.gaps] == ["eni-9"]


def test_RT_30_the_gateway_of_another_vpc_is_no_target(scenario: Scenario) -> None:
    network = scenario("vpcs: {far: {cidr: 10.9.0.0/16, internet_gateway: far-igw}}\n" + via("{0.0.0.0/0: far-igw}", HOSTS))
    assert refusal(network, "one", "192.0.2.1")[:2] == ("forward", "BAD_STATE_ATTACHMENT")
