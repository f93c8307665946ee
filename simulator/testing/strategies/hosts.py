"""What stands in subnets: interfaces, instances, NAT gateways, functions, databases, caches; and the event sources beside them."""

from __future__ import annotations

from dataclasses import replace

from simulator.aws.cache import Cache
from simulator.aws.database import Database
from simulator.aws.event_fabric import EventSource
from simulator.aws.instance import RUNNING, Instance
from simulator.aws.lambda_function import LambdaFunction
from simulator.aws.nat_gateway import AVAILABLE, NatGateway
from simulator.aws.network_interface import InterfaceAddress, NetworkInterface
from simulator.aws.subnet import Subnet
from simulator.origin import Origin
from simulator.packet.prefix import Prefix
from simulator.testing.strategies.sites import Plan, Site

EVENT_TYPES = ("api-gateway", "sqs", "s3")


def draw_hosts(plan: Plan) -> None:
    """Fill the subnets of every VPC."""
    hand, profile = plan.hand, plan.profile
    for site in plan.sites:
        hand.several(lambda site=site: _host(plan, site), most=profile.hosts, percent=75)  # type: ignore[misc]
        hand.several(lambda site=site: _nat_gateway(plan, site), most=profile.nat_gateways, percent=profile.more_nat_gateways)  # type: ignore[misc]
        hand.several(lambda site=site: _service(plan, site), most=profile.services, percent=20)  # type: ignore[misc]
    hand.several(lambda: _function(plan), most=profile.functions, percent=40)
    if plan.functions:
        hand.several(lambda: _event_source(plan), most=2, percent=20)


def _host(plan: Plan, site: Site) -> None:
    """An instance with one interface, seldom with two, or an interface of its own."""
    hand = plan.hand
    rooms = plan.with_room(site)
    if not rooms:
        return
    subnet = hand.one_of(rooms)
    forwarding = hand.chance(plan.profile.forwarding)
    interface = _interface(plan, site, subnet, check=not forwarding)
    if not forwarding and plan.odd("bare interfaces"):
        interface = replace(interface, attached=not plan.odd("detached interfaces"))
        plan.draft.add(interface)
        site.interfaces.append(interface)
        return
    interfaces = [interface]
    rooms = plan.with_room(site)
    if rooms and plan.odd("two interfaces"):
        interfaces.append(_interface(plan, site, hand.one_of(rooms), check=True))
    instance_id = plan.name("i")
    instance = Instance(
        instance_id,
        "",
        tuple(one.id for one in interfaces),
        Origin(instance_id),
        hand.one_of(("stopped", "pending")) if plan.odd("stopped instances") else RUNNING,
        hand.one_of(("nat", "route", "")) if forwarding else "",
        "windows" if plan.odd("Windows") else "linux",
    )
    plan.draft.add(instance)
    site.instances.append(instance)
    for one in interfaces:
        plan.draft.add(one)
        site.interfaces.append(one)


def _interface(plan: Plan, site: Site, subnet: Subnet, *, check: bool) -> NetworkInterface:
    interface_id = plan.name("eni")
    return NetworkInterface(
        interface_id,
        "",
        "",
        subnet.id,
        _addresses(plan, site, subnet),
        draw_groups(plan, site),
        Origin(interface_id),
        check,
    )


def _addresses(plan: Plan, site: Site, subnet: Subnet) -> tuple[InterfaceAddress, ...]:
    """A primary address, seldom a secondary one, each perhaps with a public one; seldom none: then a free one is taken."""
    hand = plan.hand
    public = hand.chance(plan.profile.public if subnet.id in site.front else 8)
    if not public and plan.odd("free addresses"):
        plan.take(subnet)
        return ()
    number = 2 if plan.odd("several addresses") else 1
    offset = plan.take(subnet, number)
    found = [InterfaceAddress((4, subnet.cidrs[0].address(offset)), plan.public_address() if public else None)]
    if number == 2:
        paired = hand.chance(plan.profile.public)
        found.append(InterfaceAddress((4, subnet.cidrs[0].address(offset + 1)), plan.public_address() if paired else None))
    if site.has_ipv6:
        found.append(InterfaceAddress((6, subnet.cidrs[1].address(offset))))
    if plan.odd("addresses AWS keeps"):
        found.append(InterfaceAddress((4, subnet.cidrs[0].address(hand.one_of((1, 3, -1))))))
    return tuple(found)


def draw_groups(plan: Plan, site: Site) -> tuple[str, ...] | None:
    """One or two groups of the VPC; none stands for its default group."""
    hand = plan.hand
    if site.default_group and (not site.groups or plan.odd("default groups")):
        return None
    names = list(site.groups)
    if plan.odd("groups of others"):
        names += ["sg-unread", *(group for other in plan.sites for group in other.groups if other is not site)]
    return hand.some(names, most=2, least=1)


def _nat_gateway(plan: Plan, site: Site) -> None:
    hand = plan.hand
    rooms = plan.with_room(site)
    if not rooms:
        return
    front = [subnet for subnet in rooms if subnet.id in site.front]
    subnet = hand.one_of(front if front and hand.chance(85) else rooms)
    gateway_id = plan.name("nat")
    public = site.gateway is not None and not plan.odd("private NAT gateways")
    if public and hand.chance(80):
        site.front.add(subnet.id)
    number = hand.one_of((2, 3)) if plan.odd("NAT gateways of several addresses") else 1
    offset = plan.take(subnet, number)
    addresses = tuple(
        InterfaceAddress((4, subnet.cidrs[0].address(offset + index)), plan.public_address() if public else None) for index in range(number)
    )
    interface = NetworkInterface(
        f"{gateway_id}-eni", "", "", subnet.id, addresses, (), Origin(f"{gateway_id}-eni"), False, type="nat_gateway", owner=gateway_id
    )
    state = hand.one_of(("pending", "failed", "deleting", "deleted")) if plan.odd("NAT gateways that are gone") else AVAILABLE
    gateway = NatGateway(gateway_id, "", subnet.id, interface.id, Origin(gateway_id), public, state)
    plan.draft.add(interface)
    plan.draft.add(gateway)
    site.nat_gateways.append(gateway)


def _service(plan: Plan, site: Site) -> None:
    """A database or a cache with an interface in one or two subnets."""
    hand = plan.hand
    rooms = plan.with_room(site)
    if not rooms:
        return
    is_cache = hand.chance(40)
    service_id = plan.name("cache" if is_cache else "db")
    groups = draw_groups(plan, site)
    interfaces = []
    subnets = hand.some(rooms, most=2, least=1)
    for subnet in subnets:
        plan.take(subnet)
        interface_id = f"{service_id}-eni-{subnet.id}"
        interfaces.append(NetworkInterface(interface_id, "", "", subnet.id, (), groups, Origin(interface_id), owner=service_id))
    names, origin = tuple(interface.id for interface in interfaces), Origin(service_id)
    if is_cache:
        plan.draft.add(Cache(service_id, "", "", (), origin, names, 6379))
    else:
        plan.draft.add(Database(service_id, "", tuple(subnet.id for subnet in subnets), (), origin, names, 5432))
    for interface in interfaces:
        plan.draft.add(interface)
    site.interfaces += interfaces


def _function(plan: Plan) -> None:
    """A function in subnets of one VPC, seldom outside all of them; it may invoke those drawn before."""
    hand = plan.hand
    site = hand.one_of(plan.sites)
    rooms = [] if plan.odd("functions outside") else plan.with_room(site)
    back = [subnet for subnet in rooms if subnet.id not in site.front]
    subnets = hand.some(back if back and hand.chance(75) else rooms, most=3, least=1) if rooms else ()
    groups = draw_groups(plan, site) if subnets else None
    for subnet in subnets:
        plan.take(subnet)
    function_id = plan.name("fn")
    invokes = tuple(other.id for other in plan.functions if hand.chance(30))
    function = LambdaFunction(function_id, "", tuple(subnet.id for subnet in subnets), groups, Origin(function_id), invokes=invokes)
    plan.draft.add(function)
    plan.functions.append(function)


def _event_source(plan: Plan) -> None:
    hand = plan.hand
    source_id = plan.name("events")
    names = hand.some([function.id for function in plan.functions], most=2, least=1)
    plan.draft.add(EventSource(source_id, "", hand.one_of(EVENT_TYPES), names, Origin(source_id)))


def addresses_in(site: Site) -> list[Prefix]:
    """The private IPv4 addresses given to interfaces of a VPC so far, as blocks."""
    return [Prefix.host(*address) for interface in site.interfaces for address in interface.private_addresses if address[0] == 4]
