"""Drawing in small steps, so that examples are quick to make and shrink to little: no, none and the first option come first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")
_PERCENT = st.integers(0, 99)
_BELOW = [st.integers(0, most) for most in range(64)]


@st.composite
def _element(draw: st.DrawFn, hand: Hand) -> tuple[Any, ...]:
    """One element of a list with the decision that there is one, as a part of the example that can be left out as a whole."""
    make, percent = hand.pending
    return (make(),) if percent == 100 or draw(_PERCENT) >= 100 - percent else ()


class Hand:
    """Draws for one example."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.pending: tuple[Callable[[], Any], int] = (tuple, 100)
        self._element = _element(self)  # one for all elements: making a strategy takes longer than drawing from it

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

    def some(self, options: Sequence[T], *, most: int, least: int = 0, percent: int = 65) -> tuple[T, ...]:
        """Different options, at most so many, in the order drawn."""
        rest = list(options)
        return tuple(self.several(lambda: rest.pop(self.below(len(rest))), most=min(most, len(rest)), least=least, percent=percent))

    def several(self, make: Callable[[], T], *, most: int, least: int = 0, percent: int = 65) -> list[T]:
        """A list of what `make` draws; beyond `least`, each further element comes with so many percent."""
        found: list[T] = []
        while len(found) < most:
            self.pending = (make, 100 if len(found) < least else percent)
            more = self.draw(self._element)
            if not more:
                break
            found.extend(more)
        return found
