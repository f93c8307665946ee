"""Gateway route tables: what is redirected on its way in, who may still leave, and what AWS refuses (RT-2, RT-14 to RT-23)."""

from __future__ import annotations

from typing import Any

import pytest

import simulator
from simulator.aws.route_table import RouteTable
from tests.aws.reading import Describe, Scenario, account, changed, errors, interface, path, refusal, reply_path, verdict, warnings

# `web` lies behind the appliance `fw` both ways, `bare` leaves past it, `far` has nothing to do with it.
EDGE = """
subnets:
  front: {vpc: main, cidr: 10.0.1.0/24, routes: {0.0.0.0/0: fw}}
  fwnet: {vpc: main, cidr: 10.0.3.0/24, routes: {0.0.0.0/0: igw}}
  side:  {vpc: main, cidr: 10.0.4.0/24, routes: {0.0.0.0/0: igw}}
  other: {vpc: main, cidr: 10.0.5.0/24, routes: {0.0.0.0/0: igw}}
route_tables: {edge: {vpc: main, gateways: igw, routes: {10.0.1.0/24: fw, 10.0.4.0/24: fw}}}
security_groups: {members: {vpc: main, inbound: {from: open, allow: all}}}
instances:
  fw:   {subnet: fwnet, security_groups: open, public_ip: 198.51.100.3, source_dest_check: false, forwards: route}
  web:  {subnet: front, security_groups: open, ip: 10.0.1.10, public_ip: 198.51.100.10}
  bare: {subnet: side, security_groups: open, public_ip: 198.51.100.20}
  far:  {subnet: other, security_groups: open, public_ip: 198.51.100.30}
"""


def edge(*changes: tuple[str, str]) -> str:
    """`EDGE` with some words put in the place of others."""
    text = EDGE
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def way(network: simulator.Network, source: str, destination: str, **options: Any) -> list[str]:
    """The hops of the forward leg without the internet and the implicit router, which is always passed."""
    return [hop for hop in path(network, source, destination, **options) if hop not in ("internet", "main", "vpc-1")]


def routed(routes: str) -> str:
    return edge(("{10.0.1.0/24: fw, 10.0.4.0/24: fw}", routes))


# --- spellings ---------------------------------------------------------------------------------------------------------------------


def test_the_gateway_of_a_scenarios_table(scenario: Scenario) -> None:
    network = scenario(EDGE)
    found = network.snapshot.get(RouteTable, "edge")
    assert found is not None
    assert (found.gateways, found.subnets, found.main) == (("igw",), (), False)
    assert warnings(network) == []


def test_a_gateway_that_does_not_exist_is_an_error(scenario: Scenario) -> None:
    (message,) = errors(scenario, edge(("gateways: igw", "gateways: iggw")))
    assert message == "route table `edge`, gateways: `iggw` does not exist; did you mean `igw`?"


def described(*routes: dict[str, Any], table: str = "rtb-edge", **more: Any) -> dict[str, Any]:
    """The account, with an appliance in a third subnet and a table at the gateway that sends the web server's subnet to it."""
    local = {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active", "Origin": "CreateRouteTable"}
    out = {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "active", "Origin": "CreateRoute"}
    through = {"DestinationCidrBlock": "0.0.0.0/0", "NetworkInterfaceId": "eni-fw", "State": "active", "Origin": "CreateRoute"}
    lists = changed(account(), "RouteTables", "rtb-pub", Routes=[local, through])
    lists["Subnets"].append({"SubnetId": "subnet-fw", "VpcId": "vpc-1", "CidrBlock": "10.0.9.0/24", "AvailabilityZone": "eu-west-1a"})
    lists["NetworkInterfaces"].append(
        interface("eni-fw", "subnet-fw", "10.0.9.9", "sg-web", public="198.51.100.9", instance="i-fw", SourceDestCheck=False)
    )
    lists["Reservations"].append(
        {"Instances": [{"InstanceId": "i-fw", "State": {"Name": "running"}, "NetworkInterfaces": [{"NetworkInterfaceId": "eni-fw"}]}]}
    )
    associated = {"Main": False, "GatewayId": "igw-1", "RouteTableId": table, "AssociationState": {"State": "associated"}}
    at_fw = {"RouteTableId": "rtb-fw", "VpcId": "vpc-1", "Associations": [{"SubnetId": "subnet-fw"}], "Routes": [local, out]}
    lists["RouteTables"] += [at_fw, {"RouteTableId": table, "VpcId": "vpc-1", "Associations": [associated], "Routes": [local, *routes]}]
    return {**lists, **more}


def redirect(destination: str = "10.0.0.0/24", **target: str) -> dict[str, Any]:
    return {"DestinationCidrBlock": destination, "State": "active", "Origin": "CreateRoute", **(target or {"NetworkInterfaceId": "eni-fw"})}


def test_a_gateways_table_of_a_describe_answer(describe: Describe) -> None:
    shown = {**redirect(), "InstanceId": "i-fw", "InstanceOwnerId": "111122223333"}
    network = describe(**described(shown))
    found = network.snapshot.get(RouteTable, "rtb-edge")
    assert found is not None
    assert (found.gateways, [str(entry) for entry in found.routes]) == (("igw-1",), ["10.0.0.0/16 -> local", "10.0.0.0/24 -> eni-fw"])
    assert warnings(network) == []
    assert way(network, "internet", "i-web", one_way=True)[:3] == ["igw-1", "subnet-fw", "eni-fw"]


def test_an_association_that_was_removed_redirects_nothing(describe: Describe) -> None:
    lists = described(redirect())
    lists["RouteTables"][-1]["Associations"][0]["AssociationState"] = {"State": "disassociated"}
    assert way(describe(**lists), "internet", "i-web", one_way=True)[:2] == ["igw-1", "subnet-pub"]


# --- entering ----------------------------------------------------------------------------------------------------------------------


def test_RT_20_what_enters_follows_the_gateways_table_behind_the_translation(scenario: Scenario) -> None:
    network = scenario(EDGE)
    assert way(network, "internet", "web") == ["igw", "fwnet", "fw-eni", "fw", "fw-eni", "fwnet", "front", "web-eni", "web"]
    assert reply_path(network, "internet", "web")[-6:] == ["fw-eni", "fw", "fw-eni", "fwnet", "igw", "internet"]
    assert verdict(network, "internet", "web") == "always"
    assert way(network, "internet", "far") == ["igw", "other", "far-eni", "far"]


def test_RT_20_replies_from_the_internet_follow_it_too(scenario: Scenario) -> None:
    network = scenario(EDGE)
    assert verdict(network, "web", "internet") == "always"
    assert reply_path(network, "web", "internet")[:5] == ["internet", "igw", "fwnet", "fw-eni", "fw"]


def test_RT_20_the_appliances_groups_and_acl_judge_what_is_redirected(scenario: Scenario) -> None:
    closed = scenario(edge(("fwnet, security_groups: open", "fwnet, security_groups: members")))
    assert refusal(closed, "internet", "web") == ("forward", "ENI_SG_RULES_MISMATCH", "members no ingress rule matches")
    shut = "network_acls: {shut: {vpc: main, subnets: fwnet, inbound: [{rule: 1, allow: tcp/22}], outbound: [{rule: 1, allow: all}]}}"
    assert refusal(scenario(EDGE + shut), "internet", "web") == ("forward", "SUBNET_ACL_RESTRICTION", "shut ingress rule *")


def test_RT_17_a_local_route_with_its_target_replaced_redirects_the_whole_vpc(scenario: Scenario) -> None:
    network = scenario(routed("{10.0.0.0/16: fw}"))
    assert way(network, "internet", "web")[:4] == ["igw", "fwnet", "fw-eni", "fw"]
    assert way(network, "internet", "fw") == ["igw", "fwnet", "fw-eni", "fw"]
    assert verdict(network, "internet", "fw") == verdict(network, "fw", "internet") == verdict(network, "web", "internet") == "always"


def test_RT_19_what_the_table_does_not_cover_uses_local(scenario: Scenario) -> None:
    network = scenario(routed("{10.0.0.0/16: fw, 10.0.5.0/24: local}"))
    assert way(network, "internet", "far", one_way=True) == ["igw", "fwnet", "fw-eni", "fw", "fw-eni", "fwnet", "other", "far-eni", "far"]
    assert way(scenario(EDGE), "internet", "far") == ["igw", "other", "far-eni", "far"]


def test_RT_15_a_redirection_to_something_gone_drops(scenario: Scenario) -> None:
    network = scenario(routed("{10.0.1.0/24: blackhole}"))
    assert refusal(network, "internet", "web") == ("forward", "BAD_STATE_ROUTE", "edge route 10.0.1.0/24")


def test_RT_22_an_appliance_without_a_public_address_gets_nothing_from_the_internet(scenario: Scenario) -> None:
    network = scenario(edge(("public_ip: 198.51.100.3, ", "")))
    assert refusal(network, "internet", "web") == ("forward", "INGRESS_RTB_NO_PUBLIC_IP", "edge route 10.0.1.0/24")


def test_RT_22_an_appliance_that_is_not_running_or_not_attached_passes_nothing(scenario: Scenario, describe: Describe) -> None:
    stopped = scenario(edge(("forwards: route", "forwards: route, state: stopped")))
    assert refusal(stopped, "internet", "web") == ("forward", "BAD_STATE", "fw state stopped")
    lists = described(redirect())
    lists["NetworkInterfaces"][-1] |= {"Status": "available"}
    del lists["NetworkInterfaces"][-1]["Attachment"]
    detached = describe(**lists)
    assert refusal(detached, "internet", "i-web") == ("forward", "BAD_STATE_ATTACHMENT", "rtb-edge route 10.0.0.0/24")


def test_a_target_that_was_not_read_is_unknown(describe: Describe) -> None:
    network = describe(**described(redirect(GatewayId="vpce-0123")))
    assert warnings(network) == []
    assert verdict(network, "internet", "i-web") == "unknown"


# --- leaving -----------------------------------------------------------------------------------------------------------------------


def test_RT_23_a_redirected_subnet_cannot_leave_past_the_appliance(scenario: Scenario) -> None:
    network = scenario(EDGE)
    assert refusal(network, "bare", "internet") == ("forward", "INGRESS_RTB_TRAFFIC_REDIRECTION", "edge route 10.0.4.0/24")
    assert refusal(network, "internet", "bare") == ("reply", "INGRESS_RTB_TRAFFIC_REDIRECTION", "edge route 10.0.4.0/24")
    assert verdict(network, "internet", "bare", one_way=True) == "always"


def test_RT_23_a_subnet_with_the_local_route_leaves_as_ever(scenario: Scenario) -> None:
    network = scenario(EDGE)
    assert verdict(network, "far", "internet") == verdict(network, "internet", "far") == "always"


def test_RT_23_beside_the_appliance_only_what_it_sends_or_passes_on_leaves(scenario: Scenario) -> None:
    network = scenario(edge(("{10.0.1.0/24: fw, 10.0.4.0/24: fw}", "{10.0.0.0/16: fw}"), ("bare: {subnet: side", "bare: {subnet: fwnet")))
    assert verdict(network, "fw", "internet") == verdict(network, "web", "internet") == "always"
    assert refusal(network, "bare", "internet") == ("forward", "INGRESS_RTB_TRAFFIC_REDIRECTION", "edge route 10.0.0.0/16")


def test_RT_23_an_appliance_whose_own_subnet_another_one_guards_cannot_leave_but_pass_on(scenario: Scenario) -> None:
    network = scenario(routed("{10.0.1.0/24: fw, 10.0.3.0/24: far}"))
    assert refusal(network, "fw", "internet") == ("forward", "INGRESS_RTB_TRAFFIC_REDIRECTION", "edge route 10.0.3.0/24")
    assert verdict(network, "web", "internet") == "always"


def test_RT_23_a_nat_gateway_in_a_redirected_subnet_cannot_leave(scenario: Scenario) -> None:
    clients = "  app: {vpc: main, cidr: 10.0.6.0/24, routes: {0.0.0.0/0: nat}}\nroute_tables:"
    nat = "nat_gateways: {nat: {subnet: side, public_ip: 198.51.100.40}}\ninstances:\n  c: {subnet: app, security_groups: open}"
    text = edge(("route_tables:", clients), ("instances:", nat))
    assert refusal(scenario(text), "c", "internet") == ("forward", "INGRESS_RTB_TRAFFIC_REDIRECTION", "edge route 10.0.4.0/24")
    moved = text.replace("subnet: side, public_ip: 198.51.100.40", "subnet: other, public_ip: 198.51.100.40")
    assert verdict(scenario(moved), "c", "internet") == "always"


def test_RT_23_inside_the_vpc_nothing_changes(scenario: Scenario) -> None:
    assert verdict(scenario(EDGE), "bare", "web") == verdict(scenario(EDGE), "far", "bare") == "always"


# --- what AWS refuses --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("routes", "why"),
    [
        ("{10.0.1.10/32: fw}", "its destinations are whole blocks of the VPC or of a subnet of it"),
        ("{10.0.0.0/20: fw}", "its destinations are whole blocks of the VPC or of a subnet of it"),
        ("{0.0.0.0/0: fw}", "its destinations are whole blocks of the VPC or of a subnet of it"),
        ("{192.0.2.0/24: fw}", "its destinations are whole blocks of the VPC or of a subnet of it"),
        ("{10.0.1.0/24: nat}", "its targets are network interfaces and the endpoints of Gateway Load Balancers and firewalls"),
        ("{10.0.1.0/24: igw}", "its targets are network interfaces and the endpoints of Gateway Load Balancers and firewalls"),
        ("{hosts: fw}", "it takes no prefix list"),
        ("[{to: 10.0.1.0/24, via: nat, propagated: true}]", "nothing is propagated to it"),
    ],
)
def test_RT_21_what_aws_takes_in_no_gateway_table_is_told_and_ignored(scenario: Scenario, routes: str, why: str) -> None:
    more = "\nnat_gateways: {nat: {subnet: other, public_ip: 198.51.100.40}}\nprefix_lists: {hosts: {entries: 10.0.1.0/24}}"
    network = scenario(routed(routes).replace("{0.0.0.0/0: fw}}\n  fwnet", "{0.0.0.0/0: igw}}\n  fwnet") + more)
    (message,) = warnings(network)
    assert message.startswith("route table `edge` of a gateway: AWS refuses ")
    assert message.endswith(f"; {why}; it is ignored (RT-21)")
    assert way(network, "internet", "web") == ["igw", "front", "web-eni", "web"]
    assert verdict(network, "internet", "web") == "always"


def test_RT_21_a_gateway_endpoint_takes_nothing_from_a_gateway(describe: Describe) -> None:
    lists = described(redirect(GatewayId="vpce-s3"))
    endpoint = {"VpcEndpointId": "vpce-s3", "VpcId": "vpc-1", "VpcEndpointType": "Gateway", "ServiceName": "com.amazonaws.eu-west-1.s3"}
    (message,) = errors(describe, **lists, VpcEndpoints=[endpoint])
    assert message.startswith("route table `rtb-edge`: target `vpce-s3` is no endpoint of a Gateway Load Balancer")


def test_RT_2_the_main_table_serves_no_gateway(scenario: Scenario) -> None:
    network = scenario(edge(("gateways: igw", "gateways: igw, main: true")))
    assert "route table `edge` is the main one of its VPC and serves a gateway; AWS refuses that (RT-2)" in warnings(network)


def test_RT_20_a_table_of_another_vpc_says_nothing_of_the_gateway(scenario: Scenario) -> None:
    far = "\nvpcs: {far: {cidr: 10.9.0.0/16}}"
    network = scenario(edge(("{vpc: main, gateways: igw, routes: {10.0.1.0/24: fw, 10.0.4.0/24: fw}}", "{vpc: far, gateways: igw}")) + far)
    assert warnings(network) == ["route table `edge` serves gateway `igw`, which is attached to `main`; AWS refuses that (RT-20)"]
    assert way(network, "internet", "bare") == ["igw", "side", "bare-eni", "bare"]


def test_a_gateway_has_one_table(scenario: Scenario) -> None:
    (message,) = errors(scenario, edge(("route_tables: {", "route_tables: {first: {vpc: main, gateways: igw}, ")))
    assert message == "gateway `igw` has two route tables, `first` and `edge`; AWS allows one"
