"""What an edit does to a network: the snapshot with some nouns replaced, added or left out; and what is wrong with an edit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from simulator.aws.resource import Noun
from simulator.aws.snapshot import Draft, Snapshot
from simulator.problems import InputError, Problem, Problems, Severity
from simulator.query.edit_effects import (
    RefusedError,
    associated,
    checked,
    group_after,
    member_after,
    released,
    with_entry,
    with_route,
    without_entry,
    without_route,
)
from simulator.query.edit_removal import removed
from simulator.query.edits import (
    Allow,
    Associate,
    Check,
    Clear,
    Close,
    Deny,
    Edit,
    Join,
    Leave,
    Open,
    Put,
    Release,
    Remove,
    SetRoute,
    Unroute,
    parse_edit,
)


@dataclass(frozen=True, slots=True)
class Edited:
    """The network after some edits. nouns: what was replaced, as it is now; `whole`: nothing was added or left out, so that only these
    differ. problems: what the checks of the changed nouns say now and did not say before; settled: the other way round.
    """

    snapshot: Snapshot
    nouns: tuple[Noun, ...]
    whole: bool
    problems: tuple[Problem, ...]
    settled: tuple[Problem, ...]


def edited(snapshot: Snapshot, edits: Iterable[Edit | str]) -> Edited:
    """The network after some edits, each made to what those before it left. Raises `InputError` with all that is wrong with any."""
    problems: list[Problem] = []
    now, nouns, whole = snapshot, dict[tuple[type, str], Noun](), True
    for edit in edits:
        try:
            one = parse_edit(edit) if isinstance(edit, str) else edit
            put = made(now, one)
        except InputError as error:
            problems += error.problems
            continue
        whole &= not put.gone and all(now.get(type(noun), noun.id) for noun in put.nouns)
        now = changed(now, put)
        nouns.update({(type(noun), noun.id): noun for noun in put.nouns})
    if problems:
        raise InputError(problems)
    before, after = _checked(snapshot, now, list(nouns) if whole else None)
    new = tuple(problem for problem in after if problem not in before)
    errors = [problem for problem in new if problem.severity is Severity.ERROR]
    if errors:
        raise InputError(errors)
    return Edited(now, tuple(nouns.values()), whole, new, tuple(problem for problem in before if problem not in after))


def _checked(before: Snapshot, after: Snapshot, keys: Sequence[tuple[type, str]] | None) -> tuple[list[Problem], list[Problem]]:
    """What the checks of some nouns say before and after; those of all, where nouns came or went."""
    said = Problems(), Problems()
    for snapshot, problems in zip((before, after), said, strict=True):
        for kind in snapshot.kinds:
            if kind.check is not None:
                known = snapshot.nouns.get(kind.noun, {})
                some = known.values() if keys is None else [known[name] for of, name in keys if of is kind.noun]
                for noun in some:
                    kind.check(noun, snapshot, problems)
    return list(said[0]), list(said[1])


def changed(snapshot: Snapshot, put: Put) -> Snapshot:
    """A snapshot with nouns in the place of those of the same type and id, or added, and others left out. Nouns that are added are
    completed as those of an input are; indices and problems are made anew.
    """
    draft = Draft.of(snapshot) if any(snapshot.get(type(noun), noun.id) is None for noun in put.nouns) else None
    if draft is not None:
        for noun in put.nouns:
            draft.replace(noun)
        snapshot = draft.finish()
    by_type: dict[type, Mapping[str, Noun]] = dict(snapshot.nouns)
    for of in {type(noun) for noun in (*put.nouns, *put.gone)}:
        gone = {noun.id for noun in put.gone if type(noun) is of}
        known = {name: noun for name, noun in by_type.get(of, {}).items() if name not in gone}
        if draft is None:
            known.update({noun.id: noun for noun in put.nouns if type(noun) is of})
        by_type[of] = known
    return replace(snapshot, nouns=by_type, problems=Problems(), _indices={})


def made(snapshot: Snapshot, edit: Edit) -> Put:
    """The nouns that an edit changes. Raises `InputError` that names the edit where it cannot be made."""
    try:
        return (
            edit if isinstance(edit, Put) else removed(snapshot, edit) if isinstance(edit, Remove) else Put(tuple(_nouns(snapshot, edit)))
        )
    except RefusedError as error:
        raise InputError(f"edit `{edit}`: {error}") from None


def _nouns(snapshot: Snapshot, edit: Edit) -> Iterator[Noun]:
    match edit:
        case Open() | Close():
            yield group_after(snapshot, edit)
        case Allow() | Deny():
            yield with_entry(snapshot, edit)
        case Clear():
            yield without_entry(snapshot, edit)
        case SetRoute():
            yield with_route(snapshot, edit)
        case Unroute():
            yield without_route(snapshot, edit)
        case Associate():
            yield from associated(snapshot, edit)
        case Release():
            yield from released(snapshot, edit)
        case Join() | Leave():
            yield member_after(snapshot, edit)
        case Check():
            yield checked(snapshot, edit)
        case _:
            raise AssertionError(f"{type(edit)} is no edit")
