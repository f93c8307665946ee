"""Clusters of databases whose members were read, or not (SVC-1), and zones of regional NAT gateways that nobody told."""

from __future__ import annotations

from typing import Any

from simulator.aws.regional_nat_gateway import RegionalNatGateway
from simulator.aws.service_cluster import DatabaseCluster
from simulator.aws.snapshot import Draft
from simulator.origin import Origin
from simulator.packet.prefix import parse_address
from tests.aws.reading import Describe, account


def cluster(describe: Describe, *databases: dict[str, Any]) -> DatabaseCluster:
    lists = account() | {
        "DBSubnetGroups": [{"DBSubnetGroupName": "g", "Subnets": [{"SubnetIdentifier": "subnet-app"}]}],
        "DBClusters": [{"DBClusterIdentifier": "c", "DBSubnetGroup": "g", "DBClusterMembers": [{"DBInstanceIdentifier": "db"}]}],
        "DBInstances": list(databases),
    }
    (found,) = describe(**lists).snapshot.all(DatabaseCluster)
    return found


def test_a_cluster_whose_member_tells_no_interface_has_none_of_its_own(describe: Describe) -> None:
    assert cluster(describe, {"DBInstanceIdentifier": "db"}).interfaces == ()
    assert cluster(describe).interfaces == ("c-eni-subnet-app",)


def test_an_address_whose_zone_is_not_told_is_in_none() -> None:
    one, two = parse_address("198.51.100.1"), parse_address("198.51.100.2")
    nat = RegionalNatGateway("nat", "", "vpc", (("", one), ("a", two)), Origin("nat"))
    assert [nat.in_zone(*names) for names in (("a",), ("", "a"), ("",), ("b",))] == [(two,), (two,), (), ()]


def test_a_draft_of_a_network_knows_what_was_asked_for(describe: Describe) -> None:
    snapshot = describe(**account()).snapshot
    assert Draft.of(snapshot).read_kinds == set(snapshot.read_kinds) != set()
