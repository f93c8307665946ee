"""Can A reach B: verdicts, shares, cases, services that pass, blockers, gaps, assumptions, ports (MODEL-3 to MODEL-6)."""

from __future__ import annotations

import pytest

import simulator
from simulator.evaluate.result import Verdict
from tests.aws.reading import Describe, Scenario, account, changed, errors, verdict

HOSTS = """
subnets:
  a: {vpc: main, cidr: 10.0.1.0/24}
  b: {vpc: main, cidr: 10.0.2.0/24, network_acl: edge}
network_acls: {edge: {vpc: main, inbound: [{rule: 1, allow: all}], outbound: [%s]}}
security_groups: {guard: {vpc: main, inbound: [%s]}}
instances:
  client: {subnet: a, security_groups: open, ip: 10.0.1.10}
  other: {subnet: a, security_groups: open, ip: 10.0.1.11}
  server: {subnet: b, security_groups: guard, ip: 10.0.2.10}
"""
OPEN, ANY = "{rule: 1, allow: all}", "{from: 0.0.0.0/0, allow: all}"


def hosts(outbound: str = OPEN, inbound: str = ANY) -> str:
    return HOSTS % (outbound, inbound)


def test_MODEL_3_always_needs_both_legs(scenario: Scenario) -> None:
    answer = scenario(hosts()).can("client", "server", "tcp/443")
    assert (answer.verdict, answer.delivered, answer.answered) == (Verdict.ALWAYS,) * 3
    assert (answer.fails, answer.blockers, answer.gaps) == (None, (), ())
    assert [(case.verdict, case.share, dict(case.when)) for case in answer.cases] == [(Verdict.ALWAYS, 1.0, {})]
    assert answer.forward is not None
    assert answer.reply is not None


def test_MODEL_3_T3_a_reply_that_does_not_come_back_is_never(scenario: Scenario) -> None:
    answer = scenario(hosts("")).can("client", "server", "tcp/443")
    assert (answer.verdict, answer.delivered, answer.answered) == (Verdict.NEVER, Verdict.ALWAYS, Verdict.NEVER)
    assert [(blocker.leg, blocker.code, blocker.resource) for blocker in answer.blockers] == [("reply", "SUBNET_ACL_RESTRICTION", "edge")]
    assert answer.works is None
    assert answer.reply is not None
    assert answer.reply.disposition.value == "denied"


def test_MODEL_4_one_way_judges_the_forward_leg(scenario: Scenario) -> None:
    network = scenario(hosts(""))
    answer = network.can("client", "server", "udp/53", one_way=True)
    assert (answer.verdict, answer.delivered, answer.reply) == (Verdict.ALWAYS, Verdict.ALWAYS, None)
    assert answer.query.one_way
    both = network.can("client", "server", "udp/53")
    assert (both.verdict, both.delivered, both.answered) == (Verdict.NEVER, Verdict.ALWAYS, Verdict.NEVER)


def test_MODEL_4_an_icmp_error_needs_no_answer(scenario: Scenario) -> None:
    assert verdict(scenario(hosts("")), "client", "server", "icmp/3/4") == "always"
    assert verdict(scenario(hosts("")), "client", "server", "icmp") == "never"


HALF = "{rule: 1, allow: tcp/32768-40000}"


def test_MODEL_5_some_source_ports_are_sometimes_and_the_others_are_named(scenario: Scenario) -> None:
    answer = scenario(hosts(HALF)).can("client", "server", "tcp/443")
    assert answer.verdict is Verdict.SOMETIMES
    assert [(dict(case.when), case.verdict) for case in answer.cases] == [
        ({"source_ports": "40001-60999"}, Verdict.NEVER),
        ({"source_ports": "32768-40000"}, Verdict.ALWAYS),
    ]
    fails, works = answer.cases
    assert (fails.share, works.share) == (pytest.approx(20999 / 28232), pytest.approx(7233 / 28232))
    assert [blocker.code for blocker in fails.blockers] == ["SUBNET_ACL_RESTRICTION"]
    assert works.blockers == ()
    assert answer.works is not None
    assert answer.works.answered is True
    assert answer.fails is not None
    assert answer.fails.answered is False
    assert answer.witness is answer.works


def test_MODEL_5_the_witness_has_values_of_its_case(scenario: Scenario) -> None:
    answer = scenario(hosts(HALF)).can("client", "server", "tcp/443")
    assert answer.works is not None
    assert answer.fails is not None
    assert 32768 <= answer.works.forward.sent.source_port <= 40000
    assert 40001 <= answer.fails.forward.sent.source_port <= 60999


@pytest.mark.parametrize(
    ("port", "text", "wanted"),
    [(40000, "40000", "always"), ("40000", "40000", "always"), ("40001", "40001", "never"), ("1-65535", "1-65535", "sometimes")],
)
def test_NACL_14_source_ports_may_be_said(scenario: Scenario, port: str | int, text: str, wanted: str) -> None:
    answer = scenario(hosts(HALF)).can("client", "server", "tcp/443", source_port=port)
    assert (answer.query.source_ports, answer.query.why_ports, answer.verdict.value) == (text, "", wanted)


def test_NACL_14_and_are_those_of_the_clients_kind_otherwise(scenario: Scenario) -> None:
    query = scenario(hosts()).can("client", "server", "tcp/443").query
    assert (query.source_ports, query.why_ports) == ("32768-60999", "Linux instance")


@pytest.mark.parametrize(
    ("port", "message"),
    [
        ("http", "source port: `http` is no port; write a number from 0 to 65535"),
        (70000, "source port: port 70000 does not exist; the highest is 65535"),
        ("20-10", "source port: `20-10`: the range ends before it starts; write 10-20"),
        (-1, "source port: `` is no port"),
    ],
)
def test_source_ports_that_do_not_exist_are_refused(scenario: Scenario, port: str | int, message: str) -> None:
    (found,) = errors(lambda: scenario(hosts()).can("client", "server", "tcp/443", source_port=port))
    assert message in found


def test_a_service_that_does_not_exist_is_refused(scenario: Scenario) -> None:
    (found,) = errors(lambda: scenario(hosts()).can("client", "server", "https"))
    assert found.startswith("`https` is no service; write one of tcp/443")


# --- several ends ------------------------------------------------------------------------------------------------------------------


def test_every_pair_counts_the_same(scenario: Scenario) -> None:
    answer = scenario(hosts(inbound="{from: 10.0.1.10/32, allow: tcp/443}")).can("a", "server", "tcp/443")
    assert answer.verdict is Verdict.SOMETIMES
    assert [(dict(case.when), case.verdict, case.share) for case in answer.cases] == [
        ({"source": "other", "destination": "server"}, Verdict.NEVER, 0.5),
        ({"source": "client", "destination": "server"}, Verdict.ALWAYS, 0.5),
    ]


def test_an_end_of_several_is_not_asked_about_itself(scenario: Scenario) -> None:
    answer = scenario(hosts()).can("a", "a", "tcp/443")
    assert {(case.when["source"], case.when["destination"]) for case in answer.cases} == {("client", "other"), ("other", "client")}
    (message,) = errors(lambda: scenario(hosts()).can("b", "server", "tcp/443"))
    assert "one host" in message or "leave no pair" in message


def test_a_range_of_ports_is_cut_where_rules_are(scenario: Scenario) -> None:
    answer = scenario(hosts(inbound="{from: 0.0.0.0/0, allow: [tcp/80-89, tcp/95]}")).can("client", "server", "tcp/80-99")
    assert [(dict(case.when), case.verdict.value) for case in answer.cases] == [
        ({"ports": "90-94, 96-99"}, "never"),
        ({"ports": "80-89, 95"}, "always"),
    ]
    assert answer.cases[0].share == pytest.approx(9 / 20)


def test_addresses_of_the_internet_are_cut_where_rules_are(scenario: Scenario) -> None:
    network = scenario(
        """
        subnets: {a: {vpc: main, cidr: 10.0.1.0/24, routes: {0.0.0.0/0: igw}}}
        security_groups: {office: {vpc: main, inbound: {from: 203.0.113.0/24, allow: tcp/443}}}
        interfaces: {web: {subnet: a, security_groups: office, ip: 10.0.1.10, public_ip: 198.51.100.10}}
        """
    )
    answer = network.can("internet", "web", "tcp/443")
    assert answer.verdict is Verdict.SOMETIMES
    works = next(case for case in answer.cases if case.verdict is Verdict.ALWAYS)
    assert dict(works.when) == {"source_addresses": "203.0.113.0/24"}
    assert verdict(network, "203.0.113.0/24", "web") == "always"
    assert verdict(network, "203.0.112.0/23", "web") == "sometimes"


# --- services that pass ------------------------------------------------------------------------------------------------------------


def allowed(network: simulator.Network, **options: object) -> list[tuple[str, str]]:
    answer = network.can("client", "server", **options)  # type: ignore[arg-type]
    assert not answer.query.service_given
    return [(one.service, one.verdict.value) for one in answer.allowed]


def test_without_a_service_the_answer_lists_exactly_those_that_pass(scenario: Scenario) -> None:
    network = scenario(hosts(inbound="{from: 0.0.0.0/0, allow: [tcp/443, tcp/8000-8100, udp/53, icmp/8, esp, proto/47]}"))
    assert sorted(allowed(network)) == [
        ("esp", "always"),
        ("icmp/8", "always"),
        ("proto/47", "always"),
        ("tcp/443", "always"),
        ("tcp/8000-8100", "always"),
        ("udp/53", "always"),
    ]


def test_everything_is_told_in_few_words(scenario: Scenario) -> None:
    found = dict(allowed(scenario(hosts())))
    assert set(found.values()) == {"always"}
    assert {"tcp", "udp", "icmp"} <= set(found)
    assert not any("/" in word for word in found if word.startswith(("tcp", "udp", "icmp")))


def test_nothing_that_passes_is_an_empty_list(scenario: Scenario) -> None:
    answer = scenario(hosts(inbound="")).can("client", "server")
    assert (answer.verdict, answer.allowed) == (Verdict.NEVER, ())


def test_a_service_that_passes_for_some_ports_is_sometimes(scenario: Scenario) -> None:
    network = scenario(hosts(HALF, "{from: 0.0.0.0/0, allow: tcp/443}"))
    assert allowed(network) == [("tcp/443", "sometimes")]
    assert allowed(network, one_way=True) == [("tcp/443", "always")]


def test_with_a_service_there_is_no_list(scenario: Scenario) -> None:
    assert scenario(hosts()).can("client", "server", "tcp/443").allowed == ()
    assert scenario(hosts()).can("client", "server", "all").allowed == ()


# --- blockers ----------------------------------------------------------------------------------------------------------------------


def test_MODEL_8_the_first_blocker_of_each_case_or_all(scenario: Scenario) -> None:
    network = scenario(hosts("", "").replace("inbound: [{rule: 1, allow: all}]", "inbound: []"))
    first = network.can("client", "server", "tcp/443")
    assert [(blocker.code, blocker.resource) for blocker in first.blockers] == [("SUBNET_ACL_RESTRICTION", "edge")]
    every = network.can("client", "server", "tcp/443", all_blockers=True)
    assert [(blocker.leg, blocker.code, blocker.resource) for blocker in every.blockers] == [
        ("forward", "SUBNET_ACL_RESTRICTION", "edge"),
        ("forward", "SG_HAS_NO_RULES", "guard"),
        ("reply", "SUBNET_ACL_RESTRICTION", "edge"),
    ]
    assert (first.verdict, every.verdict) == (Verdict.NEVER, Verdict.NEVER)


def test_a_blocker_is_told_once_for_all_cases_that_meet_it(scenario: Scenario) -> None:
    answer = scenario(hosts(inbound="")).can("a", "server", "tcp/443")
    assert len(answer.cases) == 2
    assert len(answer.blockers) == 1


def test_blockers_name_the_line_that_refuses(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("lines") / "net.yaml"
    path.write_text(
        "network:\n"
        "  vpcs: {main: {cidr: 10.0.0.0/16}}\n"
        "  subnets:\n"
        "    a: {vpc: main, cidr: 10.0.1.0/24}\n"
        "    b: {vpc: main, cidr: 10.0.2.0/24, network_acl: edge}\n"
        "  network_acls:\n"
        "    edge:\n"
        "      vpc: main\n"
        "      inbound:\n"
        "        - {rule: 10, from: 10.0.1.0/24, deny: tcp/443}\n"
        "  instances:\n"
        "    one: {subnet: a}\n"
        "    two: {subnet: b}\n",
        "utf-8",
    )
    (blocker,) = simulator.load(path).can("one", "two", "tcp/443").blockers
    assert blocker.origin is not None
    assert blocker.origin.part == "ingress rule 10"
    assert blocker.origin.place is not None
    assert blocker.origin.place.line == 10


# --- gaps and assumptions ----------------------------------------------------------------------------------------------------------


def test_a_gap_is_unknown_unless_something_stops_the_packet_anyway(describe: Describe) -> None:
    to_tgw = [
        {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local"},
        {"DestinationCidrBlock": "0.0.0.0/0", "TransitGatewayId": "tgw-9"},
    ]
    lists = changed(account(), "RouteTables", "rtb-main", Routes=to_tgw)
    answer = describe(**lists).can("i-app", "192.0.2.1", "tcp/443")
    assert (answer.verdict, answer.works) == (Verdict.UNKNOWN, None)
    assert [(gap.resource, gap.place, gap.leg) for gap in answer.gaps] == [("tgw-9", "tgw-9", "forward")]
    assert answer.blockers == ()
    closed = changed(lists, "SecurityGroups", "sg-app", IpPermissionsEgress=[])
    assert describe(**closed).can("i-app", "192.0.2.1", "tcp/443").verdict is Verdict.NEVER


def test_a_gap_beside_a_yes_and_a_no_is_sometimes(describe: Describe) -> None:
    rules = [
        {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
        {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "192.0.2.0/24"}]},
    ]
    lists = changed(account(), "SecurityGroups", "sg-app", IpPermissions=rules)
    network = describe(**changed(lists, "NetworkInterfaces", "eni-app", Groups=[{"GroupId": "sg-app"}, {"GroupId": "sg-9"}]))
    assert verdict(network, "i-web", "i-app", "tcp/80") == "always"
    assert verdict(network, "i-web", "i-app", "tcp/79-80") == "unknown"


def test_assumptions_of_the_way_are_told_and_no_others(describe: Describe) -> None:
    lists = account()
    del lists["NetworkAcls"]
    answer = describe(**lists).can("i-web", "i-app", "tcp/8080")
    assert set(answer.assumptions) == {
        f"the network ACL of {subnet} was not read: taken to be the open default" for subnet in ("subnet-pub", "subnet-app")
    }
    own = describe(**lists).can("internet", "i-web", "tcp/443").assumptions
    assert set(own) == {
        "the network ACL of subnet-pub was not read: taken to be the open default",
        "VPC Block Public Access of vpc-1 was not read: taken to be off",
    }


def test_IGW_10_the_region_of_a_service_is_assumed_where_no_vpc_names_one(scenario: Scenario) -> None:
    hosts_with_way_out = """
    subnets: {a: {vpc: main, cidr: 10.0.1.0/24, routes: {0.0.0.0/0: igw}}}
    interfaces: {web: {subnet: a, security_groups: open, ip: 10.0.1.10, public_ip: 198.51.100.10}}
    """
    answer = scenario(hosts_with_way_out).can("web", "service:sqs", "tcp/443")
    assert answer.assumptions == ("no VPC names its Region: the service is taken to be that of us-east-1",)
    named = "vpcs: {main: {cidr: 10.0.0.0/16, internet_gateway: igw, region: eu-west-1}}\n" + hosts_with_way_out.replace("\n    ", "\n")
    assert scenario(named).can("web", "service:sqs", "tcp/443").assumptions == ()


# --- questions that mean nothing -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "destination", "message"),
    [
        ("192.0.2.1", "203.0.113.1", "neither `192.0.2.1` nor `203.0.113.1` lies in this network"),
        ("internet", "192.168.7.7", "neither `internet` nor `192.168.7.7` lies in this network"),
        ("10.0.1.99", "client", "`10.0.1.99` belongs to no interface that was read, so nothing starts there"),
        ("client", "client", "are one host: that traffic never leaves the guest (ENI-8)"),
        ("client", "10.0.1.10", "are one host"),
        (
            "queue",
            "client",
            "`queue` is an event source: it sends no packets; ask what it reaches by invocation (`by: invocation` in a scenario",
        ),
        ("client", "queue", "`queue` is an event source: it invokes, and takes no connections"),
    ],
)
def test_questions_that_nobody_can_ask(scenario: Scenario, source: str, destination: str, message: str) -> None:
    text = hosts() + "lambdas: {x: {}}\nevent_sources: {queue: {type: sqs, invokes: x}}"
    (found,) = errors(lambda: scenario(text).can(source, destination, "tcp/443"))
    assert message in found


def test_an_address_of_the_other_version_is_refused(scenario: Scenario) -> None:
    (found,) = errors(lambda: scenario(hosts()).can("client", "server", "icmpv6"))
    assert "has no IPv6 address" in found


def test_a_question_in_too_many_pieces_is_refused(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.query.reach.PIECE_LIMIT", 3)
    rules = ", ".join(f"{{from: 0.0.0.0/0, allow: tcp/{port}}}" for port in range(10, 20, 2))
    (found,) = errors(lambda: scenario(hosts(inbound=rules)).can("client", "server", "tcp"))
    assert found == "the question falls into more than 3 different pieces; ask about fewer ends or one service"


def test_the_question_is_told_as_it_was_asked(scenario: Scenario) -> None:
    query = scenario(hosts()).can("client", "10.0.2.10", "TCP/443").query
    assert (query.source, query.destination, query.service, query.service_given) == ("client", "10.0.2.10", "tcp/443", True)
    assert query.network.endswith("scenario.json")
