"""Many flows through the program with numba: one flow after the other, both legs in one loop, nothing allocated in it.

The same answers as `staged.py`, flow by flow, strange ones included. Without numba this module still runs, as plain Python: slowly, for
tests. The functions know scalars and arrays only, because numba compiles them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from simulator.evaluate.batch import kernels, keys
from simulator.evaluate.batch.arrays import Array
from simulator.evaluate.batch.boxes import BY_REFERENCE, PERMITS, REFERENCE, REPLY
from simulator.evaluate.batch.flows import CHOICES_KEPT, NO_NODE, NO_RULE, Ends, Outcomes, Starts
from simulator.evaluate.batch.index import LONGEST, Worth, index_of, index_when_worth
from simulator.evaluate.batch.jit import jit
from simulator.evaluate.batch.lower import NUMBER
from simulator.evaluate.batch.packed import ENDING, FIRST, KIND, MARKS, MISS, RULE, SECOND, THEN, WATCHED, Packed, pack
from simulator.evaluate.batch.program import (
    CHOICE,
    DELIVER,
    DROP,
    FILTER,
    FORGET,
    LOOKUP,
    MASQUERADE,
    REDIRECT,
    RESTORE,
    SEND,
    SESSION,
    TRANSLATE,
    Program,
)
from simulator.evaluate.batch.rule_kernels import Rules, first_rule, rules_of
from simulator.evaluate.batch.staged import SESSIONS_KEPT, STEPS_KEPT, VERSIONS_KEPT, WATCHED_KEPT
from simulator.evaluate.result import Disposition

DELIVERED, ELSEWHERE, UNEXPECTED, DENIED, GAP = (
    NUMBER[one]
    for one in (Disposition.DELIVERED, Disposition.ELSEWHERE, Disposition.REPLY_NOT_EXPECTED, Disposition.DENIED, Disposition.GAP)
)
UDP_PAGE = keys.UDP_PAGE
WORTH = Worth(boxes=40, flows=50_000)  # a block of 16 boxes takes as long as a level of a tree: few flows never notice


def run(of: Program, version: int, starts: Starts, *, one_way: bool = False) -> Outcomes:
    """Both legs of flows of one IP version."""
    flows = len(starts.node)
    packed = of.prepared.setdefault(version, None) or pack(of, version)
    of.prepared[version] = packed
    lists = _rules(of, version, flows)
    dispositions = np.full((2, flows), 255, np.uint8)
    nodes, rules = np.full((2, flows), NO_NODE, np.int32), np.full((2, flows), NO_RULE, np.int32)
    scratch = np.zeros((VERSIONS_KEPT, 4), np.uint32), np.zeros((SESSIONS_KEPT, 3), np.int32), np.zeros((WATCHED_KEPT, 5), np.int32)
    found = Found(dispositions, nodes, rules, np.zeros(flows, np.uint8), np.zeros(flows, np.bool_), *scratch)
    with np.errstate(over="ignore"):  # interpreted, numpy warns of the subtractions modulo 2^32
        _round_trips(packed, lists, of.marks, of.tables[version], starts, one_way, found)
    forward, back = (Ends(dispositions[leg], nodes[leg], rules[leg]) for leg in range(2))
    return Outcomes(forward, back, found.chosen, found.strange)


def _rules(of: Program, version: int, flows: int) -> Rules:
    """The rule lists, with an index once it pays."""
    boxes = of.tables[version].rules
    index = index_when_worth(of.prepared, ("long lists", version), boxes, flows, WORTH)
    key = "rules", version, index is None
    if key not in of.prepared:
        of.prepared[key] = rules_of(boxes, index or index_of(boxes, LONGEST))
    found: Rules = of.prepared[key]
    return found


class Found(NamedTuple):
    """What `_round_trips` fills in, by leg and flow, and room for what it remembers of one flow."""

    disposition: Array
    node: Array
    rule: Array
    chosen: Array
    strange: Array
    versions: Array
    session: Array
    met: Array


@jit
def _round_trips(packed: Packed, lists: Any, marks: Any, tables: Any, starts: Any, one_way: bool, found: Found) -> None:  # noqa: PLR0915 - see below
    """Every flow: as `staged.py`, in scalars. All arrays are taken out of their tuples first, and all is one function, because
    numba counts references at each access and each call: that took four fifths of the time.
    """
    nodes, targets, first_box, rules, first_unread, unread, trees = packed
    senders, sender_groups, limited, permits, member, nat_ports, redirect_ports, losses = marks
    _, (_, huge, words, runs, _), _, _, bounds, own_first, own, own_last, pair_from, pair_to, nat_first, nats, redirects = tables
    roots, tree_keys, tree_base, routes = trees
    starting, sources, destinations, protocols, ports, wanted, wanted_also, strangers, choices = starts
    dispositions, lasts, deciding, met_choices, left, versions, session, met = found
    for row in range(len(starting)):
        source, destination, key, port = sources[row], destinations[row], protocols[row], ports[row]
        node, strange = np.int64(starting[row]), strangers[row]
        expected, also = np.int64(wanted[row]), np.int64(wanted_also[row])
        version, sessions, chosen, kept = -1, 0, 0, choices.shape[1]
        awaited_source, awaited_destination, awaited_key, awaited_port = np.uint32(0), np.uint32(0), np.uint32(0), np.uint32(0)
        for leg in range(2):
            groups, lost, bits, unknown, meetings = np.int64(0), np.int64(0), 0, False, 0
            version = kernels.keep(versions, version, source, destination, key, port)
            sent, sender, has_sent, reply_at, steps = version, np.int64(-1), False, np.int64(-1), 0
            disposition, last, rule = 255, np.int64(-1), np.int64(-1)
            while node >= 0 and not strange:
                steps += 1
                if steps > STEPS_KEPT or version >= VERSIONS_KEPT or sessions > SESSIONS_KEPT or chosen > CHOICES_KEPT:
                    strange = True
                    break
                if nodes[node, WATCHED]:
                    for at in range(meetings):
                        if met[at, 0] == node and (
                            nodes[node, KIND] == MASQUERADE
                            or (
                                met[at, 2] == groups
                                and met[at, 3] == lost
                                and met[at, 4] == bits
                                and versions[met[at, 1], 0] == source
                                and versions[met[at, 1], 1] == destination
                                and versions[met[at, 1], 2] == key
                                and versions[met[at, 1], 3] == port
                            )
                        ):
                            strange = True
                    if meetings >= WATCHED_KEPT or strange:
                        strange = True
                        break
                    met[meetings, 0], met[meetings, 1], met[meetings, 2], met[meetings, 3], met[meetings, 4] = (
                        node,
                        version,
                        groups,
                        lost,
                        bits,
                    )
                    meetings += 1
                kind, first = nodes[node, KIND], np.int64(nodes[node, FIRST])
                if kind == LOOKUP:
                    route = kernels.route(roots, tree_keys, tree_base, routes, huge, words, runs, first, destination)
                    node = np.int64(nodes[node, MISS]) if route < 0 else np.int64(targets[nodes[node, SECOND] + route])
                elif kind == FILTER:
                    box = np.int64(first_rule(lists, first, source, destination, port, key, groups, bits, member))
                    action = np.int64(rules[box, MARKS] >> 16) if box >= 0 else 0
                    permit = (action & PERMITS) != 0 if box >= 0 else permits[first]
                    if (
                        not permit
                        and box < 0
                        and kernels.box(first_unread, unread, first, source, destination, port, key, groups, bits, member) >= 0
                    ):
                        permit = unknown = True
                    if permit:
                        if nodes[node, SECOND] >= 0:
                            sessions = kernels.remember(session, sessions, nodes[node, SECOND], version, version)
                        if action & BY_REFERENCE:
                            bits |= REFERENCE
                        node = np.int64(nodes[node, THEN])
                    elif nodes[node, MISS] >= 0:
                        node = np.int64(nodes[node, MISS])
                    else:
                        disposition, last = nodes[node, ENDING], node
                        if box < 0 and lost > 0:
                            box = kernels.lost_box(first_box, rules, first, source, destination, port, key, lost, member)
                            disposition = DENIED if box >= 0 else disposition
                        rule = np.int64(rules[box, RULE]) if box >= 0 else np.int64(-1)
                        node = np.int64(-1)
                elif kind == SESSION:
                    came = kernels.session_of(session, sessions, versions, first, source, destination, key, port)
                    node = np.int64(nodes[node, THEN]) if came >= 0 else np.int64(nodes[node, MISS])
                elif kind == CHOICE:
                    value = 0
                    if first > 1:
                        if chosen < kept and choices[row, chosen] >= 0:
                            value = choices[row, chosen]
                        chosen += 1
                    node = np.int64(targets[nodes[node, SECOND] + value])
                elif kind == SEND:
                    bound = bounds[first]
                    if bound >= 0 and bound != source:
                        source = np.uint32(bound)
                        version = kernels.keep(versions, version, source, destination, key, port)
                    groups = (
                        np.int64(sender_groups[first])
                        if kernels.is_known(own_first, own, own_last, limited, first, source)
                        else np.int64(0)
                    )
                    lost, bits = np.int64(0), REPLY * leg
                    if not has_sent:
                        sent, sender, has_sent = version, np.int64(senders[first]), True
                    node = np.int64(nodes[node, THEN])
                elif kind == DELIVER:
                    there = first in (expected, also)
                    disposition, last = (GAP if unknown else DELIVERED) if there else ELSEWHERE, node
                    if (
                        there
                        and leg == 1
                        and (source != awaited_source or destination != awaited_destination or key != awaited_key or port != awaited_port)
                    ):
                        disposition = UNEXPECTED
                    elif there:
                        reply_at = np.int64(nodes[node, THEN])
                    node = np.int64(-1)
                elif kind == DROP:
                    disposition, last, node = nodes[node, ENDING], node, np.int64(-1)
                elif kind == FORGET and nodes[node, SECOND]:
                    strange = strange or losses[first, groups]
                    node = np.int64(nodes[node, THEN])
                else:  # the sender is forgotten by all that follow
                    if groups > 0:
                        strange = strange or (lost > 0 and lost != groups)
                        lost, groups = groups, np.int64(0)
                    bits &= ~REFERENCE
                    if kind == TRANSLATE:
                        of_destination = nodes[node, SECOND] == 1
                        old = destination if of_destination else source
                        pair = kernels.pair(pair_from, (np.uint64(first) << np.uint64(32)) | np.uint64(old))
                        if pair >= 0:
                            if of_destination:
                                destination = pair_to[pair]
                            else:
                                source = pair_to[pair]
                            version = kernels.keep(versions, version, source, destination, key, port)
                        node = np.int64(nodes[node, THEN]) if pair >= 0 else np.int64(nodes[node, MISS])
                    elif kind == RESTORE:
                        came = kernels.session_of(session, sessions, versions, first, source, destination, key, port)
                        if came >= 0:
                            source, destination = versions[came, 1], versions[came, 0]
                            key, port = kernels.reverse(versions[came, 2], versions[came, 3])
                            version = kernels.keep(versions, version, source, destination, key, port)
                        node = np.int64(nodes[node, THEN]) if came >= 0 else np.int64(nodes[node, MISS])
                    elif kind == MASQUERADE:
                        came, begin = version, np.int64(nat_first[first])
                        address = 0
                        if nat_first[first + 1] - begin > 1:
                            if chosen < kept and choices[row, chosen] >= 0:
                                address = choices[row, chosen]
                            chosen += 1
                        point = nats[begin + address]
                        strange = strange or point < 0
                        source = np.uint32(point)
                        if key >> 16 <= UDP_PAGE:
                            low, high = nat_ports[first, 0], nat_ports[first, 1]
                            usual = port if low <= port <= high else np.uint32(low)
                            if chosen < kept and choices[row, chosen] >= 0:
                                usual = np.uint32(choices[row, chosen])
                            port = usual
                            chosen += 1
                        version = kernels.keep(versions, version, source, destination, key, port)
                        sessions = kernels.remember(session, sessions, nodes[node, SECOND], version, came)
                        node = np.int64(nodes[node, THEN])
                    elif kind == REDIRECT:
                        came, point = version, redirects[first]
                        strange = strange or point < 0
                        destination = np.uint32(point)
                        if key >> 16 <= UDP_PAGE:
                            key = np.uint32((key & 0xFFFF0000) | redirect_ports[first])
                        version = kernels.keep(versions, version, source, destination, key, port)
                        sessions = kernels.remember(session, sessions, nodes[node, SECOND], version, came)
                        node = np.int64(nodes[node, THEN])
                    else:
                        node = np.int64(nodes[node, THEN])
            dispositions[leg, row], lasts[leg, row], deciding[leg, row] = disposition, last, rule
            strange = strange or last < 0 or version >= VERSIONS_KEPT or sessions > SESSIONS_KEPT or chosen > CHOICES_KEPT
            if strange or one_way or leg == 1 or reply_at < 0 or not kernels.is_answered(key):
                break
            awaited_source, awaited_destination = versions[sent, 1], versions[sent, 0]
            awaited_key, awaited_port = kernels.reverse(versions[sent, 2], versions[sent, 3])
            source, destination = destination, source
            key, port = kernels.reverse(key, port)
            node, expected, also = reply_at, sender, np.int64(-1)
        met_choices[row], left[row] = min(chosen, CHOICES_KEPT), strange
