"""What `vpcsim verify` prints: a line for each question, both traces where they are wanted, and the sum; or the same as a document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from simulator.origin import place_text
from simulator.report.escape import plain
from simulator.testing.expectations import question
from simulator.testing.kernel.steps import side_by_side
from simulator.testing.kernel.verify import Finding, Status, Traces

SCHEMA = "vpcsim/verify/1"
COLUMN = max(len(status.value) for status in Status)


def finding_text(finding: Finding, *, verbose: bool) -> str:
    """One finding for people; both traces where it differs, or always with `verbose`."""
    return "\n".join(map(plain, _finding(finding, verbose=verbose)))


def _finding(finding: Finding, *, verbose: bool) -> Iterator[str]:
    yield f"{finding.status.value:{COLUMN}}  {place_text(finding.question.place)}: {question(finding.question)}: {_verdicts(finding)}"
    if finding.difference:
        yield f"{'':{COLUMN}}  {finding.difference}"
    for reason in finding.reasons:
        yield f"{'':{COLUMN}}  not judged: {reason}"
    expected = finding.question.verdict
    if finding.says and expected not in {"", finding.says}:
        yield f"{'':{COLUMN}}  the file expects {expected}; `vpcsim test` tells more"
    if verbose or finding.status is Status.DIFFERS:
        for one in finding.traces:
            yield from (f"    {line}".rstrip() for line in _traces(one))


def _verdicts(finding: Finding) -> str:
    if not finding.says:
        return "no packets sent"
    packets = f"{finding.packets} packet{'s' * (finding.packets != 1)}, {finding.cases} case{'s' * (finding.cases != 1)}"
    if not finding.shown:
        return f"simulator {finding.says}, {packets}"
    return f"simulator {finding.says}, kernel {finding.shown}, {packets}"


def _traces(one: Traces) -> Iterator[str]:
    yield ""
    yield one.packet
    for leg, kernel, simulator in one.legs:
        yield f"{leg}:"
        yield from (f"  {line}" for line in side_by_side(kernel, simulator))
    yield ""


def sum_text(kernel: str, findings: Sequence[Finding]) -> str:
    """How many questions ended how."""
    counts = Counter(finding.status for finding in findings)
    words = [f"{counts[status]} {word}" for status, word in _COUNTED if counts[status] or status is Status.AGREES]
    return f"Linux {kernel}: {', '.join(words)}; {sum(finding.packets for finding in findings)} packets judged"


_COUNTED = (
    (Status.AGREES, "agree"),
    (Status.IN_PART, "agree as far as they could be judged"),
    (Status.DIFFERS, "differ"),
    (Status.NOT_JUDGED, "could not be judged"),
)


def findings_document(network: str, kernel: str, findings: Sequence[Finding]) -> dict[str, Any]:
    """The findings for scripts."""
    counts = Counter(finding.status.value for finding in findings)
    return {
        "network": network,
        "kernel": kernel,
        "questions": [_document(finding) for finding in findings],
        "summary": {status.value: counts[status.value] for status in Status} | {"packets": sum(finding.packets for finding in findings)},
        "schema": SCHEMA,
    }


def _document(finding: Finding) -> dict[str, Any]:
    asked = finding.question
    return {
        "question": {
            "source": asked.source,
            "destination": asked.destination,
            "service": asked.service or None,
            "source_port": asked.source_port or None,
            "one_way": asked.one_way,
            "by": asked.by,
            "file": asked.place.file,
            "line": asked.place.line,
        },
        "status": finding.status.value,
        "simulator": finding.says or None,
        "kernel": finding.shown or None,
        "expected": asked.verdict or None,
        "packets": finding.packets,
        "cases": finding.cases,
        "difference": finding.difference or None,
        "not_judged": list(finding.reasons),
        "traces": [
            {"packet": one.packet, "legs": [{"leg": leg, "kernel": kernel, "simulator": simulator} for leg, kernel, simulator in one.legs]}
            for one in finding.traces
        ],
    }
