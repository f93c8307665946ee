"""Which route wins (docs/semantics.md, section 3), as kernel routes: the kernel does the longest-prefix match itself (RT-6)."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.aws.instance import Instance
from simulator.aws.internet_gateway import InternetGateway
from simulator.aws.nat_gateway import NatGateway
from simulator.aws.prefix_list import PrefixList
from simulator.aws.route_table import RouteEntry, RouteTable
from simulator.aws.snapshot import Snapshot
from simulator.aws.subnet import Subnet
from simulator.aws.vpc import Vpc
from simulator.aws.vpc_endpoint import VpcEndpoint
from simulator.aws.vpc_peering import VpcPeering
from simulator.packet.prefix import EVERYWHERE, Prefix
from simulator.testing.kernel.filters import OutOfScopeError
from simulator.testing.kernel.links import ACTIVE, Links

LOCAL, BLACKHOLE, UNBUILT = "", "xblackhole", "xnotbuilt"
STATIC, LISTED, PROPAGATED = 3, 2, 1
APPLIANCES = ("network-interface", "nat-gateway", "instance", "vpc-endpoint")


class Devices:
    """The device of each target in the fabric; `not_built` collects what has none, by table."""

    def __init__(self, links: Links, interfaces: dict[str, int], gateways: dict[str, int]) -> None:
        self.links = links
        self.snapshot = links.snapshot
        self.interfaces = interfaces
        self.gateways = gateways
        self.not_built: dict[str, dict[str, None]] = {}

    def unbuilt(self, table: RouteTable, what: str) -> str:
        """The sink of what the bed does not build."""
        self.not_built.setdefault(table.id, {})[what] = None
        return UNBUILT

    def of(self, table: RouteTable, entry: RouteEntry, zone: str) -> str:
        """The device a route leads to from a zone: nothing for a local route, the sink of blackholes for one that is dead (RT-15)."""
        if entry.blackhole:
            return BLACKHOLE
        match entry.kind:
            case "local":
                return LOCAL
            case "network-interface":
                return self._interface(entry.target)
            case "instance":
                instance = self.snapshot.get(Instance, entry.target)
                if instance is None or len(instance.interfaces) != 1:  # RT-26
                    return self.unbuilt(table, f"{entry.target}, an instance with several interfaces")
                return self._interface(instance.interfaces[0])
            case "nat-gateway":
                gateway = self.snapshot.get(NatGateway, entry.target)
                return self._interface(gateway.interface) if gateway else BLACKHOLE
            case "internet-gateway":
                found = self.snapshot.get(InternetGateway, entry.target)
                if found is None or not found.attached or found.vpc != table.vpc:  # IGW-9, RT-30
                    return BLACKHOLE
                return f"g{self.gateways[found.id]}"
            case "vpc-peering-connection":
                return self._peering(table, entry.target)
            case "transit-gateway":
                way = self.links.way_in(table.vpc, entry.target, zone)
                return way or self.unbuilt(table, f"{entry.target}, of whose attachment the zones were not read")
            case "vpc-endpoint":
                endpoint = self.snapshot.get(VpcEndpoint, entry.target)
                if endpoint in self.links.services and endpoint.vpc == table.vpc:
                    return f"s{self.links.services.index(endpoint)}"
                return self.unbuilt(table, f"{entry.target}, not a gateway endpoint of the VPC")
            case kind:
                return self.unbuilt(table, f"{entry.target}, a {kind.replace('-', ' ') or 'target of no known kind'}")

    def _peering(self, table: RouteTable, peering_id: str) -> str:
        """PCX-1, PCX-11: one that is not active, or not of this VPC, leads nowhere."""
        found = self.snapshot.get(VpcPeering, peering_id)
        if found in self.links.peerings and table.vpc in found.vpcs:
            return f"{'lr'[found.vpcs.index(table.vpc)]}{self.links.peerings.index(found)}"
        if found and (found.state != ACTIVE or table.vpc not in found.vpcs):
            return BLACKHOLE
        return self.unbuilt(table, f"{peering_id}, a peering with a VPC that was not read")

    def _interface(self, interface_id: str) -> str:
        return f"f{self.interfaces[interface_id]}" if interface_id in self.interfaces else BLACKHOLE


def table_of(snapshot: Snapshot, subnet: Subnet) -> RouteTable:
    """The table of a subnet: the associated one, else the main one of its VPC (RT-1)."""
    tables = [table for table in snapshot.all(RouteTable) if table.vpc == subnet.vpc]
    for table in tables:
        if subnet.id in table.subnets or table.id == subnet.route_table:
            return table
    for table in tables:
        if table.main:
            return table
    raise OutOfScopeError(f"the route table of {subnet.id} was not read")


def winning(snapshot: Snapshot, table: RouteTable, devices: Devices, zone: str = "") -> dict[Prefix, str]:
    """One device for each prefix of a table, for packets from a zone.

    Static beats prefix list beats propagated (RT-7). Inside a local route no propagated one counts (RT-9), and a static one only if it
    is for the whole of a subnet and leads to an appliance (RT-18), or for the whole block: then it replaces the local route (RT-17).
    A table of which something was not read leads nowhere that is built.
    """
    try:
        return _winning(snapshot, table, devices, zone)
    except OutOfScopeError as error:
        return {EVERYWHERE[4]: devices.unbuilt(table, str(error))}


def _winning(snapshot: Snapshot, table: RouteTable, devices: Devices, zone: str) -> dict[Prefix, str]:
    blocks = [block for block in _vpc(snapshot, table).cidrs if block.version == 4]
    subnets = {block for subnet in snapshot.all(Subnet) if subnet.vpc == table.vpc for block in subnet.cidrs}
    best: dict[Prefix, tuple[int, str]] = {}
    for rank, prefix, entry in _candidates(snapshot, table):
        inside = any(block.contains(prefix) for block in blocks)
        if inside and entry.kind != "local":
            leads_to_appliance = entry.kind in APPLIANCES or (entry.blackhole and not entry.kind)
            if rank != STATIC or not leads_to_appliance or (prefix not in subnets and prefix not in blocks):
                continue
        device = devices.of(table, entry, zone)
        if prefix in best and best[prefix][0] == rank and best[prefix][1] != device:
            raise OutOfScopeError(f"{table.id} has two routes of one rank for {prefix}")  # RT-8, RT-11
        if prefix not in best or rank > best[prefix][0]:
            best[prefix] = (rank, device)
    return dict.fromkeys(blocks, LOCAL) | {prefix: device for prefix, (_, device) in best.items()}


def _candidates(snapshot: Snapshot, table: RouteTable) -> Iterator[tuple[int, Prefix, RouteEntry]]:
    lists: list[tuple[Prefix, RouteEntry]] = []
    for entry in table.routes:
        if isinstance(entry.destination, Prefix):
            if entry.destination.version == 4:
                yield PROPAGATED if entry.propagated else STATIC, entry.destination, entry
            continue
        found = snapshot.get(PrefixList, entry.destination)
        if found is None or found.entries is None:
            raise OutOfScopeError(f"prefix list {entry.destination} was not read")
        for prefix in found.entries:
            for block, other in lists:
                if block.overlaps(prefix) and (other.kind, other.target, other.blackhole) != (entry.kind, entry.target, entry.blackhole):
                    raise OutOfScopeError(f"{table.id} has prefix lists that overlap and lead to different targets")  # RT-11: AWS picks
            if prefix.version == 4:
                yield LISTED, prefix, entry
        lists += [(prefix, entry) for prefix in found.entries]


def _vpc(snapshot: Snapshot, table: RouteTable) -> Vpc:
    vpc = snapshot.get(Vpc, table.vpc)
    if vpc is None:
        raise OutOfScopeError(f"VPC {table.vpc} was not read")
    return vpc
