"""What a packet is beside its addresses, as one number: the *key*, a page for the protocol and sixteen bits within it.

TCP and UDP: the destination port; ICMP and ICMPv6: type times 256 plus code; every other protocol: its number. So a rule for a protocol
and a range of ports is one interval of keys, and "all protocols" the interval over all pages.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simulator.evaluate.batch.arrays import Array
from simulator.packet.flow import ICMP, ICMP_REPLIES, ICMPV6, TCP, UDP
from simulator.packet.space import Match

TCP_PAGE, UDP_PAGE, ICMP_PAGE, ICMPV6_PAGE, OTHER_PAGE = range(5)
PAGES = {TCP: TCP_PAGE, UDP: UDP_PAGE, ICMP: ICMP_PAGE, ICMPV6: ICMPV6_PAGE}
LAST_KEY = (OTHER_PAGE << 16) | 0xFFFF
PAGE_OF = np.full(256, OTHER_PAGE, np.uint32)
PAGE_OF[list(PAGES)] = list(PAGES.values())


def _reply_types() -> tuple[Array, Array]:
    """By page and type: the type of the reply, and whether there is one (MODEL-4). A reply's reply is the request."""
    types = np.tile(np.arange(256, dtype=np.uint8), (2, 1))
    answered = np.zeros((2, 256), bool)
    for row, protocol in enumerate((ICMP, ICMPV6)):
        for request, reply in ICMP_REPLIES[protocol].items():
            types[row, request], types[row, reply], answered[row, request] = reply, request, True
    return types, answered


REPLY_TYPE, IS_ANSWERED = _reply_types()


def keys_of(protocol: Array, destination_port: Array, icmp_type: Array, icmp_code: Array) -> Array:
    """The keys of headers; fields that a protocol does not have are not looked at.

    >>> keys_of(*(np.array([value], np.uint32) for value in (TCP, 443, 0, 0)))
    array([443], dtype=uint32)
    """
    page = PAGE_OF[protocol]
    value = np.where(
        page <= UDP_PAGE, destination_port, np.where(page == OTHER_PAGE, protocol, icmp_type.astype(np.uint32) * 256 + icmp_code)
    )
    return (page << np.uint32(16)) | value.astype(np.uint32)


def reverse(key: Array, source_port: Array) -> tuple[Array, Array]:
    """Key and source port of the replies to packets."""
    page, value = key >> np.uint32(16), key & np.uint32(0xFFFF)
    with_ports, with_types = page <= UDP_PAGE, (page == ICMP_PAGE) | (page == ICMPV6_PAGE)
    row = (page == ICMPV6_PAGE).astype(np.intp)
    typed = (REPLY_TYPE[row, value >> np.uint32(8)].astype(np.uint32) << np.uint32(8)) | (value & np.uint32(0xFF))
    turned = np.where(with_ports, source_port, np.where(with_types, typed, value))
    return (page << np.uint32(16)) | turned, np.where(with_ports, value, np.uint32(0))


def is_answered(key: Array) -> Array:
    """Whether a reply belongs to a packet (MODEL-4): to every one but the ICMP types that ask nothing."""
    page, kind = key >> np.uint32(16), key >> np.uint32(8) & np.uint32(0xFF)
    with_types = (page == ICMP_PAGE) | (page == ICMPV6_PAGE)
    found: Array = ~with_types | IS_ANSWERED[(page == ICMPV6_PAGE).astype(np.intp), kind]
    return found


def intervals_of(match: Match) -> Iterator[tuple[int, int]]:
    """The keys that a rule's condition admits, as closed intervals. Raises `ValueError` for ports or types without their protocol:
    readers make no such condition.
    """
    page = PAGES.get(match.protocol or 0, OTHER_PAGE)
    base = page << 16
    if match.destination_ports is not None:
        if page > UDP_PAGE:
            raise ValueError("a condition names ports but neither TCP nor UDP")
        first, last = match.destination_ports
        yield base + first, base + last
    elif match.icmp_type is not None or match.icmp_code is not None:
        if page not in (ICMP_PAGE, ICMPV6_PAGE):
            raise ValueError("a condition names an ICMP type or code but no ICMP")
        kinds = range(256) if match.icmp_type is None else [match.icmp_type]
        for kind in kinds:
            first, last = (0, 255) if match.icmp_code is None else (match.icmp_code, match.icmp_code)
            yield base + kind * 256 + first, base + kind * 256 + last
    elif match.protocol is None:
        yield 0, LAST_KEY
    elif page == OTHER_PAGE:
        yield base + match.protocol, base + match.protocol
    else:
        yield base, base + 0xFFFF
