"""Functions and IPv6: off unless allowed, and only in dual-stack subnets (LAMBDA-6)."""

from __future__ import annotations

from typing import Any

import simulator
from simulator.aws.lambda_function import LambdaFunction
from simulator.aws.network_interface import NetworkInterface
from simulator.packet.prefix import format_address
from tests.aws.reading import Describe, Scenario, account, changed, interface, path, refusal, verdict, warnings

NETWORK = """
vpcs: {main: {cidr: 10.0.0.0/16, ipv6_cidr: "2001:db8::/56"}}
subnets:
  a: {vpc: main, cidr: 10.0.1.0/24, ipv6_cidr: "2001:db8:0:1::/64"}
  b: {vpc: main, cidr: 10.0.2.0/24, ipv6_cidr: "2001:db8:0:2::/64"}
interfaces: {db: {subnet: b, security_groups: open, ip: 10.0.2.10, ipv6: "2001:db8:0:2::10"}}
lambdas:
  fn: {subnets: a, security_groups: open, ipv6: true}
"""


def six_of(network: simulator.Network, name: str) -> list[str]:
    found = network.snapshot.get(NetworkInterface, name)
    assert found is not None
    return [format_address(*address) for address in found.private_addresses if address[0] == 6]


def test_LAMBDA_6_a_function_that_may_sends_ipv6_from_its_interface(scenario: Scenario) -> None:
    network = scenario(NETWORK)
    assert six_of(network, "fn-eni-a") == ["2001:db8:0:1::4"]
    answer = network.can("fn", "2001:db8:0:2::10", "tcp/443")
    assert answer.verdict.value == "always"
    assert answer.forward is not None
    assert format_address(6, answer.forward.sent.source) == "2001:db8:0:1::4"
    assert verdict(network, "fn", "db") == "always"


def test_LAMBDA_6_without_the_setting_it_sends_none(scenario: Scenario) -> None:
    network = scenario(NETWORK.replace(", ipv6: true", ""))
    assert six_of(network, "fn-eni-a") == []
    assert refusal(network, "fn", "2001:db8:0:2::10") == ("forward", "UNASSOCIATED_COMPONENT", "fn no IPv6")
    answer = network.can("fn", "db", "tcp/443")
    assert answer.verdict.value == "always"
    assert [case.trip.forward.sent.version for case in answer.cases] == [4]


def test_LAMBDA_3_of_two_functions_on_one_interface_only_the_one_that_may_sends_ipv6(scenario: Scenario) -> None:
    for order in (
        "  plain: {subnets: a, security_groups: open}\n" + NETWORK.splitlines()[-1],
        "  plain: {subnets: a, security_groups: open}",
    ):
        text = NETWORK if "fn" not in order else NETWORK.replace(NETWORK.splitlines()[-1] + "\n", "")
        network = scenario(text + order)
        assert len(network.snapshot.by(NetworkInterface, "subnet")["a"]) == 1
        assert verdict(network, "fn", "2001:db8:0:2::10") == "always"
        assert refusal(network, "plain", "2001:db8:0:2::10")[1] == "UNASSOCIATED_COMPONENT"
        assert verdict(network, "plain", "db") == "always"


def test_LAMBDA_6_outside_every_vpc_there_is_no_ipv6(scenario: Scenario) -> None:
    network = scenario(NETWORK + "  out: {ipv6: true}")
    assert "function `out` is outside every VPC, where there is no IPv6 (LAMBDA-6)" in warnings(network)
    assert refusal(network, "out", "2a00::1") == ("forward", "UNASSOCIATED_COMPONENT", "out no IPv6")


def test_LAMBDA_6_every_subnet_has_to_be_dual_stack(scenario: Scenario) -> None:
    four = NETWORK.replace("subnets: a,", "subnets: [a, c],").replace("interfaces:", "  c: {vpc: main, cidr: 10.0.3.0/24}\ninterfaces:")
    network = scenario(four)
    assert warnings(network) == ["function `fn`: its subnet `c` has no IPv6 block; AWS takes only dual-stack subnets (LAMBDA-6)"]
    assert verdict(network, "fn", "db") == "sometimes"
    assert verdict(network, "fn", "2001:db8:0:2::10") == "sometimes"
    assert verdict(network, "fn", "10.0.2.10") == "always"
    six = NETWORK.replace("cidr: 10.0.1.0/24, ", "")
    assert warnings(scenario(six)) == ["function `fn`: its subnet `a` has no IPv4 block; AWS takes no such subnet (LAMBDA-6)"]


# --- describe ------------------------------------------------------------------------------------------------------------------------


def described(describe: Describe, interfaces: list[dict[str, Any]], **config: Any) -> simulator.Network:
    lists = changed(account(), "Vpcs", "vpc-1", Ipv6CidrBlockAssociationSet=[{"Ipv6CidrBlock": "2001:db8::/56"}])
    for subnet, block in (("subnet-app", "2001:db8:0:1::/64"), ("subnet-pub", "2001:db8:0:2::/64")):
        lists = changed(lists, "Subnets", subnet, Ipv6CidrBlockAssociationSet=[{"Ipv6CidrBlock": block}])
    lists = changed(lists, "NetworkInterfaces", "eni-web", Ipv6Addresses=[{"Ipv6Address": "2001:db8:0:2::10"}])
    acl = {"RuleNumber": 101, "RuleAction": "allow", "Protocol": "-1", "Ipv6CidrBlock": "::/0"}
    lists["NetworkAcls"][0]["Entries"] += [{**acl, "Egress": egress} for egress in (True, False)]
    for group in lists["SecurityGroups"]:
        for rules in ("IpPermissions", "IpPermissionsEgress"):
            group[rules].append({"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "::/0"}]})
    lists["NetworkInterfaces"] += interfaces
    lists["Functions"] = [{"FunctionName": "fn", "VpcConfig": {"SubnetIds": ["subnet-app"], "SecurityGroupIds": ["sg-app"], **config}}]
    return describe(**lists)


def test_LAMBDA_6_describe_the_setting(describe: Describe) -> None:
    network = described(describe, [], Ipv6AllowedForDualStack=True)
    function = network.snapshot.get(LambdaFunction, "fn")
    assert function is not None
    assert function.ipv6
    answer = network.can("lambda:fn", "2001:db8:0:2::10", "tcp/443")
    assert answer.verdict.value == "always"
    assert "the interface of fn in subnet-app was not read: a free address of the subnet is taken" in answer.assumptions
    assert refusal(described(describe, []), "lambda:fn", "2001:db8:0:2::10")[1] == "UNASSOCIATED_COMPONENT"


def test_LAMBDA_6_describe_the_address_of_the_interface(describe: Describe) -> None:
    one = interface("eni-fn", "subnet-app", "10.0.1.60", "sg-app", InterfaceType="lambda")
    shown = described(describe, [{**one, "Ipv6Addresses": [{"Ipv6Address": "2001:db8:0:1::60"}]}], Ipv6AllowedForDualStack=True)
    assert six_of(shown, "eni-fn") == ["2001:db8:0:1::60"]
    assert path(shown, "lambda:fn", "2001:db8:0:2::10")[:2] == ["fn", "eni-fn"]
    hidden = described(describe, [one], Ipv6AllowedForDualStack=True)
    answer = hidden.can("lambda:fn", "2001:db8:0:2::10", "tcp/443")
    assert answer.verdict.value == "always"
    assert answer.assumptions == ("the IPv6 address of fn in subnet-app was not read: a free one of the subnet is taken",)
