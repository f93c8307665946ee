"""`vpcsim can`: the exit status says the verdict, the answer goes to standard output and the rest to standard error."""

import json
from pathlib import Path
from typing import Any

import pytest

from simulator.cli import run
from simulator.origin import Spot
from simulator.problems import InputError, Problem, Severity
from tests.cli.fakes import FakeNetwork
from tests.report.examples import always, never, sometimes, unknown

ROOT = Path(__file__).parents[2]
Captured = pytest.CaptureFixture[str]
QUESTION = ["can", "net.yaml", "report", "internet", "tcp/443"]


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> FakeNetwork:
    fake = FakeNetwork(always())

    def load(paths: list[str], parameters: dict[str, str]) -> FakeNetwork:
        fake.asked.append((paths, parameters))
        return fake

    monkeypatch.setattr("simulator.api.load", load)
    return fake


@pytest.mark.parametrize(("answer", "status"), [(always, 0), (never, 1), (sometimes, 3), (unknown, 4)])
def test_the_exit_status_is_the_verdict(network: FakeNetwork, answer: Any, status: int, capsys: Captured) -> None:
    network.answer = answer()
    assert run(QUESTION) == status
    out, err = capsys.readouterr()
    assert out.startswith(f"{answer().verdict.value}: ")
    assert err == ""


def test_the_question_is_passed_on(network: FakeNetwork) -> None:
    run([*QUESTION, "--source-port", "1024-2000", "--one-way", "--all-blockers", "--parameter", "Env=prod"])
    (paths, parameters), (words, options) = network.asked
    assert (paths, parameters) == (["net.yaml"], {"Env": "prod"})
    assert words == ("report", "internet", "tcp/443")
    assert options == {"source_port": "1024-2000", "one_way": True, "all_blockers": True}


def test_the_service_may_be_left_out(network: FakeNetwork) -> None:
    run(QUESTION[:-1])
    assert network.asked[-1][0] == ("report", "internet", None)


def test_several_inputs_are_joined_by_commas(network: FakeNetwork) -> None:
    run(["can", "a.json,b.yaml", "report", "internet"])
    assert network.asked[0][0] == ["a.json", "b.yaml"]


def test_json_is_one_document(network: FakeNetwork, capsys: Captured) -> None:
    network.answer = never()
    assert run([*QUESTION, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["verdict"] == "never"


def test_warnings_go_to_standard_error_and_change_nothing(network: FakeNetwork, capsys: Captured) -> None:
    network.problems = (Problem("odd\x1b[2J", Spot("net.yaml", 3), Severity.WARNING),)
    assert run([*QUESTION, "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["verdict"] == "always"
    assert err == "net.yaml:3: warning: odd\\x1b[2J\n"


def test_all_problems_of_an_input_are_told(network: FakeNetwork, capsys: Captured) -> None:
    network.error = InputError([Problem("one", Spot("net.yaml", 1)), Problem("two")])
    assert run(QUESTION) == 2
    assert capsys.readouterr() == ("", "net.yaml:1: one\ntwo\n")


def test_a_fault_of_the_program_shows_no_traceback(network: FakeNetwork, capsys: Captured) -> None:
    network.error = ZeroDivisionError("division\x1b[2J by zero")
    assert run(QUESTION) == 70
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    assert "internal error: ZeroDivisionError: division\\x1b[2J by zero" in err
    assert "report" in err


def test_a_traceback_is_shown_on_request(network: FakeNetwork, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VPCSIM_DEBUG", "1")
    network.error = ZeroDivisionError()
    assert run(QUESTION) == 70
    assert "Traceback (most recent call last)" in capsys.readouterr().err


def test_an_interruption_is_quiet(network: FakeNetwork, capsys: Captured) -> None:
    network.error = KeyboardInterrupt()
    assert run(QUESTION) == 130
    assert capsys.readouterr().err.strip() == ""


def test_a_closed_output_is_quiet_and_no_verdict(network: FakeNetwork, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(*_: object, **__: object) -> None:
        raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr("simulator.cli.can.write", closed)
    assert run(QUESTION) == 141
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["can", "net.yaml", "report"], "DESTINATION"),
        ([*QUESTION, "--parameter", "nonsense"], "`nonsense` is not of the form NAME=VALUE"),
        ([*QUESTION, "--nonsense"], "--nonsense"),
        ([*QUESTION, "--color", "pink"], "pink"),
    ],
)
def test_wrong_usage_is_told_with_status_2(network: FakeNetwork, arguments: list[str], said: str, capsys: Captured) -> None:
    assert run(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err


@pytest.mark.parametrize(
    ("options", "environment", "terminal", "coloured"),
    [
        ([], {}, True, True),
        ([], {}, False, False),
        ([], {"NO_COLOR": "1"}, True, False),
        ([], {"TERM": "dumb"}, True, False),
        (["--color", "always"], {"NO_COLOR": "1"}, False, True),
        (["--color", "never"], {}, True, False),
    ],
)
def test_colour_is_for_terminals(
    network: FakeNetwork,
    capsys: Captured,
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    environment: dict[str, str],
    terminal: bool,
    coloured: bool,
) -> None:
    for name, value in ({"NO_COLOR": "", "TERM": "xterm"} | environment).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stdout.isatty", lambda: terminal)
    run([*QUESTION, *options])
    assert ("\x1b[" in capsys.readouterr().out) is coloured


def test_what_if_asks_a_changed_copy(capsys: Captured) -> None:
    question = ["can", str(ROOT / "scenarios/primer/lambda-nat.yaml"), "lambda:report", "internet", "tcp/443"]
    assert run([*question, "--what-if", "unroute private-routes 0.0.0.0/0"]) == 1
    assert "NO_ROUTE_TO_DESTINATION" in capsys.readouterr().out
    edits = ["unroute private-routes 0.0.0.0/0", "route private-routes 0.0.0.0/0 -> nat"]
    assert run([*question, *(word for edit in edits for word in ("--what-if", edit))]) == 0
    capsys.readouterr()
    assert run([*question, "--what-if", "unroute nobody 0.0.0.0/0", "--what-if", "opn x"]) == 2
    told = capsys.readouterr().err
    assert "there is no route table `nobody`" in told
    assert "`opn` is no verb" in told
