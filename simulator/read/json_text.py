"""JSON text: parsed at full speed, with places that are found in the text only when somebody asks.

A snapshot of a large account has a hundred thousand places and its user sees three of them. So a place is the path to a
value, and line and column are computed by walking the raw text along that path; what was walked is remembered.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from simulator.origin import Spot, place_text
from simulator.problems import Problems
from simulator.read.located import DEEPEST, Located

Path = tuple[str | int, ...]

DECODER = json.JSONDecoder()
SPACE = re.compile(r"[ \t\n\r]*")
TOKEN = re.compile(r'("(?:[^"\\]|\\.)*")[ \t\n\r]*(:)?|[\[\]{}]', re.DOTALL)
WORDING = {
    "Expecting value": "a value is missing",
    "Expecting property name enclosed in double quotes": "a key in double quotes is missing",
    "Expecting ':' delimiter": "a `:` is missing after the key",
    "Expecting ',' delimiter": "a `,` is missing",
    "Illegal trailing comma before end of object": "a `,` stands before the closing `}`",
    "Illegal trailing comma before end of array": "a `,` stands before the closing `]`",
    "Extra data": "the JSON value ends before this",
    "Invalid control character at": "a text goes over the end of its line",
    "Unterminated string starting at": "the text that starts here is not closed",
}


@dataclass(frozen=True, slots=True)
class JsonDocument:
    """A valid JSON text and the name of its file. Two documents are equal when they are the same file."""

    file: str
    text: str = field(repr=False, compare=False)
    _members: dict[int, dict[str | int, tuple[int, int]]] = field(default_factory=dict, repr=False, compare=False)
    _lines: list[int] = field(default_factory=list, repr=False, compare=False)

    def place(self, path: Path = ()) -> JsonPlace:
        """The place of the value at a path."""
        return JsonPlace(self, path)

    def offset(self, path: Path) -> int | None:
        """Where a value is written: its key in a mapping, else its start; none when the path leads nowhere."""
        written = value = _skip(self.text, 0)
        for step in path:
            try:
                written, value = self._members_at(value)[step]
            except (KeyError, RecursionError):
                return None
        return written

    def line_and_column(self, offset: int) -> tuple[int, int]:
        """Both counted from 1. Where lines start is worked out once."""
        if not self._lines:
            self._lines.extend(_line_starts(self.text))
        line = bisect_right(self._lines, offset)
        return line, offset - self._lines[line - 1] + 1

    def _members_at(self, start: int) -> dict[str | int, tuple[int, int]]:
        """The members of the list or mapping that starts here: where each is written and where its value starts."""
        if start not in self._members:
            self._members[start] = dict(_members(self.text, start))
        return self._members[start]


@dataclass(frozen=True, slots=True)
class JsonPlace:
    r"""The place of a value in a JSON document; line and column are computed when asked for.

    >>> document = JsonDocument("Vpcs.json", '{"Vpcs": [\n  {"VpcId": "vpc-1"}]}')
    >>> str(document.place(("Vpcs", 0, "VpcId")))
    'Vpcs.json:2:4'
    """

    document: JsonDocument
    path: Path = ()

    @property
    def file(self) -> str:
        return self.document.file

    @property
    def line(self) -> int | None:
        offset = self.document.offset(self.path)
        return None if offset is None else self.document.line_and_column(offset)[0]

    @property
    def column(self) -> int | None:
        offset = self.document.offset(self.path)
        return None if offset is None else self.document.line_and_column(offset)[1]

    def __str__(self) -> str:
        return place_text(self)


def parse_json(text: str, name: str, problems: Problems) -> tuple[Any, JsonDocument] | None:
    """The value of a JSON text and the document that tells places in it, or none after reporting what is wrong."""
    duplicate = False

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal duplicate
        found = dict(pairs)
        duplicate = duplicate or len(found) != len(pairs)
        return found

    try:
        data = json.loads(text, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        problems.error(_wording(error), Spot(name, error.lineno, error.colno))
        return None
    except RecursionError:
        problems.error(f"lists and mappings lie more than {DEEPEST} deep in each other", _too_deep(text, name))
        return None
    except ValueError:  # an integer of more digits than Python converts
        problems.error("holds a number of several thousand digits", Spot(name))
        return None
    if duplicate:
        document = JsonDocument(name, text)
        for key, first, second in _duplicates(text):
            line, _ = document.line_and_column(first)
            here = Spot(name, *document.line_and_column(second))
            problems.error(f"key `{key}` is already in line {line} of the same mapping", here)
        return None
    return data, JsonDocument(name, text)


def located(data: Any, document: JsonDocument, problems: Problems) -> Located | None:
    """The located tree of a JSON file that people write, or none when it is nested too deep."""

    def build(value: Any, path: Path, depth: int) -> Located:
        if depth > DEEPEST:
            raise RecursionError
        place = document.place(path)
        if isinstance(value, dict):
            members = {key: build(member, (*path, key), depth + 1) for key, member in value.items()}
            return Located(members, place, {key: member.place for key, member in members.items()})
        if isinstance(value, list):
            return Located([build(member, (*path, index), depth + 1) for index, member in enumerate(value)], place)
        return Located(str(value) if isinstance(value, float) else value, place)

    try:
        return build(data, (), 0)
    except RecursionError:
        place = _too_deep(document.text, document.file)
        problems.error(f"lists and mappings lie more than {DEEPEST} deep in each other", place)
        return None


def _skip(text: str, at: int) -> int:
    found = SPACE.match(text, at)
    return found.end() if found else at


def _members(text: str, start: int) -> Iterator[tuple[str | int, tuple[int, int]]]:
    """Walk over the members of a list or mapping of valid JSON. A scalar has none."""
    closing = {"{": "}", "[": "]"}.get(text[start])
    at, index = _skip(text, start + 1), 0
    while closing and text[at] != closing:
        written, key = at, index
        name: str | int = key
        if closing == "}":
            name, at = DECODER.raw_decode(text, at)
            at = _skip(text, text.index(":", at) + 1)
        yield name, (written, at)
        _, at = DECODER.raw_decode(text, at)
        at = _skip(text, at)
        if text[at] == ",":
            at = _skip(text, at + 1)
        index += 1


def _wording(error: json.JSONDecodeError) -> str:
    unclosed = error.msg.startswith("Unterminated") and "\n" not in error.doc[error.pos :].rstrip()
    if unclosed or error.pos >= len(error.doc.rstrip()):
        return "is not complete: the file ends in the middle of a value"
    message = next((words for said, words in WORDING.items() if error.msg.startswith(said)), error.msg.lower())
    return f"is not JSON: {message}"


def _line_starts(text: str) -> Iterator[int]:
    at = 0
    while at >= 0:
        yield at
        at = text.find("\n", at) + 1 or -1


def _too_deep(text: str, name: str) -> Spot:
    """Where a text opens one list or mapping too many."""
    depth = 0
    for token in TOKEN.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token[0], 0)
        if depth > DEEPEST:
            return Spot(name, *JsonDocument(name, text).line_and_column(token.start()))
    return Spot(name)


def _duplicates(text: str) -> Iterator[tuple[str, int, int]]:
    """Every key that its mapping already has, with both offsets. The text is valid JSON."""
    stack: list[dict[str, int]] = []
    for token in TOKEN.finditer(text):
        if token[0] in {"{", "["}:
            stack.append({})
        elif token[0] in {"}", "]"}:
            stack.pop()
        elif token[2]:
            key = json.loads(token[1])
            if key in stack[-1]:
                yield key, stack[-1][key], token.start()
            stack[-1][key] = token.start()
