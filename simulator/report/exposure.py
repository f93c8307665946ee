"""What a source reaches, as `vpcsim exposure` prints it: what opens alike is told together; and a document for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from simulator.evaluate.answer import Allowed
from simulator.evaluate.result import Verdict
from simulator.origin import Origin
from simulator.query.exposed import Exposure, Way
from simulator.query.matrix_groups import joined
from simulator.report.as_json import origin_document
from simulator.report.escape import plain
from simulator.report.names import spot
from simulator.report.text import STYLE_OF, WIDTH, Page
from simulator.report.wording import gap_words

NAMES_SHOWN = 6
BLOCKS_SHOWN = 4
INDENT = 7


def exposure_text(found: Exposure, *, colour: bool = False, width: int = WIDTH, everything: bool = False) -> str:
    """The ways, those that differ in the destination only told once. `everything`: name all destinations and blocks.

    >>> from simulator import load
    >>> print(exposure_text(load("scenarios/primer/lambda-nat.yaml").exposure()))
    internet reaches 0 of 1 destinations
    """
    page = Page(width, colour)
    for source in found.sources:
        groups: dict[object, list[Way]] = {}
        for way in found.ways:
            if way.source == source:
                groups.setdefault((way.senders, way.services, way.rules, way.gaps), []).append(way)
        if groups and len(found.sources) > 1:
            page.line((source, "strong"))
        for ways in groups.values():
            _group(page, ways, everything=everything)
    if found.ways:
        page.line()
    page.line(_sum(found))
    return page.text()


def _group(page: Page, ways: Sequence[Way], *, everything: bool) -> None:
    first = ways[0]
    names = [f"{way.destination} ({_some(way.addresses, everything=everything)})" for way in ways]
    page.row("", _some(names, NAMES_SHOWN, everything=everything), column=2, style="strong")
    anywhere = "from anywhere" if first.trip.forward.steps[0].place.kind == "internet" else f"from {first.source}"
    who = f"from {_some(first.senders, everything=everything)}" if first.senders else anywhere
    for verdict in (Verdict.ALWAYS, Verdict.SOMETIMES, Verdict.UNKNOWN):
        words = _services([service for service in first.services if service.verdict is verdict], first, verdict)
        if words:
            page.row("", f"{words} {who}", column=4, style=STYLE_OF[verdict])
    for gap in first.gaps:
        page.row("", f"unknown: {gap_words(gap)}", column=INDENT, style="open")
    for rule in first.rules:
        page.row("", f"by {_rule(rule)}", column=INDENT)
    hops = " > ".join(dict.fromkeys(hop.place.name or hop.place.id for hop in first.trip.forward.hops))
    page.row("", f"path{'' if len(ways) == 1 else ', for example'} {hops}", column=INDENT, style="quiet")


def _services(services: Iterable[Allowed], way: Way, verdict: Verdict) -> str:
    words = ", ".join(joined([service.service for service in services]))
    if not words or verdict is Verdict.ALWAYS:
        return words
    if verdict is Verdict.UNKNOWN:
        return f"{words} unknown"
    ports = ", ".join(dict.fromkeys(service.source_ports for service in way.services if service.source_ports))
    return f"{words} sometimes{f' (source ports {ports})' if ports else ''}"


def _rule(origin: Origin) -> str:
    return f"{origin.resource} {origin.part}{spot(origin)}"


def _some(words: Sequence[str], most: int = BLOCKS_SHOWN, *, everything: bool) -> str:
    shown = [plain(word) for word in (words if everything else words[:most])]
    return ", ".join(shown) + (f" and {len(words) - len(shown):,} more" if len(words) > len(shown) else "")


def _sum(found: Exposure) -> str:
    who = found.sources[0] if len(found.sources) == 1 else f"{len(found.sources):,} sources"
    reached = len(found.reached)
    unknown = len({way.destination for way in found.ways} - set(found.reached))
    some = f"{reached:,} of {len(found.destinations):,} destinations"
    return f"{plain(who)} reach{'es' if len(found.sources) == 1 else ''} {some}" + (f"; {unknown:,} unknown" if unknown else "")


def exposure_document(found: Exposure) -> dict[str, Any]:
    """All ways as plain dictionaries and lists, for `exposure --json`; what is in none of them does not get through."""
    return {
        "schema": "vpcsim/exposure/1",
        "network": found.network,
        "sources": list(found.sources),
        "destinations": list(found.destinations),
        "reached": list(found.reached),
        "ways": [
            {
                "source": way.source,
                "destination": way.destination,
                "addresses": list(way.addresses),
                "from": list(way.senders) or "all",
                "services": [
                    {
                        "service": one.service,
                        "verdict": one.verdict.value,
                        **({"source_ports": one.source_ports} if one.source_ports else {}),
                    }
                    for one in way.services
                ],
                "because": [origin_document(rule) for rule in way.rules],
                "path": [{"id": hop.place.id, "kind": hop.place.kind, "name": hop.place.name} for hop in way.trip.forward.hops],
                "gaps": [gap_words(gap) for gap in way.gaps],
            }
            for way in found.ways
        ],
    }
