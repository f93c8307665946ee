"""The rank of what a Route Server installs in a gateway's table is believed (RT-24)."""

from __future__ import annotations

from tests.aws.reading import Describe, Scenario, refusal, warnings
from tests.aws.test_gateway_route_table import described, edge, redirect, routed, way


def test_RT_24_what_a_route_server_installed_counts_at_an_internet_gateway(scenario: Scenario, describe: Describe) -> None:
    installed = scenario(routed("[{to: 10.0.1.0/24, via: fw, propagated: true}]"))
    assert warnings(installed) == []
    assert way(installed, "internet", "web")[:4] == ["igw", "fwnet", "fw-eni", "fw"]
    network = describe(**described({**redirect(), "Origin": "Advertisement"}))
    assert warnings(network) == []
    assert way(network, "internet", "i-web", one_way=True)[:3] == ["igw-1", "subnet-fw", "eni-fw"]
    written = routed("[{to: 10.0.1.0/24, via: blackhole}, {to: 10.0.1.0/24, via: fw, propagated: true}]")
    assert refusal(scenario(written), "internet", "web") == ("forward", "BAD_STATE_ROUTE", "edge route 10.0.1.0/24")


def test_RT_24_but_not_at_a_virtual_private_gateway(scenario: Scenario) -> None:
    text = edge(
        (
            "gateways: igw, routes: {10.0.1.0/24: fw, 10.0.4.0/24: fw}",
            "gateways: vgw, routes: [{to: 10.0.1.0/24, via: fw, propagated: true}]",
        )
    )
    network = scenario(text + "vpn_gateways: {vgw: {vpc: main}}")
    assert [message.split("; ")[1] for message in warnings(network)] == ["nothing is propagated to it"]
