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
import os
import platform
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from simulator.testing.kernel.bed import NoBedError
from simulator.testing.kernel.probe import tried_out
from tests.oracle import long_book
from tests.oracle.kernel.search import Pace, search

ROOT = Path(__file__).parents[2]
PACE = Pace(probes=400, exact_every=20, batch_every=10)
MOST_NETWORKS = 10**9
SEEDS_APART = 10**5  # between the first seeds of two shares
SHARE_MINUTES = 2.0  # a share is a process of its own: what it needs of memory it gives back
PATIENCE = 120  # seconds that a share may take longer than it was given


def main() -> int:
    """Run both, write the result, say whether nothing is left to explain."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--minutes", type=float, default=10, help="of each judge")
    asked.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    asked.add_argument("--seed", default="", help="the date when left out")
    asked.add_argument("--out", type=Path, default=ROOT / "docs", help="the folder of truth.md and truth.json")
    asked.add_argument("--share", choices=SHARES, help=argparse.SUPPRESS)
    asked.add_argument("--turn", type=int, default=0, help=argparse.SUPPRESS)
    given = asked.parse_args()
    date = datetime.datetime.now(datetime.UTC).date().isoformat()
    seed = given.seed or date
    if given.share:
        sys.stdout.write(json.dumps(SHARES[given.share](given.turn, given.processes, given.minutes, seed)))
        return 0
    document = {
        "date": date,
        "seed": seed,
        "minutes": given.minutes,
        "processes": given.processes,
        "machine": {"system": platform.system(), "kernel": platform.release(), "cpus": os.cpu_count(), "python": platform.python_version()},
        **{judge: shared_out(judge, given.minutes, given.processes, seed) for judge in SHARES},
    }
    reports = [text for judge in SHARES for text in document[judge].pop("reports", ())]
    (given.out / "truth.json").write_text(json.dumps(document, indent=2) + "\n", "utf-8")
    page = as_page(document)
    (given.out / "truth.md").write_text(page, "utf-8")
    sys.stdout.write("\n\n".join([page, *reports]) + "\n")
    return int(bool(reports))


# --- the two judges --------------------------------------------------------------------------------------------------------------


def play_share(turn: int, processes: int, minutes: float, seed: str) -> dict[str, Any]:
    """A share of the kernel's search, on a processor of its own; or why there is none."""
    if hasattr(os, "sched_setaffinity"):
        processors = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {processors[turn % processes % len(processors)]})
    try:
        with tried_out() as bed:
            return _plain(vars(search(bed, f"{seed} {turn}", iter(range(MOST_NETWORKS)), 60 * minutes, PACE)))
    except NoBedError as error:
        return {"not run": str(error)}


def read_share(turn: int, _processes: int, minutes: float, seed: str) -> dict[str, Any]:
    """A share of the model's run."""
    found = _plain(vars(long_book.run(minutes, sum(map(ord, seed)) * 1000 + turn * SEEDS_APART)))
    return found | {"reports": [text for texts in found.pop("texts").values() for text in texts]}


SHARES = {"kernel": play_share, "book": read_share}


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: dict(value.most_common()) if isinstance(value, Counter) else value for name, value in fields.items()}


def shared_out(judge: str, minutes: float, processes: int, seed: str) -> dict[str, Any]:
    """The sum over all shares of a judge: numbers added, counters added, lists joined. A share that dies is counted as lost."""
    whole: dict[str, Any] = {"lost shares": 0}
    rounds = max(1, round(minutes / SHARE_MINUTES))
    for turn in range(0, rounds * processes, processes):
        command = [sys.executable, "-m", "tests.oracle.truth", "--share", judge, "--minutes", str(minutes / rounds), "--seed", seed]
        command += ["--processes", str(processes), "--turn"]
        running = [
            subprocess.Popen([*command, str(turn + at)], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE)
            for at in range(processes)
        ]
        for process in running:
            try:
                output, _ = process.communicate(timeout=60 * minutes / rounds + PATIENCE)
                _add(whole, json.loads(output))
            except (subprocess.TimeoutExpired, json.JSONDecodeError):
                process.kill()
                whole["lost shares"] += 1
    return {name: dict(Counter(value).most_common()) if isinstance(value, dict) else value for name, value in whole.items()}


def _add(whole: dict[str, Any], share: dict[str, Any]) -> None:
    for name, value in share.items():
        if isinstance(value, dict):
            whole[name] = Counter(whole.get(name, {})) + Counter(value)
        elif isinstance(value, str):
            whole[name] = value
        else:
            whole[name] = whole[name] + value if name in whole else value


# --- the result ------------------------------------------------------------------------------------------------------------------


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
    lost = {f"shares of the {judge}": document[judge]["lost shares"] for judge in SHARES if document[judge]["lost shares"]}
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
        *_table("processes that died", lost),
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
