"""A matrix after an edit is the one computed anew, and asks again only where the edit may matter."""

from __future__ import annotations

from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import simulator
from simulator.problems import InputError
from simulator.query.matrix import Matrix
from simulator.testing.strategies import MIXED, NAT_HEAVY, TRANSIT_HEAVY, WIDE, edits, snapshots

TEXT = """
network:
  vpcs:
    main: {cidr: 10.0.0.0/16, internet_gateway: igw}
  subnets:
    a: {vpc: main, cidr: 10.0.1.0/24, route_table: one}
    b: {vpc: main, cidr: 10.0.2.0/24, route_table: other}
  route_tables:
    one: {vpc: main, routes: {0.0.0.0/0: igw, 203.0.113.0/24: igw}}
    other: {vpc: main, routes: {0.0.0.0/0: igw}}
  network_acls:
    strict: {vpc: main, subnets: [b], inbound: [{rule: 100, allow: all}], outbound: [{rule: 100, allow: all}]}
  security_groups:
    web: {vpc: main, inbound: [{from: web, allow: tcp/80}]}
    db: {vpc: main, inbound: [{from: web, allow: tcp/5432}]}
  instances:
    one: {subnet: a, security_groups: [web]}
    two: {subnet: b, security_groups: [db, web]}
    three: {subnet: b, security_groups: [db]}
    four: {subnet: a, security_groups: [web], public_ip: 198.51.100.4}
"""
SERVICES = ("tcp/443", "udp/53", "icmp", None)


def same(one: Matrix, other: Matrix) -> None:
    assert one[1:4] == other[1:4]
    assert np.array_equal(one.seen, other.seen)
    assert (one.simply, one.exactly) == (other.simply, other.exactly)


@pytest.fixture
def network(tmp_path: Path) -> simulator.Network:
    path = tmp_path / "network.yaml"
    path.write_text(TEXT)
    return simulator.load(path)


@settings(max_examples=60, derandomize=True, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(data=st.data(), seed=st.integers(0, 2**16))
def test_a_matrix_after_edits_is_that_of_the_edited_network_alone(data: st.DataObject, seed: int) -> None:
    snapshot = data.draw(st.sampled_from([MIXED, NAT_HEAVY, TRANSIT_HEAVY, WIDE]).flatmap(snapshots))
    network = simulator.Network(snapshot, "drawn")
    service = Random(seed).choice(SERVICES[:-1])
    try:
        network.matrix(service, remember=True)
    except InputError:  # nobody to ask about
        return
    copy = network
    for _ in range(2):
        try:
            copy = copy.edit(data.draw(edits(copy.snapshot)).said)
        except InputError:  # AWS would refuse the network
            continue
        same(copy.matrix(service), simulator.Network(copy.snapshot, "drawn").matrix(service))


@pytest.mark.parametrize("service", ["tcp/5432", "icmp", None])
@pytest.mark.parametrize(
    "line",
    [
        "open db tcp/5432 from 10.0.1.0/24",
        "close db tcp/5432 from web",
        "deny strict 50 all from 10.0.1.0/24",
        "allow strict 200 tcp/443 to 10.0.0.0/8",
        "unroute one 203.0.113.0/24",
        "unroute one 0.0.0.0/0",
        "associate b with one",
        "join three-eni web",
        "check one-eni off",
        "remove two",
    ],
)
def test_every_sort_of_edit(network: simulator.Network, line: str, service: str | None) -> None:
    before = network.matrix(service, remember=True)
    copy = network.edit(line)
    same(copy.matrix(service), simulator.Network(copy.snapshot, network.name).matrix(service))
    same(network.matrix(service), before)


def test_only_pairs_that_met_the_change_are_asked_again(network: simulator.Network) -> None:
    ends = ["one", "two", "three", "four"]
    assert network.matrix("tcp/5432", sources=ends, destinations=ends, remember=True).asked == 16
    # The inbound rules of `two` and `three` are met by what the three others send to each, and by nothing else; one block holds both.
    assert network.edit("close db tcp/5432 from web").matrix("tcp/5432", sources=ends, destinations=ends).asked == 8


def test_an_edit_that_nobody_meets_asks_nobody(network: simulator.Network) -> None:
    ends = ["one", "four"]
    network.matrix("tcp/80", sources=ends, destinations=ends, remember=True)
    assert network.edit("open db tcp/80 from 10.0.0.0/8").matrix("tcp/80", sources=ends, destinations=ends).asked == 0


def test_another_question_is_answered_from_nothing(network: simulator.Network) -> None:
    network.matrix("tcp/80", remember=True)
    copy = network.edit("open db tcp/443 from 10.0.0.0/8")
    assert copy.matrix("tcp/443").asked == network.matrix("tcp/443").asked
