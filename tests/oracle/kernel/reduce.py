"""The smallest network that still shows a difference: a greedy structural reducer.

It tries, in turn, to take away each resource (with all that refers to it), each element of each list, each field that may be left out,
and to widen each rule; whatever still shows a difference of the same level is kept. It goes round until nothing helps.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from itertools import islice
from typing import NamedTuple

from simulator.packet.flow import Flow
from simulator.packet.prefix import format_address
from simulator.problems import InputError
from simulator.testing.kernel.bed import Answer, Bed, BedError, Probe
from simulator.testing.kernel.compare import Difference, Judge, differences, exact_differences
from simulator.testing.kernel.compiler import compile_network
from simulator.testing.kernel.filters import OutOfScopeError
from simulator.testing.kernel.network import Network
from simulator.testing.kernel.plan import INTERNET
from tests.oracle.kernel.networks import Json, expectation, scenario_text, snapshot_of

REPEATS = 8  # a difference may depend on the port that a NAT happens to choose
ADDRESSES = {"ip", "private_ip", "cidr", "vpc", "subnet", "rule", "to", "via", "from", "allow", "deny"}


class Case(NamedTuple):
    """A network, who sends what in it, and the ports NATs choose from. `simulator` makes the simulator's side; tests put a wrong one."""

    network: Json
    sender: str
    flow: Flow
    nat_ports: tuple[int, int]
    simulator: Callable[[Network], Judge] = Judge.of


def ask(bed: Bed, case: Case) -> tuple[Judge, list[Probe], list[Answer]] | None:
    """The kernel's answers to a case; none when the network is not one any more, or the sender is gone."""
    try:
        network, plan = compile_network(snapshot_of(case.network), case.nat_ports)
        judge = case.simulator(network)
        numbers = {judge.name(i): i for i in range(-1, len(network.interfaces))}
        if case.sender not in numbers:
            return None
        bed.load(plan)
        probes = [Probe(numbers[case.sender], case.flow)] * REPEATS
        return judge, probes, bed.probe(probes)
    except (InputError, OutOfScopeError, BedError, KeyError):
        return None


def differs(bed: Bed, case: Case, level: str) -> Difference | None:
    """The first difference of a level."""
    asked = ask(bed, case)
    if asked is None:
        return None
    compare = exact_differences if level.startswith("piece") else differences
    return next((found for found in compare(*asked) if found.level == level), None)


def smallest(bed: Bed, case: Case, level: str) -> Case:
    """The smallest network that shows a difference of the level for the same flow."""
    at, shrunk = 0, False
    while True:
        for smaller in islice(_smaller(case.network), at, None):
            tried = case._replace(network=smaller)
            if differs(bed, tried, level):
                case, shrunk = tried, True  # what was tried before stays tried until the end of the round
                break
            at += 1
        else:
            if not shrunk:
                return case
            at, shrunk = 0, False


def _smaller(network: Json) -> Iterator[Json]:
    for section, entries in network.items():
        for name in entries:
            yield _without(network, section, name)
    for section, entries in network.items():
        for name, entry in entries.items():
            for key, value in entry.items():
                if isinstance(value, list) and key != "cidr":
                    for at in range(len(value)):
                        yield _changed(network, section, name, key, [*value[:at], *value[at + 1 :]])
                if key not in ADDRESSES:
                    yield _changed(network, section, name, key, None)
                if key in {"inbound", "outbound"}:
                    yield from _wider(network, section, name, key)


def _wider(network: Json, section: str, name: str, key: str) -> Iterator[Json]:
    rules = network[section][name][key]
    for at, rule in enumerate(rules):
        for field, widest in (("from", "0.0.0.0/0"), ("to", "0.0.0.0/0"), ("allow", "all"), ("deny", "all")):
            if rule.get(field, widest) != widest:
                yield _changed(network, section, name, key, [*rules[:at], {**rule, field: widest}, *rules[at + 1 :]])


def _changed(network: Json, section: str, name: str, key: str, value: object) -> Json:
    smaller = copy.deepcopy(network)
    if value is None:
        del smaller[section][name][key]
    else:
        smaller[section][name][key] = value
    return smaller


def _without(network: Json, section: str, name: str) -> Json:
    """The network without a resource, and without the list elements and routes that name it."""
    smaller = copy.deepcopy(network)
    del smaller[section][name]
    if not smaller[section]:
        del smaller[section]
    gone = {name, f"{name}-eni"}
    for entries in smaller.values():
        for entry in entries.values():
            for key, value in list(entry.items()):
                if isinstance(value, list):
                    entry[key] = [one for one in value if not _names(one, gone)]
                elif isinstance(value, str) and value in gone and key not in {"vpc", "subnet"}:
                    del entry[key]
    return smaller


def _names(element: object, gone: set[str]) -> bool:
    if isinstance(element, dict):
        return any(isinstance(value, str) and value in gone for value in element.values())
    return element in gone


def report(bed: Bed, case: Case, level: str) -> str:
    """The reduced case as a scenario file with the kernel's verdict, and what both said."""
    case = smallest(bed, case, level)
    asked, found = ask(bed, case), differs(bed, case, level)
    if asked is None or found is None:
        return f"a difference ({level}) that did not show again: {case.sender} {case.flow}"
    judge, _, answers = asked
    verdict = {(True,): "always", (False,): "never"}.get(tuple(sorted({answer.answered for answer in answers})), "sometimes")
    comments = [
        f"{level}: the kernel says {found.kernel_says}, the simulator {found.simulator_says}; NATs choose from {case.nat_ports}",
        "kernel: " + words(judge, found.answer),
        "simulator: " + " | ".join(f"{step.place.id} {step.outcome.value} {step.code}".strip() for step in found.trip.steps),
    ]
    flow = case.flow
    if found.probe.sender != INTERNET and flow.source not in {
        value for _, value in judge.network.interfaces[found.probe.sender].private_addresses
    }:
        comments.append(f"the source is forged ({format_address(4, flow.source)}), which a scenario cannot say")
    asked_text = expectation(case.sender, flow, verdict, "what the Linux kernel did; add the rule that says so")
    return scenario_text(case.network, name=f"kernel oracle: {level}", expect=[asked_text], comments=comments)


def words(judge: Judge, answer: Answer) -> str:
    """A kernel's answer in words."""
    parts = [f"{leg} lost at {site}" for leg, site in answer.lost.items()]
    if answer.delivered:
        place, address, port = answer.delivered
        parts.append(f"delivered at {judge.name(place)} as from {format_address(4, address)}:{port}")
    if answer.back:
        parts.append(f"reply came out at {judge.name(answer.back[0])}{'' if answer.answered else ', not as expected'}")
    parts += [f"{sighting.place} gave {format_address(4, sighting.source)}:{sighting.port}" for sighting in answer.translated]
    return ", ".join(parts)
