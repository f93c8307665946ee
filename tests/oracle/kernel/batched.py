"""The batch evaluator's side of the comparison: the same flows with the kernel's choices, all of a network at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simulator.evaluate.batch.flows import Sent, starts_of
from simulator.evaluate.batch.lower import DISPOSITIONS, lower
from simulator.evaluate.many import run_flows
from simulator.evaluate.result import Disposition
from simulator.testing.kernel.bed import Answer, Probe
from simulator.testing.kernel.compare import Difference, Judge

NOBODY = "nobody"
DELIVERED, GAP = DISPOSITIONS.index(Disposition.DELIVERED), DISPOSITIONS.index(Disposition.GAP)


def batch_differences(judge: Judge, probes: Sequence[Probe], answers: Sequence[Answer]) -> Iterator[Difference]:
    """The probes of which the batch evaluator says something else than the kernel: delivered there, and answered."""
    asked = [
        (probe, answer, judge.walk(probe, answer)) for probe, answer in zip(probes, answers, strict=True) if not judge.beyond(probe, answer)
    ]
    if not asked:
        return
    sent = []
    for probe, answer, trip in asked:
        end = judge.name(answer.delivered[0]) if answer.delivered else NOBODY
        sent.append(Sent(judge.start(probe.sender), probe.flow, frozenset({end}), tuple(taken.value for taken in trip.choices)))
    program = lower(judge.graph)
    found = run_flows(judge.graph, program, 4, starts_of(program, sent), sent.__getitem__)
    for row, (probe, answer, trip) in enumerate(asked):
        forward, back = int(found.forward.disposition[row]), int(found.back.disposition[row])
        if GAP in (forward, back):
            continue
        kernel_says = (answer.delivered is not None, answer.answered or not answer.delivered)
        batch_says = (forward == DELIVERED, back == DELIVERED or forward != DELIVERED)
        if kernel_says != batch_says:
            yield Difference("batch", probe, answer, trip, str(kernel_says), str(batch_says))
