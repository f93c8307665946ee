"""EC2 instances: the guest behind one or more interfaces, and the guest that forwards (NAT instance, router).

A guest whose source/destination check is off may pass on packets for others (ENI-5). What it does with them is software that no
input shows: a scenario says `forwards: nat` or `forwards: route`; otherwise an interface with a public address is taken to be a NAT
instance (NATI-1) and one without to forward unchanged, and the answer says so.

Not modelled: the guest's own firewall and routing (MISC-10, ENI-7). AWS pages: "NAT instances", "Elastic network interfaces" (2026).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from simulator.aws.interface_path import inside, send_of
from simulator.aws.kubernetes_pods import KEPT, NODE_TAGS, TRANSLATED, homeward, outward
from simulator.aws.network_interface import (
    EPHEMERAL,
    NetworkInterface,
    described_interface,
    guest,
    interface_fields,
    interface_of,
    leaving,
    start,
    transit,
)
from simulator.aws.resource import Address, Field, Item, Kind, ListOf, MapOf, Reference, Text, Values
from simulator.aws.snapshot import Draft, Snapshot
from simulator.aws.vpc import anywhere_in
from simulator.graph.builder import Builder
from simulator.graph.nodes import (
    Deliver,
    Door,
    Drop,
    Entry,
    Filter,
    Forget,
    Lookup,
    Masquerade,
    Place,
    PrefixTable,
    Ref,
    Restore,
    Rewrite,
    Route,
    Rule,
    RuleList,
    Send,
)
from simulator.origin import Origin
from simulator.origin import Place as FilePlace
from simulator.packet.prefix import EVERYWHERE
from simulator.packet.ranges import Interval
from simulator.packet.space import Match
from simulator.problems import Problems

# NACL-14. AWS's page says 32768-61000 for Linux; current kernels stop at 60999 (ip_local_port_range).
LINUX: Interval = (32768, 60999)
WINDOWS: Interval = (49152, 65535)
RUNNING = "running"

SECONDARY = Field("secondary_ips", MapOf(Address(), Address()), "further private addresses, each with its public one or nothing")


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance. `interfaces` are ids; `forwards` is `nat`, `route` or empty (not told). `pods`: what becomes of packets of the pods
    it runs, where it runs any; `pods_assumed`: nobody said so.
    """

    id: str
    name: str
    interfaces: tuple[str, ...]
    origin: Origin
    state: str = RUNNING
    forwards: str = ""
    os: str = "linux"
    pods: str = ""
    pods_assumed: bool = False

    @property
    def place(self) -> Place:
        """The hop of the guest."""
        return Place(self.id, "instance", self.name)


def _scenario(name: str, values: Values, draft: Draft) -> None:
    origin = Origin(name, place=values.place)
    interfaces = list(values.get("interfaces", ()))
    if "subnet" in values:
        interface = interface_of(f"{name}-eni", values)
        draft.add(interface)
        interfaces.insert(0, interface.id)
    elif not interfaces:
        draft.problems.error(f"instance `{name}`: say its `subnet`, or its `interfaces`", values.place)
    else:
        for word in [field.name for field in (*interface_fields(), SECONDARY) if field.name in values]:
            told = f"`{word}` is of an interface in a `subnet`, and none is named; write it with one of its `interfaces`"
            draft.problems.error(f"instance `{name}`: {told}", values.place_of(word))
    state = values.get("state", RUNNING)
    forwards, os, pods = values.get("forwards", ""), values.get("os", "linux"), values.get("pods", "")
    draft.add(Instance(name, "", tuple(interfaces), origin, state, forwards, os, pods))


def _describe(item: Item, draft: Draft) -> None:
    for index, data in enumerate(item.get("Instances", ())):
        instance_id = data["InstanceId"]
        state = (data.get("State") or {}).get("Name", RUNNING)
        if state in ("terminated", "shutting-down"):
            continue
        interfaces = sorted(data.get("NetworkInterfaces") or (), key=lambda eni: (eni.get("Attachment") or {}).get("DeviceIndex", 0))
        inner = Item(data, partial(_inside, item, index), item.problems, item.region, item.account)
        names = tuple(_shown_interface(inner, position, eni, draft) for position, eni in enumerate(interfaces))
        node = any(str(tag.get("Key")).startswith(NODE_TAGS) for tag in inner.get("Tags", ()))
        draft.add(
            Instance(
                instance_id,
                inner.tag(),
                names,
                Origin(instance_id, place=inner.place()),
                state,
                os="windows" if str(data.get("Platform")).lower() == "windows" else "linux",
                pods=TRANSLATED if node else "",
                pods_assumed=node,
            )
        )


def _shown_interface(instance: Item, position: int, data: Mapping[str, Any], draft: Draft) -> str:
    """The interface that an instance's answer shows; its id. Records with made-up ids may show different ones under one id."""
    item = Item(data, partial(_place, instance, position), instance.problems, instance.region, instance.account)
    interface = described_interface(item)
    if draft.add_unless_known(interface):
        return interface.id
    own = replace(interface, id=f"{interface.id} of {instance.data['InstanceId']}")
    item.problems.warn(f"network interface `{interface.id}` belongs to several instances, differently; read as `{own.id}`", item.place())
    draft.add_unless_known(own)
    return own.id


def _inside(item: Item, index: int, path: tuple[str | int, ...]) -> FilePlace:
    return item.place("Instances", index, *path)


def _place(instance: Item, position: int, path: tuple[str | int, ...]) -> FilePlace:
    return instance.place("NetworkInterfaces", position, *path)


def _complete(instance: Instance, draft: Draft) -> None:
    for interface_id in instance.interfaces:
        interface = draft.get(NetworkInterface, interface_id)
        if interface is not None and not interface.owner:
            draft.replace(replace(interface, owner=instance.id))


def _check(instance: Instance, snapshot: Snapshot, problems: Problems) -> None:
    for interface_id in instance.interfaces:
        if snapshot.get(NetworkInterface, interface_id) is None:
            problems.warn(f"instance `{instance.id}` has network interface `{interface_id}`, which was not read", instance.origin.place)


def _emit(instance: Instance, build: Builder, snapshot: Snapshot) -> None:
    interfaces = [found for name in instance.interfaces if (found := snapshot.get(NetworkInterface, name))]
    for interface in interfaces:
        if not interface.attached:  # a detached interface delivers nothing, whoever claims it (ENI-6)
            continue
        if instance.state == RUNNING:
            _guest(instance, interface, interfaces, build, snapshot)
        else:
            _stopped(instance, interface, build)
        ports = WINDOWS if instance.os == "windows" else LINUX
        name = "Windows" if instance.os == "windows" else "Linux"
        build.enter(interface.id, Entry(start(interface.id), interface.private_addresses, ports, f"{name} instance"))
    if len(interfaces) == 1:  # a route to an instance means its only interface (RT-26)
        only = interfaces[0]
        for door in sorted({"*", anywhere_in(only.vpc) if only.vpc else "*", only.subnet or "*"}):
            build.open(Door("instance", instance.id, door), Door("network-interface", interfaces[0].id, door))


def _guest(instance: Instance, interface: NetworkInterface, interfaces: list[NetworkInterface], build: Builder, snapshot: Snapshot) -> None:
    place = instance.place
    how, away = send_of(interface, snapshot), _away(instance, interface, interfaces, build, snapshot)
    own = (interface, *(other for other in interfaces if other is not interface and other.vpc == interface.vpc and other.attached))
    begin = build.add(Rewrite(place=place, what="sends", how=how, then=inside(place, own, build, away), plumbing=True))
    arrived = build.add(Deliver(place=place, what="arrived", endpoint=interface.id, reply_at=start(interface.id)))
    if instance.pods == TRANSLATED and interface is interfaces[0]:
        arrived = homeward(place, interfaces, build, arrived)
    build.open(start(interface.id), begin)
    if interface.assumed:
        build.assume(begin, interface.assumed)
    if interface.check:
        build.open(guest(interface.id), arrived)
        return
    forwards = instance.forwards or ("nat" if any(address.public for address in interface.addresses) else "route")
    if forwards == "nat":
        _nat(instance, interface, build, how, arrived)
    else:
        onward = build.add(Rewrite(place=place, what="forwards", how=Forget(), then=leaving(interface.id), cites=("ENI-5", "SG-13")))
        build.open(transit(interface.id), onward)
        build.open(guest(interface.id), arrived)
        if not instance.forwards:
            build.assume(onward, f"{instance.id} forwards packets for others unchanged (its source/destination check is off)")


def _away(instance: Instance, interface: NetworkInterface, interfaces: list[NetworkInterface], build: Builder, snapshot: Snapshot) -> Ref:
    if instance.pods != TRANSLATED:
        return leaving(interface.id)
    note = f"pods of {instance.id} leave the VPC under its primary address, as the VPC CNI has it unless told otherwise"
    return outward(instance.place, interface, interfaces[0], build, snapshot, note if instance.pods_assumed else "")


def _nat(instance: Instance, interface: NetworkInterface, build: Builder, how: Send, arrived: int) -> None:
    """A NAT in the guest: the packet that goes on is a new one of the instance's own (NATI-2, SG-26)."""
    place, table = instance.place, f"translations of {instance.id} {interface.id}"
    own = [address for address in interface.private_addresses if address[0] == 4][:1]
    if not own:  # in a subnet of IPv6 alone
        unknown = Drop(place=place, what="NAT in a guest without an IPv4 address", code="SIM_UNMODELLED", gap=True, origin=instance.origin)
        build.open(transit(interface.id), build.add(unknown))
        build.open(guest(interface.id), arrived)
        return
    onward = build.add(Rewrite(place=place, what="sends", how=how, then=leaving(interface.id), plumbing=True))
    translated = build.add(
        Rewrite(
            place=place,
            what="NAT in the guest",
            how=Masquerade(tuple(own), EPHEMERAL, table),
            then=onward,
            cites=("NATI-1", "NATI-3"),
        )
    )
    build.open(transit(interface.id), _translates(instance, interface, build, translated))
    restored = Rewrite(
        place=place,
        what="NAT in the guest",
        how=Restore(table),
        then=leaving(interface.id),
        miss=arrived,
        cites=("NATI-2",),
    )
    build.open(guest(interface.id), build.add(restored))
    if not instance.forwards:
        build.assume(translated, f"{instance.id} is a NAT instance (its source/destination check is off and it has a public address)")


def _translates(instance: Instance, interface: NetworkInterface, build: Builder, translated: int) -> int:
    """Its own output that comes back goes in a circle (NATI-6); what the guest does with IPv6 no input says."""
    itself = instance.origin.of("its own output comes back to it")
    own = interface.blocks
    others = Filter(
        place=instance.place,
        what="its own output",
        rules=RuleList((Rule(Match(sources=own), False, itself),), itself, permit=True),
        then=translated,
        code="SIM_ROUTING_LOOP",
        cites=("NATI-6",),
        plumbing=True,
    )
    gap = Drop(place=instance.place, what="IPv6 in the guest", code="SIM_UNMODELLED", gap=True)
    everything = PrefixTable((Route(EVERYWHERE[6], 0, instance.origin.of("IPv6")),))
    return build.add(
        Lookup(
            place=instance.place,
            what="IPv6",
            table=everything,
            targets=(build.add(gap),),
            miss=build.add(others),
            cites=("MODEL-2",),
            plumbing=True,
        )
    )


def _stopped(instance: Instance, interface: NetworkInterface, build: Builder) -> None:
    dead = build.add(
        Drop(
            place=instance.place,
            what="state",
            code="BAD_STATE",
            cites=("ENI-6",),
            origin=instance.origin.of(f"state {instance.state}"),
        )
    )
    for door in (start(interface.id), guest(interface.id), transit(interface.id)):
        build.open(door, dead)


KIND = Kind(
    name="instance",
    noun=Instance,
    about="an EC2 instance",
    section="instances",
    fields=(
        *interface_fields(),
        SECONDARY,
        Field("interfaces", ListOf(Reference(("network-interface",))), "interfaces written on their own"),
        Field("state", Text((RUNNING, "stopped", "pending", "stopping")), "running when left out"),
        Field("forwards", Text(("nat", "route")), "what the guest does with packets for others, when the check is off"),
        Field("os", Text(("linux", "windows")), "decides the source ports it uses; linux when left out"),
        Field("pods", Text((TRANSLATED, KEPT)), "its further addresses are those of pods: what becomes of them outside the VPC"),
    ),
    scenario=_scenario,
    describe={"Reservations": _describe},
    complete=_complete,
    check=_check,
    emit=_emit,
)
