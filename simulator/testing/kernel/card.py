"""The rule sets of `card` (interfaces, their groups, NAT gateways) and `guest` (NAT instances): docs/semantics.md, sections 4, 5, 8, 15."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.aws.network_interface import NetworkInterface
from simulator.aws.transit_gateway import TransitAttachment
from simulator.testing.kernel.filters import BY_REFERENCE, KNOWN, KNOWN_BY_REFERENCE, OutOfScopeError, addresses, group_lines, private
from simulator.testing.kernel.network import Network
from simulator.testing.kernel.plan import NOT_BUILT, Plan

SMTP = 25


def card_rules(network: Network, plan: Plan) -> str:
    """The rules of all interfaces: a tracking zone for each (SG-24), a chain for each direction, source translation."""
    return "\n".join(["table ip card {", *_card(network, plan), "}"]) if network.interfaces else "table ip card {\n}"


def _card(network: Network, plan: Plan) -> Iterator[str]:
    numbers = range(len(network.interfaces))
    yield "chain zones { type filter hook prerouting priority raw;"
    yield "ct zone set iifname map { " + ", ".join(f"t{i} : {i + 1}, c{i} : {i + 1}" for i in numbers) + " }"
    yield "}"
    for i, nic in enumerate(network.interfaces):
        if network.forwards(nic) == "nat-gateway":
            yield from _nat_gateway(network, plan, i, nic)
        else:
            yield from _outward(network, plan, i, nic)
            yield from _inward(network, plan, i, nic)
    yield "chain judge { type filter hook forward priority filter;"
    gateways = [i for i in numbers if network.forwards(network.interfaces[i]) == "nat-gateway"]
    jumps = [f"c{i} : jump nat{i}" if i in gateways else f"t{i} : jump out{i}, c{i} : jump in{i}" for i in numbers]
    yield "iifname vmap { " + ", ".join(jumps) + " }"
    yield "}"
    yield "chain translate { type nat hook postrouting priority srcnat;"
    for i in gateways:
        yield from _translation(f"c{i}", private(network.interfaces[i]), network.ports_of(network.nat_of[network.interfaces[i].id].id))
    yield "}"
    yield "chain seen { type filter hook postrouting priority 300;"
    yield from (f"oifname c{i} ct state new {plan.sighting(network.nat_of[network.interfaces[i].id].id)}" for i in gateways)
    yield "}"


def _outward(network: Network, plan: Plan, i: int, nic: NetworkInterface) -> Iterator[str]:
    """MODEL-8, out: source check (ENI-4), then the groups or the state of an admitted flow (SG-19)."""
    own = addresses(private(nic))
    yield f"chain out{i} {{"
    yield from _state(network, plan, nic)
    if nic.id in network.functions:  # LAMBDA-11
        refused = plan.site("protocol", nic.id)
        yield f"meta l4proto != {{ tcp, udp }} {refused}"
        yield f"tcp dport {SMTP} {refused}"
    yield f"ip saddr {own} ip dscp set {KNOWN}"
    yield f"ip saddr != {own} ip dscp set 0"
    if nic.check:
        yield f"ip saddr != {own} {plan.site('source check', nic.id)}"
    yield f"jump admit_out{i}"
    yield "}"
    yield f"chain admit_out{i} {{"
    yield "ct state established return"
    yield from _groups(network, plan, nic, inbound=False)
    yield plan.site("group egress", nic.id)
    yield "}"


def _inward(network: Network, plan: Plan, i: int, nic: NetworkInterface) -> Iterator[str]:
    """MODEL-8, in: the groups, then the destination check (ENI-4); an appliance takes nothing that only a reference let out (SG-13);
    a function takes replies only (LAMBDA-7).
    """
    own = addresses(private(nic))
    yield f"chain in{i} {{"
    if not nic.check:
        lost = plan.site("reference lost", nic.id)
        yield f"ip daddr != {own} ip dscp {{ {BY_REFERENCE}, {KNOWN_BY_REFERENCE} }} {lost}"
    yield f"jump admit_in{i}"
    if nic.check:
        yield f"ip daddr != {own} {plan.site('destination check', nic.id)}"
    if network.forwards(nic) == "?":
        yield f"ip daddr != {own} {plan.site(NOT_BUILT, nic.id, 'what it does with packets for others is not told')}"
    if nic.id in network.waiting:
        yield plan.site("state", nic.id)
    if nic.type == "vpc_endpoint":  # IFE-6
        yield f"meta l4proto != {{ tcp, udp }} {plan.site('protocol', nic.id)}"
    if nic.id in network.strangers:
        yield f"ct state != established {plan.site(NOT_BUILT, nic.id, f'what stands behind it, {nic.owner or nic.type}')}"
    if nic.id in network.functions:
        yield f"ct state != established {plan.site('function', nic.id)}"
    yield from _state(network, plan, nic)
    yield "}"
    yield f"chain admit_in{i} {{"
    yield "ct state established return"
    yield from _groups(network, plan, nic, inbound=True)
    yield plan.site("group ingress", nic.id)
    yield "}"


def _groups(network: Network, plan: Plan, nic: NetworkInterface, *, inbound: bool) -> Iterator[str]:
    try:
        yield from group_lines(network.links, nic, inbound=inbound)
    except OutOfScopeError as error:
        yield plan.site(NOT_BUILT, nic.id, str(error))


def _state(network: Network, plan: Plan, nic: NetworkInterface) -> Iterator[str]:
    """ENI-6: the interface of an instance that does not run, or of nothing, delivers nothing."""
    instance = network.instance_of.get(nic.id)
    if not nic.attached or (instance is not None and instance.state != "running"):
        yield plan.site("state", instance.id if instance else nic.id)


def _nat_gateway(network: Network, plan: Plan, i: int, nic: NetworkInterface) -> Iterator[str]:
    """NAT-2, NAT-6, NAT-8, NAT-15. A packet for the gateway's own address is here only if it is no reply of a session: replies have
    been translated back before.
    """
    gateway = network.nat_of[nic.id]
    served = [value for other in network.interfaces if other.vpc == nic.vpc for value in private(other)]
    # How a packet came is not asked again: where a transit gateway is attached, in whatever state, any source is served.
    attached = any(one.type == "vpc" and one.resource == nic.vpc for one in network.snapshot.all(TransitAttachment))
    yield f"chain nat{i} {{"
    if gateway.state != "available":
        yield plan.site("state", gateway.id)
    yield f"ip daddr {addresses(private(nic))} {plan.site('nat inbound', gateway.id)}"
    yield f"ct state invalid {plan.site('nat invalid', gateway.id)}"
    yield f"meta l4proto != {{ tcp, udp, icmp }} {plan.site('protocol', gateway.id)}"
    if not attached:
        yield f"ct state new ip saddr != {addresses(served)} {plan.site('nat source', gateway.id)}"
    yield "ip dscp set 0"
    yield "}"


def _translation(device: str, sources: list[int], ports: tuple[int, int]) -> Iterator[str]:
    """NAT-1, NAT-3: any of the addresses, any port. Each line takes its share of what the lines before left."""
    for at, address in enumerate(sources):
        left = len(sources) - at
        share = f"numgen random mod {left} 0 " if left > 1 else ""
        pool = ".".join(str(byte) for byte in address.to_bytes(4, "big"))
        # One draw decides for all protocols: two lines that draw would not be fair.
        mark = f"meta mark {at + 1}"
        yield f"oifname {device} meta mark 0 {share}meta mark set {at + 1}"
        yield f"oifname {device} {mark} meta l4proto {{ tcp, udp }} snat to {pool}:{ports[0]}-{ports[1]} fully-random"
        yield f"oifname {device} {mark} snat to {pool} fully-random"


def guest_rules(network: Network, plan: Plan) -> str:
    """What a NAT instance does inside (NATI-1 to NATI-3): everything for others gets its primary address."""
    nats = [(card, nic) for card, nic in zip(plan.cards, network.interfaces, strict=True) if card.nat >= 0]
    if not nats:
        return "table ip guest {\n}"
    lines = ["table ip guest {", "chain zones { type filter hook prerouting priority raw;"]
    zones = ", ".join(f"u{card.nat} : {card.nat + 1}, v{card.nat} : {card.nat + 1}" for card, _ in nats)
    lines += [f"ct zone set iifname map {{ {zones} }}", "}"]
    lines += ["chain judge { type filter hook forward priority filter;"]
    for card, nic in nats:
        lines.append(f"oifname u{card.nat} ct state invalid {plan.site('nat invalid', network.instance_of[nic.id].id)}")
    lines += ["}", "chain translate { type nat hook postrouting priority srcnat;"]
    for card, nic in nats:
        lines += _translation(f"u{card.nat}", list(card.own[:1]), network.ports_of(network.instance_of[nic.id].id))
    lines += ["}", "chain seen { type filter hook postrouting priority 300;"]
    lines += [f"oifname u{card.nat} ct state new {plan.sighting(network.instance_of[nic.id].id)}" for card, nic in nats]
    return "\n".join([*lines, "}", "}"])
