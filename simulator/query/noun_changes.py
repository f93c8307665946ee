"""Which resources of two networks differ, and in what: by id, and those under new ids by their names or by all that is said of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from simulator.aws.resource import Kind, Noun
from simulator.aws.snapshot import Snapshot
from simulator.origin import Origin
from simulator.query.changes import NounChange

PERMITS = {True: "allow", False: "deny"}


def noun_changes(before: Snapshot, after: Snapshot) -> tuple[NounChange, ...]:
    """Every resource that is in one network only, or not the same in both; where it is written does not count."""
    kinds = {kind.noun: kind for kind in (*before.kinds, *after.kinds) if not kind.extends}
    found: list[NounChange] = []
    for kind in kinds.values():
        found.extend(_of_kind(kind, before.nouns.get(kind.noun, {}), after.nouns.get(kind.noun, {})))
    return tuple(found)


def _of_kind(kind: Kind, before: Mapping[str, Noun], after: Mapping[str, Noun]) -> Iterator[NounChange]:
    gone = {name: before[name] for name in before if name not in after}
    new = {name: after[name] for name in after if name not in before}
    for name, other in _renamed(gone, new):
        yield NounChange(
            kind.name, name, other, (f"is called {other}", *_words(gone.pop(name), new[other])), _origins(before[name], new.pop(other))
        )
    for name, noun in gone.items():
        yield NounChange(kind.name, name, "", ("is gone",), (noun.origin,))
    for name, noun in new.items():
        yield NounChange(kind.name, "", name, ("is new",), (noun.origin,))
    for name in before.keys() & after.keys():
        if before[name] != after[name] and (words := _words(before[name], after[name])):
            yield NounChange(kind.name, name, name, words, _origins(before[name], after[name]))


def _renamed(gone: Mapping[str, Noun], new: Mapping[str, Noun]) -> list[tuple[str, str]]:
    """Resources under another id: the only one of a name tag, or else the only one of which the same is said."""
    found: list[tuple[str, str]] = []
    keys: tuple[Callable[[Noun], Any], ...] = (lambda noun: getattr(noun, "name", ""), lambda noun: plainly(noun, skip=("id",)))
    for key in keys:
        taken = {name for pair in found for name in pair}
        left, right = (_only({name: key(noun) for name, noun in some.items() if name not in taken}) for some in (gone, new))
        found.extend((left[value], right[value]) for value in left.keys() & right.keys() if value)
    return sorted(found)


def _only(keys: Mapping[str, Any]) -> dict[Any, str]:
    counted: dict[Any, list[str]] = {}
    for name, key in keys.items():
        counted.setdefault(key, []).append(name)
    return {key: names[0] for key, names in counted.items() if len(names) == 1}


def plainly(value: Any, skip: tuple[str, ...] = ()) -> Any:
    """A value without where it is written: equal for what says the same. `skip`: fields of the outermost left out."""
    if isinstance(value, Origin):
        return None
    if is_dataclass(value) and not isinstance(value, type):
        return type(value), tuple(plainly(getattr(value, each.name)) for each in fields(value) if each.compare and each.name not in skip)
    if isinstance(value, tuple | list):
        return type(value), tuple(plainly(each) for each in value)
    if isinstance(value, Mapping):
        return frozenset((plainly(key), plainly(each)) for key, each in value.items())
    if isinstance(value, set | frozenset):
        return frozenset(plainly(each) for each in value)
    return value


def _differing(one: Noun, other: Noun) -> Iterator[tuple[str, Any, Any]]:
    for each in fields(one):  # type: ignore[arg-type]
        was, now = getattr(one, each.name), getattr(other, each.name)
        if each.name not in ("id", "origin") and plainly(was) != plainly(now):
            yield each.name, was, now


def _parts(was: Any, now: Any) -> tuple[list[Any], list[Any]]:
    """What of a list went and what came."""
    olds, news = ({plainly(each): each for each in some} for some in (was, now))
    return [olds[key] for key in olds if key not in news], [news[key] for key in news if key not in olds]


def _words(one: Noun, other: Noun) -> tuple[str, ...]:
    found: list[str] = []
    for name, was, now in _differing(one, other):
        if isinstance(was, tuple) and isinstance(now, tuple) and not hasattr(was, "_fields"):
            went, came = _parts(was, now)
            found.extend(f"{_part(name, each)} is gone" for each in went)
            found.extend(f"{_part(name, each)} is new" for each in came)
            if not (went or came):
                found.append(f"the order of its {name} is another")
        else:
            found.append(f"{name} was {_value(was)}, is {_value(now)}")
    return tuple(found)


def _part(name: str, value: Any) -> str:
    origin = getattr(value, "origin", None)
    text = _value(value)
    return f"{origin.part}{f' ({text})' if text else ''}" if isinstance(origin, Origin) and origin.part else f"{name} {text}"


def _value(value: Any) -> str:
    """A value in few words; empty for what has no words of its own."""
    if value is None or value in ("", (), frozenset()):
        return "none"
    if isinstance(value, tuple) and not hasattr(value, "_fields"):
        return ", ".join(map(_value, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if is_dataclass(value) and "__str__" not in type(value).__dict__:
        said = ((each.name, getattr(value, each.name)) for each in fields(value) if each.name != "origin")
        return " ".join(PERMITS[one] if name == "permit" else _value(one) for name, one in said if one not in (None, "", (), frozenset()))
    return str(value)


def _origins(one: Noun, other: Noun) -> tuple[Origin, ...]:
    found: dict[Origin, None] = {}
    for _, was, now in _differing(one, other):
        if isinstance(was, tuple) and isinstance(now, tuple):
            for each in (part for parts in _parts(was, now) for part in parts):
                if isinstance(origin := getattr(each, "origin", None), Origin):
                    found[origin] = None
    return tuple(found) or (one.origin, other.origin)
