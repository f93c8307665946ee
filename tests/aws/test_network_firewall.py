"""Network firewalls and their policies and rule groups, as a scenario and as AWS answers tell them (NFW-1 to NFW-7, TGW-22)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import simulator
from simulator.aws.network_firewall import NetworkFirewall
from simulator.aws.vpc_endpoint import VpcEndpoint
from tests.aws.firewalled import asked, between, firewall, group, network, policy
from tests.aws.reading import Scenario, changed, errors, loaded, path, refusal, verdict, warnings
from tests.aws.test_inspection_endpoint import endpoint

Told = Callable[..., simulator.Network]
DROPS = "FIREWALL_RULES_RESTRICTION"


@pytest.fixture
def told(tmp_path: Path) -> Told:
    """Reads several answers of the command line, one file each."""

    def read(answers: list[dict[str, Any]]) -> simulator.Network:
        for number, answer in enumerate(answers):
            (tmp_path / f"{number}.json").write_text(json.dumps(answer), "utf-8")
        return loaded(tmp_path)

    return read


def ask(found: simulator.Network, service: str = "tcp/443") -> str:
    return verdict(found, "i-app", "i-web", service)


# --- as AWS tells them -----------------------------------------------------------------------------------------------------------


def test_NFW_1_a_firewall_tells_its_endpoint_where_nobody_else_does(told: Told) -> None:
    found = told(network(firewall(), policy()))
    assert ask(found) == "always"
    assert path(found, "i-app", "i-web") == [
        "i-app", "eni-app", "subnet-app", "subnet-f", "vpce-f", "subnet-f", "vpc-1", "subnet-pub", "eni-web", "i-web",
    ]  # fmt: skip
    assert warnings(found) == []


@pytest.mark.parametrize("tagged", [True, False])
def test_NFW_1_an_endpoint_that_was_read_belongs_to_its_firewall(told: Told, tagged: bool) -> None:
    tags = [
        {"Key": "AWSNetworkFirewallManaged", "Value": "true"},
        {"Key": "Firewall", "Value": "arn:aws:network-firewall:eu-west-1:111122223333:firewall/fw"},
    ]
    one = firewall()
    if tagged:
        del one["FirewallStatus"]
    dropping = policy(StatelessDefaultActions=["aws:drop"])
    found = told(network(one, dropping, VpcEndpoints=[endpoint(Tags=tags if tagged else [])]))
    assert refusal(found, "i-app", "i-web") == ("forward", DROPS, "pol stateless default action drop")


def test_NFW_1_an_endpoint_that_is_not_ready_carries_nothing(told: Told) -> None:
    assert refusal(told(network(firewall(Status="CREATING"), policy())), "i-app", "i-web")[1] == "BAD_STATE"


def test_NFW_1_an_endpoint_associated_later_belongs_to_it_too(told: Told) -> None:
    one = firewall()
    (state,) = one["FirewallStatus"].pop("SyncStates").values()
    association = {
        "VpcEndpointAssociation": {"VpcEndpointAssociationId": "a-1", "FirewallArn": one["Firewall"]["FirewallArn"], "VpcId": "vpc-1"},
        "VpcEndpointAssociationStatus": {"Status": "READY", "AssociationSyncState": {"eu-west-1a": state}},
    }
    found = told(network(one, association, policy(StatelessDefaultActions=["aws:drop"])))
    assert refusal(found, "i-app", "i-web")[1] == DROPS


def test_a_firewall_without_its_policy_is_a_gap(told: Told) -> None:
    found = told(network(firewall()))
    assert ask(found) == "unknown"
    name = "arn:aws:network-firewall:eu-west-1:111122223333:firewall-policy/pol"
    assert warnings(found) == [f"network firewall `fw`: its policy `{name}` was not read; what passes it is unknown"]


def stateless(*rules: tuple[int, str, dict[str, Any]]) -> dict[str, Any]:
    found = [
        {"Priority": priority, "RuleDefinition": {"Actions": [action], "MatchAttributes": attributes}}
        for priority, action, attributes in rules
    ]
    return group("single", "STATELESS", RulesSource={"StatelessRulesAndCustomActions": {"StatelessRules": found}})


TO_WEB = {
    "Sources": [{"AddressDefinition": "10.0.1.0/24"}],
    "Destinations": [{"AddressDefinition": "10.0.0.0/24"}],
    "DestinationPorts": [{"FromPort": 443, "ToPort": 443}],
    "Protocols": [6],
}
SINGLE = [asked("single", kind="STATELESS")]


def test_NFW_2_stateless_rules_of_an_answer(told: Told) -> None:
    one = stateless((20, "aws:drop", {}), (10, "aws:pass", TO_WEB))
    found = told(network(firewall(), policy(StatelessRuleGroupReferences=SINGLE), one))
    assert refusal(found, "i-app", "i-web") == ("reply", DROPS, "single rule of priority 20")
    assert refusal(found, "i-app", "i-web", "udp/443") == ("forward", DROPS, "single rule of priority 20")


@pytest.mark.parametrize(
    ("flags", "masks", "expected"),
    [
        (["SYN"], ["SYN", "ACK"], ("forward", "single rule of priority 1")),
        (["SYN", "ACK"], ["SYN", "ACK"], ("reply", "single rule of priority 1")),
        (["SYN"], [], ("forward", "single rule of priority 1")),
        (["SYN"], ["SYN"], ("forward", "single rule of priority 1")),
        (["FIN"], ["FIN"], None),
    ],
)
def test_NFW_2_flags_of_the_first_packet_and_its_answer(
    told: Told, flags: list[str], masks: list[str], expected: tuple[str, str] | None
) -> None:
    one = stateless((1, "aws:drop", {"Protocols": [6], "TCPFlags": [{"Flags": flags, "Masks": masks}]}))
    found = told(network(firewall(), policy(StatelessRuleGroupReferences=SINGLE, StatelessDefaultActions=["aws:pass"]), one))
    if expected is None:
        assert ask(found) == "always"
    else:
        leg, _, part = refusal(found, "i-app", "i-web")
        assert (leg, part) == expected


def header(action: str, protocol: str = "TCP", port: str = "443", direction: str = "FORWARD", **options: list[str]) -> dict[str, Any]:
    return {
        "Action": action,
        "Header": {
            "Protocol": protocol,
            "Source": "$HOME_NET",
            "SourcePort": "ANY",
            "Direction": direction,
            "Destination": "10.0.0.0/24",
            "DestinationPort": port,
        },
        "RuleOptions": [{"Keyword": word, "Settings": value} for word, value in {"sid": ["7"], **options}.items()],
    }


FLOWS = [asked("flows")]


def test_NFW_3_rules_of_an_answer(told: Told) -> None:
    one = group("flows", RulesSource={"StatefulRules": [header("PASS"), header("DROP", port="ANY"), header("REJECT", "UDP", "ANY")]})
    found = told(network(firewall(), policy(StatefulRuleGroupReferences=FLOWS), one))
    assert ask(found) == "always"
    assert refusal(found, "i-app", "i-web", "tcp/80") == ("forward", DROPS, "flows rule 7")
    assert refusal(found, "i-app", "i-web", "udp/53")[1] == DROPS
    assert refusal(found, "i-web", "i-app", "tcp/22")[1] != DROPS  # it covers one direction


def test_NFW_3_a_rule_for_any_direction(told: Told) -> None:
    one = group("flows", RulesSource={"StatefulRules": [header("DROP", "ICMP", "ANY", "ANY")]})
    lists = network(firewall(), policy(StatefulRuleGroupReferences=FLOWS), one)
    open_group = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    lists[0] = changed(
        changed(lists[0], "SecurityGroups", "sg-web", IpPermissions=open_group), "SecurityGroups", "sg-app", IpPermissions=open_group
    )
    found = told(lists)
    assert refusal(found, "i-app", "i-web", "icmp")[1] == refusal(found, "i-web", "i-app", "icmp")[1] == DROPS


@pytest.mark.parametrize(("options", "expected"), [({}, "never"), ({"flow": ["to_server"]}, "never"), ({"content": ['"x"']}, "sometimes")])
def test_NFW_6_options_of_an_answer(told: Told, options: dict[str, list[str]], expected: str) -> None:
    one = group("flows", RulesSource={"StatefulRules": [header("DROP", **options)]})
    assert ask(told(network(firewall(), policy(StatefulRuleGroupReferences=FLOWS), one))) == expected


def test_NFW_4_strict_order_of_an_answer(told: Told) -> None:
    strict = {"StatefulEngineOptions": {"RuleOrder": "STRICT_ORDER"}, "StatefulDefaultActions": ["aws:drop_strict"]}
    first = group("first", RulesSource={"RulesString": "drop tcp any any -> any 443 (sid:1;)"})
    second = group("second", RulesSource={"RulesString": "pass tcp any any -> any any (sid:2;)"})
    for order, expected in (((1, 2), "never"), ((2, 1), "always")):
        groups = [asked(name, number) for name, number in zip(("first", "second"), order, strict=True)]
        assert ask(told(network(firewall(), policy(StatefulRuleGroupReferences=groups, **strict), first, second))) == expected


def test_NFW_6_variables_and_references_of_an_answer(told: Told) -> None:
    one = group(
        "flows",
        RuleVariables={"IPSets": {"WEB": {"Definition": ["10.0.0.0/24"]}}, "PortSets": {"PORTS": {"Definition": ["443", "8443"]}}},
        ReferenceSets={"IPSetReferences": {"apps": {"ReferenceArn": "arn:aws:ec2:eu-west-1:111122223333:prefix-list/pl-1"}}},
        RulesSource={"RulesString": "drop tcp @apps any -> $WEB $PORTS (sid:1;)"},
    )
    lists = network(firewall(), policy(StatefulRuleGroupReferences=FLOWS), one)
    assert ask(told(lists)) == "unknown"  # the list was not read
    lists[0]["PrefixLists"] = [{"PrefixListId": "pl-1", "PrefixListName": "apps", "Cidrs": ["10.0.1.0/24"]}]
    assert refusal(told(lists), "i-app", "i-web") == ("forward", DROPS, "flows rule 1")


@pytest.mark.parametrize(("override", "expected"), [({}, "sometimes"), ({"Override": {"Action": "DROP_TO_ALERT"}}, "always")])
def test_NFW_6_groups_that_aws_manages_look_inside_packets(told: Told, override: dict[str, Any], expected: str) -> None:
    managed = "arn:aws:network-firewall:eu-west-1:aws-managed:stateful-rulegroup/ThreatSignaturesBotnetActionOrder"
    found = told(network(firewall(), policy(StatefulRuleGroupReferences=[{"ResourceArn": managed, **override}])))
    assert ask(found) == expected
    assert warnings(found) == []


def test_a_rule_group_that_was_not_read_is_a_gap_where_it_may_decide(told: Told) -> None:
    known = group("flows", RulesSource={"StatefulRules": [header("PASS")]})
    found = told(network(firewall(), policy(StatefulRuleGroupReferences=[asked("gone", 1), asked("flows", 2)]), known))
    assert (ask(found), ask(found, "tcp/443-444")) == ("always", "unknown")
    single = stateless((1, "aws:drop", TO_WEB))
    both = [asked("single", 1, "STATELESS"), asked("gone", 2, "STATELESS")]
    found = told(network(firewall(), policy(StatelessRuleGroupReferences=both), single))
    assert (ask(found), ask(found, "udp/53")) == ("never", "unknown")


def test_NFW_7_what_becomes_of_flows_without_a_start(told: Told) -> None:
    for word, expected in (("DROP", "never"), ("REJECT", "never"), ("CONTINUE", "unknown")):
        one = policy(StatefulEngineOptions={"RuleOrder": "DEFAULT_ACTION_ORDER", "StreamExceptionPolicy": word})
        lists = network(firewall(), one)
        lists[0]["RouteTables"][0]["Routes"] = lists[0]["RouteTables"][0]["Routes"][:1]  # the way there goes past the firewall
        assert ask(told(lists)) == expected


@pytest.mark.parametrize("key", ["FirewallStatus", "FirewallPolicyResponse", "RuleGroupResponse"])
def test_what_is_being_deleted_is_not_there(told: Told, key: str) -> None:
    one = group("flows", RulesSource={"StatefulRules": [header("PASS")]})
    answers = [firewall(), policy(StatefulRuleGroupReferences=FLOWS), one]
    state = {"FirewallStatus": "Status", "FirewallPolicyResponse": "FirewallPolicyStatus", "RuleGroupResponse": "RuleGroupStatus"}[key]
    for answer in answers:
        if key in answer:
            answer[key][state] = "DELETING"
    assert ask(told(network(*answers))) == "unknown"


# --- in a scenario ---------------------------------------------------------------------------------------------------------------


def test_a_firewall_of_a_scenario_has_an_endpoint_in_each_subnet(scenario: Scenario) -> None:
    one = scenario(between("{}"))
    assert [found.id for found in one.snapshot.all(VpcEndpoint)] == ["fw"]
    two = scenario(between("{}").replace("subnets: f, policy", "subnets: [f, q], policy").replace(": fw}", ": fw-f}"))
    assert [found.endpoints for found in two.snapshot.all(NetworkFirewall)] == [("fw-f", "fw-q")]
    assert "network firewall `fw` has two subnets in one zone; AWS allows one for each zone (NFW-1)" in warnings(two)


NEITHER = "network firewall `fw`: write `vpc` and `subnets`, or the `transit_gateway` it is attached to"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("vpc: main, subnets: f, policy", "policy", NEITHER),
        ("subnets: f, policy", "policy", NEITHER),
        ("policy: pol", "policy: pool", "network firewall `fw`, policy: firewall policy `pool` does not exist; did you mean `pol`?"),
        ("{pol: {}}", "{pol: {stateless: g}}", "firewall policy `pol`: rule group `g` is stateful and stands among the stateless ones"),
        ("{g: {stateful: []}}", "{g: {}}", "rule group `g`: write `stateless`, or some of `stateful`, `suricata` and `domains`"),
        ("{g: {stateful: []}}", "{g: {stateful: [{from: 10.0.0.0/8}]}}", "`g`: rule 1 says one of pass, drop, reject, alert"),
        ("{g: {stateful: []}}", "{g: {stateless: [{pass: tcp, drop: udp}]}}", "`g`: rule 1 says one of pass, drop, forward"),
        ("{g: {stateful: []}}", "{g: {stateful: [{pass: icmp/8}]}}", "`g`: rule 1 names an ICMP type; rules of firewalls name none"),
        (
            "{g: {stateful: []}}",
            "{g: {domains: {allow: a.example}}}",
            "rule group `g`: `allow` is no action of a list; write one of pass, drop, reject, alert",
        ),
    ],
)  # fmt: skip
def test_what_a_scenario_may_not_say(scenario: Scenario, old: str, new: str, message: str) -> None:
    text = between("{}", "{g: {stateful: []}}")
    assert old in text
    told = errors(scenario, text.replace(old, new))
    assert message in told


NO_RULE = "rule group `g`: line 1 is no rule; write `action protocol source port -> destination port (options)`"


@pytest.mark.parametrize(
    ("policy_text", "groups", "message"),
    [
        (
            "{stateful_default: drop_all}",
            "{}",
            "firewall policy `pol` has default actions of the stateful engine, which count with strict order only (NFW-4)",
        ),
        ("{stateful: g}", "{g: {suricata: 'drop'}}", NO_RULE),
        (
            "{stateful: g}",
            "{g: {suricata: 'drop tcp $A any -> any any (sid:1;)'}}",
            "rule group `g`: rule 1: `$A` is a variable that nothing defines; where it may decide, the answer is unknown (NFW-6)",
        ),
    ],
)  # fmt: skip
def test_what_is_told_of_a_scenario(scenario: Scenario, policy_text: str, groups: str, message: str) -> None:
    assert message in warnings(scenario(between(policy_text, groups)))


ATTACHED = """
vpcs: {v: {cidr: 10.1.0.0/16}, w: {cidr: 10.2.0.0/16}}
subnets:
  p: {vpc: v, cidr: 10.1.1.0/24, zone: a, routes: {10.2.0.0/16: tgw}}
  q: {vpc: w, cidr: 10.2.1.0/24, zone: b, routes: {10.1.0.0/16: tgw}}
instances: {one: {subnet: p, security_groups: all-v}, two: {subnet: q, security_groups: all-w}}
security_groups:
  all-v: {vpc: v, inbound: {from: 0.0.0.0/0, allow: all}}
  all-w: {vpc: w, inbound: {from: 0.0.0.0/0, allow: all}}
transit_gateways: {tgw: {default_association: false, default_propagation: false}}
transit_attachments:
  v-attach: {transit_gateway: tgw, vpc: v, subnets: p, route_table: spokes}
  w-attach: {transit_gateway: tgw, vpc: w, subnets: q, route_table: spokes}
transit_route_tables:
  spokes: {transit_gateway: tgw, routes: {0.0.0.0/0: fw}}
  after: {transit_gateway: tgw, associations: fw, propagations: [v-attach, w-attach]}
network_firewalls: {fw: {transit_gateway: tgw, policy: pol}}
firewall_policies: {pol: {stateful: g}}
firewall_rule_groups: {g: {stateful: [{drop: tcp/22}, {drop: all, from: 10.2.0.0/16}]}}
"""


def test_TGW_22_a_firewall_attached_to_a_transit_gateway_judges_what_its_table_sends_there(scenario: Scenario) -> None:
    found = scenario(ATTACHED, base=False)
    assert verdict(found, "one", "two") == "always"
    assert path(found, "one", "two") == ["one", "one-eni", "p", "tgw", "fw", "tgw", "q", "two-eni", "two"]
    assert refusal(found, "one", "two", "tcp/22") == ("forward", DROPS, "g rule 1")
    assert refusal(found, "two", "one") == ("forward", DROPS, "g rule 2")
