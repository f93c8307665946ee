"""IPv4 packets as bytes: built with true checksums, read back, answered.

Every packet carries the number of its probe where no device rewrites it: the TCP sequence number (the SYN-ACK acknowledges the number
plus one), the payload of UDP, the data of ICMP; and whether it is the request or the reply.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

ICMP, TCP, UDP = 1, 6, 17
SYN, SYN_ACK = 0x02, 0x12
REQUEST, REPLY = 1, 2
MAGIC = b"vpc"
ICMP_REPLIES = {8: 0, 13: 14, 15: 16}
ICMP_REQUESTS = {reply: request for request, reply in ICMP_REPLIES.items()}
TTL, TTL_AT = 64, 8


class Packet(NamedTuple):
    """What matters of a packet. For ICMP the ports are 0, and `identifier` is its id."""

    source: int
    destination: int
    protocol: int
    source_port: int
    destination_port: int
    icmp_type: int
    icmp_code: int
    identifier: int
    number: int
    kind: int

    def answer(self) -> Packet:
        """The reply to a request."""
        return Packet(
            self.destination,
            self.source,
            self.protocol,
            self.destination_port,
            self.source_port,
            ICMP_REPLIES.get(self.icmp_type, 0) if self.protocol == ICMP else 0,
            self.icmp_code,
            self.identifier,
            self.number,
            REPLY,
        )

    @property
    def asks(self) -> bool:
        """Whether a reply belongs to it (MODEL-4)."""
        return self.kind == REQUEST and (self.protocol != ICMP or self.icmp_type in ICMP_REPLIES)


def checksum(data: bytes) -> int:
    """The internet checksum (RFC 1071)."""
    if len(data) % 2:
        data += b"\0"
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF


def write(packet: Packet) -> bytes:
    """The bytes of a packet."""
    if packet.protocol == TCP:
        syn_ack = packet.kind == REPLY
        sequence, acknowledge = (1, packet.number + 1) if syn_ack else (packet.number, 0)
        ports = (packet.source_port, packet.destination_port)
        body = struct.pack("!HHIIBBHHH", *ports, sequence, acknowledge, 5 << 4, SYN_ACK if syn_ack else SYN, 64240, 0, 0)
        body = _with_checksum(packet, body, 16)
    elif packet.protocol == UDP:
        data = MAGIC + struct.pack("!BI", packet.kind, packet.number)
        body = struct.pack("!HHHH", packet.source_port, packet.destination_port, 8 + len(data), 0) + data
        body = _with_checksum(packet, body, 6)
    else:
        data = MAGIC + struct.pack("!BI", packet.kind, packet.number) + bytes(4)
        body = struct.pack("!BBHHH", packet.icmp_type, packet.icmp_code, 0, packet.identifier, 1) + data
        body = body[:2] + struct.pack("!H", checksum(body)) + body[4:]
    ends = packet.source.to_bytes(4, "big") + packet.destination.to_bytes(4, "big")
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 0, 0x4000, TTL, packet.protocol, 0) + ends
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + body


def _with_checksum(packet: Packet, body: bytes, at: int) -> bytes:
    pseudo = packet.source.to_bytes(4, "big") + packet.destination.to_bytes(4, "big") + struct.pack("!HH", packet.protocol, len(body))
    value = checksum(pseudo + body) or 0xFFFF
    return body[:at] + struct.pack("!H", value) + body[at + 2 :]


def read(data: bytes) -> Packet | None:
    """The packet of some bytes (the first 64 are enough); none for one that is not ours, such as an ICMP error."""
    if len(data) < 28 or data[0] != 0x45:
        return None
    protocol = data[9]
    source, destination = struct.unpack_from("!II", data, 12)
    if protocol == TCP and len(data) >= 40:
        source_port, destination_port, sequence, acknowledge = struct.unpack_from("!HHII", data, 20)
        kind = REPLY if data[33] == SYN_ACK else REQUEST
        number = acknowledge - 1 if kind == REPLY else sequence
        return Packet(source, destination, protocol, source_port, destination_port, 0, 0, 0, number, kind)
    if data[28:31] != MAGIC or len(data) < 36:
        return None
    kind, number = struct.unpack_from("!BI", data, 31)
    if protocol == UDP:
        source_port, destination_port = struct.unpack_from("!HH", data, 20)
        return Packet(source, destination, protocol, source_port, destination_port, 0, 0, 0, number, kind)
    if protocol == ICMP:
        return Packet(source, destination, protocol, 0, 0, data[20], data[21], struct.unpack_from("!H", data, 24)[0], number, kind)
    return None
