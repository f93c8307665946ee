"""The ways from some ends to others, as values for `vpcsim exposure`. Filled in by `exposure.py`."""

from __future__ import annotations

from typing import NamedTuple

from simulator.evaluate.answer import Allowed, Gap
from simulator.evaluate.result import RoundTrip
from simulator.origin import Origin


class Way(NamedTuple):
    """Headers that get from `source` to `destination` for one reason.

    `addresses`: the blocks they are sent to, `senders` those they come from (none: from all that the source has). `services`: always where
    all of it works; sometimes where it depends on source ports or picks of AWS; unknown where something on the way was not read or is not
    modelled (`gaps`). `trip`: one such packet and its reply. `rules`: what admits it on its way there.
    """

    source: str
    destination: str
    addresses: tuple[str, ...]
    senders: tuple[str, ...]
    services: tuple[Allowed, ...]
    rules: tuple[Origin, ...]
    trip: RoundTrip
    gaps: tuple[Gap, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether everything on the way was read and is modelled."""
        return not self.gaps


class Exposure(NamedTuple):
    """All ways from some sources to some destinations. `sources` and `destinations`: who was asked about, by the words that mean them."""

    network: str
    sources: tuple[str, ...]
    destinations: tuple[str, ...]
    ways: tuple[Way, ...]

    @property
    def reached(self) -> tuple[str, ...]:
        """The destinations that are surely reached in some way."""
        return tuple(dict.fromkeys(way.destination for way in self.ways if way.is_known))
