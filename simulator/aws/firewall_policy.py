"""Firewall policies: which rule groups a network firewall asks, in which order, and what becomes of the rest (NFW-2 to NFW-5).

AWS pages: "Firewall policies in AWS Network Firewall", "DescribeFirewallPolicy" (2026).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from simulator.aws.firewall_rule_group import FirewallRuleGroup, definitions
from simulator.aws.firewall_rules import BY_AWS, FORWARD, STATELESS
from simulator.aws.resource import Cidr, Field, Flag, Item, Kind, ListOf, Reference, Text, Values
from simulator.aws.snapshot import Draft, Snapshot
from simulator.origin import Origin, Place
from simulator.problems import Problems

ACTION_ORDER, STRICT_ORDER = "action", "strict"
DROP_ALL, DROP_ESTABLISHED, DROP_APPLICATION = "drop_all", "drop_established", "drop_application_established"
ALERT_ALL, ALERT_ESTABLISHED = "alert_all", "alert_established"
DEFAULTS = {
    "aws:drop_strict": DROP_ALL,
    "aws:drop_established": DROP_ESTABLISHED,
    "aws:drop_established_app_layer": DROP_APPLICATION,
    "aws:alert_strict": ALERT_ALL,
    "aws:alert_established": ALERT_ESTABLISHED,
    "aws:alert_established_app_layer": ALERT_ESTABLISHED,
}
DROP_MIDSTREAM, CONTINUE_MIDSTREAM = "drop", "continue"
MANAGED = ":aws-managed:"  # in the ARN of a group whose rules AWS shows nobody


class Asked(NamedTuple):
    """A rule group of a policy: its id or ARN, and whether its drops are alerts only."""

    group: str
    alerts_only: bool = False


@dataclass(frozen=True, slots=True)
class FirewallPolicy:
    """A policy; its groups stand in the order in which they are asked. `midstream`: what becomes of flows whose start nobody saw.
    `decrypts`: TLS is inspected.
    """

    id: str
    name: str
    origin: Origin
    stateless: tuple[Asked, ...] = ()
    stateless_default: str = FORWARD
    stateful: tuple[Asked, ...] = ()
    strict: bool = False
    defaults: tuple[str, ...] = ()
    midstream: str = DROP_MIDSTREAM
    decrypts: bool = False
    sets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    arn: str = ""


def _scenario(name: str, values: Values, draft: Draft) -> None:
    home = {"HOME_NET": tuple(map(str, values["home_net"]))} if "home_net" in values else {}
    draft.add(
        FirewallPolicy(
            name,
            "",
            Origin(name, place=values.place),
            tuple(map(Asked, values.get("stateless", ()))),
            values.get("stateless_default", FORWARD),
            tuple(map(Asked, values.get("stateful", ()))),
            values.get("order", ACTION_ORDER) == STRICT_ORDER,
            tuple(values.get("stateful_default", ())),
            values.get("midstream", DROP_MIDSTREAM),
            values.get("decrypts", False),
            home,
        )
    )


def _describe(item: Item, draft: Draft) -> None:
    """One answer of `describe-firewall-policy`: what it is (`FirewallPolicyResponse`) and what stands in it (`FirewallPolicy`)."""
    name, content = item.data["FirewallPolicyName"], item.beside.get("FirewallPolicy")
    if item.get("FirewallPolicyStatus") == "DELETING" or not isinstance(content, Mapping):
        return
    arn, options = item.get("FirewallPolicyArn", ""), content.get("StatefulEngineOptions") or {}
    defaults = [_default(word, name, item) for word in content.get("StatefulDefaultActions") or ()]
    draft.add(
        FirewallPolicy(
            arn or name,
            name,
            Origin(name, place=item.place()),
            tuple(_asked(content.get("StatelessRuleGroupReferences") or ())),
            next((BY_AWS[word] for word in content.get("StatelessDefaultActions") or () if word in BY_AWS), FORWARD),
            tuple(_asked(content.get("StatefulRuleGroupReferences") or ())),
            options.get("RuleOrder") == "STRICT_ORDER",
            tuple(filter(None, defaults)),
            CONTINUE_MIDSTREAM if options.get("StreamExceptionPolicy") == "CONTINUE" else DROP_MIDSTREAM,
            bool(content.get("TLSInspectionConfigurationArn")),
            definitions((content.get("PolicyVariables") or {}).get("RuleVariables")),
            arn,
        )
    )


def _default(word: str, name: str, item: Item) -> str:
    if word not in DEFAULTS:
        item.problems.warn(f"firewall policy `{name}`: `{word}` is no default action that was understood", item.place())
    return DEFAULTS.get(word, word)


def _asked(references: Iterable[Mapping[str, Any]]) -> Iterable[Asked]:
    for one in sorted(references, key=lambda one: int(one.get("Priority") or 0)):
        yield Asked(one["ResourceArn"], (one.get("Override") or {}).get("Action") == "DROP_TO_ALERT")


def group_of(snapshot: Snapshot, asked: Asked) -> FirewallRuleGroup | None:
    """A rule group of a policy; none when it was not read."""
    found = snapshot.get(FirewallRuleGroup, asked.group)
    return found or next((one for one in snapshot.all(FirewallRuleGroup) if asked.group == one.name), None)


def _check(policy: FirewallPolicy, snapshot: Snapshot, problems: Problems) -> None:
    shown, place = f"firewall policy `{policy.name or policy.id}`", policy.origin.place
    if policy.defaults and not policy.strict:
        problems.warn(f"{shown} has default actions of the stateful engine, which count with strict order only (NFW-4)", place)
    for asked, stateless in [*((one, True) for one in policy.stateless), *((one, False) for one in policy.stateful)]:
        group = group_of(snapshot, asked)
        if group is None and MANAGED not in asked.group:
            _not_read(shown, asked, place, problems)
        elif group is not None and group.stateless != stateless:
            kinds = ("stateful", "stateless")
            named = f"rule group `{group.name or group.id}`"
            problems.error(f"{shown}: {named} is {kinds[group.stateless]} and stands among the {kinds[stateless]} ones", place)


def _not_read(shown: str, asked: Asked, place: Place | None, problems: Problems) -> None:
    problems.warn(f"{shown} asks rule group `{asked.group}`, which was not read; where it may decide, the answer is unknown", place)


KIND = Kind(
    name="firewall-policy",
    noun=FirewallPolicy,
    about="what a network firewall does with packets",
    section="firewall_policies",
    fields=(
        Field("stateless", ListOf(Reference(("firewall-rule-group",))), "its stateless groups, in the order of their priorities"),
        Field("stateless_default", Text(STATELESS), "what becomes of packets that no stateless rule covers; `forward` when left out"),
        Field("stateful", ListOf(Reference(("firewall-rule-group",))), "its stateful groups, in the order of their priorities"),
        Field("order", Text((ACTION_ORDER, STRICT_ORDER)), "pass rules first (`action`, when left out), or as written (`strict`)"),
        Field("stateful_default", ListOf(Text(tuple(dict.fromkeys(DEFAULTS.values())))), "strict order: what becomes of the rest"),
        Field(
            "midstream",
            Text((DROP_MIDSTREAM, CONTINUE_MIDSTREAM)),
            "what becomes of flows whose start it did not see; `drop` when left out",
        ),
        Field("decrypts", Flag(), "whether TLS is inspected"),
        Field("home_net", ListOf(Cidr()), "what `$HOME_NET` means; the VPC's blocks when left out"),
    ),
    scenario=_scenario,
    describe={"FirewallPolicyResponse": _describe},
    check=_check,
)
