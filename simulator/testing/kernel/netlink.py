"""Three kinds of netlink talk, spelled by hand: routes, forgetting all connections, and the copies of packets that rules log.

Layouts: rtnetlink(7); linux/netfilter/nfnetlink_log.h, nfnetlink_conntrack.h.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator, Sequence

NETLINK_ROUTE, NETLINK_NETFILTER = 0, 12
NLM_F_REQUEST, NLM_F_ACK, NLM_F_REPLACE, NLM_F_CREATE = 0x1, 0x4, 0x100, 0x400
NLMSG_ERROR = 2
RTM_NEWROUTE, RTM_DELROUTE = 24, 25
RTA_DST, RTA_OIF, RTA_GATEWAY, RTA_TABLE = 1, 4, 5, 15
RTN_UNICAST, RTN_THROW = 1, 9
RTNH_F_ONLINK = 4
CTNETLINK, ULOG = 1, 4
IPCTNL_MSG_CT_DELETE = 2
NFULNL_MSG_PACKET, NFULNL_MSG_CONFIG = 0, 1
NFULA_IFINDEX_INDEV, NFULA_IFINDEX_OUTDEV, NFULA_PAYLOAD, NFULA_PREFIX = 4, 5, 9, 10
NFULA_CFG_CMD, NFULA_CFG_MODE, NFULA_CFG_QTHRESH = 1, 2, 5
NFULNL_CFG_CMD_BIND, NFULNL_COPY_PACKET = 1, 2

# A next hop that nobody has: it spares the kernel one neighbour entry per destination.
NEXT_HOP = bytes((169, 254, 0, 1))
SNAPLEN = 64

Route = tuple[int, int, int, str]
"""Table, first address, prefix length, device; no device: look on in the next table."""


def _attribute(kind: int, data: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(data), kind) + data + bytes(-len(data) % 4)


def _message(kind: int, flags: int, sequence: int, body: bytes) -> bytes:
    return struct.pack("=IHHII", 16 + len(body), kind, flags, sequence, 0) + body


def _messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    while len(data) >= 16:
        length, kind = struct.unpack_from("=IH", data)
        yield kind, data[16:length]
        data = data[(length + 3) & ~3 :]


_HEAD_OF_ATTRIBUTE = struct.Struct("=HH")


def _attributes(data: bytes) -> dict[int, bytes]:
    found, at, end, head = {}, 0, len(data) - 4, _HEAD_OF_ATTRIBUTE.unpack_from
    while at <= end:
        length, kind = head(data, at)
        found[kind & 0x3FFF] = data[at + 4 : at + length]
        at += (length + 3) & ~3 or 4
    return found


class Talk:
    """A netlink socket that sends requests in bulk and waits for all acknowledgements."""

    def __init__(self, family: int) -> None:
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, family)
        self.socket.bind((0, 0))

    def ask(self, requests: Sequence[tuple[int, int, bytes]]) -> None:
        """Send requests of (type, flags, body); raises `OSError` for the first one that the kernel refuses."""
        for at in range(0, len(requests), 64):
            part = requests[at : at + 64]
            flags = NLM_F_REQUEST | NLM_F_ACK
            self.socket.send(b"".join(_message(kind, flags | more, at + n, body) for n, (kind, more, body) in enumerate(part)))
            answers = 0
            while answers < len(part):
                for kind, body in _messages(self.socket.recv(65536)):
                    if kind == NLMSG_ERROR:
                        answers += 1
                        code, sequence = struct.unpack_from("=i", body)[0], struct.unpack_from("=I", body, 12)[0]
                        if code:
                            raise OSError(-code, f"netlink request {sequence}: {requests[sequence]!r}")


class Routes(Talk):
    """The routes of one namespace, exchanged as a whole. It has to be made while standing in the namespace."""

    def __init__(self) -> None:
        super().__init__(NETLINK_ROUTE)
        self.current: dict[Route, bytes] = {}
        self.names = dict(socket.if_nameindex())
        self.devices = {name: index for index, name in self.names.items()}

    def exchange(self, routes: Sequence[Route]) -> None:
        """Make exactly these routes the contents of all tables."""
        wanted = {route: self._body(*route) for route in routes}
        old = [(RTM_DELROUTE, 0, body) for route, body in self.current.items() if route not in wanted]
        new = [(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, body) for route, body in wanted.items() if route not in self.current]
        self.current = wanted
        self.ask(old)
        self.ask(new)

    def _body(self, table: int, value: int, length: int, device: str) -> bytes:
        kind, flags = (RTN_UNICAST, RTNH_F_ONLINK) if device else (RTN_THROW, 0)
        head = struct.pack("=BBBBBBBBI", socket.AF_INET, length, 0, 0, 0, 4, 0, kind, flags)
        found = _attribute(RTA_TABLE, struct.pack("=I", table))
        if length:
            found += _attribute(RTA_DST, value.to_bytes(4, "big"))
        if device:
            found += _attribute(RTA_OIF, struct.pack("=I", self.devices[device])) + _attribute(RTA_GATEWAY, NEXT_HOP)
        return head + found


class Connections(Talk):
    """The connections tracked in one namespace."""

    def __init__(self) -> None:
        super().__init__(NETLINK_NETFILTER)

    def forget(self) -> None:
        """Forget all of them."""
        self.ask([(CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE, 0, struct.pack("=BBH", socket.AF_INET, 0, 0))])


class Log(Talk):
    """Packets that rules of one namespace logged to the group, as (prefix, first bytes of the packet, devices in and
    out by number).
    """

    def __init__(self, group: int) -> None:
        super().__init__(NETLINK_NETFILTER)
        head = struct.pack("!BBH", socket.AF_INET, 0, group)
        configure = ULOG << 8 | NFULNL_MSG_CONFIG
        self.ask(
            [
                (configure, 0, head + _attribute(NFULA_CFG_CMD, struct.pack("=B", NFULNL_CFG_CMD_BIND))),
                (
                    configure,
                    0,
                    head
                    + _attribute(NFULA_CFG_MODE, struct.pack("!IBB", SNAPLEN, NFULNL_COPY_PACKET, 0))
                    + _attribute(NFULA_CFG_QTHRESH, struct.pack("!I", 1)),
                ),
            ]
        )
        self.socket.setblocking(False)

    def read(self) -> Iterator[tuple[str, bytes, tuple[int, ...]]]:
        """What was logged since the last time. Raises `OSError` (ENOBUFS) when the kernel had to throw entries away."""
        while True:
            try:
                data = self.socket.recv(65536)
            except BlockingIOError:
                return
            for kind, body in _messages(data):
                if kind == ULOG << 8 | NFULNL_MSG_PACKET:
                    found = _attributes(body[4:])
                    prefix = found.get(NFULA_PREFIX, b"").rstrip(b"\0").decode("ascii")
                    devices = tuple(int.from_bytes(found.get(end, b""), "big") for end in (NFULA_IFINDEX_INDEV, NFULA_IFINDEX_OUTDEV))
                    yield prefix, found.get(NFULA_PAYLOAD, b""), devices
