"""Every flow that two networks answer differently, and that there is no other (`simulator.diff`).

Ends are matched by the words that mean them, those under other words by their names or addresses. Plain pairs of interfaces are compared as
two matrices over the services that the rules of either network tell apart. Every other pair, and every pair with *sometimes* in both, is
analysed exactly in both networks and the analyses are laid over each other (`overlay.py`). A change names the changed resources that its
packets met, in either network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from simulator.aws.network_interface import NetworkInterface
from simulator.aws.snapshot import Snapshot
from simulator.evaluate.answer import Answer
from simulator.evaluate.batch.program import Program
from simulator.evaluate.result import RoundTrip, Verdict
from simulator.graph.nodes import FlowGraph
from simulator.packet.flow import WITH_PORTS, WITH_TYPES
from simulator.packet.prefix import words_of
from simulator.packet.ranges import Ranges
from simulator.packet.service import NAMES, Service
from simulator.packet.space import Box
from simulator.query.alike_ends import standing
from simulator.query.all_pairs import plain_pairs
from simulator.query.changes import Change, Difference, NounChange
from simulator.query.endpoints import End, Sort
from simulator.query.matrix import VERDICT_OF, Classes
from simulator.query.noun_changes import noun_changes
from simulator.query.overlay import Cell, Outcomes, Side, differing, joined_boxes, meet, side_of
from simulator.query.parties import parties
from simulator.query.reach import can
from simulator.query.space import can_start
from simulator.query.told_apart import Borders

Progress = Callable[[int, int], None]
_Blocks = tuple[tuple[str, ...], tuple[str, ...]]  # of the source and of the destination
HELD = (Sort.INTERFACE, Sort.FUNCTION)  # ends whose addresses are not what is asked about


class Compared(NamedTuple):
    """A network to compare: what it is called, and its forms."""

    name: str
    snapshot: Snapshot
    graph: FlowGraph
    program: Program


@dataclass(frozen=True, slots=True)
class _Ends:
    """The ends of both networks, a row each: the word to tell, and the end in either, where it has one."""

    words: list[tuple[str, str]]
    ends: list[tuple[End | None, End | None]]

    def both(self) -> list[int]:
        return [at for at, (one, other) in enumerate(self.ends) if one and other]


def diff(before: Compared, after: Compared, progress: Progress = lambda _done, _of: None) -> Difference:
    """All that two networks answer differently. Raises `InputError` where a pair falls into too many pieces."""
    nouns = noun_changes(before.snapshot, after.snapshot)
    rows, columns = (_matched(before, after, starting=starting) for starting in (True, False))
    run = _Run(before, after, rows, columns, nouns)
    changes = list(run.plain())
    for done, pair in enumerate(run.left):
        progress(done, len(run.left))
        changes.extend(run.exactly(*pair))
    place = {new or old: at for at, (old, new) in enumerate((*rows.words, *columns.words))}
    changes.sort(key=lambda change: (place[change.sources[0]], place[change.destinations[0]]))
    words = {*rows.words, *columns.words}
    return Difference(
        before.name,
        after.name,
        tuple(changes),
        nouns,
        len(rows.words) * len(columns.words),
        len(run.services),
        tuple(sorted((old, new) for old, new in words if old and new and old != new)),
        tuple(sorted(new for old, new in words if not old)),
        tuple(sorted(old for old, new in words if not new)),
    )


def _matched(before: Compared, after: Compared, *, starting: bool) -> _Ends:
    found = [_parties(side, starting=starting) for side in (before, after)]
    olds, news = found
    same = [word for word in olds if word in news]
    pairs = [(word, word) for word in same]
    left = [{word: end for word, end in some.items() if word not in same} for some in found]
    for key in (_name, _addresses):
        keys = [
            _alone({word: key(side.snapshot, end) for word, end in some.items()}) for side, some in zip((before, after), left, strict=True)
        ]
        for value in keys[0].keys() & keys[1].keys():
            pairs.append((keys[0][value], keys[1][value]))
            del left[0][keys[0][value]], left[1][keys[1][value]]
    pairs.extend((word, "") for word in left[0])
    pairs.extend(("", word) for word in left[1])
    place = {word: at for at, word in enumerate((*news, *olds))}
    pairs.sort(key=lambda pair: place[pair[1] or pair[0]])
    return _Ends(pairs, [(olds.get(old), news.get(new)) for old, new in pairs])


def _parties(side: Compared, *, starting: bool) -> dict[str, End]:
    found = parties(side.graph, side.snapshot, None)
    return {
        word: end for word, end in found if not starting or (can_start(side.graph, end) and end.sort not in (Sort.NOBODY, Sort.PLATFORM))
    }


def _alone(keys: dict[str, object]) -> dict[object, str]:
    """The words by key, where a key belongs to one only."""
    counted: dict[object, list[str]] = {}
    for word, key in keys.items():
        counted.setdefault(key, []).append(word)
    return {key: words[0] for key, words in counted.items() if key and len(words) == 1}


def _name(snapshot: Snapshot, end: End) -> object:
    owner = snapshot.get(NetworkInterface, end.name)
    nouns = snapshot.index("nouns by id, for names", lambda: {noun.id: noun for _, noun in snapshot.everything()})
    noun = nouns.get(owner.owner) if owner and owner.owner else nouns.get(end.name)
    return (type(noun), noun.name) if noun is not None and noun.name else None


def _addresses(snapshot: Snapshot, end: End) -> object:
    interface = snapshot.get(NetworkInterface, end.name)
    return interface.private_addresses if interface else None


class _Run:
    """A comparison under way, of one source and one destination of each class of ends that neither network tells apart.

    rows, columns: the classes, as numbers of ends; left: the pairs of classes for the exact analysis.
    """

    def __init__(self, before: Compared, after: Compared, sources: _Ends, destinations: _Ends, nouns: Sequence[NounChange]) -> None:
        self.sides, self.sources, self.destinations = (before, after), sources, destinations
        self.by_id: dict[str, list[NounChange]] = {}
        for noun in nouns:
            for name in noun.ids:
                self.by_id.setdefault(name, []).append(noun)
        self.services = list(Borders.joined([Borders.of(side.graph) for side in self.sides]).services())
        self.rows, self.columns = self._classes()
        self.left: list[tuple[int, int]] = []

    def _classes(self) -> tuple[list[list[int]], list[list[int]]]:
        """Ends that both networks have, those together that are alike in both; after them each of the others alone."""
        mine, others = self.sources.both(), self.destinations.both()
        alike: list[Classes] = []
        for number, side in enumerate(self.sides if mine and others else ()):
            some = [_end(self.sources, at, number) for at in mine], [_end(self.destinations, at, number) for at in others]
            alike.append(standing(side.graph, side.program, side.snapshot, Borders.of(side.graph), *some, None).classes)
        found: list[list[list[int]]] = []
        for axis, (both, ends) in enumerate(((mine, self.sources), (others, self.destinations))):
            classes: dict[object, list[int]] = {}
            numbers = [(of.rows, of.columns)[axis].tolist() for of in alike]
            for at, *key in zip(both, *numbers, strict=True):
                classes.setdefault(tuple(key), []).append(at)
            found.append([*classes.values(), *([at] for at, pair in enumerate(ends.ends) if not all(pair))])
        return found[0], found[1]

    def _pair(self, row: int, column: int) -> tuple[int, int]:
        """A source and a destination that stand for their classes: in a class with itself two ends, if it has two."""
        return self.rows[row][0], self.columns[column][-1]

    def plain(self) -> Iterator[Change]:
        """The changes of plain pairs of ends that both networks have; what is not plain goes to `left`."""
        mine, others = ([at for at, one in enumerate(some) if all(ends.ends[one[0]])] for some, ends in self._axes())
        known = {(row, column) for row in mine for column in others}
        self.left = [(row, column) for row in range(len(self.rows)) for column in range(len(self.columns)) if (row, column) not in known]
        if not known:
            return
        services = [service for _, service in self.services]
        found = [
            plain_pairs(
                side.graph,
                side.program,
                side.snapshot,
                [_end(self.sources, self.rows[at][0], number) for at in mine],
                [_end(self.destinations, self.columns[at][-1], number) for at in others],
                services,
            )
            for number, side in enumerate(self.sides)
        ]
        (was, was_left), (now, now_left) = found
        verdicts = np.array([0, *(1 + list(Verdict).index(verdict) for verdict in VERDICT_OF if verdict)], np.uint8)
        some = int(verdicts[3])  # WORKS and FAILS: sometimes
        old, new = verdicts[was], verdicts[now]
        exact = was_left | now_left | ((old == some) & (new == some)).any(axis=2)
        self.left.extend((mine[row], others[column]) for row, column in np.argwhere(exact).tolist())
        changed = (old != new) & ~exact[:, :, None]
        for row, column in np.argwhere(changed.any(axis=2)).tolist():
            cells: dict[tuple[Verdict | None, Verdict | None], list[int]] = {}
            for at in np.flatnonzero(changed[row, column]).tolist():
                cells.setdefault((VERDICT_OF[was[row, column, at]], VERDICT_OF[now[row, column, at]]), []).append(at)
            for (before, after), numbers in cells.items():
                words = tuple(word for at in numbers for word in _ranges(self.services[at][0]))
                trips = self._witnesses(mine[row], others[column], self.services[numbers[0]][1], before, after)
                yield from self._change(mine[row], others[column], words, before, after, ((), ()), trips)

    def _axes(self) -> tuple[tuple[list[list[int]], _Ends], tuple[list[list[int]], _Ends]]:
        return (self.rows, self.sources), (self.columns, self.destinations)

    def _witnesses(
        self, row: int, column: int, service: Service, before: Verdict | None, after: Verdict | None
    ) -> tuple[RoundTrip | None, RoundTrip | None]:
        found: list[RoundTrip | None] = []
        source, destination = self._pair(row, column)
        for number, (side, verdict) in enumerate(zip(self.sides, (before, after), strict=True)):
            one, other = self.sources.words[source][number], self.destinations.words[destination][number]
            answer: Answer | None = can(side.graph, side.snapshot, one, other, str(service)) if verdict else None
            found.append(None if answer is None else answer.fails if verdict is Verdict.NEVER else answer.witness)
        return found[0], found[1]

    def exactly(self, row: int, column: int) -> Iterator[Change]:
        """The changes of one pair of classes, by the exact analysis of both networks."""
        sides: list[Side] = []
        source, destination = self._pair(row, column)
        for number, side in enumerate(self.sides):
            one, other = self.sources.ends[source][number], self.destinations.ends[destination][number]
            if one is None or other is None or one == other:
                sides.append(Side((), ()))
                continue
            without = [name for name, end in (("source", one), ("destination", other)) if end.sort in HELD]
            sides.append(side_of(side.graph, side.snapshot, one, other, without=without))
        both = all(self.sources.ends[source]) and all(self.destinations.ends[destination])
        cells = [cell for cell in differing(*sides) if both or Verdict.NEVER not in cell.verdicts]
        groups: dict[object, list[Cell]] = {}
        for cell in cells:
            groups.setdefault(cell.verdicts, []).append(cell)
        for group in groups.values():
            by_ends: dict[_Blocks, list[Box]] = {}
            for box in joined_boxes([cell.box for cell in group]):
                by_ends.setdefault((_blocks("source", box, sides), _blocks("destination", box, sides)), []).append(box)
            for blocks, boxes in by_ends.items():
                words = tuple(word for box in boxes for word in _services(box))
                cell = next(cell for cell in group if any(meet(cell.box, box) for box in boxes))
                trips = _trip(cell.before, cell.after, cell.box), _trip(cell.after, cell.before, cell.box)
                yield from self._change(row, column, words, *group[0].verdicts, blocks, trips)

    def _change(
        self,
        row: int,
        column: int,
        services: tuple[str, ...],
        before: Verdict | None,
        after: Verdict | None,
        blocks: _Blocks,
        trips: tuple[RoundTrip | None, RoundTrip | None],
    ) -> Iterator[Change]:
        sources = tuple(new or old for old, new in (self.sources.words[at] for at in self.rows[row]))
        destinations = tuple(new or old for old, new in (self.destinations.words[at] for at in reversed(self.columns[column])))
        if sources == destinations and len(sources) == 1:  # an end and itself
            return
        causes: dict[NounChange, None] = {}
        for step in (step for trip in trips if trip for step in trip.steps):
            for name in (step.because.resource if step.because else "", step.place.id):
                causes.update(dict.fromkeys(self.by_id.get(name, ())))
        yield Change(sources, destinations, services, before, after, *blocks, trips, tuple(causes))


def _end(ends: _Ends, at: int, number: int) -> End:
    found = ends.ends[at][number]
    assert found is not None
    return found


def _trip(mine: Outcomes, theirs: Outcomes, among: Box) -> RoundTrip | None:
    """A packet of a cell that ends as none does in the other network, if there is one."""
    piece = next((piece for outcome, piece in mine.items() if outcome not in theirs), next(iter(mine.values()), None))
    return None if piece is None else piece.witness(among)


def _ranges(service: str) -> Iterator[str]:
    """The words of a service, one for each range of numbers."""
    kind, slash, numbers = service.partition("/")
    yield from (f"{kind}{slash}{some}" for some in numbers.split(","))


def _blocks(field: str, box: Box, sides: Sequence[Side]) -> tuple[str, ...]:
    """The addresses of one end in a box; none where they are all that can be asked about."""
    found = box.ranges.get(field)
    if found is None or any(found == asked.ranges[field] for side in sides for asked in side.asked if asked.version == box.version):
        return ()
    return words_of(box.version, found)


def _services(box: Box) -> Iterator[str]:
    """A box's protocols, ports and types in words."""
    for first, last in box.ranges["protocol"]:
        for number in [number for number in range(first, last + 1) if number in WITH_PORTS | WITH_TYPES]:
            field, whole = ("destination_port", Ranges.of((0, 65535))) if number in WITH_PORTS else ("icmp_type", Ranges.of((0, 255)))
            values = box.ranges[field]
            for low, high in [] if values == whole else values:
                yield f"{NAMES[number]}/{low}" if low == high else f"{NAMES[number]}/{low}-{high}"
            if values == whole:
                yield NAMES[number]
        rest = Ranges.of((first, last)) - Ranges.of(*((number, number) for number in WITH_PORTS | WITH_TYPES))
        for low, high in rest:
            yield NAMES.get(low, f"proto/{low}") if low == high else f"proto/{low}-{high}"
