"""From an interface endpoint to what is behind another's service, and back (PL-1 to PL-4, W-19)."""

from __future__ import annotations

from typing import Any

from tests.aws.reading import Scenario, errors, path, refusal, reply_path, verdict

LINKED = """
vpcs:
  main: {cidr: 10.0.0.0/16}
  far: {cidr: 10.0.0.0/16}
subnets:
  a: {vpc: main, cidr: 10.0.0.0/24, zone: a}
  ends: {vpc: main, cidr: 10.0.1.0/24, zone: a}
  ends-b: {vpc: main, cidr: 10.0.2.0/24, zone: b}
  n: {vpc: far, cidr: 10.0.0.0/24, zone: a}
  n-b: {vpc: far, cidr: 10.0.1.0/24, zone: b}
  t: {vpc: far, cidr: 10.0.2.0/24, zone: a}
security_groups:
  far-open: {vpc: far, inbound: {from: 0.0.0.0/0, allow: all}}
  ref: {vpc: far, inbound: {from: nlb, allow: all}}
  nlb: {vpc: far, inbound: {from: 10.0.0.0/24, allow: tcp/443}}
instances:
  client: {subnet: a, ip: 10.0.0.10, security_groups: open}
  server: {subnet: t, ip: 10.0.2.10, security_groups: far-open}
target_groups: {shop: {port: 8080, targets: server}}
load_balancers:
  net: {type: network, subnets: n, ips: 10.0.0.20, listeners: {tcp/443: shop}}
endpoint_services: {svc: {load_balancers: net}}
vpc_endpoints: {e: {vpc: main, service: svc, subnets: ends, security_groups: open}}
"""
GROUPED = ("listeners: {tcp/443: shop}", "security_groups: nlb, listeners: {tcp/443: shop}")


def changed(*changes: tuple[str, str]) -> str:
    text = LINKED
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def received(network: Any) -> str:
    forward = network.can("client", "e", "tcp/443").forward
    assert forward is not None
    return str(forward.received)


def test_PL_1_PL_3_from_the_endpoint_to_a_target_and_back_whatever_the_blocks(scenario: Scenario) -> None:
    network = scenario(LINKED)
    assert verdict(network, "client", "e") == "always"
    assert path(network, "client", "e") == [
        *("client", "client-eni", "a", "main", "ends", "e-eni-ends", "e", "net-eni", "net", "n", "far", "t", "server-eni", "server")
    ]
    assert reply_path(network, "client", "e") == [
        *("server", "server-eni", "t", "far", "n", "net-eni", "net", "e-eni-ends", "ends", "main", "a", "client-eni", "client")
    ]


def test_PL_1_the_target_sees_the_node_whatever_its_group_says(scenario: Scenario) -> None:
    for kept in ("", ", preserve_client_ip: true"):
        network = scenario(changed(("targets: server", f"targets: server{kept}")))
        assert received(network).startswith("tcp 10.0.0.20:")
        assert received(network).endswith("> 10.0.2.10:8080")
    hairpin = changed(("targets: server", "targets: 10.0.0.10"))  # the consumer has this address, and here another has it too
    host = hairpin.replace("instances:\n", "instances:\n  twin: {subnet: n, ip: 10.0.0.10, security_groups: far-open}\n")
    assert verdict(scenario(host), "client", "e") == "always"


def test_PL_2_the_groups_of_the_load_balancer_judge_the_consumer_by_its_address(scenario: Scenario) -> None:
    assert verdict(scenario(changed(GROUPED)), "client", "e") == "always"
    elsewhere = ("{from: 10.0.0.0/24, allow: tcp/443}", "{from: 10.0.1.0/24, allow: tcp/443}")  # the block of the endpoint
    assert refusal(scenario(changed(GROUPED, elsewhere)), "client", "e") == (
        "forward",
        "ENI_SG_RULES_MISMATCH",
        "nlb no ingress rule matches",
    )
    off = ("security_groups: nlb, ", "security_groups: nlb, enforce_private_link: false, ")
    assert verdict(scenario(changed(GROUPED, elsewhere, off)), "client", "e") == "always"


def test_PL_2_a_target_may_name_the_group_of_the_load_balancer(scenario: Scenario) -> None:
    by_group = ("ip: 10.0.2.10, security_groups: far-open", "ip: 10.0.2.10, security_groups: ref")
    assert verdict(scenario(changed(GROUPED, by_group)), "client", "e") == "always"
    assert verdict(scenario(changed(by_group)), "client", "e") == "never"


def test_PL_2_its_outbound_rules_judge_too(scenario: Scenario) -> None:
    mute = ("{from: 10.0.0.0/24, allow: tcp/443}", "{from: 10.0.0.0/24, allow: tcp/443}, outbound: {to: 10.0.9.0/24, allow: all}")
    assert refusal(scenario(changed(GROUPED, mute)), "client", "e") == ("forward", "ENI_SG_RULES_MISMATCH", "nlb no egress rule matches")


def test_PL_3_no_way_leads_from_the_provider_to_the_consumer(scenario: Scenario) -> None:
    network = scenario(
        changed(("cidr: 10.0.0.0/16}\n  far: {cidr: 10.0.0.0/16}", "cidr: 10.0.0.0/16}\n  far: {cidr: [10.1.0.0/16, 10.0.0.0/16]}"))
    )
    assert verdict(network, "server", "client") == "never"
    assert errors(lambda: network.can("e", "client", "tcp/443")) == ["`e` starts no connections"]


def test_PL_4_each_interface_leads_to_the_node_in_its_zone(scenario: Scenario) -> None:
    both = ("subnets: ends,", "subnets: [ends, ends-b],")
    network = scenario(changed(both))
    assert verdict(network, "client", "e") == "sometimes"
    assert refusal(network, "client", "10.0.2.4") == ("forward", "VPCE_SERVICE_NOT_INSTALLED_IN_AZ", "svc zones of its load balancers")
    wide = changed(both, ("subnets: n, ips: 10.0.0.20", "subnets: [n, n-b]"))
    assert refusal(scenario(wide), "client", "10.0.2.4")[1] == "ELBV2_NO_TARGETS_IN_AZ"
    assert (
        verdict(scenario(wide.replace("target_groups: {shop: {", "target_groups: {shop: {cross_zone: true, ")), "client", "e") == "always"
    )


def test_ELB_5_only_the_ports_of_its_listeners(scenario: Scenario) -> None:
    assert refusal(scenario(LINKED), "client", "e", "tcp/80") == ("forward", "ELBV2_LISTENERS_MISMATCH", "net its listeners")
    assert refusal(scenario(LINKED), "client", "e", "icmp")[1] == "PROTOCOL_RESTRICTION"


def test_PL_1_the_state_of_endpoint_and_load_balancer(scenario: Scenario) -> None:
    waiting = changed(("subnets: ends,", "subnets: ends, state: pendingacceptance,"))
    assert refusal(scenario(waiting), "client", "e") == ("forward", "BAD_STATE", "e state pendingacceptance")
    dead = changed(("type: network,", "type: network, state: provisioning,"))
    assert refusal(scenario(dead), "client", "e") == ("forward", "BAD_STATE", "net state provisioning")


def test_PL_1_the_load_balancer_serves_its_own_clients_beside_endpoints(scenario: Scenario) -> None:
    text = changed(("instances:\n", "instances:\n  local: {subnet: t, ip: 10.0.2.50, security_groups: far-open}\n"))
    for kept in ("true", "false"):
        network = scenario(text.replace("targets: server", f"targets: server, preserve_client_ip: {kept}"))
        assert (
            verdict(network, "local", "net") == verdict(network, "client", "e") == verdict(network, "net", "server", "tcp/8080") == "always"
        )


def test_NLB_6_the_acl_of_the_target_sees_the_node(scenario: Scenario) -> None:
    for block, wanted in (("10.0.0.0/24", "always"), ("10.0.1.0/24", "never")):
        rules = f"inbound: [{{rule: 1, from: {block}, allow: all}}], outbound: [{{rule: 1, allow: all}}]"
        acl = f"network_acls: {{in: {{vpc: far, subnets: t, {rules}}}}}"
        assert verdict(scenario(LINKED + acl), "client", "e") == wanted
