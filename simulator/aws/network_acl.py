"""Network ACLs: numbered entries, the first that matches decides, stateless, judged at the edge of a subnet (NACL-1 to NACL-23).

Not modelled: what AWS refuses when an entry is created (numbers above 32766); such input is read as it stands.
AWS pages: "Control subnet traffic with network access control lists", "CreateNetworkAclEntry" (2026).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from simulator.aws.permissions import Traffic, cidr_of
from simulator.aws.resource import Cidr, Field, Flag, Item, Kind, ListOf, Number, Record, Reference, ServiceText, Values
from simulator.aws.snapshot import Draft, Snapshot
from simulator.graph.nodes import Rule, RuleList
from simulator.origin import Origin
from simulator.packet.prefix import EVERYWHERE, Prefix
from simulator.problems import Problems

INBOUND, OUTBOUND = "ingress", "egress"
ENTRY_LIMIT = 40
LAST_RULE = 32766


@dataclass(frozen=True, slots=True)
class AclEntry:
    """One entry: its number, what it does, the far end (source inbound, destination outbound) and the traffic (NACL-5)."""

    number: int
    permit: bool
    cidr: Prefix
    traffic: Traffic
    origin: Origin


@dataclass(frozen=True, slots=True)
class NetworkAcl:
    """An ACL of a VPC; `subnets` are those explicitly associated, `default` serves the others (NACL-1)."""

    id: str
    name: str
    vpc: str
    default: bool
    subnets: tuple[str, ...]
    inbound: tuple[AclEntry, ...]
    outbound: tuple[AclEntry, ...]
    origin: Origin


def default_acl(vpc: str, acl_id: str = "") -> NetworkAcl:
    """The default ACL as AWS makes it: rule 100 for IPv4 and 101 for IPv6 allow everything, both ways (NACL-10)."""
    origin = Origin(acl_id or f"{vpc}-default-acl")
    entries = {
        direction: tuple(
            AclEntry(number, True, EVERYWHERE[version], Traffic(), origin.of(f"{direction} rule {number}"))
            for number, version in ((100, 4), (101, 6))
        )
        for direction in (INBOUND, OUTBOUND)
    }
    return NetworkAcl(origin.resource, "default", vpc, True, (), entries[INBOUND], entries[OUTBOUND], origin)


def acl_of(snapshot: Snapshot, vpc: str, subnet: str, named: str = "") -> NetworkAcl | None:
    """The ACL of a subnet: the associated one, else the default of its VPC (NACL-1); none when neither was read.

    `named` is the ACL that the subnet's own text names.
    """
    return snapshot.index(("acl of", vpc, subnet, named), lambda: _acl_of(snapshot, vpc, subnet, named))


def _acl_of(snapshot: Snapshot, vpc: str, subnet: str, named: str) -> NetworkAcl | None:
    acls = snapshot.by(NetworkAcl, "vpc")[vpc]
    explicit = snapshot.get(NetworkAcl, named) or next((acl for acl in acls if subnet in acl.subnets), None)
    return explicit or next((acl for acl in acls if acl.default), None)


def rules_of(acl: NetworkAcl, direction: str) -> RuleList:
    """The entries in the order AWS judges them, ended by the rule `*` that denies (NACL-2)."""
    inbound = direction == INBOUND
    rules = [
        Rule(
            entry.traffic.match(sources=(entry.cidr,)) if inbound else entry.traffic.match(destinations=(entry.cidr,)),
            entry.permit,
            entry.origin,
        )
        for entry in sorted(acl.inbound if inbound else acl.outbound, key=lambda entry: entry.number)
    ]
    return RuleList(tuple(rules), acl.origin.of(f"{direction} rule *"))


def _scenario(name: str, values: Values, draft: Draft) -> None:
    origin = Origin(name, place=values.place)
    draft.add(
        NetworkAcl(
            name,
            "",
            values["vpc"],
            values.get("default", False),
            tuple(values.get("subnets", ())),
            _entries(origin, INBOUND, "from", values.get("inbound", ()), draft),
            _entries(origin, OUTBOUND, "to", values.get("outbound", ()), draft),
            origin,
        )
    )


def _entries(origin: Origin, direction: str, end: str, entries: Iterable[Values], draft: Draft) -> tuple[AclEntry, ...]:
    found: list[AclEntry] = []
    numbers: set[int] = set()
    for values in entries:
        if ("allow" in values) == ("deny" in values):
            draft.problems.error(f"network ACL `{origin.resource}`: an entry says `allow` or `deny`, one of them", values.place)
            continue
        number, permit = values["rule"], "allow" in values
        if number in numbers:
            draft.problems.error(f"network ACL `{origin.resource}`: {direction} rule {number} is there twice", values.place)
        numbers.add(number)
        part = origin.of(f"{direction} rule {number}", values.place)
        cidrs = values.get(end) or [EVERYWHERE[4]]
        services = values["allow" if permit else "deny"]
        found.extend(AclEntry(number, permit, cidr, Traffic.of(service), part) for cidr in cidrs for service in services)
    return tuple(found)


def _describe(item: Item, draft: Draft) -> None:
    acl_id = item.data["NetworkAclId"]
    origin = Origin(acl_id, place=item.place())
    entries: dict[bool, list[AclEntry]] = {True: [], False: []}
    for index, data in enumerate(item.get("Entries", ())):
        outbound = bool(data.get("Egress"))
        cidr = cidr_of(item, data.get("CidrBlock") or data["Ipv6CidrBlock"], f"network ACL `{acl_id}`")
        number = int(data["RuleNumber"])
        label = "*" if number > LAST_RULE else str(number)
        part = Origin(acl_id, f"{OUTBOUND if outbound else INBOUND} rule {label}", item.place("Entries", index))
        permit = data.get("RuleAction") == "allow"
        entries[outbound].append(AclEntry(number, permit, cidr, Traffic.of_acl_entry(data, cidr.version), part))
    subnets = tuple(data["SubnetId"] for data in item.get("Associations", ()) if data.get("SubnetId"))
    default = bool(item.get("IsDefault"))
    draft.add(NetworkAcl(acl_id, item.tag(), item.get("VpcId", ""), default, subnets, tuple(entries[False]), tuple(entries[True]), origin))


def _check(acl: NetworkAcl, snapshot: Snapshot, problems: Problems) -> None:
    for direction, entries in ((INBOUND, acl.inbound), (OUTBOUND, acl.outbound)):
        count = len({entry.number for entry in entries if entry.number <= LAST_RULE})
        if count > ENTRY_LIMIT:
            problems.warn(
                f"network ACL `{acl.id}` has {count} {direction} entries; AWS allows 20, and {ENTRY_LIMIT} at most",
                acl.origin.place,
            )


def _entry_fields(end: str) -> Record:
    return Record(
        (
            Field("rule", Number(1, LAST_RULE), "the number; the lowest that matches decides", required=True),
            Field(end, ListOf(Cidr()), "the far end; left out: every IPv4 address"),
            Field("allow", ListOf(ServiceText()), "the services let through"),
            Field("deny", ListOf(ServiceText()), "the services refused"),
        )
    )


KIND = Kind(
    name="network-acl",
    noun=NetworkAcl,
    about="stateless numbered rules at the edge of subnets",
    section="network_acls",
    fields=(
        Field("vpc", Reference(("vpc",)), "the VPC the ACL belongs to", required=True),
        Field("default", Flag(), "whether it serves the subnets that name none"),
        Field("subnets", ListOf(Reference(("subnet",))), "the subnets associated with it"),
        Field("inbound", ListOf(_entry_fields("from")), "entries for packets that enter a subnet"),
        Field("outbound", ListOf(_entry_fields("to")), "entries for packets that leave a subnet"),
    ),
    scenario=_scenario,
    describe={"NetworkAcls": _describe},
    check=_check,
)
