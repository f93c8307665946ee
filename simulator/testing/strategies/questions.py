"""Questions that mean something in a network: words that resolve, between ends that can be asked about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from hypothesis import reject
from hypothesis import strategies as st

from simulator.api import Network
from simulator.aws.client_vpn import ClientVpn
from simulator.aws.instance import Instance
from simulator.aws.lambda_function import LambdaFunction
from simulator.aws.load_balancer import LoadBalancer
from simulator.aws.managed_service import ManagedService
from simulator.aws.nat_gateway import NatGateway
from simulator.aws.network_interface import STARTS_NOTHING, WITHOUT_GROUPS, InterfaceAddress, NetworkInterface
from simulator.aws.onprem import networks_of
from simulator.aws.security_group import SecurityGroup
from simulator.aws.snapshot import Snapshot
from simulator.aws.subnet import Subnet
from simulator.aws.vpc import Vpc
from simulator.evaluate.answer import Answer
from simulator.packet.prefix import format_address
from simulator.query.endpoints import End as Resolved
from simulator.query.endpoints import resolve
from simulator.testing.strategies.hand import Drawn, Hand
from simulator.testing.strategies.thinning import whole_of

SERVICES = ("tcp/443", "tcp/22", "tcp/5432", "udp/53", "icmp", "tcp/80-443", "tcp/1024-65535", "icmp/0", "esp", "proto/47", "tcp")
SOURCE_PORTS = ("40000", "1024-65535", "32767-32768", "0", "65535")
OUTSIDE = ("internet", "8.8.8.8", "203.0.113.0/24", "service:s3")


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask a network; the fields are the arguments of `Network.can`.

    >>> print(Question("web", "db", "tcp/5432", one_way=True))
    can web reach db with tcp/5432, one way
    """

    source: str
    destination: str
    service: str | None = None
    source_port: str | None = None
    one_way: bool = False

    def ask(self, network: Network) -> Answer:
        """The answer of a network, which need not be the one the question was made for."""
        return network.can(self.source, self.destination, self.service, source_port=self.source_port, one_way=self.one_way)

    def __str__(self) -> str:
        words = f"can {self.source} reach {self.destination} with {self.service or 'every service'}"
        words += f" from port {self.source_port}" if self.source_port else ""
        return f"{words}, one way" if self.one_way else words


@dataclass(frozen=True, slots=True)
class End:
    """A word and the interfaces or functions it stands for; none for what is not in the network. `several`: it asks about each of them,
    and leaves out those that cannot be asked about.
    """

    word: str
    names: frozenset[str] = frozenset()
    public: bool = False
    version: int = 4
    several: bool = False


@st.composite
def questions(
    draw: st.DrawFn,
    network: Network,
    *,
    source: str | None = None,
    destination: str | None = None,
    services: tuple[str | None, ...] = (*SERVICES, "all", None),
    groups: bool = True,
) -> Question:
    """A question that the network can answer. Examples are thrown away where a network has nobody to ask about.

    source, destination: the end to ask about; none: any. services: what to ask about, with none for every service. groups: also ends
    that stand for several, such as subnets.
    """
    hand, snapshot = Drawn(draw), whole_of(network.snapshot)
    senders, receivers = _known_ends(snapshot, groups=groups)
    outside = [End(word) for word in (*OUTSIDE, *_elsewhere(snapshot))]
    froms = [_end_of(snapshot, source)] if source is not None else senders
    if source is None and (not senders or hand.chance(25)):
        froms = outside
    tos = [_end_of(snapshot, destination)] if destination is not None else receivers
    if destination is None and (not receivers or hand.chance(35)):
        tos = outside
    pair = _pair(hand, snapshot, froms, tos)
    if pair is None and destination is None:
        pair = _pair(hand, snapshot, froms, outside)
    if pair is None and source is None:
        pair = _pair(hand, snapshot, senders, tos)
    if pair is None:
        reject()
    sender, receiver = pair
    if snapshot is not network.snapshot and not _is_part(network.snapshot, sender, receiver, groups=groups):
        reject()
    ipv6 = receiver.version == 6 or any(one.names and one.names <= _without_ipv4(snapshot) for one in (sender, receiver))
    return Question(
        sender.word,
        receiver.word,
        hand.one_of([word for word in services if word is None or not word.startswith("icmp")] if ipv6 else services),
        hand.one_of(SOURCE_PORTS) if hand.chance(10) else None,
        hand.chance(20),
    )


def _is_part(snapshot: Snapshot, source: End, destination: End, *, groups: bool) -> bool:
    """Whether a pair drawn for the whole of a network can be asked about in what is left of it."""
    senders, receivers = _known_ends(snapshot, groups=groups)
    found = [next((end for end in ends if end.word == one.word), None) for one, ends in ((source, senders), (destination, receivers))]
    one, other = (end or drawn for end, drawn in zip(found, (source, destination), strict=True))
    gone = {*_elsewhere(whole_of(snapshot))} - {*_elsewhere(snapshot)}
    if source.word in gone or destination.word in gone:
        return False
    if any(drawn.names and end is None for drawn, end in zip((source, destination), found, strict=True)):
        return False
    return _is_askable(one, other, *_guests_of(snapshot))


def _pair(hand: Hand, snapshot: Snapshot, senders: list[End], receivers: list[End]) -> tuple[End, End] | None:
    """Two ends that can be asked about."""
    guests, speaks_ipv6 = _guests_of(snapshot)
    if len(receivers) == 1:
        senders = [end for end in senders if _is_askable(end, receivers[0], guests, speaks_ipv6)]
    if not senders:
        return None
    sender = hand.one_of(senders)
    fitting = [end for end in receivers if _is_askable(sender, end, guests, speaks_ipv6)]
    return (sender, hand.one_of(fitting)) if fitting else None


def _guests_of(snapshot: Snapshot) -> tuple[dict[str, str], frozenset[str]]:
    """The instance of each interface, and the interfaces that have an IPv6 address."""
    guests = {name: instance.id for instance in snapshot.all(Instance) for name in instance.interfaces}
    interfaces = snapshot.all(NetworkInterface)
    return guests, frozenset(one.id for one in interfaces if any(version == 6 for version, _ in one.private_addresses))


def _without_ipv4(snapshot: Snapshot) -> frozenset[str]:
    """The interfaces that have no IPv4 address, so that `icmp` means nothing to them."""
    interfaces = snapshot.all(NetworkInterface)
    return frozenset(one.id for one in interfaces if all(version == 6 for version, _ in one.private_addresses))


def _end_of(snapshot: Snapshot, word: str) -> End:
    """The end that a word of the user stands for. Raises `InputError` when it stands for none."""
    names: set[str] = set()
    ends = resolve(snapshot, word)
    for end in ends:
        function = snapshot.get(LambdaFunction, end.name)
        names.update(function.interfaces or (end.name,) if function else [end.name] if end.name else [])
    given = {version for end in ends for version in _versions(end)}
    public = any(one.public == end.address for end in ends if end.address for name in names for one in _addresses_of(snapshot, name))
    return End(word, frozenset(names), public, version=6 if given == {6} else 4, several=len(ends) > 1)


def _versions(end: Resolved) -> Iterable[int]:
    """The versions of the addresses that a word itself gave."""
    return [end.address[0]] if end.address else [block.version for block in end.blocks]


def _addresses_of(snapshot: Snapshot, interface: str) -> tuple[InterfaceAddress, ...]:
    found = snapshot.get(NetworkInterface, interface)
    return found.addresses if found else ()


def _is_askable(source: End, destination: End, guests: Mapping[str, str], speaks_ipv6: frozenset[str]) -> bool:
    """Whether there is a pair to ask about: traffic of a host with itself stays in the guest (ENI-8)."""
    if not source.names:  # the internet, or a block of it
        return bool(destination.names) and (source.word == "internet" or source.version == destination.version)
    if destination.version == 6 and not source.names <= speaks_ipv6:
        return False
    if not destination.names:
        return True
    hosts, others = ({guests.get(name, name) for name in end.names} for end in (source, destination))
    if source.word.startswith("lambda:"):
        return source.word != destination.word
    return len(hosts | others) > 1 or (destination.public and not source.several and len(source.names) == 1)


def _known_ends(snapshot: Snapshot, *, groups: bool) -> tuple[list[End], list[End]]:
    return snapshot.index(("ends of strategies", groups), lambda: _ends(snapshot, groups=groups))


def _ends(snapshot: Snapshot, *, groups: bool) -> tuple[list[End], list[End]]:
    """The ends of a network that send, and those that can be asked for."""
    interfaces = [one for one in snapshot.all(NetworkInterface) if one.type not in WITHOUT_GROUPS]
    starting = frozenset(one.id for one in interfaces if not one.replies_only and one.type not in STARTS_NOTHING)
    workloads = [end for end in _workloads(snapshot) if end.names and end.names <= starting]
    hosts = [End(one.id, frozenset({one.id})) for one in interfaces if one.id in starting] + workloads
    functions = list(snapshot.all(LambdaFunction))
    able = starting.union(*(one.interfaces for one in functions))
    senders = [*hosts, *(End(f"lambda:{one.id}", frozenset(one.interfaces or (one.id,))) for one in functions)]
    receivers = [*hosts, *(End(f"lambda:{one.id}", frozenset(one.interfaces)) for one in functions if one.interfaces)]
    receivers += [End(one.id, frozenset({one.interface})) for one in snapshot.all(NatGateway)]
    receivers += [*_addresses(snapshot, interfaces)]
    for group in _groups(snapshot, interfaces) if groups else ():
        if group.names:
            receivers.append(group)
        if group.names & able:
            senders.append(replace(group, names=group.names & able, several=len(group.names) > 1))
    return senders, receivers


def _workloads(snapshot: Snapshot) -> Iterator[End]:
    for instance in snapshot.all(Instance):
        yield End(instance.id, frozenset(instance.interfaces))
    for kind, noun in snapshot.everything():
        if isinstance(noun, ManagedService | LoadBalancer):
            yield End(f"{kind.prefix or kind.name}:{noun.id}", frozenset(noun.interfaces))


def _elsewhere(snapshot: Snapshot) -> list[str]:
    """The words for people and hosts behind gateways: networks on premises whose blocks are known, and clients."""
    return [*(one.endpoint for one in networks_of(snapshot) if one.blocks), *(f"cvpn:{vpn.id}" for vpn in snapshot.all(ClientVpn))]


def _addresses(snapshot: Snapshot, interfaces: list[NetworkInterface]) -> Iterator[End]:
    several = len(list(snapshot.all(Vpc))) > 1  # their blocks may overlap: say which VPC is meant
    for interface in interfaces:
        for address in interface.addresses:
            text = format_address(*address.private)
            yield End(f"{interface.vpc}/{text}" if several else text, frozenset({interface.id}), version=address.private[0])
            if address.public:
                yield End(format_address(*address.public), frozenset({interface.id}), public=True)


def _groups(snapshot: Snapshot, interfaces: list[NetworkInterface]) -> Iterator[End]:
    for subnet in snapshot.all(Subnet):
        yield End(subnet.id, frozenset(one.id for one in interfaces if one.subnet == subnet.id))
    for vpc in snapshot.all(Vpc):
        yield End(vpc.id, frozenset(one.id for one in interfaces if one.vpc == vpc.id))
    for group in snapshot.all(SecurityGroup):
        yield End(group.id, frozenset(one.id for one in interfaces if group.id in (one.groups or ())))
