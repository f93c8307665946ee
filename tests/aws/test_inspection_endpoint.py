"""Endpoints for inspection as route targets, and gateway load balancers behind them (GWLBE-1 to GWLBE-6, GWLB-1, GWLB-2, RT-28)."""

from __future__ import annotations

from typing import Any

import pytest

import simulator
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.vpc_endpoint import VpcEndpoint
from tests.aws.balanced import balancer, group_arn, health, target_group
from tests.aws.reading import Describe, Scenario, account, changed, errors, interface, path, refusal, reply_path, verdict, warnings

BOXES = """
vpcs:
  main: {cidr: 10.0.0.0/16, internet_gateway: igw}
  tool: {cidr: 10.9.0.0/16}
subnets:
  p: {vpc: main, cidr: 10.0.1.0/24, zone: a, routes: {10.0.2.0/24: e}}
  q: {vpc: main, cidr: 10.0.2.0/24, zone: a, routes: {10.0.1.0/24: e}}
  f: {vpc: main, cidr: 10.0.3.0/24, zone: a}
  f-b: {vpc: main, cidr: 10.0.4.0/24, zone: b}
  n: {vpc: tool, cidr: 10.9.0.0/24, zone: a}
  n-b: {vpc: tool, cidr: 10.9.1.0/24, zone: b}
  x: {vpc: tool, cidr: 10.9.2.0/24, zone: a}
security_groups:
  geneve: {vpc: tool, inbound: {from: 10.9.0.0/24, allow: udp/6081}}
  deaf: {vpc: tool, inbound: []}
  clients: {vpc: main}
  by-ref: {vpc: main, inbound: {from: clients, allow: all}}
instances:
  one: {subnet: p, security_groups: open}
  two: {subnet: q, security_groups: open}
  member: {subnet: p, security_groups: clients}
  strict: {subnet: q, security_groups: by-ref}
  box: {subnet: x, security_groups: geneve, ip: 10.9.2.10}
  box-2: {subnet: x, security_groups: deaf, ip: 10.9.2.11}
target_groups: {boxes: {protocol: geneve, targets: box}}
load_balancers:
  gwlb: {type: gateway, subnets: n, listeners: {udp/6081: boxes}}
endpoint_services: {svc: {load_balancers: gwlb}}
vpc_endpoints: {e: {vpc: main, service: svc, subnets: f}}
"""
RULED = (
    "listeners: {udp/6081: boxes}",
    "listeners: {udp/6081: boxes}, inspection: [{to: 10.0.2.0/24, allow: tcp/443}, {from: 10.0.2.0/24, deny: udp}]",
)


def boxes(*changes: tuple[str, str]) -> str:
    text = BOXES
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


# --- through an endpoint ---------------------------------------------------------------------------------------------------------


def test_GWLBE_1_GWLBE_2_through_the_endpoint_and_on_by_its_subnets_routes(scenario: Scenario) -> None:
    network = scenario(boxes())
    assert verdict(network, "one", "two") == "always"
    assert path(network, "one", "two") == ["one", "one-eni", "p", "f", "e", "gwlb", "f", "main", "q", "two-eni", "two"]
    assert reply_path(network, "one", "two") == ["two", "two-eni", "q", "f", "e", "gwlb", "f", "main", "p", "one-eni", "one"]
    answer = network.can("one", "two", "tcp/443")
    assert "what the appliances behind gwlb pass was not told: taken to pass everything" in answer.assumptions
    assert answer.forward is not None
    assert answer.forward.sent == answer.forward.received


def test_it_is_one_by_what_is_behind_its_service(scenario: Scenario) -> None:
    network = scenario(boxes())
    found = network.snapshot.get(VpcEndpoint, "e")
    assert found is not None
    assert (found.type, found.private_dns) == ("GatewayLoadBalancer", False)
    (one,) = (network.snapshot.get(NetworkInterface, name) for name in found.interfaces)
    assert one is not None
    assert (one.type, one.groups) == ("gateway_load_balancer_endpoint", ())


def test_SG_13_group_references_are_lost_in_both_directions(scenario: Scenario) -> None:
    network = scenario(boxes())
    assert refusal(network, "member", "strict")[:2] == ("forward", "SG_REFERENCES_NOT_PRESERVED")
    by_reference = boxes(("clients: {vpc: main}", "clients: {vpc: main, outbound: {to: by-ref, allow: all}}"))
    assert refusal(scenario(by_reference), "member", "strict") == (
        "forward",
        "SG_REFERENCES_NOT_PRESERVED",
        "e traffic routed through an appliance",
    )


@pytest.mark.parametrize("direction", ["inbound", "outbound"])
def test_GWLBE_4_the_acl_of_its_subnet_judges_what_enters_and_what_leaves(scenario: Scenario, direction: str) -> None:
    rules = {"inbound": "[{rule: 1, allow: all}]", "outbound": "[{rule: 1, allow: all}]", direction: "[{rule: 1, allow: udp}]"}
    acl = f"network_acls: {{cross: {{vpc: main, subnets: f, inbound: {rules['inbound']}, outbound: {rules['outbound']}}}}}"
    assert refusal(scenario(boxes() + acl), "one", "two")[1] == "SUBNET_ACL_RESTRICTION"
    assert verdict(scenario(boxes() + acl), "one", "two", "udp/53") == "always"


def test_GWLBE_3_an_endpoint_in_a_protected_subnet_is_told(scenario: Scenario) -> None:
    inside = boxes(("service: svc, subnets: f}", "service: svc, subnets: p}"))
    told = "endpoint `e` lies in subnet `p`, whose own routes lead to it; protected subnets are others (GWLBE-3)"
    assert warnings(scenario(inside)) == [told]
    assert warnings(scenario(boxes())) == []


def test_GWLBE_2_routes_back_to_itself_are_a_loop(scenario: Scenario) -> None:
    circle = boxes(("f: {vpc: main, cidr: 10.0.3.0/24, zone: a}", "f: {vpc: main, cidr: 10.0.3.0/24, zone: a, routes: {10.0.2.0/24: e}}"))
    assert refusal(scenario(circle), "one", "two")[1] == "SIM_ROUTING_LOOP"


# --- what the appliances pass ----------------------------------------------------------------------------------------------------


def test_GWLBE_6_rules_of_the_appliances_decide_in_order(scenario: Scenario) -> None:
    network = scenario(boxes(RULED))
    assert verdict(network, "one", "two") == "always"  # the answer belongs to a flow they passed
    assert refusal(network, "one", "two", "tcp/80") == ("forward", "FIREWALL_RULES_RESTRICTION", "gwlb inspection")
    assert refusal(network, "two", "one", "udp/53") == ("forward", "FIREWALL_RULES_RESTRICTION", "gwlb inspection 2")
    assert network.can("one", "two", "tcp/443").assumptions == ()


def test_GWLBE_6_without_state_the_answer_needs_a_rule(scenario: Scenario) -> None:
    stateless = boxes((RULED[0], RULED[1] + ", keeps_state: false"))
    assert refusal(scenario(stateless), "one", "two") == ("reply", "FIREWALL_RULES_RESTRICTION", "gwlb inspection")


ONE_SIDED = ("zone: a, routes: {10.0.1.0/24: e}}", "zone: a}")


def test_GWLBE_5_an_answer_past_the_endpoint_is_seen_by_nobody(scenario: Scenario) -> None:
    """It saw the request of the one, which is answered past it; of the other it sees the answer only, which a stateful one drops."""
    network = scenario(boxes(ONE_SIDED, RULED))
    assert verdict(network, "one", "two") == "always"
    assert refusal(network, "two", "one")[:2] == ("reply", "SIM_RETURN_PATH_ASYMMETRIC")
    assert verdict(network, "two", "one", "udp/53") == "never"  # judged by the rules
    unknown = scenario(boxes(ONE_SIDED))
    assert (verdict(unknown, "two", "one"), verdict(unknown, "two", "one", "udp/53")) == ("unknown", "always")
    told = scenario(boxes(ONE_SIDED, ("listeners: {udp/6081: boxes}", "listeners: {udp/6081: boxes}, keeps_state: false")))
    assert verdict(told, "two", "one") == "always"


def test_GWLBE_5_two_endpoints_do_not_share_what_they_saw(scenario: Scenario) -> None:
    """Trap T28: each direction by the endpoint of another zone."""
    text = boxes(
        ("zone: a, routes: {10.0.1.0/24: e}}", "zone: b, routes: {10.0.1.0/24: e-b}}"),
        ("vpc_endpoints: {", "vpc_endpoints: {e-b: {vpc: main, service: svc, subnets: f-b}, "),
        ("type: gateway, subnets: n,", "type: gateway, subnets: [n, n-b], cross_zone: true,"),
        ("{from: 10.9.0.0/24, allow: udp/6081}", "{from: 10.9.0.0/16, allow: udp/6081}"),
        RULED,
    )
    network = scenario(text)
    assert refusal(network, "one", "two")[:2] == ("reply", "SIM_RETURN_PATH_ASYMMETRIC")
    assert reply_path(network, "one", "two")[3:6] == ["f-b", "e-b", "gwlb"]


# --- the gateway load balancer -------------------------------------------------------------------------------------------------------


def test_GWLB_1_GENEVE_has_to_reach_an_appliance(scenario: Scenario) -> None:
    deaf = scenario(boxes(("targets: box}", "targets: box-2}")))
    assert refusal(deaf, "one", "two") == ("forward", "SG_HAS_NO_RULES", "deaf no ingress rule matches")
    hard = scenario(
        boxes(
            ("targets: box}", "targets: box-2}"),
            ("deaf: {vpc: tool, inbound: []}", "deaf: {vpc: tool, inbound: {from: 10.9.0.0/24, allow: tcp}}"),
        )
    )
    assert refusal(hard, "one", "two") == ("forward", "ENI_SG_RULES_MISMATCH", "deaf no ingress rule matches")
    some = scenario(boxes(("targets: box}", "targets: [box, box-2]}")))
    assert verdict(some, "one", "two") == "sometimes"
    for subnet, direction in (("n", "outbound"), ("x", "inbound")):
        rules = {"inbound": "[{rule: 1, allow: all}]", "outbound": "[{rule: 1, allow: all}]", direction: "[{rule: 1, allow: tcp}]"}
        acl = f"network_acls: {{no: {{vpc: tool, subnets: {subnet}, inbound: {rules['inbound']}, outbound: {rules['outbound']}}}}}"
        assert refusal(scenario(boxes() + acl), "one", "two")[1] == "SUBNET_ACL_RESTRICTION"


def test_GWLB_1_GENEVE_alone_can_be_asked_about(scenario: Scenario) -> None:
    network = scenario(boxes())
    assert verdict(network, "gwlb", "box", "udp/6081") == "always"
    assert refusal(network, "gwlb", "box", "udp/53")[1] == refusal(network, "gwlb", "box", "tcp/6081")[1] == "TARGET_PORT_RESTRICTION"


@pytest.mark.parametrize(("across", "told"), [("true", "false"), ("false", "true")])
def test_ELB_3_a_target_group_says_nothing_about_gateway_load_balancers(scenario: Scenario, across: str, told: str) -> None:
    """The appliance lies in another zone than the node."""
    text = boxes(
        ("x: {vpc: tool, cidr: 10.9.2.0/24, zone: a}", "x: {vpc: tool, cidr: 10.9.2.0/24, zone: b}"),
        ("type: gateway, subnets: n,", f"type: gateway, subnets: [n, n-b], cross_zone: {across},"),
        ("{from: 10.9.0.0/24, allow: udp/6081}", "{from: 10.9.0.0/16, allow: udp/6081}"),
        ("targets: box}", f"targets: box, cross_zone: {told}}}"),
    )
    network = scenario(text)
    assert verdict(network, "one", "two") == ("always" if across == "true" else "never")
    near = next(one.id for one in network.snapshot.all(NetworkInterface) if one.subnet == "n")
    assert verdict(network, near, "box", "udp/6081") == ("always" if across == "true" else "never")
    why = "target group `boxes`: a gateway load balancer asks no group for `cross_zone`; say it of the load balancer (ELB-3)"
    assert warnings(network) == [why]


def test_GWLB_1_without_appliances_nothing_passes(scenario: Scenario) -> None:
    assert refusal(scenario(boxes(("targets: box}", "targets: []}"))), "one", "two")[1] == "ELBV2_LISTENER_HAS_NO_TG"
    elsewhere = boxes(("x: {vpc: tool, cidr: 10.9.2.0/24, zone: a}", "x: {vpc: tool, cidr: 10.9.2.0/24, zone: b}"))
    assert refusal(scenario(elsewhere), "one", "two")[1] == "ELBV2_LISTENER_HAS_NO_TG"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("type: gateway,", "type: gateway, state: provisioning,", "BAD_STATE"),
        ("service: svc, subnets: f}", "service: svc, subnets: f, state: pendingacceptance}", "BAD_STATE"),
        ("service: svc, subnets: f}", "service: svc, subnets: f-b}", "VPCE_SERVICE_NOT_INSTALLED_IN_AZ"),
    ],
)
def test_GWLBE_1_what_does_not_work(scenario: Scenario, old: str, new: str, code: str) -> None:
    assert refusal(scenario(boxes((old, new))), "one", "two")[1] == code


def test_GWLB_2_nothing_reaches_it_but_by_its_endpoints(scenario: Scenario) -> None:
    network = scenario(boxes())
    assert refusal(network, "box-2", "lb:gwlb", "tcp/443") == ("forward", "ELBV2_LISTENERS_MISMATCH", "gwlb reached through endpoints only")


# --- what AWS refuses ------------------------------------------------------------------------------------------------------------


def test_RT_28_a_prefix_list_leads_to_no_endpoint_for_inspection(scenario: Scenario) -> None:
    text = boxes(("zone: a, routes: {10.0.2.0/24: e}}", "zone: a, routes: {far: e}}")) + "prefix_lists: {far: {entries: [10.8.0.0/16]}}"
    told = "route table `p-routes`: AWS refuses far -> e; a route to an endpoint for inspection takes no prefix list (RT-28)"
    assert warnings(scenario(text)) == [told]


@pytest.mark.parametrize("endpoint", ["sqs: {vpc: main, service: sqs, subnets: f}", "sqs: {vpc: main, service: s3}"])
def test_RT_29_other_endpoints_are_no_targets_of_written_routes(scenario: Scenario, endpoint: str) -> None:
    text = boxes(
        ("zone: a, routes: {10.0.2.0/24: e}}", "zone: a, routes: {10.8.0.0/16: sqs}}"),
        ("vpc_endpoints: {", f"vpc_endpoints: {{{endpoint}, "),
    )
    (message,) = errors(scenario, text)
    assert message == (
        "route table `p-routes`: target `sqs` is no endpoint of a Gateway Load Balancer; routes to others are not written (RT-25, RT-29)"
    )


def test_GWLBE_1_one_subnet_only(scenario: Scenario) -> None:
    network = scenario(boxes(("service: svc, subnets: f}", "service: svc, subnets: [f, f-b]}")))
    assert warnings(network)[-1] == "endpoint `e` for inspection has several subnets; AWS allows one (GWLBE-1)"


def test_a_rule_says_allow_or_deny(scenario: Scenario) -> None:
    text = boxes(("listeners: {udp/6081: boxes}", "listeners: {udp/6081: boxes}, inspection: [{allow: tcp, deny: udp}]"))
    assert errors(scenario, text) == ["`gwlb`: a rule of its inspection says `allow` or `deny`, one of them"]


# --- answers of AWS --------------------------------------------------------------------------------------------------------------


def described(**more: Any) -> dict[str, Any]:
    """The account, whose private subnet reaches the web server's through an endpoint in a subnet of its own."""
    lists = account()
    lists["Subnets"].append({"SubnetId": "subnet-f", "VpcId": "vpc-1", "CidrBlock": "10.0.3.0/24", "AvailabilityZone": "eu-west-1a"})
    local = {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active", "Origin": "CreateRouteTable"}
    detour = {"DestinationCidrBlock": "10.0.0.0/24", "GatewayId": "vpce-f", "State": "active", "Origin": "CreateRoute"}
    lists = changed(lists, "RouteTables", "rtb-main", Routes=[local, detour], Associations=[{"Main": True}, {"SubnetId": "subnet-app"}])
    lists["RouteTables"].append({"RouteTableId": "rtb-f", "VpcId": "vpc-1", "Associations": [{"SubnetId": "subnet-f"}], "Routes": [local]})
    public = lists["RouteTables"][1]
    public["Routes"].append({"DestinationCidrBlock": "10.0.1.0/24", "GatewayId": "vpce-f", "State": "active", "Origin": "CreateRoute"})
    return {**lists, "VpcEndpoints": [endpoint()], **more}


def endpoint(**more: Any) -> dict[str, Any]:
    return {
        "VpcEndpointId": "vpce-f",
        "VpcEndpointType": "GatewayLoadBalancer",
        "VpcId": "vpc-1",
        "ServiceName": "com.amazonaws.vpce.eu-west-1.vpce-svc-1",
        "State": "available",
        "SubnetIds": ["subnet-f"],
        "NetworkInterfaceIds": ["eni-f"],
        **more,
    }


def behind(network: simulator.Network) -> tuple[str, list[str]]:
    answer = network.can("i-app", "i-web", "tcp/443")
    return answer.verdict.value, [text for text in answer.assumptions if "pass everything" in text]


def test_GWLBE_6_what_inspects_and_was_not_read_passes_everything_and_is_told(describe: Describe) -> None:
    network = describe(**described())
    assert behind(network) == ("always", ["what inspects at vpce-f was not read: taken to pass everything"])
    assert path(network, "i-app", "i-web") == [
        "i-app",
        "eni-app",
        "subnet-app",
        "subnet-f",
        "vpce-f",
        "subnet-f",
        "vpc-1",
        "subnet-pub",
        "eni-web",
        "i-web",
    ]


def test_a_firewall_that_was_not_read_is_a_gap(describe: Describe) -> None:
    tags = [
        {"Key": "AWSNetworkFirewallManaged", "Value": "true"},
        {"Key": "Firewall", "Value": "arn:aws:network-firewall:eu-west-1:1:firewall/fw"},
    ]
    assert verdict(describe(**described(VpcEndpoints=[endpoint(Tags=tags)])), "i-app", "i-web") == "unknown"


def test_GWLB_1_a_gateway_load_balancer_of_describe_answers(describe: Describe) -> None:
    gwlb = balancer("boxes", "gateway", subnets=("subnet-f",), Scheme="internal")
    service = {
        "ServiceId": "vpce-svc-1",
        "ServiceName": "com.amazonaws.vpce.eu-west-1.vpce-svc-1",
        "GatewayLoadBalancerArns": [gwlb["LoadBalancerArn"]],
    }
    of = "gwy/boxes/50dc6c495c0c9188"
    arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:"
    action = {"Type": "forward", "TargetGroupArn": group_arn("boxes")}
    listener = {"ListenerArn": f"{arn}listener/{of}/1", "LoadBalancerArn": f"{arn}loadbalancer/{of}", "DefaultActions": [action]}
    lists = described(
        LoadBalancers=[gwlb],
        ServiceConfigurations=[service],
        Listeners=[listener],
        TargetGroups=[target_group("boxes", protocol="GENEVE", port=6081)],
        TargetHealthDescriptions=[health("i-box", port=6081)],
    )
    lists["SecurityGroups"].append(
        {"GroupId": "sg-box", "GroupName": "sg-box", "VpcId": "vpc-1", "IpPermissions": [], "IpPermissionsEgress": []}
    )
    lists["NetworkInterfaces"].append(interface("eni-box", "subnet-f", "10.0.3.50", "sg-box", instance="i-box"))
    lists["Reservations"][0]["Instances"].append(
        {"InstanceId": "i-box", "State": {"Name": "running"}, "NetworkInterfaces": [{"NetworkInterfaceId": "eni-box"}]}
    )
    assert verdict(describe(**lists), "i-app", "i-web") == "never"
    lists["SecurityGroups"][-1]["IpPermissions"] = [
        {"IpProtocol": "udp", "FromPort": 6081, "ToPort": 6081, "IpRanges": [{"CidrIp": "10.0.0.0/16"}]}
    ]
    told = "what the appliances behind gwy/boxes/50dc6c495c0c9188 pass was not told: taken to pass everything"
    assert behind(describe(**lists)) == ("always", [told])
    unread = {key: value for key, value in lists.items() if key != "Listeners"}
    assert verdict(describe(**unread), "i-app", "i-web") == "unknown"
    boxes_list = {"IpProtocol": "udp", "FromPort": 6081, "ToPort": 6081, "PrefixListIds": [{"PrefixListId": "pl-unread"}]}
    lists["SecurityGroups"][-1]["IpPermissions"] = [boxes_list]
    assert verdict(describe(**lists), "i-app", "i-web") == "unknown"  # a list of which nobody knows what is in it
    groupless = changed(lists, "NetworkInterfaces", "eni-box", Groups=[])
    assert verdict(describe(**groupless), "i-app", "i-web") == "unknown"
