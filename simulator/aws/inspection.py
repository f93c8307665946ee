"""Inspection of packets that pass an endpoint: rules in order, and what is known of the flow (GWLBE-5, GWLBE-6, NFW-5, NFW-7).

A stateful device passes what belongs to a flow it has passed, judges what is new by its rules, and drops the answer of a TCP connection
whose start it never saw: that is why both directions have to pass the same endpoint. Nobody knows whether an unknown appliance keeps
state; where that decides, the answer is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.aws.permissions import Traffic
from simulator.aws.resource import Cidr, Field, ListOf, Record, ServiceText, Values
from simulator.aws.snapshot import Draft
from simulator.graph.builder import Builder
from simulator.graph.nodes import Filter, Place, Ref, Rule, RuleList, SessionMatch
from simulator.origin import Origin
from simulator.packet.flow import ICMP, ICMPV6, TCP, UDP
from simulator.packet.prefix import Prefix
from simulator.packet.space import Match

RULE = Record(
    (
        Field("from", ListOf(Cidr()), "the sources; every one when left out"),
        Field("to", ListOf(Cidr()), "the destinations; every one when left out"),
        Field("allow", ListOf(ServiceText()), "the services passed"),
        Field("deny", ListOf(ServiceText()), "the services dropped"),
    )
)


@dataclass(frozen=True, slots=True)
class Passage:
    """One rule of a device: the first that matches decides. No sources or destinations: every one."""

    permit: bool
    sources: tuple[Prefix, ...]
    destinations: tuple[Prefix, ...]
    traffic: Traffic
    origin: Origin

    @property
    def rule(self) -> Rule:
        """The rule as the graph has it."""
        match = self.traffic.match(sources=self.sources or None, destinations=self.destinations or None)
        return Rule(match, self.permit, self.origin)


def authored_passages(owner: str, entries: list[Values], draft: Draft) -> tuple[Passage, ...]:
    """The rules of a scenario's device, in order."""
    found: list[Passage] = []
    for number, values in enumerate(entries, 1):
        if ("allow" in values) == ("deny" in values):
            draft.problems.error(f"`{owner}`: a rule of its inspection says `allow` or `deny`, one of them", values.place)
            continue
        permit = "allow" in values
        origin = Origin(owner, f"inspection {number}", values.place)
        ends = tuple(values.get("from", ())), tuple(values.get("to", ()))
        found += [Passage(permit, *ends, Traffic.of(service), origin) for service in values["allow" if permit else "deny"]]
    return tuple(found)


def inspect(
    build: Builder, place: Place, table: str, rules: RuleList, then: Ref, *, keeps_state: bool | None, code: str, cites: tuple[str, ...]
) -> int:
    """A device that judges new flows by `rules`. `table` remembers what it passed; `keeps_state` none: nobody knows whether it does."""
    judged = build.add(Filter(place=place, what="inspection", rules=build.share(rules), then=then, code=code, remembers=table, cites=cites))
    if keeps_state is False:
        return judged
    origin = rules.origin.of("flows it saw the start of")
    half = Filter(
        place=place,
        what="answers to what it never saw",
        rules=build.share(whole_flows(origin, known=keeps_state is True)),
        then=judged,
        code="SIM_RETURN_PATH_ASYMMETRIC",
        cites=("GWLBE-5", "NFW-7"),
        plumbing=True,
    )
    known = SessionMatch(place=place, what="flows it passed", table=table, then=then, miss=build.add(half), cites=cites)
    return build.add(known)


def whole_flows(origin: Origin, *, known: bool) -> RuleList:
    """New packets pass, and so do answers without a connection; of TCP the answers do not, or nobody knows."""
    if known:
        return RuleList((Rule(Match(protocol=TCP, reply=True), False, origin),), origin, permit=True)
    passed = [Rule(Match(reply=False), True, origin), *(Rule(Match(protocol=number), True, origin) for number in (UDP, ICMP, ICMPV6))]
    return RuleList(tuple(passed), origin, unread=(Rule(Match(), True, origin),))
