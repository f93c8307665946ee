"""Expectations compared with answers: what is met, and how a difference is told."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from simulator.evaluate.answer import Answer
from simulator.evaluate.result import Verdict
from simulator.origin import Spot
from simulator.problems import InputError
from simulator.query.expectation import Expectation
from simulator.report.as_json import answer_document
from simulator.report.text import answer_text
from simulator.testing.expectations import check, run
from tests.report.examples import always, never, sometimes

WISH = Expectation("report", "internet", "tcp/443", Spot("net.yaml", 14))
ANSWERS = {"always": always(), "never": never(), "sometimes": sometimes()}
ENI = "eni-0a1b2c3d4e5f60001"


@pytest.mark.parametrize(
    ("name", "wishes"),
    [
        ("always", {"verdict": "always"}),
        ("always", {"delivered": "always", "answered": "always"}),
        ("always", {"via": ("nat", "igw")}),
        ("always", {"via": ("public", "nat", "public")}),
        ("always", {"reply_via": ("igw", "nat", "private")}),
        ("always", {"not_via": ("tgw-1",)}),
        ("never", {"verdict": "never", "blocked_at": ("igw", "fn")}),
        ("never", {"code": ("ENI_SG_RULES_MISMATCH",)}),
        ("sometimes", {"blocked_at": ("acl-public",), "code": ("SUBNET_ACL_RESTRICTION", "SG_HAS_NO_RULES")}),
        ("sometimes", {"delivered": "always", "answered": "sometimes"}),
    ],
)
def test_what_is_met_is_not_told(name: str, wishes: dict[str, Any]) -> None:
    assert check(answer_document(ANSWERS[name]), replace(WISH, **wishes)) == ""


@pytest.mark.parametrize(
    ("name", "wishes", "wrong"),
    [
        ("always", {"verdict": "never"}, "always, expected never"),
        ("sometimes", {"delivered": "never"}, "delivered always, expected never"),
        ("sometimes", {"answered": "always"}, "answered sometimes, expected always"),
        (
            "always",
            {"via": ("igw", "nat")},
            f"path does not pass nat as expected: report > {ENI} > private > public > nat > public > igw > internet",
        ),
        (
            "always",
            {"via": ("nat", "nat")},
            f"path does not pass nat as expected: report > {ENI} > private > public > nat > public > igw > internet",
        ),
        ("never", {"reply_via": ("nat",)}, "reply does not pass nat as expected: no hops"),
        ("never", {"not_via": (ENI,)}, f"passes {ENI}: report > {ENI}; reply: no hops"),
        ("never", {"blocked_at": ("igw", "nat")}, "blocked at fn, expected igw or nat"),
        ("always", {"blocked_at": ("igw",)}, "blocked at nothing, expected igw"),
        ("never", {"code": ("SG_HAS_NO_RULES",)}, "blocked with ENI_SG_RULES_MISMATCH, expected SG_HAS_NO_RULES"),
        ("always", {"verdict": "error"}, "always, expected error"),
    ],
)
def test_what_is_not_met_is_told(name: str, wishes: dict[str, Any], wrong: str) -> None:
    assert check(answer_document(ANSWERS[name]), replace(WISH, **wishes)) == wrong


def test_a_rule_of_the_resource_named_counts_for_blocked_at() -> None:
    blocker = {"code": "SUBNET_ACL_RESTRICTION", "id": "public", "because": {"resource": "acl-1"}}
    for place in ("public", "acl-1"):
        assert check({"blockers": [blocker]}, replace(WISH, blocked_at=(place,))) == ""


def test_a_place_only_the_reply_passes_counts_for_not_via() -> None:
    assert check(answer_document(always()), replace(WISH, not_via=("main",))).startswith("passes main: report > ")


@dataclass
class FakeAnswer:
    answer: Answer

    def to_dict(self) -> dict[str, Any]:
        return answer_document(self.answer)

    def text(self, *, verbose: bool = False, colour: bool = False) -> str:
        return answer_text(self.answer, verbose=verbose, colour=colour)


class FakeNetwork:
    def __init__(self, answer: Answer | InputError, chain: "FakeChain | None" = None) -> None:
        self.answer = answer
        self.chain = chain
        self.asked: list[Any] = []

    def can(self, *words: Any, **options: Any) -> FakeAnswer:
        self.asked.append((words, options))
        if isinstance(self.answer, InputError):
            raise self.answer
        return FakeAnswer(self.answer)

    def invoke(self, *words: Any) -> "FakeChain":
        self.asked.append(words)
        assert self.chain is not None
        return self.chain


def test_a_question_is_asked_as_it_is_written() -> None:
    network = FakeNetwork(always())
    run(network, replace(WISH, service="", source_port="1024-2000", one_way=True))
    assert network.asked == [(("report", "internet", None), {"source_port": "1024-2000", "one_way": True})]


def test_a_failure_comes_with_why_and_the_walk() -> None:
    result = run(FakeNetwork(never()), replace(WISH, verdict="always", why="the rates must be fetched"))
    assert result.wrong == "never, expected always"
    assert result.title == "net.yaml:14: report -> internet tcp/443"
    assert result.details.splitlines()[0] == "why: the rates must be fetched"
    assert "STOPPED: security group fn" in result.details


def test_what_is_met_costs_no_text() -> None:
    assert run(FakeNetwork(always()), replace(WISH, verdict="always")).walk == ""


def test_a_question_that_cannot_be_asked_is_an_error() -> None:
    network = FakeNetwork(InputError("there is no `report`"))
    assert run(network, replace(WISH, verdict="error")).wrong == ""
    result = run(network, replace(WISH, verdict="always"))
    assert (result.wrong, result.walk) == ("error, expected always", "there is no `report`")


@dataclass(frozen=True)
class FakeLink:
    caller: str
    caller_kind: str
    function: str
    needs: Answer | None = None
    verdict: Verdict = Verdict.ALWAYS


@dataclass(frozen=True)
class FakeChain:
    packets: Answer | None
    verdict: Verdict
    links: tuple[FakeLink, ...] = (FakeLink("api", "api-gateway", "x"), FakeLink("x", "lambda-function", "report", always()))
    source: str = "api"
    destination: str = "internet"
    service: str = "tcp/443"


INVOKED = replace(WISH, source="api", by="invocation")


def test_a_chain_of_invocations_passes_its_functions_and_then_the_hops() -> None:
    network = FakeNetwork(always(), FakeChain(always(), Verdict.ALWAYS))
    assert run(network, replace(INVOKED, verdict="always", via=("x", "report", "nat", "igw"))).wrong == ""
    assert run(network, replace(INVOKED, via=("nat", "x"))).wrong.startswith("path does not pass x as expected: x > report > ")
    assert network.asked == [("api", "internet", "tcp/443")] * 2


def test_a_chain_that_fails_tells_the_invocations_and_the_packets() -> None:
    network = FakeNetwork(always(), FakeChain(never(), Verdict.NEVER))
    result = run(network, replace(INVOKED, verdict="always", code=("SG_HAS_NO_RULES",)))
    assert result.wrong == "never, expected always"
    assert result.walk.splitlines()[0] == "never: api does not reach internet by invocation"
    assert "1 API gateway api invokes function x through the Lambda service" in result.walk
    assert "2 lambda function x invokes function report over the Lambda API" in result.walk
    assert "STOPPED: security group fn" in result.walk
    blocked = run(network, replace(INVOKED, code=("SG_HAS_NO_RULES",))).wrong
    assert blocked == "blocked with ENI_SG_RULES_MISMATCH, expected SG_HAS_NO_RULES"


def test_a_chain_to_a_function_has_no_packets() -> None:
    network = FakeNetwork(always(), FakeChain(None, Verdict.ALWAYS))
    assert run(network, replace(INVOKED, verdict="always", via=("report",), not_via=("nat",))).wrong == ""
