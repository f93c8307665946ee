"""What packets meet at a network interface, in the order of MODEL-8.

    out: platform services of the host -> source check -> a reply of an admitted flow, or security groups outbound -> subnet
    in:  a reply of an admitted flow, or security groups inbound -> own address? -> the guest, else destination check

What is behind the interface opens its `start` (where packets begin), `guest` (what happens to packets for it) and `transit` (what
happens to packets for others when the check is off) doors; an interface that nobody claims is a plain host.

Not modelled: which interface a guest with several uses for a reply (ENI-7: the one the request came to).
AWS page: "Elastic network interfaces" (2026).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from simulator.aws.link_local import platform_services
from simulator.aws.network_interface import (
    EPHEMERAL,
    RUN_BY_AWS,
    STARTS_NOTHING,
    NetworkInterface,
    answered,
    arrivals,
    away,
    guest,
    leaving,
    start,
    transit,
)
from simulator.aws.permissions import GroupPeer
from simulator.aws.resource import Kind
from simulator.aws.security_group import INBOUND, OUTBOUND, Members, SecurityGroup, rules_of
from simulator.aws.snapshot import Snapshot
from simulator.aws.subnet import Subnet, edge_door, outbound
from simulator.aws.vpc import Vpc
from simulator.aws.vpc_peering import peers_of
from simulator.graph.builder import Builder
from simulator.graph.nodes import (
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
    SessionMatch,
)
from simulator.packet.flow import TCP, UDP
from simulator.packet.prefix import Prefix
from simulator.packet.space import Match


def send_of(interface: NetworkInterface, snapshot: Snapshot, *, bind: bool = False) -> Send:
    """How packets of the interface start: with its groups and zone as marks; `bind` also gives them its primary address."""
    subnet = snapshot.get(Subnet, interface.subnet)
    addresses = interface.private_addresses if bind else ()
    groups = frozenset(interface.groups or ())
    groups |= {direct(group) for group in groups & at_endpoints(snapshot)}
    return Send(interface.id, groups, subnet.zone if subnet else "", addresses, interface.blocks)


def inside(place: Place, interfaces: Sequence[NetworkInterface], build: Builder, away: Ref) -> int:
    """What a guest with these interfaces sends: to an address of its own it never leaves the guest (ENI-8), else it goes `away`."""
    routes: dict[Prefix, Route] = {}
    arrived: list[Ref] = []
    for interface in interfaces:
        for block in interface.blocks:
            routes.setdefault(block, Route(block, len(arrived), interface.origin))
        arrived.append(build.add(Deliver(place=place, what="the guest", endpoint=interface.id, reply_at=start(interface.id))))
    return build.add(
        Lookup(
            place=place,
            what="addresses of the guest",
            table=PrefixTable(tuple(routes[prefix] for prefix in sorted(routes))),
            targets=tuple(arrived),
            miss=away,
            cites=("ENI-8",),
            plumbing=True,
        )
    )


def direct(group: str) -> str:
    """The mark of a group as the rules of an interface endpoint want it: lost in a transit gateway (TGW-11)."""
    return f"{group}, by no transit gateway"


def at_endpoints(snapshot: Snapshot) -> frozenset[str]:
    """The groups that rules of interface endpoints name."""
    return snapshot.index("groups at endpoints", lambda: frozenset(_at_endpoints(snapshot)))


def _at_endpoints(snapshot: Snapshot) -> Iterator[str]:
    for interface in snapshot.all(NetworkInterface):
        if interface.type in STARTS_NOTHING:
            for name in interface.groups or ():
                group = snapshot.get(SecurityGroup, name)
                yield from (rule.peer.id for rule in (group.inbound if group else ()) if isinstance(rule.peer, GroupPeer))


def _as_at_endpoint(rules: RuleList) -> RuleList:
    """The same rules, which know no sender whom a transit gateway brings (SG-13)."""

    def wanted(rule: Rule) -> Rule:
        group = rule.match.sender_group
        return rule if group is None else rule._replace(match=replace(rule.match, sender_group=direct(group)))

    return rules._replace(rules=tuple(map(wanted, rules.rules)))


def group_members(snapshot: Snapshot, vpc: str) -> Members:
    """The private addresses of each group's members in a VPC: what an outbound rule to the group admits (SG-11, SG-13)."""
    return snapshot.index(("members", vpc), lambda: {**_unread(snapshot, vpc), **_members(_referable(snapshot, vpc))})


def _unread(snapshot: Snapshot, vpc: str) -> Members:
    """The groups that rules name and that may belong to a peer which was not read: nobody knows their members."""
    peers = [other for peering, other in peers_of(snapshot, vpc) if peering.same_region(snapshot)]
    if all(snapshot.get(Vpc, other) for other in peers):
        return {}
    named = (rule.peer for group in snapshot.all(SecurityGroup) for rule in group.outbound)
    return {peer.id: None for peer in named if isinstance(peer, GroupPeer) and snapshot.get(SecurityGroup, peer.id) is None}


def _referable(snapshot: Snapshot, vpc: str) -> Iterator[NetworkInterface]:
    """The interfaces of a VPC and of those peered with it in the same Region, whose groups its rules may name (SG-13)."""
    yield from snapshot.by(NetworkInterface, "vpc")[vpc]
    for peering, other in peers_of(snapshot, vpc):
        if peering.same_region(snapshot):
            yield from snapshot.by(NetworkInterface, "vpc")[other]


def _members(interfaces: Iterable[NetworkInterface]) -> Members:
    found: dict[str, list[Prefix]] = {}
    for interface in interfaces:
        for group in interface.groups or ():
            found.setdefault(group, []).extend(interface.blocks)
    return {group: tuple(sorted(members)) for group, members in found.items()}


def _emit(interface: NetworkInterface, build: Builder, snapshot: Snapshot) -> None:
    place = interface.place
    if not interface.has_groups:  # what it belongs to says what it does; where that was not read, nobody knows
        unknown = Drop(place=place, what=f"an interface of type {interface.type}", code="SIM_UNMODELLED", gap=True)
        build.offer(arrivals(interface.id), build.add(unknown))
        return
    own = tuple(Route(block, 0, interface.origin) for block in interface.blocks)
    out = inside(place, (interface,), build, leaving(interface.id))
    begin = build.add(Rewrite(place=place, what="sends", how=send_of(interface, snapshot), then=out, plumbing=True))
    if not interface.attached:
        begin = build.add(_detached(interface))
    elif interface.type in RUN_BY_AWS:
        unknown = Drop(place=place, what=f"an interface of type {interface.type}", code="SIM_UNMODELLED", gap=True, cites=("SVC-10",))
        begin = build.add(unknown)
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
    if not interface.replies_only and interface.type not in STARTS_NOTHING:
        build.offer_entry(interface.id, Entry(start(interface.id), interface.private_addresses, EPHEMERAL, "any client"))
    if interface.assumed:
        build.assume(begin, interface.assumed)


def _doors(interface: NetworkInterface, build: Builder, snapshot: Snapshot) -> None:
    """The interface as a route's target: through the ACL of its subnet, and only for packets that no group reference let out."""
    subnet = snapshot.get(Subnet, interface.subnet)
    if subnet is None:
        return
    lost = interface.origin.of("traffic routed through an appliance")
    own = interface.blocks
    for_it = Rule(Match(destinations=own), True, interface.origin.of("traffic for the appliance itself"))
    rules = RuleList((for_it, Rule(Match(by_reference=True), False, lost)), lost, permit=True)
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
    edge = away(interface.id)
    build.offer(edge, outbound(interface.subnet))
    judged = group_filter(interface, build, snapshot, OUTBOUND, edge)
    known = build.add(
        SessionMatch(place=interface.place, what="security group state", table=interface.table, then=edge, miss=judged, cites=("SG-19",))
    )
    checked = known
    if interface.check and interface.addresses:
        own = interface.blocks
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
    build.offer(answered(interface.id), build.add(Deliver(place=interface.place, what="the guest", endpoint=interface.id)))
    back = answered(interface.id)
    return platform_services(build, snapshot, interface.vpc, interface.place, back, checked, metadata=not interface.replies_only)


def _inbound(interface: NetworkInterface, build: Builder, snapshot: Snapshot, deliver: int) -> Ref:
    judged = group_filter(interface, build, snapshot, INBOUND, deliver)
    return build.add(
        SessionMatch(place=interface.place, what="security group state", table=interface.table, then=deliver, miss=judged, cites=("SG-19",))
    )


def rules_of_groups(interface: NetworkInterface, snapshot: Snapshot, direction: str) -> RuleList:
    """The united rules of the interface's groups (SG-2)."""
    groups, vpc = tuple(sorted(interface.groups or ())), interface.vpc
    if groups:
        return snapshot.index(
            ("rules", groups, direction, vpc),
            lambda: rules_of(snapshot, groups, direction, vpc, group_members(snapshot, vpc)),
        )
    # AWS gives every such interface a group; this input does not say which.
    any_group = Rule(Match(), True, interface.origin.of("its security groups"))
    return RuleList((), interface.origin.of("no groups read"), unread=(any_group,))


def refusal(rules: RuleList) -> str:
    """The code where no rule of some groups admits a packet (SG-3)."""
    return "ENI_SG_RULES_MISMATCH" if rules.rules or rules.unread else "SG_HAS_NO_RULES"


def group_filter(interface: NetworkInterface, build: Builder, snapshot: Snapshot, direction: str, then: Ref) -> Ref:
    """The node at which the interface's groups decide."""
    groups, rules = sorted(interface.groups or ()), rules_of_groups(interface, snapshot, direction)
    if interface.type in STARTS_NOTHING:
        rules = _as_at_endpoint(rules)
    names = ", ".join(groups)
    return build.add(
        Filter(
            place=interface.place,
            what=f"security group{'s' if len(groups) > 1 else ''} {names} {direction}" if groups else "security groups (not read)",
            rules=rules,
            then=then,
            code=refusal(rules),
            remembers=interface.table,
            cites=("SG-1", "SG-2"),
        )
    )


def _guest(interface: NetworkInterface, build: Builder, begin: int) -> Ref:
    if not interface.attached or interface.type in RUN_BY_AWS:
        return begin
    arrived = build.add(Deliver(place=interface.place, what="arrived", endpoint=interface.id, reply_at=start(interface.id)))
    if interface.type in STARTS_NOTHING:  # an endpoint of which only the interface was read
        return _no_ping(interface, build, arrived)
    return replies_only(interface, build, {interface.table: arrived}) if interface.replies_only else arrived


def _no_ping(interface: NetworkInterface, build: Builder, arrived: Ref) -> int:
    """Interface endpoints take TCP and UDP and answer no ping (IFE-6)."""
    origin = interface.origin.of("TCP and UDP only")
    rules = RuleList(tuple(Rule(Match(protocol=protocol), True, origin) for protocol in (TCP, UDP)), origin)
    return build.add(
        Filter(
            place=interface.place,
            what="protocols of an endpoint",
            rules=rules,
            then=arrived,
            code="PROTOCOL_RESTRICTION",
            cites=("IFE-6",),
            plumbing=True,
        )
    )


def replies_only(interface: NetworkInterface, build: Builder, arrivals_by_table: Mapping[str, Ref]) -> int:
    """A function's interface: replies reach the function, nothing else does, whatever the groups say (LAMBDA-7).

    `arrivals_by_table` says for each session table of who started flows where their replies arrive.
    """
    refused = Drop(
        place=interface.place,
        what="connections to a function",
        code="SIM_LAMBDA_NO_INBOUND",
        cites=("LAMBDA-7",),
        origin=interface.origin.of("a function takes replies only"),
    )
    miss = build.add(refused)
    for table, arrived in arrivals_by_table.items():
        miss = build.add(
            SessionMatch(
                place=interface.place,
                what="flows a function started",
                table=table,
                then=arrived,
                miss=miss,
                cites=("LAMBDA-7",),
                plumbing=True,
            )
        )
    return miss


def _transit(interface: NetworkInterface, build: Builder) -> int:
    return build.add(Drop(place=interface.place, what="what the guest does with packets for others", code="SIM_UNMODELLED", gap=True))


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


KIND = Kind(
    name="interface-path",
    noun=NetworkInterface,
    about="the checks at a network interface",
    emit=_emit,
    extends=True,
)
