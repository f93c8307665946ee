"""What a noun is to the rest of the house: how it is written in each kind of input, how it is checked, what it emits.

A resource file holds a frozen dataclass (the noun) and one `Kind`. Readers loop over the registry and know no noun; the compiler
does the same. Fields describe the scenario spelling: the scenario reader, the messages about misspelt keys and the JSON Schema for
editors all come from them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from simulator.origin import Origin, Place
from simulator.problems import Problems

if TYPE_CHECKING:
    from simulator.aws.snapshot import Draft, Snapshot
    from simulator.graph.builder import Builder


class Noun(Protocol):
    """One AWS resource as a value."""

    @property
    def id(self) -> str:
        """The AWS id, or the name in a scenario."""

    @property
    def name(self) -> str:
        """The `Name` tag, or empty."""

    @property
    def origin(self) -> Origin:
        """Where it was written."""


# --- the scenario spelling -------------------------------------------------------------------------------------------------------


class Text(NamedTuple):
    """A word; `words` are the only ones allowed, when given."""

    words: tuple[str, ...] = ()


class Number(NamedTuple):
    """An integer between two bounds."""

    first: int
    last: int


class Flag(NamedTuple):
    """`true` or `false`."""


class Cidr(NamedTuple):
    """A block of addresses, read as a `Prefix`; bits beyond the length are cut off with a warning, as AWS does. `version`: of this IP
    version; 0: of any.
    """

    version: int = 0


class Address(NamedTuple):
    """One address, read as (version, value). `version`: of this IP version; 0: of any."""

    version: int = 0


class ServiceText(NamedTuple):
    """A service such as `tcp/443`, read as a `Service`."""


class Reference(NamedTuple):
    """The name of another noun of one of these kinds; the scenario reader checks that it exists."""

    kinds: tuple[str, ...]


class Peer(NamedTuple):
    """The other end of a security group rule: a `Prefix`, or the name of a group or prefix list as a `str`."""


class ListOf(NamedTuple):
    """A list; a single value stands for a list of one when `or_one`. Read as a list."""

    item: FieldType
    or_one: bool = True


class MapOf(NamedTuple):
    """A mapping with keys of one type and values of another. Read as a list of (key, value, place)."""

    key: FieldType
    value: FieldType


class Record(NamedTuple):
    """A mapping with named fields. Read as `Values`."""

    fields: tuple[Field, ...]


class Either(NamedTuple):
    """One of several types, chosen by shape: a mapping, a list or a scalar. Read as the type that fits."""

    types: tuple[FieldType, ...]


FieldType = Text | Number | Flag | Cidr | Address | ServiceText | Reference | Peer | ListOf | MapOf | Record | Either


class Field(NamedTuple):
    """One key of a noun in a scenario: its name, what it holds, and one sentence for editors."""

    name: str
    type: FieldType
    about: str
    required: bool = False


class Values(dict[str, Any]):
    """The values of a record by key, and the places they were written at: `place` for the whole, `places` by key."""

    __slots__ = ("place", "places")

    def __init__(self, values: Mapping[str, Any], place: Place | None, places: Mapping[str, Place]) -> None:
        super().__init__(values)
        self.place = place
        self.places = places

    def place_of(self, key: str) -> Place | None:
        """Where a key was written; the record's place when it was not."""
        return self.places.get(key, self.place)


# --- the describe spelling -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Item:
    """One element of a list in an AWS answer: the data as JSON has it, and a way to tell where any part of it stands.

    `region` and `account` are those of the folder it was found in, or empty. `beside` is what stands beside the list in the answer.
    """

    data: Mapping[str, Any]
    where: Callable[[tuple[str | int, ...]], Place]
    problems: Problems
    region: str = ""
    account: str = ""
    beside: Mapping[str, Any] = field(default_factory=dict)

    def place(self, *path: str | int) -> Place:
        """The place of the element, or of a part of it (`"IpPermissions", 1`)."""
        return self.where(path)

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a key; the default also for null. Raises `TypeError` where there is something else than the list it should be."""
        value = self.data.get(key)
        if isinstance(default, tuple) and not isinstance(value, list | tuple | None):
            raise TypeError(f"`{key}` is no list")
        return default if value is None else value

    def named(self, pattern: str) -> str:
        """An id that AWS leaves out of an answer, from the name of the file or of the folder it is in; or empty."""
        found = re.findall(pattern, "/".join(self.place().file.split("/")[-2:]))
        return str(found[-1]) if found else ""

    def tag(self, key: str = "Name") -> str:
        """The value of a tag, or empty."""
        tags = self.get("Tags") or self.get("TagSet") or self.get("TagList") or ()
        return next((str(tag.get("Value", "")) for tag in tags if isinstance(tag, Mapping) and tag.get("Key") == key), "")


# --- the kind --------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kind:
    """All that the house knows of one sort of noun.

    name: the kind in hops and messages (`nat-gateway`).
    noun: the dataclass.
    section: the key under `network:` in a scenario, with `fields`; `scenario` makes nouns of one entry.
    describe: by list key of an AWS answer (`NatGateways`), the function that makes nouns of one element.
    prefix: the word before `:` in an endpoint (`lambda` in `lambda:report`), where it is not the kind's name.
    complete: adds what the noun implies (an instance its interface), once everything is read.
    check: reports what AWS would refuse; it never changes an answer.
    emit: what the noun does to packets.
    extends: the kind adds behaviour to a noun that another kind reads, so that the file of the noun need not know its contents.
    """

    name: str
    noun: type
    about: str
    section: str = ""
    fields: tuple[Field, ...] = ()
    scenario: Callable[[str, Values, Draft], None] | None = None
    describe: Mapping[str, Callable[[Item, Draft], None]] = field(default_factory=dict)
    prefix: str = ""
    complete: Callable[[Any, Draft], None] | None = None
    check: Callable[[Any, Snapshot, Problems], None] | None = None
    emit: Callable[[Any, Builder, Snapshot], None] | None = None
    extends: bool = False
