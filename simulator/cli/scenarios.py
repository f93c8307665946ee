"""`vpcsim test`: scenario files run as tests."""

from __future__ import annotations

import re
import textwrap
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simulator.cli.options import write

if TYPE_CHECKING:
    from simulator.testing.expectations import Result

SUFFIXES = (".yaml", ".yml")
EXPECT = re.compile(r"""^["']?expect["']?\s*:""", re.MULTILINE)


@dataclass(slots=True)
class FileRun:
    """What became of one scenario file: its results with their seconds, or why it could not be read."""

    path: Path
    results: list[tuple[Result, float]] = field(default_factory=list)
    unreadable: str = ""


@click.command("test")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="PATH...")
@click.option("--junit", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write a JUnit report.")
@click.option("--verbose", "-v", is_flag=True, help="A line for every expectation, not only for failing ones.")
def command(paths: tuple[Path, ...], junit: Path | None, verbose: bool) -> int:
    """Run scenario files: ask every question under `expect:` and compare the answer.

    A folder is searched for YAML files with the key `expect:`. A failing expectation prints what is wrong, why it is
    expected, and the walk.

    Exit status: 0 all as expected, 1 some not, 2 a file that cannot be read.
    """
    runs = []
    for path in scenario_files(paths):
        runs.append(run := run_file(path))
        _tell(run, verbose)
    failed = sum(bool(result.wrong) for run in runs for result, _ in run.results)
    unreadable = sum(bool(run.unreadable) for run in runs)
    passed = sum(len(run.results) for run in runs) - failed
    write(f"{passed} passed, {failed} failed" + (f", {unreadable} unreadable" if unreadable else ""))
    if junit:
        from simulator.report.junit import write_junit

        junit.write_bytes(write_junit(_suites(runs)))
    return 2 if unreadable else int(failed > 0)


def scenario_files(paths: Sequence[Path]) -> list[Path]:
    """The files to run: those named, and those of the named folders that have expectations. Raises `click.UsageError` when a
    named path holds none.
    """
    found: dict[Path, None] = {}
    for path in paths:
        files = [path] if path.is_file() else [file for file in sorted(path.rglob("*")) if file.suffix in SUFFIXES]
        scenarios = [file for file in files if file.is_file() and EXPECT.search(file.read_text("utf-8", "replace"))]
        if not scenarios:
            what = "has no key `expect:`" if path.is_file() else "holds no YAML file with the key `expect:`"
            raise click.UsageError(f"`{path}` {what}, so there is nothing to test")
        found |= dict.fromkeys(scenarios)
    return list(found)


def run_file(path: Path) -> FileRun:
    """Read a scenario file and ask all its questions."""
    from simulator.api import load
    from simulator.problems import InputError
    from simulator.testing.expectations import run

    done = FileRun(path)
    try:
        network = load(str(path))
    except InputError as error:
        done.unreadable = str(error)
        return done
    for expectation in network.expectations:
        start = time.perf_counter()
        done.results.append((run(network, expectation), time.perf_counter() - start))
    return done


def _tell(run: FileRun, verbose: bool) -> None:
    from simulator.report.escape import plain

    for line in run.unreadable.splitlines():
        click.echo(plain(line), err=True)
    for result, _ in run.results:
        if result.wrong:
            write(plain(f"FAIL {result.title}: {result.wrong}"))
            write(textwrap.indent("\n".join(map(plain, result.details.splitlines())), "    "))
        elif verbose:
            write(plain(f"ok   {result.title}"))


def _suites(runs: Sequence[FileRun]) -> Iterator[tuple[str, list[tuple[str, float, str, str]]]]:
    """The runs as plain text: for each file its cases with name, seconds, kind of failure and words."""
    from simulator.testing.expectations import question

    for run in runs:
        cases = [
            (question(result.expectation), seconds, "failure" if result.wrong else "", f"{result.wrong}\n{result.details}")
            for result, seconds in run.results
        ]
        if run.unreadable:
            cases.append(("reading", 0.0, "error", run.unreadable))
        yield str(run.path), cases
