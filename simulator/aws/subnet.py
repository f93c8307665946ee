"""Subnets: on-link delivery without ACL or routes, then the ACL at the edge and the route table (RT-1 to RT-5, NACL-4, VPC-7 to VPC-11).

    out = an address of the subnet goes straight to its interface; everything else meets ACL outbound, then the route table
    in  = ACL inbound, then the interfaces (`on_link.py`)

AWS page: "Subnet route tables" (2026).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from simulator.aws.network_acl import INBOUND, OUTBOUND, acl_of, default_acl, rules_of
from simulator.aws.permissions import cidr_of
from simulator.aws.resource import Cidr, Either, Field, Flag, Item, Kind, ListOf, MapOf, Record, Reference, Text, Values
from simulator.aws.route_lookup import lookup, own_targets
from simulator.aws.route_table import RouteTable, route_fields, routes_of_map
from simulator.aws.snapshot import Draft, Snapshot
from simulator.aws.vpc import Vpc, anywhere_in
from simulator.graph.builder import Builder
from simulator.graph.nodes import Door, Drop, Filter, Lookup, Place, PrefixTable, Ref, Route
from simulator.origin import Origin
from simulator.packet.prefix import Prefix
from simulator.problems import Problems

RESERVED_FIRST = 4  # addresses that AWS keeps at the start of a block (VPC-9, VPC-10)
LARGEST, SMALLEST = {4: 16, 6: 44}, {4: 28, 6: 64}  # prefix lengths (VPC-7, VPC-8)


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet. `route_table` and `network_acl` are associations made in the subnet's own text; AWS answers say them the other way
    round. `gives_public`: new interfaces get a public IPv4 address (VPC-15). `zone` is the zone's id where it is known (names differ
    between accounts, MISC-2), `zone_name` its name. `dns64`: names that have only IPv4 addresses are told as IPv6 ones as well (NAT-21).
    """

    id: str
    name: str
    vpc: str
    cidrs: tuple[Prefix, ...]
    zone: str
    origin: Origin
    gives_public: bool = False
    route_table: str = ""
    network_acl: str = ""
    zone_name: str = ""
    dns64: bool = False

    @property
    def place(self) -> Place:
        """The hop of the subnet."""
        return Place(self.id, "subnet", self.name)


def outbound(subnet: str) -> Door:
    """Where packets of the subnet's interfaces enter it."""
    return Door("subnet", subnet, "outbound")


def inbound(subnet: str) -> Door:
    """Where packets from outside enter a subnet."""
    return Door("subnet", subnet, "inbound")


def hosts(subnet: str) -> Door:
    """Delivery inside a subnet, opened by `on_link.py`."""
    return Door("subnet", subnet, "hosts")


def beyond_acl(subnet: str) -> Door:
    """What packets that leave the subnet meet behind its ACL: the route table, unless somebody comes before it."""
    return Door("subnet", subnet, "beyond the ACL")


def routed(subnet: str) -> Door:
    """The route table of a subnet."""
    return Door("subnet", subnet, "routes")


def acl_filter(
    build: Builder,
    snapshot: Snapshot,
    subnet: Subnet,
    direction: str,
    then: Ref,
    *,
    code: str = "SUBNET_ACL_RESTRICTION",
    rule: str = "NACL-4",
) -> int:
    """The ACL at the subnet's edge in one direction (NACL-1 to NACL-5). `rule` says why this packet meets it."""
    acl = acl_of(snapshot, subnet.vpc, subnet.id, subnet.network_acl)
    known = acl or default_acl(subnet.vpc, f"acl-of-{subnet.id}")
    rules = snapshot.index((known.id, direction), lambda: rules_of(known, direction))
    node = build.add(
        Filter(
            place=subnet.place,
            what=f"network ACL {known.id} {direction}",
            rules=rules,
            then=then,
            code=code,
            cites=("NACL-2", rule),
        )
    )
    if acl is None:
        build.assume(node, f"the network ACL of {subnet.id} was not read: taken to be the open default")
    return node


def edge_door(build: Builder, snapshot: Snapshot, kind: str, target: str, subnet: Subnet, then: Ref) -> None:
    """Open the doors of a routed-to thing that lies in a subnet: from other subnets of its VPC through the ACL inbound, from its own
    subnet without it (NACL-21, the last sentence of which is believed, not documented); other VPCs cannot route to it (RT-30).
    """
    build.open(Door(kind, target, anywhere_in(subnet.vpc)), acl_filter(build, snapshot, subnet, INBOUND, then))
    build.open(Door(kind, target, subnet.id), then)
    origin = Origin(target, "its VPC")
    elsewhere = Drop(place=Place(target, kind), what="attachment", code="BAD_STATE_ATTACHMENT", cites=("RT-30",), origin=origin)
    build.open(Door(kind, target), build.add(elsewhere))


def _scenario(name: str, values: Values, draft: Draft) -> None:
    origin = Origin(name, place=values.place)
    cidrs = (*values.get("cidr", ()), *values.get("ipv6_cidr", ()))
    if not cidrs:
        draft.problems.error(f"subnet `{name}`: say its `cidr`, or its `ipv6_cidr` when only IPv6 lives there", values.place)
    draft.add(
        Subnet(
            name,
            "",
            values["vpc"],
            tuple(cidrs),
            values.get("zone", "a"),
            origin,
            values.get("public_ips", False),
            values.get("route_table", ""),
            values.get("network_acl", ""),
            dns64=values.get("dns64", False),
        )
    )
    if "routes" in values and "route_table" in values:
        draft.problems.error(f"subnet `{name}`: say `routes` or `route_table`, one of them", values.place_of("routes"))
    if "routes" in values:
        table_id = f"{name}-routes"
        routes = routes_of_map(table_id, values["routes"], draft)
        place = values.place_of("routes")
        draft.add(RouteTable(table_id, "", values["vpc"], False, (name,), (), routes, Origin(table_id, place=place)))


def _describe(item: Item, draft: Draft) -> None:
    subnet_id = item.data["SubnetId"]
    texts = [item.data["CidrBlock"]] if item.get("CidrBlock") else []
    for data in item.get("Ipv6CidrBlockAssociationSet", ()):
        if (data.get("Ipv6CidrBlockState") or {}).get("State", "associated") == "associated":
            texts.append(data["Ipv6CidrBlock"])
    draft.add(
        Subnet(
            subnet_id,
            item.tag(),
            item.get("VpcId", ""),
            tuple(cidr_of(item, text, f"subnet `{subnet_id}`") for text in texts),
            item.get("AvailabilityZoneId") or item.get("AvailabilityZone", ""),
            Origin(subnet_id, place=item.place()),
            bool(item.get("MapPublicIpOnLaunch")),
            zone_name=item.get("AvailabilityZone", ""),
            dns64=bool(item.get("EnableDns64")),
        )
    )


def _check(subnet: Subnet, snapshot: Snapshot, problems: Problems) -> None:
    place = subnet.origin.place
    vpc = snapshot.get(Vpc, subnet.vpc)
    if vpc is None:
        problems.warn(f"subnet `{subnet.id}` lies in VPC `{subnet.vpc}`, which was not read", place)
        return
    for cidr in subnet.cidrs:
        smallest, largest = SMALLEST[cidr.version], LARGEST[cidr.version]
        if cidr.length > smallest:
            problems.error(f"subnet `{subnet.id}`: {cidr} is smaller than /{smallest}, the smallest subnet AWS accepts", place)
        elif cidr.length < largest:
            problems.error(f"subnet `{subnet.id}`: {cidr} is larger than /{largest}, the largest subnet AWS accepts", place)
        elif cidr.version == 6 and cidr.length % 4:
            problems.error(f"subnet `{subnet.id}`: AWS accepts no /{cidr.length} for IPv6; lengths go in steps of 4 (VPC-7)", place)
        if not any(block.contains(cidr) for block in vpc.cidrs):
            blocks = ", ".join(map(str, vpc.cidrs))
            problems.error(f"subnet `{subnet.id}`: {cidr} lies outside its VPC `{vpc.id}` ({blocks})", place)


def _emit(subnet: Subnet, build: Builder, snapshot: Snapshot) -> None:
    place = subnet.place
    build.open(routed(subnet.id), lookup(build, snapshot, subnet.vpc, subnet.id, subnet.route_table, place))
    build.offer(beyond_acl(subnet.id), routed(subnet.id))
    judged = partial(acl_filter, build, snapshot, subnet, OUTBOUND)
    edge = judged(beyond_acl(subnet.id))
    edge = own_targets(build, snapshot, subnet.vpc, subnet.id, subnet.route_table, place, judged, edge)
    on_link = PrefixTable(tuple(Route(cidr, 0, subnet.origin.of("its block")) for cidr in sorted(subnet.cidrs)))
    out = Lookup(
        place=place,
        what="on-link addresses",
        table=build.share(on_link),
        targets=(hosts(subnet.id),),
        miss=edge,
        cites=("RT-4", "NACL-4"),
        plumbing=True,
    )
    build.open(outbound(subnet.id), build.add(out))
    build.open(inbound(subnet.id), acl_filter(build, snapshot, subnet, INBOUND, hosts(subnet.id)))


KIND = Kind(
    name="subnet",
    noun=Subnet,
    about="a block of a VPC in one availability zone",
    section="subnets",
    fields=(
        Field("vpc", Reference(("vpc",)), "the VPC it belongs to", required=True),
        Field("cidr", ListOf(Cidr(4)), "its IPv4 block; none: only IPv6 lives there"),
        Field("ipv6_cidr", ListOf(Cidr(6)), "its IPv6 block"),
        Field("zone", Text(), "its availability zone; `a` when left out"),
        Field("routes", Either((MapOf(Text(), Text()), ListOf(Record(route_fields())))), "routes of a table of its own"),
        Field("route_table", Reference(("route-table",)), "the table it is associated with; none: the main table"),
        Field("network_acl", Reference(("network-acl",)), "the ACL it is associated with; none: the default ACL"),
        Field("dns64", Flag(), "whether DNS tells IPv4 addresses as IPv6 ones, for NAT64; false when left out"),
        Field("public_ips", Flag(), "whether AWS gives new interfaces a public IPv4 address; written ones say theirs themselves (VPC-15)"),
    ),
    scenario=_scenario,
    describe={"Subnets": _describe},
    check=_check,
    emit=_emit,
)
