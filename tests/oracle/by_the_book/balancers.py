"""Load balancers (section 13 of docs/semantics.md): a node that takes a connection, and what it sends to its targets."""

from __future__ import annotations

from simulator.aws.listener import Listener
from simulator.aws.load_balancer import LoadBalancer
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.subnet import Subnet
from simulator.aws.vpc_peering import VpcPeering
from simulator.packet.flow import Flow
from tests.oracle.by_the_book.filters import ICMP, TCP, UDP, Marks, judge_acl
from tests.oracle.by_the_book.headers import Preserved, mirrored, with_fields
from tests.oracle.by_the_book.result import Stop
from tests.oracle.by_the_book.routes import Route, candidates, routes_of
from tests.oracle.by_the_book.targets import (
    CLASSIC,
    EVERY_ZONE,
    GATEWAY,
    NETWORK,
    Aim,
    aims,
    balancer_groups,
    crosses_zones,
    groups_of,
    in_use,
    keeps_client,
    listener_for,
    protocols_of,
    zones_of,
)
from tests.oracle.by_the_book.transit import Transit

ECHO = 8


class Balancers(Transit):
    """Stages of a `Journey`, which has those of interfaces and subnets."""

    # ---- what comes to a node ----

    def at_node(self, balancer: LoadBalancer, node: NetworkInterface) -> None:
        """ELB-2: the first leg ends here, or the answer to the second."""
        self.at(balancer.id, "in")
        original = self.sessions.original_of(node.id, self.header)
        if original is not None:  # not preserved: back to the client
            linked = next(
                (by for (where, left), by in self.sessions.linked.items() if where == node.id and mirrored(left) == self.header), ""
            )
            self.becomes(mirrored(original))
            if linked:  # PL-1: by the endpoint it came from
                self.forget_sender()
                self.leave(self.world.nic(linked))
            else:
                self.emit_from(node)
            return
        if self.is_own(node):
            self.arrive(node.id)
            return
        if balancer.type not in (NETWORK, GATEWAY) and self.header.protocol == ICMP and self.header.icmp_type == ECHO:  # ALB-5, CLB-1
            self.arrive(node.id)
            return
        self.check("not by its endpoints alone (GWLB-2)", balancer.type != GATEWAY, "ELBV2_LISTENERS_MISMATCH")
        self.check("it works", balancer.state == "active", "BAD_STATE")
        listener = listener_for(self.world, balancer, self.header.protocol, self.header.destination_port)
        no_listener = "ELB_LISTENERS_MISMATCH" if balancer.type == CLASSIC else "ELBV2_LISTENERS_MISMATCH"
        self.check("a listener (ELB-5)", listener is not None and self.header.protocol in (TCP, UDP), no_listener)
        if balancer.type != NETWORK:  # ALB-1, CLB-1: a proxy
            self.arrive(node.id)
            return
        self.pass_to_target(balancer, node, listener)

    def is_own(self, node: NetworkInterface) -> bool:
        """Whether it answers what the node itself sent."""
        return any(where == node.id and mirrored(sent) == self.header for where, sent in self.sessions.sent)

    def pass_to_target(
        self, balancer: LoadBalancer, node: NetworkInterface, listener: Listener, *, by: NetworkInterface | None = None
    ) -> None:
        """NLB-1 to NLB-7: one of the targets, with the client's address or the node's. `by`: the interface of an endpoint (PL-1)."""
        zone, enabled = self.world.subnet(node.subnet).zone, zones_of(self.world, balancer)
        groups = groups_of(self.world, listener)
        if any(group.targets is None for group in groups) or len(groups) < len(listener.groups):
            raise self.beyond(balancer.id)
        everything = [aim for group in groups for aim in aims(self.world, balancer, group, in_use(group))]
        found = [aim for aim in everything if self.is_near(balancer, aim, zone, enabled)]
        if not found:
            self.check("a target", bool(everything), "ELBV2_LISTENER_HAS_NO_TG")
            raise Stop(balancer.id, "ELBV2_NO_TARGETS_IN_AZ")
        aim = found[self.choose("target", 0, len(found) - 1, 0)] if len(found) > 1 else found[0]
        came = self.header
        keeps = keeps_client(aim.group) and by is None
        if keeps and not self.is_direct(node, aim):
            raise Stop(balancer.id, "ELBV2_SOURCE_ADDRESS_PRESERVATION", frozenset({(aim.group.id, f"target {aim.target.id}")}))
        self.becomes(with_fields(came, destination=aim.address, destination_port=aim.port))
        if keeps:
            self.check("not the client itself (NLB-7)", self.header.source != self.header.destination, "SIM_NLB_HAIRPIN")
            self.keep_client(node, aim, came)
            return
        port = self.choose("port", 1024, 65535, came.source_port)
        self.becomes(with_fields(self.header, source=self.world.privates(node)[0], source_port=port))
        self.sessions.translated.setdefault((node.id, self.header), came)
        if by is not None:
            self.sessions.linked.setdefault((node.id, self.header), by.id)
        self.emit_from(node)

    def keep_client(self, node: NetworkInterface, aim: Aim, came: Flow) -> None:
        """NLB-3, NLB-4: the client's address goes with it, within the VPC or over a peering."""
        assert aim.nic is not None
        peering = self.peering_to(node, aim) if aim.nic.vpc != node.vpc else None
        self.sessions.preserved.append(Preserved(node.id, aim.nic.id, came, self.header, peering.id if peering else ""))
        self.emit_from(node)

    def over_to_peer(self, node: NetworkInterface, aim: Aim, peering: VpcPeering) -> None:
        """NLB-4: to a target behind a peering, whoever's address it has that PCX-3 would refuse."""
        assert aim.nic is not None
        self.at(node.id, "to a peer")
        if self.world.groups_of(node) is None:
            self.leg.quiet.add(node.id)
        self.pass_groups(node, inbound=False)
        self.cross("network ACL out", self.world.subnet(node.subnet), inbound=False)
        self.at(peering.id, "for a client")
        route = self.route_to(node, aim.address)
        self.check("its table leads there (NLB-4)", True, "", frozenset({route.rule} if route else ()))
        self.deliver_in(aim.nic.vpc)

    def cross(self, what: str, subnet: Subnet, *, inbound: bool) -> None:
        """A list, where nothing else of the subnet matters."""
        acl = self.world.acl_of(subnet)
        if acl is None:
            raise self.beyond(subnet.id)
        self.at(subnet.id, what)
        self.judged(what, judge_acl(self.world, acl, self.header, inbound=inbound))

    def is_near(self, balancer: LoadBalancer, aim: Aim, zone: str, enabled: set[str]) -> bool:
        """ELB-3: a target of an enabled zone, and of the node's own where zones are not crossed."""
        if aim.zone == EVERY_ZONE:
            return True
        return aim.zone in enabled and (aim.zone == zone or crosses_zones(balancer, aim.group))

    def is_direct(self, node: NetworkInterface, aim: Aim) -> bool:
        """NLB-4: a client's address is kept only towards the same VPC, with no appliance between, or a peered one of the Region."""
        if aim.nic is None:
            return False
        if aim.nic.vpc != node.vpc:
            return self.peering_to(node, aim) is not None
        route = self.route_to(node, aim.address)
        return aim.nic.subnet == node.subnet or (route is not None and route.kind == "local")

    def route_to(self, node: NetworkInterface, address: int) -> Route | None:
        """The route of the node's table."""
        table = self.world.table_of(self.world.subnet(node.subnet))
        known = routes_of(self.world, table) if table else None
        found = candidates(known or [], address)
        return found[0] if len(found) == 1 else None

    def peering_to(self, node: NetworkInterface, aim: Aim) -> VpcPeering | None:
        """The peering by which the node's table leads to a target."""
        route = self.route_to(node, aim.address)
        if route is None or route.kind != "vpc-peering-connection" or route.blackhole:
            return None
        peering = self.world.snapshot.get(VpcPeering, route.target)
        fits = peering and peering.state == "active" and aim.nic and aim.nic.vpc in peering.vpcs and self.world.one_region(peering)
        return peering if fits else None

    # ---- what a node sends ----

    def comes_from(self, node: NetworkInterface) -> None:
        groups = frozenset(self.world.group_ids(node))
        own = groups or self.world.holds(node, self.header.source)
        self.marks = Marks(groups, frozenset() if own else self.marks.lost | self.marks.groups)
        self.entered = ""

    def emit_from(self, node: NetworkInterface) -> None:
        """SG-13: what a node sends comes from a member of its groups, whoever's address it has."""
        self.comes_from(node)
        self.out_of_node(node)

    def out_of_node(self, node: NetworkInterface) -> None:
        for aim in self.kept_targets(node):
            peering = self.peering_to(node, aim)
            if peering is not None:
                self.over_to_peer(node, aim, peering)
                return
        if self.world.groups_of(node) is not None:
            self.leave(node)
            return
        self.emitter = node.id
        self.leave_subnet(self.world.subnet(node.subnet))

    def kept_targets(self, node: NetworkInterface) -> list[Aim]:
        """The targets of other VPCs at the destination that get their clients' addresses."""
        balancer = self.world.balancer_of(node)
        groups = [group for group in balancer_groups(self.world, balancer) if keeps_client(group)] if balancer else []
        found = [aim for group in groups for aim in aims(self.world, balancer, group, list(group.targets or ()))]
        return [aim for aim in found if aim.address == self.header.destination and aim.nic is not None and aim.nic.vpc != node.vpc]

    def send_from_node(self, balancer: LoadBalancer, node: NetworkInterface) -> None:
        """ELB-2, ELB-3, ELB-5: what a node starts goes to its targets only."""
        self.at(balancer.id, "send")
        if self.world.groups_of(node) is None:
            self.leg.quiet.add(node.id)
        zone, enabled = self.world.subnet(node.subnet).zone, zones_of(self.world, balancer)
        groups = balancer_groups(self.world, balancer)
        registered = [aim for group in groups for aim in aims(self.world, balancer, group, list(group.targets or ()))]
        registered = [aim for aim in registered if aim.address == self.header.destination]
        self.check("one of its targets (ELB-2)", bool(registered), "TARGET_ADDRESS_RESTRICTION")
        allowed = [aim for aim in registered if aim.zone in (EVERY_ZONE, *enabled)]
        self.check("of its zones (ELB-3)", bool(allowed), "ELB_INSTALLED_AZ_RESTRICTION")
        fitting = [aim for aim in allowed if aim.port == self.header.destination_port and self.header.protocol in protocols_of(aim.group)]
        self.check("on its port (ELB-5)", bool(fitting), "TARGET_PORT_RESTRICTION")
        fitting = [aim for aim in fitting if self.is_near(balancer, aim, zone, enabled)]
        self.check("of its own zone (ELB-3)", bool(fitting), "ELB_NOT_CROSSZONE")
        used = [aim for aim in fitting if aim.target in in_use(aim.group)]
        self.check("healthy (ELB-4)", bool(used), "BAD_STATE")
        self.sessions.sent.add((node.id, self.header))
        self.own_groups(node)
        self.out_of_node(node)

    def past_list_of_classic(self, node: NetworkInterface) -> None:
        """NACL-20: what a Classic Load Balancer sends meets the list of its subnet even on the way to a neighbour."""
        balancer, subnet = self.world.balancer_of(node), self.world.subnet(node.subnet)
        if self.answers or balancer is None or balancer.type != CLASSIC or not self.world.within(subnet.cidrs, self.header.destination):
            return
        acl = self.world.acl_of(subnet)
        if acl is None:
            raise self.beyond(subnet.id)
        judgement = judge_acl(self.world, acl, self.header, inbound=False)
        self.at(subnet.id, "classic")
        self.check("network ACL out (NACL-20)", judgement.passed, "ELB_ACL_RESTRICTION", judgement.rules)

    # ---- the way back to a node ----

    def back_to_node(self, nic: NetworkInterface) -> bool:
        """ELB-6, NLB-6: the answer to a client whose address was kept goes back to the node, whatever the table says."""
        found = next((one for one in self.sessions.preserved if one.target == nic.id and mirrored(one.left) == self.header), None)
        if found is None:
            return False
        node = self.world.nic(found.node)
        here, there = self.world.subnet(nic.subnet), self.world.subnet(node.subnet)
        if here.id != there.id:
            self.cross("network ACL out", here, inbound=False)
            if found.peering:
                self.at(found.peering, "back to a node")
                route = self.route_to(node, self.header.source)
                self.check("as it came (NLB-4)", True, "", frozenset({route.rule} if route else ()))
            self.cross("network ACL in", there, inbound=True)
        self.at(node.id, "in")
        if self.world.groups_of(node) is None:
            self.leg.quiet.add(node.id)
        self.pass_groups(node, inbound=True)
        balancer = self.world.balancer_of(node)
        self.at(balancer.id if balancer else node.id, "back")
        self.becomes(mirrored(found.came))
        self.emit_from(node)
        return True
