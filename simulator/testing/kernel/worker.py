"""The worker: holds the namespaces, plays every guest and the internet, and sends the probes. One request and one answer at a time, as
lines of JSON on its standard input and output.

Requests: `{"do": "load", ...plan}`, `{"do": "probe", "batches": [[...], ...]}`. It is a freshly started process with one thread, as a user
namespace demands, and imports nothing of the simulator. It ends when its input does.

A probe is one packet and all that follows from it. The kernel carries a packet within the call that writes it (veths and TUNs deliver
in the context of the sender), so after the writes of a batch everything readable is read, until nothing is. A packet that has
neither arrived nor been logged as dropped is waited for a little, and then counted as lost without a trace: a fault of the bed. Loops
end at a rule that logs packets whose time to live is nearly over.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from errno import ENOBUFS
from typing import Any

from simulator.testing.kernel import libc, plan
from simulator.testing.kernel.packets import ICMP, REPLY, REQUEST, TTL_AT, Packet, read, write
from simulator.testing.kernel.plan import INTERNET, SERVICE
from simulator.testing.kernel.pool import INTERNET_DEVICE, Pool

WAIT_MILLISECONDS = 30
NOBODY: dict[str, Any] = {"own": (), "forwards": "", "nat": -1}
SIGHTINGS = 40  # of a loop through a NAT the first ones are enough


@dataclass
class Fate:
    """What became of one probe. `delivered`: place, source and source port seen there. `back`: the reply as its receiver got it: place,
    source, source port, destination port. `drops`: leg and prefix; `translated`: prefix, source and source port behind a NAT.
    `passed`: leg, time to live, room, the devices in and out, and the header there, of each step.
    """

    sender: int
    sent: Packet
    delivered: tuple[int, int, int] | None = None
    back: tuple[int, int, int, int] | None = None
    answered: bool = False
    drops: list[tuple[str, str]] = field(default_factory=list)
    passed: list[tuple[Any, ...]] = field(default_factory=list)
    translated: list[tuple[str, int, int]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The fate for the pipe."""
        names = ("delivered", "back", "answered", "drops", "translated", "passed")
        return {name: getattr(self, name) for name in names}

    def is_settled(self) -> bool:
        """Whether each packet of it was seen to arrive or to be dropped."""
        if self.delivered and self.sent.asks:
            return self.back is not None or any(leg == "reply" for leg, _ in self.drops)
        return bool(self.delivered or self.drops)


class Worker:
    """The rooms, the roles of the network that is loaded, and the probes under way."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.poll = select.epoll()
        self.cards: list[dict[str, Any]] = []
        self.memories: list[str] = []
        self.number = 0
        self.fates: dict[int, Fate] = {}
        self.counts: Counter[str] = Counter()
        self.readers: dict[int, Any] = {}
        self.last_probe = 0
        self._listen()

    def _listen(self) -> None:
        rooms = self.pool.rooms
        for i in range(self.pool.sizes.interfaces):
            self._reader(rooms["card"].tuns[f"t{i}"], self._at_card, i)
        self._reader(rooms["edge"].tuns[INTERNET_DEVICE], self._outside, INTERNET)
        for q in range(self.pool.sizes.services):
            self._reader(rooms["edge"].tuns[f"w{q}"], self._outside, SERVICE - q)
        for k in range(self.pool.sizes.nat_instances):
            self._reader(rooms["guest"].tuns[f"u{k}"], self._out_of_guest, k)
            self._reader(rooms["guest"].tuns[f"v{k}"], self._at_nat_instance, k)
        for room in rooms.values():
            assert room.log is not None
            self.poll.register(room.log.socket.fileno(), select.EPOLLIN)
            self.readers[room.log.socket.fileno()] = (self._logged, room)

    def _reader(self, descriptor: int, *role: Any) -> None:
        self.poll.register(descriptor, select.EPOLLIN)
        self.readers[descriptor] = role

    # --- requests -------------------------------------------------------------------------------------------------------------------

    def load(self, request: dict[str, Any]) -> dict[str, Any]:
        """Make the rooms into another network."""
        for name, room in self.pool.rooms.items():
            libc.enter(room.descriptor)
            room.rules.apply(f"table ip {name} {{\n}}\ndelete table ip {name}\n" + request["rules"][name])
            assert room.routes is not None
            room.routes.exchange([tuple(route) for route in request["routes"].get(name, ())])
        self.cards = request["cards"]
        self.memories = request["memories"]
        self.pool.forget()
        return {}

    def probe(self, request: dict[str, Any]) -> dict[str, Any]:
        """Send batches of probes of (sender, source, destination, protocol, source port, destination port, type, code).

        Each batch begins with no connection remembered, and its packets are under way together.
        """
        fates: list[Fate] = []
        for batch in request["batches"]:
            try:
                fates += self._batch(batch)
            except OSError as error:
                if error.errno != ENOBUFS:
                    raise
                self._throw_away()  # more was logged than a socket holds: again, one after another
                fates += [fate for one in batch for fate in self._batch([one])]
        counts, self.counts = dict(self.counts), Counter()
        return {"fates": [fate.as_json() for fate in fates], "counts": counts}

    def _batch(self, probes: Sequence[Sequence[int]]) -> list[Fate]:
        self.pool.forget(self.memories)
        self.fates = {}
        for sender, *header in probes:
            self.number += 1
            source, destination, protocol, source_port, destination_port, icmp_type, icmp_code = header
            identifier = self.number & 0xFFFF if protocol == ICMP else 0
            ports = (0, 0) if protocol == ICMP else (source_port, destination_port)
            sent = Packet(source, destination, protocol, *ports, icmp_type, icmp_code, identifier, self.number, REQUEST)
            self.fates[self.number] = Fate(sender, sent)
            self._write(sender, write(sent))
        self._drain(0)
        fates = list(self.fates.values())
        for fate in fates:
            if not fate.is_settled():
                self._drain(WAIT_MILLISECONDS)
                self.counts["late" if fate.is_settled() else "lost without a trace"] += 1
        return fates

    def _throw_away(self) -> None:
        """Whatever is still on its way belongs to nobody."""
        self.fates, counts = {}, self.counts
        self.counts = Counter()
        for _ in self.pool.rooms:  # each of whose logs may have run over
            try:
                self._drain(WAIT_MILLISECONDS)
                break
            except OSError as error:
                if error.errno != ENOBUFS:
                    raise
        self.counts = counts

    def _write(self, place: int, data: bytes) -> None:
        rooms = self.pool.rooms
        outside = INTERNET_DEVICE if place == INTERNET else f"w{SERVICE - place}"
        os.write(rooms["card"].tuns[f"t{place}"] if place >= 0 else rooms["edge"].tuns[outside], data)

    def _drain(self, wait: int) -> None:
        while ready := self.poll.poll(wait / 1000):
            for descriptor, _ in ready:
                act, *role = self.readers[descriptor]
                if act == self._logged:
                    self._logged(*role)
                    continue
                for data in _packets(descriptor):
                    packet = read(data)
                    fate = self.fates.get(packet.number) if packet else None
                    if fate is None:
                        self.counts["not ours"] += 1
                    else:
                        act(*role, data, packet, fate)

    # --- roles ----------------------------------------------------------------------------------------------------------------------

    def _at_card(self, i: int, data: bytes, packet: Packet, fate: Fate) -> None:
        """The guest of an interface, or what stands in for it."""
        card = self.cards[i] if i < len(self.cards) else NOBODY
        if card["forwards"] == "nat":
            os.write(self.pool.rooms["guest"].tuns[f"u{card['nat']}"], data)
        elif packet.destination in card["own"]:
            self._arrived(i, packet, fate)
        elif card["forwards"] == "route":
            self._write(i, data)
        else:
            self.counts["not for this guest"] += 1

    def _out_of_guest(self, k: int, data: bytes, packet: Packet, fate: Fate) -> None:
        self._write(self._interface_of_nat(k), data)

    def _at_nat_instance(self, k: int, data: bytes, packet: Packet, fate: Fate) -> None:
        self._arrived(self._interface_of_nat(k), packet, fate)

    def _outside(self, place: int, data: bytes, packet: Packet, fate: Fate) -> None:
        self._arrived(place, packet, fate)

    def _interface_of_nat(self, k: int) -> int:
        return next(i for i, card in enumerate(self.cards) if card["nat"] == k)

    def _arrived(self, place: int, packet: Packet, fate: Fate) -> None:
        """A request is noted and answered; a reply is compared with what its sender waits for."""
        if packet.kind == REPLY:
            if fate.back is not None:
                self.counts["second reply"] += 1
            fate.back = (place, packet.source, packet.source_port, packet.destination_port)
            fate.answered = place == fate.sender and packet == fate.sent.answer()
            return
        if fate.delivered is not None:
            self.counts["second arrival"] += 1
        fate.delivered = (place, packet.source, packet.source_port)
        if packet.asks:
            self._write(place, write(packet.answer()))

    def _logged(self, room: Any) -> None:
        for prefix, data, devices in room.log.read():
            packet = read(data)
            fate = self.fates.get(packet.number) if packet else None
            if packet is None or fate is None:
                self.counts["log entries not ours"] += 1
            elif prefix.startswith(plan.DROPPED):
                fate.drops.append(("reply" if packet.kind == REPLY else "forward", prefix))
            elif prefix == plan.PASSED:
                leg = "reply" if packet.kind == REPLY else "forward"
                ends = (packet.source, packet.destination, packet.source_port, packet.destination_port)
                fate.passed.append((leg, data[TTL_AT], room.name, *(room.routes.names[index] for index in devices), *ends))
            elif len(fate.translated) < SIGHTINGS:
                fate.translated.append((prefix, packet.source, packet.source_port))


def _packets(descriptor: int) -> Iterator[bytes]:
    while True:
        try:
            yield os.read(descriptor, 2048)
        except BlockingIOError:
            return


def main() -> None:
    """Make the rooms, tell the parent whether that worked, and serve."""
    libc.die_with_parent(signal.SIGKILL)
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    steps = ["a new user namespace"]
    try:
        libc.enter_new_user_namespace()
        sizes = plan.Sizes(**json.loads(sys.argv[1]))
        worker = Worker(Pool(sizes, steps.append, reverse_path_filter="--reverse-path-filter" in sys.argv))
    except (OSError, AttributeError) as error:
        _say({"failed": f"{steps[-1]}: {error}"})
        return
    _say({"kernel": os.uname().release})
    for line in sys.stdin:
        request = json.loads(line)
        try:
            _say(getattr(worker, request.pop("do"))(request))
        except Exception as error:
            _say({"failed": f"{type(error).__name__}: {error}"})


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
