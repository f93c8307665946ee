"""Instances in both spellings: states, the guest's ports, and guests that forward (ENI-5, NACL-14, NATI-1 to NATI-6)."""

from __future__ import annotations

import pytest

from simulator.aws.instance import Instance
from simulator.aws.network_interface import NetworkInterface
from tests.aws.reading import (
    Describe,
    Scenario,
    account,
    changed,
    errors,
    instance,
    interface,
    path,
    refusal,
    reply_path,
    verdict,
    warnings,
)

NAT = """
subnets:
  pub: {vpc: main, cidr: 10.0.0.0/24, routes: {0.0.0.0/0: igw}}
  a: {vpc: main, cidr: 10.0.1.0/24, routes: {0.0.0.0/0: nat}}
instances:
  client: {subnet: a, security_groups: open, ip: 10.0.1.10}
  nat: {subnet: pub, security_groups: open, ip: 10.0.0.6, public_ip: 198.51.100.6, source_dest_check: false}
"""


# --- spellings ---------------------------------------------------------------------------------------------------------------------


def test_an_instance_of_a_scenario_has_an_interface_of_its_own(scenario: Scenario) -> None:
    snapshot = scenario(NAT).snapshot
    found, owned = snapshot.get(Instance, "nat"), snapshot.get(NetworkInterface, "nat-eni")
    assert found is not None
    assert owned is not None
    assert (found.interfaces, found.state, found.os) == (("nat-eni",), "running", "linux")
    assert (owned.owner, owned.check) == ("nat", False)


def test_an_instance_may_have_several_interfaces(scenario: Scenario) -> None:
    text = """
    subnets: {a: {vpc: main, cidr: 10.0.1.0/24}}
    interfaces: {extra: {subnet: a, security_groups: open, ip: 10.0.1.20}}
    instances: {one: {subnet: a, security_groups: open, ip: 10.0.1.10, interfaces: [extra]}}
    """
    snapshot = scenario(text).snapshot
    found, extra = snapshot.get(Instance, "one"), snapshot.get(NetworkInterface, "extra")
    assert found is not None
    assert extra is not None
    assert (found.interfaces, extra.owner) == (("one-eni", "extra"), "one")


def test_ENI_9_its_interfaces_may_lie_in_two_vpcs(scenario: Scenario) -> None:
    network = scenario(
        """
        vpcs: {main: {cidr: 10.0.0.0/16}, other: {cidr: 10.0.0.0/16}}
        subnets: {a: {vpc: main, cidr: 10.0.1.0/24}, b: {vpc: other, cidr: 10.0.1.0/24}}
        security_groups: {far: {vpc: other, inbound: {from: 0.0.0.0/0, allow: all}}}
        interfaces:
          first: {subnet: a, security_groups: open, ip: 10.0.1.10}
          second: {subnet: b, security_groups: far, ip: 10.0.1.11}
        instances:
          both: {interfaces: [first, second]}
          near: {subnet: a, security_groups: open, ip: 10.0.1.20}
          away: {subnet: b, security_groups: far, ip: 10.0.1.20}
        """
    )
    assert verdict(network, "near", "first") == verdict(network, "away", "second") == "always"
    assert verdict(network, "near", "second") == verdict(network, "away", "first") == "never"
    assert reply_path(network, "away", "second")[:3] == ["both", "second", "b"]


def test_an_instance_lies_somewhere(scenario: Scenario) -> None:
    assert errors(scenario, "instances: {one: {os: linux}}") == ["instance `one`: say its `subnet`, or its `interfaces`"]


def test_the_instance_of_a_describe_answer(describe: Describe) -> None:
    lists = account()
    lists["Reservations"] = [
        {"Instances": [instance("i-web", "eni-web", Platform="windows", Tags=[{"Key": "Name", "Value": "web server"}])]},
        {"Instances": [instance("i-app", "eni-app", state="stopped"), instance("i-gone", "eni-gone", state="terminated")]},
    ]
    network = describe(**lists)
    web, app = network.snapshot.get(Instance, "i-web"), network.snapshot.get(Instance, "i-app")
    assert web is not None
    assert app is not None
    assert (web.name, web.interfaces, web.os, web.state) == ("web server", ("eni-web",), "windows", "running")
    assert (app.os, app.state) == ("linux", "stopped")
    assert network.snapshot.get(Instance, "i-gone") is None
    assert verdict(network, "internet", "web server") == "always"


def test_interfaces_come_in_the_order_of_their_devices(describe: Describe) -> None:
    lists = account()
    second = interface("eni-second", "subnet-app", "10.0.1.11", "sg-app", instance="i-app")
    shown = [
        {"NetworkInterfaceId": "eni-second", "Attachment": {"DeviceIndex": 1}},
        {"NetworkInterfaceId": "eni-app", "Attachment": {"DeviceIndex": 0}},
    ]
    lists["NetworkInterfaces"].append(second)
    lists["Reservations"] = [{"Instances": [instance("i-app", NetworkInterfaces=shown)]}]
    found = describe(**lists).snapshot.get(Instance, "i-app")
    assert found is not None
    assert found.interfaces == ("eni-app", "eni-second")


def test_interfaces_are_taken_from_the_instance_where_they_were_not_asked_for(describe: Describe) -> None:
    lists = account()
    own = lists.pop("NetworkInterfaces")
    lists["Reservations"] = [{"Instances": [instance("i-web", NetworkInterfaces=[own[0]]), instance("i-app", NetworkInterfaces=[own[1]])]}]
    network = describe(**lists)
    assert verdict(network, "internet", "i-web") == verdict(network, "i-web", "i-app", "tcp/8080") == "always"


def test_an_interface_that_was_not_read_is_told(describe: Describe) -> None:
    lists = account()
    lists["Reservations"] = [{"Instances": [instance("i-web", "eni-web")]}]
    lists["NetworkInterfaces"] = []
    network = describe(**lists)
    shown = network.snapshot.get(Instance, "i-web")
    assert shown is not None
    assert warnings(network) == [] or "eni-web" in warnings(network)[0]


# --- states and ports --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["stopped", "pending", "stopping"])
def test_ENI_6_an_instance_that_does_not_run_neither_sends_nor_receives(scenario: Scenario, state: str) -> None:
    network = scenario(
        f"""
        subnets: {{a: {{vpc: main, cidr: 10.0.1.0/24}}}}
        instances:
          one: {{subnet: a, security_groups: open, ip: 10.0.1.10, state: {state}}}
          two: {{subnet: a, security_groups: open, ip: 10.0.1.11}}
        """
    )
    assert refusal(network, "two", "one") == ("forward", "BAD_STATE", f"one state {state}")
    assert refusal(network, "one", "two") == ("forward", "BAD_STATE", f"one state {state}")


@pytest.mark.parametrize(("os", "ports"), [("linux", "32768-60999"), ("windows", "49152-65535")])
def test_NACL_14_the_guest_decides_the_source_ports(scenario: Scenario, os: str, ports: str) -> None:
    network = scenario(NAT.replace("client: {subnet: a,", f"client: {{subnet: a, os: {os},"))
    query = network.can("client", "nat", "tcp/443").query
    assert (query.source_ports, query.why_ports) == (ports, f"{os.capitalize()} instance")


# --- NAT instances -----------------------------------------------------------------------------------------------------------------


def test_NATI_1_a_guest_without_check_and_with_a_public_address_is_taken_for_a_nat_and_the_answer_says_so(scenario: Scenario) -> None:
    answer = scenario(NAT).can("client", "internet", "tcp/443")
    assert answer.verdict.value == "always"
    assert answer.assumptions == ("nat is a NAT instance (its source/destination check is off and it has a public address)",)


def test_NATI_1_nothing_is_assumed_where_it_was_said(scenario: Scenario) -> None:
    answer = scenario(NAT.replace("source_dest_check: false", "source_dest_check: false, forwards: nat")).can(
        "client", "internet", "tcp/443"
    )
    assert (answer.verdict.value, answer.assumptions) == ("always", ())


def test_W_6_the_way_through_a_nat_instance_and_back(scenario: Scenario) -> None:
    network = scenario(NAT)
    assert path(network, "client", "internet") == [
        "client", "client-eni", "a", "pub", "nat-eni", "nat", "nat-eni", "pub", "igw", "internet",
    ]  # fmt: skip
    assert reply_path(network, "client", "internet") == [
        "internet", "igw", "main", "pub", "nat-eni", "nat", "nat-eni", "pub", "main", "a", "client-eni", "client",
    ]  # fmt: skip


def test_NATI_1_it_must_run(scenario: Scenario) -> None:
    network = scenario(NAT.replace("nat: {subnet: pub,", "nat: {subnet: pub, state: stopped,"))
    assert refusal(network, "client", "internet") == ("forward", "BAD_STATE", "nat state stopped")


def test_NATI_1_it_needs_a_public_subnet_and_address(scenario: Scenario) -> None:
    private = scenario(NAT.replace("routes: {0.0.0.0/0: igw}", "routes: {}"))
    assert refusal(private, "client", "internet")[:2] == ("forward", "NO_ROUTE_TO_DESTINATION")
    without = NAT.replace(" public_ip: 198.51.100.6,", "").replace("check: false", "check: false, forwards: nat")
    assert refusal(scenario(without), "client", "internet")[:2] == ("forward", "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS")


def test_NATI_2_the_group_must_admit_the_client_and_let_out_the_translated_packet(scenario: Scenario) -> None:
    groups = (
        "\nsecurity_groups: {nat: {vpc: main, inbound: {from: 10.0.1.0/24, allow: tcp/443}, outbound: {to: 0.0.0.0/0, allow: tcp/443}}}"
    )
    network = scenario(NAT.replace("nat: {subnet: pub, security_groups: open", "nat: {subnet: pub, security_groups: nat") + groups)
    assert verdict(network, "client", "internet", "tcp/443") == "always"
    assert refusal(network, "client", "internet", "tcp/80")[2] == "nat no ingress rule matches"


def test_NATI_4_unlike_a_nat_gateway_it_can_be_reached_from_outside(scenario: Scenario) -> None:
    assert verdict(scenario(NAT), "internet", "nat", "tcp/22") == "always"


def test_NATI_5_with_the_check_on_the_clients_packets_are_dropped_at_its_interface(scenario: Scenario) -> None:
    """Trap T34."""
    network = scenario(NAT.replace("source_dest_check: false", "source_dest_check: true"))
    assert refusal(network, "client", "internet") == ("forward", "ENI_SOURCE_DEST_CHECK_RESTRICTION", "nat-eni destination check")


def test_NATI_6_clients_in_its_own_subnet_fail_where_the_table_leads_back(scenario: Scenario) -> None:
    network = scenario(
        """
        subnets: {a: {vpc: main, cidr: 10.0.1.0/24, routes: {0.0.0.0/0: nat}}}
        instances:
          client: {subnet: a, security_groups: open, ip: 10.0.1.10}
          nat: {subnet: a, security_groups: open, ip: 10.0.1.6, public_ip: 198.51.100.6, source_dest_check: false, forwards: nat}
        """
    )
    assert verdict(network, "client", "internet") == "never"
    assert {blocker.code for blocker in network.can("client", "internet", "tcp/443").blockers} == {"SIM_ROUTING_LOOP"}


DIAGONAL = "its own output is translated again: every pair of source port and NAT port is a piece of its own, and there are too many"


def test_NATI_6_the_nat_instance_itself_cannot_use_itself(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    """As NAT-12 for a NAT gateway, whose own output meets a filter before the translation."""
    monkeypatch.setattr("simulator.query.reach.PIECE_LIMIT", 500)  # 20,000 take their time
    network = scenario(NAT.replace("routes: {0.0.0.0/0: igw}", "routes: {0.0.0.0/0: nat}"))
    assert verdict(network, "client", "internet") == "never"
    assert verdict(network, "nat", "internet") == "never"


def test_MODEL_2_what_a_nat_in_the_guest_does_with_ipv6_no_input_says(scenario: Scenario) -> None:
    network = scenario(
        """
        vpcs: {main: {cidr: 10.0.0.0/16, ipv6_cidr: "2001:db8::/56"}}
        subnets:
          a: {vpc: main, cidr: 10.0.1.0/24, ipv6_cidr: "2001:db8:0:1::/64", routes: {"2001:db8:0:2::/64": nat}}
          b: {vpc: main, cidr: 10.0.2.0/24, ipv6_cidr: "2001:db8:0:2::/64"}
          n: {vpc: main, cidr: 10.0.3.0/24, ipv6_cidr: "2001:db8:0:3::/64"}
        interfaces:
          one: {subnet: a, security_groups: open, ip: 10.0.1.10, secondary_ips: {"2001:db8:0:1::10": }}
          two: {subnet: b, security_groups: open, ip: 10.0.2.10, secondary_ips: {"2001:db8:0:2::10": }}
        instances: {nat: {subnet: n, security_groups: open, ip: 10.0.3.5, source_dest_check: false, forwards: nat}}
        """
    )
    assert verdict(network, "one", "2001:db8:0:2::10") == "unknown"


# --- guests that forward unchanged -------------------------------------------------------------------------------------------------

ROUTER = """
subnets:
  a: {vpc: main, cidr: 10.0.1.0/24, routes: {10.0.2.0/24: router-eni}}
  b: {vpc: main, cidr: 10.0.2.0/24, routes: {10.0.1.0/24: router-eni}}
  r: {vpc: main, cidr: 10.0.3.0/24}
instances:
  one: {subnet: a, security_groups: open, ip: 10.0.1.10}
  two: {subnet: b, security_groups: open, ip: 10.0.2.10}
  router: {subnet: r, security_groups: open, ip: 10.0.3.5, source_dest_check: false}
"""


def test_ENI_5_a_guest_without_a_public_address_is_taken_to_forward_unchanged(scenario: Scenario) -> None:
    network = scenario(ROUTER)
    answer = network.can("one", "two", "tcp/443")
    assert answer.verdict.value == "always"
    assert answer.assumptions == ("router forwards packets for others unchanged (its source/destination check is off)",)
    assert answer.forward is not None
    assert answer.forward.received == answer.forward.sent
    assert path(network, "one", "two") == [
        "one",
        "one-eni",
        "a",
        "r",
        "router-eni",
        "router",
        "router-eni",
        "r",
        "main",
        "b",
        "two-eni",
        "two",
    ]


def test_ENI_5_it_may_be_said(scenario: Scenario) -> None:
    said = scenario(ROUTER.replace("source_dest_check: false", "source_dest_check: false, forwards: route"))
    assert said.can("one", "two", "tcp/443").assumptions == ()
    public = scenario(NAT.replace("source_dest_check: false", "source_dest_check: false, forwards: route"))
    assert refusal(public, "client", "internet")[:2] == ("forward", "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS")


def test_ENI_5_packets_for_the_router_itself_arrive(scenario: Scenario) -> None:
    network = scenario(ROUTER)
    assert verdict(network, "one", "router", "tcp/22") == "always"
    assert path(network, "one", "router", "tcp/22")[-2:] == ["router-eni", "router"]


def test_SG_25_a_router_that_sees_one_direction_only_judges_the_reply_as_a_new_flow(scenario: Scenario) -> None:
    """The reply comes back past the router, whose group and check do not matter; the servers' own state lets it out."""
    one_way = ROUTER.replace("b: {vpc: main, cidr: 10.0.2.0/24, routes: {10.0.1.0/24: router-eni}}", "b: {vpc: main, cidr: 10.0.2.0/24}")
    network = scenario(one_way)
    assert verdict(network, "one", "two") == "always"
    assert "router" not in reply_path(network, "one", "two")
    closed = "\nsecurity_groups: {router: {vpc: main, inbound: {from: 10.0.9.0/24, allow: all}}}"
    other_way = ROUTER.replace("a: {vpc: main, cidr: 10.0.1.0/24, routes: {10.0.2.0/24: router-eni}}", "a: {vpc: main, cidr: 10.0.1.0/24}")
    guarded = other_way.replace("router: {subnet: r, security_groups: open", "router: {subnet: r, security_groups: router")
    assert refusal(scenario(guarded + closed), "one", "two") == ("reply", "ENI_SG_RULES_MISMATCH", "router no ingress rule matches")


def test_the_described_guest_is_judged_by_its_interface(describe: Describe) -> None:
    lists = changed(account(), "NetworkInterfaces", "eni-web", SourceDestCheck=False)
    to_web = [
        {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local"},
        {"DestinationCidrBlock": "0.0.0.0/0", "NetworkInterfaceId": "eni-web"},
    ]
    answer = describe(**changed(lists, "RouteTables", "rtb-main", Routes=to_web)).can("i-app", "internet", "tcp/443")
    assert answer.verdict.value == "always"
    assert any("i-web is a NAT instance" in text for text in answer.assumptions)


def test_NATI_1_a_nat_without_an_ipv4_address_translates_to_nothing_that_anybody_knows(scenario: Scenario) -> None:
    network = scenario("""
vpcs: {main: {cidr: 10.0.0.0/16, ipv6_cidr: "2001:db8::/56"}}
subnets:
  a:   {vpc: main, cidr: 10.0.1.0/24, routes: {0.0.0.0/0: nat}}
  six: {vpc: main, ipv6_cidr: "2001:db8:0:1::/64"}
instances:
  client: {subnet: a, security_groups: open}
  nat:    {subnet: six, security_groups: open, source_dest_check: false, forwards: nat}
""")
    assert verdict(network, "client", "internet", "tcp/443") == "unknown"
