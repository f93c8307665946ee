"""Network interfaces: addresses, groups, source/destination check (ENI-1 to ENI-12). What packets meet there: `interface_path.py`.

Not modelled: delegated prefixes. AWS pages: "Elastic network interfaces", "Amazon EC2 instance IP addressing" (2026).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from simulator.aws.resource import Address, Field, Flag, Item, Kind, ListOf, MapOf, Reference, Text, Values
from simulator.aws.security_group import SecurityGroup
from simulator.aws.snapshot import Draft, Snapshot
from simulator.aws.subnet import RESERVED_FIRST, SMALLEST, Subnet
from simulator.graph.nodes import Address as AddressValue
from simulator.graph.nodes import (
    Door,
    Place,
)
from simulator.origin import Origin
from simulator.packet.prefix import format_address, parse_address
from simulator.packet.ranges import Interval
from simulator.problems import Problems

EPHEMERAL: Interval = (1024, 65535)
# Interfaces that AWS makes without security groups (SG-10).
STARTS_NOTHING = frozenset({"vpc_endpoint"})  # IFE-7
WITHOUT_GROUPS = frozenset({"nat_gateway", "transit_gateway", "gateway_load_balancer_endpoint"})


@dataclass(frozen=True, slots=True)
class InterfaceAddress:
    """A private address and the public one paired with it (ENI-2, IGW-4)."""

    private: AddressValue
    public: AddressValue | None = None


@dataclass(frozen=True, slots=True)
class NetworkInterface:
    """An interface. `addresses`: the primary one first; none yet: a free one is taken. `groups` none: the VPC's default group.

    `check`: source/destination check. `owner`: what it is attached to, in words. `replies_only`: a function's interface, which
    takes nothing but replies (LAMBDA-7). `wants_public`: a public address that AWS will give it, not known yet. `assumed`: why its
    existence or address is an assumption.
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

    @property
    def place(self) -> Place:
        """The hop of the interface."""
        return Place(self.id, "network-interface", self.name)

    @property
    def table(self) -> str:
        """The session table of its security groups (SG-24)."""
        return f"flows of {self.id}"

    @property
    def private_addresses(self) -> tuple[AddressValue, ...]:
        """All private addresses, the primary one first."""
        return tuple(address.private for address in self.addresses)


def start(interface: str) -> Door:
    """Where the packets of an interface's guest begin."""
    return Door("network-interface", interface, "start")


def leaving(interface: str) -> Door:
    """Where packets from the guest enter the interface."""
    return Door("network-interface", interface, "leaving")


def arrivals(interface: str) -> Door:
    """Where packets from the subnet enter the interface."""
    return Door("network-interface", interface, "arrivals")


def guest(interface: str) -> Door:
    """What happens to packets for the interface's own addresses."""
    return Door("network-interface", interface, "guest")


def transit(interface: str) -> Door:
    """What happens to packets for others."""
    return Door("network-interface", interface, "transit")


# --- spellings -------------------------------------------------------------------------------------------------------------------


def addresses_of(values: Values) -> tuple[InterfaceAddress, ...]:
    """The addresses of `ip`, `public_ip` and `secondary_ips` in a scenario; without `ip` the primary one is still to be taken."""
    found: list[InterfaceAddress] = []
    primary = values.get("ip")
    if primary:
        found.append(InterfaceAddress(primary, values.get("public_ip")))
    for private, public, _ in values.get("secondary_ips", ()):
        found.append(InterfaceAddress(private, public))
    return tuple(found)


def interface_fields() -> tuple[Field, ...]:
    """The fields that an interface shares with the things that have just one."""
    return (
        Field("subnet", Reference(("subnet",)), "the subnet it lies in"),
        Field("ip", Address(), "its primary private address; a free one when left out"),
        Field("public_ip", Address(), "the public address paired with the primary private one"),
        Field("security_groups", ListOf(Reference(("security-group",))), "its groups; the VPC's default group when left out"),
        Field("source_dest_check", Flag(), "source/destination check; on when left out"),
    )


def interface_of(interface_id: str, values: Values, *, owner: str = "", type_name: str = "interface") -> NetworkInterface:
    """The interface that a scenario's entry describes; its VPC, groups and address are filled in when all is read."""
    groups = values.get("security_groups") or None  # AWS gives every interface a group
    public = values.get("public_ip")
    addresses = addresses_of(values)
    if public and not values.get("ip"):
        addresses = (InterfaceAddress(UNSET, public), *addresses)
    return NetworkInterface(
        interface_id,
        "",
        "",
        values.get("subnet", ""),
        addresses,
        None if groups is None else tuple(groups),
        Origin(interface_id, place=values.place),
        check=values.get("source_dest_check", True),
        type=type_name,
        owner=owner,
    )


UNSET: AddressValue = (0, 0)


def _scenario(name: str, values: Values, draft: Draft) -> None:
    draft.add(interface_of(name, values))


def _describe(item: Item, draft: Draft) -> None:
    draft.add(described_interface(item))


def described_interface(item: Item) -> NetworkInterface:
    """The interface of an element of `NetworkInterfaces`, in its own list or in an instance's answer."""
    interface_id = item.data["NetworkInterfaceId"]
    private = list(item.get("PrivateIpAddresses", ())) or [
        {"PrivateIpAddress": item.get("PrivateIpAddress"), "Primary": True, "Association": item.get("Association")}
    ]
    private.sort(key=lambda data: not data.get("Primary", False))
    addresses = [_described_address(data) for data in private if data.get("PrivateIpAddress")]
    addresses += [InterfaceAddress(parse_address(data["Ipv6Address"])) for data in item.get("Ipv6Addresses", ())]
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
        item.get("Status", "in-use") != "available" or bool(attachment),
        kind,
        attachment.get("InstanceId") or item.get("Description", ""),
        replies_only=kind == "lambda",
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
    if interface.replies_only and any(address.public for address in addresses):
        draft.problems.warn(f"network interface `{interface.id}`: a function has no public address; it is ignored (LAMBDA-14)")
        addresses = tuple(InterfaceAddress(address.private) for address in addresses)
    addresses = tuple(
        InterfaceAddress(take_address(subnet, draft, interface), address.public) if address.private == UNSET else address
        for address in addresses
    )
    draft.replace(replace(interface, vpc=interface.vpc or subnet.vpc, groups=groups, addresses=addresses))


def take_address(subnet: Subnet, draft: Draft, interface: NetworkInterface) -> AddressValue:
    """The first address of the subnet that nobody has, past the four that AWS keeps (VPC-9)."""
    taken = draft.taken_addresses
    if not taken:
        taken.update((other.subnet, address) for other in draft.all(NetworkInterface) for address in other.private_addresses)
    block = next((cidr for cidr in subnet.cidrs if cidr.version == 4), None)
    if block is not None and block.length <= SMALLEST:
        at = draft.next_free.get(subnet.id, RESERVED_FIRST)
        for offset in range(at, block.size - 1):
            address = (4, block.value + offset)
            if (subnet.id, address) not in taken:
                draft.next_free[subnet.id] = offset + 1
                taken.add((subnet.id, address))
                return address
    if block is None or block.length <= SMALLEST:  # a smaller block is refused by the subnet's own check
        draft.problems.error(f"subnet `{subnet.id}` has no free IPv4 address left for `{interface.id}`", interface.origin.place)
    return UNSET


def _check(interface: NetworkInterface, snapshot: Snapshot, problems: Problems) -> None:
    place = interface.origin.place
    if interface is next(iter(snapshot.all(NetworkInterface))):
        _check_addresses_are_single(snapshot, problems)
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
        elif version == 4 and (value - block.value < RESERVED_FIRST or value == block.last):
            problems.warn(f"network interface `{interface.id}`: {text} is reserved by AWS in {block} (VPC-9)", place)
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
