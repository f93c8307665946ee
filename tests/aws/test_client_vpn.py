"""Client VPN endpoints in both spellings, who may reach what, and as whom (CVPN-1, CVPN-2, SG-13, BPA-9)."""

from __future__ import annotations

from typing import Any

import pytest

import simulator
from simulator.aws.client_vpn import ClientVpn
from simulator.aws.network_interface import NetworkInterface
from tests.aws.reading import (
    Describe,
    Scenario,
    account,
    changed,
    errors,
    group,
    interface,
    not_modelled,
    refusal,
    verdict,
    warnings,
)

SITE = """
subnets:
  gate: {vpc: main, cidr: 10.0.9.0/24, zone: a}
  app: {vpc: main, cidr: 10.0.1.0/24, zone: a}
client_vpns:
  people: {client_cidr: 172.20.0.0/16, subnets: gate, security_groups: vpn, authorize: {10.0.0.0/16: all}}
security_groups:
  vpn: {vpc: main}
  from-vpn: {vpc: main, inbound: {from: vpn, allow: tcp/443}}
  from-gate: {vpc: main, inbound: {from: 10.0.9.0/24, allow: tcp/443}}
  from-clients: {vpc: main, inbound: {from: 172.20.0.0/16, allow: tcp/443}}
instances:
  web: {subnet: app, security_groups: from-vpn, ip: 10.0.1.10}
  near: {subnet: app, security_groups: from-gate, ip: 10.0.1.11}
  deaf: {subnet: app, security_groups: from-clients, ip: 10.0.1.12}
"""


def site(*changes: tuple[str, str]) -> str:
    """`SITE` with some words put in the place of others."""
    text = SITE
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def authorized(rules: str) -> str:
    return site(("authorize: {10.0.0.0/16: all}", f"authorize: {rules}"))


def found_in(network: simulator.Network) -> ClientVpn:
    (found,) = network.snapshot.all(ClientVpn)
    return found


# --- spellings ---------------------------------------------------------------------------------------------------------------------


def test_an_endpoint_of_a_scenario(scenario: Scenario) -> None:
    network = scenario(SITE)
    found = found_in(network)
    assert (str(found.clients), found.subnets, found.groups, found.interfaces) == ("172.20.0.0/16", ("gate",), ("vpn",), ("people-eni",))
    assert [(str(rule.prefix), rule.group) for rule in found.rules] == [("10.0.0.0/16", "")]
    assert warnings(network) == []


def described(**more: Any) -> dict[str, Any]:
    """The account with an endpoint in its private subnet, whose interface was read."""
    endpoint = {
        "ClientVpnEndpointId": "cvpn-endpoint-1",
        "Description": "people",
        "Status": {"Code": "available"},
        "ClientCidrBlock": "172.20.0.0/16",
        "SplitTunnel": False,
        "VpnProtocol": "openvpn",
        "SecurityGroupIds": ["sg-vpn"],
        "VpcId": "vpc-1",
        "Tags": [{"Key": "Name", "Value": "people"}],
    }
    here = {"ClientVpnEndpointId": "cvpn-endpoint-1"}
    associated = {**here, "AssociationId": "cvpn-assoc-1", "TargetNetworkId": "subnet-app", "VpcId": "vpc-1", "SecurityGroups": ["sg-vpn"]}
    lists = changed(
        account(), "SecurityGroups", "sg-app", IpPermissions=[{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-vpn"}]}]
    )
    lists["SecurityGroups"].append(group("sg-vpn", IpPermissionsEgress=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]))
    told = {"Description": "ClientVPN Endpoint resource", "RequesterManaged": True}
    lists["NetworkInterfaces"].append(interface("eni-vpn", "subnet-app", "10.0.1.99", "sg-vpn", **told))
    given = {
        "ClientVpnEndpoints": [endpoint],
        "ClientVpnTargetNetworks": [{**associated, "Status": {"Code": "associated"}}],
        "Routes": [{**here, "DestinationCidr": "10.0.0.0/16", "TargetSubnet": "subnet-app", "Type": "Nat", "Status": {"Code": "active"}}],
        "AuthorizationRules": [{**here, "DestinationCidr": "10.0.0.0/16", "AccessAll": True, "Status": {"Code": "active"}}],
        **more,
    }
    return {**lists, **{key: value for key, value in given.items() if value is not None}}


def test_an_endpoint_of_describe_answers(describe: Describe) -> None:
    network = describe(**described())
    found = found_in(network)
    assert (found.name, found.subnets, found.groups, found.interfaces) == ("people", ("subnet-app",), ("sg-vpn",), ("eni-vpn",))
    assert [str(route.prefix) for route in found.routes] == [str(rule.prefix) for rule in found.rules] == ["10.0.0.0/16"]
    assert warnings(network) == not_modelled(network) == []
    assert verdict(network, "cvpn-endpoint-1", "i-app") == verdict(network, "cvpn:people", "i-app") == "always"


def test_an_interface_that_was_not_read_is_assumed(describe: Describe) -> None:
    lists = described()
    del lists["NetworkInterfaces"][-1]
    network = describe(**lists)
    own = network.snapshot.get(NetworkInterface, found_in(network).interfaces[0])
    assert own is not None
    assert own.assumed == "the interface of cvpn-endpoint-1 in subnet-app was not read: a free address of the subnet is taken"
    assert verdict(network, "people", "i-app") == "always"
    assert own.assumed in network.can("people", "i-app", "tcp/443").assumptions


@pytest.mark.parametrize("lost", ["ClientVpnTargetNetworks", "AuthorizationRules"])
def test_what_was_not_read_is_unknown(describe: Describe, lost: str) -> None:
    assert verdict(describe(**described(**{lost: None})), "people", "i-app") == "unknown"


def test_routes_that_were_not_read_are_unknown_outside_the_vpc(describe: Describe) -> None:
    everywhere = [
        {"ClientVpnEndpointId": "cvpn-endpoint-1", "DestinationCidr": "0.0.0.0/0", "AccessAll": True, "Status": {"Code": "active"}}
    ]
    network = describe(**described(Routes=None, AuthorizationRules=everywhere))
    assert verdict(network, "people", "i-app") == "always"  # the route for the VPC comes with every association
    assert verdict(network, "people", "192.168.0.1") == "unknown"
    assert verdict(describe(**described(AuthorizationRules=everywhere)), "people", "192.168.0.1") == "never"


def test_routes_that_do_not_say_whose_they_are_are_told(describe: Describe) -> None:
    network = describe(**account(), Routes=[{"DestinationCidrBlock": "10.9.0.0/16", "State": "active"}], AdditionalRoutesAvailable=False)
    assert not_modelled(network) == [
        (
            "routes that do not say whose they are are not modelled; name the file after their transit gateway route table, if they are"
            " of one (`tgw-rtb-...`)"
        )
    ]


@pytest.mark.parametrize("key", ["ClientVpnTargetNetworks", "Routes", "AuthorizationRules"])
def test_parts_that_are_going_do_not_count(describe: Describe, key: str) -> None:
    lists = described()
    lists[key] = [{**lists[key][0], "Status": {"Code": "deleting" if key == "Routes" else "revoking"}}]
    if key == "ClientVpnTargetNetworks":
        lists[key][0]["Status"] = {"Code": "disassociating"}
    assert verdict(describe(**lists), "people", "i-app") == ("always" if key == "Routes" else "never")


# --- who reaches what ----------------------------------------------------------------------------------------------------------------


def test_CVPN_1_an_authorization_rule_covers_the_destination(scenario: Scenario) -> None:
    network = scenario(authorized("{10.0.1.10/32: all}"))
    assert verdict(network, "people", "web") == "always"
    assert refusal(network, "people", "near") == ("forward", "SIM_NOT_AUTHORIZED", "people no authorization rule covers it")
    assert refusal(scenario(authorized("{}")), "people", "web")[1] == "SIM_NOT_AUTHORIZED"


def test_CVPN_1_a_rule_for_a_group_lets_its_members_pass(scenario: Scenario) -> None:
    network = scenario(authorized("{10.0.0.0/16: staff}"))
    answer = network.can("people", "web", "tcp/443")
    assert answer.verdict is simulator.Verdict.SOMETIMES
    assert {case.verdict.value: case.when["choice"] for case in answer.cases} == {
        "always": ["a member of staff"],
        "never": ["somebody else"],
    }
    assert verdict(scenario(authorized("{10.0.0.0/16: [staff, all]}")), "people", "web") == "always"


def test_CVPN_1_the_longest_rule_decides(scenario: Scenario) -> None:
    network = scenario(authorized("{10.0.0.0/16: all, 10.0.1.10/32: staff}"))
    assert (verdict(network, "people", "web"), verdict(network, "people", "near")) == ("sometimes", "always")


def test_CVPN_1_its_own_table_must_route_it(scenario: Scenario) -> None:
    everywhere = authorized("{0.0.0.0/0: all}")
    assert refusal(scenario(everywhere), "people", "192.0.2.1") == ("forward", "NO_ROUTE_TO_DESTINATION", "people no route matches")
    routed = everywhere.replace("subnets: gate, security", "subnets: gate, routes: {0.0.0.0/0: gate}, security")
    assert refusal(scenario(routed), "people", "192.0.2.1")[1:] == ("NO_ROUTE_TO_DESTINATION", "main-main no route matches")
    out = routed.replace("{vpc: main, cidr: 10.0.9.0/24, zone: a}", "{vpc: main, cidr: 10.0.9.0/24, zone: a, routes: {0.0.0.0/0: igw}}")
    assert refusal(scenario(out), "people", "192.0.2.1")[1] == "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS"
    nat = out.replace("{0.0.0.0/0: igw}}", "{0.0.0.0/0: nat}}") + "regional_nat_gateways: {nat: {vpc: main, public_ips: 198.51.100.7}}\n"
    assert verdict(scenario(nat), "people", "192.0.2.1") == "always"


def test_MODEL_6_several_associations_are_a_choice(scenario: Scenario) -> None:
    two = site(
        ("subnets: gate,", "subnets: [gate, gate-b],"),
        ("subnets:\n", "subnets:\n  gate-b: {vpc: main, cidr: 10.0.10.0/24, zone: b}\n"),
    )
    assert verdict(scenario(two), "people", "web") == "always"
    assert verdict(scenario(two), "people", "near") == "sometimes"  # its rule names the first subnet


def test_an_endpoint_that_is_not_available_or_not_associated(scenario: Scenario, describe: Describe) -> None:
    waiting = scenario(site(("authorize:", "state: pending-associate, authorize:")))
    assert refusal(waiting, "people", "web") == ("forward", "BAD_STATE", "people state pending-associate")
    assert refusal(describe(**described(ClientVpnTargetNetworks=[])), "people", "i-app")[1] == "BAD_STATE"


def test_BPA_9_block_public_access_does_not_concern_it(scenario: Scenario) -> None:
    assert verdict(scenario(SITE + "block_public_access: {bpa: {mode: block-bidirectional}}"), "people", "web") == "always"


# --- what AWS refuses ----------------------------------------------------------------------------------------------------------------


def test_a_block_of_clients_that_aws_refuses(scenario: Scenario) -> None:
    (message,) = warnings(scenario(site(("172.20.0.0/16, subnets", "172.20.0.0/24, subnets"))))
    assert message == "Client VPN endpoint `people`: AWS takes a block of clients from /12 to /22, not 172.20.0.0/24"
    (message,) = warnings(scenario(site(("172.20.0.0/16, subnets", "10.0.0.0/20, subnets"))))
    assert message == "Client VPN endpoint `people`: its clients' block 10.0.0.0/20 overlaps 10.0.0.0/16 of the VPC; AWS refuses that"


def test_associations_that_aws_refuses(scenario: Scenario) -> None:
    beside = site(("subnets: gate,", "subnets: [gate, app],"))
    assert warnings(scenario(beside)) == [
        "Client VPN endpoint `people` is associated with two subnets of one zone; AWS takes one for each zone"
    ]
    far = site(("subnets: gate,", "subnets: [gate, there],"), ("subnets:\n", "subnets:\n  there: {vpc: far, cidr: 10.9.0.0/24, zone: b}\n"))
    messages = errors(scenario, far + "vpcs: {far: {cidr: 10.9.0.0/16}}")
    assert "Client VPN endpoint `people` is associated with subnets of several VPCs (far, main); AWS takes those of one" in messages


def test_a_route_to_a_subnet_that_is_not_associated_is_told(scenario: Scenario) -> None:
    network = scenario(site(("subnets: gate, sec", "subnets: gate, routes: {192.168.0.0/16: app}, sec")))
    assert warnings(network) == ["Client VPN endpoint `people`: the route to 192.168.0.0/16 leads to subnet `app`, which is not associated"]
