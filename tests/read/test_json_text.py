"""JSON text: messages with places for what is broken, and places that are found by walking the text."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from simulator.problems import Problems
from simulator.read.json_text import JsonDocument, located, parse_json


def problems_of(text: str) -> list[str]:
    problems = Problems()
    assert parse_json(text, "n.json", problems) is None
    return [str(problem) for problem in problems]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"Vpcs": [\n  {"VpcId": "vpc-1"},\n', "n.json:3:1: is not complete: the file ends in the middle of a value"),
        ('{"Vpcs": [{"VpcId": "vp', "n.json:1:21: is not complete: the file ends in the middle of a value"),
        ("[1 2]", "n.json:1:4: is not JSON: a `,` is missing"),
        ('{"a": nope}', "n.json:1:7: is not JSON: a value is missing"),
        ("{'a': 1}", "n.json:1:2: is not JSON: a key in double quotes is missing"),
        ('{"a": 1} x', "n.json:1:10: is not JSON: the JSON value ends before this"),
        ('{"a": "x\ny"}', "n.json:1:9: is not JSON: a text goes over the end of its line"),
        ("<html>", "n.json:1:1: is not JSON: a value is missing"),
        ("[" * 100_000, "n.json:1:51: lists and mappings lie more than 50 deep in each other"),
        ('{"a": ' + "1" * 5000 + "}", "n.json: holds a number of several thousand digits"),
    ],
)
def test_what_is_no_json(text: str, message: str) -> None:
    assert problems_of(text) == [message]


def test_every_duplicate_key_is_told_with_both_lines() -> None:
    text = '{"a": {"x": "]}", "y": 1,\n "x": 2},\n "b": [{"c": 1, "\\u0063": 2}], "a": 3}'
    assert problems_of(text) == [
        "n.json:2:2: key `x` is already in line 1 of the same mapping",
        "n.json:3:17: key `c` is already in line 3 of the same mapping",
        "n.json:3:32: key `a` is already in line 1 of the same mapping",
    ]


def test_places_are_those_of_keys_and_elements() -> None:
    document = JsonDocument("n.json", '\n{ "a" : [1, {"b": "x,y"},\n  [ ] ],\n"c\\"d": null }')
    assert [str(document.place(path)) for path in [(), ("a",), ("a", 0), ("a", 1), ("a", 1, "b"), ("a", 2), ('c"d',)]] == [
        "n.json:2:1",
        "n.json:2:3",
        "n.json:2:10",
        "n.json:2:13",
        "n.json:2:14",
        "n.json:3:3",
        "n.json:4:1",
    ]


@pytest.mark.parametrize("path", [("no",), ("a", 7), ("a", "b"), ("a", 0, "b")])
def test_a_path_that_leads_nowhere_has_no_line(path: tuple[str | int, ...]) -> None:
    place = JsonDocument("n.json", '{"a": [1]}').place(path)
    assert (place.line, place.column, str(place)) == (None, None, "n.json")


def test_places_are_equal_by_file_and_path() -> None:
    one, other = JsonDocument("n.json", '{"a": 1}'), JsonDocument("n.json", '{"a": 1}')
    assert one.place(("a",)) == other.place(("a",))
    assert hash(one.place(("a",))) == hash(other.place(("a",)))
    assert one.place(("a",)) != JsonDocument("m.json", '{"a": 1}').place(("a",))


def some_value(chance: random.Random, depth: int) -> Any:
    kind = chance.randrange(6 if depth else 4)
    if kind == 4:
        return [some_value(chance, depth - 1) for _ in range(chance.randrange(4))]
    if kind == 5:
        return {chance.choice(["a", "b ]", 'c"', "é\\", ""]): some_value(chance, depth - 1) for _ in range(chance.randrange(4))}
    return chance.choice([1, -2.5e3, True, None, "", "{[", 'q"\\', "\n"])


@pytest.mark.parametrize("seed", range(50))
def test_what_stands_at_a_place_is_the_value(seed: int) -> None:
    """From the offset of any path, parsing gives the key or the value of that path."""
    chance = random.Random(seed)
    data = [some_value(chance, 4)]
    text = json.dumps(data, indent=chance.choice([None, 1]), ensure_ascii=chance.choice([True, False]))
    document = JsonDocument("n.json", text)

    def check(value: Any, path: tuple[str | int, ...]) -> None:
        offset = document.offset(path)
        assert offset is not None
        written, _ = json.JSONDecoder().raw_decode(text, offset)
        assert written == (path[-1] if path and isinstance(path[-1], str) else value)
        members = enumerate(value) if isinstance(value, list) else value.items() if isinstance(value, dict) else ()
        for key, member in members:
            check(member, (*path, key))

    check(data, ())


def test_a_located_tree_has_the_places_of_the_text() -> None:
    problems = Problems()
    parsed = parse_json('{"network": {\n "a": [true, 1.5]}}', "n.json", problems)
    assert parsed is not None
    root = located(*parsed, problems)
    assert root is not None
    network = root.mapping["network"]
    assert str(network.keys["a"]) == "n.json:2:2"
    assert isinstance(network.mapping["a"].value, list)
    assert [node.value for node in network.mapping["a"].value] == [True, "1.5"]


def test_a_tree_nested_too_deep_is_refused() -> None:
    problems = Problems()
    parsed = parse_json("[" * 60 + "]" * 60, "n.json", problems)
    assert parsed is not None
    assert located(*parsed, problems) is None
    assert [str(problem) for problem in problems] == ["n.json:1:51: lists and mappings lie more than 50 deep in each other"]


def test_places_in_one_long_line_are_found_without_counting_from_its_start_each_time() -> None:
    text = '{"a": [' + ", ".join(["{}"] * 20_000) + '],\n\n "b": {}}'
    document = JsonDocument("n.json", text)
    assert str(document.place(("a", 19_999))) == f"n.json:1:{7 + 4 * 19_999 + 1}"
    assert str(document.place(("b",))) == "n.json:3:2"
    assert str(document.place()) == "n.json:1:1"
