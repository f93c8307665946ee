"""Network firewalls: endpoints in subnets, which routes lead to, and the policy by which packets are judged behind them (NFW-1, TGW-22).

Each endpoint is one of a Gateway Load Balancer in all that packets see (`inspection_endpoint.py`). In a scenario it is called as its
firewall, where this has one subnet, else FIREWALL-SUBNET. A firewall may instead be attached to a transit gateway: then routes of that
gateway lead to the attachment. What a policy does to packets stands in `firewall_path.py`.

AWS pages: "Firewalls and firewall endpoints in AWS Network Firewall", "DescribeFirewall" (2026).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from simulator.aws.firewall_policy import FirewallPolicy
from simulator.aws.resource import Field, Item, Kind, ListOf, Reference, Values
from simulator.aws.snapshot import Draft, Snapshot
from simulator.aws.subnet import Subnet
from simulator.aws.transit_gateway import TransitAttachment
from simulator.aws.vpc_endpoint import AVAILABLE, INSPECTION, VpcEndpoint
from simulator.origin import Origin
from simulator.problems import Problems

READY = "READY"
FUNCTION = "network-function"  # what AWS calls the attachment of a firewall to a transit gateway


@dataclass(frozen=True, slots=True)
class NetworkFirewall:
    """A firewall. `endpoints` are the ids of its endpoints, `attachment` that of its attachment to a transit gateway."""

    id: str
    name: str
    vpc: str
    policy: str
    origin: Origin
    endpoints: tuple[str, ...] = ()
    arn: str = ""
    attachment: str = ""


def _scenario(name: str, values: Values, draft: Draft) -> None:
    subnets, origin = values.get("subnets", ()), Origin(name, place=values.place)
    if ("vpc" in values) == ("transit_gateway" in values) or ("vpc" in values) != bool(subnets):
        message = f"network firewall `{name}`: write `vpc` and `subnets`, or the `transit_gateway` it is attached to"
        draft.problems.error(message, values.place)
        return
    endpoints = tuple(name if len(subnets) == 1 else f"{name}-{subnet}" for subnet in subnets)
    for endpoint, subnet in zip(endpoints, subnets, strict=True):
        draft.add(_endpoint(endpoint, values["vpc"], subnet, AVAILABLE, name, Origin(endpoint, place=values.place)))
    if "transit_gateway" in values:  # AWS makes the attachment with the firewall
        draft.add(TransitAttachment(name, "", (values["transit_gateway"],), FUNCTION, name, (), origin))
    attachment = name if "transit_gateway" in values else ""
    draft.add(NetworkFirewall(name, "", values.get("vpc", ""), values["policy"], origin, endpoints, "", attachment))


def _endpoint(endpoint: str, vpc: str, subnet: str, state: str, firewall: str, origin: Origin) -> VpcEndpoint:
    return VpcEndpoint(endpoint, "", vpc, INSPECTION, "network-firewall", "", origin, (subnet,), state=state, firewall=firewall)


def _describe(item: Item, draft: Draft) -> None:
    """One answer of `describe-firewall`: what it is (`Firewall`) and the endpoints it has got (`FirewallStatus`)."""
    name, status = item.data["FirewallName"], item.beside.get("FirewallStatus") or {}
    if status.get("Status") == "DELETING":
        return
    arn = item.get("FirewallArn", "")
    states = (status.get("SyncStates") or {}).values()
    found = tuple(_attached((state.get("Attachment") or {} for state in states), item.get("VpcId", ""), arn or name, item, draft))
    joined = (status.get("TransitGatewayAttachmentSyncState") or {}).get("AttachmentId", "")
    policy, origin = item.get("FirewallPolicyArn", ""), Origin(name, place=item.place())
    draft.add(NetworkFirewall(arn or name, name, item.get("VpcId", ""), policy, origin, found, arn, joined))


def _describe_association(item: Item, draft: Draft) -> None:
    """One answer of `describe-vpc-endpoint-association`: a further endpoint of a firewall, maybe in another VPC."""
    firewall, status = item.data["FirewallArn"], item.beside.get("VpcEndpointAssociationStatus") or {}
    states = (status.get("AssociationSyncState") or {}).values()
    found = tuple(_attached((state.get("Attachment") or {} for state in states), item.get("VpcId", ""), firewall, item, draft))
    draft.later(_associate, firewall, found)


def _associate(draft: Draft, firewall: str, endpoints: tuple[str, ...]) -> None:
    known = draft.get(NetworkFirewall, firewall)
    if known is not None:
        draft.replace(replace(known, endpoints=(*known.endpoints, *endpoints)))


def _attached(states: Iterator[Mapping[str, Any]], vpc: str, firewall: str, item: Item, draft: Draft) -> Iterator[str]:
    for one in states:
        endpoint = one.get("EndpointId")
        if endpoint:
            state = AVAILABLE if one.get("Status", READY) == READY else str(one["Status"]).lower()
            origin = Origin(endpoint, place=item.place())
            draft.add_unless_known(_endpoint(endpoint, vpc, one.get("SubnetId", ""), state, firewall, origin))
            yield endpoint


def _complete(firewall: NetworkFirewall, draft: Draft) -> None:
    """Its endpoints know it, whether they were told by it or by their tags."""
    found = list(firewall.endpoints)
    for endpoint in draft.all(VpcEndpoint):
        if endpoint.id in firewall.endpoints or endpoint.firewall == firewall.id:
            draft.replace(replace(endpoint, type=INSPECTION, firewall=firewall.id))
            found += [] if endpoint.id in found else [endpoint.id]
    draft.replace(replace(firewall, endpoints=tuple(found)))


def policy_of(snapshot: Snapshot, firewall: NetworkFirewall) -> FirewallPolicy | None:
    """The policy of a firewall; none when it was not read."""
    found = snapshot.get(FirewallPolicy, firewall.policy)
    return found or next((one for one in snapshot.all(FirewallPolicy) if one.name and firewall.policy == one.name), None)


def _check(firewall: NetworkFirewall, snapshot: Snapshot, problems: Problems) -> None:
    shown, place = f"network firewall `{firewall.name or firewall.id}`", firewall.origin.place
    if policy_of(snapshot, firewall) is None:
        problems.warn(f"{shown}: its policy `{firewall.policy}` was not read; what passes it is unknown", place)
    zones = [
        subnet.zone
        for endpoint in filter(None, (snapshot.get(VpcEndpoint, name) for name in firewall.endpoints))
        for subnet in filter(None, (snapshot.get(Subnet, name) for name in endpoint.subnets))
    ]
    if len(zones) != len(set(zones)) and not firewall.arn:
        problems.warn(f"{shown} has two subnets in one zone; AWS allows one for each zone (NFW-1)", place)


KIND = Kind(
    name="network-firewall",
    noun=NetworkFirewall,
    about="rules that judge what routes lead through its endpoints",
    section="network_firewalls",
    fields=(
        Field("vpc", Reference(("vpc",)), "the VPC of its endpoints"),
        Field("subnets", ListOf(Reference(("subnet",))), "a subnet of its own in each zone, each with an endpoint"),
        Field("transit_gateway", Reference(("transit-gateway",)), "instead of these, the transit gateway it is attached to"),
        Field("policy", Reference(("firewall-policy",)), "the policy by which it judges", required=True),
    ),
    scenario=_scenario,
    describe={"Firewall": _describe, "VpcEndpointAssociation": _describe_association},
    complete=_complete,
    check=_check,
)
