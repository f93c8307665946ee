"""The flow graph as arrays: what every evaluator of many flows runs on.

One row for each node, successors as row numbers, and beside them the tables of each IP version. Nothing here knows objects: a program
is arrays and lists of names, so that it can be written to a file and mapped by many processes (`storage.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from simulator.evaluate.batch.arrays import Array
from simulator.evaluate.batch.boxes import Boxes
from simulator.evaluate.batch.intervals import Intervals
from simulator.evaluate.batch.space import Space

LOOKUP, FILTER, SESSION, CHOICE, SEND, TRANSLATE, MASQUERADE, RESTORE, FORGET, DELIVER, DROP, STRANGE = range(12)
NOBODY = -1  # no such endpoint
NO_TABLE = -1


class Nodes(NamedTuple):
    """One row for each node.

    kind: uint8, of the constants above; STRANGE is what this evaluator does not know and leaves to the walker. then, miss: int32, the
    next row, or -1. A Deliver's `then` is where the answer enters. first, second: int32, by kind:

    | kind       | first                          | second                              |
    | ---------- | ------------------------------ | ----------------------------------- |
    | LOOKUP     | prefix table                   | where its targets begin, by route   |
    | FILTER     | rule list                      | session table it writes, or -1      |
    | SESSION    | session table                  |                                     |
    | CHOICE     | number of options              | where its targets begin             |
    | SEND       | row of the tables of senders   |                                     |
    | TRANSLATE  | table of pairs of addresses    | 0: the source, 1: the destination   |
    | MASQUERADE | row of the tables of NATs      | session table it writes             |
    | RESTORE    | session table                  |                                     |
    | DELIVER    | endpoint                       |                                     |

    disposition: uint8, how a leg ends that a FILTER denies or a DROP stops (`DISPOSITIONS`). head: bool, whether cycles close here
    (`cycles.py`). targets: int32, of all LOOKUPs and CHOICEs.
    """

    kind: Array
    then: Array
    miss: Array
    first: Array
    second: Array
    disposition: Array
    head: Array
    targets: Array


class Tables(NamedTuple):
    """What depends on the IP version: one for each of the two.

    Senders, one row each: bound (int64, the source address it is given, or -1), own_first and own (where the addresses begin of which
    alone its groups are known; none: of all). Pairs of addresses: pair_from (uint64, table times 2^32 plus point, sorted) and pair_to.
    NATs: nat_first and nat (int64, the points of its addresses; -1 for one of the other version).
    """

    routes: Intervals
    rules: Boxes
    unread: Boxes
    bound: Array
    own_first: Array
    own: Array
    pair_from: Array
    pair_to: Array
    nat_first: Array
    nat: Array


class Marks(NamedTuple):
    """What nodes say of senders and NATs whatever the version.

    endpoint: int32, of each sender; groups: int32, its set of groups (0 is the empty one); limited: bool, whether they are known of
    packets from `own` only. permits: bool, what a rule list does where no rule covers.
    member: bool, by set of groups and group. ports: uint16, the first and the last port of each NAT.
    """

    endpoint: Array
    groups: Array
    limited: Array
    permits: Array
    member: Array
    ports: Array


@dataclass(frozen=True, slots=True)
class Program:
    """A lowered graph. `endpoints`: the names behind the numbers. `tables` and `spaces`: by version."""

    nodes: Nodes
    marks: Marks
    tables: dict[int, Tables]
    spaces: dict[int, Space]
    endpoints: tuple[str, ...]
