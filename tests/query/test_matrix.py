"""`Network.matrix`: for every pair and service the verdict of `can`, whichever evaluator found it."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import simulator
from simulator.aws.snapshot import Snapshot
from simulator.evaluate.result import Verdict
from simulator.problems import InputError
from simulator.query import simple_pairs
from simulator.query.matrix import Matrix
from simulator.testing.strategies import PROFILES, snapshots

ROOT = Path(__file__).parents[2]
SERVICES = ("tcp/443", "udp/53", "icmp", "tcp/8000-8100", "esp", "icmpv6")


def asked(network: simulator.Network, source: str, destination: str, service: str) -> Verdict | None:
    try:
        return network.can(source, destination, service).verdict
    except InputError:
        return None


def representative(service: str) -> str:
    """One service of a cell: they are all alike."""
    return service.partition(",")[0].partition("-")[0]


def compare(network: simulator.Network, found: Matrix, random: Random, most: int) -> set[Verdict | None]:
    pairs = [(s, d, k) for s in found.sources for d in found.destinations for k in found.services]
    verdicts = set()
    for source, destination, service in random.sample(pairs, min(most, len(pairs))):
        said = found.verdict(source, destination, service)
        assert said is asked(network, source, destination, representative(service)), (source, destination, service)
        verdicts.add(said)
    return verdicts


@pytest.mark.parametrize("path", sorted(ROOT.glob("scenarios/walks/*.yaml")), ids=lambda path: path.stem)
def test_a_cell_says_what_can_says(path: Path) -> None:
    network, random = simulator.load(path), Random(path.stem)
    for service in random.sample(SERVICES, 2):
        found = network.matrix(service)
        assert found.services == (service,)
        compare(network, found, random, 25)


@pytest.mark.parametrize("name", ["walks/w2-cross-subnet", "walks/w22-ipv6", "primer/lambda-nat", "traps/t15-references-lost"])
def test_every_service_that_rules_tell_apart(name: str) -> None:
    network = simulator.load(ROOT / f"scenarios/{name}.yaml")
    found = network.matrix()
    assert found.simply + found.exactly > 0
    compare(network, found, Random(name), 120)
    # Beside the borders nothing changes: the last of a range fares as the first.
    for source, destination, service, verdict in list(found.rows())[:200:7]:
        if "-" in service and "," not in service:
            last = f"{service.partition('/')[0]}/{service.rpartition('-')[2]}"
            assert network.can(source, destination, last).verdict.value == verdict


@settings(max_examples=25, derandomize=True, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(snapshot=st.sampled_from(PROFILES).flatmap(snapshots), seed=st.integers(0, 2**16))
def test_drawn_networks(snapshot: Snapshot, seed: int) -> None:
    network, random = simulator.Network(snapshot, "drawn"), Random(seed)
    compare(network, network.matrix(random.choice(SERVICES)), random, 20)


def test_both_evaluators_are_asked_and_each_verdict_is_met() -> None:
    network = simulator.load(ROOT / "scenarios/traps/t04-ephemeral-window.yaml")
    found = network.matrix("tcp/443")
    assert found.simply > 0
    assert found.exactly > 0
    assert {Verdict.ALWAYS, Verdict.SOMETIMES, Verdict.NEVER} <= compare(network, found, Random(0), 1000)


def test_in_parts_it_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    network = simulator.load(ROOT / "scenarios/walks/w2-cross-subnet.yaml")
    whole = network.matrix("tcp/443")
    monkeypatch.setattr(simple_pairs, "AT_ONCE", 5)
    assert (network.matrix("tcp/443").seen == whole.seen).all()


def test_some_ends_only() -> None:
    network = simulator.load(ROOT / "scenarios/primer/lambda-nat.yaml")
    found = network.matrix("tcp/443", sources=["report"], destinations=["internet", "203.0.113.9"])
    assert list(found.rows()) == [("report", "internet", "tcp/443", "always"), ("report", "203.0.113.9", "tcp/443", "always")]
    assert found.counts() == {"always": 2, "sometimes": 0, "never": 0, "unknown": 0}


@pytest.mark.parametrize(
    ("words", "told"),
    [({"sources": ["nobody"]}, "`nobody` is nothing"), ({"service": "tcp/x"}, "no port"), ({"sources": ["vpc:main/"]}, "nothing")],
)
def test_words_that_mean_nothing_are_told(words: dict[str, list[str]], told: str) -> None:
    network = simulator.load(ROOT / "scenarios/primer/lambda-nat.yaml")
    with pytest.raises(InputError, match=told):
        network.matrix(**words)  # type: ignore[arg-type]


def test_who_is_asked_about_when_nobody_is_named() -> None:
    found = simulator.load(ROOT / "scenarios/walks/w16-on-premises.yaml").matrix("tcp/443")
    assert any(word.startswith("onprem:") for word in found.destinations)
    assert "internet" in found.sources
