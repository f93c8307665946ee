"""What is believed of virtual private gateways: no AWS page that was read says so (VGW-1, VPN-2)."""

from __future__ import annotations

from tests.aws.hybrid import office
from tests.aws.reading import Scenario, errors, warnings
from tests.aws.test_virtual_private_gateway import propagated


def test_VGW_1_a_vpc_has_one(scenario: Scenario) -> None:
    (message,) = errors(scenario, office(("vpn_gateways: {", "vpn_gateways: {other: {vpc: main}, ")))
    assert message == "VPC `main` has 2 virtual private gateways attached; AWS allows one (VGW-1)"
    assert warnings(scenario(office(("vpn_gateways: {", "vpn_gateways: {other: {vpc: main, state: detaching}, ")))) == []


def test_VPN_2_what_only_a_connection_without_tunnel_knows_is_not_propagated(scenario: Scenario) -> None:
    assert propagated(scenario(office(("customer_gateway: office}", "customer_gateway: office, tunnels: [down, down]}")))) == []
    assert propagated(scenario(office(("customer_gateway: office}", "customer_gateway: office, tunnels: [down, up]}")))) != []
