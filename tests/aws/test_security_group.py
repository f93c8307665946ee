"""Security groups in both spellings: rules united, references to groups, and what they test (SG-1 to SG-18, SG-26)."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.aws.permissions import GroupPeer, ListPeer
from simulator.aws.security_group import SecurityGroup
from tests.aws.reading import Describe, Scenario, account, changed, errors, group, interface, refusal, verdict, warnings

HOSTS = """
subnets:
  a: {vpc: main, cidr: 10.0.1.0/24}
  b: {vpc: main, cidr: 10.0.2.0/24}
instances:
  client: {subnet: a, security_groups: clients, ip: 10.0.1.10}
  server: {subnet: b, security_groups: servers, ip: 10.0.2.10}
  beside: {subnet: b, security_groups: open, ip: 10.0.2.11}
"""
VPC = "vpcs: {main: {cidr: 10.0.0.0/16}}\n"
OUT = "outbound: [{to: 0.0.0.0/0, allow: all}]"


def groups(servers: str, clients: str = OUT, more: str = "", hosts: str = HOSTS) -> str:
    """A client and a server in two subnets, with the rules of their groups."""
    return f"{hosts}\nsecurity_groups:\n  clients: {{vpc: main, {clients}}}\n  servers: {{vpc: main, {servers}}}\n{more}"


# --- rules -------------------------------------------------------------------------------------------------------------------------


def test_SG_1_order_means_nothing(scenario: Scenario) -> None:
    rules = ["{from: 10.0.9.0/24, allow: all}", "{from: 10.0.1.0/24, allow: tcp/443}", "{from: 0.0.0.0/0, allow: udp/53}"]
    for listed in (rules, rules[::-1]):
        network = scenario(groups(f"inbound: [{', '.join(listed)}]"))
        assert [verdict(network, "client", "server", service) for service in ("tcp/443", "udp/53", "tcp/80")] == [
            "always",
            "always",
            "never",
        ]


def test_SG_2_rules_of_all_groups_are_united(scenario: Scenario) -> None:
    hosts = HOSTS.replace("security_groups: servers", "security_groups: [servers, more]")
    more = "  more: {vpc: main, inbound: {from: 10.0.1.0/24, allow: tcp/22}}"
    network = scenario(groups("inbound: {from: 10.0.1.0/24, allow: tcp/443}", more=more, hosts=hosts))
    assert verdict(network, "client", "server", "tcp/443") == verdict(network, "client", "server", "tcp/22") == "always"
    assert refusal(network, "client", "server", "tcp/80") == ("forward", "ENI_SG_RULES_MISMATCH", "more no ingress rule matches")


def test_SG_3_a_new_group_lets_nothing_in_and_everything_out(scenario: Scenario) -> None:
    network = scenario(groups("description: new").replace("description: new", ""))
    assert refusal(network, "client", "server") == ("forward", "SG_HAS_NO_RULES", "servers no ingress rule matches")
    assert verdict(network, "server", "beside") == "always"


def test_SG_3_a_group_without_outbound_rules_lets_nothing_out(scenario: Scenario) -> None:
    network = scenario(groups("inbound: {from: 0.0.0.0/0, allow: all}", "outbound: []"))
    assert refusal(network, "client", "server") == ("forward", "SG_HAS_NO_RULES", "clients no egress rule matches")


DEFAULTS = """
subnets: {a: {vpc: main, cidr: 10.0.1.0/24}}
instances:
  one: {subnet: a}
  two: {subnet: a}
  stranger: {subnet: a, security_groups: open}
"""


def test_SG_4_the_default_group_admits_its_own_members_only(scenario: Scenario) -> None:
    network = scenario(DEFAULTS)
    assert verdict(network, "one", "two") == "always"
    assert refusal(network, "stranger", "one") == ("forward", "ENI_SG_RULES_MISMATCH", "main-default no ingress rule matches")
    assert verdict(network, "one", "stranger") == "always"


def test_SG_4_the_default_group_may_be_written(scenario: Scenario) -> None:
    network = scenario(f"{DEFAULTS}\nsecurity_groups: {{mine: {{vpc: main, default: true, inbound: {{from: 0.0.0.0/0, allow: tcp/22}}}}}}")
    assert verdict(network, "stranger", "one", "tcp/22") == "always"
    assert refusal(network, "one", "two")[2] == "mine no ingress rule matches"


def test_SG_5_inbound_tests_source_and_destination_port(scenario: Scenario) -> None:
    network = scenario(groups("inbound: {from: 10.0.1.10/32, allow: tcp/443}"))
    assert verdict(network, "client", "server") == "always"
    assert verdict(network, "beside", "server") == "never"
    assert verdict(network, "client", "server", "tcp/80", source_port=443) == "never"


def test_SG_5_outbound_tests_destination_and_destination_port(scenario: Scenario) -> None:
    network = scenario(groups("inbound: {from: 0.0.0.0/0, allow: all}", "outbound: {to: 10.0.2.10/32, allow: tcp/443}"))
    assert verdict(network, "client", "server") == "always"
    assert refusal(network, "client", "beside") == ("forward", "ENI_SG_RULES_MISMATCH", "clients no egress rule matches")
    assert refusal(network, "client", "server", "tcp/80")[2] == "clients no egress rule matches"


def test_SG_7_icmp_type_and_code(scenario: Scenario) -> None:
    network = scenario(groups("inbound: {from: 0.0.0.0/0, allow: [icmp/8/0, icmp/3]}"))
    asked = ("icmp", "icmp/8/0", "icmp/3/4", "icmp/13")
    assert [verdict(network, "client", "server", service) for service in asked] == ["always", "always", "always", "never"]


def test_SG_10_groups_are_judged_within_a_subnet_too(scenario: Scenario) -> None:
    network = scenario(groups("inbound: {from: 10.0.1.0/24, allow: all}"))
    assert refusal(network, "beside", "server")[:2] == ("forward", "ENI_SG_RULES_MISMATCH")


def test_SG_19_replies_need_no_rule(scenario: Scenario) -> None:
    network = scenario(
        groups("inbound: {from: 0.0.0.0/0, allow: tcp/443}, outbound: []", "inbound: [], outbound: {to: 0.0.0.0/0, allow: tcp/443}")
    )
    assert verdict(network, "client", "server") == "always"


def test_MODEL_2_ipv4_rules_say_nothing_about_ipv6(scenario: Scenario) -> None:
    network = scenario(
        """
        vpcs: {main: {cidr: 10.0.0.0/16, ipv6_cidr: "2001:db8::/56"}}
        subnets: {a: {vpc: main, cidr: 10.0.1.0/24, ipv6_cidr: "2001:db8::/64"}}
        security_groups:
          four: {vpc: main, inbound: {from: 0.0.0.0/0, allow: all}}
          six: {vpc: main, inbound: {from: "::/0", allow: all}}
        interfaces:
          one: {subnet: a, security_groups: four, ip: 10.0.1.10, secondary_ips: {"2001:db8::10": }}
          two: {subnet: a, security_groups: six, ip: 10.0.1.11, secondary_ips: {"2001:db8::11": }}
        """
    )
    assert (verdict(network, "two", "10.0.1.10"), verdict(network, "two", "2001:db8::10")) == ("always", "never")
    assert (verdict(network, "one", "10.0.1.11"), verdict(network, "one", "2001:db8::11")) == ("never", "always")


# --- references --------------------------------------------------------------------------------------------------------------------


def test_SG_9_SG_11_a_rule_from_a_group_admits_its_members(scenario: Scenario) -> None:
    network = scenario(groups("inbound: {from: clients, allow: tcp/443}"))
    assert verdict(network, "client", "server") == "always"
    assert verdict(network, "beside", "server") == "never"


def test_SG_9_a_rule_may_name_a_prefix_list(scenario: Scenario) -> None:
    lists = "prefix_lists: {offices: {entries: [10.0.1.0/28, 10.0.2.11/32]}}\n"
    rules = groups("inbound: {from: offices, allow: tcp/443}, outbound: {to: offices, allow: tcp/443}").replace(": open", ": clients")
    network = scenario(VPC + lists + rules, base=False)
    assert verdict(network, "client", "server") == "always"
    assert verdict(network, "client", "server", "tcp/80") == "never"
    assert refusal(network, "server", "client", "udp/1")[2] == "servers no egress rule matches"
    elsewhere = scenario(VPC + lists.replace("10.0.1.0/28, ", "") + rules, base=False)
    assert verdict(elsewhere, "client", "server") == "never"


def test_SG_9_a_prefix_list_may_be_written_below_the_group(scenario: Scenario) -> None:
    lists = "prefix_lists: {offices: {entries: [10.0.1.0/28]}}"
    rules = groups("inbound: {from: offices, allow: tcp/443}", more=lists).replace(": open", ": clients")
    assert verdict(scenario(VPC + rules, base=False), "client", "server") == "always"


def test_SG_11_a_reference_matches_secondary_addresses(scenario: Scenario) -> None:
    hosts = HOSTS.replace(
        "security_groups: servers, ip: 10.0.2.10", "security_groups: servers, ip: 10.0.2.10, secondary_ips: {10.0.2.20: }"
    )
    network = scenario(groups("inbound: {from: clients, allow: all}", "outbound: {to: servers, allow: all}", hosts=hosts))
    assert verdict(network, "client", "10.0.2.20") == "always"


def test_SG_11_a_reference_never_matches_a_public_address(scenario: Scenario) -> None:
    """Two ways to the same server: private, and by its Elastic IP through the gateway (IGW-11)."""
    hosts = """
subnets:
  a: {vpc: main, cidr: 10.0.1.0/24, routes: {0.0.0.0/0: igw}}
  b: {vpc: main, cidr: 10.0.2.0/24, routes: {0.0.0.0/0: igw}}
instances:
  client: {subnet: a, security_groups: clients, ip: 10.0.1.10, public_ip: 198.51.100.1}
  server: {subnet: b, security_groups: servers, ip: 10.0.2.10, public_ip: 198.51.100.2}
"""
    network = scenario(groups("inbound: {from: clients, allow: tcp/443}", hosts=hosts))
    assert verdict(network, "client", "10.0.2.10") == "always"
    assert refusal(network, "client", "198.51.100.2") == ("forward", "SG_REFERENCES_NOT_PRESERVED", "servers ingress 1")
    out = scenario(groups("inbound: {from: 0.0.0.0/0, allow: all}", "outbound: {to: servers, allow: all}", hosts=hosts))
    assert verdict(out, "client", "10.0.2.10") == "always"
    assert refusal(out, "client", "198.51.100.2")[2] == "clients no egress rule matches"


def test_SG_13_outbound_to_a_group_matches_its_members_directly(scenario: Scenario) -> None:
    network = scenario(groups("inbound: {from: 0.0.0.0/0, allow: all}", "outbound: {to: servers, allow: tcp/443}"))
    assert verdict(network, "client", "server") == "always"
    assert refusal(network, "client", "beside")[2] == "clients no egress rule matches"


THROUGH_NAT = """
subnets:
  a: {vpc: main, cidr: 10.0.1.0/24, routes: {10.0.2.0/24: nat}}
  b: {vpc: main, cidr: 10.0.2.0/24}
  n: {vpc: main, cidr: 10.0.3.0/24}
nat_gateways: {nat: {subnet: n, type: private, private_ip: 10.0.3.5}}
instances:
  client: {subnet: a, security_groups: clients, ip: 10.0.1.10}
  server: {subnet: b, security_groups: servers, ip: 10.0.2.10}
"""


def test_SG_13_a_reference_is_lost_through_a_nat_gateway(scenario: Scenario) -> None:
    network = scenario(groups("inbound: {from: clients, allow: tcp/443}", hosts=THROUGH_NAT))
    assert refusal(network, "client", "server") == ("forward", "SG_REFERENCES_NOT_PRESERVED", "servers ingress 1")
    by_address = scenario(groups("inbound: {from: 10.0.3.5/32, allow: tcp/443}", hosts=THROUGH_NAT))
    assert verdict(by_address, "client", "server") == "always"


APPLIANCE = """
subnets:
  a: {vpc: main, cidr: 10.0.1.0/24, routes: {10.0.2.0/24: firewall-eni}}
  b: {vpc: main, cidr: 10.0.2.0/24, routes: {10.0.1.0/24: firewall-eni}}
  f: {vpc: main, cidr: 10.0.3.0/24}
instances:
  client: {subnet: a, security_groups: clients, ip: 10.0.1.10}
  server: {subnet: b, security_groups: servers, ip: 10.0.2.10}
  firewall: {subnet: f, security_groups: open, ip: 10.0.3.5, source_dest_check: false, forwards: route}
"""


def test_SG_13_an_inbound_reference_is_lost_through_an_appliance(scenario: Scenario) -> None:
    network = scenario(groups("inbound: {from: clients, allow: tcp/443}", hosts=APPLIANCE))
    assert refusal(network, "client", "server") == ("forward", "SG_REFERENCES_NOT_PRESERVED", "servers ingress 1")
    by_address = scenario(groups("inbound: {from: 10.0.1.0/24, allow: tcp/443}", hosts=APPLIANCE))
    assert verdict(by_address, "client", "server") == "always"


def test_SG_13_an_outbound_reference_is_lost_through_an_appliance(scenario: Scenario) -> None:
    servers = "inbound: {from: 0.0.0.0/0, allow: all}"
    network = scenario(groups(servers, "outbound: {to: servers, allow: all}", hosts=APPLIANCE))
    assert refusal(network, "client", "server")[:2] == ("forward", "SG_REFERENCES_NOT_PRESERVED")
    both = "outbound: [{to: servers, allow: all}, {to: 10.0.2.0/24, allow: tcp/443}]"
    network = scenario(groups(servers, both, hosts=APPLIANCE))
    assert verdict(network, "client", "server", "tcp/443") == "always"
    assert verdict(network, "client", "server", "tcp/80") == "never"


def test_SG_14_a_reference_gives_no_access_the_other_way(scenario: Scenario) -> None:
    network = scenario(groups("inbound: {from: clients, allow: all}"))
    assert refusal(network, "server", "client") == ("forward", "SG_HAS_NO_RULES", "clients no ingress rule matches")


def test_SG_15_a_self_reference_admits_members_only_even_within_the_subnet(scenario: Scenario) -> None:
    hosts = HOSTS.replace("beside: {subnet: b, security_groups: open", "beside: {subnet: b, security_groups: [servers, open]")
    self_reference = "inbound: {from: servers, allow: tcp/443}"
    assert verdict(scenario(groups(self_reference, hosts=hosts)), "beside", "server") == "always"
    assert verdict(scenario(groups(self_reference)), "beside", "server") == "never"


def test_SG_16_SG_18_a_reference_to_a_group_without_members_matches_nothing(scenario: Scenario) -> None:
    more = "  empty: {vpc: main}"
    network = scenario(groups("inbound: {from: empty, allow: all}", "outbound: {to: empty, allow: all}", more=more))
    assert refusal(network, "beside", "server")[1] == "ENI_SG_RULES_MISMATCH"
    assert refusal(network, "client", "beside")[2] == "clients no egress rule matches"


def test_SG_17_a_group_of_another_vpc_is_told(scenario: Scenario) -> None:
    other = "vpcs: {main: {cidr: 10.0.0.0/16}, other: {cidr: 10.1.0.0/16}}\n"
    hosts = HOSTS.replace("security_groups: servers", "security_groups: foreign")
    network = scenario(other + groups("inbound: []", more="  foreign: {vpc: other}", hosts=hosts))
    assert "network interface `server-eni` has security group `foreign` of another VPC (`other`)" in warnings(network)


def test_SG_26_a_nat_instance_is_judged_for_both_of_its_flows(scenario: Scenario) -> None:
    hosts = """
vpcs: {main: {cidr: 10.0.0.0/16, internet_gateway: igw}}
subnets:
  pub: {vpc: main, cidr: 10.0.0.0/24, routes: {0.0.0.0/0: igw}}
  a: {vpc: main, cidr: 10.0.1.0/24, routes: {0.0.0.0/0: nat}}
instances:
  client: {subnet: a, security_groups: clients, ip: 10.0.1.10}
  nat: {subnet: pub, security_groups: servers, ip: 10.0.0.6, public_ip: 198.51.100.6, source_dest_check: false, forwards: nat}
"""
    good = groups("inbound: {from: clients, allow: tcp/443}, outbound: {to: 0.0.0.0/0, allow: tcp/443}", hosts=hosts)
    assert verdict(scenario(good), "client", "internet") == "always"
    no_entry = groups("inbound: [], outbound: {to: 0.0.0.0/0, allow: tcp/443}", hosts=hosts)
    assert refusal(scenario(no_entry), "client", "internet")[2] == "servers no ingress rule matches"
    no_exit = groups("inbound: {from: clients, allow: tcp/443}, outbound: []", hosts=hosts)
    assert refusal(scenario(no_exit), "client", "internet")[2] == "servers no egress rule matches"


# --- describe ----------------------------------------------------------------------------------------------------------------------


def permission(protocol: str, first: int | None = None, last: int | None = None, **peers: Any) -> dict[str, Any]:
    ports = {} if first is None else {"FromPort": first, "ToPort": last}
    return {"IpProtocol": protocol, **ports, **(peers or {"IpRanges": [{"CidrIp": "0.0.0.0/0"}]})}


def described(*inbound: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The account with other inbound rules of the application's group."""
    return {**changed(account(), "SecurityGroups", "sg-app", IpPermissions=list(inbound)), **more}


def test_the_group_of_a_describe_answer(describe: Describe) -> None:
    peers = {
        "IpRanges": [{"CidrIp": "10.0.0.0/24"}],
        "Ipv6Ranges": [{"CidrIpv6": "2001:db8::/56"}],
        "UserIdGroupPairs": [{"GroupId": "sg-web"}],
        "PrefixListIds": [{"PrefixListId": "pl-1"}],
    }
    lists = described(
        permission("tcp", 80, 90, **peers), permission("-1"), PrefixLists=[{"PrefixListId": "pl-1", "Cidrs": ["10.9.0.0/16"]}]
    )
    found = describe(**lists).snapshot.get(SecurityGroup, "sg-app")
    assert found is not None
    assert [str(one.traffic) for one in found.inbound] == ["tcp/80-90"] * 4 + ["all"]
    assert [one.origin.part for one in found.inbound] == [f"ingress {number}" for number in range(1, 6)]
    assert [type(one.peer).__name__ for one in found.inbound] == ["Prefix", "Prefix", "GroupPeer", "ListPeer", "Prefix"]
    assert found.inbound[2].peer == GroupPeer("sg-web")
    assert found.inbound[3].peer == ListPeer("pl-1")
    assert (found.vpc, found.default) == ("vpc-1", False)


@pytest.mark.parametrize("protocol", ["-1", "50", "47", "132"])
def test_SG_6_ports_are_ignored_for_other_protocols(describe: Describe, protocol: str) -> None:
    network = describe(**described(permission(protocol, 22, 22)))
    service = "tcp/8080" if protocol == "-1" else f"proto/{protocol}"
    assert verdict(network, "i-web", "i-app", service) == "always"


def test_SG_6_a_protocol_is_that_protocol(describe: Describe) -> None:
    assert verdict(describe(**described(permission("50", 22, 22))), "i-web", "i-app", "tcp/22") == "never"


@pytest.mark.parametrize(("protocol", "service"), [("tcp", "tcp"), ("6", "tcp"), ("udp", "udp"), ("17", "udp")])
def test_SG_5_protocols_by_name_and_number(describe: Describe, protocol: str, service: str) -> None:
    network = describe(**described(permission(protocol, 22, 25)))
    assert verdict(network, "i-web", "i-app", f"{service}/22-25") == "always"
    assert verdict(network, "i-web", "i-app", f"{service}/26") == "never"


@pytest.mark.parametrize(
    ("first", "last", "passes", "refused"),
    [(8, 0, "icmp/8/0", "icmp/13"), (8, -1, "icmp/8", "icmp/13"), (3, 4, "icmp/3/4", "icmp/3/1"), (0, 0, "icmp/0/0", "icmp/8")],
)
def test_SG_7_from_port_is_the_type_and_to_port_the_code(describe: Describe, first: int, last: int, passes: str, refused: str) -> None:
    network = describe(**described(permission("icmp", first, last)))
    assert (verdict(network, "i-web", "i-app", passes), verdict(network, "i-web", "i-app", refused)) == ("always", "never")


@pytest.mark.parametrize(("first", "last"), [(-1, -1), (-1, 5)])
def test_SG_7_type_minus_1_is_every_type_and_every_code(describe: Describe, first: int, last: int) -> None:
    network = describe(**described(permission("icmp", first, last)))
    assert verdict(network, "i-web", "i-app", "icmp/13") == verdict(network, "i-web", "i-app", "icmp/3/9") == "always"


def test_SG_7_icmpv6_without_a_range_is_all_of_it(describe: Describe) -> None:
    lists = described(permission("icmpv6", Ipv6Ranges=[{"CidrIpv6": "::/0"}]), permission("58", 128, 0, Ipv6Ranges=[{"CidrIpv6": "::/0"}]))
    found = describe(**lists).snapshot.get(SecurityGroup, "sg-app")
    assert found is not None
    assert [str(one.traffic) for one in found.inbound] == ["icmpv6", "icmpv6/128/0"]


def test_SG_11_references_of_a_describe_answer(describe: Describe) -> None:
    network = describe(**account())
    assert verdict(network, "i-web", "i-app", "tcp/8080") == "always"
    lists = account()
    lists["NetworkInterfaces"].append(interface("eni-other", "subnet-app", "10.0.1.11", "sg-app"))
    assert verdict(describe(**lists), "eni-other", "i-app", "tcp/8080") == "never"


def test_MISC_1_SG_13_in_a_shared_vpc_groups_of_other_accounts_may_be_named(describe: Describe) -> None:
    """The subnets' owner, the interfaces' and the groups' are three accounts; it makes no difference to packets."""
    pair = {"GroupId": "sg-web", "UserId": "222222222222"}
    lists = changed(described(permission("tcp", 22, 22, UserIdGroupPairs=[pair])), "SecurityGroups", "sg-web", OwnerId="222222222222")
    lists = changed(lists, "NetworkInterfaces", "eni-web", OwnerId="222222222222")
    lists = changed(lists, "NetworkInterfaces", "eni-app", OwnerId="333333333333")
    assert verdict(describe(**lists), "i-web", "i-app", "tcp/22") == "always"
    lists = changed(lists, "NetworkInterfaces", "eni-web", Groups=[{"GroupId": "sg-app"}])
    assert refusal(describe(**lists), "i-web", "i-app", "tcp/22")[1] == "ENI_SG_RULES_MISMATCH"


def test_a_rule_that_names_a_prefix_list_that_was_not_read_is_a_gap(describe: Describe) -> None:
    network = describe(**described(permission("tcp", 443, 443, PrefixListIds=[{"PrefixListId": "pl-9"}])))
    assert verdict(network, "i-web", "i-app", "tcp/443") == "unknown"
    read = described(permission("tcp", 443, 443, PrefixListIds=[{"PrefixListId": "pl-9"}]), permission("tcp", 443, 443))
    assert verdict(describe(**read), "i-web", "i-app", "tcp/443") == "always"


def test_a_group_that_was_not_read_is_a_gap(describe: Describe) -> None:
    lists = changed(account(), "NetworkInterfaces", "eni-app", Groups=[{"GroupId": "sg-app"}, {"GroupId": "sg-9"}])
    network = describe(**lists)
    assert verdict(network, "i-web", "i-app", "tcp/8080") == "always"
    answer = network.can("i-web", "i-app", "tcp/22")
    assert answer.verdict.value == "unknown"
    assert [(gap.resource, gap.leg) for gap in answer.gaps] == [("sg-9", "forward")]
    assert "network interface `eni-app` has security group `sg-9`, which was not read" in warnings(network)


def test_the_default_group_of_a_describe_answer_is_known_by_its_name(describe: Describe) -> None:
    lists = account()
    lists["SecurityGroups"].append(group("sg-default", GroupName="default"))
    found = describe(**lists).snapshot.get(SecurityGroup, "sg-default")
    assert found is not None
    assert found.default


# --- what is told ------------------------------------------------------------------------------------------------------------------


def test_a_reference_to_a_group_that_was_not_read_is_told(describe: Describe) -> None:
    network = describe(**described(permission("tcp", 22, 22, UserIdGroupPairs=[{"GroupId": "sg-9"}])))
    assert warnings(network) == ["security group `sg-app`: ingress 1 names `sg-9`, which was not read and matches nobody"]


def test_a_prefix_list_that_was_not_read_is_told(describe: Describe) -> None:
    network = describe(**described(permission("tcp", 22, 22, PrefixListIds=[{"PrefixListId": "pl-9"}])))
    assert warnings(network) == ["security group `sg-app`: ingress 1 names prefix list `pl-9`, which was not read"]


def test_more_rules_than_the_quota_are_told(scenario: Scenario) -> None:
    def listed(count: int) -> str:
        return "inbound: [" + ", ".join(f"{{from: 10.0.0.0/24, allow: tcp/{port}}}" for port in range(1, count + 1)) + "]"

    assert warnings(scenario(groups(listed(60)))) == []
    assert warnings(scenario(groups(listed(61)))) == ["security group `servers` has 61 ingress rules; AWS allows 60 without a raised quota"]


def test_a_peer_that_does_not_exist_is_an_error(scenario: Scenario) -> None:
    (message,) = errors(scenario, groups("inbound: {from: client, allow: all}"))
    assert "`client` does not exist; did you mean `clients`?" in message


def test_several_peers_and_services_are_a_rule_each(scenario: Scenario) -> None:
    network = scenario(groups("inbound: [{from: [10.0.1.0/24, clients], allow: [tcp/443, udp/53]}]"))
    found = network.snapshot.get(SecurityGroup, "servers")
    assert found is not None
    assert [(str(one.traffic), one.origin.part) for one in found.inbound] == [
        ("tcp/443", "ingress 1"),
        ("udp/53", "ingress 2"),
        ("tcp/443", "ingress 3"),
        ("udp/53", "ingress 4"),
    ]
    assert verdict(network, "client", "server", "udp/53") == "always"
