"""Client VPN endpoints as AWS tells them: states, associations, and whom a rule is for (CVPN-1)."""

from __future__ import annotations

import pytest

from simulator.aws.client_vpn import ClientVpn
from simulator.aws.network_interface import NetworkInterface
from simulator.graph.nodes import Lookup
from tests.aws.reading import Describe, Scenario, changed, refusal, verdict, warnings
from tests.aws.test_client_vpn import described, found_in, site

HERE = {"ClientVpnEndpointId": "cvpn-endpoint-1"}
ASSOCIATED = {**HERE, "TargetNetworkId": "subnet-app", "VpcId": "vpc-1", "Status": {"Code": "associated"}}


def test_CVPN_1_an_endpoint_that_is_not_available_carries_nothing(describe: Describe) -> None:
    lists = changed(described(), "ClientVpnEndpoints", "cvpn-endpoint-1", Status={"Code": "pending-associate"})
    network = describe(**lists)
    assert found_in(network).state == "pending-associate"
    assert refusal(network, "people", "i-app") == ("forward", "BAD_STATE", "cvpn-endpoint-1 state pending-associate")


@pytest.mark.parametrize("state", ["deleted", "deleting"])
def test_an_endpoint_that_is_gone_is_none(describe: Describe, state: str) -> None:
    lists = changed(described(), "ClientVpnEndpoints", "cvpn-endpoint-1", Status={"Code": state})
    assert list(describe(**lists).snapshot.all(ClientVpn)) == []


def test_an_association_without_groups_leaves_those_of_the_endpoint(describe: Describe) -> None:
    found = found_in(describe(**described(ClientVpnTargetNetworks=[ASSOCIATED])))
    assert (found.subnets, found.groups) == (("subnet-app",), ("sg-vpn",))


def test_an_association_told_twice_is_one_and_one_of_an_unread_endpoint_none(describe: Describe) -> None:
    other = {**ASSOCIATED, "ClientVpnEndpointId": "cvpn-endpoint-9"}
    assert found_in(describe(**described(ClientVpnTargetNetworks=[ASSOCIATED, ASSOCIATED, other]))).subnets == ("subnet-app",)


def test_CVPN_1_a_rule_for_all_is_for_no_group(describe: Describe) -> None:
    rule = {**HERE, "DestinationCidr": "10.0.0.0/16", "GroupId": "S-1", "Status": {"Code": "active"}}
    for everybody, group in ((True, ""), (False, "S-1")):
        found = found_in(describe(**described(AuthorizationRules=[{**rule, "AccessAll": everybody}])))
        assert [one.group for one in found.rules] == [group]


def test_the_interface_of_an_endpoint_is_of_its_type(describe: Describe) -> None:
    network = describe(**described())
    interface = network.snapshot.get(NetworkInterface, "eni-vpn")
    assert interface is not None
    assert (interface.type, interface.owner) == ("client_vpn", "cvpn-endpoint-1")


@pytest.mark.parametrize(
    ("block", "taken"), [("172.16.0.0/12", True), ("172.16.0.0/22", True), ("10.0.0.0/11", False), ("172.16.0.0/23", False)]
)
def test_blocks_of_clients_that_aws_takes(scenario: Scenario, block: str, taken: bool) -> None:
    told = [message for message in warnings(scenario(site(("172.20.0.0/16", block)))) if "AWS takes a block of clients" in message]
    assert bool(told) is not taken


def test_blocks_that_are_cut_are_told_with_the_endpoint(describe: Describe) -> None:
    route = {**HERE, "DestinationCidr": "10.0.0.9/16", "TargetSubnet": "subnet-app", "Status": {"Code": "active"}}
    rule = {**HERE, "DestinationCidr": "10.0.0.8/16", "AccessAll": True, "Status": {"Code": "active"}}
    told = warnings(describe(**described(Routes=[route], AuthorizationRules=[rule])))
    assert [message.split("`: ")[0] for message in told] == ["Client VPN endpoint `cvpn-endpoint-1"] * 2


def test_routes_are_told_with_the_subnets_they_lead_through(scenario: Scenario) -> None:
    network = scenario(site())
    table = next(node for node in network.flow_graph.nodes if isinstance(node, Lookup) and node.what == "its route table")
    assert [route.what for route in table.table.routes] == ["10.0.0.0/16 -> gate"]
    assert verdict(network, "people", "web") == "always"


def test_MODEL_6_CVPN_1_an_association_whose_interface_was_not_read_is_one_way_of_several(describe: Describe) -> None:
    """Its interface is assumed in a subnet that was read; through another one nobody knows what happens."""
    near, far = {**ASSOCIATED, "TargetNetworkId": "subnet-pub"}, {**ASSOCIATED, "TargetNetworkId": "subnet-9"}
    groups = {"SecurityGroups": ["sg-vpn"]}
    both = describe(**described(ClientVpnTargetNetworks=[{**ASSOCIATED, **groups}, {**near, **groups}]))
    assert found_in(both).interfaces == ("eni-vpn", "cvpn-endpoint-1-eni-subnet-pub")
    assert verdict(both, "people", "i-app") == "always"
    lost = describe(**described(ClientVpnTargetNetworks=[ASSOCIATED, far]))
    assert verdict(lost, "people", "i-app") == "unknown"
    assert [gap.place for gap in lost.can("people", "i-app", "tcp/443").gaps] == ["cvpn-endpoint-1"]
    assert "Client VPN endpoint `cvpn-endpoint-1` is associated with subnet `subnet-9`, which was not read" in warnings(lost)


def test_CVPN_1_a_route_by_an_association_that_was_not_read_is_unknown(describe: Describe) -> None:
    far = {**ASSOCIATED, "TargetNetworkId": "subnet-9"}
    route = {**HERE, "DestinationCidr": "192.168.0.0/16", "TargetSubnet": "subnet-9", "Type": "Nat", "Status": {"Code": "active"}}
    rule = {**HERE, "DestinationCidr": "0.0.0.0/0", "AccessAll": True, "Status": {"Code": "active"}}
    told = {"Routes": [route], "AuthorizationRules": [rule]}
    assert verdict(describe(**described(ClientVpnTargetNetworks=[ASSOCIATED, far], **told)), "people", "192.168.0.1") == "unknown"
    assert verdict(describe(**described(ClientVpnTargetNetworks=[ASSOCIATED], **told)), "people", "192.168.0.1") == "never"
