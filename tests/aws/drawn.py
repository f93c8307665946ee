"""What a network was understood to be and what it does to packets, as text: nouns, problems, and every decision at some places.

A drawing (`drawings/*.txt`) has a network as YAML, in either spelling, and behind `drawn:` what must come of it. Its heads say what:

    problems, errors        what reading and checking reported; with errors there is nothing else
    noun CLASS ID           the fields of a noun once all is complete, but for those that have their default and for origins
    place ID                its kinds, and the nodes at it in the order its file adds them, each with what decides and where packets go on

Under a node stand its rules and ways on, the nodes of other places that lead to it (`from`), the entries that begin at it and the
assumptions it tells. A node of another place is `place/what`; the second of one name is `what~2`. In brackets stand the rules that demand
the node; who changes a drawing judges each line by them. `python -m tests.aws.drawn FILE` writes what comes of the network now.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

import simulator
from simulator.aws.registry import RESOURCES
from simulator.graph.nodes import (
    AnyNode,
    Choice,
    Deliver,
    Drop,
    Filter,
    FlowGraph,
    Forget,
    How,
    Lookup,
    Masquerade,
    Redirect,
    Restore,
    Rewrite,
    Route,
    Rule,
    Send,
    SessionMatch,
    Translate,
    successors,
)
from simulator.packet.prefix import Prefix, format_address
from simulator.packet.space import Match
from tests.aws.reading import describe_in, scenario_in

PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp", 58: "icmpv6"}


FOLDER = Path(__file__).parent / "drawings"
NOUNS = {kind.noun.__name__: kind.noun for kind in RESOURCES}
Name = Callable[[object], str]


def expected(path: Path) -> list[str]:
    """The lines of a drawing."""
    return path.read_text("utf-8").partition("\ndrawn:\n")[2].splitlines()


def drawn(path: Path, folder: Path) -> list[str]:
    """What comes of the network of a drawing, under its heads; the network's file is written into a folder."""
    text = path.read_text("utf-8").partition("\ndrawn:\n")[0]
    sections = yaml.safe_load(text)
    try:
        described = any(isinstance(entries, list) for entries in sections.values())
        network = describe_in(folder)(**sections) if described else scenario_in(folder)(text)
    except simulator.InputError as error:
        return ["errors", *(f"  {problem.severity.value}: {problem.message}" for problem in error.problems)]
    return _under([line for line in expected(path) if not line.startswith(" ")], network)


def _under(heads: list[str], network: simulator.Network) -> list[str]:
    found: list[str] = []
    for head in heads:
        found.append(head)
        match head.split():
            case ["problems"]:
                found += [f"  {problem.severity.value}: {problem.message}" for problem in network.problems]
            case ["noun", kind, *words]:
                found += [f"  {line}" for line in _noun(network.snapshot.get(NOUNS[kind], " ".join(words)))]
            case ["place", *words]:
                found += [f"  {line}" for line in _place(network.flow_graph, " ".join(words))]
            case _:
                raise ValueError(f"no head: {head}")
    return found


def _noun(noun: Any) -> Iterator[str]:
    if noun is None:
        yield "none"
        return
    for field in fields(noun):
        value = getattr(noun, field.name)
        plain = field.default if field.default is not MISSING else "" if field.default_factory is MISSING else field.default_factory()
        if field.name not in ("id", "origin") and value != plain:
            told = f"[{', '.join(map(str, value))}]" if field.name == "protocols" else _value(value)  # two numbers may look like an address
            yield f"{field.name}: {told}"


def _value(value: Any) -> str:
    match value:
        case Prefix() | bool() | int() | str():
            return str(value)
        case frozenset():
            return f"[{', '.join(sorted(map(_value, value)))}]"
        case tuple() if not hasattr(value, "_fields"):
            if len(value) == 2 and value[0] in (4, 6) and isinstance(value[1], int):
                return format_address(*value)
            return f"[{', '.join(map(_value, value))}]"
        case None:
            return "none"
        case _:
            names: Iterable[str] = value._fields if isinstance(value, tuple) else [field.name for field in fields(value)]
            told = (_value(getattr(value, name)) for name in names if name != "origin" and getattr(value, name) not in (None, "", ()))
            return f"({', '.join(told)})"


def _place(graph: FlowGraph, place: str) -> Iterator[str]:
    names, sources = _names(graph), _sources(graph)
    yield f"kind: {', '.join(sorted({node.place.kind for node in graph.nodes if node.place.id == place}))}"
    for index, node in enumerate(graph.nodes):
        if node.place.id != place:
            continue

        def to(ref: object) -> str:
            assert isinstance(ref, int)
            return f"-> {names[ref].removeprefix(f'{place}/')}"

        cites = f" [{' '.join(node.cites)}]" if node.cites else ""
        yield f"{names[index].removeprefix(f'{place}/')}{cites}"
        yield from (f"  {part}" for part in _parts(node, to))
        if foreign := sorted({names[source] for source in sources[index] if graph.nodes[source].place.id != place}):
            yield f"  from {', '.join(foreign)}"
        for name, entry in graph.entries.items():
            if entry.node == index:
                own = ", ".join(format_address(*address) for address in entry.addresses) or "any address"
                yield f"  entry of {name}: {own}, ports {_interval(entry.source_ports)} ({entry.why})"
        yield from (f"  assumed: {text}" for text in graph.assumptions.get(index, ()))


def _names(graph: FlowGraph) -> Mapping[int, str]:
    seen: dict[tuple[str, str], int] = defaultdict(int)
    names = {}
    for index, node in enumerate(graph.nodes):
        seen[node.place.id, node.what] += 1
        count = seen[node.place.id, node.what]
        names[index] = f"{node.place.id}/{node.what}" + (f"~{count}" if count > 1 else "")
    return names


def _sources(graph: FlowGraph) -> Mapping[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for index, node in enumerate(graph.nodes):
        for ref in (*successors(node), *([node.reply_at] if isinstance(node, Deliver) else [])):
            assert isinstance(ref, int)
            found[ref].append(index)
    return found


def _parts(node: AnyNode, to: Name) -> Iterator[str]:
    match node:
        case Lookup():
            told = [(str(route.prefix), f"{to(node.targets[route.slot])}{_said(route)}") for route in node.table.routes]
            yield from _joined(told)
            yield f"else {to(node.miss)}"
        case Filter():
            yield from _joined([(_match(rule.match), _decision(rule)) for rule in node.rules.rules])
            yield from _joined([(f"unread {_match(rule.match)}", _decision(rule)) for rule in node.rules.unread])
            yield f"else {'permit' if node.rules.permit else 'deny'} by {_origin(node.rules.origin)}"
            yield f"{'stopped ' + node.code if node.otherwise == -1 else 'denied ' + to(node.otherwise)}"
            yield f"then {to(node.then)}" + (f', remembered in "{node.remembers}"' if node.remembers else "")
        case SessionMatch():
            yield f'reply of "{node.table}" {to(node.then)}'
            yield f"else {to(node.miss)}"
        case Choice():
            yield from (f"{label} {to(ref)}" for label, ref in node.options)
            if node.kept:
                yield f'kept as "{node.kept}"'
        case Rewrite():
            yield f"{_how(node.how)} {to(node.then)}"
            if node.miss != -1:
                yield f"else {to(node.miss)}"
        case Deliver():
            yield f"arrived at {node.endpoint}"
            if node.reply_at != -1:
                yield f"answers {to(node.reply_at)}"
        case Drop():
            by = f" by {_origin(node.origin)}" if node.origin else ""
            yield f"{'gap' if node.gap else 'stopped'} {node.code}{by}"


def _origin(origin: object) -> str:
    resource, part = getattr(origin, "resource", ""), getattr(origin, "part", "")
    return f"{resource} {part}".strip()


def _said(route: Route) -> str:
    return f" by {_origin(route.origin)}" + (f" ({route.what})" if route.what else "")


def _decision(rule: Rule) -> str:
    return f"{'permit' if rule.permit else 'deny'} by {_origin(rule.origin)}" + (", by reference" if rule.by_reference else "")


def _joined(told: list[tuple[str, str]]) -> Iterator[str]:
    """Neighbours that decide alike in one line."""
    at = 0
    while at < len(told):
        end = at
        while end < len(told) and told[end][1] == told[at][1]:
            end += 1
        yield f"{', '.join(what for what, _ in told[at:end])}: {told[at][1]}"
        at = end


def _match(match: Match) -> str:
    return " ".join(_conditions(match)) or "all"


def _conditions(match: Match) -> Iterator[str]:
    if match.version is not None:
        yield f"IPv{match.version}"
    if match.protocol is not None:
        yield PROTOCOLS.get(match.protocol, f"proto/{match.protocol}")
    if match.source_ports is not None:
        yield f"port {_interval(match.source_ports)} of the source"
    if match.destination_ports is not None:
        yield f"port {_interval(match.destination_ports)}"
    if match.icmp_type is not None:
        yield f"type {match.icmp_type}"
    if match.icmp_code is not None:
        yield f"code {match.icmp_code}"
    if match.sources is not None:
        yield f"from {_blocks(match.sources)}"
    if match.destinations is not None:
        yield f"to {_blocks(match.destinations)}"
    if match.sender_group is not None:
        yield f"of group {match.sender_group}"
    if match.by_reference is not None:
        yield "let out by reference" if match.by_reference else "not let out by reference"
    if match.reply is not None:
        yield "replies" if match.reply else "no replies"


def _blocks(blocks: tuple[Prefix, ...]) -> str:
    return " or ".join(map(str, blocks)) or "nowhere"


def _interval(interval: tuple[int, int]) -> str:
    first, last = interval
    return str(first) if first == last else f"{first}-{last}"


def _how(how: How) -> str:
    match how:
        case Send():
            words = [f"sent by {how.endpoint}"]
            words += [f"groups {', '.join(sorted(how.groups))}"] if how.groups else []
            words += [f"zone {how.zone}"] if how.zone else []
            words += [f"from one of {_addresses(how.addresses)}"] if how.addresses else []
            words += [f"own {_blocks(how.own)}"] if how.own else []
            return " ".join(words)
        case Translate():
            pairs = (f"{format_address(*a)}={format_address(*b)} by {_origin(how.origins[a])}" for a, b in how.addresses.items())
            return f"{how.field} {', '.join(pairs)}"
        case Masquerade():
            embedded = f" embedded in {how.embedding}" if how.embedding else ""
            return f'source becomes {_addresses(how.addresses)} port {_interval(how.ports)}{embedded} in "{how.table}"'
        case Redirect():
            return f'destination becomes {format_address(*how.address)} port {how.port} in "{how.table}"'
        case Restore():
            return f'restored from "{how.table}"'
        case Forget():
            return "sender forgotten" if how.groups is None else f"groups {', '.join(sorted(how.groups)) or 'none'} forgotten"


def _addresses(addresses: tuple[tuple[int, int], ...]) -> str:
    return ", ".join(format_address(*address) for address in addresses)


def main(path: Path) -> None:
    """Write the drawing of a file anew under the heads it has."""
    with TemporaryDirectory() as folder:
        found = drawn(path, Path(folder))
    head = path.read_text("utf-8").partition("\ndrawn:\n")[0]
    path.write_text("\n".join([head, "drawn:", *found, ""]), "utf-8")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        main(Path(name))
