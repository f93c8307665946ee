"""What inputs are taken to say: the nouns that are read from them, in plain words, before anything is completed or checked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import chdir
from copy import deepcopy
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from simulator.aws.registry import RESOURCES
from simulator.aws.resource import Noun
from simulator.origin import Origin
from simulator.packet.prefix import Prefix, format_address
from simulator.problems import InputError
from simulator.read.json_text import JsonPlace
from simulator.read.load import read

# Readers alone: what nouns imply, and what AWS refuses, is a matter of other tests.
READERS = tuple(replace(kind, complete=None, check=None, emit=None) for kind in RESOURCES)
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
SMALLEST_ADDRESS = 65536  # pairs of smaller numbers are ports
Told = dict[str, Any]


def examples(folder: Path) -> dict[str, Told]:
    """The examples of all files in a folder, by name."""
    named = [pair for path in sorted(folder.glob("*.yaml")) for pair in yaml.load(path.read_text("utf-8"), LOADER).items()]
    assert len(dict(named)) == len(named), "two examples have one name"
    return dict(named)


def nouns_of(written: Mapping[str, Any], folder: Path, file: str, *, completed: bool = False) -> Told:
    """All nouns of an input by kind and id; under `problems` what it is warned of. Of one that is refused only `refused`: why.

    completed: with what nouns imply, and what AWS would refuse.
    """
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(written), "utf-8")
    try:
        with chdir(folder):  # names of files may tell something; that of the folder does not
            reading = read([file], kinds=RESOURCES if completed else READERS)
    except InputError as error:
        return {"refused": [problem.message for problem in error.problems]}
    found = {f"{kind.name} {noun.id}": _noun(noun) for kind, noun in reading.snapshot.everything()}
    problems = [problem.message for problem in reading.problems]
    return {**found, **({"problems": problems} if problems else {})}


def changed(written: Mapping[str, Any], change: str) -> Told:
    """An input with one key left out (`- Vpcs/0/Tags`), or with another value (`Vpcs/0/IsDefault = true`)."""
    result = deepcopy(dict(written))
    where, _, value = change.removeprefix("- ").partition(" = ")
    *steps, last = where.split("/")
    at: Any = result
    for step in steps:
        at = at[int(step)] if isinstance(at, list) else at[step]
    key = int(last) if isinstance(at, list) else last
    if change.startswith("- "):
        del at[key]
    else:
        at[key] = yaml.load(value, LOADER)
    return result


def difference(before: Any, after: Any) -> Any:
    """What is told otherwise. Of mappings only the keys that differ; of lists of one length only those elements, by position;
    `{without: [1]}` where elements are gone and the rest is as it was. `gone`: what is told no more.
    """
    if isinstance(before, dict) and isinstance(after, dict):
        if "refused" in after:
            return after
        keys = [*before, *(key for key in after if key not in before)]
        differing = [key for key in keys if key not in before or key not in after or before[key] != after[key]]
        return {key: difference(before.get(key, ""), after[key]) if key in after else "gone" for key in differing}
    if isinstance(before, list) and isinstance(after, list) and all(isinstance(one, dict) for one in before):
        if len(before) == len(after):
            return {at: difference(old, new) for at, (old, new) in enumerate(zip(before, after, strict=True)) if old != new}
        without = [at for at, old in enumerate(before) if old not in after]
        if after == [old for at, old in enumerate(before) if at not in without]:
            return {"without": without}
    return after


def _noun(noun: Noun) -> Told:
    said: Told = {field.name: plain(getattr(noun, field.name)) for field in fields(noun) if field.name not in {"id", "origin"}}  # type: ignore[arg-type]
    return {**_said(said), **_whence(noun.origin, noun.id)}


def plain(value: Any) -> Any:
    """A value of a noun as YAML has it: blocks and addresses as texts, parts as mappings; what is empty or false is not told."""
    if isinstance(value, Prefix):
        return str(value)
    if isinstance(value, Origin):
        return None
    if is_dataclass(value) or hasattr(value, "_fields"):
        names = list(value._fields) if hasattr(value, "_fields") else [field.name for field in fields(value)]  # type: ignore[arg-type]
        if names == ["id"]:
            return f"{type(value).__name__} {value.id}"
        said = {name: plain(getattr(value, name)) for name in names if name != "origin"}
        return {**_said(said), **_whence(getattr(value, "origin", Origin("")), None)}
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, tuple | list | frozenset | set):
        if _is_address(value):
            return format_address(*value) if value[0] else f"a free IPv{value[1]}"  # type: ignore[misc,index]
        return [plain(one) for one in value]
    return value


def _is_address(value: Any) -> bool:
    whole = isinstance(value, tuple) and len(value) == 2 and all(type(one) is int for one in value)
    return whole and ((value[0] in {4, 6} and value[1] >= SMALLEST_ADDRESS) or value in {(0, 4), (0, 6)})


def _said(said: Told) -> Told:
    return {name: value for name, value in said.items() if not (value in ("", [], {}) or value is False)}


def _whence(origin: Origin, noun: str | None) -> Told:
    """Of an origin the resource, where it is another one's, the part, and the path to it in an AWS answer."""
    told = {"of": origin.resource if noun not in (None, origin.resource) else "", "part": origin.part}
    return _said({**told, "at": "/".join(map(str, origin.place.path)) if isinstance(origin.place, JsonPlace) else ""})


def keys_of(written: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    """The paths to all keys of an input, without those of its lists, blocks and services."""
    pairs = written.items() if isinstance(written, dict) else enumerate(written) if isinstance(written, list) else ()
    for key, value in pairs:
        here = (*path, str(key))
        if "/" in str(key):
            continue
        if isinstance(written, dict) and len(here) > 1:
            yield "/".join(here)
        yield from keys_of(value, here)
