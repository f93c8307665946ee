"""Reachable by invocation: event sources and functions that invoke each other, then packets (LAMBDA-15 to LAMBDA-22).

The two worlds are never mixed into one graph. A chain is a list of links; an invocation crosses no VPC element, and only a function
that *calls* another one from its code needs packets for it, to the Lambda API (LAMBDA-19, LAMBDA-20). The last link is ordinary
traffic from the last function to the destination.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from simulator.aws.event_fabric import EventSource
from simulator.aws.lambda_function import LambdaFunction
from simulator.aws.snapshot import Snapshot
from simulator.evaluate.answer import Answer
from simulator.evaluate.result import Verdict
from simulator.problems import InputError
from simulator.query.endpoints import Sort, resolve

LAMBDA_API = ("service:lambda", "tcp/443")
Ask = Callable[[str, str, str | None], Answer]


class Link(NamedTuple):
    """One invocation: who invokes whom. `needs` is the caller's way to the Lambda API, none for a service that invokes by itself."""

    caller: str
    caller_kind: str
    function: str
    needs: Answer | None = None

    @property
    def verdict(self) -> Verdict:
        """Whether the invocation can happen, as far as the network decides."""
        return Verdict.ALWAYS if self.needs is None else self.needs.verdict


class Chain(NamedTuple):
    """Links from a source to a function, and that function's packets to the destination (none when it is the destination itself)."""

    source: str
    destination: str
    service: str
    links: tuple[Link, ...]
    packets: Answer | None

    @property
    def verdict(self) -> Verdict:
        """The worst of the links and the packets: all have to work (LAMBDA-22: no reply check for invocations)."""
        verdicts = [link.verdict for link in self.links] + ([self.packets.verdict] if self.packets else [])
        worst = (Verdict.NEVER, Verdict.UNKNOWN, Verdict.SOMETIMES, Verdict.ALWAYS)
        return min(verdicts, key=worst.index)


def best_chain(snapshot: Snapshot, ask: Ask, source: str, destination: str, service: str | None) -> Chain:
    """The chain that works best, the shortest of equals. Raises `InputError` when the source invokes nothing."""
    start = resolve(snapshot, source)[0]
    if start.sort not in (Sort.EVENT_SOURCE, Sort.FUNCTION):
        raise InputError(f"`{source}` invokes no function; name an event source or a function")
    goal = resolve(snapshot, destination)[0]
    best: Chain | None = None
    rank = (Verdict.NEVER, Verdict.UNKNOWN, Verdict.SOMETIMES, Verdict.ALWAYS)
    for links in _invocations(snapshot, ask, start.name):
        last = links[-1].function
        arrived = goal.sort is Sort.FUNCTION and goal.name == last
        chain = Chain(source, destination, service or "", links, None if arrived else _packets(ask, last, destination, service))
        if goal.sort is Sort.FUNCTION and not arrived:
            continue
        if best is None or rank.index(chain.verdict) > rank.index(best.verdict):
            best = chain
    if best is None:
        raise InputError(f"nothing that `{source}` invokes leads to `{destination}`")
    return best


def _packets(ask: Ask, function: str, destination: str, service: str | None) -> Answer:
    return ask(f"lambda:{function}", destination, service)


def _invocations(snapshot: Snapshot, ask: Ask, start: str) -> list[tuple[Link, ...]]:
    """Every chain of invocations from a source, each function once, shortest first."""
    needs: dict[str, Answer] = {}
    found: list[tuple[Link, ...]] = []
    work: list[tuple[str, tuple[Link, ...]]] = [(start, ())]
    seen = {start}
    while work:
        caller, links = work.pop(0)
        source, function = snapshot.get(EventSource, caller), snapshot.get(LambdaFunction, caller)
        invokes = source.invokes if source and not links else function.invokes if function else ()
        for name in invokes:
            if name in seen:
                continue
            seen.add(name)
            if source and not links:
                link = Link(caller, source.type, name)
            else:
                if caller not in needs:
                    needs[caller] = ask(f"lambda:{caller}", *LAMBDA_API)
                link = Link(caller, "lambda-function", name, needs[caller])
            found.append((*links, link))
            work.append((name, (*links, link)))
    return found
