"""All nouns of a network: first as a draft that readers fill, then as a snapshot that is never changed.

A draft takes nouns in any order and from any number of inputs. `finish` adds what nouns imply (each kind's `complete`), gives
addresses to interfaces that were written without one, and freezes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import Any, TypeVar

from simulator.aws.resource import Kind, Noun
from simulator.packet.prefix import Prefix
from simulator.problems import Problems, did_you_mean

N = TypeVar("N", bound=Noun)
T = TypeVar("T")


@dataclass(slots=True)
class Draft:
    """Nouns under construction.

    `whole`: the inputs say all there is, as who writes a network by hand means it; AWS answers hold what somebody asked for, and
    `read_kinds` names the kinds they speak of at all: a snapshot without any route table was not told about routes, which is not the
    same as having none.
    """

    kinds: Sequence[Kind]
    problems: Problems = field(default_factory=Problems)
    read_kinds: set[str] = field(default_factory=set)
    whole: bool = True
    assumptions: list[str] = field(default_factory=list)
    taken_addresses: set[tuple[str, tuple[int, int]]] = field(default_factory=set)
    delegated_blocks: dict[str, list[Prefix]] = field(default_factory=dict)
    next_free: dict[tuple[str, int], int] = field(default_factory=dict)
    _nouns: dict[type, dict[str, Noun]] = field(default_factory=dict)
    _shown: dict[tuple[type, str], Noun] = field(default_factory=dict)
    _changes: list[tuple[Callable[..., None], tuple[Any, ...]]] = field(default_factory=list)

    @classmethod
    def of(cls, snapshot: Snapshot) -> Draft:
        """A draft that starts with all of a snapshot, for what-if questions; its problems are not told again."""
        nouns = {of: dict(known) for of, known in snapshot.nouns.items()}
        return cls(
            snapshot.kinds, read_kinds=set(snapshot.read_kinds), whole=snapshot.whole, assumptions=list(snapshot.assumptions), _nouns=nouns
        )

    def add(self, noun: Noun) -> None:
        """Add a noun. A second one of the same kind and id is an error, unless it is equal: the same file read twice, or a shared
        resource as two accounts see it.
        """
        same = self._nouns.setdefault(type(noun), {})
        known = same.get(noun.id)
        if known is not None and known != noun:
            if _as_seen_by(known, noun) == known:
                return
            if _as_seen_by(noun, known) != noun:
                self.problems.error(f"{self.kind_of(type(noun)).name} `{noun.id}` is described twice, differently", noun.origin.place)
                return
        same[noun.id] = noun

    def add_unless_known(self, noun: Noun) -> bool:
        """Add a noun that another one's text shows, unless the input also describes it itself, earlier or later.

        False when another text shows a different noun under the same id.
        """
        return self._shown.setdefault((type(noun), noun.id), noun) == noun

    def later(self, change: Callable[..., None], *arguments: Any) -> None:
        """Change the draft when everything is read: for what one list says of a noun that another list describes."""
        self._changes.append((change, arguments))

    def replace(self, noun: Noun) -> None:
        """Put a changed noun in the place of the one with its id."""
        self._nouns.setdefault(type(noun), {})[noun.id] = noun

    def get(self, of: type[N], noun_id: str) -> N | None:
        """A noun by id."""
        return self._nouns.get(of, {}).get(noun_id)  # type: ignore[return-value]  # filed under its own type

    def all(self, of: type[N]) -> list[N]:
        """All nouns of a type, in the order they were read."""
        return list(self._nouns.get(of, {}).values())  # type: ignore[arg-type]

    def was_read(self, kind: str) -> bool:
        """Whether what is not there of this kind does not exist, rather than was not read."""
        return self.whole or kind in self.read_kinds

    def kind_of(self, noun: type) -> Kind:
        """The kind of a noun type."""
        return next(kind for kind in self.kinds if kind.noun is noun and not kind.extends)

    def kind(self, name: str) -> Kind:
        """A kind by name, for nouns that are written inside another one's text."""
        return next(kind for kind in self.kinds if kind.name == name)

    def kinds_with(self, noun_id: str, among: Iterable[str]) -> list[str]:
        """The names of the kinds, out of `among`, that have a noun of this id."""
        wanted = set(among)
        return [kind.name for kind in self.kinds if kind.name in wanted and noun_id in self._nouns.get(kind.noun, {})]

    def names(self, among: Iterable[str]) -> list[str]:
        """The ids of all nouns of these kinds, for suggestions."""
        wanted = set(among)
        return [noun_id for kind in self.kinds if kind.name in wanted for noun_id in self._nouns.get(kind.noun, {})]

    def suggestion(self, word: str, among: Iterable[str]) -> str:
        """`; did you mean ...?` over the nouns of these kinds."""
        return did_you_mean(word, self.names(among))

    def finish(self) -> Snapshot:
        """Complete, check and freeze. What is wrong is in `problems`; the caller decides when to raise."""
        for noun in self._shown.values():
            if self.get(type(noun), noun.id) is None:
                self.add(noun)
        for change, arguments in self._changes:
            change(self, *arguments)
        self._changes.clear()
        for kind in self.kinds:
            if kind.complete:
                for noun in list(self._nouns.get(kind.noun, {}).values()):
                    kind.complete(noun, self)
        snapshot = Snapshot(
            {of: dict(nouns) for of, nouns in self._nouns.items()},
            tuple(self.kinds),
            frozenset(self.read_kinds),
            tuple(self.assumptions),
            self.problems,
            self.whole,
        )
        for kind in self.kinds:
            if kind.check:
                for noun in snapshot.all_of(kind):
                    kind.check(noun, snapshot, self.problems)
        return snapshot


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that was read, by type and id. Indices are made when first asked for and kept."""

    nouns: Mapping[type, Mapping[str, Noun]]
    kinds: tuple[Kind, ...]
    read_kinds: frozenset[str]
    assumptions: tuple[str, ...] = ()
    problems: Problems = field(default_factory=Problems)
    whole: bool = True
    _indices: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    def all_of(self, kind: Kind) -> list[Any]:
        """All nouns that a kind is about."""
        return list(self.nouns.get(kind.noun, {}).values())

    def get(self, of: type[N], noun_id: str) -> N | None:
        """A noun by id."""
        return self.nouns.get(of, {}).get(noun_id)  # type: ignore[return-value]

    def all(self, of: type[N]) -> Iterator[N]:
        """All nouns of a type, in the order they were read."""
        return iter(self.nouns.get(of, {}).values())  # type: ignore[arg-type]

    def by(self, of: type[N], attribute: str) -> Mapping[str, Sequence[N]]:
        """The nouns of a type, grouped by an attribute: `by(Subnet, "vpc")["vpc-1"]`."""
        return self.index((of, attribute), lambda: _grouped(self.all(of), attribute))

    def index(self, key: object, make: Callable[[], T]) -> T:
        """A value derived from the whole snapshot, made once."""
        if key not in self._indices:
            self._indices[key] = make()
        return self._indices[key]  # type: ignore[no-any-return]

    def kind_of(self, noun: Noun) -> Kind:
        """The kind of a noun."""
        return next(kind for kind in self.kinds if kind.noun is type(noun) and not kind.extends)

    def was_read(self, kind: str) -> bool:
        """Whether what is not there of this kind does not exist, rather than was not read."""
        return self.whole or kind in self.read_kinds

    def everything(self) -> Iterator[tuple[Kind, Noun]]:
        """Every noun with its kind, in the order of the registry."""
        for kind in self.kinds:
            if not kind.extends:
                for noun in self.nouns.get(kind.noun, {}).values():
                    yield kind, noun


def _as_seen_by(owner: Noun, other: Noun) -> Noun:
    """Another account's view of a shared resource with the names of the first one: tags are not shared, and zones are named anew for
    each account (MISC-1, MISC-2). The first account has to have a name for it.
    """
    keys = [key for key in ("name", "zone_name") if getattr(owner, key, "")]
    return replace(other, **{key: getattr(owner, key) for key in keys})  # type: ignore[type-var]


class _Grouped(dict[str, list[Any]]):
    def __missing__(self, key: str) -> list[Any]:
        return []


def _grouped(nouns: Iterable[Any], attribute: str) -> Mapping[str, Sequence[Any]]:
    groups = _Grouped()
    get = attrgetter(attribute)
    for noun in nouns:
        groups.setdefault(get(noun), []).append(noun)
    return groups
