"""Network ACLs in both spellings: numbers decide, nothing is remembered, and what an entry cannot test (NACL-1 to NACL-15)."""

from __future__ import annotations

import pytest

from simulator.aws.network_acl import NetworkAcl
from tests.aws.reading import Describe, Scenario, account, acl, changed, entry, errors, path, refusal, verdict, warnings

TWO_SUBNETS = """
subnets:
  a: {vpc: main, cidr: 10.0.1.0/24, network_acl: edge}
  b: {vpc: main, cidr: 10.0.2.0/24}
instances:
  one: {subnet: a, security_groups: open, ip: 10.0.1.10}
  beside: {subnet: a, security_groups: open, ip: 10.0.1.11}
  two: {subnet: b, security_groups: open, ip: 10.0.2.10}
"""
OPEN = "[{rule: 100, allow: all}]"


def edge(inbound: str = OPEN, outbound: str = OPEN, rest: str = TWO_SUBNETS) -> str:
    """Subnet `a` behind an ACL of its own."""
    return f"{rest}\nnetwork_acls: {{edge: {{vpc: main, inbound: {inbound}, outbound: {outbound}}}}}"


# --- which list, and when ----------------------------------------------------------------------------------------------------------


def test_NACL_1_a_subnet_that_names_no_acl_has_the_default_one(scenario: Scenario) -> None:
    closed = f"{TWO_SUBNETS}\nnetwork_acls: {{edge: {{vpc: main, default: true}}, other: {{vpc: main, inbound: {OPEN}}}}}"
    assert refusal(scenario(closed), "two", "one") == ("forward", "SUBNET_ACL_RESTRICTION", "edge egress rule *")


def test_NACL_1_subnets_are_associated_from_either_side(scenario: Scenario) -> None:
    acls = f"closed: {{vpc: main, subnets: [b]}}, edge: {{vpc: main, inbound: {OPEN}, outbound: {OPEN}}}"
    network = scenario(f"{TWO_SUBNETS}\nnetwork_acls: {{{acls}}}")
    assert refusal(network, "one", "two") == ("forward", "SUBNET_ACL_RESTRICTION", "closed ingress rule *")


def test_NACL_1_one_acl_serves_many_subnets(scenario: Scenario) -> None:
    network = scenario(f"{TWO_SUBNETS}\nnetwork_acls: {{edge: {{vpc: main, subnets: [a, b]}}}}")
    assert refusal(network, "one", "two")[2] == "edge egress rule *"
    assert refusal(network, "two", "one")[2] == "edge egress rule *"


def test_NACL_4_traffic_within_a_subnet_meets_no_acl(scenario: Scenario) -> None:
    network = scenario(edge("[]", "[]"))
    assert verdict(network, "one", "beside") == "always"
    assert verdict(network, "one", "two") == "never"


def test_NACL_4_an_acl_is_met_on_the_way_out_and_on_the_way_in(scenario: Scenario) -> None:
    assert refusal(scenario(edge(outbound="[]")), "one", "two") == ("forward", "SUBNET_ACL_RESTRICTION", "edge egress rule *")
    assert refusal(scenario(edge(inbound="[]")), "two", "one") == ("forward", "SUBNET_ACL_RESTRICTION", "edge ingress rule *")


def test_NACL_10_the_default_acl_is_open_and_a_new_one_closed(scenario: Scenario) -> None:
    assert verdict(scenario(TWO_SUBNETS.replace(", network_acl: edge", "")), "one", "two") == "always"
    assert verdict(scenario(f"{TWO_SUBNETS}\nnetwork_acls: {{edge: {{vpc: main}}}}"), "one", "two") == "never"


# --- which entry -------------------------------------------------------------------------------------------------------------------


def test_NACL_2_the_lowest_number_decides_whatever_the_order_written(scenario: Scenario) -> None:
    inbound = "[{rule: 100, allow: all}, {rule: 90, from: 10.0.2.0/24, deny: tcp/443}]"
    network = scenario(edge(inbound))
    assert refusal(network, "two", "one") == ("forward", "SUBNET_ACL_RESTRICTION", "edge ingress rule 90")
    assert verdict(network, "two", "one", "tcp/80") == "always"


def test_NACL_2_a_denial_behind_the_permission_is_ineffective(scenario: Scenario) -> None:
    inbound = "[{rule: 110, from: 10.0.2.0/24, deny: tcp/443}, {rule: 100, allow: all}]"
    assert verdict(scenario(edge(inbound)), "two", "one") == "always"


def test_NACL_2_what_no_entry_matches_is_denied_by_the_star_rule(scenario: Scenario) -> None:
    network = scenario(edge("[{rule: 100, allow: tcp/22}]"))
    assert refusal(network, "two", "one") == ("forward", "SUBNET_ACL_RESTRICTION", "edge ingress rule *")


def test_NACL_3_a_reply_is_judged_like_any_packet(scenario: Scenario) -> None:
    network = scenario(edge(outbound="[{rule: 100, allow: tcp/443}]"))
    assert refusal(network, "two", "one") == ("reply", "SUBNET_ACL_RESTRICTION", "edge egress rule *")
    assert network.can("two", "one", "tcp/443").delivered.value == "always"


def test_NACL_5_inbound_tests_the_source_and_outbound_the_destination(scenario: Scenario) -> None:
    elsewhere = "[{rule: 100, %s: 10.0.9.0/24, allow: all}]"
    network = scenario(edge(elsewhere % "from"))
    assert refusal(network, "two", "one")[0] == "forward"
    assert refusal(network, "one", "two")[0] == "reply"
    network = scenario(edge(outbound=elsewhere % "to"))
    assert refusal(network, "one", "two")[0] == "forward"
    assert refusal(network, "two", "one")[0] == "reply"


def test_NACL_5_ports_are_those_of_the_destination(scenario: Scenario) -> None:
    network = scenario(edge("[{rule: 100, allow: tcp/443}]"))
    assert verdict(network, "two", "one", "tcp/443") == "always"
    assert verdict(network, "two", "one", "tcp/80") == "never"
    assert refusal(network, "one", "two", "tcp/443", source_port=50000)[:2] == ("reply", "SUBNET_ACL_RESTRICTION")
    assert verdict(network, "one", "two", "tcp/80", source_port=443) == "always"


def test_NACL_8_a_type_and_a_code_or_every_one(scenario: Scenario) -> None:
    ping_only = scenario(edge("[{rule: 100, allow: icmp/8/0}]"))
    assert verdict(ping_only, "two", "one", "icmp") == "always"
    assert refusal(ping_only, "two", "one", "icmp/13")[2] == "edge ingress rule *"
    every_code = scenario(edge("[{rule: 100, allow: icmp/3}]"))
    assert verdict(every_code, "two", "one", "icmp/3/4") == "always"
    every_type = scenario(edge("[{rule: 100, allow: icmp}]"))
    assert verdict(every_type, "two", "one", "icmp/13") == "always"


def test_MODEL_4_an_echo_reply_needs_its_own_type_at_an_acl(scenario: Scenario) -> None:
    network = scenario(edge(outbound="[{rule: 100, allow: icmp/8}]"))
    assert refusal(network, "two", "one", "icmp") == ("reply", "SUBNET_ACL_RESTRICTION", "edge egress rule *")
    assert verdict(scenario(edge(outbound="[{rule: 100, allow: icmp/0}]")), "two", "one", "icmp") == "always"


def test_MODEL_2_an_ipv4_entry_says_nothing_about_ipv6(scenario: Scenario) -> None:
    rest = """
    vpcs: {main: {cidr: 10.0.0.0/16, ipv6_cidr: "2001:db8::/56"}}
    subnets:
      a: {vpc: main, cidr: 10.0.1.0/24, ipv6_cidr: "2001:db8:0:1::/64", network_acl: edge}
      b: {vpc: main, cidr: 10.0.2.0/24, ipv6_cidr: "2001:db8:0:2::/64"}
    interfaces:
      one: {subnet: a, security_groups: open, ip: 10.0.1.10, secondary_ips: {"2001:db8:0:1::10": }}
      two: {subnet: b, security_groups: open, ip: 10.0.2.10, secondary_ips: {"2001:db8:0:2::10": }}
    """
    four = scenario(edge(rest=rest.replace("\n    ", "\n")))
    assert verdict(four, "two", "10.0.1.10") == "always"
    assert refusal(four, "two", "2001:db8:0:1::10") == ("forward", "SUBNET_ACL_RESTRICTION", "edge ingress rule *")
    six = edge("[{rule: 1, from: '::/0', allow: all}]", "[{rule: 1, to: '::/0', allow: all}]", rest.replace("\n    ", "\n"))
    assert verdict(scenario(six), "two", "2001:db8:0:1::10") == "always"
    assert verdict(scenario(six), "two", "10.0.1.10") == "never"


# --- ephemeral ports ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("os", "ports", "wanted"),
    [("windows", "49152-65535", "always"), ("windows", "32768-49151", "never"), ("windows", "50000-65535", "sometimes")],
)
def test_NACL_14_windows_clients_use_49152_to_65535(scenario: Scenario, os: str, ports: str, wanted: str) -> None:
    rest = TWO_SUBNETS.replace("two: {subnet: b,", f"two: {{subnet: b, os: {os},")
    network = scenario(edge(outbound=f"[{{rule: 100, allow: tcp/{ports}}}]", rest=rest))
    assert verdict(network, "two", "one") == wanted


@pytest.mark.parametrize(("ports", "wanted"), [("32768-61000", "always"), ("32768-60999", "always"), ("1024-32767", "never")])
def test_NACL_14_linux_clients_use_the_ports_from_32768(scenario: Scenario, ports: str, wanted: str) -> None:
    assert verdict(scenario(edge(outbound=f"[{{rule: 100, allow: tcp/{ports}}}]")), "two", "one") == wanted


def test_NACL_14_any_other_client_uses_1024_to_65535(scenario: Scenario) -> None:
    rest = f"{TWO_SUBNETS}\ninterfaces: {{bare: {{subnet: b, security_groups: open}}}}"
    network = scenario(edge(outbound="[{rule: 100, allow: tcp/32768-65535}]", rest=rest))
    answer = network.can("bare", "one", "tcp/443")
    assert answer.query.source_ports == "1024-65535"
    assert answer.verdict.value == "sometimes"


LAMBDA = """
subnets:
  a: {vpc: main, cidr: 10.0.1.0/24, network_acl: edge}
  b: {vpc: main, cidr: 10.0.2.0/24}
instances:
  one: {subnet: a, security_groups: open, ip: 10.0.1.10}
lambdas:
  fn: {subnets: b, security_groups: open}
"""


def test_NACL_15_replies_open_from_32768_break_some_flows_of_a_function(scenario: Scenario) -> None:
    network = scenario(edge(outbound="[{rule: 100, allow: tcp/32768-65535}]", rest=LAMBDA))
    answer = network.can("fn", "one", "tcp/443")
    assert answer.verdict.value == "sometimes"
    fails, works = answer.cases
    assert (fails.when["source_ports"], works.when["source_ports"]) == ("1024-32767", "32768-65535")
    assert fails.share == pytest.approx(31744 / 64512)
    assert [blocker.leg for blocker in fails.blockers] == ["reply"]


# --- describe ----------------------------------------------------------------------------------------------------------------------


def described(*entries: dict, **changes: object) -> dict:
    """The account with an ACL of its own around the private subnet; what is not said inbound or outbound is open."""
    sides = {one["Egress"] for one in entries}
    rest = [entry(100, egress=egress) for egress in (False, True) if egress not in sides]
    own = acl("acl-app", *entries, *rest, Associations=[{"SubnetId": "subnet-app"}], **changes)
    lists = account()
    lists["NetworkAcls"].append(own)
    # The group must not decide here.
    everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    return changed(lists, "SecurityGroups", "sg-app", IpPermissions=everything)


def test_the_acl_of_a_describe_answer(describe: Describe) -> None:
    tags = [{"Key": "Name", "Value": "app edge"}]
    snapshot = describe(**described(entry(90, "deny", Protocol="6", PortRange={"From": 22, "To": 22}), Tags=tags)).snapshot
    found = snapshot.get(NetworkAcl, "acl-app")
    assert found is not None
    assert (found.name, found.vpc, found.default, found.subnets) == ("app edge", "vpc-1", False, ("subnet-app",))
    assert [(one.number, one.permit, str(one.traffic)) for one in found.inbound] == [(90, False, "tcp/22"), (32767, False, "all")]
    assert [one.origin.part for one in found.inbound] == ["ingress rule 90", "ingress rule *"]
    default = snapshot.get(NetworkAcl, "acl-1")
    assert default is not None
    assert default.default


def test_NACL_2_the_star_rule_as_the_api_shows_it(describe: Describe) -> None:
    network = describe(**described(entry(90, Protocol="6", PortRange={"From": 22, "To": 22})))
    assert refusal(network, "i-web", "i-app", "tcp/8080") == ("forward", "SUBNET_ACL_RESTRICTION", "acl-app ingress rule *")
    assert verdict(network, "i-web", "i-app", "tcp/22") == "always"


@pytest.mark.parametrize(
    ("protocol", "service"), [("-1", "tcp/443"), ("-1", "icmp"), ("47", "proto/47"), ("50", "esp"), ("132", "proto/132")]
)
def test_NACL_6_ports_ignored_for_protocol_minus_1_and_others(describe: Describe, protocol: str, service: str) -> None:
    network = describe(**described(entry(90, Protocol=protocol, PortRange={"From": 22, "To": 22})))
    assert verdict(network, "i-web", "i-app", service) == "always"


@pytest.mark.parametrize(("protocol", "service"), [("6", "tcp"), ("17", "udp")])
def test_NACL_6_ports_count_for_tcp_and_udp(describe: Describe, protocol: str, service: str) -> None:
    network = describe(**described(entry(90, Protocol=protocol, PortRange={"From": 22, "To": 25})))
    assert verdict(network, "i-web", "i-app", f"{service}/22-25") == "always"
    assert verdict(network, "i-web", "i-app", f"{service}/26") == "never"
    assert verdict(describe(**described(entry(90, Protocol=protocol))), "i-web", "i-app", f"{service}/26") == "always"


@pytest.mark.parametrize(
    ("icmp", "passes", "refused"),
    [
        ({"Type": 8, "Code": 0}, "icmp/8/0", "icmp/13/0"),
        ({"Type": 8, "Code": -1}, "icmp/8", "icmp/13"),
        ({"Type": 3, "Code": 4}, "icmp/3/4", "icmp/3/1"),
    ],
)
def test_NACL_8_icmp_entries(describe: Describe, icmp: dict, passes: str, refused: str) -> None:
    network = describe(**described(entry(90, Protocol="1", IcmpTypeCode=icmp)))
    assert (verdict(network, "i-web", "i-app", passes), verdict(network, "i-web", "i-app", refused)) == ("always", "never")


def test_NACL_8_type_minus_1_is_every_type(describe: Describe) -> None:
    network = describe(**described(entry(90, Protocol="1", IcmpTypeCode={"Type": -1, "Code": -1})))
    assert verdict(network, "i-web", "i-app", "icmp/13") == "always"


def test_NACL_11_blocks_are_cut_to_their_prefix(describe: Describe) -> None:
    network = describe(**described(entry(90, CidrBlock="10.0.0.99/24")))
    assert any("10.0.0.99/24" in message for message in warnings(network))
    assert verdict(network, "i-web", "i-app", "tcp/8080") == "always"


def test_NACL_13_the_acl_of_the_web_servers_subnet_sees_its_private_address(describe: Describe) -> None:
    """Inbound after the gateway's translation, outbound before it."""
    own = acl("acl-pub", entry(90, CidrBlock="0.0.0.0/0"), entry(90, egress=True), Associations=[{"SubnetId": "subnet-pub"}])
    lists = account()
    lists["NetworkAcls"].append(own)
    network = describe(**lists)
    answer = network.can("internet", "i-web", "tcp/443")
    assert answer.forward is not None
    (judged,) = [step for hop in answer.forward.hops for step in hop.steps if "acl-pub" in step.node.what]
    assert judged.before.destination == 0x0A00000A


def test_an_acl_that_was_not_read_is_taken_to_be_open_and_the_answer_says_so(describe: Describe) -> None:
    lists = account()
    del lists["NetworkAcls"]
    answer = describe(**lists).can("i-web", "i-app", "tcp/8080")
    assert answer.verdict.value == "always"
    assert any("network ACL of subnet-app was not read" in text for text in answer.assumptions)


# --- what is told ------------------------------------------------------------------------------------------------------------------


def test_an_entry_says_allow_or_deny(scenario: Scenario) -> None:
    for inbound in ("[{rule: 1}]", "[{rule: 1, allow: all, deny: all}]"):
        assert errors(scenario, edge(inbound)) == ["network ACL `edge`: an entry says `allow` or `deny`, one of them"]


@pytest.mark.parametrize("peer", ["open", "office"])
def test_NACL_9_an_entry_names_no_group_and_no_prefix_list(scenario: Scenario, peer: str) -> None:
    lists = "prefix_lists: {office: {entries: 203.0.113.0/24}}"
    (message,) = errors(scenario, f"{lists}\nnetwork_acls: {{tight: {{vpc: main, inbound: [{{rule: 1, from: {peer}, allow: all}}]}}}}")
    assert f"`{peer}`" in message
    assert "IPv4 or IPv6" in message


def test_a_number_is_used_once_in_each_direction(scenario: Scenario) -> None:
    twice = "[{rule: 1, allow: all}, {rule: 1, deny: all}]"
    assert errors(scenario, edge(twice)) == ["network ACL `edge`: ingress rule 1 is there twice"]
    assert errors(scenario, edge(outbound=twice)) == ["network ACL `edge`: egress rule 1 is there twice"]
    assert verdict(scenario(edge()), "one", "two") == "always"


@pytest.mark.parametrize("number", [0, 32767])
def test_NACL_2_numbers_are_between_1_and_32766(scenario: Scenario, number: int) -> None:
    (message,) = errors(scenario, edge(f"[{{rule: {number}, allow: all}}]"))
    assert "is not a number from 1 to 32766" in message


UNCHECKED = "`_check` of network_acl.py is not part of its KIND, so it never runs"


def test_more_entries_than_aws_allows_are_told(scenario: Scenario) -> None:
    def listed(count: int) -> str:
        return "[" + ", ".join(f"{{rule: {number}, allow: all}}" for number in range(1, count + 1)) + "]"

    assert warnings(scenario(edge(listed(40)))) == []
    assert warnings(scenario(edge(listed(41)))) == ["network ACL `edge` has 41 ingress entries; AWS allows 20, and 40 at most"]


def test_the_star_rule_is_no_entry_that_counts(describe: Describe) -> None:
    def listed(count: int) -> dict:
        return described(*(entry(number, Protocol="6", PortRange={"From": number, "To": number}) for number in range(1, count + 1)))

    assert warnings(describe(**listed(40))) == []
    assert warnings(describe(**listed(41))) == ["network ACL `acl-app` has 41 ingress entries; AWS allows 20, and 40 at most"]


def test_several_blocks_and_services_in_one_entry_have_one_number(scenario: Scenario) -> None:
    network = scenario(edge("[{rule: 5, from: [10.0.2.0/24, 10.0.3.0/24], allow: [tcp/443, udp/53]}]"))
    found = network.snapshot.get(NetworkAcl, "edge")
    assert found is not None
    assert [(one.number, str(one.cidr), str(one.traffic)) for one in found.inbound] == [
        (5, "10.0.2.0/24", "tcp/443"),
        (5, "10.0.2.0/24", "udp/53"),
        (5, "10.0.3.0/24", "tcp/443"),
        (5, "10.0.3.0/24", "udp/53"),
    ]
    assert verdict(network, "two", "one", "udp/53") == "always"


def test_the_edge_of_a_subnet_is_a_hop_of_the_subnet(scenario: Scenario) -> None:
    assert path(scenario(edge()), "one", "two") == ["one", "one-eni", "a", "main", "b", "two-eni", "two"]
