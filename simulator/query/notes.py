"""Notes on an answer: what is worth telling beside verdict and blockers, as codes (`report/wording.py` has the sentences)."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.aws.snapshot import Snapshot
from simulator.aws.subnet import Subnet
from simulator.aws.vpc_endpoint import INSPECTION, VpcEndpoint
from simulator.evaluate.answer import Case, Query
from simulator.evaluate.result import RoundTrip, Trace, Verdict
from simulator.graph.codes import PAYLOAD
from simulator.graph.nodes import Choice


def notes_of(
    query: Query, delivered: Verdict, answered: Verdict, cases: tuple[Case, ...], witness: RoundTrip | None, snapshot: Snapshot
) -> tuple[str, ...]:
    """The codes of what should be noted, in the order of telling."""
    return tuple(_notes(query, delivered, answered, cases, witness, snapshot))


def _notes(
    query: Query, delivered: Verdict, answered: Verdict, cases: tuple[Case, ...], witness: RoundTrip | None, snapshot: Snapshot
) -> Iterator[str]:
    if query.one_way:
        yield "UNIDIRECTIONAL_PATH_ANALYSIS_ONLY"
    elif answered is Verdict.NEVER and delivered in (Verdict.ALWAYS, Verdict.SOMETIMES):
        yield "SIM_RETURN_PATH_BLOCKED"
    elif answered is Verdict.SOMETIMES and any(_by_port(case) for case in cases):
        yield "SIM_EPHEMERAL_PORTS_PARTIAL"
    judged = delivered if query.one_way else answered
    if judged is Verdict.SOMETIMES:
        by_payload = [_by_payload(case) for case in cases]
        if any(by_payload):
            yield "FIREWALL_UNSUPPORTED_RULE_OPTIONS"
        failing = zip(cases, by_payload, strict=True)
        if any(case.verdict is Verdict.NEVER and "choice" in case.when and not payload for case, payload in failing):
            yield "SIM_SUBNETS_DISAGREE"
    if witness is not None and witness.answered and len({frozenset(_inspected(leg, snapshot)) for leg in witness.legs}) > 1:
        yield "SIM_INSPECTED_ONE_WAY"
    if witness is not None and len(set(_zones(witness, snapshot))) > 1:
        yield "AVAILABILITY_ZONE_CROSSED"


def _inspected(leg: Trace, snapshot: Snapshot) -> Iterator[str]:
    """The endpoints for inspection that a leg passes (GWLBE-5, NFW-7)."""
    for hop in leg.hops:
        endpoint = snapshot.get(VpcEndpoint, hop.place.id)
        if endpoint is not None and endpoint.type == INSPECTION:
            yield endpoint.id


def _by_payload(case: Case) -> bool:
    """Whether a rule that looks inside packets was met (NFW-6)."""
    return any(isinstance(step.node, Choice) and step.node.what == PAYLOAD for leg in case.trip.legs for step in leg.steps)


def _by_port(case: Case) -> bool:
    """Whether a case is a reply that fails for some of the ports that clients or NATs pick."""
    ports = "source_ports" in case.when or "nat_ports" in case.when
    return case.verdict is Verdict.NEVER and ports and any(blocker.leg == "reply" for blocker in case.blockers)


def _zones(trip: RoundTrip, snapshot: Snapshot) -> Iterator[str]:
    for hop in trip.forward.hops:
        subnet = snapshot.get(Subnet, hop.place.id) if hop.place.kind == "subnet" else None
        if subnet is not None and subnet.zone:
            yield subnet.zone
