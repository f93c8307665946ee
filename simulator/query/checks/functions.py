"""Functions: public subnets do not give them the internet (VS501), and each of their subnets must let the same through (VS502)."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.aws.internet import ENDPOINT
from simulator.aws.lambda_function import LambdaFunction
from simulator.evaluate.exact import Piece
from simulator.evaluate.result import RoundTrip
from simulator.query.checks.given import Given, finding, named
from simulator.query.checks.traffic import Party, TooManyPiecesError, parties_of, pieces_between, same_headers
from simulator.query.endpoints import Sort
from simulator.query.findings import Finding

NO_PUBLIC_ADDRESS = "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS"


def find(given: Given) -> Iterator[Finding]:
    """All findings about functions."""
    graph, snapshot = given.compiled(), given.snapshot
    if not any(function.interfaces for function in snapshot.all(LambdaFunction)):
        return
    parties = parties_of(graph, snapshot)
    for one in (party for party in parties if party.end.sort is Sort.FUNCTION and party.interfaces):
        function = snapshot.get(LambdaFunction, one.end.name)
        assert function is not None  # the end was made of it
        disagreements: list[str] = []
        for other in parties:
            try:
                pieces = [piece for some in pieces_between(graph, snapshot, one, other) for piece in some]
            except TooManyPiecesError:
                given.unasked.append(f"what {one.word} reaches at {other.word}: too many different cases")
                continue
            if other.word == ENDPOINT and (gateway := _stopped_without_address(pieces)):
                if given.wants("VS501"):
                    told = (
                        f"function `{function.id}`: its packets for the internet end at `{gateway}`, since a function has no public address"
                    )
                    yield finding("VS501", told, function.origin)
                continue
            if len(one.interfaces) > 1 and (words := _disagreement(one, other, pieces)):
                disagreements.append(words)
        if disagreements and given.wants("VS502"):
            more = f"; {len(disagreements) - 1} more destinations are like that" if len(disagreements) > 1 else ""
            yield finding("VS502", f"function `{function.id}`: {disagreements[0]}{more}", function.origin)


def _stopped_without_address(pieces: list[Piece]) -> str:
    """The internet gateway that refuses packets for want of a public address, or empty."""
    codes = ((step.code, step.place.id) for piece in pieces for step in piece.trip.forward.blockers)
    return next((place for code, place in codes if code == NO_PUBLIC_ADDRESS), "")


def _disagreement(one: Party, other: Party, pieces: list[Piece]) -> str:
    """Which subnets of a function let a connection through and which do not, or empty."""
    by_subnet: dict[str, list[Piece]] = {}
    for piece in pieces:
        subnet = _subnet(one, piece.trip)
        if subnet:
            by_subnet.setdefault(subnet, []).append(piece)
    for subnet, some in by_subnet.items():
        for good in (piece for piece in some if piece.trip.answered):
            failing = [name for name, others in by_subnet.items() if name != subnet and _fails(good, others)]
            if failing:
                port = good.box.ranges["destination_port"]
                service = f"tcp/{443 if 443 in port else port.first}"
                return f"it reaches `{other.word}` at {service} from subnet `{subnet}`, and not from {named(failing)}"
    return ""


def _fails(good: Piece, others: list[Piece]) -> bool:
    """Whether what gets through elsewhere is known to fail here for every source port."""
    alike = [piece for piece in others if _same(good, piece)]
    return bool(alike) and all(piece.trip.answered is False for piece in alike)


def _same(one: Piece, other: Piece) -> bool:
    """Whether two pieces have headers in common, but for the source, which the interface gives."""
    source = one.box.ranges["source"]
    return same_headers(one.box.with_ranges(source=source), other.box.with_ranges(source=source))


def _subnet(party: Party, trip: RoundTrip) -> str:
    """The subnet that a function's packet took."""
    own = {interface.id: interface.subnet for interface in party.interfaces}
    return next((own[step.place.id] for step in trip.forward.steps if step.place.id in own), "")
