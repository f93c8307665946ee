"""Which strategy stands for which type, so that `st.from_type(Prefix)` and annotations of tests work; see `vpcsim_hypothesis`."""

from __future__ import annotations

from hypothesis import strategies as st

from simulator.aws.snapshot import Snapshot
from simulator.packet.flow import Flow
from simulator.packet.prefix import Prefix
from simulator.packet.ranges import Ranges
from simulator.packet.service import Service
from simulator.testing.strategies.networks import snapshots
from simulator.testing.strategies.values import any_flows, prefixes, ranges, services


def strategy_of(of: type) -> st.SearchStrategy[object]:
    """The strategy for a type of the package. Raises `KeyError` for one that has none."""
    known: dict[type, st.SearchStrategy[object]] = {
        Snapshot: snapshots(),
        Flow: any_flows(),
        Prefix: prefixes(),
        Ranges: ranges(),
        Service: services(),
    }
    return known[of]


def register() -> None:
    """Tell hypothesis about these types, where the entry point is not installed. Calling it twice does no harm."""
    for of in (Snapshot, Flow, Prefix, Ranges, Service):
        st.register_type_strategy(of, strategy_of)
