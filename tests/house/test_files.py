"""The files of the repository: their size, their names, and what must not stand in them."""

import ast
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "simulator").rglob("*.py"))
# The patterns are written so that they do not find themselves.
MACHINE_PATH = re.compile(r"(?<![\w.:/-])/(?:work|root|home|Users)/")
REGISTRY = re.compile(r"index[-]url|find[-]links|python[h]osted|registry[.]npmjs")


def lines_that_say(pattern: re.Pattern[str]) -> list[str]:
    """Lines of the repository's own files, as `file:line: text`; what .gitignore names is not the repository's."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [
        f"{name}:{number}: {line}"
        for name in listed.stdout.splitlines()
        if (ROOT / name).is_file()
        for number, line in enumerate((ROOT / name).read_text("utf-8", "replace").splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_source_file_is_longer_than_400_lines() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in SOURCES}
    assert {name: length for name, length in lengths.items() if length > 400} == {}


def test_the_architecture_can_be_read_in_one_sitting() -> None:
    assert len((ROOT / "ARCHITECTURE.md").read_text("utf-8").splitlines()) <= 300


def test_no_module_is_an_attic() -> None:
    attics = {"common", "helper", "helpers", "misc", "util", "utils"}
    assert [str(path) for path in SOURCES if path.stem in attics or path.parent.name in attics] == []


def test_every_module_says_what_it_knows() -> None:
    trees = {path: ast.parse(path.read_text("utf-8")) for path in SOURCES}
    assert [str(path.relative_to(ROOT)) for path, tree in trees.items() if not ast.get_docstring(tree)] == []


def test_scenarios_are_data_only() -> None:
    scenarios = [path for path in (ROOT / "scenarios").rglob("*") if path.is_file()]
    assert scenarios
    assert [str(path) for path in scenarios if path.suffix in {".py", ".sh"}] == []


def test_a_scenario_can_be_read_at_a_glance() -> None:
    texts = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8").splitlines() for path in (ROOT / "scenarios").rglob("*.yaml")}
    assert {name: len(lines) for name, lines in texts.items() if len(lines) > 60} == {}
    assert [f"{name}:{at}" for name, lines in texts.items() for at, line in enumerate(lines, 1) if len(line) > 132] == []


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    assert lines_that_say(MACHINE_PATH) == []


def test_no_file_names_a_package_registry() -> None:
    assert lines_that_say(REGISTRY) == []
