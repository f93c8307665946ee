"""Random flow graphs small enough to try every header and every choice: a forward pipeline, a reply pipeline, side exits and loops.

Each stage leads to the next, mostly; that keeps legs long enough to meet NATs in chain and tables that both legs share. The reply
pipeline often undoes what the forward one did, or nothing would ever be answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from simulator.evaluate.exact import Question
from simulator.graph.nodes import (
    AnyNode,
    Choice,
    Deliver,
    Drop,
    Entry,
    Filter,
    FlowGraph,
    Forget,
    Lookup,
    Masquerade,
    Place,
    PrefixTable,
    Restore,
    Rewrite,
    Route,
    Rule,
    RuleList,
    Send,
    SessionMatch,
    Translate,
)
from simulator.origin import Origin
from simulator.packet.prefix import BITS, Prefix
from simulator.packet.ranges import Ranges
from simulator.packet.space import Box, Match

ADDRESSES = range(8)
NAT_ADDRESSES = (4, 5, 6)
PORTS = range(6)
TYPES = (0, 3, 8, 13, 14)
GROUPS = ("sg-a", "sg-b")
TABLES = ("table 1", "table 2")
HEADERS = 48  # at most so many in a question

Draw = st.DrawFn


def prefixes(version: int = 4) -> st.SearchStrategy[Prefix]:
    """Blocks among the eight addresses, all addresses of the version, and now and then a block of the other version."""

    def block(value: int, free: int) -> Prefix:
        return Prefix(version, value >> free << free, BITS[version] - free)

    mine = st.builds(block, st.sampled_from(ADDRESSES), st.integers(0, 3))
    return st.one_of(mine, mine, mine, st.just(Prefix(version, 0, 0)), st.just(Prefix(10 - version, 0, 0)))


@st.composite
def matches(draw: Draw, version: int = 4) -> Match:
    """Conditions of every shape that resources emit: ports and types only together with their protocol."""
    blocks = st.none() | st.lists(prefixes(version), max_size=2).map(tuple)
    match = Match(sources=draw(blocks), destinations=draw(blocks))
    kind = draw(st.sampled_from(("any", "any", "ports", "ports", "bare", "type", "version")))
    if kind == "ports":
        first, last = sorted((draw(st.sampled_from(PORTS)), draw(st.sampled_from(PORTS))))
        match = replace(match, protocol=draw(st.sampled_from((6, 17))), destination_ports=(first, last))
    elif kind == "bare":
        match = replace(match, protocol=draw(st.sampled_from((1, 6, 47, 50, 58))))
    elif kind == "type":
        code = draw(st.none() | st.integers(0, 1))
        match = replace(match, protocol=1 if version == 4 else 58, icmp_type=draw(st.sampled_from(TYPES)), icmp_code=code)
    elif kind == "version":
        match = replace(match, version=draw(st.sampled_from((4, 4, 6))))
    if draw(st.integers(0, 4)) == 0:
        match = replace(match, sender_group=draw(st.sampled_from(GROUPS)))
    if draw(st.integers(0, 7)) == 0:
        match = replace(match, by_reference=draw(st.booleans()))
    return match


@dataclass
class Pipelines:
    """Indices of a graph under construction: `forward` stages, then `back` stages, then the ends."""

    draw: Draw
    version: int
    forward: int
    back: int

    @property
    def ends(self) -> dict[str, int]:
        names = ("server", "client", "other", "mute server", "refused", "unread")
        return {name: self.forward + self.back + index for index, name in enumerate(names)}

    def onward(self, index: int) -> int:
        """Where a stage leads: to the next, mostly; the last one of each leg to its goal."""
        within = range(self.forward) if index < self.forward else range(self.forward, self.forward + self.back)
        goal = self.ends["server" if index < self.forward else "client"]
        following = index + 1 if index + 1 in within else goal
        dice = self.draw(st.integers(0, 19))
        if dice == 0:
            return self.draw(st.sampled_from(within))  # perhaps a loop
        if dice == 1:
            return self.draw(st.sampled_from([*range(index + 1, within.stop), goal]))
        return following

    def aside(self, index: int) -> int:
        """Where a miss leads."""
        if self.draw(st.integers(0, 9)) < 7:
            return self.onward(index)
        return self.draw(st.sampled_from(sorted(self.ends.values())))

    def place(self, index: int) -> Place:
        return Place(f"place-{index}", "test")

    def address(self) -> tuple[int, int]:
        return self.version, self.draw(st.sampled_from(ADDRESSES))

    # --- stages ---

    def filter(self, index: int) -> Filter:
        draw = self.draw
        count = draw(st.integers(0, 3))
        rules = tuple(
            Rule(draw(matches(self.version)), draw(st.integers(0, 3)) > 0, Origin(f"node {index}", f"rule {n}"), draw(st.booleans()))
            for n in range(count)
        )
        unread = (Origin(f"node {index}", "unread"),) if draw(st.integers(0, 5)) == 0 else ()
        table = RuleList(rules, Origin(f"node {index}", "default"), draw(st.integers(0, 3)) > 0, unread)
        remembers = draw(st.sampled_from(("", *TABLES)))
        return Filter(
            place=self.place(index), what="filter", rules=table, then=self.onward(index), code="SG_HAS_NO_RULES", remembers=remembers
        )

    def lookup(self, index: int) -> Lookup:
        draw = self.draw
        found = draw(st.lists(prefixes(self.version), max_size=3, unique=True))
        targets = tuple(self.aside(index) if n else self.onward(index) for n in range(2))
        routes = tuple(Route(prefix, draw(st.integers(0, 1)), Origin(f"node {index}", str(prefix))) for prefix in found)
        return Lookup(place=self.place(index), what="lookup", table=PrefixTable(routes), targets=targets, miss=self.aside(index))

    def session(self, index: int) -> SessionMatch:
        table = self.draw(st.sampled_from(TABLES))
        return SessionMatch(place=self.place(index), what="session", table=table, then=self.onward(index), miss=self.aside(index))

    def choice(self, index: int) -> Choice:
        count = self.draw(st.integers(1, 3))
        options = tuple((f"option {n}", self.aside(index) if n else self.onward(index)) for n in range(count))
        return Choice(place=self.place(index), what="choice", options=options)

    def send(self, index: int) -> Rewrite:
        draw = self.draw
        groups = frozenset(draw(st.lists(st.sampled_from(GROUPS), max_size=2)))
        addresses = (self.address(),) if draw(st.integers(0, 3)) == 0 else ()
        endpoint = "client" if index < self.forward else "server"
        return self._rewrite(index, Send(endpoint, groups, draw(st.sampled_from(("", "zone"))), addresses))

    def forget(self, index: int) -> Rewrite:
        return self._rewrite(index, Forget())

    def translate(self, index: int) -> Rewrite:
        keys = [(self.version, value) for value in self.draw(st.lists(st.sampled_from(ADDRESSES), max_size=4, unique=True))]
        return self.translation(index, self.draw(st.sampled_from(("source", "destination"))), {key: self.address() for key in keys})

    def translation(self, index: int, field: str, addresses: dict[tuple[int, int], tuple[int, int]]) -> Rewrite:
        origins = {key: Origin(f"node {index}", f"address {key[1]}") for key in addresses}
        return self._rewrite(index, Translate(field, addresses, origins), self.aside(index))

    def masquerade(self, index: int) -> Rewrite:
        draw = self.draw
        values = draw(st.lists(st.sampled_from(NAT_ADDRESSES), min_size=1, max_size=2, unique=True))
        first = draw(st.sampled_from((0, 1, 2)))
        ports = (first, first + draw(st.sampled_from((0, 2, 2))))
        return self._rewrite(index, Masquerade(tuple((self.version, value) for value in values), ports, self.table()))

    def restore(self, index: int) -> Rewrite:
        return self.restoration(index, self.table())

    def restoration(self, index: int, table: str) -> Rewrite:
        return self._rewrite(index, Restore(table), self.aside(index))

    def table(self) -> str:
        return self.draw(st.sampled_from((*TABLES, "nat 1", "nat 2")))

    def _rewrite(self, index: int, how: object, miss: int = -1) -> Rewrite:
        return Rewrite(place=self.place(index), what="rewrite", how=how, then=self.onward(index), miss=miss)

    def undo(self, index: int, done: AnyNode) -> AnyNode:
        """The stage of the reply that belongs to one of the forward leg."""
        match done:
            case Rewrite(how=Masquerade(table=table)):
                return self.restoration(index, table)
            case Rewrite(how=Translate(field=field, addresses=addresses)):
                back = {new: old for old, new in addresses.items()}
                return self.translation(index, "destination" if field == "source" else "source", back)
            case Filter(remembers=table) if table:
                return replace(self.session(index), table=table)
            case _:
                return self.any_stage(index)

    def any_stage(self, index: int) -> AnyNode:
        make = self.draw(st.sampled_from(STAGES))
        return getattr(self, make)(index)


STAGES = ("filter", "filter", "filter", "lookup", "session", "choice", "translate", "masquerade", "restore", "forget", "send")
REPLY_STAGES = ("filter", "lookup", "session", "forget")


@st.composite
def graphs(draw: Draw, version: int = 4) -> FlowGraph:
    """A graph to be entered at node 0."""
    plan = Pipelines(draw, version, draw(st.integers(1, 7)), draw(st.integers(1, 6)))
    nodes: list[AnyNode] = []
    for index in range(plan.forward):
        first = index == 0 and draw(st.integers(0, 9)) > 0
        nodes.append(plan.send(index) if first else plan.any_stage(index))
    done = [node for node in reversed(nodes) if isinstance(node, (Rewrite, Filter))]
    for index in range(plan.forward, plan.forward + plan.back):
        if done and draw(st.integers(0, 3)) > 0:
            nodes.append(plan.undo(index, done.pop(0)))
        else:
            nodes.append(getattr(plan, draw(st.sampled_from(REPLY_STAGES)))(index))
    end = Place("end", "test")
    origin = Origin("end")
    nodes += [
        Deliver(place=end, what="server", endpoint="server", reply_at=plan.forward),
        Deliver(place=end, what="client", endpoint="client"),
        Deliver(place=end, what="other", endpoint="other", reply_at=plan.forward),
        Deliver(place=end, what="mute server", endpoint="server"),
        Drop(place=end, what="refused", code="NO_ROUTE_TO_DESTINATION", origin=origin),
        Drop(place=end, what="unread", code="UNKNOWN_RESOURCE", gap=True),
    ]
    return FlowGraph(tuple(nodes), {"client": Entry(0, (), (0, 5))}, {})


@st.composite
def questions(draw: Draw, version: int = 4) -> Question:
    """Questions with at most `HEADERS` headers: TCP and UDP, or ICMP, or protocols with neither ports nor types."""
    budget = HEADERS

    def some(values: Sequence[int], most: int = 4) -> Ranges:
        nonlocal budget
        count = min(draw(st.integers(1, most)), budget)
        chosen = draw(st.lists(st.sampled_from(values), min_size=1, max_size=count, unique=True))
        budget //= len(chosen)
        return Ranges.of(*((value, value) for value in chosen))

    zero = Ranges.point(0)
    family = draw(st.sampled_from(("ports", "ports", "ports", "types", "bare")))
    fields = {"source": (ADDRESSES, 4), "destination": (ADDRESSES, 4)}
    if family == "ports":
        fields |= {"protocol": ((6, 17), 2), "source_port": (PORTS, 4), "destination_port": (PORTS, 4)}
    elif family == "types":
        fields |= {"protocol": ((1 if version == 4 else 58,), 1), "icmp_type": ((*TYPES, 128, 129), 4), "icmp_code": ((0, 1), 2)}
    else:
        fields |= {"protocol": ((47, 50, 132), 3)}
    ranges = dict.fromkeys(("source", "destination", "protocol", "source_port", "destination_port", "icmp_type", "icmp_code"), zero)
    for name in draw(st.permutations(sorted(fields))):
        ranges[name] = some(*fields[name])
    expected = draw(st.sampled_from((("server",), ("server",), ("server", "other"), ("other",))))
    return Question(0, Box(version, ranges), frozenset(expected), one_way=draw(st.integers(0, 7)) == 0)
