"""VPC endpoints: gateway endpoints with their prefix lists, interface endpoints with their interfaces, and some nobody models."""

from __future__ import annotations

from simulator.aws.network_interface import NetworkInterface
from simulator.aws.prefix_list import PrefixList
from simulator.aws.public_services import blocks_of
from simulator.aws.vpc_endpoint import GATEWAY, INTERFACE, USUAL_REGION, VpcEndpoint
from simulator.origin import Origin
from simulator.testing.strategies.hosts import draw_groups
from simulator.testing.strategies.sites import Plan, Site

INSPECTING = "GatewayLoadBalancer"
BY_INTERFACE = ("sqs", "secretsmanager", "ec2")


def draw_endpoints(plan: Plan) -> None:
    """Perhaps an endpoint of either kind in some of the VPCs."""
    for site in plan.sites:
        if plan.hand.chance(plan.profile.endpoints):
            _gateway_endpoint(plan, site)
        if plan.hand.chance(plan.profile.endpoints):
            _interface_endpoint(plan, site)
        if plan.hand.chance(plan.profile.endpoints) and plan.gap():
            _inspecting_endpoint(plan, site)


def _gateway_endpoint(plan: Plan, site: Site) -> None:
    """A gateway endpoint; where the prefix list of its service was not read, the published blocks are taken."""
    endpoint_id, service = plan.name("vpce"), plan.hand.one_of(("dynamodb", "s3"))
    list_id = f"{endpoint_id}-prefixes"
    region = site.vpc.region or USUAL_REGION
    plan.draft.add(VpcEndpoint(endpoint_id, "", site.vpc.id, GATEWAY, service, region, Origin(endpoint_id)))
    plan.draft.add(PrefixList(list_id, "", None if plan.gap() else blocks_of(service, region), Origin(list_id)))
    site.endpoints.append((list_id, endpoint_id))


def _interface_endpoint(plan: Plan, site: Site) -> None:
    """An interface endpoint in one or two zones."""
    rooms = {subnet.zone: subnet for subnet in plan.with_room(site)}
    if not rooms:
        return
    endpoint_id, groups = plan.name("vpce"), draw_groups(plan, site)
    subnets = [rooms[zone] for zone in plan.hand.some(sorted(rooms), most=2, least=1)]
    names: list[str] = []
    for subnet in subnets:
        plan.take(subnet)
        names.append(f"{endpoint_id}-eni-{subnet.id}")
        origin = Origin(names[-1])
        plan.draft.add(NetworkInterface(names[-1], "", "", subnet.id, (), groups, origin, type="vpc_endpoint", owner=endpoint_id))
    plan.draft.add(
        VpcEndpoint(
            endpoint_id,
            "",
            site.vpc.id,
            INTERFACE,
            plan.hand.one_of(BY_INTERFACE),
            site.vpc.region or USUAL_REGION,
            Origin(endpoint_id),
            tuple(subnet.id for subnet in subnets),
            (),
            tuple(names),
            plan.hand.chance(50),
        )
    )


def _inspecting_endpoint(plan: Plan, site: Site) -> None:
    """An endpoint of a kind that is not modelled: what goes through it is not known."""
    endpoint_id = plan.name("vpce")
    plan.draft.add(VpcEndpoint(endpoint_id, "", site.vpc.id, INSPECTING, "inspection", USUAL_REGION, Origin(endpoint_id)))
    site.unmodelled.append(endpoint_id)
