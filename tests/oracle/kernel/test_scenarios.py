"""The scenario files of the repository: their expectations, and random packets through their networks, judged by the kernel.

A scenario with something that the bed does not build is left out, and so is a question that is not about packets the bed can send; the
numbers of both are asserted, so that nothing is left out silently.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from simulator.aws.cache import Cache
from simulator.aws.data_service import DataService
from simulator.aws.database import Database
from simulator.aws.ecs_service import EcsService
from simulator.aws.file_system import FileSystem
from simulator.aws.instance import Instance
from simulator.aws.lambda_function import LambdaFunction
from simulator.aws.registry import RESOURCES
from simulator.packet.flow import ICMP, ICMP_REPLIES, TCP, UDP, Flow
from simulator.packet.prefix import AddressError, parse_address
from simulator.packet.service import Service, parse_ports
from simulator.problems import InputError
from simulator.read.load import Reading, read
from simulator.read.scenario import ExpectationText
from simulator.testing.kernel.bed import Bed, Probe
from simulator.testing.kernel.compare import Judge, differences, exact_differences
from simulator.testing.kernel.compiler import compile_network
from simulator.testing.kernel.filters import OutOfScopeError
from simulator.testing.kernel.network import Network
from simulator.testing.kernel.plan import INTERNET, Plan
from tests.oracle.kernel.questions import Questions
from tests.oracle.kernel.reduce import words

ROOT = Path(__file__).parents[3]
FILES = sorted(path for path in (ROOT / "scenarios").rglob("*.yaml"))
INTERNET_HOST = "93.184.216.34"  # scenarios give away addresses of the blocks for documentation
PORTS = (1024, 32767, 32768, 49151, 49152, 60999, 65535)
SAMPLES, SAMPLES_OF_SOMETIMES = 8, 24
EXACT_EVERY = 10
NOT_BUILT = re.compile("the bed is too small|was not read")


@cache
def judged() -> list[tuple[str, Reading, Network, Plan]]:
    """The scenarios that the bed can build. Those it cannot are left out for a reason of `NOT_BUILT`, or because they cannot be read."""
    found = []
    for path in FILES:
        try:
            reading = read([path], kinds=RESOURCES)
            found.append((str(path.relative_to(ROOT)), reading, *compile_network(reading.snapshot)))
        except InputError:
            continue
        except OutOfScopeError as error:
            if not NOT_BUILT.search(str(error)):
                raise
    return found


def test_random_packets_through_scenarios(bed: Bed) -> None:
    wrong = []
    for at, (name, _, network, plan) in enumerate(judged()):
        bed.load(plan)
        probes = Questions(network, random.Random(f"scenario {name}")).draw(24)
        answers = bed.probe(probes)
        judge = Judge.of(network)
        by_pieces = exact_differences(judge, probes, answers) if at % EXACT_EVERY == 0 else ()
        for difference in [*differences(judge, probes, answers), *by_pieces]:
            says = f"{difference.level}: kernel {difference.kernel_says}, simulator {difference.simulator_says}"
            sender = judge.name(difference.probe.sender)
            wrong.append(f"{name}: {sender} {difference.probe.flow}: {says}; {words(judge, difference.answer)}")
    assert not wrong, "\n".join(wrong[:10])
    assert bed.counts["lost without a trace"] == 0
    assert judged()


def test_expectations(bed: Bed) -> None:
    """Each expectation that can be put as packets: always is shown by every sample, never by none, sometimes by some and not by others."""
    wrong, asked, all_of_them = [], 0, 0
    for name, reading, network, plan in judged():
        bed.load(plan)
        judge = Judge.of(network)
        for expectation in reading.expectations:
            all_of_them += 1
            probes, ends = packets(network, expectation)
            if not probes:
                continue
            answers = bed.probe(probes)
            if any(judge.beyond(*pair) for pair in zip(probes, answers, strict=True)):
                continue
            asked += 1
            delivered = [bool(answer.delivered) and (not ends or answer.delivered[0] in ends) for answer in answers]
            answered = [arrived and answer.answered for arrived, answer in zip(delivered, answers, strict=True)]
            for what, told, outcomes in (
                ("verdict", expectation.verdict, delivered if expectation.one_way else answered),
                ("delivered", expectation.delivered, delivered),
                ("answered", expectation.answered, answered),
            ):
                shown = "sometimes" if len(set(outcomes)) > 1 else "always" if outcomes[0] else "never"
                if told in {"always", "never", "sometimes"} and told != shown:
                    wrong.append(f"{expectation.place} ({name}): {what} is {told}, the kernel shows {shown}")
    assert not wrong, "\n".join(wrong)
    assert asked >= 380, (asked, all_of_them)


def packets(network: Network, expectation: ExpectationText) -> tuple[list[Probe], set[int]]:
    """Samples of a question, and where they should arrive (empty: anywhere); none for a question the bed cannot put."""
    if expectation.by != "packets" or expectation.verdict in {"unknown", "error"} or not expectation.service:
        return [], set()
    service = Service.parse(expectation.service)
    if service.protocol not in {TCP, UDP, ICMP} or (service.ports and service.ports[0] != service.ports[1]):
        return [], set()
    senders, ports = _senders(network, expectation.source)
    both = [i for word in (expectation.source, expectation.destination) for i in _interfaces(network, word)]
    if any(version == 6 for i in both for version, _ in network.interfaces[i].private_addresses):
        return [], set()  # the question is about both versions
    if expectation.source_port:
        ports = parse_ports(expectation.source_port)
    ends, addresses = _destination(network, expectation.destination, from_outside=senders == [INTERNET])
    rng = random.Random(f"{expectation.place}")
    asker = Questions(network, rng)
    probes = []
    for sender in senders:
        own = parse_address(INTERNET_HOST) if sender == INTERNET else network.interfaces[sender].addresses[0].private
        for destination in addresses:
            if asker.scope.why_not_between(sender, own[1], destination):
                return [], set()
            flow = Flow(4, own[1], destination, service.protocol or TCP)
            varies = "sometimes" in (expectation.verdict, expectation.delivered, expectation.answered)
            flows = _flows(flow, service, ports, rng, SAMPLES_OF_SOMETIMES if varies else SAMPLES)
            probes += [Probe(sender, flow) for flow in flows]
    return probes, ends


def _flows(flow: Flow, service: Service, ports: tuple[int, int], rng: random.Random, samples: int) -> Iterator[Flow]:
    if flow.protocol == ICMP:
        kind = 8 if service.icmp_type is None else service.icmp_type
        if kind in ICMP_REPLIES[ICMP]:
            for _ in range(samples):
                yield flow._replace(icmp_type=kind, icmp_code=service.icmp_code or 0)
        return
    to_port = service.ports[0] if service.ports else rng.randint(1, 65535)
    found = {*ports, *(port for port in PORTS if ports[0] <= port <= ports[1])}
    while len(found) < min(samples, ports[1] - ports[0] + 1):
        found.add(rng.randint(*ports))
    for port in sorted(found) * (1 if len(found) > 2 else samples):
        yield flow._replace(source_port=port, destination_port=to_port)


def _senders(network: Network, word: str) -> tuple[list[int], tuple[int, int]]:
    """The interfaces a word means as a sender, and the source ports of such a client (NACL-14)."""
    if word == "internet":
        return [INTERNET], (1024, 65535)
    numbers = _interfaces(network, word)
    instance = network.snapshot.get(Instance, word) or (network.instance_of.get(network.interfaces[numbers[0]].id) if numbers else None)
    if instance is None:
        return numbers, (1024, 65535)
    return numbers, (49152, 65535) if instance.os == "windows" else (32768, 60999)


def _destination(network: Network, word: str, *, from_outside: bool) -> tuple[set[int], list[int]]:
    """Where packets should arrive, and the addresses to send them to."""
    if word == "internet":
        return {INTERNET}, [parse_address(INTERNET_HOST)[1]]
    numbers = _interfaces(network, word)
    if numbers:
        if len(numbers) > 1:
            return set(), []
        addresses = network.interfaces[numbers[0]].addresses
        public = [address.public[1] for address in addresses if address.public]
        return set(numbers), public[:1] if from_outside and public else [addresses[0].private[1]]
    try:
        version, value = parse_address(word)
    except AddressError:
        return set(), []
    if version != 4:
        return set(), []
    owners = {i for i, nic in enumerate(network.interfaces) for pair in nic.addresses if (4, value) in (pair.private, pair.public)}
    return owners, [value]


def _interfaces(network: Network, word: str) -> list[int]:
    names = {word}
    for kind in (Instance, LambdaFunction, Database, Cache, EcsService, FileSystem, DataService):
        noun = network.snapshot.get(kind, word)
        if noun is not None:
            names |= set(noun.interfaces)
    return [i for i, nic in enumerate(network.interfaces) if nic.id in names]
