"""`vpcsim check`: the four forms of output, the choice of rules, the exit status, and what cannot be read."""

import json
from pathlib import Path
from typing import Any

import pytest

from simulator.cli import run
from simulator.query.checks.rules import RULES

Captured = pytest.CaptureFixture[str]
ROOT = Path(__file__).parents[2]
FUNCTIONS = str(ROOT / "scenarios/primer/s28-lambda-subnets-disagree.yaml")
IN_ORDER = str(ROOT / "scenarios/primer/lambda-nat.yaml")


def out_of(capsys: Captured, *words: str, status: int = 0) -> str:
    assert run(["check", *words]) == status
    out, err = capsys.readouterr()
    assert err == ""
    return out


def test_findings_are_printed_the_worst_first(capsys: Captured) -> None:
    lines = out_of(capsys, FUNCTIONS).splitlines()
    assert [line[:5] for line in lines if line.startswith("VS")] == ["VS104", "VS501", "VS502", "VS304"]
    assert f"{FUNCTIONS}:18:5:" in " ".join(lines)
    assert lines[-1] == f"3 warnings, 1 note ({len(RULES)} rules)"


def test_the_exit_code_is_for_pipelines(capsys: Captured) -> None:
    assert out_of(capsys, IN_ORDER, "--exit-code", "--ignore", "VS104") == f"nothing found ({len(RULES) - 1} rules)\n"
    out_of(capsys, FUNCTIONS, "--exit-code", status=1)
    out_of(capsys, FUNCTIONS)


def test_rules_are_chosen_by_id_or_beginning(capsys: Captured) -> None:
    document = json.loads(out_of(capsys, FUNCTIONS, "--select", "vs5,VS304", "--ignore", "VS502", "--format", "json"))
    assert document["rules"] == ["VS304", "VS501"]
    assert document["counts"] == {"VS501": 1, "VS304": 1}


def test_a_document_for_programs(capsys: Captured) -> None:
    document = json.loads(out_of(capsys, FUNCTIONS, "--format", "json", "--select", "VS501"))
    assert (document["schema"], document["network"], document["not_looked_at"]) == ("vpcsim/check/1", FUNCTIONS, [])
    (found,) = document["findings"]
    assert (found["rule"], found["level"], found["resource"], found["file"], found["line"]) == ("VS501", "warning", "lost", FUNCTIONS, 18)
    assert found["rests_on"] == ["LAMBDA-4", "IGW-2"]


def test_annotations_of_github(capsys: Captured) -> None:
    lines = out_of(capsys, FUNCTIONS, "--format", "github", "--ignore", "VS1").splitlines()
    assert [line.split(" ")[0] for line in lines] == ["::warning", "::warning", "::notice"]
    assert lines[0].startswith(f"::warning file={FUNCTIONS},line=18,title=VS501::function `lost`: its packets")
    assert out_of(capsys, IN_ORDER, "--format", "github", "--ignore", "VS104") == ""


def test_names_do_not_break_annotations(capsys: Captured, tmp_path: Path) -> None:
    path = tmp_path / "a,b:c%.yaml"
    group = '{"vpc": "shop"}'
    path.write_text(
        f'{{"network": {{"vpcs": {{"shop": {{"cidr": "10.0.0.0/16"}}}}, "security_groups": {{"100%\\n::error::": {group}}}}}}}', "utf-8"
    )
    (line,) = out_of(capsys, str(path), "--format", "github", "--select", "VS103").splitlines()
    assert line.startswith(f"::notice file={tmp_path}/a%2Cb%3Ac%25.yaml,line=1,title=VS103::security group `100%25\\x0a::error::` is on")


def test_sarif_has_the_shape_of_its_standard(capsys: Captured) -> None:
    """What GitHub's code scanning demands of SARIF 2.1.0: rules, and results that name one, with a level, a message and a place."""
    document: dict[str, Any] = json.loads(out_of(capsys, FUNCTIONS, "--format", "sarif"))
    assert (document["version"], document["$schema"].endswith("sarif-2.1.0.json")) == ("2.1.0", True)
    (part,) = document["runs"]
    driver = part["tool"]["driver"]
    assert driver["name"] == "vpcsim"
    assert [rule["id"] for rule in driver["rules"]] == list(RULES)
    for rule in driver["rules"]:
        assert rule["shortDescription"]["text"]
        assert rule["help"]["text"]
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
    assert len(part["results"]) == 4
    for result in part["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
        assert result["message"]["text"]
        (location,) = result["locations"]
        physical = location["physicalLocation"]
        assert physical["artifactLocation"]["uri"] == Path(FUNCTIONS).as_uri()
        assert physical["region"]["startLine"] > 0
        assert location["logicalLocations"][0]["fullyQualifiedName"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([FUNCTIONS, "--select", "VS9"], "there is no rule `VS9`"),
        ([FUNCTIONS, "--select", "VS101,", "--ignore", "x"], "there is no rule `x`"),
        ([FUNCTIONS, "--format", "xml"], "'xml' is not one of"),
        (["nothing.yaml"], "`nothing.yaml` does not exist"),
    ],
)
def test_what_cannot_be_done_is_told(words: list[str], told: str, capsys: Captured) -> None:
    assert run(["check", *words]) == 2
    out, err = capsys.readouterr()
    assert (out, told in err, "Traceback" in err) == ("", True, False)


def test_half_a_file_is_told(capsys: Captured, tmp_path: Path) -> None:
    path = tmp_path / "half.yaml"
    path.write_text("network:\n  vpcs: {shop: {cidr: 10.0.0.0/16\n", "utf-8")
    assert run(["check", str(path), "--exit-code"]) == 2
    out, err = capsys.readouterr()
    assert (out, "half.yaml" in err) == ("", True)
