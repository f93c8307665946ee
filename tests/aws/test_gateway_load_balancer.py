"""From an endpoint over a node to an appliance: what GENEVE meets, and what nobody knows (GWLB-1, ELB-3)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws.balanced import balancer, group_arn, health, target_group
from tests.aws.reading import Describe, Scenario, group, interface, refusal, verdict
from tests.aws.test_inspection_endpoint import boxes, described

NODES_TO = "network_acls: {{cross: {{vpc: tool, subnets: n, inbound: [{{rule: 1, allow: all}}], outbound: [{{rule: 1, {rule}}}]}}}}"
TO_NODE = "network_acls: {{cross: {{vpc: tool, subnets: x, inbound: [{{rule: 1, {rule}}}], outbound: [{{rule: 1, allow: all}}]}}}}"


@pytest.mark.parametrize(
    ("acl", "rule", "refused"),
    [
        (NODES_TO, "to: 10.9.2.10/32, allow: udp/6081", False),
        (NODES_TO, "to: 10.9.2.11/32, allow: udp/6081", True),
        (NODES_TO, "to: 10.9.2.10/32, allow: udp/6080", True),
        (NODES_TO, "to: 10.9.2.10/32, allow: tcp", True),
        (TO_NODE, "from: 10.9.0.0/24, allow: udp/6081", False),
        (TO_NODE, "from: 10.9.1.0/24, allow: udp/6081", True),
    ],
)
def test_GWLB_1_GENEVE_goes_from_the_node_to_the_appliances_address(scenario: Scenario, acl: str, rule: str, refused: bool) -> None:
    network = scenario(boxes() + acl.format(rule=rule))
    if refused:
        direction = "egress" if acl is NODES_TO else "ingress"
        part = f"cross {direction} rule *"
        assert refusal(network, "one", "two") == ("forward", "SUBNET_ACL_RESTRICTION", part)
    else:
        assert verdict(network, "one", "two") == "always"


def shown(*targets: dict[str, Any], kind: str = "instance", **more: Any) -> dict[str, Any]:
    """A gateway load balancer in the subnet of its endpoint, `eni-box` beside it, and these targets."""
    gwlb = balancer("boxes", "gateway", subnets=("subnet-f",), Scheme="internal")
    of, arn = "gwy/boxes/50dc6c495c0c9188", "arn:aws:elasticloadbalancing:eu-west-1:111122223333:"
    service = {"ServiceId": "vpce-svc-1", "ServiceName": "com.amazonaws.vpce.eu-west-1.vpce-svc-1"}
    action = {"Type": "forward", "TargetGroupArn": group_arn("boxes")}
    listener = {"ListenerArn": f"{arn}listener/{of}/1", "LoadBalancerArn": f"{arn}loadbalancer/{of}", "DefaultActions": [action]}
    lists = described(
        LoadBalancers=[gwlb],
        ServiceConfigurations=[{**service, "GatewayLoadBalancerArns": [gwlb["LoadBalancerArn"]]}],
        Listeners=[listener],
        TargetGroups=[target_group("boxes", protocol="GENEVE", port=6081, kind=kind)],
        TargetHealthDescriptions=list(targets),
    )
    admits = {"IpProtocol": "udp", "FromPort": 6081, "ToPort": 6081, "IpRanges": [{"CidrIp": "10.0.3.0/24"}]}
    lists["SecurityGroups"].append(group("sg-box", IpPermissions=[admits]))
    lists["NetworkInterfaces"].append(interface("eni-box", "subnet-f", "10.0.3.50", "sg-box"))
    return {**lists, **more}


def test_GWLB_1_an_appliance_that_was_not_read_makes_it_unknown(describe: Describe) -> None:
    answer = describe(**shown(health("i-gone", port=6081))).can("i-app", "i-web", "tcp/443")
    assert answer.verdict.value == "unknown"
    assert answer.forward is not None
    assert answer.forward.hops[-1].steps[-1].code == "UNKNOWN_RESOURCE"


def test_GWLB_1_so_does_an_address_that_nothing_read_has(describe: Describe) -> None:
    assert verdict(describe(**shown(health("10.0.3.51", port=6081), kind="ip")), "i-app", "i-web") == "unknown"
    assert verdict(describe(**shown(health("10.0.3.50", port=6081), kind="ip")), "i-app", "i-web") == "always"


def test_ELB_3_an_address_elsewhere_counts_for_the_zone_it_is_registered_with(describe: Describe) -> None:
    """Of an appliance in another VPC only the registration says for which zone it counts: one, or `all`."""
    found = []
    for zone in ("all", "eu-west-1a", "eu-west-1b"):
        lists = shown(health("10.8.0.9", port=6081, AvailabilityZone=zone), kind="ip")
        found.append(verdict(describe(**lists), "i-app", "i-web"))
    assert found == ["unknown", "unknown", "never"]


def test_GWLB_1_a_node_whose_address_was_not_read_is_told(describe: Describe) -> None:
    """A group may admit GENEVE from a part of the subnet only, so the address of the node may decide."""
    answer = describe(**shown(health("10.0.3.50", port=6081), kind="ip")).can("i-app", "i-web", "tcp/443")
    told = "the node of gwy/boxes/50dc6c495c0c9188 in subnet-f was not read: its private address is taken freely"
    assert told in answer.assumptions
