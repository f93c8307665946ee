"""The search: random networks, live, one after another, until the time is over; what it met, in numbers.

Walker, exact analysis and batch evaluator get the same packets. The walker answers every one of them; the other two are asked about some
of the networks, since they need more time than the kernel.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from simulator.testing.kernel.bed import Bed
from simulator.testing.kernel.compare import Difference, Judge, differences, exact_differences
from tests.oracle.kernel.batched import batch_differences
from tests.oracle.kernel.record import play
from tests.oracle.kernel.reduce import Case, report

KEPT = 3  # reports of each class of difference


class Pace(NamedTuple):
    """How many packets a network gets, and which share of the networks the slower evaluators are asked about: every n-th."""

    probes: int
    exact_every: int
    batch_every: int


@dataclass
class Counts:
    """What a search met. `mix`: packets by what became of them; `sites`: losses by kind; `sorts`: networks by what they have;
    `not_built`: packets that met something the bed does not build; `differences`: by level; `reports`: the reduced scenarios of some.
    """

    networks: int = 0
    flows: int = 0
    not_built: int = 0
    mix: Counter[str] = field(default_factory=Counter)
    sites: Counter[str] = field(default_factory=Counter)
    sorts: Counter[str] = field(default_factory=Counter)
    differences: Counter[str] = field(default_factory=Counter)
    reports: list[str] = field(default_factory=list)

    def add(self, other: Counts) -> None:
        """Add what another search met."""
        self.networks += other.networks
        self.flows += other.flows
        self.not_built += other.not_built
        self.reports += other.reports
        for mine, theirs in ((self.mix, other.mix), (self.sites, other.sites), (self.sorts, other.sorts)):
            mine.update(theirs)
        self.differences.update(other.differences)


SORTS = {
    "NAT gateways": "nat_gateways",
    "peerings": "peerings",
    "transit gateways": "transit_gateways",
    "endpoints": "vpc_endpoints",
    "functions": "lambdas",
}


def search(bed: Bed, seed: str, numbers: Iterator[int], seconds: float, pace: Pace) -> Counts:
    """Play networks of a seed until the time is over, or a class of difference has been met often enough."""
    counts, end = Counts(), time.monotonic() + seconds
    for number in numbers:
        if time.monotonic() > end:
            break
        value, numbered, probes, answers, ports = play(bed, seed, number, pace.probes)
        counts.networks += 1
        counts.flows += len(probes)
        counts.sorts.update(name for name, section in SORTS.items() if section in value)
        for answer in answers:
            counts.mix["answered" if answer.answered else "delivered only" if answer.delivered else "lost"] += 1
            counts.sites.update(site.kind for site in answer.lost.values())
        judge = Judge.of(numbered)
        counts.not_built += sum(bool(judge.beyond(*pair)) for pair in zip(probes, answers, strict=True))
        found: list[Difference] = list(differences(judge, probes, answers))
        if number % pace.exact_every == 0:
            found += exact_differences(judge, probes, answers)
        if number % pace.batch_every == 0:
            found += batch_differences(judge, probes, answers)
        for difference in found:
            counts.differences[difference.level] += 1
            if counts.differences[difference.level] <= KEPT:
                case = Case(value, judge.name(difference.probe.sender), difference.probe.flow, ports)
                counts.reports.append(f"# network {number} of seed {seed}\n{report(bed, case, difference.level)}")
    if bed.counts["lost without a trace"]:
        counts.differences["lost without a trace"] += bed.counts["lost without a trace"]
    return counts
