"""The ends of a question: from a user's word to interfaces, functions, addresses, the internet (interface.md, section 1).

The first form that fits wins; a word that fits nothing or several things is an input error that lists what is near.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum
from typing import NamedTuple

from simulator.aws import internet, link_local, onprem
from simulator.aws.client_vpn import ClientVpn
from simulator.aws.customer_gateway import CustomerGateway
from simulator.aws.direct_connect import PUBLIC, VirtualInterface
from simulator.aws.event_fabric import EventSource
from simulator.aws.instance import Instance
from simulator.aws.lambda_function import LambdaFunction
from simulator.aws.load_balancer import LoadBalancer
from simulator.aws.managed_service import ManagedService
from simulator.aws.nat_gateway import NatGateway
from simulator.aws.network_interface import WITHOUT_GROUPS, NetworkInterface
from simulator.aws.resource import Noun
from simulator.aws.security_group import SecurityGroup
from simulator.aws.snapshot import Snapshot
from simulator.aws.subnet import Subnet
from simulator.aws.vpc import Vpc
from simulator.aws.vpc_endpoint import GATEWAY, VpcEndpoint
from simulator.aws.vpc_peering import ACTIVE, VpcPeering
from simulator.graph.nodes import Address
from simulator.packet.prefix import NAT64, NOT_ROUTED, NOT_ROUTED_V6, AddressError, Prefix, format_address
from simulator.problems import InputError, did_you_mean
from simulator.query.lookup import with_id, with_name, with_private_address, with_public_address
from simulator.query.services import service_prefixes

HYPOTHETICAL = "new:"


def is_hypothetical(word: str) -> bool:
    """Whether a word asks for something that is not there yet (`hypothetical.py` puts it there)."""
    return word.strip().startswith(HYPOTHETICAL)


class Sort(Enum):
    """What an end is."""

    INTERFACE = "interface"
    FUNCTION = "function"
    OUTSIDE = "outside"
    ONPREM = "on premises"
    PLATFORM = "platform"
    NOBODY = "nobody"
    EVENT_SOURCE = "event source"


class End(NamedTuple):
    """One end of a question.

    INTERFACE: `name` is the interface; `address` the one asked for, when the user named it, or `blocks` the part of its delegated
    addresses. FUNCTION, EVENT_SOURCE: `name` is its id. OUTSIDE: hosts on the internet, those of `blocks` or (none) all. ONPREM: hosts of
    a network on premises, whose endpoint is `name`, those of `blocks`. PLATFORM: a service of the host, at `address`. NOBODY: an address
    inside a VPC, or a private one, that no interface holds. `service`: the AWS service that was named.
    """

    sort: Sort
    label: str
    name: str = ""
    address: Address | None = None
    blocks: tuple[Prefix, ...] = ()
    service: str = ""


def resolve(snapshot: Snapshot, word: str) -> list[End]:
    """All ends that a word stands for. Raises `InputError` for a word that means nothing, or several things."""
    text = word.strip()
    if not text:
        raise InputError("an end of the question is empty; name a resource, an address, or `internet`")
    found = _special(snapshot, text) or _named(snapshot, text) or _addressed(snapshot, text)
    if not found:
        raise InputError(f"`{text}` is nothing in this network{_near(snapshot, text)}; `vpcsim show` lists what is")
    return found


def _special(snapshot: Snapshot, text: str) -> list[End]:
    if text == internet.ENDPOINT:
        return [End(Sort.OUTSIDE, "internet")]
    kind, colon, name = text.partition(":")
    if kind == onprem.WORD:
        return _on_premises(snapshot, text, name)
    if kind == "service" and colon:
        blocks = service_prefixes(name, _regions(snapshot))
        return [End(Sort.OUTSIDE, text, blocks=tuple(blocks), service=name)]
    return []


def _on_premises(snapshot: Snapshot, text: str, name: str) -> list[End]:
    """The networks on premises, all or the one with a name."""
    public = next((found for found in snapshot.all(VirtualInterface) if found.type == PUBLIC and name in (found.id, found.name)), None)
    if name and public:  # its packets come from the internet's side (DX-1)
        return [End(Sort.OUTSIDE, text, blocks=tuple(route.prefix for route in public.routes))]
    networks = onprem.networks_of(snapshot)
    if not networks:
        raise InputError(f"`{text}`: no VPN connection and no private virtual interface was read")
    found = [network for network in networks if not name or name in network.names]
    if not found:
        raise InputError(f"`{text}` is no network on premises{did_you_mean(name, (word for one in networks for word in one.names))}")
    unknown = next((network for network in found if not network.blocks), None)
    if unknown:
        raise InputError(f"`{text}`: what lies behind `{unknown.place.id}` was not read; name an address there")
    return [
        End(Sort.ONPREM, text if len(networks) == 1 or name else network.endpoint, network.endpoint, blocks=network.blocks)
        for network in found
    ]


def _on_premises_in(snapshot: Snapshot, text: str, prefix: Prefix) -> list[End]:
    """The hosts on premises with addresses in a block; a private address that nobody has may be of a network whose blocks were not read."""
    found: list[End] = []
    for network in onprem.networks_of(snapshot):
        shared = tuple(block if prefix.contains(block) else prefix for block in network.blocks if block.overlaps(prefix))
        if shared:
            found.append(End(Sort.ONPREM, text, network.endpoint, blocks=shared))
    unread = [network for network in onprem.networks_of(snapshot) if not network.complete]
    in_a_vpc = any(block.contains(prefix) for vpc in snapshot.all(Vpc) for block in vpc.cidrs)
    if not found and len(unread) == 1 and not in_a_vpc and any(block.contains(prefix) for block in internet.PRIVATE):
        found.append(End(Sort.ONPREM, text, unread[0].endpoint, blocks=(prefix,)))
    return found


def as_resolved(snapshot: Snapshot, source: End, destination: End) -> list[End]:
    """A service as the source's VPC resolves its name: the interfaces of an endpoint with private DNS, else its public addresses in
    the VPC's Region, which a gateway endpoint's routes may catch (IFE-5, GWE-1, GWE-2); in a subnet with DNS64 also as IPv6 addresses
    (NAT-21).
    """
    interface = snapshot.get(NetworkInterface, source.name)
    function = snapshot.get(LambdaFunction, source.name) if source.sort is Sort.FUNCTION else None
    if function and function.interfaces:
        interface = snapshot.get(NetworkInterface, function.interfaces[0])
    if not destination.service or interface is None:
        return [destination]
    vpc = snapshot.get(Vpc, interface.vpc)
    if vpc and vpc.region:
        destination = destination._replace(blocks=tuple(service_prefixes(destination.service, {vpc.region})))
    names = [
        name
        for endpoint in snapshot.by(VpcEndpoint, "vpc")[interface.vpc]
        if endpoint.service == destination.service and endpoint.private_dns and vpc and vpc.dns_support and vpc.dns_hostnames
        for name in endpoint.interfaces
    ]
    labels = {name: destination.label if len(names) == 1 else f"{destination.label} ({name})" for name in names}
    found = [End(Sort.INTERFACE, labels[name], name) for name in names] or [destination]
    subnet = snapshot.get(Subnet, interface.subnet)
    six = function.speaks_ipv6 if function else interface.speaks(6)
    if not names and six and subnet and subnet.dns64 and vpc and vpc.dns_support:
        translated = destination._replace(label=f"{destination.label} (NAT64)", blocks=embedded(destination.blocks))
        found = [*(found if interface.speaks(4) else ()), translated]
    return found


def _regions(snapshot: Snapshot) -> set[str]:
    return {vpc.region for vpc in snapshot.all(Vpc) if vpc.region}


def _named(snapshot: Snapshot, text: str) -> list[End]:
    """A resource by id, ARN, `kind:name`, or a name that is unique."""
    prefix, colon, rest = text.partition(":")
    kinds = {kind.prefix or kind.name for kind in snapshot.kinds if not kind.extends}
    within = prefix if colon and prefix in kinds else ""
    wanted = rest if within else text
    if not wanted:
        return []
    for found in (with_id, with_name):  # an id goes before a name
        nouns = [
            (kind.prefix or kind.name, noun)
            for kind, noun in found(snapshot, wanted)
            if (not within or within in (kind.prefix, kind.name)) and _is_end(noun)
        ]
        if len(nouns) > 1:
            listed = ", ".join(f"`{name}:{noun.id}`" for name, noun in nouns)
            raise InputError(f"`{text}` is ambiguous: it may mean {listed}")
        if nouns:
            return list(_ends_of(snapshot, nouns[0][1]))
    return []


ENDS = (
    NetworkInterface,
    Instance,
    LambdaFunction,
    LoadBalancer,
    ManagedService,
    NatGateway,
    VpcEndpoint,
    Subnet,
    Vpc,
    SecurityGroup,
    EventSource,
    CustomerGateway,
    ClientVpn,
)


def _is_end(noun: Noun) -> bool:
    return isinstance(noun, ENDS)


def _ends_of(snapshot: Snapshot, noun: Noun) -> Iterator[End]:
    label = noun.id
    match noun:
        case NetworkInterface():
            yield End(Sort.INTERFACE, label, noun.id)
        case LambdaFunction():
            yield End(Sort.FUNCTION, label, noun.id)
        case EventSource():
            yield End(Sort.EVENT_SOURCE, label, noun.id)
        case Instance() | LoadBalancer() | ManagedService() | VpcEndpoint():
            names = [name for name in noun.interfaces if snapshot.get(NetworkInterface, name)]
            if not names and isinstance(noun, VpcEndpoint) and noun.type == GATEWAY:
                raise InputError(f"`{noun.id}` is a gateway endpoint: it has no interface; ask about `service:{noun.service}`")
            if not names:
                raise InputError(f"`{noun.id}` has no network interface that was read")
            for name in names:
                yield End(Sort.INTERFACE, label if len(names) == 1 else f"{label} ({name})", name)
        case ClientVpn():
            yield End(Sort.ONPREM, label, noun.endpoint, blocks=(noun.clients,))
        case CustomerGateway():
            yield from _on_premises(snapshot, label, noun.id)
        case NatGateway():
            yield End(Sort.INTERFACE, label, noun.interface)
        case Subnet() | Vpc() | SecurityGroup():
            yield from _members(snapshot, noun)


def _members(snapshot: Snapshot, noun: Subnet | Vpc | SecurityGroup) -> Iterator[End]:
    found: list[NetworkInterface] = []
    match noun:
        case Subnet():
            found = list(snapshot.by(NetworkInterface, "subnet")[noun.id])
        case Vpc():
            found = list(snapshot.by(NetworkInterface, "vpc")[noun.id])
        case SecurityGroup():
            found = [interface for interface in snapshot.all(NetworkInterface) if noun.id in (interface.groups or ())]
    hosts = [interface for interface in found if interface.type not in WITHOUT_GROUPS]
    if not hosts:
        raise InputError(f"`{noun.id}` has no interface in it: there is nobody to ask about")
    for interface in hosts:
        yield End(Sort.INTERFACE, _owner(snapshot, interface), interface.id)


def _owner(snapshot: Snapshot, interface: NetworkInterface) -> str:
    return interface.owner if interface.owner and snapshot.get(Instance, interface.owner) else interface.id


# --- addresses -------------------------------------------------------------------------------------------------------------------


def _addressed(snapshot: Snapshot, text: str) -> list[End]:
    scope, slash, rest = text.partition("/")
    if slash and not _is_address(scope):  # NAME/10.0.1.7, when VPCs overlap
        vpc = next((noun for noun in snapshot.all(Vpc) if scope in (noun.id, noun.name)), None)
        if vpc is None or not _is_address(rest):
            return []
        prefix = Prefix.parse(rest)
        if not any(block.contains(prefix) for block in vpc.cidrs):
            raise InputError(f"`{text}`: {rest} is not in VPC `{scope}` ({', '.join(map(str, vpc.cidrs))})")
        return _by_prefix(snapshot, text, prefix, vpc)
    try:
        prefix, exact = Prefix.parse_loose(text)
    except AddressError as error:
        if text[:1].isdigit() or "/" in text or text.count(":") > 1:
            raise InputError(f"`{text}` {error}{_near(snapshot, text)}") from error
        return []
    if not exact:
        raise InputError(f"`{text}` has bits set beyond the prefix length; write {prefix}")
    return _by_prefix(snapshot, text, prefix, None)


def _is_address(text: str) -> bool:
    try:
        Prefix.parse(text)
    except AddressError:
        return False
    return True


def _embedded(snapshot: Snapshot, text: str, prefix: Prefix) -> list[End]:
    """The ends of the IPv4 addresses that IPv6 ones carry, as IPv6 hosts write them (NAT-22). Nothing of the host is among them (LL-8)."""
    four = Prefix(4, prefix.value - NAT64.value, prefix.length - NAT64.length)
    return [
        end._replace(
            sort=Sort.NOBODY if end.sort is Sort.PLATFORM else end.sort,
            address=end.address and (6, NAT64.value + end.address[1]),
            blocks=embedded(end.blocks),
        )
        for end in _by_prefix(snapshot, text, four, None)
    ]


def embedded(blocks: Iterable[Prefix]) -> tuple[Prefix, ...]:
    """IPv4 blocks as IPv6 hosts write them."""
    return tuple(Prefix(6, NAT64.value + block.value, NAT64.length + block.length) for block in blocks)


def _by_prefix(snapshot: Snapshot, text: str, prefix: Prefix, vpc: Vpc | None) -> list[End]:
    if NAT64.contains(prefix):
        return _embedded(snapshot, text, prefix)
    if prefix.is_host:
        return _by_address(snapshot, text, (prefix.version, prefix.value), vpc)
    inside = [
        End(Sort.INTERFACE, _owner(snapshot, interface), interface.id, address.private)
        for interface in snapshot.all(NetworkInterface)
        if (vpc is None or interface.vpc == vpc.id) and interface.type not in WITHOUT_GROUPS
        for address in interface.addresses
        if prefix.holds(*address.private)
    ]
    inside += [
        End(Sort.INTERFACE, _owner(snapshot, interface), interface.id, blocks=(max(prefix, block, key=lambda one: one.length),))
        for interface in snapshot.all(NetworkInterface)
        if vpc is None or interface.vpc == vpc.id
        for block in interface.delegated
        if prefix.overlaps(block)
    ]
    public = [
        End(Sort.INTERFACE, format_address(*address.public), interface.id, address.public)
        for interface in snapshot.all(NetworkInterface)
        for address in interface.addresses
        if address.public and prefix.holds(*address.public)
    ]
    outside = [] if _is_hidden(snapshot, prefix) else [End(Sort.OUTSIDE, text, blocks=(prefix,))]
    found = inside + public + outside + ([] if vpc else _on_premises_in(snapshot, text, prefix))
    if not found:
        raise InputError(f"`{text}` holds no interface: there is nobody to ask about")
    return found


def _by_address(snapshot: Snapshot, text: str, address: Address, vpc: Vpc | None) -> list[End]:
    inside = [interface for interface, _ in with_private_address(snapshot, address) if vpc is None or interface.vpc == vpc.id]
    vpcs = sorted({interface.vpc for interface in inside})
    if len(vpcs) > 1:
        raise InputError(f"`{text}` is in several VPCs; say {' or '.join(f'`{name}/{text}`' for name in vpcs)}")
    for interface in [*inside, *(interface for interface, _ in with_public_address(snapshot, address))]:
        return [End(Sort.INTERFACE, text, interface.id, address)]
    if link_local.is_service(snapshot, *address):
        return [End(Sort.PLATFORM, text, address=address)]
    prefix = Prefix.host(*address)
    if vpc is None and (beyond := _on_premises_in(snapshot, text, prefix)):
        return beyond
    if _is_hidden(snapshot, prefix):
        return [End(Sort.NOBODY, text, address=address)]
    return [End(Sort.OUTSIDE, text, blocks=(prefix,))]


def hidden_blocks(snapshot: Snapshot) -> list[Prefix]:
    """The blocks that are not the internet: those of VPCs, also of peers that were not read, of networks on premises, and private and
    special ones (MODEL-11).
    """
    blocks = [cidr for vpc in snapshot.all(Vpc) for cidr in vpc.cidrs]
    blocks += [cidr for peering in snapshot.all(VpcPeering) if peering.state == ACTIVE for cidrs in peering.blocks for cidr in cidrs]
    blocks += [block for network in onprem.networks_of(snapshot) for block in network.blocks]
    return [*blocks, *internet.PRIVATE, *NOT_ROUTED, *NOT_ROUTED_V6]


def _is_hidden(snapshot: Snapshot, prefix: Prefix) -> bool:
    return any(block.contains(prefix) for block in hidden_blocks(snapshot))


def _near(snapshot: Snapshot, text: str) -> str:
    return did_you_mean(text, _words(snapshot))


def _words(snapshot: Snapshot) -> Iterable[str]:
    yield from (internet.ENDPOINT, onprem.WORD)
    for kind, noun in snapshot.everything():
        if _is_end(noun):
            yield noun.id
            if noun.name:
                yield noun.name
            if kind.prefix:
                yield f"{kind.prefix}:{noun.id}"
