"""Ports that nobody means to show to the whole internet, and that the whole internet reaches (VS701, VS702): judged as `exposure` does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from simulator.aws.internet import ENDPOINT
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.snapshot import Snapshot
from simulator.evaluate.result import Verdict
from simulator.origin import Origin
from simulator.packet.prefix import BITS, Prefix
from simulator.packet.service import parse_ports
from simulator.packet.space import ALL_PORTS
from simulator.problems import InputError
from simulator.query.checks.given import SHOWN, Given, finding, named
from simulator.query.endpoints import End, Sort
from simulator.query.exposed import Way
from simulator.query.exposure import exposure
from simulator.query.findings import Finding
from simulator.query.parties import parties

ADMINISTRATION = {
    22: "SSH",
    23: "Telnet",
    445: "SMB",
    2375: "Docker",
    3389: "RDP",
    5900: "VNC",
    5985: "WinRM",
    5986: "WinRM",
    10250: "kubelet",
}
DATABASES = {
    1433: "SQL Server",
    1521: "Oracle",
    2379: "etcd",
    3306: "MySQL",
    5432: "PostgreSQL",
    5439: "Redshift",
    6379: "Redis",
    9042: "Cassandra",
    9200: "Elasticsearch",
    11211: "memcached",
    27017: "MongoDB",
}
SENSITIVE: Mapping[str, Mapping[int, str]] = {"VS701": ADMINISTRATION, "VS702": DATABASES}


def find(given: Given) -> Iterator[Finding]:
    """All findings about open ports."""
    found: dict[tuple[str, Origin], tuple[set[int], list[str]]] = {}
    graph, snapshot = given.compiled(), given.snapshot
    words = [word for word, end in parties(graph, snapshot, None) if _may_be_reached(snapshot, end)]
    if ENDPOINT not in graph.entries or not words:
        return
    try:
        exposed = exposure(graph, snapshot, sources=[ENDPOINT], destinations=words)
    except InputError as error:
        given.unasked.append(f"what the internet reaches: {error}")
        return
    for way in exposed.ways:
        if not (way.is_known and way.rules and _from_anywhere(way)):
            continue
        for rule, sensitive in SENSITIVE.items():
            open_ports = {port for port in sensitive if _reaches(way, port)}
            if open_ports:
                known = found.setdefault((rule, way.rules[-1]), (set(), []))
                known[0].update(open_ports)
                known[1].append(way.destination)
    for (rule, origin), (ports, whom) in found.items():
        if given.wants(rule):
            told = f"the internet reaches {named(whom)} at {_words(SENSITIVE[rule], ports)}"
            yield finding(rule, f"{told}, let in by {origin.resource} {origin.part}", origin)


def _may_be_reached(snapshot: Snapshot, end: End) -> bool:
    """Whether the internet has an address for an end: a public one or one of IPv6 (IGW-3)."""
    interface = snapshot.get(NetworkInterface, end.name) if end.sort is Sort.INTERFACE else None
    return interface is not None and any(address.public or address.private[0] == 6 for address in interface.addresses)


def _words(names: Mapping[int, str], ports: set[int]) -> str:
    words = [f"tcp/{port} ({names[port]})" for port in sorted(ports)]
    more = f" and {len(words) - SHOWN} more such ports" if len(words) > SHOWN else ""
    return ", ".join(words[:SHOWN]) + more


def _from_anywhere(way: Way) -> bool:
    """Whether at least half of all addresses get in; a few that are refused make no difference."""
    if not way.senders:
        return True
    blocks = [Prefix.parse(word if "/" in word else f"{word}/{128 if ':' in word else 32}") for word in way.senders]
    return any(
        sum(block.size for block in blocks if block.version == version) * 2 >= 1 << (bits if version == 4 else bits - 3)
        for version, bits in BITS.items()
    )


def _reaches(way: Way, port: int) -> bool:
    """Whether the port is reached over TCP, always or sometimes."""
    for allowed in way.services:
        if allowed.verdict in (Verdict.ALWAYS, Verdict.SOMETIMES):
            if allowed.service == "all":
                return True
            name, _, ports = allowed.service.partition("/")
            first, last = parse_ports(ports) if ports else ALL_PORTS
            if name == "tcp" and first <= port <= last:
                return True
    return False
