"""The JSON Schema of scenario files, for editors: the same fields that the reader checks, in the words of draft 2020-12.

`python -m simulator.read.schema` prints it for the real kinds; `scenario.schema.json` beside this file holds that text.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from simulator.aws.resource import (
    Address,
    Cidr,
    Either,
    Field,
    FieldType,
    Flag,
    Kind,
    ListOf,
    MapOf,
    Number,
    Peer,
    Record,
    Reference,
    ServiceText,
    Text,
)
from simulator.packet.service import NUMBERS
from simulator.read.scenario import EXPECTATION, FREE, KEYS

Schema = dict[str, Any]

WORD: Schema = {"type": ["string", "integer"]}
PORT = "(?:[0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
SERVICE = (
    f"^(?:all|any|-1|proto/[0-9]{{1,3}}|(?:tcp|udp)(?:/{PORT}(?:-{PORT})?)?|(?:icmp|icmpv6)(?:/[0-9]{{1,3}}){{0,2}}"
    f"|{'|'.join(name for name in NUMBERS if name not in {'tcp', 'udp', 'icmp', 'icmpv6'})})$"
)


def scenario_schema(kinds: Sequence[Kind]) -> Schema:
    """The schema of a scenario file over these kinds.

    >>> from simulator.aws.resource import Kind
    >>> scenario_schema([Kind("vpc", object, "a network")])["anyOf"]
    [{'required': ['network']}, {'required': ['include']}]
    """
    sections = {kind.section: kind for kind in kinds if kind.section and kind.scenario}
    properties: dict[str, Schema] = {
        "network": {
            "type": ["object", "null"],
            "properties": {
                section: {"type": ["object", "null"], "additionalProperties": {"$ref": f"#/$defs/{section}"}} for section in sections
            },
            "additionalProperties": False,
        },
        "expect": {"type": ["array", "null"], "items": {"$ref": "#/$defs/expectation"}},
        "include": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
        **{key: dict(WORD) for key in FREE},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "vpcsim scenario",
        "type": "object",
        "properties": {key: {"description": about, **properties[key]} for key, about in KEYS.items()},
        "anyOf": [{"required": ["network"]}, {"required": ["include"]}],
        "additionalProperties": False,
        "$defs": {**{section: _entry(kind) for section, kind in sections.items()}, "expectation": _expectation()},
    }


def _entry(kind: Kind) -> Schema:
    schema = {"description": kind.about, **_record(kind.fields)}
    if not schema["required"]:
        schema["type"] = ["object", "null"]
    return schema


def _expectation() -> Schema:
    schema = _record(EXPECTATION)
    schema["properties"]["can"] |= {"prefixItems": [WORD, WORD, _type(ServiceText())], "minItems": 2, "maxItems": 3}
    schema["anyOf"] = [{"required": [key]} for key in ("verdict", "delivered", "answered")]
    return schema


def _record(fields: Sequence[Field]) -> Schema:
    return {
        "type": "object",
        "properties": {one.name: {"description": one.about, **_type(one.type)} for one in fields},
        "required": [one.name for one in fields if one.required],
        "additionalProperties": False,
    }


def _type(kind: FieldType) -> Schema:
    match kind:
        case Text(words=words):
            return {"enum": list(words)} if words else dict(WORD)
        case Number(first=first, last=last):
            return {"type": "integer", "minimum": first, "maximum": last}
        case Flag():
            return {"type": "boolean"}
        case Cidr():
            return {"type": "string", "pattern": "^[0-9a-fA-F:.]+(?:/[0-9]{1,3})?$"}
        case Address():
            return {"type": "string", "pattern": "^[0-9a-fA-F:.]+$"}
        case ServiceText():
            return {"type": "string", "pattern": SERVICE}
        case Reference() | Peer():
            return dict(WORD)
        case ListOf(item=item, or_one=or_one):
            several: Schema = {"type": "array", "items": _type(item)}
            return {"anyOf": [_type(item), several]} if or_one else several
        case MapOf(key=key, value=value):
            member = _type(value)
            if isinstance(value, Address):
                member = {"anyOf": [member, {"type": "null"}]}
            return {"type": "object", "propertyNames": _type(key), "additionalProperties": member}
        case Record(fields=fields):
            return _record(fields)
        case Either(types=types):
            return {"anyOf": [_type(one) for one in types]}


def text(kinds: Sequence[Kind]) -> str:
    """The schema as the text of a file."""
    return json.dumps(scenario_schema(kinds), indent=1) + "\n"


if __name__ == "__main__":
    from simulator.aws.registry import RESOURCES

    sys.stdout.write(text(RESOURCES))
