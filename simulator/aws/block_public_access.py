"""VPC Block Public Access: one switch of an account and Region over its internet gateways, and the exclusions from it (BPA-1 to BPA-11).

    off:                  nothing
    block-bidirectional:  nothing passes internet gateways and egress-only ones, but for excluded subnets
    block-ingress:        only flows of NAT gateways, and of egress-only gateways, but for excluded subnets
    allow-bidirectional:  an excluded subnet is as without the switch
    allow-egress:         what starts inside passes, and its replies; it has a meaning in block-bidirectional only (BPA-1)

The subnet that counts is that of the interface which talks to the gateway (BPA-5): outbound the one the packet leaves, inbound the one with
the address, or that of the appliance to which the gateway's route table sends the packet. What does not pass these gateways is not
affected (BPA-9). For shared subnets the owner of the VPC decides (BPA-10).

Not modelled: a VPC and a subnet of it excluded differently (a gap). Where the switch was not read, it is taken to be off, and answers say
so. AWS pages: "Block public access to VPCs and subnets", "VPC BPA basics" (2026).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from simulator.aws.resource import Field, Flag, Item, Kind, Reference, Text, Values
from simulator.aws.snapshot import Draft, Snapshot
from simulator.aws.subnet import Subnet
from simulator.aws.vpc import Vpc
from simulator.origin import Origin
from simulator.problems import Problems

OFF, BIDIRECTIONAL, INGRESS = "off", "block-bidirectional", "block-ingress"
ALLOW_ALL, ALLOW_EGRESS = "allow-bidirectional", "allow-egress"
NAME = "block-public-access"
EXCLUSION_LIMIT = 50


@dataclass(frozen=True, slots=True)
class BlockPublicAccess:
    """The switch of one account and Region, both empty where nobody told: then of all. `exclusions`: whether they count."""

    id: str
    name: str
    mode: str
    account: str
    region: str
    origin: Origin
    exclusions: bool = True

    def covers(self, vpc: Vpc) -> bool:
        """Whether the switch is that of the VPC's owner in its Region (BPA-10)."""
        return self.account in ("", vpc.account or self.account) and self.region in ("", vpc.region or self.region)


@dataclass(frozen=True, slots=True)
class PublicAccessExclusion:
    """An exclusion of a VPC with all its subnets, or of one subnet; `resource` is the id."""

    id: str
    name: str
    resource: str
    mode: str
    origin: Origin


def switch_of(snapshot: Snapshot, vpc: Vpc) -> BlockPublicAccess | None:
    """The switch over the gateways of a VPC, if one was read that is on."""
    return next((switch for switch in snapshot.all(BlockPublicAccess) if switch.mode != OFF and switch.covers(vpc)), None)


def was_told(snapshot: Snapshot, vpc: Vpc) -> bool:
    """Whether anybody told about the switch over a VPC."""
    return vpc.authored or any(switch.covers(vpc) for switch in snapshot.all(BlockPublicAccess))


def exclusions_of(snapshot: Snapshot, subnet: Subnet) -> set[str]:
    """The modes in which a subnet is excluded, by itself or with its VPC."""
    found = [*snapshot.by(PublicAccessExclusion, "resource")[subnet.id], *snapshot.by(PublicAccessExclusion, "resource")[subnet.vpc]]
    return {exclusion.mode for exclusion in found}


# --- spellings -------------------------------------------------------------------------------------------------------------------


def _scenario(name: str, values: Values, draft: Draft) -> None:
    origin = Origin(name, place=values.place)
    allowed = values.get("exclusions_allowed", True)
    draft.add(BlockPublicAccess(name, "", values["mode"], values.get("account", ""), values.get("region", ""), origin, allowed))


def _scenario_exclusion(name: str, values: Values, draft: Draft) -> None:
    if ("vpc" in values) == ("subnet" in values):
        draft.problems.error(f"exclusion `{name}`: say the `vpc` or the `subnet` it excludes, one of them", values.place)
    resource = values.get("vpc") or values.get("subnet", "")
    draft.add(PublicAccessExclusion(name, "", resource, values.get("mode", ALLOW_ALL), Origin(name, place=values.place)))


def _describe(item: Item, draft: Draft) -> None:
    account, region = item.get("AwsAccountId") or item.account, item.get("AwsRegion") or item.region
    switch_id = " ".join(filter(None, (NAME, account, region)))
    allowed = item.get("ExclusionsAllowed", "allowed") == "allowed"
    mode = item.get("InternetGatewayBlockMode", OFF)
    draft.add(BlockPublicAccess(switch_id, "", mode, account, region, Origin(switch_id, place=item.place()), allowed))


def _describe_exclusion(item: Item, draft: Draft) -> None:
    if item.get("State", "create-complete") not in ("create-complete", "update-complete", "update-in-progress", "delete-in-progress"):
        return
    exclusion_id, arn = item.data["ExclusionId"], item.data["ResourceArn"]
    mode = item.get("InternetGatewayExclusionMode", ALLOW_ALL)
    origin = Origin(exclusion_id, place=item.place())
    draft.add(PublicAccessExclusion(exclusion_id, item.tag(), arn.rpartition("/")[2], mode, origin))


# --- checks ----------------------------------------------------------------------------------------------------------------------


def _check(switch: BlockPublicAccess, snapshot: Snapshot, problems: Problems) -> None:
    same = [other for other in snapshot.all(BlockPublicAccess) if (other.account, other.region) == (switch.account, switch.region)]
    if len(same) > 1 and same[0] is switch:
        names = " and ".join(f"`{other.id}`" for other in same)
        problems.error(f"Block Public Access: {names} are of one account and Region, which has one switch (BPA-1)", switch.origin.place)


def _check_exclusion(exclusion: PublicAccessExclusion, snapshot: Snapshot, problems: Problems) -> None:
    place, told = exclusion.origin.place, f"exclusion `{exclusion.id}`"
    every = list(snapshot.all(PublicAccessExclusion))
    if len(every) > EXCLUSION_LIMIT and every[0] is exclusion:
        problems.warn(f"there are more than {EXCLUSION_LIMIT} exclusions; AWS allows that only with a raised quota", place)
    vpc = next(_vpcs(snapshot, exclusion), None)
    if vpc is None:
        problems.warn(f"{told} excludes `{exclusion.resource}`, which was not read", place)
        return
    switch = switch_of(snapshot, vpc)
    if switch is not None and not switch.exclusions:
        problems.warn(f"{told} does not count, `{switch.id}` allows no exclusions (BPA-1)", place)
    elif switch is not None and switch.mode == INGRESS and exclusion.mode == ALLOW_EGRESS:
        problems.warn(f"{told} has no effect: {ALLOW_EGRESS} means something in {BIDIRECTIONAL} only (BPA-1)", place)


def _vpcs(snapshot: Snapshot, exclusion: PublicAccessExclusion) -> Iterator[Vpc]:
    subnet = snapshot.get(Subnet, exclusion.resource)
    vpc = snapshot.get(Vpc, subnet.vpc if subnet else exclusion.resource)
    if vpc is not None:
        yield vpc


KIND = Kind(
    name=NAME,
    noun=BlockPublicAccess,
    about="the switch that closes the internet gateways of an account and Region",
    section="block_public_access",
    fields=(
        Field("mode", Text((OFF, BIDIRECTIONAL, INGRESS)), "what it blocks", required=True),
        Field("account", Text(), "the account it belongs to; every one when left out"),
        Field("region", Text(), "the Region it belongs to; every one when left out"),
        Field("exclusions_allowed", Flag(), "whether exclusions count; true when left out"),
    ),
    scenario=_scenario,
    describe={"VpcBlockPublicAccessOptions": _describe},
    check=_check,
)
EXCLUSION = Kind(
    name="public-access-exclusion",
    noun=PublicAccessExclusion,
    about="what Block Public Access leaves alone",
    section="public_access_exclusions",
    fields=(
        Field("vpc", Reference(("vpc",)), "the VPC with all its subnets"),
        Field("subnet", Reference(("subnet",)), "the one subnet"),
        Field("mode", Text((ALLOW_ALL, ALLOW_EGRESS)), f"{ALLOW_ALL} when left out"),
    ),
    scenario=_scenario_exclusion,
    describe={"VpcBlockPublicAccessExclusions": _describe_exclusion},
    check=_check_exclusion,
)
