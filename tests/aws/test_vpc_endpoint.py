"""VPC endpoints in both spellings: gateway endpoints (GWE-1 to GWE-10) and interface endpoints (IFE-1 to IFE-7, IFE-9)."""

from __future__ import annotations

import pytest

from simulator.aws.network_interface import NetworkInterface
from simulator.aws.prefix_list import PrefixList
from tests.aws.reading import (
    Describe,
    Scenario,
    account,
    errors,
    interface,
    path,
    refusal,
    reply_path,
    verdict,
    warnings,
)

S3, S3_BLOCK = "52.218.0.1", "52.218.0.0/17"  # of S3 in eu-west-1
ELSEWHERE = "52.216.0.1"  # of S3 in us-east-1

NETWORK = """
vpcs: {main: {cidr: 10.0.0.0/16, region: eu-west-1, internet_gateway: igw}}
subnets:
  app: {vpc: main, cidr: 10.0.1.0/24, route_table: private, network_acl: app-acl}
  web: {vpc: main, cidr: 10.0.2.0/24, route_table: public}
  ends: {vpc: main, cidr: 10.0.3.0/24, network_acl: ends-acl}
  more: {vpc: main, cidr: 10.0.4.0/24, zone: b}
route_tables:
  private: {vpc: main}
  public: {vpc: main, routes: {0.0.0.0/0: igw}}
network_acls:
  app-acl: {vpc: main, inbound: {rule: 1, allow: all}, outbound: {rule: 1, allow: all}}
  ends-acl: {vpc: main, inbound: {rule: 1, allow: all}, outbound: {rule: 1, allow: all}}
security_groups:
  servers: {vpc: main}
  ends: {vpc: main, inbound: {from: servers, allow: [tcp/443, udp/443, icmp]}, outbound: []}
vpc_endpoints:
  s3: {vpc: main, service: s3, route_tables: [private, public]}
  sqs: {vpc: main, service: sqs, subnets: [ends, more], security_groups: ends}
instances:
  server: {subnet: app, security_groups: servers, ip: 10.0.1.10}
  front: {subnet: web, security_groups: servers, ip: 10.0.2.10, public_ip: 198.51.100.10}
"""


def but(*changes: tuple[str, str]) -> str:
    """The network with some words replaced, each of which is there once."""
    text = NETWORK
    for old, new in changes:
        assert text.count(old) == 1, (old, text.count(old))
        text = text.replace(old, new)
    return text


def only(tables: str) -> tuple[str, str]:
    return "route_tables: [private, public]", f"route_tables: [{tables}]"


# --- gateway endpoints -------------------------------------------------------------------------------------------------------------


def test_GWE_1_the_services_blocks_beat_the_default_route(scenario: Scenario) -> None:
    network = scenario(NETWORK)
    assert path(network, "front", S3)[-1] == "s3"
    assert path(network, "front", "192.0.2.1")[-2:] == ["igw", "internet"]


def test_GWE_1_a_static_route_for_exactly_its_block_beats_it(scenario: Scenario) -> None:
    static = ("routes: {0.0.0.0/0: igw}", f"routes: {{0.0.0.0/0: igw, {S3_BLOCK}: igw}}")
    assert path(scenario(but(static)), "front", S3)[-2:] == ["igw", "internet"]


def test_GWE_2_only_the_service_in_its_own_region_is_behind_it(scenario: Scenario) -> None:
    network = scenario(NETWORK)
    assert path(network, "front", ELSEWHERE)[-2:] == ["igw", "internet"]
    assert refusal(network, "server", ELSEWHERE)[1] == "NO_ROUTE_TO_DESTINATION"


def test_GWE_3_only_tables_that_are_associated_lead_there(scenario: Scenario) -> None:
    network = scenario(but(only("private")))
    assert verdict(network, "server", "service:s3") == "always"
    assert path(network, "front", S3)[-2:] == ["igw", "internet"]
    assert refusal(scenario(but(only("public"))), "server", "service:s3")[1] == "NO_ROUTE_TO_DESTINATION"


def test_GWE_4_addresses_stay_as_they_are_and_none_has_to_be_public(scenario: Scenario) -> None:
    answer = scenario(NETWORK).can("server", S3, "tcp/443")
    assert answer.forward is not None
    assert (str(answer.forward.sent).split()[1:], answer.forward.received) == (["10.0.1.10:50000", ">", f"{S3}:443"], answer.forward.sent)
    assert reply_path(scenario(NETWORK), "server", S3) == ["s3", "main", "app", "server-eni", "server"]


@pytest.mark.parametrize(("to", "told"), [("10.0.0.0/8", "never"), ("s3-prefixes", "always"), (S3_BLOCK, "always")])
def test_GWE_4_the_senders_group_sees_the_services_address(scenario: Scenario, to: str, told: str) -> None:
    network = scenario(but(("servers: {vpc: main}", f"servers: {{vpc: main, outbound: {{to: {to}, allow: tcp/443}}}}")))
    assert verdict(network, "server", S3) == told


@pytest.mark.parametrize(
    ("direction", "rule", "leg"),
    [
        ("inbound", "from: 10.0.0.0/8, allow: all", "reply"),
        ("inbound", f"from: {S3_BLOCK}, allow: tcp/32768-60999", ""),
        ("outbound", "to: 10.0.0.0/8, allow: all", "forward"),
        ("outbound", f"to: {S3_BLOCK}, allow: tcp/443", ""),
    ],
)
def test_NACL_18_the_senders_acl_sees_the_services_address(scenario: Scenario, direction: str, rule: str, leg: str) -> None:
    opened = "app-acl: {vpc: main, inbound: {rule: 1, allow: all}, outbound: {rule: 1, allow: all}}"
    network = scenario(but((opened, opened.replace(f"{direction}: {{rule: 1, allow: all}}", f"{direction}: {{rule: 1, {rule}}}"))))
    if leg:
        assert refusal(network, "server", S3)[:2] == (leg, "SUBNET_ACL_RESTRICTION")
    else:
        assert verdict(network, "server", S3) == "always"


@pytest.mark.parametrize("service", ["tcp/80", "tcp/443", "icmp/8/0"])
def test_GWE_5_tcp_and_ping_pass(scenario: Scenario, service: str) -> None:
    assert verdict(scenario(NETWORK), "server", S3, service) == "always"


@pytest.mark.parametrize("service", ["udp/53", "icmp/13", "esp"])
def test_GWE_5_nothing_else_does(scenario: Scenario, service: str) -> None:
    assert refusal(scenario(NETWORK), "server", S3, service)[1] == "VPCE_GATEWAY_PROTOCOL_RESTRICTION"


@pytest.mark.parametrize("far", ["10.1.0.0", "10.0.0.0"])
def test_GWE_6_nothing_from_outside_its_vpc(scenario: Scenario, far: str) -> None:
    """A packet that a transit gateway brings keeps its foreign source, also where it might be one of this VPC."""
    network = scenario(
        f"""
        vpcs: {{main: {{cidr: 10.0.0.0/16, region: eu-west-1}}, far: {{cidr: {far}/16, region: eu-west-1}}}}
        transit_gateways: {{tgw: {{}}}}
        transit_attachments:
          here: {{transit_gateway: tgw, vpc: main, subnets: app}}
          there: {{transit_gateway: tgw, vpc: far, subnets: away}}
        transit_route_tables: {{tgw-routes: {{transit_gateway: tgw, routes: {{0.0.0.0/0: here}}, propagations: [here, there]}}}}
        subnets:
          app: {{vpc: main, cidr: 10.0.1.0/24, route_table: private}}
          away: {{vpc: far, cidr: {far.removesuffix("0.0")}7.0/24, routes: {{0.0.0.0/0: tgw}}}}
        route_tables: {{private: {{vpc: main}}}}
        vpc_endpoints: {{s3: {{vpc: main, service: s3, route_tables: [private]}}}}
        instances: {{guest: {{subnet: away, ip: {far.removesuffix("0.0")}7.10}}, server: {{subnet: app}}}}
        """
    )
    assert verdict(network, "server", S3) == "always"
    assert refusal(network, "guest", S3) == ("forward", "GATEWAY_REJECTS_SPOOFED_TRAFFIC", "s3 interfaces of its own VPC only")


def test_GWE_8_the_service_opens_no_connections(scenario: Scenario) -> None:
    network = scenario(NETWORK)
    assert refusal(network, "service:s3", "server")[1] == "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS"
    (message,) = errors(lambda: network.can("s3", "server", "tcp/443"))
    assert message == "`s3` is a gateway endpoint: it has no interface; ask about `service:s3`"


def test_GWE_10_no_group_and_no_interface_stand_at_it(scenario: Scenario) -> None:
    network = scenario(NETWORK)
    assert path(network, "server", S3) == ["server", "server-eni", "app", "s3"]
    assert [one.id for one in network.snapshot.all(NetworkInterface) if one.owner == "s3"] == []


# --- interface endpoints -----------------------------------------------------------------------------------------------------------


def test_IFE_1_one_interface_in_each_subnet_with_the_default_group(scenario: Scenario) -> None:
    network = scenario(but((", security_groups: ends}", "}")))
    found = [one for one in network.snapshot.all(NetworkInterface) if one.owner == "sqs"]
    assert [(one.subnet, one.groups, len(one.private_addresses)) for one in found] == [
        ("ends", ("main-default",), 1),
        ("more", ("main-default",), 1),
    ]
    assert refusal(network, "server", "sqs-eni-ends")[2] == "main-default no ingress rule matches"


def test_IFE_1_two_subnets_in_one_zone_are_told(scenario: Scenario) -> None:
    network = scenario(but(("more: {vpc: main, cidr: 10.0.4.0/24, zone: b}", "more: {vpc: main, cidr: 10.0.4.0/24}")))
    assert warnings(network) == ["endpoint `sqs` has two subnets in one zone; AWS allows one for each zone (IFE-1)"]
    assert warnings(scenario(NETWORK)) == []


@pytest.mark.parametrize("end", ["sqs-eni-ends", "sqs-eni-more"])
@pytest.mark.parametrize("host", ["server", "front"])
def test_IFE_2_any_subnet_of_any_zone_uses_any_of_them(scenario: Scenario, host: str, end: str) -> None:
    network = scenario(NETWORK)
    assert verdict(network, host, end) == "always"
    assert "main" in path(network, host, end)


def test_IFE_3_its_group_judges_requests_and_not_answers(scenario: Scenario) -> None:
    network = scenario(NETWORK)  # its group has no outbound rule
    assert verdict(network, "server", "service:sqs") == "always"
    assert refusal(network, "server", "sqs-eni-more", "tcp/80")[1:] == ("ENI_SG_RULES_MISMATCH", "ends no ingress rule matches")
    closed = ("servers: {vpc: main}", "servers: {vpc: main, outbound: []}")
    assert refusal(scenario(but(closed)), "server", "sqs-eni-ends")[1:] == ("SG_HAS_NO_RULES", "servers no egress rule matches")


@pytest.mark.parametrize(
    ("old", "new", "leg"),
    [
        ("inbound: {rule: 1, allow: all}", "inbound: {rule: 1, from: 10.0.3.0/24, allow: all}", "forward"),
        ("outbound: {rule: 1, allow: all}", "outbound: {rule: 1, allow: tcp/443}", "reply"),
    ],
)
@pytest.mark.parametrize("which", ["ends-acl", "app-acl"])
def test_NACL_19_the_acls_of_both_subnets_judge_both_ways(scenario: Scenario, which: str, old: str, new: str, leg: str) -> None:
    opened = f"{which}: {{vpc: main, inbound: {{rule: 1, allow: all}}, outbound: {{rule: 1, allow: all}}}}"
    if which == "app-acl":  # the other way round: what goes out first is the request
        new, leg = new.replace("10.0.3.0/24", "10.0.9.0/24").replace("tcp/443", "tcp/80"), "forward" if leg == "reply" else "reply"
    network = scenario(but((opened, opened.replace(old, new))))
    assert refusal(network, "server", "sqs-eni-ends")[:2] == (leg, "SUBNET_ACL_RESTRICTION")


def test_NACL_19_within_one_subnet_there_is_none(scenario: Scenario) -> None:
    beside = but(
        ("ends-acl: {vpc: main, inbound: {rule: 1, allow: all}, outbound: {rule: 1, allow: all}}", "ends-acl: {vpc: main}"),
        ("server: {subnet: app, security_groups: servers, ip: 10.0.1.10", "server: {subnet: ends, security_groups: servers, ip: 10.0.3.10"),
    )
    assert verdict(scenario(beside), "server", "sqs-eni-ends") == "always"
    assert refusal(scenario(beside), "front", "sqs-eni-ends")[1] == "SUBNET_ACL_RESTRICTION"


def test_IFE_5_with_private_dns_the_services_name_leads_to_its_interfaces(scenario: Scenario) -> None:
    network = scenario(NETWORK)
    assert path(network, "server", "service:sqs")[-1] == "sqs"
    shut = ("ends-acl: {vpc: main, inbound: {rule: 1, allow: all}", "ends-acl: {vpc: main, inbound: {rule: 1, deny: all}")
    assert verdict(scenario(but(shut)), "server", "service:sqs") == "sometimes"  # which of the two a name leads to nobody can say


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("security_groups: ends}", "security_groups: ends, private_dns: false}"),
        ("region: eu-west-1", "region: eu-west-1, dns_support: false"),
        ("region: eu-west-1", "region: eu-west-1, dns_hostnames: false"),
    ],
)
def test_IFE_5_without_it_the_name_stands_for_public_addresses(scenario: Scenario, old: str, new: str) -> None:
    network = scenario(but((old, new)))
    assert refusal(network, "server", "service:sqs")[1] == "NO_ROUTE_TO_DESTINATION"
    assert path(network, "front", "service:sqs")[-1] == "internet"
    assert verdict(network, "server", "sqs-eni-ends") == "always"


def test_IFE_6_no_ping_is_answered(scenario: Scenario) -> None:
    network = scenario(NETWORK)
    assert [verdict(network, "server", "sqs", service) for service in ("tcp/443", "udp/443")] == ["always", "always"]
    assert refusal(network, "server", "sqs-eni-ends", "icmp")[1] == "PROTOCOL_RESTRICTION"


def test_IFE_6_also_where_only_the_interface_of_an_endpoint_was_read(describe: Describe) -> None:
    lists = account()
    lists["NetworkInterfaces"].append(interface("eni-9", "subnet-app", "10.0.1.77", "sg-app", InterfaceType="vpc_endpoint"))
    group = next(one for one in lists["SecurityGroups"] if one["GroupId"] == "sg-app")
    group["IpPermissions"] = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    network = describe(**lists)
    assert verdict(network, "i-web", "eni-9") == "always"
    assert refusal(network, "i-web", "eni-9", "icmp")[1] == "PROTOCOL_RESTRICTION"


@pytest.mark.parametrize("word", ["sqs", "sqs-eni-ends"])
def test_IFE_7_it_starts_nothing(scenario: Scenario, word: str) -> None:
    network = scenario(
        but(("ends: {vpc: main, inbound: {from: servers, allow: [tcp/443, udp/443, icmp]}, outbound: []}", "ends: {vpc: main}"))
    )
    (message,) = errors(lambda: network.can(word, "server", "tcp/443"))
    assert message == f"`{word}` starts no connections"


# --- spellings -----------------------------------------------------------------------------------------------------------------------


def test_only_two_services_have_gateway_endpoints(scenario: Scenario) -> None:
    (message,) = errors(scenario, but(("service: s3", "service: sns")))
    assert message == "endpoint `s3`: only s3 and dynamodb have gateway endpoints; say the `subnets` of an interface endpoint"


def test_the_list_of_a_scenarios_gateway_endpoint_may_be_named_in_groups(scenario: Scenario) -> None:
    found = scenario(NETWORK).snapshot.get(PrefixList, "s3-prefixes")
    assert found is not None
    assert S3_BLOCK in map(str, found.entries or ())
