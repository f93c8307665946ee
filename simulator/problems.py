"""Problems found while reading or compiling, the collector that gathers all of them, and the errors users can catch.

Nothing here stops at the first problem: a reader reports into `Problems` and goes on, and the caller raises once, with all of
them (`InputError`). Warnings never stop anything; they stay with the network (`network.problems`).
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum

from simulator.origin import Place, place_text


class Severity(Enum):
    """What a problem does: an error stops the command, a warning is told, `not modelled` is counted and told once."""

    ERROR = "error"
    WARNING = "warning"
    NOT_MODELLED = "not modelled"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, in the user's words, with the place and what would be right.

    >>> print(Problem("subnet `app-a`: 10.0.0.0/30 is smaller than /28, the smallest subnet AWS accepts"))
    subnet `app-a`: 10.0.0.0/30 is smaller than /28, the smallest subnet AWS accepts
    """

    message: str
    place: Place | None = None
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        prefix = "warning: " if self.severity is Severity.WARNING else ""
        where = f"{place_text(self.place)}: " if self.place else ""
        return f"{where}{prefix}{self.message}"


MOST = 1000


@dataclass(slots=True)
class Problems:
    """The collector that readers, checks and the compiler write to. Of each severity it keeps `MOST`, and counts the rest: nobody reads
    more, and a file that is wrong in every line should cost no more than one that is right.
    """

    found: list[Problem] = field(default_factory=list)
    _known: set[Problem] = field(default_factory=set, repr=False, compare=False)
    _counts: Counter[Severity] = field(default_factory=Counter, repr=False, compare=False)

    def error(self, message: str, place: Place | None = None) -> None:
        """Report what makes the input unusable."""
        self._add(Problem(message, place, Severity.ERROR))

    def warn(self, message: str, place: Place | None = None) -> None:
        """Report what the user should know, though answers can be given."""
        self._add(Problem(message, place, Severity.WARNING))

    def not_modelled(self, message: str, place: Place | None = None) -> None:
        """Report what AWS has and the simulator does not follow; paths that meet it end in a gap."""
        self._add(Problem(message, place, Severity.NOT_MODELLED))

    def _add(self, problem: Problem) -> None:
        if problem in self._known:
            return
        self._counts[problem.severity] += 1
        if self._counts[problem.severity] <= MOST:
            self._known.add(problem)
            self.found.append(problem)

    def _all(self) -> list[Problem]:
        rest = {severity: count - MOST for severity, count in self._counts.items() if count > MOST}
        return self.found + [Problem(f"and {count} more like these", None, severity) for severity, count in rest.items()]

    @property
    def errors(self) -> list[Problem]:
        """The problems that stop the command."""
        return [problem for problem in self._all() if problem.severity is Severity.ERROR]

    def raise_errors(self) -> None:
        """Raise `InputError` with every error found so far, if there is one."""
        if self.errors:
            raise InputError(self.errors)

    def __iter__(self) -> Iterator[Problem]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())


class VpcsimError(Exception):
    """The base of all errors that the package raises on purpose."""


class InputError(VpcsimError):
    """The input or the question cannot be used; `problems` holds every reason, not only the first."""

    def __init__(self, problems: Iterable[Problem] | str) -> None:
        self.problems = [Problem(problems)] if isinstance(problems, str) else list(problems)
        super().__init__("\n".join(map(str, self.problems)))


class CompileError(VpcsimError):
    """A compiled graph breaks a rule of `graph/verify.py`: a fault of the simulator, never of the input."""


def did_you_mean(word: str, known: Iterable[str], *, limit: int = 3) -> str:
    """`; did you mean ...?` with the nearest known words, or nothing when none is near.

    >>> did_you_mean("nat-2", ["nat-1", "igw"])
    '; did you mean `nat-1`?'
    """
    candidates = sorted(set(known))
    near = difflib.get_close_matches(word, candidates, n=limit, cutoff=0.6)
    if not near:
        near = [name for name in candidates if name.lower() == word.lower()]
    return f"; did you mean {' or '.join(f'`{name}`' for name in near)}?" if near else ""
