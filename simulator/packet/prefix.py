"""Addresses and prefixes as plain integers: (version, value, length).

Hot paths use the integers; `netaddr` is the exchange format at the edges (`from_netaddr`, `to_netaddr`, `merged`) and is imported
only there, since it costs more start-up time than a whole answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import netaddr

BITS = {4: 32, 6: 128}
NO_ADDRESS = "is not an IPv4 or IPv6 address"


class AddressError(ValueError):
    """A text that is no address or prefix; the message says what is wrong, in lower case and without the text itself."""


def parse_address(text: str) -> tuple[int, int]:
    """An address as (version, value).

    Raises `AddressError`. Strict as AWS is: four decimal parts without leading zeros, no zone ids.

    >>> parse_address("10.0.0.1")
    (4, 167772161)
    """
    if ":" in text:
        return 6, _parse_v6(text)
    parts = text.split(".")
    value = 0
    for part in parts:
        if not (part.isascii() and part.isdigit()) or len(part) > 3 or int(part) > 255 or (part[0] == "0" and len(part) > 1):
            raise AddressError(NO_ADDRESS)
        value = value << 8 | int(part)
    if len(parts) != 4:
        raise AddressError(NO_ADDRESS)
    return 4, value


def _parse_v6(text: str) -> int:
    import socket  # costs more to import than a small question to answer

    try:
        return int.from_bytes(socket.inet_pton(socket.AF_INET6, text), "big")
    except (OSError, ValueError) as error:  # ValueError: a NUL byte
        raise AddressError(NO_ADDRESS) from error


def format_address(version: int, value: int) -> str:
    """The usual text of an address.

    >>> format_address(4, 167772161)
    '10.0.0.1'
    """
    if version == 4:
        return f"{value >> 24}.{value >> 16 & 255}.{value >> 8 & 255}.{value & 255}"
    import socket

    return socket.inet_ntop(socket.AF_INET6, value.to_bytes(16, "big"))


@dataclass(frozen=True, slots=True, order=True)
class Prefix:
    """A block of addresses: the first address `value` and the number of fixed bits `length`; a host has the full length.

    Ordered by version, first address and length, so that sorting puts a block before the blocks inside it.

    >>> private = Prefix.parse("10.0.0.0/8")
    >>> private.contains(Prefix.parse("10.1.0.0/16"))
    True
    >>> str(private), private.size
    ('10.0.0.0/8', 16777216)
    """

    version: int
    value: int
    length: int

    def __post_init__(self) -> None:
        if self.value & self.host_mask:
            raise AddressError("has bits set beyond the prefix length")

    @classmethod
    def parse(cls, text: str) -> Prefix:
        """A prefix from `address/length` or an address alone. Raises `AddressError`, also for bits beyond the length."""
        return cls.parse_loose(text, strict=True)[0]

    @classmethod
    def parse_loose(cls, text: str, *, strict: bool = False) -> tuple[Prefix, bool]:
        """A prefix, and whether its host bits were zero; AWS cuts them off (VPC-1, NACL-11).

        >>> Prefix.parse_loose("100.68.0.18/18")
        (Prefix(version=4, value=1682178048, length=18), False)
        """
        address, slash, length_text = text.partition("/")
        version, value = parse_address(address)
        bits = BITS[version]
        if not slash:
            return cls(version, value, bits), True
        if not (length_text.isascii() and length_text.isdigit()) or int(length_text) > bits:
            raise AddressError(f"has no prefix length between 0 and {bits}")
        length = int(length_text)
        canonical = value >> (bits - length) << (bits - length)
        if strict and canonical != value:
            suggestion = cls(version, canonical, length)
            raise AddressError(f"has bits set beyond the prefix length; the block is {suggestion}")
        return cls(version, canonical, length), canonical == value

    @classmethod
    def host(cls, version: int, value: int) -> Prefix:
        """The prefix of one address."""
        return cls(version, value, BITS[version])

    @property
    def bits(self) -> int:
        """The width of an address of this version."""
        return BITS[self.version]

    @property
    def host_mask(self) -> int:
        """The bits that the prefix leaves open."""
        return (1 << (BITS[self.version] - self.length)) - 1

    @property
    def first(self) -> int:
        """The first address."""
        return self.value

    @property
    def last(self) -> int:
        """The last address."""
        return self.value | self.host_mask

    @property
    def size(self) -> int:
        """How many addresses there are."""
        return self.host_mask + 1

    @property
    def is_host(self) -> bool:
        """Whether this is a single address."""
        return self.length == BITS[self.version]

    def holds(self, version: int, value: int) -> bool:
        """Whether an address lies in the block."""
        return version == self.version and (value ^ self.value) >> (BITS[version] - self.length) == 0

    def contains(self, other: Prefix) -> bool:
        """Whether the other block lies wholly inside this one (or equals it)."""
        return self.version == other.version and self.length <= other.length and self.value == other.value & ~self.host_mask

    def overlaps(self, other: Prefix) -> bool:
        """Whether the two blocks share an address."""
        return self.contains(other) or other.contains(self)

    def address(self, offset: int) -> int:
        """The address at an offset from the start, or from the end when negative. Raises `IndexError` outside the block."""
        value = self.value + offset if offset >= 0 else self.last + 1 + offset
        if not self.value <= value <= self.last:
            raise IndexError(offset)
        return value

    def __str__(self) -> str:
        return f"{format_address(self.version, self.value)}/{self.length}"

    def to_netaddr(self) -> netaddr.IPNetwork:
        """The same block for `netaddr`."""
        import netaddr

        return netaddr.IPNetwork((self.value, self.length), version=4 if self.version == 4 else 6)

    @classmethod
    def from_netaddr(cls, network: netaddr.IPNetwork) -> Prefix:
        """The block of a `netaddr` network; host bits are cut off.

        >>> import netaddr
        >>> str(Prefix.from_netaddr(netaddr.IPNetwork("10.0.0.1/24")))
        '10.0.0.0/24'
        """
        return cls(network.version, network.first, network.prefixlen)


def prefixes_of(version: int, ranges: Iterable[tuple[int, int]]) -> list[Prefix]:
    """The fewest prefixes that cover exactly the given ranges of addresses.

    >>> [str(prefix) for prefix in prefixes_of(4, [(0x0A000000, 0x0A0000FF)])]
    ['10.0.0.0/24']
    """
    import netaddr

    found: list[Prefix] = []
    family: Literal[4, 6] = 4 if version == 4 else 6
    for first, last in ranges:
        blocks = netaddr.iprange_to_cidrs(netaddr.IPAddress(first, family), netaddr.IPAddress(last, family))
        found.extend(map(Prefix.from_netaddr, blocks))
    return found


def words_of(version: int, ranges: Iterable[tuple[int, int]]) -> tuple[str, ...]:
    """Addresses as the blocks they make up, a single one without its length.

    >>> words_of(4, [(0x0A000000, 0x0A0000FF), (0x0A000200, 0x0A000200)])
    ('10.0.0.0/24', '10.0.2.0')
    """
    return tuple(format_address(version, block.value) if block.is_host else str(block) for block in prefixes_of(version, ranges))


RFC1918 = (Prefix.parse("10.0.0.0/8"), Prefix.parse("172.16.0.0/12"), Prefix.parse("192.168.0.0/16"))
RFC6598 = (Prefix.parse("100.64.0.0/10"),)
LINK_LOCAL = Prefix.parse("169.254.0.0/16")
# Not addresses of hosts on the internet: "this network", loopback, link-local, multicast and reserved.
NOT_ROUTED = (Prefix.parse("0.0.0.0/8"), Prefix.parse("127.0.0.0/8"), LINK_LOCAL, Prefix.parse("224.0.0.0/3"))
EVERYWHERE = {4: Prefix.parse("0.0.0.0/0"), 6: Prefix.parse("::/0")}
GLOBAL_UNICAST_V6 = Prefix.parse("2000::/3")
# What is left of IPv6 outside the addresses of hosts on the internet: private, link-local, multicast and reserved.
NOT_ROUTED_V6 = (Prefix.parse("::/3"), Prefix.parse("4000::/2"), Prefix.parse("8000::/1"))
NAT64 = Prefix.parse("64:ff9b::/96")  # how IPv6 hosts write the IPv4 address in the last 32 bits (RFC 6052)
