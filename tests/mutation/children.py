"""Forked children: what they may use, and what they say."""

from __future__ import annotations

import gc
import marshal
import os
import resource
import select
import signal
import time
import traceback
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

MEMORY = 4 << 30
LONGEST = 1800  # seconds on the clock, for a child that waits instead of working


class Ended(NamedTuple):
    """How a child ended: what it said (none: nothing), whether its time was up, and how long it took (its own time, in seconds)."""

    said: Any
    out_of_time: bool
    seconds: float


class Job(NamedTuple):
    """What a child does, and what becomes of what it says."""

    work: Callable[[], Any]
    then: Callable[[Ended], None]


def alarm(seconds: float) -> None:
    """Ends this process when it has worked for so long; waiting does not count."""
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)


def run_all(jobs: deque[Job], at_once: int) -> None:
    """Run each job in a child, so many at a time; how the child ended goes to the job's `then`, which may add jobs."""
    running: dict[int, tuple[int, float, Job]] = {}
    while jobs or running:
        while jobs and len(running) < at_once:
            job = jobs.popleft()
            process, pipe = _fork(job.work)
            running[pipe] = process, time.monotonic(), job
        for pipe in select.select(list(running), [], [], 5)[0]:
            process, _, job = running.pop(pipe)
            job.then(_end(process, pipe))
        for process, started, _ in running.values():
            if time.monotonic() - started > LONGEST:
                os.kill(process, signal.SIGKILL)


def _fork(work: Callable[[], Any]) -> tuple[int, int]:
    reading, writing = os.pipe()
    process = os.fork()
    if process:
        os.close(writing)
        return process, reading
    try:
        os.close(reading)
        gc.disable()
        _silence()
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        said = marshal.dumps(work())
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(said)
    except BaseException as error:
        if "MUTATION_LOG" in os.environ:
            with Path(os.environ["MUTATION_LOG"]).open("a", encoding="utf-8") as log:
                log.write("".join(traceback.format_exception(error)))
    finally:
        os._exit(0)


def _silence() -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)


def _end(process: int, pipe: int) -> Ended:
    with os.fdopen(pipe, "rb") as reading:
        said = reading.read()
    _, status, used = os.wait4(process, 0)
    out_of_time = os.WIFSIGNALED(status) and os.WTERMSIG(status) in {signal.SIGVTALRM, signal.SIGKILL}
    return Ended(marshal.loads(said) if said else None, out_of_time, used.ru_utime + used.ru_stime)
