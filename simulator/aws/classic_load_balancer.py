"""Classic load balancers: proxies like application load balancers (`proxy.py`), with listeners that name the port of instances (CLB-1).

What such a node starts meets the outbound rules of its subnet's ACL even on the way to a target in the same subnet (NACL-20). An answer
of AWS about one tells its listeners and instances itself; each port of instances becomes a target group of its own.

Whether it balances across zones AWS tells elsewhere: it is taken to be on. AWS page: "What is a Classic Load Balancer?" (2026).
"""

from __future__ import annotations

from dataclasses import replace

from simulator.aws.file_names import spoken_of
from simulator.aws.listener import PROTOCOLS, Listener
from simulator.aws.load_balancer import CLASSIC, LoadBalancer, nodes_of
from simulator.aws.network_acl import OUTBOUND
from simulator.aws.network_interface import NetworkInterface, away
from simulator.aws.proxy import emit_proxy
from simulator.aws.resource import Item, Kind
from simulator.aws.snapshot import Draft, Snapshot
from simulator.aws.subnet import Subnet, acl_filter, hosts, outbound
from simulator.aws.target_group import INSTANCE, Target, TargetGroup
from simulator.graph.builder import Builder
from simulator.graph.nodes import Lookup, PrefixTable, Route, SessionMatch
from simulator.origin import Origin, Place


def _describe(item: Item, draft: Draft) -> None:
    name = item.data["LoadBalancerName"]
    balancer_id = name if draft.get(LoadBalancer, name) is None else f"{item.region}/{name}"  # names are those of a Region
    origin = Origin(balancer_id, place=item.place())
    subnets = tuple(item.get("Subnets", ()))
    draft.add(
        LoadBalancer(
            balancer_id,
            name,
            CLASSIC,
            subnets,
            tuple(item.get("SecurityGroups", ())) or None,
            origin,
            public=item.get("Scheme", "internet-facing") == "internet-facing",
            assumes_cross_zone=True,
            told=tuple((subnet, None, None) for subnet in subnets),
            described=True,
        )
    )
    instances = [data["InstanceId"] for data in item.get("Instances", ())]
    for number, data in enumerate(item.get("ListenerDescriptions", ())):
        _listener(item, balancer_id, number, data.get("Listener", {}), instances, draft)


def _listener(item: Item, balancer_id: str, number: int, data: dict[str, object], instances: list[str], draft: Draft) -> None:
    port, target_port = int(str(data["LoadBalancerPort"])), int(str(data["InstancePort"]))
    place = item.place("ListenerDescriptions", number)
    group_id = f"{balancer_id} instances {target_port}"
    origin = Origin(group_id, place=place)
    targets = tuple(Target(name, origin.of(f"instance {name}")) for name in instances)
    draft.replace(TargetGroup(group_id, "", INSTANCE, "", target_port, origin, targets))
    protocols = PROTOCOLS.get(str(data.get("Protocol")).replace("SSL", "TLS").upper(), ())
    draft.add(
        Listener(f"{balancer_id} {port}", "", balancer_id, protocols, port, (group_id,), Origin(balancer_id, f"listener {port}", place))
    )


def _describe_health(item: Item, draft: Draft) -> None:
    """One element of `describe-instance-health`, which names the load balancer nowhere but perhaps in the file's name."""
    health = {"InService": "healthy", "OutOfService": "unhealthy"}.get(item.get("State", ""), "")
    draft.later(_set_health, item.place(), item.data["InstanceId"], health)


def _set_health(draft: Draft, place: Place, instance: str, health: str) -> None:
    classic = [one for one in draft.all(LoadBalancer) if one.type == CLASSIC and one.described]
    ids = [one.id for one in classic] if len(classic) == 1 else spoken_of(place.file, {one.id: (one.name,) for one in classic})
    if len(ids) != 1:
        draft.problems.warn("instance health: the file does not say of which load balancer; put its name into the file's name", place)
        return
    for group in draft.all(TargetGroup):
        if group.id.startswith(f"{ids[0]} instances "):
            targets = tuple(replace(one, health=health) if one.id == instance else one for one in group.targets or ())
            draft.replace(replace(group, targets=targets))


def _emit(balancer: LoadBalancer, build: Builder, snapshot: Snapshot) -> None:
    if balancer.type == CLASSIC:
        emit_proxy(balancer, build, snapshot, code="ELB_LISTENERS_MISMATCH", rule="CLB-1")
        for node in nodes_of(snapshot, balancer):
            _meets_acl(node, build, snapshot)


def _meets_acl(node: NetworkInterface, build: Builder, snapshot: Snapshot) -> None:
    """What a node starts meets the ACL of its subnet also on the way to its own subnet; its answers do not (NACL-20)."""
    subnet = snapshot.get(Subnet, node.subnet)
    if subnet is None:
        return
    judged = acl_filter(build, snapshot, subnet, OUTBOUND, hosts(subnet.id), code="ELB_ACL_RESTRICTION", rule="NACL-20")
    table = PrefixTable(tuple(Route(cidr, 0, subnet.origin.of("its block")) for cidr in subnet.cidrs))
    near = Lookup(
        place=subnet.place,
        what="targets in the same subnet",
        table=build.share(table),
        targets=(judged,),
        miss=outbound(subnet.id),
        cites=("NACL-20",),
        plumbing=True,
    )
    answers = SessionMatch(
        place=node.place,
        what="answers to clients",
        table=node.table,
        then=outbound(subnet.id),
        miss=build.add(near),
        cites=("NACL-20",),
        plumbing=True,
    )
    build.open(away(node.id), build.add(answers))


KIND = Kind(
    name="classic-load-balancer",
    noun=LoadBalancer,
    about="proxies of the first generation",
    describe={"LoadBalancerDescriptions": _describe, "InstanceStates": _describe_health},
    emit=_emit,
    extends=True,
)
