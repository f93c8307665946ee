"""Files as text, and YAML text as a located tree, with every bound a hostile or broken file could break.

This is the only module that imports `yaml`, and only when a YAML file is read. Problems are reported, never raised.

YAML is built from the parser's events and not from its nodes: without recursion, so that depth is ours to bound; with
aliases counted as what they stand for, so that a few lines cannot become millions of values; and with scalars that mean
what they look like. Only `true`, `false`, decimal integers and null are anything but text: `no`, `010`, `22:22`, `1e3`
and `0x1F` stay as written.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.origin import Place, Spot
from simulator.problems import Problems
from simulator.read.located import DEEPEST, Located

if TYPE_CHECKING:
    import yaml

LARGEST = 64 * 1024 * 1024
MOST_NODES = 500_000
CORE_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("bool", "float", "int", "map", "null", "seq", "str")}
CONSTANTS: dict[str, bool | None] = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
CONSTANTS |= dict.fromkeys(("true", "True", "TRUE"), True) | dict.fromkeys(("false", "False", "FALSE"), False)
DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,18})")

# What the parser says, and what that means to who wrote the file.
WORDING = {
    "mapping values are not allowed": "a second `:` cannot stand here; quote the text or give the key its own line",
    "could not find expected ':'": "a key without a `:`",
    "found unexpected ':'": "a `:` cannot stand here; put a space after it, or quote the text",
    "did not find expected key": "this line does not fit the ones above; look at its indentation",
    "expected <block end>": "this line does not fit the ones above; look at its indentation",
    "did not find expected '-' indicator": "an item of this list must start with `-`; look at the indentation",
    "found unexpected end of stream": "the file ends inside quotes",
    "did not find expected node content": "a value is missing",
    "expected the node content": "a value is missing",
    "expected ',' or ']'": "the list is not closed: a `,` or `]` is missing",
    "expected ',' or '}'": "the mapping is not closed: a `,` or `}` is missing",
    "special characters are not allowed": "a control character cannot stand here; this may not be a text file",
    "control characters are not allowed": "a control character cannot stand here; this may not be a text file",
}


# --- text -------------------------------------------------------------------------------------------------------------


def read_text(path: Path, name: str, problems: Problems) -> str | None:
    """The text of a file, or none after reporting why not.

    UTF-8, with or without byte order mark, or UTF-16 with one, as Windows shells write it.
    """
    here = Spot(name)
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except IsADirectoryError:
        problems.error("is a folder, not a file", here)
    except PermissionError:
        problems.error("cannot be read: permission denied", here)
    except FileNotFoundError:
        problems.error("does not exist", here)
    except (OSError, ValueError) as error:  # ValueError: a name with a NUL byte
        problems.error(f"cannot be read: {getattr(error, 'strerror', None) or error}".lower(), here)
    else:
        if len(data) <= LARGEST:
            return _decoded(data, name, problems)
        problems.error(f"is larger than {LARGEST >> 20} MB, the most that is read from one file", here)
    return None


def _decoded(data: bytes, name: str, problems: Problems) -> str | None:
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = None if wide else before.count(b"\n") + 1
        problems.error(f"is not UTF-8 text (byte {error.start + 1}); save it as UTF-8", Spot(name, line))
        return None
    if (nul := text.find("\0")) >= 0:
        problems.error("holds a NUL byte, so it is not a text file", Spot(name, text.count("\n", 0, nul) + 1))
        return None
    if not text.strip():
        problems.error("is empty", Spot(name))
        return None
    return text


# --- YAML -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class YamlTree:
    """A YAML file: its root, and every local tag in it (`!Ref`) with its place."""

    root: Located
    tags: tuple[tuple[str, Spot], ...] = ()


def parse_yaml(text: str, name: str, problems: Problems) -> YamlTree | None:
    """The located tree of a YAML text with one document, or none after reporting what is wrong.

    >>> problems = Problems()
    >>> tree = parse_yaml("subnets: {a: {zone: no, octal: 010}}", "network.yaml", problems)
    >>> zone = tree.root.mapping["subnets"].mapping["a"].mapping["zone"]
    >>> zone.value, str(zone.place)
    ('no', 'network.yaml:1:21')
    """
    import yaml

    # The loader in C is five times faster, and not built everywhere.
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    builder = _Builder(name, problems)
    before = len(problems.errors)
    try:
        root = builder.build(yaml.parse(text, Loader=loader))
    except _RefusedError as refused:
        problems.error(str(refused), refused.place)
        return None
    except yaml.MarkedYAMLError as error:
        _report_syntax(error, text, name, problems)
        return None
    except yaml.YAMLError as error:
        problems.error(f"is not YAML: {_wording(getattr(error, 'reason', None) or 'it cannot be parsed')}", Spot(name))
        return None
    return YamlTree(root, tuple(builder.tags)) if len(problems.errors) == before else None


class _RefusedError(Exception):
    """The file is refused as a whole, at this place."""

    def __init__(self, message: str, place: Place) -> None:
        super().__init__(message)
        self.place = place


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end was not met yet; `key` waits for its value."""

    node: Located
    anchor: str | None
    nodes_before: int
    key: str | None = None


@dataclass(slots=True)
class _Builder:
    name: str
    problems: Problems
    tags: list[tuple[str, Spot]] = field(default_factory=list)
    nodes: int = 0
    root: Located | None = None
    stack: list[_Open] = field(default_factory=list)
    anchors: dict[str, tuple[Located, int]] = field(default_factory=dict)

    def build(self, events: Iterator[yaml.Event]) -> Located:
        import yaml

        documents = 0
        for event in events:
            match event:
                case yaml.DocumentStartEvent():
                    documents += 1
                    if documents > 1:
                        raise _RefusedError("a second document starts here; a file holds one", self._spot(event))
                case yaml.ScalarEvent():
                    node = Located(self._scalar(event), self._spot(event), tag=self._tag(event))
                    self._count(1, node)
                    self._keep(event.anchor, node, 1)
                    self._place(node, str(event.value))
                case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                    empty: Any = [] if isinstance(event, yaml.SequenceStartEvent) else {}
                    self._open(Located(empty, self._spot(event), {}, self._tag(event)), event.anchor)
                case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                    done = self.stack.pop()
                    self._keep(done.anchor, done.node, self.nodes - done.nodes_before)
                case yaml.AliasEvent():
                    self._alias(event)
        return self.root if self.root is not None else Located(None, Spot(self.name))

    def _spot(self, event: yaml.Event) -> Spot:
        mark: Any = event.start_mark
        return Spot(self.name, mark.line + 1, mark.column + 1)

    def _count(self, more: int, node: Located) -> None:
        self.nodes += more
        if self.nodes > MOST_NODES:
            message = f"holds more than {MOST_NODES} values, counting aliases (`*name`) as what they stand for"
            raise _RefusedError(message, node.place)

    def _keep(self, anchor: str | None, node: Located, size: int) -> None:
        if anchor is not None:
            self.anchors[anchor] = node, size

    def _open(self, node: Located, anchor: str | None) -> None:
        self._count(1, node)
        if len(self.stack) >= DEEPEST:
            raise _RefusedError(f"lists and mappings lie more than {DEEPEST} deep in each other", node.place)
        self._place(node, None)
        self.stack.append(_Open(node, anchor, self.nodes - 1))

    def _alias(self, event: yaml.AliasEvent) -> None:
        anchor = str(event.anchor)
        if anchor not in self.anchors:
            inside = any(opened.anchor == anchor for opened in self.stack)
            reason = f"stands inside `&{anchor}` itself" if inside else f"there is no `&{anchor}` before it"
            raise _RefusedError(f"alias `*{anchor}`: {reason}", self._spot(event))
        node, size = self.anchors[anchor]
        self._count(size, Located(None, self._spot(event)))
        self._place(node, None if isinstance(node.value, list | dict) else node.text, self._spot(event))

    def _place(self, node: Located, word: str | None, written: Place | None = None) -> None:
        """Put a finished or opened node where it belongs; `word` is its text when it can be a key."""
        if not self.stack:
            self.root = node
            return
        top = self.stack[-1]
        if isinstance(top.node.value, list):
            top.node.value.append(node)
        elif top.key is not None:
            top.node.mapping[top.key] = node
            top.key = None
        else:
            top.key = self._key(top.node, word, written or node.place)

    def _key(self, node: Located, word: str | None, place: Place) -> str:
        if word is None:
            raise _RefusedError("a key must be a word, not a list or a mapping", place)
        if word == "<<":
            raise _RefusedError("merge keys (`<<`) are not supported; write the keys out", place)
        if word in node.keys:
            self.problems.error(f"key `{word}` is already in line {node.keys[word].line} of the same mapping", place)
        node.keys[word] = place
        return word

    def _tag(self, event: Any) -> str:
        tag = event.tag
        if tag in {None, "!"} or tag in CORE_TAGS:
            return ""
        if not str(tag).startswith("!"):
            raise _RefusedError(f"tag `{tag}` is not known", self._spot(event))
        self.tags.append((str(tag), self._spot(event)))
        return str(tag)

    def _scalar(self, event: yaml.ScalarEvent) -> str | int | bool | None:
        word = str(event.value)
        if not event.implicit[0] and event.tag not in CORE_TAGS - {"tag:yaml.org,2002:str"}:
            return word  # quoted, or tagged as text
        if event.style not in {None, ""}:
            return word
        if word in CONSTANTS:
            return CONSTANTS[word]
        return int(word) if DECIMAL.fullmatch(word) else word


def _report_syntax(error: yaml.MarkedYAMLError, text: str, name: str, problems: Problems) -> None:
    mark = error.problem_mark or error.context_mark
    if mark is None:
        problems.error(f"is not YAML: {_wording(error.problem or '')}", Spot(name))
        return
    line = text.splitlines()[mark.line : mark.line + 1]
    sign = line[0][mark.column : mark.column + 1] if line else ""
    message = _wording(str(error.problem or ""))
    if sign == "\t":
        message = "a tab cannot stand here; indent with spaces"
    elif "cannot start any token" in message or (sign == ":" and message == WORDING["did not find expected node content"]):
        message = f"a text cannot start with `{sign}` here; put it in quotes"
    elif sign in {"]", "}"} and message == WORDING["expected <block end>"]:
        message = f"`{sign}` closes nothing"
    opened = error.context_mark
    if opened is not None and opened.line != mark.line:
        message += f" (it starts in line {opened.line + 1})"
    problems.error(message, Spot(name, mark.line + 1, mark.column + 1))


def _wording(problem: str) -> str:
    return next((words for said, words in WORDING.items() if said in problem), problem)
