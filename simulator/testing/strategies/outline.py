"""A network in a few lines, so that an example that fails a test can be read: one line for each noun, what is usual left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, fields
from typing import Any

from simulator.api import Network
from simulator.aws.network_acl import AclEntry
from simulator.aws.network_interface import InterfaceAddress
from simulator.aws.permissions import GroupPeer, ListPeer, Permission, Traffic
from simulator.aws.resource import Noun
from simulator.aws.route_table import RouteEntry
from simulator.aws.snapshot import Snapshot
from simulator.aws.transit_gateway import TransitRoute
from simulator.packet.prefix import Prefix, format_address

_SAID_ELSEWHERE = frozenset({"id", "origin", "owner"})


class DrawnSnapshot(Snapshot):
    """A snapshot that shows itself as an outline."""

    __slots__ = ()

    @classmethod
    def of(cls, snapshot: Snapshot) -> DrawnSnapshot:
        """The same snapshot."""
        return cls(**{field.name: getattr(snapshot, field.name) for field in fields(snapshot)})

    def __repr__(self) -> str:
        return f"network:\n{outline(self)}\n"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ARG002 - hypothesis calls it so
        """What hypothesis prints; it would take a dataclass apart itself."""
        printer.text(repr(self))


class DrawnNetwork(Network):
    """A network that shows itself as an outline."""

    def __repr__(self) -> str:
        return f"network:\n{outline(self.snapshot)}\n"


def outline(snapshot: Snapshot) -> str:
    """All nouns of a snapshot in the order of the registry; origins, empty fields and usual values are left out."""
    lines = [f"  {kind.name} {noun.id} {' '.join(_words(noun))}".rstrip() for kind, noun in snapshot.everything()]
    return "\n".join(lines)


def _words(noun: Noun) -> Iterator[str]:
    for field in fields(noun):  # type: ignore[arg-type]  # nouns are dataclasses
        value = getattr(noun, field.name)
        if field.name not in _SAID_ELSEWHERE and value != field.default and (field.default is not MISSING or value not in ("", ())):
            yield f"{field.name}={_text(value)}"


def _text(value: object) -> str:
    match value:
        case Prefix() if value.is_host:
            return format_address(value.version, value.value)
        case GroupPeer() | ListPeer():
            return value.id
        case Permission():
            return f"{_text(value.peer)}:{value.traffic}"
        case AclEntry():
            return f"{value.number}:{'allow' if value.permit else 'deny'}:{_text(value.cidr)}:{value.traffic}"
        case RouteEntry():
            states = (" blackhole" if value.blackhole else "") + (" propagated" if value.propagated else "")
            return f"{value.destination} > {value.target or value.kind}{states}"
        case TransitRoute():
            return f"{value.prefix} > {value.attachment or 'blackhole'}"
        case InterfaceAddress():
            public = f"={format_address(*value.public)}" if value.public else ""
            return format_address(*value.private) + public
        case Traffic():
            return str(value)
        case tuple():
            return f"[{', '.join(map(_text, value))}]"
        case _:
            return str(value)
