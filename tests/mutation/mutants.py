"""The mutants of a module: their names, which stay as long as the changed text does, and their code."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from tests.mutation.changes import Finder

ROOT = Path(__file__).parents[2]


class Mutant(NamedTuple):
    """One change. `key` names it as long as the changed text stands; `function` is a function of the module or a method, or empty:
    then the module has to be imported anew. `lines` are those whose execution shows that a test may notice.
    """

    file: str
    function: str
    first_line: int
    line: int
    lines: tuple[int, int]
    before: str
    after: str
    key: str


class Source:
    """A module, its mutants, and their code."""

    def __init__(self, file: str) -> None:
        self.file, self.path = file, ROOT / file
        self.text = self.path.read_text("utf-8")
        self.tree = ast.parse(self.text)
        self._edits = list(Finder().found(self.tree))
        seen: Counter[str] = Counter()
        self.mutants: list[Mutant] = []
        for edit in self._edits:
            name = f"{edit.function or 'module'}: {edit.before} -> {edit.after}"
            seen[name] += 1
            key = name if seen[name] == 1 else f"{name} ({seen[name]})"
            self.mutants.append(Mutant(file, edit.function, edit.first_line, edit.node.lineno, edit.lines, edit.before, edit.after, key))

    def compiled(self, mutant: Mutant | None) -> Any:
        """The module's code with the change, or without any."""
        if mutant is None:
            return compile(self.tree, str(self.path), "exec", dont_inherit=True)
        edit = self._edits[self.mutants.index(mutant)]
        kept = getattr(edit.parent, edit.field)
        setattr(edit.parent, edit.field, edit.value)
        try:
            return compile(ast.fix_missing_locations(self.tree), str(self.path), "exec", dont_inherit=True)
        finally:
            setattr(edit.parent, edit.field, kept)
