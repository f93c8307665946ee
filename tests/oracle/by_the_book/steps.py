"""What every stage of a journey does: write down where the packet is, what was checked and chosen, and what is known of its sender."""

from __future__ import annotations

from dataclasses import dataclass, field

from simulator.packet.flow import Flow
from tests.oracle.by_the_book.filters import Judgement, Marks
from tests.oracle.by_the_book.headers import Sessions
from tests.oracle.by_the_book.result import Check, Leg, Picks, Reading, Rule, Stop
from tests.oracle.by_the_book.world import World


@dataclass
class Steps:
    """One leg under way."""

    world: World
    header: Flow
    picks: Picks
    sessions: Sessions
    reading: Reading
    leg: Leg = field(default_factory=Leg)
    marks: Marks = field(default_factory=Marks)
    seen: set[object] = field(default_factory=set)
    emitter: str = ""  # the interface that sent the packet last
    answers: bool = False  # the packet answers one that arrived
    entered: str = ""  # by what kind of thing a foreign packet came into the VPC it is in (the transit matrix)

    # ---- writing down ----

    def at(self, place: str, stage: str) -> None:
        """A stage begins. NAT-13: the same stage met again with the same header is a loop."""
        if not self.leg.hops or self.leg.hops[-1][0] != place:
            self.leg.hops.append((place, self.header))
        key = (place, stage, self.header, self.marks)
        if key in self.seen:
            raise Stop(place, "SIM_ROUTING_LOOP")
        self.seen.add(key)

    def becomes(self, header: Flow) -> None:
        self.header = header
        self.world.version = header.version
        self.leg.hops[-1] = (self.leg.hops[-1][0], header)

    def check(self, what: str, passed: bool, code: str = "", rules: frozenset[Rule] = frozenset()) -> None:
        place = self.leg.hops[-1][0]
        self.leg.checks.append(Check(place, what, passed, self.header, rules, "" if passed else code))
        if not passed:
            raise Stop(place, code, rules)

    def beyond(self, place: str) -> Stop:
        """What this model does not know: a list or table that was not read, a target of another section."""
        self.leg.beyond = True
        return Stop(place, "SIM_UNMODELLED")

    def judged(self, what: str, judgement: Judgement) -> None:
        self.check(what, judgement.passed, judgement.code, judgement.rules)
        if judgement.unknown:
            self.leg.unknown = self.leg.unknown or self.leg.hops[-1][0]

    def choose(self, what: str, first: int, last: int, usual: int) -> int:
        place = self.leg.hops[-1][0]
        value = self.picks.take(what, place, first, last, usual)
        self.leg.choices.append((what, place, first, last, value))
        return value

    def arrive(self, end: str) -> None:
        self.leg.end, self.leg.place = end, self.leg.hops[-1][0]

    def forget_sender(self) -> None:
        """SG-13: behind this point AWS no longer knows who sent the packet."""
        self.marks = self.marks.forgotten()
