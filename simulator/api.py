"""The Python face: `load` a network and ask it (interface.md, section 3). Everything heavier than the question is imported when used."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.aws.snapshot import Snapshot
from simulator.evaluate.answer import Answer
from simulator.graph.nodes import FlowGraph
from simulator.problems import Problem
from simulator.query.expectation import Expectation

if TYPE_CHECKING:
    import networkx

    from simulator.evaluate.batch.program import Program
    from simulator.query.batch import Batch
    from simulator.query.chains import Chain
    from simulator.query.changes import Difference
    from simulator.query.edits import Edit
    from simulator.query.exposed import Exposure
    from simulator.query.findings import Checked
    from simulator.query.inventory import Inventory
    from simulator.query.matrix import Matrix
    from simulator.query.matrix_kept import Before, Kept
    from simulator.recompile import Compiled, Key, Recompiled


class Reached(Answer):
    """An answer that can print itself: as text (`print(answer)`), as a document (`to_dict()`), in a notebook."""

    @classmethod
    def of(cls, answer: Answer) -> Reached:
        """The same answer, with its printed forms."""
        return cls(*answer)

    def to_dict(self) -> dict[str, Any]:
        """The answer document of interface.md, section 4: plain dictionaries and lists."""
        from simulator.report.as_json import answer_document

        return answer_document(self)

    def text(self, *, verbose: bool = False, colour: bool = False, width: int = 100) -> str:
        """What the command line prints, in lines of at most `width` characters where words allow."""
        from simulator.report.text import answer_text

        return answer_text(self, verbose=verbose, colour=colour, width=width)

    def __str__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        from simulator.report.as_html import answer_html

        return answer_html(self)


class Network:
    """A network that was read, ready to be asked. Make one with `load`; it never changes."""

    def __init__(
        self,
        snapshot: Snapshot,
        name: str,
        problems: Sequence[Problem] = (),
        expectations: Sequence[Expectation] = (),
        about: str = "",
    ) -> None:
        self.snapshot = snapshot
        self.name = name
        self.problems = tuple(problems)
        self.expectations = tuple(expectations)
        self.about = about
        self._extended: dict[tuple[str, ...], tuple[Network, list[str]]] = {}
        self._kept: dict[tuple[object, ...], Kept] = {}  # the last matrix
        self._edited: tuple[Network, frozenset[Key]] | None = None  # of what it is an edited copy, and which nouns differ

    @cached_property
    def flow_graph(self) -> FlowGraph:
        """The compiled flow graph that the evaluators run on; compiled when first needed."""
        from simulator.compile import compile_snapshot

        recompiled = self._recompiled
        return recompiled.graph if recompiled else compile_snapshot(self.snapshot)

    @cached_property
    def _compiled(self) -> Compiled:
        """This network compiled so that its edited copies need little compiling; made when the first of them is asked."""
        from simulator.recompile import Compiled

        return Compiled(self.snapshot)

    @cached_property
    def _recompiled(self) -> Recompiled | None:
        """Of an edited copy, its graph out of that of the network it is a copy of; none where that does not do."""
        if self._edited is None:
            return None
        before, nouns = self._edited
        return before._compiled.after(self.snapshot, nouns)

    def can(
        self,
        source: str,
        destination: str,
        service: str | None = None,
        *,
        source_port: str | int | None = None,
        one_way: bool = False,
        all_blockers: bool = False,
    ) -> Reached:
        """Can `source` reach `destination` with `service`? The exact answer over all that the question leaves open.

        source, destination: endpoints as in interface.md, section 1 (an id, `lambda:report`, an address, `internet`).
        service: `tcp/443`, `udp/53`, `icmp`, `all`; none: every service, and `allowed` lists those that pass.
        source_port: one port or `first-last`; none: the ephemeral range of the source's kind (NACL-14).
        one_way: judge the forward leg only. all_blockers: list every check that refuses, not only the first.
        Raises `InputError` when the question means nothing in this network.

        >>> network = load("scenarios/primer/lambda-nat.yaml")
        >>> network.can("lambda:report", "internet", "tcp/443").verdict
        <Verdict.ALWAYS: 'always'>
        """
        from simulator.query.reach import can

        network, source_end, destination_end = self._with_new(source, destination)
        answer = can(
            network.flow_graph,
            network.snapshot,
            source_end,
            destination_end,
            service,
            network=self.name,
            source_port=source_port,
            one_way=one_way,
            all_blockers=all_blockers,
        )
        return Reached.of(answer)

    def _with_new(self, *words: str) -> tuple[Network, str, str]:
        """This network with the `new:` ends of a question added, and the words to ask it by."""
        from simulator.query.endpoints import is_hypothetical

        new = tuple(word for word in words if is_hypothetical(word))
        if not new:
            return self, words[0], words[1]
        from simulator.query.hypothetical import with_new

        if new not in self._extended:
            snapshot, names = with_new(self.snapshot, new)
            self._extended[new] = (Network(snapshot, self.name), names)
        network, names = self._extended[new]
        rest = iter(names)
        ends = [next(rest) if is_hypothetical(word) else word for word in words]
        return network, ends[0], ends[1]

    def invoke(self, source: str, destination: str, service: str | None = None) -> Chain:
        """Is `destination` reachable by invocation: from an event source or function, over functions that invoke each other, and then
        by the packets of the last one (LAMBDA-21)? Or over a load balancer that takes the source's connection and makes one of its own
        (ELB-2)? Raises `InputError` when the source invokes nothing that leads there.

        >>> chain = load("scenarios/primer/event-fabric.yaml").invoke("shop-api", "orders", "tcp/5432")
        >>> chain.verdict, [link.function for link in chain.links]
        (<Verdict.ALWAYS: 'always'>, ['x', 'y'])
        """
        from simulator.query.chains import best_chain

        return best_chain(self.snapshot, self.can, source, destination, service)

    def batch(self, flows: Mapping[str, Any], *, one_way: bool = False) -> Batch:
        """What becomes of many flows, as arrays with one row for each; millions in seconds.

        flows: columns of equal length, or one value for all rows. `source`, `destination`, `service`: words as `can` takes them, each
        meaning one interface, function or address, and one protocol and port (`tcp/443`, `icmp`). `source_port`: whole numbers; left out,
        the usual one of the source. Lists, numpy arrays and columns of data frames will do. one_way: no replies.
        Each flow is one packet, and where AWS chooses (a NAT port, an interface) one choice: `Batch.choices` says where.
        Raises `InputError` with the number of each row that means no flow, or several.

        >>> network = load("scenarios/primer/lambda-nat.yaml")
        >>> found = network.batch({"source": ["report", "198.51.100.99"], "destination": ["203.0.113.7", "report"], "service": "tcp/443"})
        >>> found.verdict.tolist(), str(found.place(1))
        ([1, 0], 'igw')
        """
        from simulator.query.batch import batch

        return batch(self.flow_graph, self._program, self.snapshot, flows, one_way=one_way)

    def matrix(
        self,
        service: str | None = None,
        *,
        sources: Sequence[str] | None = None,
        destinations: Sequence[str] | None = None,
        progress: Callable[[int, int], None] | None = None,
        remember: bool = False,
        part: tuple[tuple[int, int], ...] | None = None,
    ) -> Matrix:
        """Who reaches whom: the verdict of `can` for every pair, as one array.

        service: as `can` takes it; none: every service that some rule tells from another. sources, destinations: words as `can` takes
        them; none: every workload, the internet, the networks on premises. progress: called with how many of the pairs that need the
        exact analysis are done, and how many there are. remember: note what packets meet, so that the same question to edited copies of
        this network is answered out of this matrix; it then takes longer. part: a block alone, from where to where on each axis of
        `matrix_axes`. Raises `InputError` for words that mean nothing here.

        >>> found = load("scenarios/primer/lambda-nat.yaml").matrix("tcp/443")
        >>> found.verdict("lambda:report", "internet"), found.verdict("internet", "lambda:report")
        (<Verdict.ALWAYS: 'always'>, <Verdict.NEVER: 'never'>)
        """
        from simulator.query.all_pairs import matrix

        asked = (service, *(None if words is None else tuple(words) for words in (sources, destinations)))
        found, kept = matrix(
            self.flow_graph,
            self._program,
            self.snapshot,
            service,
            network=self.name,
            sources=sources,
            destinations=destinations,
            progress=progress,
            before=self._matrix_before(asked),
            remember=remember,
            part=part,
        )
        if kept:
            self._kept = {asked: kept}
        return found

    def matrix_axes(
        self, service: str | None = None, *, sources: Sequence[str] | None = None, destinations: Sequence[str] | None = None
    ) -> tuple[list[str], list[str], list[str]]:
        """The words for the sources, destinations and services of a matrix, before anybody is asked. Raises `InputError` as `matrix`.

        >>> load("scenarios/primer/lambda-nat.yaml").matrix_axes("tcp/443")
        (['lambda:report', 'internet'], ['lambda:report', 'internet'], ['tcp/443'])
        """
        from simulator.query.all_pairs import axes_of

        rows, columns, services = axes_of(self.flow_graph, self.snapshot, service, sources, destinations)
        return [word for word, _ in rows], [word for word, _ in columns], [word for word, _ in services]

    def _matrix_before(self, asked: tuple[object, ...]) -> Before | None:
        """Of an edited copy, the last matrix of the network it is a copy of, where it answers the same question and can be used."""
        from simulator.query.matrix_kept import Before, only_on_the_way

        if self._edited is None or self._recompiled is None or self._recompiled.nodes is None:
            return None
        before, nouns = self._edited
        kept = before._kept.get(asked)
        return Before(kept, frozenset(self._recompiled.nodes)) if kept and only_on_the_way(before.snapshot, self.snapshot, nouns) else None

    def exposure(
        self,
        *,
        sources: Sequence[str] | None = None,
        destinations: Sequence[str] | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Exposure:
        """What the internet reaches, exactly: every way in with its addresses and services, a witness, and the rules that admit it.

        sources, destinations: words as `can` takes them. Neither: from the internet to everything; destinations alone: from everybody.
        progress: called with how many pairs are done, and how many there are. What no way tells does not get through, or no answer of it
        comes back. Raises `InputError` for words that mean nothing here.

        >>> found = load("scenarios/primer/s18-public-addresses.yaml").exposure()
        >>> [(way.destination, way.addresses, [one.service for one in way.services]) for way in found.ways]
        [('instance:server', ('198.51.100.10',), ['tcp/443'])]
        """
        from simulator.query.exposure import exposure

        return exposure(self.flow_graph, self.snapshot, network=self.name, sources=sources, destinations=destinations, progress=progress)

    def check(self, *, select: Sequence[str] = (), ignore: Sequence[str] = ()) -> Checked:
        """What is wrong or superfluous: findings of rules with stable ids (docs/checks.md), the worst first.

        select: ids of rules, or their beginnings (`VS1`), to look at; none: all. ignore: those to leave out. Where a rule is about traffic
        its findings are what `can` answers; what was not read gives none. Raises `InputError` for a rule that does not exist.

        >>> found = load("scenarios/primer/s21-nat-placement.yaml").check(select=["VS305"])
        >>> [(finding.rule.id, finding.origin.resource) for finding in found.findings]
        [('VS305', 'deep-nat')]
        """
        from simulator.query.check import check

        return check(lambda: self.flow_graph, self.snapshot, network=self.name, select=select, ignore=ignore)

    def edit(self, *edits: Edit | str) -> Network:
        """A changed copy, for what-if questions; this network stays as it is.

        edits: lines such as `open sg-1 tcp/443 from 10.0.0.0/8` or the values they mean (`simulator/query/edits.py` lists them), made in
        this order. Raises `InputError` with all that is wrong with any of them, or that AWS would refuse afterwards.

        >>> network = load("scenarios/primer/lambda-nat.yaml")
        >>> network.edit("unroute private-routes 0.0.0.0/0").can("lambda:report", "internet", "tcp/443").verdict
        <Verdict.NEVER: 'never'>
        """
        from simulator.query.edited import edited

        found = edited(self.snapshot, edits)
        problems = (*(problem for problem in self.problems if problem not in found.settled), *found.problems)
        network = Network(found.snapshot, self.name, problems, self.expectations, self.about)
        if found.whole:
            before, nouns = self._edited or (self, frozenset())
            network._edited = before, nouns | {(type(noun), noun.id) for noun in found.nouns}
        return network

    @cached_property
    def _program(self) -> Program:
        """The flow graph as arrays."""
        from simulator.evaluate.batch.lower import lower

        return lower(self.flow_graph)

    def graph(self) -> networkx.MultiDiGraph[Any]:
        """The flow graph as a networkx graph of places and decisions, for questions about its shape (`graph/export.py`)."""
        from simulator.graph.export import to_networkx

        return to_networkx(self.flow_graph)

    def inventory(self) -> Inventory:
        """What the network holds: VPCs, subnets (public, private or isolated, as derived from their routes), gateways, workloads."""
        from simulator.query.listing import inventory_of

        return inventory_of(self.snapshot, self.name, self.problems)

    def __repr__(self) -> str:
        return f"<Network {self.name}: {sum(1 for _ in self.snapshot.everything())} resources>"


def diff(before: Network, after: Network, *, progress: Callable[[int, int], None] | None = None) -> Difference:
    """Every flow that two networks answer differently, with a witness in each and the changed resources it met; there is no other.

    Compared are all workloads, the internet and the networks on premises, as sources and as destinations, on every service.
    progress: called with how many of the pairs that need the exact analysis are done, and how many there are.
    Raises `InputError` where a pair falls into too many pieces.

    >>> network = load("scenarios/primer/lambda-nat.yaml")
    >>> changed = diff(network, network.edit("unroute private-routes 0.0.0.0/0"))
    >>> [(one.sources, one.destinations, one.services, one.before.value, one.after.value) for one in changed.changes]
    [(('lambda:report',), ('internet',), ('tcp/443',), 'always', 'never')]
    """
    from simulator.query.diff import Compared
    from simulator.query.diff import diff as compared

    one, other = (Compared(each.name, each.snapshot, each.flow_graph, each._program) for each in (before, after))
    return compared(one, other, progress or (lambda _done, _of: None))


def load(inputs: str | Path | Sequence[str | Path], *, parameters: Mapping[str, str] | None = None) -> Network:
    """Read a network from one input or several that make one: a scenario file, or AWS describe output (interface.md, section 1).

    parameters: values for the parameters of templates and plans, by name.
    Raises `InputError` with every problem of all inputs.

    >>> load("scenarios/primer/lambda-nat.yaml")
    <Network scenarios/primer/lambda-nat.yaml: 14 resources>
    """
    from simulator.aws.registry import RESOURCES
    from simulator.read.load import read

    paths = [inputs] if isinstance(inputs, (str, Path)) else list(inputs)
    reading = read(paths, parameters, kinds=RESOURCES)
    return Network(reading.snapshot, reading.name, reading.problems, reading.expectations, reading.about)
