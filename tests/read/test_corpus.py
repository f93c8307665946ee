"""Snapshots of real accounts, read into the real nouns."""

from __future__ import annotations

import contextlib
import json
import random
import re
from pathlib import Path
from typing import Any

import pytest

from simulator.aws.registry import RESOURCES
from simulator.aws.snapshot import Snapshot
from simulator.problems import InputError
from simulator.read.load import read

SNAPSHOTS = Path(__file__).parents[1] / "corpus" / "aws-snapshots"
NAMES = ("test-subnet", "test-public-subnet", "test-nat-gateway")


def ids_of(snapshot: Snapshot) -> set[str]:
    return {noun.id for _, noun in snapshot.everything()}


@pytest.mark.parametrize("name", NAMES)
def test_every_resource_becomes_a_noun(name: str) -> None:
    """Ids of the lists' own elements, found by pattern and not by the reader."""
    snapshot = read([SNAPSHOTS / name], kinds=RESOURCES).snapshot
    wanted = {
        found
        for path in (SNAPSHOTS / name).rglob("*.json")
        for found in re.findall(
            r'"(?:Vpc|Subnet|RouteTable|NetworkAcl|Group|InternetGateway|Instance)Id": *"([^"]+)"', path.read_text("utf-8")
        )
    }
    assert wanted
    assert wanted - ids_of(snapshot) == set()


@pytest.mark.parametrize("name", NAMES)
def test_every_noun_that_was_written_knows_its_line(name: str) -> None:
    snapshot = read([SNAPSHOTS / name], kinds=RESOURCES).snapshot
    for _, noun in snapshot.everything():
        place = noun.origin.place
        if place is not None:
            assert place.line is not None
            lines = Path(place.file).read_text("utf-8").splitlines()
            assert place.line <= len(lines)


@pytest.mark.parametrize("name", NAMES)
def test_one_file_reads_like_the_folder(name: str, tmp_path: Path) -> None:
    lists = {}
    for path in sorted((SNAPSHOTS / name).rglob("*.json"), reverse=True):  # another order than the folder's
        lists |= json.loads(path.read_text("utf-8"))
    (tmp_path / "all.json").write_text(json.dumps(lists), "utf-8")
    one, folder = (read([path], kinds=RESOURCES).snapshot for path in (tmp_path / "all.json", SNAPSHOTS / name))
    assert ids_of(one) == ids_of(folder)
    assert one.read_kinds == folder.read_kinds


def damaged(value: Any, chance: random.Random, share: float) -> Any:
    """The value with some members lost and some replaced by what AWS never writes there."""
    if chance.random() < share:
        return chance.choice([None, {}, [], "", "x", 5, -1, True, 1.5, "10.0.0.0/33", [None], [{}], {"a": 1}, "::/0"])
    if isinstance(value, dict):
        return {key: damaged(member, chance, share) for key, member in value.items() if chance.random() > share / 2}
    return [damaged(member, chance, share) for member in value] if isinstance(value, list) else value


@pytest.mark.parametrize("seed", range(60))
def test_a_damaged_snapshot_is_read_or_refused_but_breaks_nothing(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    lists: dict[str, Any] = {}
    for path in (SNAPSHOTS / chance.choice(NAMES)).rglob("*.json"):
        lists |= json.loads(path.read_text("utf-8"))
    (tmp_path / "all.json").write_text(json.dumps(damaged(lists, chance, chance.choice([0.001, 0.005, 0.02]))), "utf-8")
    with contextlib.suppress(InputError):
        assert all(str(problem) for problem in read([tmp_path / "all.json"], kinds=RESOURCES).problems)
