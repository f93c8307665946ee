"""What differs between two networks, as values for `vpcsim diff`. Filled in by `diff.py`."""

from __future__ import annotations

from typing import NamedTuple

from simulator.evaluate.result import RoundTrip, Verdict
from simulator.origin import Origin


class NounChange(NamedTuple):
    """One resource that is not what it was. `what`: each thing about it in words; `origins`: where the rules and routes that came, went or
    changed are written, in either network.
    """

    kind: str
    before: str  # its id; empty: it was not there
    after: str
    what: tuple[str, ...]
    origins: tuple[Origin, ...] = ()

    @property
    def ids(self) -> frozenset[str]:
        """What it is called in either network."""
        return frozenset({self.before, self.after} - {""})


class Change(NamedTuple):
    """Traffic that fares otherwise than before, from each of some sources to each of some destinations but itself.

    sources, destinations: words that `can` takes, of the network after; of the one before where an end is gone.
    before, after: the verdicts, none where an end was not there or is gone.
    services, senders, receivers: which of it; no senders or receivers: all addresses of that end.
    trips: a packet of it in each network, with its reply, between the first of them. causes: the changed resources that either met.
    """

    sources: tuple[str, ...]
    destinations: tuple[str, ...]
    services: tuple[str, ...]
    before: Verdict | None
    after: Verdict | None
    senders: tuple[str, ...] = ()
    receivers: tuple[str, ...] = ()
    trips: tuple[RoundTrip | None, RoundTrip | None] = (None, None)
    causes: tuple[NounChange, ...] = ()


class Difference(NamedTuple):
    """All that two networks answer differently. pairs: how many were compared on `services` services; renamed: ends by other words than
    before, as (before, after); new, gone: ends that only one of them has.
    """

    before: str
    after: str
    changes: tuple[Change, ...]
    nouns: tuple[NounChange, ...]
    pairs: int
    services: int
    renamed: tuple[tuple[str, str], ...] = ()
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
