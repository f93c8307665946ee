"""Recorded answers: networks, probes and what the kernel did, for machines that cannot play networks.

    python -m tests.oracle.kernel.record            records anew (needs the bed), and says what changed

The numbers a NAT chose are recorded too, so the replay asks the simulator about just those. A recording is made again after the
compiler, the generator or the questions change; verdicts that involve no NAT must then be the same for the same network and probe.
"""

from __future__ import annotations

import json
import lzma
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from simulator.packet.flow import Flow
from simulator.testing.kernel.bed import Answer, Bed, Probe, Sighting
from simulator.testing.kernel.compiler import compile_network
from simulator.testing.kernel.network import Network
from simulator.testing.kernel.plan import INTERNET, USUAL, Site
from tests.oracle.kernel.estates import ATTACHED, PEERED
from tests.oracle.kernel.generate import network
from tests.oracle.kernel.networks import Json, in_order, snapshot_of
from tests.oracle.kernel.questions import Questions

FILE = Path(__file__).with_name("recorded.json.xz")
SEED, NETWORKS, PROBES = "recorded", 240, 60
ESTATES, PROBES_OF_ESTATE = (PEERED, ATTACHED), 300
FULL_PORTS = (1024, 65535)


class Recording(NamedTuple):
    """One network with its probes and answers."""

    network: Json
    probes: list[Probe]
    answers: list[Answer]


def nat_window(rng: random.Random, ports: list[int]) -> tuple[int, int]:
    """The ports that NATs choose from: all, or some around a boundary, so that the boundary itself is met."""
    if rng.random() < 0.4:
        return FULL_PORTS
    first = max(1024, min(rng.choice(ports) - 32, 65535 - 63))
    return first, first + 63


def play(bed: Bed, seed: str, number: int, count: int) -> tuple[Json, Network, list[Probe], list[Answer], tuple[int, int]]:
    """Network `number` of a seed, played."""
    return play_network(bed, network(seed, number), random.Random(f"{seed} {number}"), count)


def play_network(
    bed: Bed, value: Json, rng: random.Random, count: int, *, between_all: bool = False
) -> tuple[Json, Network, list[Probe], list[Answer], tuple[int, int]]:
    """A network with packets drawn for it, and with `between_all` some from everybody to everybody."""
    snapshot = snapshot_of(value)
    asker = Questions(Network(snapshot), rng)
    ports = nat_window(rng, asker.ports)
    numbered, plan = compile_network(snapshot, ports)
    bed.load(plan)
    probes = asker.draw(count) + (asker.between_all() if between_all else [])
    return value, numbered, probes, bed.probe(probes), ports


def write(recordings: list[Any], kernel: str, file: Path = FILE) -> None:
    """Write a recording."""
    text = json.dumps({"kernel": kernel, "networks": recordings}, separators=(",", ":"))
    file.write_bytes(lzma.compress(text.encode(), preset=9))


def as_json(value: Json, numbered: Network, probes: list[Probe], answers: list[Answer]) -> Json:
    """One network of a recording. Sites and translators are numbered within it, flows are lists."""
    sites: list[Site] = []
    rows = []
    for answer in answers:
        for site in answer.lost.values():
            if site not in sites:
                sites.append(site)
        lost = {leg: sites.index(site) for leg, site in answer.lost.items()}
        rows.append([answer.delivered, answer.answered, answer.back, lost, answer.translated])
    return {
        "network": in_order(value),
        "interfaces": [nic.id for nic in numbered.interfaces],
        "sites": [[site.kind, site.place, site.rule] for site in sites],
        "probes": [[probe.sender, *probe.flow[1:]] for probe in probes],
        "answers": rows,
    }


def recorded(file: Path = FILE) -> Iterator[tuple[Recording, Network]]:
    """The recorded networks, read and numbered."""
    for one in json.loads(lzma.decompress(file.read_bytes()))["networks"]:
        numbered = Network(snapshot_of(one["network"]))
        number = {place: place for place in range(INTERNET - USUAL.services, 0)}
        number |= {i: numbered.number(name) for i, name in enumerate(one["interfaces"])}
        sites = [Site(*words) for words in one["sites"]]
        probes = [Probe(number[sender], Flow(4, *header)) for sender, *header in one["probes"]]
        yield Recording(one["network"], probes, [_answer(row, number, sites) for row in one["answers"]]), numbered


def _answer(row: list[Any], number: dict[int, int], sites: list[Site]) -> Answer:
    delivered, answered, back, lost, translated = row
    return Answer(
        (number[delivered[0]], *delivered[1:]) if delivered else None,
        answered,
        (number[back[0]], *back[1:]) if back else None,
        {leg: sites[at] for leg, at in lost.items()},
        tuple(Sighting(*words) for words in translated),
    )


def main() -> None:
    """Record anew."""
    before = {json.dumps(one.network): one for one, _ in recorded()} if FILE.exists() else {}
    rows, verdicts, changed = [], 0, 0
    with Bed() as bed:
        played = [play_network(bed, yaml.safe_load(text), random.Random(SEED), PROBES_OF_ESTATE, between_all=True) for text in ESTATES]
        played += [play(bed, SEED, number, PROBES) for number in range(NETWORKS)]
        for value, numbered, probes, answers, _ in played:
            rows.append(as_json(value, numbered, probes, answers))
            verdicts += len(answers)
            old = before.get(json.dumps(in_order(value)))
            if old and old.probes == probes:
                changed += sum(one != other for one, other in zip(old.answers, answers, strict=True) if not one.translated)
        write(rows, bed.kernel)
        sys.stdout.write(f"{verdicts} verdicts on {len(rows)} networks, {FILE.stat().st_size} bytes; {dict(bed.counts)}\n")
    sys.stdout.write(f"{changed} verdicts without a NAT are not what they were\n")


if __name__ == "__main__":
    main()
