"""Problems are gathered, told once, and raised together."""

from __future__ import annotations

import pytest

from simulator.origin import Spot
from simulator.problems import MOST, CompileError, InputError, Problem, Problems, Severity, VpcsimError, did_you_mean

PLACE = Spot("net.yaml", 14)


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem("subnet `a` is odd"), "subnet `a` is odd"),
        (Problem("subnet `a` is odd", PLACE), "net.yaml:14: subnet `a` is odd"),
        (Problem("subnet `a` is odd", PLACE, Severity.WARNING), "net.yaml:14: warning: subnet `a` is odd"),
        (Problem("3 firewalls are not modelled", None, Severity.NOT_MODELLED), "3 firewalls are not modelled"),
    ],
)
def test_a_problem_reads_as_a_line(problem: Problem, text: str) -> None:
    assert str(problem) == text


def test_all_problems_are_gathered_in_order_and_each_once() -> None:
    problems = Problems()
    problems.error("one", PLACE)
    problems.warn("two")
    problems.not_modelled("three")
    problems.error("one", PLACE)
    problems.error("one", Spot("net.yaml", 15))
    assert [(problem.message, problem.severity) for problem in problems] == [
        ("one", Severity.ERROR),
        ("two", Severity.WARNING),
        ("three", Severity.NOT_MODELLED),
        ("one", Severity.ERROR),
    ]
    assert len(problems) == 4
    assert [problem.place for problem in problems.errors] == [PLACE, Spot("net.yaml", 15)]


def test_of_very_many_problems_the_first_are_told_and_the_rest_counted() -> None:
    problems = Problems()
    for number in range(MOST + 50):
        problems.warn(f"number {number}")
    problems.error("the one that matters")
    told = list(problems)
    assert len(told) == len(problems) == MOST + 2
    assert [str(problem) for problem in told[MOST - 1 :]] == [
        f"warning: number {MOST - 1}",
        "the one that matters",
        "warning: and 50 more like these",
    ]
    assert [str(problem) for problem in problems.errors] == ["the one that matters"]


def test_errors_are_raised_together_and_warnings_never() -> None:
    problems = Problems()
    problems.warn("careful")
    problems.not_modelled("unknown")
    problems.raise_errors()
    problems.error("one", PLACE)
    problems.error("two")
    with pytest.raises(InputError) as caught:
        problems.raise_errors()
    assert [problem.message for problem in caught.value.problems] == ["one", "two"]
    assert str(caught.value) == "net.yaml:14: one\ntwo"


def test_a_text_alone_is_one_problem() -> None:
    error = InputError("what is `x`?")
    assert (error.problems, str(error)) == ([Problem("what is `x`?")], "what is `x`?")


def test_every_error_of_the_package_has_one_base() -> None:
    assert issubclass(InputError, VpcsimError)
    assert issubclass(CompileError, VpcsimError)


@pytest.mark.parametrize(
    ("word", "known", "text"),
    [
        ("nat-2", ["nat-1", "igw"], "; did you mean `nat-1`?"),
        ("zebra", ["nat-1", "igw"], ""),
        ("x", [], ""),
        ("NAT", ["nat"], "; did you mean `nat`?"),
    ],
)
def test_near_words_are_suggested(word: str, known: list[str], text: str) -> None:
    assert did_you_mean(word, known) == text


def test_at_most_so_many_words_are_suggested() -> None:
    known = [f"subnet-{letter}" for letter in "abcdefg"]
    assert did_you_mean("subnet-x", known).count("`subnet-") == 3
    assert did_you_mean("subnet-x", known, limit=1).count("`subnet-") == 1
