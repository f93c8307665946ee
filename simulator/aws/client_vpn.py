"""Client VPN endpoints: people's machines as sources, behind interfaces in the associated subnets (CVPN-1, CVPN-2).

    client -> an authorization rule that covers the destination, the longest one -> the endpoint's own route table -> an associated subnet
           -> source becomes the address of the interface there -> its security groups outbound -> that subnet
    reply  -> the interface's session -> the client

A rule for a group of the directory lets its members pass only; whether the client is one is a choice nobody can foresee. The interface is
the sender for everyone behind it: rules may name its groups (SG-13). Nothing starts towards a client.

Not modelled: client-to-client traffic, the scope of split tunnels on the client's side, IPv6.
AWS pages: "Client authorization in AWS Client VPN", "How AWS Client VPN works" (2026).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from simulator.aws.interface_path import send_of
from simulator.aws.managed_service import FIELDS, authored_interfaces, described_interfaces
from simulator.aws.network_interface import EPHEMERAL, NetworkInterface, answered, guest, leaving, start
from simulator.aws.permissions import cidr_of
from simulator.aws.resource import Cidr, Field, Item, Kind, ListOf, MapOf, Reference, Text, Values
from simulator.aws.route_table import local_blocks
from simulator.aws.snapshot import Draft, Snapshot
from simulator.aws.subnet import Subnet
from simulator.graph.builder import Builder
from simulator.graph.nodes import (
    Choice,
    Deliver,
    Drop,
    Entry,
    Filter,
    Lookup,
    Masquerade,
    Place,
    PrefixTable,
    Ref,
    Restore,
    Rewrite,
    Route,
    RuleList,
    Send,
)
from simulator.origin import Origin
from simulator.packet.prefix import Prefix
from simulator.packet.ranges import Interval
from simulator.problems import Problems

AVAILABLE = "available"
EVERYBODY = "all"
PORTS: Interval = (1024, 65535)
LARGEST, SMALLEST = 12, 22
ASSOCIATIONS, ROUTES, RULES = "client-vpn-associations", "client-vpn-routes", "client-vpn-rules"


class ClientRoute(NamedTuple):
    """One route of an endpoint: to an associated subnet, `subnet`."""

    prefix: Prefix
    subnet: str
    origin: Origin


class ClientRule(NamedTuple):
    """One authorization rule: for members of a group of the directory, or for everybody when `group` is empty."""

    prefix: Prefix
    group: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class ClientVpn:
    """A Client VPN endpoint. `clients`: the block its clients get addresses from; `subnets`: those it is associated with."""

    id: str
    name: str
    clients: Prefix
    origin: Origin
    subnets: tuple[str, ...] = ()
    groups: tuple[str, ...] | None = None
    interfaces: tuple[str, ...] = ()
    routes: tuple[ClientRoute, ...] = ()
    rules: tuple[ClientRule, ...] = ()
    state: str = AVAILABLE

    @property
    def place(self) -> Place:
        """The hop of the endpoint."""
        return Place(self.id, "client-vpn", self.name)

    @property
    def endpoint(self) -> str:
        """Where its clients' packets start and their replies arrive."""
        return f"client-vpn:{self.id}"

    def table(self, interface: str) -> str:
        """The session table of the translations at one of its interfaces."""
        return f"translations of {self.id} at {interface}"


# --- spellings -------------------------------------------------------------------------------------------------------------------


def _scenario(name: str, values: Values, draft: Draft) -> None:
    origin = Origin(name, place=values.place)
    rules = [
        ClientRule(prefix, "" if group == EVERYBODY else group, origin.of(f"authorization rule {prefix}", place))
        for prefix, groups, place in values.get("authorize", ())
        for group in groups
    ]
    routes = [ClientRoute(prefix, subnet, origin.of(f"route {prefix}", place)) for prefix, subnet, place in values.get("routes", ())]
    groups = values.get("security_groups")
    draft.add(
        ClientVpn(
            name,
            "",
            values["client_cidr"],
            origin,
            tuple(values["subnets"]),
            tuple(groups) if groups else None,
            authored_interfaces(name, values, draft),
            tuple(routes),
            tuple(rules),
            values.get("state", AVAILABLE),
        )
    )


def _describe(item: Item, draft: Draft) -> None:
    endpoint_id, state = item.data["ClientVpnEndpointId"], item.get("Status", {}).get("Code", AVAILABLE)
    if state in ("deleted", "deleting"):
        return
    clients = cidr_of(item, item.data["ClientCidrBlock"], f"Client VPN endpoint `{endpoint_id}`")
    groups = tuple(item.get("SecurityGroupIds", ()))
    draft.add(ClientVpn(endpoint_id, item.tag(), clients, Origin(endpoint_id, place=item.place()), groups=groups or None, state=state))


def _describe_association(item: Item, draft: Draft) -> None:
    if item.get("Status", {}).get("Code", "associated") == "associated":
        groups = tuple(item.get("SecurityGroups", ()))
        draft.later(_associate, item.data["ClientVpnEndpointId"], item.data["TargetNetworkId"], groups)


def _associate(draft: Draft, endpoint_id: str, subnet: str, groups: tuple[str, ...]) -> None:
    found = draft.get(ClientVpn, endpoint_id)
    if found is not None and subnet not in found.subnets:
        draft.replace(replace(found, subnets=(*found.subnets, subnet), groups=groups or found.groups))


def _describe_route(item: Item, draft: Draft) -> None:
    if not item.get("ClientVpnEndpointId"):
        return  # of a transit gateway's table
    endpoint_id, origin = item.data["ClientVpnEndpointId"], Origin(item.data["ClientVpnEndpointId"])
    if item.get("Status", {}).get("Code", "active") == "active":
        prefix = cidr_of(item, item.data["DestinationCidr"], f"Client VPN endpoint `{endpoint_id}`")
        route = ClientRoute(prefix, item.data["TargetSubnet"], origin.of(f"route {prefix}", item.place()))
        draft.later(_add, endpoint_id, route)


def _describe_rule(item: Item, draft: Draft) -> None:
    endpoint_id, origin = item.data["ClientVpnEndpointId"], Origin(item.data["ClientVpnEndpointId"])
    if item.get("Status", {}).get("Code", "active") == "active":
        prefix = cidr_of(item, item.data["DestinationCidr"], f"Client VPN endpoint `{endpoint_id}`")
        group = "" if item.get("AccessAll") else item.get("GroupId", "")
        draft.later(_add, endpoint_id, ClientRule(prefix, group, origin.of(f"authorization rule {prefix}", item.place())))


def _add(draft: Draft, endpoint_id: str, part: ClientRoute | ClientRule) -> None:
    found = draft.get(ClientVpn, endpoint_id)
    if found is None:
        return
    if isinstance(part, ClientRoute):
        draft.replace(replace(found, routes=(*found.routes, part)))
    else:
        draft.replace(replace(found, rules=(*found.rules, part)))


def _complete(vpn: ClientVpn, draft: Draft) -> None:
    """The interfaces of a described endpoint, and their type, which tells that they start nothing themselves."""
    names = vpn.interfaces
    if not names and vpn.subnets:
        told = [described_interfaces(vpn.id, "ClientVPN", (subnet,), vpn.groups or (), vpn.origin, draft) for subnet in vpn.subnets]
        names = tuple(name for found in told for name in found)
    for name in names:
        interface = draft.get(NetworkInterface, name)
        if interface is not None:
            draft.replace(replace(interface, type="client_vpn", owner=vpn.id))
    draft.replace(replace(vpn, interfaces=tuple(names)))


def _check(vpn: ClientVpn, snapshot: Snapshot, problems: Problems) -> None:
    place, told = vpn.origin.place, f"Client VPN endpoint `{vpn.id}`"
    if not LARGEST <= vpn.clients.length <= SMALLEST:
        problems.warn(f"{told}: AWS takes a block of clients from /{LARGEST} to /{SMALLEST}, not {vpn.clients}", place)
    subnets = [found for name in vpn.subnets if (found := snapshot.get(Subnet, name))]
    for name in vpn.subnets:
        if snapshot.get(Subnet, name) is None:
            problems.warn(f"{told} is associated with subnet `{name}`, which was not read", place)
    vpcs = sorted({subnet.vpc for subnet in subnets})
    if len(vpcs) > 1:
        problems.error(f"{told} is associated with subnets of several VPCs ({', '.join(vpcs)}); AWS takes those of one", place)
    zones = [subnet.zone for subnet in subnets if subnet.zone]
    if len(zones) != len(set(zones)):
        problems.warn(f"{told} is associated with two subnets of one zone; AWS takes one for each zone", place)
    shared = next((block for name in vpcs for block in local_blocks(snapshot, name) if block.overlaps(vpn.clients)), None)
    if shared:
        problems.warn(f"{told}: its clients' block {vpn.clients} overlaps {shared} of the VPC; AWS refuses that", place)
    for route in vpn.routes:
        if route.subnet not in vpn.subnets and snapshot.was_read(ASSOCIATIONS):
            problems.warn(
                f"{told}: the route to {route.prefix} leads to subnet `{route.subnet}`, which is not associated", route.origin.place
            )


# --- packets ---------------------------------------------------------------------------------------------------------------------


def _emit(vpn: ClientVpn, build: Builder, snapshot: Snapshot) -> None:
    place = vpn.place
    known = [found for name in vpn.interfaces if (found := snapshot.get(NetworkInterface, name))]
    interfaces = [found for found in known if any(version == 4 for version, _ in found.private_addresses)]
    dead = vpn.state != AVAILABLE or (not vpn.subnets and snapshot.was_read(ASSOCIATIONS))
    used = _routes(vpn, interfaces, snapshot) if not dead and snapshot.was_read(RULES) else {}
    if dead:
        origin = vpn.origin.of(f"state {vpn.state}" if vpn.state != AVAILABLE else "it is associated with no subnet")
        way: Ref = build.add(Drop(place=place, what="state", code="BAD_STATE", cites=("CVPN-1",), origin=origin))
    elif not used:
        way = _gap(vpn, "its associations or authorization rules", build)
    else:
        way = _authorized(vpn, _routed(vpn, used, interfaces, build, snapshot), build)
    begin = build.add(Rewrite(place=place, what="sends", how=Send(vpn.endpoint), then=way, plumbing=True))
    arrived = build.add(Deliver(place=place, what="arrived", endpoint=vpn.endpoint, reply_at=begin, cites=("CVPN-2",)))
    build.enter(vpn.endpoint, Entry(begin, (), EPHEMERAL, "any client"))
    for interface in interfaces:
        _behind(vpn, interface, arrived, any(interface.subnet in held for held in used.values()), build, snapshot)


def _gap(vpn: ClientVpn, what: str, build: Builder) -> int:
    return build.add(Drop(place=vpn.place, what=f"{what} (not read)", code="UNKNOWN_RESOURCE", gap=True, cites=("CVPN-1",)))


def _routes(vpn: ClientVpn, interfaces: Iterable[NetworkInterface], snapshot: Snapshot) -> dict[Prefix, list[str]]:
    """The endpoint's table: the subnets of its routes, and of those for the VPC that come with every association. Empty where no
    interface was read, as nobody knows the VPC.
    """
    found: dict[Prefix, list[str]] = {}
    blocks = sorted({block for one in interfaces for block in local_blocks(snapshot, one.vpc) if block.version == 4})
    for subnet in dict.fromkeys((*(one.subnet for one in interfaces), *vpn.subnets)) if blocks else ():
        told = [route.prefix for route in vpn.routes if route.subnet == subnet]
        for prefix in dict.fromkeys((*told, *blocks)):
            found.setdefault(prefix, []).append(subnet)
    return found


def _authorized(vpn: ClientVpn, then: Ref, build: Builder) -> int:
    """The longest rule that covers the destination decides; one for a group decides by who the client is (CVPN-1)."""
    nobody = vpn.origin.of("no authorization rule covers it")
    refused = build.add(Drop(place=vpn.place, what="authorization rules", code="SIM_NOT_AUTHORIZED", cites=("CVPN-1",), origin=nobody))
    routes: list[Route] = []
    targets: list[Ref] = []
    for prefix in sorted({rule.prefix for rule in vpn.rules}):
        rules = [rule for rule in vpn.rules if rule.prefix == prefix]
        routes.append(
            Route(prefix, len(targets), rules[0].origin, f"{prefix} for {' or '.join(rule.group or 'everybody' for rule in rules)}")
        )
        options = (*((f"a member of {rule.group}", then) for rule in rules), ("somebody else", refused))
        member = Choice(place=vpn.place, what="who the client is", options=options, cites=("CVPN-1",))
        targets.append(build.add(member) if all(rule.group for rule in rules) else then)
    return build.add(
        Lookup(
            place=vpn.place,
            what="authorization rules",
            table=PrefixTable(tuple(routes)),
            targets=tuple(targets),
            miss=refused,
            cites=("CVPN-1",),
        )
    )


def _routed(vpn: ClientVpn, used: dict[Prefix, list[str]], interfaces: list[NetworkInterface], build: Builder, snapshot: Snapshot) -> int:
    ways: dict[str, list[tuple[str, Ref]]] = {}
    for interface in interfaces:
        ways.setdefault(interface.subnet, []).append((interface.id, _translated(vpn, interface, build)))
    for subnet in sorted({subnet for held in used.values() for subnet in held} - ways.keys()):
        ways[subnet] = [(subnet, _gap(vpn, "its association", build))]
    nowhere = vpn.origin.of("no route matches")
    miss = Drop(place=vpn.place, what="its route table", code="NO_ROUTE_TO_DESTINATION", cites=("CVPN-1",), origin=nowhere)
    routes: list[Route] = []
    targets: list[Ref] = []
    for prefix in sorted(used):
        told = next((route.origin for route in vpn.routes if route.prefix == prefix), vpn.origin.of(f"route {prefix} of the VPC"))
        routes.append(Route(prefix, len(targets), told, f"{prefix} -> {' or '.join(used[prefix])}"))
        options = tuple(way for subnet in used[prefix] for way in ways[subnet])
        several = Choice(place=vpn.place, what="association", options=options, cites=("MODEL-6", "CVPN-1"))
        targets.append(build.add(several) if len(options) > 1 else options[0][1])
    unread = not snapshot.was_read(ROUTES)
    return build.add(
        Lookup(
            place=vpn.place,
            what="its route table",
            table=PrefixTable(tuple(routes)),
            targets=tuple(targets),
            miss=_gap(vpn, "its routes", build) if unread else build.add(miss),
            cites=("CVPN-1",),
        )
    )


def _translated(vpn: ClientVpn, interface: NetworkInterface, build: Builder) -> int:
    own = tuple(address for address in interface.private_addresses if address[0] == 4)[:1]
    how = Masquerade(own, PORTS, vpn.table(interface.id))
    return build.add(Rewrite(place=vpn.place, what="source translation", how=how, then=start(interface.id), cites=("CVPN-2",)))


def _behind(vpn: ClientVpn, interface: NetworkInterface, arrived: int, used: bool, build: Builder, snapshot: Snapshot) -> None:
    """One of its interfaces: sends what was translated, and takes replies only."""
    begin = build.add(Rewrite(place=vpn.place, what="sends", how=send_of(interface, snapshot), then=leaving(interface.id), plumbing=True))
    build.open(start(interface.id), begin)
    if interface.assumed:
        build.assume(begin, interface.assumed)
    origin = vpn.origin.of("replies to its clients only")
    taken: Ref = build.add(
        Drop(place=vpn.place, what="packets for its own address", code="SIM_NAT_STATEFUL_INBOUND", cites=("CVPN-2",), origin=origin)
    )
    if used:
        how = Restore(vpn.table(interface.id))
        taken = build.add(Rewrite(place=vpn.place, what="translation back", how=how, then=arrived, miss=taken, cites=("CVPN-2",)))
    build.open(guest(interface.id), taken)
    unchecked = RuleList((), interface.origin.of("answers of the host's services"), permit=True)
    answers = Filter(
        place=interface.place, what="answers of the host", rules=unchecked, then=taken, code="BAD_STATE", cites=("LL-2",), plumbing=True
    )
    build.open(answered(interface.id), build.add(answers))


KIND = Kind(
    name="client-vpn",
    noun=ClientVpn,
    about="the way of people's machines into a VPC",
    section="client_vpns",
    fields=(
        Field("client_cidr", Cidr(), "the block its clients get addresses from", required=True),
        *(field for field in FIELDS if field.name != "port"),
        Field("routes", MapOf(Cidr(), Reference(("subnet",))), "`{block: associated subnet}`, besides those for the VPC"),
        Field("authorize", MapOf(Cidr(), ListOf(Text())), f"who reaches a block: `{EVERYBODY}`, or groups of the directory"),
        Field("state", Text((AVAILABLE, "pending-associate")), "available when left out"),
    ),
    scenario=_scenario,
    describe={"ClientVpnEndpoints": _describe},
    prefix="cvpn",
    complete=_complete,
    check=_check,
    emit=_emit,
)
ASSOCIATION = Kind(
    name=ASSOCIATIONS,
    noun=ClientVpn,
    about="the subnets of Client VPN endpoints",
    describe={"ClientVpnTargetNetworks": _describe_association},
    extends=True,
)
ROUTE = Kind(name=ROUTES, noun=ClientVpn, about="routes of Client VPN endpoints", describe={"Routes": _describe_route}, extends=True)
RULE = Kind(
    name=RULES, noun=ClientVpn, about="authorization rules of Client VPN", describe={"AuthorizationRules": _describe_rule}, extends=True
)
