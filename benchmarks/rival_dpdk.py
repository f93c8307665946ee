"""DPDK's longest-prefix match as a rival of bench_lpm.py: compiled against Debian's packages on the spot, in the same process.

Needs a C compiler, and DPDK with its headers (Debian: libdpdk-dev) installed, or unpacked below the folder that `DPDK_ROOT` names. All
its ways to ask are timed: one by one, in bulk, and, IPv4 only, by fours with vector instructions.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

MEGABYTES = b"700"
SOURCE = Path(__file__).with_name("dpdk_lpm.c")
HEADERS = "usr/include/dpdk", "usr/include/x86_64-linux-gnu/dpdk"
FOUR, SIX = ("one4", "bulk4", "fours4"), ("one6", "bulk6")


def library() -> ctypes.CDLL | None:
    """The rival, ready to be asked; None where it cannot be had."""
    root = Path(os.environ.get("DPDK_ROOT", "/"))
    places = sorted(root.glob("usr/lib/*/librte_lpm.so.*"))
    if not places or not (root / HEADERS[0] / "rte_lpm.h").is_file() or not shutil.which("cc"):
        return None
    with tempfile.TemporaryDirectory() as place:
        built, libraries = Path(place, "rival.so"), places[0].parent
        names = [f"-l:{min(libraries.glob(f'librte_{name}.so.*')).name}" for name in ("eal", "lpm")]
        headers = [f"-I{root / folder}" for folder in HEADERS]
        paths = [f"-L{libraries}", f"-Wl,-rpath,{libraries}", "-Wl,--disable-new-dtags"]
        done = subprocess.run(
            ["cc", "-O3", "-march=native", "-shared", "-fPIC", "-include", "rte_config.h", *headers, "-o", built, SOURCE, *paths, *names],
            stdin=subprocess.DEVNULL,
            check=False,
        )
        if done.returncode:
            return None
        found = ctypes.CDLL(str(built))
    found.table4.restype = found.table6.restype = ctypes.c_void_p
    return found if found.start(MEGABYTES) == 0 else None


class Table(NamedTuple):
    """A table of the rival. `nothing`: what it says of addresses that no prefix holds, since DPDK knows no default route."""

    rival: ctypes.CDLL
    handle: int
    six: bool
    nothing: int


def table_of(rival: ctypes.CDLL, low: np.ndarray, length: np.ndarray) -> Table:
    """The only table of its IP version, whose values are the rows. low: uint32, or 16 bytes each in network order."""
    six, kept, default = low.ndim > 1, np.flatnonzero(length > 0), np.flatnonzero(length == 0)
    rows = np.ascontiguousarray(low[kept]), length[kept].astype(np.uint8), kept.astype(np.int32)
    handle = (rival.table6 if six else rival.table4)(*map(_pointer, rows), ctypes.c_size_t(len(kept)))
    if not handle:
        raise SystemExit("DPDK has no room for this table")
    return Table(rival, handle, six, int(default[0]) if default.size else -1)


def ways_to_ask(table: Table, points: np.ndarray) -> dict[str, Callable[[], np.ndarray]]:
    """Each of its ways to find the rows of all points. The number of points is a multiple of 4."""
    names = SIX if table.six else FOUR
    return {f"DPDK rte_lpm{'6' * table.six}, {name[:-1]}": _way(getattr(table.rival, name), table, points) for name in names}


def _way(ask: Any, table: Table, points: np.ndarray) -> Callable[[], np.ndarray]:
    points, out = np.ascontiguousarray(points), np.empty(len(points), np.int32)
    arguments = ctypes.c_void_p(table.handle), _pointer(points), _pointer(out), ctypes.c_size_t(len(points))

    def run() -> np.ndarray:
        ask(*arguments)
        assert points.size  # they have to be there for as long as this may run
        return out if table.nothing < 0 else np.where(out < 0, table.nothing, out)

    return run


def _pointer(array: np.ndarray) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)
