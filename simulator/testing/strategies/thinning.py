"""A drawn network with less in it: nouns left out with all that cannot be without them, elements of lists, and plainer ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

from simulator.aws.instance import RUNNING, Instance
from simulator.aws.network_acl import AclEntry
from simulator.aws.permissions import Permission, Traffic
from simulator.aws.resource import Noun
from simulator.aws.snapshot import Snapshot
from simulator.aws.subnet import Subnet
from simulator.aws.transit_gateway import AVAILABLE, TransitAttachment
from simulator.aws.vpc import Vpc
from simulator.packet.prefix import Prefix

_WHOLE = "the network that a drawn one is a part of"
# What a byte makes of a part; any other value leaves it as it is.
GONE, PLAIN = 0, 1
# Lists whose elements can be left out one by one, though the list may end up empty only where that means something.
_LISTS = (
    "routes",
    "inbound",
    "outbound",
    "entries",
    "propagations",
    "invokes",
    "groups",
    "addresses",
    "interfaces",
    "subnets",
    "targets",
    "rules",
)
_MAY_BE_EMPTY = frozenset(
    {
        "routes",
        "inbound",
        "outbound",
        "entries",
        "propagations",
        "invokes",
        "gateways",
        "tables",
        "targets",
        "propagating",
        "told",
        "stateless",
        "stateful",
    }
)
_MAY_BE_UNUSED = frozenset({"RouteTable", "NetworkAcl"})
_NOT_A_REFERENCE = frozenset({"name", "origin", "association", "propagation"})
_PAIRS = frozenset({("VpcPeering", "vpcs"), ("TransitAttachment", "gateways")})


def whole_of(snapshot: Snapshot) -> Snapshot:
    """The network with all its parts. What is drawn for a network is drawn for the whole of it, so that it stays while parts go."""
    return snapshot.index(_WHOLE, lambda: snapshot)


def part_of(whole: Snapshot, part: Snapshot) -> Snapshot:
    """The part, which knows what it is a part of."""
    part.index(_WHOLE, lambda: whole)
    return part


def number_of_parts(nouns: Sequence[Noun]) -> int:
    """How many bytes `thinned` takes: one for each noun, and one for each element of its lists."""
    return len(nouns) + sum(len(getattr(noun, name)) for noun in nouns for name in _lists_of(noun))


def thinned(nouns: Sequence[Noun], stays: bytes) -> list[Noun]:
    """The nouns, those left out of which the byte is `GONE`, and plainer where it is `PLAIN`."""
    if min(stays, default=255) > PLAIN:
        return list(nouns)
    gone = {noun.id for noun, byte in zip(nouns, stays, strict=False) if byte == GONE}
    vpcs = [noun.id for noun in nouns if isinstance(noun, Vpc)]
    if gone.issuperset(vpcs):  # a network has one
        gone.discard(vpcs[0])
    rest = iter(stays[len(nouns) :])
    left = []
    for noun, byte in zip(nouns, stays, strict=False):
        thin = _with_fewer(noun, rest)
        left.append(_plain(thin) if byte == PLAIN else thin)
    return without(left, gone)


def _lists_of(noun: Noun) -> list[str]:
    # A load balancer's list goes with what is told of each subnet.
    known = (name for name in _LISTS if not (name == "subnets" and hasattr(noun, "told")))
    return [name for name in known if isinstance(getattr(noun, name, None), tuple)]


def _with_fewer(noun: Noun, stays: Iterator[int]) -> Noun:
    changed: dict[str, Any] = {}
    for name in _lists_of(noun):
        old = getattr(noun, name)
        drawn = [(part, next(stays)) for part in old]
        new = tuple(_plain(part) if byte == PLAIN else part for part, byte in drawn if byte != GONE)
        if new != old and (new or _may_be_empty(noun, name)):
            changed[name] = new
    return replace(noun, **changed) if changed else noun  # type: ignore[type-var]  # nouns are dataclasses


def _plain(part: Any) -> Any:
    """The same with the usual state, or for everybody."""
    match part:
        case Instance():
            return replace(part, state=RUNNING, os="linux")
        case TransitAttachment():
            return replace(part, state=AVAILABLE, appliance_mode=False, group_references=True)
        case Permission(peer=Prefix(version=version)) | AclEntry(cidr=Prefix(version=version)):
            everyone = Prefix(version, 0, 0)
            if isinstance(part, AclEntry):
                return replace(part, cidr=everyone, traffic=Traffic())
            return replace(part, peer=everyone, traffic=Traffic())
        case Permission():
            return replace(part, traffic=Traffic())
        case _:
            return part


def without(nouns: Iterable[Noun], gone: set[str]) -> list[Noun]:
    """The others, but for those that cannot be without one of them, and without any mention of them."""
    whole = list(nouns)
    left, gone = [noun for noun in whole if noun.id not in gone], set(gone)
    while True:
        # A route for a whole subnet (RT-18) is for nothing without it.
        gone |= {str(block) for noun in whole if isinstance(noun, Subnet) and noun.id in gone for block in noun.cidrs}
        kept = [(noun, _without(noun, gone)) for noun in left]
        more = {old.id for old, new in kept if new is None}
        left = [new for _, new in kept if new is not None]
        if not more:
            return left
        gone |= more


def _without(noun: Noun, gone: set[str]) -> Noun | None:
    """The noun without what it says of those that are gone; none when it cannot be without them."""
    changed: dict[str, Any] = {}
    for name, value in _parts(noun):
        if name != "id" and isinstance(value, str) and value in gone:
            return None
        if isinstance(value, tuple):
            kept = tuple(part for part in value if not _mentions(part, gone) and str(getattr(part, "destination", "")) not in gone)
            if len(kept) < len(value):
                if (type(noun).__name__, name) in _PAIRS or (not kept and not _may_be_empty(noun, name)):
                    return None
                changed[name] = kept
    return replace(noun, **changed) if changed else noun  # type: ignore[type-var]


def _may_be_empty(noun: Noun, name: str) -> bool:
    return name in _MAY_BE_EMPTY or type(noun).__name__ in _MAY_BE_UNUSED


def _parts(noun: object) -> Iterator[tuple[str, Any]]:
    for field in fields(noun):  # type: ignore[arg-type]
        if field.name not in _NOT_A_REFERENCE:
            yield field.name, getattr(noun, field.name)


def _mentions(value: object, gone: set[str]) -> bool:
    if isinstance(value, str):
        return value in gone
    if isinstance(value, tuple):
        return any(_mentions(part, gone) for part in value)
    return is_dataclass(value) and any(_mentions(part, gone) for _, part in _parts(value))
