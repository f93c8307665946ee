"""Reachable by invocation: event sources and functions that invoke each other, then packets (LAMBDA-15 to LAMBDA-22); and over load
balancers that take one connection and make another (ELB-2, ALB-1).

The two worlds are never mixed into one graph. A chain is a list of links; an invocation crosses no VPC element, and only a function
that *calls* another one from its code needs packets for it, to the Lambda API (LAMBDA-19, LAMBDA-20). So does a client, to a listener of
a load balancer. The last link is ordinary traffic from the last function or load balancer to the destination.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from simulator.aws.balancing import PROXIES, aims_of, groups_used
from simulator.aws.data_service import DataService
from simulator.aws.event_fabric import POLLED_INSIDE, EventSource
from simulator.aws.instance import Instance
from simulator.aws.lambda_function import LambdaFunction
from simulator.aws.listener import groups_of, listeners_of
from simulator.aws.load_balancer import LoadBalancer, nodes_of
from simulator.aws.snapshot import Snapshot
from simulator.aws.target_group import TargetGroup, functions_of
from simulator.evaluate.answer import Answer
from simulator.evaluate.result import Verdict
from simulator.problems import InputError
from simulator.query.endpoints import End, Sort, resolve

RANK = (Verdict.NEVER, Verdict.UNKNOWN, Verdict.SOMETIMES, Verdict.ALWAYS)
LAMBDA_API = ("service:lambda", "tcp/443")
Ask = Callable[[str, str, str | None], Answer]


class Link(NamedTuple):
    """One invocation: who invokes whom. `needs` is the caller's way to the Lambda API, none for a service that invokes by itself. With the
    kind `connection` the caller is a client, `function` the load balancer that takes its connection, and `needs` the way to it.
    """

    caller: str
    caller_kind: str
    function: str
    needs: Answer | None = None
    unread: bool = False

    @property
    def verdict(self) -> Verdict:
        """Whether the invocation can happen, as far as the network decides; `unread`: what it needs nobody can say."""
        return Verdict.UNKNOWN if self.unread else Verdict.ALWAYS if self.needs is None else self.needs.verdict


class Chain(NamedTuple):
    """Links from a source to a function or load balancer, and the packets of that one to the destination (none when the function is
    the destination itself).
    """

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
    """The chain that works best, of equals one whose links work, then the shortest. Raises `InputError` when the source invokes nothing
    that leads there.
    """
    start, goals = resolve(snapshot, source)[0], resolve(snapshot, destination)
    asked = _Asked(snapshot, ask, source, destination, service, frozenset(goal.name for goal in goals), goals[0].sort is Sort.FUNCTION)
    chains = [*_by_invocation(asked, start.name, ())] if start.sort in (Sort.EVENT_SOURCE, Sort.FUNCTION) else []
    if start.sort is not Sort.EVENT_SOURCE:
        chains += _over_balancers(asked, start)
    if not chains and not _may_begin(snapshot, start):
        raise InputError(f"`{source}` invokes no function; name an event source or a function, or a destination behind a load balancer")
    if not chains:
        means = "invokes or connects to" if start.sort is not Sort.EVENT_SOURCE and _has_proxies(snapshot) else "invokes"
        raise InputError(f"nothing that `{source}` {means} leads to `{destination}`")
    return max(chains, key=lambda chain: (RANK.index(chain.verdict), _value(chain.links), -len(chain.links)))


class _Asked(NamedTuple):
    """The question: `goals` are the names of the destination's interfaces or function."""

    snapshot: Snapshot
    ask: Ask
    source: str
    destination: str
    service: str | None
    goals: frozenset[str]
    is_function: bool

    def chain(self, links: tuple[Link, ...], packets: Answer | None) -> Chain:
        return Chain(self.source, self.destination, self.service or "", links, packets)


def _may_begin(snapshot: Snapshot, start: End) -> bool:
    return start.sort in (Sort.EVENT_SOURCE, Sort.FUNCTION) or _has_proxies(snapshot)


def _has_proxies(snapshot: Snapshot) -> bool:
    return any(balancer.type in PROXIES for balancer in snapshot.all(LoadBalancer))


def _by_invocation(asked: _Asked, start: str, before: tuple[Link, ...]) -> Iterator[Chain]:
    """The chains that begin with something that invokes; `before` are the links to it."""
    for function, links in _invocations(asked.snapshot, asked.ask, start).items():
        if not asked.is_function:
            packets = asked.ask(f"lambda:{function}", asked.destination, asked.service)
            yield asked.chain((*before, *links), packets)
        elif function in asked.goals:
            yield asked.chain((*before, *links), None)


def _over_balancers(asked: _Asked, start: End) -> Iterator[Chain]:
    """The chains over each load balancer that connects anew or invokes: from one of its listeners, or from itself."""
    for balancer in asked.snapshot.all(LoadBalancer):
        if balancer.type not in PROXIES:
            continue
        if start.name in balancer.interfaces:
            yield from _behind(asked, balancer, groups_used(asked.snapshot, balancer), ())
            continue
        for listener in listeners_of(asked.snapshot, balancer.id):
            groups = groups_of(asked.snapshot, [listener])
            if not _leads_on(asked, balancer, groups):
                continue
            needs = asked.ask(asked.source, f"lb:{balancer.id}", f"tcp/{listener.port}")
            yield from _behind(asked, balancer, groups, (Link(asked.source, "connection", balancer.id, needs),))


def _leads_on(asked: _Asked, balancer: LoadBalancer, groups: list[TargetGroup]) -> bool:
    return bool(functions_of(groups)) or _is_target(asked, balancer, groups)


def _is_target(asked: _Asked, balancer: LoadBalancer, groups: list[TargetGroup]) -> bool:
    vpc = next((node.vpc for node in nodes_of(asked.snapshot, balancer)), "")
    aims = (aim for group in groups for aim in aims_of(asked.snapshot, group, vpc))
    return any(aim.interface is not None and aim.interface.id in asked.goals for aim in aims)


def _behind(asked: _Asked, balancer: LoadBalancer, groups: list[TargetGroup], before: tuple[Link, ...]) -> Iterator[Chain]:
    """What a load balancer does for a request: its own connection to a target, or the invocation of a function (ALB-3)."""
    if not asked.is_function and _is_target(asked, balancer, groups):
        yield asked.chain(before, asked.ask(f"lb:{balancer.id}", asked.destination, asked.service))
    for function in functions_of(groups):
        invoked = (*before, Link(balancer.id, "load-balancer", function))
        if asked.is_function and function in asked.goals:
            yield asked.chain(invoked, None)
        elif not asked.is_function:
            yield asked.chain(invoked, asked.ask(f"lambda:{function}", asked.destination, asked.service))
        yield from _by_invocation(asked, function, invoked)


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
    if source is not None and source.type in POLLED_INSIDE:
        return _polled(snapshot, ask, source)
    if source is not None:
        return [Link(caller, source.type, name) for name in source.invokes]
    function = snapshot.get(LambdaFunction, caller)
    if function is None or not function.invokes:
        return []
    if caller not in needs:
        needs[caller] = ask(f"lambda:{caller}", *LAMBDA_API)
    return [Link(caller, "lambda-function", name, needs[caller]) for name in function.invokes]


def _polled(snapshot: Snapshot, ask: Ask, source: EventSource) -> list[Link]:
    """What a poller in a VPC invokes: it needs the Lambda API as well, from where the polled service stands (LAMBDA-18)."""
    ends = {"data": snapshot.get(DataService, source.polled), "instance": snapshot.get(Instance, source.polled)}
    word = next((f"{prefix}:{source.polled}" for prefix, noun in ends.items() if noun and noun.interfaces), "")
    needs = ask(word, *LAMBDA_API) if word else None
    return [Link(source.id, source.type, name, needs, unread=needs is None) for name in source.invokes]


def _value(links: tuple[Link, ...]) -> int:
    return min((RANK.index(link.verdict) for link in links), default=len(RANK))
