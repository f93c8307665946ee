"""Rules of firewalls: who sends what to whom, what is done with it, and whether that is known before the payload is (NFW-2, NFW-6).

A rule keeps the words for its ends, since variables such as `$HOME_NET` mean something else in another firewall; `matches` settles them.
Both engines read a TCP packet's flags; a question is about the first packet of a connection (SYN) and its answer (SYN and ACK, MODEL-3),
so a rule that wants other flags covers neither.

AWS pages: "StatefulRule", "MatchAttributes", "Actions for stateful rules" (API reference and guide, 2026).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from simulator.aws.firewall_terms import ANY, HOME, NotReadError, TermError, Terms
from simulator.aws.resource import Cidr, Field, Flag, ListOf, Record, ServiceText, Text, Values
from simulator.aws.snapshot import Draft
from simulator.aws.suricata import LineError, carriers_of, is_plain, parse_rule, rules_in
from simulator.origin import Origin, Place
from simulator.packet.flow import TCP, UDP, WITH_PORTS
from simulator.packet.prefix import Prefix
from simulator.packet.ranges import Interval
from simulator.packet.service import Service
from simulator.packet.space import ALL_PORTS, Match
from simulator.problems import Problems

T = TypeVar("T")
Blocks = tuple[Prefix, ...] | None  # none: every address
Intervals = tuple[Interval, ...]
PASS, DROP, REJECT, ALERT, FORWARD = "pass", "drop", "reject", "alert", "forward"
STATELESS, STATEFUL = (PASS, DROP, FORWARD), (PASS, DROP, REJECT, ALERT)
BY_AWS = {"aws:pass": PASS, "aws:drop": DROP, "aws:forward_to_sfe": FORWARD}
SYN, ACK = "SYN", "ACK"
STARTS, ANSWERS = frozenset({SYN}), frozenset({SYN, ACK})
LISTS = {"ALLOWLIST": PASS, "DENYLIST": DROP, "REJECTLIST": REJECT, "ALERTLIST": ALERT}


@dataclass(frozen=True, slots=True)
class FirewallRule:
    """One rule. `protocols`: none for every one. `inside`: what it looks at that no question tells, or empty. `replies`: of TCP it covers
    the start of connections only, or answers only; none: both. `never`: it covers neither. `only_by_action`: it counts only where pass
    rules come before the others, whatever their order. `read`: false for what stands there and was not understood.
    """

    action: str
    origin: Origin
    protocols: tuple[int, ...] = ()
    sources: str = ANY
    source_ports: str = ANY
    destinations: str = ANY
    destination_ports: str = ANY
    both_ways: bool = False
    inside: str = ""
    replies: bool | None = None
    never: bool = False
    only_by_action: bool = False
    read: bool = True

    def matches(self, terms: Terms) -> tuple[Match, ...]:
        """The conditions of the rule, any of which is enough. Raises `TermError` and `NotReadError`."""
        return self._conditions(terms.blocks, terms.intervals)

    def may_match(self, terms: Terms) -> tuple[Match, ...]:
        """What the rule surely does not go beyond: words that nobody knows may mean any address, and any port (NFW-6)."""
        return self._conditions(_known(terms.blocks, None), _known(terms.intervals, (ALL_PORTS,)))

    def _conditions(self, blocks: Callable[[str], Blocks], intervals: Callable[[str], Intervals]) -> tuple[Match, ...]:
        if self.never:
            return ()
        ends = (self.sources, self.source_ports), (self.destinations, self.destination_ports)
        ways = [ends, (ends[1], ends[0])] if self.both_ways else [ends]
        return tuple(
            match
            for (source, source_ports), (destination, ports) in ways
            for match in self._one_way(blocks(source), intervals(source_ports), blocks(destination), intervals(ports))
        )

    def _one_way(self, sources: Blocks, leaving: Intervals, destinations: Blocks, entering: Intervals) -> Iterator[Match]:
        limited = (leaving, entering) != ((ALL_PORTS,), (ALL_PORTS,))
        for protocol in self.protocols or ((TCP, UDP) if limited else (None,)):
            if protocol not in WITH_PORTS:
                yield Match(sources, destinations, protocol, reply=self.replies)
                continue
            for first in leaving:
                for last in entering:
                    yield Match(sources, destinations, protocol, _unless_all(last), reply=self.replies, source_ports=_unless_all(first))


def _known(read: Callable[[str], T], otherwise: T) -> Callable[[str], T]:
    """What a text means, and something else where nobody knows."""

    def found(text: str) -> T:
        try:
            return read(text)
        except (TermError, NotReadError):
            return otherwise

    return found


def _unless_all(ports: Interval) -> Interval | None:
    return None if ports == ALL_PORTS else ports


# --- in a scenario ---------------------------------------------------------------------------------------------------------------


def rule_fields(actions: tuple[str, ...]) -> Record:
    """The fields of a rule in a scenario; one of the actions names the services."""
    return Record(
        (
            *(Field(action, ListOf(ServiceText()), f"the services to {action}") for action in actions),
            Field("from", ListOf(Cidr()), "the sources; every one when left out"),
            Field("to", ListOf(Cidr()), "the destinations; every one when left out"),
            Field("from_ports", Text(), "the ports of the sources, `443` or `1024-65535`; every one when left out"),
            Field("both_ways", Flag(), "whether it covers the other direction too; false when left out"),
            Field("payload", Text(), "what it looks at inside packets, where it does"),
        )
    )


def authored_rules(owner: str, entries: Iterable[Values], actions: tuple[str, ...], draft: Draft) -> tuple[FirewallRule, ...]:
    """The rules of a scenario's group, in order."""
    found: list[FirewallRule] = []
    for number, values in enumerate(entries, 1):
        said = [action for action in actions if action in values]
        if len(said) != 1:
            draft.problems.error(f"`{owner}`: rule {number} says one of {', '.join(actions)}", values.place)
            continue
        origin = Origin(owner, f"rule {number}", values.place)
        for service in values[said[0]]:
            found.append(_authored(said[0], values, service, origin, draft))
    return tuple(found)


def _authored(action: str, values: Values, service: Service, origin: Origin, draft: Draft) -> FirewallRule:
    if service.icmp_type is not None:
        draft.problems.error(f"`{origin.resource}`: {origin.part} names an ICMP type; rules of firewalls name none", values.place)
    return FirewallRule(
        action,
        origin,
        () if service.protocol is None else (service.protocol,),
        listed(str(block) for block in values.get("from", ())),
        values.get("from_ports", ANY),
        listed(str(block) for block in values.get("to", ())),
        f"{service.ports[0]}:{service.ports[1]}" if service.ports else ANY,
        values.get("both_ways", False),
        values.get("payload", ""),
    )


def listed(words: Iterable[str]) -> str:
    """Several words as one text; none is every one."""
    found = list(words)
    return f"[{', '.join(found)}]" if found else ANY


# --- in answers of AWS -----------------------------------------------------------------------------------------------------------


def stateless_rule(data: Mapping[str, Any], owner: str, place: Place) -> FirewallRule:
    """One element of `StatelessRules`; custom actions only measure, so the other one counts."""
    definition = data["RuleDefinition"]
    attributes = definition.get("MatchAttributes") or {}
    action = next((BY_AWS[word] for word in definition.get("Actions", ()) if word in BY_AWS), FORWARD)
    flags = attributes.get("TCPFlags") or ()
    starts, answers = _wanted(flags, STARTS), _wanted(flags, ANSWERS)
    return FirewallRule(
        action,
        Origin(owner, f"rule of priority {data.get('Priority', '')}", place),
        tuple(map(int, attributes.get("Protocols") or ())),
        *_ends(attributes, "Source"),
        *_ends(attributes, "Destination"),
        replies=None if starts == answers else answers,
        never=not (starts or answers),
    )


def _ends(attributes: Mapping[str, Any], side: str) -> tuple[str, str]:
    blocks = listed(one["AddressDefinition"] for one in attributes.get(f"{side}s") or ())
    return blocks, listed(f"{one['FromPort']}:{one['ToPort']}" for one in attributes.get(f"{side}Ports") or ())


def _wanted(conditions: Iterable[Mapping[str, Any]], flags: frozenset[str]) -> bool:
    """Whether a packet with these flags meets one of the conditions; without a mask every flag counts."""
    wanted = [(set(one.get("Flags") or ()), one.get("Masks")) for one in conditions]
    return not wanted or any(asked == (flags & set(mask) if mask else flags) for asked, mask in wanted)


def header_rule(data: Mapping[str, Any], number: int, owner: str, place: Place) -> FirewallRule:
    """One element of `StatefulRules`: ends in a header, and options as Suricata has them."""
    header, options = data["Header"], data.get("RuleOptions") or ()
    protocol = str(header.get("Protocol", "IP")).lower()
    said = {str(one.get("Keyword", "")).lower(): ", ".join(one.get("Settings") or ()) for one in options}
    words = [protocol] if protocol not in ("ip", "tcp", "udp", "icmp") else []
    words += [f"`{word}`" for word, value in said.items() if not is_plain(word, value)][:1]
    return FirewallRule(
        str(data.get("Action", ALERT)).lower(),
        Origin(owner, f"rule {said.get('sid') or number}", place),
        carriers_of(protocol),
        str(header.get("Source", ANY)),
        str(header.get("SourcePort", ANY)),
        str(header.get("Destination", ANY)),
        str(header.get("DestinationPort", ANY)),
        str(header.get("Direction")).upper() == "ANY",
        " and ".join(words),
    )


def domain_rules(data: Mapping[str, Any], owner: str, place: Place) -> tuple[FirewallRule, ...]:
    """The rules AWS makes of a `RulesSourceList`: what the home network asks of the names, and with a list of what is allowed nothing else
    of the same protocols, unless the order is strict.
    """
    action = LISTS[data.get("GeneratedRulesType", "DENYLIST")]
    names = ", ".join(data.get("Targets") or ())
    one = FirewallRule(action, Origin(owner, f"list of {names}", place), (TCP,), f"${HOME}", inside="names of servers")
    if action != PASS:
        return (one,)
    origin = Origin(owner, "names that are not on its list", place)
    return one, FirewallRule(DROP, origin, (TCP,), f"${HOME}", inside="names of servers", only_by_action=True)


def text_rules(text: str, owner: str, place: Place | None, problems: Problems) -> tuple[FirewallRule, ...]:
    """The rules of a `RulesString`; a line that is none is told, and covers what nobody knows."""
    found: list[FirewallRule] = []
    for number, line in rules_in(text):
        try:
            rule = parse_rule(line)
        except LineError as error:
            problems.warn(f"rule group `{owner}`: line {number} {error}", place)
            found.append(FirewallRule(DROP, Origin(owner, f"line {number}", place), read=False))
            continue
        part = f"rule {rule.number}" if rule.number else f"line {number}"
        ends = rule.source, rule.source_ports, rule.destination, rule.destination_ports
        found.append(FirewallRule(rule.action, Origin(owner, part, place), rule.protocols, *ends, rule.both_ways, rule.inside))
    return tuple(found)
