"""What tells two interfaces apart that are otherwise the same: each case is one sort of fact, and shows in an answer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import simulator

BASE = """
network:
  vpcs:
    main: {cidr: 10.0.0.0/16, internet_gateway: igw}
    far: {cidr: 10.1.0.0/16, internet_gateway: far-igw}
  peerings:
    pcx: {vpcs: [main, far]}
  subnets:
    a: {vpc: main, cidr: 10.0.1.0/24, route_table: here}
    b: {vpc: main, cidr: 10.0.2.0/24, route_table: here}
    c: {vpc: far, cidr: 10.1.1.0/24, route_table: there}
  route_tables:
    here: {vpc: main, routes: {10.1.0.0/16: pcx NEAR}}
    there: {vpc: far, routes: {FAR}}
  network_acls:
    strict: {vpc: main, subnets: [b], inbound: [ACL{rule: 200, allow: all}], outbound: [{rule: 100, allow: all}]}
  security_groups:
    web: {vpc: main, inbound: [{from: 10.0.0.0/8, allow: all}]}
    red: {vpc: main, inbound: [{from: 10.0.0.0/8, allow: all}]}
    open: {vpc: far, inbound: [{from: 10.0.0.0/8, allow: all}]}
    first: {vpc: main, inbound: [FIRST]}
    second: {vpc: main, inbound: [SECOND]}
  instances:
    one: {subnet: a, ip: 10.0.1.10, security_groups: [web]CHECK}
    two: {subnet: a, ip: 10.0.1.11, security_groups: [TWO]CHECK}
    north: {subnet: b, ip: 10.0.2.10, security_groups: [first]}
    south: {subnet: b, ip: 10.0.2.11, security_groups: [second]}
    away: {subnet: c, ip: 10.1.1.10, security_groups: [open]}
"""
NOTHING = {"NEAR": "", "FAR": "10.0.0.0/16: pcx", "ACL": "", "FIRST": "", "SECOND": "", "TWO": "web", "CHECK": ""}
BOTH = "{from: 10.0.0.0/8, allow: all}"
CASES = {
    "groups that only others name": {"TWO": "red", "FIRST": "{from: web, allow: all}", "SECOND": "{from: red, allow: all}"},
    "rules about each alone": {"FIRST": "{from: 10.0.1.10/32, allow: tcp/80}", "SECOND": "{from: 10.0.1.11/32, allow: tcp/80}"},
    "a border between them": {"FIRST": "{from: 10.0.1.8/31, allow: all}, {from: 10.0.1.10/32, allow: tcp/80}", "SECOND": BOTH},
    "entries about each alone": {
        "ACL": "{rule: 100, from: 10.0.1.10/32, allow: all}, {rule: 110, from: 10.0.1.11/32, deny: all}, ",
        "FIRST": BOTH,
        "SECOND": BOTH,
    },
    "routes to each alone": {"FAR": "10.0.1.10/32: pcx, 10.0.1.11/32: far-igw, 10.0.2.0/24: pcx"},
    "a route between them": {"FAR": "10.0.1.8/31: far-igw, 10.0.1.10/32: pcx"},
    "rules of their own": {"TWO": "second"},
    "routes by way of each": {"CHECK": ", source_dest_check: false", "NEAR": ", 172.16.1.0/24: one-eni, 172.16.2.0/24: two-eni"},
}
ENDS = ["one", "two", "north", "south", "away"]


def matrices(path: Path, words: dict[str, str]) -> tuple[simulator.Network, np.ndarray, np.ndarray]:
    text = BASE
    for name, said in {**NOTHING, **words}.items():
        text = text.replace(name, said)
    path.write_text(text)
    network = simulator.load(path)
    found, plain = (network.matrix("tcp/80", sources=ENDS, destinations=ENDS, remember=remember) for remember in (False, True))
    assert np.array_equal(found.seen, plain.seen)
    return network, found.by_class, plain.seen


def test_alone_they_are_alike(tmp_path: Path) -> None:
    _, by_class, seen = matrices(tmp_path / "network.yaml", {"FIRST": BOTH, "SECOND": BOTH})
    assert by_class.shape[:2] == (3, 3)
    assert np.array_equal(seen[0, 2:], seen[1, 2:])


@pytest.mark.parametrize("case", CASES)
def test_what_tells_them_apart(tmp_path: Path, case: str) -> None:
    network, by_class, seen = matrices(tmp_path / "network.yaml", CASES[case])
    assert len(by_class) > 3
    if case != "routes by way of each":  # nobody here sends that way
        assert not (np.array_equal(seen[0, 2:], seen[1, 2:]) and np.array_equal(seen[2:, 0], seen[2:, 1]))
    for one, source in enumerate(ENDS[:2]):
        for other, destination in enumerate(ENDS[2:], start=2):
            assert network.can(source, destination, "tcp/80").verdict.value == {1: "always", 2: "never"}[int(seen[one, other, 0])]
