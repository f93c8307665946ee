"""The rule set and routes of `edge`: internet gateways and the internet (docs/semantics.md, section 7).

The internet gateway rewrites without state, private to public on the way out before anything is routed, public to private on the way
in after the internet's routes chose the gateway. So a packet between two public addresses of ours is a reflection by itself (IGW-11).
"""

from __future__ import annotations

from collections.abc import Iterator

from simulator.aws.route_table import RouteTable
from simulator.packet.prefix import format_address
from simulator.testing.kernel.filters import addresses, private
from simulator.testing.kernel.links import AVAILABLE
from simulator.testing.kernel.network import Network
from simulator.testing.kernel.plan import FROM_SERVICE, INTERNET_TABLE, NOT_BUILT, TO_SERVICE, Plan
from simulator.testing.kernel.pool import INTERNET_DEVICE

PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")  # RFC 1918, RFC 6598 (IGW-5)
NO_HOSTS = ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3")


def pairs(network: Network, vpc: str) -> dict[int, int]:
    """Private to public address of a VPC's interfaces (IGW-2 to IGW-4); a function has no public one (LAMBDA-14)."""
    return {
        address.private[1]: address.public[1]
        for nic in network.interfaces
        if nic.vpc == vpc and nic.id not in network.functions
        for address in nic.addresses
        if address.public and address.private[0] == 4
    }


def edge_rules(network: Network, plan: Plan) -> str:
    """The rules of all gateways."""
    return "\n".join(["table ip edge {", *_edge(network, plan), "}"])


def _edge(network: Network, plan: Plan) -> Iterator[str]:
    private_blocks = "{ " + ", ".join(PRIVATE) + " }"
    count = range(len(network.gateways))
    for j, gateway in enumerate(network.gateways):
        found = pairs(network, gateway.vpc)
        own = [value for nic in network.interfaces if nic.vpc == gateway.vpc for value in private(nic)]
        not_built = []
        if any(gateway.id in table.gateways for table in network.snapshot.all(RouteTable)):
            not_built.append(plan.site(NOT_BUILT, gateway.id, "ingress routing"))
        if not gateway.read:
            not_built.append(plan.site(NOT_BUILT, gateway.id, "whether there is an internet gateway was not read"))
        yield f"chain outward{j} {{"
        yield from not_built
        foreign = f"ip saddr != {addresses(own)} " if own else ""
        yield f"{foreign}{plan.site('gateway source', gateway.id)}"  # IGW-6
        yield f"ip daddr {private_blocks} {plan.site('gateway private', gateway.id)}"  # IGW-5
        if found:
            yield f"ip saddr != {addresses(found)} {plan.site('gateway egress', gateway.id)}"  # IGW-2
            yield "ip saddr set ip saddr map { " + _mapping(found) + " }"
            yield "ip dscp set 0"
        else:
            yield plan.site("gateway egress", gateway.id)
        yield "}"
        yield f"chain inward{j} {{"
        yield from not_built
        yield f"ip saddr {private_blocks} {plan.site('gateway private', gateway.id)}"  # IGW-5
        if found:
            yield "ip daddr set ip daddr map { " + _mapping({public: inner for inner, public in found.items()}) + " }"  # IGW-3
        yield "}"
    for q, endpoint in enumerate(network.links.services):
        inside = [value for nic in network.interfaces if nic.vpc == endpoint.vpc for value in private(nic)]
        foreign = f"ip saddr != {addresses(inside)} " if inside else ""
        yield f"chain served{q} {{"
        if endpoint.state != AVAILABLE:
            yield plan.site("state", endpoint.id)
        yield f"{foreign}{plan.site('endpoint source', endpoint.id)}"  # GWE-6
        yield f"meta l4proto != {{ tcp, icmp }} {plan.site('endpoint protocol', endpoint.id)}"  # GWE-5
        yield f"meta l4proto icmp icmp type != 8 {plan.site('endpoint protocol', endpoint.id)}"
        yield "}"
    yield "chain gateways_out { type filter hook prerouting priority raw;"
    if network.gateways:
        yield "iifname vmap { " + ", ".join(f"e{j} : jump outward{j}" for j in count) + " }"
    if network.links.services:
        yield "iifname vmap { " + ", ".join(f"o{q} : jump served{q}" for q in range(len(network.links.services))) + " }"
    yield "}"
    yield "chain gateways_in { type filter hook forward priority filter;"
    yield f"oifname xprivate {plan.site('internet private', 'internet')}"
    yield f"oifname xnogateway {plan.site('no gateway', 'internet')}"
    if network.gateways:
        yield "oifname vmap { " + ", ".join(f"e{j} : jump inward{j}" for j in count) + " }"
    yield "}"


def _mapping(found: dict[int, int]) -> str:
    return ", ".join(f"{format_address(4, one)} : {format_address(4, other)}" for one, other in sorted(found.items()))


def edge_routes(network: Network) -> list[tuple[int, int, int, str]]:
    """The internet's routes: our public addresses to their gateways, private ones nowhere, all others to its hosts (IGW-1, IGW-5)."""
    routes = [(INTERNET_TABLE, 0, 0, INTERNET_DEVICE)]
    for text in (*PRIVATE, *NO_HOSTS):
        address, _, length = text.partition("/")
        value = int.from_bytes(bytes(map(int, address.split("."))), "big")
        routes.append((INTERNET_TABLE, value, int(length), "xprivate"))
    for q in range(len(network.links.services)):
        routes += [(TO_SERVICE + q, 0, 0, f"w{q}"), (FROM_SERVICE + q, 0, 0, f"o{q}")]
    numbers = {gateway.vpc: j for j, gateway in enumerate(network.gateways)}
    for vpc in network.vpcs:
        device = f"e{numbers[vpc.id]}" if vpc.id in numbers else "xnogateway"
        routes += [(INTERNET_TABLE, public, 32, device) for public in pairs(network, vpc.id).values()]
    return routes
