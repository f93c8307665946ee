"""Answers made by hand: a function behind a NAT gateway, walked on a graph written node by node, without any reader or resource."""

from simulator.evaluate.answer import Allowed, Answer, Blocker, Case, Gap, Query
from simulator.evaluate.result import RoundTrip, Verdict
from simulator.evaluate.walk import round_trip
from simulator.graph.builder import Builder
from simulator.graph.nodes import (
    Choice,
    Deliver,
    Door,
    Drop,
    Entry,
    Filter,
    FlowGraph,
    Lookup,
    Masquerade,
    Place,
    PrefixTable,
    Restore,
    Rewrite,
    Route,
    Rule,
    RuleList,
    Send,
    SessionMatch,
    Translate,
)
from simulator.origin import Origin, Spot
from simulator.packet.flow import Flow
from simulator.packet.prefix import Prefix, parse_address
from simulator.packet.space import Match

FILE = "network.yaml"
PRIVATE, NAT, PUBLIC, HOST = (parse_address(text) for text in ("10.0.1.7", "10.0.0.5", "198.51.100.7", "93.184.216.34"))
REPORT, ENI = Place("report", "lambda-function"), Place("eni-0a1b2c3d4e5f60001", "network-interface", "report")
SUBNETS = {name: Place(name, "subnet") for name in ("private", "public")}
GATEWAY, NAT_GATEWAY, INTERNET, VPC = (
    Place("igw", "internet-gateway"),
    Place("nat", "nat-gateway"),
    Place("internet", "internet"),
    Place("main", "vpc"),
)

HTTPS = Match(destinations=(Prefix.parse("0.0.0.0/0"),), protocol=6, destination_ports=(443, 443))
TO_NAT = Door("nat-gateway", "nat")


def at(resource: str, part: str, line: int) -> Origin:
    return Origin(resource, part, Spot(FILE, line, 3))


def table(*routes: tuple[str, Origin, str]) -> PrefixTable:
    return PrefixTable(tuple(Route(Prefix.parse(block), slot, origin, what) for slot, (block, origin, what) in enumerate(routes)))


def lambda_nat(
    *,
    reply_ports: tuple[int, int] = (1024, 65535),
    outbound: Match = HTTPS,
    target: Door = TO_NAT,
) -> FlowGraph:
    """The graph. `reply_ports` are what the public subnet's ACL lets in, `outbound` the rule of the function's group."""
    build = Builder()
    _function(build, outbound)
    _private_subnet(build, target)
    _public_subnet(build, reply_ports)
    _nat_gateway(build)
    _outside(build)
    return build.finish()


def _function(build: Builder, outbound: Match) -> None:
    group = RuleList((Rule(outbound, True, at("fn", "egress 1", 12)),), at("fn", "no egress rule matches", 11))
    judged = Filter(
        place=ENI,
        what="security group fn egress",
        rules=group,
        then=Door("subnet", "private", "out"),
        code="ENI_SG_RULES_MISMATCH",
        remembers="eni",
        cites=("SG-1",),
    )
    outgoing = SessionMatch(place=ENI, what="security group state", table="eni", then=build.add(judged), miss=build.add(judged))
    send = Rewrite(place=ENI, what="own address", how=Send("report", frozenset({"fn"}), "a", (PRIVATE,)), then=build.add(outgoing))
    choice = Choice(
        place=REPORT,
        what="interfaces",
        options=(("eni-0a1b2c3d4e5f60001", build.add(send)), ("eni-0a1b2c3d4e5f60002", build.add(send))),
    )
    build.enter("report", Entry(build.add(choice), (), (1024, 65535), "the interface of a function"))
    home = build.add(Deliver(place=REPORT, what="function", endpoint="report"))
    no = build.add(Drop(place=REPORT, what="replies only", code="SIM_LAMBDA_NO_INBOUND"))
    build.open(Door("eni", "in"), build.add(SessionMatch(place=ENI, what="security group state", table="eni", then=home, miss=no)))


def _acl(subnet: str, direction: str, ports: tuple[int, int], line: int, then: Door) -> Filter:
    anywhere = (Prefix.parse("0.0.0.0/0"),)
    ends = {"sources": anywhere} if direction == "ingress" else {"destinations": anywhere}
    name = f"acl-{subnet}"
    rules = (
        Rule(Match(protocol=6, destination_ports=(1, 1023), **ends), True, at(name, f"{direction} rule 100", line)),
        Rule(Match(protocol=6, destination_ports=ports, **ends), True, at(name, f"{direction} rule 110", line + 1)),
    )
    listed = RuleList(rules, at(name, f"{direction} rule *", line - 1))
    return Filter(
        place=SUBNETS[subnet],
        what=f"network ACL {name} {direction}",
        rules=listed,
        then=then,
        code="SUBNET_ACL_RESTRICTION",
        cites=("NACL-2",),
    )


def _private_subnet(build: Builder, target: Door) -> None:
    here = SUBNETS["private"]
    gone = build.add(Drop(place=here, what="route table private-routes", code="NO_ROUTE_TO_DESTINATION"))
    routes = table(("0.0.0.0/0", at("private-routes", "0.0.0.0/0", 5), "nat"))
    lookup = build.add(Lookup(place=here, what="route table private-routes", table=routes, targets=(target,), miss=gone))
    build.open(Door("routes", "private"), lookup)
    build.open(Door("subnet", "private", "out"), build.add(_acl("private", "egress", (1024, 65535), 20, Door("routes", "private"))))
    build.open(Door("eni", "hosts"), Door("eni", "in"))
    build.open(Door("subnet", "private", "in"), build.add(_acl("private", "ingress", (1024, 65535), 25, Door("eni", "hosts"))))


def _public_subnet(build: Builder, reply_ports: tuple[int, int]) -> None:
    here = SUBNETS["public"]
    local = ("10.0.0.0/16", Origin("public-routes", "10.0.0.0/16"), "local")
    routes = table(local, ("0.0.0.0/0", at("public-routes", "0.0.0.0/0", 4), "igw"))
    router = Lookup(place=VPC, what="implicit router", plumbing=True, table=table(("10.0.1.0/24", Origin("main"), "private")),
                    targets=(Door("subnet", "private", "in"),), miss=Door("nowhere", "vpc"))  # fmt: skip
    targets = (build.add(router), Door("internet-gateway", "igw", "out"))
    lookup = build.add(Lookup(place=here, what="route table public-routes", table=routes, targets=targets, miss=Door("nowhere", "public")))
    build.open(Door("routes", "public"), lookup)
    build.open(Door("subnet", "public", "out"), build.add(_acl("public", "egress", (1024, 65535), 30, Door("routes", "public"))))
    build.open(Door("nat-gateway", "nat"), build.add(_acl("public", "ingress", reply_ports, 35, Door("nat", "in"))))


def _nat_gateway(build: Builder) -> None:
    out = Door("subnet", "public", "out")
    back = Rewrite(place=NAT_GATEWAY, what="replies", how=Restore("nat"), then=out, miss=Door("nowhere", "nat"))
    masked = Rewrite(place=NAT_GATEWAY, what="translation", how=Masquerade((NAT,), (1024, 65535), "nat"), then=out)
    own = table(("10.0.0.5/32", Origin("nat"), "own"), ("0.0.0.0/0", Origin("nat"), "others"))
    lookup = Lookup(place=NAT_GATEWAY, what="own address", table=own, targets=(build.add(back), build.add(masked)), miss=-1, plumbing=True)
    build.open(Door("nat", "in"), build.add(lookup))


def _outside(build: Builder) -> None:
    origin = {NAT: at("nat", "public_ip", 8)}
    answers = Rewrite(place=GATEWAY, what="public addresses", how=Translate("destination", {PUBLIC: NAT}, {PUBLIC: origin[NAT]}),
                      then=Door("nat-gateway", "nat"), miss=Door("nowhere", "igw"))  # fmt: skip
    deliver = Deliver(place=INTERNET, what="the internet", endpoint="internet", reply_at=build.add(answers))
    no = Drop(place=GATEWAY, what="public addresses", code="IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS")
    out = Rewrite(
        place=GATEWAY,
        what="public addresses",
        how=Translate("source", {NAT: PUBLIC}, origin),
        then=build.add(deliver),
        miss=build.add(no),
    )
    build.open(Door("internet-gateway", "igw", "out"), build.add(out))


def walked(graph: FlowGraph, *, port: int = 40000, to: int = 443, choices: tuple[int, ...] = (), past_denials: bool = False) -> RoundTrip:
    flow = Flow.tcp("0.0.0.0", port, "93.184.216.34", to)
    start = graph.entries["report"].node
    return round_trip(graph, start, flow, expected=frozenset({"internet"}), choices=choices, past_denials=past_denials)


def query(*, service: str = "tcp/443", service_given: bool = True, one_way: bool = False) -> Query:
    return Query(FILE, "report", "internet", service, "1024-65535", one_way, "the interface of a function (NACL-14)", service_given)


def blockers(trip: RoundTrip) -> tuple[Blocker, ...]:
    return tuple(
        Blocker(name, step, step.because.resource if step.because else step.place.id, step.because)
        for name, leg in zip(("forward", "reply"), trip.legs, strict=False)
        for step in leg.blockers
    )


def always() -> Answer:
    """Works on every port."""
    trip = walked(lambda_nat())
    cases = (Case({}, Verdict.ALWAYS, 1.0, trip),)
    return Answer(query(), Verdict.ALWAYS, Verdict.ALWAYS, trip, None, cases, assumptions=("the ACL of `private` is the open default",))


def never() -> Answer:
    """Port 80, which the function's group does not let out."""
    trip = walked(lambda_nat(), to=80)
    return Answer(
        query(service="tcp/80"),
        Verdict.NEVER,
        Verdict.NEVER,
        None,
        trip,
        (Case({}, Verdict.NEVER, 1.0, trip, blockers(trip)),),
        blockers=blockers(trip),
    )


def sometimes() -> Answer:
    """The reply passes for the upper half of the NAT gateway's ports only."""
    graph = lambda_nat(reply_ports=(32768, 65535))
    works, fails = walked(graph, choices=(0, 40000)), walked(graph, choices=(0, 1024))
    cases = (
        Case({"nat_ports": "32768-65535"}, Verdict.ALWAYS, 32768 / 64512, works),
        Case({"nat_ports": "1024-32767"}, Verdict.NEVER, 31744 / 64512, fails, blockers(fails)),
    )
    return Answer(query(), Verdict.ALWAYS, Verdict.SOMETIMES, works, fails, cases, blockers=blockers(fails))


def unknown() -> Answer:
    """The route leads to a transit gateway that was not read."""
    trip = walked(lambda_nat(target=Door("transit-gateway", "tgw-9")))
    gap = Gap("tgw-9", "tgw-9", "not in what was read", "forward")
    return Answer(query(), Verdict.UNKNOWN, Verdict.UNKNOWN, None, trip, (Case({}, Verdict.UNKNOWN, 1.0, trip),), gaps=(gap,))


def every_service() -> Answer:
    """The service left out."""
    trip = walked(lambda_nat())
    allowed = (Allowed("tcp/443", Verdict.ALWAYS), Allowed("udp/53", Verdict.SOMETIMES, "1024-2000"))
    return Answer(query(service="all", service_given=False), Verdict.SOMETIMES, Verdict.SOMETIMES, trip, None, allowed=allowed)


EXAMPLES = {answer.__name__: answer for answer in (always, never, sometimes, unknown, every_service)}
