"""Who is asked about when nobody is named: every workload, the internet, the networks on premises; each under the word that means it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simulator.aws import internet, onprem
from simulator.aws.network_interface import WITHOUT_GROUPS, NetworkInterface
from simulator.aws.snapshot import Snapshot
from simulator.graph.nodes import FlowGraph
from simulator.problems import InputError
from simulator.query.endpoints import End, Sort, resolve
from simulator.query.listing import WORKLOADS


def parties(graph: FlowGraph, snapshot: Snapshot, words: Sequence[str] | None) -> list[tuple[str, End]]:
    """The ends that words stand for, or all that a network has; each with the word that asks about it alone, none twice.

    Raises `InputError` for words that mean nothing.
    """
    found: dict[End, str] = {}
    for word in words if words is not None else _everybody(graph, snapshot):
        ends = resolve(snapshot, word)
        for end in ends:
            if end.sort is not Sort.EVENT_SOURCE:
                found.setdefault(end, word if len(ends) == 1 else _word(snapshot, end))
    return [(word, end) for end, word in found.items()]


def _everybody(graph: FlowGraph, snapshot: Snapshot) -> Iterator[str]:
    claimed: set[str] = set()
    for kind, noun in snapshot.everything():
        if isinstance(noun, WORKLOADS):
            claimed.update(noun.interfaces)
            if noun.interfaces and any(snapshot.get(NetworkInterface, name) for name in noun.interfaces):
                yield f"{kind.prefix or kind.name}:{noun.id}"
    for interface in snapshot.all(NetworkInterface):
        if interface.id not in claimed and interface.type not in WITHOUT_GROUPS:
            yield interface.id
    if internet.ENDPOINT in graph.entries:
        yield internet.ENDPOINT
    for network in onprem.networks_of(snapshot):
        if network.blocks:
            yield f"{onprem.WORD}:{network.place.id}"


def _word(snapshot: Snapshot, end: End) -> str:
    """The word that means one of several ends."""
    if end.sort is Sort.INTERFACE and not (end.address or end.blocks):
        return end.name
    try:
        return end.label if len(resolve(snapshot, end.label)) == 1 else f"{end.label} ({end.name})"
    except InputError:
        return f"{end.label} ({end.name})"
