"""Believed, not found on an AWS page: file systems are interfaces with groups (SVC-8)."""

from __future__ import annotations

from typing import Any

from simulator.aws.file_system import FileSystem
from tests.aws.reading import Describe, Scenario, account, interface, path, refusal, verdict, warnings

HOSTS = """
subnets:
  a: {vpc: main, cidr: 10.0.1.0/24, zone: a}
  b: {vpc: main, cidr: 10.0.2.0/24, zone: b, network_acl: shut}
network_acls: {shut: {vpc: main}}
security_groups:
  clients: {vpc: main}
  files: {vpc: main, inbound: {from: clients, allow: tcp/2049}}
instances: {server: {subnet: a, security_groups: clients}}
file_systems:
  home: {subnets: a, security_groups: files}
  both: {subnets: [a, b], security_groups: files}
"""


def test_SVC_8_a_mount_target_is_an_interface_with_groups(scenario: Scenario) -> None:
    network = scenario(HOSTS)
    assert verdict(network, "server", "fs:home", "tcp/2049") == "always"
    assert path(network, "server", "home", "tcp/2049")[-2:] == ["home-eni", "home"]
    assert refusal(network, "server", "home", "tcp/22")[2] == "files no ingress rule matches"
    assert verdict(network, "server", "fs:both", "tcp/2049") == "sometimes"  # any of its mount targets is asked about


def target(number: int, **more: Any) -> dict[str, Any]:
    return {
        "MountTargetId": f"fsmt-{number}",
        "FileSystemId": "fs-1",
        "SubnetId": "subnet-app",
        "LifeCycleState": "available",
        "IpAddress": f"10.0.1.{70 + number}",
        "NetworkInterfaceId": f"eni-fs-{number}",
        "VpcId": "vpc-1",
        **more,
    }


SYSTEM = {"FileSystemId": "fs-1", "CreationToken": "x", "Name": "home", "Tags": [{"Key": "Name", "Value": "home"}]}


def test_the_mount_targets_of_a_describe_answer(describe: Describe) -> None:
    lists = account()
    own = interface("eni-fs-1", "subnet-app", "10.0.1.71", "sg-app", InterfaceType="efs")
    lists["NetworkInterfaces"].append(own)
    gone = target(2, LifeCycleState="deleted")
    network = describe(**lists, MountTargets=[target(1), gone], FileSystems=[SYSTEM])
    found = network.snapshot.get(FileSystem, "fs-1")
    assert found is not None
    assert (found.name, found.interfaces) == ("home", ("eni-fs-1",))
    assert verdict(network, "i-web", "fs:home", "tcp/8080") == verdict(network, "i-web", "fs-1", "tcp/8080") == "always"
    assert verdict(network, "i-web", "fs:home", "tcp/2049") == "never"


def test_a_mount_target_whose_interface_was_not_read_has_unknown_groups(describe: Describe) -> None:
    network = describe(**account(), FileSystems=[SYSTEM], MountTargets=[target(1)])
    assert verdict(network, "i-web", "fs:home", "tcp/2049") == "unknown"
    assert path(network, "i-web", "10.0.1.71", "tcp/2049")[-1] == "fs-1"


def test_a_file_system_of_fsx_names_its_interfaces(describe: Describe) -> None:
    lists = account()
    lists["NetworkInterfaces"].append(interface("eni-fsx", "subnet-app", "10.0.1.90", "sg-app"))
    system = {"FileSystemId": "fs-2", "FileSystemType": "WINDOWS", "NetworkInterfaceIds": ["eni-fsx"], "SubnetIds": ["subnet-app"]}
    network = describe(**lists, FileSystems=[system])
    assert verdict(network, "i-web", "fs-2", "tcp/8080") == "always"


def test_an_interface_of_a_file_system_that_was_not_read_is_told(describe: Describe) -> None:
    system = {"FileSystemId": "fs-2", "NetworkInterfaceIds": ["eni-fsx"], "SubnetIds": ["subnet-app"]}
    network = describe(**account(), FileSystems=[system, SYSTEM], MountTargets=[target(1, IpAddress=""), target(2)])
    assert [one for one in warnings(network) if "mounted" in one] == [
        "file system `fs-2` is mounted by network interface `eni-fsx`, which was not read",
        "file system `fs-1` is mounted by network interface `eni-fs-1`, which was not read",
    ]
