"""Expectations compared with answers: what is wrong with an answer, in words, and where it shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from simulator.origin import place_text
from simulator.problems import InputError
from simulator.query.expectation import Expectation
from simulator.report.as_json import answer_document
from simulator.report.chain import ChainLike, chain_text

Json = Mapping[str, Any]


class Answering(Protocol):
    """An answer, as far as a comparison and its report need it."""

    def to_dict(self) -> dict[str, Any]:
        """The answer document."""

    def text(self, *, verbose: bool = False, colour: bool = False) -> str:
        """The answer for people."""


class Asked(Protocol):
    """A network that can be asked."""

    def invoke(self, source: str, destination: str, service: str | None = None) -> ChainLike:
        """The chain of invocations or load balancers to a destination; raises `InputError` when there is none."""

    def can(
        self,
        source: str,
        destination: str,
        service: str | None = None,
        *,
        source_port: str | None = None,
        one_way: bool = False,
        all_blockers: bool = False,
    ) -> Answering:
        """The answer to a question; raises `InputError` when it cannot be asked."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one expectation: `wrong` is empty when it is met, else the difference; `walk` is the answer as text."""

    expectation: Expectation
    wrong: str
    walk: str = ""

    @property
    def title(self) -> str:
        """The question and where it stands."""
        return f"{place_text(self.expectation.place)}: {question(self.expectation)}"

    @property
    def details(self) -> str:
        """What the author of the expectation says of it, and the walk."""
        why = f"why: {self.expectation.why}" if self.expectation.why else ""
        return "\n".join(filter(None, (why, self.walk)))


def question(expectation: Expectation) -> str:
    """The question of an expectation in words.

    >>> from simulator.origin import Spot
    >>> question(Expectation("report", "internet", "tcp/443", Spot("network.yaml", 14), one_way=True))
    'report -> internet tcp/443, one way'
    """
    words = [f"{expectation.source} -> {expectation.destination}", expectation.service or "every service"]
    if expectation.source_port:
        words.append(f"from port {expectation.source_port}")
    return " ".join(words) + (", one way" if expectation.one_way else "")


def check(document: Json, expectation: Expectation) -> str:
    """What is wrong with an answer document; empty when it is as expected.

    Hops are compared by id: `via` and `reply_via` are passed in this order, others may lie between; `not_via` by neither leg. Of
    `blocked_at` one must be a blocker's id or the resource of its rule, of `code` one must be a blocker's code.

    >>> from simulator.origin import Spot
    >>> wish = Expectation("a", "b", "tcp/443", Spot("network.yaml"), verdict="always")
    >>> check({"verdict": "never"}, wish), check({"verdict": "always"}, wish)
    ('never, expected always', '')
    """
    if expectation.verdict and document.get("verdict") != expectation.verdict:
        return f"{document.get('verdict')}, expected {expectation.verdict}"
    if expectation.verdict == "error":
        return ""
    for name, wanted in (("delivered", expectation.delivered), ("answered", expectation.answered)):
        if wanted and document.get(name) != wanted:
            return f"{name} {document.get(name)}, expected {wanted}"
    return _wrong_path(document, expectation) or _wrong_blockers(document.get("blockers") or (), expectation)


def _wrong_path(document: Json, expectation: Expectation) -> str:
    forward, reply = (_hops(document, leg) for leg in ("forward", "reply"))
    for leg, wanted, hops in (("path", expectation.via, forward), ("reply", expectation.reply_via, reply)):
        rest = iter(hops)
        for place in wanted:
            if place not in rest:  # consumes the hops up to `place`, so the order counts
                return f"{leg} does not pass {place} as expected: {_path(hops)}"
    passed = [place for place in expectation.not_via if place in {*forward, *reply}]
    return f"passes {', '.join(passed)}: {_path(forward)}; reply: {_path(reply)}" if passed else ""


def _hops(document: Json, leg: str) -> list[str]:
    return [hop["id"] for hop in (document.get(leg) or {}).get("hops", ())]


def _path(hops: list[str]) -> str:
    return " > ".join(hops) or "no hops"


def _wrong_blockers(blockers: Iterable[Json], expectation: Expectation) -> str:
    places = {blocker.get("id") for blocker in blockers}
    places |= {(blocker.get("because") or {}).get("resource") for blocker in blockers}
    codes = {blocker.get("code") for blocker in blockers}
    for words, wanted, found in (("at", expectation.blocked_at, places), ("with", expectation.code, codes)):
        if wanted and not found & set(wanted):
            there = ", ".join(sorted(filter(None, found))) or "nothing"
            return f"blocked {words} {there}, expected {' or '.join(wanted)}"
    return ""


def run(network: Asked, expectation: Expectation) -> Result:
    """Ask a network the question of an expectation, and compare. A question that cannot be asked has the verdict `error`."""
    words = (expectation.source, expectation.destination, expectation.service or None)
    try:
        if expectation.by != "packets":
            chain = network.invoke(*words)
            wrong = check(_as_answer(chain), expectation)
            return Result(expectation, wrong, chain_text(chain) if wrong else "")
        answer = network.can(*words, source_port=expectation.source_port or None, one_way=expectation.one_way)
    except InputError as error:
        return Result(expectation, check({"verdict": "error"}, expectation), str(error))
    wrong = check(answer.to_dict(), expectation)
    return Result(expectation, wrong, answer.text() if wrong else "")


def _as_answer(chain: ChainLike) -> Json:
    """A chain as if it were one answer: the functions invoked come before the hops of the packets."""
    document = answer_document(chain.packets) if chain.packets else {}
    functions = [{"id": link.function} for link in chain.links]
    forward = {"hops": functions + (document.get("forward") or {}).get("hops", [])}
    blockers = [blocker for link in chain.links if link.needs for blocker in answer_document(link.needs)["blockers"]]
    blockers += document.get("blockers", [])
    return {**document, "verdict": chain.verdict.value, "forward": forward, "blockers": blockers}
