"""Network interfaces: addresses, groups, source/destination check (ENI-1 to ENI-12). What packets meet there: `interface_path.py`.

AWS pages: "Elastic network interfaces", "Amazon EC2 instance IP addressing" (2026).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from simulator.aws.permissions import cidr_of
from simulator.aws.resource import Address, Cidr, Either, Field, Flag, Item, Kind, ListOf, MapOf, Reference, Text, Values
from simulator.aws.route_table import local_blocks
from simulator.aws.security_group import SecurityGroup
from simulator.aws.snapshot import Draft, Snapshot
from simulator.aws.subnet import RESERVED_FIRST, SMALLEST, Subnet
from simulator.graph.nodes import Address as AddressValue
from simulator.graph.nodes import (
    Door,
    Place,
)
from simulator.origin import Origin
from simulator.packet.prefix import Prefix, format_address, parse_address
from simulator.packet.ranges import Interval
from simulator.problems import Problems

EPHEMERAL: Interval = (1024, 65535)
# Public addresses that are not known: a block kept for benchmarks (RFC 2544), which no network holds.
UNKNOWN_PUBLIC = Prefix.parse("198.18.0.0/15")
# Interfaces that AWS makes without security groups (SG-10).
UNSET: AddressValue = (0, 4)  # a free address of the subnet is to be taken
UNSET_IPV6: AddressValue = (0, 6)
STARTS_NOTHING = frozenset({"client_vpn", "vpc_endpoint"})  # IFE-7
RUN_BY_AWS = frozenset({"global_accelerator_managed"})  # what they send bears the addresses of others (SVC-10)
WITHOUT_GROUPS = frozenset({"nat_gateway", "transit_gateway", "gateway_load_balancer", "gateway_load_balancer_endpoint"})
# The kind of doors inside an interface; those to it as a route's target are named after subnets and VPCs, which may have any name.
INSIDE = "interface"
MAY_LACK_GROUPS = "network_load_balancer"  # NLB-1
CLOSED_TO_INTERNET = frozenset({"vpc_endpoint", "gateway_load_balancer_endpoint"})  # IGW-16


@dataclass(frozen=True, slots=True)
class InterfaceAddress:
    """A private address and the public one paired with it (ENI-2, IGW-4)."""

    private: AddressValue
    public: AddressValue | None = None


@dataclass(frozen=True, slots=True)
class NetworkInterface:
    """An interface. `addresses`: the primary one first; none yet: a free one is taken. `groups` none: the VPC's default group.

    `check`: source/destination check. `owner`: what it is attached to, in words. `replies_only`: a function's interface, which
    takes nothing but replies (LAMBDA-7). `assumed`: why its existence or address is an assumption. `delegated`: blocks of its subnet whose
    addresses are all its own (ENI-2). `closed_to_internet`: its IPv6 addresses cannot be reached through an internet gateway (IGW-16). An
    address that is unset, private or public, is not known yet: a free one is taken.
    """

    id: str
    name: str
    vpc: str
    subnet: str
    addresses: tuple[InterfaceAddress, ...]
    groups: tuple[str, ...] | None
    origin: Origin
    check: bool = True
    attached: bool = True
    type: str = "interface"
    owner: str = ""
    replies_only: bool = False
    assumed: str = ""
    delegated: tuple[Prefix, ...] = ()
    closed_to_internet: bool = False

    @property
    def place(self) -> Place:
        """The hop of the interface."""
        return Place(self.id, "network-interface", self.name)

    @property
    def has_groups(self) -> bool:
        """Whether security groups judge what passes it; where none was read, some do all the same."""
        return self.type not in WITHOUT_GROUPS and (self.type != MAY_LACK_GROUPS or bool(self.groups))

    @property
    def table(self) -> str:
        """The session table of its security groups (SG-24)."""
        return f"flows of {self.id}"

    @property
    def private_addresses(self) -> tuple[AddressValue, ...]:
        """All private addresses, the primary one first."""
        return tuple(address.private for address in self.addresses)

    @property
    def blocks(self) -> tuple[Prefix, ...]:
        """All private addresses and delegated blocks, each once, sorted."""
        return tuple(sorted({*(Prefix.host(*address.private) for address in self.addresses), *self.delegated}))

    def holds(self, address: AddressValue) -> bool:
        """Whether an address is one of its own, or lies in a delegated block."""
        return any(block.holds(*address) for block in self.blocks)

    def speaks(self, version: int) -> bool:
        """Whether it has an address of an IP version."""
        return any(address.private[0] == version for address in self.addresses)


def start(interface: str) -> Door:
    """Where the packets of an interface's guest begin."""
    return Door(INSIDE, interface, "start")


def leaving(interface: str) -> Door:
    """Where packets from the guest enter the interface."""
    return Door(INSIDE, interface, "leaving")


def away(interface: str) -> Door:
    """What packets meet behind the groups of an interface: its subnet, unless somebody comes before it."""
    return Door(INSIDE, interface, "away")


def answered(interface: str) -> Door:
    """Where answers of the host's services come, which meet no check: offered to the guest, opened by what translates."""
    return Door(INSIDE, interface, "answers of the host")


def arrivals(interface: str) -> Door:
    """Where packets from the subnet enter the interface."""
    return Door(INSIDE, interface, "arrivals")


def guest(interface: str) -> Door:
    """What happens to packets for the interface's own addresses."""
    return Door(INSIDE, interface, "guest")


def transit(interface: str) -> Door:
    """What happens to packets for others."""
    return Door(INSIDE, interface, "transit")


# --- spellings -------------------------------------------------------------------------------------------------------------------


def sources_of(snapshot: Snapshot, vpc: str) -> tuple[Prefix, ...]:
    """The addresses that packets of a VPC's own interfaces have; where the interfaces were not asked for, any of its blocks."""
    if not snapshot.was_read("network-interface"):
        return local_blocks(snapshot, vpc)
    return snapshot.index(("sources", vpc), lambda: _sources(snapshot, vpc))


def _sources(snapshot: Snapshot, vpc: str) -> tuple[Prefix, ...]:
    return tuple(sorted(block for interface in snapshot.by(NetworkInterface, "vpc")[vpc] for block in interface.blocks))


def addresses_of(values: Values) -> tuple[InterfaceAddress, ...]:
    """The addresses of `ip`, `public_ip`, `secondary_ips` and `ipv6` in a scenario. Those that AWS would pick are still to be taken."""
    found: list[InterfaceAddress] = []
    primary, public, six = values.get("ip"), values.get("public_ip"), values.get("ipv6")
    secondary = [InterfaceAddress(private, paired) for private, paired, _ in values.get("secondary_ips", ())]
    if primary or public or (six and not secondary):
        found.append(InterfaceAddress(primary or UNSET, public))
    found += secondary
    found += [InterfaceAddress(address) for address in ([UNSET_IPV6] if six is True else six or ())]
    return tuple(found)


def interface_fields() -> tuple[Field, ...]:
    """The fields that an interface shares with the things that have just one."""
    return (
        Field("subnet", Reference(("subnet",)), "the subnet it lies in"),
        Field("ip", Address(), "its primary private address; a free one when left out"),
        Field("public_ip", Address(), "the public address paired with the primary private one"),
        Field("ipv6", Either((Flag(), ListOf(Address(6)))), "its IPv6 address or addresses; `true`: a free one of its subnet"),
        Field("prefixes", ListOf(Cidr()), "blocks of its subnet that are delegated to it"),
        Field("security_groups", ListOf(Reference(("security-group",))), "its groups; the VPC's default group when left out"),
        Field("source_dest_check", Flag(), "source/destination check; on when left out"),
    )


def interface_of(interface_id: str, values: Values, *, owner: str = "", type_name: str = "interface") -> NetworkInterface:
    """The interface that a scenario's entry describes; its VPC, groups and address are filled in when all is read."""
    groups = values.get("security_groups") or None  # AWS gives every interface a group
    return NetworkInterface(
        interface_id,
        "",
        "",
        values.get("subnet", ""),
        addresses_of(values),
        None if groups is None else tuple(groups),
        Origin(interface_id, place=values.place),
        check=values.get("source_dest_check", True),
        type=type_name,
        owner=owner,
        delegated=tuple(values.get("prefixes", ())),
        closed_to_internet=type_name in CLOSED_TO_INTERNET,
    )


def _scenario(name: str, values: Values, draft: Draft) -> None:
    if "subnet" not in values:
        draft.problems.error(f"network interface `{name}`: say its `subnet`", values.place)
    draft.add(interface_of(name, values))


def _describe(item: Item, draft: Draft) -> None:
    draft.add(described_interface(item))


def described_interface(item: Item) -> NetworkInterface:
    """The interface of an element of `NetworkInterfaces`, in its own list or in an instance's answer."""
    interface_id = item.data["NetworkInterfaceId"]
    private = list(item.get("PrivateIpAddresses", ())) or [
        {"PrivateIpAddress": item.get("PrivateIpAddress"), "Primary": True, "Association": item.get("Association")}
    ]
    private.sort(key=lambda data: not data.get("Primary"))
    addresses = [_described_address(data) for data in private if data.get("PrivateIpAddress")]
    six = sorted(item.get("Ipv6Addresses", ()), key=lambda data: not data.get("IsPrimaryIpv6"))
    addresses += [InterfaceAddress(parse_address(data["Ipv6Address"])) for data in six]
    delegated = [data["Ipv4Prefix"] for data in item.get("Ipv4Prefixes", ())] + [
        data["Ipv6Prefix"] for data in item.get("Ipv6Prefixes", ())
    ]
    attachment = item.get("Attachment", {})
    kind = item.get("InterfaceType", "interface")
    return NetworkInterface(
        interface_id,
        item.tag(),
        item.get("VpcId", ""),
        item.get("SubnetId", ""),
        tuple(addresses),
        tuple(data["GroupId"] for data in item.get("Groups", ())),
        Origin(interface_id, place=item.place()),
        bool(item.get("SourceDestCheck", True)),
        item.get("Status") != "available" or bool(attachment),
        kind,
        attachment.get("InstanceId") or item.get("Description", ""),
        replies_only=kind == "lambda",
        delegated=tuple(cidr_of(item, text, f"network interface `{interface_id}`") for text in delegated),
        closed_to_internet=bool(item.get("DenyAllIgwTraffic")) or kind in CLOSED_TO_INTERNET,
    )


def _described_address(data: Mapping[str, object]) -> InterfaceAddress:
    association = data.get("Association")
    public = association.get("PublicIp") if isinstance(association, Mapping) else None
    return InterfaceAddress(parse_address(str(data["PrivateIpAddress"])), parse_address(public) if public else None)


def _complete(interface: NetworkInterface, draft: Draft) -> None:
    """Fill in the VPC, the default group, and a free address."""
    subnet = draft.get(Subnet, interface.subnet)
    if subnet is None:
        return
    groups = interface.groups
    if groups is None:
        default = next((group for group in draft.all(SecurityGroup) if group.default and group.vpc == subnet.vpc), None)
        groups = (default.id,) if default else ()
    addresses = interface.addresses or (InterfaceAddress(UNSET),)
    if not any(cidr.version == 4 for cidr in subnet.cidrs):  # nothing but IPv6 lives here (VPC-11)
        asked = [address for address in addresses if address.private != UNSET or address.public]
        addresses = tuple(asked) or (InterfaceAddress(UNSET_IPV6),)
    if interface.replies_only and any(address.public for address in addresses):
        draft.problems.warn(f"network interface `{interface.id}`: a function has no public address; it is ignored (LAMBDA-14)")
        addresses = tuple(InterfaceAddress(address.private) for address in addresses)
    addresses = tuple(
        InterfaceAddress(
            address.private if address.private[0] else take_address(subnet, draft, interface, address.private[1]),
            _take_public(draft) if address.public == UNSET else address.public,
        )
        for address in addresses
    )
    draft.replace(replace(interface, vpc=interface.vpc or subnet.vpc, groups=groups, addresses=addresses))


def take_address(subnet: Subnet, draft: Draft, interface: NetworkInterface, version: int = 4) -> AddressValue:
    """The first address of the subnet that nobody has, past the four that AWS keeps (VPC-9, VPC-10)."""
    taken = _taken(draft)
    block = next((cidr for cidr in subnet.cidrs if cidr.version == version), None)
    if block is not None and block.length <= SMALLEST[version]:
        value = draft.next_free.get((subnet.id, version), block.value + RESERVED_FIRST)
        while value < block.last:
            within = next((one for one in draft.delegated_blocks.get(subnet.id, ()) if one.holds(version, value)), None)
            free = within is None and (subnet.id, (version, value)) not in taken
            found, value = value, (within.last if within else value) + 1
            if free:
                draft.next_free[subnet.id, version] = value
                return version, found
    if block is None or block.length <= SMALLEST[version]:  # a smaller block is refused by the subnet's own check
        lacks = f"no IPv{version} block" if block is None else f"no free IPv{version} address left"
        draft.problems.error(f"subnet `{subnet.id}` has {lacks} for `{interface.id}`", interface.origin.place)
    return (0, version)


def _take_public(draft: Draft) -> AddressValue:
    """A public address that no network holds: for what is known to have one, but not which."""
    taken = _taken(draft)
    address = next((4, value) for value in range(UNKNOWN_PUBLIC.first + 1, UNKNOWN_PUBLIC.last) if ("", (4, value)) not in taken)
    taken.add(("", address))
    return address


def _taken(draft: Draft) -> set[tuple[str, AddressValue]]:
    """The addresses that somebody has: private ones by subnet, public ones under the empty name."""
    taken = draft.taken_addresses
    if not taken:
        for other in draft.all(NetworkInterface):
            taken.update((other.subnet, address.private) for address in other.addresses)
            taken.update(("", address.public) for address in other.addresses if address.public)
            draft.delegated_blocks.setdefault(other.subnet, []).extend(other.delegated)
    return taken


def _check(interface: NetworkInterface, snapshot: Snapshot, problems: Problems) -> None:
    place = interface.origin.place
    if interface is next(iter(snapshot.all(NetworkInterface))):
        _check_addresses_are_single(snapshot, problems)
        _check_owners_are_single(snapshot, problems)
    subnet = snapshot.get(Subnet, interface.subnet)
    if subnet is None:
        if interface.subnet:
            problems.warn(f"network interface `{interface.id}` lies in subnet `{interface.subnet}`, which was not read", place)
        return
    for version, value in interface.private_addresses:
        text = format_address(version, value)
        block = next((cidr for cidr in subnet.cidrs if cidr.holds(version, value)), None)
        if block is None:
            blocks = ", ".join(map(str, subnet.cidrs))
            problems.warn(f"network interface `{interface.id}`: {text} lies outside its subnet `{subnet.id}` ({blocks})", place)
        elif value - block.value < RESERVED_FIRST or value == block.last:
            rule = "VPC-9" if version == 4 else "VPC-10"
            problems.warn(f"network interface `{interface.id}`: {text} is reserved by AWS in {block} ({rule})", place)
    for delegated in interface.delegated:
        if not any(cidr.contains(delegated) for cidr in subnet.cidrs):
            blocks = ", ".join(map(str, subnet.cidrs))
            problems.warn(f"network interface `{interface.id}`: {delegated} lies outside its subnet `{subnet.id}` ({blocks})", place)
    for group_id in interface.groups or ():
        group = snapshot.get(SecurityGroup, group_id)
        if group is None:
            problems.warn(f"network interface `{interface.id}` has security group `{group_id}`, which was not read", place)
        elif group.vpc and group.vpc != subnet.vpc:
            problems.warn(f"network interface `{interface.id}` has security group `{group_id}` of another VPC (`{group.vpc}`)", place)


def _check_addresses_are_single(snapshot: Snapshot, problems: Problems) -> None:
    """Two holders of one address cannot be: the files are of several moments, and only one of the two will be found."""
    holders: dict[tuple[str, AddressValue], str] = {}
    for interface in snapshot.all(NetworkInterface):
        held = [(interface.vpc, address.private) for address in interface.addresses if interface.vpc]
        held += [("", address.public) for address in interface.addresses if address.public]
        for key in held:
            other = holders.setdefault(key, interface.id)
            if other != interface.id:
                told = f"`{other}` and `{interface.id}` both have address {format_address(*key[1])}; only one of them can"
                problems.warn(f"network interfaces {told}", interface.origin.place)


OWNERS = ("instance", "vpc-endpoint", "nat-gateway")  # functions share theirs (LAMBDA-3), services are found by the words of interfaces


def _check_owners_are_single(snapshot: Snapshot, problems: Problems) -> None:
    """What arrives at an interface arrives at one thing; an error, since nobody could say at which."""
    owners: dict[str, str] = {}
    for kind, noun in snapshot.everything():
        if kind.name not in OWNERS:
            continue
        for name in (*getattr(noun, "interfaces", ()), *filter(None, [getattr(noun, "interface", "")])):
            owner = f"{kind.name.replace('-', ' ')} `{noun.id}`"
            if name in owners:
                told = f"{owner} has it twice" if owners[name] == owner else f"{owners[name]} and {owner} both say it is theirs"
                problems.error(f"network interface `{name}`: {told}", noun.origin.place)
            owners[name] = owner


KIND = Kind(
    name="network-interface",
    noun=NetworkInterface,
    about="addresses and security groups in a subnet",
    section="interfaces",
    fields=(
        *interface_fields(),
        Field("secondary_ips", MapOf(Address(), Address()), "further private addresses, each with its public one or nothing"),
        Field("description", Text(), "a note for people"),
    ),
    scenario=_scenario,
    describe={"NetworkInterfaces": _describe},
    prefix="interface",
    complete=_complete,
    check=_check,
)
