"""What is believed of Direct Connect: public interfaces, and what is down (DX-1, VPN-2)."""

from __future__ import annotations

from tests.aws.reading import Scenario, path, refusal, verdict
from tests.aws.test_direct_connect_path import HOST, sites


def test_DX_1_a_public_interface_comes_by_the_internet_gateway(scenario: Scenario) -> None:
    public = {
        "virtual_interfaces": {"pub": {"type": "public", "bgp_routes": ["203.0.113.0/24"]}},
        "subnets": {"dmz": {"vpc": "main", "cidr": "10.0.2.0/24", "routes": {"0.0.0.0/0": "igw"}}},
        "instances": {"front": {"subnet": "dmz", "security_groups": "open", "public_ip": "198.51.100.9"}},
    }
    network = scenario(sites(**public))  # type: ignore[arg-type]
    assert path(network, "onprem:pub", "front")[:2] == ["internet", "igw"]
    assert verdict(network, "onprem:pub", "front") == "always"
    assert verdict(network, "onprem:pub", "web") == "never"


def test_VPN_2_what_is_down_carries_nothing(scenario: Scenario) -> None:
    down = scenario(sites(virtual_interfaces={"vif": {"gateway": "dx", "bgp_routes": ["10.50.0.0/16"], "state": "down"}}))
    assert refusal(down, HOST, "web") == ("forward", "BAD_STATE", "vif it is down")
    assert verdict(down, "web", HOST) == "never"
