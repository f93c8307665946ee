"""`new:SUBNET[,sg=GROUP...][,public][,ipv6][,lambda]`: an end of a question that is not there yet (interface.md, section 1).

`ipv6` asks about an IPv6 address alone, and with `public` about a host that has both.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.aws.lambda_function import LambdaFunction
from simulator.aws.network_interface import UNSET, UNSET_IPV6, InterfaceAddress, NetworkInterface
from simulator.aws.security_group import INBOUND, OUTBOUND, SecurityGroup, default_group, open_permissions
from simulator.aws.snapshot import Draft, Snapshot
from simulator.aws.subnet import Subnet
from simulator.origin import Origin
from simulator.problems import InputError, did_you_mean
from simulator.query.endpoints import HYPOTHETICAL

OPEN = "open"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a `new:` word asks for. `groups` none: the VPC's default group."""

    word: str
    subnet: Subnet
    groups: tuple[str, ...] | None
    public: bool
    function: bool
    ipv6: bool


def with_new(snapshot: Snapshot, words: tuple[str, ...]) -> tuple[Snapshot, list[str]]:
    """The snapshot with what the words ask for added, and the id to ask about for each word.

    Raises `InputError` for a subnet or group that is not there and for an option that does not exist.
    """
    draft = Draft.of(snapshot)
    names: list[str] = []
    for number, word in enumerate(words):
        wish = _parse(snapshot, word.strip())
        name = wish.word if wish.word not in names else f"{wish.word} ({number + 1})"
        names.append(name)
        _add(draft, snapshot, wish, name)
    return draft.finish(), names


def _parse(snapshot: Snapshot, word: str) -> Wish:
    name, *options = word.removeprefix(HYPOTHETICAL).split(",")
    subnet = _find(snapshot, name, word)
    groups: list[str] = []
    flags: set[str] = set()
    for option in map(str.strip, options):
        if option.startswith("sg="):
            groups.append(_group(snapshot, option.removeprefix("sg="), subnet, word))
        elif option in ("public", "lambda", "ipv6"):
            flags.add(option)
        else:
            hint = did_you_mean(option, ("public", "lambda", "ipv6", "sg=open"))
            raise InputError(f"`{word}`: `{option}` is no option; write sg=GROUP, public, ipv6 or lambda{hint}")
    if {"public", "lambda"} <= flags:
        raise InputError(f"`{word}`: a function never has a public address (LAMBDA-4)")
    versions = {cidr.version for cidr in subnet.cidrs}
    if "ipv6" in flags and 6 not in versions:
        raise InputError(f"`{word}`: subnet `{subnet.id}` has no IPv6 block")
    if 4 not in versions and flags & {"public", "lambda"}:
        raise InputError(f"`{word}`: only IPv6 lives in subnet `{subnet.id}`; a public address and a function need IPv4 (LAMBDA-6)")
    return Wish(word, subnet, tuple(groups) or None, "public" in flags, "lambda" in flags, "ipv6" in flags)


def _find(snapshot: Snapshot, name: str, word: str) -> Subnet:
    found = [subnet for subnet in snapshot.all(Subnet) if name == subnet.id] or [
        subnet for subnet in snapshot.all(Subnet) if name and name == subnet.name
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise InputError(f"`{word}`: `{name}` is ambiguous; it may mean {', '.join(f'`{subnet.id}`' for subnet in found)}")
    known = [text for subnet in snapshot.all(Subnet) for text in (subnet.id, subnet.name) if text]
    raise InputError(f"`{word}`: there is no subnet `{name}`{did_you_mean(name, known)}")


def _group(snapshot: Snapshot, name: str, subnet: Subnet, word: str) -> str:
    if name == OPEN:
        return f"open group of {subnet.vpc}"
    of_vpc = [group for group in snapshot.all(SecurityGroup) if group.vpc == subnet.vpc]
    found = next((group for group in of_vpc if name == group.id), None) or next((g for g in of_vpc if name and name == g.name), None)
    if found is None:
        known = [text for group in of_vpc for text in (group.id, group.name) if text]
        raise InputError(f"`{word}`: VPC `{subnet.vpc}` has no security group `{name}`{did_you_mean(name, known)}")
    return found.id


def _add(draft: Draft, snapshot: Snapshot, wish: Wish, name: str) -> None:
    vpc = wish.subnet.vpc
    if wish.groups is None and not any(group.default and group.vpc == vpc for group in draft.all(SecurityGroup)):
        draft.add(default_group(vpc))
        draft.assumptions.append(f"the default security group of {vpc} was not read: taken to be as AWS makes it")
    for group in wish.groups or ():
        if snapshot.get(SecurityGroup, group) is None:
            draft.replace(_open_group(group, vpc))
    if wish.function:
        draft.add(LambdaFunction(name, "", (wish.subnet.id,), wish.groups, Origin(name), ipv6=wish.ipv6))
        return
    public = UNSET if wish.public else None
    addresses: tuple[InterfaceAddress, ...] = () if wish.ipv6 and not public else (InterfaceAddress(UNSET, public),)
    if wish.ipv6:
        addresses += (InterfaceAddress(UNSET_IPV6),)
    draft.add(NetworkInterface(name, "", vpc, wish.subnet.id, addresses, wish.groups, Origin(name)))


def _open_group(group_id: str, vpc: str) -> SecurityGroup:
    origin = Origin(group_id)
    both = {direction: open_permissions(origin, direction) for direction in (INBOUND, OUTBOUND)}
    return SecurityGroup(group_id, OPEN, vpc, both[INBOUND], both[OUTBOUND], origin)
