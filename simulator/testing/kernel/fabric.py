"""The rule set and routes of `fabric`: subnets, route tables, network ACLs (docs/semantics.md, sections 1 to 3 and 5)."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.aws.network_interface import NetworkInterface
from simulator.aws.subnet import Subnet
from simulator.packet.prefix import Prefix
from simulator.testing.kernel import plan as numbers
from simulator.testing.kernel.filters import OutOfScopeError, acl_chain, private
from simulator.testing.kernel.network import Network, acl_of
from simulator.testing.kernel.plan import NOT_BUILT, Plan, mark
from simulator.testing.kernel.routes import table_of


def fabric_rules(network: Network, plan: Plan) -> str:
    """The rules of all subnets."""
    return "\n".join(["table ip fabric {", *_fabric(network, plan), "}"])


def _fabric(network: Network, plan: Plan) -> Iterator[str]:
    if not network.interfaces:
        return
    yield "chain marks { type filter hook prerouting priority mangle;"
    yield f"ip ttl < {numbers.LAST_STEPS} {plan.site('loop', 'fabric')}"
    marks = {f"f{i}": _mark_of(network, nic) for i, nic in enumerate(network.interfaces)}
    marks |= {f"g{j}": mark(vpc=_vpc_number(network, gateway.vpc)) for j, gateway in enumerate(network.gateways)}
    yield "meta mark set iifname map { " + ", ".join(f"{name} : {value}" for name, value in marks.items()) + " }"
    yield "}"
    for a, acl in enumerate(network.acls):
        for direction in ("egress", "ingress"):
            yield f"chain {direction}{a} {{"
            yield from acl_chain(plan, acl, direction)
            yield "}"
    for s, subnet in enumerate(network.subnets):
        if network.of_subnet(subnet):
            yield from _leaving_subnet(network, plan, s, subnet)
    for j, gateway in enumerate(network.gateways):
        yield f"chain from_gateway{j} {{"
        yield f"oifname {{ xnoaddr, xnoroute }} {plan.site('no address', gateway.vpc)}"
        yield "}"
    yield from _dispatch(network, plan)


def _leaving_subnet(network: Network, plan: Plan, s: int, subnet: Subnet) -> Iterator[str]:
    """MODEL-8: the same-subnet test comes first (RT-4, NACL-4, NACL-21), then the ACL outbound, then what the routes say."""
    a = network.acls.index(acl_of(network.snapshot, subnet))
    yield f"chain leaving{s} {{"
    yield "oifname { " + ", ".join(f"f{i}" for i in network.of_subnet(subnet)) + " } accept"
    yield f"oifname xonlink {plan.site('no address', subnet.id)}"
    yield f"jump egress{a}"
    yield f"oifname xnotbuilt {plan.site(NOT_BUILT, subnet.id, network.not_built(subnet))}"
    yield f"oifname xnoroute {plan.site('no route', subnet.id)}"  # RT-14
    yield f"oifname xblackhole {plan.site('blackhole', subnet.id)}"  # RT-15
    yield f"oifname xnoaddr {plan.site('no address', subnet.vpc)}"  # MODEL-10
    yield "}"


def _dispatch(network: Network, plan: Plan) -> Iterator[str]:
    yield "chain judge { type filter hook forward priority filter;"
    subnets = {subnet.id: s for s, subnet in enumerate(network.subnets)}
    leaving = [f"f{i} : jump leaving{subnets[nic.subnet]}" for i, nic in enumerate(network.interfaces)]
    leaving += [f"g{j} : jump from_gateway{j}" for j in range(len(network.gateways))]
    yield "iifname vmap { " + ", ".join(leaving) + " }"
    by_id = {subnet.id: subnet for subnet in network.subnets}
    entering = []
    for i, nic in enumerate(network.interfaces):
        entering.append(f"f{i} : jump ingress{network.acls.index(acl_of(network.snapshot, by_id[nic.subnet]))}")
    yield "oifname vmap { " + ", ".join(entering) + " }"
    yield 'oifname "f*" accept'
    yield 'oifname "g*" accept'
    yield plan.site("unexpected", "fabric")
    yield "}"


def _mark_of(network: Network, nic: NetworkInterface) -> int:
    subnet = next(s for s, subnet in enumerate(network.subnets) if subnet.id == nic.subnet)
    table = network.tables.index(table_of(network.snapshot, network.subnets[subnet]))
    return mark(subnet=subnet, table=table, vpc=_vpc_number(network, nic.vpc))


def _vpc_number(network: Network, vpc_id: str) -> int:
    for number, vpc in enumerate(network.vpcs):
        if vpc.id == vpc_id:
            return number
    raise OutOfScopeError(f"VPC {vpc_id} was not read")


def fabric_routes(network: Network) -> Iterator[tuple[int, int, int, str]]:
    """On-link addresses of each subnet, route tables, local tables of VPCs, and what is left."""
    yield numbers.LAST, 0, 0, "xnoroute"
    for s, subnet in enumerate(network.subnets):  # RT-4: on-link
        for cidr in _v4(subnet.cidrs):
            yield numbers.ON_LINK + s, cidr.value, cidr.length, "xonlink"
        for i in network.of_subnet(subnet):
            for value in private(network.interfaces[i]):
                yield numbers.ON_LINK + s, value, 32, f"f{i}"
    done: set[int] = set()
    for subnet in network.subnets:
        number = network.tables.index(table_of(network.snapshot, subnet))
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
