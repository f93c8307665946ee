"""Connections that arrive and whose answers do not come back: never (VS601), to some source ports only (VS602), or only where
AWS picks one thing and not another (VS603).

All is what the exact analysis says of TCP between the parties of the network. One finding for each place where answers end and the
rule that ends them there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from simulator.aws.network_interface import NetworkInterface
from simulator.aws.snapshot import Snapshot
from simulator.aws.subnet import Subnet
from simulator.evaluate.exact import Piece
from simulator.evaluate.region import choice_name
from simulator.evaluate.result import Disposition
from simulator.graph.nodes import Place
from simulator.origin import Origin
from simulator.packet.ranges import Ranges, union
from simulator.query.checks.given import Given, finding
from simulator.query.checks.losing import Losing
from simulator.query.checks.traffic import Party, TooManyPiecesError, parties_of, pieces_between, same_headers
from simulator.query.findings import Finding

MOST_PAIRS = 1500  # are asked about, of those between which answers may get lost


@dataclass(slots=True)
class _Lost:
    """Answers that end at one place for one reason: an example, and who else. `client_ports`: those the answers were for. `pick`: what
    AWS picked there. `strange`: they come from an address that was not asked.
    """

    source: Party
    destination: Party
    ports: Ranges
    client_ports: Ranges
    pick: str
    strange: bool
    pairs: set[tuple[str, str]] = field(default_factory=set)


def find(given: Given) -> Iterator[Finding]:
    """All findings about answers that get lost."""
    graph, snapshot = given.compiled(), given.snapshot
    parties = parties_of(graph, snapshot)
    lost: dict[tuple[str, Place, Origin | None], _Lost] = {}
    tried = 0
    for one, other in Losing.of(snapshot, parties).pairs(graph, snapshot, parties):
        tried += 1
        if tried > MOST_PAIRS:
            continue
        try:
            for pieces in pieces_between(graph, snapshot, one, other):
                _note(lost, pieces, one, other)
        except TooManyPiecesError:
            given.unasked.append(f"answers from {other.word} to {one.word}: too many different cases")
    if tried > MOST_PAIRS:
        given.unasked.append(f"answers between {tried - MOST_PAIRS:,} of {tried:,} pairs that may lose some")
    for (rule, place, origin), what in lost.items():
        if given.wants(rule):
            yield finding(rule, _told(rule, place, origin, what), _written(snapshot, place, origin, what))


def _note(lost: dict[tuple[str, Place, Origin | None], _Lost], pieces: list[Piece], one: Party, other: Party) -> None:
    others = [piece for piece in pieces if piece.trip.answered is not False and piece.trip.delivered is not False]
    for piece in pieces:
        back = piece.trip.back
        if not piece.trip.delivered or piece.trip.answered is not False or back is None:
            continue
        rule, client, pick = _why_not_all(piece, [good for good in others if same_headers(piece.box, good.box)])
        step = (back.blockers or back.steps[-1:])[-1]
        ports = piece.box.ranges["destination_port"]
        strange = back.disposition in (Disposition.REPLY_NOT_EXPECTED, Disposition.ELSEWHERE)
        known = lost.setdefault((rule, step.place, step.because), _Lost(one, other, ports, client, pick, strange))
        known.pairs.add((one.word, other.word))
        if (known.source, known.destination) == (one, other):
            known.ports, known.client_ports = union((known.ports, ports)), union((known.client_ports, client))


def _why_not_all(piece: Piece, others: list[Piece]) -> tuple[str, Ranges, str]:
    """The rule that a piece breaks, beside pieces with the same headers that do not: it has other source ports, or a NAT gateway took
    others for it, or AWS picked something else. And the source ports and the pick it is about.
    """
    source_ports = piece.box.ranges["source_port"]
    if not others:
        return "VS601", source_ports, ""
    picks = [(taken, piece.box.ranges.get(choice_name(at))) for at, taken in enumerate(piece.trip.choices)]
    if all(not (source_ports & other.box.ranges["source_port"]) for other in others) or not picks:
        return "VS602", source_ports, ""
    for taken, chosen in picks:
        if taken.what == "port" and chosen and chosen != Ranges.of((taken.first, taken.last)):
            return "VS602", chosen, ""
    words = [f"`{text}` at `{taken.place.id}`" for taken, chosen in picks if taken.labels and chosen for text in taken.texts(chosen)[:1]]
    return "VS603", source_ports, " and ".join(words[:2])


def _told(rule: str, place: Place, origin: Origin | None, what: _Lost) -> str:
    ports = "" if what.ports == Ranges.of((0, 65535)) else f"/{what.ports}"
    many = len(what.pairs) - 1
    more = f"; {many} more such pair{'s' if many > 1 else ''}" if many else ""
    some = {"VS602": f" to source ports {what.client_ports}", "VS603": f", where AWS picks {what.pick},"}.get(rule, "")
    reaches = f"`{what.source.word}` reaches `{what.destination.word}` at tcp{ports}"
    if what.strange:
        return f"{reaches}, and the answers{some} come from an address that was not asked{more}"
    where = f"{place.kind.replace('-', ' ')} `{place.id}`" if place.id != place.kind else f"the {place.kind}"
    by = f" by {origin.resource} {origin.part}" if origin and origin.resource != place.id else f" ({origin.part})" if origin else ""
    return f"{reaches}, and the answers{some} end at {where}{by}{more}"


def _written(snapshot: Snapshot, place: Place, origin: Origin | None, what: _Lost) -> Origin:
    """Where the rule was written that ends answers; where nobody wrote it, the place they end at, else where they are sent from."""
    if origin and origin.place:
        return origin
    subnets = [place.id, *what.destination.subnets, *what.source.subnets]
    nouns = [snapshot.get(NetworkInterface, place.id), *(snapshot.get(Subnet, name) for name in subnets)]
    known = next((noun for noun in nouns if noun and noun.origin.place), None)
    if known is None:
        return origin or Origin(place.id)
    return Origin(origin.resource, origin.part, known.origin.place) if origin else known.origin
