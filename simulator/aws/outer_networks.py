"""Gateways to networks that are not modelled: Wavelength carriers, Outposts' local networks, Cloud WAN (MISC-3, MISC-4, MISC-6).

They are read, told once, and targets of routes; a packet that a route sends to one meets a gap that says what it is. A route in an AWS
answer may name one that no list showed: it is the same gap.

AWS pages: "Carrier gateways", "Local gateways", "Core network" (2026).
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.aws.resource import Field, Item, Kind, Reference, Values
from simulator.aws.route_table import RouteTable
from simulator.aws.snapshot import Draft, Snapshot
from simulator.graph.builder import Builder
from simulator.graph.nodes import Door, Drop, Place
from simulator.origin import Origin
from simulator.problems import Problems

CARRIER, LOCAL, CORE = "carrier-gateway", "local-gateway", "core-network"
WHAT = {
    CARRIER: "the network of a telecommunication carrier, behind a carrier gateway",
    LOCAL: "the local network of an Outpost, behind a local gateway",
    CORE: "a Cloud WAN core network",
    "odb-network": "an Oracle Database network",
}


@dataclass(frozen=True, slots=True)
class CarrierGateway:
    """A carrier gateway of a Wavelength Zone."""

    id: str
    name: str
    vpc: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class LocalGateway:
    """A local gateway of an Outpost."""

    id: str
    name: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class CoreNetwork:
    """A core network of Cloud WAN; `id` is its ARN in AWS answers, as routes name it."""

    id: str
    name: str
    origin: Origin


def _scenario_carrier(name: str, values: Values, draft: Draft) -> None:
    draft.add(CarrierGateway(name, "", values["vpc"], Origin(name, place=values.place)))


def _scenario_local(name: str, values: Values, draft: Draft) -> None:
    draft.add(LocalGateway(name, "", Origin(name, place=values.place)))


def _scenario_core(name: str, values: Values, draft: Draft) -> None:
    draft.add(CoreNetwork(name, "", Origin(name, place=values.place)))


def _describe_carrier(item: Item, draft: Draft) -> None:
    gateway_id = item.data["CarrierGatewayId"]
    if item.get("State") not in ("deleted", "deleting"):
        draft.add(CarrierGateway(gateway_id, item.tag(), item.get("VpcId", ""), Origin(gateway_id, place=item.place())))


def _describe_local(item: Item, draft: Draft) -> None:
    gateway_id = item.data["LocalGatewayId"]
    draft.add(LocalGateway(gateway_id, item.tag(), Origin(gateway_id, place=item.place())))


def _describe_core(item: Item, draft: Draft) -> None:
    network = item.get("CoreNetworkArn") or item.data["CoreNetworkId"]
    if item.get("State") != "DELETING":
        draft.add(CoreNetwork(network, item.tag(), Origin(network, place=item.place())))


def _check_carrier(gateway: CarrierGateway, snapshot: Snapshot, problems: Problems) -> None:
    problems.not_modelled(f"carrier gateway `{gateway.id}` is not modelled", gateway.origin.place)
    same = [other.id for other in snapshot.by(CarrierGateway, "vpc")[gateway.vpc]]
    if len(same) > 1 and same[0] == gateway.id:
        problems.error(f"VPC `{gateway.vpc}` has {len(same)} carrier gateways; AWS allows one (MISC-4)", gateway.origin.place)


def _check_local(gateway: LocalGateway, snapshot: Snapshot, problems: Problems) -> None:
    problems.not_modelled(f"local gateway `{gateway.id}` is not modelled", gateway.origin.place)


def _check_core(network: CoreNetwork, snapshot: Snapshot, problems: Problems) -> None:
    problems.not_modelled(f"core network `{network.id}` is not modelled", network.origin.place)


def _emit(table: RouteTable, build: Builder, snapshot: Snapshot) -> None:
    """What the routes of a table lead to; the first table that names a target opens it."""
    first = snapshot.index("outer networks", lambda: _first(snapshot))
    for (kind, target), name in first.items():
        if name == table.id:
            gap = Drop(place=Place(target, kind), what=WHAT[kind], code="SIM_UNMODELLED", gap=True, cites=("MISC-6",))
            build.open(Door(kind, target), build.add(gap))


def _first(snapshot: Snapshot) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for table in snapshot.all(RouteTable):
        for entry in table.routes:
            if entry.kind in WHAT:
                found.setdefault((entry.kind, entry.target), table.id)
    return found


CARRIERS = Kind(
    name=CARRIER,
    noun=CarrierGateway,
    about="the way between a Wavelength Zone and a carrier's network",
    section="carrier_gateways",
    fields=(Field("vpc", Reference(("vpc",)), "the VPC it belongs to", required=True),),
    scenario=_scenario_carrier,
    describe={"CarrierGateways": _describe_carrier},
    prefix="cagw",
    check=_check_carrier,
)
LOCALS = Kind(
    name=LOCAL,
    noun=LocalGateway,
    about="the way between an Outpost and the network it stands in",
    section="local_gateways",
    scenario=_scenario_local,
    describe={"LocalGateways": _describe_local},
    prefix="lgw",
    check=_check_local,
)
CORES = Kind(
    name=CORE,
    noun=CoreNetwork,
    about="the network of Cloud WAN",
    section="core_networks",
    scenario=_scenario_core,
    describe={"CoreNetworks": _describe_core},
    check=_check_core,
)
TARGETS = Kind(name="outer-networks", noun=RouteTable, about="routes to networks that are not modelled", emit=_emit, extends=True)
