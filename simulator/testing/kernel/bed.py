"""The parent's end of the worker: start it or say why not, load a network, probe it."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, Self

from simulator.packet.flow import ICMP, Flow
from simulator.testing.kernel.plan import DROPPED, TRANSLATED, USUAL, Plan, Site, Sizes

HOME = Path(__file__).parents[3]
PATIENCE = 30  # seconds without an answer
BATCH = 64
PACKAGES = "Debian packages: iproute2, libnftables1"


class NoBedError(Exception):
    """This machine cannot play networks; the message says which step failed."""


class BedError(Exception):
    """The worker failed in the middle: a fault of the bed or of the compiler, never a difference."""


class Probe(NamedTuple):
    """One packet to send: the number of the interface (or `INTERNET`), and the header, whose source may be forged."""

    sender: int
    flow: Flow


class Sighting(NamedTuple):
    """A new translation at a NAT: its place, and the source it gave to the packet."""

    place: str
    source: int
    port: int


class Passage(NamedTuple):
    """A step of a packet on a leg through a room: the devices it came by and went out by, and the header there."""

    leg: str
    room: str
    came: str
    went: str
    source: int
    destination: int
    source_port: int
    destination_port: int


class Answer(NamedTuple):
    """What the kernel did with a probe and its reply.

    `delivered`: the number of the interface or `INTERNET`, with source and source port seen; none: it was lost. `back`: where the
    reply came out. `answered`: its sender got exactly the inverse of what it sent. `lost`: where a packet was dropped, by leg.
    `passed`: its steps in order, if the plan traces.
    """

    delivered: tuple[int, int, int] | None
    answered: bool
    back: tuple[int, int, int, int] | None
    lost: dict[str, Site]
    translated: tuple[Sighting, ...]
    passed: tuple[Passage, ...] = ()


class Bed:
    """A worker for networks of at most these sizes. Use it as a context manager."""

    def __init__(self, *arguments: str, sizes: Sizes = USUAL) -> None:
        # -P: whoever calls may stand in a folder with a package `simulator` of their own.
        command = [sys.executable, "-P", "-m", "simulator.testing.kernel.worker", json.dumps(asdict(sizes)), *arguments]
        environment = dict(os.environ, PYTHONPATH=str(HOME))
        self.process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.sizes = sizes
        self.counts: Counter[str] = Counter()
        self.plan = Plan()
        try:
            self.kernel = self._read()["kernel"]
        except BedError as error:
            self.close()
            raise NoBedError(f"{error} ({PACKAGES})") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the worker; its namespaces go with it."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def load(self, plan: Plan) -> None:
        """Play another network from now on."""
        self._ask("load", **plan.for_worker())
        self.plan = plan

    def probe(self, probes: Sequence[Probe]) -> list[Answer]:
        """Send probes; flows that could be taken for each other's never meet."""
        batches = self._batches(probes)
        answer = self._ask("probe", batches=[[_words(probes[at]) for at in batch] for batch in batches])
        self.counts.update(answer["counts"])
        answers = dict(zip(chain.from_iterable(batches), map(self._answer, answer["fates"]), strict=True))
        return [answers[at] for at in range(len(probes))]

    def _ask(self, what: str, **request: Any) -> dict[str, Any]:
        assert self.process.stdin is not None
        try:
            self.process.stdin.write((json.dumps({"do": what, **request}) + "\n").encode())
            self.process.stdin.flush()
        except BrokenPipeError:
            raise BedError("the worker has ended") from None
        return self._read()

    def _read(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
        line = self.process.stdout.readline() if ready else b""
        if not line:
            self.process.kill()
            raise BedError(f"the worker ended with {self.process.wait()}" if ready else f"no answer for {PATIENCE} seconds")
        answer: dict[str, Any] = json.loads(line)
        if "failed" in answer:
            raise BedError(answer["failed"])
        return answer

    def _batches(self, probes: Sequence[Probe]) -> list[list[int]]:
        """The probes by number, in batches of those that may be under way at once; each begins with no connection remembered.

        Apart go a protocol and pair of ports that comes again (one flow may look like the other's reply) and a service that does (a NAT
        with few ports to choose from may run out of them). A packet for a NAT (which may take it for a reply) goes first.
        """
        batches: list[list[int]] = []
        taken: list[set[tuple[object, ...]]] = []
        open_from = 0
        for number, probe in enumerate(probes):
            flow = probe.flow
            ports = frozenset((number,) if flow.protocol == ICMP else (flow.source_port, flow.destination_port))
            keys = {(flow.protocol, ports), (flow.protocol, flow.destination, flow.destination_port)}
            first = flow.destination in self.plan.translating
            found = None if first else next((at for at in range(open_from, len(batches)) if not keys & taken[at]), None)
            if found is None:
                found = len(batches)
                batches.append([])
                taken.append(set())
            batches[found].append(number)
            taken[found] |= keys
            while open_from < len(batches) and len(batches[open_from]) >= BATCH:
                open_from += 1
        return batches

    def _answer(self, fate: dict[str, Any]) -> Answer:
        lost: dict[str, Site] = {}
        for leg, prefix in fate["drops"]:
            lost.setdefault(leg, self.plan.sites[int(prefix.removeprefix(DROPPED))])
        places = self.plan.translators
        sightings = tuple(Sighting(places[int(prefix.removeprefix(TRANSLATED))], *rest) for prefix, *rest in fate["translated"])
        return Answer(
            tuple(fate["delivered"]) if fate["delivered"] else None,
            fate["answered"],
            tuple(fate["back"]) if fate["back"] else None,
            lost,
            sightings,
            _in_order(fate["passed"]),
        )


def _in_order(steps: list[list[Any]]) -> tuple[Passage, ...]:
    """Each room logs on its own; what orders the steps of a leg is that every step takes one from the time to live."""
    return tuple(Passage(leg, *rest) for leg, _, *rest in sorted(steps, key=lambda step: (step[0], -step[1])))


def _words(probe: Probe) -> tuple[int, ...]:
    _, source, destination, protocol, source_port, destination_port, icmp_type, icmp_code = probe.flow
    return (probe.sender, source, destination, protocol, source_port, destination_port, icmp_type, icmp_code)
