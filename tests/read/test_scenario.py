"""Scenarios: what each type of field accepts and how each mistake is told, all of them at once and with their places."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simulator.packet.prefix import Prefix, parse_address
from simulator.packet.service import Service
from simulator.problems import InputError
from simulator.read.load import Reading, read
from simulator.read.scenario import ExpectationText
from tests.read.kinds import KINDS, Gateway, Group, Subnet, Vpc

NETWORK = """\
network:
  vpcs:
    main: {cidr: 10.0.0.0/16, internet_gateway: igw}
  subnets:
    app: {vpc: main, cidr: 10.0.0.0/24}
"""
Load = Callable[[str], Reading]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    monkeypatch.chdir(tmp_path)

    def load(text: str) -> Reading:
        Path("n.yaml").write_text(text, "utf-8")
        return read(["n.yaml"], kinds=KINDS)

    return load


@pytest.fixture
def errors(load: Load) -> Callable[[str], list[str]]:
    def errors(text: str) -> list[str]:
        with pytest.raises(InputError) as caught:
            load(text)
        return [str(problem) for problem in caught.value.problems]

    return errors


Errors = Callable[[str], list[str]]


def subnet(keys: str) -> str:
    return NETWORK + f"    a: {{vpc: main, cidr: 10.0.1.0/24, {keys}}}\n"


def group(keys: str) -> str:
    return NETWORK + f"  security_groups:\n    g: {{vpc: main, {keys}}}\n"


def marked(text: str) -> tuple[str, str]:
    """A text without the `^` in it, and the place that it marks."""
    before = text[: text.index("^")]
    return text.replace("^", ""), f"n.yaml:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


def read_subnet(load: Load, keys: str) -> dict[str, Any]:
    noun = load(subnet(keys)).snapshot.get(Subnet, "a")
    assert noun is not None
    return noun.values


# --- what is read ---


def test_nouns_carry_their_places(load: Load) -> None:
    snapshot = load(NETWORK).snapshot
    vpc = snapshot.get(Vpc, "main")
    assert vpc is not None
    assert vpc.cidr == Prefix.parse("10.0.0.0/16")
    assert str(vpc.origin) == "main (n.yaml:3:5)"
    gateway = snapshot.get(Gateway, "igw")
    assert gateway is not None
    assert str(gateway.origin) == "igw (n.yaml:3:31)"


@pytest.mark.parametrize(
    ("keys", "key", "value"),
    [
        ("zone: no", "zone", "no"),
        ("zone: 1", "zone", "1"),
        ("public: true", "public", True),
        ("priority: 100", "priority", 100),
        ("tier: data", "tier", "data"),
        ("host: 10.0.0.7", "host", parse_address("10.0.0.7")),
        ("host: '2001:db8::7'", "host", parse_address("2001:db8::7")),
        ("nat: true", "nat", True),
        ("nat: {ip: 10.0.0.7}", "nat", {"ip": parse_address("10.0.0.7")}),
    ],
)
def test_values_by_type(load: Load, keys: str, key: str, value: object) -> None:
    assert read_subnet(load, keys)[key] == value


def test_a_map_is_read_as_triples(load: Load) -> None:
    routes = read_subnet(load, "routes: {0.0.0.0/0: igw, 10.0.0.0/16: local, '::/0': igw}")["routes"]
    assert [(str(block), target) for block, target, _ in routes] == [
        ("0.0.0.0/0", "igw"),
        ("10.0.0.0/16", "local"),
        ("::/0", "igw"),
    ]
    assert str(routes[1][2]) == "n.yaml:6:64"


def test_rules_of_a_group(load: Load) -> None:
    inbound = "inbound: [{from: 10.0.0.0/8, allow: tcp/22}, {from: main-default, allow: [udp/53, all]}]"
    noun = load(group(inbound)).snapshot.get(Group, "g")
    assert noun is not None
    first, second = noun.values["inbound"]
    assert first == {"from": Prefix.parse("10.0.0.0/8"), "allow": [Service.parse("tcp/22")]}
    assert second == {"from": "main-default", "allow": [Service.parse("udp/53"), Service()]}
    assert str(second.place_of("allow")) == "n.yaml:7:86"


def test_one_value_stands_for_a_list_of_one(load: Load) -> None:
    noun = load(group("groups: g")).snapshot.get(Group, "g")
    assert noun is not None
    assert noun.values["groups"] == ["g"]


def test_references_may_come_before_what_they_name_or_be_implied(load: Load) -> None:
    text = "network:\n  subnets:\n    a: {vpc: main, cidr: 10.0.0.0/24}\n  security_groups:\n"
    text += "    g: {vpc: main, groups: main-default}\n  vpcs: {main: {cidr: 10.0.0.0/16}}\n"
    assert load(text).problems == ()


def test_a_network_written_by_hand_counts_as_whole(load: Load) -> None:
    assert load(NETWORK).snapshot.whole


def test_bits_beyond_the_length_are_cut_off_with_a_warning(load: Load) -> None:
    reading = load("network:\n  vpcs:\n    main: {cidr: 10.0.7.0/16}\n")
    assert [str(problem) for problem in reading.problems] == [
        (
            "n.yaml:3:18: warning: vpc `main`, cidr: 10.0.7.0/16 has bits set beyond the prefix length; "
            "it is read as 10.0.0.0/16, as AWS does"
        )
    ]
    vpc = reading.snapshot.get(Vpc, "main")
    assert vpc is not None
    assert str(vpc.cidr) == "10.0.0.0/16"


def test_free_keys_and_empty_sections(load: Load) -> None:
    assert load("name: small\nabout: nothing to see\n" + NETWORK + "  security_groups:\n").about == "nothing to see"


# --- what is refused ---


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("^zon: a", "subnet `a`: unknown key `zon`; did you mean `zone`?"),
        (
            "^colour: red",
            "subnet `a`: unknown key `colour`; known keys are cidr, host, nat, priority, public, routes, tier, vpc, zone",
        ),
        ("public: ^no", "subnet `a`, public: `no` is not true or false; write false"),
        ("public: ^1", "subnet `a`, public: `1` is not true or false"),
        ("priority: ^101", "subnet `a`, priority: `101` is not a number from 1 to 100"),
        ("priority: ^'5'", "subnet `a`, priority: `5` is not a number from 1 to 100"),
        ("priority: ^true", "subnet `a`, priority: `true` is not a number from 1 to 100"),
        ("tier: ^wep", "subnet `a`, tier: `wep` is not one of web, data; did you mean `web`?"),
        ("zone: ^[a]", "subnet `a`, zone: must be a word, not a list"),
        ("zone: ^true", "subnet `a`, zone: `true` is not a word"),
        ("zone: ^", "subnet `a`, zone: has no value; write a word"),
        ("host: ^10.0.0.256", "subnet `a`, host: `10.0.0.256` is not an IPv4 or IPv6 address"),
        ("routes: ^igw", "subnet `a`, routes: must be a mapping (`key: value`), not `igw`"),
        ("routes: {0.0.0.0: ^}", "subnet `a`, routes `0.0.0.0`: has no value"),
        ("routes: {^10.0.0/8: igw}", "subnet `a`, routes: `10.0.0/8` is not an IPv4 or IPv6 address"),
        ("routes: {0.0.0.0/0: ^igv}", "subnet `a`, routes `0.0.0.0/0`: `igv` does not exist; did you mean `igw`?"),
        ("nat: ^5", "subnet `a`, nat: `5` is not true or false"),
        ("nat: ^{}", "subnet `a`, nat: `ip` is missing; write an address such as 10.0.0.7"),
        ("nat: ^[]", "subnet `a`, nat: must be true or false or a mapping (`key: value`), not a list"),
    ],
)
def test_mistakes_in_a_subnet(errors: Errors, keys: str, message: str) -> None:
    text, place = marked(subnet(keys))
    (error,) = errors(text)
    assert error.startswith(f"{place}: {message}")


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("inbound: ^{from: g, allow: all}", "security group `g`, inbound: must be a list, not a mapping"),
        (
            "inbound: [{from: g, allow: ^22:22}]",
            "security group `g`, inbound, allow: `22:22` is no service; write tcp/22 or udp/22",
        ),
        (
            "inbound: [{from: g, allow: ^22-80}]",
            "security group `g`, inbound, allow: `22-80` is no service; write tcp/22-80 or udp/22-80",
        ),
        (
            "inbound: [{from: g, allow: ^'udp/1:2'}]",
            "security group `g`, inbound, allow: `udp/1:2` is no service; write udp/1-2",
        ),
        (
            "inbound: [{from: g, allow: ^443}]",
            "security group `g`, inbound, allow: `443` is no service; write tcp/443 or udp/443",
        ),
        (
            "inbound: [{from: g, allow: ^tcp/70000}]",
            "security group `g`, inbound, allow: port 70000 does not exist; the highest is 65535",
        ),
        (
            "inbound: [{from: g, allow: all}, {from: ^10.0.0.0/33, allow: all}]",
            "security group `g`, inbound 2, from: `10.0.0.0/33` has no prefix length between 0 and 32",
        ),
        (
            "inbound: [{from: ^main-defalt, allow: all}]",
            "security group `g`, inbound, from: `main-defalt` does not exist; did you mean `main-default`?",
        ),
        (
            "inbound: [^{from: g}]",
            "security group `g`, inbound: `allow` is missing; write a service such as tcp/443, or a list of them",
        ),
        ("groups: [g, ^h]", "security group `g`, groups: security group `h` does not exist"),
    ],
)
def test_mistakes_in_a_group(errors: Errors, keys: str, message: str) -> None:
    text, place = marked(group(keys))
    assert errors(text) == [f"{place}: {message}"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a\n- b", "n.yaml: is neither a scenario nor any other known input"),
        ("just words", "n.yaml: is neither a scenario nor any other known input"),
        ("# a comment", "n.yaml: is empty"),
        ("network: []", "n.yaml:1:10: network: must be a mapping of sections such as `vpcs`, not a list"),
        ("network:\n  lamdas: {}", "n.yaml:2:3: network: unknown key `lamdas`; known keys are security_groups, subnets, vpcs"),
        ("network:\n  subnet: {}", "n.yaml:2:3: network: unknown key `subnet`; did you mean `subnets`?"),
        ("network:\n  vpcs: [main]", "n.yaml:2:9: vpcs: must be a mapping from names to vpcs, not a list"),
        ("network:\n  vpcs: {main: 10.0.0.0/16}", "n.yaml:2:16: vpc `main`: must be a mapping (`key: value`), not one value"),
        ("network:\n  vpcs: {'': {cidr: 10.0.0.0/16}}", "n.yaml:2:10: vpc: the name is empty"),
        (
            "network:\n  vpcs: {main: }",
            "n.yaml:2:10: vpc `main`: `cidr` is missing; write a block of addresses such as 10.0.0.0/16",
        ),
        ("network: {}\nname: [a]", "n.yaml:2:7: name: must be a word, not a list"),
        ("network: !Ref x", "n.yaml:1:10: tag `!Ref` has no meaning in a scenario"),
        ("expect: []", "n.yaml:1:1: there is neither `network` nor `include`, so there is nothing to ask about"),
        ("network: {}\nexpect: {can: [a, b]}", "n.yaml:2:9: expect: must be a list of questions"),
        ("network: {}\ninclude: {a: b}", "n.yaml:2:10: include: must be a path or a list of paths"),
    ],
)
def test_mistakes_in_the_frame(errors: Errors, text: str, message: str) -> None:
    (error,) = errors(text)
    assert error.startswith(message)


def test_a_misspelt_network_is_recognized(errors: Errors) -> None:
    assert "n.yaml:1:1: unknown key `netwrok`; did you mean `network`?" in errors("netwrok: {}")


def test_all_problems_of_a_file_in_the_order_of_its_lines(errors: Errors) -> None:
    text = "network:\n  vpcs:\n    main: {}\n  subnets:\n    a: {vpc: mian, cidr: 10.0.0.0/30, zon: a}\n"
    text += "    b: {vpc: main}\nexpect:\n  - {can: [a], verdict: never}\n"
    assert errors(text) == [
        "n.yaml:3:5: vpc `main`: `cidr` is missing; write a block of addresses such as 10.0.0.0/16",
        "n.yaml:5:5: subnet `a`: 10.0.0.0/30 is smaller than /28",
        "n.yaml:5:14: subnet `a`, vpc: vpc `mian` does not exist",
        "n.yaml:5:39: subnet `a`: unknown key `zon`; did you mean `zone`?",
        "n.yaml:6:5: subnet `b`: `cidr` is missing; write a block of addresses such as 10.0.0.0/16",
        "n.yaml:8:6: expect 1, can: write [source, destination] or [source, destination, service]",
    ]


def test_what_was_written_badly_still_exists(errors: Errors) -> None:
    """A broken VPC is one error, and not one more for each subnet in it."""
    text = "network:\n  vpcs:\n    main: {cidr: x}\n  subnets:\n    a: {vpc: main, cidr: 10.0.0.0/24}\n"
    assert errors(text) == ["n.yaml:3:18: vpc `main`, cidr: `x` is not an IPv4 or IPv6 address"]


# --- expectations ---


def test_an_expectation_with_every_key(load: Load) -> None:
    text = NETWORK + (
        "expect:\n  - {can: [app, internet, tcp/443], verdict: sometimes, delivered: always, answered: sometimes, via: igw,\n"
        "     not_via: [nat], reply_via: [igw, app], blocked_at: [app], code: [NO_ROUTE, LOOP], source_port: 1024-65535,\n"
        "     one_way: true, why: because, by: invocation}\n"
    )
    (expectation,) = load(text).expectations
    assert str(expectation.place) == "n.yaml:7:5"
    assert expectation == ExpectationText(
        "app",
        "internet",
        "tcp/443",
        expectation.place,
        "sometimes",
        "always",
        "sometimes",
        ("igw",),
        ("nat",),
        ("igw", "app"),
        ("app",),
        ("NO_ROUTE", "LOOP"),
        "1024-65535",
        True,
        "because",
        "invocation",
    )


def test_an_expectation_of_every_service(load: Load) -> None:
    (expectation,) = load(NETWORK + "expect:\n  - {can: [app, 10.0.0.7], verdict: error, source_port: 53}\n").expectations
    assert (expectation.service, expectation.verdict, expectation.source_port, expectation.by) == ("", "error", "53", "packets")


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("^can: [a], verdict: never", "expect 1, can: write [source, destination] or [source, destination, service]"),
        ("^can: [a, b, all, d], verdict: never", "expect 1, can: write [source, destination] or"),
        ("can: ^a, verdict: never", "expect 1, can: must be a list, not `a`"),
        ("verdict: never", "expect 1: `can` is missing; write a list"),
        ("can: [a, b]", "expect 1: `verdict` is missing; write one of always, sometimes, never, unknown, error"),
        ("can: [a, b], verdict: ^maybe", "expect 1, verdict: `maybe` is not one of always, sometimes, never,"),
        ("can: [a, b], verdict: ^alway", "expect 1, verdict: `alway` is not one of"),
        ("can: [a, b], delivered: ^error", "expect 1, delivered: `error` is not one of always, sometimes, never,"),
        ("can: [a, b], verdict: never, by: ^foot", "expect 1, by: `foot` is not one of packets, invocation"),
        ("can: [a, b, ^22:22], verdict: never", "expect 1, can: `22:22` is no service; write tcp/22 or udp/22"),
        ("can: [a, b], verdict: never, source_port: ^1:2", "expect 1, source_port: `1:2` is no port"),
        ("can: [a, b], verdict: never, ^wy: x", "expect 1: unknown key `wy`; did you mean `why`?"),
    ],
)
def test_mistakes_in_an_expectation(errors: Errors, keys: str, message: str) -> None:
    text, place = marked(NETWORK + f"expect:\n  - {'' if '^' in keys else '^'}{{{keys}}}\n")
    (error,) = errors(text)
    assert error.startswith(f"{place}: {message}")
