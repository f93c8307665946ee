"""Small files that mean much: deep ones, wide ones, aliases of aliases; and a process that reads one with little to spend.

python -m tests.fuzz.bombs FILE
"""

from __future__ import annotations

import resource
import signal
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from tests.fuzz.reading import read

MEMORY, SECONDS = 1 << 30, 10
NETWORK = b"network:\n  vpcs:\n    v: {cidr: 10.0.0.0/16}\n"


def aliases() -> bytes:
    lines = [b"a: &a [x, x, x, x, x, x, x, x, x]\n"]
    names = b"abcdefghijklmnop"
    for before, name in pairwise(names):
        lines.append(bytes([name]) + b": &" + bytes([name]) + b" [" + b", ".join([b"*" + bytes([before])] * 9) + b"]\n")
    return b"".join(lines)


def alias_of_itself() -> bytes:
    return b"network: &n\n  vpcs: *n\n"


def merges() -> bytes:
    return b"a: &a {x: 1}\n" + b"".join(b"b%d: &b%d {<<: [%s]}\n" % (n, n, b", ".join([b"*a"] * 200)) for n in range(200))


def many_subnets() -> bytes:
    rows = b"".join(b"    s%d: {vpc: v, cidr: 10.0.0.0/28}\n" % n for n in range(3000))
    return NETWORK + b"  subnets:\n" + rows


def many_rules() -> bytes:
    rule = b"{from: [0.0.0.0/0], allow: [tcp/1-2, tcp/3-4, udp/1-65535]}"
    return NETWORK + b"  security_groups:\n    g:\n      vpc: v\n      inbound: [" + b", ".join([rule] * 5000) + b"]\n"


def every_address() -> bytes:
    """An interface without an address takes a free one: of how many?"""
    rows = b"".join(b"    e%d: {subnet: s}\n" % n for n in range(1500))
    return NETWORK + b"  subnets:\n    s: {vpc: v, cidr: 10.0.0.0/16}\n  interfaces:\n" + rows


def wide_ipv6() -> bytes:
    return (
        b'network:\n  vpcs:\n    v: {cidr: ["10.0.0.0/16", "2001:db8::/44"]}\n'
        b'  subnets:\n    s: {vpc: v, cidr: 10.0.0.0/24, ipv6_cidr: "2001:db8::/44"}\n'
    )


BOMBS: dict[str, Callable[[], bytes]] = {
    "aliases of aliases": aliases,
    "an alias of itself": alias_of_itself,
    "merges": merges,
    "deep YAML": lambda: b"[" * 100_000,
    "deep YAML blocks": lambda: b"".join(b" " * n + b"a:\n" for n in range(2000)),
    "many documents": lambda: b"--- {}\n" * 100_000,
    "a long number": lambda: b"network: " + b"9" * 1_000_000,
    "a long key": lambda: b"x" * 10_000_000 + b": 1\n",
    "a long word": lambda: NETWORK + b"  subnets:\n    s: {vpc: " + b"v" * 1_000_000 + b", cidr: 10.0.0.0/24}\n",
    "many keys": lambda: b"".join(b"k%d: 1\n" % n for n in range(25_000)),
    "many subnets": many_subnets,
    "many rules": many_rules,
    "many interfaces without an address": every_address,
    "a block of IPv6": wide_ipv6,
    "deep JSON": lambda: b'{"Vpcs": ' + b"[" * 100_000,
    "deep JSON that ends": lambda: b'{"Vpcs": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "JSON with a long number": lambda: b'{"Vpcs": [{"VpcId": ' + b"9" * 1_000_000 + b"}]}",
    "JSON with many elements": lambda: b'{"Vpcs": [' + b",".join([b"{}"] * 100_000) + b"]}",
    "JSON with one list many times": lambda: b"{" + b",".join([b'"Vpcs": []'] * 100_000) + b"}",
    "JSON with a long range": lambda: (
        b'{"SecurityGroups": [{"GroupId": "sg-1", "IpPermissions": ['
        + b",".join([b'{"IpProtocol": "-1", "IpRanges": []}'] * 50_000)
        + b"]}]}"
    ),
}


def main(path: Path) -> None:
    """Read one file with the memory and the time there is; say whether it was read or refused."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))  # of its own time: a busy machine is no fault
    signal.alarm(6 * SECONDS)
    sys.stdout.write("read\n" if read(path) else "refused\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
