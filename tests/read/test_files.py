"""Files as text, and YAML text as a located tree: every way a file can be broken gets a message with its place."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Any

import pytest
import yaml

from simulator.problems import Problems
from simulator.read import files
from simulator.read.files import YamlTree, parse_yaml, read_text
from simulator.read.located import Located


def text_of(path: Path) -> tuple[str | None, list[str]]:
    problems = Problems()
    return read_text(path, path.name, problems), [str(problem) for problem in problems]


def tree_of(text: str) -> tuple[YamlTree | None, list[str]]:
    problems = Problems()
    return parse_yaml(text, "n.yaml", problems), [str(problem) for problem in problems]


def values_of(text: str) -> dict[str, Any]:
    tree, problems = tree_of(text)
    assert problems == []
    assert tree is not None
    return {key: node.value for key, node in tree.root.mapping.items()}


@pytest.fixture(params=["C", "Python"])
def either_loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both loaders of PyYAML, since an installation may lack the one in C."""
    if request.param == "Python":
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    elif not hasattr(yaml, "CSafeLoader"):
        pytest.skip("PyYAML was built without its C loader")


# --- text ---


@pytest.mark.parametrize(
    "data",
    [
        b"a: \xc3\xa9",
        codecs.BOM_UTF8 + b"a: \xc3\xa9",
        codecs.BOM_UTF16_LE + "a: é".encode("utf-16-le"),
        codecs.BOM_UTF16_BE + "a: é".encode("utf-16-be"),
    ],
)
def test_encodings_that_are_read(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.yaml").write_bytes(data)
    assert text_of(tmp_path / "a.yaml") == ("a: é", [])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"a: 1\nb: \xff\n", "a.yaml:2: is not UTF-8 text (byte 9); save it as UTF-8"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "a.yaml:1: is not UTF-8 text (byte 1); save it as UTF-8"),
        (codecs.BOM_UTF16_LE + b"a", "a.yaml: is not UTF-8 text (byte 3); save it as UTF-8"),
        (b"a: 1\nb: x\0y", "a.yaml:2: holds a NUL byte, so it is not a text file"),
        (b"", "a.yaml: is empty"),
        (b" \n\n", "a.yaml: is empty"),
    ],
)
def test_content_that_is_no_text(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "a.yaml").write_bytes(data)
    assert text_of(tmp_path / "a.yaml") == (None, [message])


def test_a_file_over_the_limit_is_not_read_to_its_end(tmp_path: Path) -> None:
    with (tmp_path / "big.json").open("wb") as file:
        file.truncate(100 * 1024 * 1024)  # sparse: takes no room
    message = "big.json: is larger than 64 MB, the most that is read from one file"
    assert text_of(tmp_path / "big.json") == (None, [message])


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="this system has no endless file")
def test_an_endless_file_ends() -> None:
    assert text_of(Path("/dev/zero"))[1] == ["zero: is larger than 64 MB, the most that is read from one file"]


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (PermissionError(13, "Permission denied"), "a.yaml: cannot be read: permission denied"),
        (OSError(5, "Input/output error"), "a.yaml: cannot be read: input/output error"),
        (FileNotFoundError(2, "No such file"), "a.yaml: does not exist"),
    ],
)
def test_a_file_that_cannot_be_opened(monkeypatch: pytest.MonkeyPatch, error: OSError, message: str) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(Path, "open", refuse)  # as root, file modes would refuse nothing
    assert text_of(Path("a.yaml")) == (None, [message])


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert text_of(tmp_path)[1] == [f"{tmp_path.name}: is a folder, not a file"]


# --- YAML ---


@pytest.mark.usefixtures("either_loader")
def test_scalars_mean_what_they_look_like() -> None:
    text = "a: no\nb: 010\nc: 22:22\nd: 1e3\ne: 0x1F\nf: ~\ng: true\nh: '5'\ni: !!str 5\nj: -3\nk:\nl: 2024-01-01\nm: 1_000"
    assert values_of(text) == {
        "a": "no",
        "b": "010",
        "c": "22:22",
        "d": "1e3",
        "e": "0x1F",
        "f": None,
        "g": True,
        "h": "5",
        "i": "5",
        "j": -3,
        "k": None,
        "l": "2024-01-01",
        "m": "1_000",
    }


def test_a_number_too_long_for_any_field_stays_text() -> None:
    assert values_of("a: " + "1" * 5000) == {"a": "1" * 5000}


@pytest.mark.usefixtures("either_loader")
def test_keys_and_values_know_their_places() -> None:
    tree, _ = tree_of("network:\n  vpcs:\n    main: {cidr: 10.0.0.0/16}\n")
    assert tree is not None
    main = tree.root.mapping["network"].mapping["vpcs"]
    assert str(main.keys["main"]) == "n.yaml:3:5"
    assert str(main.mapping["main"].place) == "n.yaml:3:11"
    assert str(main.mapping["main"].mapping["cidr"].place) == "n.yaml:3:18"


def test_keys_stay_text() -> None:
    assert values_of("22: a\nno: b\ntrue: c\n0.0.0.0/0: d\n::/0: e") == {
        "22": "a",
        "no": "b",
        "true": "c",
        "0.0.0.0/0": "d",
        "::/0": "e",
    }


@pytest.mark.usefixtures("either_loader")
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: {b: c}}", "n.yaml:1:10: `}` closes nothing"),
        ("a: [1, 2\nb: 3", "n.yaml:2:2: the list is not closed: a `,` or `]` is missing (it starts in line 1)"),
        ("a: 'x", "n.yaml:1:6: the file ends inside quotes"),
        ("a:\n\tb: c", "n.yaml:2:1: a tab cannot stand here; indent with spaces"),
        ("a: b: c", "n.yaml:1:5: a second `:` cannot stand here; quote the text or give the key its own line"),
        ("a: @x", "n.yaml:1:4: a text cannot start with `@` here; put it in quotes"),
        ("{::/0: igw}", "n.yaml:1:2: a text cannot start with `:` here; put it in quotes"),
        ("a:\n  - b\n c: d", "n.yaml:3:2: this line does not fit the ones above; look at its indentation (it starts in line 1)"),
        ("x: 1\ny: 2\nx: 3", "n.yaml:3:1: key `x` is already in line 1 of the same mapping"),
        ("a: *q", "n.yaml:1:4: alias `*q`: there is no `&q` before it"),
        ("a: &x [*x]", "n.yaml:1:8: alias `*x`: stands inside `&x` itself"),
        ("? [a]\n: b", "n.yaml:1:3: a key must be a word, not a list or a mapping"),
        ("a: &x {}\nb: {<<: *x}", "n.yaml:2:5: merge keys (`<<`) are not supported; write the keys out"),
        ("---\na: 1\n---\nb: 2", "n.yaml:3:1: a second document starts here; a file holds one"),
        (
            "a: !!python/object/apply:os.system [ls]",
            "n.yaml:1:4: tag `tag:yaml.org,2002:python/object/apply:os.system` is not known",
        ),
        ("[" * 100, "n.yaml:1:51: lists and mappings lie more than 50 deep in each other"),
        ("{a: " * 100_000, "n.yaml:1:201: lists and mappings lie more than 50 deep in each other"),
        ("a: \x01", "n.yaml: is not YAML: a control character cannot stand here; this may not be a text file"),
    ],
)
def test_what_is_no_yaml_of_ours(text: str, message: str) -> None:
    tree, problems = tree_of(text)
    assert tree is None
    assert problems == [message]


def test_all_duplicate_keys_are_told_at_once() -> None:
    assert tree_of("x: 1\nx: 2\ny: {z: 1, z: 2}")[1] == [
        "n.yaml:2:1: key `x` is already in line 1 of the same mapping",
        "n.yaml:3:11: key `z` is already in line 3 of the same mapping",
    ]


@pytest.mark.usefixtures("either_loader")
def test_aliases_stand_for_what_they_name() -> None:
    tree, problems = tree_of("a: &open [tcp/22]\nb: *open\nc: &name web\n*name : d")
    assert problems == []
    assert tree is not None
    root = tree.root.mapping
    assert root["b"] is root["a"]
    assert root["web"].value == "d"


def test_a_bomb_of_aliases_is_defused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    (problem,) = tree_of("\n".join(lines))[1]
    assert problem == "n.yaml:6:25: holds more than 500000 values, counting aliases (`*name`) as what they stand for"


def test_too_many_values_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_NODES", 10)
    assert tree_of("[" + "1," * 9 + "]")[1] == []
    assert "holds more than 10 values" in tree_of("[" + "1," * 10 + "]")[1][0]


def test_local_tags_are_kept_for_who_knows_them() -> None:
    tree, problems = tree_of("a: !Ref Vpc\nb: !Select [0, !GetAZs '']")
    assert problems == []
    assert tree is not None
    assert tree.root.mapping["a"].tag == "!Ref"
    assert tree.root.mapping["a"].value == "Vpc"
    assert [(tag, str(place)) for tag, place in tree.tags] == [
        ("!Ref", "n.yaml:1:4"),
        ("!Select", "n.yaml:2:4"),
        ("!GetAZs", "n.yaml:2:16"),
    ]


def test_comments_alone_are_nothing() -> None:
    tree, problems = tree_of("# nothing here\n")
    assert problems == []
    assert tree is not None
    assert tree.root == Located(None, tree.root.place)
