"""How things are called in answers: resources, headers, what a rule covers, where it was written, a share of all cases.

Names come out as they are; who prints them escapes them (`escape.py`, `html.escape`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from simulator.graph.nodes import Place
from simulator.origin import Origin
from simulator.packet.flow import Flow
from simulator.packet.prefix import Prefix, format_address
from simulator.packet.ranges import Ranges
from simulator.packet.service import Service
from simulator.packet.space import Match

UPPER = {word.lower(): word for word in ("ACL", "API", "AWS", "DB", "DNS", "EC2", "IP", "NAT", "RDS", "SQS", "SNS", "VPC", "VPN")}
# Kinds that are plain from fewer words at the head of a line.
SHORT = {"network-interface": "interface", "lambda-function": "function"}
# An AWS id says what it is by its prefix, so that a line of text need not say it again.
SPEAKING_ID = re.compile(r"(eni|subnet|nat|igw|eigw|vpc|vpce|rtb|acl|sg|pcx|tgw|tgw-attach|vgw|vpn|i|lambda|db)-[0-9a-z]{4,}\Z")
PREFIXES_SHOWN = 2


def noun(kind: str) -> str:
    """The words for a kind of resource.

    >>> noun("nat-gateway"), noun("network-interface")
    ('NAT gateway', 'network interface')
    """
    return " ".join(UPPER.get(word, word) for word in kind.split("-")).replace("egress only", "egress-only")


def place_words(place: Place) -> str:
    """A resource in a sentence: what it is, its id, and its name if it has another.

    >>> place_words(Place("nat-1", "nat-gateway", "egress")), place_words(Place("internet", "internet"))
    ('NAT gateway nat-1 (egress)', 'the internet')
    """
    word = noun(place.kind)
    if place.id == place.kind:
        return f"the {word}"
    return f"{word} {label(place)}"


def label(place: Place) -> str:
    """The id of a resource, with its name if it has another."""
    return f"{place.id} ({place.name})" if place.name and place.name != place.id else place.id


def short_place(place: Place) -> str:
    """A resource at the head of a line: as in a sentence, but without words that the id says as well.

    >>> short_place(Place("eni-0a1b2c3d", "network-interface")), short_place(Place("private", "subnet"))
    ('eni-0a1b2c3d', 'subnet private')
    """
    if place.id == place.kind or SPEAKING_ID.match(place.id):
        return label(place)
    return f"{SHORT.get(place.kind) or noun(place.kind)} {label(place)}"


def spot(origin: Origin | None) -> str:
    """Where something was written, as ` (file:line)`; nothing when nobody wrote it.

    >>> from simulator.origin import Spot
    >>> spot(Origin("sg-1", "egress 1", Spot("network.yaml", 12, 5)))
    ' (network.yaml:12)'
    """
    if origin is None or origin.place is None:
        return ""
    line = origin.place.line
    return f" ({origin.place.file})" if line is None else f" ({origin.place.file}:{line})"


def header_words(flow: Flow) -> str:
    """A header in a sentence.

    >>> header_words(Flow.tcp("10.0.1.7", 40000, "192.0.2.1", 443))
    'tcp/443 from 10.0.1.7 to 192.0.2.1'
    """
    source, destination = (format_address(flow.version, value) for value in (flow.source, flow.destination))
    return f"{flow.service} from {source} to {destination}"


def header_change(before: Flow, after: Flow) -> str:
    """What a translation changed.

    >>> header_change(Flow.tcp("10.0.1.7", 40000, "192.0.2.1", 443), Flow.tcp("10.0.0.5", 1024, "192.0.2.1", 443))
    'source 10.0.1.7:40000 -> 10.0.0.5:1024'
    """
    ends = {
        "source": (_end(before, before.source, before.source_port), _end(after, after.source, after.source_port)),
        "destination": (
            _end(before, before.destination, before.destination_port),
            _end(after, after.destination, after.destination_port),
        ),
    }
    changes = [f"{name} {old} -> {new}" for name, (old, new) in ends.items() if old != new]
    return ", ".join(changes) or "header unchanged"


def _end(flow: Flow, address: int, port: int) -> str:
    text = format_address(flow.version, address)
    if not flow.has_ports:
        return text
    return f"[{text}]:{port}" if flow.version == 6 else f"{text}:{port}"


def match_words(match: Match) -> str:
    """What a rule covers.

    >>> match_words(Match(destinations=(Prefix.parse("0.0.0.0/0"),), protocol=6, destination_ports=(443, 443)))
    'tcp/443 to 0.0.0.0/0'
    """
    words = [str(Service(match.protocol, match.destination_ports, match.icmp_type, match.icmp_code))]
    if match.source_ports is not None:
        words.append(f"from ports {Ranges.of(match.source_ports)}")
    if match.sender_group is not None:
        words.append(f"from group {match.sender_group}")
    if match.sources is not None:
        words.append(f"from {_prefixes(match.sources)}")
    if match.destinations is not None:
        words.append(f"to {_prefixes(match.destinations)}")
    return " ".join(words)


def _prefixes(prefixes: Iterable[Prefix]) -> str:
    words = [str(prefix).removesuffix("/32") if prefix.version == 4 else str(prefix) for prefix in prefixes]
    if not words:
        return "nobody"
    rest = len(words) - PREFIXES_SHOWN
    return ", ".join(words[:PREFIXES_SHOWN]) + (f" and {rest} more" if rest > 0 else "")


def share_words(share: float) -> str:
    """A share of all cases as a percentage that never rounds a part to nothing or to all.

    >>> share_words(0.4921), share_words(1.0), share_words(0.00001), share_words(0.9999)
    ('49 %', '100 %', '<0.1 %', '>99.9 %')
    """
    percent = 100 if share > 1 - 1e-12 else share * 100  # a sum of shares is not exact
    if 0 < percent < 0.1:
        return "<0.1 %"
    if 99.9 < percent < 100:
        return ">99.9 %"
    digits = 0 if 10 <= percent <= 90 or percent in (0, 100) else 1
    return f"{percent:.{digits}f} %"
