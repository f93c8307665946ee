"""Lambda functions: outside all VPCs, or with one shared interface in each of their subnets (LAMBDA-1 to LAMBDA-14).

A function with subnets sends everything through the interface of one of them; which one, nobody can foresee (LAMBDA-9). A function
without stands on the internet, in a VPC of AWS's own: it reaches public addresses and no private one (LAMBDA-1). Nothing connects to
a function; invocation is not traffic (`event_fabric.py`).

IPv6 is off unless the function allows it for dual-stack subnets (LAMBDA-6).

Believed, not documented on a page read: TCP and UDP only, TCP port 25 closed (LAMBDA-11).
AWS page: "Giving Lambda functions access to resources in an Amazon VPC" (2026).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from simulator.aws import internet
from simulator.aws.interface_path import replies_only, send_of
from simulator.aws.network_interface import UNSET, UNSET_IPV6, InterfaceAddress, NetworkInterface, guest, leaving, start
from simulator.aws.resource import Field, Flag, Item, Kind, ListOf, Reference, Values
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
    Place,
    PrefixTable,
    Ref,
    Rewrite,
    Route,
    Rule,
    RuleList,
    Send,
)
from simulator.origin import Origin
from simulator.packet.flow import TCP, UDP
from simulator.packet.prefix import EVERYWHERE
from simulator.packet.ranges import Interval
from simulator.packet.space import Match
from simulator.problems import Problems

SOURCE_PORTS: Interval = (1024, 65535)  # LAMBDA-8
SMTP = 25


@dataclass(frozen=True, slots=True)
class LambdaFunction:
    """A function; without subnets it is outside every VPC. `interfaces` are filled in when all is read; `invokes` names functions
    that its code calls. `ipv6`: it may use the IPv6 of its subnets.
    """

    id: str
    name: str
    subnets: tuple[str, ...]
    groups: tuple[str, ...] | None
    origin: Origin
    interfaces: tuple[str, ...] = ()
    invokes: tuple[str, ...] = ()
    arn: str = ""
    described: bool = False
    ipv6: bool = False

    @property
    def speaks_ipv6(self) -> bool:
        """Whether it sends IPv6 at all; outside every VPC it does not (LAMBDA-6)."""
        return self.ipv6 and bool(self.subnets)

    @property
    def place(self) -> Place:
        """The hop of the function."""
        return Place(self.id, "lambda-function", self.name)


def _scenario(name: str, values: Values, draft: Draft) -> None:
    groups = values.get("security_groups")
    if groups and not values.get("subnets"):
        told = (
            f"function `{name}`: `security_groups` are of its interfaces, and outside every VPC it has none; say its `subnets` (LAMBDA-1)"
        )
        draft.problems.error(told, values.place_of("security_groups"))
    draft.add(
        LambdaFunction(
            name,
            "",
            tuple(dict.fromkeys(values.get("subnets", ()))),
            None if groups is None else tuple(groups),
            Origin(name, place=values.place),
            invokes=tuple(values.get("invokes", ())),
            ipv6=values.get("ipv6", False),
        )
    )


def _describe_configuration(item: Item, draft: Draft) -> None:
    """What `get-function` prints."""
    if item.get("FunctionName"):
        _describe(item, draft)


def _describe(item: Item, draft: Draft) -> None:
    name = item.data["FunctionName"]
    config = item.get("VpcConfig", {})
    origin = Origin(name, place=item.place())
    groups = tuple(config.get("SecurityGroupIds") or ()) or None
    subnets, ipv6 = tuple(dict.fromkeys(config.get("SubnetIds") or ())), bool(config.get("Ipv6AllowedForDualStack"))
    draft.add(LambdaFunction(name, "", subnets, groups, origin, arn=item.get("FunctionArn", ""), described=True, ipv6=ipv6))


def _complete(function: LambdaFunction, draft: Draft) -> None:
    """One interface per subnet and set of groups, shared by the functions that use the pair (LAMBDA-3)."""
    names = [_interface(function, subnet, draft) for subnet in function.subnets]
    draft.replace(replace(function, interfaces=tuple(name for name in names if name)))


def _interface(function: LambdaFunction, subnet: str, draft: Draft) -> str:
    wanted = None if function.groups is None else frozenset(function.groups)
    for interface in draft.all(NetworkInterface):
        groups = None if interface.groups is None else frozenset(interface.groups)
        if interface.replies_only and interface.subnet == subnet and groups == wanted:
            _add_ipv6(function, interface, draft)
            return interface.id
    if draft.get(Subnet, subnet) is None:
        draft.problems.warn(f"function `{function.id}` uses subnet `{subnet}`, which was not read", function.origin.place)
        return ""
    interface_id = f"{function.id}-eni-{subnet}"
    made = NetworkInterface(
        interface_id,
        "",
        "",
        subnet,
        (),
        function.groups,
        Origin(interface_id, place=function.origin.place),
        type="lambda",
        owner=function.id,
        replies_only=True,
        assumed=""
        if not function.described
        else f"the interface of {function.id} in {subnet} was not read: a free address of the subnet is taken",
    )
    draft.add(made)
    _add_ipv6(function, made, draft)
    return interface_id


def _add_ipv6(function: LambdaFunction, interface: NetworkInterface, draft: Draft) -> None:
    """A function that may use IPv6 has an address of each dual-stack subnet; of which one nobody says."""
    subnet = draft.get(Subnet, interface.subnet)
    if not function.ipv6 or interface.speaks(6) or UNSET_IPV6 in interface.private_addresses:
        return
    if subnet is not None and any(cidr.version == 6 for cidr in subnet.cidrs):
        addresses = interface.addresses or (InterfaceAddress(UNSET),)
        assumed = interface.assumed
        if function.described and not assumed:
            assumed = f"the IPv6 address of {function.id} in {subnet.id} was not read: a free one of the subnet is taken"
        draft.replace(replace(interface, addresses=(*addresses, InterfaceAddress(UNSET_IPV6)), assumed=assumed))


def _check(function: LambdaFunction, snapshot: Snapshot, problems: Problems) -> None:
    vpcs = {found.vpc for name in function.subnets if (found := snapshot.get(Subnet, name))}
    if len(vpcs) > 1:
        problems.error(f"function `{function.id}` has subnets in several VPCs ({', '.join(sorted(vpcs))})", function.origin.place)
    if function.ipv6 and not function.subnets:
        problems.warn(f"function `{function.id}` is outside every VPC, where there is no IPv6 (LAMBDA-6)", function.origin.place)
    for subnet in (found for name in function.subnets if (found := snapshot.get(Subnet, name))):
        versions = {cidr.version for cidr in subnet.cidrs}
        if 4 not in versions or (function.ipv6 and 6 not in versions):
            lacks = f"function `{function.id}`: its subnet `{subnet.id}` has no IPv{6 if 4 in versions else 4} block"
            problems.warn(
                f"{lacks}; AWS takes {'only dual-stack subnets' if 4 in versions else 'no such subnet'} (LAMBDA-6)", subnet.origin.place
            )


def _emit(function: LambdaFunction, build: Builder, snapshot: Snapshot) -> None:
    if not function.subnets:
        begin = _sends(function, _outside(function, build), build)
        build.enter(function.id, Entry(begin, (), SOURCE_PORTS, "AWS Lambda"))
        return
    interfaces = [found for name in function.interfaces if (found := snapshot.get(NetworkInterface, name))]
    options = tuple((interface.id, _through(function, interface, build, snapshot)) for interface in interfaces)
    options += tuple((name, _unread(function, name, build)) for name in function.subnets if snapshot.get(Subnet, name) is None)
    for interface in interfaces:
        users = sorted((other for other in snapshot.all(LambdaFunction) if interface.id in other.interfaces), key=lambda user: user.id)
        if users[0] == function:  # several functions may share the interface (LAMBDA-3); one of them opens its door for all
            alone = _sends(function, options[interfaces.index(interface)][1], build)
            own = interface.private_addresses
            build.enter(interface.id, Entry(alone, own, SOURCE_PORTS, "AWS Lambda"))  # asked about as one of several
            arrivals = {_table(user, interface): _arrived(user, interface, build) for user in users}
            build.open(guest(interface.id), replies_only(interface, build, arrivals))
    chosen = build.add(Choice(place=function.place, what="its interface", options=options, cites=("LAMBDA-9",)))
    begin = _sends(function, chosen, build)
    addresses = tuple(address for interface in interfaces for address in interface.private_addresses)
    build.enter(function.id, Entry(begin, addresses, SOURCE_PORTS, "AWS Lambda"))


def _unread(function: LambdaFunction, subnet: str, build: Builder) -> int:
    return build.add(Drop(place=function.place, what=f"subnet {subnet} (not read)", code="UNKNOWN_RESOURCE", gap=True))


def _table(function: LambdaFunction, interface: NetworkInterface) -> str:
    return f"flows {function.id} started by {interface.id}"


def _arrived(function: LambdaFunction, interface: NetworkInterface, build: Builder) -> int:
    return build.add(Deliver(place=function.place, what="arrived", endpoint=interface.id, reply_at=start(interface.id)))


def _through(function: LambdaFunction, interface: NetworkInterface, build: Builder, snapshot: Snapshot) -> int:
    """The function's packets take the interface's address, and are remembered as the function's own."""
    origin = function.origin.of("its flows")
    own = Filter(
        place=interface.place,
        what="flows the function starts",
        rules=RuleList((), origin, permit=True),
        then=_not_itself(function, interface, build),
        code="PROTOCOL_RESTRICTION",
        remembers=_table(function, interface),
        cites=("LAMBDA-7",),
        plumbing=True,
    )
    how = send_of(interface, snapshot, bind=True)
    node = build.add(Rewrite(place=interface.place, what="takes its address", how=how, then=build.add(own)))
    if interface.assumed:
        build.assume(node, interface.assumed)
    return node if interface.speaks(6) or not function.ipv6 else _without_ipv6(function, interface.place, node, build)


def _not_itself(function: LambdaFunction, interface: NetworkInterface, build: Builder) -> int:
    """Functions that share an interface have its address in common; a connection to it is one to a function (LAMBDA-7)."""
    origin = interface.origin.of("a function takes replies only")
    refused = Drop(
        place=interface.place, what="connections to a function", code="SIM_LAMBDA_NO_INBOUND", cites=("LAMBDA-7",), origin=origin
    )
    own = tuple(Route(block, 0, origin) for block in interface.blocks)
    return build.add(
        Lookup(
            place=interface.place,
            what="own addresses",
            table=PrefixTable(own),
            targets=(build.add(refused),),
            miss=leaving(interface.id),
            cites=("LAMBDA-7",),
            plumbing=True,
        )
    )


def _outside(function: LambdaFunction, build: Builder) -> int:
    """A function in Lambda's own VPC: no private address is near it, every public one is (LAMBDA-1)."""
    origin = function.origin.of("no VPC configuration")
    refused = Drop(place=function.place, what="private addresses", code="DISCONNECTED_VPCS", cites=("LAMBDA-1",), origin=origin)
    begin = build.add(Rewrite(place=function.place, what="sends", how=Send(internet.ENDPOINT), then=internet.arrivals(), plumbing=True))
    return build.add(
        Lookup(
            place=function.place,
            what="outside every VPC",
            table=PrefixTable(tuple(Route(block, 0, origin) for block in sorted(internet.PRIVATE))),
            targets=(build.add(refused),),
            miss=begin,
            cites=("LAMBDA-1",),
            plumbing=True,
        )
    )


def _sends(function: LambdaFunction, then: Ref, build: Builder) -> int:
    """What a function sends at all: IPv6 only where it is allowed, and few protocols."""
    judged = build.add(_protocols(function, then))
    return judged if function.speaks_ipv6 else _without_ipv6(function, function.place, judged, build)


def _without_ipv6(function: LambdaFunction, place: Place, then: int, build: Builder) -> int:
    origin = function.origin.of("no IPv6")
    refused = Drop(place=place, what="IPv6 of a function", code="UNASSOCIATED_COMPONENT", cites=("LAMBDA-6",), origin=origin)
    table = build.share(PrefixTable((Route(EVERYWHERE[6], 0, origin),)))
    targets = (build.add(refused),)
    return build.add(
        Lookup(place=place, what="IPv6 of a function", table=table, targets=targets, miss=then, cites=("LAMBDA-6",), plumbing=True)
    )


def _protocols(function: LambdaFunction, then: Ref) -> Filter:
    origin = function.origin.of("TCP and UDP only, TCP port 25 closed")
    rules = (
        Rule(Match(protocol=TCP, destination_ports=(SMTP, SMTP)), False, origin),
        Rule(Match(protocol=TCP), True, origin),
        Rule(Match(protocol=UDP), True, origin),
    )
    return Filter(
        place=function.place,
        what="protocols of a function",
        rules=RuleList(rules, origin),
        then=then,
        code="PROTOCOL_RESTRICTION",
        cites=("LAMBDA-11",),
        plumbing=True,
    )


KIND = Kind(
    name="lambda-function",
    noun=LambdaFunction,
    about="a function, inside a VPC or outside",
    section="lambdas",
    fields=(
        Field("subnets", ListOf(Reference(("subnet",))), "its subnets; none: outside every VPC"),
        Field("security_groups", ListOf(Reference(("security-group",))), "the groups of its interfaces"),
        Field("ipv6", Flag(), "whether it may use IPv6, which every one of its subnets then has to have; false when left out"),
        Field("invokes", ListOf(Reference(("lambda-function",))), "functions that its code calls"),
    ),
    scenario=_scenario,
    describe={"Functions": _describe, "Configuration": _describe_configuration},
    prefix="lambda",
    complete=_complete,
    check=_check,
    emit=_emit,
)
