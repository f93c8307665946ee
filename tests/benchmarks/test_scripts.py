"""The benchmark scripts run, verify what they time, and write what they are told to. No time is judged here."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import measuring
from benchmarks.measuring import Figures, Sample, Times

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted((ROOT / "benchmarks").glob("bench_*.py"))


def run(script: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))}
    return subprocess.run(
        [sys.executable, str(script), *arguments],
        check=False,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_quick_run_prints_a_table_and_records_nothing(script: Path) -> None:
    results = {path: path.stat().st_mtime_ns for path in measuring.RESULTS.glob("*")}
    done = run(script, "--quick")
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^\| -+ \| -+: \|", done.stdout, re.MULTILINE)
    assert {path: path.stat().st_mtime_ns for path in measuring.RESULTS.glob("*")} == results


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
@pytest.mark.parametrize("too_little", [["--quick"], ["--repetitions", "4"]], ids=["quick", "few"])
def test_what_is_recorded_is_measured_well(script: Path, too_little: list[str]) -> None:
    done = run(script, "--record", *too_little)
    assert done.returncode == 2
    assert "at least 5 repetitions" in done.stderr


def test_a_page_of_results_tells_the_machine_and_no_path_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "RESULTS", tmp_path / "results")
    measuring.publish("page", "A page", measuring.table(["ms", "min"], [["one", "1.0"]]), record=True)
    text = (tmp_path / "results" / "page.md").read_text("utf-8")
    assert text.startswith("# A page\n\n- date: 20")
    for word in ("processor: ", "memory: ", "load before the run: ", "Python: ", "libraries: vpcsim "):
        assert f"- {word}" in text
    assert text.endswith("| ms  | min |\n| --- | --: |\n| one | 1.0 |\n")
    assert str(ROOT) not in text
    assert not re.search(r"(?<![\w.])/\w+/", text)


def test_figures_and_ratios() -> None:
    times = Times()
    times.samples = {"a": [Sample(2, 1), Sample(4, 3), Sample(9, 1)], "b": [Sample(1, 1), Sample(2, 2), Sample(1, 2)]}
    times.added("both", ("a", "b"))
    assert times.wall("a") == Figures(2, 4, 9)
    assert times.cpu("both") == Figures(2, 3, 5)
    assert times.ratios("a", "b") == ["2.0", "1.0"]
    assert times.ratios("a", "b", 10) == ["20.0", "10.0"]
    assert measuring.per_second(Figures(0.5, 1, 2), 1000) == ["500", "1,000", "2,000"]


def test_nothing_wrong_is_timed() -> None:
    with pytest.raises(SystemExit, match="two is three"):
        measuring.require(2 == 3, "two is three")  # noqa: PLR0133
