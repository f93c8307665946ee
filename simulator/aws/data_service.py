"""Search domains, warehouses, Kafka and MQ brokers, proxies and serverless caches in a VPC (SVC-8): interfaces as databases have them.

Most name their subnets and groups, Redshift its addresses; their interfaces are known by their descriptions. AWS pages:
"Launching your Amazon OpenSearch Service domains within a VPC", "Redshift resources in a VPC", "Configure an Amazon MSK cluster" (2026).
Believed, not found on a page that was read: all of SVC-8.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from simulator.aws.managed_service import FIELDS, ManagedService, authored_interfaces, described_interfaces, emit_service
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.resource import Address, Field, Item, Kind, Values
from simulator.aws.snapshot import Draft, Snapshot
from simulator.graph.builder import Builder
from simulator.graph.nodes import Place
from simulator.origin import Origin
from simulator.packet.prefix import parse_address


@dataclass(frozen=True, slots=True)
class DataService(ManagedService):
    """A search domain, a warehouse or a cluster of brokers. `interfaces` are filled in when all is read: those with one of `addresses`,
    else those in `subnets` that `words` describe.
    """

    id: str
    name: str
    subnets: tuple[str, ...]
    groups: tuple[str, ...]
    origin: Origin
    interfaces: tuple[str, ...] = ()
    words: str = ""
    addresses: tuple[str, ...] = ()
    public: bool = False
    arn: str = ""

    @property
    def place(self) -> Place:
        """The hop of the service."""
        return Place(self.id, "data-service", self.name)


def _scenario(name: str, values: Values, draft: Draft) -> None:
    interfaces = authored_interfaces(name, values, draft)
    draft.add(DataService(name, "", tuple(values["subnets"]), (), Origin(name, place=values.place), interfaces))


def _describe_domain(item: Item, draft: Draft) -> None:
    name, options = item.data["DomainName"], item.get("VPCOptions", {})
    if item.get("Deleted"):
        return
    if not options.get("SubnetIds"):
        item.problems.not_modelled(f"search domain `{name}` with a public endpoint is not modelled", item.place())
        return
    subnets, groups = tuple(options["SubnetIds"]), tuple(options.get("SecurityGroupIds") or ())
    draft.add(DataService(name, "", subnets, groups, Origin(name, place=item.place()), words=f"ES {name}", arn=item.get("ARN", "")))


def _describe_brokers(item: Item, draft: Draft) -> None:
    name, arn = item.data["ClusterName"], item.get("ClusterArn", "")
    info = item.get("BrokerNodeGroupInfo") or (item.get("Provisioned") or {}).get("BrokerNodeGroupInfo") or {}
    subnets, groups = tuple(info.get("ClientSubnets") or ()), tuple(info.get("SecurityGroups") or ())
    if not subnets:
        item.problems.not_modelled(f"Kafka cluster `{name}` without subnets is not modelled", item.place())
        return
    draft.add(DataService(name, "", subnets, groups, Origin(name, place=item.place()), words=arn or name, arn=arn))


def _describe_broker(item: Item, draft: Draft) -> None:
    """What `describe-broker` of Amazon MQ prints."""
    name, arn = item.data["BrokerName"], item.get("BrokerArn", "")
    subnets, groups = tuple(item.get("SubnetIds", ())), tuple(item.get("SecurityGroups", ()))
    public = bool(item.get("PubliclyAccessible"))
    origin, words = Origin(name, place=item.place()), item.data["BrokerId"]
    draft.add(DataService(name, "", subnets, groups, origin, words=words, public=public, arn=arn))


def _describe_proxy(item: Item, draft: Draft) -> None:
    name, arn = item.data["DBProxyName"], item.get("DBProxyArn", "")
    subnets, groups = tuple(item.get("VpcSubnetIds", ())), tuple(item.get("VpcSecurityGroupIds", ()))
    draft.add(DataService(name, "", subnets, groups, Origin(name, place=item.place()), words=name, arn=arn))


def _describe_serverless(item: Item, draft: Draft) -> None:
    name, arn = item.data["ServerlessCacheName"], item.get("ARN", "")
    subnets, groups = tuple(item.get("SubnetIds", ())), tuple(item.get("SecurityGroupIds", ()))
    draft.add(DataService(name, "", subnets, groups, Origin(name, place=item.place()), words=name, arn=arn))


def _describe_warehouse(item: Item, draft: Draft) -> None:
    if not item.get("ClusterIdentifier"):
        item.problems.not_modelled(f"cluster `{item.get('Name', '')}` of MemoryDB is not modelled", item.place())
        return
    name = item.data["ClusterIdentifier"]
    groups = tuple(data["VpcSecurityGroupId"] for data in item.get("VpcSecurityGroups", ()))
    addresses = tuple(data["PrivateIPAddress"] for data in item.get("ClusterNodes", ()) if data.get("PrivateIPAddress"))
    public = bool(item.get("PubliclyAccessible"))
    origin = Origin(name, place=item.place())
    draft.add(DataService(name, item.tag(), (), groups, origin, addresses=addresses, public=public))


def _complete(service: DataService, draft: Draft) -> None:
    if service.interfaces:
        return
    found: tuple[str, ...]
    if service.addresses:
        wanted = {parse_address(text) for text in service.addresses}
        fitting = [
            one
            for one in draft.all(NetworkInterface)
            if wanted & set(one.private_addresses) and set(service.groups) == set(one.groups or ())
        ]
        found = tuple(one.id for one in fitting)
    else:
        found = described_interfaces(
            service.id, service.words, service.subnets, service.groups, service.origin, draft, public=service.public
        )
    if not found:
        draft.problems.warn(f"`{service.id}`: none of its interfaces was read", service.origin.place)
    draft.replace(replace(service, interfaces=found))


def _emit(service: DataService, build: Builder, snapshot: Snapshot) -> None:
    emit_service(service.place, service.interfaces, build, snapshot)


KIND = Kind(
    name="data-service",
    noun=DataService,
    about="a search domain, a warehouse, brokers, a proxy of databases or a serverless cache",
    section="data_services",
    fields=(*FIELDS, Field("public_ip", Address(), "its public address, when it is publicly accessible")),
    scenario=_scenario,
    describe={
        "DomainStatusList": _describe_domain,
        "DomainStatus": _describe_domain,
        "ClusterInfoList": _describe_brokers,
        "Brokers": _describe_broker,
        "DBProxies": _describe_proxy,
        "ServerlessCaches": _describe_serverless,
        "Clusters": _describe_warehouse,
    },
    prefix="data",
    complete=_complete,
    emit=_emit,
)
