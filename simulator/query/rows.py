"""Rows of flows as a user names them: from words to the columns of the batch evaluator.

Between two interfaces that speak IPv4 everything is looked up once for each word. Any other row is asked about as `can` would ask, once for
each combination of words, and must leave one packet only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from simulator.aws.instance import Instance
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.snapshot import Snapshot
from simulator.evaluate.batch.arrays import Array
from simulator.evaluate.batch.flows import Sent, Starts, starts_of
from simulator.evaluate.batch.keys import keys_of
from simulator.evaluate.batch.program import NOBODY, Program
from simulator.evaluate.exact import representative
from simulator.graph.nodes import FlowGraph
from simulator.packet.flow import WITH_PORTS, Flow
from simulator.packet.ranges import Ranges
from simulator.packet.service import Service, ServiceError
from simulator.packet.space import Box
from simulator.problems import InputError
from simulator.query.endpoints import Sort, resolve
from simulator.query.services import parsed_service
from simulator.query.space import SILENT, questions_of

WORDS = ("source", "destination", "service")
NAMES = (*WORDS, "source_port")
USUAL_PORT = -1
SHOWN = 20  # refused rows that a message names


class Columns(NamedTuple):
    """The rows, word by word. words: the different words of each column; codes: int32, by column and row, which word. port: int32, the
    source port, or -1 for the usual one of the source.
    """

    size: int
    words: tuple[list[str], ...]
    codes: Array
    port: Array

    @classmethod
    def of(cls, flows: Mapping[str, Any]) -> Columns:
        """From columns of words and numbers; a single word or number serves all rows. Raises `InputError`."""
        unknown = [f"column `{name}` is unknown" for name in sorted(set(flows) - set(NAMES))]
        missing = [f"column `{name}` is missing" for name in WORDS if name not in flows]
        if unknown or missing:
            raise InputError(f"{'; '.join(unknown + missing)}; the columns are {', '.join(NAMES)}")
        lists = {name: value for name, value in flows.items() if not isinstance(value, (str, int)) and value is not None}
        lengths = {name: len(value) for name, value in lists.items()}
        if len(set(lengths.values())) > 1:
            raise InputError(f"the columns differ in length: {', '.join(f'{name} has {length}' for name, length in lengths.items())}")
        size = next(iter(lengths.values()), 1)
        words, codes = zip(*(_coded(lists.get(name, [flows[name]]), size) for name in WORDS), strict=True)
        return cls(size, words, np.array(codes, np.int32), _ports(lists.get("source_port", flows.get("source_port")), size))


def _coded(values: Any, size: int) -> tuple[list[str], Array]:
    """The different words of a column, and by row which."""
    number: dict[object, int] = {}
    codes = [number.setdefault(value, len(number)) for value in (values.tolist() if hasattr(values, "tolist") else values)]
    return [str(word) for word in number], np.broadcast_to(np.array(codes, np.int32), size)


def _ports(values: Any, size: int) -> Array:
    if values is None:
        return np.full(size, USUAL_PORT, np.int32)
    found = np.broadcast_to(np.asarray(values), size)
    if found.dtype.kind not in "iu":
        raise InputError("column `source_port` holds something that is no whole number")
    wrong = np.flatnonzero((found < 0) | (found > 65535))
    if wrong.size:
        raise InputError(_listed([f"row {row}: source port {found[row]} is not between 0 and 65535" for row in wrong[:SHOWN]], wrong.size))
    return found.astype(np.int32)


def _listed(messages: list[str], count: int) -> str:
    return "\n".join(messages[:SHOWN]) + (f"\n... and {count - SHOWN:,} more rows" if count > SHOWN else "")


class Named:
    """The flows behind the words of a network."""

    def __init__(self, graph: FlowGraph, program: Program, snapshot: Snapshot, columns: Columns) -> None:
        self.graph, self.program, self.snapshot, self.columns = graph, program, snapshot, columns
        sources, destinations, services = columns.words
        self.guests = {name: at for at, host in enumerate(snapshot.all(Instance)) for name in host.interfaces}
        self.senders = np.array([self._sender(word) for word in sources], np.int64).reshape(-1, 4)  # node, address, usual port, guest
        self.receivers = np.array([self._receiver(word) for word in destinations], np.int64).reshape(-1, 3)  # endpoint, address, guest
        self.headers = np.array([_header(word) for word in services], np.int64).reshape(-1, 4)  # protocol, port, type, code
        source, destination, service = columns.codes
        plain = (self.senders[source, 0] >= 0) & (self.receivers[destination, 1] >= 0) & (self.headers[service, 0] >= 0)
        self.plain = plain & (self.senders[source, 3] != self.receivers[destination, 2])
        self.others = self._others()

    def starts(self) -> Iterator[tuple[int, Array, Starts]]:
        """IP version, row numbers and columns of all flows."""
        rows = np.flatnonzero(self.plain)
        if rows.size:
            source, destination, service = self.columns.codes[:, rows]
            port = np.where(self.columns.port[rows] >= 0, self.columns.port[rows], self.senders[source, 2])
            protocol, *rest = self.headers[service].T
            yield (
                4,
                rows,
                Starts(
                    self.senders[source, 0].astype(np.int32),
                    self.senders[source, 1].astype(np.uint32),
                    self.receivers[destination, 1].astype(np.uint32),
                    keys_of(protocol, *rest),
                    np.where(np.isin(protocol, list(WITH_PORTS)), port, 0).astype(np.uint32),
                    self.receivers[destination, 0].astype(np.int32),
                    np.full(rows.size, NOBODY, np.int32),
                    np.zeros(rows.size, bool),
                    np.zeros((rows.size, 0), np.int32),
                ),
            )
        for version in (4, 6):
            chosen = [row for row, sent in self.others.items() if sent.flow.version == version]
            if chosen:
                yield version, np.array(chosen), starts_of(self.program, [self.others[row] for row in chosen])

    def sent(self, row: int) -> Sent:
        """The flow of a row."""
        if not self.plain[row]:
            return self.others[row]
        source, destination, service = self.columns.codes[:, row]
        node, address, usual, _ = self.senders[source].tolist()
        protocol, port, *types = self.headers[service].tolist()
        own = int(self.columns.port[row]) if self.columns.port[row] >= 0 else usual
        flow = Flow(4, address, int(self.receivers[destination, 1]), protocol, own if protocol in WITH_PORTS else 0, port, *types)
        return Sent(node, flow, frozenset({self.program.endpoints[self.receivers[destination, 0]]}))

    # --- between interfaces ------------------------------------------------------------------------------------------------------

    def _interface(self, word: str) -> NetworkInterface | None:
        """The interface that a word means and nothing else, with the address a neighbour would use."""
        try:
            ends = resolve(self.snapshot, word)
        except InputError:
            return None  # told by its rows
        plain = len(ends) == 1 and ends[0].sort is Sort.INTERFACE and ends[0].address is None and not ends[0].blocks
        return self.snapshot.get(NetworkInterface, ends[0].name) if plain else None

    def _sender(self, word: str) -> tuple[int, int, int, int]:
        interface = self._interface(word)
        entry = self.graph.entries.get(interface.id) if interface else None
        address = next((value for version, value in entry.addresses if version == 4), None) if entry else None
        if interface is None or entry is None or address is None or not isinstance(entry.node, int):
            return -1, 0, 0, -1
        port = representative(_box(Service(6, (1, 1)), Ranges.of(entry.source_ports))).source_port
        return entry.node, address, port, self._guest(interface.id)

    def _receiver(self, word: str) -> tuple[int, int, int]:
        interface = self._interface(word)
        address = next((value for version, value in interface.private_addresses if version == 4), -1) if interface else -1
        endpoint = self._numbers.get(interface.id, -1) if interface else -1
        return (endpoint, address, self._guest(interface.id)) if interface and endpoint >= 0 else (-1, -1, -1)

    @property
    def _numbers(self) -> dict[str, int]:
        return self.snapshot.index("numbers of endpoints", lambda: {name: at for at, name in enumerate(self.program.endpoints)})

    def _guest(self, interface: str) -> int:
        """A number for the host of an interface, its own where it has no other."""
        return self.guests.get(interface, len(self.guests) + 1 + self._numbers.get(interface, -1))

    # --- everything else ---------------------------------------------------------------------------------------------------------

    def _others(self) -> dict[int, Sent]:
        """The flows of the rows that are not plain. Raises `InputError` with every row that has none."""
        known: dict[tuple[int, ...], Sent | InputError] = {}
        found: dict[int, Sent] = {}
        refused: list[str] = []
        for row in np.flatnonzero(~self.plain).tolist():
            key = (*self.columns.codes[:, row].tolist(), int(self.columns.port[row]))
            if key not in known:
                known[key] = self._asked(key)
            sent = known[key]
            if isinstance(sent, InputError):
                refused.append(f"row {row}: {sent}")
            else:
                found[row] = sent
        if refused:
            raise InputError(_listed(refused, len(refused)))
        return found

    def _asked(self, key: tuple[int, ...]) -> Sent | InputError:
        source, destination, service = (words[at] for words, at in zip(self.columns.words, key[:3], strict=True))
        try:
            return self._one(source, destination, service, None if key[3] < 0 else Ranges.point(key[3]))
        except InputError as error:
            return error

    def _one(self, source: str, destination: str, service: str, port: Ranges | None) -> Sent:
        """The one packet that a row means. Raises `InputError` where it means none or several."""
        wanted = parsed_service(service)
        questions = [
            question
            for one in resolve(self.snapshot, source)
            for other in resolve(self.snapshot, destination)
            for asked in questions_of(self.graph, self.snapshot, one, other, wanted, port, one_way=False)
            for question in asked.questions
        ]
        version = min(question.box.version for question in questions)  # as a client that speaks IPv4 would (MODEL-2)
        questions = [question for question in questions if question.box.version == version]
        words = f"`{source}` to `{destination}` on `{service}`"
        if len(questions) > 1:
            raise InputError(f"{words} is more than one flow; ask about each, or `can` about all")
        question = questions[0]
        wide = [name.replace("_", " ") for name, ranges in question.box.ranges.items() if not ranges.is_point and name != "source_port"]
        if wide:
            raise InputError(f"{words} leaves open: {', '.join(wide)}; name one value, or ask `can` about all")
        if question.start == SILENT:
            raise InputError(f"`{source}` has no IPv{version} address")
        return Sent(question.start, representative(question.box), question.expected)


def _box(service: Service, ports: Ranges) -> Box:
    box = service.boxes(4, ports)[0]
    return box.with_ranges(source=Ranges.point(0), destination=Ranges.point(0))


def _header(word: str) -> tuple[int, int, int, int]:
    """Protocol, destination port, type and code of a service that is one of each for IPv4; else -1."""
    try:
        boxes = Service.parse(word).boxes(4, Ranges.point(0))
    except ServiceError:
        boxes = []  # told by its rows
    names = ("protocol", "destination_port", "icmp_type", "icmp_code")
    if len(boxes) != 1 or not all(boxes[0].ranges[name].is_point for name in names):
        return -1, 0, 0, 0
    protocol, port, kind, code = (boxes[0].ranges[name].first for name in names)
    return protocol, port, kind, code
