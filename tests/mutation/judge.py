"""Runs the tests that judge: all collected once, and each mutant in a child that has them at hand.

A changed function gets its code in the loaded module. What works at import is judged in a child that imports everything anew.
"""

from __future__ import annotations

import gc
import importlib
import importlib.abc
import importlib.util
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest

from tests.mutation.children import alarm
from tests.mutation.mutants import ROOT, Mutant, Source

FOLDERS = ("aws", "evaluate", "graph", "test_compile.py", "scenarios", "query", "read", "oracle", "corpus")
# No judges: what shows that the recording finds faults, and what asks the kernel of the machine.
LEFT_OUT = (
    "query/test_batch",
    "evaluate/batch/",
    "test_recorded.py::test_wrong",
    "kernel/test_bed",
    "kernel/test_random",
    "kernel/test_by_hand",
    "kernel/test_scenarios",
)
# What tests import and no mutant changes, and what pytest loads only to be told that it is not wanted.
LIBRARIES = ("hypothesis", "yaml", "networkx", "netaddr", "click", "numpy", "execnet")
PATIENCE = 10  # times the usual time of a test
EXAMPLES = 25


def settle_hypothesis() -> None:
    """Few examples, the same ones each time; nothing kept, nothing made smaller."""
    from hypothesis import HealthCheck, Phase, settings

    phases, checks = [Phase.explicit, Phase.generate], list(HealthCheck)
    settings.register_profile(
        "judge", max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, phases=phases, suppress_health_check=checks
    )
    settings.load_profile("judge")


class Loop:
    """A pytest plugin: hands the collected tests to `work` and runs none itself; knows the functions of some loaded `files`."""

    def __init__(self, work: Callable[[Loop], None], files: set[str]) -> None:
        self.files, self.functions = files, {}  # type: ignore[var-annotated]
        self.work, self.items, self.failed = work, {}, False  # type: ignore[var-annotated]
        self.stop_trace: Callable[[], None] = lambda: None
        self.config: Any = None

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.stop_trace()
        self.config = session.config
        self.items = {item.nodeid: item for item in session.items if not any(word in item.nodeid for word in LEFT_OUT)}
        gc.collect()
        self.functions = functions_in(self.files)
        gc.freeze()  # so that children share memory with their parent
        self.work(self)
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.failed = self.failed or report.failed

    def fails(self, name: str, following: str | None = None) -> bool:
        """Run one test; whether it failed."""
        item = self.items[name]
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=self.items.get(following))
        return self.failed

    def own_folder(self, folder: Path) -> None:
        """Temporary folders of this process, so that children do not count each other's."""
        self.config._tmp_path_factory._basetemp = folder
        folder.mkdir(parents=True)


def pytest_arguments(names: list[str], scratch: Path) -> list[str]:
    """Of a run that shows nothing."""
    without = ("terminal", "cacheprovider", "xdist", "unraisableexception")
    quiet = [word for name in without for word in ("-p", f"no:{name}")]
    # Libraries are loaded before pytest looks at them.
    quiet += ["-o", "addopts=--import-mode=importlib", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
    return [*quiet, f"--rootdir={ROOT}", f"--basetemp={scratch}", *names]


def collected(work: Callable[[Loop], None], scratch: Path, files: set[str], before: Callable[[], Callable[[], None]] | None = None) -> None:
    """Collect all judges in this process and do some work with them. `before` starts a trace of the collection."""
    settle_hypothesis()
    loop = Loop(work, files)
    if before:
        loop.stop_trace = before()
    code = pytest.main(pytest_arguments([str(ROOT / "tests" / name) for name in FOLDERS], scratch), plugins=[loop])
    if code not in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
        raise SystemExit(f"the tests that judge cannot be collected: pytest ended with {code}")


# --- a mutant of loaded code -----------------------------------------------------------------------------------------------------


def functions_in(files: set[str]) -> dict[tuple[str, str, int], list[FunctionType]]:
    """All functions of some modules, by file, qualified name and first line."""
    wanted = {str(ROOT / file): file for file in files}
    found: dict[tuple[str, str, int], list[FunctionType]] = {}
    for one in gc.get_objects():
        if isinstance(one, FunctionType) and one.__code__.co_filename in wanted:
            code = one.__code__
            found.setdefault((wanted[code.co_filename], code.co_qualname, code.co_firstlineno), []).append(one)
    return found


def change(source: Source, mutant: Mutant, functions: dict[tuple[str, str, int], list[FunctionType]]) -> bool:
    """Give a loaded function its changed code; false where that cannot be done."""
    code = _code_of(source.compiled(mutant), mutant)
    found = functions.get((mutant.file, mutant.function, mutant.first_line), ())
    if code is None or not found:
        return False
    try:
        for one in found:
            one.__code__ = code
    except ValueError:  # it closes over other names now
        return False
    return True


def _code_of(code: CodeType, mutant: Mutant) -> CodeType | None:
    for one in code.co_consts:
        if isinstance(one, CodeType):
            if (one.co_qualname, one.co_firstlineno) == (mutant.function, mutant.first_line):
                return one
            deeper = _code_of(one, mutant)
            if deeper is not None:
                return deeper
    return None


def first_to_fail(loop: Loop, names: list[str], seconds: dict[str, float], folder: Path) -> tuple[str, int]:
    """The first test that fails (or empty), and how many were run."""
    loop.own_folder(folder)
    for number, name in enumerate(names):
        alarm(PATIENCE * seconds[name] + 2)
        if loop.fails(name, names[number + 1] if number + 1 < len(names) else None):
            alarm(0)
            return name, number + 1
    alarm(0)
    return "", len(names)


# --- a mutant that needs an import -----------------------------------------------------------------------------------------------


class _Mutated(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds one module, with its changed code."""

    def __init__(self, file: str, code: CodeType) -> None:
        self.name, self.file, self.code = file.removesuffix(".py").replace("/", "."), file, code

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        if name == self.name:
            return importlib.util.spec_from_file_location(name, ROOT / self.file, loader=self)
        return None

    def create_module(self, spec: Any) -> None:
        return None

    def exec_module(self, module: Any) -> None:
        exec(self.code, module.__dict__)


class _Stop:
    """A pytest plugin: stops at the first failure and keeps its name."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self.seconds, self.failed, self.ran = seconds, "", 0

    def pytest_runtest_protocol(self, item: pytest.Item) -> None:
        self.ran += 1
        alarm(PATIENCE * self.seconds.get(item.nodeid, 10) + 2)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.failed:
            self.failed = report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed and not self.failed:
            self.failed = f"import, by {report.nodeid}"


def load_libraries() -> None:
    """So that children have them."""
    for name in LIBRARIES:
        if importlib.util.find_spec(name):
            importlib.import_module(name)


def first_to_fail_anew(source: Source, mutant: Mutant | None, names: list[str], seconds: dict[str, float], folder: Path) -> tuple[str, int]:
    """As `first_to_fail`, with everything imported anew, one file of tests at a time."""
    for module in [name for name in sys.modules if name.split(".")[0] in {"simulator", "tests"} and not name.startswith("tests.mutation")]:
        del sys.modules[module]
    sys.meta_path.insert(0, _Mutated(source.file, source.compiled(mutant)))
    settle_hypothesis()
    by_file: dict[str, list[str]] = {}
    for name in names:
        by_file.setdefault(name.split("::")[0], []).append(name)
    stop = _Stop(seconds)
    folder.mkdir(parents=True)
    for number, (file, tests) in enumerate(by_file.items()):
        wanted = [f"{ROOT / file}::{name.split('::', 1)[1]}" for name in tests]
        alarm(60)
        status = pytest.main([*pytest_arguments(wanted, folder / str(number)), "-x"], plugins=[stop])
        if status == pytest.ExitCode.USAGE_ERROR:  # what was changed takes part in the names of tests: all of the file
            pytest.main([*pytest_arguments([str(ROOT / file)], folder / f"{number} whole"), "-x"], plugins=[stop])
        if stop.failed:
            break
    alarm(0)
    return stop.failed, stop.ran


def processor_time() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
