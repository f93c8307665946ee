"""`Network.exposure`: exactly the headers that get through and come back, with what admits them."""

from __future__ import annotations

import ipaddress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import simulator
from simulator.api import Network
from simulator.aws.internet import ENDPOINT
from simulator.evaluate.result import Verdict
from simulator.packet.flow import PROTOCOL_NAMES, Flow
from simulator.packet.prefix import format_address
from simulator.problems import InputError
from simulator.query.endpoints import Sort, resolve
from simulator.query.exposed import Exposure, Way
from simulator.testing.strategies import PROFILES, Profile, packets, snapshots

ROOT = Path(__file__).parents[2]
PROTOCOLS = {name: number for number, name in PROTOCOL_NAMES.items()}


def services(found: Exposure) -> dict[str, list[str]]:
    return {way.destination: [one.service for one in way.services] for way in found.ways}


def test_a_way_says_who_comes_in_by_what() -> None:
    found = simulator.load(ROOT / "scenarios/primer/s18-public-addresses.yaml").exposure()
    assert services(found) == {"instance:server": ["tcp/443"]}
    way = found.ways[0]
    assert (way.addresses, way.senders, way.is_known) == (("198.51.100.10",), (), True)
    assert [(rule.resource, rule.part) for rule in way.rules] == [("shop-default-acl", "ingress rule 100"), ("web", "ingress 1")]
    assert found.reached == ("instance:server",)


def test_the_other_way_round() -> None:
    """A destination alone: everybody is asked; the source's own limits are in no way of another."""
    network = simulator.load(ROOT / "scenarios/primer/s07-security-groups.yaml")
    destination = network.matrix("tcp/443").destinations[0]
    found = network.exposure(destinations=[destination])
    matrix = network.matrix()
    reached = {
        source
        for source in matrix.sources
        for one in matrix.services
        if matrix.verdict(source, destination, one) not in (None, Verdict.NEVER)
    }
    assert {way.source for way in found.ways} == reached


def test_without_a_way_in_there_is_nothing_to_ask(tmp_path: Path) -> None:
    closed = tmp_path / "closed.yaml"
    closed.write_text(
        "name: closed\nabout: no gateway\nnetwork:\n  vpcs: {v: {cidr: 10.0.0.0/16}}\n"
        "  subnets: {s: {vpc: v, cidr: 10.0.0.0/24}}\n  instances: {a: {subnet: s}}\n"
    )
    network = simulator.load(closed)
    assert network.exposure(destinations=["a"]).ways == ()
    with pytest.raises(InputError, match="nobody"):
        network.exposure(sources=["nobody"])


def holds(way: Way, sender: str, service: str) -> set[Verdict]:
    """What a way says of a sender and one protocol, port or type."""
    address = ipaddress.ip_address(sender)
    if address.version != block_of(way.addresses[0]).version:
        return set()
    if way.senders and not any(address in ipaddress.ip_network(block) for block in way.senders):
        return set()
    return {allowed.verdict for allowed in way.services if covers(allowed.service, service)}


def covers(wide: str, narrow: str) -> bool:
    """Whether the words of a way take in one protocol, with one port or type."""
    if wide == "all":
        return True
    (kind, numbers), (word, number) = parts_of(wide), parts_of(narrow)
    if kind == "proto":
        return word == "proto" and number[0] in range(numbers[0], numbers[1] + 1)
    return kind == word and (not numbers or number[0] in range(numbers[0], numbers[1] + 1))


def parts_of(service: str) -> tuple[str, tuple[int, ...]]:
    kind, _, numbers = service.partition("/")
    if kind in PROTOCOLS and kind not in ("tcp", "udp", "icmp", "icmpv6"):
        return "proto", (PROTOCOLS[kind],) * 2
    first, _, last = numbers.partition("-")
    return kind, (int(first), int(last or first)) if first else ()


def block_of(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    return ipaddress.ip_network(text)


def borders_of(service: str) -> list[str]:
    """The first and last of a service, and what lies beside it."""
    kind, _, numbers = service.partition("/")
    if kind not in ("tcp", "udp", "icmp", "icmpv6") or not numbers:
        return ["tcp/0", "udp/65535", "icmp/8"] if service == "all" else []
    first, last = int(numbers.partition("-")[0]), int(numbers.partition("-")[2] or numbers.partition("-")[0])
    return [f"{kind}/{number}" for number in (first - 1, first, last, last + 1) if 0 <= number <= (255 if "icmp" in kind else 65535)]


def service_of(flow: Flow) -> str:
    name = {6: "tcp", 17: "udp", 1: "icmp", 58: "icmpv6"}.get(flow.protocol, f"proto/{flow.protocol}")
    return f"{name}/{flow.destination_port if flow.has_ports else flow.icmp_type}" if not name.startswith("proto") else name


@settings(max_examples=80, deadline=None, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(data=st.data(), profile=st.sampled_from(PROFILES))
def test_every_way_and_no_other_gets_through(data: st.DataObject, profile: Profile) -> None:
    """Asked about one sender of the internet and one service, `can` says always where a way does, and never where there is none."""
    snapshot = data.draw(snapshots(profile))
    network = Network(snapshot, "drawn")
    if ENDPOINT not in network.flow_graph.entries:
        return
    found = network.exposure()
    if not found.destinations:
        return
    flows = [data.draw(packets(snapshot)).flow for _ in range(3)]
    edges = [
        edge for way in found.ways for block in way.senders for edge in (block_of(block)[0], block_of(block)[-1], block_of(block)[0] - 1)
    ]
    senders = ["8.8.8.8", "2606:4700::1", *map(str, edges), *(format_address(flow.version, flow.source) for flow in flows)]
    borders = [name for way in found.ways for one in way.services for name in borders_of(one.service)]
    services = ["tcp/443", *borders, *map(service_of, flows)]
    destinations = [*(way.destination for way in found.ways), *found.destinations[:2]]
    for destination in data.draw(st.lists(st.sampled_from(destinations), min_size=1, max_size=3, unique=True)):
        for sender in data.draw(st.lists(st.sampled_from(senders), min_size=1, max_size=3, unique=True)):
            for service in data.draw(st.lists(st.sampled_from(services), min_size=1, max_size=3, unique=True)):
                try:
                    if any(end.sort is not Sort.OUTSIDE for end in resolve(snapshot, sender)):
                        continue
                    verdict = network.can(sender, destination, service).verdict
                except InputError:
                    continue
                ways = [way for way in found.ways if way.destination == destination]
                said = {verdict for way in ways for verdict in holds(way, sender, service)}
                assert bool(said) == (verdict is not Verdict.NEVER), (sender, destination, service, verdict, said)
                if verdict is Verdict.ALWAYS:
                    assert said <= {Verdict.ALWAYS, Verdict.SOMETIMES}, (sender, destination, service, said)
