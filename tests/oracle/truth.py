"""The long run of both outer judges, the model written by the book and the Linux kernel, and its result as a page and a document.

    just truth                      ten minutes of each, on all processors; writes docs/truth.md and docs/truth.json
    python -m tests.oracle.truth --minutes 1 --out DIR

Exit status 1 when a difference remains that nothing explains; then the smallest networks that show it are printed, ready to be scenarios.
Where the kernel cannot play networks, the reason stands in its place.
"""

from __future__ import annotations

import argparse
import datetime
import json
import multiprocessing
import os
import platform
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from simulator.testing.kernel.bed import NoBedError
from simulator.testing.kernel.probe import tried_out
from tests.oracle import long_book
from tests.oracle.kernel.search import Counts, Pace, search

ROOT = Path(__file__).parents[2]
PACE = Pace(probes=300, exact_every=10, batch_every=5)
MOST_NETWORKS = 10**9
SEEDS_APART = 10**6  # between the first seeds of two processes


def main() -> int:
    """Run both, write the result, say whether nothing is left to explain."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--minutes", type=float, default=10, help="of each judge")
    asked.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    asked.add_argument("--seed", default="", help="the date when left out")
    asked.add_argument("--out", type=Path, default=ROOT / "docs", help="the folder of truth.md and truth.json")
    given = asked.parse_args()
    date = datetime.datetime.now(datetime.UTC).date().isoformat()
    seed = given.seed or date
    with ProcessPoolExecutor(given.processes, multiprocessing.get_context("spawn")) as pool:
        turns = range(given.processes)
        played = list(pool.map(play_share, turns, *_same(given.processes, given.processes, given.minutes, seed)))
        read = list(pool.map(read_share, turns, *_same(given.processes, given.minutes, seed)))
    document = {
        "date": date,
        "seed": seed,
        "minutes": given.minutes,
        "processes": given.processes,
        "machine": {"system": platform.system(), "kernel": platform.release(), "cpus": os.cpu_count(), "python": platform.python_version()},
        "kernel": _of_kernel(played),
        "book": _of_book(read),
    }
    (given.out / "truth.json").write_text(json.dumps(document, indent=2) + "\n", "utf-8")
    page = as_page(document)
    (given.out / "truth.md").write_text(page, "utf-8")
    reports = [text for one in played if isinstance(one, Counts) for text in one.reports]
    reports += [text for one in read for texts in one.texts.values() for text in texts]
    sys.stdout.write("\n\n".join([page, *reports]) + "\n")
    return int(bool(reports))


def _same(times: int, *values: Any) -> list[list[Any]]:
    return [[value] * times for value in values]


# --- the two judges --------------------------------------------------------------------------------------------------------------


def play_share(turn: int, turns: int, minutes: float, seed: str) -> Counts | str:
    """One process's share of the kernel's search, on a processor of its own; or why there is none."""
    processors = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if processors:
        os.sched_setaffinity(0, {processors[turn % len(processors)]})
    try:
        with tried_out() as bed:
            return search(bed, seed, iter(range(turn, MOST_NETWORKS, turns)), 60 * minutes, PACE)
    except NoBedError as error:
        return str(error)
    finally:
        if processors:
            os.sched_setaffinity(0, processors)


def read_share(turn: int, minutes: float, seed: str) -> long_book.Counts:
    """One process's share of the model's run."""
    first = sum(map(ord, seed)) * 1000 + turn * SEEDS_APART
    return long_book.run(minutes, first)


# --- the result ------------------------------------------------------------------------------------------------------------------


def _of_kernel(played: list[Counts | str]) -> dict[str, Any]:
    """The sum over all processes; the reason, if there is no kernel to ask."""
    whole = Counts()
    for one in played:
        if isinstance(one, str):
            return {"not run": one}
        whole.add(one)
    found = {name: value for name, value in vars(whole).items() if name != "reports"}
    return {name: dict(value.most_common()) if isinstance(value, Counter) else value for name, value in found.items()}


def _of_book(read: list[long_book.Counts]) -> dict[str, Any]:
    whole = long_book.Counts()
    for one in read:
        whole.networks += one.networks
        whole.packets += one.packets
        whole.beyond += one.beyond
        for mine, theirs in ((whole.ways, one.ways), (whole.explained, one.explained), (whole.unexplained, one.unexplained)):
            mine.update(theirs)
    return {
        "networks": whole.networks,
        "packets": whole.packets,
        "beyond": whole.beyond,
        "ways": dict(whole.ways.most_common()),
        "explained": dict(whole.explained.most_common()),
        "unexplained": dict(whole.unexplained.most_common()),
    }


def as_page(document: dict[str, Any]) -> str:
    """The result for people."""
    machine, kernel, book = document["machine"], document["kernel"], document["book"]
    lines = [
        "# The last long run of the judges",
        "",
        (
            f"`just truth` on {document['date']}: {document['minutes']:g} minutes of each judge with {document['processes']} processes;"
            f" {machine['system']} {machine['kernel']}, {machine['cpus']} CPUs, Python {machine['python']}; seed `{document['seed']}`."
        ),
        "",
        "## The Linux kernel",
        "",
    ]
    if "not run" in kernel:
        lines.append(f"Not run: {kernel['not run']}")
    else:
        lines += [
            (
                f"{kernel['flows']:,} flows, both legs, on {kernel['networks']:,} random networks; every one was walked. On every"
                f" {PACE.exact_every}th network the exact analysis was asked too, and on every {PACE.batch_every}th the batch evaluator."
                f" {kernel['not_built']:,} flows met something that the kernel's bed does not build."
            ),
            "",
            *_table("differences, by what they are about", kernel["differences"], "none"),
            *_table("what became of the packets", kernel["mix"]),
            *_table("where they were lost", kernel["sites"]),
            *_table("networks with", kernel["sorts"]),
        ]
    lines += [
        "",
        "## The model by the book",
        "",
        f"{book['packets']:,} packets on {book['networks']:,} drawn networks; {book['beyond']:,} went beyond what the model knows.",
        "",
        *_table("differences that nothing explains", book["unexplained"], "none"),
        *_table("differences of a kind that `tests/oracle/explained.py` explains", book["explained"], "none"),
        *_table("packets by what they crossed", book["ways"]),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _table(title: str, rows: dict[str, int], nothing: str = "") -> list[str]:
    if not rows:
        return [f"{title[0].upper()}{title[1:]}: {nothing}.", ""] if nothing else []
    return [f"| {title} | |", "|---|---:|", *(f"| {name} | {number:,} |" for name, number in rows.items()), ""]


if __name__ == "__main__":
    sys.exit(main())
