"""Caches of ElastiCache (SVC-3): node interfaces in the subnets of a subnet group, never a public address."""

from __future__ import annotations

from dataclasses import dataclass, replace

from simulator.aws.managed_service import FIELDS, ManagedService, authored_interfaces, described_interfaces, emit_service
from simulator.aws.resource import Item, Kind, Values
from simulator.aws.snapshot import Draft, Snapshot
from simulator.graph.builder import Builder
from simulator.graph.nodes import Place
from simulator.origin import Origin

INTERFACE_WORDS = "ElastiCache"


@dataclass(frozen=True, slots=True)
class Cache(ManagedService):
    """A cache cluster; `interfaces` are filled in when all is read, its subnets by its subnet group."""

    id: str
    name: str
    subnet_group: str
    groups: tuple[str, ...]
    origin: Origin
    interfaces: tuple[str, ...] = ()
    port: int = 0

    @property
    def place(self) -> Place:
        """The hop of the cache."""
        return Place(self.id, "cache", self.name)


@dataclass(frozen=True, slots=True)
class CacheSubnetGroup:
    """A named list of subnets for caches."""

    id: str
    name: str
    subnets: tuple[str, ...]
    origin: Origin


def _scenario(name: str, values: Values, draft: Draft) -> None:
    interfaces = authored_interfaces(name, values, draft)
    draft.add(Cache(name, "", "", (), Origin(name, place=values.place), interfaces, values.get("port", 0)))


def _describe(item: Item, draft: Draft) -> None:
    cache_id = item.data["CacheClusterId"]
    groups = tuple(data["SecurityGroupId"] for data in item.get("SecurityGroups", ()))
    nodes = item.get("CacheNodes", ())
    port = next((int(node["Endpoint"]["Port"]) for node in nodes if node.get("Endpoint")), 0)
    origin = Origin(cache_id, place=item.place())
    draft.add(Cache(cache_id, item.tag(), item.get("CacheSubnetGroupName", ""), groups, origin, port=port))


def _describe_group(item: Item, draft: Draft) -> None:
    name = item.data["CacheSubnetGroupName"]
    subnets = tuple(data["SubnetIdentifier"] for data in item.get("Subnets", ()))
    draft.add(CacheSubnetGroup(name, "", subnets, Origin(name, place=item.place())))


def _complete(cache: Cache, draft: Draft) -> None:
    if cache.interfaces:
        return
    group = draft.get(CacheSubnetGroup, cache.subnet_group)
    subnets = group.subnets if group else ()
    if group is None:
        draft.problems.warn(f"cache `{cache.id}`: its subnet group `{cache.subnet_group}` was not read", cache.origin.place)
    found = described_interfaces(cache.id, INTERFACE_WORDS, subnets, cache.groups, cache.origin, draft)
    draft.replace(replace(cache, interfaces=found))


def _emit(cache: Cache, build: Builder, snapshot: Snapshot) -> None:
    emit_service(cache.place, cache.interfaces, build, snapshot)


KIND = Kind(
    name="cache",
    noun=Cache,
    about="an ElastiCache cluster",
    section="caches",
    fields=FIELDS,
    scenario=_scenario,
    describe={"CacheClusters": _describe},
    prefix="cache",
    complete=_complete,
    emit=_emit,
)
SUBNET_GROUP = Kind(
    name="cache-subnet-group",
    noun=CacheSubnetGroup,
    about="the subnets that caches may use",
    describe={"CacheSubnetGroups": _describe_group},
)
