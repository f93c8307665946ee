"""VPC links of API Gateway (SVC-7): interfaces in your subnets, with groups, by which an API reaches load balancers and hosts.

A private API is an interface endpoint of the service `execute-api`, and a link of version 1 an endpoint service; both are told elsewhere.
How AWS describes a link's interfaces is on no page that was read, so one in each subnet is assumed. AWS page: "Set up VPC links V2 in API
Gateway" (2026).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from simulator.aws.managed_service import FIELDS, ManagedService, authored_interfaces, described_interfaces, emit_service
from simulator.aws.resource import Item, Kind, Values
from simulator.aws.snapshot import Draft, Snapshot
from simulator.graph.builder import Builder
from simulator.graph.nodes import Place
from simulator.origin import Origin

WORKS = "AVAILABLE"


@dataclass(frozen=True, slots=True)
class VpcLink(ManagedService):
    """A link of version 2; `interfaces` are filled in when all is read."""

    id: str
    name: str
    subnets: tuple[str, ...]
    groups: tuple[str, ...]
    origin: Origin
    interfaces: tuple[str, ...] = ()

    @property
    def place(self) -> Place:
        """The hop of the link."""
        return Place(self.id, "vpc-link", self.name)


def _scenario(name: str, values: Values, draft: Draft) -> None:
    interfaces = authored_interfaces(name, values, draft)
    draft.add(VpcLink(name, "", tuple(values["subnets"]), (), Origin(name, place=values.place), interfaces))


def _describe(item: Item, draft: Draft) -> None:
    """An element of `Items`, as `apigatewayv2 get-vpc-links` prints them; other lists of that API have the name too."""
    link_id = item.get("VpcLinkId", "")
    if not link_id:
        item.problems.not_modelled("1 element of API Gateway not modelled", item.place())
        return
    if item.get("VpcLinkStatus", WORKS) != WORKS:
        item.problems.not_modelled(f"VPC link `{link_id}` is {item.data['VpcLinkStatus'].lower()}; it is left out", item.place())
        return
    subnets, groups = tuple(item.get("SubnetIds", ())), tuple(item.get("SecurityGroupIds", ()))
    draft.add(VpcLink(link_id, item.get("Name", ""), subnets, groups, Origin(link_id, place=item.place())))


def _complete(link: VpcLink, draft: Draft) -> None:
    if not link.interfaces:
        found = described_interfaces(link.id, link.id, link.subnets, link.groups, link.origin, draft)
        draft.replace(replace(link, interfaces=found))


def _emit(link: VpcLink, build: Builder, snapshot: Snapshot) -> None:
    emit_service(link.place, link.interfaces, build, snapshot)


KIND = Kind(
    name="vpc-link",
    noun=VpcLink,
    about="the interfaces by which an API reaches into a VPC",
    section="vpc_links",
    fields=tuple(field for field in FIELDS if field.name != "port"),
    scenario=_scenario,
    describe={"Items": _describe},
    prefix="link",
    complete=_complete,
    emit=_emit,
)
