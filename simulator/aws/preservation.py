"""Where network load balancers keep their clients' addresses: the way to a target beyond a peering, and that of replies (ELB-6, NLB-6).

The reply of a target goes back to the node whatever the routes of the target's subnet say of the client; the ACLs of both subnets judge it.
So behind the groups of such a target every packet is asked whether it answers what a node passed on (`away`, a door of the interface).

The reply over a peering without a route is believed, as ELB-6 is. AWS page: "Edit target group attributes for your Network Load Balancer"
(2026).
"""

from __future__ import annotations

from simulator.aws.network_acl import INBOUND, OUTBOUND
from simulator.aws.network_interface import NetworkInterface, arrivals, away
from simulator.aws.network_targets import Passing, Way, passings, peering_of, route_to
from simulator.aws.resource import Kind
from simulator.aws.snapshot import Snapshot
from simulator.aws.subnet import Subnet, acl_filter, hosts, outbound
from simulator.graph.builder import Builder
from simulator.graph.nodes import Filter, Lookup, PrefixTable, Ref, Route, RuleList, SessionMatch
from simulator.packet.prefix import Prefix


def redirections(node: NetworkInterface) -> str:
    """The session table of what a node passed on to targets."""
    return f"flows {node.id} passes on"


def _emit(interface: NetworkInterface, build: Builder, snapshot: Snapshot) -> None:
    then: Ref = outbound(interface.subnet)
    for passing in _by_target(snapshot).get(interface.id, ()):
        answers = SessionMatch(
            place=interface.place,
            what=f"answers to what {passing.node.id} passed on",
            table=redirections(passing.node),
            then=_back(interface, passing, build, snapshot),
            miss=then,
            cites=("ELB-6",),
            plumbing=True,
        )
        then = build.add(answers)
    peered = _by_node(snapshot).get(interface.id)
    if peered:
        then = _over_peerings(interface, peered, then, build, snapshot)
    if then != outbound(interface.subnet):
        build.open(away(interface.id), then)


def _by_target(snapshot: Snapshot) -> dict[str, list[Passing]]:
    """For each target the nodes that pass clients' packets on to it, each once."""

    def made() -> dict[str, list[Passing]]:
        found: dict[str, dict[str, Passing]] = {}
        for passing in passings(snapshot):
            if passing.aim.interface is not None:
                found.setdefault(passing.aim.interface.id, {}).setdefault(passing.node.id, passing)
        return {target: list(nodes.values()) for target, nodes in found.items()}

    return snapshot.index("client addresses kept, by target", made)


def _by_node(snapshot: Snapshot) -> dict[str, list[Passing]]:
    """For each node the targets beyond peerings."""

    def made() -> dict[str, list[Passing]]:
        found: dict[str, list[Passing]] = {}
        for passing in passings(snapshot):
            if passing.way is Way.PEERED:
                found.setdefault(passing.node.id, []).append(passing)
        return found

    return snapshot.index("client addresses kept, by node", made)


def _back(interface: NetworkInterface, passing: Passing, build: Builder, snapshot: Snapshot) -> Ref:
    """From a target to the node: out of the one subnet, over the peering if there is one, into the other (NLB-6)."""
    home, node_subnet = snapshot.get(Subnet, interface.subnet), snapshot.get(Subnet, passing.node.subnet)
    if home is None or node_subnet is None or home.id == node_subnet.id:
        return arrivals(passing.node.id)
    then: Ref = acl_filter(build, snapshot, node_subnet, INBOUND, arrivals(passing.node.id))
    if passing.way is Way.PEERED:
        then = _crossing(passing, then, build, snapshot)
    return acl_filter(build, snapshot, home, OUTBOUND, then)


def _over_peerings(node: NetworkInterface, peered: list[Passing], miss: Ref, build: Builder, snapshot: Snapshot) -> Ref:
    """From a node to targets beyond a peering: what it passes on there bears an address that a peering takes from nobody else (PCX-3)."""
    subnet = snapshot.get(Subnet, node.subnet)
    routes: dict[Prefix, Route] = {}
    targets: list[Ref] = []
    for passing in peered:
        interface = passing.aim.interface
        home = snapshot.get(Subnet, interface.subnet) if interface else None
        if subnet is None or home is None or passing.aim.host in routes:
            continue
        routes[passing.aim.host] = Route(passing.aim.host, len(targets), passing.aim.target.origin, passing.aim.label)
        crossed = _crossing(passing, acl_filter(build, snapshot, home, INBOUND, hosts(home.id)), build, snapshot)
        targets.append(acl_filter(build, snapshot, subnet, OUTBOUND, crossed))
    table = PrefixTable(tuple(routes[prefix] for prefix in sorted(routes)))
    return build.add(
        Lookup(
            place=node.place,
            what="targets beyond a peering",
            table=table,
            targets=tuple(targets),
            miss=miss,
            cites=("NLB-4",),
            plumbing=True,
        )
    )


def _crossing(passing: Passing, then: Ref, build: Builder, snapshot: Snapshot) -> int:
    entry = route_to(snapshot, passing.node, passing.aim)
    assert entry is not None  # the way is one over a peering
    peering = peering_of(snapshot, passing.node, entry)
    assert peering is not None
    return build.add(
        Filter(
            place=peering.place,
            what="clients' addresses that a load balancer keeps",
            rules=RuleList((), entry.origin, permit=True),
            then=then,
            code="PCX_REQUIRES_ADDRESS_IN_VPC_CIDR",
            cites=("NLB-4",),
        )
    )


KIND = Kind(name="client-preservation", noun=NetworkInterface, about="replies to clients of load balancers", emit=_emit, extends=True)
