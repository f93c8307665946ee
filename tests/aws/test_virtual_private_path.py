"""Packets through virtual private gateways: what they carry, what they know, which link wins (VGW-2 to VGW-9, RT-20, SG-13)."""

from __future__ import annotations

import pytest

from tests.aws.hybrid import HOST, OFFICE, hybrid, office, route, vpn, vpn_gateway
from tests.aws.reading import Describe, Scenario, path, refusal, reply_path, verdict

ROUTED = "route_tables: {main-main: {vpc: main, main: true, routes: {192.168.0.0/16: vgw}}}"
VPN = "{gateway: vgw, customer_gateway: office}"


def static(*blocks: str) -> tuple[str, str]:
    return VPN, f"{{gateway: vgw, customer_gateway: office, static_routes: [{', '.join(blocks)}]}}"


# --- from the VPC ------------------------------------------------------------------------------------------------------------------


def test_VGW_2_it_needs_a_route_in_the_table_and_one_at_the_gateway(scenario: Scenario) -> None:
    network = scenario(OFFICE)
    assert path(network, "web", HOST) == ["web", "web-eni", "app", "vgw", "vpn", "office"]
    assert reply_path(network, "web", HOST) == ["office", "vpn", "vgw", "main", "app", "web-eni", "web"]
    unrouted = scenario(office(("{vpc: main, propagates_to: main-main}", "{vpc: main}")))
    assert refusal(unrouted, "web", HOST) == ("forward", "NO_ROUTE_TO_DESTINATION", "main-main no route matches")
    unknown = scenario(office(static("192.168.11.0/24")) + ROUTED)
    assert refusal(unknown, "web", HOST) == ("forward", "NO_ROUTE_TO_DESTINATION", "vgw no route matches")
    assert refusal(unknown, HOST, "web") == ("reply", "NO_ROUTE_TO_DESTINATION", "vgw no route matches")
    assert verdict(unknown, HOST, "web", one_way=True) == "always"


def test_VGW_4_only_interfaces_of_the_vpc_send_to_it(scenario: Scenario) -> None:
    """A transit gateway brings a foreign packet to a subnet whose table leads to the gateway."""
    spoke = """
    vpcs: {spoke: {cidr: 10.9.0.0/16}, main: {cidr: 10.0.0.0/16}}
    transit_gateways: {tgw: {}}
    transit_attachments: {a: {transit_gateway: tgw, vpc: main, subnets: app}, b: {transit_gateway: tgw, vpc: spoke, subnets: far}}
    transit_route_tables: {tgw-routes: {transit_gateway: tgw, routes: {192.168.0.0/16: a}}}
    security_groups: {open: {vpc: main, inbound: {from: 0.0.0.0/0, allow: all}}}
    subnets: {app: {vpc: main, cidr: 10.0.1.0/24}, far: {vpc: spoke, cidr: 10.9.1.0/24, routes: {0.0.0.0/0: tgw}}}
    instances: {web: {subnet: app, security_groups: open, ip: 10.0.1.10}, z: {subnet: far}}
    """.replace("\n    ", "\n")
    head = "\n".join(line for line in OFFICE.splitlines() if line.startswith(("vpn_", "customer_")))
    network = scenario(head + spoke)
    assert verdict(network, "web", HOST) == "always"
    assert refusal(network, "z", HOST) == ("forward", "VGW_PRIVATE_IP_ASSOCIATION_FOR_EGRESS", "vgw interfaces of its VPC only")


def test_NAT_4_a_nat_gateway_may_send_to_it(scenario: Scenario) -> None:
    text = office(
        ("subnets: {", "subnets: {nats: {vpc: main, cidr: 10.0.2.0/24}, "),
        ("cidr: 10.0.1.0/24}", "cidr: 10.0.1.0/24, routes: {192.168.0.0/16: nat}}"),
    )
    network = scenario(text + "nat_gateways: {nat: {subnet: nats, public_ip: 198.51.100.7}}")
    assert path(network, "web", HOST)[2:] == ["app", "nats", "nat", "nats", "vgw", "vpn", "office"]
    assert verdict(network, "web", HOST) == "always"


def test_SG_13_rules_that_name_groups_do_not_reach_on_premises(scenario: Scenario) -> None:
    named = "security_groups: {named: {vpc: main, inbound: {from: [open, named], allow: all}}}"
    network = scenario(office(("security_groups: open", "security_groups: named")) + named)
    assert refusal(network, HOST, "web") == ("forward", "ENI_SG_RULES_MISMATCH", "named no ingress rule matches")


def test_SG_13_what_a_rule_let_out_by_a_group_stops_at_the_gateway(scenario: Scenario) -> None:
    """A peer has an interface with the address of a host on premises; the rule means the peer, the longer route the office."""
    text = office(("ip: 10.0.1.10}", "ip: 10.0.1.10}, twin: {subnet: b, security_groups: twins, ip: 192.168.10.5}"))
    text = text.replace("subnets: {", "subnets: {b: {vpc: far, cidr: 192.168.10.0/25}, ").replace(
        "security_groups: open", "security_groups: out"
    )
    text += "vpcs: {far: {cidr: 192.168.10.0/24}}\npeerings: {pcx: {vpcs: [main, far]}}\n"
    text += "security_groups: {twins: {vpc: far}, out: {vpc: main, outbound: {to: twins, allow: all}}}"
    network = scenario(text)
    assert refusal(network, "web", HOST) == ("forward", "SG_REFERENCES_NOT_PRESERVED", "vgw rules that name a group, outbound")


def test_RT_30_a_gateway_of_another_vpc_or_of_none_is_no_target(scenario: Scenario) -> None:
    detached = scenario(office(("{vpc: main, propagates_to: main-main}", "{}")) + ROUTED)
    assert refusal(detached, "web", HOST) == ("forward", "BAD_STATE_ROUTE", "vgw attachment")
    assert refusal(detached, HOST, "web") == ("forward", "BAD_STATE_ATTACHMENT", "vgw attachment")
    elsewhere = scenario(office(("{vpc: main, propagates_to: main-main}", "{vpc: far}")) + ROUTED + "\nvpcs: {far: {cidr: 10.9.0.0/16}}")
    assert refusal(elsewhere, "web", HOST) == ("forward", "BAD_STATE_ATTACHMENT", "vgw attachment")


def test_VGW_4_delegated_addresses_of_an_interface_are_its_own(scenario: Scenario) -> None:
    network = scenario(office(("ip: 10.0.1.10}", "ip: 10.0.1.10, prefixes: 10.0.1.64/28}")))
    assert verdict(network, "10.0.1.70", HOST) == verdict(network, HOST, "10.0.1.70") == "always"
    assert refusal(network, HOST, "10.0.1.80")[1] == "VGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS"


# --- which link --------------------------------------------------------------------------------------------------------------------


def two(first: str, second: str) -> str:
    """Two connections of two sites that know the same block, each with its words; the sites then count as one network."""
    return office(
        ("{office: {networks: 192.168.10.0/24}}", "{office: {}, plant: {}}"),
        (
            "{vpn: " + VPN,
            f"{{vpn: {{gateway: vgw, customer_gateway: office, {first}}}, vpn-2: {{gateway: vgw, customer_gateway: plant, {second}}}",
        ),
    )


SAME, SHORT = "192.168.10.0/24", "192.168.0.0/16"


@pytest.mark.parametrize(
    ("first", "second", "winner"),
    [
        (f"bgp_routes: {SHORT}", f"static_routes: {SAME}", "vpn-2"),
        (f"static_routes: {SHORT}", f"bgp_routes: {SAME}", "vpn-2"),
        (f"bgp_routes: {SAME}", f"static_routes: {SAME}", "vpn-2"),
        (f"bgp_routes: [{{to: {SAME}, as_path: 2}}]", f"bgp_routes: [{{to: {SAME}, as_path: 1, med: 90}}]", "vpn-2"),
        (f"bgp_routes: [{{to: {SAME}, med: 20}}]", f"bgp_routes: [{{to: {SAME}, med: 10}}]", "vpn-2"),
        (f"bgp_routes: [{{to: {SAME}, med: 10}}]", f"bgp_routes: [{{to: {SAME}, med: 20}}]", "vpn"),
        (f"static_routes: {SAME}, tunnels: down", f"bgp_routes: {SAME}", "vpn-2"),
        (f"static_routes: {SAME}, tunnels: down", f"bgp_routes: {SHORT}", "vpn-2"),
    ],
)
def test_VGW_6_the_better_route_wins_and_what_is_down_is_not_used(scenario: Scenario, first: str, second: str, winner: str) -> None:
    network = scenario(two(first, second))
    assert path(network, "web", HOST)[-2:] == [winner, "office"]
    assert verdict(network, "web", HOST) == "always"


def test_VPN_1_of_equals_one_is_taken_and_nobody_knows_which(scenario: Scenario) -> None:
    answer = scenario(two(f"bgp_routes: {SAME}", f"bgp_routes: {SAME}")).can("web", HOST, "tcp/443")
    assert answer.verdict.value == "always"
    assert {choice.labels for case in answer.cases for choice in case.trip.choices} == {("vpn", "vpn-2")}


def test_VGW_7_a_vpn_carries_no_ipv6_there(scenario: Scenario) -> None:
    text = office(
        ("networks: 192.168.10.0/24", 'networks: [192.168.10.0/24, "2001:db8:9::/48"]'),
        ("cidr: 10.0.1.0/24}", 'cidr: 10.0.1.0/24, ipv6_cidr: "2001:db8:0:1::/64"}'),
        ("ip: 10.0.1.10}", 'ip: 10.0.1.10, secondary_ips: {"2001:db8:0:1::10": }}'),
    )
    text = text.replace("security_groups: open", "security_groups: [open, six]")
    text += 'vpcs: {main: {cidr: 10.0.0.0/16, ipv6_cidr: "2001:db8::/56"}}\n'
    text += 'security_groups: {six: {vpc: main, outbound: {to: "::/0", allow: all}}}\n'
    text += 'network_acls: {all: {vpc: main, subnets: app, inbound: [{rule: 1, allow: all}, {rule: 2, from: "::/0", allow: all}],'
    text += ' outbound: [{rule: 1, allow: all}, {rule: 2, to: "::/0", allow: all}]}}\n'
    text += 'route_tables: {main-main: {vpc: main, main: true, routes: {"2001:db8:9::/48": vgw}}}'
    network = scenario(text)
    assert verdict(network, "web", HOST) == "always"
    assert refusal(network, "web", "2001:db8:9::5") == ("forward", "NO_ROUTE_TO_DESTINATION", "vgw no route matches")


# --- from on premises --------------------------------------------------------------------------------------------------------------


def test_VGW_3_only_private_addresses_of_interfaces_are_let_in(scenario: Scenario) -> None:
    network = scenario(office(("ip: 10.0.1.10}", "ip: 10.0.1.10, public_ip: 198.51.100.10}")))
    assert verdict(network, HOST, "web") == "always"
    for nobody in ("10.0.1.99", "10.0.9.9", "198.51.100.10", "internet"):
        assert refusal(network, HOST, nobody)[1:] == (
            "VGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS",
            "vgw private addresses of interfaces of its VPC only",
        )


def test_VGW_9_the_acl_and_the_groups_see_the_private_source(scenario: Scenario) -> None:
    inbound, outbound = "[{rule: 1, from: 10.0.0.0/8, allow: all}]", "[{rule: 1, allow: all}]"
    acl = f"network_acls: {{edge: {{vpc: main, subnets: app, inbound: {inbound}, outbound: {outbound}}}}}"
    assert refusal(scenario(OFFICE + acl), HOST, "web") == ("forward", "SUBNET_ACL_RESTRICTION", "edge ingress rule *")
    assert verdict(scenario(OFFICE + acl.replace("10.0.0.0/8", "192.168.10.0/24")), HOST, "web") == "always"
    group = "security_groups: {some: {vpc: main, inbound: {from: BLOCK, allow: all}}}"
    some = office(("security_groups: open", "security_groups: some"))
    assert refusal(scenario(some + group.replace("BLOCK", "10.0.0.0/8")), HOST, "web")[1] == "ENI_SG_RULES_MISMATCH"
    assert verdict(scenario(some + group.replace("BLOCK", "192.168.10.0/24")), HOST, "web") == "always"


def test_RT_20_its_route_table_sends_what_enters_to_an_appliance(scenario: Scenario) -> None:
    text = office(
        ("subnets: {", "subnets: {fws: {vpc: main, cidr: 10.0.3.0/24}, "),
        ("cidr: 10.0.1.0/24}", "cidr: 10.0.1.0/24, routes: {192.168.0.0/16: fw}}"),
        ("instances: {", "instances: {fw: {subnet: fws, security_groups: open, source_dest_check: false, forwards: route}, "),
    )
    network = scenario(text + "route_tables: {edge: {vpc: main, gateways: vgw, routes: {10.0.1.0/24: fw}}}")
    assert path(network, HOST, "web")[:6] == ["office", "vpn", "vgw", "fws", "fw-eni", "fw"]
    assert verdict(network, HOST, "web") == verdict(network, "web", HOST) == "always"
    public = scenario(text + "route_tables: {edge: {vpc: main, gateways: vgw, routes: {10.0.1.0/24: blackhole}}}")
    assert refusal(public, HOST, "web") == ("forward", "BAD_STATE_ROUTE", "edge route 10.0.1.0/24")


# --- what was not read -------------------------------------------------------------------------------------------------------------


def test_a_described_network_with_static_routes(describe: Describe) -> None:
    network = describe(**hybrid(route("192.168.0.0/16"), VpnConnections=[vpn("192.168.10.0/24")]))
    assert verdict(network, "i-app", HOST) == verdict(network, HOST, "i-app") == "always"
    assert refusal(network, "i-app", "192.168.99.1")[:2] == ("forward", "NO_ROUTE_TO_DESTINATION")


def test_what_bgp_told_is_known_where_a_table_takes_it_and_unknown_elsewhere(describe: Describe) -> None:
    shown = describe(**hybrid(route("192.168.10.0/24", propagated=True), route("192.168.0.0/16"), shown=True, VpnConnections=[vpn()]))
    assert verdict(shown, "i-app", HOST) == "always"
    assert verdict(shown, "i-app", "192.168.99.1") == "never"
    unknown = describe(**hybrid(route("192.168.0.0/16"), VpnConnections=[vpn()]))
    assert verdict(unknown, "i-app", HOST) == "unknown"


def test_connections_that_were_not_read_may_know_any_block(describe: Describe) -> None:
    network = describe(**hybrid(route("192.168.0.0/16"), VpnConnections=None))
    assert verdict(network, "i-app", HOST) == "unknown"
    table = describe(**hybrid(route("192.168.10.0/24", propagated=True), shown=True, VpnConnections=None))
    assert verdict(table, "i-app", HOST) == "unknown"


def test_a_gateway_that_is_detached_leaves_blackholes(describe: Describe) -> None:
    network = describe(
        **hybrid(route("192.168.0.0/16"), VpnGateways=[vpn_gateway(VpcAttachments=[])], VpnConnections=[vpn("192.168.10.0/24")])
    )
    assert refusal(network, "i-app", HOST)[:2] == ("forward", "BAD_STATE_ROUTE")


def test_interfaces_that_were_not_read_may_have_any_address(describe: Describe) -> None:
    lists = hybrid(route("192.168.0.0/16"), VpnConnections=[vpn("192.168.10.0/24")])
    del lists["NetworkInterfaces"]
    network = describe(**lists)
    assert verdict(network, HOST, "10.0.1.77") == "unknown"
    assert verdict(network, HOST, "10.9.9.9") == "never"
