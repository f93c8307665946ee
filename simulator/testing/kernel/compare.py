"""What the simulator says to the kernel's answers, in levels: delivered, answered, the source seen, the kind of loss, its owner and rule.

The kernel makes two random choices: the address and the port that a NAT gives. They are read from its own log and handed to the walker
as its choice sequence, so that every single probe has exactly one right answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from simulator.aws.lambda_function import LambdaFunction
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.vpc_endpoint import INSPECTION, VpcEndpoint
from simulator.compile import compile_snapshot
from simulator.evaluate.exact import Piece, Question, TooManyPiecesError, explore
from simulator.evaluate.result import Disposition, RoundTrip, Trace
from simulator.evaluate.walk import round_trip
from simulator.graph.nodes import FlowGraph
from simulator.packet.flow import WITH_PORTS, Flow
from simulator.packet.prefix import format_address
from simulator.packet.ranges import Ranges
from simulator.packet.space import FIELDS, Box
from simulator.testing.kernel.bed import Answer, Probe
from simulator.testing.kernel.network import Network
from simulator.testing.kernel.plan import INTERNET, NOT_BUILT, Site

INTERNET_ENDPOINT = "internet"
MOST_CHOICES = 200
ALL_PORTS = Ranges.of((0, 65535))
# The kinds of site that a code of the walker's last step may stand for.
KINDS = {
    "SUBNET_ACL_RESTRICTION": {"acl ingress", "acl egress"},
    "ENI_SG_RULES_MISMATCH": {"group ingress", "group egress"},
    "SG_HAS_NO_RULES": {"group ingress", "group egress"},
    "SG_REFERENCES_NOT_PRESERVED": {"group ingress", "group egress", "reference lost", "transit reference"},
    "ENI_SOURCE_DEST_CHECK_RESTRICTION": {"source check", "destination check"},
    "NO_ROUTE_TO_DESTINATION": {"no route"},
    "BAD_STATE_ROUTE": {"blackhole", "state"},
    "BAD_STATE": {"state"},
    "BAD_STATE_ATTACHMENT": {"state", "blackhole", "transit state"},
    "NO_POSSIBLE_DESTINATION": {"no address", "no gateway"},
    "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS": {"gateway egress"},
    "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS": {"internet private"},
    "IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS": {"gateway private"},
    "IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS": {"gateway private"},
    "IGW_SOURCE_ADDRESS_NOT_IN_RFC1918_INGRESS": {"gateway private"},
    "IGW_SOURCE_ADDRESS_NOT_IN_RFC6598_INGRESS": {"gateway private"},
    "GATEWAY_REJECTS_SPOOFED_TRAFFIC": {"gateway source", "peering source", "endpoint source"},
    "PCX_REQUIRES_ADDRESS_IN_VPC_CIDR": {"peering destination"},
    "TGW_ROUTE_AZ_RESTRICTION": {"transit zone"},
    "TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT": {"transit no route"},
    "TGW_RTB_BAD_STATE_ROUTE": {"transit blackhole"},
    "TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION": {"transit association"},
    "VPCE_GATEWAY_PROTOCOL_RESTRICTION": {"endpoint protocol"},
    "SIM_NAT_STATEFUL_INBOUND": {"nat inbound"},
    "NGW_REQUIRES_SOURCE_IN_VPC": {"nat source"},
    "PROTOCOL_RESTRICTION": {"protocol"},
    "SIM_LAMBDA_NO_INBOUND": {"function"},
}
# The endings that no site of the bed stands for: loops, replies that arrive as others than awaited, and what the simulator does not know.
OTHER_CODES = {"SIM_ROUTING_LOOP", "SIM_RETURN_PATH_ASYMMETRIC", "UNKNOWN_RESOURCE", "SIM_UNMODELLED", "TGW_RTB_ROUTES_ARE_UNKNOWN"}
# The places that packets may pass in the bed.
PLACES = {"subnet", "vpc", "network-interface", "instance", "lambda-function", "nat-gateway", "internet-gateway", "internet"}
PLACES |= {"vpc-peering-connection", "transit-gateway", "transit-gateway-attachment", "vpc-endpoint"}
PLACES |= {"database", "cache", "ecs-service", "file-system", "data-service"}
# What is lost either way, and only the order of the checks says where: an address of another subnet that nobody has (MODEL-10); the bed
# does not ask the list of a subnet that the packet never gets to.
OTHER_ORDER = {("no address", "SUBNET_ACL_RESTRICTION")}


class Difference(NamedTuple):
    """One probe that the two do not agree on. `level` says on what; the earlier levels agree."""

    level: str
    probe: Probe
    answer: Answer
    trip: RoundTrip
    kernel_says: str
    simulator_says: str


@dataclass
class Judge:
    """The simulator's side of one network. `begin`: the node where packets start, where a question says it; else that of their sender."""

    network: Network
    graph: FlowGraph
    expected: frozenset[str]
    function_of: dict[str, str]
    begin: int | None = None
    walked: dict[object, RoundTrip] = field(default_factory=dict)
    left: dict[object, str] = field(default_factory=dict)

    @classmethod
    def of(cls, network: Network, graph: FlowGraph | None = None) -> Judge:
        """Compile the network, unless that was done, and note its endpoints."""
        snapshot = network.snapshot
        functions = {nic: function.id for function in snapshot.all(LambdaFunction) for nic in function.interfaces}
        expected = frozenset({INTERNET_ENDPOINT, *(nic.id for nic in snapshot.all(NetworkInterface))})
        return cls(network, graph or compile_snapshot(snapshot), expected, functions)

    def name(self, number: int) -> str:
        """The endpoint of a number."""
        return INTERNET_ENDPOINT if number <= INTERNET else self.network.interfaces[number].id

    def start(self, sender: int) -> int:
        """The node where a sender's packets start."""
        if self.begin is not None:
            return self.begin
        name = self.name(sender)
        entry = self.graph.entries[self.function_of.get(name, name)].node
        assert isinstance(entry, int)
        return entry

    def walk(self, probe: Probe, answer: Answer) -> RoundTrip:
        """The walker's round trip with the kernel's choices."""
        key = (probe, answer.translated)
        if key not in self.walked:
            self.walked[key] = self._walk(probe, answer)
        return self.walked[key]

    def beyond(self, probe: Probe, answer: Answer) -> str:
        """What a packet met that the bed does not build, in the network as the kernel has it or in the walk; empty when nothing."""
        missing = not_built(answer)
        if missing:
            return missing
        key = (probe, answer.translated)
        if key not in self.left:
            self.left[key] = self._left(self.walk(probe, answer))
        return self.left[key]

    def _left(self, trip: RoundTrip) -> str:
        for step in trip.steps:
            if step.place.kind not in PLACES:
                return f"{step.place.id}, a {step.place.kind.replace('-', ' ')}"
            if step.after.has_ports and _is_own_reply(step.after):
                return f"{step.place.id}: a packet that is its own reply"
            if step.place.kind == "vpc-endpoint" and self._inspects(step.place.id):
                return f"{step.place.id}, where packets are inspected"
            if step.blocks and step.code not in KINDS and step.code not in OTHER_CODES:
                return f"{step.place.id}: {step.node.what}"
            if step.place.kind == "instance" and step.before != step.after and step.place.id not in self.network.translators():
                return f"{step.place.id}: {step.node.what}"
        return ""

    def _inspects(self, endpoint: str) -> bool:
        noun = self.network.snapshot.get(VpcEndpoint, endpoint)
        return noun is not None and noun.type == INSPECTION

    def _walk(self, probe: Probe, answer: Answer) -> RoundTrip:
        start = self.start(probe.sender)
        values: list[int] = []
        for _ in range(MOST_CHOICES):
            trip = round_trip(self.graph, start, probe.flow, expected=self.expected, choices=values)
            wanted = self._choices(trip, probe, answer)
            if wanted == [choice.value for choice in trip.choices]:
                return trip
            values = wanted[: len(values) + 1]
        raise AssertionError(f"the walker does not take its choices: {probe}")

    def _choices(self, trip: RoundTrip, probe: Probe, answer: Answer) -> list[int]:
        """What the kernel chose, as far as it got, for the choices that the walker met; else the walker's own."""
        values = []
        used: dict[str, int] = {}
        for choice in trip.choices:
            seen = [sighting for sighting in answer.translated if sighting.place == choice.place.id]
            turn = used.get(choice.place.id, 0)
            value = choice.value
            if choice.what == "option":
                own = self.name(probe.sender)
                value = choice.labels.index(own) if own in choice.labels else value
            elif turn < len(seen):
                if choice.what == "address":
                    text = format_address(4, seen[turn].source)
                    value = choice.labels.index(text) if text in choice.labels else value
                    if probe.flow.protocol not in WITH_PORTS:
                        used[choice.place.id] = turn + 1
                else:
                    value = seen[turn].port
                    used[choice.place.id] = turn + 1
            values.append(value)
        return values


def differences(judge: Judge, probes: Sequence[Probe], answers: Sequence[Answer]) -> Iterator[Difference]:
    """The probes whose kernel's answer is not the walker's; at most one level each, the first."""
    for probe, answer in zip(probes, answers, strict=True):
        if judge.beyond(probe, answer):
            continue
        trip = judge.walk(probe, answer)
        if Disposition.GAP in (trip.forward.disposition, trip.back and trip.back.disposition):
            continue
        for level, kernel_says, simulator_says in _levels(judge, probe, answer, trip):
            if kernel_says != simulator_says:
                yield Difference(level, probe, answer, trip, kernel_says, simulator_says)
                break


def not_built(answer: Answer) -> str:
    """What of the network a packet met that the bed does not build, so that its loss says nothing; else empty."""
    return next((f"{site.place}: {site.rule}" for site in answer.lost.values() if site.kind == NOT_BUILT), "")


def _levels(judge: Judge, probe: Probe, answer: Answer, trip: RoundTrip) -> Iterator[tuple[str, str, str]]:
    forward, back = trip.forward, trip.back
    arrived = forward.disposition is Disposition.DELIVERED
    yield (
        "delivered",
        f"at {judge.name(answer.delivered[0])}" if answer.delivered else "nowhere",
        f"at {forward.end}" if arrived else "nowhere",
    )
    if back is not None:
        yield "answered", str(answer.answered), str(back.disposition is Disposition.DELIVERED)
    if answer.delivered:
        seen = (answer.delivered[1], answer.delivered[2] if probe.flow.protocol in WITH_PORTS else 0)
        yield "source seen", _end(*seen), _end(forward.received.source, forward.received.source_port)
    for leg, trace in (("forward", forward), ("reply", back)):
        if trace is not None and trace.disposition is not Disposition.DELIVERED:
            yield from _loss(judge, leg, trace, answer)


def _is_own_reply(flow: Flow) -> bool:
    return flow.source == flow.destination and flow.source_port == flow.destination_port


def _end(address: int, port: int) -> str:
    return f"{format_address(4, address)}:{port}"


def _loss(judge: Judge, leg: str, trace: Trace, answer: Answer) -> Iterator[tuple[str, str, str]]:
    """Kind, then owner and rule of a loss. Where a loop ends is nobody's business: the kernel ends it by time to live, the walker when it
    comes by again, or when something on the second round is not as on the first (a NAT gave another port, a sender was forgotten).
    """
    last, site = trace.steps[-1], answer.lost.get(leg)
    is_loop = last.code == "SIM_ROUTING_LOOP" or (site and site.kind == "loop")
    if is_loop or (site and (site.kind, last.code) in OTHER_ORDER):
        return
    if site and site.kind == "nat invalid":  # Linux knows that a SYN-ACK opens nothing, AWS does not say: it is lost either way
        return
    if trace.disposition in (Disposition.REPLY_NOT_EXPECTED, Disposition.ELSEWHERE):
        came_out = judge.name(answer.back[0]) if answer.back else "nowhere"
        yield f"{leg} astray", came_out, trace.end
        return
    if site is None:
        yield f"{leg} lost", "without a trace", last.code
        return
    yield f"{leg} lost", site.kind, site.kind if site.kind in KINDS.get(last.code, ()) else f"{last.code} at {last.place.id}"
    if site.rule:
        because = f"{last.because.resource} {last.because.part}" if last.because else ""
        yield f"{leg} rule", f"{site.place} {site.rule}", because
    elif not site.kind.startswith("group"):
        yield f"{leg} place", _place(site), _place(Site(site.kind, last.place.id))


def _place(site: Site) -> str:
    """The place of a loss, where both name it alike."""
    return "" if site.kind in {"no address", "no gateway", "state", "blackhole", "function", "protocol", "transit zone"} else site.place


# --- the exact analysis ------------------------------------------------------------------------------------------------------------


def exact_differences(judge: Judge, probes: Sequence[Probe], answers: Sequence[Answer], *, limit: int = 400) -> Iterator[Difference]:
    """One exact analysis for each group of probes that differ in ports only; every probe must lie in one piece, which must say what
    the kernel did.
    """
    groups: dict[tuple[int, Flow], list[tuple[Probe, Answer]]] = {}
    for probe, answer in zip(probes, answers, strict=True):
        key = (probe.sender, probe.flow._replace(source_port=0, destination_port=0))
        groups.setdefault(key, []).append((probe, answer))
    for (sender, flow), members in groups.items():
        try:
            pieces = list(explore(judge.graph, Question(judge.start(sender), _box(flow), judge.expected), limit=limit))
        except TooManyPiecesError:
            continue
        for probe, answer in members:
            if not judge.beyond(probe, answer):
                yield from _in_pieces(judge, probe, answer, pieces)


def _box(flow: Flow) -> Box:
    ranges = {name: Ranges.point(getattr(flow, name)) for name in FIELDS}
    if flow.protocol in WITH_PORTS:
        ranges |= {"source_port": ALL_PORTS, "destination_port": ALL_PORTS}
    return Box(4, ranges)


def _in_pieces(judge: Judge, probe: Probe, answer: Answer, pieces: Sequence[Piece]) -> Iterator[Difference]:
    trip = judge.walk(probe, answer)
    values = {name: getattr(probe.flow, name) for name in FIELDS} | {f"choice {n}": c.value for n, c in enumerate(trip.choices)}
    found = [piece for piece in pieces if all(name not in values or values[name] in held for name, held in piece.box.ranges.items())]
    if len(found) != 1:
        yield Difference("pieces", probe, answer, trip, "1", str(len(found)))
        return
    theirs = found[0].trip
    if None in (theirs.delivered, theirs.answered):
        return
    kernel_says = (answer.delivered is not None, answer.answered if theirs.back is not None or not theirs.delivered else True)
    simulator_says = (theirs.delivered, theirs.answered)
    if kernel_says != simulator_says:
        yield Difference("piece", probe, answer, theirs, str(kernel_says), str(simulator_says))
