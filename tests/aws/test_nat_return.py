"""Replies to NAT gateways find their way back over a peering without a route, and nothing else does (NAT-14)."""

from __future__ import annotations

import pytest

from simulator.graph.nodes import Lookup, SessionMatch
from tests.aws.reading import Scenario, path, refusal, reply_path, verdict

# The far VPC has no route back. `shared` has a NAT gateway too, and the same block as `main`.
NETWORK = """
vpcs: {far: {cidr: 172.31.0.0/16}}
peerings: {pcx: {vpcs: [main, far]}}
subnets:
  p: {vpc: main, cidr: 10.0.1.0/24, routes: {172.31.0.0/16: nat}}
  n: {vpc: main, cidr: 10.0.2.0/24, routes: {172.31.0.0/16: pcx}}
  s: {vpc: far, cidr: 172.31.5.0/24}
nat_gateways: {nat: {subnet: n, private_ip: 10.0.2.5, type: private}}
security_groups: {open-far: {vpc: far, inbound: {from: 0.0.0.0/0, allow: all}}}
instances:
  one: {subnet: p, security_groups: open, ip: 10.0.1.10}
  beside: {subnet: n, security_groups: open, ip: 10.0.2.10}
  two: {subnet: s, security_groups: open-far, ip: 172.31.5.5}
"""


def but(*changes: tuple[str, str]) -> str:
    """`NETWORK` with some words put in the place of others."""
    text = NETWORK
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize("service", ["tcp/443", "udp/53", "icmp"])
def test_NAT_14_replies_return_without_a_route(scenario: Scenario, service: str) -> None:
    network = scenario(NETWORK)
    assert verdict(network, "one", "two", service) == "always"
    assert path(network, "one", "two", service) == ["one", "one-eni", "p", "n", "nat", "n", "pcx", "far", "s", "two-eni", "two"]
    assert reply_path(network, "one", "two", service) == (
        ["two", "two-eni", "s", "pcx", "main", "n", "nat", "n", "main", "p", "one-eni", "one"]
    )


def test_NAT_14_the_step_that_returns_is_cited(scenario: Scenario) -> None:
    reply = scenario(NETWORK).can("one", "two", "tcp/443").reply
    assert reply is not None
    cited = [type(step.node) for hop in reply.hops for step in hop.steps if "NAT-14" in step.node.cites]
    assert cited == [Lookup, SessionMatch]


def test_NAT_14_a_route_that_leads_elsewhere_does_not_matter(scenario: Scenario) -> None:
    network = scenario(but(("cidr: 172.31.5.0/24}", "cidr: 172.31.5.0/24, routes: {10.0.0.0/16: blackhole}}")))
    assert verdict(network, "one", "two") == "always"


def test_PCX_1_a_host_beside_the_nat_gateway_needs_the_route(scenario: Scenario) -> None:
    network = scenario(NETWORK)
    assert refusal(network, "beside", "two") == ("reply", "NO_ROUTE_TO_DESTINATION", "far-main no route matches")
    back = scenario(but(("cidr: 172.31.5.0/24}", "cidr: 172.31.5.0/24, routes: {10.0.0.0/16: pcx}}")))
    assert verdict(back, "beside", "two") == "always"


def test_NAT_14_it_is_not_for_nat_instances(scenario: Scenario) -> None:
    instance = ("instances:", "instances:\n  box: {subnet: n, security_groups: open, source_dest_check: false, forwards: nat}")
    network = scenario(but(instance, ("{172.31.0.0/16: nat}", "{172.31.0.0/16: box}")))
    assert refusal(network, "one", "two") == ("reply", "NO_ROUTE_TO_DESTINATION", "far-main no route matches")


ACL = "network_acls: {acl: {vpc: far, inbound: [{rule: 1, allow: all}], outbound: [{rule: 1, OUTBOUND}]}}"


@pytest.mark.parametrize(
    ("outbound", "expected"),
    [
        ("to: 10.0.2.5/32, allow: tcp/1024-65535", "always"),
        ("to: 10.0.1.0/24, allow: all", "never"),
        ("allow: tcp/443", "never"),
        ("allow: tcp/32768-60999", "sometimes"),
    ],
)
def test_NAT_14_the_acl_of_the_subnet_judges_the_reply(scenario: Scenario, outbound: str, expected: str) -> None:
    """The client's ports are of no account: the reply goes to a port of the NAT gateway (NAT-9)."""
    text = but(("cidr: 172.31.5.0/24}", "cidr: 172.31.5.0/24, network_acl: acl}")) + ACL.replace("OUTBOUND", outbound)
    answer = scenario(text).can("one", "two", "tcp/443")
    assert (answer.delivered.value, answer.verdict.value) == ("always", expected)
    assert {(blocker.leg, blocker.resource) for blocker in answer.blockers} == (set() if expected == "always" else {("reply", "acl")})


def test_NAT_9_so_does_the_acl_of_the_nat_gateways_subnet(scenario: Scenario) -> None:
    acl = "network_acls: {acl: {vpc: main, outbound: [{rule: 1, allow: all}], inbound: [{rule: 1, from: 10.0.1.0/24, allow: all}]}}"
    text = but(("cidr: 10.0.2.0/24", "cidr: 10.0.2.0/24, network_acl: acl")) + acl
    assert refusal(scenario(text), "one", "two") == ("reply", "SUBNET_ACL_RESTRICTION", "acl ingress rule *")


def test_NAT_6_nothing_new_returns_to_the_sender(scenario: Scenario) -> None:
    network = scenario(NETWORK)
    assert refusal(network, "two", "nat") == ("forward", "NO_ROUTE_TO_DESTINATION", "far-main no route matches")
    assert refusal(network, "two", "one") == ("forward", "NO_ROUTE_TO_DESTINATION", "far-main no route matches")


def test_PCX_11_a_deleted_peering_returns_nothing(scenario: Scenario) -> None:
    network = scenario(but(("vpcs: [main, far]", "vpcs: [main, far], state: deleted")))
    assert refusal(network, "one", "two") == ("forward", "BAD_STATE_ROUTE", "pcx state deleted")


def test_PCX_3_it_does_not_make_a_peering_transitive(scenario: Scenario) -> None:
    network = scenario(but(("{172.31.0.0/16: nat}", "{0.0.0.0/0: nat}"), ("{172.31.0.0/16: pcx}", "{0.0.0.0/0: pcx}")))
    assert refusal(network, "one", "192.0.2.1") == ("forward", "PCX_REQUIRES_ADDRESS_IN_VPC_CIDR", "pcx addresses of far only")


def test_SG_13_the_far_side_sees_the_nat_gateway_and_no_group(scenario: Scenario) -> None:
    by_group = ("inbound: {from: 0.0.0.0/0, allow: all}", "inbound: {from: open, allow: all}")
    assert refusal(scenario(but(by_group)), "one", "two")[1] == "SG_REFERENCES_NOT_PRESERVED"
    by_address = ("inbound: {from: 0.0.0.0/0, allow: all}", "inbound: {from: 10.0.2.5/32, allow: all}")
    assert verdict(scenario(but(by_address)), "one", "two") == "always"


def test_NAT_1_each_address_of_a_nat_gateway_gets_its_replies(scenario: Scenario) -> None:
    network = scenario(but(("type: private", "type: private, secondary: {private_ip: 10.0.2.6}")))
    assert verdict(network, "one", "two") == "always"
    public = "nat: {subnet: n, private_ip: 10.0.2.5, public_ip: 203.0.113.5}"
    assert verdict(scenario(but(("nat: {subnet: n, private_ip: 10.0.2.5, type: private}", public))), "one", "two") == "always"


def test_NAT_14_of_two_peers_with_equal_blocks_each_gets_its_own(scenario: Scenario) -> None:
    """Trap T48 does not befall NAT gateways: even where both have the same address, the crossing is remembered by peering."""
    twin = """
  p2: {vpc: twin, cidr: 10.0.1.0/24, routes: {172.31.0.0/16: nat2}}
  n2: {vpc: twin, cidr: 10.0.2.0/24, routes: {172.31.0.0/16: pcx2}}
"""
    network = scenario(
        but(
            ("vpcs: {", "vpcs: {twin: {cidr: 10.0.0.0/16}, "),
            ("peerings: {", "peerings: {pcx2: {vpcs: [far, twin]}, "),
            ("subnets:\n", f"subnets:{twin}"),
            ("nat_gateways: {", "nat_gateways: {nat2: {subnet: n2, private_ip: 10.0.2.5, type: private}, "),
            ("security_groups: {", "security_groups: {open-twin: {vpc: twin, inbound: {from: 0.0.0.0/0, allow: all}}, "),
            ("instances:", "instances:\n  other: {subnet: p2, security_groups: open-twin, ip: 10.0.1.10}"),
        )
    )
    assert verdict(network, "one", "two") == verdict(network, "other", "two") == "always"
    assert "pcx" in reply_path(network, "one", "two")
    assert "pcx2" in reply_path(network, "other", "two")


def test_NAT_14_both_ends_may_have_nat_gateways(scenario: Scenario) -> None:
    network = scenario(
        but(
            (
                "cidr: 172.31.5.0/24}",
                "cidr: 172.31.5.0/24, routes: {10.0.0.0/16: nat2}}\n  m: {vpc: far, cidr: 172.31.6.0/24, routes: {10.0.0.0/16: pcx}}",
            ),
            ("nat_gateways: {", "nat_gateways: {nat2: {subnet: m, type: private}, "),
        )
    )
    assert verdict(network, "one", "two") == verdict(network, "two", "one") == "always"
    assert "nat2" not in reply_path(network, "one", "two")
    assert "nat2" in path(network, "two", "one")
