"""Strategies for the types of the package, so that `st.from_type(Prefix)` and `@given(...)` with annotations work."""

from __future__ import annotations

from hypothesis import strategies as st

from simulator.api import Network
from simulator.aws.snapshot import Snapshot
from simulator.packet.flow import Flow
from simulator.packet.prefix import Prefix
from simulator.packet.ranges import Ranges
from simulator.packet.service import Service
from simulator.testing.strategies.networks import networks, snapshots
from simulator.testing.strategies.values import any_flows, prefixes, ranges, services


def register() -> None:
    """Tell hypothesis what to draw for the types of the package. Calling it twice does no harm."""
    st.register_type_strategy(Prefix, prefixes())
    st.register_type_strategy(Flow, any_flows())
    st.register_type_strategy(Service, services())
    st.register_type_strategy(Ranges, ranges())
    st.register_type_strategy(Snapshot, snapshots())
    st.register_type_strategy(Network, networks())
