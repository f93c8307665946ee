"""EC2 Instance Connect Endpoints: an interface from which people reach instances on private addresses (SVC-9).

It opens TCP connections under its own address and takes nothing but their replies, so its inbound rules do not matter. With client IP
preservation the instance sees the address of the person behind it, which no input tells: such a connection ends in a gap. AWS page:
"Security groups for EC2 Instance Connect Endpoint" (2026).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from simulator.aws.interface_path import send_of
from simulator.aws.managed_service import ManagedService, described_interfaces
from simulator.aws.network_interface import EPHEMERAL, NetworkInterface, guest, interface_of, leaving, start
from simulator.aws.resource import Address, Field, Flag, Item, Kind, ListOf, Reference, Text, Values
from simulator.aws.snapshot import Draft, Snapshot
from simulator.graph.builder import Builder
from simulator.graph.nodes import Deliver, Drop, Entry, Filter, Place, Ref, Rewrite, Rule, RuleList, SessionMatch
from simulator.origin import Origin
from simulator.packet.flow import TCP
from simulator.packet.space import Match

TYPE = "ec2_instance_connect_endpoint"
WORKS = "create-complete"
GONE = ("delete-in-progress", "delete-complete", "create-failed", "delete-failed")


@dataclass(frozen=True, slots=True)
class ConnectEndpoint(ManagedService):
    """An endpoint; `interfaces` holds its one interface. `preserves`: instances see the address of the client behind it."""

    id: str
    name: str
    subnet: str
    groups: tuple[str, ...]
    origin: Origin
    interfaces: tuple[str, ...] = ()
    preserves: bool = False
    state: str = WORKS

    @property
    def place(self) -> Place:
        """The hop of the endpoint."""
        return Place(self.id, "instance-connect-endpoint", self.name)


def _scenario(name: str, values: Values, draft: Draft) -> None:
    interface = interface_of(f"{name}-eni", values, owner=name, type_name=TYPE)
    draft.add(interface)
    origin = Origin(name, place=values.place)
    preserves, state = values.get("preserve_client_ip", False), values.get("state", WORKS)
    draft.add(ConnectEndpoint(name, "", values["subnet"], (), origin, (interface.id,), preserves, state))


def _describe(item: Item, draft: Draft) -> None:
    endpoint_id, state = item.data["InstanceConnectEndpointId"], item.get("State", WORKS)
    if state in GONE:
        return
    draft.add(
        ConnectEndpoint(
            endpoint_id,
            item.tag(),
            item.get("SubnetId", ""),
            tuple(item.get("SecurityGroupIds", ())),
            Origin(endpoint_id, place=item.place()),
            tuple(item.get("NetworkInterfaceIds", ())),
            bool(item.get("PreserveClientIp")),
            state,
        )
    )


def _complete(endpoint: ConnectEndpoint, draft: Draft) -> None:
    read = tuple(name for name in endpoint.interfaces if draft.get(NetworkInterface, name))
    if not read:
        read = described_interfaces(endpoint.id, endpoint.id, (endpoint.subnet,), endpoint.groups, endpoint.origin, draft)
    for name in read:
        interface = draft.get(NetworkInterface, name)
        if interface is not None:
            draft.replace(replace(interface, type=TYPE, owner=endpoint.id))
    draft.replace(replace(endpoint, interfaces=read))


def _emit(endpoint: ConnectEndpoint, build: Builder, snapshot: Snapshot) -> None:
    for interface in filter(None, (snapshot.get(NetworkInterface, name) for name in endpoint.interfaces)):
        build.open(start(interface.id), _opens(endpoint, interface, build, snapshot))
        build.open(guest(interface.id), _takes(endpoint, interface, build))
        build.enter(interface.id, Entry(start(interface.id), interface.private_addresses, EPHEMERAL, "any client"))


def _opens(endpoint: ConnectEndpoint, interface: NetworkInterface, build: Builder, snapshot: Snapshot) -> int:
    place, then = endpoint.place, leaving(interface.id)
    stopped: Drop | None = None
    if endpoint.state != WORKS:
        stopped = Drop(place=place, what="state", code="BAD_STATE", origin=endpoint.origin.of(f"state {endpoint.state}"))
    elif endpoint.preserves:
        stopped = Drop(place=place, what="the address of the client behind it", code="SIM_UNMODELLED", gap=True)
    way: Ref = build.add(stopped) if stopped else then
    begin = build.add(Rewrite(place=place, what="sends", how=send_of(interface, snapshot), then=way, plumbing=True))
    if interface.assumed:
        build.assume(begin, interface.assumed)
    origin = endpoint.origin.of("TCP only")
    rules = RuleList((Rule(Match(protocol=TCP), True, origin),), origin)
    protocols = Filter(place=place, what="protocols", rules=rules, then=begin, code="PROTOCOL_RESTRICTION", cites=("SVC-9",), plumbing=True)
    return build.add(protocols)


def _takes(endpoint: ConnectEndpoint, interface: NetworkInterface, build: Builder) -> int:
    arrived = Deliver(place=endpoint.place, what="arrived", endpoint=interface.id, reply_at=start(interface.id))
    origin = endpoint.origin.of("replies only")
    refused = Drop(place=endpoint.place, what="connections to it", code="SIM_REPLIES_ONLY", cites=("SVC-9",), origin=origin)
    return build.add(
        SessionMatch(
            place=endpoint.place,
            what="connections it opened",
            table=interface.table,
            then=build.add(arrived),
            miss=build.add(refused),
            cites=("SVC-9",),
            plumbing=True,
        )
    )


KIND = Kind(
    name="instance-connect-endpoint",
    noun=ConnectEndpoint,
    about="from where people connect to instances on private addresses",
    section="connect_endpoints",
    fields=(
        Field("subnet", Reference(("subnet",)), "the subnet it lies in", required=True),
        Field("ip", Address(), "its private address; a free one when left out"),
        Field("security_groups", ListOf(Reference(("security-group",))), "its groups; the VPC's default group when left out"),
        Field("preserve_client_ip", Flag(), "whether instances see the client's address; false when left out"),
        Field("state", Text((WORKS, "create-in-progress")), "create-complete when left out"),
    ),
    scenario=_scenario,
    describe={"InstanceConnectEndpoints": _describe},
    prefix="eice",
    complete=_complete,
    emit=_emit,
)
