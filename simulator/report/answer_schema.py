"""The JSON Schema (draft 2020-12) of the answer document, as a dictionary. `vpcsim schema answer` prints it."""

from __future__ import annotations

from typing import Any

from simulator.evaluate.result import Disposition, Outcome, Verdict
from simulator.graph.codes import CODES
from simulator.report.as_json import SCHEMA

Json = dict[str, Any]
TEXT: Json = {"type": "string"}
TEXT_OR_NULL: Json = {"type": ["string", "null"]}
NUMBER_OR_NULL: Json = {"type": ["integer", "null"]}
VERDICT: Json = {"enum": [verdict.value for verdict in Verdict]}
LEG: Json = {"enum": ["forward", "reply"]}
ENDINGS: Json = {"enum": [disposition.value.replace(" ", "-") for disposition in Disposition]}
KINDS: Json = {"enum": ["lookup", "filter", "session-match", "choice", "rewrite", "deliver", "drop"]}


def answer_schema() -> Json:
    """The schema, made anew for each caller.

    >>> answer_schema()["properties"]["schema"]
    {'const': 'vpcsim/answer/1'}
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Answer of vpcsim: can one endpoint of an AWS network reach another?",
        **_closed(
            {
                "schema": {"const": SCHEMA},
                "verdict": VERDICT | {"description": "of the round trip; of the forward leg in a one-way question"},
                "delivered": VERDICT | {"description": "of the forward leg"},
                "answered": VERDICT | {"description": "of the forward leg and its reply"},
                "query": _reference("query"),
                "forward": _or_null("leg"),
                "reply": _or_null("leg"),
                "cases": _list("case"),
                "allowed": _list("allowed") | {"description": "the services that pass, when the question left the service open"},
                "blockers": _list("blocker"),
                "gaps": _list("gap"),
                "assumptions": {"type": "array", "items": TEXT},
                "notes": {"type": "array", "items": _closed({"code": TEXT, "message": TEXT})},
            },
            optional={"allowed"},
        ),
        "$defs": {**_paths(), **_findings()},
    }


def _paths() -> Json:
    """The parts that tell a path."""
    port = NUMBER_OR_NULL | {"minimum": 0, "maximum": 65535}
    byte = {"type": "integer", "minimum": 0, "maximum": 255}
    return {
        "leg": _closed({"disposition": ENDINGS, "end": TEXT_OR_NULL, "hops": _list("hop")}),
        "hop": _closed(
            {
                "id": TEXT | {"description": "the AWS id, or the name in a scenario without ids"},
                "kind": TEXT,
                "name": TEXT_OR_NULL,
                "steps": _list("step") | {"minItems": 1},
                "inbound": _reference("header"),
                "outbound": _reference("header"),
            }
        ),
        "step": _closed(
            {
                "kind": KINDS,
                "what": TEXT,
                "outcome": {"enum": [outcome.value.replace(" ", "-") for outcome in Outcome]},
                "because": _or_null("origin"),
                "code": {"enum": [*sorted(CODES), None]},
                "detail": TEXT_OR_NULL,
                "others": _list("origin") | {"description": "what else would have matched, best first"},
                "rules": {"type": "array", "items": TEXT, "description": "the rules of the semantics this step stands for"},
                "plumbing": {"type": "boolean", "description": "whether most readers may skip it"},
            }
        ),
        "origin": _closed({"resource": TEXT, "part": TEXT_OR_NULL, "file": TEXT_OR_NULL, "line": NUMBER_OR_NULL}),
        "header": _closed(
            {
                "source": TEXT,
                "destination": TEXT,
                "protocol": TEXT,
                "source_port": port,
                "destination_port": port,
                "icmp_type": byte,
                "icmp_code": byte,
            },
            optional={"icmp_type", "icmp_code"},
        ),
    }


def _findings() -> Json:
    """The parts that tell what was asked and what was found."""
    return {
        "query": _closed(
            {
                "network": TEXT,
                "source": TEXT,
                "destination": TEXT,
                "service": TEXT,
                "source_ports": TEXT,
                "source_ports_why": TEXT,
                "one_way": {"type": "boolean"},
            }
        ),
        "case": _closed(
            {
                "when": {"type": "object", "additionalProperties": {"anyOf": [TEXT, {"type": "array", "items": TEXT}]}},
                "verdict": VERDICT,
                "share": {"type": "number", "minimum": 0, "maximum": 1},
                "blockers": _list("blocker"),
                "witness": _reference("witness"),
            }
        ),
        "witness": _closed(
            {"sent": _reference("header"), "choices": _list("choice"), "forward": _reference("brief"), "reply": _or_null("brief")}
        ),
        "choice": _closed({"what": TEXT, "id": TEXT, "value": {"type": ["string", "integer"]}}),
        "brief": _closed({"disposition": ENDINGS, "end": TEXT_OR_NULL, "hops": {"type": "array", "items": TEXT}}),
        "allowed": _closed({"service": TEXT, "source_ports": TEXT_OR_NULL, "verdict": VERDICT}),
        "blocker": _closed(
            {
                "code": {"enum": sorted(CODES)},
                "leg": LEG,
                "id": TEXT | {"description": "the resource that refuses"},
                "place": TEXT | {"description": "the id of the hop where it refuses"},
                "because": _or_null("origin"),
                "message": TEXT,
            }
        ),
        "gap": _closed({"id": TEXT, "place": TEXT, "what": TEXT, "leg": LEG, "message": TEXT}),
    }


def _closed(properties: Json, *, optional: frozenset[str] | set[str] = frozenset()) -> Json:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _reference(name: str) -> Json:
    return {"$ref": f"#/$defs/{name}"}


def _or_null(name: str) -> Json:
    return {"anyOf": [_reference(name), {"type": "null"}]}


def _list(name: str) -> Json:
    return {"type": "array", "items": _reference(name)}
