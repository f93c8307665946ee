"""Deliberate errors, made in the nouns or in the graph before the simulator answers: each must be found by the recorded answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from simulator.aws.network_acl import AclEntry, NetworkAcl
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.permissions import GroupPeer, Traffic
from simulator.aws.route_table import RouteTable
from simulator.aws.security_group import SecurityGroup
from simulator.aws.snapshot import Snapshot
from simulator.aws.subnet import Subnet
from simulator.aws.transit_gateway import TransitAttachment, TransitGateway, TransitRouteTable
from simulator.aws.vpc import Vpc
from simulator.aws.vpc_peering import VpcPeering
from simulator.graph.nodes import (
    AnyNode,
    Choice,
    Filter,
    FlowGraph,
    Forget,
    Lookup,
    PrefixTable,
    Restore,
    Rewrite,
    Route,
    SessionMatch,
    Translate,
)
from simulator.origin import Origin
from simulator.packet.prefix import EVERYWHERE, Prefix


def _each(snapshot: Snapshot, of: type, change: Callable[[Any], Any]) -> Snapshot:
    nouns = {kind: dict(known) for kind, known in snapshot.nouns.items()}
    nouns[of] = {noun_id: change(noun) for noun_id, noun in nouns.get(of, {}).items()}
    return Snapshot(nouns, snapshot.kinds, snapshot.read_kinds)


def _entries(change: Callable[[AclEntry], AclEntry]) -> Callable[[Snapshot], Snapshot]:
    def changed(acl: NetworkAcl) -> NetworkAcl:
        return replace(acl, inbound=tuple(map(change, acl.inbound)), outbound=tuple(map(change, acl.outbound)))

    return lambda snapshot: _each(snapshot, NetworkAcl, changed)


def _wider_ports(entry: AclEntry) -> AclEntry:
    ports = entry.traffic.ports
    return entry if not ports else replace(entry, traffic=replace(entry.traffic, ports=(ports[0], min(ports[1] + 1, 65535))))


def _later_ports(entry: AclEntry) -> AclEntry:
    ports = entry.traffic.ports
    return entry if not ports else replace(entry, traffic=replace(entry.traffic, ports=(min(ports[0] + 1, ports[1]), ports[1])))


def _open_end(acl: NetworkAcl) -> NetworkAcl:
    last = AclEntry(32766, True, EVERYWHERE[4], Traffic(), Origin(acl.id, "open end"))
    return replace(acl, inbound=(*acl.inbound, last), outbound=(*acl.outbound, last))


def _references_mean_anyone(group: SecurityGroup) -> SecurityGroup:
    inbound = tuple(replace(rule, peer=EVERYWHERE[4]) if isinstance(rule.peer, GroupPeer) else rule for rule in group.inbound)
    return replace(group, inbound=inbound)


def _references_mean_nobody(group: SecurityGroup) -> SecurityGroup:
    return replace(group, inbound=tuple(rule for rule in group.inbound if not isinstance(rule.peer, GroupPeer)))


def _routes(keep: Callable[[Any, list[Prefix]], bool]) -> Callable[[Snapshot], Snapshot]:
    def change(snapshot: Snapshot) -> Snapshot:
        blocks = {vpc.id: list(vpc.cidrs) for vpc in snapshot.all(Vpc)}
        return _each(
            snapshot,
            RouteTable,
            lambda table: replace(table, routes=tuple(entry for entry in table.routes if keep(entry, blocks[table.vpc]))),
        )

    return change


def _is_block(snapshot: Snapshot, prefix: Prefix) -> bool:
    return any(prefix in vpc.cidrs for vpc in snapshot.all(Vpc))


def _default_table(snapshot: Snapshot, attachment: TransitAttachment) -> TransitAttachment:
    return replace(attachment, tables=tuple((gateway, f"{gateway}-routes") for gateway in attachment.gateways))


def _is_outside(entry: Any, blocks: list[Prefix]) -> bool:
    return not isinstance(entry.destination, Prefix) or not any(block.contains(entry.destination) for block in blocks)


WRONG_SNAPSHOTS: dict[str, Callable[[Snapshot], Snapshot]] = {
    "ACL in reverse order": _entries(lambda entry: replace(entry, number=40000 - entry.number)),
    "ACL denials ignored": _entries(lambda entry: entry if entry.permit else replace(entry, number=39999)),
    "ACL port off by one": _entries(_wider_ports),
    "ACL first port off by one": _entries(_later_ports),
    "ACL open at its end": lambda snapshot: _each(snapshot, NetworkAcl, _open_end),
    "ACL directions swapped": lambda snapshot: _each(
        snapshot, NetworkAcl, lambda acl: replace(acl, inbound=acl.outbound, outbound=acl.inbound)
    ),
    "group reference means anyone": lambda snapshot: _each(snapshot, SecurityGroup, _references_mean_anyone),
    "group reference means nobody": lambda snapshot: _each(snapshot, SecurityGroup, _references_mean_nobody),
    "group outbound ignored": lambda snapshot: _each(snapshot, SecurityGroup, lambda group: replace(group, outbound=group.inbound)),
    "no source/destination check": lambda snapshot: _each(snapshot, NetworkInterface, lambda nic: replace(nic, check=False)),
    "check always on": lambda snapshot: _each(
        snapshot, NetworkInterface, lambda nic: nic if nic.type == "nat_gateway" else replace(nic, check=True)
    ),
    "local always wins": _routes(_is_outside),
    "blackholes forgotten": _routes(lambda entry, _: not entry.blackhole),
    "propagated routes forgotten": _routes(lambda entry, _: not entry.propagated),
    "prefix lists forgotten": _routes(lambda entry, _: isinstance(entry.destination, Prefix)),
    "propagations forgotten": lambda snapshot: _each(snapshot, TransitRouteTable, lambda table: replace(table, propagations=())),
    "transit blackholes forgotten": lambda snapshot: _each(
        snapshot, TransitRouteTable, lambda table: replace(table, routes=tuple(route for route in table.routes if route.attachment))
    ),
    "transit routes propagated first": lambda snapshot: _each(
        snapshot,
        TransitRouteTable,
        lambda table: replace(table, routes=tuple(route for route in table.routes if not _is_block(snapshot, route.prefix))),
    ),
    "one transit table for all": lambda snapshot: _each(snapshot, TransitAttachment, lambda one: _default_table(snapshot, one)),
    "attachments always work": lambda snapshot: _each(snapshot, TransitAttachment, lambda one: replace(one, state="available")),
    "groups pass every transit gateway": lambda snapshot: _each(
        snapshot, TransitGateway, lambda gateway: replace(gateway, group_references=True)
    ),
    "one zone": lambda snapshot: _each(snapshot, Subnet, lambda subnet: replace(subnet, zone="a")),
    "peerings always work": lambda snapshot: _each(snapshot, VpcPeering, lambda peering: replace(peering, state="active")),
    "Regions do not matter": lambda snapshot: _each(snapshot, Vpc, lambda vpc: replace(vpc, region="")),
    "main table for all": lambda snapshot: _each(snapshot, RouteTable, lambda table: replace(table, subnets=())),
}


# --- the graph -----------------------------------------------------------------------------------------------------------------------


class ShortestFirst(PrefixTable):
    """A table whose shortest prefix wins."""

    def matches(self, version: int, value: int) -> Iterator[Route]:
        return iter(list(super().matches(version, value))[::-1])


def _nodes(change: Callable[[AnyNode], AnyNode]) -> Callable[[FlowGraph], FlowGraph]:
    return lambda graph: FlowGraph(tuple(map(change, graph.nodes)), graph.entries, graph.assumptions)


def _stateless(node: AnyNode) -> AnyNode:
    return node._replace(then=node.miss) if isinstance(node, SessionMatch) else node


def _shortest(node: AnyNode) -> AnyNode:
    return node._replace(table=ShortestFirst(node.table.routes)) if isinstance(node, Lookup) else node


def _untranslated(field: str) -> Callable[[AnyNode], AnyNode]:
    def change(node: AnyNode) -> AnyNode:
        if isinstance(node, Rewrite) and isinstance(node.how, Translate) and node.how.field == field:
            return node._replace(how=Forget())
        return node

    return change


def _unrestored(node: AnyNode) -> AnyNode:
    return node._replace(how=Forget()) if isinstance(node, Rewrite) and isinstance(node.how, Restore) else node


def _references_survive(node: AnyNode) -> AnyNode:
    if isinstance(node, Rewrite) and isinstance(node.how, Forget):
        return Choice(node.place, node.what, (("on", node.then),))
    return node


def _stateful_acls(graph: FlowGraph) -> FlowGraph:
    """The lists of a subnet remember what they let pass."""
    nodes = list(graph.nodes)
    for at, node in enumerate(graph.nodes):
        if isinstance(node, Filter) and node.code == "SUBNET_ACL_RESTRICTION":
            table = f"flows of {node.place.id}"
            nodes.append(node._replace(remembers=table))
            nodes[at] = SessionMatch(node.place, "state", table, node.then, len(nodes) - 1)
    return FlowGraph(tuple(nodes), graph.entries, graph.assumptions)


def _without_acl_at_attachments(graph: FlowGraph) -> FlowGraph:
    """The list of an attachment's subnet does not see what goes into the transit gateway: it leads straight on (TGW-8)."""
    nodes = list(graph.nodes)
    for at, node in enumerate(graph.nodes):
        then = node.then if isinstance(node, Filter) and node.code == "SUBNET_ACL_RESTRICTION" else None
        if isinstance(then, int) and isinstance(graph.nodes[then], Filter) and graph.nodes[then].place.kind == "transit-gateway":
            nodes[at] = node._replace(rules=node.rules._replace(rules=(), permit=True))
    return FlowGraph(tuple(nodes), graph.entries, graph.assumptions)


def _no_filter(code: str) -> Callable[[FlowGraph], FlowGraph]:
    def change(node: AnyNode) -> AnyNode:
        if isinstance(node, Filter) and node.code == code:
            return node._replace(rules=node.rules._replace(rules=(), permit=True))
        return node

    return _nodes(change)


WRONG_GRAPHS: dict[str, Callable[[FlowGraph], FlowGraph]] = {
    "the shortest prefix wins": _nodes(_shortest),
    "groups without state": _nodes(_stateless),
    "ACLs with state": _stateful_acls,
    "no translation to public": _nodes(_untranslated("source")),
    "no translation to private": _nodes(_untranslated("destination")),
    "replies not translated back": _nodes(_unrestored),
    "references survive appliances": _nodes(_references_survive),
    "private sources pass the gateway": _no_filter("IGW_SOURCE_ADDRESS_NOT_IN_RFC1918_INGRESS"),
    "ACLs let everything pass": _no_filter("SUBNET_ACL_RESTRICTION"),
    "peerings carry on": _no_filter("PCX_REQUIRES_ADDRESS_IN_VPC_CIDR"),
    "foreign sources pass gateways": _no_filter("GATEWAY_REJECTS_SPOOFED_TRAFFIC"),
    "gateway endpoints carry everything": _no_filter("VPCE_GATEWAY_PROTOCOL_RESTRICTION"),
    "answers to NAT gateways need routes": _nodes(
        lambda node: node._replace(then=node.miss) if isinstance(node, SessionMatch) and "NAT-14" in node.cites else node
    ),
    "no ACL at attachments": _without_acl_at_attachments,
}
# What is lost either way, for another reason.
WRONG_REASONS = {"peerings carry on", "foreign sources pass gateways"}
