"""Block Public Access in both spellings: modes, exclusions, whose switch it is, and what AWS refuses (BPA-1 to BPA-11)."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.aws.block_public_access import BlockPublicAccess, PublicAccessExclusion
from tests.aws.reading import Describe, Scenario, account, errors, path, refusal, verdict, warnings

# A public server, a private client of a NAT gateway, and an IPv6 host behind an egress-only gateway.
SITE = """
vpcs: {main: {cidr: 10.0.0.0/16, ipv6_cidr: "2001:db8::/56", internet_gateway: igw}}
egress_only_gateways: {eigw: {vpc: main}}
subnets:
  front: {vpc: main, cidr: 10.0.1.0/24, routes: {0.0.0.0/0: igw}}
  nats:  {vpc: main, cidr: 10.0.2.0/24, zone: b, routes: {0.0.0.0/0: igw}}
  app:   {vpc: main, cidr: 10.0.3.0/24, ipv6_cidr: "2001:db8:0:3::/64", routes: {0.0.0.0/0: nat, "::/0": eigw}}
network_acls:
  six: {vpc: main, subnets: app, inbound: [{rule: 1, allow: all}, {rule: 2, from: "::/0", allow: all}],
    outbound: [{rule: 1, allow: all}, {rule: 2, to: "::/0", allow: all}]}
security_groups:
  open: {vpc: main, inbound: {from: [0.0.0.0/0, "::/0"], allow: all}, outbound: {to: [0.0.0.0/0, "::/0"], allow: all}}
nat_gateways: {nat: {subnet: nats, public_ip: 198.51.100.7}}
instances:
  web: {subnet: front, security_groups: open, ip: 10.0.1.10, public_ip: 198.51.100.10}
  box: {subnet: app, security_groups: open, ip: 10.0.3.10, secondary_ips: {"2001:db8:0:3::10": }}
"""
FOUR, SIX = "192.0.2.1", "2607:f8b0::1"
CODE = "VPC_BLOCK_PUBLIC_ACCESS_ENABLED"


def blocked(mode: str, *exclusions: str, more: str = "") -> str:
    """`SITE` with the switch on, and exclusions as `{subnet: front}`."""
    listed = "".join(f"\n  x{number}: {text}" for number, text in enumerate(exclusions))
    return f"{SITE}block_public_access: {{bpa: {{mode: {mode}{more}}}}}\npublic_access_exclusions: {listed or '{}'}\n"


# --- spellings ---------------------------------------------------------------------------------------------------------------------


def test_the_switch_of_a_scenario(scenario: Scenario) -> None:
    network = scenario(blocked("block-bidirectional", "{subnet: front}", "{vpc: main, mode: allow-egress}"))
    (found,) = network.snapshot.all(BlockPublicAccess)
    assert (found.mode, found.account, found.region, found.exclusions) == ("block-bidirectional", "", "", True)
    assert [(one.resource, one.mode) for one in network.snapshot.all(PublicAccessExclusion)] == [
        ("front", "allow-bidirectional"),
        ("main", "allow-egress"),
    ]


def test_an_exclusion_is_of_a_vpc_or_a_subnet(scenario: Scenario) -> None:
    told = "exclusion `x0`: say the `vpc` or the `subnet` it excludes, one of them"
    for text in ("{subnet: front, vpc: main}", "{mode: allow-egress}"):
        assert errors(scenario, blocked("block-bidirectional", text)) == [told]


def options(mode: str = "block-bidirectional", **more: Any) -> dict[str, Any]:
    return {
        "AwsAccountId": "111122223333",
        "AwsRegion": "eu-west-1",
        "State": "update-complete",
        "InternetGatewayBlockMode": mode,
        "ManagedBy": "account",
        "ExclusionsAllowed": "allowed",
        **more,
    }


def excluded(resource: str, mode: str = "allow-bidirectional", state: str = "create-complete") -> dict[str, Any]:
    kind = resource.split("-", maxsplit=1)[0]
    return {
        "ExclusionId": f"vpcbpa-exclude-{resource}",
        "InternetGatewayExclusionMode": mode,
        "ResourceArn": f"arn:aws:ec2:eu-west-1:111122223333:{kind}/{resource}",
        "State": state,
        "Tags": [],
    }


def test_the_switch_of_a_describe_answer_is_one_object(describe: Describe) -> None:
    network = describe(
        **account(), VpcBlockPublicAccessOptions=options(), VpcBlockPublicAccessExclusions=[excluded("subnet-pub", state="delete-complete")]
    )
    (found,) = network.snapshot.all(BlockPublicAccess)
    assert (found.mode, found.account, found.region) == ("block-bidirectional", "111122223333", "eu-west-1")
    assert list(network.snapshot.all(PublicAccessExclusion)) == []
    assert warnings(network) == []
    assert refusal(network, "internet", "i-web") == ("forward", CODE, "block-public-access 111122223333 eu-west-1 block-bidirectional")
    open_again = describe(**account(), VpcBlockPublicAccessOptions=options(), VpcBlockPublicAccessExclusions=[excluded("subnet-pub")])
    assert verdict(open_again, "internet", "i-web") == "always"
    assert verdict(describe(**account(), VpcBlockPublicAccessOptions=options("off")), "internet", "i-web") == "always"


def test_a_switch_that_was_not_read_is_an_assumption(describe: Describe, scenario: Scenario) -> None:
    told = "VPC Block Public Access of vpc-1 was not read: taken to be off"
    assert told in describe(**account()).can("internet", "i-web", "tcp/443").assumptions
    assert told in describe(**account()).can("i-web", "internet", "tcp/443").assumptions
    assert told not in describe(**account(), VpcBlockPublicAccessOptions=options("off")).can("internet", "i-web", "tcp/443").assumptions
    assert scenario(SITE).can("internet", "web", "tcp/443").assumptions == ()


# --- modes -------------------------------------------------------------------------------------------------------------------------


def test_BPA_1_off_changes_nothing(scenario: Scenario) -> None:
    network = scenario(blocked("'off'"))
    assert {verdict(network, *ends) for ends in (("internet", "web"), ("web", "internet"), ("box", FOUR), ("box", SIX))} == {"always"}


def test_BPA_2_bidirectional_closes_both_gateways_both_ways(scenario: Scenario) -> None:
    network = scenario(blocked("block-bidirectional"))
    for source, destination in (("internet", "web"), ("web", "internet"), ("box", FOUR), ("box", SIX)):
        assert refusal(network, source, destination) == ("forward", CODE, "bpa block-bidirectional"), (source, destination)
    assert path(network, "web", "internet")[-1] == "igw"
    assert path(network, "box", SIX)[-1] == "eigw"


def test_BPA_3_ingress_closes_what_has_a_public_address_both_ways(scenario: Scenario) -> None:
    network = scenario(blocked("block-ingress"))
    assert refusal(network, "internet", "web") == ("forward", CODE, "bpa block-ingress")
    assert refusal(network, "web", "internet") == ("forward", CODE, "bpa block-ingress")


def test_BPA_4_ingress_leaves_nat_gateways_and_egress_only_gateways(scenario: Scenario) -> None:
    network = scenario(blocked("block-ingress"))
    assert verdict(network, "box", FOUR) == verdict(network, "box", SIX) == "always"
    beside = SITE.replace("web: {subnet: front", "web: {subnet: nats").replace("ip: 10.0.1.10", "ip: 10.0.2.99")
    assert verdict(scenario(beside + "block_public_access: {bpa: {mode: block-ingress}}"), "web", "internet") == "never"


def test_BPA_3_a_nat_instance_is_no_nat_gateway(scenario: Scenario) -> None:
    forwards = "public_ip: 198.51.100.10, source_dest_check: false, forwards: nat"
    text = blocked("block-ingress").replace("public_ip: 198.51.100.10", forwards).replace("0.0.0.0/0: nat,", "0.0.0.0/0: web,")
    assert refusal(scenario(text), "box", FOUR) == ("forward", CODE, "bpa block-ingress")
    assert verdict(scenario(text.replace("mode: block-ingress", "mode: 'off'")), "box", FOUR) == "always"


# --- exclusions --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["block-bidirectional", "block-ingress"])
@pytest.mark.parametrize("exclusion", ["{subnet: front}", "{vpc: main}"])
def test_BPA_1_an_excluded_subnet_is_as_without_the_switch(scenario: Scenario, mode: str, exclusion: str) -> None:
    network = scenario(blocked(mode, exclusion))
    assert verdict(network, "internet", "web") == verdict(network, "web", "internet") == "always"
    assert verdict(network, "box", SIX) == ("always" if mode == "block-ingress" or "vpc" in exclusion else "never")


def test_BPA_5_the_subnet_beside_the_gateway_counts(scenario: Scenario) -> None:
    nats = scenario(blocked("block-bidirectional", "{subnet: nats}"))
    assert verdict(nats, "box", FOUR) == "always"
    assert verdict(nats, "web", "internet") == "never"
    assert refusal(scenario(blocked("block-bidirectional", "{subnet: app}")), "box", FOUR)[1] == CODE


def test_BPA_5_of_an_appliance_that_takes_what_comes_in_its_own_subnet_counts(scenario: Scenario) -> None:
    inspected = SITE.replace(
        "{vpc: main, cidr: 10.0.1.0/24, routes: {0.0.0.0/0: igw}}", "{vpc: main, cidr: 10.0.1.0/24, routes: {0.0.0.0/0: fw}}"
    )
    inspected += "route_tables: {edge: {vpc: main, gateways: igw, routes: {10.0.1.0/24: fw}}}\n"
    inspected = inspected.replace(
        "instances:",
        "instances:\n  fw: {subnet: nats, security_groups: open, public_ip: 198.51.100.3, source_dest_check: false, forwards: route}",
    )
    switch = "block_public_access: {bpa: {mode: block-bidirectional}}\npublic_access_exclusions: {x: {subnet: NAME}}"
    behind = scenario(inspected + switch.replace("NAME", "nats"))
    assert verdict(behind, "internet", "web") == verdict(behind, "web", "internet") == "always"
    wrong = scenario(inspected + switch.replace("NAME", "front"))
    assert refusal(wrong, "internet", "web")[1] == refusal(wrong, "web", "internet")[1] == CODE


def test_BPA_6_targets_of_an_excluded_load_balancer_need_no_exclusion(scenario: Scenario) -> None:
    balanced = """
target_groups: {shop: {port: 8080, targets: box}}
load_balancers:
  web: {subnets: [front, nats], public_ips: [198.51.100.20, 198.51.100.21], security_groups: open, listeners: {tcp/80: shop}}
"""
    network = scenario(blocked("block-bidirectional", "{subnet: front}", "{subnet: nats}") + balanced)
    assert verdict(network, "internet", "lb:web", "tcp/80") == "always"
    assert verdict(scenario(blocked("block-bidirectional") + balanced), "internet", "lb:web", "tcp/80") == "never"


def test_BPA_7_an_exclusion_for_egress_lets_out_what_starts_inside_and_its_replies(scenario: Scenario) -> None:
    network = scenario(blocked("block-bidirectional", "{subnet: front, mode: allow-egress}"))
    assert verdict(network, "web", "internet") == "always"
    assert refusal(network, "internet", "web") == ("forward", CODE, "bpa block-bidirectional")


def test_BPA_1_an_exclusion_for_egress_means_nothing_in_ingress_mode(scenario: Scenario) -> None:
    network = scenario(blocked("block-ingress", "{subnet: front, mode: allow-egress}"))
    assert warnings(network) == ["exclusion `x0` has no effect: allow-egress means something in block-bidirectional only (BPA-1)"]
    assert verdict(network, "web", "internet") == verdict(network, "internet", "web") == "never"


def test_BPA_1_exclusions_that_do_not_count(scenario: Scenario) -> None:
    network = scenario(blocked("block-bidirectional", "{subnet: front}", more=", exclusions_allowed: false"))
    assert warnings(network) == ["exclusion `x0` does not count, `bpa` allows no exclusions (BPA-1)"]
    assert verdict(network, "internet", "web") == "never"


def test_a_subnet_excluded_differently_from_its_vpc_is_a_gap(scenario: Scenario) -> None:
    network = scenario(blocked("block-bidirectional", "{subnet: front}", "{vpc: main, mode: allow-egress}"))
    assert verdict(network, "internet", "web") == verdict(network, "web", "internet") == "unknown"
    assert verdict(network, "box", FOUR) == "always"


def test_an_exclusion_of_what_was_not_read_is_told(describe: Describe) -> None:
    network = describe(**account(), VpcBlockPublicAccessOptions=options(), VpcBlockPublicAccessExclusions=[excluded("subnet-9")])
    assert warnings(network) == ["exclusion `vpcbpa-exclude-subnet-9` excludes `subnet-9`, which was not read"]


# --- what is affected, and by whose switch -----------------------------------------------------------------------------------------


INSPECTED = """
vpcs: {main: {cidr: 10.0.0.0/16, internet_gateway: igw}}
subnets:
  n: {vpc: main, cidr: 10.0.1.0/24, routes: {0.0.0.0/0: via}}
  f: {vpc: main, cidr: 10.0.2.0/24, routes: {0.0.0.0/0: igw}}
route_tables: {edge: {vpc: main, gateways: igw, routes: {10.0.1.0/24: via}}}
instances: {web: {subnet: n, security_groups: open, public_ip: 198.51.100.10}}
firewall_policies: {pol: {}}
"""
FIREWALL = "network_firewalls: {via: {vpc: main, subnets: f, policy: pol}}\n"
APPLIANCES = """
target_groups: {boxes: {protocol: geneve, targets: []}}
load_balancers: {gwlb: {type: gateway, subnets: f, listeners: {udp/6081: boxes}}}
endpoint_services: {svc: {load_balancers: gwlb}}
vpc_endpoints: {via: {vpc: main, service: svc, subnets: f}}
"""
SWITCHED = "block_public_access: {bpa: {mode: block-bidirectional}}\npublic_access_exclusions: "


@pytest.mark.parametrize("exclusions", ["{x: {subnet: f}}", "{x: {vpc: main}}", "{}"])
@pytest.mark.parametrize("ends", [("web", FOUR), ("internet", "web")])
def test_BPA_8_a_network_firewall_is_blocked_whatever_is_excluded(scenario: Scenario, exclusions: str, ends: tuple[str, str]) -> None:
    network = scenario(INSPECTED + FIREWALL + SWITCHED + exclusions)
    assert refusal(network, *ends)[1:] == (CODE, "bpa block-bidirectional")
    assert verdict(scenario(INSPECTED + FIREWALL), *ends) == "always"


def test_BPA_8_what_else_lies_in_the_firewalls_subnet_is_not_known(scenario: Scenario) -> None:
    more = "instances: {web: {subnet: f, security_groups: open, public_ip: 198.51.100.10}}\n"
    text = INSPECTED.replace("instances: {web: {subnet: n, security_groups: open, public_ip: 198.51.100.10}}\n", more)
    assert verdict(scenario(text + FIREWALL + SWITCHED + "{x: {subnet: f}}"), "web", FOUR) == "unknown"


def test_BPA_8_appliances_pass_where_the_subnet_of_the_endpoint_is_excluded(scenario: Scenario) -> None:
    appliances = APPLIANCES.replace("targets: []", "targets: box") + "instances: {box: {subnet: n}}\n"
    text = (
        INSPECTED.replace("instances: {web:", "instances: {box: {subnet: n, security_groups: open}, web:")
        + appliances.split("instances")[0]
    )
    assert verdict(scenario(text + SWITCHED + "{x: {subnet: f}}"), "web", FOUR) == "always"
    assert refusal(scenario(text + SWITCHED + "{x: {subnet: n}}"), "web", FOUR)[1] == CODE


def test_BPA_9_other_ways_than_internet_gateways_are_not_affected(scenario: Scenario) -> None:
    more = """
vpn_gateways: {vgw: {vpc: main}}
customer_gateways: {office: {networks: 192.168.10.0/24}}
vpn_connections: {vpn: {gateway: vgw, customer_gateway: office}}
peerings: {pcx: {vpcs: [main, far]}}
"""
    text = blocked("block-bidirectional").replace(
        "routes: {0.0.0.0/0: nat,", "routes: {0.0.0.0/0: nat, 192.168.10.0/24: vgw, 10.9.0.0/16: pcx,"
    )
    text = text.replace("vpcs: {main:", "vpcs: {far: {cidr: 10.9.0.0/16}, main:")
    text = text.replace("subnets:\n", "subnets:\n  there: {vpc: far, cidr: 10.9.1.0/24, routes: {10.0.0.0/16: pcx}}\n")
    text = text.replace("security_groups:\n", "security_groups:\n  far: {vpc: far, inbound: {from: 0.0.0.0/0, allow: all}}\n")
    text = text.replace("instances:\n", "instances:\n  z: {subnet: there, security_groups: far}\n")
    network = scenario(text + more)
    for source, destination in (("box", "192.168.10.5"), ("192.168.10.5", "box"), ("box", "z"), ("box", "web")):
        assert verdict(network, source, destination) == "always", (source, destination)
    assert verdict(network, "box", "169.254.169.253", "udp/53") == "always"


def test_BPA_10_the_owner_of_the_vpc_decides(describe: Describe) -> None:
    """The account whose answers these are takes part in a VPC of another account; its own switch says nothing."""
    network = describe(**account(), VpcBlockPublicAccessOptions=options(AwsAccountId="444455556666"))
    answer = network.can("internet", "i-web", "tcp/443")
    assert answer.verdict.value == "always"
    assert "VPC Block Public Access of vpc-1 was not read: taken to be off" in answer.assumptions


def test_BPA_1_a_switch_is_of_one_account_and_region(scenario: Scenario) -> None:
    here = SITE.replace("internet_gateway: igw}", 'internet_gateway: igw, region: eu-west-1, account: "111122223333"}')
    switch = 'block_public_access: {{bpa: {{mode: block-bidirectional, region: {}, account: "{}"}}}}'
    assert verdict(scenario(here + switch.format("eu-west-1", "111122223333")), "internet", "web") == "never"
    assert verdict(scenario(here + switch.format("us-east-1", "111122223333")), "internet", "web") == "always"
    assert verdict(scenario(here + switch.format("eu-west-1", "444455556666")), "internet", "web") == "always"
    twice = blocked("block-ingress").replace("{bpa:", "{twin: {mode: 'off'}, bpa:")
    (message,) = errors(scenario, twice)
    assert message == "Block Public Access: `twin` and `bpa` are of one account and Region, which has one switch (BPA-1)"
