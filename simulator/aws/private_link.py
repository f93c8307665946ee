"""PrivateLink: from a consumer's interface endpoint to the provider's network load balancer, and back (PL-1 to PL-4, W-19).

    endpoint -> the load balancer's node in its zone -> the node's groups, with the consumer's address (unless switched off)
             -> a listener's port -> a target -> the source becomes the node's: a client's address is never kept
    answer:     both changes undone at the node -> the endpoint -> the consumer

The ACLs of the provider's subnets judge what passes between node and target, and not (believed) what an endpoint brings to a node. No
route joins the two VPCs, and their blocks may overlap; nothing can start from the provider's side (IFE-7). What is behind an endpoint
whose service was not read is taken to answer, and the answer says so.

AWS pages: "AWS PrivateLink concepts", "Target groups for your
Network Load Balancers" (2026).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from simulator.aws.endpoint_service import EndpointService, balancers_of, service_of
from simulator.aws.interface_path import group_filter
from simulator.aws.load_balancer import ACTIVE, NETWORK, LoadBalancer, nodes_of
from simulator.aws.network_interface import NetworkInterface, leaving
from simulator.aws.network_load_balancer import Flows, answers_of_others, listening, passes_on_to, sends, taking
from simulator.aws.resource import Kind
from simulator.aws.security_group import INBOUND
from simulator.aws.snapshot import Snapshot
from simulator.aws.subnet import Subnet
from simulator.aws.vpc_endpoint import AVAILABLE, INTERFACE, VpcEndpoint, behind
from simulator.graph.builder import Builder
from simulator.graph.nodes import Choice, Drop, Forget, Ref, Restore, Rewrite


class Link(NamedTuple):
    """An endpoint's interface and a node of a load balancer that takes what it brings."""

    endpoint: VpcEndpoint
    interface: NetworkInterface
    balancer: LoadBalancer
    node: NetworkInterface

    @property
    def flows(self) -> Flows:
        """The session tables of what comes this way."""
        return Flows(
            f"flows {self.node.id} passes on for {self.interface.id}", f"flows {self.node.id} makes its own for {self.interface.id}", True
        )


def links_of(snapshot: Snapshot) -> dict[str, list[Link]]:
    """The links of each endpoint's interface."""
    return snapshot.index("private links", lambda: dict(_links(snapshot)))


def _links(snapshot: Snapshot) -> Iterator[tuple[str, list[Link]]]:
    for endpoint in snapshot.all(VpcEndpoint):
        service = service_of(snapshot, endpoint) if endpoint.type == INTERFACE else None
        if service is None or service.balancers is None or endpoint.state != AVAILABLE:
            continue
        for interface in filter(None, (snapshot.get(NetworkInterface, name) for name in endpoint.interfaces)):
            yield interface.id, list(_in_zone(snapshot, endpoint, interface, service))


def _in_zone(snapshot: Snapshot, endpoint: VpcEndpoint, interface: NetworkInterface, service: EndpointService) -> Iterator[Link]:
    """The nodes in the zone of an endpoint's interface (PL-4)."""
    home = snapshot.get(Subnet, interface.subnet)
    for balancer in balancers_of(snapshot, service):
        for node in nodes_of(snapshot, balancer) if balancer.type == NETWORK else ():
            subnet = snapshot.get(Subnet, node.subnet)
            if home is not None and subnet is not None and home.zone == subnet.zone:
                yield Link(endpoint, interface, balancer, node)


def ends_behind(snapshot: Snapshot, interface: str) -> frozenset[str]:
    """The interfaces at which what is sent to one may arrive: behind a load balancer's node, or behind an endpoint."""
    passed = passes_on_to(snapshot)
    nodes = [link.node.id for link in links_of(snapshot).get(interface, ())]
    return frozenset().union(passed.get(interface, ()), *(passed.get(node, ()) for node in nodes))


# --- there ---------------------------------------------------------------------------------------------------------------------


def _emit(endpoint: VpcEndpoint, build: Builder, snapshot: Snapshot) -> None:
    service = service_of(snapshot, endpoint) if endpoint.type == INTERFACE else None
    if service is None or service.balancers is None or endpoint.state != AVAILABLE:
        return
    for name in endpoint.interfaces:
        links = links_of(snapshot).get(name)
        if links is not None:
            build.open(behind(name), _into_service(endpoint, service, links, build, snapshot))


def _into_service(endpoint: VpcEndpoint, service: EndpointService, links: list[Link], build: Builder, snapshot: Snapshot) -> Ref:
    unread = len(balancers_of(snapshot, service)) < len(service.balancers or ())
    ways = {link.node.id: _to_node(link, build, snapshot) for link in links}
    if unread:
        gap = Drop(place=service.place, what="its load balancers (not read)", code="UNKNOWN_RESOURCE", gap=True, origin=service.origin)
        ways["a load balancer that was not read"] = build.add(gap)
    if not ways:
        origin = service.origin.of("zones of its load balancers")
        return build.add(Drop(place=endpoint.place, what="zone", code="VPCE_SERVICE_NOT_INSTALLED_IN_AZ", cites=("PL-4",), origin=origin))
    return build.add(Choice(place=endpoint.place, what="the service's node", options=tuple(ways.items()), cites=("PL-1", "MODEL-6")))


def _to_node(link: Link, build: Builder, snapshot: Snapshot) -> Ref:
    """A node judges what an endpoint brings by the consumer's address; who sent it nobody knows (PL-2)."""
    balancer, node = link.balancer, link.node
    if balancer.state not in ACTIVE:
        origin = balancer.origin.of(f"state {balancer.state}")
        return build.add(Drop(place=balancer.place, what="state", code="BAD_STATE", cites=("ELB-1",), origin=origin))
    taken: Ref = listening(balancer, node, build, snapshot, link.flows)
    if node.has_groups and balancer.enforces_private_link:
        taken = group_filter(node, build, snapshot, INBOUND, taken)
    return build.add(Rewrite(place=node.place, what="who sent it", how=Forget(), then=taken, cites=("PL-2",), plumbing=True))


# --- and back --------------------------------------------------------------------------------------------------------------------


def _emit_back(node: NetworkInterface, build: Builder, snapshot: Snapshot) -> None:
    """A node asks of what comes for it whether it answers something an endpoint brought."""
    then: Ref = taking(node.id)
    for link in _to(snapshot).get(node.id, ()):
        if not sends(snapshot, link.balancer, node):
            continue
        astray = build.add(_astray(link))
        undone = Rewrite(
            place=link.balancer.place,
            what="answer of a target",
            how=Restore(link.flows.redirects),
            then=leaving(link.interface.id),
            miss=astray,
            cites=("PL-1",),
        )
        own = Rewrite(
            place=link.balancer.place,
            what=f"the address of {link.endpoint.id}'s consumer put back",
            how=Restore(link.flows.sources),
            then=build.add(undone),
            miss=then,
            cites=("PL-1",),
        )
        then = build.add(own)
    if then != taking(node.id):
        build.open(answers_of_others(node.id), then)


def _to(snapshot: Snapshot) -> dict[str, list[Link]]:
    """The links to each node that works."""

    def made() -> dict[str, list[Link]]:
        found: dict[str, list[Link]] = {}
        for links in links_of(snapshot).values():
            for link in links:
                if link.balancer.state in ACTIVE:
                    found.setdefault(link.node.id, []).append(link)
        return found

    return snapshot.index("private links by node", made)


def _astray(link: Link) -> Drop:
    return Drop(
        place=link.balancer.place,
        what="packets for others",
        code="ENI_ADDRESS_RESTRICTION",
        cites=("PL-1",),
        origin=link.balancer.origin.of("answers of its targets only"),
    )


KIND = Kind(name="private-link", noun=VpcEndpoint, about="endpoints of others' services", emit=_emit, extends=True)
BACK = Kind(name="private-link-answers", noun=NetworkInterface, about="answers to endpoints", emit=_emit_back, extends=True)
