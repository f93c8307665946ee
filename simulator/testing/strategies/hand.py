"""Drawing in small steps, so that examples are quick to make and shrink to little: no, none and the first option come first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")
_PERCENT = st.integers(0, 99)
_BELOW = [st.integers(0, most) for most in range(64)]


@st.composite
def _part(draw: st.DrawFn, make: Callable[[], Any]) -> Any:
    """A part of an example that hypothesis can leave out as a whole."""
    return make()


@st.composite
def _further(draw: st.DrawFn, make: Callable[[], Any], percent: int) -> tuple[Any, ...]:
    """One more element, with the decision that there is one: left out together."""
    return (make(),) if draw(_PERCENT) >= 100 - percent else ()


class Hand:
    """Draws for one example."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw

    def below(self, number: int) -> int:
        """An integer from 0 to `number` - 1."""
        if number <= 1:
            return 0
        return self.draw(_BELOW[number - 1] if number <= len(_BELOW) else st.integers(0, number - 1))

    def chance(self, percent: int) -> bool:
        """True in about so many of a hundred draws; shrinks to false."""
        return percent > 0 and self.draw(_PERCENT) >= 100 - percent

    def one_of(self, options: Sequence[T]) -> T:
        """One of the options; shrinks to the first. Raises `IndexError` when there is none."""
        return options[self.below(len(options))]

    def some(self, options: Sequence[T], *, most: int, least: int = 0) -> tuple[T, ...]:
        """Different options, at most so many, in the order drawn."""
        rest = list(options)
        return tuple(self.several(lambda: rest.pop(self.below(len(rest))), most=min(most, len(rest)), least=least))

    def several(self, make: Callable[[], T], *, most: int, least: int = 0, percent: int = 65) -> list[T]:
        """A list of what `make` draws; each further element comes with so many percent."""
        found: list[T] = []
        while len(found) < most:
            if len(found) < least:
                found.append(self.draw(_part(make)))
                continue
            more = self.draw(_further(make, percent))
            if not more:
                break
            found.extend(more)
        return found
