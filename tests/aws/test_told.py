"""What readers make of what is told: `told/*.yaml` has examples of every AWS list and of every section of scenarios.

Each example is an input and all the nouns it makes, with the fields that are neither empty nor false. Below `changes` stands what each
key is good for: what is told otherwise when it is left out, or when it has another value. So a default, a state or an option that is
taken for something else is a difference here. Nothing is completed or checked; `test_least_told.py` and the nouns' own tests do that.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.aws.registry import RESOURCES
from tests.aws.believing import Told, changed, difference, examples, keys_of, nouns_of

EXAMPLES = examples(Path(__file__).parent / "told")
ANSWERS = {name: example for name, example in EXAMPLES.items() if "answer" in example}
NETWORKS = {name: example for name, example in EXAMPLES.items() if "network" in example}


def written(example: Told, change: str = "") -> Told:
    """The input of an example, changed; that of a scenario stands among other nouns that it names."""
    said = example.get("answer") or example["network"]
    said = changed(said, change) if change else said
    around = example.get("among", {})
    return (
        said
        if "answer" in example
        else {"network": {section: {**around.get(section, {}), **said.get(section, {})} for section in {**around, **said}}}
    )


def read(example: Told, folder: Path, change: str = "") -> Told:
    """What an input tells, without the nouns that stand around it."""
    around = nouns_of({"network": example["among"]}, folder, "around.json") if "among" in example else {}
    told = nouns_of(written(example, change), folder, example.get("file", "input.json"))
    return {name: noun for name, noun in told.items() if name not in around or name in {"problems", "refused"}}


@pytest.mark.parametrize("name", EXAMPLES)
def test_everything_that_is_told_is_read(name: str, tmp_path: Path) -> None:
    assert read(EXAMPLES[name], tmp_path) == EXAMPLES[name]["nouns"]


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_key_is_good_for_what_it_says_and_nothing_is_invented_in_its_place(name: str, tmp_path: Path) -> None:
    example = EXAMPLES[name]
    found = {change: difference(example["nouns"], read(example, tmp_path, change)) for change in example["changes"]}
    assert found == example["changes"]


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_key_of_an_example_is_left_out_once(name: str) -> None:
    example = EXAMPLES[name]
    keys = {f"- {key}" for key in keys_of(example.get("answer") or example["network"])}
    assert keys - set(example["changes"]) == set()


def test_every_list_of_aws_that_is_read_has_an_example() -> None:
    assert {key for kind in RESOURCES for key in kind.describe} - {
        key for example in ANSWERS.values() for key in example["answer"]
    } == set()


def test_every_key_of_every_section_has_an_example() -> None:
    keys = {f"{kind.section} {field.name}" for kind in RESOURCES if kind.section for field in kind.fields}
    sections = [section for example in NETWORKS.values() for section in example["network"].items()]
    assert keys - {f"{section} {key}" for section, entries in sections for entry in entries.values() for key in entry or ()} == set()
