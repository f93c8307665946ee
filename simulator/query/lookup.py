"""Where the ends of a question are found: nouns by id, ARN and name, interfaces by address. Indices are made once for a snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from simulator.aws.network_interface import InterfaceAddress, NetworkInterface
from simulator.aws.resource import Kind, Noun
from simulator.aws.snapshot import Snapshot
from simulator.graph.nodes import Address

Found = tuple[Kind, Noun]
Held = tuple[NetworkInterface, InterfaceAddress]


def with_id(snapshot: Snapshot, wanted: str) -> Iterator[Found]:
    """The nouns that have this id or ARN, each of another kind."""
    if wanted.startswith("arn:"):
        yield from snapshot.index("nouns by arn", lambda: _by_arn(snapshot)).get(wanted, ())
    for kind in snapshot.kinds:
        noun = None if kind.extends else snapshot.get(kind.noun, wanted)
        if noun is not None:
            yield kind, noun


def with_name(snapshot: Snapshot, wanted: str) -> Sequence[Found]:
    """The nouns of this name, in the order of the registry."""
    return snapshot.index("nouns by name", lambda: _by_name(snapshot)).get(wanted, ())


def with_private_address(snapshot: Snapshot, wanted: Address) -> Sequence[Held]:
    """The interfaces that hold an address, in the order they were read; in several VPCs where these overlap."""
    found = _by_address(snapshot)[0].get(wanted, ())
    return found or [(interface, InterfaceAddress(wanted)) for interface in _with_delegated(snapshot) if interface.holds(wanted)]


def _with_delegated(snapshot: Snapshot) -> list[NetworkInterface]:
    return snapshot.index("with delegated blocks", lambda: [one for one in snapshot.all(NetworkInterface) if one.delegated])


def with_public_address(snapshot: Snapshot, wanted: Address) -> Sequence[Held]:
    """The interfaces that the internet knows by an address."""
    return _by_address(snapshot)[1].get(wanted, ())


def _by_arn(snapshot: Snapshot) -> dict[str, list[Found]]:
    return _grouped((getattr(noun, "arn", ""), (kind, noun)) for kind, noun in snapshot.everything())


def _by_name(snapshot: Snapshot) -> dict[str, list[Found]]:
    return _grouped((noun.name, (kind, noun)) for kind, noun in snapshot.everything())


def _grouped(pairs: Iterable[tuple[str, Found]]) -> dict[str, list[Found]]:
    found: dict[str, list[Found]] = {}
    for key, value in pairs:
        if key:
            found.setdefault(key, []).append(value)
    return found


def _by_address(snapshot: Snapshot) -> tuple[dict[Address, list[Held]], dict[Address, list[Held]]]:
    return snapshot.index("interfaces by address", lambda: _made_by_address(snapshot))


def _made_by_address(snapshot: Snapshot) -> tuple[dict[Address, list[Held]], dict[Address, list[Held]]]:
    private: dict[Address, list[Held]] = {}
    public: dict[Address, list[Held]] = {}
    for interface in snapshot.all(NetworkInterface):
        for address in interface.addresses:
            private.setdefault(address.private, []).append((interface, address))
            if address.public:
                public.setdefault(address.public, []).append((interface, address))
    return private, public
