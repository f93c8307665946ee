"""Load balancers as proxies: connections end at a node, which makes new ones to targets (ALB-1, CLB-1, W-13).

    for a node:     security groups of its interface -> a listener's port, or ping -> arrived; the node answers
    from a node:    a registered target, in a zone it may use, in use, on its port -> its interface, as any sender

So "does the client reach it" and "does it reach its targets" are two questions, with the node as the end of one and the start of the other;
`query/chains.py` joins them. A new connection has the node's private address and any port of 1024-65535 as its source.
"""

from __future__ import annotations

from simulator.aws.balancing import CLIENT, SOURCE_PORTS, Sending, is_whole, sending
from simulator.aws.interface_path import send_of
from simulator.aws.listener import listeners_of
from simulator.aws.load_balancer import ACTIVE, LoadBalancer, nodes_of
from simulator.aws.network_interface import NetworkInterface, guest, leaving, start
from simulator.aws.snapshot import Snapshot
from simulator.graph.builder import Builder
from simulator.graph.nodes import Deliver, Drop, Entry, Filter, Rewrite, Rule, RuleList, SessionMatch
from simulator.packet.flow import ICMP
from simulator.packet.space import Match

PING = Match(protocol=ICMP, icmp_type=8)


def emit_proxy(balancer: LoadBalancer, build: Builder, snapshot: Snapshot, *, code: str, rule: str) -> None:
    """The nodes of a proxy. `code` is that of a packet no listener takes; `rule` the one that makes it a proxy."""
    for node in nodes_of(snapshot, balancer):
        if balancer.state in ACTIVE:
            build.open(guest(node.id), _listening(balancer, node, build, snapshot, code, rule))
            build.open(start(node.id), _starting(balancer, node, build, snapshot))
        else:
            for door in (guest(node.id), start(node.id)):
                build.open(door, _dead(balancer, build))
        build.enter(node.id, Entry(start(node.id), node.private_addresses, SOURCE_PORTS, CLIENT))


def _listening(balancer: LoadBalancer, node: NetworkInterface, build: Builder, snapshot: Snapshot, code: str, rule: str) -> int:
    answers = Rewrite(place=balancer.place, what="answers", how=send_of(node, snapshot), then=leaving(node.id), plumbing=True)
    arrived = Deliver(place=balancer.place, what="arrived", endpoint=node.id, reply_at=build.add(answers), cites=(rule,))
    permitted = [Rule(match, True, one.origin) for one in listeners_of(snapshot, balancer.id) for match in one.matches]
    origin = balancer.origin.of("its listeners")
    unread = () if is_whole(snapshot, balancer) else (Rule(Match(), True, origin),)
    rules = RuleList((*permitted, Rule(PING, True, balancer.origin.of("ping"))), origin, unread=unread)
    then = build.add(arrived)
    if node.assumed:
        build.assume(then, node.assumed)
    judged = Filter(place=balancer.place, what="listeners", rules=rules, then=then, code=code, cites=("ELB-5", "ALB-5"))
    own = SessionMatch(
        place=balancer.place,
        what="connections of its own",
        table=_connections(node),
        then=then,
        miss=build.add(judged),
        cites=(rule,),
        plumbing=True,
    )
    return build.add(own)


def _starting(balancer: LoadBalancer, node: NetworkInterface, build: Builder, snapshot: Snapshot) -> int:
    begin = build.add(Rewrite(place=balancer.place, what="sends", how=send_of(node, snapshot), then=leaving(node.id), plumbing=True))
    if node.assumed:
        build.assume(begin, node.assumed)
    to = Sending.of(snapshot, balancer, node, _connections(node))
    far = any(aim.zone in to.zones and to.own and aim.zone != to.own for _, aims in to.groups for aim in aims)
    if balancer.assumes_cross_zone and far:
        build.assume(begin, f"whether {balancer.id} balances across zones was not read: taken to be on")
    return sending(build, to, begin)


def _connections(node: NetworkInterface) -> str:
    return f"connections {node.id} makes"


def _dead(balancer: LoadBalancer, build: Builder) -> int:
    origin = balancer.origin.of(f"state {balancer.state}")
    return build.add(Drop(place=balancer.place, what="state", code="BAD_STATE", cites=("ELB-1",), origin=origin))
