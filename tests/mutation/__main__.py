"""`just mutate [FILE...]`: judge the judges. README.md says how to read what it prints."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import sys
import tempfile
import traceback
from collections import Counter, deque
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from tests.mutation.children import Ended, Job, run_all
from tests.mutation.judge import FOLDERS, Loop, change, collected, first_to_fail, first_to_fail_anew, load_libraries, processor_time
from tests.mutation.mutants import ROOT, Mutant, Source
from tests.mutation.reach import Reach, traced
from tests.mutation.report import Result, print_report

BUILD = ROOT / "build" / "mutation"
RESULTS = BUILD / "results.jsonl"
CORE = ("simulator/evaluate/walk.py", "simulator/evaluate/exact.py", "simulator/evaluate/region.py", "simulator/compile.py")

# A file, the mutant to make of it (none: no change) and the tests to run; the first that fails, or empty, and how many were run.
Work = Callable[[str, Mutant | None, list[str]], Any]


def main() -> None:
    parser = argparse.ArgumentParser(prog="just mutate", description="Change the simulator a little, again and again: do tests notice?")
    parser.add_argument("files", nargs="*", help="modules to change; the evaluators, the compiler and all resources when left out")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every N-th mutant")
    parser.add_argument("--first", type=int, default=0, metavar="K", help="with --every: begin with the K-th, for a sample not seen before")
    parser.add_argument("--functions", default="", metavar="REGEX", help="only mutants of functions whose qualified name has a match")
    parser.add_argument("--budget", type=float, default=10, metavar="SECONDS", help="of tests for a mutant; 0: all of them")
    parser.add_argument("--at-once", type=int, default=2, metavar="N", help="children at a time")
    parser.add_argument("--record", action="store_true", help="record anew what tests reach")
    parser.add_argument("--report", action="store_true", help="only show what earlier runs found")
    options = parser.parse_args()
    files = [str(Path(file).resolve().relative_to(ROOT)) for file in options.files] or [*CORE, *_resources()]
    sources = {file: Source(file) for file in files}
    BUILD.mkdir(parents=True, exist_ok=True)
    os.nice(15)
    sys.dont_write_bytecode, sys.pycache_prefix = False, str(BUILD / "pycache")  # what is imported anew is not compiled anew
    if not options.report:
        with tempfile.TemporaryDirectory(prefix="mutation-") as scratch:
            _Run(sources, options, Path(scratch)).run()
    if not print_report(sources, list(_results(sources))):
        sys.exit(1)


def _resources() -> list[str]:
    return sorted(f"simulator/aws/{path.name}" for path in (ROOT / "simulator" / "aws").glob("*.py") if path.name != "__init__.py")


def _digest(*patterns: str) -> str:
    """Of the contents of files."""
    found = hashlib.sha256()
    for pattern in patterns:
        for path in sorted(ROOT.glob(pattern)):
            if path.is_file() and "mutation" not in path.parts:
                found.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:16]


def _results(sources: dict[str, Source]) -> Iterator[Result]:
    """What is known of the mutants of the modules as they stand; of several results the last counts."""
    last: dict[tuple[str, str], Result] = {}
    digests = {file: _digest(file) for file in sources}
    for line in RESULTS.read_text("utf-8").splitlines() if RESULTS.exists() else ():
        result = Result(**json.loads(line))
        if digests.get(result.file) == result.digest:
            last[result.file, result.key] = result
    yield from last.values()


class _Run:
    """One run: what is not known yet is judged and written down at once, so that a run that was stopped goes on."""

    def __init__(self, sources: dict[str, Source], options: argparse.Namespace, scratch: Path) -> None:
        self.sources, self.options, self.scratch = sources, options, scratch
        self.tests = _digest("tests/**/*.py", "scenarios/**/*")
        self.digests = {file: _digest(file) for file in sources}
        self.reach = Reach()
        self.killers: dict[tuple[str, str], Counter[str]] = {}
        self.later: list[Mutant] = []
        self.count = 0
        self.proven: set[str] = set()  # tests known to pass without a change

    def run(self) -> None:
        todo = self._todo()
        print(f"{len(todo)} mutants to judge", flush=True)
        if not todo:
            return
        self._record()
        self.later = [mutant for mutant in todo if self.reach.needs_import(mutant)]
        loaded = [mutant for mutant in todo if not self.reach.needs_import(mutant)]
        if loaded:
            _apart(lambda: collected(lambda loop: self._judge_loaded(loop, loaded), self.scratch / "loaded", set(self.sources)))
            known = {(result.file, result.key) for result in _results(self.sources) if result.status != "anew"}
            self.later += [mutant for mutant in loaded if (mutant.file, mutant.key) not in known]
        self._judge_anew()

    def _todo(self) -> list[Mutant]:
        known = set()
        for result in _results(self.sources):
            if result.status == "killed" or (
                result.status == "survived" and result.tests == self.tests and result.budget >= self._budget()
            ):
                known.add((result.file, result.key))
        wanted, first, every = re.compile(self.options.functions), self.options.first, self.options.every
        chosen = [[one for one in source.mutants if wanted.search(one.function)][first::every] for source in self.sources.values()]
        mutants = [mutant for some in chosen for mutant in some]
        return [mutant for mutant in mutants if (mutant.file, mutant.key) not in known]

    def _budget(self) -> float:
        return float(self.options.budget or 1e9)

    # --- what tests reach --------------------------------------------------------------------------------------------------------

    def _record(self) -> None:
        """Once for each state of a file of tests; a module that changed since is followed. `--record` begins anew."""
        path = BUILD / "reach"
        reach = Reach.saved(path) if path.exists() and not self.options.record else Reach()
        moved = reach.follow({file: (ROOT / file).read_text("utf-8") for file in (*CORE, *_resources())})
        folders = {folder: _digest(f"tests/{folder}/**/*", f"tests/{folder}") for folder in FOLDERS}
        folders["scenarios"] += _digest("scenarios/**/*")
        stale = [folder for folder in folders if reach.digests.get(folder) != folders[folder]]
        files = {str(path.relative_to(ROOT)): _digest(str(path.relative_to(ROOT))) for path in (ROOT / "tests").rglob("test_*.py")}
        if stale or moved:
            print("recording what tests reach", flush=True)
            _apart(lambda: self._record_some(reach, folders, files, path))
        self.reach = Reach.saved(path)

    def _record_some(self, reach: Reach, folders: dict[str, str], files: dict[str, str], path: Path) -> None:
        modules = {*CORE, *_resources()}

        def current(name: str) -> bool:
            """A test in a file that did not change reaches what it reached."""
            file = name.split("::", maxsplit=1)[0]
            if name not in reach.lines or reach.digests.get(file) != files[file]:
                return False
            return not file.startswith(("tests/scenarios", "tests/oracle")) or reach.digests.get("scenarios") == folders["scenarios"]

        def work(loop: Loop) -> None:
            names = [name for name in loop.items if not current(name)]
            for known in [name for name in reach.lines if name not in loop.items]:
                del reach.lines[known], reach.seconds[known]
            run_all(deque(Job(partial(one, loop, name), partial(keep, name)) for name in names), self.options.at_once)

        def one(loop: Loop, name: str) -> Any:
            loop.own_folder(self._folder())
            lines: dict[str, set[int]] = {}
            start, stop = processor_time(), traced(modules, lines)
            failed = loop.fails(name)
            stop()
            return failed, processor_time() - start, lines

        def keep(name: str, ended: Ended) -> None:
            if ended.said is None or ended.said[0]:
                print(f"  no judge, it fails without a mutant: {name}", flush=True)
                reach.lines.pop(name, None)
            else:
                _, reach.seconds[name], reach.lines[name] = ended.said

        reach.at_import = {}
        collected(work, self.scratch / "record", set(), lambda: traced(modules, reach.at_import))
        reach.digests = {**folders, **files}
        reach.save(path)

    # --- judging -----------------------------------------------------------------------------------------------------------------

    def _judge_loaded(self, loop: Loop, mutants: list[Mutant]) -> None:
        def work(file: str, mutant: Mutant | None, names: list[str]) -> Any:
            if mutant is not None and not change(self.sources[file], mutant, loop.functions):
                return "anew"
            return first_to_fail(loop, names, self.reach.seconds, self._folder())

        self._judge(mutants, work)

    def _judge_anew(self) -> None:
        def work(file: str, mutant: Mutant | None, names: list[str]) -> Any:
            return first_to_fail_anew(self.sources[file], mutant, names, self.reach.seconds, self._folder())

        load_libraries()
        self._judge(self.later, work)

    def _judge(self, mutants: list[Mutant], work: Work) -> None:
        self.proven = set()
        jobs: deque[Job] = deque()
        for file, mutant in {mutant.file: mutant for mutant in mutants}.items():
            names = self.reach.judges(mutant, Counter())[:3]
            jobs.append(Job(partial(work, file, None, names), partial(self._demand, file)))
        jobs.extend(Job(partial(self._work, work, mutant), partial(self._keep, work, jobs, mutant)) for mutant in mutants)
        run_all(jobs, self.options.at_once)

    def _demand(self, file: str, ended: Ended) -> None:
        """Without a change a few tests pass."""
        if ended.said is None or ended.said[0]:
            sys.exit(f"{file} cannot be judged: {ended.said}")

    def _work(self, work: Work, mutant: Mutant) -> Any:
        names, budget = [], self._budget()
        for name in self.reach.judges(mutant, self.killers.get((mutant.file, mutant.function), Counter())):
            budget -= self.reach.seconds[name]
            if budget < 0 and names:
                break
            names.append(name)
        return work(mutant.file, mutant, names)

    def _keep(self, work: Work, jobs: deque[Job], mutant: Mutant, ended: Ended) -> None:
        """Write down what became of a mutant. A test that is the first time to notice one is tried without a change before."""
        by = ended.said[0] if isinstance(ended.said, tuple) else ""
        if by in self.reach.lines and by not in self.proven:
            jobs.appendleft(Job(partial(work, mutant.file, None, [by]), partial(self._prove, work, jobs, mutant, ended)))
        elif by.startswith("tests/") and by not in self.reach.lines:  # found to fail in the meantime
            jobs.append(Job(partial(self._work, work, mutant), partial(self._keep, work, jobs, mutant)))
        else:
            self._write(mutant, ended)

    def _prove(self, work: Work, jobs: deque[Job], mutant: Mutant, noticed: Ended, ended: Ended) -> None:
        by = noticed.said[0]
        if ended.said is not None and not ended.said[0]:
            self.proven.add(by)
        else:
            print(f"  no judge, it fails without a mutant: {by}", flush=True)
            self.reach.lines.pop(by, None)
        self._keep(work, jobs, mutant, noticed)

    def _folder(self) -> Path:
        return self.scratch / str(os.getpid())

    def _write(self, mutant: Mutant, ended: Ended) -> None:
        by, ran = ended.said if isinstance(ended.said, tuple) else ("", 0)
        if ended.said == "anew":
            status = "anew"
        elif ended.said is not None:
            status = "killed" if by else "survived"
        else:
            status, by = ("killed", "time") if ended.out_of_time else ("failed", "")
        if by.startswith("tests/"):
            self.killers.setdefault((mutant.file, mutant.function), Counter())[by] += 1
        seconds = round(ended.seconds, 2)
        result = Result(mutant.file, self.digests[mutant.file], mutant.key, status, by, ran, seconds, self.tests, self._budget())
        with RESULTS.open("a", encoding="utf-8") as file:
            file.write(json.dumps(result._asdict()) + "\n")
        self.count += 1
        if self.count % 100 == 0:
            print(f"{self.count:5} judged", flush=True)
        if status in {"survived", "failed"}:
            print(f"{self.count:5} {status} {mutant.file}:{mutant.line} {mutant.key}", flush=True)


def _apart(work: Callable[[], None]) -> None:
    """In a child that may print; this process keeps none of what it loads."""
    process = os.fork()
    if not process:
        status = 1
        try:
            work()
            status = 0
        except Exception:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            os._exit(status)
    if os.waitpid(process, 0)[1]:
        sys.exit("a part of the run failed")


if __name__ == "__main__":
    main()
