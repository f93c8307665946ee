"""Endpoint services: what a provider offers over PrivateLink, behind its network or gateway load balancers (PL-1 to PL-4, GWLB-2).

A consumer's endpoint names the service. The provider's own list tells the load balancers behind it and who was accepted; what AWS shows
to everybody tells the zones only, so that what is behind such an endpoint is not known.

AWS page: "Share your services through AWS PrivateLink" (2026).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from simulator.aws.load_balancer import GATEWAY, NETWORK, LoadBalancer
from simulator.aws.resource import Field, Flag, Item, Kind, ListOf, Reference, Values
from simulator.aws.snapshot import Draft, Snapshot
from simulator.aws.subnet import Subnet
from simulator.aws.target_group import short_id
from simulator.aws.vpc_endpoint import AVAILABLE, SHARED, VpcEndpoint
from simulator.graph.nodes import Place
from simulator.origin import Origin
from simulator.problems import Problems


@dataclass(frozen=True, slots=True)
class EndpointService:
    """A service by id and by the whole name that endpoints use. `balancers` none: not told to this account. `zones` by name."""

    id: str
    name: str
    service: str
    balancers: tuple[str, ...] | None
    origin: Origin
    acceptance: bool = True
    available: bool = True
    zones: tuple[str, ...] = ()

    @property
    def place(self) -> Place:
        """The service as a place."""
        return Place(self.id, "endpoint-service", self.name)


def service_of(snapshot: Snapshot, endpoint: VpcEndpoint) -> EndpointService | None:
    """The service that an endpoint leads to, where it is not one of AWS's own and was read."""
    return snapshot.index("endpoint services", lambda: _by_name(snapshot)).get(endpoint.service)


def _by_name(snapshot: Snapshot) -> Mapping[str, EndpointService]:
    return {name: service for service in snapshot.all(EndpointService) for name in (service.id, service.service)}


def balancers_of(snapshot: Snapshot, service: EndpointService) -> list[LoadBalancer]:
    """The load balancers behind a service, as far as they were read."""
    return [balancer for name in service.balancers or () if (balancer := snapshot.get(LoadBalancer, name))]


# --- spellings -------------------------------------------------------------------------------------------------------------------


def _scenario(name: str, values: Values, draft: Draft) -> None:
    origin = Origin(name, place=values.place)
    draft.add(EndpointService(name, "", name, tuple(values["load_balancers"]), origin, values.get("acceptance_required", True)))


def _describe(item: Item, draft: Draft) -> None:
    """The provider's own account of a service."""
    service_id = item.data["ServiceId"]
    arns = (*item.get("NetworkLoadBalancerArns", ()), *item.get("GatewayLoadBalancerArns", ()))
    draft.add(
        EndpointService(
            service_id,
            item.tag(),
            item.get("ServiceName", ""),
            tuple(map(short_id, arns)),
            Origin(service_id, place=item.place()),
            bool(item.get("AcceptanceRequired", True)),
            item.get("ServiceState", "Available") == "Available",
            tuple(item.get("AvailabilityZones", ())),
        )
    )


def _describe_detail(item: Item, draft: Draft) -> None:
    """What everybody is told of a service; those of AWS itself are none of these."""
    name = item.get("ServiceName", "")
    if name.startswith(SHARED):
        service_id = item.get("ServiceId", name.rpartition(".")[2])
        origin, zones = Origin(service_id, place=item.place()), tuple(item.get("AvailabilityZones", ()))
        draft.add_unless_known(
            EndpointService(service_id, item.tag(), name, None, origin, item.get("AcceptanceRequired", True), zones=zones)
        )


def _describe_connection(item: Item, draft: Draft) -> None:
    """How the provider answered an endpoint's request."""
    draft.later(_set_state, item.data["VpcEndpointId"], item.get("VpcEndpointState", AVAILABLE).lower())


def _set_state(draft: Draft, endpoint_id: str, state: str) -> None:
    endpoint = draft.get(VpcEndpoint, endpoint_id)
    if endpoint is not None and state != AVAILABLE:
        draft.replace(replace(endpoint, state=state))


# --- what AWS refuses ------------------------------------------------------------------------------------------------------------


def _check(service: EndpointService, snapshot: Snapshot, problems: Problems) -> None:
    for balancer in balancers_of(snapshot, service):
        if balancer.type not in (NETWORK, GATEWAY):
            told = f"AWS refuses the {balancer.type} load balancer `{balancer.id}`; it takes network and gateway ones (PL-1)"
            problems.warn(f"endpoint service `{service.id}`: {told}", service.origin.place)
    for endpoint in snapshot.all(VpcEndpoint):
        if service_of(snapshot, endpoint) is not service:
            continue
        for subnet in (found for name in endpoint.subnets if (found := snapshot.get(Subnet, name))):
            if not is_installed(snapshot, service, subnet):
                where = f"subnet `{subnet.id}` lies in a zone without the service `{service.id}` (PL-4)"
                problems.warn(f"endpoint `{endpoint.id}`: {where}", endpoint.origin.place)


def is_installed(snapshot: Snapshot, service: EndpointService, subnet: Subnet) -> bool:
    """Whether a service is in the zone of a subnet: a load balancer has a node there, or AWS says so (PL-4). Not known: true."""
    if service.balancers is None:
        return not service.zones or subnet.zone_name in ("", *service.zones)
    found = balancers_of(snapshot, service)
    zones = {one.zone for balancer in found for name in balancer.subnets if (one := snapshot.get(Subnet, name))}
    return not zones or subnet.zone in zones


KIND = Kind(
    name="endpoint-service",
    noun=EndpointService,
    about="a service that others reach by endpoints in their VPCs",
    section="endpoint_services",
    fields=(
        Field("load_balancers", ListOf(Reference(("load-balancer",))), "the network or gateway load balancers behind it", required=True),
        Field("acceptance_required", Flag(), "whether its owner has to accept an endpoint; an endpoint says its own `state`"),
    ),
    scenario=_scenario,
    describe={"ServiceConfigurations": _describe, "ServiceDetails": _describe_detail, "VpcEndpointConnections": _describe_connection},
    check=_check,
)
