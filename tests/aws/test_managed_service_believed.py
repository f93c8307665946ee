"""Believed, not found on an AWS page: any subnet of the group may answer (SVC-2), and caches have no public address (SVC-3)."""

from __future__ import annotations

from typing import Any

from simulator.aws.cache import Cache
from tests.aws.reading import Describe, Scenario, account, errors, interface, refusal, verdict, warnings
from tests.aws.test_database import HOSTS, databases


def test_SVC_2_every_subnet_of_the_group_is_asked_about(scenario: Scenario) -> None:
    closed = "\nnetwork_acls: {edge: {vpc: main, subnets: pub}}"
    answer = scenario(databases("orders: {subnets: [db, pub], security_groups: db}") + closed).can("server", "db:orders", "tcp/5432")
    assert answer.verdict.value == "sometimes"
    assert [(case.when["destination"], case.verdict.value) for case in answer.cases] == [
        ("orders (orders-eni-pub)", "never"),
        ("orders (orders-eni-db)", "always"),
    ]


def caches(text: str) -> str:
    return f"{HOSTS}\ncaches: {{{text}}}"


def test_SVC_3_a_cache_is_an_interface_with_groups(scenario: Scenario) -> None:
    network = scenario(caches("hot: {subnets: db, security_groups: db, port: 6379}"))
    assert verdict(network, "server", "cache:hot", "tcp/5432") == "always"
    assert refusal(network, "server", "cache:hot", "tcp/6379")[1] == "ENI_SG_RULES_MISMATCH"


def test_SVC_3_a_cache_never_has_a_public_address(scenario: Scenario) -> None:
    (message,) = errors(scenario, caches("hot: {subnets: pub, public_ip: 198.51.100.1}"))
    assert "unknown key `public_ip`" in message
    assert verdict(scenario(caches("hot: {subnets: pub, security_groups: open}")), "internet", "cache:hot") == "never"


def described(**more: Any) -> dict[str, Any]:
    cache = {
        "CacheClusterId": "hot",
        "CacheSubnetGroupName": "inside",
        "SecurityGroups": [{"SecurityGroupId": "sg-app", "Status": "active"}],
        "CacheNodes": [{"CacheNodeId": "0001", "Endpoint": {"Address": "hot.x.cache.amazonaws.com", "Port": 6379}}],
        **more,
    }
    group = {"CacheSubnetGroupName": "inside", "VpcId": "vpc-1", "Subnets": [{"SubnetIdentifier": "subnet-app"}]}
    return {**account(), "CacheClusters": [cache], "CacheSubnetGroups": [group]}


def test_the_cache_of_a_describe_answer(describe: Describe) -> None:
    lists = described()
    own = interface("eni-cache", "subnet-app", "10.0.1.77", "sg-app", Description="ElastiCache hot")
    lists["NetworkInterfaces"] = [*lists["NetworkInterfaces"], own]
    network = describe(**lists)
    found = network.snapshot.get(Cache, "hot")
    assert found is not None
    assert (found.interfaces, found.port) == (("eni-cache",), 6379)
    assert verdict(network, "i-web", "cache:hot", "tcp/8080") == "always"


def test_a_cache_whose_subnet_group_was_not_read_is_told(describe: Describe) -> None:
    lists = described()
    del lists["CacheSubnetGroups"]
    network = describe(**lists)
    assert warnings(network) == ["cache `hot`: its subnet group `inside` was not read"]
    (message,) = errors(lambda: network.can("i-web", "cache:hot", "tcp/6379"))
    assert message == "`hot` has no network interface that was read"
