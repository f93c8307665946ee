"""How the rules of firewalls name addresses and ports: blocks, lists, negations, variables and references to lists of blocks.

    [10.0.0.0/8, !10.1.0.0/16]   $HOME_NET   @far_networks   80:443   [80, !443]   ANY

AWS pages: "Working with stateful rule groups in AWS Network Firewall", "Rule variables"; Suricata's page "Rules Format" (2026).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from simulator.packet.prefix import BITS, EVERYWHERE, AddressError, Prefix, prefixes_of
from simulator.packet.ranges import Interval, Ranges
from simulator.packet.space import ALL_PORTS

ANY = "any"
HOME, ELSEWHERE = "HOME_NET", "EXTERNAL_NET"
DEEPEST = 8
Blocks = dict[int, Ranges]  # by IP version


class TermError(ValueError):
    """A text that names no addresses or ports; the message says what is wrong with it."""


class NotReadError(LookupError):
    """A list of blocks that a rule refers to and nobody read; the message names it."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the variables of a rule stand for: sets of addresses and of ports as texts, and references to lists of blocks."""

    sets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ports: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    references: Mapping[str, tuple[Prefix, ...] | None] = field(default_factory=dict)

    def blocks(self, text: str) -> tuple[Prefix, ...] | None:
        """The blocks of a text; none for every address. Raises `TermError` and `NotReadError`.

        >>> terms = Terms(sets={"HOME_NET": ("10.0.0.0/8",)})
        >>> terms.blocks("any"), [str(block) for block in terms.blocks("[$HOME_NET, !10.128.0.0/9]")]
        (None, ['10.0.0.0/9'])
        """
        if text.strip().lower() == ANY:
            return None
        found = self._blocks(text.strip(), 0)
        return tuple(block for version in (4, 6) for block in prefixes_of(version, found[version]))

    def _blocks(self, text: str, depth: int) -> Blocks:
        if depth > DEEPEST:
            raise TermError(f"`{text}` is defined by itself")
        if text.startswith("!"):
            return _without(_all(), self._blocks(text[1:].strip(), depth + 1))
        if text.startswith("["):
            return _united([self._member(part, depth + 1) for part in _parts(text)], _all)
        return self._named(text, depth)

    def _member(self, part: str, depth: int) -> tuple[bool, Blocks]:
        """Whether a member of a list takes away, and what."""
        return part.startswith("!"), self._blocks(part.removeprefix("!").strip(), depth)

    def _named(self, text: str, depth: int) -> Blocks:
        name = text[1:]
        if text.lower() == ANY:
            return _all()
        if text.startswith("@"):
            blocks = self.references.get(name)
            if blocks is None:
                raise NotReadError(f"`{text}` was not read")
            return _of(blocks)
        if not text.startswith("$"):
            try:
                return _of((Prefix.parse_loose(text)[0],))
            except AddressError as error:
                raise TermError(str(error)) from None
        if name in self.sets:
            return _united([self._member(part.strip(), depth + 1) for part in self.sets[name]], _all)
        if name == ELSEWHERE:
            return _without(_all(), self._named(f"${HOME}", depth + 1))
        raise TermError(f"`{text}` is a variable that nothing defines")

    def intervals(self, text: str) -> tuple[Interval, ...]:
        """The ports of a text as disjoint intervals. Raises `TermError`.

        >>> Terms(ports={"WEB": ("80", "443")}).intervals("[$WEB, 8000:8080, !8010]")
        ((80, 80), (443, 443), (8000, 8009), (8011, 8080))
        """
        return self._ports(text.strip(), 0).intervals

    def _ports(self, text: str, depth: int) -> Ranges:
        if depth > DEEPEST:
            raise TermError(f"`{text}` is defined by itself")
        if text.lower() == ANY:
            return Ranges.of(ALL_PORTS)
        if text.startswith("!"):
            return Ranges.of(ALL_PORTS) - self._ports(text[1:].strip(), depth + 1)
        if text.startswith("["):
            members = _parts(text)
        elif not text.startswith("$"):
            return Ranges.of(_interval(text))
        elif text[1:] in self.ports:
            members = [part.strip() for part in self.ports[text[1:]]]
        else:
            raise TermError(f"`{text}` is a variable that nothing defines")
        return self._united_ports(members, depth)

    def _united_ports(self, members: list[str], depth: int) -> Ranges:
        taken = [self._ports(part, depth + 1) for part in members if not part.startswith("!")]
        found = Ranges.of(ALL_PORTS) if not taken else Ranges()
        for ranges in taken:
            found = found | ranges
        for part in members:
            found = found - self._ports(part[1:].strip(), depth + 1) if part.startswith("!") else found
        return found


def _interval(text: str) -> Interval:
    first, colon, last = text.replace("-", ":").partition(":")
    try:
        low = int(first) if first else 0
        high = (int(last) if last else ALL_PORTS[1]) if colon else low
    except ValueError:
        raise TermError(f"`{text}` is no port") from None
    if not low <= high <= ALL_PORTS[1]:
        raise TermError(f"`{text}` is no range of ports")
    return low, high


def _parts(text: str) -> list[str]:
    """The members of a list in brackets; lists in it stay whole."""
    if not text.endswith("]"):
        raise TermError(f"`{text}`: the list does not end")
    return list(_split(text[1:-1]))


def _split(text: str) -> Iterator[str]:
    depth, start = 0, 0
    for at, letter in enumerate(text):
        depth += (letter == "[") - (letter == "]")
        if letter == "," and not depth:
            yield text[start:at].strip()
            start = at + 1
    yield text[start:].strip()


def _all() -> Blocks:
    return {version: Ranges.of((0, (1 << bits) - 1)) for version, bits in BITS.items()}


def _of(blocks: tuple[Prefix, ...]) -> Blocks:
    return {version: Ranges.of(*((block.first, block.last) for block in blocks if block.version == version)) for version in EVERYWHERE}


def _without(one: Blocks, other: Blocks) -> Blocks:
    return {version: one[version] - other[version] for version in one}


def _united(members: list[tuple[bool, Blocks]], everything: Callable[[], Blocks]) -> Blocks:
    """A list: what its plain members hold, all when there are none, without what its negated ones hold."""
    plain = [blocks for negated, blocks in members if not negated]
    found = _of(()) if plain else everything()
    for blocks in plain:
        found = {version: found[version] | blocks[version] for version in found}
    for negated, blocks in members:
        found = _without(found, blocks) if negated else found
    return found
