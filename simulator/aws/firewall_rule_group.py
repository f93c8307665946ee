"""Rule groups of AWS Network Firewall: stateless rules by priority, or stateful ones in any of their spellings (NFW-2 to NFW-4, NFW-6).

Rules of addresses and ports are read as they are. Lists of names and what Suricata looks for inside packets keep their ends and say what
they look at. Groups that AWS manages are never shown: `firewall_path.py` says what that means.

AWS pages: "Rule groups in AWS Network Firewall", "DescribeRuleGroup" (2026).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator.aws.firewall_rules import (
    LISTS,
    STATEFUL,
    STATELESS,
    FirewallRule,
    authored_rules,
    domain_rules,
    header_rule,
    rule_fields,
    stateless_rule,
    text_rules,
)
from simulator.aws.firewall_terms import NotReadError, TermError, Terms
from simulator.aws.prefix_list import PrefixList
from simulator.aws.resource import Cidr, Field, Item, Kind, ListOf, MapOf, Reference, Text, Values
from simulator.aws.snapshot import Draft, Snapshot
from simulator.origin import Origin
from simulator.problems import Problems

DELETING = "DELETING"


@dataclass(frozen=True, slots=True)
class FirewallRuleGroup:
    """A group of rules, stateless ones by priority. `sets`, `ports`: its variables; `references`: lists of blocks by the name its rules
    use, each the id of a prefix list.
    """

    id: str
    name: str
    stateless: bool
    rules: tuple[FirewallRule, ...]
    origin: Origin
    arn: str = ""
    sets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ports: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    references: Mapping[str, str] = field(default_factory=dict)

    def terms(self, snapshot: Snapshot, variables: Mapping[str, tuple[str, ...]]) -> Terms:
        """What its words mean in a firewall with these variables; its own count before them."""
        lists = {name: snapshot.get(PrefixList, wanted) for name, wanted in self.references.items()}
        blocks = {name: found.entries if found else None for name, found in lists.items()}
        return Terms({**variables, **self.sets}, self.ports, blocks)


def _scenario(name: str, values: Values, draft: Draft) -> None:
    said = [word for word in ("stateless", "stateful", "suricata", "domains") if word in values]
    if not said or ("stateless" in said and len(said) > 1):
        message = f"rule group `{name}`: write `stateless`, or some of `stateful`, `suricata` and `domains`"
        draft.problems.error(message, values.place)
        return
    rules: tuple[FirewallRule, ...] = ()
    if "stateless" in values:
        rules = authored_rules(name, values["stateless"], STATELESS, draft)
    rules += authored_rules(name, values.get("stateful", ()), STATEFUL, draft)
    rules += text_rules(values.get("suricata", ""), name, values.place_of("suricata"), draft.problems)
    for action, names, place in values.get("domains", ()):
        word = next((word for word, meant in LISTS.items() if meant == action), None)
        if word is None or place is None:
            draft.problems.error(f"rule group `{name}`: `{action}` is no action of a list; write one of {', '.join(STATEFUL)}", place)
            continue
        rules += domain_rules({"GeneratedRulesType": word, "Targets": names}, name, place)
    home = {"HOME_NET": tuple(map(str, values["home_net"]))} if "home_net" in values else {}
    lists = {one: one for one in values.get("prefix_lists", ())}
    draft.add(FirewallRuleGroup(name, "", "stateless" in values, rules, Origin(name, place=values.place), "", home, {}, lists))


def _describe(item: Item, draft: Draft) -> None:
    """One answer of `describe-rule-group`: what it is (`RuleGroupResponse`) and what stands in it (`RuleGroup`)."""
    if item.get("RuleGroupStatus") == DELETING:
        return
    name, content = item.data["RuleGroupName"], item.beside.get("RuleGroup") or {}
    arn, variables = item.get("RuleGroupArn", ""), content.get("RuleVariables") or {}
    references = (content.get("ReferenceSets") or {}).get("IPSetReferences") or {}
    draft.add(
        FirewallRuleGroup(
            arn or name,
            name,
            item.get("Type", "STATEFUL") == "STATELESS",
            tuple(_described(content.get("RulesSource") or {}, name, item)),
            Origin(name, place=item.place()),
            arn,
            definitions(variables.get("IPSets")),
            definitions(variables.get("PortSets")),
            {word: str(one.get("ReferenceArn", "")).rpartition("/")[2] for word, one in references.items()},
        )
    )


def _described(source: Mapping[str, Any], name: str, item: Item) -> Iterator[FirewallRule]:
    place = item.place()
    stateless = (source.get("StatelessRulesAndCustomActions") or {}).get("StatelessRules") or ()
    for data in sorted(stateless, key=lambda one: int(one.get("Priority", 0))):
        yield stateless_rule(data, name, place)
    for number, data in enumerate(source.get("StatefulRules") or (), 1):
        yield header_rule(data, number, name, place)
    if source.get("RulesSourceList"):
        yield from domain_rules(source["RulesSourceList"], name, place)
    yield from text_rules(source.get("RulesString") or "", name, place, item.problems)


def definitions(variables: Mapping[str, Any] | None) -> dict[str, tuple[str, ...]]:
    """The variables of an AWS answer: names, and the words that each stands for."""
    return {name: tuple(map(str, (one or {}).get("Definition") or ())) for name, one in (variables or {}).items()}


def _check(group: FirewallRuleGroup, snapshot: Snapshot, problems: Problems) -> None:
    terms = group.terms(snapshot, {"HOME_NET": ("10.0.0.0/8",)})
    for rule in group.rules:
        try:
            rule.matches(terms)
        except (TermError, NotReadError) as error:
            told = f"rule group `{group.name or group.id}`: {rule.origin.part}: {error}"
            problems.warn(f"{told}; where it may decide, the answer is unknown (NFW-6)", rule.origin.place)


KIND = Kind(
    name="firewall-rule-group",
    noun=FirewallRuleGroup,
    about="rules of a network firewall",
    section="firewall_rule_groups",
    fields=(
        Field("stateless", ListOf(rule_fields(STATELESS)), "rules for single packets, in the order of their priorities"),
        Field("stateful", ListOf(rule_fields(STATEFUL)), "rules for flows"),
        Field("suricata", Text(), "rules for flows in Suricata's language, one a line"),
        Field("domains", MapOf(Text(), ListOf(Text())), "what becomes of the names of servers: `{pass: [.example.com]}`"),
        Field("home_net", ListOf(Cidr()), "what `$HOME_NET` means in its rules; the firewall's VPC when left out"),
        Field("prefix_lists", ListOf(Reference(("prefix-list",))), "the lists that its Suricata rules name as `@LIST`"),
    ),
    scenario=_scenario,
    describe={"RuleGroupResponse": _describe},
    check=_check,
)
