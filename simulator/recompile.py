"""Compiling after an edit: only what the edit can touch is emitted again, and the graph is the one that a fresh compile would make.

A watched compile notes what each emission asked of the snapshot (a noun by its id, all nouns of a type, those with one value of an
attribute, an index made of all of it) and what it said to the builder. When some nouns are replaced, the emissions that asked for one are
run again. An index that may have changed is made again, and its readers follow only where it did change.

An emission that is run again has to add as many nodes as before and to open the same doors; then nothing else in the graph can tell the
difference, and its nodes take their old places. Where it does not, or where a node leads to what nobody opened, the whole network is
compiled. `tests/test_recompile.py` compares both ways of compiling on random networks and edits, node by node.
"""

from __future__ import annotations

from collections import ChainMap, deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from simulator.aws.resource import Kind, Noun
from simulator.aws.snapshot import Snapshot
from simulator.compile import without_collector
from simulator.graph.builder import Builder
from simulator.graph.nodes import AnyNode, Deliver, Door, Entry, FlowGraph, Ref, successors

N = TypeVar("N", bound=Noun)
T = TypeVar("T")
Fact = tuple[Hashable, ...]  # what was asked: ("noun", type, id), ("all", type), ("by", type, attribute, value), ("everything",)
Key = tuple[type, str]  # a noun
EVERYTHING: Fact = ("everything",)


class _OtherGraphError(Exception):
    """The graph changes in more than the content of nodes."""


@dataclass(slots=True)
class _Asked:
    """What an emission, or the making of an index, asked for."""

    facts: set[Fact] = field(default_factory=set)
    indices: set[Hashable] = field(default_factory=set)


@dataclass(slots=True)
class _Watch:
    """Who asks now, and what indices were made of. `kept`: indices of the network before, those that cannot have changed."""

    asking: list[_Asked] = field(default_factory=lambda: [_Asked()])
    made: dict[Hashable, _Asked] = field(default_factory=dict)
    kept: Callable[[Hashable], Any] = lambda _key: None

    def note(self, fact: Fact) -> None:
        self.asking[-1].facts.add(fact)


@dataclass(frozen=True, slots=True)
class _Watched(Snapshot):
    """A snapshot that notes what it is asked. It has every way of asking that emissions use."""

    watch: _Watch = field(default_factory=_Watch, compare=False, repr=False)

    def all_of(self, kind: Kind) -> list[Any]:
        self.watch.note(("all", kind.noun))
        return Snapshot.all_of(self, kind)

    def get(self, of: type[N], noun_id: str) -> N | None:
        self.watch.note(("noun", of, noun_id))
        return Snapshot.get(self, of, noun_id)

    def all(self, of: type[N]) -> Iterator[N]:
        self.watch.note(("all", of))
        return Snapshot.all(self, of)

    def by(self, of: type[N], attribute: str) -> Mapping[str, Sequence[N]]:
        key = (of, attribute)
        if key not in self._indices:
            self._indices[key] = Snapshot.by(Snapshot(self.nouns, self.kinds, self.read_kinds), of, attribute)
        return _Grouped(self._indices[key], self.watch, of, attribute)

    def everything(self) -> Iterator[tuple[Kind, Noun]]:
        self.watch.note(EVERYTHING)
        return Snapshot.everything(self)

    def index(self, key: object, make: Callable[[], T]) -> T:
        watch, named = self.watch, ("index", key)
        watch.asking[-1].indices.add(key)
        if named not in self._indices:
            kept = watch.kept(key)
            if kept is not None:
                self._indices[named] = kept[0]
                return kept[0]  # type: ignore[no-any-return]
            # What makes the index may have been told by its caller what that one asked for.
            before = watch.asking[-1]
            watch.asking.append(_Asked(set(before.facts), before.indices - {key}))
            try:
                self._indices[named] = make()
            finally:
                watch.made[key] = watch.asking.pop()
        return self._indices[named]  # type: ignore[no-any-return]


class _Grouped(Mapping[str, Sequence[Any]]):
    """Nouns by an attribute; which value is asked for is noted."""

    def __init__(self, groups: Mapping[str, Sequence[Any]], watch: _Watch, of: type, attribute: str) -> None:
        self.groups, self.watch, self.of, self.attribute = groups, watch, of, attribute

    def __getitem__(self, value: str) -> Sequence[Any]:
        self.watch.note(("by", self.of, self.attribute, value))
        return self.groups[value]

    def __iter__(self) -> Iterator[str]:
        self.watch.note(("all", self.of))
        return iter(self.groups)

    def __len__(self) -> int:
        self.watch.note(("all", self.of))
        return len(self.groups)


@dataclass(slots=True)
class _Noting(Builder):
    """A builder that notes what it is told about doors, entries and assumptions."""

    said: list[tuple[object, ...]] = field(default_factory=list)

    def open(self, door: Door, to: Ref) -> None:
        self.said.append(("open", door, to))
        Builder.open(self, door, to)

    def offer(self, door: Door, to: Ref) -> None:
        self.said.append(("offer", door, to))
        Builder.offer(self, door, to)

    def enter(self, endpoint: str, entry: Entry) -> None:
        self.said.append(("enter", endpoint, entry))
        Builder.enter(self, endpoint, entry)

    def offer_entry(self, endpoint: str, entry: Entry) -> None:
        self.said.append(("offer entry", endpoint, entry))
        Builder.offer_entry(self, endpoint, entry)

    def assume(self, node: int, *texts: str) -> None:
        self.said.append(("assume", node, *texts))
        Builder.assume(self, node, *texts)


@dataclass(slots=True)
class _Again(Builder):
    """A builder for one emission that is run again: its nodes get the numbers they had."""

    first: int = 0
    said: list[tuple[object, ...]] = field(default_factory=list)

    def add(self, node: AnyNode) -> int:
        self.nodes.append(node)
        return self.first + len(self.nodes) - 1

    def open(self, door: Door, to: Ref) -> None:
        self.said.append(("open", door, to))

    def offer(self, door: Door, to: Ref) -> None:
        self.said.append(("offer", door, to))

    def enter(self, endpoint: str, entry: Entry) -> None:
        self.said.append(("enter", endpoint, entry))

    def offer_entry(self, endpoint: str, entry: Entry) -> None:
        self.said.append(("offer entry", endpoint, entry))

    def assume(self, node: int, *texts: str) -> None:
        self.said.append(("assume", node, *texts))

    def linked(self) -> list[AnyNode]:
        """The nodes with their successors. Raises `_OtherGraphError` where one leads to what nobody opened."""
        return [self._linked(node) for node in self.nodes]

    def _behind(self, door: Door) -> Ref:
        found = self._known_behind(door)
        if found is None:
            raise _OtherGraphError
        return found


class _Emission(NamedTuple):
    """One noun emitted by one kind: its nodes, what it said of doors, what it asked for."""

    kind: Kind
    noun: Key
    first: int
    after: int
    said: list[tuple[object, ...]]
    asked: _Asked


class Recompiled(NamedTuple):
    """A graph after an edit. nodes: the numbers of those that differ from the graph before; none: the whole graph was compiled anew."""

    graph: FlowGraph
    nodes: tuple[int, ...] | None
    emitted: int


class Compiled:
    """A compiled network that can be compiled again after edits. It never changes."""

    def __init__(self, snapshot: Snapshot) -> None:
        watched = _watched(snapshot, _Watch())
        build = _Noting()
        self.snapshot = snapshot
        self._emissions: list[_Emission] = []
        with without_collector():
            for kind in snapshot.kinds:
                for noun in snapshot.all_of(kind) if kind.emit else ():
                    self._emissions.append(_emitted(kind, noun, build, watched))
            self._written = len(build.nodes)
            self.graph = build.finish()
        self._build, self._made, self._indices = build, watched.watch.made, watched._indices
        self._by_fact: dict[Fact, list[int]] = {}
        self._by_index: dict[Hashable, list[int]] = {}
        for number, emission in enumerate(self._emissions):
            for fact in emission.asked.facts:
                self._by_fact.setdefault(fact, []).append(number)
            for key in emission.asked.indices:
                self._by_index.setdefault(key, []).append(number)
        self._made_of: dict[Fact, list[Hashable]] = {}
        self._made_by: dict[Hashable, list[Hashable]] = {}
        for key, asked in self._made.items():
            for fact in asked.facts:
                self._made_of.setdefault(fact, []).append(key)
            for other in asked.indices:
                self._made_by.setdefault(other, []).append(key)
        self._attributes: dict[type, set[str]] = {}
        for fact in (*self._by_fact, *self._made_of):
            if fact[0] == "by":
                self._attributes.setdefault(fact[1], set()).add(str(fact[2]))  # type: ignore[arg-type]  # a type stands second

    def after(self, snapshot: Snapshot, changed: Iterable[Key]) -> Recompiled | None:
        """The graph of a snapshot that differs from this one's in the nouns of these types and ids, none of which came or went.

        None where more than the content of nodes changes: then `compile_snapshot` has to do it.
        """
        with without_collector():
            try:
                return self._after(snapshot, list(changed))
            except _OtherGraphError:
                return None

    def _after(self, snapshot: Snapshot, changed: list[Key]) -> Recompiled:
        facts = set(self._facts(snapshot, changed))
        doubtful = self._doubtful(facts)
        watch = _Watch(kept=lambda key: None if key in doubtful or ("index", key) not in self._indices else (self._indices["index", key],))
        watched = _watched(snapshot, watch)
        waiting = deque(sorted({number for fact in facts for number in self._by_fact.get(fact, ())}))
        waiting.extend(self._by_index[key][0] for key in doubtful if key in self._by_index)
        done: dict[int, list[AnyNode]] = {}
        seen: set[Hashable] = set()
        while True:
            while waiting:
                number = waiting.popleft()
                if number in done:
                    continue
                done[number] = self._again(self._emissions[number], snapshot, watched)
                for key in watch.made.keys() - seen:
                    seen.add(key)
                    if key in doubtful and watched._indices["index", key] != self._indices["index", key]:
                        waiting.extend(self._by_index.get(key, ()))
            # An index that nobody asked for this time may have changed all the same: whoever did ask is run again.
            waiting.extend(number for key in doubtful - seen for number in self._by_index.get(key, ()) if number not in done)
            if not waiting:
                break
        nodes = list(self.graph.nodes)
        differing = []
        for number, found in done.items():
            for at, node in enumerate(found, self._emissions[number].first):
                if node != nodes[at]:
                    nodes[at] = node
                    differing.append(at)
        return Recompiled(FlowGraph(tuple(nodes), self.graph.entries, self.graph.assumptions), tuple(sorted(differing)), len(done))

    def _facts(self, snapshot: Snapshot, changed: list[Key]) -> Iterator[Fact]:
        """What has another answer now, or may have."""
        yield EVERYTHING
        for of, noun_id in changed:
            yield ("noun", of, noun_id)
            yield ("all", of)
            for attribute in self._attributes.get(of, ()):
                for noun in (self.snapshot.nouns[of][noun_id], snapshot.nouns[of][noun_id]):
                    yield ("by", of, attribute, getattr(noun, attribute))

    def _doubtful(self, facts: set[Fact]) -> set[Hashable]:
        """The indices that were made of such facts, or of other such indices."""
        found: set[Hashable] = set()
        waiting = [key for fact in facts for key in self._made_of.get(fact, ())]
        while waiting:
            key = waiting.pop()
            if key not in found:
                found.add(key)
                waiting += self._made_by.get(key, ())
        return found

    def _again(self, emission: _Emission, snapshot: Snapshot, watched: _Watched) -> list[AnyNode]:
        """The nodes of an emission that is run again. Raises `_OtherGraphError` where it says something else than before."""
        before = self._build
        build = _Again(
            first=emission.first,
            _opened=before._opened,
            _offered=before._offered,
            _resolved=before._resolved,
            _shared=ChainMap({}, before._shared),  # type: ignore[arg-type]  # all of a dictionary that is needed
        )
        watched.watch.asking = [_Asked()]
        of, noun_id = emission.noun
        assert emission.kind.emit
        emission.kind.emit(snapshot.nouns[of][noun_id], build, watched)
        if emission.first + len(build.nodes) != emission.after or build.said != emission.said:
            raise _OtherGraphError
        nodes = build.linked()
        if self._gaps(nodes) != self._gaps(self.graph.nodes[emission.first : emission.after]):
            raise _OtherGraphError
        return nodes

    def _gaps(self, nodes: Iterable[AnyNode]) -> list[Ref]:
        """The gaps behind doors that nobody opened, in the order in which nodes lead there."""
        ways = ((node.reply_at,) if isinstance(node, Deliver) else successors(node) for node in nodes)
        return [ref for refs in ways for ref in refs if isinstance(ref, int) and ref >= self._written]


def _watched(snapshot: Snapshot, watch: _Watch) -> _Watched:
    parts = (snapshot.nouns, snapshot.kinds, snapshot.read_kinds, snapshot.assumptions, snapshot.problems, snapshot.whole)
    return _Watched(*parts, watch=watch)


def _emitted(kind: Kind, noun: Noun, build: _Noting, watched: _Watched) -> _Emission:
    asked = _Asked({("noun", type(noun), noun.id)})
    watched.watch.asking = [asked]
    build.said = []
    first = len(build.nodes)
    assert kind.emit
    kind.emit(noun, build, watched)
    return _Emission(kind, (type(noun), noun.id), first, len(build.nodes), build.said, asked)
