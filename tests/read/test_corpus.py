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
from simulator.aws.vpc_peering import VpcPeering
from simulator.problems import InputError
from simulator.read.load import read

SNAPSHOTS = Path(__file__).parents[1] / "corpus" / "aws-snapshots"
NAMES = ("test-subnet", "test-public-subnet", "test-nat-gateway", "test-vpc-peering", "test-vpc-peering-multi-account")
# Ids that are written and name nothing that is there: the VPCs of deleted peerings, a terminated instance.
GONE = {"vpc-02faa96cfaac1c17f", "vpc-0fecddf1419087c57", "vpc-082cf3bfeb6d2e821", "vpc-0b4e14880aac9155f", "i-022b9fb2c0a0c72c1"}
IDS = re.compile(r'"(?:Vpc|Subnet|RouteTable|NetworkAcl|Group|InternetGateway|Instance|VpcPeeringConnection)Id": *"([^"]+)"')


def lists_of(name: str, *, reverse: bool = False) -> dict[str, Any]:
    """All lists of a snapshot in one document; where several accounts have one list, theirs follow each other."""
    lists: dict[str, Any] = {}
    for path in sorted((SNAPSHOTS / name).rglob("*.json"), reverse=reverse):
        for key, elements in json.loads(path.read_text("utf-8")).items():
            lists.setdefault(key, []).extend(elements)
    return lists


def ids_of(snapshot: Snapshot) -> set[str]:
    return {noun.id for _, noun in snapshot.everything()}


@pytest.mark.parametrize("name", NAMES)
def test_every_resource_becomes_a_noun(name: str) -> None:
    """Ids of the lists' own elements, found by pattern and not by the reader."""
    snapshot = read([SNAPSHOTS / name], kinds=RESOURCES).snapshot
    wanted = {found for path in (SNAPSHOTS / name).rglob("*.json") for found in IDS.findall(path.read_text("utf-8"))} - GONE
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


def test_both_accounts_tell_of_their_peering_and_it_is_read_once() -> None:
    snapshot = read([SNAPSHOTS / "test-vpc-peering-multi-account"], kinds=RESOURCES).snapshot
    assert {peering.id: peering.state for peering in snapshot.all(VpcPeering)} == {
        "pcx-0040f7640e10191f4": "active",
        "pcx-00eeab4f3bd2a40da": "deleted",
        "pcx-07d8d712b329b9337": "deleted",
    }


@pytest.mark.parametrize("name", NAMES)
def test_one_file_reads_like_the_folder(name: str, tmp_path: Path) -> None:
    (tmp_path / "all.json").write_text(json.dumps(lists_of(name, reverse=True)), "utf-8")  # another order than the folder's
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
    lists = lists_of(chance.choice(NAMES))
    (tmp_path / "all.json").write_text(json.dumps(damaged(lists, chance, chance.choice([0.001, 0.005, 0.02]))), "utf-8")
    with contextlib.suppress(InputError):
        assert all(str(problem) for problem in read([tmp_path / "all.json"], kinds=RESOURCES).problems)
