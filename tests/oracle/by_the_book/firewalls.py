"""AWS Network Firewall (section 14 of docs/semantics.md, TGW-22): the stateless engine, then the stateful one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import dropwhile
from typing import NamedTuple

from simulator.aws.firewall_policy import (
    CONTINUE_MIDSTREAM,
    DROP_ALL,
    DROP_APPLICATION,
    DROP_ESTABLISHED,
    MANAGED,
    Asked,
    FirewallPolicy,
)
from simulator.aws.firewall_rule_group import FirewallRuleGroup
from simulator.aws.firewall_rules import ALERT, DROP, FORWARD, PASS, REJECT, FirewallRule
from simulator.aws.firewall_terms import HOME, NotReadError, TermError, Terms
from simulator.aws.network_firewall import NetworkFirewall
from simulator.aws.transit_gateway import TransitAttachment, TransitGateway
from simulator.aws.vpc import Vpc
from simulator.aws.vpc_endpoint import VpcEndpoint
from simulator.packet.flow import TCP, UDP
from tests.oracle.by_the_book.filters import ICMP, ICMPV6, Judgement
from tests.oracle.by_the_book.headers import mirrored
from tests.oracle.by_the_book.result import Rule, Stop
from tests.oracle.by_the_book.translators import Translators

ESTABLISHED = (DROP_ESTABLISHED, DROP_APPLICATION)
BEGINS = "begins"  # under "drop established" (NFW-5)
REFUSED = "FIREWALL_RULES_RESTRICTION"
KNOWN, SOMETIMES, UNREAD = "known", "sometimes", "unread"


class Verdict(NamedTuple):
    """What a firewall decides, and by which rule."""

    action: str
    rule: Rule


class Chance(NamedTuple):
    """A rule: whether what it says is certain, depends on what is inside, or nobody can tell. `actions`: what it may decide. `covers`:
    whether it speaks of the packet, or may.
    """

    certainty: str
    actions: tuple[str, ...]
    rule: Rule
    covers: bool = True

    def is_alike(self, other: Chance) -> bool:
        """Whether rules of one group that look inside packets would decide alike: then they are one question (NFW-6)."""
        inside = self.certainty == other.certainty == SOMETIMES
        return inside and (PASS in self.actions) == (PASS in other.actions) and self.rule[0] == other.rule[0]


class Firewalls(Translators):
    """Stages of a `Journey`, which has those of interfaces and subnets."""

    def firewall_of(self, endpoint: VpcEndpoint) -> NetworkFirewall | None:
        """NFW-1: the firewall an endpoint belongs to, by whichever noun tells."""
        for firewall in self.world.snapshot.all(NetworkFirewall):
            if endpoint.id in firewall.endpoints or (endpoint.firewall and endpoint.firewall in (firewall.id, firewall.arn)):
                return firewall
        return None

    def through_firewall(self, gateway: TransitGateway, attachment: TransitAttachment, zone: str) -> None:
        """TGW-22: an inspection hop; on by the table associated with the attachment."""
        firewalls = self.world.snapshot.all(NetworkFirewall)
        self.at(attachment.id, f"in from {zone}")
        self.forget_sender()
        self.judged_by(attachment.id, next((one for one in firewalls if one.attachment == attachment.id), None))
        self.through(gateway, attachment, zone)

    def judged_by(self, place: str, firewall: NetworkFirewall | None) -> None:
        """NFW-2: every packet meets the stateless engine, also answers; NFW-3 to NFW-5: what that forwards, the stateful one."""
        policies = self.world.snapshot.all(FirewallPolicy)
        policy = next((one for one in policies if firewall and firewall.policy and firewall.policy in (one.id, one.arn, one.name)), None)
        if firewall is None or policy is None:
            raise Stop(place, "SIM_UNMODELLED")
        vpc = self.world.snapshot.get(Vpc, firewall.vpc)
        home = {HOME: tuple(str(block) for block in vpc.cidrs)} if vpc else {}
        book = Book(self, policy, home)
        verdict = book.single(place)
        if verdict.action == FORWARD:
            verdict = self.as_flow(place, book)
        if verdict.action in (DROP, REJECT):
            raise Stop(place, REFUSED, frozenset({verdict.rule}))

    def as_flow(self, place: str, book: Book) -> Verdict:
        """NFW-5: answers of flows that this endpoint saw pass; NFW-7: no answers of others; else by the rules."""
        table, begun, policy = f"flows at {place}", f"flows that began at {place}", book.policy
        if any(where == table and mirrored(flow) == self.header for where, flow in self.sessions.admitted):
            return Verdict(PASS, (policy.id, ""))
        if any(where == begun and mirrored(flow) == self.header for where, flow in self.sessions.admitted):
            self.judged("whether it counts as established", Judgement(True, unknown=True))
            return Verdict(PASS, (policy.id, ""))
        if self.answers and self.needs_start(policy):
            if policy.midstream != CONTINUE_MIDSTREAM:
                raise Stop(place, "SIM_RETURN_PATH_ASYMMETRIC")
            self.judged("whether it goes on without its start", Judgement(True, unknown=True))
        if policy.decrypts and self.header.protocol == TCP:
            raise self.beyond(place)
        verdict = book.flows(place)
        if verdict.action in (PASS, BEGINS):
            unsure = verdict.action == BEGINS and self.header.protocol != TCP
            if unsure and self.answers:
                self.judged("whether it counts as established", Judgement(True, unknown=True))
            self.sessions.admitted.add((begun if unsure else table, self.header))
        return verdict

    def needs_start(self, policy: FirewallPolicy) -> bool:
        """NFW-7: whether an answer is lost on an engine that missed the start of its flow."""
        without_ports = self.header.protocol not in (TCP, UDP, ICMP, ICMPV6)
        unsure = not self.reading.state_is_for_connections and policy.midstream == CONTINUE_MIDSTREAM
        return self.header.protocol == TCP or (unsure and without_ports)


class Book:
    """The rules of a policy for the packet of a journey. `home`: what HOME_NET is where nobody says (the blocks of the VPC)."""

    def __init__(self, journey: Firewalls, policy: FirewallPolicy, home: dict[str, tuple[str, ...]]) -> None:
        self.journey, self.policy, self.variables = journey, policy, {**home, **policy.sets}

    def single(self, place: str) -> Verdict:
        """NFW-2: by priority, the first match; else the default action."""
        policy = self.policy
        last = Verdict(policy.stateless_default, (policy.id, f"stateless default action {policy.stateless_default}"))
        return self.first(place, [one for asked in policy.stateless for one in self.chances(asked)], last)

    def flows(self, place: str) -> Verdict:
        """NFW-3: what passes before what is dropped; NFW-4: in strict order as they stand, then the default action."""
        policy = self.policy
        found = [one for asked in policy.stateful for one in self.chances(asked)]
        found = [one for one in found if set(one.actions) != {ALERT}]  # an alert decides nothing
        last = Verdict(PASS, (policy.id, ""))
        if policy.strict:
            for word in policy.defaults:
                if word == DROP_ALL or (word in ESTABLISHED and last.action == PASS):
                    last = Verdict(DROP if word == DROP_ALL else BEGINS, (policy.id, f"stateful default action {word}"))
        else:
            found.sort(key=lambda one: (PASS not in one.actions, one.certainty != KNOWN))
        return self.first(place, found, last)

    def first(self, place: str, chances: list[Chance], last: Verdict) -> Verdict:
        """The first that decides; a gap where one may decide that nobody read."""
        if not chances:
            return last
        chance, rest = chances[0], chances[1:]
        if not chance.covers:
            return self.first(place, rest, last)
        if chance.certainty == KNOWN:
            return Verdict(chance.actions[0], chance.rule)
        if chance.certainty == SOMETIMES:  # NFW-6: one means that what the rule looks for is inside
            inside = self.journey.choose("payload", 0, 1, 0)
            rest = list(dropwhile(chance.is_alike, rest))
            return Verdict(chance.actions[0], chance.rule) if inside else self.first(place, rest, last)
        raise Stop(place, "SIM_UNMODELLED")

    def chances(self, asked: Asked) -> Iterator[Chance]:
        """The rules of a group."""
        groups = self.journey.world.snapshot.all(FirewallRuleGroup)
        group = next((one for one in groups if asked.group in (one.id, one.arn, one.name)), None)
        if group is None:
            if MANAGED not in asked.group:
                yield Chance(UNREAD, (PASS,) if asked.alerts_only else (PASS, DROP), (asked.group, ""))
            elif not asked.alerts_only:
                yield Chance(SOMETIMES, (DROP,), (asked.group, ""))
            return
        terms = group.terms(self.journey.world.snapshot, self.variables)
        for rule in group.rules:
            covered = self.covers(rule, terms) if rule.read else None
            if rule.only_by_action and self.policy.strict:
                continue
            action = ALERT if asked.alerts_only and rule.action in (DROP, REJECT) else rule.action
            name = (rule.origin.resource, rule.origin.part)
            if not rule.read:
                yield Chance(UNREAD, (PASS, DROP), name)
            elif not rule.never and not self.understood(rule, terms):
                yield Chance(UNREAD, (action,), name, covered is not False)
            else:
                yield Chance(SOMETIMES if rule.inside else KNOWN, (action,), name, covered is True)

    def understood(self, rule: FirewallRule, terms: Terms) -> bool:
        """Whether every word of a rule means something known."""
        try:
            for text in (rule.sources, rule.destinations):
                terms.blocks(text)
            for text in (rule.source_ports, rule.destination_ports):
                terms.intervals(text)
        except (TermError, NotReadError):
            return False
        return True

    def covers(self, rule: FirewallRule, terms: Terms) -> bool | None:
        """Whether a rule speaks of the packet; none: nobody can tell."""
        header = self.journey.header
        if rule.never or (rule.protocols and header.protocol not in rule.protocols):
            return False
        if rule.replies is not None and (header.protocol != TCP or rule.replies != self.journey.answers):
            return False
        source, destination = (header.source, header.source_port), (header.destination, header.destination_port)
        ways = [(source, destination), (destination, source)] if rule.both_ways else [(source, destination)]
        found = [self.covers_way(rule, terms, one, other) for one, other in ways]
        return True if True in found else None if None in found else False

    def covers_way(self, rule: FirewallRule, terms: Terms, one: tuple[int, int], other: tuple[int, int]) -> bool | None:
        """Whether both ends of a packet, each an address and a port, are those of a rule."""
        found = [
            self.holds(terms, rule.sources, one[0]),
            self.holds(terms, rule.destinations, other[0]),
            self.has_port(terms, rule.source_ports, one[1]),
            self.has_port(terms, rule.destination_ports, other[1]),
        ]
        return False if False in found else None if None in found else True

    def holds(self, terms: Terms, text: str, address: int) -> bool | None:
        """Whether an address is one of those a text means."""
        try:
            blocks = terms.blocks(text)
        except (TermError, NotReadError):
            return None
        return blocks is None or self.journey.world.within(blocks, address)

    def has_port(self, terms: Terms, text: str, port: int) -> bool | None:
        """Whether a port is one of those a text means; what has no ports is covered by no rule that names some."""
        try:
            intervals = terms.intervals(text)
        except (TermError, NotReadError):
            return None
        if intervals == ((0, 65535),):
            return True
        return self.journey.header.protocol in (TCP, UDP) and any(first <= port <= last for first, last in intervals)
