"""`Network.batch`: the same verdicts as `can`, row by row, and what it refuses."""

from __future__ import annotations

from itertools import islice, product
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

import simulator
from simulator.evaluate.batch.lower import DISPOSITIONS
from simulator.evaluate.result import Disposition
from simulator.problems import InputError
from simulator.query.batch import VERDICTS, Batch

SCENARIOS = sorted(Path(__file__).parents[2].glob("scenarios/*/*.yaml"))
SERVICES = ("tcp/443", "tcp/22", "udp/53", "icmp", "tcp/50000", "esp")


def columns(rows: list[tuple[str, str, str, int | None]]) -> dict[str, Any]:
    sources, destinations, services, ports = zip(*rows, strict=True)
    return {"source": sources, "destination": destinations, "service": services, "source_port": np.array(ports)}


def compare(network: simulator.Network, rows: list[tuple[str, str, str, int]]) -> int:
    """How many rows were compared with what `can` says of the one packet; not those that are refused, or for which AWS chooses."""
    asked: list[tuple[str, str, str, int]] = []
    for row in rows:
        try:
            network.batch(columns([row]))
        except InputError:
            continue
        asked.append(row)
    if not asked:
        return 0
    found, compared = network.batch(columns(asked)), 0
    for at, (source, destination, service, port) in enumerate(asked):
        walked = found.explain(at)
        assert DISPOSITIONS[found.disposition[at]] is walked.forward.disposition
        assert (found.reply_node[at] >= 0) == (walked.back is not None)
        if found.choices[at] == 0:
            answer = network.can(source, destination, service, source_port=port)
            if len(answer.cases) == 1:
                assert VERDICTS[found.verdict[at]] == answer.verdict.value, (source, destination, service, port)
                compared += 1
    return compared


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_a_row_says_what_can_says(path: Path) -> None:
    network = simulator.load(path)
    words = [name for name in network.flow_graph.entries if not name.startswith("internet towards")]
    hosts = [word for word in words if word != "internet"][:8]
    chosen = list(product([*hosts, "203.0.113.77"], [*hosts, "203.0.113.77", "10.0.0.200"], SERVICES, (40000, 1024)))
    rows = Random(0).sample(chosen, min(25, len(chosen)))
    assert compare(network, rows) >= (10 if path.stem in ("w2-cross-subnet", "w9-peering", "t15-references-lost") else 0)


@pytest.fixture(scope="module")
def network() -> simulator.Network:
    return simulator.load(Path(__file__).parents[2] / "scenarios/walks/w2-cross-subnet.yaml")


def hosts_of(network: simulator.Network) -> list[str]:
    return [name for name in network.flow_graph.entries if name != "internet" and " " not in name]


def test_columns_of_many_kinds_mean_the_same(network: simulator.Network) -> None:
    one, other = list(islice(hosts_of(network), 2))
    lists = network.batch({"source": [one, one], "destination": [other, other], "service": ["tcp/443", "tcp/443"], "source_port": [5, 5]})
    arrays = network.batch({"source": np.array([one, one]), "destination": other, "service": "tcp/443", "source_port": np.array([5, 5])})
    alone = network.batch({"source": one, "destination": other, "service": "tcp/443", "source_port": 5})
    assert lists.verdict.tolist() == arrays.verdict.tolist() == alone.verdict.tolist() * 2
    assert [array.dtype.str[1:] for array in lists[:9]] == ["u1", "u1", "u1", "i4", "i4", "u1", "i4", "i4", "u1"]


def test_what_denied_is_told_with_its_place(network: simulator.Network) -> None:
    hosts = hosts_of(network)
    rows = [(one, other, service, 40000) for one, other in product(hosts, hosts) if one != other for service in ("tcp/443", "tcp/25")]
    found = network.batch(columns(rows))  # type: ignore[arg-type]  # ports all given
    ends = [max(found.disposition[at], 0 if found.reply_node[at] < 0 else found.reply_disposition[at]) for at in range(len(rows))]
    denied = [at for at, end in enumerate(ends) if DISPOSITIONS[end] is Disposition.DENIED]
    assert denied
    for at in denied:
        blocker = next(step for leg in found.explain(at).legs for step in leg.blockers)
        assert found.because(at) == blocker.because
        assert found.place(at) == blocker.place


def test_one_way_asks_for_no_reply(network: simulator.Network) -> None:
    one, other = list(islice(hosts_of(network), 2))
    found: Batch = network.batch({"source": one, "destination": other, "service": "tcp/443"}, one_way=True)
    assert found.reply_node.tolist() == [-1]
    assert found.verdict.tolist() == found.delivered.tolist()


@pytest.mark.parametrize(
    ("flows", "message"),
    [
        ({"source": ["a"], "destination": ["b"]}, "column `service` is missing; the columns are source, destination, service, source_port"),
        ({"source": "a", "destination": "b", "service": "tcp/1", "colour": "red"}, "column `colour` is unknown"),
        ({"source": ["a", "b"], "destination": ["b"], "service": "tcp/1"}, "the columns differ in length: source has 2, destination has 1"),
        ({"source": "{one}", "destination": "{other}", "service": ["tcp/1", "tcp/x"]}, "row 1: "),
        ({"source": "{one}", "destination": ["{other}", "nowhere"], "service": "tcp/1"}, "row 1: `nowhere` is nothing in this network"),
        ({"source": "{one}", "destination": "internet", "service": "tcp/1"}, "row 0: .* leaves open: destination; name one value"),
        ({"source": "{one}", "destination": "{other}", "service": "tcp"}, "row 0: .* leaves open: destination port"),
        ({"source": "{one}", "destination": "{other}", "service": "all"}, "row 0: .* is more than one flow"),
        ({"source": "{one}", "destination": "{one}", "service": "tcp/1"}, "row 0: .*never leaves the guest"),
        ({"source": "{one}", "destination": "{other}", "service": "tcp/1", "source_port": [1, 70000]}, "row 1: source port 70000"),
        ({"source": "{one}", "destination": "{other}", "service": "tcp/1", "source_port": [1.5]}, "no whole number"),
    ],
)
def test_what_means_no_flow_is_refused_with_its_row(network: simulator.Network, flows: dict[str, Any], message: str) -> None:
    one, other = list(islice(hosts_of(network), 2))

    def filled(value: Any) -> Any:
        return (
            [filled(word) for word in value]
            if isinstance(value, list)
            else value.format(one=one, other=other)
            if isinstance(value, str)
            else value
        )

    with pytest.raises(InputError, match=message):
        network.batch({name: filled(value) for name, value in flows.items()})


def test_many_refused_rows_are_counted(network: simulator.Network) -> None:
    one = hosts_of(network)[0]
    with pytest.raises(InputError, match=r"row 19: (.|\n)*\.\.\. and 80 more rows"):
        network.batch({"source": one, "destination": ["nowhere"] * 100, "service": "tcp/1"})


def test_no_rows_are_no_flows(network: simulator.Network) -> None:
    assert network.batch({"source": [], "destination": [], "service": []}).verdict.tolist() == []
