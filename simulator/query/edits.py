"""The changes a what-if question can make to a network, as values: what each is called, how it is written in a line of text, and read.

A line begins with its verb; names with spaces stand in quotes. `edited.py` knows what each does to a network.

    open sg-1 tcp/443 from 10.0.0.0/8         a rule of a security group more; `to` for what goes out
    close sg-1 tcp/443 from 10.0.0.0/8        such a rule less
    allow acl-1 90 tcp/443 from 10.0.0.0/8    an entry of a network ACL more, also `deny`; `to` for what goes out
    clear acl-1 90 inbound                    that entry less
    route rtb-1 0.0.0.0/0 -> igw-1            a route more, or its target replaced; `blackhole` for none, `local` for the VPC
    unroute rtb-1 0.0.0.0/0                   that route less
    associate subnet-1 with rtb-1             the route table or network ACL of a subnet
    release subnet-1 from rtb-1               back to the main table, or to the default ACL
    join eni-1 sg-1                           an interface into a group; `leave` takes it out
    check eni-1 off                           source/destination check
    remove nat-1                              a resource less, as AWS deletes it
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import ClassVar

from simulator.aws.resource import Noun
from simulator.problems import InputError, did_you_mean


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of a network. `form` is its line: words to be written as they stand, one of several, and in capitals what a field holds.

    >>> print(Open("sg-1", "tcp/443", "from", "10.0.0.0/8"))
    open sg-1 tcp/443 from 10.0.0.0/8
    """

    form: ClassVar[str] = ""

    def __str__(self) -> str:
        values = iter(astuple(self))
        return " ".join(shlex.quote(next(values)) if _is_field(word) else word for word in self.form.split())


@dataclass(frozen=True, slots=True)
class Open(Edit):
    """A rule of a security group more. service: as in questions, `icmp` being every type; peer: a block, a group or a prefix list."""

    form: ClassVar[str] = "open GROUP SERVICE from|to PEER"
    group: str
    service: str
    way: str
    peer: str


@dataclass(frozen=True, slots=True)
class Close(Edit):
    """A rule of a security group less: the one with this service and peer."""

    form: ClassVar[str] = "close GROUP SERVICE from|to PEER"
    group: str
    service: str
    way: str
    peer: str


@dataclass(frozen=True, slots=True)
class Allow(Edit):
    """An entry of a network ACL more, which permits."""

    form: ClassVar[str] = "allow ACL NUMBER SERVICE from|to BLOCK"
    acl: str
    number: str
    service: str
    way: str
    block: str


@dataclass(frozen=True, slots=True)
class Deny(Edit):
    """An entry of a network ACL more, which denies."""

    form: ClassVar[str] = "deny ACL NUMBER SERVICE from|to BLOCK"
    acl: str
    number: str
    service: str
    way: str
    block: str


@dataclass(frozen=True, slots=True)
class Clear(Edit):
    """An entry of a network ACL less."""

    form: ClassVar[str] = "clear ACL NUMBER inbound|outbound"
    acl: str
    number: str
    way: str


@dataclass(frozen=True, slots=True)
class SetRoute(Edit):
    """A static route more, or the target of the one for this block or prefix list replaced. target: an id, `local` or `blackhole`."""

    form: ClassVar[str] = "route TABLE BLOCK -> TARGET"
    table: str
    block: str
    target: str


@dataclass(frozen=True, slots=True)
class Unroute(Edit):
    """A static route less."""

    form: ClassVar[str] = "unroute TABLE BLOCK"
    table: str
    block: str


@dataclass(frozen=True, slots=True)
class Associate(Edit):
    """The route table or the network ACL of a subnet, explicitly."""

    form: ClassVar[str] = "associate SUBNET with TABLE"
    subnet: str
    table: str


@dataclass(frozen=True, slots=True)
class Release(Edit):
    """An association less: the subnet goes back to the main route table, or to the default network ACL, of its VPC."""

    form: ClassVar[str] = "release SUBNET from TABLE"
    subnet: str
    table: str


@dataclass(frozen=True, slots=True)
class Join(Edit):
    """An interface into a security group."""

    form: ClassVar[str] = "join INTERFACE GROUP"
    interface: str
    group: str


@dataclass(frozen=True, slots=True)
class Leave(Edit):
    """An interface out of a security group, which may not be its last one (SG-10)."""

    form: ClassVar[str] = "leave INTERFACE GROUP"
    interface: str
    group: str


@dataclass(frozen=True, slots=True)
class Check(Edit):
    """The source/destination check of an interface (ENI-4)."""

    form: ClassVar[str] = "check INTERFACE on|off"
    interface: str
    state: str


@dataclass(frozen=True, slots=True)
class Remove(Edit):
    """A resource less. Its own interfaces go with it, and routes that led to it become blackholes (RT-15)."""

    form: ClassVar[str] = "remove RESOURCE"
    resource: str


@dataclass(frozen=True, slots=True)
class Put(Edit):
    """Whole resources, added or in the place of those of the same type and id; `gone` are left out. It has no line of text."""

    nouns: tuple[Noun, ...] = ()
    gone: tuple[Noun, ...] = ()

    def __str__(self) -> str:
        words = [*(f"put {noun.id}" for noun in self.nouns), *(f"drop {noun.id}" for noun in self.gone)]
        return ", ".join(words) or "nothing changed"


SPOKEN: tuple[type[Edit], ...] = (Open, Close, Allow, Deny, Clear, SetRoute, Unroute, Associate, Release, Join, Leave, Check, Remove)
VERBS = {edit.form.split()[0]: edit for edit in SPOKEN}


def parse_edit(line: str) -> Edit:
    """The edit of a line of text. Raises `InputError` that says what is wrong, and how the line would be right.

    >>> parse_edit("route rtb-1 0.0.0.0/0 -> igw-1")
    SetRoute(table='rtb-1', block='0.0.0.0/0', target='igw-1')
    >>> parse_edit("open sg-1 tcp/443")
    Traceback (most recent call last):
    simulator.problems.InputError: edit `open sg-1 tcp/443`: it ends before `from|to`; write `open GROUP SERVICE from|to PEER`
    """
    try:
        words = shlex.split(line)
    except ValueError:
        raise InputError(f"edit `{line}`: a quotation mark is open at its end") from None
    if not words:
        raise InputError(f"an edit is empty; begin with one of {', '.join(VERBS)}")
    edit = VERBS.get(words[0])
    if edit is None:
        raise InputError(f"edit `{line}`: `{words[0]}` is no verb; begin with one of {', '.join(VERBS)}{did_you_mean(words[0], VERBS)}")
    return edit(*_values(line, edit.form, words))


def _values(line: str, form: str, words: Sequence[str]) -> list[str]:
    """What the fields of a form hold in a line."""
    wanted = form.split()
    found: list[str] = []
    for at, want in enumerate(wanted):
        if at == len(words):
            raise InputError(f"edit `{line}`: it ends before `{want}`; write `{form}`")
        word = words[at]
        if not (want.isupper() or word in want.split("|")):
            raise InputError(f"edit `{line}`: `{word}` stands where `{want}` should; write `{form}`")
        if _is_field(want):
            found.append(word)
    if len(words) > len(wanted):
        raise InputError(f"edit `{line}`: `{words[len(wanted)]}` is one word too many; write `{form}`")
    return found


def _is_field(word: str) -> bool:
    return word.isupper() or "|" in word
