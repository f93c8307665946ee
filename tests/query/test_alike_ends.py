"""Ends that nothing tells apart are answered once, and that shows in no answer."""

from __future__ import annotations

from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import simulator
from simulator.aws.snapshot import Snapshot
from simulator.problems import InputError
from simulator.query.matrix import Matrix
from simulator.testing.strategies import PROFILES, snapshots

ROOT = Path(__file__).parents[2]
SERVICES = ("tcp/443", "udp/53", "icmp", "tcp/8000-8100", "esp", None)
EVERYBODY = range(1, 13)


def compare(network: simulator.Network, service: str | None, **ends: list[str]) -> Matrix:
    """With classes and without, which is what a matrix does that remembers."""
    found, plain = network.matrix(service, **ends), network.matrix(service, remember=True, **ends)  # type: ignore[arg-type]
    assert plain.classes is None or plain.by_class.shape[:2] == (len(plain.sources), len(plain.destinations))
    assert found[1:4] == plain[1:4]
    assert np.array_equal(found.seen, plain.seen)
    assert found.counts() == plain.counts()
    assert list(found.rows()) == list(plain.rows())
    assert (found.simply, found.exactly) == (plain.simply, plain.exactly)
    return found


def written(random: Random) -> str:
    """Two VPCs with a dozen instances each in few subnets and groups, and here and there a line that tells one of them apart."""
    some = [f"10.{vpc}.{subnet}.{random.randint(4, 9)}/32" for vpc in (1, 2) for subnet in (1, 2)]
    wide = ["10.1.0.0/16", "10.1.1.0/24", "10.0.0.0/8", "10.2.2.0/29", "10.1.1.0/30", "0.0.0.0/0", *some]

    def rule() -> str:
        return f"{{from: {random.choice([*wide, 'web-1', 'db-1'])}, allow: {random.choice(['tcp/443', 'all', 'udp/53', 'tcp/8050'])}}}"

    def entry(number: int) -> str:
        what = random.choice(["allow", "allow", "deny"])
        return f"{{rule: {number}, from: {random.choice(wide)}, {what}: {random.choice(['all', 'tcp/443', 'tcp/1024-65535'])}}}"

    lines = ["network:", "  vpcs:"]
    lines += [f"    v{vpc}: {{cidr: 10.{vpc}.0.0/16, internet_gateway: igw-{vpc}}}" for vpc in (1, 2)]
    lines += ["  subnets:"]
    lines += [f"    s{vpc}{at}: {{vpc: v{vpc}, cidr: 10.{vpc}.{at}.0/24, route_table: r{vpc}}}" for vpc in (1, 2) for at in (1, 2)]
    lines += ["  peerings:", "    pcx: {vpcs: [v1, v2]}"] if random.random() < 0.7 else []
    nat = random.random() < 0.4
    lines += ["  nat_gateways:", "    nat: {subnet: s11, public_ip: 198.51.100.9}"] if nat else []
    lines += ["  route_tables:"]
    for vpc in (1, 2):
        routes = [f"0.0.0.0/0: {'nat' if nat and vpc == 1 else f'igw-{vpc}'}"]
        if "  peerings:" in lines:
            routes.append(f"{random.choice([f'10.{3 - vpc}.0.0/16', f'10.{3 - vpc}.2.0/24', f'10.{3 - vpc}.1.4/30'])}: pcx")
        lines.append(f"    r{vpc}: {{vpc: v{vpc}, routes: {{{', '.join(routes)}}}}}")
    lines += ["  network_acls:"]
    for vpc in (1, 2):
        entries = ", ".join(entry(number) for number in (90, 100))
        everything = "{rule: 200, allow: all}"
        lines.append(f"    a{vpc}: {{vpc: v{vpc}, subnets: [s{vpc}2], inbound: [{entries}, {everything}], outbound: [{everything}]}}")
    lines += ["  security_groups:"]
    for vpc in (1, 2):
        for name in ("web", "db"):
            names = [rule().replace("web-1", f"web-{vpc}").replace("db-1", f"db-{vpc}") for _ in range(random.randint(1, 3))]
            lines.append(f"    {name}-{vpc}: {{vpc: v{vpc}, inbound: [{', '.join(names)}]}}")
    lines += ["  instances:"]
    for vpc in (1, 2):
        for at in EVERYBODY:
            public = ", public_ip: 198.51.100.77" if vpc == 1 and at == 4 else ""
            group = random.choice(["web", "web", "db"])
            lines.append(f"    i{vpc}-{at}: {{subnet: s{vpc}{1 + at % 2}, security_groups: [{group}-{vpc}]{public}}}")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("seed", range(30))
def test_written_networks_with_many_alike(tmp_path: Path, seed: int) -> None:
    random, path = Random(seed), tmp_path / "network.yaml"
    path.write_text(written(random))
    network = simulator.load(path)
    found = compare(network, random.choice(SERVICES[:-1]))
    assert len(found.by_class) < len(found.sources)
    part = found.sources[::3]
    compare(network, "tcp/443", sources=list(part), destinations=list(part[:3] + found.destinations[1::4]))


@pytest.mark.parametrize("seed", range(30, 34))
def test_every_service(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "network.yaml"
    path.write_text(written(Random(seed)))
    compare(simulator.load(path), None)


@settings(max_examples=60, derandomize=True, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(snapshot=st.sampled_from(PROFILES).flatmap(snapshots), service=st.sampled_from(SERVICES[:-1]))
def test_drawn_networks(snapshot: Snapshot, service: str) -> None:
    try:
        compare(simulator.Network(snapshot, "drawn"), service)
    except InputError:  # nobody to ask about
        return


ALIKE = """
network:
  vpcs:
    main: {cidr: 10.0.0.0/16}
  subnets:
    a: {vpc: main, cidr: 10.0.1.0/24}
    b: {vpc: main, cidr: 10.0.2.0/24}
  security_groups:
    web: {vpc: main, inbound: [{from: web, allow: tcp/80}RULE]}
    odd: {vpc: main, inbound: [{from: 10.0.1.0/24, allow: tcp/80}]}
  instances:
    one: {subnet: a, ip: 10.0.1.10, security_groups: [web]}
    two: {subnet: a, ip: 10.0.1.11, security_groups: [web]}
    three: {subnet: a, ip: 10.0.1.12, security_groups: [web]}
    other: {subnet: b, ip: 10.0.2.10, security_groups: [web]}
    strange: {subnet: a, ip: 10.0.1.13, security_groups: [odd]}
"""


@pytest.mark.parametrize(
    ("rule", "service", "classes"),
    [
        ("", "tcp/80", 3),
        (", {from: 10.0.0.0/8, allow: tcp/443}", "tcp/80", 3),
        (", {from: 10.0.1.11/32, allow: tcp/80}", "tcp/80", 4),  # `two` is spoken of
        (", {from: 10.0.1.8/30, allow: tcp/80}", "tcp/80", 4),  # `three` lies outside
        (", {from: 10.0.1.8/30, allow: tcp/81}", "tcp/80", 3),  # another service's
        ("", "udp/53", 2),  # in which both groups are alike
    ],
)
def test_how_many_classes_there_are(tmp_path: Path, rule: str, service: str, classes: int) -> None:
    path = tmp_path / "network.yaml"
    path.write_text(ALIKE.replace("RULE", rule))
    ends = ["one", "two", "three", "other", "strange"]
    found = compare(simulator.load(path), service, sources=ends, destinations=ends)
    assert found.by_class.shape[:2] == (classes, classes)


def test_one_of_a_class_is_enough_on_one_side_as_long_as_pairs_are_of_two(tmp_path: Path) -> None:
    path = tmp_path / "network.yaml"
    path.write_text(ALIKE.replace("RULE", ""))
    network = simulator.load(path)
    for sources, destinations in ((["one", "two"], ["one"]), (["two"], ["one", "two"]), (["one"], ["one"]), (["three"], ["two"])):
        found = compare(network, "tcp/80", sources=sources, destinations=destinations)
        assert found.by_class.shape[:2] == (1, 1)


@pytest.mark.parametrize("path", sorted(ROOT.glob("scenarios/walks/*.yaml"))[::3], ids=lambda path: path.stem)
def test_scenarios(path: Path) -> None:
    compare(simulator.load(path), "tcp/443")
