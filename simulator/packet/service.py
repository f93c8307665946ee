"""What traffic: the notation of services in questions and in rules (`tcp/443`, `udp/53`, `icmp/8/0`, `esp`, `proto/47`, `all`)."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.packet.flow import ESP, ICMP, ICMP_REPLIES, ICMPV6, TCP, UDP, WITH_PORTS, WITH_TYPES
from simulator.packet.ranges import Interval, Ranges
from simulator.packet.space import ALL_PORTS, ALL_TYPES, Box, service_boxes

NUMBERS = {"tcp": TCP, "udp": UDP, "icmp": ICMP, "icmpv6": ICMPV6, "esp": ESP, "gre": 47, "ah": 51, "sctp": 132}
NAMES = {TCP: "tcp", UDP: "udp", ICMP: "icmp", ICMPV6: "icmpv6", ESP: "esp"}
ECHO = {ICMP: 8, ICMPV6: 128}
FORMS = "tcp/443, tcp/8000-8100, udp/53, icmp, icmp/8, icmp/8/0, esp, proto/47, all"


class ServiceError(ValueError):
    """A text that names no service; the message says what is wrong and what would be right."""


@dataclass(frozen=True, slots=True)
class Service:
    """A protocol with ports or type and code; none is "every one".

    >>> Service.parse("tcp/8000-8100")
    Service(protocol=6, ports=(8000, 8100), icmp_type=None, icmp_code=None)
    >>> str(Service.parse("proto/47")), str(Service.parse("icmp/8"))
    ('proto/47', 'icmp/8')
    """

    protocol: int | None = None
    ports: Interval | None = None
    icmp_type: int | None = None
    icmp_code: int | None = None

    @classmethod
    def parse(cls, text: str) -> Service:
        """The service of a text. Raises `ServiceError`."""
        name, *details = text.strip().lower().split("/")
        if name in ("all", "any", "-1") and not details:
            return cls()
        if name == "proto" and len(details) == 1:
            return cls(_number(details[0], 255, "protocol"))
        if name not in NUMBERS:
            raise ServiceError(f"`{text}` is no service; write one of {FORMS}")
        protocol = NUMBERS[name]
        if protocol in WITH_PORTS and len(details) <= 1:
            return cls(protocol, parse_ports(details[0]) if details else None)
        if protocol in WITH_TYPES and len(details) <= 2:
            numbers = [_number(word, 255, what) for word, what in zip(details, ("type", "code"), strict=False)]
            return cls(protocol, None, *numbers)
        if details:
            raise ServiceError(f"`{text}`: {name} takes no more than that; write one of {FORMS}")
        return cls(protocol)

    @property
    def version(self) -> int | None:
        """The IP version a question about it is asked in, when the protocol settles it."""
        return {ICMP: 4, ICMPV6: 6}.get(self.protocol) if self.protocol is not None else None

    def boxes(self, version: int, source_ports: Ranges) -> list[Box]:
        """The headers a question about this service asks about, addresses left out.

        `icmp` in a question is a ping: the echo request, whose only code is 0 (MODEL-4). For other types every code is asked.
        """
        protocols = Ranges.of((0, 255)) if self.protocol is None else Ranges.point(self.protocol)
        types, codes = Ranges.of(ALL_TYPES), Ranges.of(ALL_TYPES)
        if self.protocol in WITH_TYPES:
            kind = ECHO[self.protocol] if self.icmp_type is None else self.icmp_type
            types = Ranges.point(kind)
            if self.icmp_code is not None or kind in ICMP_REPLIES[self.protocol]:
                codes = Ranges.point(self.icmp_code or 0)
        return service_boxes(version, protocols, Ranges.of(self.ports or ALL_PORTS), types, codes, source_ports)

    def __str__(self) -> str:
        if self.protocol is None:
            return "all"
        name = NAMES.get(self.protocol, f"proto/{self.protocol}")
        words = [name, *(str(number) for number in (self.icmp_type, self.icmp_code) if number is not None)]
        if self.ports:
            words.append(str(Ranges.of(self.ports)))
        return "/".join(words)


def parse_ports(text: str) -> Interval:
    """A port or a range of ports `first-last`. Raises `ServiceError`.

    >>> parse_ports("1024-65535")
    (1024, 65535)
    """
    first, dash, last = text.partition("-")
    low = _number(first, 65535, "port")
    high = _number(last, 65535, "port") if dash else low
    if low > high:
        raise ServiceError(f"`{text}`: the range ends before it starts; write {high}-{low}")
    return low, high


def _number(text: str, most: int, what: str) -> int:
    word = text.strip()
    if not (word.isascii() and word.isdigit()):
        raise ServiceError(f"`{text}` is no {what}; write a number from 0 to {most}")
    if int(word) > most:
        raise ServiceError(f"{what} {word} does not exist; the highest is {most}")
    return int(word)
