"""Rules in Suricata's language: what is said of addresses and ports, and which of them look further (NFW-6)."""

from __future__ import annotations

import pytest

from simulator.aws.suricata import LineError, carriers_of, parse_rule, rules_in


def test_a_rule_of_addresses_and_ports() -> None:
    rule = parse_rule('pass tcp $HOME_NET any <> [10.9.0.0/16, !10.9.1.0/24] [80, 443] (msg:"a; b"; sid:12; rev:2;)')
    assert rule == ("pass", (6,), "$HOME_NET", "any", "[10.9.0.0/16, !10.9.1.0/24]", "[80, 443]", True, "", "12")


@pytest.mark.parametrize(
    ("protocol", "numbers"),
    [("ip", ()), ("tcp", (6,)), ("udp", (17,)), ("icmp", (1, 58)), ("tls", (6,)), ("dns", (6, 17)), ("ntp", (17,)), ("ssh", (6,))],
)
def test_NFW_6_protocols_and_what_carries_them(protocol: str, numbers: tuple[int, ...]) -> None:
    assert parse_rule(f"drop {protocol} any any -> any any (sid:1;)").protocols == numbers


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ((17,), "udp ntp dhcp tftp snmp ikev2 ike quic"),
        ((6, 17), "dns krb5 sip nfs"),
        ((6,), "tcp http tls ssh smtp ftp smb imap http2 modbus dcerpc"),
    ],
)
def test_NFW_6_what_carries_the_protocols_that_suricata_recognizes(number: tuple[int, ...], words: str) -> None:
    assert {word: carriers_of(word) for word in words.split()} == dict.fromkeys(words.split(), number)


@pytest.mark.parametrize(
    ("options", "inside"),
    [
        ('msg:"x"; classtype:y; reference:url,a; metadata:b c; priority:1; gid:1; sid:1; rev:1', ""),
        ("flow:to_server; sid:1", ""),
        ("flow:not_established, to_server; sid:1", ""),
        ("flow:established; sid:1", "`flow`"),
        ('content:"; sid:2"; sid:1', "`content`"),
        ("flags:S; sid:1", "`flags`"),
        (r'pcre:"/a\;b/"; sid:1', "`pcre`"),
        (r"msg:a\; content; sid:1", ""),
        (r'msg:"say \"a; content\""; sid:1', ""),
        ("target:dest_ip; noalert; sid:1", ""),
        ("flow:to_server, from_client; sid:1", ""),
        ("flow:to_client; sid:1", "`flow`"),
    ],
)
def test_NFW_6_what_of_its_options_a_rule_looks_at(options: str, inside: str) -> None:
    rule = parse_rule(f"drop tcp any any -> any any ({options};)")
    assert (rule.inside, rule.number) == (inside, "1")


def test_NFW_6_protocols_that_are_recognized_look_further() -> None:
    assert parse_rule("pass tls any any -> any 443 (sid:1;)").inside == "tls"
    assert parse_rule('pass http any any -> any any (http.host; content:"a"; sid:1;)').inside == "http and `http.host`"


def test_lines() -> None:
    text = "\n# note\npass ip any any -> any any \\\n  (sid:1;)\n\ndrop ip any any -> any any (sid:2;)"
    assert list(rules_in(text)) == [
        (3, "pass ip any any -> any any (sid:1;)"),
        (6, "drop ip any any -> any any (sid:2;)"),
    ]
    assert list(rules_in("drop ip any any \\")) == [(1, "drop ip any any")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("drop tcp any any any any (sid:1;)", "is no rule; write `action protocol source port -> destination port (options)`"),
        ("drop tcp any any -> any any", "is no rule; write `action protocol source port -> destination port (options)`"),
        ("accept tcp any any -> any any (sid:1;)", "`accept` is no action of a rule; write one of pass, drop, reject, alert"),
    ],
)
def test_what_is_no_rule(text: str, told: str) -> None:
    with pytest.raises(LineError) as caught:
        parse_rule(text)
    assert str(caught.value) == told
