"""The answer document, `vpcsim/answer/1`: what `can --json` prints and `to_dict()` returns (schema: `answer_schema.py`).

Names of this document are a contract with scripts. Everything in it is plain: dictionaries with text keys, lists, text,
numbers, booleans and none, so that any JSON library writes it as it is.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Any

from simulator.evaluate.answer import Allowed, Answer, Blocker, Case, Gap, Query
from simulator.evaluate.result import Hop, Outcome, RoundTrip, Step, Taken, Trace
from simulator.origin import Origin
from simulator.packet.flow import PROTOCOL_NAMES, Flow
from simulator.packet.prefix import format_address
from simulator.report.wording import NOTES, choice_text, gap_words, sentence

SCHEMA = "vpcsim/answer/1"
Json = dict[str, Any]


def answer_document(answer: Answer) -> Json:
    """The answer as a document. `allowed` is there only when the question left the service open."""
    document: Json = {
        "schema": SCHEMA,
        "verdict": answer.verdict.value,
        "delivered": answer.delivered.value,
        "answered": answer.answered.value,
        "query": _query(answer.query),
        "forward": _leg(answer.forward),
        "reply": _leg(answer.reply),
        "cases": [_case(case) for case in answer.cases],
        "blockers": [_blocker(blocker) for blocker in answer.blockers],
        "gaps": [_gap(gap) for gap in answer.gaps],
        "assumptions": list(answer.assumptions),
        "notes": [{"code": code, "message": NOTES[code]} for code in answer.notes],
    }
    if not answer.query.service_given:
        document["allowed"] = [_allowed(allowed) for allowed in answer.allowed]
    return document


def _query(query: Query) -> Json:
    return {
        "network": query.network,
        "source": query.source,
        "destination": query.destination,
        "service": query.service,
        "source_ports": query.source_ports,
        "source_ports_why": query.why_ports,
        "one_way": query.one_way,
    }


def _leg(leg: Trace | None) -> Json | None:
    if leg is None:
        return None
    hops = [_hop(hop) for hop in leg.hops]
    for hop in hops:  # what the sender makes of its own packet before it is sent is nobody's header
        hop["inbound"] = header(leg.sent)
        if any(step["outcome"] == _kebab(Outcome.SENT) for step in hop["steps"]):
            break
        hop["outbound"] = header(leg.sent)
    return {"disposition": _kebab(leg.disposition), "end": leg.end or None, "hops": hops}


def _hop(hop: Hop) -> Json:
    return {
        "id": hop.place.id,
        "kind": hop.place.kind,
        "name": hop.place.name or None,
        "steps": [_step(step) for step in hop.steps],
        "inbound": header(hop.steps[0].before),
        "outbound": header(hop.steps[-1].after),
    }


def _step(step: Step) -> Json:
    return {
        "kind": re.sub(r"(?<!^)(?=[A-Z])", "-", type(step.node).__name__).lower(),
        "what": step.node.what,
        "outcome": _kebab(step.outcome),
        "because": origin_document(step.because),
        "code": step.code or None,
        "detail": step.detail or None,
        "others": [origin_document(other) for other in step.others],
        "rules": list(step.node.cites),
        "plumbing": step.node.plumbing,
    }


def header(flow: Flow) -> Json:
    """One header; fields that the protocol does not have are none, type and code are there for ICMP only.

    >>> header(Flow.tcp("10.0.1.7", 40000, "192.0.2.1", 443))["destination_port"]
    443
    """
    document: Json = {
        "source": format_address(flow.version, flow.source),
        "destination": format_address(flow.version, flow.destination),
        "protocol": PROTOCOL_NAMES.get(flow.protocol, f"proto/{flow.protocol}"),
        "source_port": flow.source_port if flow.has_ports else None,
        "destination_port": flow.destination_port if flow.has_ports else None,
    }
    if flow.has_types:
        document |= {"icmp_type": flow.icmp_type, "icmp_code": flow.icmp_code}
    return document


def origin_document(origin: Origin | None) -> Json | None:
    """Which rule or route, and where it was written; file and line are none for what nobody wrote."""
    if origin is None:
        return None
    place = origin.place
    return {
        "resource": origin.resource,
        "part": origin.part or None,
        "file": place.file if place else None,
        "line": place.line if place else None,
    }


def _case(case: Case) -> Json:
    return {
        "when": dict(case.when),
        "verdict": case.verdict.value,
        "share": case.share,
        "blockers": [_blocker(blocker) for blocker in case.blockers],
        "witness": _witness(case.trip),
    }


def _witness(trip: RoundTrip) -> Json:
    """A round trip in brief: the header sent, what was chosen, and how each leg ended after which hops."""
    return {
        "sent": header(trip.forward.sent),
        "choices": [_choice(choice) for choice in trip.choices],
        "forward": _brief(trip.forward),
        "reply": _brief(trip.back) if trip.back else None,
    }


def _choice(choice: Taken) -> Json:
    return {"what": choice.what, "id": choice.place.id, "value": choice_text(choice)}


def _brief(leg: Trace) -> Json:
    return {"disposition": _kebab(leg.disposition), "end": leg.end or None, "hops": [hop.place.id for hop in leg.hops]}


def _blocker(blocker: Blocker) -> Json:
    return {
        "code": blocker.code,
        "leg": blocker.leg,
        "id": blocker.resource,
        "place": blocker.step.place.id,
        "because": origin_document(blocker.origin),
        "message": sentence(blocker.step),
    }


def _allowed(allowed: Allowed) -> Json:
    return {"service": allowed.service, "source_ports": allowed.source_ports or None, "verdict": allowed.verdict.value}


def _gap(gap: Gap) -> Json:
    return {"id": gap.resource, "place": gap.place, "what": gap.what, "leg": gap.leg, "message": gap_words(gap)}


def _kebab(word: Enum) -> str:
    return str(word.value).replace(" ", "-")
