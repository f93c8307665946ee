"""NAT64: IPv6 hosts reach IPv4 ones by a NAT gateway (RT-31, NAT-21 to NAT-23)."""

from __future__ import annotations

import pytest

import simulator
from simulator.aws.subnet import Subnet
from simulator.packet.prefix import format_address
from simulator.query.endpoints import embedded
from tests.aws.reading import Describe, Scenario, account, changed, errors, path, refusal, reply_path, verdict

NETWORK = """
vpcs: {main: {cidr: 10.0.0.0/16, ipv6_cidr: "2001:db8::/56", internet_gateway: igw}}
subnets:
  pub: {vpc: main, cidr: 10.0.0.0/24, routes: {0.0.0.0/0: igw}}
  six: {vpc: main, ipv6_cidr: "2001:db8:0:1::/64", routes: {"64:ff9b::/96": nat}}
  db:  {vpc: main, cidr: 10.0.2.0/24}
nat_gateways: {nat: {subnet: pub, public_ip: 198.51.100.5, private_ip: 10.0.0.5}}
instances:
  host:   {subnet: six, security_groups: open, ipv6: "2001:db8:0:1::10"}
  server: {subnet: db, security_groups: open, ip: 10.0.2.10}
  web:    {subnet: pub, security_groups: open, ip: 10.0.0.10, public_ip: 198.51.100.10}
"""


@pytest.fixture
def network(scenario: Scenario) -> simulator.Network:
    return scenario(NETWORK)


def changed_text(*changes: tuple[str, str]) -> str:
    text = NETWORK
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def test_NAT_22_to_the_internet_and_back(network: simulator.Network) -> None:
    answer = network.can("host", "64:ff9b::192.0.2.1", "tcp/443")
    assert answer.verdict.value == "always"
    assert answer.forward is not None
    assert answer.reply is not None
    assert str(answer.forward.sent) == "tcp [2001:db8:0:1::10]:50000 > [64:ff9b::c000:201]:443"
    assert str(answer.forward.received) == "tcp 198.51.100.5:50000 > 192.0.2.1:443"
    assert str(answer.reply.received) == "tcp [64:ff9b::c000:201]:443 > [2001:db8:0:1::10]:50000"
    assert path(network, "host", "64:ff9b::192.0.2.1") == ["host", "host-eni", "six", "pub", "nat", "pub", "igw", "internet"]
    back = ["internet", "igw", "main", "pub", "nat", "pub", "main", "six", "host-eni", "host"]
    assert reply_path(network, "host", "64:ff9b::192.0.2.1") == back


def test_NAT_22_to_hosts_of_the_vpc(network: simulator.Network) -> None:
    answer = network.can("host", "64:ff9b::10.0.2.10", "tcp/443")
    assert answer.verdict.value == "always"
    assert answer.forward is not None
    assert format_address(4, answer.forward.received.source) == "10.0.0.5"
    assert path(network, "host", "64:ff9b::10.0.2.10")[-1] == "server"
    assert refusal(network, "host", "64:ff9b::10.0.2.99")[1] == "NO_POSSIBLE_DESTINATION"
    assert verdict(network, "host", "64:ff9b::198.51.100.10") == "always"  # by its public address (IGW-12)


def test_NAT_22_a_ping_changes_its_protocol(network: simulator.Network) -> None:
    answer = network.can("host", "64:ff9b::192.0.2.1", "icmpv6")
    assert answer.verdict.value == "always"
    assert answer.forward is not None
    assert answer.reply is not None
    assert answer.forward.received.service == "icmp/8/0"
    assert answer.reply.received.service == "icmpv6/129/0"


def test_NAT_22_only_what_has_an_ipv4_form_is_translated(network: simulator.Network) -> None:
    for service in ("icmpv6/135", "esp", "proto/47"):
        assert refusal(network, "host", "64:ff9b::192.0.2.1", service)[1:] == ("PROTOCOL_RESTRICTION", "nat TCP, UDP and pings only")


def test_NAT_22_a_whole_block_is_asked_about_at_once(network: simulator.Network) -> None:
    answer = network.can("host", "64:ff9b::c000:0/104", "tcp/443")
    assert answer.verdict.value == "always"
    assert len(answer.cases) == 1


def test_RT_31_without_the_route_there_is_no_way(scenario: Scenario) -> None:
    network = scenario(changed_text((', routes: {"64:ff9b::/96": nat}', "")))
    assert refusal(network, "host", "64:ff9b::192.0.2.1")[1] == "NO_ROUTE_TO_DESTINATION"


def test_NAT_23_other_ipv6_is_dropped(scenario: Scenario) -> None:
    network = scenario(changed_text(('"64:ff9b::/96": nat', '"::/0": nat')))
    assert refusal(network, "host", "2a00::1")[1] == "PROTOCOL_RESTRICTION"
    assert verdict(network, "host", "64:ff9b::192.0.2.1") == "always"  # a longer route is not needed


def test_IGW_14_the_internet_knows_no_such_addresses(scenario: Scenario) -> None:
    network = scenario(changed_text(('"64:ff9b::/96": nat', '"::/0": igw')))
    assert refusal(network, "host", "64:ff9b::192.0.2.1")[1] == "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS"


def test_NAT_8_sources_of_its_own_vpc(scenario: Scenario) -> None:
    from simulator.evaluate.walk import round_trip
    from simulator.packet.flow import Flow

    graph = scenario(changed_text(("security_groups: open, ipv6", "source_dest_check: false, security_groups: open, ipv6"))).flow_graph
    flow = Flow.tcp("2001:db8:77::1", 40000, "64:ff9b::192.0.2.1", 443)
    trip = round_trip(graph, graph.entries["host-eni"].node, flow, expected=frozenset({"internet"}))
    assert trip.forward.steps[-1].code == "NGW_REQUIRES_SOURCE_IN_VPC"


def test_NAT_9_NAT_22_four_crossings_two_in_each_version(scenario: Scenario) -> None:
    def with_acl(*missing: str) -> simulator.Network:
        rules = {
            "1": 'inbound {rule: 1, from: "2001:db8::/56", allow: tcp/443}',
            "2": "outbound {rule: 2, to: 0.0.0.0/0, allow: tcp/443}",
            "3": "inbound {rule: 3, from: 0.0.0.0/0, allow: tcp/1024-65535}",
            "4": 'outbound {rule: 4, to: "2001:db8::/56", allow: tcp/1024-65535}',
        }
        kept = [rule.split(" ", 1) for number, rule in rules.items() if number not in missing]
        inbound, outbound = (", ".join(rule for side, rule in kept if side == wanted) for wanted in ("inbound", "outbound"))
        acl = f"network_acls: {{edge: {{vpc: main, inbound: [{inbound}], outbound: [{outbound}]}}}}"
        return scenario(changed_text(("pub: {", "pub: {network_acl: edge, ")) + acl)

    assert verdict(with_acl(), "host", "64:ff9b::192.0.2.1") == "always"
    for number, leg in (("1", "forward"), ("2", "forward"), ("3", "reply"), ("4", "reply")):
        assert refusal(with_acl(number), "host", "64:ff9b::192.0.2.1")[:2] == (leg, "SUBNET_ACL_RESTRICTION")


def test_NAT_22_a_host_in_the_gateways_own_subnet_can_use_it(scenario: Scenario) -> None:
    """Unlike over IPv4 (NAT-11): what comes out of the gateway has another route than what goes in."""
    network = scenario(
        changed_text(
            (
                "pub: {vpc: main, cidr: 10.0.0.0/24, routes: {",
                'pub: {vpc: main, ipv6_cidr: "2001:db8:0:2::/64", cidr: 10.0.0.0/24, routes: {"64:ff9b::/96": nat, ',
            ),
            ("web:    {subnet: pub, ", 'web:    {subnet: pub, ipv6: "2001:db8:0:2::10", '),
        )
    )
    assert verdict(network, "web", "64:ff9b::192.0.2.1") == "always"


def test_NAT_6_nothing_starts_from_outside(network: simulator.Network) -> None:
    assert refusal(network, "internet", "nat")[1] == "SIM_NAT_STATEFUL_INBOUND"
    (message,) = errors(lambda: network.can("64:ff9b::192.0.2.1", "host", "tcp/443"))
    assert message == "`64:ff9b::192.0.2.1` is how IPv6 hosts write an IPv4 address; nothing starts there (NAT-22)"


def test_NAT_16_a_private_gateway_translates_as_well(scenario: Scenario) -> None:
    network = scenario(changed_text(("public_ip: 198.51.100.5", "type: private")))
    assert verdict(network, "host", "64:ff9b::10.0.2.10") == "always"
    assert refusal(network, "host", "64:ff9b::192.0.2.1")[1] == "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS"


def test_LL_8_nothing_of_the_host_is_reached_that_way(network: simulator.Network) -> None:
    assert verdict(network, "host", "64:ff9b::169.254.169.254", "tcp/80") == "never"


def test_an_ipv4_address_is_not_for_a_host_without_ipv4(network: simulator.Network) -> None:
    assert refusal(network, "host", "192.0.2.1")[1] == "UNASSOCIATED_COMPONENT"


def test_a_private_address_that_nobody_asked_in_ipv6_stays_what_it_was(network: simulator.Network) -> None:
    assert [str(block) for block in embedded(network.snapshot.get(Subnet, "db").cidrs)] == ["64:ff9b::a00:200/120"]  # type: ignore[union-attr]


# --- DNS64 -----------------------------------------------------------------------------------------------------------------------------


def test_NAT_21_names_of_services_become_ipv6_addresses(scenario: Scenario) -> None:
    text = changed_text(("vpcs: {main: {", "vpcs: {main: {region: us-east-1, "))
    assert refusal(scenario(text), "host", "service:sqs")[1] == "UNASSOCIATED_COMPONENT"
    network = scenario(text.replace("six: {", "six: {dns64: true, "))
    assert verdict(network, "host", "service:sqs") == "always"
    assert "nat" in path(network, "host", "service:sqs")
    off = scenario(text.replace("six: {", "six: {dns64: true, ").replace("region:", "dns_support: false, region:"))
    assert verdict(off, "host", "service:sqs") == "never"


def test_NAT_21_a_host_with_both_versions_may_use_either(scenario: Scenario) -> None:
    network = scenario(
        changed_text(
            ("vpcs: {main: {", "vpcs: {main: {region: us-east-1, "),
            ("six: {vpc: main,", "six: {dns64: true, vpc: main, cidr: 10.0.3.0/24,"),
        )
    )
    answer = network.can("host", "service:sqs", "tcp/443")
    assert {(case.when["ip_version"], case.verdict.value) for case in answer.cases} == {("IPv4", "never"), ("IPv6", "always")}


def test_NAT_21_describe_the_attribute(describe: Describe) -> None:
    network = describe(**changed(account(), "Subnets", "subnet-app", EnableDns64=True))
    found = {subnet.id: subnet.dns64 for subnet in network.snapshot.all(Subnet)}
    assert found == {"subnet-app": True, "subnet-pub": False}


def test_NAT_21_a_service_that_others_reach_by_a_gateway_endpoint(scenario: Scenario) -> None:
    text = changed_text(("vpcs: {main: {", "vpcs: {main: {region: us-east-1, "), ("six: {", "six: {dns64: true, "))
    text += "\nvpc_endpoints: {s3: {vpc: main, service: s3, route_tables: t}}\nroute_tables: {t: {vpc: main}}"
    assert verdict(scenario(text), "host", "service:s3") == "always"
