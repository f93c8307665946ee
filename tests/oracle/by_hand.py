"""What the hand-written tests of the model by the book share: a setting with words put in, and what a leg says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import simulator
from simulator.aws.snapshot import Snapshot
from tests.oracle.by_the_book.result import DELIVERED, Leg

Load = Callable[..., Snapshot]


def loader(folder: Path, common: str, usual: Mapping[str, str]) -> Load:
    """A function that reads the common text with its usual words, or others, in their places."""

    def load(**changes: str) -> Snapshot:
        text = common
        for word, value in {**usual, **changes}.items():
            text = text.replace(word, value)
        path = folder / "setting.yaml"
        path.write_text(text, encoding="utf-8")
        return simulator.load(path).snapshot

    return load


def places(leg: Leg | None) -> list[str]:
    """Where a leg that was delivered went along."""
    assert leg is not None
    assert leg.disposition == DELIVERED, leg
    return [place for place, _ in leg.hops]


def end(leg: Leg | None) -> tuple[str, str | None]:
    """Where a leg ended, and by which code."""
    assert leg is not None
    return leg.place, leg.code
