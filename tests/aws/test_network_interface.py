"""Network interfaces in both spellings: addresses, groups, the order of checks, source/destination check (ENI-2 to ENI-8, VPC-9)."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.aws.network_interface import NetworkInterface
from simulator.graph.nodes import Filter
from tests.aws.reading import Describe, Scenario, account, changed, errors, interface, refusal, verdict, warnings

HOSTS = """
subnets:
  a: {vpc: main, cidr: 10.0.1.0/24, routes: {0.0.0.0/0: igw}}
  b: {vpc: main, cidr: 10.0.2.0/24, routes: {0.0.0.0/0: igw}}
interfaces:
  one: {subnet: a, security_groups: open, ip: 10.0.1.10}
  two: {subnet: b, security_groups: open, ip: 10.0.2.10}
"""


def more(text: str) -> str:
    return HOSTS + text


def test_the_interface_of_a_scenario(scenario: Scenario) -> None:
    further = "secondary_ips: {10.0.1.21: 198.51.100.2, 10.0.1.22: }"
    text = f"  many: {{subnet: a, security_groups: [open], ip: 10.0.1.20, public_ip: 198.51.100.1, {further}}}"
    found = scenario(more(text)).snapshot.get(NetworkInterface, "many")
    assert found is not None
    assert [(address.private[1] & 255, address.public and address.public[1] & 255) for address in found.addresses] == [
        (20, 1),
        (21, 2),
        (22, None),
    ]
    assert (found.vpc, found.groups, found.check, found.attached) == ("main", ("open",), True, True)


def test_the_interface_of_a_describe_answer(describe: Describe) -> None:
    pairs = [
        {"PrivateIpAddress": "10.0.1.12", "Primary": False, "Association": {"PublicIp": "198.51.100.12"}},
        {"PrivateIpAddress": "10.0.1.10", "Primary": True},
    ]
    lists = changed(
        account(),
        "NetworkInterfaces",
        "eni-app",
        PrivateIpAddresses=pairs,
        Ipv6Addresses=[{"Ipv6Address": "2001:db8::5"}],
        SourceDestCheck=False,
        TagSet=[{"Key": "Name", "Value": "the app"}],
    )
    found = describe(**lists).snapshot.get(NetworkInterface, "eni-app")
    assert found is not None
    assert [(address.private[0], address.private[1] & 255, bool(address.public)) for address in found.addresses] == [
        (4, 10, False),
        (4, 12, True),
        (6, 5, False),
    ]
    assert (found.name, found.check, found.groups, found.owner, found.replies_only) == ("the app", False, ("sg-app",), "i-app", False)


@pytest.mark.parametrize(
    ("changes", "attached"),
    [
        ({"Status": "available", "Attachment": None}, False),
        ({"Status": "in-use"}, True),
        ({"Status": "available"}, True),
    ],
)
def test_the_attachment_of_a_described_interface(describe: Describe, changes: dict[str, Any], attached: bool) -> None:
    found = describe(**changed(account(), "NetworkInterfaces", "eni-app", **changes)).snapshot.get(NetworkInterface, "eni-app")
    assert found is not None
    assert found.attached is attached


# --- addresses ---------------------------------------------------------------------------------------------------------------------


def test_ENI_1_whatever_has_an_address_in_a_vpc_is_an_interface_in_one_subnet(scenario: Scenario) -> None:
    text = """
nat_gateways: {nat: {subnet: b, public_ip: 198.51.100.5}}
instances: {host: {subnet: a}}
lambdas: {fn: {subnets: [a, b]}}
databases: {db: {subnets: a}}
caches: {hot: {subnets: b}}
vpc_endpoints: {sqs: {vpc: main, service: sqs, subnets: b}}
"""
    found = [one for one in scenario(more(text)).snapshot.all(NetworkInterface) if one.id not in ("one", "two")]
    assert sorted((one.owner, one.subnet) for one in found) == [
        ("db", "a"), ("fn", "a"), ("fn", "b"), ("host", "a"), ("hot", "b"), ("nat", "b"), ("sqs", "b"),
    ]  # fmt: skip
    held = [(one.subnet, address) for one in found for address in one.private_addresses]
    assert len(set(held)) == len(held) == len(found)
    assert all(address[1] >> 8 == {"a": 0x0A0001, "b": 0x0A0002}[subnet] for subnet, address in held)


def test_SG_28_SVC_11_groups_filter_dns_servers_that_are_interfaces(scenario: Scenario) -> None:
    """A resolver endpoint of Route 53 is nothing but an interface with groups."""
    text = """
security_groups: {dns: {vpc: main, inbound: {from: 10.0.1.0/24, allow: udp/53}}}
"""
    hosts = HOSTS.replace("two: {subnet: b, security_groups: open", "two: {subnet: b, security_groups: dns")
    network = scenario(hosts + text)
    assert verdict(network, "one", "two", "udp/53") == "always"
    assert refusal(network, "one", "two", "tcp/53")[1] == "ENI_SG_RULES_MISMATCH"
    assert verdict(network, "one", "10.0.0.2", "tcp/53") == "always"  # Amazon's own is not filtered (SG-27)


def test_ENI_2_every_address_of_an_interface_is_its_own(scenario: Scenario) -> None:
    network = scenario(more("  many: {subnet: b, security_groups: open, ip: 10.0.2.20, secondary_ips: {10.0.2.21: }}"))
    assert [verdict(network, "one", ip) for ip in ("10.0.2.20", "10.0.2.21")] == ["always", "always"]
    assert verdict(network, "10.0.2.21", "one") == "always"


PREFIXES = HOSTS.replace("ip: 10.0.1.10", "ip: 10.0.1.10, prefixes: 10.0.1.16/28")


@pytest.mark.parametrize(
    ("address", "told"), [("10.0.1.15", "never"), ("10.0.1.16", "always"), ("10.0.1.31", "always"), ("10.0.1.32", "never")]
)
def test_ENI_2_every_address_of_a_delegated_prefix_is_its_own(scenario: Scenario, address: str, told: str) -> None:
    network = scenario(PREFIXES)
    assert verdict(network, "two", address) == told
    if told == "always":
        assert verdict(network, address, "two") == "always"
        assert network.can(address, "two", "tcp/443").forward.sent.source & 255 == int(address.rpartition(".")[2])  # type: ignore[union-attr]


def test_ENI_2_a_block_means_the_delegated_addresses_in_it(scenario: Scenario) -> None:
    rules = "security_groups: {half: {vpc: main, inbound: {from: 10.0.1.16/29, allow: all}}}"
    network = scenario(PREFIXES.replace("two: {subnet: b, security_groups: open", "two: {subnet: b, security_groups: half") + rules)
    told = [verdict(network, word, "two") for word in ("10.0.1.16/29", "10.0.1.24/29", "10.0.1.16/28")]
    assert told == ["always", "never", "sometimes"]


def test_VPC_9_delegated_addresses_are_not_free(scenario: Scenario) -> None:
    hosts = PREFIXES.replace("prefixes: 10.0.1.16/28", "prefixes: 10.0.1.0/28") + "  free: {subnet: a}\n"
    found = scenario(hosts).snapshot.get(NetworkInterface, "free")
    assert found is not None
    assert found.private_addresses == ((4, 0x0A000110),)


def test_ENI_3_every_address_has_the_same_groups(scenario: Scenario) -> None:
    groups = "\nsecurity_groups: {web: {vpc: main, inbound: {from: 0.0.0.0/0, allow: tcp/80}}}"
    network = scenario(more("  many: {subnet: b, security_groups: web, ip: 10.0.2.20, secondary_ips: {10.0.2.21: }}") + groups)
    assert [verdict(network, "one", ip, "tcp/80") for ip in ("10.0.2.20", "10.0.2.21")] == ["always", "always"]
    assert [verdict(network, "one", ip, "tcp/81") for ip in ("10.0.2.20", "10.0.2.21")] == ["never", "never"]


def test_VPC_9_free_addresses_start_behind_the_four_that_aws_keeps(scenario: Scenario) -> None:
    snapshot = scenario(more("  new: {subnet: a, security_groups: open}\n  newer: {subnet: a, security_groups: open}")).snapshot
    found = [snapshot.get(NetworkInterface, name) for name in ("new", "newer")]
    assert [one.private_addresses for one in found if one] == [((4, 0x0A000104),), ((4, 0x0A000105),)]


def test_VPC_9_a_free_address_is_nobody_elses(scenario: Scenario) -> None:
    text = (
        "  new: {subnet: a, security_groups: open}\n  early: {subnet: a, security_groups: open, ip: 10.0.1.4, secondary_ips: {10.0.1.5: }}"
    )
    found = scenario(more(text)).snapshot.get(NetworkInterface, "new")
    assert found is not None
    assert found.private_addresses == ((4, 0x0A000106),)


def test_VPC_9_a_28_has_eleven_addresses(scenario: Scenario) -> None:
    def many(count: int) -> str:
        listed = "\n".join(f"  i{number}: {{subnet: small, security_groups: open}}" for number in range(count))
        return f"subnets: {{small: {{vpc: main, cidr: 10.0.3.0/28}}}}\ninterfaces:\n{listed}"

    assert warnings(scenario(many(11))) == []
    assert errors(scenario, many(12)) == ["subnet `small` has no free IPv4 address left for `i11`"]


@pytest.mark.parametrize("last", [0, 1, 2, 3, 255])
def test_VPC_9_reserved_addresses_are_told(scenario: Scenario, last: int) -> None:
    network = scenario(more(f"  odd: {{subnet: a, security_groups: open, ip: 10.0.1.{last}}}"))
    assert warnings(network) == [f"network interface `odd`: 10.0.1.{last} is reserved by AWS in 10.0.1.0/24 (VPC-9)"]


def test_an_address_outside_the_subnet_is_told(scenario: Scenario) -> None:
    network = scenario(more("  odd: {subnet: a, security_groups: open, ip: 10.0.2.77}"))
    assert warnings(network) == ["network interface `odd`: 10.0.2.77 lies outside its subnet `a` (10.0.1.0/24)"]


def test_a_public_address_may_stand_without_the_private_one(scenario: Scenario) -> None:
    network = scenario(more("  web: {subnet: a, security_groups: open, public_ip: 198.51.100.1}"))
    assert verdict(network, "internet", "web") == "always"
    found = network.snapshot.get(NetworkInterface, "web")
    assert found is not None
    assert found.private_addresses == ((4, 0x0A000104),)


# --- checks ------------------------------------------------------------------------------------------------------------------------


def test_MODEL_8_the_order_of_checks(scenario: Scenario) -> None:
    """All are closed; the first one in AWS's order is the blocker, and all of them are told when asked for."""
    network = scenario(
        """
        subnets:
          a: {vpc: main, cidr: 10.0.1.0/24, network_acl: closed}
          b: {vpc: main, cidr: 10.0.2.0/24, network_acl: closed}
        network_acls: {closed: {vpc: main}}
        security_groups: {shut: {vpc: main, inbound: [], outbound: []}}
        interfaces:
          one: {subnet: a, security_groups: shut, ip: 10.0.1.10}
          two: {subnet: b, security_groups: shut, ip: 10.0.2.10}
        """
    )
    assert refusal(network, "one", "two") == ("forward", "SG_HAS_NO_RULES", "shut no egress rule matches")
    blockers = network.can("one", "two", "tcp/443", all_blockers=True).blockers
    assert [(blocker.leg, f"{blocker.resource} {blocker.origin.part if blocker.origin else ''}") for blocker in blockers] == [
        ("forward", "shut no egress rule matches"),
        ("forward", "closed egress rule *"),
        ("forward", "closed ingress rule *"),
        ("forward", "shut no ingress rule matches"),
        ("reply", "closed egress rule *"),
        ("reply", "closed ingress rule *"),
    ]


def test_ENI_4_packets_for_others_are_refused_on_arrival(scenario: Scenario) -> None:
    hosts = HOSTS.replace("10.0.1.0/24, routes: {0.0.0.0/0: igw}", "10.0.1.0/24, routes: {0.0.0.0/0: two}")
    network = scenario(hosts)
    assert refusal(network, "one", "192.0.2.1") == ("forward", "ENI_SOURCE_DEST_CHECK_RESTRICTION", "two destination check")
    off = scenario(hosts.replace("ip: 10.0.2.10", "ip: 10.0.2.10, source_dest_check: false"))
    answer = off.can("one", "192.0.2.1", "tcp/443")
    assert answer.verdict.value == "unknown"  # what the guest does with it, no input says
    assert [(gap.place, gap.what) for gap in answer.gaps] == [("two", "what the guest does with packets for others")]


def test_ENI_4_the_source_must_be_one_of_its_own_unless_the_check_is_off(scenario: Scenario) -> None:
    """Seen in the graph: no question starts with a foreign source."""
    network = scenario(more("  router: {subnet: b, security_groups: open, ip: 10.0.2.20, source_dest_check: false}"))
    checks = {node.place.id for node in network.flow_graph.nodes if isinstance(node, Filter) and "check, outbound" in node.what}
    assert checks == {"one", "two"}


def test_ENI_5_IGW_6_a_foreign_source_is_refused_by_the_gateway(scenario: Scenario) -> None:
    """A guest that forwards unchanged sends with the client's address; the client's address has no public one either way."""
    network = scenario(
        """
        vpcs:
          main: {cidr: 10.0.0.0/16, internet_gateway: igw}
        subnets:
          a: {vpc: main, cidr: 10.0.1.0/24, routes: {0.0.0.0/0: router-eni}}
          b: {vpc: main, cidr: 10.0.2.0/24, routes: {0.0.0.0/0: igw}}
        interfaces: {one: {subnet: a, security_groups: open, ip: 10.0.1.10}}
        instances:
          router: {subnet: b, security_groups: open, ip: 10.0.2.9, public_ip: 198.51.100.9, source_dest_check: false, forwards: route}
        """
    )
    assert refusal(network, "one", "192.0.2.1")[:2] == ("forward", "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS")


def test_ENI_10_groups_and_acls_see_private_addresses(scenario: Scenario) -> None:
    groups = "\nsecurity_groups: {https: {vpc: main, inbound: {from: 0.0.0.0/0, allow: tcp/443}}}"
    network = scenario(more("  web: {subnet: a, security_groups: https, ip: 10.0.1.20, public_ip: 198.51.100.1}") + groups)
    answer = network.can("internet", "web", "tcp/443")
    assert answer.forward is not None
    seen = [step.before.destination for hop in answer.forward.hops for step in hop.steps if hop.place.id in ("a", "web")]
    assert set(seen) == {0x0A000114}


def test_ENI_11_from_inside_the_private_address_is_asked_about(scenario: Scenario) -> None:
    network = scenario(more("  web: {subnet: b, security_groups: open, ip: 10.0.2.20, public_ip: 198.51.100.1}"))
    assert "igw" not in [hop.place.id for hop in network.can("one", "web", "tcp/443").forward.hops]
    assert "igw" in [hop.place.id for hop in network.can("internet", "web", "tcp/443").forward.hops]


# --- groups and what was not read ----------------------------------------------------------------------------------------------------


def test_an_interface_whose_groups_nobody_names_is_a_gap(describe: Describe) -> None:
    answer = describe(**changed(account(), "NetworkInterfaces", "eni-app", Groups=[])).can("i-web", "i-app", "tcp/8080")
    assert answer.verdict.value == "unknown"
    assert [gap.resource for gap in answer.gaps] == ["eni-app"]


@pytest.mark.parametrize("kind", ["nat_gateway", "transit_gateway", "gateway_load_balancer_endpoint"])
def test_SG_10_interfaces_without_groups_belong_to_something_that_decides(describe: Describe, kind: str) -> None:
    lists = account()
    lists["NetworkInterfaces"].append(interface("eni-odd", "subnet-app", "10.0.1.77", InterfaceType=kind))
    answer = describe(**lists).can("i-web", "10.0.1.77", "tcp/443")
    assert answer.verdict.value == "unknown"
    assert [gap.place for gap in answer.gaps] == ["eni-odd"]


def test_a_subnet_that_was_not_read_is_told(describe: Describe) -> None:
    lists = changed(account(), "NetworkInterfaces", "eni-app", SubnetId="subnet-9")
    assert "network interface `eni-app` lies in subnet `subnet-9`, which was not read" in warnings(describe(**lists))


def test_LAMBDA_14_a_public_address_of_a_functions_interface_is_ignored_and_told(describe: Describe) -> None:
    lists = account()
    lists["NetworkInterfaces"].append(
        interface("eni-fn", "subnet-pub", "10.0.0.77", "sg-app", public="198.51.100.77", InterfaceType="lambda")
    )
    network = describe(**lists)
    assert "network interface `eni-fn`: a function has no public address; it is ignored (LAMBDA-14)" in warnings(network)
    found = network.snapshot.get(NetworkInterface, "eni-fn")
    assert found is not None
    assert (found.replies_only, found.addresses[0].public) == (True, None)


def test_two_holders_of_one_address_are_told(describe: Describe) -> None:
    lists = account()
    for name, private in (("eni-one", "10.0.0.77"), ("eni-two", "10.0.0.77"), ("eni-six", "10.0.0.78")):
        lists["NetworkInterfaces"].append(interface(name, "subnet-pub", private, "sg-app", public="198.51.100.77"))
    assert {told for told in warnings(describe(**lists)) if "only one" in told} == {
        "network interfaces `eni-one` and `eni-two` both have address 10.0.0.77; only one of them can",
        "network interfaces `eni-one` and `eni-two` both have address 198.51.100.77; only one of them can",
        "network interfaces `eni-one` and `eni-six` both have address 198.51.100.77; only one of them can",
    }


@pytest.mark.parametrize("name", ["start", "leaving", "away", "arrivals", "guest", "transit"])
def test_a_subnet_may_have_any_name(scenario: Scenario, name: str) -> None:
    network = scenario(
        f"""
subnets: {{{name}: {{vpc: main, cidr: 10.0.1.0/24}}, b: {{vpc: main, cidr: 10.0.2.0/24}}}}
instances: {{one: {{subnet: {name}, security_groups: open}}, two: {{subnet: b, security_groups: open}}}}
"""
    )
    assert verdict(network, "one", "two") == verdict(network, "two", "one") == "always"


def test_SVC_10_the_interfaces_of_an_accelerator_are_a_gap(describe: Describe) -> None:
    lists = account()
    lists["NetworkInterfaces"].append(interface("eni-ga", "subnet-pub", "10.0.0.40", "sg-web", InterfaceType="global_accelerator_managed"))
    network = describe(**lists)
    assert verdict(network, "i-app", "10.0.0.40") == "unknown"
    assert verdict(network, "eni-ga", "i-web") == "unknown"  # it would bear a client's address
    assert verdict(network, "i-app", "10.0.0.40", "tcp/22") == "never"  # its group lets nobody in


# --- whose it is -----------------------------------------------------------------------------------------------------------------


def test_an_interface_is_of_one_thing_only(scenario: Scenario) -> None:
    both = more("instances: {web: {interfaces: [one]}, other: {interfaces: [one, two]}}")
    assert errors(scenario, both) == ["network interface `one`: instance `web` and instance `other` both say it is theirs"]
    assert errors(scenario, more("instances: {web: {interfaces: [one, one]}}")) == ["network interface `one`: instance `web` has it twice"]


def test_LAMBDA_3_functions_may_share_one(scenario: Scenario) -> None:
    shared = more("lambdas: {f: {subnets: a, security_groups: open}, g: {subnets: a, security_groups: open}}")
    assert verdict(scenario(shared), "lambda:f", "two", "tcp/443") == "always"


def test_what_should_be_a_list_and_is_none_is_told(describe: Describe) -> None:
    lists = account()
    lists["NetworkInterfaces"][0]["Groups"] = "sg-1"
    assert any("has a shape that AWS does not use" in told for told in warnings(describe(**lists)))
