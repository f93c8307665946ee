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

RANK = (Verdict.NEVER, Verdict.UNKNOWN, Verdict.SOMETIMES, Verdict.ALWAYS)
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
        return min(verdicts, key=RANK.index)


def best_chain(snapshot: Snapshot, ask: Ask, source: str, destination: str, service: str | None) -> Chain:
    """The chain that works best, the shortest of equals. Raises `InputError` when the source invokes nothing that leads there."""
    start = resolve(snapshot, source)[0]
    if start.sort not in (Sort.EVENT_SOURCE, Sort.FUNCTION):
        raise InputError(f"`{source}` invokes no function; name an event source or a function")
    goal = resolve(snapshot, destination)[0]
    chains: list[Chain] = []
    for function, links in _invocations(snapshot, ask, start.name).items():
        if goal.sort is not Sort.FUNCTION:
            packets = ask(f"lambda:{function}", destination, service)
            chains.append(Chain(source, destination, service or "", links, packets))
        elif goal.name == function:
            chains.append(Chain(source, destination, service or "", links, None))
    if not chains:
        raise InputError(f"nothing that `{source}` invokes leads to `{destination}`")
    return max(chains, key=lambda chain: (RANK.index(chain.verdict), -len(chain.links)))


def _invocations(snapshot: Snapshot, ask: Ask, start: str) -> dict[str, tuple[Link, ...]]:
    """For each function that a source leads to, the chain of invocations that works best, the shortest of equals."""
    needs: dict[str, Answer] = {}
    best: dict[str, tuple[Link, ...]] = {}
    work: list[tuple[str, tuple[Link, ...]]] = [(start, ())]
    while work:
        caller, links = work.pop(0)
        for link in _links(snapshot, ask, needs, caller, first=not links):
            chain = (*links, link)
            known = best.get(link.function)
            if link.function != start and (known is None or _value(chain) > _value(known)):
                best[link.function] = chain
                work.append((link.function, chain))
    return best


def _links(snapshot: Snapshot, ask: Ask, needs: dict[str, Answer], caller: str, *, first: bool) -> list[Link]:
    """What one caller invokes. Functions call over the Lambda API, whose way is asked once for each (LAMBDA-19)."""
    source = snapshot.get(EventSource, caller) if first else None
    if source is not None:
        return [Link(caller, source.type, name) for name in source.invokes]
    function = snapshot.get(LambdaFunction, caller)
    if function is None or not function.invokes:
        return []
    if caller not in needs:
        needs[caller] = ask(f"lambda:{caller}", *LAMBDA_API)
    return [Link(caller, "lambda-function", name, needs[caller]) for name in function.invokes]


def _value(links: tuple[Link, ...]) -> int:
    return min(RANK.index(link.verdict) for link in links)
