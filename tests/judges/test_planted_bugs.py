"""Every planted bug is found: by the model by the book within a few drawn networks, by the recorded answers of the kernel, by brute force.

A judge that cannot find a bug is no judge of it: then what it is asked has to change, and not this table.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from simulator.compile import compile_snapshot
from simulator.testing.kernel.compare import Judge, differences
from simulator.testing.kernel.network import Network
from tests.evaluate.test_exact import TELLING, check_seed
from tests.judges.asked import differs, fresh, network
from tests.judges.planted import PLANTED, Planted
from tests.judges.planted_in_regions import PLANTED_IN_REGIONS
from tests.oracle.kernel.record import Recording, recorded

README = Path(__file__).with_name("README.md")
MOST = max(planted.book for planted in PLANTED.values())


def found_by_the_book(planted: Planted) -> int | None:
    """How many networks it takes."""
    for number in range(MOST):
        snapshot, said = network(number)
        graph = planted.graph(compile_snapshot(fresh(snapshot)))
        if any(differs(graph, *one) for one in said):
            return number + 1
    return None


@cache
def recordings() -> list[tuple[Recording, Network]]:
    return list(recorded())


def found_by_the_kernel(planted: Planted) -> bool:
    for one, read in recordings():
        judge = Judge.of(Network(fresh(read.snapshot)))
        judge.graph = planted.graph(judge.graph)
        if any(differences(judge, one.probes, one.answers)):
            return True
    return False


def test_nothing_is_found_where_nothing_is_planted() -> None:
    assert found_by_the_book(Planted("", MOST)) is None  # and the recorded answers: see test_recorded.py


@pytest.mark.parametrize("name", PLANTED)
def test_the_book_finds_what_is_planted(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(PLANTED[name].book):
        network(number)  # before the bug
    PLANTED[name].plant(monkeypatch)
    found = found_by_the_book(PLANTED[name])
    assert found is not None
    assert found <= PLANTED[name].book


@pytest.mark.parametrize("name", PLANTED)
def test_the_recorded_kernel_finds_what_is_planted(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    recordings()
    PLANTED[name].plant(monkeypatch)
    assert found_by_the_kernel(PLANTED[name])


@pytest.mark.parametrize("name", PLANTED_IN_REGIONS)
def test_brute_force_finds_what_is_planted_in_the_exact_analysis(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    PLANTED_IN_REGIONS[name].plant(monkeypatch)
    with pytest.raises(AssertionError):  # noqa: PT012 - the graphs of several seeds
        for seed in (*range(PLANTED_IN_REGIONS[name].graphs), *reversed(TELLING)):  # the slow ones last
            check_seed(seed)


def test_the_table_lists_what_is_planted() -> None:
    listed = re.findall(r"^\| (?!Bug|---)([^|]+) \|(?: [^|]+ \|)? ([0-9]+) \|$", README.read_text("utf-8"), re.MULTILINE)
    planted = [(name, bug.book) for name, bug in PLANTED.items()] + [(name, bug.graphs) for name, bug in PLANTED_IN_REGIONS.items()]
    assert [(name, int(number)) for name, number in listed] == planted
