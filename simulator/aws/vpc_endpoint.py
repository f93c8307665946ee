"""VPC endpoints for AWS services: gateway endpoints (GWE-1 to GWE-10) and interface endpoints (IFE-1 to IFE-9).

    gateway:   a route for the service's blocks -> TCP or ping, from this VPC -> the service; replies enter by the implicit router
    interface: an interface in each subnet with groups of its own -> TCP or UDP -> the service

Policies decide who may, not who reaches (GWE-9). A gateway endpoint whose prefix list was not read is taken to lead to the blocks
AWS publishes for the service. What is behind an endpoint of a service that others offer stands in `private_link.py`, what a Gateway Load
Balancer endpoint does in `inspection_endpoint.py`. Endpoints of other types are a gap.

AWS pages: "Gateway endpoints", "Access an AWS service using an interface VPC endpoint" (2026).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from simulator.aws import internet
from simulator.aws.encryption_control import enforced
from simulator.aws.managed_service import described_interfaces
from simulator.aws.network_interface import INSIDE, NetworkInterface, guest, interface_of, leaving, sources_of
from simulator.aws.prefix_list import PrefixList
from simulator.aws.public_services import OWN_BLOCKS, blocks_of
from simulator.aws.resource import Field, Flag, Item, Kind, ListOf, Reference, Text, Values
from simulator.aws.route_table import RouteEntry, RouteTable
from simulator.aws.snapshot import Draft, Snapshot
from simulator.aws.subnet import Subnet
from simulator.aws.vpc import Vpc, router
from simulator.graph.builder import Builder
from simulator.graph.nodes import Deliver, Door, Drop, Filter, Place, Ref, Rewrite, Rule, RuleList, Send
from simulator.origin import Origin
from simulator.packet.flow import TCP, UDP
from simulator.packet.prefix import Prefix
from simulator.packet.service import ECHO
from simulator.packet.space import Match
from simulator.problems import Problems

GATEWAY, INTERFACE, INSPECTION = "Gateway", "Interface", "GatewayLoadBalancer"
AVAILABLE = "available"
SHARED = "com.amazonaws.vpce."  # how the names of services begin that others offer
STATES = (AVAILABLE, "pending", "pendingacceptance", "rejected", "failed", "expired")
USUAL_REGION = "us-east-1"
IPV4_ONLY = "s3"  # GWE-7


@dataclass(frozen=True, slots=True)
class VpcEndpoint:
    """An endpoint. `service` is the short name (`s3`) where it is one of AWS's own, else the whole one. `interfaces` are those of an
    interface endpoint; `private_dns`: the service's public name leads to them inside the VPC (IFE-5). `firewall`: the ARN of
    the network firewall it belongs to.
    """

    id: str
    name: str
    vpc: str
    type: str
    service: str
    region: str
    origin: Origin
    subnets: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    interfaces: tuple[str, ...] = ()
    private_dns: bool = False
    state: str = AVAILABLE
    firewall: str = ""

    @property
    def gateway_blocks(self) -> tuple[Prefix, ...]:
        """The public blocks of the service behind a gateway endpoint; none for other endpoints."""
        own = self.type == GATEWAY and self.service in OWN_BLOCKS
        return blocks_of(self.service, self.region) if own else ()

    @property
    def place(self) -> Place:
        """The hop of the endpoint."""
        return Place(self.id, "vpc-endpoint", self.name)


def behind(interface: str) -> Door:
    """What is behind an interface of an endpoint: the service, which answers, unless somebody says what it does."""
    return Door(INSIDE, interface, "behind the endpoint")


def _scenario(name: str, values: Values, draft: Draft) -> None:
    service, vpc = values["service"], values["vpc"]
    origin = Origin(name, place=values.place)
    owner = draft.get(Vpc, vpc)
    region = (owner.region if owner else "") or USUAL_REGION
    if "subnets" not in values and service not in OWN_BLOCKS:
        draft.problems.error(
            f"endpoint `{name}`: only {' and '.join(OWN_BLOCKS)} have gateway endpoints; say the `subnets` of an interface endpoint",
            values.place,
        )
    interfaces = []
    for subnet in values.get("subnets", ()):
        inner = Values({**values, "subnet": subnet}, values.place, values.places)
        interface = interface_of(f"{name}-eni-{subnet}", inner, owner=name, type_name="vpc_endpoint")
        draft.add(interface)
        interfaces.append(interface.id)
    kind = INTERFACE if interfaces else GATEWAY
    subnets = tuple(values.get("subnets", ()))
    dns = values.get("private_dns", bool(interfaces))
    state = values.get("state", AVAILABLE)
    draft.add(VpcEndpoint(name, "", vpc, kind, service, region, origin, subnets, (), tuple(interfaces), dns, state))
    if kind == GATEWAY:
        prefixes = f"{name}-prefixes"
        draft.add(PrefixList(prefixes, "", blocks_of(service, region), Origin(prefixes, place=values.place)))
        draft.later(_associate, name, prefixes, tuple(values.get("route_tables", ())))


def _associate(draft: Draft, endpoint: str, prefixes: str, tables: tuple[str, ...]) -> None:
    """A gateway endpoint's routes are made by associating tables with it (RT-29)."""
    for table_id in tables:
        table = draft.get(RouteTable, table_id)
        if table is not None:
            origin = Origin(table_id, f"route {prefixes}", table.origin.place)
            draft.replace(replace(table, routes=(*table.routes, RouteEntry(prefixes, "vpc-endpoint", endpoint, origin))))


def _describe(item: Item, draft: Draft) -> None:
    if item.get("State", AVAILABLE).lower() in ("deleted", "deleting", "rejected", "failed", "expired"):
        return
    endpoint_id = item.data["VpcEndpointId"]
    words = item.get("ServiceName", "").split(".")
    own = len(words) > 3 and words[:2] == ["com", "amazonaws"] and words[2] != "vpce"
    region, service = (words[2], ".".join(words[3:])) if own else (item.region, item.get("ServiceName", ""))
    draft.add(
        VpcEndpoint(
            endpoint_id,
            item.tag(),
            item.get("VpcId", ""),
            item.get("VpcEndpointType", GATEWAY),
            service,
            region,
            Origin(endpoint_id, place=item.place()),
            tuple(item.get("SubnetIds", ())),
            tuple(data["GroupId"] for data in item.get("Groups", ())),
            tuple(item.get("NetworkInterfaceIds", ())),
            bool(item.get("PrivateDnsEnabled")),
            item.get("State", AVAILABLE).lower(),
            item.tag("Firewall") if item.tag("AWSNetworkFirewallManaged") == "true" else "",
        )
    )


def _complete(endpoint: VpcEndpoint, draft: Draft) -> None:
    if endpoint.type == INTERFACE:
        _interfaces(endpoint, draft)
    elif endpoint.type == GATEWAY:
        _prefixes(endpoint, draft)


def _interfaces(endpoint: VpcEndpoint, draft: Draft) -> None:
    """The interfaces told by the endpoint; where they were not read, one in each subnet is assumed."""
    read = [name for name in endpoint.interfaces if draft.get(NetworkInterface, name)]
    if not read and endpoint.subnets:
        read = list(described_interfaces(endpoint.id, endpoint.id, endpoint.subnets, endpoint.groups, endpoint.origin, draft))
    for name in read:
        interface = draft.get(NetworkInterface, name)
        if interface is not None:
            draft.replace(replace(interface, type="vpc_endpoint", owner=endpoint.id))
    draft.replace(replace(endpoint, interfaces=tuple(read)))


def _prefixes(endpoint: VpcEndpoint, draft: Draft) -> None:
    """The prefix list of a gateway endpoint's routes, where AWS's own list was not read."""
    blocks = endpoint.gateway_blocks
    for table in draft.all(RouteTable):
        for entry in table.routes:
            if entry.target != endpoint.id or not isinstance(entry.destination, str):
                continue
            known = draft.get(PrefixList, entry.destination)
            if blocks and (known is None or known.entries is None):
                published = f"the blocks AWS publishes for {endpoint.service} in {endpoint.region}"
                note = f"{entry.destination} was not read: taken to hold {published}"
                draft.replace(PrefixList(entry.destination, "", blocks, Origin(entry.destination, place=entry.origin.place), note))


def _check(endpoint: VpcEndpoint, snapshot: Snapshot, problems: Problems) -> None:
    place = endpoint.origin.place
    if endpoint.type == INTERFACE:
        zones = [subnet.zone for name in endpoint.subnets if (subnet := snapshot.get(Subnet, name))]
        if len(zones) != len(set(zones)):
            problems.warn(f"endpoint `{endpoint.id}` has two subnets in one zone; AWS allows one for each zone (IFE-1)", place)
    elif endpoint.type not in (GATEWAY, INSPECTION):
        problems.not_modelled(f"endpoint `{endpoint.id}` of type {endpoint.type} is not modelled", place)


def _emit(endpoint: VpcEndpoint, build: Builder, snapshot: Snapshot) -> None:
    if endpoint.type == GATEWAY:
        _emit_gateway(endpoint, build, snapshot)
    elif endpoint.type == INTERFACE:
        for interface in filter(None, (snapshot.get(NetworkInterface, name) for name in endpoint.interfaces)):
            works = endpoint.state == AVAILABLE
            build.open(guest(interface.id), _answering(endpoint, interface, build, snapshot) if works else _not_yet(endpoint, build))
    elif endpoint.type != INSPECTION:
        gap = build.add(Drop(place=endpoint.place, what=f"endpoints of type {endpoint.type}", code="SIM_UNMODELLED", gap=True))
        build.open(Door("vpc-endpoint", endpoint.id), gap)
        for name in endpoint.interfaces:  # behind their groups nobody knows what they do (PL-5)
            if snapshot.get(NetworkInterface, name):
                build.open(guest(name), gap)


def _not_yet(endpoint: VpcEndpoint, build: Builder) -> int:
    """An endpoint that waits, for AWS or for the service's owner."""
    return build.add(Drop(place=endpoint.place, what="state", code="BAD_STATE", origin=endpoint.origin.of(f"state {endpoint.state}")))


def _emit_gateway(endpoint: VpcEndpoint, build: Builder, snapshot: Snapshot) -> None:
    back = build.add(Rewrite(place=endpoint.place, what="answers", how=Send(internet.ENDPOINT), then=router(endpoint.vpc), plumbing=True))
    arrived = build.add(
        Deliver(place=endpoint.place, what=f"arrived at {endpoint.service}", endpoint=internet.ENDPOINT, reply_at=back, cites=("GWE-4",))
    )
    served, version = endpoint.origin.of("TCP and ping only"), 4 if endpoint.service == IPV4_ONLY else None
    passes = [
        Match(version=version, protocol=TCP),
        *(Match(version=version, protocol=protocol, icmp_type=kind) for protocol, kind in ECHO.items()),
    ]
    protocols = RuleList(tuple(Rule(match, True, served) for match in passes), served)
    own, foreign = sources_of(snapshot, endpoint.vpc), endpoint.origin.of("interfaces of its own VPC only")
    inner = _filter(endpoint, build, "protocols", protocols, arrived, "VPCE_GATEWAY_PROTOCOL_RESTRICTION", "GWE-5")
    sources = RuleList((Rule(Match(sources=own), True, foreign),), foreign)
    way = _filter(endpoint, build, "sources", sources, inner, "GATEWAY_REJECTS_SPOOFED_TRAFFIC", "GWE-6")
    for subnet in snapshot.by(Subnet, "vpc")[endpoint.vpc]:
        build.open(Door("vpc-endpoint", endpoint.id, subnet.id), way if endpoint.state == AVAILABLE else _not_yet(endpoint, build))


def _answering(endpoint: VpcEndpoint, interface: NetworkInterface, build: Builder, snapshot: Snapshot) -> int:
    """An interface endpoint takes TCP and UDP and answers no ping (IFE-6); it starts nothing (IFE-7)."""
    back = Rewrite(
        place=endpoint.place,
        what="answers",
        how=Send(interface.id, frozenset(interface.groups or ())),
        then=leaving(interface.id),
        plumbing=True,
    )
    what = f"arrived at {endpoint.service}"
    arrived = build.add(Deliver(place=endpoint.place, what=what, endpoint=interface.id, reply_at=build.add(back), cites=("IFE-3",)))
    if interface.assumed:
        build.assume(arrived, interface.assumed)
    if endpoint.service.startswith(SHARED):
        build.assume(arrived, f"what is behind {endpoint.id} ({endpoint.service}) was not read: taken to answer")
    build.offer(behind(interface.id), arrived)
    origin = endpoint.origin.of("TCP and UDP only")
    rules = RuleList((Rule(Match(protocol=TCP), True, origin), Rule(Match(protocol=UDP), True, origin)), origin)
    taken = _filter(endpoint, build, "protocols", rules, behind(interface.id), "PROTOCOL_RESTRICTION", "IFE-6")
    if enforced(snapshot, endpoint.vpc):
        told = f"{endpoint.vpc} enforces encryption, so {endpoint.id} drops what applications do not encrypt: taken to be encrypted"
        build.assume(taken, told)
    return taken


def _filter(endpoint: VpcEndpoint, build: Builder, what: str, rules: RuleList, then: Ref, code: str, rule: str) -> int:
    return build.add(
        Filter(place=endpoint.place, what=f"{what} of an endpoint", rules=rules, then=then, code=code, cites=(rule,), plumbing=True)
    )


KIND = Kind(
    name="vpc-endpoint",
    noun=VpcEndpoint,
    about="a private way to an AWS service",
    section="vpc_endpoints",
    fields=(
        Field("vpc", Reference(("vpc",)), "the VPC it belongs to", required=True),
        Field(
            "service",
            Text(),
            "the service: `s3` or `dynamodb` by a gateway, `sqs` and most others by interfaces, or an endpoint service",
            required=True,
        ),
        Field("route_tables", ListOf(Reference(("route-table",))), "gateway endpoint: the tables that get its routes"),
        Field("subnets", ListOf(Reference(("subnet",))), "interface endpoint: its subnets, one interface in each"),
        Field("security_groups", ListOf(Reference(("security-group",))), "interface endpoint: its groups; the default group when left out"),
        Field("ipv6", Flag(), "interface endpoint: whether its interfaces have IPv6 addresses too; false when left out"),
        Field("private_dns", Flag(), "interface endpoint: whether the service's public name leads to it; true when left out"),
        Field("state", Text(STATES), "available when left out; an endpoint waits as `pendingacceptance` for the owner of its service"),
    ),
    scenario=_scenario,
    describe={"VpcEndpoints": _describe},
    prefix="vpce",
    complete=_complete,
    check=_check,
    emit=_emit,
)
