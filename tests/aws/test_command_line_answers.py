"""Answers as the AWS command line prints them, one file each: every service whose resources are ends or say something of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import simulator
from simulator.aws.prefix_list import PrefixList
from simulator.aws.vpc import Vpc
from tests.aws.reading import account, interface, loaded, not_modelled, verdict, warnings

CONFIG = {"SubnetIds": ["subnet-app"], "SecurityGroupIds": ["sg-app"], "VpcId": "vpc-1"}
LB = "arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/web/50dc6c495c0c9188"
TG = "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/t/1"


def arn(service: str, rest: str) -> str:
    return f"arn:aws:{service}:eu-west-1:111122223333:{rest}"


def function(name: str) -> dict[str, Any]:
    return {"FunctionName": name, "FunctionArn": arn("lambda", f"function:{name}"), "Runtime": "x", "VpcConfig": CONFIG}


TASK = {
    "taskArn": arn("ecs", "task/c/abc"),
    "clusterArn": arn("ecs", "cluster/c"),
    "lastStatus": "RUNNING",
    "group": "service:web",
    "attachments": [
        {
            "id": "1",
            "type": "ElasticNetworkInterface",
            "status": "ATTACHED",
            "details": [
                {"name": "subnetId", "value": "subnet-app"},
                {"name": "networkInterfaceId", "value": "eni-task"},
                {"name": "privateIPv4Address", "value": "10.0.1.50"},
            ],
        }
    ],
}
BALANCER = {
    "LoadBalancerArn": LB,
    "LoadBalancerName": "web",
    "Scheme": "internal",
    "VpcId": "vpc-1",
    "State": {"Code": "active"},
    "Type": "application",
    "AvailabilityZones": [{"ZoneName": "eu-west-1a", "SubnetId": "subnet-app", "LoadBalancerAddresses": []}],
    "SecurityGroups": ["sg-app"],
}
GROUP = {"TargetGroupArn": TG, "TargetGroupName": "t", "Protocol": "HTTP", "Port": 80, "TargetType": "instance", "LoadBalancerArns": [LB]}
LISTENER = {
    "ListenerArn": arn("elasticloadbalancing", "listener/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2"),
    "LoadBalancerArn": LB,
    "Port": 8080,
    "Protocol": "HTTP",
    "DefaultActions": [{"Type": "forward", "TargetGroupArn": TG}],
}
VIF = {
    "virtualInterfaceId": "dxvif-1",
    "virtualInterfaceType": "private",
    "virtualInterfaceState": "available",
    "virtualGatewayId": "vgw-1",
    "directConnectGatewayId": "",
    "routeFilterPrefixes": [],
    "bgpPeers": [{"bgpPeerState": "available", "bgpStatus": "up"}],
}
VGW = {"VpnGatewayId": "vgw-1", "State": "available", "VpcAttachments": [{"State": "attached", "VpcId": "vpc-1"}]}
# By file: the answer, and an end that it makes, if any.
ANSWERS: dict[str, tuple[dict[str, Any], str]] = {
    "lambda-list-functions": ({"Functions": [function("one")]}, "lambda:one"),
    "lambda-get-function": ({"Configuration": function("two"), "Code": {"Location": "x"}, "Tags": {"a": "b"}}, "lambda:two"),
    "lambda-get-function-configuration": (function("three"), "lambda:three"),
    "ecs-describe-tasks": ({"tasks": [TASK], "failures": []}, "task:web"),
    "ecs-describe-clusters": ({"clusters": [{"clusterArn": arn("ecs", "cluster/c"), "clusterName": "c"}], "failures": []}, ""),
    "ecs-list-tasks": ({"taskArns": [TASK["taskArn"]]}, ""),
    "ecs-describe-task-definition": ({"taskDefinition": {"taskDefinitionArn": "x", "networkMode": "awsvpc"}, "tags": []}, ""),
    "elbv2-describe-load-balancers": ({"LoadBalancers": [BALANCER]}, "lb:web"),
    "elbv2-describe-listeners": ({"Listeners": [LISTENER]}, ""),
    "elbv2-describe-target-groups": ({"TargetGroups": [GROUP]}, ""),
    "elbv2-describe-target-health": ({"TargetHealthDescriptions": [{"Target": {"Id": "i-web", "Port": 80}}]}, ""),
    "elbv2-describe-target-group-attributes": ({"Attributes": [{"Key": "preserve_client_ip.enabled", "Value": "true"}]}, ""),
    "directconnect-describe-virtual-interfaces": ({"virtualInterfaces": [VIF]}, ""),
    "directconnect-describe-attachments": ({"directConnectGatewayAttachments": [{"virtualInterfaceId": "dxvif-1"}]}, ""),
    "directconnect-describe-connections": ({"connections": [{"connectionId": "dxcon-1", "connectionState": "available"}]}, ""),
    "directconnect-describe-virtual-gateways": ({"virtualGateways": [{"virtualGatewayId": "vgw-1"}]}, ""),
    "ec2-describe-vpn-gateways": ({"VpnGateways": [VGW]}, ""),
    "ec2-describe-security-group-rules": ({"SecurityGroupRules": [{"SecurityGroupRuleId": "sgr-1", "GroupId": "sg-app"}]}, ""),
    "ec2-describe-vpc-attribute": ({"VpcId": "vpc-1", "EnableDnsSupport": {"Value": False}}, ""),
    "ec2-describe-vpc-attribute-hostnames": ({"VpcId": "vpc-1", "EnableDnsHostnames": {"Value": False}}, ""),
    "ec2-describe-managed-prefix-lists": ({"PrefixLists": [{"PrefixListId": "pl-1", "PrefixListName": "mine", "MaxEntries": 5}]}, ""),
    "ec2-get-managed-prefix-list-entries-pl-1": ({"Entries": [{"Cidr": "10.9.0.0/16", "Description": "x"}, {"Cidr": "10.8.0.0/16"}]}, ""),
    "ec2-describe-traffic-mirror-sessions": ({"TrafficMirrorSessions": [{"TrafficMirrorSessionId": "tms-1"}]}, ""),
    "ec2-describe-route-servers": ({"RouteServers": [{"RouteServerId": "rs-1", "State": "available"}]}, ""),
    "eks-describe-cluster": ({"cluster": {"name": "k", "resourcesVpcConfig": {"subnetIds": ["subnet-app"]}}}, ""),
    "route53resolver-list-resolver-endpoints": ({"ResolverEndpoints": [{"Id": "rslvr-in-1", "SecurityGroupIds": ["sg-app"]}]}, ""),
    "network-firewall-list-firewalls": ({"Firewalls": [{"FirewallName": "fw", "FirewallArn": arn("network-firewall", "firewall/fw")}]}, ""),
}


def write(folder: Path, answers: dict[str, dict[str, Any]]) -> simulator.Network:
    lists = account()
    lists["NetworkInterfaces"].append(interface("eni-task", "subnet-app", "10.0.1.50", "sg-app"))
    for name, answer in {**{key: {key: value} for key, value in lists.items()}, **answers}.items():
        (folder / f"{name}.json").write_text(json.dumps(answer), "utf-8")
    return loaded(folder)


def test_all_of_them_together_are_read_without_a_word(tmp_path: Path) -> None:
    network = write(tmp_path, {name: answer for name, (answer, _) in ANSWERS.items()})
    assert warnings(network) == not_modelled(network) == []
    for _, end in ANSWERS.values():
        if end == "lb:web":  # it sends to its targets only
            assert verdict(network, "i-web", end, "tcp/8080") == "always"
        elif end:
            assert verdict(network, end, "i-web", "tcp/443") == "always", end
    (vpc,) = network.snapshot.all(Vpc)
    assert not vpc.dns_support
    assert not vpc.dns_hostnames
    (found,) = network.snapshot.all(PrefixList)
    assert [str(block) for block in found.entries or ()] == ["10.9.0.0/16", "10.8.0.0/16"]


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_each_alone_is_known_as_an_answer_of_aws(tmp_path: Path, name: str) -> None:
    network = write(tmp_path, {name: ANSWERS[name][0]})
    assert not [text for text in warnings(network) if "no AWS describe output" in text or "is no list" in text]


def test_entries_without_the_name_of_their_list_are_told(tmp_path: Path) -> None:
    network = write(tmp_path, {"entries": {"Entries": [{"Cidr": "10.9.0.0/16"}]}})
    told = "entries that do not say of which prefix list they are are not modelled; name the file after it (`pl-...`)"
    assert not_modelled(network) == [told]
