"""Clusters of databases and of caches: names that stand for the interfaces of their members (SVC-2, SVC-3).

The endpoint of a cluster leads to one of its members, and to another one after a failover: all of them are asked about. A database cluster
of which no member was read stands in the subnets of its subnet group.

AWS pages: "Amazon Aurora endpoint connections", "Finding replication group endpoints" (2026).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from simulator.aws.cache import Cache
from simulator.aws.database import INTERFACE_WORDS, Database
from simulator.aws.managed_service import ManagedService, described_interfaces, emit_service
from simulator.aws.resource import Item, Kind
from simulator.aws.snapshot import Draft, Snapshot
from simulator.graph.builder import Builder
from simulator.graph.nodes import Place
from simulator.origin import Origin


@dataclass(frozen=True, slots=True)
class DatabaseSubnetGroup:
    """A named list of subnets for databases."""

    id: str
    name: str
    subnets: tuple[str, ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class DatabaseCluster(ManagedService):
    """A cluster of RDS, Aurora, DocumentDB or Neptune. `interfaces` are filled in when all is read; `own`: no member has them."""

    id: str
    name: str
    members: tuple[str, ...]
    subnet_group: str
    groups: tuple[str, ...]
    origin: Origin
    interfaces: tuple[str, ...] = ()
    own: bool = False
    arn: str = ""

    @property
    def place(self) -> Place:
        """The hop of the cluster, where it is one."""
        return Place(self.id, "database-cluster", self.name)


@dataclass(frozen=True, slots=True)
class CacheGroup(ManagedService):
    """A replication group of ElastiCache; `interfaces` are those of its members."""

    id: str
    name: str
    members: tuple[str, ...]
    origin: Origin
    interfaces: tuple[str, ...] = ()
    arn: str = ""


def _describe_subnets(item: Item, draft: Draft) -> None:
    name = item.data["DBSubnetGroupName"]
    subnets = tuple(data["SubnetIdentifier"] for data in item.get("Subnets") or ())
    draft.add(DatabaseSubnetGroup(name, "", subnets, Origin(name, place=item.place())))


def _describe_databases(item: Item, draft: Draft) -> None:
    name = item.data["DBClusterIdentifier"]
    members = tuple(data["DBInstanceIdentifier"] for data in item.get("DBClusterMembers") or ())
    groups = tuple(data["VpcSecurityGroupId"] for data in item.get("VpcSecurityGroups") or ())
    origin, arn = Origin(name, place=item.place()), item.get("DBClusterArn", "")
    draft.add(DatabaseCluster(name, item.tag(), members, item.get("DBSubnetGroup", ""), groups, origin, arn=arn))


def _describe_caches(item: Item, draft: Draft) -> None:
    name = item.data["ReplicationGroupId"]
    members = tuple(item.get("MemberClusters") or ())
    draft.add(CacheGroup(name, item.tag(), members, Origin(name, place=item.place()), arn=item.get("ARN", "")))


def _complete_databases(cluster: DatabaseCluster, draft: Draft) -> None:
    members = [one for one in draft.all(Database) if one.id in cluster.members or one.cluster == cluster.id]
    found = _interfaces(members)
    if not members:
        group = draft.get(DatabaseSubnetGroup, cluster.subnet_group)
        subnets = group.subnets if group else ()
        found = described_interfaces(cluster.id, INTERFACE_WORDS, subnets, cluster.groups, cluster.origin, draft)
    draft.replace(replace(cluster, interfaces=found, own=not members))


def _complete_caches(group: CacheGroup, draft: Draft) -> None:
    draft.replace(replace(group, interfaces=_interfaces(one for one in draft.all(Cache) if one.id in group.members)))


def _interfaces(members: Iterable[Database | Cache]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for member in members for name in member.interfaces))


def _emit(cluster: DatabaseCluster, build: Builder, snapshot: Snapshot) -> None:
    if cluster.own:
        first = snapshot.index("interfaces of clusters", lambda: _first(snapshot))
        mine = [name for name in cluster.interfaces if first[name] == cluster.id]
        emit_service(cluster.place, mine, build, snapshot)


def _first(snapshot: Snapshot) -> dict[str, str]:
    """By interface the database it is of, or the first cluster: those without members may be known by the same words."""
    found: dict[str, str] = {}
    for noun in (*snapshot.all(Database), *snapshot.all(DatabaseCluster)):
        for name in noun.interfaces:
            found.setdefault(name, noun.id)
    return found


SUBNET_GROUP = Kind(
    name="database-subnet-group",
    noun=DatabaseSubnetGroup,
    about="the subnets that databases may use",
    describe={"DBSubnetGroups": _describe_subnets},
)
KIND = Kind(
    name="database-cluster",
    noun=DatabaseCluster,
    about="a cluster of databases",
    describe={"DBClusters": _describe_databases},
    prefix="db",
    complete=_complete_databases,
    emit=_emit,
)
CACHES = Kind(
    name="cache-group",
    noun=CacheGroup,
    about="a replication group of caches",
    describe={"ReplicationGroups": _describe_caches},
    prefix="cache",
    complete=_complete_caches,
)
