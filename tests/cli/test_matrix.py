"""`vpcsim matrix`: what goes to standard output, what to files, and what is refused."""

import json
from pathlib import Path

import pytest

from simulator.cli import run

Captured = pytest.CaptureFixture[str]
NETWORK = str(Path(__file__).parents[2] / "scenarios/primer/lambda-nat.yaml")


def test_groups_are_printed(capsys: Captured) -> None:
    assert run(["matrix", NETWORK, "tcp/443"]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[:2] == ["lambda:report", "  -> internet  tcp/443"]
    assert err == ""


def test_ends_can_be_chosen(capsys: Captured) -> None:
    assert run(["matrix", NETWORK, "tcp/443", "--from", "internet", "--to", "report"]) == 0
    assert capsys.readouterr().out == "1 source, 1 destination, tcp/443: 1 never\n"


def test_forms_for_programs_go_where_they_are_told(capsys: Captured, tmp_path: Path) -> None:
    rows = tmp_path / "rows.csv"
    assert run(["matrix", NETWORK, "tcp/443", "--csv", str(rows), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "vpcsim/matrix/1"
    assert "lambda:report,internet,tcp/443,always" in rows.read_text("utf-8").splitlines()
    assert run(["matrix", NETWORK, "tcp/443", "--json", str(tmp_path / "matrix.json"), "--csv"]) == 0
    assert capsys.readouterr().out == rows.read_text("utf-8")
    assert json.loads((tmp_path / "matrix.json").read_text("utf-8")) == document


@pytest.mark.parametrize(("words", "told"), [(["tcp/x"], "`x` is no port"), (["tcp/1", "--from", "nobody"], "`nobody` is nothing")])
def test_what_means_nothing_is_told(words: list[str], told: str, capsys: Captured) -> None:
    assert run(["matrix", NETWORK, *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert told in err


def test_parquet_needs_its_extra(capsys: Captured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    assert run(["matrix", NETWORK, "tcp/443", "--parquet", str(tmp_path / "x.parquet")]) == 2
    assert "vpcsim[arrow]" in capsys.readouterr().err
    assert not (tmp_path / "x.parquet").exists()
