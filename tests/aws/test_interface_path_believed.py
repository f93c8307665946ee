"""Believed, not found on an AWS page: dead interfaces (ENI-6), guests with several (ENI-7), the guest's own traffic (ENI-8),
ICMP in two worlds (SG-8), groups over both versions (SG-12), state of one interface (SG-24), appliances beside the client (NACL-21).
"""

from __future__ import annotations

from simulator.evaluate.walk import round_trip
from simulator.packet.flow import Flow
from tests.aws.reading import Describe, Scenario, account, changed, errors, path, refusal, reply_path, verdict


def test_ENI_6_a_detached_interface_sends_and_receives_nothing(describe: Describe) -> None:
    lists = changed(account(), "NetworkInterfaces", "eni-app", Status="available", Attachment=None)
    lists["Reservations"] = [{"Instances": [one for one in lists["Reservations"][0]["Instances"] if one["InstanceId"] == "i-web"]}]
    network = describe(**lists)
    assert refusal(network, "i-web", "eni-app", "tcp/8080") == ("forward", "BAD_STATE_ATTACHMENT", "eni-app attachment")
    assert refusal(network, "eni-app", "i-web", "tcp/443") == ("forward", "BAD_STATE_ATTACHMENT", "eni-app attachment")


TWO_INTERFACES = """
subnets:
  a: {vpc: main, cidr: 10.0.1.0/24}
  b: {vpc: main, cidr: 10.0.2.0/24}
  c: {vpc: main, cidr: 10.0.3.0/24}
interfaces:
  left: {subnet: a, security_groups: open, ip: 10.0.1.10}
  right: {subnet: b, security_groups: open, ip: 10.0.2.10}
instances:
  two: {interfaces: [left, right]}
  client: {subnet: c, security_groups: open, ip: 10.0.3.10}
"""


def test_ENI_7_a_reply_leaves_by_the_interface_the_request_came_to(scenario: Scenario) -> None:
    network = scenario(TWO_INTERFACES)
    assert path(network, "client", "10.0.2.10")[-2:] == ["right", "two"]
    assert reply_path(network, "client", "10.0.2.10")[:3] == ["two", "right", "b"]
    assert verdict(network, "client", "two") == "always"


def test_ENI_8_a_host_that_asks_for_itself_never_leaves_the_guest(scenario: Scenario) -> None:
    network = scenario(TWO_INTERFACES)
    (message,) = errors(lambda: network.can("client", "client", "tcp/1"))
    assert "never leaves the guest (ENI-8)" in message


def test_ENI_8_nor_does_traffic_between_two_interfaces_of_one_guest(scenario: Scenario) -> None:
    network = scenario(TWO_INTERFACES)
    assert verdict(network, "left", "client") == "always"
    (message,) = errors(lambda: network.can("left", "right", "tcp/443"))
    assert message == "`left` and `right` are one host: that traffic never leaves the guest (ENI-8)"


def test_ENI_8_so_no_group_judges_it_and_no_answer_either(scenario: Scenario) -> None:
    """A packet to an address of the sender's own, which only a question about a whole block can ask for."""
    network = scenario(
        TWO_INTERFACES.replace("security_groups: open, ip: 10.0.1", "security_groups: shut, ip: 10.0.1").replace(
            "security_groups: open, ip: 10.0.2", "security_groups: shut, ip: 10.0.2"
        )
        + "security_groups: {shut: {vpc: main, inbound: [], outbound: []}}"
    )
    graph = network.flow_graph
    for destination, end in (("10.0.1.10", "left"), ("10.0.2.10", "right")):
        flow = Flow.tcp("10.0.1.10", 40000, destination, 443)
        trip = round_trip(graph, graph.entries["left"].node, flow, expected=frozenset({end}))
        assert trip.answered
        assert trip.back is not None
        assert [hop.place.id for hop in (*trip.forward.hops, *trip.back.hops)] == ["two", "two"]


def test_SG_8_icmp_rules_do_not_admit_icmpv6(scenario: Scenario) -> None:
    network = scenario(
        """
        vpcs: {main: {cidr: 10.0.0.0/16, ipv6_cidr: "2001:db8::/56"}}
        subnets: {a: {vpc: main, cidr: 10.0.1.0/24, ipv6_cidr: "2001:db8::/64"}}
        security_groups: {ping: {vpc: main, inbound: {from: ["0.0.0.0/0", "::/0"], allow: icmp}}}
        interfaces:
          one: {subnet: a, security_groups: open, ip: 10.0.1.10, secondary_ips: {"2001:db8::10": }}
          two: {subnet: a, security_groups: ping, ip: 10.0.1.11, secondary_ips: {"2001:db8::11": }}
        """
    )
    assert verdict(network, "one", "10.0.1.11", "icmp") == "always"
    assert verdict(network, "one", "2001:db8::11", "icmpv6") == "never"


def test_SG_12_a_reference_covers_ipv6_addresses_of_the_members(scenario: Scenario) -> None:
    network = scenario(
        """
        vpcs: {main: {cidr: 10.0.0.0/16, ipv6_cidr: "2001:db8::/56"}}
        subnets: {a: {vpc: main, cidr: 10.0.1.0/24, ipv6_cidr: "2001:db8::/64"}}
        security_groups:
          clients: {vpc: main, outbound: {to: servers, allow: all}}
          servers: {vpc: main, inbound: {from: clients, allow: tcp/443}}
        interfaces:
          one: {subnet: a, security_groups: clients, ip: 10.0.1.10, secondary_ips: {"2001:db8::10": }}
          two: {subnet: a, security_groups: servers, ip: 10.0.1.11, secondary_ips: {"2001:db8::11": }}
        """
    )
    assert verdict(network, "one", "2001:db8::11") == "always"


def test_NACL_21_an_appliance_in_the_senders_own_subnet_is_reached_without_an_acl(scenario: Scenario) -> None:
    network = scenario(
        """
        subnets:
          a: {vpc: main, cidr: 10.0.1.0/24, network_acl: outward, routes: {0.0.0.0/0: nat-eni}}
          c: {vpc: main, cidr: 10.0.3.0/24, routes: {0.0.0.0/0: nat-eni}}
        network_acls: {outward: {vpc: main, outbound: [{rule: 1, allow: all}], inbound: []}}
        interfaces:
          one: {subnet: a, security_groups: open, ip: 10.0.1.10}
          three: {subnet: c, security_groups: open, ip: 10.0.3.10}
        instances:
          nat: {subnet: a, security_groups: open, ip: 10.0.1.9, public_ip: 198.51.100.9, source_dest_check: false, forwards: route}
        """
    )
    assert "nat" in path(network, "one", "192.0.2.1")
    assert refusal(network, "three", "192.0.2.1") == ("forward", "SUBNET_ACL_RESTRICTION", "outward ingress rule *")


def test_NACL_21_also_where_aws_picks_one_of_several_prefix_lists(scenario: Scenario) -> None:
    """RT-11: if it picks the list that leads next door there is no ACL, else there is."""
    network = scenario(
        """
        subnets:
          a: {vpc: main, cidr: 10.0.1.0/24, network_acl: shut, routes: [{to: near, via: beside}, {to: far, via: away}]}
          b: {vpc: main, cidr: 10.0.2.0/24}
        network_acls: {shut: {vpc: main, inbound: [{rule: 1, allow: all}], outbound: []}}
        prefix_lists: {near: {entries: [192.0.2.0/24]}, far: {entries: [192.0.0.0/16]}}
        instances:
          one: {subnet: a, security_groups: open, ip: 10.0.1.10}
          beside: {subnet: a, security_groups: open, ip: 10.0.1.9, source_dest_check: false, forwards: route}
          away: {subnet: b, security_groups: open, ip: 10.0.2.9, source_dest_check: false, forwards: route}
        """
    )
    graph = network.flow_graph
    flow = Flow.tcp("10.0.1.10", 40000, "192.0.2.1", 443)
    ways = [round_trip(graph, graph.entries["one-eni"].node, flow, expected=frozenset(), choices=[choice] * 9).forward for choice in (0, 1)]
    assert "beside" in [hop.place.id for hop in ways[0].hops]
    assert [(way.steps[-1].place.id, way.steps[-1].code) for way in ways[1:]] == [("a", "SUBNET_ACL_RESTRICTION")]
