"""What a network firewall does to packets (NFW-1 to NFW-7, TGW-22).

    stateless rules by priority, each packet by itself -> pass | drop | to the stateful engine
    a flow it passed -> passed;  of TCP an answer whose start it never saw -> dropped, or unknown where such flows go on
    action order: pass rules, then drop and reject, else passed;  strict order: rules as written, else the default actions

Where a rule looks inside packets, no question tells what it sees: both ways are followed, so the answer is *sometimes* where they
differ, and names the rule (NFW-6). Rule groups that AWS manages look inside packets and drop. Where a group or a list of blocks was not
read and what was read does not decide, the answer is unknown.

"Drop established" lets the start of a TCP connection and its answer pass and drops what follows: the answer says so (NFW-5). Whether the
answers of other protocols count as established stands on no page that was read; they are unknown there.

Not modelled: rules that cover the answers of a flow that passed (they pass, NFW-5), and fragments.
AWS pages: "Stateless and stateful rules engines", "Evaluation order for stateful rules", "Stream exception policy" (2026).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from simulator.aws.firewall_policy import (
    CONTINUE_MIDSTREAM,
    DROP_ALL,
    DROP_APPLICATION,
    DROP_ESTABLISHED,
    MANAGED,
    Asked,
    FirewallPolicy,
    group_of,
)
from simulator.aws.firewall_rules import ALERT, DROP, FORWARD, PASS
from simulator.aws.firewall_terms import HOME, NotReadError, TermError
from simulator.aws.inspection import whole_flows
from simulator.aws.inspection_endpoint import flows, inspected, passed
from simulator.aws.network_firewall import NetworkFirewall, policy_of
from simulator.aws.resource import Kind
from simulator.aws.snapshot import Snapshot
from simulator.aws.subnet import Subnet
from simulator.aws.transit_gateway import TransitAttachment, attachments_of
from simulator.aws.transit_path import beyond, inside
from simulator.aws.vpc import Vpc
from simulator.aws.vpc_endpoint import VpcEndpoint
from simulator.graph.builder import Builder
from simulator.graph.codes import PAYLOAD
from simulator.graph.nodes import Choice, Drop, Filter, Place, Ref, Rule, RuleList, SessionMatch
from simulator.origin import Origin
from simulator.packet.flow import TCP
from simulator.packet.space import Match

CODE = "FIREWALL_RULES_RESTRICTION"


class _Judged(NamedTuple):
    """What a rule says in one firewall: whether it permits, of which headers, and whether that depends on more (`inside`), or whether
    nobody knows (`unread`), and not even what it does (`may_pass`).
    """

    permit: bool
    matches: tuple[Match, ...]
    origin: Origin
    inside: str = ""
    unread: bool = False
    may_pass: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether the header alone tells."""
        return not self.inside and not self.unread

    def rules(self, *, permit: bool | None = None) -> list[Rule]:
        """The conditions as a filter has them; with `permit` said anew."""
        return [Rule(match, self.permit if permit is None else permit, self.origin) for match in self.matches]


@dataclass(frozen=True, slots=True)
class _Engine:
    """One firewall at one place of the graph: `table` remembers the flows it passed there, `then` is where they go on."""

    build: Builder
    snapshot: Snapshot
    place: Place
    policy: FirewallPolicy
    home: tuple[str, ...]
    table: str
    then: Ref

    def begin(self) -> Ref:
        """The first node of the firewall."""
        return self._stateless(self._stateful())

    # --- rules -----------------------------------------------------------------------------------------------------------------

    def _judged(self, asked: Asked) -> list[tuple[str, _Judged]]:
        """The rules of a group, each with its action; those of a group nobody read cover everything."""
        group = group_of(self.snapshot, asked)
        if group is None:
            origin = Origin(asked.group.rpartition("/")[2], "its rules", self.policy.origin.place)
            managed = MANAGED in asked.group
            if managed and asked.alerts_only:
                return []
            told = "what AWS's own rules look for" if managed else ""
            return [(DROP, _Judged(False, (Match(),), origin, told, unread=not managed, may_pass=not managed))]
        home = {HOME: self.home} if self.home else {}  # a firewall in no VPC that was read: no page tells what it means there
        terms = group.terms(self.snapshot, {**home, **self.policy.sets})
        found = []
        for rule in group.rules:
            if rule.action == ALERT or (rule.only_by_action and self.policy.strict) or (asked.alerts_only and rule.action != PASS):
                continue
            try:
                judged = _Judged(rule.action == PASS, rule.matches(terms), rule.origin, rule.inside, not rule.read)
            except (TermError, NotReadError):
                judged = _Judged(rule.action == PASS, rule.may_match(terms), rule.origin, unread=True)
            if not rule.read:
                judged = judged._replace(may_pass=True)
            found.append((rule.action, judged))
        return found

    # --- stateless -------------------------------------------------------------------------------------------------------------

    def _stateless(self, stateful: Ref) -> Ref:
        """Each packet by itself, so an answer needs a rule of its own (NFW-2)."""
        return self._up_to_unread([one for asked in self.policy.stateless for one in self._judged(asked)], stateful)

    def _up_to_unread(self, found: list[tuple[str, _Judged]], stateful: Ref) -> Ref:
        """What stands before a rule that nobody read decides as ever, and what stands behind it of what it cannot cover."""
        unread = next((at for at, (_, judged) in enumerate(found) if judged.unread), None)
        if unread is None:
            return self._each(found, stateful)
        doubtful, before = found[unread][1], found[:unread]
        origin = doubtful.origin
        then: Ref = self._gap(f"stateless rules: {origin.resource} {origin.part} (not read)", origin)
        if Match() not in doubtful.matches:
            rest = self._up_to_unread(found[unread + 1 :], stateful)
            then = self._parts(
                "stateless rules that were not read", RuleList(tuple(doubtful.rules(permit=True)), origin), then, rest, "NFW-6"
            )
        if not before:
            return then
        known = RuleList(tuple(rule for _, judged in before for rule in judged.rules(permit=True)), origin)
        return self._parts("stateless rules that were read", known, self._each(before, stateful), then, "NFW-2")

    def _each(self, found: list[tuple[str, _Judged]], stateful: Ref) -> Ref:
        """Some stateless rules in order, and the default action."""
        default = self.policy.stateless_default
        rest = self.policy.origin.of(f"stateless default action {default}")
        permits = [rule for action, judged in found for rule in judged.rules(permit=action != DROP)]
        decided = stateful
        if default != FORWARD or any(action != FORWARD for action, _ in found):
            judged_here = RuleList(tuple(permits), rest, permit=default != DROP)
            decided = self._filter("stateless rules", judged_here, self._after_passing(found, default, rest, stateful), "NFW-2")
        return decided

    def _after_passing(self, found: list[tuple[str, _Judged]], default: str, rest: Origin, stateful: Ref) -> Ref:
        """Of what is not dropped: on to the stateful engine, or passed as it is."""
        forwards = [rule for action, judged in found for rule in judged.rules(permit=action == FORWARD)]
        if not any(rule.permit for rule in forwards) and default != FORWARD:
            return self.then
        rules = RuleList(tuple(forwards), rest, permit=default == FORWARD)
        return self._parts("stateless rules: on to the stateful engine", rules, stateful, self.then, "NFW-2")

    # --- stateful --------------------------------------------------------------------------------------------------------------

    def _stateful(self) -> Ref:
        groups = [self._judged(asked) for asked in self.policy.stateful]
        sink = self._filter("flows it passes", RuleList((), self.policy.origin, permit=True), self.then, "NFW-5", remembers=self.table)
        if self.policy.strict:
            rules = [judged for group in groups for _, judged in group]
            then: Ref = self._default(sink)
            for run in reversed(_runs(rules)):
                then = self._run(run, sink, then)
        else:
            rules = [judged for group in groups for _, judged in group]
            first = [one.permit or one.may_pass for one in rules]
            passing = [one for one, is_first in zip(rules, first, strict=True) if is_first]
            then = self._by_action(passing, [one for one, is_first in zip(rules, first, strict=True) if not is_first], sink)
        if self.policy.decrypts:  # what it cannot decrypt, or whose certificate it does not trust, it drops (NFW-6)
            origin = self.policy.origin.of("TLS inspection")
            then = self._inside([_Judged(False, (Match(protocol=TCP),), origin, "what it decrypts")], sink, then)
        known_start = self.policy.midstream != CONTINUE_MIDSTREAM
        origin = self.policy.origin.of("flows it saw the start of")
        half = Filter(
            place=self.place,
            what="answers to what it never saw",
            rules=self.build.share(whole_flows(origin, known=known_start)),
            then=then,
            code="SIM_RETURN_PATH_ASYMMETRIC",
            cites=("NFW-7",),
            plumbing=True,
        )
        miss: Ref = self.build.add(half)
        if self.policy.strict and self._begins:
            miss = self._begun(miss)
        seen = SessionMatch(place=self.place, what="flows it passed", table=self.table, then=self.then, miss=miss, cites=("NFW-5",))
        return self.build.add(seen)

    @property
    def _begins(self) -> bool:
        """Whether flows that no rule covers begin and may not go on ("drop established")."""
        defaults = self.policy.defaults
        return DROP_ALL not in defaults and (DROP_ESTABLISHED in defaults or DROP_APPLICATION in defaults)

    def _begun(self, miss: Ref) -> int:
        """Answers of protocols other than TCP to what began so: whether they count as established is unknown (NFW-5)."""
        origin = self.policy.origin.of(f"stateful default action {', '.join(self.policy.defaults)}")
        unknown = RuleList((), origin, unread=(Rule(Match(), True, origin),))
        then = self._filter("answers to what began", unknown, self.then, "NFW-5")
        table = f"{self.table}, begun"
        return self.build.add(
            SessionMatch(place=self.place, what="flows that began", table=table, then=then, miss=miss, cites=("NFW-5",), plumbing=True)
        )

    def _by_action(self, passing: list[_Judged], dropping: list[_Judged], sink: Ref) -> Ref:
        """Pass rules, then drop and reject, else passed (NFW-3). What the header alone tells goes first: that nobody can doubt."""
        rest = self.policy.origin.of("no rule matches, in action order")
        then: Ref = sink
        if dropping:
            then = self._inside([one for one in dropping if not one.is_plain], sink, then)
            plain = [rule for one in dropping if one.is_plain for rule in one.rules()]
            then = self._filter("stateful rules", RuleList(tuple(plain), rest, permit=True), then, "NFW-3")
        then = self._inside([one for one in passing if not one.is_plain], sink, then)
        certain = [rule for one in passing if one.is_plain for rule in one.rules()]
        return self._parts("stateful rules that pass", RuleList(tuple(certain), rest), sink, then, "NFW-3") if certain else then

    def _run(self, run: list[_Judged], sink: Ref, rest: Ref) -> Ref:
        """Some rules of strict order that are plain all, or not plain all (NFW-4)."""
        if not run[0].is_plain:
            return self._inside(run, sink, rest)
        origin = self.policy.origin.of("rules in strict order")
        rules = [rule for one in run for rule in one.rules()]
        decided = self._filter("stateful rules", RuleList(tuple(rules), origin), sink, "NFW-4")
        covered = RuleList(tuple(rule._replace(permit=True) for rule in rules), origin)
        return self._parts("stateful rules that cover it", covered, decided, rest, "NFW-4")

    def _inside(self, judged: list[_Judged], sink: Ref, rest: Ref) -> Ref:
        """Rules that look inside packets, or that nobody read: of what they cover they may decide or not (NFW-6)."""
        then = rest
        for run in reversed(_alike(judged)):
            after = then  # of those that would decide alike, a packet meets the first that covers it, and is asked about once
            for same in reversed(_covering_alike(run)):
                origin = same[0].origin if len(same) == 1 else same[0].origin.of(f"{same[0].origin.part} and {len(same) - 1} more")
                if same[0].unread:
                    decided = self._gap(f"{origin.resource} {origin.part} (not read)", origin)
                else:
                    decided = self._either(same, origin, sink, after)
                covered = RuleList(tuple(same[0].rules(permit=True)), origin)
                then = self._parts("stateful rules that look inside packets", covered, decided, then, "NFW-6")
        return then

    def _either(self, judged: list[_Judged], origin: Origin, sink: Ref, rest: Ref) -> int:
        word = "passes" if judged[0].permit else "drops"
        dropped = Drop(place=self.place, what=f"rule group {origin.resource}", code=CODE, cites=("NFW-6",), origin=origin)
        applied = sink if judged[0].permit else self.build.add(dropped)
        named = f"{origin.resource} {origin.part} {word} it by {judged[0].inside}"
        options = ((f"{origin.resource} {origin.part} does not apply", rest), (named, applied))
        node = self.build.add(Choice(place=self.place, what=PAYLOAD, options=options, cites=("NFW-6", "MODEL-6")))
        self.build.assume(node, f"{origin.resource}: whether {origin.part} applies depends on the payload ({judged[0].inside})")
        return node

    def _default(self, sink: Ref) -> Ref:
        """What becomes of the rest in strict order (NFW-4)."""
        defaults = self.policy.defaults
        origin = self.policy.origin.of(f"stateful default action {', '.join(defaults) or 'none'}")
        if DROP_ALL in defaults:
            return self._filter("stateful default action", RuleList((), origin), sink, "NFW-4")
        if not self._begins:
            return sink
        answers = (Rule(Match(reply=True), True, origin),)
        others = RuleList((Rule(Match(reply=False), True, origin),), origin, unread=answers)
        later = self._filter("stateful default action", others, self.then, "NFW-5", remembers=f"{self.table}, begun")
        begun = RuleList((Rule(Match(protocol=TCP), True, origin),), origin)
        node = self._parts("stateful default action: connections", begun, sink, later, "NFW-5")
        told = f"{self.policy.name or self.policy.id} passes the start of connections that no rule covers, and drops what follows"
        self.build.assume(node, f"{told} ({', '.join(defaults)})")
        return node

    # --- nodes -----------------------------------------------------------------------------------------------------------------

    def _filter(self, what: str, rules: RuleList, then: Ref, cites: str, remembers: str = "") -> int:
        return self.build.add(
            Filter(
                place=self.place,
                what=what,
                rules=self.build.share(rules),
                then=then,
                code=CODE,
                remembers=remembers,
                cites=(cites,),
                plumbing=bool(remembers),
            )
        )

    def _parts(self, what: str, rules: RuleList, then: Ref, otherwise: Ref, cites: str) -> int:
        rules = self.build.share(rules)
        return self.build.add(
            Filter(place=self.place, what=what, rules=rules, then=then, code=CODE, cites=(cites,), plumbing=True, otherwise=otherwise)
        )

    def _gap(self, what: str, origin: Origin) -> int:
        return self.build.add(Drop(place=self.place, what=what, code="UNKNOWN_RESOURCE", gap=True, cites=("NFW-6",), origin=origin))


def _runs(rules: list[_Judged]) -> list[list[_Judged]]:
    """Neighbours that are plain, or are not."""
    found: list[list[_Judged]] = []
    for rule in rules:
        if found and found[-1][0].is_plain == rule.is_plain:
            found[-1].append(rule)
        else:
            found.append([rule])
    return found


def _alike(judged: list[_Judged]) -> list[list[_Judged]]:
    """Neighbours of one group that would decide alike: they are one question, however many they are."""
    found: list[list[_Judged]] = []
    for one in judged:
        last = found[-1][0] if found else None
        if last and (last.permit, last.unread, last.origin.resource) == (one.permit, one.unread, one.origin.resource):
            found[-1].append(one)
        else:
            found.append([one])
    return found


def _covering_alike(run: list[_Judged]) -> list[list[_Judged]]:
    """Those of a run that cover the same packets, by the first of them: it is the one to name (NFW-6)."""
    found: dict[tuple[Match, ...], list[_Judged]] = {}
    for one in run:
        found.setdefault(one.matches, []).append(one)
    return [same for matches, same in found.items() if matches]


# --- where it stands -------------------------------------------------------------------------------------------------------------


def _emit(firewall: NetworkFirewall, build: Builder, snapshot: Snapshot) -> None:
    policy = policy_of(snapshot, firewall)
    if policy is None:
        return  # its endpoints and its attachment are gaps
    for endpoint in filter(None, (snapshot.get(VpcEndpoint, name) for name in firewall.endpoints)):
        if endpoint.subnets and snapshot.get(Subnet, endpoint.subnets[0]):
            home = _home(snapshot, endpoint.vpc)
            engine = _Engine(build, snapshot, endpoint.place, policy, home, flows(endpoint), passed(endpoint))
            build.open(inspected(endpoint.id), engine.begin())
    attachment = snapshot.get(TransitAttachment, firewall.attachment)
    if attachment is not None:
        _emit_attached(firewall, policy, attachment, build, snapshot)


def _home(snapshot: Snapshot, vpc: str) -> tuple[str, ...]:
    """What `$HOME_NET` means where nobody says: the blocks of the firewall's VPC."""
    noun = snapshot.get(Vpc, vpc)
    return tuple(map(str, noun.cidrs)) if noun else ()


def _emit_attached(
    firewall: NetworkFirewall, policy: FirewallPolicy, attachment: TransitAttachment, build: Builder, snapshot: Snapshot
) -> None:
    """Attached to a transit gateway: what its table sends there is judged and comes back by the same attachment (TGW-22)."""
    place = Place(firewall.id, "network-firewall", firewall.name)
    table, gateway = f"flows passed by {firewall.id}", attachment.gateways[0]
    zones = {subnet.zone for one in attachments_of(snapshot, gateway) for name in one.subnets if (subnet := snapshot.get(Subnet, name))}
    for zone in sorted({"", *zones}):
        engine = _Engine(build, snapshot, place, policy, (), table, inside(gateway, attachment.id, zone))
        build.open(beyond(attachment.id, zone), engine.begin())


KIND = Kind(name="firewall-path", noun=NetworkFirewall, about="packets through network firewalls", emit=_emit, extends=True)
