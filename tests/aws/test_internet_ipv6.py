"""IPv6 through internet gateways: no translation, exposed by the route alone (IGW-14 to IGW-16, MODEL-2)."""

from __future__ import annotations

from typing import Any

import pytest

import simulator
from simulator.packet.prefix import format_address
from tests.aws.reading import Describe, Scenario, account, changed, path, refusal, reply_path, verdict

NETWORK = """
vpcs: {main: {cidr: 10.0.0.0/16, ipv6_cidr: ["2001:db8::/56", "fd12:3456:789a::/56"], internet_gateway: igw}}
subnets:
  pub:  {vpc: main, cidr: 10.0.1.0/24, ipv6_cidr: "2001:db8:0:1::/64", routes: {"::/0": igw}}
  old:  {vpc: main, cidr: 10.0.2.0/24, ipv6_cidr: "2001:db8:0:2::/64", routes: {0.0.0.0/0: igw}}
  ula:  {vpc: main, ipv6_cidr: "fd12:3456:789a:1::/64", routes: {"::/0": igw}}
security_groups: {members: {vpc: main, inbound: {from: open, allow: all}}}
instances:
  web:    {subnet: pub, security_groups: open, ipv6: "2001:db8:0:1::10", prefixes: "2001:db8:0:1:1::/80"}
  shy:    {subnet: pub, security_groups: members, ipv6: "2001:db8:0:1::11"}
  lost:   {subnet: old, security_groups: open, ipv6: "2001:db8:0:2::10", public_ip: 198.51.100.2}
  inner:  {subnet: ula, security_groups: open, ipv6: "fd12:3456:789a:1::10"}
"""


@pytest.fixture
def network(scenario: Scenario) -> simulator.Network:
    return scenario(NETWORK)


def test_IGW_14_the_address_is_used_as_it_is(network: simulator.Network) -> None:
    answer = network.can("web", "2a00::1", "tcp/443")
    assert answer.verdict.value == "always"
    assert answer.forward is not None
    assert format_address(6, answer.forward.received.source) == "2001:db8:0:1::10"
    assert path(network, "web", "2a00::1") == ["web", "web-eni", "pub", "igw", "internet"]
    assert reply_path(network, "web", "2a00::1") == ["internet", "igw", "main", "pub", "web-eni", "web"]


def test_IGW_15_a_route_exposes_every_address_of_the_subnet(network: simulator.Network) -> None:
    assert verdict(network, "internet", "2001:db8:0:1::10") == "always"
    assert path(network, "internet", "2001:db8:0:1::10") == ["internet", "igw", "main", "pub", "web-eni", "web"]
    assert verdict(network, "internet", "2001:db8:0:1:1::7") == "always"  # a delegated address
    assert verdict(network, "2001:db8:0:1:1::7", "2a00::1") == "always"
    assert refusal(network, "internet", "2001:db8:0:1::11")[1] == "ENI_SG_RULES_MISMATCH"


def test_IGW_15_the_internet_asks_over_both_versions(network: simulator.Network) -> None:
    answer = network.can("internet", "web", "tcp/443")
    assert answer.verdict.value == "sometimes"
    assert {(case.when["ip_version"], case.verdict.value) for case in answer.cases} == {("IPv4", "never"), ("IPv6", "always")}
    out = network.can("web", "internet", "tcp/443")
    assert {(case.when["ip_version"], case.verdict.value) for case in out.cases} == {("IPv4", "never"), ("IPv6", "always")}
    assert verdict(network, "internet", "web", "icmpv6") == "always"
    assert verdict(network, "internet", "web", "icmp") == "never"


def test_MODEL_2_a_default_route_for_ipv4_carries_no_ipv6(network: simulator.Network) -> None:
    assert refusal(network, "lost", "2a00::1")[1:] == ("NO_ROUTE_TO_DESTINATION", "old-routes no route matches")
    (leg, code, _) = refusal(network, "internet", "2001:db8:0:2::10")
    assert (leg, code) == ("reply", "NO_ROUTE_TO_DESTINATION")


def test_IGW_14_a_private_ipv6_range_cannot_use_the_gateway(network: simulator.Network) -> None:
    assert refusal(network, "inner", "2a00::1") == ("forward", "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS", "igw public IPv6 sources only")
    assert refusal(network, "internet", "fd12:3456:789a:1::10")[1] == "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS"
    assert verdict(network, "inner", "2001:db8:0:1::10") == "always"


def test_MODEL_10_an_unused_address_of_a_block_is_reached_by_nobody(scenario: Scenario) -> None:
    two = NETWORK.replace("vpcs: {", 'vpcs: {far: {cidr: 10.1.0.0/16, ipv6_cidr: "2001:db8:9::/56", internet_gateway: far-igw}, ')
    network = scenario(two)
    assert refusal(network, "web", "2001:db8:9::77")[1:] == ("NO_POSSIBLE_DESTINATION", "far its blocks")
    assert refusal(scenario(two.replace(", internet_gateway: far-igw", "")), "web", "2001:db8:9::77")[1] == "NO_POSSIBLE_DESTINATION"


def test_IGW_6_a_source_of_another_vpc_is_refused(scenario: Scenario) -> None:
    text = """
    vpcs:
      main: {cidr: 10.0.0.0/16, ipv6_cidr: "2001:db8::/56", internet_gateway: igw}
      far: {cidr: 10.1.0.0/16, ipv6_cidr: "2001:db8:9::/56"}
    subnets:
      t: {vpc: main, cidr: 10.0.1.0/24, ipv6_cidr: "2001:db8:0:1::/64", routes: {"::/0": igw, "2001:db8:9::/56": tgw}}
      f: {vpc: far, cidr: 10.1.1.0/24, ipv6_cidr: "2001:db8:9:1::/64", routes: {"::/0": tgw}}
    security_groups: {open-far: {vpc: far}}
    instances: {client: {subnet: f, security_groups: open-far, ipv6: "2001:db8:9:1::10"}}
    transit_gateways: {tgw: {default_association: false}}
    transit_attachments:
      m: {transit_gateway: tgw, vpc: main, subnets: t, route_table: all}
      o: {transit_gateway: tgw, vpc: far, subnets: f, route_table: all}
    transit_route_tables: {all: {transit_gateway: tgw, routes: {"::/0": m, "2001:db8:9::/56": o}}}
    """
    network = scenario(text)
    assert refusal(network, "client", "2a00::1")[1] == "GATEWAY_REJECTS_SPOOFED_TRAFFIC"


def test_SG_13_over_the_internet_no_group_is_known(scenario: Scenario) -> None:
    far = """
    vpcs: {far: {cidr: 10.1.0.0/16, ipv6_cidr: "2001:db8:9::/56", internet_gateway: far-igw}}
    subnets: {f: {vpc: far, ipv6_cidr: "2001:db8:9:1::/64", routes: {"::/0": far-igw}}}
    security_groups: {far-group: {vpc: far, inbound: {from: GROUP, allow: all}}}
    instances: {server: {subnet: f, security_groups: far-group}}
    """
    import yaml

    def both(group: str) -> simulator.Network:
        one, two = yaml.safe_load(NETWORK), yaml.safe_load(far.replace("GROUP", group))
        merged = {key: {**one.get(key, {}), **two.get(key, {})} for key in {*one, *two}}
        return scenario(yaml.safe_dump(merged))

    assert verdict(both('"::/0"'), "web", "server") == "always"
    assert refusal(both("open"), "web", "server")[1] == "SG_REFERENCES_NOT_PRESERVED"


def test_RT_20_a_gateways_table_is_followed_for_ipv6(scenario: Scenario) -> None:
    text = """
    vpcs: {main: {cidr: 10.0.0.0/16, ipv6_cidr: "2001:db8::/56", internet_gateway: igw}}
    subnets:
      front: {vpc: main, ipv6_cidr: "2001:db8:0:1::/64", routes: {"::/0": fw-eni}}
      fwnet: {vpc: main, cidr: 10.0.2.0/24, ipv6_cidr: "2001:db8:0:2::/64", routes: {"::/0": igw}}
    route_tables: {edge: {vpc: main, gateways: igw, routes: {"2001:db8:0:1::/64": fw-eni}}}
    instances:
      fw:  {subnet: fwnet, security_groups: open, ipv6: true, source_dest_check: false, forwards: route}
      web: {subnet: front, security_groups: open, ipv6: "2001:db8:0:1::10"}
    """
    network = scenario(text)
    assert "fw" in path(network, "internet", "2001:db8:0:1::10")
    assert verdict(network, "internet", "2001:db8:0:1::10") == "always"


# --- closed addresses ------------------------------------------------------------------------------------------------------------------

ENDPOINT = """
vpcs: {main: {cidr: 10.0.0.0/16, ipv6_cidr: "2001:db8::/56", internet_gateway: igw}}
subnets:
  pub: {vpc: main, cidr: 10.0.1.0/24, ipv6_cidr: "2001:db8:0:1::/64", routes: {"::/0": igw}}
  six: {vpc: main, ipv6_cidr: "2001:db8:0:2::/64", routes: {"::/0": igw}}
vpc_endpoints: {sqs: {vpc: main, service: sqs, subnets: six, security_groups: open}}
instances: {web: {subnet: pub, security_groups: open, ipv6: true}}
"""


def test_IGW_16_IFE_8_endpoints_are_closed_to_the_internet(scenario: Scenario) -> None:
    network = scenario(ENDPOINT)
    assert verdict(network, "web", "sqs") == "always"
    assert refusal(network, "internet", "sqs")[1:] == ("IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS", "sqs-eni-six closed to the internet")
    assert verdict(network, "internet", "web", "icmpv6") == "always"


# --- describe --------------------------------------------------------------------------------------------------------------------------


def dual_stack(**eni: object) -> dict[str, list[dict[str, Any]]]:
    """The account, with IPv6 in its public subnet."""
    lists = changed(account(), "Vpcs", "vpc-1", Ipv6CidrBlockAssociationSet=[{"Ipv6CidrBlock": "2001:db8::/56"}])
    lists = changed(lists, "Subnets", "subnet-pub", Ipv6CidrBlockAssociationSet=[{"Ipv6CidrBlock": "2001:db8:0:2::/64"}])
    lists = changed(lists, "NetworkInterfaces", "eni-web", Ipv6Addresses=[{"Ipv6Address": "2001:db8:0:2::10"}], **eni)
    entry = {"RuleNumber": 101, "RuleAction": "allow", "Protocol": "-1", "Ipv6CidrBlock": "::/0"}
    lists["NetworkAcls"][0]["Entries"] += [{**entry, "Egress": egress} for egress in (True, False)]
    lists["SecurityGroups"][0]["IpPermissions"][0]["Ipv6Ranges"] = [{"CidrIpv6": "::/0"}]
    route = {"DestinationIpv6CidrBlock": "::/0", "GatewayId": "igw-1", "State": "active", "Origin": "CreateRoute"}
    lists["RouteTables"][1]["Routes"].append(route)
    return lists


def test_IGW_15_describe_an_exposed_instance(describe: Describe) -> None:
    network = describe(**dual_stack())
    assert verdict(network, "internet", "2001:db8:0:2::10") == "always"
    assert verdict(network, "internet", "i-web") == "always"  # over both versions


def test_IGW_16_describe_an_interface_that_is_closed(describe: Describe) -> None:
    network = describe(**dual_stack(DenyAllIgwTraffic=True))
    assert refusal(network, "internet", "2001:db8:0:2::10")[1] == "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS"


def test_gateways_that_were_not_read_leave_ipv6_unknown(describe: Describe) -> None:
    lists = changed(account(), "Vpcs", "vpc-1", Ipv6CidrBlockAssociationSet=[{"Ipv6CidrBlock": "2001:db8::/56"}])
    lists = changed(lists, "NetworkInterfaces", "eni-web", Ipv6Addresses=[{"Ipv6Address": "2001:db8:0:2::10"}])
    lists = changed(lists, "Subnets", "subnet-pub", Ipv6CidrBlockAssociationSet=[{"Ipv6CidrBlock": "2001:db8:0:2::/64"}])
    del lists["InternetGateways"], lists["NetworkAcls"]
    lists["SecurityGroups"][0]["IpPermissions"][0]["Ipv6Ranges"] = [{"CidrIpv6": "::/0"}]
    assert verdict(describe(**lists), "internet", "2001:db8:0:2::10", one_way=True) == "unknown"


# --- services with IPv6 ------------------------------------------------------------------------------------------------------------------

SERVICES = """
vpcs: {main: {cidr: 10.0.0.0/16, ipv6_cidr: "2001:db8::/56", internet_gateway: igw, region: us-east-1}}
subnets: {a: {vpc: main, cidr: 10.0.1.0/24, ipv6_cidr: "2001:db8:0:1::/64"}, b: {vpc: main, ipv6_cidr: "2001:db8:0:2::/64", route_table: t}}
prefix_lists: {six: {entries: "2600:1f00::/24"}}
route_tables: {t: {vpc: main}, by-list: {vpc: main, routes: {six: ddb}}}
vpc_endpoints: {sqs: {vpc: main, service: sqs, subnets: a, security_groups: open, ipv6: true}}
databases: {db: {subnets: a, security_groups: open, ipv6: true}}
instances: {host: {subnet: b, security_groups: open}}
"""


def test_services_in_subnets_may_have_ipv6_addresses(scenario: Scenario) -> None:
    network = scenario(SERVICES.replace(", by-list: {vpc: main, routes: {six: ddb}}", ""))
    assert verdict(network, "host", "db", "tcp/5432") == "always"
    assert verdict(network, "host", "sqs") == "always"
    assert verdict(network, "host", "service:sqs") == "always"  # the name leads to the endpoint, of which only IPv6 is heard
    assert refusal(network, "internet", "2001:db8:0:1::4")[1] == "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS"


@pytest.mark.parametrize(("service", "expected"), [("dynamodb", "always"), ("s3", "never")])
def test_GWE_7_dynamodb_by_ipv6_s3_not(describe: Describe, service: str, expected: str) -> None:
    lists = dual_stack()
    name = f"com.amazonaws.us-east-1.{service}"
    lists["VpcEndpoints"] = [{"VpcEndpointId": "vpce-1", "VpcEndpointType": "Gateway", "VpcId": "vpc-1", "ServiceName": name}]
    lists["PrefixLists"] = [{"PrefixListId": "pl-1", "PrefixListName": name, "Cidrs": ["2600:1f00::/24"]}]
    lists["RouteTables"][1]["Routes"].append({"DestinationPrefixListId": "pl-1", "GatewayId": "vpce-1", "State": "active"})
    lists["SecurityGroups"][0]["IpPermissionsEgress"].append({"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "::/0"}]})
    network = describe(**lists)
    assert verdict(network, "i-web", "2600:1f00::1") == expected
    assert verdict(network, "i-web", "2600:1f00::1", "icmpv6") == expected
    assert refusal(network, "i-web", "2600:1f00::1", "udp/53")[1] == "VPCE_GATEWAY_PROTOCOL_RESTRICTION"
