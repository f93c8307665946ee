"""What the model answers: one leg of a packet's way, with every check it met.

The words are those of `simulator/evaluate/result.py` and `explanation-codes.md`; nothing else is shared with the simulator.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from simulator.packet.flow import Flow

DELIVERED, ELSEWHERE, NOT_EXPECTED = "delivered", "elsewhere", "reply not expected"
DENIED, NO_ROUTE, NO_TRANSLATION, NO_INTERFACE, LOOP, GAP = "denied", "no route", "no translation", "no interface", "loop", "gap"

# What kind of end a code means; every other code is a denial.
DISPOSITION_OF = {
    "NO_ROUTE_TO_DESTINATION": NO_ROUTE,  # RT-14
    "BAD_STATE_ROUTE": NO_ROUTE,  # RT-15
    "NO_POSSIBLE_DESTINATION": NO_INTERFACE,  # MODEL-10
    "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS": NO_TRANSLATION,  # IGW-2
    "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS": NO_TRANSLATION,  # IGW-3
    "SIM_NAT_STATEFUL_INBOUND": NO_TRANSLATION,  # NAT-6
    "SIM_ROUTING_LOOP": LOOP,  # NAT-13
    "SIM_UNMODELLED": GAP,
}

Rule = tuple[str, str]  # resource and part, as in `sg-1`, `ingress 2`


@dataclass(frozen=True)
class Check:
    """One check: where, what, and how it went. `rules`: those that decide alike, any of which may be named (SG-1: no order)."""

    place: str
    what: str
    passed: bool
    header: Flow
    rules: frozenset[Rule] = frozenset()
    code: str = ""


@dataclass
class Leg:
    """One leg: how it ended, where, by which code and rules, and the way there.

    `code` none: the specification names no reason for this end. `hops`: every place with the header that left it. `end`: the
    endpoint reached. `choices`: what AWS would have picked, as (what, place, first, last, taken). `unknown`: where a filter
    was not wholly read; the packet passes, and arrives in a gap. `beyond`: the way led out of what this model
    knows. `quiet`: places that the walker does not name where it only asks them which way.
    `by_host`: an answer of the host's services, which goes no way.
    """

    disposition: str = ""
    place: str = ""
    code: str | None = ""
    rules: frozenset[Rule] = frozenset()
    header: Flow | None = None
    end: str = ""
    sender: str = ""
    sent: Flow | None = None
    hops: list[tuple[str, Flow]] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    choices: list[tuple[str, str, int, int, int]] = field(default_factory=list)
    unknown: str = ""
    beyond: bool = False
    quiet: set[str] = field(default_factory=set)
    by_host: bool = False

    def __str__(self) -> str:
        lines = [f"{self.disposition} at {self.place} {self.code or ''} {sorted(self.rules)} end={self.end or '-'}"]
        lines += [f"    hop {place}: {header}" for place, header in self.hops]
        lines += [
            f"    check {check.place}: {check.what} {'ok' if check.passed else 'NO ' + check.code} {sorted(check.rules)}"
            for check in self.checks
        ]
        return "\n".join(lines)


@dataclass(frozen=True)
class Reading:
    """Where a rule is believed only, or open to two readings: the values say what docs/semantics.md says, as we read it.

    The comparison uses other values to tell a known difference of the walker from a new one.
    """

    appliance_speaks_for_neighbours: bool = True  # RT-23: what it passes on for hosts of its own subnet
    nat_asks_how_it_came: bool = True  # NAT-8: a transit gateway brought it, and not an interface in the name of another
    state_is_for_connections: bool = True  # GWLBE-5: who misses the start of a flow, of TCP only


BY_THE_BOOK = Reading()


@dataclass
class Picks:
    """What AWS picks where the specification leaves it open (MODEL-6, NAT-3, RT-11).

    Without a value: the first one, and for a port the one the packet has. `draws`: further numbers, used up choice by choice for
    whatever has no value, so that a random list of them stands for any sequence of choices.
    """

    nat_port: int | None = None
    nat_address_index: int | None = None
    lambda_interface: int | None = None
    route_index: int | None = None
    zone_index: int | None = None
    draws: list[int] = field(default_factory=list)

    def take(self, what: str, place: str, first: int, last: int, usual: int) -> int:
        """The value of one choice between two bounds."""
        named = {
            "port": self.nat_port,
            "address": self.nat_address_index,
            "interface": self.lambda_interface,
            "route": self.route_index,
            "zone": self.zone_index,
        }
        value = named.get(what)
        if value is None and self.draws:
            value = first + self.draws.pop(0) % (last - first + 1)
        if value is None:
            value = usual if first <= usual <= last else first
        if not first <= value <= last:
            raise ValueError(f"no such {what} at {place}: {value} is not within {first}..{last}")
        return value


class Stop(Exception):  # noqa: N818 -- no error: the leg ends here
    """The packet goes no further: `code` says why, and `rules` which rule of the configuration decided, where one did."""

    def __init__(self, place: str, code: str | None, rules: frozenset[Rule] = frozenset(), disposition: str = "") -> None:
        super().__init__(place, code)
        self.place, self.code, self.rules = place, code, rules
        self.disposition = disposition or DISPOSITION_OF.get(code or "", DENIED)
