"""Drawing in small steps: numbers, chances, choices and lists, out of hypothesis or out of dice."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from random import Random
from typing import TypeVar

from hypothesis import strategies as st

T = TypeVar("T")
_BELOW = [st.integers(0, most) for most in range(128)]


class Hand(ABC):
    """Draws for one example; no, none and the first option come first."""

    @abstractmethod
    def below(self, number: int) -> int:
        """An integer from 0 to `number` - 1."""

    def chance(self, percent: int) -> bool:
        """True in about so many of a hundred draws; shrinks to false."""
        return percent > 0 and self.below(100) >= 100 - percent

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
        while len(found) < most and (len(found) < least or self.chance(percent)):
            found.append(make())
        return found


class Drawn(Hand):
    """Each number is drawn from hypothesis, which can lower it."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw

    def below(self, number: int) -> int:
        """An integer from 0 to `number` - 1."""
        if number <= 1:
            return 0
        return self.draw(_BELOW[number - 1] if number <= len(_BELOW) else st.integers(0, number - 1))


class Dice(Hand):
    """All numbers follow from a seed."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def below(self, number: int) -> int:
        """An integer from 0 to `number` - 1."""
        return int(self._random.random() * number) if number > 1 else 0
