"""The scenario format: a network in our own words, and questions with expected answers. YAML, or the same as JSON.

Sections of `network:` are those of the registry's kinds, which also make the nouns. Expectations stay text here: what
an endpoint such as `lambda:report` means is known to `query` alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulator.aws.resource import Field, Flag, Kind, ListOf, Text, Values
from simulator.aws.snapshot import Draft
from simulator.origin import Place
from simulator.packet.prefix import AddressError
from simulator.packet.service import ServiceError, parse_ports
from simulator.problems import Problems
from simulator.read.fields import NOTHING, FieldReader, References, spoken, unknown_key
from simulator.read.located import Located

VERDICTS = ("always", "sometimes", "never", "unknown")
KEYS = {
    "network": "the network: VPCs, subnets and all that stands in them",
    "expect": "questions about the network, with the answers they must have",
    "include": "other inputs that belong to the network, relative to this file",
    "name": "what this scenario is called",
    "about": "what this scenario shows",
    "description": "what this scenario shows",
    "$schema": "the schema for editors",
}
FREE = ("name", "about", "description", "$schema")
EXPECTATION = (
    Field(
        "can",
        ListOf(Text(), or_one=False),
        "the question: [source, destination] or [source, destination, service]",
        True,
    ),
    Field("verdict", Text((*VERDICTS, "error")), "of the round trip, or of the forward leg with one_way"),
    Field("delivered", Text(VERDICTS), "the verdict of the forward leg"),
    Field("answered", Text(VERDICTS), "the verdict of the round trip"),
    Field("via", ListOf(Text()), "places the forward leg passes, in this order"),
    Field("not_via", ListOf(Text()), "places that neither leg passes"),
    Field("reply_via", ListOf(Text()), "places the reply passes, in this order"),
    Field("blocked_at", ListOf(Text()), "places of which one is where it is stopped"),
    Field("code", ListOf(Text()), "explanation codes of which one is among the blockers"),
    Field("source_port", Text(), "a port or a range of ports, such as 1024-65535"),
    Field("one_way", Flag(), "judge the forward leg only"),
    Field("why", Text(), "a sentence that a failing test prints"),
    Field(
        "by",
        Text(("packets", "invocation", "balancer")),
        "how: as packets (the default), as an invocation through the event fabric, or over load balancers that connect anew",
    ),
)


@dataclass(frozen=True, slots=True)
class ExpectationText:
    """A question and its expected answer, as written. Empty texts and tuples say nothing; no `service` means every one.

    `code` and `blocked_at` hold alternatives: one of them must be met.
    """

    source: str
    destination: str
    service: str
    place: Place
    verdict: str = ""
    delivered: str = ""
    answered: str = ""
    via: tuple[str, ...] = ()
    not_via: tuple[str, ...] = ()
    reply_via: tuple[str, ...] = ()
    blocked_at: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    source_port: str = ""
    one_way: bool = False
    why: str = ""
    by: str = "packets"


@dataclass(frozen=True, slots=True)
class Scenario:
    """What a scenario file holds beside nouns. `includes` are paths as written, with their places."""

    name: str = ""
    about: str = ""
    includes: tuple[tuple[str, Place], ...] = ()
    expectations: tuple[ExpectationText, ...] = ()


def read_scenario(root: Located, draft: Draft, references: References) -> Scenario:
    """Add the nouns of a scenario to a draft and return the rest; what is wrong is in `draft.problems`.

    References are left in `references`, to be checked when the draft is complete.
    """
    problems = draft.problems
    if not isinstance(root.value, dict):
        problems.error(f"a scenario must be a mapping with the key `network`, not {root.shape}", root.place)
        return Scenario()
    for key in root.value.keys() - KEYS.keys():
        problems.error(unknown_key(key, KEYS.keys() - {"$schema"}, ""), root.keys.get(key))
    if not root.value.keys() & {"network", "include"}:
        problems.error("there is neither `network` nor `include`, so there is nothing to ask about", root.place)
    reader = FieldReader(problems, references)
    if "network" in root.value:
        _network(root.value["network"], draft, reader)
    texts = {key: reader.value(Text(), root.value[key], key) for key in FREE if key in root.value}
    words = {key: text for key, text in texts.items() if isinstance(text, str)}
    return Scenario(
        words.get("name", ""),
        words.get("about", "") or words.get("description", ""),
        _includes(root, problems),
        _expectations(root.value["expect"], reader) if "expect" in root.value else (),
    )


def _network(node: Located, draft: Draft, reader: FieldReader) -> None:
    sections: Mapping[str, Kind] = {kind.section: kind for kind in draft.kinds if kind.section and kind.scenario}
    if node.value is None:
        return
    if not isinstance(node.value, dict):
        draft.problems.error(f"network: must be a mapping of sections such as `vpcs`, not {node.shape}", node.place)
        return
    for section, entries in node.value.items():
        kind = sections.get(section)
        if kind is None:
            draft.problems.error(unknown_key(section, sections, "network"), node.keys.get(section))
            continue
        if entries.value is not None and not isinstance(entries.value, dict):
            message = f"{section}: must be a mapping from names to {spoken(kind.name)}s, not {entries.shape}"
            draft.problems.error(message, entries.place)
        for name, entry in entries.mapping.items():
            reader.references.written.add((kind.name, name))
            _noun(kind, name, entry, entries.keys.get(name, entry.place), draft, reader)


def _noun(kind: Kind, name: str, entry: Located, place: Place, draft: Draft, reader: FieldReader) -> None:
    what = f"{spoken(kind.name)} `{name}`"
    if not name:
        draft.problems.error(f"{spoken(kind.name)}: the name is empty", place)
        return
    node = Located({}, place) if entry.value is None else entry
    values = reader.record(kind.fields, node, what, place)
    if values is None or kind.scenario is None:
        return
    try:
        kind.scenario(name, values, draft)
    except (AddressError, ServiceError) as error:
        draft.problems.error(f"{what}: {error}", place)


def _includes(root: Located, problems: Problems) -> tuple[tuple[str, Place], ...]:
    node = root.mapping.get("include")
    if node is None:
        return ()
    nodes = node.value if isinstance(node.value, list) else [node]
    for one in nodes:
        if not isinstance(one.value, str) or not one.value:
            problems.error("include: must be a path or a list of paths", one.place)
    return tuple((one.value, one.place) for one in nodes if isinstance(one.value, str) and one.value)


# --- expectations ----------------------------------------------------------------------------------------------------


def _expectations(node: Located, reader: FieldReader) -> tuple[ExpectationText, ...]:
    if node.value is None:
        return ()
    if not isinstance(node.value, list):
        reader.problems.error(f"expect: must be a list of questions (`- can: [a, b, tcp/443]`), not {node.shape}", node.place)
        return ()
    read = [_expectation(one, reader, f"expect {index}") for index, one in enumerate(node.value, 1)]
    return tuple(one for one in read if one is not None)


def _expectation(node: Located, reader: FieldReader, what: str) -> ExpectationText | None:
    values = reader.record(EXPECTATION, node, what)
    if values is None:
        return None
    if not node.mapping.keys() & {"verdict", "delivered", "answered"}:
        reader.problems.error(f"{what}: `verdict` is missing; write one of {', '.join(VERDICTS)}, error", node.place)
    _check_ports(node, values, reader.problems, what)
    question, written = values["can"], node.mapping["can"].value
    if not isinstance(written, list) or len(written) not in {2, 3} or len(question) != len(written):
        message = f"{what}, can: write [source, destination] or [source, destination, service]"
        reader.problems.error(message, values.place_of("can"))
        return None
    if len(question) == 3 and reader.service(written[2], f"{what}, can") is NOTHING:
        return None
    rest: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    del rest["can"]
    source, destination, service = (*question, "")[:3]
    return ExpectationText(source, destination, service, values.place or node.place, **rest)


def _check_ports(node: Located, values: Values, problems: Problems, what: str) -> None:
    ports = values.get("source_port")
    if ports is None:
        return
    try:
        parse_ports(ports)
    except ServiceError as error:
        hint = f"; write {ports.replace(':', '-')}" if ":" in ports else ""
        problems.error(f"{what}, source_port: {error}{hint}", node.mapping["source_port"].place)
