"""Load balancers: application, network, gateway and classic; their nodes and listeners (ELB-1, ALB-4, NLB-1).

A load balancer has a node in each of its subnets, which is a network interface ("ELB app/NAME/ID" in AWS's answers); what a node does
with packets stands in a file for each type. Nodes of an internet-facing one have public addresses. A node that was not read is assumed,
with a free address, and the answer says so.

AWS pages: "Application Load Balancers", "Network Load Balancers" (2026).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from simulator.aws.file_names import spoken_of
from simulator.aws.inspection import RULE, Passage, authored_passages
from simulator.aws.listener import Listener, groups_of, listeners_of
from simulator.aws.network_interface import UNSET, InterfaceAddress, NetworkInterface
from simulator.aws.resource import Address, Field, Flag, Item, Kind, ListOf, MapOf, Reference, ServiceText, Text, Values
from simulator.aws.route_table import table_of, winners
from simulator.aws.snapshot import Draft, Snapshot
from simulator.aws.subnet import Subnet
from simulator.aws.target_group import BALANCER, FUNCTION, INSTANCE, TargetGroup, is_of_group, read_attribute, short_id
from simulator.graph.nodes import Address as AddressValue
from simulator.graph.nodes import Place
from simulator.origin import Origin
from simulator.origin import Place as SourcePlace
from simulator.packet.flow import TCP, UDP
from simulator.packet.prefix import parse_address
from simulator.packet.service import Service
from simulator.problems import Problems

APPLICATION, NETWORK, GATEWAY, CLASSIC = "application", "network", "gateway", "classic"
NODE_TYPES = {APPLICATION: "interface", NETWORK: "network_load_balancer", GATEWAY: "gateway_load_balancer", CLASSIC: "interface"}
WITH_GROUPS = (APPLICATION, CLASSIC)
ACTIVE = ("active", "active_impaired")
STATES = (*ACTIVE, "provisioning", "failed")


@dataclass(frozen=True, slots=True)
class LoadBalancer:
    """A load balancer. `groups` none: the VPC's default group; empty: a network load balancer without groups (NLB-1). `interfaces` are
    its nodes, filled in when all is read; `told` what AWS tells of their addresses by subnet, private and public.
    `assumes_cross_zone`: AWS tells of balancing across zones elsewhere; `described`: it is read from an answer of AWS.
    `inspection`: what the appliances behind a gateway load balancer pass, in order; none: nobody tells. `keeps_state`: whether they do.
    """

    id: str
    name: str
    type: str
    subnets: tuple[str, ...]
    groups: tuple[str, ...] | None
    origin: Origin
    interfaces: tuple[str, ...] = ()
    public: bool = False
    state: str = "active"
    cross_zone: bool | None = None
    enforces_private_link: bool = True
    arn: str = ""
    told: tuple[tuple[str, AddressValue | None, AddressValue | None], ...] = ()
    assumes_cross_zone: bool = False
    described: bool = False
    inspection: tuple[Passage, ...] | None = None
    keeps_state: bool | None = None

    @property
    def place(self) -> Place:
        """The hop of the load balancer: what its nodes do."""
        return Place(self.id, "load-balancer", self.name)


# --- spellings -------------------------------------------------------------------------------------------------------------------


def _scenario(name: str, values: Values, draft: Draft) -> None:
    kind = values.get("type", APPLICATION)
    subnets = tuple(values["subnets"])
    groups = tuple(values.get("security_groups", ())) or (None if kind in WITH_GROUPS else ())
    for word in ("ips", "public_ips"):
        if len(values.get(word, ())) > len(subnets):
            draft.problems.error(f"load balancer `{name}` has more `{word}` than `subnets`", values.place_of(word))
    if 0 < len(values.get("public_ips", ())) < len(subnets):
        draft.problems.error(f"load balancer `{name}`: each of its nodes has a public address, or none", values.place_of("public_ips"))
    told = tuple(
        (subnet, _at(values.get("ips", ()), position), _at(values.get("public_ips", ()), position))
        for position, subnet in enumerate(subnets)
    )
    draft.add(
        LoadBalancer(
            name,
            "",
            kind,
            subnets,
            groups,
            Origin(name, place=values.place),
            public=bool(values.get("public_ips")),
            state=values.get("state", "active"),
            cross_zone=values.get("cross_zone"),
            enforces_private_link=values.get("enforce_private_link", True),
            told=told,
            inspection=authored_passages(name, values["inspection"], draft) if "inspection" in values else None,
            keeps_state=values.get("keeps_state", True if "inspection" in values else None),
        )
    )
    for service, targets, place in values.get("listeners", ()):
        _add_listener(name, service, tuple(targets), Origin(name, f"listener {service}", place), draft)


def _at(values: list[AddressValue], position: int) -> AddressValue | None:
    return values[position] if position < len(values) else None


def _add_listener(name: str, service: Service, groups: tuple[str, ...], origin: Origin, draft: Draft) -> None:
    if service.protocol not in (TCP, UDP) or service.ports is None or service.ports[0] != service.ports[1]:
        draft.problems.error(
            f"load balancer `{name}`: `{service}` is no listener; write a protocol with a port, such as tcp/443", origin.place
        )
        return
    draft.add(Listener(f"{name} {service}", "", name, (service.protocol,), service.ports[0], groups, origin))


def _describe(item: Item, draft: Draft) -> None:
    arn = item.data["LoadBalancerArn"]
    balancer_id, kind = short_id(arn), item.get("Type", APPLICATION)
    zones = item.get("AvailabilityZones", ())
    groups = tuple(item.get("SecurityGroups", ())) or (None if kind == APPLICATION else ())
    draft.add(
        LoadBalancer(
            balancer_id,
            item.get("LoadBalancerName", ""),
            kind,
            tuple(zone["SubnetId"] for zone in zones if zone.get("SubnetId")),
            groups,
            Origin(balancer_id, place=item.place()),
            public=item.get("Scheme") == "internet-facing",
            state=item.get("State", {}).get("Code", "active"),
            enforces_private_link=item.get("EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic") != "off",
            arn=arn,
            described=True,
            told=tuple(_told(zone["SubnetId"], zone.get("LoadBalancerAddresses") or ()) for zone in zones if zone.get("SubnetId")),
        )
    )


def _told(subnet: str, addresses: Iterable[dict[str, str]]) -> tuple[str, AddressValue | None, AddressValue | None]:
    """What AWS says of the node in a subnet: its fixed private address, or its Elastic IP."""
    found = {key: parse_address(data[key]) for data in addresses for key in ("PrivateIPv4Address", "IpAddress") if data.get(key)}
    return subnet, found.get("PrivateIPv4Address"), found.get("IpAddress")


def _describe_attribute(item: Item, draft: Draft) -> None:
    """Of a load balancer's attributes only the choice across zones counts."""
    if is_of_group(item.beside.get("Attributes") or ()):
        read_attribute(item, draft)
        return
    arn = str(item.beside.get("LoadBalancerArn", ""))
    if item.get("Key") == "load_balancing.cross_zone.enabled":
        draft.later(_set_cross_zone, item.place(), arn, item.get("Value") == "true")


def _set_cross_zone(draft: Draft, place: SourcePlace, arn: str, enabled: bool) -> None:
    known = [one for one in draft.all(LoadBalancer) if one.arn]  # the attributes of classic ones have another list
    found = [one for one in known if one.arn == arn] if arn else known
    if not arn and len(known) > 1:
        ids = spoken_of(place.file, {one.id: (one.name, one.id.rpartition("/")[2]) for one in known})
        found = [one for one in known if one.id in ids]
        if len(found) != 1:
            told = "load balancer attributes: the file does not say of which load balancer; put its name into the file's name"
            draft.problems.warn(told, place)
            return
    for balancer in found:
        draft.replace(replace(balancer, cross_zone=enabled))


# --- nodes -----------------------------------------------------------------------------------------------------------------------


def _complete(balancer: LoadBalancer, draft: Draft) -> None:
    """One node in each subnet: the interface whose description names the load balancer, else one with what was told of it."""
    by_subnet = {found.subnet: found for found in draft.all(NetworkInterface) if found.owner == f"ELB {balancer.id}"}
    names = []
    for subnet, private, public in balancer.told:
        if draft.get(Subnet, subnet) is None:
            continue
        node = by_subnet.get(subnet) or _node(balancer, subnet, private, public, draft)
        check = node.check and balancer.type in WITH_GROUPS  # the others pass on packets of their clients
        draft.replace(replace(node, type=NODE_TYPES.get(balancer.type, "interface"), owner=balancer.id, check=check))
        names.append(node.id)
    draft.replace(replace(balancer, interfaces=tuple(names)))


def _node(balancer: LoadBalancer, subnet: str, private: AddressValue | None, public: AddressValue | None, draft: Draft) -> NetworkInterface:
    node_id = f"{balancer.id}-eni" if len(balancer.subnets) == 1 else f"{balancer.id}-eni-{subnet}"
    outer = public or (UNSET if balancer.public else None)
    unknown = [word for word, told in (("private", private), ("public", public if balancer.public else UNSET)) if told is None]
    noted = balancer.described and unknown
    note = f"the node of {balancer.id} in {subnet} was not read: its {' and '.join(unknown)} address is taken freely" if noted else ""
    place = Origin(node_id, place=balancer.origin.place)
    address = InterfaceAddress(private or UNSET, outer)
    return NetworkInterface(node_id, "", "", subnet, (address,), balancer.groups, place, assumed=note)


def nodes_of(snapshot: Snapshot, balancer: LoadBalancer) -> list[NetworkInterface]:
    """The nodes of a load balancer."""
    return [node for name in balancer.interfaces if (node := snapshot.get(NetworkInterface, name))]


# --- what AWS refuses ------------------------------------------------------------------------------------------------------------


def _check(balancer: LoadBalancer, snapshot: Snapshot, problems: Problems) -> None:
    subnets = [subnet for name in balancer.subnets if (subnet := snapshot.get(Subnet, name))]
    for message in (*_wrong_subnets(balancer, subnets, snapshot), *_wrong_groups(balancer, snapshot)):
        problems.warn(f"load balancer `{balancer.id}`{message}", balancer.origin.place)


def _wrong_subnets(balancer: LoadBalancer, subnets: list[Subnet], snapshot: Snapshot) -> Iterator[str]:
    zones = [subnet.zone for subnet in subnets if subnet.zone]
    if len(zones) != len(set(zones)):
        yield " has two subnets in one zone; AWS allows one for each zone (ELB-1)"
    if len({subnet.vpc for subnet in subnets}) > 1:
        yield " has subnets in several VPCs; AWS allows one VPC (ELB-1)"
    for subnet in subnets if balancer.public else ():
        table = table_of(snapshot, subnet.vpc, subnet.id, subnet.route_table)
        if table and not any(winner.entry.kind in ("internet-gateway", "vpc-endpoint") for winner in winners(snapshot, table)):
            yield f" is internet-facing, but its subnet `{subnet.id}` has no route to an internet gateway (ELB-1)"
    if balancer.type == APPLICATION and balancer.groups == ():
        yield " has no security group; an application load balancer always has one (ALB-4)"


def _wrong_groups(balancer: LoadBalancer, snapshot: Snapshot) -> Iterator[str]:
    for group in groups_of(snapshot, listeners_of(snapshot, balancer.id)):
        refused = _refused(balancer, group)
        if refused:
            yield f": AWS refuses the target group `{group.id}`: {refused}"


def _refused(balancer: LoadBalancer, group: TargetGroup) -> str:
    layer7 = group.protocol in ("http", "https")
    if balancer.type == APPLICATION and group.protocol and not layer7 and group.type != FUNCTION:
        return f"its protocol is {group.protocol}, and an application load balancer speaks HTTP and HTTPS (ALB-1)"
    if balancer.type == APPLICATION and group.type == BALANCER:
        return "a load balancer is the target of network load balancers only (NLB-10)"
    if balancer.type == NETWORK and (layer7 or group.protocol == "geneve"):
        return f"its protocol is {group.protocol}, and a network load balancer speaks TCP, TLS and UDP (NLB-1)"
    if balancer.type == NETWORK and group.type == FUNCTION:
        return "functions are targets of application load balancers only (ALB-3)"
    if balancer.type == CLASSIC and group.type not in ("", INSTANCE):
        return "the targets of a classic load balancer are instances (CLB-1)"
    if balancer.type == GATEWAY and group.protocol not in ("", "geneve"):
        return f"its protocol is {group.protocol}, and a gateway load balancer speaks GENEVE (GWLB-1)"
    if balancer.type == GATEWAY and group.type not in ("", INSTANCE, "ip"):
        return "the appliances of a gateway load balancer are instances or addresses (GWLB-1)"
    return ""


KIND = Kind(
    name="load-balancer",
    noun=LoadBalancer,
    about="an application, network, gateway or classic load balancer",
    section="load_balancers",
    fields=(
        Field("type", Text((APPLICATION, NETWORK, GATEWAY, CLASSIC)), "application when left out"),
        Field("subnets", ListOf(Reference(("subnet",))), "its subnets, one in each zone; a node in each", required=True),
        Field("ips", ListOf(Address()), "private addresses of its nodes, in the order of the subnets; free ones when left out"),
        Field("public_ips", ListOf(Address()), "public addresses of its nodes; it is internet-facing when there are some"),
        Field("security_groups", ListOf(Reference(("security-group",))), "its groups; a network load balancer may have none"),
        Field(
            "listeners",
            MapOf(ServiceText(), ListOf(Reference(("target-group",)))),
            "`{tcp/443: group}`: the target groups a listener may choose; `[]` for one that only redirects or answers itself",
        ),
        Field("cross_zone", Flag(), "whether nodes use targets in other zones; AWS's default for the type when left out"),
        Field("enforce_private_link", Flag(), "network load balancer: whether its groups judge what endpoints bring; true when left out"),
        Field(
            "inspection",
            ListOf(RULE),
            "gateway load balancer: the rules of its appliances; they pass all when left out",
        ),
        Field("keeps_state", Flag(), "gateway load balancer: whether its appliances keep state; true with an `inspection`, else not known"),
        Field("state", Text(STATES), "active when left out"),
    ),
    scenario=_scenario,
    describe={"LoadBalancers": _describe, "Attributes": _describe_attribute},
    prefix="lb",
    complete=_complete,
    check=_check,
)
