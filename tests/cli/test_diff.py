"""`vpcsim diff`: what is printed, what programs get, and the exit status."""

import json
from pathlib import Path

import pytest

from simulator.cli import run

Captured = pytest.CaptureFixture[str]
ROOT = Path(__file__).parents[2]
BEFORE = ROOT / "scenarios/primer/s18-public-addresses.yaml"


@pytest.fixture
def after(tmp_path: Path) -> str:
    file = tmp_path / "after.yaml"
    file.write_text(
        BEFORE.read_text("utf-8").replace("{from: 0.0.0.0/0, allow: tcp/443}", "{from: 203.0.113.0/24, allow: tcp/22-443}"), "utf-8"
    )
    return str(file)


def test_what_opens_and_closes_is_printed_with_its_cause(capsys: Captured, after: str) -> None:
    assert run(["diff", str(BEFORE), after]) == 0
    out, err = capsys.readouterr()
    opens, closes = out.split("\ncloses\n")
    assert "internet (203.0.113.0/24) -> instance:server: tcp/22-442" in opens
    assert "never -> always" in opens
    assert "because security group web: ingress 1 (0.0.0.0/0 tcp/443) is gone; ingress 1 (203.0.113.0/24" in opens
    assert "internet (1.0.0.0/8" in closes
    assert closes.endswith("nothing else changes: 16 pairs compared on 16 services\n")
    assert err == ""


def test_the_exit_code_is_for_pipelines(capsys: Captured, after: str) -> None:
    assert run(["diff", str(BEFORE), after, "--exit-code"]) == 1
    capsys.readouterr()
    assert run(["diff", str(BEFORE), str(BEFORE), "--exit-code"]) == 0
    assert capsys.readouterr().out.startswith("nothing changes: ")


def test_a_document_for_programs(capsys: Captured, after: str) -> None:
    assert run(["diff", str(BEFORE), after, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "vpcsim/diff/1"
    opened = [one for one in document["changes"] if one["direction"] == "opens"]
    assert [(one["sources"], one["destinations"], one["services"], one["from"], one["because"]) for one in opened] == [
        (["internet"], ["instance:server"], ["tcp/22-442"], ["203.0.113.0/24"], ["web"])
    ]
    assert [(one["kind"], one["before"], one["after"]) for one in document["resources"]] == [("security-group", "web", "web")]
    assert opened[0]["witness"][1]["end"] == "arrives, and the reply comes back"


def test_input_that_cannot_be_read_is_told(capsys: Captured, tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("network: {vpcs: {v: {cidr: 10.0.0.0/99}}}\n", "utf-8")
    assert run(["diff", str(BEFORE), str(broken)]) == 2
    out, err = capsys.readouterr()
    assert (out, "10.0.0.0/99" in err, "Traceback" in err) == ("", True, False)
