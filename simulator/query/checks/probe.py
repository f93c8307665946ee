"""Hosts that would stand in a subnet and let everything in and out, to ask what the network between the hosts lets through."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from simulator.aws.internet import ENDPOINT
from simulator.aws.network_interface import UNSET, UNSET_IPV6, InterfaceAddress, NetworkInterface
from simulator.aws.permissions import GroupPeer
from simulator.aws.security_group import INBOUND, OUTBOUND, SecurityGroup, open_permissions
from simulator.aws.snapshot import Draft, Snapshot
from simulator.aws.subnet import Subnet
from simulator.compile import compile_snapshot
from simulator.evaluate.result import Verdict
from simulator.graph.nodes import FlowGraph
from simulator.origin import Origin
from simulator.query.reach import can

Wanted = tuple[str, bool]  # a subnet, and whether the host has a public address


@dataclass(frozen=True, slots=True)
class Probes:
    """Hosts in a copy of a network. `names`: what to ask by."""

    snapshot: Snapshot
    graph: FlowGraph
    names: Mapping[Wanted, str]

    @classmethod
    def of(cls, snapshot: Snapshot, wanted: Iterable[Wanted]) -> Probes:
        """The network with these hosts. They are in an open group, and in every group that somebody who passes packets on asks for."""
        names = {(subnet, public): f"a {'public ' if public else ''}host in {subnet}" for subnet, public in wanted}
        if not names:
            return cls(snapshot, FlowGraph((), {}, {}), {})
        draft = Draft.of(snapshot)
        asked = _asked_on_the_way(snapshot)
        for (subnet_id, public), name in names.items():
            subnet = snapshot.get(Subnet, subnet_id)
            if subnet is None:
                continue
            group = f"open group of {subnet.vpc} for probes"
            if draft.get(SecurityGroup, group) is None:
                both = [open_permissions(Origin(group), direction) for direction in (INBOUND, OUTBOUND)]
                draft.add(SecurityGroup(group, "", subnet.vpc, both[0], both[1], Origin(group)))
            draft.add(NetworkInterface(name, "", subnet.vpc, subnet.id, _addresses(subnet, public=public), (group, *asked), Origin(name)))
        extended = draft.finish()
        return cls(extended, compile_snapshot(extended), names)

    def to_internet(self, subnet: str) -> tuple[Verdict, str, str]:
        """Whether a public host in a subnet reaches the internet over HTTPS and hears the answers; where it is stopped, and with which
        code.
        """
        answer = can(self.graph, self.snapshot, self.names[subnet, True], ENDPOINT, "tcp/443")
        if not answer.blockers:
            return answer.verdict, "", ""
        return answer.verdict, answer.blockers[0].step.place.id, answer.blockers[0].code


def _asked_on_the_way(snapshot: Snapshot) -> tuple[str, ...]:
    """The groups that rules of hosts without source/destination check name."""
    groups = {name for interface in snapshot.all(NetworkInterface) if not interface.check for name in interface.groups or ()}
    known = [group for name in sorted(groups) if (group := snapshot.get(SecurityGroup, name))]
    return tuple(sorted({rule.peer.id for group in known for rule in group.inbound if isinstance(rule.peer, GroupPeer)}))


def _addresses(subnet: Subnet, *, public: bool) -> tuple[InterfaceAddress, ...]:
    versions = {cidr.version for cidr in subnet.cidrs}
    four = (InterfaceAddress(UNSET, UNSET if public else None),) if 4 in versions else ()
    return four + ((InterfaceAddress(UNSET_IPV6),) if 6 in versions else ())
