"""DPDK's rte_acl as a rival, where its libraries are found: those of the system, or of a folder into which Debian's packages were unpacked.

It runs without huge pages (`--no-huge`), as these cannot be taken for granted; with them it may be faster.
"""

from __future__ import annotations

import ctypes
from ctypes.util import find_library
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from simulator.evaluate.batch.boxes import NO_BOX, Boxes, Packets
from simulator.evaluate.batch.keys import ICMP_PAGE, ICMPV6_PAGE, OTHER_PAGE, TCP_PAGE, UDP_PAGE

NEEDED = ("md", "bsd", "numa", "fdt", "rte_kvargs", "rte_telemetry", "rte_eal", "rte_acl")
VARIANTS = {"scalar": 1, "SSE": 2, "AVX2": 3, "AVX-512, 16": 6, "AVX-512, 32": 7}
PROTOCOLS = {TCP_PAGE: 6, UDP_PAGE: 17, ICMP_PAGE: 1, ICMPV6_PAGE: 58}
FIELDS = 5
NUMBERS = count()


class _Field(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_uint8),
        ("size", ctypes.c_uint8),
        ("index", ctypes.c_uint8),
        ("input", ctypes.c_uint8),
        ("offset", ctypes.c_uint32),
    )


class _Config(ctypes.Structure):
    _fields_ = (("categories", ctypes.c_uint32), ("fields", ctypes.c_uint32), ("of", _Field * 64), ("size", ctypes.c_size_t))


class _Parameters(ctypes.Structure):
    _fields_ = (("name", ctypes.c_char_p), ("socket", ctypes.c_int), ("rule_size", ctypes.c_uint32), ("most", ctypes.c_uint32))


RULE = np.dtype(
    {
        "names": ["categories", "priority", "userdata", *(f"{what}{at}" for at in range(FIELDS) for what in ("value", "mask"))],
        "formats": ["u4", "i4", "u4", *("u8",) * (2 * FIELDS)],
        "offsets": [0, 4, 8, *(16 + 8 * at for at in range(2 * FIELDS))],
        "itemsize": 16 + 16 * FIELDS,
    }
)


def start(folder: Path | None) -> Any:
    """The library, ready to use; None where it is not to be found or does not start."""
    library = None
    for name in NEEDED:
        files = sorted(folder.rglob(f"lib{name}.so.*")) if folder else [Path(found)] if (found := find_library(name)) else []
        if files:
            library = ctypes.CDLL(str(files[0]), ctypes.RTLD_GLOBAL)
    if library is None or not hasattr(library, "rte_acl_classify_alg"):
        return None
    words = [b"bench", b"--no-huge", b"--no-pci", b"-m", b"2048", b"--no-telemetry", b"--no-shconf", b"-l", b"0", b"--log-level=1"]
    words.append(b"--force-max-simd-bitwidth=512")
    if ctypes.CDLL(None).rte_eal_init(len(words), (ctypes.c_char_p * len(words))(*words)) < 0:
        return None
    library.rte_acl_create.restype = ctypes.c_void_p
    return library


class Acl:
    """Lists as contexts of rte_acl, one for each, and packets grouped by list. Raises `ValueError` for what its five fields cannot say."""

    def __init__(self, library: Any, boxes: Boxes, lists: np.ndarray, packets: Packets) -> None:
        self.library = library
        rules, self.box = _rules(boxes)
        first = np.searchsorted(self.box, boxes.first)
        wanted, begin = np.unique(lists, return_index=True)
        self.contexts = [self._context(rules[first[one] : first[one + 1]]) for one in wanted.tolist()]
        self.rows = np.append(begin, len(lists))
        self.data = _headers(packets)
        self.places = self.data.ctypes.data + np.arange(len(lists), dtype=np.uint64) * self.data.itemsize
        self.results = np.zeros(len(lists), np.uint32)

    def _context(self, rules: np.ndarray) -> ctypes.c_void_p:
        parameters = _Parameters(f"list {next(NUMBERS)}".encode(), -1, RULE.itemsize, max(len(rules), 1))
        context = ctypes.c_void_p(self.library.rte_acl_create(ctypes.byref(parameters)))
        config = _Config(1, FIELDS)
        for at, field in enumerate(((2, 1, 0, 0, 0), (0, 4, 1, 1, 4), (0, 4, 2, 2, 8), (1, 2, 3, 3, 12), (1, 2, 4, 3, 14))):
            config.of[at] = _Field(*field)
        rules = np.ascontiguousarray(rules)
        if not context.value or self.library.rte_acl_add_rules(context, ctypes.c_void_p(rules.ctypes.data), len(rules)):
            raise ValueError("rte_acl takes no such rules")
        if self.library.rte_acl_build(context, ctypes.byref(config)):
            raise ValueError("rte_acl cannot build these rules")
        return context

    def run(self, variant: int) -> None:
        """Classify all packets."""
        for context, begin, end in zip(self.contexts, self.rows[:-1].tolist(), self.rows[1:].tolist(), strict=True):
            places = ctypes.c_void_p(self.places[begin:].ctypes.data)
            out = ctypes.c_void_p(self.results[begin:].ctypes.data)
            if self.library.rte_acl_classify_alg(context, places, out, end - begin, 1, variant):
                raise ValueError("rte_acl does not classify")

    def found(self) -> np.ndarray:
        """The boxes of the last run."""
        return np.where(self.results == 0, NO_BOX, self.box[np.maximum(self.results.astype(np.int64) - 1, 0)]).astype(np.int32)

    def close(self) -> None:
        for context in self.contexts:
            self.library.rte_acl_free(context)


def _rules(boxes: Boxes) -> tuple[np.ndarray, np.ndarray]:
    """Boxes as rules, and the box of each: a box of all protocols is one, that of the ports of one protocol another."""
    rules = np.zeros(len(boxes.rule), RULE)
    rules["categories"], rules["userdata"] = 1, np.arange(1, len(rules) + 1)
    rules["priority"] = (1 << 28) - np.arange(len(rules))
    everything = boxes.key_span == 0xFFFFFFFF
    page, low, high = boxes.key_low >> 16, boxes.key_low & 0xFFFF, (boxes.key_low & 0xFFFF) + np.where(everything, 0xFFFF, boxes.key_span)
    if (~everything & (high > 0xFFFF)).any() or (~everything & (page > OTHER_PAGE)).any():
        raise ValueError("a rule of several protocols")
    other = page == OTHER_PAGE
    protocol = np.where(other, low, np.array([PROTOCOLS.get(one, 0) for one in range(5)])[np.where(everything, 0, page)])
    rules["value0"], rules["mask0"] = np.where(everything, 0, protocol), np.where(everything, 0, 0xFF)
    for at, (start, span) in enumerate(((boxes.source_low, boxes.source_span), (boxes.destination_low, boxes.destination_span)), 1):
        rules[f"value{at}"], rules[f"mask{at}"] = start, 32 - np.bitwise_count(span)
    rules["value3"], rules["mask3"] = boxes.port_low, np.minimum(boxes.port_low.astype(np.int64) + boxes.port_span, 0xFFFF)
    rules["value4"], rules["mask4"] = np.where(other | everything, 0, low), np.where(other | everything, 0xFFFF, high)
    return rules, np.arange(len(rules))


def _headers(packets: Packets) -> np.ndarray:
    """Packets as rte_acl reads them: the protocol, two addresses, two ports, in the order of the network."""
    page, value = packets.key >> 16, packets.key & 0xFFFF
    kind = np.dtype(
        {
            "names": ["protocol", "source", "destination", "port", "to"],
            "formats": ["u1", ">u4", ">u4", ">u2", ">u2"],
            "offsets": [0, 4, 8, 12, 14],
            "itemsize": 16,
        }
    )
    found = np.zeros(len(page), kind)
    found["protocol"] = np.where(page == OTHER_PAGE, value, np.array([PROTOCOLS.get(one, 0) for one in range(5)])[page])
    found["source"], found["destination"] = packets.source, packets.destination
    found["port"], found["to"] = packets.port, np.where(page == OTHER_PAGE, 0, value)
    return found


def variants() -> dict[str, int]:
    """The variants that this machine can run: rte_acl itself does not ask."""
    flags = Path("/proc/cpuinfo").read_text("utf-8")
    return {name: number for name, number in VARIANTS.items() if number <= 2 or ("avx512bw" if number > 3 else "avx2") in flags}
