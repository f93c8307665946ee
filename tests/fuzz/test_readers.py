"""No file, however broken, gives anything but a network or an error for the user; none hangs and none takes the machine down.

    EXAMPLES=100 pytest tests/fuzz

looks a hundred times as long, at other examples each time.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.testing.strategies.hand import Drawn
from tests.fuzz import bombs, documents
from tests.fuzz.mutations import mutated, noisy
from tests.fuzz.reading import as_json, as_yaml, ask_on_the_command_line, read
from tests.properties.budget import examples

Make = Callable[[Drawn], tuple[str, bytes]]


def broken_scenario(hand: Drawn) -> tuple[str, bytes]:
    _, _, tree = hand.one_of(documents.scenarios())
    return "broken.yaml", as_yaml(mutated(hand, tree))


def noisy_scenario(hand: Drawn) -> tuple[str, bytes]:
    _, data, _ = hand.one_of(documents.scenarios())
    return "noisy.yaml", noisy(hand, data)


def broken_answer(hand: Drawn) -> tuple[str, bytes]:
    _, tree = hand.one_of(documents.answers())
    return "broken.json", as_json(mutated(hand, tree))


def noisy_answer(hand: Drawn) -> tuple[str, bytes]:
    _, tree = hand.one_of(documents.answers())
    return "noisy.json", noisy(hand, as_json(tree))


def invented_answer(hand: Drawn) -> tuple[str, bytes]:
    return "invented.json", as_json(documents.invented_answer(hand))


def invented_scenario(hand: Drawn) -> tuple[str, bytes]:
    return "invented.yaml", as_yaml(documents.invented_scenario(hand))


KINDS: tuple[Make, ...] = (broken_scenario, noisy_scenario, broken_answer, noisy_answer, invented_answer, invented_scenario)


@pytest.mark.parametrize("make", KINDS, ids=[make.__name__ for make in KINDS])
@examples(24)
@given(st.data())
def test_a_network_or_an_error(make: Make, data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        name, content = make(Drawn(data.draw))
        path = Path(folder) / name
        path.write_bytes(content)
        read(path)


@pytest.mark.parametrize("make", [broken_scenario, noisy_answer])
@examples(8)
@given(st.data())
def test_the_command_line_says_what_is_wrong(make: Make, data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        name, content = make(Drawn(data.draw))
        path = Path(folder) / name
        path.write_bytes(content)
        ask_on_the_command_line(path)


@pytest.mark.parametrize("name", bombs.BOMBS)
def test_a_bomb_costs_little(name: str, tmp_path: Path) -> None:
    """In a process of its own, with a gigabyte and ten seconds."""
    path = tmp_path / f"bomb.{'json' if 'JSON' in name else 'yaml'}"
    path.write_bytes(bombs.BOMBS[name]())
    command = [sys.executable, "-m", "tests.fuzz.bombs", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=90, cwd=documents.ROOT)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip() in {"read", "refused"}
