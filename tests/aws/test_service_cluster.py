"""Clusters of databases and caches: names that stand for their members (SVC-2, SVC-3)."""

from __future__ import annotations

from typing import Any

import simulator
from tests.aws.reading import Describe, account, interface, path, verdict

ARN = "arn:aws:rds:eu-west-1:111122223333"
GROUP = {"DBSubnetGroupName": "dbs", "VpcId": "vpc-1", "Subnets": [{"SubnetIdentifier": name} for name in ("subnet-pub", "subnet-app")]}


def cluster(*members: str) -> dict[str, Any]:
    return {
        "DBClusterIdentifier": "aurora",
        "DBClusterArn": f"{ARN}:cluster:aurora",
        "DBSubnetGroup": "dbs",
        "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-app", "Status": "active"}],
        "DBClusterMembers": [{"DBInstanceIdentifier": name, "IsClusterWriter": name == members[0]} for name in members],
    }


def member(name: str, subnet: str) -> dict[str, Any]:
    return {
        "DBInstanceIdentifier": name,
        "DBClusterIdentifier": "aurora",
        "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-app"}],
        "DBSubnetGroup": {"Subnets": [{"SubnetIdentifier": subnet}]},
    }


def ends(network: simulator.Network, name: str) -> set[str]:
    return {str(case.when.get("destination", name)) for case in network.can("i-web", name, "tcp/8080").cases}


def test_SVC_2_a_cluster_stands_for_all_its_members(describe: Describe) -> None:
    members = [member("one", "subnet-pub"), member("two", "subnet-app")]
    network = describe(**account(), DBClusters=[cluster("one", "two")], DBInstances=members, DBSubnetGroups=[GROUP])
    assert verdict(network, "i-web", "db:aurora", "tcp/8080") == "always"
    assert ends(network, "aurora") == {"aurora (one-eni-subnet-pub)", "aurora (two-eni-subnet-app)"}
    assert path(network, "i-web", "two", "tcp/8080")[-1] == "two"
    assert verdict(network, "i-web", f"{ARN}:cluster:aurora", "tcp/22") == "never"


def test_SVC_2_a_cluster_without_members_stands_in_its_subnet_group(describe: Describe) -> None:
    network = describe(**account(), DBClusters=[cluster()], DBSubnetGroups=[GROUP])
    answer = network.can("i-web", "aurora", "tcp/8080")
    assert answer.verdict.value == "always"
    assert "the interface of aurora in subnet-app was not read: a free address of the subnet is taken" in answer.assumptions


def test_SVC_2_two_clusters_that_the_same_words_describe_share_an_interface(describe: Describe) -> None:
    lists = account()
    lists["NetworkInterfaces"].append(interface("eni-db", "subnet-app", "10.0.1.30", "sg-app", Description="RDSNetworkInterface"))
    other = {**cluster(), "DBClusterIdentifier": "second"}
    network = describe(**lists, DBClusters=[cluster(), other], DBSubnetGroups=[GROUP])
    assert [path(network, "i-web", name, "tcp/8080")[-2:] for name in ("aurora", "second")] == [["eni-db", "aurora"]] * 2


def test_SVC_3_a_replication_group_stands_for_its_caches(describe: Describe) -> None:
    caches = [
        {"CacheClusterId": name, "CacheSubnetGroupName": "caches", "SecurityGroups": [{"SecurityGroupId": "sg-app"}]}
        for name in ("r-1", "r-2")
    ]
    groups = [{"CacheSubnetGroupName": "caches", "Subnets": [{"SubnetIdentifier": "subnet-app"}]}]
    replicas = [{"ReplicationGroupId": "r", "MemberClusters": ["r-1", "r-2"]}]
    network = describe(**account(), CacheClusters=caches, CacheSubnetGroups=groups, ReplicationGroups=replicas)
    assert verdict(network, "i-web", "cache:r", "tcp/8080") == "always"
    assert ends(network, "r") == {"r (r-1-eni-subnet-app)", "r (r-2-eni-subnet-app)"}
