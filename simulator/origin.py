"""Where something was written: the resource, the part of it, and the place in the user's file.

An `Origin` travels with every rule and route from the reader to the explanation, so that the text a person reads, the JSON a
script reads and a click to the file all come from one value.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


class Place(Protocol):
    """A place in a file. Readers implement it; a JSON reader finds the line only when somebody asks."""

    @property
    def file(self) -> str:
        """The file's name as the user gave it."""

    @property
    def line(self) -> int | None:
        """The line, counted from 1; none when it cannot be told."""

    @property
    def column(self) -> int | None:
        """The column, counted from 1; none when it cannot be told."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place whose line and column are known at once.

    >>> str(Spot("network.yaml", 14, 7))
    'network.yaml:14:7'
    """

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        return place_text(self)


@dataclass(frozen=True, slots=True)
class Origin:
    """What decided: `resource` is the AWS id or the name in a scenario, `part` the rule or route in it (`egress 1`).

    `place` is none for what nobody wrote: AWS's own defaults, such as the local route. It plays no part in comparisons: the same
    rule read from two files is the same rule.

    >>> print(Origin("sg-1", "ingress 2", Spot("network.yaml", 41)))
    sg-1 ingress 2 (network.yaml:41)
    """

    resource: str
    part: str = ""
    place: Place | None = field(default=None, compare=False)

    def __str__(self) -> str:
        words = f"{self.resource} {self.part}" if self.part else self.resource
        return f"{words} ({place_text(self.place)})" if self.place else words

    def of(self, part: str, place: Place | None = None) -> Origin:
        """The origin of a part of the same resource, at a place of its own if it has one."""
        return Origin(self.resource, part, place or self.place)


def place_text(place: Place) -> str:
    """`file:line:column`, as far as known."""
    return ":".join(str(word) for word in (place.file, place.line, place.column) if word is not None)
