"""What each test reaches: the lines it runs, and the time it takes."""

from __future__ import annotations

import marshal
import sys
from collections import Counter
from collections.abc import Callable
from difflib import SequenceMatcher
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from tests.mutation.mutants import ROOT, Mutant

SLOW = 1.0  # seconds; what takes longer comes last
OWN_FILES = 6
# Files of tests of a module beside those of its name.
NAMED = {"region": ("/test_piece_sizes.", "/test_exact_edges.", "/test_nat64."), "exact": ("/test_exact_edges.",)}
# Tests of many modules at once, which tell much for little time.
OWN_OF_ALL = ("/test_least_told.", "/test_schema.py::test_the_schema_in_the_package", "/test_words_of_aws.", "/test_registry.")
NEAR = 25  # lines
OWN_FIRST = 5  # times what another test is worth, and as many at a time
Lines = dict[str, set[int]]


class Reach:
    """The lines each test runs, by file; its seconds of processor time; and the lines that run while tests are collected."""

    def __init__(self) -> None:
        self.lines: dict[str, Lines] = {}
        self.seconds: dict[str, float] = {}
        self.at_import: Lines = {}
        self.digests: dict[str, str] = {}  # of the files of tests
        self.sources: dict[str, str] = {}  # the modules as they were
        self.closest: dict[str, tuple[str, ...]] = {}  # files of tests, by module

    def save(self, path: Path) -> None:
        path.write_bytes(marshal.dumps((self.lines, self.seconds, self.at_import, self.digests, self.sources)))

    @classmethod
    def saved(cls, path: Path) -> Reach:
        found = cls()
        found.lines, found.seconds, found.at_import, found.digests, found.sources = marshal.loads(path.read_bytes())
        return found

    def follow(self, sources: dict[str, str]) -> bool:
        """Where modules changed, lines move with their text; a new line counts as reached where the one before it is. Whether any did."""
        changed = [file for file in sources if self.sources.get(file) != sources[file]]
        for file in changed:
            moves = _moves(self.sources.get(file, ""), sources[file])
            for lines in self.lines.values():
                if file in lines:
                    lines[file] = {new for old in lines[file] for new in moves.get(old, ())}
        self.sources = sources
        return bool(changed)

    def needs_import(self, mutant: Mutant) -> bool:
        """Whether the changed code works at import, so that changing a loaded module would come too late."""
        first, last = mutant.lines
        return not mutant.function or any(first <= line <= last for line in self.at_import.get(mutant.file, ()))

    def _closest(self, file: str) -> tuple[str, ...]:
        """The files of tests of its room that run most of a module for their time, lines counted the more the fewer run them."""
        if file not in self.closest:
            reached: dict[str, set[int]] = {}
            cost: Counter[str] = Counter()
            room = str(Path("tests", *Path(file).parts[1:-1])) + "/"
            for name, files in self.lines.items():
                if file in files and name.startswith(room):
                    of_tests = name.split("::", maxsplit=1)[0]
                    reached.setdefault(of_tests, set()).update(files[file])
                    cost[of_tests] += self.seconds[name]  # type: ignore[assignment]
            often = Counter(line for lines in reached.values() for line in lines)
            best = sorted(reached, key=lambda test: sum(1 / often[line] for line in reached[test]) / (cost[test] + 1), reverse=True)
            self.closest[file] = tuple(best[:OWN_FILES])
        return self.closest[file]

    def judges(self, mutant: Mutant, killers: dict[str, int]) -> list[str]:
        """The tests that may notice a mutant: those that noticed many of its function, then one of each way through the lines near it,
        those first that run what few others run, and the file's own; then a second one of each way, and so on.
        """
        stem = Path(mutant.file).stem
        named = (f"/test_{stem}.", f"/test_{stem}_", *NAMED.get(stem, ()))
        own = (*named, *OWN_OF_ALL, *self._closest(mutant.file))
        times = {name: OWN_FIRST if any(word in name for word in own) else 1 for name in self.lines}
        if self.needs_import(mutant):
            touched = [name for name, files in self.lines.items() if mutant.file in files or times[name] > 1]
        else:
            first, last = mutant.lines
            touched = [name for name, files in self.lines.items() if any(first <= line <= last for line in files.get(mutant.file, ()))]
        near = {
            name: frozenset(line for line in self.lines[name].get(mutant.file, ()) if abs(line - mutant.line) < NEAR) for name in touched
        }
        often = Counter(line for lines in near.values() for line in lines)

        def worth(name: str) -> float:
            rare = sum(1 / often[line] for line in near[name]) + 0.001
            return rare / (self.seconds[name] + 0.1) * times[name]

        turns: Counter[frozenset[int]] = Counter()
        ranks = {}
        for name in sorted(touched, key=worth, reverse=True):
            turns[near[name]] += 1
            of_all = any(word in name for word in OWN_OF_ALL)
            ranks[name] = (
                self.seconds[name] > SLOW,
                -killers.get(name, 0) / (self.seconds[name] + 0.1),
                not of_all,
                turns[near[name]] / times[name],
            )
        return sorted(ranks, key=ranks.__getitem__)


def _moves(before: str, after: str) -> dict[int, list[int]]:
    """Where lines of a text are now; those that were replaced are at all lines in their place."""
    old, new = before.splitlines(), after.splitlines()
    moves: dict[int, list[int]] = {}
    for what, first, last, at, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        for line in range(first, last):
            moves[line + 1] = [at + line - first + 1] if what == "equal" else list(range(at + 1, end + 1))
        if what == "insert" and first:
            moves.setdefault(first, []).extend(range(at + 1, end + 1))
    return moves


def traced(files: set[str], lines: Lines) -> Callable[[], None]:
    """Note the lines of some files that run from now on; returns what stops it."""
    wanted = {str(ROOT / file): file for file in files}

    def entered(frame: FrameType, event: str, argument: Any) -> Any:
        file = wanted.get(frame.f_code.co_filename)
        if file is None:
            return None
        code, seen = frame.f_code, lines.setdefault(file, set())
        if _is_module(code):
            return None

        def at_line(frame: FrameType, event: str, argument: Any) -> Any:
            seen.add(frame.f_lineno)
            return at_line

        seen.add(frame.f_lineno)
        return at_line

    sys.settrace(entered)
    return lambda: sys.settrace(None)


def _is_module(code: CodeType) -> bool:
    """Module and class bodies run once, for every test: they tell nothing."""
    return code.co_name == "<module>" or not code.co_flags & 0x2  # functions have fast locals
