"""What two networks answer differently, as `vpcsim diff` prints it: what opened and closed, grouped, with its cause; and a document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simulator.evaluate.result import RoundTrip, Verdict
from simulator.query.changes import Change, Difference, NounChange
from simulator.query.matrix_groups import joined
from simulator.report.as_json import origin_document
from simulator.report.escape import plain
from simulator.report.names import noun, spot
from simulator.report.text import WIDTH, Page
from simulator.report.wording import step_words

NAMES_SHOWN = 4
ORDER = (Verdict.NEVER, Verdict.UNKNOWN, Verdict.SOMETIMES, Verdict.ALWAYS)  # from closed to open


def direction(change: Change) -> str:
    """`opens`, `closes`, or `changes` where something known becomes unknown or the other way round."""
    if Verdict.UNKNOWN in (change.before, change.after):
        return "changes"
    ranks = [ORDER.index(verdict or Verdict.NEVER) for verdict in (change.before, change.after)]
    return "opens" if ranks[1] > ranks[0] else "closes"


def diff_text(found: Difference, *, colour: bool = False, width: int = WIDTH, everything: bool = False) -> str:
    """The changes, grouped; the resources that differ; and that nothing else does. `everything`: name all ends of a group.

    >>> from simulator import diff, load
    >>> network = load("scenarios/primer/lambda-nat.yaml")
    >>> print(diff_text(diff(network, network)).splitlines()[-1])
    nothing changes: 4 pairs compared on 18 services
    """
    page = Page(width, colour)
    for word, style in (("opens", "bad"), ("closes", "good"), ("changes", "open")):
        _direction(page, [change for change in found.changes if direction(change) == word], word, style, everything=everything)
    _resources(page, found)
    kept = f"{found.pairs:,} pairs compared on {found.services:,} services"
    page.line(f"nothing {'else ' if found.changes else ''}changes: {kept}")
    return page.text()


def _direction(page: Page, changes: Sequence[Change], word: str, style: str, *, everything: bool) -> None:
    groups = _grouped(changes)
    if groups:
        page.line((word, "strong"))
    for sources, destinations, first in groups:
        left = _some(sources, everything=everything)
        left += f" ({_some(first.senders, everything=everything)})" if first.senders else ""
        right = _some(destinations, everything=everything)
        right += f" ({_some(first.receivers, everything=everything)})" if first.receivers else ""
        verdicts = " -> ".join(verdict.value if verdict else "not there" for verdict in (first.before, first.after))
        page.row("", f"{left} -> {right}: {', '.join(joined(first.services))}", column=2, style=style)
        page.row("", verdicts, column=4)
        for cause in first.causes:
            page.row("", f"because {_cause(cause)}", column=4)
        page.row("", _witness(first), column=4, style="quiet")
    if groups:
        page.line()


def _grouped(changes: Sequence[Change]) -> list[tuple[tuple[str, ...], tuple[str, ...], Change]]:
    """Sources and destinations with one change, and one of theirs: first those of one set of sources, then those to one of destinations."""
    by_source: dict[object, list[Change]] = {}
    for change in changes:
        alike = (change.services, change.senders, change.receivers, change.before, change.after, change.causes)
        by_source.setdefault((change.sources, alike), []).append(change)
    by_destination: dict[object, list[tuple[tuple[str, ...], Change]]] = {}
    for (_sources, alike), group in by_source.items():  # type: ignore[misc]
        destinations = tuple(dict.fromkeys(name for change in group for name in change.destinations))
        by_destination.setdefault((frozenset(destinations), alike), []).append((destinations, group[0]))
    return [
        (tuple(dict.fromkeys(name for _, change in group for name in change.sources)), group[0][0], group[0][1])
        for group in by_destination.values()
    ]


def _witness(change: Change) -> str:
    """One packet of it: how it ends in the network after, or ended in the one before."""
    before, after = change.trips
    trip = after or before
    assert trip is not None
    return f"for example {trip.forward.sent}: {_ending(trip)}"


def _ending(trip: RoundTrip) -> str:
    if trip.answered:
        return "arrives, and the reply comes back" if trip.back else "arrives"
    step = trip.legs[-1].steps[-1]
    return f"{'reply ' if len(trip.legs) > 1 else ''}ends at {step.place.id}: {step_words(step)}" + (f" [{step.code}]" if step.code else "")


def _cause(change: NounChange) -> str:
    name = change.after or change.before
    where = "".join(dict.fromkeys(spot(origin) for origin in change.origins[:1]))
    return f"{noun(change.kind)} {name}: {'; '.join(change.what)}{where}"


def _resources(page: Page, found: Difference) -> None:
    met = {cause for change in found.changes for cause in change.causes}
    others = [change for change in found.nouns if change not in met]
    for old, new in found.renamed:
        page.line(f"{plain(old)} is now called {plain(new)}")
    if others:
        page.line((f"{len(others):,} more resource{'' if len(others) == 1 else 's'} differ{'s' if len(others) == 1 else ''}", "strong"))
        for change in others:
            page.row("", _cause(change), column=2)
    if others or found.renamed:
        page.line()


def _some(words: Sequence[str], *, everything: bool) -> str:
    shown = [plain(word) for word in (words if everything else words[:NAMES_SHOWN])]
    return ", ".join(shown) + (f" and {len(words) - len(shown):,} more" if len(words) > len(shown) else "")


def diff_document(found: Difference) -> dict[str, Any]:
    """All of it as plain dictionaries and lists, for `diff --json`."""
    return {
        "schema": "vpcsim/diff/1",
        "before": found.before,
        "after": found.after,
        "compared": {"pairs": found.pairs, "services": found.services},
        "changes": [
            {
                "direction": direction(change),
                "sources": list(change.sources),
                "destinations": list(change.destinations),
                "services": joined(change.services),
                "from": list(change.senders) or "all",
                "to": list(change.receivers) or "all",
                "before": change.before.value if change.before else None,
                "after": change.after.value if change.after else None,
                "because": [cause.after or cause.before for cause in change.causes],
                "witness": [None if trip is None else {"packet": str(trip.forward.sent), "end": _ending(trip)} for trip in change.trips],
            }
            for change in found.changes
        ],
        "resources": [
            {
                "kind": change.kind,
                "before": change.before or None,
                "after": change.after or None,
                "what": list(change.what),
                "where": [origin_document(origin) for origin in change.origins],
            }
            for change in found.nouns
        ],
        "renamed": [{"before": old, "after": new} for old, new in found.renamed],
        "new": list(found.new),
        "gone": list(found.gone),
    }
