"""Gateways to networks that are not modelled: read, told once, and a gap that says what it is (MISC-3, MISC-4, MISC-6, RT-18)."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.aws.outer_networks import CarrierGateway, CoreNetwork, LocalGateway
from tests.aws.reading import Describe, Scenario, account, changed, errors, not_modelled, verdict, warnings

CORE = "arn:aws:networkmanager::111122223333:core-network/core-network-1"
CASES = [
    ("LocalGatewayId", "lgw-1", "the local network of an Outpost, behind a local gateway"),
    ("CarrierGatewayId", "cagw-1", "the network of a telecommunication carrier, behind a carrier gateway"),
    ("CoreNetworkArn", CORE, "a Cloud WAN core network"),
    ("OdbNetworkArn", "arn:aws:odb:eu-west-1:111122223333:odb-network/odbnet-1", "an Oracle Database network"),
]


def routed(**target: str) -> dict[str, Any]:
    local = {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"}
    return changed(account(), "RouteTables", "rtb-main", Routes=[local, {"DestinationCidrBlock": "0.0.0.0/0", "State": "active", **target}])


@pytest.mark.parametrize(("field", "target", "what"), CASES)
def test_a_route_to_one_is_a_gap_that_says_what_it_is(describe: Describe, field: str, target: str, what: str) -> None:
    answer = describe(**routed(**{field: target})).can("i-app", "192.0.2.1", "tcp/443")
    assert answer.verdict.value == "unknown"
    assert [(gap.resource, gap.what) for gap in answer.gaps] == [(target, what)]


def test_they_are_read_and_told_once(describe: Describe) -> None:
    carriers = [
        {"CarrierGatewayId": "cagw-1", "VpcId": "vpc-1", "State": "available", "OwnerId": "111122223333"},
        {"CarrierGatewayId": "cagw-0", "VpcId": "vpc-1", "State": "deleted"},
    ]
    locals_ = [{"LocalGatewayId": "lgw-1", "OutpostArn": "arn:aws:outposts:eu-west-1:1:outpost/op-1", "State": "available"}]
    cores = [{"CoreNetworkId": "core-network-1", "CoreNetworkArn": CORE, "State": "AVAILABLE"}]
    network = describe(**account(), CarrierGateways=carriers, LocalGateways=locals_, CoreNetworks=cores)
    assert [noun.id for kind in (CarrierGateway, LocalGateway, CoreNetwork) for noun in network.snapshot.all(kind)] == [
        "cagw-1",
        "lgw-1",
        CORE,
    ]
    assert not_modelled(network) == [
        "carrier gateway `cagw-1` is not modelled",
        "local gateway `lgw-1` is not modelled",
        f"core network `{CORE}` is not modelled",
    ]


SITE = """
subnets: {app: {vpc: main, cidr: 10.0.1.0/24, routes: ROUTES}, rack: {vpc: main, cidr: 10.0.2.0/24}}
carrier_gateways: {cagw: {vpc: main}}
local_gateways: {lgw: {}}
core_networks: {wan: {}}
instances: {one: {subnet: app}, two: {subnet: rack, security_groups: open}}
"""


@pytest.mark.parametrize("target", ["cagw", "lgw", "wan"])
def test_a_scenario_may_name_them(scenario: Scenario, target: str) -> None:
    network = scenario(SITE.replace("ROUTES", f"{{0.0.0.0/0: {target}}}"))
    assert verdict(network, "one", "192.0.2.1") == "unknown"
    assert verdict(network, "one", "two") == "always"


def test_a_whole_subnet_may_be_sent_to_the_local_gateway_of_an_outpost(scenario: Scenario) -> None:
    network = scenario(SITE.replace("ROUTES", "{10.0.2.0/24: lgw}"))
    assert warnings(network) == []
    assert verdict(network, "one", "two") == "unknown"
    carrier = scenario(SITE.replace("ROUTES", "{10.0.2.0/24: cagw}"))
    assert [message.split(";")[0] for message in warnings(carrier)] == ["route table `app-routes`: AWS refuses 10.0.2.0/24 -> cagw"]
    assert verdict(carrier, "one", "two") == "always"


def test_a_vpc_has_one_carrier_gateway(scenario: Scenario) -> None:
    twice = SITE.replace("ROUTES", "{}").replace("{cagw: {vpc: main}}", "{cagw: {vpc: main}, twin: {vpc: main}}")
    assert errors(scenario, twice) == ["VPC `main` has 2 carrier gateways; AWS allows one (MISC-4)"]


def test_vpc_lattice_is_a_gap_where_answers_do_not_tell_of_it(describe: Describe, scenario: Scenario) -> None:
    answer = describe(**account()).can("i-app", "169.254.171.32", "tcp/443")
    assert answer.verdict.value == "unknown"
    assert [gap.what for gap in answer.gaps] == ["VPC Lattice"]
    assert verdict(describe(**account()), "i-app", "169.254.172.1") == "never"
    assert verdict(scenario(SITE.replace("ROUTES", "{}")), "one", "169.254.171.32") == "never"  # a scenario has none
