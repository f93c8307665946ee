"""Between which parties answers may get lost: hosts that let everything in and out are asked in their place, one for each sort of subnet.

Security groups never stop answers (SG-19), so what an open host does not lose nobody in its subnet does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from simulator.aws.network_interface import NetworkInterface
from simulator.aws.snapshot import Snapshot
from simulator.graph.nodes import FlowGraph
from simulator.query.checks.alike import sort_of
from simulator.query.checks.probe import Probes
from simulator.query.checks.traffic import Party, TooManyPiecesError, can_send, is_joined, is_plain, pieces_between
from simulator.query.endpoints import End, Sort

FEW = 400  # pairs of parties are asked about as they are


@dataclass(frozen=True, slots=True)
class Losing:
    """`plain`: the parties that open hosts stand for, each with the sort of its subnet and whether it has a public address. `subnets`: of
    each sort one or two. Without `plain` everybody is asked.
    """

    probes: Probes
    plain: Mapping[str, tuple[object, bool]]
    subnets: Mapping[object, list[str]]

    @classmethod
    def of(cls, snapshot: Snapshot, parties: Sequence[Party], *, few: int = FEW) -> Losing:
        """What may be lost between some parties; where there are only a few pairs, nothing is asked beforehand."""
        if len(parties) ** 2 <= few:
            return cls(Probes.of(snapshot, ()), {}, {})
        subnets: dict[object, list[str]] = {}
        plain: dict[str, tuple[object, bool]] = {}
        for party in parties:
            if party.end.sort is Sort.INTERFACE and party.interfaces[0].type == "interface" and party.interfaces[0].check:
                interface = party.interfaces[0]
                sort = sort_of(snapshot, interface.subnet)
                plain[party.word] = sort, any(address.public for address in interface.addresses)
                known = subnets.setdefault(sort, [])
                if interface.subnet not in known and len(known) < len(("sender", "receiver")):
                    known.append(interface.subnet)
        wanted = ((subnet, public) for sort, public in dict.fromkeys(plain.values()) for subnet in subnets[sort])
        return cls(Probes.of(snapshot, wanted), plain, subnets)

    def pairs(self, graph: FlowGraph, snapshot: Snapshot, parties: Sequence[Party]) -> Iterator[tuple[Party, Party]]:
        """The pairs of parties between which answers from the second to the first may get lost."""
        senders = self._alike([party for party in parties if can_send(graph, party)])
        receivers = self._alike([party for party in parties if not party.only_hears_answers])
        known: dict[tuple[str, str], bool] = {}
        for ones in senders:
            for others in receivers:
                if is_joined(snapshot, ones[0], others[0]) and self._may(ones[0], others[0], known):
                    yield from ((one, other) for one in ones for other in others if not is_plain(snapshot, one, other))

    def _alike(self, parties: Iterable[Party]) -> list[list[Party]]:
        found: dict[object, list[Party]] = {}
        for party in parties:
            found.setdefault(self.plain.get(party.word, party.word), []).append(party)
        return list(found.values())

    def _may(self, one: Party, other: Party, known: dict[tuple[str, str], bool]) -> bool:
        if not self.plain:
            return True
        outside = not (one.interfaces and other.interfaces)
        sender = self._instead(one, -1, outside=outside)
        receiver = self._instead(other, 0, outside=outside) if not one.balances else other
        key = sender.word, receiver.word
        if key not in known:
            known[key] = not is_plain(self.probes.snapshot, sender, receiver) and self._loses(sender, receiver)
        return known[key]

    def _instead(self, party: Party, which: int, *, outside: bool) -> Party:
        """Who is asked in a party's place: senders in one subnet of its sort, receivers in another, if there are two. Inside a network
        nobody uses public addresses, so there one host stands for those that have some and those that have none.
        """
        if party.word not in self.plain:
            return party
        sort, public = self.plain[party.word]
        subnet = self.subnets[sort][which]
        name = self.probes.names[subnet, public if outside or (subnet, False) not in self.probes.names else False]
        interface = self.probes.snapshot.get(NetworkInterface, name)
        return Party(name, End(Sort.INTERFACE, name, name), (interface,) if interface else ())

    def _loses(self, one: Party, other: Party) -> bool:
        if not can_send(self.probes.graph, one):
            return False
        try:
            found = list(pieces_between(self.probes.graph, self.probes.snapshot, one, other))
        except TooManyPiecesError:
            return True
        return any(piece.trip.delivered and piece.trip.answered is False for pieces in found for piece in pieces)
