"""The nouns of a snapshot, looked up the slow way (sections 2 and 4 of docs/semantics.md)."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.aws.client_vpn import ClientVpn
from simulator.aws.endpoint_service import EndpointService
from simulator.aws.instance import Instance
from simulator.aws.internet_gateway import InternetGateway
from simulator.aws.lambda_function import LambdaFunction
from simulator.aws.load_balancer import LoadBalancer
from simulator.aws.managed_service import ManagedService
from simulator.aws.nat_gateway import NatGateway
from simulator.aws.network_acl import NetworkAcl
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.prefix_list import PrefixList
from simulator.aws.route_table import RouteTable
from simulator.aws.security_group import SecurityGroup
from simulator.aws.snapshot import Snapshot
from simulator.aws.subnet import Subnet
from simulator.aws.transit_gateway import TransitAttachment
from simulator.aws.vpc import Vpc
from simulator.aws.vpc_endpoint import VpcEndpoint
from simulator.aws.vpc_peering import VpcPeering
from simulator.packet.prefix import Prefix
from tests.oracle.by_the_book.result import Stop

# ENI-1: interfaces of AWS's own devices that have no security group (SG-10).
WITHOUT_GROUPS = {"nat_gateway", "natGateway", "gateway_load_balancer", "gateway_load_balancer_endpoint"}
INSPECTS = "GatewayLoadBalancer"  # the type of an endpoint
NETWORK_NODE = "network_load_balancer"


def within(prefixes: tuple[Prefix, ...], address: int, version: int) -> bool:
    """Whether an address lies in one of the blocks (MODEL-2: a block of one version holds no address of the other)."""
    size = 32 if version == 4 else 128
    return any(prefix.version == version and prefix.value <= address < prefix.value + 2 ** (size - prefix.length) for prefix in prefixes)


class World:
    """All that was read, and the IP version of the packet that is under way (MODEL-2: two worlds)."""

    def __init__(self, snapshot: Snapshot, version: int) -> None:
        self.snapshot, self.version = snapshot, version

    def within(self, prefixes: tuple[Prefix, ...], address: int) -> bool:
        """Whether an address lies in one of the blocks."""
        return within(prefixes, address, self.version)

    def privates(self, nic: NetworkInterface) -> list[int]:
        """The private addresses of an interface, the primary one first (ENI-2)."""
        return [pair.private[1] for pair in nic.addresses if pair.private[0] == self.version]

    def holds(self, nic: NetworkInterface, address: int) -> bool:
        """Whether an address is one of an interface's own, or of a block delegated to it (ENI-2)."""
        return address in self.privates(nic) or self.within(nic.delegated, address)

    # ---- VPCs and subnets ----

    def was_read(self, vpc_id: str) -> bool:
        return self.snapshot.get(Vpc, vpc_id) is not None

    def vpc(self, vpc_id: str) -> Vpc:
        vpc = self.snapshot.get(Vpc, vpc_id)
        if vpc is None:
            raise Stop(vpc_id, "SIM_UNMODELLED")
        return vpc

    def subnet(self, subnet_id: str) -> Subnet:
        subnet = self.snapshot.get(Subnet, subnet_id)
        if subnet is None:
            raise Stop(subnet_id, "SIM_UNMODELLED")
        return subnet

    def subnet_with(self, vpc_id: str, address: int) -> Subnet | None:
        """VPC-8: the subnets of a VPC never overlap."""
        found = [subnet for subnet in self.snapshot.all(Subnet) if subnet.vpc == vpc_id and self.within(subnet.cidrs, address)]
        return found[0] if found else None

    def table_of(self, subnet: Subnet) -> RouteTable | None:
        """RT-1: the explicitly associated table, else the main one; none: not read. Either noun may tell the association."""
        tables = list(self.snapshot.all(RouteTable))
        for table in tables:
            if subnet.id in table.subnets or table.id == subnet.route_table:
                return table
        for table in tables:
            if table.vpc == subnet.vpc and table.main:
                return table
        return None

    def acl_of(self, subnet: Subnet) -> NetworkAcl | None:
        """NACL-1: the associated list, else the default one of the VPC; none: not read."""
        acls = list(self.snapshot.all(NetworkAcl))
        for acl in acls:
            if subnet.id in acl.subnets or acl.id == subnet.network_acl:
                return acl
        for acl in acls:
            if acl.vpc == subnet.vpc and acl.default:
                return acl
        return None

    def prefixes_of(self, list_id: str) -> tuple[Prefix, ...] | None:
        """SG-9, RT-12: the entries of a prefix list; none when they were not read."""
        found = self.snapshot.get(PrefixList, list_id)
        return None if found is None else found.entries

    # ---- interfaces ----

    def nics(self, vpc_id: str | None = None) -> Iterator[NetworkInterface]:
        for nic in self.snapshot.all(NetworkInterface):
            if vpc_id is None or nic.vpc == vpc_id:
                yield nic

    def nic(self, nic_id: str) -> NetworkInterface:
        nic = self.snapshot.get(NetworkInterface, nic_id)
        if nic is None:
            raise Stop(nic_id, "SIM_UNMODELLED")
        return nic

    def nic_with(self, vpc_id: str, address: int) -> NetworkInterface | None:
        """Who has a private address in a VPC (MODEL-10: perhaps nobody)."""
        found = [nic for nic in self.nics(vpc_id) if self.holds(nic, address)]
        return found[0] if found else None

    def groups_of(self, nic: NetworkInterface) -> list[SecurityGroup] | None:
        """The groups on an interface (SG-2), the VPC's default group when it names none (SG-4); none: it cannot have any (SG-10)."""
        if nic.type in WITHOUT_GROUPS or (nic.type == NETWORK_NODE and not nic.groups):  # NLB-1
            return None
        if nic.groups is None:
            return [group for group in self.snapshot.all(SecurityGroup) if group.vpc == nic.vpc and group.default]
        groups = [self.snapshot.get(SecurityGroup, group_id) for group_id in nic.groups]
        return [group for group in groups if group is not None]

    def all_groups_read(self, nic: NetworkInterface) -> bool:
        """Whether every group on the interface was read; else what it would let through is not known."""
        return all(self.snapshot.get(SecurityGroup, group_id) for group_id in nic.groups or ())

    def is_member(self, address: int, group_id: str, vpc_id: str) -> bool:
        """SG-11, SG-18: whether it is a private address of an interface that has a group. SG-13, SG-16: as seen from a VPC, in it or
        over an active peering of one Region."""
        seen = {vpc_id}
        for peering in self.snapshot.all(VpcPeering):
            if vpc_id in peering.vpcs and peering.state == "active" and self.one_region(peering):
                seen |= set(peering.vpcs)
        holders = [nic for nic in self.nics() if nic.vpc in seen and self.holds(nic, address)]
        return any(group_id in self.group_ids(nic) for nic in holders)

    def group_ids(self, nic: NetworkInterface) -> list[str]:
        """The groups on an interface, also those that were not read."""
        return list(nic.groups) if nic.groups and nic.type not in WITHOUT_GROUPS else [group.id for group in self.groups_of(nic) or ()]

    def one_region(self, peering: VpcPeering) -> bool:
        """PCX-9: whether both ends lie in one Region; nobody told: they do."""
        ends = [
            told or (self.vpc(vpc).region if self.was_read(vpc) else "") for told, vpc in zip(peering.regions, peering.vpcs, strict=True)
        ]
        return "" in ends or ends[0] == ends[1]

    def instance_of(self, nic: NetworkInterface) -> Instance | None:
        return next((instance for instance in self.snapshot.all(Instance) if nic.id in instance.interfaces), None)

    def is_function(self, nic: NetworkInterface) -> bool:
        """ENI-1: whether it is the interface of functions."""
        return nic.replies_only or any(nic.id in function.interfaces for function in self.snapshot.all(LambdaFunction))

    def nat_of(self, nic: NetworkInterface) -> NatGateway | None:
        return next((nat for nat in self.snapshot.all(NatGateway) if nat.interface == nic.id), None)

    def nat_with(self, vpc_id: str, address: int) -> NatGateway | None:
        nic = self.nic_with(vpc_id, address)
        return self.nat_of(nic) if nic else None

    def service_of(self, nic: NetworkInterface) -> ManagedService | None:
        """SVC-1, SVC-3, SVC-5, SVC-8: the service behind an interface. Tasks in host mode have their instance's, which is no service's."""
        services = (noun for _, noun in self.snapshot.everything() if isinstance(noun, ManagedService) and nic.id in noun.interfaces)
        return None if self.instance_of(nic) else next(services, None)

    def endpoint_of(self, nic: NetworkInterface) -> VpcEndpoint | None:
        """IFE-1: the endpoint an interface belongs to."""
        return next((one for one in self.snapshot.all(VpcEndpoint) if nic.id in one.interfaces), None)

    def client_vpn_of(self, nic: NetworkInterface) -> ClientVpn | None:
        """CVPN-1: the endpoint whose association an interface is."""
        return next((one for one in self.snapshot.all(ClientVpn) if nic.id in one.interfaces), None)

    def service_behind(self, endpoint: VpcEndpoint) -> EndpointService | None:
        """PL-1: the service of another account or VPC that an endpoint leads to; none: one of AWS's own."""
        services = self.snapshot.all(EndpointService)
        return next((one for one in services if endpoint.service in (one.id, one.service)), None)

    def balancer_of(self, nic: NetworkInterface) -> LoadBalancer | None:
        """ELB-1: the load balancer an interface is a node of."""
        return next((one for one in self.snapshot.all(LoadBalancer) if nic.id in one.interfaces), None)

    def inspector(self, nic: NetworkInterface) -> VpcEndpoint | None:
        """GWLBE-1: the endpoint an interface belongs to, where it is one for inspection."""
        endpoint = self.endpoint_of(nic) or self.snapshot.get(VpcEndpoint, nic.id)
        return endpoint if endpoint is not None and endpoint.type == INSPECTS else None

    def door_of(self, endpoint: VpcEndpoint) -> NetworkInterface | None:
        """GWLBE-1, NFW-1: the interface of an endpoint for inspection; one that nobody read has no address that anybody knows."""
        if endpoint.type != INSPECTS:
            return None
        if endpoint.interfaces:
            return self.snapshot.get(NetworkInterface, endpoint.interfaces[0])
        if len(endpoint.subnets) != 1:
            return None
        return NetworkInterface(endpoint.id, "", endpoint.vpc, endpoint.subnets[0], (), (), endpoint.origin)

    def is_attached(self, vpc_id: str) -> bool:
        """Whether a transit gateway brings packets to a VPC."""
        return any(one.type == "vpc" and one.resource == vpc_id for one in self.snapshot.all(TransitAttachment))

    # ---- gateways and public addresses ----

    def gateway(self, gateway_id: str) -> InternetGateway | None:
        return self.snapshot.get(InternetGateway, gateway_id)

    def gateway_of(self, vpc_id: str) -> InternetGateway | None:
        """IGW-1: at most one."""
        return next((igw for igw in self.snapshot.all(InternetGateway) if igw.vpc == vpc_id and igw.attached), None)

    def pairs(self, vpc_id: str | None = None) -> Iterator[tuple[int, int, NetworkInterface]]:
        """IGW-4: (private, public, interface), for every public address. LAMBDA-14: a function's interface has none."""
        for nic in self.nics(vpc_id):
            for pair in nic.addresses:
                if pair.public is not None and pair.private[0] == 4 and not self.is_function(nic):
                    yield pair.private[1], pair.public[1], nic
