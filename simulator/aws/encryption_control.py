"""Encryption controls of a VPC: whether what travels in it has to be encrypted (ENC-1 to ENC-3).

    monitor: told in flow logs, nothing else
    enforce: what cannot encrypt may not be there, unless it is excluded; interface endpoints drop what applications do not encrypt (ENC-2)

The mode changes no verdict (ENC-3): a check tells what AWS would not let be there, and an answer that meets an interface endpoint of such a
VPC says that the traffic is taken to be encrypted.

AWS page: "Enforce VPC encryption in transit" (2026).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from simulator.aws.resource import Field, Item, Kind, ListOf, Noun, Reference, Text, Values
from simulator.aws.snapshot import Draft, Snapshot
from simulator.aws.vpc import Vpc
from simulator.origin import Origin
from simulator.problems import Problems

MONITOR, ENFORCE = "monitor", "enforce"
PEERINGS = "vpc-peering"
# The exclusions, with the kinds of what each lets be there.
EXCLUSIONS = {
    "internet-gateway": "internet-gateway",
    "egress-only-internet-gateway": "egress-only-internet-gateway",
    "nat-gateway": "nat-gateway",
    "virtual-private-gateway": "virtual-private-gateway",
    PEERINGS: "vpc-peering-connection",
    "lambda": "lambda-function",
    "elastic-file-system": "file-system",
    "vpc-lattice": "",
}
NEVER = ("network-firewall", "load-balancer")  # what no exclusion lets be there; of the load balancers those of type `gateway`


@dataclass(frozen=True, slots=True)
class EncryptionControl:
    """The controls of one VPC. `exclusions` are words of `EXCLUSIONS`."""

    id: str
    name: str
    vpc: str
    mode: str
    exclusions: tuple[str, ...]
    origin: Origin


def enforced(snapshot: Snapshot, vpc: str) -> EncryptionControl | None:
    """The controls of a VPC that enforce encryption, if there are any."""
    return next((one for one in snapshot.by(EncryptionControl, "vpc")[vpc] if one.mode == ENFORCE), None)


def _scenario(name: str, values: Values, draft: Draft) -> None:
    origin = Origin(name, place=values.place)
    draft.add(EncryptionControl(name, "", values["vpc"], values["mode"], tuple(values.get("exclusions", ())), origin))


def _describe(item: Item, draft: Draft) -> None:
    control_id = item.data["VpcEncryptionControlId"]
    if item.get("State") in ("deleting", "deleted"):
        return
    said = item.get("ResourceExclusions") or {}
    found = (word for word in EXCLUSIONS if (said.get(_key(word)) or {}).get("State") in ("enabled", "enabling"))
    origin = Origin(control_id, place=item.place())
    draft.add(EncryptionControl(control_id, item.tag(), item.get("VpcId", ""), item.get("Mode", MONITOR).lower(), tuple(found), origin))


def _key(word: str) -> str:
    """The name of an exclusion in an AWS answer.

    >>> _key("egress-only-internet-gateway")
    'EgressOnlyInternetGateway'
    """
    return "".join(part.capitalize() for part in word.split("-"))


def _check(control: EncryptionControl, snapshot: Snapshot, problems: Problems) -> None:
    if control.mode != ENFORCE:
        return
    told = f"VPC `{control.vpc}` enforces encryption"
    for what, noun in _there(control, snapshot):
        problems.warn(f"{told}; {what.replace('-', ' ')} `{noun.id}` may not be there without an exclusion (ENC-1)", noun.origin.place)
    if PEERINGS in control.exclusions:
        return
    for noun in _of_kind(EXCLUSIONS[PEERINGS], control.vpc, snapshot):
        other = next((vpc for vpc in getattr(noun, "vpcs", ()) if vpc != control.vpc), "")
        if not enforced(snapshot, other) or _region(snapshot, other) != _region(snapshot, control.vpc):
            needs = f"peering `{noun.id}` needs the same of `{other}` in the same Region, or an exclusion"
            problems.warn(f"{told}; {needs} (ENC-2)", noun.origin.place)


def _there(control: EncryptionControl, snapshot: Snapshot) -> Iterator[tuple[str, Noun]]:
    """What may not be in the VPC: its kind, and the noun."""
    kinds = [kind for word, kind in EXCLUSIONS.items() if kind and word != PEERINGS and word not in control.exclusions]
    for kind in (*kinds, *NEVER):
        yield from ((kind, noun) for noun in _of_kind(kind, control.vpc, snapshot))


def _of_kind(name: str, vpc: str, snapshot: Snapshot) -> Iterator[Noun]:
    for kind, noun in snapshot.everything():
        encrypts = name == "load-balancer" and getattr(noun, "type", "") != "gateway"
        if kind.name == name and not encrypts and vpc in _vpcs(noun, snapshot):
            yield noun


def _vpcs(noun: Noun, snapshot: Snapshot) -> set[str]:
    """The VPCs a noun lies in, whichever way it says so."""
    found = {getattr(noun, "vpc", ""), *getattr(noun, "vpcs", ())}
    for kind, names in (("subnet", (getattr(noun, "subnet", ""),)), ("network-interface", _interfaces(noun))):
        of = next(one for one in snapshot.kinds if one.name == kind).noun
        found |= {getattr(snapshot.get(of, name), "vpc", "") for name in names}
    return found - {""}


def _interfaces(noun: Noun) -> tuple[str, ...]:
    return tuple(getattr(noun, "interfaces", ()))


def _region(snapshot: Snapshot, vpc: str) -> str:
    found = snapshot.get(Vpc, vpc)
    return found.region if found else ""


KIND = Kind(
    name="encryption-control",
    noun=EncryptionControl,
    about="whether what travels in a VPC has to be encrypted",
    section="encryption_controls",
    fields=(
        Field("vpc", Reference(("vpc",)), "the VPC they are of", required=True),
        Field("mode", Text((MONITOR, ENFORCE)), "what they do", required=True),
        Field("exclusions", ListOf(Text(tuple(EXCLUSIONS))), "what may be there all the same"),
    ),
    scenario=_scenario,
    describe={"VpcEncryptionControls": _describe},
    check=_check,
)
