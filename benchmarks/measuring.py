"""How the benchmarks measure and report: interleaved samples of wall and processor time, figures, tables, and the machine they are from.

Figures of different runs are never compared: all that is compared runs in one run, in turns, and is told as a ratio of minima to a
named reference.
"""

from __future__ import annotations

import argparse
import gc
import os
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results"
LIBRARIES = ("click", "PyYAML", "netaddr", "networkx", "numpy")


class Sample(NamedTuple):
    """One measurement: seconds on the wall, and seconds of processor time."""

    wall: float
    cpu: float


class Figures(NamedTuple):
    """What is told of several measurements."""

    minimum: float
    median: float
    maximum: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Figures:
        return cls(min(values), statistics.median(values), max(values))


class Times:
    """The samples of a run by what was timed; `processor` tells the processor time used so far."""

    def __init__(self, processor: Callable[[], float] = time.process_time) -> None:
        self.processor = processor
        self.samples: dict[str, list[Sample]] = {}

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Time what is inside the block, with nothing left to collect from before it."""
        gc.collect()
        cpu, wall = self.processor(), time.perf_counter()
        yield
        self.samples.setdefault(name, []).append(Sample(time.perf_counter() - wall, self.processor() - cpu))

    def wall(self, name: str) -> Figures:
        return Figures.of([sample.wall for sample in self.samples[name]])

    def cpu(self, name: str) -> Figures:
        return Figures.of([sample.cpu for sample in self.samples[name]])

    def added(self, name: str, parts: Sequence[str]) -> None:
        """Samples of a whole, made of those of its parts, turn by turn."""
        turns = zip(*(self.samples[part] for part in parts), strict=True)
        self.samples[name] = [Sample(sum(one.wall for one in turn), sum(one.cpu for one in turn)) for turn in turns]

    def ratios(self, name: str, reference: str, fewer: float = 1) -> list[str]:
        """How many times the reference it costs, minimum to minimum, on the wall and in processor time.

        fewer: how many times fewer things a measurement of `name` held than one of the reference.
        """
        pairs = ((self.wall(name), self.wall(reference)), (self.cpu(name), self.cpu(reference)))
        return [f"{fewer * one.minimum / other.minimum:.1f}" if other.minimum else "-" for one, other in pairs]


def children() -> float:
    """The processor time of all processes that were started and waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def require(holds: object, what: str) -> None:
    """Stop before anything is timed whose result is wrong."""
    if not holds:
        raise SystemExit(f"not timed, because this does not hold: {what}")


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table that is also readable as it is; all columns but the first are aligned to the right."""
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    rule = ["-" * width if column == 0 else "-" * (width - 1) + ":" for column, width in enumerate(widths)]
    lines = []
    for row in (header, rule, *rows):
        cells = [
            cell.ljust(width) if column == 0 else cell.rjust(width) for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def milliseconds(figures: Figures) -> list[str]:
    """The three cells of a table."""
    return [f"{1000 * value:.1f}" for value in figures]


def per_second(figures: Figures, count: int) -> list[str]:
    """The three cells of a table, for `count` things in each measurement; the slowest measurement is the minimum."""
    return [f"{count / seconds:,.0f}" if seconds else "-" for seconds in (figures.maximum, figures.median, figures.minimum)]


def options(about: str, argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The options that every script has: `--record`, `--quick` and `--repetitions`."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--record", action="store_true", help="write the figures to benchmarks/results/")
    parser.add_argument("--quick", action="store_true", help="small sizes, once: only to see that the script works")
    parser.add_argument("--repetitions", type=int, default=0, metavar="N", help="turns of the run (at least 5 to be recorded)")
    found = parser.parse_args(argv)
    if found.record and (found.quick or 0 < found.repetitions < 5):
        parser.error("what is recorded has at least 5 repetitions of the full size")
    return found


def publish(name: str, title: str, body: str, *, record: bool) -> None:
    """Print the figures, and with `record` write them to the folder of results, with the machine they are from."""
    print(body)
    if record:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"{name}.md").write_text(document(title, body), "utf-8")
        print(f"\nrecorded in benchmarks/results/{name}.md")


def document(title: str, body: str) -> str:
    """A page of results."""
    lines = [f"- {what}: {value}" for what, value in machine().items()]
    return "\n".join([f"# {title}", "", *lines, "", body, ""])


def machine() -> dict[str, str]:
    """What somebody must know of a machine to judge figures from it; nothing that tells whose it is."""
    libraries = [f"{name} {found}" for name in LIBRARIES if (found := _version(name))]
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "processor": f"{_line('cpuinfo', 'model name') or platform.machine()}, {_cores()} cores to run on",
        "memory": _memory(),
        "load before the run": LOAD,
        "system": f"{platform.system()} {platform.release()}",
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "libraries": ", ".join([f"vpcsim {_version('vpcsim') or 'from a checkout'}", *libraries]),
    }


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 0


def _memory() -> str:
    total = _line("meminfo", "MemTotal").split()
    return f"{int(total[0]) / (1 << 20):.1f} GiB" if total else "unknown"


def peak_memory() -> float:
    """The most memory this process ever held, in MiB. (`ru_maxrss` would also count what its parent held.)"""
    peak = _line("self/status", "VmHWM").split()
    return int(peak[0]) / 1024 if peak else float("nan")


def _load() -> str:
    return " ".join(f"{value:.2f}" for value in os.getloadavg()) if hasattr(os, "getloadavg") else "unknown"


def _line(file: str, key: str) -> str:
    """The value of the first line `key: value` of a file below /proc; empty where there is none."""
    try:
        lines = Path("/proc", file).read_text("utf-8").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.partition(":")[0].strip() == key), "")


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""


def command() -> list[str]:
    """How to run vpcsim in a process of its own: its console script where there is one, else the module."""
    script = Path(sys.executable).with_name("vpcsim")
    return [str(script)] if script.is_file() else [sys.executable, "-c", "from simulator.cli import main; main()"]


LOAD = _load()  # when the script starts: later it is its own
