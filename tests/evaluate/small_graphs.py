"""Random flow graphs small enough to try every header and every choice: a forward pipeline, a reply pipeline, side exits and loops.

Each stage leads to the next, mostly; that keeps legs long enough to meet NATs in chain and tables that both legs share. The reply
pipeline often undoes what the forward one did, or nothing would ever be answered.

Everything is drawn from a `random.Random`: a seeded one is fast, the one of hypothesis's `randoms()` shrinks. What came later than the
seeds that are kept (`varied`) is drawn by the graph itself, so that they go on meaning the same graphs otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from random import Random

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
    How,
    Lookup,
    Masquerade,
    Place,
    PrefixTable,
    Redirect,
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
from tests.evaluate.across_versions import across_versions

ADDRESSES = range(8)
NAT_ADDRESSES = (4, 5, 6)
PORTS = range(6)
TYPES = {4: (0, 3, 8, 13, 14), 6: (1, 3, 128, 129)}
PROTOCOLS = {4: 1, 6: 58}
GROUPS = ("sg-a", "sg-b")
TABLES = ("table 1", "table 2")
NAT_TABLES = ("nat 1", "nat 2", "table 1")
HEADERS = 48  # a question holds at most so many
STAGES = (
    *("filter",) * 5, "lookup", "session", "choice", "translate", "masquerade", "masquerade", "restore", "forget", "send",
)  # fmt: skip
REPLY_STAGES = (*("filter",) * 3, "lookup", "session", "choice", "forget")


@dataclass
class Pipelines:
    """A graph under construction: `forward` stages, then `back` stages, then the ends."""

    random: Random
    version: int
    forward: int
    back: int

    @property
    def reads_source_ports(self) -> bool:
        """Whether conditions name source ports, as few resources do; not drawn, so that seeds keep their graphs."""
        return self.forward in (2, 6)

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def some(self, values: Sequence[int], most: int) -> list[int]:
        return self.random.sample(values, self.random.randint(0, most))

    # --- ways on ---

    def end(self, name: str) -> int:
        names = ("server", "client", "other", "mute server", "refused", "unread")
        return self.forward + self.back + names.index(name)

    def onward(self, index: int) -> int:
        """Where a stage leads: to the next, mostly; the last one of each leg to its goal."""
        within = range(self.forward) if index < self.forward else range(self.forward, self.forward + self.back)
        goal = self.end("server" if index < self.forward else "client")
        dice = self.random.randrange(100)
        if dice < 2:
            return self.random.choice(within)  # perhaps a loop
        if dice < 8:
            return self.random.choice([*range(index + 1, within.stop), goal])
        return index + 1 if index + 1 in within else goal

    def aside(self, index: int) -> int:
        """Where a miss leads: often on as well, so that what follows meets packets with different pasts."""
        return self.onward(index) if self.chance(75) else self.end(self.random.choice(("other", "mute server", "refused", "unread")))

    # --- conditions ---

    def prefix(self) -> Prefix:
        dice, version = self.random.randrange(20), self.version
        if dice == 0:
            return Prefix(10 - version, 0, 0)
        if dice == 1:
            return Prefix(version, 0, 0)
        free = self.random.randrange(4)
        return Prefix(version, self.random.choice(ADDRESSES) >> free << free, BITS[version] - free)

    def blocks(self) -> tuple[Prefix, ...] | None:
        return tuple(self.prefix() for _ in range(self.random.choice((0, 1, 1, 2, 2)))) if self.chance(50) else None

    def match(self) -> Match:
        """Conditions of every shape that resources emit: ports and types only together with their protocol."""
        random = self.random
        match = Match(sources=self.blocks(), destinations=self.blocks())
        kind = random.choice(("any", "any", "ports", "ports", "bare", "type", "version"))
        if kind == "ports":
            first, last = sorted(random.choices(PORTS, k=2))
            match = replace(match, protocol=random.choice((6, 17)), destination_ports=(first, last))
            if self.reads_source_ports and last - first > 1:
                match = replace(match, source_ports=(first, last - 1), destination_ports=None)
        elif kind == "bare":
            match = replace(match, protocol=random.choice((1, 6, 6, 17, 50, 58)))
        elif kind == "type":
            code = random.choice((None, 0, 1))
            protocol = PROTOCOLS[self.version]
            match = replace(match, protocol=protocol, icmp_type=random.choice(TYPES[self.version]), icmp_code=code)
        elif kind == "version":
            match = replace(match, version=random.choice((4, 6)))
        if self.chance(25):
            match = replace(match, sender_group=random.choice(GROUPS))
        if self.chance(12):
            match = replace(match, by_reference=self.chance(50))
        return match

    # --- stages ---

    def stage(self, kind: str, index: int) -> AnyNode:
        made = getattr(self, kind)(index)
        assert isinstance(made, AnyNode)
        return made

    def place(self, index: int) -> Place:
        return Place(f"place-{index}", "test")

    def filter(self, index: int) -> Filter:
        """A list that permits and denies, as ACLs do, or one that only permits, as security groups do."""
        here = f"node {index}"
        denies = self.chance(60)
        rules = tuple(
            Rule(self.match(), not denies or self.chance(60), Origin(here, f"rule {n}"), self.chance(30))
            for n in range(self.random.randrange(5))
        )
        unread = tuple(Rule(self.match(), True, Origin(here, f"unread {n}")) for n in range(self.random.choice((0, 0, 0, 1, 2))))
        table = RuleList(rules, Origin(here, "default"), self.chance(85 if denies else 40), unread)
        remembers = self.random.choice(("", *TABLES))
        then = self.onward(index)
        return Filter(place=self.place(index), what="filter", rules=table, then=then, code="SG_HAS_NO_RULES", remembers=remembers)

    def lookup(self, index: int) -> Lookup:
        found = dict.fromkeys(self.prefix() for _ in range(self.random.randint(0, 4)))
        targets = (self.onward(index), self.aside(index))
        routes = tuple(Route(prefix, self.random.choice((0, 0, 1)), Origin(f"node {index}", str(prefix))) for prefix in found)
        return Lookup(place=self.place(index), what="lookup", table=PrefixTable(routes), targets=targets, miss=self.aside(index))

    def session(self, index: int) -> SessionMatch:
        return self.state(index, self.random.choice(TABLES))

    def state(self, index: int, table: str) -> SessionMatch:
        return SessionMatch(place=self.place(index), what="state", table=table, then=self.onward(index), miss=self.aside(index))

    def choice(self, index: int) -> Choice:
        count = self.random.randint(1, 3)
        options = tuple((f"option {n}", self.aside(index) if n else self.onward(index)) for n in range(count))
        return Choice(place=self.place(index), what="choice", options=options)

    def send(self, index: int) -> Rewrite:
        groups = frozenset(self.random.sample(GROUPS, self.random.randrange(3)))
        addresses = (self.address(),) if self.chance(25) else ()
        endpoint = "client" if index < self.forward else "server"
        return self.rewrite(index, Send(endpoint, groups, self.random.choice(("", "zone")), addresses))

    def forget(self, index: int) -> Rewrite:
        return self.rewrite(index, Forget(frozenset(self.random.sample(GROUPS, 1)) if self.chance(30) else None))

    def address(self) -> tuple[int, int]:
        return self.version, self.random.choice(ADDRESSES)

    def translate(self, index: int) -> Rewrite:
        keys = [(self.version, value) for value in self.some(ADDRESSES, 5)]
        return self.translation(index, self.random.choice(("source", "destination")), {key: self.address() for key in keys})

    def translation(self, index: int, field: str, addresses: dict[tuple[int, int], tuple[int, int]]) -> Rewrite:
        origins = {key: Origin(f"node {index}", f"address {key[1]}") for key in addresses}
        return self.rewrite(index, Translate(field, addresses, origins), self.aside(index))

    def masquerade(self, index: int) -> Rewrite:
        values = self.random.sample(NAT_ADDRESSES, self.random.choice((1, 1, 2)))
        first = self.random.randrange(3)
        ports = (first, first + self.random.choice((0, 2, 2)))
        how = Masquerade(tuple((self.version, value) for value in values), ports, self.random.choice(NAT_TABLES))
        return self.rewrite(index, how)

    def restore(self, index: int) -> Rewrite:
        return self.restoration(index, self.random.choice(NAT_TABLES))

    def restoration(self, index: int, table: str) -> Rewrite:
        return self.rewrite(index, Restore(table), self.aside(index))

    def rewrite(self, index: int, how: How, miss: int = -1) -> Rewrite:
        return Rewrite(place=self.place(index), what="rewrite", how=how, then=self.onward(index), miss=miss)

    def variation(self, index: int, node: AnyNode) -> AnyNode:
        match node:
            case Filter(rules=rules) if self.chance(30):
                if rules.rules and self.chance(30):
                    first, *rest = rules.rules
                    first = first._replace(match=replace(first.match, reply=self.chance(50)))
                    return node._replace(rules=rules._replace(rules=(first, *rest)))
                return node._replace(rules=rules._replace(unread=()), otherwise=self.aside(index))
            case Rewrite(how=Masquerade(table=table)) if self.chance(40):
                return node._replace(how=Redirect(self.address(), self.random.choice(PORTS), table))
            case _:
                return node

    def undo(self, index: int, done: AnyNode) -> AnyNode:
        """The stage of the reply that belongs to one of the forward leg."""
        match done:
            case Rewrite(how=Masquerade(table=table)):
                return self.restoration(index, table)
            case Rewrite(how=Translate(field=field, addresses=addresses)):
                back = {new: old for old, new in addresses.items()}
                return self.translation(index, "destination" if field == "source" else "source", back)
            case Filter(remembers=table) if table:
                return self.state(index, table)
            case _:
                return self.stage(self.random.choice(REPLY_STAGES), index)


def varied(plan: Pipelines, nodes: list[AnyNode]) -> list[AnyNode]:
    """Some filters part the traffic or read the mark of replies, some masquerades become redirections; their restoration stays."""
    # Not of the marks: what a set prints is another order in every process.
    more = replace(plan, random=Random(repr([node._replace(how=type(node.how)) if isinstance(node, Rewrite) else node for node in nodes])))
    return [more.variation(index, node) for index, node in enumerate(nodes)]


def random_graph(random: Random, version: int = 4) -> FlowGraph:
    """A graph to be entered at node 0."""
    plan = Pipelines(random, version, random.randint(2, 8), random.randint(1, 7))
    forward = [plan.stage("send" if not n and plan.chance(90) else random.choice(STAGES), n) for n in range(plan.forward)]
    done = [node for node in reversed(forward) if isinstance(node, (Rewrite, Filter)) and not isinstance(node, Send)]
    back: list[AnyNode] = []
    for index in range(plan.forward, plan.forward + plan.back):
        undone = done and plan.chance(75)
        back.append(plan.undo(index, done.pop(0)) if undone else plan.stage(random.choice(REPLY_STAGES), index))
    forward, back = varied(plan, forward), varied(plan, [*forward, *back])[plan.forward :]
    if version == 6:
        forward, back = across_versions(forward, back, plan.aside)
    end = Place("end", "test")
    ends: tuple[AnyNode, ...] = (
        Deliver(place=end, what="server", endpoint="server", reply_at=plan.forward),
        Deliver(place=end, what="client", endpoint="client"),
        Deliver(place=end, what="other", endpoint="other", reply_at=plan.forward),
        Deliver(place=end, what="mute server", endpoint="server"),
        Drop(place=end, what="refused", code="NO_ROUTE_TO_DESTINATION", origin=Origin("end")),
        Drop(place=end, what="unread", code="UNKNOWN_RESOURCE", gap=True),
    )
    return FlowGraph(tuple(chain(forward, back, ends)), {"client": Entry(0, (), (0, 5))}, {})


def random_question(random: Random, version: int = 4) -> Question:
    """A question with at most `HEADERS` headers: TCP and UDP, or ICMP, or protocols with neither ports nor types."""
    zero = Ranges.point(0)
    family = random.choice(("ports", "ports", "ports", "types", "types", "bare"))
    fields: dict[str, Sequence[int]] = {"source": ADDRESSES, "destination": ADDRESSES}
    if family == "ports":
        fields |= {"protocol": (6, 17), "source_port": PORTS, "destination_port": PORTS}
    elif family == "types":
        fields |= {"protocol": (PROTOCOLS[version],), "icmp_type": TYPES[version], "icmp_code": (0, 1)}
    else:
        fields |= {"protocol": (47, 50, 132)}
    ranges = dict.fromkeys(("source", "destination", "protocol", "source_port", "destination_port", "icmp_type", "icmp_code"), zero)
    budget = HEADERS
    for name in random.sample(sorted(fields), len(fields)):
        values = fields[name]
        count = min(random.randint(1, 4), len(values), budget)
        budget //= count
        ranges[name] = Ranges.of(*((value, value) for value in random.sample(values, count)))
    expected = random.choice((("server",), ("server",), ("server", "other"), ("other",)))
    return Question(0, Box(version, ranges), frozenset(expected), one_way=random.randrange(8) == 0)
