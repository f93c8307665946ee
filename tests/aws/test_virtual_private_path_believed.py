"""What a virtual private gateway is believed to do: no AWS page that was read says so (VGW-8)."""

from __future__ import annotations

from tests.aws.hybrid import HOST, office
from tests.aws.reading import Scenario, path, refusal, verdict
from tests.aws.test_virtual_private_path import VPN


def test_VGW_8_two_sites_reach_each_other_without_the_vpc(scenario: Scenario) -> None:
    sites = (
        ("{office: {networks: 192.168.10.0/24}}", "{office: {networks: 192.168.10.0/24}, plant: {networks: 192.168.20.0/24}}"),
        ("{vpn: " + VPN, "{vpn: " + VPN + ", vpn-2: {gateway: vgw, customer_gateway: plant}"),
    )
    network = scenario(office(*sites))
    assert path(network, "onprem:office", "onprem:plant") == ["office", "vpn", "vgw", "vpn-2", "plant"]
    assert verdict(network, "onprem:office", "onprem:plant") == "always"
    assert verdict(scenario(office(*sites, ("{vpc: main, propagates_to: main-main}", "{}"))), "onprem:office", "onprem:plant") == "always"
    down = scenario(office(*sites).replace("customer_gateway: plant", "customer_gateway: plant, tunnels: down"))
    assert refusal(down, "onprem:office", "onprem:plant")[1] == "BAD_STATE_VPN"


def test_VGW_8_a_block_of_the_vpc_is_the_vpcs(scenario: Scenario) -> None:
    sites = (
        ("{office: {networks: 192.168.10.0/24}}", "{office: {networks: 192.168.10.0/24}, plant: {networks: 10.0.1.0/25}}"),
        ("{vpn: " + VPN, "{vpn: " + VPN + ", vpn-2: {gateway: vgw, customer_gateway: plant}"),
    )
    network = scenario(office(*sites))
    assert path(network, HOST, "web")[:4] == ["office", "vpn", "vgw", "main"]
