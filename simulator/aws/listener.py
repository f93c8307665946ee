"""Listeners of load balancers: a port with its protocol, and the target groups that its actions may choose (ELB-5).

Which group a request goes to depends on what is in it (host, path, weights), so every group that a listener or one of its rules names is
possible. Actions without a group (a redirect, a fixed response) end at the load balancer. AWS page: "Listeners for your Application Load
Balancers" (2026).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from simulator.aws.resource import Item, Kind
from simulator.aws.snapshot import Draft, Snapshot
from simulator.aws.target_group import TargetGroup, short_id
from simulator.origin import Origin
from simulator.packet.flow import TCP, UDP
from simulator.packet.space import Match

PROTOCOLS = {
    "HTTP": (TCP,),
    "HTTPS": (TCP,),
    "TCP": (TCP,),
    "TLS": (TCP,),
    "UDP": (UDP,),
    "TCP_UDP": (TCP, UDP),
    "QUIC": (UDP,),
    "TCP_QUIC": (TCP, UDP),
}


@dataclass(frozen=True, slots=True)
class Listener:
    """A listener of the load balancer `balancer`. `protocols` are numbers; `groups` the ids of target groups it may choose."""

    id: str
    name: str
    balancer: str
    protocols: tuple[int, ...]
    port: int
    groups: tuple[str, ...]
    origin: Origin

    @property
    def matches(self) -> tuple[Match, ...]:
        """What it takes."""
        return tuple(Match(protocol=protocol, destination_ports=(self.port, self.port)) for protocol in self.protocols)


def listeners_of(snapshot: Snapshot, balancer: str) -> list[Listener]:
    """The listeners of a load balancer, the lowest port first."""
    return sorted(snapshot.by(Listener, "balancer")[balancer], key=lambda one: (one.port, one.protocols))


def groups_of(snapshot: Snapshot, listeners: list[Listener]) -> list[TargetGroup]:
    """The target groups of some listeners, each once."""
    names = dict.fromkeys(name for listener in listeners for name in listener.groups)
    return [group for name in names if (group := snapshot.get(TargetGroup, name))]


def _describe(item: Item, draft: Draft) -> None:
    listener_id = short_id(item.data["ListenerArn"])
    protocol = item.get("Protocol", "")
    if protocol and protocol not in PROTOCOLS:
        item.problems.warn(f"listener `{listener_id}`: `{protocol}` is no protocol of a listener", item.place("Protocol"))
    draft.add(
        Listener(
            listener_id,
            "",
            short_id(item.data["LoadBalancerArn"]),
            PROTOCOLS.get(protocol, ()),
            int(item.get("Port", 0)),
            tuple(dict.fromkeys(_groups(item.get("DefaultActions", ())))),
            Origin(listener_id, place=item.place()),
        )
    )


def _groups(actions: list[Mapping[str, Any]]) -> Iterator[str]:
    """The target groups of some actions; one with the weight 0 gets nothing."""
    for action in actions:
        weighted = (action.get("ForwardConfig") or {}).get("TargetGroups") or ()
        for data in weighted:
            if data.get("Weight") != 0:
                yield short_id(data["TargetGroupArn"])
        if not weighted and action.get("TargetGroupArn"):
            yield short_id(action["TargetGroupArn"])


def _describe_rule(item: Item, draft: Draft) -> None:
    """A rule of a listener; its ARN says of which. Other services have lists of rules too."""
    arn = item.get("RuleArn", "")
    if ":listener-rule/" in arn:
        draft.later(
            _add_groups, short_id(arn).replace("listener-rule/", "listener/").rpartition("/")[0], tuple(_groups(item.get("Actions", ())))
        )


def _add_groups(draft: Draft, listener_id: str, groups: tuple[str, ...]) -> None:
    listener = draft.get(Listener, listener_id)
    if listener is not None:
        draft.replace(replace(listener, groups=tuple(dict.fromkeys((*listener.groups, *groups)))))


KIND = Kind(
    name="listener",
    noun=Listener,
    about="a port of a load balancer",
    describe={"Listeners": _describe, "Rules": _describe_rule},
)
