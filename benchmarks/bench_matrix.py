"""All pairs of the interfaces of estates on one service, out of nothing, and how much of it classes of interfaces and crowds save.

Compared with the same matrix in which every interface is asked about, and with the batch evaluator and the walker, which follow one packet
of each pair.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import measuring
from benchmarks.estates import write_estate
from simulator import Network, load
from simulator.aws.network_interface import NetworkInterface
from simulator.query import all_pairs
from simulator.query.alike_ends import Standing
from simulator.query.matrix import VERDICT_OF, Classes, Matrix

SERVICE = "tcp/443"
CLASSES, ALONE, BATCH, WALKER = "matrix", "matrix without classes", "batch evaluator", "walker"
FLOWS, WALKS = 50_000, 200  # pairs that are followed one by one, and whose cost is told as that of all


@contextmanager
def every_end_alone() -> Iterator[None]:
    """No end stands for another."""
    before = all_pairs.standing

    def alone(*asked: Any) -> Standing:
        sources, destinations = len(asked[4]), len(asked[5])
        return Standing(np.arange(sources), np.arange(destinations), Classes.of_their_own(sources, destinations))

    all_pairs.standing = alone  # type: ignore[assignment]
    try:
        yield
    finally:
        all_pairs.standing = before


class Pairs:
    """Some pairs of a matrix, drawn with a fixed seed."""

    def __init__(self, network: Network, found: Matrix, count: int) -> None:
        chance = random.Random("pairs")
        self.network, self.count = network, count
        whole = len(found.sources), len(found.destinations)
        drawn = ((chance.randrange(whole[0]), chance.randrange(whole[1])) for _ in range(2 * count))
        self.numbers = [(one, other) for one, other in drawn if found.sources[one] != found.destinations[other]][:count]
        self.words = [(found.sources[one], found.destinations[other]) for one, other in self.numbers]
        sources, destinations = zip(*self.words, strict=True)
        self.columns = {"source": list(sources), "destination": list(destinations), "service": [SERVICE] * len(self.words)}

    def batch(self) -> Any:
        """One packet of each."""
        return self.network.batch(self.columns)

    def walk(self) -> list[Any]:
        """The exact verdict of each."""
        return [self.network.can(source, destination, SERVICE).verdict for source, destination in self.words]


def verify(found: Matrix, alone: Matrix, flows: Pairs, walks: Pairs) -> None:
    """All that is timed says the same."""
    measuring.require(np.array_equal(found.seen, alone.seen), "with classes and without them the matrix is one")
    seen = found.seen[:, :, 0]
    said = [VERDICT_OF[seen[pair]] for pair in walks.numbers]
    measuring.require(said == walks.walk(), "the matrix says what `can` says")
    one, other = np.array(flows.numbers).T
    settled = np.isin(seen[one, other], (1, 2))  # a pair that is always answered or never
    works = np.array(flows.batch().verdict) == 1
    measuring.require(((seen[one, other] == 1) == works)[settled].all(), "the batch evaluator says so for the packet that it follows")


def measure(network: Network, repetitions: int, *, quick: bool) -> list[list[str]]:
    """A row for each way."""
    ends = [one.id for one in network.snapshot.all(NetworkInterface) if one.has_groups]
    network.flow_graph, network._program  # noqa: B018  # made when first asked for, and not timed
    found = network.matrix(SERVICE, sources=ends, destinations=ends)
    with every_end_alone():
        alone = network.matrix(SERVICE, sources=ends, destinations=ends)
    flows, walks = Pairs(network, found, 500 if quick else FLOWS), Pairs(network, found, 20 if quick else WALKS)
    verify(found, alone, flows, walks)
    times = measuring.Times()
    for _ in range(repetitions):
        with times.of(CLASSES):
            network.matrix(SERVICE, sources=ends, destinations=ends)
        with every_end_alone(), times.of(ALONE):
            network.matrix(SERVICE, sources=ends, destinations=ends)
        with times.of(BATCH):
            flows.batch()
        with times.of(WALKER):
            walks.walk()
    pairs = len(found.sources) * len(found.destinations)
    rows = []
    for name, of in ((CLASSES, pairs), (ALONE, pairs), (BATCH, len(flows.words)), (WALKER, len(walks.words))):
        what = f"{len(ends):,} interfaces, {len(found.by_class):,} classes: {name}"
        rows.append([what, *measuring.milliseconds(times.cpu(name)), f"{of:,}", times.ratios(name, CLASSES, pairs / of)[1]])
    return rows


def main() -> None:
    options = measuring.options(__doc__.partition("\n")[0])
    repetitions = 1 if options.quick else options.repetitions or 5
    rows = []
    with tempfile.TemporaryDirectory() as place:
        for vpcs in (3,) if options.quick else (10, 50, 100):
            file = Path(place, f"{vpcs}.json")
            write_estate(file, vpcs)
            rows += measure(load(file), repetitions, quick=options.quick)
    body = f"""{measuring.table(["milliseconds of processor time", "min", "median", "max", "pairs", "cost of a pair"], rows)}

All pairs of the interfaces of an estate on {SERVICE}, both legs: network compiled and lowered before, matrix from nothing. The batch
evaluator and the walker follow as many pairs as the column says; `cost of a pair` is a ratio of minima to `{CLASSES}`, for as many
pairs each. {repetitions} turns with all four. Verified before: the matrices are equal in every cell; they say what `can` says of the pairs
that it is asked about, and what the batch evaluator says of all that are always answered or never. The most memory held was
{measuring.peak_memory():,.0f} MiB."""
    measuring.publish("matrix", "All pairs", body, record=options.record)


if __name__ == "__main__":
    main()
