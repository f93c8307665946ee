"""Believed, not found on an AWS page: search domains, warehouses and Kafka clusters are interfaces with groups (SVC-8)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from simulator.aws.data_service import DataService
from tests.aws.reading import Describe, Scenario, account, interface, loaded, not_modelled, path, refusal, verdict, warnings

HOSTS = """
subnets:
  app: {vpc: main, cidr: 10.0.1.0/24}
  data: {vpc: main, cidr: 10.0.2.0/24}
security_groups:
  app: {vpc: main}
  logs: {vpc: main, inbound: {from: app, allow: tcp/443}}
instances: {server: {subnet: app, security_groups: app}}
data_services: {logs: {subnets: data, security_groups: logs, port: 443}}
"""


def test_SVC_8_it_is_an_interface_with_groups(scenario: Scenario) -> None:
    network = scenario(HOSTS)
    assert verdict(network, "server", "data:logs") == "always"
    assert path(network, "server", "data:logs")[-2:] == ["logs-eni", "logs"]
    assert refusal(network, "server", "data:logs", "tcp/80")[2] == "logs no ingress rule matches"


ARN = "arn:aws:kafka:eu-west-1:111122223333:cluster/logs/abc"
GROUPS = {"SubnetIds": ["subnet-app"], "SecurityGroupIds": ["sg-app"]}
DOMAIN = {"DomainName": "logs", "ARN": "arn:aws:es:eu-west-1:111122223333:domain/logs", "VPCOptions": GROUPS}
BROKERS = {
    "ClusterName": "logs",
    "ClusterArn": ARN,
    "Provisioned": {"BrokerNodeGroupInfo": {"ClientSubnets": ["subnet-app"], "SecurityGroups": ["sg-app"]}},
}
WAREHOUSE = {
    "ClusterIdentifier": "logs",
    "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-app", "Status": "active"}],
    "ClusterNodes": [{"NodeRole": "LEADER", "PrivateIPAddress": "10.0.1.77"}],
    "PubliclyAccessible": False,
}


@pytest.mark.parametrize(
    ("key", "element", "description"),
    [
        ("DomainStatusList", DOMAIN, "ES logs"),
        ("ClusterInfoList", BROKERS, f"DO NOT DELETE - Amazon MSK network interface for cluster {ARN}"),
        ("Clusters", WAREHOUSE, "RedshiftNetworkInterface"),
    ],
)
def test_its_interfaces_in_a_describe_answer(describe: Describe, key: str, element: dict[str, Any], description: str) -> None:
    lists = account()
    lists["NetworkInterfaces"].append(interface("eni-own", "subnet-app", "10.0.1.77", "sg-app", Description=description))
    lists["NetworkInterfaces"].append(interface("eni-odd", "subnet-app", "10.0.1.78", "sg-web", Description=description))
    network = describe(**lists, **{key: [element]})
    found = network.snapshot.get(DataService, "logs")
    assert found is not None
    assert found.interfaces == ("eni-own",)
    answer = network.can("i-web", "data:logs", "tcp/8080")
    assert (answer.verdict.value, answer.assumptions) == ("always", ())


@pytest.mark.parametrize(("key", "element"), [("DomainStatusList", DOMAIN), ("ClusterInfoList", BROKERS)])
def test_an_interface_that_was_not_read_is_assumed(describe: Describe, key: str, element: dict[str, Any]) -> None:
    answer = describe(**account(), **{key: [element]}).can("i-web", "data:logs", "tcp/8080")
    assert answer.verdict.value == "always"
    assert "the interface of logs in subnet-app was not read" in answer.assumptions[0]


def test_a_warehouse_of_which_no_interface_was_read_is_told(describe: Describe) -> None:
    assert warnings(describe(**account(), Clusters=[WAREHOUSE])) == ["`logs`: none of its interfaces was read"]


@pytest.mark.parametrize(
    ("key", "element", "told"),
    [
        ("DomainStatusList", {"DomainName": "logs"}, "search domain `logs` with a public endpoint is not modelled"),
        ("ClusterInfoList", {"ClusterName": "logs", "ClusterArn": ARN}, "Kafka cluster `logs` without subnets is not modelled"),
    ],
)
def test_what_is_not_in_a_vpc_is_told(describe: Describe, key: str, element: dict[str, Any], told: str) -> None:
    assert not_modelled(describe(**account(), **{key: [element]})) == [told]


MEMBERS = {"SubnetIds": ["subnet-app"], "SecurityGroupIds": ["sg-app"]}
PROXY = {"DBProxyName": "logs", "DBProxyArn": ARN, "VpcSubnetIds": ["subnet-app"], "VpcSecurityGroupIds": ["sg-app"]}
BROKER = {"BrokerId": "b-1", "BrokerName": "logs", "BrokerArn": ARN, "SubnetIds": ["subnet-app"], "SecurityGroups": ["sg-app"]}
SINGLE_DOMAIN = {"DomainStatus": DOMAIN}
OTHERS = [{"DBProxies": [PROXY]}, {"ServerlessCaches": [{"ServerlessCacheName": "logs", **MEMBERS}]}, SINGLE_DOMAIN, BROKER]


@pytest.mark.parametrize("answer", OTHERS)
def test_SVC_8_proxies_brokers_and_serverless_caches_as_the_command_line_prints_them(tmp_path: Path, answer: dict[str, Any]) -> None:
    (tmp_path / "account.json").write_text(json.dumps(account()), "utf-8")
    (tmp_path / "answer.json").write_text(json.dumps(answer), "utf-8")
    network = loaded(tmp_path)
    assert warnings(network) == not_modelled(network) == []
    assert verdict(network, "i-web", "data:logs", "tcp/8080") == "always"
    assert verdict(network, "i-web", "data:logs", "tcp/22") == "never"


def test_clusters_of_memorydb_are_told(describe: Describe) -> None:
    network = describe(**account(), Clusters=[{"Name": "logs", "SubnetGroupName": "x", "SecurityGroups": []}])
    assert not_modelled(network) == ["cluster `logs` of MemoryDB is not modelled"]
