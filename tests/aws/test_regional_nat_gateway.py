"""Regional NAT gateways in both spellings, and what they do to packets (RNAT-1 to RNAT-5, NAT-2, NAT-6, NAT-8, BPA-3)."""

from __future__ import annotations

from typing import Any

import pytest

import simulator
from simulator.aws.regional_nat_gateway import RegionalNatGateway
from simulator.evaluate.walk import round_trip
from simulator.packet.flow import ICMP, Flow
from simulator.packet.prefix import parse_address
from tests.aws.reading import Describe, Scenario, account, changed, errors, path, refusal, reply_path, verdict, warnings

SITE = """
subnets:
  app-a: {vpc: main, cidr: 10.0.1.0/24, zone: a, routes: {0.0.0.0/0: nat}}
  app-b: {vpc: main, cidr: 10.0.2.0/24, zone: b, routes: {0.0.0.0/0: nat}}
regional_nat_gateways: {nat: {vpc: main, public_ips: [198.51.100.7, 198.51.100.8]}}
instances:
  one: {subnet: app-a, security_groups: open, ip: 10.0.1.10}
  two: {subnet: app-b, security_groups: open, ip: 10.0.2.10}
"""
MANUAL = "zones: {a: 198.51.100.7}"
OUTSIDE = "192.0.2.1"


def site(*changes: tuple[str, str]) -> str:
    """`SITE` with some words put in the place of others."""
    text = SITE
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def manual(*more: tuple[str, str]) -> str:
    return site(("public_ips: [198.51.100.7, 198.51.100.8]", MANUAL), *more)


def with_table(routes: str) -> str:
    return site(("198.51.100.8]", "198.51.100.8], route_table: own")) + f"route_tables: {{own: {{vpc: main, routes: {routes}}}}}\n"


# --- spellings ---------------------------------------------------------------------------------------------------------------------


def test_a_regional_gateway_of_a_scenario(scenario: Scenario) -> None:
    network = scenario(SITE)
    (found,) = network.snapshot.all(RegionalNatGateway)
    assert (found.vpc, found.manual, found.state, [value & 255 for _, value in found.public_addresses]) == (
        "main",
        False,
        "available",
        [7, 8],
    )
    assert warnings(network) == []
    (given,) = scenario(manual()).snapshot.all(RegionalNatGateway)
    assert (given.manual, given.in_zone("a"), given.in_zone("b")) == (True, ((4, 0xC6336407),), ())


def test_its_addresses_are_written_for_all_zones_or_by_zone(scenario: Scenario) -> None:
    told = "regional NAT gateway `nat`: say its `public_ips`, or `zones` with addresses for manual mode, one of them"
    assert errors(scenario, site((", public_ips: [198.51.100.7, 198.51.100.8]", ""))) == [told]
    assert errors(scenario, site(("public_ips: [198", f"{MANUAL}, public_ips: [198"))) == [told]


def described(**more: Any) -> dict[str, Any]:
    """The account with a regional NAT gateway that the private subnet's table leads to."""
    gateway = {
        "NatGatewayId": "nat-1",
        "VpcId": "vpc-1",
        "State": "available",
        "ConnectivityType": "public",
        "AvailabilityMode": "regional",
        "AutoProvisionZones": "enabled",
        "AutoScalingIps": "enabled",
        "RouteTableId": "rtb-nat",
        "NatGatewayAddresses": [
            {"AllocationId": "eipalloc-1", "PublicIp": "198.51.100.7", "AvailabilityZone": "eu-west-1a", "AvailabilityZoneId": "euw1-az1"}
        ],
        "Tags": [{"Key": "Name", "Value": "egress"}],
        **more,
    }
    local = {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"}
    out = {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1", "State": "active"}
    lists = changed(account(), "RouteTables", "rtb-main", Routes=[local, out])
    return {**lists, "NatGateways": [gateway]}


def test_a_regional_gateway_of_a_describe_answer(describe: Describe) -> None:
    network = describe(**described())
    (found,) = network.snapshot.all(RegionalNatGateway)
    assert (found.id, found.name, found.vpc, found.manual, found.route_table) == ("nat-1", "egress", "vpc-1", False, "rtb-nat")
    assert found.in_zone("euw1-az1") == found.in_zone("eu-west-1a") == found.public_addresses == ((4, 0xC6336407),)
    assert warnings(network) == []
    assert verdict(network, "i-app", OUTSIDE) == "always"
    assert path(network, "i-app", OUTSIDE)[-3:] == ["nat-1", "igw-1", "internet"]


def test_in_manual_mode_only_the_zones_that_were_told(describe: Describe) -> None:
    assert verdict(describe(**described(AutoProvisionZones="disabled")), "i-app", OUTSIDE) == "always"
    elsewhere = [{"PublicIp": "198.51.100.7", "AvailabilityZone": "eu-west-1b"}]
    network = describe(**described(AutoProvisionZones="disabled", NatGatewayAddresses=elsewhere))
    assert refusal(network, "i-app", OUTSIDE)[:2] == ("forward", "REGIONAL_NGW_ROUTE_AZ_RESTRICTION")


def test_addresses_that_were_not_told_are_unknown(describe: Describe) -> None:
    assert verdict(describe(**described(NatGatewayAddresses=[])), "i-app", OUTSIDE) == "unknown"


# --- packets -----------------------------------------------------------------------------------------------------------------------


def test_RNAT_1_it_needs_no_subnet_and_goes_to_the_internet_gateway(scenario: Scenario) -> None:
    network = scenario(SITE)
    assert path(network, "one", OUTSIDE) == ["one", "one-eni", "app-a", "nat", "igw", "internet"]
    assert reply_path(network, "one", OUTSIDE) == ["internet", "igw", "nat", "main", "app-a", "one-eni", "one"]
    assert verdict(network, "one", OUTSIDE) == verdict(network, "two", OUTSIDE) == "always"
    answer = network.can("one", OUTSIDE, "tcp/443")
    assert {choice.labels for case in answer.cases for choice in case.trip.choices if choice.what == "address"} == {
        ("198.51.100.7", "198.51.100.8")
    }


def test_RNAT_1_without_an_internet_gateway_there_is_no_way(scenario: Scenario) -> None:
    network = scenario(SITE + "vpcs: {main: {cidr: 10.0.0.0/16}}")
    assert refusal(network, "one", OUTSIDE) == ("forward", "NO_ROUTE_TO_DESTINATION", "nat no route matches")


def test_RNAT_3_manual_mode_serves_the_zones_that_were_given(scenario: Scenario) -> None:
    network = scenario(manual())
    assert verdict(network, "one", OUTSIDE) == "always"
    assert refusal(network, "two", OUTSIDE) == ("forward", "REGIONAL_NGW_ROUTE_AZ_RESTRICTION", "nat zones it serves")


def test_RNAT_3_automatic_mode_serves_a_zone_without_addresses_from_another(describe: Describe) -> None:
    elsewhere = [{"PublicIp": "198.51.100.7", "AvailabilityZone": "eu-west-1b"}]
    assert verdict(describe(**described(NatGatewayAddresses=elsewhere)), "i-app", OUTSIDE) == "always"


def test_RNAT_1_its_own_table_decides(scenario: Scenario) -> None:
    assert verdict(scenario(with_table("{0.0.0.0/0: igw}")), "one", OUTSIDE) == "always"
    nowhere = scenario(with_table("{}"))
    assert refusal(nowhere, "one", OUTSIDE) == ("forward", "NO_ROUTE_TO_DESTINATION", "nat no route matches")
    gone = scenario(with_table("{0.0.0.0/0: blackhole}"))
    assert refusal(gone, "one", OUTSIDE) == ("forward", "BAD_STATE_ROUTE", "own route 0.0.0.0/0")


def test_RNAT_2_replies_may_be_sent_to_a_middlebox(scenario: Scenario) -> None:
    text = with_table("{0.0.0.0/0: igw, 10.0.1.0/24: fw}")
    text = text.replace("{0.0.0.0/0: nat}}\n  app-b", "{0.0.0.0/0: fw}}\n  app-b")
    text = text.replace("subnets:\n", "subnets:\n  fws: {vpc: main, cidr: 10.0.9.0/24, routes: {0.0.0.0/0: nat}}\n")
    text = text.replace(
        "instances:\n", "instances:\n  fw: {subnet: fws, security_groups: open, source_dest_check: false, forwards: route}\n"
    )
    network = scenario(text)
    assert path(network, "one", OUTSIDE)[2:] == ["app-a", "fws", "fw-eni", "fw", "fw-eni", "fws", "nat", "igw", "internet"]
    assert reply_path(network, "one", OUTSIDE)[:6] == ["internet", "igw", "nat", "fws", "fw-eni", "fw"]
    assert verdict(network, "one", OUTSIDE) == "always"


def test_RNAT_2_a_transit_gateway_in_its_table_is_a_gap(scenario: Scenario) -> None:
    hub = "transit_gateways: {hub: {}}\ntransit_attachments: {att: {transit_gateway: hub, vpc: main, subnets: app-a}}\n"
    network = scenario(with_table("{0.0.0.0/0: igw, 172.16.0.0/12: hub}") + hub)
    assert verdict(network, "one", OUTSIDE) == "always"
    assert verdict(network, "one", "172.16.0.1") == "unknown"


def test_NAT_2_other_protocols_and_what_goes_to_private_addresses(scenario: Scenario) -> None:
    network = scenario(SITE)
    assert refusal(network, "one", OUTSIDE, "esp")[1] == "PROTOCOL_RESTRICTION"
    assert verdict(network, "one", OUTSIDE, "icmp/8") == "always"
    assert refusal(network, "one", "192.168.7.7")[1] == "IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS"


def test_NAT_6_its_own_addresses_are_no_part_of_the_internet(scenario: Scenario) -> None:
    network = scenario(SITE)
    assert verdict(network, "one", "internet") == "always"
    with pytest.raises(simulator.InputError, match="holds no public IPv4 address outside this network"):
        network.can("one", "198.51.100.7", "tcp/443")


def test_NAT_6_what_belongs_to_no_session_is_dropped(scenario: Scenario) -> None:
    """Two clients of one block: what comes back to an address of the gateway is told apart by its sessions alone."""
    public = "  pub: {vpc: main, cidr: 10.0.8.0/24, routes: {0.0.0.0/0: igw}}\n"
    web = "  web: {subnet: pub, security_groups: open, public_ip: 198.51.100.9}\n"
    network = scenario(site(("subnets:\n", f"subnets:\n{public}"), ("instances:\n", f"instances:\n{web}")))
    assert path(network, "one", "198.51.100.9")[2:] == ["app-a", "nat", "igw", "internet", "igw", "main", "pub", "web-eni", "web"]
    assert verdict(network, "one", "198.51.100.9") == "always"


def test_NAT_8_it_serves_its_vpc_and_what_a_transit_gateway_brings(scenario: Scenario) -> None:
    spoke = """
vpcs: {spoke: {cidr: 10.9.0.0/16}, main: {cidr: 10.0.0.0/16, internet_gateway: igw}}
transit_gateways: {hub: {}}
transit_attachments: {to-main: {transit_gateway: hub, vpc: main, subnets: gate}, to-spoke: {transit_gateway: hub, vpc: spoke, subnets: far}}
transit_route_tables: {hub-routes: {transit_gateway: hub, routes: {0.0.0.0/0: to-main}}}
"""
    gate = "gate: {vpc: main, cidr: 10.0.9.0/28, routes: {0.0.0.0/0: nat}}"
    far = "far: {vpc: spoke, cidr: 10.9.1.0/24, routes: {0.0.0.0/0: hub}}"
    text = site(
        ("subnets:\n", f"subnets:\n  {gate}\n  {far}\n"),
        ("instances:\n", "instances:\n  z: {subnet: far}\n"),
    )
    network = scenario(text + spoke)
    assert verdict(network, "z", OUTSIDE, one_way=True) == "always"
    assert refusal(network, "z", OUTSIDE)[:2] == ("reply", "GATEWAY_REJECTS_SPOOFED_TRAFFIC")  # its table sends 10.9/16 to the gateway


@pytest.mark.parametrize(("state", "code"), [("deleted", "BAD_STATE_ROUTE"), ("failed", "BAD_STATE")])
def test_NAT_15_only_one_that_is_available_forwards(scenario: Scenario, state: str, code: str) -> None:
    network = scenario(site(("198.51.100.8]}", f"198.51.100.8], state: {state}}}")))
    assert refusal(network, "one", OUTSIDE) == ("forward", code, f"nat state {state}")


def test_RT_30_it_is_no_target_of_another_vpc(scenario: Scenario) -> None:
    far = "vpcs: {far: {cidr: 10.9.0.0/16}, main: {cidr: 10.0.0.0/16, internet_gateway: igw}}\n"
    text = site(("vpc: main, public_ips", "vpc: far, public_ips")) + far
    assert refusal(scenario(text), "one", OUTSIDE) == ("forward", "BAD_STATE_ATTACHMENT", "nat its VPC")


def test_RT_18_a_whole_subnet_may_be_sent_to_it_but_what_it_does_with_private_addresses_is_a_gap(scenario: Scenario) -> None:
    network = scenario(site(("routes: {0.0.0.0/0: nat}}\n  app-b", "routes: {0.0.0.0/0: nat, 10.0.2.0/24: nat}}\n  app-b")))
    assert warnings(network) == []
    assert verdict(network, "one", "two") == "unknown"


def test_BPA_3_block_public_access_counts_for_it_too(scenario: Scenario) -> None:
    switch = "block_public_access: {{bpa: {{mode: {}}}}}\n"
    assert verdict(scenario(SITE + switch.format("block-ingress")), "one", OUTSIDE) == "always"
    assert refusal(scenario(SITE + switch.format("block-bidirectional")), "one", OUTSIDE)[1] == "VPC_BLOCK_PUBLIC_ACCESS_ENABLED"
    both = SITE + switch.format("block-bidirectional")
    assert verdict(scenario(both + "public_access_exclusions: {x: {vpc: main, mode: allow-egress}}"), "one", OUTSIDE) == "always"
    assert verdict(scenario(both + "public_access_exclusions: {x: {subnet: app-a}}"), "one", OUTSIDE) == "unknown"


def test_IGW_5_a_private_source_is_refused_before_the_switch_is_asked(scenario: Scenario) -> None:
    """IGW-5, BPA-11: as at the addresses of interfaces, so that one packet has one reason."""
    graph = scenario(SITE + "block_public_access: {bpa: {mode: block-bidirectional}}\n").flow_graph
    codes = {}
    for source in ("172.31.255.1", "192.0.2.1"):
        packet = Flow(4, parse_address(source)[1], parse_address("198.51.100.7")[1], ICMP, 0, 0, 13, 0)
        codes[source] = round_trip(graph, graph.entries["internet"].node, packet, expected=frozenset()).forward.steps[-1].code
    assert codes == {
        "172.31.255.1": "IGW_SOURCE_ADDRESS_NOT_IN_RFC1918_INGRESS",
        "192.0.2.1": "VPC_BLOCK_PUBLIC_ACCESS_ENABLED",
    }


# --- what AWS refuses --------------------------------------------------------------------------------------------------------------


def test_RNAT_1_its_table_is_its_own_and_of_its_vpc(scenario: Scenario) -> None:
    shared = with_table("{0.0.0.0/0: igw}").replace("{own: {vpc: main,", "{own: {vpc: main, subnets: app-b,")
    assert warnings(scenario(shared)) == [
        "regional NAT gateway `nat`: its route table `own` also serves subnets; AWS gives it one of its own (RNAT-1)"
    ]
    far = with_table("{}").replace("{own: {vpc: main,", "{own: {vpc: far,")
    far += "vpcs: {far: {cidr: 10.9.0.0/16}, main: {cidr: 10.0.0.0/16, internet_gateway: igw}}\n"
    assert warnings(scenario(far)) == ["regional NAT gateway `nat`: its route table `own` is of another VPC (`far`)"]


def test_RNAT_5_a_zone_has_so_many_addresses(scenario: Scenario) -> None:
    many = ", ".join(f"203.0.113.{number}" for number in range(33))
    network = scenario(site(("public_ips: [198.51.100.7, 198.51.100.8]", f"zones: {{a: [{many}]}}")))
    assert warnings(network) == ["regional NAT gateway `nat` has more than 32 addresses in zone `a`, the most AWS allows (RNAT-5)"]
    enough = many.rpartition(", ")[0]
    assert warnings(scenario(site(("public_ips: [198.51.100.7, 198.51.100.8]", f"zones: {{a: [{enough}]}}")))) == []
