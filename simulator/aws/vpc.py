"""VPCs: their address blocks (VPC-1 to VPC-7). What joins their subnets is in `implicit_router.py`.

AWS pages: "VPC CIDR blocks", "Amazon VPC quotas" (2026).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from simulator.aws.permissions import cidr_of
from simulator.aws.resource import Cidr, Either, Field, Flag, Item, Kind, ListOf, Text, Values
from simulator.aws.snapshot import Draft, Snapshot
from simulator.graph.nodes import Door, Place
from simulator.origin import Origin
from simulator.packet.prefix import RFC1918, Prefix
from simulator.problems import Problems

FORBIDDEN = tuple(map(Prefix.parse, ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4")))
CIDR_LIMIT = 5
# Gateways that a scenario may name in its VPC: the field, the kind, and how one without a name is called.
GATEWAYS = (("internet_gateway", "internet-gateway", "igw"), ("egress_only_gateway", "egress-only-internet-gateway", "eigw"))


@dataclass(frozen=True, slots=True)
class Vpc:
    """A VPC. `cidrs` are all blocks of both versions, the primary IPv4 one first. `authored`: written in a scenario, where what is
    not mentioned is as AWS makes it; in an AWS answer what is not mentioned was not read.
    """

    id: str
    name: str
    cidrs: tuple[Prefix, ...]
    origin: Origin
    region: str = ""
    account: str = ""
    dns_support: bool = True
    dns_hostnames: bool = True
    authored: bool = False
    default: bool = False

    @property
    def place(self) -> Place:
        """The hop of the implicit router."""
        return Place(self.id, "vpc", self.name)


def anywhere_in(vpc: str) -> str:
    """The side of a VPC, for doors that serve all its subnets; no subnet is called so, though one may have the VPC's name."""
    return f"anywhere in {vpc}"


def router(vpc: str) -> Door:
    """The door of a VPC's implicit router."""
    return Door("vpc", vpc)


def _scenario(name: str, values: Values, draft: Draft) -> None:
    cidrs = (*values["cidr"], *values.get("ipv6_cidr", ()))
    origin = Origin(name, place=values.place)
    region = values.get("region", "")
    names = values.get("dns_support", True), values.get("dns_hostnames", True)
    draft.add(Vpc(name, "", tuple(cidrs), origin, region, values.get("account", ""), *names, authored=True))
    for key, kind, suffix in GATEWAYS:
        gateway = values.get(key)
        attach = draft.kind(kind).scenario
        if gateway and attach:
            attach(f"{name}-{suffix}" if gateway is True else gateway, Values({"vpc": name}, values.place_of(key), {}), draft)


def _describe(item: Item, draft: Draft) -> None:
    vpc_id = item.data["VpcId"]
    texts: list[str] = [item.data["CidrBlock"]] if item.get("CidrBlock") else []
    for key, text_key, state_key in (
        ("CidrBlockAssociationSet", "CidrBlock", "CidrBlockState"),
        ("Ipv6CidrBlockAssociationSet", "Ipv6CidrBlock", "Ipv6CidrBlockState"),
    ):
        for data in item.get(key, ()):
            state = (data.get(state_key) or {}).get("State", "associated")
            if state == "associated" and data[text_key] not in texts:
                texts.append(data[text_key])
    cidrs = tuple(cidr_of(item, text, f"VPC `{vpc_id}`") for text in texts)
    draft.add(
        Vpc(
            vpc_id,
            item.tag(),
            cidrs,
            Origin(vpc_id, place=item.place()),
            item.region,
            item.get("OwnerId", item.account),
            default=bool(item.get("IsDefault")),
        )
    )


def _describe_dns(item: Item, draft: Draft) -> None:
    """What `describe-vpc-attribute` prints: the id of the VPC stands beside the attribute (LL-4)."""
    draft.later(_set_dns, item.beside.get("VpcId", ""), bool(item.data.get("Value", True)))


def _describe_hostnames(item: Item, draft: Draft) -> None:
    """The same of the other attribute that names of endpoints need (IFE-5)."""
    draft.later(_set_dns, item.beside.get("VpcId", ""), None, bool(item.data.get("Value", True)))


def _set_dns(draft: Draft, vpc_id: str, support: bool | None, hostnames: bool | None = None) -> None:
    vpc = draft.get(Vpc, vpc_id)
    if vpc is not None:
        support, hostnames = (old if told is None else told for old, told in ((vpc.dns_support, support), (vpc.dns_hostnames, hostnames)))
        draft.replace(replace(vpc, dns_support=support, dns_hostnames=hostnames))


def _check(vpc: Vpc, snapshot: Snapshot, problems: Problems) -> None:
    place = vpc.origin.place
    blocks = [cidr for cidr in vpc.cidrs if cidr.version == 4]
    _check_ipv6(vpc, problems)
    if not blocks:
        problems.error(f"VPC `{vpc.id}` has no IPv4 block; AWS gives every VPC one", place)
    for cidr in blocks:
        if not 16 <= cidr.length <= 28:
            size = "larger than /16, the largest" if cidr.length < 16 else "smaller than /28, the smallest"
            problems.error(f"VPC `{vpc.id}`: {cidr} is {size} block AWS accepts", place)
        refused = next((block for block in FORBIDDEN if block.overlaps(cidr)), None)
        if refused:
            problems.error(f"VPC `{vpc.id}`: {cidr} lies in {refused}, which AWS refuses", place)
    for one, two in ((a, b) for i, a in enumerate(vpc.cidrs) for b in vpc.cidrs[i + 1 :] if a.overlaps(b)):
        problems.error(f"VPC `{vpc.id}`: its blocks {one} and {two} overlap", place)
    if len(blocks) > CIDR_LIMIT:
        problems.warn(f"VPC `{vpc.id}` has {len(blocks)} IPv4 blocks; AWS allows {CIDR_LIMIT} unless the quota was raised", place)
    families = {family for cidr in blocks for family in RFC1918 if family.contains(cidr)}
    if len(families) > 1:
        names = " and ".join(sorted(map(str, families)))
        problems.warn(f"VPC `{vpc.id}` has blocks in {names}; AWS refuses to add a block from another private range (VPC-4)", place)


def _check_ipv6(vpc: Vpc, problems: Problems) -> None:
    place = vpc.origin.place
    blocks = [cidr for cidr in vpc.cidrs if cidr.version == 6]
    for cidr in blocks:
        if not 44 <= cidr.length <= 60 or cidr.length % 4:
            message = f"VPC `{vpc.id}`: AWS accepts no /{cidr.length} for IPv6; lengths go from /44 to /60 in steps of 4 (VPC-7)"
            problems.error(message, place)
    if len(blocks) > CIDR_LIMIT:
        problems.warn(f"VPC `{vpc.id}` has {len(blocks)} IPv6 blocks; AWS allows {CIDR_LIMIT} unless the quota was raised", place)


KIND = Kind(
    name="vpc",
    noun=Vpc,
    about="a virtual network with its address blocks",
    section="vpcs",
    fields=(
        Field("cidr", ListOf(Cidr()), "its IPv4 block, or a list with the primary one first", required=True),
        Field("ipv6_cidr", ListOf(Cidr(6)), "its IPv6 block or blocks"),
        Field("internet_gateway", Either((Flag(), Text())), "the name of its internet gateway; `true` names it after the VPC"),
        Field("egress_only_gateway", Either((Flag(), Text())), "the name of its egress-only internet gateway, likewise"),
        Field("dns_support", Flag(), "whether Amazon's DNS server answers in it; true when left out"),
        Field("dns_hostnames", Flag(), "whether hosts have names; without, names of services lead to no endpoint; true when left out"),
        Field("region", Text(), "the Region, such as us-east-1"),
        Field("account", Text(), "the owner's account id"),
    ),
    scenario=_scenario,
    describe={"Vpcs": _describe, "EnableDnsSupport": _describe_dns, "EnableDnsHostnames": _describe_hostnames},
    check=_check,
)
