"""From paths to a network: which format a file has, which files belong together, and every problem of all of them.

The content decides what a file is, never the user and hardly ever its name.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.aws.resource import Kind
from simulator.aws.snapshot import Draft, Snapshot
from simulator.origin import Place, Spot
from simulator.problems import InputError, Problem, Problems, Severity, did_you_mean
from simulator.read.fields import References
from simulator.read.files import parse_yaml, read_text
from simulator.read.located import Located
from simulator.read.scenario import ExpectationText, read_scenario

if TYPE_CHECKING:
    from simulator.read.describe import Describe
    from simulator.read.json_text import JsonDocument

YAML = {".yaml", ".yml"}
JSON = {".json", ".tfstate"}
SOURCES = {".tf": "Terraform source", ".tf.json": "Terraform source", ".ts": "a program", ".py": "a program"}
READABLE = "vpcsim scenarios and folders of AWS describe output"


@dataclass(frozen=True, slots=True)
class Reading:
    """All that the inputs say: the network, the questions of the named (not the included) scenarios and the warnings.

    `name` is the inputs as the user gave them; `about` what a scenario says of itself.
    """

    snapshot: Snapshot
    expectations: tuple[ExpectationText, ...]
    problems: tuple[Problem, ...]
    name: str
    about: str = ""


def read(paths: Sequence[str | Path], parameters: Mapping[str, str] | None = None, *, kinds: Sequence[Kind]) -> Reading:
    """Read inputs that together make one network. Raises `InputError` with every error of all of them.

    paths: scenario files, snapshot folders or files, in any mixture.
    parameters: values for the parameters of templates and plans, by name.
    kinds: the registry.
    """
    draft = Draft(kinds)
    loader = _Loader(draft)
    problems = loader.draft.problems
    if not paths:
        problems.error("no input was named")
    for path in paths:
        loader.input(str(path), None)
    if loader.described:
        loader.described.finish()
    loader.draft.read_kinds.update(kind for kind, _ in loader.references.written)
    if parameters:
        names = ", ".join(f"`{name}`" for name in sorted(parameters))
        problems.warn(f"no input takes parameters, so {names} had no effect")
    loader.draft.whole = not loader.tells_parts_only
    snapshot = _finished(loader)
    _raise_errors(problems)
    warnings = tuple(problem for problem in problems if problem.severity is not Severity.ERROR)
    return Reading(snapshot, tuple(loader.expectations), warnings, ",".join(map(str, paths)), loader.about)


def inputs_of(text: str) -> list[str]:
    """The inputs in one word of the command line: `a.json,b.yaml` is two, unless there is a file of that name.

    >>> inputs_of("a.json,b.yaml")
    ['a.json', 'b.yaml']
    """
    return [text] if "," not in text or _exists(Path(text)) else [word for word in text.split(",") if word]


def _finished(loader: _Loader) -> Snapshot:
    problems = loader.draft.problems
    try:
        snapshot = loader.draft.finish()
    except Exception:
        # What is incomplete because of an error that was already told may break a check; the error is what matters.
        _raise_errors(problems)
        raise
    loader.references.check(loader.draft)
    return snapshot


def _raise_errors(problems: Problems) -> None:
    """Raise every error, file by file in the order of reading, and by line: references are checked last but read first."""
    errors = problems.errors
    files: dict[str, int] = {}
    for problem in errors:
        files.setdefault(problem.place.file if problem.place else "", len(files))
    if errors:
        raise InputError(sorted(errors, key=lambda problem: _order(problem, files)))


def _order(problem: Problem, files: Mapping[str, int]) -> tuple[int, int, int]:
    place = problem.place
    return (files[place.file], place.line or 0, place.column or 0) if place else (files[""], 0, 0)


@dataclass(slots=True)
class _Loader:
    draft: Draft
    references: References = field(default_factory=References)
    expectations: list[ExpectationText] = field(default_factory=list)
    about: str = ""
    described: Describe | None = None
    tells_parts_only: bool = False
    done: set[Path] = field(default_factory=set)
    open: list[tuple[Path, str]] = field(default_factory=list)

    @property
    def describe(self) -> Describe:
        """The reader of AWS answers; imported when the first one comes."""
        if self.described is None:
            from simulator.read.describe import Describe

            self.described = Describe(self.draft)
        return self.described

    def input(self, name: str, place: Place | None) -> None:
        """Read one input; `place` is where an `include` names it."""
        if re.match(r"aws:(?![/\\])", name):
            self._error(f"`{name}`: live accounts are not read yet; {READABLE} are", place)
            return
        path = Path(name)
        if not name or "\0" in name or not _exists(path):
            self._error(_missing(name), place)
            return
        resolved = path.resolve()
        if resolved in [opened for opened, _ in self.open]:
            chain = " -> ".join([opened for _, opened in self.open] + [name])
            self._error(f"`{name}` includes itself ({chain})", place)
            return
        if resolved in self.done:
            return
        self.done.add(resolved)
        self.open.append((resolved, name))
        if path.is_dir():
            self.describe.folder(path, name)
            self.tells_parts_only = True
        else:
            self._file(path, name)
        self.open.pop()

    def _error(self, message: str, place: Place | None) -> None:
        self.draft.problems.error(message, place)

    def _file(self, path: Path, name: str) -> None:
        source = next((what for ending, what in SOURCES.items() if name.endswith(ending)), None)
        if source:
            self._error(f"is {source}, which is not read; {READABLE} are", Spot(name))
            return
        text = read_text(path, name, self.draft.problems)
        if text is None:
            return
        suffix = path.suffix.lower()
        if suffix in JSON or (suffix not in YAML and text.lstrip()[:1] in {"{", "["}):
            from simulator.read.json_text import parse_json

            parsed = parse_json(text, name, self.draft.problems)
            if parsed:
                self._json(*parsed)
        else:
            self._yaml(text, name)

    def _yaml(self, text: str, name: str) -> None:
        tree = parse_yaml(text, name, self.draft.problems)
        if tree is None:
            return
        root = tree.root
        if root.value is None:
            self._error("is empty", Spot(name))
        elif _is_template(root.mapping.keys(), {key: one.mapping.keys() for key, one in _members(root, "Resources")}):
            self._not_yet(name, "a CloudFormation template")
        elif not isinstance(root.value, dict):
            self._error(f"is neither a scenario nor any other known input; {READABLE} are", Spot(name))
        elif tree.tags:
            for tag, place in tree.tags:
                self._error(f"tag `{tag}` has no meaning in a scenario", place)
        else:
            self._scenario(root, name)

    def _json(self, data: Any, document: JsonDocument) -> None:
        name = document.file
        if isinstance(data, dict) and _is_terraform(data):
            self._not_yet(name, "Terraform JSON")
        elif isinstance(data, dict) and _is_template(data.keys(), _mapping(data.get("Resources"))):
            self._not_yet(name, "a CloudFormation template")
        elif isinstance(data, dict) and data.keys() & {"network", "expect", "include"}:
            from simulator.read.json_text import located

            root = located(data, document, self.draft.problems)
            if root is not None:
                self._scenario(root, name)
        elif self.describe.knows(data):
            self.tells_parts_only = True
            self.describe.document(data, document)
        else:
            self._error(f"is no known input; {READABLE} are", Spot(name))

    def _not_yet(self, name: str, what: str) -> None:
        self._error(f"is {what}, which is not read yet; {READABLE} are", Spot(name))

    def _scenario(self, root: Located, name: str) -> None:
        scenario = read_scenario(root, self.draft, self.references)
        if len(self.open) == 1:
            self.expectations += scenario.expectations
            self.about = self.about or scenario.about or scenario.name
        for word, place in scenario.includes:
            self.input(word if word.startswith("aws:") else os.path.normpath(Path(name).parent / word), place)


def _is_template(keys: Any, resources: Mapping[str, Any]) -> bool:
    """Whether this is a CloudFormation template: it says so, or has resources with a type."""
    if "AWSTemplateFormatVersion" in keys:
        return True
    return "Resources" in keys and any("Type" in members for members in resources.values() if members)


def _is_terraform(data: Mapping[str, Any]) -> bool:
    plan = data.keys() & {"planned_values", "resource_changes", "prior_state", "values"}
    return "terraform_version" in data or ("format_version" in data and bool(plan))


def _members(root: Located, key: str) -> list[tuple[str, Located]]:
    node = root.mapping.get(key)
    return list(node.mapping.items()) if node else []


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _missing(name: str) -> str:
    """What to say of a path that is not there: the nearest names in its folder, or the first folder that is missing."""
    if not name or "\0" in name:
        return f"`{name}` is no path"
    path = Path(name)
    folder = path.parent
    try:
        near = did_you_mean(path.name, [one.name for one in folder.iterdir()])
    except OSError:
        near = f"; there is no folder `{folder}`" if not _exists(folder) else ""
    return f"`{name}` does not exist{near}"
