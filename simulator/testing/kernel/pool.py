"""The namespaces, devices and policy rules that are made once and serve every network. Runs in the worker.

Pairs of veths get one MAC address for both ends and no ARP, so that there is no neighbour discovery. All sysctls are set before there
are devices: reverse-path filtering left on would drop a good part of all packets, without a trace.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from simulator.testing.kernel import libc, plan
from simulator.testing.kernel.netlink import Connections, Log, Routes
from simulator.testing.kernel.nftables import RuleSets

SETTINGS = {"forwarding": 1, "rp_filter": 0, "accept_local": 1, "send_redirects": 0, "accept_redirects": 0, "secure_redirects": 0}
TRACKING = ("card", "guest")
NAMESPACES = ("card", "fabric", "edge", "transit", "guest")
INTERNET_DEVICE = "h0"


@dataclass
class Room:
    """One namespace and what talks to it."""

    name: str
    descriptor: int
    rules: RuleSets
    tuns: dict[str, int] = field(default_factory=dict)
    sinks: list[int] = field(default_factory=list)
    routes: Routes | None = None
    log: Log | None = None
    connections: Connections | None = None


class Pool:
    """All rooms, for networks of at most these sizes. `reverse_path_filter` breaks the bed on purpose, for the test that such a bed is
    noticed. `tell` gets the name of each step before it is taken.
    """

    def __init__(self, sizes: plan.Sizes, tell: Callable[[str], None], *, reverse_path_filter: bool = False) -> None:
        self.sizes = sizes
        tell("new network namespaces, their settings, and libnftables")
        self.rooms: dict[str, Room] = {}
        for name in NAMESPACES:
            descriptor = libc.new_network_namespace()
            _settings(reverse_path_filter)
            self.rooms[name] = Room(name, descriptor, RuleSets())
        tell("devices by /dev/net/tun")
        for name, room in self.rooms.items():
            libc.enter(room.descriptor)
            room.tuns = {device: libc.open_tun(device) for device in _tuns(name, sizes)}
            room.sinks = [libc.open_tun(device) for device in plan.SINKS.get(name, ())]
        tell("pairs of veths, by `ip`")
        self._connect()
        tell("policy rules, and logs and connections by netlink")
        for name, room in self.rooms.items():
            libc.enter(room.descriptor)
            _ip(_ups() + _lookups(name, sizes))
            room.routes = Routes()
            room.log = Log(plan.LOG_GROUP)
            room.connections = Connections() if name in TRACKING else None

    def _connect(self) -> None:
        """Make the veth pairs, in the room of one end, and move the other ends."""
        for here, there, pairs in (
            ("card", "fabric", [(f"c{i}", f"f{i}") for i in range(self.sizes.interfaces)]),
            ("fabric", "edge", [(f"g{j}", f"e{j}") for j in range(self.sizes.gateways)]),
            ("fabric", "edge", [(f"s{q}", f"o{q}") for q in range(self.sizes.services)]),
            ("fabric", "transit", [(f"a{n}", f"b{n}") for n in range(self.sizes.ports)]),
            ("fabric", "fabric", [(f"l{p}", f"r{p}") for p in range(self.sizes.peerings)]),
            ("transit", "transit", [(f"y{m}", f"z{m}") for m in range(self.sizes.joints)]),
        ):
            libc.enter(self.rooms[here].descriptor)
            target = self.rooms[there].descriptor
            lines = []
            for number, (one, other) in enumerate(pairs):
                address = f"02:00:00:00:{number:02x}:{ord(one[0]):02x}"
                end = f"address {address} arp off"
                lines.append(f"link add {one} {end} type veth peer name {other} {end} netns /proc/{os.getpid()}/fd/{target}")
            _ip(lines)

    def forget(self, memories: Sequence[str] = ()) -> None:
        """Forget all connections, and what the fabric remembers in sets."""
        for room in self.rooms.values():
            if room.connections:
                room.connections.forget()
        if memories:
            self.rooms["fabric"].rules.apply("".join(f"flush set ip fabric {name}\n" for name in memories))


def _settings(reverse_path_filter: bool) -> None:
    folder = Path("/proc/sys/net/ipv4/conf")
    wanted = dict(SETTINGS, **({"rp_filter": 1, "accept_local": 0} if reverse_path_filter else {}))
    for scope in ("all", "default"):
        for name, value in wanted.items():
            (folder / scope / name).write_text(str(value), "ascii")
        no_v6 = Path("/proc/sys/net/ipv6/conf") / scope / "disable_ipv6"
        if no_v6.exists():
            no_v6.write_text("1", "ascii")


def _tuns(name: str, sizes: plan.Sizes) -> list[str]:
    if name == "card":
        return [f"t{i}" for i in range(sizes.interfaces)]
    if name == "guest":
        return [f"{letter}{k}" for letter in "uv" for k in range(sizes.nat_instances)]
    return [INTERNET_DEVICE, *(f"w{q}" for q in range(sizes.services))] if name == "edge" else []


def _ups() -> list[str]:
    """All devices up; `lo` too: without it there is no local table, and without that no next hop is accepted."""
    return [f"link set {device} up" for _, device in socket.if_nameindex()]


def _lookups(name: str, sizes: plan.Sizes) -> list[str]:
    """The policy rules of a room; the usual ones go, so that nothing is found by accident."""
    gone = ["rule del pref 32766", "rule del pref 32767"]
    if name == "card":
        rules = [
            f"rule add pref {base + i} iif {letter}{i} lookup {base + i}"
            for base, letter in ((plan.FROM_GUEST, "t"), (plan.FROM_FABRIC, "c"))
            for i in range(sizes.interfaces)
        ]
    elif name == "fabric":
        rules = [f"rule add pref {plan.LAST} lookup {plan.LAST}"]
        for base, count, shift in ((plan.ON_LINK, sizes.subnets, 0), (plan.ROUTED, sizes.tables, 8), (plan.LOCAL, sizes.vpcs, 16)):
            rules += [f"rule add pref {base + n} fwmark {(n + 1) << shift:#x}/{0xFF << shift:#x} lookup {base + n}" for n in range(count)]
        ways_back = [f"fwmark {(n + 1) << 24:#x}/{0xFF << 24:#x} lookup {plan.RETURN + n}" for n in range(2 * sizes.peerings)]
        rules += [f"rule add pref {plan.RETURN_ORDER} {way}" for way in ways_back]
    elif name == "edge":
        rules = [
            f"rule add pref {base + q} iif {letter}{q} lookup {base + q}"
            for base, letter in ((plan.TO_SERVICE, "o"), (plan.FROM_SERVICE, "w"))
            for q in range(sizes.services)
        ]
        rules += [f"rule add pref {plan.INTERNET_TABLE} lookup {plan.INTERNET_TABLE}"]
    elif name == "transit":
        rules = [f"rule add pref {plan.TRANSIT + t} fwmark {t + 1} lookup {plan.TRANSIT + t}" for t in range(sizes.transit_tables)]
        rules += [f"rule add pref {plan.LAST} lookup {plan.LAST}"]
    else:
        rules = [f"rule add pref {plan.GUEST_TABLE + k} iif u{k} lookup {plan.GUEST_TABLE + k}" for k in range(sizes.nat_instances)]
    return gone + rules


def _ip(lines: list[str]) -> None:
    program = shutil.which("ip") or "/sbin/ip"
    done = subprocess.run([program, "-batch", "-"], input="\n".join(lines) + "\n", text=True, capture_output=True, check=False)
    if done.returncode:
        raise OSError(f"ip -batch: {done.stderr.strip()[:500]}")
