"""Gateway Load Balancer endpoints and the appliances behind them (sections 12 and 13 of docs/semantics.md)."""

from __future__ import annotations

from simulator.aws.inspection import Passage
from simulator.aws.listener import Listener
from simulator.aws.load_balancer import LoadBalancer
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.vpc_endpoint import VpcEndpoint
from simulator.packet.flow import TCP, UDP, Flow
from tests.oracle.by_the_book.filters import ICMP, ICMPV6, Judgement, Marks, fits, judge_acl, judge_groups
from tests.oracle.by_the_book.firewalls import Firewalls
from tests.oracle.by_the_book.headers import mirrored
from tests.oracle.by_the_book.result import Stop
from tests.oracle.by_the_book.targets import GENEVE, Aim, aims, groups_of, in_use


class Inspection(Firewalls):
    """Stages of a `Journey`, which has those of interfaces and subnets."""

    def through_inspection(self, endpoint: VpcEndpoint, nic: NetworkInterface) -> None:
        """GWLBE-1, GWLBE-2: unchanged to an appliance, and on by the table of the endpoint's subnet."""
        self.at(endpoint.id, "in")
        self.check("it works", endpoint.state == "available", "BAD_STATE")
        self.check("not by reference (SG-13)", not self.marks.by_reference, "SG_REFERENCES_NOT_PRESERVED")
        self.forget_sender()
        firewall = self.firewall_of(endpoint)
        if firewall is not None or endpoint.firewall:  # NFW-1
            self.judged_by(endpoint.id, firewall)
        service = self.world.service_behind(endpoint)
        if service is not None and service.balancers is not None:  # GWLBE-6: what nobody read passes everything
            self.at_appliances(endpoint, nic, service.balancers)
        self.emitter = nic.id
        self.leave_subnet(self.world.subnet(nic.subnet))  # GWLBE-4

    def at_appliances(self, endpoint: VpcEndpoint, nic: NetworkInterface, names: tuple[str, ...]) -> None:
        """PL-4: by a node in the endpoint's zone."""
        zone = self.world.subnet(nic.subnet).zone
        balancers = [self.world.snapshot.get(LoadBalancer, name) for name in names]
        if None in balancers:
            raise self.beyond(endpoint.id)
        nodes = [self.world.nic(node) for balancer in balancers if balancer for node in balancer.interfaces]
        nodes = [node for node in nodes if self.world.subnet(node.subnet).zone == zone]
        self.check("in this zone (PL-4)", bool(nodes), "VPCE_SERVICE_NOT_INSTALLED_IN_AZ")
        node = nodes[self.choose("node", 0, len(nodes) - 1, 0)] if len(nodes) > 1 else nodes[0]
        balancer = self.world.balancer_of(node)
        assert balancer is not None
        self.to_appliance(endpoint, balancer, node)
        self.at(balancer.id, f"inspects for {endpoint.id}")
        self.check("it works", balancer.state == "active", "BAD_STATE")
        self.inspected(balancer, endpoint)

    def to_appliance(self, endpoint: VpcEndpoint, balancer: LoadBalancer, node: NetworkInterface) -> None:
        """GWLB-1: GENEVE has to reach one of the appliances."""
        zone = self.world.subnet(node.subnet).zone
        listeners = [one for one in self.world.snapshot.all(Listener) if one.balancer == balancer.id]
        groups = [group for listener in listeners for group in groups_of(self.world, listener)]
        if any(group.targets is None for group in groups):
            raise self.beyond(balancer.id)
        found = [aim for group in groups for aim in aims(self.world, balancer, group, in_use(group))]
        enabled = {self.world.subnet(subnet).zone for subnet in balancer.subnets}
        found = [aim for aim in found if self.is_near(balancer, aim, zone, enabled)]
        if not found:
            self.at(balancer.id, f"no appliance for {endpoint.id}")
            raise Stop(balancer.id, "ELBV2_LISTENER_HAS_NO_TG")
        heard = [self.hears(node, aim) for aim in found]
        if not any(heard):
            return
        outcomes: list[Stop | None] = [stop for stop in heard if stop is not None]  # which one of those that hear it, does not matter
        outcomes += [None] if None in heard else []
        index = 0
        if len(outcomes) > 1:
            self.at(balancer.id, f"which appliance for {endpoint.id}")
            index = self.choose("appliance", 0, len(outcomes) - 1, 0)
        stop = outcomes[index]
        if stop is not None:
            self.at(stop.place, f"GENEVE for {endpoint.id}")
            self.check("GENEVE reaches it (GWLB-1)", False, stop.code or "", stop.rules)

    def hears(self, node: NetworkInterface, aim: Aim) -> Stop | None:
        """Lists and groups on the way from a node to an appliance: what stops GENEVE there."""
        if aim.nic is None:
            return None
        header = Flow(4, self.world.privates(node)[0], aim.address, UDP, GENEVE, aim.port)
        here, there = self.world.subnet(node.subnet), self.world.subnet(aim.nic.subnet)
        for subnet, inbound in ((here, False), (there, True)) if here.id != there.id else ():
            acl = self.world.acl_of(subnet)
            if acl is None:
                raise self.beyond(subnet.id)
            judgement = judge_acl(self.world, acl, header, inbound=inbound)
            if not judgement.passed:
                return Stop(subnet.id, judgement.code, judgement.rules)
        groups = self.world.groups_of(aim.nic)
        if not groups:
            raise self.beyond(aim.nic.id)
        judgement = judge_groups(self.world, aim.nic.vpc, groups, header, inbound=True, marks=Marks())
        if judgement.unknown:
            raise self.beyond(aim.nic.id)
        return None if judgement.passed else Stop(aim.nic.id, judgement.code, judgement.rules)

    def inspected(self, balancer: LoadBalancer, endpoint: VpcEndpoint) -> None:
        """GWLBE-5, GWLBE-6: answers of flows that this endpoint saw pass; everything else by the rules, if anybody told some."""
        table = f"inspected at {endpoint.id}"
        if any(where == table and mirrored(flow) == self.header for where, flow in self.sessions.admitted):
            if balancer.keeps_state is not False:
                return
        elif self.answers and self.is_connection(balancer) and balancer.keeps_state is not False:
            if balancer.keeps_state is None:
                self.judged("whether it keeps state nobody told", Judgement(True, unknown=True))
                return
            self.check("it saw the flow begin (GWLBE-5)", False, "SIM_RETURN_PATH_ASYMMETRIC")
        for passage in balancer.inspection or ():
            if self.covers(passage):
                rule = (passage.origin.resource, passage.origin.part)
                if not passage.permit:
                    raise Stop(balancer.id, "FIREWALL_RULES_RESTRICTION", frozenset({rule}))
                break
        else:
            if balancer.inspection is not None:
                raise Stop(balancer.id, "FIREWALL_RULES_RESTRICTION")
        self.sessions.admitted.add((table, self.header))

    def is_connection(self, balancer: LoadBalancer) -> bool:
        """Whether missing the start of the flow matters."""
        without_ports = self.header.protocol not in (TCP, UDP, ICMP, ICMPV6)
        untold = not self.reading.state_is_for_connections and balancer.keeps_state is None
        return self.header.protocol == TCP or (untold and without_ports)

    def covers(self, passage: Passage) -> bool:
        sources = not passage.sources or self.world.within(passage.sources, self.header.source)
        destinations = not passage.destinations or self.world.within(passage.destinations, self.header.destination)
        return sources and destinations and fits(passage.traffic, self.header)
