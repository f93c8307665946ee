"""Databases of RDS and Aurora (SVC-1, SVC-2): interfaces in the subnets of a subnet group.

A publicly accessible database whose interface was not read has a public address all the same, which another one stands for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from simulator.aws.managed_service import FIELDS, ManagedService, authored_interfaces, described_interfaces, emit_service
from simulator.aws.resource import Address, Field, Item, Kind, Values
from simulator.aws.snapshot import Draft, Snapshot
from simulator.aws.subnet import Subnet
from simulator.graph.builder import Builder
from simulator.graph.nodes import Place
from simulator.origin import Origin

INTERFACE_WORDS = "RDSNetworkInterface"


@dataclass(frozen=True, slots=True)
class Database(ManagedService):
    """A database; `interfaces` are filled in when all is read. `cluster` is the Aurora or Multi-AZ cluster it belongs to."""

    id: str
    name: str
    subnets: tuple[str, ...]
    groups: tuple[str, ...]
    origin: Origin
    interfaces: tuple[str, ...] = ()
    port: int = 0
    zone: str = ""
    cluster: str = ""
    public: bool = False

    @property
    def place(self) -> Place:
        """The hop of the database."""
        return Place(self.id, "database", self.name)


def _scenario(name: str, values: Values, draft: Draft) -> None:
    interfaces = authored_interfaces(name, values, draft)
    origin = Origin(name, place=values.place)
    draft.add(Database(name, "", tuple(values["subnets"]), (), origin, interfaces, values.get("port", 0)))


def _describe(item: Item, draft: Draft) -> None:
    database_id = item.data["DBInstanceIdentifier"]
    group = item.get("DBSubnetGroup", {})
    endpoint = item.get("Endpoint", {})
    draft.add(
        Database(
            database_id,
            item.tag(),
            tuple(data["SubnetIdentifier"] for data in group.get("Subnets") or ()),
            tuple(data["VpcSecurityGroupId"] for data in item.get("VpcSecurityGroups", ())),
            Origin(database_id, place=item.place()),
            port=int(endpoint.get("Port") or 0) if isinstance(endpoint, dict) else 0,
            zone="" if item.get("MultiAZ") else item.get("AvailabilityZone", ""),
            cluster=item.get("DBClusterIdentifier", ""),
            public=bool(item.get("PubliclyAccessible")),
        )
    )


def _complete(database: Database, draft: Draft) -> None:
    if database.interfaces:
        return
    subnets = [found for name in database.subnets if (found := draft.get(Subnet, name))]
    # A single-zone database stands in the subnet of its zone; which one AWS's answer tells by zone name.
    in_zone = [subnet.id for subnet in subnets if subnet.zone_name == database.zone]
    names = in_zone if database.zone and in_zone else [subnet.id for subnet in subnets]
    words, groups = INTERFACE_WORDS, database.groups
    interfaces = described_interfaces(database.id, words, names, groups, database.origin, draft, public=database.public)
    draft.replace(replace(database, interfaces=interfaces))


def _emit(database: Database, build: Builder, snapshot: Snapshot) -> None:
    emit_service(database.place, database.interfaces, build, snapshot)


KIND = Kind(
    name="database",
    noun=Database,
    about="an RDS or Aurora database",
    section="databases",
    fields=(*FIELDS, Field("public_ip", Address(), "its public address, when it is publicly accessible")),
    scenario=_scenario,
    describe={"DBInstances": _describe},
    prefix="db",
    complete=_complete,
    emit=_emit,
)
