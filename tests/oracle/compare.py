"""The model of `by_the_book` beside the walker, which is called as a black box: what to ask, and where the two differ."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from itertools import groupby
from typing import Any

from simulator.aws.client_vpn import ClientVpn
from simulator.aws.internet_gateway import InternetGateway
from simulator.aws.lambda_function import LambdaFunction
from simulator.aws.load_balancer import LoadBalancer
from simulator.aws.nat_gateway import NatGateway
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.regional_nat_gateway import RegionalNatGateway
from simulator.aws.snapshot import Snapshot
from simulator.aws.subnet import Subnet
from simulator.aws.vpc import Vpc
from simulator.aws.vpc_endpoint import VpcEndpoint
from simulator.compile import compile_snapshot
from simulator.evaluate import walk
from simulator.packet.flow import Flow
from simulator.packet.prefix import Prefix, format_address, parse_address
from tests.oracle import by_the_book
from tests.oracle.by_the_book.result import BY_THE_BOOK, DELIVERED, ELSEWHERE, GAP, LOOP, NOT_EXPECTED, Leg, Picks, Reading
from tests.oracle.by_the_book.sites import PREMISES, sites_of
from tests.oracle.by_the_book.translators import CLIENTS

RULES = ("ingress ", "egress ", "route ", "local route ", "propagated route ", "static route ", "BGP route ")
PLACES = (
    *("93.184.216.34", "203.0.113.5", "203.0.113.200", "8.8.8.8"),
    *("169.254.169.254", "169.254.169.253", "169.254.169.123", "169.254.1.1"),
    *("10.0.255.9", "10.77.0.1", "192.168.77.1", "172.31.255.1", "100.64.0.9"),
    *("224.0.0.5", "127.0.0.1", "255.255.255.255", "0.0.0.7"),
)
PLACES_V6 = (
    *("2600:1f18::1", "2001:4860:4860::8888", "2001:db8:ffff::9"),
    *("fd00:ec2::254", "fd00:ec2::253", "fd00:ec2::1", "fe80::1", "fd12:3456::1", "ff02::1", "::1", "64:ff9b::808:808", "64:ff9b::a00:5"),
)
SERVICES = (  # protocol, destination port, type, code
    (6, 443, 0, 0),
    (6, 22, 0, 0),
    (6, 25, 0, 0),
    (6, 5432, 0, 0),
    (6, 1024, 0, 0),
    (17, 53, 0, 0),
    (17, 40000, 0, 0),
    (1, 0, 8, 0),
    (1, 0, 0, 0),
    (1, 0, 3, 1),
    (1, 0, 13, 0),
    (50, 0, 0, 0),
)
SERVICES_V6 = ((6, 443, 0, 0), (6, 22, 0, 0), (6, 25, 0, 0), (17, 53, 0, 0), (58, 0, 128, 0), (58, 0, 129, 0), (58, 0, 1, 4), (50, 0, 0, 0))
DRAWS = (0, 1, 2, 31743, 31744, 39999, 64511)
SOURCE_PORTS = (40000, 1024, 32767, 32768, 60999, 65535, 443, 25)


Pick = Callable[[Sequence[Any]], Any]


@dataclass(frozen=True)
class Question:
    """One packet to ask both about, and the numbers that settle what AWS picks."""

    sender: str
    flow: Flow
    draws: tuple[int, ...] = ()

    def __str__(self) -> str:
        return f"{self.sender}: {self.flow} draws={self.draws}"


def senders(snapshot: Snapshot, version: int = 4) -> list[str]:
    """Whoever can start a packet: interfaces (not those of NAT gateways, functions and endpoints), functions, the internet."""
    taken = {nat.interface for nat in snapshot.all(NatGateway)}
    taken |= {nic for function in snapshot.all(LambdaFunction) for nic in function.interfaces}
    taken |= {nic for endpoint in snapshot.all(VpcEndpoint) for nic in endpoint.interfaces}
    taken |= {nic.id for nic in snapshot.all(NetworkInterface) if nic.type in ("vpc_endpoint", "client_vpn")}
    nics = [
        nic.id
        for nic in snapshot.all(NetworkInterface)
        if nic.id not in taken and any(pair.private[0] == version for pair in nic.addresses)
    ]
    functions = [function.id for function in snapshot.all(LambdaFunction)]
    towards = [by_the_book.TOWARDS + gateway.vpc for gateway in snapshot.all(InternetGateway) if gateway.attached]
    sites = [PREMISES + site.name for site in sites_of(snapshot)]
    clients = [CLIENTS + vpn.id for vpn in snapshot.all(ClientVpn) if version == 4]
    return [*nics, *functions, "internet", *towards, *sites, *clients]


def destinations(snapshot: Snapshot, version: int = 4) -> list[int]:
    """Addresses worth a packet: all of ours, an unused one of each subnet and VPC, the DNS server's, and some outside."""
    found = []
    for nic in snapshot.all(NetworkInterface):
        found += [block.value + 1 for block in nic.delegated if block.version == version]
        for pair in nic.addresses:
            if pair.private[0] == version:
                found.append(pair.private[1])
                if pair.public:
                    found.append(pair.public[1])
    found += [address[1] for nat in snapshot.all(RegionalNatGateway) for _, address in nat.addresses if address[0] == version]
    for subnet in snapshot.all(Subnet):
        found += [cidr.value + cidr.size - 2 for cidr in subnet.cidrs if cidr.version == version]
    for vpc in snapshot.all(Vpc):
        found += [cidr.value + offset for cidr in vpc.cidrs if cidr.version == version for offset in (2, cidr.size - 3)]
    return found + [parse_address(text)[1] for text in (PLACES if version == 4 else PLACES_V6)]


def likely(snapshot: Snapshot, version: int = 4) -> list[int]:
    """Where most packets go: private addresses of interfaces, and the services behind gateway endpoints."""
    found = [pair.private[1] for nic in snapshot.all(NetworkInterface) for pair in nic.addresses if pair.private[0] == version]
    blocks = [[block for block in endpoint.gateway_blocks if block.version == version][:1] for endpoint in snapshot.all(VpcEndpoint)]
    found += 2 * [block.value + 4 for first in blocks for block in first]
    return found + behind_lines(snapshot, version)


def behind_lines(snapshot: Snapshot, version: int) -> list[int]:
    """An address in each block on premises."""
    blocks = {block for site in sites_of(snapshot) for line in site.lines for block in line.blocks if block.version == version}
    return [block.value + 9 for block in sorted(blocks)]


def speaks(snapshot: Snapshot, version: int) -> bool:
    """Whether there is an address of an IP version."""
    return any(pair.private[0] == version for nic in snapshot.all(NetworkInterface) for pair in nic.addresses)


def kinds_of_places(snapshot: Snapshot) -> dict[str, str]:
    """The kind of every place that is a resource."""
    return {noun.id: type(noun).__name__ for _, noun in snapshot.everything()}


def question(snapshot: Snapshot, pick: Pick, percent: Callable[[int], bool]) -> Question:
    """A packet that makes sense more often than not. `pick` takes one of several, `percent` says yes as often as that."""
    version = 6 if speaks(snapshot, 6) and percent(50) else 4
    outside, services = (PLACES, SERVICES) if version == 4 else (PLACES_V6, SERVICES_V6)
    sender, targets = pick(senders(snapshot, version)), destinations(snapshot, version)
    usual = likely(snapshot, version)
    destination = pick(usual) if usual and percent(60) else pick(targets)
    nic, function = snapshot.get(NetworkInterface, sender), snapshot.get(LambdaFunction, sender)
    node = any(sender in balancer.interfaces for balancer in snapshot.all(LoadBalancer))
    source = 0  # a function's: that of its interface
    if nic is not None:
        own = [pair.private[1] for pair in nic.addresses if pair.private[0] == version]
        own += [block.value + 1 for block in nic.delegated if block.version == version]
        source = pick([*own, *own, pick(targets)]) if not node and percent(20 if len(own) < 2 else 60) else own[0]
    elif sender.startswith(PREMISES):
        inside = next(site for site in sites_of(snapshot) if PREMISES + site.name == sender)
        if inside.holds(destination, version):  # what a site sends to itself is not AWS's business
            destination = parse_address(outside[0])[1]
        source = pick([*behind_lines(snapshot, version), parse_address(outside[0])[1]])
    elif sender.startswith(CLIENTS):
        vpn = snapshot.get(ClientVpn, sender.removeprefix(CLIENTS))
        source = vpn.clients.value + 9 if vpn else 0
    elif function is None:
        source = parse_address(pick(outside if percent(10) else outside[:3]))[1]
    elif not function.subnets:
        source = parse_address("52.95.0.9" if version == 4 else "2600:1f18::9")[1]
    protocol, port, icmp_type, icmp_code = pick(services) if percent(60) else services[0]
    source_port = pick(SOURCE_PORTS) if protocol in (6, 17) else 0
    flow = Flow(version, source, destination, protocol, source_port, port, icmp_type, icmp_code)
    return Question(sender, flow, tuple(pick(DRAWS) for _ in range(5)))


def questions(snapshot: Snapshot, rng: random.Random, count: int) -> list[Question]:
    """Such packets, drawn by a generator of random numbers."""
    return [question(snapshot, rng.choice, lambda number: rng.random() * 100 < number) for _ in range(count)]


def ask_model(snapshot: Snapshot, asked: Question, reading: Reading = BY_THE_BOOK) -> tuple[Leg, Leg | None]:
    return by_the_book.round_trip(snapshot, asked.sender, asked.flow, picks=Picks(draws=list(asked.draws)), reading=reading)


def ask_walker(graph: Any, asked: Question, ours: tuple[Leg, Leg | None]) -> Any:
    """The walker's round trip, with the choices the model took and the end it reached as the wished one."""
    choices = [choice[4] for leg in ours if leg for choice in leg.choices]
    expected = frozenset({ours[0].end})
    return walk.round_trip(graph, graph.entries[asked.sender].node, asked.flow, expected=expected, choices=choices)


def differences(snapshot: Snapshot, questions: Sequence[Question], reading: Reading = BY_THE_BOOK, graph: Any = None) -> Iterator[str]:
    """What the two say differently, in words. `graph`: the compiled snapshot, where there is one."""
    graph = graph or compile_snapshot(snapshot)
    for asked in questions:
        ours = ask_model(snapshot, asked, reading)
        if any(leg and leg.beyond for leg in ours):
            continue
        try:
            theirs = ask_walker(graph, asked, ours)
        except IndexError:
            yield f"{asked}\nchoices: {[leg.choices for leg in ours if leg]} are not the walker's\nby the book:\n{ours[0]}"
            continue
        legs = zip(("forward", "back"), ours, (theirs.forward, theirs.back), strict=True)
        for name, mine, other in legs:
            found = list(leg_differences(mine, other))
            if found:
                yield "\n".join([f"{asked} ({name})", *found, "by the book:", str(mine), "walker:", trace_text(other)])
                break


def leg_differences(mine: Leg | None, other: Any) -> Iterator[str]:
    if mine is None or other is None:
        if (mine is None) != (other is None):
            yield f"leg: {mine and mine.disposition} / {other and other.disposition}"
        return
    disposition = other.disposition.value
    if mine.disposition == LOOP and other.steps[-1].code == "SIM_ROUTING_LOOP":
        disposition = LOOP  # found by a filter of the NAT gateway, and so far called a denial
    if mine.code is None:
        if disposition in (DELIVERED, ELSEWHERE):
            yield f"disposition: {mine.disposition} / {disposition}"
        return
    if mine.disposition != disposition:
        yield f"disposition: {mine.disposition} / {disposition}"
        return
    if mine.disposition in (GAP, LOOP) or mine.unknown:
        return
    last = other.steps[-1]
    if mine.code != last.code and disposition not in (ELSEWHERE, NOT_EXPECTED):  # ends that are no code's
        yield f"code: {mine.code} / {last.code}"
    if mine.by_host:
        if (mine.header, mine.end) != (other.received, other.end):
            yield f"answer of the host: {mine.header} at {mine.end} / {other.received} at {other.end}"
        return
    if mine.place != last.place.id:
        yield f"last place: {mine.place} / {last.place.id}"
    if mine.header != other.received:
        yield f"header: {mine.header} / {other.received}"
    if mine.rules and mine.code and rule_of(last) not in mine.rules:
        yield f"deciding rule: {sorted(mine.rules)} / {rule_of(last)}"
    if mine.disposition == DELIVERED and mine.end != other.end:
        yield f"end: {mine.end} / {other.end}"
    hops, theirs = collapsed([hop for hop in mine.hops if hop[0] not in mine.quiet]), walked(other, mine.quiet)
    if hops != theirs:
        yield "hops: " + "\n   ".join(f"{a} / {b}" for a, b in padded(hops, theirs) if a != b)
    judged = [(check.place, check.rules) for check in mine.checks if check.rules]
    judged = [key for key, _ in groupby(judged)]
    met = [step for at, step in enumerate(other.steps) if not only_looked_ahead(step, other.steps[at + 1 :])]
    their = [(step.place.id, rule_of(step)) for step in met if step.because and step.because.part.startswith(RULES)]
    their = [key for key, _ in groupby(their)]  # a blackhole route is met when it is found and when it ends the leg
    if not alike(judged, their):
        yield "rules: " + "\n   ".join(f"{a} / {b}" for a, b in padded(judged, their))
    taken = [choice[1:] for choice in mine.choices]
    their_choices = [(choice.place.id, choice.first, choice.last, choice.value) for choice in other.choices]
    if taken != their_choices:
        yield f"choices: {taken} / {their_choices}"


def alike(judged: Sequence[tuple[str, frozenset[tuple[str, str]]]], their: Sequence[tuple[str, tuple[str, str]]]) -> bool:
    """Whether the rules met are the same, in whichever order within one place: AWS picks a list before the ACL or after it."""
    ours = [(place, [rules for _, rules in run]) for place, run in groupby(judged, key=lambda one: one[0])]
    theirs = [(place, [rule for _, rule in run]) for place, run in groupby(their, key=lambda one: one[0])]
    if [place for place, _ in ours] != [place for place, _ in theirs]:
        return False
    return all(
        all(any(rule in rules for rule in met) for rules in sets) and all(any(rule in rules for rules in sets) for rule in met)
        for (_, sets), (_, met) in zip(ours, theirs, strict=True)
    )


def only_looked_ahead(step: Any, later: Sequence[Any]) -> bool:
    """Whether a step looked a route up before the ACL, for a target in the sender's subnet (NACL-21), and found none there; or found
    several routes, of which AWS picked one that leads out of it (RT-11), and the ACL stopped it."""
    chose = bool(later) and later[0].outcome.value == "chose"
    after = next(iter(later[chose:]), None)
    looked = "NACL-21" in step.node.cites and after is not None and after.node.what.startswith("network ACL")
    return looked and (not chose or len(later) == chose + 1)


def padded(a: Sequence[Any], b: Sequence[Any]) -> list[tuple[Any, Any]]:
    length = max(len(a), len(b))
    return list(zip([*a, *[None] * (length - len(a))], [*b, *[None] * (length - len(b))], strict=True))


def rule_of(step: Any) -> tuple[str, str]:
    """The rule a step names: of several that cover the same packets and look inside them, the first."""
    return (step.because.resource, re.sub(r" and \d+ more$", "", step.because.part)) if step.because else ("", "")


def collapsed(hops: Sequence[tuple[str, Flow]]) -> list[tuple[str, Flow]]:
    return [list(run)[-1] for _, run in groupby(hops, key=lambda hop: hop[0])]


def walked(other: Any, quiet: Collection[str]) -> list[tuple[str, Flow]]:
    """The walker's hops without the implicit router (MODEL-9), and without what is only asked which way."""
    hops = [hop for hop in other.hops if hop.place.kind != "vpc" and not only_asked(hop) and hop.place.id not in quiet]
    return collapsed([(hop.place.id, hop.steps[-1].after) for hop in hops])


def only_asked(hop: Any) -> bool:
    """Whether a packet from the internet was only found to be no reply of an egress-only gateway's."""
    return hop.place.kind == "egress-only-internet-gateway" and all(step.outcome.value == "new" for step in hop.steps)


def trace_text(other: Any) -> str:
    lines = [f"{other.disposition.value} end={other.end}"] if other else ["no leg"]
    for step in other.steps if other else ():
        lines.append(f"    {step.place.kind} {step.place.id} | {step.outcome.value} | {step.because} | {step.code} | {step.after}")
    return "\n".join(lines)


# --- the snapshot in readable form ---------------------------------------------------------------------------------------------------


def snapshot_text(snapshot: Snapshot) -> str:
    """Every noun on a line of its own, without what is as usual."""
    return "\n".join(f"{type(noun).__name__}: {_text(noun)}" for _, noun in snapshot.everything())


def _text(value: object) -> str:
    if isinstance(value, Prefix):
        return str(value)
    if isinstance(value, tuple) and len(value) == 2 and value[0] in (4, 6) and isinstance(value[1], int):
        return format_address(*value)
    if isinstance(value, tuple | list):
        return "[" + ", ".join(map(_text, value)) + "]"
    if is_dataclass(value) and not isinstance(value, type):
        words = []
        for field in fields(value):
            held = getattr(value, field.name)
            if field.name not in ("origin", "name") and held not in (field.default, None, ()):
                words.append(f"{field.name}={_text(held)}")
        return "(" + " ".join(words) + ")"
    return str(value)
