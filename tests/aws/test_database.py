"""Databases in both spellings: interfaces in the subnets of a subnet group (SVC-1)."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.aws.database import Database
from simulator.aws.network_interface import NetworkInterface
from tests.aws.reading import Describe, Scenario, account, errors, interface, path, refusal, verdict

HOSTS = """
subnets:
  pub: {vpc: main, cidr: 10.0.0.0/24, routes: {0.0.0.0/0: igw}}
  app: {vpc: main, cidr: 10.0.1.0/24}
  db: {vpc: main, cidr: 10.0.2.0/24}
security_groups:
  app: {vpc: main}
  db: {vpc: main, inbound: {from: app, allow: tcp/5432}}
instances: {server: {subnet: app, security_groups: app, ip: 10.0.1.10}}
"""


def databases(text: str) -> str:
    return f"{HOSTS}\ndatabases: {{{text}}}"


def test_SVC_1_a_database_is_an_interface_with_groups(scenario: Scenario) -> None:
    network = scenario(databases("orders: {subnets: db, security_groups: db, ips: 10.0.2.10, port: 5432}"))
    assert path(network, "server", "db:orders", "tcp/5432") == ["server", "server-eni", "app", "main", "db", "orders-eni", "orders"]
    assert verdict(network, "server", "db:orders", "tcp/5432") == verdict(network, "server", "10.0.2.10", "tcp/5432") == "always"
    assert refusal(network, "server", "db:orders", "tcp/22")[2] == "db no ingress rule matches"
    found = network.snapshot.get(Database, "orders")
    assert found is not None
    assert (found.port, found.interfaces) == (5432, ("orders-eni",))


def test_SVC_1_it_may_connect_itself(scenario: Scenario) -> None:
    network = scenario(databases("orders: {subnets: db, security_groups: [db, open]}"))
    assert network.can("db:orders", "10.0.1.10", "tcp/443").query.source_ports == "1024-65535"
    assert refusal(network, "db:orders", "server")[1] == "SG_HAS_NO_RULES"


def test_SVC_1_a_public_database(scenario: Scenario) -> None:
    text = "orders: {subnets: [%s], security_groups: open, public_ip: 198.51.100.20}"
    public = scenario(databases(text % "pub"))
    assert verdict(public, "internet", "db:orders", "tcp/5432") == "always"
    assert "igw" not in path(public, "server", "db:orders", "tcp/5432")
    assert verdict(scenario(databases(text % "db")), "internet", "db:orders", "tcp/5432") == "never"


def test_addresses_are_one_for_each_subnet(scenario: Scenario) -> None:
    network = scenario(databases("orders: {subnets: [app, db], ips: [10.0.1.77]}"))
    found = [network.snapshot.get(NetworkInterface, name) for name in ("orders-eni-app", "orders-eni-db")]
    assert [one.private_addresses for one in found if one] == [((4, 0x0A00014D),), ((4, 0x0A000204),)]
    assert errors(scenario, databases("orders: {subnets: db, ips: [10.0.2.1, 10.0.2.2]}")) == ["`orders` has more `ips` than `subnets`"]


def described(**more: Any) -> dict[str, Any]:
    database = {
        "DBInstanceIdentifier": "orders",
        "Endpoint": {"Address": "orders.x.eu-west-1.rds.amazonaws.com", "Port": 5432},
        "DBSubnetGroup": {"VpcId": "vpc-1", "Subnets": [{"SubnetIdentifier": "subnet-app"}, {"SubnetIdentifier": "subnet-pub"}]},
        "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-app", "Status": "active"}],
        "AvailabilityZone": "eu-west-1a",
        "MultiAZ": False,
        **more,
    }
    return {**account(), "DBInstances": [database]}


def test_the_interfaces_of_a_describe_answer_are_found_by_description_subnet_and_groups(describe: Describe) -> None:
    lists = described()
    odd = interface("eni-odd", "subnet-app", "10.0.1.70", "sg-web", Description="RDSNetworkInterface")
    own = interface("eni-db", "subnet-app", "10.0.1.77", "sg-app", Description="RDSNetworkInterface")
    lists["NetworkInterfaces"] = [*lists["NetworkInterfaces"], odd, own]
    network = describe(**lists)
    found = network.snapshot.get(Database, "orders")
    assert found is not None
    assert (found.interfaces, found.port, found.zone) == (("eni-db",), 5432, "eu-west-1a")
    answer = network.can("i-web", "db:orders", "tcp/8080")
    assert (answer.verdict.value, answer.assumptions) == ("always", ())


def test_an_interface_that_was_not_read_is_assumed(describe: Describe) -> None:
    answer = describe(**described()).can("i-web", "db:orders", "tcp/8080")
    assert answer.verdict.value == "always"
    assert set(answer.assumptions) == {
        f"the interface of orders in {subnet} was not read: a free address of the subnet is taken"
        for subnet in ("subnet-app", "subnet-pub")
    }


def test_SVC_2_databases_known_by_the_same_words_share_their_interfaces(describe: Describe) -> None:
    lists = described()
    lists["DBInstances"].append({**lists["DBInstances"][0], "DBInstanceIdentifier": "billing"})
    own = interface("eni-db", "subnet-app", "10.0.1.77", "sg-app", Description="RDSNetworkInterface")
    lists["NetworkInterfaces"] = [*lists["NetworkInterfaces"], own]
    network = describe(**lists)
    for database in ("orders", "billing"):
        answer = network.can("i-web", f"db:{database}", "tcp/8080")
        assert (answer.verdict.value, answer.witness.forward.steps[-1].place.id) == ("always", "billing")  # the first by name


@pytest.mark.parametrize(("public", "told"), [(True, "always"), (False, "never")])
def test_SVC_1_a_publicly_accessible_database_whose_interface_was_not_read_has_some_public_address(
    describe: Describe, public: bool, told: str
) -> None:
    lists = described(PubliclyAccessible=public, VpcSecurityGroups=[{"VpcSecurityGroupId": "sg-web", "Status": "active"}])
    lists["DBInstances"][0]["DBSubnetGroup"]["Subnets"] = [{"SubnetIdentifier": "subnet-pub"}]
    answer = describe(**lists).can("internet", "db:orders", "tcp/443")
    assert answer.verdict.value == told
    if public:
        assert any("the public address of orders was not read: 198.19.0.0 stands for it" in text for text in answer.assumptions)


def test_a_database_of_one_zone_stands_in_that_zones_subnet(describe: Describe) -> None:
    lists = described(AvailabilityZone="eu-west-1b")
    lists["Subnets"] = [{**one, "AvailabilityZone": "eu-west-1b"} if one["SubnetId"] == "subnet-app" else one for one in lists["Subnets"]]
    found = describe(**lists).snapshot.get(Database, "orders")
    assert found is not None
    assert found.interfaces == ("orders-eni-subnet-app",)
    both = described(AvailabilityZone="eu-west-1b", MultiAZ=True)
    both["Subnets"] = lists["Subnets"]
    found = describe(**both).snapshot.get(Database, "orders")
    assert found is not None
    assert len(found.interfaces) == 2
