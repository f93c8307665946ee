"""Every sentence: one for each explanation code, one for each outcome of a step. The only place with prose.

A sentence is in lower case without a final period, names the AWS noun and its id, and ends with the place in the user's file when
somebody wrote what decided. Names come out as they are; who prints them escapes them (`escape.py`, `html.escape`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from simulator.evaluate.answer import Answer, Blocker, Case, Gap
from simulator.evaluate.result import Outcome, RoundTrip, Step, Taken, Verdict
from simulator.graph.codes import PAYLOAD
from simulator.graph.nodes import Choice, Deliver, Filter, Lookup, Route, Rule, first_rule
from simulator.packet.prefix import format_address
from simulator.report.names import header_change, header_words, match_words, noun, place_words, share_words, short_place, spot

# The placeholders: {what} the thing that judged, {place} the resource it belongs to, {rule} the rule it judged by, {header} the
# packet, {source} and {destination} its ends, {end} the endpoint reached.
SENTENCES = {
    "BAD_STATE": "{place} is not in a working state",
    "BAD_STATE_ATTACHMENT": "{place} is not attached here, or its attachment is not in a working state",
    "BAD_STATE_ROUTE": "{what}: the route for {destination} is dead, its target was deleted or is down",
    "BAD_STATE_VPN": "{place} is down, none of its tunnels is up",
    "UNKNOWN_RESOURCE": "{unread} was not read, so whether {header} passes is not known",
    "UNKNOWN_DESTINATION": "too little is known of what lies behind {place} to carry {header} on",
    "NO_ROUTE_TO_DESTINATION": "{what}: no route leads to {destination}",
    "NO_POSSIBLE_DESTINATION": "{place}: nothing has the address {destination}",
    "VPC_LOCAL_ROUTE_CIDR_RESTRICTION": "{what}: the local route is for the blocks of the VPC only, not for {destination}",
    "INGRESS_RTB_NO_PUBLIC_IP": "{what}: the appliance for {destination} has no public address, so it gets nothing from the internet",
    "INGRESS_RTB_TRAFFIC_REDIRECTION": "{what} of {place}: what comes in for them goes to an appliance, so they cannot leave past it",
    "ENI_SG_RULES_MISMATCH": "{rule} {header}",
    "SG_HAS_NO_RULES": "{rule} {header}, for there are no rules in this direction",
    "SG_REFERENCES_NOT_PRESERVED": "{rule} names a security group, but a device on the way does not pass on who sent {header}",
    "SUBNET_ACL_RESTRICTION": "{rule} denies {header}",
    "ENI_ADDRESS_RESTRICTION": "{place} sends and accepts only packets that bear its own address, not {header}",
    "ENI_SOURCE_DEST_CHECK_RESTRICTION": "{place} has the source/destination check on and is neither end of {header}",
    "GATEWAY_REJECTS_SPOOFED_TRAFFIC": "{place} drops packets whose source {source} is not the sender's own address",
    "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS": "{place}: the source {source} has no public address, so the packet cannot leave",
    "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS": "{place}: {destination} is not the public address of an interface of the VPC",
    "IGW_DESTINATION_ADDRESS_IN_VPC_CIDRS": "{place} takes in only packets for the VPC's blocks, not for {destination}",
    "IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS": "{place} drops packets to the private address {destination}",
    "IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS": "{place} drops packets to {destination}, an address of carrier-grade NAT",
    "IGW_SOURCE_ADDRESS_NOT_IN_RFC1918_INGRESS": "{place} drops packets from the private address {source}",
    "IGW_SOURCE_ADDRESS_NOT_IN_RFC6598_INGRESS": "{place} drops packets from {source}, an address of carrier-grade NAT",
    "VPC_BLOCK_PUBLIC_ACCESS_ENABLED": "{place}: VPC Block Public Access is on and this is internet traffic",
    "PCX_REQUIRES_ADDRESS_IN_VPC_CIDR": "{place} carries only packets between its two VPCs, and {destination} lies in neither",
    "VGW_PRIVATE_IP_ASSOCIATION_FOR_EGRESS": "{place}: the source {source} is no private address of an interface of its VPC",
    "VGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS": "{place}: {destination} is no private address of an interface of its VPC",
    "TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION": "{place}: the attachment is associated with no route table",
    "TGW_ATTACH_VPC_AZ_RESTRICTION": "{what} of {place}: this zone is closed to the flow",
    "TGW_BAD_STATE_VPN": "{what} of {place}: the VPN connection behind it is down",
    "TGW_ROUTE_AZ_RESTRICTION": "{what} of {place} has no subnet in the zone {source} sends from",
    "TGW_RTB_BAD_STATE_ROUTE": "{what}: the route for {destination} is a blackhole",
    "TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT": "{what}: no route leads to {destination}",
    "TGW_RTB_ROUTES_ARE_UNKNOWN": "{unread} was not read, so where {header} goes is not known",
    "VPCE_SERVICE_NOT_INSTALLED_IN_AZ": "{place}: the service is not installed in the zone of the endpoint's interface",
    "VPCE_GATEWAY_PROTOCOL_RESTRICTION": "{place} carries TCP and ping only, not {header}",
    "NGW_REQUIRES_SOURCE_IN_VPC": "{place} translates only for interfaces of its own VPC, not for {source}",
    "REGIONAL_NGW_ROUTE_AZ_RESTRICTION": "{place} does not serve the zone that {source} sends from",
    "PROTOCOL_RESTRICTION": "{place} does not carry {header}",
    "ELB_ACL_RESTRICTION": "{rule} denies {header}: a Classic load balancer meets it even on the way to its own subnet",
    "ELB_INSTALLED_AZ_RESTRICTION": "{place}: the target {destination} lies in a zone that is not enabled for it",
    "ELB_LISTENERS_MISMATCH": "{place} has no listener for {header}",
    "ELB_NOT_CROSSZONE": "{place}: the target {destination} lies in another zone, and balancing across zones is off",
    "ELBV2_LISTENERS_MISMATCH": "{place} has no listener for {header}",
    "ELBV2_LISTENER_HAS_NO_TG": "{place}: {what} has no target for {header}",
    "ELBV2_NO_TARGETS_IN_AZ": "{place}: {what} has no target in a zone that this node may use",
    "ELBV2_SOURCE_ADDRESS_PRESERVATION": "{place} keeps the client's address, so {destination} would have to be reached directly",
    "TARGET_ADDRESS_RESTRICTION": "{place} sends to its targets only, and {destination} is none of them",
    "TARGET_PORT_RESTRICTION": "{place} sends to its targets on their registered ports only, not {header}",
    "FIREWALL_RULES_RESTRICTION": "{rule} drops {header}",
    "DISCONNECTED_VPCS": "{place}: nothing joins the VPCs of {source} and {destination}",
    "UNASSOCIATED_COMPONENT": "{place} has no interface with an address of this IP version in a VPC",
    "UNSUPPORTED_COMPONENT": "{place} is not modelled, so nothing can be said about it",
    "SIM_RETURN_PATH_ASYMMETRIC": "{place}: the reply arrives as {header}, which is not what the sender waits for",
    "SIM_LAMBDA_NO_PUBLIC_IP": "{place}: {source} is a function's address, and its interface never has a public one",
    "SIM_LAMBDA_NO_INBOUND": "{place}: a function takes only replies at its interface; it is invoked, never connected to",
    "SIM_LAMBDA_SERVICE_INVOKE": "{place}: an invocation goes through the Lambda service, where no filter of the VPC applies",
    "SIM_EGRESS_ONLY": "{place}: {header} belongs to no flow that started inside, and this gateway carries only those and their replies",
    "SIM_NAT_STATEFUL_INBOUND": "{place}: {header} belongs to no session, and only replies are let in",
    "SIM_NLB_HAIRPIN": "{place} keeps the client's address, and here the client {source} is the target itself",
    "SIM_NOT_AUTHORIZED": "{place}: none of the {what} lets its clients reach {destination}",
    "SIM_LINK_LOCAL_NOT_ROUTED": "{place}: {destination} is a link-local address, which is answered on the host and never routed",
    "SIM_REPLIES_ONLY": "{place} opens connections and takes only their replies",
    "SIM_SERVICE_STARTS_NOTHING": "{place} only answers; it never starts a connection",
    "SIM_ROUTING_LOOP": "{place}: the packet comes back as it was here before, so routes send it in a circle",
    "SIM_UNMODELLED": "{place}: {what} is not modelled, so nothing can be said about it",
}
NOTES = {
    "FIREWALL_UNSUPPORTED_RULE_OPTIONS": "it depends on payload: a firewall rule looks inside packets, which no question tells",
    "AVAILABILITY_ZONE_CROSSED": "the path crosses availability zones",
    "UNIDIRECTIONAL_PATH_ANALYSIS_ONLY": "only the forward leg was asked about",
    "SIM_EPHEMERAL_PORTS_PARTIAL": "replies come back for some ephemeral ports only",
    "SIM_INSPECTED_ONE_WAY": "what inspects one direction never sees the other, and may stop what follows the first answer",
    "SIM_RETURN_PATH_BLOCKED": "packets arrive, their replies never come back",
    "SIM_SUBNETS_DISAGREE": "its subnets do not agree, so it depends on the one AWS picks",
}
BLOCKS_SHOWN = 6
ELSEWHERE = "the packet ends at {end}, which is not where it was meant to go"
HALF_FLOW = "{place} never saw the start of what {header} answers: what it answers went another way"
LOOP_AT = "{what}: the packet comes back to it, so the traffic goes in a circle"

# How the values of a case are introduced; a field that is not here is introduced by its name.
WHEN = {
    "source": "from",
    "destination": "to",
    "source_addresses": "from",
    "destination_addresses": "to",
    "choice": "by",
    "ip_version": "over",
}
# How origins and nodes call what was not read.
NOT_READ, UNREAD_GROUP = " (not read)", "not in what was read"


def judge(step: Step) -> str:
    """Who judged in a filter: the list of rules by its AWS noun, its id, and the rule in it.

    The node's `what` names the noun, the ids of all groups of an interface and the direction; the rule's origin the one id and the
    part, which says the direction again.
    """
    what, because = step.node.what, step.because
    if because is None:
        return what
    part = because.part
    if re.search(r"\b(in|e)gress\b", part):
        what = re.sub(r" (inbound|outbound|ingress|egress)\b", "", what)
    if part.startswith("no "):  # none of the rules of any group
        return f"{what}: {part}"
    if what.startswith("security group"):
        return f"security group {because.resource} {part}".strip()
    if re.search(rf"(?<!\S){re.escape(because.resource)}(?!\S)", what):
        return f"{what} {part}".strip()
    return f"{what} {because.resource} {part}".strip()


def _unread(step: Step) -> str:
    """What it is that was not read."""
    node, because = step.node, step.because
    if isinstance(node, Filter):
        if because and because.part == UNREAD_GROUP:
            return f"security group {because.resource}"
        return f"a part of {node.what} ({because.resource} {because.part})" if because else f"a part of {node.what}"
    if node.what.endswith(NOT_READ):
        return f"{node.what.removesuffix(NOT_READ)} of {place_words(step.place)}"
    return place_words(step.place)


def sentence(step: Step) -> str:
    """Why a step stops the packet or cannot say: the sentence of its code, with the place where the rule was written.

    A code without a sentence is a fault of the program, so this raises `KeyError` for one.
    """
    template = SENTENCES[step.code]
    node, flow = step.node, step.before
    if isinstance(node, Deliver) and step.code == "NO_POSSIBLE_DESTINATION":
        template = ELSEWHERE
    if isinstance(node, Filter) and step.code == "SIM_RETURN_PATH_ASYMMETRIC":
        template = HALF_FLOW
    words = template.format(
        what=node.what,
        place=place_words(step.place),
        rule=judge(step),
        unread=_unread(step),
        header=header_words(flow),
        source=format_address(flow.version, flow.source),
        destination=format_address(flow.version, flow.destination),
        end=node.endpoint if isinstance(node, Deliver) else "",
    )
    return words + spot(step.because)


def step_words(step: Step) -> str:
    """One step in one line."""
    if step.code:
        return sentence(step)
    what, because = step.node.what, spot(step.because)
    match step.outcome:
        case Outcome.ROUTED:
            return f"{what}: {_route_words(step)}{because}"
        case Outcome.NO_ROUTE:
            return f"{what}: nothing for {format_address(step.before.version, step.before.destination)}"
        case Outcome.PERMITTED:
            rule = rule_of(step)
            return f"{judge(step)}: {match_words(rule.match)}{because}" if rule else f"{what}: does not concern the packet"
        case Outcome.OTHERWISE:
            return f"{what}: not for {header_words(step.before)}"
        case Outcome.REPLY:
            return f"{what}: reply of a session it remembers"
        case Outcome.NEW:
            return f"{what}: no reply of a session it remembers"
        case Outcome.CHOSE:
            if what == PAYLOAD:
                return f"{what}: {step.detail}"
            options = len(step.node.options) if isinstance(step.node, Choice) else 1
            return f"AWS picks {step.detail}, 1 of {options}" if options > 1 else f"takes {step.detail}"
        case Outcome.SENT:
            return f"sends {step.after}"
        case Outcome.TRANSLATED | Outcome.RESTORED:
            return f"{header_change(step.before, step.after)}{because}"
        case Outcome.NO_TRANSLATION:
            return f"{what}: no translation for {header_words(step.before)}"
        case Outcome.PASSED:
            return f"{what}: passed on, who sent it is forgotten"
        case Outcome.DELIVERED:
            return f"arrives at {step.node.endpoint}" if isinstance(step.node, Deliver) else "arrives"
        case Outcome.DENIED | Outcome.UNKNOWN | Outcome.DROPPED | Outcome.LOOPED:
            return f"{what}: {step.outcome.value}{because}"  # each of these carries a code; kept so that no step is wordless


def rule_of(step: Step) -> Rule | None:
    """The rule of a filter that decided the step; none when the list's default did."""
    return first_rule(step.node.rules, step.before, step.marks) if isinstance(step.node, Filter) else None


def _route_words(step: Step) -> str:
    route = route_of(step)
    if route is None:
        return step.detail
    prefix = str(route.prefix)
    return step.detail if prefix in step.detail else f"{prefix} -> {step.detail or 'its target'}"


def route_of(step: Step) -> Route | None:
    """The route that won a lookup."""
    if not isinstance(step.node, Lookup):
        return None
    return next(step.node.table.matches(step.before.version, step.before.destination), None)


def headline(answer: Answer) -> str:
    """The answer in one sentence, after the verdict."""
    query = answer.query
    ends = f"{query.source} reaches {query.destination}"
    service, given = query.service, query.service_given
    if answer.verdict is Verdict.ALWAYS:
        words = f"{ends} on {service if given else 'every service'}"
    elif answer.verdict is Verdict.NEVER:
        words = f"{query.source} does not reach {query.destination} on {service if given else 'any service'}"
    elif answer.verdict is Verdict.SOMETIMES:
        works = sum(case.share for case in answer.cases if case.verdict is Verdict.ALWAYS)
        words = f"{ends} on {service if given else 'some services'}"
        if given:
            words += f" in {share_words(works)} of all cases" if works else " in some cases"
    else:
        words = f"whether {ends} on {service if given else 'any service'} depends on what is not known"
    if query.one_way:
        return f"{words} (forward leg only)"
    return words + (f"; {_legs_words(answer)}" if answer.delivered is not answer.answered else "")


def _legs_words(answer: Answer) -> str:
    delivered, answered = (verdict.value for verdict in (answer.delivered, answer.answered))
    arrive = "whether packets arrive is unknown" if answer.delivered is Verdict.UNKNOWN else f"packets {delivered} arrive"
    back = "whether replies come back is unknown" if answer.answered is Verdict.UNKNOWN else f"replies {answered} come back"
    return f"{arrive}, {back}"


def when_words(when: Mapping[str, str | list[str]]) -> str:
    """For which values a case holds.

    >>> when_words({"nat_ports": "nat: 1024-32767", "choice": ["eni-1", "eni-2"]})
    'NAT ports nat: 1024-32767, by eni-1 or eni-2'
    """
    words = []
    for name, value in when.items():
        values = _shortened(value) if isinstance(value, str) else " or ".join(value)
        words.append(f"{WHEN.get(name, noun(name.replace('_', '-')))} {values}")
    return ", ".join(words)


def _shortened(values: str) -> str:
    """A long list of blocks or ranges, cut: the document has all of them."""
    listed = values.split(", ")
    more = len(listed) - BLOCKS_SHOWN
    return values if more <= 1 else ", ".join(listed[:BLOCKS_SHOWN]) + f" and {more} more"


def case_words(case: Case) -> str:
    """For which values a case holds, or a packet of it when it restricts nothing that has a name."""
    return when_words(case.when) or f"such as {case.trip.forward.sent}"


def choice_text(choice: Taken) -> str | int:
    """The name of what was chosen, or its number where it has no name."""
    return choice.labels[choice.value] if choice.value < len(choice.labels) else choice.value


def example_words(trip: RoundTrip) -> str:
    """The packet of a round trip, and what AWS or a device chose on its way."""
    words = [str(trip.forward.sent)]
    for choice in trip.choices:
        if choice.what == "option":
            words.append(f"by {choice_text(choice)}")
        elif choice.what == "port":
            words.append(f"port {choice.value} at {short_place(choice.place)}")
    return ", ".join(words)


def blocker_words(blocker: Blocker) -> str:
    """What stops the packet and in which leg, in one sentence."""
    leg = "packet" if blocker.leg == "forward" else "reply"
    return f"{leg} stopped at {short_place(blocker.step.place)}: {sentence(blocker.step)}"


def note_words(code: str) -> str:
    """A note on an answer.

    >>> note_words("AVAILABILITY_ZONE_CROSSED")
    'the path crosses availability zones [AVAILABILITY_ZONE_CROSSED]'
    """
    return f"{NOTES[code]} [{code}]"


def gap_words(gap: Gap) -> str:
    """What is not known, and in which leg it would be met."""
    thing = gap.what if gap.resource in gap.what else f"{gap.resource}: {gap.what}"
    return f"{gap.leg} leg, {thing}"


def chain_headline(source: str, destination: str, verdict: Verdict, *, connects: bool = False) -> str:
    """The answer about a chain in one sentence, after the verdict. `connects`: it begins with a connection to a load balancer."""
    how = "over a load balancer" if connects else "by invocation"
    if verdict is Verdict.NEVER:
        return f"{source} does not reach {destination} {how}"
    if verdict is Verdict.UNKNOWN:
        return f"whether {source} reaches {destination} {how} depends on what is not known"
    return f"{source} reaches {destination} {how}" + (" in some cases" if verdict is Verdict.SOMETIMES else "")


def link_words(caller: str, kind: str, function: str, *, calls: bool, unread: bool = False) -> str:
    """One invocation, or one connection to a load balancer. `calls`: the caller has to reach the Lambda service with packets of its own;
    `unread`: from where nobody can say.
    """
    if kind == "connection":
        return f"{caller} connects to load balancer {function}, which makes a new connection or an invocation of its own"
    if unread:
        return f"{noun(kind)} {caller} invokes function {function} by a poller in its own subnets, which were not read"
    how = "over the Lambda API, which it has to reach" if calls else "through the Lambda service, past every filter of the VPC"
    return f"{noun(kind)} {caller} invokes function {function} {how}"
