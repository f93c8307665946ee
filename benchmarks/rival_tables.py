"""Rivals of bench_lpm.py that answer one query at a time: libraries for addresses, tries, and what plain Python offers."""

from __future__ import annotations

import ipaddress
from bisect import bisect
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from simulator.packet.prefix import BITS, Prefix

Ask = Callable[[], list[int]]
FEW, MANY = 100, 100_000  # queries: of rivals that look at every route, and of the others
EVERY_ROUTE = 5_000  # routes at most, for those that look at each of them


def rivals(routes: list[Prefix], version: int, addresses: list[int]) -> dict[str, tuple[int, Ask]]:
    """How many queries each is asked, and how to ask them; each gives the row of the longest prefix, or -1."""
    few, many = addresses[:FEW], addresses[:MANY]
    found: dict[str, tuple[int, Ask]] = {
        "a dict for each length": (len(many), _by_length(routes, version, many)),
        "bisect on a list": (len(many), _by_bisection(routes, version, many)),
    }
    if len(routes) <= EVERY_ROUTE:
        found["ipaddress, every route"] = (len(few), _by_ipaddress(routes, few))
        found["netaddr, every route"] = (len(few), _by_netaddr(routes, version, few))
    if find_spec("pytricia"):
        found["pytricia"] = (len(many), _by_pytricia(routes, version, many))
    if find_spec("radix"):
        found["py-radix"] = (len(many), _by_radix(routes, version, many))
    return found


def _by_length(routes: list[Prefix], version: int, asked: list[int]) -> Ask:
    tables: dict[int, dict[int, int]] = {}
    for at, one in enumerate(routes):
        tables.setdefault(one.length, {})[one.value >> BITS[version] - one.length] = at
    shifts = [(BITS[version] - length, tables[length]) for length in sorted(tables, reverse=True)]

    def find(address: int) -> int:
        return next((table[address >> shift] for shift, table in shifts if address >> shift in table), -1)

    return lambda: [find(address) for address in asked]


def _by_bisection(routes: list[Prefix], version: int, asked: list[int]) -> Ask:
    """On the borders of the intervals that routes leave, found with a stack of the routes that are open."""
    starts, values, opened = [0], [-1], [(1 << BITS[version], -1)]

    def begin(start: int, value: int) -> None:
        if starts[-1] == start:
            values[-1] = value
        else:
            starts.append(start)
            values.append(value)

    for at, one in sorted(enumerate(routes), key=lambda pair: (pair[1].first, pair[1].length)):
        while opened[-1][0] <= one.first:
            end, _ = opened.pop()
            begin(end, opened[-1][1])
        begin(one.first, at)
        opened.append((one.last + 1, at))
    while len(opened) > 1:
        end, _ = opened.pop()
        begin(end, opened[-1][1])
    return lambda: [values[bisect(starts, address) - 1] for address in asked]


def _by_ipaddress(routes: list[Prefix], asked: list[int]) -> Ask:
    networks = [(ipaddress.ip_network(str(one)), at) for at, one in enumerate(routes)]
    kind: Any = type(networks[0][0].network_address)

    def find(address: int) -> int:
        of = kind(address)
        return max(((network.prefixlen, at) for network, at in networks if of in network), default=(0, -1))[1]

    return lambda: [find(address) for address in asked]


def _by_netaddr(routes: list[Prefix], version: int, asked: list[int]) -> Ask:
    import netaddr

    networks = [(netaddr.IPNetwork(str(one)), at) for at, one in enumerate(routes)]

    def find(address: int) -> int:
        of = netaddr.IPAddress(address, version)
        return max(((network.prefixlen, at) for network, at in networks if of in network), default=(0, -1))[1]

    return lambda: [find(address) for address in asked]


def _by_pytricia(routes: list[Prefix], version: int, asked: list[int]) -> Ask:
    import pytricia

    size = BITS[version] // 8
    trie = pytricia.PyTricia(BITS[version])
    for at, one in enumerate(routes):
        trie.insert(one.first.to_bytes(size, "big"), one.length, at)
    words = [address.to_bytes(size, "big") for address in asked]
    return lambda: [trie.get(word, -1) for word in words]


def _by_radix(routes: list[Prefix], version: int, asked: list[int]) -> Ask:
    import radix

    tree = radix.Radix()
    size = BITS[version] // 8
    for at, one in enumerate(routes):
        tree.add(packed=one.first.to_bytes(size, "big"), masklen=one.length).data["row"] = at
    words = [address.to_bytes(size, "big") for address in asked]

    def find(word: bytes) -> int:
        node = tree.search_best(packed=word)
        return node.data["row"] if node else -1

    return lambda: [find(word) for word in words]
