"""The answer to "can A reach B": two verdicts, witnesses, the pieces behind a "sometimes", and all that stops the traffic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from simulator.evaluate.result import RoundTrip, Step, Trace, Verdict
from simulator.origin import Origin


class Query(NamedTuple):
    """The question as it was asked, every part resolved to text. `why_ports` says whose ephemeral range the source ports are."""

    network: str
    source: str
    destination: str
    service: str
    source_ports: str
    one_way: bool = False
    why_ports: str = ""
    service_given: bool = True


class Blocker(NamedTuple):
    """A step that refuses the packet. `leg` is `forward` or `reply`; `origin` the rule that refuses, `resource` what it belongs to."""

    leg: str
    step: Step
    resource: str
    origin: Origin | None

    @property
    def code(self) -> str:
        """The code of the explanation vocabulary."""
        return self.step.code


class Case(NamedTuple):
    """One group of pieces that end alike: for which values (`when`: field to text), how, and the share of all that was asked.

    `share` counts headers and choices, each equally likely; `trip` is a witness; `verdict` is always, never or unknown.
    """

    when: Mapping[str, str | list[str]]
    verdict: Verdict
    share: float
    trip: RoundTrip
    blockers: tuple[Blocker, ...] = ()


class Allowed(NamedTuple):
    """A service that passes, of a question that left the service open: always, or for some source ports and choices only."""

    service: str
    verdict: Verdict
    source_ports: str = ""


class Gap(NamedTuple):
    """Something that was not read or not modelled and lies on the way; `place` is the id of the hop that needed it."""

    resource: str
    place: str
    what: str
    leg: str


class Answer(NamedTuple):
    """What the exact analysis found out.

    `delivered` is the verdict of the forward leg, `answered` of the round trip; `works` and `fails` are a witness of each side,
    where there is one. `blockers` are those of every failing case, the first failing step of each (all with `all_blockers`).
    """

    query: Query
    delivered: Verdict
    answered: Verdict
    works: RoundTrip | None
    fails: RoundTrip | None
    cases: tuple[Case, ...] = ()
    allowed: tuple[Allowed, ...] = ()
    blockers: tuple[Blocker, ...] = ()
    gaps: tuple[Gap, ...] = ()
    assumptions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The headline: of the forward leg in a one-way question, else of the round trip."""
        return self.delivered if self.query.one_way else self.answered

    @property
    def witness(self) -> RoundTrip | None:
        """The round trip to show: one that works if there is one, else one that fails."""
        return self.works or self.fails

    @property
    def forward(self) -> Trace | None:
        """The forward leg of the witness."""
        return self.witness.forward if self.witness else None

    @property
    def reply(self) -> Trace | None:
        """The reply leg of the witness; none when nothing arrived."""
        return self.witness.back if self.witness else None
