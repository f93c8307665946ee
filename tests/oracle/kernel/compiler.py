"""From nouns to a plan for the worker. Written from aws-semantics.md; each part cites the rules it builds.

`compile_network` raises `OutOfScopeError` for a network with something that is not built here: whoever compares has to leave that
network out and count it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from simulator.aws.cache import Cache
from simulator.aws.database import Database
from simulator.aws.instance import Instance
from simulator.aws.internet_gateway import InternetGateway
from simulator.aws.lambda_function import LambdaFunction
from simulator.aws.nat_gateway import NatGateway
from simulator.aws.network_acl import NetworkAcl
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.route_table import RouteTable
from simulator.aws.snapshot import Snapshot
from simulator.aws.subnet import Subnet
from simulator.aws.vpc import Vpc
from simulator.packet.prefix import Prefix
from tests.oracle.kernel import plan as sizes
from tests.oracle.kernel.card import card_rules, guest_rules
from tests.oracle.kernel.edge import edge_routes, edge_rules
from tests.oracle.kernel.filters import OutOfScopeError, acl_chain, private
from tests.oracle.kernel.plan import Card, Plan, mark
from tests.oracle.kernel.routes import Devices, table_of, winning

PORTS = (1024, 65535)


@dataclass
class Network:
    """A snapshot with everything numbered. `nat_ports`: the ports that NATs choose from (NAT-3, NATI-3); a test that wants to meet a
    boundary narrows them.
    """

    snapshot: Snapshot
    nat_ports: tuple[int, int] = PORTS
    vpcs: list[Vpc] = field(default_factory=list)
    subnets: list[Subnet] = field(default_factory=list)
    tables: list[RouteTable] = field(default_factory=list)
    interfaces: list[NetworkInterface] = field(default_factory=list)
    gateways: list[InternetGateway] = field(default_factory=list)
    acls: list[NetworkAcl] = field(default_factory=list)
    nat_of: dict[str, NatGateway] = field(default_factory=dict)
    instance_of: dict[str, Instance] = field(default_factory=dict)
    functions: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        snapshot = self.snapshot
        self.vpcs = list(snapshot.all(Vpc))
        self.subnets = [subnet for subnet in snapshot.all(Subnet) if any(cidr.version == 4 for cidr in subnet.cidrs)]
        known = {subnet.id for subnet in self.subnets}
        self.interfaces = [nic for nic in snapshot.all(NetworkInterface) if nic.subnet in known and private(nic)]
        self.gateways = [gateway for gateway in snapshot.all(InternetGateway) if gateway.vpc and gateway.attached]
        self.nat_of = {nat.interface: nat for nat in snapshot.all(NatGateway)}
        self.instance_of = {nic: instance for instance in snapshot.all(Instance) for nic in instance.interfaces}
        self.functions = frozenset(nic for function in snapshot.all(LambdaFunction) for nic in function.interfaces)

    def number(self, interface: str) -> int:
        """The number of an interface."""
        return next(i for i, nic in enumerate(self.interfaces) if nic.id == interface)

    def of_subnet(self, subnet: Subnet) -> list[int]:
        """The numbers of the interfaces in a subnet."""
        return [i for i, nic in enumerate(self.interfaces) if nic.subnet == subnet.id]

    def routes_of(self, subnet: Subnet) -> dict[Prefix, str]:
        """The device in the fabric for each prefix of a subnet's table."""
        interfaces = {nic.id: i for i, nic in enumerate(self.interfaces)}
        devices = Devices(self.snapshot, interfaces, {gateway.id: j for j, gateway in enumerate(self.gateways)})
        return winning(self.snapshot, table_of(self.snapshot, subnet), devices)

    def forwards(self, nic: NetworkInterface) -> str:
        """What is behind an interface does with packets for others: nothing (the check is on), `nat`, `route` or `nat-gateway`."""
        if nic.id in self.nat_of:
            return "nat-gateway"
        if nic.check:
            return ""
        instance = self.instance_of.get(nic.id)
        if instance is None:
            raise OutOfScopeError(f"what {nic.id} does with packets for others is not told")
        # Not told is assumed as the simulator says it does: a guest with a public address translates (NATI-1), another one only forwards.
        return instance.forwards or ("nat" if any(address.public for address in nic.addresses) else "route")


def compile_network(snapshot: Snapshot, nat_ports: tuple[int, int] = PORTS) -> tuple[Network, Plan]:
    """The plan of a snapshot, and what its numbers mean."""
    network = Network(snapshot, nat_ports)
    plan = Plan()
    _number_tables(network)
    _check_sizes(network)
    _check_services(network)
    nats = [nic.id for nic in network.interfaces if network.forwards(nic) == "nat"]
    plan.cards = [
        Card(tuple(private(nic)), network.forwards(nic), nats.index(nic.id) if nic.id in nats else -1) for nic in network.interfaces
    ]
    for nic, card in zip(network.interfaces, plan.cards, strict=True):
        if card.forwards in {"nat", "nat-gateway"}:
            plan.translating += [value for address in nic.addresses for _, value in filter(None, (address.private, address.public))]
    plan.rules["card"] = card_rules(network, plan)
    plan.rules["fabric"] = "\n".join(["table ip fabric {", *_fabric(network, plan), "}"])
    plan.rules["edge"] = edge_rules(network, plan)
    plan.rules["guest"] = guest_rules(network, plan)
    plan.routes["card"] = list(_card_routes(network))
    plan.routes["fabric"] = list(_fabric_routes(network))
    plan.routes["edge"] = edge_routes(network)
    plan.routes["guest"] = list(_guest_routes(network, plan))
    return network, plan


def _number_tables(network: Network) -> None:
    """The tables and ACLs in use, each once."""
    for subnet in network.subnets:
        table, acl = table_of(network.snapshot, subnet), acl_of(network.snapshot, subnet)
        if table not in network.tables:
            network.tables.append(table)
        if acl not in network.acls:
            network.acls.append(acl)


def _check_sizes(network: Network) -> None:
    for name, count, most in (
        ("interfaces", len(network.interfaces), sizes.INTERFACES),
        ("internet gateways", len(network.gateways), sizes.GATEWAYS),
        ("subnets", len(network.subnets), sizes.SUBNETS),
        ("route tables", len(network.tables), sizes.TABLES),
        ("VPCs", len(network.vpcs), sizes.VPCS),
        ("NAT instances", sum(network.forwards(nic) == "nat" for nic in network.interfaces), sizes.NAT_INSTANCES),
    ):
        if count > most:
            raise OutOfScopeError(f"{count} {name}, the bed has {most}")
    if any(not gateway.read for gateway in network.gateways):
        raise OutOfScopeError("whether there are internet gateways was not read")
    if any(table.gateways for table in network.snapshot.all(RouteTable)):
        raise OutOfScopeError("ingress routing")


def _check_services(network: Network) -> None:
    """What stands behind an interface answers, if it is one of these."""
    known = {nic for kind in (Database, Cache) for noun in network.snapshot.all(kind) for nic in noun.interfaces}
    known |= {*network.nat_of, *network.instance_of, *network.functions}
    for nic in network.interfaces:
        if nic.id not in known and nic.type != "interface":
            raise OutOfScopeError(f"{nic.id} is of type {nic.type}")


def acl_of(snapshot: Snapshot, subnet: Subnet) -> NetworkAcl:
    """The ACL of a subnet: the associated one, else the default one of its VPC (NACL-1)."""
    acls = [acl for acl in snapshot.all(NetworkAcl) if acl.vpc == subnet.vpc]
    for acl in acls:
        if subnet.id in acl.subnets or acl.id == subnet.network_acl:
            return acl
    for acl in acls:
        if acl.default:
            return acl
    raise OutOfScopeError(f"the network ACL of {subnet.id} was not read")


# --- the fabric: subnets, route tables, network ACLs -----------------------------------------------------------------------------


def _fabric(network: Network, plan: Plan) -> Iterator[str]:
    if not network.interfaces:
        return
    yield "chain marks { type filter hook prerouting priority mangle;"
    yield f"ip ttl < {sizes.LAST_STEPS} {plan.site('loop', 'fabric')}"
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


def _fabric_routes(network: Network) -> Iterator[tuple[int, int, int, str]]:
    yield sizes.LAST, 0, 0, "xnoroute"
    for s, subnet in enumerate(network.subnets):  # RT-4: on-link
        for cidr in _v4(subnet.cidrs):
            yield sizes.ON_LINK + s, cidr.value, cidr.length, "xonlink"
        for i in network.of_subnet(subnet):
            for value in private(network.interfaces[i]):
                yield sizes.ON_LINK + s, value, 32, f"f{i}"
    done: set[int] = set()
    for subnet in network.subnets:
        number = network.tables.index(table_of(network.snapshot, subnet))
        if number not in done:
            done.add(number)
            for prefix, device in network.routes_of(subnet).items():
                yield sizes.ROUTED + number, prefix.value, prefix.length, device
    for v, vpc in enumerate(network.vpcs):  # MODEL-9, MODEL-10
        for cidr in _v4(vpc.cidrs):
            yield sizes.LOCAL + v, cidr.value, cidr.length, "xnoaddr"
        for i, nic in enumerate(network.interfaces):
            if nic.vpc == vpc.id:
                for value in private(nic):
                    yield sizes.LOCAL + v, value, 32, f"f{i}"


def _v4(cidrs: tuple[Prefix, ...]) -> list[Prefix]:
    return [cidr for cidr in cidrs if cidr.version == 4]


# --- the routes of the other rooms -----------------------------------------------------------------------------------------------


def _card_routes(network: Network) -> Iterator[tuple[int, int, int, str]]:
    """Between the two sides of each interface; what comes to a NAT gateway goes out where it came in."""
    for i, nic in enumerate(network.interfaces):
        yield sizes.FROM_GUEST + i, 0, 0, f"c{i}"
        yield sizes.FROM_FABRIC + i, 0, 0, f"c{i}" if network.forwards(nic) == "nat-gateway" else f"t{i}"


def _guest_routes(network: Network, plan: Plan) -> Iterator[tuple[int, int, int, str]]:
    for card in plan.cards:
        if card.nat >= 0:
            yield sizes.GUEST_TABLE + card.nat, 0, 0, f"u{card.nat}"
            for value in card.own:
                yield sizes.GUEST_TABLE + card.nat, value, 32, f"v{card.nat}"
