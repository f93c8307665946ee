"""Load balancers with what they send to, the services offered behind them, and the endpoints of these: PrivateLink and inspection."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.aws.endpoint_service import EndpointService
from simulator.aws.inspection import Passage
from simulator.aws.inspection_endpoint import NODE_TYPE
from simulator.aws.listener import Listener
from simulator.aws.load_balancer import APPLICATION, CLASSIC, GATEWAY, NETWORK, LoadBalancer
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.subnet import Subnet
from simulator.aws.target_group import BALANCER, FUNCTION, GENEVE_PORT, INSTANCE, IP, Target, TargetGroup
from simulator.aws.vpc_endpoint import INSPECTION, INTERFACE, USUAL_REGION, VpcEndpoint
from simulator.origin import Origin
from simulator.packet.flow import TCP, UDP
from simulator.packet.prefix import format_address
from simulator.testing.strategies.hosts import draw_groups
from simulator.testing.strategies.rules import draw_traffic
from simulator.testing.strategies.services import draw_interface
from simulator.testing.strategies.sites import Plan, Site

PORTS = (443, 80, 53)
HEALTH = ("healthy", "healthy", "", "unhealthy", "draining")


@dataclass(frozen=True, slots=True)
class _Kind:
    """The type of a balancer, and the types and protocol of its target groups."""

    type: str
    targets: tuple[str, ...]
    protocol: str


KINDS = (
    _Kind(NETWORK, (INSTANCE, INSTANCE, IP, BALANCER), "tcp"),
    _Kind(APPLICATION, (INSTANCE, INSTANCE, IP, FUNCTION), "http"),
    _Kind(CLASSIC, (INSTANCE,), ""),
)


def draw_balancer(plan: Plan, site: Site) -> None:
    """A load balancer in one subnet of some zones, for whatever its type may send to."""
    kind = plan.hand.one_of(KINDS)
    port = plan.hand.one_of(PORTS[:2] if kind.type != NETWORK else PORTS)
    group = _targets(plan, site, kind, port)
    if group is not None:
        _balancer(plan, site, kind.type, port, group)


def draw_private_link(plan: Plan, site: Site) -> None:
    """A service behind a network load balancer of one VPC, and an endpoint for it in the same or another one (PL-1)."""
    port = plan.hand.one_of(PORTS[:2])
    group = _targets(plan, site, KINDS[0], port)
    balancer = _balancer(plan, site, NETWORK, port, group) if group else None
    if balancer is not None:
        service = _service(plan, balancer)
        consumer = plan.hand.one_of(plan.sites)
        rooms = _in_zones(plan, consumer, balancer)
        if rooms:
            _endpoint(plan, consumer, service, plan.hand.some(rooms, most=2, least=1))


def draw_inspection(plan: Plan, site: Site) -> None:
    """A gateway load balancer with appliances, and an endpoint through which routes of this VPC or another one lead (GWLB-1)."""
    hand = plan.hand
    group = _targets(plan, site, _Kind(GATEWAY, (INSTANCE, IP), "geneve"), GENEVE_PORT)
    balancer = _balancer(plan, site, GATEWAY, GENEVE_PORT, group) if group else None
    if balancer is None:
        return
    service, consumer = _service(plan, balancer), hand.one_of(plan.sites)
    rooms = _in_zones(plan, consumer, balancer)
    if not rooms:
        return
    subnet, endpoint = hand.one_of(rooms), plan.name("vpce")
    name = f"{endpoint}-eni"
    plan.take(subnet)
    plan.draft.add(NetworkInterface(name, "", "", subnet.id, (), (), Origin(name), False, type=NODE_TYPE, owner=endpoint))
    plan.draft.add(
        VpcEndpoint(endpoint, "", consumer.vpc.id, INSPECTION, service, USUAL_REGION, Origin(endpoint), (subnet.id,), (), (name,))
    )
    consumer.inspections.append((endpoint, subnet.id))


# --- parts -----------------------------------------------------------------------------------------------------------------------


def _targets(plan: Plan, site: Site, kind: _Kind, port: int) -> TargetGroup | None:
    """A group of a type for which there is something to send to."""
    hand = plan.hand
    known = {
        INSTANCE: [one.id for one in site.instances if len(one.interfaces) == 1],
        IP: [
            format_address(*address.private)
            for one in site.interfaces
            for address in one.addresses[:1]
            if one.type == "interface" and address.private[0] == 4
        ],
        FUNCTION: [function.id for function in plan.functions],
        BALANCER: [one.id for one in plan.draft.all(LoadBalancer) if one.type == APPLICATION and _in_vpc(one, site)],
    }
    able = [word for word in kind.targets if known[word]]
    if not able:
        return None
    word, group_id = hand.one_of(able), plan.name("targets")
    chosen = hand.some(known[word], most=1 if word in (BALANCER, FUNCTION) else 3, least=1)
    ports = (0, 0, 8080) if word in (INSTANCE, IP) and kind.type in (NETWORK, APPLICATION) else (0,)
    targets = tuple(Target(name, Origin(group_id, f"target {name}"), hand.one_of(ports), "", hand.one_of(HEALTH)) for name in chosen)
    keeps, across = (hand.one_of((None, True, False)) for _ in range(2))
    keeps = keeps if kind.type == NETWORK and word in (INSTANCE, IP) else None
    across = across if kind.type != GATEWAY else None
    protocol = "udp" if kind.type == NETWORK and port == 53 and word != BALANCER else kind.protocol
    keeps = None if protocol == "udp" else keeps  # AWS always keeps it then (NLB-2)
    group = TargetGroup(
        group_id, "", word, protocol, 0 if word == FUNCTION else port, Origin(group_id), targets, site.vpc.id, keeps, across
    )
    plan.draft.add(group)
    return group


def _in_vpc(balancer: LoadBalancer, site: Site) -> bool:
    return any(subnet.id in balancer.subnets for subnet in site.subnets)


def _balancer(plan: Plan, site: Site, kind: str, port: int, group: TargetGroup) -> LoadBalancer | None:
    """The load balancer with one listener; none where no subnet has room."""
    hand, rooms = plan.hand, {subnet.zone: subnet for subnet in plan.with_room(site)}
    if not rooms:
        return None
    balancer_id = plan.name("lb")
    subnets = tuple(rooms[zone].id for zone in hand.some(sorted(rooms), most=2, least=1))
    for subnet in subnets:
        plan.take(next(found for found in site.subnets if found.id == subnet))
    groups = draw_groups(plan, site)
    groups = () if kind == GATEWAY or (kind == NETWORK and hand.chance(40)) else groups
    public = kind != GATEWAY and site.gateway is not None and hand.chance(50)
    told = tuple((subnet, None, plan.public_address() if public else None) for subnet in subnets)
    across, enforces = hand.one_of((None, True, False)), not hand.chance(30)
    passages = _passages(plan, balancer_id) if kind == GATEWAY and hand.chance(60) else None
    keeps = hand.one_of((None, True, False)) if kind == GATEWAY else None
    balancer = LoadBalancer(
        balancer_id,
        "",
        kind,
        subnets,
        groups,
        Origin(balancer_id),
        public=public,
        cross_zone=across if kind in (NETWORK, GATEWAY) else None,
        enforces_private_link=enforces,
        told=told,
        inspection=passages,
        keeps_state=keeps if passages is None or keeps is not None else True,
    )
    plan.draft.add(balancer)
    protocols = (UDP,) if group.protocol in ("udp", "geneve") else (TCP,)
    listener, origin = f"{balancer_id} {port}", balancer.origin.of(f"listener {port}")
    plan.draft.add(Listener(listener, "", balancer_id, protocols, port, (group.id,), origin))
    return balancer


def _passages(plan: Plan, balancer: str) -> tuple[Passage, ...]:
    """The rules of appliances, the last of which may pass everything."""
    hand, blocks = plan.hand, [site.vpc.cidrs[0] for site in plan.sites]

    def rule() -> Passage:
        ends = hand.some(blocks, most=1, percent=40), hand.some(blocks, most=1, percent=40)
        return Passage(hand.chance(65), *ends, draw_traffic(hand), Origin(balancer, "inspection"))

    return tuple(hand.several(rule, most=3, least=1))


def _service(plan: Plan, balancer: LoadBalancer) -> str:
    service = plan.name("vpce-svc")
    plan.draft.add(EndpointService(service, "", service, (balancer.id,), Origin(service), plan.hand.chance(50)))
    return service


def _in_zones(plan: Plan, site: Site, balancer: LoadBalancer) -> list[Subnet]:
    """A subnet with room in each zone where the load balancer has a node (PL-4)."""
    zones = {one.zone for other in plan.sites for one in other.subnets if one.id in balancer.subnets}
    return list({subnet.zone: subnet for subnet in plan.with_room(site) if subnet.zone in zones}.values())


def _endpoint(plan: Plan, site: Site, service: str, subnets: tuple[Subnet, ...]) -> None:
    endpoint, groups = plan.name("vpce"), draw_groups(plan, site)
    names = tuple(
        draw_interface(plan, site, f"{endpoint}-eni-{subnet.id}", subnet.id, groups, endpoint, kind="vpc_endpoint") for subnet in subnets
    )
    state = plan.hand.one_of(("pendingacceptance", "rejected")) if plan.odd("peerings that are not active") else "available"
    where = tuple(subnet.id for subnet in subnets)
    origin = Origin(endpoint)
    plan.draft.add(VpcEndpoint(endpoint, "", site.vpc.id, INTERFACE, service, USUAL_REGION, origin, where, (), names, False, state))
