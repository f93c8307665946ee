"""Egress-only internet gateways: what starts inside passes, with its replies (EIGW-1, EIGW-2, RT-25)."""

from __future__ import annotations

from typing import Any

import simulator
from simulator.aws.egress_only_gateway import EgressOnlyGateway
from simulator.query.listing import inventory_of
from tests.aws.reading import Describe, Scenario, account, changed, errors, path, refusal, reply_path, verdict, warnings

NETWORK = """
vpcs: {main: {cidr: 10.0.0.0/16, ipv6_cidr: "2001:db8::/56", egress_only_gateway: eigw}}
subnets: {app: {vpc: main, cidr: 10.0.1.0/24, ipv6_cidr: "2001:db8:0:1::/64", routes: {"::/0": eigw}}}
instances: {host: {subnet: app, security_groups: open, ipv6: "2001:db8:0:1::10"}}
lambdas: {fn: {subnets: app, security_groups: open, ipv6: true}}
"""
SIX = "2001:db8:0:1::10"
# The same beside an internet gateway, which another subnet uses.
BOTH = NETWORK.replace("gateway: eigw}}", "gateway: eigw, internet_gateway: igw}}").replace(
    "subnets: {app:", 'subnets: {pub: {vpc: main, ipv6_cidr: "2001:db8:0:2::/64", routes: {"::/0": igw}}, app:'
)
BOTH = BOTH.replace("instances: {", 'instances: {web: {subnet: pub, security_groups: open, ipv6: "2001:db8:0:2::10"}, ')


def test_EIGW_1_flows_that_start_inside_pass_and_come_back(scenario: Scenario) -> None:
    for text in (NETWORK, BOTH):
        network = scenario(text)
        for service in ("tcp/443", "udp/53", "icmpv6", "esp"):
            assert verdict(network, "host", "2a00::1", service) == "always"
        assert path(network, "host", "2a00::1")[-2:] == ["eigw", "internet"]
        assert reply_path(network, "host", "2a00::1") == ["internet", "eigw", "main", "app", "host-eni", "host"]


def test_EIGW_1_what_starts_outside_ends_at_the_gateway(scenario: Scenario) -> None:
    network = scenario(NETWORK)
    for service in ("tcp/443", "udp/53", "icmpv6"):
        assert refusal(network, "internet", SIX, service) == ("forward", "SIM_EGRESS_ONLY", "eigw flows that start inside only")
    assert "belongs to no flow that started inside" in " ".join(str(network.can("internet", SIX, "tcp/443")).split())
    assert verdict(network, "internet", "host", "icmp") == "never"
    assert verdict(network, "internet", "host") == "never"  # over both versions


def test_EIGW_1_acls_apply_as_usual(scenario: Scenario) -> None:
    rules = 'inbound: [{rule: 1, from: "::/0", allow: tcp/1024-40000}], outbound: [{rule: 1, to: "::/0", allow: tcp}]'
    acl = f"network_acls: {{edge: {{vpc: main, {rules}}}}}"
    network = scenario(NETWORK.replace("app: {", "app: {network_acl: edge, ") + acl)
    assert verdict(network, "host", "2a00::1") == "sometimes"
    assert refusal(network, "host", "2a00::1", "udp/53")[1] == "SUBNET_ACL_RESTRICTION"


def test_EIGW_1_ipv6_only(scenario: Scenario) -> None:
    network = scenario(NETWORK.replace('{"::/0": eigw}', '{"::/0": eigw, 0.0.0.0/0: eigw}'))
    assert warnings(network) == [
        "route table `app-routes`: AWS refuses 0.0.0.0/0 -> eigw; an egress-only internet gateway is for IPv6 (RT-25)"
    ]
    assert refusal(network, "host", "192.0.2.1")[1:] == ("PROTOCOL_RESTRICTION", "eigw IPv6 only")


def test_LAMBDA_6_a_function_reaches_the_internet_over_ipv6(scenario: Scenario) -> None:
    network = scenario(NETWORK)
    assert verdict(network, "fn", "2a00::1") == "always"
    assert reply_path(network, "fn", "2a00::1")[-2:] == ["fn-eni-app", "fn"]
    assert verdict(network, "internet", "2001:db8:0:1::4") == "never"


def test_a_host_of_another_vpc_over_the_internet(scenario: Scenario) -> None:
    far = NETWORK.replace("vpcs: {", 'vpcs: {far: {cidr: 10.1.0.0/16, ipv6_cidr: "2001:db8:9::/56", internet_gateway: far-igw}, ')
    far = far.replace("subnets: {", 'subnets: {f: {vpc: far, ipv6_cidr: "2001:db8:9:1::/64", routes: {"::/0": far-igw}}, ')
    far = far.replace("instances: {", 'instances: {server: {subnet: f, security_groups: open-far, ipv6: "2001:db8:9:1::10"}, ')
    network = scenario(far + 'security_groups: {open-far: {vpc: far, inbound: {from: "::/0", allow: all}}}')
    assert verdict(network, "host", "server") == "always"
    assert refusal(network, "server", SIX)[1] == "SIM_EGRESS_ONLY"


def test_RT_15_RT_30_a_gateway_that_is_not_attached_here(scenario: Scenario) -> None:
    detached = NETWORK.replace(", egress_only_gateway: eigw", "") + "egress_only_gateways: {eigw: {}}"
    assert refusal(scenario(detached), "host", "2a00::1")[1] == "BAD_STATE_ROUTE"
    assert refusal(scenario(detached), "internet", SIX)[1] == "NO_POSSIBLE_DESTINATION"
    elsewhere = NETWORK.replace(", egress_only_gateway: eigw", "").replace(
        "vpcs: {", "vpcs: {far: {cidr: 10.1.0.0/16, egress_only_gateway: eigw}, "
    )
    assert refusal(scenario(elsewhere), "host", "2a00::1")[1] == "BAD_STATE_ATTACHMENT"


def test_EIGW_1_one_of_a_vpc(scenario: Scenario) -> None:
    text = NETWORK + "egress_only_gateways: {second: {vpc: main}}"
    assert errors(scenario, text) == ["VPC `main` has 2 egress-only internet gateways attached; AWS allows one (EIGW-1)"]


def test_it_is_listed(scenario: Scenario) -> None:
    network = scenario(NETWORK)
    (row,) = inventory_of(network.snapshot, "n", []).gateways
    assert (row.id, row.kind, row.at) == ("eigw", "egress-only-internet-gateway", "main")
    assert inventory_of(network.snapshot, "n", []).vpcs[0].subnets[0].reach == "private"


# --- describe --------------------------------------------------------------------------------------------------------------------------


def described(describe: Describe, **gateway: Any) -> simulator.Network:
    lists = changed(account(), "Vpcs", "vpc-1", Ipv6CidrBlockAssociationSet=[{"Ipv6CidrBlock": "2001:db8::/56"}])
    lists = changed(lists, "Subnets", "subnet-app", Ipv6CidrBlockAssociationSet=[{"Ipv6CidrBlock": "2001:db8:0:1::/64"}])
    lists = changed(lists, "NetworkInterfaces", "eni-app", Ipv6Addresses=[{"Ipv6Address": "2001:db8:0:1::10"}])
    entry = {"RuleNumber": 101, "RuleAction": "allow", "Protocol": "-1", "Ipv6CidrBlock": "::/0"}
    lists["NetworkAcls"][0]["Entries"] += [{**entry, "Egress": egress} for egress in (True, False)]
    lists["SecurityGroups"][1]["IpPermissionsEgress"].append({"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "::/0"}]})
    route = {"DestinationIpv6CidrBlock": "::/0", "EgressOnlyInternetGatewayId": "eigw-1", "State": "active", "Origin": "CreateRoute"}
    lists["RouteTables"][0]["Routes"].append(route)
    if gateway:
        lists["EgressOnlyInternetGateways"] = [
            {"EgressOnlyInternetGatewayId": "eigw-1", "Tags": [{"Key": "Name", "Value": "out"}], **gateway}
        ]
    return describe(**lists)


def test_describe_a_gateway(describe: Describe) -> None:
    network = described(describe, Attachments=[{"State": "attached", "VpcId": "vpc-1"}])
    found = network.snapshot.get(EgressOnlyGateway, "eigw-1")
    assert found is not None
    assert (found.name, found.vpc, found.attached) == ("out", "vpc-1", True)
    assert verdict(network, "i-app", "2a00::1") == "always"
    assert verdict(described(describe, Attachments=[]), "i-app", "2a00::1") == "never"


def test_a_gateway_that_was_not_read_is_a_gap(describe: Describe) -> None:
    assert verdict(described(describe), "i-app", "2a00::1") == "unknown"


def test_EIGW_1_a_gateway_attached_to_a_vpc_that_was_not_told_is_a_gap(describe: Describe, scenario: Scenario) -> None:
    network = described(describe, Attachments=[{"State": "attached"}])
    assert verdict(network, "i-app", "2a00::1") == "unknown"
    assert warnings(network) == ["egress-only internet gateway `eigw-1` is attached to a VPC that was not told"]
    told = "egress-only internet gateway `spare` is attached, but to which `vpc` is not said"
    assert errors(scenario, "egress_only_gateways: {spare: {attached: true}}") == [told]
