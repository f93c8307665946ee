"""The rules that groups become: what AWS makes by itself, what names a denial, whose members a reference means (SG-2 to SG-18)."""

from __future__ import annotations

import simulator
from simulator.aws.permissions import GroupPeer, ListPeer
from simulator.aws.security_group import SecurityGroup, default_group
from simulator.graph.nodes import Filter
from simulator.packet.prefix import Prefix
from tests.aws.reading import Describe, Scenario, account, changed, group, verdict, warnings

PAIR = """
subnets: {a: {vpc: main, cidr: 10.0.1.0/24}}
instances:
  client: {subnet: a, security_groups: clients, ip: 10.0.1.10}
  server: {subnet: a, security_groups: [servers, more], ip: 10.0.1.11}
"""


def groups(network: simulator.Network) -> dict[str, Filter]:
    """The filters of security groups, by what they are called."""
    return {node.what: node for node in network.flow_graph.nodes if isinstance(node, Filter) and node.what.startswith("security group")}


def test_SG_4_the_default_group_as_aws_makes_it() -> None:
    group = default_group("main")
    assert (group.id, group.name, group.vpc, group.default) == ("main-default", "default", "main", True)
    assert [(rule.peer, str(rule.traffic), rule.origin.part) for rule in (*group.inbound, *group.outbound)] == [
        (GroupPeer("main-default"), "all", "ingress 1"),
        (Prefix.parse("0.0.0.0/0"), "all", "egress 1"),
        (Prefix.parse("::/0"), "all", "egress 2"),
    ]


def test_SG_2_a_denial_is_by_the_first_group_in_order_of_names_where_it_is_written(scenario: Scenario) -> None:
    text = "security_groups:\n  clients: {vpc: main}\n  servers: {vpc: main}\n  more: {vpc: main, inbound: {from: 10.9.0.0/16, allow: all}}"
    network = scenario(f"{PAIR}\n{text}")
    (blocker,) = network.can("client", "server", "tcp/443").blockers
    more = network.snapshot.get(SecurityGroup, "more")
    assert blocker.origin is not None
    assert more is not None
    assert (blocker.origin.resource, blocker.origin.place) == ("more", more.origin.place)
    assert more.origin.place is not None


def test_SG_13_rules_with_addresses_come_before_rules_with_groups(scenario: Scenario) -> None:
    inbound = "inbound: [{from: clients, allow: all}, {from: 10.0.1.0/24, allow: all}]"
    outbound = "outbound: [{to: clients, allow: all}, {to: 10.0.1.0/24, allow: all}]"
    more = "clients: {vpc: main}, more: {vpc: main, outbound: []}"
    network = scenario(f"{PAIR}\nsecurity_groups: {{{more}, servers: {{vpc: main, {inbound}, {outbound}}}}}")
    found = groups(network)
    for direction in ("ingress", "egress"):
        rules = found[f"security groups more, servers {direction}"].rules.rules
        assert [rule.origin.part for rule in rules] == [f"{direction} 2", f"{direction} 1"]


def test_SG_13_what_is_let_out_by_reference_is_marked_and_what_is_let_in_is_not(scenario: Scenario) -> None:
    rules = "inbound: {from: servers, allow: all}, outbound: {to: servers, allow: all}"
    found = groups(scenario(f"{PAIR}\nsecurity_groups: {{more: {{vpc: main}}, servers: {{vpc: main}}, clients: {{vpc: main, {rules}}}}}"))
    assert [rule.by_reference for rule in found["security group clients ingress"].rules.rules] == [False]
    assert [rule.by_reference for rule in found["security group clients egress"].rules.rules] == [True]


def test_SG_18_a_group_used_in_two_vpcs_means_the_members_in_each(scenario: Scenario) -> None:
    network = scenario(
        """
        vpcs: {main: {cidr: 10.0.0.0/16}, other: {cidr: 10.1.0.0/16}}
        subnets: {a: {vpc: main, cidr: 10.0.1.0/24}, b: {vpc: other, cidr: 10.1.1.0/24}}
        security_groups:
          clients: {vpc: main, outbound: {to: servers, allow: all}}
          servers: {vpc: main, inbound: {from: clients, allow: all}}
        interfaces:
          one: {subnet: a, security_groups: clients, ip: 10.0.1.10}
          two: {subnet: a, security_groups: servers, ip: 10.0.1.11}
          three: {subnet: b, security_groups: clients, ip: 10.1.1.10}
          four: {subnet: b, security_groups: servers, ip: 10.1.1.11}
        """,
        base=False,
    )
    assert verdict(network, "one", "two") == verdict(network, "three", "four") == "always"


def test_SG_9_each_direction_names_its_own_prefix_list(scenario: Scenario) -> None:
    lists = "prefix_lists: {offices: {entries: 10.9.0.0/16}, partners: {entries: 10.8.0.0/16}}"
    rules = "inbound: {from: offices, allow: all}, outbound: {to: partners, allow: all}"
    network = scenario(f"{lists}\nsecurity_groups: {{mine: {{vpc: main, {rules}}}}}")
    assert warnings(network) == []
    group = network.snapshot.get(SecurityGroup, "mine")
    assert group is not None
    assert [rule.peer for rule in (*group.inbound, *group.outbound)] == [ListPeer("offices"), ListPeer("partners")]


def test_more_outbound_rules_than_the_quota_are_told(scenario: Scenario) -> None:
    rules = ", ".join(f"{{to: 10.0.0.0/24, allow: tcp/{port}}}" for port in range(1, 62))
    network = scenario(f"security_groups: {{mine: {{vpc: main, outbound: [{rules}]}}}}")
    assert warnings(network) == ["security group `mine` has 61 egress rules; AWS allows 60 without a raised quota"]


def test_the_group_of_a_describe_answer_has_rules_of_both_directions(describe: Describe) -> None:
    everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    lists = account()
    lists["SecurityGroups"].append(group("sg-x", GroupName="plain", IpPermissionsEgress=everything))
    found = describe(**lists).snapshot.get(SecurityGroup, "sg-x")
    assert found is not None
    assert (found.name, found.vpc, [rule.origin.part for rule in found.outbound]) == ("plain", "vpc-1", ["egress 1"])


def test_SG_3_what_a_new_group_lets_out_is_outbound(scenario: Scenario) -> None:
    group = scenario("security_groups: {mine: {vpc: main}}").snapshot.get(SecurityGroup, "mine")
    assert group is not None
    assert [rule.origin.part for rule in group.outbound] == ["egress 1", "egress 2"]


def test_SG_9_a_name_that_both_a_group_and_a_list_have_is_the_group(scenario: Scenario) -> None:
    lists = "prefix_lists: {mine: {entries: 10.9.0.0/16}}"
    network = scenario(f"{lists}\nsecurity_groups: {{mine: {{vpc: main, inbound: {{from: mine, allow: all}}}}}}")
    group = network.snapshot.get(SecurityGroup, "mine")
    assert group is not None
    assert [rule.peer for rule in group.inbound] == [GroupPeer("mine")]


def test_SG_9_a_list_of_which_only_the_id_was_read_is_a_gap(describe: Describe) -> None:
    permission = {"IpProtocol": "-1", "PrefixListIds": [{"PrefixListId": "pl-9"}]}
    lists = changed(account(), "SecurityGroups", "sg-app", IpPermissions=[permission])
    assert verdict(describe(**lists, PrefixLists=[{"PrefixListId": "pl-9"}]), "i-web", "i-app", "tcp/22") == "unknown"
    assert verdict(describe(**lists, PrefixLists=[{"PrefixListId": "pl-9", "Cidrs": []}]), "i-web", "i-app", "tcp/22") == "never"
