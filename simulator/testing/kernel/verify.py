"""A user's questions put to the kernel: does it do with real packets what the simulator says?

Every case of a question is sent, and packets drawn at random; each must fare as the walker says, given what NATs chose. Then the
verdict: *always* must hold for every packet and *never* for none, *sometimes* must be seen both ways. What cannot be sent, or meets
something that the bed does not build, is told and never counts as agreeing.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import NamedTuple

from simulator.aws.snapshot import Snapshot
from simulator.compile import compile_snapshot
from simulator.evaluate.exact import PIECE_LIMIT, Piece, TooManyPiecesError, explore
from simulator.evaluate.region import choice_name
from simulator.evaluate.result import RoundTrip, Step, Verdict
from simulator.graph.nodes import FlowGraph
from simulator.packet.space import FIELDS
from simulator.problems import InputError
from simulator.query.endpoints import is_hypothetical
from simulator.query.expectation import Expectation
from simulator.query.hypothetical import with_new
from simulator.query.reach import pairs_of
from simulator.query.space import with_silent
from simulator.testing.kernel.bed import Answer, Bed, BedError
from simulator.testing.kernel.compare import Difference, Judge, differences
from simulator.testing.kernel.compiler import compile_network
from simulator.testing.kernel.filters import OutOfScopeError
from simulator.testing.kernel.network import Network
from simulator.testing.kernel.plan import INTERNET, MOST, USUAL, Sizes
from simulator.testing.kernel.samples import Case, Sample, Samples
from simulator.testing.kernel.steps import LEGS, kernel_steps, simulator_steps


class Status(Enum):
    """What became of a question."""

    AGREES = "agrees"
    IN_PART = "in part"
    DIFFERS = "differs"
    NOT_JUDGED = "not judged"


@dataclass(frozen=True, slots=True)
class Options:
    """`samples`: packets drawn at random for each pair of ends; `repeats`: how often a case that the service chooses is tried again;
    `cases`: how many cases of a question are sent at most.
    """

    samples: int = 24
    repeats: int = 16
    cases: int = 300


class Traces(NamedTuple):
    """A packet that was sent: its header, and both legs as kernel and simulator have them."""

    packet: str
    legs: tuple[tuple[str, list[str], list[str]], ...]


@dataclass(slots=True)
class Finding:
    """One question: `says` is the simulator's verdict, `shown` the kernel's over all packets, `reasons` why some of it was not judged."""

    question: Expectation
    status: Status = Status.NOT_JUDGED
    says: str = ""
    shown: str = ""
    packets: int = 0
    cases: int = 0
    difference: str = ""
    reasons: dict[str, None] = field(default_factory=dict)
    traces: list[Traces] = field(default_factory=list)


class Verifier:
    """Asks one network's questions of simulator and kernel."""

    def __init__(self, bed: Bed, snapshot: Snapshot, graph: FlowGraph, options: Options) -> None:
        self.bed = bed
        self.snapshot = snapshot
        self.graph = graph
        self.options = options

    def finding(self, asked: Expectation) -> Finding:
        """What becomes of a question. Raises nothing: what goes wrong is a reason."""
        found = Finding(asked)
        if asked.by != "packets":
            found.reasons["an invocation goes through the Lambda service and not through the network"] = None
            return found
        try:
            _Round(self, found).run()
        except (InputError, OutOfScopeError) as error:
            found.reasons[f"cannot be asked: {error}" if isinstance(error, InputError) else f"not built: {error}"] = None
        except TooManyPiecesError:
            found.reasons[f"it falls into more than {PIECE_LIMIT} cases"] = None
        except BedError as error:
            found.reasons[f"the bed failed: {error}"] = None
        return found


class _Round:
    """One question on its way."""

    def __init__(self, verifier: Verifier, found: Finding) -> None:
        self.bed, self.options, self.found = verifier.bed, verifier.options, found
        asked = found.question
        words = (asked.source, asked.destination)
        self.snapshot, self.graph = verifier.snapshot, verifier.graph
        new = tuple(word for word in words if is_hypothetical(word))
        if new:
            self.snapshot, names = with_new(verifier.snapshot, new)
            self.graph = compile_snapshot(self.snapshot)
            rest = iter(names)
            words = (next(rest) if is_hypothetical(words[0]) else words[0], next(rest) if is_hypothetical(words[1]) else words[1])
        pairs = pairs_of(
            self.graph,
            self.snapshot,
            *words,
            asked.service or None,
            source_port=asked.source_port or None,
            one_way=asked.one_way,
        )
        self.graph, self.pairs = with_silent(self.graph, pairs)
        self.cases: list[Case] = []
        self.cases_of: dict[int, range] = {}
        self.met: set[int] = set()
        self.shown: set[bool] = set()
        self.kept: dict[bool, tuple[Sample, Answer, Judge]] = {}

    def run(self) -> None:
        found = self.found
        for pair in self.pairs:
            for question in pair.questions:
                before = len(self.cases)
                self.cases += [Case(pair.source, question, piece) for piece in explore(self.graph, question)]
                self.cases_of[id(question)] = range(before, len(self.cases))
        found.cases = len(self.cases)
        found.says = Verdict.over(case.outcome for case in self.cases).value
        known = [case for case in self.cases if case.outcome is not None]
        if len(known) < len(self.cases):
            gaps = {f"{step.place.id}: {step.node.what}": None for case in self.cases for step in _gaps(case.piece.trip)}
            found.reasons["the simulator does not know: " + ", ".join(gaps)] = None
        if len(known) > self.options.cases:
            found.reasons[f"{self.options.cases} of {len(known)} cases were sent"] = None
        self._send(self._samples(known[: self.options.cases]))
        self._try_again(known[: self.options.cases])
        self._conclude(known[: self.options.cases])

    def _samples(self, cases: Sequence[Case]) -> Samples:
        samples = Samples(Network(self.snapshot))
        for case in cases:
            samples.add_case(case)
        rng = random.Random(f"{self.found.question.source} {self.found.question.destination}")
        for pair in self.pairs if cases else ():
            for question in pair.questions:
                samples.add_random(pair.source, question, max(1, self.options.samples // len(pair.questions)), rng)
        self.found.reasons |= samples.left_out
        return samples

    def _send(self, samples: Samples) -> None:
        """Send them all, those for the same windows of NAT ports together."""
        by_windows: dict[tuple[tuple[str, tuple[int, int]], ...], list[Sample]] = {}
        for sample in samples.found:
            by_windows.setdefault(sample.windows, []).append(sample)
        for windows, members in by_windows.items():
            network, plan = compile_network(self.snapshot, windows=dict(windows), traced=True, sizes=self.bed.sizes)
            judge = Judge.of(network, self.graph)
            self.bed.load(plan)
            for sample, answer in zip(members, self.bed.probe([one.probe for one in members]), strict=True):
                self._judge(judge, sample, answer)

    def _judge(self, judge: Judge, sample: Sample, answer: Answer) -> None:
        question = sample.question
        judge = judge if sample.probe.sender == INTERNET else replace(judge, begin=question.start, walked={})
        missing = judge.beyond(sample.probe, answer)
        if missing:
            self.found.reasons[f"not built: {missing}"] = None
            return
        delivered = answer.delivered is not None and judge.name(answer.delivered[0]) in question.expected
        works = delivered if question.one_way else delivered and answer.answered
        difference = next(differences(judge, [sample.probe], [answer]), None)
        trip = difference.trip if difference else judge.walk(sample.probe, answer)
        at = self._case_of(sample, trip)
        if at is None:
            return  # the walker is right about this packet, and what it does not know was told already
        self.found.packets += 1
        self.shown.add(works)
        self.kept.setdefault(works, (sample, answer, judge))
        self.met.add(at)
        if difference is None and self.cases[at].outcome is not works:
            said = self.cases[at].outcome
            difference = Difference("case", sample.probe, answer, trip, _words(works), _words(bool(said)))
        if difference and not self.found.difference:
            self.found.difference = f"{difference.level}: kernel {difference.kernel_says}, simulator {difference.simulator_says}"
            self.found.traces = [traces(judge, sample, answer, trip)]

    def _case_of(self, sample: Sample, trip: RoundTrip) -> int | None:
        """The case a packet belongs to; none for one of which the simulator says that it does not know."""
        values = {name: getattr(sample.flow, name) for name in FIELDS} | {f"choice {n}": c.value for n, c in enumerate(trip.choices)}
        for at in self.cases_of[id(sample.question)]:
            if _holds(self.cases[at].piece, values):
                return None if self.cases[at].outcome is None else at
        raise AssertionError(f"{sample.flow} belongs to no case of its question")

    def _try_again(self, cases: Sequence[Case]) -> None:
        """Cases that nobody met, since something other than ports was chosen, are tried some more times."""
        for _ in range(self.options.repeats):
            missed = [case for case in self._missed(cases) if _is_chosen(case.piece)]
            if not missed or self.found.difference:
                return
            again = Samples(Network(self.snapshot))
            for case in missed:
                again.add_case(case)
            self._send(again)
            if not again.found:
                return

    def _missed(self, cases: Sequence[Case]) -> list[Case]:
        met = {id(self.cases[at]) for at in self.met}
        return [case for case in cases if id(case) not in met]

    def _conclude(self, cases: Sequence[Case]) -> None:
        found = self.found
        found.shown = Verdict.over(iter(self.shown)).value if self.shown else ""
        missed = self._missed(cases)
        if missed and not found.reasons and not found.difference:
            found.reasons[f"{len(missed)} of {len(cases)} cases were not met in {self.options.repeats} tries"] = None
        if found.difference:
            found.status = Status.DIFFERS
        elif found.packets:
            found.status = Status.IN_PART if found.reasons else Status.AGREES
        if not found.traces:
            for sample, answer, judge in self.kept.values():
                found.traces.append(traces(judge, sample, answer, judge.walk(sample.probe, answer)))


def traces(judge: Judge, sample: Sample, answer: Answer, trip: RoundTrip) -> Traces:
    """Both traces of a packet."""
    legs = tuple((leg, kernel_steps(judge, answer, leg), simulator_steps(trip, leg)) for leg in LEGS)
    return Traces(f"{judge.name(sample.probe.sender)}: {sample.probe.flow}", tuple(leg for leg in legs if leg[1] or leg[2]))


def _holds(piece: Piece, values: dict[str, int]) -> bool:
    return all(name not in values or values[name] in ranges for name, ranges in piece.box.ranges.items())


def _is_chosen(piece: Piece) -> bool:
    """Whether a case depends on a choice that nobody can make for the kernel: among the addresses of a NAT gateway, say."""
    return any(
        taken.what != "port" and piece.box.ranges[choice_name(number)].size <= taken.last - taken.first
        for number, taken in enumerate(piece.trip.choices)
    )


def _gaps(trip: RoundTrip) -> Iterator[Step]:
    return (step for leg in trip.legs for step in leg.gaps)


def _words(works: bool) -> str:
    return "works" if works else "fails"


def sizes_for(snapshot: Snapshot) -> Sizes:
    """The bed that a network needs, with room for ends that are not there yet. What cannot be had is told when a question is asked."""
    try:
        needed = Network(snapshot).sizes()
    except OutOfScopeError:
        return USUAL
    roomy = replace(needed, interfaces=needed.interfaces + 2)
    return USUAL if MOST.holds(roomy) else USUAL.with_all_of(roomy)


def verified(bed: Bed, snapshot: Snapshot, graph: FlowGraph, asked: Sequence[Expectation], options: Options) -> Iterator[Finding]:
    """The findings of some questions, one after another."""
    verifier = Verifier(bed, snapshot, graph, options)
    yield from map(verifier.finding, asked)
