"""What the field types of a noun mean in a scenario: from located values to `Values`, with problems in users' words.

A value that cannot be read is reported and left out, and reading goes on; only a record without something it requires
is left out as a whole. References are checked when all inputs are read, since a name may be written later or implied.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from simulator.aws.resource import (
    Address,
    Cidr,
    Either,
    Field,
    FieldType,
    Flag,
    ListOf,
    MapOf,
    Number,
    Peer,
    Record,
    Reference,
    ServiceText,
    Text,
    Values,
)
from simulator.origin import Place
from simulator.packet.prefix import AddressError, Prefix, parse_address
from simulator.packet.service import Service, ServiceError
from simulator.problems import Problems, Severity, did_you_mean
from simulator.read.located import Located

if TYPE_CHECKING:
    from simulator.aws.snapshot import Draft

PEER_KINDS = ("security-group", "prefix-list")
BARE_PORTS = re.compile(r"(?:(tcp|udp)/)?([0-9]+)(?:[:-]([0-9]+))?")
ADDRESS_LIKE = re.compile(r"[0-9]+(?:\.[0-9]*)+(?:/.*)?|[0-9a-fA-F]*:[0-9a-fA-F]*:[0-9a-fA-F:.]*(?:/.*)?")


class Nothing:
    """What is left of a value that could not be read."""


NOTHING: Final = Nothing()


# --- references ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Named:
    """A name that must exist among nouns of these kinds."""

    name: str
    kinds: tuple[str, ...]
    what: str
    place: Place


@dataclass(slots=True)
class References:
    """Names to check once everything is read and completed, and the names of all entries written, good or bad."""

    pending: list[Named] = field(default_factory=list)
    written: set[tuple[str, str]] = field(default_factory=set)

    def check(self, draft: Draft) -> None:
        """Report each name that is neither in the draft nor was written at all."""
        for wanted in self.pending:
            known = draft.kinds_with(wanted.name, wanted.kinds)
            if known or any((kind, wanted.name) in self.written for kind in wanted.kinds):
                continue
            noun = f"{spoken(wanted.kinds[0])} " if len(wanted.kinds) == 1 else ""
            near = draft.suggestion(wanted.name, wanted.kinds)
            draft.problems.error(f"{wanted.what}: {noun}`{wanted.name}` does not exist{near}", wanted.place)


def spoken(kind: str) -> str:
    """A kind as messages call it.

    >>> spoken("route-table")
    'route table'
    """
    return kind.replace("-", " ")


# --- what would be right ---------------------------------------------------------------------------------------------


def expected(kind: FieldType) -> str:
    """What a value of this type looks like, for messages.

    >>> expected(Number(0, 255)), expected(ListOf(Flag(), or_one=False))
    ('a number from 0 to 255', 'a list')
    """
    match kind:
        case Text(words=words):
            return f"one of {', '.join(words)}" if words else "a word"
        case Number(first=first, last=last):
            return f"a number from {first} to {last}"
        case Flag():
            return "true or false"
        case Cidr(version=version):
            return "an IPv6 block such as 2001:db8::/56" if version == 6 else "a block of addresses such as 10.0.0.0/16"
        case Address(version=version):
            return "an IPv6 address such as 2001:db8::7" if version == 6 else "an address such as 10.0.0.7"
        case ServiceText():
            return "a service such as tcp/443"
        case Reference(kinds=kinds):
            return f"the name of {' or '.join(_with_article(spoken(one)) for one in kinds)}"
        case Peer():
            return "a block of addresses or the name of a security group or prefix list"
        case ListOf(item=item, or_one=or_one):
            return f"{expected(item)}, or a list of them" if or_one else "a list"
        case MapOf() | Record():
            return "a mapping (`key: value`)"
        case Either(types=types):
            return " or ".join(map(expected, types))


def _with_article(noun: str) -> str:
    return f"{'an' if noun[:1] in set('aeiou') else 'a'} {noun}"


def fits(kind: FieldType, node: Located) -> bool:
    """Whether a value has the shape of a type: a mapping, a list or one value."""
    match kind:
        case Either(types=types):
            return any(fits(one, node) for one in types)
        case ListOf(item=item, or_one=or_one):
            return isinstance(node.value, list) or (or_one and fits(item, node))
        case MapOf() | Record():
            return isinstance(node.value, dict)
        case _:
            return isinstance(node.value, str | int | bool)


# --- reading ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class FieldReader:
    """Reads values of the field types; problems and references go to the two collectors."""

    problems: Problems
    references: References

    def record(self, fields: Sequence[Field], node: Located, what: str, place: Place | None = None) -> Values | None:
        """The values of a mapping with these fields, or none when it is no mapping or lacks what is required.

        `what` names the record in messages (subnet `app-a`); `place` is where it is written, by default its first key.
        """
        place = place or node.place
        if not isinstance(node.value, dict):
            self.problems.error(f"{what}: must be a mapping (`key: value`), not {node.shape}", node.place)
            return None
        known = {one.name: one for one in fields}
        values: dict[str, Any] = {}
        for key, value in node.value.items():
            if key not in known:
                self.problems.error(unknown_key(key, known, what), node.keys.get(key, value.place))
                continue
            found = self.value(known[key].type, value, f"{what}, {key}")
            if found is not NOTHING:
                values[key] = found
        missing = [one for one in fields if one.required and one.name not in node.value]
        for one in missing:
            self.problems.error(f"{what}: `{one.name}` is missing; write {expected(one.type)}", place)
        if any(one.required and one.name not in values for one in fields):
            return None
        return Values(values, place, {key: node.keys.get(key, node.value[key].place) for key in values})

    def value(self, kind: FieldType, node: Located, what: str) -> Any:
        """The value of a node as a type says it is read, or `NOTHING` after reporting why not."""
        if node.value is None:
            return self._refuse(f"{what}: has no value; write {expected(kind)}", node)
        if not fits(kind, node):
            shown = f"`{node.text}`" if node.shape == "one value" else node.shape
            return self._refuse(f"{what}: must be {expected(kind)}, not {shown}", node)
        match kind:
            case Either(types=types):
                return self._either([one for one in types if fits(one, node)], node, what)
            case ListOf(item=item):
                return self._list(item, node, what)
            case MapOf(key=key_type, value=value_type):
                return self._map(key_type, value_type, node, what)
            case Record(fields=fields):
                values = self.record(fields, node, what)
                return NOTHING if values is None else values
            case _:
                return self._scalar(kind, node, what)

    def _refuse(self, message: str, node: Located) -> Nothing:
        self.problems.error(message, node.place)
        return NOTHING

    def _list(self, item: FieldType, node: Located, what: str) -> list[Any]:
        nodes = node.value if isinstance(node.value, list) else [node]
        several = len(nodes) > 1 and not all(one.shape == "one value" for one in nodes)
        read = [self.value(item, one, f"{what} {index}" if several else what) for index, one in enumerate(nodes, 1)]
        return [one for one in read if one is not NOTHING]

    def _map(self, key_type: FieldType, value_type: FieldType, node: Located, what: str) -> list[tuple[Any, Any, Place]]:
        found = []
        for word, member in node.mapping.items():
            place = node.keys.get(word, member.place)
            key = self.value(key_type, Located(word, place), what)
            # A private address may stand without the public one it could be paired with.
            alone = member.value is None and isinstance(value_type, Address)
            value = None if alone else self.value(value_type, member, f"{what} `{word}`")
            if key is not NOTHING and value is not NOTHING:
                found.append((key, value, place))
        return found

    def _either(self, types: Sequence[FieldType], node: Located, what: str) -> Any:
        """The first type that reads the value without an error; what other types reported on the way does not count."""
        trials: list[FieldReader] = []
        for kind in types:
            trial = FieldReader(Problems(), References())
            value = trial.value(kind, node, what)
            if not trial.problems.errors:
                return self._adopt(trial, value)
            trials.append(trial)
        if len(types) > 1 and node.shape == "one value":
            return self._refuse(f"{what}: `{node.text}` is not {expected(Either(tuple(types)))}", node)
        return self._adopt(min(trials, key=lambda trial: len(trial.problems.errors)), NOTHING)

    def _adopt(self, trial: FieldReader, value: Any) -> Any:
        for problem in trial.problems:
            report = self.problems.error if problem.severity is Severity.ERROR else self.problems.warn
            report(problem.message, problem.place)
        self.references.pending += trial.references.pending
        return value

    def _scalar(self, kind: FieldType, node: Located, what: str) -> Any:
        word = node.text
        match kind:
            case Text(words=words):
                if isinstance(node.value, bool) or (words and word not in words):
                    near = did_you_mean(word, words)
                    return self._refuse(f"{what}: `{word}` is not {expected(kind)}{near}", node)
                return word
            case Number(first=first, last=last):
                number = node.value
                if not isinstance(number, int) or isinstance(number, bool) or not first <= number <= last:
                    return self._refuse(f"{what}: `{word}` is not {expected(kind)}", node)
                return number
            case Flag():
                return node.value if isinstance(node.value, bool) else self._refuse(_not_a_flag(word, what), node)
            case Cidr(version=version):
                prefix = self._prefix(word, node, what)
                return prefix if isinstance(prefix, Nothing) else self._of_version(version, prefix.version, prefix, node, what)
            case Address(version=version):
                address = self._parsed(parse_address, word, node, what)
                return address if isinstance(address, Nothing) else self._of_version(version, address[0], address, node, what)
            case ServiceText():
                return self.service(node, what)
            case Peer():
                if ADDRESS_LIKE.fullmatch(word):
                    return self._prefix(word, node, what)
                self.references.pending.append(Named(word, PEER_KINDS, what, node.place))
                return word
            case Reference(kinds=kinds):
                self.references.pending.append(Named(word, kinds, what, node.place))
                return word
        raise AssertionError(kind)

    def _prefix(self, word: str, node: Located, what: str) -> Prefix | Nothing:
        try:
            prefix, canonical = Prefix.parse_loose(word)
        except AddressError as error:
            return self._refuse(f"{what}: `{word}` {error}", node)
        if not canonical:
            message = f"{what}: {word} has bits set beyond the prefix length; it is read as {prefix}, as AWS does"
            self.problems.warn(message, node.place)
        return prefix

    def _of_version(self, wanted: int, version: int, value: Any, node: Located, what: str) -> Any:
        if wanted in (0, version):
            return value
        key = what.rpartition(", ")[2]  # blocks of IPv6 have keys of their own
        other = key.removeprefix("ipv6_") if wanted == 6 else f"ipv6_{key}"
        hint = f"; write it as `{other}`" if key.endswith("cidr") else ""
        return self._refuse(f"{what}: `{node.text}` is not IPv{wanted}{hint}", node)

    def _parsed(self, parse: Callable[[str], Any], word: str, node: Located, what: str) -> Any:
        try:
            return parse(word)
        except AddressError as error:
            return self._refuse(f"{what}: `{word}` {error}", node)

    def service(self, node: Located, what: str) -> Service | Nothing:
        """The service of a scalar; ports without a protocol get the spelling that was probably meant."""
        word = node.text
        try:
            return Service.parse(word)
        except ServiceError as error:
            return self._refuse(f"{what}: {_meant(word) or error}", node)


def unknown_key(key: str, known: Iterable[str], what: str) -> str:
    """The message for a key that nobody knows, with the nearest known ones, or all of them.

    >>> unknown_key("zon", ["vpc", "zone"], "subnet `a`")
    'subnet `a`: unknown key `zon`; did you mean `zone`?'
    """
    names = sorted(known)
    near = did_you_mean(key, names) or f"; known keys are {', '.join(names)}"
    return f"{what}: unknown key `{key}`{near}" if what else f"unknown key `{key}`{near}"


def _not_a_flag(word: str, what: str) -> str:
    hint = {"yes": "true", "on": "true", "no": "false", "off": "false"}.get(word.lower())
    return f"{what}: `{word}` is not true or false" + (f"; write {hint}" if hint else "")


def _meant(word: str) -> str | None:
    """What to write for `443`, `22:22` or `tcp/80:90`; none when that is not the mistake."""
    found = BARE_PORTS.fullmatch(word)
    if not found or (found[1] and ":" not in word):
        return None
    first, last = found[2], found[3] or found[2]
    if not int(first) <= int(last) <= 65535:
        return None
    ports = first if first == last else f"{first}-{last}"
    spellings = f"{found[1]}/{ports}" if found[1] else f"tcp/{ports} or udp/{ports}"
    return f"`{word}` is no service; write {spellings}"
