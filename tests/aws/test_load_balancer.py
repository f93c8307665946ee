"""Load balancers in both spellings, their nodes, and what AWS refuses (ELB-1, ALB-4, NLB-10, GWLB-1)."""

from __future__ import annotations

from typing import Any

import pytest

import simulator
from simulator.aws.load_balancer import LoadBalancer
from simulator.aws.network_interface import NetworkInterface
from simulator.packet.prefix import format_address
from tests.aws.balanced import balancer
from tests.aws.reading import Describe, Scenario, account, errors, interface, verdict, warnings

SUBNETS = """
subnets:
  pub: {vpc: main, cidr: 10.0.0.0/24, routes: {0.0.0.0/0: igw}}
  pub-b: {vpc: main, cidr: 10.0.1.0/24, zone: b, routes: {0.0.0.0/0: igw}}
  same: {vpc: main, cidr: 10.0.2.0/24}
instances: {one: {subnet: pub}}
lambdas: {fn: {}}
"""


def nodes(network: simulator.Network) -> list[NetworkInterface]:
    return [found for found in network.snapshot.all(NetworkInterface) if found.owner in ("web", "app/web/50dc6c495c0c9188")]


def addresses(node: NetworkInterface) -> list[str]:
    return [format_address(*text) for pair in node.addresses for text in (pair.private, pair.public) if text]


# --- a scenario ----------------------------------------------------------------------------------------------------------------


def test_ELB_1_a_node_in_each_subnet_with_public_addresses_where_it_faces_the_internet(scenario: Scenario) -> None:
    text = "load_balancers: {web: {subnets: [pub, pub-b], ips: 10.0.0.20, public_ips: [203.0.113.20, 203.0.113.21], security_groups: open}}"
    found = nodes(scenario(SUBNETS + text))
    assert [(node.id, node.subnet, node.groups) for node in found] == [
        ("web-eni-pub", "pub", ("open",)),
        ("web-eni-pub-b", "pub-b", ("open",)),
    ]
    assert [addresses(node) for node in found] == [["10.0.0.20", "203.0.113.20"], ["10.0.1.4", "203.0.113.21"]]


def test_ELB_1_an_internal_one_has_private_addresses_only(scenario: Scenario) -> None:
    network = scenario(SUBNETS + "load_balancers: {web: {subnets: pub, security_groups: open, listeners: {tcp/443: []}}}")
    assert [addresses(node) for node in nodes(network)] == [["10.0.0.5"]]
    assert verdict(network, "internet", "web") == "never"
    assert verdict(network, "one", "lb:web") == "always"


def test_ALB_4_without_a_group_of_its_own_it_has_the_default_one(scenario: Scenario) -> None:
    assert nodes(scenario(SUBNETS + "load_balancers: {web: {subnets: pub}}"))[0].groups == ("main-default",)


def test_NLB_1_a_network_load_balancer_may_have_no_groups(scenario: Scenario) -> None:
    network = scenario(SUBNETS + "load_balancers: {web: {type: network, subnets: pub}}")
    assert [(node.groups, node.type, node.check) for node in nodes(network)] == [((), "network_load_balancer", False)]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ("ips: [10.0.0.20, 10.0.1.20]", "load balancer `web` has more `ips` than `subnets`"),
        ("public_ips: [203.0.113.1, 203.0.113.2]", "load balancer `web` has more `public_ips` than `subnets`"),
        ("listeners: {tcp: []}", "load balancer `web`: `tcp` is no listener; write a protocol with a port, such as tcp/443"),
        ("listeners: {icmp: []}", "load balancer `web`: `icmp` is no listener; write a protocol with a port, such as tcp/443"),
        ("listeners: {tcp/80-90: []}", "load balancer `web`: `tcp/80-90` is no listener; write a protocol with a port, such as tcp/443"),
    ],
)
def test_what_makes_no_load_balancer(scenario: Scenario, fields: str, message: str) -> None:
    assert errors(scenario, f"{SUBNETS}load_balancers: {{web: {{subnets: pub, {fields}}}}}") == [message]


def test_some_public_addresses_are_too_few(scenario: Scenario) -> None:
    text = "load_balancers: {web: {subnets: [pub, pub-b], public_ips: 203.0.113.1}}"
    assert errors(scenario, SUBNETS + text) == ["load balancer `web`: each of its nodes has a public address, or none"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ("subnets: [pub, same]", " has two subnets in one zone; AWS allows one for each zone (ELB-1)"),
        (
            "subnets: same, public_ips: 203.0.113.1",
            " is internet-facing, but its subnet `same` has no route to an internet gateway (ELB-1)",
        ),
        (
            "subnets: pub, listeners: {tcp/80: tcp}",
            ": AWS refuses the target group `tcp`: its protocol is tcp, and an application load balancer speaks HTTP and HTTPS (ALB-1)",
        ),
        (
            "subnets: pub, listeners: {tcp/80: chained}",
            ": AWS refuses the target group `chained`: a load balancer is the target of network load balancers only (NLB-10)",
        ),
        (
            "subnets: pub, type: network, listeners: {tcp/80: http}",
            ": AWS refuses the target group `http`: its protocol is http, and a network load balancer speaks TCP, TLS and UDP (NLB-1)",
        ),
        (
            "subnets: pub, type: network, listeners: {tcp/80: fn}",
            ": AWS refuses the target group `fn`: functions are targets of application load balancers only (ALB-3)",
        ),
        (
            "subnets: pub, type: gateway, listeners: {udp/6081: tcp}",
            ": AWS refuses the target group `tcp`: its protocol is tcp, and a gateway load balancer speaks GENEVE (GWLB-1)",
        ),
        (
            "subnets: pub, type: gateway, listeners: {udp/6081: chained}",
            ": AWS refuses the target group `chained`: the appliances of a gateway load balancer are instances or addresses (GWLB-1)",
        ),
    ],
)
def test_what_AWS_refuses_is_told(scenario: Scenario, fields: str, message: str) -> None:
    groups = "{tcp: {port: 80, protocol: tcp}, http: {port: 80, protocol: http}, fn: {targets: fn}, chained: {port: 80, targets: w2}}"
    balancers = f"{{web: {{{fields}}}, w2: {{subnets: pub-b, public_ips: 203.0.113.9}}}}"
    network = scenario(f"{SUBNETS}target_groups: {groups}\nload_balancers: {balancers}")
    assert warnings(network) == [f"load balancer `web`{message}"]


def test_what_AWS_accepts_is_not_told(scenario: Scenario) -> None:
    groups = "{tcp: {port: 80, protocol: tcp, targets: one}, http: {port: 80, protocol: http, targets: one}, fn: {targets: fn}}"
    text = """
load_balancers:
  web: {subnets: [pub, pub-b], public_ips: [203.0.113.1, 203.0.113.2], listeners: {tcp/80: [http, fn]}}
  net: {type: network, subnets: same, listeners: {tcp/80: tcp}}
"""
    assert warnings(scenario(f"{SUBNETS}target_groups: {groups}{text}")) == []


# --- answers of AWS --------------------------------------------------------------------------------------------------------------


def node(subnet: str = "subnet-pub", address: str = "10.0.0.20", **more: Any) -> dict[str, Any]:
    more = {"Description": "ELB app/web/50dc6c495c0c9188", "RequesterId": "amazon-elb", **more}
    return interface("eni-lb", subnet, address, "sg-web", public="203.0.113.20", **more)


def test_ELB_1_the_nodes_of_an_answer_are_known_by_their_description(describe: Describe) -> None:
    lists: dict[str, Any] = account()
    lists["NetworkInterfaces"].append(node())
    network = describe(**lists, LoadBalancers=[balancer()])
    (found,) = network.snapshot.all(LoadBalancer)
    assert (found.id, found.name, found.type, found.public, found.interfaces) == (
        "app/web/50dc6c495c0c9188",
        "web",
        "application",
        True,
        ("eni-lb",),
    )
    assert [addresses(one) for one in nodes(network)] == [["10.0.0.20", "203.0.113.20"]]
    for word in ("web", "lb:web", found.id, found.arn):
        assert network.can("internet", word, "tcp/443").verdict is simulator.Verdict.UNKNOWN  # its listeners were not read


def test_a_node_that_was_not_read_is_assumed_and_told(describe: Describe) -> None:
    network = describe(**account(), LoadBalancers=[balancer()], Listeners=[])
    assert [addresses(one) for one in nodes(network)] == [["10.0.0.4", "198.18.0.1"]]
    note = "the node of app/web/50dc6c495c0c9188 in subnet-pub was not read: its private and public address is taken freely"
    assert note in network.can("internet", "web", "tcp/443").assumptions


def test_what_AWS_tells_of_a_nodes_addresses_is_taken(describe: Describe) -> None:
    told = [{"IpAddress": "203.0.113.30", "PrivateIPv4Address": "10.0.0.30", "AllocationId": "eipalloc-1"}]
    zones = [{"ZoneName": "eu-west-1a", "SubnetId": "subnet-pub", "LoadBalancerAddresses": told}]
    network = describe(**account(), LoadBalancers=[balancer(kind="network", AvailabilityZones=zones)])
    (found,) = network.snapshot.all(LoadBalancer)
    (one,) = (network.snapshot.get(NetworkInterface, name) for name in found.interfaces)
    assert one is not None
    assert (addresses(one), one.groups, one.assumed) == (["10.0.0.30", "203.0.113.30"], (), "")


def test_a_load_balancer_in_subnets_that_were_not_read_has_no_nodes(describe: Describe) -> None:
    network = describe(**account(), LoadBalancers=[balancer(subnets=("subnet-9",))])
    assert errors(lambda: network.can("internet", "web", "tcp/443")) == [
        "`app/web/50dc6c495c0c9188` has no network interface that was read"
    ]


@pytest.mark.parametrize(("attribute", "crosses"), [([], None), (["false"], False), (["true"], True)])
def test_ELB_3_balancing_across_zones_is_an_attribute(describe: Describe, attribute: list[str], crosses: bool | None) -> None:
    values = [{"Key": "load_balancing.cross_zone.enabled", "Value": value} for value in attribute]
    network = describe(**account(), LoadBalancers=[balancer()], Attributes=values, LoadBalancerArn=balancer()["LoadBalancerArn"])
    (found,) = network.snapshot.all(LoadBalancer)
    assert found.cross_zone is crosses
