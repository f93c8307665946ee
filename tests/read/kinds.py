"""A few kinds that the reader's tests read into: small nouns with every type of field, independent of the real ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simulator.aws.resource import (
    Address,
    Cidr,
    Either,
    Field,
    Flag,
    Item,
    Kind,
    ListOf,
    MapOf,
    Number,
    Peer,
    Record,
    Reference,
    ServiceText,
    Text,
    Values,
)
from simulator.aws.snapshot import Draft, Snapshot
from simulator.origin import Origin
from simulator.packet.prefix import Prefix
from simulator.problems import Problems


@dataclass(frozen=True, slots=True)
class Vpc:
    id: str
    name: str
    cidr: Prefix
    origin: Origin
    region: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class Subnet:
    id: str
    name: str
    values: dict[str, Any]
    origin: Origin


@dataclass(frozen=True, slots=True)
class Group:
    id: str
    name: str
    values: dict[str, Any]
    origin: Origin


@dataclass(frozen=True, slots=True)
class Gateway:
    id: str
    name: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Instance:
    id: str
    name: str
    origin: Origin


def scenario_vpc(name: str, values: Values, draft: Draft) -> None:
    draft.add(Vpc(name, "", values["cidr"], Origin(name, "", values.place)))
    draft.add(Group(f"{name}-default", "", {}, Origin(name, "", None)))  # as AWS does, nobody writes it
    if "internet_gateway" in values:
        gateway = values["internet_gateway"]
        draft.add(Gateway(gateway, "", Origin(gateway, "", values.place_of("internet_gateway"))))


def scenario_subnet(name: str, values: Values, draft: Draft) -> None:
    draft.add(Subnet(name, "", dict(values), Origin(name, "", values.place)))


def scenario_group(name: str, values: Values, draft: Draft) -> None:
    draft.add(Group(name, "", dict(values), Origin(name, "", values.place)))


def describe_vpc(item: Item, draft: Draft) -> None:
    origin = Origin(item.data["VpcId"], "", item.place())
    cidr = Prefix.parse(item.data["CidrBlock"])
    draft.add(Vpc(item.data["VpcId"], item.tag(), cidr, origin, item.region, item.account))


def describe_subnet(item: Item, draft: Draft) -> None:
    origin = Origin(item.data["SubnetId"], "", item.place("SubnetId"))
    draft.add(Subnet(item.data["SubnetId"], item.tag(), {"vpc": item.data["VpcId"]}, origin))


def describe_instances(item: Item, draft: Draft) -> None:
    for index, instance in enumerate(item.data["Instances"]):
        origin = Origin(instance["InstanceId"], "", item.place("Instances", index, "InstanceId"))
        draft.add(Instance(instance["InstanceId"], "", origin))


def check_subnet(subnet: Subnet, snapshot: Snapshot, problems: Problems) -> None:
    block = subnet.values.get("cidr")
    if block and block.length > 28:
        problems.error(f"subnet `{subnet.id}`: {block} is smaller than /28", subnet.origin.place)
    if snapshot.get(Vpc, subnet.values["vpc"]) is None:
        problems.warn(f"subnet `{subnet.id}`: vpc `{subnet.values['vpc']}` was not read", subnet.origin.place)


RULE = Record(
    (
        Field("from", Peer(), "where the traffic comes from"),
        Field("allow", ListOf(ServiceText()), "what is allowed", required=True),
    )
)
KINDS = (
    Kind(
        "vpc",
        Vpc,
        "a network",
        "vpcs",
        (
            Field("cidr", Cidr(), "its block", required=True),
            Field("internet_gateway", Text(), "the name of its internet gateway"),
        ),
        scenario_vpc,
        {"Vpcs": describe_vpc},
    ),
    Kind(
        "subnet",
        Subnet,
        "a part of a VPC",
        "subnets",
        (
            Field("vpc", Reference(("vpc",)), "its VPC", required=True),
            Field("cidr", Cidr(), "its block", required=True),
            Field("zone", Text(), "its zone"),
            Field("public", Flag(), "whether instances get public addresses"),
            Field("priority", Number(1, 100), "a number"),
            Field("tier", Text(("web", "data")), "a word"),
            Field("host", Address(), "an address"),
            Field(
                "routes",
                MapOf(Cidr(), Either((Text(("local",)), Reference(("internet-gateway", "subnet"))))),
                "destination: target",
            ),
            Field("nat", Either((Flag(), Record((Field("ip", Address(), "its address", required=True),)))), "a NAT"),
        ),
        scenario_subnet,
        {"Subnets": describe_subnet},
        check=check_subnet,
    ),
    Kind(
        "security-group",
        Group,
        "allow rules",
        "security_groups",
        (
            Field("vpc", Reference(("vpc",)), "its VPC", required=True),
            Field("inbound", ListOf(RULE, or_one=False), "rules"),
            Field("groups", ListOf(Reference(("security-group",))), "other groups"),
        ),
        scenario_group,
    ),
    Kind("internet-gateway", Gateway, "a gateway"),
    Kind("instance", Instance, "a machine", describe={"Reservations": describe_instances}),
)
