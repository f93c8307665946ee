"""Target groups: what a load balancer sends to, on which port, and what is known of its health (ELB-3, ELB-4, ALB-3, NLB-11).

A target is an instance (its primary interface and address), an address, a load balancer, or a function; a scenario's target says which
by its name. AWS's answers about health and attributes do not name the group: the file they are in has to, in its name
(`describe-target-health-web.json`) or by a `TargetGroupArn` beside the list, unless there is one group only.

Health: AWS prefers healthy targets and, when there is none, takes all but those that are leaving (`draining`) or out of use
(`unused`); what was not told is taken to be healthy (ELB-4). AWS page: "Target groups for your Network Load Balancers" (2026).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from simulator.aws.file_names import spoken_of
from simulator.aws.instance import Instance
from simulator.aws.lambda_function import LambdaFunction
from simulator.aws.resource import Either, Field, Flag, Item, Kind, ListOf, Number, Record, Text, Values
from simulator.aws.snapshot import Draft, Snapshot
from simulator.graph.nodes import Address as AddressValue
from simulator.origin import Origin, Place
from simulator.packet.flow import TCP, UDP
from simulator.packet.prefix import RFC1918, RFC6598, AddressError, Prefix, parse_address
from simulator.problems import Problems, did_you_mean

INSTANCE, IP, BALANCER, FUNCTION = "instance", "ip", "alb", "lambda"
KINDS_OF_TARGETS = {INSTANCE: "instance", BALANCER: "load-balancer", FUNCTION: "lambda-function"}
GENEVE_PORT = 6081  # GWLB-1
PROTOCOLS = ("tcp", "tls", "udp", "tcp_udp", "http", "https", "geneve")
HEALTHY = frozenset({"", "healthy", "unavailable"})  # unavailable: its health is not checked
LEAVING = frozenset({"draining", "unhealthy.draining", "unused"})
STATES = ("healthy", "unhealthy", "initial", "draining", "unused", "unavailable")
# How the names of attributes begin that only target groups have.
OF_GROUPS = ("deregistration_delay", "preserve_client_ip", "proxy_protocol", "slow_start", "stickiness", "target_")
PRIVATE = (*RFC1918, *RFC6598)


@dataclass(frozen=True, slots=True)
class Target:
    """One target: the id of an instance, load balancer or function, or an address; the port that differs from the group's (0: none),
    and for an address outside the VPC the zone it counts for (`all`, or empty).
    """

    id: str
    origin: Origin
    port: int = 0
    zone: str = ""
    health: str = ""


@dataclass(frozen=True, slots=True)
class TargetGroup:
    """A group of targets. `targets` none: they were not read. `keeps_client` and `cross_zone` none: as AWS sets it for the type.
    `balancers` are the ARNs AWS tells of the load balancers that use it.
    """

    id: str
    name: str
    type: str
    protocol: str
    port: int
    origin: Origin
    targets: tuple[Target, ...] | None
    vpc: str = ""
    keeps_client: bool | None = None
    cross_zone: bool | None = None
    balancers: tuple[str, ...] = ()
    arn: str = ""

    @property
    def in_use(self) -> tuple[Target, ...]:
        """The targets that get new connections: the healthy ones, else all but those that are leaving (ELB-4)."""
        healthy = tuple(target for target in self.targets or () if target.health in HEALTHY)
        return healthy or tuple(target for target in self.targets or () if target.health not in LEAVING)

    @property
    def protocols(self) -> tuple[int, ...]:
        """The numbers of the protocols towards its targets; TCP where none is told."""
        return {"udp": (UDP,), "tcp_udp": (TCP, UDP), "geneve": (UDP,)}.get(self.protocol, (TCP,))

    def port_of(self, target: Target) -> int:
        """The port a target is registered with."""
        return target.port or self.port or (GENEVE_PORT if self.protocol == "geneve" else 0)


def short_id(arn: str) -> str:
    """What an ARN of a load balancer, listener or target group says beside Region and account: `app/web/50dc6c495c0c9188`.

    >>> short_id("arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/50dc6c495c0c9188")
    'app/web/50dc6c495c0c9188'
    """
    return arn.rpartition(":")[2].removeprefix("loadbalancer/")


# --- spellings -------------------------------------------------------------------------------------------------------------------


def _scenario(name: str, values: Values, draft: Draft) -> None:
    origin = Origin(name, place=values.place)
    place = values.place_of("targets")
    targets = tuple(_authored(name, entry, place) for entry in values.get("targets", ()))
    draft.add(
        TargetGroup(
            name,
            "",
            values.get("type", ""),
            values.get("protocol", ""),
            values.get("port", 0),
            origin,
            targets,
            keeps_client=values.get("preserve_client_ip"),
            cross_zone=values.get("cross_zone"),
        )
    )


def _authored(group: str, entry: Values | str, place: Place | None) -> Target:
    if isinstance(entry, str):
        return Target(entry, Origin(group, f"target {entry}", place))
    name = entry["target"]
    origin = Origin(group, f"target {name}", entry.place)
    return Target(name, origin, entry.get("port", 0), entry.get("zone", ""), entry.get("health", ""))


def _describe(item: Item, draft: Draft) -> None:
    arn = item.data["TargetGroupArn"]
    group_id = short_id(arn)
    draft.add(
        TargetGroup(
            group_id,
            item.get("TargetGroupName", ""),
            item.get("TargetType", INSTANCE),
            item.get("Protocol", "").lower(),
            int(item.get("Port", 0)),
            Origin(group_id, place=item.place()),
            None,
            item.get("VpcId", ""),
            balancers=tuple(item.get("LoadBalancerArns", ())),
            arn=arn,
        )
    )


def _describe_health(item: Item, draft: Draft) -> None:
    """One target. AWS says everything but the group it belongs to."""
    data = item.get("Target", {})
    name, state = str(data["Id"]), (item.get("TargetHealth") or {}).get("State", "")
    port, zone = int(data.get("Port", 0)), data.get("AvailabilityZone", "")
    draft.later(_add_target, item.place(), str(item.beside.get("TargetGroupArn", "")), short_target(name), port, zone, state)


def short_target(name: str) -> str:
    """A target as the rest of the house calls it: functions by name, load balancers by the short form of their ARN."""
    if not name.startswith("arn:"):
        return name
    return name.split(":")[6] if ":function:" in name else short_id(name)


def _add_target(draft: Draft, place: Place, told: str, name: str, port: int, zone: str, state: str) -> None:
    group = _group_of(draft, place, told, "target health")
    if group is not None:
        target = Target(name, Origin(group.id, f"target {name}", place), port, zone, state)
        others = tuple(other for other in group.targets or () if other != target)
        draft.replace(replace(group, targets=(*others, target)))


def is_of_group(attributes: Iterable[Mapping[str, Any]]) -> bool:
    """Whether a list of attributes is that of a target group; a load balancer's list has the same name and some of the same keys."""
    return any(str(data.get("Key", "")).startswith(OF_GROUPS) for data in attributes)


def read_attribute(item: Item, draft: Draft) -> None:
    """One attribute of a target group."""
    if item.get("Key") in ("preserve_client_ip.enabled", "load_balancing.cross_zone.enabled"):
        told = str(item.beside.get("TargetGroupArn", ""))
        draft.later(_set_attribute, item.place(), told, item.data["Key"], str(item.get("Value", "")))


def _set_attribute(draft: Draft, place: Place, told: str, key: str, value: str) -> None:
    if value not in ("true", "false"):  # a group may follow its load balancer (`use_load_balancer_configuration`)
        return
    group = _group_of(draft, place, told, "target group attributes")
    if group is not None:
        keeps = key.startswith("preserve")
        draft.replace(replace(group, keeps_client=value == "true") if keeps else replace(group, cross_zone=value == "true"))


def _group_of(draft: Draft, place: Place, told: str, what: str) -> TargetGroup | None:
    """The group a file speaks of: by a `TargetGroupArn` in it, by its name, or because there is one only."""
    groups = draft.all(TargetGroup)
    if told:
        return draft.get(TargetGroup, short_id(told))
    names = {one.id: (one.name, one.id.rpartition("/")[2]) for one in groups if one.name}
    ids = [one.id for one in groups] if len(groups) == 1 else spoken_of(place.file, names)
    if len(ids) != 1:
        draft.problems.warn(f"{what}: the file does not say of which target group; put its name into the file's name", place)
    return draft.get(TargetGroup, ids[0]) if len(ids) == 1 else None


# --- what the names mean ---------------------------------------------------------------------------------------------------------


def _complete(group: TargetGroup, draft: Draft) -> None:
    """What kind of thing the targets of a scenario are, told by their names."""
    if group.type or not group.targets:
        return
    found = {target.id: _type_of(target, draft) for target in group.targets}
    for target in group.targets:
        if not found[target.id]:
            known = draft.names(KINDS_OF_TARGETS.values())
            hint = did_you_mean(target.id, known)
            draft.problems.error(f"target group `{group.id}`: target `{target.id}` does not exist{hint}", target.origin.place)
    types = sorted(set(found.values()) - {""})
    if len(types) > 1:
        words = " and ".join(types)
        draft.problems.error(f"target group `{group.id}` has targets of several types ({words}); AWS allows one", group.origin.place)
    draft.replace(replace(group, type=types[0] if types else IP))


def _type_of(target: Target, draft: Draft) -> str:
    if is_address(target.id):
        return IP
    kinds = draft.kinds_with(target.id, KINDS_OF_TARGETS.values())
    return next((name for name, kind in KINDS_OF_TARGETS.items() if kind in kinds), "")


def is_address(text: str) -> bool:
    """Whether a target is told by its address."""
    return address_of(text) is not None


def address_of(text: str) -> AddressValue | None:
    """The address a target is told by, if it is."""
    try:
        return parse_address(text)
    except AddressError:
        return None


def functions_of(groups: Iterable[TargetGroup]) -> tuple[str, ...]:
    """The functions that groups invoke (ALB-3, LAMBDA-16)."""
    return tuple(target.id for group in groups if group.type == FUNCTION for target in group.targets or ())


def _check(group: TargetGroup, snapshot: Snapshot, problems: Problems) -> None:
    for target in group.targets or ():
        place = target.origin.place
        address = address_of(target.id)
        if group.type == IP and address and address[0] == 4:
            own = snapshot.index("vpc blocks", lambda: _vpc_blocks(snapshot))
            if not any(block.holds(*address) for block in (*PRIVATE, *own)):
                problems.warn(f"target group `{group.id}`: AWS refuses the public address {target.id} as a target (ALB-3, NLB-11)", place)
        if group.type == INSTANCE and snapshot.get(Instance, target.id) is None:
            problems.warn(f"target group `{group.id}`: instance `{target.id}` was not read", place)
        if group.type == FUNCTION and snapshot.get(LambdaFunction, target.id) is None:
            problems.warn(f"target group `{group.id}`: function `{target.id}` was not read", place)
        if group.type != FUNCTION and not group.port_of(target):
            problems.warn(f"target group `{group.id}`: target `{target.id}` has no port; say the group's `port`", place)
    if group.protocol == "geneve" and group.cross_zone is not None:
        message = f"target group `{group.id}`: a gateway load balancer asks no group for `cross_zone`; say it of the load balancer (ELB-3)"
        problems.warn(message, group.origin.place)
    if group.type == FUNCTION and len(group.targets or ()) > 1:
        problems.warn(f"target group `{group.id}` has several functions; AWS allows one (ALB-3)", group.origin.place)


def _vpc_blocks(snapshot: Snapshot) -> tuple[Prefix, ...]:
    vpcs = next(kind for kind in snapshot.kinds if kind.name == "vpc")
    return tuple(block for vpc in snapshot.all_of(vpcs) for block in vpc.cidrs)


KIND = Kind(
    name="target-group",
    noun=TargetGroup,
    about="what a load balancer sends to",
    section="target_groups",
    fields=(
        Field("port", Number(1, 65535), "the port of its targets"),
        Field("protocol", Text(PROTOCOLS), "the protocol towards its targets, where it matters"),
        Field("type", Text((INSTANCE, IP, BALANCER, FUNCTION)), "told by the names of its targets when left out"),
        Field(
            "targets",
            ListOf(
                Either(
                    (
                        Text(),
                        Record(
                            (
                                Field("target", Text(), "an instance, an address, a load balancer or a function", required=True),
                                Field("port", Number(1, 65535), "its port, where it differs from the group's"),
                                Field("zone", Text(), "the zone an address outside the VPC counts for; `all` for every one"),
                                Field("health", Text(STATES), "healthy when left out"),
                            )
                        ),
                    )
                )
            ),
            "its targets: names or addresses, or records with a port and health of their own",
        ),
        Field(
            "preserve_client_ip", Flag(), "network load balancer: whether targets see the client's address; as AWS sets it when left out"
        ),
        Field("cross_zone", Flag(), "whether nodes use targets in other zones; as the load balancer says when left out"),
    ),
    scenario=_scenario,
    describe={"TargetGroups": _describe, "TargetHealthDescriptions": _describe_health},
    complete=_complete,
    check=_check,
)
