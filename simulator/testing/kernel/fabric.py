"""The rule set and routes of `fabric`: subnets, route tables, network ACLs, peerings (docs/semantics.md, sections 1 to
3, 5, 9).
"""

from __future__ import annotations

from collections.abc import Iterator

from simulator.aws.subnet import Subnet
from simulator.packet.prefix import Prefix
from simulator.testing.kernel import plan as numbers
from simulator.testing.kernel.filters import OutOfScopeError, acl_chain, addresses, private
from simulator.testing.kernel.network import Network, acl_of
from simulator.testing.kernel.plan import NOT_BUILT, Plan, mark


def fabric_rules(network: Network, plan: Plan) -> str:
    """The rules of all subnets."""
    return "\n".join(["table ip fabric {", *_fabric(network, plan), "}"])


def _fabric(network: Network, plan: Plan) -> Iterator[str]:
    if not network.interfaces:
        return
    yield from _memories(network, plan)
    yield "chain marks { type filter hook prerouting priority mangle;"
    yield f"ip ttl < {numbers.LAST_STEPS} {plan.site('loop', 'fabric')}"
    yield "meta mark set iifname map { " + ", ".join(f"{name} : {value}" for name, value in _marks(network)) + " }"
    yield from _answers(network)
    yield "}"
    for a, acl in enumerate(network.acls):
        for direction in ("egress", "ingress"):
            yield f"chain {direction}{a} {{"
            yield from acl_chain(plan, acl, direction) if acl else [plan.site(NOT_BUILT, "network ACL", "it was not read")]
            yield "}"
    for s, subnet in enumerate(network.subnets):
        yield from _leaving_subnet(network, plan, s, subnet)
    for device, vpc in _ways_in(network):
        yield f"chain from_{device} {{"
        if device[0] in "lr":
            yield from _over_peering(network, plan, device)
        yield f"oifname {{ xnoaddr, xnoroute }} {plan.site('no address', vpc)}"
        yield "}"
    yield from _dispatch(network, plan)


def _ways_in(network: Network) -> Iterator[tuple[str, str]]:
    """The devices by which packets get into a VPC without being in a subnet, and the VPC: they meet no route table."""
    yield from ((f"g{j}", gateway.vpc) for j, gateway in enumerate(network.gateways))
    yield from ((f"s{q}", endpoint.vpc) for q, endpoint in enumerate(network.links.services))
    for p, peering in enumerate(network.links.peerings):
        yield f"l{p}", peering.vpcs[0]
        yield f"r{p}", peering.vpcs[1]


def _doors(network: Network) -> Iterator[tuple[str, Subnet]]:
    """The devices that stand in a subnet: interfaces, and links of transit attachments (TGW-5)."""
    by_id = {subnet.id: subnet for subnet in network.subnets}
    yield from ((f"f{i}", by_id[nic.subnet]) for i, nic in enumerate(network.interfaces))
    yield from ((f"a{n}", port.subnet) for n, port in enumerate(network.links.ports) if port.subnet.id in by_id)


def _marks(network: Network) -> Iterator[tuple[str, int]]:
    for device, subnet in _doors(network):
        table = network.tables.index(network.table_for(subnet))
        yield device, mark(subnet=network.subnets.index(subnet), table=table, vpc=_vpc_number(network, subnet.vpc))
    for device, vpc in _ways_in(network):
        yield device, mark(vpc=_vpc_number(network, vpc))


def _leaving_subnet(network: Network, plan: Plan, s: int, subnet: Subnet) -> Iterator[str]:
    """MODEL-8: the same-subnet test comes first (RT-4, NACL-4, NACL-21), then the ACL outbound, then what the routes say."""
    a = network.acls.index(acl_of(network.snapshot, subnet))
    yield f"chain leaving{s} {{"
    inside = [f"f{i}" for i in network.of_subnet(subnet)]
    if inside:
        yield f"oifname {{ {', '.join(inside)} }} accept"
    yield f"oifname xonlink {plan.site('no address', subnet.id)}"
    yield f"jump egress{a}"
    yield f"oifname xnotbuilt {plan.site(NOT_BUILT, subnet.id, network.not_built(subnet))}"
    yield f"oifname xzone {plan.site('transit zone', subnet.id)}"  # TGW-4
    yield f"oifname xnoroute {plan.site('no route', subnet.id)}"  # RT-14
    yield f"oifname xblackhole {plan.site('blackhole', subnet.id)}"  # RT-15
    yield f"oifname xnoaddr {plan.site('no address', subnet.vpc)}"  # MODEL-10
    yield "}"


def _over_peering(network: Network, plan: Plan, device: str) -> Iterator[str]:
    """From one end of a peering to the other: only between the two VPCs (PCX-3), with senders known in one Region (PCX-9)."""
    peering = network.links.peerings[int(device[1:])]
    mine = peering.vpcs["lr".index(device[0])]
    blocks = {vpc.id: [str(block) for block in _v4(vpc.cidrs)] for vpc in network.vpcs}
    far = blocks[next(end for end in peering.vpcs if end != mine)]
    yield f"ip saddr != {{ {', '.join(far)} }} {plan.site('peering source', peering.id)}"
    yield f"ip daddr != {{ {', '.join(blocks[mine])} }} {plan.site('peering destination', peering.id)}"
    if f"ports_{device}" in plan.memories:
        yield f"meta l4proto {{ tcp, udp }} update @ports_{device} {{ ip saddr . ip daddr . meta l4proto . th sport . th dport }}"
        yield f"meta l4proto icmp update @pings_{device} {{ ip saddr . ip daddr }}"
    if not network.links.in_one_region(peering):
        yield "ip dscp set 0"


def _memories(network: Network, plan: Plan) -> Iterator[str]:
    """NAT-14: where packets come over a peering from a VPC with NAT gateways, what crossed is remembered."""
    for device, _, _ in _returns(network):
        for name, fields in (("ports", " . inet_proto . inet_service . inet_service"), ("pings", "")):
            yield f"set {name}_{device} {{ type ipv4_addr . ipv4_addr{fields}; flags dynamic; }}"
            plan.memories.append(f"{name}_{device}")


def _returns(network: Network) -> Iterator[tuple[str, str, list[int]]]:
    """The end of a peering where packets come in, its VPC, and the addresses of the NAT gateways beyond."""
    for p, peering in enumerate(network.links.peerings):
        for device, mine, other in ((f"l{p}", *peering.vpcs), (f"r{p}", *peering.vpcs[::-1])):
            nats = [value for nic in network.interfaces if nic.id in network.nat_of and nic.vpc == other for value in private(nic)]
            if nats:
                yield device, mine, nats


def _answers(network: Network) -> Iterator[str]:
    """What answers a NAT gateway beyond a peering goes back over it, whatever the routes say (NAT-14)."""
    for device, vpc, nats in _returns(network):
        inside = [door for door, subnet in _doors(network) if subnet.vpc == vpc]
        if inside:
            match = f"iifname {{ {', '.join(inside)} }} ip daddr {addresses(nats)}"
            back = f"meta mark set meta mark | {mark(back=_return_number(device)):#x}"
            yield f"{match} ip daddr . ip saddr . meta l4proto . th dport . th sport @ports_{device} {back}"
            yield f"{match} icmp type {{ 0, 14, 16 }} ip daddr . ip saddr @pings_{device} {back}"


def _return_number(device: str) -> int:
    return 2 * int(device[1:]) + "lr".index(device[0])


def _dispatch(network: Network, plan: Plan) -> Iterator[str]:
    yield "chain judge { type filter hook forward priority filter;"
    leaving = [f"{device} : jump leaving{network.subnets.index(subnet)}" for device, subnet in _doors(network)]
    leaving += [f"{device} : jump from_{device}" for device, _ in _ways_in(network)]
    yield "iifname vmap { " + ", ".join(leaving) + " }"
    acls = {subnet.id: network.acls.index(acl_of(network.snapshot, subnet)) for subnet in network.subnets}
    yield "oifname vmap { " + ", ".join(f"{device} : jump ingress{acls[subnet.id]}" for device, subnet in _doors(network)) + " }"
    for letter in "fglras":
        yield f'oifname "{letter}*" accept'
    yield plan.site("unexpected", "fabric")
    yield "}"


def _vpc_number(network: Network, vpc_id: str) -> int:
    for number, vpc in enumerate(network.vpcs):
        if vpc.id == vpc_id:
            return number
    raise OutOfScopeError(f"VPC {vpc_id} was not read")


def fabric_routes(network: Network) -> Iterator[tuple[int, int, int, str]]:
    """On-link addresses of each subnet, ways back, route tables, local tables of VPCs, and what is left."""
    yield numbers.LAST, 0, 0, "xnoroute"
    for s, subnet in enumerate(network.subnets):  # RT-4: on-link
        for cidr in _v4(subnet.cidrs):
            yield numbers.ON_LINK + s, cidr.value, cidr.length, "xonlink"
        for i in network.of_subnet(subnet):
            for value in private(network.interfaces[i]):
                yield numbers.ON_LINK + s, value, 32, f"f{i}"
    for device, _, _ in _returns(network):
        yield numbers.RETURN + _return_number(device), 0, 0, device
    done: set[int] = set()
    for subnet in network.subnets:
        number = network.tables.index(network.table_for(subnet))
        if number not in done:
            done.add(number)
            for prefix, device in network.routes_of(subnet).items():
                yield numbers.ROUTED + number, prefix.value, prefix.length, device
    for v, vpc in enumerate(network.vpcs):  # MODEL-9, MODEL-10
        for cidr in _v4(vpc.cidrs):
            yield numbers.LOCAL + v, cidr.value, cidr.length, "xnoaddr"
        for i, nic in enumerate(network.interfaces):
            if nic.vpc == vpc.id:
                for value in private(nic):
                    yield numbers.LOCAL + v, value, 32, f"f{i}"


def _v4(cidrs: tuple[Prefix, ...]) -> list[Prefix]:
    return [cidr for cidr in cidrs if cidr.version == 4]
