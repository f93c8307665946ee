"""Rules in Suricata's language, as Network Firewall takes them: what a line says of addresses and ports, and whether it looks further.

    pass tcp $HOME_NET any -> 10.9.0.0/16 443 (msg:"to the tools"; sid:1; rev:1;)

Options that only tell, number or file a rule leave it one of addresses and ports (NFW-6). Every other one reads what is inside packets
or what happened before; so do protocols above TCP and UDP, which Suricata recognizes by what is said.

Suricata's page "Rules Format" (2026).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from simulator.packet.flow import ICMP, ICMPV6, TCP, UDP

ACTIONS = ("pass", "drop", "reject", "alert")
LINE = re.compile(
    r"(?P<action>\w+)\s+(?P<protocol>[\w-]+)\s+(?P<source>\[[^()]*?\]|\S+)\s+(?P<source_port>\[[^()]*?\]|\S+)\s*(?P<way>->|<>)\s*"
    r"(?P<destination>\[[^()]*?\]|\S+)\s+(?P<destination_port>\[[^()]*?\]|\S+)\s*\((?P<options>.*)\)\s*\Z"
)
# What stands in the header; the rest is recognized by what is said in the connection.
CARRIERS = {"ip": (), "tcp": (TCP,), "udp": (UDP,), "icmp": (ICMP, ICMPV6), "pkthdr": ()}
BY_DATAGRAM = ("udp", "ntp", "dhcp", "tftp", "snmp", "ikev2", "ike", "quic")
BY_EITHER = ("dns", "krb5", "sip", "nfs")
# Options that do not narrow what a rule covers.
TELLING = frozenset({"msg", "sid", "rev", "gid", "classtype", "reference", "metadata", "priority", "noalert", "target"})
PLAIN_FLOWS = frozenset({"to_server", "from_client", "not_established"})


class Line(NamedTuple):
    """One rule. `protocols`: none for every one; `inside`: what it looks at beyond addresses and ports, or empty."""

    action: str
    protocols: tuple[int, ...]
    source: str
    source_ports: str
    destination: str
    destination_ports: str
    both_ways: bool
    inside: str
    number: str


class LineError(ValueError):
    """A line that is no rule; the message says what is wrong with it."""


def rules_in(text: str) -> Iterator[tuple[int, str]]:
    r"""The rules of a text with the numbers of their lines; a line that ends with a backslash goes on in the next.

    >>> list(rules_in("# a note\npass ip any any -> any any (sid:1;)\n"))
    [(2, 'pass ip any any -> any any (sid:1;)')]
    """
    started = 0
    parts: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.strip()
        if not parts and (not bare or bare.startswith("#")):
            continue
        started = started if parts else number
        parts.append(bare.removesuffix("\\").strip())
        if not bare.endswith("\\"):
            yield started, " ".join(parts)
            parts = []
    if parts:
        yield started, " ".join(parts)


def parse_rule(text: str) -> Line:
    """One rule. Raises `LineError`.

    >>> parse_rule('drop tls $HOME_NET any -> any any (tls.sni; content:"x"; sid:7;)')[7:]
    ('tls and `tls.sni`', '7')
    """
    found = LINE.match(text)
    if found is None:
        raise LineError("is no rule; write `action protocol source port -> destination port (options)`")
    action, protocol = found["action"].lower(), found["protocol"].lower()
    if action not in ACTIONS:
        raise LineError(f"`{action}` is no action of a rule; write one of {', '.join(ACTIONS)}")
    options = dict(_options(found["options"]))
    words = [protocol] if protocol not in CARRIERS else []
    words += [f"`{word}`" for word, value in options.items() if not is_plain(word, value)][:1]
    ends = (found["source"], found["source_port"], found["destination"], found["destination_port"])
    return Line(action, carriers_of(protocol), *ends, found["way"] == "<>", " and ".join(words), options.get("sid", "").strip())


def carriers_of(protocol: str) -> tuple[int, ...]:
    """The numbers of the protocols that carry one of Suricata's; none for every one.

    >>> carriers_of("tls"), carriers_of("dns"), carriers_of("ip")
    ((6,), (6, 17), ())
    """
    word = protocol.lower()
    if word in CARRIERS:
        return CARRIERS[word]
    if word in BY_EITHER:
        return TCP, UDP
    return (UDP,) if word in BY_DATAGRAM else (TCP,)


def is_plain(word: str, value: str) -> bool:
    """Whether an option leaves a rule one of addresses and ports, judged by the first packet of a flow."""
    if word == "flow":
        return {part.strip() for part in value.split(",")} <= PLAIN_FLOWS
    return word in TELLING


def _options(text: str) -> Iterator[tuple[str, str]]:
    """Keywords and values; a semicolon between quotation marks, or after a backslash, is part of a value."""
    quoted, start = False, 0
    for at, letter in enumerate(text):
        escaped = text[:at].endswith("\\")
        quoted ^= letter == '"' and not escaped
        if letter == ";" and not quoted and not escaped:
            yield _option(text[start:at])
            start = at + 1
    if text[start:].strip():
        yield _option(text[start:])


def _option(text: str) -> tuple[str, str]:
    word, _, value = text.strip().partition(":")
    return word.strip(), value.strip()
