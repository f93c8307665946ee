"""The estates that benchmarks are run on: loadable without a word, as large as asked for, the same every time."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from benchmarks.topologies import REFUSED, describe_estate
from simulator import Verdict, load
from simulator.aws.instance import Instance
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.subnet import Subnet
from simulator.aws.vpc import Vpc
from simulator.graph.verify import verify


@pytest.mark.parametrize(("interfaces", "subnets"), [(10, 10), (40, 12), (90, 130), (300, 30)])
def test_an_estate_is_read_without_a_warning_and_compiles(tmp_path: Path, interfaces: int, subnets: int) -> None:
    estate = describe_estate(tmp_path, interfaces, subnets)
    network = load(tmp_path)
    assert network.problems == ()
    verify(network.flow_graph)
    nouns = {"Vpcs": Vpc, "Subnets": Subnet, "NetworkInterfaces": NetworkInterface, "Reservations": Instance}
    assert {key: len(list(network.snapshot.all(noun))) for key, noun in nouns.items()} == {key: estate.counts[key] for key in nouns}
    assert (estate.counts["NetworkInterfaces"], estate.counts["Subnets"]) == (interfaces, subnets)


def test_its_instances_reach_the_internet_and_are_reached_but_for_the_refused_blocks(tmp_path: Path) -> None:
    estate = describe_estate(tmp_path, 40, 12)
    network = load(tmp_path)
    for ends in ((estate.private, "internet"), ("internet", estate.exposed)):
        answer = network.can(*ends, "tcp/443")
        failing = [case for case in answer.cases if case.verdict is not Verdict.ALWAYS]
        assert len(failing) == len(REFUSED)
        assert all(blocker.code == "SUBNET_ACL_RESTRICTION" for case in failing for blocker in case.blockers)
        assert answer.works is not None
    assert network.can("internet", estate.private, "tcp/443").verdict is Verdict.NEVER


def test_the_same_arguments_give_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("one", 7), ("two", 7), ("three", 8)):
        describe_estate(tmp_path / name, 60, 20, seed=seed)
    one, two, three = ([path.read_bytes() for path in sorted((tmp_path / name).rglob("*.json"))] for name in ("one", "two", "three"))
    assert one == two
    assert one != three


def test_blocks_and_addresses_are_used_once(tmp_path: Path) -> None:
    describe_estate(tmp_path, 300, 130)
    snapshot = load(tmp_path).snapshot
    addresses = [(one.vpc, address) for one in snapshot.all(NetworkInterface) for address in one.private_addresses]
    public = [address.public for one in snapshot.all(NetworkInterface) for address in one.addresses if address.public]
    assert len(set(addresses)) == len(addresses)
    assert len(set(public)) == len(public)
    for vpc in snapshot.all(Vpc):
        assert len(vpc.cidrs) == 2
        assert not any(one.overlaps(other) for one, other in itertools.combinations(vpc.cidrs, 2))


@pytest.mark.parametrize(("interfaces", "subnets", "words"), [(9, 10, "at least"), (50, 9, "at least"), (4000, 10, "are full")])
def test_sizes_that_no_estate_has(tmp_path: Path, interfaces: int, subnets: int, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        describe_estate(tmp_path, interfaces, subnets)
