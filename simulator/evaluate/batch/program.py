"""The flow graph as arrays: what every evaluator of many flows runs on.

One row for each node, successors as row numbers, and beside them the tables of each IP version. Nothing here knows objects: a program
is arrays and lists of names, so that it can be written to a file and mapped by many processes (`storage.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from simulator.evaluate.batch.arrays import Array
from simulator.evaluate.batch.boxes import Boxes
from simulator.evaluate.batch.directory import Directory
from simulator.evaluate.batch.intervals import Intervals
from simulator.evaluate.batch.space import Space

LOOKUP, FILTER, SESSION, CHOICE, SEND, TRANSLATE, MASQUERADE, REDIRECT, RESTORE, FORGET, DELIVER, DROP = range(12)
REMEMBERING = (SESSION, CHOICE, MASQUERADE, RESTORE)  # where a flow goes on by more than its header and marks
NOBODY = -1  # no such endpoint
NO_TABLE = -1


class Nodes(NamedTuple):
    """One row for each node.

    kind: uint8, of the constants above. then, miss: int32, the next row, or -1. A Deliver's `then` is where the answer enters, a Filter's
    `miss` where what it does not permit goes on. first, second: int32, by kind:

    | kind       | first                          | second                              |
    | ---------- | ------------------------------ | ----------------------------------- |
    | LOOKUP     | prefix table                   | where its targets begin, by route   |
    | FILTER     | rule list                      | session table it writes, or -1      |
    | SESSION    | session table                  |                                     |
    | CHOICE     | number of options              | where its targets begin             |
    | SEND       | row of the tables of senders   |                                     |
    | TRANSLATE  | table of pairs of addresses    | 0: the source, 1: the destination   |
    | MASQUERADE | row of the tables of NATs      | session table it writes             |
    | REDIRECT   | row of the tables of redirects | session table it writes             |
    | RESTORE    | session table                  |                                     |
    | FORGET     | row of `Marks.losses`          | 1: only the groups of that row      |
    | DELIVER    | endpoint                       |                                     |

    disposition: uint8, how a leg ends that a FILTER denies or a DROP stops (`DISPOSITIONS`). watched: bool, whether loops are looked
    for here (`cycles.py`). targets: int32, of all LOOKUPs and CHOICEs.
    """

    kind: Array
    then: Array
    miss: Array
    first: Array
    second: Array
    disposition: Array
    watched: Array
    targets: Array


class Tables(NamedTuple):
    """What depends on the IP version: one for each of the two.

    Senders, one row each: bound (int64, the source address it is given, or -1), own_first, own and own_last (where the blocks begin of
    which alone its groups are known, and their first and last points; none: of all). Pairs of addresses: pair_from (uint64, table times
    2^32 plus point, sorted) and pair_to. NATs: nat_first and nat (int64, the points of its addresses; -1 for one of the other version).
    redirect: int64, the new destination of each redirect, or -1.
    """

    routes: Intervals
    huge: Directory
    rules: Boxes
    unread: Boxes
    bound: Array
    own_first: Array
    own: Array
    own_last: Array
    pair_from: Array
    pair_to: Array
    nat_first: Array
    nat: Array
    redirect: Array


class Marks(NamedTuple):
    """What nodes say of senders and NATs whatever the version.

    endpoint: int32, of each sender; groups: int32, its set of groups (0 is the empty one); limited: bool, whether they are known of
    packets from `own` only. permits: bool, what a rule list does where no rule covers.
    member: bool, by set of groups and group. ports: uint16, the first and the last port of each NAT. redirect_port: uint16, the new
    port of each redirect. losses: bool, by forgetting and set of groups: whether any of these is forgotten.
    """

    endpoint: Array
    groups: Array
    limited: Array
    permits: Array
    member: Array
    ports: Array
    redirect_port: Array
    losses: Array


@dataclass(frozen=True, slots=True)
class Program:
    """A lowered graph. `endpoints`: the names behind the numbers. `tables` and `spaces`: by version. `prepared`: what evaluators
    make of it for themselves, once.
    """

    nodes: Nodes
    marks: Marks
    tables: dict[int, Tables]
    spaces: dict[int, Space]
    endpoints: tuple[str, ...]
    prepared: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)
