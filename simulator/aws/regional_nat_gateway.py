"""Regional NAT gateways: of a VPC and not of a subnet, with addresses by zone and a route table of their own (RNAT-1 to RNAT-5).

What they do to packets is in `regional_nat_path.py`. In automatic mode a gateway serves every zone, by another zone's addresses while it
has none there; in manual mode only the zones that were given addresses.

AWS page: "Regional NAT gateways for automatic multi-AZ expansion" (2026).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulator.aws.resource import Address, Field, Item, Kind, ListOf, MapOf, Reference, Text, Values
from simulator.aws.route_table import RouteTable
from simulator.aws.snapshot import Draft, Snapshot
from simulator.graph.nodes import Address as AddressValue
from simulator.graph.nodes import Door, Place
from simulator.origin import Origin
from simulator.packet.prefix import parse_address
from simulator.problems import Problems

AVAILABLE = "available"
NAME = "regional-nat-gateway"
ADDRESSES_PER_ZONE = 32


@dataclass(frozen=True, slots=True)
class RegionalNatGateway:
    """A regional NAT gateway. `addresses`: its public ones by zone, where a zone has several names each of them is told; `manual`: it
    serves these zones only. `route_table`: the id of its own table; empty: as AWS makes it.
    """

    id: str
    name: str
    vpc: str
    addresses: tuple[tuple[str, AddressValue], ...]
    origin: Origin
    manual: bool = False
    route_table: str = ""
    state: str = AVAILABLE

    @property
    def place(self) -> Place:
        """The hop of the gateway."""
        return Place(self.id, "nat-gateway", self.name)

    @property
    def public_addresses(self) -> tuple[AddressValue, ...]:
        """All its addresses, each once."""
        return tuple(sorted({address for _, address in self.addresses}))

    def in_zone(self, *names: str) -> tuple[AddressValue, ...]:
        """Its addresses in a zone, which has an id and a name."""
        return tuple(sorted({address for zone, address in self.addresses if zone and zone in names}))


def from_internet(gateway: str) -> Door:
    """Where packets from the internet for one of its addresses enter it."""
    return Door("nat-gateway", gateway, "from the internet")


def _scenario(name: str, values: Values, draft: Draft) -> None:
    if ("zones" in values) == ("public_ips" in values):
        problem = f"regional NAT gateway `{name}`: say its `public_ips`, or `zones` with addresses for manual mode, one of them"
        draft.problems.error(problem, values.place)
    zones = [(zone, address) for zone, listed, _ in values.get("zones", ()) for address in listed]
    addresses = (*zones, *(("", address) for address in values.get("public_ips", ())))
    draft.add(
        RegionalNatGateway(
            name,
            "",
            values["vpc"],
            addresses,
            Origin(name, place=values.place),
            "zones" in values,
            values.get("route_table", ""),
            values.get("state", AVAILABLE),
        )
    )


def described(item: Item, draft: Draft) -> None:
    """A regional one of `NatGateways`, a list that is read by `nat_gateway.py`."""
    gateway_id = item.data["NatGatewayId"]
    listed: list[Mapping[str, Any]] = [data for data in item.get("NatGatewayAddresses", ()) if data.get("PublicIp")]
    addresses = [
        (zone, parse_address(data["PublicIp"]))
        for data in listed
        for zone in dict.fromkeys((data.get("AvailabilityZoneId", ""), data.get("AvailabilityZone", "")))
    ]
    draft.add(
        RegionalNatGateway(
            gateway_id,
            item.tag(),
            item.get("VpcId", ""),
            tuple(addresses),
            Origin(gateway_id, place=item.place()),
            item.get("AutoProvisionZones", "enabled") != "enabled",
            item.get("RouteTableId", ""),
            item.get("State", AVAILABLE),
        )
    )


def _check(gateway: RegionalNatGateway, snapshot: Snapshot, problems: Problems) -> None:
    place, told = gateway.origin.place, f"regional NAT gateway `{gateway.id}`"
    table = snapshot.get(RouteTable, gateway.route_table)
    if table is not None and table.vpc != gateway.vpc:
        problems.warn(f"{told}: its route table `{table.id}` is of another VPC (`{table.vpc}`)", place)
    if table is not None and (table.subnets or table.main):
        problems.warn(f"{told}: its route table `{table.id}` also serves subnets; AWS gives it one of its own (RNAT-1)", place)
    for zone in sorted({zone for zone, _ in gateway.addresses}):
        if len(gateway.in_zone(zone)) > ADDRESSES_PER_ZONE:
            problems.warn(f"{told} has more than {ADDRESSES_PER_ZONE} addresses in zone `{zone}`, the most AWS allows (RNAT-5)", place)


KIND = Kind(
    name=NAME,
    noun=RegionalNatGateway,
    about="source translation for a whole VPC, in every zone",
    section="regional_nat_gateways",
    fields=(
        Field("vpc", Reference(("vpc",)), "the VPC it belongs to", required=True),
        Field("public_ips", ListOf(Address()), "its public addresses, in automatic mode: it serves every zone"),
        Field("zones", MapOf(Text(), ListOf(Address())), "its public addresses by zone, in manual mode: it serves these zones only"),
        Field("route_table", Reference(("route-table",)), "its own table; a default route to the internet gateway when left out"),
        Field("state", Text((AVAILABLE, "pending", "failed", "deleted", "deleting")), "available when left out"),
    ),
    scenario=_scenario,
    check=_check,
)
