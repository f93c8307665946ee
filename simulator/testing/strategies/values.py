"""Values without a network: prefixes, services, flows. They are what `st.from_type` draws for these types."""

from __future__ import annotations

from hypothesis import strategies as st

from simulator.packet.flow import ICMP, ICMPV6, WITH_PORTS, WITH_TYPES, Flow
from simulator.packet.prefix import BITS, Prefix
from simulator.packet.ranges import Ranges
from simulator.packet.service import Service

_PORTS = st.integers(0, 65535)
_BYTES = st.integers(0, 255)
_PROTOCOLS = st.one_of(st.sampled_from((6, 17, ICMP, 50, 47)), _BYTES)


@st.composite
def prefixes(draw: st.DrawFn, version: int | None = None) -> Prefix:
    """A block of addresses of a version, or of either."""
    version = version or draw(st.sampled_from((4, 6)))
    bits = BITS[version]
    length = draw(st.integers(0, bits))
    return Prefix(version, draw(st.integers(0, (1 << length) - 1)) << (bits - length), length)


def ranges(most: int = 65535) -> st.SearchStrategy[Ranges]:
    """A set of integers from 0 to `most`."""
    pairs = st.tuples(st.integers(0, most), st.integers(0, most)).map(lambda pair: (min(pair), max(pair)))
    return st.lists(pairs, max_size=4).map(lambda intervals: Ranges.of(*intervals))


@st.composite
def services(draw: st.DrawFn) -> Service:
    """A service, as a rule or a question names it."""
    protocol = draw(st.one_of(st.none(), _PROTOCOLS))
    if protocol in WITH_PORTS and draw(st.booleans()):
        first, last = sorted((draw(_PORTS), draw(_PORTS)))
        return Service(protocol, (first, last))
    if protocol in WITH_TYPES and draw(st.booleans()):
        return Service(protocol, None, draw(_BYTES), draw(st.one_of(st.none(), _BYTES)))
    return Service(protocol)


@st.composite
def any_flows(draw: st.DrawFn, version: int | None = None) -> Flow:
    """A header between any two addresses of a version, or of either."""
    version = version or draw(st.sampled_from((4, 6)))
    addresses = st.integers(0, (1 << BITS[version]) - 1)
    source, destination, protocol = draw(addresses), draw(addresses), draw(_PROTOCOLS)
    if protocol in WITH_PORTS:
        return Flow(version, source, destination, protocol, draw(_PORTS), draw(_PORTS))
    if protocol in WITH_TYPES:
        protocol = ICMP if version == 4 else ICMPV6
        return Flow(version, source, destination, protocol, icmp_type=draw(_BYTES), icmp_code=draw(_BYTES))
    return Flow(version, source, destination, protocol)
