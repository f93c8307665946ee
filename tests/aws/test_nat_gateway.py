"""NAT gateways in both spellings: what they translate, how their packets go on, and what comes back (NAT-1 to NAT-17)."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.aws.nat_gateway import NatGateway
from simulator.aws.network_interface import NetworkInterface
from tests.aws.reading import (
    Describe,
    Scenario,
    account,
    changed,
    errors,
    interface,
    path,
    refusal,
    reply_path,
    verdict,
    warnings,
)

HOSTS = """
subnets:
  pub: {vpc: main, cidr: 10.0.0.0/24, routes: {0.0.0.0/0: igw}}
  app: {vpc: main, cidr: 10.0.1.0/24, routes: {0.0.0.0/0: nat}}
nat_gateways:
  nat: {subnet: pub, public_ip: 198.51.100.5, private_ip: 10.0.0.5}
interfaces:
  client: {subnet: app, security_groups: open, ip: 10.0.1.10}
"""


def acl(inbound: str, outbound: str) -> str:
    """The NAT gateway's subnet behind an ACL of its own."""
    return f"{HOSTS}\nnetwork_acls: {{edge: {{vpc: main, subnets: pub, inbound: [{inbound}], outbound: [{outbound}]}}}}"


# --- the way -----------------------------------------------------------------------------------------------------------------------


def test_W_5_the_way_through_a_nat_gateway_and_back(scenario: Scenario) -> None:
    network = scenario(HOSTS)
    assert verdict(network, "client", "internet") == "always"
    assert path(network, "client", "internet") == ["client", "app", "pub", "nat", "pub", "igw", "internet"]
    assert reply_path(network, "client", "internet") == ["internet", "igw", "main", "pub", "nat", "pub", "main", "app", "client"]


def test_NAT_1_every_address_of_a_gateway_may_be_used(scenario: Scenario) -> None:
    several = "198.51.100.5, private_ip: 10.0.0.5, secondary: [{private_ip: 10.0.0.6, public_ip: 198.51.100.6}]"
    network = scenario(HOSTS.replace("198.51.100.5, private_ip: 10.0.0.5", several))
    answer = network.can("client", "192.0.2.1", "tcp/443")
    assert answer.verdict.value == "always"
    assert {case.share for case in answer.cases} == {1.0}
    without = network.can("client", "192.0.2.1", "tcp/443").works
    assert without is not None
    assert [taken.labels for taken in without.choices if taken.what == "address"] == [("10.0.0.5", "10.0.0.6")]


def test_NAT_1_an_address_without_an_elastic_ip_fails_for_its_share(scenario: Scenario) -> None:
    several = "198.51.100.5, private_ip: 10.0.0.5, secondary: [{private_ip: 10.0.0.6}]"
    answer = scenario(HOSTS.replace("198.51.100.5, private_ip: 10.0.0.5", several)).can("client", "192.0.2.1", "tcp/443")
    assert answer.verdict.value == "sometimes"
    assert [(case.when["nat_addresses"], case.share) for case in answer.cases] == [(["10.0.0.6"], 0.5), (["10.0.0.5"], 0.5)]


@pytest.mark.parametrize("service", ["tcp/443", "udp/53", "icmp"])
def test_NAT_2_tcp_udp_and_icmp_are_translated(scenario: Scenario, service: str) -> None:
    assert verdict(scenario(HOSTS), "client", "192.0.2.1", service) == "always"


@pytest.mark.parametrize("service", ["esp", "proto/47", "proto/132"])
def test_NAT_2_nothing_else_is(scenario: Scenario, service: str) -> None:
    """Trap T50."""
    assert refusal(scenario(HOSTS), "client", "192.0.2.1", service) == (
        "forward",
        "PROTOCOL_RESTRICTION",
        "nat TCP, UDP and ICMP over IPv4 only",
    )


def test_NAT_3_the_source_becomes_its_private_address_with_a_port_from_1024(scenario: Scenario) -> None:
    answer = scenario(HOSTS).can("client", "192.0.2.1", "tcp/443")
    assert answer.forward is not None
    (step,) = [step for hop in answer.forward.hops for step in hop.steps if step.node.what == "source translation"]
    assert (step.before.source, step.after.source, step.after.destination) == (0x0A00010A, 0x0A000005, step.before.destination)
    assert [(taken.what, taken.first, taken.last) for taken in answer.forward.choices] == [("port", 1024, 65535)]
    assert answer.forward.received.source == 0xC6336405  # the internet gateway's doing


def test_NAT_4_its_packets_are_routed_by_its_own_subnets_table(scenario: Scenario) -> None:
    network = scenario(HOSTS.replace("routes: {0.0.0.0/0: igw}", "routes: {192.0.2.0/24: igw}"))
    assert verdict(network, "client", "192.0.2.1") == "always"
    assert refusal(network, "client", "203.0.113.1") == ("forward", "NO_ROUTE_TO_DESTINATION", "pub-routes no route matches")


def test_NAT_5_no_group_decides_at_the_gateway(scenario: Scenario) -> None:
    answer = scenario(HOSTS).can("client", "192.0.2.1", "tcp/443")
    assert answer.forward is not None
    assert not [step for hop in answer.forward.hops for step in hop.steps if hop.place.id == "nat" and "security group" in step.node.what]


@pytest.mark.parametrize("service", ["tcp/443", "icmp", "udp/53"])
def test_NAT_6_nothing_new_comes_in(scenario: Scenario, service: str) -> None:
    network = scenario(HOSTS)
    own = ("forward", "SIM_NAT_STATEFUL_INBOUND", "nat replies of its own sessions only")
    assert refusal(network, "internet", "nat", service) == own
    assert refusal(network, "internet", "198.51.100.5", service) == own
    assert refusal(network, "client", "10.0.0.5", service) == own


# --- the ACL of its subnet ---------------------------------------------------------------------------------------------------------

ALL = "{rule: 1, allow: all}"
FROM_APP, FROM_OUTSIDE = "{rule: 1, from: 10.0.1.0/24, allow: tcp/443}", "{rule: 2, from: 0.0.0.0/0, allow: tcp/1024-65535}"
TO_OUTSIDE, TO_APP = "{rule: 1, to: 0.0.0.0/0, allow: tcp/443}", "{rule: 2, to: 10.0.1.0/24, allow: tcp/1024-65535}"


def test_NAT_9_NACL_16_the_smallest_acl_that_works(scenario: Scenario) -> None:
    assert verdict(scenario(acl(f"{FROM_APP}, {FROM_OUTSIDE}", f"{TO_OUTSIDE}, {TO_APP}")), "client", "192.0.2.1") == "always"


@pytest.mark.parametrize(
    ("inbound", "outbound", "leg", "part"),
    [
        (FROM_OUTSIDE, ALL, "forward", "edge ingress rule *"),
        (ALL, TO_APP, "forward", "edge egress rule *"),
        (FROM_APP, ALL, "reply", "edge ingress rule *"),
        (ALL, TO_OUTSIDE, "reply", "edge egress rule *"),
    ],
    ids=["client in", "translated out", "reply in", "restored out"],
)
def test_NAT_9_NACL_16_each_of_the_four_crossings_is_judged(scenario: Scenario, inbound: str, outbound: str, leg: str, part: str) -> None:
    assert refusal(scenario(acl(inbound, outbound)), "client", "192.0.2.1") == (leg, "SUBNET_ACL_RESTRICTION", part)


def test_NAT_9_on_the_way_in_the_acl_sees_the_final_destination(scenario: Scenario) -> None:
    """Trap T9: allowing only addresses of the VPC inbound would break it, were it about destinations; outbound it is."""
    inside_only = "{rule: 1, to: 10.0.0.0/16, allow: all}"
    assert refusal(scenario(acl(ALL, inside_only)), "client", "192.0.2.1")[0] == "forward"


def test_NAT_9_NACL_15_the_reply_needs_every_port_from_1024(scenario: Scenario) -> None:
    """Trap T4, T10."""
    from_32768 = "{rule: 2, from: 0.0.0.0/0, allow: tcp/32768-65535}"
    answer = scenario(acl(f"{FROM_APP}, {from_32768}", ALL)).can("client", "192.0.2.1", "tcp/443")
    assert answer.verdict.value == "sometimes"
    assert [(case.when, case.verdict.value) for case in answer.cases] == [
        ({"nat_ports": "nat: 1024-32767"}, "never"),
        ({"nat_ports": "nat: 32768-65535"}, "always"),
    ]
    assert answer.cases[0].share == pytest.approx(31744 / 64512)


def test_NAT_9_the_restored_reply_comes_from_the_internet_host(scenario: Scenario) -> None:
    """Trap T10, step 5, at the client's subnet."""
    inside_only = "inbound: [{rule: 1, from: 10.0.0.0/16, allow: all}], outbound: [{rule: 1, allow: all}]"
    closed = f"\nnetwork_acls: {{edge: {{vpc: main, subnets: app, {inside_only}}}}}"
    assert refusal(scenario(HOSTS + closed), "client", "192.0.2.1") == ("reply", "SUBNET_ACL_RESTRICTION", "edge ingress rule *")


def test_NAT_10_the_restored_reply_is_routed_by_the_gateways_subnet(scenario: Scenario) -> None:
    hosts = HOSTS.replace("routes: {0.0.0.0/0: igw}", "routes: {0.0.0.0/0: igw, 10.0.1.0/24: appliance}")
    network = scenario(hosts + "  appliance: {subnet: pub, security_groups: open, ip: 10.0.0.50}")
    assert refusal(network, "client", "192.0.2.1") == ("reply", "ENI_SOURCE_DEST_CHECK_RESTRICTION", "appliance destination check")


# --- loops and chains --------------------------------------------------------------------------------------------------------------


def test_NAT_11_a_client_in_its_own_subnet_cannot_use_it(scenario: Scenario) -> None:
    network = scenario(
        """
        subnets: {one: {vpc: main, cidr: 10.0.0.0/24, routes: {0.0.0.0/0: nat}}}
        nat_gateways: {nat: {subnet: one, public_ip: 198.51.100.5, private_ip: 10.0.0.5}}
        interfaces: {client: {subnet: one, security_groups: open, ip: 10.0.0.10}}
        """
    )
    assert refusal(network, "client", "192.0.2.1") == ("forward", "SIM_ROUTING_LOOP", "nat its own output comes back to it")


def test_NAT_12_a_table_that_sends_its_output_back_is_a_loop(scenario: Scenario) -> None:
    network = scenario(HOSTS.replace("routes: {0.0.0.0/0: igw}", "routes: {0.0.0.0/0: nat}"))
    assert refusal(network, "client", "192.0.2.1")[1] == "SIM_ROUTING_LOOP"


def test_NAT_12_without_a_route_to_an_internet_gateway_there_is_no_internet(scenario: Scenario) -> None:
    network = scenario(HOSTS.replace("routes: {0.0.0.0/0: igw}", "routes: {}"))
    assert refusal(network, "client", "192.0.2.1") == ("forward", "NO_ROUTE_TO_DESTINATION", "pub-routes no route matches")


CHAIN = """
subnets:
  pub: {vpc: main, cidr: 10.0.0.0/24, routes: {0.0.0.0/0: igw}}
  mid: {vpc: main, cidr: 10.0.2.0/24, routes: {0.0.0.0/0: outer}}
  app: {vpc: main, cidr: 10.0.1.0/24, routes: {0.0.0.0/0: inner}}
nat_gateways:
  outer: {subnet: pub, public_ip: 198.51.100.5, private_ip: 10.0.0.5}
  inner: {subnet: mid, type: private, private_ip: 10.0.2.5}
interfaces:
  client: {subnet: app, security_groups: open, ip: 10.0.1.10}
"""


def test_NAT_13_one_gateway_behind_another(scenario: Scenario) -> None:
    network = scenario(CHAIN)
    assert verdict(network, "client", "192.0.2.1") == "always"
    assert path(network, "client", "192.0.2.1") == ["client", "app", "mid", "inner", "mid", "pub", "outer", "pub", "igw", "internet"]


def test_NAT_13_two_gateways_that_lead_to_each_other_are_a_loop(scenario: Scenario) -> None:
    network = scenario(
        CHAIN.replace(
            "pub: {vpc: main, cidr: 10.0.0.0/24, routes: {0.0.0.0/0: igw}}",
            "pub: {vpc: main, cidr: 10.0.0.0/24, routes: {0.0.0.0/0: inner}}",
        )
    )
    answer = network.can("client", "192.0.2.1", "tcp/443")
    assert answer.verdict.value == "never"
    assert {blocker.code for blocker in answer.blockers} == {"SIM_ROUTING_LOOP"}


# --- states and types --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "code"), [("pending", "BAD_STATE"), ("failed", "BAD_STATE"), ("deleting", None), ("deleted", "BAD_STATE_ROUTE")]
)
def test_NAT_15_a_gateway_that_is_not_available_forwards_nothing(scenario: Scenario, state: str, code: str | None) -> None:
    """A deleted one leaves a dead route; while it is being deleted, AWS does not say."""
    network = scenario(HOSTS.replace("private_ip: 10.0.0.5", f"private_ip: 10.0.0.5, state: {state}"))
    leg, found, part = refusal(network, "client", "192.0.2.1")
    assert (leg, part) == ("forward", f"nat state {state}")
    assert code in (None, found)


PRIVATE = HOSTS.replace("public_ip: 198.51.100.5, private_ip: 10.0.0.5", "type: private, private_ip: 10.0.0.5")


def test_NAT_16_a_private_gateways_packets_are_dropped_by_the_internet_gateway(scenario: Scenario) -> None:
    assert refusal(scenario(PRIVATE), "client", "192.0.2.1") == (
        "forward",
        "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS",
        "igw sender has no public address",
    )


def test_NAT_17_a_private_gateway_between_subnets(scenario: Scenario) -> None:
    hosts = PRIVATE.replace("routes: {0.0.0.0/0: nat}", "routes: {10.0.2.0/24: nat}").replace(
        "nat_gateways:", "  db: {vpc: main, cidr: 10.0.2.0/24}\nnat_gateways:"
    )
    network = scenario(hosts + "  server: {subnet: db, security_groups: open, ip: 10.0.2.10}")
    answer = network.can("client", "server", "tcp/443")
    assert answer.verdict.value == "always"
    assert answer.forward is not None
    assert answer.forward.received.source == 0x0A000005


def test_NAT_20_the_zone_is_no_condition(scenario: Scenario) -> None:
    network = scenario(HOSTS.replace("cidr: 10.0.1.0/24,", "cidr: 10.0.1.0/24, zone: far-away,"))
    assert verdict(network, "client", "192.0.2.1") == "always"


def test_NAT_23_ipv6_packets_are_dropped(scenario: Scenario) -> None:
    network = scenario(
        """
        vpcs: {main: {cidr: 10.0.0.0/16, ipv6_cidr: "2001:db8::/56", internet_gateway: igw}}
        subnets:
          pub: {vpc: main, cidr: 10.0.0.0/24, routes: {0.0.0.0/0: igw}}
          app: {vpc: main, cidr: 10.0.1.0/24, ipv6_cidr: "2001:db8::/64", routes: {"::/0": nat}}
        nat_gateways: {nat: {subnet: pub, public_ip: 198.51.100.5}}
        interfaces: {client: {subnet: app, security_groups: open, ip: 10.0.1.10, secondary_ips: {"2001:db8::10": }}}
        """
    )
    assert refusal(network, "client", "2a00::1")[1] in ("PROTOCOL_RESTRICTION", "NGW_REQUIRES_SOURCE_IN_VPC")


# --- describe ----------------------------------------------------------------------------------------------------------------------


def gateway(**more: Any) -> dict[str, Any]:
    address = {"PrivateIp": "10.0.0.5", "PublicIp": "198.51.100.5", "NetworkInterfaceId": "eni-nat", "IsPrimary": True}
    return {
        "NatGatewayId": "nat-1",
        "VpcId": "vpc-1",
        "SubnetId": "subnet-pub",
        "State": "available",
        "ConnectivityType": "public",
        "NatGatewayAddresses": [address],
        **more,
    }


def described(**more: Any) -> dict[str, Any]:
    lists = account()
    routes = [
        {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local"},
        {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1", "State": "active"},
    ]
    return {**changed(lists, "RouteTables", "rtb-main", Routes=routes), "NatGateways": [gateway(**more)]}


def test_the_gateway_of_a_describe_answer(describe: Describe) -> None:
    addresses = [
        {"PrivateIp": "10.0.0.6", "PublicIp": "198.51.100.6", "NetworkInterfaceId": "eni-nat", "IsPrimary": False},
        {"PrivateIp": "10.0.0.5", "PublicIp": "198.51.100.5", "NetworkInterfaceId": "eni-nat", "IsPrimary": True},
    ]
    network = describe(**described(NatGatewayAddresses=addresses, Tags=[{"Key": "Name", "Value": "way out"}]))
    found, own = network.snapshot.get(NatGateway, "nat-1"), network.snapshot.get(NetworkInterface, "eni-nat")
    assert found is not None
    assert own is not None
    assert (found.name, found.subnet, found.interface, found.public, found.state) == ("way out", "subnet-pub", "eni-nat", True, "available")
    assert [address.private[1] & 255 for address in own.addresses] == [5, 6]
    assert verdict(network, "i-app", "192.0.2.1") == "always"


def test_its_interface_may_be_described_too(describe: Describe) -> None:
    lists = described()
    own = interface("eni-nat", "subnet-pub", "10.0.0.5", public="198.51.100.5", InterfaceType="nat_gateway", SourceDestCheck=False)
    lists["NetworkInterfaces"] = [*lists["NetworkInterfaces"], own]
    assert verdict(describe(**lists), "i-app", "192.0.2.1") == "always"


def test_a_private_gateway_of_a_describe_answer(describe: Describe) -> None:
    address = {"PrivateIp": "10.0.0.5", "NetworkInterfaceId": "eni-nat", "IsPrimary": True}
    network = describe(**described(ConnectivityType="private", NatGatewayAddresses=[address]))
    assert refusal(network, "i-app", "192.0.2.1")[1] == "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS"


def test_NAT_15_a_deleted_gateway_is_as_good_as_not_read(describe: Describe) -> None:
    network = describe(**described(State="deleted"))
    assert network.snapshot.get(NatGateway, "nat-1") is None
    assert verdict(network, "i-app", "192.0.2.1") in ("never", "unknown")


@pytest.mark.parametrize("state", ["pending", "failed", "deleting"])
def test_NAT_15_states_of_a_describe_answer(describe: Describe, state: str) -> None:
    assert refusal(describe(**described(State=state)), "i-app", "192.0.2.1")[2] == f"nat-1 state {state}"


def test_an_address_that_was_not_read_is_assumed(describe: Describe) -> None:
    network = describe(**described(NatGatewayAddresses=[]))
    answer = network.can("i-app", "10.0.0.10", "tcp/443")
    assert answer.verdict.value == "always"
    own = network.snapshot.get(NetworkInterface, "eni-of-nat-1")
    assert own is not None
    assert own.assumed == "the address of nat-1 was not read: a free one of subnet-pub is taken"


# --- what is told ------------------------------------------------------------------------------------------------------------------


def test_a_public_gateway_has_a_public_address(scenario: Scenario) -> None:
    assert errors(scenario, HOSTS.replace("public_ip: 198.51.100.5, ", "")) == [
        "NAT gateway `nat`: say its `public_ip`, or `type: private`"
    ]


def test_a_private_gateway_has_none(scenario: Scenario) -> None:
    assert errors(scenario, HOSTS.replace("public_ip:", "type: private, public_ip:")) == [
        "NAT gateway `nat`: a private one has no public address"
    ]


def test_NAT_1_more_addresses_than_aws_allows_are_told(scenario: Scenario) -> None:
    def many(count: int) -> str:
        further = ", ".join(f"{{private_ip: 10.0.0.{number}, public_ip: 198.51.100.{number}}}" for number in range(20, 20 + count))
        return HOSTS.replace("private_ip: 10.0.0.5", f"private_ip: 10.0.0.5, secondary: [{further}]")

    assert warnings(scenario(many(7))) == []
    assert warnings(scenario(many(8))) == ["NAT gateway `nat` has more than 8 addresses, the most AWS allows"]


def test_a_subnet_that_was_not_read_is_told(describe: Describe) -> None:
    assert "NAT gateway `nat-1` lies in subnet `subnet-9`, which was not read" in warnings(describe(**described(SubnetId="subnet-9")))
