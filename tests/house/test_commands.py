"""The commands that people read are the commands that CI runs."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
CI = (ROOT / ".ci" / "run").read_text("utf-8")
RECIPES = dict(re.findall(r"^([a-z]+)\b[^:\n]*:(?!=)(.*)$", (ROOT / "justfile").read_text("utf-8"), re.MULTILINE))


def test_ci_begins_with_the_test_commands_of_the_readme() -> None:
    commands = [line for line in CI.splitlines() if re.match(r"pip |pytest|just ", line)]
    assert commands[:2] == ["pip install -q -e '.[test]'", "pytest -q"]
    readme = (ROOT / "README.md").read_text("utf-8").replace(".venv/bin/", "")
    assert " && ".join(commands[:2]) in readme or "\n".join(commands[:2]) in readme.replace("\n    ", "\n")


def test_ci_runs_everything_that_check_runs() -> None:
    in_ci = set(re.search(r"^just (.*)$", CI, re.MULTILINE)[1].split()) | {"test"}
    assert in_ci == set(RECIPES["check"].split())


def test_ci_lets_no_test_of_the_kernel_be_skipped_where_the_probe_says_yes() -> None:
    probe, require = CI.index("if verdict=$(python -m simulator.testing.kernel.probe"), CI.index("VPCSIM_KERNEL_ORACLE=require")
    assert CI.index("pip install") < probe < require < CI.index("\nelse\n") < CI.index("\npytest -q\n")


def test_the_recipes_have_their_agreed_names() -> None:
    assert {"bench", "check", "fuzz", "scenarios", "test", "truth"} <= RECIPES.keys()


def test_documents_name_only_recipes_that_exist() -> None:
    documents = [CI, *(path.read_text("utf-8") for path in ROOT.glob("*.md"))]
    named = {recipe for text in documents for recipe in re.findall(r"`just ([a-z]+)", text)}
    assert named
    assert named <= RECIPES.keys()


def test_the_changelog_has_a_place_for_the_next_change() -> None:
    assert "\n## [Unreleased]\n" in (ROOT / "CHANGELOG.md").read_text("utf-8")
