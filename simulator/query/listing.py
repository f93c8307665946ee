"""The inventory of a snapshot: what stands where, and what its routes make of each subnet (VPC-12)."""

from __future__ import annotations

from collections.abc import Iterable

from simulator.aws.client_vpn import ClientVpn
from simulator.aws.direct_connect import VirtualInterface
from simulator.aws.egress_only_gateway import EgressOnlyGateway
from simulator.aws.instance import Instance
from simulator.aws.internet_gateway import InternetGateway
from simulator.aws.lambda_function import LambdaFunction
from simulator.aws.load_balancer import LoadBalancer
from simulator.aws.managed_service import ManagedService
from simulator.aws.nat_gateway import NatGateway
from simulator.aws.network_acl import acl_of
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.regional_nat_gateway import RegionalNatGateway
from simulator.aws.route_table import LOCAL, RouteTable, table_of, winners
from simulator.aws.snapshot import Snapshot
from simulator.aws.subnet import Subnet
from simulator.aws.transit_gateway import TransitAttachment, TransitGateway
from simulator.aws.virtual_private_gateway import VirtualPrivateGateway
from simulator.aws.vpc import Vpc
from simulator.aws.vpc_endpoint import VpcEndpoint
from simulator.aws.vpc_peering import VpcPeering
from simulator.aws.vpn_connection import VpnConnection
from simulator.packet.prefix import format_address
from simulator.problems import Problem, Severity
from simulator.query.inventory import GatewayRow, Inventory, SubnetRow, VpcRow, WorkloadRow

WORKLOADS = (Instance, LambdaFunction, ManagedService, LoadBalancer)


def inventory_of(snapshot: Snapshot, network: str, problems: Iterable[Problem]) -> Inventory:
    """All of a network as rows. What was read and is not followed is counted by the words of its problem."""
    not_modelled: dict[str, int] = {}
    for problem in problems:
        if problem.severity is Severity.NOT_MODELLED:
            count, _, words = problem.message.partition(" ")
            number, what = (int(count), words) if count.isdigit() else (1, problem.message)
            what = what.removesuffix(" not modelled").removesuffix(" is")
            not_modelled[what] = not_modelled.get(what, 0) + number
    return Inventory(
        network,
        tuple(_vpc(snapshot, vpc) for vpc in snapshot.all(Vpc)),
        tuple(_gateways(snapshot)),
        tuple(_workloads(snapshot)),
        not_modelled,
    )


def reach_of(snapshot: Snapshot, subnet: Subnet) -> str:
    """`public`: an active route to an internet gateway; `private`: some other active way out of the VPC; `isolated`: local routes
    only; `unknown`: its route table was not read (VPC-12, S15).
    """
    table = table_of(snapshot, subnet.vpc, subnet.id, subnet.route_table)
    if table is None:
        return "unknown"
    kinds = {winner.entry.kind for winner in winners(snapshot, table) if not winner.entry.blackhole}
    if "internet-gateway" in kinds:
        return "public"
    return "private" if kinds - {LOCAL, "network-interface", "instance"} or _leaves(snapshot, table) else "isolated"


def _leaves(snapshot: Snapshot, table: RouteTable) -> bool:
    """Whether a route to an interface goes to addresses outside the VPC: a NAT instance or an appliance."""
    vpc = snapshot.get(Vpc, table.vpc)
    blocks = vpc.cidrs if vpc else ()
    return any(
        not winner.entry.blackhole and winner.entry.kind != LOCAL and not any(block.contains(winner.prefix) for block in blocks)
        for winner in winners(snapshot, table)
    )


def _vpc(snapshot: Snapshot, vpc: Vpc) -> VpcRow:
    subnets = sorted(snapshot.by(Subnet, "vpc")[vpc.id], key=lambda subnet: (subnet.cidrs, subnet.id))
    return VpcRow(vpc.id, tuple(map(str, vpc.cidrs)), tuple(_subnet(snapshot, subnet) for subnet in subnets), vpc.name)


def _subnet(snapshot: Snapshot, subnet: Subnet) -> SubnetRow:
    table = table_of(snapshot, subnet.vpc, subnet.id, subnet.route_table)
    acl = acl_of(snapshot, subnet.vpc, subnet.id, subnet.network_acl)
    return SubnetRow(
        subnet.id,
        subnet.zone_name or subnet.zone,
        tuple(map(str, subnet.cidrs)),
        reach_of(snapshot, subnet),
        table.id if table else "",
        acl.id if acl else "",
        subnet.name,
    )


def _gateways(snapshot: Snapshot) -> Iterable[GatewayRow]:
    for gateway in snapshot.all(InternetGateway):
        if gateway.read:
            yield GatewayRow(gateway.id, "internet-gateway", gateway.vpc, (), gateway.name)
    for egress in snapshot.all(EgressOnlyGateway):
        yield GatewayRow(egress.id, "egress-only-internet-gateway", egress.vpc, (), egress.name)
    for nat in snapshot.all(NatGateway):
        interface = snapshot.get(NetworkInterface, nat.interface)
        found = interface.addresses if interface else ()
        texts = [format_address(*address) for pair in found for address in (pair.private, pair.public) if address]
        yield GatewayRow(nat.id, "nat-gateway", nat.subnet, tuple(texts), nat.name)
    for regional in snapshot.all(RegionalNatGateway):
        texts = [format_address(*address) for address in regional.public_addresses]
        yield GatewayRow(regional.id, "regional-nat-gateway", regional.vpc, tuple(texts), regional.name)
    yield from _ways_to_vpcs(snapshot)
    yield from _ways_to_premises(snapshot)


def _ways_to_vpcs(snapshot: Snapshot) -> Iterable[GatewayRow]:
    """Transit gateways with what they attach, peerings with their VPCs, and endpoints with their addresses, or their service where they
    have none.
    """
    for transit in snapshot.all(TransitGateway):
        attached = [other.resource for other in snapshot.all(TransitAttachment) if transit.id in other.gateways and other.resource]
        yield GatewayRow(transit.id, "transit-gateway", ", ".join(dict.fromkeys(attached)), (), transit.name)
    for peering in snapshot.all(VpcPeering):
        yield GatewayRow(peering.id, "vpc-peering-connection", ", ".join(peering.vpcs), (), peering.name)
    for endpoint in snapshot.all(VpcEndpoint):
        found = [one for name in endpoint.interfaces if (one := snapshot.get(NetworkInterface, name))]
        texts = [format_address(*address) for one in found for address in one.private_addresses]
        yield GatewayRow(endpoint.id, "vpc-endpoint", endpoint.vpc, tuple(texts or [endpoint.service]), endpoint.name)


def _ways_to_premises(snapshot: Snapshot) -> Iterable[GatewayRow]:
    """The gateways and links to networks and people outside AWS; the addresses are the blocks behind them."""
    for vgw in snapshot.all(VirtualPrivateGateway):
        yield GatewayRow(vgw.id, "virtual-private-gateway", vgw.vpc, (), vgw.name)
    for connection in snapshot.all(VpnConnection):
        blocks = tuple(str(route.prefix) for route in connection.routes)
        yield GatewayRow(connection.id, "vpn-connection", connection.gateway, blocks, connection.name)
    for line in snapshot.all(VirtualInterface):
        yield GatewayRow(line.id, "virtual-interface", line.gateway, tuple(str(route.prefix) for route in line.routes), line.name)
    for people in snapshot.all(ClientVpn):
        yield GatewayRow(people.id, "client-vpn", ", ".join(people.subnets), (str(people.clients),), people.name)


def _workloads(snapshot: Snapshot) -> Iterable[WorkloadRow]:
    claimed: set[str] = set()
    for kind, noun in snapshot.everything():
        if isinstance(noun, WORKLOADS):
            interfaces = [found for name in noun.interfaces if (found := snapshot.get(NetworkInterface, name))]
            claimed.update(noun.interfaces)
            yield _workload(noun.id, kind.name, noun.name, interfaces)
    claimed.update(nat.interface for nat in snapshot.all(NatGateway))
    claimed.update(name for endpoint in snapshot.all(VpcEndpoint) for name in endpoint.interfaces)
    for interface in snapshot.all(NetworkInterface):
        if interface.id not in claimed:
            yield _workload(interface.id, "network-interface", interface.name, [interface])


def _workload(noun_id: str, kind: str, name: str, interfaces: list[NetworkInterface]) -> WorkloadRow:
    addresses = [address for interface in interfaces for address in interface.addresses]
    return WorkloadRow(
        noun_id,
        kind,
        tuple(dict.fromkeys(interface.subnet for interface in interfaces)),
        tuple(format_address(*address.private) for address in addresses),
        tuple(format_address(*address.public) for address in addresses if address.public),
        tuple(dict.fromkeys(group for interface in interfaces for group in interface.groups or ())),
        name,
    )
