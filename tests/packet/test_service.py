"""The notation of services: what it reads, what it prints, what it refuses and with which words."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.packet.ranges import Ranges
from simulator.packet.service import Service, ServiceError, parse_ports
from simulator.packet.space import Box

EPHEMERAL = Ranges.of((32768, 60999))


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("all", Service()),
        ("any", Service()),
        ("-1", Service()),
        ("tcp", Service(6)),
        ("tcp/443", Service(6, (443, 443))),
        ("TCP/443", Service(6, (443, 443))),
        (" tcp/8000-8100 ", Service(6, (8000, 8100))),
        ("udp/53", Service(17, (53, 53))),
        ("tcp/0-65535", Service(6, (0, 65535))),
        ("icmp", Service(1)),
        ("icmp/8", Service(1, None, 8)),
        ("icmp/8/0", Service(1, None, 8, 0)),
        ("icmpv6/128", Service(58, None, 128)),
        ("esp", Service(50)),
        ("gre", Service(47)),
        ("ah", Service(51)),
        ("sctp", Service(132)),
        ("proto/47", Service(47)),
        ("proto/6", Service(6)),
    ],
)
def test_what_is_read(text: str, service: Service) -> None:
    assert Service.parse(text) == service


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "`` is no service; write one of tcp/443"),
        ("https", "`https` is no service; write one of"),
        ("443", "`443` is no service"),
        ("all/80", "`all/80` is no service"),
        ("tcp/", "`` is no port; write a number from 0 to 65535"),
        ("tcp/http", "`http` is no port"),
        ("tcp/65536", "port 65536 does not exist; the highest is 65535"),
        ("tcp/-1", "`` is no port"),
        ("tcp/90-80", "`90-80`: the range ends before it starts; write 80-90"),
        ("tcp/80/90", "`tcp/80/90`: tcp takes no more than that"),
        ("tcp/８０", "is no port"),
        ("icmp/256", "type 256 does not exist; the highest is 255"),
        ("icmp/8/256", "code 256 does not exist"),
        ("icmp/8/0/0", "icmp takes no more than that"),
        ("icmp/echo", "`echo` is no type"),
        ("icmp/8/x", "`x` is no code"),
        ("esp/1", "esp takes no more than that"),
        ("proto", "`proto` is no service"),
        ("proto/256", "protocol 256 does not exist; the highest is 255"),
        ("proto/tcp", "`tcp` is no protocol"),
        ("proto/6/80", "`proto/6/80` is no service"),
    ],
)
def test_what_is_refused_and_why(text: str, message: str) -> None:
    with pytest.raises(ServiceError) as caught:
        Service.parse(text)
    assert message in str(caught.value)


@st.composite
def services(draw: st.DrawFn) -> Service:
    protocol = draw(st.none() | st.integers(0, 255))
    if protocol in (6, 17) and draw(st.booleans()):
        return Service(protocol, tuple(sorted((draw(st.integers(0, 65535)), draw(st.integers(0, 65535))))))
    if protocol in (1, 58) and draw(st.booleans()):
        return Service(protocol, None, draw(st.integers(0, 255)), draw(st.none() | st.integers(0, 255)))
    return Service(protocol)


@given(services())
def test_what_is_printed_reads_back(service: Service) -> None:
    assert Service.parse(str(service)) == service


@given(st.text(max_size=12))
def test_any_other_text_is_refused_in_words(text: str) -> None:
    with suppress(ServiceError):  # any other error would be shown as a fault of ours
        assert Service.parse(str(Service.parse(text))) == Service.parse(text)


@given(st.integers(0, 65535), st.integers(0, 65535))
def test_ports_are_a_number_or_a_range(first: int, last: int) -> None:
    assert parse_ports(str(first)) == (first, first)
    if first <= last:
        assert parse_ports(f"{first}-{last}") == (first, last)
    else:
        with pytest.raises(ServiceError, match=f"write {last}-{first}"):
            parse_ports(f"{first}-{last}")


def test_ping_settles_the_version() -> None:
    assert [Service.parse(text).version for text in ("icmp", "icmpv6", "tcp/80", "all")] == [4, 6, None, None]


def asked(text: str, version: int = 4) -> list[Box]:
    return Service.parse(text).boxes(version, EPHEMERAL)


def test_ports_of_a_question() -> None:
    (box,) = asked("tcp/80-81")
    assert box.ranges["destination_port"] == Ranges.of((80, 81))
    assert box.ranges["source_port"] == EPHEMERAL
    assert asked("udp")[0].ranges["destination_port"] == Ranges.of((0, 65535))


@pytest.mark.parametrize(("text", "version", "echo"), [("icmp", 4, 8), ("icmpv6", 6, 128)])
def test_MODEL_4_a_ping_is_the_echo_request_with_code_0(text: str, version: int, echo: int) -> None:
    (box,) = asked(text, version)
    assert (box.ranges["icmp_type"], box.ranges["icmp_code"]) == (Ranges.point(echo), Ranges.point(0))


def test_other_types_are_asked_with_every_code_unless_one_is_given() -> None:
    assert asked("icmp/3")[0].ranges["icmp_code"] == Ranges.of((0, 255))
    assert asked("icmp/3/4")[0].ranges["icmp_code"] == Ranges.point(4)
    assert asked("icmp/8")[0].ranges["icmp_code"] == Ranges.point(0)
    assert asked("icmp/13")[0].ranges["icmp_code"] == Ranges.point(0)


def test_all_services_are_all_protocols_of_the_version() -> None:
    assert sum(box.ranges["protocol"].size for box in asked("all")) == 255
    assert asked("icmpv6", 4) == []
