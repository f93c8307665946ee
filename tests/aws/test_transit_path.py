"""What transit gateways do to packets (TGW-1 to TGW-23, NAT-8, SG-13): the routes that win, zones, groups, peerings."""

from __future__ import annotations

import pytest

import simulator
from tests.aws.reading import Scenario, path, refusal, reply_path, verdict, warnings

# Two VPCs on one gateway. The client is in zone a; the servers' VPC is attached in zones a and b, the server is in zone b.
HOSTS = """
vpcs:
  v: {cidr: 10.1.0.0/16}
  w: {cidr: 10.2.0.0/16}
subnets:
  p: {vpc: v, cidr: 10.1.1.0/24, zone: a, routes: {10.0.0.0/8: tgw}}
  t: {vpc: v, cidr: 10.1.9.0/28, zone: a}
  q: {vpc: w, cidr: 10.2.1.0/24, zone: b, routes: {10.0.0.0/8: tgw}}
  u-a: {vpc: w, cidr: 10.2.9.0/28, zone: a}
  u-b: {vpc: w, cidr: 10.2.9.16/28, zone: b}
security_groups:
  in-v: {vpc: v, inbound: {from: 0.0.0.0/0, allow: all}}
  in-w: {vpc: w, inbound: {from: 0.0.0.0/0, allow: all}}
instances:
  client: {subnet: p, security_groups: in-v, ip: 10.1.1.10}
  server: {subnet: q, security_groups: in-w, ip: 10.2.1.10}
transit_gateways:
  tgw: {}
transit_attachments:
  v-att: {transit_gateway: tgw, vpc: v, subnets: t}
  w-att: {transit_gateway: tgw, vpc: w, subnets: [u-a, u-b]}
"""


def hosts(*changes: tuple[str, str], more: str = "") -> str:
    """The two VPCs with words replaced, each of which must be there."""
    text = HOSTS
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text + more


def tables(own: str, spokes: str = "") -> str:
    """The client's attachment in a table of its own."""
    return f"transit_route_tables:\n  own: {{transit_gateway: tgw, associations: v-att, {own}}}\n{spokes}"


def delivered(network: simulator.Network, destination: str) -> str:
    """Whether packets of the client arrive, whatever becomes of the answer."""
    return verdict(network, "client", destination, one_way=True)


# --- the way -----------------------------------------------------------------------------------------------------------------------


def test_W_10_the_way_there_and_back(scenario: Scenario) -> None:
    network = scenario(HOSTS)
    assert verdict(network, "client", "server") == "always"
    assert path(network, "client", "server") == ["client", "client-eni", "p", "t", "tgw", "u-a", "w", "q", "server-eni", "server"]
    assert reply_path(network, "client", "server") == ["server", "server-eni", "q", "u-b", "tgw", "t", "v", "p", "client-eni", "client"]


def test_TGW_10_no_group_stands_at_an_attachment(scenario: Scenario) -> None:
    """Only the groups of the two hosts judge; the default groups of the two VPCs would admit neither."""
    network = scenario(HOSTS)
    answer = network.can("client", "server", "tcp/443")
    judged = [step.node.what for step in answer.forward.steps if step.node.what.startswith("security group ")] if answer.forward else []
    assert judged == ["security group state", "security group in-v egress", "security group state", "security group in-w ingress"]


@pytest.mark.parametrize("service", ["tcp/443", "udp/53", "icmp", "esp", "proto/47"])
def test_MODEL_1_every_protocol_passes(scenario: Scenario, service: str) -> None:
    assert verdict(scenario(HOSTS), "client", "server", service) == "always"


def test_ipv6_passes_as_well(scenario: Scenario) -> None:
    network = scenario(
        hosts(
            ("v: {cidr: 10.1.0.0/16}", 'v: {cidr: 10.1.0.0/16, ipv6_cidr: "2001:db8:1::/56"}'),
            ("w: {cidr: 10.2.0.0/16}", 'w: {cidr: 10.2.0.0/16, ipv6_cidr: "2001:db8:2::/56"}'),
            ("cidr: 10.1.1.0/24,", 'cidr: 10.1.1.0/24, ipv6_cidr: "2001:db8:1::/64",'),
            ("cidr: 10.2.1.0/24,", 'cidr: 10.2.1.0/24, ipv6_cidr: "2001:db8:2::/64",'),
            ("{10.0.0.0/8: tgw}", '{10.0.0.0/8: tgw, "2001:db8::/32": tgw}'),
            ("from: 0.0.0.0/0", 'from: ["0.0.0.0/0", "::/0"]'),
            ("ip: 10.1.1.10", 'ip: 10.1.1.10, secondary_ips: {"2001:db8:1::10": }'),
            ("ip: 10.2.1.10", 'ip: 10.2.1.10, secondary_ips: {"2001:db8:2::10": }'),
        )
    )
    assert verdict(network, "client", "2001:db8:2::10") == "always"


def test_MODEL_10_an_unused_address_is_dropped_where_it_would_be(scenario: Scenario) -> None:
    network = scenario(HOSTS)
    assert refusal(network, "client", "10.2.1.99") == ("forward", "NO_POSSIBLE_DESTINATION", "q its block")
    assert refusal(network, "client", "10.2.77.1") == ("forward", "NO_POSSIBLE_DESTINATION", "w its blocks")


def test_TGW_5_a_table_that_sends_what_arrives_back_is_a_loop(scenario: Scenario) -> None:
    network = scenario(
        hosts(
            ("u-a: {vpc: w, cidr: 10.2.9.0/28, zone: a}", "u-a: {vpc: w, cidr: 10.2.9.0/28, zone: a, routes: {10.3.0.0/16: tgw}}"),
            more="transit_route_tables: {tgw-routes: {transit_gateway: tgw, routes: {10.3.0.0/16: w-att}}}",
        )
    )
    assert refusal(network, "client", "10.3.0.1")[1] == "SIM_ROUTING_LOOP"


def test_TGW_15_from_spoke_to_spoke_by_a_third_vpc(scenario: Scenario) -> None:
    """An inspection VPC: what arrives there for another VPC leaves by the same gateway (TGW-5)."""
    spokes = "  back: {transit_gateway: tgw, associations: x-att, propagations: [v-att, w-att]}"
    network = scenario(
        hosts(
            ("  w: {cidr: 10.2.0.0/16}", "  w: {cidr: 10.2.0.0/16}\n  x: {cidr: 10.3.0.0/16}"),
            ("  u-a:", "  x-net: {vpc: x, cidr: 10.3.1.0/24, zone: a, routes: {10.0.0.0/8: tgw}}\n  u-a:"),
            ("  v-att:", "  x-att: {transit_gateway: tgw, vpc: x, subnets: x-net}\n  v-att:"),
            more=tables("routes: {10.2.0.0/16: x-att}", spokes),
        )
    )
    assert verdict(network, "client", "server") == "always"
    assert path(network, "client", "server")[3:8] == ["t", "tgw", "x-net", "tgw", "u-a"]


# --- attachments -------------------------------------------------------------------------------------------------------------------


def test_RT_30_a_vpc_without_attachment_cannot_use_the_gateway(scenario: Scenario) -> None:
    network = scenario(hosts(("  v-att: {transit_gateway: tgw, vpc: v, subnets: t}\n", "")))
    assert refusal(network, "client", "server") == ("forward", "BAD_STATE_ATTACHMENT", "tgw attachments")


@pytest.mark.parametrize("state", ["pending", "deleted", "failed", "modifying"])
def test_TGW_21_an_attachment_that_is_not_available_carries_nothing(scenario: Scenario, state: str) -> None:
    mine = scenario(hosts(("vpc: v, subnets: t}", f"vpc: v, subnets: t, state: {state}}}")))
    theirs = scenario(hosts(("subnets: [u-a, u-b]}", f"subnets: [u-a, u-b], state: {state}}}")))
    assert refusal(mine, "client", "server") == ("forward", "BAD_STATE_ATTACHMENT", f"v-att state {state}")
    assert refusal(theirs, "client", "server") == ("forward", "BAD_STATE_ATTACHMENT", f"w-att state {state}")


def test_TGW_21_the_present_attachment_counts_and_not_an_earlier_one(scenario: Scenario) -> None:
    before = "  v-before: {transit_gateway: tgw, vpc: v, subnets: p, state: deleted}\n"
    for text in (HOSTS + before, hosts(("  v-att:", before + "  v-att:"))):
        assert verdict(scenario(text), "client", "server") == "always"


def test_TGW_4_the_senders_zone_needs_a_subnet_of_the_attachment(scenario: Scenario) -> None:
    network = scenario(hosts(("t: {vpc: v, cidr: 10.1.9.0/28, zone: a}", "t: {vpc: v, cidr: 10.1.9.0/28, zone: b}")))
    assert refusal(network, "client", "server") == ("forward", "TGW_ROUTE_AZ_RESTRICTION", "v-att zones of its subnets")


def test_TGW_4_any_subnet_of_the_zone_will_do(scenario: Scenario) -> None:
    network = scenario(hosts(("subnets:\n", "subnets:\n  p-2: {vpc: v, cidr: 10.1.2.0/24, zone: a, routes: {10.0.0.0/8: tgw}}\n")))
    assert verdict(network, "new:p-2", "server") == "always"


# --- tables ------------------------------------------------------------------------------------------------------------------------


def test_TGW_1_without_an_association_packets_are_dropped(scenario: Scenario) -> None:
    network = scenario(hosts(("tgw: {}", "tgw: {default_association: false}")))
    assert refusal(network, "client", "server") == ("forward", "TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION", "v-att association")


def test_TGW_1_each_direction_uses_the_table_of_the_attachment_it_comes_by(scenario: Scenario) -> None:
    there = scenario(hosts(more=tables("propagations: w-att")))
    back = scenario(hosts(("tgw: {}", "tgw: {default_propagation: false}"), more=tables("propagations: w-att")))
    assert verdict(there, "client", "server") == "always"
    assert refusal(back, "client", "server") == ("reply", "TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT", "tgw-routes no route matches")


@pytest.mark.parametrize(
    ("own", "end"),
    [
        ("propagations: w-att, routes: {0.0.0.0/0: blackhole}", "always"),
        ("propagations: w-att, routes: {10.2.1.0/24: blackhole}", "never"),
        ("routes: {0.0.0.0/0: blackhole, 10.2.0.0/15: w-att}", "always"),
        ("routes: {10.0.0.0/8: w-att, 10.2.1.10/32: blackhole}", "never"),
    ],
)
def test_TGW_2_the_longest_prefix_wins_whoever_wrote_it(scenario: Scenario, own: str, end: str) -> None:
    assert verdict(scenario(hosts(more=tables(own))), "client", "server") == end


def test_TGW_3_a_blackhole_drops(scenario: Scenario) -> None:
    network = scenario(hosts(more=tables("propagations: w-att, routes: {10.2.1.0/24: blackhole}")))
    assert refusal(network, "client", "server") == ("forward", "TGW_RTB_BAD_STATE_ROUTE", "own route 10.2.1.0/24")


def test_TGW_13_a_static_route_hides_the_propagated_one_with_its_prefix(scenario: Scenario) -> None:
    network = scenario(hosts(more=tables("propagations: w-att, routes: {10.2.0.0/16: blackhole}")))
    assert refusal(network, "client", "server") == ("forward", "TGW_RTB_BAD_STATE_ROUTE", "own route 10.2.0.0/16")
    network = scenario(hosts(more=tables("propagations: w-att, routes: {10.2.0.0/16: v-att}")))
    assert verdict(network, "client", "server") == "never"


def test_TGW_14_all_blocks_of_a_vpc_are_propagated(scenario: Scenario) -> None:
    network = scenario(
        hosts(
            ("w: {cidr: 10.2.0.0/16}", "w: {cidr: [10.2.0.0/16, 10.7.0.0/16]}"),
            ("  u-a:", "  q-7: {vpc: w, cidr: 10.7.1.0/24, zone: b, routes: {10.0.0.0/8: tgw}}\n  u-a:"),
        )
    )
    assert verdict(network, "client", "new:q-7,sg=in-w") == "always"


TWIN = (
    ("  w: {cidr: 10.2.0.0/16}", "  w: {cidr: 10.2.0.0/16}\n  x: {cidr: BLOCKS}"),
    ("  u-a:", "  x-net: {vpc: x, cidr: 10.2.1.0/24, zone: a, routes: {10.0.0.0/8: tgw}}\n  u-a:"),
    ("  in-v:", "  in-x: {vpc: x, inbound: {from: 0.0.0.0/0, allow: all}}\n  in-v:"),
    ("  client:", "  twin: {subnet: x-net, security_groups: in-x, ip: 10.2.1.10}\n  client:"),
)


@pytest.mark.parametrize("blocks", ["10.2.0.0/16", "10.2.0.0/17", "[10.6.0.0/16, 10.2.1.0/24]"])
@pytest.mark.parametrize("first", ["w", "x"])
def test_TGW_12_of_vpcs_that_overlap_only_the_first_attached_is_propagated(scenario: Scenario, blocks: str, first: str) -> None:
    """Not even where its block is longer."""
    changes = ((old, new.replace("BLOCKS", blocks)) for old, new in TWIN)
    twin = "x-att: {transit_gateway: tgw, vpc: x, subnets: x-net}"
    where = ("  v-att:", f"  {twin}\n  v-att:") if first == "x" else ("subnets: [u-a, u-b]}", f"subnets: [u-a, u-b]}}\n  {twin}")
    network = scenario(hosts(*changes, where))
    assert [delivered(network, to) for to in ("server", "twin")] == {"w": ["always", "never"], "x": ["never", "always"]}[first]


def test_TGW_12_none_of_its_blocks_is(scenario: Scenario) -> None:
    changes = ((old, new.replace("BLOCKS", "[10.2.0.0/16, 10.6.0.0/16]")) for old, new in TWIN)
    network = scenario(hosts(*changes, more="  x-att: {transit_gateway: tgw, vpc: x, subnets: x-net}\n"))
    assert refusal(network, "client", "10.6.0.1")[1] == "TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT"


def test_TGW_12_nor_in_a_table_that_does_not_know_the_first(scenario: Scenario) -> None:
    changes = ((old, new.replace("BLOCKS", "10.2.0.0/16")) for old, new in TWIN)
    more = "  x-att: {transit_gateway: tgw, vpc: x, subnets: x-net}\n" + tables("propagations: [x-att]")
    network = scenario(hosts(*changes, more=more))
    assert refusal(network, "client", "x/10.2.1.10")[1] == "TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT"


def test_TGW_12_a_static_route_leads_there_all_the_same(scenario: Scenario) -> None:
    changes = ((old, new.replace("BLOCKS", "10.2.0.0/16")) for old, new in TWIN)
    more = "  x-att: {transit_gateway: tgw, vpc: x, subnets: x-net}\n" + tables(
        "propagations: [w-att, x-att], routes: {10.2.1.10/32: x-att}"
    )
    network = scenario(hosts(*changes, more=more))
    assert [delivered(network, to) for to in ("server", "twin")] == ["never", "always"]


# --- zones of arrival --------------------------------------------------------------------------------------------------------------


def test_TGW_6_it_arrives_in_the_zone_of_the_sender(scenario: Scenario) -> None:
    shut = "network_acls: {shut: {vpc: w, subnets: u-b}}"
    network = scenario(hosts(more=shut))
    assert verdict(network, "client", "server", "udp/53", one_way=True) == "always"
    assert refusal(network, "client", "server")[:2] == ("reply", "SUBNET_ACL_RESTRICTION")


FROM_ZONE_C = (
    ("  p: {vpc: v, cidr: 10.1.1.0/24, zone: a", "  p: {vpc: v, cidr: 10.1.1.0/24, zone: c"),
    ("t: {vpc: v, cidr: 10.1.9.0/28, zone: a}", "t: {vpc: v, cidr: 10.1.9.0/28, zone: c}"),
)


def test_TGW_6_else_in_any_of_its_zones(scenario: Scenario) -> None:
    answer = scenario(hosts(*FROM_ZONE_C)).can("client", "server", "tcp/443")
    assert answer.verdict.value == "always"
    assert answer.works is not None
    assert [(taken.place.id, taken.labels) for taken in answer.works.choices if taken.what == "option"] == [("tgw", ("u-a", "u-b"))]


def test_TGW_6_where_these_differ_some_flows_fail(scenario: Scenario) -> None:
    astray = ("u-a: {vpc: w, cidr: 10.2.9.0/28, zone: a}", "u-a: {vpc: w, cidr: 10.2.9.0/28, zone: a, routes: {10.2.1.0/24: dead}}")
    dead = (
        "instances:\n",
        "instances:\n  dead: {subnet: q, security_groups: in-w, source_dest_check: false, forwards: route, state: stopped}\n",
    )
    answer = scenario(hosts(*FROM_ZONE_C, astray, dead)).can("client", "server", "tcp/443")
    assert answer.verdict.value == "sometimes"
    assert [(case.when["choice"], case.share, case.verdict.value) for case in answer.cases] == [
        (["u-a"], 0.5, "never"),
        (["u-b"], 0.5, "always"),
    ]
    (blocker,) = answer.blockers
    assert (blocker.code, blocker.resource) == ("BAD_STATE", "dead")


# An inspection VPC with an appliance in each zone, which all traffic between the two VPCs passes.
INSPECTED = """
vpcs: {v: {cidr: 10.1.0.0/16}, w: {cidr: 10.2.0.0/16}, x: {cidr: 10.9.0.0/16}}
subnets:
  p: {vpc: v, cidr: 10.1.1.0/24, zone: a, routes: {10.0.0.0/8: tgw}}
  q: {vpc: w, cidr: 10.2.1.0/24, zone: b, routes: {10.0.0.0/8: tgw}}
  q-a: {vpc: w, cidr: 10.2.2.0/24, zone: a, routes: {10.0.0.0/8: tgw}}
  x-a: {vpc: x, cidr: 10.9.1.0/24, zone: a, routes: {10.0.0.0/8: tgw}}
  x-b: {vpc: x, cidr: 10.9.2.0/24, zone: b, routes: {10.0.0.0/8: tgw}}
security_groups:
  in-v: {vpc: v, inbound: {from: 0.0.0.0/0, allow: all}}
  in-w: {vpc: w, inbound: {from: 0.0.0.0/0, allow: all}}
instances:
  client: {subnet: p, security_groups: in-v}
  server: {subnet: q, security_groups: in-w}
  near: {subnet: q-a, security_groups: in-w}
transit_gateways: {tgw: {default_propagation: false}}
transit_attachments:
  v-att: {transit_gateway: tgw, vpc: v, subnets: p}
  w-att: {transit_gateway: tgw, vpc: w, subnets: [q, q-a]}
  x-att: {transit_gateway: tgw, vpc: x, subnets: [x-a, x-b], appliance_mode: true}
transit_route_tables:
  tgw-routes: {transit_gateway: tgw, routes: {0.0.0.0/0: x-att}}
  behind: {transit_gateway: tgw, associations: x-att, propagations: [v-att, w-att]}
"""


def without(zone: str) -> str:
    """One of the two ways through the inspection VPC closed."""
    return f"network_acls: {{shut: {{vpc: x, subnets: x-{zone}}}}}"


@pytest.mark.parametrize("zone", ["a", "b"])
def test_TGW_7_appliance_mode_keeps_the_zone_for_both_directions(scenario: Scenario, zone: str) -> None:
    """By flow hash one of the two, and the answer takes the same: with one closed half of the flows work, both ways."""
    answer = scenario(INSPECTED + without(zone)).can("client", "server", "tcp/443")
    other = {"a": "x-b", "b": "x-a"}[zone]
    assert [(case.when["choice"], case.share, case.verdict.value) for case in answer.cases] == [
        ([f"x-{zone}"], 0.5, "never"),
        ([other], 0.5, "always"),
    ]
    assert answer.reply is not None
    assert [hop.place.id for hop in answer.reply.hops if hop.place.id.startswith("x-")] == [other]


def test_TGW_7_a_flow_inside_one_zone_stays_there(scenario: Scenario) -> None:
    assert verdict(scenario(INSPECTED + without("b")), "client", "near") == "always"
    assert verdict(scenario(INSPECTED + without("a")), "client", "near") == "never"


def test_TGW_7_an_address_that_lies_in_two_zones_is_in_neither(scenario: Scenario) -> None:
    """Blocks of two VPCs may overlap; which of them a packet is for does not follow from its address."""
    twin = INSPECTED.replace("x: {cidr: 10.9.0.0/16}", "x: {cidr: 10.9.0.0/16}, y: {cidr: 10.2.0.0/16}")
    twin = twin.replace("  x-a:", "  y-net: {vpc: y, cidr: 10.2.2.0/24, zone: b}\n  x-a:")
    twin = twin.replace("  x-att:", "  y-att: {transit_gateway: tgw, vpc: y, subnets: y-net}\n  x-att:")
    assert verdict(scenario(twin + without("b")), "client", "near") == "sometimes"


def test_TGW_7_to_addresses_outside_it_is_a_choice(scenario: Scenario) -> None:
    network = scenario(INSPECTED + without("b"))
    answer = network.can("client", "10.200.0.1", "udp/53", one_way=True)
    assert answer.verdict.value == "never"
    assert {blocker.code for blocker in answer.blockers} == {"SUBNET_ACL_RESTRICTION", "TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT"}


def test_TGW_7_without_it_the_answer_enters_in_the_zone_of_the_server(scenario: Scenario) -> None:
    text = INSPECTED.replace(", appliance_mode: true", "")
    network = scenario(text)
    assert [hop for hop in path(network, "client", "server") if hop.startswith("x-")] == ["x-a"]
    assert [hop for hop in reply_path(network, "client", "server") if hop.startswith("x-")] == ["x-b"]
    assert refusal(scenario(text + without("b")), "client", "server")[0] == "reply"


def test_TGW_7_with_one_zone_it_makes_no_difference(scenario: Scenario) -> None:
    network = scenario(INSPECTED.replace("[x-a, x-b]", "x-b"))
    assert refusal(network, "client", "10.200.0.1")[1] == "TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT"
    assert verdict(network, "client", "server") == "always"


# --- groups ------------------------------------------------------------------------------------------------------------------------

BY_GROUP = ("in-w: {vpc: w, inbound: {from: 0.0.0.0/0,", "in-w: {vpc: w, inbound: {from: in-v,")


@pytest.mark.parametrize("receiver", [True, False])
@pytest.mark.parametrize("sender", [True, False])
@pytest.mark.parametrize("gateway", [True, False])
def test_TGW_11_inbound_references_need_the_gateway_and_both_attachments(
    scenario: Scenario, gateway: bool, sender: bool, receiver: bool
) -> None:
    network = scenario(
        hosts(
            BY_GROUP,
            ("tgw: {}", f"tgw: {{group_references: {str(gateway).lower()}}}"),
            ("subnets: t}", f"subnets: t, group_references: {str(sender).lower()}}}"),
            ("subnets: [u-a, u-b]}", f"subnets: [u-a, u-b], group_references: {str(receiver).lower()}}}"),
        )
    )
    if gateway and sender and receiver:
        assert verdict(network, "client", "server") == "always"
    else:
        assert refusal(network, "client", "server") == ("forward", "SG_REFERENCES_NOT_PRESERVED", "in-w ingress 1")


@pytest.mark.parametrize(("old", "new"), [("zone: a", "zone: use1-az3"), ("zone: b", "zone: use1-az3")])
def test_TGW_11_one_zone_does_not_support_them(scenario: Scenario, old: str, new: str) -> None:
    supported = (BY_GROUP, ("tgw: {}", "tgw: {group_references: true}"))
    network = scenario(hosts(*supported, (old, new)))
    assert verdict(network, "client", "server") == {"zone: a": "never", "zone: b": "always"}[old]


def test_TGW_11_outbound_references_never_lead_over_a_gateway(scenario: Scenario) -> None:
    network = scenario(
        hosts(
            ("tgw: {}", "tgw: {group_references: true}"),
            ("in-v: {vpc: v,", "in-v: {vpc: v, outbound: {to: in-w, allow: all},"),
        )
    )
    assert refusal(network, "client", "server")[:2] == ("forward", "ENI_SG_RULES_MISMATCH")


def test_TGW_11_nor_where_a_peering_makes_them_valid(scenario: Scenario) -> None:
    """The members are known by the peering, and the packet goes by the transit gateway."""
    changes = (("tgw: {}", "tgw: {group_references: true}"), ("in-v: {vpc: v,", "in-v: {vpc: v, outbound: {to: in-w, allow: all},"))
    network = scenario(hosts(*changes, more="peerings: {pcx: {vpcs: [v, w]}}"))
    assert refusal(network, "client", "server")[:2] == ("forward", "SG_REFERENCES_NOT_PRESERVED")
    by_peering = (
        "p: {vpc: v, cidr: 10.1.1.0/24, zone: a, routes: {10.0.0.0/8: tgw}}",
        "p: {vpc: v, cidr: 10.1.1.0/24, routes: {10.0.0.0/8: pcx}}",
    )
    network = scenario(hosts(*changes, by_peering, more="peerings: {pcx: {vpcs: [v, w]}}"))
    assert verdict(network, "client", "server", "udp/53", one_way=True) == "always"


def test_SG_19_replies_do_not_depend_on_references(scenario: Scenario) -> None:
    """The server's own group lets nothing out but to a group; its answers pass by state."""
    network = scenario(hosts(("in-w: {vpc: w,", "in-w: {vpc: w, outbound: {to: in-w, allow: all},")))
    assert verdict(network, "client", "server") == "always"


# --- peerings ----------------------------------------------------------------------------------------------------------------------

TWO = (
    ("  tgw: {}", "  tgw: {}\n  far: {}"),
    (
        "q: {vpc: w, cidr: 10.2.1.0/24, zone: b, routes: {10.0.0.0/8: tgw}}",
        "q: {vpc: w, cidr: 10.2.1.0/24, zone: b, routes: {10.0.0.0/8: far}}",
    ),
    ("w-att: {transit_gateway: tgw,", "joined: {transit_gateway: tgw, peer: far}\n  w-att: {transit_gateway: far,"),
)
STATIC = """
transit_route_tables:
  tgw-routes: {transit_gateway: tgw, routes: {10.2.0.0/16: joined}}
  far-routes: {transit_gateway: far, routes: {10.1.0.0/16: joined}}
"""


def test_TGW_23_over_two_gateways(scenario: Scenario) -> None:
    network = scenario(hosts(*TWO, more=STATIC))
    answer = network.can("client", "server", "tcp/443")
    assert answer.verdict.value == "always"
    assert path(network, "client", "server")[3:6] == ["t", "tgw", "far"]
    assert reply_path(network, "client", "server")[3:6] == ["u-b", "far", "tgw"]


def test_TGW_23_the_zone_is_not_kept(scenario: Scenario) -> None:
    """The other gateway has zones of its own: any of them."""
    network = scenario(hosts(*TWO, more=STATIC + "network_acls: {shut: {vpc: w, subnets: u-b}}"))
    assert verdict(network, "client", "server", "udp/53", one_way=True) == "sometimes"


@pytest.mark.parametrize(
    ("lost", "refused"),
    [
        ("routes: {10.2.0.0/16: joined}", ("forward", "TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT", "tgw-routes no route matches")),
        ("routes: {10.1.0.0/16: joined}", ("reply", "TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT", "far-routes no route matches")),
    ],
)
def test_TGW_23_each_side_needs_a_static_route(scenario: Scenario, lost: str, refused: tuple[str, str, str]) -> None:
    network = scenario(hosts(*TWO, more=STATIC.replace(lost, "propagations: joined")))
    assert len(warnings(network)) == 1
    assert refusal(network, "client", "server") == refused


def test_TGW_23_and_a_table_for_what_arrives(scenario: Scenario) -> None:
    text = hosts(*TWO, more=STATIC).replace("  far: {}", "  far: {default_association: false}")
    assert refusal(scenario(text), "client", "server") == ("forward", "TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION", "joined association")


def test_TGW_23_groups_are_forgotten(scenario: Scenario) -> None:
    text = (
        hosts(*TWO, BY_GROUP, more=STATIC)
        .replace("  tgw: {}", "  tgw: {group_references: true}")
        .replace("far: {}", "far: {group_references: true}")
    )
    assert refusal(scenario(text), "client", "server")[1] == "SG_REFERENCES_NOT_PRESERVED"


def test_TGW_21_a_peering_that_is_not_available(scenario: Scenario) -> None:
    network = scenario(hosts(*TWO, more=STATIC).replace("peer: far}", "peer: far, state: pending}"))
    assert refusal(network, "client", "server") == ("forward", "BAD_STATE_ATTACHMENT", "joined state pending")


# --- the transit matrix ------------------------------------------------------------------------------------------------------------

EGRESS = """
vpcs: {v: {cidr: 10.1.0.0/16}, e: {cidr: 10.9.0.0/16, internet_gateway: out-igw}, far: {cidr: 10.8.0.0/16}}
subnets:
  p: {vpc: v, cidr: 10.1.1.0/24, routes: {0.0.0.0/0: tgw}}
  t: {vpc: e, cidr: 10.9.1.0/24, routes: {0.0.0.0/0: nat, 198.51.100.0/24: out-igw, 10.8.0.0/16: pcx, 203.0.113.128/25: tgw}}
  n: {vpc: e, cidr: 10.9.2.0/24, routes: {0.0.0.0/0: out-igw, 10.1.0.0/16: tgw}}
  f: {vpc: far, cidr: 10.8.1.0/24, routes: {0.0.0.0/0: pcx}}
security_groups: {in-far: {vpc: far, inbound: {from: 0.0.0.0/0, allow: all}}}
peerings: {pcx: {vpcs: [e, far]}}
nat_gateways: {nat: {subnet: n, public_ip: 203.0.113.5, private_ip: 10.9.2.5}}
instances:
  client: {subnet: p, public_ip: 203.0.113.20}
  beside: {subnet: t}
  peer: {subnet: f, security_groups: in-far, ip: 10.8.1.10}
transit_gateways: {tgw: {}}
transit_attachments:
  v-att: {transit_gateway: tgw, vpc: v, subnets: p, route_table: out}
  e-att: {transit_gateway: tgw, vpc: e, subnets: t}
transit_route_tables: {out: {transit_gateway: tgw, routes: {0.0.0.0/0: e-att}}}
"""


def test_NAT_8_a_nat_gateway_serves_what_comes_by_a_transit_gateway(scenario: Scenario) -> None:
    network = scenario(EGRESS)
    assert verdict(network, "client", "192.0.2.1") == "always"
    assert path(network, "client", "192.0.2.1") == ["client", "client-eni", "p", "tgw", "t", "n", "nat", "n", "out-igw", "internet"]
    assert reply_path(network, "client", "192.0.2.1")[:6] == ["internet", "out-igw", "e", "n", "nat", "n"]
    assert verdict(network, "beside", "192.0.2.1") == "always"


def test_TGW_16_its_subnet_needs_a_way_back(scenario: Scenario) -> None:
    network = scenario(EGRESS.replace(", 10.1.0.0/16: tgw}", "}"))
    assert refusal(network, "client", "192.0.2.1")[0] == "reply"


def test_TGW_17_an_internet_gateway_refuses_foreign_sources(scenario: Scenario) -> None:
    """Though the sender has a public address: in its own VPC."""
    assert refusal(scenario(EGRESS), "client", "198.51.100.1") == (
        "forward",
        "GATEWAY_REJECTS_SPOOFED_TRAFFIC",
        "out-igw sources of this VPC only",
    )
    assert refusal(scenario(EGRESS), "beside", "198.51.100.1")[1] == "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS"


def test_PCX_3_a_peering_takes_nothing_that_comes_by_a_transit_gateway(scenario: Scenario) -> None:
    network = scenario(EGRESS)
    assert verdict(network, "beside", "peer") == "always"
    assert verdict(network, "client", "peer") == "never"
    assert verdict(network, "client", "peer", "udp/53", one_way=True) == "never"


def test_NAT_6_a_nat_gateway_takes_no_connections_by_a_transit_gateway(scenario: Scenario) -> None:
    assert refusal(scenario(EGRESS), "client", "10.9.2.5")[1] == "SIM_NAT_STATEFUL_INBOUND"


ENDPOINTS = """
route_tables: {attached: {vpc: e, subnets: t, routes: {0.0.0.0/0: nat}}}
vpc_endpoints:
  s3: {vpc: e, service: s3, route_tables: attached}
  sqs: {vpc: e, service: sqs, subnets: n, security_groups: in-e}
"""


def test_TGW_18_a_gateway_endpoint_takes_nothing_that_comes_by_a_transit_gateway(scenario: Scenario) -> None:
    """In S3's blocks the route to the endpoint is longer than that to the NAT gateway."""
    text = EGRESS.replace(", routes: {0.0.0.0/0: nat, 198.51.100.0/24: out-igw, 10.8.0.0/16: pcx, 203.0.113.128/25: tgw}", "")
    network = scenario(text.replace("in-far:", "in-e: {vpc: e, inbound: {from: 10.1.0.0/16, allow: tcp/443}}, in-far:") + ENDPOINTS)
    assert verdict(network, "beside", "3.5.0.1") == "always"
    assert refusal(network, "client", "3.5.0.1")[:2] == ("forward", "GATEWAY_REJECTS_SPOOFED_TRAFFIC")
    assert verdict(network, "client", "sqs") == "always"  # an interface endpoint has an address like any interface


def test_NAT_4_what_a_nat_gateway_translated_goes_by_a_transit_gateway(scenario: Scenario) -> None:
    """The server sees the NAT gateway, whose subnet is the one that needs a route and an attachment in its zone."""
    network = scenario(
        hosts(
            ("zone: a, routes: {10.0.0.0/8: tgw}}\n  t:", "zone: c, routes: {10.0.0.0/8: nat}}\n  t:"),
            ("t: {vpc: v, cidr: 10.1.9.0/28, zone: a}", "t: {vpc: v, cidr: 10.1.9.0/28, zone: a, routes: {10.0.0.0/8: tgw}}"),
            more="nat_gateways: {nat: {subnet: t, type: private, private_ip: 10.1.9.5}}",
        )
    )
    answer = network.can("client", "server", "tcp/443")
    assert answer.verdict.value == "always"
    assert answer.forward is not None
    assert answer.forward.received.source == 0x0A010905
    assert path(network, "client", "server")[3:6] == ["t", "nat", "t"]
