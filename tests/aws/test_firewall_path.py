"""What a network firewall does to packets (NFW-1 to NFW-7): both engines, both orders, and what nobody can tell."""

from __future__ import annotations

import pytest

import simulator
from tests.aws.firewalled import between
from tests.aws.reading import Scenario, path, refusal, reply_path, verdict

DROPS = "FIREWALL_RULES_RESTRICTION"


def notes(network: simulator.Network, service: str = "tcp/443") -> tuple[str, ...]:
    return network.can("one", "two", service).notes


# --- endpoints -------------------------------------------------------------------------------------------------------------------


def test_NFW_1_an_endpoint_is_a_hop_and_the_packet_goes_on_by_its_subnet(scenario: Scenario) -> None:
    network = scenario(between("{}"))
    assert path(network, "one", "two") == ["one", "one-eni", "p", "f", "fw", "f", "main", "q", "two-eni", "two"]
    assert reply_path(network, "one", "two") == ["two", "two-eni", "q", "f", "fw", "f", "main", "p", "one-eni", "one"]
    assert verdict(network, "one", "two") == "always"


def test_NFW_1_group_references_are_lost(scenario: Scenario) -> None:
    more = """
security_groups: {clients: {vpc: main}, by-ref: {vpc: main, inbound: {from: clients, allow: all}}}
"""
    text = between("{}", more=more).replace("p, security_groups: open", "p, security_groups: clients")
    network = scenario(text.replace("q, security_groups: open", "q, security_groups: by-ref"))
    assert refusal(network, "one", "two")[1] == "SG_REFERENCES_NOT_PRESERVED"


# --- stateless -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("default", "expected"), [("pass", "always"), ("forward", "always"), ("drop", "never")])
def test_NFW_2_the_default_action_of_single_packets(scenario: Scenario, default: str, expected: str) -> None:
    network = scenario(between(f"{{stateless_default: {default}}}"))
    assert verdict(network, "one", "two") == expected
    if expected == "never":
        assert refusal(network, "one", "two") == ("forward", DROPS, "pol stateless default action drop")


def test_NFW_2_the_first_rule_by_priority_decides(scenario: Scenario) -> None:
    groups = "{g: {stateless: [{drop: tcp/22}, {pass: tcp/20-30}, {drop: tcp}]}, h: {stateless: [{pass: all}]}}"
    network = scenario(between("{stateless: [g, h]}", groups))
    assert refusal(network, "one", "two", "tcp/22") == ("forward", DROPS, "g rule 1")
    assert refusal(network, "one", "two", "tcp/443") == ("forward", DROPS, "g rule 3")
    assert verdict(network, "one", "two", "udp/53") == "always"
    assert refusal(network, "one", "two", "tcp/25") == ("reply", DROPS, "g rule 3")
    assert verdict(scenario(between("{stateless: [h, g]}", groups)), "one", "two", "tcp/22") == "always"


def test_NFW_2_an_answer_needs_a_rule_of_its_own(scenario: Scenario) -> None:
    """T47: the rule for the way there does not cover the way back; one with the port of the server as source does."""
    there = "{pass: tcp/443, from: 10.0.1.0/24}"
    network = scenario(between("{stateless: g, stateless_default: drop}", f"{{g: {{stateless: [{there}]}}}}"))
    assert refusal(network, "one", "two") == ("reply", DROPS, "pol stateless default action drop")
    back = "{pass: tcp, from: 10.0.2.0/24, from_ports: 443}"
    network = scenario(between("{stateless: g, stateless_default: drop}", f"{{g: {{stateless: [{there}, {back}]}}}}"))
    assert verdict(network, "one", "two") == "always"
    assert verdict(network, "two", "one") == "never"
    some = back.replace("tcp,", "tcp/32768-40000,")
    network = scenario(between("{stateless: g, stateless_default: drop}", f"{{g: {{stateless: [{there}, {some}]}}}}"))
    assert verdict(network, "one", "two") == "sometimes"


def test_NFW_2_one_way_past_the_stateful_engine_is_seen_half(scenario: Scenario) -> None:
    """What single packets pass in one direction only, the stateful engine sees the answer of."""
    network = scenario(between("{stateless: g}", "{g: {stateless: [{pass: tcp/443, from: 10.0.1.0/24}]}}"))
    assert refusal(network, "one", "two")[:2] == ("reply", "SIM_RETURN_PATH_ASYMMETRIC")
    both = scenario(between("{stateless: g}", "{g: {stateless: [{pass: tcp/443, from: 10.0.1.0/24, both_ways: true}]}}"))
    assert verdict(both, "one", "two") == "always"


def test_NFW_2_source_ports_decide_in_many_flows_too(scenario: Scenario) -> None:
    groups = "{g: {stateless: [{drop: tcp, from_ports: 1024-40000}]}}"
    network = scenario(between("{stateless: g}", groups))
    answer = network.can("one", "two", "tcp/443", source_port="30000-50000")
    assert answer.verdict.value == "sometimes"
    assert [network.can("one", "two", "tcp/443", source_port=port).verdict.value for port in ("40000", "40001")] == ["never", "always"]


# --- stateful, in action order ---------------------------------------------------------------------------------------------------


def test_NFW_3_pass_rules_go_first_whatever_the_order_written(scenario: Scenario) -> None:
    groups = "{g: {stateful: [{drop: tcp}, {pass: tcp/443, to: 10.0.2.0/24}]}, h: {stateful: [{reject: udp}, {alert: all}]}}"
    network = scenario(between("{stateful: [g, h]}", groups))
    assert verdict(network, "one", "two") == "always"
    assert refusal(network, "one", "two", "tcp/80") == ("forward", DROPS, "g rule 1")
    assert refusal(network, "one", "two", "udp/53") == ("forward", DROPS, "h rule 1")
    assert refusal(network, "two", "one") == ("forward", DROPS, "g rule 1")


def test_NFW_3_what_no_rule_covers_passes(scenario: Scenario) -> None:
    network = scenario(between("{stateful: g}", "{g: {stateful: [{drop: tcp/22}]}}"))
    assert [verdict(network, "one", "two", service) for service in ("tcp/443", "tcp/22", "icmp", "esp")] == [
        "always",
        "never",
        "always",
        "always",
    ]


def test_NFW_5_answers_of_a_flow_that_passed_pass(scenario: Scenario) -> None:
    groups = "{g: {stateful: [{pass: tcp/443, from: 10.0.1.0/24}, {drop: all}]}}"
    network = scenario(between("{stateful: g}", groups))
    assert (verdict(network, "one", "two"), verdict(network, "two", "one")) == ("always", "never")


# --- stateful, in strict order ---------------------------------------------------------------------------------------------------


def test_NFW_4_rules_count_as_written(scenario: Scenario) -> None:
    groups = "{g: {stateful: [{drop: tcp/22}, {pass: tcp/20-30}]}, h: {stateful: [{pass: tcp}]}}"
    network = scenario(between("{order: strict, stateful: [g, h], stateful_default: drop_all}", groups))
    assert refusal(network, "one", "two", "tcp/22") == ("forward", DROPS, "g rule 1")
    assert verdict(network, "one", "two") == "always"
    assert refusal(network, "one", "two", "udp/53") == ("forward", DROPS, "pol stateful default action drop_all")
    other = scenario(between("{order: strict, stateful: [h, g], stateful_default: drop_all}", groups))
    assert verdict(other, "one", "two", "tcp/22") == "always"


@pytest.mark.parametrize("default", ["[]", "[alert_all]", "[alert_established]"])
def test_NFW_4_without_a_default_that_drops_the_rest_passes(scenario: Scenario, default: str) -> None:
    network = scenario(between(f"{{order: strict, stateful: g, stateful_default: {default}}}", "{g: {stateful: [{drop: tcp/22}]}}"))
    assert (verdict(network, "one", "two"), verdict(network, "one", "two", "udp/53")) == ("always", "always")


@pytest.mark.parametrize("default", ["drop_established", "drop_application_established"])
def test_NFW_5_drop_established_lets_a_connection_begin_and_says_so(scenario: Scenario, default: str) -> None:
    """T47: the start and its answer get through, and what follows is dropped."""
    network = scenario(between(f"{{order: strict, stateful_default: [{default}, alert_established]}}"))
    answer = network.can("one", "two", "tcp/443")
    assert answer.verdict.value == "always"
    told = f"pol passes the start of connections that no rule covers, and drops what follows ({default}, alert_established)"
    assert told in answer.assumptions
    assert verdict(network, "one", "two", "udp/53", one_way=True) == "always"
    assert verdict(network, "one", "two", "udp/53") == "unknown"  # whether its answer counts as established stands nowhere


# --- what nobody can tell --------------------------------------------------------------------------------------------------------


def test_NFW_6_a_list_of_names_depends_on_payload(scenario: Scenario) -> None:
    network = scenario(between("{stateful: g}", "{g: {domains: {drop: [.example.com]}}}"))
    answer = network.can("one", "two", "tcp/443")
    assert answer.verdict.value == "sometimes"
    assert answer.notes == ("FIREWALL_UNSUPPORTED_RULE_OPTIONS",)
    assert [(blocker.code, str(blocker.origin and blocker.origin.part)) for blocker in answer.blockers] == [(DROPS, "list of .example.com")]
    assert answer.assumptions == ("g: whether list of .example.com applies depends on the payload (names of servers)",)
    assert verdict(network, "one", "two", "udp/53") == "always"


@pytest.mark.parametrize(("order", "expected"), [("action", "sometimes"), ("strict", "always")])
def test_NFW_6_a_list_of_what_is_allowed_drops_the_rest_in_action_order(scenario: Scenario, order: str, expected: str) -> None:
    network = scenario(between(f"{{order: {order}, stateful: g}}", "{g: {domains: {pass: [.example.com]}}}"))
    assert verdict(network, "one", "two") == expected


def test_NFW_6_names_count_for_the_home_network_only(scenario: Scenario) -> None:
    groups = "{g: {domains: {drop: [a.example]}, home_net: 10.0.1.0/24}}"
    network = scenario(between("{stateful: g}", groups))
    assert (verdict(network, "one", "two"), verdict(network, "two", "one")) == ("sometimes", "always")
    of_policy = scenario(between("{stateful: g, home_net: 10.0.2.0/24}", "{g: {domains: {drop: [a.example]}}}"))
    assert (verdict(of_policy, "one", "two"), verdict(of_policy, "two", "one")) == ("always", "sometimes")


def test_NFW_6_what_the_header_tells_goes_before_what_the_payload_tells(scenario: Scenario) -> None:
    """Both ways end alike: then nothing depends on payload."""
    passing = "{g: {stateful: [{pass: tcp/443}], domains: {drop: [a.example]}}}"
    assert verdict(scenario(between("{stateful: g}", passing)), "one", "two") == "always"
    dropping = "{g: {stateful: [{drop: tcp/443}], domains: {drop: [a.example]}}}"
    network = scenario(between("{stateful: g}", dropping))
    assert verdict(network, "one", "two") == "never"
    assert notes(network) == ()
    strict = "{g: {domains: {drop: [a.example]}}, h: {stateful: [{drop: tcp}]}}"
    assert verdict(scenario(between("{order: strict, stateful: [g, h]}", strict)), "one", "two") == "never"


SURICATA = """
firewall_rule_groups:
  g:
    suricata: |
      # plain ones
      pass tcp $HOME_NET any -> 10.0.2.0/24 [443, 8443] (msg:"web"; sid:1; rev:1;)
      drop tcp any any -> any 22 (flow:to_server; sid:2;)
      drop udp any any <> 10.0.2.0/24 53 (sid:3;)
      drop ssh any any -> any any (sid:4;)
      alert http any any -> any any (http.host; content:"x"; sid:5;)
      drop icmp @lists any -> any any (sid:6;)
    prefix_lists: lists
prefix_lists: {lists: {entries: [10.0.1.10/32]}}
"""


def test_NFW_6_rules_of_addresses_and_ports_in_suricatas_language(scenario: Scenario) -> None:
    network = scenario(between("{stateful: g}", "{}").replace("firewall_rule_groups: {}", "") + SURICATA)
    assert verdict(network, "one", "two") == "always"
    assert refusal(network, "one", "two", "tcp/22") == ("forward", DROPS, "g rule 2")
    assert refusal(network, "one", "two", "udp/53") == ("forward", DROPS, "g rule 3")
    assert verdict(network, "one", "two", "tcp/80") == "sometimes"  # as far as the header tells, it may be SSH
    assert (verdict(network, "one", "two", "icmp"), verdict(network, "two", "one", "icmp")) == ("never", "always")


def test_NFW_6_a_line_that_was_not_understood_is_a_gap_where_it_may_decide(scenario: Scenario) -> None:
    groups = "{g: {stateful: [{pass: tcp/443}], suricata: 'drop it'}}"
    network = scenario(between("{stateful: g}", groups))
    assert (verdict(network, "one", "two"), verdict(network, "one", "two", "tcp/80")) == ("always", "unknown")


@pytest.mark.parametrize("rule", ["drop tcp $NOBODY any -> any any (sid:1;)", "drop tcp @far any -> any any (sid:1;)"])
def test_NFW_6_words_that_nothing_defines_are_a_gap(scenario: Scenario, rule: str) -> None:
    network = scenario(between("{stateful: g}", f"{{g: {{suricata: '{rule}'}}}}"))
    assert verdict(network, "one", "two") == "unknown"
    assert "rule group `g`: rule 1: `" in network.problems[0].message


@pytest.mark.parametrize("order", ["action", "strict"])
def test_NFW_6_words_that_nothing_defines_are_no_gap_for_other_packets(scenario: Scenario, order: str) -> None:
    """A rule for UDP and port 53 may decide about these only, whatever the variable means."""
    rule = "drop udp $UNDEFINED any -> any 53 (sid:1;)"
    network = scenario(between(f"{{order: {order}, stateful: g}}", f"{{g: {{suricata: '{rule}'}}}}"))
    asked = ("tcp/443", "udp/54", "udp/53", "icmp")
    assert [verdict(network, "one", "two", service) for service in asked] == ["always", "always", "unknown", "always"]
    ports = scenario(between(f"{{order: {order}, stateful: g}}", "{g: {suricata: 'drop tcp any any -> 10.0.1.0/24 $NO (sid:1;)'}}"))
    assert (verdict(ports, "one", "two"), verdict(ports, "two", "one")) == ("always", "unknown")


def test_NFW_3_a_line_that_was_not_understood_may_pass_what_others_drop(scenario: Scenario) -> None:
    groups = "{g: {stateful: [{drop: tcp/443}], suricata: 'drop it'}}"
    assert verdict(scenario(between("{stateful: g}", groups)), "one", "two") == "unknown"
    assert verdict(scenario(between("{order: strict, stateful: g}", groups)), "one", "two") == "never"  # it stands behind


def test_NFW_6_the_first_rule_that_covers_the_packet_is_named(scenario: Scenario) -> None:
    rules = "[{drop: udp, payload: content}, {drop: tcp/80, payload: content}, {drop: tcp, payload: content}, {drop: tcp, payload: more}]"
    network = scenario(between("{stateful: g}", f"{{g: {{stateful: {rules}}}}}"))
    for service, named in (("udp/53", "rule 1"), ("tcp/80", "rule 2"), ("tcp/443", "rule 3 and 1 more")):
        answer = network.can("one", "two", service)
        assert [str(blocker.origin and blocker.origin.part) for blocker in answer.blockers] == [named]
        assert len(answer.cases) == 2  # one question, however many rules


def test_NFW_5_drop_established_leaves_answers_unknown_whatever_rules_cover_them(scenario: Scenario) -> None:
    policy = "{order: strict, stateful: g, stateful_default: drop_established}"
    network = scenario(between(policy, "{g: {stateful: [{drop: udp, to: 10.0.1.0/24}]}}"))
    assert verdict(network, "one", "two", "udp/53") == "unknown"


def test_NFW_6_many_rules_of_one_group_are_one_question(scenario: Scenario) -> None:
    lines = "".join(f'      drop tls any any -> any any (tls.sni; content:"{n}"; sid:{n};)\n' for n in range(1, 400))
    groups = f"firewall_rule_groups:\n  g:\n    suricata: |\n{lines}"
    network = scenario(between("{stateful: g}").replace("firewall_rule_groups: {}\n", groups))
    answer = network.can("one", "two", "tcp/443")
    assert (answer.verdict.value, len(answer.cases)) == ("sometimes", 2)
    assert str(answer.blockers[0].origin and answer.blockers[0].origin.part) == "rule 1 and 398 more"


# --- both directions -------------------------------------------------------------------------------------------------------------

ONE_SIDED = ("zone: a, routes: {10.0.1.0/24: fw}}", "zone: a}")


def test_NFW_7_an_answer_past_the_endpoint_is_dropped(scenario: Scenario) -> None:
    network = scenario(between("{}").replace(*ONE_SIDED))
    assert verdict(network, "one", "two") == "always"
    assert notes(network) == ("SIM_INSPECTED_ONE_WAY",)  # the handshake works, and what follows is half a flow to the firewall
    assert notes(scenario(between("{}"))) == ()
    assert refusal(network, "two", "one")[:2] == ("reply", "SIM_RETURN_PATH_ASYMMETRIC")
    assert verdict(network, "two", "one", "udp/53") == "always"  # judged by the rules


def test_NFW_7_where_such_flows_go_on_nobody_knows(scenario: Scenario) -> None:
    network = scenario(between("{midstream: continue}").replace(*ONE_SIDED))
    assert verdict(network, "two", "one") == "unknown"


def test_NFW_7_endpoints_of_two_zones_do_not_share_what_they_saw(scenario: Scenario) -> None:
    text = between("{}").replace("subnets: f, policy", "subnets: [f, f-b], policy").replace("10.0.2.0/24: fw}", "10.0.2.0/24: fw-f}")
    text = text.replace(
        "zone: a, routes: {10.0.1.0/24: fw}}", "zone: b, routes: {10.0.1.0/24: fw-f-b}}\n  f-b: {vpc: main, cidr: 10.0.4.0/24, zone: b}"
    )
    network = scenario(text)
    assert path(network, "one", "two")[4] == "fw-f"
    assert reply_path(network, "one", "two")[4] == "fw-f-b"
    assert refusal(network, "one", "two")[:2] == ("reply", "SIM_RETURN_PATH_ASYMMETRIC")


def test_NFW_7_the_reply_that_is_dropped_is_worded(scenario: Scenario) -> None:
    network = scenario(between("{}").replace(*ONE_SIDED))
    assert "VPC endpoint fw never saw the start of what" in " ".join(str(network.can("two", "one", "tcp/443")).split())


@pytest.mark.parametrize("order", ["action", "strict"])
def test_NFW_6_tls_inspection_depends_on_payload(scenario: Scenario, order: str) -> None:
    network = scenario(between(f"{{order: {order}, stateful: g, decrypts: true}}", "{g: {stateful: [{pass: tcp/443}]}}"))
    assert (verdict(network, "one", "two"), verdict(network, "one", "two", "udp/53")) == ("sometimes", "always")
    assert network.can("one", "two", "tcp/443").assumptions == (
        "pol: whether TLS inspection applies depends on the payload (what it decrypts)",
    )
