"""A snapshot with everything numbered, as the rooms of the bed know things by number; and which table and list a subnet has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from simulator.aws.endpoint_service import EndpointService
from simulator.aws.instance import Instance
from simulator.aws.instance_connect_endpoint import ConnectEndpoint
from simulator.aws.internet_gateway import InternetGateway
from simulator.aws.lambda_function import LambdaFunction
from simulator.aws.managed_service import ManagedService
from simulator.aws.nat_gateway import NatGateway
from simulator.aws.network_acl import NetworkAcl
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.route_table import RouteTable
from simulator.aws.snapshot import Snapshot
from simulator.aws.subnet import Subnet
from simulator.aws.vpc import Vpc
from simulator.aws.vpc_endpoint import VpcEndpoint
from simulator.packet.prefix import Prefix
from simulator.testing.kernel.filters import private
from simulator.testing.kernel.links import AVAILABLE, Links
from simulator.testing.kernel.plan import Sizes
from simulator.testing.kernel.routes import Devices, table_of, winning

PORTS = (1024, 65535)


@dataclass
class Network:
    """A snapshot with everything numbered. `nat_ports`: the ports that NATs choose from (NAT-3, NATI-3); who wants to meet a boundary
    narrows them, for all NATs or, with `windows`, for one by its id.
    """

    snapshot: Snapshot
    nat_ports: tuple[int, int] = PORTS
    windows: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    vpcs: list[Vpc] = field(default_factory=list)
    subnets: list[Subnet] = field(default_factory=list)
    tables: list[tuple[RouteTable, str]] = field(default_factory=list)
    interfaces: list[NetworkInterface] = field(default_factory=list)
    gateways: list[InternetGateway] = field(default_factory=list)
    acls: list[NetworkAcl | None] = field(default_factory=list)
    nat_of: dict[str, NatGateway] = field(default_factory=dict)
    instance_of: dict[str, Instance] = field(default_factory=dict)
    functions: frozenset[str] = frozenset()
    strangers: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset()
    waiting: frozenset[str] = frozenset()
    links: Links = field(init=False)
    devices: Devices = field(init=False)
    won: dict[tuple[str, str], dict[Prefix, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        snapshot = self.snapshot
        self.vpcs = list(snapshot.all(Vpc))
        self.subnets = [subnet for subnet in snapshot.all(Subnet) if any(cidr.version == 4 for cidr in subnet.cidrs)]
        known = {subnet.id for subnet in self.subnets}
        self.interfaces = [nic for nic in snapshot.all(NetworkInterface) if nic.subnet in known and private(nic)]
        self.gateways = [gateway for gateway in snapshot.all(InternetGateway) if gateway.vpc and gateway.attached]
        self.nat_of = {nat.interface: nat for nat in snapshot.all(NatGateway)}
        self.instance_of = {nic: instance for instance in snapshot.all(Instance) for nic in instance.interfaces}
        self.functions = frozenset(nic for function in snapshot.all(LambdaFunction) for nic in function.interfaces)
        self.links = Links(snapshot)
        # What stands behind an interface is a plain host, or one of the few things that are built; others belong to something else.
        plain = {*self.nat_of, *self.instance_of, *self.functions}
        offered = {word for one in snapshot.all(EndpointService) for word in (one.id, one.service)}
        owners = dict.fromkeys(noun.id for _, noun in snapshot.everything())
        for _, noun in snapshot.everything():
            if isinstance(noun, ManagedService) and not isinstance(noun, ConnectEndpoint):
                plain.update(noun.interfaces)
            if isinstance(noun, VpcEndpoint) and noun.type == "Interface" and noun.service not in offered:
                plain.update(noun.interfaces)
        self.strangers = frozenset(
            nic.id for nic in self.interfaces if nic.id not in plain and (nic.type != "interface" or nic.owner in owners)
        )
        idle = (end for end in snapshot.all(VpcEndpoint) if end.state != AVAILABLE)
        self.waiting = frozenset(nic for end in idle for nic in end.interfaces)
        ends = {nic.id for nic in self.interfaces if nic.type == "vpc_endpoint"}
        self.silent = frozenset({*self.nat_of, *self.strangers, *ends})  # NAT-6, IFE-7: they start nothing
        gateways = {gateway.id: j for j, gateway in enumerate(self.gateways)}
        self.devices = Devices(self.links, {nic.id: i for i, nic in enumerate(self.interfaces)}, gateways)
        for subnet in self.subnets:
            table, acl = self.table_for(subnet), acl_of(snapshot, subnet)
            if table not in self.tables:
                self.tables.append(table)
            if acl not in self.acls:
                self.acls.append(acl)

    def sizes(self) -> Sizes:
        """How large a bed has to be to play it."""
        nats = len(self.translators()) - sum(nic.id in self.nat_of for nic in self.interfaces)
        links = self.links
        beyond = (len(links.peerings), len(links.ports), len(links.tables), len(links.joints), len(links.services))
        return Sizes(len(self.interfaces), len(self.gateways), nats, len(self.subnets), len(self.tables), len(self.vpcs), *beyond)

    def table_for(self, subnet: Subnet) -> tuple[RouteTable, str]:
        """The route table of a subnet, and the zone its packets come from where that matters: on the way to a transit gateway."""
        table = table_of(self.snapshot, subnet)
        return table, subnet.zone if any(entry.kind == "transit-gateway" for entry in table.routes) else ""

    def translators(self) -> list[str]:
        """The NAT gateways and NAT instances, by id."""
        boxes = [self.instance_of[nic.id].id for nic in self.interfaces if self.forwards(nic) == "nat"]
        return [*(self.nat_of[nic.id].id for nic in self.interfaces if nic.id in self.nat_of), *boxes]

    def ports_of(self, nat: str) -> tuple[int, int]:
        """The ports a NAT gateway or instance chooses from."""
        return self.windows.get(nat, self.nat_ports)

    def number(self, interface: str) -> int:
        """The number of an interface."""
        return next(i for i, nic in enumerate(self.interfaces) if nic.id == interface)

    def of_subnet(self, subnet: Subnet) -> list[int]:
        """The numbers of the interfaces in a subnet."""
        return [i for i, nic in enumerate(self.interfaces) if nic.subnet == subnet.id]

    def routes_of(self, subnet: Subnet) -> dict[Prefix, str]:
        """The device in the fabric for each prefix of a subnet's table."""
        table, zone = self.table_for(subnet)
        if (table.id, zone) not in self.won:
            self.won[table.id, zone] = winning(self.snapshot, table, self.devices, zone)
        return self.won[table.id, zone]

    def not_built(self, subnet: Subnet) -> str:
        """What the routes of a subnet lead to that is not built."""
        self.routes_of(subnet)
        return ", ".join(self.devices.not_built.get(table_of(self.snapshot, subnet).id, ()))

    def forwards(self, nic: NetworkInterface) -> str:
        """What stands behind an interface does with packets for others: nothing (the check is on), `nat`, `route` or `nat-gateway`;
        `?` when nobody told.
        """
        if nic.id in self.nat_of:
            return "nat-gateway"
        if nic.check:
            return ""
        instance = self.instance_of.get(nic.id)
        if instance is None:
            return "?"
        # Not told is assumed as the simulator says it does: a guest with a public address translates (NATI-1), another one only forwards.
        return instance.forwards or ("nat" if any(address.public for address in nic.addresses) else "route")


def acl_of(snapshot: Snapshot, subnet: Subnet) -> NetworkAcl | None:
    """The ACL of a subnet: the associated one, else the default one of its VPC (NACL-1); none when it was not read."""
    acls = [acl for acl in snapshot.all(NetworkAcl) if acl.vpc == subnet.vpc]
    for acl in acls:
        if subnet.id in acl.subnets or acl.id == subnet.network_acl:
            return acl
    for acl in acls:
        if acl.default:
            return acl
    return None
