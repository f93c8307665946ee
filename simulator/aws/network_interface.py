"""Network interfaces: addresses, groups, source/destination check, and the order of checks at the interface (MODEL-8, ENI-1 to 12).

    out: platform services of the host -> source check -> a reply of an admitted flow, or security groups outbound -> subnet
    in:  a reply of an admitted flow, or security groups inbound -> own address? -> the guest, else destination check

What is behind the interface opens its `start` (where packets begin), `guest` (what happens to packets for it) and `transit` (what
happens to packets for others when the check is off) doors; an interface that nobody claims is a plain host.

Not modelled: which interface a guest with several uses for a reply (ENI-7: the one the request came to), delegated prefixes.
AWS pages: "Elastic network interfaces", "Amazon EC2 instance IP addressing" (2026).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from simulator.aws.link_local import platform_services
from simulator.aws.resource import Address, Field, Flag, Item, Kind, ListOf, MapOf, Reference, Text, Values
from simulator.aws.security_group import INBOUND, OUTBOUND, SecurityGroup, rules_of
from simulator.aws.snapshot import Draft, Snapshot
from simulator.aws.subnet import RESERVED_FIRST, Subnet, edge_door, outbound
from simulator.graph.builder import Builder
from simulator.graph.nodes import Address as AddressValue
from simulator.graph.nodes import Deliver, Door, Drop, Entry, Filter, Lookup, Place, PrefixTable, Ref, Rewrite, Route, Rule, RuleList, Send, SessionMatch
from simulator.origin import Origin
from simulator.packet.prefix import Prefix, format_address, parse_address
from simulator.packet.ranges import Interval
from simulator.packet.space import Match
from simulator.problems import Problems

EPHEMERAL: Interval = (1024, 65535)
# Interfaces that AWS makes without security groups (SG-10).
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


def send_of(interface: NetworkInterface, snapshot: Snapshot, *, bind: bool = False) -> Send:
    """How packets of the interface start: with its groups and zone as marks; `bind` also gives them its primary address."""
    subnet = snapshot.get(Subnet, interface.subnet)
    addresses = interface.private_addresses if bind else ()
    return Send(interface.id, frozenset(interface.groups or ()), subnet.zone if subnet else "", addresses)


def group_members(snapshot: Snapshot, vpc: str) -> Mapping[str, tuple[Prefix, ...]]:
    """The private addresses of each group's members in a VPC: what an outbound rule to the group admits (SG-11, SG-13)."""
    return snapshot.index(("members", vpc), lambda: _members(snapshot.by(NetworkInterface, "vpc")[vpc]))


def _members(interfaces: Iterable[NetworkInterface]) -> dict[str, tuple[Prefix, ...]]:
    found: dict[str, list[Prefix]] = {}
    for interface in interfaces:
        for group in interface.groups or ():
            found.setdefault(group, []).extend(Prefix.host(*address) for address in interface.private_addresses)
    return {group: tuple(sorted(members)) for group, members in found.items()}


# --- what it does to packets -----------------------------------------------------------------------------------------------------


def _emit(interface: NetworkInterface, build: Builder, snapshot: Snapshot) -> None:
    place = interface.place
    if interface.type in WITHOUT_GROUPS:  # what it belongs to says what it does; where that was not read, nobody knows
        unknown = Drop(place=place, what=f"an interface of type {interface.type}", code="SIM_UNMODELLED", gap=True)
        build.offer(arrivals(interface.id), build.add(unknown))
        return
    own = tuple(Route(Prefix.host(*address), 0, interface.origin) for address in sorted(set(interface.private_addresses)))
    begin = build.add(
        Rewrite(place=place, what="sends", how=send_of(interface, snapshot), then=leaving(interface.id), plumbing=True)
    )
    if not interface.attached:
        begin = build.add(_detached(interface))
    build.offer(start(interface.id), begin)
    build.offer(guest(interface.id), _guest(interface, build, begin))
    build.offer(transit(interface.id), _transit(interface, build))
    build.open(leaving(interface.id), _outbound(interface, build, snapshot))
    deliver = Lookup(
        place=place,
        what="own addresses",
        table=PrefixTable(own),
        targets=(guest(interface.id),),
        miss=_not_mine(interface, build),
        cites=("ENI-4",),
        plumbing=True,
    )
    build.offer(arrivals(interface.id), _inbound(interface, build, snapshot, build.add(deliver)))
    _doors(interface, build, snapshot)
    if not interface.replies_only:
        build.enter(interface.id, Entry(start(interface.id), interface.private_addresses, EPHEMERAL, "any client"))
    if interface.assumed:
        build.assume(begin, interface.assumed)


def _doors(interface: NetworkInterface, build: Builder, snapshot: Snapshot) -> None:
    """The interface as a route's target: through the ACL of its subnet, and only for packets that no group reference let out."""
    subnet = snapshot.get(Subnet, interface.subnet)
    if subnet is None:
        return
    lost = interface.origin.of("traffic routed through an appliance")
    rules = RuleList((Rule(Match(by_reference=True), False, lost),), lost, permit=True)
    preserved = Filter(
        place=interface.place,
        what="group references through an appliance",
        rules=build.share(rules),
        then=arrivals(interface.id),
        code="SG_REFERENCES_NOT_PRESERVED",
        cites=("SG-13",),
        plumbing=True,
    )
    edge_door(build, snapshot, "network-interface", interface.id, subnet, build.add(preserved))


def _outbound(interface: NetworkInterface, build: Builder, snapshot: Snapshot) -> Ref:
    edge: Ref = outbound(interface.subnet)
    judged = _groups(interface, build, snapshot, OUTBOUND, edge)
    known = build.add(
        SessionMatch(
            place=interface.place, what="security group state", table=interface.table, then=edge, miss=judged, cites=("SG-19",)
        )
    )
    checked = known
    if interface.check and interface.addresses:
        own = tuple(Prefix.host(*address) for address in interface.private_addresses)
        foreign = interface.origin.of("source check")
        rules = RuleList((Rule(Match(sources=own), True, foreign),), foreign)
        checked = build.add(
            Filter(
                place=interface.place,
                what="source/destination check, outbound",
                rules=rules,
                then=known,
                code="ENI_SOURCE_DEST_CHECK_RESTRICTION",
                cites=("ENI-4",),
                plumbing=True,
            )
        )
    back = build.add(Deliver(place=interface.place, what="the guest", endpoint=interface.id))
    return platform_services(build, snapshot, interface.vpc, interface.place, back, checked, metadata=not interface.replies_only)


def _inbound(interface: NetworkInterface, build: Builder, snapshot: Snapshot, deliver: int) -> Ref:
    judged = _groups(interface, build, snapshot, INBOUND, deliver)
    return build.add(
        SessionMatch(
            place=interface.place, what="security group state", table=interface.table, then=deliver, miss=judged, cites=("SG-19",)
        )
    )


def _groups(interface: NetworkInterface, build: Builder, snapshot: Snapshot, direction: str, then: Ref) -> Ref:
    """The united rules of the interface's groups (SG-2)."""
    groups = tuple(sorted(interface.groups or ()))
    vpc = interface.vpc
    rules = snapshot.index(
        ("rules", groups, direction, vpc),
        lambda: rules_of(snapshot, groups, direction, vpc, group_members(snapshot, vpc)),
    )
    if not groups:  # AWS gives every such interface a group; this input does not say which
        rules = RuleList((), interface.origin.of("no groups read"), unread=(interface.origin.of("its security groups"),))
    names = ", ".join(groups)
    return build.add(
        Filter(
            place=interface.place,
            what=f"security group{'s' if len(groups) > 1 else ''} {names} {direction}",
            rules=rules,
            then=then,
            code="ENI_SG_RULES_MISMATCH" if rules.rules else "SG_HAS_NO_RULES",
            remembers=interface.table,
            cites=("SG-1", "SG-2"),
        )
    )


def _guest(interface: NetworkInterface, build: Builder, begin: int) -> Ref:
    if not interface.attached:
        return begin
    arrived = build.add(Deliver(place=interface.place, what="arrived", endpoint=interface.id, reply_at=start(interface.id)))
    return replies_only(interface, build, arrived) if interface.replies_only else arrived


def replies_only(interface: NetworkInterface, build: Builder, arrived: Ref) -> int:
    """A function's interface: replies reach the function, nothing else does, whatever the groups say (LAMBDA-7)."""
    refused = Drop(
        place=interface.place,
        what="connections to a function",
        code="SIM_LAMBDA_NO_INBOUND",
        cites=("LAMBDA-7",),
        origin=interface.origin.of("a function takes replies only"),
    )
    return build.add(
        SessionMatch(
            place=interface.place,
            what="flows the function started",
            table=interface.table,
            then=arrived,
            miss=build.add(refused),
            cites=("LAMBDA-7",),
            plumbing=True,
        )
    )


def _transit(interface: NetworkInterface, build: Builder) -> int:
    return build.add(
        Drop(place=interface.place, what="what the guest does with packets for others", code="SIM_UNMODELLED", gap=True)
    )


def _not_mine(interface: NetworkInterface, build: Builder) -> Ref:
    if not interface.check:
        return transit(interface.id)
    return build.add(
        Drop(
            place=interface.place,
            what="source/destination check, inbound",
            code="ENI_SOURCE_DEST_CHECK_RESTRICTION",
            cites=("ENI-4", "NATI-5"),
            origin=interface.origin.of("destination check"),
        )
    )


def _detached(interface: NetworkInterface) -> Drop:
    return Drop(
        place=interface.place,
        what="attachment",
        code="BAD_STATE_ATTACHMENT",
        cites=("ENI-6",),
        origin=interface.origin.of("attachment"),
    )


# --- spellings -------------------------------------------------------------------------------------------------------------------


def addresses_of(values: Values) -> tuple[InterfaceAddress, ...]:
    """The addresses of `ip`, `public_ip` and `secondary_ips` in a scenario; without `ip` the primary one is still to be taken."""
    found: list[InterfaceAddress] = []
    primary = values.get("ip")
    if primary:
        found.append(InterfaceAddress(primary, values.get("public_ip")))
    for private, public in values.get("secondary_ips", ()):
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
    groups = values.get("security_groups")
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
    interface_id = item.data["NetworkInterfaceId"]
    private = [data for data in item.get("PrivateIpAddresses", ())] or [
        {"PrivateIpAddress": item.get("PrivateIpAddress"), "Primary": True, "Association": item.get("Association")}
    ]
    private.sort(key=lambda data: not data.get("Primary", False))
    addresses = [_described_address(data) for data in private if data.get("PrivateIpAddress")]
    addresses += [InterfaceAddress(parse_address(data["Ipv6Address"])) for data in item.get("Ipv6Addresses", ())]
    attachment = item.get("Attachment", {})
    kind = item.get("InterfaceType", "interface")
    draft.add(
        NetworkInterface(
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
    if block is not None:
        at = draft.next_free.get(subnet.id, RESERVED_FIRST)
        for offset in range(at, block.size - 1):
            address = (4, block.value + offset)
            if (subnet.id, address) not in taken:
                draft.next_free[subnet.id] = offset + 1
                taken.add((subnet.id, address))
                return address
    draft.problems.error(f"subnet `{subnet.id}` has no free IPv4 address left for `{interface.id}`", interface.origin.place)
    return UNSET


def _check(interface: NetworkInterface, snapshot: Snapshot, problems: Problems) -> None:
    place = interface.origin.place
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
    emit=_emit,
)
