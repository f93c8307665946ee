"""Which packets to send through a network: random ones, at the boundaries of its rules, in groups that differ in ports only.

Left out are packets that the bed cannot judge (`simulator.testing.kernel.scope`).
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from simulator.aws.prefix_list import PrefixList
from simulator.aws.subnet import Subnet
from simulator.aws.vpc import Vpc
from simulator.packet.flow import ICMP, TCP, UDP, Flow
from simulator.packet.prefix import parse_address
from simulator.testing.kernel.bed import Probe
from simulator.testing.kernel.filters import private
from simulator.testing.kernel.network import Network
from simulator.testing.kernel.plan import INTERNET
from simulator.testing.kernel.samples import boundary_ports
from simulator.testing.kernel.scope import Scope

HOSTS = ("198.51.100.7", "8.8.8.8", "198.51.100.255", "192.0.2.1", "128.0.0.1")
ELSEWHERE = ("10.77.0.1", "192.168.77.1", "172.31.255.9", "100.64.0.9")
ICMP_KINDS = ((8, 0), (8, 0), (8, 0), (13, 0), (8, 1))


def _value(text: str) -> int:
    return parse_address(text)[1]


class Questions:
    """The probes of one network, drawn from a generator of random numbers."""

    def __init__(self, network: Network, rng: random.Random) -> None:
        self.network = network
        self.random = rng
        self.ports = boundary_ports(network.snapshot)
        self.senders = [i for i, nic in enumerate(network.interfaces) if nic.id not in network.silent]
        self.publics = [
            address.public[1] for nic in network.interfaces for address in nic.addresses if address.public and address.public[0] == 4
        ]
        self.privates = [value for nic in network.interfaces for value in private(nic)]
        self.hosts = [value for i in self.senders for value in private(network.interfaces[i])]
        self.unused = list(_unused(network))
        self.scope = Scope(network)
        lists = [network.snapshot.get(PrefixList, f"{endpoint.id}-prefixes") for endpoint in network.links.services]
        self.services = [entry.value + 9 for found in lists if found and found.entries for entry in found.entries[:6]]

    def draw(self, count: int, *, alike: int = 6) -> list[Probe]:
        """About `count` probes, in groups of `alike` that share ends and protocol."""
        found: list[Probe] = []
        for _ in range(count * 4):
            if len(found) >= count:
                break
            found.extend(self._group(alike))
        return found

    def between_all(self) -> list[Probe]:
        """A TCP packet and a ping from each sender to each private address."""
        found = []
        for sender in self.senders:
            own = private(self.network.interfaces[sender])[0]
            for destination in self.privates:
                if not self.scope.why_not_between(sender, own, destination):
                    port = self.random.randint(1024, 65535)
                    found.append(Probe(sender, Flow(4, own, destination, TCP, port, self.random.choice(self.ports))))
                    found.append(Probe(sender, Flow(4, own, destination, ICMP, 0, 0, 8, 0)))
        return found

    def _group(self, alike: int) -> Iterator[Probe]:
        sender = INTERNET if not self.senders or (self.publics and self.random.random() < 0.25) else self.random.choice(self.senders)
        source, destination = self._source(sender), self._destination(sender)
        if self.scope.why_not_between(sender, source, destination):
            return
        protocol = self.random.choice((TCP, TCP, TCP, UDP, UDP, ICMP))
        if protocol == ICMP:
            icmp_type, icmp_code = self.random.choice(ICMP_KINDS)
            yield Probe(sender, Flow(4, source, destination, ICMP, 0, 0, icmp_type, icmp_code))
            return
        for _ in range(alike):
            to_port = self.random.choice(self.ports)
            source_port = self.random.choice(self.ports) if self.random.random() < 0.6 else self.random.randint(1024, 65535)
            yield Probe(sender, Flow(4, source, destination, protocol, source_port, to_port))

    def _source(self, sender: int) -> int:
        if sender == INTERNET:
            drawn = self.random.random()
            pool = HOSTS if drawn < 0.93 else ELSEWHERE
            return _value(self.random.choice(pool)) if drawn < 0.97 or not self.publics else self.random.choice(self.publics)
        nic = self.network.interfaces[sender]
        own = private(nic)
        if nic.id in self.network.functions:
            return own[0]
        forged = 0.05 if nic.check else 0.4
        if self.random.random() < forged:
            return self.random.choice([*self.privates, *self.publics, *map(_value, (*HOSTS, *ELSEWHERE)), *self.unused])
        return own[0] if self.random.random() < 0.7 else self.random.choice(own)

    def _destination(self, sender: int) -> int:
        drawn = self.random.random()
        if sender == INTERNET:
            if drawn < 0.9 and self.publics:
                return self.random.choice(self.publics)
            return self.random.choice([*self.privates, *map(_value, ELSEWHERE)])
        if drawn < 0.06 and self.services:
            return self.random.choice(self.services)
        if drawn < 0.4 and self.hosts:
            return self.random.choice(self.hosts)
        if drawn < 0.8 or not (self.publics or self.unused):
            return _value(self.random.choice(HOSTS))
        if drawn < 0.92 and self.publics:
            return self.random.choice(self.publics)
        if drawn < 0.95:
            return self.random.choice(self.privates)
        return self.random.choice([*self.unused, *map(_value, ELSEWHERE)])


def _unused(network: Network) -> Iterator[int]:
    """Addresses of the VPCs that nobody has: in a subnet, and in none."""
    taken = {value for nic in network.interfaces for value in private(nic)}
    for subnet in network.snapshot.all(Subnet):
        yield from (cidr.last - 2 for cidr in subnet.cidrs if cidr.version == 4 and cidr.last - 2 not in taken)
    for vpc in network.snapshot.all(Vpc):
        yield from (cidr.last - 5 for cidr in vpc.cidrs if cidr.version == 4 and cidr.last - 5 not in taken)
