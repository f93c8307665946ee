"""A tree of values that know where they were written: YAML and JSON alike, before anybody gives them a meaning."""

from __future__ import annotations

from dataclasses import dataclass, field

from simulator.origin import Place

DEEPEST = 50
"""How deep lists and mappings of a file that people write may lie in each other."""


@dataclass(frozen=True, slots=True)
class Located:
    """A value and its place. Mappings also hold the place of every key, in `keys`.

    `tag` is a local YAML tag such as `!Ref`, which only CloudFormation gives a meaning.
    """

    value: str | int | bool | list[Located] | dict[str, Located] | None
    place: Place
    keys: dict[str, Place] = field(default_factory=dict)
    tag: str = ""

    @property
    def mapping(self) -> dict[str, Located]:
        """The value when it is a mapping, else an empty one."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def shape(self) -> str:
        """What a person calls it: a mapping, a list, nothing, or one value."""
        match self.value:
            case dict():
                return "a mapping"
            case list():
                return "a list"
            case None:
                return "nothing"
            case _:
                return "one value"

    @property
    def text(self) -> str:
        """A scalar as a person would write it.

        >>> from simulator.origin import Spot
        >>> Located(True, Spot("a.yaml")).text
        'true'
        """
        return str(self.value).lower() if isinstance(self.value, bool) else str(self.value)
