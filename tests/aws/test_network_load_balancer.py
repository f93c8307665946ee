"""What the nodes of a network load balancer take, choose and pass on (NLB-1 to NLB-11, ELB-3 to ELB-5, W-14)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws.balanced import balancer, group_arn, health, listener, target_group
from tests.aws.reading import Describe, Scenario, account, interface, path, refusal, reply_path, verdict, warnings

NET = """
subnets:
  pub: {vpc: main, cidr: 10.0.0.0/24, zone: a, routes: {0.0.0.0/0: igw}}
  pub-b: {vpc: main, cidr: 10.0.1.0/24, zone: b, routes: {0.0.0.0/0: igw}}
  app: {vpc: main, cidr: 10.0.2.0/24, zone: a}
  app-b: {vpc: main, cidr: 10.0.3.0/24, zone: b}
  app-c: {vpc: main, cidr: 10.0.4.0/24, zone: c}
security_groups:
  nlb: {vpc: main, inbound: {from: 0.0.0.0/0, allow: [tcp/443, udp/53]}}
  from-nlb: {vpc: main, inbound: {from: nlb, allow: all}}
  from-clients: {vpc: main, inbound: {from: clients, allow: all}}
  clients: {vpc: main, inbound: {from: 0.0.0.0/0, allow: all}}
instances:
  one: {subnet: app, security_groups: open, ip: 10.0.2.10}
  two: {subnet: app-b, security_groups: open, ip: 10.0.3.10}
  far: {subnet: app-c, security_groups: open, ip: 10.0.4.10}
  client: {subnet: app-c, security_groups: clients, ip: 10.0.4.20}
target_groups:
  shop: {port: 8080, targets: one}
load_balancers:
  net: {type: network, subnets: pub, ips: 10.0.0.20, public_ips: 203.0.113.20, listeners: {tcp/443: shop}}
"""


def changed(*changes: tuple[str, str]) -> str:
    text = NET
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def received(network: Any, source: str, destination: str, service: str = "tcp/443") -> str:
    forward = network.can(source, destination, service).forward
    assert forward is not None
    return str(forward.received)


# --- the walk ----------------------------------------------------------------------------------------------------------------------


def test_W_14_one_packet_from_the_internet_to_the_target_and_back(scenario: Scenario) -> None:
    network = scenario(NET)
    assert verdict(network, "internet", "lb:net") == "always"
    assert path(network, "internet", "net") == ["internet", "igw", "main", "pub", "net-eni", "net", "pub", "main", "app", "one-eni", "one"]
    assert reply_path(network, "internet", "net") == ["one", "one-eni", "app", "pub", "net-eni", "net", "pub", "igw", "internet"]
    assert received(network, "internet", "net") == "tcp 198.51.100.7:50000 > 10.0.2.10:8080"


def test_NLB_3_hidden_the_target_sees_the_node_and_the_client_its_answer(scenario: Scenario) -> None:
    network = scenario(changed(("targets: one", "targets: one, preserve_client_ip: false")))
    assert verdict(network, "internet", "net") == "always"
    assert received(network, "internet", "net").startswith("tcp 10.0.0.20:")
    assert reply_path(network, "internet", "net") == [
        "one",
        "one-eni",
        "app",
        "main",
        "pub",
        "net-eni",
        "net",
        "pub",
        "igw",
        "internet",
    ]


def test_NACL_14_a_node_that_hides_clients_uses_every_port_from_1024(scenario: Scenario) -> None:
    """Trap T4 for network load balancers; where the client's address is kept, so is its port."""
    acl = "\nnetwork_acls: {w: {vpc: main, subnets: app, inbound: [{rule: 1, allow: all}], outbound: [{rule: 1, allow: tcp/32768-65535}]}}"
    hidden = changed(("targets: one", "targets: one, preserve_client_ip: false"))
    assert verdict(scenario(hidden + acl), "client", "net") == "sometimes"
    assert verdict(scenario(NET + acl), "client", "net") == "always"


@pytest.mark.parametrize(
    ("group", "service", "kept"),
    [
        ("targets: one", "tcp/443", True),
        ("targets: one, protocol: tls", "tcp/443", True),
        ("targets: one, preserve_client_ip: false", "tcp/443", False),
        ("targets: 10.0.2.10", "tcp/443", False),
        ("targets: 10.0.2.10, protocol: tls", "tcp/443", False),
        ("targets: 10.0.2.10, preserve_client_ip: true", "tcp/443", True),
        ("targets: 10.0.2.10", "udp/53", True),
        ("targets: 10.0.2.10, protocol: udp", "udp/53", True),
        ("targets: 10.0.2.10, protocol: tcp_udp", "tcp/443", True),
        ("targets: one, preserve_client_ip: false", "udp/53", True),
    ],
)
def test_NLB_2_whose_address_targets_see(scenario: Scenario, group: str, service: str, kept: bool) -> None:
    network = scenario(changed(("targets: one", group), ("{tcp/443: shop}", "{tcp/443: shop, udp/53: shop}")))
    source = received(network, "client", "net", service).split()[1].split(":")[0]
    assert source == ("10.0.4.20" if kept else "10.0.0.20")


def test_NLB_2_hiding_clients_of_udp_is_refused(scenario: Scenario) -> None:
    network = scenario(changed(("targets: one", "targets: one, protocol: udp, preserve_client_ip: false")))
    assert warnings(network) == ["target group `shop`: AWS always keeps the client's address for UDP (NLB-2)"]


# --- groups ------------------------------------------------------------------------------------------------------------------------


def test_NLB_1_without_groups_everything_for_a_listener_passes(scenario: Scenario) -> None:
    network = scenario(NET)
    for service in ("tcp/80", "udp/443", "icmp", "esp"):
        assert refusal(network, "client", "net", service) == ("forward", "ELBV2_LISTENERS_MISMATCH", "net its listeners")
    assert [one.service for one in network.can("client", "net").allowed] == ["tcp/443"]


GROUPED = ("public_ips: 203.0.113.20", "public_ips: 203.0.113.20, security_groups: nlb")


def test_NLB_1_groups_judge_clients_and_what_goes_on(scenario: Scenario) -> None:
    assert verdict(scenario(changed(GROUPED)), "internet", "net") == "always"
    shut = changed(GROUPED, ("inbound: {from: 0.0.0.0/0, allow: [tcp/443, udp/53]}", "inbound: {from: 10.0.0.0/16, allow: tcp/443}"))
    assert refusal(scenario(shut), "internet", "net") == ("forward", "ENI_SG_RULES_MISMATCH", "nlb no ingress rule matches")
    mute = changed(GROUPED, ("[tcp/443, udp/53]}", "[tcp/443, udp/53]}, outbound: {to: 10.0.2.0/24, allow: tcp/80}"))
    assert refusal(scenario(mute), "internet", "net") == ("forward", "ENI_SG_RULES_MISMATCH", "nlb no egress rule matches")


def test_NLB_5_SG_13_a_target_may_name_the_group_even_where_the_client_is_kept(scenario: Scenario) -> None:
    """Trap T16."""
    by_group = ("one: {subnet: app, security_groups: open", "one: {subnet: app, security_groups: from-nlb")
    assert verdict(scenario(changed(GROUPED, by_group)), "internet", "net") == "always"
    hidden = ("targets: one", "targets: one, preserve_client_ip: false")
    assert verdict(scenario(changed(GROUPED, by_group, hidden)), "internet", "net") == "always"
    assert refusal(scenario(changed(by_group)), "internet", "net")[1] == "ENI_SG_RULES_MISMATCH"


@pytest.mark.parametrize("balancer_groups", [(), (GROUPED,)])
def test_SG_13_the_clients_own_group_is_not_known_behind_it(scenario: Scenario, balancer_groups: tuple[tuple[str, str], ...]) -> None:
    network = scenario(
        changed(*balancer_groups, ("one: {subnet: app, security_groups: open", "one: {subnet: app, security_groups: from-clients"))
    )
    assert verdict(network, "client", "one", "tcp/8080") == "always"
    leg, code, _ = refusal(network, "client", "net")
    assert (leg, code) == ("forward", "ENI_SG_RULES_MISMATCH" if balancer_groups else "SG_REFERENCES_NOT_PRESERVED")


def test_NLB_9_answers_ride_on_the_state_of_the_groups(scenario: Scenario) -> None:
    """Neither the target's outbound rules nor the load balancer's inbound rules know the answer."""
    mute = ("security_groups:\n", "security_groups:\n  tgt: {vpc: main, inbound: {from: 0.0.0.0/0, allow: tcp/8080}, outbound: []}\n")
    target = ("one: {subnet: app, security_groups: open", "one: {subnet: app, security_groups: tgt")
    assert verdict(scenario(changed(GROUPED, mute, target)), "internet", "net") == "always"


# --- the choice of a target ------------------------------------------------------------------------------------------------------


TWO = ("targets: one", "targets: [one, two]")
BOTH = ("subnets: pub, ips: 10.0.0.20, public_ips: 203.0.113.20", "subnets: [pub, pub-b], public_ips: [203.0.113.20, 203.0.113.21]")


def chosen(network: Any, source: str, destination: str) -> set[str]:
    """The targets that come into question."""
    answer = network.can(source, destination, "tcp/443")
    legs = [case.trip.forward for case in answer.cases]
    return {step.detail.split(" ")[0] for leg in legs for step in leg.steps if step.node.what == "its target"} | {
        label.split(" ")[0] for leg in legs for taken in leg.choices for label in taken.labels
    }


def test_MODEL_6_any_target_may_be_the_one(scenario: Scenario) -> None:
    network = scenario(changed(TWO, BOTH, ("listeners:", "cross_zone: true, listeners:")))
    assert verdict(network, "internet", "net") == "always"
    assert chosen(network, "internet", "net") == {"one", "two"}
    ill = changed(
        TWO,
        BOTH,
        ("listeners:", "cross_zone: true, listeners:"),
        ("two: {subnet: app-b, security_groups: open", "two: {subnet: app-b, security_groups: from-nlb"),
    )
    assert verdict(scenario(ill), "internet", "net") == "sometimes"


def test_ELB_3_a_node_uses_its_own_zone_unless_told(scenario: Scenario) -> None:
    network = scenario(changed(TWO, BOTH))
    assert (chosen(network, "internet", "203.0.113.20"), chosen(network, "internet", "203.0.113.21")) == ({"one"}, {"two"})
    by_group = scenario(changed(BOTH, ("targets: one", "targets: [one, two], cross_zone: true")))
    assert chosen(by_group, "internet", "203.0.113.20") == {"one", "two"}
    off = scenario(
        changed(BOTH, ("targets: one", "targets: [one, two], cross_zone: false"), ("listeners:", "cross_zone: true, listeners:"))
    )
    assert chosen(off, "internet", "203.0.113.20") == {"one"}


def test_ELB_3_a_zone_without_targets_and_zones_that_are_not_enabled(scenario: Scenario) -> None:
    network = scenario(changed(BOTH))
    assert refusal(network, "internet", "203.0.113.21") == ("forward", "ELBV2_NO_TARGETS_IN_AZ", "net listener tcp/443")
    assert verdict(network, "internet", "net") == "sometimes"
    off = scenario(changed(("targets: one", "targets: far"), ("listeners:", "cross_zone: true, listeners:")))
    assert refusal(off, "internet", "net")[1] == "ELBV2_NO_TARGETS_IN_AZ"


@pytest.mark.parametrize("targets", ["[]", "[{target: one, health: draining}]"])
def test_ELB_5_a_listener_without_targets(scenario: Scenario, targets: str) -> None:
    network = scenario(changed(("targets: one", f"targets: {targets}")))
    assert refusal(network, "internet", "net") == ("forward", "ELBV2_LISTENER_HAS_NO_TG", "net listener tcp/443")


def test_ELB_4_healthy_targets_only_or_all_of_them(scenario: Scenario) -> None:
    wide = ("listeners:", "cross_zone: true, listeners:")
    network = scenario(changed(BOTH, wide, ("targets: one", "targets: [one, {target: two, health: unhealthy}]")))
    assert chosen(network, "internet", "net") == {"one"}
    all_ill = changed(BOTH, wide, ("targets: one", "targets: [{target: one, health: unhealthy}, {target: two, health: unhealthy}]"))
    assert chosen(scenario(all_ill), "internet", "net") == {"one", "two"}


@pytest.mark.parametrize(("state", "wanted"), [("active_impaired", "always"), ("provisioning", "never")])
def test_ELB_1_only_an_active_one_works(scenario: Scenario, state: str, wanted: str) -> None:
    network = scenario(changed(("listeners:", f"state: {state}, listeners:")))
    assert verdict(network, "internet", "net") == verdict(network, "net", "one", "tcp/8080") == wanted


# --- targets near and far ----------------------------------------------------------------------------------------------------------


def test_NLB_7_a_target_cannot_be_its_own_client(scenario: Scenario) -> None:
    """Trap T36."""
    assert refusal(scenario(NET), "one", "net") == ("forward", "SIM_NLB_HAIRPIN", "shop target one")
    hidden = changed(("targets: one", "targets: one, preserve_client_ip: false"))
    assert verdict(scenario(hidden), "one", "net") == "always"
    both = changed(TWO, ("subnets: pub,", "subnets: [pub, pub-b],"), ("ips: 10.0.0.20, public_ips: 203.0.113.20, ", "cross_zone: true, "))
    assert verdict(scenario(both), "one", "net") == "sometimes"


def test_NLB_4_a_target_that_is_routed_to_over_an_appliance_is_lost(scenario: Scenario) -> None:
    detour = changed(("zone: a, routes: {0.0.0.0/0: igw}", "zone: a, routes: {0.0.0.0/0: igw, 10.0.2.0/24: box}"))
    box = detour.replace(
        "instances:\n", "instances:\n  box: {subnet: app-c, security_groups: open, source_dest_check: false, forwards: route}\n"
    )
    assert refusal(scenario(box), "client", "net") == ("forward", "ELBV2_SOURCE_ADDRESS_PRESERVATION", "shop target one")
    assert verdict(scenario(box.replace("targets: one", "targets: one, preserve_client_ip: false")), "client", "net") == "always"


def test_NLB_4_clients_of_another_load_balancer_are_lost(scenario: Scenario) -> None:
    more = "\n  outer: {type: network, subnets: pub, listeners: {tcp/443: chain}}\n"
    chained = changed(("target_groups:\n", "target_groups:\n  chain: {port: 443, targets: 10.0.0.20, preserve_client_ip: true}\n")) + more
    assert refusal(scenario(chained), "client", "outer") == ("forward", "ELBV2_SOURCE_ADDRESS_PRESERVATION", "chain target 10.0.0.20")
    hidden = scenario(chained.replace(", preserve_client_ip: true", ""))
    assert path(hidden, "client", "outer")[-1] == "one"
    assert verdict(hidden, "client", "outer") == "always"


PEERS = """
vpcs:
  main: {cidr: 10.0.0.0/16, internet_gateway: igw%s}
  far: {cidr: 10.1.0.0/16%s}
peerings: {pcx: {vpcs: [main, far]}}
subnets:
  pub: {vpc: main, cidr: 10.0.0.0/24, routes: {0.0.0.0/0: igw, 10.1.0.0/16: pcx}}
  peer: {vpc: far, cidr: 10.1.0.0/24}
security_groups: {far-open: {vpc: far, inbound: {from: 0.0.0.0/0, allow: all}}}
instances: {one: {subnet: peer, security_groups: far-open, ip: 10.1.0.10}}
target_groups: {shop: {port: 8080, targets: 10.1.0.10, preserve_client_ip: true}}
load_balancers: {net: {type: network, subnets: pub, public_ips: 203.0.113.20, listeners: {tcp/443: shop}}}
"""


def test_NLB_4_a_target_in_a_peered_vpc_of_the_region(scenario: Scenario) -> None:
    """No route of the peer leads back: the answer goes to the node all the same (ELB-6)."""
    network = scenario(PEERS % ("", ""))
    assert verdict(network, "internet", "net") == "always"
    assert path(network, "internet", "net") == [
        "internet",
        "igw",
        "main",
        "pub",
        "net-eni",
        "net",
        "net-eni",
        "pub",
        "pcx",
        "peer",
        "one-eni",
        "one",
    ]
    assert reply_path(network, "internet", "net") == [
        *("one", "one-eni", "peer", "pcx", "pub", "net-eni", "net", "net-eni", "pub", "igw", "internet"),
    ]
    regions = PEERS % (", region: eu-west-1", ", region: us-east-1")
    assert refusal(scenario(regions), "internet", "net")[1] == "ELBV2_SOURCE_ADDRESS_PRESERVATION"
    no_route = (PEERS % ("", "")).replace(", 10.1.0.0/16: pcx", "")
    assert refusal(scenario(no_route), "internet", "net")[1] == "ELBV2_SOURCE_ADDRESS_PRESERVATION"


def test_NLB_6_the_acls_of_both_subnets_see_the_client_over_a_peering_too(scenario: Scenario) -> None:
    for subnet, vpc, inside in (("peer", "far", "10.1.0.0/16"), ("pub", "main", "10.0.0.0/16")):
        rules = f"inbound: [{{rule: 1, from: {inside}, allow: all}}], outbound: [{{rule: 1, allow: all}}]"
        acl = f"network_acls: {{shut: {{vpc: {vpc}, subnets: {subnet}, {rules}}}}}"
        assert refusal(scenario(PEERS % ("", "") + acl), "internet", "net")[1] == "SUBNET_ACL_RESTRICTION"


def test_NLB_11_instances_of_another_vpc_are_refused(scenario: Scenario) -> None:
    network = scenario((PEERS % ("", "")).replace("targets: 10.1.0.10", "targets: one"))
    assert warnings(network) == ["target group `shop`: `one` lies in another VPC than load balancer `net` (NLB-11)"]
    assert warnings(scenario(PEERS % ("", ""))) == []


def test_NLB_10_an_application_load_balancer_as_a_target_sees_the_client(scenario: Scenario) -> None:
    more = """
  web: {subnets: app, security_groups: clients, ips: 10.0.2.30, listeners: {tcp/80: http}}
"""
    text = changed(
        ("targets: one", "targets: web"),
        ("port: 8080", "port: 80"),
        ("target_groups:\n", "target_groups:\n  http: {port: 8080, targets: two}\n"),
    )
    network = scenario(text + more)
    assert verdict(network, "internet", "net") == "always"
    assert received(network, "internet", "net") == "tcp 198.51.100.7:50000 > 10.0.2.30:80"
    assert path(network, "internet", "net")[-2:] == ["web-eni", "web"]
    by_client = text.replace(
        "clients: {vpc: main, inbound: {from: 0.0.0.0/0, allow: all}}", "clients: {vpc: main, inbound: {from: 10.0.0.0/16, allow: all}}"
    )
    assert refusal(scenario(by_client + more), "internet", "net")[1] == "ENI_SG_RULES_MISMATCH"


def test_NLB_8_health_checks_come_from_the_nodes_and_meet_outbound_rules_only(scenario: Scenario) -> None:
    shut = changed(GROUPED, ("inbound: {from: 0.0.0.0/0, allow: [tcp/443, udp/53]}", "outbound: {to: 10.0.2.0/24, allow: tcp/8080}"))
    network = scenario(shut)
    assert verdict(network, "net", "one", "tcp/8080") == "always"
    assert verdict(network, "net", "one", "tcp/80") == verdict(network, "net", "two", "tcp/8080") == "never"
    assert (
        refusal(scenario(shut.replace("10.0.2.0/24, allow", "10.0.9.0/24, allow")), "net", "one", "tcp/8080")[1] == "ENI_SG_RULES_MISMATCH"
    )


# --- answers of AWS --------------------------------------------------------------------------------------------------------------

NODE = {"Description": "ELB net/web/50dc6c495c0c9188", "InterfaceType": "network_load_balancer", "SourceDestCheck": False}


def described(*healths: dict[str, Any], kind: str = "instance", protocol: str = "TCP", **more: Any) -> dict[str, Any]:
    lists = account()
    lists["NetworkInterfaces"].append(interface("eni-lb", "subnet-pub", "10.0.0.20", public="203.0.113.20", **NODE))
    of = "net/web/50dc6c495c0c9188"
    lists |= {"LoadBalancers": [balancer(kind="network")], "Listeners": [listener("shop", protocol=protocol, of=of)]}
    lists |= {"TargetGroups": [target_group(kind=kind, protocol=protocol)], "TargetHealthDescriptions": list(healths)}
    return {**lists, **more}


def test_W_14_of_an_account(describe: Describe) -> None:
    """The application admits the web server's group only."""
    lists = described(health("i-app"))
    lists["SecurityGroups"][1]["IpPermissions"][0] |= {"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    network = describe(**lists)
    assert verdict(network, "internet", "web") == "always"
    assert path(network, "internet", "web")[-3:] == ["subnet-app", "eni-app", "i-app"]
    kept = "whether targetgroup/shop/73e2d6bc24d8a067 keeps the client's address was not read: taken to keep it"
    kept += ", as AWS sets it for instance targets"
    assert kept in network.can("internet", "web", "tcp/443").assumptions
    told = describe(**lists, Attributes=[{"Key": "preserve_client_ip.enabled", "Value": "true"}], TargetGroupArn=group_arn("shop"))
    assert kept not in told.can("internet", "web", "tcp/443").assumptions


def test_what_was_not_read_leaves_it_open(describe: Describe) -> None:
    lists = described(health("i-gone"))
    assert verdict(describe(**lists), "internet", "web") == "unknown"
    no_health = {key: value for key, value in lists.items() if key != "TargetHealthDescriptions"}
    assert verdict(describe(**no_health), "internet", "web") == "unknown"
    no_listeners = {key: value for key, value in lists.items() if key != "Listeners"}
    assert verdict(describe(**no_listeners), "internet", "web") == "unknown"


def test_ELB_3_balancing_across_zones_that_was_not_told_is_assumed_to_be_off(describe: Describe) -> None:
    lists = described(health("i-app"), health("i-web"))
    lists["Subnets"][1]["AvailabilityZone"] = "eu-west-1b"
    lists["LoadBalancers"] = [balancer(kind="network", subnets=("subnet-pub", "subnet-app"))]
    note = "whether net/web/50dc6c495c0c9188 balances across zones was not read: taken to be off, as AWS sets it"
    assert note in describe(**lists).can("internet", "203.0.113.20", "tcp/443").assumptions
    told = {"LoadBalancerArn": lists["LoadBalancers"][0]["LoadBalancerArn"]}
    for value in ("true", "false"):
        network = describe(**lists, **told, Attributes=[{"Key": "load_balancing.cross_zone.enabled", "Value": value}])
        assert note not in network.can("internet", "203.0.113.20", "tcp/443").assumptions


def test_MODEL_2_ipv6_for_a_network_load_balancer_is_a_gap(describe: Describe) -> None:
    lists = described(health("i-app"))
    for subnet, number in zip(lists["Subnets"], (0, 1), strict=True):
        subnet["Ipv6CidrBlockAssociationSet"] = [{"Ipv6CidrBlock": f"2001:db8:0:{number}::/64"}]
    lists["Vpcs"][0]["Ipv6CidrBlockAssociationSet"] = [{"Ipv6CidrBlock": "2001:db8::/56"}]
    lists["SecurityGroups"][1]["IpPermissionsEgress"][0]["Ipv6Ranges"] = [{"CidrIpv6": "::/0"}]
    lists["NetworkAcls"][0]["Entries"] += [
        {"RuleNumber": 101, "RuleAction": "allow", "Egress": egress, "Protocol": "-1", "Ipv6CidrBlock": "::/0"} for egress in (True, False)
    ]
    for interface_id, address in (("eni-lb", "2001:db8::20"), ("eni-app", "2001:db8:0:1::10")):
        (found,) = (one for one in lists["NetworkInterfaces"] if one["NetworkInterfaceId"] == interface_id)
        found["Ipv6Addresses"] = [{"Ipv6Address": address}]
    answer = describe(**lists).can("i-app", "2001:db8::20", "tcp/443")
    assert (answer.verdict.value, [gap.what for gap in answer.gaps]) == ("unknown", ["IPv6 through a network load balancer"])
