"""What evaluators return: steps, hops, traces, round trips and verdicts. Values only; the words are in `report/wording.py`."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from itertools import groupby
from typing import NamedTuple

from simulator.graph.nodes import AnyNode, Place
from simulator.origin import Origin
from simulator.packet.flow import Flow, Marks
from simulator.packet.ranges import Ranges


class Verdict(Enum):
    """The answer over all open fields and choices; unknown when a gap could still change it (MODEL-5, MODEL-6)."""

    ALWAYS = "always"
    SOMETIMES = "sometimes"
    NEVER = "never"
    UNKNOWN = "unknown"

    @classmethod
    def over(cls, outcomes: Iterator[bool | None]) -> Verdict:
        """The verdict over single outcomes: works, fails, or none for a gap.

        >>> Verdict.over(iter([True, False, None])), Verdict.over(iter([True, None]))
        (<Verdict.SOMETIMES: 'sometimes'>, <Verdict.UNKNOWN: 'unknown'>)
        """
        seen = set(outcomes)
        if {True, False} <= seen:
            return cls.SOMETIMES
        if None in seen or not seen:
            return cls.UNKNOWN
        return cls.ALWAYS if True in seen else cls.NEVER


class Disposition(Enum):
    """How one leg ended."""

    DELIVERED = "delivered"
    ELSEWHERE = "elsewhere"
    REPLY_NOT_EXPECTED = "reply not expected"
    DENIED = "denied"
    NO_ROUTE = "no route"
    NO_TRANSLATION = "no translation"
    NO_INTERFACE = "no interface"
    LOOP = "loop"
    GAP = "gap"


DISPOSITION_OF = {
    "NO_ROUTE_TO_DESTINATION": Disposition.NO_ROUTE,
    "BAD_STATE_ROUTE": Disposition.NO_ROUTE,
    "NO_POSSIBLE_DESTINATION": Disposition.NO_INTERFACE,
    "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS": Disposition.NO_TRANSLATION,
    "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS": Disposition.NO_TRANSLATION,
    "SIM_NAT_STATEFUL_INBOUND": Disposition.NO_TRANSLATION,
    "SIM_ROUTING_LOOP": Disposition.LOOP,
}


class Outcome(Enum):
    """What a node did with the packet."""

    ROUTED = "routed"
    NO_ROUTE = "no route"
    PERMITTED = "permitted"
    OTHERWISE = "otherwise"
    DENIED = "denied"
    UNKNOWN = "unknown"
    REPLY = "reply"
    NEW = "new"
    CHOSE = "chose"
    SENT = "sent"
    TRANSLATED = "translated"
    RESTORED = "restored"
    NO_TRANSLATION = "no translation"
    PASSED = "passed"
    DELIVERED = "delivered"
    DROPPED = "dropped"
    LOOPED = "looped"


BLOCKING = frozenset({Outcome.DENIED, Outcome.DROPPED, Outcome.LOOPED})


class Taken(NamedTuple):
    """One value of a choice sequence: `value` out of `first` to `last`, for `what` (an option, an address or a port) at a place.

    `labels` name the values, where they have names.
    """

    what: str
    place: Place
    value: int
    first: int
    last: int
    labels: tuple[str, ...] = ()

    def texts(self, values: Ranges) -> list[str]:
        """The names of some of the values."""
        return [self.labels[value] for first, last in values for value in range(first, last + 1)]


class Step(NamedTuple):
    """One decision: the node at that index of the graph, what came of it, the rule or route it was decided by, the header before and
    after, and the marks it was judged with.
    """

    at: int
    node: AnyNode
    outcome: Outcome
    before: Flow
    after: Flow
    marks: Marks
    because: Origin | None = None
    others: tuple[Origin, ...] = ()
    code: str = ""
    detail: str = ""

    @property
    def place(self) -> Place:
        """Where the decision was taken."""
        return self.node.place

    @property
    def blocks(self) -> bool:
        """Whether the packet may not go on."""
        return self.outcome in BLOCKING


class Hop(NamedTuple):
    """A run of steps at one place."""

    place: Place
    steps: tuple[Step, ...]


class Trace(NamedTuple):
    """One leg. `sent` is the header as its sender put it on the wire, `received` the last header; `end` the endpoint reached.

    `choices` are the choices met, in order; `visited` counts loops away: it is how many nodes were met.
    """

    disposition: Disposition
    end: str
    steps: tuple[Step, ...]
    sent: Flow
    received: Flow
    sender: str
    choices: tuple[Taken, ...]
    reply_at: int

    @property
    def hops(self) -> tuple[Hop, ...]:
        """The steps, grouped by place in the order travelled."""
        return tuple(Hop(place, tuple(steps)) for place, steps in groupby(self.steps, key=lambda step: step.place))

    @property
    def blockers(self) -> tuple[Step, ...]:
        """The steps that refuse the packet: the last one, or all of them where the walk went on past denials."""
        return tuple(step for step in self.steps if step.blocks)

    @property
    def gaps(self) -> tuple[Step, ...]:
        """The steps where something was not read or not modelled."""
        return tuple(step for step in self.steps if step.outcome is Outcome.UNKNOWN)

    @property
    def arrived(self) -> bool | None:
        """Whether the leg did what was wished; none when a gap decides."""
        return None if self.disposition is Disposition.GAP else self.disposition is Disposition.DELIVERED


class RoundTrip(NamedTuple):
    """A forward leg and its reply; `back` is none when nothing arrived or nothing answers (one-way questions, ICMP errors)."""

    forward: Trace
    back: Trace | None

    @property
    def delivered(self) -> bool | None:
        """Whether the packet arrived; none when a gap decides."""
        return self.forward.arrived

    @property
    def answered(self) -> bool | None:
        """Whether the packet arrived and its reply came back. A packet that asks nothing (MODEL-4) needs no reply."""
        if self.back is None or self.forward.arrived is False or self.back.arrived is False:
            return self.forward.arrived if self.back is None else False
        return None if None in (self.forward.arrived, self.back.arrived) else True

    @property
    def legs(self) -> tuple[Trace, ...]:
        """The legs walked."""
        return (self.forward,) if self.back is None else (self.forward, self.back)

    @property
    def choices(self) -> tuple[Taken, ...]:
        """The choices of both legs, in order."""
        return tuple(choice for leg in self.legs for choice in leg.choices)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of both legs, in order."""
        return tuple(step for leg in self.legs for step in leg.steps)
