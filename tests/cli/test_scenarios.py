"""`vpcsim test` and `vpcsim demo`: scenario files found, run and reported, from the file to the exit status."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator

from simulator.cli import run
from simulator.cli.demo import FILE
from simulator.report.answer_schema import answer_schema

Captured = pytest.CaptureFixture[str]
NETWORK = """
network:
  vpcs:
    main: {cidr: 10.0.0.0/16}
  subnets:
    one: {vpc: main, cidr: 10.0.1.0/24, zone: a}
  security_groups:
    open: {vpc: main, inbound: [{from: 0.0.0.0/0, allow: tcp/443}]}
  instances:
    a: {subnet: one, security_groups: [open]}
    b: {subnet: one, security_groups: [open]}
"""
RIGHT = NETWORK + "expect:\n  - {can: [a, b, tcp/443], verdict: always}\n  - {can: [a, b, tcp/22], verdict: never}\n"
WRONG = RIGHT + "  - {can: [b, a, tcp/22], verdict: always, why: the keeper must get in}\n"
BROKEN = "network: {vpcs: {main: {cidr: 10.0.0.0/33}}}\nexpect: []\n"


def put(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


def test_all_right_is_status_0(tmp_path: Path, capsys: Captured) -> None:
    assert run(["test", str(put(tmp_path, right=RIGHT, deep__er__right=RIGHT))]) == 0
    assert capsys.readouterr().out == "4 passed, 0 failed\n"


def test_what_fails_is_told_with_place_reason_and_walk(tmp_path: Path, capsys: Captured) -> None:
    file = put(tmp_path, wrong=WRONG) / "wrong.yaml"
    assert run(["test", str(file)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"FAIL {file}:{len(WRONG.splitlines())}")
    assert lines[0].endswith("b -> a tcp/22: never, expected always")
    assert lines[1] == "    why: the keeper must get in"
    assert any("ENI_SG_RULES_MISMATCH" in line for line in lines)
    assert lines[-1] == "2 passed, 1 failed"


def test_every_expectation_is_listed_on_request(tmp_path: Path, capsys: Captured) -> None:
    assert run(["test", "--verbose", str(put(tmp_path, right=RIGHT))]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["ok", "ok", "2"]


def test_files_without_expectations_are_passed_over_in_folders_only(tmp_path: Path, capsys: Captured) -> None:
    folder = put(tmp_path, right=RIGHT, network=NETWORK, template="Resources: {}\n")
    assert run(["test", str(folder)]) == 0
    assert capsys.readouterr().out == "2 passed, 0 failed\n"
    assert run(["test", str(folder / "network.yaml")]) == 2
    assert "has no key `expect:`" in capsys.readouterr().err


def test_nothing_to_test_is_wrong_usage(tmp_path: Path, capsys: Captured) -> None:
    assert run(["test", str(tmp_path)]) == 2
    assert "nothing to test" in capsys.readouterr().err
    assert run(["test", str(tmp_path / "missing")]) == 2
    assert run(["test"]) == 2


def test_a_file_that_cannot_be_read_does_not_stop_the_others(tmp_path: Path, capsys: Captured) -> None:
    assert run(["test", str(put(tmp_path, broken=BROKEN, right=RIGHT))]) == 2
    out, err = capsys.readouterr()
    assert out == "2 passed, 0 failed, 1 unreadable\n"
    assert "broken.yaml:1" in err
    assert "10.0.0.0/33" in err


def test_a_file_named_twice_runs_once(tmp_path: Path, capsys: Captured) -> None:
    folder = put(tmp_path, right=RIGHT)
    run(["test", str(folder), str(folder / "right.yaml")])
    assert capsys.readouterr().out == "2 passed, 0 failed\n"


def test_a_junit_report_counts_and_explains(tmp_path: Path) -> None:
    folder = put(tmp_path / "scenarios", wrong=WRONG, broken=BROKEN)
    report = tmp_path / "report.xml"
    assert run(["test", str(folder), "--junit", str(report)]) == 2
    broken, wrong = ElementTree.parse(report).getroot()
    assert (broken.get("errors"), wrong.get("failures"), wrong.get("tests")) == ("1", "1", "3")
    failure = wrong.find("testcase/failure")
    assert failure is not None
    assert failure.get("message") == "never, expected always"
    assert "the keeper must get in" in (failure.text or "")


def test_the_demo_shows_an_allowed_a_refused_and_a_sometimes_flow(capsys: Captured) -> None:
    assert run(["demo"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    questions = out.split("$ vpcsim can ")[1:]
    verdicts = [question.split("\n")[2].partition(":")[0] for question in questions]
    assert verdicts == ["always", "never", "sometimes"]
    assert "demo.yaml:" in out
    assert str(FILE) not in out


@pytest.mark.parametrize(("question", "status"), [("internet web", 0), ("rates db", 1), ("rates internet", 3)])
def test_a_file_becomes_a_document_and_a_status(question: str, status: int, capsys: Captured) -> None:
    service = "tcp/5432" if status == 1 else "tcp/443"
    assert run(["can", str(FILE), *question.split(), service, "--json"]) == status
    document = json.loads(capsys.readouterr().out)
    assert [error.message for error in Draft202012Validator(answer_schema()).iter_errors(document)] == []
    assert document["query"]["network"] == str(FILE)


def test_the_demo_does_not_move_the_caller(capsys: Captured) -> None:
    before = Path.cwd()
    run(["demo"])
    assert Path.cwd() == before


def test_the_demo_holds_what_it_promises(tmp_path: Path, capsys: Captured) -> None:
    assert run(["demo", "--yaml"]) == 0
    (tmp_path / "demo.yaml").write_text(capsys.readouterr().out, "utf-8")
    assert run(["test", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "3 passed, 0 failed\n"
