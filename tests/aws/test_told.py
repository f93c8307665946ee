"""What readers make of what is told: `told/*.yaml` has examples of every AWS list and of every section of scenarios.

Each example is an input and all the nouns it makes, with the fields that are neither empty nor false. Below `changes` stands what each
key is good for: what is told otherwise when it is left out, or when it has another value. So a default, a state or an option that is
taken for something else is a difference here. Only where it says `completed`, what nouns imply is added, and what AWS refuses is told;
`shows` names what of it the example is about.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.aws.registry import RESOURCES
from tests.aws.believing import Told, changed, difference, examples, keys_of, nouns_of

EXAMPLES = examples(Path(__file__).parent / "told")
ANSWERS = {name: example for name, example in EXAMPLES.items() if "answer" in example}
NETWORKS = {name: example for name, example in EXAMPLES.items() if "network" in example}


def among(example: Told, said: Told) -> Told:
    """What an example says, with the nouns around it that it names."""
    around = example.get("among", {})
    together = {}
    for section in (*around, *(section for section in said if section not in around)):
        one, two = around.get(section), said.get(section)
        together[section] = one if two is None else two if one is None else [*one, *two] if isinstance(one, list) else {**one, **two}
    return together if "answer" in example else {"network": together}


def read(example: Told, folder: Path, change: str = "") -> Told:
    """What an input tells beyond the nouns around it."""
    file, completed = example.get("file", "input.json"), example.get("completed", False)
    said = example.get("answer") or example["network"]
    around = nouns_of(among(example, {}), folder, file, completed=completed) if "among" in example else {}
    told = nouns_of(among(example, changed(said, change) if change else said), folder, file, completed=completed)
    wanted = example.get("shows")
    return {name: noun for name, noun in told.items() if around.get(name) != noun and (not wanted or name in {"refused", *wanted})}


@pytest.mark.parametrize("name", EXAMPLES)
def test_everything_that_is_told_is_read(name: str, tmp_path: Path) -> None:
    assert read(EXAMPLES[name], tmp_path) == EXAMPLES[name]["nouns"]


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_key_is_good_for_what_it_says_and_nothing_is_invented_in_its_place(name: str, tmp_path: Path) -> None:
    example = EXAMPLES[name]
    found = {change: difference(example["nouns"], read(example, tmp_path, change)) for change in example["changes"]}
    assert found == example["changes"]


@pytest.mark.parametrize("name", [name for name, example in EXAMPLES.items() if "completed" not in example])
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
