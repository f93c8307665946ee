"""Bugs, planted one at a time in the simulator's own code: in what emits the graph, in the walker, in the graph once it is compiled.

Each is one that somebody could make while reading AWS's pages quickly. `tests/oracle/kernel/wrong.py` has others, made in the nouns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import pytest

from simulator.aws import interface_path, route_lookup, security_group, subnet, transit_path
from simulator.aws.permissions import GroupPeer
from simulator.aws.route_table import LOCAL, RouteEntry, Winner, local_blocks
from simulator.aws.security_group import INBOUND
from simulator.evaluate import walk
from simulator.evaluate.result import Outcome
from simulator.graph.nodes import Filter, FlowGraph, Lookup, PrefixTable, Restore, Rewrite, SessionMatch, Translate, first_rule
from simulator.packet.space import Match

Leg = walk._Leg
ACL = "SUBNET_ACL_RESTRICTION"


class Planted(NamedTuple):
    """One bug. `book`: within how many drawn networks the model by the book finds it; the recorded answers of the kernel find each.
    `graph` changes the compiled graph, `plant` the code.
    """

    rule: str
    book: int
    plant: Callable[[pytest.MonkeyPatch], None] = lambda patch: None
    graph: Callable[[FlowGraph], FlowGraph] = lambda graph: graph


# --- routes ----------------------------------------------------------------------------------------------------------------------


def first_route(patch: pytest.MonkeyPatch) -> None:
    def matches(table: PrefixTable, version: int, value: int) -> Any:
        return (route for route in table.routes if route.prefix.holds(version, value))

    patch.setattr(PrefixTable, "matches", matches)


def local_always_wins(patch: pytest.MonkeyPatch) -> None:
    real = route_lookup.winners

    def winners(snapshot: Any, table: Any) -> list[Winner]:
        local = local_blocks(snapshot, table.vpc)
        found = [one for one in real(snapshot, table) if not any(block.contains(one.prefix) for block in local)]
        return found + [Winner(block, RouteEntry(block, LOCAL, "", table.origin.of(f"local route {block}")), ()) for block in local]

    patch.setattr(route_lookup, "winners", winners)


def blackholes_forgotten(patch: pytest.MonkeyPatch) -> None:
    real = route_lookup.winners
    patch.setattr(route_lookup, "winners", lambda *of: [one for one in real(*of) if not one.entry.blackhole])


# --- network ACLs ----------------------------------------------------------------------------------------------------------------


def acl_inside_the_subnet(graph: FlowGraph) -> FlowGraph:
    """What stays in a subnet meets its ACL inbound."""
    nodes = list(graph.nodes)
    inbound = {node.then: at for at, node in enumerate(nodes) if isinstance(node, Filter) and node.code == ACL and "ingress" in node.what}
    for at, node in enumerate(nodes):
        if isinstance(node, Lookup) and node.what == "on-link addresses":
            nodes[at] = node._replace(targets=tuple(inbound.get(target, target) for target in node.targets))
    return FlowGraph(tuple(nodes), graph.entries, graph.assumptions)


def acl_with_state(patch: pytest.MonkeyPatch) -> None:
    real = Leg._filter

    def judged(leg: Any, index: int, node: Filter, flow: Any, marks: Any) -> Any:
        if node.code != ACL:
            return real(leg, index, node, flow, marks)
        known = leg.sessions.setdefault(f"state of {node.place.id}", {})
        if flow.reversed() in known:
            leg._step(index, Outcome.PERMITTED, flow, flow, because=node.rules.origin)
            return node.then, flow, marks
        known[flow] = flow
        return real(leg, index, node, flow, marks)

    patch.setattr(Leg, "_filter", judged)


def acl_in_reverse(patch: pytest.MonkeyPatch) -> None:
    real = subnet.rules_of

    def rules_of(*of: Any) -> Any:
        rules = real(*of)
        return rules._replace(rules=rules.rules[::-1])

    patch.setattr(subnet, "rules_of", rules_of)


def acl_open_at_its_end(patch: pytest.MonkeyPatch) -> None:
    real = subnet.rules_of
    patch.setattr(subnet, "rules_of", lambda *of: real(*of)._replace(permit=True))


def acl_sees_what_was_translated(patch: pytest.MonkeyPatch) -> None:
    """What comes in by an internet gateway is judged by the addresses it had before: of a reflected packet the sender's private one."""
    real = Leg._filter

    def judged(leg: Any, index: int, node: Filter, flow: Any, marks: Any) -> Any:
        translated = [step for step in leg.steps if step.outcome is Outcome.TRANSLATED and step.place.kind == "internet-gateway"]
        if node.code == ACL and "ingress" in node.what and translated:
            before = translated[0].before
            rule = first_rule(node.rules, flow._replace(source=before.source, destination=before.destination), marks)
            node = node._replace(rules=node.rules._replace(rules=(rule._replace(match=Match()),) if rule else ()))
        return real(leg, index, node, flow, marks)

    patch.setattr(Leg, "_filter", judged)


# --- conditions ------------------------------------------------------------------------------------------------------------------


def last_port_left_out(patch: pytest.MonkeyPatch) -> None:
    real = Match.covers_header

    def covers_header(match: Match, flow: Any) -> bool:
        ports = match.destination_ports
        if ports and ports[0] < ports[1] == flow.destination_port:
            return False
        return real(match, flow)

    patch.setattr(Match, "covers_header", covers_header)


def code_ignored(patch: pytest.MonkeyPatch) -> None:
    real = Match.covers_header
    patch.setattr(Match, "covers_header", lambda match, flow: real(replace(match, icmp_type=None, icmp_code=None), flow))


# --- security groups and interfaces ----------------------------------------------------------------------------------------------


def groups_without_state(patch: pytest.MonkeyPatch) -> None:
    real = Leg._visit

    def visit(leg: Any, index: int, flow: Any, marks: Any) -> Any:
        node = leg.graph.nodes[index]
        if isinstance(node, SessionMatch) and node.what == "security group state":
            leg._step(index, Outcome.NEW, flow, flow)
            return node.miss, flow, marks
        return real(leg, index, flow, marks)

    patch.setattr(Leg, "_visit", visit)


def a_group_means_anyone(patch: pytest.MonkeyPatch) -> None:
    real = security_group._match

    def match(snapshot: Any, permission: Any, direction: str, members: Any) -> Any:
        if direction == INBOUND and isinstance(permission.peer, GroupPeer):
            return permission.traffic.match()
        return real(snapshot, permission, direction, members)

    patch.setattr(security_group, "_match", match)


def only_one_group_counts(patch: pytest.MonkeyPatch) -> None:
    real = interface_path.rules_of
    patch.setattr(interface_path, "rules_of", lambda snapshot, groups, *more: real(snapshot, groups[:1], *more))


def _let_pass(what: str) -> Callable[[pytest.MonkeyPatch], None]:
    """A filter that lets everything pass."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        real = Leg._filter

        def judged(leg: Any, index: int, node: Filter, flow: Any, marks: Any) -> Any:
            if node.what == what:
                node = node._replace(rules=node.rules._replace(rules=(), permit=True))
            return real(leg, index, node, flow, marks)

        patch.setattr(Leg, "_filter", judged)

    return plant


def functions_take_connections(patch: pytest.MonkeyPatch) -> None:
    real = Leg._visit

    def visit(leg: Any, index: int, flow: Any, marks: Any) -> Any:
        node = leg.graph.nodes[index]
        if isinstance(node, SessionMatch) and node.what == "flows a function started":
            leg._step(index, Outcome.REPLY, flow, flow)
            return node.then, flow, marks
        return real(leg, index, flow, marks)

    patch.setattr(Leg, "_visit", visit)


# --- gateways --------------------------------------------------------------------------------------------------------------------


def reply_keeps_the_nat_port(patch: pytest.MonkeyPatch) -> None:
    real = Leg._rewrite

    def rewrite(leg: Any, index: int, node: Rewrite, flow: Any, marks: Any) -> Any:
        then, after, marks = real(leg, index, node, flow, marks)
        if isinstance(node.how, Restore) and after != flow:
            after = after._replace(destination_port=flow.destination_port)
        return then, after, marks

    patch.setattr(Leg, "_rewrite", rewrite)


def nat_keeps_the_source(patch: pytest.MonkeyPatch) -> None:
    real = Leg._masqueraded

    def masqueraded(leg: Any, index: int, how: Any, flow: Any) -> Any:
        return real(leg, index, how, flow)._replace(source_port=flow.source_port)

    patch.setattr(Leg, "_masqueraded", masqueraded)


def private_addresses_leave(patch: pytest.MonkeyPatch) -> None:
    """An internet gateway lets out what it has no public address for."""
    real = Leg._rewrite

    def rewrite(leg: Any, index: int, node: Rewrite, flow: Any, marks: Any) -> Any:
        if isinstance(node.how, Translate) and node.how.field == "source" and (flow.version, flow.source) not in node.how.addresses:
            leg._step(index, Outcome.PASSED, flow, flow)
            return node.then, flow, marks
        return real(leg, index, node, flow, marks)

    patch.setattr(Leg, "_rewrite", rewrite)


# --- transit gateways and endpoints ----------------------------------------------------------------------------------------------


def no_acl_at_the_attachment(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(transit_path, "acl_filter", lambda build, snapshot, of, direction, then: then)


def propagated_beats_static(patch: pytest.MonkeyPatch) -> None:
    real = transit_path.routes_of

    def routes_of(snapshot: Any, table: Any) -> Any:
        learnt = {route.prefix for route in real(snapshot, replace(table, routes=()))[0]}
        return real(snapshot, replace(table, routes=tuple(route for route in table.routes if route.prefix not in learnt)))

    patch.setattr(transit_path, "routes_of", routes_of)


def transit_blackholes_forgotten(patch: pytest.MonkeyPatch) -> None:
    real = transit_path.routes_of
    patch.setattr(
        transit_path,
        "routes_of",
        lambda snapshot, table: real(snapshot, replace(table, routes=tuple(route for route in table.routes if route.attachment))),
    )


def references_cross_every_transit_gateway(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(transit_path, "_with_groups", lambda gateway, attachment, of, then, *more: then)


PLANTED: dict[str, Planted] = {
    "the first route instead of the longest": Planted("RT-6", 20, first_route),
    "the local route always wins": Planted("RT-17", 120, local_always_wins),
    "blackholes are forgotten": Planted("RT-15", 40, blackholes_forgotten),
    "an ACL inside the subnet": Planted("NACL-4", 20, graph=acl_inside_the_subnet),
    "an ACL with state": Planted("NACL-1", 20, acl_with_state),
    "ACL entries in reverse order": Planted("NACL-2", 30, acl_in_reverse),
    "an ACL open at its end": Planted("NACL-3", 20, acl_open_at_its_end),
    "an ACL that sees addresses before their translation": Planted("IGW-11", 120, acl_sees_what_was_translated),
    "the last port of a range left out": Planted("NACL-5", 30, last_port_left_out),
    "ICMP type and code ignored": Planted("NACL-6", 60, code_ignored),
    "security groups without state": Planted("SG-19", 20, groups_without_state),
    "a group in a rule means anyone": Planted("SG-11", 20, a_group_means_anyone),
    "only one group of an interface counts": Planted("SG-2", 20, only_one_group_counts),
    "no source check": Planted("ENI-4", 20, _let_pass("source/destination check, outbound")),
    "functions take connections": Planted("LAMBDA-7", 30, functions_take_connections),
    "a reply keeps the port of the NAT": Planted("NAT-4", 60, reply_keeps_the_nat_port),
    "a NAT keeps the port of the client": Planted("NAT-4", 60, nat_keeps_the_source),
    "private addresses leave by the internet gateway": Planted("IGW-2", 20, private_addresses_leave),
    "no ACL at the attachment": Planted("TGW-8", 60, no_acl_at_the_attachment),
    "propagated beats static": Planted("TGW-13", 60, propagated_beats_static),
    "blackholes of transit gateways are forgotten": Planted("TGW-3", 60, transit_blackholes_forgotten),
    "group references cross every transit gateway": Planted("TGW-11", 200, references_cross_every_transit_gateway),
    "endpoints take every protocol": Planted("IFE-6", 30, _let_pass("protocols of an endpoint")),
}
