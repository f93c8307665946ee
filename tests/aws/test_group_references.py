"""The table of SG-13, row by row: where AWS still knows who sent a packet, and where a rule that names a group matches nobody.

Each row is a network in which everything else is open. Rows of load balancers, Client VPN and VPN stand with those resources; a group of
another account in `test_security_group.py` (MISC-1).
"""

from __future__ import annotations

import pytest

import simulator
from tests.aws.reading import Scenario, refusal, verdict, warnings

LOST = "SG_REFERENCES_NOT_PRESERVED"


def network(
    scenario: Scenario, hosts: str, *, inbound: str = "{from: 0.0.0.0/0, allow: all}", outbound: str = "{to: 0.0.0.0/0, allow: all}"
) -> simulator.Network:
    """Hosts with groups `clients` and `servers`; `inbound` is the rule of the servers, `outbound` that of the clients."""
    rules = hosts.replace("CLIENTS", f"outbound: {outbound}").replace("SERVERS", f"inbound: {inbound}")
    return scenario(rules, base=False)


def inbound(scenario: Scenario, hosts: str, group: str = "clients") -> simulator.Network:
    return network(scenario, hosts, inbound=f"{{from: {group}, allow: all}}")


def outbound(scenario: Scenario, hosts: str, group: str = "servers") -> simulator.Network:
    return network(scenario, hosts, outbound=f"{{to: {group}, allow: all}}")


def code(found: simulator.Network, destination: str = "server") -> str:
    return refusal(found, "client", destination)[1]


# --- one VPC -------------------------------------------------------------------------------------------------------------------------

ONE_VPC = """
vpcs: {main: {cidr: 10.0.0.0/16, internet_gateway: igw}}
subnets:
  a: {vpc: main, cidr: 10.0.1.0/24ROUTES}
  b: {vpc: main, cidr: 10.0.2.0/24}
  m: {vpc: main, cidr: 10.0.3.0/24}
security_groups:
  clients: {vpc: main, CLIENTS}
  servers: {vpc: main, SERVERS}
  middle: {vpc: main, inbound: {from: 0.0.0.0/0, allow: all}}
instances:
  client: {subnet: a, security_groups: clients, ip: 10.0.1.10}
  server: {subnet: b, security_groups: servers, ip: 10.0.2.10}
  near: {subnet: a, security_groups: servers, ip: 10.0.1.20}
  other: {subnet: b, security_groups: middle, ip: 10.0.2.20}
"""


def one_vpc(routes: str = "", more: str = "") -> str:
    return ONE_VPC.replace("ROUTES", f", routes: {{{routes}}}" if routes else "") + more


@pytest.mark.parametrize("destination", ["server", "near"])
def test_SG_13_directly_in_one_vpc_both_match(scenario: Scenario, destination: str) -> None:
    assert verdict(inbound(scenario, one_vpc()), "client", destination) == "always"
    assert verdict(outbound(scenario, one_vpc()), "client", destination) == "always"
    assert refusal(inbound(scenario, one_vpc()), "other", destination)[1] == "ENI_SG_RULES_MISMATCH"
    assert refusal(outbound(scenario, one_vpc()), "client", "other")[1] == "ENI_SG_RULES_MISMATCH"


ROUTER = "  router: {subnet: m, security_groups: middle, ip: 10.0.3.5, source_dest_check: false, forwards: WAY}\n"


def test_SG_13_through_a_middlebox_neither_matches(scenario: Scenario) -> None:
    """The addresses are unchanged, and the receiver could tell by them."""
    hosts = one_vpc("10.0.2.0/24: router", ROUTER.replace("WAY", "route"))
    assert verdict(network(scenario, hosts, inbound="{from: 10.0.1.10/32, allow: all}"), "client", "server") == "always"
    assert code(inbound(scenario, hosts)) == LOST
    assert code(inbound(scenario, hosts, "middle")) == "ENI_SG_RULES_MISMATCH"
    assert code(outbound(scenario, hosts)) == LOST


NAT = "nat_gateways: {nat: {subnet: m, type: private, private_ip: 10.0.3.5}}"


def test_SG_13_through_a_nat_gateway_the_clients_group_does_not_match(scenario: Scenario) -> None:
    hosts = one_vpc("10.0.2.0/24: nat", NAT)
    assert verdict(network(scenario, hosts, inbound="{from: 10.0.3.5/32, allow: all}"), "client", "server") == "always"
    assert code(inbound(scenario, hosts)) == LOST


def test_SG_13_through_a_nat_instance_its_own_group_matches(scenario: Scenario) -> None:
    hosts = one_vpc("10.0.2.0/24: router", ROUTER.replace("WAY", "nat"))
    assert verdict(inbound(scenario, hosts, "middle"), "client", "server") == "always"
    assert code(inbound(scenario, hosts)) == "ENI_SG_RULES_MISMATCH"  # the packet that arrives is the instance's own
    assert code(outbound(scenario, hosts)) == LOST
    assert verdict(network(scenario, hosts, outbound="{to: 10.0.2.0/24, allow: all}"), "client", "server") == "always"


REFLECTION = """
  public-server: {subnet: p, security_groups: servers, ip: 10.0.4.10, public_ip: 198.51.100.2}
"""


def test_SG_13_by_public_addresses_neither_matches(scenario: Scenario) -> None:
    hosts = one_vpc("0.0.0.0/0: igw", REFLECTION).replace("ip: 10.0.1.10", "ip: 10.0.1.10, public_ip: 198.51.100.1")
    hosts = hosts.replace("subnets:", "subnets:\n  p: {vpc: main, cidr: 10.0.4.0/24, routes: {0.0.0.0/0: igw}}")
    assert verdict(network(scenario, hosts), "client", "198.51.100.2") == "always"
    assert code(inbound(scenario, hosts), "198.51.100.2") == LOST
    assert verdict(inbound(scenario, hosts), "client", "10.0.4.10") == "always"
    assert code(outbound(scenario, hosts), "198.51.100.2") == "ENI_SG_RULES_MISMATCH"
    assert verdict(outbound(scenario, hosts), "client", "10.0.4.10") == "always"


def test_SG_13_nobody_on_the_internet_is_a_member(scenario: Scenario) -> None:
    hosts = one_vpc("0.0.0.0/0: igw").replace("ip: 10.0.1.20", "ip: 10.0.1.20, public_ip: 198.51.100.3")
    assert verdict(network(scenario, hosts), "internet", "near") == "always"
    assert refusal(inbound(scenario, hosts), "internet", "near")[1] == "ENI_SG_RULES_MISMATCH"


def test_SG_13_an_interface_endpoint_is_named_and_names_like_any_interface(scenario: Scenario) -> None:
    hosts = one_vpc(more="vpc_endpoints: {sqs: {vpc: main, service: sqs, subnets: m, security_groups: servers}}")
    assert verdict(inbound(scenario, hosts), "client", "sqs") == "always"
    assert verdict(outbound(scenario, hosts), "client", "sqs") == "always"
    assert refusal(inbound(scenario, hosts), "other", "sqs")[1] == "ENI_SG_RULES_MISMATCH"


# --- several VPCs --------------------------------------------------------------------------------------------------------------------

TWO_VPCS = """
vpcs: {main: {cidr: 10.0.0.0/16, region: eu-west-1}, far: {cidr: 10.1.0.0/16, region: REGION}}
subnets:
  a: {vpc: main, cidr: 10.0.1.0/24, routes: {10.1.0.0/16: WAY}}
  b: {vpc: far, cidr: 10.1.1.0/24, routes: {10.0.0.0/16: WAY}}
security_groups:
  clients: {vpc: main, CLIENTS}
  servers: {vpc: far, SERVERS}
instances:
  client: {subnet: a, security_groups: clients, ip: 10.0.1.10}
  server: {subnet: b, security_groups: servers, ip: 10.1.1.10}
"""


def two_vpcs(way: str, more: str, region: str = "eu-west-1") -> str:
    return TWO_VPCS.replace("WAY", way).replace("REGION", region) + more


PEERING = "peerings: {pcx: {vpcs: [main, far]}}"


def test_SG_13_over_a_peering_in_one_region_both_match(scenario: Scenario) -> None:
    hosts = two_vpcs("pcx", PEERING)
    assert verdict(inbound(scenario, hosts), "client", "server") == "always"
    assert verdict(outbound(scenario, hosts), "client", "server") == "always"
    assert code(inbound(scenario, hosts, "servers")) == "ENI_SG_RULES_MISMATCH"


def test_SG_13_over_a_peering_between_regions_neither_matches(scenario: Scenario) -> None:
    hosts = two_vpcs("pcx", PEERING, "us-east-1")
    assert verdict(network(scenario, hosts), "client", "server") == "always"
    assert code(inbound(scenario, hosts)) == LOST
    assert code(outbound(scenario, hosts)) == "ENI_SG_RULES_MISMATCH"


TRANSIT = """
transit_gateways: {tgw: {group_references: GATEWAY}}
transit_attachments:
  here: {transit_gateway: tgw, vpc: main, subnets: a, group_references: HERE}
  there: {transit_gateway: tgw, vpc: far, subnets: b, group_references: THERE}
"""


@pytest.mark.parametrize("lacks", ["", "GATEWAY", "HERE", "THERE"])
def test_SG_13_over_a_transit_gateway_inbound_matches_where_all_three_support_it(scenario: Scenario, lacks: str) -> None:
    text = TRANSIT
    for one in ("GATEWAY", "HERE", "THERE"):
        text = text.replace(f"references: {one}", f"references: {str(one != lacks).lower()}")
    hosts = two_vpcs("tgw", text)
    assert verdict(network(scenario, hosts), "client", "server") == "always"
    if lacks:
        assert code(inbound(scenario, hosts)) == LOST
    else:
        assert verdict(inbound(scenario, hosts), "client", "server") == "always"
    assert code(outbound(scenario, hosts)) == "ENI_SG_RULES_MISMATCH"


TWO_GATEWAYS = """
transit_gateways: {tgw: {group_references: true}, far-tgw: {group_references: true}}
transit_attachments:
  here: {transit_gateway: tgw, vpc: main, subnets: a}
  there: {transit_gateway: far-tgw, vpc: far, subnets: b}
  joined: {transit_gateway: tgw, peer: far-tgw}
transit_route_tables:
  one: {transit_gateway: tgw, associations: [here, joined], propagations: here, routes: {10.1.0.0/16: joined}}
  two: {transit_gateway: far-tgw, associations: [there, joined], propagations: there, routes: {10.0.0.0/16: joined}}
"""


def test_SG_13_over_a_peering_of_transit_gateways_neither_matches(scenario: Scenario) -> None:
    hosts = two_vpcs("tgw", TWO_GATEWAYS).replace("10.0.0.0/16: tgw", "10.0.0.0/16: far-tgw")
    assert verdict(network(scenario, hosts), "client", "server") == "always"
    assert code(inbound(scenario, hosts)) == LOST
    assert code(outbound(scenario, hosts)) == "ENI_SG_RULES_MISMATCH"


def test_SG_13_an_endpoint_beyond_a_transit_gateway_matches_nobody(scenario: Scenario) -> None:
    """Though the gateway supports references (TGW-11)."""
    transit = TRANSIT.replace("GATEWAY", "true").replace("THERE", "true").replace("HERE", "true")
    hosts = two_vpcs("tgw", transit + "vpc_endpoints: {sqs: {vpc: far, service: sqs, subnets: b, security_groups: servers}}")
    assert verdict(network(scenario, hosts), "client", "sqs") == "always"
    assert code(inbound(scenario, hosts), "sqs") == LOST
    assert verdict(inbound(scenario, hosts), "client", "server") == "always"
    assert code(outbound(scenario, hosts), "sqs") == "ENI_SG_RULES_MISMATCH"


def test_SG_13_a_group_of_several_vpcs_matches_inside_each_and_needs_a_way_between_them(scenario: Scenario) -> None:
    hosts = two_vpcs("pcx", PEERING).replace("security_groups: servers", "security_groups: clients")
    hosts = hosts.replace("clients: {vpc: main, CLIENTS}", "clients: {vpc: main, inbound: {from: clients, allow: all}, CLIENTS}")
    hosts = hosts.replace("  server: {", "  beside: {subnet: b, security_groups: clients, ip: 10.1.1.11}\n  server: {")
    found = outbound(scenario, hosts, "clients")
    assert [verdict(found, "beside", "server"), verdict(found, "client", "server")] == ["always", "always"]
    assert "network interface `server-eni` has security group `clients` of another VPC (`main`)" in warnings(found)
    apart = outbound(
        scenario,
        hosts.replace(", routes: {10.1.0.0/16: pcx}", "").replace(", routes: {10.0.0.0/16: pcx}", "").replace(PEERING, ""),
        "clients",
    )
    assert [verdict(apart, "beside", "server"), verdict(apart, "client", "server")] == ["always", "never"]


def test_SG_13_a_peering_that_is_not_active_lets_no_rule_name_a_group_of_the_other_vpc(scenario: Scenario) -> None:
    """The packets go by a transit gateway without references; were the peering active, it would be the gateway that loses them."""
    transit = TRANSIT.replace("GATEWAY", "false").replace("THERE", "false").replace("HERE", "false")
    hosts = two_vpcs("tgw", transit)
    for state, expected in (("active", LOST), ("pending-acceptance", "ENI_SG_RULES_MISMATCH")):
        peered = f"{hosts}\npeerings: {{pcx: {{vpcs: [main, far], state: {state}}}}}\n"
        assert code(outbound(scenario, peered)) == expected
