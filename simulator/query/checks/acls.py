"""Network ACLs: entries that never decide or change nothing, ACLs without subnets, entries for parts of subnets (VS201 to VS205)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from simulator.aws.network_acl import LAST_RULE, AclEntry, NetworkAcl
from simulator.aws.subnet import Subnet
from simulator.packet.ranges import Ranges
from simulator.packet.space import ALL_PORTS, ALL_TYPES, Box
from simulator.query.checks.blocks import nobody_has, parted
from simulator.query.checks.given import Given, finding
from simulator.query.findings import Finding

PROTOCOLS = (0, 255)
MOST_BOXES = 2000  # of one entry, after others are cut out of it; more are not looked at, and nothing is said


def find(given: Given) -> Iterator[Finding]:
    """All findings about network ACLs."""
    named_by_subnets = {subnet.network_acl for subnet in given.snapshot.all(Subnet)}
    for acl in given.snapshot.all(NetworkAcl):
        if given.wants("VS203") and not (acl.default or acl.subnets or acl.id in named_by_subnets):
            yield finding("VS203", f"network ACL `{acl.id}` is associated with no subnet", acl.origin)
        for entries in (acl.inbound, acl.outbound):
            own = sorted((entry for entry in entries if entry.number <= LAST_RULE), key=lambda entry: entry.number)
            for version in (4, 6):
                if given.wants("VS201", "VS202"):
                    yield from _order(given, acl, [entry for entry in own if entry.cidr.version == version])
            for entry in own:
                yield from _block(given, acl, entry)


def _order(given: Given, acl: NetworkAcl, entries: list[AclEntry]) -> Iterator[Finding]:
    """Entries of one direction and IP version, in the order of their numbers."""
    boxes = [_box(entry) for entry in entries]
    for at, entry in enumerate(entries):
        left = _without([boxes[at]], (boxes[before] for before in range(at)))
        if left is None:
            continue
        if not left:
            if given.wants("VS201"):
                told = " and ".join(_cover(boxes, entries, at))
                yield finding("VS201", f"network ACL `{acl.id}`: {_words(entry)} never decides: {told} comes first", entry.origin)
        elif entry.permit and given.wants("VS202"):
            later = _same_later(left, entries[at + 1 :], boxes[at + 1 :])
            if later:
                told = " and ".join(dict.fromkeys(_words(one) for one in later))
                yield finding("VS202", f"network ACL `{acl.id}`: {_words(entry)} changes nothing: {told} permits the same", entry.origin)


def _box(entry: AclEntry) -> Box:
    """The packets that an entry speaks of; fields that a protocol does not have are all of their range."""
    traffic = entry.traffic
    return Box(
        entry.cidr.version,
        {
            "address": Ranges.of((entry.cidr.first, entry.cidr.last)),
            "protocol": Ranges.of(PROTOCOLS) if traffic.protocol is None else Ranges.point(traffic.protocol),
            "port": Ranges.of(traffic.ports or ALL_PORTS),
            "type": Ranges.of(ALL_TYPES) if traffic.icmp_type is None else Ranges.point(traffic.icmp_type),
            "code": Ranges.of(ALL_TYPES) if traffic.icmp_code is None else Ranges.point(traffic.icmp_code),
        },
    )


def _meet(one: Box, other: Box) -> bool:
    return all(ranges & other.ranges[name] for name, ranges in one.ranges.items())


def _without(boxes: list[Box], others: Iterable[Box]) -> list[Box] | None:
    """What of some boxes is in none of the others; none where that falls into too many pieces to tell."""
    for other in others:
        boxes = [rest for box in boxes for rest in (box.minus(other.ranges) if _meet(box, other) else [box])]
        if len(boxes) > MOST_BOXES:
            return None
    return boxes


def _cover(boxes: list[Box], entries: list[AclEntry], at: int) -> Iterator[str]:
    """The earlier entries that take all of an entry: one of them if it does alone, else all that meet it."""
    alone = next((before for before in range(at) if not boxes[at].minus(boxes[before].ranges)), None)
    if alone is not None:
        yield _words(entries[alone])
    else:
        yield from dict.fromkeys(_words(entries[before]) for before in range(at) if _meet(boxes[at], boxes[before]))


def _same_later(left: list[Box], entries: list[AclEntry], boxes: list[Box]) -> list[AclEntry]:
    """The later entries that permit all of what is left; none where a denial, or the rule `*`, would take some of it."""
    deciding: list[AclEntry] = []
    for entry, box in zip(entries, boxes, strict=True):
        if any(_meet(one, box) for one in left):
            if not entry.permit:
                return []
            deciding.append(entry)
            rest = _without(left, [box])
            if rest is None:
                return []
            left = rest
    return [] if left else deciding


def _words(entry: AclEntry) -> str:
    return f"{entry.origin.part} ({'allow' if entry.permit else 'deny'} {entry.traffic} {entry.cidr})"


def _block(given: Given, acl: NetworkAcl, entry: AclEntry) -> Iterator[Finding]:
    said = f"network ACL `{acl.id}`: {_words(entry)}"
    if entry.permit and given.wants("VS204") and nobody_has(given, acl.vpc, entry.cidr):
        yield finding("VS204", f"{said}: {entry.cidr} lies in no VPC, and no route leads there", entry.origin)
    parts = parted(given, acl.vpc, entry.cidr) if given.wants("VS205") else ""
    if parts:
        yield finding("VS205", f"{said}: {parts}", entry.origin)
