"""Network load balancers: packets go on to a target, with the client's address or the node's own (NLB-1 to NLB-11, W-14).

    for a node:  its groups inbound, if it has some -> a listener's port -> a target of the choice -> the destination becomes the target's
                 -> client kept: not back to itself, a target that is reached directly; else: the source becomes the node's, a new port
                 -> its groups outbound -> as any sender
    the answer:  both changes undone -> to the client

So a client that reaches the load balancer has reached a target: those are the ends of a question about it (`passes_on_to`). Which targets a
node may choose: zones (its own unless balancing across zones is on), health, registration. A group reference to the load balancer's group
matches even where the client's address is kept (SG-13). Without groups everything passes (NLB-1).

Not modelled: what a node starts beside health checks on the registered port; IPv6. AWS pages: "Network Load Balancers", "Target groups for
your Network Load Balancers", "Update the security groups for your Network Load Balancer" (2026).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from simulator.aws.balancing import CLIENT, SOURCE_PORTS, Sending, aims_of, groups_used, is_whole, sending
from simulator.aws.interface_path import send_of
from simulator.aws.load_balancer import ACTIVE, NETWORK, LoadBalancer, nodes_of
from simulator.aws.network_interface import INSIDE, NetworkInterface, arrivals, away, guest, leaving, start, transit
from simulator.aws.network_targets import Option, Plan, Way, plans_of
from simulator.aws.preservation import redirections
from simulator.aws.resource import Kind
from simulator.aws.snapshot import Snapshot
from simulator.aws.subnet import outbound
from simulator.graph.builder import Builder
from simulator.graph.nodes import (
    Choice,
    Deliver,
    Door,
    Drop,
    Entry,
    Filter,
    Lookup,
    Masquerade,
    PrefixTable,
    Redirect,
    Ref,
    Restore,
    Rewrite,
    Route,
    Rule,
    RuleList,
    SessionMatch,
)
from simulator.packet.prefix import EVERYWHERE
from simulator.packet.space import Match
from simulator.problems import Problems


def passes_on_to(snapshot: Snapshot) -> Mapping[str, frozenset[str]]:
    """For each node of a network load balancer the interfaces that what it takes may arrive at, those behind further ones included."""
    return snapshot.index("passes on", lambda: _passes_on(snapshot))


def _passes_on(snapshot: Snapshot) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for balancer in snapshot.all(LoadBalancer):
        for node in nodes_of(snapshot, balancer) if balancer.type == NETWORK else ():
            aims = (aim for group in groups_used(snapshot, balancer) for aim in aims_of(snapshot, group, node.vpc))
            found[node.id] = frozenset(aim.interface.id for aim in aims if aim.interface)
    size = -1
    while size != (size := sum(map(len, found.values()))):  # until nothing is added
        found = {node: ends.union(*(found.get(end, ()) for end in ends)) for node, ends in found.items()}
    return found


def _check(balancer: LoadBalancer, snapshot: Snapshot, problems: Problems) -> None:
    if balancer.type != NETWORK:
        return
    for group in groups_used(snapshot, balancer):
        if group.protocol in ("udp", "tcp_udp") and group.keeps_client is False:
            told = f"target group `{group.id}`: AWS always keeps the client's address for UDP (NLB-2)"
            problems.warn(told, group.origin.place)
        vpcs = {node.vpc for node in nodes_of(snapshot, balancer)}
        for aim in aims_of(snapshot, group, next(iter(vpcs), "")):
            if group.type in ("instance", "alb") and aim.interface and vpcs and aim.interface.vpc not in vpcs:
                told = f"target group `{group.id}`: `{aim.target.id}` lies in another VPC than load balancer `{balancer.id}` (NLB-11)"
                problems.warn(told, aim.target.origin.place)


def _emit(balancer: LoadBalancer, build: Builder, snapshot: Snapshot) -> None:
    if balancer.type != NETWORK:
        return
    for node in nodes_of(snapshot, balancer):
        if balancer.state in ACTIVE:
            build.open(guest(node.id), _taken(balancer, node, build, snapshot))
            build.open(transit(node.id), _passed_back(balancer, node, build, snapshot))
            build.open(start(node.id), _starting(balancer, node, build, snapshot))
        else:
            dead = _dead(balancer, build)
            for door in (guest(node.id), transit(node.id), start(node.id)):
                build.open(door, dead)
        build.enter(node.id, Entry(start(node.id), node.private_addresses, SOURCE_PORTS, CLIENT))
        if not node.has_groups:
            _without_groups(node, build)


def _dead(balancer: LoadBalancer, build: Builder) -> int:
    origin = balancer.origin.of(f"state {balancer.state}")
    return build.add(Drop(place=balancer.place, what="state", code="BAD_STATE", cites=("ELB-1",), origin=origin))


def _without_groups(node: NetworkInterface, build: Builder) -> None:
    """A node without groups lets everything in and out (NLB-1)."""
    own = Lookup(
        place=node.place,
        what="own addresses",
        table=PrefixTable(tuple(Route(block, 0, node.origin) for block in node.blocks)),
        targets=(guest(node.id),),
        miss=transit(node.id),
        cites=("NLB-1",),
        plumbing=True,
    )
    build.open(arrivals(node.id), build.add(own))
    build.open(leaving(node.id), away(node.id))
    build.offer(away(node.id), outbound(node.subnet))


# --- what comes for a node -------------------------------------------------------------------------------------------------------


class Flows(NamedTuple):
    """The session tables of what comes one way, for the changed destination and the changed source. `hides`: clients' addresses are hidden
    whatever the target groups say, as for what endpoints bring (PL-1).
    """

    redirects: str
    sources: str
    hides: bool = False


def answers_of_others(node: str) -> Door:
    """Where what comes for a node, and answers nothing it passed on itself, meets who else passes on by it."""
    return Door(INSIDE, node, "answers of others")


def taking(node: str) -> Door:
    """Where what comes for a node of a network load balancer is taken as new."""
    return Door(INSIDE, node, "taking")


def _own(node: NetworkInterface) -> Flows:
    return Flows(redirections(node), f"flows {node.id} makes its own")


def _taken(balancer: LoadBalancer, node: NetworkInterface, build: Builder, snapshot: Snapshot) -> int:
    """For a node's own address: an answer to what it made its own, to a health check, or something for a listener."""
    flows = _own(node)
    checked = build.add(Deliver(place=balancer.place, what="arrived", endpoint=node.id))
    own = SessionMatch(
        place=balancer.place,
        what="connections of its own",
        table=_connections(node),
        then=checked,
        miss=listening(balancer, node, build, snapshot, flows),
        cites=("NLB-8",),
        plumbing=True,
    )
    build.open(taking(node.id), build.add(own))
    build.offer(answers_of_others(node.id), taking(node.id))
    answered: Ref = answers_of_others(node.id)
    if any(not option.keeps for option in _options(snapshot, balancer, node)):
        back = Rewrite(
            place=balancer.place,
            what="the client's address put back",
            how=Restore(flows.sources),
            then=_passed_back(balancer, node, build, snapshot),
            miss=answered,
            cites=("NLB-3",),
        )
        answered = build.add(back)
    gap = Drop(place=balancer.place, what="IPv6 through a network load balancer", code="SIM_UNMODELLED", gap=True)
    everything = PrefixTable((Route(EVERYWHERE[6], 0, balancer.origin.of("IPv6")),))
    return build.add(
        Lookup(
            place=balancer.place,
            what="IPv6",
            table=everything,
            targets=(build.add(gap),),
            miss=answered,
            cites=("MODEL-2",),
            plumbing=True,
        )
    )


def _passed_back(balancer: LoadBalancer, node: NetworkInterface, build: Builder, snapshot: Snapshot) -> int:
    """A target's answer becomes the load balancer's; anything else was not for it."""
    astray = Drop(
        place=balancer.place,
        what="packets for others",
        code="ENI_ADDRESS_RESTRICTION",
        cites=("ELB-6",),
        origin=balancer.origin.of("answers of its targets only"),
    )
    then = build.add(astray)
    if not _options(snapshot, balancer, node):
        return then
    return build.add(
        Rewrite(
            place=balancer.place,
            what="answer of a target",
            how=Restore(redirections(node)),
            then=_as_node(balancer, node, build, snapshot),
            miss=then,
            cites=("ELB-6",),
        )
    )


def sends(snapshot: Snapshot, balancer: LoadBalancer, node: NetworkInterface) -> bool:
    """Whether a node has any target to which packets go with its own address."""
    return any(_hidden(option).is_sent for plan in plans_of(snapshot, balancer, node) for option in plan.options)


def _hidden(option: Option) -> Option:
    return option._replace(keeps=False)


def _options(snapshot: Snapshot, balancer: LoadBalancer, node: NetworkInterface) -> list[Option]:
    """The targets a node really sends to."""
    return [option for plan in plans_of(snapshot, balancer, node) for option in plan.options if option.is_sent]


# --- listeners and targets -------------------------------------------------------------------------------------------------------


def listening(balancer: LoadBalancer, node: NetworkInterface, build: Builder, snapshot: Snapshot, flows: Flows) -> Ref:
    """Each listener in turn takes what is for it."""
    then = _no_listener(balancer, build, snapshot)
    for plan in reversed(plans_of(snapshot, balancer, node)):
        origin = plan.listener.origin
        rules = RuleList(tuple(Rule(match, True, origin) for match in plan.listener.matches), origin)
        then = build.add(
            Filter(
                place=balancer.place,
                what=f"listener {plan.listener.port}",
                rules=rules,
                then=_target(balancer, node, plan, build, snapshot, flows),
                code="ELBV2_LISTENERS_MISMATCH",
                cites=("ELB-5",),
                plumbing=True,
                otherwise=then,
            )
        )
    return then


def _no_listener(balancer: LoadBalancer, build: Builder, snapshot: Snapshot) -> int:
    known = is_whole(snapshot, balancer)
    return build.add(
        Drop(
            place=balancer.place,
            what="listeners" if known else "listeners (not read)",
            code="ELBV2_LISTENERS_MISMATCH" if known else "UNKNOWN_RESOURCE",
            gap=not known,
            cites=("ELB-5",),
            origin=balancer.origin.of("its listeners"),
        )
    )


def _target(balancer: LoadBalancer, node: NetworkInterface, plan: Plan, build: Builder, snapshot: Snapshot, flows: Flows) -> Ref:
    """One of the targets, nobody can foresee which (MODEL-6)."""
    ways: dict[str, Ref] = {}
    for option in dict.fromkeys(map(_hidden, plan.options) if flows.hides else plan.options):
        known = option.aim.label in ways  # a target of two groups, of which one keeps the client's address
        label = f"{option.aim.label}, {'its client' if option.keeps else 'the node'} as source" if known else option.aim.label
        ways[label] = _to_target(balancer, node, option, build, snapshot, flows)
    if plan.unread:
        gap = Drop(place=balancer.place, what=f"targets of listener {plan.listener.port} (not read)", code="UNKNOWN_RESOURCE", gap=True)
        ways["targets that were not read"] = build.add(gap)
    if not ways:
        return build.add(
            Drop(
                place=balancer.place,
                what=f"listener {plan.listener.port}",
                code="ELBV2_NO_TARGETS_IN_AZ" if plan.elsewhere else "ELBV2_LISTENER_HAS_NO_TG",
                cites=("ELB-3",) if plan.elsewhere else ("ELB-5",),
                origin=plan.listener.origin,
            )
        )
    chosen = build.add(Choice(place=balancer.place, what="its target", options=tuple(ways.items()), cites=("MODEL-6", "ELB-3")))
    if plan.assumed:
        build.assume(chosen, *plan.assumed)
    return chosen


def _to_target(balancer: LoadBalancer, node: NetworkInterface, option: Option, build: Builder, snapshot: Snapshot, flows: Flows) -> Ref:
    aim, origin = option.aim, option.aim.target.origin
    if not option.is_sent:
        lost = option.keeps and option.way is Way.LOST and aim.address is not None
        return build.add(
            Drop(
                place=balancer.place,
                what=f"target {aim.label}" if lost else f"target {aim.label} (not read)",
                code="ELBV2_SOURCE_ADDRESS_PRESERVATION" if lost else "UNKNOWN_RESOURCE",
                gap=not lost,
                cites=("NLB-4",),
                origin=origin,
            )
        )
    assert aim.address is not None
    onward = _kept(balancer, node, option, build, snapshot) if option.keeps else _own_source(balancer, node, build, snapshot, flows)
    return build.add(
        Rewrite(
            place=balancer.place,
            what=f"to target {aim.label}",
            how=Redirect(aim.address, aim.port, flows.redirects),
            then=onward,
            cites=("NLB-3", "ELB-5"),
        )
    )


def _kept(balancer: LoadBalancer, node: NetworkInterface, option: Option, build: Builder, snapshot: Snapshot) -> int:
    """The client's address stays; a target cannot be its own client (NLB-7)."""
    origin = option.aim.target.origin
    itself = RuleList((Rule(Match(sources=(option.aim.host,)), False, origin),), origin, permit=True)
    then = _as_node(balancer, node, build, snapshot) if node.has_groups else leaving(node.id)
    return build.add(
        Filter(
            place=balancer.place,
            what="a target as its own client",
            rules=itself,
            then=then,
            code="SIM_NLB_HAIRPIN",
            cites=("NLB-7",),
            plumbing=True,
        )
    )


def _own_source(balancer: LoadBalancer, node: NetworkInterface, build: Builder, snapshot: Snapshot, flows: Flows) -> int:
    return build.add(
        Rewrite(
            place=balancer.place,
            what="source translation",
            how=Masquerade(tuple(address for address in node.private_addresses if address[0] == 4)[:1], SOURCE_PORTS, flows.sources),
            then=_as_node(balancer, node, build, snapshot),
            cites=("NLB-3",),
        )
    )


def _as_node(balancer: LoadBalancer, node: NetworkInterface, build: Builder, snapshot: Snapshot) -> Ref:
    """What leaves is known as sent by the node's groups, whatever its address (SG-13)."""
    how = send_of(node, snapshot)._replace(own=())
    return build.add(Rewrite(place=balancer.place, what="sends", how=how, then=leaving(node.id), cites=("SG-13",), plumbing=True))


# --- what a node starts ----------------------------------------------------------------------------------------------------------


def _starting(balancer: LoadBalancer, node: NetworkInterface, build: Builder, snapshot: Snapshot) -> int:
    """Health checks (NLB-8)."""
    begin = build.add(Rewrite(place=balancer.place, what="sends", how=send_of(node, snapshot), then=leaving(node.id), plumbing=True))
    if node.assumed:
        build.assume(begin, node.assumed)
    return sending(build, Sending.of(snapshot, balancer, node, _connections(node)), begin)


def _connections(node: NetworkInterface) -> str:
    return f"connections {node.id} makes"


KIND = Kind(name="network-load-balancer", noun=LoadBalancer, about="balancing of packets", check=_check, emit=_emit, extends=True)
