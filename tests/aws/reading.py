"""Small networks for tests: scenarios in a few lines, and answers of the AWS command line; and short words for what they answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

import simulator
from simulator.graph.verify import verify
from simulator.problems import Severity
from tests.aws.known_steps import unclear_steps, unknown_steps
from tests.aws.senders import wrong_senders

Scenario = Callable[..., simulator.Network]
Describe = Callable[..., simulator.Network]

# A VPC with an internet gateway, and a group that lets everything in; tests write the rest.
BASE: Mapping[str, Any] = {
    "vpcs": {"main": {"cidr": "10.0.0.0/16", "internet_gateway": "igw"}},
    "security_groups": {"open": {"vpc": "main", "inbound": {"from": ["0.0.0.0/0", "::/0"], "allow": "all"}}},
}


def scenario_in(folder: Path) -> Scenario:
    """Reads the sections of a scenario given as YAML, on top of `BASE`; a section entry replaces the one of `BASE`."""

    def read(text: str, *, base: bool = True) -> simulator.Network:
        sections = deepcopy(dict(BASE)) if base else {}
        for name, entries in (yaml.safe_load(text) or {}).items():
            sections[name] = {**sections.get(name, {}), **(entries or {})}
        path = folder / "scenario.json"
        path.write_text(json.dumps({"network": sections}), "utf-8")
        return loaded(path)

    return read


def describe_in(folder: Path) -> Describe:
    """Reads AWS lists given as keywords (`Vpcs=[...]`), as the command line prints them."""

    def read(**lists: list[dict[str, Any]]) -> simulator.Network:
        path = folder / "described.json"
        path.write_text(json.dumps(lists), "utf-8")
        return loaded(path)

    return read


def loaded(path: Path) -> simulator.Network:
    """A network whose graph keeps the rules of graphs, is made of steps that are known, and starts packets where it should."""
    network = simulator.load(path)
    verify(network.flow_graph)
    graph = network.flow_graph
    wrong = [*unknown_steps(graph), *unclear_steps(graph), *wrong_senders(network)]
    assert not wrong, wrong
    return network


# --- what a network answers ------------------------------------------------------------------------------------------------------


def verdict(network: simulator.Network, source: str, destination: str, service: str | None = "tcp/443", **options: Any) -> str:
    """`always`, `sometimes`, `never` or `unknown`."""
    return str(network.can(source, destination, service, **options).verdict.value)


def refusal(network: simulator.Network, source: str, destination: str, service: str = "tcp/443", **options: Any) -> tuple[str, str, str]:
    """What stops a question that never works: leg, code, and the deciding part (`acl egress rule 100`)."""
    answer = network.can(source, destination, service, **options)
    assert answer.verdict is simulator.Verdict.NEVER, answer.verdict
    (blocker,) = answer.blockers
    part = f"{blocker.resource} {blocker.origin.part}" if blocker.origin else blocker.resource
    return blocker.leg, blocker.code, part.strip()


def path(network: simulator.Network, source: str, destination: str, service: str = "tcp/443", **options: Any) -> list[str]:
    """The ids of the hops of the forward leg."""
    forward = network.can(source, destination, service, **options).forward
    assert forward is not None
    return [hop.place.id for hop in forward.hops]


def reply_path(network: simulator.Network, source: str, destination: str, service: str = "tcp/443", **options: Any) -> list[str]:
    """The ids of the hops of the reply."""
    reply = network.can(source, destination, service, **options).reply
    assert reply is not None
    return [hop.place.id for hop in reply.hops]


def warnings(network: simulator.Network) -> list[str]:
    return [problem.message for problem in network.problems if problem.severity is Severity.WARNING]


def not_modelled(network: simulator.Network) -> list[str]:
    return [problem.message for problem in network.problems if problem.severity is Severity.NOT_MODELLED]


def errors(read: Callable[..., simulator.Network], *texts: str, **lists: Any) -> list[str]:
    """The messages of an input that cannot be used."""
    with pytest.raises(simulator.InputError) as caught:
        read(*texts, **lists)
    return [problem.message for problem in caught.value.problems]


# --- answers of the AWS command line ---------------------------------------------------------------------------------------------


def account() -> dict[str, list[dict[str, Any]]]:
    """A described network: one VPC, a public and a private subnet, two instances, the web server with an Elastic IP."""
    return {
        "Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16", "OwnerId": "111122223333", "Tags": [{"Key": "Name", "Value": "shop"}]}],
        "Subnets": [
            {"SubnetId": "subnet-pub", "VpcId": "vpc-1", "CidrBlock": "10.0.0.0/24", "AvailabilityZone": "eu-west-1a"},
            {"SubnetId": "subnet-app", "VpcId": "vpc-1", "CidrBlock": "10.0.1.0/24", "AvailabilityZone": "eu-west-1a"},
        ],
        "InternetGateways": [{"InternetGatewayId": "igw-1", "Attachments": [{"State": "available", "VpcId": "vpc-1"}]}],
        "RouteTables": [
            {
                "RouteTableId": "rtb-main",
                "VpcId": "vpc-1",
                "Associations": [{"Main": True, "RouteTableId": "rtb-main"}],
                "Routes": [{"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active", "Origin": "CreateRouteTable"}],
            },
            {
                "RouteTableId": "rtb-pub",
                "VpcId": "vpc-1",
                "Associations": [{"Main": False, "SubnetId": "subnet-pub"}],
                "Routes": [
                    {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active", "Origin": "CreateRouteTable"},
                    {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "active", "Origin": "CreateRoute"},
                ],
            },
        ],
        "NetworkAcls": [acl("acl-1", IsDefault=True)],
        "SecurityGroups": [
            group(
                "sg-web",
                IpPermissions=[{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
                IpPermissionsEgress=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
            ),
            group(
                "sg-app",
                IpPermissions=[{"IpProtocol": "tcp", "FromPort": 8080, "ToPort": 8080, "UserIdGroupPairs": [{"GroupId": "sg-web"}]}],
                IpPermissionsEgress=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
            ),
        ],
        "NetworkInterfaces": [
            interface("eni-web", "subnet-pub", "10.0.0.10", "sg-web", public="198.51.100.10", instance="i-web"),
            interface("eni-app", "subnet-app", "10.0.1.10", "sg-app", instance="i-app"),
        ],
        "Reservations": [{"Instances": [instance("i-web", "eni-web"), instance("i-app", "eni-app")]}],
    }


def acl(acl_id: str, *entries: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A network ACL; without entries it is open, as AWS makes the default one. The closing rule is always there."""
    opened = [entry(100, egress=egress) for egress in (False, True)]
    closed = [entry(32767, "deny", egress=egress) for egress in (False, True)]
    return {"NetworkAclId": acl_id, "VpcId": "vpc-1", "Entries": [*(entries or opened), *closed], "Associations": [], **more}


def entry(number: int, action: str = "allow", *, egress: bool = False, **more: Any) -> dict[str, Any]:
    return {
        "RuleNumber": number,
        "RuleAction": action,
        "Egress": egress,
        "Protocol": "-1",
        **({} if "Ipv6CidrBlock" in more else {"CidrBlock": "0.0.0.0/0"}),
        **more,
    }


def group(group_id: str, **more: Any) -> dict[str, Any]:
    return {"GroupId": group_id, "GroupName": group_id, "VpcId": "vpc-1", "IpPermissions": [], "IpPermissionsEgress": [], **more}


def interface(
    interface_id: str, subnet: str, address: str, *groups: str, public: str = "", instance: str = "", **more: Any
) -> dict[str, Any]:
    association = {"Association": {"PublicIp": public}} if public else {}
    attached = {"Attachment": {"InstanceId": instance, "Status": "attached", "DeviceIndex": 0}} if instance else {}
    return {
        "NetworkInterfaceId": interface_id,
        "VpcId": "vpc-1",
        "SubnetId": subnet,
        "InterfaceType": "interface",
        "Status": "in-use",
        "SourceDestCheck": True,
        "PrivateIpAddress": address,
        "PrivateIpAddresses": [{"PrivateIpAddress": address, "Primary": True, **association}],
        "Groups": [{"GroupId": name} for name in groups],
        **attached,
        **more,
    }


def instance(instance_id: str, *interfaces: str, state: str = "running", **more: Any) -> dict[str, Any]:
    shown = [{"NetworkInterfaceId": name, "Attachment": {"DeviceIndex": number}} for number, name in enumerate(interfaces)]
    return {"InstanceId": instance_id, "State": {"Name": state}, "NetworkInterfaces": shown, **more}


def changed(lists: dict[str, list[dict[str, Any]]], key: str, element: str, **changes: Any) -> dict[str, list[dict[str, Any]]]:
    """An account with some keys of one element set anew."""
    found = [one for one in lists[key] if element in one.values()]
    assert len(found) == 1, (key, element)
    return {**lists, key: [{**one, **changes} if one is found[0] else one for one in lists[key]]}
